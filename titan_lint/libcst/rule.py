"""Rules of one's own: LibCST visitors that run beside titan-lint's rules."""

from __future__ import annotations

import ast
import functools
import textwrap
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from titan_lint.code.screen import TORCHTITAN
from titan_lint.finding import Obligation, Severity
from titan_lint.libcst.provider import TorchtitanProvider
from titan_lint.libcst.seen import Seen
from titan_lint.rewriting.edits import trimmed
from titan_lint.rewriting.operations import Rewrite, WriteOver
from titan_lint.rules import base
from titan_lint.rules.base import Example, Report
from titan_lint.structs import Struct, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import ClassVar

    from titan_lint.code.program import Program
    from titan_lint.finding import Span
    from titan_lint.libcst.known import Known
    from titan_lint.uses.file import File

    Replacement = cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNode]


class Reported(Struct):
    """What a rule says about one node; see :meth:`Rule.report`."""

    node: cst.CSTNode
    message: str
    replacement: Replacement | None
    safe: bool
    notes: tuple[str, ...]
    help: str


class Rule(cst.CSTVisitor):
    """Base of the rules of one's own.

    A rule is a LibCST visitor that calls :meth:`report`. A new one is made for each file and torchtitan.
    Its docstring is its documentation, the first line a summary.

    Attributes:
        code: Letters and digits, such as ``ACME001``; those that begin with ``TTN`` are titan-lint's.
        name: Words with hyphens, such as ``pass-attn-backend``.
        message: What is wrong, where a report does not say it.
        severity: How bad it is.
        words: A file is looked at if one of these stands in it.
        VALID: Code that the rule leaves alone.
        INVALID: Code in which it finds something, and what ``--fix`` makes of it.
    """

    METADATA_DEPENDENCIES = (PositionProvider, TorchtitanProvider)
    code: ClassVar[str] = ""
    name: ClassVar[str] = ""
    message: ClassVar[str] = ""
    severity: ClassVar[Severity] = Severity.ERROR
    words: ClassVar[tuple[str, ...]] = (TORCHTITAN,)
    VALID: ClassVar[Sequence[str | Example]] = ()
    INVALID: ClassVar[Sequence[str | Example]] = ()

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[Reported] = []

    def known(self, node: cst.CSTNode) -> Known:
        """What an expression, a statement or the module is at the target."""
        return self.get_metadata(TorchtitanProvider, node)  # pyright: ignore

    def report(
        self,
        node: cst.CSTNode,
        message: str | None = None,
        *,
        replacement: Replacement | None = None,
        safe: bool = False,
        notes: Sequence[str] = (),
        help: str = "",
    ) -> None:
        """Report a node.

        Args:
            node: Where to point.
            message: What is wrong, in one sentence; by default :attr:`message`.
            replacement: What to put in its place: a node, ``RemoveFromParent()`` or a ``FlattenSentinel``.
            safe: Whether the fix keeps what the code means, so that ``--fix`` makes it without
                ``--unsafe-fixes``.
            notes: What else there is to say, a sentence each.
            help: What to do, in the imperative.
        """
        said = message or self.message
        if not said:
            raise ValueError(f"{type(self).__name__} has no message")
        self.reports.append(Reported(node, said, replacement, safe, tuple(notes), help))

    @classmethod
    def titan_lint_rule(cls) -> base.Rule | None:
        """The rule that titan-lint runs; ``None`` for a base of others, which has no code."""
        return _rule(cls) if cls.code else None

    @classmethod
    def examples(cls) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
        """Code in which the rule finds something, and code that it leaves alone."""
        return tuple(map(_example, cls.INVALID)), tuple(map(_example, cls.VALID))


def _example(given: str | Example) -> Example:
    """An example, whose code may be indented as a text in a class is."""
    example = Example(given) if isinstance(given, str) else given
    fixed = example.fixed
    return replace(example, code=_text(example.code), fixed=None if fixed is None else _text(fixed))


def _text(written: str) -> str:
    return textwrap.dedent(written.removeprefix("\n"))


def written(module: cst.Module, reported: Reported) -> str:
    """The text of a module with the replacement that is reported."""
    changed = module.visit(_Replacing(reported))
    return changed.code


class _Replacing(cst.CSTTransformer):
    def __init__(self, reported: Reported) -> None:
        super().__init__()
        self._reported = reported

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node is not self._reported.node

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode):  # pyright: ignore
        mine = original_node is self._reported.node
        return self._reported.replacement if mine else updated_node


class _Visiting(base.Rule):
    """A LibCST visitor as a rule of titan-lint's."""

    def __init__(self, visitor: type[Rule]) -> None:
        self._visitor = visitor
        self.__doc__ = visitor.__doc__
        self.code, self.name, self.severity = visitor.code, visitor.name, visitor.severity  # pyright: ignore
        self.words = visitor.words  # pyright: ignore
        self.bad, self.good = visitor.examples()  # pyright: ignore
        if any(example.fixed is not None for example in self.bad):
            self.rests_on = (Obligation.COMMENTS_STAY, Obligation.STATED)  # pyright: ignore

    def check(self, file: File) -> Iterator[Report]:
        """Visit the file."""
        seen = file.once(_Tree)
        visitor = self._visitor()
        seen.wrapper.visit(visitor)
        for reported in visitor.reports:
            yield seen.report(visitor, reported)


@functools.cache
def _rule(visitor: type[Rule]) -> base.Rule:
    return _Visiting(visitor)


def _module(program: Program) -> cst.Module:
    """The file as LibCST reads it."""
    return cst.parse_module(program.source.text)


class _Tree:
    """A file held against one torchtitan, with LibCST's metadata."""

    def __init__(self, file: File) -> None:
        self._program = file.program
        self._module = file.program.once(_module)
        self._seen = Seen([file])
        # Nobody changes the tree.
        self.wrapper = MetadataWrapper(
            self._module, unsafe_skip_copy=True, cache={TorchtitanProvider: self._see}
        )

    def _see(self, text: str) -> Seen:
        return self._seen

    def report(self, visitor: Rule, reported: Reported) -> Report:
        """What a visitor says, as titan-lint's rules say it."""
        place = self.wrapper.resolve(PositionProvider)[reported.node]
        span = self._seen.span(place)
        return Report(
            self._statement(span),
            reported.message,
            self._rewrite(visitor, reported),
            key=(reported.message,),
            notes=reported.notes,
            help=reported.help,
            span=span,
        )

    def _statement(self, span: Span) -> ast.stmt | ast.Module:
        """The innermost statement around a place."""
        found: ast.stmt | ast.Module = self._program.tree
        # Those within others come behind them.
        for node in self._program.nodes:
            if isinstance(node, ast.stmt):
                around = self._program.span(node)
                if around.start <= span.start and span.end <= around.end:
                    found = node
        return found

    def _rewrite(self, visitor: Rule, reported: Reported) -> Rewrite | None:
        if reported.replacement is None:
            return None
        old = self._program.source.text
        edit = trimmed(0, old, written(self._module, reported))
        return Rewrite(
            reported.help or f"Rewrite as {visitor.name} says",
            (WriteOver(edit.start, edit.end, edit.content),),
            () if reported.safe else (Obligation.STATED,),
        )
