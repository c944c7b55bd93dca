"""The rows about calls hold for the surfaces of the days that they claim."""

from __future__ import annotations

import ast
import datetime
import fnmatch

import pytest

from titan_lint.api import Function, Parameter, Surface, bundle, history
from titan_lint.api.changes import of_kind
from titan_lint.api.changes.rows import (
    CallChange,
    DefaultChange,
    Drop,
    Fill,
    KeywordChange,
    MoveKeyword,
    ParamGroups,
    PositionalChange,
    RequiredChange,
    ValueChange,
)
from titan_lint.api.paths import signature
from titan_lint.uses.calls.callables import has_needs

KINDS = (KeywordChange, RequiredChange, DefaultChange, ValueChange, PositionalChange)


def rows(kind: type[CallChange]) -> list[object]:
    return [
        pytest.param(
            row, id=f"{row.id}-{row.commit}-{row.old.of[0].rpartition('torchtitan.')[2]}-{i}"
        )
        for i, row in enumerate(of_kind(kind))
    ]


def before(row: CallChange) -> list[Surface]:
    """Bundled surfaces from before a row's commit, the latest first."""
    day = datetime.date.fromisoformat(row.day)
    found = [bundle.load(key) for key in history.timeline()]
    return [s for s in reversed(found) if s.day is not None and s.day < day]


def after(row: CallChange) -> Surface:
    """The first bundled surface that certainly has a row's commit."""
    day = datetime.date.fromisoformat(row.day)
    keys = [key for key in history.timeline() if key.startswith("main")]
    exact = [key for key in keys if key == f"main@{row.commit}"]
    later = [key for key in keys if (bundle.index()[key].day or day) > day]
    return bundle.load((exact or later)[0])


def functions(surface: Surface, row: CallChange) -> list[Function]:
    """The signatures that a row is about at a surface."""
    found: list[Function] = []
    for path in row.old.of:
        if "*" not in path:
            made = signature(surface, path)
        else:
            made = None
            for module in sorted(surface.modules):
                for name in surface.names_in(module):
                    if fnmatch.fnmatchcase(f"{module}.{name}", path):
                        other = signature(surface, f"{module}.{name}")
                        found += [other] if other is not None else []
        found += [made] if made is not None else []
    return found


def parameter(surface: Surface, row: CallChange, name: str) -> Parameter | None:
    for function in functions(surface, row):
        made = function.parameter(name)
        if made is not None:
            return made
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_rows_with_a_commit_and_a_day(kind: type[CallChange]) -> None:
    found = of_kind(kind)
    assert found
    for row in found:
        assert len(row.commit) == 9
        datetime.date.fromisoformat(row.day)
        assert row.note
        assert not row.note.endswith(".")


@pytest.mark.parametrize("row", rows(KeywordChange))
def test_old_keywords_were_there(row: KeywordChange) -> None:
    for name in row.old.keywords:
        if row.old.was is not None:
            old = (signature(s, row.old.was) for s in before(row))
            assert any(f is not None and f.parameter(name) for f in old), name
        else:
            assert any(parameter(s, row, name) for s in before(row)), name


@pytest.mark.parametrize("row", rows(KeywordChange))
def test_old_keywords_are_gone_and_new_ones_are_there(row: KeywordChange) -> None:
    surface = after(row)
    there = functions(surface, row)
    if not there:  # Fork points at which the class itself is gone already.
        assert row.id in {"M18", "M14"}
        return
    assert all(parameter(surface, row, name) is None for name in row.old.keywords)
    new = row.rename
    if new is not None and row.id != "F1":
        assert any(function.parameter(new) for function in there)
    assert has_needs(surface, row)


@pytest.mark.parametrize(
    "row", [r for r in of_kind(KeywordChange) if isinstance(r.new, ParamGroups)]
)
def test_filled_in_defaults_are_the_old_ones(row: KeywordChange) -> None:
    assert isinstance(row.new, ParamGroups)
    old = [s for s in before(row) if parameter(s, row, "lr")]
    assert old
    for surface in old:
        for name, text in row.new.defaults.items():
            made = parameter(surface, row, name)
            assert made is not None
            assert made.default is not None
            assert ast.literal_eval(made.default) == ast.literal_eval(text), (surface.key, name)


@pytest.mark.parametrize("row", rows(KeywordChange))
def test_dropped_values_were_the_default(row: KeywordChange) -> None:
    """What is dropped as harmless is what the parameter did by itself."""
    harmless = (
        [t for t in row.new.drop if t != "*"] if isinstance(row.new, Drop | MoveKeyword) else []
    )
    if not harmless or row.id in {"M18", "A9"}:
        return  # There the default was the other way, and the value is what now always holds.
    for name in row.old.keywords:
        old = [parameter(s, row, name) for s in before(row)]
        was = row.old.was
        old += [f.parameter(name) for s in before(row) if was and (f := signature(s, was))]
        defaults = {p.default for p in old if p is not None}
        assert defaults, name
        # What had to be given, at first or all along, did nothing by itself; for `etp`, 1 is what the config's
        # field was by default.
        assert defaults <= {harmless[0], None}, name


@pytest.mark.parametrize("row", rows(RequiredChange))
def test_missed_parameter_is_there_with_the_default_told(row: RequiredChange) -> None:
    surface = bundle.load("0.3.0")
    made = parameter(surface, row, row.old.parameter)
    assert made is not None
    assert made.default == row.old.default
    assert has_needs(surface, row)
    if isinstance(row.new, Fill):
        assert surface.lookup(row.new.import_) is not None
        ast.parse(row.new.value, mode="eval")


@pytest.mark.parametrize("row", rows(DefaultChange))
def test_default_changed_at_the_commit(row: DefaultChange) -> None:
    name, means = row.old.parameter, row.old.means

    def meaning(surface: Surface) -> str | None:
        if not functions(surface, row):
            return None
        made = parameter(surface, row, name)
        text = "absent" if made is None else made.default or ""
        return means.get(text, None if text == "absent" else text)

    old = next(m for s in before(row) if (m := meaning(s)) is not None)
    new = meaning(after(row)) or meaning(bundle.load("0.3.0"))
    assert new is not None
    assert old != new


@pytest.mark.parametrize("row", rows(ValueChange))
def test_value_was_a_choice_and_is_none_now(row: ValueChange) -> None:
    name, surface = row.old.parameter, after(row)
    made = parameter(surface, row, name)
    assert made is not None
    instead = row.new.values if row.new is not None else {}
    assert instead.keys() <= {*row.old.values}
    for text in row.old.values:
        new = instead.get(text)
        value = ast.literal_eval(text)
        assert value not in made.choices
        assert any(value in p.choices for s in before(row) if (p := parameter(s, row, name)))
        if new is not None:
            assert ast.literal_eval(new) in made.choices


@pytest.mark.parametrize("row", rows(PositionalChange))
def test_positional_parameters_are_those_told(row: PositionalChange) -> None:
    for old in row.old.parameters:
        assert any(parameter(s, row, old) for s in before(row)), old
    instead = row.new.parameters if row.new is not None else {}
    assert (*instead,) == row.old.parameters
    for new in instead.values():
        assert parameter(after(row), row, new), new
