"""What methods of a class do of which the target makes no instance: a choice leaves it out, or it refuses to be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import found_in
from tests.rules.cases import messages

if TYPE_CHECKING:
    from pathlib import Path

TWO = """\
import torchtitan.distributed.utils as du

HAS = hasattr(du, "maybe_enable_amp")


class Old:
    def run(self):
        return du.maybe_enable_amp(None, 1, 2)


class New:
    def run(self):
        return 1


"""
CHOSEN = {
    "one of two": "B = Old if HAS else New\nprint(B().run())\n",
    "one of two instances": "b = Old() if HAS else New()\nprint(b.run())\n",
    "a condition": "if HAS:\n    B = Old\nelse:\n    B = New\nprint(B().run())\n",
    "a function": "def backend():\n    if HAS:\n        return Old()\n    return New()\n\n\nprint(backend().run())\n",
    "a table": "B = {True: Old, False: New}[HAS]\nprint(B().run())\n",
    "a base": "class B(Old if HAS else New):\n    pass\n\n\nprint(B().run())\n",
    "a list": "BS = [New]\nif HAS:\n    BS.insert(0, Old)\nprint(BS[0]().run())\n",
    "an operator": "B = HAS and Old or New\nprint(B().run())\n",
}
USED = {
    "both": "print(Old().run(), New().run())\n",
    "the other way round": "B = New if HAS else Old\nprint(B().run())\n",
    "once more": "B = Old if HAS else New\nprint(B().run(), Old().run())\n",
    "by another test": "import sys\n\nB = Old if sys.argv[1:] else New\nprint(B().run())\n",
    "nowhere here": "",
}
REFUSING = """\
import torchtitan.distributed.utils as du

HAS = hasattr(du, "maybe_enable_amp")


class Old:
    {}

    def run(self):
        return du.maybe_enable_amp(None, 1, 2)


try:
    Old().run()
except RuntimeError:
    pass
"""
REFUSALS = {
    "its constructor": "def __init__(self):\n        if not HAS:\n            raise RuntimeError('old')",
    "what makes it": "def __new__(cls):\n        if not HAS:\n            raise RuntimeError('old')\n        return object.__new__(cls)",
    "for a question in it": "def __init__(self):\n        if not hasattr(du, 'maybe_enable_amp'):\n            raise RuntimeError('old')",
}
ALLOWED = {
    "a constructor that does not": "def __init__(self):\n        if HAS:\n            raise RuntimeError('new')",
    "another method that does": "def other(self):\n        if not HAS:\n            raise RuntimeError('old')",
}


@pytest.mark.parametrize("way", CHOSEN.values(), ids=CHOSEN)
def test_a_class_that_a_choice_leaves_out_is_not_judged(way: str) -> None:
    assert messages("TTN201", TWO + way) == []


@pytest.mark.parametrize("way", USED.values(), ids=USED)
def test_a_class_that_is_used_is_judged(way: str) -> None:
    assert len(messages("TTN201", TWO + way)) == 1


def test_a_class_that_another_file_asks_for_is_judged(tmp_path: Path) -> None:
    impl = TWO + CHOSEN["one of two"]
    files = {"impl.py": impl, "main.py": "from impl import Old\n\nprint(Old().run())\n"}
    assert {finding.code for finding in found_in(tmp_path, files)} == {"TTN201"}


@pytest.mark.parametrize("way", REFUSALS.values(), ids=REFUSALS)
def test_a_class_that_refuses_to_be_made_is_not_judged(way: str) -> None:
    assert messages("TTN201", REFUSING.format(way)) == []


@pytest.mark.parametrize("way", ALLOWED.values(), ids=ALLOWED)
def test_a_class_that_can_be_made_is_judged(way: str) -> None:
    assert len(messages("TTN201", REFUSING.format(way))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(has):\n    return du.maybe_enable_amp() if has else 1\n\n\nf({})\n",
        "flags = SimpleNamespace(has={})\nif flags.has:\n    du.maybe_enable_amp()\n",
        "flags = {{'has': {}}}\nif flags['has']:\n    du.maybe_enable_amp()\n",
        "def f(*, has=({})):\n    if has:\n        du.maybe_enable_amp()\n\n\nf()\n",
    ],
)
@pytest.mark.parametrize(
    "probe",
    [
        "getattr(du, 'maybe_enable_amp', None) is not None",
        "callable(getattr(du, 'maybe_enable_amp', None))",
        "hasattr(du, 'maybe_enable_amp')",
    ],
)
def test_an_answer_that_goes_on_counts_however_it_was_asked_for(code: str, probe: str) -> None:
    head = "from types import SimpleNamespace\n\nimport torchtitan.distributed.utils as du\n\n"
    assert messages("TTN201", head + code.format(probe)) == []


@pytest.mark.parametrize(
    ("over", "count"),
    [
        ("[1] if HAS else []", 0),
        ("() if not HAS else (1,)", 0),
        ("[] if HAS else [1]", 1),
        ("[1] if other else []", 1),
    ],
)
def test_a_loop_over_nothing_runs_nothing(over: str, count: int) -> None:
    text = (
        "import torchtitan.distributed.utils as du\n\nHAS = hasattr(du, 'maybe_enable_amp')\n\n\n"
        f"def f(other):\n    for _ in {over}:\n        return du.maybe_enable_amp(None, 1, 2)\n"
    )
    assert len(messages("TTN201", text)) == count
