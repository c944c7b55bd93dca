"""Guards that work through what the file calls, or hands over to be called: methods, defaults, functions that try."""

from __future__ import annotations

import pytest

from tests.rules.cases import every_message, messages

TRAINER = "from torchtitan.trainer import Trainer\n\n\nclass T(Trainer):\n"
INIT = "    def __init__(self):\n        self.config = 1\n\n"
USES = "    def settings(self):\n        if {}:\n            return self.job_config\n        return self.config\n"
ASKING = {
    "a method": (
        "    def is_old(self):\n        return not hasattr(self, 'config')\n",
        "self.is_old()",
    ),
    "a property": (
        "    @property\n    def is_old(self):\n        return not hasattr(self, 'config')\n",
        "self.is_old",
    ),
    "a static method": (
        "    @staticmethod\n    def is_old():\n        return not hasattr(Trainer, 'close')\n",
        "T.is_old()",
    ),
    "a method of a method": (
        "    def is_new(self):\n        return hasattr(self, 'config')\n\n"
        "    def is_old(self):\n        return not self.is_new()\n",
        "self.is_old()",
    ),
    "at once": ("", "not hasattr(self, 'config')"),
}


@pytest.mark.parametrize("init", ["", INIT])
@pytest.mark.parametrize(("asking", "test"), ASKING.values(), ids=ASKING)
def test_what_a_method_says_of_its_own_class_keeps_the_old_way_out(
    asking: str, test: str, init: str
) -> None:
    assert every_message(TRAINER + init + asking + USES.format(test)) == []


@pytest.mark.parametrize("init", ["", INIT])
def test_what_a_method_says_of_something_else_keeps_nothing_out(init: str) -> None:
    asking = "    def is_old(self):\n        return not hasattr(self, 'colour')\n"
    assert messages("TTN203", TRAINER + init + asking + USES.format("self.is_old()"))


OPTIMIZER = "import functools\nfrom torchtitan.components import optimizer as opt\n\n\n"
BY_NAME = "def old(lr):\n    return opt.OptimizersContainer.Config(lr=lr)\n\n\n"
DEFAULTS = {
    "a lambda": "getattr(opt, '{}', lambda lr: opt.OptimizersContainer.Config(lr=lr))",
    "a function": "getattr(opt, '{}', old)",
    "a partial": "getattr(opt, '{}', functools.partial(opt.OptimizersContainer.Config, lr=1))",
    "called at once": "getattr(opt, '{}', lambda lr: opt.OptimizersContainer.Config(lr=lr))(1)",
    "of vars": "vars(opt).get('{}', lambda lr: opt.OptimizersContainer.Config(lr=lr))",
    "a lambda of a function": "getattr(opt, '{}', lambda lr: old(lr))",
}


def kept(default: str, name: str) -> str:
    by_name = BY_NAME if "old" in default else ""
    return f"{OPTIMIZER}{by_name}make = {default.format(name)}\n"


@pytest.mark.parametrize("default", DEFAULTS.values(), ids=DEFAULTS)
def test_what_is_given_for_a_name_that_the_target_has_is_never_called(default: str) -> None:
    assert messages("TTN301", kept(default, "default_adamw")) == []


@pytest.mark.parametrize(
    "default", [DEFAULTS[name] for name in ("a lambda", "a function", "a lambda of a function")]
)
def test_what_is_given_for_a_name_that_the_target_lacks_is_judged(default: str) -> None:
    assert messages("TTN301", kept(default, "no_such"))


def test_what_is_worked_out_for_a_default_runs_in_any_case() -> None:
    worked_out = "getattr(opt, 'default_adamw', opt.OptimizersContainer.Config(lr=1))"
    assert messages("TTN301", f"{OPTIMIZER}make = {worked_out}\n")


