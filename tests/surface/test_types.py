"""Types of attributes, results and annotations."""

from __future__ import annotations

import pytest

from titan_lint.api import load
from titan_lint.api.hints import Shape, parse

from .synthetic import class_, function, surface, value


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Config", Shape(instance="Config")),
        ("a.b.Config", Shape(instance="a.b.Config")),
        ("Config | None", Shape(instance="Config", optional=True)),
        ("Optional[Config]", Shape(instance="Config", optional=True)),
        ("'Config | None'", Shape(instance="Config", optional=True)),
        ("typing.Annotated[Config | None, x.y]", Shape(instance="Config", optional=True)),
        ("ClassVar[Config]", Shape(instance="Config")),
        ("A | B", Shape(alternatives=("A", "B"))),
        ("A | None | b.B | A", Shape(alternatives=("A", "b.B"), optional=True)),
        ("Optional[Union[A, Annotated[B, x]]]", Shape(alternatives=("A", "B"), optional=True)),
        (
            "Annotated[A, x] | Annotated[B, y] | Annotated[None, z]",
            Shape(alternatives=("A", "B"), optional=True),
        ),
        ("A | list[B]", Shape()),
        ("A | Literal['b']", Shape()),
        ("type[Config]", Shape(class_="Config")),
        ("type[Config] | None", Shape(class_="Config", optional=True)),
        ("list[Config]", Shape(item="Config")),
        ("tuple[Config, ...]", Shape(item="Config")),
        ("tuple[A, B]", Shape(item=None)),
        ("dict[str, Config]", Shape(item="Config")),
        ("Callable[..., Config]", Shape(instance="Callable")),
        ("Literal['a', 'b']", Shape(choices=("a", "b"))),
        ("Literal['a'] | Literal['b'] | None", Shape(choices=("a", "b"), optional=True)),
        ("Literal['a'] | str", Shape()),
        ("None", Shape(optional=True)),
        ("not python(", Shape()),
        ("lambda: 0", Shape()),
    ],
)
def test_an_annotation_is_taken_apart(text: str, shape: Shape) -> None:
    assert parse(text) == shape


def test_types_of_attributes_are_inferred_where_they_are_certain() -> None:
    found = surface(
        init="",
        a="""
        from typing import cast
        class Part:
            inner: "Part"
            def make(self) -> "Part": ...
            @classmethod
            def new(cls) -> "Part": ...
        class Other: ...
        def build() -> Part: ...
        async def later() -> Part: ...
        class C:
            declared: Part
            maybe: Part | None = None
            many: list[Part]
            kind: type[Part]
            def __init__(self, given: Part, other, choice: Part | Other):
                self.given = given
                self.made = Part()
                self.built = build()
                self.late = later()
                self.chained = given.inner.make()
                self.from_class = Part.new()
                local = Part()
                self.local = local
                twice = Part()
                twice = Other()
                self.twice = twice
                self.cast = cast(Part, other)
                self.unknown = other
                self.either = choice
                self.own = self.given
                self.a = self.b = Part()
                self.x, self.y = Part(), Part()
            def later(self):
                self.elsewhere: Part = None
                self.conflict = Part()
                for self.loop in (): ...
                with open("f") as self.file: ...
            def again(self):
                self.conflict = Other()
        """,
    )
    c = class_(found.lookup("torchtitan.a.C"))
    part = "torchtitan.a.Part"
    typed = ["declared", "maybe", "given", "made", "built", "chained", "from_class", "local"]
    typed += ["cast", "own", "a", "b", "elsewhere"]
    assert {name: value(c.member(name)).type for name in typed} == dict.fromkeys(typed, part)
    for name in ("late", "twice", "unknown", "either", "x", "y", "conflict", "loop", "file"):
        assert value(c.member(name)).type is None, name
    assert value(c.member("many")).item == value(c.member("kind")).class_ == part
    assert value(c.member("declared")).is_instance
    assert not value(c.member("maybe")).is_instance


def test_what_is_declared_as_a_generator_and_is_none_is_what_it_is_assigned() -> None:
    found = surface(
        a="""
        from collections.abc import Generator, Iterator
        from typing import Any
        import typing

        class Context:
            def __call__(self): ...

        class Lines:
            def __iter__(self): ...
            def __next__(self): ...

        def make() -> Context: ...

        class Engine:
            plain: Generator[None, None, None]
            spelled: typing.Iterator[int]
            twice: Iterator
            called: Generator
            otherwise: Generator
            unknown: Generator
            set_later: Generator
            lines: Iterator[str]
            many: list[str]
            anything: Any
            maybe: Generator | None
            given: Generator = None

            def __init__(self, other):
                self.plain = make()
                self.spelled = make()
                self.twice = make()
                self.twice = make()
                self.called = Context()
                self.otherwise = make()
                self.otherwise = Lines()
                self.unknown = other
                for self.set_later in other:
                    self.set_later = make()
                self.lines = Lines()
                self.many = make()
                self.anything = make()
                self.maybe = make()
                self.given = make()
        """
    )
    context = "torchtitan.a.Context"
    for name in ("plain", "spelled", "twice", "called"):
        assert value(found.lookup(f"torchtitan.a.Engine.{name}")).type == context, name
    for name in (
        *("otherwise", "unknown", "set_later", "lines"),
        *("many", "anything", "maybe", "given"),
    ):
        assert value(found.lookup(f"torchtitan.a.Engine.{name}")).type is None, name


