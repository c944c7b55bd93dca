"""Whatever one engine does, the others are reported, and neither a process nor a folder is left."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests import interrupts
from titan_lint.verify import verify as runner
from titan_lint.verify.document import Environment
from titan_lint.verify.process import _Output  # pyright: ignore[reportPrivateUsage]

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and sessions of POSIX")

TORCH = """
__version__ = "2.13.0"
class cuda:
    is_available = staticmethod(lambda: False)
    is_initialized = staticmethod(lambda: False)
"""


class Project:
    """Engines in a directory of their own, run by the command on stand-ins for torch and torchtitan.

    What engines do here they do when they are imported, so nothing of the real packages is needed,
    and a run takes a fraction of a second.
    """

    def __init__(self, path: Path) -> None:
        self.tree = path / "tree"
        self.temporary = path / "tmp"
        self.pids = path / "pids"
        site = path / "site"
        for directory in (self.tree, self.temporary, self.pids, site):
            directory.mkdir()
        self.write(site / "torch" / "__init__.py", TORCH)
        self.write(site / "torch" / "_dynamo" / "__init__.py", "")
        self.write(site / "torch" / "_dynamo" / "config.py", "")
        self.write(site / "torchtitan" / "__init__.py", "")
        self.write(
            site / "torchtitan-0.3.0.dist-info" / "METADATA",
            "Metadata-Version: 2.1\nName: torchtitan\nVersion: 0.3.0\n",
        )
        self.environment = os.environ | {
            "PYTHONPATH": str(site),
            "TMPDIR": str(self.temporary),
            "PIDS": str(self.pids),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @staticmethod
    def write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def engine(self, name: str, code: str) -> None:
        """Add an engine that, when it is imported, writes its process down and runs the code."""
        head = (
            "# titan-lint: engine=make_engine\n"
            "import os, pathlib, signal, sys, time\n"
            "def note(): pathlib.Path(os.environ['PIDS'], str(os.getpid())).touch()\n"
            "note()\n"
        )
        self.write(self.tree / f"{name}.py", head + textwrap.dedent(code))

    def start(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "titan_lint", "verify", str(self.tree)),
                *("--device", "cpu", "--attn-type", "flex", "--output-format", "json", *options),
            ],
            cwd=Path(__file__).parents[2],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=interrupts.heed,
        )

    def run(self, *options: str) -> dict[str, dict[str, Any]]:
        """What ended each engine before its rewrite, by its name."""
        with self.start(*options) as process:
            out, err = process.communicate(timeout=120)
        assert out, err
        return {
            run["engine"].partition(":")[0]: run["failure"]["before"]
            for run in json.loads(out)["runs"]
        }

    def running(self) -> list[str]:
        """The noted processes that still run."""
        alive: list[str] = []
        for file in self.pids.iterdir():
            with contextlib.suppress(psutil.Error):
                if psutil.Process(int(file.name)).status() != psutil.STATUS_ZOMBIE:
                    alive.append(file.name)
        return alive

    def assert_nothing_left(self) -> None:
        until = time.monotonic() + 20
        while (self.running() or [*self.temporary.iterdir()]) and time.monotonic() < until:
            time.sleep(0.05)
        assert any(self.pids.iterdir()), "no engine was run"
        assert self.running() == []
        assert [*self.temporary.iterdir()] == []


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


ENGINES = {
    "removes": "import shutil; shutil.rmtree(os.getcwd()); raise OSError('gone')",
    "removes_all": (
        "import shutil; shutil.rmtree(os.path.dirname(os.getcwd())); raise OSError('all gone')"
    ),
    "rewrites": "open('well.py', 'w').write('raise SystemExit'); raise OSError('written')",
    "daemon": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                note()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(300)
            os._exit(0)
        os.wait()
        time.sleep(0.2)
        raise RuntimeError("left a daemon")
        """,
    "forks": """
        child = os.fork()
        if child == 0:
            raise RuntimeError("the copy")
        os.waitpid(child, 0)
        raise RuntimeError("the engine")
        """,
    "kills": "os.kill(os.getppid(), signal.SIGKILL); os._exit(3)",
    "well": "raise RuntimeError('this engine was run')",
}
HANGING = {
    "noisy": "while True: sys.stdout.write('x' * 70 + '\\n')",
    "silent": """
        import ctypes
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        ctypes.PyDLL(None).pause()
        """,
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """How each of a project's engines ended that ran in one run, and nothing left of them."""
    project = Project(tmp_path_factory.mktemp("ended"))
    for name, code in ENGINES.items():
        project.engine(name, code)
    seen = project.run()
    daemons_and_engines = 2 * (len(ENGINES) + 1)
    assert len([*project.pids.iterdir()]) == daemons_and_engines, "before and after the rewrite"
    project.assert_nothing_left()
    return seen


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("removes", "gone"),
        ("removes_all", "all gone"),
        ("rewrites", "written"),
        ("daemon", "left a daemon"),
        # The copy that it forked comes out of it, too, and says nothing.
        ("forks", "the engine"),
        ("kills", "ended together with its supervisor"),
        ("well", "this engine was run"),
    ],
)
def test_what_one_engine_does_is_no_other_ones_fate(
    ended: dict[str, dict[str, Any]], engine: str, message: str
) -> None:
    assert ended[engine]["message"] == message


