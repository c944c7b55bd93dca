"""The recipe for a new torchtitan: one command, and what was there before stays as it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import packages
from titan_lint.api import pack

ROOT = Path(__file__).parents[2]
BEFORE = ("0.2.1", "0.3.0", "main@9810191bb")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what builds surfaces, in which three are bundled."""
    root = tmp_path / "checkout"
    ignored = shutil.ignore_patterns("__pycache__", "surfaces.pack")
    shutil.copytree(ROOT / "titan_lint", root / "titan_lint", ignore=ignored)
    shutil.copytree(ROOT / "scripts", root / "scripts", ignore=ignored)
    entries = {
        entry["key"]: entry for entry in read(ROOT, "titan_lint/api/data/index.json")["surfaces"]
    }
    listed = read(ROOT, "scripts/surfaces.json")
    listed["releases"] = [one for one in listed["releases"] if one["version"] in BEFORE]
    listed["main"] = listed["main"][:1]
    data = root / "titan_lint" / "api" / "data"
    (root / "scripts" / "surfaces.json").write_text(json.dumps(listed))
    (data / "index.json").write_text(json.dumps({"surfaces": [entries[key] for key in BEFORE]}))
    (data / "commits.json").write_text("[]")
    (data / "surfaces.pack").write_bytes(
        pack.write([bundled(ROOT)[key] for key in BEFORE], [sources(ROOT)[key] for key in BEFORE])
    )
    return root


def read(root: Path, name: str) -> Any:
    return json.loads((root / name).read_text("utf-8"))


def bundled(root: Path) -> dict[str, Any]:
    """The records of every bundled surface that these tests look at, by key."""
    data = root / "titan_lint" / "api" / "data"
    keys = [entry["key"] for entry in read(root, "titan_lint/api/data/index.json")["surfaces"]]
    opened = pack.Pack(str(data / "surfaces.pack"), (data / "surfaces.pack").read_bytes())
    chosen = {key: pack.PackedRecords(opened, keys.index(key)) for key in keys}
    wanted = {*BEFORE, "0.2.2"} if root == ROOT else chosen
    return {
        key: {name: one.record(name) for name in one.names}
        for key, one in chosen.items()
        if key in wanted
    }


def sources(root: Path) -> dict[str, pack.Sources]:
    """What every bundled surface was made from, by key."""
    data = root / "titan_lint" / "api" / "data"
    keys = [entry["key"] for entry in read(root, "titan_lint/api/data/index.json")["surfaces"]]
    opened = pack.Pack(str(data / "surfaces.pack"), (data / "surfaces.pack").read_bytes())
    return {key: opened.sources(number) for number, key in enumerate(keys)}


def build(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "scripts" / "build_surfaces.py"), *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.network
def test_a_release_is_added_by_its_number(checkout: Path) -> None:
    wheels = packages.archive("torchtitan", "0.2.2").parent
    done = build(checkout, "0.2.2", "--wheels", str(wheels))
    assert done.returncode == 0, done.stderr
    keys = ("0.2.1", "0.2.2", "0.3.0", "main@9810191bb")
    ours = {
        entry["key"]: entry for entry in read(ROOT, "titan_lint/api/data/index.json")["surfaces"]
    }
    index = read(checkout, "titan_lint/api/data/index.json")
    # Which commit of main it is, only a clone tells.
    ours["0.2.2"]["commit"] = None
    assert index["surfaces"] == [ours[key] for key in keys]
    assert bundled(checkout) == bundled(ROOT)
    assert sources(checkout) == {key: sources(ROOT)[key] for key in keys}
    releases = [one["version"] for one in read(checkout, "scripts/surfaces.json")["releases"]]
    assert releases == ["0.2.1", "0.2.2", "0.3.0"]
    again = build(checkout, "0.2.2", "--wheels", str(wheels))
    assert (again.returncode, again.stderr.strip()) == (1, "0.2.2 is there already")


