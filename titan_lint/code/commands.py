"""The words of the commands in a text of shell, with places: what tree-sitter's grammar of bash reads.

A word that is put together when it runs is known up to the part that is not.
"""

from __future__ import annotations

import functools
import importlib.util
import re

from titan_lint.code.shell_flow import reached
from titan_lint.code.shell_versions import Asking, asking
from titan_lint.finding import Span
from titan_lint.structs import Struct, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tree_sitter import Node, Parser

_ESCAPE = re.compile(r"\\(\n|.)", re.DOTALL)
_IN_QUOTES = re.compile(r'\\([$`"\\\n])')


class Word(Struct):
    """A word of a command.

    Attributes:
        text: Its characters, up to the first that is not known.
        whole: Whether that is all of it.
        span: Where it stands, its quotes included.
        start: Where ``text`` begins.
        exact: How many characters of ``text`` stand there letter by letter.
    """

    text: str
    whole: bool
    span: Span
    start: int
    exact: int


class Variable(Struct):
    """What a variable of the environment of a command is set to.

    Attributes:
        name: Its name.
        written: What is assigned, as it is written.
        span: The assignment.
    """

    name: str
    written: str
    span: Span


class Command(Struct):
    """A command without its redirections.

    Attributes:
        words: Its words.
        span: From its first word to its last.
        variables: What is set before its words, or exported before it and read nowhere in the text.
    """

    words: tuple[Word, ...]
    span: Span
    variables: tuple[Variable, ...] = ()


@functools.cache
def can_read_shell() -> bool:
    """Whether the packages are there that shell, and what it stands in, is read with."""
    needed = ("tree_sitter", "tree_sitter_bash", "yaml")
    return all(importlib.util.find_spec(name) for name in needed)


def in_shell(text: str, start: int = 0, end: int | None = None) -> Iterator[Command]:
    """The commands in a part of a text that is shell; none where that cannot be read."""
    if not can_read_shell():
        return
    part = text[start:end]
    data = part.encode("utf-8", "surrogatepass")
    root = _parser().parse(data).root_node
    known = asking(root)
    yield from _Reader(text, start, data, _assigned(root, known), known).commands(root)


@functools.cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def _assigned(root: Node, known: Asking) -> Mapping[str, Node]:
    """The one value of each variable that has no other in the text, at any torchtitan."""
    found: dict[str, Node | None] = {}
    pending = [root]
    while pending:
        node = pending.pop()
        pending += node.named_children
        if node.type == "for_statement" or (
            node.type == "variable_assignment"
            and node.parent is not None
            and node.parent.type != "command"
        ):
            name = node.child_by_field_name("name") or node.child_by_field_name("variable")
            if name is not None and name.text is not None:
                is_other = name.text.decode() in found or node.type == "for_statement"
                value = node.child_by_field_name("value")
                found[name.text.decode()] = None if is_other else value
    return {
        name: node
        for name, node in found.items()
        if node is not None and name not in known.variables
    }


