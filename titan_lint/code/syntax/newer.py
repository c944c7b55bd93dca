"""Syntax that the running Python does not know, as the nodes that come nearest."""

from __future__ import annotations

import ast
import functools
import keyword
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import NamedTuple, cast

from titan_lint.code.syntax.lexer import Field, LexicalError, Literal, Token, tokenize
from titan_lint.code.syntax.places import Places
from titan_lint.code.syntax.strings import StringBuilder

_BLANKS = bytes(byte if byte == ord("\n") else ord(" ") for byte in range(256))


class _Mask(NamedTuple):
    """What stands in the place of a piece of the text: as many bytes, and on the same lines."""

    start: int
    text: bytes


_Masks = Generator[_Mask, None, int]
"""Masks, and the index of the token to go on with."""


def parse_newer(
    text: str, error: SyntaxError, version: tuple[int, int] = sys.version_info[:2]
) -> ast.Module:
    """Parse what the running Python's parser refused.

    Args:
        text: Python source, with any line endings.
        error: Why it was refused.
        version: The Python whose grammar is taken for known; at most the running one.

    Raises:
        SyntaxError: The text is no Python of any version known here; it tells where.
    """
    data = text.encode().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\0" in data:
        raise error
    places = Places(data)
    try:
        tokens = tokenize(data)
    except LexicalError as failure:
        # Of two parsers, the one that came further understood more.
        raise max(error, places.error(*failure.args), key=_place) from failure
    try:
        tree = _Parser(places, version).module(tokens)
    except LexicalError as failure:
        raise places.error(*failure.args) from failure
    if tree is None:
        raise error
    return tree


