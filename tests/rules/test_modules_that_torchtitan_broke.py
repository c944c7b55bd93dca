"""A module may be there and still fail to import, by torchtitan's own fault: what asks first is let be.

``torchtitan.experiments.forge`` of 0.2.2 imports ``rescale_accumulated_loss``, which that one does not have.
"""

from __future__ import annotations

import pytest

from tests.rules.cases import every_message
from titan_lint.api import index, load
from titan_lint.api.absence import broken

FORGE = "torchtitan.experiments.forge"
USE = "ForgeEngine(config=None)"
FLAG = "try:\n    {0}\n    HAS = True\nexcept ImportError:\n    HAS = False\n"
ELSE = "HAS = False\ntry:\n    {0}\nexcept ImportError:\n    pass\nelse:\n    HAS = True\n"
NONE = "try:\n    {0}\nexcept ImportError:\n    ForgeEngine = None\n"
WAYS = (
    f"from {FORGE} import ForgeEngine",
    f"from {FORGE}.engine import ForgeEngine",
    f"import {FORGE}.engine as engine; ForgeEngine = engine.ForgeEngine",
)


def said(text: str) -> list[str]:
    """What is said at 0.2.2."""
    return every_message(text, "0.2.2")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("guard", "test"),
    [
        (FLAG, "if HAS:"),
        (ELSE, "if HAS:"),
        (NONE, "if ForgeEngine is not None:"),
        (NONE, "if ForgeEngine:"),
    ],
)
def test_what_runs_only_after_such_an_import_is_no_mistake(way: str, guard: str, test: str) -> None:
    head = guard.format(way.replace("; ", "\n    "))
    assert said(f"{head}{test}\n    {USE}\n") == []


@pytest.mark.parametrize("way", WAYS)
def test_what_runs_where_it_fails_is_judged(way: str) -> None:
    head = FLAG.format(way.replace("; ", "\n    "))
    old = "from torchtitan.config import ModelSpec\n"
    assert said(f"{head}if not HAS:\n    {old}") == said(old) != []
    assert said(f"{head}if HAS:\n    {old}") == []


@pytest.mark.parametrize("way", WAYS)
def test_the_import_itself_is_not_reported(way: str) -> None:
    assert said(f"{way}\n") == []


@pytest.mark.parametrize("key", ["0.2.1", "0.2.2", "0.3.0"])
def test_what_the_index_says_is_what_the_surface_shows(key: str) -> None:
    assert broken(load(key)) == index()[key].broken
