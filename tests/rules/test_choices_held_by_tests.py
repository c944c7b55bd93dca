"""A choice that tests hold to the default, or that another model's config brings, does not have to be passed."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.cases import messages

HEAD = """\
import dataclasses
import sys
from torchtitan.models.llama3 import llama3_configs, model_registry

"""
USE = """\
spec = model_registry(config.flavor)
return spec, get_attention_masks(config.attn_type)
"""
CHECK = "if kind != '{kind}':\n    raise ValueError(kind)\n"
HELD = {
    "raise": "if config.attn_type != '{kind}':\n    raise ValueError\n",
    "not equal": "if not config.attn_type == '{kind}':\n    raise ValueError\n",
    "in": "if config.attn_type not in ('{kind}',):\n    return None\n",
    "with another test": (
        "if config.flavor is None or config.attn_type != '{kind}':\n    raise ValueError\n"
    ),
    "else": "if config.attn_type == '{kind}':\n    print()\nelse:\n    raise ValueError\n",
    "elif": (
        "if config.flavor is None:\n    return None\n"
        "elif config.attn_type != '{kind}':\n    raise ValueError\n"
    ),
    "match": (
        "match config.attn_type:\n    case '{kind}':\n        pass\n"
        "    case _:\n        raise ValueError\n"
    ),
    "assert": "assert config.attn_type == '{kind}', config\n",
    "exit": "if config.attn_type != '{kind}':\n    sys.exit(1)\n",
    "a test that sets it right": "if config.attn_type != '{kind}':\n    config.attn_type = '{kind}'\n",
    "a test that says so and sets it right": (
        "if config.attn_type not in ('{kind}',):\n    print('hm')\n    config.attn_type = '{kind}'\n"
    ),
    "a loop until it is right": (
        "while config.attn_type != '{kind}':\n    config.attn_type = '{kind}'\n"
    ),
    "a function": "check(config.attn_type)\n",
    "a function, by keyword": "check(kind=config.attn_type)\n",
}


def in_function(held: str, kind: str) -> str:
    body = held.format(kind=kind) + USE
    check = "def check(kind):\n" + textwrap.indent(CHECK.format(kind=kind), "    ")
    return f"{HEAD}{check}\ndef build(config):\n{textwrap.indent(body, '    ')}"


@pytest.mark.parametrize("held", HELD)
def test_a_choice_that_tests_hold_to_the_default_needs_not_be_passed(held: str) -> None:
    assert messages("TTN101", in_function(HELD[held], "flex")) == []
    assert len(messages("TTN101", in_function(HELD[held], "varlen"))) == 1


NOT_HELD = {
    "another": "if config.other != 'flex':\n    raise ValueError\n",
    "one of two": "if config.attn_type not in ('flex', 'varlen'):\n    raise ValueError\n",
    "a test that only warns": "if config.attn_type != 'flex':\n    print('hm')\n",
    "a test that sets it to another": (
        "if config.attn_type != 'flex':\n    config.attn_type = 'varlen'\n"
    ),
    "a test that sets what something gives": (
        "if config.attn_type != 'flex':\n    config.attn_type = config.other\n"
    ),
    "together with another": (
        "if config.attn_type != 'flex' and config.flavor:\n    raise ValueError\n"
    ),
    "set anew": "assert config.attn_type == 'flex'\nconfig.attn_type = 'varlen'\n",
    "a test that holds it away": "if config.attn_type == 'flex':\n    raise ValueError\n",
}


@pytest.mark.parametrize("before", NOT_HELD.values(), ids=NOT_HELD)
def test_a_choice_that_may_be_another_has_to_be_passed(before: str) -> None:
    assert len(messages("TTN101", in_function(before, "flex"))) == 1


PARAMETER = """\
from typing import Literal
from torchtitan.models.llama3 import model_registry

def build(flavor, attn_type{annotation}):
{before}    spec = model_registry(flavor)
    return spec, get_attention_masks(attn_type)
"""


@pytest.mark.parametrize("annotation", ["", ": Literal['{kind}']"])
def test_a_parameter_that_can_only_be_the_default_needs_not_be_passed(annotation: str) -> None:
    before = "" if annotation else "    if attn_type != '{kind}':\n        attn_type = '{kind}'\n"
    text = PARAMETER.format(annotation=annotation, before=before)
    assert messages("TTN101", text.replace("{kind}", "flex")) == []
    assert len(messages("TTN101", text.replace("{kind}", "varlen"))) == 1


ENGINE = """\
class Engine:
    def __init__(self, config):
        {first}
        self.config = config

    def check(self):
        if self.config.attn_type != "flex":
            raise ValueError

    def build(self):
        {second}
        return model_registry(self.config.flavor), get_attention_masks(self.config.attn_type)
"""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("assert config.attn_type == 'flex'", "pass"),
        ("self.config = config; self.check()", "pass"),
        ("pass", "self.check()"),
    ],
)
def test_a_constructor_or_a_method_may_hold_a_choice_to_the_default(
    first: str, second: str
) -> None:
    assert messages("TTN101", HEAD + ENGINE.format(first=first, second=second)) == []
    assert len(messages("TTN101", HEAD + ENGINE.format(first="pass", second="pass"))) == 1


MADE = "llama3_configs['debugmodel'](attn_backend=config.attn_type)"
OTHER_MODELS = {
    "replace": f"spec = dataclasses.replace(spec, model={MADE})",
    "a store": f"spec.model = {MADE}",
    "setattr": f"setattr(spec, 'model', {MADE})",
    "a new spec": f"spec = type(spec)(**{{**vars(spec), 'model': {MADE}}})",
    "a helper": f"spec = other(spec, {MADE})",
}
SPEC = """\
def other(spec, model):
    return dataclasses.replace(spec, model=model)


def build(config):
    spec = model_registry(config.flavor)
    {put}
    return spec, get_attention_masks(config.attn_type)
"""


@pytest.mark.parametrize("put", OTHER_MODELS.values(), ids=OTHER_MODELS)
def test_a_spec_that_gets_another_models_config_is_built_with_that_ones_attention(put: str) -> None:
    assert messages("TTN101", HEAD + SPEC.format(put=put)) == []


@pytest.mark.parametrize(
    "put", ["spec.model = wrap(spec.model)", "spec = dataclasses.replace(spec, name='x')"]
)
def test_a_spec_that_keeps_its_model_keeps_its_attention(put: str) -> None:
    assert len(messages("TTN101", HEAD + SPEC.format(put=put))) == 1