class _Reader:
    def __init__(
        self, text: str, start: int, data: bytes, assigned: Mapping[str, Node], known: Asking
    ) -> None:
        self._text = text
        self._start = start
        self._data = data
        self._assigned = assigned
        self._known = known
        self._is_ascii = data.isascii()

    def commands(self, root: Node) -> Iterator[Command]:
        pending = [root]
        exported: list[Variable] = []
        while pending:
            node = pending.pop()
            pending += reversed(reached(node, self._known))
            if node.type == "declaration_command" and self._written(node).startswith("export"):
                exported += [v for v in self._variables(node) if not self._is_read(v.name)]
            if node.type != "command" or node.has_error:
                continue
            nodes = [one for c in node.named_children if (one := _inner(c)).type in _WORDS]
            words = tuple(map(self._word, nodes))
            if not words:
                continue
            span = Span(words[0].span.start, words[-1].span.end)
            yield Command(words, span, (*exported, *self._variables(node)))
            for index, inner in enumerate(nodes[1:], 1):
                if inner.type in _QUOTED and _is_for_shell(words[:index]):
                    span = words[index].span
                    yield from in_shell(self._text, span.start + 1, span.end - 1)

    def _variables(self, node: Node) -> list[Variable]:
        """The assignments in a command."""
        found: list[Variable] = []
        for child in node.named_children:
            name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if child.type == "variable_assignment" and name is not None and value is not None:
                span = Span(self._at(child.start_byte), self._at(child.end_byte))
                found.append(Variable(self._written(name), self._written(value), span))
        return found

    def _is_read(self, name: str) -> bool:
        """Whether the text has a variable anywhere but in what it is assigned itself."""
        reads = re.compile(rb"(?P<own>\b%(n)b=[^\s]*)|\$\{?%(n)b\b" % {b"n": name.encode()})
        return any(match["own"] is None for match in reads.finditer(self._data))

    def _at(self, offset: int) -> int:
        if self._is_ascii:
            return self._start + offset
        return self._start + len(self._data[:offset].decode("utf-8", "surrogatepass"))

    def _written(self, node: Node) -> str:
        return self._text[self._at(node.start_byte) : self._at(node.end_byte)]

    def _word(self, node: Node) -> Word:
        span = Span(self._at(node.start_byte), self._at(node.end_byte))
        value = self._literal(node)
        if value is None and (default := self._default(node)) is not None:
            return Word(default, True, span, span.start, 0)
        return value if value is not None else Word("", False, span, span.start, 0)

    def _literal(self, node: Node) -> Word | None:
        """What a word, or a part of one, says; ``None`` where not even its beginning is known."""
        start, end = self._at(node.start_byte), self._at(node.end_byte)
        span, text = Span(start, end), self._text[start:end]
        if node.type in ("word", "number"):
            return _unescaped(text, _ESCAPE, span, start)
        if node.type == "raw_string":
            return Word(text[1:-1], True, span, start + 1, len(text) - 2)
        if node.type == "string":
            inner = next((c for c in node.named_children if c.type != "string_content"), None)
            if inner is None:
                return _unescaped(text[1:-1], _IN_QUOTES, span, start + 1)
            known = self._text[start + 1 : self._at(inner.start_byte)]
            if not known:
                return None
            return replace(_unescaped(known, _IN_QUOTES, span, start + 1), whole=False)
        if node.type != "concatenation":
            return None
        said, whole, first = "", True, None
        for child in node.named_children:
            part = self._literal(child)
            first = first or part
            said += part.text if part is not None else ""
            whole = part is not None and part.whole
            if not whole:
                break
        return replace(first, text=said, whole=whole, span=span) if first is not None else None

    def _default(self, node: Node) -> str | None:
        """What a variable stands for that is given one value in the text, be it only by default."""
        if node.type == "string" and len(node.named_children) == 1:
            node = node.named_children[0]
        if node.type not in ("expansion", "simple_expansion"):
            return None
        text = self._written(node).strip("${}")
        value = self._assigned.get(text)
        if value is None:
            return None
        if value.type == "expansion" and self._written(value).startswith(
            (f"${{{text}:-", f"${{{text}-")
        ):
            (*_, value) = value.named_children
        word = self._literal(value)
        if word is None or not word.whole or re.search(r"[\s*?\[]", word.text):
            return None
        return word.text


def only_says(word: str) -> bool:
    """Whether what a command of this name is given is shown, looked for or handled, and not run."""
    return word.rpartition("/")[2] in _SAYING


_SAYING = frozenset(
    {"echo", "printf", "print", ":", "cat", "tee", "grep", "egrep", "rg", "sed", "awk"}
    | {"man", "which", "type", "alias", "pgrep", "pkill", "ls", "cp", "mv", "chmod", "git"}
)


def _is_for_shell(before: Sequence[Word]) -> bool:
    """Whether what comes behind some words is a text that another shell is given to run: ``bash -lc``."""
    return _TO_RUN.fullmatch(before[-1].text) is not None and any(
        _SHELL.fullmatch(word.text) for word in before[:-1]
    )


_TO_RUN = re.compile(r"-[a-z]*c")
_SHELL = re.compile(r"(?:.*/)?(?:(?:ba|da|k|z)?sh|su)")
_QUOTED = ("string", "raw_string")
_WORDS = frozenset(
    {
        *("word", "number", *_QUOTED, "ansi_c_string", "translated_string"),
        *("concatenation", "expansion", "simple_expansion", "command_substitution"),
        *("process_substitution", "arithmetic_expansion", "brace_expression"),
    }
)


def _inner(node: Node) -> Node:
    return node.named_children[0] if node.type == "command_name" and node.named_children else node


def _unescaped(text: str, escape: re.Pattern[str], span: Span, start: int) -> Word:
    first = escape.search(text)
    said = escape.sub(lambda match: "" if match[1] == "\n" else match[1], text)
    return Word(said, True, span, start, len(text) if first is None else first.start())
