"""Helpers of other files that end the run, skip the test or refuse an old torchtitan keep what follows from being judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.test_flags_of_other_files import reported

if TYPE_CHECKING:
    from pathlib import Path

UTILS = "from torchtitan.distributed import utils\n"
HEAD = f"import sys, pytest, unittest\nfrom importlib.util import find_spec\n{UTILS}"
IS_NEW = "not find_spec('torchtitan.config.job_config')"
LACKS = "not hasattr(utils, 'maybe_enable_amp')"
CALL = "    return utils.maybe_enable_amp()\n"


def helper(test: str, end: str = "sys.exit(0)", parameters: str = "") -> str:
    return f"{HEAD}def need({parameters}):\n    if {test}:\n        {end}\n"


def user(imports: str, call: str, *, at_top: bool = False) -> str:
    first, inside = (f"{call}\n", "") if at_top else ("", f"    {call}\n")
    return f"{imports}\n{UTILS}{first}def go():\n{inside}{CALL}"


ENDS = [
    "sys.exit(0)",
    "pytest.skip('new', allow_module_level=True)",
    "raise unittest.SkipTest('new')",
    "raise SystemExit",
    "raise RuntimeError('too new')",
]
WAYS = [
    ("from .compat import need", "need()"),
    ("from pkg.compat import need as n", "n()"),
    ("from . import compat", "compat.need()"),
    ("import pkg.compat", "x = pkg.compat.need()"),
]


@pytest.mark.parametrize("at_top", [True, False])
@pytest.mark.parametrize(("imports", "call"), WAYS)
@pytest.mark.parametrize("end", ENDS)
def test_what_follows_a_helper_that_ends_all_is_not_judged(
    end: str,
    imports: str,
    call: str,
    at_top: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = {"compat": helper(IS_NEW, end), "engine": user(imports, call, at_top=at_top)}
    assert reported(tmp_path, capsys, **files) == []


HELPERS = {
    "a name": (helper("not hasattr(utils, name)", parameters="name"), "need('maybe_enable_amp')"),
    "a keyword": (
        helper("not hasattr(utils, name)", parameters="*, name"),
        "need(name='maybe_enable_amp')",
    ),
    "a default": (
        helper("not hasattr(utils, name)", parameters="name='maybe_enable_amp'"),
        "need()",
    ),
    "a module": (
        helper("not find_spec(name)", parameters="name"),
        "need('torchtitan.config.job_config')",
    ),
    "something and a name": (
        helper("not hasattr(what, name)", parameters="what, name"),
        "need(utils, 'maybe_enable_amp')",
    ),
    "an answer": (helper("not known", parameters="known"), f"need({LACKS[4:]})"),
    "an assertion": (f"{HEAD}def need():\n    assert {LACKS[4:]}\n", "need()"),
    "an import": (
        f"{HEAD}def need(name):\n    pytest.importorskip(name)\n",
        "need('torchtitan.config.job_config')",
    ),
    "an early return": (
        f"{HEAD}def need():\n    if {LACKS[4:]}:\n        return\n    sys.exit(0)\n",
        "need()",
    ),
    "a flag": (f"{HEAD}NEW = {LACKS}\n" + helper("NEW").removeprefix(HEAD), "need()"),
    "another helper": (helper(LACKS, "die()") + "def die():\n    sys.exit(0)\n", "need()"),
    "a loop": (
        f"{HEAD}def need(*names):\n    for name in names:\n"
        "        if not hasattr(utils, name):\n            sys.exit(0)\n",
        "need('dist_mean', 'maybe_enable_amp')",
    ),
    "a list": (
        f"{HEAD}def need(*names):\n    missing = [n for n in names if not hasattr(utils, n)]\n"
        "    if missing:\n        raise RuntimeError(missing)\n",
        "need('maybe_enable_amp')",
    ),
    "a try": (
        f"{HEAD}def need():\n    try:\n        import torchtitan.config.job_config\n"
        "    except ImportError:\n        sys.exit(0)\n",
        "need()",
    ),
    "a cache": (helper(LACKS).replace("def", "import functools\n@functools.cache\ndef"), "need()"),
    "another decorator": (
        helper(LACKS).replace("def", "from x import traced\n@traced\ndef"),
        "need()",
    ),
    "no return": (f"{HEAD}from typing import NoReturn\ndef need() -> NoReturn: ...\n", "need()"),
    "a constructor": (
        f"{HEAD}class need:\n    def __init__(self):\n        if {LACKS}:\n            sys.exit()\n",
        "need()",
    ),
    "a method": (
        f"{HEAD}class need:\n    @staticmethod\n    def old():\n"
        f"        if {LACKS}:\n            sys.exit()\n",
        "need.old()",
    ),
}


@pytest.mark.parametrize(("compat", "call"), HELPERS.values(), ids=HELPERS)
@pytest.mark.parametrize("imports", ["from .compat import need", "from pkg.compat import *"])
def test_a_helper_may_ask_in_many_ways(
    compat: str, call: str, imports: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reported(tmp_path, capsys, compat=compat, engine=user(imports, call)) == []


@pytest.mark.parametrize(
    ("compat", "call"), [one for name, one in HELPERS.items() if name != "another decorator"]
)
def test_a_helper_of_the_same_file_may_ask_so_too(
    compat: str, call: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reported(tmp_path, capsys, engine=user(compat, call)) == []


def test_a_helper_of_a_file_whose_imports_fail_may_end_all_once_they_are_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = helper(IS_NEW) + "from torchtitan.config.job_config import JobConfig\n"
    engine = user("from .compat import need", "need()")
    assert reported(tmp_path, capsys, compat=broken, engine=engine) == []


@pytest.mark.parametrize(
    ("compat", "call"),
    [
        # The target goes on.
        (helper("not find_spec('torchtitan.trainer')"), "need()"),
        (helper("not hasattr(utils, name)", parameters="name"), "need('dist_mean')"),
        (helper("not hasattr(utils, 'dist_mean')", "raise RuntimeError"), "need()"),
        (f"{HEAD}def need():\n    pytest.importorskip('torchtitan.trainer')\n", "need()"),
        # Something else is asked.
        (helper("sys.platform == 'win32'"), "need()"),
        (helper("not find_spec(name)", parameters="name"), "need('numpy')"),
        (helper("not isinstance(it, dict)", "raise TypeError", parameters="it"), "need(utils)"),
        # It goes on in any case.
        (helper(LACKS, "print(1)"), "need()"),
        (helper(LACKS, "return None"), "need()"),
        # Nothing runs the body there.
        (helper(LACKS) + "    yield\n", "need()"),
        (helper(LACKS).replace("def", "async def"), "need()"),
        (helper(LACKS), "need"),
        (helper(LACKS), "lambda: need()"),
        # It is mended, not kept away.
        (
            f"{HEAD}def need():\n    try:\n        import torchtitan.config.job_config\n"
            "    except ImportError as error:\n        raise RuntimeError from error\n",
            "need()",
        ),
        # What it gives is wanted, and who asks for something does not end all for that.
        (
            f"{HEAD}def need(cfg):\n    if cfg.name not in vars(utils):\n"
            "        raise ValueError(cfg)\n    return 1\n",
            "x = need(config)",
        ),
    ],
)
def test_what_follows_another_helper_is_judged(
    compat: str, call: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = user("from .compat import need", call)
    assert reported(tmp_path, capsys, compat=compat, engine=engine) == ["engine.py"]


def test_what_stands_before_a_helper_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = (
        f"from .compat import need\n{UTILS}def go():\n    utils.maybe_enable_amp()\n    need()\n"
    )
    assert reported(tmp_path, capsys, compat=helper(IS_NEW), engine=engine) == ["engine.py"]


@pytest.mark.parametrize(
    "imports",
    ["from . import old", "import pkg.old", "from .old import x", "from pkg.old import *"],
)
@pytest.mark.parametrize("end", ENDS)
def test_what_follows_the_import_of_a_file_that_ends_all_is_not_judged(
    end: str, imports: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = f"{HEAD}if {IS_NEW}:\n    {end}\nx = 1\n"
    at_top = user(imports, "pass")
    assert reported(tmp_path, capsys, old=old, engine=at_top) == []
    if "*" not in imports:
        assert reported(tmp_path, capsys, old=old, engine=user("", imports)) == []


def test_what_follows_the_import_of_a_file_that_goes_on_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = f"{HEAD}if not find_spec('torchtitan.trainer'):\n    sys.exit(0)\nx = 1\n"
    engine = user("from .old import x", "pass")
    assert reported(tmp_path, capsys, old=old, engine=engine) == ["engine.py"]
    # An import in a circle.
    old = f"from . import engine\n{old}"
    assert reported(tmp_path, capsys, old=old, engine=engine) == ["engine.py"]


MARKS = {
    "skipif": f"needs_old = pytest.mark.skipif({LACKS}, reason='new')\n",
    "skipUnless": f"needs_old = unittest.skipUnless({LACKS[4:]}, 'new')\n",
    "a mark put on": f"def needs_old(f):\n    return pytest.mark.skipif({LACKS}, reason='x')(f)\n",
    "a mark or nothing": (
        f"def needs_old(f):\n    if {LACKS}:\n        return pytest.mark.skip('x')(f)\n    return f\n"
    ),
    "a wrapper": (
        "def needs_old(f):\n    def inner(*a, **k):\n"
        f"        if {LACKS}:\n            pytest.skip('x')\n        return f(*a, **k)\n"
        "    return inner\n"
    ),
    "a wrapper that calls a helper": (
        helper(LACKS, "pytest.skip('x')").removeprefix(HEAD)
        + "def needs_old(f):\n    def inner(*a, **k):\n        need()\n        return f(*a, **k)\n"
        "    return inner\n"
    ),
}


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
@pytest.mark.parametrize(
    ("imports", "name"),
    [
        ("from .compat import needs_old\n", "needs_old"),
        ("from . import compat\n", "compat.needs_old"),
    ],
)
def test_a_test_behind_a_mark_of_another_file_is_not_judged(
    mark: str, imports: str, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = f"{imports}{UTILS}@{name}\ndef test_it():\n{CALL}"
    assert reported(tmp_path, capsys, compat=HEAD + mark, test_a=test) == []


@pytest.mark.parametrize("mark", ["skipif", "skipUnless", "a mark put on", "a wrapper"])
def test_a_test_behind_a_mark_of_another_file_that_lets_it_run_is_judged(
    mark: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = f"from .compat import needs_old\n{UTILS}@needs_old\ndef test_it():\n{CALL}"
    there = MARKS[mark].replace("maybe_enable_amp", "dist_mean")
    assert reported(tmp_path, capsys, compat=HEAD + there, test_a=test) == ["test_a.py"]
