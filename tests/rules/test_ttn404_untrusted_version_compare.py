"""TTN404: version tests in every form, and what they decide."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import found, messages
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint


@pytest.mark.parametrize(
    "condition",
    [
        'version("torchtitan") >= "0.3.0"',
        'Version(version("torchtitan")) < Version("0.3")',
        'Version("0.3.0") <= parse(torchtitan.__version__)',
        'parse(version("torchtitan")).release >= (0, 3)',
        'tuple(map(int, torchtitan.__version__.split(".")[:2])) >= (0, 3)',
        'version("torchtitan") in SpecifierSet(">=0.3")',
        'SpecifierSet(">=0.3").contains(version("torchtitan"))',
        'torchtitan.__version__.startswith("0.2")',
        "INSTALLED >= NEEDED",
    ],
)
def test_version_tests_in_every_form(condition: str) -> None:
    text = (
        "from importlib.metadata import version\n"
        "import torchtitan\n"
        "from packaging.specifiers import SpecifierSet\n"
        "from packaging.version import Version, parse\n"
        'INSTALLED = Version(version("torchtitan"))\n'
        'NEEDED = Version("0.3.0")\n'
        f"if {condition}:\n    import torchtitan.trainer\n"
    )
    (finding,) = found("TTN404", text, codes=("TTN404",))
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    "text",
    [
        'from importlib.metadata import version\nimport torchtitan\nversion("torch") >= "2.0"\n',
        "import torchtitan\nprint(torchtitan.__version__)\n",
        "import torchtitan, sys\nif sys.version_info >= (3, 12): pass\n",
        "import torchtitan\nif torchtitan.__version__ == other: pass\n",
        "import torchtitan\nversion = '1.0'\nif version >= '0.3.0': pass\n",
    ],
)
def test_what_is_no_test_of_torchtitan_s_version(text: str) -> None:
    assert messages("TTN404", text) == []


VERSION = """\
import logging
import pytest
import torchtitan
from packaging.version import Version
NEW = Version("0.3.0")
"""
TEST = "Version(torchtitan.__version__) >= NEW"


@pytest.mark.parametrize(
    "text",
    [
        "if {test}:\n    from torchtitan.trainer import Trainer\n",
        "if not {test}:\n    pass\nelse:\n    from torchtitan.trainer import Trainer\n",
        "from torchtitan.trainer import Trainer\nT = Trainer if {test} else object\n",
        "OK = {test}\n",
        "OK = {test}\nif OK:\n    from torchtitan.trainer import Trainer\n",
        "class Engine:\n    def __init__(self):\n        self.new = {test}\n",
        "def is_new():\n    return {test}\n",
        "def is_new():\n    return {test}\nif is_new():\n    import torchtitan.trainer\n",
        "if not {test}:\n    raise ImportError('too old')\n",
        "assert {test}\n",
        "@pytest.mark.skipif(not {test}, reason='old')\ndef test_it():\n    pass\n",
        "def use(config):\n    if {test}:\n        return config.layers\n    return config.n_layers\n",
        "if {test}:\n    FORM = 'new'\nelse:\n    FORM = 'old'\nprint(FORM)\n",
        "if {test}:\n    def use():\n        return 1\nelse:\n    def use():\n        return 2\n",
        "from torchtitan.config import ParallelismConfig\nParallelismConfig(enable=({test}))\n",
    ],
)
def test_what_may_choose_between_two_apis_is_reported(text: str) -> None:
    assert len(messages("TTN404", VERSION + text.format(test=TEST))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "print({test})\n",
        "print(f'{{{test}}}')\n",
        "logging.info('new: %s', {test})\n",
        "{test}\n",
        "if {test}:\n    logging.info('new')\n",
        "if {test}:\n    logging.info('new')\nelse:\n    print('old')\n",
        "def report():\n    new = {test}\n    logging.info(new)\n",
        "def report():\n    new = {test}\n",
        "def is_new():\n    return {test}\nprint(is_new())\n",
        "logging.info('new' if {test} else 'old')\n",
        "ABOUT = dict(new={test})\n",
        "if 0:\n    assert {test}\n",
    ],
)
def test_what_is_only_shown_is_left_alone(text: str) -> None:
    assert messages("TTN404", VERSION + text.format(test=TEST)) == []


@pytest.mark.parametrize(
    ("torchtitan", "branches"),
    [("0.3.0", ["new"]), ("0.2.2", ["old"]), ("2026-04-18", [])],
)
def test_a_version_test_decides_where_the_version_can_be_trusted(
    torchtitan: str, branches: list[str]
) -> None:
    text = textwrap.dedent("""\
        from importlib.metadata import version
        from packaging.version import Version
        if Version(version("torchtitan")) >= Version("0.3.0"):
            from torchtitan.nowhere import new
        else:
            from torchtitan.nowhere import old
        """)
    findings = lint(
        Source("x.py", text),
        codes=("TTN201",),
        targets=targets.parse(torchtitan),
        options=Options(),
    ).findings
    assert [f.said.split("`")[1].rpartition(".")[2] for f in findings] == branches


FLAG = (
    "import torchtitan\nfrom packaging.version import Version\n"
    "NEW = Version(torchtitan.__version__) >= Version('0.3.0')\n"
)


@pytest.mark.parametrize(
    ("text", "other", "is_said"),
    [
        (FLAG, "import torchtitan\n", False),
        (FLAG, "import torchtitan\nfrom case import OLD\n", False),
        (FLAG + "print(NEW)\n", "import torchtitan\nOLD = 1\n", False),
        (FLAG, "from case import NEW\n", True),
        (FLAG, "import case\nif case.NEW:\n    import torchtitan.trainer\n", True),
        (FLAG, "from case import *\nuse(NEW)\n", True),
        (FLAG + "__all__ = ['NEW']\n", "", True),
        (FLAG.replace("NEW", "class A:\n    NEW"), "", True),
    ],
)
def test_a_flag_that_nobody_asks_for_decides_nothing(
    titan_lint: TitanLint, tmp_path: Path, text: str, other: str, is_said: bool
) -> None:
    (tmp_path / "case.py").write_text(text)
    (tmp_path / "other.py").write_text(other)
    said = titan_lint("--isolated", "--no-cache", "--torchtitan", "0.3.0", tmp_path).out
    assert ("TTN404" in said) is is_said


@pytest.mark.parametrize(
    ("test", "target", "said"),
    [
        ("Version(torchtitan.__version__) < Version('0.2.0')", "main", "on nightly builds"),
        ("Version(torchtitan.__version__) >= Version('0.2.1')", "main", "on nightly builds"),
        ("Version(torchtitan.__version__) >= Version('0.2.1')", "0.3.0", "on nightly builds"),
        ("Version(torchtitan.__version__) >= Version('0.3.0')", "main", "on main, takes"),
        ("Version(torchtitan.__version__) >= Version('0.3.0')", "0.3.0", "on main, takes"),
        ("Version(torchtitan.__version__) <= Version('0.2.2')", "main", "on main, takes"),
        ("Version(torchtitan.__version__) == Version('0.2.2')", "main", "on main, takes"),
        # It called itself so before the release, too.
        ("Version(torchtitan.__version__) >= Version('0.3.0')", "2026-04-18", "on main, may take"),
        ("Version(torchtitan.__version__) > Version('0.2.2')", "2026-04-18", "on main, takes"),
        ("torchtitan.__version__.startswith('0.2')", "main", "on main, may take"),
        # All answer it as they should.
        ("tuple(map(int, torchtitan.__version__.split('.')[:2])) < (0, 4)", "main", None),
        ("tuple(map(int, torchtitan.__version__.split('.')[:2])) < (0, 4)", "0.3.0", None),
        ("Version(torchtitan.__version__) < Version('1.0')", "main", None),
    ],
)
def test_it_is_said_who_answers_a_comparison_wrongly(
    test: str, target: str, said: str | None
) -> None:
    text = VERSION + f"if {test}:\n    import torchtitan.trainer\n"
    findings = lint(
        Source("x.py", text),
        codes=("TTN404",),
        targets=targets.parse(target),
        options=Options(),
    ).findings
    if said is None:
        assert findings == []
        return
    where, _, how = said.partition(", ")
    (message,) = [finding.message for finding in findings]
    assert message.endswith(f"{where} this comparison {how or 'takes'} the wrong branch")
