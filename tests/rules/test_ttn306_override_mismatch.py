"""TTN306: what a project gives torchtitan to call, and what the real torchtitan makes of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.agreement.oracle import missing
from tests.fixing import fix_text
from tests.packages import unpacked
from tests.rules.cases import messages
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options
from titan_lint.uses.readers import Readers

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]

TRAINER = "from torchtitan.train import Trainer\n\n\nclass Mine(Trainer):\n"
STEP = f"{TRAINER}    def forward_backward_step(self, %s):\n        return 1\n"
SPEC = """\
from torchtitan.protocols.model_spec import ModelSpec


%s


def spec(config):
    return ModelSpec(
        name="mine",
        flavor="debug",
        model=config,
        parallelize_fn=%s,
        pipelining_fn=None,
        post_optimizer_build_fn=None,
        state_dict_adapter=None,
    )
"""
LOADER = """\
from dataclasses import dataclass

from torchtitan.components.dataloader import BaseDataLoader


class Mine(BaseDataLoader):
    @dataclass(kw_only=True, slots=True)
    class Config(BaseDataLoader.Config):
        pass

    def __init__(self, config, %s):
        pass

    def state_dict(self):
        return {}

    def load_state_dict(self, state_dict):
        pass

    def __iter__(self):
        return iter(())
"""
VALIDATOR = """\
from torchtitan.components.validate import Validator


class Mine(Validator):
    def validate(self, %s):
        pass
"""

# A statement of torchtitan's that makes the call runs as it is written there, on stand-ins for all it reads.
EXECUTE = r"""
import ast, inspect, json, sys, textwrap
from unittest.mock import MagicMock

from tests.agreement.worker import StandIns

sys.meta_path.append(StandIns())

from torchtitan.train import Trainer

# Cases put their own there.
OWN = dict(vars(Trainer))


class Names(dict):
    def __missing__(self, name):
        return MagicMock()


def outcome(case):
    space = {}
    exec(case["code"], space)
    tree = ast.parse(textwrap.dedent(inspect.getsource(OWN[case["by"]])))
    statement = next(
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.Assign, ast.Expr))
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, (ast.Attribute, ast.Name))
        and ast.unparse(node.value.func).endswith(case["called"])
    )
    statement.value.func = ast.Name("brought", ast.Load())
    # Only the names that it binds are of interest, not where torchtitan keeps them.
    names = Names(brought=eval(case["brought"], {**space, "MagicMock": MagicMock}))
    try:
        exec(compile(ast.fix_missing_locations(ast.Module([statement], [])), "", "exec"), names)
    except (TypeError, ValueError) as error:
        return type(error).__name__
    return ""


