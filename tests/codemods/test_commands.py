"""The fixes as LibCST codemod commands, run by LibCST's own tool: the same bytes as ``--fix``."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path

import pytest
from libcst import tool

from tests.projects import LEGACY
from titan_lint.cli import main

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "fixtures" / "engines"
SYNC = "codemods.sync_attn_backend.SyncAttnBackendCommand"
ALL = "codemods.fix_torchtitan.FixTorchtitanCommand"

BARE = b"""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B").model.build()
"""


def codemod(command: str, path: Path, *arguments: str) -> tuple[int, str]:
    """The exit status of LibCST's tool, and what it says.

    It is run in this process; as a program of its own it is run in ``test_installed.py``.
    """
    given = ["codemod", "-x", command, str(path), "--hide-progress", "--no-format", "-j", "1"]
    said = io.StringIO()
    with (
        contextlib.chdir(ROOT),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        status = tool.main("libcst.tool", [*given, *arguments])
    return status, said.getvalue()


def lint_fix(path: Path, *arguments: str) -> None:
    with contextlib.chdir(ROOT):
        assert main.run(["--fix", "--isolated", "-q", str(path), *arguments]) in (0, 1)


@pytest.mark.parametrize(
    ("command", "ending"), [(SYNC, b"\n"), (ALL, b"\r\n"), (ALL, b"\r")], ids=["lf", "crlf", "cr"]
)
def test_same_bytes_as_fix(command: str, ending: bytes, tmp_path: Path) -> None:
    data = (FIXTURES / "founding.py").read_bytes().replace(b"\n", ending)
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_bytes(data)
    other.write_bytes(data)
    status, said = codemod(command, one, "--torchtitan", "0.3.0")
    assert status == 0, said
    lint_fix(other, "--torchtitan", "0.3.0")
    assert other.read_bytes() != data
    # LibCST itself loses a lone carriage return at the end of a file.
    assert one.read_bytes().rstrip(b"\r") == other.read_bytes().rstrip(b"\r")
    assert b"attn_backend=self.engine_config.attn_type" in one.read_bytes()


def test_whole_folder_as_fix_makes_it(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        for path in FIXTURES.glob("*.py"):
            (folder / path.name).write_bytes(path.read_bytes())
    status, said = codemod(ALL, one, "--torchtitan", "0.3.0")
    lint_fix(other, "--torchtitan", "0.3.0")
    assert status == 0, said
    for path in sorted(one.glob("*.py")):
        assert path.read_bytes() == (other / path.name).read_bytes(), path.name
    assert "annotated_parameter.py:14: TTN103" in said


def test_unsafe_fixes_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "bare.py"
    path.write_bytes(BARE)
    assert codemod(ALL, path, "--torchtitan", "0.3.0")[0] == 0
    assert path.read_bytes() == BARE
    assert codemod(ALL, path, "--torchtitan", "0.3.0", "--unsafe-fixes")[0] == 0
    assert path.read_bytes() == BARE.replace(b'"8B"', b'"8B", attn_backend="flex"')


def test_suppressed_findings_are_not_fixed(tmp_path: Path) -> None:
    path = tmp_path / "quiet.py"
    data = BARE.replace(b'("8B").model.build()', b'("8B_varlen")  # noqa: TTN105')
    path.write_bytes(data)
    assert codemod(SYNC, path, "--torchtitan", "0.3.0")[0] == 0
    assert path.read_bytes() == data


def test_unknown_torchtitan_is_refused_and_nothing_written(tmp_path: Path) -> None:
    path = tmp_path / "bare.py"
    path.write_bytes(BARE)
    status, said = codemod(ALL, path, "--torchtitan", "no-such-thing")
    assert status != 0
    assert "no-such-thing" in said
    assert path.read_bytes() == BARE


def test_fix_does_not_import_libcsts_codemods(tmp_path: Path) -> None:
    path = tmp_path / "engine.py"
    # A backslash takes LibCST.
    path.write_text(LEGACY.replace("(", "(\\\n"))
    code = (
        "import sys; from tests.fixing import fix_text; from pathlib import Path; "
        f"assert fix_text(Path({str(path)!r}).read_text()).fixed; "
        "assert 'libcst' in sys.modules; "
        "assert not {'libcst.codemod', 'libcst.matchers'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
