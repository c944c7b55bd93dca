"""A rewrite fits the layout that it finds, and leaves every other byte as it was."""

from __future__ import annotations

import pytest

from tests.rules.cases import ATTENTION, check_transformed, fixed, found
from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.code.source import Source
from titan_lint.finding import Applicability
from titan_lint.uses.options import Options

IMPORT = "from torchtitan.models.llama3 import model_registry\n\n"

CALLS = {
    "one line": ("model_registry(f)", "model_registry(f, attn_backend=c.attn_type)"),
    "keyword": ("model_registry(flavor=f)", "model_registry(flavor=f, attn_backend=c.attn_type)"),
    "trailing comma": ("model_registry(f,)", "model_registry(f, attn_backend=c.attn_type,)"),
    "odd spaces": ("model_registry( f )", "model_registry( f, attn_backend=c.attn_type )"),
    "an argument a line": (
        "model_registry(\n        f,\n    )",
        "model_registry(\n        f,\n        attn_backend=c.attn_type,\n    )",
    ),
    "an argument a line, no trailing comma": (
        "model_registry(\n        f\n    )",
        "model_registry(\n        f,\n        attn_backend=c.attn_type\n    )",
    ),
    "a comment behind the argument": (
        "model_registry(\n        f,  # flavor\n    )",
        "model_registry(\n        f,  # flavor\n        attn_backend=c.attn_type,\n    )",
    ),
    "a comment behind the argument, no trailing comma": (
        "model_registry(\n        f  # flavor\n    )",
        "model_registry(\n        f,  # flavor\n        attn_backend=c.attn_type\n    )",
    ),
    "nested call": ("model_registry(g(f))", "model_registry(g(f), attn_backend=c.attn_type)"),
    "chain": (
        "model_registry(f).model.build()",
        "model_registry(f, attn_backend=c.attn_type).model.build()",
    ),
    "parenthesised chain": (
        "(\n        model_registry(f)\n        # the model\n        .model\n    )",
        "(\n        model_registry(f, attn_backend=c.attn_type)\n        # the model\n        .model\n    )",
    ),
    "backslash": (
        "\\\n        model_registry(f)",
        "\\\n        model_registry(f, attn_backend=c.attn_type)",
    ),
    "wide characters before it": (
        "'é🦊' and model_registry(f)",
        "'é🦊' and model_registry(f, attn_backend=c.attn_type)",
    ),
    "behind a semicolon": (
        "1; y = model_registry(f)",
        "1; y = model_registry(f, attn_backend=c.attn_type)",
    ),
}


@pytest.mark.parametrize("case", CALLS)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_keyword_fits_the_calls_layout(case: str, ending: str) -> None:
    before, after = (
        f"{IMPORT}def build(f, c):\n    x = {call}\n    return x, make_masks(c.attn_type)\n"
        for call in CALLS[case]
    )
    result = fix(
        Source("x.py", before.replace("\n", ending)),
        codes=ATTENTION,
        targets=targets.parse("0.3.0"),
        options=Options(),
    )
    assert result.source.text == after.replace("\n", ending)


GUARDED = """\
def build(f, c):
    spec = model_registry(f)
{block}    return spec
"""
ASSIGN = "spec.model.layer.attention.attn_backend = c.attn_type"

BLOCKS = {
    "plain": f"    if hasattr(spec.model, 'layer'):\n        {ASSIGN}\n",
    "one line": f"    if hasattr(spec.model, 'layer'): {ASSIGN}\n",
    "comment above": f"    # choose\n    if hasattr(spec.model, 'layer'):\n        {ASSIGN}\n",
    "comments above": f"    # choose\n    # well\n    if hasattr(spec.model, 'layer'):\n        {ASSIGN}\n",
    "comment inside": f"    if hasattr(spec.model, 'layer'):\n        # in\n        {ASSIGN}  # at\n",
    "comment that closes it": f"    if hasattr(spec.model, 'layer'):\n        {ASSIGN}\n        # end\n",
    "nested": (
        "    if hasattr(spec.model, 'layer'):\n"
        "        if hasattr(spec.model.layer, 'attention'):\n"
        f"            {ASSIGN}\n"
    ),
    "head over lines": (
        "    if (\n        hasattr(spec.model, 'layer')\n"
        f"        and hasattr(spec.model.layer, 'attention')\n    ):\n        {ASSIGN}\n"
    ),
    "try": f"    try:\n        {ASSIGN}\n    except AttributeError:\n        pass\n",
    "try that speaks": (
        f"    try:\n        {ASSIGN}\n    except AttributeError:\n        print('no layer')\n"
    ),
}


