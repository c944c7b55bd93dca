"""TTN303: positional arguments that bind to another parameter."""

from __future__ import annotations

import pytest

from tests.fixing import fix_text
from tests.rules.call_cases import CALLS, CONFIG, messages

FORWARD = (
    "from torchtitan.models.llama3.model import Llama3Model\n\n\n"
    "def f(model: Llama3Model, tokens, {a}, {b}):\n    return model(tokens, {a}, {b})\n"
)


def test_arguments_named_as_the_new_parameters_have_not_drifted() -> None:
    code = FORWARD.format(a="positions", b="attention_masks")
    assert messages(code, written_for="main@7cec16600") == []


def test_swapped_arguments_named_as_the_old_parameters_are_rewritten_safely() -> None:
    code = FORWARD.format(a="attention_masks", b="positions")
    fixed = fix_text(code, written_for="main@7cec16600", select=CALLS)
    assert "model(tokens, attention_masks=attention_masks, positions=positions)" in (
        fixed.source.text
    )


def test_drift_of_an_inferred_version_is_rewritten_unsafely() -> None:
    old = "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
    old += f"{CONFIG}p = ParallelismConfig(expert_tensor_parallel_degree=1)\n"
    code = old + FORWARD.format(a="first", b="second")
    assert "first, second)" in fix_text(code, select=["TTN303"]).source.text
    fixed = fix_text(code, unsafe=True, select=["TTN303"])
    assert "model(tokens, attention_masks=first, positions=second)" in fixed.source.text


def test_gpt_oss_backend_by_position_is_named() -> None:
    code = (
        "from torchtitan.models.gpt_oss import model_registry\n"
        'spec = model_registry("20b", "flex")\n'
    )
    fixed = fix_text(code, written_for="main@7cec16600", select=["TTN303"])
    assert 'model_registry("20b", attn_backend="flex")' in fixed.source.text


def test_a_call_of_what_the_file_can_do_without_is_not_judged() -> None:
    guarded = (
        "try:\n    from torchtitan.models.moe import MoE\nexcept ImportError:\n    MoE = None\n\n\n"
        "def make(args):\n    return MoE(args, 1, 2)\n"
    )
    assert messages(guarded, "0.3.0") == []
    # There the import works, so that the call gets to it.
    assert messages(guarded.replace("1, 2", "1, 2, 3"), "0.2.2") != []


@pytest.mark.parametrize("kind", ["ValueError", "KeyError", "ImportError", "AttributeError"])
def test_one_argument_too_many_raises_type_error_alone(kind: str) -> None:
    text = (
        "from torchtitan.config.manager import ConfigManager\n"
        "try:\n    ConfigManager(None)\nexcept {}:\n    pass\n"
    )
    assert len(messages(text.format(kind), "0.3.0")) == 1
    assert messages(text.format("TypeError"), "0.3.0") == []


@pytest.mark.parametrize(
    ("config", "made", "is_said"),
    [
        # Torchtitan has it build the class around it, and hands that what it is given.
        ("class Mine(BaseModel):\n    class Config(BaseModel.Config): ...\n", "Mine.Config", False),
        (
            "class Mine(BaseModel):\n    class Config(BaseModel.Config): ...\n"
            "class Wider(Mine.Config): ...\n",
            "Wider",
            False,
        ),
        ("class Wider(BaseModel.Config): ...\n", "Wider", True),
        ("", "BaseModel.Config", True),
    ],
)
def test_what_a_config_in_a_class_of_the_project_builds_is_of_that_class(
    config: str, made: str, is_said: bool
) -> None:
    code = f"from torchtitan.protocols.model import BaseModel\n\n\n{config}\n\n"
    code += f"{made}().build().init_weights(3)\n"
    assert bool(messages(code)) is is_said


