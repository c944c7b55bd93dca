"""A hang, a crash, too much memory: results with their last lines, and the rest still runs."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from titan_lint.verify.job import Job
from titan_lint.verify.process import Supervised, run_probe

from .conftest import copy_with_parts, forked_probes, needs_torchtitan

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.verify.observation import Observation

pytestmark = needs_torchtitan


def observe(
    directory: Path,
    module: str,
    *,
    attn_types: tuple[str, ...] = ("flex",),
    timeout: float = 120.0,
    memory_limit: int = 0,
) -> list[Observation]:
    root = copy_with_parts(module, to=directory / "root")
    job = Job(
        root=str(root),
        module=module,
        function="make_engine",
        config="",
        adapter="",
        config_only=False,
        attn_types=list(attn_types),
        device="cpu",
        steps=4,
        seed=0,
        memory_limit=memory_limit,
        output=str(directory / "out"),
        keep=str(directory / "kept"),
        compare="",
    )
    return [ranks[0] for ranks in run_probe(job, timeout=timeout, threads=1)]


def test_hang_is_cut_off_with_its_last_lines(tmp_path: Path) -> None:
    start = time.monotonic()
    with forked_probes():
        (seen,) = observe(tmp_path, "hangs", timeout=5)
    assert time.monotonic() - start < 40
    assert seen.failure is not None
    assert seen.failure.stage == "make"
    assert "took over 5 s" in str(seen.failure)
    assert "still waiting for a rendezvous" in seen.failure.tail


def test_crash_is_a_result_and_the_next_attention_type_still_runs(tmp_path: Path) -> None:
    with forked_probes():
        crashed, after = observe(tmp_path, "crashes", attn_types=("flex", "varlen"))
    assert crashed.failure is not None
    assert str(crashed.failure) == "the process was killed by SIGSEGV"
    assert "about to read address 0" in crashed.failure.tail
    assert after.done
    assert after.failure is None
    assert after.documents is not None


@pytest.mark.slow
def test_crash_of_a_process_of_its_own_is_such_a_result_too(tmp_path: Path) -> None:
    crashed, after = observe(tmp_path, "crashes", attn_types=("flex", "varlen"))
    assert str(crashed.failure) == "the process was killed by SIGSEGV"
    assert after.done
    assert after.documents is not None


def test_supervisor_tells_the_signal_that_killed_its_command(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import ctypes\nprint('here', flush=True)\nctypes.string_at(0)",
    ]
    with (tmp_path / "log").open("wb") as log:
        running = Supervised(
            command,
            cwd=str(tmp_path),
            env=dict(os.environ),
            log=log.fileno(),
            scratch=str(tmp_path / "scratch"),
        )
        deadline = time.monotonic() + 30
        while not running.ended():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert running.end() == -signal.SIGSEGV
    assert (tmp_path / "log").read_text().startswith("here\n")


def test_broken_device_does_not_fail_the_next_attention_type(tmp_path: Path) -> None:
    with forked_probes():
        broken, after = observe(tmp_path, "breaks_device", attn_types=("flex", "varlen"))
    assert broken.failure is not None
    assert "illegal memory access" in str(broken.failure)
    assert after.failure is None
    assert after.documents is not None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="memory limits need a POSIX system")
def test_memory_beyond_the_limit_is_a_result(tmp_path: Path) -> None:
    with forked_probes():
        (seen,) = observe(tmp_path, "hoards", memory_limit=8 << 30)
    assert seen.failure is not None
    assert seen.failure.stage == "make"
    assert "memory" in seen.failure.message


def test_module_that_does_not_import_is_a_result(tmp_path: Path) -> None:
    root = copy_with_parts(to=tmp_path / "root")
    (root / "broken.py").write_text("import torch\nimport no_such_package\n")
    (root / "right.py").unlink(missing_ok=True)
    job = Job(
        root=str(root),
        module="broken",
        function="make_engine",
        config="",
        adapter="",
        config_only=False,
        attn_types=["flex"],
        device="cpu",
        steps=4,
        seed=0,
        memory_limit=0,
        output=str(tmp_path / "out"),
        keep=str(tmp_path / "kept"),
        compare="",
    )
    with forked_probes():
        ((seen,),) = run_probe(job, timeout=120, threads=1)
    assert seen.failure is not None
    assert str(seen.failure) == "ModuleNotFoundError: No module named 'no_such_package'"
    assert "line 2, in <module>" in seen.failure.tail
