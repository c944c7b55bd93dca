"""Repositories held against a change of torchtitan: what is new, what is kept, and what one does to the others."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import pickle
import pty
import re
import signal
import socket
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from titan_lint import library
from titan_lint.survey import pool, repositories, shown
from titan_lint.survey.change import Change
from titan_lint.survey.examine import examine
from titan_lint.survey.records import Broken, Record, of_json
from titan_lint.survey.repositories import Repository, RepositoryError, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.projects import TitanLint

MOVED = "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
"""An import that is there up to 0.2.2, and that a safe fix takes from where it is at 0.3.0."""

GONE = "from torchtitan.components.optimizer import no_such_name\n"
"""An import that no torchtitan known has."""

LEFT = "from torchtitan.config import JobConfig\n\nprint(JobConfig)\n"
"""An import that is there at 0.2.2 and that nothing replaces at 0.3.0."""


@pytest.fixture
def question(tmp_path: Path) -> Change:
    return Change("0.2.2", "0.3.0", cache=tmp_path / "kept", key="0.2.2 0.3.0", patches=True)


def checkout(root: Path, **files: str) -> Repository:
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
    return Repository(root.name, "path", str(root))


def git(root: Path, *words: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main")
    ran = subprocess.run(["git", *identity, *words], cwd=root, check=True, capture_output=True)
    return ran.stdout.decode().strip()


def committed(root: Path) -> str:
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "all")
    return git(root, "rev-parse", "HEAD")


def surveyed(
    repositories: Sequence[Repository], question: Change, *, seconds: float = 60, jobs: int = 2
) -> list[Record]:
    found = pool.survey(repositories, question, jobs=jobs, seconds=seconds)
    return sorted(found, key=lambda record: record.repository)


def one(repository: Repository, question: Change) -> Record:
    (record,) = surveyed([repository], question)
    return record


def test_what_was_wrong_before_is_not_listed(tmp_path: Path, question: Change) -> None:
    record = one(checkout(tmp_path / "a", engine=GONE + MOVED), question)
    assert [(each.path, each.line, each.code) for each in record.new] == [
        ("engine.py", 2, "TTN202")
    ]
    assert record.new[0].commits == ("203f9a806",)
    assert record.failure == ""


@pytest.mark.parametrize(
    ("text", "state"),
    [(MOVED, "fixed"), (LEFT, "broken"), (MOVED + LEFT, "broken"), ("import math\n", "fits")],
)
def test_a_repository_is_broken_where_a_person_is_needed(
    text: str, state: str, tmp_path: Path, question: Change
) -> None:
    assert one(checkout(tmp_path / "a", engine=text), question).state == state


def test_findings_name_the_commit_also_where_no_row_is_about_them(
    tmp_path: Path, question: Change
) -> None:
    repository = checkout(
        tmp_path / "own",
        a="from torchtitan.experiments.forge.job_config import ForgeJobConfig\nprint(ForgeJobConfig)\n",
        b="from torchtitan.distributed import ParallelDims\n\n\n"
        "def group(dims: ParallelDims):\n    return dims.get_mesh('etp')\n",
        c="from torchtitan.components.optimizer import OptimizersContainer\n\n\n"
        "def check(own: OptimizersContainer):\n    own._validate_length(3)\n",
    )
    found = {broken.path: broken.commits for broken in one(repository, question).new}
    assert found == {"a.py": ("9810191bb",), "b.py": ("c4b409af2",), "c.py": ("632f67f12",)}


def test_nothing_in_a_repository_is_changed_or_run(tmp_path: Path, question: Change) -> None:
    repository = checkout(tmp_path / "a", engine=MOVED, setup="raise SystemExit('was run')\n")
    before = {path: path.read_bytes() for path in (tmp_path / "a").rglob("*")}
    assert "+from torchtitan.components.optimizer import" in one(repository, question).patch
    assert {path: path.read_bytes() for path in (tmp_path / "a").rglob("*")} == before


def test_one_repository_does_no_harm_to_the_others(
    tmp_path: Path, question: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    def misbehave(repository: Repository, question: Change) -> Record:
        if repository.name == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if repository.name == "hangs":
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            time.sleep(600)
        if repository.name == "raises":
            raise RuntimeError("no")
        return examine(repository, question)

    monkeypatch.setattr(pool, "examine", misbehave)
    names = ("good", "hangs", "killed", "raises", "well")
    repositories = [checkout(tmp_path / name, engine=MOVED) for name in names]
    records = {each.repository: each for each in surveyed(repositories, question, seconds=4)}
    assert {name: record.state for name, record in records.items()} == {
        **dict.fromkeys(("good", "well"), "fixed"),
        **dict.fromkeys(("hangs", "killed", "raises"), "failed"),
    }
    assert records["hangs"].failure == "took longer than 4 s"
    assert "exit status -9" in records["killed"].failure
    assert records["raises"].failure == "titan-lint failed: RuntimeError: no"


def test_a_survey_that_is_given_up_leaves_no_process(
    tmp_path: Path, question: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "started"

    def hang(repository: Repository, question: Change) -> Record:
        if repository.name == "good":
            return examine(repository, question)
        child = subprocess.Popen(["sleep", "600"])
        started.write_text(f"{os.getpid()} {child.pid}")
        time.sleep(600)
        raise AssertionError

    monkeypatch.setattr(pool, "examine", hang)
    repositories = [checkout(tmp_path / "hangs"), checkout(tmp_path / "good", engine=MOVED)]
    records = pool.survey(repositories, question, jobs=2, seconds=600)
    assert next(records).repository == "good"
    while not started.exists() or len(started.read_text().split()) < 2:
        time.sleep(0.01)
    records.close()
    for pid in started.read_text().split():
        assert has_ended(int(pid))


_ASKS = """
import multiprocessing, os, subprocess, sys, time
from pathlib import Path
from titan_lint.survey import pool
from titan_lint.survey.change import Change
from titan_lint.survey.repositories import Repository

