"""Measure `titan-lint survey` over many repositories: the pool, Ray on one machine, and Ray on two nodes.

    python benchmarks/survey_scale.py WORK [--repositories 1000] [--checkouts DIR] [--page]

WORK is a folder for the corpus and for what is kept between runs; a step that was measured for the same
corpus is not measured again (``--again STEP`` does). A tenth of the corpus are public callers of
torchtitan (docs/data/callers.toml; checkouts that are here already, `owner+name` each, are taken from
DIR), the others packages from the index as ballast. There are fewer of both than repositories, so they
are replicated, with hard links; every replica is looked at as if it were the only one.

``--page`` writes docs/data/survey_scale.json, and from it the section of docs/performance.md. The steps
with Ray are left out where Ray is not installed.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import importlib.util
import itertools
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from titan_lint.survey.repositories import Repository, obtain, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "data" / "survey_scale.json"
PAGE = ROOT / "docs" / "performance.md"
BEFORE, AFTER = "0.2.2", "0.3.0"
CALLERS_SHARE = 0.1
LIMIT = 1_000_000_000
INTERVAL = 1.0
"""Seconds between two looks at memory."""

BALLAST = (
    *("accelerate", "datasets", "diffusers", "einops", "evaluate", "hydra-core", "lightning"),
    *("omegaconf", "peft", "sentence-transformers", "timm", "torchmetrics", "trl", "webdataset"),
    *("aiohttp-retry", "black", "click", "django", "fastapi", "flask", "httpx", "jinja2"),
    *("jsonschema", "networkx", "packaging", "pygments", "pytest", "requests", "rich", "starlette"),
)
"""Packages of the index, most of which know PyTorch, and none torchtitan."""

READ = "import os\nfor d,_,fs in os.walk('.'):\n for f in fs:\n  if f.endswith('.py'): open(os.path.join(d,f),'rb').read()"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("work", type=Path)
    parser.add_argument("--repositories", type=int, default=1000)
    parser.add_argument("--checkouts", type=Path)
    parser.add_argument("--again", choices=STEPS, nargs="+", default=())
    parser.add_argument("--page", action="store_true")
    given = parser.parse_args()
    work = given.work.absolute() / str(given.repositories)
    work.mkdir(parents=True, exist_ok=True)
    path = work / "figures.json"
    figures: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"steps": {}}
    if "corpus" not in figures:
        figures["corpus"] = corpus(work, given.repositories, given.checkouts)
    for name, step in STEPS.items():
        if name in figures["steps"] and name not in given.again:
            continue
        if name != "floor" and name != "pool" and importlib.util.find_spec("ray") is None:
            print(f"{name}: Ray is not installed", file=sys.stderr)
            continue
        load = os.getloadavg()[0]
        seen = step(work)
        loads = {"load": round(load, 1), "load_after": round(os.getloadavg()[0], 1)}
        figures["steps"][name] = loads | seen
        figures["machine"] = _machine()
        path.write_text(json.dumps(figures, indent=1) + "\n")
        print(f"{name}: {json.dumps(figures['steps'][name])}", file=sys.stderr)
    if given.page:
        DATA.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
        PAGE.write_text(placed(PAGE.read_text("utf-8"), section(figures)), "utf-8")


def _machine() -> dict[str, Any]:
    return {
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        "cores": len(os.sched_getaffinity(0)),
        "kind": platform.machine(),
        "python": platform.python_version(),
    }


# The corpus.


def corpus(work: Path, count: int, checkouts: Path | None) -> dict[str, Any]:
    """Lay out as many trees as there are to be repositories; what they are."""
    callers = _callers(work.parent, checkouts)
    ballast = {}
    for name in BALLAST:
        ballast[name] = obtain(Repository(name, "package", name), work.parent / "cache", LIMIT)[0]
    trees = work / "trees"
    shutil.rmtree(trees, ignore_errors=True)
    asked = round(count * CALLERS_SHARE)
    for number, (kind, name) in enumerate(mixed(count, asked, list(callers), list(ballast))):
        source = callers[name] if kind == "caller" else ballast[name]
        target = trees / f"{kind}-{number:06}-{_plain(name)}"
        shutil.copytree(
            source,
            target,
            copy_function=os.link,
            ignore=shutil.ignore_patterns(".git"),
            symlinks=True,
        )
    sizes = [path.stat().st_size for path in trees.rglob("*.py") if path.is_file()]
    return {
        "repositories": count,
        "callers": asked,
        "different_callers": min(asked, len(callers)),
        "ballast": sorted(ballast),
        "python_files": len(sizes),
        "python_mb": round(sum(sizes) / 1e6),
        "before": BEFORE,
        "after": AFTER,
    }


def mixed(
    count: int, asked: int, callers: Sequence[str], ballast: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The kind and the name of each tree: callers spread evenly, and of each kind all as often."""
    names = {"caller": itertools.cycle(callers), "ballast": itertools.cycle(ballast)}
    for number in range(count):
        is_caller = (number + 1) * asked // count > number * asked // count
        kind = "caller" if is_caller else "ballast"
        yield kind, next(names[kind])


