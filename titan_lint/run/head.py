"""What files of a project said at the commit that is checked out: its HEAD in git.

Nothing is written, no filter, hook or monitor of the repository's is run, and nothing is fetched. Where
there is no git, or no commit yet, there is no answer.
"""

from __future__ import annotations

import functools
import os

from titan_lint import git, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def commit(root: str) -> str:
    """Tell HEAD from any other, without running git; empty outside of a repository.

    Args:
        root: An absolute path in the work tree.
    """
    folder = _git_folder(root)
    if folder is None:
        return ""
    head = _text(os.path.join(folder, "HEAD"))
    if not head.startswith("ref:"):
        return head
    name = head.removeprefix("ref:").strip()
    common = os.path.join(folder, _text(os.path.join(folder, "commondir")) or ".")
    for place in (folder, common):
        found = _text(os.path.join(place, name))
        if found:
            return found
    for line in _text(os.path.join(common, "packed-refs")).splitlines():
        if line.endswith(f" {name}"):
            return line
    # Reference tables, whose names change with what they hold.
    return name + _text(os.path.join(common, "reftable", "tables.list"))


def contents(root: str, paths: Sequence[str]) -> dict[str, bytes]:
    """Read files as they are at HEAD; those that are not there are left out.

    Args:
        root: An absolute path in the work tree.
        paths: Absolute paths below it.
    """
    if not paths or _git_folder(root) is None:
        return {}
    try:
        return _contents(root, tuple(paths), commit(root))
    except LookupError:
        return {}


@functools.lru_cache(maxsize=4)
def _contents(root: str, paths: Sequence[str], head: str) -> dict[str, bytes]:
    """As :func:`contents`, at a commit that is HEAD; an editor asks for the same ones time and again.

    Raises:
        LookupError: Git does not answer, which is not to be kept.
    """
    del head
    names = {os.path.relpath(path, root).replace(os.sep, "/"): path for path in paths}
    asked = [name for name in names if "\n" not in name]
    said = git.ask(root, "cat-file", "--batch", given="".join(f"HEAD:./{name}\n" for name in asked))
    if not said:
        raise LookupError(root)
    found: dict[str, bytes] = {}
    for name in asked:
        line, _, said = said.partition(b"\n")
        # `<object> blob <size>`, or `<what was asked for> missing`.
        words = line.split(b" ")
        if len(words) != 3 or not words[2].isdigit():
            continue
        size = int(words[2])
        if words[1] == b"blob":
            found[names[name]] = said[:size]
        said = said[size + 1 :]
    return found


def _git_folder(directory: str) -> str | None:
    """The folder that git keeps the repository around a directory in."""
    while True:
        mark = os.path.join(directory, ".git")
        if os.path.isdir(mark):
            return mark
        told = _text(mark)
        if told.startswith("gitdir:"):
            return os.path.join(directory, told.removeprefix("gitdir:").strip())
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def _text(path: str) -> str:
    try:
        return read_file.read(path).decode("utf-8", "surrogateescape").strip()
    except OSError:
        return ""