def hang(repository, question):
    child = subprocess.Popen(["sleep", "600"])
    Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid} ")
    time.sleep(600)

pool.examine = hang
question = Change("0.2.2", "0.3.0", cache=Path(), key="")
context = multiprocessing.get_context("fork")
pool.alone(Repository("a", "path", "."), question, seconds=600, context=context)
"""


def test_what_looks_at_a_repository_ends_with_who_asked_even_when_that_is_killed(
    tmp_path: Path,
) -> None:
    started = tmp_path / "started"
    with subprocess.Popen([sys.executable, "-c", _ASKS, str(started)]) as asks:
        while not started.exists() or not started.read_text().endswith(" "):
            assert asks.poll() is None
            time.sleep(0.01)
        asks.kill()
    for pid in started.read_text().split():
        assert has_ended(int(pid))


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie that nobody here has waited for, within some seconds."""
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


def test_a_revision_is_looked_at_once(
    tmp_path: Path, question: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = checkout(tmp_path / "a", engine=MOVED)
    commit = committed(tmp_path / "a")
    first = one(repository, question)
    assert first.revision == commit
    monkeypatch.setattr(library, "lint_paths", None)
    assert one(repository, question) == first
    other = Change("0.2.1", "0.3.0", question.cache, "0.2.1 0.3.0", patches=True)
    assert one(repository, other).state == "failed"
    (tmp_path / "a" / "more.py").write_text("")
    assert one(repository, question).state == "failed"


def test_a_branch_is_looked_at_where_it_is_now(tmp_path: Path, question: Change) -> None:
    origin = tmp_path / "origin"
    checkout(origin, engine=MOVED)
    first = committed(origin)
    at_commit = Repository("pinned", "git", str(origin), first)
    at_branch = Repository("moving", "git", str(origin))
    assert one(at_branch, question).state == "fixed"
    assert one(at_commit, question).revision == first
    (origin / "engine.py").write_text("")
    second = committed(origin)
    moved = one(at_branch, question)
    assert (moved.revision, moved.state) == (second, "fits")
    assert one(at_commit, question).state == "fixed"


def test_wheels_and_sdists_are_looked_into(tmp_path: Path, question: Change) -> None:
    with zipfile.ZipFile(tmp_path / "a-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("a/engine.py", MOVED)
    with tarfile.open(tmp_path / "a-1.tar.gz", "w:gz") as sdist:
        member = tarfile.TarInfo("a-1/a/engine.py")
        member.size = len(MOVED)
        sdist.addfile(member, io.BytesIO(MOVED.encode()))
    records = surveyed(read(tmp_path), question)
    assert [(each.state, each.new[0].path) for each in records] == [("fixed", "a/engine.py")] * 2
    assert all(each.revision.startswith("sha256:") for each in records)


@pytest.mark.parametrize("name", ["/escaped.py", "../escaped.py"])
def test_an_archive_cannot_write_elsewhere(name: str, tmp_path: Path, question: Change) -> None:
    with tarfile.open(tmp_path / "a-1.tar.gz", "w:gz") as sdist:
        sdist.addfile(tarfile.TarInfo(f"..{name}" if name[0] == "/" else name))
    record = one(Repository("a", "archive", str(tmp_path / "a-1.tar.gz")), question)
    assert record.state == "failed"
    assert "cannot be unpacked" in record.failure
    assert not list(tmp_path.rglob("escaped.py"))


def test_what_is_no_repository_is_a_result(tmp_path: Path, question: Change) -> None:
    (tmp_path / "broken.whl").write_bytes(b"no archive")
    checkout(tmp_path / "config", engine=MOVED)
    (tmp_path / "config" / "titan-lint.toml").write_text("select = 3\n")
    checkout(tmp_path / "empty")
    records = surveyed(
        [*read(tmp_path), Repository("away", "git", str(tmp_path / "away"))], question
    )
    assert {each.repository: each.state for each in records} == {
        "away": "failed",
        "broken.whl": "failed",
        "config": "failed",
        "empty": "fits",
    }


def too_large(repository: Repository, question: Change) -> Record:
    record = one(repository, dataclasses.replace(question, size_limit=100_000))
    assert list(question.cache.rglob("*.py")) == []
    return record


def test_a_git_repository_over_the_size_limit_is_a_result(tmp_path: Path, question: Change) -> None:
    checkout(tmp_path / "a", engine=MOVED, large="#" * 1_000_000)
    committed(tmp_path / "a")
    repository = Repository("a", "git", str(tmp_path / "a"))
    # The fetched pack of it is small, the checkout is not.
    assert too_large(repository, question).failure == "it is larger than 0.1 MB, the limit"
    assert one(repository, question).state == "fixed"


@pytest.mark.parametrize("kind", ["git", "archive", "package"])
def test_what_was_refused_is_not_brought_here_again_unless_it_changed(
    kind: str, tmp_path: Path, question: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought: list[str] = []
    place = str(tmp_path / "a")
    if kind == "archive":
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr("a/large.py", "#" * 1_000_000)
        monkeypatch.setattr(
            repositories, "_require_size", lambda sizes, limit: refuse("unpack", limit)
        )
    elif kind == "git":
        checkout(tmp_path / "a", engine=MOVED)
        committed(tmp_path / "a")
    real = repositories._run

    def refuse(name: str, limit: int | None) -> str:
        brought.append(name)
        raise repositories._too_large(limit or 0)

    def noted(name: str, *words: object) -> str:
        if name == "git fetch" or name.startswith("pip"):
            return refuse(name, 10)
        return real(name, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(repositories, "_run", noted)
    repository = Repository("a", kind, place)

    def ask(limit: int) -> int:
        with pytest.raises(RepositoryError, match="is larger than"):
            repositories.obtain(repository, question.cache, limit)
        return len(brought)

    question.cache.mkdir()
    assert [ask(10), ask(10), ask(5)] == [1, 1, 1]
    assert [ask(20), ask(15)] == [2, 2]
    if kind == "git":
        (tmp_path / "a" / "more.py").write_text("")
        committed(tmp_path / "a")
        assert ask(10) == 3


@pytest.mark.parametrize("suffix", [".whl", ".tar.gz"])
def test_an_archive_over_the_size_limit_is_a_result(
    suffix: str, tmp_path: Path, question: Change
) -> None:
    path = tmp_path / f"a{suffix}"
    if suffix == ".whl":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            wheel.writestr("a/large.py", "#" * 1_000_000)
    else:
        with tarfile.open(path, "w:gz") as sdist:
            member = tarfile.TarInfo("a-1/a/large.py")
            member.size = 1_000_000
            sdist.addfile(member, io.BytesIO(b"#" * 1_000_000))
    (repository,) = read(path)
    assert too_large(repository, question).failure == "it is larger than 0.1 MB, the limit"


def test_a_command_that_brings_too_much_is_ended(tmp_path: Path) -> None:
    writes = "while True: file.write(b'#' * 10_000); file.flush(); time.sleep(0.001)"
    text = f"import time; file = open('large', 'wb')\n{writes}"
    command = (sys.executable, "-c", text)
    with pytest.raises(RepositoryError, match=r"it is larger than 0\.1 MB"):
        repositories._run("it", command, tmp_path, {}, 100_000)


def test_a_fetch_that_hangs_is_a_result(tmp_path: Path, question: Change) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"git://127.0.0.1:{server.getsockname()[1]}/a"
        (record,) = surveyed([Repository("a", "git", address)], question, seconds=1)
    assert record.failure == "took longer than 1 s"


def test_a_file_that_is_no_python_is_named(tmp_path: Path, question: Change) -> None:
    record = one(checkout(tmp_path / "a", engine=MOVED, other="import torchtitan\ndef"), question)
    assert record.state == "fixed"
    assert record.unchecked[0].startswith("other.py:2: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("repository = 3", "expected [[repository]] tables"),
        ("", "expected [[repository]] tables"),
        ("[[repository]]\n", "repository 1: give one of path, git, package, archive"),
        ('[[repository]]\npath="a"\ngit="b"\n', "repository 1: give one of"),
        ('[[repository]]\npath="a"\nbranch="b"\n', "repository 1: unknown key 'branch'"),
        ("[[repository]]\npath=3\n", "repository 1: path: expected text"),
        ('[[repository]]\npath="a"\nrevision="b"\n', "only a git repository has one"),
        ('[[repository]]\ngit="--upload-pack=x"\n', "begins like an option"),
        ('[[repository]]\ngit="a"\nrevision="-x"\n', "begins like an option"),
        ('[[repository]]\npath="a"\nfolder="../b"\n', "a path inside the repository"),
        (
            '[[repository]]\npath="x/a"\n[[repository]]\npath="y/a"\n',
            "two repositories are called 'a'",
        ),
        ("[[repository]", "cannot be read as TOML"),
    ],
)
def test_a_wrong_list_says_what_is_wrong(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "repos.toml").write_text(text)
    with pytest.raises(RepositoryError) as caught:
        read(tmp_path / "repos.toml")
    assert message in str(caught.value)


def test_a_list_names_places_from_where_it_lies(tmp_path: Path, question: Change) -> None:
    checkout(tmp_path / "a" / "src", engine=MOVED)
    text = '[[repository]]\npath = "a"\nname = "mine"\nfolder = "src"\n'
    (tmp_path / "repos.toml").write_text(text)
    (repository,) = read(tmp_path / "repos.toml")
    record = one(repository, question)
    assert (record.repository, record.new[0].path) == ("mine", "engine.py")


def test_records_are_read_as_they_were_written() -> None:
    broken = Broken("a.py", 1, 2, "TTN202", "error", "gone", ("203f9a806",), left=True)
    record = Record("a", "c0ffee", 3, ("b.py: no",), "", 0.5, 1, 2, (broken,), 1, "--- a\n")
    written = json.loads(shown.json_lines([record]))
    assert of_json(written) == record
    with pytest.raises(ValueError, match="another version"):
        of_json({**written, "schema": 0})


def test_the_command_says_who_breaks_and_writes_patches(
    tmp_path: Path, titan_lint: TitanLint
) -> None:
    trees = tmp_path / "trees"
    checkout(trees / "fixable", engine=MOVED)
    checkout(trees / "person", engine=LEFT)
    checkout(trees / "quiet", engine="import math\n")
    words = ("survey", str(trees), "--before", "0.2.2", "--after", "0.3.0")
    words += ("--cache-dir", str(tmp_path / "kept"))
    ran = titan_lint(*words, "--patches", str(tmp_path / "patches"))
    assert ran.status == 1
    assert ran.out.splitlines()[-1] == "Breaks 2 of 3 repositories; --fix repairs 1 of them."
    assert [path.name for path in (tmp_path / "patches").iterdir()] == ["fixable.patch"]
    patch = str(tmp_path / "patches" / "fixable.patch")
    git(trees / "fixable", "init", "--quiet")
    git(trees / "fixable", "apply", "-p0", patch)
    assert (
        "components.optimizer import LRSchedulersContainer"
        in (trees / "fixable" / "engine.py").read_text()
    )
    assert titan_lint(*words, "--fail-on", "never").status == 0
    lines = titan_lint(*words, "--output-format", "jsonl").out.splitlines()
    assert sorted(json.loads(line)["state"] for line in lines) == ["broken", "fits", "fits"]
    report = titan_lint(*words, "--output-format", "markdown").out
    assert report.startswith("**Breaks 1 of 3 repositories")
    assert "| person | broken | 1 |" in report
    assert "quiet" not in report


def a_torchtitan(root: Path, **files: str) -> Path:
    """A checkout of a torchtitan that is like none that is known."""
    (root / "torchtitan" / "distributed").mkdir(parents=True)
    (root / "torchtitan" / "distributed" / "__init__.py").write_text("")
    for name, text in {"__init__": "", "train": "", **files}.items():
        (root / "torchtitan" / f"{name}.py").write_text(text)
    return root


def test_repositories_are_named_as_arguments_by_an_option_or_by_both(
    tmp_path: Path, titan_lint: TitanLint
) -> None:
    one = checkout(tmp_path / "one", a=MOVED).place
    other = checkout(tmp_path / "other", a=LEFT).place
    words = ("survey", "--before", "0.2.2", "--after", "0.3.0", "--fail-on", "never", "--jobs", "1")
    words += ("--cache-dir", str(tmp_path / "kept"))

    as_arguments = titan_lint(*words, one, other)
    assert "Breaks 2 of 2 repositories; --fix repairs 1 of them." in as_arguments.out
    assert titan_lint(*words, "--repos", one, "--repos", other).out == as_arguments.out
    assert titan_lint(*words, one, "--repos", other).out == as_arguments.out

    without = titan_lint(*words)
    assert without.status == 2
    assert "REPOSITORIES" in without.err
    assert "--repos" in without.err


def test_a_terminal_shows_how_many_are_done_and_how_fast(tmp_path: Path) -> None:
    for name in "abc":
        checkout(tmp_path / "trees" / name, a=MOVED)
    words = ["survey", str(tmp_path / "trees"), "--before", "0.2.2", "--after", "0.3.0", "-j1"]
    words += ["--cache-dir", str(tmp_path / "kept")]
    shown = bytearray()

    def read(terminal: int) -> bytes:
        data = os.read(terminal, 1024)
        shown.extend(data)
        return data

    with contextlib.chdir(tmp_path):
        pty.spawn([sys.executable, "-m", "titan_lint", *words], read)
    text = shown.decode()
    assert re.search(r" 2/3 .*\d+\.\d a second", text), text
    assert "Breaks 3 of 3 repositories" in text


def test_checkouts_of_torchtitan_are_compared(tmp_path: Path, titan_lint: TitanLint) -> None:
    before = a_torchtitan(tmp_path / "before", train="def old(): ...\n")
    after = a_torchtitan(tmp_path / "after", train="def new(): ...\n")
    checkout(tmp_path / "trees" / "a", engine="from torchtitan.train import old\n")
    words = ("survey", str(tmp_path / "trees"), "--cache-dir", str(tmp_path / "kept"))
    for _ in range(2):
        ran = titan_lint(*words, "--before", str(before), "--after", str(after))
        assert ran.out.splitlines()[-1].startswith("Breaks 1 of 1 repository")


def test_no_more_of_a_repository_is_kept_than_is_shown() -> None:
    long = Broken("a.py", 1, 1, "TTN202", "error", "x" * 10_000, ("9810191bb",), left=False)
    told, brief = shown.Shown(), shown.Shown(each=False)
    for number in range(100):
        new = (long,) if number == 0 else ()
        record = Record(f"{number}", unchecked=("y" * 10_000,), new=new, patch="z" * 10_000)
        for each in (told, brief):
            each.add(record)
    assert len(pickle.dumps(told)) < 100 * 200
    assert [row.repository for row in brief.rows] == ["0"]
    assert told.summary == brief.summary == "Breaks 1 of 100 repositories; --fix repairs 1 of them."
    assert told.changes == [("9810191bb", 1, 1, 0)]


def test_a_survey_can_be_written_to_a_file(tmp_path: Path, titan_lint: TitanLint) -> None:
    checkout(tmp_path / "trees" / "a", engine=MOVED)
    words = ("survey", str(tmp_path / "trees"), "--before", "0.2.2", "--after", "0.3.0")
    words += ("--cache-dir", str(tmp_path / "kept"), "--output-file", str(tmp_path / "found"))
    for output_format, start in (("jsonl", '{"schema": 1,'), ("markdown", "**Breaks 1 of 1")):
        ran = titan_lint(*words, "--output-format", output_format)
        assert (ran.status, ran.out) == (1, "")
        assert (tmp_path / "found").read_text().startswith(start)


def test_each_command_names_two_repositories_of_one_name(
    tmp_path: Path, titan_lint: TitanLint
) -> None:
    for folder in ("x", "y"):
        checkout(tmp_path / folder / "a", engine=MOVED)
    words = ("survey", str(tmp_path / "x"), str(tmp_path / "y"))
    ran = titan_lint(*words, "--before", "0.2.2", "--after", "0.3.0")
    assert "two repositories are called 'a'" in ran.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--before", "9.9", "--after", "0.3.0"), "9.9"),
        (("--before", ">=0.2", "--after", "0.3.0"), "give one"),
    ],
)
def test_a_target_that_is_not_one_torchtitan_is_refused(
    words: tuple[str, ...], message: str, tmp_path: Path, titan_lint: TitanLint
) -> None:
    ran = titan_lint("survey", str(tmp_path), *words, "--cache-dir", str(tmp_path / "kept"))
    assert ran.status == 2
    assert message in ran.err


def test_what_cannot_be_asked_is_not_taken_for_what_breaks(
    tmp_path: Path, titan_lint: TitanLint
) -> None:
    ran = titan_lint("survey", str(tmp_path / "gone"), "--before", "0.2.2", "--after", "0.3.0")
    assert (ran.status, ran.out) == (2, "")
    assert "there is no such list, folder or archive" in ran.err


def timeless(records: Sequence[Record] | object) -> list[dict[str, object]]:
    found = [{**record.as_json(), "seconds": 0} for record in records]  # type: ignore[attr-defined]
    return sorted(found, key=lambda record: str(record["repository"]))


def test_a_commit_that_is_named_as_later_is_no_cause(tmp_path: Path, question: Change) -> None:
    text = "from torchtitan.models.attention import FlexAttentionWrapper\nprint(FlexAttentionWrapper)\n"
    record = one(checkout(tmp_path / "a", engine=text), question)
    assert [each.commits for each in record.new] == [("9810191bb",)]
