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
