"""Keep an engine under test with three lines.

from titan_lint.verify.testing import assert_engine

def test_engine() -> None:
    assert_engine("my_package.engine:make_engine")
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from titan_lint.verify.text import text_report
from titan_lint.verify.verify import VerifyReport, VerifySettings, verify


def assert_engine(entry: str, *, path: str | Path = ".", **settings: Any) -> VerifyReport:
    """Run an engine before and after titan-lint's fixes; raise unless it holds after them.

    Args:
        entry: ``package.module:function``, as on the command line.
        path: the project's directory, relative to the working directory.
        settings: fields of :class:`titan_lint.verify.verify.Settings`, such as
            ``attn_types=("flex",)`` or ``device="cpu"``.

    Returns:
        The report, for further assertions.

    Raises:
        AssertionError: a check failed after the fixes, or nothing could be checked; the message
            holds the whole report.
        VerifyError: Torch or torchtitan is missing.
        EntryError: the entry is not found.
    """
    report = verify([Path(path)], replace(VerifySettings(), **settings), entries=[entry])
    if report.exit_code:
        raise AssertionError(f"{entry} does not hold\n{text_report(report)}")
    return report
