"""Which files a run looks at."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from titan_lint.config.nearest import Nearest
from titan_lint.config.settings import load_settings
from titan_lint.run import discover


def found_by(*arguments: str, **values: object) -> discover.Found:
    given = {"paths": arguments, "isolated": True, **values}
    return discover.discover(Nearest(load_settings(given)))  # type: ignore[arg-type]


def names(found: discover.Found) -> list[str]:
    return [discover.relative(path) for path in found.paths]


def make(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text("x = 1\n", encoding="utf-8")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_python_files_are_found_in_order() -> None:
    make("b.py", "a/z.py", "a.py", "a/b/c.pyi", "w.pyw", "notes.md", "x.pyc")
    assert names(found_by(".")) == ["a.py", "a/b/c.pyi", "a/z.py", "b.py", "w.pyw"]


def test_gitignore_files_hold_from_their_own_directory_down() -> None:
    make("gen.py", "src/gen.py", "src/keep/gen.py", "src/x.py", "build/a.py")
    Path(".gitignore").write_text("build/\n", encoding="utf-8")
    Path("src/.gitignore").write_text("gen.py\n", encoding="utf-8")
    Path("src/keep/.gitignore").write_text("!gen.py\n", encoding="utf-8")
    assert names(found_by(".")) == ["gen.py", "src/keep/gen.py", "src/x.py"]


def test_gitignore_files_above_hold_as_far_as_the_repository_reaches() -> None:
    make("repo/src/a.py", "repo/src/gen/b.py")
    Path(".gitignore").write_text("*.py\n", encoding="utf-8")
    Path("repo/.git/info").mkdir(parents=True)
    Path("repo/.gitignore").write_text("gen/\n", encoding="utf-8")
    assert names(found_by("repo/src")) == ["repo/src/a.py"]
    Path("repo/.git/info/exclude").write_text("a.py\n", encoding="utf-8")
    assert names(found_by("repo/src")) == []


def test_what_is_named_outright_is_checked_though_git_ignores_it() -> None:
    make("build/a.py", "build/sub/b.py", "venv/c.py")
    Path(".git").mkdir()
    Path(".gitignore").write_text("build/\n", encoding="utf-8")
    assert names(found_by("build")) == ["build/a.py", "build/sub/b.py"]
    assert names(found_by("build/sub/b.py", "venv/c.py")) == ["build/sub/b.py", "venv/c.py"]


def test_usual_directories_of_others_code_are_left_out() -> None:
    make("a.py", ".venv/b.py", "node_modules/c.py", ".git/d.py", "x/site-packages/e.py")
    assert names(found_by(".")) == ["a.py"]


def test_excluded_paths_are_left_out_by_name_path_and_pattern() -> None:
    make("a.py", "a_test.py", "sub/a_test.py", "data/b.py", "sub/data/c.py", "sub/only/d.py")
    exclude = ("*_test.py,/x", "data", "sub/only")
    assert names(found_by(".", exclude=exclude)) == ["a.py"]
    assert "a_test.py" in names(found_by(".", exclude=("data",)))
    assert names(found_by(".", extend_exclude=("*.py",))) == []


def test_force_exclude_holds_for_named_files_too() -> None:
    make("data/b.py", "a.py")
    assert names(found_by("data/b.py", "a.py", exclude=("data",))) == ["a.py", "data/b.py"]
    found = found_by("data/b.py", "a.py", exclude=("data",), force_exclude=True)
    assert names(found) == ["a.py"]


def test_links_are_followed_only_where_they_are_named() -> None:
    make("real/a.py", "tree/b.py")
    Path("tree/link.py").symlink_to(Path("real/a.py").absolute())
    Path("tree/up").symlink_to(Path("tree").absolute(), target_is_directory=True)
    Path("tree/out").symlink_to(Path("real").absolute(), target_is_directory=True)
    assert names(found_by("tree")) == ["tree/b.py"]
    assert names(found_by("tree/link.py", "tree/out")) == ["tree/link.py"]
    assert names(found_by("tree/out")) == ["tree/out/a.py"]


def test_a_file_reached_twice_is_checked_once() -> None:
    make("a/b.py", "a/c.py")
    Path("link.py").symlink_to("a/b.py")
    assert names(found_by("a/b.py", "./a/b.py", "a", "link.py")) == ["a/b.py", "a/c.py"]


def test_the_missing_and_the_special_are_one_line_each() -> None:
    make("a.py")
    os.mkfifo("pipe.py")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("sock.py")
        found = found_by(".", "gone.py", "/dev/null")
    assert names(found) == ["a.py"]
    assert sorted((discover.relative(error.path), error.message) for error in found.errors) == [
        ("/dev/null", "a character device, not a regular file"),
        ("gone.py", "No such file or directory"),
        ("pipe.py", "a FIFO, not a regular file"),
        ("sock.py", "a socket, not a regular file"),
    ]


def test_reading_a_fifo_does_not_wait() -> None:
    os.mkfifo("pipe.py")
    with pytest.raises(discover.ReadError, match="a FIFO, not a regular file"):
        discover.read(str(Path("pipe.py").absolute()))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to the superuser")
def test_what_may_not_be_read_is_an_error() -> None:
    make("shut/a.py", "b.py")
    Path("shut").chmod(0)
    Path("b.py").chmod(0)
    try:
        found = found_by(".")
        assert [error.message for error in found.errors] == ["Permission denied"]
        with pytest.raises(discover.ReadError, match="Permission denied"):
            discover.read(found.paths[0])
    finally:
        Path("shut").chmod(0o700)


def test_a_file_is_read_whole_whatever_its_size() -> None:
    data = os.urandom(3_000_000)
    Path("big.py").write_bytes(data)
    assert discover.read("big.py") == data
    Path("empty.py").touch()
    assert discover.read("empty.py") == b""


def test_names_that_are_no_utf8_or_span_lines_are_shown_on_one() -> None:
    strange = [b"\xff.py", b"new\nline.py", "é.py".encode(), b"esc\x1b[31m.py"]
    for name in strange:
        Path(os.fsdecode(name)).write_bytes(b"")
    found = found_by(".")
    assert sorted(map(os.fsencode, names(found))) == sorted(strange)
    shown = {discover.printable(name) for name in names(found)}
    assert shown == {"\\xff.py", "new\\nline.py", "é.py", "esc\\x1b[31m.py"}


def test_the_temporaries_of_a_killed_run_are_removed_and_files_like_them_are_not() -> None:
    make("a.py", ".0123456789abcdef.titan-lint-tmp", "mine.titan-lint-tmp", ".x.titan-lint-tmp")
    os.mkfifo(".fedcba9876543210.titan-lint-tmp")
    found_by(".")
    assert sorted(path.name for path in Path().iterdir()) == [
        ".fedcba9876543210.titan-lint-tmp",
        ".x.titan-lint-tmp",
        "a.py",
        "mine.titan-lint-tmp",
    ]


def test_what_was_read_is_kept_until_it_is_dropped() -> None:
    make("a/x.py", "b/x.py")
    contents = discover.Contents()
    room = contents.room
    first = contents.read("a/x.py"), contents.read("b/x.py")
    for path in ("a/x.py", "b/x.py"):
        Path(path).write_text("changed = 1\n", encoding="utf-8")
    assert (contents.read("a/x.py"), contents.read("b/x.py")) == first
    contents.drop(lambda path: path.startswith("a/"))
    assert contents.room == room - len(first[1])
    assert contents.read("b/x.py") == first[1]
    assert contents.read("a/x.py") == b"changed = 1\n"
