"""Notebooks on the command line: what is read, how it is reported, what fixes leave as it is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.documents import writing
from tests.projects import LEGACY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

IMPORT = "from torchtitan.models.llama3 import model_registry"
CALL = 'spec = model_registry("8B_varlen")'
FIXED = 'spec = model_registry("8B", attn_backend="varlen")'


def places(out: str) -> list[str]:
    return re.findall(r"^(\S+?:(?:cell \d+:)?\d+:\d+): TTN", out, re.MULTILINE)


def test_findings_are_named_by_cell_and_line(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.ipynb").write_text(writing.notebook(IMPORT, f"# first\n\n{CALL}"))
    ran = titan_lint("--output-format", "concise")
    assert places(ran.out) == ["a.ipynb:cell 3:3:23"]
    full = titan_lint().out
    assert " --> a.ipynb:cell 3:3:23\n" in full
    assert "1 | # first\n2 |\n3 | spec = model_registry" in full
    assert IMPORT not in full


def test_cells_are_one_program_in_order(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.ipynb").write_text(writing.notebook(IMPORT, "model_registry = print", CALL))
    assert titan_lint().status == 0


@pytest.mark.parametrize(
    "before",
    [
        "%matplotlib inline",
        "!pip install \\\n  torchtitan",
        "files = !ls",
        "x = %pwd",
        "print?",
        "?print",
        "if True:\n    !ls\nelse:\n    %cd ..",
        'text = """\n%time\n!ls\n"""\n!ls',
        "x = (5\n% 3)\n!ls",
        "%%time\nx = 1",
        "await f()\n!ls",
        "# why?\n%time",
        "pip install torchtitan",
    ],
)
def test_lines_of_ipython_are_passed_over(
    project: Path, titan_lint: TitanLint, before: str
) -> None:
    (project / "a.ipynb").write_text(writing.notebook(f"{before}\n{LEGACY}"))
    line = before.count("\n") + 4
    assert places(titan_lint("--output-format", "concise").out) == [f"a.ipynb:cell 2:{line}:23"]
    titan_lint("--fix")
    text = (project / "a.ipynb").read_text()
    assert text == writing.notebook(f"{before}\n{LEGACY}".replace(CALL, FIXED))


@pytest.mark.parametrize("magic", ["%%bash", "%%writefile a.py", "\n%%html"])
def test_a_cell_of_another_language_is_passed_over(
    project: Path, titan_lint: TitanLint, magic: str
) -> None:
    (project / "a.ipynb").write_text(writing.notebook(f"{magic}\necho ' {IMPORT}", LEGACY))
    assert places(titan_lint("--output-format", "concise").out) == ["a.ipynb:cell 3:3:23"]


def test_a_notebook_of_another_language_is_passed_over(
    project: Path, titan_lint: TitanLint
) -> None:
    text = writing.notebook("torchtitan <- 1").replace('"name": "python"', '"name": "R"')
    (project / "a.ipynb").write_text(text)
    assert titan_lint().status == 0


def test_a_cell_that_is_no_python_is_an_error(project: Path, titan_lint: TitanLint) -> None:
    text = writing.notebook(IMPORT, "x = 1\nx = = 2")
    (project / "a.ipynb").write_text(text)
    ran = titan_lint()
    assert ran.status == 2
    line = text[: text.index("x = = 2")].count("\n") + 1
    assert f"error: a.ipynb:{line}: cell 3, line 2: not valid Python" in ran.err


def test_a_diff_shows_cells(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.ipynb").write_text(writing.notebook(IMPORT, CALL))
    ran = titan_lint("--diff")
    assert ran.out == (f"--- a.ipynb:cell 3\n+++ a.ipynb:cell 3\n@@ -1 +1 @@\n-{CALL}\n+{FIXED}\n")


def test_json_names_cells_and_sarif_the_file(project: Path, titan_lint: TitanLint) -> None:
    text = writing.notebook(IMPORT, f'"é"\n{CALL}')
    (project / "a.ipynb").write_text(text)
    (found,) = json.loads(titan_lint("--output-format", "json").out)["findings"]
    assert (found["cell"], found["line"], found["column"]) == (3, 2, 23)
    assert [edit["cell"] for edit in found["fix"]["edits"]] == [3] * len(found["fix"]["edits"])
    (result,) = json.loads(titan_lint("--output-format", "sarif").out)["runs"][0]["results"]
    (location,) = result["locations"]
    region = location["physicalLocation"]["region"]
    lines = text.splitlines()
    line = lines[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == '\\"8B_varlen\\"'
    assert location["message"] == {"text": "cell 3:2:23"}
    replacements = result["fixes"][0]["artifactChanges"][0]["replacements"]
    for replacement in reversed(replacements):
        region = replacement["deletedRegion"]
        number = region["startLine"] - 1
        new = replacement.get("insertedContent", {}).get("text", "")
        lines[number] = (
            lines[number][: region["startColumn"] - 1]
            + new
            + lines[number][region["endColumn"] - 1 :]
        )
    titan_lint("--fix")
    assert "\n".join(lines) + "\n" == (project / "a.ipynb").read_text()


def test_suppressions_hold_in_cells_and_are_added_to_them(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.ipynb").write_text(writing.notebook(LEGACY, CALL))
    assert titan_lint("--add-noqa").out == "Added 2 noqa directives.\n"
    noqa = "  # noqa: TTN105"
    legacy = LEGACY.replace(CALL, CALL + noqa)
    assert (project / "a.ipynb").read_text() == writing.notebook(legacy, CALL + noqa)
    assert titan_lint().status == 0


def test_a_baseline_knows_the_lines_of_cells(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.ipynb").write_text(writing.notebook(LEGACY))
    titan_lint("--write-baseline", "known.json")
    (project / "a.ipynb").write_text(writing.notebook("# new", LEGACY, listed=False))
    assert titan_lint("--baseline", "known.json").status == 0
    assert titan_lint("--baseline", "known.json", "--diff").status == 0


def test_the_cache_knows_cells(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.ipynb").write_text(writing.notebook(LEGACY))
    first = titan_lint()
    assert "cell 2:3:23" in first.out
    assert titan_lint().out == first.out


def test_a_notebook_on_standard_input_is_fixed(project: Path, titan_lint: TitanLint) -> None:
    text = writing.notebook(LEGACY)
    ran = titan_lint("-", "--stdin-filename", "a.ipynb", "--fix", stdin=text.encode())
    assert ran.out == writing.notebook(LEGACY.replace(CALL, FIXED))


def test_checkpoints_are_not_found(project: Path, titan_lint: TitanLint) -> None:
    (project / ".ipynb_checkpoints").mkdir()
    (project / ".ipynb_checkpoints" / "a.ipynb").write_text(writing.notebook(LEGACY))
    assert titan_lint().status == 0
