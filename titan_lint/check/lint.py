"""The rules over one file: from source text to findings, before suppression."""

from __future__ import annotations

import ast
import functools
import itertools

from titan_lint import rules
from titan_lint.code.program import Program
from titan_lint.code.source import SourceError
from titan_lint.finding import Applicability, Finding, Fix, Obligation, Span
from titan_lint.rules import precedence
from titan_lint.structs import Struct, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from titan_lint.api.surface import Surface
    from titan_lint.api.targets import Target
    from titan_lint.code.source import Source
    from titan_lint.rewriting.operations import Rewrite
    from titan_lint.rules.base import Report, Rule
    from titan_lint.uses.file import File
    from titan_lint.uses.options import Options


class RuleFailure(Struct):
    """A rule that broke on a file: a mistake of its author's."""

    code: str
    name: str
    error: Exception


class Linted(Struct, frozen=False):
    """What the rules say about one file.

    Attributes:
        findings: Sorted by place, then code.
        failures: Rules that broke; the others ran all the same.
    """

    findings: list[Finding] = field(default_factory=list[Finding])
    failures: list[RuleFailure] = field(default_factory=list[RuleFailure])


def lint(
    source: Source,
    *,
    codes: Sequence[str],
    targets: Sequence[Target],
    options: Options,
    package: str | None = None,
    parsed: Callable[[], Program] | None = None,
    edits: bool = True,
) -> Linted:
    """Run rules over a file, once for each target.

    Args:
        source: The file.
        codes: The rules to run, such as ``TTN101``.
        targets: The torchtitan versions that the file must fit. What holds at several is one
            finding that names them.
        options: What the user asked for.
        package: Dotted name of the package that holds the file, where it is known.
        parsed: Gives the file parsed, where that may have been done already.
        edits: Whether fixes are made, and not only planned. Where there are several targets, they are
            made in any case, since what they do at the others shows in the fixed file alone.

    Raises:
        SourceError: The file is no Python, or too deeply nested to be followed.
    """
    if package is None:
        codes = rules.screened(codes, source.text, lambda: _is_led(options))
        if not codes:
            return Linted()
    program = parsed() if parsed is not None else Program(source)
    return lint_program(
        program, codes=codes, targets=targets, options=options, package=package, edits=edits
    )


def lint_program(
    program: Program,
    *,
    codes: Sequence[str],
    targets: Sequence[Target],
    options: Options,
    package: str | None = None,
    edits: bool = True,
) -> Linted:
    """As :func:`lint`, for a file that is parsed already."""
    make = edits or len(targets) > 1
    result = _lint(program, codes, targets, options, package, make)
    if len(targets) > 1 and any(finding.fix for finding in result.findings):
        from titan_lint.check.all_targets import withhold
        from titan_lint.uses.era import of_programs

        # A fix changes what the code fits, but not what it was written for.
        options = replace(options, era=options.era or program.once(of_programs))
        result.findings = withhold(
            program.source,
            result.findings,
            lambda source: _lint(Program(source), codes, targets, options, package).findings,
        )
    return result


def _lint(
    program: Program,
    codes: Sequence[str],
    targets: Sequence[Target],
    options: Options,
    package: str | None,
    make: bool = True,
) -> Linted:
    result = Linted()
    if package is None and not program.mentions_torchtitan and not _is_led(options):
        codes = [code for code in codes if not rules.is_own(code)]
    if not codes:
        return result
    from titan_lint.uses.file import File

    codes = [code for code in codes if rules.is_of_python(code)]
    found: dict[tuple[str, Span], Finding] = {}
    for target in targets:
        file = File(program, target, options, package, tuple(targets))
        reports, reporting, failures = _kept(file, codes)
        modules = options.modules
        if modules is not None and any(reports.values()) and modules.is_doubted:
            file.forget()
            sure = replace(options, modules=modules.sure)
            file = File(program, target, sure, package, tuple(targets))
            # What a rule says rests on no other one: those that had nothing to say are not asked again.
            result.failures += [failure for failure in failures if failure.code not in reporting]
            reports, _, failures = _kept(file, reporting)
        result.failures += failures
        for code in codes:
            rule = rules.rule(code)
            for report in reports.get(code, ()):
                finding = _finding(file, rule, report, found, make)
                key = (finding.code, finding.span)
                known = found.get(key)
                if known is not None and target.label not in known.targets:
                    known = replace(known, fix=finding.fix)
                    finding = known.at((*known.targets, target.label))
                found[key] = (
                    known if known is not None and known.targets[-1] == target.label else finding
                )
        file.forget()
    result.findings = sorted(found.values(), key=lambda f: (f.span.start, f.code, f.span.end))
    return result


