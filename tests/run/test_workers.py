"""Work is spread over processes without being lost, doubled or waited for."""

from __future__ import annotations

import contextlib
import gc
import os
import pty
import signal
import subprocess
import sys
import time
import weakref
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tests import interrupts
from tests.projects import CLEAN, FIXED, LEGACY
from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.lint import lint_program
from titan_lint.code.program import Program
from titan_lint.code.source import Source
from titan_lint.library import lint_paths
from titan_lint.run import one_file, replace, workers
from titan_lint.run.outcome import FileOutcome
from titan_lint.run.projects import Projects
from titan_lint.uses.era import Era
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence
    from pathlib import Path

    from tests.projects import TitanLint
    from titan_lint.run.one_file import Job
    from titan_lint.run.workers import Task


def tasks(directory: Path, *names: str) -> list[Task]:
    made: list[Task] = []
    for name in names:
        (directory / name).write_text("x = 1\n" * 50_000)
        made.append((str(directory / name), (), 300_000, None))
    return made


def nothing_to_do(made: Sequence[Task]) -> dict[str, Job]:
    """One job for all files, for a ``check`` that does not look at it."""
    job = SimpleNamespace(projects=Projects(), fix=False, rules=())
    return dict.fromkeys([path for path, *_ in made], cast("Job", job))


def fill(directory: Path, count: int, text: str) -> None:
    for number in range(count):
        (directory / f"f{number}.py").write_text(text)


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files called ``deadly`` kill the process that checks them."""

    def check_one(job: Job, path: str, data: bytes, codes: Sequence[str]) -> FileOutcome:
        if "deadly" in path:
            os.kill(os.getpid(), signal.SIGKILL)
        return FileOutcome(path)

    monkeypatch.setattr(workers, "check", check_one)


@pytest.mark.usefixtures("killer")
@pytest.mark.parametrize("jobs", [2, 3, 8])
def test_a_process_that_dies_costs_the_one_file_that_it_died_of(tmp_path: Path, jobs: int) -> None:
    names = [f"f{number}.py" for number in range(40)] + ["deadly1.py", "deadly2.py"]
    made = tasks(tmp_path, *names)
    done = dict(workers.check_all(nothing_to_do(made), made, jobs))
    assert {os.path.basename(path) for path, *_ in done} == set(names)  # noqa: PTH119
    for (path, *_), outcome in done.items():
        assert outcome.path == path
        assert len(outcome.errors) == ("deadly" in path)
        if outcome.errors:
            assert "the process that checked it died" in outcome.errors[0].message


def test_files_of_a_project_stay_together_unless_they_are_more_than_a_share(
    tmp_path: Path,
) -> None:
    made: list[Task] = []
    for project, sizes in {"a": [5, 1], "b": [4, 3, 2], "c": [30, 40, 50]}.items():
        (tmp_path / project).mkdir()
        (tmp_path / project / "setup.py").touch()
        made += [
            (str(tmp_path / project / f"{n}.py"), (), size, None) for n, size in enumerate(sizes)
        ]
    made.append((str(tmp_path / "alone.py"), (), 10, None))
    chunks = workers._chunks(Projects(path for path, *_ in made), made, 1, 2)
    assert [[size for _, _, size, _ in chunk] for chunk in chunks] == [
        [50],
        [40],
        [30],
        [10],
        [4, 3, 2],
        [5, 1],
    ]


def test_little_work_stays_in_one_process(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(workers, "_Pool", refuse)
    fill(project, 10, LEGACY)
    assert titan_lint("--no-cache").status == 1


def test_fixing_works_in_other_processes(project: Path, titan_lint: TitanLint) -> None:
    fill(project, 10, LEGACY)
    ran = titan_lint("--no-cache", "-j3", "--fix")
    assert "Found 10 errors (10 fixed, 0 remaining)." in ran.out
    assert {path.read_text() for path in project.glob("*.py")} == {FIXED}


def test_a_file_that_vanishes_on_the_way_is_one_error(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "a.py").write_text(LEGACY)
    (project / "b.py").write_text(LEGACY)
    original = workers.check_all

    def check_all(job, tasks, jobs):  # type: ignore[no-untyped-def]
        (project / "a.py").unlink()
        return original(job, tasks, jobs)

    monkeypatch.setattr(workers, "check_all", check_all)
    ran = titan_lint("--no-cache")
    assert ran.status == 2
    assert ran.err == "error: a.py: cannot be read: No such file or directory\n"
    assert "--> b.py:3:23" in ran.out


def test_a_file_that_changes_while_it_is_fixed_keeps_the_change(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = project / "a.py"
    file.write_text(LEGACY)
    original = one_file._write

    def write(path: str, old: bytes, new: bytes):  # type: ignore[no-untyped-def]
        file.write_text("mine = 1\n")
        return original(path, old, new)

    monkeypatch.setattr(one_file, "_write", write)
    ran = titan_lint("--no-cache", "--fix")
    assert ran.status == 2
    assert ran.err == "error: a.py: the file changed while it was checked; nothing was written\n"
    assert file.read_text() == "mine = 1\n"


SLOW = """
import time
import titan_lint.check.lint as module
original = module.lint
def lint(*arguments, **options):
    time.sleep({seconds})
    return original(*arguments, **options)
