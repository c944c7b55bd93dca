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

import gpu_steps

FOUND = {"found": True}
"""Marks the row of an engine that nobody wrote an adapter for."""
MESSAGE = 120
"""Most characters that are kept of a message."""

STATES = {
    "original": "as shipped, on its own torchtitan",
    "shipped": "as shipped",
    "no attention fixes": "`--fix --unsafe-fixes` without TTN1xx",
    "plain fixes": "`--fix`",
    "rewritten": "`--fix --unsafe-fixes`",
}
"""verl's states, in the order of a table, by the fixes that made them."""

SETUPS = {
    "one": "one GPU",
    "fsdp": "FSDP 2",
    "tp": "TP 2",
    "moe": "MoE, one GPU",
    "ep": "MoE, EP 2",
    "fsdp-spmd-types": "FSDP 2, `spmd_types`",
    "fsdp-full-dtensor": "FSDP 2, `full_dtensor`",
}
"""What verl's engine ran on, in the order of a table."""

DATA = Path(__file__).resolve().parents[1] / "docs" / "data"
HISTORY = DATA / "verification.json"
REAL_ENGINES = DATA / "engines.json"


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
        engines = [_engine(run, _ranks(report["options"])) for run in report["runs"]]
        rows += [row | FOUND if file.parent.name == gpu_steps.FOUND else row for row in engines]
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
        failed = [f"{run['stage']}: {run['failure'].splitlines()[0][:MESSAGE]}"]
    figures = {
        name: run[name]
        for name in ("leak", "reference_error", "loss_difference", "original_difference")
        if run[name] is not None
    }
    if run["losses"]:
        figures["losses"] = [run["losses"][0], run["losses"][-1]]
    return {
        "engine": "verl",
        "verl": {name: run[name] for name in ("version", "state", "setup", "compiled")},
        "attention": run["attn_type"],
        "gpus": run["ranks"],
        "before": None,
        "after": failed,
        "figures": figures,
    }


def last_table() -> str:
    """The newest measurement in Markdown: what it ran on, verl's engine, and the fixtures."""
    if not HISTORY.is_file():
        return "Nothing has been measured yet.\n"
    *earlier, newest = json.loads(HISTORY.read_text(encoding="utf-8"))
    return table(newest, earlier)


def real_engines() -> str:
    """The projects that build on torchtitan, in Markdown: what was run of each, or why nothing."""
    engines: list[dict[str, str]] = _read(REAL_ENGINES)
    columns = ("engine", "source", "built_on", "run", "reason")
    lines = _head("engine", "source", "built on torchtitan", "run", "what stands in the way")
    rows = [_row(*(engine[column] for column in columns)) for engine in engines]
    return "\n".join(lines + rows) + "\n"


