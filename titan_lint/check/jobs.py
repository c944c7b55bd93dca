"""The rules over one job config or launch script, and their fixes: what ``lint`` and ``fix`` are for Python."""

from __future__ import annotations

from titan_lint import rules
from titan_lint.check.all_targets import withhold
from titan_lint.check.fix import MAX_PASSES, Fixed, choose
from titan_lint.check.lint import Linted, RuleFailure
from titan_lint.code.screen import is_script
from titan_lint.finding import Finding
from titan_lint.rewriting.edits import apply
from titan_lint.rules.base import JobRule, ScriptRule
from titan_lint.uses.jobs import Job, document_of
from titan_lint.uses.launches import Script, launches_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from titan_lint.api.targets import Target
    from titan_lint.check.fix import Keep
    from titan_lint.code.source import Source
    from titan_lint.finding import Span
    from titan_lint.rules.base import JobReport
    from titan_lint.uses.options import Around


def lint(
    source: Source, *, codes: Sequence[str], targets: Sequence[Target], around: Around
) -> Linted:
    """Run rules over a file that is no program, once for each target.

    Nothing is found in TOML that is no job config, nor in what has no command that starts a job.

    Args:
        source: The file.
        codes: The rules to run; those about Python are passed over.
        targets: As for :func:`titan_lint.check.lint.lint`.
        around: What the project does with job configs itself.
    """
    result = _lint(source, codes, targets, around)
    if len(targets) > 1 and any(finding.fix for finding in result.findings):
        result.findings = withhold(
            source,
            result.findings,
            lambda fixed: _lint(fixed, codes, targets, around).findings,
        )
    return result


def _lint(
    source: Source, codes: Sequence[str], targets: Sequence[Target], around: Around
) -> Linted:
    result = Linted()
    judged = _judging(source, around)
    if judged is None:
        return result
    found: dict[tuple[str, Span], Finding] = {}
    for target in targets:
        for code in filter(rules.is_of_jobs, codes):
            rule = rules.rule(code)
            try:
                reports = list(judged(rule, target))
            except Exception as error:  # one rule's mistake must not cost the others' findings
                result.failures.append(RuleFailure(rule.code, rule.name, error))
                continue
            for report in reports:
                finding = _finding(rule, report, target)
                known = found.setdefault((code, report.span), finding)
                if known.targets != finding.targets:
                    found[code, report.span] = known.at((*known.targets, target.label))
    result.findings = sorted(found.values(), key=lambda f: (f.span.start, f.code, f.span.end))
    return result


def is_judged(source: Source, around: Around) -> bool:
    """Whether a file is a job config, or has commands that start jobs, as far as its project leaves that to torchtitan."""
    return _judging(source, around) is not None


def _judging(
    source: Source, around: Around
) -> Callable[[rules.Rule, Target], Iterable[JobReport]] | None:
    """What a rule is asked for a file; ``None`` where there is nothing to ask."""
    if is_script(source.path):
        launches = launches_of(source)

        def of_script(rule: rules.Rule, target: Target) -> Iterable[JobReport]:
            script = Script(source, launches, target, around)
            return rule.judge(script) if isinstance(rule, ScriptRule) else ()

        return of_script if launches else None
    document = None if around.reads else document_of(source)
    if document is None:
        return None

    def of_job(rule: rules.Rule, target: Target) -> Iterable[JobReport]:
        job = Job(source, document, target, around)
        return rule.judge(job) if isinstance(rule, JobRule) else ()

    return of_job


def _finding(rule: rules.Rule, report: JobReport, target: Target) -> Finding:
    return Finding(
        rule.code,
        rule.name,
        report.severity or rule.severity,
        report.message,
        report.span,
        report.statement,
        report.fix,
        (target.label,),
        report.key,
        report.notes,
        "" if report.fix is not None else report.help,
    )


def fix(
    source: Source,
    *,
    codes: Sequence[str],
    targets: Sequence[Target],
    around: Around,
    unsafe: bool = False,
    keep: Keep | None = None,
) -> Fixed:
    """Apply the fixes of a file's findings, and of those that the changes bring out.

    Each fix of a job config has been held against what tomllib reads of the file that it makes. For the arguments see
    :func:`lint` and :func:`titan_lint.check.fix.fix`.
    """
    result = Fixed(source)
    for _ in range(MAX_PASSES):
        linted = lint(result.source, codes=codes, targets=targets, around=around)
        findings = linted.findings
        kept = keep(result.source, findings) if keep is not None else findings
        places = {(f.code, f.span) for f in kept}
        suppressed = [f.statement for f in findings if (f.code, f.span) not in places]
        result.remaining, result.failures = kept, linted.failures
        chosen, edits = choose(kept, suppressed, unsafe=unsafe)
        if not chosen:
            break
        result.fixed += chosen
        result.source = result.source.with_text(apply(result.source.text, edits))
        if not is_script(source.path) and document_of(result.source) is None:
            first = lint(source, codes=codes, targets=targets, around=around)
            kept = keep(source, first.findings) if keep is not None else first.findings
            return Fixed(source, [], kept, "the fixes would break the file", first.failures)
    return result
