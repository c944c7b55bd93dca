"""The rows about imports, attributes and names of parameters say what the surfaces say."""

from __future__ import annotations

import importlib
import re

import pytest

from titan_lint.api import Class, Function, bundle, changes, history
from titan_lint.api.changes import facts, moves
from titan_lint.api.changes.moves import home
from titan_lint.api.changes.rows import AttributeChange, Change, FqnChange, ImportChange
from titan_lint.uses.members.classes import has


def name(row: ImportChange | AttributeChange | FqnChange) -> str:
    return f"{row.id}-{(row.old.paths if isinstance(row, ImportChange) else row.old.names)[0]}"


IMPORTS = [pytest.param(row, id=name(row)) for row in changes.of_kind(ImportChange)]
ATTRIBUTES = [pytest.param(row, id=name(row)) for row in changes.of_kind(AttributeChange)]
FQNS = [pytest.param(row, id=name(row)) for row in changes.of_kind(FqnChange)]


def surfaces() -> list[object]:
    return [bundle.load(key) for key in history.timeline()]


def main_day(commit: str) -> str | None:
    return next(
        (str(e.day) for e in bundle.index().values() if (e.commit or "").startswith(commit)), None
    )


@pytest.mark.parametrize("row", [*IMPORTS, *ATTRIBUTES, *FQNS])
def test_a_row_has_the_day_of_its_commit(row: Change) -> None:
    assert main_day(row.commit) in (None, row.day)


def test_a_commit_that_a_note_names_bears_the_day_beside_it() -> None:
    """What came later than the row's own commit is said to, as `attn_backend` for `attn_backend_override`."""
    days = {commit[:9]: day for commit, day in bundle.commits().items()}
    named = [
        (row.id, day, commit)
        for row in changes.catalogue()
        for day, commit in re.findall(r"([0-9-]{10}) \((\w{9})\)", row.note)
    ]
    assert {"F1", "C3", "M27"} <= {row for row, *_ in named}
    for row, day, commit in named:
        assert day == (main_day(commit) or days[commit]), (row, commit)


@pytest.mark.parametrize("row", IMPORTS)
def test_an_old_path_was_there_until_the_row_s_day(row: ImportChange) -> None:
    for old in row.old.paths:
        had = [history.ever(old)] if "*" in old else []
        keys = history.timeline()
        there = [key for key in keys if bundle.load(key).lookup(old) is not None]
        assert there or any(had), f"{old} was never there"
        # Between two bundled points of main the row's commit may lie anywhere. What came back later,
        # under its first path, is gone at some point all the same.
        gone = [
            key
            for key in keys
            if key.startswith("main@")
            and str(bundle.index()[key].day) >= row.day
            and bundle.load(key).lookup(old) is None
        ]
        assert gone, f"{old} is not gone at any surface from {row.day} on"


@pytest.mark.parametrize("row", [p for p in IMPORTS if p.values[0].new])  # type: ignore[attr-defined]
def test_a_new_path_is_there_where_the_old_one_is_not(row: ImportChange) -> None:
    assert row.new is not None
    new = row.new.path
    for old in row.old.paths:
        both = [
            key
            for key in history.timeline()
            if bundle.load(key).lookup(old) is None and bundle.load(key).lookup(new) is not None
        ]
        assert both, f"{new} never stands for {old}"


@pytest.mark.parametrize("row", ATTRIBUTES)
def test_an_attribute_is_lost_and_its_successor_is_there(row: AttributeChange) -> None:
    wanted = row.new.needed if row.new is not None else None
    for member in row.old.names:
        found = False
        for cls in row.old.classes:
            there = [s for s in surfaces() if isinstance(s.lookup(cls), Class)]
            had = [s for s in surfaces() if has(s, row.old.was or cls, member)]
            lost = [s for s in there if not has(s, cls, member)]
            if not had or not lost:
                continue
            if wanted is None or any(has(s, cls, wanted) for s in lost):
                found = True
        assert found, f"no surface shows that {member} is lost"


@pytest.mark.parametrize("row", FQNS)
def test_a_stale_name_belongs_to_a_member_that_is_lost(row: FqnChange) -> None:
    cls, member = row.old.class_, row.old.member
    there = [s for s in surfaces() if isinstance(s.lookup(cls), Class)]
    assert any(has(s, cls, member) for s in there)
    lost = [s for s in there if not has(s, cls, member)]
    assert lost
    if row.new is not None:
        assert any(has(s, cls, row.new.member) for s in lost)
    for word in row.old.words:
        assert any(word in old for old in row.old.names)