ENGINE = "from torchtitan.experiments.forge.engine import ForgeEngine\n\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "def run(engine: ForgeEngine, cp):\n    with engine.train_context(cp):\n        pass\n",
        "def run(engine: ForgeEngine, cp):\n    with engine.train_context(None):\n        pass\n",
        "def run(config, cp):\n    with ForgeEngine(config).train_context(cp):\n        pass\n",
        "class Mine(ForgeEngine):\n    def run(self, cp):\n        return self.train_context(cp)\n",
        "class Holder:\n    engine: ForgeEngine\n    def run(self, cp):\n"
        "        return self.engine.train_context(cp)\n",
    ],
)
def test_what_torchtitan_declares_as_a_generator_is_what_it_is_assigned(text: str) -> None:
    assert len(messages(ENGINE + text)) == 1
    # It took one once, and so the release before.
    assert messages(ENGINE + text, "0.2.1") == []
    assert len(messages(ENGINE + text, "0.2.2")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "def run(engine: ForgeEngine):\n    with engine.train_context():\n        pass\n",
        "def run(engine, cp):\n    with engine.train_context(cp):\n        pass\n",
        "def run(engine: ForgeEngine, given):\n    with engine.train_context(*given):\n        pass\n",
        "def run(engine: ForgeEngine, cp):\n    engine.train_context = mine\n"
        "    return engine.train_context(cp)\n",
        "class Mine(ForgeEngine):\n    def __init__(self, config):\n"
        "        super().__init__(config)\n        self.train_context = mine\n"
        "    def run(self, cp):\n        return self.train_context(cp)\n",
        "def run(engine: ForgeEngine, cp):\n    try:\n        return engine.train_context(cp)\n"
        "    except TypeError:\n        return engine.train_context()\n",
        "import inspect\ndef run(engine: ForgeEngine, cp):\n"
        "    if inspect.signature(engine.train_context).parameters:\n"
        "        return engine.train_context(cp)\n    return engine.train_context()\n",
    ],
)
def test_what_may_take_it_is_left_alone(text: str) -> None:
    assert messages(ENGINE + text) == []


@pytest.mark.parametrize("put", ["mine", "lambda cp: cp", "Mine()", "functools.partial(mine, 1)"])
def test_what_the_file_puts_into_a_field_is_called_as_it_takes_it(put: str) -> None:
    text = (
        "import functools\nfrom torchtitan.trainer import Trainer\n\n\nclass Mine:\n"
        "    def __call__(self, cp): ...\n\n\ndef run(trainer: Trainer, cp):\n%s"
        "    return trainer.train_context(cp)\n"
    )
    assert messages(text % f"    trainer.train_context = {put}\n") == []
    assert len(messages(text % f"    trainer.other_context = {put}\n")) == 1


ASYNC_TP = (
    "from torchtitan.distributed.tensor_parallel import maybe_enable_async_tp\n\n\n"
    "def apply(parallelism, compile_config, mesh):\n"
    "    maybe_enable_async_tp(parallelism, compile_config, mesh)\n"
)


def test_of_arguments_that_are_too_many_all_are_named() -> None:
    (message,) = messages(ASYNC_TP, "0.2.2", written_for="main@4b3347467")
    assert "takes 2 positional arguments at torchtitan 0.2.2, not 3" in message
    assert "they were `parallelism`, `compile_config`, `tp_mesh` at torchtitan main of" in message


def test_a_change_that_the_target_has_not_is_no_reason() -> None:
    (message,) = messages(ASYNC_TP, "0.2.2", written_for="main@4b3347467")
    assert "since" not in message
    assert "Pass" not in message


def test_arguments_are_named_as_they_were_then() -> None:
    text = "from torchtitan.train import Trainer\n\n\ndef make(job_config):\n    return Trainer(job_config)\n"
    (message,) = [m for m in messages(text, "0.3.0", written_for="0.2.2") if "TTN303" in m]
    assert "it was `job_config` at torchtitan 0.2.2" in message


TAKES_CONFIG = (
    "from torchtitan.models.qwen3.model.model import FeedForward\n\n\n"
    "def make(dim, config, given):\n    return FeedForward({})\n"
)


@pytest.mark.parametrize("given", ["dim", "64", "given.dim", "given['dim']"])
def test_a_number_in_the_place_of_a_config_is_reported_where_the_class_moved_too(
    given: str,
) -> None:
    (said,) = messages(TAKES_CONFIG.format(given))
    assert said.startswith(
        "TTN303 `FeedForward` takes this as `config` at torchtitan 0.3.0; it was `dim`"
    )
    fixed = fix_text(TAKES_CONFIG.format(given))
    assert "models.common import FeedForward" in fixed.source.text
    assert [finding.code for finding in fixed.remaining] == ["TTN303"]


@pytest.mark.parametrize("given", ["config", "given.config", "FeedForward.Config(w1=1)"])
def test_a_config_in_its_place_is_where_it_belongs(given: str) -> None:
    assert not any("takes this as" in said for said in messages(TAKES_CONFIG.format(given)))
