"""Make a package of data on torchtitan, and take one."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

from titan_lint import newer_data, read_file, write_file
from titan_lint.api import bundle
from titan_lint.api.changes import facts, load_rows
from titan_lint.api.changes.records import load_record
from titan_lint.api.changes.rows import KINDS
from titan_lint.api.data_package import (
    FORMAT,
    INDEX,
    MANIFEST,
    OWN,
    DataPackageError,
    keys,
    opened,
    own_keys,
    read_manifest,
    unpacked,
)
from titan_lint.api.pack import PackedRecords, PackError, fingerprint
from titan_lint.cache_folder import prepare
from titan_lint.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from titan_lint.api.data_package import Root

_FOLDERS = ("data", "changes/data", "changes/facts_data")


def write() -> bytes:
    """A package of what comes with titan-lint, the same bytes for the same files on the same day."""
    contents = {name: OWN.joinpath(name).read_bytes() for name in _names()}
    manifest = {
        "format": FORMAT,
        "made": str(datetime.datetime.now(datetime.UTC).date()),
        "files": {name: _digest(content) for name, content in contents.items()},
    }
    return _packed({MANIFEST: json.dumps(manifest, indent=1).encode(), **contents})


def update(source: Path, wanted: str = "") -> Path:
    """Keep a package in the cache, from now on in use.

    Args:
        source: The package, or a folder that it was unpacked to.
        wanted: The SHA-256 that the package has to have, or the manifest of a folder; empty for any.

    Returns:
        The file that it is kept in.

    Raises:
        DataPackageError: It is none that can be used, or cannot be kept. What was kept stays.
    """
    target = newer_data.file()
    if target is None:
        raise DataPackageError(
            f"nothing is to be kept: the environment variable {newer_data.VARIABLE} is empty"
        )
    try:
        if source.is_dir():
            named = (MANIFEST, *_names())
            files = {n: read_file.read(source / n) for n in named if source.joinpath(n).exists()}
            signed = files.get(MANIFEST, b"")
        else:
            signed = read_file.read(source)
            files = unpacked(signed, str(source))
    except OSError as error:
        raise DataPackageError(f"{source}: cannot be read: {error.strerror}") from error
    if wanted and _digest(signed) != wanted.strip().lower():
        raise DataPackageError(
            f"{source}: its SHA-256 is {_digest(signed)}, and not the one that was asked for"
        )
    _check(files, str(source))
    try:
        prepare(str(Path(target).parent))
        write_file.write(target, _packed(files), through=False)
    except OSError as error:
        raise DataPackageError(f"{target}: cannot be written: {error.strerror}") from error
    return Path(target)


def _check(files: Mapping[str, bytes], where: str) -> None:
    """Refuse what is no whole, sound package with a later torchtitan."""
    digests = read_manifest(files, where)["files"]
    names = _names()
    lacking = [name for name in names if name not in files]
    if lacking:
        raise DataPackageError(f"{where}: incomplete: it lacks {lacking[0]}")
    strange = [name for name in files if name not in (MANIFEST, *names)]
    if strange:
        raise DataPackageError(f"{where}: {strange[0]} is no part of a data package")
    wrong = [name for name in names if digests.get(name) != _digest(files[name])]
    if wrong:
        raise DataPackageError(f"{where}: damaged: {wrong[0]} is not what its digest says")
    try:
        _check_newer(keys(files[INDEX]), where)
        _read_all(opened(_packed(files), where))
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise DataPackageError(
            f"{where}: not what titan-lint {__version__} reads: {error}"
        ) from error


def _check_newer(known: Mapping[str, str], where: str) -> None:
    lost = [key for key in own_keys() if key not in known]
    if lost or len(known) == len(own_keys()):
        why = f"it does not know {lost[0]}" if lost else "it knows no other torchtitan"
        raise DataPackageError(
            f"{where}: not newer than what comes with titan-lint {__version__}: {why}"
        )


def _read_all(root: Root) -> None:
    """Read what is no part of titan-lint itself once, as runs will.

    Raises:
        ValueError: One is not as it is read here.
    """
    for kind in KINDS:
        load_rows(kind, root.joinpath(f"changes/data/{kind.file}.json"))
    for name, record in facts.FILES.items():
        load_record(record, root.joinpath(f"changes/facts_data/{name}.json"))
    try:
        packed = bundle.read_pack(root)
        for number, entry in enumerate(bundle.read_index(root).values()):
            if own_keys().get(entry.key) == entry.sha256:
                continue
            records = PackedRecords(packed, number)
            if fingerprint({name: records.record(name) for name in records.names}) != entry.sha256:
                raise ValueError(f"the facts of {entry.key} are others than its index says")
    except PackError as error:
        raise ValueError(str(error)) from error


def _names() -> list[str]:
    """The files of a package, by their paths."""
    return sorted(
        path.relative_to(OWN).as_posix()
        for folder in _FOLDERS
        for path in OWN.joinpath(folder).iterdir()
        if path.suffix in (".json", ".pack")
    )


def _digest(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def _packed(files: Mapping[str, bytes]) -> bytes:
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
