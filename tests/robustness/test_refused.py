"""Where a fix cannot be made, the finding is there all the same and says why."""

from __future__ import annotations

import sys

import pytest

from tests.fixing import fix_text

IMPORT = "from torchtitan.models.llama3 import model_registry\n"
UNPARSABLE = "LibCST cannot parse the call"
TOO_DEEP = "the code is nested too deeply"


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        pytest.param(
            "t'{a}' t'{b}'",
            UNPARSABLE,
            id="adjoining_templates",
            marks=pytest.mark.skipif(sys.version_info < (3, 14), reason="needs t-strings"),
        ),
        pytest.param("+".join(["1"] * 900), TOO_DEEP, id="sums"),
        pytest.param("a" + ".b" * 900, TOO_DEEP, id="attributes"),
        pytest.param("a" + "()" * 900, TOO_DEEP, id="calls"),
        pytest.param("not " * 900 + "a", TOO_DEEP, id="negations"),
        pytest.param("lambda: " * 900 + "a", TOO_DEEP, id="functions"),
        pytest.param("f'{a}'" * 900, TOO_DEEP, id="adjoining_strings"),
    ],
)
def test_a_call_that_libcst_cannot_take_is_reported_without_a_fix(
    argument: str, reason: str
) -> None:
    text = f"{IMPORT}s = model_registry('8B_flex', given={argument})\n"
    fixed = fix_text(text, select=["TTN105"])
    assert fixed.source.text == text
    assert not fixed.failures
    (finding,) = fixed.remaining
    assert finding.notes[-1] == f"no fix is offered: {reason}"
    assert finding.help == "Write `8B` with `attn_backend='flex'`"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="newer Pythons tell where it stands")
def test_a_rewrite_inside_an_fstring_says_why_there_is_none() -> None:
    text = f"{IMPORT}s = f'{{model_registry(\"8B_flex\")}}'\n"
    (finding,) = fix_text(text, select=["TTN105"]).remaining
    assert finding.notes[-1] == "no fix is offered: the expression stands inside an f-string"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="3.11 does not tell where it stands")
@pytest.mark.parametrize(("outer", "inner"), [("'", '"'), ('"', "'"), ("'" * 3, '"')])
def test_a_rewrite_inside_an_fstring_keeps_to_its_quotes(outer: str, inner: str) -> None:
    call = f"model_registry({inner}8B_flex{inner})"
    new = f"model_registry({inner}8B{inner}, attn_backend={inner}flex{inner})"
    text = f"{IMPORT}s = f{outer}{{{call}:>{{{call}}}}}{outer}\n"
    fixed = fix_text(text, select=["TTN105"])
    assert fixed.source.text == text.replace(call, new)
    assert not fixed.remaining