def test_engines_that_hang_or_write_without_end_are_ended(project: Project) -> None:
    for name, code in HANGING.items():
        project.engine(name, code)
    seen = project.run("--timeout", "2")
    assert {end["message"] for end in seen.values()} == {"took over 2 s"}
    assert len(seen["noisy"]["tail"]) < 2000
    project.assert_nothing_left()


def test_a_log_whose_writers_are_gone_is_not_waited_for(tmp_path: Path) -> None:
    output = _Output([tmp_path / "seen"])
    os.write(output.log_writer, b"the last line\n")
    output.close_log()
    assert output.read(0)
    assert not output.read(0)
    assert not output.read(0)
    assert output.tail == "the last line"
    output.close()


def test_bytes_in_a_message_that_are_no_utf8_are_reported(project: Project, tmp_path: Path) -> None:
    project.engine("names", r"raise RuntimeError('no such file: bad\udcff')")
    page = tmp_path / "report.html"
    with project.start("--output-format", "text", "--report", str(page)) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    assert r"no such file: bad\udcff" in out
    assert r"no such file: bad\udcff" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("at", ["copied", "started"])
def test_a_full_disk_fails_the_engine_that_meets_it(
    project: Project, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    project.engine("full", ENGINES["well"])
    project.engine("well", ENGINES["well"])
    monkeypatch.setattr(os, "environ", project.environment)
    monkeypatch.setattr(
        runner,
        "describe_environment",
        lambda: Environment("3.12.3", "2.13.0", "0.3.0", "CPU", cuda=False),
    )

    def full(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *rest: Any, **options: Any) -> Any:
            if "engine0" in f"{path} {rest}":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return function(path, *rest, **options)

        return call

    if at == "copied":
        monkeypatch.setattr(shutil, "copytree", full(shutil.copytree))
    else:
        monkeypatch.setattr(os, "mkfifo", full(os.mkfifo))
    settings = runner.VerifySettings(device="cpu", attn_types=("flex",), jobs=1)
    first, second = runner.verify([project.tree], settings).runs
    assert "No space left on device" in str(first.seen_before.failure)
    assert "this engine was run" in str(second.seen_before.failure)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_with_all_that_it_started(
    project: Project, number: signal.Signals
) -> None:
    _hanging(project)
    with project.start("-j", "2") as process:
        _wait_for_engines(project, 4)
        sent = time.monotonic()
        process.send_signal(number)
        process.communicate(timeout=60)
    assert time.monotonic() - sent < 20
    assert process.returncode == 128 + number
    project.assert_nothing_left()


def test_a_run_that_is_killed_leaves_no_engine_running(project: Project) -> None:
    _hanging(project)
    with project.start("-j", "2") as process:
        _wait_for_engines(project, 4)
        process.kill()
        process.communicate(timeout=60)

    def left() -> list[Path]:
        return [*project.temporary.glob("*/engine*")]

    until = time.monotonic() + 20
    while (project.running() or left()) and time.monotonic() < until:
        time.sleep(0.05)
    assert project.running() == []
    assert left() == [], "each supervisor removes its engine's scratch directory"


def _hanging(project: Project) -> None:
    """Two engines that hang, each with a child in a session of its own."""
    code = """
    if os.fork() == 0:
        os.setsid()
        note()
    time.sleep(300)
    """
    project.engine("one", code)
    project.engine("two", code)


def _wait_for_engines(project: Project, processes: int) -> None:
    until = time.monotonic() + 60
    while len([*project.pids.iterdir()]) < processes:
        assert time.monotonic() < until, "the engines were not started"
        time.sleep(0.05)


@pytest.mark.parametrize("package", ["psutil", "torch", "torchtitan"])
def test_a_package_that_is_missing_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    def find_spec(name: str) -> object:
        return None if name == package else object()

    monkeypatch.setattr("importlib.util.find_spec", find_spec)
    with pytest.raises(runner.VerifyError, match=rf"needs {package}: install titan-lint\[verify\]"):
        runner.describe_environment()
