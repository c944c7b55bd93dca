"""A choice that is no backend of the target's, as far as the file tells, is passed only when asked."""

from __future__ import annotations

import pytest

from tests.rules.cases import found
from titan_lint.finding import Applicability

HEAD = """\
import argparse, enum, os
from torchtitan.models.llama3 import model_registry

"""

OVERRIDE = """\
    if hasattr(spec.model, 'layer'):
        spec.model.layer.attention.attn_backend = {0}
    return spec
"""

BUILD = "def build(attn_type):\n    spec = model_registry('8B')\n" + OVERRIDE.format("attn_type")

OPTIONS = (
    "parser = argparse.ArgumentParser()\n"
    "parser.add_argument({0})\n"
    "options = parser.parse_args()\n"
    "def build():\n"
    "    spec = model_registry('8B')\n" + OVERRIDE.format("options.attn_type")
)

ENGINE = (
    "class Engine:\n"
    "    def __init__(self, settings):\n"
    "        self.attn_type = {0}\n"
    "    def build(self):\n"
    "        spec = model_registry('8B')\n"
    + OVERRIDE.format("self.attn_type")
    .replace("\n    ", "\n        ")
    .replace("    if", "        if", 1)
)


def annotated(kind: str) -> str:
    return BUILD.replace("attn_type)", f"attn_type: {kind})", 1)


NOT_TAKEN = {
    "an option without a default": OPTIONS.format("'--attn-type', choices=['flex', 'varlen']"),
    "an option whose default is rejected": OPTIONS.format("'--attn-type', default='sdpa'"),
    "an option of another name": OPTIONS.format("'-a', '--attention', dest='attn_type'"),
    "a caller passes None": BUILD + "build(None)\n",
    "a caller passes what is rejected": BUILD + "build('sdpa')\n",
    "a caller passes it by keyword": BUILD + "build(attn_type='sdpa')\n",
    "a caller of a constructor passes None": ENGINE.format("settings") + "Engine(None).build()\n",
    "a setting that may be missing": ENGINE.format("settings.get('attn_type')"),
    "a variable of the environment": ENGINE.format("os.getenv('ATTN')"),
    "a tuple": BUILD.replace("attn_type)", "attn_type=('flex', 'varlen'))", 1),
    "annotated as a list": annotated("list[str]"),
    "annotated as a class": annotated("type"),
    "annotated as a number or None": annotated("int | None"),
    "its value is asked for": BUILD.replace(
        "    spec =", "    print(attn_type.value)\n    spec =", 1
    ),
    "it may be an enum": (
        "class Kind(enum.Enum):\n    FLEX = 'flex'\n"
        + BUILD.replace("    spec =", "    print(isinstance(attn_type, Kind))\n    spec =", 1)
    ),
}

TAKEN = {
    "a required option": OPTIONS.format("'--attn-type', required=True"),
    "an option whose default is taken": OPTIONS.format("'--attn-type', default='varlen'"),
    "all callers pass what is taken": BUILD + "build('flex')\nbuild(attn_type='varlen')\n",
    "annotated as a string": annotated("str"),
    "made lower case": BUILD.replace("    spec =", "    print(attn_type.lower())\n    spec =", 1),
    "shown to be a string": BUILD.replace(
        "    spec =", "    assert isinstance(attn_type, str)\n    spec =", 1
    ),
}


def applicabilities(text: str) -> set[Applicability]:
    return {
        finding.fix.applicability
        for finding in found("TTN101", HEAD + text)
        if finding.fix is not None
    }


@pytest.mark.parametrize("case", NOT_TAKEN)
def test_what_may_be_no_backend_is_passed_only_when_asked(case: str) -> None:
    assert applicabilities(NOT_TAKEN[case]) == {Applicability.UNSAFE}


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_a_backend_is_passed(case: str) -> None:
    assert applicabilities(TAKEN[case]) == {Applicability.SAFE}
