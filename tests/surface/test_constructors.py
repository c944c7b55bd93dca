"""How classes are constructed, held against what Python itself makes of the same source."""

from __future__ import annotations

import inspect
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from titan_lint.api import Class, Function, ParameterKind, Surface

from .synthetic import class_, function, surface

_HEAD = "from dataclasses import KW_ONLY, InitVar, dataclass, field\nfrom typing import ClassVar, NamedTuple\n"


def _ours(function: Function) -> list[tuple[str, str, bool]]:
    return [(p.name, p.kind.value, p.default is not None) for p in function.parameters]


def _pythons(signature: inspect.Signature) -> list[tuple[str, str, bool]]:
    return [
        (p.name, p.kind.name.lower(), p.default is not inspect.Parameter.empty)
        for p in signature.parameters.values()
    ]


def _run(source: str) -> dict[str, object]:
    """Execute a module without what this one takes from the future."""
    scope: dict[str, object] = {"__name__": __name__}
    exec(compile(source, "<test>", "exec", dont_inherit=True), scope)
    return scope


def _both(source: str, name: str) -> tuple[Class, type]:
    real = _run(_HEAD + textwrap.dedent(source))[name]
    assert isinstance(real, type)
    found: Surface = surface(init="", a=_HEAD + textwrap.dedent(source))
    return class_(found.lookup(f"torchtitan.a.{name}")), real


@pytest.mark.parametrize(
    "source",
    [
        "class C: ...",
        "class C:\n    def __init__(self, a, /, b, *args, c, d=1, **kwargs): ...",
        "@dataclass\nclass C:\n    a: int\n    b: int = 1",
        "@dataclass(kw_only=True)\nclass C:\n    a: int = 1\n    b: int",
        "@dataclass\nclass C:\n    a: int\n    _: KW_ONLY\n    b: int",
        "@dataclass\nclass C:\n    a: int\n    k: ClassVar[int] = 3\n    i: InitVar[int] = 4",
        "@dataclass\nclass C:\n    a: int = field(init=False)\n    b: int = field(default=2)",
        "@dataclass\nclass C:\n    a: int = field(kw_only=True)\n    b: list = field(default_factory=list)",
        "@dataclass(init=False)\nclass C:\n    a: int",
        "@dataclass\nclass C:\n    a: int\n    def __init__(self, b): ...",
        "@dataclass\nclass B:\n    a: int\nclass C(B): ...",
        "@dataclass\nclass B:\n    a: int\n    b: int\n@dataclass\nclass C(B):\n    c: int\n    a: int",
        "class B:\n    def __init__(self, x): ...\n@dataclass\nclass C(B):\n    a: int",
        "@dataclass\nclass B:\n    a: int\nclass M:\n    b: int\n@dataclass\nclass C(B, M):\n    c: int",
        "@dataclass(kw_only=True, slots=True)\nclass B:\n    a: int = 1\n@dataclass\nclass C(B):\n    c: int",
    ],
)
def test_a_constructor_is_what_python_makes_of_it(source: str) -> None:
    ours, real = _both(source, "C")
    constructor = ours.constructor()
    assert constructor is not None
    assert _ours(constructor) == _pythons(inspect.signature(real))


_fields = st.lists(
    st.tuples(
        st.sampled_from("abcde"),
        st.sampled_from(
            [
                "",
                " = 1",
                " = field(default=2)",
                " = field(kw_only=True)",
                " = field(init=False, default=0)",
            ]
        ),
    ),
    max_size=4,
)


@given(
    st.lists(
        st.tuples(_fields, st.sampled_from(["", "(kw_only=True)", None])), min_size=1, max_size=4
    )
)
def test_hierarchies_of_dataclasses_are_constructed_as_in_python(
    levels: list[tuple[list[tuple[str, str]], str | None]],
) -> None:
    lines: list[str] = []
    for number, (fields, flags) in enumerate(levels):
        lines += [f"@dataclass{flags}"] * (flags is not None)
        lines.append(f"class C{number}{f'(C{number - 1})' if number else ''}:")
        if flags is None:  # A `field()` in a class that is no dataclass means nothing.
            fields = [(name, default) for name, default in fields if "field" not in default]
        lines += [f"    {name}: int{default}" for name, default in fields] or ["    ..."]
    source = "\n".join(lines)
    try:
        _run(_HEAD + source)
    except TypeError:
        return  # A field without a default behind one that has one.
    ours, real = _both(source, f"C{len(levels) - 1}")
    constructor = ours.constructor()
    assert constructor is not None
    assert _ours(constructor) == _pythons(inspect.signature(real))


