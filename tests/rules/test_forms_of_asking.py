"""Forms in which a member, a name or a field is asked for: each fails on the real package as the plain one does."""

from __future__ import annotations

import pytest

from tests.rules.cases import every_message, messages

DIMS = "from torchtitan.distributed import ParallelDims\n"
METHOD = (
    "class Own(ParallelDims{}):\n    def get_mesh(self, *a):\n        return super().get_mesh(*a)\n"
)
PATCH = "from unittest import mock\nwith mock.patch.object({}):\n    pass\n"

ASKED = {
    "of an object without a constructor": DIMS + "object.__new__(ParallelDims).get_mesh('x')\n",
    "of an object that its class makes bare": DIMS
    + "ParallelDims.__new__(ParallelDims).get_mesh('x')\n",
    "of a class of one's own": DIMS + "class Own(ParallelDims):\n    pass\n\nprint(Own.get_mesh)\n",
    "of super()": DIMS + METHOD.format(""),
    "of super() in a class that is derived": DIMS + METHOD.format("") + "class Two(Own): ...\n",
    "of super() through a class of one's own": DIMS
    + "class First(ParallelDims):\n    pass\n\n"
    + METHOD.format("").replace("ParallelDims", "First"),
    "by name": DIMS + "getattr(ParallelDims, 'get_mesh')\n",
    "where a probe says that it is not there": DIMS
    + "if not hasattr(ParallelDims, 'get_mesh'):\n    print(ParallelDims.get_mesh)\n",
    "of what an annotation calls": DIMS
    + "give = lambda: ParallelDims\ndef use(d: give()):\n    d.get_mesh\n",
    "of what an annotation has in a list": DIMS
    + "kinds = [ParallelDims, None]\ndef use(d: 'kinds[0] | None'):\n    d.get_mesh\n",
    "of what an annotation chooses": DIMS
    + "def use(d: ParallelDims if __debug__ else None):\n    d.get_mesh\n",
    "by a patch": DIMS + PATCH.format("ParallelDims, 'get_mesh'"),
}


@pytest.mark.parametrize("text", ASKED.values(), ids=ASKED)
def test_a_member_that_is_not_there_is_reported_in_each_form(text: str) -> None:
    """`ParallelDims.get_mesh` came with 0.2.1."""
    (message,) = messages("TTN203", text, "0.2.0")
    assert "`get_mesh`" in message
    assert messages("TTN203", text, "0.2.1") == []


LEFT = {
    "super() beside another base": DIMS + METHOD.format(", Mixin"),
    "super() where a class puts one in between": "class Mixin:\n    def get_mesh(self): ...\n"
    + DIMS
    + METHOD.format("")
    + "class Two(Own, Mixin): ...\n",
    "super() where the class in between has it": DIMS
    + "class First(ParallelDims):\n    def get_mesh(self): ...\n\n"
    + METHOD.format("").replace("ParallelDims", "First"),
    "super() where the class in between has another base": DIMS
    + "from other import Mixin\nclass First(ParallelDims, Mixin):\n    pass\n\n"
    + METHOD.format("").replace("ParallelDims", "First"),
    "super() where the class in between is given it": DIMS
    + "class First(ParallelDims):\n    pass\n\nFirst.get_mesh = print\n"
    + METHOD.format("").replace("ParallelDims", "First"),
    "super() of two of one's own": DIMS
    + "class First(ParallelDims):\n    pass\n\nclass Other:\n    def get_mesh(self): ...\n\n"
    + METHOD.format("").replace("ParallelDims", "First, Other"),
    "super() of another library's": "import torchtitan\nfrom other import ParallelDims\n"
    + METHOD.format(""),
    "a patch that makes it": DIMS + PATCH.format("ParallelDims, 'get_mesh', create=True"),
    "a class that has it": DIMS
    + "class Own(ParallelDims):\n    def get_mesh(self): ...\n\nprint(Own.get_mesh)\n",
    "where a probe says that it is there": DIMS
    + "if hasattr(ParallelDims, 'get_mesh'):\n    print(ParallelDims.get_mesh)\n",
    "of what an unknown annotation gives": DIMS
    + "def use(d: list[ParallelDims], e: unknown(ParallelDims)):\n    d.get_mesh, e.get_mesh\n",
    "by name with care": DIMS + "getattr(ParallelDims, 'get_mesh', None)\n",
    "under a patch that makes it": DIMS
    + "from unittest import mock\n"
    + "with mock.patch.object(ParallelDims, 'get_mesh', create=True):\n"
    + "    print(ParallelDims.get_mesh)\n",
}


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT)
def test_a_member_that_may_be_there_is_left_alone(text: str) -> None:
    assert messages("TTN203", text, "0.2.0") == []


