"""From what a user writes to a torchtitan."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests import packages
from titan_lint.api import bundle, index, load, store, targets
from titan_lint.api.identify import Match
from titan_lint.api.pack import PackedRecords
from titan_lint.api.targets import Target, TargetError, parse, parse_all
from titan_lint.newer_data import LATER

if TYPE_CHECKING:
    from pathlib import Path

NEWEST_MAIN = [entry for entry in index().values() if entry.kind == "main"][-1]


def _keys(text: str) -> list[str]:
    return [target.surface.key for target in parse(text)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("0.3.0", "0.3.0"),
        ("v0.2.2", "0.2.2"),
        ("0.2.2+cu130", "0.2.2"),
        ("==0.2.1", "0.2.1"),
        ("latest", "0.3.0"),
        ("main", NEWEST_MAIN.key),
        ("main@7cec16600", "main@7cec16600"),
        ("7cec166", "main@7cec16600"),
        ("7cec16600", "main@7cec16600"),
        ("b9e335275", "main@6348d93d1"),
        ("b9e33527530dd16d6e435b4dbf208bdb3ca08f83", "main@6348d93d1"),
        ("73a0e6979dd10b6b1904098eb3c8f62c18ab87ce", "0.2.2"),
        ("main@952427842", "main@fcbcb6d53"),
        ("2026-04-18", "main@7cec16600"),
        ("main@2026-04-18", "main@7cec16600"),
        ("2026-04-17", "main@4b3347467"),
        ("2026-06-09", "main@641b5f6b8"),
        ("2026-02-23", "main@9810191bb"),
        ("2026-02-22", "0.2.2"),
        ("2025-12-25", "main@183a0d2e7"),
        ("2025-06-18", "0.1.0"),
        ("v0.1.0", "0.1.0"),
        ("23e4dfc", "main@a9aa50696"),
        ("2099-01-01", NEWEST_MAIN.key),
        ("0.1.0.dev20260418", "main@7cec16600"),
        ("0.1.0.dev20260417+cu130", "main@4b3347467"),
    ],
)
def test_what_a_text_means(text: str, key: str) -> None:
    assert _keys(text) == [key]


def test_a_specifier_means_every_release_in_it() -> None:
    assert _keys(">=0.2.2") == ["0.2.2", "0.3.0"]
    assert _keys("torchtitan>=0.2,<0.2.2") == ["0.2.0", "0.2.1"]
    assert _keys("~=0.2.0") == ["0.2.0", "0.2.1", "0.2.2"]


def test_several_targets_are_taken_in_order_and_once() -> None:
    found = parse_all(["0.3.0", ">=0.2.2", "2026-04-18"])
    assert [t.surface.key for t in found] == ["0.3.0", "0.2.2", "main@7cec16600"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9.9", "torchtitan 9.9 is later than all that is known here; known are 0.1.0, "),
        ("<0.1", "no release known here satisfies <0.1"),
        (">>1", "is not a version specifier"),
        ("2026-13-01", "2026-13-01 is not a date"),
        ("2020-01-01", "no torchtitan is known from 2020-01-01: main is known from 2025-"),
        ("2d1c6d53b", "commit 2d1c6d53b of 2023-12-13 is older than what is known of torchtitan's"),
        ("deadbeef0", "commit deadbeef0 is not among those of torchtitan's main known here"),
        ("nonsense", "'nonsense' is not known: give a release"),
        ("./absent", "no such file or folder"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(text: str, message: str) -> None:
    with pytest.raises(TargetError) as raised:
        parse(text)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "label", "reason"),
    [
        ("0.3.0", "torchtitan 0.3.0", "as asked"),
        ("2026-04-18", "torchtitan main of 2026-04-18 (7cec16600)", "main on 2026-04-18"),
        (
            "2026-04-20",
            "torchtitan main of 2026-04-18 (7cec16600)",
            "the nearest known here at or before 2026-04-20",
        ),
        (
            "b9e335275",
            "torchtitan main of 2026-04-27 (6348d93d1)",
            "the nearest known here at or before commit b9e335275 of 2026-04-28",
        ),
        (
            "2026-02-21",
            "torchtitan 0.2.2",
            "the nearest known here at or before 2026-02-21",
        ),
        ("73a0e6979", "torchtitan 0.2.2", "commit 73a0e6979 is that of the release"),
    ],
)
def test_messages_say_what_was_taken_and_why(text: str, label: str, reason: str) -> None:
    (target,) = parse(text)
    assert (target.label, target.reason) == (label, reason)


def test_a_commit_that_several_begin_like_is_ambiguous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "commits", lambda: {"abcdef0123": "2026-05-01", "abcdef0456": ""})
    with pytest.raises(TargetError, match="abcdef0 is ambiguous: main has abcdef0123 and abcdef0"):
        parse("abcdef0")


def test_points_of_main_stand_in_the_order_of_its_history() -> None:
    """They are put in order by day, which is quicker than to ask the table."""
    points = [entry for entry in index().values() if entry.commit]
    by_day = sorted(points, key=lambda entry: str(entry.day))
    order = list(bundle.commits())
    places = [order.index(str(entry.commit)[:10]) for entry in by_day]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("line", "key", "more"),
    [
        (
            "torchtitan @ git+https://github.com/pytorch/torchtitan@b9e335275",
            "main@6348d93d1",
            "; the nearest known here at or before commit b9e335275 of 2026-04-28",
        ),
        ("torchtitan @ git+https://github.com/pytorch/torchtitan@7cec166", "main@7cec16600", ""),
        ("torchtitan @ git+https://github.com/pytorch/torchtitan@v0.2.2", "0.2.2", ""),
        (
            "torchtitan==0.1.0.dev20260420+cu130",
            "main@7cec16600",
            "; the nearest known here at or before 2026-04-20",
        ),
    ],
)
def test_a_pin_says_what_stands_for_it(tmp_path: Path, line: str, key: str, more: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    target = targets.default(tmp_path)
    assert target.surface.key == key
    assert target.reason == f"requirements.txt:1 asks for `{line}`{more}"


# Which versions a text stands for, where code was written for it.


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("0.2.2", ("0.2.2",)),
        ("73a0e6979", ("0.2.2",)),
        ("main@7cec16600", ("main@7cec16600",)),
        ("b9e335275", ("main@6348d93d1", "main@20628f4e9")),
        ("2026-02-21", ("0.2.2", "main@9810191bb")),
        ("2026-04-20", ("main@7cec16600", "main@786e26f8e")),
        ("main", ()),
        ("2099-01-01", ()),
        ("deadbeef0", ()),
    ],
)
def test_what_lies_between_two_known_versions_may_be_like_either(
    text: str, keys: tuple[str, ...]
) -> None:
    assert targets.keys_of(text) == keys


# Paths.


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.copied("torchtitan", "0.2.2", tmp_path_factory.mktemp("release"))


def _changed(release: Path, to: Path, *, comment: str = "", code: str = "") -> Path:
    shutil.copytree(release, to)
    file = to / "torchtitan" / "train.py"
    file.write_text(file.read_text("utf-8") + comment + code, "utf-8")
    (to / "assets").mkdir()
    (to / "assets" / "version.txt").write_text("9.9.9", "utf-8")
    shutil.rmtree(next(to.glob("*.dist-info")))
    return to


@pytest.mark.network
def test_a_path_with_the_files_of_a_release_is_that_release(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        sys.modules, "titan_lint.api.extract.extract", None
    )  # Not even griffe is needed.
    for path in (release, release / "torchtitan", packages.archive("torchtitan", "0.2.2")):
        (target,) = parse(str(path))
        assert target.surface.key == "0.2.2"
        assert target.label == "torchtitan 0.2.2"
        assert "has exactly its files" in target.reason


@pytest.mark.network
def test_a_path_with_the_api_of_a_release_is_that_release_whatever_it_calls_itself(
    release: Path, tmp_path: Path
) -> None:
    path = _changed(release, tmp_path / "copy", comment="\n# Nothing that anybody can call.\n")
    (target,) = parse(str(path))
    assert target.surface.key == "0.2.2"
    assert "has exactly its API" in target.reason


class Fork(NamedTuple):
    """A changed release, and what it was read as, once; the tests only read it."""

    path: Path
    cache: Path
    target: Target


@pytest.fixture(scope="module")
def fork(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Fork:
    folder = tmp_path_factory.mktemp("forks")
    path = _changed(release, folder / "fork", code="\ndef our_own(): ...\n")
    cache = folder / "cache"
    (target,) = parse(str(path), cache=cache)
    return Fork(path, cache, target)


@pytest.mark.network
def test_a_fork_is_itself_and_says_what_it_is_near(fork: Fork) -> None:
    path, _, target = fork
    assert target.surface.lookup("torchtitan.train.our_own") is not None
    assert target.label == f"torchtitan in {path}"
    assert target.reason == "as asked; nearest to 0.2.2, 1 definition differs, calls itself 9.9.9"


@pytest.mark.network
def test_a_relative_path_starts_at_the_base(release: Path) -> None:
    (target,) = parse("./torchtitan", base=release)
    assert target.surface.key == "0.2.2"


@pytest.mark.network
def test_surfaces_of_paths_are_kept_by_content(
    fork: Fork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, kept, first = fork
    cache = shutil.copytree(kept, tmp_path / "cache")
    assert len(list(cache.rglob("*.pack"))) == 1
    assert not list(cache.rglob("*.tmp"))
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "titan_lint.api.extract.extract", None)
        (second,) = parse(str(path), cache=cache)
    assert (second.label, second.reason) == (first.label, first.reason)
    for module in first.surface.modules:
        assert second.surface.module_record(module) == first.surface.module_record(module)
    changed = shutil.copytree(path, tmp_path / "changed")
    file = changed / "torchtitan" / "train.py"
    file.write_text(file.read_text("utf-8") + "def more(): ...\n", "utf-8")
    (third,) = parse(str(changed), cache=cache)
    assert third.surface.lookup("torchtitan.train.more") is not None
    assert len(list(cache.rglob("*.pack"))) == 2


@pytest.mark.parametrize("damage", [b"", b"\0" * 500, None])
def test_a_damaged_entry_is_as_good_as_none(tmp_path: Path, damage: bytes | None) -> None:
    modules = {"torchtitan": {"members": {"x": {"k": "v"}}}}
    store.write(tmp_path, "digest", modules, Match("0.3.0", 1))
    (entry,) = tmp_path.rglob("*.pack")
    kept = store.read(tmp_path, "digest")
    assert kept is not None
    records, match = kept
    assert isinstance(records, PackedRecords)
    assert records.record("torchtitan") == modules["torchtitan"]
    assert match == Match("0.3.0", 1)
    entry.write_bytes(entry.read_bytes()[:-1] if damage is None else damage)
    assert store.read(tmp_path, "digest") is None


def test_a_folder_that_cannot_be_written_to_is_no_reason_to_fail(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("")
    store.write(occupied, "digest", {}, Match("0.3.0", 1))
    assert store.read(occupied, "digest") is None


@pytest.mark.network
def test_without_griffe_a_fork_is_refused_with_what_to_install(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _changed(release, tmp_path / "fork", code="\ndef our_own(): ...\n")
    monkeypatch.delitem(sys.modules, "titan_lint.api.extract.extract", raising=False)
    monkeypatch.setitem(sys.modules, "griffe", None)
    with pytest.raises(TargetError, match=r"install `titan-lint\[api\]`"):
        parse(str(path))


# Installations.


def _environment(root: Path, release: Path) -> Path:
    folder = root / "lib" / "python3.11" / "site-packages"
    folder.parent.mkdir(parents=True)
    shutil.copytree(release, folder)
    return folder


@pytest.mark.network
def test_the_installed_one_is_found_in_the_active_environment(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _environment(tmp_path / "env", release)
    # The standard library stays: some of it is imported only now.
    monkeypatch.setattr(sys, "path", [p for p in sys.path if not p.endswith("-packages")])
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env"))
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    (target,) = parse("installed", base=tmp_path)
    assert target.surface.key == "0.2.2"
    assert target.reason.startswith("the torchtitan installed; ")


@pytest.mark.network
def test_an_editable_installation_is_followed_to_its_checkout(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _environment(tmp_path / ".venv", release)
    shutil.move(str(folder / "torchtitan"), str(tmp_path / "checkout" / "torchtitan"))
    (metadata,) = folder.glob("torchtitan-*.dist-info")
    url = (tmp_path / "checkout").as_uri()
    (metadata / "direct_url.json").write_text(
        f'{{"url": "{url}", "dir_info": {{"editable": true}}}}'
    )
    # The standard library stays: some of it is imported only now.
    monkeypatch.setattr(sys, "path", [p for p in sys.path if not p.endswith("-packages")])
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    (target,) = parse("installed", base=tmp_path)
    assert target.surface.key == "0.2.2"


def test_nothing_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The standard library stays: some of it is imported only now.
    monkeypatch.setattr(sys, "path", [p for p in sys.path if not p.endswith("-packages")])
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(TargetError, match="no torchtitan is installed"):
        parse("installed", base=tmp_path)


# Projects.


def _torchtitan(root: Path) -> Path:
    package = root / "torchtitan"
    (package / "distributed").mkdir(parents=True)
    (package / "train.py").write_text("def main(): ...\n")
    (package / "distributed" / "__init__.py").write_text("")
    return package


def test_a_project_that_is_a_torchtitan_is_its_own_target(tmp_path: Path) -> None:
    _torchtitan(tmp_path)
    assert targets.own_package(tmp_path) == tmp_path / "torchtitan"
    target = targets.default(tmp_path)
    assert target.surface.lookup("torchtitan.train.main") is not None
    assert target.reason.startswith("the project is a torchtitan itself; ")


def test_a_folder_of_that_name_alone_is_no_torchtitan(tmp_path: Path) -> None:
    (tmp_path / "torchtitan").mkdir()
    (tmp_path / "torchtitan" / "train.py").write_text("")
    assert targets.own_package(tmp_path) is None
    assert targets.default(tmp_path).surface is load("0.3.0")


def test_copies_inside_a_project_are_found_by_what_is_in_them(tmp_path: Path) -> None:
    copy = _torchtitan(tmp_path / "third_party" / "x")
    other = tmp_path / "engines" / "torchtitan"
    other.mkdir(parents=True)
    assert targets.own_package(tmp_path) is None
    assert targets.vendored([copy, other, tmp_path]) == (copy,)


@pytest.mark.parametrize(
    ("requirement", "key", "reason"),
    [
        ("torchtitan==0.2.2", "0.2.2", "requirements.txt:2 asks for `torchtitan==0.2.2`"),
        ("torchtitan>=0.2.2", "0.3.0", "requirements.txt:2 asks for `torchtitan>=0.2.2`"),
        ("torchtitan<0.3", "0.2.2", "requirements.txt:2 asks for `torchtitan<0.3`"),
        ("torchtitan==0.1.0.dev20260501", "main@115f4c9cf", "requirements.txt:2 asks for "),
        (
            "torchtitan",
            "0.3.0",
            "the newest release known here; requirements.txt:2 asks for `torchtitan`",
        ),
    ],
)
def test_a_projects_own_pin_is_its_target(
    tmp_path: Path, requirement: str, key: str, reason: str
) -> None:
    (tmp_path / "requirements.txt").write_text(f"torch\n{requirement}\n")
    target = targets.default(tmp_path)
    assert target.surface.key == key
    assert target.reason.startswith(reason)


@pytest.mark.parametrize(
    ("line", "key", "stands_in"),
    [
        ("torchtitan==9.9.0", "0.3.0", "newest release before it"),
        ("torchtitan==0.2.7", "0.2.2", "newest release before it"),
        ("torchtitan==0.0.2", "0.1.0", "oldest release"),
        ("torchtitan>=9.9", "0.3.0", "newest release before it"),
        ("torchtitan==0.9.*", "0.3.0", "newest release before it"),
        ("torchtitan>0.2.2,<0.3", "0.2.2", "newest release before it"),
        ("torchtitan~=0.2.5", "0.2.2", "newest release before it"),
        ("torchtitan<0.0.1", "0.1.0", "oldest release"),
        ("torchtitan==0.1.0.dev20200101", "OLDEST", "oldest main"),
        ("git+https://github.com/pytorch/torchtitan@deadbee", "NEWEST", "newest main"),
        ("git+https://github.com/example-org/torchtitan@swarm", "NEWEST", "newest main"),
    ],
)
def test_where_a_pin_cannot_be_judged_the_nearest_known_one_stands_in(
    tmp_path: Path, line: str, key: str, stands_in: str
) -> None:
    ends = {"OLDEST": targets._on_main()[0].key, "NEWEST": targets._on_main()[-1].key}
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    target = targets.default(tmp_path)
    assert target.surface.key == ends.get(key, key)
    assert not target.exact
    assert target.reason.startswith(f"requirements.txt:1 asks for `{line}`, ")
    assert target.reason.endswith(f"; the {stands_in} known here stands in")


@pytest.mark.parametrize(
    ("asked", "is_later"),
    [
        (">=9.9", True),
        (">0.3.0", True),
        ("==9.9.*", True),
        ("<0.0.1", False),
        (">0.2.2,<0.3", False),
    ],
)
def test_a_range_that_nothing_satisfies_is_said_to_be_later_where_it_is(
    tmp_path: Path, asked: str, is_later: bool
) -> None:
    (tmp_path / "requirements.txt").write_text(f"torchtitan{asked}\n")
    reason = targets.default(tmp_path).reason
    assert (LATER in reason) is is_later
    assert (f"no release known here satisfies {asked}" in reason) is not is_later


def test_without_a_pin_the_newest_release_is_taken(tmp_path: Path) -> None:
    target = targets.default(tmp_path)
    assert (target.label, target.reason) == (
        "torchtitan 0.3.0",
        "the newest release known here; nothing in the project pins one",
    )
