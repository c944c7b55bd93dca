"""A server that runs for days does not grow."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from tests.projects import LEGACY
from titan_lint.code.program import Program
from titan_lint.code.source import Source
from titan_lint.server.checks import Checks
from titan_lint.server.documents import Document

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_parsed_for_earlier_checks_is_let_go(tmp_path: Path):
    path = str(tmp_path / "engine.py")

    async def typed() -> None:
        checks = Checks(lambda checked: None)
        for version in range(70):
            source = Source(path, LEGACY + "\n" * version)
            await checks.begin(Document(path, version, source, "utf-16"))

    before = _programs()
    gc.disable()
    try:
        asyncio.run(typed())
        assert _programs() - before < 30
    finally:
        gc.unfreeze()
        gc.enable()


def _programs() -> int:
    # `isinstance` asks a dead weak proxy for its class, and other tests may have left one.
    return sum(type(each) is Program for each in gc.get_objects())
