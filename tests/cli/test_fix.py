"""What ``--fix`` and its kin write, and what they leave alone."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.projects import BARE, CLEAN, FIXED, LEGACY, UNSUPPORTED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint


def test_fix_mends_and_counts(project: Path, titan_lint: TitanLint) -> None:
    file = project / "a.py"
    file.write_text(LEGACY + 'x = model_registry("8B", attn_backend="sdpa")\n')
    ran = titan_lint("--fix")
    assert file.read_text() == FIXED + 'x = model_registry("8B", attn_backend="sdpa")\n'
    assert ran.status == 1
    assert "Found 2 errors (1 fixed, 1 remaining).\n" in ran.out
    assert "TTN105" not in ran.out


def test_fix_exits_0_when_nothing_is_left_and_changes_nothing_twice(
    project: Path, titan_lint: TitanLint
) -> None:
    file = project / "a.py"
    file.write_text(LEGACY)
    assert titan_lint("--fix").status == 0
    before = file.stat()
    ran = titan_lint("--fix")
    assert (ran.status, file.stat().st_mtime_ns) == (0, before.st_mtime_ns)
    assert file.stat().st_ino == before.st_ino


@pytest.mark.parametrize(
    ("encoding", "bom", "ending"),
    [
        ("utf-8", b"", "\n"),
        ("utf-8", b"\xef\xbb\xbf", "\r\n"),
        ("utf-8", b"", "\r"),
        ("latin-1", b"", "\r\n"),
        ("cp1252", b"", "\n"),
    ],
)
def test_fix_changes_no_other_byte(
    project: Path, titan_lint: TitanLint, encoding: str, bom: bytes, ending: str
) -> None:
    def write(code: str) -> bytes:
        text = f"# coding: {encoding}\n\f\nname = 'é'\t\n\n{code}last = 'ü'   "
        return bom + text.replace("\n", ending).encode(encoding)

    file = project / "a.py"
    file.write_bytes(write(LEGACY))
    ran = titan_lint("--fix")
    assert ran.err == ""
    assert file.read_bytes() == write(FIXED)


def test_unsafe_fixes_are_hidden_until_asked_for(project: Path, titan_lint: TitanLint) -> None:
    file = project / "a.py"
    file.write_text(BARE)
    ran = titan_lint()
    assert (
        "No fixes available (1 hidden fix can be enabled with the `--unsafe-fixes` option)."
        in ran.out
    )
    assert "[*]" not in ran.out
    titan_lint("--fix")
    assert file.read_text() == BARE
    assert "TTN107 [*]" in titan_lint("--unsafe-fixes").out
    titan_lint("--fix", "--unsafe-fixes")
    assert 'attn_backend="flex"' in file.read_text()


def test_safe_and_hidden_fixes_are_counted_apart(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY + 'y = model_registry("8B_varlen")\n')
    (project / "b.py").write_text(BARE)
    assert (
        "[*] 2 fixable with the `--fix` option "
        "(1 hidden fix can be enabled with the `--unsafe-fixes` option).\n"
    ) in titan_lint().out


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "last = 'é'"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_diff_writes_nothing_and_can_be_applied(
    project: Path, titan_lint: TitanLint, ending: str, last: str, encoding: str
) -> None:
    def write(code: str) -> bytes:
        return f"# coding: {encoding}\n{code}{last}".replace("\n", ending).encode(encoding)

    file = project / "a.py"
    file.write_bytes(write(LEGACY))
    ran = titan_lint("--diff")
    assert (ran.status, ran.err) == (1, "Would fix 1 finding.\n")
    assert file.read_bytes() == write(LEGACY)
    subprocess.run(["git", "apply", "-p0", "-"], input=ran.raw, check=True)
    assert file.read_bytes() == write(FIXED)
    ran = titan_lint("--diff")
    assert (ran.status, ran.out) == (0, "")


def test_a_diff_over_an_unreadable_file_exits_2(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text("import torchtitan\ndef f(:\n")
    assert titan_lint("--diff").status == 2


def test_fix_only_neither_reports_nor_fails_for_the_rest(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(LEGACY)
    (project / "b.py").write_text(UNSUPPORTED)
    ran = titan_lint("--fix-only")
    assert ran.status == 0
    assert ran.out.startswith("Fixed 1 error.\n")
    assert "TTN106" not in ran.out
    assert (project / "a.py").read_text() == FIXED


def test_a_suppressed_finding_is_never_touched(project: Path, titan_lint: TitanLint) -> None:
    code = LEGACY.replace('varlen")', 'varlen")  # noqa: TTN105')
    (project / "a.py").write_text(code)
    ran = titan_lint("--fix", "--unsafe-fixes")
    assert ran.status == 0
    assert (project / "a.py").read_text() == code


def test_fixing_makes_a_suppression_unused_and_removes_it_too(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text("import os  # noqa: TTN106\n" + LEGACY)
    ran = titan_lint("--fix")
    assert (project / "a.py").read_text() == "import os\n" + FIXED
    assert "Found 1 error and 1 warning (2 fixed, 0 remaining)." in ran.out


def test_fixing_standard_input_writes_the_code_out_and_the_report_beside_it(
    project: Path, titan_lint: TitanLint
) -> None:
    ran = titan_lint("-", "--fix", stdin=LEGACY.replace("\n", "\r\n").encode())
    assert ran.raw == FIXED.replace("\n", "\r\n").encode()
    assert "1 fixed" in ran.err
    assert titan_lint("-", "--fix", stdin=CLEAN.encode()).raw == CLEAN.encode()
    broken = b"import torchtitan\ndef f(:\n"
    ran = titan_lint("-", "--fix", stdin=broken)
    assert (ran.status, ran.raw) == (2, broken)


def test_a_link_stays_a_link(project: Path, titan_lint: TitanLint) -> None:
    (project / "real").mkdir()
    (project / "real" / "a.py").write_text(LEGACY)
    (project / "link.py").symlink_to("real/a.py")
    assert titan_lint("--fix", "link.py").status == 0
    assert (project / "link.py").is_symlink()
    assert (project / "real" / "a.py").read_text() == FIXED


def test_walking_fixes_nothing_outside_through_a_link(
    project: Path, titan_lint: TitanLint, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text(LEGACY)
    (project / "link").symlink_to(outside)
    (project / "link.py").symlink_to(outside / "a.py")
    titan_lint("--fix")
    assert (outside / "a.py").read_text() == LEGACY


def test_a_read_only_file_is_reported_as_it_is(project: Path, titan_lint: TitanLint) -> None:
    file = project / "a.py"
    file.write_text(LEGACY)
    file.chmod(0o444)
    ran = titan_lint("--fix")
    assert ran.status == 2
    assert ran.err == "error: a.py: the file is read-only; nothing was written\n"
    assert "TTN105" in ran.out
    assert file.read_text() == LEGACY


def test_a_fix_that_would_break_the_file_is_refused(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from titan_lint.check import fix

    monkeypatch.setattr(fix, "apply", lambda text, edits: text + "def f(:")
    (project / "a.py").write_text(LEGACY)
    ran = titan_lint("--fix")
    assert ran.status == 2
    assert "not fixed: the fixed file would not parse" in ran.err
    assert "TTN105" in ran.out
    assert (project / "a.py").read_text() == LEGACY


def test_add_noqa_suppresses_what_is_there_and_nothing_new(
    project: Path, titan_lint: TitanLint
) -> None:
    file = project / "a.py"
    file.write_text(
        LEGACY
        + 'two = model_registry(\n    "8B_varlen",\n)  # noqa: E501\n'
        + 'three = model_registry("8B_varlen")  # why\n'
        + 'four = model_registry("8B_varlen"); text = """\n"""\n'
        + 'five = model_registry("8B_varlen"); \\\nsix = 6\n'
    )
    ran = titan_lint("--add-noqa")
    assert file.read_text() == (
        LEGACY.replace('varlen")', 'varlen")  # noqa: TTN105')
        + 'two = model_registry(\n    "8B_varlen",\n)  # noqa: E501, TTN105\n'
        + 'three = model_registry("8B_varlen")  # why  # noqa: TTN105\n'
        + 'four = model_registry("8B_varlen"); text = """\n"""\n'
        + 'five = model_registry("8B_varlen"); \\\nsix = 6\n'
    )
    assert ran.out == "Added 3 noqa directives.\n"
    assert ran.status == 2
    assert [line.split(": ")[1] for line in ran.err.splitlines()] == ["a.py:8", "a.py:10"]
    found = json.loads(titan_lint("--output-format=json").out)["findings"]
    assert [finding["line"] for finding in found] == [8, 10]


def test_add_noqa_works_from_the_cache_too(project: Path, titan_lint: TitanLint) -> None:
    file = project / "a.py"
    file.write_text(LEGACY)
    assert titan_lint().status == 1
    assert titan_lint("--add-noqa").out == "Added 1 noqa directive.\n"
    assert titan_lint().status == 0
    assert titan_lint("--add-noqa").out == "Added 0 noqa directives.\n"


def test_colour_is_for_terminals_and_no_color_is_honoured(project: Path) -> None:
    import pty
    import sys

    (project / "a.py").write_text(LEGACY)

    def on_terminal(**environment: str) -> bytes:
        first, second = pty.openpty()
        command = [sys.executable, "-m", "titan_lint"]
        given = {
            **os.environ,
            "TERM": "xterm",
            "PYTHONPATH": os.pathsep.join(sys.path),
            **environment,
        }
        subprocess.run(command, stdout=second, stderr=second, env=given, check=False)
        os.close(second)
        shown = b""
        try:
            while data := os.read(first, 65536):
                shown += data
        except OSError:
            pass
        os.close(first)
        return shown

    assert b"\x1b[1;31mTTN105\x1b[0m" in on_terminal()
    assert b"\x1b" not in on_terminal(NO_COLOR="1")
    assert b"\x1b" not in on_terminal(TERM="dumb")
