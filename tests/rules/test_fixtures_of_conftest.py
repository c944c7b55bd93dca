"""What a ``conftest.py`` keeps from running, as torchtitan answers, is not judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from titan_lint.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "import pytest\nimport torchtitan.distributed.utils as utils\n"
ASKED = "not hasattr(utils, 'maybe_enable_amp')"
OLD = "from torchtitan.distributed import utils\nutils.maybe_enable_amp\n"
USE = "    utils.maybe_enable_amp()\n"
TEST = f"from torchtitan.distributed import utils\ndef test_it():\n{USE}"
AUTOUSE = (
    f"@pytest.fixture(autouse=True)\ndef need():\n    if {ASKED}:\n        pytest.skip('new')\n"
)
NAMED = AUTOUSE.replace("(autouse=True)", "")


def reported(folder: Path, capsys: pytest.CaptureFixture[str], **files: str) -> list[str]:
    """The files in which maybe_enable_amp is reported; ``sub__a`` stands for ``sub/a.py``."""
    (folder / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = ["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0"]
    run([*command, "--output-format", "json", str(folder)])
    return [
        finding["path"].removeprefix(f"{folder}/")
        for finding in json.loads(capsys.readouterr().out)["findings"]
        if "maybe_enable_amp" in finding["message"]
    ]


@pytest.mark.parametrize(
    ("conftest", "test"),
    [
        (AUTOUSE, TEST),
        (AUTOUSE, TEST.replace("def test_it():\n    ", "class TestIt:\n    def test_it(self): ")),
        (AUTOUSE, TEST.replace("def test_it", "import pytest\n@pytest.fixture\ndef made")),
        (AUTOUSE.replace("pytest.skip('new')", "raise RuntimeError"), TEST),
        (AUTOUSE.replace(f"if {ASKED}:\n        pytest.skip('new')", f"assert not {ASKED}"), TEST),
        (f"NEW = {ASKED}\n" + AUTOUSE.replace(ASKED, "NEW"), TEST),
        (f"def is_new():\n    return {ASKED}\n" + AUTOUSE.replace(ASKED, "is_new()"), TEST),
        (
            "@pytest.fixture(autouse=True)\ndef need():\n"
            "    pytest.importorskip('torchtitan.components.lr_scheduler')\n",
            TEST,
        ),
        (NAMED, TEST.replace("test_it()", "test_it(need)")),
        (
            NAMED.replace("fixture", "fixture(name='old')"),
            TEST.replace("test_it()", "test_it(old)"),
        ),
        (
            NAMED,
            TEST.replace("def test", "import pytest\n@pytest.mark.usefixtures('need')\ndef test"),
        ),
        (NAMED, "import pytest\npytestmark = pytest.mark.usefixtures('need')\n" + TEST),
        (
            f"{NAMED}@pytest.fixture\ndef made(need):\n    return 1\n",
            TEST.replace("test_it()", "test_it(made)"),
        ),
        (
            NAMED,
            TEST.replace(
                "def test_it()",
                "import pytest\n@pytest.fixture\ndef made(need): ...\ndef test_it(made)",
            ),
        ),
        (
            f"def pytest_collection_modifyitems(items):\n    if {ASKED}:\n"
            "        for item in items:\n            item.add_marker(pytest.mark.skip)\n",
            TEST,
        ),
        (f"def pytest_runtest_setup(item):\n    if {ASKED}:\n        pytest.skip('new')\n", TEST),
        (f"if {ASKED}:\n    collect_ignore = ['test_a.py']\n", TEST + OLD),
        (f"def pytest_ignore_collect(collection_path):\n    return {ASKED}\n", TEST + OLD),
    ],
)
def test_what_a_conftest_may_keep_from_running_is_left_alone(
    conftest: str, test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"tests__test_a": test, "tests__deep__test_b": test}
    assert reported(tmp_path, capsys, tests__conftest=HEAD + conftest, **files) == []


@pytest.mark.parametrize(
    ("files", "where"),
    [
        # In another folder, of another name, or not a test.
        ({"tests__one__conftest": AUTOUSE, "tests__two__test_a": TEST}, ["tests/two/test_a.py"]),
        ({"tests__helpers": AUTOUSE, "tests__test_a": TEST}, ["tests/test_a.py"]),
        ({"tests__conftest": NAMED, "tests__test_a": TEST}, ["tests/test_a.py"]),
        ({"conftest": AUTOUSE, "pkg": TEST.replace("test_it", "go")}, ["pkg.py"]),
        # The module of a test is imported before any fixture runs.
        ({"conftest": AUTOUSE, "test_a": TEST + OLD}, ["test_a.py"]),
        # It asks something else, or does something else with the answer.
        ({"conftest": AUTOUSE.replace(ASKED, "pytest is None"), "test_a": TEST}, ["test_a.py"]),
        (
            {"conftest": AUTOUSE.replace("pytest.skip('new')", "print()"), "test_a": TEST},
            ["test_a.py"],
        ),
    ],
)
def test_what_a_conftest_has_no_say_in_is_judged(
    files: dict[str, str], where: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = {name: HEAD + text for name, text in files.items() if "def need" in text}
    assert reported(tmp_path, capsys, **(files | heads)) == where
