"""What a fixture, a helper or a base of tests puts somewhere is there for a test, and for no other file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

RUN = ("--isolated", "--no-cache", "--torchtitan=0.3.0", "--output-format=concise")
HEAD = "import pytest\nfrom unittest import mock\n\nfrom torchtitan.trainer import Trainer\n\n\n"
READS = "from torchtitan.trainer import Trainer\n\n\ndef test_it(given):\n    assert Trainer.__new__(Trainer).job_config\n"
LENT = {
    "a manager": (
        "helpers",
        'def old():\n    return mock.patch.object(Trainer, "job_config", 3, create=True)\n',
    ),
    "a fixture": (
        "conftest",
        '@pytest.fixture\ndef given(monkeypatch):\n    monkeypatch.setattr(Trainer, "job_config", 3, raising=False)\n',
    ),
    "a fixture for all": (
        "conftest",
        "@pytest.fixture(autouse=True)\ndef old(monkeypatch):\n"
        '    monkeypatch.setattr("torchtitan.trainer.Trainer.job_config", 3, raising=False)\n',
    ),
    "a base": (
        "base",
        "class Base:\n    def setUp(self):\n"
        '        mock.patch.object(Trainer, "job_config", 3, create=True).start()\n',
    ),
    "many": (
        "conftest",
        "@pytest.fixture\ndef given(monkeypatch):\n    for name in NAMES:\n"
        "        monkeypatch.setattr(Trainer, name, 3, raising=False)\n",
    ),
}


@pytest.mark.parametrize("way", LENT.values(), ids=LENT)
def test_what_others_put_on_a_class_is_there_for_tests(
    project: Path, titan_lint: TitanLint, way: tuple[str, str]
) -> None:
    name, text = way
    (project / "test_it.py").write_text(READS)
    assert "TTN203" in titan_lint(*RUN).out
    (project / f"{name}.py").write_text(HEAD + text)
    assert "TTN203" not in titan_lint(*RUN).out
    (project / "use.py").write_text(READS.replace("test_it(given)", "use()"))
    assert "use.py:5:12: TTN203" in titan_lint(*RUN).out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("test_other", 'P = mock.patch.object(Trainer, "job_config", 3, create=True)\n'),
        ("conftest", 'P = mock.patch.object(Trainer, "close", 3, create=True)\n'),
        (
            "conftest",
            'def old(monkeypatch):\n    monkeypatch.setattr(Trainer, "job_config", 3)\n',
        ),
    ],
)
def test_what_is_put_for_other_tests_or_elsewhere_is_not(
    project: Path, titan_lint: TitanLint, name: str, text: str
) -> None:
    (project / "test_it.py").write_text(READS)
    (project / f"{name}.py").write_text(HEAD + text)
    assert "test_it.py:5:12: TTN203" in titan_lint(*RUN).out


def test_a_flavor_that_a_fixture_brings_is_there(project: Path, titan_lint: TitanLint) -> None:
    text = "from torchtitan.models.llama3 import model_registry\n\n\ndef {}(tiny):\n    return model_registry('tiny')\n"
    (project / "test_it.py").write_text(text.format("test_it"))
    assert "TTN402" in titan_lint(*RUN).out
    (project / "conftest.py").write_text(
        "import pytest\nfrom torchtitan.models.llama3 import llama3_configs\n\n\n@pytest.fixture\ndef tiny(monkeypatch):\n"
        '    monkeypatch.setitem(llama3_configs, "tiny", llama3_configs["debugmodel"])\n'
    )
    assert "TTN402" not in titan_lint(*RUN).out
    (project / "use.py").write_text(text.format("use"))
    assert "use.py" in titan_lint(*RUN).out


OLD = "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
SHIMS = {
    "by default": 'sys.modules.setdefault("torchtitan.components.lr_scheduler", optimizer)\n',
    "updated": 'sys.modules.update({"torchtitan.components.lr_scheduler": optimizer})\n',
    "from a table": 'MOVED = {"torchtitan.components.lr_scheduler": optimizer}\n\n\ndef install():\n'
    "    for old, new in MOVED.items():\n        sys.modules[old] = new\n",
    "by a function": "def alias(old, new):\n    sys.modules[old] = new\n\n\n"
    'alias("torchtitan.components.lr_scheduler", optimizer)\n',
    "under its own name": 'NAME = "torchtitan.components.lr_scheduler"\nsys.modules[NAME] = optimizer\n',
}


@pytest.mark.parametrize("shim", SHIMS.values(), ids=SHIMS)
def test_a_module_that_another_file_puts_among_the_imported_is_there(
    project: Path, titan_lint: TitanLint, shim: str
) -> None:
    (project / "use.py").write_text(f"import shims\n{OLD}")
    assert "TTN202" in titan_lint(*RUN).out
    head = "import sys\nimport torchtitan.components.optimizer as optimizer\n\n"
    (project / "shims.py").write_text(head + shim)
    assert "TTN202" not in titan_lint(*RUN).out
    (project / "shims.py").write_text(head + shim.replace(".lr_scheduler", ".other"))
    assert "TTN202" in titan_lint(*RUN).out


def test_what_is_put_on_a_class_of_a_module_that_is_imported_by_name_is_there(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "use.py").write_text(READS)
    (project / "shims.py").write_text(
        "import importlib\n\ntrainer = importlib.import_module('torchtitan.trainer')\n"
        "trainer.Trainer.job_config = property(make)\n"
    )
    assert "TTN203" not in titan_lint(*RUN).out


def test_what_a_fixture_sets_on_an_instance_is_there(project: Path, titan_lint: TitanLint) -> None:
    text = (
        HEAD
        + "@pytest.fixture\ndef given(monkeypatch) -> Trainer:\n    made = Trainer.__new__(Trainer)\n"
        '    monkeypatch.setattr(made, "job_config", 3{})\n    return made\n\n\n'
        "def test_it(given: Trainer):\n    assert given.job_config\n"
    )
    (project / "test_it.py").write_text(text.format(""))
    assert "TTN203" in titan_lint(*RUN).out
    (project / "test_it.py").write_text(text.format(", raising=False"))
    assert "TTN203" not in titan_lint(*RUN).out


PUTS = {
    "by names": "for name, value in {'JobConfig': Own}.items():\n    setattr(config, name, value)\n",
    "in its dictionary": "config.__dict__['JobConfig'] = Own\n",
    "in its variables": "vars(config)['JobConfig'] = Own\n",
    "updated": "vars(config).update(JobConfig=Own)\n",
    "updated in its dictionary": "def install():\n    config.__dict__.update(JobConfig=Own)\n",
}


@pytest.mark.parametrize("put", PUTS.values(), ids=PUTS)
def test_a_name_that_another_file_puts_into_a_module_in_any_way_is_there(
    project: Path, titan_lint: TitanLint, put: str
) -> None:
    (project / "use.py").write_text(
        "import compat\nfrom torchtitan.config import JobConfig\n\nprint(JobConfig)\n"
    )
    (project / "compat.py").write_text(
        "import torchtitan.config as config\n\n\nclass Own: ...\n\n\n" + put
    )
    assert "TTN201" not in titan_lint(*RUN).out
    text = (project / "compat.py").read_text().replace("JobConfig", "Other")
    (project / "compat.py").write_text(text)
    assert "TTN201" in titan_lint(*RUN).out


@pytest.mark.parametrize(
    "flag",
    [
        "NEW = hasattr(ParallelismConfig(), 'enable_sequence_parallel')\n",
        "made = ParallelismConfig()\nNEW = hasattr(made, 'enable_sequence_parallel')\n",
        "NEW = not hasattr(ParallelismConfig(), 'disable_loss_parallel')\n",
    ],
)
def test_a_flag_that_asks_an_instance_is_a_question_in_other_files(
    project: Path, titan_lint: TitanLint, flag: str
) -> None:
    head = "from torchtitan.config import ParallelismConfig\n\n"
    (project / "flags.py").write_text(head + flag)
    (project / "use.py").write_text(
        f"from flags import NEW\n{head}p = ParallelismConfig()\n"
        "print(p.enable_sequence_parallel if NEW else p.disable_loss_parallel)\n"
    )
    assert "TTN203" not in titan_lint(*RUN).out
    (project / "flags.py").write_text("NEW = True\n")
    assert "TTN203" in titan_lint(*RUN).out
