"""The findings as one JSON document."""

from __future__ import annotations

import json
import os

from titan_lint.report.counts import count, statistics
from titan_lint.report.places import clean, place, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint import json_documents
    from titan_lint.config.settings import Settings
    from titan_lint.report.places import Place, Placed
    from titan_lint.run.outcome import Outcome


def render(outcome: Outcome, settings: Settings) -> str:
    """Write the document; with ``--statistics``, a list of how often each rule fired."""
    document = (
        statistics(outcome, settings) if settings.statistics else _document(outcome, settings)
    )
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _document(outcome: Outcome, settings: Settings) -> json_documents.Check:
    counts = count(outcome, settings)
    return {
        "version": 1,
        "torchtitan": ", ".join(key for key, _, _ in outcome.targets),
        "targets": [
            {"key": key, "label": label, "reason": reason} for key, label, reason in outcome.targets
        ],
        "projects": [
            {
                "path": clean(os.path.relpath(project.folder)),
                "targets": list(dict.fromkeys(key for key, _, _ in project.targets)),
            }
            for project in outcome.projects
        ],
        "findings": [_finding(found) for found in placed(outcome)],
        "errors": [
            {
                "path": clean(error.path),
                "line": error.line,
                "column": error.column,
                "message": error.message,
            }
            for error in outcome.errors
        ],
        "summary": {
            "files": outcome.checked,
            "errors": counts.left["error"],
            "warnings": counts.left["warning"],
            "infos": counts.left["info"],
            "fixed": counts.fixed,
            "fixable": counts.fixable,
            "fixable_unsafe": counts.hidden,
            "failed": counts.failed,
        },
    }


def _finding(found: Placed) -> json_documents.Finding:
    finding = found.finding
    fix = finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "notes": list(finding.notes),
        "help": finding.help or None,
        "path": clean(found.path),
        **_range(found.place),
        "targets": list(finding.targets),
        "fix": fix
        and {
            "applicability": fix.applicability.value,
            "because": [obligation.value for obligation in fix.because],
            "message": fix.message,
            "edits": [
                {**_range(place(found.source, edit)), "content": edit.content} for edit in fix.edits
            ],
        },
    }


def _range(place: Place) -> json_documents.Range:
    cell: json_documents.InCell = {} if place.cell is None else {"cell": place.cell}
    return {
        **cell,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }
