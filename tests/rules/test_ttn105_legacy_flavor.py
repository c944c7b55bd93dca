"""TTN105: flavors that named the backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixing import fix_text
from tests.rules.cases import fixed, found, messages
from titan_lint.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

BESIDE_A_SETTING = """\
from torchtitan.models.llama3 import model_registry


def build(config):
    if config.attn_type == "flex":
        return model_registry("8B_flex")
    return model_registry("8B_varlen")
"""


def test_the_flavor_says_more_than_a_setting_beside_it() -> None:
    fixed = fix_text(BESIDE_A_SETTING)
    assert {finding.code for finding in fixed.fixed} == {"TTN105"}
    assert 'model_registry("8B", attn_backend="flex")' in fixed.source.text
    assert 'model_registry("8B", attn_backend="varlen")' in fixed.source.text
    assert fixed.remaining == []


def test_legacy_guard_names_the_old_flavor_and_stays_as_it_is() -> None:
    text = "from torchtitan.models.llama3 import model_registry\ndef build():\n    return model_registry('8B_varlen')\n"
    once = fixed(text, legacy_guard=True).source.text
    assert "inspect.signature(model_registry).parameters" in once
    assert "raise RuntimeError(" in once
    assert "8B_varlen" in once
    assert "0.3.0" in once
    assert "model_registry('8B', attn_backend='varlen')" in once


def test_a_flavor_that_partial_bound_is_explained_as_it_may_be_for_several_calls() -> None:
    text = (
        "from functools import partial\n"
        "from torchtitan.models.llama3 import model_registry\n"
        "make = partial(model_registry, '8B_varlen')\n"
        "one, two = make(), make(attn_backend='varlen')\n"
    )
    assert fixed(text).source.text == text
    assert [finding.fix for finding in found("TTN105", text)] == [None]


ADDED = "from torchtitan.models import llama3\nfrom torchtitan.models.llama3 import llama3_configs, model_registry\n"


@pytest.mark.parametrize(
    "text",
    [
        "llama3_configs['8B_flex'] = llama3_configs['8B']\nmodel_registry('8B_flex')\n",
        "llama3.llama3_configs['8B_flex'] = llama3_configs['8B']\nllama3.model_registry('8B_flex')\n",
        "llama3_configs.update({'8B_flex': llama3_configs['8B']})\nmodel_registry('8B_flex')\n",
        "llama3_configs |= {'8B_flex': llama3_configs['8B']}\nmodel_registry('8B_flex')\n",
        "for n in sizes:\n    llama3_configs[n] = llama3_configs['8B']\nmodel_registry('8B_flex')\n",
        "def register(name):\n    def made(fn):\n        llama3_configs[name] = fn\n        return fn\n    return made\n"
        "@register('8B_flex')\ndef mine(backend):\n    return llama3_configs['8B'](backend)\n"
        "model_registry('8B_flex')\n",
        # Only what is there is asked for.
        "names = [n for n in ('8B', '8B_flex') if n in llama3_configs]\nfor n in names:\n    model_registry(n)\n",
        # Another class says otherwise.
        "class Base:\n    flavor = '8B_flex'\n    def spec(self):\n        return model_registry(self.flavor)\n"
        "class Mine(Base):\n    flavor = '8B'\nMine().spec()\n",
        # The registry is another one.
        "llama3.model_registry = mine\nllama3.model_registry('8B_flex')\n",
    ],
)
def test_a_flavor_that_may_be_there_is_left_alone(text: str) -> None:
    assert messages("TTN105", ADDED + text) == []
    assert messages("TTN402", ADDED + text) == []


@pytest.mark.parametrize(
    "text",
    [
        "llama3_configs['tiny'] = llama3_configs['8B']\nmodel_registry('8B_flex')\n",
        "llama3_configs.pop('8B')\nmodel_registry('8B_flex')\n",
        "def build(flavor=None):\n    return model_registry(flavor or '8B_flex')\n",
        "model_registry('8B_flex' if fast else '8B')\n",
        "model_registry('8B_flex' if fast else '8B_varlen')\n",
    ],
)
def test_another_flavor_that_is_there_does_not_bring_it(text: str) -> None:
    assert messages("TTN105", ADDED + text)


def test_a_flavor_of_one_branch_is_a_warning() -> None:
    (one,) = found("TTN105", ADDED + "model_registry('8B_flex' if fast else '8B')\n")
    assert (one.severity, one.fix) == (Severity.WARNING, None)
    assert {
        finding.severity
        for finding in found("TTN105", ADDED + "model_registry('8B_flex' if a else '8B_varlen')\n")
    } == {Severity.ERROR}


@pytest.mark.parametrize(
    "other",
    [
        "llama3.llama3_configs['8B_flex'] = llama3.llama3_configs['8B']\n",
        "llama3.llama3_configs.update({'tiny': mine, '8B_flex': mine})\n",
        "def install():\n    llama3.llama3_configs['8B_flex'] = mine\n",
        "def install():\n    for n in ('tiny', '8B_flex'):\n        llama3.llama3_configs.setdefault(n, mine)\n",
        "kept = llama3.model_registry\ndef ours(flavor, **more):\n    return kept(flavor.replace('_flex', ''), **more)\n"
        "llama3.model_registry = ours\n",
    ],
)
def test_another_file_may_bring_it(titan_lint: TitanLint, tmp_path: Path, other: str) -> None:
    use = "import more\nfrom torchtitan.models.llama3 import model_registry\n"
    (tmp_path / "use.py").write_text(use + "model_registry('8B_flex')\n")
    more = tmp_path / "more.py"
    asked = ("--isolated", "--no-cache", "--torchtitan", "0.3.0", "--select", "TTN105,TTN402")
    more.write_text("from torchtitan.models import llama3\nllama3.llama3_configs['tiny'] = 1\n")
    assert "8B_flex" in titan_lint(*asked, tmp_path).out
    more.write_text(f"from torchtitan.models import llama3\n{other}")
    assert "8B_flex" not in titan_lint(*asked, tmp_path).out
