"""Newer syntax becomes the nodes that the running Python would make of its older equivalent."""

from __future__ import annotations

import ast
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import titan_lint
from titan_lint.code.program import Program, parse
from titan_lint.code.source import Source, SourceError
from titan_lint.code.syntax import parse_newer

OLDEST = (3, 11)
NOTHING = SyntaxError("nothing newer")

# What is newer, and what comes nearest in Python 3.11.
EQUIVALENTS = {
    "same_quotes": ('x = f"{a["k"]}"', "x = f\"{a['k']}\""),
    "nested": ('x = f"{f"{f"{a}"}"}"', "x = f'''{f\"\"\"{f'{a}'}\"\"\"}'''"),
    "backslash": (r'x = f"{"\n".join(a)}"', 'x = f"{c}"'.replace("c", "chr(10).join(a)")),
    "comment": ('x = f"{\n    a  # why }\n}"', 'x = f"{a}"'),
    "blank_line_in_field": ('x = (f"{\n\na\n\n}" "b")', 'x = (f"{a}" "b")'),
    "spec_same_quotes": ('x = f"{a:{"x"}>10}"', "x = f\"{a:{'x'}>10}\""),
    "not_equal": ('x = f"{a != b["k"] = }"', 'x = f\'a != b["k"] = {a != b["k"]!r}\''),
    "spec_nests": ('x = f"{a:{b:{c}}}"', None),
    "conversion": ('x = f"{a["k"]!r:>4}"', "x = f\"{a['k']!r:>4}\""),
    "debug": ('x = f"{ a ["k"] = }"', 'x = f\' a ["k"] = {a["k"]!r}\''),
    "raw": ('x = rf"\\d{a["k"]}\\."', None),
    "escaped_braces": ('x = f"{{{a["k"]}}}\\x41\\N{DIGIT ONE}"', "x = f\"{{{a['k']}}}A1\""),
    "alias": ("type X = int | str", "X = int | str"),
    "generic_alias": ("type X[T: int = str, *Ts, **P] = list[T]", "X = list[T]"),
    "alias_after_colon": ("if a: type X = int; type Y = X", "if a: X = int; Y = X"),
    "continued_alias": ("type \\\n X = \\\n int", "X = int"),
    "generic_function": ("def f[T: (int, str), *Ts](a: T) -> T: pass", "def f(a: T) -> T: pass"),
    "generic_over_lines": (
        "async def f[\n\n    T = int,  # (\n\n](\n    a\n): pass",
        "async def f(a): pass",
    ),
    "generic_class": ("class A[T, **P](B, m=C): pass", "class A(B, m=C): pass"),
    "bare_generic_class": ("class A[\n\n  T\n]: pass", "class A: pass"),
    "starred_default": ("class A[*Ts = *tuple[int]]: pass", "class A: pass"),
    "except": ("try: a\nexcept A, B.c: b", "try: a\nexcept (A, B.c): b"),
    "except_trailing": ("try: a\nexcept A,: b", "try: a\nexcept (A,): b"),
    "except_bracket": ("try: a\nexcept(A),f(\n1): b", "try: a\nexcept ((A), f(1)): b"),
    "except_star": ("try: a\nexcept*A,B: b", "try: a\nexcept* (A, B): b"),
    "template": ('x = t"a{b!s:{c}}"', 'x = f"a{b!s:{c}}"'),
    "raw_template": ('x = Rt"\\d{b}"', 'x = Rf"\\d{b}"'),
    "joined_templates": ('x = t"a" t"{b}"', 'x = f"a" f"{b}"'),
    "template_in_fstring": ("x = f'{t\"{a}\"}'", "x = f'{f\"{a}\"}'"),
    "not_ascii": ('é = f"é{"ü"}" + é; type ß = é', "é = f\"é{'ü'}\" + é; ß = é"),
}


def translated(text: str, version: tuple[int, int] = OLDEST) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse_newer(text, NOTHING, version)


