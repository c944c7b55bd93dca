"""GitLab's Code Quality report."""

from __future__ import annotations

import hashlib
import json
import os

from titan_lint.report.places import clean, in_repository, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config.settings import Settings
    from titan_lint.finding import Finding
    from titan_lint.run.outcome import Outcome

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def render(outcome: Outcome, settings: Settings) -> str:
    """Write the list of issues."""
    issues: list[dict[str, object]] = [
        {
            "check_name": found.finding.code,
            "description": _description(found.finding),
            "severity": _SEVERITIES[found.finding.severity.value],
            "fingerprint": found.fingerprint,
            "location": {
                "path": _path(found.path),
                "positions": {
                    "begin": {"line": found.in_file.line, "column": found.in_file.column},
                    "end": {"line": found.in_file.end_line, "column": found.in_file.end_column},
                },
            },
        }
        for found in placed(outcome)
    ]
    for error in outcome.errors:
        known_by = os.fsencode(f"{error.path}\0{error.message}")
        begin = {"line": error.line or 1, "column": error.column or 1}
        issues.append(
            {
                "check_name": "unchecked-file",
                "description": error.message,
                "severity": "critical",
                "fingerprint": hashlib.blake2b(known_by, digest_size=8).hexdigest(),
                "location": {
                    "path": _path(error.path),
                    "positions": {"begin": begin, "end": begin},
                },
            }
        )
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"


def _description(finding: Finding) -> str:
    details = (f"{kind}: {text}" for kind, text in finding.details)
    return "; ".join((f"{finding.code}: {finding.message}", *details))


def _path(path: str) -> str:
    return clean(in_repository(path))