print(json.dumps([outcome(case) for case in json.load(sys.stdin)]))
"""


def executed(version: str, cases: list[dict[str, str]]) -> list[str]:
    """The errors that the calls of a real release end with; empty text for none."""
    path = os.pathsep.join((str(unpacked("torchtitan", version)), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE],
        input=json.dumps(cases),
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def step(parameters: str) -> dict[str, str]:
    return {
        "code": STEP % parameters,
        "by": "train_step",
        "called": ".forward_backward_step",
        "brought": "object.__new__(Mine).forward_backward_step",
    }


def put(parameters: str) -> dict[str, str]:
    return {
        "code": "from torchtitan.train import Trainer\n\n\n"
        f"def mine(self, {parameters}):\n    return 1\n\n\nTrainer.forward_backward_step = mine\n",
        "by": "train_step",
        "called": ".forward_backward_step",
        "brought": "object.__new__(Trainer).forward_backward_step",
    }


def function(parameters: str) -> dict[str, str]:
    return {
        "code": "import torchtitan.trainer as titan\n\n\n"
        f"def mine({parameters}):\n    return 1, 2, 3\n\n\n"
        "titan.prepare_context_parallel_input = mine\n",
        "by": "post_dataloading_process",
        "called": "prepare_context_parallel_input",
        "brought": "titan.prepare_context_parallel_input",
    }


def callback(parameters: str) -> dict[str, str]:
    return {
        "code": SPEC % (f"def mine({parameters}):\n    return None", "mine"),
        "by": "__init__",
        "called": ".parallelize_fn",
        "brought": "mine",
    }


def loader(parameters: str) -> dict[str, str]:
    return {
        "code": LOADER % parameters,
        "by": "__init__",
        "called": "dataloader.build",
        "brought": "Mine.Config().build",
    }


def validator(parameters: str) -> dict[str, str]:
    return {
        "code": VALIDATOR % parameters,
        "by": "train",
        "called": ".validate",
        "brought": "object.__new__(Mine).validate",
    }


def returned(values: str) -> dict[str, str]:
    return {
        "code": f"{TRAINER}    def post_dataloading_process(self, input_dict, labels):\n"
        f"        return {values}\n",
        "by": "forward_backward_step",
        "called": ".post_dataloading_process",
        "brought": "object.__new__(Mine).post_dataloading_process",
    }


RUNTIME = "dp_world_size, dp_rank, tokenizer, seq_len, local_batch_size"
PARTS = "parallel_dims, training, parallelism, compile_config, ac_config, dump_folder"
CASES = {
    "0.2.2": [
        (step("input_dict, labels"), "TypeError"),
        (step("batch, labels, global_valid_tokens"), "TypeError"),
        (step("input_dict, labels, global_valid_tokens"), ""),
        (step("input_dict, labels, global_valid_tokens=None"), ""),
        (put("input_dict, labels"), "TypeError"),
        (put("batch, labels, global_valid_tokens"), "TypeError"),
        (put("*, labels, input_dict, global_valid_tokens, **more"), ""),
        (validator("model_parts"), "TypeError"),
        (validator("model_parts, step, more"), "TypeError"),
        (validator("models, number"), ""),
        (returned("1, 2, 3, 4"), ""),
        (returned("1, 2, 3"), "ValueError"),
    ],
    "0.3.0": [
        (step("input_dict, labels"), "TypeError"),
        (step("input_dict, labels, /, global_valid_tokens"), "TypeError"),
        (step("*, input_dict, labels, global_valid_tokens, loss_mask"), "TypeError"),
        (step("*, input_dict, labels, global_valid_tokens, loss_mask=None"), ""),
        (put("input_dict, labels"), "TypeError"),
        (put("input_dict, labels, global_valid_tokens, mask"), "TypeError"),
        (put("input_dict, labels, global_valid_tokens, mask=None"), ""),
        (function("inputs, labels, extra, mesh, device, balancer=None"), "TypeError"),
        (function("inputs, labels, extra, mesh, device, balancer, *, backend"), "TypeError"),
        (function("inputs, labels, extra, mesh, device, balancer, backend"), ""),
        (function("inputs, labels, *more"), ""),
        (callback("model, parallel_dims, job_config"), "TypeError"),
        (callback(f"model, {PARTS}, model_converters"), "TypeError"),
        (callback(f"model, *, {PARTS}"), ""),
        (callback(f"first, {PARTS}"), ""),
        (loader("dp_world_size, dp_rank, tokenizer, job_config"), "TypeError"),
        (loader(f"{RUNTIME}, snapshot_every_n_steps=1"), ""),
        (loader(f"*, {RUNTIME}, snapshot_every_n_steps, path"), "TypeError"),
        (validator("model_parts"), "TypeError"),
        (validator("model_parts, step"), ""),
        (returned("1, 2, 3, 4"), "ValueError"),
        (returned("1, 2, 3"), ""),
    ],
}


REPORTED = {"": set[str](), "TypeError": {"TTN306"}, "ValueError": {"TTN307"}}
"""By the error that a call of torchtitan's ends with, the rules that report what it calls."""


@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize(
    "version",
    [pytest.param(key, marks=() if key == "0.3.0" else pytest.mark.slow) for key in CASES],
)
def test_what_is_called_wrongly_fails_in_torchtitans_own_statement(version: str) -> None:
    cases = CASES[version]
    assert executed(version, [case for case, _ in cases]) == [error for _, error in cases]