class _Parser:
    """Masks newer syntax by older one of the same extent, and has the running Python parse that.

    So every other node is Python's own, at the place that it has in the text, and every other
    mistake is found and told as Python does.
    """

    def __init__(self, places: Places, version: tuple[int, int]) -> None:
        self.data = places.data
        self.version = version
        self.places = places
        self.strings = StringBuilder(self.places, self.field)
        self.is_newer = False
        # What is to be put back, by line and column: expressions, and names of type aliases.
        self.expressions: dict[tuple[int, int], Callable[[], ast.expr]] = {}
        self.aliases: dict[tuple[int, int], Token] = {}

    def module(self, tokens: Sequence[Token]) -> ast.Module | None:
        """The tree, or ``None`` where nothing is newer than the running Python."""
        source = self.masked(tokens, 0, len(self.data))
        if not self.is_newer:
            return None
        tree = ast.parse(source.decode())
        self.unmask(tree)
        return tree

    # -- expressions that are parsed on their own -----------------------------------------------

    def field(self, field: Field) -> ast.expr:
        return self.expression(field.tokens, field.start + 1, field.stop)

    def expression(self, tokens: Sequence[Token], start: int, end: int) -> ast.expr:
        """The node of the text from ``start`` to ``end``, which may be a tuple without parentheses.

        Args:
            tokens: The tokens there, at least one.
            start: Where it begins, or a comment or blanks before it do.
            end: Where it ends, or what follows begins.
        """
        source = b"(" + self.masked(tokens, start, end) + b")"
        try:
            node = ast.parse(source.decode(), mode="eval").body
        except SyntaxError as error:
            raise self.places.moved(error, start, 1) from None
        is_ours = (node.lineno, node.col_offset) == (1, 0)  # the parentheses made it what it is
        if is_ours and not isinstance(node, ast.Tuple):
            raise LexicalError("a generator expression must be parenthesized", tokens[0].start)
        self.places.move(node, start, 1)
        if is_ours:
            self.places.put(node, tokens[0].start, tokens[-1].end)
        holder = ast.Expression(node)
        self.unmask(holder)
        return holder.body

    # -- masking --------------------------------------------------------------------------------

    def masked(self, tokens: Sequence[Token], start: int, end: int) -> bytes:
        """The text from ``start`` to ``end``, what is newer in its ``tokens`` masked."""
        text = bytearray(self.data[start:end])
        for mask in self.masks(tokens):
            self.is_newer = True
            text[mask.start - start : mask.start - start + len(mask.text)] = mask.text
        return bytes(text)

    def masks(self, tokens: Sequence[Token]) -> Iterator[_Mask]:
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if isinstance(token, Literal):
                index = yield from self.string(tokens, index)
            elif token.text in (b"def", b"class") and _is(tokens, index + 2, b"["):
                index = yield from self.generic(tokens, index)
            elif token.text == b"type" and _begins_alias(tokens, index):
                index = yield from self.alias(tokens, index)
            elif token.text == b"except" and self.version < (3, 14):
                index = yield from self.handler(tokens, index)
            else:
                index += 1

    def string(self, tokens: Sequence[Token], index: int) -> _Masks:
        """f-strings, before 3.12 (PEP 701), and t-strings, before 3.14 (PEP 750)."""
        literals: list[Literal] = []
        for token in tokens[index:]:
            if not isinstance(token, Literal):
                break
            literals.append(token)
        stop = index + len(literals)
        templates = [literal for literal in literals if literal.is_template]
        if templates and len(templates) < len(literals):
            what = "cannot mix t-string literals with string or bytes literals"
            raise LexicalError(what, literals[0].start)
        formatted = templates or [literal for literal in literals if literal.is_fstring]
        if self.version >= ((3, 14) if templates else (3, 12)):
            yield from self.inside(formatted)
            return stop
        if not formatted:
            return stop
        start, end = literals[0].start, literals[-1].end
        make = functools.partial(self.strings.joined, literals)
        if any(
            len(literal.quote) == 1 and b"\n" in self.data[literal.start : literal.end]
            for literal in formatted
        ):
            yield self.placeholder(start, end, make)
            return stop
        # An f-string without fields is the best placeholder: no other syntax is as like it.
        self.expressions[self.places.of(start)] = make
        for literal in formatted:
            prefix = literal.prefix.replace(b"t", b"f")
            inner = literal.start + len(prefix + literal.quote), literal.end - len(literal.quote)
            text = prefix + literal.quote + self.blank(*inner) + literal.quote
            yield _Mask(literal.start, text)
        return stop

    def inside(self, literals: Sequence[Literal]) -> Iterator[_Mask]:
        """What is newer in the fields of f-strings that the running Python reads."""
        parts = [part for literal in literals for part in literal.parts]
        while parts:
            part = parts.pop()
            if isinstance(part, Field):
                yield from self.masks(part.tokens)
                parts += part.spec.parts if part.spec is not None else []

    def handler(self, tokens: Sequence[Token], index: int) -> _Masks:
        """``except A, B:``, before 3.14 (PEP 758)."""
        first = index + 2 if _is(tokens, index + 1, b"*") else index + 1
        stop, is_tuple = first, False
        while not (_is(tokens, stop, b":") and tokens[stop].depth == 0):
            if stop >= len(tokens) or tokens[stop].text in (b"\n", b"as", b"lambda"):
                return index + 1
            is_tuple |= tokens[stop].text == b"," and tokens[stop].depth == 0
            stop += 1
        if not is_tuple or _is(tokens, first, b","):
            return index + 1
        types = tokens[first:stop]
        start, end = types[0].start, types[-1].end
        yield self.placeholder(start, end, functools.partial(self.expression, types, start, end))
        return stop

    def generic(self, tokens: Sequence[Token], index: int) -> _Masks:
        """The type parameters of a function or class, before 3.12 (PEP 695)."""
        opening = tokens[index + 2]
        stop = _closing(tokens, index + 2) + 1
        defaults = self.type_parameters(tokens[index + 3 : stop - 1], opening)
        if self.version >= (3, 12):
            yield from self.defaults(defaults)
            return stop
        # The bracket becomes the parenthesis, since the list may go on over lines.
        if _is(tokens, stop, b"("):
            yield _Mask(opening.start, b"(" + self.blank(opening.end, tokens[stop].end))
            return stop + 1
        end = tokens[stop - 1].end
        if tokens[index].text == b"def":
            raise LexicalError("expected '('", end)
        yield _Mask(opening.start, b"(" + self.blank(opening.end, end - 1) + b")")
        return stop

    def alias(self, tokens: Sequence[Token], index: int) -> _Masks:
        """``type X[T] = value``, before 3.12 (PEP 695)."""
        word, name = tokens[index : index + 2]
        stop = index + 2
        defaults: list[tuple[int, int]] = []
        if _is(tokens, stop, b"["):
            stop = _closing(tokens, stop) + 1
            defaults = self.type_parameters(tokens[index + 3 : stop - 1], tokens[index + 2])
        if not _is(tokens, stop, b"="):
            return index + 1
        if self.version >= (3, 12):
            yield from self.defaults(defaults)
            return stop
        self.aliases[self.places.of(word.start)] = name
        yield _Mask(word.end - 1, b".")  # typ.X[0] = value
        if stop > index + 2:
            start, end = tokens[index + 2].start, tokens[stop - 1].end
            yield _Mask(start, b"[0" + self.blank(start + 2, end - 1) + b"]")
        return stop

    def type_parameters(self, tokens: Sequence[Token], opening: Token) -> list[tuple[int, int]]:
        """Check a list of type parameters, and tell where their defaults begin and end.

        Raises:
            LexicalError: The text between the brackets is no such list.
        """
        defaults: list[tuple[int, int]] = []
        parameters = _split(tokens, b",")
        if not parameters[-1]:
            parameters.pop()
        if not parameters:
            raise LexicalError("Type parameter list cannot be empty", opening.start)
        for parameter in parameters:
            stars = parameter[0].text if parameter and parameter[0].text in (b"*", b"**") else b""
            left, *right = _split(parameter[len(stars) > 0 :], b"=")
            bound = left[2:]
            if (
                not left
                or not _is_name(left[0])
                or (len(left) > 1 and (left[1].text != b":" or not bound or stars))
                or len(right) > 1
                or not all(right)
            ):
                raise LexicalError("invalid type parameter", (parameter or [opening])[0].start)
            if right:
                equals = next(token for token in parameter if token.text == b"=")
                defaults.append((equals.start, right[0][-1].end))
                if stars == b"*" and right[0][0].text == b"*":
                    right[0] = right[0][1:]
            for value in (bound, *right):
                if value:
                    self.expression(value, value[0].start, value[-1].end)
        return defaults

    def defaults(self, defaults: Sequence[tuple[int, int]]) -> Iterator[_Mask]:
        """Defaults of type parameters, before 3.13 (PEP 696)."""
        if self.version < (3, 13):
            for start, end in defaults:
                yield _Mask(start, self.blank(start, end))

    def placeholder(self, start: int, end: int, make: Callable[[], ast.expr]) -> _Mask:
        """A number in the place of an expression, in parentheses since it may span lines."""
        if end - start < 3:
            self.expressions[self.places.of(start)] = make
            return _Mask(start, b"0" + self.blank(start + 1, end))
        self.expressions[self.places.of(start + 1)] = make
        return _Mask(start, b"(0" + self.blank(start + 2, end - 1) + b")")

    def blank(self, start: int, end: int) -> bytes:
        return self.data[start:end].translate(_BLANKS)

    # -- unmasking ------------------------------------------------------------------------------

    def unmask(self, tree: ast.AST) -> None:
        """Put the nodes of what was masked in the place of what masked it."""
        todo = [tree]
        while todo:
            node = todo.pop()
            if isinstance(node, ast.Assign):
                self.unmask_alias(node)
            for name, value in ast.iter_fields(node):
                if isinstance(value, ast.AST):
                    setattr(node, name, self.unmasked(value, todo))
                elif isinstance(value, list):
                    items = cast("list[object]", value)
                    items[:] = [
                        self.unmasked(item, todo) if isinstance(item, ast.AST) else item
                        for item in items
                    ]

    def unmasked(self, node: ast.AST, todo: list[ast.AST]) -> ast.AST:
        """What belongs in the place of ``node``; itself is put on the list of what to look into."""
        if isinstance(node, ast.JoinedStr | ast.Constant):
            make = self.expressions.get((node.lineno, node.col_offset))
            if make is not None:
                return make()
        todo.append(node)
        return node

    def unmask_alias(self, node: ast.Assign) -> None:
        name = self.aliases.get((node.lineno, node.col_offset))
        if name is None:
            return
        target, *others = node.targets
        if others:
            raise LexicalError("invalid syntax", name.end)
        target = target.value if isinstance(target, ast.Subscript) else target
        assert isinstance(target, ast.Attribute)
        node.targets = [self.places.put(ast.Name(target.attr, ast.Store()), name.start, name.end)]


def _place(error: SyntaxError) -> tuple[int, int]:
    return error.lineno or 0, error.offset or 0


def _is(tokens: Sequence[Token], index: int, text: bytes) -> bool:
    return index < len(tokens) and tokens[index].text == text


def _is_name(token: Token) -> bool:
    text = token.text.decode()
    return text.isidentifier() and not keyword.iskeyword(text)


def _begins_alias(tokens: Sequence[Token], index: int) -> bool:
    """Whether ``type`` is the keyword: at the beginning of a statement, before a name."""
    before = tokens[index - 1].text if index else b"\n"
    return (
        before in (b"\n", b";", b":")
        and tokens[index].depth == 0
        and index + 1 < len(tokens)
        and _is_name(tokens[index + 1])
    )


def _closing(tokens: Sequence[Token], index: int) -> int:
    """The index of the bracket that closes the one at ``index``."""
    depth = tokens[index].depth
    return next(at for at in range(index + 1, len(tokens)) if tokens[at].depth == depth)


def _split(tokens: Sequence[Token], separator: bytes) -> list[list[Token]]:
    """The stretches of tokens between separators that stand in no bracket."""
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.text == separator and token.depth == tokens[0].depth:
            found.append([])
        else:
            found[-1].append(token)
    return found
