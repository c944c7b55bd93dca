"""Run engines before and after their rewrite and judge both."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from titan_lint.verify.checks import Check, Outcome, judge, merge_ranks
from titan_lint.verify.document import Checked, Document, Environment, Judged, Pictures, Verified
from titan_lint.verify.entries import configured_entries, find_entries
from titan_lint.verify.job import Job
from titan_lint.verify.process import not_started, python_command, python_environment, run_probe
from titan_lint.verify.trees import Trees, make_trees

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from titan_lint.verify.document import State
    from titan_lint.verify.entry import Entry
    from titan_lint.verify.observation import Observation

DEFAULT_ATTN_TYPES = ("flex", "varlen")

_NO_ENGINE = """\
no engine under {paths}: neither one that a file offers nor one that is known (verl's TorchTitanEngine, \
torchtitan's Trainer and what derives from it, a function that returns a ModelSpec). Write a function \
that makes yours:

    def make_engine(attn_type, device):  # "flex" or "varlen"; "cpu" or "cuda"
        return Adapter(...)  # see titan_lint.verify.protocol.Engine

and name it in one of three ways. A comment in the same file:

    # titan-lint: engine=make_engine

In pyproject.toml:

    [tool.titan-lint.verify]
    entries = ["my_package.engine:make_engine"]

On the command line:

    titan-lint verify --entry my_package.engine:make_engine"""

_DESCRIBE = """
import importlib.metadata, json, platform, torch
cuda = torch.cuda.is_available()
print(json.dumps({
    "python": platform.python_version(),
    "torch": torch.__version__,
    "torchtitan": importlib.metadata.version("torchtitan"),
    "device": torch.cuda.get_device_name() if cuda else platform.machine() + " CPU",
    "cuda": cuda,
}))
"""


class VerifyError(RuntimeError):
    """Nothing could be run; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class VerifySettings:
    """How to run engines.

    Attributes:
        device: "auto", "cpu" or "cuda".
        attn_types: attention types to make each engine for.
        steps: training steps on a fixed batch.
        seed: seed of every random generator.
        unsafe_fixes: whether the rewrite applies unsafe fixes as well.
        target: torchtitan version to rewrite for; "" for the one installed.
        written_for: torchtitan version that the engines were written for; "" to infer it.
        timeout: most seconds that one engine may take for one attention type.
        memory_limit: most bytes of memory that one engine may allocate; 0 for no limit.
        jobs: how many engines run at a time; 0 for as many as the machine bears.
        ranks: processes per engine, one per device.
    """

    device: str = "auto"
    attn_types: tuple[str, ...] = DEFAULT_ATTN_TYPES
    steps: int = 20
    seed: int = 0
    unsafe_fixes: bool = False
    target: str = ""
    written_for: str = ""
    timeout: float = 600.0
    memory_limit: int = 32 << 30
    jobs: int = 0
    ranks: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """One engine with one attention type, before and after the rewrite.

    Attributes:
        engine: the engine's name.
        path: its file, as given.
        attn_type: the attention asked for.
        rewritten: whether the rewrite changed anything in the engine's tree.
        before, after: the checks of each state.
        seen_before, seen_after: what the first rank showed in each state.
    """

    engine: str
    path: str
    attn_type: str
    rewritten: bool
    before: list[Check]
    after: list[Check]
    seen_before: Observation
    seen_after: Observation

    @property
    def failed_before(self) -> list[Check]:
        """The checks that failed before the rewrite."""
        return [check for check in self.before if check.failed]

    @property
    def failed_after(self) -> list[Check]:
        """The checks that failed after the rewrite."""
        return [check for check in self.after if check.failed]

    @property
    def proven(self) -> bool:
        """Whether at least one check applied after the rewrite."""
        return any(check.outcome is not Outcome.NOT_APPLICABLE for check in self.after)


