"""Replacing a file: old or new, and nothing else."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from titan_lint.run import replace as module
from titan_lint.run.replace import ReplaceError, is_temporary, remove_stale, replace

OLD, NEW = b"old = 1\n", b"new = 2\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_bytes(OLD)
    return path


def leftovers(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir() if is_temporary(path.name)]


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600, 0o664])
def test_the_content_changes_and_the_mode_stays(file: Path, mode: int) -> None:
    file.chmod(mode)
    replace(str(file), OLD, NEW)
    assert file.read_bytes() == NEW
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert leftovers(file.parent) == []


def test_a_link_stays_and_its_file_changes(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "sub" / "link.py"
    link.parent.mkdir()
    link.symlink_to("../a.py")
    replace(str(link), OLD, NEW)
    assert link.is_symlink()
    assert file.read_bytes() == NEW


def test_another_hard_link_keeps_the_old_content(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "cache.py"
    os.link(file, other)
    replace(str(file), OLD, NEW)
    assert (file.read_bytes(), other.read_bytes()) == (NEW, OLD)


def test_a_file_that_changed_meanwhile_is_left_alone(file: Path) -> None:
    file.write_bytes(b"edited = 3\n")
    with pytest.raises(ReplaceError, match="changed while it was checked"):
        replace(str(file), OLD, NEW)
    assert file.read_bytes() == b"edited = 3\n"
    assert leftovers(file.parent) == []


def test_a_file_that_vanished_is_not_made_anew(file: Path) -> None:
    file.unlink()
    with pytest.raises(ReplaceError, match="No such file"):
        replace(str(file), OLD, NEW)
    assert not file.exists()
    assert leftovers(file.parent) == []


def test_a_read_only_file_is_left_alone_even_by_the_superuser(file: Path) -> None:
    file.chmod(0o444)
    with pytest.raises(ReplaceError, match="read-only"):
        replace(str(file), OLD, NEW)
    assert file.read_bytes() == OLD


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to the superuser")
def test_a_read_only_directory_is_an_error(file: Path) -> None:
    file.parent.chmod(0o555)
    try:
        with pytest.raises(ReplaceError, match="Permission denied"):
            replace(str(file), OLD, NEW)
    finally:
        file.parent.chmod(0o755)
    assert file.read_bytes() == OLD


def test_a_full_disk_costs_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(ReplaceError, match="No space left"):
        replace(str(file), OLD, NEW)
    assert file.read_bytes() == OLD
    assert leftovers(file.parent) == []


def test_a_really_full_disk_costs_nothing(tmp_path: Path) -> None:
    mount = tmp_path / "disk"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system of limited size can be mounted here")
    try:
        file = mount / "a.py"
        old = b"#" * 40_000
        file.write_bytes(old)
        with pytest.raises(ReplaceError, match="No space left"):
            replace(str(file), old, b"#" * 41_000)
        assert file.read_bytes() == old
        assert leftovers(mount) == []
    finally:
        subprocess.run(["umount", str(mount)], check=True)


def test_an_interrupt_leaves_the_old_file_and_no_temporary(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module.os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace(str(file), OLD, NEW)
    assert file.read_bytes() == OLD
    assert leftovers(file.parent) == []


@pytest.mark.parametrize("step", ["open", "flock", "fsync", "replace"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_until_the_file_is_written(
    file: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: signal.Signals
) -> None:
    of = fcntl if step == "flock" else os
    original = getattr(of, step)

    def interrupted(*arguments: object) -> object:
        result = original(*arguments)
        # A process with several threads may take a signal of its own in any of them.
        signal.pthread_kill(threading.get_ident(), number)
        return result

    def handle(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(number, handle)
    monkeypatch.setattr(of, step, interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            replace(str(file), OLD, NEW)
    finally:
        signal.signal(number, before)
    assert file.read_bytes() == NEW
    assert leftovers(file.parent) == []


def left_behind(file: Path) -> Path:
    """The temporary that a run killed in the middle of replacing ``file`` leaves."""
    temporary = Path(module._temporary(str(file)))
    temporary.write_bytes(NEW[:3])
    return temporary


def test_the_temporary_of_a_killed_run_is_in_nobodys_way(file: Path) -> None:
    left_behind(file)
    replace(str(file), OLD, NEW)
    assert file.read_bytes() == NEW
    assert leftovers(file.parent) == []


def test_a_file_that_another_run_is_writing_is_left_alone(file: Path) -> None:
    temporary = left_behind(file)
    with temporary.open("rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        remove_stale(str(temporary))
        assert temporary.exists()
        with pytest.raises(ReplaceError, match="another run is writing"):
            replace(str(file), OLD, NEW)
    assert file.read_bytes() == OLD
    remove_stale(str(temporary))
    assert not temporary.exists()


WRITER = """
import sys
from titan_lint.run.replace import ReplaceError, replace
paths = sys.argv[1:]
for _ in range(1000):
    for path in paths:
        for old, new in ((b"old = 1\\n" * 2000, b"new = 2\\n" * 2000),) * 2:
            for one, other in ((old, new), (new, old)):
                try:
                    replace(path, one, other)
                except ReplaceError:
                    pass
"""


def run_writer(files: list[Path]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, *map(str, files)])


def test_a_run_killed_at_any_moment_leaves_whole_files(tmp_path: Path) -> None:
    files = [tmp_path / f"f{number}.py" for number in range(5)]
    for file in files:
        file.write_bytes(OLD * 2000)
    chance = random.Random(0)
    seen: set[bytes] = set()
    for _ in range(15):
        before = [file.stat().st_ino for file in files]
        process = run_writer(files)
        while [file.stat().st_ino for file in files] == before:
            assert process.poll() is None
        time.sleep(chance.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        seen |= {file.read_bytes() for file in files}
        for name in leftovers(tmp_path):
            remove_stale(str(tmp_path / name))
        assert sorted(path.name for path in tmp_path.iterdir()) == [file.name for file in files]
    assert seen == {OLD * 2000, NEW * 2000}


def test_two_runs_at_once_leave_whole_files(tmp_path: Path) -> None:
    file = tmp_path / "f.py"
    file.write_bytes(OLD * 2000)
    writers = [run_writer([file]) for _ in range(2)]
    ends = time.monotonic() + 1.5
    try:
        while time.monotonic() < ends:
            assert file.read_bytes() in (OLD * 2000, NEW * 2000)
    finally:
        for writer in writers:
            writer.terminate()
            writer.wait()
