"""A file gets the same findings however it is asked about: in its tree, alone, in an editor, by compat."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.packages import unpacked
from titan_lint.api import bundle
from titan_lint.cli.compat import compat
from titan_lint.code.program import Program
from titan_lint.code.source import Source
from titan_lint.uses.era import fits
from titan_lint.uses.era import uses as uses_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

AT = ("--select", "ALL", "--no-cache", "--output-format", "json", "--torchtitan")


# Of each target one version of verl is checked with the suite.
OTHER_PAIRS = [("0.7.1", "0.2.2"), ("0.7.1", "0.3.0"), ("0.8.0", "0.3.0")]


def by_file(out: str) -> dict[str, list[Any]]:
    """The findings of a run, by file."""
    found: dict[str, list[Any]] = {}
    for finding in json.loads(out)["findings"]:
        found.setdefault(finding["path"], []).append(finding)
    return found


def assert_same(titan_lint: TitanLint, files: list[Path], root: Path, target: str) -> int:
    """Ask in all ways, and tell how many findings there are."""
    ran = titan_lint(*AT, target, root)
    everything = by_file(ran.out)
    for file in files:
        (mine,) = [found for path, found in everything.items() if file.match(path)] or [[]]
        alone = by_file(titan_lint(*AT, target, file).out)
        assert list(alone.values()) == ([mine] if mine else []), file
        edited = titan_lint(*AT, target, "-", "--stdin-filename", file, stdin=file.read_bytes())
        assert list(by_file(edited.out).values()) == ([mine] if mine else []), file
    some = titan_lint(*AT, target, *files)
    assert by_file(some.out) == {
        path: found for path, found in everything.items() if any(file.match(path) for file in files)
    }
    return sum(map(len, everything.values()))


@pytest.mark.network
@pytest.mark.parametrize(
    ("version", "target"),
    [
        ("0.8.0", "0.2.2"),
        ("0.9.1", "0.3.0"),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in OTHER_PAIRS),
    ],
)
def test_files_of_verl_get_the_same_findings_alone(
    version: str, target: str, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = unpacked("verl", version)
    monkeypatch.chdir(root)
    users = [path for path in sorted(root.rglob("*.py")) if b"torchtitan" in path.read_bytes()]
    assert len(users) > 3
    assert assert_same(titan_lint, users, root, target) > 2


@pytest.mark.network
def test_files_of_torchtitan_get_the_same_findings_alone(
    titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = unpacked("torchtitan", "0.2.2")
    monkeypatch.chdir(root)
    some = sorted((root / "torchtitan" / "models").glob("llama3/**/*.py"))[:4]
    assert assert_same(titan_lint, some, root, "0.3.0") > 3


OLD = """\
from torchtitan.config import ParallelismConfig

print(ParallelismConfig(expert_tensor_parallel_degree=1))
"""
OPEN = """\
from torchtitan.config import ParallelismConfig

print(ParallelismConfig(tensor_parallel_degree=2))
"""
PATCH = """\
import torchtitan.distributed.context_parallel as titan_cp

titan_cp.apply_cp_to_attention_module = lambda modules, mesh, kind, job_config=None: None
"""
CALL = """\
from torchtitan.distributed.context_parallel import apply_cp_to_attention_module


def shard(modules, mesh, job_config):
    apply_cp_to_attention_module(modules, mesh, "ulysses", job_config=job_config)
"""
NAMES = "from torchtitan.config.job_config import Training\n\nDEFAULT = Training(steps=1)\n"
ASKING = "import names\n\nBOTH = names.DEFAULT, names.Training(steps=2)\n"

FILES = {
    "engine/old.py": OLD,
    "engine/open.py": OPEN,
    "plugin/patch.py": PATCH,
    "plugin/call.py": CALL,
    "tools/names.py": NAMES,
    "tools/asking.py": ASKING,
}


@pytest.fixture
def tree(project: Path) -> Path:
    """A project in which each file's findings rest on another one."""
    (project / "pyproject.toml").write_text("[tool.titan-lint]\n")
    for name, text in FILES.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text)
    # Projects of their own: all files together would fit no version.
    (project / "tools" / "pyproject.toml").touch()
    (project / "plugin" / "pyproject.toml").touch()
    return project


@pytest.mark.parametrize("target", ["0.2.2", "0.3.0"])
def test_files_that_rest_on_each_other_get_the_same_findings_alone(
    tree: Path, titan_lint: TitanLint, target: str
) -> None:
    assert assert_same(titan_lint, [tree / name for name in FILES], tree, target)


