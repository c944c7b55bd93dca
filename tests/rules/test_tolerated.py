"""What is tolerated around a failure: the exceptions that it raises, and no others."""

from __future__ import annotations

import pytest

from tests.rules.cases import every_message, messages

IMPORTS = """\
import contextlib
import unittest
import pytest
import torchtitan.distributed.utils as utils
from contextlib import suppress
from torchtitan.config import ParallelismConfig
from torchtitan.models.llama3 import llama3_configs, model_registry
from torchtitan.trainer import Trainer
"""

# A line that fails at 0.3.0, with the exceptions that the real package raises there.
FAILURES = {
    "TTN106": ("model_registry('8B', attn_backend='sdpa')", "ValueError"),
    "TTN201": ("from torchtitan.protocols.train_spec import get_train_spec", "ImportError"),
    "TTN301": ("ParallelismConfig(expert_tensor_parallel_degree=2)", "TypeError"),
    "TTN402": ("llama3_configs['tiny']", "KeyError"),
}
DOTTED = "utils.maybe_enable_amp"

GUARDS = {
    "suppress": "with suppress({}):\n    {}\n",
    "contextlib.suppress": "with contextlib.suppress(OSError, {}):\n    {}\n",
    "suppress under another name": (
        "from contextlib import suppress as quietly\nwith quietly({}):\n    {}\n"
    ),
    "suppress made before": "quiet = suppress({})\nwith quiet:\n    {}\n",
    "suppress of a tuple with a name": "KINDS = (OSError, {})\nwith suppress(*KINDS):\n    {}\n",
    "an exit stack": (
        "with contextlib.ExitStack() as stack:\n    stack.enter_context(suppress({}))\n    {}\n"
    ),
    "a manager of the file's own": (
        "@contextlib.contextmanager\ndef quiet():\n    try:\n        yield\n    except {}:\n"
        "        print(1)\nwith quiet():\n    {}\n"
    ),
    "handed to the test": (
        "@pytest.mark.parametrize('refused', [pytest.raises({})])\n"
        "def test(refused):\n    with refused:\n        {}\n"
    ),
    "a decorator of the file's own": (
        "def quietly(inner):\n    def run(*given):\n        try:\n            return inner(*given)\n"
        "        except {}:\n            return None\n    return run\n@quietly\ndef use():\n    {}\n"
    ),
    "a decorator with arguments": (
        "def quietly(tries):\n    def around(inner):\n        def run(*given):\n"
        "            with suppress({}):\n                return inner(*given)\n        return run\n"
        "    return around\n@quietly(tries=1)\ndef use():\n    {}\n"
    ),
    "all tests of the module": "pytestmark = pytest.mark.xfail(raises={})\ndef test():\n    {}\n",
    "all tests of a class": (
        "class Test:\n    pytestmark = [pytest.mark.xfail(raises={})]\n    def test(self):\n        {}\n"
    ),
    "pytest.raises": "def test():\n    with pytest.raises({}):\n        {}\n",
    "pytest.raises of a tuple": "def test():\n    with pytest.raises((OSError, {})):\n        {}\n",
    "pytest.raises by keyword": (
        "def test():\n    with pytest.raises(expected_exception={}, match='x'):\n        {}\n"
    ),
    "assertRaises": (
        "class Test(unittest.TestCase):\n    def test(self):\n"
        "        with self.assertRaises({}):\n            {}\n"
    ),
    "assertRaisesRegex": (
        "class Test(unittest.TestCase):\n    def test(self):\n"
        "        with self.assertRaisesRegex({}, 'text'):\n            {}\n"
    ),
    "except": "try:\n    {1}\nexcept {0}:\n    pass\n",
    "except a tuple": "try:\n    {1}\nexcept (OSError, {0}):\n    pass\n",
    "except a tuple with a name": "KINDS = (OSError, {})\ntry:\n    {}\nexcept KINDS:\n    pass\n",
    "except with another before it": (
        "try:\n    {1}\nexcept OSError:\n    raise\nexcept {0}:\n    pass\n"
    ),
}
UNRELATED = ("ZeroDivisionError", "OSError", "RecursionError")


def said(code: str, guard: str, kind: str) -> list[str]:
    line, _ = FAILURES[code]
    return messages(code, IMPORTS + GUARDS[guard].format(kind, line))


@pytest.mark.parametrize("code", FAILURES)
@pytest.mark.parametrize("guard", GUARDS)
def test_the_exception_that_is_raised_is_tolerated_and_so_are_those_above_it(
    code: str, guard: str
) -> None:
    _, raised = FAILURES[code]
    assert said(code, guard, raised) == []
    assert said(code, guard, "Exception") == []
    assert said(code, guard, "BaseException") == []


@pytest.mark.parametrize("code", FAILURES)
@pytest.mark.parametrize("guard", GUARDS)
def test_other_exceptions_protect_from_nothing(code: str, guard: str) -> None:
    for kind in UNRELATED:
        assert len(said(code, guard, kind)) == 1, kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("TTN301", "KeyError"),
        ("TTN301", "ImportError"),
        ("TTN402", "TypeError"),
        ("TTN402", "AttributeError"),
        ("TTN201", "AttributeError"),
        ("TTN106", "ImportError"),
        ("TTN106", "AssertionError"),
        ("TTN106", "KeyError"),
        ("TTN301", "AssertionError"),
        ("TTN402", "AssertionError"),
        ("TTN201", "AssertionError"),
    ],
)
def test_what_a_newer_torchtitan_raises_elsewhere_does_not_take_it(code: str, kind: str) -> None:
    for guard in GUARDS:
        assert len(said(code, guard, kind)) == 1, guard


