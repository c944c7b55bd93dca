"""What programs are put together from: headers, surroundings, ways to import, talk."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random


@dataclass
class Body:
    """Statements that work something out, and what they need around them.

    Attributes:
        lines: The statements.
        result: The expression that they come to, which is shown.
        params: Parameters of the function around them, as they are written.
        args: What is passed for these.
        module: Code above, in the module.
        imports: Imports above that.
        function: Whether they have to stand in a function.
        coroutine: Whether that has to be a coroutine.
        generator: Whether they have a ``yield``, at which the caller runs ``between``.
        between: What the caller does at the ``yield``.
    """

    lines: list[str]
    result: str
    params: str = ""
    args: str = ""
    module: str = ""
    imports: list[str] = field(default_factory=list)
    function: bool = False
    coroutine: bool = False
    generator: bool = False
    between: str = "pass"


def indented(lines: list[str], levels: int = 1) -> list[str]:
    """Lines, a level or more further in."""
    return [
        "    " * levels + line if line else line for block in lines for line in block.split("\n")
    ]


HEADERS = (
    "",
    "",
    "",
    "# Copyright 2026 The Authors.\n",
    "#!/usr/bin/env python3\n",
    "#!/usr/bin/env python3\n# Copyright 2026 The Authors.\n# SPDX-License-Identifier: MIT\n\n",
    "# -*- coding: utf-8 -*-\n",
    '"""A module."""\n\n',
    '# Copyright 2026 The Authors.\n\n"""A module."""\n\n',
    "from __future__ import annotations\n\n",
    '"""A module."""\n\nfrom __future__ import annotations\n\n',
    "# fmt: off\n",
    "# isort: off\n",
)

TALK = (
    "count = 1",
    "print('building')",
    "assert True, 'always'",
    "names = [str(number) for number in range(3)]",
    "total = sum(range(3))",
    "# nothing to see here",
    "logging.getLogger(__name__).info('building')",
)


def talk(random: Random) -> list[str]:
    """Statements that change nothing, or none."""
    return [random.choice(TALK) for _ in range(random.choice((0, 0, 1, 2)))]


SURROUNDINGS = (
    *("function", "function", "method", "static method", "class method", "closure", "coroutine"),
    *(
        "constructor",
        "for",
        "with",
        "try",
        "if",
        "match",
        "while",
        "module",
        "class body",
        "early return",
    ),
    *("nested function", "else", "default argument", "decorated", "property", "comprehension"),
)


def surrounded(body: Body, random: Random) -> str:
    """A module's code that runs the statements and shows what they come to."""
    shown = f"show({body.result})"
    returned = f"return {body.result}"
    kind = random.choice(SURROUNDINGS)
    if body.coroutine:
        kind = "coroutine"
    if body.generator:
        kind = "generator"
    if kind in ("module", "class body") and (body.function or body.params):
        kind = "function"
    if kind in ("property", "class method") and body.params:
        kind = "method"
    lines = [line for block in body.lines for line in block.split("\n")]
    if kind in ("closure", "nested function") and _rebinds(lines, body.params):
        kind = "function"
    p, a = body.params, body.args
    if kind in _INNER:
        head, depth, tail = _INNER[kind]
        inner = [*head, *indented([*lines, returned], depth), *tail]
        code = [f"def build({p}):", *indented(inner)]
        code += ["", "", f"show(build({a}))"]
    elif kind == "function":
        code = [f"def build({p}):", *indented([*lines, returned]), "", "", f"show(build({a}))"]
    elif kind == "comprehension":
        made = f"return [{body.result} for _ in range(2)][-1]"
        code = [f"def build({p}):", *indented([*lines, made]), "", "", f"show(build({a}))"]
    elif kind == "early return":
        early = ["if len('abc') == 2:", "    return None"]
        code = [f"def build({p}):", *indented([*early, *lines, returned])]
        code += ["", "", f"show(build({a}))"]
    elif kind == "default argument":
        params = f"{p}, verbose=False" if p else "verbose=False"
        code = [f"def build({params}):", *indented([*lines, returned]), "", "", f"show(build({a}))"]
    elif kind == "decorated":
        code = ["def plain(function):", "    return function", "", "", "@plain", f"def build({p}):"]
        code += [*indented([*lines, returned]), "", "", f"show(build({a}))"]
    elif kind == "method":
        params = f"self, {p}" if p else "self"
        code = ["class Engine:", f"    def build({params}):", *indented([*lines, returned], 2)]
        code += ["", "", f"show(Engine().build({a}))"]
    elif kind == "property":
        code = ["class Engine:", "    @property", "    def spec(self):"]
        code += [*indented([*lines, returned], 2), "", "", "show(Engine().spec)"]
    elif kind == "static method":
        code = ["class Engine:", "    @staticmethod", f"    def build({p}):"]
        code += [*indented([*lines, returned], 2), "", "", f"show(Engine.build({a}))"]
    elif kind == "class method":
        code = ["class Engine:", "    @classmethod", "    def build(cls):"]
        code += [*indented([*lines, returned], 2), "", "", "show(Engine.build())"]
    elif kind == "constructor":
        params = f"self, {p}" if p else "self"
        code = ["class Engine:", f"    def __init__({params}):"]
        code += indented([*lines, f"self.result = {body.result}"], 2)
        code += ["", "", f"show(Engine({a}).result)"]
    elif kind in ("closure", "nested function"):
        code = [f"def outer({p}):", "    def build():", *indented([*lines, returned], 2)]
        code += ["", "    return build()" if kind == "closure" else "    return build"]
        code += ["", "", f"show(outer({a}))" if kind == "closure" else f"show(outer({a})())"]
    elif kind == "coroutine":
        code = [f"async def build({p}):", *indented([*lines, returned])]
        code += ["", "", f"show(asyncio.run(build({a})))"]
    elif kind == "generator":
        code = [f"def build({p}):", *indented([*lines, f"yield {body.result}"]), "", ""]
        code += [f"given = ({a},)" if a else "given = ()", "steps = build(*given)", "next(steps)"]
        code += [body.between, "show(next(steps))"]
    elif kind == "class body":
        code = ["class Engine:", *indented(lines), f"    result = {body.result}", "", ""]
        code += ["show(Engine.result)"]
    else:
        code = [*lines, shown]
    return "\n".join(code) + "\n"