def dump(tree: ast.AST, *, places: bool = False) -> str:
    """The tree in words; constants that split a string in other ways are all joined."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            # Python 3.12.0 and 3.12.1 keep empty ones.
            node.values = [
                v for v in node.values if not (isinstance(v, ast.Constant) and v.value == "")
            ]
    return ast.dump(tree, include_attributes=places)


@pytest.mark.parametrize("name", sorted(n for n, (_, old) in EQUIVALENTS.items() if old))
def test_newer_syntax_becomes_its_older_equivalent(name: str) -> None:
    new, old = EQUIVALENTS[name]
    assert old is not None
    expected = dump(ast.parse(old))
    if name == "backslash":
        expected = expected.replace(
            "Call(func=Name(id='chr', ctx=Load()), args=[Constant(value=10)]"
            + (", keywords=[]" if sys.version_info < (3, 13) else "")
            + ")",
            "Constant(value='\\n')",
        )
    assert dump(translated(new)) == expected


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
@pytest.mark.parametrize("name", sorted(EQUIVALENTS))
def test_line_endings_change_nothing(name: str, ending: str) -> None:
    new = EQUIVALENTS[name][0]
    assert dump(translated(new.replace("\n", ending)), places=True) == dump(
        translated(new), places=True
    )


@pytest.mark.parametrize("name", sorted(EQUIVALENTS))
def test_names_stand_where_their_text_is(name: str) -> None:
    # After something on the same line and before something, in a block.
    text = "if é:\n    " + EQUIVALENTS[name][0].replace("\n", "\n    ") + "\nend\n"
    names = [node for node in ast.walk(translated(text)) if isinstance(node, ast.Name)]
    assert {"end", "é"} <= {node.id for node in names}
    for node in names:
        assert ast.get_source_segment(text, node) == node.id
    for node in ast.walk(translated(text)):
        if isinstance(node, ast.JoinedStr) and node.col_offset and node.values:
            segment = ast.get_source_segment(text, node)
            assert segment is not None
            is_spec = segment[0] == ":"
            assert is_spec or (segment[0] in "frtR" and segment[-1] in "\"'")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="Python 3.12 and later place f-string parts")
@pytest.mark.parametrize("name", ["same_quotes", "nested", "comment", "spec_nests", "debug", "raw"])
def test_fstrings_are_placed_as_python_does(name: str) -> None:
    text = f"a = 1; {EQUIVALENTS[name][0]}\n"
    assert dump(translated(text), places=True) == dump(ast.parse(text), places=True)


@pytest.mark.parametrize(
    ("version", "text", "refused"),
    [
        ((3, 12), 'f"{a["k"]}"\n', True),
        ((3, 12), "type X = int\n", True),
        ((3, 13), "class A[T = int]: pass\n", True),
        ((3, 14), "try: a\nexcept A, B: b\n", True),
        ((3, 14), 't"{a}"\n', True),
        ((3, 11), "type(x)[0] = 1\ntype = 2\nmatch = type\n", True),
        ((3, 11), 'f"{a}"\n', False),
    ],
)
def test_only_what_a_version_lacks_is_translated(
    version: tuple[int, int], text: str, refused: bool
) -> None:
    if refused:
        with pytest.raises(SyntaxError, match="nothing newer"):
            parse_newer(text, NOTHING, version)
    else:
        translated(text, version)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="needs a Python that knows type parameters")
def test_python_3_12_loses_defaults_alone() -> None:
    text = "class A[T: int = str, *Ts = *B](C): pass\ntype X[T=int] = T\n"
    older = "class A[T: int, *Ts](C): pass\ntype X[T] = T\n"
    assert dump(translated(text, (3, 12))) == dump(ast.parse(older))


# -- errors -----------------------------------------------------------------------------------------

MISTAKES = {
    "after_alias": ("type X = int\nx = = 1\n", 2, 5, "invalid syntax"),
    "unclosed": ("type X = int\nx = (1\n", 2, 5, "was never closed"),
    "string": ('type X = int\nx = "a\n', 2, 5, "unterminated string literal"),
    "in_field": ('é = f"é{a b["k"]}"\n', 1, 9, "Perhaps you forgot a comma"),
    "in_second_line": ('x = f"""{a["k"]}\n{b c}"""\n', 2, 2, "Perhaps you forgot a comma"),
    "empty_field": ('x = f"{a["k"]}{}"\n', 1, 16, "valid expression required"),
    "generator": ('x = f"{a["k"]}{a for a in b}"\n', 1, 16, "parenthesized"),
    "brace": ('x = f"{a["k"]}}"\n', 1, 15, "single '}'"),
    "conversion": ('x = f"{a["k"]!x}"\n', 1, 14, "conversion"),
    "escape": ('x = f"{a["k"]}\\x1"\n', 1, 15, "codec can't decode"),
    "assigned": ('f"{a["k"]}" = 1\n', 1, 1, "f-string expression"),
    "mixed": ('x = t"a" "b"\n', 1, 5, "cannot mix t-string literals"),
    "bytes": ('x = f"{a["k"]}" b"c"\n', 1, 21, "bytes"),
    "parameters": ("def f[T: ](): pass\n", 1, 7, "invalid type parameter"),
    "no_parameters": ("class A[]: pass\n", 1, 8, "cannot be empty"),
    "bound": ("class A[T: 1 2]: pass\n", 1, 12, "invalid syntax"),
    "no_parentheses": ("def f[T]: pass\n", 1, 9, r"expected '\('"),
    "twice_assigned": ("type X = Y = int\n", 1, 7, "invalid syntax"),
    "no_value": ("type X\n", 1, 6, "invalid syntax"),
    "as": ("try: a\nexcept A, B as c: b\n", 2, 8, "must be parenthesized"),
    "print": ('type X = int\nprint f"a"\n', 2, 1, "Missing parentheses"),
    "lazy": ("lazy import a\n", 1, 6, "titan-lint reads Python 3.8 to 3.1"),
}


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="each Python words mistakes in another way"
)
@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_mistakes_are_told_where_they_are(name: str) -> None:
    text, line, column, message = MISTAKES[name]
    with pytest.raises(SourceError, match=message) as caught:
        parse(Source("a.py", text))
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "nested",
    [
        "(" * 5000,
        "[" * 5000 + "]" * 5000,
        'f"{' * 5000 + "1" + '}"' * 5000,
        't"{1:' + "{1:" * 5000 + "}" * 5001 + '"',
        "not " * 50_000 + "1",
        "1 + " * 50_000 + "1",
    ],
    ids=["open", "closed", "fstrings", "specs", "not", "sums"],
)
def test_deep_nesting_is_an_error_and_no_crash(nested: str) -> None:
    source = Source("a.py", f"type X = int\ndef f[T = int](): pass\nx = {nested}\n")
    # From 3.14 on, Python itself reads some of them.
    with pytest.raises(SourceError):
        _ = Program(source).bindings


PIECES = st.lists(
    st.sampled_from(
        [
            *"abft{}[]()\"'\\:;=!*,.# \n\t\x0cé",
            '"""',
            'f"',
            "t'",
            'rf"""',
            "type X",
            "def f[",
            "class A[T",
            "]",
            "except ",
            "except*",
            "try:",
            "    ",
            "= ",
            "\\N{",
            "\\\n",
            "\x00",
            "\r",
            "!r",
            ":=",
            "lambda",
            "T",
            "match",
        ]
    ),
    max_size=30,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(PIECES)
