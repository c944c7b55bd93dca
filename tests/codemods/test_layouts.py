"""A rewrite fits the layout that it finds, and leaves every other byte as it was."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, event, given, reject, settings
from hypothesis import strategies as st

from tests.rules.cases import ATTENTION, check_transformed, fixed, found
from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.code.program import Program
from titan_lint.code.source import Source, SourceError
from titan_lint.finding import Applicability
from titan_lint.rewriting.calls import rewrite_call
from titan_lint.rewriting.edits import Refused
from titan_lint.rewriting.import_names import moved, with_names
from titan_lint.rewriting.operations import (
    AddKeyword,
    Moved,
    MoveImport,
    NameArguments,
    RemoveArgument,
    RemoveKeyword,
    RenameKeyword,
)
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable

IMPORT = "from torchtitan.models.llama3 import model_registry\n\n"

CALLS = {
    "one line": ("model_registry(f)", "model_registry(f, attn_backend=c.attn_type)"),
    "keyword": ("model_registry(flavor=f)", "model_registry(flavor=f, attn_backend=c.attn_type)"),
    "trailing comma": ("model_registry(f,)", "model_registry(f, attn_backend=c.attn_type,)"),
    "odd spaces": ("model_registry( f )", "model_registry( f, attn_backend=c.attn_type )"),
    "an argument a line": (
        "model_registry(\n        f,\n    )",
        "model_registry(\n        f,\n        attn_backend=c.attn_type,\n    )",
    ),
    "an argument a line, no trailing comma": (
        "model_registry(\n        f\n    )",
        "model_registry(\n        f,\n        attn_backend=c.attn_type\n    )",
    ),
    "a comment behind the argument": (
        "model_registry(\n        f,  # flavor\n    )",
        "model_registry(\n        f,  # flavor\n        attn_backend=c.attn_type,\n    )",
    ),
    "a comment behind the argument, no trailing comma": (
        "model_registry(\n        f  # flavor\n    )",
        "model_registry(\n        f,  # flavor\n        attn_backend=c.attn_type\n    )",
    ),
    "nested call": ("model_registry(g(f))", "model_registry(g(f), attn_backend=c.attn_type)"),
    "chain": (
        "model_registry(f).model.build()",
        "model_registry(f, attn_backend=c.attn_type).model.build()",
    ),
    "parenthesised chain": (
        "(\n        model_registry(f)\n        # the model\n        .model\n    )",
        "(\n        model_registry(f, attn_backend=c.attn_type)\n        # the model\n        .model\n    )",
    ),
    "backslash": (
        "\\\n        model_registry(f)",
        "\\\n        model_registry(f, attn_backend=c.attn_type)",
    ),
    "wide characters before it": (
        "'é🦊' and model_registry(f)",
        "'é🦊' and model_registry(f, attn_backend=c.attn_type)",
    ),
    "behind a semicolon": (
        "1; y = model_registry(f)",
        "1; y = model_registry(f, attn_backend=c.attn_type)",
    ),
}


@pytest.mark.parametrize("case", CALLS)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_keyword_fits_the_calls_layout(case: str, ending: str) -> None:
    before, after = (
        f"{IMPORT}def build(f, c):\n    x = {call}\n    return x, get_attention_masks(c.attn_type)\n"
        for call in CALLS[case]
    )
    result = fix(
        Source("x.py", before.replace("\n", ending)),
        codes=ATTENTION,
        targets=targets.parse("0.3.0"),
        options=Options(),
    )
    assert result.source.text == after.replace("\n", ending)


GUARDED = """\
def build(f, c):
    spec = model_registry(f)
{block}    return spec
"""
ASSIGN = "spec.model.layer.attention.attn_backend = c.attn_type"

BLOCKS = {
    "plain": f"    if hasattr(spec.model, 'layer'):\n        {ASSIGN}\n",
    "one line": f"    if hasattr(spec.model, 'layer'): {ASSIGN}\n",
    "comment above": f"    # choose\n    if hasattr(spec.model, 'layer'):\n        {ASSIGN}\n",
    "comments above": f"    # choose\n    # well\n    if hasattr(spec.model, 'layer'):\n        {ASSIGN}\n",
    "comment inside": f"    if hasattr(spec.model, 'layer'):\n        # in\n        {ASSIGN}\n",
    "nested": (
        "    if hasattr(spec.model, 'layer'):\n"
        "        if hasattr(spec.model.layer, 'attention'):\n"
        f"            {ASSIGN}\n"
    ),
    "head over lines": (
        "    if (\n        hasattr(spec.model, 'layer')\n"
        f"        and hasattr(spec.model.layer, 'attention')\n    ):\n        {ASSIGN}\n"
    ),
}

# Blocks that say, or do, more than what takes their place.
FULLER_BLOCKS = {
    "try that takes a missing choice": f"    try:\n        {ASSIGN}\n    except AttributeError:\n        pass\n",
    "try that logs a missing choice": (
        f"    try:\n        {ASSIGN}\n    except AttributeError:\n        logger.info('no layer')\n"
    ),
    "comment beside": f"    if hasattr(spec.model, 'layer'):\n        {ASSIGN}  # at\n",
    "comment beside the head": f"    if hasattr(spec.model, 'layer'):  # at\n        {ASSIGN}\n",
    "comment that closes it": f"    if hasattr(spec.model, 'layer'):\n        {ASSIGN}\n        # end\n",
    "pragma": f"    if hasattr(spec.model, 'layer'):\n        {ASSIGN}  # type: ignore\n",
    "try that prints": (
        f"    try:\n        {ASSIGN}\n    except AttributeError:\n        print('no layer')\n"
    ),
    "call": f"    if hasattr(spec.model, 'layer'):\n        {ASSIGN}\n        c.freeze()\n",
    "call in the test": f"    if hasattr(spec.model, 'layer') and c.ready():\n        {ASSIGN}\n",
}


@pytest.mark.parametrize("case", BLOCKS)
def test_block_goes_with_its_comments_and_blank_lines(case: str) -> None:
    after = GUARDED.replace("(f)", "(f, attn_backend=c.attn_type)", 1)
    check_transformed(IMPORT + GUARDED.format(block=BLOCKS[case]), IMPORT + after.format(block=""))


@pytest.mark.parametrize("case", FULLER_BLOCKS)
def test_block_that_says_or_does_more_goes_only_when_asked(case: str) -> None:
    before = IMPORT + GUARDED.format(block=FULLER_BLOCKS[case])
    assert fixed(before).source.text == before


def test_one_side_of_blank_lines_goes_too() -> None:
    after = GUARDED.replace("(f)", "(f, attn_backend=c.attn_type)", 1)
    check_transformed(
        IMPORT + GUARDED.format(block="\n" + BLOCKS["plain"] + "\n"),
        IMPORT + after.format(block="\n"),
    )


def test_tabs_and_form_feeds_stay() -> None:
    before = IMPORT + "\f\n" + GUARDED.format(block=BLOCKS["plain"]).replace("    ", "\t")
    after = before.replace("(f)", "(f, attn_backend=c.attn_type)", 1)
    after = after.replace("\tif hasattr(spec.model, 'layer'):\n\t\t" + ASSIGN + "\n", "")
    check_transformed(before, after)


def test_comment_on_what_stays_is_kept() -> None:
    block = BLOCKS["plain"] + "    # what follows\n"
    after = GUARDED.replace("(f)", "(f, attn_backend=c.attn_type)", 1)
    check_transformed(
        IMPORT + GUARDED.format(block=block), IMPORT + after.format(block="    # what follows\n")
    )


def test_an_elif_goes_and_the_rest_of_the_chain_stays() -> None:
    block = (
        f"    if f:\n        print(f)\n    elif hasattr(spec.model, 'layer'):\n        {ASSIGN}\n"
    )
    result = fixed(IMPORT + GUARDED.format(block=block), unsafe=True)
    assert "    if f:\n        print(f)\n    return spec\n" in result.source.text


def test_a_block_that_shares_its_line_is_left_alone() -> None:
    text = (
        IMPORT
        + f"def build(f, c):\n    spec = model_registry(f)\n    try: {ASSIGN}\n    except AttributeError: pass\n    return spec\n"
    )
    assert fixed(text).source.text.count("return spec") == 1
    text = IMPORT + f"def build(f, c):\n    spec = model_registry(f); {ASSIGN}\n    return spec\n"
    assert fixed(text).source.text == text


def test_a_comment_inside_a_replaced_expression_makes_the_fix_unsafe() -> None:
    text = IMPORT + (
        "from torchtitan.protocols.model_spec import ModelSpec\n"
        "def build(f, c):\n"
        "    spec = model_registry(f, attn_backend=c.attn_type)\n"
        "    return make_masks(\n"
        "        spec.model  # read back\n"
        "        .layer.attention.attn_backend\n"
        "    )\n"
    )
    (finding,) = found("TTN102", text)
    assert finding.fix
    assert finding.fix.applicability is Applicability.UNSAFE
    assert fixed(text).source.text == text
    assert "make_masks(\n        c.attn_type\n    )" in fixed(text, unsafe=True).source.text


def test_statements_of_neighbouring_blocks_are_taken_out_each_from_its_own() -> None:
    text = """\
