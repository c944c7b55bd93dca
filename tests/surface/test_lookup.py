"""From a dotted path to what it reaches."""

from __future__ import annotations

import pytest

from titan_lint.api import Class, External, Function, Homes, Module, Variable, load
from titan_lint.api.extract.tree import PackageError, Tree, read

from .synthetic import class_, extract, function, surface, tree, value


def test_a_folder_without_init_is_a_module() -> None:
    found = surface(init="", components__loss="def mse(): ...")
    assert found.modules == {"torchtitan", "torchtitan.components", "torchtitan.components.loss"}
    assert isinstance(found.lookup("torchtitan.components"), Module)
    assert found.lookup("torchtitan.nothing") is None


def test_a_reexport_leads_to_the_definition() -> None:
    found = surface(
        init="",
        a__init="from .b import thing as other\nfrom torchtitan.a import b",
        a__b="def thing(): ...",
        c="import torchtitan.a as a\nfrom torchtitan.a import other",
    )
    for path in ("torchtitan.a.other", "torchtitan.c.other", "torchtitan.c.a.other"):
        assert found.resolve(path) == "torchtitan.a.b.thing"
    assert isinstance(found.lookup("torchtitan.c.a"), Module)


def test_imports_that_lead_in_a_circle_reach_nothing() -> None:
    found = surface(init="", a="from torchtitan.b import x", b="from torchtitan.a import x")
    assert found.lookup("torchtitan.a.x") is None


def test_a_name_of_another_library_is_external() -> None:
    found = surface(
        init="", a="import torch.nn as nn\nfrom torch import Tensor\nimport torch.distributed"
    )
    assert found.lookup("torchtitan.a.nn.Linear") == External(
        "torchtitan.a.nn.Linear", "torch.nn.Linear"
    )
    assert found.resolve("torchtitan.a.Tensor") == "torch.Tensor"
    assert found.resolve("torchtitan.a.torch") == "torch"


def test_what_only_type_checkers_see_cannot_be_imported_but_can_be_meant() -> None:
    found = surface(
        init="",
        a="""
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from torchtitan.b import Config
            from torchtitan.b import Both
        else:
            Both = None
        def build(config: Config) -> "Config": ...
        """,
        b="class Config: ...\nclass Both: ...",
    )
    assert found.lookup("torchtitan.a.Config") is None
    assert "Config" not in found.names_in("torchtitan.a")
    assert found.lookup("torchtitan.a.Both") is not None
    build = function(found.lookup("torchtitan.a.build"))
    assert build.returns == build.parameters[0].type == "torchtitan.b.Config"


def test_names_bound_only_when_run_as_a_script_are_not_there() -> None:
    found = surface(init="", a="x = 1\nif __name__ == '__main__':\n    y = 2")
    assert found.names_in("torchtitan.a") == ("x",)


def test_a_deleted_name_is_not_there() -> None:
    found = surface(init="", a="for item in (1, 2):\n    pass\nkept = 1\ndel item")
    assert found.names_in("torchtitan.a") == ("kept",)


def test_a_package_may_bind_the_name_of_its_submodule() -> None:
    found = surface(
        init="",
        config__init="from .override import override",
        config__override="class OverrideConfig: ...\ndef override(): ...",
    )
    assert isinstance(found.lookup("torchtitan.config.override"), Function)
    assert isinstance(found.lookup("torchtitan.config.override.OverrideConfig"), Class)


def test_star_imports_are_followed_without_private_names() -> None:
    found = surface(init="", a="from torchtitan.b import *", b="def f(): ...\ndef _g(): ...")
    assert found.resolve("torchtitan.a.f") == "torchtitan.b.f"
    assert found.lookup("torchtitan.a._g") is None
    assert found.names_in("torchtitan.a") == ("f",)


@pytest.mark.parametrize(
    "source",
    [
        "def __getattr__(name): ...",
        "globals().update({})",
        "globals()['x'] = 1",
        "from torch import *",
    ],
)
def test_a_module_that_may_have_more_names_says_so(source: str) -> None:
    found = surface(init="", a=source, b="x = 1")
    a, b = found.lookup("torchtitan.a"), found.lookup("torchtitan.b")
    assert isinstance(a, Module)
    assert isinstance(b, Module)
    assert (bool(a.open), bool(b.open)) == (True, False)


