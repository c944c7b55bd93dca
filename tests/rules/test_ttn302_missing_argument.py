"""TTN302: arguments that a call lacks, and those that it only seems to lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import found, messages

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

TRAINER = "from torchtitan.trainer import Trainer\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "from torchtitan.models.llama3 import llama3_configs\nllama3_configs['8B']()\n",
            "attn_backend",
        ),
        (
            "import importlib\n"
            "importlib.import_module(f'torchtitan.models.{name}').model_registry()\n",
            "flavor",
        ),
        (f"{TRAINER}def f(spec):\n    return Trainer.Config(model_spec=spec)\n", "loss"),
    ],
)
def test_a_call_that_lacks_an_argument_fails(text: str, says: str) -> None:
    (message,) = messages("TTN302", text)
    assert f"`{says}`" in message


@pytest.mark.parametrize(
    "text",
    [
        # Filled by what cannot be seen.
        "from torchtitan.models.llama3 import model_registry\nmodel_registry(*args)\n",
        "from torchtitan.models.llama3 import model_registry\nmodel_registry(**kwargs)\n",
        # Left open by partial, which is called elsewhere.
        "from functools import partial\nfrom torchtitan.models.llama3 import model_registry\n"
        "make = partial(model_registry)\n",
        # The loss comes later, or with a base class that sets it.
        f"{TRAINER}def f(spec, loss, optimizer):\n"
        "    config = Trainer.Config(model_spec=spec, optimizer=optimizer)\n"
        "    config.loss = loss\n    return config\n",
    ],
)
def test_what_may_come_from_elsewhere_is_not_missing(text: str) -> None:
    assert messages("TTN302", text) == []


PARTIAL = """\
from functools import partial
from torchtitan.models.utils import get_dense_model_nparams_and_flops as count
"""


@pytest.mark.parametrize(
    "text",
    [
        "call = partial(count, None, None)\ncall({})\n",
        "partial(count, None, None)({})\n",
        "partial(count, None, head_dims=1)({})\n",
        "partial(count, None)({})\n",
    ],
)
def test_what_a_partial_bound_and_its_call_passes_is_all_that_the_function_gets(text: str) -> None:
    """It takes a config, a model, head_dims and seq_len."""
    (message,) = messages("TTN302", PARTIAL + text.format("None"), "0.2.1")
    assert "`seq_len`" in message
    assert messages("TTN302", PARTIAL + text.format("None, seq_len=1, **more"), "0.2.1") == []
    given = text.format("seq_len=1").replace("partial(count, None", "partial(count, *more")
    assert messages("TTN302", PARTIAL + given, "0.2.1") == []


@pytest.mark.parametrize(
    "text",
    [
        "partial(count, None, None, 1)(1)\n",
        "partial(count, None, None, seq_len=1)(1)\n",
        "partial(count, *args)(1)\n",
        "partial(partial(count, None, None), 1)(1)\n",
        "call = partial(count, None) if x else partial(count, None, None, 1)\ncall(1)\n",
        "def use(call=partial(count, None)):\n    call(1)\n",
    ],
)
def test_what_a_partial_may_have_bound_is_not_missing(text: str) -> None:
    assert messages("TTN302", PARTIAL + text, "0.2.1") == []


CONFIG = (
    "import mine\nfrom torchtitan.components.optimizer import default_adamw\n"
    f"{TRAINER}def make(spec):\n"
    "    config = Trainer.Config(model_spec=spec, optimizer=default_adamw())\n"
)


@pytest.mark.parametrize(
    "rest",
    [
        "    mine.fill(config)\n    return config\n",
        "    mine.fill(config=config)\n    return Trainer(config)\n",
        "    for fill in mine.steps:\n        fill(config)\n    return config\n",
        "    mine.Filler().run(1, config)\n    return config.build()\n",
        "    finish(config)\n    return config\ndef finish(config):\n    mine.fill(config)\n",
        "    mine.fill(*config)\n    return config\n",
    ],
)
def test_a_config_that_is_handed_on_may_be_filled_there(rest: str) -> None:
    assert messages("TTN302", CONFIG + rest) == []


OWN_CONFIG = f"""{TRAINER}
class Mine(Trainer.Config):
    group: int = 8

class MyTrainer(Trainer):
    class Config(Trainer.Config):
        group: int = 8

