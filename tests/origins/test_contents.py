"""What is in containers, what iterators give, and what ``with`` binds."""

from __future__ import annotations

import pytest

from tests.origins.reveal import reveal

HEAD = """\
import contextlib, typing
from collections.abc import Iterable, Iterator, Sequence, Mapping, Generator, AsyncIterator
from contextlib import contextmanager, asynccontextmanager
import titan
from titan import Spec, Config
from titan.models.llama import registry

"""

DECLARED = {
    "list, by index": "def f(x: list[Spec]): reveal(x[0])",
    "list, from its end": "def f(x: list[Spec]): reveal(x[-1])",
    "list, a slice": "def f(x: list[Spec]): reveal(x[1:][0])",
    "list, in a loop": "def f(x: list[Spec]):\n    for s in x: reveal(s)",
    "list, in a comprehension": "def f(x: list[Spec]): [reveal(s) for s in x]",
    "list, quoted": "def f(x: 'list[Spec]'): reveal(x[0])",
    "list, optional": "def f(x: list[Spec] | None = None): reveal(x[0])",
    "list of typing": "def f(x: typing.List[Spec]): reveal(x[0])",
    "list, taken from": "def f(x: list[Spec]): reveal(x.pop())",
    "list, copied": "def f(x: list[Spec]): reveal(x.copy()[0])",
    "list, sorted": "def f(x: list[Spec]): reveal(sorted(x)[0])",
    "list, filled later": "x: list[Spec] = []\nx.append(make())\nfor s in x: reveal(s)",
    "list, on an object": (
        "class E:\n    def __init__(self): self.x: list[Spec] = []\n"
        "    def f(self):\n        for s in self.x: reveal(s)"
    ),
    "list, in a dataclass": "class E:\n    x: list[Spec]\ndef f(e: E): reveal(e.x[0])",
    "iterable": "def f(x: Iterable[Spec]):\n    for s in x: reveal(s)",
    "iterator, by next": "def f(x: Iterator[Spec]): reveal(next(x))",
    "sequence, numbered": "def f(x: Sequence[Spec]):\n    for n, s in enumerate(x): reveal(s)",
    "sequences, side by side": "def f(x: list[Spec]):\n    for n, s in zip(range(2), x): reveal(s)",
    "sequence, from behind": "def f(x: list[Spec]):\n    for s in reversed(x): reveal(s)",
    "dictionary, by key": "def f(x: dict[str, Spec]): reveal(x['a'])",
    "dictionary, by get": "def f(x: dict[str, Spec]): reveal(x.get('a'))",
    "dictionary, its values": "def f(x: Mapping[str, Spec]):\n    for s in x.values(): reveal(s)",
    "dictionary, its items": "def f(x: dict[str, Spec]):\n    for k, s in x.items(): reveal(s)",
    "dictionary, its keys": "def f(x: dict[Spec, str]):\n    for s in x: reveal(s)",
    "dictionary of lists": "def f(x: dict[str, list[Spec]]):\n    for s in x['a']: reveal(s)",
    "items of lists": (
        "def f(x: dict[str, list[Spec]]):\n    for k, (s, *_) in x.items():\n        for s in x[k]: reveal(s)"
    ),
    "tuple, by index": "def f(x: tuple[int, Spec]): reveal(x[1])",
    "tuple, unpacked": "def f(x: tuple[int, Spec]):\n    n, s = x\n    reveal(s)",
    "tuple of any length": "def f(x: tuple[Spec, ...]): reveal(x[3])",
    "tuples in a list": "def f(x: list[tuple[str, Spec]]):\n    for n, s in x: reveal(s)",
    "result, unpacked": "def make() -> tuple[Spec, int]: return load()\ns, n = make()\nreveal(s)",
    "result, in a loop": "def make() -> list[Spec]: return load()\nfor s in make(): reveal(s)",
    "generator": "def make() -> Iterator[Spec]:\n    yield load()\nfor s in make(): reveal(s)",
    "asynchronous generator": (
        "async def make() -> AsyncIterator[Spec]:\n    yield load()\n"
        "async def f():\n    async for s in make(): reveal(s)"
    ),
    "manager of a generator": (
        "@contextmanager\ndef make() -> Iterator[Spec]:\n    yield load()\nwith make() as s: reveal(s)"
    ),
    "asynchronous manager": (
        "@asynccontextmanager\nasync def make() -> AsyncIterator[Spec]:\n    yield load()\n"
        "async def f():\n    async with make() as s: reveal(s)"
    ),
    "declared manager": (
        "def f(make: contextlib.AbstractContextManager[Spec]):\n    with make as s: reveal(s)"
    ),
    "manager that is a class": (
        "class E:\n    def __enter__(self) -> Spec: return self.s\nwith E() as s: reveal(s)"
    ),
}


@pytest.mark.parametrize("form", DECLARED)
def test_what_is_declared_to_hold_a_thing_gives_it(form: str) -> None:
    assert reveal(HEAD + DECLARED[form]) == "titan.Spec()"


