"""One run over many projects: each file is judged by the nearest configuration and pin."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.projects import LEGACY
from titan_lint import library

if TYPE_CHECKING:
    from tests.projects import TitanLint

USE = """\
from torchtitan.components.lr_scheduler import LRSchedulersContainer
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B_varlen")
"""

COMMIT = "7cec16600aa6a0de0cb3bb9bd7c5a3ae8b3c5a29"

PROJECTS = {
    "conda/environment.yml": "dependencies:\n  - pip:\n    - torchtitan==0.2.1\n",
    "docker/Dockerfile": "FROM x\nRUN pip install torch \\\n    torchtitan==0.2.0\n",
    "fork/pyproject.toml": '[tool.uv.sources]\ntorchtitan = {git = "https://github.com/acme/torchtitan", branch = "acme-main"}\n',
    "poetry/pyproject.toml": '[tool.poetry.dependencies]\ntorchtitan = "~0.2.1"\n',
    "poetry/poetry.lock": '[[package]]\nname = "torchtitan"\nversion = "0.2.2"\n',
    "settled/titan-lint.toml": 'extend = "../shared.toml"\ntorchtitan = "0.3.0"\n',
    "shared.toml": 'select = ["TTN2"]\nseverity = {TTN202 = "warning"}\n',
    "sub/.gitmodules": '[submodule "titan"]\n\tpath = titan\n\turl = https://github.com/pytorch/torchtitan\n',
    "requirements/base.txt": "torchtitan==0.3.0\n",
}
"""Six projects in folders of their own, each with another kind of pin, and the repository's own pin."""

FOLDERS = ("conda", "docker", "fork", "poetry", "settled", "sub", "tools/deep")

JUDGED = {
    "requirements": ["0.3.0"],
    "conda": ["0.2.1"],
    "docker": ["0.2.0"],
    "fork": ["NEWEST"],
    "poetry": ["0.2.2"],
    "settled": ["0.3.0"],
    "sub": ["main@7cec16600"],
}


@pytest.fixture
def monorepo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "monorepo"
    for name, text in PROJECTS.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for folder in FOLDERS:
        (root / folder / "engine").mkdir(parents=True)
        (root / folder / "engine" / "a.py").write_text(USE)
    (root / ".git").mkdir()
    for command in (
        ("init",),
        ("update-index", "--add", "--cacheinfo", f"160000,{COMMIT},titan"),
    ):
        subprocess.run(["git", *command], cwd=root / "sub", check=True, capture_output=True)
    monkeypatch.chdir(root)
    return root


def _judged(out: str) -> dict[str, list[str]]:
    return {project["path"]: project["targets"] for project in json.loads(out)["projects"]}


def test_every_project_is_judged_at_its_own_pin(monorepo: Path, titan_lint: TitanLint) -> None:
    from titan_lint.api.targets import parse

    (newest,) = parse("main")
    expected = {
        ("." if name == "requirements" else name): [
            newest.surface.key if t == "NEWEST" else t for t in targets
        ]
        for name, targets in JUDGED.items()
    }
    ran = titan_lint("--output-format", "json")
    assert _judged(ran.out) == expected
    assert ran.status == 1
    found = json.loads(ran.out)["findings"]
    at = {(f["path"].partition("/")[0], f["code"]) for f in found}
    # What was moved after 0.2.2 is missing where the later one is asked for, and there alone.
    assert ("poetry", "TTN202") not in at
    assert {("settled", "TTN202"), ("tools", "TTN202"), ("sub", "TTN202")} & at
    (settled,) = [f for f in found if f["path"] == "settled/engine/a.py"]
    assert (settled["code"], settled["severity"]) == ("TTN202", "warning")
    assert [f["path"] for f in found] == sorted(f["path"] for f in found)


def test_the_summary_has_a_line_for_each_project(monorepo: Path, titan_lint: TitanLint) -> None:
    lines = [line for line in titan_lint().out.splitlines() if line.startswith("Checked ")]
    assert [line.split(" ")[1] for line in lines] == [
        ".",
        *sorted(JUDGED.keys() - {"requirements"}),
    ]
    assert lines[2] == (
        "Checked docker against torchtitan 0.2.0 (Dockerfile:3 asks for `torchtitan==0.2.0`)."
    )
    assert "which torchtitan the branch 'acme-main' is cannot be told" in lines[3]
    assert lines[3].endswith("; the newest main known here stands in).")
    assert "(titan is at `7cec16600a`)" in lines[-1]


