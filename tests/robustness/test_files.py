"""Whatever lies in a tree: links, pipes, locked files, a full disk, other writers."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.robustness.command import (
    FIXED,
    HIT,
    RULES,
    Done,
    command,
    environment,
    locations,
    titan_lint,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file systems")

TEMPORARY = ".titan-lint-tmp"


def _found(done: Done) -> list[str]:
    return sorted(path for path, _, _ in locations("json", done.stdout))


def _check(cwd: Path, *paths: str) -> Done:
    return titan_lint("--output-format=json", *(paths or (".",)), cwd=cwd)


def _no_temporaries(root: Path) -> None:
    assert [path for path in root.rglob("*") if path.name.endswith(TEMPORARY)] == []


# Links.


def test_links_in_a_tree_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text(HIT)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "own.py").write_text(HIT)
    (tree / "file_link.py").symlink_to(outside / "secret.py")
    (tree / "folder_link").symlink_to(outside)
    (tree / "broken.py").symlink_to("nowhere.py")
    (tree / "device.py").symlink_to("/dev/zero")
    done = titan_lint("--fix", ".", cwd=tree)
    assert (done.status, done.errors) == (0, [])
    assert (tree / "own.py").read_text() == FIXED
    assert (outside / "secret.py").read_text() == HIT


def test_loops_of_links_end(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HIT)
    (tmp_path / "self").symlink_to(".")
    (tmp_path / "up").symlink_to("..")
    (tmp_path / "one.py").symlink_to("two.py")
    (tmp_path / "two.py").symlink_to("one.py")
    assert _found(_check(tmp_path)) == ["a.py"]
    done = _check(tmp_path, "one.py")
    assert (done.status, len(done.errors)) == (2, 1)
    assert "symbolic links" in done.errors[0]


def test_a_link_given_outright_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "engine.py"
    target.write_text(HIT)
    (tmp_path / "link.py").symlink_to("real/engine.py")
    done = titan_lint("--fix", "link.py", cwd=tmp_path)
    assert (done.status, done.errors) == (0, [])
    assert (tmp_path / "link.py").is_symlink()
    assert target.read_text() == FIXED
    target.write_text(HIT)
    (tmp_path / "folder").symlink_to("real")
    assert titan_lint("--fix", "folder", cwd=tmp_path).status == 0
    assert target.read_text() == FIXED


def test_a_file_reached_twice_is_reported_once(tmp_path: Path) -> None:
    (tmp_path / "real.py").write_text(HIT)
    (tmp_path / "link.py").symlink_to("real.py")
    done = _check(tmp_path, ".", "real.py", "./real.py", "link.py")
    assert len(_found(done)) == 1


def test_another_hard_link_keeps_the_old_content(tmp_path: Path) -> None:
    inside, outside = tmp_path / "tree" / "a.py", tmp_path / "cache.py"
    inside.parent.mkdir()
    inside.write_text(HIT)
    os.link(inside, outside)
    assert titan_lint("--fix", "tree", cwd=tmp_path).status == 0
    assert (inside.read_text(), outside.read_text()) == (FIXED, HIT)


# What is no file.


def test_pipes_sockets_and_devices_are_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(HIT)
    os.mkfifo(tmp_path / "fifo.py")
    with socket.socket(socket.AF_UNIX) as listening:
        try:
            listening.bind(str(tmp_path / "socket.py"))
        except OSError:
            pytest.skip("the path is too long for a socket")
        done = _check(tmp_path)
    assert done.status == 2
    assert _found(done) == ["own.py"]
    assert sorted(line.partition(".py: ")[2] for line in done.errors) == [
        "cannot be read: a FIFO, not a regular file",
        "cannot be read: a socket, not a regular file",
    ]
    for path in ("fifo.py", "/dev/null", "/dev/zero"):
        done = _check(tmp_path, path)
        assert (done.status, len(done.errors)) == (2, 1)
        assert "not a regular file" in done.errors[0]


def test_a_folder_named_like_a_file_is_walked(tmp_path: Path) -> None:
    (tmp_path / "package.py").mkdir()
    (tmp_path / "package.py" / "a.py").write_text(HIT)
    assert _found(_check(tmp_path)) == ["package.py/a.py"]


def test_a_tree_of_1000_levels_is_walked(tmp_path: Path) -> None:
    # Deeper than a path may be long, so it is made step by step.
    here = os.open(tmp_path, os.O_RDONLY)
    (tmp_path / "top.py").write_text(HIT)
    for _ in range(1_000):
        os.mkdir("abcdefg", dir_fd=here)
        inner = os.open("abcdefg", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    try:
        done = _check(tmp_path)
        assert _found(done) == ["top.py"]
        assert done.status == 2
        (line,) = done.errors
        assert line.endswith("File name too long")
    finally:
        subprocess.run(["rm", "-rf", str(tmp_path / "abcdefg")], check=True)


# What may not be read or written.


def _as_nobody(tree: Path, *arguments: str) -> Done:
    """Run without the superuser's rights, where the tests have them."""
    if os.geteuid() != 0:
        return titan_lint(*arguments, cwd=tree)
    if shutil.which("setpriv") is None:
        pytest.skip("running as root, and setpriv is not installed")
    rights = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    done = subprocess.run(
        [*rights, *command(*arguments)],
        cwd=tree,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    stderr = done.stderr.decode()
    if "setpriv" in stderr:
        pytest.skip(stderr)
    assert "Traceback" not in stderr
    return Done(done.returncode, done.stdout, stderr)


def test_unreadable_files_and_folders_are_one_line_each(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.py").write_text(HIT)
    (tmp_path / "a" / "x.py").chmod(0)
    (tmp_path / "b").chmod(0)
    try:
        done = _as_nobody(tmp_path, "--output-format=json", "--fix", ".")
    finally:
        (tmp_path / "b").chmod(0o755)
    assert done.status == 2
    assert sorted(done.errors) == [
        "error: a/x.py: cannot be read: Permission denied",
        "error: b: cannot be read: Permission denied",
    ]
    assert (tmp_path / "c" / "x.py").read_text() == FIXED


def test_read_only_files_and_folders_stay_and_are_reported(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HIT)
    (tmp_path / "a.py").chmod(0o444)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "b.py").write_text(HIT)
    (tmp_path / "folder").chmod(0o555)
    try:
        done = _as_nobody(tmp_path, "--output-format=json", "--fix", ".")
    finally:
        (tmp_path / "folder").chmod(0o755)
    assert done.status == 2
    assert _found(done) == ["a.py", "folder/b.py"]
    assert sorted(done.errors) == [
        "error: a.py: the file is read-only; nothing was written",
        "error: folder/b.py: cannot be written: Permission denied",
    ]
    assert (tmp_path / "a.py").read_text() == (tmp_path / "folder" / "b.py").read_text() == HIT
    _no_temporaries(tmp_path)


def test_a_fix_keeps_mode_and_attributes(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(HIT)
    path.chmod(0o751)
    try:
        os.setxattr(path, "user.origin", b"here")
        has_attributes = True
    except OSError:
        has_attributes = False
    assert titan_lint("--fix", ".", cwd=tmp_path).status == 0
    assert path.read_text() == FIXED
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    if has_attributes:
        assert os.getxattr(path, "user.origin") == b"here"


# A full disk.


def _limit_file_size() -> None:
    # Writing past the limit fails with EFBIG once the signal is ignored; the write path cannot tell
    # that from a full disk's ENOSPC.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def test_a_write_that_fails_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    padding = "# " + "x" * 10_000 + "\n"
    for name in ("a", "b"):
        (tree / f"{name}.py").write_text(HIT + padding)
    done = subprocess.run(
        command("--fix", "--output-format=json", "."),
        cwd=tree,
        env=environment(PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        preexec_fn=_limit_file_size,
        check=False,
    )
    stderr = done.stderr.decode()
    assert done.returncode == 2
    assert "Traceback" not in stderr
    assert stderr == "".join(f"error: {n}.py: cannot be written: File too large\n" for n in "ab")
    assert sorted(os.listdir(tree)) == ["a.py", "b.py"]
    assert all((tree / f"{n}.py").read_text() == HIT + padding for n in "ab")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_a_full_disk_leaves_the_old_files(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted: {done.stderr.strip()}")
    try:
        padding = "# " + "x" * 20_000 + "\n"
        for name in ("a", "b"):
            (disk / f"{name}.py").write_text(HIT + padding)
        with open(disk / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 512)
            except OSError:
                pass
        # With its cache, which is on the full disk, too.
        for arguments in (["--fix"], ["--add-noqa"]):
            fixing = subprocess.run(
                [sys.executable, "-m", "titan_lint", "--isolated", *arguments, "."],
                cwd=disk,
                env=environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            assert fixing.returncode == 2
            assert fixing.stderr == "".join(
                f"error: {n}.py: cannot be written: No space left on device\n" for n in "ab"
            )
            assert all((disk / f"{n}.py").read_text() == HIT + padding for n in "ab")
            _no_temporaries(disk)
        done = titan_lint("--output-file=report", ".", cwd=disk)
        assert (done.status, len(done.errors)) == (2, 1)
        assert "No space left on device" in done.errors[0]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def test_a_full_standard_output_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HIT)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command("."),
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert (
        done.stderr.decode()
        == "error: standard output cannot be written: No space left on device\n"
    )


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["rule", "--all"], ["api", "versions"]]
)
def test_a_full_standard_output_is_an_error_of_every_command(
    arguments: list[str], tmp_path: Path
) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "titan_lint", *arguments],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert (
        done.stderr.decode()
        == "error: standard output cannot be written: No space left on device\n"
    )


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.py").write_text(HIT)
    running = subprocess.Popen(
        command("."),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    running.stdout.readline()
    running.stdout.close()
    _, stderr = running.communicate(timeout=60)
    assert (running.returncode, stderr) == (1, b"")


def test_closed_standard_streams_are_survived(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(HIT)
    shell = " ".join(f"'{part}'" for part in map(str, command("--fix", ".")))
    for closed in (">&-", "2>&-", "<&-", "<&- >&- 2>&-"):
        (tmp_path / "a.py").write_text(HIT)
        done = subprocess.run(
            ["sh", "-c", f"{shell} {closed}"],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, closed
        assert done.returncode in (0, 2), closed
        assert (tmp_path / "a.py").read_text() == FIXED, closed


# Others at work on the same files.


def test_a_file_that_changed_since_it_was_read_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.py"
    path.write_text(HIT)
    _before_each_write(monkeypatch, lambda: path.write_text(f"{HIT}new = 1\n"))
    monkeypatch.chdir(tmp_path)
    assert _run("--fix") == 2
    assert path.read_text() == f"{HIT}new = 1\n"
    captured = capfd.readouterr()
    assert captured.err == (
        "error: a.py: the file changed while it was checked; nothing was written\n"
    )
    assert "TTN105" in captured.out
    _no_temporaries(tmp_path)


def test_a_file_that_vanished_since_it_was_read_stays_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.py"
    path.write_text(HIT)
    _before_each_write(monkeypatch, path.unlink)
    monkeypatch.chdir(tmp_path)
    assert _run("--fix") == 2
    assert capfd.readouterr().err == "error: a.py: cannot be written: No such file or directory\n"
    assert os.listdir(tmp_path) == []


def test_a_file_that_became_a_link_leads_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "outside.py"
    tree.mkdir()
    path = tree / "a.py"
    path.write_text(HIT)
    outside.write_text(f"{HIT}secret = 1\n")

    def swap() -> None:
        path.unlink()
        path.symlink_to(outside)

    _before_each_write(monkeypatch, swap)
    monkeypatch.chdir(tree)
    assert _run("--fix") == 2
    assert outside.read_text() == f"{HIT}secret = 1\n"


def test_a_file_that_vanishes_before_it_is_read_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from titan_lint.run import discover

    (tmp_path / "a.py").write_text(HIT)
    (tmp_path / "b.py").write_text(HIT)
    original = discover.discover

    def discover_and_remove(settings: object) -> object:
        found = original(settings)  # type: ignore[arg-type]
        (tmp_path / "a.py").unlink()
        return found

    monkeypatch.setattr(discover, "discover", discover_and_remove)
    monkeypatch.chdir(tmp_path)
    assert _run("--output-format=concise") == 2
    captured = capfd.readouterr()
    assert captured.err == "error: a.py: cannot be read: No such file or directory\n"
    assert captured.out.startswith("b.py:3:23: TTN105")


def _run(*arguments: str) -> int:
    from titan_lint.cli import main

    return main.run(["--isolated", "--no-cache", RULES, *arguments, "."])


def _before_each_write(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    from titan_lint.run import replace as module

    replace = module.replace

    def late(path: str, old: bytes, new: bytes) -> None:
        do()
        replace(path, old, new)

    monkeypatch.setattr(module, "replace", late)


def test_two_runs_at_once_fix_everything_once(tmp_path: Path) -> None:
    """Either run may find a file in the other's hands; in the end, all are fixed and whole."""
    for number in range(60):
        (tmp_path / f"{number}.py").write_text(HIT)
    running = [
        subprocess.Popen(
            command("--fix", "-q", "-j1", "."),
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in running:
        _, stderr = process.communicate(timeout=60)
        assert process.returncode in (0, 2)
        for line in stderr.decode().splitlines():
            assert line.endswith(("nothing was written", "No such file or directory")), line
    assert all(path.read_text() == FIXED for path in tmp_path.iterdir())
    _no_temporaries(tmp_path)


def test_runs_at_once_share_a_cache(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.py").write_text(HIT)
    expected = titan_lint("--output-format=json", ".", cwd=tmp_path).stdout
    run = [sys.executable, "-m", "titan_lint", "--isolated", RULES, "--output-format=json", "."]
    running = [
        subprocess.Popen(run, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in running:
        stdout, _ = process.communicate(timeout=60)
        assert stdout == expected
    again = subprocess.run(run, cwd=tmp_path, env=environment(), capture_output=True, check=False)
    assert again.stdout == expected
    assert [p for p in (tmp_path / ".titan_lint_cache").iterdir() if p.suffix == ".tmp"] == []


# Killed.


def test_kill_at_any_moment_leaves_old_or_new_files(tmp_path: Path) -> None:
    """A slice of what `python -m tests.robustness.run kills` does 200 times."""
    from tests.robustness.kills import kill_at_random_moments

    told = kill_at_random_moments(tmp_path, times=5, files=15, seed=5)
    assert told.killed >= 4, told
    assert told.broken == []
    assert told.left_after_next_run == []


def test_what_a_killed_run_left_is_removed_unless_it_is_in_use(tmp_path: Path) -> None:
    import fcntl

    from titan_lint.run import replace

    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1\n")
    stale, used = (replace._temporary(str(tmp_path / name)) for name in ("a.py", "b.py"))
    for path in (stale, used):
        with open(path, "w") as file:
            file.write("half of")
    foreign = tmp_path / f"notes{TEMPORARY}"
    foreign.write_text("somebody's own")
    with open(used, "wb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert titan_lint(".", cwd=tmp_path).status == 0
        assert not os.path.exists(stale)
        assert os.path.exists(used)
    assert titan_lint(".", cwd=tmp_path).status == 0
    assert sorted(os.listdir(tmp_path)) == ["a.py", "b.py", foreign.name]


# A working directory that is gone.


def test_a_working_directory_that_is_gone_is_one_line(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    (tmp_path / "a.py").write_text(HIT)
    script = f"cd '{gone}' && rmdir '{gone}' && exec " + " ".join(
        f"'{part}'" for part in map(str, command(tmp_path / "a.py"))
    )
    done = subprocess.run(
        ["sh", "-c", script], env=environment(), capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_time_stamps_are_not_trusted(tmp_path: Path) -> None:
    """The cache goes by content: an edit that keeps size and time is seen."""
    path = tmp_path / "a.py"
    path.write_text(HIT)
    run = [sys.executable, "-m", "titan_lint", "--isolated", RULES, "--output-format=json", "."]

    def codes() -> list[str]:
        done = subprocess.run(
            run, cwd=tmp_path, env=environment(), capture_output=True, check=False
        )
        return [finding["code"] for finding in json.loads(done.stdout)["findings"]]

    then = time.time() - 1_000
    os.utime(path, (then, then))
    assert codes() == codes() == ["TTN105"]
    path.write_text(HIT.replace("varlen", "normal"))
    os.utime(path, (then, then))
    assert len(HIT) == path.stat().st_size
    assert codes() == ["TTN107"]
