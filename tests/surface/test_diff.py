"""What differs between two surfaces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from titan_lint.api import index, load
from titan_lint.api.diff import About, Difference, Effect, diff

from .synthetic import surface


def _texts(old: str, new: str, effect: Effect | None = None) -> list[str]:
    found = diff(surface(init="", a=old), surface(init="", a=new))
    return [f"{d.path}: {d.text}" for d in found if effect is None or d.effect is effect]


@pytest.mark.parametrize("key", ["0.2.0", "0.2.2", "0.3.0", "main@7cec16600"])
def test_a_surface_does_not_differ_from_itself(key: str) -> None:
    assert diff(load(key), load(key)) == ()


@settings(max_examples=8)
@given(st.sampled_from(list(index())), st.sampled_from(list(index())))
def test_what_is_added_one_way_is_gone_the_other_way(a: str, b: str) -> None:
    old, new = load(a), load(b)
    added = {d.path for d in diff(old, new, "torchtitan.config") if d.effect is Effect.ADDED}
    back = diff(new, old, "torchtitan.config")
    gone = {d.path for d in back if d.effect in (Effect.BROKEN, Effect.MOVED)}
    defined = {path for path in added if path.rpartition(".")[0] in new.modules and "(" not in path}
    assert defined <= gone


@pytest.mark.parametrize(
    ("old", "new", "effect", "text"),
    [
        ("def f(): ...", "", Effect.BROKEN, "f: function is gone"),
        ("class C: ...", "", Effect.BROKEN, "C: class is gone"),
        ("def f(): ...", "class f: ...", Effect.BROKEN, "f: is a class now; it was a function"),
        ("def f(): ...", "async def f(): ...", Effect.BROKEN, "f: is a coroutine function now"),
        ("def f(a): ...", "def f(): ...", Effect.BROKEN, "f(a): is gone"),
        (
            "def f(a, c): ...",
            "def f(b, c): ...",
            Effect.BROKEN,
            "f(a): is gone; `b` is at its position now",
        ),
        ("def f(): ...", "def f(*, a): ...", Effect.BROKEN, "f(a): is required now"),
        ("def f(a=1): ...", "def f(a): ...", Effect.BROKEN, "f(a): is required now; it was `1`"),
        (
            "def f(a): ...",
            "def f(*, a): ...",
            Effect.BROKEN,
            "f(a): can only be given by keyword now",
        ),
        (
            "def f(a): ...",
            "def f(a, /): ...",
            Effect.BROKEN,
            "f(a): can only be given by position now",
        ),
        (
            "def f(*a): ...",
            "def f(): ...",
            Effect.BROKEN,
            "f: takes no further positional arguments any more",
        ),
        (
            "def f(**a): ...",
            "def f(): ...",
            Effect.BROKEN,
            "f: takes no further keyword arguments any more",
        ),
        ("def f(a=1): ...", "def f(a=2): ...", Effect.SILENT, "f(a): defaults to `2`; it was `1`"),
        (
            "def f(a, b): ...",
            "def f(b, a): ...",
            Effect.SILENT,
            "f: positional argument 1 is `b` now; it was `a`",
        ),
        (
            "def f(a, b): ...",
            "def f(a, c=0, b=1): ...",
            Effect.SILENT,
            "f: positional argument 2 is `c` now; it was `b`",
        ),
        (
            "from typing import Literal\ndef f(a: Literal['x', 'y']): ...",
            "from typing import Literal\ndef f(a: Literal['x']): ...",
            Effect.SILENT,
            "f(a): no longer lists `'y'` as a choice",
        ),
        (
            "def f(a):\n    if a not in ('x', 'y'): raise ValueError('no')",
            "def f(a):\n    if a not in ('x',): raise ValueError('no')",
            Effect.BROKEN,
            "f(a): no longer accepts `'y'`",
        ),
        (
            "def f(a): ...",
            "def f(a):\n    if a == 'x': raise ValueError('no')",
            Effect.BROKEN,
            "f(a): rejects `'x'` now: ValueError: no",
        ),
        ("d = {'a': 1, 'b': 2}", "d = {'a': 1}", Effect.BROKEN, "d['b']: is gone"),
        (
            "class C: ...\nd = {'a': C(), 'b': C()}",
            "class C: ...\ndef f(): ...\nd = {'a': f, 'b': f}",
            Effect.SILENT,
            "d: each value is a function or class now; it was an instance",
        ),
        ("class C:\n    def m(self): ...", "class C: ...", Effect.BROKEN, "C.m: function is gone"),
        (
            "class C:\n    def m(self, a): ...",
            "class C:\n    def m(self): ...",
            Effect.BROKEN,
            "C.m(a): is gone",
        ),
        ("", "def f(): ...", Effect.ADDED, "f: function"),
        ("def f(): ...", "def f(a=1): ...", Effect.ADDED, "f(a): defaults to `1`"),
        ("class C: ...", "class C:\n    x = 1", Effect.ADDED, "C.x: value"),
    ],
)
def test_each_kind_of_change_is_told(old: str, new: str, effect: Effect, text: str) -> None:
    assert f"torchtitan.a.{text}" in _texts(old, new, effect)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def f(a): ...", "def f(a, **more): ..."),
        ("def _f(): ...", ""),
        ("def f(a, _b=1): ...", "def f(a): ..."),
        ("class C:\n    def m(self): ...", "class B:\n    def m(self): ...\nclass C(B): ..."),
        ("class C(X):\n    m = 1", "class C(X): ..."),
    ],
)
def test_what_breaks_nobody_is_not_reported_as_broken(old: str, new: str) -> None:
    found = diff(
        surface(init="", a=f"from x import X\n{old}"), surface(init="", a=f"from x import X\n{new}")
    )
    assert [d for d in found if d.effect is not Effect.ADDED] == []


_THING = "class Thing:\n    def run(self): ...\n    def stop(self): ..."


def test_the_one_new_home_of_the_same_thing_is_a_move() -> None:
    old = surface(init="", a__init="", a__b=_THING)
    new = surface(init="", a__init="", c__init="from .d import Thing", c__d=_THING)
    assert diff(old, new, "Thing") == (
        Difference(
            Effect.MOVED,
            "torchtitan.a.b.Thing",
            "class, now `torchtitan.c.Thing`",
            "torchtitan.c.Thing",
            About.PATH,
        ),
    )


@pytest.mark.parametrize(
    "new",
    [
        {"c": _THING, "d": _THING},  # Two homes.
        {"c": "class Thing:\n    other = 1\n    another = 2"},  # Another thing of that name.
        {"_c": _THING},  # Not public.
        {"c": "def Thing(): ..."},
    ],
)
def test_what_may_not_be_the_same_thing_is_gone(new: dict[str, str]) -> None:
    found = diff(surface(init="", a=_THING, x=""), surface(init="", x="", **new), "Thing")
    assert [d.effect for d in found if d.path == "torchtitan.a.Thing"] == [Effect.BROKEN]


def test_moves_that_the_caller_knows_of_are_taken() -> None:
    old, new = surface(init="", a="def f(): ..."), surface(init="", b="def g(): ...")
    found = diff(old, new, "f", home=lambda old, new, path: "torchtitan.b.g")
    assert [(d.effect, d.new) for d in found] == [(Effect.MOVED, "torchtitan.b.g")]


def test_a_change_to_a_base_is_told_once() -> None:
    head = "from dataclasses import dataclass\n@dataclass\nclass B:\n    x: int = 1\n"
    tail = "@dataclass\nclass C(B):\n    y: int = 2\n"
    old, new = head + tail, head.replace("x: int = 1", "z: int = 1") + tail
    assert _texts(old, new, Effect.BROKEN) == [
        "torchtitan.a.B(x): is gone; `z` is at its position now"
    ]


def test_known_changes_between_releases_are_found() -> None:
    found = {(d.effect, d.path) for d in diff(load("0.2.2"), load("0.3.0"))}
    assert (Effect.MOVED, "torchtitan.components.lr_scheduler.LRSchedulersContainer") in found
    assert (Effect.BROKEN, "torchtitan.distributed.ParallelDims(etp)") in found
    assert (Effect.BROKEN, "torchtitan.train.Trainer.maybe_enable_amp") in found
    assert (Effect.BROKEN, "torchtitan.protocols.train_spec") in found
    silent = {
        d.path for d in diff(load("main@9810191bb"), load("0.3.0")) if d.effect is Effect.SILENT
    }
    assert "torchtitan.models.common.Decoder.forward" in silent
    assert "torchtitan.models.llama3.llama3_configs" in silent
    backend = diff(load("main@203f9a806"), load("0.3.0"), "torchtitan.config.ParallelismConfig")
    assert {(d.effect, d.text) for d in backend} >= {
        (Effect.SILENT, "defaults to `'spmd_types'`; it was `'default'`"),
        (Effect.BROKEN, "no longer accepts `'default'`"),
    }
