r"""A lexer for Python's newest lexical grammar, whichever Python runs it.

It knows what the running Python's own may not: f-strings whose replacement fields hold any
expression (PEP 701) and template strings (PEP 750). It finds tokens and where brackets and strings
begin and end; whether they make a program is for the parser to say.

Offsets are bytes of UTF-8 text whose line endings are ``\n``. The work grows with the text's
length alone, however deep it nests.
"""

from __future__ import annotations

import contextlib
import re

from titan_lint.structs import Struct, field

_CODE = re.compile(
    rb"""
    (?P<skip>(?:[ \t\f]|\\\n|\#[^\n]*)+)
    | (?P<prefix>(?i:[rub]|br|rb|[ft]r?|r[ft])?)(?P<quote>\"\"\"|'''|"|')
    | (?P<word>[\w\x80-\xff]+)
    | (?P<newline>\n)
    | (?P<operator>(?:\*\*|//|>>|<<|[-+*/%&|^@<>!=:])=|->|\*\*|//|>>|<<|.)
    """,
    re.VERBOSE,
)
_CLOSING = {b"(": b")", b"[": b"]", b"{": b"}"}
_PLAIN_END = {
    b'"': re.compile(rb'[^\\\n"]*(?:\\.[^\\\n"]*)*"', re.DOTALL),
    b"'": re.compile(rb"[^\\\n']*(?:\\.[^\\\n']*)*'", re.DOTALL),
    b'"""': re.compile(rb'[^\\"]*(?:(?:\\.|"(?!""))[^\\"]*)*"""', re.DOTALL),
    b"'''": re.compile(rb"[^\\']*(?:(?:\\.|'(?!''))[^\\']*)*'''", re.DOTALL),
}
_CONVERSION = re.compile(rb"!([\w\x80-\xff]+)")

# What ends, or may seem to end, a run of text in an f-string, by (is raw, is format specification).
# A backslash does not escape a brace; doubled braces stand for themselves outside specifications.
_ESCAPED = rb"\\[^{}]"
_NAMED = rb"\\N\{[^{}\n\"']*\}"
_DOUBLED = rb"\{\{|\}\}"
_STOP = rb"[{}\n\"']"
_TEXT = {
    (is_raw, is_spec): re.compile(
        b"|".join(
            ([] if is_raw else [_NAMED]) + [_ESCAPED] + ([] if is_spec else [_DOUBLED]) + [_STOP]
        ),
        re.DOTALL,
    )
    for is_raw in (False, True)
    for is_spec in (False, True)
}


