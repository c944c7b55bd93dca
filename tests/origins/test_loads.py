"""The loads of one binding are those that are found for all bindings together."""

from __future__ import annotations

from pathlib import Path

import pytest

from titan_lint.code.program import Program
from titan_lint.code.source import Source

FILES = sorted(Path(__file__).parents[2].glob("titan_lint/**/[!_]*.py"))[::5]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_loads_of_a_binding_are_its_uses(path: Path) -> None:
    program = Program(Source(path.name, path.read_text("utf-8")))
    bindings = program.bindings
    scopes = [bindings.module, *bindings.scopes.values()]
    found = [b for scope in scopes for bound in scope.bindings.values() for b in bound]
    assert found
    for binding in found:
        assert program.loads(binding) == program.uses.get(binding, [])
