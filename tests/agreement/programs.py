"""Programs: a use, a form, a place and surroundings, drawn by number."""

from __future__ import annotations

import functools
import random
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.agreement import uses
from tests.agreement.forms import KEEPS, PLACES, REACHES, Text
from tests.agreement.surroundings import MUTATING, STUBBED, SURROUNDINGS, Block

if TYPE_CHECKING:
    from tests.agreement.uses import Use

MAIN = "main"
_STANDARD = {
    "asyncio": "import asyncio",
    "contextlib": "import contextlib",
    "dataclasses": "import dataclasses",
    "functools": "import functools",
    "inspect": "import inspect",
    "operator": "import operator",
    "os": "import os",
    "pytest": "import pytest",
    "sys": "import sys",
    "types": "import types",
    "unittest": "import unittest",
    "mock": "from unittest import mock",
    "find_spec": "from importlib.util import find_spec",
}


@dataclass(frozen=True)
class Program:
    """A program that is written for a release.

    Attributes:
        release: The release that it is written for.
        number: Its number, from which it is drawn.
        files: Its modules by name, ``main`` among them.
        oracle: What the executed program has in front of the use: lines by place in ``main``.
        use: What it uses.
        reach: How it reaches that.
        keep: Where it keeps it.
        place: Where it uses it.
        surrounding: What stands around.
    """

    release: str
    number: int
    files: tuple[tuple[str, str], ...]
    executed: str
    use: Use
    reach: str
    keep: str
    place: str
    surrounding: str

    @property
    def main(self) -> str:
        """Text of its main module."""
        return dict(self.files)[MAIN]

    @property
    def alone(self) -> bool:
        """Whether it leaves something behind in torchtitan."""
        return self.use.mutates or self.surrounding in MUTATING

    @property
    def is_project(self) -> bool:
        """Whether it consists of several modules."""
        return len(self.files) > 1

    def parts(self) -> dict[str, Program]:
        """Each other module as a program that only imports it."""
        found: dict[str, Program] = {}
        for name, _ in self.files:
            if name != MAIN:
                text = f"import {name}\n"
                files = tuple(sorted((dict(self.files) | {MAIN: text}).items()))
                found[name] = replace(self, files=files, executed=text)
        return found

    def with_files(self, files: dict[str, str]) -> Program:
        """The program with other texts, which are executed as they are."""
        return replace(self, files=tuple(sorted(files.items())), executed=files[MAIN])

    def job(self) -> dict[str, object]:
        """What the worker needs, its modules under names of their own."""
        unique = {name: f"agreement_{self.number}_{name}" for name, _ in self.files}
        names = "|".join(unique)
        # At the beginning of a statement: `main` is a name of torchtitan's, too.
        pattern = re.compile(rf"(?m)^( *)(from|import) ({names})\b(?! as)")
        texts = dict(self.files) | {MAIN: self.executed}

        def renamed(match: re.Match[str]) -> str:
            indent, verb, name = match.groups()
            new = unique[name]
            return f"{indent}from {new}" if verb == "from" else f"{indent}import {new} as {name}"

        files = {unique[name]: pattern.sub(renamed, text) for name, text in texts.items()}
        return {
            "files": files if self.is_project else {unique[MAIN]: self.executed},
            "main": unique[MAIN],
            "use": [self.use.module, self.use.name],
            "stop": list(self.use.stop),
            "alone": self.alone,
            "fresh": [self.use.module] if self.surrounding == STUBBED else [],
        }


@functools.cache
def _table(name: str) -> tuple[list[str], list[int]]:
    table = {
        "reach": REACHES,
        "keep": KEEPS,
        "place": PLACES,
        "surrounding": SURROUNDINGS,
    }[name]
    return list(table), [weight for _, weight in table.values()]


def _drawn(name: str, chance: random.Random) -> str:
    options, weights = _table(name)
    return chance.choices(options, weights)[0]


def program(release: str, number: int, modules_there: tuple[str, ...]) -> Program:
    """The program of a number, of what these modules of a release have."""
    chance = random.Random(f"{release} {number}")
    use = uses.drawn(release, chance, modules_there)
    reach, keep = _drawn("reach", chance), _drawn("keep", chance)
    place, surrounding = _drawn("place", chance), _drawn("surrounding", chance)
    state = chance.getrandbits(64)
    main, other = _text(use, reach, keep, place, surrounding, release, state, oracle=False)
    if not _compiles(main):  # A star import inside a function.
        surrounding = ""
        main, other = _text(use, reach, keep, place, surrounding, release, state, oracle=False)
    executed = main
    if use.oracle:
        executed, _ = _text(use, reach, keep, place, surrounding, release, state, oracle=True)
    files = {MAIN: main} | {name: "\n".join(lines) + "\n" for name, lines in other.items()}
    for name, text in files.items():
        if name != MAIN:
            files[name] = _standard(text) + text
    if other and number % 2:
        files[MAIN] += "# It runs with torchtitan.\n"
    return Program(
        release,
        number,
        tuple(sorted(files.items())),
        executed,
        use,
        reach,
        keep,
        place,
        surrounding,
    )


def _compiles(text: str) -> bool:
    try:
        compile(text, "main.py", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def _text(
    use: Use,
    reach: str,
    keep: str,
    place: str,
    surrounding: str,
    release: str,
    state: int,
    *,
    oracle: bool,
) -> tuple[str, dict[str, list[str]]]:
    chance = random.Random(state)
    text: Text = REACHES[reach][0](use, chance)
    kept, x = KEEPS[keep][0](text.x)
    text.setup += kept
    text.x = x
    if oracle:
        use = replace(use, action=use.oracle + use.action)
    made = use.made.format(x=x) if use.made else ""
    lines = PLACES[place][0](use, x, made)
    block = Block(use, text, lines, release, chance)
    lines = SURROUNDINGS[surrounding][0](block)
    whole = [*block.text.imports, *block.text.setup, *lines]
    future = [line for line in whole if line.startswith("from __future__")]
    body = "\n".join(line for line in whole if line not in future) + "\n"
    return "\n".join([*future, ""] if future else []) + _standard(body) + body, text.other


def _standard(body: str) -> str:
    """Imports of the standard library that a text needs."""
    found = [line for name, line in _STANDARD.items() if re.search(rf"\b{name}\b", body)]
    if "importlib.util" in body:
        found.append("import importlib.util")
    if "importlib.metadata" in body:
        found.append("import importlib.metadata")
    if "importlib.import_module" in body:
        found.append("import importlib")
    return "\n".join([*found, ""]) if found else ""