def test_super_is_not_rewritten_without_the_method_around_it() -> None:
    from tests.rules.cases import fixed

    text = (
        "from torchtitan.trainer import Trainer\n"
        "class Own(Trainer):\n    def job_config(self):\n        return super().job_config\n"
    )
    assert len(messages("TTN203", text)) == 1
    assert fixed(text, unsafe=True, codes=("TTN203",)).source.text == text


def test_a_patch_of_a_name_that_is_gone_is_reported() -> None:
    text = "import torchtitan.components.loss as loss\n" + PATCH.format("loss, 'build_mse_loss'")
    assert len(messages("TTN201", text)) == 1
    assert messages("TTN201", text.replace("mse_loss'", "mse_loss', create=True")) == []


COPIES = "import dataclasses\nfrom torchtitan.config import JobConfig\n"


@pytest.mark.parametrize(
    "use",
    [
        "dataclasses.replace(JobConfig(), debug=None)\n",
        "config = JobConfig()\ndataclasses.replace(config, debug=None)\n",
        "def copy(config: JobConfig):\n    return dataclasses.replace(config, debug=None)\n",
        "from dataclasses import replace as other\nother(JobConfig(), debug=None)\n",
        "class Engine:\n    def __init__(self):\n        self.config = JobConfig()\n"
        "    def use(self):\n        return dataclasses.replace(self.config, **{'debug': None})\n",
        "class Own(JobConfig):\n    pass\n\ndataclasses.replace(Own(), debug=None)\n",
        "@dataclasses.dataclass\nclass Own(JobConfig):\n    own: int = 1\n\n"
        "def copy(config: Own):\n    return dataclasses.replace(config, debug=None)\n",
    ],
)
def test_a_copy_with_a_field_that_is_not_there_is_reported(use: str) -> None:
    """`JobConfig.debug` came with 0.2.1."""
    assert len(messages("TTN301", COPIES + use, "0.2.0")) == 1
    assert every_message(COPIES + use, "0.2.1") == []


@pytest.mark.parametrize(
    "use",
    [
        "dataclasses.replace(JobConfig(), training=None)\n",
        "dataclasses.replace(unknown, debug=None)\n",
        "dataclasses.replace(JobConfig() if x else other(), debug=None)\n",
        "@dataclasses.dataclass\nclass Own(JobConfig):\n    debug: int = 0\n\n"
        "dataclasses.replace(Own(), debug=1)\n",
        "@dataclasses.dataclass\nclass Own(JobConfig):\n    own: int = 1\n\n"
        "@dataclasses.dataclass\nclass More(Own):\n    debug: int = 0\n\n"
        "def copy(config: Own):\n    return dataclasses.replace(config, debug=1, own=2)\n",
        "@unknown\nclass Own(JobConfig):\n    pass\n\ndataclasses.replace(Own(), debug=None)\n",
        "try:\n    dataclasses.replace(JobConfig(), debug=None)\nexcept TypeError:\n    pass\n",
        "if 'debug' in {f.name for f in dataclasses.fields(JobConfig)}:\n"
        "    dataclasses.replace(JobConfig(), debug=None)\n",
        "'text'.replace('a', debug=None)\n",
    ],
)
def test_a_copy_that_may_work_is_left_alone(use: str) -> None:
    assert messages("TTN301", COPIES + use, "0.2.0") == []


@pytest.mark.parametrize(
    ("leaving", "is_care"),
    [
        ("raise SystemExit", True),
        ("raise SystemExit(0)", True),
        ("raise SystemExit()", True),
        ("raise unittest.SkipTest('needs another torchtitan')", True),
        ("raise SystemExit('needs another torchtitan')", False),
        ("raise SystemExit(1)", False),
        ("raise RuntimeError('needs another torchtitan')", False),
        ("raise", False),
    ],
)
def test_a_handler_that_leaves_without_an_error_is_care(leaving: str, is_care: bool) -> None:
    text = (
        "import unittest\ntry:\n    from torchtitan.components.loss import build_mse_loss\n"
        f"except ImportError:\n    {leaving}\n"
    )
    assert (messages("TTN201", text) == []) is is_care


def test_what_only_type_checkers_run_is_no_mistake_but_for_its_imports() -> None:
    text = (
        "from typing import TYPE_CHECKING\nimport torchtitan.components.loss as loss\n"
        "if TYPE_CHECKING:\n    Build = loss.build_mse_loss\n"
        "    from torchtitan.components.loss import build_cross_entropy_loss\n"
    )
    (message,) = messages("TTN201", text)
    assert "build_cross_entropy_loss" in message