def _rebinds(lines: list[str], params: str) -> bool:
    """Whether statements bind a parameter anew, which makes it a local name of theirs."""
    tree = ast.parse("\n".join([f"async def build({params}):", *indented([*lines, "pass"])]))
    taken = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    bound = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    bound |= {node.name or "" for node in ast.walk(tree) if isinstance(node, ast.MatchAs)}
    return bool(taken & bound)


# Lines above, how much further in, and lines below.
_INNER: dict[str, tuple[list[str], int, list[str]]] = {
    "for": (["for _ in range(1):"], 1, []),
    "with": (["with contextlib.nullcontext():"], 1, []),
    "try": (["try:"], 1, ["finally:", "    print('done')"]),
    "if": (["if len('abc') == 3:"], 1, []),
    "else": (["if len('abc') == 2:", "    return None", "else:"], 1, []),
    "match": (["match len('abc'):", "    case 3:"], 2, []),
    "while": (["while True:"], 1, []),
}


def written(body: Body, random: Random, imports: list[str], header: str | None = None) -> str:
    """A whole module: a header, imports, what the body needs, and the body in its surroundings."""
    code = surrounded(body, random)
    head = random.choice(HEADERS) if header is None else header
    used = [
        f"import {name}"
        for name in ("asyncio", "contextlib", "copy", "enum", "logging", "dataclasses")
        if f"{name}." in code + body.module
    ]
    own = ["from observe import show"]
    groups = ["\n".join(used), "\n".join([*body.imports, *imports]), "\n".join(own)]
    if random.random() < 0.3:
        groups = [groups[0], groups[2], groups[1]]
    above = "\n\n".join(group for group in groups if group)
    module = textwrap.dedent(body.module).strip("\n")
    return f"{head}{above}\n\n\n" + (f"{module}\n\n\n" if module else "") + code
