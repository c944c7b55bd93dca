"""The report on a terminal."""

from __future__ import annotations

import os

from titan_lint.report.counts import count, statistics
from titan_lint.run.discover import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.config.settings import Settings
    from titan_lint.finding import Finding
    from titan_lint.report.counts import Counts
    from titan_lint.report.places import Placed
    from titan_lint.run.outcome import Outcome

_COLOURS = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "gutter": "1;34",
    "fix": "36",
    "path": "1",
    "help": "1;36",
    "note": "1",
    "-": "31",
    "+": "32",
    "@": "36",
}


def render(
    outcome: Outcome, settings: Settings, *, colour: bool = False, links: bool = False
) -> str:
    """Write findings, and unless ``--quiet`` a summary."""
    paint = _Paint(colour=colour, links=links)
    parts: list[str] = []
    if settings.statistics:
        parts.append(_statistics(outcome, settings))
    elif not settings.fix_only:
        parts += _findings(outcome, settings, paint)
    if not settings.quiet:
        parts.append(summary(outcome, settings))
    return "".join(parts)


def summary(outcome: Outcome, settings: Settings) -> str:
    """Write the closing lines: how much was found, what can be fixed, and at which torchtitan."""
    counts = count(outcome, settings)
    lines = [_found(counts, settings)]
    shown = _shown_fixes(outcome, "Fixed") if settings.show_fixes else ""
    if settings.fix_only:
        lines = [f"Fixed {amounts(_fixed_by_severity(counts))}."] if counts.fixed else []
    elif counts.fixable or counts.hidden:
        lines.append(_fixes(counts))
    several = len(outcome.projects) > 1
    for project in outcome.projects:
        what = f"Checked {printable(os.path.relpath(project.folder))}" if several else "Checked"
        lines += [f"{what} against {target}." for target in _targets(project.targets)]
    if not outcome.targets and outcome.checked:
        lines.append(f"No use of torchtitan in {_number(outcome.checked, 'file')}.")
    return shown + "".join(line + "\n" for line in lines if line)


def verdict(outcome: Outcome, settings: Settings) -> str:
    """Say in one line what a run came to whose report is in a file, and at which torchtitan."""
    found = _found(count(outcome, settings), settings).rstrip(".!")
    at = " and ".join(_targets(outcome.targets))
    return (
        f"{found}{f', against {at}' if at else ''}; see {printable(settings.output_file or '')}.\n"
    )


def _targets(targets: Sequence[tuple[str, str, str]]) -> list[str]:
    return [f"{label} ({reason})" if reason else label for _, label, reason in targets]


def would_fix(outcome: Outcome, settings: Settings) -> str:
    """Say what ``--diff`` shows the fixes of."""
    if settings.show_fixes:
        return _shown_fixes(outcome, "Would fix")
    return f"Would fix {_number(len(list(outcome.fixed)), 'finding')}.\n"


def coloured_diff(diff: bytes) -> bytes:
    """Colour the lines of a unified diff."""
    return b"\n".join(map(_coloured_line, diff.split(b"\n")))


def _coloured_line(line: bytes) -> bytes:
    kind = "path" if line.startswith((b"--- ", b"+++ ")) else chr(line[0]) if line else ""
    if kind not in _COLOURS:
        return line
    return b"\x1b[%sm%s\x1b[0m" % (_COLOURS[kind].encode(), line)


def _shown_fixes(outcome: Outcome, verb: str) -> str:
    """List what was fixed, by file and rule; nothing where nothing was."""
    from collections import Counter

    from titan_lint.run.discover import relative

    number = len(list(outcome.fixed))
    if not number:
        return ""
    lines = [f"{verb} {_number(number, 'finding')}:"]
    for file in outcome.files:
        if file.fixed:
            lines.append(f"- {printable(relative(file.path))}:")
        by_rule = Counter((finding.code, finding.name) for finding in file.fixed)
        width = len(str(max(by_rule.values(), default=0)))
        for (code, name), times in sorted(by_rule.items(), key=lambda rule: (-rule[1], rule[0])):
            lines.append(f"    {str(times).rjust(width)} × {code} ({name})")
    return "\n".join(lines) + "\n\n"


def _found(counts: Counts, settings: Settings) -> str:
    total = sum(counts.found.values())
    if not total:
        if counts.failed:
            return f"Found nothing, but could not check {_number(counts.failed, 'file')}."
        return "All checks passed!"
    fixed = f" ({counts.fixed} fixed, {total - counts.fixed} remaining)" if settings.fix else ""
    return f"Found {amounts(counts.found)}{fixed}."


def _fixed_by_severity(counts: Counts) -> dict[str, int]:
    return {name: counts.found[name] - counts.left[name] for name in counts.found}