@pytest.mark.parametrize(
    "use",
    [
        "def f(x: loss.build_mse_loss): ...",
        "def f() -> loss.build_mse_loss: ...",
        "x: list[loss.build_mse_loss] = []",
        "def f(*x: loss.build_mse_loss): ...",
    ],
)
def test_an_annotation_that_nothing_evaluates_is_no_mistake(use: str) -> None:
    text = f"import torchtitan.components.loss as loss\n{use}\n"
    assert len(messages("TTN201", text)) == 1
    assert messages("TTN201", f"from __future__ import annotations\n{text}") == []
    evaluated = use.replace(": ...", ": loss.build_mse_loss")
    if evaluated != use:
        text = f"import torchtitan.components.loss as loss\n{evaluated}\n"
        assert len(messages("TTN201", f"from __future__ import annotations\n{text}")) == 1


def test_a_lambda_that_is_only_called_with_care_is_left_alone() -> None:
    head = "import torchtitan.components.loss as loss\n"
    care = "try:\n    {}\nexcept AttributeError:\n    pass\n"
    inner = "give = lambda: loss.build_mse_loss\n    give()"
    assert messages("TTN201", head + care.format(inner)) == []
    before = head + "give = lambda: loss.build_mse_loss\n"
    assert messages("TTN201", before + care.format("give()")) == []
    assert len(messages("TTN201", before + care.format("give()") + "give()\n")) == 1
    assert len(messages("TTN201", before + care.format("print(give)"))) == 1
    assert len(messages("TTN201", before)) == 1


@pytest.mark.parametrize("form", ["x: {}", "x={}", "x, *y: {}"])
def test_what_a_signature_evaluates_fails_where_the_function_is_made(form: str) -> None:
    head = "import torchtitan.components.loss as loss\n"
    function = f"def f({form.format('loss.build_mse_loss')}): ..."
    cared = f"try:\n    {function}\nexcept AttributeError:\n    pass\n"
    assert messages("TTN201", head + cared) == []
    assert (
        len(
            messages(
                "TTN201", f"{head}{function}\ntry:\n    f(1)\nexcept AttributeError:\n    pass\n"
            )
        )
        == 1
    )


def test_what_a_function_declares_to_return_may_be_of_a_class_derived_from_that() -> None:
    text = (
        "import dataclasses\n"
        "from torchtitan.models.common.attention import FlexAttention\n"
        "from torchtitan.models.common.config_utils import get_attention_config\n"
        "inner = {}\n"
        "dataclasses.replace(inner, window_size=1)\n"
    )
    assert every_message(text.format("get_attention_config('varlen')"), "0.3.0") == []
    assert every_message(text.format("FlexAttention.Config()"), "0.3.0") != []


@pytest.mark.parametrize("kept", ["things = [loss, None]", "things = {0: loss, 1: None}"])
def test_a_name_of_a_module_out_of_a_list_is_reported(kept: str) -> None:
    text = f"import torchtitan.components.loss as loss\n{kept}\n"
    assert len(messages("TTN201", text + "getattr(things[0], 'build_mse_loss')\n")) == 1
    assert len(messages("TTN201", text + "things[0].build_mse_loss\n")) == 1
    assert messages("TTN201", text + "getattr(things[0], 'build_mse_loss', None)\n") == []
    assert messages("TTN201", text + "things[0] = mine\nthings[0].build_mse_loss\n") == []


def test_a_keyword_where_a_probe_says_that_there_is_none_is_reported() -> None:
    text = (
        "import inspect\nfrom torchtitan.config import JobConfig\n"
        "if 'debug' not in inspect.signature(JobConfig).parameters:\n    JobConfig(debug=None)\n"
    )
    assert len(messages("TTN301", text, "0.2.0")) == 1
    assert messages("TTN301", text.replace("not in", "in"), "0.2.0") == []


TRAINER = "from torchtitan.trainer import Trainer\n"


def test_a_member_that_an_instance_is_given_from_outside_is_there() -> None:
    text = (
        "class Own(Trainer):\n    def settings(self):\n        return self.job_config\n\n"
        "def make(config):\n    own = {}(config)\n    own.job_config = config\n    return own\n"
    )
    assert messages("TTN203", TRAINER + text.format("Own")) == []
    assert len(messages("TTN203", TRAINER + text.format("print"))) == 1


@pytest.mark.parametrize(
    ("reads", "count"),
    [
        ("return getattr(trainer, 'config', None) or trainer.job_config", 0),
        (
            "c = getattr(trainer, 'config', None)\n    return trainer.job_config if c is None else c",
            0,
        ),
        # The default is evaluated in any case.
        ("return getattr(trainer, 'config', trainer.job_config)", 1),
        ("return getattr(other, 'config', None) or trainer.job_config", 1),
        ("return getattr(trainer, 'step', None) or trainer.job_config", 1),
    ],
)
def test_a_member_that_is_read_where_its_successor_is_not_there_is_left_alone(
    reads: str, count: int
) -> None:
    text = f"def settings(trainer: Trainer, other):\n    {reads}\n"
    assert len(messages("TTN203", TRAINER + text)) == count