def test_parameters_that_hold_names_are_parameters() -> None:
    wanted = facts.fqn_parameters().parameters
    found: set[str] = set()
    for surface in surfaces():
        for _, thing in surface.public():
            inner = thing.member("Config") if isinstance(thing, Class) else None
            for callee in (thing, inner):
                if isinstance(callee, Class):
                    found |= {p.name for p in callee.fields}
                elif isinstance(callee, Function):
                    found |= {p.name for p in callee.parameters}
    assert wanted <= found


# Where everything of 0.2.2 went, at every surface.


@pytest.mark.parametrize("old", ["0.2.2", "main@9810191bb", "main@7cec16600"])
@pytest.mark.parametrize("new", ["0.3.0", "main@169545712"])
def test_every_home_is_there(old: str, new: str) -> None:
    surface = bundle.load(new)
    moved = 0
    for path, _ in bundle.load(old).public():
        if surface.lookup(path) is not None:
            continue
        at = home(surface, path)
        if at is not None:
            moved += 1
            assert surface.lookup(at.path) is not None
            assert f"{at.module}.{at.name}{at.rest}" == at.path
            assert at.module in surface.modules
    assert moved >= 5


def test_what_a_module_imports_for_itself_is_no_home() -> None:
    surface = bundle.load("0.3.0")
    assert surface.lookup("torchtitan.models.llama3.parallelize.apply_compile") is not None
    assert home(surface, "torchtitan.models.llama3.infra.parallelize.apply_compile") is None


def test_several_moves_lead_to_the_last_one() -> None:
    at = home(bundle.load("0.3.0"), "torchtitan.config.job_config.LRScheduler")
    assert at is not None
    assert at.path == "torchtitan.components.optimizer.LRSchedulersContainer.Config"
    assert at.change is not None
    assert at.change.id == "M34"


def test_without_a_row_likeness_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    path = "torchtitan.components.lr_scheduler.LRSchedulersContainer"
    surface = bundle.load("0.3.0")
    monkeypatch.setattr(changes, "of_kind", lambda *_: ())
    home.cache_clear()
    try:
        at = home(surface, path)
    finally:
        home.cache_clear()
    assert at is not None
    assert at.path == "torchtitan.components.optimizer.LRSchedulersContainer"


def test_things_of_one_name_that_differ_are_not_taken_for_each_other() -> None:
    surface = bundle.load("0.3.0")
    assert surface.homes("TransformerBlock").defined
    assert home(surface, "torchtitan.models.llama4.model.model.TransformerBlock") is None


# On the real torchtitan.


def real() -> None:
    torchtitan = pytest.importorskip("torchtitan", reason="torchtitan is not installed")
    assert torchtitan.__path__
    from importlib.metadata import version

    if version("torchtitan") != "0.3.0":
        pytest.skip(f"torchtitan {version('torchtitan')} is installed, not 0.3.0")


def reached(path: str) -> object:
    """What a path reaches in the real package."""
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        try:
            thing: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError as error:
            if error.name is not None and not error.name.startswith("torchtitan"):
                pytest.skip(f"{path} needs {error.name}")
            continue
        except ImportError as error:
            if isinstance(error.__cause__, ModuleNotFoundError):
                pytest.skip(f"{path} needs {error.__cause__.name}")
            raise
        for part in parts[count:]:
            thing = getattr(thing, part)
        return thing
    raise AssertionError(f"{path} does not import")


@pytest.mark.parametrize("row", [p for p in IMPORTS if p.values[0].new])  # type: ignore[attr-defined]
def test_rewritten_imports_import_on_0_3_0(row: ImportChange) -> None:
    real()
    surface = bundle.load("0.3.0")
    for old in row.old.paths:
        if surface.lookup(old) is not None:
            continue
        at = moves.home(surface, old)
        if at is not None:
            assert reached(at.path) is not None
            with pytest.raises((ImportError, AttributeError)):
                _strict(old)


def _strict(path: str) -> None:
    """Import a path as ``from module import name`` does."""
    module, _, last = path.rpartition(".")
    getattr(importlib.import_module(module), last)
