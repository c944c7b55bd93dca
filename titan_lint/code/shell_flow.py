"""Which parts of a shell script may run at all: nothing behind ``exit``, nor in ``if false``.

Nor is what runs for some versions of torchtitan alone certain to run: see :mod:`titan_lint.code.shell_versions`.
"""

from __future__ import annotations

import operator
import re

from titan_lint.code.shell_versions import Asking, asked_first, tells_apart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tree_sitter import Node


def reached(node: Node, known: Asking) -> list[Node]:
    """The parts of what stands in a script that certainly may run, in order; none of what cannot be parsed.

    Args:
        node: What stands there.
        known: By what the script asks torchtitan for its version.
    """
    found = _reached(node)
    if tells_apart(node, known):
        first = {part.id for part in asked_first(node)}
        found = [part for part in found if part.id in first]
    if node.type == "function_definition":
        name = node.child_by_field_name("name")
        if name is not None and (name.text or b"").decode("utf-8", "replace") in known.told:
            return []
    for index, part in enumerate(found):
        # Where it leaves for some versions, the rest is for the others.
        if node.type in _BLOCKS and tells_apart(part, known) and _may_leave(part):
            return found[: index + 1]
    return found


def _reached(node: Node) -> list[Node]:
    if node.type == "ERROR":
        return []
    if node.type == "if_statement":
        return _of_if(node)
    if node.type == "while_statement":
        asked = [c for c in node.named_children if c.type != "do_group"]
        never = _truth(asked) is (node.children[0].type == "until")
        return asked if never else node.named_children
    if node.type == "list":
        left, *right = node.named_children
        joined = next((c.type for c in node.children if c.type in ("&&", "||")), "")
        return [left] if _truth([left]) is (joined == "||") else [left, *right]
    if node.type in _BLOCKS:
        return _before_end(node.children)
    return node.named_children


def _may_leave(node: Node) -> bool:
    """Whether any part of a statement leaves."""
    return _leaves(node) or any(
        _may_leave(part) for part in node.named_children if part.type != "function_definition"
    )


_BLOCKS = frozenset(
    {"program", "compound_statement", "do_group", "subshell", "else_clause", "elif_clause"}
    | {"case_item", "command_substitution"}
)


def _of_if(node: Node) -> list[Node]:
    found: list[Node] = []
    condition, body = _parts(node)
    clauses = [c for c in body if c.type in ("elif_clause", "else_clause")]
    truth = _truth(condition)
    found += condition
    if truth is not False:
        found += _before_end([c for c in body if c not in clauses])
    for clause in clauses:
        if truth is True:
            break
        truth = _truth(_parts(clause)[0]) if clause.type == "elif_clause" else None
        if truth is False:
            found += _parts(clause)[0]
        else:
            found.append(clause)
    return found


def _parts(node: Node) -> tuple[list[Node], list[Node]]:
    """What is asked in ``if`` or ``elif``, and what stands behind ``then``."""
    at = next((i for i, c in enumerate(node.children) if c.type == "then"), len(node.children))
    return [c for c in node.children[:at] if c.is_named], node.children[at + 1 :]


def _before_end(nodes: Sequence[Node]) -> list[Node]:
    """Those of some statements that come before one behind which nothing runs, and that one."""
    found: list[Node] = []
    for index, node in enumerate(nodes):
        if not node.is_named:
            continue
        found.append(node)
        is_apart = nodes[index + 1 : index + 2] and nodes[index + 1].type == "&"
        if not is_apart and _leaves(node):
            break
    return found


def _leaves(node: Node) -> bool:
    """Whether nothing runs behind a statement."""
    if node.type == "redirected_statement":
        body = node.child_by_field_name("body")
        return body is not None and _leaves(body)
    if node.type == "command":
        name, *given = [c for c in node.named_children if not c.type.endswith("assignment")]
        # Without a command it only redirects what the shell itself writes.
        return name.text in _LEAVING or (name.text == b"exec" and bool(given))
    if node.type == "compound_statement":
        return _any_leaves(node.children)
    if node.type == "list":
        return all(map(_leaves, node.named_children))
    if node.type == "if_statement":
        body = _parts(node)[1]
        clauses = [c for c in body if c.type in ("elif_clause", "else_clause")]
        branches = [
            [c for c in body if c not in clauses],
            *(_parts(c)[1] if c.type == "elif_clause" else c.children for c in clauses),
        ]
        has_else = bool(clauses) and clauses[-1].type == "else_clause"
        return has_else and all(map(_any_leaves, branches))
    return False


def _any_leaves(nodes: Sequence[Node]) -> bool:
    return any(map(_leaves, _before_end(nodes)[-1:]))


_LEAVING = (b"exit", b"return", b"break", b"continue")


def _truth(nodes: Iterable[Node]) -> bool | None:
    """Whether the last of some commands succeeds; ``None`` where that is not written there."""
    node = next(reversed([*nodes]), None)
    if node is None:
        return None
    text = (node.text or b"").decode("utf-8", "replace")
    if node.type == "command":
        return _CONSTANT.get(text)
    if node.type == "negated_command":
        inner = _truth(node.named_children)
        return None if inner is None else not inner
    if node.type == "list":
        left, right = _truth(node.named_children[:1]), _truth(node.named_children[1:])
        if any(c.type == "&&" for c in node.children):
            return False if False in (left, right) else left and right
        return True if True in (left, right) else left or right
    number = _NUMBER.fullmatch(text)
    if number is not None:
        return int(number[1]) != 0
    compared = _COMPARED.fullmatch(text)
    if compared is None:
        return None
    if compared["by"] in _AS_TEXT:
        return _AS_TEXT[compared["by"]](compared["a"], compared["b"])
    if not (compared["a"].isdecimal() and compared["b"].isdecimal()):
        return None
    return _AS_NUMBER[compared["by"]](int(compared["a"]), int(compared["b"]))


_CONSTANT = {"true": True, ":": True, "false": False}
_NUMBER = re.compile(r"\(\(\s*(\d+)\s*\)\)")
_COMPARED = re.compile(
    r"\[\[?\s+(?P<q>[\"']?)(?P<a>\w+)(?P=q)\s+(?P<by>==?|!=|-(?:eq|ne|lt|le|gt|ge))"
    r"\s+(?P<r>[\"']?)(?P<b>\w+)(?P=r)\s+\]\]?"
)
_AS_TEXT = {"=": operator.eq, "==": operator.eq, "!=": operator.ne}
_AS_NUMBER = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-lt": operator.lt,
    "-le": operator.le,
    "-gt": operator.gt,
    "-ge": operator.ge,
}