MADE = {
    "tuple returned": "def make(): return Spec(), 1\ns, n = make()\nreveal(s)",
    "tuple returned, by index": "def make(): return 1, Spec()\nreveal(make()[1])",
    "tuple in a variable": "pair = (1, Spec())\nn, s = pair\nreveal(s)",
    "unpacked in the unpacked": "n, (m, s) = pair = (1, (2, Spec()))\nreveal(s)",
    "attributes unpacked": (
        "class E:\n    def __init__(self): self.n, self.s = make()\n    def f(self): reveal(self.s)\n"
        "def make(): return 1, Spec()"
    ),
    "list comprehension": "x = [Spec() for _ in range(2)]\nfor s in x: reveal(s)",
    "list comprehension, by index": "x = [Spec() for _ in range(2)]\nreveal(x[1])",
    "dictionary comprehension": "x = {n: Spec() for n in range(2)}\nreveal(x[0])",
    "generator expression": "for s in (Spec() for _ in range(2)): reveal(s)",
    "items of a dictionary": "x = {'a': Spec()}\nfor k, s in x.items(): reveal(s)",
    "values of a dictionary": "x = {'a': Spec()}\nfor s in x.values(): reveal(s)",
    "items that are pairs": "x = {'a': (1, Spec())}\nfor k, (n, s) in x.items(): reveal(s)",
    "pairs in a list": "x = [(1, Spec()), (2, Spec())]\nfor n, s in x: reveal(s)",
    "list of a list": "x = list([Spec()])\nreveal(x[0])",
    "function that yields": "def make():\n    yield Spec()\nfor s in make(): reveal(s)",
    "function that yields, by next": "def make():\n    yield Spec()\nreveal(next(make()))",
    "function that yields from another": (
        "def one():\n    yield Spec()\ndef make():\n    yield from one()\nfor s in make(): reveal(s)"
    ),
    "manager that yields": (
        "@contextmanager\ndef make():\n    s = Spec()\n    try:\n        yield s\n    finally:\n        close()\n"
        "with make() as s: reveal(s)"
    ),
    "manager that is a method": (
        "class E:\n    @contextmanager\n    def make(self): yield Spec()\n"
        "    def f(self):\n        with self.make() as s: reveal(s)"
    ),
    "closing": "with contextlib.closing(Spec()) as s: reveal(s)",
    "nullcontext": "with contextlib.nullcontext(Spec()) as s: reveal(s)",
    "entered on a stack": (
        "with contextlib.ExitStack() as stack:\n    s = stack.enter_context(contextlib.closing(Spec()))\n"
        "    reveal(s)"
    ),
}


@pytest.mark.parametrize("form", MADE)
def test_what_the_file_makes_and_puts_away_is_found_again(form: str) -> None:
    assert reveal(HEAD + MADE[form]) == "titan.Spec()"


DOUBTFUL = {
    "container of unknown things": ("def f(x: list[Any]): reveal(x[0])", "?"),
    "container without a kind": ("def f(x: list):\n    for s in x: reveal(s)", "?"),
    "container of one's own": ("class list: ...\ndef f(x: list[Spec]): reveal(x[0])", "?"),
    "container that is not known": ("def f(x: Bag[Spec]): reveal(x[0])", "?"),
    "one of two kinds": (
        "def f(x: list[Spec | Config]): reveal(x[0])",
        "titan.Config() | titan.Spec()",
    ),
    "one of two containers": ("def f(x: list[Spec] | Bag): reveal(x[0])", "? | titan.Spec()"),
    "list that grows": (
        "x = [Spec()]\nx.append(make())\nfor s in x: reveal(s)",
        "? | titan.Spec()",
    ),
    "comprehension that grows": (
        "x = [Spec() for _ in y]\nx.append(make())\nfor s in x: reveal(s)",
        "? | titan.Spec()",
    ),
    "pair in a list that grows": (
        "x = [(1, Spec())]\nx.append(make())\nfor n, s in x: reveal(s)",
        "? | titan.Spec()",
    ),
    "dictionary whose items grow": (
        "x = {'a': Spec()}\nx['b'] = make()\nfor k, s in x.items(): reveal(s)",
        "? | titan.Spec()",
    ),
    "dictionary made of others": ("x = {**y, 'a': Spec()}\nfor s in x.values(): reveal(s)", "?"),
    "rest of a tuple": ("def f(x: tuple[int, Spec]):\n    n, *s = x\n    reveal(s)", "?"),
    "tuple with others in it": ("x = (*y, Spec())\nn, s = x\nreveal(s)", "?"),
    "too few to unpack": ("x = (Spec(),)\nn, s = x\nreveal(s)", "?"),
    "rebound in the loop": (
        "def f(x: list[Spec]):\n    for s in x:\n        s = y\n        reveal(s)",
        "?",
    ),
    "yields another thing too": (
        "def make():\n    yield Spec()\n    yield load()\nfor s in make(): reveal(s)",
        "? | titan.Spec()",
    ),
    "manager with another decorator": (
        "@wrapped\ndef make():\n    yield Spec()\nwith make() as s: reveal(s)",
        "?",
    ),
    "manager without a decorator": (
        "def make():\n    yield Spec()\nwith make() as s: reveal(s)",
        "?",
    ),
    "manager that is not known": ("with open_it(Spec()) as s: reveal(s)", "?"),
    "manager of a library": ("with Spec() as s: reveal(s)", "?"),
    "stack of one's own": (
        "s = stack.enter_context(open_it(Spec()))\nreveal(s)",
        "?",
    ),
    "mapped": ("for s in map(load, [Spec()]): reveal(s)", "?"),
    "itself": ("x = [y for y in x]\nfor s in x: reveal(s)", "?"),
}


@pytest.mark.parametrize("form", DOUBTFUL)
def test_doubt_about_contents_is_kept(form: str) -> None:
    code, expected = DOUBTFUL[form]
    assert reveal(HEAD + code) == expected


@pytest.mark.parametrize(
    "step",
    [
        "return list(deeper(x))",
        "return enumerate(deeper(x))",
        "return zip(deeper(x), deeper(x))",
        "return sorted(zip(deeper(x), [x]))",
    ],
)
def test_containers_that_hold_what_holds_them_settle(step: str) -> None:
    code = f"def deeper(x: list[Spec]):\n    if x:\n        {step}\n    return x\nfor one in deeper(y): reveal(one)"
    assert reveal(HEAD + code)
