"""Whatever a document is made of, fixing it changes the lines that are wrong and not a byte besides."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import titan_lint
from tests.documents import writing
from titan_lint import documents
from titan_lint.finding import Edit

IMPORT = "from torchtitan.models.llama3 import model_registry"
WRONG = 'spec = model_registry("8B_varlen")  # "é\\\\ü" \U0001f600'
RIGHT = WRONG.replace('"8B_varlen"', '"8B", attn_backend="varlen"')

LINES = st.sampled_from(
    [
        *(
            IMPORT,
            WRONG,
            WRONG,
            "",
            "   ",
            "# 'é' \t\U0001f600",
            'x = """',
            '"""',
            "if x:",
            "    pass",
        ),
        *(
            "%time",
            "!ls \\",
            "  !pip",
            "x = !ls",
            "print?",
            "%%bash",
            "```",
            ">>> x = 1",
            "a = [",
            "]",
        ),
        *("\ud800", "\\", "x\u2028y", "\x0c"),
    ]
)
PROGRAMS = st.lists(LINES, max_size=6).flatmap(
    lambda lines: st.sampled_from(["\n".join(lines), "\n".join(lines) + "\n", "\r\n".join(lines)])
)
GOOD = st.lists(
    st.sampled_from([f"{IMPORT}\n{WRONG}", WRONG, "x = 1", "%time", "!ls", "\n# é\n"]).flatmap(
        lambda text: st.sampled_from(
            [text, text + "\n", f"y = 2\n{text}", f"{text}\ny = 2", f"%%bash\nif {text}"]
        )
    ),
    min_size=1,
    max_size=5,
)
STYLES = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 1, 2, "\t"]),
        "ensure_ascii": st.booleans(),
        "sort_keys": st.booleans(),
    }
)


def fixed(text: str, path: str) -> titan_lint.Result:
    return titan_lint.fix(
        text, path, isolated=True, torchtitan="0.3.0", select=["TTN105", "TTN901"], unsafe=True
    )


def corrected(source: Any) -> Any:
    if isinstance(source, str):
        return source.replace(WRONG, RIGHT)
    return [corrected(line) for line in source]


@given(GOOD, STYLES, st.booleans())
def test_a_fixed_notebook_is_what_json_writes_of_fixed_cells(
    cells: list[str], style: dict[str, Any], listed: bool
) -> None:
    text = writing.notebook(IMPORT, *cells, listed=listed, **style)
    result = fixed(text, "/nowhere/a.ipynb")
    assert not result.errors
    wanted = [cell if cell.startswith("%%bash") else corrected(cell) for cell in (IMPORT, *cells)]
    assert result.text == writing.notebook(*wanted, listed=listed, **style)


@given(st.lists(PROGRAMS, max_size=4), STYLES, st.booleans())
def test_a_notebook_of_anything_keeps_what_is_not_corrected(
    cells: list[str], style: dict[str, Any], listed: bool
) -> None:
    text = writing.notebook(*cells, listed=listed, **{**style, "ensure_ascii": True})
    result = fixed(text, "/nowhere/a.ipynb")
    old, new = json.loads(text), json.loads(result.text)
    if not result.fixed:
        assert result.text == text
    for before, after in zip(old["cells"], new["cells"], strict=True):
        assert after["source"] in (before["source"], corrected(before["source"])) or any(
            # One of several, where the others stand in strings.
            line in (WRONG, RIGHT)
            for line in "".join(after["source"]).splitlines()
        )
    assert json.dumps(new, **{**style, "ensure_ascii": True}) + "\n" == result.text


@given(
    st.lists(st.tuples(PROGRAMS, st.sampled_from(["", "  ", "> ", "- ", "\t"])), max_size=4),
    st.sampled_from(["a.md", "a.rst"]),
)
def test_prose_of_anything_keeps_all_other_lines(blocks: list[tuple[str, str]], name: str) -> None:
    text = "".join(writing.fenced(code + "\n", indent) for code, indent in blocks)
    text += "".join(f".. code:: python\n\n  {code}\n" for code, _ in blocks)
    text = text.replace("\ud800", "")
    result = fixed(text, f"/nowhere/{name}")
    if not result.fixed:
        assert result.text == text
    before, after = text.split("\n"), result.text.split("\n")
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert new in (old, old.replace(WRONG, RIGHT))


@given(st.text(alphabet="`~>-.: \n\tpy#x=1\r\x0c|{}", max_size=60), st.sampled_from(["md", "rst"]))
def test_blocks_stand_on_the_page_where_they_say(text: str, kind: str) -> None:
    document = documents.read(f"a.{kind}", text.encode())
    assert document.data == text.encode()
    for block in document.blocks:
        for offset, char in enumerate(block.text):
            assert document.page.text[block.place_on_page(offset)] == char or not all(
                line.given for line in block.lines
            )


@given(st.lists(PROGRAMS, max_size=4), STYLES, st.booleans())
def test_every_character_of_a_cell_is_found_in_the_file(
    cells: list[str], style: dict[str, Any], listed: bool
) -> None:
    text = writing.notebook(*cells, listed=listed, **{**style, "ensure_ascii": True})
    page = documents.read("a.ipynb", text.encode()).page
    for offset, char in enumerate(page.text):
        written = json.dumps(char)[1:-1]
        at = page.offset_in_file(offset)
        # The line ending of a cell's last line is the page's own.
        assert text.startswith(written, at) or (char == "\n" and text[at] == '"')


@st.composite
def line_edits(draw: st.DrawFn) -> tuple[list[str], bool, int, int, str]:
    """Cells of numbered lines, whether sources are lists, and lines of the program to replace by others."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    between, behind = st.sampled_from(["\n", "\n", "\n\n"]), st.sampled_from(["", "\n"])
    names = iter(range(20))
    cells = [
        "".join(f"é{next(names)} = 1{draw(between)}" for _ in range(size - 1))
        + f"é{next(names)} = 1{draw(behind)}"
        for size in sizes
    ]
    # A cell, an empty line, and so on; what stands behind the last line is one, too.
    lines = sum((cell.rstrip("\n") + "\n\n").count("\n") for cell in cells)
    first = draw(st.integers(0, lines - 1))
    last = draw(st.integers(first, min(first + 2, lines)))
    new = "".join(f"new{number} = 2\n" for number in range(draw(st.integers(first == last, 2))))
    return cells, draw(st.booleans()), first, last, new


@given(line_edits(), STYLES)
def test_lines_come_and_go_within_their_cells(
    made: tuple[list[str], bool, int, int, str], style: dict[str, Any]
) -> None:
    cells, listed, first, last, new = made
    text = writing.notebook(*cells, listed=listed, **style)
    (block,) = documents.read("a.ipynb", text.encode()).blocks
    starts = [block.line_start(line) for line in range(1, block.line_count + 1)]
    edit = Edit(starts[first], starts[last], new)
    touched = block.lines[first:last]
    if not block.takes(edit):
        assert not all(line.given for line in touched) or not touched
        return
    lines = block.text.splitlines(keepends=True)
    lines[first:last] = [new]
    program = "".join(lines)
    edited = block.edited(program, [edit])
    result = block.document.of(edited).file.text
    assert edited.text == program
    after = writing.cells(result)
    assert all(
        new.endswith("\n") == old.endswith("\n")
        for old, new in zip(cells, after, strict=True)
        # An empty last line is there only with a line ending.
        if new and not new.endswith("\n\n")
    )
    # A cell with nothing in it keeps an empty line in its list.
    wanted = writing.notebook(*[cell or "<empty>" for cell in after], listed=listed, **style)
    assert result == wanted.replace("<empty>", "")
