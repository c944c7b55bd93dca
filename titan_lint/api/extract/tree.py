"""Reading torchtitan's Python files out of whatever holds them, without importing anything.

A source is a folder (a checkout, the ``torchtitan`` package itself, a site-packages folder), a wheel or
an sdist. What comes back is the text of each module by its dotted name.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from titan_lint import package_folder, read_file
from titan_lint.package_folder import PACKAGES
from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_VERSION = re.compile(r"^(?:__version__\s*=\s*[\"']|Version:\s*)?([0-9][^\s\"']*)", re.MULTILINE)
_DIGITS = 8
"""How much of the digest of a module is kept: of a module that was changed, one in a hundred million is taken for another."""
_SKIPPED_FOLDERS = frozenset({"tests", "__pycache__"})


class PackageError(Exception):
    """What was named is not a torchtitan that can be read; the message says why and what to do."""


class Tree(Struct):
    """The Python files of one torchtitan.

    Attributes:
        where: what was read, for messages.
        files: path below the root, with ``/``, to content.
        version: what the tree calls itself, empty when it doesn't say.
    """

    where: str
    files: dict[str, bytes] = field(repr=False)
    version: str = ""

    def digest(self) -> str:
        """Hexadecimal SHA-256 of the modules that ``modules`` gives: their paths and contents."""
        import hashlib  # Loads OpenSSL, which a check against a bundled surface does without.

        total = hashlib.sha256()
        for _, path, content in self.modules():
            total.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
        return total.hexdigest()

    def digests(self) -> dict[str, str]:
        """The first digits of the SHA-256 of each module, its path included: a package is not a module of one file."""
        import hashlib

        return {
            name: hashlib.sha256(path.encode() + b"\0" + content).hexdigest()[:_DIGITS]
            for name, path, content in self.modules()
        }

    def modules(self) -> Iterator[tuple[str, str, bytes]]:
        """Dotted name, path and content of every module outside ``tests`` folders, sorted by path."""
        for path in sorted(self.files):
            parts = PurePosixPath(path).with_suffix("").parts
            if _SKIPPED_FOLDERS & set(parts[:-1]) and parts[0] != "torchtitan_recipes":
                continue
            if not all(part.isidentifier() for part in parts):
                continue
            if parts[-1] == "__init__":
                parts = parts[:-1]
            yield ".".join(parts), path, self.files[path]


def read(source: str | Path) -> Tree:
    """Read the torchtitan at ``source``.

    Raises:
        PackageError: if there is nothing there, or it holds no torchtitan.
    """
    path = Path(source)
    if path.is_dir():
        return _folder(path)
    if not path.exists():
        raise PackageError(
            f"{path}: no such file or folder; name a torchtitan checkout, wheel or sdist"
        )
    if path.suffix in (".whl", ".zip"):
        return _zip(path)
    if path.name.endswith((".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz")):
        return _tar(path)
    raise PackageError(f"{path}: neither a folder nor a wheel (.whl) nor an sdist (.tar.gz)")


def from_tar(data: bytes, where: str) -> Tree:
    """Read a tar archive held in memory, such as ``git archive`` writes."""
    import io
    import tarfile

    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            members = ((m.name, m) for m in archive if m.isfile())
            files = {
                name: extracted.read()
                for name, member in members
                if _wanted(name) and (extracted := archive.extractfile(member)) is not None
            }
    except (tarfile.TarError, OSError, EOFError) as error:
        # One line for each compression that was tried; the first says it all.
        reason = str(error).partition("\n")[0].rstrip(":")
        raise PackageError(f"{where}: not a readable tar archive ({reason})") from error
    return _tree(where, files)


def _tar(path: Path) -> Tree:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PackageError(f"{path}: {error.strerror}") from error
    return from_tar(data, str(path))


def _zip(path: Path) -> Tree:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist() if _wanted(name)}
    except (zipfile.BadZipFile, OSError) as error:
        raise PackageError(f"{path}: not a readable wheel ({error})") from error
    return _tree(str(path), files)


def _folder(path: Path) -> Tree:
    root = path.parent if is_package(path) else path
    if not is_package(root / "torchtitan"):
        raise PackageError(
            f"{path}: not a torchtitan; expected the folder `torchtitan` with torchtitan's code in it"
        )
    files: dict[str, bytes] = {}
    for package in PACKAGES:
        for file in sorted((root / package).rglob("*.py")):
            try:
                files[file.relative_to(root).as_posix()] = read_file.read(file)
            except OSError as error:
                raise PackageError(f"{file}: {error.strerror}") from error
    for name in ("assets/version.txt", "torchtitan/assets/version.txt"):
        if (root / name).is_file():
            files[name] = read_file.read(root / name)
    for metadata in sorted(root.glob("torchtitan-*.dist-info/METADATA")):
        files[metadata.relative_to(root).as_posix()] = read_file.read(metadata)
    return _tree(str(path), files)


def is_package(path: Path) -> bool:
    """Whether the folder ``path`` is the package ``torchtitan`` itself, told by what is in it."""
    return package_folder.is_torchtitan(str(path))


def _wanted(name: str) -> bool:
    return name.endswith((".py", "/version.txt", "dist-info/METADATA", "PKG-INFO"))


def _tree(where: str, files: dict[str, bytes]) -> Tree:
    """Strip a leading folder, as sdists have one, and keep torchtitan's own files."""
    prefix = _prefix(files)
    if prefix is None:
        raise PackageError(
            f"{where}: holds no torchtitan (no folder `torchtitan` with its code in it)"
        )
    inside = {name[len(prefix) :]: data for name, data in files.items() if name.startswith(prefix)}
    kept = {
        name: data
        for name, data in inside.items()
        if name.endswith(".py") and name.partition("/")[0] in PACKAGES
    }
    return Tree(where, kept, _version(inside))


def _prefix(files: Iterable[str]) -> str | None:
    names = {f"/{name}" for name in files}
    marks = tuple(f"/torchtitan/{mark}" for mark in package_folder.MARKS[0])
    parents = {name.removesuffix(mark) for name in names for mark in marks if name.endswith(mark)}
    for parent in sorted(parents, key=len):
        below = {name.removeprefix(f"{parent}/torchtitan/") for name in names}
        if package_folder.has_marks(below.__contains__):
            return f"{parent[1:]}/" if parent else ""
    return None


def _version(files: dict[str, bytes]) -> str:
    """What the tree calls itself: wheel metadata, else a literal in `__init__`, else `version.txt`."""
    metadata = [n for n in sorted(files) if n.endswith(("dist-info/METADATA", "PKG-INFO"))]
    for name in (*metadata, "assets/version.txt", "torchtitan/assets/version.txt"):
        if name in files:
            found = _VERSION.search(files[name].decode("utf-8", "replace"))
            if found:
                # `Metadata-Version:` comes first in METADATA and is another version.
                return found[1]
    return ""
