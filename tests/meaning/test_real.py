"""Programs do on the real torchtitan 0.3.0 what they do on the stand-in, before and after the fix."""

from __future__ import annotations

import pytest

from tests.meaning.real import SHOWN, differences


def test_programs_do_the_same_on_the_real_package() -> None:
    pytest.importorskip("torchtitan")
    assert differences(len(SHOWN)) == []
