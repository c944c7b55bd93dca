"""The migration report: what was fixed, what can be, and what is left for a person, to paste into a pull request."""

from __future__ import annotations

import re
from collections import Counter

from titan_lint import rules
from titan_lint.report import pages
from titan_lint.report.counts import count
from titan_lint.report.places import clean, in_repository, placed
from titan_lint.report.text import amounts
from titan_lint.run.discover import printable
from titan_lint.run.outcome import is_fixable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.config.settings import Settings
    from titan_lint.finding import Finding
    from titan_lint.run.outcome import Outcome

    # Of one rule: items of what was fixed, of what can be fixed, and of what is left.
    _Items = tuple[list[str], list[str], list[str]]

_COMMIT = re.compile(r"(?<=\()torchtitan commit ([0-9a-f]{9,40})")
_CAUSE = re.compile(r"(?<=since \d{4}-\d\d-\d\d \()torchtitan commit ([0-9a-f]{9,40})")
_CITED = re.compile(r"([\w.-]+/[\w.-]+) ([0-9a-f]{9,40})")
_SPECIAL = re.compile(r"([\\*_\[\]<>#|~@])")
_LINK = "([torchtitan commit "
"""What begins the commit that a finding names, as :func:`_inline` writes it."""
_TITLES = ("Fixed", "`--fix` can fix", "Left for a person")


def render(outcome: Outcome, settings: Settings) -> str:
    """Write the report in Markdown."""
    by_rule = _by_rule(outcome, settings)
    at = " and ".join(label for _, label, _ in outcome.targets)
    lines = [f"## titan-lint{f' for {_inline(at)}' if at else ''}", ""]
    found = sum(map(len, (items for of_rule in by_rule.values() for items in of_rule)))
    if not found:
        lines += ["Nothing to change was found.", ""]
    else:
        lines += [_summary(outcome, settings), "", f"| Rule | {' | '.join(_TITLES)} |"]
        lines.append("| --- | ---: | ---: | ---: |")
        for code, items in by_rule.items():
            numbers = " | ".join(str(len(each)) for each in items)
            lines.append(f"| {_rule(code)} | {numbers} |")
        lines.append("")
    for code, items in by_rule.items():
        cite = all(_LINK in item for of_title in items for item in of_title)
        lines += [f"### {_rule(code)}", "", *([] if cite else _sources(code))]
        for title, each in zip(_TITLES, items, strict=True):
            if each:
                lines += [f"{title}:", "", *_counted(each), ""]
    errors = [f"- {_where(e.path, e.line)}: {_inline(e.message)}" for e in outcome.errors]
    if errors:
        lines += ["### Not checked", "", *errors, ""]
    lines += [f"{_inline(note)}\n" for note in outcome.notes]
    return "\n".join(lines).rstrip("\n") + "\n"


def _summary(outcome: Outcome, settings: Settings) -> str:
    counts = count(outcome, settings)
    parts = [f"Found {amounts(counts.found)}"]
    if counts.fixed:
        parts.append(f"{counts.fixed} fixed")
    if counts.fixable:
        parts.append(f"{counts.fixable} can be fixed with `--fix`")
    left = sum(counts.left.values()) - counts.fixable
    parts.append(f"{left} left for a person")
    return f"{', '.join(parts)}."


def _by_rule(outcome: Outcome, settings: Settings) -> dict[str, _Items]:
    found: dict[str, _Items] = {}
    for file in outcome.files:
        for finding in file.fixed:
            # Where it stood is not where it would stand now.
            item = _item(finding, _where(file.path, None))
            found.setdefault(finding.code, ([], [], []))[0].append(item)
    for each in placed(outcome):
        finding = each.finding
        cell = "" if each.place.cell is None else f"cell {each.place.cell}:"
        item = _item(finding, _where(each.path, f"{cell}{each.place.line}"))
        can_be = is_fixable(finding, unsafe=settings.unsafe_fixes)
        found.setdefault(finding.code, ([], [], []))[1 if can_be else 2].append(item)
    return dict(sorted(found.items()))


def commits(finding: Finding) -> tuple[str, ...]:
    """The torchtitan commits that a finding names as its cause, abbreviated, each once.

    One that a note about what came later names is none.
    """
    found = (each[1] for note in finding.notes for each in _CAUSE.finditer(note))
    return tuple(dict.fromkeys(found))


def _item(finding: Finding, where: str) -> str:
    details = (f"  - {kind}: {_inline(text)}" for kind, text in finding.details)
    return "\n".join((f"- {where}: {_inline(finding.message)}", *details))


def _counted(items: list[str]) -> Iterator[str]:
    """Equal items as one, with how often they are there."""
    for item, number in Counter(items).items():
        head, newline, rest = item.partition("\n")
        yield f"{head}{f' ({number} times)' if number > 1 else ''}{newline}{rest}"


def _rule(code: str) -> str:
    rule = rules.rule(code)
    address = pages.page(rule)
    return f"{f'[{code}]({address})' if address else code} {rule.name}"


def rule_commits(code: str) -> tuple[str, ...]:
    """The torchtitan commits that a rule rests on, abbreviated: for findings that name none themselves."""
    return tuple(commit for _, where, commit in _cited(code) if where == pages.TORCHTITAN)


def _cited(code: str) -> Iterator[tuple[str, str, str]]:
    """What commits that a rule rests on did, where they are, and what they are called."""
    for source in rules.rule(code).sources:
        cited = _CITED.fullmatch(source.where)
        if cited is not None:
            yield source.title, cited[1], cited[2]


def _sources(code: str) -> list[str]:
    """The commits that a rule rests on, as links: for findings that name none themselves."""
    shown = [
        f"{_inline(title)} ([{commit}](https://github.com/{where}/commit/{commit}))"
        for title, where, commit in _cited(code)
    ]
    return [f"About it: {', '.join(shown)}", ""] if shown else []


def _where(path: str, line: str | int | None) -> str:
    shown = printable(clean(in_repository(path))).replace("`", "'")
    return f"`{shown}{f':{line}' if line is not None else ''}`"


def _inline(text: str) -> str:
    """A sentence in Markdown: code stays code, torchtitan's commits are links, all else is text."""
    parts = printable(text).split("`")
    if len(parts) % 2 == 0:  # A backtick that nothing closes.
        parts[-2:] = ["'".join(parts[-2:])]
    shown = [
        f"`{part}`" if index % 2 else _COMMIT.sub(_link, _SPECIAL.sub(r"\\\1", part))
        for index, part in enumerate(parts)
    ]
    return "".join(shown)


def _link(found: re.Match[str]) -> str:
    return link(found[0], found[1])


def link(text: str, commit: str) -> str:
    """A link to a commit of torchtitan's."""
    return f"[{text}]({pages.commit(commit)})"