def _is_led(options: Options) -> bool:
    """Whether the file may have something of torchtitan's from other files of its project."""
    return options.modules is not None and options.modules.lead()


def _kept(
    file: File, codes: Sequence[str]
) -> tuple[Mapping[str, Sequence[Report]], Sequence[str], list[RuleFailure]]:
    """What rules report that no other one says better, by their codes; those that report, and those that broke."""
    failures: list[RuleFailure] = []
    run = functools.partial(_reports, file, failures)
    found = {code: run(code) for code in codes}
    reporting = [code for code in codes if found[code]]
    kept = precedence.kept(found, run)
    return {code: _run(file, code, kept[code]) for code in kept}, reporting, failures


def _run(file: File, code: str, reports: Sequence[Report]) -> Sequence[Report]:
    """Those of some reports that are about what the target runs; a rule of the project's own is about what is written."""
    if not reports or not rules.is_own(code):
        return reports
    from titan_lint.uses.spared import Spared

    spared = file.once(Spared)
    return [report for report in reports if not spared.holds(report.node)]


def _reports(file: File, failures: list[RuleFailure], code: str) -> list[Report]:
    """What a rule reports; nothing where it breaks, which is noted in ``failures``."""
    rule = rules.rule(code)
    try:
        return list(rule.check(file))
    except (SourceError, MemoryError):
        raise
    except Exception as error:  # one rule's mistake must not cost the others' findings
        failures.append(RuleFailure(rule.code, rule.name, error))
        return []


def _finding(
    file: File,
    rule: Rule,
    report: Report,
    found: dict[tuple[str, Span], Finding],
    make: bool,
) -> Finding:
    program = file.program
    node, end = report.node, report.end
    if not program.has_fstring_places:
        # Point at the whole f-string.
        for ancestor in (report.node, *program.ancestors(report.node)):
            if isinstance(ancestor, ast.JoinedStr):
                node, end = ancestor, None
    span = report.span or program.span(node, end)
    known = found.get((rule.code, span))
    notes = report.notes
    fix = _fix(file, rule, report, make)
    if known is not None:
        fix = known.fix if isinstance(fix, str) else _shown_for_both(known.fix, fix)
    elif isinstance(fix, str):
        notes += (f"no fix is offered: {fix}",) if fix else ()
        fix = None
    advice = report.help or (report.rewrite.message if report.rewrite is not None else "")
    return Finding(
        rule.code,
        rule.name,
        report.severity or rule.severity,
        report.message,
        span,
        span if isinstance(report.node, ast.Module) else _statement(program, report.node),
        fix,
        (file.target.label,),
        report.key,
        notes,
        "" if fix is not None else advice,
    )


def _shown_for_both(fix: Fix | None, other: Fix) -> Fix | None:
    """A fix made for one target, with what is not shown for another one."""
    because = () if fix is None else tuple(dict.fromkeys((*fix.because, *other.because)))
    if fix is None or because == fix.because:
        return fix
    return replace(fix, applicability=Applicability.UNSAFE, because=because)


