"""f-strings and t-strings as ``ast`` nodes, placed as Python 3.12 and later place them."""

from __future__ import annotations

import ast
import re

from titan_lint.code.syntax.lexer import Field, LexicalError, Literal, Text
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from titan_lint.code.syntax.places import Places

_BRACES = re.compile(r"(\\N\{[^{}]*\})|(\\[^{}])|\{\{|\}\}", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:N\{[^{}]*\}|x..|u.{4}|U.{8}|[0-7]{1,3}|.)", re.DOTALL)
_COMMENT = re.compile(rb"#[^\n]*")
_CONVERSIONS = {b"": -1, b"s": ord("s"), b"r": ord("r"), b"a": ord("a")}


class _Fragment(Struct, frozen=False):
    """A stretch of constant text."""

    value: str
    start: int
    end: int
    kind: str | None = None


class StringBuilder:
    """Makes the nodes of string literals.

    Args:
        places: The text.
        expression: Makes the node of a replacement field's expression.
    """

    def __init__(self, places: Places, expression: Callable[[Field], ast.expr]) -> None:
        self._data = places.data
        self._places = places
        self._expression = expression

    def joined(self, literals: Sequence[Literal]) -> ast.JoinedStr:
        """The value of adjacent literals, at least one of them an f-string or t-string.

        A t-string becomes the f-string that it would be. That is no value that a running program
        has, but shows its fields to whatever looks for expressions.

        Raises:
            LexicalError: An escape or a field is malformed.
        """
        values: list[_Fragment | ast.FormattedValue] = []
        for literal in literals:
            if literal.is_fstring or literal.is_template:
                values += self._parts(literal, literal.parts)
            else:
                values.append(self._plain(literal))
        return self._node(values, literals[0].start, literals[-1].end)

    def _node(
        self, values: Sequence[_Fragment | ast.FormattedValue], start: int, end: int
    ) -> ast.JoinedStr:
        nodes: list[ast.expr] = []
        run: list[_Fragment] = []
        for value in (*values, None):
            if isinstance(value, _Fragment):
                run.append(value)
                continue
            text = "".join(fragment.value for fragment in run)
            if text:
                constant = ast.Constant(text, run[0].kind)
                nodes.append(self._places.put(constant, run[0].start, run[-1].end))
            run = []
            if value is not None:
                nodes.append(value)
        return self._places.put(ast.JoinedStr(nodes), start, end)

    def _parts(
        self, literal: Literal, parts: Sequence[Text | Field]
    ) -> list[_Fragment | ast.FormattedValue]:
        values: list[_Fragment | ast.FormattedValue] = []
        for part in parts:
            if isinstance(part, Text):
                values.append(_Fragment(self._text(literal, part), part.start, part.end))
                continue
            if not part.tokens:
                what = "f-string: valid expression required before '}'"
                raise LexicalError(what, part.stop)
            if part.is_debug:
                values.append(self._debug(part))
            values.append(self._formatted(literal, part))
        return values

    def _formatted(self, literal: Literal, part: Field) -> ast.FormattedValue:
        conversion, spec = _CONVERSIONS[part.conversion], None
        if part.spec is not None:
            values = self._parts(literal, part.spec.parts)
            spec = self._node(values, part.spec.start, part.spec.end)
        elif part.is_debug and not part.conversion:
            conversion = ord("r")
        value = ast.FormattedValue(self._expression(part), conversion, spec)
        return self._places.put(value, part.start, part.end)

    def _debug(self, part: Field) -> _Fragment:
        """The text of an expression that is shown, without comments."""
        position, pieces = part.start + 1, list[bytes]()
        for token in part.tokens:
            pieces.append(_COMMENT.sub(b"", self._data[position : token.start]))
            pieces.append(self._data[token.start : token.end])
            position = token.end
        pieces.append(_COMMENT.sub(b"", self._data[position : part.debug_end]))
        return _Fragment(b"".join(pieces).decode(), part.start + 1, part.debug_end)

    def _text(self, literal: Literal, part: Text) -> str:
        text = self._data[part.start : part.end].decode()
        if literal.is_raw:
            return text.replace("{{", "{").replace("}}", "}")
        text = _BRACES.sub(lambda found: found[1] or found[2] or found[0][0], text)
        return _ESCAPE.sub(lambda found: self._unescaped(found[0], part.start), text)

    def _unescaped(self, escape: str, offset: int) -> str:
        quote = "'" if escape == '\\"' else '"'
        return self._value(f"{quote}{escape}{quote}", offset)

    def _plain(self, literal: Literal) -> _Fragment:
        source = self._data[literal.start : literal.end].decode()
        kind = "u" if literal.prefix == b"u" else None
        return _Fragment(self._value(source, literal.start), literal.start, literal.end, kind)

    def _value(self, source: str, offset: int) -> str:
        try:
            value = ast.literal_eval(source)
        except SyntaxError as error:
            raise LexicalError(error.msg, offset) from error
        if not isinstance(value, str):
            raise LexicalError("cannot mix bytes and nonbytes literals", offset)
        return value
