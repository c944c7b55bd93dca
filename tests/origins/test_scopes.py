"""A name alone proves nothing: what is shadowed, rebound or patched is never the import."""

from __future__ import annotations

import textwrap

import pytest

from tests.origins.reveal import reveal

IMPORT = "from titan.models.llama import registry\nimport titan.models.llama as mod\nimport titan\n"

# Each reads a name that is not, or not surely, what the import brought.
DOUBTFUL = {
    "parameter": ("def f(registry): reveal(registry)", "?"),
    "keyword-only parameter": ("def f(*, registry): reveal(registry)", "?"),
    "positional-only parameter": ("def f(registry, /): reveal(registry)", "?"),
    "*args": ("def f(*registry): reveal(registry)", "?"),
    "**kwargs": ("def f(**registry): reveal(registry)", "?"),
    "lambda parameter": ("f = lambda registry: reveal(registry)", "?"),
    "list comprehension": ("[reveal(registry) for registry in given]", "?"),
    "set comprehension": ("{reveal(registry) for registry in given}", "?"),
    "dict comprehension": ("{1: reveal(registry) for registry in given}", "?"),
    "generator": ("any(reveal(registry) for registry in given)", "?"),
    "comprehension, second loop": ("[reveal(r) for x in given for r in x]", "?"),
    "comprehension, unpacked": ("[reveal(registry) for _, registry in given]", "?"),
    "lambda in a comprehension": ("[lambda: reveal(registry) for registry in given]", "?"),
    "comprehension in a lambda": ("lambda: [reveal(registry) for registry in given]", "?"),
    "for loop": ("for registry in given: reveal(registry)", "?"),
    "behind a for loop": (
        "for registry in given: pass\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "with": ("with given() as registry: reveal(registry)", "?"),
    "except": ("try: pass\nexcept E as registry: reveal(registry)", "?"),
    "assignment": ("registry = other\nreveal(registry)", "?"),
    "augmented assignment": ("registry += other\nreveal(registry)", "?"),
    "unpacking": ("registry, x = given\nreveal(registry)", "?"),
    "starred unpacking": ("x, *registry = given\nreveal(registry)", "?"),
    "walrus": ("if (registry := given): reveal(registry)", "?"),
    "walrus that may not run": (
        "flag and (registry := given)\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "walrus in a conditional expression": (
        "x = (registry := given) if flag else 0\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "walrus in a comprehension": (
        "[registry := x for x in given]\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "match capture": ("match given:\n    case registry: reveal(registry)", "?"),
    "match star": ("match given:\n    case [*registry]: reveal(registry)", "?"),
    "match mapping rest": ("match given:\n    case {**registry}: reveal(registry)", "?"),
    "match as": ("match given:\n    case [1, _] as registry: reveal(registry)", "?"),
    "match class keyword": ("match given:\n    case A(x=registry): reveal(registry)", "?"),
    "behind a match": (
        "match given:\n    case [registry]: pass\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "function of that name": ("def registry(): pass\nreveal(registry)", "def registry"),
    "class of that name": ("class registry: pass\nreveal(registry)", "class registry"),
    "another import": ("from mine import registry\nreveal(registry)", "mine.registry"),
    "one branch": (
        "if flag: registry = other\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "one branch of elif": (
        "if a: pass\nelif b: registry = other\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "while body": (
        "while flag: registry = other\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "a loop that feeds itself": (
        "for x in given:\n    reveal(registry)\n    registry = other",
        "? | titan.models.llama.registry",
    ),
    "a while test that feeds itself": (
        "while reveal(registry):\n    registry = other",
        "? | titan.models.llama.registry",
    ),
    "break": (
        "for x in given:\n    registry = other\n    if x: break\n    registry = mod.registry\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "loop's else": (
        "for x in given:\n    registry = other\nelse:\n    pass\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "try body that may stop half-way": (
        "try:\n    registry = other\n    g()\nexcept E: reveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "handler": (
        "try: g()\nexcept E: registry = other\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "finally sees every way": (
        "try:\n    registry = other\nfinally:\n    reveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "finally binds": ("try: g()\nfinally: registry = other\nreveal(registry)", "?"),
    "suppressed": (
        "with contextlib.suppress(E):\n    registry = other\n    g()\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "rebound by a function": (
        "def swap():\n    global registry\n    registry = other\nswap()\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "rebound by a class body": (
        "class A:\n    global registry\n    registry = other\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "rebound through nonlocal": (
        """
        def f():
            r = registry
            def swap():
                nonlocal r
                r = other
            swap()
            reveal(r)
        """,
        "? | titan.models.llama.registry",
    ),
    "bound anew where another scope binds it too": (
        "def swap():\n    global registry\n    registry = other\nregistry = mod.registry\nreveal(registry)",
        "? | titan.models.llama.registry",
    ),
    "global past an enclosing function": (
        """
        def f():
            r = registry
            def g():
                global r
                reveal(r)
        """,
        "?",
    ),
    "star import behind": (
        "from mine import *\nreveal(registry)",
        "? | mine.registry | titan.models.llama.registry",
    ),
    "module attribute patched": (
        "mod.registry = patched\nreveal(mod.registry)",
        "? | titan.models.llama.registry",
    ),
    "module attribute patched by setattr": (
        'setattr(mod, "registry", patched)\nreveal(mod.registry)',
        "? | titan.models.llama.registry",
    ),
    "module attribute patched by a test": (
        'def test(monkeypatch):\n    monkeypatch.setattr(mod, "registry", fake)\n    reveal(mod.registry)',
        "? | titan.models.llama.registry",
    ),
    "module attribute patched by path": (
        'def test(mocker):\n    mocker.patch("titan.models.llama.registry")\n    reveal(mod.registry)',
        "? | titan.models.llama.registry",
    ),
    "dictionary that grows": (
        'R = {"a": registry}\nR["b"] = other\nreveal(R[name])',
        "? | titan.models.llama.registry",
    ),
    "dictionary that is updated": (
        'R = {"a": registry}\nR.update(others)\nreveal(R["a"])',
        "? | titan.models.llama.registry",
    ),
    "dictionary that grows, get": (
        'R = {"a": registry}\nR["a"] = other\nreveal(R.get("a"))',
        "? | titan.models.llama.registry",
    ),
    "list that grows": (
        "R = [registry]\nR.append(other)\nfor r in R: reveal(r)",
        "? | titan.models.llama.registry",
    ),
    "decorated function": ("@wrapped\ndef make(): return registry\nreveal(make())", "?"),
    "generator function that hands on others": (
        "def make():\n    yield registry\n    yield from others\nfor r in make(): reveal(r)",
        "? | titan.models.llama.registry",
    ),
    "class attribute is not the module's name": (
        "class A:\n    registry = other\n    def f(self): reveal(self.registry)",
        "?",
    ),
    "own name in a class's body": ("class A:\n    registry = other\n    reveal(registry)", "?"),
    "method overridden in the same file": (
        """
        class A:
            def module(self): return mod
            def f(self): reveal(self.module().registry)
        class B(A):
            def module(self): return other
        """,
        "? | titan.models.llama.registry",
    ),
    "attribute set by a derived class": (
        """
        class A:
            def __init__(self): self.r = registry
            def f(self): reveal(self.r)
        class B(A):
            def __init__(self): self.r = other
        """,
        "? | titan.models.llama.registry",
    ),
    "attribute set by a base class too": (
        """
        class A:
            def __init__(self): self.r = other
        class B(A):
            def g(self): self.r = registry
            def f(self): reveal(self.r)
        """,
        "? | titan.models.llama.registry",
    ),
    "attribute of another object": ("self.registry = registry\nreveal(other.registry)", "?"),
    "a nested function's own self": (
        """
        class A:
            def f(self):
                self.r = registry
                def g(self):
                    reveal(self.r)
        """,
        "?",
    ),
    "dynamic import with nothing known": (
        "import importlib\nreveal(importlib.import_module(name).registry)",
        "?",
    ),
    "dynamic import of an unknown package": (
        'import importlib\nreveal(importlib.import_module(f"{package}.models.llama").registry)',
        "?",
    ),
    "__import__ gives the top package": ('reveal(__import__("titan.models.llama"))', "?"),
    "getattr with an unknown name": ("reveal(getattr(mod, name))", "?"),
    "not imported at all": ("reveal(model_registry)", "?"),
    "deleted and bound anew": ("del registry\nregistry = other\nreveal(registry)", "?"),
    "string annotation of an unknown type": ("def f(x: 'Thing'): reveal(x)", "?"),
    "annotation that is no Python": ("def f(x: 'not a type'): reveal(x)", "?"),
    "union of types": ("def f(x: titan.Spec | int): reveal(x)", "builtins.int() | titan.Spec()"),
    "list of types": ("def f(x: list[titan.Spec]): reveal(x.model)", "?"),
}


@pytest.mark.parametrize("case", DOUBTFUL)
def test_doubt_is_kept(case: str) -> None:
    code, expected = DOUBTFUL[case]
    assert reveal(IMPORT + textwrap.dedent(code)) == expected


# Each reads the import through something that looks like shadowing and is none.
PLAIN = {
    "comprehension variable does not leak": "[registry for registry in given]\nreveal(registry)",
    "comprehension variable in a loop does not leak": (
        "for x in given:\n    y = [registry for registry in x]\n    reveal(registry)"
    ),
    "first iterable of a comprehension": "[registry for registry in reveal(registry)]",
    "parameter of another function": "def g(registry): pass\ndef f(): reveal(registry)",
    "local of another function": "def g():\n    registry = 1\ndef f(): reveal(registry)",
    "class body's name is not a method's": "class A:\n    registry = 1\n    def f(self): reveal(registry)",
    "class body's name is not a comprehension's": (
        "class A:\n    registry = 1\n    x = [reveal(registry) for _ in given]"
    ),
    "class in a loop": ("for x in given:\n    class A:\n        registry = 1\nreveal(registry)"),
    "assigned to itself": "registry = registry\nreveal(registry)",
    "attribute of an unknown object is set": "thing.registry = other\nreveal(mod.registry)",
    "default of its own parameter": "def f(registry=reveal(registry)): pass",
    "decorator": "@reveal(registry)\ndef registry(): pass",
    "annotation of its own parameter": "def f(registry: reveal(registry)): pass",
    "other name deleted": "x = 1\ndel x\nreveal(registry)",
    "wrapped in if True": "if True:\n    reveal(registry)",
    "wrapped in try": "try:\n    reveal(registry)\nfinally:\n    pass",
    "except star": "try: g()\nexcept* E: reveal(registry)",
    "with": "with given():\n    reveal(registry)",
    "async": "async def f():\n    async with g() as y:\n        async for x in y: reveal(registry)",
    "return in one branch": (
        "def f(x):\n    r = registry\n    if x:\n        r = other\n        return r\n    reveal(r)"
    ),
    "raise in one branch": ("r = registry\nif x:\n    r = other\n    raise E\nreveal(r)"),
    "loop variable that is the import": "for r in (registry,): reveal(r)",
    "a dictionary of another name grows": 'S = {}\nS["b"] = other\nR = {"a": registry}\nreveal(R["a"])',
    "star import of the standard library behind": "from os.path import *\nreveal(registry)",
    "star import of a module without the name behind": "from titan import *\nreveal(registry)",
    "nested function's parameter": "def f():\n    def g(registry): pass\n    reveal(registry)",
    "lambda default": "f = lambda r=registry: r\nreveal(registry)",
    "constructed class, not a derived one": (
        "class A:\n    r = staticmethod(registry)\nclass B(A):\n    r = other\nreveal(A().r)"
    ),
    "overloads": (
        """
        from typing import overload
        class A:
            @overload
            def f(self, x: int): ...
            def f(self, x): return registry
            def g(self): reveal(self.f(1))
        """
    ),
    "property with a setter": (
        """
        class A:
            @property
            def r(self): return registry
            @r.setter
            def r(self, value): pass
            def g(self): reveal(self.r)
        """
    ),
}


@pytest.mark.parametrize("case", PLAIN)
def test_what_is_no_shadow_resolves(case: str) -> None:
    assert reveal(IMPORT + textwrap.dedent(PLAIN[case])) == "titan.models.llama.registry"


# LibCST's QualifiedNameProvider is blind, or wrong, for each of these.
BEYOND_QUALIFIED_NAMES = {
    "m = titan.models.llama; m.registry": "m = mod\nreveal(m.registry)",
    "K = F": "K = registry\nreveal(K)",
    "from x import *": "from titan.models.llama import *\nreveal(registry)",
    "instance method": "obj = titan.Spec()\nreveal(obj.build)",
    "method of an attribute": (
        "class A:\n    def __init__(self): self.j = titan.Spec()\n    def f(self): reveal(self.j.build)"
    ),
    "annotated parameter": "def g(j: titan.Spec): reveal(j.build)",
    "import_module": 'import importlib\nreveal(importlib.import_module(f"titan.models.{n}").registry)',
    "F()()": "def F(): return registry\nreveal(F()('8B'))",
    '"x".join()': 'reveal("x".join(y))',
}
EXPECTED = ["titan.models.llama.registry"] * 3 + ["titan.Spec().build"] * 3
EXPECTED += ["titan.models.*.registry", "titan.Spec()", "?"]


@pytest.mark.parametrize(
    ("case", "expected"), list(zip(BEYOND_QUALIFIED_NAMES, EXPECTED, strict=True))
)
def test_beyond_qualified_names(case: str, expected: str) -> None:
    assert reveal(IMPORT + BEYOND_QUALIFIED_NAMES[case]) == expected
