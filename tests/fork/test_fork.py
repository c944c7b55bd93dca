"""A company's torchtitan of its own is checked, fixed and surveyed as torchtitan itself is."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from click.testing import CliRunner
from libcst.metadata import FullRepoManager

from tests.fork.trees import TREES
from tests.projects import LEGACY
from titan_lint.api.changes.records import DataError
from titan_lint.api.fork import SCHEMA, read_changes, read_surface
from titan_lint.cli.compat import compat
from titan_lint.config.settings import load_settings
from titan_lint.libcst import TorchtitanProvider
from titan_lint.run.targets import Targets

if TYPE_CHECKING:
    from tests.projects import TitanLint

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "fork"

ROW = {
    "id": "ACME-1",
    "commit": "5b3f0c2d1",
    "day": "2026-04-02",
    "old": {"paths": ["torchtitan.acme.optim.Muon"]},
    "new": {"path": "torchtitan.optim.muon.Muon"},
    "applicability": "safe",
}
MEMBER = {
    **ROW,
    "old": {"classes": ["torchtitan.acme.data.Loader"], "names": ["next_batch"]},
    "new": {"code": "{owner}.next()"},
}


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the fixture, which runs are made in."""
    root = tmp_path / "acme-copy"
    shutil.copytree(FIXTURE, root, ignore=shutil.ignore_patterns(".*"))
    monkeypatch.chdir(root)
    return root


def _trees(root: Path) -> None:
    for name, files in TREES.items():
        for path, text in files.items():
            (root / name / path).parent.mkdir(parents=True, exist_ok=True)
            (root / name / path).write_text(text)


FOUND = """\
acme/train.py:2:35: TTN202 [*] `torchtitan.acme.optim.Muon` is gone at torchtitan acme-2026-06
acme/train.py:6:14: TTN304 warning: `build_dataloader` is called without `shuffle`, whose default has changed
acme/train.py:6:37: TTN301 [*] `build_dataloader` takes no `batch` at torchtitan acme-2026-06
acme/train.py:7:39: TTN301 [*] `Muon` takes no `ns_steps` at torchtitan acme-2026-06
acme/train.py:8:13: TTN203 [*] `Loader` has no `next_batch` at torchtitan acme-2026-06
"""

FIXED = """\
from torchtitan.acme.data import build_dataloader
from torchtitan.optim.muon import Muon


def train(params, path):
    loader = build_dataloader(path, batch_size=8)
    optimizer = Muon(params, lr=1e-3, newton_steps=6)
    batch = loader.next()
    optimizer.step()
    return batch
"""


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_a_fork_changed_is_found(titan_lint: TitanLint, jobs: str) -> None:
    shutil.copy("acme/train.py", "acme/other.py")
    ran = titan_lint("--output-format=concise", "--jobs", jobs)
    assert ran.status == 1
    assert ran.out.startswith(FOUND.replace("train", "other") + FOUND)
    assert "Checked against torchtitan acme-2026-06 (pyproject.toml:3 asks for " in ran.out


def test_what_a_fork_changed_is_explained_by_its_own_rows(
    acme: Path, titan_lint: TitanLint
) -> None:
    ran = titan_lint("acme")
    assert "note: since 2026-04-02 (fork commit 5b3f0c2d1): optimizers have a package" in ran.out
    assert "it was `True` at torchtitan acme-2026-01, which this code is assumed to be" in ran.out
    changes = acme / "titan/changes.toml"
    changes.write_text(changes.read_text().replace("\nday", '\nrepository = "ml/titan"\nday'))
    assert "since 2026-04-02 (ml/titan commit 5b3f0c2d1)" in titan_lint("acme").out


def test_what_a_fork_changed_is_fixed(acme: Path, titan_lint: TitanLint) -> None:
    ran = titan_lint("--fix", "acme")
    assert (acme / "acme/train.py").read_text() == FIXED
    assert 'write this in the configuration: from = "acme-2026-01"' in ran.err
    (acme / "pyproject.toml").write_text(
        (acme / "pyproject.toml").read_text() + 'from = "acme-2026-01"\n'
    )
    assert "`shuffle`, whose default has changed" in titan_lint("acme").out


