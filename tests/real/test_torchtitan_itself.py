"""torchtitan held against itself: its releases fit themselves, but for known slips.

`scripts/self_lint.py` does the same for every commit of main that comes with titan-lint.
"""

from __future__ import annotations

import pytest

from tests.packages import unpacked
from tests.scripts.load import script

pytestmark = pytest.mark.network

self_lint = script("self_lint")


RELEASES = [version for version in self_lint.versions() if self_lint.is_release(version)]


@pytest.mark.parametrize(
    "version",
    [
        # The oldest, and the two that most projects pin.
        pytest.param(each, marks=() if each in (RELEASES[0], *RELEASES[-2:]) else pytest.mark.slow)
        for each in RELEASES
    ],
)
def test_release_fits_itself(version: str) -> None:
    found = self_lint.self_lint(unpacked("torchtitan", version), version)
    assert list(self_lint.differences(found, version)) == []
