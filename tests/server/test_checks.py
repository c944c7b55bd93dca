"""A server that runs for days does not grow."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest

from tests.projects import LEGACY
from titan_lint.code.program import Program
from titan_lint.code.source import Source
from titan_lint.library import describe
from titan_lint.server.checks import Checks
from titan_lint.server.documents import Document

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("asks", [False, True], ids=["typed", "asked about"])
def test_what_was_parsed_for_earlier_work_is_let_go(tmp_path: Path, asks: bool):
    path = str(tmp_path / "engine.py")

    async def work() -> None:
        checks = Checks(lambda checked: None)
        for version in range(70):
            text = LEGACY + "\n" * version
            if asks:
                await checks.do(lambda text=text: describe(text, 7, path, session=checks.session))
            else:
                await checks.begin(Document(path, version, Source(path, text), "utf-16"))

    before = _programs()
    gc.disable()
    swept = _sweeps()
    try:
        asyncio.run(work())
        assert _programs() - before < 30
        assert _sweeps() - swept >= 3
    finally:
        gc.unfreeze()
        gc.enable()


def _programs() -> int:
    # `isinstance` asks a dead weak proxy for its class, and other tests may have left one.
    return sum(type(each) is Program for each in gc.get_objects())


def _sweeps() -> int:
    return gc.get_stats()[-1]["collections"]