def f(spec, optimizer):
"""


@pytest.mark.parametrize(
    ("made", "is_said"),
    [
        # A loop of the project's own may take it, and need no loss.
        ("    return Mine(model_spec=spec, optimizer=optimizer)\n", False),
        ("    self.config = Mine(model_spec=spec, optimizer=optimizer)\n", False),
        ("    config = Mine(model_spec=spec, optimizer=optimizer)\n    return config\n", False),
        # What it is built into is torchtitan's trainer.
        ("    return Mine(model_spec=spec, optimizer=optimizer).build()\n", True),
        (
            "    config = Mine(model_spec=spec, optimizer=optimizer)\n    return config.build()\n",
            True,
        ),
        (
            "    config = Mine(model_spec=spec, optimizer=optimizer)\n    return Trainer(config)\n",
            True,
        ),
        # Another one of them has it.
        (
            "    return Mine(model_spec=spec, optimizer=optimizer)\n"
            "def g(spec, optimizer, loss):\n"
            "    return Mine(model_spec=spec, optimizer=optimizer, loss=loss)\n",
            True,
        ),
        ("    return MyTrainer.Config(model_spec=spec, optimizer=optimizer)\n", True),
        ("    return Trainer.Config(model_spec=spec, optimizer=optimizer)\n", True),
    ],
)
def test_a_config_of_no_trainer_lacks_nothing_until_it_is_built(made: str, is_said: bool) -> None:
    assert [("loss" in said) for said in messages("TTN302", OWN_CONFIG + made)] == [True] * is_said


GIVEN = OWN_CONFIG + "    return Mine(model_spec=spec, optimizer=optimizer)\n\n"


@pytest.mark.parametrize(
    "use",
    [
        "Trainer(f(1, 2))\n",
        "f(1, 2).build()\n",
        "config = f(1, 2)\nTrainer(config)\n",
        "config = f(1, 2)\nconfig.training.steps = 3\ntrainer = config.build()\n",
        "def main():\n    config = f(1, 2)\n    return MyTrainer(config)\n",
        "jobs = f\njobs(1, 2).build()\n",
    ],
)
def test_what_a_function_returns_is_built_where_its_caller_builds_it(use: str) -> None:
    (message,) = messages("TTN302", GIVEN + use)
    assert "`loss`" in message


@pytest.mark.parametrize(
    "use",
    [
        "",
        "f(1, 2)\n",
        "train(f(1, 2))\n",
        "class Loop:\n    def __init__(self, config): ...\n\n\nLoop(f(1, 2))\n",
        "config = f(1, 2)\nconfig.loss = mine\nTrainer(config)\n",
        "config = f(1, 2)\nfill(config)\nTrainer(config)\n",
        "f(1, 2).model_spec.build()\n",
        "config = g(1, 2)\nTrainer(config)\n",
        "def f(spec, optimizer):\n    return other\n\n\nTrainer(f(1, 2))\n",
        "try:\n    Trainer(f(1, 2))\nexcept TypeError:\n    pass\n",
        'if hasattr(Trainer, "train_spec"):\n    Trainer(f(1, 2))\n',
    ],
)
def test_what_a_function_returns_lacks_nothing_where_no_caller_builds_it(use: str) -> None:
    assert messages("TTN302", GIVEN + use) == []


@pytest.mark.parametrize(
    ("module", "made", "is_said"),
    [("Mine", "Mine", False), ("MyTrainer", "MyTrainer.Config", True)],
)
def test_a_config_of_no_trainer_is_known_across_files(
    module: str, made: str, is_said: bool, tmp_path: Path, titan_lint: TitanLint
) -> None:
    classes, _, _ = OWN_CONFIG.partition("def f")
    (tmp_path / "own.py").write_text(classes)
    (tmp_path / "use.py").write_text(
        f"from own import {module}\n\ndef f(spec, optimizer):\n"
        f"    return {made}(model_spec=spec, optimizer=optimizer)\n"
    )
    ran = titan_lint("--isolated", "--torchtitan=0.3.0", "--output-format=concise", str(tmp_path))
    assert ("without `loss`" in ran.out) is is_said


@pytest.mark.parametrize(
    "rest",
    [
        "    return config\n",
        "    print(config)\n    return config\n",
        "    vars(config)\n    return config.build()\n",
        "    Trainer(config)\n",
        "    isinstance(config, Trainer.Config)\n    return config\n",
        "    config.training.steps = 3\n    return Trainer(config)\n",
    ],
)
def test_a_config_that_is_built_or_returned_as_it_is_lacks_its_loss(rest: str) -> None:
    (message,) = messages("TTN302", CONFIG + rest)
    assert "`loss`" in message


@pytest.mark.parametrize(
    ("other", "is_said"),
    [
        ("import torchtitan\n", True),
        ("class Mine:\n    def __init__(self, loss):\n        self.loss = loss\n", True),
        ("import torchtitan\nprint(outputs.loss == 3, losses['loss'])\n", True),
        ("from make import make\nconfig = make(spec)\nconfig.loss = loss\n", False),
        ("class Mine:\n    def go(self):\n        self.config.loss = 3\n", False),
        ("import make\nsetattr(make.make(s), 'loss', loss)\n", False),
        ("import dataclasses, make\nc = dataclasses.replace(make.make(s), loss=loss)\n", False),
    ],
)
def test_another_file_of_the_project_may_fill_it(
    titan_lint: TitanLint, tmp_path: Path, other: str, is_said: bool
) -> None:
    (tmp_path / "make.py").write_text(CONFIG + "    return config\n")
    (tmp_path / "other.py").write_text(other)
    said = titan_lint("--isolated", "--no-cache", "--torchtitan", "0.3.0", tmp_path).out
    assert ("TTN302" in said) is is_said


@pytest.mark.parametrize(
    "built",
    [
        "    self.trainer = Trainer(self.config)\n",
        "    self.trainer = Trainer(config=self.config)\n",
        "    self.trainer = self.config.build()\n",
    ],
)
def test_another_file_comes_too_late_for_a_config_that_is_built_where_it_is_made(
    titan_lint: TitanLint, tmp_path: Path, built: str
) -> None:
    text = (
        "from torchtitan.components.optimizer import default_adamw\n"
        f"{TRAINER}class Engine:\n  def __init__(self, spec):\n"
        "    self.config = Trainer.Config(model_spec=spec, optimizer=default_adamw())\n"
    )
    (tmp_path / "other.py").write_text(
        "def step(output, value):\n    output.loss = value  # from the engine\n"
    )
    for rest, is_said in ((built, True), ("", False)):
        (tmp_path / "engine.py").write_text(text + rest)
        said = titan_lint("--isolated", "--no-cache", "--torchtitan", "0.3.0", tmp_path).out
        assert ("TTN302" in said) is is_said


DERIVED = """\
from torchtitan.train import Trainer
from torchtitan.experiments.ft.train import FTTrainer
class Derived(Trainer{bases}):
    def step(self, batch, labels):
        {use}
{rest}
"""
STEP = "self.forward_backward_step(input_dict=batch, labels=labels)"


@pytest.mark.parametrize(
    ("bases", "use", "rest", "count"),
    [
        # Classes of torchtitan's that derive from `Trainer` have a say where one of those may be meant.
        ("", STEP, "", 1),
        ("", "pass", f"def f(self: Derived, batch, labels):\n    {STEP}", 1),
        ("", "pass", f"def f(self: Trainer, batch, labels):\n    {STEP}", 0),
        (", Mixin", STEP, "", 0),
        ("", STEP, "class Both(Derived, FTTrainer):\n    pass", 0),
        ("", STEP, "class More(Derived):\n    def forward_backward_step(self, **given): ...", 0),
    ],
)
def test_what_a_class_of_the_files_inherits_is_that_of_its_base(
    bases: str, use: str, rest: str, count: int
) -> None:
    text = DERIVED.format(bases=bases, use=use, rest=rest)
    assert len(messages("TTN302", text, "0.2.2")) == count


OPTIMIZER = """\
from dataclasses import dataclass, field, replace
from torchtitan.components.optimizer import OptimizersContainer
from torchtitan.trainer import Trainer

