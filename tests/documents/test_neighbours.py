"""A document hears of the project that it lies in, and the project hears nothing of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import titan_lint as library
from tests.documents import writing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

THEIRS = "from torchtitan.models.llama3 import model_registry\n"
OWN = "def model_registry(flavor):\n    return flavor\n"
USE = "import torchtitan\nfrom names import model_registry\n\nspec = model_registry('8B_varlen')\n"
ENGINE = """\
from torchtitan.models.llama3 import model_registry


def build(flavor, attn_type):
    spec = model_registry(flavor)
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = attn_type
    return spec
"""
PATCH = "import torchtitan.models.llama3\n\ntorchtitan.models.llama3.model_registry = lambda flavor: None\n"

WAYS = pytest.mark.parametrize(
    ("name", "written"), [("shown.ipynb", writing.notebook), ("shown.md", writing.fenced)]
)
if TYPE_CHECKING:
    from collections.abc import Callable

    Written = Callable[[str], str]


def found(ran: object) -> set[str]:
    return set(re.findall(r"TTN\d+", ran.out))  # type: ignore[attr-defined]


@WAYS
def test_a_name_of_the_projects_own_module_is_what_that_has(
    project: Path, titan_lint: TitanLint, name: str, written: Written
) -> None:
    (project / "names.py").write_text(THEIRS)
    (project / name).write_text(written(USE))
    assert found(titan_lint(name)) == {"TTN105"}
    # Answered from the cache only as long as the module says the same.
    (project / "names.py").write_text(OWN)
    assert found(titan_lint(name)) == set()


@WAYS
def test_a_document_that_names_torchtitan_nowhere_is_not_looked_at_whatever_it_imports(
    project: Path, titan_lint: TitanLint, name: str, written: Written
) -> None:
    """As docs/not-seen.md says; the same in a file of Python is seen."""
    silent = USE.replace("import torchtitan\n", "")
    (project / "names.py").write_text(THEIRS)
    (project / "program.py").write_text(silent)
    (project / name).write_text(written(silent))
    assert found(titan_lint("program.py")) == {"TTN105"}
    assert found(titan_lint(name)) == set()


@WAYS
@pytest.mark.parametrize("asked", [True, False])
def test_what_the_project_puts_into_torchtitan_counts(
    project: Path, titan_lint: TitanLint, name: str, written: Written, asked: bool
) -> None:
    (project / name).write_text(written(ENGINE))
    asked_for = [name] if asked else [".", "--extend-include=*.md"]
    at = ("--select=TTN101", *asked_for)
    assert "TTN101" in found(titan_lint(*at))
    (project / "patch.py").write_text(PATCH)
    assert "TTN101" not in found(titan_lint(*at))
    (project / "patch.py").write_text("")
    assert "TTN101" in found(titan_lint(*at))


@WAYS
def test_a_document_in_an_editor_hears_of_its_project(
    project: Path, name: str, written: Written
) -> None:
    (project / "names.py").write_text(THEIRS)
    document = written(USE)
    session = library.Session()
    result = library.lint(document, project / name, session=session)
    assert {finding.code for finding in result.findings} == {"TTN105"}
    session.opened = {str(project / "names.py"): OWN}
    assert not library.lint(document, project / name, session=session).findings


@WAYS
def test_the_project_hears_nothing_of_a_document(
    project: Path, titan_lint: TitanLint, name: str, written: Written
) -> None:
    (project / "engine.py").write_text(ENGINE)
    (project / name).write_text(written(PATCH))
    at = ("--select=TTN101", "engine.py", name)
    assert "TTN101" in found(titan_lint(*at))