from torchtitan.models.llama3 import model_registry


def build(config, flavor):
    spec = model_registry(flavor)
    with manager():
        layer = getattr(spec.model, "layer", None)
        layer = getattr(spec.model, "layer", None)
    if layer is not None:
        layer.attention.attn_backend = config.attn_type
    return spec.model.build()
"""
    after = """\
from torchtitan.models.llama3 import model_registry


def build(config, flavor):
    spec = model_registry(flavor, attn_backend=config.attn_type)
    with manager():
        layer = getattr(spec.model, "layer", None)
    return spec.model.build()
"""
    assert fixed(text, unsafe=True).source.text == after


# Any layout: what is said after a change is what was asked for, and no comment is lost that stays.

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
ORIGINS = (". b", "a .b", ".\tb")
FUNCTIONS = ("f", "a.b", "é.f", "(f)", "f(1)", "g[(0)]", "( a\n  .b  # (\n )")
NAMES = ("Zed", "alpha", "beta", "BETA", "Gamma", "delta", "_x", "é")
# In the normal form of Python's tree it is another one.
ODD_NAMES = ("ﬁ",)

SETTINGS = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def spaces(kind: str) -> st.SearchStrategy[str]:
    if kind == "plain":
        return st.sampled_from(SPACES)
    return st.sampled_from(SPACES * 2 + COMMENTS * (2 if kind == "commented" else 1) + ODD)


def names_of(kind: str) -> tuple[str, ...]:
    return NAMES + ODD_NAMES * (kind == "odd")


def outcome(change: Callable[..., str], *arguments: Any) -> str | None:
    """What comes out; nothing where it is refused."""
    try:
        return change(*arguments)
    except Refused:
        event("refused")
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
def operations(draw: st.DrawFn, call: ast.Call, ending: str) -> list[Any]:
    names = [keyword.arg for keyword in call.keywords if keyword.arg]
    count = len(call.args) + len(call.keywords)
    chosen: list[Any] = []
    for _ in range(draw(st.integers(1, 3))):
        what = draw(st.sampled_from(("add", "add", "remove", "remove index", "rename", "name")))
        if what == "add":
            value = draw(st.sampled_from(ADDED)).replace("\n", ending)
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


def comments(text: str) -> list[str]:
    lines = io.StringIO(re.sub(r"\r\n?", "\n", f"({text})"))
    tokens = tokenize.generate_tokens(lines.readline)
    return sorted(token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT)


def said(call: ast.Call) -> list[tuple[str | None, str]]:
    """The arguments in the order of the text: the name of a keyword, and the value."""
    nodes = sorted([*call.args, *call.keywords], key=lambda node: (node.lineno, node.col_offset))
    return [
        ("**" if node.arg is None else node.arg, ast.dump(node.value))
        if isinstance(node, ast.keyword)
        else (None, ast.dump(node))
        for node in nodes
    ]


def wanted_of(call: ast.Call, wanted: list[Any]) -> list[tuple[str | None, str]] | None:
    """What a call should say after some operations; nothing where they make no sense."""
    entries = said(call)
    for operation in wanted:
        names = [name for name, _ in entries]
        match operation:
            case AddKeyword(name=name, value=value):
                entries.append((name, ast.dump(ast.parse(f"({value})", mode="eval").body)))
            case RemoveKeyword(name=name):
                if name not in names:
                    return None
                del entries[names.index(name)]
            case RemoveArgument(index=index):
                del entries[index]
            case RenameKeyword(keyword=keyword, name=name):
                if keyword.arg not in names or keyword.arg is None:
                    return None
                at = names.index(keyword.arg)
                entries[at] = name, entries[at][1]
            case NameArguments(names=((index, name),)):
                if entries[index][0] is not None or entries[index][1].startswith("Starred"):
                    return None
                entries[index] = name, entries[index][1]
            case _:
                raise AssertionError
    return entries


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("kind", ["plain", "commented", "odd"])
@SETTINGS
@given(data=st.data())
def test_a_rewritten_call_says_what_was_asked_for(kind: str, data: st.DataObject) -> None:
    made, call, ending = data.draw(calls(kind))
    wanted = data.draw(operations(call, ending))
    expected = wanted_of(call, wanted)
    new = outcome(rewrite_call, made, call, wanted)
    if expected is None:
        assert new is None
        return
    if new is None:
        # Plain layouts leave a way; no argument stands beside a generator without parentheses.
        # Nor does one without a name stand behind one that is named now.
        assert (
            kind != "plain"
            or "x for x in y" in made.text(call)
            or len(made.text(call).splitlines()) > 1
            or any(isinstance(operation, NameArguments) for operation in wanted)
        )
        return
    try:
        parsed = ast.parse(f"({new})", mode="eval").body
    except SyntaxError:
        # A positional argument behind one that is named now, or one name twice.
        assert any(isinstance(operation, NameArguments) for operation in wanted)
        reject()
    assert isinstance(parsed, ast.Call)
    assert said(parsed) == expected
    assert ast.dump(parsed.func) == ast.dump(call.func)
    if not any(isinstance(operation, RemoveKeyword | RemoveArgument) for operation in wanted):
        added = [o.value for o in wanted if isinstance(o, AddKeyword)]
        assert comments(new) == sorted(
            comment for text in (made.text(call), *added) for comment in comments(text)
        )


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


def imported(text: str, ending: str) -> list[tuple[str, str | None]]:
    (statement,) = ast.parse(text.replace(ending, "\n")).body
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    return [(alias.name, alias.asname) for alias in statement.names]


def key(entry: tuple[str, str | None]) -> tuple[str, str]:
    return entry[0], entry[1] or entry[0]


@pytest.mark.parametrize("kind", ["plain", "commented", "odd"])
@SETTINGS
@given(data=st.data())
def test_an_import_has_the_names_that_were_asked_for(kind: str, data: st.DataObject) -> None:
    made, statement = data.draw(imports(kind))
    stays = data.draw(st.sampled_from(statement.names))
    others = [alias for alias in statement.names if alias is not stays]
    gone = data.draw(st.sets(st.sampled_from(others))) if others else set()
    names: list[tuple[str, str | None]] = []
    if isinstance(statement, ast.ImportFrom):
        name = st.sampled_from(("Added", "added", "carol", "ZULU"))
        entry = st.tuples(name, st.sampled_from((None, None, "other")))
        names = data.draw(st.lists(entry, max_size=3, unique=True))
    new = outcome(with_names, made, statement, gone, names)
    if new is None:
        assert "#" in made.text(statement)
        return
    kept = [(alias.name, alias.asname) for alias in statement.names if alias not in gone]
    found = imported(new, made.source.line_ending)
    assert sorted(map(key, found)) == sorted(map(key, [*kept, *names]))
    assert [entry for entry in found if entry in kept] == kept
    assert comments(new.partition("import")[2]) == comments(
        made.text(statement).partition("import")[2]
    )


@pytest.mark.parametrize("kind", ["plain", "commented", "odd"])
@SETTINGS
@given(data=st.data())
def test_a_moved_import_has_all_names_from_the_new_module(kind: str, data: st.DataObject) -> None:
    made, statement = data.draw(imports(kind))
    assume(isinstance(statement, ast.ImportFrom))
    assert isinstance(statement, ast.ImportFrom)
    entries: list[Moved] = []
    for alias in statement.names:
        name = data.draw(st.sampled_from((alias.name, "One", "two")))
        asname = data.draw(st.sampled_from((None, alias.asname, alias.name, "other")))
        entries.append(Moved(alias, name, asname))
    module = data.draw(st.sampled_from(("new", "torchtitan.new.home")))
    new = outcome(moved, made, MoveImport(statement, module, tuple(entries)))
    if new is None:
        assert "#" in made.text(statement)
        return
    assert new.startswith("from")
    assert ast.parse(new.replace(made.source.line_ending, "\n")).body[0].module == module  # type: ignore[attr-defined]
    found = imported(new, made.source.line_ending)
    expected = {key((entry.name, entry.asname)) for entry in entries}
    assert sorted(map(key, found)) == sorted(expected)
    assert comments(new.partition("import")[2]) == comments(
        made.text(statement).partition("import")[2]
    )
