"""TTN404: version tests in every form, and what they decide."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.cases import found, messages
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options


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
        f"if {condition}:\n    pass\n"
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
    assert [f.message.split("`")[1].rpartition(".")[2] for f in findings] == branches
