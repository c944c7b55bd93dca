"""What is known of torchtitan's command line is what the real one takes, and what is said of options what it does."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests import forked
from tests.jobs import history, real
from titan_lint.api import bundle, job_configs, targets
from titan_lint.api.changes import facts
from titan_lint.check import jobs
from titan_lint.code.source import Source
from titan_lint.uses.jobs import EXTENSIONS
from titan_lint.uses.launches import launches_of
from titan_lint.uses.options import Around

VERSIONS = [
    *(pytest.param(each, marks=pytest.mark.slow) for each in real.VERSIONS[:-1]),
    real.VERSIONS[-1],
]
NEW = "0.3.0"
JOB = ("torchtitan.models.llama3.config_registry", "llama3_debugmodel")
OWN_JOBS = (
    JOB,
    ("torchtitan.experiments.torchft.llama3.config_registry", "llama3_torchft_debugmodel"),
)
NEEDS_OTHERS = {("compile", "enable_async_tensor_parallel"), ("checkpoint", "last_save_in_hf")}
"""Options that are taken only beside others."""
CHOICE = ("--module", "llama3", "--config", "llama3_debugmodel")

Path_ = tuple[str, ...]


@functools.cache
def old_keys() -> dict[Path_, str]:
    """Every key that a torchtitan with TOML took, and the annotation of its field."""
    found: dict[Path_, str] = {}
    for key in bundle.index():
        known = job_configs.schema(bundle.load(key))
        for path, field in (known.keys if known is not None else {}).items():
            found.setdefault(path, field.annotation or "")
    for change in facts.job_keys().changes:
        path = tuple(change.old.split("."))
        if not job_configs.was_section(path):
            known = job_configs.gone(path)
            assert known is not None
            found.setdefault(path, found.get(known.new or (), "str"))
    return found


def words_for(path: Path_, annotation: str) -> tuple[str, ...]:
    """An option with a value that its field takes."""
    name = f"--{'.'.join(path)}"
    if annotation.startswith("bool"):
        return (name,)
    if choice := re.search(r"Literal\[[\"'](.*?)[\"']", annotation):
        return (name, choice[1])
    values = {"int": "7", "float": "0.5"}
    return (name, next((v for kind, v in values.items() if annotation.startswith(kind)), "a"))


def unknown(made: dict[str, Any]) -> set[Path_]:
    """The options that the real parser says it does not know."""
    said = re.sub(r"[│╭╮╰╯─\s]+", " ", made["error"])
    assert "Unrecognized options:" in said
    # What it takes for what was meant follows.
    said = re.split(r"Arguments? similar|For full helptext", said.partition("options:")[2])[0]
    return {path_of(option) for option in re.findall(r"--[\w-]+(?:\.[\w-]+)+", said)}


@functools.cache
def new() -> dict[str, Any]:
    """What the installed torchtitan makes of the options that have new names, and all its options."""
    line = [*CHOICE]
    for path, words in renamed(NEW).items():
        line += words if path not in NEEDS_OTHERS else ()
    worker = Path(__file__).with_name("options_worker.py")
    return json.loads(forked.output(worker, json.dumps({"jobs": OWN_JOBS, "lines": [line]})))


def options() -> set[Path_]:
    """The options of the real parser."""
    return {path_of(option) for option in new()["options"]}


def path_of(option: str) -> Path_:
    """The key of an option of the real parser's, without the ``no`` that turns it off."""
    *section, last = option.removeprefix("--").replace("-", "_").split(".")
    return (*section, last.removeprefix("no_"))


def renamed(version: str) -> dict[Path_, tuple[str, ...]]:
    """What the fix writes for each option that has a new name, by that name's key."""
    found: dict[Path_, tuple[str, ...]] = {}
    for path, annotation in old_keys().items():
        words = words_for(path, annotation)
        line = " ".join(("torchrun -m torchtitan.train", *words))
        source = jobs.fix(
            Source("a.sh", line),
            codes=["TTN504"],
            targets=targets.parse(version),
            around=Around(),
            unsafe=True,
        ).source
        if source.text != line:
            found[path_of(source.text.split()[3])] = tuple(source.text.split()[3:])
    return found


def is_said(words: tuple[str, ...], value: object) -> bool:
    """Whether a field holds what an option says."""
    return str(value).strip("[]'") == (words[1] if len(words) > 1 else "True")


