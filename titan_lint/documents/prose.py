"""Markdown and reStructuredText: the blocks that say that they are Python, and the examples behind prompts.

A block is a program of its own, unless its fence says ``continuation``. The examples of a document are one
program, as :mod:`doctest` runs them; one that is no Python is left out of it.
"""

from __future__ import annotations

import re

from titan_lint.code.forms import parsed
from titan_lint.documents.document import Line, Read, gap
from titan_lint.structs import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.code.source import Source

    # A line of the page: its text, and the offset where it begins.
    _Written = tuple[str, int]

_FENCE = re.compile(
    r"(?P<lead>(?:[ \t]*>)*[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(?P<fence>`{3,}|~{3,})(?P<info>[^\r\n]*)"
)
_PYTHON = re.compile(
    r"\{?\.?(?:(?:code-block|code|sourcecode)\}[ \t]*)?(?:python3?|py3?|pycon)(?=[\s,{}:]|$)",
    re.IGNORECASE,
)
_OPTION = re.compile(r"[ \t]*:[\w-]+:")
_DIRECTIVE = re.compile(
    r"(?P<lead>[ \t]*)\.\.[ \t]+(?P<name>code-block|code|sourcecode|testcode)::[ \t]*(?P<info>\S*)"
)
_FIRST = re.compile(r"[ \t]*>>>(?: |$)")


def read_markdown(page: Source) -> Read:
    """Read Markdown."""
    found = _Found()
    lines = _lines(page)
    at = 0
    while at < len(lines):
        opened = _FENCE.match(lines[at][0])
        at += 1
        if opened is None or (opened["fence"][0] == "`" and "`" in opened["info"]):
            continue
        # A marker of a list takes as much room on the lines below.
        lead = re.sub(r"[^>\s]", " ", opened["lead"])
        content: list[Line] = []
        while at < len(lines):
            line = _stripped(*lines[at], lead)
            if line is None:
                break
            at += 1
            if _closes(line.text, opened["fence"]):
                break
            content.append(line)
        info = opened["info"].strip()
        if info.startswith("{") and "}" in info:
            while content and _OPTION.match(content[0].text):
                del content[0]
        if _PYTHON.match(info) or (not info and _begins_with_prompt(content)):
            found.add(content, continues="continuation" in info.split())
    return found.read(page)


def read_rst(page: Source) -> Read:
    """Read reStructuredText."""
    found = _Found()
    lines = _lines(page)
    at = 0
    while at < len(lines):
        opened = _DIRECTIVE.match(lines[at][0])
        if opened is None:
            begin = at
            while at < len(lines) and _FIRST.match(lines[begin][0]) and lines[at][0].strip():
                at += 1
            if at > begin:
                indent = re.match(r"[ \t]*", lines[begin][0])
                lead = indent[0] if indent else ""
                read = [_stripped(*line, lead) for line in lines[begin:at]]
                found.add([line for line in read if line is not None])
            at = max(at, begin + 1)
            continue
        at += 1
        while at < len(lines) and _OPTION.match(lines[at][0]):
            at += 1
        outer, begin = len(opened["lead"]), at
        while at < len(lines) and (not lines[at][0].strip() or _indent(lines[at][0]) > outer):
            at += 1
        content = lines[begin:at]
        while content and not content[-1][0].strip():
            del content[-1]
        filled = [text for text, _ in content if text.strip()]
        lead = min((text[: _indent(text)] for text in filled), key=len, default="")
        if filled and (opened["name"] == "testcode" or _PYTHON.match(opened["info"])):
            read = [_stripped(*line, lead) for line in content]
            found.add([line for line in read if line is not None])
    return found.read(page)


class _Found:
    """The programs of a document, as they are found."""

    def __init__(self) -> None:
        self._blocks: list[list[Line]] = []
        self._examples: list[Line] = []

    def add(self, content: Sequence[Line], *, continues: bool = False) -> None:
        """Take what a block holds."""
        if _begins_with_prompt(content):
            self._examples += _examples(content)
        elif continues and self._blocks and content:
            self._blocks[-1] += [gap(content[0].start), *content]
        else:
            self._blocks.append([*content])

    def read(self, page: Source) -> Read:
        """What was found on a page."""
        return Read(page, (*map(tuple, self._blocks), tuple(self._examples)))


def _lines(page: Source) -> list[_Written]:
    starts = [page.line_start(line) for line in range(1, page.line_count + 1)]
    ends = [*starts[1:], len(page.text)]
    return [(page.text[start:end], start) for start, end in zip(starts, ends, strict=True)]


def _stripped(text: str, start: int, lead: str) -> Line | None:
    """A line of a block without what stands before its code; ``None`` where it is in no quote any more."""
    shared = 0
    while shared < len(lead) and text[shared : shared + 1] == lead[shared]:
        shared += 1
    if ">" in lead[shared:]:
        return None
    return Line(text[shared:], start, start + shared, start + len(text), lead)


def _closes(text: str, fence: str) -> bool:
    mark = text.strip()
    return len(mark) >= len(fence) and mark == fence[0] * len(mark)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" \t"))


def _begins_with_prompt(content: Sequence[Line]) -> bool:
    first = next((line.text for line in content if line.text.strip()), "")
    return _FIRST.match(first) is not None


def _examples(content: Sequence[Line]) -> list[Line]:
    """The code of the examples of a block, each of which is Python by itself."""
    found: list[Line] = []
    example: list[Line] = []

    def close(following: str) -> None:
        if example and parsed("".join([line.text for line in example])) is not None:
            answered = bool(following.strip()) and not _FIRST.match(following)
            found.extend(example[:-1])
            found.append(replace(example[-1], answered=answered))
        example.clear()

    for line in content:
        begins = _FIRST.match(line.text.rstrip("\r\n"))
        indent = _indent(line.text)
        prompt = line.text[indent : indent + 3]
        goes_on = bool(example) and prompt == "..." and line.text[indent + 3 :][:1] in " \r\n"
        if not begins and not goes_on:
            close(line.text)
            continue
        if begins:
            close(line.text)
        shared = indent + 3 + line.text.startswith(" ", indent + 3)
        example.append(
            replace(
                line,
                text=line.text[shared:],
                code=line.code + shared,
                lead=line.lead + line.text[:indent],
                prompts=True,
            )
        )
    close("")
    return found
