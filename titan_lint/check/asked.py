"""What the user makes of findings: the severity that a rule has, and whether its fixes are applied."""

from __future__ import annotations

from titan_lint.finding import Severity
from titan_lint.structs import Struct, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from titan_lint.finding import Finding


class Asked(Struct):
    """How findings are to be taken.

    Attributes:
        severities: By code, the severity that a rule has in place of its own.
        unfixable: Rules whose fixes are not applied.
    """

    severities: Mapping[str, str]
    unfixable: Sequence[str]

    def of(self, findings: list[Finding]) -> list[Finding]:
        """The findings as the user takes them."""
        if not self.severities and not self.unfixable:
            return findings
        return [self._of(finding) for finding in findings]

    def _of(self, finding: Finding) -> Finding:
        severity = self.severities.get(finding.code)
        if severity is not None:
            finding = replace(finding, severity=_given(finding, Severity(severity)))
        if finding.fix is not None and finding.code in self.unfixable:
            finding = finding.without_fix()
        return finding


def _given(finding: Finding, severity: Severity) -> Severity:
    """The severity that a rule is given, but no more than a finding has that is milder than its rule."""
    from titan_lint import rules

    if finding.severity is rules.rule(finding.code).severity:
        return severity
    order = list(Severity)
    return max(finding.severity, severity, key=order.index)
