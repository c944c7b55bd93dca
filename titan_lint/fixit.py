"""titan-lint's rules, and rules of one's own, for Fixit 2.

``enable = ["titan_lint.fixit"]`` runs titan-lint's rules. What they would write instead is in their messages:
their fixes may be in several places of a file, which Fixit has no room for; ``titan-lint --fix`` makes them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import libcst as cst
from libcst.metadata import CodePosition, CodeRange, PositionProvider

from titan_lint import rules
from titan_lint.code.source import Source
from titan_lint.libcst import Rule, TorchtitanProvider

if TYPE_CHECKING:
    from titan_lint.finding import Finding

# Fixit is no dependency: whoever imports this has it.
_LINT_RULE: Any = import_module("fixit").LintRule


def fixit_rule(rule: type[Rule]) -> type[Any]:
    """A rule of one's own as one of Fixit's, replacements included.

    Fixit finds it as an attribute of a module that it is told to enable.
    """

    def visit_module(self: Any, node: cst.Module) -> None:
        visitor = rule()
        visitor.metadata = self.metadata
        node.visit(visitor)
        for reported in visitor.reports:
            self.report(reported.node, reported.message, replacement=reported.replacement)

    return _made(rule.__name__, rule.__doc__, visit_module)


def _of_code(code: str) -> type[Any]:
    def visit_module(self: Any, node: cst.Module) -> None:
        source = Source("", node.code)
        for finding in self.get_metadata(TorchtitanProvider, node).findings:
            if finding.code == code:
                place = _place(source, finding)
                message = f"{code} " + "; ".join(
                    (finding.message, *(t for _, t in finding.details))
                )
                self.report(
                    _around(self.metadata[PositionProvider], place), message, position=place
                )

    return _made(code, f"See `titan-lint rule {code}`.", visit_module)


def _made(name: str, documentation: str | None, visit_module: Any) -> type[Any]:
    made: dict[str, Any] = {
        "__doc__": documentation,
        "__module__": __name__,
        "METADATA_DEPENDENCIES": (PositionProvider, TorchtitanProvider),
        "VALID": [],
        "INVALID": [],
        "visit_Module": visit_module,
    }
    return type(name, (_LINT_RULE,), made)


def _place(source: Source, finding: Finding) -> CodeRange:
    (line, column), (end, last) = map(source.position, (finding.span.start, finding.span.end))
    return CodeRange(CodePosition(line, column - 1), CodePosition(end, last - 1))


def _around(places: Any, place: CodeRange) -> cst.CSTNode:
    """The innermost statement or expression at a place, whose comments Fixit looks for suppressions in."""
    start, end = (place.start.line, place.start.column), (place.end.line, place.end.column)
    found: cst.CSTNode | None = None
    for node, other in places.items():
        if isinstance(node, cst.BaseExpression | cst.BaseStatement | cst.BaseSmallStatement):
            first = (other.start.line, other.start.column)
            if first <= start and end <= (other.end.line, other.end.column):
                if found is None or _is_within(other, places[found]):
                    found = node
    return found or next(node for node in places if isinstance(node, cst.Module))


def _is_within(one: CodeRange, other: CodeRange) -> bool:
    return (other.start.line, other.start.column) <= (one.start.line, one.start.column) and (
        one.end.line,
        one.end.column,
    ) <= (other.end.line, other.end.column)


# Fixit looks for classes among the names of the module.
globals().update({code: _of_code(code) for code in rules.names()})
