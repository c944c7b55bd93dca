"""Which values a parameter accepts, held against what the code really does."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .synthetic import class_, function, surface

if TYPE_CHECKING:
    from titan_lint.api import Parameter


def _parameter(source: str, name: str = "x", path: str = "f") -> Parameter:
    found = function(surface(init="", a=source).lookup(f"torchtitan.a.{path}"))
    parameter = found.parameter(name)
    assert parameter is not None
    return parameter


def _known(source: str, name: str = "x", path: str = "f") -> tuple[Any, dict[Any, str]]:
    parameter = _parameter(source, name, path)
    return parameter.accepts, dict(parameter.rejected)


@pytest.mark.parametrize(
    ("body", "accepts", "rejected"),
    [
        (
            "if x == 'a':\n    return 1\nelif x == 'b':\n    return 2\nelse:\n    raise ValueError('no')",
            ("a", "b"),
            (),
        ),
        ("if x == 'a':\n    raise ValueError('no')", None, ("a",)),
        ("if x not in ('a', 'b'):\n    raise ValueError('no')", ("a", "b"), ()),
        ("if x in ['a']:\n    return 1\nraise KeyError(x)", ("a",), ()),
        ("assert x in {'a', 'b'}, 'no'", ("a", "b"), ()),
        (
            "match x:\n    case 'a' | 'b':\n        return 1\n    case 'c':\n        raise ValueError\n    case _:\n        raise ValueError",
            ("a", "b"),
            ("c",),
        ),
        ("return {'a': 1, 'b': 2}[x]", None, ()),
        ("return TABLE[x]", ("a", "b"), ()),
        ("if x not in TABLE:\n    raise ValueError('no')", ("a", "b"), ()),
        ("if x not in NAMES:\n    raise ValueError('no')", ("a", "b"), ()),
        ("if x is None:\n    raise ValueError('no')", None, (None,)),
        ("if x is not None:\n    raise ValueError('no')", (None,), ()),
        ("if not (x == 'a' or x == 'b'):\n    raise ValueError('no')", ("a", "b"), ()),
        ("y = x\nif y == 'a':\n    raise ValueError('no')", None, ("a",)),
        ("for _ in range(2):\n    if x == 'a':\n        raise ValueError('no')", None, ("a",)),
        ("with open('f') as g:\n    if x == 'a':\n        raise ValueError('no')", None, ("a",)),
        (
            "try:\n    return TABLE[x]\nexcept KeyError as e:\n    raise ValueError('no') from e",
            ("a", "b"),
            (),
        ),
        ("k = dict(y=x)\ng(**k)", ("a",), ()),
        ("k = {'y': x}\nif z:\n    k['z'] = z\ng(**k)", ("a",), ()),
        ("g(x)", ("a",), ()),
        ("return [g(y=x) for _ in range(3)]", ("a",), ()),
        ("for n in range(4):\n    if n % 2 == 1:\n        g(x)", ("a",), ()),
        ("FUNCTIONS[z](x)", ("a",), ()),
        ("C(mode=x)", ("a",), ()),
    ],
)
def test_values_that_code_rejects_are_found(body: str, accepts: Any, rejected: Any) -> None:
    source = f"""
from dataclasses import dataclass
TABLE = {{"a": 1, "b": 2}}
NAMES = ("a", "b")
def g(y, z=None):
    if y != "a":
        raise ValueError("no")
def h(y):
    g(y=y)
FUNCTIONS = {{"g": g, "h": h}}
@dataclass
class C:
    mode: str
    def __post_init__(self):
        self._check()
    def _check(self):
        if self.mode != "a":
            raise ValueError("no")
def f(x, z=None):
{textwrap.indent(body, "    ")}
"""
    found_accepts, found_rejected = _known(source)
    assert found_accepts == accepts
    assert tuple(found_rejected) == rejected


@pytest.mark.parametrize(
    "body",
    [
        "if x == 'a' and z:\n    raise ValueError('no')",
        "if z:\n    if x == 'a':\n        raise ValueError('no')",
        "for _ in z:\n    if x == 'a':\n        raise ValueError('no')",
        "for _ in range(z):\n    g(x)",
        "for n in range(3):\n    if z:\n        break\n    g(x)",
        "try:\n    g(x)\nexcept ValueError:\n    pass",
        "x = z\nif x == 'a':\n    raise ValueError('no')",
        "if z:\n    return\ng(x)",
        "h = lambda: g(x)",
        "def inner():\n    g(x)",
        "yield g(x)",
        "z and g(x)",
        "y = g(x) if z else None",
        "MUTABLE[x]",
        "import contextlib\nwith contextlib.suppress(ValueError):\n    g(x)",
        "while z:\n    g(x)",
        "for key in z:\n    if key == x:\n        return key\ng(x)",
        "(g if z else z)(x)",
        "z.g(x)",
        "g(*z, x)",
        "if x.lower() == 'a':\n    raise ValueError('no')",
        "if len(x) > 3:\n    raise ValueError('no')",
        "del x\nif x == 'a':\n    raise ValueError('no')",
        "[g(x) for _ in z]",
        "any(g(x) for _ in range(3))",
    ],
)
def test_what_is_not_certain_is_not_claimed(body: str) -> None:
    source = f"""
MUTABLE = {{"a": 1}}
MUTABLE["b"] = 2
def g(y):
    if y != "a":
        raise ValueError("no")
