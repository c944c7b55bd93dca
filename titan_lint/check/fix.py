"""Applying fixes to one file, pass by pass, until nothing more changes."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from titan_lint.check.lint import Linted, RuleFailure, lint, rewrites
from titan_lint.code.program import Program
from titan_lint.code.source import Source, SourceError
from titan_lint.finding import Applicability, Edit, Finding, Span
from titan_lint.rewriting.edits import apply, touch
from titan_lint.structs import Struct, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from titan_lint.api.targets import Target
    from titan_lint.finding import Fix
    from titan_lint.rewriting.operations import EnsureImport, MoveImport, Rewrite
    from titan_lint.uses.era import Era
    from titan_lint.uses.options import Options

Keep = Callable[[Source, list[Finding]], list[Finding]]

MAX_PASSES = 50


class Fixed(Struct, frozen=False):
    """What fixing a file came to.

    Attributes:
        source: The file with its fixes, or as it was where fixing was refused.
        fixed: Findings whose fix was applied.
        remaining: Findings left in ``source``.
        refused: Why nothing was changed, where a fix would have broken the file.
        failures: Rules that broke.
    """

    source: Source
    fixed: list[Finding] = field(default_factory=list[Finding])
    remaining: list[Finding] = field(default_factory=list[Finding])
    refused: str | None = None
    failures: list[RuleFailure] = field(default_factory=list[RuleFailure])


def fix(
    source: Source,
    *,
    codes: Sequence[str],
    targets: Sequence[Target],
    options: Options,
    unsafe: bool = False,
    keep: Keep | None = None,
    package: str | None = None,
    parsed: Callable[[], Program] | None = None,
) -> Fixed:
    """Apply the fixes of a file's findings, and of those that the changes bring out.

    Args:
        source: The file.
        codes: The rules to run.
        targets: The torchtitan versions that the file must fit.
        options: What the user asked for.
        unsafe: Whether unsafe fixes are applied too.
        keep: Takes the findings of a source and returns those that are not suppressed. A fix that
            would change the statement of a suppressed finding is not applied.
        package: Dotted name of the package that holds the file.
        parsed: Gives the file parsed, where that may have been done already.

    Raises:
        SourceError: The file is no Python.
    """
    result = Fixed(source)
    seen = {source.text}
    current = told = source
    if options.era is None:
        from titan_lint.uses.era import of_source

        # Each pass changes what the code fits, but not what it was written for.
        options = replace(options, era=of_source(source))
    for _ in range(MAX_PASSES):
        given = _Given(current, parsed)
        linted = _lint(current, codes, targets, options, package, given)
        kept = keep(current, linted.findings) if keep is not None else linted.findings
        places = {(f.code, f.span) for f in kept}
        suppressed = [f.statement for f in linted.findings if (f.code, f.span) not in places]
        result.remaining, result.failures = kept, linted.failures
        if given.program is not None:
            kept = joined(given.program, kept, suppressed, unsafe=unsafe)
        chosen, edits = choose(kept, suppressed, unsafe=unsafe)
        if not chosen:
            later = _told_by(current, options, targets) if current.text != told.text else None
            if later is None:
                result.source = current
                return result
            options, told = replace(options, era=later), current
            continue
        text = apply(current.text, edits)
        program = _parsed(current, text, edits, seen)
        if isinstance(program, str):
            first = _lint(source, codes, targets, options, package)
            remaining = keep(source, first.findings) if keep is not None else first.findings
            return Fixed(source, [], remaining, program, first.failures)
        seen.add(text)
        result.fixed += chosen
        current, parsed = program.source, _Given(program.source, None, program)
    first = _lint(source, codes, targets, options, package)
    remaining = keep(source, first.findings) if keep is not None else first.findings
    return Fixed(
        source, [], remaining, f"the fixes did not settle in {MAX_PASSES} passes", first.failures
    )


def _told_by(current: Source, options: Options, targets: Sequence[Target]) -> Era | None:
    """The era of a fixed file, where that is what the next run would go by; else ``None``.

    Code of two eras fits no version. Once it is partly fixed it may fit one, and what follows from
    that is done now, so that the next run has nothing to add. Where the fixed file fits the target,
    what it was written for stays what it was.
    """
    era = options.era
    if options.written_for is not None or era is None or era.asked or not era.is_consulted:
        return None
    if any(era.against(target.surface) is not era for target in targets):
        return None
    from titan_lint.uses.era import uses

    later = era.of_file(lambda: uses(Program(current)))
    if not later.keys or later.keys == era.keys:
        return None
    return None if any(later.includes(target.surface) for target in targets) else later


def _lint(
    source: Source,
    codes: Sequence[str],
    targets: Sequence[Target],
    options: Options,
    package: str | None,
    parsed: Callable[[], Program] | None = None,
) -> Linted:
    return lint(
        source, codes=codes, targets=targets, options=options, package=package, parsed=parsed
    )


def _parsed(source: Source, text: str, edits: Sequence[Edit], seen: set[str]) -> Program | str:
    """A file with a fixed text, or why that cannot be taken."""
    if text in seen:
        return "the fixes undo each other"
    try:
        source.encode(text)
        fixed = source.edited(text, edits)
    except SourceError as error:
        return error.message
    try:
        return Program(fixed)
    except SourceError as error:
        return f"the fixed file would not parse: {error.message}"


class _Given:
    """Parses a file where somebody asks, and keeps it.

    Attributes:
        program: The file parsed; ``None`` where nobody has asked yet.
    """

    def __init__(
        self,
        source: Source,
        parsed: Callable[[], Program] | None,
        program: Program | None = None,
    ) -> None:
        self.program = program
        self._source = source
        self._parsed = parsed

    def __call__(self) -> Program:
        if self.program is None:
            self.program = Program(self._source) if self._parsed is None else self._parsed()
        return self.program


def joined(
    program: Program,
    findings: Sequence[Finding],
    suppressed: Sequence[Span],
    *,
    unsafe: bool,
) -> list[Finding]:
    """The findings, where those that import from one module in one place have one fix together.

    They move imports, or bring new ones. Each made by itself, they would wait for each other.

    Args:
        program: The file.
        findings: What was found in it, in order of place.
        suppressed: Statements that are not to be changed.
        unsafe: Whether unsafe fixes are applied too.
    """
    groups: dict[tuple[str, str, Applicability], list[tuple[Fix, MoveImport | EnsureImport]]] = {}
    seen: set[int] = set()
    made = rewrites(program) if len(findings) > 1 else {}
    for finding in findings:
        fix = finding.fix
        if fix is None or id(fix) in seen or id(fix) not in made:
            continue
        seen.add(id(fix))
        brought = _brought(made[id(fix)])
        if brought is not None and (unsafe or fix.applicability is Applicability.SAFE):
            if not any(_touches(edit, span) for edit in fix.edits for span in suppressed):
                key = _first_name(brought), brought.module, fix.applicability
                groups.setdefault(key, []).append((fix, brought))
    whole: dict[int, Fix] = {}
    for (owner, *_), group in groups.items():
        if owner:
            # The last use of what brought them takes that along: it is planned once the others are gone.
            group.pop()
        if len(group) > 1:
            _join(program, group, made, whole)
    if not whole:
        return list(findings)
    return [
        replace(finding, fix=whole[id(finding.fix)]) if id(finding.fix) in whole else finding
        for finding in findings
    ]


def _brought(rewrite: Rewrite) -> MoveImport | EnsureImport | None:
    """What a rewrite imports, where that and the uses of it are all that it is about; else ``None``."""
    from titan_lint.rewriting.operations import (
        EnsureImport,
        MoveImport,
        RemoveImport,
        ReplaceExpression,
    )

    moves = [op for op in rewrite.operations if isinstance(op, MoveImport)]
    if moves:
        return moves[0] if len(moves) == 1 else None
    ensured = [op for op in rewrite.operations if isinstance(op, EnsureImport)]
    about = (EnsureImport, ReplaceExpression, RemoveImport)
    if (
        len(ensured) == 1
        and ensured[0].name
        and all(isinstance(o, about) for o in rewrite.operations)
    ):
        return ensured[0]
    return None


def _first_name(brought: MoveImport | EnsureImport) -> str:
    """The name whose parts are imported by themselves, as in ``utils.a, utils.b``; empty for none."""
    node = getattr(brought, "site", None)
    owner = ""
    while isinstance(node, ast.Attribute):
        node = node.value
        owner = node.id if isinstance(node, ast.Name) else owner
    return owner


def _join(
    program: Program,
    group: Sequence[tuple[Fix, MoveImport | EnsureImport]],
    made: Mapping[int, Rewrite],
    whole: dict[int, Fix],
) -> None:
    """Make one fix of several that import from one module, as far as they can be one."""
    from titan_lint.rewriting.edits import Refused
    from titan_lint.rewriting.imports import together
    from titan_lint.rewriting.operations import MoveImport, MoveTogether, Rewrite
    from titan_lint.rewriting.perform import perform

    moves = [move for _, move in group if isinstance(move, MoveImport)]
    beside = {id(move) for move in together(program, moves)} if moves else set[int]()
    imported: dict[str, str] = {}
    members: list[Fix] = []
    joining: list[MoveImport] = []
    for fix, move in group:
        if isinstance(move, MoveImport) and id(move) not in beside:
            continue
        # Two names that are bound alike are one or the other.
        if all(imported.get(name, path) == path for name, path in fix.imports):
            imported.update(fix.imports)
            members.append(fix)
            joining += [move] if isinstance(move, MoveImport) else []
    if len(members) < 2 or (not joining and len(imported) < 2):
        return
    uses = [
        operation
        for fix in members
        for operation in made[id(fix)].operations
        if not isinstance(operation, MoveImport)
    ]
    because = [obligation for fix in members for obligation in fix.because]
    rewrite = Rewrite(
        members[0].message,
        (*([MoveTogether(tuple(joining))] if joining else []), *dict.fromkeys(uses)),
        tuple(dict.fromkeys(because)),
    )
    try:
        one = perform(program, rewrite)
    except Refused:
        return
    if one.applicability is members[0].applicability:
        whole.update((id(fix), one) for fix in members)


def choose(
    findings: Sequence[Finding], suppressed: Sequence[Span], *, unsafe: bool
) -> tuple[list[Finding], list[Edit]]:
    """The findings to fix in one pass, and their edits: earlier places first, none that clash.

    Findings that ask for the same edits are fixed together. Where edits clash, import different
    things under one name, or different names from one module, the later finding waits for the next
    pass.
    """
    chosen: list[Finding] = []
    taken: set[tuple[Edit, ...]] = set()
    # Many findings may share a fix, as long as they are many.
    same: set[int] = set()
    edits = _Disjoint()
    imported: dict[str, str] = {}
    # One statement serves all names of a module: each with what comes from it.
    paths: dict[str, set[str]] = {}
    for finding in findings:
        if finding.fix is None or (
            finding.fix.applicability is Applicability.UNSAFE and not unsafe
        ):
            continue
        mine = finding.fix.edits
        if id(finding.fix) in same or mine in taken:
            chosen.append(finding)
            continue
        if any(_touches(edit, span) for edit in mine for span in suppressed):
            continue
        fresh = [edit for edit in mine if edit not in edits]
        if any(edits.touch(edit) for edit in fresh):
            continue
        if len(fresh) < len(mine) and not _shareable(mine, fresh):
            continue
        brought = finding.fix.imports
        if any(imported.get(name, path) != path for name, path in brought):
            continue
        if any(path not in paths.get(_module(path), (path,)) for _, path in brought):
            continue
        imported.update(brought)
        for _, path in brought:
            paths.setdefault(_module(path), set()).add(path)
        taken.add(mine)
        same.add(id(finding.fix))
        edits.add(fresh)
        chosen.append(finding)
    return chosen, edits.all


def _module(path: str) -> str:
    return path.rpartition(".")[0]


class _Disjoint:
    """Edits of which no two overlap, in an order in which only neighbours can touch another one."""

    def __init__(self) -> None:
        self.all: list[Edit] = []
        self._known: set[Edit] = set()
        self._sorted: list[tuple[int, int, Edit]] = []

    def __contains__(self, edit: Edit) -> bool:
        return edit in self._known

    def add(self, edits: Sequence[Edit]) -> None:
        """Take up edits that touch none of these."""
        import bisect

        self.all += edits
        for edit in edits:
            self._known.add(edit)
            bisect.insort(self._sorted, (edit.start, edit.end, edit), key=_place)

    def touch(self, edit: Edit) -> bool:
        """Whether an edit clashes with one of these, or meets it."""
        import bisect

        at = bisect.bisect(self._sorted, (edit.start, edit.end), key=_place)
        for index in range(at, len(self._sorted)):
            start, _, other = self._sorted[index]
            if start > edit.end:
                break
            if touch(edit, other):
                return True
        for index in range(at - 1, -1, -1):
            _, end, other = self._sorted[index]
            if end < edit.start:
                break
            if touch(edit, other):
                return True
        return False


def _place(entry: tuple[int, int, Edit]) -> tuple[int, int]:
    return entry[0], entry[1]


def _shareable(mine: Sequence[Edit], fresh: Sequence[Edit]) -> bool:
    """Whether the edits that another finding asks for too do no harm when made once.

    A new import line serves both; anything else waits for the next pass.
    """
    return all(edit in fresh or edit.imports for edit in mine)


def _touches(edit: Edit, span: Span) -> bool:
    return edit.start < span.end and span.start < max(edit.end, edit.start + 1)
