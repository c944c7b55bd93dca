"""What must hold for every safe fix: one function for each property.

A property takes a program and its :class:`Fixing` and gives nothing where it holds, else in a few words
what is wrong.
"""

from __future__ import annotations

import ast
import functools
import io
import json
import re
import subprocess
import sys
import tempfile
import tokenize
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.meaning import driving, tool
from tests.meaning.driving import driven, parts
from tests.meaning.running import Run, divided, run, runs
from tests.meaning.standin import DEFAULTS, Age

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.meaning.program import Program


class Fixing:
    """A program before and after the safe fixes, or all of them."""

    def __init__(self, program: Program, *, unsafe: bool = False) -> None:
        self.program = program
        self.outcome = tool.fixed(program.text, unsafe=unsafe, written_for=program.written_for)
        self.before = program.text
        self.after = self.outcome.text

    @property
    def changed(self) -> bool:
        """Whether a safe fix was made."""
        return self.after != self.before

    @functools.cached_property
    def as_it_was(self) -> Run:
        """What the program did on the new torchtitan before the fix."""
        return run(self.before, Age.NEW, selective=self.program.selective)

    @functools.cached_property
    def as_meant(self) -> Run:
        """What the program did on the torchtitan that it was written for."""
        return run(self.before, Age.OLD, selective=self.program.selective)

    @functools.cached_property
    def as_it_is(self) -> Run:
        """What the program does on the new torchtitan after the fix."""
        return run(self.after, Age.NEW, selective=self.program.selective)


def does_what_was_meant(fixing: Fixing) -> str:
    """After the fix the program does on the new torchtitan what it did on the old one.

    Where it did not run on the old one, it is code for the new one, and does what it did before the
    fix. Where it still fails because it does not fit the new torchtitan, as it did before, it does
    up to there what was meant. Where the finding says that a model does not follow the choice that
    the masks follow, the model may follow it now. Of several programs in one file each is fixed, or
    left and does what it did before the fix.
    """
    program = fixing.program
    if not program.parts:
        return _misses(program, fixing.as_it_is, fixing.as_it_was, fixing.as_meant)
    done, before, meant = (
        runs(text, age, selective=program.selective)
        for text, age in (
            (fixing.after, Age.NEW),
            (fixing.before, Age.NEW),
            (fixing.before, Age.OLD),
        )
    )
    codes = (
        [_code(text, part) for part in divided(ast.parse(text).body)]
        for text in (fixing.before, fixing.after)
    )
    for part, after, was, wanted, *code in zip(
        program.parts, done, before, meant, *codes, strict=True
    ):
        is_left = code[0] == code[1] and (after.events, after.error) == (was.events, was.error)
        if not is_left and (problem := _misses(part, after, was, wanted)):
            return f"{part.kind}: {problem}"
    return ""


def _code(text: str, statements: Iterable[ast.stmt]) -> list[str]:
    """The lines of statements of a text, but for the imports among them."""
    lines = text.splitlines()
    return [
        line
        for s in statements
        if not isinstance(s, ast.Import | ast.ImportFrom)
        for line in lines[s.lineno - 1 : s.end_lineno]
    ]


def each_part_does_what_was_meant(fixing: Fixing) -> str:
    """The same of a program that was not written to be run: each of its parts is fixed, or left."""
    after, was, meant = (
        driven(text, age)
        for text, age in (
            (fixing.after, Age.NEW),
            (fixing.before, Age.NEW),
            (fixing.before, Age.OLD),
        )
    )
    codes = tuple(
        {name: _code(text, part) for name, part in parts(ast.parse(text)).items()}
        for text in (fixing.before, fixing.after)
    )
    absent = Run((), "absent")
    for name in {**after, **was, **meant}:
        runs_ = (part.get(name, absent) for part in (after, was, meant))
        done, before, wanted = runs_
        is_left = codes[0].get(name) == codes[1].get(name) and (done.events, done.error) == (
            before.events,
            before.error,
        )
        if wanted is absent and before.drift:
            continue  # It runs on none of them.
        if wanted.error and before == done:
            continue  # Nor does it then, and fails as it did.
        if wanted.error and before.error and not (wanted.drift or before.drift):
            # It fails of itself: what it does up to there is what it did.
            did = without_defaults(done.events[: len(wanted.events)])
            is_left = is_left or did == without_defaults(wanted.events)
        if "TTN101" in fixing.outcome.fixed:
            # The finding says that a model does not follow what the masks are built for.
            done = replace(done, events=_as_followed(done.events, _expected(before, wanted).events))
        if not is_left and (problem := _misses(fixing.program, done, before, wanted)):
            return f"{name or 'the module'}: {problem}"
    return ""


