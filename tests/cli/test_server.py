"""The command that starts the language server; what it does then is tested in tests/server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.projects import TitanLint


def test_without_the_extra_it_says_what_to_install(
    titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
):
    for module in [name for name in sys.modules if name.startswith("titan_lint.server")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "lsprotocol", None)
    ran = titan_lint("server")
    assert (ran.status, ran.out) == (2, "")
    assert "titan-lint[lsp]" in ran.err
