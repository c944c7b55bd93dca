"""What TTN201 and TTN202 say about imports, and what they make of them."""

from __future__ import annotations

import textwrap

from tests.rules.cases import fixed, found

CODES = ("TTN201", "TTN202")


def says(text: str, torchtitan: str = "0.3.0") -> list[tuple[str, str, int]]:
    return [
        (finding.code, finding.severity.value, finding.span.start)
        for code in CODES
        for finding in found(code, text, torchtitan, CODES)
    ]


def becomes(before: str, after: str, torchtitan: str = "0.3.0", *, unsafe: bool = False) -> None:
    result = fixed(before, torchtitan, unsafe=unsafe, codes=CODES)
    assert result.source.text == textwrap.dedent(after)


def explained(text: str, torchtitan: str = "0.3.0") -> list[str]:
    """Messages, where nothing is rewritten."""
    messages = [f for code in CODES for f in found(code, text, torchtitan, CODES)]
    assert all(finding.fix is None for finding in messages)
    return [finding.said for finding in messages]
