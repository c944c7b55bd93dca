"""What a conftest, a loop over names or a class below gives torchtitan is there for the files that ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import found_in

if TYPE_CHECKING:
    from pathlib import Path

AMP = "import torchtitan.distributed.utils as du\n\n\ndef test_amp():\n    assert du.maybe_enable_amp() == 1\n"
JOB = "from torchtitan.trainer import Trainer\n\n\ndef test_job(t: Trainer):\n    assert t.job_config\n"
LAYERS = (
    "from torchtitan.models.llama3 import model_registry\n\n"
    "c = model_registry('debugmodel', attn_backend='flex').model\nprint(c.n_layers)\n"
)
OPTIMIZER = (
    "from torchtitan.components.optimizer import OptimizersContainer\n\n"
    "print(OptimizersContainer.Config(lr=0.2))\n"
)
FAKE = "import torchtitan.components.optimizer as m\n\n\nclass Fake:\n    Config = dict\n\n\n"


def codes(folder: Path, files: dict[str, str]) -> list[str]:
    """The rules that speak in a project at 0.3.0."""
    return [finding.code for finding in found_in(folder, files)]


PUT = {
    "a function by a conftest": (
        "test_a.py",
        AMP,
        "conftest.py",
        "import torchtitan.distributed.utils as du\n\ndu.maybe_enable_amp = lambda *a: 1\n",
    ),
    "by a conftest above": (
        "unit/test_a.py",
        AMP,
        "conftest.py",
        "import torchtitan.distributed.utils as du\n\n\ndef pytest_configure(config):\n"
        "    du.maybe_enable_amp = lambda *a: 1\n",
    ),
    "a property by a conftest": (
        "test_a.py",
        JOB,
        "conftest.py",
        "from torchtitan.trainer import Trainer\n\n"
        "Trainer.job_config = property(lambda self: self.config)\n",
    ),
    "a property of a class below": (
        "main.py",
        f"import lib\n{LAYERS}",
        "lib.py",
        "from torchtitan.models.llama3 import Llama3Model\n\n"
        "Llama3Model.Config.n_layers = property(lambda self: 99)\n",
    ),
    "a class by a loop over names": (
        "main.py",
        f"import lib\n{OPTIMIZER}",
        "lib.py",
        f"{FAKE}for n in ('OptimizersContainer',):\n    setattr(m, n, Fake)\n",
    ),
}
NOT_PUT = {
    "another function by a conftest": (
        "test_a.py",
        AMP,
        "conftest.py",
        "import torchtitan.distributed.utils as du\n\ndu.other = lambda *a: 1\n",
    ),
    "by a test": (
        "main.py",
        AMP,
        "test_a.py",
        "import torchtitan.distributed.utils as du\n\ndu.maybe_enable_amp = lambda *a: 1\n",
    ),
    "another name by a loop": (
        "main.py",
        f"import lib\n{OPTIMIZER}",
        "lib.py",
        f"{FAKE}for n in ('Optimizers',):\n    setattr(m, n, Fake)\n",
    ),
    "the same once more by a loop": (
        "main.py",
        f"import lib\n{OPTIMIZER}",
        "lib.py",
        f"{FAKE}import torchtitan.components.optimizer as n\n\n"
        "for one in ('OptimizersContainer',):\n    setattr(m, one, getattr(n, one))\n",
    ),
}


@pytest.mark.parametrize(("asking", "text", "putting", "patch"), PUT.values(), ids=PUT)
def test_what_another_file_puts_there_is_there(
    tmp_path: Path, asking: str, text: str, putting: str, patch: str
) -> None:
    assert codes(tmp_path, {asking: text, putting: patch}) == []


@pytest.mark.parametrize(("asking", "text", "putting", "patch"), NOT_PUT.values(), ids=NOT_PUT)
def test_what_nobody_puts_there_is_not(
    tmp_path: Path, asking: str, text: str, putting: str, patch: str
) -> None:
    assert codes(tmp_path, {asking: text, putting: patch}) != []
