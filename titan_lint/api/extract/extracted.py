"""What extraction has in hand: module records, with the syntax trees that they came from."""

from __future__ import annotations

import ast

from titan_lint.api.indexes import InMemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.api.entities import Record

FunctionTree = ast.FunctionDef | ast.AsyncFunctionDef
Definition = FunctionTree | ast.ClassDef


class Extracted(InMemory):
    """Module records in memory, with the syntax trees they came from.

    Attributes:
        modules: the records by module.
        functions: syntax tree of every function and method, by the path where it is defined.
        mutated: names of variables into which any module stores items.
    """

    def __init__(self) -> None:
        self.modules: dict[str, Record] = {}
        self.functions: dict[str, FunctionTree] = {}
        self.mutated: set[str] = set()
