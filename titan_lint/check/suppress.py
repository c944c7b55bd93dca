"""Suppression comments: ``# noqa``, ``# noqa: TTN101``, ``# titan-lint: noqa``.

``# noqa`` on any line of a statement holds for the whole statement, for all rules or for the codes
that it lists. ``# titan-lint: noqa`` on a line of its own does the same for the file. What ruff and
flake8 read as a code list is read the same way here, so that one comment can serve several tools.
"""

from __future__ import annotations

import contextlib
import re

from titan_lint.code.screen import is_script
from titan_lint.finding import Applicability, Edit, Finding, Fix, Severity, Span
from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.code.source import Source

UNUSED = "TTN901"
"""The rule about suppressions that suppress nothing; its findings are made here."""

# Another tool's code must be in upper case, or a reason given behind the codes would be one, too.
_CODE = r"(?:(?-i:[A-Z]+[0-9]+)|ttn[0-9]+)"
_DIRECTIVE = re.compile(
    rf"""\#\s*(?P<file>titan-lint\s*:\s*)?noqa
    (?:
        \s*:\s*(?P<codes>{_CODE}(?:[\s,]*{_CODE})*)(?!\w)
        | (?=\s*(?:\#|$)|\s+[^\s:])
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ONE_CODE = re.compile(_CODE, re.IGNORECASE)
_MENTION = re.compile("noqa", re.IGNORECASE)
_FILE_MENTION = re.compile(r"titan-lint\s*:\s*noqa", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n?")


class Directive(Struct, frozen=False, slots=False):
    """One suppression comment.

    Attributes:
        span: From its ``#`` to the end of its codes.
        comment: The whole comment.
        codes: The codes that it lists, in upper case, with their places; empty for all rules.
        whole_file: Whether it holds for the file.
        used: The listed codes that suppressed something.
    """

    span: Span
    comment: Span
    codes: tuple[tuple[str, Span], ...]
    whole_file: bool
    used: set[str] = field(default_factory=set[str])

    def suppresses(self, code: str) -> bool:
        """Whether it holds for a rule; if so, it was of use."""
        if not self.codes:
            return True
        if any(listed == code for listed, _ in self.codes):
            self.used.add(code)
            return True
        return False


def directives(source: Source) -> list[Directive]:
    """Find the suppression comments of a file. Strings that merely quote one don't count."""
    if "noqa" not in source.text.lower():
        return []
    found: list[Directive] = []
    for comment in _comments(source):
        text = source.text[comment.start : comment.end]
        line_start = source.line_start(source.line_of(comment.start))
        is_alone = not source.text[line_start : comment.start].strip()
        for match in _DIRECTIVE.finditer(text):
            first = comment.start + match.start("codes")
            found.append(
                Directive(
                    span=Span(comment.start + match.start(), comment.start + match.end()),
                    comment=comment,
                    codes=tuple(
                        (code.group().upper(), Span(first + code.start(), first + code.end()))
                        for code in _ONE_CODE.finditer(match["codes"] or "")
                    ),
                    whole_file=is_alone and match["file"] is not None,
                )
            )
    return found


def suppress(source: Source, findings: Sequence[Finding], codes: Sequence[str]) -> list[Finding]:
    """Leave out suppressed findings, and add one for each suppression that suppresses nothing.

    Args:
        source: The file.
        findings: What the rules found in it.
        codes: The rules that ran; a code of another rule is not unused, it was just not tried.

    Returns:
        The findings that are left, ordered by place and code.
    """
    if not _may_matter(source, findings, codes):
        return list(findings)
    found = directives(source)
    if not found:
        return list(findings)
    on_line: dict[int, list[Directive]] = {}
    for directive in found:
        if not directive.whole_file:
            on_line.setdefault(source.line_of(directive.span.start), []).append(directive)
    whole_file = [directive for directive in found if directive.whole_file]

    def is_suppressed(finding: Finding) -> bool:
        holding = [*whole_file]
        for line in _lines(source, finding):
            holding += on_line.get(line, ())
        # All of them are asked, since all that hold are of use.
        return sum(directive.suppresses(finding.code) for directive in holding) > 0

    kept = [finding for finding in findings if not is_suppressed(finding)]
    if UNUSED in codes:
        kept += (finding for finding in _unused(source, found, codes) if not is_suppressed(finding))
        kept.sort(key=lambda finding: (finding.span.start, finding.code))
    return kept


def _may_matter(source: Source, findings: Sequence[Finding], codes: Sequence[str]) -> bool:
    """Whether a comment may suppress a finding, or be one itself; comments are not looked for."""
    if UNUSED in codes and "TTN" in source.text:
        return True
    if not findings:
        return False
    mentions = [match.start() for match in _MENTION.finditer(source.text)]
    if not mentions or _FILE_MENTION.search(source.text):
        return bool(mentions)
    lines = {source.line_of(offset) for offset in mentions}
    return any(line in lines for finding in findings for line in _lines(source, finding))


def _comments(source: Source) -> Iterator[Span]:
    """Find the comments that mention ``noqa``, as far as the file can be split into tokens."""
    if is_script(source.path):
        # In JSON there are none, and in a Dockerfile none at the end of a line.
        if not source.path.endswith(".json"):
            before = r"^[ \t]*" if source.path.endswith("file") else r"(?:^|(?<=\s))"
            for match in re.finditer(rf"{before}(?P<said>#.*)", source.text, re.MULTILINE):
                if _MENTION.search(match["said"]):
                    yield Span(match.start("said"), match.end())
        return
    # It takes long to import, and few files need it.
    import io
    import tokenize

    text = _LINE_END.sub("\n", source.text)
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and _MENTION.search(token.string):
                start = source.line_start(token.start[0]) + token.start[1]
                yield Span(start, start + len(token.string))


def _lines(source: Source, finding: Finding) -> range:
    first = min(finding.statement.start, finding.span.start)
    last = max(finding.statement.end, finding.span.end, first + 1) - 1
    return range(source.line_of(first), source.line_of(last) + 1)


def _unused(source: Source, found: list[Directive], selected: Sequence[str]) -> Iterator[Finding]:
    from titan_lint import rules

    names = rules.names()
    for directive in found:
        seen: set[str] = set()
        unused: list[Span] = []
        reasons: dict[str, list[str]] = {}
        for code, span in directive.codes:
            # Screening looks for upper case only; so does this.
            if source.text[span.start : span.end].startswith("TTN") and code != UNUSED:
                if code in seen:
                    reason = "duplicated"
                elif code not in names:
                    reason = "unknown"
                elif code in selected and code not in directive.used:
                    reason = "unused"
                else:
                    reason = ""
                if reason:
                    unused.append(span)
                    reasons.setdefault(reason, []).append(f"`{code}`")
            seen.add(code)
        if unused:
            listed = "; ".join(f"{reason}: {', '.join(codes)}" for reason, codes in reasons.items())
            line = source.line_of(directive.span.start)
            yield Finding(
                code=UNUSED,
                name=names[UNUSED],
                severity=Severity.WARNING,
                message=f"Unused `noqa` directive ({listed})",
                span=directive.span,
                statement=Span(source.line_start(line), directive.comment.end),
                fix=Fix(
                    Applicability.SAFE,
                    "Remove unused `noqa` directive",
                    (_removal(source, directive, unused),),
                ),
            )


def _removal(source: Source, directive: Directive, unused: list[Span]) -> Edit:
    """Take the codes ``unused`` out of a directive, or the directive where none is left."""
    text = source.text
    kept = [span for _, span in directive.codes if span not in unused]
    if kept:
        codes = ", ".join(text[span.start : span.end] for span in kept)
        return Edit(directive.codes[0][1].start, directive.codes[-1][1].end, codes)
    start, end = directive.span.start, directive.span.end
    line = source.line_of(start)
    before = text[directive.comment.start : start].rstrip()
    after = text[end : directive.comment.end].lstrip(" \t,:-")
    if before or after:
        # Somebody gave a reason, or wrote for another tool: that stays a comment.
        if after and not after.startswith("#"):
            after = "# " + after
        rest = "  ".join(part for part in (before, after) if part)
        return Edit(directive.comment.start, directive.comment.end, rest)
    code = text[source.line_start(line) : start].rstrip()
    if code:
        return Edit(source.line_start(line) + len(code), directive.comment.end, "")
    return Edit(source.line_start(line), source.line_end(line), "")
