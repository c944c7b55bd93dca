"""Markdown and reStructuredText on the command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.documents import writing
from tests.projects import LEGACY
from titan_lint import documents

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

FIXED = LEGACY.replace('"8B_varlen"', '"8B", attn_backend="varlen"')


def lines_of(out: str) -> list[int]:
    return [int(line) for line in re.findall(r"^\S+?:(\d+):\d+: TTN105", out, re.MULTILINE)]


def test_documents_are_found_only_where_they_are_included(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.md").write_text(writing.fenced(LEGACY))
    (project / "b.rst").write_text(writing.prompted(LEGACY))
    (project / "c.py").write_text(LEGACY)
    (project / "d.ipynb").write_text(writing.notebook(LEGACY))
    assert titan_lint("--show-files").out.split() == ["c.py", "d.ipynb"]
    both = titan_lint("--show-files", "--extend-include", "*.md,b.*").out.split()
    assert both == ["a.md", "b.rst", "c.py", "d.ipynb"]
    assert lines_of(titan_lint("a.md", "--output-format", "concise").out) == [6]
    (project / "titan-lint.toml").write_text('include = ["*.md"]\nextend-include = ["*.rst"]\n')
    assert titan_lint("--show-files").out.split() == ["a.md", "b.rst"]


@pytest.mark.parametrize("indent", ["", "    ", "> ", "\t"])
@pytest.mark.parametrize("info", ["python", "py", "Python title='x' {1,2}", "{.python}", "py3"])
def test_a_fence_is_fixed_with_its_indentation(
    project: Path, titan_lint: TitanLint, indent: str, info: str
) -> None:
    (project / "a.md").write_text(writing.fenced(LEGACY, indent, info))
    assert lines_of(titan_lint("a.md", "--output-format", "concise").out) == [6]
    titan_lint("a.md", "--fix")
    assert (project / "a.md").read_text() == writing.fenced(FIXED, indent, info)


@pytest.mark.parametrize(
    "text",
    [
        writing.fenced(LEGACY, info="text"),
        writing.fenced(LEGACY, info=""),
        writing.fenced(LEGACY, info="python-console-output"),
        writing.fenced(LEGACY + "and so on...\n"),
        "````md\n" + writing.fenced(LEGACY) + "````\n",
        "    " + LEGACY.replace("\n", "\n    "),
        "```python\nfrom torchtitan.models.llama3 import model_registry\n```\n"
        '```python\nmodel_registry("8B_varlen")\n```\n',
        "`python` ```python` x\n" + LEGACY,
    ],
)
def test_what_is_no_python_or_no_program_is_passed_over(
    project: Path, titan_lint: TitanLint, text: str
) -> None:
    (project / "a.md").write_text(text)
    assert titan_lint("a.md").status == 0
    titan_lint("a.md", "--fix", "--unsafe-fixes")
    assert (project / "a.md").read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        f"~~~py\n{LEGACY}~~~\n",
        f"1. x\n\n   ```python\n   {LEGACY.rstrip().replace(chr(10), chr(10) + '   ')}\n   ```\n",
        f"- ```python\n  {LEGACY.rstrip().replace(chr(10), chr(10) + '  ')}\n  ```\n",
        f"```{{code-block}} python\n:linenos:\n{LEGACY}```\n",
        f"```python\n{LEGACY}",
        f"```pycon\n{writing.prompted(LEGACY)}```\n",
        f"```\n{writing.prompted(LEGACY)}1\n```\n",
        "```python\nfrom torchtitan.models.llama3 import model_registry\n```\n\n"
        '```python continuation\nspec = model_registry("8B_varlen")\n```\n',
        f"\ufeff```python\r\n{LEGACY}```\r\n".replace("\r\n", "\n").replace("\n", "\r\n"),
    ],
)
def test_forms_of_markdown_are_fixed(project: Path, titan_lint: TitanLint, text: str) -> None:
    (project / "a.md").write_bytes(text.encode())
    titan_lint("a.md", "--fix")
    fixed = text.replace('"8B_varlen"', '"8B", attn_backend="varlen"')
    assert (project / "a.md").read_bytes() == fixed.encode()


@pytest.mark.parametrize(
    "text",
    [
        f".. code-block:: python\n   :linenos:\n\n   {LEGACY.rstrip().replace(chr(10), chr(10) + '   ')}\n\ntext\n",
        f"  .. testcode::\n\n     {LEGACY.rstrip().replace(chr(10), chr(10) + '     ')}\n",
        f"Text::\n\n  {writing.prompted(LEGACY).rstrip().replace(chr(10), chr(10) + '  ')}\n  1\n\nend\n",
        f".. code:: pycon\n\n   {writing.prompted(LEGACY).rstrip().replace(chr(10), chr(10) + '   ')}",
        writing.prompted(LEGACY).replace(">>> spec", "\nText.\n\n>>> spec"),
        ">>> this is none\n\n" + writing.prompted(LEGACY),
    ],
)
def test_forms_of_restructured_text_are_fixed(
    project: Path, titan_lint: TitanLint, text: str
) -> None:
    (project / "a.rst").write_text(text)
    titan_lint("a.rst", "--fix")
    fixed = text.replace('"8B_varlen"', '"8B", attn_backend="varlen"')
    assert (project / "a.rst").read_text() == fixed


def test_other_languages_of_restructured_text_are_passed_over(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.rst").write_text(
        f".. code-block:: console\n\n   {writing.prompted(LEGACY).replace(chr(10), chr(10) + '   ')}\n"
    )
    assert titan_lint("a.rst").status == 0


def test_several_blocks_are_suppressed_and_known_each(project: Path, titan_lint: TitanLint) -> None:
    one = writing.fenced(LEGACY) + f"```pycon\n{writing.prompted(LEGACY)}```\n"
    (project / "a.md").write_text(one)
    titan_lint("a.md", "--write-baseline", "known.json")
    assert titan_lint("a.md", "--baseline", "known.json").status == 0
    assert titan_lint("a.md", "--baseline", "known.json", "--diff").status == 0
    (project / "a.md").write_text(one + one)
    concise = ("a.md", "--baseline", "known.json", "--output-format", "concise")
    assert len(lines_of(titan_lint(*concise).out)) == 2
    assert titan_lint(*concise, "--fix").status == 0
    assert (project / "a.md").read_text().count("attn_backend") == 2
    (project / "a.md").write_text(one)
    assert titan_lint("a.md", "--add-noqa").out == "Added 2 noqa directives.\n"
    assert (project / "a.md").read_text() == one.replace('len")', 'len")  # noqa: TTN105')


def test_an_example_is_not_taken_from_its_output() -> None:
    text = ">>> import torchtitan\n>>> x = 1\n2\n>>> y = 1\n\n"
    document = documents.read("a.rst", text.encode())
    (block,) = document.blocks
    assert block.text == "import torchtitan\nx = 1\ny = 1\n"

    from titan_lint.finding import Edit

    def without(line: str) -> Edit:
        start = block.text.index(line)
        return Edit(start, start + len(line) + 1, "")

    assert block.takes(without("import torchtitan"))
    assert not block.takes(without("x = 1"))
    assert block.takes(without("y = 1"))
