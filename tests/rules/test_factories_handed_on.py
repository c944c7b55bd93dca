"""What makes a config is handed to what takes one."""

from __future__ import annotations

import pytest

from tests.rules.cases import messages

HEAD = """\
import copy, dataclasses, operator
from dataclasses import asdict, fields, replace
from operator import attrgetter
from torchtitan.config import TrainingConfig
from torchtitan.models.llama3 import llama3_configs
from torchtitan.trainer import Trainer

job = attrgetter("job_config")


def run(trainer: Trainer, config: Trainer.Config, size, other):
    {}
"""


@pytest.mark.parametrize(
    "form",
    [
        "return vars(llama3_configs['8B'])['dim']",
        "return dict(vars(llama3_configs[size]))",
        "return asdict(llama3_configs['8B'])",
        "return fields(llama3_configs[size])",
        "return replace(llama3_configs['8B'], vocab_size=1)",
        "return copy.replace(llama3_configs['8B'], vocab_size=1)",
        "made = llama3_configs['8B']; return dataclasses.asdict(made)",
        "return [vars(made) for made in llama3_configs.values()]",
    ],
)
def test_a_factory_is_no_config_to_what_takes_configs(form: str) -> None:
    (message,) = messages("TTN204", HEAD.format(form))
    assert "is given a function" in message
    assert messages("TTN204", HEAD.format(form), "2026-03-15") == []


@pytest.mark.parametrize(
    "form",
    [
        "return vars(llama3_configs['8B'](attn_backend='flex'))",
        "return vars(other['8B'])",
        "return vars(llama3_configs)",
        "return vars()",
        "vars = other; return vars(llama3_configs['8B'])",
        "llama3_configs['mine'] = other; return asdict(llama3_configs['mine'])",
        "try: return asdict(llama3_configs['8B'])\n    except TypeError: pass",
        "made = llama3_configs['8B']\n    if not callable(made): return vars(made)",
    ],
)
def test_a_config_or_what_may_be_one_is_taken(form: str) -> None:
    assert messages("TTN204", HEAD.format(form)) == []
