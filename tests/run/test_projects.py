"""The files of a project are asked together which torchtitan they were written for."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from titan_lint.check import lint as lint_module
from titan_lint.cli.compat import compat
from titan_lint.run import projects as projects_module
from titan_lint.run.projects import Projects

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

OLD = """\
from torchtitan.config import ParallelismConfig

print(ParallelismConfig(expert_tensor_parallel_degree=1))
"""
"""Fits main up to 2026-04-28: expert tensor parallelism went with c4b409af2 (2026-04-30)."""

OPEN = """\
from torchtitan.config import ParallelismConfig

print(ParallelismConfig(tensor_parallel_degree=2))
"""
"""Fits every version of 2026 by itself; what its default means changed at 5ab3a0fd1 (2026-08-18)."""

NEW = """\
from torchtitan.components.optimizer import LRSchedulersContainer
"""
"""Fits nothing before 203f9a806 (2026-08-18)."""

AT = ("--select", "ALL", "--torchtitan", "0.3.0", "--output-format", "concise")


def reported(out: str) -> list[str]:
    """The files with a TTN304."""
    return [line.split(":")[0] for line in out.splitlines() if "TTN304" in line]


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)


def test_a_file_is_judged_by_what_its_project_fits(project: Path, titan_lint: TitanLint) -> None:
    write(project, other=OPEN)
    assert reported(titan_lint(*AT).out) == []
    write(project / "engine", old=OLD)
    out = titan_lint(*AT).out
    assert reported(out) == ["engine/old.py", "other.py"]
    told = titan_lint(*AT[:-1], "full").out
    assert "at torchtitan main of 2026-02-23 to 2026-04-28" in told
    assert "which this code is assumed to be written for" in told


@pytest.mark.parametrize("cache", [(), ("--no-cache",)])
def test_a_file_alone_has_the_findings_that_it_has_in_its_project(
    project: Path, titan_lint: TitanLint, cache: tuple[str, ...]
) -> None:
    write(project, other=OPEN)
    write(project / "engine", old=OLD)
    for _ in range(2):
        for name in ("other.py", "engine/old.py"):
            assert reported(titan_lint(*AT, *cache, name).out) == [name]
        assert reported(titan_lint(*AT, *cache).out) == ["engine/old.py", "other.py"]
        assert reported(titan_lint(*AT, *cache, "engine").out) == ["engine/old.py"]
    write(project / "engine", old=NEW)
    assert reported(titan_lint(*AT, *cache, "other.py").out) == []


def test_what_a_run_leaves_out_tells_nothing_of_a_file_alone_either(
    project: Path, titan_lint: TitanLint
) -> None:
    write(project, other=OPEN)
    write(project / "left", old=OLD)
    assert reported(titan_lint(*AT, "--exclude", "left").out) == []
    assert reported(titan_lint(*AT, "--exclude", "left", "other.py").out) == []
    assert reported(titan_lint(*AT, "other.py").out) == ["other.py"]


def test_a_project_inside_another_one_tells_it_nothing(
    project: Path, titan_lint: TitanLint
) -> None:
    write(project, other=OPEN)
    write(project / "inner", old=OLD)
    (project / "inner" / "pyproject.toml").touch()
    assert reported(titan_lint(*AT).out) == ["inner/old.py"]
    assert reported(titan_lint(*AT, "other.py").out) == []


def test_loose_files_do_not_ask_what_lies_below_them(
    tmp_path: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, other=OPEN)
    write(tmp_path / "below", old=OLD)
    write(tmp_path / "beside" / "it", old=OLD)
    assert reported(titan_lint(*AT, "other.py").out) == []
    assert reported(titan_lint(*AT).out) == ["below/old.py", "beside/it/old.py"]


def test_where_no_version_fits_all_each_file_answers_for_itself(
    project: Path, titan_lint: TitanLint
) -> None:
    write(project, other=OPEN, old=OLD, new=NEW)
    assert reported(titan_lint(*AT).out) == ["old.py"]


@pytest.mark.parametrize("mark", ["pyproject.toml", "setup.py", "setup.cfg", ".git"])
def test_projects_beside_each_other_are_two(
    project: Path, titan_lint: TitanLint, mark: str
) -> None:
    write(project / "one", old=OLD)
    write(project / "two", other=OPEN)
    assert reported(titan_lint(*AT).out) == ["one/old.py", "two/other.py"]
    (project / "two" / mark).write_text("")
    assert reported(titan_lint(*AT).out) == ["one/old.py"]


def test_packages_that_lie_beside_each_other_in_no_project_are_two(
    tmp_path: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "one" / "inner", __init__="", old=OLD)
    write(tmp_path / "one", __init__="", other=OPEN)
    write(tmp_path / "two", __init__="", other=OPEN)
    assert reported(titan_lint(*AT, ".").out) == ["one/inner/old.py", "one/other.py"]


@pytest.mark.parametrize(
    ("beside", "is_kept"),
    [
        ("from pkg import Training\n", True),
        ("import pkg.sections\n\npkg.sections.Training(steps=3)\n", True),
        ("def test_it(mock):\n    mock.setattr('pkg.sections.Training', 1)\n", True),
        ("from other import Training\n", False),
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_a_program_beside_a_package_that_names_it_is_of_its_project(
    tmp_path: Path,
    titan_lint: TitanLint,
    monkeypatch: pytest.MonkeyPatch,
    beside: str,
    is_kept: bool,
    alone: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path / "pkg",
        __init__="from .sections import *\n",
        sections="from torchtitan.config.job_config import Training\n\nLIMIT = Training(steps=4).steps\n",
    )
    write(tmp_path, main=beside)
    at = "pkg/sections.py" if alone else "."
    diff = titan_lint("--isolated", "--torchtitan=0.3.0", "--diff", at).out
    assert ("import TrainingConfig as Training" in diff) is is_kept


@pytest.mark.parametrize("folder", ["patches", "patches/distributed", "a/b/c/d"])
@pytest.mark.parametrize("alone", [False, True])
def test_folders_of_a_package_that_say_nothing_are_of_its_project(
    tmp_path: Path,
    titan_lint: TitanLint,
    monkeypatch: pytest.MonkeyPatch,
    folder: str,
    alone: bool,
) -> None:
    """A wheel unpacked: nothing marks the project, and some of its folders have no ``__init__.py``."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "plugin", __init__="", call=CALL)
    write(tmp_path / "plugin" / "models" / "llama3", call=CALL)
    at = [*EARLY, "plugin/models/llama3/call.py"] if alone else [*EARLY, "."]
    assert "TTN301" in titan_lint(*at).out
    write(tmp_path / "plugin" / folder, patch=PATCH)
    assert titan_lint(*at).status == 0