@dataclass(slots=True)
class VerifyReport:
    """What ``titan-lint verify`` found.

    Attributes:
        device: "cpu" or "cuda".
        environment: versions and the device's name.
        runs: every engine with every attention type.
        diffs: unified diff of the rewrite, by tree.
        command: the command line that asked for it, "" where none did.
        date: when it began, in UTC, to the minute.
    """

    device: str
    environment: Environment
    runs: list[Run] = field(default_factory=list[Run])
    diffs: dict[str, str] = field(default_factory=dict[str, str])
    command: str = ""
    date: str = ""

    @property
    def exit_code(self) -> int:
        """0 when every check that applies passed after the rewrite, 1 when some failed.

        2 when there was an engine of which nothing at all could be checked.
        """
        if any(run.failed_after for run in self.runs):
            return 1
        return 0 if self.runs and all(run.proven for run in self.runs) else 2

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values."""
        runs = [_verified(run) for run in self.runs]
        return Document(
            1, self.device, self.command, self.date, self.environment, runs, self.diffs
        ).to_json()


def _verified(run: Run) -> Verified:
    """What is written of a run."""
    seen: dict[State, Observation] = {"before": run.seen_before, "after": run.seen_after}
    return Verified(
        engine=run.engine,
        path=run.path,
        attn_type=run.attn_type,
        rewritten=run.rewritten,
        checks=[
            Checked(before.name, _judged(before), _judged(after))
            for before, after in zip(run.before, run.after, strict=True)
        ],
        pictures={state: _pictures(each) for state, each in seen.items()},
        training={state: each.training for state, each in seen.items()},
        seconds={state: each.seconds for state, each in seen.items()},
        failure={state: each.failure for state, each in seen.items()},
    )


def _judged(check: Check) -> Judged:
    return Judged(check.outcome, check.reason, check.figures)


def _pictures(seen: Observation) -> Pictures:
    return Pictures(seen.due, seen.built, seen.documents.influence if seen.documents else [])


def verify(
    paths: Sequence[Path],
    settings: VerifySettings,
    *,
    entries: Sequence[str] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> VerifyReport:
    """Run every engine that the paths offer, before and after its rewrite.

    Args:
        paths: files and directories; they are copied, never changed.
        settings: how to run them.
        entries: ``package.module:function`` names; else the configuration's, else those that
            the files themselves offer, else well-known ones.
        progress: called with the name of each engine that is done.

    Raises:
        VerifyError: Torch or torchtitan is missing, or no engine is on offer.
        EntryError: an entry is malformed or not found.
        TreeError: a tree cannot be copied or rewritten.
    """
    engines = find_entries(paths, entries or configured_entries(paths))
    environment = describe_environment()
    if settings.device == "cuda" and not environment.cuda:
        raise VerifyError("--device cuda: this machine has no CUDA device that Torch can use")
    device = "cuda" if environment.cuda and settings.device != "cpu" else "cpu"
    if device == "cpu":
        environment = replace(environment, device="CPU") if environment.cuda else environment
    if not engines:
        raise VerifyError(_NO_ENGINE.format(paths=", ".join(map(str, paths))))
    report = VerifyReport(device, environment, date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    jobs = settings.jobs or _default_jobs(device)
    ending = threading.Event()
    with tempfile.TemporaryDirectory(
        prefix="titan-lint-verify-", ignore_cleanup_errors=True
    ) as scratch:
        trees: dict[Path, Trees] = {}
        for root in dict.fromkeys(engine.root for engine in engines):
            directory = Path(scratch, f"tree{len(trees)}")
            directory.mkdir()
            inside = [path for path in map(Path.resolve, paths) if path.is_relative_to(root)]
            trees[root] = make_trees(
                root,
                inside or [root],
                directory,
                target=settings.target or environment.torchtitan,
                written_for=settings.written_for,
                unsafe=settings.unsafe_fixes,
            )
            report.diffs[_shown(root)] = trees[root].diff

        def run(numbered: tuple[int, Entry]) -> list[Run]:
            number, engine = numbered
            directory = Path(scratch, f"engine{number}")
            directory.mkdir()
            try:
                runs = _run_engine(
                    engine, trees[engine.root], directory, settings, device, jobs, ending
                )
            finally:
                shutil.rmtree(directory, ignore_errors=True)
            progress(engine.name)
            return runs

        with ThreadPoolExecutor(jobs) as pool:
            try:
                for runs in pool.map(run, enumerate(engines)):
                    report.runs += runs
            except BaseException:
                # Whatever the signal, the engines end now, and then their scratch directory.
                ending.set()
                pool.shutdown(cancel_futures=True)
                raise
    return report


def describe_environment() -> Environment:
    """Versions of Python, Torch and torchtitan, and the device, found out in another process.

    Raises:
        VerifyError: Torch or torchtitan is not installed, or does not import.
    """
    for package in ("psutil", "torch", "torchtitan"):
        if importlib.util.find_spec(package) is None:
            raise VerifyError(
                f"verify runs engines and needs {package}: install titan-lint[verify]"
            )
    run = subprocess.run(
        python_command("-c", _DESCRIBE),
        env=python_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        last = run.stderr.strip().splitlines()[-1:] or ["no message"]
        raise VerifyError(f"torch does not import: {last[0]}")
    return Environment(**json.loads(run.stdout.splitlines()[-1]))


def _default_jobs(device: str) -> int:
    """One at a time on a GPU, where runs would disturb each other's memory and timing."""
    return 1 if device == "cuda" else max(1, min(4, os.cpu_count() or 1))


