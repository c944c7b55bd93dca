"""Structs behave as frozen dataclasses with slots do, which they stand in for."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from titan_lint.structs import Struct, build, defaults, field, replace


class Point(Struct):
    x: object
    y: object = 0
    note: str = field(default="", compare=False)


class Named(Point):
    name: str = "origin"


class Bag(Struct, frozen=False):
    items: list[int] = field(default_factory=list)
    secret: str = field(default="x", repr=False)


class Token(Struct, eq=False):
    text: str


class Open(Struct, slots=False):
    text: str


class Nothing(Struct):
    pass


class Row(Struct):
    old: object
    new: object = None
    note: str = ""


class Rename(Row):
    old: str


@dataclasses.dataclass(frozen=True, slots=True)
class Plain:
    x: object
    y: object = 0
    note: str = dataclasses.field(default="", compare=False)


VALUES = st.none() | st.integers(0, 2) | st.text(max_size=2) | st.tuples(st.integers(0, 1))


@given(st.tuples(VALUES, VALUES), st.tuples(VALUES, VALUES), st.text(max_size=1))
def test_structs_are_equal_where_dataclasses_are(one: tuple, other: tuple, note: str) -> None:
    equal = Plain(*one) == Plain(*other, note)
    assert (Point(*one) == Point(*other, note)) is equal
    assert not equal or hash(Point(*one)) == hash(Point(*other, note))


@given(VALUES, VALUES)
def test_structs_are_shown_as_dataclasses_are(x: object, y: object) -> None:
    assert repr(Point(x, y)) == repr(Plain(x, y)).replace("Plain", "Point", 1)


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [((), {}), ((1, 2, "", 3), {}), ((1,), {"z": 2}), ((1,), {"x": 2})],
    ids=["one missing", "one too many", "unknown keyword", "twice"],
)
def test_wrong_arguments_are_refused(arguments: tuple, keywords: dict) -> None:
    for cls in (Point, Plain):
        with pytest.raises(TypeError, match=r"__init__\(\)"):
            cls(*arguments, **keywords)


def test_classes_tell_structs_apart() -> None:
    assert Named(1) != Point(1)
    assert Point(1) != Plain(1)
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())


def test_a_subclass_has_the_fields_of_its_base_first() -> None:
    named = Named(1, 2, "", "there")
    assert (named.x, named.y, named.name) == (1, 2, "there")
    assert Point(3).x == 3
    assert Named.__match_args__ == ("x", "y", "note", "name")


def test_defaults_that_change_are_made_anew() -> None:
    one, other = Bag(), Bag()
    one.items.append(1)
    assert other.items == []
    assert Bag([2]).items == [2]
    assert repr(one) == "Bag(items=[1])"


def test_structs_without_equality_are_equal_to_themselves_alone() -> None:
    token = Token("a")
    assert token == token
    assert token != Token("a")
    assert len({token, Token("a")}) == 2


def test_slots_take_no_other_attribute() -> None:
    with pytest.raises(AttributeError):
        Bag().other = 1  # type: ignore[attr-defined]
    Open("a").other = 1  # type: ignore[attr-defined]


def test_structs_match_by_position_and_by_name() -> None:
    match Point(1, 2):
        case Point(x, y=2):
            assert x == 1
        case _:
            pytest.fail("no match")


@pytest.mark.parametrize("struct", [Point(1, (2,), "n"), Named(1), Bag([1]), Nothing()])
def test_structs_travel_between_processes(struct: Struct) -> None:
    assert pickle.loads(pickle.dumps(struct)) == struct
    assert copy.copy(struct) == struct


def test_replace_changes_the_named_fields_alone() -> None:
    assert replace(Named(1, 2, "n"), x=5) == Named(5, 2)
    assert replace(Named(1, 2, "n"), x=5).note == "n"
    with pytest.raises(TypeError):
        replace(Point(1), z=2)


def test_a_field_that_a_subclass_says_more_of_keeps_its_place() -> None:
    assert Rename("a", "b", "c") == Rename(note="c", new="b", old="a")


def test_defaults_are_those_of_the_fields_that_have_one() -> None:
    assert defaults(Rename) == {"new": None, "note": ""}
    assert defaults(Bag) == {"items": [], "secret": "x"}
    assert defaults(Bag)["items"] is not defaults(Bag)["items"]
    assert defaults(Nothing) == {}


def test_a_struct_is_built_from_a_dictionary_as_by_its_constructor() -> None:
    assert build(Rename, {"note": "1", "old": "a", "new": None}) == Rename("a", note="1")
    assert build(Nothing, {}) == Nothing()
