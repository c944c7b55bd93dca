"""A slice of the programs: what is known to be wrong today is in a table, which may only shrink.

``python -m tests.meaning.run`` runs as many as wanted.
"""

from __future__ import annotations

import functools
from random import Random

import pytest

from tests.changes.test_drift_rows import ROWS
from tests.meaning import tool
from tests.meaning.generate import KINDS, seeded
from tests.meaning.generate.imports import IN_CONFIG, PLACES, placed
from tests.meaning.known import WRONG
from tests.meaning.program import Program
from tests.meaning.properties import (
    PROPERTIES,
    Fixing,
    does_what_was_meant,
    is_accounted_for,
    new_flaws,
    wrong,
)
from tests.meaning.run import judged
from tests.meaning.running import DIVIDER
from titan_lint import rules

EACH = 3


@functools.cache
def fixing_of(program: Program) -> Fixing:
    """A program with its fix and its runs, which are made once for all tests."""
    return Fixing(program)


@functools.cache
def slice_() -> tuple[dict[str, int], dict[tuple[str, str], tuple[str, str, str]]]:
    """How many safe fixes each kind got, and an example of each that is wrong."""
    kinds = list(KINDS)
    result = judged(kinds, range(EACH * len(kinds)), fixing_of)
    assert not result.broken, result.broken[0]
    return dict(result.fixes), result.smallest


def test_every_kind_that_is_listed_exists() -> None:
    assert {kind for kind, _ in WRONG} <= set(KINDS)
    assert {name for _, name in WRONG} <= {*PROPERTIES, "ruff"}


@pytest.mark.parametrize("kind", KINDS)
def test_safe_fixes_keep_the_meaning(kind: str) -> None:
    examples = {
        name: example
        for (of, name), example in slice_()[1].items()
        if of == kind and (kind, name) not in WRONG
    }
    for name, (before, after, problem) in examples.items():
        pytest.fail(f"{kind}: {name}: {problem}\n\n{before}\n---- after the fix\n\n{after}")


@pytest.mark.parametrize(("kind", "name"), WRONG)
def test_what_is_listed_as_wrong_is_wrong(kind: str, name: str) -> None:
    """Fails when a kind is fixed and still listed: take it off the list."""
    assert (kind, name) in slice_()[1], f"{kind}: {name} is right now: take it out of known.py"


# Rewrites that a plain ``--fix`` must go on making: careful is not idle.
FIXED = (
    *("override/plain", "masks/plain", "read/plain", "legacy flavor/plain", "import/plain"),
    *("import/unused", "member/plain", "amp/plain", "layers/plain", "factory/plain"),
    *("optimizer/plain", "checkpointing/plain", "async/plain", "dropped keyword/plain"),
    *("renamed keyword/plain", "value/plain", "positional/plain"),
)


@pytest.mark.parametrize("kind", FIXED)
def test_plain_programs_are_still_fixed(kind: str) -> None:
    assert slice_()[0].get(kind, 0) >= 2


def test_a_new_name_that_is_imported_already_is_bound_once() -> None:
    """Above, below, in a function, a ``try``, for types, or with ``as``: all forms, where a kind shows some."""
    fixings = [
        Fixing(placed(kind, (text,), Random(number), IN_CONFIG))
        for kind, texts in PLACES.items()
        if kind.startswith("new name is there")
        for number, text in enumerate(texts)
    ]
    assert sum(fixing.changed for fixing in fixings) >= 30
    flaws = new_flaws([(fixing.before, fixing.after) for fixing in fixings])
    for fixing, flaw in zip(fixings, flaws, strict=True):
        assert not flaw, (flaw, fixing.before, fixing.after)
        assert not wrong(fixing), (wrong(fixing), fixing.before, fixing.after)


def test_programs_depend_on_their_seed_alone() -> None:
    for kind in KINDS:
        assert seeded(kind, 7) == seeded(kind, 7)


@pytest.mark.parametrize("kind", KINDS)
def test_programs_run_on_one_torchtitan_or_the_other(kind: str) -> None:
    """A program that runs on none says nothing about a fix."""
    runs = 0
    for seed in range(EACH):
        fixing = fixing_of(seeded(kind, seed))
        runs += not fixing.as_meant.error or not fixing.as_it_was.error
        for run in (fixing.as_meant, fixing.as_it_was):
            assert not run.error.startswith(("NameError", "SyntaxError", "UnboundLocalError")), (
                run.error,
                fixing.before,
            )
    assert runs