@pytest.mark.usefixtures("acme")
def test_a_survey_of_versions_has_those_of_the_fork() -> None:
    ran = CliRunner().invoke(compat, ["acme"])
    assert ran.exit_code == 0
    lines = {line.split()[0]: line.split()[1:] for line in ran.stdout.splitlines() if line}
    assert lines["acme-2026-01"] == ["fits", "0", "0"]
    assert lines["acme-2026-06"][:6] == ["fails", "4", "1", "4", "(+1", "unsafe)"]
    assert lines["0.3.0"][:2] == ["fails", "2"]
    assert "\nfits release acme-2026-01; no main known here\n" in ran.stdout


def test_a_survey_of_versions_takes_the_fork_of_each_project(
    acme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = acme.with_name("other")
    shutil.copytree(acme, other)
    (other / "acme/train.py").write_text("from torchtitan.acme.optim import Muon\n")
    pyproject = (other / "pyproject.toml").read_text()
    (other / "pyproject.toml").write_text(pyproject.replace("2026-06.json", "2026-07.json"))
    surface = (other / "titan/acme-2026-06.json").read_text()
    (other / "titan/acme-2026-07.json").write_text(surface.replace("acme-2026-06", "acme-2026-07"))
    monkeypatch.chdir(acme.parent)
    (acme.parent / "pyproject.toml").write_text('[project]\nname = "both"\n')
    ran = CliRunner().invoke(compat, ["acme-copy", "other"])
    found = [line.split() for line in ran.stdout.splitlines() if line.startswith(("acme-", "0.3"))]
    # In order of their files, each counted for the files whose project names it.
    assert [tuple(row[:3]) for row in found] == [
        ("0.3.0", "fails", "3"),
        ("acme-2026-01", "fits", "0"),
        ("acme-2026-06", "fails", "4"),
        ("acme-2026-01", "fits", "0"),
        ("acme-2026-07", "fails", "1"),
    ]
    # The row of the catalogue of each says what became of it.
    assert "1 (+0 unsafe)" not in ran.stdout
    assert found[-1][3:5] == ["0", "1"]
    ran = CliRunner().invoke(compat, ["acme-copy", "--torchtitan", "acme-2026-06"])
    assert "acme-2026-06" in ran.stdout
    assert ran.exit_code == 1


@pytest.mark.parametrize("configuration", ["", "[tool.titan-lint]\nchanges = []\n"])
def test_repositories_hear_of_the_fork_that_the_configuration_here_names_unless_they_say_it_themselves(
    configuration: str, acme: Path, titan_lint: TitanLint
) -> None:
    bare = acme.with_name("bare")
    bare.mkdir()
    shutil.copy(acme / "acme/train.py", bare / "train.py")
    (bare / "pyproject.toml").write_text(f'[project]\nname = "bare"\n{configuration}')
    arguments = ("--before", "acme-2026-01", "--after", "acme-2026-06", "--output-format", "jsonl")
    ran = titan_lint("survey", *arguments, "--jobs", "1", str(bare), str(acme))
    records = {each["repository"]: each for each in map(json.loads, ran.out.splitlines())}
    assert [each["code"] for each in records["acme-copy"]["new"]] == [
        "TTN202",
        "TTN304",
        "TTN301",
        "TTN301",
        "TTN203",
    ]
    found = [each["code"] for each in records["bare"]["new"]]
    if configuration:
        # It wants no rows: what is gone is known, and what became of it as far as surfaces tell.
        assert "TTN302" in found
        assert "TTN304" not in found
    else:
        assert found == [each["code"] for each in records["acme-copy"]["new"]]
        assert not any(each["left"] for each in records["bare"]["new"] if each["code"] == "TTN202")


def test_another_row_here_is_another_question(acme: Path, titan_lint: TitanLint) -> None:
    bare = acme.with_name("bare")
    bare.mkdir()
    shutil.copy(acme / "acme/train.py", bare / "train.py")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "all")):
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        subprocess.run(["git", *identity, *words], cwd=bare, check=True)
    arguments = ("--before", "acme-2026-01", "--after", "acme-2026-06", "--output-format", "jsonl")
    asked = ("survey", *arguments, "--jobs", "1", str(bare))
    first = json.loads(titan_lint(*asked).out)
    assert json.loads(titan_lint(*asked).out) == first
    (acme / "titan/changes.toml").write_text("")
    assert "TTN304" in {each["code"] for each in first["new"]}
    assert "TTN304" not in {each["code"] for each in json.loads(titan_lint(*asked).out)["new"]}


