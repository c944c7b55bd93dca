"""What a shell script asks torchtitan for its version or shape by: what stands behind that is for some versions alone."""

from __future__ import annotations

import re

from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node


class Asking(Struct):
    """By what a script asks.

    Attributes:
        variables: The names of those that hold an answer.
        functions: The names of those that give one.
        told: The names of variables and functions that are set, or called, only where an answer is known.
    """

    variables: frozenset[str] = field(default_factory=frozenset[str])
    functions: frozenset[str] = field(default_factory=frozenset[str])
    told: frozenset[str] = field(default_factory=frozenset[str])


def asking(root: Node) -> Asking:
    """By what a script asks."""
    text = root.text or b""
    if _ASKED.search(text) is None:
        return Asking()
    nodes = [*_below(root)]
    known = Asking()
    while True:
        variables, functions = set(known.variables), set(known.functions)
        for node in nodes:
            name = _name(node)
            if node.type == "variable_assignment" and name:
                value = node.child_by_field_name("value")
                if (value is not None and _asks(value, known)) or is_behind(node, known):
                    variables.add(name)
            elif node.type == "function_definition" and name and _asks(node, known):
                functions.add(name)
        if (variables, functions) == (known.variables, known.functions):
            break
        known = Asking(frozenset(variables), frozenset(functions))
    calls: dict[str, list[bool]] = {}
    for node in nodes:
        if node.type == "command":
            name = _text(node.child_by_field_name("name"))
            calls.setdefault(name, []).append(is_behind(node, known))
    told = {name for name, behind in calls.items() if all(behind)}
    return Asking(known.variables, known.functions, frozenset(told))


_ASKED = re.compile(rb"(?i)titan|\bTT_|\bv?0\.\d+[.*]")
"""What stands in a script that asks, at least."""


def is_behind(node: Node, known: Asking) -> bool:
    """Whether a part of a script runs only where torchtitan has given some answer."""
    child = node
    while (parent := child.parent) is not None:
        if parent.type in _CONDITIONAL and _is_told_apart(parent, child, known):
            return True
        child = parent
    return False


def tells_apart(node: Node, known: Asking) -> bool:
    """Whether some part of a statement runs only where torchtitan has given some answer."""
    return node.type in _CONDITIONAL and (
        any(_asks(part, known) for part in asked_first(node))
        or (
            node.type == "if_statement"
            and any(
                _asks(part, known)
                for clause in node.named_children
                if clause.type == "elif_clause"
                for part in asked_first(clause)
            )
        )
    )


_CONDITIONAL = frozenset(
    {"if_statement", "elif_clause", "case_statement", "while_statement", "list"}
)


def _is_told_apart(parent: Node, child: Node, known: Asking) -> bool:
    asked = asked_first(parent)
    if any(part.id == child.id for part in asked):
        return False
    return tells_apart(parent, known)


def asked_first(node: Node) -> list[Node]:
    """What a statement asks before it runs anything else."""
    if node.type == "case_statement":
        value = node.child_by_field_name("value")
        patterns = [
            pattern
            for item in node.named_children
            if item.type == "case_item"
            for pattern in item.children_by_field_name("value")
        ]
        return [value, *patterns] if value is not None else patterns
    if node.type == "list":
        return node.named_children[:1]
    ends = ("then", "do_group")
    at = next((i for i, c in enumerate(node.children) if c.type in ends), len(node.children))
    return [c for c in node.children[:at] if c.is_named]


def _asks(node: Node, known: Asking) -> bool:
    """Whether a part of a script asks, in a condition or for a variable."""
    whole = _text(node)
    for one in (node, *_below(node)):
        text = _text(one)
        if one.type in ("command", "redirected_statement"):
            name = _text(one.child_by_field_name("name")).rpartition("/")[2]
            if name in known.functions:
                return True
            if one.type == "redirected_statement":
                name = text.split(maxsplit=1)[0].rpartition("/")[2]
            if (
                _ASKERS.fullmatch(name)
                and "torchtitan" in text
                and not _STARTING.search(text)
                and _VERSION.search(whole)
            ):
                return True
        elif one.type == "variable_name" and not _is_only_there(one):
            if text in known.variables or _is_version(text):
                return True
        elif one.type == "special_variable_name" and text == "?":
            before = _statement_before(node)
            if before is not None and _asks(before, known):
                return True
        elif one.type in ("test_command", "command") and _FILE.search(text):
            return True
    return _LITERAL.search(whole) is not None and _is_compared(node)


_ASKERS = re.compile(
    r"(?:python[\d.]*|pip[\d.]*|uv|uvx|conda|mamba|micromamba|poetry|pdm|pixi|e?grep|rg|git|sed|awk|test|\[)"
)
"""What asks for what is installed, or is there."""

_STARTING = re.compile(
    r"-m\s+torchtitan\.train|torchtitan/train\.py|run_train\.sh|\binstall\b|\bclone\b|\bcheckout\b"
)
_VERSION = re.compile(
    r"(?i)version|\d\.\d|torchtitan\s*\.\s*\w|from\s+torchtitan|hasattr"
    r"|describe|rev-parse|merge-base|rev-list"
)
"""What is asked: no more than whether there is any torchtitan tells no versions apart."""

_FILE = re.compile(r"(?:^|\s)-[efrs]\s+\S*torchtitan/\S")
"""A file of torchtitan's, which is there at some versions."""

_LITERAL = re.compile(r"(?<![\w.])v?0\.\d+(?:\.\d+|\.?\*)(?![\w-])")
"""A version, or the beginning of one, as torchtitan's are."""

_PARTS = frozenset({"tt", "titan", "torchtitan"})
_WORDS = ("ver", "tag", "commit", "release", "rev", "sha", "minor", "major", "legacy", "old", "new")
_ALONE = frozenset({"VERSION", "VER", "RELEASE", "version", "ver", "release"})


def _is_version(name: str) -> bool:
    """Whether a variable is about a version of torchtitan's, by its name."""
    if name in _ALONE:
        return True
    parts = name.lower().split("_")
    return not _PARTS.isdisjoint(parts) and any(part.startswith(_WORDS) for part in parts)


def _is_compared(node: Node) -> bool:
    """Whether a part of a script is a test, or a pattern of a ``case``."""
    parent = node.parent
    is_pattern = parent is not None and parent.type in ("case_item", "case_statement")
    return is_pattern or any(
        one.type == "test_command" or _text(one).startswith("test ")
        for one in (node, *_below(node))
    )


def _is_only_there(variable: Node) -> bool:
    """Whether a test is whether a variable has any value."""
    node: Node | None = variable
    while node is not None and node.type not in ("test_command", "command", "unary_expression"):
        node = node.parent
    return node is not None and _GIVEN.search(_text(node)) is not None


_GIVEN = re.compile(r"^(?:\[\[?\s*|test\s+)?!?\s*-[nzv]\s+\S+(?:\s*\]\]?)?$")


def _statement_before(node: Node) -> Node | None:
    while node.prev_named_sibling is None and node.parent is not None:
        node = node.parent
    before = node.prev_named_sibling
    if before is None and node.parent is not None:
        return None
    return before if before is not None and before.type in _PLAIN else None


_PLAIN = frozenset({"command", "redirected_statement", "pipeline", "negated_command"})


def _name(node: Node) -> str:
    return _text(node.child_by_field_name("name"))


def _text(node: Node | None) -> str:
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def _below(node: Node) -> Iterator[Node]:
    pending = [*node.named_children]
    while pending:
        one = pending.pop()
        yield one
        pending += one.named_children