class LexicalError(Exception):
    """The text is no Python of any version.

    Args:
        message: What is wrong, in the words that Python uses.
        offset: Where.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message, offset)


class Token(Struct, frozen=False):
    r"""A word, number, operator, or the end of a logical line (``\n``).

    Attributes:
        start: Offset of its first byte.
        end: Offset after its last byte.
        text: Its bytes; empty for strings.
        depth: How many brackets and fields are open around it; a bracket is not inside itself.
    """

    start: int
    end: int
    text: bytes
    depth: int


class Literal(Token, frozen=False):
    """One string literal, with quotes and prefix.

    Attributes:
        prefix: In lower case.
        quote: One or three quotation marks.
        parts: Text and replacement fields of an f-string or t-string, in order.
    """

    prefix: bytes = b""
    quote: bytes = b""
    parts: list[Text | Field] = field(default_factory=list["Text | Field"])

    @property
    def is_raw(self) -> bool:
        """Whether backslashes stand for themselves."""
        return b"r" in self.prefix

    @property
    def is_fstring(self) -> bool:
        """Whether it is an f-string."""
        return b"f" in self.prefix

    @property
    def is_template(self) -> bool:
        """Whether it is a t-string."""
        return b"t" in self.prefix


class Text(Struct, frozen=False):
    """A run of text in an f-string, escapes and doubled braces as they are written."""

    start: int
    end: int


class Field(Struct, frozen=False):
    """A replacement field: ``{expression}``, ``{expression=!r:specification}``.

    Attributes:
        start: Offset of the opening brace.
        end: Offset after the closing brace.
        tokens: The expression.
        stop: Offset where the expression gives way to ``=``, ``!``, ``:`` or ``}``.
        is_debug: Whether there is a ``=``: the expression's text is shown, too.
        debug_end: Offset where that text ends.
        conversion: The letter behind ``!``.
        spec: The format specification.
    """

    start: int
    end: int = -1
    tokens: list[Token] = field(default_factory=list[Token])
    stop: int = -1
    is_debug: bool = False
    debug_end: int = -1
    conversion: bytes = b""
    spec: Spec | None = None


class Spec(Struct, frozen=False):
    """A format specification, from its colon to the closing brace of its field."""

    literal: Literal
    start: int
    end: int = -1
    parts: list[Text | Field] = field(default_factory=list["Text | Field"])


def comments(data: bytes) -> list[tuple[int, int]]:
    """Where the comments of a text begin and end, as far as it can be split into tokens."""
    lexer = _Lexer(data)
    with contextlib.suppress(LexicalError):
        lexer.run()
    return lexer.comments


def tokenize(data: bytes) -> list[Token]:
    """Split a text into tokens; those inside replacement fields are in the fields.

    Raises:
        LexicalError: A bracket or string never ends, or ends too often.
    """
    return _Lexer(data).run()


class _Lexer:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.comments: list[tuple[int, int]] = []
        self.tokens: list[Token] = []  # of the module, or of the innermost field
        self.outer: list[list[Token]] = []
        self.open: list[Token | Field | Spec] = []  # tokens are brackets and f-strings

    def run(self) -> list[Token]:
        position = 0
        while position < len(self.data):
            top = self.open[-1] if self.open else None
            if isinstance(top, Literal | Spec):
                position = self.string_text(top, position)
            else:
                position = self.code(position)
        if self.open:
            raise self.unterminated(self.open[-1])
        return self.tokens

    def unterminated(self, top: Token | Field | Spec) -> LexicalError:
        if isinstance(top, Literal):
            triple = "triple-quoted " if len(top.quote) == 3 else ""
            kind = "f-string" if top.is_fstring else "t-string" if top.is_template else "string"
            message = f"unterminated {triple}{kind} literal"
        elif isinstance(top, Token):
            message = f"'{top.text.decode()}' was never closed"
        else:
            message = "f-string: expecting '}'"
        return LexicalError(message, top.start)

    # -- code ---------------------------------------------------------------------------------

    def code(self, position: int) -> int:
        match = _CODE.match(self.data, position)
        assert match is not None  # any byte is a token
        if match.lastgroup == "skip":
            comment = self.data.find(b"#", position, match.end())
            if comment >= 0:
                self.comments.append((comment, match.end()))
            return match.end()
        if match.lastgroup == "newline":
            if not self.open:
                self.tokens.append(Token(position, match.end(), b"\n", 0))
            return match.end()
        top = self.open[-1] if self.open else None
        if isinstance(top, Field):
            end = self.field_punctuation(top, position, match.group())
            if end is not None:
                return end
            if top.stop >= 0:
                raise LexicalError("f-string: expecting '}'", position)
        if match.lastgroup == "quote":
            return self.string(match)
        if match.lastgroup == "operator":
            self.operator(position, match.group())
        else:
            self.tokens.append(Token(position, match.end(), match.group(), len(self.open)))
        return match.end()

    def operator(self, position: int, text: bytes) -> None:
        token = Token(position, position + len(text), text, len(self.open))
        if text in _CLOSING:
            self.open.append(token)
        elif text in (b")", b"]", b"}"):
            top = self.open.pop() if self.open else None
            if not isinstance(top, Token):
                raise LexicalError(f"unmatched '{text.decode()}'", position)
            if _CLOSING[top.text] != text:
                raise LexicalError(
                    f"closing parenthesis '{text.decode()}' does not match opening parenthesis "
                    f"'{top.text.decode()}'",
                    position,
                )
            token.depth = top.depth
        self.tokens.append(token)

    def string(self, match: re.Match[bytes]) -> int:
        prefix, quote = match["prefix"].lower(), match["quote"]
        literal = Literal(match.start(), -1, b"", len(self.open), prefix, quote)
        self.tokens.append(literal)
        if literal.is_fstring or literal.is_template:
            self.open.append(literal)
            return match.end()
        end = _PLAIN_END[literal.quote].match(self.data, match.end())
        if end is None:
            raise self.unterminated(literal)
        literal.end = end.end()
        return literal.end

    # -- f-strings ----------------------------------------------------------------------------

    def field_punctuation(self, top: Field, position: int, text: bytes) -> int | None:
        """Take what ends a field's expression, or return ``None`` where the expression goes on."""
        first = text[:1]  # a colon counts even in `:=`
        if text == b"=" and top.stop < 0:
            top.is_debug = True
            top.stop = position
            return position + 1
        if first not in (b"}", b":") and text != b"!":
            return None
        if top.stop < 0:
            top.stop = position
        if top.is_debug and top.debug_end < 0:
            top.debug_end = position
        if first == b"}":
            top.end = position + 1
            self.open.pop()
            self.tokens = self.outer.pop()
            around = self.open[-1]
            assert isinstance(around, Literal | Spec)
            around.parts.append(top)
            return top.end
        if top.spec is not None:
            return None
        if first == b":":
            top.spec = Spec(self.literal(), position)
            self.open.append(top.spec)
            return position + 1
        conversion = _CONVERSION.match(self.data, position)
        if conversion is None or conversion[1] not in (b"s", b"r", b"a") or top.conversion:
            raise LexicalError("f-string: invalid conversion character", position)
        top.conversion = conversion[1]
        return conversion.end()

    def literal(self) -> Literal:
        """The innermost f-string that is open."""
        for around in reversed(self.open):
            if isinstance(around, Literal):
                return around
            if isinstance(around, Spec):
                return around.literal
        raise AssertionError("a field stands in an f-string")

    def string_text(self, top: Literal | Spec, position: int) -> int:
        """Take text up to the next field, or to the end of the string or specification."""
        is_spec = isinstance(top, Spec)
        literal = top.literal if isinstance(top, Spec) else top
        one_line = len(literal.quote) == 1
        for match in _TEXT[literal.is_raw, is_spec].finditer(self.data, position):
            at, stop = match.start(), match.group()
            if stop == b"{":
                self.take_text(top, position, at)
                self.open.append(around := Field(at))
                self.outer.append(self.tokens)
                self.tokens = around.tokens
                return at + 1
            if is_spec and (stop == b"}" or (stop == b"\n" and one_line)):
                self.take_text(top, position, at)
                top.end = at
                self.open.pop()
                return at
            if stop == b"}":
                raise LexicalError("f-string: single '}' is not allowed", at)
            if stop == b"\n" and one_line:
                break
            if stop in (b'"', b"'") and self.data.startswith(literal.quote, at):
                if is_spec:
                    raise LexicalError("f-string: expecting '}'", at)
                self.take_text(top, position, at)
                top.end = at + len(literal.quote)
                self.open.pop()
                return top.end
        raise self.unterminated(literal)

    def take_text(self, top: Literal | Spec, start: int, end: int) -> None:
        if start < end:
            top.parts.append(Text(start, end))
