"""Files with newer syntax than the running Python's are checked and fixed like any other."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from titan_lint.api import targets
from titan_lint.check.fix import fix_text
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from titan_lint.finding import Finding

HEAD = "from torchtitan.models.llama3 import model_registry\n"
CALL = "model_registry(flavor)"
FIXED = 'model_registry(flavor, attn_backend="flex")'

AROUND = {
    "same_quotes": 'print(f"{names["a"]} é")\nspec = CALL  # é\n',
    "backslash": 'print(f"{"\\n".join(names)}")\nspec = CALL\n',
    "over_lines": 'print(f"{\n    names\n} é");\tspec = CALL\n',
    "inside_fstring": 'print(f"é{names["a"]}: {CALL!r:>{names["b"]}}")\n',
    "inside_nested_fstring": 'print(f"{f"{names["a"]}{CALL}"}")\n',
    "inside_lines": 'print(f"""\n  é{names["\\n"]} {\n CALL }\n""")\n',
    "alias": "type Spec[T: int = str] = list[T]\r\nspec: Spec = CALL\r\n",
    "aliased_beside": "type Spec = str; spec = CALL; é = 1\n",
    "generic_function": "def build[\n    T: int,\n    *Ts,\n](flavor: T):\n    return CALL\n",
    "generic_class": "class Engine[T = int](Base):\n    def build(self, flavor):\n        self.spec = CALL\n",
    "except": "try:\n    pass\nexcept KeyError, ValueError:\n    pass\nspec = CALL\n",
    "except_star": "try:\n\tpass\nexcept* KeyError, ValueError:\n\tpass\nspec = CALL\n",
    "template": 'page = t"<b>{name!s:{width}}</b>"\nspec = CALL\n',
    "inside_template": "page = t'<b>{CALL}</b>' t'é'\n",
}


@pytest.mark.parametrize("name", sorted(AROUND))
def test_a_bug_beside_newer_syntax_is_fixed_and_nothing_else_changes(name: str) -> None:
    text = HEAD + AROUND[name].replace("CALL", CALL)
    fixed = fix_text(text, select=["TTN107"], unsafe=True)
    assert fixed.refused is None
    assert not fixed.failures
    assert [finding.code for finding in fixed.fixed] == ["TTN107"]
    assert fixed.source.text == HEAD + AROUND[name].replace("CALL", FIXED)


def test_an_fstring_does_not_come_to_need_a_newer_python() -> None:
    text = HEAD + f'print(f"é{{{CALL}}}")\n'
    fixed = fix_text(text, select=["TTN107"], unsafe=True)
    assert fixed.source.text == text
    assert [finding.fix for finding in fixed.remaining] == [None]


def findings(text: str) -> list[Finding]:
    found = lint(
        Source("a.py", text),
        codes=["TTN107"],
        targets=targets.parse("0.3.0"),
        options=Options(),
    )
    assert not found.failures
    return found.findings


@pytest.mark.parametrize("name", sorted(AROUND))
def test_a_finding_beside_newer_syntax_points_at_the_call(name: str) -> None:
    text = HEAD + AROUND[name].replace("CALL", CALL)
    (finding,) = findings(text)
    assert text[finding.span.start : finding.span.end].startswith("model_registry")
    assert finding.span.start == text.rindex("model_registry(")


def test_a_value_behind_a_type_alias_is_followed() -> None:
    text = HEAD + "type Registry = model_registry\n" + 'spec = model_registry("8B")\n'
    assert len(findings(text)) == 1


def test_the_running_python_could_not_parse_all_of_these() -> None:
    refused: list[str] = []
    for name, text in AROUND.items():
        try:
            ast.parse(text.replace("CALL", CALL))
        except SyntaxError:
            refused.append(name)
    # Python 3.14 parses them all; then the tests above say nothing about the translation.
    assert bool(refused) == (sys.version_info < (3, 14))


def test_the_translation_is_loaded_where_it_is_needed_alone() -> None:
    code = """if 1:
        import sys
        from titan_lint.program import parse
        from titan_lint.source import Source
        parse(Source("a.py", "x = f'{a}'"))
        assert not any(name.startswith("titan_lint.code.syntax") for name in sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True)
