"""What ``functools.partial`` makes of torchtitan's functions in one file is called in another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

REGISTRY = "from functools import partial\nfrom torchtitan.models.llama3 import model_registry\n"
MAKE = f"{REGISTRY}make = partial(model_registry)\n"
SEEDED = (
    "import functools\nfrom torchtitan.distributed.utils import set_determinism\n"
    "seed = functools.partial(set_determinism, debug_config=None)\n"
)


def said(titan_lint: TitanLint, project: Path, helpers: str, use: str) -> list[str]:
    """The codes of what is found in the file that calls."""
    (project / "helpers.py").write_text(helpers)
    (project / "use.py").write_text(f"# torchtitan\n{use}\n")
    out = titan_lint(
        *("use.py", "--select", "ALL", "--torchtitan", "0.3.0", "--no-cache"),
        *("--output-format", "concise"),
    ).out
    return [line.split()[1] for line in out.splitlines() if line.startswith("use.py")]


@pytest.mark.parametrize(
    ("helpers", "use", "code"),
    [
        (MAKE, "from helpers import make\nmake('8B')", "TTN107"),
        (MAKE, "from helpers import make\nmake('8B_varlen')", "TTN105"),
        (MAKE, "import helpers\nhelpers.make('8B', attn_backend='sdpa')", "TTN106"),
        (MAKE, "from helpers import make as m\nm('99B', attn_backend='flex')", "TTN402"),
        (
            f"{REGISTRY}class Makers:\n    make = partial(model_registry)\n",
            "from helpers import Makers\nMakers.make('8B_varlen')",
            "TTN105",
        ),
        (
            f"{REGISTRY}def maker():\n    return partial(model_registry)\n",
            "from helpers import maker\nmaker()('8B')",
            "TTN107",
        ),
        (
            f"{REGISTRY}make = partial(model_registry, moe_comm_backend='standard')\n",
            "from helpers import make\nmake('8B_varlen')",
            "TTN105",
        ),
        (SEEDED, "from helpers import seed\nseed()", "TTN302"),
        (SEEDED, "from helpers import seed\nseed(dims, device)", "TTN302"),
    ],
)
def test_a_call_is_held_against_what_the_partial_has_bound_already(
    project: Path, titan_lint: TitanLint, helpers: str, use: str, code: str
) -> None:
    assert said(titan_lint, project, helpers, use) == [code]


@pytest.mark.parametrize(
    ("helpers", "use"),
    [
        (SEEDED, "from helpers import seed\nseed(dims, device, distinct_seed_mesh_dims=[])"),
        (f"{REGISTRY}make = partial(model_registry, attn_backend='flex')\n", "make('8B')"),
        (f"{REGISTRY}make = partial(model_registry, '8B')\n", "make('flex')"),
        (f"{REGISTRY}KEYS = {{}}\nmake = partial(model_registry, **KEYS)\n", "make('8B')"),
        (f"{REGISTRY}MORE = []\nmake = partial(model_registry, *MORE)\n", "make('8B')"),
        (f"{MAKE}make = partial(model_registry, attn_backend='flex')\n", "make('8B')"),
        (
            f"{REGISTRY}import os\nmake = partial(model_registry, attn_backend='flex') "
            "if os.environ else partial(model_registry)\n",
            "make('8B')",
        ),
        (f"{REGISTRY}def model_registry(*a): ...\nmake = partial(model_registry)\n", "make('8B')"),
        (f"{MAKE}def swap():\n    global make\n    make = print\n", "make('8B')"),
    ],
)
def test_a_partial_that_may_bind_what_is_asked_for_is_left_alone(
    project: Path, titan_lint: TitanLint, helpers: str, use: str
) -> None:
    text = use if "import" in use else f"from helpers import make\n{use}"
    assert said(titan_lint, project, helpers, text) == []
