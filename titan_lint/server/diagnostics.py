"""Findings, as an editor shows them."""

from __future__ import annotations

from lsprotocol import types

from titan_lint import rules
from titan_lint.finding import Severity, Span
from titan_lint.report import pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.finding import FileError, Finding
    from titan_lint.server.checks import Checked
    from titan_lint.server.documents import Document

SOURCE = "titan-lint"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


def diagnostics(checked: Checked) -> list[types.Diagnostic]:
    """All that there is to say about a document, ordered by place."""
    document, result = checked.document, checked.result
    return [
        *(_of_error(document, error) for error in result.errors),
        *(of_finding(checked, finding) for finding in result.findings),
    ]


def of_finding(checked: Checked, finding: Finding) -> types.Diagnostic:
    """A finding, as an editor shows it."""
    several = len(checked.result.targets) > 1
    at = finding.where if several else ""
    details = (f"{kind}: {text}" for kind, text in finding.details)
    address = pages.link(rules.rule(finding.code))
    return types.Diagnostic(
        checked.document.range(finding.span),
        "\n".join((f"{finding.message}{at}", *details)),
        _SEVERITIES[finding.severity],
        finding.code,
        types.CodeDescription(address) if address else None,
        SOURCE,
    )


def _of_error(document: Document, error: FileError) -> types.Diagnostic:
    """Why a file could not be checked: a line of it, the first one where it is about none."""
    line = min(max(error.line or 1, 1), document.source.line_count)
    start = document.source.line_start(line)
    length = len(document.source.line_text(line))
    span = Span(start + min((error.column or 1) - 1, length), start + length)
    return types.Diagnostic(
        types.Range(document.position(span.start), document.position(span.end)),
        error.message,
        types.DiagnosticSeverity.Error,
        source=SOURCE,
    )
