"""Where the comments of a file are, and which of them edits take out."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from titan_lint.code.program import Program
from titan_lint.code.source import Source
from titan_lint.finding import Edit
from titan_lint.rewriting import comments as room
from titan_lint.rewriting.comments import comments, comments_lost, comments_of_text
from titan_lint.rewriting.edits import trimmed

ROOT = Path(__file__).resolve().parent.parent.parent

PIECES = (
    "# one\n",
    "x = '#'  # two\n",
    "x = f'{y}#' '#'  # three\n",
    "x = (\n    'a#'  # four\n    '#b'  # five\n)\n",
    'x = """\n# none\n"""  # six\n',
    'x = ("""\n# none\n"""  # seven\n     """#""")\n',
    "x = r'''\\\n#'''\n",
    "x = 'a\\\n# none'  # eight\n",
    "x = f'''{y}\n# none'''\n",
    "x = b'#', u'#'  # ü\n",
    "if y:  # nine\n    x = 1\n  # ten\n",
    "x = {'#': '#',  # eleven\n     '#ü': '#'}\n",
    "'''#\n'''\n",
    "x = '\"' '#' \"'\"  # '\"\n",
    "x = 1\r\n# twelve\r\n",
)


def program(text: str) -> Program:
    return Program(Source("engine.py", text))


@pytest.mark.parametrize("seed", range(6))
def test_comments_are_where_tokenize_finds_them(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(20):
        text = "".join(chosen.choices(PIECES, k=8))
        assert comments(program(text)) == comments_of_text(text), text


def test_comments_of_real_files_are_where_tokenize_finds_them() -> None:
    files = [*ROOT.glob("fixtures/**/*.py"), *ROOT.glob("titan_lint/rules/*.py")]
    assert len(files) > 40
    for file in files[::4]:
        text = file.read_text(encoding="utf-8")
        assert comments(program(text)) == comments_of_text(text), file


def test_a_file_is_not_split_into_tokens_for_its_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(text: str) -> list[tuple[int, str]]:
        raise AssertionError(text)

    monkeypatch.setattr(room, "comments_of_text", never)
    text = 'x = """\n# a\n"""\n# b\ny = 1  # c\n'
    assert comments_lost(program(text), [Edit(text.index("# b"), len(text), "")], ()) == [
        "# b",
        "# c",
    ]


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("# a\nx = 1\n", "x = 1\n", ["# a"]),
        ("# a\nx = 1\n", "# a\n", []),
        ("# a\nx = 1\n", "y = '# a'\n", ["# a"]),
        ("x = 1  # a\n# b\n", "x = 1  # b\n", ["# a"]),
        ("x = 1  # a\n# b\n", "x = 1  # a# c\n", ["# a", "# b"]),
        ("x = '# a'\n", "x = ''\n", []),
    ],
)
def test_a_comment_is_lost_where_no_comment_says_the_same(
    old: str, new: str, lost: list[str]
) -> None:
    assert comments_lost(program(old), [trimmed(0, old, new)], ()) == lost
