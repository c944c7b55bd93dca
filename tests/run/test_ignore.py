"""``.gitignore`` files mean what git makes of them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from tests.growth.steps import steps
from titan_lint.run import ignore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

PATHS = [
    "a.py",
    "build/",
    "build/x.py",
    "src/build/",
    "src/a.py",
    "src/gen/",
    "src/gen/b_pb2.py",
    "docs/_build/",
    "foo.egg-info/",
    "x.pyc",
    "x.pyo",
    "x.pyd",
    "x.py",
    ".coverage.host",
    "dist/",
    "aXb.py",
    "a.b.c/",
    "keep.py",
    "src/keep.py",
    "[x]",
    "!a.py",
    "#a.py",
    "sp ace.py",
]

COMMON = [
    *("__pycache__/", "*.py[cod]", "*$py.class", "*.so", "build/", "dist", "*.egg-info/", "/src"),
    *(
        ".coverage.*",
        "docs/_build/",
        "src/gen",
        "/a.py",
        "gen/",
        "*",
        "!keep.py",
        "!*.py",
        "a*b.py",
    ),
    *(
        "# comment",
        "",
        "  ",
        "*.py  ",
        "!build/",
        "!*/",
        "src/*.py",
        "**/gen",
        "src/**",
        "a?b.py",
        "[!x].py",
    ),
    *(
        "\\#a.py",
        "\\!a.py",
        "sp\\ ace.py",
        "*.b.*",
        "/",
        "src/",
        "/build/x.py",
        "x.p[yz]*",
        "[",
        "a[]b",
    ),
]


def decide(lines: list[str], path: str) -> bool | None:
    rules = ignore.parse("\n".join(lines).encode())
    if rules is None:
        return None
    bare = path.removesuffix("/")
    return rules.decide(bare, bare.rpartition("/")[2], path.endswith("/"))


@pytest.mark.parametrize("pattern", COMMON)
def test_one_pattern_means_what_it_means_to_git(pattern: str, tmp_path: Path) -> None:
    hold_against_git([pattern], tmp_path)


@pytest.mark.parametrize(
    "pattern",
    [
        *("*a***.py*", "a*X*b*.*y", "/*r*c*/*a*.py", "*s*r*c*/", "!*a*.p*y*", "*.*[xy]*.*?*"),
        *(
            "**/src/**/b*",
            "src/**/**/b_pb2.py",
            "**/*/**",
            "src/**/*/**",
            "*e*p*[!a-x]",
            "*a*p*\\y*",
        ),
        *("*a*b*\\", "*a*b*[", "*[*]*?*", "*[]x]*[]]*", "*\\**\\?*", "*a*b*p* ", "**/**/src/"),
    ],
)
def test_a_pattern_of_many_stars_means_what_it_means_to_git(pattern: str, tmp_path: Path) -> None:
    assert ignore._has_many_stars(pattern)
    hold_against_git([pattern, "a?b.py"], tmp_path)


def test_many_stars_cost_no_more_than_the_path_is_long_for_each() -> None:
    def cost(lines: list[str], path: str) -> int:
        rules = ignore.parse("\n".join(lines).encode())
        assert rules is not None
        name = path.rpartition("/")[2]
        return sum(steps(lambda: rules.decide(path, name, False)).values())

    for stars in (5, 10, 20):
        for line, unit in ((f"{'*a' * stars}*b", "a"), (f"{'**/a/' * stars}**/b", "a/")):
            one, two, four = (cost([line], unit * (n * 40) + "c") for n in (1, 2, 4))
            assert four - two <= 2.2 * (two - one) + 100
            assert four <= 4 * 40 * 4 * 8


@pytest.mark.parametrize(
    "lines",
    [
        ["*", "!build/", "src/*.py"],
        ["*", "!*/", "!src/*.py"],
        ["src/*", "!src/gen/", "!keep.py"],
        ["/src", "!src/", "src/**/b*.py"],
    ],
    ids=" ".join,
)
def test_folders_that_are_kept_are_walked(lines: list[str], tmp_path: Path) -> None:
    hold_against_git(lines, tmp_path)


@settings(max_examples=60)
@given(lines=st.lists(st.sampled_from(COMMON), max_size=6))
def test_several_patterns_mean_what_they_mean_to_git(
    lines: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    hold_against_git(lines, tmp_path_factory.mktemp("repository"))


def hold_against_git(lines: list[str], directory: Path) -> None:
    git(directory, "init", "-q")
    (directory / ".gitignore").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for path in PATHS:
        place = directory / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir(exist_ok=True) if path.endswith("/") else place.touch()
    ignored = ignored_by_git(directory, [path.rstrip("/") for path in PATHS])
    for path in PATHS:
        # Git looks at the directories first; a walk has done that before it comes to the path.
        parts = path.rstrip("/").split("/")
        parents = ("/".join(parts[:end]) + "/" for end in range(1, len(parts)))
        ours = any(decide(lines, parent) for parent in parents) or bool(decide(lines, path))
        assert ours == (path.rstrip("/") in ignored), (lines, path)


def ignored_by_git(directory: Path, paths: list[str]) -> set[str]:
    command = ["git", "-C", str(directory), "check-ignore", "--no-index", "-z", "--stdin"]
    done = subprocess.run(
        command, input="\0".join(paths), capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return {path for path in done.stdout.split("\0") if path}


def git(directory: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(directory), *arguments], check=True, capture_output=True)


part = st.text(st.sampled_from("ab.*[]/!-_"), min_size=1, max_size=6)


@given(
    lines=st.lists(part, min_size=1, max_size=4),
    path=st.from_regex(r"[ab._]{1,3}(/[ab._]{1,3}){0,2}/?", fullmatch=True),
)
def test_plain_patterns_are_decided_as_pathspec_decides_them(lines: list[str], path: str) -> None:
    rules = ignore.parse("\n".join(lines).encode())
    bare = path.removesuffix("/")
    parts = bare.split("/")
    if rules is None or any(part in (".", "..") for part in parts):
        return
    try:
        spec = GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return
    if any(line.endswith("/**") for line in lines):
        return
    # For pathspec `!*` wins over a later line that names a directory; for git the last line does.
    if path.endswith("/") and any(line.startswith("!") for line in lines):
        return
    # For pathspec `!/` takes everything back; for git a slash alone means nothing.
    if any(line.rstrip() == "!/" for line in lines):
        return
    decided = rules.decide(bare, parts[-1], path.endswith("/"))
    for end in range(1, len(parts)):
        around = spec.check_file("/".join(parts[:end]) + "/").include
        # Pathspec also answers for what lies in an ignored directory, which a walk never asks about; and it
        # keeps all that lies in one that is kept, where git goes on to the other files that say something.
        if around or (around is False and decided is None):
            return
    assert decided == spec.check_file(path).include


@pytest.mark.parametrize(
    "lines",
    [
        [
            "__pycache__/",
            "*.py[cod]",
            "build/",
            "/dist",
            "docs/_build/",
            "# x",
            "!keep",
            ".coverage.*",
        ]
    ],
)
def test_what_people_usually_write_needs_no_pathspec(lines: list[str]) -> None:
    assert type(ignore.parse("\n".join(lines).encode())).__name__ == "_Plain"


def test_a_file_that_says_nothing_costs_nothing() -> None:
    assert ignore.parse(b"# comment\n\n   \n") is None


def test_line_endings_and_a_byte_order_mark_are_no_part_of_patterns() -> None:
    rules = ignore.parse(b"\xef\xbb\xbfbuild/\r\n*.log\r\n")
    assert rules is not None
    assert rules.decide("build", "build", True)
    assert rules.decide("x.log", "x.log", False)


def test_a_character_range_that_makes_no_sense_matches_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, titan_lint: TitanLint
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".gitignore").write_text("[]-[]\n[z-a]x\n")
    (tmp_path / "a.py").write_text("x = 1\n")
    ran = titan_lint("--show-files")
    assert (ran.status, ran.out.split()) == (0, ["a.py"])
