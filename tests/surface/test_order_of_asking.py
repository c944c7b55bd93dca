"""What a surface says of a path does not depend on what it was asked before."""

from __future__ import annotations

import itertools

from titan_lint.api import Class, Function, Surface, bundle, history

from .synthetic import class_, function, surface


def shown(found: object) -> str:
    """An answer with all that is told about it."""
    if isinstance(found, Class):
        return f"{found!r} {found.bases} {found.mro} {found.external_bases} {found.constructor()}"
    return repr(found)


def say(about: Surface, path: str) -> str:
    return shown(about.lookup(path))


def test_a_wired_build_is_the_same_before_and_after_its_class_is_read() -> None:
    def make() -> Surface:
        return surface(
            init="",
            config__configurable="""
            class Configurable:
                class Config:
                    def build(self, **kwargs): ...
            """,
            a="""
            from torchtitan.config.configurable import Configurable
            class Base(Configurable):
                class Config(Configurable.Config):
                    def build(self, **kwargs) -> "Base": ...
                def __init__(self, config, *, width): ...
            """,
        )

    path = "torchtitan.a.Base.Config"
    asked, other = make(), make()
    first = function(asked.lookup(f"{path}.build"))
    config = class_(other.lookup(path))
    other.member_record(config, "build")
    assert function(other.lookup(f"{path}.build")) == first
    assert [p.name for p in first.parameters] == ["self", "width"]
    # The class's own record stays what is written there.
    own = function(asked.member_record(class_(asked.lookup(path)), "build"))
    assert [p.name for p in own.parameters] == ["self", "kwargs"]


def test_what_leads_back_to_itself_is_the_same_from_wherever_one_comes() -> None:
    files = {
        "init": "",
        "m": "from torchtitan.p import *\nfrom torchtitan.q import *",
        "p": "from torchtitan.m import *\nfrom torchtitan.r import *",
        "q": "def x(): ...\nfrom torchtitan.s import y",
        "r": "def x(): ...",
        "s": "from torchtitan.t import *\nfrom torchtitan.u import y",
        "t": "from torchtitan.s import y",
        "u": "def y(): ...",
        "c": """
        from torchtitan.d import B
        class A(B.Inner):
            a = 1
        """,
        "d": """
        from torchtitan.c import A
        class B(A):
            class Inner: ...
        """,
    }
    paths = [f"torchtitan.{path}" for path in ("m.x", "p.x", "c.A", "d.B", "d.B.Inner", "c.A.a")]
    alone = {path: say(surface(**files), path) for path in paths}
    for order in itertools.permutations(paths):
        asked = surface(**files)
        assert {path: say(asked, path) for path in order} == alone


def test_released_surfaces_say_the_same_forwards_and_backwards() -> None:
    for key in (history.timeline()[0], "0.3.0"):
        provenance = bundle.load(key).provenance
        paths: list[str] = []
        for module in sorted(bundle.load(key).modules):
            for name, record in bundle.load(key).module_record(module).get("members", {}).items():
                paths.append(f"{module}.{name}")
                paths += [f"{module}.{name}.{inner}" for inner in record.get("m", ())]
        records = bundle.load(key)._records  # pyright: ignore[reportPrivateUsage]
        forwards, backwards = Surface(provenance, records), Surface(provenance, records)
        one = {path: say(forwards, path) for path in paths}
        other = {path: say(backwards, path) for path in reversed(paths)}
        assert [path for path in paths if one[path] != other[path]] == []
        assert any(isinstance(forwards.lookup(path), Function) for path in paths)


def test_texts_that_are_no_path_are_asked_for_without_a_trace() -> None:
    """What a dictionary holds is written ``path()`` for an instance, and may be looked up so."""
    files = {
        "init": "",
        "base": "class Base:\n    def kept(self): ...",
        "a": "from torchtitan.base import Base\nclass A(Base):\n    x = 1",
    }
    path = "torchtitan.a.A"
    for text in (
        f"{path}()",
        f"{path}:x",
        f"{path}(...)",
        f"{path}:kept",
        "torchtitan.base.Base()",
    ):
        asked = surface(**files)
        assert asked.lookup(text) is None
        assert say(asked, path) == say(surface(**files), path)
        assert say(asked, f"{path}.kept") == say(surface(**files), f"{path}.kept")
        assert say(asked, f"{path}.x") == say(surface(**files), f"{path}.x")
