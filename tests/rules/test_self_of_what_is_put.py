"""What a function gets first that a file puts on one of torchtitan's classes is an instance of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import every_message, messages

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

HEAD = "from torchtitan.trainer import Trainer\n\n\n"
NEW = "def step(self, *, input_dict, labels, global_valid_tokens):\n    return 1\n\n\n"
PUT = "Trainer.forward_backward_step = step\n"

READS = {
    "a method that returns otherwise": (
        "    a, b, c, d = self.post_dataloading_process(input_dict, labels)\n",
        "TTN307 `Trainer.post_dataloading_process` returns 3 values at torchtitan 0.3.0, not 4",
    ),
    "what is gone": ("    return self.job_config\n", "TTN203 `Trainer` has no `job_config`"),
    "what is there": ("    return self.config, self.parallel_dims\n", ""),
    "what is asked for": ("    return self.mine if hasattr(self, 'mine') else None\n", ""),
    "what the file puts there": ("    self.job_config = 1\n    return self.job_config\n", ""),
}


@pytest.mark.parametrize(("body", "told"), READS.values(), ids=READS)
def test_the_first_parameter_of_what_is_put_on_a_class_is_of_that(body: str, told: str) -> None:
    messages = every_message(HEAD + NEW.replace("    return 1\n", body) + PUT)
    assert [message[: len(told)] for message in messages] == ([told] if told else [])


@pytest.mark.parametrize(
    "more",
    [
        "step(Own())\n",
        "other(step)\n",
        "Own.step = step\n",
        "class Mine(Trainer):\n    job_config = None\n",
    ],
)
def test_what_is_used_otherwise_too_may_get_anything(more: str) -> None:
    text = HEAD + NEW.replace("return 1", "return self.job_config") + PUT
    assert messages("TTN203", text) != []
    assert messages("TTN203", f"class Own: ...\n\n\n{text}{more}") == []


def test_the_first_parameter_of_what_is_put_there_for_other_versions_is_not_looked_at() -> None:
    text = HEAD + NEW.replace("return 1", "return self.job_config")
    guarded = text + 'if not hasattr(Trainer, "post_dataloading_process"):\n    ' + PUT
    assert every_message(guarded) == []


READERS = (
    "def train(self):\n    return self.job_config\n\n\nTrainer.train = train\n",
    "def run(trainer: Trainer):\n    return trainer.job_config\n",
)
INIT = """
def install():
    original = Trainer.__init__

    def made(self, config):
        original(self, config)
        self.%s = config

    Trainer.__init__ = made