def _fixes(counts: Counts) -> str:
    hidden = _number(counts.hidden, "hidden fix", "hidden fixes")
    enabled = f"{hidden} can be enabled with the `--unsafe-fixes` option"
    if not counts.fixable:
        return f"No fixes available ({enabled})."
    fixable = f"[*] {counts.fixable} fixable with the `--fix` option"
    return f"{fixable} ({enabled})." if counts.hidden else f"{fixable}."


def amounts(numbers: dict[str, int]) -> str:
    """Say how many there are of each severity: ``1 error, 2 warnings and 3 infos``."""
    parts = [_number(number, name) for name, number in numbers.items() if number]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _number(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


def _findings(outcome: Outcome, settings: Settings, paint: _Paint) -> list[str]:
    # Placing, and what draws excerpts, are needed only where there is something to show.
    if not any(file.findings for file in outcome.files):
        return []
    from titan_lint.report.places import placed

    # The findings of a project that fits one torchtitan are all at that one.
    several = any(len({key for key, *_ in p.targets}) > 1 for p in outcome.projects)
    if settings.output_format == "grouped":
        return _grouped(outcome, settings, paint, several)
    show = _full if settings.output_format == "full" else _concise
    return [show(found, settings, paint, several) for found in placed(outcome)]


def _grouped(outcome: Outcome, settings: Settings, paint: _Paint, several: bool) -> list[str]:
    """The findings below the names of their files."""
    from itertools import groupby

    from titan_lint.report.places import placed

    parts: list[str] = []
    for path, group in groupby(placed(outcome), key=lambda found: found.path):
        listed = list(group)
        shown = [str(found.place) for found in listed]
        width = max(map(len, shown))
        parts.append(f"{paint('path', printable(path))}:\n")
        parts += [
            f"  {place.ljust(width)} {_headline(found, settings, paint, several)}\n"
            for place, found in zip(shown, listed, strict=True)
        ]
        parts.append("\n")
    return parts


def _concise(found: Placed, settings: Settings, paint: _Paint, several: bool) -> str:
    where = f"{paint('path', printable(found.path))}:{found.place}:"
    return f"{where} {_headline(found, settings, paint, several)}\n"


def _headline(found: Placed, settings: Settings, paint: _Paint, several: bool) -> str:
    from titan_lint.run.outcome import is_fixable

    finding = found.finding
    severity = finding.severity.value
    mark = f"[{paint('fix', '*')}] " if is_fixable(finding, unsafe=settings.unsafe_fixes) else ""
    # Errors are the rule; the word tells the others apart.
    word = "" if severity == "error" else f"{severity}: "
    at = finding.where if several else ""
    return f"{paint.code(finding)} {mark}{word}{printable(finding.message)}{at}"


def _full(found: Placed, settings: Settings, paint: _Paint, several: bool) -> str:
    from titan_lint.report.excerpt import excerpt

    finding, place = found.finding, found.place
    lines = excerpt(found.source.part(place.cell), place)
    width = max(len(number) for number, _, _ in lines)
    bar = paint("gutter", "|")
    empty = f"{' ' * width} {bar}"
    shown = [
        _headline(found, settings, paint, several),
        f"{' ' * width}{paint('gutter', '-->')} {printable(found.path)}:{place}",
        empty,
    ]
    for number, code, kind in lines:
        text = paint(finding.severity.value, code) if kind else code
        shown.append(f"{paint('gutter', number.rjust(width))} {bar} {text}".rstrip())
    shown.append(empty)
    shown += [f"{paint(kind, kind)}: {printable(text)}" for kind, text in finding.details]
    return "\n".join(shown) + "\n\n"


def _statistics(outcome: Outcome, settings: Settings) -> str:
    rows = statistics(outcome, settings)
    width = max((len(str(row["count"])) for row in rows), default=0)
    marks = ("[ ]", "[-]", "[*]")
    lines: list[str] = []
    for row in rows:
        number, fixable = row["count"], row["fixable"]
        mark = marks[2] if fixable == number else marks[1] if fixable else marks[0]
        lines.append(f"{str(number).rjust(width)}\t{row['code']}\t{mark} {row['name']}\n")
    return "".join(lines)


class _Paint:
    """Gives text its colour, and a rule's code a link to the rule's page, where the terminal takes that."""

    def __init__(self, *, colour: bool, links: bool) -> None:
        self._colour = colour
        self._links = links

    def __call__(self, kind: str, text: str) -> str:
        return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if self._colour else text

    def code(self, finding: Finding) -> str:
        painted = self(finding.severity.value, finding.code)
        if not self._links:
            return painted
        import socket

        from titan_lint import rules
        from titan_lint.report import pages

        # What a link to a file names is on the machine that it names: the terminal may be on another one.
        address = pages.link(rules.rule(finding.code), host=socket.gethostname())
        return f"\x1b]8;;{address}\x1b\\{painted}\x1b]8;;\x1b\\" if address else painted
