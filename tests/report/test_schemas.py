"""What titan-lint writes as JSON is as the published schemas say, key by key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.projects import run_here

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas"

ENGINE = """\
from torchtitan.experiments.graph_trainer.common_utils import gone
from torchtitan.models.llama3 import llama3_configs, model_registry

spec = model_registry("8B_varlen")
"""
"""Wrong at 0.2.2 and at 0.3.0: what can be fixed, and what cannot."""
NOTEBOOK = {
    "cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ENGINE}],
    "metadata": {"kernelspec": {"name": "python3", "language": "python", "display_name": "p"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
JSON = "--output-format=json"


@pytest.fixture(autouse=True)
def _code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository with a program, a notebook and a file that is no Python, and the current directory."""
    (tmp_path / "engine.py").write_text(ENGINE)
    (tmp_path / "notes.ipynb").write_text(json.dumps(NOTEBOOK))
    (tmp_path / "broken.py").write_text("import torchtitan\ndef\n")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "p"\ndependencies = ["torchtitan==0.2.2"]\n'
    )
    monkeypatch.chdir(tmp_path)


def written(*arguments: str) -> str:
    return run_here(*arguments, cwd=Path()).out


def valid(name: str, text: str) -> Any:
    """The document, which its schema takes."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    document = json.loads(text)
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(document)
    return document


@pytest.mark.parametrize("options", [[], ["--torchtitan=0.3.0", "--torchtitan=main"], ["--fix"]])
def test_a_check(options: list[str]) -> None:
    document = valid("check", written("--no-cache", JSON, *options))
    assert document["errors"]
    assert {"cell" in found for found in document["findings"]} == {True, False}


def test_statistics() -> None:
    text = written("--no-cache", "--torchtitan=0.3.0", "--statistics", JSON)
    assert valid("statistics", text)


def test_a_rule_and_all_of_them() -> None:
    assert valid("rule", written("rule", "TTN101", JSON))["code"] == "TTN101"
    assert len(valid("rule", written("rule", "--all", JSON))) > 1


def test_compat() -> None:
    options = ("--torchtitan=0.2.2", "--torchtitan=0.3.0", "--torchtitan=2026-06-30")
    document = valid("compat", written("compat", "engine.py", JSON, *options))
    assert [fit["errors"] > 0 for fit in document["fits"]] == [True] * 3
    assert document["fits"][-1]["commit"]


def test_a_survey(tmp_path: Path) -> None:
    options = ("--before=0.2.2", "--after=0.3.0", "--jobs=1", f"--cache-dir={tmp_path / 'kept'}")
    text = written("survey", ".", "--output-format=jsonl", "--patches=patches", *options)
    (line,) = text.splitlines()
    record = valid("survey", line)
    assert record["new"]
    assert record["unchecked"]
    text = written("survey", ".", "--output-format=jsonl", "--size-limit=1", *options)
    assert valid("survey", text)


@pytest.mark.parametrize(
    ("command", "document"),
    [
        ("versions", "api-versions"),
        ("show torchtitan.trainer", "api-show"),
        ("show LRSchedulersContainer --torchtitan 0.2.2 --torchtitan 0.3.0", "api-show"),
        ("show torchtitan.models.llama3.model_registry", "api-show"),
        ("show torchtitan.trainer.torch", "api-show"),
        ("show torchtitan.trainer.Trainer.Config.model_spec", "api-show"),
        ("show torchtitan.models.llama3.llama3_configs", "api-show"),
        ("diff 0.2.2 0.3.0 torchtitan.components.optimizer", "api-diff"),
        ("check-break 0.2.2 0.3.0", "api-check-break"),
    ],
)
def test_what_is_said_of_the_api(command: str, document: str) -> None:
    valid(document, written("api", *command.split(), JSON))


def test_who_uses_a_name() -> None:
    text = written(
        "api", "users", "torchtitan.models.llama3.model_registry", "--repos", ".", "--jobs=1", JSON
    )
    (answer,) = valid("api-users", text)["repositories"]
    assert answer["uses"]