@pytest.mark.parametrize("version", CASES)
def test_what_fails_there_is_reported_and_nothing_else(version: str) -> None:
    for case, error in CASES[version]:
        rules = {code for code in ("TTN306", "TTN307") if messages(code, case["code"], version)}
        assert rules == REPORTED[error], case


@pytest.mark.parametrize(
    ("call", "number"),
    [
        ("super().post_dataloading_process(a, b)", 1),
        ("Trainer.post_dataloading_process(self, a, b)", 1),
        ("self.post_dataloading_process(a, b)", 1),
        ("self.forward_backward_step(input_dict=a, labels=b, global_valid_tokens=b)", 0),
        ("list(self.post_dataloading_process(a, b))", 0),
    ],
)
def test_what_torchtitan_returns_is_unpacked_as_it_is(call: str, number: int) -> None:
    code = f"{TRAINER}    def go(self, a, b):\n        %s = {call}\n        return c\n"
    assert len(messages("TTN307", code % "c, d, e, f")) == number
    assert len(messages("TTN307", code % "c, d, e, f", "0.2.2")) == 0
    for fits in ("c, d, e", "c, *d", "c"):
        assert messages("TTN307", code % fits) == []
    tried = code.replace("        %s = ", "        try:\n            c, d, e, f = ", 1).replace(
        "        return c", "        except ValueError:\n            c = 1\n        return c"
    )
    assert messages("TTN307", tried) == []


OLD = "    def forward_backward_step(self, input_dict, labels):\n        return 1\n"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(STEP % "*args, **kwargs", id="takes anything"),
        pytest.param(STEP % "input_dict, labels, **kwargs", id="takes any keyword"),
        pytest.param(f"{TRAINER}    @adapted\n{OLD}", id="a decorator may change it"),
        pytest.param(
            f"{TRAINER}{OLD}\n    def train_step(self, data_iterator):\n"
            "        return self.forward_backward_step({}, data_iterator)\n",
            id="replaces the caller",
        ),
        pytest.param(
            f"{TRAINER}{OLD}\n    def train(self):\n        self.forward_backward_step({{}}, 1)\n",
            id="replaces what calls the caller",
        ),
        pytest.param(
            f"{TRAINER}{OLD}\n\nclass More(Mine):\n    def train_step(self, data_iterator): ...\n",
            id="a class derived from it replaces the caller",
        ),
        pytest.param(
            f"from other import Mixin\n{TRAINER.replace('(Trainer)', '(Mixin, Trainer)')}{OLD}",
            id="another base may replace it",
        ),
        pytest.param(
            f"{TRAINER}{OLD}\n\nMine.train_step = lambda self, data: None\n",
            id="the caller is put there later",
        ),
        pytest.param(
            f"{VALIDATOR % 'model'}\n\ndef run(mine: Mine, model):\n    mine.validate(model)\n",
            id="the project calls it itself",
        ),
        pytest.param(
            f"{LOADER % 'path'}\n\ndef run(config):\n    return config.loader.build(path='x')\n",
            id="the project builds it itself",
        ),
        pytest.param(SPEC % ("", "lambda: None"), id="a callback that takes nothing"),
        pytest.param(LOADER.replace(", %s", ""), id="what stands for its config alone"),
        pytest.param(
            "from dataclasses import dataclass\n\nfrom torchtitan.config import Configurable\n\n\n"
            "class Part(Configurable):\n    @dataclass(kw_only=True, slots=True)\n"
            "    class Config(Configurable.Config):\n        pass\n\n"
            "    def __init__(self, config, dim): ...\n",
            id="what is any config",
        ),
        pytest.param(
            SPEC % ("def mine(model): ...", "mine")
            + "\n\ndef run(model):\n    return spec(model).parallelize_fn(model)\n",
            id="the project calls the callback itself",
        ),
        pytest.param(
            "from torchtitan.config import Configurable\n\n\nclass Part(Configurable):\n"
            "    class Config(Configurable.Config):\n        def build(self, dim): ...\n",
            id="what builds itself",
        ),
    ],
)
def test_what_may_work_is_left_alone(code: str) -> None:
    assert messages("TTN306", code) == []