"""


@pytest.mark.parametrize("text", READERS)
@pytest.mark.parametrize(
    ("other", "is_said"),
    [
        ("", True),
        (INIT % "job_config", False),
        (INIT % "other_config", True),
        ((INIT % "job_config").replace("Trainer.__init__ = ", "Own.__init__ = "), True),
        # What a parameter is that no type tells may be a trainer.
        ((INIT % "job_config").replace("self.job_config", "config.job_config"), False),
        (
            "def made(self, config):\n    self.job_config = config\n\n\n"
            "setattr(Trainer, '__init__', made)\n",
            False,
        ),
    ],
)
def test_what_a_function_sets_that_another_file_puts_on_a_class_is_there(
    text: str, other: str, is_said: bool, tmp_path: Path, titan_lint: TitanLint
) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    (tmp_path / "use.py").write_text(HEAD + text)
    (tmp_path / "other.py").write_text(HEAD + other)
    ran = titan_lint("--isolated", "--torchtitan=0.3.0", "--output-format=concise", str(tmp_path))
    assert ("`Trainer` has no `job_config`" in ran.out) is is_said


RUN = (
    *("--isolated", "--no-cache", "--torchtitan=0.3.0", "--select=TTN203"),
    "--output-format=concise",
)
READER = (
    HEAD
    + "def train_step(self, it):\n    return self.job_config\n\n\nTrainer.train_step = train_step\n"
)
ORIGINAL = (
    "_original = Trainer.__init__\n\n\ndef init(self, config):\n    _original(self, config)\n{}\n\n"
)
SETTERS = {
    "wrapped": ORIGINAL.format("    self.job_config = config")
    + "Trainer.__init__ = functools.wraps(_original)(init)\n",
    "made": "def wrap(original):\n    def init(self, config):\n        original(self, config)\n"
    "        self.job_config = config\n    return init\n\n\nTrainer.__init__ = wrap(Trainer.__init__)\n",
    "of a class": "class Patched:\n    def __init__(self, config):\n        self.job_config = config\n\n\n"
    "Trainer.__init__ = Patched.__init__\n",
    "imported": "from plugin.functions import init\n\nTrainer.__init__ = init\n",
    "handed on": ORIGINAL.format("    setup(self)") + "Trainer.__init__ = init\n",
    "by its dictionary": ORIGINAL.format("    self.__dict__.update(job_config=config)")
    + "Trainer.__init__ = init\n",
    "by its variables": ORIGINAL.format("    vars(self)['job_config'] = config")
    + "Trainer.__init__ = init\n",
    "by names": ORIGINAL.format("    for name in config:\n        setattr(self, name, 1)")
    + "Trainer.__init__ = init\n",
    "plainly": ORIGINAL.format("    self.job_config = config") + "Trainer.__init__ = init\n",
    "with setattr": ORIGINAL.format("    self.job_config = config")
    + 'setattr(Trainer, "__init__", init)\n',
    "made by another method": "def new(cls, *given):\n    return build(cls, given)\n\n\nTrainer.__new__ = new\n",
    "asked for": "def old(self, name):\n    return self.config\n\n\nTrainer.__getattr__ = old\n",
    "in a loop": ORIGINAL.format("    self.job_config = config")
    + "for cls in (Trainer,):\n    cls.__init__ = init\n",
    "from a table": ORIGINAL.format("    self.job_config = config")
    + 'PUT = [(Trainer, "__init__", init)]\nfor cls, name, value in PUT:\n    setattr(cls, name, value)\n',
    "from a dictionary": ORIGINAL.format("    self.job_config = config")
    + "for cls, value in {Trainer: init}.items():\n    cls.__init__ = value\n",
    "under another name": ORIGINAL.format("    self.job_config = config")
    + "Base = Trainer\nBase.__init__ = init\n",
    "by a function": "def on_device(cls):\n    original = cls.__init__\n\n    def init(self, config):\n"
    "        original(self, config)\n        self.job_config = config\n\n    cls.__init__ = init\n\n\n"
    "on_device(Trainer)\n",
    "by a method": "class Patcher:\n    def put(self, cls, init):\n        cls.__init__ = init\n\n\n"
    "Patcher().put(cls=Trainer, init=make())\n",
    "by a function of another file": "from plugin.functions import on_device\n\non_device(Trainer)\n",
    "by a module": "from . import functions\n\nfunctions.on_device(Trainer, 1)\n",
    "as a property, in a loop": "for cls in (Trainer,):\n    cls.job_config = property(make)\n",
    "as a property, by a function": "def put(cls):\n    cls.job_config = property(make)\n\n\nput(Trainer)\n",
    "asked for all": "Trainer.__getattribute__ = functools.partial(ask)\n",
}


@pytest.mark.parametrize("setter", SETTERS.values(), ids=SETTERS)
@pytest.mark.parametrize("in_one", [True, False])
def test_what_a_constructor_of_the_projects_may_set_is_there(
    project: Path, titan_lint: TitanLint, setter: str, in_one: bool
) -> None:
    (project / "step.py").write_text(READER)
    assert "TTN203" in titan_lint(*RUN).out
    text = f"import functools\n\n{setter}"
    (project / "step.py").write_text(READER + (text if in_one else ""))
    if not in_one:
        (project / "init.py").write_text(HEAD + text)
    assert "TTN203" not in titan_lint(*RUN).out


@pytest.mark.parametrize(
    "setter",
    [
        ORIGINAL.format("    self.other = config") + "Trainer.__init__ = init\n",
        ORIGINAL.format("    print(self.config)") + "Trainer.__init__ = init\n",
        "class Own:\n    def __init__(self):\n        self.job_config = 1\n",
        "class Own:\n    pass\n\n\nfor cls in (Own,):\n    cls.__init__ = make()\n",
        "import abc\n\nabc.ABC.register(Trainer)\n",
    ],
)
def test_a_constructor_that_sets_something_else_brings_nothing_more(
    project: Path, titan_lint: TitanLint, setter: str
) -> None:
    (project / "step.py").write_text(READER)
    (project / "init.py").write_text(HEAD + setter)
    assert "step.py" in titan_lint(*RUN).out
    (project / "init.py").unlink()
    (project / "step.py").write_text(READER + setter)
    assert "step.py" in titan_lint(*RUN).out


@pytest.mark.parametrize(
    ("decorator", "number"),
    [
        ("from plugin.deco import compat\n\n\n@compat\n", 0),
        ("from .deco import compat\n\n\n@compat(1)\n", 0),
        ("import others\n\n\n@others.register('mine')\n", 0),
        ("from dataclasses import dataclass\n\n\n@dataclass\n", 1),
        ("from typing import final\n\n\n@final\n", 1),
        ("", 1),
    ],
)
def test_a_decorator_from_elsewhere_may_give_a_class_anything(decorator: str, number: int) -> None:
    text = f"{HEAD}{decorator}class Mine(Trainer):\n    def run(self):\n        return self.job_config\n"
    assert len(messages("TTN203", text)) == number
