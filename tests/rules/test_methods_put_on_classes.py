"""A function that a file puts on one of torchtitan's classes is held against torchtitan's calls as an override is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import found, messages
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.cli.main import run
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "from torchtitan.trainer import Trainer\n\n\n"
OLD = "def step(self, input_dict, labels):\n    return 1\n\n\n"
NEW = "def step(self, *, input_dict, labels, global_valid_tokens):\n    return 1\n\n\n"
PUT = "Trainer.forward_backward_step = step\n"
SAID = "this does not take `global_valid_tokens` which torchtitan 0.3.0 passes"


def said(code: str, text: str, torchtitan: str = "0.3.0") -> list[str]:
    """What a rule says first about a piece of code, without what it adds."""
    return [finding.message for finding in found(code, text, torchtitan, (code,))]


def inside(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())


FAILING = {
    "an assignment": HEAD + OLD + PUT,
    "setattr": HEAD + OLD + 'setattr(Trainer, "forward_backward_step", step)\n',
    "through the module": (
        "import torchtitan.trainer as titan_trainer\n\n\n"
        + OLD
        + "titan_trainer.Trainer.forward_backward_step = step\n"
    ),
    "by the path of the older release": HEAD.replace(".trainer", ".train") + OLD + PUT,
    "a lambda": HEAD + "Trainer.forward_backward_step = lambda self, input_dict, labels: 1\n",
    "in a function that installs it": (
        "def install():\n    from torchtitan.trainer import Trainer\n\n"
        + inside(OLD)
        + "    Trainer.forward_backward_step = step\n"
    ),
    "a wrapper around the original": (
        "import functools\n" + HEAD + "original = Trainer.forward_backward_step\n\n\n"
        "@functools.wraps(original)\ndef step(self, input_dict, labels):\n"
        "    return original(self, input_dict=input_dict, labels=labels)\n\n\n" + PUT
    ),
    "a method of a class of the file's": (
        HEAD + "class Own:\n" + inside(OLD) + "Trainer.forward_backward_step = Own.step\n"
    ),
    "a guard that the target passes": (
        HEAD + OLD + 'if hasattr(Trainer, "post_dataloading_process"):\n    ' + PUT
    ),
}


@pytest.mark.parametrize("text", FAILING.values(), ids=FAILING)
def test_what_does_not_take_what_torchtitan_passes_is_reported(text: str) -> None:
    assert said("TTN306", text) == [SAID]


WORKING = {
    "all that is passed": HEAD + NEW + PUT,
    "more, with a default": (
        HEAD + NEW.replace("global_valid_tokens", "global_valid_tokens, mask=None") + PUT
    ),
    "any keywords": HEAD + OLD.replace("labels", "labels, **kwargs") + PUT,
    "anything": HEAD + OLD.replace("self, input_dict, labels", "*args, **kwargs") + PUT,
    "a decorator may change it": HEAD + "from other import adapted\n\n\n@adapted\n" + OLD + PUT,
    "a version check": (
        'import importlib.metadata\n\nif importlib.metadata.version("torchtitan") < "0.2":\n    '
        + (HEAD + OLD + PUT).replace("\n", "\n    ").rstrip(" ")
    ),
    "a guard for another version": (
        HEAD + OLD + 'if not hasattr(Trainer, "post_dataloading_process"):\n    ' + PUT
    ),
    "a guard that asks for the signature": (
        "import inspect\n" + HEAD + OLD + "if 'global_valid_tokens' not in "
        "inspect.signature(Trainer.forward_backward_step).parameters:\n    " + PUT
    ),
    "the original is put back": (
        HEAD + OLD + "original = Trainer.forward_backward_step\n" + PUT + "try:\n    run()\n"
        "finally:\n    Trainer.forward_backward_step = original\n"
    ),
    "the original is put back by name": (
        HEAD + OLD + PUT + 'setattr(Trainer, "forward_" + "backward_step", original)\n'
    ),
    "taken away again": (
        HEAD + OLD + PUT + 'delattr(Trainer, "forward_backward_step")\n'
    ),
    "a mock": (
        "from unittest import mock\n" + HEAD + OLD
        + 'with mock.patch.object(Trainer, "forward_backward_step", step):\n    run()\n'
    ),
    "a fixture": (
        HEAD + OLD + "def test_it(monkeypatch):\n"
        '    monkeypatch.setattr(Trainer, "forward_backward_step", step)\n'
    ),
    "what is not known": HEAD + "from other import step\n" + PUT,
    "one of several": HEAD + "from other import more\n" + OLD + PUT.replace("step\n", "more or step\n"),
    "the caller is put there, too": HEAD + OLD + PUT + "Trainer.train_step = lambda self, data: 1\n",
    "what calls the caller is put there": HEAD + OLD + PUT + "Trainer.train = lambda self: 1\n",
    "a class of the file's replaces the caller": (
        HEAD + OLD + PUT + "\n\nclass Mine(Trainer):\n    def train_step(self, data_iterator): ...\n"
    ),
    "a class of the file's replaces the method": (
        HEAD + OLD + PUT + "\n\nclass Mine(Trainer):\n" + inside(NEW.replace("step", "forward_backward_step"))
    ),
    "the file calls it itself": (
        HEAD + OLD + PUT + "\n\ndef go(trainer, a, b):\n    return trainer.forward_backward_step(a, b)\n"
    ),
    "on one's own class": OLD + "class Trainer: ...\n\n\n" + PUT,
    "on one trainer": HEAD + OLD + "trainer = Trainer(config)\ntrainer.forward_backward_step = step\n",
    "a method of another name": HEAD + OLD + "Trainer.my_step = step\n",
    "the class is the file's own": HEAD + OLD + "Trainer = make(Trainer)\n" + PUT,
}  # fmt: skip


@pytest.mark.parametrize("text", WORKING.values(), ids=WORKING)
def test_what_may_work_is_left_alone(text: str) -> None:
    for code in ("TTN306", "TTN307"):
        assert messages(code, text) == []


def test_the_function_of_another_file_of_the_project_is_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def listed(**files: str) -> str:
        for name, text in files.items():
            path = tmp_path / "pkg" / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        command = ["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0"]
        run([*command, "--select", "TTN306", "--output-format", "concise", str(tmp_path)])
        return capsys.readouterr().out

    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    put = HEAD + "from pkg.steps import step\n\n" + PUT
    assert "patch.py:6:33: TTN306" in listed(__init__="", steps=OLD, patch=put)
    assert "TTN306" not in listed(steps=NEW)
    assert "TTN306" in listed(steps=OLD)
    # Another file puts something there, makes the call, or replaces what does.
    for other in (
        HEAD + "Trainer.forward_backward_step = original\n",
        HEAD + "Trainer.train_step = mine\n",
        HEAD + "class Mine(Trainer):\n    def train_step(self, data_iterator): ...\n",
        "def go(trainer, a, b):\n    return trainer.forward_backward_step(a, b)\n",
    ):
        assert "TTN306" not in listed(other=other)
    assert "TTN306" in listed(other="")
    # A test's stand-in goes when the test does.
    assert "TTN306" in listed(tests__test_it=HEAD + "Trainer.forward_backward_step = original\n")


def test_what_a_test_puts_there_is_left_alone() -> None:
    linted = lint(
        Source("tests/test_step.py", HEAD + OLD + PUT),
        codes=["TTN306"],
        targets=targets.parse("0.3.0"),
        options=Options(),
    )
    assert linted.findings == []


def test_a_call_from_another_class_counts() -> None:
    text = "from torchtitan.components.metrics import MetricsProcessor\n\n\nMetricsProcessor.log = %s\n"
    assert said("TTN306", text % "lambda self, step, loss, norm: 1") == [
        "torchtitan 0.3.0 passes more positional arguments than the 3 that this takes"
    ]
    assert (
        messages("TTN306", text % "lambda self, step, loss, most, norm, extra_metrics=None: 1")
        == []
    )
    derived = "from torchtitan.trainer import Trainer\n\n\nclass Mine(Trainer):\n    def train(self): ...\n"
    assert messages("TTN306", derived + text % "lambda self, step: 1") == []


def test_what_is_returned_is_held_against_how_it_is_unpacked() -> None:
    text = (
        HEAD + "def process(self, input_dict, labels):\n    return input_dict, labels, {}, {}\n\n\n"
        "Trainer.post_dataloading_process = process\n"
    )
    assert said("TTN307", text) == ["this returns 4 values, and torchtitan 0.3.0 unpacks 3"]
    assert messages("TTN307", text, "0.2.2") == []
    assert messages("TTN307", text.replace(", {}, {}", ", {}")) == []
