"""LibCST is loaded where it is needed alone: its import takes as long as checking ten files.

It is needed by :mod:`titan_lint.rewriting.cst_calls` and :mod:`titan_lint.rewriting.cst_imports`.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_may: Callable[[], bool] | None = None


class Postponed(Exception):  # noqa: N818  It is no error.
    """A fix needs LibCST, and this process is not to load it."""


def ask_first(may: Callable[[], bool]) -> None:
    """Let ``may`` decide, whenever a fix needs LibCST, whether this process loads it."""
    global _may
    _may = may


def require_libcst() -> None:
    """Make sure that LibCST may be imported.

    Raises:
        Postponed: It may not; another process is to do what needs it.
    """
    if _may is not None and "libcst" not in sys.modules and not _may():
        raise Postponed