def test_attributes_of_one_class_do_not_hide_those_of_another() -> None:
    found = surface(
        init="",
        a="""
        class A:
            def f(this):
                this.x = 1
            @staticmethod
            def g(self):
                self.y = 1
        """,
    )
    assert class_(found.lookup("torchtitan.a.A")).members == ("f", "g", "x")


def test_annotations_of_methods_may_name_nested_classes() -> None:
    found = surface(
        init="",
        a="""
        class Config: ...
        class C:
            class Config: ...
            def __init__(self, config: Config) -> None:
                self.config = config
                self.fresh = Config()
        """,
    )
    c = class_(found.lookup("torchtitan.a.C"))
    assert value(c.member("config")).type == "torchtitan.a.C.Config"
    # A function's body doesn't see the names of the class around it.
    assert value(c.member("fresh")).type == "torchtitan.a.Config"


def test_literals_are_followed_through_aliases() -> None:
    found = surface(
        init="",
        a="from typing import Literal\nBackend = Literal['flex', 'varlen']",
        b="from torchtitan.a import Backend\ndef f(x: Backend, y: Backend | None = None): ...",
    )
    x, y = function(found.lookup("torchtitan.b.f")).parameters
    assert x.choices == ("flex", "varlen")
    assert y.choices == ("flex", "varlen", None)


def test_a_union_of_classes_has_the_nearest_base_that_they_share() -> None:
    found = surface(
        init="",
        a="""
        class Root: ...
        class Base(Root): ...
        class A(Base): ...
        class B(Base): ...
        class C(A): ...
        class Other(Root): ...
        class Stranger: ...
        Long = (
            Annotated[A, "a sentence that makes the alias longer than the values that are kept as they are"]
            | Annotated[B, "and another one"]
            | Annotated[None, "nothing"]
        )
        """,
        b="""
        from torchtitan.a import A, B, C, Base, Long, Other, Stranger
        class Config:
            same: A | C
            near: A | B | None
            above: A | B | Other = None
            alias: Long = None
            one: A
            with_text: A | str
            none: A | Stranger
            unknown: A | Missing
        """,
    )
    config = class_(found.lookup("torchtitan.b.Config"))
    bases = {name: value(config.member(name)).base for name in config.members}
    a = "torchtitan.a"
    assert bases == {
        "same": f"{a}.A",
        "near": f"{a}.Base",
        "above": f"{a}.Root",
        "alias": f"{a}.Base",
        **dict.fromkeys(("one", "with_text", "none", "unknown")),
    }
    assert {value(config.member(name)).type for name in bases if name != "one"} == {None}


def test_names_in_an_alias_mean_what_they_mean_where_it_stands() -> None:
    found = surface(
        init="",
        a="class A: ...\nMaybe = A | None",
        b="from torchtitan.a import Maybe\nclass A: ...\nclass C:\n    x: Maybe",
    )
    config = class_(found.lookup("torchtitan.b.C"))
    assert value(config.member("x")).type == "torchtitan.a.A"


def test_dictionaries_of_flavors_say_what_each_holds() -> None:
    found = surface(
        init="",
        a="""
        from functools import partial
        class Config: ...
        def small(): ...
        def big(size): ...
        configs = {"small": small, "big": partial(big, size=1), "made": Config(), "odd": 1 + 1}
        merged = {**configs, "x": small}
        """,
    )
    configs = value(found.lookup("torchtitan.a.configs"))
    assert configs.items == {
        "small": "torchtitan.a.small",
        "big": "torchtitan.a.big(...)",
        "made": "torchtitan.a.Config()",
        "odd": "",
    }
    assert value(found.lookup("torchtitan.a.merged")).keys == ()


@pytest.mark.parametrize(
    ("key", "path", "type_"),
    [
        ("0.2.2", "torchtitan.train.Trainer.job_config", "torchtitan.config.job_config.JobConfig"),
        (
            "0.2.2",
            "torchtitan.train.Trainer.parallel_dims",
            "torchtitan.distributed.parallel_dims.ParallelDims",
        ),
        (
            "main@9810191bb",
            "torchtitan.trainer.Trainer.config",
            "torchtitan.trainer.Trainer.Config",
        ),
        (
            "main@9810191bb",
            "torchtitan.protocols.model_spec.ModelSpec.model",
            "torchtitan.protocols.model.BaseModel.Config",
        ),
        (
            "main@7cec16600",
            "torchtitan.trainer.Trainer.model_config",
            "torchtitan.protocols.model.BaseModel.Config",
        ),
        (
            "0.3.0",
            "torchtitan.train.Trainer.optimizers",
            "torchtitan.components.optimizer.optimizer.OptimizersContainer",
        ),
        (
            "0.3.0",
            "torchtitan.train.Trainer.checkpointer",
            "torchtitan.components.checkpointer.base.BaseCheckpointManager",
        ),
        (
            "0.3.0",
            "torchtitan.trainer.Trainer.Config.parallelism",
            "torchtitan.config.configs.ParallelismConfig",
        ),
        (
            "0.3.0",
            "torchtitan.trainer.Trainer.train_context",
            "torchtitan.distributed.utils.SpmdContext",
        ),
        (
            "0.3.0",
            "torchtitan.experiments.forge.engine.ForgeEngine.train_context",
            "torchtitan.distributed.utils.SpmdContext",
        ),
    ],
)
def test_types_that_callers_lean_on(key: str, path: str, type_: str) -> None:
    assert value(load(key).lookup(path)).type == type_