def _callers(work: Path, checkouts: Path | None) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for each in read(ROOT / "docs" / "data" / "callers.toml"):
        place = checkouts.absolute() / each.name.replace("/", "+") if checkouts else None
        if place is not None and place.is_dir():
            found[each.name] = place
        else:
            found[each.name] = obtain(each, work / "cache", LIMIT)[0]
    return found


def _plain(name: str) -> str:
    return name.replace("/", "+")


# The steps.


@dataclass
class Watch:
    """What is seen of a survey while it runs.

    Attributes:
        output: The file that records are written to, a line each.
        start: When it began, in seconds of a clock.
        first: After how many seconds the first record was there.
        samples: Seconds, records, and the proportional set sizes in MB of the driver and of the largest
            other process of titan-lint's.
        milestones: What is to be done once, by how many records there are.
        losses: Seconds and records when a milestone was over.
    """

    output: Path
    start: float = field(default_factory=time.monotonic)
    first: float | None = None
    samples: list[tuple[float, int, float, float]] = field(default_factory=list)
    milestones: dict[int, Callable[[], None]] = field(default_factory=dict)
    losses: list[tuple[float, int]] = field(default_factory=list)
    _done: int = 0
    _read: int = 0

    def look(self, driver: int) -> None:
        done = self.done()
        now = time.monotonic() - self.start
        if done and self.first is None:
            self.first = now
        for due in [count for count in self.milestones if count <= done]:
            self.milestones.pop(due)()
            self.losses.append((time.monotonic() - self.start, self.done()))
        others = [
            _memory(pid) for pid in _descendants(os.getpid()) if pid != driver and _is_ours(pid)
        ]
        self.samples.append((now, done, _memory(driver), max(others, default=0.0)))

    def pauses(self) -> list[float]:
        """How many seconds after each milestone the next record was there."""
        return [
            round(next((now for now, done, *_ in self.samples if done > then), at) - at, 1)
            for at, then in self.losses
        ]

    def done(self) -> int:
        if self.output.exists():
            with self.output.open("rb") as file:
                file.seek(self._read)
                text = file.read()
            self._read += len(text)
            self._done += text.count(b"\n")
        return self._done


def _surveyed(
    work: Path,
    name: str,
    *options: str,
    milestones: dict[int, Callable[[], None]] | None = None,
) -> dict[str, Any]:
    """Run the command over the corpus, and say what it took."""
    kept, output = work / "kept", work / f"{name}.jsonl"
    shutil.rmtree(kept, ignore_errors=True)
    output.unlink(missing_ok=True)
    command = [sys.executable, "-m", "titan_lint", "survey", str(work / "trees")]
    command += [
        "--before",
        BEFORE,
        "--after",
        AFTER,
        "--cache-dir",
        str(kept),
        "--fail-on",
        "never",
    ]
    command += ["--output-format", "jsonl", "--output-file", str(output), *options]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *_paths()])}
    watch = Watch(output, milestones=milestones or {})
    process = subprocess.Popen(command, env=environment, cwd=work)
    try:
        while True:
            watch.look(process.pid)
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(INTERVAL)
        wall = time.monotonic() - watch.start
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        if process.returncode is None:
            process.terminate()
            process.wait()
    if process.returncode not in (0, 2):
        raise SystemExit(f"{name}: the survey ended with {process.returncode}")
    records = list(_records(output))
    found = {
        "wall_s": round(wall, 1),
        "first_record_s": round(watch.first or wall, 1),
        "repositories": len(records),
        "failed": sum(bool(each["failure"]) for each in records),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "memory_mb": _condensed(watch.samples, len(records)),
        "kept_mb": round(sum(p.stat().st_size for p in kept.rglob("*") if p.is_file()) / 1e6, 1),
        "pauses_s": watch.pauses(),
    }
    if watch.milestones:
        raise SystemExit(f"{name}: it was over before all was lost that was to be")
    if name == "pool":
        for kind in ("caller", "ballast"):
            mine = [each["seconds"] for each in records if each["repository"].startswith(kind)]
            found[f"{kind}_s"] = round(sum(mine) / max(1, len(mine)), 3)
    else:
        found |= _held_against(records, list(_records(work / "pool.jsonl")))
    return found


