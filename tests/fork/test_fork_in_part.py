"""Without griffe a torchtitan that was changed is held against what is known of its files, and nothing is said of the rest."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import titan_lint as library
from tests import packages
from tests.projects import FIXED, LEGACY
from titan_lint.api import bundle
from titan_lint.api.entities import Class, External
from titan_lint.api.extract import tree as trees
from titan_lint.api.known_part import KnownPart, KnownRecords
from titan_lint.api.surface import Provenance
from titan_lint.cli.compat import compat

if TYPE_CHECKING:
    from tests.projects import TitanLint
    from titan_lint.api.entities import Record

pytestmark = pytest.mark.network

CHANGED = "torchtitan/tools/profiler.py"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of torchtitan 0.3.0; do not write there."""
    root = tmp_path_factory.mktemp("original")
    for package in ("torchtitan", "torchtitan_recipes"):
        source = packages.unpacked("torchtitan", "0.3.0") / package
        if source.is_dir():
            shutil.copytree(source, root / package)
    return root


@pytest.fixture
def with_griffe(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that is torchtitan 0.3.0 itself, with one file changed."""
    root = tmp_path / "fork"
    shutil.copytree(original, root)
    (root / "pyproject.toml").write_text('[project]\nname = "torchtitan"\n')
    monkeypatch.chdir(root)
    add(root, CHANGED, "def helper() -> int:\n    return 1\n")
    return root


@pytest.fixture
def fork(with_griffe: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, where griffe is missing."""
    hide_griffe(monkeypatch)
    return with_griffe


def hide_griffe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "titan_lint.api.extract.extract", raising=False)
    monkeypatch.setitem(sys.modules, "griffe", None)


def add(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "\n\n" + text)


def surface(root: Path) -> KnownPart:
    return KnownPart(Provenance("", "tree", ""), KnownRecords(trees.read(root)))


def found(titan_lint: TitanLint, code: str, *arguments: str) -> list[str]:
    """The codes of what is found in a file of the project in hand."""
    Path("user.py").write_text(code)
    ran = titan_lint("--output-format=concise", *arguments, "user.py")
    assert ran.status in (0, 1), ran.err
    return [line.split()[1] for line in ran.out.splitlines() if line.startswith("user.py:")]


NOTHING_THERE = "from torchtitan.tools.profiler import nothing_there\n"
"""Asks the changed module for what it lacks."""

GONE = "from torchtitan.tools.logging import nothing_there\n"
"""Asks a module that is as it was for what it lacks."""


@pytest.mark.usefixtures("fork")
def test_nothing_is_said_of_what_a_changed_module_holds(titan_lint: TitanLint) -> None:
    assert found(titan_lint, NOTHING_THERE) == []
    assert (
        found(titan_lint, "from torchtitan.tools import profiler\nprofiler.nothing_there()\n") == []
    )


@pytest.mark.usefixtures("fork")
def test_what_is_as_it_was_is_judged_and_fixed(titan_lint: TitanLint) -> None:
    assert found(titan_lint, GONE) == ["TTN201"]
    assert "TTN105" in found(titan_lint, LEGACY)
    titan_lint("--fix", "user.py")
    assert Path("user.py").read_text() == FIXED


@pytest.mark.usefixtures("fork")
def test_the_summary_says_how_much_is_not_judged_and_what_to_install(titan_lint: TitanLint) -> None:
    ran = titan_lint("user.py")
    Path("user.py").write_text(GONE)
    ran = titan_lint("user.py")
    total = len(surface(Path()).modules)
    assert ran.status == 1
    assert (
        "Checked against this torchtitan (the project is a torchtitan itself; nearest to "
        in ran.out
    )
    assert "; what is in 1 of its " in ran.out
    assert " modules is not judged: that needs griffe, install `titan-lint[api]`" in ran.out
    assert total > 100
    assert ran.err == ""


@pytest.mark.usefixtures("fork")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_files_of_the_fork_itself_are_checked(jobs: str, titan_lint: TitanLint) -> None:
    add(Path(), "torchtitan/components/acme.py", NOTHING_THERE + GONE)
    ran = titan_lint("--output-format=concise", "--jobs", jobs, "torchtitan/components")
    lines = [line for line in ran.out.splitlines() if line.startswith("torchtitan/")]
    assert [line.partition(" [")[0][:45] for line in lines if "acme" in line] == [
        "torchtitan/components/acme.py:4:38: TTN201 `t"
    ]


