"""A file as LibCST reads it, beside the same file as titan-lint does: which node is which expression.

The rules read Python's own trees, LibCST has others. What the two have in common are places: no two
expressions of a file stand at the same one, parentheses around them left out.
"""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from titan_lint import rules
from titan_lint.check.lint import lint_program
from titan_lint.check.suppress import suppress
from titan_lint.code.resolver import Resolver
from titan_lint.finding import Span
from titan_lint.libcst.known import Known, place_of, type_of
from titan_lint.rewriting.perform import in_fstring
from titan_lint.uses.types import SurfaceTypes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from libcst.metadata import CodePosition, CodeRange

    from titan_lint.code.values import Value, Values
    from titan_lint.finding import Finding
    from titan_lint.uses.file import File
    from titan_lint.uses.own_modules import OwnModules


class Seen:
    """A file held against the torchtitans that it must fit.

    Args:
        files: It, as the rules see it, once for each torchtitan.
        findings: Gives what the rules find in it, where it is not to be worked out.
    """

    def __init__(
        self, files: Sequence[File], findings: Callable[[], Sequence[Finding]] | None = None
    ) -> None:
        self.program = files[0].program
        self._files = files
        self._given = findings

    @functools.cached_property
    def _choices(self) -> list[Callable[[ast.expr], Values]]:
        """All that an expression may be, in the eyes of each torchtitan."""
        return [_resolver(file).choices for file in self._files]

    @functools.cached_property
    def findings(self) -> Sequence[Finding]:
        """What titan-lint's rules find, all of them, whichever are selected."""
        if self._given is not None:
            return self._given()
        file, codes = self._files[0], tuple(rules.names())
        linted = lint_program(
            self.program,
            codes=codes,
            targets=[one.target for one in self._files],
            options=file.options,
            package=file.package,
            edits=False,
        )
        return suppress(self.program.source, linted.findings, codes)

    @functools.cached_property
    def _expressions(self) -> dict[Span, ast.expr]:
        program = self.program
        return {
            program.span(node): node
            for node in program.nodes
            # Before 3.12, what stands in an f-string has places at which other things stand.
            if isinstance(node, ast.expr)
            and (program.has_fstring_places or not in_fstring(program, node))
        }

    def span(self, place: CodeRange) -> Span:
        """The code points at a place of LibCST's, which counts lines as titan-lint does."""
        return Span(self._offset(place.start), self._offset(place.end))

    def _offset(self, position: CodePosition) -> int:
        source = self.program.source
        # LibCST ends the last line, whether the file does or not.
        if position.line > source.line_count:
            return len(source.text)
        return source.line_start(position.line) + position.column

    def known(self, span: Span) -> Known:
        """What the expression at a place is: the same at all torchtitans, or not known."""
        return Known(
            functools.partial(self._of, span),
            functools.partial(self._within, span),
            self._files[0].resolver.types.canonical,
        )

    def _of(self, span: Span) -> tuple[str | None, str | None]:
        """The path and the class of the expression at a place."""
        node = self._expressions.get(span)
        if node is None:
            return None, None
        path = self._agreed(node, place_of)
        return path and self._own_path(path), self._agreed(node, type_of)

    def _own_path(self, path: str) -> str:
        """The path at which the project defines what it has at a path; ``path`` itself for all else."""
        modules = self._files[0].options.modules
        module, _, name = path.rpartition(".")
        if modules is None or not module:
            return path
        return modules.definition(module, name) or path

    def _agreed(self, node: ast.expr, ask: Callable[[Value], str | None]) -> str | None:
        """What ``ask`` says of all that an expression may be; ``None`` where it says several things."""
        said = {ask(value) for choices in self._choices for value in choices(node)}
        return said.pop() if len(said) == 1 else None

    def _within(self, span: Span) -> Sequence[Finding]:
        return [f for f in self.findings if span.start <= f.span.start and f.span.end <= span.end]


def _resolver(file: File) -> Resolver:
    """What tells of names of the project's own as well where they are imported from."""
    modules = file.options.modules
    if modules is None:
        return file.resolver
    types = SurfaceTypes(file.target.surface)
    return Resolver(file.program, types, file.package, modules=_WithOwn(modules.sure))


class _WithOwn:
    """The modules of a project, of which everything has an import path, and not only what is torchtitan's."""

    def __init__(self, modules: OwnModules) -> None:
        self._modules = modules
        self.leans = modules.leans
        self.values = modules.values
        self.lacks = modules.lacks
        self.hide = modules.hide
        self.give_stand_in = modules.give_stand_in

    def module(self, package: str, name: str) -> str | None:
        """See :class:`~titan_lint.code.library.Modules`."""
        return self._modules.module(package, name) or self._modules.definition(package, name)
