"""TTN302: arguments that a call lacks, and those that it only seems to lack."""

from __future__ import annotations

import pytest

from tests.rules.cases import messages

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
