"""Methods of the file's classes that torchtitan calls with a keyword they do not take any more."""

from __future__ import annotations

import ast

from titan_lint.api import Class, Function
from titan_lint.api.changes.rows import KeywordChange
from titan_lint.code import uses
from titan_lint.code.names import Kind
from titan_lint.code.walk import walk
from titan_lint.finding import Obligation, unless
from titan_lint.rewriting.operations import (
    Operation,
    RenameKeyword,
    RenameParameter,
    ReplaceExpression,
    Rewrite,
)
from titan_lint.structs import Struct
from titan_lint.uses.calls import callables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import ClassInfo
    from titan_lint.uses.file import File


class OverridingMethod(Struct, eq=False):
    """A method that overrides one of torchtitan's and has a parameter under its old name.

    Attributes:
        function: The method.
        parameter: Its parameter.
        new: What torchtitan calls it now.
        change: The row of the catalogue that says so.
    """

    function: ast.FunctionDef
    parameter: ast.arg
    new: str
    change: KeywordChange

    @property
    def swallows(self) -> bool:
        """Whether the method takes the new name all the same, as one of any."""
        return self.function.args.kwarg is not None

    @property
    def is_required(self) -> bool:
        """Whether the parameter has no default."""
        given = self.function.args
        if self.parameter in given.kwonlyargs:
            return given.kw_defaults[given.kwonlyargs.index(self.parameter)] is None
        positional = [*given.posonlyargs, *given.args]
        return positional.index(self.parameter) < len(positional) - len(given.defaults)


def overrides(file: File) -> Iterator[OverridingMethod]:
    """The methods of a file whose parameter goes by another name at the target."""
    for info in file.program.bindings.classes.values():
        bases: list[Class] | None = None
        for function in info.node.body:
            if not isinstance(function, ast.FunctionDef) or function.decorator_list:
                continue
            if function.name not in callables.methods(KeywordChange, file.target.surface.fork):
                continue
            if bases is None:
                bases = _bases(file, info)
            for base in bases:
                yield from _renamed(file, function, base)


def _bases(file: File, info: ClassInfo) -> list[Class]:
    """The classes of torchtitan's that a class of the file inherits from."""
    surface = file.target.surface
    paths = [path for path in file.resolver.foreign_bases(info) if path is not None]
    found = [surface.lookup(path) for path in paths if path.startswith("torchtitan.")]
    return [cls for cls in found if isinstance(cls, Class)]


def _renamed(file: File, function: ast.FunctionDef, base: Class) -> Iterator[OverridingMethod]:
    member = base.member(function.name)
    if not isinstance(member, Function):
        return
    given = function.args
    own = {arg.arg: arg for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    for row in callables.rows_of_method(file.target.surface, KeywordChange, base, function.name):
        new = row.rename
        if new is None or new in own or member.parameter(new) is None:
            continue
        for old in row.old.keywords:
            if old not in own or member.parameter(old) is not None:
                continue
            if not _asks_for(function, new):
                yield OverridingMethod(function, own[old], new, row)


def _asks_for(function: ast.FunctionDef, name: str) -> bool:
    """Whether a method takes a name out of its ``**kwargs`` itself."""
    return any(isinstance(part, ast.Constant) and part.value == name for part in walk(function))


def rewrite(file: File, override: OverridingMethod) -> Rewrite | None:
    """Put the parameter, its uses, and what ``super()`` gets under the new name.

    ``None`` where the old name is used in another way, or the new one is taken.
    """
    program, function, old = file.program, override.function, override.parameter.arg
    bound = program.bindings.scopes[function].bindings.get(old, [])
    if len(bound) != 1 or bound[0].kind is not Kind.PARAMETER or not uses.only(program, bound[0]):
        return None
    operations: list[Operation] = [RenameParameter(override.parameter, override.new)]
    for part in walk(function):
        match part:
            case ast.Name(id=name) if name in (override.new, "locals", "vars"):
                return None
            case ast.arg(arg=name) if name == override.new:
                return None
            case ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=attr),
                keywords=keywords,
            ) if attr == function.name:
                operations += [RenameKeyword(k, override.new) for k in keywords if k.arg == old]
            case _:
                pass
    operations += [ReplaceExpression(n, override.new) for n in program.uses.get(bound[0], ())]
    if not all(_holds(other, override) for other in file.siblings):
        return None
    return Rewrite(
        f"Call the parameter `{override.new}`",
        tuple(operations),
        unless(not _is_called(file, override, operations), Obligation.WHOLE_RENAME),
    )


def _is_called(file: File, override: OverridingMethod, operations: list[Operation]) -> bool:
    """Whether other code of the file, or another file of its project, passes the parameter by its old name."""
    readers = file.options.readers
    if readers is not None and readers.pass_by_name(override.function.name, override.parameter.arg):
        return True
    renamed = {op.keyword for op in operations if isinstance(op, RenameKeyword)}
    return any(
        keyword.arg == override.parameter.arg and keyword not in renamed
        for call in file.calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == override.function.name
        for keyword in call.keywords
    )


def _holds(file: File, override: OverridingMethod) -> bool:
    """Whether another target of the run calls the parameter by the new name, too."""
    return any(
        other.parameter is override.parameter and other.new == override.new
        for other in overrides(file)
    )
