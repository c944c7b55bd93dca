"""titan-lint: a linter and codemod for Python code that builds on torchtitan.

What is listed in ``__all__`` is for use from Python; see :mod:`titan_lint.library`.
"""

from __future__ import annotations

from titan_lint.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.library import (
        Applicability,
        CheckOptions,
        ConfigError,
        Edit,
        FileError,
        Finding,
        Fit,
        Fits,
        Fix,
        Name,
        Options,
        Place,
        Result,
        Run,
        Session,
        Severity,
        Span,
        Target,
        compat,
        describe,
        fix,
        lint,
        lint_paths,
    )

__all__ = [
    "Applicability",
    "CheckOptions",
    "ConfigError",
    "Edit",
    "FileError",
    "Finding",
    "Fit",
    "Fits",
    "Fix",
    "Name",
    "Options",
    "Place",
    "Result",
    "Run",
    "Session",
    "Severity",
    "Span",
    "Target",
    "__version__",
    "compat",
    "describe",
    "fix",
    "lint",
    "lint_paths",
]


def __getattr__(name: str) -> object:
    """Load a name when it is asked for: a command line that uses none of them pays for none."""
    if name in __all__:
        from titan_lint import library

        value = globals()[name] = getattr(library, name)
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