def test_another_name_for_a_class_is_that_class() -> None:
    found = surface(
        init="", a="class A:\n    class Config: ...\nAlias = A.Config\nlimit = 3\nsame = limit"
    )
    assert found.resolve("torchtitan.a.Alias") == "torchtitan.a.A.Config"
    assert isinstance(found.lookup("torchtitan.a.same"), Variable)


def test_members_come_from_ancestors_in_other_modules() -> None:
    found = surface(
        init="",
        a="class Base:\n    class Config: ...\n    def run(self): ...",
        b="from torchtitan.a import Base\nclass Derived(Base):\n    def own(self): ...",
    )
    assert found.resolve("torchtitan.b.Derived.Config") == "torchtitan.a.Base.Config"
    derived = class_(found.lookup("torchtitan.b.Derived"))
    assert derived.members == ("own", "Config", "run")
    assert derived.member("absent") is None
    assert not derived.open


def test_the_order_of_ancestors_is_pythons() -> None:
    source = "class A: ...\nclass B(A): ...\nclass C(A): ...\nclass D(B, C): ..."
    found = class_(surface(init="", a=source).lookup("torchtitan.a.D"))
    assert [c.name for c in found.mro] == ["D", "B", "C", "A"]


def test_a_nested_config_may_extend_that_of_a_base() -> None:
    found = surface(
        init="",
        a="""
        class A:
            class Config: ...
        class B(A):
            class Config(A.Config): ...
            class Special(Config): ...
        """,
    )
    special = class_(found.lookup("torchtitan.a.B.Special"))
    assert [c.path for c in special.mro] == [
        f"torchtitan.a.{n}" for n in ("B.Special", "B.Config", "A.Config")
    ]


def test_a_class_that_inherits_from_itself_by_name_does_not_hang() -> None:
    found = surface(init="", a="class A(A): ...")
    assert [c.path for c in class_(found.lookup("torchtitan.a.A")).mro] == ["torchtitan.a.A"]


@pytest.mark.parametrize(
    ("body", "is_open"),
    [
        ("class C: ...", False),
        ("class C(Stateful): ...", False),
        ("class C(nn.Module): ...", True),
        ("class C(Unknown): ...", True),
        ("class C:\n    def __getattr__(self, n): ...", True),
        ("class C:\n    def f(self, n):\n        setattr(self, n, 1)", True),
        ("class C:\n    def f(self):\n        setattr(self, 'n', 1)", False),
        ("@wrapped\nclass C: ...", True),
    ],
)
def test_absence_proves_something_only_in_a_closed_class(body: str, is_open: bool) -> None:
    imports = "from torch import nn\nfrom torch.distributed.checkpoint.stateful import Stateful\n"
    found = class_(surface(init="", a=imports + body).lookup("torchtitan.a.C"))
    assert bool(found.open) is is_open


def test_members_of_known_foreign_bases_are_external() -> None:
    found = surface(init="", a="from torch import nn\nclass C(nn.Module): ...")
    assert found.lookup("torchtitan.a.C.parameters") == External(
        "torchtitan.a.C.parameters", "torch.nn.Module.parameters"
    )


def test_names_that_python_gives_every_module_and_class_are_there() -> None:
    found = surface(init="", a="class C: ...")
    for path in ("torchtitan.__file__", "torchtitan.a.__name__", "torchtitan.a.C.__name__"):
        assert isinstance(found.lookup(path), External), path
    assert found.lookup("torchtitan.a.__all__") is None


def test_members_of_an_enumeration_have_a_value() -> None:
    found = surface(init="", a="from enum import Enum\nclass E(Enum):\n    A = 1")
    enumeration = class_(found.lookup("torchtitan.a.E"))
    assert not enumeration.open
    assert isinstance(enumeration.member("value"), External)


def test_a_function_that_a_class_body_names_is_a_method() -> None:
    found = surface(
        init="",
        a="""
        def start(self, seed, *, fast=False): ...
        class A:
            begin = start
            again = begin
            def __init__(self):
                self.given = start
        """,
    )
    made = class_(found.lookup("torchtitan.a.A"))
    for name in ("begin", "again"):
        taken = function(made.member(name)).bound().parameters
        assert [parameter.name for parameter in taken] == ["seed", "fast"]
    assert len(function(found.lookup("torchtitan.a.start")).bound().parameters) == 3


