"""Programs as documents, and documents as programs, written and read without titan-lint."""

from __future__ import annotations

import ast
import itertools
import json
import re
from typing import Any


def notebook(*cells: str, listed: bool = True, **style: Any) -> str:
    """A notebook of code cells; ``style`` is that of :func:`json.dumps`."""
    code = [
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": re.findall(r"[^\n]*\n|[^\n]+", cell) if listed else cell,
        }
        for cell in cells
    ]
    document = {
        "cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# Words"]}, *code],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, **{"indent": 1, **style}) + "\n"


def cells(text: str) -> list[str]:
    """The sources of a notebook's code cells."""
    return [
        "".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"
    ]


def statements(code: str) -> list[str]:
    """A program in pieces, one for each statement with the comments before it; no line ending behind the last line."""
    lines = code.splitlines(keepends=True)
    ends = [0, *((node.end_lineno or 0) for node in ast.parse(code).body)]
    # Two statements on one line stay together.
    ends = sorted(set(ends))
    pieces = ["".join(lines[a:b]) for a, b in itertools.pairwise(ends)]
    rest = "".join(lines[ends[-1] :])
    pieces[-1] += rest
    return [piece.removesuffix("\n") for piece in pieces]


def fenced(code: str, indent: str = "", info: str = "python") -> str:
    """A program in a fence of Markdown."""
    empty = indent.rstrip()
    lines = code.splitlines(keepends=True)
    body = [(indent if line.strip() else empty) + line for line in lines]
    return f"# Words\n\n{indent}```{info}\n{''.join(body)}{indent}```\n\nMore.\n"


def unfenced(text: str, indent: str = "") -> str:
    """The program in the first fence of Markdown."""
    lines = text.splitlines(keepends=True)
    fences = [number for number, line in enumerate(lines) if line.strip().startswith("```")]
    return "".join(line.removeprefix(indent) for line in lines[fences[0] + 1 : fences[1]])


def prompted(code: str) -> str:
    """A program as examples of :mod:`doctest`."""
    written: list[str] = []
    for piece in statements(code):
        first, *others = piece.lstrip("\n").split("\n")
        if first.lstrip().startswith("#") or not others:
            written += [f">>> {line}" if line else ">>>" for line in (first, *others)]
        else:
            written += [f">>> {first}", *(f"... {line}" if line else "..." for line in others)]
    return "\n".join(written) + "\n"
