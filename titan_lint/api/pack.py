"""The file format of bundled surfaces: many versions of many modules, little said twice.

A pack is a JSON directory, one block per module name, and some indexes. A block holds every definition
that any surface has under that module, once, and the versions of the module as lists of indices into
them; the directory says which version each surface has. Blocks are compressed apart, so that reading a
surface costs only the modules that are asked about. They are JSON.

An index is one of `titan_lint.api.surface.INDEXES`, for all surfaces together: lines of a key, a tab, and
the numbers of modules in the order of the directory. It is searched as it is, since reading it as JSON
takes longer than the few questions of a run.

The sources tell which file each module was made from: by its name, the digests of the file
(`titan_lint.api.extract.tree.Tree.digests`) in the order of the surfaces, each with how many in a row have it. In the
same way they tell, by the path of a function, from which modules was read what values it accepts.

Layout: 8 bytes magic, 8 bytes length of the directory (big endian), the directory, the blocks, the
indexes and the sources; each is a zlib stream. Offsets count from the end of the directory.
"""

from __future__ import annotations

import json
import zlib
from functools import cached_property
from itertools import groupby

from titan_lint.api import indexes
from titan_lint.api.surface import INDEXES
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from titan_lint.api.entities import Record

_MAGIC = b"TTNPACK2"
_HEADER = len(_MAGIC) + 8
_ABSENT = -1


class PackError(Exception):
    """The file is not a pack, or is damaged; the message names it."""


class Sources(Struct):
    """What a surface was made from.

    Attributes:
        digests: The digest of the file of each module.
        values: By the path of a function, the modules from which was read what values it accepts.
    """

    digests: Mapping[str, str]
    values: Mapping[str, Sequence[str]]