@pytest.mark.network
@pytest.mark.parametrize("version", VERSIONS)
def test_an_option_is_gone_where_the_real_parser_does_not_know_it(version: str) -> None:
    surface = targets.parse(version)[0].surface
    gone = {path for path in old_keys() if not job_configs.takes(surface, path)}
    # A module of torchtitan's that a job may name has some; what else it names here is not there.
    extension = job_configs.schema(surface, "torchtitan.components.ft.config")
    base = job_configs.schema(surface)
    assert extension is not None
    assert base is not None
    gone |= extension.keys.keys() - base.keys.keys()
    modules = {*EXTENSIONS, ("job", "config_file")}
    lines: list[tuple[str, ...]] = []
    for paths in (gone, old_keys().keys() - gone - modules):
        words = (words_for(path, old_keys().get(path, "")) for path in sorted(paths))
        lines.append(tuple(word for group in words for word in group))
    refused, taken = real.read(version, *lines)
    assert len(gone) > 10
    assert unknown(refused) == gone
    assert "error" not in taken, taken["error"]


@pytest.mark.network
@pytest.mark.parametrize("version", VERSIONS)
def test_a_renamed_option_is_taken_with_its_value(version: str) -> None:
    names = renamed(version)
    assert len(names) > 4
    (made,) = real.read(version, tuple(word for words in names.values() for word in words))
    for path, words in names.items():
        value: Any = made["config"]
        for part in path:
            value = value[part]
        assert is_said(words, value), words


def test_the_options_of_the_real_parser_are_known() -> None:
    surface = targets.parse(NEW)[0].surface
    assert len(options()) > 100
    strange = {path for path in options() if job_configs.takes(surface, path) is False}
    assert strange == {("help",), ("_h",)}


def test_an_option_is_gone_where_no_job_takes_it() -> None:
    surface = targets.parse(NEW)[0].surface
    gone = {path for path in old_keys() if job_configs.takes(surface, path) is False}
    assert len(gone) > 80
    assert gone == old_keys().keys() - options()


def test_a_renamed_option_is_taken_with_its_value_where_jobs_are_python() -> None:
    names = renamed(NEW)
    assert len(names) > 20
    (made,) = new()["lines"]
    for path, words in names.items():
        if path not in NEEDS_OTHERS:
            assert is_said(words, made["fields"][".".join(path)]), words
    assert names.keys() <= options()


# What torchtitan's own scripts and pages said at their own time that no torchtitan of that time took.
SLIPS = {
    ("benchmarks/llama3-8b_h200_202506_trainy-whitefiber.md", "training.compile"),
    (
        "benchmarks/llama3-8b_h200_202506_trainy-whitefiber.md",
        "float8.force_recompute_fp8_weight_in_bwd",
    ),
    ("docs/float8.md", "training.compile"),
}
# A commit between two points that are known is judged at the earlier one, which has not what came since.
BETWEEN = {
    ("5b5d46856", "quantize.dense.float8"),
    ("f541d91cf", "compile.passes"),
    ("c8ebd7a42", "compile.passes"),
    ("d9bdfbb20", "compile.passes"),
}


@pytest.mark.network
def test_the_launch_scripts_of_torchtitans_history() -> None:
    files = history.launches()
    slips: set[tuple[str, str]] = set()
    said: set[Path_] = set()
    found: set[Path_] = set()
    commands = 0
    for file in files:
        source = Source(f"{file.path}.sh" if file.path.endswith(".md") else file.path, file.text)
        launches = launches_of(source)
        commands += len(launches)
        said |= {option.path for launch in launches for option in launch.options}
        for version in (file.commit, NEW) if launches else ():
            linted = jobs.lint(
                source, codes=["TTN504"], targets=targets.parse(version), around=Around()
            )
            assert not linted.failures
            for finding in linted.findings:
                key = ".".join(finding.key)
                if version == NEW:
                    found.add(finding.key)
                elif not any(
                    file.commit == commit and key.startswith(start) for commit, start in BETWEEN
                ):
                    slips.add((file.path, key))
    assert commands > 150
    assert slips == SLIPS
    # The options of some job of torchtitan's own are no findings: those of one that is not run here.
    taken = options()
    assert said - taken - found == {
        ("compile", "passes"),
        # Put into a page when a section was renamed; no torchtitan ever had it.
        ("quantize", "linear", "float8", "force_recompute_fp8_weight_in_bwd"),
    }
    assert not found & taken
