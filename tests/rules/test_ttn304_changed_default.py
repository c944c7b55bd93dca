"""TTN304: defaults that mean another thing than when the code was written."""

from __future__ import annotations

import pytest

from titan_lint.api import targets
from titan_lint.check.fix import fix_text
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

CALL = (
    "from torchtitan.config import ParallelismConfig\n"
    "p = ParallelismConfig(tensor_parallel_degree=2{})\n"
)


def says(text: str, written_for: str | None, torchtitan: str = "0.3.0") -> list[str]:
    return [
        finding.severity.value
        for finding in lint(
            Source("case.py", text),
            codes=("TTN304",),
            targets=targets.parse(torchtitan),
            options=Options(written_for=written_for),
        ).findings
    ]


@pytest.mark.parametrize(
    ("written_for", "found"),
    [("main@632f67f12", ["warning"]), ("0.3.0", []), ("main@c4b409af2", ["warning"]), (None, [])],
)
def test_only_an_older_version_makes_a_default_change(
    written_for: str | None, found: list[str]
) -> None:
    assert says(CALL.format(""), written_for) == found


def test_what_is_written_out_has_no_default() -> None:
    assert says(CALL.format(", spmd_backend='spmd_types'"), "main@632f67f12") == []


def test_keys_that_cannot_be_seen_may_hold_it() -> None:
    assert says(CALL.format(", **more"), "main@632f67f12") == []


def test_the_fix_writes_the_old_meaning_out_once() -> None:
    once = fix_text(
        CALL.format(""), unsafe=True, written_for="main@632f67f12", select=["TTN304"]
    ).source.text
    assert once == CALL.format(', spmd_backend="partial_dtensor"')
    assert says(once, "main@632f67f12") == []
