"""Marks that skip a test or expect it to fail, wherever they stand: under a name, in another file, put on by a helper."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import every_message, messages
from titan_lint.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

GONE = "ParallelismConfig(expert_tensor_parallel_degree=1)"
HEAD = "import functools\nimport pytest\nimport unittest\nfrom torchtitan.config import ParallelismConfig\n\n\n"
XFAIL = "pytest.mark.xfail(raises={}, strict=True)"
EXPECTED = {
    "a name": f"old = {XFAIL}\n@old\ndef test_a():\n    {GONE}\n",
    "a name of a name": f"a = {XFAIL}\nold = a\n@old\ndef test_a():\n    {GONE}\n",
    "one of two": f"old = {XFAIL} if given() else (lambda f: f)\n@old\ndef test_a():\n    {GONE}\n",
    "a list of the module": f"old = [{XFAIL}]\npytestmark = old\ndef test_a():\n    {GONE}\n",
    "a name of the module": f"old = {XFAIL}\npytestmark = [old]\ndef test_a():\n    {GONE}\n",
    "a class": f"old = {XFAIL}\n@old\nclass TestA:\n    def test_a(self):\n        {GONE}\n",
    "a class above": (
        f"@{XFAIL}\nclass Base:\n    pass\nclass TestA(Base):\n    def test_a(self):\n        {GONE}\n"
    ),
    "a helper": f"def old(test):\n    return {XFAIL}(test)\n@old\ndef test_a():\n    {GONE}\n",
    "a helper that is called": f"def old():\n    return {XFAIL}\n@old()\ndef test_a():\n    {GONE}\n",
    "a lambda": f"old = lambda test: {XFAIL}(test)\n@old\ndef test_a():\n    {GONE}\n",
    "a partial": (
        "old = functools.partial(pytest.mark.xfail, raises={}, strict=True)\n"
        f"@old()\ndef test_a():\n    {GONE}\n"
    ),
    "a value": (
        f"@pytest.mark.parametrize('kw', [pytest.param('x', marks={XFAIL})])\n"
        f"def test_a(kw):\n    {GONE}\n"
    ),
    "one of several values": (
        f"@pytest.mark.parametrize('kw', ['y', pytest.param('x', marks=[{XFAIL}])])\n"
        f"def test_a(kw):\n    {GONE}\n"
    ),
    "a value under a name": (
        f"old = {XFAIL}\nVALUES = [pytest.param('x', marks=old)]\n"
        f"@pytest.mark.parametrize('kw', VALUES)\ndef test_a(kw):\n    {GONE}\n"
    ),
    "a value of a fixture": (
        f"@pytest.fixture(params=[pytest.param('x', marks={XFAIL})])\ndef kw(request):\n"
        f"    return request.param\ndef test_a(kw):\n    {GONE}\n"
    ),
    "applymarker": f"def test_a(request):\n    request.applymarker({XFAIL})\n    {GONE}\n",
    "add_marker": f"def test_a(request):\n    request.node.add_marker({XFAIL})\n    {GONE}\n",
    "add_marker of a name": (
        f"old = {XFAIL}\ndef test_a(request):\n    request.node.add_marker(old)\n    {GONE}\n"
    ),
    "a fixture that all run with": (
        f"@pytest.fixture(autouse=True)\ndef old(request):\n    request.applymarker({XFAIL})\n"
        f"def test_a():\n    {GONE}\n"
    ),
    "values that are worked out": (
        f"@pytest.mark.parametrize('kw', [pytest.param(v, marks={XFAIL}) for v in 'xy'])\n"
        f"def test_a(kw):\n    {GONE}\n"
    ),
    "values of two lists": (
        f"MORE = [pytest.param('x', marks={XFAIL})]\n"
        f"@pytest.mark.parametrize('kw', ['y'] + MORE)\ndef test_a(kw):\n    {GONE}\n"
    ),
    "one of a table": (
        f"MARKS = {{{{'old': {XFAIL}}}}}\n@MARKS['old']\ndef test_a():\n    {GONE}\n"
    ),
    "a call": f"test_a = {XFAIL}(lambda: {GONE})\n",
    "a call by a name": f"old = {XFAIL}\ndef run():\n    {GONE}\ntest_a = old(run)\n",
    "what it runs": f"def run():\n    {GONE}\n@{XFAIL}\ndef test_a():\n    run()\n",
    "a method that it runs": (
        f"class TestA(unittest.TestCase):\n    def make(self):\n        {GONE}\n    @{XFAIL}\n"
        "    def test_a(self):\n        self.make()\n"
    ),
    "a fixture of it": (
        f"@pytest.fixture\ndef made():\n    {GONE}\n@{XFAIL}\ndef test_a(made):\n    pass\n"
    ),
    "a lambda in it": f"@{XFAIL}\ndef test_a():\n    run(lambda: {GONE})\n",
    "a lambda of the module": f"pytestmark = {XFAIL}\nrun(lambda: {GONE})\n",
    "a function in it": f"@{XFAIL}\ndef test_a():\n    def make():\n        {GONE}\n    run(make)\n",
    "a fixture": (
        f"@pytest.fixture\ndef old(request):\n    request.node.add_marker({XFAIL})\n"
        f"def test_a(old):\n    {GONE}\n"
    ),
}


@pytest.mark.parametrize("test", EXPECTED.values(), ids=EXPECTED)
def test_a_test_that_is_expected_to_fail_may_fail(test: str) -> None:
    assert every_message(HEAD + test.format("TypeError")) == []
    assert messages("TTN301", HEAD + test.format("OSError"))


@pytest.mark.parametrize(
    "test",
    [
        f"old = pytest.mark.slow\n@old\ndef test_a():\n    {GONE}\n",
        f"old = {XFAIL.format('TypeError')}\n@old\ndef test_b():\n    pass\ndef test_a():\n    {GONE}\n",
        f"def old(test):\n    return pytest.mark.slow(test)\n@old\ndef test_a():\n    {GONE}\n",
        f"@pytest.mark.parametrize('kw', [pytest.param('x', marks=pytest.mark.slow)])\n"
        f"def test_a(kw):\n    {GONE}\n",
        f"def test_a(request):\n    request.applymarker(pytest.mark.slow)\n    {GONE}\n",
        f"@pytest.fixture\ndef old(request):\n    request.applymarker({XFAIL.format('TypeError')})\n"
        f"def test_a():\n    {GONE}\n",
        f"@pytest.fixture\ndef made():\n    {GONE}\n@{XFAIL.format('TypeError')}\ndef test_a(made):\n"
        "    pass\ndef test_b(made):\n    pass\n",
        f"class TestA(unittest.TestCase):\n    def setUp(self):\n        {GONE}\n"
        f"    @{XFAIL.format('TypeError')}\n    def test_a(self):\n        self.setUp()\n",
        f"test_a = pytest.mark.slow(lambda: {GONE})\n",
        f"class Base:\n    pass\nclass TestA(Base):\n    def test_a(self):\n        {GONE}\n",
    ],
)
def test_a_test_with_other_marks_may_not_fail(test: str) -> None:
    assert messages("TTN301", HEAD + test)


TEST = f"from torchtitan.config import ParallelismConfig\n\n\ndef test_gone():\n    {GONE}\n"
MARK = "import pytest\ngone = pytest.mark.xfail(raises=TypeError, strict=True)\n"
ADDED = "item.add_marker(pytest.mark.xfail(raises=TypeError, strict=True))\n"
HOOK = (
    "import pytest\ndef pytest_collection_modifyitems(items):\n    for item in items:\n"
    f"        if item.name.endswith('_gone'):\n            {ADDED}"
)


def reported(folder: Path, capsys: pytest.CaptureFixture[str], **files: str) -> list[str]:
    """The files in which anything is reported, each with the rule; ``sub__a`` stands for ``sub/a.py``."""
    (folder / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = ["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0"]
    run([*command, "--output-format", "json", str(folder)])
    return [
        f"{finding['path'].removeprefix(f'{folder}/')} {finding['code']}"
        for finding in json.loads(capsys.readouterr().out)["findings"]
    ]


def decorated(by: str, imports: str) -> str:
    return f"{imports}{TEST.replace('def test', f'{by}{chr(10)}def test')}"


ELSEWHERE: dict[str, tuple[dict[str, str], str]] = {
    "a mark": ({"helpers": MARK}, decorated("@gone", "from helpers import gone\n")),
    "of a module": ({"helpers": MARK}, decorated("@helpers.gone", "import helpers\n")),
    "by all names": ({"helpers": MARK}, decorated("@gone", "from helpers import *\n")),
    "handed on": (
        {"marks": MARK, "helpers": "from marks import gone\n"},
        decorated("@gone", "from helpers import gone\n"),
    ),
    "of the module": (
        {"helpers": MARK},
        f"from helpers import gone\npytestmark = gone\n{TEST}",
    ),
    "a helper": (
        {
            "helpers": "import pytest\ndef gone(test):\n"
            "    return pytest.mark.xfail(raises=TypeError, strict=True)(test)\n"
        },
        decorated("@gone", "from helpers import gone\n"),
    ),
    "a helper that is called": (
        {
            "helpers": "import pytest\ndef gone(kind):\n"
            "    return pytest.mark.xfail(raises=kind, strict=True)\n"
        },
        decorated("@gone(TypeError)", "from helpers import gone\n"),
    ),
    "unittest's": (
        {
            "helpers": "import unittest\ndef gone(test):\n    return unittest.expectedFailure(test)\n"
        },
        decorated("@gone", "from helpers import gone\n"),
    ),
    "a hook": ({"conftest": HOOK}, TEST),
    "a hook that names torchtitan": ({"conftest": HOOK + "import torchtitan\n"}, TEST),
    "a hook of one item": (
        {"conftest": f"import pytest\ndef pytest_runtest_setup(item):\n    {ADDED}"},
        TEST,
    ),
    "a hook by a function": (
        {
            "conftest": f"import pytest\ndef mark(item):\n    {ADDED}"
            "def pytest_itemcollected(item):\n    mark(item)\n"
        },
        TEST,
    ),
    "a hook by a name": (
        {
            "conftest": f"{MARK}def pytest_itemcollected(item):\n    item.add_marker(gone)\n",
        },
        TEST,
    ),
    "a fixture that all run with": (
        {
            "conftest": "import pytest\n@pytest.fixture(autouse=True)\ndef mark(request):\n"
            "    request.applymarker(pytest.mark.xfail(raises=TypeError, strict=True))\n"
        },
        TEST,
    ),
    "a fixture": (
        {
            "conftest": "import pytest\n@pytest.fixture\ndef mark(request):\n"
            "    request.applymarker(pytest.mark.xfail(raises=TypeError, strict=True))\n"
        },
        TEST.replace("test_gone()", "test_gone(mark)"),
    ),
    "a plugin": ({"plugin": HOOK, "conftest": "pytest_plugins = ['plugin']\n"}, TEST),
}


@pytest.mark.parametrize(("files", "test"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_test_that_another_file_expects_to_fail_may_fail(
    files: dict[str, str], test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reported(tmp_path, capsys, **files, test_a=test) == []


@pytest.mark.parametrize(
    ("files", "test"),
    [
        ({"sub__conftest": HOOK}, TEST),
        ({"conftest": HOOK.replace("xfail", "slow")}, TEST),
        ({"conftest": HOOK.replace("pytest_collection_modifyitems", "mark")}, TEST),
        ({"conftest": MARK}, TEST),
        ({"test_b": MARK + "@gone\ndef test_b():\n    assert False\n"}, TEST),
        (
            {"helpers": MARK.replace("xfail", "slow")},
            decorated("@gone", "from helpers import gone\n"),
        ),
        (
            {"helpers": MARK.replace("TypeError", "OSError")},
            decorated("@gone", "from helpers import gone\n"),
        ),
        ({"helpers": MARK}, "from helpers import gone\n" + TEST),
    ],
)
def test_a_test_that_no_other_file_expects_to_fail_is_judged(
    files: dict[str, str], test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reported(tmp_path, capsys, **files, test_a=test) == ["test_a.py TTN301"]


TRAINER = "from torchtitan.trainer import Trainer\n"
READ = "    assert Trainer.__new__(Trainer).job_config\n"
ASKED = "not hasattr(Trainer, 'job_config')"
SKIPPING = f"import pytest\n{TRAINER}needs_old = pytest.mark.skipif({ASKED}, reason='old')\n"
OLD_ONLY = (
    f"import unittest\n{TRAINER}class OldOnly(unittest.TestCase):\n    def setUp(self):\n"
    f"        if {ASKED}:\n            self.skipTest('new')\n"
)
IN_CLASS = f"{TRAINER}class TestT(OldOnly):\n    def test_a(self):\n    {READ}"
WITH_MARK = f"from marks import needs_old\n{TRAINER}@needs_old\ndef test_a():\n{READ}"
SKIPPED: dict[str, tuple[dict[str, str], str]] = {
    "a mark": ({"marks": SKIPPING}, WITH_MARK),
    "a mark of a module": (
        {"marks": SKIPPING},
        WITH_MARK.replace("from marks import needs_old", "import marks").replace("@", "@marks."),
    ),
    "all names": ({"marks": SKIPPING}, WITH_MARK.replace("import needs_old", "import *")),
    "unittest's": (
        {
            "marks": f"import unittest\n{TRAINER}"
            "needs_old = unittest.skipUnless(hasattr(Trainer, 'job_config'), 'old')\n"
        },
        WITH_MARK,
    ),
    "a flag": (
        {
            "marks": f"import pytest\n{TRAINER}NEW = {ASKED}\n"
            "needs_old = pytest.mark.skipif(NEW, reason='old')\n"
        },
        WITH_MARK,
    ),
    "a helper": (
        {
            "marks": f"import pytest\n{TRAINER}def needs_old(test):\n"
            f"    return pytest.mark.skipif({ASKED}, reason='old')(test)\n"
        },
        WITH_MARK,
    ),
    "a helper that is told": (
        {
            "marks": f"import pytest\n{TRAINER}def needs(name):\n"
            "    return pytest.mark.skipif(not hasattr(Trainer, name), reason='old')\n"
        },
        WITH_MARK.replace("import needs_old", "import needs").replace(
            "@needs_old", "@needs('job_config')"
        ),
    ),
    "the module": (
        {"marks": SKIPPING},
        f"from marks import needs_old\n{TRAINER}pytestmark = [needs_old]\ndef test_a():\n{READ}",
    ),
    "a class": (
        {"marks": SKIPPING},
        f"from marks import needs_old\n{TRAINER}@needs_old\nclass TestT:\n    def test_a(self):\n    {READ}",
    ),
    "setUp": ({"base": OLD_ONLY}, "from base import OldOnly\n" + IN_CLASS),
    "setUp by its module": (
        {"base": OLD_ONLY},
        "import base\n" + IN_CLASS.replace("OldOnly", "base.OldOnly"),
    ),
    "setUp of a class above that": (
        {"base": f"{OLD_ONLY}class Other(OldOnly):\n    pass\n"},
        "from base import Other\n" + IN_CLASS.replace("OldOnly", "Other"),
    ),
    "setUp that goes on": (
        {"base": OLD_ONLY},
        "from base import OldOnly\n"
        + IN_CLASS.replace(
            "    def test_a", "    def setUp(self):\n        super().setUp()\n    def test_a"
        ),
    ),
    "setUpClass": (
        {
            "base": OLD_ONLY.replace(
                "    def setUp(self)", "    @classmethod\n    def setUpClass(self)"
            ).replace("self.skipTest('new')", "raise unittest.SkipTest('new')")
        },
        "from base import OldOnly\n" + IN_CLASS,
    ),
    "setup_method": (
        {
            "base": f"import pytest\n{TRAINER}class OldOnly:\n    def setup_method(self):\n"
            f"        if {ASKED}:\n            pytest.skip('new')\n"
        },
        "from base import OldOnly\n" + IN_CLASS,
    ),
    "a decorated class above": (
        {
            "base": f"import unittest\n{TRAINER}@unittest.skipIf({ASKED}, 'new')\n"
            "class OldOnly(unittest.TestCase):\n    pass\n"
        },
        "from base import OldOnly\n" + IN_CLASS,
    ),
    "a marked class above": (
        {"base": f"{SKIPPING}class OldOnly:\n    pytestmark = needs_old\n"},
        "from base import OldOnly\n" + IN_CLASS,
    ),
    "a fixture of a class above": (
        {
            "base": f"import pytest\n{TRAINER}class OldOnly:\n    @pytest.fixture(autouse=True)\n"
            f"    def need(self):\n        if {ASKED}:\n            pytest.skip('new')\n"
        },
        "from base import OldOnly\n" + IN_CLASS,
    ),
    "in one file": ({}, OLD_ONLY + IN_CLASS),
}


@pytest.mark.parametrize(("files", "test"), SKIPPED.values(), ids=SKIPPED)
def test_a_test_that_another_file_skips_is_not_judged(
    files: dict[str, str], test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reported(tmp_path, capsys, **files, test_a=test) == []


@pytest.mark.parametrize(
    ("files", "test"),
    [
        ({"marks": SKIPPING.replace(ASKED, "not hasattr(Trainer, 'close')")}, WITH_MARK),
        ({"marks": SKIPPING.replace(ASKED, "given()")}, WITH_MARK),
        ({"marks": SKIPPING}, WITH_MARK.replace("@needs_old\n", "")),
        (
            {
                "marks": "import pytest\ndef needs(count):\n"
                "    return pytest.mark.skipif(gpus() < count, reason='old')\n"
            },
            WITH_MARK.replace("import needs_old", "import needs").replace(
                "@needs_old", "@needs(2)"
            ),
        ),
        (
            {"base": OLD_ONLY.replace(ASKED, "not hasattr(Trainer, 'close')")},
            "from base import OldOnly\n" + IN_CLASS,
        ),
        (
            {"base": OLD_ONLY},
            "from base import OldOnly\n"
            + IN_CLASS.replace(
                "    def test_a", "    def setUp(self):\n        pass\n    def test_a"
            ),
        ),
        ({"base": OLD_ONLY}, "from base import OldOnly\n" + IN_CLASS.replace("(OldOnly)", "")),
        ({"base": OLD_ONLY.replace("setUp", "tearDown")}, "from base import OldOnly\n" + IN_CLASS),
    ],
)
def test_a_test_that_no_other_file_skips_is_judged(
    files: dict[str, str], test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reported(tmp_path, capsys, **files, test_a=test) == ["test_a.py TTN203"]