def test_a_class_above_in_pythons_own_order_takes_it() -> None:
    assert said("TTN402", "suppress", "LookupError") == []
    assert said("TTN301", "suppress", "LookupError")


def test_exceptions_of_others_take_none_of_pythons_own() -> None:
    line = FAILURES["TTN301"][0]
    own = f"class Refused(TypeError):\n    pass\ntry:\n    {line}\nexcept Refused:\n    pass\n"
    assert messages("TTN301", IMPORTS + own)
    theirs = f"from yaml import YAMLError\ntry:\n    {line}\nexcept YAMLError:\n    pass\n"
    assert messages("TTN301", IMPORTS + theirs)


@pytest.mark.parametrize(
    "text",
    [
        # Which exceptions these are, nothing tells.
        "def test(expected):\n    with pytest.raises(expected):\n        {}\n",
        "def run(kinds):\n    with suppress(*kinds):\n        {}\n",
        "def run(kinds):\n    try:\n        {}\n    except kinds:\n        pass\n",
        "def test():\n    with pytest.raises(match='unexpected'):\n        {}\n",
        # It may be the manager that takes it.
        "def test(bad):\n    manager = pytest.raises(TypeError) if bad else contextlib.nullcontext()\n"
        "    with manager:\n        {}\n",
        "class Quiet:\n    def __enter__(self):\n        return self\n"
        "    def __exit__(self, kind, error, trace):\n        return kind is TypeError\n"
        "with Quiet():\n    {}\n",
        # The decorator runs it at another torchtitan.
        "def old(inner):\n    return inner if hasattr(utils, 'maybe_enable_amp') else print\n"
        "@old\ndef use():\n    {}\n",
        # What comes later in the head of a `with` is protected by what comes before.
        "with suppress(TypeError), contextlib.closing({}):\n    pass\n",
        # The call that is expected to fail is passed.
        "def test():\n    pytest.raises(TypeError, lambda: {})\n",
        "class Test(unittest.TestCase):\n    def test(self):\n"
        "        self.assertRaises(TypeError, lambda: {})\n",
        # A name of Python's own that has a stand-in.
        "try:\n    Kind\nexcept NameError:\n    Kind = TypeError\n"
        "try:\n    {}\nexcept Kind:\n    pass\n",
        "from somewhere import *\ntry:\n    {}\nexcept TypeError:\n    pass\n",
    ],
)
def test_doubt_is_an_answer(text: str) -> None:
    line = FAILURES["TTN301"][0]
    assert messages("TTN301", IMPORTS + text.format(line)) == []


@pytest.mark.parametrize(
    "text",
    [
        "with contextlib.closing({}), suppress(TypeError):\n    pass\n",
        "def test():\n    with pytest.raises(TypeError):\n        def inner():\n            {}\n"
        "    inner()\n",
        "with suppress(TypeError):\n    inner = lambda: {}\n",
        "class Loud:\n    def __enter__(self):\n        return self\n"
        "    def __exit__(self, kind, error, trace):\n        return False\n"
        "with Loud():\n    {}\n",
        "def timed(inner):\n    def run(*given):\n        try:\n            print(1)\n"
        "        except TypeError:\n            pass\n        return inner(*given)\n"
        "    return run\n@timed\ndef use():\n    {}\n",
        "try:\n    {}\nexcept TypeError:\n    raise\nexcept Exception:\n    pass\n",
        "try:\n    {}\nexcept Exception:\n    raise\n",
    ],
)
def test_a_guard_that_does_not_stand_around_the_failure_is_none(text: str) -> None:
    line = FAILURES["TTN301"][0]
    assert len(messages("TTN301", IMPORTS + text.format(line))) == 1


@pytest.mark.parametrize(
    "around",
    [
        "try:\n    from torchtitan.protocols.train_spec import get_train_spec\n    {}\n"
        "except ImportError:\n    pass\n",
        "with suppress(ImportError):\n    import torchtitan.protocols.train_spec\n    {}\n",
    ],
)
def test_what_follows_an_import_that_fails_and_may_is_never_run(around: str) -> None:
    for code, (line, _) in FAILURES.items():
        assert messages(code, IMPORTS + around.format(line)) == [], code
    # Where the import is there, so is what follows.
    there = around.replace("torchtitan.protocols.train_spec", "torchtitan.config")
    there = there.replace("get_train_spec", "ParallelismConfig")
    line = FAILURES["TTN301"][0]
    assert len(messages("TTN301", IMPORTS + there.format(line))) == 1


def test_a_dotted_use_raises_attribute_error_and_an_import_does_not() -> None:
    guarded = GUARDS["suppress"]
    assert messages("TTN201", IMPORTS + guarded.format("AttributeError", DOTTED)) == []
    assert messages("TTN201", IMPORTS + guarded.format("ImportError", DOTTED))


CAREFUL = """\
def careful(way):
    try:
        return way()
    except {kind}:
        return None

def use():
    return ParallelismConfig(expert_tensor_parallel_degree=1)

"""


@pytest.mark.parametrize("run", ["careful(use)", "careful(lambda: use())"])
def test_what_a_function_is_handed_and_calls_with_care_may_fail(run: str) -> None:
    head = "from torchtitan.config import ParallelismConfig\n"
    text = head + CAREFUL + run + "\n"
    assert every_message(text.format(kind="TypeError")) == []
    assert every_message(text.format(kind="OSError")) != []


def test_lambdas_that_a_loop_tries_one_by_one_may_fail() -> None:
    text = (
        "from torchtitan.config import ParallelismConfig\n"
        "for way in (lambda: ParallelismConfig(expert_tensor_parallel_degree=1), lambda: None):\n"
        "    try:\n        way()\n    except {}:\n        pass\n"
    )
    assert every_message(text.format("TypeError")) == []
    assert every_message(text.format("OSError")) != []
