"""What files of a project said at the commit that is checked out: its HEAD in git.

Nothing is written, no filter, hook or monitor of the repository's is run, and nothing is fetched. Where
there is no git, or no commit yet, there is no answer.
"""

from __future__ import annotations

import functools
import os

from titan_lint import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 20
"""After which git is not waited for any longer."""


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
    import subprocess

    if not paths or _git_folder(root) is None:
        return {}
    try:
        return _contents(root, tuple(paths), commit(root))
    except (OSError, subprocess.SubprocessError):
        # There is no git, or it cannot tell.
        return {}


@functools.lru_cache(maxsize=4)
def _contents(root: str, paths: Sequence[str], head: str) -> dict[str, bytes]:
    """As :func:`contents`, at a commit that is HEAD; an editor asks for the same ones time and again.

    Raises:
        OSError, SubprocessError: There is no git, or it cannot tell.
    """
    del head
    names = {os.path.relpath(path, root).replace(os.sep, "/"): path for path in paths}
    asked = [name for name in names if "\n" not in name]
    said = _git(root, "".join(f"HEAD:./{name}\n" for name in asked))
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


def _git(root: str, asked: str) -> bytes:
    """Ask git for objects.

    Raises:
        OSError, SubprocessError: There is no git, or it cannot tell.
    """
    import subprocess

    # A hook's own variables name another index and folder than the ones that lie here.
    mine = ("GIT_CEILING_DIRECTORIES", "GIT_EXEC_PATH", "GIT_TRACE")
    known = {k: v for k, v in os.environ.items() if k in mine or not k.startswith("GIT_")}
    known |= {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "--no-replace-objects", "-c", "core.fsmonitor=false", "cat-file", "--batch"]
    return subprocess.run(
        command,
        cwd=root,
        env=known,
        input=os.fsencode(asked),
        capture_output=True,
        timeout=_SECONDS,
        check=True,
    ).stdout


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
