"""The repositories of a survey: where they are, and how they are brought here."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from titan_lint import write_file
from titan_lint.typeguards import is_list, is_table

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

_PLACES = ("path", "git", "package", "archive")
_KEYS = (*_PLACES, "name", "revision", "folder")
_MEGABYTE = 1_000_000
_PATIENCE = 0.5
"""Seconds between two looks at how much was brought here."""
_ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")


class RepositoryError(Exception):
    """A list of repositories is wrong, or one cannot be had; the message is one clear sentence."""


class TooLargeError(RepositoryError):
    """A repository is larger than is wanted of one."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository of a survey.

    Attributes:
        name: What it is called; no two of a survey share it.
        kind: ``path``, ``git``, ``package`` or ``archive``.
        place: The folder, the address, the requirement (``verl==0.9.1``) or the file.
        revision: The commit, tag or branch to take of a git repository; its default branch if empty.
        folder: The part of it that is surveyed, relative to its root.
    """

    name: str
    kind: str
    place: str
    revision: str = ""
    folder: str = "."


def read(path: Path) -> list[Repository]:
    """The repositories of a list in TOML, of a folder that holds their checkouts, or the one that a path is.

    Raises:
        RepositoryError: There is nothing there, or the list is wrong.
    """
    if path.is_file() and path.suffix == ".toml":
        return _listed(path)
    if path.name.endswith(_ARCHIVES) and path.is_file():
        return [Repository(path.name, "archive", str(path.absolute()))]
    if not path.is_dir():
        raise RepositoryError(f"{path}: there is no such list, folder or archive")
    if (path / ".git").exists() or (path / "pyproject.toml").exists():
        return [_at(path)]
    return [_at(each) for each in sorted(path.iterdir()) if _holds_one(each)] or [_at(path)]


def require_names(repositories: Iterable[Repository], where: str = "") -> None:
    """See that no two repositories share a name.

    Raises:
        RepositoryError: Two do.
    """
    counts = Counter(each.name for each in repositories)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        raise RepositoryError(f"{where}two repositories are called {twice!r}; give one a `name`")


def _holds_one(path: Path) -> bool:
    if path.is_dir():
        return not path.name.startswith(".")
    return path.name.endswith(_ARCHIVES)


def _at(path: Path) -> Repository:
    kind = "path" if path.is_dir() else "archive"
    return Repository(path.absolute().name, kind, str(path.absolute()))


def _listed(path: Path) -> list[Repository]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RepositoryError(f"{path}: cannot be read as TOML: {error}") from error
    entries: object = document.get("repository")
    if not is_list(entries) or not entries or set(document) != {"repository"}:
        raise RepositoryError(f"{path}: expected [[repository]] tables, and nothing else")
    found = [_entry(entry, f"{path}: repository {i}") for i, entry in enumerate(entries, 1)]
    require_names(found, f"{path}: ")
    base = path.absolute().parent
    return [
        Repository(each.name, each.kind, str(base / each.place), each.revision, each.folder)
        if each.kind in ("path", "archive")
        else each
        for each in found
    ]


def _entry(entry: object, where: str) -> Repository:
    if not is_table(entry):
        raise RepositoryError(f"{where}: expected a table")
    values: dict[str, str] = {}
    for key, value in entry.items():
        if key not in _KEYS:
            raise RepositoryError(f"{where}: unknown key {key!r}; known are {', '.join(_KEYS)}")
        if not isinstance(value, str):
            raise RepositoryError(f"{where}: {key}: expected text")
        values[key] = value
    kinds = [kind for kind in _PLACES if kind in values]
    if len(kinds) != 1:
        raise RepositoryError(f"{where}: give one of {', '.join(_PLACES)}")
    if "revision" in values and kinds != ["git"]:
        raise RepositoryError(f"{where}: revision: only a git repository has one")
    place = values[kinds[0]]
    if place.startswith("-") or values.get("revision", "").startswith("-"):
        raise RepositoryError(f"{where}: {place!r} begins like an option")
    folder = values.get("folder", ".")
    if Path(folder).is_absolute() or ".." in Path(folder).parts:
        raise RepositoryError(f"{where}: folder: expected a path inside the repository")
    name = values.get("name") or place.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    return Repository(name, kinds[0], place, values.get("revision", ""), folder)


def obtain(repository: Repository, cache: Path, limit: int) -> tuple[Path, str]:
    """Bring a repository here.

    What comes from elsewhere is kept below ``cache`` by commit or digest, and not brought again.

    Args:
        repository: The repository.
        cache: Folder of what was brought here.
        limit: How many bytes may come from elsewhere, and how many they may be when they are unpacked.

    Returns:
        The folder to survey, and the revision, empty where the folder may change without one.

    Raises:
        RepositoryError: It cannot be had.
    """
    if repository.kind == "path":
        root, revision = Path(repository.place), _head(Path(repository.place))
    elif repository.kind == "git":
        root, revision = _cloned(repository, cache, limit)
    elif repository.kind == "package":
        root, revision = _unpacked(_downloaded(repository.place, cache, limit), cache, limit)
    else:
        root, revision = _unpacked(Path(repository.place), cache, limit)
    folder = root / repository.folder
    if not folder.is_dir():
        raise RepositoryError(f"{folder}: there is no such folder")
    return folder, revision


def _head(root: Path) -> str:
    """The commit of a checkout that is as it was committed."""
    if not (root / ".git").exists():
        return ""
    try:
        if _git(root, "status", "--porcelain"):
            return ""
        return _git(root, "rev-parse", "HEAD").strip()
    except RepositoryError:
        return ""


def _cloned(repository: Repository, cache: Path, limit: int) -> tuple[Path, str]:
    wanted = repository.revision
    key = hashlib.sha256(f"{repository.place}\0{wanted}".encode()).hexdigest()[:16]
    checkout = cache / "git" / key
    with _refusing(checkout, limit, lambda: _at_remote(repository.place, wanted, cache)):
        if not checkout.is_dir():
            with _beside(checkout) as scratch:
                _git(scratch, "init", "--quiet")
                _take(scratch, repository.place, wanted, limit)
                _settle(scratch, checkout)
        elif not _is_commit(wanted):
            # A branch may have moved since.
            _take(checkout, repository.place, wanted, limit)
    return checkout, _git(checkout, "rev-parse", "HEAD").strip()


def _take(checkout: Path, address: str, wanted: str, limit: int) -> None:
    """Bring what a revision is now into a checkout."""
    words = ("--quiet", "--depth=1", "--", address, wanted or "HEAD")
    _git(checkout, "fetch", *words, limit=limit)
    _git(checkout, "checkout", "--quiet", "--detach", "FETCH_HEAD", limit=limit)


def _at_remote(address: str, wanted: str, cache: Path) -> str:
    """The object that a revision of a git repository elsewhere is now."""
    if _is_commit(wanted):
        return wanted
    return _git(cache, "ls-remote", "--", address, wanted or "HEAD").partition("\t")[0]


@contextlib.contextmanager
def _refusing(place: Path, limit: int, revision: Callable[[], str]) -> Generator[None]:
    """Bring nothing here again that was refused before, at the same revision and under no smaller limit.

    Args:
        place: Where it would be kept; beside it refusals are remembered.
        limit: How many bytes may come from elsewhere.
        revision: Tells what would be brought here; asked only where something was refused.

    Raises:
        TooLargeError: It is, or was, too large.
    """
    note = place.with_name(f"{place.name}.refused")
    if note.is_file():
        refused, _, before = note.read_text("utf-8").partition(" ")
        if before.isdecimal() and limit <= int(before) and refused == revision():
            raise _too_large(limit)
    try:
        yield
    except TooLargeError:
        write_file.write(note, f"{revision()} {limit}".encode(), through=False)
        raise


def _is_commit(text: str) -> bool:
    return len(text) == 40 and all(letter in "0123456789abcdef" for letter in text)


def _git(folder: Path, *words: str, limit: int | None = None) -> str:
    # Hooks and filters of a repository are code of its own.
    quiet = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
    said = {"GIT_TERMINAL_PROMPT": "0"}
    return _run(f"git {words[0]}", ("git", *quiet, *words), folder, said, limit)


def _downloaded(requirement: str, cache: Path, limit: int) -> Path:
    """The wheel of a package, or its sdist where it has none."""
    key = hashlib.sha256(requirement.encode()).hexdigest()[:16]
    folder = cache / "packages" / key
    if not folder.is_dir():
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download")
        # pip builds an sdist to learn what it is called, so that a wheel of any platform is asked for first.
        words = ("--no-deps", "--only-binary=:all:", "--dest", ".", requirement)
        with _refusing(folder, limit, lambda: key), _beside(folder) as scratch:
            # What is on its way counts.
            said = {"TMPDIR": str(scratch)}
            _run(f"pip download {requirement}", (*pip, *words), scratch, said, limit)
            if not any(scratch.iterdir()):
                raise RepositoryError(f"pip download {requirement}: it brought nothing")
            _settle(scratch, folder)
    return next(folder.iterdir())


def _run(
    name: str, command: Sequence[str], folder: Path, said: Mapping[str, str], limit: int | None
) -> str:
    """What a command prints that may bring something into the folder that it runs in.

    Args:
        name: What messages call it.
        command: Its words.
        folder: The folder.
        said: Environment variables besides those that are there.
        limit: How many bytes it may bring; any number if ``None``.

    Raises:
        RepositoryError: It failed, or brought more.
    """
    most = None if limit is None else _size(folder) + limit
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **said},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise RepositoryError(f"{command[0]} cannot be run: {error.strerror}") from error
    with process:
        while True:
            try:
                out, err = process.communicate(timeout=None if most is None else _PATIENCE)
                break
            except subprocess.TimeoutExpired:
                if most is not None and _size(folder) > most:
                    process.kill()
    if limit is not None and most is not None and _size(folder) > most:
        raise _too_large(limit)
    if process.returncode:
        last = (err.strip().splitlines() or ["no message"])[-1]
        raise RepositoryError(f"{name}: {last}")
    return out


def _size(folder: Path) -> int:
    """How many bytes the files of a folder have."""
    found = 0
    for parent, _, files in os.walk(folder):
        for file in files:
            # What is in the making comes and goes.
            with contextlib.suppress(OSError):
                found += os.lstat(os.path.join(parent, file)).st_size  # noqa: PTH118
    return found


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"it is larger than {limit / _MEGABYTE:g} MB, the limit")


def _unpacked(archive: Path, cache: Path, limit: int) -> tuple[Path, str]:
    try:
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        folder = cache / "archives" / digest[:16]
        if not folder.is_dir():
            with _refusing(folder, limit, lambda: digest), _beside(folder) as scratch:
                if zipfile.is_zipfile(archive):
                    with zipfile.ZipFile(archive) as opened:
                        _require_size((each.file_size for each in opened.infolist()), limit)
                        opened.extractall(scratch)
                else:
                    with tarfile.open(archive) as opened:
                        _require_size((each.size for each in opened), limit)
                        opened.extractall(scratch, filter="data")
                _settle(scratch, folder)
    except (OSError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise RepositoryError(f"{archive.name}: cannot be unpacked: {error}") from error
    inside = list(folder.iterdir())
    # An sdist holds one folder.
    is_sdist = len(inside) == 1 and inside[0].is_dir() and archive.suffix != ".whl"
    return inside[0] if is_sdist else folder, f"sha256:{digest}"


def _require_size(sizes: Iterable[int], limit: int) -> None:
    found = 0
    for size in sizes:
        found += size
        if found > limit:
            raise _too_large(limit)


@contextlib.contextmanager
def _beside(wanted: Path) -> Generator[Path]:
    """A folder for what is in the making, beside where it shall be; removed unless it was settled."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".making-", dir=wanted.parent))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _settle(scratch: Path, wanted: Path) -> None:
    """Move what is complete to its place; whoever was there first is right."""
    try:
        scratch.rename(wanted)
    except OSError:
        if not wanted.is_dir():
            raise
