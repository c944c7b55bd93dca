"""A tree that is only to be checked makes nothing hang, and leads neither reading nor writing out of it."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.projects import FIXED, LEGACY
from tests.robustness import command
from titan_lint import read_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.projects import TitanLint
    from tests.robustness.command import Done

CONFIGURATIONS = ("titan-lint.toml", "pyproject.toml")
# What is looked into on the way, and is nobody's to complain about.
OTHERS = ("requirements.txt", "requirements/dev.txt", "uv.lock", "setup.cfg", ".gitignore", ".git")


def check(*arguments: str, cwd: Path) -> Done:
    """Run with configuration and cache."""
    return command.titan_lint(*arguments, cwd=cwd, configured=True)


def _zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket must be short
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(here)


MAKERS: dict[str, Callable[[Path], None]] = {
    "a FIFO": os.mkfifo,
    "a character device": _zero,
    "a socket": _socket,
    "a directory": Path.mkdir,
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text(LEGACY)
    return tmp_path / "tree"


@pytest.mark.parametrize("kind", ["a FIFO", "a character device", "a directory"])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_configuration_that_is_no_file_is_one_clear_line(
    name: str, kind: str, tree: Path
) -> None:
    MAKERS[kind](tree / name)
    done = check(".", cwd=tree)
    assert done.status == 2
    (line,) = done.errors
    assert line.endswith(f"{name}: cannot be read: {kind}, not a regular file")


@pytest.mark.parametrize("kind", MAKERS)
def test_nothing_else_that_is_no_file_is_waited_for(kind: str, tree: Path) -> None:
    for name in OTHERS:
        (tree / name).parent.mkdir(exist_ok=True)
        MAKERS[kind](tree / name)
    for _ in range(2):  # without the cache, and with it
        done = check(".", cwd=tree)
        assert (done.status, done.errors) == (1, [])


@pytest.mark.parametrize("kind", ["a FIFO", "a character device", "a directory"])
def test_a_baseline_that_is_no_file_is_one_clear_line(kind: str, tree: Path) -> None:
    MAKERS[kind](tree / "base")
    # A link that leads out is refused for that already.
    said = "must lie inside" if kind == "a character device" else f"{kind}, not a regular file"
    (tree / "titan-lint.toml").write_text('baseline = "base"\n')
    done = check(".", cwd=tree)
    assert done.status == 2
    assert len(done.errors) == 1
    assert said in done.errors[0]


@pytest.mark.parametrize("kind", ["a FIFO", "a character device"])
def test_a_cache_with_entries_that_are_no_files_is_done_without(kind: str, tree: Path) -> None:
    check(".", cwd=tree)
    cache = tree / ".titan_lint_cache"
    names = [path for path in cache.iterdir() if path.suffix == ".json"]
    assert names
    for path in names:
        path.unlink()
        MAKERS[kind](path)
    assert check(".", cwd=tree).status == 1


def test_what_is_no_file_is_named() -> None:
    with pytest.raises(OSError, match="a directory, not a regular file"):
        read_file.read("/")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Something that looks like a torchtitan, beside the tree."""
    package = tmp_path / "outside" / "torchtitan"
    for name in ("__init__.py", "train.py", "config/__init__.py", "models/__init__.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("secret = 1\n")
    return package.parent


@pytest.mark.parametrize("name", CONFIGURATIONS)
@pytest.mark.parametrize("key", ["baseline", "cache-dir", "from", "torchtitan"])
@pytest.mark.parametrize("how", ["../outside/x", "{outside}/x", "link/x", "a/../../outside/x"])
def test_a_configured_path_never_leads_out(
    how: str,
    key: str,
    name: str,
    tree: Path,
    outside: Path,
    titan_lint: TitanLint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tree)
    (tree / "link").symlink_to(outside)
    before = sorted(outside.rglob("*"))
    head = "[tool.titan-lint]\n" if name == "pyproject.toml" else ""
    (tree / name).write_text(f'{head}{key} = "{how.format(outside=outside)}"\n')
    for option in ("--fix", "--diff"):
        ran = titan_lint(option)
        assert ran.status == 2
        assert ran.err.startswith(f"error: {name}: {head and 'tool.titan-lint.'}{key}: must lie in")
        assert "only the command line may lead out of it" in ran.err
    assert sorted(outside.rglob("*")) == before
    assert (tree / "a.py").read_text() == LEGACY


def test_what_the_command_line_names_may_lie_anywhere(tree: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    asked.mkdir()
    report, baseline = asked / "report.txt", asked / "base.json"
    options = (f"--cache-dir={asked / 'cache'}", f"--output-file={report}")
    assert check(*options, ".", cwd=tree).status == 1
    assert "TTN105" in report.read_text()
    assert (asked / "cache" / "CACHEDIR.TAG").is_file()
    assert check(f"--write-baseline={baseline}", ".", cwd=tree).status == 0
    assert check(f"--baseline={baseline}", ".", cwd=tree).status == 0


@pytest.mark.parametrize("key", ["output-file", "write-baseline", "fix", "config", "isolated"])
def test_a_configuration_cannot_ask_for_what_only_a_user_may(
    key: str, tree: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)
    (tree / "titan-lint.toml").write_text(f'{key} = "made"\n')
    ran = titan_lint()
    assert ran.status == 2
    assert f"{key}: unknown setting" in ran.err
    assert not (tree / "made").exists()


@pytest.mark.parametrize("where", ["torchtitan", "src/torchtitan"])
def test_a_link_to_a_torchtitan_elsewhere_is_not_the_project(
    where: str, tree: Path, outside: Path
) -> None:
    (tree / "pyproject.toml").write_text("")
    (tree / where).parent.mkdir(exist_ok=True)
    (tree / where).symlink_to(outside / "torchtitan")
    done = check(".", cwd=tree)
    assert b"the newest release known here" in done.stdout
    assert b"a torchtitan itself" not in done.stdout


def test_a_link_in_the_cache_leads_no_surface_out(tmp_path: Path) -> None:
    pytest.importorskip("griffe")
    from titan_lint.api import store
    from titan_lint.api.identify import Match

    cache, made = tmp_path / "cache", tmp_path / "made"
    for folder in (cache, made):
        folder.mkdir()
    match = Match("0.3.0", 1)
    store.write(cache, "digest", {}, match)
    assert len(list((cache / "surfaces").iterdir())) == 1
    shutil.rmtree(cache / "surfaces")
    (cache / "surfaces").symlink_to(made)
    store.write(cache, "digest", {}, match)
    assert list(made.iterdir()) == []


def test_fixes_stay_in_the_tree(tree: Path, outside: Path) -> None:
    (outside / "b.py").write_text(LEGACY)
    (tree / "b.py").symlink_to(outside / "b.py")
    (tree / "folder").symlink_to(outside)
    assert check("--fix", ".", cwd=tree).status == 0
    assert (tree / "a.py").read_text() == FIXED
    assert (outside / "b.py").read_text() == LEGACY
