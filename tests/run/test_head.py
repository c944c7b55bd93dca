"""What a project said at HEAD tells which torchtitan it was written for, whatever is fixed since."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
from typing import TYPE_CHECKING

import pytest

from titan_lint.code import program
from titan_lint.run import head

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence
    from pathlib import Path

    from tests.projects import TitanLint
    from titan_lint.code.source import Source

MOVED = "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
"""Fits main up to 2026-08-17."""

OPEN = """\
from torchtitan.config import ParallelismConfig

print(ParallelismConfig(tensor_parallel_degree=2))
"""
KEPT = OPEN.replace("=2)", '=2, spmd_backend="partial_dtensor")')

ONE = ("--torchtitan", "0.3.0", "--output-format", "concise", "--select")
AT = (*ONE, "ALL")


def git(folder: Path, *arguments: str) -> None:
    names = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *names, *arguments), cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "state")


def text(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.glob("*.py"))}


@pytest.fixture
def checkout(project: Path) -> Path:
    (project / "moved.py").write_text(MOVED)
    (project / "open.py").write_text(OPEN)
    commit(project)
    return project


def test_a_finding_outlives_the_fix_of_what_told_of_it(
    checkout: Path, titan_lint: TitanLint
) -> None:
    before = [line for line in titan_lint(*AT).out.splitlines() if "TTN304" in line]
    titan_lint(*ONE, "TTN202", "--fix")
    assert text(checkout)["open.py"] == OPEN
    assert [line for line in titan_lint(*AT).out.splitlines() if "TTN304" in line] == before != []


@pytest.mark.parametrize("order", list(itertools.permutations(("TTN202", "TTN304", "TTN303"))))
def test_fixes_rule_by_rule_end_where_fixes_at_once_do(
    checkout: Path, titan_lint: TitanLint, order: Sequence[str]
) -> None:
    titan_lint(*AT, "--fix")
    at_once = text(checkout)
    assert at_once["open.py"] == KEPT
    git(checkout, "checkout", "-q", ".")
    for code in order:
        titan_lint(*ONE, code, "--fix")
    assert text(checkout) == at_once
    titan_lint(*AT, "--fix")
    assert text(checkout) == at_once


def test_an_edit_by_hand_does_not_change_what_code_was_written_for(
    checkout: Path, titan_lint: TitanLint
) -> None:
    (checkout / "moved.py").write_text(MOVED.replace("lr_scheduler", "optimizer"))
    titan_lint(*AT, "--fix")
    assert text(checkout)["open.py"] == KEPT


def test_what_is_as_it_was_at_head_is_parsed_once(
    checkout: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / "moved.py").write_text(MOVED.replace("lr_scheduler", "optimizer"))
    parsed: list[str] = []
    make = program.parse

    def parse(source: Source) -> ast.Module:
        parsed.append(source.path)
        return make(source)

    monkeypatch.setattr(program, "parse", parse)
    assert "TTN304" in titan_lint(*AT, "--no-cache").out
    assert sorted(parsed) == ["moved.py", "moved.py", "open.py"]


def test_what_is_committed_is_what_the_project_says(checkout: Path, titan_lint: TitanLint) -> None:
    titan_lint(*ONE, "TTN202", "--fix")
    assert "TTN304" in titan_lint(*AT).out
    commit(checkout)
    # The cache knows both states of the same files.
    assert "TTN304" not in titan_lint(*AT).out


def test_a_file_that_was_not_there_at_head_is_not_certainly_of_its_era(
    checkout: Path, titan_lint: TitanLint
) -> None:
    (checkout / "new.py").write_text(OPEN)
    ran = titan_lint(*AT, "--fix")
    assert text(checkout)["open.py"] == KEPT
    assert text(checkout)["new.py"] == OPEN
    assert "new.py:3:7: TTN304" in ran.out


def test_code_that_was_made_older_than_head_tells_itself(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "moved.py").write_text(MOVED.replace("lr_scheduler", "optimizer"))
    (project / "open.py").write_text(OPEN)
    commit(project)
    assert "TTN304" not in titan_lint(*AT).out
    (project / "moved.py").write_text(MOVED)
    assert "TTN304" in titan_lint(*AT).out


def test_one_file_in_a_repository_has_a_head_too(project: Path, titan_lint: TitanLint) -> None:
    (project / "both.py").write_text(MOVED + OPEN)
    commit(project)
    titan_lint(*ONE, "TTN202", "--fix")
    assert "TTN304" in titan_lint(*AT).out


@pytest.mark.parametrize("state", ["no repository", "no commit", "no git", "broken"])
def test_without_head_the_files_answer(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    (project / "moved.py").write_text(MOVED)
    (project / "open.py").write_text(OPEN)
    if state == "no commit":
        git(project, "init", "-q")
    elif state == "no git":
        commit(project)
        monkeypatch.setenv("PATH", os.fspath(project))
    elif state == "broken":
        (project / ".git").write_text("gitdir: nowhere\n")
    titan_lint(*ONE, "TTN202", "--fix")
    assert "TTN304" not in titan_lint(*AT).out


def test_a_hook_that_runs_in_another_repository_reads_this_one(
    checkout: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    titan_lint(*ONE, "TTN202", "--fix")
    monkeypatch.setenv("GIT_DIR", os.fspath(tmp_path / "elsewhere.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", os.fspath(tmp_path / "index"))
    assert "TTN304" in titan_lint(*AT).out


def test_git_is_not_run_where_nobody_asks(
    checkout: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(head, "contents", lambda *_: pytest.fail("git was asked"))
    (checkout / "open.py").write_text("import torchtitan\n")
    assert "TTN202" in titan_lint(*AT).out


def test_contents_are_those_of_the_commit(tmp_path: Path) -> None:
    names = ["plain.py", "with blank.py", "ünïcode.py", "empty.py"]
    for name in names:
        (tmp_path / name).write_text("" if name == "empty.py" else f"# {name}\n\n")
    commit(tmp_path)
    paths = [tmp_path / name for name in names]
    expected = {os.fspath(path): path.read_bytes() for path in paths}
    for path in paths:
        path.write_text("changed = 1\n")
    asked = [*expected, os.fspath(tmp_path / "missing.py")]
    assert head.contents(os.fspath(tmp_path), asked) == expected


def test_the_commit_is_told_from_others_without_git(tmp_path: Path) -> None:
    root = os.fspath(tmp_path)
    (tmp_path / "a.py").write_text("")
    commit(tmp_path)
    seen = [head.commit(root)]
    git(tmp_path, "pack-refs", "--all")
    assert head.commit(root).split()[0] == seen[0]
    (tmp_path / "a.py").write_text("x = 1\n")
    commit(tmp_path)
    seen.append(head.commit(root))
    git(tmp_path, "worktree", "add", "-q", "-b", "other", "beside", "HEAD~1")
    assert head.commit(os.fspath(tmp_path / "beside")).split()[0] == seen[0].split()[0]
    git(tmp_path, "checkout", "-q", "--detach", "HEAD~1")
    assert head.commit(root) == seen[0].split()[0] != seen[1]


EVIDENCE = (
    MOVED,
    "from torchtitan.config import ParallelismConfig as P\n\np = P(expert_tensor_parallel_degree=1)\n",
    "from torchtitan.config import ParallelismConfig as P\n\np = P(enable_async_tensor_parallel=True)\n",
)
RELYING = (
    OPEN,
    "from torchtitan.config import TrainingConfig\n\ntraining = TrainingConfig(steps=4)\n",
    "from torchtitan.distributed.parallel_dims import ParallelDims\n\n\ndef dims(world):\n"
    "    return ParallelDims(1, -1, 1, 1, 1, 1, world)\n",
)


@pytest.mark.parametrize("unsafe", [(), ("--unsafe-fixes",)])
@pytest.mark.parametrize(
    "number", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 6))]
)
def test_small_engines_come_to_one_text_in_any_order(
    project: Path, titan_lint: TitanLint, unsafe: Sequence[str], number: int
) -> None:
    chance = random.Random(number)
    pieces = [*chance.sample(EVIDENCE, 2), *chance.sample(RELYING, 2)]
    chance.shuffle(pieces)
    (project / "whole.py").write_text("".join(pieces))
    for place, piece in enumerate(pieces):
        (project / f"part{place}.py").write_text(piece)
    commit(project)
    titan_lint(*AT, "--fix", *unsafe)
    at_once = text(project)
    titan_lint(*AT, "--fix", *unsafe)
    assert text(project) == at_once
    codes = ["TTN202", "TTN301", "TTN303", "TTN304"]
    for _ in range(2):
        git(project, "checkout", "-q", ".")
        chance.shuffle(codes)
        for code in codes:
            titan_lint(*ONE, code, "--fix", *unsafe)
        titan_lint(*AT, "--fix", *unsafe)
        assert text(project) == at_once, codes


def test_a_file_in_a_checkout_is_fixed_alone_as_with_the_others(
    project: Path, titan_lint: TitanLint
) -> None:
    names = ("one.py", "two.py")
    for name in names:
        (project / name).write_text(MOVED + OPEN)
    commit(project)
    titan_lint(*AT, "--fix")
    at_once = text(project)
    git(project, "checkout", "-q", ".")
    for name in names:
        titan_lint(*AT, "--fix", name)
    assert text(project) == at_once
