"""What is known of a thing where a test for its class has held."""

from __future__ import annotations

import pytest

from tests.origins.reveal import reveal

HEAD = "import titan\nfrom titan import Config, Small, Spec\n"

HOLDS = {
    "if": "def f(x):\n    if isinstance(x, Spec): reveal(x)",
    "elif": "def f(x):\n    if other: pass\n    elif isinstance(x, Spec): reveal(x)",
    "else of not": "def f(x):\n    if not isinstance(x, Spec): pass\n    else: reveal(x)",
    "while": "def f(x):\n    while isinstance(x, Spec): reveal(x)",
    "with others": "def f(x):\n    if x and isinstance(x, Spec) and y: reveal(x)",
    "and": "def f(x): return isinstance(x, Spec) and reveal(x)",
    "or of not": "def f(x): return not isinstance(x, Spec) or reveal(x)",
    "conditional expression": "def f(x): return reveal(x) if isinstance(x, Spec) else None",
    "assert": "def f(x):\n    assert isinstance(x, Spec)\n    reveal(x)",
    "assert with more": "def f(x):\n    assert isinstance(x, Spec) and x, 'why'\n    reveal(x)",
    "assert before a block": "def f(x):\n    assert isinstance(x, Spec)\n    with y: reveal(x)",
    "raise": "def f(x):\n    if not isinstance(x, Spec): raise TypeError\n    reveal(x)",
    "return": "def f(x):\n    if y or not isinstance(x, Spec): return\n    reveal(x)",
    "continue": "for x in y:\n    if not isinstance(x, Spec): continue\n    reveal(x)",
    "return of the else": "def f(x):\n    if isinstance(x, Spec): pass\n    else: return\n    reveal(x)",
    "comprehension": "[reveal(x) for x in y if isinstance(x, Spec)]",
    "comprehension, a later test": "[x for x in y if isinstance(x, Spec) if reveal(x)]",
    "attribute": "class E:\n    def f(self):\n        if isinstance(self.x, Spec): reveal(self.x)",
    "attribute of an attribute": "def f(x):\n    assert isinstance(x.y.z, Spec)\n    reveal(x.y.z)",
    "type is": "def f(x):\n    if type(x) is Spec: reveal(x)",
    "case": "def f(x):\n    match x:\n        case Spec(): reveal(x)",
    "case with a name": "def f(x):\n    match x:\n        case Spec() as s: reveal(s)",
    "class by its path": "def f(x):\n    if isinstance(x, titan.Spec): reveal(x)",
    "class that may be missing": "K = getattr(titan, 'Spec', None)\ndef f(x):\n    if isinstance(x, K): reveal(x)",
    "class of an optional import": "try:\n    from titan import Spec as K\nexcept ImportError:\n    K = None\n"
    "def f(x):\n    assert isinstance(x, K)\n    reveal(x)",
    "class in a variable": "kind = Spec\ndef f(x):\n    if isinstance(x, kind): reveal(x)",
    "declared as anything": "def f(x: object):\n    if isinstance(x, Spec): reveal(x)",
    "declared as one of two": "def f(x: Spec | Config):\n    if isinstance(x, Spec): reveal(x)",
    "not the other of two": "def f(x: Spec | Config):\n    if isinstance(x, Config): return\n    reveal(x)",
}


@pytest.mark.parametrize("form", HOLDS)
def test_a_test_for_a_class_tells_what_a_thing_is(form: str) -> None:
    assert reveal(HEAD + HOLDS[form]) == "titan.Spec()"


OTHERS = {
    "one of several": (
        "def f(x):\n    if isinstance(x, (Spec, Config)): reveal(x)",
        "titan.Config() | titan.Spec()",
    ),
    "a union": (
        "def f(x):\n    if isinstance(x, Spec | Config): reveal(x)",
        "titan.Config() | titan.Spec()",
    ),
    "a tuple in a variable": (
        "kinds = (Spec, Config)\ndef f(x):\n    if isinstance(x, kinds): reveal(x)",
        "titan.Config() | titan.Spec()",
    ),
    "a narrower class": (
        "def f(x: Spec):\n    if isinstance(x, Small): reveal(x)",
        "titan.Small()",
    ),
    "a wider class": ("def f(x: Small):\n    if isinstance(x, Spec): reveal(x)", "titan.Small()"),
    "own class": ("class E: ...\ndef f(x):\n    if isinstance(x, E): reveal(x)", "E()"),
}


