"""Newer data on torchtitan, taken from a package."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tests.scripts.load import script
from titan_lint import newer_data
from titan_lint.api import bundle, data_package, data_update, targets
from titan_lint.api.changes import facts
from titan_lint.cli.api import api
from titan_lint.typeguards import is_list, is_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from click.testing import Result

    from tests.projects import TitanLint

NEWEST = list(bundle.index())[-1]
Files = dict[str, bytes]


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of the user's, beside a titan-lint that does not know the newest torchtitan itself."""
    own = {key: entry.sha256 for key, entry in bundle.index().items() if key != NEWEST}
    for module in (data_package, data_update):
        monkeypatch.setattr(module, "own_keys", lambda: own)
    monkeypatch.setenv(newer_data.VARIABLE, str(tmp_path / "kept"))
    data_package.loaded.cache_clear()
    yield tmp_path / "kept" / "torchtitan-data.zip"
    monkeypatch.undo()
    data_package.loaded.cache_clear()


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A package, from the script of the nightly job."""
    path = tmp_path_factory.mktemp("made") / "data.zip"
    script("build_data_package").main(path)
    digest, name = path.with_name("data.zip.sha256").read_text("utf-8").split()
    assert (digest, name) == (hashlib.sha256(path.read_bytes()).hexdigest(), "data.zip")
    return path.read_bytes()


def unpacked(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Mapping[str, bytes], path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def signed(files: Mapping[str, bytes], **changed: Any) -> Files:
    """Files with a manifest that holds for them."""
    digests = {n: hashlib.sha256(d).hexdigest() for n, d in files.items() if n != "manifest.json"}
    manifest = {**json.loads(files["manifest.json"]), "files": digests, **changed}
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def update(source: Path, *more: str) -> Result:
    data_package.loaded.cache_clear()
    return CliRunner().invoke(api, ["update", str(source), *more])


def test_a_package_that_knows_more_is_used_from_then_on(
    content: bytes, tmp_path: Path, kept: Path
) -> None:
    source = tmp_path / "data.zip"
    source.write_bytes(content)
    assert data_package.loaded().where == "titan-lint 0.1.0"
    done = update(source, "--sha256", hashlib.sha256(content).hexdigest())
    assert done.exit_code == 0, done.output
    source.unlink()
    data_package.loaded.cache_clear()
    loaded = data_package.loaded()
    assert str(loaded.root).startswith(str(kept))
    assert loaded.where.startswith(f"{kept}, built on 2")
    assert list(bundle.read_index(loaded.root)) == list(bundle.index())
    assert list(bundle.read_pack(loaded.root).module_names) == list(bundle.pack().module_names)
    said = CliRunner().invoke(api, ["versions"]).output
    days = (datetime.date.today() - datetime.date(2026, 8, 21)).days
    assert f"The newest known point of main is {NEWEST} of 2026-08-21, {days} days ago.\n" in said
    assert said.endswith(f"The data comes with {loaded.where}.\n")


def test_a_folder_is_taken_as_the_package_that_it_was_unpacked_from(
    content: bytes, tmp_path: Path, kept: Path
) -> None:
    for name, data in unpacked(content).items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    done = update(tmp_path / "folder")
    assert done.exit_code == 0, done.output
    assert unpacked(kept.read_bytes()) == unpacked(content)


def _row(files: Files) -> Files:
    rows = json.loads(files["changes/data/keywords.json"])
    rows["rows"][0]["colour"] = "red"
    return signed({**files, "changes/data/keywords.json": json.dumps(rows).encode()})


def _facts(files: Files) -> Files:
    index = json.loads(files["data/index.json"])
    index["surfaces"][-1]["sha256"] = "0" * 64
    return signed({**files, "data/index.json": json.dumps(index).encode()})


def _as_known(files: Files) -> Files:
    index = json.loads(files["data/index.json"])
    del index["surfaces"][-1]
    return signed({**files, "data/index.json": json.dumps(index).encode()})


def _older(files: Files) -> Files:
    index = json.loads(files["data/index.json"])
    del index["surfaces"][5]
    return signed({**files, "data/index.json": json.dumps(index).encode()})


REFUSED: list[tuple[Callable[[Files], Files], str]] = [
    (lambda f: signed(f, format=99), "a data package of format 99, and titan-lint 0.1.0 reads"),
    (lambda f: {**f, "manifest.json": b"[]"}, "a data package of format None"),
    (lambda f: signed(f, made=None), "its manifest.json lacks `made` or `files`"),
    (lambda f: {"x": b""}, "no data package: it has no manifest.json"),
    (
        lambda f: {n: d for n, d in f.items() if n != "data/commits.json"},
        "incomplete: it lacks data/commits.json",
    ),
    (lambda f: signed({**f, "../x": b""}), "../x is no part of a data package"),
    (
        lambda f: {**f, "data/commits.json": b"[]"},
        "damaged: data/commits.json is not what its digest says",
    ),
    (_row, "keywords.json, row 1 (M1): colour: no such key"),
    (_facts, f"the facts of {NEWEST} are others than its index says"),
    (_as_known, "it knows no other torchtitan"),
    (_older, "it does not know main@8570415c3"),
]


@pytest.mark.parametrize(("change", "said"), REFUSED)
def test_what_is_no_whole_and_sound_package_is_refused_and_what_was_kept_stays(
    change: Callable[[Files], Files], said: str, content: bytes, tmp_path: Path, kept: Path
) -> None:
    kept.parent.mkdir()
    kept.write_bytes(b"what was kept")
    done = update(packed(change(unpacked(content)), tmp_path / "data.zip"))
    assert done.exit_code == 2
    assert said in done.output
    assert done.output.count("\n") == 1
    assert kept.read_bytes() == b"what was kept"
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize("size", [0, 100, 300_000, -1])
def test_a_package_that_was_cut_short_is_refused(
    size: int, content: bytes, tmp_path: Path, kept: Path
) -> None:
    source = tmp_path / "data.zip"
    source.write_bytes(content[:size])
    done = update(source)
    assert (done.exit_code, "no data package, or damaged" in done.output) == (2, True)
    assert not kept.exists()


def test_another_digest_than_the_one_asked_for_is_refused(
    content: bytes, tmp_path: Path, kept: Path
) -> None:
    source = tmp_path / "data.zip"
    source.write_bytes(content)
    done = update(source, "--sha256", "0" * 64)
    assert (done.exit_code, "and not the one that was asked for" in done.output) == (2, True)
    assert not kept.exists()


def test_a_damaged_file_in_the_cache_is_not_used_and_said_to_be_so(
    content: bytes, kept: Path, project: Path, titan_lint: TitanLint
) -> None:
    kept.parent.mkdir()
    middle = len(content) // 2
    kept.write_bytes(content[:middle] + b"\0" * 100 + content[middle + 100 :])
    (project / "x.py").write_text("import torchtitan\n")
    data_package.loaded.cache_clear()
    assert data_package.loaded().root == data_package.OWN
    done = titan_lint(".")
    assert done.err.count("is damaged or of another version, and not used") == 1
    assert done.status == 0


def test_a_titan_lint_that_knows_as_much_itself_uses_its_own_data(
    content: bytes, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.parent.mkdir()
    kept.write_bytes(content)
    own = {key: entry.sha256 for key, entry in bundle.index().items()}
    for module in (data_package, data_update):
        monkeypatch.setattr(module, "own_keys", lambda: own)
    data_package.loaded.cache_clear()
    assert data_package.loaded().root == data_package.OWN


@pytest.mark.parametrize(
    ("pin", "warned"),
    [
        ("torchtitan==99.0", True),
        ("torchtitan==0.4.0.dev20991231", True),
        ("torchtitan==0.3.0", False),
        ("torchtitan==0.3.0.dev20260819", False),
        ("torchtitan @ git+https://github.com/pytorch/torchtitan@main", False),
    ],
)
def test_a_run_for_a_later_torchtitan_than_is_known_warns_once(
    pin: str, warned: bool, project: Path, titan_lint: TitanLint
) -> None:
    (project / "pyproject.toml").unlink()
    (project / "requirements.txt").write_text(f"{pin}\n")
    for name in ("a.py", "b.py"):
        (project / name).write_text("import torchtitan\n")
    # The second run has it from the cache.
    for _ in range(2):
        said = titan_lint(".").err
        assert said.count("`titan-lint api update` takes newer data") == warned, said
        assert (f"which ends with {NEWEST} of 2026-08-21" in said) == warned


def test_the_nearest_point_before_a_date_is_not_said_to_be_later() -> None:
    (target,) = targets.parse("2026-08-16")
    assert newer_data.LATER not in target.reason
    (target,) = targets.parse("2099-01-01")
    assert newer_data.LATER in target.reason


def test_the_format_is_raised_when_what_files_hold_changes() -> None:
    """Raise FORMAT, and write the new digest here, where a file of a package holds other keys than before."""

    def bare(value: object) -> object:
        if is_table(value):
            return {k: bare(v) for k, v in sorted(value.items()) if k != "description"}
        return [bare(each) for each in value] if is_list(value) else value

    schemas = script("schemas")
    shapes = {
        name.rpartition("/")[2]: bare(json.loads(text))
        for name, text in schemas.made().items()
        if name.startswith(schemas.FOLDER) and not name.endswith("/changes.json")
    }
    assert {f"{name}.json" for name in facts.FILES} <= set(shapes)
    digest = hashlib.sha256(json.dumps(shapes, sort_keys=True).encode()).hexdigest()[:16]
    assert (data_package.FORMAT, digest) == (5, "aa6bbc57e8692843")