def test_a_commit_is_added_from_a_clone(checkout: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    (clone / "torchtitan").mkdir(parents=True)
    git(clone, "init", "-q", "-b", "main")
    first = commit(clone, "def old(): ...\n", "2026-02-23")
    between = commit(clone, "def between(): ...\n", "2026-03-01")
    newer = commit(clone, "def new(flavor: str): ...\n", "2026-03-02")
    before = bundled(checkout)
    stand_in(checkout, first)

    done = build(checkout, newer[:12], "--git", str(clone))
    assert done.returncode == 0, done.stderr

    added = read(checkout, "titan_lint/api/data/index.json")["surfaces"][-1]
    assert (added["key"], added["commit"], added["day"]) == (
        f"main@{newer[:9]}",
        newer,
        "2026-03-02",
    )
    assert read(checkout, "scripts/surfaces.json")["main"][-1] == {
        "commit": newer,
        "day": "2026-03-02",
    }
    after = bundled(checkout)
    assert "new" in json.dumps(after.pop(f"main@{newer[:9]}")["torchtitan"])
    assert list(after.values()) == list(before.values())
    table = read(checkout, "titan_lint/api/data/commits.json")
    assert table == [
        ["2026-02-23", first[:10]],
        ["2026-03-01", between[:10]],
        ["2026-03-02", newer[:10]],
    ]

    done = build(checkout, between, "--git", str(clone))
    assert done.returncode == 0, done.stderr
    keys = [entry["key"] for entry in read(checkout, "titan_lint/api/data/index.json")["surfaces"]]
    assert keys[-3:] == [f"main@{one[:9]}" for one in (first, between, newer)]
    assert "between" in json.dumps(bundled(checkout)[f"main@{between[:9]}"]["torchtitan"])

    older = build(checkout, first, "--git", str(clone))
    assert (older.returncode, older.stderr.strip()) == (1, f"{first} is there already")


def test_a_commit_without_a_clone_is_told_what_to_give(checkout: Path) -> None:
    done = build(checkout, "b5bcd76c6")
    assert done.returncode == 2
    assert "a commit takes --git, a clone of https://github.com/pytorch/torchtitan" in done.stderr


def test_what_is_no_torchtitan_is_refused_in_one_sentence(checkout: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    (clone / "torchtitan").mkdir(parents=True)
    git(clone, "init", "-q", "-b", "main")
    first = commit(clone, "", "2026-02-23")
    git(clone, "rm", "-q", "-r", "torchtitan/distributed")
    git(clone, "commit", "-q", "-m", "x", day="2026-02-24")
    part = git(clone, "rev-parse", "HEAD").strip()
    git(clone, "rm", "-q", "-r", ".")
    git(clone, "commit", "-q", "--allow-empty", "-m", "x", day="2026-02-25")
    nothing = git(clone, "rev-parse", "HEAD").strip()

    def refused(named: str, folder: Path = clone) -> str:
        done = build(checkout, named, "--git", str(folder))
        assert (done.returncode, done.stdout) == (2, "")
        (line,) = done.stderr.splitlines()
        return line

    known = read(checkout, "scripts/surfaces.json")["main"][0]["commit"]
    assert refused(first) == f"{clone} is no clone of torchtitan's main: it has no commit {known}"
    stand_in(checkout, first)
    before = bundled(checkout)
    assert refused(part).startswith(f"{part[:9]}: holds no torchtitan")
    assert (
        refused(nothing) == f"{nothing} of {clone} is no torchtitan: it has no folder `torchtitan`"
    )
    assert refused("1234567") == f"{clone} is no clone of torchtitan that has the commit 1234567"
    assert (
        refused(part, tmp_path)
        == f"{tmp_path} is no clone of torchtitan that has the commit {part}"
    )
    assert bundled(checkout) == before


def stand_in(root: Path, commit: str) -> None:
    """Give the bundled point of main the name of a commit that the clone has."""
    listed = read(root, "scripts/surfaces.json")
    listed["main"][0]["commit"] = commit
    (root / "scripts" / "surfaces.json").write_text(json.dumps(listed))
    index = read(root, "titan_lint/api/data/index.json")
    index["surfaces"][-1] |= {"commit": commit, "key": f"main@{commit[:9]}"}
    (root / "titan_lint" / "api" / "data" / "index.json").write_text(json.dumps(index))


def commit(clone: Path, text: str, day: str) -> str:
    (clone / "torchtitan" / "__init__.py").write_text(text)
    for name in ("train.py", "distributed/__init__.py"):
        (clone / "torchtitan" / name).parent.mkdir(exist_ok=True)
        (clone / "torchtitan" / name).write_text("")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "x", day=day)
    return git(clone, "rev-parse", "HEAD").strip()


def git(clone: Path, *arguments: str, day: str = "2026-01-01") -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    when = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"{day}T12:00:00+00:00")
    done = subprocess.run(
        ["git", "-C", str(clone), *identity, *arguments],
        env={**os.environ, **when},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
