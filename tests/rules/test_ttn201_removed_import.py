"""TTN201: what is only explained, said softly, or left alone."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.cases import found, messages
from tests.rules.import_cases import CODES, becomes, explained, says
from titan_lint.finding import Severity


def test_what_stays_behind_stays_and_is_explained() -> None:
    text = """\
        from torchtitan.models.attention import create_attention_mask, FlexAttentionWrapper
        print(create_attention_mask, FlexAttentionWrapper)
        """
    becomes(
        text,
        """\
        from torchtitan.models.attention import FlexAttentionWrapper
        from torchtitan.models.common.attention import create_attention_mask
        print(create_attention_mask, FlexAttentionWrapper)
        """,
    )
    (left,) = found("TTN201", text, codes=CODES)
    assert "`FlexAttention` takes its place" in left.said


def test_a_module_whose_names_went_to_several_places_is_explained() -> None:
    text = """\
        import torchtitan.config.job_config as jc
        a, b = jc.Training(), jc.LRScheduler()
        """
    (message,) = explained(text)
    assert "`torchtitan.config` and the `Config` classes" in message


@pytest.mark.parametrize(
    ("name", "became"),
    [
        ("JobConfig", "`torchtitan.trainer.Trainer.Config` takes its place"),
        ("Optimizer", "its settings are the `Config` of `OptimizersContainer`"),
        ("Model", "`Trainer.Config` takes a `ModelSpec`"),
        ("MemoryEstimation", "nothing in torchtitan takes its place"),
    ],
)
def test_what_had_moved_before_it_went_is_told_with_both_dates(name: str, became: str) -> None:
    text = f"from torchtitan.config_manager import {name}\nprint({name})\n"
    (finding,) = found("TTN201", text, "0.3.0", CODES)
    last, since, now = finding.notes
    assert last == "it was last in torchtitan main of 2025-07-15 (23b87369f)"
    assert since == "gone since 2025-07-22 (torchtitan commit 34d815c02)"
    assert now.startswith(became)
    assert now.endswith(" (torchtitan commit 9810191bb of 2026-02-23)")


GONE_WITH_THE_SPECS = "gone since 2026-02-23 (torchtitan commit 9810191bb)"


@pytest.mark.parametrize(
    ("module", "name", "since", "now"),
    [
        (
            "models.llama3.infra.parallelize",
            "apply_ddp",
            GONE_WITH_THE_SPECS,
            "nothing takes its place: `fully_shard` does replication, too (torchtitan commit e1847f439 of 2026-03-09)",
        ),
        (
            "train",
            "maybe_enable_profiling",
            GONE_WITH_THE_SPECS,
            "`torchtitan.tools.profiler.Profiler` takes its place: `Profiler.Config(...).build(...)` makes a context"
            " manager (torchtitan commit de7fc7bd0 of 2026-04-17)",
        ),
        (
            "models.llama4.infra.parallelize",
            "apply_fsdp",
            GONE_WITH_THE_SPECS,
            "llama4 was removed from torchtitan (torchtitan commit d92336fee of 2026-06-08)",
        ),
        ("components.ft", "FTManager", GONE_WITH_THE_SPECS, "it is called `TorchFTManager`"),
        ("config", "LRScheduler", GONE_WITH_THE_SPECS, "at torchtitan 0.3.0 it is"),
        ("config", "Profiling", GONE_WITH_THE_SPECS, "at torchtitan 0.3.0 it is"),
        ("models.moe", "MoEArgs", GONE_WITH_THE_SPECS, "at torchtitan 0.3.0 it is"),
        (
            "datasets.tokenizer.tiktoken",
            "TikTokenizer",
            "gone since 2025-07-10 (torchtitan commit 681df506a)",
            "",
        ),
        # It was imported from llama4, which was removed after it had left there.
        (
            "models.deepseek_v3.parallelize",
            "apply_moe_ep_tp",
            "gone since 2026-05-20 (torchtitan commit 963c20cba)",
            "",
        ),
    ],
)
def test_since_when_a_name_is_gone_is_told_apart_from_what_became_of_it_later(
    module: str, name: str, since: str, now: str
) -> None:
    text = f"from torchtitan.{module} import {name}\nprint({name})\n"
    codes = ("TTN201", "TTN202")
    (finding,) = [finding for code in codes for finding in found(code, text, "0.3.0", codes)]
    last, told, *more = finding.notes
    assert last.startswith("it was last in torchtitan ")
    assert told == since
    assert more[0].startswith(now) if now else not more


@pytest.mark.parametrize(
    ("module", "name", "torchtitan"),
    [
        ("models.attention", "FlexAttentionWrapper", "2026-03-01"),
        ("config", "LRScheduler", "2026-03-01"),
        ("train", "maybe_enable_profiling", "2026-03-01"),
    ],
)
def test_a_commit_that_the_target_has_not_is_no_cause(
    module: str, name: str, torchtitan: str
) -> None:
    text = f"from torchtitan.{module} import {name}\nprint({name})\n"
    codes = ("TTN201", "TTN202")
    (finding,) = [finding for code in codes for finding in found(code, text, torchtitan, codes)]
    assert any("since 2026-02-23 (torchtitan commit 9810191bb)" in n for n in finding.notes)


def test_what_left_with_the_change_itself_is_told_with_its_date_alone() -> None:
    text = "import torchtitan.config_manager as cm\nprint(cm)\n"
    (finding,) = found("TTN201", text, "0.2.0", CODES)
    (since,) = finding.notes
    assert since.startswith("since 2025-07-22 (torchtitan commit 34d815c02): `torchtitan.config` ")


def test_a_name_that_no_model_has() -> None:
    text = """\
        import importlib
        def f(name):
            return importlib.import_module(f"torchtitan.models.{name}").get_train_spec()
        """
    (message,) = explained(text)
    assert "`model_registry(flavor)` of the same package" in message
    assert says(text, "0.2.2") == []


def test_a_name_of_several_that_is_gone_is_an_info_at_its_place() -> None:
    text = textwrap.dedent("""\
        import importlib
        NAMES = {"llama": "llama3", "llama4": "llama4"}
        def load(kind):
            name = NAMES.get(kind)
            return importlib.import_module(f"torchtitan.models.{name}")
        """)
    assert says(text) == [("TTN201", "info", text.index('"llama4"}'))]


def test_a_fallback_that_is_gone_as_well_is_reported() -> None:
    text = """\
        try:
            from torchtitan.components.lr_scheduler import LRSchedulersContainer
        except ImportError:
            from torchtitan.models.llama4 import LRSchedulersContainer
        """
    (message,) = explained(text)
    assert "llama4 was removed" in message


@pytest.mark.parametrize(
    "text",
    [
        """\
        from contextlib import suppress
        with suppress(ImportError):
            from torchtitan.protocols.train_spec import get_train_spec
        """,
        """\
        import importlib.util
        if importlib.util.find_spec("torchtitan.protocols.train_spec"):
            from torchtitan.protocols.train_spec import get_train_spec
        """,
        """\
        import torchtitan.distributed.utils as utils
        amp = utils.maybe_enable_amp if hasattr(utils, "maybe_enable_amp") else None
        """,
        """\
        from importlib.metadata import version
        from packaging.version import Version
        if Version(version("torchtitan")) < Version("0.3.0"):
            from torchtitan.protocols.train_spec import get_train_spec
        """,
        "from torchtitan.train import Trainer\n",
        "from torchtitan.components.checkpoint import CheckpointManager\n",
        "from .torchtitan import anything\n",
        "from my.torchtitan.config.job_config import Training\n",
        "import torchtitan\nprint(torchtitan.__version__, torchtitan.__path__)\n",
        "from torchtitan.experiments.rl.tests.helpers import anything\n",
    ],
)
def test_what_works_or_is_guarded_is_left_alone(text: str) -> None:
    assert says(text) == []


def test_a_version_guard_with_a_live_branch_is_judged_by_it() -> None:
    text = textwrap.dedent("""\
        from importlib.metadata import version
        from packaging.version import Version
        if Version(version("torchtitan")) >= Version("0.3.0"):
            from torchtitan.models.llama4 import model_registry
        else:
            from torchtitan.protocols.train_spec import get_train_spec
        """)
    assert [at for _, _, at in says(text)] == [text.index("model_registry")]


def test_a_name_of_a_fork_is_an_info() -> None:
    text = """\
        import importlib
        from torchtitan.experiments.kimi_linear import model_registry
        importlib.import_module(f"torchtitan.models.{name}").our_own_function()
        """
    findings = found("TTN201", text, codes=CODES)
    assert [f.severity for f in findings] == [Severity.INFO, Severity.INFO]
    assert all(f.notes[-1].startswith("a fork may have it") for f in findings)


def test_a_name_that_is_still_to_come_says_so() -> None:
    text = "from torchtitan.components.loss import CrossEntropyLoss\n"
    (message,) = explained(text, "2026-03-15")
    assert "not there yet" in message
    assert "main of 2026-04-27" in message


def test_an_unused_import_of_what_is_gone_is_removed_only_at_the_top() -> None:
    becomes(
        "from torchtitan.config import ActivationCheckpointConfig, CompileConfig\n",
        "from torchtitan.config import CompileConfig\n",
    )
    nested = """\
        def f():
            from torchtitan.config import ActivationCheckpointConfig
        """
    becomes(nested, nested)


@pytest.mark.parametrize(
    "use",
    [
        "import importlib\nm = importlib.import_module(name='torchtitan.protocols.model_converter')\n",
        "m = __import__('torchtitan.protocols.model_converter', fromlist=['x'])\n",
        "import torchtitan.components.loss as loss\nbuild = getattr(loss, 'build_mse_loss')\n",
        "import torchtitan.components.loss as loss\nx = [getattr(loss, 'build_mse_loss')]\n",
    ],
)
def test_what_is_asked_for_by_name_fails_as_surely(use: str) -> None:
    assert len(says(use)) == 1


@pytest.mark.parametrize(
    "use",
    [
        "def getattr(a, b): ...\nimport torchtitan.components.loss as loss\n"
        "getattr(loss, 'build_mse_loss')\n",
        "import torchtitan.components.loss as loss\ngetattr(loss, 'build_mse_loss', None)\n",
        "import torchtitan.components.loss as loss\n"
        "try:\n    getattr(loss, 'build_mse_loss')\nexcept AttributeError:\n    pass\n",
        "import torchtitan.components.loss as loss\n"
        "if hasattr(loss, 'build_mse_loss'):\n    getattr(loss, 'build_mse_loss')\n",
    ],
)
def test_what_is_asked_for_by_name_with_care_is_left_alone(use: str) -> None:
    assert messages("TTN201", use) == []


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("from torchtitan.components.loss import build_mse_loss", "ModuleNotFoundError"),
        ("from torchtitan.components.loss import build_mse_loss", "AttributeError"),
        ("from torchtitan.protocols.model_converter import ModelConverter", "AttributeError"),
        ("import torchtitan.protocols.model_converter", "NameError"),
    ],
)
def test_an_except_for_another_failure_of_an_import_is_no_care(statement: str, kind: str) -> None:
    assert len(says(f"try:\n    {statement}\nexcept {kind}:\n    pass\n")) == 1


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("from torchtitan.components.loss import build_mse_loss", "ImportError"),
        ("from torchtitan.protocols.model_converter import ModelConverter", "ModuleNotFoundError"),
        ("from torchtitan.protocols import model_converter", "ImportError"),
        ("import torchtitan.protocols.model_converter", "ModuleNotFoundError"),
        ("__import__('torchtitan.protocols.model_converter', fromlist=['x'])", "ImportError"),
    ],
)
def test_an_except_for_the_failure_of_an_import_is_care(statement: str, kind: str) -> None:
    assert says(f"try:\n    {statement}\nexcept {kind}:\n    pass\n") == []


def test_a_factory_whose_call_is_a_statement_is_explained() -> None:
    for use in ("get_train_spec()", "get_train_spec().build_loss_fn", "get_train_spec"):
        text = f"from torchtitan.models.llama3 import get_train_spec\n{use}\n"
        assert len(says(text)) == 1


def test_looking_for_a_module_whose_package_is_gone_raises() -> None:
    text = """\
        import importlib.util
        if importlib.util.find_spec("torchtitan.components.ft.config") is not None:
            import torchtitan.components.ft.config
        """
    (message,) = messages("TTN202", text)
    assert "`torchtitan.components.ft` is gone" in message


@pytest.mark.parametrize(
    "text",
    [
        "import importlib.util\nHAS = importlib.util.find_spec('torchtitan.components.ft')\n",
        "from importlib.util import find_spec\n"
        "try:\n    HAS = find_spec('torchtitan.components.ft.config')\n"
        "except ModuleNotFoundError:\n    HAS = None\n",
        "from importlib.util import find_spec\n"
        "HAS = find_spec('torchtitan.components.ft')"
        " and find_spec('torchtitan.components.ft.config')\n",
    ],
)
def test_looking_for_a_module_with_care_is_left_alone(text: str) -> None:
    assert says(text) == []


def test_a_patch_that_makes_what_is_missing_needs_what_holds_it() -> None:
    patch = "from unittest import mock\nwith mock.patch('{}.Own', create=True):\n    pass\n"
    assert says(patch.format("torchtitan.components.loss")) == []
    assert len(says(patch.format("torchtitan.components.ft.manager"))) == 1
    stub = "import sys\nsys.modules['torchtitan.components.ft'] = object()\n"
    assert says(stub + patch.format("torchtitan.components.ft.manager")) == []


@pytest.mark.parametrize(
    ("statement", "severity"),
    [
        ("import torchtitan.distributed.utils.clip", "error"),
        ("import torchtitan.distributed.utils.clip as clip", "error"),
        ("from torchtitan.distributed.utils.clip import clip_grad_norm_", "error"),
        ("import torchtitan.distributed.utils.clip_grad_norm_", "error"),
        ("import torchtitan.distributed.ours", "info"),
        ("import torchtitan.models.ours", "info"),
        ("import torchtitan.models.llama3.ours", "info"),
    ],
)
def test_nothing_is_below_a_module_that_is_no_package(statement: str, severity: str) -> None:
    said = found("TTN201", f"{statement}\n", codes=("TTN201",))
    assert [finding.severity.value for finding in said] == [severity]
