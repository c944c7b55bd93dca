"""Any bytes at all: each file is checked, or is one clear line, and a fix keeps all else."""

from __future__ import annotations

import codecs
import json
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.robustness.command import CALL, FIXED_CALL, FORMATS, HIT, IMPORT, locations, titan_lint
from titan_lint.cli.main import run
from titan_lint.code.source import LARGEST


class Case(NamedTuple):
    """A file with one finding, TTN105, and where that is in code points."""

    name: str
    data: bytes
    line: int
    column: int = 23


def _coded(codec: str, text: str) -> bytes:
    return f"# coding: {codec}\n# {text}\n".encode(codec) + HIT.encode()


CHECKED = [
    Case("lf", HIT.encode(), 3),
    Case("crlf", HIT.replace("\n", "\r\n").encode(), 3),
    Case("lone_cr", HIT.replace("\n", "\r").encode(), 3),
    Case("mixed_endings", f"{IMPORT}\r\n\n\r# x\r{CALL}\r\n".encode(), 5),
    Case("bom", codecs.BOM_UTF8 + HIT.encode(), 3),
    Case("bom_and_cookie", codecs.BOM_UTF8 + b"# coding: utf-8\r\n" + HIT.encode(), 4),
    Case("bom_on_first_statement", codecs.BOM_UTF8 + f"{IMPORT}; {CALL}".encode(), 1, 76),
    Case("latin_1", _coded("latin-1", "é ß"), 5),
    Case("iso_8859_15", _coded("iso-8859-15", "€"), 5),
    Case("cp1252", _coded("cp1252", "€ “”"), 5),
    Case("koi8_r", _coded("koi8-r", "строка"), 5),
    Case("euc_jp", _coded("euc-jp", "日本語"), 5),
    Case("gb18030", _coded("gb18030", "中文😀"), 5),
    Case("cookie_on_line_two", b"#!/usr/bin/python\n" + _coded("latin-1", "é"), 6),
    Case(
        "latin_1_before",
        b"# coding: latin-1\n" + f"{IMPORT}\nx = 'é'; {CALL}".encode("latin-1"),
        3,
        32,
    ),
    Case("form_feeds", f"\f{IMPORT}\n\f\n\f\n\f{CALL}\n".encode(), 4, 24),
    Case("vertical_tab_and_nel", f"{IMPORT}\n# \x0b \x1c \x85 \u2028 \u2029\n{CALL}\n".encode(), 3),
    Case("tabs", f"{IMPORT}\nif True:\n\t{CALL}\n".encode(), 3, 24),
    Case("no_last_newline", f"{IMPORT}\n{CALL}".encode(), 2),
    Case("trailing_backslash", f"{IMPORT}\n{CALL} \\\n\n".encode(), 2),
    Case("control_z_comment", f"{IMPORT}\n{CALL}\n# \x1a\n".encode(), 2),
    Case("emoji_before", f"{IMPORT}\nx = '🎉'; {CALL}\n".encode(), 2, 32),
    Case("flag_and_family", f"{IMPORT}\nx = '🇫🇷👩‍👩‍👧'; {CALL}\n".encode(), 2, 38),
    Case("combining", f"{IMPORT}\nx = 'e\u0301\u0327'; {CALL}\n".encode(), 2, 34),
    Case("wide", f"{IMPORT}\nx = '日本'; {CALL}\n".encode(), 2, 33),
    Case("right_to_left", f"{IMPORT}\nx = '\u202eאב'; {CALL}\n".encode(), 2, 34),
    Case("unicode_names", f"{IMPORT}\nвес = 1; {CALL}\n".encode(), 2, 32),
    Case("astral_in_call", f"{IMPORT}\nf('𝔘', 𝔫=1); {CALL}\n".encode(), 2, 36),
    Case("long_line", f"{IMPORT}\nx = '{'é' * 200_000}'; {CALL}\n".encode(), 2, 200_031),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bytes")
    for case in CHECKED:
        (root / f"{case.name}.py").write_bytes(case.data)
    return root


@pytest.mark.parametrize("output_format", FORMATS)
def test_columns_count_code_points_in_every_format(tree: Path, output_format: str) -> None:
    done = titan_lint(f"--output-format={output_format}", ".", cwd=tree)
    assert done.errors == []
    assert done.status == 1
    expected = sorted((f"{case.name}.py", case.line, case.column) for case in CHECKED)
    assert sorted(locations(output_format, done.stdout)) == expected


def test_a_fix_changes_nothing_but_its_own_bytes(tmp_path: Path) -> None:
    for case in CHECKED:
        (tmp_path / f"{case.name}.py").write_bytes(case.data)
    done = titan_lint("--fix", ".", cwd=tmp_path)
    assert (done.status, done.errors) == (0, [])
    for case in CHECKED:
        expected = case.data.replace(CALL.encode(), FIXED_CALL.encode())
        assert (tmp_path / f"{case.name}.py").read_bytes() == expected, case.name


def test_a_diff_is_what_git_would_apply(tmp_path: Path) -> None:
    import shutil
    import subprocess

    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    for case in CHECKED:
        (tmp_path / f"{case.name}.py").write_bytes(case.data)
    done = titan_lint("--diff", ".", cwd=tmp_path)
    assert done.status == 1
    apply = ["git", "apply", "--unsafe-paths", "-p0", "--whitespace=nowarn", "-"]
    subprocess.run(apply, cwd=tmp_path, input=done.stdout, check=True)
    for case in CHECKED:
        expected = case.data.replace(CALL.encode(), FIXED_CALL.encode())
        assert (tmp_path / f"{case.name}.py").read_bytes() == expected, case.name


REFUSED = {
    "nul": (HIT.encode() + b"x = '\0'\n", "null bytes"),
    "not_utf_8": (HIT.encode() + b"x = '\xff'\n", "not valid utf-8"),
    "lone_surrogate": (HIT.encode() + b"x = '\xed\xa0\x80'\n", "not valid utf-8"),
    "unknown_cookie": (b"# coding: no-such-codec\n" + HIT.encode(), "encoding"),
    "cookie_against_bom": (codecs.BOM_UTF8 + b"# coding: latin-1\n" + HIT.encode(), "encoding"),
    "no_text_codec": (b"# coding: rot13\n" + HIT.encode(), "rot13"),
    "binary_codec": (b"# coding: hex\n" + HIT.encode(), "hex"),
    "wrong_cookie": (b"# coding: ascii\n# \xc3\xa9\n" + HIT.encode(), "not valid ascii"),
    "utf_16": (codecs.BOM_UTF16_LE + HIT.encode("utf-16-le") + b" torchtitan", "encoding"),
    "syntax_error": (HIT.encode() + b"def f(:\n", "not valid Python"),
    "python_2": (HIT.encode() + b"print 'x'\n", "not valid Python"),
    "bad_indent": (HIT.encode() + b"  x = 1\n", "not valid Python"),
    "mixed_tabs": (HIT.encode() + b"if 1:\n\tx = 1\n        y = 1\n", "not valid Python"),
    "open_string": (HIT.encode() + b"x = '''\n", "not valid Python"),
    "merge_conflict": (HIT.encode() + b"<<<<<<< HEAD\n", "not valid Python"),
    "brackets": (HIT.encode() + b"x = " + b"[" * 5_000 + b"]" * 5_000 + b"\n", ""),
    "open_brackets": (HIT.encode() + b"x = " + b"(" * 5_000, ""),
    "signs": (HIT.encode() + b"x = " + b"-" * 50_000 + b"1\n", "too deeply"),
    "sums": (HIT.encode() + b"x = 1" + b" + 1" * 100_000 + b"\n", "too deeply"),
    "attributes": (HIT.encode() + b"x = y" + b".z" * 100_000 + b"\n", "too deeply"),
    "calls": (HIT.encode() + b"x = y" + b"()" * 100_000 + b"\n", "too deeply"),
    "elifs": (HIT.encode() + b"if x: pass\n" + b"elif x: pass\n" * 20_000, "too deeply"),
}


def test_what_cannot_be_read_is_one_clear_line_each(tmp_path: Path) -> None:
    for name, (data, _) in REFUSED.items():
        (tmp_path / f"{name}.py").write_bytes(data)
    (tmp_path / "well.py").write_text(HIT)
    done = titan_lint("--output-format=concise", ".", cwd=tmp_path, own_process=True)
    assert done.status == 2
    assert [path for path, _, _ in locations("concise", done.stdout)] == ["well.py"]
    lines = {line.removeprefix("error: ").partition(".py")[0]: line for line in done.errors}
    assert len(lines) == len(done.errors) == len(REFUSED), done.stderr
    for name, (_, reason) in REFUSED.items():
        assert reason in lines[name], name
        assert len(lines[name]) < 300
        assert "mistake in titan-lint" not in lines[name]


@pytest.mark.parametrize("output_format", FORMATS)
def test_formats_hold_what_cannot_be_read(tmp_path: Path, output_format: str) -> None:
    # What is nested too deeply is refused like the others, in a process of its own above.
    refused = {name: data for name, (data, _) in REFUSED.items() if len(data) < 1_000}
    assert len(refused) > 12
    for name, data in refused.items():
        (tmp_path / f"{name}.py").write_bytes(data)
    done = titan_lint(f"--output-format={output_format}", ".", cwd=tmp_path)
    assert done.status == 2
    assert len(done.errors) == len(refused)
    assert locations(output_format, done.stdout) == []


def test_broken_files_are_not_touched_by_fix(tmp_path: Path) -> None:
    for name, (data, _) in REFUSED.items():
        (tmp_path / f"{name}.py").write_bytes(data)
    done = titan_lint("--fix", "--unsafe-fixes", ".", cwd=tmp_path, own_process=True)
    assert done.status == 2
    for name, (data, _) in REFUSED.items():
        assert (tmp_path / f"{name}.py").read_bytes() == data, name


NESTED = {
    # What the compiler takes, titan-lint takes.
    "sums": b"x = 1" + b" + 1" * 900 + b"\n",
    "strings": b"x = (''" + b"\n    + 'y'" * 900 + b")\n",
    "attributes": b"x = y" + b".z" * 900 + b"\n",
    "chained_calls": b"x = y" + b".z()" * 450 + b"\n",
    "elifs": b"if x: pass\n" + b"elif x: pass\n" * 900,
    "brackets": b"x = " + b"[" * 90 + b"]" * 90 + b"\n",
    "lambdas": b"x = " + b"lambda: " * 90 + b"0\n",
    "functions": b"".join(b" " * i + b"def f():\n" for i in range(90)) + b" " * 90 + b"pass\n",
    "ands": b"x = " + b" and ".join([b"y"] * 5_000) + b"\n",
    "arguments": b"f(" + b"1, " * 5_000 + b")\n",
}


@pytest.mark.parametrize("name", NESTED)
def test_nesting_that_python_compiles_is_checked_and_fixed(tmp_path: Path, name: str) -> None:
    data = HIT.encode() + NESTED[name]
    compile(data, name, "exec")
    path = tmp_path / "nested.py"
    path.write_bytes(data)
    done = titan_lint("--fix", ".", cwd=tmp_path, own_process=True)
    assert (done.status, done.errors) == (0, []), done
    assert path.read_bytes() == data.replace(CALL.encode(), FIXED_CALL.encode())


def test_empty_files_are_clean(tmp_path: Path) -> None:
    for name, data in {
        "empty": b"",
        "bom": codecs.BOM_UTF8,
        "newline": b"\n",
        "space": b" ",
        "cr": b"\r",
    }.items():
        (tmp_path / f"{name}.py").write_bytes(data)
    done = titan_lint("--output-format=json", ".", cwd=tmp_path)
    assert (done.status, done.errors) == (0, [])
    assert json.loads(done.stdout)["summary"]["files"] == 5


def test_a_large_file_takes_seconds(tmp_path: Path) -> None:
    line = b"# " + b"x" * 97 + b"\n"
    data = (HIT.encode() + line * 100_000)[:LARGEST]
    assert len(data) == LARGEST
    (tmp_path / "large.py").write_bytes(data)
    started = time.monotonic()
    done = titan_lint("--fix", ".", cwd=tmp_path)
    assert (done.status, done.errors) == (0, [])
    assert time.monotonic() - started < 30
    fixed = data.replace(CALL.encode(), FIXED_CALL.encode(), 1)
    assert (tmp_path / "large.py").read_bytes() == fixed


def test_a_fix_does_not_have_to_keep_a_file_below_the_largest_size(tmp_path: Path) -> None:
    # The file above has grown over it.
    data = (HIT.encode() * 2 + b"#" * LARGEST)[:LARGEST]
    (tmp_path / "large.py").write_bytes(data)
    assert titan_lint("--diff", "large.py", cwd=tmp_path).errors == []


@pytest.mark.parametrize("option", ["--no-cache", "--fix", "--add-noqa", "--diff"])
def test_too_large_a_file_is_one_clear_line(tmp_path: Path, option: str) -> None:
    data = HIT.encode() + b"#" * (50_000_000 - len(HIT))
    (tmp_path / "large.py").write_bytes(data)
    (tmp_path / "well.py").write_text("import torchtitan\n")
    done = titan_lint(option, ".", cwd=tmp_path)
    assert done.status == 2
    assert done.errors == [
        "error: large.py: too large to be checked: 50,000,000 bytes, of at most 10,000,000; "
        "a file that is no code can be excluded"
    ]
    assert (tmp_path / "large.py").read_bytes() == data


def test_a_file_without_torchtitan_may_have_any_size(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_bytes(b"x = 1\n" * 10_000_000)
    done = titan_lint(".", cwd=tmp_path)
    assert (done.status, done.errors) == (0, [])


@pytest.mark.parametrize(
    "where", ["titan_lint.run.one_file.suppress", "titan_lint.code.program.linked"]
)
def test_too_little_memory_is_no_mistake_of_a_rule(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text(HIT)
    monkeypatch.setattr(where, fail)
    assert run(["--isolated", "--no-cache", "-j1", "a.py"]) == 2
    assert capfd.readouterr().err == "error: a.py: there is too little memory to check it\n"


def test_a_long_line_is_shown_in_part(tree: Path) -> None:
    done = titan_lint("long_line.py", cwd=tree)
    assert max(map(len, done.stdout.decode().splitlines())) < 300
