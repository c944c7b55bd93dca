"""Rewrites of calls that a row of the catalogue asks for, one form a module.

Each module has ``rewrite(file, site, change, new, names)``, which gives the rewrite, or ``None`` where
the code leaves no certain way. ``new`` is the row's new form, of the record that the row's type has
for the module; ``names`` are the keywords that the row explains at this call, or misses. A row names
its module in ``reshape``. For a row about an import the module has
``rewrite_import(file, missing, change)`` instead.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol

    from titan_lint.api.changes.rows import (
        CallChange,
        ImportChange,
        KeywordChange,
        ReplacedChange,
        RequiredChange,
    )
    from titan_lint.rewriting.operations import Rewrite
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File
    from titan_lint.uses.imports.analysis import Missing

    class _Reshape(Protocol):
        def rewrite(
            self, file: File, site: Site, change: CallChange, new: object, names: Sequence[str]
        ) -> Rewrite | None: ...

    class _ReshapeImport(Protocol):
        def rewrite_import(
            self, file: File, missing: Missing, change: ImportChange
        ) -> Rewrite | None: ...


def rewrite(
    file: File,
    site: Site,
    change: KeywordChange | ReplacedChange | RequiredChange,
    names: Sequence[str],
) -> Rewrite | None:
    """The rewrite that a row asks for at a call; ``None`` where it only explains."""
    if change.reshape is None or any(keyword in site.arguments.spread for keyword in names):
        return None
    module: _Reshape = _module(change.reshape)
    return module.rewrite(file, site, change, change.new, names)


def rewrite_import(file: File, missing: Missing, change: ImportChange) -> Rewrite | None:
    """The rewrite that a row asks for at an import; ``None`` where it only explains."""
    if change.reshape is None:
        return None
    module: _ReshapeImport = _module(change.reshape)
    return module.rewrite_import(file, missing, change)


def _module(name: str) -> Any:
    return importlib.import_module(f"{__name__}.{name}")
