"""Every rule's examples, written as cells, in an indented fence and behind prompts, become what they become in a file."""

from __future__ import annotations

import ast
import doctest
from typing import TYPE_CHECKING

import pytest

from tests.documents import writing
from titan_lint import documents, rules
from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from titan_lint.rules.base import Example

OVER_CELLS = "merged into the import that is there"
"""The example whose fix rewrites a line that is in another cell then, so that none is offered."""

CODES = [code for code in rules.names() if code != "TTN901" and not rules.is_of_jobs(code)]


def fixed(example: Example, path: str, text: str) -> tuple[str, int]:
    """A document with the fixes of its last program, and how many findings have one that was not made."""
    document = documents.read(path, text.encode())
    result = fix(
        [block for block in document.blocks if block.lines][-1],
        codes=CODES,
        targets=targets.parse_all(example.torchtitan.split()),
        options=Options(written_for=example.written_for),
        unsafe=True,
    )
    assert result.refused is None
    left = sum("no fix is offered" in finding.said for finding in result.remaining)
    return document.of(result.source).file.text, left


def same(code: str, other: str) -> bool:
    return ast.dump(ast.parse(code)) == ast.dump(ast.parse(other))


@pytest.mark.parametrize("code", CODES)
def test_an_example_is_fixed_in_a_document_as_in_a_file(code: str) -> None:
    for example in rules.rule(code).bad:
        if example.fixed is None:
            continue
        text, _ = fixed(example, "a.md", writing.fenced(example.code, "    "))
        assert text == writing.fenced(example.fixed, "    ")
        text, left = fixed(example, "a.ipynb", writing.notebook(*writing.statements(example.code)))
        cells = writing.cells(text)
        assert left if example.about == OVER_CELLS else same("\n".join(cells), example.fixed)
        assert text == writing.notebook(*cells)
        text, _ = fixed(example, "a.rst", writing.prompted(example.code))
        found = doctest.DocTestParser().get_examples(text)
        for one in found:
            compile(one.source, "example", "single")
        assert same("".join(one.source for one in found), example.fixed)