def test_a_caller_that_is_handed_on_to_still_calls() -> None:
    handed = (
        f"{TRAINER}{OLD}\n    def train_step(self, data_iterator):\n"
        "        super().train_step(data_iterator)\n"
    )
    assert len(messages("TTN306", handed)) == 1


class Beside:
    """One other file, in which alone something is looked for."""

    module = "mine"

    def __init__(self, other: bytes) -> None:
        self._other = other

    def match(self, word: str, patterns: Iterable[bytes], besides: bytes = b"") -> bool:
        return any(re.search(pattern, self._other) for pattern in patterns)

    def __getattr__(self, name: str) -> Any:
        def nothing(*asked: object, **more: object) -> tuple[()]:
            return ()

        return nothing


def said_beside(text: str, other: bytes) -> int:
    """How much is said of a file beside another one of the project."""
    readers = Readers(cast("Any", Beside(other)))
    linted = lint(
        Source("mine.py", text),
        codes=["TTN306"],
        targets=targets.parse("0.3.0"),
        options=Options(readers=readers),
    )
    assert not linted.failures
    return len(linted.findings)


@pytest.mark.parametrize(
    ("text", "other", "number"),
    [
        (
            STEP % "input_dict, labels",
            b"class A(Mine):\n    x = self.forward_backward_step(a, b)",
            0,
        ),
        (STEP % "input_dict, labels", b"class A:\n    x = super().forward_backward_step(a, b)", 1),
        (STEP % "input_dict, labels", b"x = 1\n", 1),
        (LOADER % "path", b"x = config.dataloader.build(\n    path='x',\n)\n", 0),
        (LOADER % "path", b"x = config.dataloader.build(dp_rank=1)\n", 1),
    ],
)
def test_another_file_that_makes_the_call_counts(text: str, other: bytes, number: int) -> None:
    assert said_beside(text, other) == number


def test_a_renamed_parameter_is_told_once() -> None:
    code = (
        "from torchtitan.models.llama3 import Llama3Model\n\n\nclass Config(Llama3Model.Config):\n"
        "    def update_from_config(self, *, trainer_config):\n        return trainer_config\n"
    )
    linted = lint(
        Source("case.py", code),
        codes=["TTN301", "TTN306"],
        targets=targets.parse("0.3.0"),
        options=Options(),
    )
    assert [finding.code for finding in linted.findings] == ["TTN301"]
    assert fix_text(code, select=["TTN301", "TTN306"]).source.text != code


OLD_STEP = (
    "from torchtitan.trainer import Trainer\n\n\nclass Old(Trainer):\n"
    "    def forward_backward_step(self, input_dict, labels):\n        {}\n\n\n"
)
NEW_STEP = (
    "class My(Old):\n    def forward_backward_step(self, input_dict, labels, global_valid_tokens):\n"
    "        return super().forward_backward_step(input_dict, labels)\n\n\n"
)


@pytest.mark.parametrize(
    ("body", "more", "count"),
    [
        ("return super().forward_backward_step(input_dict, labels)", NEW_STEP, 0),
        ("raise NotImplementedError", NEW_STEP, 0),
        (
            "return input_dict",
            NEW_STEP + "class Other(Old):\n    def other(self):\n        pass\n",
            1,
        ),
        ("return input_dict", NEW_STEP + "trainer = Old(config)\n", 1),
        ("return input_dict", "", 1),
    ],
)
def test_a_method_that_all_derived_classes_have_themselves_is_theirs(
    body: str, more: str, count: int
) -> None:
    linted = lint(
        Source("case.py", OLD_STEP.format(body) + more),
        codes=["TTN306"],
        targets=targets.parse("0.3.0"),
        options=Options(),
    )
    assert len(linted.findings) == count