def test_the_provider_reads_what_the_configuration_tells_of_a_fork(acme: Path) -> None:
    manager = FullRepoManager(acme, ["acme/train.py"], {TorchtitanProvider})
    wrapper = manager.get_metadata_wrapper_for_path("acme/train.py")
    told = wrapper.resolve(TorchtitanProvider)[wrapper.module]
    assert sorted(finding.code for finding in told.findings) == [
        "TTN202",
        "TTN203",
        "TTN301",
        "TTN301",
        "TTN304",
    ]


@pytest.mark.usefixtures("acme")
def test_a_fork_is_known_by_the_names_of_its_surfaces(titan_lint: TitanLint) -> None:
    assert titan_lint("--torchtitan", "acme-2026-01", "acme").out.startswith("All checks passed!")
    ran = titan_lint("--torchtitan", "acme-2025", "acme")
    assert ran.status == 2
    assert "is not known: give `acme-2026-01`, `acme-2026-06`, a release (" in ran.err
    ran = titan_lint("--torchtitan", "titan/acme-2026-01.json", "acme")
    assert ran.out.startswith("All checks passed!")


@pytest.mark.usefixtures("acme")
def test_what_the_torchtitan_of_others_lacks_is_told_to_come_with_the_fork(
    titan_lint: TitanLint,
) -> None:
    ran = titan_lint("--torchtitan", "0.3.0", "acme")
    assert "`torchtitan.acme.optim.Muon` is not there yet at torchtitan 0.3.0" in ran.out
    assert "note: the first known here that has it is torchtitan acme-2026-01" in ran.out


@pytest.mark.usefixtures("acme")
def test_a_fork_is_shown_and_compared_by_name(titan_lint: TitanLint) -> None:
    assert "acme-2026-06    2026-06-30  extracted from" in titan_lint("api", "versions").out
    ran = titan_lint("api", "diff", "acme-2026-01", "acme-2026-06", "torchtitan.acme.data")
    assert "torchtitan.acme.data.build_dataloader(batch): " in ran.out
    ran = titan_lint("api", "check-break", "acme-2026-01", "acme-2026-06")
    assert "[ACME-2, e07a9d4b6]" in ran.out


def test_a_pin_of_the_commit_that_a_surface_was_made_from_means_it(
    acme: Path, titan_lint: TitanLint
) -> None:
    surface = acme / "titan/acme-2026-01.json"
    commit = "0123456789abcdef0123456789abcdef01234567"
    surface.write_text(json.dumps({**json.loads(surface.read_text()), "commit": commit}))
    project = acme / "pyproject.toml"
    project.write_text(project.read_text().replace("@acme-2026-06", f"@{commit}"))
    assert "Checked against torchtitan acme-2026-01 (" in titan_lint("acme").out


def test_a_change_of_a_forks_files_is_seen_by_the_next_run(
    acme: Path, titan_lint: TitanLint
) -> None:
    assert "TTN202" in titan_lint("acme").out
    changes = acme / "titan/changes.toml"
    changes.write_text(changes.read_text().replace("have a package", "share a package"))
    assert "optimizers share a package" in titan_lint("acme").out


def test_each_project_of_a_run_has_its_own_fork(acme: Path, titan_lint: TitanLint) -> None:
    other = acme / "other"
    shutil.copytree(FIXTURE, other, ignore=shutil.ignore_patterns(".*"))
    changes = other / "titan/changes.toml"
    changes.write_text(changes.read_text().replace("optim.muon", "optim.gone"))
    for way in ("acme", "other"), ("other", "acme"):
        ran = titan_lint("--no-cache", "--output-format=concise", *way)
        assert ran.out.count("TTN202") == 2
        assert "acme/train.py:7:39: TTN301 [*] `Muon` takes no `ns_steps`" in ran.out
        assert "other/acme/train.py:7:39: TTN301 `Muon` takes no `ns_steps`" in ran.out


@pytest.mark.usefixtures("acme")
def test_another_process_knows_the_fork() -> None:
    targets = Targets(load_settings({"paths": (".",)}))
    copied: Targets = pickle.loads(pickle.dumps(targets))
    for each in targets, copied:
        (target,) = each.main
        assert target.surface.fork is not None
        assert [surface.version for surface in target.surface.fork.surfaces] == [*TREES]