def _run_engine(
    engine: Entry,
    trees: Trees,
    directory: Path,
    settings: VerifySettings,
    device: str,
    jobs: int,
    ending: threading.Event,
) -> list[Run]:
    attn_types = [a for a in settings.attn_types if not engine.attn_types or a in engine.attn_types]
    if not attn_types:
        return []
    seen = {"before": trees.before, "after": trees.after}
    observed: dict[str, list[list[Observation]]] = {}
    for state, tree in seen.items():
        # A copy of its own: what an engine does to its files is not another's fate.
        root = directory / f"{state}.tree"
        try:
            shutil.copytree(tree, root, symlinks=True)
        except OSError as error:  # shutil.Error is one, too
            observed[state] = [
                [not_started(attn_type, error)] * settings.ranks for attn_type in attn_types
            ]
            continue
        job = Job(
            root=str(root),
            module=engine.module,
            function=engine.function,
            config=engine.config,
            adapter=engine.adapter,
            config_only=engine.device == "cuda" and device == "cpu",
            attn_types=attn_types,
            device=device,
            steps=settings.steps,
            seed=settings.seed,
            memory_limit=settings.memory_limit,
            output=str(directory / state),
            keep=str(directory / f"{state}.kept"),
            compare="" if state == "before" else str(directory / "before.kept"),
        )
        observed[state] = run_probe(
            job,
            timeout=settings.timeout,
            ranks=settings.ranks,
            # Engines that run side by side would otherwise wait for each other's threads.
            threads=0 if device == "cuda" else max(1, (os.cpu_count() or 1) // jobs),
            ending=ending,
        )
        shutil.rmtree(root, ignore_errors=True)
    runs: list[Run] = []
    for attn_type, before, after in zip(
        attn_types, observed["before"], observed["after"], strict=True
    ):
        runs.append(
            Run(
                engine=engine.name,
                path=_shown(engine.path),
                attn_type=attn_type,
                rewritten=bool(trees.diff),
                before=merge_ranks([judge(seen, device=device) for seen in before]),
                after=merge_ranks([judge(seen, device=device) for seen in after]),
                seen_before=before[0],
                seen_after=after[0],
            )
        )
    return runs


def _shown(path: Path) -> str:
    """A path as a reader wants it: relative where it is below the working directory."""
    with_cwd = Path.cwd()
    return str(path.relative_to(with_cwd)) if path.is_relative_to(with_cwd) else str(path)
