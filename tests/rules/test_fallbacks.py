"""A literal that counts where nobody gives another value: defaults, and what stands behind `or`."""

from __future__ import annotations

import pytest

from tests.rules.cases import found, messages
from titan_lint.finding import Severity

HEAD = """\
import os
from os import environ, getenv
from torchtitan.config import ParallelismConfig
from torchtitan.models.llama3 import model_registry

"""

SEEN = [
    "def build(size='9B'):\n    return model_registry(size, attn_backend='flex')",
    "def build(*, size='9B'):\n    return model_registry(size, attn_backend='flex')",
    "async def build(size: str = '9B'):\n    return model_registry(size, attn_backend='flex')",
    "SIZE = '9B'\ndef build(size=SIZE):\n    return model_registry(size, attn_backend='flex')",
    "def build(size=None):\n    return model_registry(size or '9B', attn_backend='flex')",
    "def build(a, b):\n    return model_registry(a or b or '9B', attn_backend='flex')",
    "model_registry(os.environ.get('SIZE', '9B'), attn_backend='flex')",
    "model_registry(os.getenv('SIZE', '9B'), attn_backend='flex')",
    "model_registry(getenv('SIZE') or '9B', attn_backend='flex')",
    "size = environ.get('SIZE', '9B')\nmodel_registry(size, attn_backend='flex')",
    "class Maker:\n    def __init__(self, size='9B'):\n"
    "        self.spec = model_registry(size, attn_backend='flex')\n",
    "def build(size='9B'):\n    return model_registry(size, attn_backend='flex')\nbuild()\nbuild('8B')",
    "def build(size=os.environ.get('SIZE', '9B')):\n"
    "    print(size)\n    return model_registry(size, attn_backend='flex')",
]


@pytest.mark.parametrize("text", SEEN)
def test_a_default_that_the_target_lacks_is_a_warning(text: str) -> None:
    (finding,) = found("TTN402", HEAD + text, "0.3.0", ("TTN402",))
    assert finding.severity is Severity.WARNING
    assert any("nobody gives another" in note for note in finding.notes)


@pytest.mark.parametrize("text", SEEN)
def test_the_same_default_is_left_alone_where_the_target_has_it(text: str) -> None:
    assert messages("TTN402", HEAD + text.replace("9B", "8B")) == []


BUILD = "def build(size='9B'):\n    return model_registry(size, attn_backend='flex')\n"


@pytest.mark.parametrize(
    "text",
    [
        "def build(size):\n    return model_registry(size, attn_backend='flex')",
        "def build(size=None):\n    return model_registry(size, attn_backend='flex')",
        "def build(size=other()):\n    return model_registry(size, attn_backend='flex')",
        "def build(size='9B'):\n    size = pick(size)\n"
        "    return model_registry(size, attn_backend='flex')",
        "def build(size='9B'):\n    if size == '9B':\n        size = '8B'\n"
        "    return model_registry(size, attn_backend='flex')",
        "def build(size='9B'):\n    if known(size):\n"
        "        return model_registry(size, attn_backend='flex')",
        "def build(size='9B'):\n    if size not in KNOWN:\n        raise ValueError(size)\n"
        "    return model_registry(size, attn_backend='flex')",
        "def build(size='9B'):\n    assert size != '9B'\n"
        "    return model_registry(size, attn_backend='flex')",
        "def build(size='9B'):\n    match size:\n        case '9B': return None\n"
        "    return model_registry(size, attn_backend='flex')",
        "def build(size='9B'):\n    try:\n        return model_registry(size, attn_backend='flex')\n"
        "    except KeyError:\n        return None",
        BUILD + "build('8B')\nbuild(size='8B')",
        BUILD + "build(*sizes)",
        BUILD + "build(**sizes)",
        "os.environ['SIZE'] = '8B'\nmodel_registry(os.environ.get('SIZE', '9B'), attn_backend='flex')",
        "model_registry(os.environ.get(key(), '9B'), attn_backend='flex')",
        "model_registry(os.environ.get('SIZE'), attn_backend='flex')",
        "model_registry(settings.get('SIZE', '9B'), attn_backend='flex')",
        "model_registry(size and '9B', attn_backend='flex')",
        "model_registry('9B' or size, attn_backend='flex') if size else None\n"
        "def model_registry(size, attn_backend): ...",
    ],
)
def test_a_default_that_may_never_count_is_left_alone(text: str) -> None:
    assert messages("TTN402", HEAD + text) == []


@pytest.mark.parametrize(
    "text",
    [
        "def build(backend='sdpa'):\n    return model_registry('8B', attn_backend=backend)",
        "def build(backend=None):\n    return model_registry('8B', attn_backend=backend or 'sdpa')",
        "model_registry('8B', attn_backend=os.environ.get('BACKEND', 'sdpa'))",
        "model_registry('8B', attn_backend=getenv('BACKEND') or 'sdpa')",
        "backend = getenv('BACKEND', 'sdpa')\nmodel_registry('8B', attn_backend=backend)",
    ],
)
def test_a_default_that_the_registry_rejects_is_a_warning(text: str) -> None:
    (finding,) = found("TTN106", HEAD + text, "0.3.0", ("TTN106",))
    assert finding.severity is Severity.WARNING
    assert messages("TTN106", HEAD + text, "2026-05-01") == []
    assert messages("TTN106", HEAD + text.replace("sdpa", "varlen")) == []


@pytest.mark.parametrize(
    "text",
    [
        "def make(backend='default'):\n    return ParallelismConfig(spmd_backend=backend)",
        "def make(backend=None):\n    return ParallelismConfig(spmd_backend=backend or 'default')",
        "ParallelismConfig(spmd_backend=os.environ.get('BACKEND', 'default'))",
    ],
)
def test_a_default_that_a_field_no_longer_takes_is_a_warning(text: str) -> None:
    (finding,) = found("TTN401", HEAD + text, "0.3.0", ("TTN401",))
    assert finding.severity is Severity.WARNING
    assert finding.fix is None
    assert messages("TTN401", HEAD + text, "2026-06-15") == []
    assert messages("TTN401", HEAD + text.replace("'default'", "'full_dtensor'")) == []


def test_a_registry_without_the_parameter_refuses_every_value() -> None:
    text = """\
from torchtitan.models.flux import model_registry

def build(backend="flex"):
    return model_registry("flux-dev", attn_backend=backend)
"""
    (finding,) = found("TTN106", text, "0.3.0", ("TTN106",))
    assert finding.severity is Severity.ERROR
