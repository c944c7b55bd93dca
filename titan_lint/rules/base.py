"""What every rule is: one file, one class, with its message, documentation and examples."""

from __future__ import annotations

from titan_lint.code.screen import TORCHTITAN
from titan_lint.finding import Severity
from titan_lint.structs import Struct, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator
    from typing import ClassVar

    from titan_lint.finding import Fix, Obligation, Span
    from titan_lint.rewriting.operations import Rewrite
    from titan_lint.uses.file import File
    from titan_lint.uses.jobs import Job
    from titan_lint.uses.launches import Script


class Example(Struct):
    """A piece of code that a rule flags (``bad``) or leaves alone (``good``).

    Attributes:
        code: The source text.
        torchtitan: The target it is judged at; several, with blanks between them.
        fixed: What ``--fix --unsafe-fixes`` makes of it; ``None`` where no fix is offered.
        safe: Whether plain ``--fix`` already makes ``fixed`` of it.
        about: A word on what the example shows.
        written_for: The version that the code was written for (``--from``), where that matters.
    """

    code: str
    torchtitan: str = "0.3.0"
    fixed: str | None = None
    safe: bool = True
    about: str = ""
    written_for: str | None = None


class Report(Struct):
    """What a rule says about one node; the engine makes a finding of it.

    Attributes:
        node: Where to point.
        message: What is wrong, in one sentence of at most 120 characters.
        rewrite: The rewrite asked for, or ``None`` where the rule only explains.
        severity: Overrides the rule's own severity.
        end: Point from ``node`` to the end of this node.
        key: What is asked, and of what: two reports of a rule with one key say the same thing, be it
            elsewhere in the file or of another torchtitan.
        claims: What it is about, nodes and subjects: see :mod:`titan_lint.rules.precedence`.
        notes: Since when, for which versions, why: a sentence each.
        help: What to do, in the imperative; where there is a rewrite, that says it.
        span: Point at this, in place of ``node``, which is the innermost statement around it, or the module.
    """

    node: ast.AST
    message: str
    rewrite: Rewrite | None = None
    severity: Severity | None = None
    end: ast.AST | None = None
    key: tuple[str, ...] = ()
    claims: tuple[tuple[ast.AST, str], ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    span: Span | None = None


def by_default(report: Report) -> Report:
    """A report about a value that only counts where nobody gives another one: a warning, which says so."""
    notes = ("it is what counts where nobody gives another value", *report.notes)
    return replace(report, severity=Severity.WARNING, notes=notes)


def in_branch(report: Report, node: ast.expr) -> Report:
    """A report about a value that only counts in one branch: a warning where it stands, which says so, without a fix.

    Args:
        report: What is said of it.
        node: The value.
    """
    notes = ("it is what counts in one of the branches", *report.notes)
    return replace(report, node=node, severity=Severity.WARNING, notes=notes, rewrite=None)


class Citation(Struct):
    """Where a fact of the documentation comes from."""

    title: str
    where: str
    date: str = ""


class Rule:
    """Base of all rules.

    The class docstring is the rule's documentation: its first line the summary, then the sections
    ``What it does``, ``Why is this bad?``, ``Fix safety``. ``code`` and ``name`` are taken from the
    file's name, ``ttn101_missing_attn_backend.py``. ``rests_on`` lists the obligations of its fixes.
    ``sources_are_causes`` where all that it reports came with one of the commits among its ``sources``.
    ``reads`` is the suffix of the files that it is about.
    ``words`` are those of which at least one stands in every file that the rule has something to say of.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    bad: ClassVar[tuple[Example, ...]] = ()
    good: ClassVar[tuple[Example, ...]] = ()
    sources: ClassVar[tuple[Citation, ...]] = ()
    sources_are_causes: ClassVar[bool] = False
    rests_on: ClassVar[tuple[Obligation, ...]] = ()
    reads: ClassVar[str] = ".py"
    words: ClassVar[tuple[str, ...]] = (TORCHTITAN,)

    def check(self, file: File) -> Iterator[Report]:
        """Yield what is wrong in ``file``, in any order."""
        raise NotImplementedError


class JobReport(Struct):
    """What a rule says about one place in a job config, or in a command.

    Attributes:
        span: Where to point.
        statement: The lines on which a suppression counts.
        message: What is wrong, in one sentence of at most 120 characters.
        key: As in :class:`Report`.
        fix: The fix asked for; ``None`` where the rule only explains.
        severity: Overrides the rule's own severity.
        notes: As in :class:`Report`.
        help: As in :class:`Report`.
    """

    span: Span
    statement: Span
    message: str
    key: tuple[str, ...]
    fix: Fix | None = None
    severity: Severity | None = None
    notes: tuple[str, ...] = ()
    help: str = ""


class JobRule(Rule):
    """Base of the rules about job configs, which are TOML; their codes begin with ``TTN50``."""

    reads = ".toml"

    def judge(self, job: Job) -> Iterator[JobReport]:
        """Yield what is wrong in a job config, in any order."""
        raise NotImplementedError


class ScriptRule(Rule):
    """Base of the rules about commands in files that are no programs; their codes begin as those of job configs."""

    reads = ".sh"

    def judge(self, script: Script) -> Iterator[JobReport]:
        """Yield what is wrong with the commands of a file, in any order."""
        raise NotImplementedError
