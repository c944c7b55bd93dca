"""What a fixture, a mark or a patch hands a test may only stand for the class that the test declares."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from titan_lint.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

TRAINER = "from torchtitan.trainer import Trainer\n"
HEAD = f"import pytest\nfrom types import SimpleNamespace\nfrom unittest import mock\n{TRAINER}"
READ = "    assert trainer.job_config\n"
TEST = f"{TRAINER}def test_it(trainer: Trainer):\n{READ}"
FIXTURE = "@pytest.fixture\ndef trainer():\n"
FAKE = "    return SimpleNamespace(job_config=1)\n"
REAL = "    return Trainer(Trainer.Config())\n"


def reported(folder: Path, capsys: pytest.CaptureFixture[str], **files: str) -> list[str]:
    """The files of a package in which job_config is reported; ``sub__a`` stands for ``sub/a.py``."""
    (folder / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    for name, text in files.items():
        path = folder / "tests" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = ["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0"]
    run([*command, "--output-format", "json", str(folder)])
    return [
        finding["path"].rpartition("tests/")[2]
        for finding in json.loads(capsys.readouterr().out)["findings"]
        if "job_config" in finding["message"]
    ]


FAKES = {
    "a namespace": FAKE,
    "a mock": "    return mock.MagicMock()\n",
    "a mock with a specification": "    return mock.Mock(spec=['job_config'])\n",
    "a class of its own": "    class Fake:\n        job_config = 1\n    return Fake()\n",
    "yielded": "    made = SimpleNamespace(job_config=1)\n    yield made\n",
    "nobody knows": "    return build()\n",
}


@pytest.mark.parametrize("fake", FAKES.values(), ids=FAKES)
@pytest.mark.parametrize(
    "fixture",
    [
        FIXTURE,
        "@pytest.fixture(name='trainer')\ndef made():\n",
        "@pytest.fixture(scope='module')\ndef trainer() -> Trainer:\n",
        "import pytest_asyncio\n@pytest_asyncio.fixture\nasync def trainer():\n",
    ],
)
def test_a_fixture_that_gives_a_stand_in_is_not_what_a_test_declares(
    fixture: str, fake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = HEAD + fixture + fake
    assert reported(tmp_path, capsys, conftest=made, test_a=TEST, deep__er__test_b=TEST) == []
    assert reported(tmp_path, capsys, conftest="", test_a=made + TEST, deep__er__test_b="") == []


@pytest.mark.parametrize(
    "test",
    [
        f"{TRAINER}class TestA:\n    def test_it(self, trainer: Trainer):\n    {READ}",
        f"{TRAINER}def test_it(*, trainer: Trainer):\n{READ}",
        f"{HEAD}@pytest.fixture\ndef made(trainer: Trainer):\n{READ}",
        f"{TRAINER}def check(trainer: Trainer):\n{READ}def test_it(trainer):\n    check(trainer)\n",
        f"{TRAINER}async def test_it(trainer: 'Trainer'):\n{READ}",
    ],
)
def test_a_stand_in_of_a_conftest_may_be_asked_for_in_many_ways(
    test: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reported(tmp_path, capsys, conftest=HEAD + FIXTURE + FAKE, test_a=test) == []


@pytest.mark.parametrize(
    "files",
    [
        {"conftest": "from .fixtures import trainer\n"},
        {"conftest": "from .fixtures import *\n"},
        {"conftest": "pytest_plugins = ['tests.fixtures']\n"},
        {"test_a": f"from .fixtures import trainer\n{TEST}"},
    ],
)
def test_a_stand_in_may_come_from_another_file(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"fixtures": HEAD + FIXTURE + FAKE, "test_a": TEST, **files}
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").touch()
    assert reported(tmp_path, capsys, **files) == []


@pytest.mark.parametrize(
    "marks",
    [
        "@pytest.mark.parametrize('trainer', [SimpleNamespace(job_config=1)])\n",
        "@pytest.mark.parametrize('trainer', [pytest.param(SimpleNamespace(job_config=1))])\n",
        "@pytest.mark.parametrize('trainer', made())\n",
        "@mock.patch('pkg.Trainer')\n",
        "@mock.patch.object(Trainer, 'close')\n",
    ],
)
def test_what_a_mark_or_a_patch_hands_over_is_not_what_a_test_declares(
    marks: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = HEAD + marks + TEST.removeprefix(TRAINER)
    assert reported(tmp_path, capsys, test_a=test) == []


@pytest.mark.parametrize(
    "marks",
    [
        "@pytest.mark.parametrize('trainer', [Trainer(Trainer.Config())])\n",
        "@mock.patch('pkg.Trainer', new=1)\n",
        "@mock.patch.object(Trainer, 'close', None)\n",
        "@pytest.mark.slow\n",
    ],
)
def test_what_a_mark_or_a_patch_leaves_alone_is_judged(
    marks: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = HEAD + marks + TEST.removeprefix(TRAINER)
    assert reported(tmp_path, capsys, test_a=test) == ["test_a.py"]


def test_rows_of_values_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "@pytest.mark.parametrize(({}), [(1, SimpleNamespace(job_config=1))])\n"
    body = f"def test_it(a, trainer: Trainer):\n{READ}"
    fake = HEAD + rows.format("'a', 'trainer'") + body
    assert reported(tmp_path, capsys, test_a=fake) == []
    other = HEAD + rows.format("'a', 'b'") + body.replace("a,", "a, b,")
    assert reported(tmp_path, capsys, test_a=other) == ["test_a.py"]


DERIVED = "class Mine(Trainer):\n    pass\n"


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"conftest": HEAD + FIXTURE + REAL}, ["test_a.py"]),
        (
            {"conftest": HEAD + DERIVED + FIXTURE + REAL.replace("return Trainer", "return Mine")},
            ["test_a.py"],
        ),
        # Of another name, in another folder, further away.
        ({"conftest": HEAD + FIXTURE.replace("trainer", "other") + FAKE}, ["test_a.py"]),
        ({"beside__conftest": HEAD + FIXTURE + FAKE}, ["test_a.py"]),
        (
            {
                "conftest": HEAD + FIXTURE + FAKE,
                "deep__conftest": HEAD + FIXTURE + REAL,
                "deep__test_b": TEST,
                "test_a": "",
            },
            ["deep/test_b.py"],
        ),
        # Nothing hands a fixture to what is no test.
        (
            {"conftest": HEAD + FIXTURE + FAKE, "test_a": TEST.replace("test_it", "train")},
            ["test_a.py"],
        ),
        ({}, ["test_a.py"]),
    ],
)
def test_what_may_be_what_a_test_declares_is_judged(
    files: dict[str, str],
    where: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert reported(tmp_path, capsys, **{"test_a": TEST, **files}) == where
