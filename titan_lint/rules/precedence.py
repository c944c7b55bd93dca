"""Which rule stands first where two could report the same thing.

A report claims what it is about: nodes, each with a subject. Where reports of two rules claim the same,
and :data:`ORDER` names the two, the report of the rule that stands behind is dropped. It is dropped too
where the first rule is not selected: what a rule reports does not depend on which others run.
"""

from __future__ import annotations

from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from titan_lint.rules.base import Report

    Claims = tuple[tuple[ast.AST, str], ...]

ATTENTION = "attention backend"
FLAVOR = "flavor"
MEMBER = "member"
OVERRIDE = "override"


class Precedence(Struct):
    """One line of the table.

    Attributes:
        behind: Code of the rule that is silent where the others report.
        first: Codes of the rules that stand first.
        subject: What all of them claim.
        why: What the first rules say more.
    """

    behind: str
    first: tuple[str, ...]
    subject: str
    why: str


ORDER = (
    Precedence(
        "TTN104", ("TTN101",), ATTENTION, "the backend that is meant is known, and never passed"
    ),
    Precedence("TTN203", ("TTN102", "TTN103"), MEMBER, "the whole override goes, with its guard"),
    Precedence("TTN306", ("TTN301",), OVERRIDE, "the parameter's new name is known"),
    Precedence("TTN402", ("TTN105",), FLAVOR, "the flavor's new name and its backend are known"),
)


def claim(nodes: Iterable[ast.AST], subject: str) -> Claims:
    """A report's claim to some nodes."""
    return tuple((node, subject) for node in nodes)


def kept(
    reports: Mapping[str, Sequence[Report]], run: Callable[[str], Sequence[Report]]
) -> dict[str, list[Report]]:
    """The reports without those that a rule which stands first makes needless.

    Args:
        reports: What each selected rule reports of one file at one target, by code.
        run: What a rule reports that was not selected; asked only where it may matter.

    Returns:
        The reports that stay, by code. A report claims its nodes whether it stays or not.
    """
    found = {code: list(some) for code, some in reports.items()}
    for line in ORDER:
        mine = [
            report
            for report in found.get(line.behind, ())
            if any(subject == line.subject for _, subject in report.claims)
        ]
        if not mine:
            continue
        taken = {
            claimed
            for code in line.first
            for report in (reports[code] if code in reports else run(code))
            for claimed in report.claims
        }
        found[line.behind] = [
            report
            for report in found[line.behind]
            if not any(claimed in taken and claimed[1] == line.subject for claimed in report.claims)
        ]
    return found
