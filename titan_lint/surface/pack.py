"""The file format of bundled surfaces: many versions of many modules, little said twice.

A pack is a JSON directory and one block per module name. A block holds every definition that any
surface has under that module, once, and the versions of the module as lists of indices into them; the
directory says which version each surface has. Blocks are compressed apart, so that reading a surface
costs only the modules that are asked about. Everything inside is JSON.

Layout: 8 bytes magic, 8 bytes length of the directory (big endian), the directory, the blocks; the
directory and each block are zlib streams. Offsets count from the end of the directory.
"""

from __future__ import annotations

import json
import zlib
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from titan_lint.surface.model import Record

_MAGIC = b"TTNPACK1"
_HEADER = len(_MAGIC) + 8
_ABSENT = -1


class PackError(Exception):
    """The file is not a pack, or is damaged; the message names it."""


def canonical(value: Any) -> bytes:
    """`value` as JSON in one form: keys in their order, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def write(surfaces: Sequence[Mapping[str, Record]]) -> bytes:
    """A pack of `surfaces`, each a mapping from module names to records; numbered in their order."""
    modules: dict[str, list[Any]] = {}
    names: dict[str, list[int]] = {}
    blocks: list[bytes] = []
    offset = 0
    for number, module in enumerate(sorted({name for surface in surfaces for name in surface})):
        block, at = _block([surface.get(module) for surface in surfaces])
        data = zlib.compress(canonical(block), 9)
        runs = [[len(list(group)), version] for version, group in groupby(at)]
        modules[module] = [offset, len(data), runs]
        blocks.append(data)
        offset += len(data)
        for name in sorted({n for surface in surfaces for n in _bound(surface.get(module))}):
            names.setdefault(name, []).append(number)
    directory = zlib.compress(
        canonical({"modules": modules, "names": dict(sorted(names.items()))}), 9
    )
    return b"".join([_MAGIC, len(directory).to_bytes(8, "big"), directory, *blocks])


def _bound(record: Record | None) -> Iterable[str]:
    return (record or {}).get("members", ())


def _block(versions: Sequence[Record | None]) -> tuple[dict[str, Any], list[int]]:
    """The block for the versions of one module, and the number of each surface's version in it."""
    objects: dict[bytes, int] = {}
    stored: list[Record] = []
    modules: dict[bytes, int] = {}
    at: list[int] = []
    for record in versions:
        if record is None:
            at.append(_ABSENT)
            continue
        members = {
            name: objects.setdefault(canonical(member), len(objects))
            for name, member in record["members"].items()
        }
        lean = {**record, "members": members}
        key = canonical(lean)
        if key not in modules:
            modules[key] = len(stored)
            stored.append(lean)
        at.append(modules[key])
    return {"objects": [json.loads(key) for key in objects], "versions": stored}, at


class Pack:
    """A pack, unpacked piece by piece.

    Args:
        where: what it was read from, for messages.
        data: its bytes.

    Raises:
        PackError: if it is none, here or when a piece is unpacked.
    """

    def __init__(self, where: str, data: bytes) -> None:
        self._where = where
        self._data = data
        self._blocks: dict[str, dict[str, Any]] = {}
        self._records: dict[tuple[str, int], Record] = {}
        if not data.startswith(_MAGIC):
            raise PackError(f"{where}: not a pack of surfaces; reinstall titan-lint")
        self._start = _HEADER + int.from_bytes(data[len(_MAGIC) : _HEADER], "big")
        self._directory = self._load(data[_HEADER : self._start])

    @cached_property
    def _module_names(self) -> tuple[str, ...]:
        return tuple(self._directory["modules"])

    def _load(self, data: bytes) -> dict[str, Any]:
        try:
            return json.loads(zlib.decompress(data))
        except (zlib.error, ValueError) as error:
            raise PackError(f"{self._where}: damaged ({error}); reinstall titan-lint") from error

    def modules_of(self, surface: int) -> dict[str, int]:
        """Names of the modules of surface number `surface`, each with its version in its block."""
        return self._modules_of.get(surface, {})

    @cached_property
    def _modules_of(self) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = {}
        for name, (_, _, runs) in self._directory["modules"].items():
            position = 0
            for length, version in runs:
                if version != _ABSENT:
                    for surface in range(position, position + length):
                        found.setdefault(surface, {})[name] = version
                position += length
        return found

    def modules_with(self, name: str) -> list[str]:
        """Modules that bind `name` at their top level in any surface."""
        return [self._module_names[number] for number in self._directory["names"].get(name, ())]

    def record(self, module: str, version: int) -> Record:
        """Version number `version` of `module`: the same object for all surfaces that have it."""
        key = module, version
        if key not in self._records:
            block = self._block(module)
            record: Record = block["versions"][version]
            objects = block["objects"]
            members = {n: objects[i] for n, i in record["members"].items()}
            self._records[key] = {**record, "members": members}
        return self._records[key]

    def compare(self, module: str, record: Record | None) -> tuple[list[int], list[int]]:
        """For each version of `module`: how many members `record` shares with it, and how many it has."""
        block = self._block(module)
        numbers = {canonical(value): number for number, value in enumerate(block["objects"])}
        own = {
            (n, numbers.get(canonical(m)))
            for n, m in (record or {"members": {}})["members"].items()
        }
        members = [set(version["members"].items()) for version in block["versions"]]
        return [len(own & version) for version in members], [len(version) for version in members]

    def _block(self, module: str) -> dict[str, Any]:
        block = self._blocks.get(module)
        if block is None:
            offset, length, _ = self._directory["modules"][module]
            start = self._start + offset
            block = self._blocks[module] = self._load(self._data[start : start + length])
        return block


class PackedRecords:
    """One surface of a pack, as `Surface` reads it."""

    def __init__(self, pack: Pack, number: int) -> None:
        self._pack = pack
        self._versions = pack.modules_of(number)

    @property
    def names(self) -> Iterable[str]:
        """Dotted names of all modules."""
        return self._versions

    def record(self, name: str) -> Record:
        """Record of one module."""
        return self._pack.record(name, self._versions[name])

    def modules_with(self, name: str) -> Iterable[str]:
        """Modules that bind `name` at their top level."""
        return [m for m in self._pack.modules_with(name) if m in self._versions]
