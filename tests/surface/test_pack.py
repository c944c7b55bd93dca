"""The file format of bundled surfaces."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from titan_lint.api.pack import Pack, PackedRecords, PackError, write
from titan_lint.api.surface import BASES, NAMES

_texts = st.text(max_size=5)
_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), _texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_texts, inner, max_size=3)
    ),
    max_leaves=5,
)
_members = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.dictionaries(_texts, _values, max_size=2).map(lambda m: {**m, "k": "v"}),
    max_size=3,
)
_records = st.builds(
    lambda members, extra: {**extra, "members": members},
    _members,
    st.dictionaries(st.sampled_from(["stars", "all", "open"]), _values, max_size=2),
)
_surfaces = st.lists(
    st.dictionaries(st.sampled_from(["t", "t.a", "t.b"]), _records, max_size=3),
    min_size=1,
    max_size=4,
)


@given(_surfaces)
def test_what_is_packed_comes_out_again(surfaces: list[dict[str, dict[str, Any]]]) -> None:
    data = write(surfaces)
    pack = Pack("a pack", data)
    for number, surface in enumerate(surfaces):
        records = PackedRecords(pack, number)
        assert set(records.names) == set(surface)
        for name, record in surface.items():
            assert records.record(name) == record
            assert list(records.record(name)["members"]) == list(record["members"])
        for name in ("a", "b", "c"):
            holders = {m for m, record in surface.items() if name in record["members"]}
            assert holders <= set(records.modules_with(NAMES, name)) <= set(surface)
    assert write(surfaces) == data


@given(_surfaces, st.data())
def test_comparing_counts_what_a_module_shares_with_each_version(
    surfaces: list[dict[str, dict[str, Any]]], data: st.DataObject
) -> None:
    pack = Pack("a pack", write(surfaces))
    module = data.draw(st.sampled_from(sorted({m for s in surfaces for m in s} or {""})))
    if not module:
        return
    own = data.draw(_records)
    common, sizes = pack.compare(module, own)
    for number, surface in enumerate(surfaces):
        if module not in surface:
            continue
        version = pack.modules_of(number)[module]
        members = surface[module]["members"]
        # JSON tells true from 1, as Python's equality does not.
        same = [
            n
            for n, m in members.items()
            if n in own["members"] and repr(own["members"][n]) == repr(m)
        ]
        assert sizes[version] == len(members)
        assert common[version] == len(same)


@pytest.mark.parametrize(
    "data", [b"", b"TTNPACK1", b"something else entirely", b"TTNPACK1" + b"\0" * 40]
)
def test_what_is_no_pack_is_refused(data: bytes) -> None:
    with pytest.raises(PackError, match="a pack"):
        Pack("a pack", data)


def test_a_damaged_block_or_index_is_told_from_a_sound_one() -> None:
    sound = write([{"t": {"members": {"a": {"k": "v"}}}}])
    first = 16 + int.from_bytes(sound[8:16], "big")
    block = bytearray(sound)
    block[first + 3] ^= 0xFF
    with pytest.raises(PackError, match="damaged"):
        PackedRecords(Pack("a pack", bytes(block)), 0).record("t")
    index = sound[:-3]
    assert PackedRecords(Pack("a pack", index), 0).record("t")
    with pytest.raises(PackError, match="damaged"):
        Pack("a pack", index).modules_with(BASES, "t.A")
