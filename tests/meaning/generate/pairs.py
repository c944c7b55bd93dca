"""Two plain programs in one file: two rewrites that may want one import, one line, or one argument."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from tests.meaning.generate import attention, calls, imports, masks, members, reads
from tests.meaning.program import Program
from tests.meaning.running import DIVIDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Make = Callable[[Random], Program]

_ALL: dict[str, Make] = (
    attention.KINDS | masks.KINDS | reads.KINDS | imports.KINDS | members.KINDS | calls.KINDS
)
PLAIN: dict[str, Make] = {
    kind: make
    for kind, make in _ALL.items()
    # These are held against a version of their own.
    if kind.endswith("/plain") and not kind.startswith("positional")
}


def _in_a_function(text: str) -> str:
    """A module's code as that of a function that is called."""
    lines = [f"    {line}" if line.strip() else line for line in text.split("\n")]
    return "\n".join(["def second():", *lines, "", "", "second()", ""])


def _parts(text: str) -> tuple[str, str]:
    """The imports at the head of a module, and the rest."""
    lines = text.split("\n")
    end = next(
        (
            number
            for number, line in enumerate(lines)
            if line and not line.startswith(("#", "import ", "from ", '"""'))
        ),
        len(lines),
    )
    return "\n".join(lines[:end]), "\n".join(lines[end:])


def _clash(*texts: str) -> bool:
    """Whether modules import different things under one name."""
    bound: dict[str, set[tuple[str | None, str]]] = {}
    for node in (statement for text in texts for statement in ast.parse(text).body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                path = getattr(node, "module", None), alias.name
                bound.setdefault(alias.asname or alias.name, set()).add(path)
    return any(len(paths) > 1 for paths in bound.values())


def pair(kind: str, how: str, random: Random) -> Program:
    """Two programs, the second below the first or in a function of its own."""
    while True:
        first, second = (PLAIN[random.choice(list(PLAIN))](random) for _ in range(2))
        if "from __future__" in second.text or "'''" in second.text:
            continue
        if how == "lazy":
            text = f"{first.text}\n\n{DIVIDER}\n\n\n{_in_a_function(second.text)}"
        elif how == "below":
            text = f"{first.text}\n\n{DIVIDER}\n\n{second.text}"
        else:
            (head, body), (more, rest) = _parts(first.text), _parts(second.text)
            if _clash(first.text, second.text):
                continue
            text = f"{head}\n{more}\n\n{body}\n\n{DIVIDER}\n\n{rest}"
        try:
            compile(text, "program.py", "exec")
        except SyntaxError:
            continue
        return Program(kind, text, first.may_go | second.may_go, parts=(first, second))


KINDS: dict[str, Make] = {
    f"pair/{how}": partial(pair, f"pair/{how}", how)
    for how in ("lazy", "below", "imports together")
}
