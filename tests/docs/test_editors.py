"""What the guide to editors says of each makes titan-lint's lines into places in a file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.projects import LEGACY

if TYPE_CHECKING:
    from tests.projects import TitanLint

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "editor.md").read_text("utf-8")


def shown(language: str) -> str:
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    return block


def test_the_matcher_for_visual_studio_code_finds_each_part(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "engine.py").write_text(LEGACY, "utf-8")
    (task,) = json.loads(shown("json"))["tasks"]
    program, *options = task["command"].split()
    assert program == "titan-lint"
    pattern = task["problemMatcher"]["pattern"]
    (line,) = titan_lint(*options).out.splitlines()
    match = re.match(pattern["regexp"], line)
    assert match is not None
    found = [match[pattern[part]] for part in ("file", "line", "column", "code")]
    assert found == ["engine.py", "3", "23", "TTN105"]
    assert match[pattern["message"]].endswith("torchtitan 0.3.0 has no flavor '8B_varlen'")


@pytest.mark.skipif(shutil.which("vim") is None, reason="needs vim")
def test_vim_goes_to_the_finding(project: Path) -> None:
    (project / "engine.py").write_text(LEGACY, "utf-8")
    there = shown("vim").replace("titan-lint", f"{sys.executable}\\ -m\\ titan_lint", 1)
    (project / "settings.vim").write_text(there, "utf-8")
    ask = (
        "call writefile([expand('%'), line('.'), col('.')] + map(getqflist(), 'v:val.text'), 'at')"
    )
    commands = ["source settings.vim", "silent make", "cfirst", ask, "qall!"]
    subprocess.run(
        ["vim", "-N", "-u", "NONE", "-es", *(f"-c{each}" for each in commands), "engine.py"],
        cwd=project,
        timeout=60,
        check=False,
        capture_output=True,
    )
    name, line, column, *texts = (project / "at").read_text("utf-8").splitlines()
    assert (name, line, column) == ("engine.py", "3", "23")
    assert texts[0].strip().startswith("TTN105 ")