@pytest.mark.parametrize("form", OTHERS)
def test_a_test_for_several_classes_or_a_known_thing(form: str) -> None:
    code, expected = OTHERS[form]
    assert reveal(HEAD + code) == expected


DOUBTFUL = {
    "or": "def f(x):\n    if isinstance(x, Spec) or y: reveal(x)",
    "and that failed": "def f(x):\n    if not isinstance(x, Spec) and y: return\n    reveal(x)",
    "the other branch": "def f(x):\n    if isinstance(x, Spec): pass\n    else: reveal(x)",
    "behind the branch": "def f(x):\n    if isinstance(x, Spec): pass\n    reveal(x)",
    "behind a branch that may leave": (
        "def f(x):\n    if not isinstance(x, Spec):\n        if y: return\n    reveal(x)"
    ),
    "before the assert": "def f(x):\n    reveal(x)\n    assert isinstance(x, Spec)",
    "an assert in a branch": "def f(x):\n    if y: assert isinstance(x, Spec)\n    reveal(x)",
    "an assert in a try": "def f(x):\n    try: assert isinstance(x, Spec)\n    except E: reveal(x)",
    "bound anew": "def f(x):\n    if isinstance(x, Spec):\n        x = y\n        reveal(x)",
    "bound anew in a loop": (
        "def f(x):\n    if isinstance(x, Spec):\n        for n in y:\n            reveal(x)\n            x = n"
    ),
    "another name": "def f(x, y):\n    if isinstance(y, Spec): reveal(x)",
    "a function inside": "def f(x):\n    if isinstance(x, Spec):\n        def g(): reveal(x)",
    "an attribute that is set": (
        "class E:\n    def f(self):\n        if isinstance(self.x, Spec):\n            self.x = y\n            reveal(self.x)"
    ),
    "an attribute of another": "def f(x, y):\n    if isinstance(y.z, Spec): reveal(x.z)",
    "another class beside": "def f(x: Spec):\n    if isinstance(x, Config): reveal(x)",
    "two classes": "def f(x):\n    if isinstance(x, Spec) and isinstance(x, Config): reveal(x)",
    "two classes, one in the other": (
        "def f(x):\n    if isinstance(x, Spec):\n        assert isinstance(x, Config)\n        reveal(x)"
    ),
    "own class beside": (
        "class E: ...\ndef f(x):\n    if isinstance(x, Spec) and isinstance(x, E): reveal(x)"
    ),
    "a protocol": (
        "from typing import Protocol\nclass P(Protocol): ...\n"
        "def f(x: Spec):\n    if isinstance(x, P): reveal(x)"
    ),
    "a class that is not known": "def f(x):\n    if isinstance(x, Other): reveal(x)",
    "a known class or another": "def f(x):\n    if isinstance(x, (Spec, Other)): reveal(x)",
    "a class that is handed over": "def f(x, kind):\n    if isinstance(x, kind): reveal(x)",
    "a case that asks for more": "def f(x):\n    match x:\n        case Spec(model=None): reveal(x)",
    "a case for others, too": "def f(x):\n    match x:\n        case Spec() | Other(): reveal(x)",
    "a type that is not it": "def f(x):\n    if type(x) is not Spec: reveal(x)",
    "a subclass test": "def f(x):\n    if issubclass(x, Spec): reveal(x)",
}


@pytest.mark.parametrize("form", DOUBTFUL)
def test_what_a_test_does_not_say_stays_open(form: str) -> None:
    assert reveal(HEAD + DOUBTFUL[form]) == "?"