def test_the_surfaces_of_the_fixture_are_what_is_extracted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, titan_lint: TitanLint
) -> None:
    monkeypatch.chdir(tmp_path)
    _trees(tmp_path)
    for name in TREES:
        kept = (FIXTURE / "titan" / f"{name}.json").read_text()
        day = json.loads(kept)["date"]
        ran = titan_lint("api", "extract", name, "-o", f"{name}.json", "--date", day)
        assert ran.status == 0
        assert Path(f"{name}.json").read_text() == kept
        # The second time it comes from the cache.
        again = titan_lint("api", "extract", name, "--name", name, "--date", day)
        assert again.out == kept


# Trees that are the fork.

USER = """\
from torchtitan.acme.optim import Muon

Muon([], 0.1, 5, 6)
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the fork itself and what uses it, ``fork``, and another project, ``app``; griffe is missing."""
    monkeypatch.chdir(tmp_path)
    _trees(tmp_path)
    (tmp_path / "acme-2026-01").rename("fork")
    (tmp_path / "fork/pyproject.toml").write_text('[project]\nname = "torchtitan"\n')
    (tmp_path / "fork/tool.py").write_text(USER)
    (tmp_path / "app").mkdir()
    (tmp_path / "app/a.py").write_text(LEGACY)
    (tmp_path / "app/requirements.txt").write_text("torchtitan==0.3.0\n")
    monkeypatch.delitem(sys.modules, "titan_lint.api.extract.extract", raising=False)
    monkeypatch.setitem(sys.modules, "griffe", None)
    return tmp_path


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_where_a_fork_cannot_be_read_what_is_not_held_against_it_is_checked(
    tree: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch, jobs: str
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tree)
    (tree / "fork/torchtitan/acme/optim.py").write_text("class Muon(:\n")
    for _ in range(2):
        ran = titan_lint("--output-format=concise", "--jobs", jobs, "fork", "app")
        assert ran.status == 2
        assert ran.err.startswith(
            "error: fork/torchtitan: neither it nor what is held against it is checked: "
            "torchtitan/acme/optim.py:1: not valid Python: "
        )
        assert len(ran.err.splitlines()) == 1
        assert ran.out.startswith("app/a.py:3:23: TTN105 ")
        assert "Checked against torchtitan 0.3.0 (requirements.txt:1 asks for" in ran.out


def test_a_fork_whose_surface_is_named_needs_no_griffe(tree: Path, titan_lint: TitanLint) -> None:
    shutil.copy(FIXTURE / "titan/acme-2026-01.json", tree / "fork")
    (tree / "fork/titan-lint.toml").write_text('surfaces = ["acme-2026-01.json"]\n')
    ran = titan_lint("--output-format=concise", "fork", "app")
    assert ran.status == 1
    assert "fork/tool.py:3:18: TTN303 `Muon` takes 3 " in ran.out
    assert ran.err == ""
    # It is told by its files: another tree is not that one.
    (tree / "fork/torchtitan/acme/more.py").write_text("x = 1\n")
    assert "are not judged: that needs griffe" in titan_lint("fork").out


