"""What only guarded code runs: functions, methods, properties and closures are as safe as all their readers."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.cases import every_message

HEAD = """\
import contextlib
import functools
import sys
import torchtitan.distributed.utils as titan
from contextlib import suppress
"""

KEPT = {
    "a function": ("def give():\n    return titan.no_such\n", "give()"),
    "a coroutine": ("async def give():\n    return titan.no_such\n", "run(give())"),
    "a lambda": ("give = lambda: titan.no_such\n", "give()"),
    "a function under another name": (
        "def give():\n    return titan.no_such\nother = give\n",
        "other()",
    ),
    "a cached function": (
        "@functools.cache\ndef give():\n    return titan.no_such\n",
        "give()",
    ),
    "a closure": (
        "def outer():\n    def inner():\n        return titan.no_such\n    return inner\n",
        "outer()()",
    ),
    "a closure of a closure": (
        "def outer():\n    def middle():\n        def inner():\n            return titan.no_such\n"
        "        return inner\n    return middle\n",
        "outer()()()",
    ),
    "a lambda in a function": ("def outer():\n    return lambda: titan.no_such\n", "outer()()"),
    "a property": (
        "class Holder:\n    @property\n    def thing(self):\n        return titan.no_such\n",
        "Holder().thing",
    ),
    "a cached property": (
        "class Holder:\n    @functools.cached_property\n    def thing(self):\n"
        "        return titan.no_such\n",
        "Holder().thing",
    ),
    "a method": (
        "class Holder:\n    def thing(self):\n        return titan.no_such\n",
        "Holder().thing()",
    ),
    "a class method": (
        "class Holder:\n    @classmethod\n    def thing(cls):\n        return titan.no_such\n",
        "Holder.thing()",
    ),
    "a method of a method": (
        "class Holder:\n    def _thing(self):\n        return titan.no_such\n"
        "    def thing(self):\n        return self._thing()\n",
        "Holder().thing()",
    ),
    "what makes an instance": (
        "class Holder:\n    def __init__(self):\n        self.thing = titan.no_such\n",
        "Holder().thing",
    ),
    "what a dataclass does after": (
        "class Holder:\n    def __post_init__(self):\n        self.thing = titan.no_such\n",
        "Holder().thing",
    ),
    "a function of a property": (
        "def give():\n    return titan.no_such\n"
        "class Holder:\n    @property\n    def thing(self):\n        return give()\n",
        "Holder().thing",
    ),
}

GUARDS = {
    "try": "try:\n    {}\nexcept AttributeError:\n    pass\n",
    "suppress": "with suppress(AttributeError):\n    {}\n",
    "a probe": "if hasattr(titan, 'no_such'):\n    {}\n",
    "a version": "if titan_version < Version('0.3'):\n    {}\n",
    "an exit": "raise SystemExit(0)\n{}\n",
    "a function that leaves": "def use():\n    return\n    {}\nuse()\n",
    "never": "if False:\n    {}\n",
    "a guarded function": (
        "def use():\n    {}\ntry:\n    use()\nexcept (AttributeError, KeyError):\n    pass\n"
    ),
}
VERSION = (
    "from importlib.metadata import version\nfrom packaging.version import Version\n"
    "titan_version = Version(version('torchtitan'))\n"
)
NO_GUARDS = {
    "nothing": "{}\n",
    "another exception": "try:\n    {}\nexcept ZeroDivisionError:\n    pass\n",
    "raised again": "try:\n    {}\nexcept AttributeError:\n    raise\n",
    "another reader": "try:\n    {0}\nexcept AttributeError:\n    pass\nprint({0})\n",
    "another question": "if sys.argv:\n    {}\n",
}


def _program(kept: str, around: str) -> str:
    text, read = KEPT[kept]
    return HEAD + VERSION + text + around.format(read)


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("kept", KEPT)
def test_what_only_guarded_code_reads_is_no_mistake(kept: str, guard: str) -> None:
    said = every_message(_program(kept, GUARDS[guard]))
    assert [message for message in said if "no_such" in message] == []


@pytest.mark.parametrize("guard", NO_GUARDS)
@pytest.mark.parametrize("kept", KEPT)
def test_what_code_without_care_reads_is_one(kept: str, guard: str) -> None:
    assert every_message(_program(kept, NO_GUARDS[guard])) != []


@pytest.mark.parametrize("kept", KEPT)
def test_what_nothing_of_the_file_reads_may_be_read_by_others(kept: str) -> None:
    assert every_message(HEAD + KEPT[kept][0]) != []


@pytest.mark.parametrize(
    "text",
    [
        # The class that it derives from may call it.
        """
        class Holder(titan.Signal, Base):
            def thing(self):
                return titan.no_such
        """,
        # So may what it is handed to.
        """
        @register
        class Holder:
            @handler
            def thing(self):
                return titan.no_such
        """,
        """
        class Holder:
            def __call__(self):
                return titan.no_such
            thing = __call__
        """,
    ],
)
def test_what_others_may_read_is_not_as_safe_as_its_readers(text: str) -> None:
    read = GUARDS["try"].format("Holder().thing()")
    before = "from mine import Base, handler, register\n"
    assert every_message(HEAD + before + textwrap.dedent(text) + read) != []


def test_who_reads_another_things_attribute_is_no_reader() -> None:
    text = KEPT["a property"][0] + GUARDS["try"].format("Holder().thing")
    other = "class Other:\n    thing = 1\nprint(Other().thing)\n"
    assert every_message(HEAD + text + other) == []


def test_a_function_that_reads_itself_has_no_other_reader() -> None:
    text = "def give(n):\n    return give(n - 1) if n else titan.no_such\n"
    assert every_message(HEAD + text + GUARDS["try"].format("give(3)")) == []
    assert every_message(HEAD + text) != []


@pytest.mark.parametrize("text", ["def give():\n        return {}", "give = lambda: {}"])
def test_what_nothing_reads_of_a_function_of_ones_own_is_never_run(text: str) -> None:
    inside = text.format("titan.no_such")
    assert every_message(HEAD + f"def use():\n    {inside}\n    return 1\n") == []
    assert every_message(HEAD + f"def use():\n    {inside}\n    return give\n") != []
    assert every_message(HEAD + f"def use():\n    global give\n    {inside}\n") != []
    assert every_message(HEAD + f"def use():\n    {inside}\n    return locals()\n") != []
    assert every_message(HEAD + f"class Use:\n    {inside}\n") != []


def test_what_is_handed_to_a_decorator_is_run_by_it() -> None:
    text = "from mine import handler\ndef use():\n    @handler\n    def give():\n"
    assert every_message(HEAD + text + "        return titan.no_such\n") != []
