"""The picture of an editor shows what the server says and does."""

from __future__ import annotations

import html
import re
from pathlib import Path

import titan_lint

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "editor.svg"
TEXT = """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B_varlen")
"""


def test_the_finding_its_fix_and_the_fixed_file_are_shown() -> None:
    shown = html.unescape(re.sub("<[^>]*>", "", PICTURE.read_text(encoding="utf-8")))
    before, _, after = shown.partition("\u2500")
    result = titan_lint.fix(TEXT, torchtitan="0.3.0", isolated=True)
    (finding,) = result.fixed
    assert finding.fix is not None
    assert finding.message in before
    assert f"1: {finding.fix.message} ({finding.code})" in before
    assert all(line in before for line in TEXT.splitlines())
    assert all(line in after for line in result.text.splitlines())
    assert finding.message not in after