def test_a_file_alone_is_fixed_as_it_is_in_its_tree(tree: Path, titan_lint: TitanLint) -> None:
    fix = ("--select", "ALL", "--no-cache", "--fix", "--torchtitan", "0.3.0")
    edited = {
        name: titan_lint(*fix, "-", "--stdin-filename", name, stdin=text.encode()).raw.decode()
        for name, text in FILES.items()
    }
    titan_lint(*fix)
    assert edited == {name: (tree / name).read_text() for name in FILES}
    assert edited["tools/names.py"].count("TrainingConfig as Training") == 1


def test_an_editor_is_told_of_the_text_that_it_holds(tree: Path, titan_lint: TitanLint) -> None:
    """What lies on disk under the name is another text, and counts for nothing."""
    (tree / "engine" / "open.py").write_text("import torchtitan\n")
    edited = titan_lint(
        *AT, "0.3.0", "-", "--stdin-filename", "engine/open.py", stdin=OPEN.encode()
    )
    assert [found["code"] for found in json.loads(edited.out)["findings"]] == ["TTN304"]
    # A file that is not there yet has the others around it, too.
    edited = titan_lint(*AT, "0.3.0", "-", "--stdin-filename", "engine/new.py", stdin=OPEN.encode())
    assert [found["code"] for found in json.loads(edited.out)["findings"]] == ["TTN304"]


@pytest.mark.parametrize("name", ["engine/open.py", "plugin/call.py"])
def test_compat_counts_what_a_check_of_the_file_finds(
    tree: Path, titan_lint: TitanLint, name: str
) -> None:
    from click.testing import CliRunner

    told = json.loads(CliRunner().invoke(compat, ["--output-format", "json", name]).output)
    for fit in told["fits"]:
        if fit["key"] in ("0.2.2", "0.3.0"):
            found = json.loads(titan_lint(*AT, fit["key"], name).out)["findings"]
            codes = [one["code"] for one in found if one["severity"] != "info"]
            assert fit["rules"] == {code: codes.count(code) for code in sorted(codes)}


@pytest.mark.parametrize("unsafe", [(), ("--unsafe-fixes",)])
def test_what_remains_is_what_the_next_run_finds_in_all_files(
    tree: Path, titan_lint: TitanLint, unsafe: tuple[str, ...]
) -> None:
    ran = titan_lint(*AT, "0.3.0", "--fix", *unsafe)
    left = json.loads(ran.out)["findings"]
    again = titan_lint(*AT, "0.3.0")
    assert [(f["path"], f["code"], f["message"]) for f in left] == [
        (f["path"], f["code"], f["message"]) for f in json.loads(again.out)["findings"]
    ]
    counted = titan_lint("--select", "ALL", "--no-cache", "--torchtitan", "0.3.0", "--fix", *unsafe)
    assert f"(0 fixed, {len(left)} remaining)" in counted.out or not left
    assert (tree / "tools" / "names.py").read_text() != NAMES


def surveyed(*paths: str) -> dict[str, Any]:
    """What ``compat`` tells of each version, by its key."""
    from click.testing import CliRunner

    told = json.loads(CliRunner().invoke(compat, ["--output-format", "json", *paths]).output)
    return {fit["key"]: fit for fit in told["fits"]}


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("version", ["0.7.1", "0.8.0"])
def test_compat_says_of_verl_what_its_checks_say(
    version: str, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = unpacked("verl", version) / "verl" / "workers" / "engine" / "torchtitan"
    monkeypatch.chdir(root)
    users = [path for path in sorted(root.rglob("*.py")) if b"torchtitan" in path.read_bytes()]
    whole = surveyed(".")
    for key in ("0.2.2", "0.3.0"):
        found = json.loads(titan_lint(*AT, key, ".").out)["findings"]
        codes = Counter(f["code"] for f in found if f["severity"] != "info")
        assert whole[key]["rules"] == dict(sorted(codes.items()))
    alone = [surveyed(str(path)) for path in users]
    for key, fit in whole.items():
        rules = sum((Counter(one[key]["rules"]) for one in alone), Counter[str]())
        assert fit["rules"] == dict(sorted(rules.items())), key
        assert fit["fits"] == all(one[key]["fits"] for one in alone)
    uses = [use for path in users for use in uses_of(Program(Source(path.name, path.read_text())))]
    assert len(uses) > 10
    fitting = [key for key, fit in whole.items() if fit["fits"]]
    assert 0 < len(fitting) < len(whole)
    for key in fitting:
        assert [use for use in uses if not fits(use, bundle.load(key))] == [], key