def test_a_home_is_named_by_the_package_that_offers_it() -> None:
    found = surface(
        init="",
        components__optimizer__init="from .lr_scheduler import Scheduler\n__all__ = ['Scheduler']",
        components__optimizer__lr_scheduler="class Scheduler: ...\nclass Hidden: ...",
        trainer="from torchtitan.components.optimizer import Scheduler",
    )
    package = "torchtitan.components.optimizer"
    assert found.homes("Scheduler") == Homes(
        defined=(f"{package}.lr_scheduler.Scheduler",),
        public=(f"{package}.Scheduler",),
    )
    assert found.homes("Hidden").public == (f"{package}.lr_scheduler.Hidden",)
    assert found.homes("lr_scheduler").modules == (f"{package}.lr_scheduler",)
    assert found.homes("nowhere") == Homes()


def test_a_file_that_cannot_be_parsed_is_named_with_its_line() -> None:
    with pytest.raises(PackageError, match=r"torchtitan/a\.py:2: "):
        surface(init="", a="x = 1\ndef (")


def test_a_file_that_is_not_text_is_named() -> None:
    broken = Tree("somewhere", {"torchtitan/a.py": b"\xff\xfe"})
    with pytest.raises(PackageError, match=r"torchtitan/a\.py"):
        extract(broken)


def test_a_file_that_is_nested_too_deeply_is_named() -> None:
    with pytest.raises(PackageError, match=r"torchtitan/a\.py"):
        surface(init="", a="x = " + "(" * 5000 + ")" * 5000)


def test_tests_are_left_out_and_recipes_are_not() -> None:
    files = {
        "torchtitan/tests/a.py": b"",
        "torchtitan/x/tests/b.py": b"",
        "torchtitan/x/c.py": b"",
        "torchtitan_recipes/tests/d.py": b"",
    }
    names = [name for name, _, _ in Tree("t", files).modules()]
    assert names == ["torchtitan.x.c", "torchtitan_recipes.tests.d"]


def test_what_is_no_torchtitan_is_refused(tmp_path) -> None:
    (tmp_path / "torchtitan").mkdir()
    with pytest.raises(PackageError, match="not a torchtitan"):
        read(tmp_path)
    with pytest.raises(PackageError, match="no such file"):
        read(tmp_path / "absent")
    wheel = tmp_path / "broken.whl"
    wheel.write_bytes(b"PK nonsense")
    with pytest.raises(PackageError, match="not a readable wheel"):
        read(wheel)
    other = tmp_path / "notes.md"
    other.write_text("")
    with pytest.raises(PackageError, match="neither a folder nor a wheel"):
        read(other)


def test_a_function_defined_twice_says_that_its_parameters_are_uncertain() -> None:
    found = surface(
        init="",
        a="""
        import sys
        if sys.platform == "linux":
            def f(a): ...
        else:
            def f(b): ...
        """,
    )
    assert function(found.lookup("torchtitan.a.f")).open


def test_setters_and_overloads_are_not_second_definitions() -> None:
    found = surface(
        init="",
        a="""
        from typing import overload
        @overload
        def f(a: int): ...
        @overload
        def f(a: str): ...
        def f(a): ...
        class C:
            @property
            def p(self) -> int: ...
            @p.setter
            def p(self, v): ...
            @property
            def q(self): ...
        """,
    )
    assert not function(found.lookup("torchtitan.a.f")).open
    p, q = (value(found.lookup(f"torchtitan.a.C.{n}")) for n in "pq")
    assert (p.is_property, p.is_settable, p.annotation) == (True, True, "int")
    assert (q.is_property, q.is_settable) == (True, False)


def test_lookups_agree_with_the_names_that_a_module_lists() -> None:
    found = load("0.3.0")
    for module in ("torchtitan.trainer", "torchtitan.config", "torchtitan.models.common"):
        listed = found.names_in(module)
        assert listed
        assert all(found.lookup(f"{module}.{name}") is not None for name in listed)


def test_a_source_with_a_byte_order_mark_is_read() -> None:
    marked = Tree("t", {"torchtitan/a.py": b"\xef\xbb\xbfx = 1\n"})
    assert extract(marked).names_in("torchtitan.a") == ("x",)
    assert tree(a="x = 1").files == {"torchtitan/a.py": b"x = 1"}
