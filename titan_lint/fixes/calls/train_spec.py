"""``get_train_spec("llama3").model_args["8B"]`` becomes ``model_registry("8B").model``.

All uses of the function in a file are rewritten together, and its import with them.
"""

from __future__ import annotations

import ast

from titan_lint.api import Function
from titan_lint.code import uses
from titan_lint.finding import Applicability, Obligation, unless
from titan_lint.rewriting.operations import Moved, MoveImport, Operation, ReplaceExpression, Rewrite
from titan_lint.uses.imports.analysis import Imports
from titan_lint.uses.obligations import is_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api.changes.rows import ImportChange
    from titan_lint.uses.file import File
    from titan_lint.uses.imports.analysis import Missing

_REGISTRY = "model_registry"


def rewrite_import(file: File, missing: Missing, change: ImportChange) -> Rewrite | None:
    """Rewrite every use of what ``missing`` imports; ``None`` where one is of another form.

    Unsafe: the registry makes a new config for each call, and configs have other fields than the
    old model arguments.
    """
    statement, alias = missing.statement, missing.alias
    binding = file.once(Imports).bindings.get(alias) if alias is not None else None
    if not isinstance(statement, ast.ImportFrom) or alias is None or binding is None:
        return None
    program, bound = file.program, alias.asname or alias.name
    if program.parents[statement] is not program.tree or not uses.only(program, binding):
        return None
    names = program.loads(binding)
    if not names or is_asked_for(file, binding, bound) or uses.quoted(program, bound):
        return None
    operations: list[Operation] = []
    packages: set[str] = set()
    for name in names:
        found = _config(file, name, missing.path)
        if found is None:
            return None
        package, node = found
        packages.add(package)
        code = f"{_REGISTRY}({program.text(node.slice)}).model"
        operations.append(ReplaceExpression(node, code))
    if len(packages) != 1:
        return None  # One name for the registries of several models.
    (package,) = packages
    if not uses.is_free(program, package, _REGISTRY) or not _everywhere(file, package):
        return None
    operations.append(MoveImport(statement, package, (Moved(alias, _REGISTRY),)))
    return Rewrite(
        f"Use `{_REGISTRY}` of `{package}`",
        tuple(operations),
        unless(change.applicability is Applicability.SAFE, Obligation.STATED),
    )


def _config(file: File, name: ast.Name, path: str) -> tuple[str, ast.Subscript] | None:
    """The model's package and the expression that reads its arguments, from the function's name."""
    parents = file.program.parents
    # A name may be all of a statement.
    call = parents[name]
    attribute = parents.get(call)
    node = parents.get(attribute) if attribute is not None else None
    match call, attribute, node:
        case (
            ast.Call(func=function, args=arguments, keywords=[]),
            ast.Attribute(attr="model_args"),
            ast.Subscript(value=value, ctx=ast.Load(), slice=key),
        ) if function is name and value is attribute and not isinstance(key, ast.Slice | ast.Tuple):
            owner = path.rpartition(".")[0]
            match arguments:
                case [] if owner.startswith("torchtitan.models."):
                    return owner, node
                case [ast.Constant(value=str() as model)] if owner.endswith(".train_spec"):
                    return f"torchtitan.models.{model}", node
                case _:
                    return None
        case _:
            return None


def _everywhere(file: File, package: str) -> bool:
    """Whether all targets of the run have a registry there that needs nothing but the flavor."""
    for other in (file, *file.siblings):
        registry = other.target.surface.lookup(f"{package}.{_REGISTRY}")
        if not isinstance(registry, Function):
            return False
        if [p.name for p in registry.parameters if p.required] != ["flavor"]:
            return False
    return True
