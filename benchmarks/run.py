"""Run titan-lint and its peers side by side, and write what they took as a Markdown table.

    python benchmarks/run.py > table.md

Corpora and peers come from the package index on the first run. ``--quick`` leaves the slow peers out.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import fetch
from measure import Command, Measured, measure

if TYPE_CHECKING:
    from collections.abc import Sequence

READ = "import os,sys\nfor d,_,fs in os.walk('.'):\n for f in fs:\n  if f.endswith('.py'): open(os.path.join(d,f),'rb').read()"

WORKS = ("transformers", "verl", "torchtitan", "one_file", "growth", "fix", "sglang")


class Table:
    """The rows of one comparison: a line of each tool, and the ratios to hold against goals."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.goals: list[str] = []

    def compare(self, work: str, *commands: Command) -> list[Measured]:
        print(f"{work}: {', '.join(c.label for c in commands)} ...", file=sys.stderr)
        measured = measure(*commands)
        for command, result in zip(commands, measured, strict=True):
            line = (
                f"| {work} | {command.label} | {result.wall:.3f} | {result.slowest:.3f} | "
                f"{result.cpu:.3f} | {result.memory:.0f} | {result.runs} |"
            )
            print(line, file=sys.stderr)
            self.lines.append(line)
        return measured

    def goal(self, work: str, what: str, ratio: float, most: float) -> None:
        verdict = "yes" if ratio <= most else "**no**"
        self.goals.append(f"| {work} | {what} | {ratio:.3g} | {most:.3g} | {verdict} |")

    def markdown(self) -> str:
        return "\n".join(
            [
                "| work | goal is a ratio of | measured | at most | reached |",
                "|---|---|---|---|---|",
                *self.goals,
                "",
                "| work | tool | wall s | slowest s | CPU s | peak MB | runs |",
                "|---|---|---|---|---|---|---|",
                *self.lines,
                "",
            ]
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out fixit and torchfix")
    parser.add_argument("--only", choices=WORKS, nargs="+", default=WORKS, help="some of the work")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        print(Benchmark(Path(directory), quick=given.quick).run(given.only))


class Benchmark:
    def __init__(self, work: Path, *, quick: bool) -> None:
        self.work = work
        self.quick = quick
        self.peers = fetch.peers()
        self.ours = fetch.ours()
        self.trees: dict[str, Path] = {}
        for name in fetch.CORPORA:
            self.trees[name] = work / name
            shutil.copytree(fetch.corpus(name), work / name)
        self.table = Table()

    def run(self, works: Sequence[str]) -> str:
        load = os.getloadavg()[0]
        for work in works:
            getattr(self, f"_{work}")()
        return f"{self._about(load)}\n{self.table.markdown()}"

    def _transformers(self) -> None:
        tree = self.trees["transformers"]
        work = f"transformers, {count(tree)} files, cold"
        _, ruff, ours = self.table.compare(
            work, self.floor(tree), self.ruff(tree), self.titan_lint(tree, "--no-cache")
        )
        self.table.goal(work, "ruff `--no-cache`, one rule", ours.wall / ruff.wall, 0.6)

    def _verl(self) -> None:
        tree = self.trees["verl"]
        work = f"verl, {count(tree)} files, cold"
        _, ruff, grep, ours = self.table.compare(
            work,
            self.floor(tree),
            self.ruff(tree),
            self.ast_grep(tree),
            self.titan_lint(tree, "--no-cache", finds="TTN101"),
        )
        self.table.goal(work, "ast-grep, one pattern", ours.wall / grep.wall, 1.2)
        work = "verl, unchanged since the last run"
        (ours,) = self.table.compare(work, self.titan_lint(tree, finds="TTN101"))
        self.table.goal(work, "ruff `--no-cache`", ours.wall / ruff.wall, 1.0)

    def _torchtitan(self) -> None:
        tree = self.trees["torchtitan"]
        work = f"torchtitan, {count(tree)} files, cold"
        _, ruff, noop, ours = self.table.compare(
            work,
            self.floor(tree),
            self.ruff(tree),
            self.noop(tree),
            self.titan_lint(tree, "--no-cache", finds="TTN107"),
        )
        if not self.quick:
            (fixit,) = self.table.compare(work, self.fixit(tree))
            self.table.compare(work, self.torchfix(tree))
            self.table.goal(work, "Fixit, one rule", ours.wall / fixit.wall, 1 / 15)
        self.table.goal(work, "LibCST no-op codemod", ours.wall / noop.wall, 1 / 4)
        work = "torchtitan, unchanged since the last run"
        (ours,) = self.table.compare(work, self.titan_lint(tree, finds="TTN107"))
        self.table.goal(work, "ruff `--no-cache`", ours.wall / ruff.wall, 1.5)

    def _one_file(self) -> None:
        tree = self.trees["transformers"]
        work = "one file without a hit, as a hook runs it"
        file = "transformers/models/llama/modeling_llama.py"
        click = Command(
            "python -c 'import click'",
            [self.ours / "python", "-c", "import click"],
            tree,
            exits(0),
            runs=15,
        )
        command = [self.ours / "titan-lint", file]
        ours = Command("titan-lint", command, tree, prints("1 file", 0), runs=15)
        base, found = self.table.compare(work, click, ours)
        self.table.goal(work, "`python -c 'import click'`", found.wall / base.wall, 0.7)

    def _growth(self) -> None:
        commands: list[Command] = []
        for times in (1, 3, 10):
            tree = self.work / f"verl-{times}"
            for number in range(times):
                shutil.copytree(self.trees["verl"], tree / f"copy{number}")
            command = self.titan_lint(tree, "--no-cache", finds="TTN101")
            label = f"titan-lint --no-cache, {times} x ({count(tree)} files)"
            commands.append(dataclasses.replace(command, label=label))
        one, _, ten = self.table.compare("1, 3 and 10 x verl", *commands)
        self.table.goal("10 x verl", "time of 1 x", ten.wall / one.wall, 10.5)
        memory = ten.memory / one.memory
        self.table.goal("10 x verl", "memory of 1 x (flat)", memory, 1.25)

    def _fix(self) -> None:
        tree = self.trees["verl"]
        original = fetch.corpus("verl")
        hit = "verl/workers/engine/torchtitan/transformer_impl.py"

        def restore() -> None:
            shutil.copy2(original / hit, tree / hit)

        fix = Command(
            "titan-lint --fix",
            [self.ours / "titan-lint", "--fix", "--no-cache", "."],
            tree,
            prints("fixed", 0, 1),
            prepare=restore,
        )
        check = self.titan_lint(tree, "--no-cache", finds="TTN101")
        check = dataclasses.replace(check, prepare=restore)
        checked, fixed = self.table.compare("--fix on verl", check, fix)
        assert (tree / hit).read_bytes() != (original / hit).read_bytes()
        restore()
        more = "seconds more than the check, not a ratio"
        self.table.goal("--fix on verl", more, fixed.wall - checked.wall, 0.2)

    def _sglang(self) -> None:
        tree = self.trees["sglang"]
        work = f"sglang, {count(tree)} files, cold"
        self.table.compare(
            work, self.floor(tree), self.ruff(tree), self.titan_lint(tree, "--no-cache")
        )

    def titan_lint(self, tree: Path, *options: str, finds: str = "") -> Command:
        arguments = [self.ours / "titan-lint", "--output-format=json", *options, "."]

        def verify(status: int, output: str) -> None:
            report = json.loads(output)
            assert status in (0, 1), output[-500:]
            assert report["summary"]["files"] == count(tree), report["summary"]
            assert not report["errors"], report["errors"]
            assert not finds or any(f["code"] == finds for f in report["findings"])

        return Command(f"titan-lint {' '.join(options)}, all rules", arguments, tree, verify)

    def floor(self, tree: Path) -> Command:
        command = [self.ours / "python", "-S", "-c", READ]
        return Command("read all bytes (python)", command, tree, exits(0))

    def ruff(self, tree: Path) -> Command:
        command = [self.peers / "ruff", "check", "--no-cache", "--isolated", "--select=NPY201", "."]
        return Command("ruff --no-cache, one rule", command, tree, prints("zz_planted.py", 1))

    def ast_grep(self, tree: Path) -> Command:
        pattern = "$M.model_registry($$$)"
        command = [self.peers / "ast-grep", "run", f"--pattern={pattern}", "--lang=python", "."]
        return Command("ast-grep, one pattern", command, tree, prints("zz_planted.py", 0))

    def noop(self, tree: Path) -> Command:
        command = [
            self.ours / "python",
            "-m",
            "libcst.tool",
            "codemod",
            "--no-format",
            "-j2",
            "noop.NOOPCommand",
            ".",
        ]
        return Command("LibCST no-op codemod, -j2", command, tree, prints("Transformed", 0), runs=1)

    def fixit(self, tree: Path) -> Command:
        rule = "fixit.rules.no_static_if_condition"
        command = [self.peers / "fixit", "--rules", rule, "lint", "."]
        return Command("Fixit, one rule", command, tree, prints("zz_planted.py", 1), runs=1)

    def torchfix(self, tree: Path) -> Command:
        command = [self.peers / "torchfix", "--jobs=2", "."]
        return Command("TorchFix", command, tree, prints("zz_planted.py", 0, 1), runs=1)

    def _about(self, load: float) -> str:
        installed = fetch.versions(self.peers)
        own = fetch.versions(self.ours)
        tools = ", ".join(
            f"{n} {installed[n]}" for n in ("ruff", "ast-grep-cli", "fixit", "torchfix")
        )
        corpora = ", ".join(f"{name} {version}" for name, version in fetch.CORPORA.items())
        now = datetime.datetime.now(datetime.UTC)
        return (
            f"{now:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores ({platform.machine()}), Linux "
            f"{platform.release()}, Python {platform.python_version()}, load {load:.1f} before the start "
            f"and {os.getloadavg()[0]:.1f} at the end.\n"
            f"titan-lint {own['titan-lint']} with LibCST {own['libcst']}; {tools} (the newest on the index; "
            f"TorchFix decides on LibCST {installed['libcst']} for itself and Fixit). Trees: {corpora}.\n"
        )


def count(tree: Path) -> int:
    return sum(1 for _ in tree.rglob("*.py"))


def exits(*statuses: int):
    def verify(status: int, output: str) -> None:
        assert status in statuses, (status, output[-2000:])

    return verify


def prints(text: str, *statuses: int):
    def verify(status: int, output: str) -> None:
        assert status in statuses, (status, output[-2000:])
        assert text in output, output[-2000:]

    return verify


if __name__ == "__main__":
    main()
