"""Run everything that needs a GPU and write its results as JSON and Markdown.

    python scripts/gpu_report.py OUTPUT_DIRECTORY [--tests] [PATH ...]

Engines under fixtures/engines (or the paths given) are verified on CUDA, before and after their
rewrite, with every attention type that the device has. With --tests the tests marked `gpu` run
beside them. What is done is on disk even if the rest is cut short. With --nproc-per-node N every
engine runs on N ranks, one per GPU: those on torchtitan's Trainer are sharded over them (FSDP), and
the one with experts spreads these as well; a check holds on all ranks or fails. Where there are
fewer GPUs than ranks, --share-gpu puts all ranks on one, with Gloo in the place of NCCL.
Wheels that such a machine may lack: torchtitan 0.3.0, torchdata, torch_checkpointing, spmd_types,
datasets, dill, multiprocess, tyro, docstring_parser, typeguard, libcst.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
STAND_INS = ROOT / "scripts" / "gpu_stand_ins"


def environment() -> dict[str, str]:
    paths = [str(STAND_INS), str(ROOT), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def stand_ins() -> list[str]:
    sys.path.insert(0, str(STAND_INS))
    import importlib.util

    spec = importlib.util.spec_from_file_location("stand_ins", STAND_INS / "sitecustomize.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["stand_ins"] = module
    spec.loader.exec_module(module)
    shared = module.SHARE_GPU in os.environ
    return [
        f"{name}: {what}"
        for name, (what, _) in module.STAND_INS.items()
        if shared or module.SHARE_GPU not in what
    ]


def verify(path: str, attn_types: list[str], options: list[str]) -> dict[str, Any] | None:
    """Verify one engine's file; its report, or None where nothing of it could be run."""
    asked = [word for attn_type in attn_types for word in ("--attn-type", attn_type)]
    run = subprocess.run(
        [
            *(sys.executable, "-m", "titan_lint", "verify", path, *asked),
            *("--steps", "30", "--timeout", "150", *options),
            *("--torchtitan", "0.3.0", "--output-format", "json"),
        ],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if not run.stdout.startswith("{"):
        print(f"{path}: {run.stderr.strip()[-500:]}", flush=True)
        return None
    return json.loads(run.stdout)


def verify_all(
    paths: list[str], output: Path, attn_types: list[str], jobs: int, options: list[str]
) -> dict[str, Any]:
    """Verify engines side by side, and write down each as it ends."""
    start = time.monotonic()
    whole: dict[str, Any] = {
        "stand_ins": stand_ins(),
        "jobs": jobs,
        "options": options,
        "runs": [],
    }
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(verify, path, attn_types, options) for path in paths]
        for done in as_completed(running):
            report = done.result()
            if report is None:
                continue
            whole["environment"] = report["environment"]
            whole["runs"] += report["runs"]
            whole["runs"].sort(key=lambda run: (run["engine"], run["attn_type"]))
            whole["seconds"] = round(time.monotonic() - start)
            (output / "gpu.json").write_text(json.dumps(whole, indent=1), encoding="utf-8")
            (output / "gpu.md").write_text(markdown(whole), encoding="utf-8")
            names = ", ".join(f"{run['engine']} {run['attn_type']}" for run in report["runs"])
            print(f"{whole['seconds']} s: {names}", flush=True)
    return whole


def markdown(report: dict[str, Any]) -> str:
    about, names = report["environment"], report["stand_ins"]
    lines = [
        f"Measured {datetime.datetime.now(datetime.UTC):%Y-%m-%d} on {about['device']}, "
        f"torch {about['torch']}, torchtitan {about['torchtitan']}, Python {about['python']}, "
        f"in {report['seconds']} s, {report['jobs']} engines side by side, which share the GPU and "
        "slow each other's steps"
        + (f", with `{' '.join(report['options'])}`" if report["options"] else "")
        + ". Stand-ins:",
        "",
        *(f"- `{name.partition(': ')[0]}`: {name.partition(': ')[2]}" for name in names),
        "",
        "| engine | attention | fails before | fails after | passes after | tokens/s | peak MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for run in report["runs"]:
        cells = {
            (state, outcome): [
                check["name"] for check in run["checks"] if check[state]["outcome"] == outcome
            ]
            for state in ("before", "after")
            for outcome in ("passed", "failed")
        }
        training = run["training"]["after"]
        figures = (
            [f"{training['tokens_per_second']:,.0f}", f"{training['peak_memory'] / 2**20:,.0f}"]
            if training
            else ["-", "-"]
        )
        lines.append(
            "| "
            + " | ".join(
                [
                    run["engine"]
                    .replace(":make_engine", "")
                    .replace(":make_trainer_engine", " on Trainer"),
                    run["attn_type"],
                    ", ".join(cells["before", "failed"]) or "none",
                    ", ".join(cells["after", "failed"]) or "none",
                    str(len(cells["after", "passed"])),
                    *figures,
                ]
            )
            + " |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("paths", nargs="*", default=["fixtures/engines"])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("--attn-type", action="append", dest="attn_types")
    parser.add_argument("--nproc-per-node", type=int, default=1, metavar="N")
    parser.add_argument("--from", dest="written_for", metavar="VERSION")
    parser.add_argument("--share-gpu", action="store_true")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument(
        "--unsafe-fixes", action="store_const", const=["--unsafe-fixes"], default=[]
    )
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    files = [
        str(file)
        for path in map(Path, options.paths)
        for file in (sorted(path.glob("*.py")) if path.is_dir() else [path])
        if "# titan-lint: engine=" in file.read_text(encoding="utf-8")
    ]
    attn_types = options.attn_types or ["flex", "varlen", "flex_flash"]
    if options.share_gpu:
        os.environ["TITAN_LINT_RANKS_SHARE_GPU"] = "1"
    tests = start_tests(options.output) if options.tests else None
    passed_on = ["--device", options.device, *options.unsafe_fixes]
    if options.written_for:
        passed_on += ["--from", options.written_for]
    if options.nproc_per_node > 1:
        passed_on += ["--nproc-per-node", str(options.nproc_per_node)]
    report = verify_all(files, options.output, attn_types, options.jobs, passed_on)
    print(markdown(report))
    for run in report["runs"]:
        for check in run["checks"]:
            if check["after"]["outcome"] == "failed":
                print(run["engine"], run["attn_type"], check["name"], check["after"]["reason"])
    if tests is not None:
        sys.exit(tests.wait())


def start_tests(output: Path) -> subprocess.Popen[bytes]:
    """Start the tests marked `gpu`, a file per process; they report to tests.txt as they go."""
    command = ["-m", "pytest", "-m", "gpu", "-v", "-rs", "-n", "2", "--dist", "loadfile"]
    with (output / "tests.txt").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-u", *command, "-p", "no:cacheprovider", "tests/verify"],
            cwd=ROOT,
            env=environment(),
            stdout=log,
            stderr=log,
        )


if __name__ == "__main__":
    main()
