"""Places in a text, in the terms of ``ast``."""

from __future__ import annotations

import ast
from bisect import bisect_right
from typing import TypeVar

_Node = TypeVar("_Node", bound=ast.expr | ast.stmt)


class Places:
    r"""Offsets of a text as lines and columns.

    Attributes:
        data: The text in UTF-8, with ``\n`` as its line ending.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._line_starts = [0]
        position = data.find(b"\n") + 1
        while position:
            self._line_starts.append(position)
            position = data.find(b"\n", position) + 1

    def of(self, offset: int) -> tuple[int, int]:
        """The 1-based line and the byte column that ``offset`` stands at."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1]

    def error(self, message: str, offset: int) -> SyntaxError:
        """The error that Python would raise at ``offset``."""
        line, column = self.of(offset)
        before = self.data[offset - column : offset].decode()
        return SyntaxError(message, ("<unknown>", line, len(before) + 1, None))

    def put(self, node: _Node, start: int, end: int) -> _Node:
        """Give a node its place."""
        node.lineno, node.col_offset = self.of(start)
        node.end_lineno, node.end_col_offset = self.of(end)
        return node

    def move(self, tree: ast.AST, start: int, extra: int) -> None:
        """Put nodes where they belong that were parsed as a piece of the text.

        Args:
            tree: The nodes.
            start: Where the piece stands.
            extra: How many bytes were put before it.
        """
        line, column = self.of(start)
        for node in ast.walk(tree):
            if isinstance(node, ast.expr | ast.arg | ast.keyword):
                if node.lineno == 1:
                    node.col_offset += column - extra
                if node.end_lineno == 1 and node.end_col_offset is not None:
                    node.end_col_offset += column - extra
                node.lineno += line - 1
                node.end_lineno = (node.end_lineno or 1) + line - 1

    def moved(self, error: SyntaxError, start: int, extra: int) -> SyntaxError:
        """As :meth:`move`, for an error."""
        before = self.error(error.msg, start)
        line, column = error.lineno or 1, error.offset or 1
        if line == 1:
            column += (before.offset or 1) - 1 - extra
        return SyntaxError(error.msg, ("<unknown>", (before.lineno or 1) + line - 1, column, None))
