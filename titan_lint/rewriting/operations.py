"""What a rule may ask to have rewritten. Carried out by :mod:`titan_lint.rewriting.perform`."""

from __future__ import annotations

import ast

from titan_lint.finding import Applicability, Obligation
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

Entry = tuple[str, str | None]
"""A name that an import brings, and the one that it gives it where that is another."""


class AddKeyword(Struct):
    """Add ``name=value`` behind the arguments of ``call``, in the call's own layout."""

    call: ast.Call
    name: str
    value: str


class RemoveKeyword(Struct):
    """Take the keyword argument ``name`` out of ``call``, with its comma and line."""

    call: ast.Call
    name: str


class RemoveArgument(Struct):
    """Take the positional argument at ``index`` out of ``call``, with its comma and line."""

    call: ast.Call
    index: int


class RenameKeyword(Struct):
    """Rename the keyword of an argument."""

    keyword: ast.keyword
    name: str


class NameArguments(Struct):
    """Turn positional arguments of ``call``, by index, into keyword arguments.

    All arguments behind the first one named must be named too.
    """

    call: ast.Call
    names: tuple[tuple[int, str], ...]


class RenameParameter(Struct):
    """Give a parameter of a function another name; its uses are expressions of their own."""

    parameter: ast.arg
    name: str


class ReplaceExpression(Struct):
    """Write ``code`` where ``node`` stands; parentheses are added where precedence asks for them."""

    node: ast.expr
    code: str


class WriteOver(Struct):
    """Write other text over some code points of the file."""

    start: int
    end: int
    content: str


class RemoveStatements(Struct):
    """Take statements out.

    Attributes:
        statements: What goes.
        commented: Those whose comment right above goes, too: it is about what goes.
    """

    statements: tuple[ast.stmt, ...]
    commented: tuple[ast.stmt, ...] = ()


class InsertBefore(Struct):
    """Put a statement, dedented source text, on lines of its own before ``statement``."""

    statement: ast.stmt
    code: str


class UnwrapWith(Struct):
    """Drop one item of a ``with``; where it is the only one, its body takes the statement's place."""

    statement: ast.With | ast.AsyncWith
    item: int


class EnsureImport(Struct):
    """Make sure that ``from module import name`` (or ``import module``) is there where it is used.

    It stands beside the import that the code rests on already, as lazy and as optional as that is.

    Attributes:
        module: The module.
        name: What to import from it.
        site: The expression that needs it: a chain of calls and attributes that begins with what the
            import to stand beside brings. ``None`` for the standard library, imported at the top.
    """

    module: str
    name: str | None = None
    site: ast.expr | None = None


class Moved(Struct):
    """One name of a :class:`MoveImport`; several may take the place of one part of the statement.

    Attributes:
        alias: The part of the import statement to move.
        name: What it is called in its new home.
        asname: What it is bound as; ``None`` for ``name`` itself.
    """

    alias: ast.alias
    name: str
    asname: str | None = None


class MoveImport(Struct):
    """Import some names of ``statement`` from their new home: ``from module import ...``.

    They join an import of ``module`` that is already there.
    """

    statement: ast.ImportFrom
    module: str
    names: tuple[Moved, ...]


class MoveTogether(Struct):
    """Several :class:`MoveImport` to one module as one change, the first of which says where it stands."""

    moves: tuple[MoveImport, ...]


class RetargetImport(Struct):
    """Let ``import old [as x]``, of which ``alias`` is a part, import ``module`` instead."""

    statement: ast.Import
    alias: ast.alias
    module: str


class RemoveImport(Struct):
    """Take some names out of an import statement, or all of it where none is left."""

    statement: ast.Import | ast.ImportFrom
    aliases: tuple[ast.alias, ...]


Operation = (
    AddKeyword
    | RemoveKeyword
    | RemoveArgument
    | RenameKeyword
    | NameArguments
    | RenameParameter
    | ReplaceExpression
    | WriteOver
    | RemoveStatements
    | InsertBefore
    | UnwrapWith
    | EnsureImport
    | MoveImport
    | MoveTogether
    | RetargetImport
    | RemoveImport
)


class Rewrite(Struct):
    """A fix that a rule asks for: all operations together, or none.

    Attributes:
        message: What the fix does, in the imperative: "Pass ``attn_backend=...``".
        operations: What to do.
        because: The obligations that are not shown. A rewrite that would lose a comment on code that
            stays gets one by itself.
    """

    message: str
    operations: tuple[Operation, ...]
    because: tuple[Obligation, ...] = ()

    @property
    def applicability(self) -> Applicability:
        """Safe where all obligations are shown."""
        return Applicability.UNSAFE if self.because else Applicability.SAFE

    @property
    def nodes(self) -> Iterator[ast.AST]:
        """The pieces of the file's syntax that the operations name."""
        parts: list[object] = [*self.operations]
        for part in parts:
            if isinstance(part, ast.AST):
                yield part
            elif isinstance(part, Struct):
                parts += (getattr(part, name) for name in part.__fields__)
            elif isinstance(part, tuple):
                parts += part