def test_a_text_of_a_fork_that_cannot_be_read_is_not_checked(
    tree: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(tree)
    (tree / "fork/torchtitan/acme/optim.py").write_text("class Muon(:\n")
    ran = titan_lint("-", "--stdin-filename", "fork/tool.py", stdin=USER.encode())
    assert ran.status == 2
    assert "not valid Python" in ran.err


@pytest.mark.usefixtures("tree")
def test_of_a_fork_that_is_no_known_torchtitan_nothing_is_said_without_griffe(
    titan_lint: TitanLint,
) -> None:
    ran = titan_lint("--output-format=concise", "fork", "app")
    assert ran.err == ""
    assert [line.split()[1] for line in ran.out.splitlines() if line.startswith("fork/")] == []
    assert ran.out.startswith("app/a.py:3:23: TTN105 ")


# Files that are wrong.


def _written(tmp_path: Path, value: object) -> Path:
    path = tmp_path / "changes.json"
    path.write_text(json.dumps(value))
    return path


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "expected an object with rows by their kind, found none"),
        ({"moves": [ROW]}, "moves: no such kind of rows; there are `attributes`, `defaults`, "),
        ({"imports": ROW}, "imports: expected an array of rows"),
        ({"imports": [ROW, 1]}, "imports, row 2: 1 is no object"),
        (
            {"imports": [{**ROW, "new": {"paths": "x"}}]},
            "imports, row 1 (ACME-1): new.paths: no such key; there are `path`",
        ),
        (
            {"imports": [{**ROW, "day": "April"}]},
            "imports, row 1 (ACME-1): day: 'April' is no day such as 2026-06-30",
        ),
        (
            {"imports": [{**ROW, "id": "C8"}]},
            "imports, row 1 (C8): id: `C8` may be one of titan-lint's own; choose another, such as",
        ),
        (
            {"imports": [{**ROW, "old": {"paths": ["acme.optim"]}}]},
            "imports, row 1 (ACME-1): old.paths: `acme.optim` is no path of a torchtitan; those",
        ),
        (
            {"attributes": [{**MEMBER, "new": {"code": "{owner}.("}}]},
            "attributes, row 1 (ACME-1): new.code: 'owner.(' is no expression of Python",
        ),
    ],
)
def test_a_row_that_is_wrong_is_told_with_its_place(
    tmp_path: Path, value: object, message: str
) -> None:
    path = _written(tmp_path, value)
    with pytest.raises(DataError) as error:
        read_changes([str(path)])
    place, told = str(error.value).partition("changes.json")[::2]
    assert place == f"{tmp_path}{os.sep}"
    assert told.lstrip(":, ").startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[imports]\n", "titan/changes.toml: no TOML: "),
        ("[[imports]]\nid = 1\n", "titan/changes.toml, imports, row 1 (1): id: 1 is no string"),
        (None, "titan/changes.toml: cannot be read: No such file or directory"),
    ],
)
def test_a_file_of_changes_that_is_wrong_ends_the_run(
    acme: Path, titan_lint: TitanLint, text: str | None, message: str
) -> None:
    path = acme / "titan/changes.toml"
    path.unlink()
    if text is not None:
        path.write_text(text)
    # Also where nothing uses torchtitan.
    (acme / "empty").mkdir()
    for paths in ("acme", "empty"):
        ran = titan_lint(paths)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith(f"error: pyproject.toml: tool.titan-lint.changes: {message}")
        assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"modules": {}}, "its `modules` are not those that were extracted; write it anew with"),
        ({"modules": 1}, "no file of this version of `titan-lint api extract`; write it anew with"),
        ({"version": 2}, "no file of this version of `titan-lint api extract`; write it anew with"),
        ({"name": None}, "name: missing; give it one such as `acme-2026-06`"),
        ({"name": "0.3.0"}, "name: '0.3.0' is none, or has a meaning already; give it one such"),
        ({"name": "main"}, "name: 'main' is none, or has a meaning already; give it one such"),
        ({"name": "acme-2026-01"}, "two surfaces are called 'acme-2026-01'; give one another"),
        ({"date": None}, "date: missing; give it the day of its code, such as 2026-06-30"),
        ({"date": "June"}, "date: 'June' is no day; give it the day of its code, such as"),
    ],
)
def test_a_surface_that_is_wrong_ends_the_run(
    acme: Path, titan_lint: TitanLint, change: dict[str, Any], message: str
) -> None:
    path = acme / "titan/acme-2026-06.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    ran = titan_lint("acme")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("error: pyproject.toml: tool.titan-lint.surfaces: ")
    assert message in ran.err


def test_files_of_a_fork_lie_in_the_project(acme: Path, titan_lint: TitanLint) -> None:
    for setting in ("surfaces", "changes"):
        (acme / "titan-lint.toml").write_text(f'{setting} = ["../elsewhere.json"]\n')
        ran = titan_lint("acme")
        assert ran.status == 2
        assert f"error: titan-lint.toml: {setting}: must lie inside " in ran.err


