"""Run everything that needs a GPU and write its results as JSON and Markdown.

    python scripts/gpu_report.py OUTPUT_DIRECTORY [--tests] [PATH ...]
    python scripts/gpu_report.py OUTPUT_DIRECTORY --everything [--verl-wheel FILE]
        [--verl-original DIRECTORY] [--minutes N]

Engines under fixtures/engines (or the paths given) are verified on CUDA, before and after their
rewrite, with every attention type that the device has; each gets a page of its own. A wheel is
unpacked, and `titan-lint verify` finds the engines in it by itself. With --tests the tests marked `gpu` run
beside them. What is done is on disk even if the rest is cut short. With --nproc-per-node N every
engine runs on N ranks, one per GPU: those on torchtitan's Trainer are sharded over them (FSDP), and
the one with experts spreads these as well; a check holds on all ranks or fails. Where there are
fewer GPUs than ranks, --share-gpu puts all ranks on one, with Gloo in the place of NCCL.
With --everything all of this runs, on one rank and on as many as there are GPUs, and verl's engine is
driven too, beside verl 0.9.1 as it came on the torchtitan that it was written for, where a directory
holds that one; started again, it does what is left. One directory holds what one stack of Torch, Triton
and NCCL showed: on another one the script refuses to add to it.
Wheels that such a machine may lack: torchtitan 0.3.0, torchdata, torch_checkpointing, spmd_types,
datasets, dill, multiprocess, tyro, docstring_parser, typeguard, libcst.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import gpu_steps

ROOT = Path(__file__).resolve().parents[1]
STAND_INS = ROOT / "scripts" / "gpu_stand_ins"


def environment() -> dict[str, str]:
    paths = [str(STAND_INS), str(ROOT), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


_STACK = """
import importlib.metadata, json, platform, torch
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "absent"
cuda = torch.cuda.is_available()
print(json.dumps({
    "python": platform.python_version(),
    "torch": torch.__version__,
    "triton": version("triton"),
    "nccl": ".".join(map(str, torch.cuda.nccl.version())) if cuda else "absent",
    "torchtitan": version("torchtitan"),
    "transformers": version("transformers"),
    "devices": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())],
}))
"""


def stack() -> dict[str, Any]:
    """Versions of what runs here; NCCL's is that of the library that is really loaded."""
    run = subprocess.run(
        [sys.executable, "-c", _STACK],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


class OtherStackError(Exception):
    """The directory holds what another stack showed."""


def keep_stack(output: Path, here: dict[str, Any]) -> None:
    """Note the stack in the directory.

    Raises:
        OtherStackError: another one was noted there; the number of devices does not count.
    """
    file = output / "stack.json"
    if file.is_file():
        there = json.loads(file.read_text(encoding="utf-8"))
        differing = [
            f"{name} {there.get(name)}, here {value}"
            for name, value in here.items()
            if name != "devices" and there.get(name) != value
        ]
        if set(there["devices"]) != set(here["devices"]):
            differing.append(f"devices {there['devices']}, here {here['devices']}")
        if differing:
            raise OtherStackError(f"{output} holds results of {'; '.join(differing)}")
    file.write_text(json.dumps(here, indent=1), encoding="utf-8")


def stand_ins(log: Path) -> list[str]:
    """The stand-ins that processes have put in, by the log that they wrote."""
    spec = importlib.util.spec_from_file_location("stand_ins", STAND_INS / "sitecustomize.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["stand_ins"] = module
    finders = list(sys.meta_path)
    spec.loader.exec_module(module)
    sys.meta_path[:] = finders
    names = set(log.read_text(encoding="utf-8").split()) if log.is_file() else set[str]()
    return [f"{name}: {what}" for name, what in module.STAND_INS.items() if name in names]


def offered(path: Path, output: Path) -> list[str]:
    """What to verify one by one: files that offer an engine; else the path, a wheel unpacked."""
    if path.suffix == ".whl":
        tree = output / path.stem
        with zipfile.ZipFile(path) as wheel:
            wheel.extractall(tree)
        return [str(tree)]
    files = sorted(path.glob("*.py")) if path.is_dir() else [path]
    mark = "# titan-lint: engine="
    return [str(file) for file in files if mark in file.read_text(encoding="utf-8")]


def verify(
    path: str, page: Path, attn_types: list[str], options: list[str]
) -> dict[str, Any] | None:
    """Verify one engine's file; its report, or None where nothing of it could be run."""
    asked = [word for attn_type in attn_types for word in ("--attn-type", attn_type)]
    run = subprocess.run(
        [
            *(sys.executable, "-m", "titan_lint", "verify", path, *asked),
            *("--steps", "30", "--timeout", "150", *options),
            *("--torchtitan", "0.3.0", "--output-format", "json", "--report", str(page)),
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
    log = output / "stand_ins.txt"
    os.environ["TITAN_LINT_STAND_INS_LOG"] = str(log.resolve())
    whole: dict[str, Any] = {
        "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        "stack": json.loads((output / "stack.json").read_text(encoding="utf-8")),
        "stand_ins": [],
        "jobs": jobs,
        "options": options,
        "runs": [],
    }
    with ThreadPoolExecutor(jobs) as pool:
        pages = [output / f"{Path(path).name.removesuffix('.py')}.html" for path in paths]
        running = [
            pool.submit(verify, path, page, attn_types, options)
            for path, page in zip(paths, pages, strict=True)
        ]
        for done in as_completed(running):
            report = done.result()
            if report is None:
                continue
            whole["environment"] = report["environment"]
            whole["stand_ins"] = stand_ins(log)
            whole["runs"] += report["runs"]
            whole["runs"].sort(key=lambda run: (run["engine"], run["attn_type"]))
            whole["seconds"] = round(time.monotonic() - start)
            (output / "gpu.json").write_text(json.dumps(whole, indent=1), encoding="utf-8")
            (output / "gpu.md").write_text(markdown(whole), encoding="utf-8")
            names = ", ".join(f"{run['engine']} {run['attn_type']}" for run in report["runs"])
            print(f"{whole['seconds']} s: {names}", flush=True)
    return whole


def markdown(report: dict[str, Any]) -> str:
    about, names = report["stack"], report["stand_ins"]
    devices = ", ".join(
        f"{about['devices'].count(name)} {name}" for name in sorted(set(about["devices"]))
    )
    lines = [
        f"Measured {report['date']} on {devices or 'CPU'}, torch {about['torch']}, Triton "
        f"{about['triton']}, NCCL {about['nccl']}, torchtitan {about['torchtitan']}, Python "
        f"{about['python']}, in {report['seconds']} s, {report['jobs']} engines side by side, which "
        "share the GPU and slow each other's steps"
        + (f", with `{' '.join(report['options'])}`" if report["options"] else "")
        + (". Put in by scripts/gpu_stand_ins:" if names else ". Nothing stood in for anything."),
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
    parser.add_argument("--everything", action="store_true")
    parser.add_argument("--verl-wheel", action="append", type=Path, default=[])
    parser.add_argument("--verl-original", type=Path, metavar="DIRECTORY")
    parser.add_argument("--minutes", type=float, default=30.0, help="end --everything after these")
    parser.add_argument("--at-once", type=int, default=4, help="steps of --everything side by side")
    parser.add_argument("--from", dest="written_for", metavar="VERSION")
    parser.add_argument("--share-gpu", action="store_true")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument(
        "--unsafe-fixes", action="store_const", const=["--unsafe-fixes"], default=[]
    )
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    here = stack()
    try:
        keep_stack(options.output, here)
    except OtherStackError as error:
        sys.exit(f"gpu_report.py: {error}")
    if options.everything:
        output, gpus = options.output.resolve(), max(1, len(here["devices"]))
        running = gpu_steps.Running(output, environment(), options.minutes)
        wanted = gpu_steps.steps(
            output, gpus, options.jobs, options.verl_wheel, options.verl_original
        )
        sys.exit(0 if running.all(wanted, options.at_once) else 1)
    files = [file for path in options.paths for file in offered(Path(path), options.output)]
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
    if not report["runs"]:
        sys.exit("gpu_report.py: nothing could be run")
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
