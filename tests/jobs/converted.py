"""Converts the job configs of torchtitan's history, runs what comes of them, and makes the page about it.

    python -m tests.jobs.converted

writes ``docs/converted.md``. torch and torchtitan 0.3.0 have to be installed; see :mod:`tests.jobs.history` for the rest.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import forked
from tests.jobs import history
from titan_lint.api import job_configs, targets
from titan_lint.api.changes import facts
from titan_lint.code.source import Source
from titan_lint.fixes.config_registry import ConvertError, Registry
from titan_lint.uses.job_settings import Settings, SettingsError
from titan_lint.uses.jobs import Job, document_of
from titan_lint.uses.options import Around

if TYPE_CHECKING:
    from tests.jobs.history import File
    from titan_lint.api.targets import Target

PAGE = Path(__file__).resolve().parents[2] / "docs" / "converted.md"
TARGET = "0.3.0"
DEBUG = "debug_model"


REFUSED = """\
Jobs of Flux and TorchFT become those of their own trainers, `FluxTrainer.Config` and `FaultTolerantTrainer.Config`.
Llama 4 is gone with its models: no job of 0.3.0 means the same. The keys of `deepseek_v3` as an experiment and of the
vision model were for trainers that are gone; `transformers_backend` takes any model of another package by its name.
"""


def written_for(file: File) -> Target:
    """The nearest torchtitan whose job configs are known: those before 2025-07-22 are taken for that day's."""
    (found,) = targets.parse(file.commit)
    return found if job_configs.defaults(found.surface) else targets.parse("34d815c02")[0]


def converted(file: File) -> tuple[str | None, str]:
    """The module that a file becomes, or ``None`` and the reason."""
    (target,) = targets.parse(TARGET)
    source = Source(file.path, file.text)
    document = document_of(source)
    if document is None:
        return None, "it is no job config"
    try:
        settings = Settings(Job(source, document, target, Around()), written_for(file).surface)
        return Registry([(file.path, settings)], target).text, ""
    except (ConvertError, SettingsError) as error:
        return None, str(error).removeprefix(f"{file.path}: ")


def run(modules: list[Any]) -> list[dict[str, Any]]:
    """What modules come to at the installed torchtitan; see ``registry_worker.py``."""
    worker = Path(__file__).with_name("registry_worker.py")
    return json.loads(forked.output(worker, json.dumps(modules)))


def own(file: File) -> tuple[str, str] | None:
    """The module and function in which torchtitan's maintainers wrote the same job; ``None`` without one."""
    parts, stem = Path(file.path).parts, Path(file.path).stem
    if "torchtitan.components.ft.config" in file.text:
        return "torchtitan.experiments.torchft.llama3.config_registry", "llama3_torchft_debugmodel"
    if parts[:2] != ("torchtitan", "models"):
        return None
    model, name = parts[2], stem.replace(".", "_")
    return f"torchtitan.models.{model}.config_registry", (
        f"{model}_debugmodel" if stem == DEBUG else name.removesuffix("_model")
    )


def differences(ours: dict[str, str], theirs: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Fields that are not the same, with both values; of layers of a model one stands for all."""
    return {
        re.sub(r"layers\.\d+", "layers.N", path.removeprefix("config.")): (
            ours.get(path, "none"),
            theirs.get(path, "none"),
        )
        for path in sorted(ours.keys() | theirs.keys())
        if ours.get(path) != theirs.get(path)
    }


def why(file: File, path: str) -> str:
    """Why a job has what its maintainers' function has not, as far as the file tells."""
    known = facts.job_registry()
    if any(default.new == path for default in known.defaults):
        return f"what {known.written_for} did without a word"
    if path.startswith("model_spec."):
        return f"the attention of {known.written_for}"
    document = document_of(Source(file.path, file.text))
    assert document is not None
    said = {".".join(entry.path) for entry in document.entries}
    for move in (*known.moves, *(move for each in known.trainers for move in each.moves)):
        for new in (move.new, *move.also):
            if new and path.startswith(new) and move.old + path[len(new) :] in said:
                return "the file says so"
    return f"a default of {known.written_for}"


def _page() -> str:
    files = history.files()
    results = [converted(file) for file in files]
    texts = [text for text, _ in results if text is not None]
    made = run(texts)
    errors = [one["error"] for one in made if "error" in one]
    refused = Counter(why for text, why in results if text is None)
    lines = [
        "# Converted jobs, held against torchtitan's own",
        "",
        "`titan-lint convert` was run on every version of every job config that torchtitan's repository had from",
        "0.1.0 to the day before it read no TOML any more (2026-02-23), each with the defaults of its own commit",
        "(before 2025-07-22, whose JobConfig is not known, with those of that day),",
        f"and each module that came of it was imported and its job constructed with torchtitan {TARGET}, by",
        "",
        "    python -m tests.jobs.converted",
        "",
        f"Of {len(files)} versions of files {len(texts)} were converted; {len(texts) - len(errors)} of these import "
        f"and construct. Run with Python {sys.version.split()[0]} and torch {metadata.version('torch')}, without an "
        "accelerator: quantization's converters were listed and not built.",
        "",
        "| Not converted, because | Files |",
        "| --- | ---: |",
        *(f"| {why} | {count} |" for why, count in sorted(refused.items())),
        "",
        *REFUSED.splitlines(),
    ]
    if errors:
        lines += ["", "| Not constructed, because | Files |", "| --- | ---: |"]
        lines += [f"| {why} | {count} |" for why, count in sorted(Counter(errors).items())]
    lines += [
        "",
        "## Against the maintainers' functions",
        "",
        "The last version of each file, next to the function that torchtitan's maintainers wrote for the same job:",
        "every field of the resolved job that is not the same, the model's included, and why it is so. Where it is",
        "the file that says so, the maintainers changed the job when they wrote it in Python, or since.",
        "",
        *_table(),
    ]
    return "\n".join(lines) + "\n"


def _table() -> list[str]:
    pairs = compared()
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for file, function, found in pairs:
        for path, (mine, their) in found.items():
            rows.setdefault((path, mine, their, why(file, path)), []).append(function)
    everything = sorted(function for _, function, _ in pairs)
    lines = [f"Functions: {', '.join(f'`{name}`' for name in everything)}.", ""]
    lines += ["| Field | Converted | There | Why | Functions |", "| --- | --- | --- | --- | --- |"]
    for (path, mine, their, reason), names in sorted(rows.items()):
        where = "all" if len(names) == len(everything) else ", ".join(f"`{n}`" for n in names)
        lines.append(f"| `{path}` | `{mine}` | `{their}` | {reason} | {where} |")
    return lines


def compared() -> list[tuple[File, str, dict[str, tuple[str, str]]]]:
    """The last version of each file that has a counterpart, its function, and the differences."""
    texts = [
        (text, pair, file)
        for file in history.last()
        if (text := converted(file)[0]) and (pair := own(file))
    ]
    results = run([*(text for text, *_ in texts), *(list(pair) for _, pair, _ in texts)])
    found: list[tuple[File, str, dict[str, tuple[str, str]]]] = []
    for index, (_, (_, name), file) in enumerate(texts):
        ((mine,), (their,)) = (results[at]["jobs"].values() for at in (index, len(texts) + index))
        found.append((file, name, differences(mine, their)))
    return found


if __name__ == "__main__":
    PAGE.write_text(_page(), "utf-8")
