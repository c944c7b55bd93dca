"""Random changes to real sources: most keep the meaning, some do not, all must leave Python."""

from __future__ import annotations

import ast
import io
import keyword
import tokenize
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Mutation = Callable[[str, Random], str]

_COMMENTS = ["# why", "#", "#: x", "# é 🦊", "# noqa-ish", "# type: ignore", "#\tkeep"]


def _statements(text: str) -> list[ast.stmt]:
    return [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.stmt)]


def _own_lines(text: str, node: ast.stmt) -> bool:
    lines = text.split("\n")
    start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    head = lines[start - 1]
    assert node.end_lineno
    tail = lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode()
    return (
        not head.encode()[: node.col_offset].decode().strip(" \t@")
        and (not tail.strip() or tail.strip().startswith("#"))
        and not (start > 1 and lines[start - 2].endswith("\\"))
        and not head.lstrip().startswith("elif")
    )


def _pick(text: str, random: Random) -> tuple[ast.stmt, int, int] | None:
    """A statement that has its lines to itself, and these lines, 0-based and half-open."""
    found = [s for s in _statements(text) if _own_lines(text, s)]
    if not found:
        return None
    node = random.choice(found)
    start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    assert node.end_lineno
    return node, start - 1, node.end_lineno


def _in_string(text: str) -> set[int]:
    """0-based lines that begin inside a string or a bracket continued from the line before."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.end_lineno:
            found.update(range(node.lineno, node.end_lineno))
    return found


def comment_behind(text: str, random: Random) -> str:
    lines = text.split("\n")
    line = random.randrange(len(lines))
    if line + 1 in _in_string(text) or lines[line].endswith("\\") or "#" in lines[line]:
        return text
    lines[line] += "  " + random.choice(_COMMENTS)
    return "\n".join(lines)


def comment_above(text: str, random: Random) -> str:
    lines = text.split("\n")
    line = random.randrange(len(lines))
    if line in _in_string(text) or (line and lines[line - 1].endswith("\\")):
        return text
    indent = lines[line][: len(lines[line]) - len(lines[line].lstrip())]
    lines.insert(line, random.choice(["", indent, indent + "    "]) + random.choice(_COMMENTS))
    return "\n".join(lines)


def blank_line(text: str, random: Random) -> str:
    lines = text.split("\n")
    line = random.randrange(len(lines))
    if line in _in_string(text) or (line and lines[line - 1].endswith("\\")):
        return text
    lines.insert(line, random.choice(["", "   ", "\t", "\f"]))
    return "\n".join(lines)


def trailing_space(text: str, random: Random) -> str:
    lines = text.split("\n")
    line = random.randrange(len(lines))
    if line + 1 in _in_string(text) or lines[line].endswith("\\"):
        return text
    lines[line] += random.choice([" ", "  ", "\t"])
    return "\n".join(lines)


def spaces_in_brackets(text: str, random: Random) -> str:
    """White space, line breaks or comments behind a bracket or comma inside brackets."""
    places: list[int] = []
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.OP:
            depth += (token.string in "([{") - (token.string in ")]}")
            if depth and token.string in "([{,=.":
                places.append(starts[token.end[0] - 1] + token.end[1])
    if not places:
        return text
    place = random.choice(places)
    what = random.choice([" ", "  ", "\n    ", "\n", "  # in here\n        ", "\t", "\\\n  "])
    return text[:place] + what + text[place:]


def _wrapped(head: list[str], tail: list[str]) -> Mutation:
    def wrap(text: str, random: Random) -> str:
        picked = _pick(text, random)
        if picked is None:
            return text
        node, start, end = picked
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            return text
        lines = text.split("\n")
        inside = _in_string(text)
        indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
        body = [
            line if n in inside or not line.strip() else "    " + line
            for n, line in enumerate(lines[start:end], start)
        ]
        lines[start:end] = [indent + h for h in head] + body + [indent + t for t in tail]
        return "\n".join(lines)

    return wrap


wrap_if = _wrapped(["if True:"], [])
wrap_if_else = _wrapped(["if FLAG:"], ["else:", "    pass"])
wrap_try = _wrapped(["try:"], ["finally:", "    pass"])
wrap_with = _wrapped(["with manager():"], [])
wrap_for = _wrapped(["for _ in range(1):"], [])


def _lines_swapped(text: str, random: Random) -> str:
    picked = _pick(text, random)
    if picked is None:
        return text
    _, start, end = picked
    following = [
        (s.lineno - 1, s.end_lineno or 0)
        for s in _statements(text)
        if s.lineno - 1 >= end and s.col_offset == picked[0].col_offset and _own_lines(text, s)
    ]
    if not following:
        return text
    other_start, other_end = min(following)
    lines = text.split("\n")
    return "\n".join(
        [
            *lines[:start],
            *lines[other_start:other_end],
            *lines[end:other_start],
            *lines[start:end],
            *lines[other_end:],
        ]
    )


def dropped(text: str, random: Random) -> str:
    picked = _pick(text, random)
    if picked is None:
        return text
    lines = text.split("\n")
    del lines[picked[1] : picked[2]]
    return "\n".join(lines)


def doubled(text: str, random: Random) -> str:
    picked = _pick(text, random)
    if picked is None:
        return text
    _, start, end = picked
    lines = text.split("\n")
    return "\n".join([*lines[:end], *lines[start:end], *lines[end:]])


def joined(text: str, random: Random) -> str:
    """Two simple statements on one line."""
    lines = text.split("\n")
    inside = _in_string(text)
    for _ in range(10):
        line = random.randrange(len(lines))
        if line + 1 >= len(lines) or line in inside or line + 1 in inside or "#" in lines[line]:
            continue
        one, other = lines[line], lines[line + 1]
        if not one.strip() or not other.strip() or one.rstrip().endswith((":", ",", "(", "\\")):
            continue
        if len(one) - len(one.lstrip()) != len(other) - len(other.lstrip()):
            continue
        lines[line : line + 2] = [f"{one}; {other.lstrip()}"]
        return "\n".join(lines)
    return text


def one_line_block(text: str, random: Random) -> str:
    blocks = [
        s
        for s in _statements(text)
        if isinstance(s, ast.If | ast.With | ast.For | ast.While)
        and len(s.body) == 1
        and s.body[0].lineno == s.body[0].end_lineno
        and s.body[0].lineno > s.lineno
        and not isinstance(s.body[0], ast.If | ast.With | ast.For | ast.Try)
    ]
    if not blocks:
        return text
    body = random.choice(blocks).body[0]
    lines = text.split("\n")
    head = lines[body.lineno - 2]
    if "#" in head or not head.rstrip().endswith(":"):
        return text
    lines[body.lineno - 2 : body.lineno] = [head.rstrip() + " " + lines[body.lineno - 1].strip()]
    return "\n".join(lines)


def renamed(text: str, random: Random) -> str:
    """A name that the file itself binds, under another name everywhere."""
    tree = ast.parse(text)
    bound = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    taken = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    taken |= {k.arg for k in ast.walk(tree) if isinstance(k, ast.keyword) and k.arg}
    taken |= {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
    taken |= {a.asname or a.name for a in ast.walk(tree) if isinstance(a, ast.alias)}
    names = sorted(bound - taken - {"self", "cls", "attn_type", "attn_backend"})
    if not names:
        return text
    old = random.choice(names)
    new = random.choice(["renamed", "x9", "überall", old + "_"])
    if new in {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} or keyword.iskeyword(new):
        return text
    lines = text.split("\n")
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string == old:
            row, column = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:column] + new + line[column + len(old) :]
    return "\n".join(lines)


def text_before(text: str, random: Random) -> str:
    """A string with wide characters before a statement on its line."""
    picked = _pick(text, random)
    if picked is None or hasattr(picked[0], "body") or isinstance(picked[0], ast.Match):
        return text
    if isinstance(picked[0], ast.ImportFrom) and picked[0].module == "__future__":
        return text
    lines = text.split("\n")
    line = lines[picked[1]]
    stripped = line.lstrip()
    lines[picked[1]] = line[: len(line) - len(stripped)] + "'é🦊'; " + stripped
    return "\n".join(lines)


def tabs(text: str, random: Random) -> str:
    inside = _in_string(text)
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if number not in inside:
            width = len(line) - len(line.lstrip(" "))
            lines[number] = "\t" * (width // 4) + " " * (width % 4) + line.lstrip(" ")
    return "\n".join(lines)


# These keep what the code does.
HARMLESS: list[Mutation] = [
    *(comment_behind, comment_above, blank_line, trailing_space, spaces_in_brackets),
    *(wrap_if, wrap_try, joined, one_line_block, text_before, tabs),
]
ANY: list[Mutation] = [
    *HARMLESS,
    *(wrap_if_else, wrap_with, wrap_for, _lines_swapped, dropped, doubled, renamed),
]


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def mutated(text: str, random: Random, mutations: list[Mutation], most: int = 6) -> str:
    """``text`` after some of ``mutations``; those that leave no Python are taken back."""
    for _ in range(random.randint(1, most)):
        try:
            new = random.choice(mutations)(text, random)
        except (tokenize.TokenError, SyntaxError, IndentationError):
            continue
        if parses(new):
            text = new
    return text
