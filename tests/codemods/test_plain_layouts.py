"""What is done without LibCST comes out as LibCST makes it, byte for byte."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, event, given, reject, settings
from hypothesis import strategies as st

from tests.projects import LEGACY, MENDED
from titan_lint.code.program import Program
from titan_lint.code.source import Source, SourceError
from titan_lint.rewriting import cst_calls, cst_imports
from titan_lint.rewriting.calls import plainly_rewritten
from titan_lint.rewriting.edits import Refused
from titan_lint.rewriting.import_names import plainly_moved, plainly_with_names
from titan_lint.rewriting.listing import NotPlain
from titan_lint.rewriting.operations import (
    AddKeyword,
    Moved,
    MoveImport,
    NameArguments,
    RemoveArgument,
    RemoveKeyword,
    RenameKeyword,
)

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]

# Line feeds stand for the line ending of the case.
SPACES = ("", "", "", " ", "  ", "\t", "\n", "\n    ", "  \n\t", "\n\n    ", " \n  \n ")
COMMENTS = ("  # why\n    ", "\n    # a, (b\n    ", "# 'x)\n", " # é\n  # more\n\n    ")
ODD = ("\\\n", " \\\n  ", "\f", "\n\f  ")
VALUES = (
    *("a", "1", "-1", "a.b[0]", "[1, 2]", "not a", "lambda q, *r: q", "x if y else z", "é", "..."),
    *("'s'", "'x, (y # z)'", "'é🦊'", "'a' \"b\"", "f'{a!r:>{b}}'", '"""t,\n(u"""', "rb'\\)'"),
    *("(a)", "( (a) )", "(\n  a)", "(  # c, )\n  a\n)", "(a, b)", "()", "(x for x in y)"),
    *("g(b, c=1)", "g(\n  b,  # c(\n  *c,\n)", "{'k': (1,), **d}", "(w := 3)", "w := 3"),
    *(
        "[x for x in y if z]",
        "g()()",
        "a and b or c",
        "a < b",
        "(yield)",
        "1if x else 2",
        "await_(x)",
    ),
)
ADDED = ("v", "'w'", "c.attn_type", "dict(a=1, b=2)", "g(\n        a,  # (\n    )")
ODD_ADDED = ("a\n+ b", " v", "v # c")
ORIGINS = (". b", "a .b", ".\tb")
FUNCTIONS = ("f", "a.b", "é.f", "(f)", "f(1)", "g[(0)]", "( a\n  .b  # (\n )")
NAMES = ("Zed", "alpha", "beta", "BETA", "Gamma", "delta", "_x", "é")
# In the normal form of Python's tree it is another one.
ODD_NAMES = ("ﬁ",)

SETTINGS = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def spaces(kind: str) -> st.SearchStrategy[str]:
    if kind == "plain":
        return st.sampled_from(SPACES)
    return st.sampled_from(SPACES * 2 + COMMENTS * (2 if kind == "commented" else 1) + ODD)


def names_of(kind: str) -> tuple[str, ...]:
    return NAMES + ODD_NAMES * (kind == "odd")


def outcome(change: Callable[..., str], *arguments: Any) -> str | None:
    """What comes out; nothing where LibCST refuses, or has to be asked."""
    try:
        return change(*arguments)
    except (NotPlain, Refused):
        return None


def program(text: str, ending: str) -> Program:
    try:
        return Program(Source("x.py", text.replace("\n", ending)))
    except SourceError:
        reject()


@st.composite
def calls(draw: st.DrawFn, kind: str) -> tuple[Program, ast.Call, str]:
    space = spaces(kind)
    value = st.sampled_from(VALUES)
    first = draw(st.lists(st.sampled_from(("{}", "{}", "{}", "*{}")), max_size=3))
    rest = draw(st.lists(st.sampled_from(("{}", "{}", "{}", "**{}", "*{}")), max_size=3))
    arguments: list[str] = [form.format(draw(value)) for form in first]
    for name, form in zip(draw(st.permutations(names_of(kind))), rest, strict=False):
        written = draw(value)
        if form == "{}":
            equals = draw(st.sampled_from(("=", "=", " = ", "=\n  ")))
            written = f"{name}{equals}{written}"
        arguments.append(form.format(written))
    text = draw(st.sampled_from(FUNCTIONS)) + draw(st.sampled_from(("", "", " ", "  ")))
    # An argument a line, with the same white space everywhere, is what most calls look like.
    same = draw(space) if draw(st.booleans()) else None
    text += "(" + (draw(space) if same is None else same)
    for number, argument in enumerate(arguments, 1):
        text += argument + (draw(space) if draw(st.integers(0, 4)) == 0 else "")
        if number < len(arguments) or draw(st.booleans()):
            text += "," + (draw(space) if same is None else same)
    text += ")"
    before, after = draw(
        st.sampled_from((("", ""), ("x = ", ""), ("'é🦊' and ", ""), ("(\n ", "\n)")))
    )
    ending = draw(st.sampled_from(("\n", "\n", "\r\n", "\r")))
    made = program(f"if 1:\n    {before}{text}{after}\n", ending)
    call = next(
        node for node in made.nodes if isinstance(node, ast.Call) and made.text(node).endswith(")")
    )
    assume(made.text(call) == text.replace("\n", ending))
    return made, call, ending


@st.composite
def operations(draw: st.DrawFn, call: ast.Call, ending: str, kind: str) -> list[Any]:
    names = [keyword.arg for keyword in call.keywords if keyword.arg]
    count = len(call.args) + len(call.keywords)
    chosen: list[Any] = []
    for _ in range(draw(st.integers(1, 3))):
        what = draw(st.sampled_from(("add", "add", "remove", "remove index", "rename", "name")))
        if what == "add":
            value = draw(st.sampled_from(ADDED + ODD_ADDED * (kind == "odd"))).replace("\n", ending)
            chosen.append(AddKeyword(call, f"new{len(chosen)}", value))
            count += 1
        elif what == "remove" and names:
            chosen.append(RemoveKeyword(call, draw(st.sampled_from(names))))
            count -= 1
        elif what == "remove index" and count > 0:
            chosen.append(RemoveArgument(call, draw(st.integers(0, count - 1))))
            count -= 1
        elif what == "rename" and call.keywords:
            chosen.append(RenameKeyword(draw(st.sampled_from(call.keywords)), f"new{len(chosen)}"))
        elif what == "name" and count > 0:
            chosen.append(NameArguments(call, ((draw(st.integers(0, count - 1)), "named"),)))
    return chosen


def held_against(plain: str | None, expected: str | None, kind: str) -> None:
    """What is made without LibCST is what it makes, and plain code is never left to it."""
    event(f"plain: {plain is not None}, LibCST: {expected is not None}")
    if plain is not None:
        assert plain == expected
    elif kind == "plain":
        assert expected is None


@pytest.mark.parametrize("kind", ["plain", "commented", "odd"])
@SETTINGS
@given(data=st.data())
def test_calls(kind: str, data: st.DataObject) -> None:
    made, call, ending = data.draw(calls(kind))
    wanted = data.draw(operations(call, ending, kind))
    try:
        expected = outcome(cst_calls.rewritten, made.text(call), wanted, ending)
    except Exception as error:
        # Operations that no rule asks for, such as a value that is no expression by itself.
        assert type(error).__module__.startswith("libcst") or isinstance(error, IndexError)
        reject()
    held_against(outcome(plainly_rewritten, made, call, wanted), expected, kind)


@st.composite
def imports(draw: st.DrawFn, kind: str) -> tuple[Program, ast.Import | ast.ImportFrom]:
    bracketed = draw(st.booleans())
    space = (
        spaces(kind)
        if bracketed
        else st.sampled_from(("", " ", " ", "  ", "\t", *ODD[: kind == "odd"]))
    )
    count = draw(st.integers(1, 5))
    names: list[str] = []
    for name in draw(st.permutations(names_of(kind)))[:count]:
        bound = draw(st.sampled_from(("", "", "", " as y", "  as\ty", f" as {name}")))
        names.append(name + bound)
    same = draw(space) if draw(st.booleans()) else None
    text = ""
    for number, name in enumerate(names, 1):
        text += name + (draw(space) if draw(st.integers(0, 4)) == 0 and bracketed else "")
        if number < count or (bracketed and draw(st.booleans())):
            text += "," + (draw(space) if same is None else same)
    lead = draw(space) if same is None else same
    origin = draw(
        st.sampled_from(
            ("m", "from_", "torchtitan.models", ".", "..a", "é", *ORIGINS * (kind == "odd"))
        )
    )
    head = draw(st.sampled_from((f"from {origin} import", f"from\t{origin}  import", "import")))
    text = f"{head} ({lead}{text})" if bracketed else f"{head} {lead.lstrip()}{text.rstrip()}"
    other = draw(st.sampled_from(("", "from o import B, a, c\n", "from o import a, B, c\n")))
    before, after = draw(st.sampled_from((("", ""), ("    ", ""), ("    1; ", "; 2"))))
    block = "if 1:\n" if before else ""
    ending = draw(st.sampled_from(("\n", "\n", "\r\n", "\r")))
    made = program(f"{other}{block}{before}{text}{after}\n", ending)
    statement = [node for node in made.nodes if isinstance(node, ast.Import | ast.ImportFrom)][-1]
    assert made.text(statement) == text.replace("\n", ending)
    return made, statement


@pytest.mark.parametrize("kind", ["plain", "commented", "odd"])
@SETTINGS
@given(data=st.data())
def test_imports(kind: str, data: st.DataObject) -> None:
    made, statement = data.draw(imports(kind))
    stays = data.draw(st.sampled_from(statement.names))
    others = [alias for alias in statement.names if alias is not stays]
    gone = data.draw(st.sets(st.sampled_from(others))) if others else set()
    names: list[tuple[str, str | None]] = []
    if isinstance(statement, ast.ImportFrom):
        name = st.sampled_from(("Added", "added", "carol", "ZULU"))
        entry = st.tuples(name, st.sampled_from((None, None, "other")))
        names = data.draw(st.lists(entry, max_size=3, unique=True))
    wanted = (made, statement, gone, names)
    expected = outcome(cst_imports.with_names, *wanted)
    held_against(outcome(plainly_with_names, *wanted), expected, kind)


@pytest.mark.parametrize("kind", ["plain", "commented", "odd"])
@SETTINGS
@given(data=st.data())
def test_moved_imports(kind: str, data: st.DataObject) -> None:
    made, statement = data.draw(imports(kind))
    assume(isinstance(statement, ast.ImportFrom))
    assert isinstance(statement, ast.ImportFrom)
    entries: list[Moved] = []
    for alias in statement.names:
        name = data.draw(st.sampled_from((alias.name, "One", "two")))
        asname = data.draw(st.sampled_from((None, alias.asname, alias.name, "other")))
        entries.append(Moved(alias, name, asname))
    module = data.draw(st.sampled_from(("new", "torchtitan.new.home")))
    wanted = (made, MoveImport(statement, module, tuple(entries)))
    expected = outcome(cst_imports.moved, *wanted)
    held_against(outcome(plainly_moved, *wanted), expected, kind)


@pytest.mark.parametrize("arguments", [(), ("--fix",)], ids=["check", "fix"])
def test_an_ordinary_run_does_not_load_libcst(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "legacy.py").write_text(LEGACY)
    founding = (ROOT / "fixtures" / "engines" / "founding.py").read_text()
    (tmp_path / "founding.py").write_text(founding)
    (tmp_path / "imports.py").write_text(
        "from torchtitan.components.lr_scheduler import (\n    LRSchedulersContainer,\n)\n"
    )
    code = (
        "import sys, titan_lint.cli.main\n"
        "try:\n"
        f"    sys.argv = ['titan-lint', '--isolated', '--no-cache', {str(tmp_path)!r}, *{arguments!r}]\n"
        "    from titan_lint.__main__ import main\n"
        "    main()\n"
        "finally:\n"
        "    assert 'titan_lint.rewriting.calls' in sys.modules\n"
        "    print('LibCST:', 'libcst' in sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert "LibCST: False" in ran.stdout, ran.stderr
    assert "Found " in ran.stdout
    assert ((tmp_path / "legacy.py").read_text() == MENDED) == bool(arguments)