def _paths() -> Sequence[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _held_against(
    records: Sequence[dict[str, Any]], pool: Sequence[dict[str, Any]]
) -> dict[str, int]:
    """What differs from the records of the pool, times left out."""
    mine, theirs = (
        {each["repository"]: {**each, "seconds": 0} for each in some} for some in (records, pool)
    )
    return {
        "lost": len(theirs.keys() - mine.keys()),
        "twice": len(records) - len(mine),
        "different": sum(mine[name] != record for name, record in theirs.items() if name in mine),
    }


def _condensed(samples: Sequence[tuple[float, int, float, float]], count: int) -> list[list[float]]:
    """For each tenth of the repositories: how many, and the largest driver and worker of it."""
    found: list[list[float]] = []
    for tenth in range(1, 11):
        low, high = count * (tenth - 1) / 10, count * tenth / 10
        mine = [
            each for each in samples if low <= each[1] < high or (tenth == 10 and each[1] == high)
        ]
        if mine:
            found.append(
                [round(high), round(max(e[2] for e in mine)), round(max(e[3] for e in mine))]
            )
    return found


def floor(work: Path) -> dict[str, Any]:
    """What it takes to read every byte of every file of Python, in one process."""
    start, before = time.monotonic(), os.times()
    subprocess.run([sys.executable, "-S", "-c", READ], cwd=work / "trees", check=True)
    after = os.times()
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    return {"wall_s": round(time.monotonic() - start, 2), "cpu_s": round(cpu, 2)}


def pool(work: Path) -> dict[str, Any]:
    return _surveyed(work, "pool")


def ray(work: Path) -> dict[str, Any]:
    return _surveyed(work, "ray", "--ray")


def two_nodes(work: Path) -> dict[str, Any]:
    cluster, _ = _cluster()
    try:
        return _surveyed(work, "two_nodes", "--ray", cluster.address)
    finally:
        cluster.shutdown()


def losses(work: Path) -> dict[str, Any]:
    """Two nodes, of which a worker is killed after a quarter of the records, and one is lost after half."""
    cluster, second = _cluster()
    total = sum(1 for _ in (work / "trees").iterdir())
    try:
        return _surveyed(
            work,
            "losses",
            "--ray",
            cluster.address,
            milestones={
                total // 4: _kill_a_worker,
                total // 2: lambda: cluster.remove_node(second, allow_graceful=False),
            },
        )
    finally:
        cluster.shutdown()


def _cluster() -> tuple[Any, Any]:
    """A cluster of two nodes that share the processors of this machine."""
    made: Any = importlib.import_module("ray.cluster_utils").Cluster
    each = max(1, len(os.sched_getaffinity(0)) // 2)
    cluster = made(initialize_head=True, head_node_args={"num_cpus": each})
    return cluster, cluster.add_node(num_cpus=each)


def _kill_a_worker() -> None:
    working = [
        pid for pid in _descendants(os.getpid()) if _command(pid).startswith("ray::_examined")
    ]
    if not working:
        raise SystemExit("no worker of Ray is at work")
    os.kill(working[0], signal.SIGKILL)


STEPS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "floor": floor,
    "pool": pool,
    "ray": ray,
    "two_nodes": two_nodes,
    "losses": losses,
}


# Processes.


def _descendants(root: int) -> Iterator[int]:
    pending = [root]
    while pending:
        pid = pending.pop()
        yield pid
        try:
            for task in Path(f"/proc/{pid}/task").iterdir():
                pending += map(int, (task / "children").read_text().split())
        except OSError:
            continue


def _command(pid: int) -> str:
    try:
        return (
            Path(f"/proc/{pid}/cmdline")
            .read_bytes()
            .replace(b"\0", b" ")
            .decode("utf-8", "replace")
        )
    except OSError:
        return ""


def _is_ours(pid: int) -> bool:
    """Whether a process looks at repositories: a worker of Ray's, or one that was forked for it."""
    command = _command(pid)
    return any(word in command for word in ("ray::", "forkserver", "titan_lint survey"))


def _memory(pid: int) -> float:
    """The proportional set size of a process in MB."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1000
    except OSError:
        pass
    return 0.0


# The section of the page.

BEGIN, END = "<!-- made by benchmarks/survey_scale.py -->", "<!-- end of what it made -->"
NAMES = {
    "pool": "the pool",
    "ray": "Ray on one machine",
    "two_nodes": "Ray, two nodes",
    "losses": "Ray, two nodes, of which one is lost",
}
MANY = 100_000
BUSY = 3
"""A load of so many for each core at the end of a step is that of other programs."""


def placed(page: str, made: str) -> str:
    """The page with the section in place of the one before, or at its end."""
    text = f"{BEGIN}\n{made}\n{END}\n"
    before, begun, rest = page.partition(BEGIN)
    if not begun:
        return f"{page.rstrip()}\n\n{text}"
    return before + text + rest.partition(f"{END}\n")[2]


def section(figures: dict[str, Any]) -> str:
    corpus, steps, machine = figures["corpus"], figures["steps"], figures["machine"]
    count = corpus["repositories"]
    shared = " The two nodes share the cores." if "two_nodes" in steps else ""
    lines = [
        "## Surveys of many repositories",
        "",
        f"`titan-lint survey` over {count:,} trees with {corpus['python_files']:,} files of Python"
        f" ({corpus['python_mb']:,} MB), torchtitan {corpus['before']} against {corpus['after']}, nothing known from"
        f" before, on {machine['cores']} cores ({machine['kind']}, Python {machine['python']}), {machine['date']}."
        f" {corpus['callers']:,} of them are replicas of {corpus['different_callers']} public callers of torchtitan,"
        f" the others of {len(corpus['ballast'])} packages of the index; replicas are hard links, so that files come"
        f" from memory and not from the disk.{shared} `python benchmarks/survey_scale.py WORK --page` wrote this.",
        "",
        "| engine | wall s | until the first record s | repositories a second | lost | twice | otherwise than the pool |"
        " load before and after |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, label in NAMES.items():
        if name in steps:
            step = steps[name]
            compared = [str(step.get(key, "")) for key in ("lost", "twice", "different")]
            cells = [label, f"{step['wall_s']:g}", f"{step['first_record_s']:g}"]
            cells += [
                f"{step['repositories'] / step['wall_s']:.2f}",
                *compared,
                ", ".join(f"{step[key]:g}" for key in ("load", "load_after") if key in step),
            ]
            lines.append(f"| {' | '.join(cells)} |")
    if "losses" in steps:
        lines += [
            "",
            "In the last row a worker was killed after a quarter of the records, and one of the two nodes after half;"
            " from then on there is half as much to work with. The next records came "
            f"{' and '.join(f'{each:g}' for each in steps['losses']['pauses_s'])} s after these.",
        ]
    busy = [
        NAMES[name]
        for name in NAMES
        if steps.get(name, {}).get("load_after", 0) > BUSY * machine["cores"]
    ]
    if busy:
        lines += ["", f"Other programs ran beside: {'; '.join(busy)}. That time is theirs, too."]
    return "\n".join([*lines, "", *_costs(count, steps, machine), "", *_memories(steps)])


def _costs(count: int, steps: dict[str, Any], machine: dict[str, Any]) -> list[str]:
    pool, read = steps["pool"], steps["floor"]
    hours = MANY * pool["wall_s"] / count / 3600
    core_hours = MANY * pool["cpu_s"] / count / 3600
    return [
        f"To read every byte of these files takes {read['cpu_s']:g} s of processor time; the survey with the pool takes"
        f" {pool['cpu_s']:g} s, {pool['cpu_s'] / read['cpu_s']:.0f} times as much. A caller takes {pool['caller_s']:g} s"
        f" on average, any other tree {pool['ballast_s']:g} s, by the clock and with all cores at work. {MANY:,}"
        f" repositories of this kind would take {hours:.1f} hours on these {machine['cores']} cores, {core_hours:.0f}"
        f" core hours, and {pool['kept_mb'] * MANY / count / 1000:.1f} GB for what is kept. That is worked out, and not"
        " measured.",
    ]


def _memories(steps: dict[str, Any]) -> list[str]:
    """How large the driver and the largest worker were, by how many repositories were done."""
    shown = {name: dict(_by_count(steps[name])) for name in NAMES if name in steps}
    counts = sorted({count for each in shown.values() for count in each})
    head = " | ".join(NAMES[name] for name in shown)
    lines = [
        "Memory, in MB of proportional set size: the driver / the largest process that looks at repositories, the most"
        " within each tenth.",
        "",
        f"| repositories | {head} |",
        f"|---|{'---|' * len(shown)}",
    ]
    for count in counts:
        cells = " | ".join(each.get(count, "") for each in shown.values())
        lines.append(f"| {count:,} | {cells} |")
    return lines


def _by_count(step: dict[str, Any]) -> Iterator[tuple[int, str]]:
    for count, driver, worker in step["memory_mb"]:
        yield count, f"{driver} / {worker}"


if __name__ == "__main__":
    main()