def test_any_number_of_processes_any_order_and_the_cache_say_the_same(
    monorepo: Path, titan_lint: TitanLint
) -> None:
    asked = ("--output-format", "json")
    first = titan_lint(*asked, "--no-cache", "-j1").out
    for more in (("-j3", "--no-cache"), (), (), ("-j2",)):
        assert titan_lint(*asked, *more).out == first
    for order in (FOLDERS, FOLDERS[::-1]):
        assert titan_lint(*asked, *order).out == first
    # What is remembered of one project is not held for another when its pin changes.
    Path("docker", "Dockerfile").write_text("RUN pip install torchtitan==0.3.0\n")
    assert _judged(titan_lint(*asked).out)["docker"] == ["0.3.0"]
    Path("docker", "Dockerfile").unlink()
    assert "docker" not in _judged(titan_lint(*asked).out)


def test_a_file_alone_is_judged_like_in_a_run_over_all(
    monorepo: Path, titan_lint: TitanLint
) -> None:
    everything = json.loads(titan_lint("--output-format", "json").out)["findings"]
    for folder in FOLDERS:
        path = f"{folder}/engine/a.py"
        mine = [(f["code"], f["severity"]) for f in everything if f["path"] == path]
        for here in (".", folder):
            os.chdir(monorepo / here)
            alone = titan_lint(str(monorepo / path), "--output-format", "json", "--no-cache")
            assert [(f["code"], f["severity"]) for f in json.loads(alone.out)["findings"]] == mine
        os.chdir(monorepo)
        result = library.lint(USE, path)
        assert [(f.code, f.severity.value) for f in result.findings] == mine


@pytest.mark.parametrize("asked", [("--torchtitan", "0.2.2"), ("--config", "shared.toml")])
def test_the_command_line_goes_before_all_of_them(
    monorepo: Path, titan_lint: TitanLint, asked: tuple[str, ...]
) -> None:
    Path("shared.toml").write_text('torchtitan = "0.2.2"\n')
    ran = titan_lint(*asked, "--output-format", "json")
    assert _judged(ran.out) == {".": ["0.2.2"]}
    lines = [line for line in titan_lint(*asked).out.splitlines() if line.startswith("Checked ")]
    # The fork's pin is told, since code may have been written for it.
    assert lines[0] == "Checked against torchtitan 0.2.2 (as asked)."
    assert lines[1].startswith("Checked against torchtitan 0.2.2 (as asked; fork/pyproject.toml:2")
    assert len(lines) == 2


def test_each_project_has_its_own_baseline_exclusions_and_rules(
    monorepo: Path, titan_lint: TitanLint
) -> None:
    Path("settled", "titan-lint.toml").write_text('baseline = "known.json"\n')
    Path("poetry", "titan-lint.toml").write_text('exclude = ["engine"]\n')
    Path("docker", "titan-lint.toml").write_text('ignore = ["TTN"]\n')
    titan_lint("--write-baseline", "settled/known.json", "settled")
    found = json.loads(titan_lint("--output-format", "json").out)["findings"]
    assert {f["path"].partition("/")[0] for f in found} == {"conda", "fork", "sub", "tools"}
    assert "poetry/engine/a.py" not in titan_lint("--show-files").out
    forced = titan_lint("--force-exclude", "--show-files", "poetry/engine/a.py")
    assert forced.out == ""


def test_what_is_wrong_with_a_nested_configuration_ends_the_run(
    monorepo: Path, titan_lint: TitanLint
) -> None:
    Path("poetry", "titan-lint.toml").write_text("nonsense = 1\n")
    for paths in ((), ("poetry/engine/a.py", "docker")):
        ran = titan_lint(*paths)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith("error: poetry/titan-lint.toml: nonsense: unknown setting")
    assert titan_lint("--isolated").status == 1


def test_a_pin_above_the_repository_is_none_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, titan_lint: TitanLint
) -> None:
    (tmp_path / "requirements.txt").write_text("torchtitan==0.2.2\n")
    repository = tmp_path / "repository"
    (repository / "sub").mkdir(parents=True)
    (repository / "sub" / "a.py").write_text(LEGACY)
    monkeypatch.chdir(repository / "sub")
    assert "requirements.txt:1 asks for" in titan_lint("--no-cache").out
    (repository / ".git").mkdir()
    assert "nothing in the project pins one" in titan_lint("--no-cache").out


def test_every_project_is_fixed_for_its_own_target(monorepo: Path, titan_lint: TitanLint) -> None:
    titan_lint("--fix")
    assert Path("poetry/engine/a.py").read_text() == USE
    assert Path("tools/deep/engine/a.py").read_text() != USE


def test_compat_needs_no_pin(monorepo: Path, titan_lint: TitanLint) -> None:
    found = library.compat()
    assert found.errors == ()
    by_name = {fit.name: fit for fit in found.fits}
    # All seven files fail at the release that has what they import in another place.
    assert by_name["0.3.0"].by_code["TTN202"] == len(FOLDERS)
    assert by_name["0.3.0"].errors > 0
    assert not by_name["0.2.2"].fits