def _statement(program: Program, node: ast.AST) -> Span:
    """The lines on which a suppression counts: the statement, or the head of a compound one."""
    statement = program.statement(node)
    span = program.span(statement)
    body: list[ast.stmt] = getattr(statement, "body", [])
    if body:
        head_end = program.span(body[0]).start
        text = program.source.text
        while head_end > span.start and text[head_end - 1] in " \t\f":
            head_end -= 1
        if head_end > span.start and text[head_end - 1] in "\r\n":
            head_end -= 1
        return Span(span.start, head_end)
    return span


def _made(_: Program) -> dict[tuple[Rewrite, bool], Fix | str]:
    """What became of each rewrite that a rule asked for, made or planned; other targets ask for the same ones.

    Where one was refused, this says why.
    """
    return {}


def _same(_: Program) -> dict[tuple[int, bool], tuple[Rewrite, Fix | str]]:
    """As :func:`_made`, by the identity of the rewrite, which is kept alive."""
    return {}


def rewrites(program: Program) -> dict[int, Rewrite]:
    """The rewrite that each fix was made of, by the identity of the fix."""
    return {
        id(fix): rewrite
        for (rewrite, _), fix in program.once(_made).items()
        if isinstance(fix, Fix)
    }


def _is_asked_alone(file: File, rule: Rule, report: Report) -> bool:
    """Whether a rule asks for the same rewrite where it hears of no other file of the project."""
    asked = file.once(_asked_alone)
    left = asked[rule.code] if rule.code in asked else _each(file.alone, rule)
    # What stands behind the one that is looked for is not worked out.
    asked[rule.code], reports = itertools.tee(left)
    return any(
        one.node is report.node
        and one.rewrite is not None
        and report.rewrite is not None
        and one.rewrite.operations == report.rewrite.operations
        for one in reports
    )


def _has_imported(surface: Surface, rewrite: Rewrite) -> bool:
    """Whether what a rewrite imports is nothing of which the target can say nothing."""
    if surface.is_whole:
        return True
    from titan_lint.rewriting.operations import EnsureImport

    return all(
        surface.tells(
            f"{operation.module}.{operation.name}" if operation.name else operation.module
        )
        for operation in rewrite.operations
        if isinstance(operation, EnsureImport) and operation.module.startswith("torchtitan")
    )


def _asked_alone(_: File) -> dict[str, Iterator[Report]]:
    """What rules report of the file alone, by their codes, as far as it was asked for."""
    return {}


def _each(file: File, rule: Rule) -> Iterator[Report]:
    """What a rule reports one after the other, up to where it breaks."""
    try:
        yield from rule.check(file)
    except (SourceError, MemoryError):
        raise
    except Exception:  # said of the file that is not alone, if of any
        return


def _fix(file: File, rule: Rule, report: Report, make: bool) -> Fix | str:
    """The fix that a report asks for, or in words why there is none; nothing if none is asked for.

    It is made, or planned alone.
    """
    if report.rewrite is None:
        return ""
    program = file.program
    # A rule of one's own is about what the project names, wherever it comes from.
    if rules.is_own(rule.code) and file.hears_others and not _is_asked_alone(file, rule, report):
        return "it is about what comes through another file of the project"
    if not _has_imported(file.target.surface, report.rewrite):
        return "it imports what may not be there: this torchtitan is known in part"
    made = program.once(_made)
    # To compare large rewrites takes as long as they are; many reports may ask for one.
    same = program.once(_same)
    known = same.get((id(report.rewrite), make))
    if known is not None:
        return known[1]
    rewrite = report.rewrite
    from titan_lint.uses.obligations import calls_its_own

    if not calls_its_own(file, rewrite):
        rewrite = replace(rewrite, because=(*rewrite.because, Obligation.MEANT_FOR_IT))
    key = rewrite, make
    if key not in made:
        from titan_lint.rewriting.edits import Refused
        from titan_lint.rewriting.perform import perform, plan

        try:
            made[key] = (perform if make else plan)(program, rewrite)
        except Refused as refused:
            made[key] = str(refused)
    same[id(report.rewrite), make] = report.rewrite, made[key]
    return made[key]