@pytest.mark.parametrize("case", BLOCKS)
def test_block_goes_with_its_comments_and_blank_lines(case: str) -> None:
    after = GUARDED.replace("(f)", "(f, attn_backend=c.attn_type)", 1)
    check_transformed(IMPORT + GUARDED.format(block=BLOCKS[case]), IMPORT + after.format(block=""))


def test_one_side_of_blank_lines_goes_too() -> None:
    after = GUARDED.replace("(f)", "(f, attn_backend=c.attn_type)", 1)
    check_transformed(
        IMPORT + GUARDED.format(block="\n" + BLOCKS["plain"] + "\n"),
        IMPORT + after.format(block="\n"),
    )


def test_tabs_and_form_feeds_stay() -> None:
    before = IMPORT + "\f\n" + GUARDED.format(block=BLOCKS["plain"]).replace("    ", "\t")
    after = before.replace("(f)", "(f, attn_backend=c.attn_type)", 1)
    after = after.replace("\tif hasattr(spec.model, 'layer'):\n\t\t" + ASSIGN + "\n", "")
    check_transformed(before, after)


def test_comment_on_what_stays_is_kept() -> None:
    block = BLOCKS["plain"] + "    # what follows\n"
    after = GUARDED.replace("(f)", "(f, attn_backend=c.attn_type)", 1)
    check_transformed(
        IMPORT + GUARDED.format(block=block), IMPORT + after.format(block="    # what follows\n")
    )


def test_an_elif_goes_and_the_rest_of_the_chain_stays() -> None:
    block = (
        f"    if f:\n        print(f)\n    elif hasattr(spec.model, 'layer'):\n        {ASSIGN}\n"
    )
    result = fixed(IMPORT + GUARDED.format(block=block), unsafe=True)
    assert "    if f:\n        print(f)\n    return spec\n" in result.source.text


def test_a_block_that_shares_its_line_is_left_alone() -> None:
    text = (
        IMPORT
        + f"def build(f, c):\n    spec = model_registry(f)\n    try: {ASSIGN}\n    except AttributeError: pass\n    return spec\n"
    )
    assert fixed(text).source.text.count("return spec") == 1
    text = IMPORT + f"def build(f, c):\n    spec = model_registry(f); {ASSIGN}\n    return spec\n"
    assert fixed(text).source.text == text


def test_a_comment_inside_a_replaced_expression_makes_the_fix_unsafe() -> None:
    text = IMPORT + (
        "from torchtitan.protocols.model_spec import ModelSpec\n"
        "def build(f, c):\n"
        "    spec = model_registry(f, attn_backend=c.attn_type)\n"
        "    return make_masks(\n"
        "        spec.model  # read back\n"
        "        .layer.attention.attn_backend\n"
        "    )\n"
    )
    (finding,) = found("TTN102", text)
    assert finding.fix
    assert finding.fix.applicability is Applicability.UNSAFE
    assert fixed(text).source.text == text
    assert "make_masks(\n        c.attn_type\n    )" in fixed(text, unsafe=True).source.text


def test_statements_of_neighbouring_blocks_are_taken_out_each_from_its_own() -> None:
    text = """\
from torchtitan.models.llama3 import model_registry


def build(config, flavor):
    spec = model_registry(flavor)
    with manager():
        layer = getattr(spec.model, "layer", None)
        layer = getattr(spec.model, "layer", None)
    if layer is not None:
        layer.attention.attn_backend = config.attn_type
    return spec.model.build()
"""
    after = """\
from torchtitan.models.llama3 import model_registry


def build(config, flavor):
    spec = model_registry(flavor, attn_backend=config.attn_type)
    with manager():
        layer = getattr(spec.model, "layer", None)
    return spec.model.build()
"""
    assert fixed(text, unsafe=True).source.text == after
