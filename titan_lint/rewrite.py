"""What a rule may ask to have rewritten. The rewriting itself lives in :mod:`codemods`."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from titan_lint.finding import Applicability


@dataclass(frozen=True, slots=True)
class AddKeyword:
    """Add ``name=value`` behind the arguments of ``call``, in the call's own layout."""

    call: ast.Call
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class RemoveKeyword:
    """Take the keyword argument ``name`` out of ``call``, with its comma and line."""

    call: ast.Call
    name: str


@dataclass(frozen=True, slots=True)
class RenameKeyword:
    """Rename the keyword of an argument."""

    keyword: ast.keyword
    name: str


@dataclass(frozen=True, slots=True)
class NameArguments:
    """Turn positional arguments of ``call``, by index, into keyword arguments.

    All arguments behind the first one named must be named too.
    """

    call: ast.Call
    names: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class ReplaceExpression:
    """Write ``code`` where ``node`` stands; parentheses are added where precedence asks for them."""

    node: ast.expr
    code: str


@dataclass(frozen=True, slots=True)
class RemoveStatements:
    """Take statements out, each with the comment right above it."""

    statements: tuple[ast.stmt, ...]


@dataclass(frozen=True, slots=True)
class InsertBefore:
    """Put a statement, dedented source text, on lines of its own before ``statement``."""

    statement: ast.stmt
    code: str


@dataclass(frozen=True, slots=True)
class UnwrapWith:
    """Drop one item of a ``with``; where it is the only one, its body takes the statement's place."""

    statement: ast.With | ast.AsyncWith
    item: int


@dataclass(frozen=True, slots=True)
class EnsureImport:
    """Make sure that ``from module import name`` (or ``import module``) is there at the top."""

    module: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class MoveImport:
    """Import one name from its new home: ``from module import name``, under the name used so far.

    ``alias`` is the part of ``statement`` to move; it joins an import of ``module`` that is already
    there.
    """

    statement: ast.ImportFrom
    alias: ast.alias
    module: str
    name: str


Operation = (
    AddKeyword
    | RemoveKeyword
    | RenameKeyword
    | NameArguments
    | ReplaceExpression
    | RemoveStatements
    | InsertBefore
    | UnwrapWith
    | EnsureImport
    | MoveImport
)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A fix that a rule asks for: all operations together, or none.

    Attributes:
        message: What the fix does, in the imperative: "Pass `attn_backend=...`".
        operations: What to do.
        applicability: Safe, unless the rule says otherwise. A rewrite that would lose a comment on
            code that stays becomes unsafe by itself.
    """

    message: str
    operations: tuple[Operation, ...]
    applicability: Applicability = Applicability.SAFE
