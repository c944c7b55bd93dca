"""Gone, not there yet, in no known torchtitan: three different things, said in three different ways."""

from __future__ import annotations

import pytest

from tests.rules.cases import found
from titan_lint.finding import Severity


def said(text: str, torchtitan: str = "0.3.0") -> list[tuple[Severity, str]]:
    return [(f.severity, f.said) for f in found("TTN201", text, torchtitan, ("TTN201",))]


@pytest.mark.parametrize(
    ("text", "torchtitan", "word"),
    [
        ("from torchtitan.config import ActivationCheckpointConfig\n", "0.3.0", "is gone at"),
        ("from torchtitan.distributed.utils import maybe_enable_amp\n", "0.3.0", "is gone at"),
        ("import torchtitan.protocols.train_spec\n", "0.3.0", "is gone at"),
        ("from torchtitan.components.loss import CrossEntropyLoss\n", "0.2.2", "not there yet"),
        (
            "from torchtitan.models.common.attention import FlexAttention\n",
            "0.2.0",
            "not there yet",
        ),
        (
            "import torchtitan.distributed.utils as u\nu.never()\n",
            "0.3.0",
            "or any known before it",
        ),
        ("from torchtitan.distributed.utils import never\n", "0.3.0", "or any known before it"),
        ("from torchtitan.trainer import Never\n", "0.2.2", "or any known before it"),
        ("from torchtitan.config import never\n", "0.3.0", "or any known before it"),
    ],
)
def test_a_name_that_a_module_lacks_is_an_error_in_the_word_that_is_true(
    text: str, torchtitan: str, word: str
) -> None:
    ((severity, message),) = said(text, torchtitan)
    assert severity is Severity.ERROR
    assert word in message


@pytest.mark.parametrize(
    "text",
    [
        "from torchtitan.tools.logging.init_logger import handler\n",
        "from torchtitan.trainer.Trainer import Config\n",
        "import torchtitan.config.ParallelismConfig\n",
        "from torchtitan.tools.logging.logger import info\n",
    ],
)
def test_nothing_is_imported_from_what_is_no_module(text: str) -> None:
    ((severity, message),) = said(text)
    assert severity is Severity.ERROR
    assert "is no module" in message


@pytest.mark.parametrize(
    "text",
    [
        "from torchtitan.models.ours import model_registry\n",
        "from torchtitan.models import ours\n",
        "import torchtitan.experiments.ours.train\n",
        "import torchtitan.our_tools\n",
    ],
)
def test_a_module_that_no_version_has_may_be_a_forks(text: str) -> None:
    ((severity, message),) = said(text)
    assert severity is Severity.INFO
    assert "; a fork may have it" in message


@pytest.mark.parametrize(
    ("flavor", "torchtitan", "word"),
    [
        ("debugmodel_varlen", "0.3.0", "it was last in torchtitan main of 2026-04-03"),
        ("235B_varlen", "0.3.0", "no torchtitan known here has it"),
        (
            "debugmodel_non_fused_qkv",
            "2026-04-03",
            "the first known here that has it is torchtitan main of 2026-06",
        ),
        ("debugmodel_moe_never", "0.3.0", "no torchtitan known here has it"),
        ("9B", "2026-04-03", "no torchtitan known here has it"),
    ],
)
def test_a_flavor_is_gone_or_not_there_yet_or_not_known(
    flavor: str, torchtitan: str, word: str
) -> None:
    text = f"from torchtitan.models.qwen3 import qwen3_configs\nqwen3_configs[{flavor!r}]\n"
    ((severity, message),) = [
        (f.severity, f.said) for f in found("TTN402", text, torchtitan, ("TTN402",))
    ]
    assert severity is Severity.ERROR
    assert word in message


@pytest.mark.parametrize(
    ("asked", "torchtitan", "word"),
    [
        ("model_registry", "0.2.2", "is not there yet at torchtitan 0.2.2; the first known here"),
        ("model_registry", "0.2.0", "is not there yet at torchtitan 0.2.0; the first known here"),
        ("config_registry.never", "0.2.2", "is not there yet at torchtitan 0.2.2"),
        ("get_train_spec", "0.3.0", "is gone at torchtitan 0.3.0; since 2026-02-23"),
        ("infra.parallelize.apply_fsdp", "0.3.0", "is gone at torchtitan 0.3.0"),
    ],
)
def test_what_the_module_of_any_model_lacks_is_told_in_the_word_that_is_true(
    asked: str, torchtitan: str, word: str
) -> None:
    text = (
        "import importlib\n\n\ndef load(name):\n"
        "    module = importlib.import_module(f'torchtitan.models.{name}')\n"
        f"    return module.{asked}\n"
    )
    ((_, message),) = said(text, torchtitan)
    assert word in message


@pytest.mark.parametrize(
    ("code", "text", "torchtitan", "advice"),
    [
        (
            "TTN201",
            "from torchtitan.components.loss import CrossEntropyLoss\n",
            "0.2.2",
            "Require a torchtitan that has it, or test for it first",
        ),
        (
            "TTN203",
            "from torchtitan.components.optimizer import OptimizersContainer as O\nO.Config()\n",
            "0.2.2",
            "Require a torchtitan that has it, or test for it first",
        ),
        (
            "TTN201",
            "from torchtitan.models.llama3 import model_registr\n",
            "0.3.0",
            "Did you mean `model_registry`?",
        ),
        ("TTN201", "from torchtitan.trainer import Never\n", "0.3.0", ""),
        (
            "TTN402",
            "from torchtitan.models.llama3 import model_registry\nmodel_registry('8b')\n",
            "0.3.0",
            "Did you mean '8B'?",
        ),
    ],
)
def test_what_to_do_is_said_of_what_is_to_come_and_of_a_slip(
    code: str, text: str, torchtitan: str, advice: str
) -> None:
    (finding,) = found(code, text, torchtitan, (code,))
    assert finding.help == advice


@pytest.mark.parametrize(
    "text",
    [
        "from torchtitan.tools import utils\nutils.import_module_from_path('x')\n",
        "from torchtitan.tools.utils import import_module_from_path\n",
        "from torchtitan.datasets.tokenizer.tokenizer import Tokenizer\nprint(Tokenizer)\n",
        "from torchtitan.config import never\nprint(never)\n",
    ],
)
@pytest.mark.parametrize("torchtitan", ["0.2.2", "0.3.0"])
def test_what_lived_between_known_torchtitans_is_not_said_never_to_have_lived(
    text: str, torchtitan: str
) -> None:
    """The first three were there for some weeks of early 2025."""
    ((severity, message),) = said(text, torchtitan)
    assert severity is Severity.ERROR
    assert (
        f"is not in torchtitan {torchtitan} or any known before it; no torchtitan known" in message
    )


def test_of_a_name_that_nobody_knows_what_is_gone_is_the_module_that_it_is_asked_of() -> None:
    ((severity, message),) = said("from torchtitan.protocols.train_spec import never\n")
    assert severity is Severity.ERROR
    assert message.startswith("`torchtitan.protocols.train_spec` is gone at torchtitan 0.3.0; ")
