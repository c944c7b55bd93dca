"""JUnit's XML."""

from __future__ import annotations

import re
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from titan_lint.report.places import clean, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.config.settings import Settings
    from titan_lint.report.places import Placed
    from titan_lint.run.outcome import Outcome

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(outcome: Outcome, settings: Settings) -> str:
    """Write one suite for each file with findings or errors, or one passed test where all is well."""
    suites: list[str] = []
    failures = errors = skipped = 0
    for path, group in groupby(placed(outcome), key=lambda found: found.path):
        listed = list(group)
        cases = [
            _case(
                f"titan_lint.{found.finding.code}",
                path,
                found.in_file.line,
                found.in_file.column,
                "skipped" if _is_info(found) else "failure",
                found.finding.message,
                found.finding.details,
            )
            for found in listed
        ]
        infos = sum(map(_is_info, listed))
        skipped += infos
        failures += len(cases) - infos
        suites.append(_suite(path, cases, failures=len(cases) - infos, skipped=infos))
    for error in outcome.errors:
        case = _case(
            "titan_lint.error",
            error.path,
            error.line or 1,
            error.column or 1,
            "error",
            error.message,
        )
        errors += 1
        suites.append(_suite(error.path, [case], errors=1))
    if not suites:
        case = '        <testcase name="titan_lint.passed" classname="titan_lint"/>\n'
        suites.append(_suite("titan_lint", [case]))
    tests = max(failures + errors + skipped, 1)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="titan-lint" tests="{tests}" failures="{failures}" errors="{errors}" '
        f'skipped="{skipped}">\n{"".join(suites)}</testsuites>\n'
    )


def _is_info(found: Placed) -> bool:
    return found.finding.severity == "info"


def _suite(
    path: str, cases: list[str], *, failures: int = 0, errors: int = 0, skipped: int = 0
) -> str:
    return (
        f'    <testsuite name={_quote(clean(path))} tests="{len(cases)}" failures="{failures}" '
        f'errors="{errors}" skipped="{skipped}">\n{"".join(cases)}    </testsuite>\n'
    )


def _case(
    name: str,
    path: str,
    line: int,
    column: int,
    kind: str,
    message: str,
    details: Sequence[tuple[str, str]] = (),
) -> str:
    said = [f"line {line}, col {column}, {message}", *(f"{word}: {text}" for word, text in details)]
    text = "\n".join(said)
    return (
        f"        <testcase name={_quote(name)} classname={_quote(clean(path).removesuffix('.py'))} "
        f'line="{line}" column="{column}">\n'
        f"            <{kind} message={_quote(message)}>{_escape(text)}</{kind}>\n"
        "        </testcase>\n"
    )


def _quote(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", text))


def _escape(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))