def test_the_schema_takes_what_is_read_and_refuses_what_is_not(tmp_path: Path) -> None:
    schema = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text("utf-8")))
    good = {"$schema": "changes.schema.json", "imports": [ROW], "attributes": [MEMBER]}
    schema.validate(good)
    assert len(read_changes([str(_written(tmp_path, good))])) == 2
    for wrong in {"moves": [ROW]}, {"imports": [{**ROW, "days": 1}]}, {"attributes": [ROW]}:
        assert not schema.is_valid(wrong)
        with pytest.raises(DataError):
            read_changes([str(_written(tmp_path, wrong))])


def test_the_schema_is_printed(titan_lint: TitanLint) -> None:
    assert titan_lint("api", "schema").out == SCHEMA.read_text("utf-8")


def test_a_day_of_toml_needs_no_quotes(tmp_path: Path) -> None:
    path = tmp_path / "changes.toml"
    text = (FIXTURE / "titan/changes.toml").read_text()
    path.write_text(text.replace('"2026-04-02"', "2026-04-02"))
    days = [row.day for rows in read_changes([os.fspath(path)]).values() for row in rows]
    assert days.count("2026-04-02") == 2


def test_a_surface_has_the_name_and_the_day_of_its_file() -> None:
    surface = read_surface(str(FIXTURE / "titan/acme-2026-06.json"))
    assert (surface.version, str(surface.day)) == ("acme-2026-06", "2026-06-30")


LAYOUTS = {
    "first year": ("config_manager.py", "parallelisms/__init__.py"),
    "three days of 2025-02": ("config_manager.py", "distributed/__init__.py"),
    "since": ("train.py", "distributed/__init__.py"),
}


@pytest.mark.parametrize("files", LAYOUTS.values(), ids=LAYOUTS)
def test_a_torchtitan_of_any_age_is_held_against_itself(
    files: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, titan_lint: TitanLint
) -> None:
    monkeypatch.chdir(tmp_path)
    package = tmp_path / "torchtitan"
    for name in (*files, "logging.py", "models/norms.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("")
    (package / "logging.py").write_text("def init_logger(): ...\n")
    user = "from torchtitan.logging import init_logger\nfrom torchtitan.models.norms import {}\n"
    (package / "models/norms.py").write_text("def build_norm(kind): ...\n")
    (tmp_path / "main.py").write_text(user.format("build_norm"))
    ran = titan_lint(".")
    assert (ran.status, ran.err) == (0, ""), ran.out
    assert "the project is a torchtitan itself" in ran.out
    (tmp_path / "main.py").write_text(user.format("build_norms"))
    assert "TTN201" in titan_lint("--output-format=concise", ".").out


def test_a_folder_called_torchtitan_without_its_code_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, titan_lint: TitanLint
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "torchtitan").mkdir()
    (tmp_path / "torchtitan/train.py").write_text("from torchtitan.tools import gone\n")
    assert "TTN201" in titan_lint("--output-format=concise", "--torchtitan=0.3.0", ".").out


def test_a_folder_called_torchtitan_is_part_of_the_project_where_it_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, titan_lint: TitanLint
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "torchtitan/train_configs").mkdir(parents=True)
    (tmp_path / "torchtitan/train.py").write_text("from config_manager import JobConfig\n")
    job = '[job]\ndump_folder = "o"\n\n[model]\nname = "llama3"\nflavor = "8B"\n\n[training]\nsteps = 10\n'
    (tmp_path / "torchtitan/train_configs/debug.toml").write_text(job)
    assert "TTN503" in titan_lint("--output-format=concise", ".").out
    (tmp_path / "torchtitan/config_manager.py").write_text(
        '"""Options of torchtitan\'s kind."""\nimport tomllib\n\n\nclass JobConfig:\n    read = tomllib.load\n'
    )
    ran = titan_lint(".")
    assert (ran.status, ran.err) == (0, ""), ran.out


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads what needs 3.12")
def test_a_fork_that_needs_a_newer_python_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, titan_lint: TitanLint
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in LAYOUTS["since"]:
        (tmp_path / "torchtitan" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "torchtitan" / name).touch()
    (tmp_path / "main.py").write_text("from torchtitan.loss import told\n")
    (tmp_path / "torchtitan/loss.py").write_text('def told(row):\n    return f"{row["text"]}"\n')
    ran = titan_lint(".")
    assert ran.status == 2
    assert "torchtitan/loss.py:2: not valid Python: " in ran.err
    assert "need Python 3.12 (PEP 701); read by Python 3.11" in ran.err
