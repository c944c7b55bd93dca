"""Annotations of GitHub Actions."""

from __future__ import annotations

from titan_lint.report.places import clean, in_repository, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from titan_lint.config.settings import Settings
    from titan_lint.run.outcome import Outcome

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}

# The runner's log is read on terminals, too, where other control characters do things.
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_ESCAPES = {code: f"\\x{code:02x}" for code in _CONTROLS} | str.maketrans(
    {"%": "%25", "\r": "%0D", "\n": "%0A"}
)


def render(outcome: Outcome, settings: Settings) -> str:
    """Write one workflow command for each finding and each error."""
    lines: list[str] = []
    for found in placed(outcome):
        finding, place = found.finding, found.in_file
        path = clean(in_repository(found.path))
        text = f"{path}:{found.place}: {finding.code} {finding.message}"
        text += "".join(f"\n  {kind}: {said}" for kind, said in finding.details)
        where = {
            "title": f"titan-lint ({finding.code})",
            "file": path,
            "line": place.line,
            "col": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
        lines.append(_command(_COMMANDS[finding.severity.value], where, text))
    for error in outcome.errors:
        path = clean(in_repository(error.path))
        where = {"title": "titan-lint", "file": path, "line": error.line, "col": error.column}
        lines.append(_command("error", where, f"{path}: {error.message}"))
    return "".join(line + "\n" for line in lines)


def _command(name: str, properties: Mapping[str, str | int | None], text: str) -> str:
    given = (
        f"{key}={_escape(str(value)).replace(':', '%3A').replace(',', '%2C')}"
        for key, value in properties.items()
        if value is not None
    )
    return f"::{name} {','.join(given)}::{_escape(text)}"


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)