@pytest.mark.parametrize(
    "source",
    [
        "import enum\nclass C(enum.Enum):\n    A = 1",
        "class C(NamedTuple):\n    a: int",
        "from torch import nn\nclass C(nn.ModuleList): ...",
        "from torch import nn\nclass C(nn.ModuleList, nn.Module): ...",
        "from typing import Protocol\nclass C(Protocol):\n    a: int",
        "class C(metaclass=Meta):\n    def __init__(self, a): ...",
        "class C:\n    def __new__(cls, a): ...",
    ],
)
def test_a_constructor_from_elsewhere_is_not_guessed(source: str) -> None:
    found = surface(init="", a=_HEAD + source)
    assert class_(found.lookup("torchtitan.a.C")).constructor() is None


def test_a_module_without_a_constructor_of_its_own_takes_nothing() -> None:
    source = "from torch import nn\nclass C(nn.Module): ..."
    constructor = class_(surface(init="", a=_HEAD + source).lookup("torchtitan.a.C")).constructor()
    assert constructor is not None
    assert constructor.parameters == ()


def test_a_dataclass_with_a_foreign_ancestor_may_take_more() -> None:
    source = "from x import Base\n@dataclass\nclass C(Base):\n    a: int"
    constructor = class_(surface(init="", a=_HEAD + source).lookup("torchtitan.a.C")).constructor()
    assert constructor is not None
    assert constructor.open


def test_binding_drops_the_first_parameter_of_methods_alone() -> None:
    source = """
    class C:
        def method(self, a): ...
        @classmethod
        def make(cls, a): ...
        @staticmethod
        def static(a): ...
        def loose(*args): ...
    def free(a): ...
    """
    found = surface(init="", a=source)
    for path in ("C.method", "C.make", "C.static", "free"):
        bound = function(found.lookup(f"torchtitan.a.{path}")).bound()
        assert [p.name for p in bound.parameters] == ["a"], path
    loose = function(found.lookup("torchtitan.a.C.loose")).bound()
    assert [p.kind for p in loose.parameters] == [ParameterKind.VAR_POSITIONAL]


_CONFIGURABLE = """
from dataclasses import dataclass
class Configurable:
    @dataclass(kw_only=True, slots=True)
    class Config:
        def build(self, **kwargs): ...
"""


def test_building_a_config_gives_its_owner_and_takes_its_arguments() -> None:
    found = surface(
        init="",
        config__init="from .configurable import Configurable",
        config__configurable=_CONFIGURABLE,
        a="""
        from dataclasses import dataclass
        from torchtitan.config import Configurable
        class Optimizer(Configurable):
            @dataclass(kw_only=True, slots=True)
            class Config(Configurable.Config):
                lr: float = 1e-3
            def __init__(self, config: Config, *, model_parts: list): ...
        class Special(Optimizer):
            pass
        class Trainer:
            def __init__(self, config: Optimizer.Config):
                self.optimizer = config.build(model_parts=[])
        """,
    )
    optimizer = class_(found.lookup("torchtitan.a.Optimizer"))
    config = class_(optimizer.member("Config"))
    assert (config.owner, config.slots, config.kw_only, config.is_dataclass) == (
        optimizer.path,
        True,
        True,
        True,
    )
    build = function(config.member("build")).bound()
    assert _ours(build) == [("model_parts", "keyword_only", False)]
    assert build.returns == optimizer.path
    trainer = class_(found.lookup("torchtitan.a.Trainer"))
    assert getattr(trainer.member("optimizer"), "type", None) == optimizer.path
    # A subclass without a Config of its own is not what the inherited one builds.
    assert function(found.lookup("torchtitan.a.Special.Config.build")).returns == optimizer.path


def test_a_config_that_builds_in_its_own_way_keeps_its_signature() -> None:
    found = surface(
        init="",
        config__configurable=_CONFIGURABLE,
        a="""
        from dataclasses import dataclass
        from torchtitan.config.configurable import Configurable
        class Loader(Configurable):
            @dataclass(kw_only=True, slots=True)
            class Config(Configurable.Config):
                def build(self, *, seed): ...
            def __init__(self, config, other): ...
        """,
    )
    build = function(found.lookup("torchtitan.a.Loader.Config.build")).bound()
    assert _ours(build) == [("seed", "keyword_only", False)]
    assert build.returns == "torchtitan.a.Loader"
