"""The examples of a rule as tests.

With pytest::

    from titan_lint.libcst import testing

    import acme_lint.rules


    @pytest.mark.parametrize("case", testing.cases(acme_lint.rules), ids=str)
    def test_the_examples_are_true(case):
        case.check()
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.config.own_rules import offered
from titan_lint.structs import Struct
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from types import ModuleType

    from titan_lint.check.fix import Fixed
    from titan_lint.finding import Finding
    from titan_lint.rules.base import Example, Rule


class Case(Struct):
    """One example of one rule.

    Attributes:
        rule: The rule.
        example: The example.
        number: Which of its kind it is, from 0 on.
        is_valid: Whether the rule leaves it alone.
    """

    rule: Rule
    example: Example
    number: int
    is_valid: bool

    def __str__(self) -> str:
        return f"{self.rule.code}-{'VALID' if self.is_valid else 'INVALID'}-{self.number}"

    def check(self) -> None:
        """Hold the rule against the example.

        Raises:
            AssertionError: It says something else; the message says what.
        """
        found = self._findings()
        said = [finding.message for finding in found]
        if self.is_valid:
            assert not said, f"{self}: expected no finding, found {said}"
            return
        assert said, f"{self}: expected a finding, found none"
        example = self.example
        if example.fixed is None:
            assert all(f.fix is None for f in found), f"{self}: there is a fix, and none is shown"
            return
        text = self._fixed(example.code, unsafe=True)
        assert text == example.fixed, f"{self}: expected\n{example.fixed}\nfound\n{text}"
        plain = self._fixed(example.code, unsafe=False)
        assert (plain == text) is example.safe, (
            f"{self}: the fix is {'un' if example.safe else ''}safe"
        )
        again = self._fixed(text, unsafe=True)
        assert again == text, f"{self}: fixed once more, it becomes\n{again}"

    def _findings(self) -> list[Finding]:
        example = self.example
        linted = lint(
            Source("example.py", example.code),
            codes=(self.rule.code,),
            targets=targets.parse_all(example.torchtitan.split()),
            options=Options(written_for=example.written_for),
        )
        for failure in linted.failures:
            raise failure.error
        return linted.findings

    def _fixed(self, text: str, *, unsafe: bool) -> str:
        fixed: Fixed = fix(
            Source("example.py", text),
            codes=(self.rule.code,),
            targets=targets.parse_all(self.example.torchtitan.split()),
            options=Options(written_for=self.example.written_for),
            unsafe=unsafe,
        )
        assert fixed.refused is None, f"{self}: not fixed: {fixed.refused}"
        return fixed.source.text


def cases(*holders: ModuleType) -> list[Case]:
    """The examples of all rules in some modules.

    Raises:
        RulesError: What a module offers are no rules.
    """
    found: list[Case] = []
    for holder in holders:
        for rule in offered(holder):
            rules.add(rule)
            for is_valid, examples in ((False, rule.bad), (True, rule.good)):
                found += (Case(rule, e, number, is_valid) for number, e in enumerate(examples))
    return found