def test_nothing_is_said_of_a_module_that_was_added(fork: Path, titan_lint: TitanLint) -> None:
    add(fork, "torchtitan/components/acme.py", "def f(): ...\n")
    assert found(titan_lint, "from torchtitan.components.acme import f, g\n") == []
    assert found(titan_lint, "from torchtitan.components.acme.inner import f\n") == []
    # That there is no such module is certain.
    assert found(titan_lint, "from torchtitan.components.acmee import f\n") == ["TTN201"]


MUST_FIT = """\
from torchtitan.experiments.torchft.optimizer import TorchFTOptimizersContainer

TorchFTOptimizersContainer.Config({}=1)
"""


def test_nothing_is_said_of_what_derives_from_a_class_that_was_changed(
    fork: Path, titan_lint: TitanLint
) -> None:
    assert found(titan_lint, MUST_FIT.format("acme_field")) == ["TTN301"]
    path = fork / "torchtitan/components/optimizer/optimizer.py"
    text = path.read_text()
    mark = "    class Config(Configurable.Config):\n"
    assert mark in text
    path.write_text(text.replace(mark, f"{mark}        acme_field: int = 0\n"))
    assert found(titan_lint, MUST_FIT.format("acme_field")) == []
    assert found(titan_lint, MUST_FIT.format("other_field")) == []


def test_what_a_package_hands_on_from_a_changed_module_is_open(fork: Path) -> None:
    add(fork, "torchtitan/components/optimizer/optimizer.py", "x = 1\n")
    known = surface(fork)
    handed_on = known.lookup("torchtitan.components.optimizer.OptimizersContainer")
    assert isinstance(handed_on, External)
    assert not known.tells("torchtitan.components.optimizer.OptimizersContainer")
    assert known.tells("torchtitan.components.optimizer")
    assert known.lookup("torchtitan.components.optimizer.nothing_there") is None


def test_a_changed_package_may_have_bound_the_name_of_a_module_in_it(fork: Path) -> None:
    name = "torchtitan.tools.logging"
    add(fork, "torchtitan/tools/__init__.py", "from torchtitan.config import JobConfig\n")
    assert surface(fork).tells(f"{name}.init_logger")
    add(fork, "torchtitan/tools/__init__.py", "logging = JobConfig\n")
    assert not surface(fork).tells(name)


def test_what_a_function_accepts_is_not_known_where_it_may_ask_a_changed_module(fork: Path) -> None:
    path = "torchtitan.models.llama3.model_registry"
    pack, number = bundle.pack(), list(bundle.index()).index("0.3.0")
    asked = pack.asked_for_values(path, number)
    assert "torchtitan.models.llama3" in asked
    assert surface(fork).tells(path)
    for module in {*asked} - {"torchtitan.models.llama3"}:
        file = fork / f"{module.replace('.', '/')}.py"
        file = file if file.exists() else file.with_suffix("") / "__init__.py"
        text = file.read_text()
        file.write_text(f"{text}x = 1\n")
        assert not surface(fork).tells(path)
        file.write_text(text)
    assert surface(fork).tells(path)
    # What another module may put into a dictionary that was read is not there for sure.
    add(fork, CHANGED, "llama3_configs['own'] = None\n")
    assert not surface(fork).tells(path)


def test_a_member_that_a_changed_module_may_add_is_not_missing(
    fork: Path, titan_lint: TitanLint
) -> None:
    code = """\
from torchtitan.models.llama3 import model_registry

config = model_registry("8B", attn_backend="flex").model
print(config.layer)
"""
    assert found(titan_lint, code) == ["TTN203"]
    add(fork, "torchtitan/models/acme.py", "class Config:\n    layer: int = 0\n")
    assert found(titan_lint, code) == []


def test_the_digests_of_files_are_those_that_are_kept(original: Path) -> None:
    whole = trees.read(original)
    pack = bundle.pack()
    number = list(bundle.index()).index("0.3.0")
    assert whole.digests() == {
        name: pack.sources_of(name)[number] for name in pack.modules_of(number)
    }


