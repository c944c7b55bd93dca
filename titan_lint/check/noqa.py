"""Write ``# noqa`` comments for findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from titan_lint.check.suppress import directives
from titan_lint.finding import Edit
from titan_lint.rewriting.edits import apply

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from titan_lint.check.suppress import Directive
    from titan_lint.code.source import Source
    from titan_lint.finding import Finding


class Added(NamedTuple):
    """What :func:`add_noqa` made of a file.

    Attributes:
        edits: What makes the new text.
        codes: How many codes were added.
        impossible: 1-based lines that no comment can be put on.
    """

    edits: list[Edit]
    codes: int
    impossible: list[int]


def add_noqa(source: Source, findings: Iterable[Finding]) -> Added:
    """Suppress findings where they are.

    Each code goes to the end of the last line of its finding's statement: other lines may end inside
    a string or with a backslash. A comment that already lists codes there gets one more.
    """
    wanted: dict[int, set[str]] = {}
    for finding in findings:
        line = source.line_of(max(finding.statement.end - 1, finding.statement.start))
        wanted.setdefault(line, set()).add(finding.code)
    # Behind a backslash nothing may stand.
    impossible = [line for line in sorted(wanted) if source.line_text(line).rstrip().endswith("\\")]
    for line in impossible:
        del wanted[line]
    edits = _insertions(source, wanted)
    heard = _listing(source.with_text(apply(source.text, edits)))
    in_string = [
        line
        for line, codes in sorted(wanted.items())
        if line not in heard or not codes.issubset(code for code, _ in heard[line].codes)
    ]
    if in_string:
        # The end of a line like `a(); b = """` belongs to a string.
        for line in in_string:
            del wanted[line]
        edits = _insertions(source, wanted)
    return Added(edits, sum(map(len, wanted.values())), sorted(impossible + in_string))


def _insertions(source: Source, wanted: Mapping[int, set[str]]) -> list[Edit]:
    listing = _listing(source)
    edits: list[Edit] = []
    for line in sorted(wanted):
        codes = ", ".join(sorted(wanted[line]))
        if line in listing:
            at = listing[line].codes[-1][1].end
            insert = f", {codes}"
        else:
            at = source.line_start(line) + len(source.line_text(line).rstrip())
            insert = f"  # noqa: {codes}"
        edits.append(Edit(at, at, insert))
    return edits


def _listing(source: Source) -> dict[int, Directive]:
    """Find, by line, the comments that a code can be added to."""
    return {
        source.line_of(directive.span.start): directive
        for directive in directives(source)
        if directive.codes and not directive.whole_file
    }
