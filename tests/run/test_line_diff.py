"""Diffs of long files: what did not change is not in them."""

from __future__ import annotations

import random
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types

from titan_lint.run.line_diff import LineMatcher
from titan_lint.run.one_file import unified_diff
from titan_lint.server.documents import Document
from titan_lint.verify import trees

if TYPE_CHECKING:
    from pathlib import Path


def long_text(blocks: int = 80) -> list[bytes]:
    """A file in which most lines are those that every file has many of."""
    lines: list[bytes] = []
    for number in range(blocks):
        lines += [f"def f{number}(x):\n".encode(), b"    return g(\n", b"        x,\n", b"    )\n"]
        lines += [b"\n", b"\n"]
    return lines


def opened(text: str) -> Document:
    item = types.TextDocumentItem("file:///long.py", "python", 1, text)
    return Document.opened(item, types.PositionEncodingKind.Utf16)


def changed_lines(patch: bytes) -> list[bytes]:
    return [line for line in patch.splitlines()[2:] if line[:1] in b"-+"]


def twice_changed() -> tuple[list[bytes], list[bytes]]:
    """Two changes of which only frequent lines lie in between."""
    old = long_text()
    assert old[242:247] == [b"        x,\n", b"    )\n", b"\n", b"\n", b"def f41(x):\n"]
    new = old.copy()
    new[242] = b"        y,\n"
    new[246] = b"def f41(y):\n"
    return old, new


def test_lines_that_are_frequent_and_did_not_change_are_no_part_of_a_diff() -> None:
    old, new = twice_changed()
    patch = unified_diff("long.py", b"".join(old), b"".join(new))
    assert changed_lines(patch) == [
        *(b"-        x,", b"+        y,"),
        *(b"-def f41(x):", b"+def f41(y):"),
    ]


def test_an_editor_is_told_of_no_frequent_line_that_did_not_change() -> None:
    old, new = (b"".join(lines).decode() for lines in twice_changed())
    edits = opened(old).towards(new)
    assert [edit.new_text for edit in edits] == ["        y,\n", "def f41(y):\n"]


def test_the_diff_of_a_tree_has_no_frequent_line_that_did_not_change(tmp_path: Path) -> None:
    for name, lines in zip(("before", "after"), twice_changed(), strict=True):
        (tmp_path / name).mkdir()
        (tmp_path / name / "long.py").write_bytes(b"".join(lines))
    patch = trees._diff(tmp_path / "before", tmp_path / "after")  # pyright: ignore[reportPrivateUsage]
    assert patch.startswith("--- before/long.py\n+++ after/long.py\n@@ ")
    assert len(changed_lines(patch.encode())) == 4


@pytest.mark.parametrize("seed", range(20))
def test_a_diff_applies_and_names_both_ranges_as_patch_wants_them(
    seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    old = long_text(chance.choice([0, 1, 4, 60]))
    new = old.copy()
    for _ in range(chance.randrange(1, 8)):
        at = chance.randrange(len(new) + 1)
        end = at + chance.choice([0, 0, 1, 3, 40])
        new[at:end] = chance.choices([*old, b"\n", b"new\n"], k=chance.choice([0, 1, 2, 30]))
    if chance.random() < 0.3 and new:
        new[-1] = new[-1].rstrip(b"\n") or b"last"
    before, after = b"".join(old), b"".join(new)
    file = tmp_path / "long.py"
    file.write_bytes(before)
    patch = unified_diff("long.py", before, after)
    assert bool(patch) == (before != after)
    if patch:
        subprocess.run(["git", "apply", "-p0", "-"], input=patch, cwd=tmp_path, check=True)
    assert file.read_bytes() == after
    blocks = LineMatcher(old, new).get_matching_blocks()
    assert all(old[i : i + n] == new[j : j + n] for i, j, n in blocks)


def test_equal_texts_have_no_diff() -> None:
    assert unified_diff("a.py", b"a\nb", b"a\nb") == b""


def test_a_diff_of_ten_thousand_lines_takes_a_moment() -> None:
    old = long_text(1700)
    new = old.copy()
    for at in range(100, len(new), 400):
        new[at : at + 2] = [b"changed\n", b"\n", b"    )\n"]
    whole = [b"x\n", b"\n", b")\n"] * 3400
    other = [b"y\n", b"\n", b"]\n"] * 3400
    start = time.process_time()
    changed = changed_lines(unified_diff("long.py", b"".join(old), b"".join(new)))
    unified_diff("other.py", b"".join(whole), b"".join(other))
    assert time.process_time() - start < 5
    assert len(changed) <= 5 * len(range(100, len(old), 400))