def _as_followed(did: Any, expected: Any) -> Any:
    """What was done, with the default backend for one that was chosen where the default was expected."""
    match did, expected:
        case ("model" | "spec", model, flavor, driving.CHOSEN, *rest), (
            "model" | "spec",
            *_,
            backend,
            _,
            _,
        ):
            if backend == DEFAULTS.get(model):
                return (did[0], model, flavor, backend, *rest)
        case (tuple() | list(), tuple() | list()) if len(did) == len(expected):
            return type(did)(map(_as_followed, did, expected))
        case (dict(), dict()) if did.keys() == expected.keys():
            return {name: _as_followed(did[name], expected[name]) for name in did}
        case _:
            pass
    return did


def _expected(was: Run, meant: Run) -> Run:
    """What a program is to do: what it did on the torchtitan that it is for."""
    return was if meant.error and not was.error else meant


def _misses(program: Program, after: Run, was: Run, meant: Run) -> str:
    """How a program after its fix fails to do what was meant; nothing where it does."""
    expected = _expected(was, meant)
    if _follow(program, after.events) == _follow(program, expected.events):
        if after.error == expected.error:
            return ""
    if after.drift and was.error:
        # Up to the error, and what a `finally` did after it.
        did = without_defaults(after.events)
        before = without_defaults(was.events)
        if did == before or (
            len(did) >= len(before) and did == without_defaults(expected.events[: len(did)])
        ):
            return ""
    return f"expected {_shown(expected)}, did {_shown(after)}; before the fix {_shown(was)}"


def _follow(program: Program, events: tuple[object, ...]) -> list[object]:
    """Events in which a spec that may follow the masks, and does, has the backend ``(masks)``."""
    events = tuple(without_defaults(event) for event in events)
    if not program.follows:
        return list(events)
    masks = {
        str(e[2]).strip("'")
        for e in events
        if isinstance(e, tuple) and e[:2] == ("show", "'masks'")
    }
    found: list[object] = []
    specs = 0
    for event in events:
        if isinstance(event, tuple) and event[0] == "show" and isinstance(event[1], tuple):
            if event[1][0] == "spec":
                spec = event[1]
                if specs in program.follows and (spec[3] in masks or spec[3] == "flex") and masks:
                    event = ("show", (*spec[:3], "(masks)", *spec[4:]), *event[2:])
                specs += 1
        found.append(event)
    return found


# What leaving an argument out meant on the old torchtitan: written out, it means the same there.
_OLD_DEFAULTS = (("spmd_backend", "'partial_dtensor'"), ("disable_cuda_graphs", "True"))


def without_defaults(record: Any) -> Any:
    """A record without arguments that say what leaving them out said on the old torchtitan."""
    if isinstance(record, dict):
        return {
            name: without_defaults(value)
            for name, value in record.items()
            if (name, value) not in _OLD_DEFAULTS
        }
    if isinstance(record, tuple | list):
        return type(record)(map(without_defaults, record))
    return record


def _shown(run: Run) -> str:
    return " ".join([*map(str, run.events), run.error or "(end)"])


def runs_without_torchtitan(fixing: Fixing) -> str:
    """Where torchtitan is not installed, the program does after the fix what it did before.

    An optional import stays optional, a lazy one lazy, a guarded one guarded. A program that ended
    with an error gets at least as far as it did: it may not need torchtitan any more.
    """
    before, after = run(fixing.before, Age.ABSENT), run(fixing.after, Age.ABSENT)
    if before.error and after.events[: len(before.events)] == before.events:
        return ""
    if before.events == after.events and before.error == after.error:
        return ""
    return f"before the fix {_shown(before)}; after {_shown(after)}"


def parses(fixing: Fixing) -> str:
    """What is written is Python, and warns of nothing that the program did not warn of."""
    try:
        ast.parse(fixing.after)
    except SyntaxError as error:
        return str(error)
    return ""


def keeps_comments(fixing: Fixing) -> str:
    """Every comment is still there, but those right above a dead override."""
    lost = Counter(_comments(fixing.before)) - Counter(_comments(fixing.after))
    gone = [comment for comment in lost if comment not in fixing.program.may_go]
    return f"lost {', '.join(gone)}" if gone else ""


