"""TTN102: at which targets the old path is stale."""

from __future__ import annotations

import pytest

from tests.rules.cases import check_explained, check_noop, every_message, found
from titan_lint.finding import Severity

IMPORT = "from torchtitan.models.llama3 import model_registry\n"


READ = (
    "from torchtitan.trainer import Trainer\n"
    "def backend(trainer: Trainer):\n"
    "    return trainer.model_config.layer.attention.attn_backend\n"
)


OVERRIDE = IMPORT + (
    "def build(cfg):\n"
    "    spec = model_registry(cfg.flavor)\n"
    "    if hasattr(spec.model, 'layer'):\n"
    "        spec.model.layer.attention.attn_backend = cfg.attn_type\n"
    "    return spec\n"
)


@pytest.mark.parametrize("day", ["2026-02-23", "2026-03-15", "2026-03-30"])
def test_stale_path_and_override_were_right_until_march_30(day: str) -> None:
    check_noop("TTN102", READ, day)
    check_noop("TTN103", OVERRIDE, day)


@pytest.mark.parametrize("target", ["2026-03-31", "2026-04-18", "0.3.0"])
def test_stale_path_is_told_since(target: str) -> None:
    check_explained("TTN102", READ, target)


def test_a_setting_that_a_derived_class_has_may_be_there() -> None:
    # At 0.2.2 the arguments of most models have `attn_type`, those that all inherit from do not.
    text = (
        "from torchtitan.train import Trainer\n"
        "def backend(trainer: Trainer):\n"
        "    return trainer.model_args.attn_type\n"
    )
    check_noop("TTN102", text, "0.2.2")


TYPED = {
    "what a registry builds": "config = model_registry('8B', attn_backend='varlen').model\n",
    "a spec": "spec = model_registry('8B', attn_backend='varlen')\nconfig = spec.model\n",
    "a trainer": "def held(trainer: Trainer):\n    config = trainer.model_config\n    return {}\n",
    "a parameter": "def held(config: Llama3Model.Config):\n    return {}\n",
}
NEVER_FOUND = (
    "getattr(config, 'attn_type', 'sdpa')",
    "getattr(config, 'attn_backend', 'flex')",
    "getattr(config, 'attn_type', DEFAULT)",
    "hasattr(config, 'attn_type') and config.attn_type == 'flex'",
    "config.attn_type if hasattr(config, 'attn_type') else 'sdpa'",
)
HEAD = """\
from torchtitan.models.llama3 import Llama3Model, model_registry
from torchtitan.trainer import Trainer

DEFAULT = "sdpa"


"""


def _asking(way: str, question: str) -> str:
    text = TYPED[way]
    if "{}" not in text:
        return f"{HEAD}{text}attn_type = {question}\n"
    return HEAD + text.replace("{}", question)


@pytest.mark.parametrize("way", TYPED)
@pytest.mark.parametrize("question", NEVER_FOUND)
def test_a_question_that_a_config_never_answers_is_a_warning(way: str, question: str) -> None:
    (finding,) = found("TTN102", _asking(way, question))
    assert finding.severity is Severity.WARNING
    assert "always gives" in finding.said or "is never true" in finding.said


@pytest.mark.parametrize("way", TYPED)
@pytest.mark.parametrize(
    "question",
    [
        "getattr(config, 'attn_type', None)",
        "getattr(config, 'attn_type', DEFAULT or settings.attn_type)",
        "hasattr(config, 'attn_type')",
        "config.attn_type if hasattr(config, 'attn_type') else settings.attn_type",
        "getattr(config, 'vocab_size', 'sdpa')",
        "(getattr(config, 'attn_type', 'sdpa'), config.layers[0].attention.inner_attention)",
    ],
)
def test_a_question_that_has_another_answer_is_none(way: str, question: str) -> None:
    text = _asking(way, question).replace("DEFAULT =", "import settings\nDEFAULT =")
    assert found("TTN102", text) == []


def test_what_a_config_has_is_found() -> None:
    text = """\
        from torchtitan.trainer import Trainer


        def backend(trainer: Trainer):
            return getattr(trainer.model_config.layer.attention, "attn_backend", "flex")
        """
    assert found("TTN102", text, "2026-03-15") == []
    (finding,) = found("TTN102", text)
    assert finding.severity is Severity.ERROR
    assert "`trainer.model_config.layer.attention` does not exist" in finding.said


def test_a_config_of_somebody_else_is_not_asked_about() -> None:
    text = "import torchtitan\n\n\ndef backend(config):\n    return getattr(config, 'attn_type', 'sdpa')\n"
    assert found("TTN102", text) == []


@pytest.mark.parametrize(
    "guard", ["", "if 'attn_type' in TransformerModelArgs.__dataclass_fields__:"]
)
def test_a_setting_that_is_still_to_come_is_not_stale(guard: str) -> None:
    """`attn_type` of the model args came with 0.2.1; setting an attribute of a dataclass fails nowhere."""
    text = (
        "from torchtitan.models.llama3.model.args import TransformerModelArgs\n"
        f"config = TransformerModelArgs()\n{guard or 'if True:'}\n    config.attn_type = 'sdpa'\n"
    )
    assert every_message(text, "0.2.0") == []
    assert every_message(text, "0.2.1") == []
