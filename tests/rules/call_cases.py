"""What the rules about calls say about a piece of code."""

from __future__ import annotations

from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

CALLS = ["TTN108", "TTN301", "TTN302", "TTN303", "TTN304", "TTN401"]


CONFIG = "from torchtitan.config import ParallelismConfig, TrainingConfig\n"


def messages(code: str, torchtitan: str = "0.3.0", written_for: str | None = None) -> list[str]:
    linted = lint(
        Source("case.py", code),
        codes=CALLS,
        targets=targets.parse_all(torchtitan.split()),
        options=Options(written_for=written_for),
    )
    assert not linted.failures
    return [f"{f.code} {f.said}" for f in linted.findings]