def _on_more_gpus(newest: dict[str, Any], earlier: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The last measurement of the same stack that had more GPUs, with what only it could show."""

    def software(measured: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in measured["stack"].items() if name != "devices"}

    count = len(newest["stack"]["devices"])
    for measured in reversed(earlier):
        rows = [row for row in measured["rows"] if row["gpus"] > count]
        if rows and software(measured) == software(newest):
            return measured | {"rows": rows}
    return None


def _devices(measured: dict[str, Any]) -> str:
    devices = measured["stack"]["devices"]
    return ", ".join(f"{devices.count(name)} {name}" for name in sorted(set(devices)))


def table(measured: dict[str, Any], earlier: list[dict[str, Any]] | None = None) -> str:
    """A measurement in Markdown.

    Args:
        measured: the measurement.
        earlier: those before it; one that had more GPUs gives what needs them.
    """
    stack = measured["stack"]
    more = _on_more_gpus(measured, earlier or [])
    all_of_it = [measured, *([more] if more else [])]
    rows = [row for one in all_of_it for row in one["rows"]]
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
    names = sorted({name for one in all_of_it for name in one["stand_ins"]})
    stood_in = ", ".join(f"`{name}`" for name in names) or "none"
    then = f", what takes more GPUs {more['date']} on {_devices(more)}" if more else ""
    engines = [row for row in rows if "verl" not in row]
    lines = [
        f"Measured {measured['date']} on {_devices(measured)}{then}: {versions}. "
        f"Stand-ins put in: {stood_in}.",
        *_verl_table([row for row in rows if "verl" in row]),
        *_engines_table("Engines that need no adapter", [row for row in engines if "found" in row]),
        *_engines_table(
            "The engines of `fixtures/engines`", [row for row in engines if "found" not in row]
        ),
    ]
    return "\n".join(lines) + "\n"


def _verl_table(rows: list[dict[str, Any]]) -> list[str]:
    """verl's own engine, the newest release first, and what failed in words."""
    if not rows:
        return []
    head = ("verl", "state", "setup", "attention", "compiled", "result")
    lines = ["", "### verl's own engine", ""]
    lines += _head(*head, "leak", "error", "loss", "distance to one GPU", "to its own torchtitan")
    failures: dict[str, list[str]] = {}
    for its, attention in _by_attention(rows):
        row = its["verl"]
        where = (f"verl {row['version']}", STATES[row["state"]], SETUPS[row["setup"]], attention)
        compiled = "yes" if row["compiled"] else "no"
        for failed in its["after"]:
            said = ", ".join((*where, *(["compiled"] if row["compiled"] else [])))
            failures.setdefault(failed, []).append(said)
        result = "fails: " + ", ".join(f.partition(":")[0] for f in its["after"])
        result = result if its["after"] else "passes"
        lines.append(_row(row["version"], *where[1:], compiled, result, *_figures(its)))
    if failures:
        lines += ["", "What failed, and where:", ""]
    for failed, places in failures.items():
        stage, _, message = failed.partition(": ")
        # A message that was cut off ends in half a word.
        whole = message if len(message) < MESSAGE else message[: message.rindex(" ")] + " ..."
        lines.append(f"- {stage}, `{whole}`" if message else f"- {stage}")
        lines += [f"  - {place}" for place in places]
    return lines


def _by_attention(rows: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """The rows in the order of a table, those that differ in the attention alone put together."""

    def order(row: dict[str, Any]) -> tuple[Any, ...]:
        verl = row["verl"]
        release = [-int(part) for part in verl["version"].split(".")]
        state, setup = list(STATES).index(verl["state"]), list(SETUPS).index(verl["setup"])
        return (release, setup, state, verl["compiled"], row["attention"])

    together: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for row in sorted(rows, key=order):
        key = json.dumps({name: value for name, value in row.items() if name != "attention"})
        together.setdefault(key, (row, []))[1].append(row["attention"])
    return [(row, ", ".join(attentions)) for row, attentions in together.values()]


def _engines_table(title: str, rows: list[dict[str, Any]]) -> list[str]:
    """Engines that verify ran; those that gave the same are one row."""
    if not rows:
        return []
    groups: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        before, after = (", ".join(row[state]) or "nothing" for state in ("before", "after"))
        key = (before, after, row["attention"], str(row["gpus"]))
        groups.setdefault(key, []).append(row["engine"])
    lines = ["", f"### {title}", ""]
    lines += _head("fails before", "fails after", "attention", "GPUs", "engines")
    # What fails after comes first; the rest by what it shows.
    order = sorted(groups.items(), key=lambda group: (group[0][1] == "nothing", group[0]))
    return lines + [_row(*key, ", ".join(sorted(engines))) for key, engines in order]


def _head(*titles: str) -> list[str]:
    return [_row(*titles), _row(*["---"] * len(titles))]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _figures(row: dict[str, Any]) -> list[str]:
    """Leak, error, loss, distance to one GPU and to the original, "" for what was not measured."""
    figures: dict[str, Any] = row.get("figures", {})
    words = dict.fromkeys(("leak", "error", "loss", "loss_difference", "original_difference"), "")
    if "leak" in figures:
        words["leak"] = f"{figures['leak']:.1e}" if figures["leak"] else "0"
    if "reference_error" in figures:
        words["error"] = f"{figures['reference_error']:.4f}"
    if "losses" in figures:
        words["loss"] = "{:.3f} to {:.3f}".format(*figures["losses"])
    for name in ("loss_difference", "original_difference"):
        if name in figures:
            words[name] = f"{figures[name]:.4f}" if figures[name] else "0"
    return list(words.values())


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