def canonical(value: Any) -> bytes:
    """``value`` as JSON in one form: keys in their order, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def fingerprint(modules: Mapping[str, Record]) -> str:
    """Hexadecimal SHA-256 of the facts, the same wherever and whenever they were extracted."""
    import hashlib  # Loads OpenSSL, which a check against a bundled surface does without.

    return hashlib.sha256(canonical(modules)).hexdigest()


def write(surfaces: Sequence[Mapping[str, Record]], sources: Sequence[Sources] = ()) -> bytes:
    """A pack of ``surfaces``, each a mapping from module names to records; numbered in their order.

    Args:
        surfaces: The surfaces.
        sources: For each of them, what it was made from; none where nobody will ask.
    """
    modules: dict[str, list[Any]] = {}
    pieces: list[bytes] = []
    offset = 0

    def store(content: bytes) -> list[int]:
        nonlocal offset
        pieces.append(zlib.compress(content, 9))
        offset += len(pieces[-1])
        return [offset - len(pieces[-1]), len(pieces[-1])]

    numbers: dict[str, int] = {}
    for module in sorted({name for surface in surfaces for name in surface}):
        numbers[module] = len(numbers)
        block, at = _block([surface.get(module) for surface in surfaces])
        runs = [[len(list(group)), version] for version, group in groupby(at)]
        modules[module] = [*store(canonical(block)), runs]
    found: dict[str, dict[str, set[int]]] = {index: {} for index in INDEXES}
    for surface in surfaces:
        for index, keys in indexes.build(surface).items():
            for key, holders in keys.items():
                found[index].setdefault(key, set()).update(numbers[m] for m in holders)
    stored = {index: store(_lines(keys)) for index, keys in found.items()}
    parts: dict[str, Any] = {"modules": modules, "indexes": stored}
    if sources:
        digests = _runs([source.digests for source in sources], "")
        values = _runs(
            [
                {
                    path: " ".join(str(numbers[m]) for m in asked)
                    for path, asked in source.values.items()
                }
                for source in sources
            ],
            "",
        )
        parts["sources"] = store(canonical({"digests": digests, "values": values}))
    directory = zlib.compress(canonical(parts), 9)
    return b"".join([_MAGIC, len(directory).to_bytes(8, "big"), directory, *pieces])


def _runs(by_surface: Sequence[Mapping[str, str]], absent: str) -> dict[str, list[list[Any]]]:
    """By each key the texts that it has in the surfaces, each with how many in a row have it."""
    return {
        key: [
            [len(list(group)), text]
            for text, group in groupby(one.get(key, absent) for one in by_surface)
        ]
        for key in sorted({key for one in by_surface for key in one})
    }


def _lines(keys: Mapping[str, set[int]]) -> bytes:
    lines = (f"{key}\t{' '.join(map(str, sorted(keys[key])))}" for key in sorted(keys))
    return "\n".join(["", *lines, ""]).encode()


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


def _unrolled(runs: Iterable[tuple[int, str]]) -> list[str]:
    return [text for length, text in runs for _ in range(length)]


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
        self._indexes: dict[str, bytes] = {}
        self._looked_up: dict[tuple[str, str], list[str]] = {}
        self._records: dict[tuple[str, int], Record] = {}
        if not data.startswith(_MAGIC):
            raise PackError(f"{where}: not a pack of surfaces; reinstall titan-lint")
        self._start = _HEADER + int.from_bytes(data[len(_MAGIC) : _HEADER], "big")
        self._directory = self._load(data[_HEADER : self._start])

    @cached_property
    def module_names(self) -> tuple[str, ...]:
        """Dotted names of the modules that any surface has."""
        return tuple(self._directory["modules"])

    def _load(self, data: bytes) -> dict[str, Any]:
        try:
            return json.loads(self._unpacked(data))
        except ValueError as error:
            raise self._damaged(error) from error

    def _unpacked(self, data: bytes) -> bytes:
        try:
            return zlib.decompress(data)
        except zlib.error as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> PackError:
        return PackError(f"{self._where}: damaged ({error}); reinstall titan-lint")

    def _piece(self, offset: int, length: int) -> bytes:
        start = self._start + offset
        return self._data[start : start + length]

    def _index(self, index: str) -> bytes:
        if index not in self._indexes:
            self._indexes[index] = self._unpacked(self._piece(*self._directory["indexes"][index]))
        return self._indexes[index]

    def sources_of(self, module: str) -> list[str]:
        """The digest of a module's file in each surface; empty where there is none, or none is kept."""
        return _unrolled(self._sources["digests"].get(module, ()))

    def asked_for_values(self, function: str, surface: int) -> list[str]:
        """The modules from which was read what values a function accepts; none where it says nothing of that."""
        found = _unrolled(self._sources["values"].get(function, ()))
        return [self.module_names[int(n)] for n in found[surface].split()] if found else []

    def sources(self, surface: int) -> Sources:
        """What a surface was made from."""
        return Sources(
            {
                module: digest
                for module in self._sources["digests"]
                if (digest := self.sources_of(module)[surface])
            },
            {
                path: asked
                for path in self._sources["values"]
                if (asked := self.asked_for_values(path, surface))
            },
        )

    @cached_property
    def _sources(self) -> dict[str, dict[str, list[tuple[int, str]]]]:
        kept = self._directory.get("sources")
        return {"digests": {}, "values": {}} if kept is None else self._load(self._piece(*kept))

    def modules_of(self, surface: int) -> dict[str, int]:
        """Names of the modules of surface number ``surface``, each with its version in its block."""
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

    def modules_with(self, index: str, key: str) -> list[str]:
        """Modules that an index leads to in any surface."""
        found = self._looked_up.get((index, key))
        if found is None:
            found = self._looked_up[index, key] = []
            lines = self._index(index)
            start = lines.find(f"\n{key}\t".encode())
            if start >= 0:
                _, _, numbers = lines[start : lines.index(b"\n", start + 1)].partition(b"\t")
                found += [self.module_names[int(number)] for number in numbers.split()]
        return found

    def record(self, module: str, version: int) -> Record:
        """Version number ``version`` of ``module``: the same object for all surfaces that have it."""
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
            block = self._blocks[module] = self._load(self._piece(offset, length))
        return block


class PackedRecords:
    """One surface of a pack, as ``Surface`` reads it."""

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

    def modules_with(self, index: str, key: str) -> Iterable[str]:
        """Modules that one of ``titan_lint.api.surface.INDEXES`` leads to."""
        return [m for m in self._pack.modules_with(index, key) if m in self._versions]
