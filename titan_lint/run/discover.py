"""Find files and read their bytes."""

from __future__ import annotations

import os
import stat

from titan_lint import read_file
from titan_lint.code.screen import JOBS, is_any_json, is_for_jobs, is_script, may_be_job
from titan_lint.config.nearest import Nearest
from titan_lint.config.toml import NAMES as CONFIGURATIONS
from titan_lint.documents import NOTEBOOK, is_document
from titan_lint.documents import SUFFIXES as DOCUMENTS
from titan_lint.read_file import kind
from titan_lint.run import ignore, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from titan_lint.config.settings import Settings
    from titan_lint.run.ignore import Ignore

    T = TypeVar("T")

SUFFIXES = (".py", ".pyi", ".pyw")
_BY_DEFAULT = (*SUFFIXES, NOTEBOOK, *JOBS)


class ReadError(Exception):
    """A file or directory cannot be read; the message is one clear sentence."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.message = message


class Found:
    """What there is to check.

    Attributes:
        paths: Absolute paths of files, ordered.
        errors: What could not be looked into.
        walked: The folders that were looked into.
        named: The folders that were named, and those of the files that were.
        nearest: The settings for each folder.
    """

    __slots__ = ("errors", "named", "nearest", "paths", "walked")

    def __init__(self, nearest: Nearest) -> None:
        self.nearest = nearest
        self.paths: list[str] = []
        self.errors: list[ReadError] = []
        self.walked: list[str] = []
        self.named: dict[str, None] = {}

    @property
    def programs(self) -> list[str]:
        """The files that are programs, and not documents that hold some, job configs or launch scripts."""
        return [path for path in self.paths if not is_document(path) and not is_for_jobs(path)]


def discover(nearest: Nearest) -> Found:
    """Find the files to check: those named outright, and in named directories what is included."""
    settings, found = nearest.run, Found(nearest)
    named: set[str] = set()
    here = os.getcwd()
    for path in settings.paths:
        absolute = os.path.normpath(os.path.join(here, path))
        try:
            mode = os.stat(absolute).st_mode
        except (OSError, ValueError) as error:
            found.errors.append(ReadError(absolute, _reason(error)))
            continue
        if is_excluded(found.nearest, absolute):
            continue
        if stat.S_ISDIR(mode):
            found.named[absolute] = None
            _walk(absolute, found)
        elif stat.S_ISREG(mode):
            # It may have a configuration of its own, which must not be wrong.
            nearest.of(os.path.dirname(absolute))
            found.named[os.path.dirname(absolute)] = None
            found.paths.append(absolute)
            named.add(absolute)
        else:
            found.errors.append(ReadError(absolute, f"{kind(mode)}, not a regular file"))
    found.paths = [path for path in found.paths if path in named or not _is_other(path)]
    if len(settings.paths) > 1:
        found.paths = _once(found.paths)
    found.paths.sort()
    return found


def below(
    root: str,
    settings: Settings,
    enters: Callable[[str], bool],
    suffixes: tuple[str, ...] = SUFFIXES,
) -> list[str]:
    """The files in a folder and in those of its folders that are to be entered, in any order: those of Python.

    Or those with other suffixes. What cannot be read holds none.
    """
    found = Found(Nearest(settings))
    _walk(root, found, enters, suffixes)
    return found.paths


def read(path: str) -> bytes:
    """Read a file.

    Raises:
        ReadError: It cannot be read, or is no regular file.
    """
    try:
        return read_file.read(path)
    except OSError as error:
        raise ReadError(path, _reason(error)) from error


class Contents:
    """What files held when they were first read; as much of it is kept as most projects are large.

    Attributes:
        room: How many bytes more are kept, where that is above zero.
    """

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self.room = _KEPT

    def __reduce__(self) -> tuple[type[Contents], tuple[()]]:
        """Another process reads for itself."""
        return Contents, ()

    def read(self, path: str) -> bytes:
        """As :func:`read`."""
        data = self._kept.get(path)
        if data is None:
            data = read(path)
            if self.room > 0:
                self.keep(path, data)
        return data

    def once(self, path: str, ask: Callable[[bytes], T]) -> T:
        """What ``ask`` works out about what a file holds.

        Raises:
            ReadError: It cannot be read.
        """
        return ask(self.read(path))

    def keep(self, path: str, data: bytes) -> None:
        """Keep what was read of a file; to be asked for while there is room."""
        self.room -= len(data)
        self._kept[path] = data

    def drop(self, is_left: Callable[[str], bool]) -> None:
        """Forget the files that nobody asks for again."""
        for path in [path for path in self._kept if is_left(path)]:
            self.room += len(self._kept.pop(path))


_KEPT = 5_000_000
"""Bytes."""


def require_python(path: str, data: bytes) -> None:
    """Make sure that a file holds Python, may be a job config or may start a job: by its suffix, else by what it holds.

    Raises:
        ReadError: It is something else.
    """
    if path.endswith(SUFFIXES) or is_document(path):
        return
    if is_for_jobs(path):
        if may_be_job(path, data):
            return
        what = (
            "starts no training of torchtitan"
            if is_script(path)
            else "is no job config of torchtitan"
        )
        raise ReadError(path, what)
    first, _, _ = data.partition(b"\n")
    if first.startswith(b"#!"):
        if b"python" in first or b"uv run" in first:
            return
    elif not os.path.splitext(path)[1] and _parses(data):
        return
    raise ReadError(
        path,
        f"is no Python file: its name ends in none of {', '.join((*SUFFIXES, *DOCUMENTS))}, and what it "
        "holds does not say otherwise",
    )


def _parses(data: bytes) -> bool:
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(ast.parse(data).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _is_other(path: str) -> bool:
    """Whether a file certainly is no job config, and holds no command that starts a job."""
    if not is_for_jobs(path):
        return False
    try:
        if is_any_json(path) and os.path.getsize(path) > LARGE_JSON:
            return True
        return not may_be_job(path, read(path))
    except (ReadError, OSError):
        return True


LARGE_JSON = 1 << 17
"""Bytes from which on JSON in a folder is data, whatever it names."""

MANY_JSON = 100
"""How many files of JSON one folder may have; where it has more, they are data."""


def relative(path: str) -> str:
    """Make an absolute path relative to here where it is below."""
    here = os.getcwd() + os.sep
    return path[len(here) :] if path.startswith(here) else path


def printable(text: str) -> str:
    """Make text printable on one line: control characters, and bytes that are no UTF-8, as escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    # How Python keeps the bytes of file names that are no UTF-8.
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