def test_what_such_folders_import_of_each_other_is_followed(
    tmp_path: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "plugin", __init__="")
    write(
        tmp_path / "plugin" / "config",
        kept="from torchtitan.config import ParallelismConfig\n\nGiven = ParallelismConfig\n",
    )
    use = "from {}config.kept import Given\n\nprint(Given().expert_tensor_parallel_degree)\n"
    write(tmp_path / "plugin" / "models" / "llama3", near=use.format("..."))
    write(tmp_path / "plugin" / "models" / "llama3", far=use.format("plugin."))
    out = titan_lint(
        "--select", "TTN203", "--torchtitan", "0.3.0", "--output-format=concise", "."
    ).out
    assert [line.split(":")[0] for line in out.splitlines() if "TTN203" in line] == [
        "plugin/models/llama3/far.py",
        "plugin/models/llama3/near.py",
    ]


def test_the_version_that_is_named_goes_first(project: Path, titan_lint: TitanLint) -> None:
    write(project, other=OPEN, old=OLD)
    assert reported(titan_lint(*AT, "--from", "0.3.0").out) == []


@pytest.mark.parametrize("jobs", ["1", "2", "3"])
def test_the_answer_depends_neither_on_processes_nor_on_order(
    project: Path, titan_lint: TitanLint, jobs: str
) -> None:
    names = [f"f{number}" for number in range(12)]
    write(project, old=OLD, **dict.fromkeys(names, OPEN))
    random.Random(jobs).shuffle(names)
    found = titan_lint(*AT, "-j", jobs, "--no-cache", *(f"{n}.py" for n in names), "old.py").out
    assert reported(found) == sorted([*(f"{n}.py" for n in names), "old.py"])


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_is_fixed_first_does_not_change_the_answer(
    project: Path, titan_lint: TitanLint, jobs: str
) -> None:
    fixable = "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
    write(project, a=fixable + OLD, b=OPEN, c=OPEN)
    ran = titan_lint(*AT, "--fix", "-j", jobs, "--no-cache")
    assert "components.optimizer" in (project / "a.py").read_text()
    assert reported(ran.out) == []
    for name in ("a", "b", "c"):
        assert 'spmd_backend="partial_dtensor"' in (project / f"{name}.py").read_text()


def test_the_fix_keeps_what_the_default_meant(project: Path, titan_lint: TitanLint) -> None:
    write(project, old=OLD, other=OPEN)
    titan_lint(*AT, "--fix", "--unsafe-fixes")
    assert 'spmd_backend="partial_dtensor"' in (project / "other.py").read_text()


