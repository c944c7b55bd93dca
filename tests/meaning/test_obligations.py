"""Each obligation is needed: without it, a safe fix changes what some program does.

An obligation is switched off by making a fix safe that only it makes unsafe.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING

import pytest

from tests.changes.test_drift_rows import ROWS
from tests.fuzz.check import seeds
from tests.meaning import tool
from tests.meaning.generate import KINDS, seeded
from tests.meaning.run import judged
from titan_lint import rules
from titan_lint.finding import Applicability, Fix, Obligation
from titan_lint.rewriting import perform
from titan_lint.structs import replace
from titan_lint.uses import obligations

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(rules.__file__).parents[1]

EACH = 8

# Kinds of programs that show what goes wrong without an obligation.
SHOWN_BY: dict[Obligation, tuple[str, ...]] = {
    Obligation.EVALUATED_THERE: ("masks/compared if in", "masks/compared if not None"),
    Obligation.SAME_VALUE: (
        "override/setattr",
        "override/same line",
        "read/choice changed outside",
    ),
    Obligation.VALUE_TAKEN: ("unfit/sdpa", "unfit/auto"),
    Obligation.MEANT_FOR_IT: ("async/one branch", "async/across functions"),
    Obligation.NO_OTHER_EFFECT: ("block/statement", "block/else"),
    Obligation.WHOLE_RENAME: ("value/compared", "flavor/compared", "legacy flavor/flavor compared"),
    Obligation.COMMENTS_STAY: ("dropped keyword/comments", "amp/plain"),
    Obligation.STATED: ("checkpointing/every second layer",),
}


def without(obligation: Obligation, monkeypatch: pytest.MonkeyPatch) -> None:
    original = perform._performed

    @functools.wraps(original)
    def performed(*arguments: object, **options: object) -> Fix:
        fix = original(*arguments, **options)  # type: ignore[arg-type]
        because = tuple(other for other in fix.because if other is not obligation)
        if fix.because and not because:
            return replace(fix, applicability=Applicability.SAFE, because=())
        return fix

    monkeypatch.setattr(perform, "_performed", performed)


def wrong_kinds(kinds: list[str]) -> set[str]:
    result = judged(kinds, range(EACH * len(kinds)))
    assert not result.broken, result.broken[0]
    return {kind for kind, _ in result.smallest}


@pytest.mark.parametrize("obligation", SHOWN_BY)
def test_a_program_goes_wrong_without_it(
    obligation: Obligation, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = [kind for kind in SHOWN_BY[obligation] if kind in KINDS]
    assert wrong_kinds(kinds) == set()
    without(obligation, monkeypatch)
    assert wrong_kinds(kinds), f"no program needs {obligation.value}"


# What decides the obligations: the answer that stands in no fix's way, and kinds of programs that go wrong then.
CHECKS: dict[str, tuple[object, tuple[str, ...]]] = {
    "evaluated_there": (True, ("masks/compared if in", "masks/compared if not None")),
    "same_value": (True, ("override/setattr", "override/same line")),
    "unchanged_between": (True, ("read/choice changed outside",)),
    "never_changed": (True, ("read/choice changed by a subclass",)),
    "value_taken": (True, ("unfit/sdpa",)),
    "beside_each_other": (True, ("async/only in a branch",)),
    "compared_nowhere": (True, ("value/compared", "flavor/compared")),
    "is_asked_for": (False, ("import/exported", "import/class attribute")),
    "may_bring": (True, ("import/new name is there in a function",)),
    "is_free": (True, ("checkpointing/name is taken",)),
    "is_builtin": (True, ("layers/len is taken",)),
    "is_private": (True, ("override/global",)),
    "comments_lost": (False, ("dropped keyword/comments",)),
    "_is_left": (False, ("member/written", "layers/written")),
    "_is_out_of_order": (False, ("optimizer/order of arguments",)),
    "_is_read": (False, ("checkpointing/read",)),
}

PATCHING = """\
import torchtitan.models.deepseek_v3.model.model as model


class Mine:
    pass


model.Attention = Mine
"""

# Imports that serve to patch what they import.
PUT_THERE = (
    PATCHING,
    """\
