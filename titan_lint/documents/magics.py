"""What of a notebook's cell is Python, and what IPython takes for itself: magics, shell lines, questions."""

from __future__ import annotations

import re

from titan_lint.code.forms import parsed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OF_PYTHON = ("capture", "debug", "prun", "time", "timeit")
"""Magics of a cell whose other lines are statements of the notebook."""

_PLAIN = r"(?:cd|conda|ls|mamba|pip|uv)[ \t]+[\w.~/-]"
"""A magic that people write without its sign, which is no Python either."""
_SUSPECT = re.compile(rf"^[ \t]*(?:[%!?]|{_PLAIN})|\?[ \t\r]*$|=[ \t]*[%!]", re.MULTILINE)
_MAGIC = re.compile(rf"[ \t]*(?:[%!?]|{_PLAIN}|[^#'\"]*\?[ \t]*$)")
_ASSIGNED = re.compile(r"([ \t]*[\w.,\[\] \t]+?[ \t]*=[ \t]*)[%!](?!=)")
_TOKEN = re.compile(
    r"'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\""
    r"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\""
    r"|\#[^\r\n]*|\\\r?\n|(?P<open>[\[({])|(?P<close>[\])}])|(?P<end>\r\n?|\n)",
    re.DOTALL,
)
_CALL = "get_ipython()"
"""What a magic is read as: a call of which nothing is known."""


def read_cell(lines: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Read the lines of a cell.

    Yields:
        Each line, line ending included, and what it is read as: itself, other text, or nothing where
        the whole cell is none of Python's.
    """
    text = "".join(lines)
    kept = list(lines)
    head = next((number for number, line in enumerate(lines) if line.strip()), 0)
    name = re.match(r"%%(\w*)", lines[head]) if lines else None
    if name and name[1] not in _OF_PYTHON:
        yield from ((line, None) for line in lines)
        return
    if name:
        kept[head] = _CALL + _ending(lines[head])
    if _SUSPECT.search(text) and (name or parsed(text) is None):
        _replace(kept)
    yield from zip(lines, kept, strict=True)


def _replace(lines: list[str]) -> None:
    """Put something else in the place of the lines that are IPython's, where statements may begin."""
    text = "".join(lines)
    starts: dict[int, int] = {}
    at = 0
    for number, line in enumerate(lines):
        starts[at] = number
        at += len(line)
    at = 0
    while at < len(text):
        number = starts[at]
        line = lines[number].rstrip("\r\n")
        assigned = _ASSIGNED.match(line)
        if not assigned and not _MAGIC.match(line):
            at = _next_statement(text, at)
            continue
        indent = line[: len(line) - len(line.lstrip())]
        lines[number] = (assigned[1] if assigned else indent) + _CALL + _ending(lines[number])
        at += len(line) + len(_ending(lines[number]))
        while line.endswith("\\") and number + 1 < len(lines):
            number += 1
            line = lines[number].rstrip("\r\n")
            at += len(lines[number])
            lines[number] = _ending(lines[number])


def _next_statement(text: str, at: int) -> int:
    """Where the line behind the statement begins that begins at ``at``."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        if token["end"] and depth <= 0:
            return token.end()
        depth += bool(token["open"]) - bool(token["close"])
    return len(text)


def _ending(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