def test_a_finding_from_the_cache_is_never_of_another_era(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    linted: list[str] = []
    original = lint_module.lint

    def lint(source, **options):  # type: ignore[no-untyped-def]
        linted.append(source.path)
        return original(source, **options)

    monkeypatch.setattr(lint_module, "lint", lint)
    plain = "import torchtitan\n"
    write(project, old=OLD, other=OPEN, plain=plain)
    assert reported(titan_lint(*AT).out) == ["old.py", "other.py"]
    linted.clear()
    assert reported(titan_lint(*AT).out) == ["old.py", "other.py"]
    assert linted == []
    # The file that the era came from is fixed; the others did not change.
    write(project, old=NEW)
    assert reported(titan_lint(*AT).out) == []
    assert sorted(linted) == ["old.py", "other.py"]
    write(project, old=OLD)
    assert reported(titan_lint(*AT).out) == ["old.py", "other.py"]
    linted.clear()
    assert reported(titan_lint(*AT, "other.py").out) == ["other.py"]
    assert linted == []


def test_a_file_that_cannot_be_read_as_python_tells_nothing(
    project: Path, titan_lint: TitanLint
) -> None:
    write(project, other=OPEN, old=OLD, broken="import torchtitan\nclass\n")
    ran = titan_lint(*AT)
    assert reported(ran.out) == ["old.py", "other.py"]
    assert ran.status == 2


def test_compat_counts_what_a_check_finds(project: Path, titan_lint: TitanLint) -> None:
    write(project, other=OPEN, old=OLD)
    ran = CliRunner().invoke(compat, ["--output-format", "json", "."])
    (newest,) = (fit for fit in json.loads(ran.output)["fits"] if fit["key"] == "0.3.0")
    assert newest["rules"]["TTN304"] == len(reported(titan_lint(*AT).out)) == 2


def test_the_digest_of_a_project_is_made_once_for_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    paths = [str(tmp_path / f"{number}.py") for number in range(50)]
    asked: list[str] = []

    class Digests(dict[str, str]):
        def __getitem__(self, path: str) -> str:
            asked.append(path)
            return path

    projects = Projects(paths)
    assert len({projects.digest(path, Digests()) for path in paths}) == 1
    assert sorted(asked) == sorted(paths)
    assert projects.digest(str(tmp_path / "other.py"), Digests()) == ""


def test_what_other_files_say_is_read_when_it_is_asked_for(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked of them where nothing is found, and ``--fix`` asks for no more than a check."""
    walked: list[str] = []
    original = projects_module.below

    def below(root, settings, enters):  # type: ignore[no-untyped-def]
        walked.append(root)
        return original(root, settings, enters)

    monkeypatch.setattr(projects_module, "below", below)
    call = "from torchtitan.config import ParallelismConfig\n\nold = ParallelismConfig({})\n"
    write(project, fine=call.format('spmd_backend="spmd_types"'), other=OPEN)
    titan_lint(*AT, "--fix", "--no-cache", "fine.py")
    assert walked == []
    titan_lint(*AT, "--fix", "--no-cache", "other.py")
    assert walked == [str(project)]


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_file_that_was_fixed_says_what_it_said_before(
    project: Path, titan_lint: TitanLint, order: str, jobs: str
) -> None:
    """A name that may be asked for stays, though the file that may ask for it is fixed first."""
    asked = "from torchtitan.config.job_config import Training\n\nDEFAULT = Training(steps=1)\n"
    asking = (
        f"import {order[0]}\n"
        "from torchtitan.config.job_config import Training\n\n"
        f'def both(one: "Training" = {order[0]}.DEFAULT):\n    return one, Training(steps=2)\n'
    )
    write(project, **{order[0]: asked, order[1]: asking})
    titan_lint(*AT, "--fix", "--no-cache", "-j", jobs)
    assert "Training(" in (project / f"{order[0]}.py").read_text()
    assert "TrainingConfig(" in (project / f"{order[1]}.py").read_text()


PATCH = """\
import torchtitan.distributed.context_parallel as titan_cp


def apply_cp(modules, mesh, kind, job_config=None):
    pass


titan_cp.apply_cp_to_attention_module = apply_cp
"""
"""As plugins for other devices do it: all files call theirs from now on."""

CALL = """\
from torchtitan.distributed.context_parallel import apply_cp_to_attention_module


def shard(modules, mesh, job_config):
    apply_cp_to_attention_module(modules, mesh, "ulysses", job_config=job_config)
"""

SETATTR = PATCH.replace(
    "titan_cp.apply_cp_to_attention_module = apply_cp",
    'setattr(titan_cp, "apply_cp_to_attention_module", apply_cp)',
)
EARLY = ("--select", "ALL", "--torchtitan", "0.2.2", "--output-format", "concise")
MODULE = 'import sys\n\nsys.modules["torchtitan.distributed.context_parallel"] = object()\n'


@pytest.mark.parametrize("patch", [PATCH, SETATTR, MODULE])
def test_what_the_project_puts_in_the_place_of_a_function_is_not_torchtitans(
    project: Path, titan_lint: TitanLint, patch: str
) -> None:
    write(project, call=CALL)
    assert "TTN301" in titan_lint(*EARLY).out
    write(project / "plugin", patch=patch)
    assert titan_lint(*EARLY).status == 0
    assert titan_lint(*EARLY, "--no-cache", "-j", "2").status == 0
    write(project / "plugin", patch="import torchtitan\n")
    assert "TTN301" in titan_lint(*EARLY).out


def test_what_a_test_replaces_is_torchtitans_everywhere_else(
    project: Path, titan_lint: TitanLint
) -> None:
    write(project, call=CALL)
    write(project / "tests", test_cp=PATCH)
    out = titan_lint(*EARLY).out
    assert "call.py:5" in out


def test_a_registry_of_the_projects_own_is_not_told_about_backends(
    project: Path, titan_lint: TitanLint
) -> None:
    engine = (
        "from torchtitan.models.llama3 import model_registry\n\n\n"
        "def build(flavor, attn_type):\n"
        "    spec = model_registry(flavor)\n"
        '    if hasattr(spec.model, "layer"):\n'
        "        spec.model.layer.attention.attn_backend = attn_type\n"
        "    return spec\n"
    )
    write(project, engine=engine)
    assert "TTN101" in titan_lint(*AT).out
    patch = (
        "import torchtitan.models.llama3\n\n\n"
        "torchtitan.models.llama3.model_registry = lambda flavor: None\n"
    )
    write(project, patch=patch)
    assert "TTN101" not in titan_lint(*AT).out


def test_nothing_can_be_put_into_a_module_that_is_gone(
    project: Path, titan_lint: TitanLint
) -> None:
    patch = "import torchtitan.models.llama3.model.model as titan\n\ntitan.Attention = object\n"
    write(project, patch=patch, use="from torchtitan.models.llama3.model.model import Attention\n")
    assert "use.py:1" in titan_lint(*AT).out


def pinned(folder: Path, pin: str) -> None:
    (folder / "pyproject.toml").write_text("[tool.titan-lint]\n")
    (folder / "requirements.txt").write_text(f"{pin}\n")


@pytest.mark.parametrize(
    ("pin", "found"),
    [
        ("torchtitan==0.1.0.dev20260604", ["other.py"]),
        ("torchtitan @ git+https://github.com/pytorch/torchtitan@203f9a806", ["other.py"]),
        ("torchtitan==0.3.0", []),
        # It has no `ParallelismConfig`.
        ("torchtitan==0.2.2", []),
        # Open, or later than all that is known: the files answer.
        ("torchtitan>=0.2.2", []),
        ("torchtitan @ git+https://github.com/pytorch/torchtitan", []),
        ("torchtitan==0.1.0.dev20991231", []),
    ],
)
def test_a_pin_tells_what_code_is_written_for_where_another_target_is_asked_for(
    project: Path, titan_lint: TitanLint, pin: str, found: list[str]
) -> None:
    write(project, other=OPEN)
    assert reported(titan_lint(*AT).out) == []
    pinned(project, pin)
    # The cache knows the same files without the pin.
    assert reported(titan_lint(*AT).out) == found
    titan_lint(*AT, "--fix")
    assert ("partial_dtensor" in (project / "other.py").read_text()) == bool(found)


def test_a_default_that_changed_on_the_way_to_a_pin_is_not_told(
    project: Path, titan_lint: TitanLint
) -> None:
    write(project, other=OPEN)
    # Between the last known main with the old default and the first with the new one.
    pinned(project, "torchtitan==0.1.0.dev20260818")
    assert reported(titan_lint(*AT).out) == []


def test_the_version_that_is_named_goes_before_a_pin(project: Path, titan_lint: TitanLint) -> None:
    write(project, other=OPEN)
    pinned(project, "torchtitan==0.1.0.dev20260604")
    assert reported(titan_lint(*AT, "--from", "0.3.0").out) == []


def test_compat_goes_by_the_same_pin(project: Path, titan_lint: TitanLint) -> None:
    write(project, other=OPEN)
    pinned(project, "torchtitan==0.1.0.dev20260604")
    ran = CliRunner().invoke(compat, ["--output-format", "json", "."])
    (newest,) = (fit for fit in json.loads(ran.output)["fits"] if fit["key"] == "0.3.0")
    assert newest["rules"]["TTN304"] == len(reported(titan_lint(*AT).out)) == 1