import torchtitan.models.deepseek_v3 as titan

from mine import apply

origin = titan.infra.parallelize
origin.parallelize_deepseekv3.__globals__["apply_moe_ep_tp"] = apply
parallelize = origin.parallelize_deepseekv3
""",
    """\
from torchtitan.models.deepseek_v3.infra import parallelize

from mine import apply

parallelize.parallelize_deepseekv3.__globals__.update(apply_moe_ep_tp=apply)
""",
    """\
from mine import forward


def patch():
    import torchtitan.models.moe.moe as moe_module

    moe_module.MoE.forward = forward
""",
    """\
from torchtitan.models.moe import MoE

from mine import forward

MoE.forward = forward
""",
)


@pytest.mark.parametrize("text", PUT_THERE)
def test_an_import_that_serves_to_patch_what_it_imports_is_not_moved(text: str) -> None:
    assert tool.found(text)
    assert tool.fixed(text, unsafe=True).text == text


COMPILED = """\
import torch
from torchtitan.models.moe import MoE


def compile(block):
    for _, module in block.named_children():
        if isinstance(module, MoE):
            for name, inner in module.named_children():
                {put}
"""


@pytest.mark.parametrize(
    ("put", "is_moved"),
    [
        ("setattr(module, name, torch.compile(inner))", True),
        ("module.experts = torch.compile(inner)", True),
        ("setattr(MoE, name, torch.compile(inner))", False),
        ("setattr(module.__class__, name, torch.compile(inner))", False),
        ("module.__class__.forward = torch.compile(inner)", False),
        ("type(module).forward = torch.compile(inner)", False),
    ],
)
def test_what_is_put_on_an_object_is_not_put_on_its_class(put: str, is_moved: bool) -> None:
    text = COMPILED.format(put=put)
    assert ("from torchtitan.models.common.moe import MoE" in tool.fixed(text).text) is is_moved


def test_a_module_is_renamed_where_all_that_ask_for_it_are_judged() -> None:
    """What stands behind a test that fails at the target is not judged, and may run: others may put it there."""
    text = """\
import torchtitan.models.deepseek_v3 as titan


def ask():
    {}
    return titan.infra.parallelize
"""
    for step, safe in (
        ("print(titan.__name__)", True),
        ('assert hasattr(titan.infra.parallelize, "own")', False),
    ):
        outcome = tool.fixed(text.format(step))
        assert ("titan.infra" not in outcome.text) is safe
        assert bool(outcome.remaining) is not safe


OWN_OPTIMIZER = """\
from torchtitan.components.optimizer import OptimizersContainer


class Mine(OptimizersContainer):
    class Config(OptimizersContainer.Config):
        momentum: float = 0.9

    def __init__(self, config: Config, parts):
        self.config = config
        self.set({})


def make(given):
    return Mine.Config(name="Mine", lr=given.learning_rate)
"""


@pytest.mark.parametrize(("read", "safe"), [("config.momentum", True), ("config.lr", False)])
def test_settings_that_an_optimizer_of_the_projects_reads_are_not_moved(
    read: str, safe: bool
) -> None:
    assert ("param_groups" in tool.fixed(OWN_OPTIMIZER.format(read)).text) is safe


SAID = """\
import builtins
import logging
import sys
from torchtitan.models.llama3 import model_registry
{imports}

def build(cfg):
    spec = model_registry("8B")
    {step}
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = cfg.attn_type
    return spec
"""

# Those that keep a fix from being made, or offered: the answer, whether an unsafe fix would be made, and a
# program that is left as it is: of what its change leads to, the stand-in knows nothing.
LEFT: dict[str, tuple[object, bool, str]] = {
    "keeps_fields": (
        True,
        True,
        """\
from torchtitan.config.job_config import Optimizer as Base


class Own(Base):
    ours: int = 0


def name_of(own: Own):
    return own.name
""",
    ),
    "keeps_order": (
        True,
        True,
        """\
from torch.nn import Module
from torchtitan.protocols.train_spec import ModelProtocol


class Small(Module, ModelProtocol):
    pass
