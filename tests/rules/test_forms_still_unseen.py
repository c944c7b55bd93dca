"""The forms that `docs/not-seen.md` says are not seen."""

from __future__ import annotations

import pytest

from tests.rules.cases import found
from titan_lint import rules


@pytest.mark.parametrize(
    "text",
    [
        # The names in a table of pairs of which one is taken, or that a loop tells apart.
        "import importlib\n"
        "TABLE = {'llama3': ('torchtitan.models.llama3', 'llama3_args')}\n"
        "def load(key):\n"
        "    module, name = TABLE[key]\n"
        "    return getattr(importlib.import_module(module), name)\n",
        "import importlib\n"
        "TABLE = [('torchtitan.models.llama3', 'llama3_args')]\n"
        "made = [getattr(importlib.import_module(m), n) for m, n in TABLE if n.endswith('args')]\n",
        # The attributes of a config as a dictionary that has a name.
        "from torchtitan.config import TrainingConfig\n"
        "def use(config: TrainingConfig):\n    held = vars(config)\n    return held['dataset']\n",
        # A function that reads attributes, called by another one.
        "from operator import attrgetter\nfrom torchtitan.trainer import Trainer\n"
        "def use(trainers: list[Trainer]):\n"
        "    return sorted(trainers, key=attrgetter('job_config'))\n",
        # The default of other dictionaries than the environment.
        "from torchtitan.models.llama3 import model_registry\n"
        "def use(settings):\n"
        "    return model_registry(settings.get('size', '9B'), attn_backend='flex')\n",
    ],
)
def test_these_forms_are_still_unseen(text: str) -> None:
    for code in rules.names():
        assert found(code, text, "0.3.0", (code,)) == []
