"""JUnit's XML."""

from __future__ import annotations

import re
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from titan_lint.report.places import clean, placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config.settings import Settings
    from titan_lint.run.outcome import Outcome

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(outcome: Outcome, settings: Settings) -> str:
    """Write one suite for each file with findings or errors, or one passed test where all is well."""
    suites: list[str] = []
    tests = failures = errors = 0
    for path, group in groupby(placed(outcome), key=lambda found: found.path):
        cases = [
            _case(
                f"titan_lint.{found.finding.code}",
                path,
                found.place.line,
                found.place.column,
                "failure",
                found.finding.message,
            )
            for found in group
        ]
        failures += len(cases)
        suites.append(_suite(path, cases, failures=len(cases), errors=0))
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
        suites.append(_suite(error.path, [case], failures=0, errors=1))
    if not suites:
        case = '        <testcase name="titan_lint.passed" classname="titan_lint"/>\n'
        suites.append(_suite("titan_lint", [case], failures=0, errors=0))
    tests = max(failures + errors, 1)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="titan-lint" tests="{tests}" failures="{failures}" errors="{errors}">\n'
        f"{''.join(suites)}</testsuites>\n"
    )


def _suite(path: str, cases: list[str], *, failures: int, errors: int) -> str:
    return (
        f'    <testsuite name={_quote(clean(path))} tests="{len(cases)}" failures="{failures}" '
        f'errors="{errors}" skipped="0">\n{"".join(cases)}    </testsuite>\n'
    )


def _case(name: str, path: str, line: int, column: int, kind: str, message: str) -> str:
    where = f"line {line}, col {column}, "
    return (
        f"        <testcase name={_quote(name)} classname={_quote(clean(path).removesuffix('.py'))} "
        f'line="{line}" column="{column}">\n'
        f"            <{kind} message={_quote(message)}>{_escape(where + message)}</{kind}>\n"
        "        </testcase>\n"
    )


def _quote(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", text))


def _escape(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))
