"""What the running Python cannot parse is one error line that says which Python would."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from titan_lint.code.program import Program
from titan_lint.code.source import Source, SourceError
from titan_lint.newer_syntax import newer_syntax

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = f"read by Python {sys.version_info[0]}.{sys.version_info[1]}"

NEW = {
    "except": ("try:\n    pass\nexcept A, B:\n    pass\n", (3, 14)),
    "except_star": ("try:\n    pass\nexcept* A, B:\n    pass\n", (3, 14)),
    "template": ("x = 1; page = t'<b>{name}</b>'\n", (3, 14)),
    "template_argument": ('f(a, tR"""\n{b}""")\n', (3, 14)),
    "default": ("class A[T = int](B):\n    pass\n", (3, 13)),
    "default_of_function": ("async def f[\n    K: (int, str),\n    T: list[K] = int,\n](): pass\n", (3, 13)),
    "default_of_alias": ("type A[T = int] = list[T]\n", (3, 13)),
    "type": ("type A = int\n", (3, 12)),
    "type_of_parameter": ("if x:\n    type A[T] = list[T]\n", (3, 12)),
    "function": ("def f[T: int](a=1): pass\n", (3, 12)),
    "class": ("class A[T](metaclass=M):\n    pass\n", (3, 12)),
    "same_quotes": ('print(f"{names["a"]} e")\n', (3, 12)),
    "string": ('f"{", ".join(x)}"\n', (3, 12)),
    "nested": ('f"{f"{a}"}"\n', (3, 12)),
    "backslash": ('print(f"{"\\n".join(names)}")\n', (3, 12)),
    "lines": ('print(f"{\n    names\n}")\n', (3, 12)),
    "comment": ('f"""{a  # b\n}"""\n', (3, 12)),
}  # fmt: skip

MISTAKES = {
    "except_as": "try:\n    pass\nexcept A, B as e:\n    pass\n",
    "bracket": "f(a\n",
    "name": "type x\n",
    "call": "x = tt 'a'\n",
    "subscript": "class A.b[T = int]:\n    pass\n",
    "string": "x = 'a\n",
    "conversion": 'f"{a!x}"\n',
    "print": "print 'a'\n",
    "empty": "def :\n",
}


def message(text: str) -> str:
    with pytest.raises(SourceError) as raised:
        Program(Source("a.py", text))
    return raised.value.message


@pytest.mark.parametrize("name", sorted(NEW))
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_newer_syntax_is_told_with_its_version(name: str, ending: str) -> None:
    text, since = NEW[name]
    if sys.version_info >= since:
        ast.parse(text)
        return
    said = message(text.replace("\n", ending))
    assert f" Python {since[0]}.{since[1]} (PEP " in said
    assert said.endswith(f"; {RUNNING})")


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_a_mistake_is_no_newer_syntax(name: str) -> None:
    said = message(MISTAKES[name])
    assert "PEP" not in said
    assert said.endswith(f" ({RUNNING})")


def test_what_the_running_python_knows_is_no_newer_syntax() -> None:
    error = SyntaxError("invalid syntax", ("a.py", 1, 6, "x = t'a'"))
    assert newer_syntax(error, "x = t'a'", (3, 13)) == "a t-string needs Python 3.14 (PEP 750)"
    assert newer_syntax(error, "x = t'a'", (3, 14)) == ""


def test_an_error_without_a_place_is_no_newer_syntax() -> None:
    assert newer_syntax(SyntaxError("invalid syntax"), "x = t'a'", (3, 13)) == ""
    nowhere = SyntaxError("invalid syntax", ("a.py", 9, 1, ""))
    assert newer_syntax(nowhere, "x = t'a'", (3, 13)) == ""


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="newer Pythons read it")
@pytest.mark.parametrize("option", ["--fix", "--output-format=concise"])
def test_a_file_with_newer_syntax_is_one_line_and_left_alone(tmp_path: Path, option: str) -> None:
    text = "import torchtitan\ntry:\n    pass\nexcept A, B:\n    pass\n"
    path = tmp_path / "a.py"
    path.write_text(text)
    command = [sys.executable, "-m", "titan_lint", "--isolated", "--no-cache", option, "a.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert path.read_text() == text
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: a.py:4:8: not valid Python: ")
    assert line.endswith(
        f"(`except` of several types without parentheses needs Python 3.14 (PEP 758); {RUNNING})"
    )
