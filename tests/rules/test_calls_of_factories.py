"""What a dictionary of flavors holds is called with what it takes."""

from __future__ import annotations

import pytest

from tests.rules.cases import messages

HEAD = """\
import functools
from torchtitan.models import llama3, qwen3
from torchtitan.models.llama3 import llama3_configs
from torchtitan.experiments.graph_trainer import llama3 as traced


def run(size, other):
    {}
"""


@pytest.mark.parametrize(
    "form",
    [
        "llama3_configs['3B'](attn_backend='sdpa')",
        "llama3_configs['3B']('sdpa')",
        "llama3_configs[size](attn_backend='sdpa')",
        "make = llama3_configs['3B']; make(attn_backend='sdpa')",
        "llama3.llama3_configs['3B'](attn_backend='sdpa')",
        "qwen3.qwen3_configs['8B'](attn_backend='nothing')",
        "backend = 'sdpa'; llama3_configs['3B'](attn_backend=backend)",
        "{one: llama3_configs[one](attn_backend='sdpa') for one in llama3_configs}",
        "traced.llama3_configs['3B'](attn_backend='sdpa')",
        "functools.partial(llama3_configs['3B'], attn_backend='sdpa')()",
        "llama3_configs['3B'](attn_backend='sdpa' if other else 'flex')",
    ],
)
def test_a_backend_that_the_registry_refuses_is_refused_by_what_it_calls(form: str) -> None:
    (message,) = messages("TTN401", HEAD.format(form))
    assert "`attn_backend` does not take" in message


@pytest.mark.parametrize(
    "form",
    [
        "llama3_configs['3B'](attn_backend='varlen')",
        "llama3_configs['3B'](attn_backend=other)",
        "llama3_configs['mine'](attn_backend='sdpa')",
        "other['3B'](attn_backend='sdpa')",
        "llama3_configs['3B'] = other; llama3_configs['3B'](attn_backend='sdpa')",
        "other.setitem(llama3_configs, '3B', size); llama3_configs['3B'](attn_backend='sdpa')",
        "other(llama3_configs); llama3_configs[size](attn_backend='sdpa')",
        "try: llama3_configs['3B'](attn_backend='sdpa')\n    except ValueError: pass",
        "if not other: return\n    llama3_configs['3B'](attn_backend='flex')",
    ],
)
def test_a_backend_that_it_may_take_is_left_alone(form: str) -> None:
    assert messages("TTN401", HEAD.format(form)) == []


def test_a_backend_is_right_at_its_time() -> None:
    text = HEAD.format("llama3_configs['3B'](attn_backend='sdpa')")
    assert messages("TTN401", text, "2026-05-01") == []


@pytest.mark.parametrize(
    ("put", "count"),
    [("", 1), ("llama3_configs['3B'] = other; ", 0), ("llama3_configs.update(other); ", 0)],
)
def test_what_is_put_into_a_dictionary_may_be_called_in_another_way(put: str, count: int) -> None:
    assert len(messages("TTN302", HEAD.format(f"{put}llama3_configs['3B']()"))) == count