module.lint = lint
from titan_lint.__main__ import main
import sys
sys.argv = ["titan-lint", "--no-cache", *sys.argv[1:]]
main()
"""


def start(*arguments: str, seconds: float, **options: object) -> subprocess.Popen[bytes]:
    code = SLOW.format(seconds=seconds)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [sys.executable, "-c", code, *arguments], env=environment, **options
    )


@pytest.mark.parametrize("jobs", ["-j1", "-j3"])
@pytest.mark.parametrize("whole_group", [True, False], ids=["terminal", "kill"])
def test_ctrl_c_stops_at_once_and_leaves_nothing_behind(
    project: Path, jobs: str, whole_group: bool
) -> None:
    fill(project, 30, LEGACY)
    process = start(
        jobs,
        "--fix",
        seconds=0.3,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=interrupts.heed,
    )
    while not any(path.read_text() == FIXED for path in project.glob("*.py")):
        time.sleep(0.02)
        assert process.poll() is None
    if whole_group:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    began = time.monotonic()
    out, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 3
    assert process.returncode == 130
    assert out == b""
    (line,) = err.decode().splitlines()
    assert line.startswith("Interrupted after ")
    assert line.endswith(" of 30 files.")
    assert {path.read_text() for path in project.glob("*.py")} <= {LEGACY, FIXED}
    assert not list(project.glob(".*tmp"))
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 0)
        raise AssertionError("a process was left behind")


SLOW_DISK = """
import os
import signal
import sys
import time
told = sys.argv[1] + "/writing"
original = os.fsync
def fsync(descriptor):
    # As a disk does it: no signal but SIGKILL ends the wait.
    heeded = signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGINT, signal.SIGTERM}})
    open(told, "w").close()
    time.sleep({seconds})
    original(descriptor)
    signal.pthread_sigmask(signal.SIG_SETMASK, heeded)
