"""Answers of torchtitan's that come through several files, by bases, collections and loops, keep a branch from being judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.test_flags_of_other_files import behind, reported

if TYPE_CHECKING:
    from pathlib import Path

UTILS = "from torchtitan.distributed import utils\n"
FLAGS = UTILS + "OLD = hasattr(utils, 'maybe_enable_amp')\n"
USE = "utils.maybe_enable_amp()"
CHAINS = {
    "an answer": (
        "from .flags import OLD\ndef is_old():\n    return OLD\n",
        "from .compat import is_old\n",
        "is_old()",
    ),
    "a flag": ("from .flags import OLD\nMINE = OLD\n", "from .compat import MINE\n", "MINE"),
    "the other way": (
        "from .flags import OLD\nNEW = not OLD\n",
        "from .compat import NEW\n",
        "not NEW",
    ),
    "a table": (
        "from . import flags\nHAS = {'amp': flags.OLD}\n",
        "from .compat import HAS\n",
        "HAS['amp']",
    ),
    "a table that is asked": (
        "from . import flags\nHAS = {'amp': flags.OLD}\n",
        "from .compat import HAS\n",
        "HAS.get('amp')",
    ),
    "a class": (
        "from . import flags\nclass Has:\n    amp = flags.OLD\n",
        "from .compat import Has\n",
        "Has.amp",
    ),
    "an instance": (
        "from . import flags\nclass Has:\n    def __init__(self):\n        self.amp = flags.OLD\n"
        "has = Has()\n",
        "from .compat import has\n",
        "has.amp",
    ),
    "a property": (
        "from . import flags\nclass Has:\n    @property\n    def amp(self):\n"
        "        return flags.OLD\nhas = Has()\n",
        "from .compat import has\n",
        "has.amp",
    ),
    "a namespace": (
        "from types import SimpleNamespace\nfrom . import flags\n"
        "has = SimpleNamespace(amp=flags.OLD)\n",
        "from .compat import has\n",
        "has.amp",
    ),
    "a lambda": (
        "from . import flags\nhas = lambda: flags.OLD\n",
        "from .compat import has\n",
        "has()",
    ),
    "a word": (
        "from . import flags\nERA = 'old' if flags.OLD else 'new'\n",
        "from .compat import ERA\n",
        "ERA == 'old'",
    ),
    "a set that is filled": (
        "from .flags import OLD\nHAS = set()\nif OLD:\n    HAS.add('amp')\n",
        "from .compat import HAS\n",
        "'amp' in HAS",
    ),
    "what a path leads to": (
        "from importlib.util import find_spec\ndef has(path):\n    return find_spec(path) is not None\n",
        "from .compat import has\n",
        "has('torchtitan.config.job_config')",
    ),
}


@pytest.mark.parametrize(("compat", "imports", "test"), CHAINS.values(), ids=CHAINS)
def test_a_branch_behind_what_a_file_has_from_a_further_one_is_not_judged(
    compat: str, imports: str, test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = behind(test, imports)
    assert reported(tmp_path, capsys, flags=FLAGS, compat=compat, engine=engine) == []


@pytest.mark.parametrize(("compat", "imports", "test"), CHAINS.values(), ids=CHAINS)
def test_a_branch_behind_what_asks_torchtitan_nowhere_is_judged(
    compat: str, imports: str, test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = "import os\nOLD = os.environ.get('OLD') == '1'\n"
    engine = behind(test, imports).replace("torchtitan.config.job_config", "numpy")
    assert reported(tmp_path, capsys, flags=flags, compat=compat, engine=engine) == ["engine.py"]


BASES = {
    "of the class": ("    old = OLD\n", "self.old"),
    "of the instance": ("    def __init__(self):\n        self.old = OLD\n", "self.old"),
    "of a method": ("    def is_old(self):\n        return OLD\n", "self.is_old()"),
    "of a property": ("    @property\n    def old(self):\n        return OLD\n", "self.old"),
    "of a static method": (
        "    @staticmethod\n    def is_old():\n        return OLD\n",
        "not (not self.is_old())",
    ),
}


@pytest.mark.parametrize(("body", "test"), BASES.values(), ids=BASES)
def test_a_branch_behind_an_answer_of_a_base_in_another_file_is_not_judged(
    body: str, test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = (
        f"from .base import Base\n{UTILS}class Engine(Base):\n    def go(self):\n"
        f"        if {test}:\n            return {USE}\n"
    )
    base = f"{FLAGS}class Base:\n{body}"
    assert reported(tmp_path, capsys, base=base, engine=engine) == []
    other = base.replace("hasattr(utils, 'maybe_enable_amp')", "bool(utils.__name__)")
    assert reported(tmp_path, capsys, base=other, engine=engine) == ["engine.py"]


LOOPS = {
    "chosen": ("WAYS = ['old'] if OLD else []\n", "WAYS"),
    "filled": ("WAYS = []\nif OLD:\n    WAYS.append('old')\n", "WAYS"),
    "yielded": ("def ways():\n    if OLD:\n        yield 'old'\n", "ways()"),
    "by another": ("def ways():\n    if not OLD:\n        return\n    yield 'old'\n", "ways()"),
    "in a module": ("WAYS = ('old',) if OLD else ()\n", "compat.WAYS"),
}


@pytest.mark.parametrize(("made", "over"), LOOPS.values(), ids=LOOPS)
def test_a_loop_that_has_turns_as_torchtitan_answers_is_not_judged(
    made: str, over: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = over.partition("(")[0].partition(".")[0]
    source = "." if name == "compat" else ".compat"
    imports = f"from {source} import {name}\n"
    loop = f"{UTILS}def go():\n    for way in {over}:\n        {USE}\n"
    assert reported(tmp_path, capsys, compat=FLAGS + made, engine=imports + loop) == []
    if name != "compat":
        assert reported(tmp_path, capsys, engine=FLAGS + made + loop) == []


@pytest.mark.parametrize(
    "made",
    [
        "WAYS = ['old', 'new']\n",
        "WAYS = ['old'] if OLD else ['new']\n",
        "WAYS = ['old'] if hasattr(utils, 'dist_mean') else []\n",
    ],
)
def test_a_loop_that_has_turns_in_any_case_is_judged(
    made: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = f"from .compat import WAYS\n{UTILS}def go():\n    for way in WAYS:\n        {USE}\n"
    assert reported(tmp_path, capsys, compat=FLAGS + made, engine=engine) == ["engine.py"]


def test_a_case_that_a_word_of_another_file_chooses_is_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = (
        f"from . import compat\n{UTILS}def go():\n    match compat.ERA:\n        case 'old':\n"
        f"            return {USE}\n        case _:\n            return None\n"
    )
    for era, where in (("'old' if OLD else 'new'", []), ("str(len(OLD))", ["engine.py"])):
        text = FLAGS if not where else "OLD = 'old'\n"
        files = {"compat": f"{text}ERA = {era}\n", "engine": engine}
        assert reported(tmp_path, capsys, **files) == where


@pytest.mark.parametrize(
    "go",
    [
        "return self.old_way() if OLD else None",
        "if OLD:\n            return self.old_way()",
        "if not OLD:\n            return None\n        return self.old_way()",
        "return OLD and self.old_way()",
        "if NEW:\n            return None\n        return self.old_way()",
    ],
)
def test_a_method_that_a_base_only_calls_as_torchtitan_answers_is_not_judged(
    go: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = f"{FLAGS}NEW = not OLD\n"
    base = f"{flags}class Base:\n    def go(self):\n        {go}\n"
    engine = (
        f"from .base import Base\n{UTILS}class Engine(Base):\n    def old_way(self):\n"
        f"        return {USE}\n"
    )
    assert reported(tmp_path, capsys, base=base, engine=engine) == []
    # The target gets there, it is called in another way, or not by the base.
    there = base.replace("maybe_enable_amp", "dist_mean")
    assert reported(tmp_path, capsys, base=there, engine=engine) == ["engine.py"]
    more = f"{base}    def more(self):\n        return self.old_way()\n"
    assert reported(tmp_path, capsys, base=more, engine=engine) == ["engine.py"]
    here = f"{engine}    def run(self):\n        return self.old_way()\n"
    assert reported(tmp_path, capsys, base=base, engine=here) == ["engine.py"]
    other = base.replace("old_way", "other_way")
    assert reported(tmp_path, capsys, base=other, engine=engine) == ["engine.py"]