def _walk(
    root: str,
    found: Found,
    enters: Callable[[str], bool] | None = None,
    suffixes: tuple[str, ...] | None = None,
) -> None:
    """Find files: those with some suffixes, or those that the settings for their folder include."""
    paths, first = found.paths, found.nearest.of(root)
    pending: list[tuple[str, Ignore | None, Settings]] = []
    pending.append((root, ignore.around(root) if first.respect_gitignore else None, first))
    while pending:
        directory, rules, mine = pending.pop()
        try:
            with os.scandir(directory) as scan:
                entries = list(scan)
        except OSError as error:
            found.errors.append(ReadError(directory, _reason(error)))
            continue
        found.walked.append(directory)
        names = {entry.name for entry in entries}
        if not names.isdisjoint(CONFIGURATIONS):
            mine = found.nearest.of(directory)
        if mine.respect_gitignore:
            has_git, has_ignore = ".git" in names, ".gitignore" in names
            if has_git or has_ignore:
                rules = ignore.enter(directory, rules, has_git=has_git, has_ignore=has_ignore)
        else:
            rules = None
        exclude = mine.exclude.match
        included = mine.include.match if mine.include and suffixes is None else None
        wanted = suffixes or (_BY_DEFAULT if mine.includes_default else ())
        is_data = wanted is _BY_DEFAULT and sum(map(is_any_json, names)) > MANY_JSON
        for entry in entries:
            name, path = entry.name, entry.path
            is_dir = entry.is_dir(follow_symlinks=False)
            if not is_dir and not (
                name.endswith(wanted)
                or (wanted is _BY_DEFAULT and is_script(name))
                or (included is not None and included(path, name))
            ):
                if name.endswith(replace.TEMPORARY):
                    _remove_stale(path)
                continue
            if is_data and not is_dir and is_any_json(name):
                continue
            if exclude(path, name) or (rules is not None and rules.match(path, name, is_dir)):
                continue
            if is_dir:
                if enters is None or enters(path):
                    pending.append((path, rules, mine))
            elif entry.is_file(follow_symlinks=False):
                paths.append(path)
            elif not entry.is_symlink():
                mode = entry.stat(follow_symlinks=False).st_mode
                found.errors.append(ReadError(path, f"{kind(mode)}, not a regular file"))


def _remove_stale(path: str) -> None:
    if replace.is_temporary(os.path.basename(path)):
        replace.remove_stale(path)


def is_excluded(nearest: Nearest, path: str) -> bool:
    """Whether a path that is named outright is left out: it, or a directory of the project around it, is excluded."""
    if not nearest.run.force_exclude:
        return False
    while path.startswith(nearest.run.project + os.sep):
        around, name = os.path.split(path)
        if nearest.of(around).exclude.match(path, name):
            return True
        path = around
    return False


def _once(paths: list[str]) -> list[str]:
    """Keep one path for each file that was reached in several ways, links included."""
    real: dict[str, str] = {}
    directories: dict[str, str] = {}
    for path in paths:
        directory, _, name = path.rpartition(os.sep)
        if os.path.islink(path):
            key = os.path.realpath(path)
        else:
            if directory not in directories:
                directories[directory] = os.path.realpath(directory)
            key = os.path.join(directories[directory], name)
        real.setdefault(key, path)
    return list(real.values())


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
