"""All data on torchtitan in one file: surfaces, main's commits, the catalogue of changes and its facts.

A package is a zip with the files that come with titan-lint below ``titan_lint/api``, by their paths from there, and a
manifest with their digests. One that knows a later torchtitan takes the place of what came with titan-lint, whole:
the rows of one and the surfaces of another need not go together.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

from titan_lint import newer_data, read_file
from titan_lint.structs import Struct
from titan_lint.typeguards import is_table
from titan_lint.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    import zipfile
    from collections.abc import Mapping
    from typing import Any

    Root = Path | zipfile.Path

OWN = Path(__file__).parent
"""The folder of what comes with titan-lint."""

FORMAT = 5
"""Raised where an older titan-lint would not read the files of a package, or a newer one those of an older one."""

MANIFEST = "manifest.json"
INDEX = "data/index.json"
_LIMIT = 100_000_000
"""Bytes that a file of a package may have: a hundred times what all have."""


class DataPackageError(Exception):
    """A package is not used; the message says why."""


class Loaded(Struct):
    """The data in use.

    Attributes:
        root: The folder with the files.
        where: What messages call the place that it comes from.
        trouble: Why the package in the cache is not in use, though it should be; empty otherwise.
    """

    root: Root
    where: str
    trouble: str = ""


@functools.cache
def loaded() -> Loaded:
    """The data in use: the package in the cache where it knows a later torchtitan, else what came with titan-lint.

    It is read whole, so that a process has the same data from its start to its end.
    """
    own = Loaded(OWN, f"titan-lint {__version__}")
    path = newer_data.file()
    if path is None:
        return own
    try:
        data = read_file.read(path)
    except OSError:
        return own
    try:
        files = unpacked(data, path)
        manifest = read_manifest(files, path)
        is_newer = keys(files[INDEX]).keys() > own_keys().keys()
    except (DataPackageError, KeyError, ValueError, TypeError):
        trouble = f"the data in {path} is damaged or of another version, and not used: `titan-lint api update`"
        return Loaded(own.root, own.where, f"{trouble} writes it anew")
    if not is_newer:
        return own
    return Loaded(opened(data, path), f"{path}, built on {manifest['made']}")


def file(name: str) -> Root:
    """A file of the data in use, by its path from ``titan_lint/api``."""
    return loaded().root.joinpath(name)


def keys(index: bytes) -> dict[str, str]:
    """The surfaces of an index, by their keys, with the fingerprints of their facts."""
    return {entry["key"]: entry["sha256"] for entry in json.loads(index)["surfaces"]}


@functools.cache
def own_keys() -> dict[str, str]:
    """See :func:`keys`, of what comes with titan-lint."""
    return keys(OWN.joinpath(INDEX).read_bytes())


def read_manifest(files: Mapping[str, bytes], where: str) -> dict[str, Any]:
    """The manifest among the files of a package.

    Raises:
        DataPackageError: There is none, or one of another format.
    """
    try:
        manifest: object = json.loads(files[MANIFEST])
    except (KeyError, ValueError) as error:
        raise DataPackageError(f"{where}: no data package: it has no {MANIFEST}") from error
    if not is_table(manifest) or manifest.get("format") != FORMAT:
        found = manifest.get("format") if is_table(manifest) else None
        raise DataPackageError(
            f"{where}: a data package of format {found}, and titan-lint {__version__} reads format {FORMAT}"
        )
    if not isinstance(manifest.get("made"), str) or not is_table(manifest.get("files")):
        raise DataPackageError(f"{where}: no data package: its {MANIFEST} lacks `made` or `files`")
    return manifest


def opened(data: bytes, where: str) -> zipfile.Path:
    """What stands for the folder ``titan_lint/api`` in a package."""
    import io
    import zipfile

    archive = zipfile.ZipFile(io.BytesIO(data))
    archive.filename = where
    return zipfile.Path(archive)


def unpacked(data: bytes, where: str) -> dict[str, bytes]:
    """The files in a zip.

    Raises:
        DataPackageError: It is none, or damaged.
    """
    import io
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(info.file_size > _LIMIT for info in archive.infolist()):
                raise DataPackageError(f"{where}: no data package: a file in it is too large")
            return {info.filename: archive.read(info) for info in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise DataPackageError(f"{where}: no data package, or damaged: {error}") from error
