"""Surfaces of paths and installations, kept between runs.

An entry is kept by what made it: the digest of the files, the versions of titan-lint and griffe, and
the bundled surfaces it was compared with. One that is damaged, or written by somebody else, is as
good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json

from titan_lint import read_file, write_file
from titan_lint.api import data_package
from titan_lint.api.identify import Match
from titan_lint.api.pack import Pack, PackedRecords, PackError, canonical
from titan_lint.api.pack import write as pack
from titan_lint.cache_folder import holds_other_files, prepare
from titan_lint.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from titan_lint.api.entities import Record

_CHECKSUM = hashlib.sha256().digest_size
_HEAD = 4
"""Bytes that hold the length of the comparison's result."""


def read(folder: Path, digest: str) -> tuple[PackedRecords, Match] | None:
    """What is kept of the tree with this digest, ``None`` when nothing sound is."""
    path = _path(folder, digest)
    try:
        data = read_file.read(path)
    except OSError:
        return None
    checksum, content = data[:_CHECKSUM], data[_CHECKSUM:]
    if hashlib.sha256(content).digest() != checksum:
        return None
    start = _HEAD + int.from_bytes(content[:_HEAD], "big")
    try:
        match: dict[str, Any] = json.loads(content[_HEAD:start])
        return PackedRecords(Pack(str(path), content[start:]), 0), Match(**match)
    except (PackError, ValueError, TypeError):
        return None


def write(folder: Path, digest: str, modules: Mapping[str, Record], match: Match) -> None:
    """Keep a surface. A folder that cannot be written to is no reason to fail."""
    head = canonical({"key": match.key, "differing": match.differing})
    content = len(head).to_bytes(_HEAD, "big") + head + pack([modules])
    path = _path(folder, digest)
    # A tree that is only to be checked may hold a link that leads out of it.
    if path.parent.is_symlink():
        return
    with contextlib.suppress(OSError):
        if not holds_other_files(str(folder)):
            prepare(str(folder))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file.write(path, hashlib.sha256(content).digest() + content, through=False)


def _path(folder: Path, digest: str) -> Path:
    index = data_package.file("data/index.json").read_text(encoding="utf-8")
    made_by = (digest, __version__, _griffe_version(), index)
    name = hashlib.sha256("\0".join(made_by).encode()).hexdigest()
    return folder / "surfaces" / f"{name}.pack"


def _griffe_version() -> str:
    from importlib import metadata

    for name in ("griffelib", "griffe"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return ""
