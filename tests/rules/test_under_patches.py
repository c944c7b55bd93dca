"""What stands under a patch is what the patch puts there; what comes before it, or once it is gone, is torchtitan's own."""

from __future__ import annotations

import pytest

from tests.rules.cases import every_message
from tests.rules.patch_cases import failing, working


@pytest.mark.parametrize("text", working().values(), ids=working())
def test_what_is_imported_under_a_patch_is_there_and_takes_anything(text: str) -> None:
    assert every_message(text) == []


@pytest.mark.parametrize("text", failing().values(), ids=failing())
def test_what_is_imported_where_a_patch_is_not_in_its_place_is_torchtitans_own(text: str) -> None:
    assert every_message(text) != []


STAR = """\
import sys
from unittest.mock import MagicMock, patch
import torchtitan.distributed
{put}
from torchtitan.distributed import *
print(NoParallel)
"""


@pytest.mark.parametrize(
    ("put", "count"),
    [
        ("", 1),
        ("patch('torchtitan.distributed.NoParallel', create=True).start()", 1),
        ("torchtitan.distributed.NoParallel = 1", 1),
        ("setattr(torchtitan.distributed, 'NoParallel', 1)", 1),
        ("sys.modules['torchtitan.distributed'] = MagicMock(__all__=['NoParallel'])", 0),
        (
            "torchtitan.distributed.NoParallel = 1\n"
            "torchtitan.distributed.__all__ = ['NoParallel']",
            0,
        ),
    ],
)
def test_a_star_brings_what_its_module_lists_whatever_else_is_put_there(
    put: str, count: int
) -> None:
    said = every_message(STAR.format(put=put))
    assert (
        len([message for message in said if "`torchtitan.distributed.NoParallel`" in message])
        == count
    )


@pytest.mark.parametrize(
    "annotation", ["titan.Validation", "'titan.Validation'", "'titan.Validation | None'"]
)
@pytest.mark.parametrize(
    "put",
    [
        "setattr(module, 'Validation', MagicMock())",
        "module.Validation = getattr(module, 'Validation', MagicMock())",
        "patch('torchtitan.config.Validation', create=True).start()",
    ],
)
def test_an_annotation_is_read_under_a_patch_whether_it_is_quoted_or_not(
    annotation: str, put: str
) -> None:
    text = (
        "from unittest.mock import MagicMock, patch\nimport torchtitan.config as module\n"
        f"{put}\nimport torchtitan.config as titan\n\n"
        f"def use(config: {annotation}):\n    config.dataloader.pin_memory\n\n"
        "use(titan.Validation())\n"
    )
    assert every_message(text) == []
