"""SARIF 2.1.0, as code hosts read it.

GitHub drops what it does not expect: URIs must be relative to the root of the repository, suppressed
results must be left out rather than marked, and fingerprints are taken from
``primaryLocationLineHash`` alone.
"""

from __future__ import annotations

import inspect
import json
import os
from urllib.parse import quote_from_bytes

from titan_lint import rules
from titan_lint.report.pages import page
from titan_lint.report.places import Place, in_repository, place, placed
from titan_lint.run.outcome import is_fixable
from titan_lint.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config.settings import Settings
    from titan_lint.finding import FileError
    from titan_lint.report.places import Placed
    from titan_lint.run.outcome import Outcome

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_FAMILIES = {
    "TTN1": "attention",
    "TTN2": "names",
    "TTN3": "calls",
    "TTN4": "values",
    "TTN5": "jobs",
    "TTN9": "suppression",
}
_PROBLEMS = {"error": "error", "warning": "warning", "info": "recommendation"}
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def render(outcome: Outcome, settings: Settings) -> str:
    """Write the log, one run."""
    errors = [_notification(error) for error in outcome.errors]
    run = {
        "tool": {
            "driver": {
                "name": "titan-lint",
                "version": __version__,
                "rules": [_rule(code) for code in settings.codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not errors, "toolExecutionNotifications": errors}],
        "results": [_result(found, settings) for found in placed(outcome)],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str) -> dict[str, object]:
    rule = rules.rule(code)
    documentation = inspect.cleandoc(rule.__doc__ or rule.name)
    summary = documentation.partition("\n\n")[0].replace("\n", " ")
    address = page(rule)
    return {
        "id": code,
        "name": rule.name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": summary},
        "help": {"text": documentation, "markdown": documentation},
        **({"helpUri": address} if address else {}),
        "defaultConfiguration": {"level": _LEVELS[rule.severity.value]},
        "properties": {
            "tags": ["torchtitan", _FAMILIES.get(code[:4], "own")],
            "problem.severity": _PROBLEMS[rule.severity.value],
        },
    }


def _result(found: Placed, settings: Settings) -> dict[str, object]:
    finding = found.finding
    artifact, cell = {"uri": _uri(found.path)}, found.place.cell
    details = (f"{kind}: {text}" for kind, text in finding.details)
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": settings.codes.index(finding.code),
        "level": _LEVELS[finding.severity.value],
        "message": {"text": "\n".join((finding.message, *details))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": _region(found.in_file),
                },
                **({} if cell is None else {"message": {"text": f"{found.place}"}}),
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": found.fingerprint},
    }
    fix = finding.fix
    if fix is not None and is_fixable(finding, unsafe=settings.unsafe_fixes):
        source = found.source
        replacements = [
            {
                "deletedRegion": _region(place(source.file, edit)),
                **({"insertedContent": {"text": edit.content}} if edit.content else {}),
            }
            for edit in map(source.edit_in_file, fix.edits)
        ]
        result["fixes"] = [
            {
                "description": {"text": fix.message},
                "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
            }
        ]
    return result


def _notification(error: FileError) -> dict[str, object]:
    location: dict[str, object] = {"artifactLocation": {"uri": _uri(error.path)}}
    if error.line is not None:
        location["region"] = {"startLine": max(error.line, 1)}
    return {
        "level": "error",
        "message": {"text": error.message},
        "locations": [{"physicalLocation": location}],
    }


def _region(place: Place) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _uri(path: str) -> str:
    return quote_from_bytes(os.fsencode(in_repository(path).replace(os.sep, "/")))
