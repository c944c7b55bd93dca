"""Indexes lead to every module that has what is looked for."""

from __future__ import annotations

import pytest

from tests.surface.synthetic import surface, tree
from titan_lint.api import Surface, bundle
from titan_lint.api.extract.extract import extract_records
from titan_lint.api.pack import Pack, PackedRecords, write
from titan_lint.api.surface import BASES, MEMBERS, NAMES, Provenance


def packed(**files: str) -> Surface:
    records = PackedRecords(Pack("a pack", write([extract_records(tree(**files)).modules])), 0)
    return Surface(Provenance("synthetic", "tree", "0"), records)


FILES = {
    "init": "",
    "base": """
        class Base:
            def run(self): ...
            class Config:
                size: int = 1
    """,
    "offered": "from torchtitan.base import Base as Renamed",
    "far": """
        from torchtitan.offered import Renamed
        class Far(Renamed):
            class Config(Renamed.Config):
                depth: int = 1
    """,
    "further": """
        import torchtitan.far as f
        class Outer:
            class Further(f.Far): ...
    """,
    "other": "class Other: ...",
    "lender": """
        from torchtitan.further import Outer
        class Lender:
            Config = Outer.Further.Config
    """,
}


def test_classes_that_derive_are_found_behind_aliases_and_inside_classes() -> None:
    for made in (packed(**FILES), surface(**FILES)):
        derived = [cls.path for cls in made.derived("torchtitan.base.Base")]
        assert derived == [
            "torchtitan.base.Base",
            "torchtitan.far.Far",
            "torchtitan.further.Outer.Further",
        ]
        assert [cls.path for cls in made.derived("torchtitan.offered.Renamed.Config")] == [
            "torchtitan.base.Base.Config",
            "torchtitan.far.Far.Config",
        ]
        assert made.derived("torchtitan.base") == made.derived("torchtitan.no.Such") == ()


def test_a_class_that_is_a_member_of_another_is_found_there() -> None:
    made = packed(**FILES)
    assert "torchtitan.lender" in made.modules_deriving("torchtitan.base.Base.Config")
    assert "torchtitan.other" not in made.modules_deriving("torchtitan.base.Base.Config")
    assert made.modules_deriving("torchtitan.no.Such") == ()


def test_members_of_inner_classes_are_found() -> None:
    made = packed(**FILES)
    assert made.modules_with(MEMBERS, "depth") == ["torchtitan.far"]
    holders = ["torchtitan.base", "torchtitan.far", "torchtitan.lender"]
    assert made.modules_with(MEMBERS, "Config") == holders
    assert made.modules_with(NAMES, "Outer") == ["torchtitan.further", "torchtitan.lender"]
    assert made.modules_with(NAMES, "Oute") == made.modules_with(NAMES, "") == []
    assert made.modules_with(BASES, "torchtitan.other.Other") == []


@pytest.mark.parametrize("key", ["0.2.2", "0.3.0", list(bundle.index())[-1]])
def test_a_bundled_surface_is_indexed_whole(key: str) -> None:
    made = bundle.load(key)
    for module in sorted(made.modules):
        for name in made.module_record(module).get("members", {}):
            assert module in made.modules_with(NAMES, name)
        for cls in made.classes_in(module):
            for name in cls.own_members:
                assert cls.module in made.modules_with(MEMBERS, name)
            for base in cls.bases:
                assert cls.module in made.modules_with(BASES, base)


def test_derived_classes_of_a_bundled_surface_are_those_of_a_search_through_all() -> None:
    made = bundle.load("0.3.0")
    everything = [cls for module in sorted(made.modules) for cls in made.classes_in(module)]
    for base in everything:
        found = [cls.path for cls in everything if base in cls.mro]
        assert [cls.path for cls in made.derived(base.path)] == found, base
