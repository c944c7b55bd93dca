"""TTN204 config-factory."""

from __future__ import annotations

import ast

from titan_lint.api import Function
from titan_lint.api.paths import MODEL_CONFIG
from titan_lint.code import uses
from titan_lint.code.values import Ref
from titan_lint.finding import Obligation
from titan_lint.rewriting.operations import (
    EnsureImport,
    Moved,
    MoveImport,
    MoveTogether,
    Operation,
    RemoveImport,
    ReplaceExpression,
    Rewrite,
)
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.flavors.items import Items
from titan_lint.uses.members.classes import has
from titan_lint.uses.obligations import is_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program
    from titan_lint.uses.file import File
    from titan_lint.uses.flavors.items import Read

_REGISTRY = "model_registry"


class ConfigFactory(Rule):
    """What a dictionary of flavors holds is used as a config, and is a function that makes one.

    ## What it does
    Finds attributes read from the values of `llama3_configs` and its kin, by subscript or in a loop,
    also where the dictionary is searched for in the module by its name's end, `_configs`; and such
    values that are handed to `vars` or to what `dataclasses` has for configs.

    ## Why is this bad?
    Since 2026-04-01 (adbaa061c) these dictionaries hold functions. `llama3_configs["8B"].dim` raises
    `AttributeError`; `getattr(config, "dim", None)` gives `None` for every flavor, so that a search
    by shape finds nothing, and says so with an error of its own at best. `vars` of a function is empty,
    and `asdict`, `fields` and `replace` raise `TypeError`.

    ## Fix safety
    `llama3_configs["8B"].dim` becomes `model_registry("8B").model.dim`, which is the same config:
    safe. The import goes with the last use of the dictionary. Loops are only explained.
    """

    sources = (
        Citation("configs are made by functions", "pytorch/torchtitan adbaa061c", "2026-04-01"),
        Citation("the functions take attn_backend", "pytorch/torchtitan 7cec16600", "2026-04-18"),
    )
    rests_on = (Obligation.COMMENTS_STAY,)
    bad = (
        Example(
            code="""\
from torchtitan.models.llama3 import llama3_configs

width = llama3_configs["8B"].dim
""",
            fixed="""\
from torchtitan.models.llama3 import model_registry

width = model_registry("8B").model.dim
""",
        ),
        Example(
            about="a search by shape, which never finds anything",
            code="""\
import importlib


def flavor_of(name, hidden_size, vocab_size):
    module = importlib.import_module(f"torchtitan.models.{name}")
    configs = None
    for attribute in dir(module):
        value = getattr(module, attribute)
        if isinstance(value, dict) and attribute.endswith("_configs"):
            configs = value
            break
    if configs is None:
        raise ValueError(name)
    for flavor, config in configs.items():
        if (
            getattr(config, "dim", None) == hidden_size
            and getattr(config, "vocab_size", None) == vocab_size
        ):
            return flavor
    raise ValueError(name)
""",
        ),
        Example(
            about="set on the function, where nothing looks for it",
            code="""\
from torchtitan.models.qwen3 import qwen3_configs

qwen3_configs["0.6B"].vocab_size = 1024
""",
        ),
    )
    good = (
        Example(
            about="they were configs at that time",
            torchtitan="2026-03-15",
            code="""\
from torchtitan.models.llama3 import llama3_configs

width = llama3_configs["8B"].dim
""",
        ),
        Example(
            about="the function is called",
            code="""\
from torchtitan.models.llama3 import llama3_configs

width = llama3_configs["8B"](attn_backend="flex").dim
""",
        ),
        Example(
            about="both are seen to",
            code="""\
from torchtitan.models.llama3 import llama3_configs

for flavor, config in llama3_configs.items():
    if callable(config):
        config = config(attn_backend="flex")
    print(flavor, config.dim)
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        reads = Items(file).reads_of_factories()
        for read in reads:
            held = sorted({held.path for held in read.dictionaries})
            yield Report(
                read.node,
                _message(file, read),
                _rewrite(file, read, reads),
                key=(*held, read.name or ""),
                notes=("each makes a config, since 2026-04-01 (torchtitan commit adbaa061c)",),
                help="Use `model_registry(flavor).model`",
            )


def _message(file: File, read: Read) -> str:
    names = {held.path.rpartition(".")[2] for held in read.dictionaries}
    shown = f"`{names.pop()}`" if len(names) == 1 else "`*_configs`"
    read_as = (
        "set on a function"
        if isinstance(_context(read), ast.Store)
        else ("never found" if read.silent else "missing")
    )
    if read.is_taken:
        read_as = "given a function"
    name = f"`{read.name}`" if read.name else "an attribute"
    return f"{shown} of {file.target.label} holds functions, not configs: {name} is {read_as}"


def _context(read: Read) -> ast.expr_context | None:
    return read.node.ctx if isinstance(read.node, ast.Attribute) else None


def _rewrite(file: File, read: Read, reads: list[Read]) -> Rewrite | None:
    """``llama3_configs["8B"].dim`` written with the registry of the same package."""
    item, module = read.item, _module(file, read)
    if module is None or not isinstance(item, ast.Subscript):
        return None
    program = file.program
    code = f"{_REGISTRY}({program.text(item.slice)}).model"
    message = f"Read it from `{code}`"
    owner = item.value
    if isinstance(owner, ast.Attribute) and file.sole(owner.value) == Ref(module):
        code = f"{program.text(owner.value)}.{code}"
        return Rewrite(message, (ReplaceExpression(item, code),))
    if not uses.is_free(program, module, _REGISTRY):
        return None
    whole = _with_import(file, item, module, reads)
    if whole is not None:
        return Rewrite(message, whole)
    return Rewrite(message, (ReplaceExpression(item, code), EnsureImport(module, _REGISTRY, item)))


def _module(file: File, read: Read) -> str | None:
    """The package whose registry gives what is read; ``None`` where it does not, or may not."""
    node, item = read.node, read.item
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return None
    if not isinstance(item, ast.Subscript) or len(read.dictionaries) != 1:
        return None
    module = read.dictionaries[0].path.rpartition(".")[0]
    for other in (file, *file.siblings):
        surface = other.target.surface
        registry = surface.lookup(f"{module}.{_REGISTRY}")
        if not isinstance(registry, Function) or not has(surface, MODEL_CONFIG, read.name):
            return None
        if [p.name for p in registry.parameters if p.required] != ["flavor"]:
            return None
    held = [read.node for read in Items(file).all_reads()]
    if any(isinstance(n, ast.Attribute) and not isinstance(n.ctx, ast.Load) for n in held):
        return None  # What is set on an item would not be there on a config made anew.
    return module


def _with_import(
    file: File, item: ast.Subscript, module: str, reads: list[Read]
) -> tuple[Operation, ...] | None:
    """All uses of a dictionary together, and its import; ``None`` where one of them stays."""
    program = file.program
    imported = uses.imported(program, item.value)
    if not imported:
        return None
    bindings = [binding for binding, _, _ in imported]
    _, statement, alias = imported[0]
    bound = alias.asname or alias.name
    if is_asked_for(file, bindings[0], bound) or uses.quoted(program, bound):
        return None
    items = [read.item for read in reads if _module(file, read) == module]
    mine = [i for i in items if isinstance(i, ast.Subscript) and _is_use(program, i, bindings)]
    loads = {id(name) for binding in bindings for name in program.loads(binding)}
    if {id(i.value) for i in mine} != loads:
        return None
    operations: list[Operation] = [
        ReplaceExpression(i, f"{_REGISTRY}({program.text(i.slice)}).model") for i in mine
    ]
    brought = program.bindings.module.bindings.get(_REGISTRY, ())
    bringing = [program.statement(binding.node) for binding in brought]
    others = [other for other in bringing if program.parents[other] is program.tree]
    if statement not in others and not all(_imports_alone(program, statement, o) for o in others):
        return None  # What stands between may run before that import.
    if others:
        return (*operations, *(RemoveImport(each, (alias,)) for _, each, alias in imported))
    moves = [MoveImport(each, module, (Moved(old, _REGISTRY),)) for _, each, old in imported]
    return (*operations, moves[0] if len(moves) == 1 else MoveTogether(tuple(moves)))


def _imports_alone(program: Program, one: ast.stmt, other: ast.stmt) -> bool:
    """Whether ``other`` stands above ``one``, or nothing but imports and texts between them."""
    return all(
        isinstance(between, ast.Import | ast.ImportFrom)
        or (isinstance(between, ast.Expr) and isinstance(between.value, ast.Constant))
        for between in program.tree.body
        if one.lineno < between.lineno < other.lineno
    )


def _is_use(program: Program, item: ast.Subscript, bindings: list[Binding]) -> bool:
    return isinstance(item.value, ast.Name) and not {*bindings}.isdisjoint(
        program.bindings.of(item.value)
    )
