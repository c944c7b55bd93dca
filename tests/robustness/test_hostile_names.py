"""File names and messages are data: none of them can speak for titan-lint in a report."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest

from tests.robustness.command import FIXED, FORMATS, HIT, IMPORT, locations, titan_lint

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux file systems take any bytes in names"
)

NAMES = [
    b"new\nline.py",
    b"new\n::error file=x.py,line=1::injected.py",
    b"return\r::warning::injected.py",
    b"::error::injected.py",
    b"a,line=99.py",
    b"a%0A::error::injected.py",
    b"percent%41.py",
    b"colon:12:3: TTN101 faked.py",
    b"arrow\n --> faked.py",
    b"escape\x1b[31m\x1b]0;title\x07.py",
    b"bell\x07tab\t.py",
    b"quote\"'`.py",
    b"angle<![CDATA[ &amp; ]]>.py",
    b"question?hash#.py",
    b"back\\slash.py",
    b" space .py",
    b"-dash.py",
    b"--fix.py",
    b"latin-\xe9.py",
    b"bad-\xff\xfe.py",
    b"cesu-\xed\xa0\x80.py",
    "rtl-\u202e.py".encode(),
    "zero-\u200b-width.py".encode(),
    "next-\x85-line-\u2028.py".encode(),
    "emoji-🎉.py".encode(),
    "nfd-e\u0301.py".encode(),
    b"x" * 252 + b".py",
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("names")
    for name in NAMES:
        _write(root, name, HIT)
    return root


def _write(root: Path, name: bytes, text: str) -> None:
    with open(os.path.join(os.fsencode(root), name), "wb") as file:
        file.write(text.encode())


def _clean(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


def _printable(name: bytes) -> str:
    from titan_lint.run.discover import printable

    return printable(os.fsdecode(name))


@pytest.mark.parametrize("output_format", FORMATS)
def test_every_format_names_every_file(tree: Path, output_format: str) -> None:
    done = titan_lint(f"--output-format={output_format}", ".", cwd=tree)
    assert (done.status, done.errors) == (1, [])
    found = [path for path, line, column in locations(output_format, done.stdout)]
    if output_format in ("full", "concise"):
        assert sorted(found) == sorted(map(_printable, NAMES))
    elif output_format in ("junit", "github"):
        # XML cannot hold control characters at all, and a log should not.
        assert len(found) == len(NAMES)
        assert {name for name in map(_clean, NAMES) if name.isprintable()} <= {*found}
    else:
        assert sorted(found) == sorted(map(_clean, NAMES))


@pytest.mark.parametrize("output_format", FORMATS)
def test_no_format_lets_control_characters_through(tree: Path, output_format: str) -> None:
    done = titan_lint(f"--output-format={output_format}", ".", cwd=tree)
    text = done.stdout.decode("utf-8")
    if output_format in ("json", "sarif", "gitlab"):
        # Escaped inside strings; a parser tells.
        json.loads(text)
    allowed = {"\n"}
    bad = {c for c in text if (ord(c) < 0x20 or ord(c) == 0x7F) and c not in allowed}
    assert not bad


def test_github_annotations_cannot_be_injected(tree: Path) -> None:
    done = titan_lint("--output-format=github", ".", cwd=tree)
    lines = done.stdout.decode().split("\n")[:-1]
    assert len(lines) == len(NAMES)
    assert all(line.startswith("::error title=titan-lint (TTN105),file=") for line in lines)
    # A carriage return ends a line for the runner, too.
    assert "\r" not in done.stdout.decode()


def test_sarif_uris_lead_to_the_files(tree: Path) -> None:
    done = titan_lint("--output-format=sarif", ".", cwd=tree)
    (run,) = json.loads(done.stdout)["runs"]
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in run["results"]
    ]
    assert all(uri.isascii() and ":" not in uri.split("/")[0] for uri in uris)
    assert sorted(map(unquote_to_bytes, uris)) == sorted(NAMES)


def test_junit_is_well_formed(tree: Path) -> None:
    done = titan_lint("--output-format=junit", ".", cwd=tree)
    root = ElementTree.fromstring(done.stdout)
    assert root.attrib["failures"] == str(len(NAMES)) == str(len(root))


def test_complaints_take_one_line_each(tmp_path: Path) -> None:
    for name in NAMES:
        _write(tmp_path, name, f"{IMPORT}\ndef f(:\n")
    done = titan_lint(".", cwd=tmp_path)
    lines = done.stderr.split("\n")[:-1]
    assert done.status == 2
    assert len(lines) == len(NAMES)
    assert all(line.startswith("error: ") and line.isprintable() for line in lines)


def test_listed_files_take_one_line_each(tree: Path) -> None:
    done = titan_lint("--show-files", ".", cwd=tree)
    lines = done.stdout.decode().split("\n")[:-1]
    assert sorted(lines) == sorted(map(_printable, NAMES))


def test_files_with_such_names_are_fixed(tmp_path: Path) -> None:
    for name in NAMES:
        _write(tmp_path, name, HIT)
    done = titan_lint("--fix", ".", cwd=tmp_path)
    assert (done.status, done.errors) == (0, [])
    left = sorted(os.listdir(os.fsencode(tmp_path)))
    assert left == sorted(NAMES)
    for name in NAMES:
        with open(os.path.join(os.fsencode(tmp_path), name), "rb") as file:
            assert file.read() == FIXED.encode(), name


def test_files_with_such_names_are_cached(tmp_path: Path) -> None:
    for name in NAMES:
        _write(tmp_path, name, HIT)
    cache = tmp_path / "cache"
    arguments = ["--isolated", "--output-format=json", f"--cache-dir={cache}", "."]
    from tests.robustness.command import environment

    runs = [_run(arguments, tmp_path, environment()) for _ in range(2)]
    assert runs[0] == runs[1]
    assert any(cache.iterdir())


def _run(arguments: list[str], cwd: Path, env: dict[str, str]) -> bytes:
    import subprocess

    command = [sys.executable, "-m", "titan_lint", *arguments]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    return done.stdout


def test_such_names_can_be_given_outright(tree: Path) -> None:
    done = titan_lint("--output-format=concise", "--", *NAMES, cwd=tree)
    assert (done.status, done.errors) == (1, [])
    assert len(locations("concise", done.stdout)) == len(NAMES)


def test_baselines_hold_such_names(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    root.mkdir()
    for name in NAMES:
        _write(root, name, HIT)
    done = titan_lint("--write-baseline=../base.json", ".", cwd=root)
    assert (done.status, done.errors) == (0, [])
    done = titan_lint("--baseline=../base.json", "--output-format=concise", ".", cwd=root)
    assert (done.status, done.errors) == (0, [])
    assert locations("concise", done.stdout) == []


HOSTILE_CODE = f"""\
{IMPORT}
a = model_registry("8B_varlen")  # \x1b]0;title\x07 \u202e
b = model_registry("8B_varlen"); x = '\x1b[2J'
def f(c): return model_registry("8B\\n::error file=x::injected\\r%0A]]>"), g(attn_type=c.attn_type)
# titan-lint: noqa: TTN999\x1b[31m
c = 1  # noqa: TTN999
"""


@pytest.mark.parametrize("output_format", FORMATS)
def test_code_cannot_speak_for_the_report(tmp_path: Path, output_format: str) -> None:
    (tmp_path / "hostile.py").write_text(HOSTILE_CODE)
    done = titan_lint(f"--output-format={output_format}", ".", cwd=tmp_path)
    assert done.status == 1
    found = locations(output_format, done.stdout)
    assert len(found) >= 3
    assert {path for path, _, _ in found} == {"hostile.py"}
    text = done.stdout.decode()
    assert not {c for c in text if ord(c) < 0x20} - {"\n"}
    if output_format == "github":
        assert all(line.startswith("::") for line in text.split("\n")[:-1])
        assert len(text.split("\n")) - 1 == len(found)
    if output_format == "junit":
        ElementTree.fromstring(done.stdout)


def test_tokens_in_syntax_errors_cannot_speak_for_the_report(tmp_path: Path) -> None:
    for number, text in enumerate(["\x1b[2J", "\u202e", "\x85", "“", "\ufeff"]):
        (tmp_path / f"{number}.py").write_text(f"{IMPORT}\nx = {text}\n")
    for output_format in FORMATS:
        done = titan_lint(f"--output-format={output_format}", ".", cwd=tmp_path)
        assert done.status == 2
        assert len(done.errors) == 5
        assert all(line.isprintable() for line in done.errors)