""",
    ),
    "put_there": (False, True, PATCHING),
    "hears": (
        frozenset[str](),
        False,
        SAID.format(
            imports="from .own import own\n\nlogging.getLogger().addFilter(own)\n",
            step='logging.info("built")',
        ),
    ),
    "_calls_fit": (
        True,
        False,
        """\
from torchtitan.config.job_config import Profiling

profiling = Profiling(trace_all=True)
""",
    ),
    "_require_reach": (
        None,
        True,
        """\
def load():
    global OptimizersContainer
    from torchtitan.components.optimizer import OptimizersContainer


def adam(lr):
    return OptimizersContainer.Config(name="Adam", lr=lr)
""",
    ),
}


@pytest.mark.parametrize(
    ("put", "step", "safe"),
    [
        ("", 'print("built")', True),
        ("sys.stdout = sys.__stdout__", 'print("built")', True),
        ("sys.stdout = io.StringIO()", 'print("built")', True),
        ("sys.stdout = Own(sys.stdout)", 'print("built")', False),
        ("builtins.print = own", 'print("built")', False),
        ("logging.getLogger().addFilter(own)", 'logging.info("built")', False),
        ("logging.config.dictConfig(own)", 'logging.info("built")', False),
        ("logging.config.dictConfig({'version': 1})", 'logging.info("built")', True),
        ("logging.config.fileConfig('log.ini')", 'logging.info("built")', False),
        ("logging.getLogger().addHandler(logging.FileHandler('x'))", 'logging.info("b")', True),
        ("logging.getLogger().addFilter(own)", "cfg.n", True),
        ("import torch", "torch.utils._pytree.tree_map(len, [1])", True),
        ("import torch", "torch.utils._pytree.tree_map(lambda x: x.go(), [1])", False),
    ],
)
def test_what_is_said_changes_nothing_unless_code_of_the_projects_hears_it(
    put: str, step: str, safe: bool
) -> None:
    text = SAID.format(imports=f"import io\nfrom .own import own, Own\n\n{put}\n", step=step)
    assert ("attn_backend=cfg.attn_type" in tool.fixed(text).text) is safe


AT_ANY_TIME = """\
import signal
import sys
import threading

from torchtitan.models.llama3 import model_registry


def settle(cfg):
    cfg.attn_type = "varlen"


def build(cfg):
    {before}
    spec = model_registry("8B")
    {between}
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = cfg.attn_type
    return spec
"""


@pytest.mark.parametrize(
    "step",
    [
        "sys.settrace(lambda *_: settle(cfg))",
        "signal.signal(signal.SIGALRM, lambda *_: settle(cfg))",
        "threading.Thread(target=settle, args=(cfg,)).start()",
    ],
)
def test_what_may_run_at_any_time_is_taken_to_change_no_choice_once_it_is_set_up(step: str) -> None:
    """As in the documentation: between two steps that do nothing of the kind runs nothing but them."""
    made = "attn_backend=cfg.attn_type"
    assert made in tool.fixed(AT_ANY_TIME.format(before=step, between="pass")).text
    assert made not in tool.fixed(AT_ANY_TIME.format(before="pass", between=step)).text


@functools.cache
def modules() -> list[ModuleType]:
    """What fixes are made by, all of it loaded: what is loaded later would take a check that is switched off."""
    packages = ("check", "fixes", "rewriting", "rules", "uses", "code")
    return [
        importlib.import_module(name)
        for package in packages
        for _, name, _ in pkgutil.walk_packages([f"{ROOT}/{package}"], f"titan_lint.{package}.")
    ]


def agreeing(check: str, answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a check say the same of everything, wherever it is asked."""
    asked = [m for m in modules() if isinstance(getattr(m, check, None), FunctionType)]
    assert asked
    for module in asked:
        monkeypatch.setattr(module, check, lambda *_, **__: answer)