def _comments(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def keeps_the_header(fixing: Fixing) -> str:
    """The lines above the first statement are the first lines still."""
    header = _header(fixing.before)
    if _header(fixing.after)[: len(header)] == header:
        return ""
    return f"the first lines were {header}"


def _header(text: str) -> list[str]:
    found: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        found.append(line)
    return found


def settles(fixing: Fixing) -> str:
    """Fixing what was fixed changes nothing more."""
    again = tool.fixed(fixing.after, written_for=fixing.program.written_for)
    if again.text == fixing.after:
        return ""
    return "the second run changes the file again"


def is_accounted_for(fixing: Fixing) -> str:
    """What was found is fixed or still found: no finding goes unsaid, and what is said to be left is.

    A finding of the first look that is neither among the fixed nor among the remaining must have
    gone with a fix of the same program; one of another rule does not go by itself.
    """
    outcome = fixing.outcome
    left = tool.found(outcome.text, written_for=fixing.program.written_for)
    if not fixing.program.written_for:
        # What a program was written for is read off the program: it is another one now.
        left = tuple(finding for finding in left if finding[0] != "TTN304")
    said = Counter(code for code, _ in outcome.remaining)
    unsaid = Counter(code for code, _ in left) - said
    if unsaid:
        return f"left but not said: {sorted(unsaid)}"
    if fixing.changed and not outcome.fixed:
        return "the file changed and nothing was said to be fixed"
    return _vanished(fixing)


def _vanished(fixing: Fixing) -> str:
    """The findings that are neither fixed nor left, although their statement stands there as it did.

    Another finding may have taken its place: where an override goes, a call that shared its choice
    is one that says nothing of the backend.
    """
    outcome = fixing.outcome
    before = tool.statements(fixing.before, written_for=fixing.program.written_for)
    first = Counter(code for code, _ in before)
    left = Counter(code for code, _ in outcome.remaining)
    gone = first - Counter(outcome.fixed) - left
    gone -= Counter(code for code, statement in before if statement not in fixing.after)
    return f"vanished: {sorted(gone)}" if gone.total() > (left - first).total() else ""


PROPERTIES: dict[str, Callable[[Fixing], str]] = {
    "meaning": does_what_was_meant,
    "without torchtitan": runs_without_torchtitan,
    "parses": parses,
    "comments": keeps_comments,
    "header": keeps_the_header,
    "settles": settles,
    "accounted": is_accounted_for,
}


def wrong(fixing: Fixing) -> dict[str, str]:
    """The properties that a fix breaks, and how."""
    if not fixing.changed:
        return {}
    if problem := parses(fixing):
        return {"parses": problem}
    return {name: problem for name, holds in PROPERTIES.items() if (problem := holds(fixing))}


def new_flaws(fixes: Sequence[tuple[str, str]]) -> list[str]:
    """For each fix, a text before and after it, what ruff's F rules say after it that they did not say before, in a few words.

    Names that are not defined, imports that nothing uses, names bound twice. One run of ruff for all.
    """
    with tempfile.TemporaryDirectory() as folder:
        for number, (before, after) in enumerate(fixes):
            Path(folder, f"{number}_before.py").write_text(before, "utf-8")
            Path(folder, f"{number}_after.py").write_text(after, "utf-8")
        command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache"]
        command += ["--select", "F", "--output-format", "json", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, Counter[str]] = {}
    unused: dict[str, set[str]] = {}
    # F401 first: it tells what was unused before.
    for flaw in sorted(json.loads(done.stdout), key=lambda flaw: flaw["code"]):
        name = Path(flaw["filename"]).stem
        number, _, when = name.partition("_")
        code, message = flaw["code"], re.sub(r" from line \d+", "", flaw["message"])
        bound = message.split("`")[1].rpartition(".")[2] if "`" in message else ""
        if code == "F401":
            # An unused import that moves is not a new one.
            message = "unused import"
            if when == "before":
                unused.setdefault(number, set()).add(bound)
        elif code == "F811" and bound in unused.get(number, ()):
            continue  # nor is one that nothing used before, where it is imported again
        found.setdefault(name, Counter())[f"{code} {message}"] += 1
    return [
        "; ".join(
            sorted(
                found.get(f"{number}_after", Counter()) - found.get(f"{number}_before", Counter())
            )
        )
        for number in range(len(fixes))
    ]