def test_a_wrong_fix_is_seen() -> None:
    """Each property fails for a fix that breaks it."""
    program = seeded("override/plain", 1)
    cases = {
        "meaning": ("print('more')\n", ""),
        "without torchtitan": ("import torchtitan.config\n", "print('lazy')\n"),
        "parses": ("(", ""),
        "comments": ("", "# lost\n"),
        "header": ("x = 1\n", "# Copyright.\nx = 1\n"),
    }
    for name, (after, before) in cases.items():
        fixing = Fixing(program)
        fixing.before, fixing.after = before, after
        assert name in wrong(fixing), name


PAIR = f"""\
import torchtitan.config
from observe import show

show(torchtitan.config.CompileConfig(enable=True))
{DIVIDER}
from torchtitan.components.lr_scheduler import LRSchedulersContainer

show(1)
show(LRSchedulersContainer.Config(warmup_steps=2))
show(3)
"""
MOVED = PAIR.replace("components.lr_scheduler", "components.optimizer")


@pytest.mark.parametrize(
    ("after", "right"),
    [
        pytest.param(MOVED, True, id="fixed"),
        pytest.param(PAIR, True, id="left"),
        pytest.param(MOVED.replace("enable=True", ""), False, id="the other one changed"),
        pytest.param(MOVED.replace("warmup_steps=2", ""), False, id="fixed to something else"),
        pytest.param(MOVED.replace("show(3)", ""), False, id="fixed in part"),
        pytest.param(PAIR.replace("show(1)", ""), False, id="left in part"),
        pytest.param(PAIR.replace("show(1)", "show(1)\nshow(3)"), False, id="nothing of both"),
    ],
)
def test_of_several_programs_each_is_fixed_or_left(after: str, right: bool) -> None:
    part = Program("part", "")
    fixing = Fixing(Program("pair", PAIR, parts=(part, part)))
    fixing.after = after
    assert (does_what_was_meant(fixing) == "") is right


def test_a_finding_that_vanishes_is_seen() -> None:
    fixing = Fixing(seeded("override/plain", 1))
    assert is_accounted_for(fixing) == ""
    fixing.before += "\nspec = model_registry('8B_flex')\n"
    fixing.after += "\nspec = model_registry('8B_flex')\n"
    assert is_accounted_for(fixing) == "vanished: ['TTN105']"


def test_what_is_found_in_the_catalogues_programs_is_accounted_for_after_all_fixes() -> None:
    changed = 0
    for row in ROWS:
        if row.torchtitan == tool.TARGET:
            program = Program("row", row.code, written_for=row.written_for)
            fixing = Fixing(program, unsafe=True)
            changed += fixing.changed
            assert is_accounted_for(fixing) == "", (fixing.before, fixing.after)
    assert changed


def test_nothing_is_left_unused_or_unbound_by_a_fix_that_is_shown() -> None:
    """Of the rows of the catalogue, and of the rules' examples."""
    examples = [
        example
        for code in rules.names()
        if not rules.is_of_jobs(code)
        for example in rules.rule(code).bad
    ]
    shown = [(row.code, row.becomes) for row in ROWS if row.becomes is not None]
    shown += [(bad.code, bad.fixed) for bad in examples if bad.fixed is not None]
    assert shown
    for (before, after), flaw in zip(shown, new_flaws(shown), strict=True):
        assert not flaw, (flaw, before, after)


def test_ruff_sees_what_a_fix_leaves_behind() -> None:
    after = "import os\n\nx = y\n"
    (flaw,) = new_flaws([("x = 1\n", after)])
    assert flaw == "F401 unused import; F821 Undefined name `y`"
    assert new_flaws([("import sys\n\nx = y\n", after)]) == [""]


@pytest.mark.parametrize(
    ("rest", "flaw"),
    [
        ("", ""),  # nothing used it before
        (
            "def made():\n    return Debug\n",
            "F811 Redefinition of unused `Debug`: `Debug` redefined here",
        ),
    ],
)
def test_an_unused_import_that_is_hidden_is_no_new_flaw(rest: str, flaw: str) -> None:
    before = f"from old import Debug\n{rest}"
    assert new_flaws([(before, f"{before}from new import Debug\nprint(Debug)\n")]) == [flaw]