os.fsync = fsync
from titan_lint.__main__ import main
sys.argv = ["titan-lint", "--no-cache", *sys.argv[2:]]
main()
"""


@pytest.mark.parametrize("seconds", [0.3, 30])
def test_a_slow_disk_leaves_nothing_behind_after_an_interrupt(
    project: Path, tmp_path: Path, seconds: float
) -> None:
    fill(project, 12, LEGACY)
    told = tmp_path / "told"
    told.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_DISK.format(seconds=seconds), str(told), "-j3", "--fix"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=interrupts.heed,
    )
    while not (told / "writing").exists():
        time.sleep(0.02)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert {path.read_text() for path in project.glob("*.py")} <= {LEGACY, FIXED}
    assert not list(project.glob(".*tmp"))
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 0)
        raise AssertionError("a process was left behind")


@pytest.mark.parametrize("jobs", [2, 3])
def test_a_process_that_dies_of_a_file_leaves_no_temporary_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    def check_one(job: Job, path: str, data: bytes, codes: Sequence[str]) -> FileOutcome:
        if "deadly" in path:
            with monkeypatch.context() as patched:
                patched.setattr(os, "fsync", lambda _: os.kill(os.getpid(), signal.SIGKILL))
                replace.replace(path, data, b"new = 1")
        return FileOutcome(path)

    monkeypatch.setattr(workers, "check", check_one)
    names = [f"f{number}.py" for number in range(10)] + ["deadly.py"]
    made = tasks(tmp_path, *names)
    outcomes = [outcome for _, outcome in workers.check_all(nothing_to_do(made), made, jobs)]
    assert sum(len(outcome.errors) for outcome in outcomes) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


@pytest.mark.parametrize("jobs", ["-j1", "-j3"])
def test_an_interrupt_that_the_caller_has_ignored_stays_ignored(project: Path, jobs: str) -> None:
    fill(project, 12, LEGACY)
    process = start(
        jobs,
        "--fix",
        seconds=0.1,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=interrupts.ignore,
    )
    while not any(path.read_text() == FIXED for path in project.glob("*.py")):
        time.sleep(0.02)
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert b"Found 12 errors (12 fixed, 0 remaining)." in out
    assert {path.read_text() for path in project.glob("*.py")} == {FIXED}


def test_progress_is_shown_on_a_terminal_after_a_second_and_taken_away(project: Path) -> None:
    fill(project, 8, LEGACY)

    def on_terminal(seconds: float) -> bytes:
        first, second = pty.openpty()
        process = start("-j1", seconds=seconds, stderr=second, stdout=subprocess.DEVNULL)
        process.wait()
        os.close(second)
        shown = b""
        with contextlib.suppress(OSError):
            while data := os.read(first, 65536):
                shown += data
        os.close(first)
        return shown

    shown = on_terminal(0.25)
    assert b"\rChecked 6 of 8 files" in shown
    assert shown.endswith(b"\r\x1b[K")
    for path in project.glob("*.py"):
        path.write_text(CLEAN)
    assert on_terminal(0) == b""


def test_no_progress_is_shown_elsewhere(project: Path) -> None:
    fill(project, 5, LEGACY)
    process = start("-j1", seconds=0.3, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.communicate()[1] == b""


def test_whoever_reads_the_output_may_stop_reading(project: Path) -> None:
    fill(project, 300, LEGACY)
    process = start(seconds=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 1


def test_what_was_parsed_of_a_project_goes_before_the_next_one_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees: dict[str, list[weakref.ref[ast.Module]]] = {}
    alive: list[list[str]] = []

    def init(program: Program, source: Source) -> None:
        original(program, source)
        trees.setdefault(source.path.split("/")[-2], []).append(weakref.ref(program.tree))
        alive.append([name for name, found in trees.items() if any(tree() for tree in found)])

    original = Program.__init__
    monkeypatch.setattr(Program, "__init__", init)
    monkeypatch.setattr(workers, "_COLLECTED", 0)
    monkeypatch.setattr(workers, "_KEPT", 0)
    for name in "abcd":
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").touch()
        fill(tmp_path / name, 3, f"{LEGACY}import f0\nfrom f1 import other\n")
    result = lint_paths(tmp_path, torchtitan="0.3.0", no_cache=True, jobs=1)
    assert [len(file.findings) for file in result.files] == [1] * 12
    assert len(trees) == 4
    assert max(map(len, alive)) == 1


def test_what_was_worked_out_of_a_file_goes_without_a_collection() -> None:
    program = Program(Source("engine.py", LEGACY))
    tree = weakref.ref(program.tree)
    gc.collect()
    gc.disable()
    try:
        linted = lint_program(
            program,
            codes=list(rules.names()),
            targets=targets.parse("0.3.0"),
            options=Options(era=Era(("0.2.2",))),
        )
        del program
        assert linted.findings
        assert tree() is None
    finally:
        gc.enable()