def test_modules_of_the_same_file_are_the_same_in_all_versions() -> None:
    """But for what functions accept, which depends on those that they call."""
    pack = bundle.pack()
    for module in pack.module_names:
        seen: dict[str, Record] = {}
        for number, digest in enumerate(pack.sources_of(module)):
            if digest:
                record = pack.record(module, pack.modules_of(number)[module])
                told = {**record, "members": bare(record["members"])}
                assert seen.setdefault(digest, told) == told


def bare(members: Record) -> Record:
    return {
        name: {
            key: bare(value) if key == "m" else value
            for key, value in member.items()
            if key != "values"
        }
        for name, member in members.items()
    }


@pytest.mark.usefixtures("with_griffe")
def test_with_griffe_all_is_judged_again(
    titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as missing:
        hide_griffe(missing)
        assert found(titan_lint, NOTHING_THERE) == []
    # What was kept of the run before is not taken for the answer.
    assert found(titan_lint, NOTHING_THERE) == ["TTN201"]
    assert "not judged" not in titan_lint("user.py").out
    with monkeypatch.context() as missing:
        hide_griffe(missing)
        assert "not judged" in titan_lint("--no-cache", "user.py").out


def test_a_torchtitan_that_was_not_changed_is_the_one_that_is_known(
    fork: Path, original: Path, titan_lint: TitanLint
) -> None:
    shutil.copy(original / CHANGED, fork / CHANGED)
    assert found(titan_lint, NOTHING_THERE) == ["TTN201"]
    assert "has exactly its files" in titan_lint("user.py").out


def test_a_copy_that_was_changed_and_one_that_is_asked_for_are_known_in_part(
    fork: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = fork.parent / "app"
    app.mkdir()
    monkeypatch.chdir(app)
    (app / "requirements.txt").write_text("torchtitan==0.2.2\n")
    assert found(titan_lint, NOTHING_THERE, "--torchtitan", "../fork") == []
    assert found(titan_lint, GONE, "--torchtitan", "../fork") == ["TTN201"]
    assert "not judged" in titan_lint("--torchtitan", "../fork", "user.py").out
    (app / "requirements.txt").write_text("torchtitan @ file:../fork\n")
    assert found(titan_lint, NOTHING_THERE) == []
    assert found(titan_lint, GONE) == ["TTN201"]


@pytest.mark.usefixtures("fork")
def test_a_text_and_an_editor_hear_the_same(titan_lint: TitanLint) -> None:
    for code, codes in ((NOTHING_THERE, []), (GONE, ["TTN201"])):
        ran = titan_lint(
            "-", "--stdin-filename", "user.py", "--output-format=json", stdin=code.encode()
        )
        assert [each["code"] for each in json.loads(ran.out)["findings"]] == codes
        result = library.lint(code, path=Path("user.py").resolve())
        assert [finding.code for finding in result.findings] == codes


@pytest.mark.usefixtures("fork")
def test_a_survey_of_versions_says_what_is_not_judged(tmp_path: Path) -> None:
    Path("user.py").write_text(GONE)
    ran = CliRunner().invoke(compat, ["user.py", "--torchtitan", str(tmp_path / "fork")])
    assert ran.exit_code == 1
    assert "not judged: that needs griffe" in ran.stdout


@pytest.mark.usefixtures("fork")
@pytest.mark.parametrize("command", ["show", "extract", "diff"])
def test_what_shows_a_torchtitan_itself_needs_griffe(command: str, titan_lint: TitanLint) -> None:
    arguments = {
        "show": ("torchtitan.tools", "--torchtitan", "."),
        "extract": (".",),
        "diff": ("0.3.0", "."),
    }[command]
    ran = titan_lint("api", command, *arguments)
    assert ran.status == 2
    assert "needs griffe" in ran.err


def test_a_class_of_an_open_module_is_none_for_rules(fork: Path) -> None:
    add(fork, "torchtitan/trainer.py", "x = 1\n")
    known = surface(fork)
    assert not isinstance(known.lookup("torchtitan.trainer.Trainer.Config"), Class)
    # Nor is one that derives from it.
    assert not isinstance(known.lookup("torchtitan.models.flux.trainer.FluxTrainer"), Class)
