"""Classes that derive from one that goes by another name: what others ask of them stays, or is still reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.rules.cases import fixed, messages
from titan_lint.cli.main import run
from titan_lint.rules import names as rule_names

if TYPE_CHECKING:
    from pathlib import Path

CODES = tuple(code for code in rule_names() if code not in ("TTN901", "TTN304"))
BODY = "\n\nclass Own(Base):\n    ours: int = 0\n"

LOSES = {
    "required fields": "from torchtitan.models.deepseek_v3.model.args import DeepSeekV3ModelArgs as Base",
    "required fields of a module": "import torchtitan.models.deepseek_v3.model.args as args\n\nBase = args.DeepSeekV3ModelArgs",
    "a field that is read": "from torchtitan.config.job_config import Optimizer as Base",
    "a positional parameter": "from torchtitan.models.gpt_oss.model.model import TransformerBlock as Base",
}


@pytest.mark.parametrize("what", LOSES)
@pytest.mark.parametrize(
    "use", ["def f(own: Own):\n    return own.name\n", "x = Own(name='AdamW', moe_args=1)\n"]
)
def test_a_class_that_would_lose_what_is_asked_of_it_keeps_its_base_and_is_reported(
    what: str, use: str
) -> None:
    text = f"{LOSES[what]}{BODY}\n\n{use}"
    result = fixed(text, codes=CODES, unsafe=True)
    assert result.source.text == text
    assert result.remaining


def test_a_class_that_loses_nothing_which_is_asked_for_takes_its_new_base() -> None:
    before = """\
        from torchtitan.config.job_config import Optimizer, Profiling


        class Own(Profiling):
            profile_ranks: int = 0


        def f(own: Own):
            return own.profile_ranks, own.enable_profiling
        """
    after = fixed(before.replace("Optimizer, ", ""), codes=CODES, unsafe=True)
    assert "class Own(Profiler.Config):" in after.source.text
    assert after.remaining == []


def test_a_class_that_brings_the_fields_or_makes_its_instances_itself_takes_its_new_base() -> None:
    for body in (
        "    name: str = 'AdamW'\n",
        "    def __init__(self, name):\n        self.name = name\n",
    ):
        text = "from torchtitan.config.job_config import Optimizer\n\n\n"
        text += f"class Own(Optimizer):\n{body}\n\ndef f(own: Own):\n    return own.name\n"
        after = fixed(text, codes=CODES, unsafe=True).source.text
        assert "class Own(OptimizersContainer.Config):" in after


@pytest.mark.parametrize(
    ("asks", "keeps"),
    [
        ("def f(config):\n    return config.early_step_in_backward\n", True),
        ("def f(make):\n    return make(early_step_in_backward=True)\n", True),
        ("def f(config):\n    return getattr(config, 'early_step_in_backward')\n", True),
        ("def f(config):\n    return config.implementation\n", False),
    ],
)
def test_what_another_file_asks_of_a_derived_class_keeps_its_base(
    asks: str, keeps: bool, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    (tmp_path / "other.py").write_text(asks)
    path = tmp_path / "own.py"
    old = "from torchtitan.config.job_config import Optimizer"
    path.write_text(f"{old}\n\n\nclass Own(Optimizer):\n    ours: int = 0\n")
    asked = ["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0", "--fix", "--unsafe-fixes"]
    assert run([*asked, str(tmp_path)]) == int(keeps)
    assert path.read_text().startswith(old) == keeps


DIMS = "from torchtitan.distributed import ParallelDims\n"
EXACT = {
    "of a class of one's own": "class Own(ParallelDims): ...\nobject.__new__(Own).{}()\n",
    "of what the class makes": "object.__new__(ParallelDims).{}()\n",
    "on an object that the class makes": (
        "class Engine:\n    def __init__(self):\n        self.dims = object.__new__(ParallelDims)\n"
        "    def use(self):\n        self.dims.{}()\n"
    ),
}


@pytest.mark.parametrize("text", EXACT.values(), ids=EXACT)
def test_what_is_of_its_very_class_has_nothing_of_one_derived_from_that(text: str) -> None:
    """`FTParallelDims` of 0.2.1 derives from `ParallelDims`, and alone has the method."""
    text = DIMS + text.format("_build_mesh_without_ep")
    assert len(messages("TTN203", text, "0.2.1")) == 1
    assert messages("TTN203", text, "0.2.0") == []
    declared = DIMS + "def use(dims: ParallelDims):\n    dims._build_mesh_without_ep()\n"
    assert messages("TTN203", declared, "0.2.1") == []


def test_a_method_of_what_a_class_makes_is_not_that_of_one_derived_from_it() -> None:
    """`Validator.validate` takes `step`, its base's does not."""
    base = "from torchtitan.components.validate import BaseValidator\n"
    made = base + "validator = object.__new__(BaseValidator)\nvalidator.validate([], step=1)\n"
    assert len(messages("TTN301", made, "0.2.1")) == 1
    declared = base + "def use(validator: BaseValidator):\n    validator.validate([], step=1)\n"
    assert messages("TTN301", declared, "0.2.1") == []
    either = made.replace("(BaseV", "(Validator if x else BaseV").replace(
        "import", "import Validator,"
    )
    assert messages("TTN301", either, "0.2.1") == []


OWN = """\
from torchtitan.trainer import Trainer


class Own(Trainer):
    pass


def run(c):
    Own(c).forward_backward_step(1, nope=2)
"""


@pytest.mark.parametrize(
    "more",
    [
        "Own.forward_backward_step = print\n",
        'setattr(Own, "forward_backward_step", print)\n',
        "setattr(Own, load(), print)\n",
        "def __new__(cls, c):\n    return c\n",
        "def __getattribute__(self, name): ...\n",
    ],
)
def test_what_a_class_may_have_in_the_place_of_an_inherited_member_is_not_judged(more: str) -> None:
    assert messages("TTN301", OWN)
    in_class = more.startswith("def ")
    body = more.replace("\n", "\n    ")
    text = OWN.replace("    pass\n", f"    {body}\n") if in_class else OWN + more
    assert not messages("TTN301", text)