def f(x, z=None):
{textwrap.indent(body, "    ")}
"""
    assert _known(source) == (None, {})


def test_the_message_is_the_one_that_is_raised() -> None:
    source = """
    def f(x, other):
        if x == "sdpa":
            raise ValueError(f"{x} is gone for {other.name}; "
                             "use flex")
    """
    assert _known(source)[1] == {"sdpa": "ValueError: sdpa is gone for {other.name}; use flex"}


def test_choices_of_a_literal_are_tried() -> None:
    source = """
    from typing import Literal
    def f(x: Literal["a", "b"]):
        if x == "b":
            raise NotImplementedError
    """
    parameter = _parameter(source)
    assert parameter.choices == ("a", "b")
    assert dict(parameter.rejected) == {"b": "NotImplementedError"}


def test_a_method_that_subclasses_may_override_is_not_followed() -> None:
    source = """
    class C:
        def f(self, x):
            self.check(x)
        def check(self, x):
            raise ValueError
    """
    assert _known(source, path="C.f") == (None, {})


def test_a_function_that_always_raises_says_nothing_of_values() -> None:
    source = "def f(x):\n    if x == 'a': raise NotImplementedError\n    raise NotImplementedError"
    assert _known(source) == (None, {})


def test_fields_know_what_their_class_rejects() -> None:
    source = """
    from dataclasses import dataclass
    @dataclass
    class Base:
        mode: str = "a"
        def __post_init__(self):
            if self.mode not in ("a", "b"):
                raise ValueError("no")
    @dataclass
    class Derived(Base):
        more: int = 0
    """
    found = surface(init="", a=source)
    for name in ("Base", "Derived"):
        constructor = class_(found.lookup(f"torchtitan.a.{name}")).constructor()
        assert constructor is not None
        mode = constructor.parameter("mode")
        assert mode is not None
        assert mode.accepts == ("a", "b")


def test_functions_that_call_each_other_end() -> None:
    source = (
        "def f(x):\n    if x == 'a': raise ValueError\n    return g(x)\ndef g(x):\n    return f(x)"
    )
    assert _known(source)[1] == {"a": "ValueError"}


def test_code_that_takes_too_long_is_left_unknown() -> None:
    lines = [f"{'    ' * depth}for n{depth} in range(8):" for depth in range(12)]
    body = "\n".join([*lines, "    " * 12 + "pass"])
    source = (
        f"def f(x):\n{textwrap.indent(body, '    ')}\n    if x == 'a':\n        raise ValueError"
    )
    assert _known(source) == (None, {})


# Programs made at random: whatever is claimed has to hold when they run.

_LITERALS = ("a", "b", "c", 1, None)
_OTHER = "none of them"
_conditions = st.recursive(
    st.one_of(
        st.sampled_from([f"x == {v!r}" for v in _LITERALS]),
        st.sampled_from([f"x != {v!r}" for v in _LITERALS]),
        st.sampled_from(["x in ('a', 1)", "x not in {'b', None}", "x is None", "z", "x in TABLE"]),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda t: f"({t[0]} and {t[1]})"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]} or {t[1]})"),
        inner.map(lambda c: f"(not {c})"),
    ),
    max_leaves=3,
)
_simple = st.sampled_from(
    [
        "pass",
        "return x",
        "raise ValueError('v')",
        "x = z",
        "y = x",
        "g(x)",
        "g(y=x)",
        "TABLE[x]",
        "g(y)",
        "break_",
    ]
)


def _indented(block: str) -> str:
    return textwrap.indent(block, "    ")


_blocks = st.recursive(
    _simple,
    lambda inner: st.one_of(
        st.tuples(_conditions, inner, inner).map(
            lambda t: f"if {t[0]}:\n{_indented(t[1])}\nelse:\n{_indented(t[2])}"
        ),
        st.tuples(inner, inner).map("\n".join),
        inner.map(lambda b: f"for n in range(2):\n{_indented(b)}"),
        inner.map(lambda b: f"for n in z or ():\n{_indented(b)}"),
        st.tuples(inner, inner).map(
            lambda t: f"try:\n{_indented(t[0])}\nexcept ValueError:\n{_indented(t[1])}"
        ),
        st.tuples(_conditions, inner).map(lambda t: f"while {t[0]}:\n{_indented(t[1])}\n    break"),
        st.tuples(inner, inner).map(
            lambda t: (
                f"match x:\n    case 'a' | 1:\n{_indented(_indented(t[0]))}\n    case None:\n{_indented(_indented(t[1]))}"
            )
        ),
    ),
    max_leaves=8,
)


@given(_blocks)
def test_what_is_claimed_of_a_program_holds_when_it_runs(block: str) -> None:
    block = block.replace("break_", "z")
    source = (
        "TABLE = {'a': 1, 'b': 2}\n"
        "def g(y):\n    if y == 'c' or y is None:\n        raise KeyError(y)\n"
        f"def f(x, z=None):\n    y = 0\n{_indented(block)}\n"
    )
    scope: dict[str, Any] = {}
    exec(source, scope)

    def raises(value: Any) -> bool:
        """Whether the call raises whatever `z` is: something true, or something false."""
        return all(_raises(scope["f"], value, z) for z in ((), ("s",), None))

    accepts, rejected = _known(source)
    for value in rejected:
        assert raises(value), (value, source)
    if accepts is not None:
        others = [v for v in (*_LITERALS, _OTHER, 7) if v not in accepts]
        for value in others:
            assert raises(value), (value, source)


def _raises(function: Any, value: Any, z: Any) -> bool:
    try:
        function(value, z)
    except Exception:
        return True
    return False
