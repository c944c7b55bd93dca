"""How torchtitan calls what others may override: the data is complete, and what each release says itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packages import unpacked
from titan_lint.api import bundle
from titan_lint.api.changes import facts
from titan_lint.api.changes.facts import CallInside
from titan_lint.api.changes.records import read

ROOT = Path(__file__).resolve().parents[2]


def test_every_bundled_torchtitan_has_its_calls() -> None:
    keys = {key for group in facts.calls_inside().groups for key in group.of}
    assert keys == set(bundle.index())


@pytest.mark.parametrize("version", ["0.2.1", "0.3.0"])
def test_the_calls_are_those_that_the_release_makes(version: str) -> None:
    command = [sys.executable, "scripts/build_calls.py", "--of", version]
    command.append(str(unpacked("torchtitan", version)))
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    data = facts.calls_inside_at(version)
    assert {callee: len(rows) for callee, rows in found.items()} == {
        callee: len(calls) for callee, calls in data.items()
    }
    for callee, rows in found.items():
        made = {read(CallInside, row) for row in rows}
        assert made == set(data[callee])


def test_the_calls_of_each_torchtitan_are_those_of_its_groups() -> None:
    for key in ("0.2.2", "0.3.0", "main@b5bcd76c6", "a tree of one's own"):
        made: dict[str, list[CallInside]] = {}
        for group in facts.calls_inside().groups:
            for callee, calls in group.calls.items() if key in group.of else ():
                made.setdefault(callee, []).extend(calls)
        assert facts.calls_inside_at(key) == {name: tuple(calls) for name, calls in made.items()}


def test_a_call_is_that_of_its_own_torchtitan() -> None:
    data, step = facts.calls_inside_at, "torchtitan.train.Trainer.forward_backward_step"
    by = "torchtitan.train.Trainer.train_step"
    assert data("0.2.1").get(step, ()) == (CallInside(by, 2),)
    keywords = ("input_dict", "labels", "global_valid_tokens")
    assert data("0.2.2").get(step, ()) == (CallInside(by, 0, keywords),)
    assert data("a tree of one's own").get(step, ()) == ()


def test_a_function_is_known_by_the_module_that_it_is_looked_up_in() -> None:
    data, name = facts.calls_inside_at, "create_varlen_metadata_for_document"
    by = "torchtitan.models.common.decoder.Decoder.get_attention_masks"
    assert data("0.3.0").get(f"torchtitan.models.common.decoder.{name}", ()) == (CallInside(by, 1),)
    # Its own module does not call it, and what others imported from there is not looked up there.
    assert data("0.3.0").get(f"torchtitan.models.common.attention.{name}", ()) == ()
    flops = data("0.3.0").get("torchtitan.tools.utils.get_peak_flops", ())
    assert CallInside("torchtitan.trainer.Trainer.__init__", 1) in flops
    # One that is handed on may be called in any way.
    handed = data("0.3.0").get("torchtitan.models.llama3.parallelize_llama", ())
    assert [call for call in handed if not call.doubtful] == []
