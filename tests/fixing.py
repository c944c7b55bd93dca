"""Fixing a piece of text as ``titan-lint --fix`` would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.fix import Fixed, fix
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from collections.abc import Sequence


def fix_text(
    text: str,
    *,
    path: str = "<string>",
    torchtitan: str = "0.3.0",
    unsafe: bool = False,
    legacy_guard: bool = False,
    select: Sequence[str] | None = None,
    written_for: str | None = None,
) -> Fixed:
    """Fix a piece of source text.

    Args:
        text: Python source.
        path: How to name it in messages.
        torchtitan: The version that it must fit.
        unsafe: Whether unsafe fixes are applied too.
        legacy_guard: Whether rewritten registry calls get a start-up guard.
        select: Codes of the rules to run; all of them by default.
        written_for: The version that the code was written for.
    """
    return fix(
        Source(path, text),
        codes=select or [code for code in rules.names() if code != "TTN901"],
        targets=targets.parse(torchtitan),
        options=Options(legacy_guard=legacy_guard, written_for=written_for),
        unsafe=unsafe,
    )