@dataclass
class Holder:
    config: OptimizersContainer.Config

class Engine:
    def __init__(self, config, other=None):
        self.config = config

class Mine(Trainer):
    pass

class Settings(Trainer.Config):
    pass

"""
MADE = "OptimizersContainer.Config()"


@pytest.mark.parametrize(
    "text",
    [
        f"holder = Holder({MADE})\nholder.config.implementation = 'for-loop'\n",
        f"Engine(config={MADE})\n",
        f"engine = Engine(None, {MADE})\n",
        f"c = {MADE}\nEngine(c).config.implementation\n",
        f"class A:\n    def __init__(self):\n        self.config = {MADE}\n",
        f"t = Trainer.Config(optimizer={MADE})\nassert t.optimizer is not None\n",
        f"t = Settings(optimizer={MADE})\nprint(t.optimizer)\n",
        f"o = {MADE}\nt = Trainer.Config(optimizer=o)\nprint(t.optimizer, o)\n",
        f"holder = Holder(Trainer.Config(optimizer={MADE}))\n",
        f"use = lambda: {MADE}\nuse()\n",
        f"for _ in x:\n    o = {MADE}\n    a = Settings(optimizer=o, loss=b)\n    b = Settings(loss=a)\n",
    ],
)
def test_a_config_that_nothing_builds_may_stay_incomplete(text: str) -> None:
    assert messages("TTN302", OPTIMIZER + text, "0.3.0") == []


@pytest.mark.parametrize(
    "text",
    [
        f"def make():\n    return {MADE}\n",
        f"@dataclass\nclass C(Trainer.Config):\n    o: object = field(default_factory=lambda: {MADE})\n",
        f"{MADE}.build(model_parts=parts)\n",
        f"c = {MADE}\nc.build(model_parts=parts)\n",
        f"def make(s):\n    return Trainer.Config(model_spec=s, loss=loss, optimizer={MADE})\n",
        f"t = Trainer.Config(loss=loss, optimizer={MADE})\nTrainer(t)\n",
        f"t = Settings(loss=loss, optimizer={MADE})\nMine(config=t)\n",
        f"o = {MADE}\nt = Trainer.Config(loss=loss, optimizer=o)\nt.build()\n",
        f"Trainer(Trainer.Config(loss=loss, optimizer={MADE}))\n",
        f"OptimizersContainer(config={MADE}, model_parts=parts)\n",
        f"class A:\n    def __init__(self):\n        self.o = {MADE}\n"
        "    def go(self):\n        return self.o.build(model_parts=parts)\n",
        f"class A:\n    def __init__(self):\n        self.o = {MADE}\n"
        "    def go(self):\n        return Trainer.Config(loss=loss, optimizer=self.o)\n",
    ],
)
def test_a_config_that_is_built_sooner_or_later_is_asked_for_what_it_lacks(text: str) -> None:
    (said,) = messages("TTN302", OPTIMIZER + text, "0.3.0")
    assert "is made without `param_groups`" in said


DIMS = (
    "from torchtitan.distributed import ParallelDims\n"
    "d = ParallelDims(dp_shard=1, dp_replicate=1, cp=1, tp=1, pp=1, world_size=1)\n"
)
MANAGER = (
    "from torchtitan.components.checkpoint import CheckpointManager\n"
    "m = CheckpointManager({}dataloader=d, model_parts=p, optimizers=o, lr_schedulers=l, states=s)\n"
)
SPECS = "since 2026-02-23 (torchtitan commit 9810191bb)"
ADAPTER = "`sd_adapter` since 2025-07-22 (torchtitan commit 34d815c02)"


@pytest.mark.parametrize(
    ("text", "torchtitan", "notes"),
    [
        (
            DIMS,
            "0.2.2",
            (
                "`ep` since 2025-07-08 (torchtitan commit 01f4e5022)",
                "`etp` since 2025-08-13 (torchtitan commit aeb3a4baf)",
            ),
        ),
        (DIMS, "0.3.0", ("since 2025-07-08 (torchtitan commit 01f4e5022)",)),
        (
            MANAGER.format(""),
            "0.2.2",
            ("`checkpoint_config` since 2025-07-22 (torchtitan commit 171a88350)", ADAPTER),
        ),
        # What was asked for before by position or by name is asked for since then.
        (MANAGER.format(""), "0.3.0", (f"`config` {SPECS}", ADAPTER)),
        # By position it was given, and is not any more.
        (
            "from torchtitan.components.optimizer import OptimizersContainer\n\n\n"
            "class Mine(OptimizersContainer):\n"
            "    def __init__(self, parts, kind, options):\n"
            "        super().__init__(parts, kind, options)\n",
            "0.3.0",
            (SPECS,),
        ),
    ],
)
def test_each_argument_that_is_asked_for_has_the_date_of_its_own(
    text: str, torchtitan: str, notes: tuple[str, ...]
) -> None:
    (finding,) = found("TTN302", text, torchtitan, ("TTN302",))
    assert finding.notes == notes
