"""TTN201 and TTN202 on names that no import statement spells: star imports, and patches of tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixing import fix_text
from tests.rules.import_cases import becomes, explained, says
from titan_lint.check import fix as fix_module

GONE = "torchtitan.distributed.utils.maybe_enable_amp"
MOVED = "torchtitan.components.lr_scheduler.LRSchedulersContainer"
STAR = "from torchtitan.distributed.utils import *\n"

REPLACED = {
    "patch": 'from unittest.mock import patch\npatch("{}")',
    "a decorator": 'from unittest.mock import patch\n@patch("{}")\ndef test(x): ...',
    "through the module": 'from unittest import mock\nwith mock.patch("{}") as x: ...',
    "patch.multiple": 'import unittest.mock as m\nm.patch.multiple("{}", x=1)',
    "the mock library": 'import mock\nmock.patch("{}", None)',
    "mocker": 'def test(mocker):\n    mocker.patch("{}", None)',
    "monkeypatch": 'def test(monkeypatch):\n    monkeypatch.setattr("{}", None)',
    "monkeypatch.delattr": 'def test(monkeypatch):\n    monkeypatch.delattr("{}")',
}

LEFT_ALONE = {
    "a string by itself": 'x = "{}"',
    "another function": 'from mine import patch\npatch("{}")',
    "another mocker": 'mocker = make()\nmocker.patch("{}")',
    "another method": 'def test(mocker):\n    mocker.spy("{}")',
    "another argument": 'from unittest.mock import patch\npatch("os.path", "{}")',
    "made where it lacks": 'from unittest.mock import patch\npatch("{}", create=True)',
    "missing is fine": 'def test(monkeypatch):\n    monkeypatch.delattr("{}", raising=False)',
    "no path": 'from unittest.mock import patch\npatch("{} is gone")',
    "asked first": (
        "from torchtitan.distributed import utils\nfrom unittest.mock import patch\n"
        "if hasattr(utils, 'maybe_enable_amp'):\n    patch(\"{}\")"
    ),
}


@pytest.mark.parametrize("code", REPLACED.values(), ids=REPLACED)
def test_what_a_test_replaces_is_held_against_the_target(code: str) -> None:
    assert [(c, s) for c, s, _ in says(code.format(GONE))] == [("TTN201", "error")]
    assert [(c, s) for c, s, _ in says(code.format(MOVED))] == [("TTN202", "error")]
    assert says(code.format("torchtitan.trainer.Trainer.train_step")) == []


@pytest.mark.parametrize("code", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_other_strings_are_left_alone(code: str) -> None:
    assert says(code.format(GONE)) == []


@given(st.text(alphabet="chian.*_ {}", max_size=40))
def test_any_string_to_patch_is_taken_calmly(tail: str) -> None:
    for code, severity, _ in says(
        f"from unittest.mock import patch\npatch({'torchtitan.' + tail!r})"
    ):
        # An error where the module is known and lacks the name, else somebody's fork.
        assert code == "TTN201"
        assert severity in ("error", "info")


def test_a_moved_path_keeps_its_quotes_and_what_follows() -> None:
    becomes(
        f"""\
        from unittest.mock import patch
        @patch('{MOVED}.step', autospec=True)  # both
        def test(step): ...
        """,
        """\
        from unittest.mock import patch
        @patch('torchtitan.components.optimizer.LRSchedulersContainer.step', autospec=True)  # both
        def test(step): ...
        """,
        unsafe=True,
    )


def test_a_patch_where_the_name_was_only_imported_is_explained() -> None:
    """Where the module looks it up now cannot be told from where it is defined."""
    text = 'from unittest.mock import patch\npatch("torchtitan.train.JobConfig")'
    (message,) = explained(text)
    assert "is gone" in message


def test_a_name_that_a_star_import_lost_is_told_once_where_it_is_used() -> None:
    text = f"{STAR}\n\ndef f(x):\n    return maybe_enable_amp(x), maybe_enable_amp(x)\n"
    assert says(text) == [("TTN201", "error", text.index("maybe_enable_amp("))]


def test_a_moved_name_of_a_star_import_gets_an_import_of_its_own() -> None:
    becomes(
        """\
        from torchtitan.protocols.model import *


        def f(model: BaseModel, masks: AttentionMasksType): ...
        """,
        """\
        from torchtitan.models.common.attention import AttentionMasksType
        from torchtitan.protocols.model import *


        def f(model: BaseModel, masks: AttentionMasksType): ...
        """,
    )


GDN = "torchtitan.models.qwen3_5"
NEWEST = "b5bcd76c6"


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        # By a star import.
        (f"from {GDN}.model import *\nx = {{}}, {{}}, {{}}\n", 1),
        # The last use of a module takes the import of that along.
        (
            f"def f():\n    from {GDN} import model\n    return model.{{}}, model.{{}}, model.{{}}\n",
            2,
        ),
        (
            f"import os\nfrom {GDN} import model\nx = model.{{}}, model.{{}}, model.{{}}, model.y\n",
            2,
        ),
    ],
)
def test_names_that_come_from_one_module_are_imported_together(
    text: str, passes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = text.format("GatedDeltaBackend", "GatedDeltaKernel", "RMSNormGated")
    with monkeypatch.context() as patched:
        patched.setattr(fix_module, "joined", lambda _, findings, *args, **words: findings)
        one_by_one = fix_text(text, select=["TTN202"], torchtitan=NEWEST, unsafe=True)
    # The last pass finds nothing more.
    monkeypatch.setattr(fix_module, "MAX_PASSES", passes + 1)
    done = fix_text(text, select=["TTN202"], torchtitan=NEWEST, unsafe=True)
    assert done.refused is None
    assert len(done.fixed) == 3
    assert done.source.text == one_by_one.source.text


@pytest.mark.parametrize(
    "text",
    [
        f"{STAR}from torch import *\nmaybe_enable_amp()",
        f"{STAR}maybe_enable_amp = 1\nmaybe_enable_amp()",
        f"{STAR}def f(maybe_enable_amp):\n    return maybe_enable_amp()",
        f"{STAR}try:\n    maybe_enable_amp()\nexcept NameError:\n    pass",
        f"{STAR}print(get_spmd_context, set_determinism, never_heard_of)",
    ],
)
def test_a_name_that_may_come_from_elsewhere_is_left_alone(text: str) -> None:
    assert says(text) == []