OLD = "    def old(self):\n        return self.job_config\n\n"
TRYING = {
    "try": "        try:\n            return self.old()\n        except {}:\n            return self.config\n",
    "suppress": (
        "        import contextlib\n        with contextlib.suppress({}):\n"
        "            return self.old()\n        return self.config\n"
    ),
    "twice": (
        "        try:\n            return self.older()\n        except {}:\n            return self.config\n\n"
        "    def older(self):\n        return self.old()\n"
    ),
    "kept first": (
        "        old = self.old\n        try:\n            return old()\n"
        "        except {}:\n            return self.config\n"
    ),
    "in a loop": (
        "        for ask in (self.old, self.new):\n            try:\n                return ask()\n"
        "            except {}:\n                continue\n\n"
        "    def new(self):\n        return self.config\n"
    ),
}


@pytest.mark.parametrize("trying", TRYING.values(), ids=TRYING)
def test_a_method_that_only_a_try_of_its_class_runs_may_fail(trying: str) -> None:
    text = TRAINER + OLD + "    def a(self):\n" + trying
    assert messages("TTN203", text.format("AttributeError")) == []
    assert messages("TTN203", text.format("OSError"))


def test_a_method_that_something_else_runs_too_may_not_fail() -> None:
    text = TRAINER + OLD + "    def a(self):\n" + TRYING["try"].format("AttributeError")
    assert messages("TTN203", text + "\n    def b(self):\n        return self.old()\n")


def test_a_method_that_torchtitan_itself_calls_may_not_fail() -> None:
    text = TRAINER + OLD + "    def a(self):\n" + TRYING["try"].format("AttributeError")
    assert messages("TTN203", text.replace("old", "close"))


LAMBDA = "lambda: ParallelismConfig(expert_tensor_parallel_degree=2)"
HEAD = "from torchtitan.config import ParallelismConfig\n\n\n"
HANDED = {
    "any number": (
        "def first(*makers):\n    for make in makers:\n        try:\n            return make()\n"
        "        except {}:\n            pass\n\n\nfirst({})\n"
    ),
    "a list": (
        "def first(makers):\n    for make in makers:\n        try:\n            return make()\n"
        "        except {}:\n            pass\n\n\nfirst([{}])\n"
    ),
    "a list under a name": (
        "def first(makers):\n    for make in makers:\n        try:\n            return make()\n"
        "        except {}:\n            pass\n\n\nWAYS = ({}, int)\nfirst(WAYS)\n"
    ),
    "the other way round": (
        "def first(*makers):\n    for make in reversed(makers):\n        try:\n            return make()\n"
        "        except {}:\n            pass\n\n\nfirst({}, int)\n"
    ),
    "one": (
        "def first(make):\n    try:\n        return make()\n    except {}:\n        pass\n\n\nfirst({})\n"
    ),
    "a loop over a name": (
        "WAYS = [{1}]\nfor make in WAYS:\n    try:\n        make()\n    except {0}:\n        pass\n"
    ),
    "unpacked": (
        "def first(*makers):\n    for make in makers:\n        try:\n            return make()\n"
        "        except {}:\n            pass\n\n\nWAYS = [{}]\nfirst(*WAYS)\n"
    ),
}


@pytest.mark.parametrize("handed", HANDED.values(), ids=HANDED)
def test_a_lambda_that_is_handed_to_what_calls_it_with_care_may_fail(handed: str) -> None:
    assert messages("TTN301", HEAD + handed.format("TypeError", LAMBDA)) == []
    assert messages("TTN301", HEAD + handed.format("(TypeError, ImportError)", LAMBDA)) == []
    assert messages("TTN301", HEAD + handed.format("OSError", LAMBDA))


def test_a_lambda_of_a_list_that_is_called_without_care_may_not_fail() -> None:
    assert messages("TTN301", f"{HEAD}WAYS = [{LAMBDA}]\nfor make in WAYS:\n    make()\n")
    assert messages("TTN301", f"{HEAD}WAYS = [{LAMBDA}]\nWAYS[0]()\n")