def test_any_text_is_a_tree_or_an_error_inside_it(text: str) -> None:
    source = Source("a.py", text)
    line = 1
    try:
        parse(source)
    except SourceError as error:
        line = error.line or 1
    assert 1 <= line <= source.line_count


# -- agreement with Python's own parser ----------------------------------------------------------------


def neutral(tree: ast.Module) -> ast.Module:
    """What the translation makes of Python 3.12's own nodes."""
    if sys.version_info >= (3, 12):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                node.type_params = []
            for _, value in ast.iter_fields(node):
                if isinstance(value, list):
                    for index, item in enumerate(value):
                        if isinstance(item, ast.TypeAlias):
                            assign = ast.Assign([item.name], item.value)
                            value[index] = ast.copy_location(assign, item)
    return tree


def assert_agreement(text: str) -> None:
    """Hold the translation of all that can be translated against Python's own tree."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = neutral(ast.parse(text))
    try:
        found = translated(text)
    except SyntaxError as error:
        if error is not NOTHING:
            raise
        return
    # Before 3.12 Python does not tell where the parts of f-strings stand.
    places = sys.version_info >= (3, 12)
    assert dump(found, places=places) == dump(expected, places=places)


SUITE = sorted(Path(titan_lint.__file__).parents[1].glob("titan_lint/*/*.py"))
LIBRARY = [
    Path(ast.__file__).parent / name
    for name in ("ast.py", "dataclasses.py", "traceback.py", "turtle.py", "typing.py", "zipfile.py")
]


@pytest.mark.parametrize("path", [*SUITE[::4], *filter(Path.exists, LIBRARY)], ids=lambda p: p.name)
def test_forced_translation_agrees_with_python(path: Path) -> None:
    assert_agreement(path.read_text(encoding="utf-8"))


EXPRESSIONS = st.recursive(
    st.sampled_from(
        [
            "a",
            "a.b",
            "1.5",
            "'s'",
            '"é"',
            "a, b",
            "*a, b",
            "(yield)",
            "a if b else c",
            "(a := 1)",
            "(lambda: 1)",
            "a == b",
            "{'k': 1}",
            " {1}",
            "a[1:2]",
            "f(x=1)",
            "[a for a in b]",
            "b'x'",
            "a,",
            "not a",
            "'a' 'b'",
        ]
    ),
    lambda inner: st.builds(
        lambda expression, before, text, mark, conversion, spec, prefix: (
            f"{prefix}'''{before}{{{' ' if expression[0] == '{' else ''}{expression}{mark}"
            f"{conversion}{spec}}}{text}'''"
        ),
        inner.filter(lambda e: "'''" not in e and "\\" not in e),
        st.sampled_from(["", "a", "{{", "é\n", "}}", '"', "\\x41", "\\"]),
        st.sampled_from(["", "b", "}}{{", "\\n", "ü"]),
        st.sampled_from(["", "=", " = "]),
        st.sampled_from(["", "!r", "!s"]),
        st.sampled_from(["", ":", ":>4", ":{w}.{p}", ":%Y-%m"]),
        st.sampled_from(["f", "rf", "F", "fR"]),
    ),
    max_leaves=3,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(EXPRESSIONS, min_size=1, max_size=3))
def test_generated_fstrings_agree_with_python(expressions: list[str]) -> None:
    text = "\n".join(f"é = ({e}); g({e})" for e in expressions) + "\n"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError:
        return  # 3.11 does not take all of them
    assert_agreement(text)
