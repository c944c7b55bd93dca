"""The page of agreement, made from the counts of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.agreement.classes import CLASSES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "agreement.md"
FIXES = ("--fix", "--fix --unsafe-fixes")


def write(made: dict[str, Any]) -> None:
    """Write the page."""
    PAGE.write_text(page(made), "utf-8")


def page(made: dict[str, Any]) -> str:
    """The text of the page.

    Args:
        made: What :func:`tests.agreement.run.record` made.
    """
    pairs: dict[str, dict[str, Any]] = made["pairs"]
    total = sum(pair["numbers"].get("programs", 0) for pair in pairs.values())
    # Points of main take part where somebody says where their trees are.
    points = sorted({key for pair in pairs for key in pair.split(":") if "@" in key})
    where = ["where FOLDER holds that point of main, as `tests/agreement/run.py` tells;", ""]
    lines = [
        "# Agreement with the real torchtitan",
        "",
        "Programs are drawn from the API of one release: names, submodules and re-exports, fields of",
        "configs, methods and overrides, parameters, accepted values, flavors, what factories return.",
        "Each is put into a form (aliases, `import_module`, other modules of a project, partials,",
        "containers, closures, subclasses, annotated parameters) and into surroundings (guards that hold",
        "and guards that do not, `try`, versions, `TYPE_CHECKING`, mocks, additions of its own). One that",
        "runs on its own release is then executed on another one, and titan-lint is asked about it with",
        "that one as its target.",
        "",
        "An error about a program that works is a *false alarm*. A program that fails, with no error and",
        "no warning about what it uses, is *passed over*. After a fix a program works, or is still",
        "reported; *silent* are those that fail with nothing said, *broken* those that worked before.",
        "",
        f"{total:,} executions of programs on another release than their own; made by",
        "",
        f"    python -m tests.agreement.run --programs {made['programs']} --seed {made['seed']}"
        f"{''.join(f' --skip {prefix}' for prefix in made['skip'])}"
        f"{''.join(f' --site {key}=FOLDER' for key in points)} --jobs N --page",
        "",
        *(where if points else ()),
        f"in {made['cpu_seconds']:,} CPU seconds, with Python {made['python']}.",
        "",
        "| Written for | Target | Programs | Work | Fail | Undecided | False alarms | Passed over "
        "| Out of reach |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for pair, counts in pairs.items():
        first, second = pair.split(":")
        numbers = counts["numbers"]
        failing = sum(numbers.get(name, 0) for name in ("fails", "hangs", "dies"))
        cells = [
            numbers.get("programs", 0),
            numbers.get("works", 0),
            failing,
            numbers.get("undecided", 0),
            numbers.get("false alarm", 0),
            numbers.get("passed over", 0) + numbers.get("broken", 0),
            sum(counts["out of reach"].values()),
        ]
        lines.append(f"| {first} | {second} | " + " | ".join(f"{n:,}" for n in cells) + " |")
    lines += [
        "",
        "Packages that torchtitan imports and that are not installed have stand-ins, of which a program",
        "sees nothing. *Undecided* fail for want of what such a package brings, or inside a function",
        "that was given placeholders: whether it takes its arguments is all that is asked of those.",
        "",
        "## After a fix",
        "",
        "| Written for | Target | Fix | Changed | Work | Reported | Out of reach | Silent | Broken |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for pair, counts in pairs.items():
        first, second = pair.split(":")
        numbers = counts["numbers"]
        for fix in FIXES:
            names = ("changed", "works", "reported", "out of reach", "silent", "broken")
            cells = [numbers.get(f"{fix}: {name}", 0) for name in names]
            told = " | ".join(f"{n:,}" for n in cells)
            lines.append(f"| {first} | {second} | `{fix}` | {told} |")
    lines += [
        "",
        "## Out of reach",
        "",
        "*Left by a fix* are programs that disagree so only once they are fixed, safely or not: the",
        "fix took away what was reported of them.",
        "",
        "| Class | Why | As written | Left by a fix |",
        "| --- | --- | ---: | ---: |",
    ]
    for known in CLASSES:
        counts = [
            sum(pair[part].get(known.name, 0) for pair in pairs.values())
            for part in ("out of reach", "out of reach after a fix")
        ]
        told = " | ".join(f"{count:,}" for count in counts)
        lines.append(f"| {known.name} | {known.reason} | {told} |")
    wrong_kinds: dict[str, int] = {}
    for counts in pairs.values():
        for kind, count in counts["kinds"].items():
            wrong_kinds[kind] = wrong_kinds.get(kind, 0) + count
    lines += ["", "## Where they still disagree", ""]
    if wrong_kinds:
        lines += ["| Count | Outcome, use, surroundings, rule |", "| ---: | --- |"]
        most = sorted(wrong_kinds.items(), key=lambda item: (-item[1], item[0]))
        lines += [f"| {count:,} | {kind.replace(' | ', '; ')} |" for kind, count in most[:40]]
    else:
        lines += ["Nowhere."]
    return "\n".join(lines) + "\n"
