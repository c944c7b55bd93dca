"""Reviewdog's diagnostics, ``rdjson``. Its columns count bytes of UTF-8."""

from __future__ import annotations

import json

from titan_lint import rules
from titan_lint.report.pages import page
from titan_lint.report.places import clean, place, placed
from titan_lint.run.outcome import is_fixable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.source import Source
    from titan_lint.config.settings import Settings
    from titan_lint.finding import FileError
    from titan_lint.report.places import Place, Placed
    from titan_lint.run.outcome import Outcome


def render(outcome: Outcome, settings: Settings) -> str:
    """Write the document."""
    document = {
        "source": {"name": "titan-lint"},
        "severity": "WARNING",
        "diagnostics": [
            *(_diagnostic(found, settings) for found in placed(outcome)),
            *map(_error, outcome.errors),
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(found: Placed, settings: Settings) -> dict[str, object]:
    finding = found.finding
    details = (f"{kind}: {text}" for kind, text in finding.details)
    address = page(rules.rule(finding.code))
    diagnostic: dict[str, object] = {
        "message": "\n".join((finding.message, *details)),
        "location": {"path": clean(found.path), "range": _range(found.source.file, found.in_file)},
        "severity": finding.severity.value.upper(),
        "code": {"value": finding.code, **({"url": address} if address else {})},
    }
    fix = finding.fix
    # Each suggestion is taken or left by itself; edits that belong together must not be.
    if (
        fix is not None
        and len(fix.edits) == 1
        and is_fixable(finding, unsafe=settings.unsafe_fixes)
    ):
        (edit,) = map(found.source.edit_in_file, fix.edits)
        where = _range(found.source.file, place(found.source.file, edit))
        diagnostic["suggestions"] = [{"range": where, "text": edit.content}]
    return diagnostic


def _error(error: FileError) -> dict[str, object]:
    location: dict[str, object] = {"path": clean(error.path)}
    if error.line is not None:
        location["range"] = {"start": {"line": error.line}}
    return {"message": error.message, "location": location, "severity": "ERROR"}


def _range(source: Source, place: Place) -> dict[str, object]:
    return {
        "start": _position(source, place.line, place.column),
        "end": _position(source, place.end_line, place.end_column),
    }


def _position(source: Source, line: int, column: int) -> dict[str, int]:
    before = source.line_text(line)[: column - 1]
    return {"line": line, "column": len(before.encode("utf-8", "surrogatepass")) + 1}