@pytest.mark.parametrize("check", CHECKS)
def test_a_program_goes_wrong_where_a_check_says_yes_to_everything(
    check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, kinds = CHECKS[check]
    agreeing(check, answer, monkeypatch)
    assert wrong_kinds([*kinds]), f"no program needs {check}"


@pytest.mark.parametrize("check", LEFT)
def test_a_program_is_changed_where_a_check_says_yes_to_everything(
    check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, unsafe, text = LEFT[check]
    assert tool.fixed(text, unsafe=unsafe).text == text
    agreeing(check, answer, monkeypatch)
    assert tool.fixed(text, unsafe=unsafe).text != text


def test_every_check_of_the_obligations_is_switched_off() -> None:
    """Those that ask what other files do are, in test_other_files.py."""
    asking = {"calls_its_own", "changed_elsewhere", "is_its_own"}
    telling = {"Obligation"}
    assert {*obligations.__all__} - telling == {*CHECKS, *LEFT, *asking} & {*obligations.__all__}


def test_every_obligation_has_a_program() -> None:
    assert set(SHOWN_BY) == set(Obligation)


def test_every_rule_that_offers_fixes_says_what_they_rest_on() -> None:
    for code in rules.names():
        rule = rules.rule(code)
        offers = any(example.fixed is not None for example in rule.bad)
        # The guard of TTN108 and the suppressions of TTN901 are made where nothing stands against it.
        assert bool(rule.rests_on) == offers or code in ("TTN108", "TTN901"), code


# Programs that the generators do not make: rewrites whose obligation is not shown.
UNSHOWN = (
    PATCHING,
    """\
from torchtitan.models.llama3 import model_registry


def load(cfg, masks):
    spec = model_registry("8B")
    if cfg.flag:
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = cfg.attn_type
    return spec, masks(spec.model.layer.attention.attn_backend)
""",
    """\
from torchtitan.models.llama3 import model_registry


def load(cfg):
    spec = model_registry("8B")
    if cfg.flag:
        spec.model.layer.attention.attn_backend = cfg.attn_type
    return spec
""",
    """\
from torchtitan.models.llama3 import model_registry


def load(attn_type="sdpa"):
    spec = model_registry("8B")
    spec.model.layer.attention.attn_backend = attn_type
    return spec
""",
    """\
from torchtitan.models.llama3 import model_registry


def load(cfg):
    spec = model_registry(
        "8B",  # the large one
    )
    # of this run
    if hasattr(
        spec.model,
        "layer",  # once
    ):
        spec.model.layer.attention.attn_backend = cfg.attn_type
    return spec
""",
    """\
from torchtitan.trainer import Trainer


def config_of(trainer: Trainer):
    return (
        trainer  # the one of this rank
        .job_config
    )
""",
    """\
from torchtitan.models.llama3 import llama3_configs

width = llama3_configs[
    # the large one
    "8B"
].dim
""",
    """\
from torchtitan.components.tokenizer import HuggingFaceTokenizer


def load(path):
    return HuggingFaceTokenizer(path)
""",
    """\
from torchtitan.config import CompileConfig, ParallelismConfig


def load(compiled):
    parallelism = ParallelismConfig(enable_async_tensor_parallel=True)
    return parallelism, CompileConfig(enable=compiled)
""",
)


@functools.cache
def named() -> dict[str, set[Obligation]]:
    """The obligations that findings name, by rule, over programs of all kinds."""
    found: dict[str, set[Obligation]] = {code: set() for code in rules.names()}
    programs = [seeded(kind, seed) for kind in KINDS for seed in range(2)]
    asked = [(p.text, tool.TARGET, p.written_for) for p in programs]
    asked += [(row.code, row.torchtitan, row.written_for) for row in ROWS]
    asked += [(text, tool.TARGET, None) for text in (*UNSHOWN, *seeds())]
    for text, target, written_for in asked:
        for code, because in tool.because(text, target=target, written_for=written_for):
            found[code].update(because)
    # The examples of the rules and the rows of the catalogue, in a project that patches all names.
    for text, target, written_for in asked[len(programs) :]:
        for code, because in tool.because(
            text, target=target, written_for=written_for, patched=True
        ):
            found[code].update(because)
    return found


@pytest.mark.parametrize("code", [c for c in rules.names() if not rules.is_of_jobs(c)])
def test_findings_name_what_the_rule_says_its_fixes_rest_on(code: str) -> None:
    """Neither more, nor less: what nothing names is no obligation of the rule."""
    assert named()[code] == set(rules.rule(code).rests_on)
