"""The rows about flavors hold for the surfaces."""

from __future__ import annotations

import pytest

from titan_lint.api import Surface, Variable, bundle, history
from titan_lint.api.changes import of_kind
from titan_lint.api.changes.rows import FlavorChange


def flavors(surface: Surface, package: str) -> set[str]:
    """The flavors in the dictionaries of a model's package."""
    found: set[str] = set()
    for name in surface.names_in(package):
        table = surface.lookup(f"{package}.{name}")
        if name.endswith(("_configs", "_args")) and isinstance(table, Variable):
            found |= set(table.keys)
    return found


@pytest.mark.parametrize("row", of_kind(FlavorChange), ids=lambda row: f"{row.id}-{row.commit}")
def test_a_flavor_was_there_until_the_commit_and_the_new_one_from_then_on(
    row: FlavorChange,
) -> None:
    assert (*row.new.flavors,) == row.old.flavors
    surfaces = [bundle.load(key) for key in history.timeline()]
    for package in row.old.of:
        for old, new in row.new.flavors.items():
            had = [s for s in surfaces if old in flavors(s, package)]
            assert had
            assert all(str(s.day) < row.day for s in had)
            later = [s for s in surfaces if str(s.day) >= row.day and package in s.modules]
            assert later
            assert all(new in flavors(s, package) for s in later)
    assert row.note
