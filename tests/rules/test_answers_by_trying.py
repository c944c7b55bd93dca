"""What code learns of torchtitan by trying something with it keeps from being judged what it does not get to then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.test_flags_of_other_files import reported

if TYPE_CHECKING:
    from pathlib import Path

HEAD = (
    "import contextlib\nfrom torchtitan.config import ParallelismConfig\n"
    "from torchtitan.distributed import utils\n"
)
REFUSED = {
    "a keyword": ("ParallelismConfig(expert_tensor_parallel_degree=2)", "TypeError"),
    "a value": ("ParallelismConfig(spmd_backend='gone')", "ValueError"),
    "a function": ("utils.maybe_enable_amp", "AttributeError"),
    "a call of it": ("utils.maybe_enable_amp(None, 'cuda')", "AttributeError"),
    "a field": ("ParallelismConfig().expert_tensor_parallel_degree", "AttributeError"),
    "an argument": ("utils.dist_mean()", "TypeError"),
}
TRIES = {
    "behind": "    try:\n        {}\n    except {}:\n        return False\n    return True\n",
    "else": "    try:\n        {}\n    except {}:\n        return False\n    else:\n        return True\n",
    "inside": "    try:\n        {}\n        return True\n    except {}:\n        return False\n",
    "suppressed": (
        "    with contextlib.suppress({1}):\n        {0}\n        return True\n    return False\n"
    ),
    "kept": (
        "    try:\n        {}\n    except {}:\n        found = False\n    else:\n"
        "        found = True\n    return found\n"
    ),
    "second clause": (
        "    try:\n        {}\n    except OSError:\n        return True\n    except ({}, ImportError):\n"
        "        return False\n    return True\n"
    ),
}


def tried(way: str, what: str) -> str:
    return "def has():\n" + TRIES[way].format(*REFUSED[what])


def behind(test: str, before: str) -> str:
    return f"{before}\n{HEAD}def go():\n    if {test}:\n        return utils.maybe_enable_amp()\n"


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("way", TRIES)
def test_a_branch_is_left_alone_that_hangs_on_what_surely_fails(
    way: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    has = HEAD + tried(way, what)
    for test in ("has()", "HAS"):
        probe = f"{has}HAS = has()\n"
        name = test.removesuffix("()")
        elsewhere = behind(test, f"from .compat import {name}")
        assert reported(tmp_path, capsys, engine=behind(test, probe)) == []
        assert reported(tmp_path, capsys, compat=probe, engine=elsewhere) == []


@pytest.mark.parametrize("what", ["a keyword", "a function", "a field", "an argument"])
@pytest.mark.parametrize("way", TRIES)
def test_a_branch_is_judged_that_the_target_gets_to_as_something_surely_fails(
    way: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probe = HEAD + tried(way, what)
    here, elsewhere = behind("not has()", probe), behind("not has()", "from .compat import has")
    assert reported(tmp_path, capsys, engine=here) == ["engine.py"]
    assert reported(tmp_path, capsys, compat=probe, engine=elsewhere) == ["engine.py"]


FLAGS = {
    "inside": "try:\n    {}\n    HAS = True\nexcept {}:\n    HAS = False\n",
    "else": "try:\n    {}\nexcept {}:\n    HAS = False\nelse:\n    HAS = True\n",
    "before": "HAS = True\ntry:\n    {}\nexcept {}:\n    HAS = False\n",
    "before, inside": "HAS = False\ntry:\n    {}\n    HAS = True\nexcept {}:\n    pass\n",
    "suppressed": "HAS = False\nwith contextlib.suppress({1}):\n    {0}\n    HAS = True\n",
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("flag", FLAGS.values(), ids=FLAGS)
def test_a_branch_behind_a_flag_that_tells_what_fails_is_left_alone(
    flag: str, what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probe = HEAD + flag.format(*REFUSED[what])
    elsewhere = behind("HAS", "from .compat import HAS")
    assert reported(tmp_path, capsys, engine=behind("HAS", probe)) == []
    assert reported(tmp_path, capsys, compat=probe, engine=elsewhere) == []


@pytest.mark.parametrize("flag", ["inside", "else"])
def test_a_branch_behind_a_flag_that_something_surely_fails_is_judged(
    flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probe = HEAD + FLAGS[flag].format(*REFUSED["a keyword"])
    elsewhere = behind("not HAS", "from .compat import HAS")
    assert reported(tmp_path, capsys, engine=behind("not HAS", probe)) == ["engine.py"]
    assert reported(tmp_path, capsys, compat=probe, engine=elsewhere) == ["engine.py"]


@pytest.mark.parametrize(
    "what",
    [
        "ParallelismConfig(tensor_parallel_degree=2)",
        "ParallelismConfig(**{name: 1})",
        "utils.dist_mean(1)",
        "getattr(utils, name)()",
        "ParallelismConfig(spmd_backend=name)",
    ],
)
@pytest.mark.parametrize("test", ["has({})", "not has({})"])
def test_both_ways_are_left_alone_where_it_is_not_known_whether_something_fails(
    what: str, test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    is_asked = "name" in what
    test = test.format("'dist_mean'" if is_asked else "")
    probe = HEAD + TRIES["behind"].format(what, "Exception")
    probe = probe.replace("    try", f"def has({'name' if is_asked else ''}):\n    try", 1)
    elsewhere = behind(test, "from .compat import has")
    assert reported(tmp_path, capsys, engine=behind(test, probe)) == []
    assert reported(tmp_path, capsys, compat=probe, engine=elsewhere) == []


@pytest.mark.parametrize(
    "function",
    [
        # Something else is tried.
        "def has():\n    try:\n        open('x')\n    except OSError:\n        return False\n    return True\n",
        # It works, and tells no more than what came of it.
        "def has():\n    try:\n        loss = utils.dist_mean(1)\n    except OSError:\n        raise\n"
        "    return loss + 1\n",
    ],
)
def test_a_branch_behind_another_answer_is_judged(
    function: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = behind("has()", "from .compat import has")
    assert reported(tmp_path, capsys, engine=behind("has()", HEAD + function)) == ["engine.py"]
    assert reported(tmp_path, capsys, compat=HEAD + function, engine=elsewhere) == ["engine.py"]


def test_what_the_project_puts_there_may_not_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    probe = HEAD + tried("behind", "a keyword")
    patch = "import torchtitan.config\nfrom .mine import Mine\ntorchtitan.config.ParallelismConfig = Mine\n"
    files = {"compat": probe, "patch": patch, "mine": "class Mine: ...\n"}
    elsewhere = behind("not has()", "from .compat import has")
    assert reported(tmp_path, capsys, **files, engine=elsewhere) == []
