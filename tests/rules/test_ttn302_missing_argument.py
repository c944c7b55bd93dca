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
