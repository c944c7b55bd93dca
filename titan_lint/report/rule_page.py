"""What there is to read on a rule: its page in Markdown, and the same as data."""

from __future__ import annotations

import inspect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint import json_documents
    from titan_lint.rules.base import Example, Rule


def describe(rule: Rule) -> json_documents.RuleAbout:
    """Describe a rule as data."""
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "summary": summary(rule),
        "fix": fix(rule),
        "explanation": page(rule),
    }


def summary(rule: Rule) -> str:
    """Take the first sentence of a rule's documentation."""
    return _documentation(rule)[0]


def fix(rule: Rule) -> json_documents.FixName:
    """Whether a rule offers fixes: ``none``, or the applicabilities that its examples show."""
    shown = {example.safe for example in rule.bad if example.fixed is not None}
    if shown == {True, False}:
        return "safe or unsafe"
    return "none" if not shown else "safe" if True in shown else "unsafe"


def page(rule: Rule) -> str:
    """Write a rule's page in Markdown."""
    first, rest = _documentation(rule)
    lines = [f"# {rule.name} ({rule.code})", "", first, "", f"Severity: **{rule.severity.value}**."]
    offered = fix(rule)
    lines[-1] += " No fix is offered." if offered == "none" else f" A fix is offered ({offered})."
    lines += ["", rest, ""]
    if rule.rests_on:
        lines += ["A fix is safe where all of this is shown; otherwise it names what is not:", ""]
        lines += [f"- `{shown.value}`: {shown.meaning}." for shown in rule.rests_on]
        lines.append("")
    for title, examples in (("Examples", rule.bad), ("Not reported", rule.good)):
        if examples:
            lines += [f"## {title}", ""]
            for example in examples:
                lines += _example(example, _LANGUAGES[rule.reads])
    if rule.sources:
        lines += ["## Sources", ""]
        for source in rule.sources:
            when = f", {source.date}" if source.date else ""
            lines.append(f"- {source.title}: {source.where}{when}")
        lines.append("")
    return "\n".join(lines)


_LANGUAGES = {".py": "python", ".toml": "toml", ".sh": "bash"}


def _example(example: Example, language: str) -> list[str]:
    about = (
        f"{example.about[0].upper()}{example.about[1:].rstrip('.')}, at" if example.about else "At"
    )
    where = f" torchtitan {example.torchtitan}"
    if example.written_for is not None:
        where += f", written for {example.written_for}"
    lines = [f"{about}{where}:", "", f"```{language}", example.code.rstrip("\n"), "```", ""]
    if example.fixed is not None:
        options = "`--fix`" if example.safe else "`--fix --unsafe-fixes`"
        lines += [
            f"{options} makes of it:",
            "",
            f"```{language}",
            example.fixed.rstrip("\n"),
            "```",
            "",
        ]
    return lines


def _documentation(rule: Rule) -> tuple[str, str]:
    text = inspect.cleandoc(rule.__doc__ or "")
    first, _, rest = text.partition("\n\n")
    return " ".join(first.split()), rest.strip()
