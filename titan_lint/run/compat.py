"""Hold a tree against many torchtitans."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.check.survey import Survey
    from titan_lint.config.settings import Settings


def surveyed(settings: Settings) -> tuple[Survey, list[str]]:
    """Hold what a check looks into against torchtitans; what went wrong is told besides.

    Args:
        settings: Those of a run that holds files against torchtitans ``apart``.

    Raises:
        ConfigError: What is asked for is no known torchtitan.
    """
    from titan_lint.check.survey import survey
    from titan_lint.run.discover import printable
    from titan_lint.run.driver import run
    from titan_lint.run.targets import Targets

    # A wrong one is an error whatever the code is.
    targets = Targets(settings).main
    outcome = run(settings, sys.stdin.buffer.read, lambda done, total: None)
    found = (file.apart for file in outcome.files if file.apart)
    result = survey(targets, found, asked=bool(settings.torchtitan))
    result.notes = outcome.notes
    trouble = [
        f"{printable(error.path)}{where}: {error.message}"
        for error in outcome.errors
        for where in ["".join(f":{part}" for part in (error.line, error.column) if part)]
    ]
    return result, trouble
