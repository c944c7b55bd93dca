"""How many of the safe hunks that one checkout of titan-lint makes of some trees another one makes as well.

    python scripts/safe_hunks.py BEFORE AFTER TREE... [--torchtitan 0.3.0] [--lost]

Each tree is copied and fixed by either checkout, `--fix --isolated`. A hunk is that of `diff -u`; it is kept where the
other checkout takes out all lines that it takes out, and puts in all that it puts in, in the same file. `--lost`
prints the others, with what is made beside them.
"""

from __future__ import annotations

import argparse
import difflib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Hunk(NamedTuple):
    """One hunk: the lines that go, with their numbers, and those that come."""

    gone: tuple[tuple[int, str], ...]
    come: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(
            [*(f"- {line}" for _, line in self.gone), *(f"+ {line}" for line in self.come)]
        )


def hunks(before: list[str], after: list[str]) -> Iterator[Hunk]:
    """The hunks of a file that was changed."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for group in matcher.get_grouped_opcodes():
        changed = [(a, b, c, d) for tag, a, b, c, d in group if tag != "equal"]
        gone = tuple((at + 1, before[at]) for a, b, _, _ in changed for at in range(a, b))
        yield Hunk(gone, tuple(line for _, _, c, d in changed for line in after[c:d]))


def is_kept(hunk: Hunk, others: list[Hunk]) -> bool:
    """Whether some hunks of the same file make all that another one makes."""
    gone = {line for other in others for line in other.gone}
    come = {line for other in others for line in other.come}
    return {*hunk.gone} <= gone and {*hunk.come} <= come


def fixed(checkout: Path, tree: Path, target: str, folder: Path) -> Path:
    """A copy of a tree that a checkout has fixed."""
    copy = folder / "tree"
    shutil.copytree(tree, copy, symlinks=True)
    options = ("--fix", "--isolated", "--no-cache", "--torchtitan", target, ".")
    subprocess.run(
        [sys.executable, "-m", "titan_lint", *options],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(checkout.resolve())},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return copy


def lines(path: Path) -> list[str]:
    """A file's lines, whatever bytes they are."""
    return path.read_text("utf-8", errors="surrogateescape").splitlines()


def compared(tree: Path, before: Path, after: Path) -> Iterator[tuple[str, Hunk, list[Hunk], bool]]:
    """Each hunk of the one copy, with those of the other in its file, and whether it is kept there."""
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree)
        if not path.is_file() or ".git" in name.parts:
            continue
        if path.read_bytes() == (before / name).read_bytes():
            continue
        text = lines(path)
        theirs = list(hunks(text, lines(after / name)))
        for hunk in hunks(text, lines(before / name)):
            yield str(name), hunk, theirs, is_kept(hunk, theirs)


def main(arguments: list[str] | None = None) -> None:
    """Count, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("trees", type=Path, nargs="+")
    parser.add_argument("--torchtitan", default="0.3.0")
    parser.add_argument("--lost", action="store_true")
    given = parser.parse_args(arguments)
    made = kept = 0
    for tree in given.trees:
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            before = fixed(given.before, tree, given.torchtitan, Path(one))
            after = fixed(given.after, tree, given.torchtitan, Path(other))
            found = list(compared(tree, before, after))
        mine = sum(keeps for *_, keeps in found)
        made, kept = made + len(found), kept + mine
        print(f"{tree.name}: {len(found)} hunks, {mine} kept")
        for name, hunk, theirs, keeps in found:
            if given.lost and not keeps:
                line = hunk.gone[0][0] if hunk.gone else 0
                beside = [
                    h for h in theirs if {at for at, _ in h.gone} & {at for at, _ in hunk.gone}
                ]
                print(
                    f"== {name}:{line}\n{hunk}", *(f"made:\n{other}" for other in beside), sep="\n"
                )
    print(f"all: {made} hunks, {kept} kept")


if __name__ == "__main__":
    main()
