"""Gather what scripts/gpu_report.py --everything left in a directory into the file of measurements.

    python scripts/gpu_results.py OUTPUT --into docs/data/verification.json

The file is the history, the newest measurement last; docs/verification.md shows the newest, as
scripts/build_docs.py writes it.
"""

from __future__ import annotations

import argparse
import datetime
import json
from pathlib import Path
from typing import Any

HISTORY = Path(__file__).resolve().parents[1] / "docs" / "data" / "verification.json"


def gather(output: Path) -> dict[str, Any]:
    """One measurement: the stack, the stand-ins put in, the steps, and a row for each run."""
    stack = json.loads((output / "stack.json").read_text(encoding="utf-8"))
    steps: dict[str, Any] = _read(output / "steps.json") or {}
    rows: list[dict[str, Any]] = []
    stood_in: set[str] = set()
    dates: set[str] = set()
    for file in sorted(output.glob("verl*.json")):
        report = json.loads(file.read_text(encoding="utf-8"))
        rows += [_verl(run) for run in report["runs"]]
        stood_in |= {name for run in report["runs"] for name in run["torch_stand_ins"]}
    for file in sorted(output.glob("*/gpu.json")):
        report = json.loads(file.read_text(encoding="utf-8"))
        other = {n: v for n, v in report["stack"].items() if n != "devices" and stack[n] != v}
        if other:
            raise ValueError(f"{file} is of another stack: {other}")
        rows += [_engine(run, _ranks(report["options"])) for run in report["runs"]]
        stood_in |= {name.partition(":")[0] for name in report["stand_ins"]}
        dates.add(report["date"])
    date = max(dates, default=f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}")
    # What two steps both ran is one row.
    unique = {json.dumps(row, sort_keys=True): row for row in rows}
    return {
        "date": date,
        "stack": stack,
        "stand_ins": sorted(stood_in),
        "steps": steps,
        "rows": [unique[key] for key in sorted(unique)],
    }


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def _ranks(options: list[str]) -> int:
    return (
        int(options[options.index("--nproc-per-node") + 1]) if "--nproc-per-node" in options else 1
    )


def _engine(run: dict[str, Any], ranks: int) -> dict[str, Any]:
    def failed(state: str) -> list[str]:
        return [check["name"] for check in run["checks"] if check[state]["outcome"] == "failed"]

    name = run["engine"].replace(":make_engine", "").replace(":make_trainer_engine", " on Trainer")
    return {
        "engine": name,
        "attention": run["attn_type"],
        "gpus": ranks,
        "before": failed("before"),
        "after": failed("after"),
    }


def _verl(run: dict[str, Any]) -> dict[str, Any]:
    failed = [name for name, passed in run["checks"].items() if not passed]
    if run["failure"]:
        failed = [f"{run['stage']}: {run['failure'].splitlines()[0][:120]}"]
    compiled = ", compiled" if run["compiled"] else ""
    figures = {
        name: run[name]
        for name in ("leak", "reference_error", "loss_difference")
        if run[name] is not None
    }
    if run["losses"]:
        figures["losses"] = [run["losses"][0], run["losses"][-1]]
    return {
        "engine": f"verl {run['version']}, {run['state']}, {run['setup']}{compiled}",
        "attention": run["attn_type"],
        "gpus": run["ranks"],
        "before": None,
        "after": failed,
        "figures": figures,
    }


def last_table() -> str:
    """The newest measurement in Markdown: what it ran on, and its rows, equal ones put together."""
    if not HISTORY.is_file():
        return "Nothing has been measured yet.\n"
    return table(json.loads(HISTORY.read_text(encoding="utf-8"))[-1])


def table(measured: dict[str, Any]) -> str:
    """A measurement in Markdown."""
    stack = measured["stack"]
    devices = stack["devices"]
    names = ", ".join(f"{devices.count(name)} {name}" for name in sorted(set(devices)))
    versions = ", ".join(
        f"{title} {stack[name]}"
        for name, title in (
            ("torch", "torch"),
            ("triton", "Triton"),
            ("nccl", "NCCL"),
            ("torchtitan", "torchtitan"),
            ("python", "Python"),
        )
        if name in stack
    )
    stood_in = ", ".join(f"`{name}`" for name in measured["stand_ins"]) or "none"
    groups: dict[tuple[Any, ...], list[str]] = {}
    for row in measured["rows"]:
        before = "-" if row["before"] is None else ", ".join(row["before"]) or "nothing"
        after = ", ".join(row["after"]) or "nothing"
        figures = _figures(row.get("figures", {}))
        key = (row["attention"], str(row["gpus"]), before, after, figures)
        groups.setdefault(key, []).append(row["engine"])
    lines = [
        f"Measured {measured['date']} on {names}: {versions}. Stand-ins put in: {stood_in}.",
        "",
        "| engine | attention | GPUs | fails before | fails after | figures |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for key, engines in sorted(groups.items(), key=lambda group: (group[1], group[0])):
        cells = [", ".join(sorted(engines)), *key]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _figures(figures: dict[str, Any]) -> str:
    words: list[str] = []
    if "leak" in figures:
        words.append(f"leak {figures['leak']:.1e}")
    if "reference_error" in figures:
        words.append(f"error {figures['reference_error']:.4f}")
    if "losses" in figures:
        first, last = figures["losses"]
        words.append(f"loss {first:.3f} to {last:.3f}")
    if "loss_difference" in figures:
        words.append(f"{figures['loss_difference']:.4f} from one GPU")
    return ", ".join(words)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--into", type=Path, default=HISTORY)
    options = parser.parse_args()
    measured = gather(options.output)
    history: list[dict[str, Any]] = _read(options.into) or []
    options.into.parent.mkdir(parents=True, exist_ok=True)
    kept = [one for one in history if one != measured]
    text = json.dumps([*kept, measured], indent=1)
    options.into.write_text(text + "\n", encoding="utf-8")
    print(table(measured))


if __name__ == "__main__":
    main()
