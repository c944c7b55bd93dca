"""What is said of job configs is what the torchtitan that reads them does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.jobs import real
from titan_lint import rules
from titan_lint.api import job_configs, targets
from titan_lint.api.changes import facts
from titan_lint.check import jobs
from titan_lint.code.source import Source
from titan_lint.finding import Finding, Obligation, Severity
from titan_lint.uses.options import Around

pytestmark = pytest.mark.network

CODES = [code for code in rules.names() if rules.is_of_jobs(code)]

Keys = dict[tuple[str, ...], Any]

VERSIONS = [
    *(pytest.param(each, marks=pytest.mark.slow) for each in real.VERSIONS[:-1]),
    real.VERSIONS[-1],
]

LEAST: Keys = {("model", "flavor"): "8B", ("training", "steps"): 10}
"""What makes a file a job config."""


def lint(text: str, version: str) -> list[Finding]:
    linted = jobs.lint(
        Source("job.toml", text), codes=CODES, targets=targets.parse(version), around=Around()
    )
    assert not linted.failures
    return linted.findings


def fixed(text: str, version: str) -> str:
    return jobs.fix(
        Source("job.toml", text),
        codes=CODES,
        targets=targets.parse(version),
        around=Around(),
        unsafe=True,
    ).source.text


def everything(version: str) -> Keys:
    """Every key that can be written."""
    return LEAST | {
        path: value
        for path, value in real.keys(real.defaults(version)).items()
        if path not in LEAST
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_the_keys_are_those_of_the_real_class(version: str) -> None:
    known = job_configs.schema(targets.parse(version)[0].surface)
    assert known is not None

    def paths(table: dict[str, Any], at: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        found: set[tuple[str, ...]] = set()
        for name, value in table.items():
            found |= paths(value, (*at, name)) if isinstance(value, dict) else {(*at, name)}
        return found

    assert paths(real.defaults(version)) == set(known.keys)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_default_written_out_is_read_and_nothing_is_said(version: str) -> None:
    text = real.toml(everything(version))
    (made,) = real.read(version, text)
    assert "error" not in made
    assert lint(text, version) == []


@pytest.mark.parametrize("target", VERSIONS)
@pytest.mark.parametrize("version", real.VERSIONS)
def test_the_keys_of_another_torchtitan_are_found_where_they_fail(
    version: str, target: str
) -> None:
    keys, taken = everything(version), everything(target).keys()
    each = [LEAST | {path: value} for path, value in keys.items() if path not in taken]
    each.append({path: value for path, value in keys.items() if path in taken})
    texts = [real.toml(keys) for keys in each]
    for text, made in zip(texts, real.read(target, *texts), strict=True):
        errors = [f for f in lint(text, target) if f.severity is Severity.ERROR]
        assert bool(errors) == ("error" in made), text


def value_of(annotation: str) -> object:
    """A value that a field with an annotation takes."""
    values = {"int": 7, "bool": True, "float": 0.5, "list": ["a"]}
    return next((value for kind, value in values.items() if annotation.startswith(kind)), "a")


def test_a_key_that_is_gone_fails_and_under_its_new_name_it_is_read() -> None:
    known = job_configs.schema(targets.parse("0.2.2")[0].surface)
    assert known is not None
    changes = [c for c in facts.job_keys().changes if job_configs.was_key(path_of(c.old))]
    assert len(changes) > 20
    new_keys = [path_of(c.new) if c.new is not None else None for c in changes]
    assert {new for new in new_keys if new is not None} <= known.keys.keys()
    values = [
        value_of(known.keys[new].annotation or "" if new is not None else "str") for new in new_keys
    ]
    texts = [
        real.toml(LEAST | {path_of(change.old): value})
        for change, value in zip(changes, values, strict=True)
    ]
    after = [fixed(text, "0.2.2") for text in texts]
    made = real.read("0.2.2", *texts, *after)
    for index, (change, new) in enumerate(zip(changes, new_keys, strict=True)):
        (finding,) = [f for f in lint(texts[index], "0.2.2") if f.key == path_of(change.old)]
        assert finding.code == "TTN501"
        assert "Invalid field names" in made[index]["error"]
        if new is None:
            assert after[index] == texts[index]
            assert finding.help == change.help
        else:
            assert real.keys(made[len(changes) + index]["config"])[new] == values[index]
            assert lint(after[index], "0.2.2") == []


def path_of(dotted: str) -> tuple[str, ...]:
    return tuple(dotted.split("."))


# Sections by their names at some time, and a key that each takes a list for.
SECTIONS = {
    "float8": ("quantize.linear.float8", "filter_fqns"),
    "mx": ("quantize.linear.mx", "filter_fqns"),
    "quantize.dense.float8": ("quantize.linear.float8", "filter_fqns"),
    "quantize.dense.mx": ("quantize.linear.mx", "filter_fqns"),
    "quantize.moe.float8": ("quantize.grouped_mm.float8", "fqns"),
    "quantize.moe.mx": ("quantize.grouped_mm.mx", "fqns"),
}


def test_every_section_that_is_gone_is_tried() -> None:
    known = job_configs.schema(targets.parse("0.2.2")[0].surface)
    assert known is not None
    changes = facts.job_keys().changes
    assert {c.old: c.new for c in changes if c.new and path_of(c.new) in known.sections} == {
        old: new for old, (new, _) in SECTIONS.items()
    }


def test_a_section_that_is_gone_is_read_under_its_new_name() -> None:
    texts = [real.toml(LEAST | {(*path_of(old), key): ["a"]}) for old, (_, key) in SECTIONS.items()]
    made = real.read("0.2.2", *texts, *(fixed(text, "0.2.2") for text in texts))
    for index, (new, key) in enumerate(SECTIONS.values()):
        assert "Invalid field names" in made[index]["error"]
        after = made[len(texts) + index]
        assert real.keys(after["config"])[*path_of(new), key] == ["a"]


@pytest.mark.parametrize("old", ["float8", "mx"])
def test_a_section_moves_safely_only_where_what_it_leaves_out_means_the_same(old: str) -> None:
    """At 0.1.0 the recipe of ``mx`` is ``mxfp8`` where none is named, at 0.2.2 ``mxfp8_cublas``."""
    new, key = SECTIONS[old]
    text = real.toml(LEAST | {(old, key): ["a"]})
    (before,) = real.read("0.1.0", text)
    (after,) = real.read("0.2.2", fixed(text, "0.2.2"))
    now = {
        path[-1]: v for path, v in real.keys(after["config"]).items() if path[:-1] == path_of(new)
    }
    was = {path[-1]: v for path, v in real.keys(before["config"]).items() if path[:-1] == (old,)}
    is_same = all(now[name] == value for name, value in was.items() if name in now)
    (finding,) = lint(text, "0.2.2")
    assert finding.fix is not None
    assert finding.fix.because == (() if is_same else (Obligation.SAME_VALUE,))
    assert is_same == (old == "float8")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_choice_is_warned_of_where_tyro_warns_of_it(version: str) -> None:
    known = job_configs.schema(targets.parse(version)[0].surface)
    assert known is not None
    choices = {path: field.choices for path, field in known.keys.items() if field.choices}
    allowed = {path: [one for one in each if one is not None] for path, each in choices.items()}
    each = [LEAST | {path: "no choice"} for path in choices]
    # What is allowed is said of all at once: nothing of it is warned of.
    for index in range(max(map(len, allowed.values()))):
        each.append(LEAST | {path: some[index % len(some)] for path, some in allowed.items()})
    texts = [real.toml(keys) for keys in each]
    for text, made in zip(texts, real.read(version, *texts), strict=True):
        found = lint(text, version)
        assert bool(found) == bool(made["warned"]), text
        assert all(f.severity is Severity.WARNING and f.code == "TTN502" for f in found)


def test_a_value_that_is_refused_fails() -> None:
    text = real.toml(LEAST | {("parallelism", "context_parallel_load_balancer"): ""})
    (made,) = real.read("0.2.2", text)
    (finding,) = lint(text, "0.2.2")
    assert made["error"].startswith("ValueError: context_parallel_load_balancer")
    assert (finding.code, finding.severity) == ("TTN502", Severity.ERROR)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_module_of_torchtitan_brings_its_keys(version: str) -> None:
    module = "torchtitan.components.ft.config"
    keys = LEAST | {("job", "custom_config_module"): module}
    known = job_configs.schema(targets.parse(version)[0].surface, module)
    assert known is not None
    text = real.toml(keys | {("fault_tolerance", "sync_steps"): 5})
    (made,) = real.read(version, text)
    assert "error" not in made
    assert lint(text, version) == []
    text = real.toml(keys | {("training", "compile"): True})
    (made,) = real.read(version, text)
    assert "error" in made
    assert [f.code for f in lint(text, version)] == ["TTN501"]


def test_a_module_that_is_gone_fails() -> None:
    module = "torchtitan.experiments.flux.job_config"
    text = real.toml(LEAST | {("job", "custom_config_module"): module})
    (made,) = real.read("0.2.2", text)
    assert made["error"].startswith("ModuleNotFoundError")
    assert [f.code for f in lint(text, "0.2.2")] == ["TTN502"]
    assert lint(text, "0.2.0") == []
