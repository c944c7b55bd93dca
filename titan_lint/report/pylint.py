"""Lines as pylint writes them, which many tools read."""

from __future__ import annotations

from titan_lint.report.places import placed
from titan_lint.run.discover import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config.settings import Settings
    from titan_lint.run.outcome import Outcome


def render(outcome: Outcome, settings: Settings) -> str:
    """Write one line for each finding and each error: ``a.py:3: [TTN105] message``."""
    lines = [
        f"{printable(found.path)}:{found.in_file.line}: [{found.finding.code}] "
        f"{printable(found.finding.message)}\n"
        for found in placed(outcome)
    ]
    lines += [
        f"{printable(error.path)}:{error.line or 1}: [unchecked-file] {printable(error.message)}\n"
        for error in outcome.errors
    ]
    return "".join(lines)
