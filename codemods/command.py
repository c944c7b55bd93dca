"""titan-lint's fixes behind LibCST's codemod interface; the commands only choose the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import libcst as cst
from libcst.codemod import CodemodCommand, CodemodContext

from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.check.suppress import suppress
from titan_lint.code.source import Source
from titan_lint.finding import Severity
from titan_lint.structs import replace
from titan_lint.uses.era import of_source
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from titan_lint.finding import Finding


class FixCommand(CodemodCommand):
    """Base of the commands: what ``titan-lint --fix`` makes of a module, with some of its rules.

    Args:
        context: LibCST's, with the path of the file.
        torchtitan: The version that the code must fit, as ``titan-lint --torchtitan`` takes it.
        unsafe_fixes: Whether unsafe fixes are applied too.
        legacy_guard: Whether rewritten registry calls get a start-up guard.
        written_for: The version that the code was written for, as ``titan-lint --from`` takes it;
            ``None`` to infer it from each file.

    Attributes:
        CODES: The rules whose fixes the command makes.

    Raises:
        titan_lint.api.targets.TargetError: There is no such torchtitan.
    """

    CODES: ClassVar[Sequence[str]] = ()

    def __init__(
        self,
        context: CodemodContext,
        torchtitan: str = "latest",
        unsafe_fixes: bool = False,
        legacy_guard: bool = False,
        written_for: str | None = None,
    ) -> None:
        super().__init__(context)
        self.targets = targets.parse(torchtitan)
        self.unsafe = unsafe_fixes
        era = None if written_for is None else targets.parse(written_for)[-1].surface.key
        self.options = Options(legacy_guard=legacy_guard, written_for=era)

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """The arguments of the command line, named as titan-lint's own."""
        arg_parser.add_argument(
            "--torchtitan",
            metavar="TARGET",
            default="latest",
            help="the torchtitan that the code must fit: 0.3.0, 2026-05-01, main, ... "
            "(default: the newest release known)",
        )
        arg_parser.add_argument(
            "--from",
            dest="written_for",
            metavar="VERSION",
            help="the torchtitan that the code was written for (default: inferred from each file)",
        )
        arg_parser.add_argument(
            "--unsafe-fixes", action="store_true", help="apply unsafe fixes too"
        )
        arg_parser.add_argument(
            "--legacy-guard",
            action="store_true",
            help="put a start-up guard before rewritten registry calls",
        )

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """Fix one module; what is left to be done by hand becomes warnings."""
        source = Source(self.context.filename or "<stdin>", tree.code)
        fixed = fix(
            source,
            codes=self.CODES,
            targets=self.targets,
            # Nothing is known of the files beside it.
            options=replace(self.options, era=of_source(source, whole=False)),
            unsafe=self.unsafe,
            keep=self._keep,
        )
        if fixed.refused is not None:
            self.warn(f"{source.path}: left alone: {fixed.refused}")
            return tree
        for finding in fixed.remaining:
            if finding.severity is not Severity.INFO:
                line = fixed.source.line_of(finding.span.start)
                self.warn(f"{source.path}:{line}: {finding.code} {finding.said}")
        if fixed.source.text == source.text:
            return tree
        return cst.parse_module(fixed.source.text, tree.config_for_parsing)

    def _keep(self, source: Source, findings: list[Finding]) -> list[Finding]:
        return suppress(source, findings, self.CODES)
