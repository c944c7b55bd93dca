"""Engines that nobody offers are made and checked; where one cannot be made its checks say why."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from tests.packages import copied
from titan_lint.verify.adapters import adapter, verl
from titan_lint.verify.adapters import trainer as trainer_adapter
from titan_lint.verify.adapters.adapter import CannotMakeError, call, check_model
from titan_lint.verify.checks import CHECKS, Outcome
from titan_lint.verify.verify import VerifyError, VerifySettings, verify

from .conftest import forked_probes, needs_torchtitan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from titan_lint.verify.verify import Run, VerifyReport

pytestmark = [needs_torchtitan, pytest.mark.usefixtures("described_once")]

PLUGIN = """
from torchtitan.components.lr_scheduler import LRSchedulersContainer as Schedulers
from torchtitan.models import llama3
from torchtitan.protocols.model_spec import ModelSpec as Spec

plug_configs = {"1B": llama3.llama3_configs["1B"], "small": llama3.llama3_configs["debugmodel"]}


def model_registry(flavor: str, attn_backend: str = "flex") -> Spec:
    return Spec(
        name="plug",
        flavor=flavor,
        model=plug_configs[flavor](attn_backend=attn_backend),
        parallelize_fn=llama3.parallelize_llama,
        pipelining_fn=None,
        post_optimizer_build_fn=None,
        state_dict_adapter=None,
    )

REGISTERED = []
REGISTERED.append(
    Spec(
        name="one",
        flavor="",
        model=None,
        parallelize_fn=None,
        pipelining_fn=None,
        post_optimizer_build_fn=None,
        state_dict_adapter=None,
    )
)
"""
TRAINER = """
from dataclasses import dataclass

import torchtitan.trainer as titan


class PlugTrainer(titan.Trainer):
    @dataclass(kw_only=True, slots=True)
    class Config(titan.Trainer.Config):
        more: int = 0
"""
CONFIGS = """
from torchtitan.components.loss import CrossEntropyLoss
from torchtitan.components.optimizer import default_adamw

from . import model_registry
from .trainer import PlugTrainer


def plug_8b() -> PlugTrainer.Config:
    raise RuntimeError("the large one")


def plug_debug() -> PlugTrainer.Config:
    return PlugTrainer.Config(
        model_spec=model_registry("small"),
        loss=CrossEntropyLoss.Config(),
        optimizer=default_adamw(),
    )
"""


def plugin(root: Path) -> Path:
    package = root / "plug"
    package.mkdir()
    for name, text in (("__init__", PLUGIN), ("trainer", TRAINER), ("config_registry", CONFIGS)):
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> VerifyReport:
    tree = plugin(tmp_path_factory.mktemp("plugin"))
    with forked_probes():
        return verify([tree], VerifySettings(device="cpu", steps=4))


def run(report: VerifyReport, engine: str, attn_type: str) -> Run:
    (one,) = (r for r in report.runs if (r.engine, r.attn_type) == (engine, attn_type))
    return one


def outcomes(run: Run) -> dict[str, str]:
    return {check.name: check.outcome.value for check in run.after}


def reasons(run: Run) -> dict[str, str]:
    return {check.name: check.reason for check in run.after}


def test_every_engine_of_a_plugin_is_run(report: VerifyReport) -> None:
    assert {run.engine for run in report.runs} == {
        "plug:model_registry",
        "plug:ModelSpec",
        "plug.trainer:PlugTrainer",
    }
    assert report.exit_code == 2, "of one engine nothing could be checked"


@pytest.mark.parametrize(("attn_type", "layer"), [("flex", "Flex"), ("varlen", "Varlen")])
def test_the_smallest_model_of_a_registry_is_checked(
    report: VerifyReport, attn_type: str, layer: str
) -> None:
    seen = run(report, "plug:model_registry", attn_type)
    assert [check.name for check in seen.failed_before] == ["imports"]
    assert seen.failed_after == []
    passed = {name for name, outcome in outcomes(seen).items() if outcome == "passed"}
    assert {"imports", "backend", "masks", "documents"} <= passed
    assert ("reference" in passed) == (attn_type == "flex")
    assert reasons(seen)["backend"] == f"1 {layer}Attention"


def test_an_engine_that_cannot_be_made_says_why_once(report: VerifyReport) -> None:
    seen = run(report, "plug:ModelSpec", "flex")
    assert set(outcomes(seen).values()) == {"not applicable"}
    # What it imports is gone before the rewrite.
    assert [check.name for check in seen.failed_before] == ["imports"]
    first, *rest = (check.reason for check in seen.after)
    assert first.startswith("a ModelSpec of plug has no name")
    assert all(reason.startswith("not reached") for reason in rest)
    assert not seen.proven


def test_a_trainer_without_cuda_shows_its_config(report: VerifyReport) -> None:
    flex, varlen = (run(report, "plug.trainer:PlugTrainer", each) for each in ("flex", "varlen"))
    assert reasons(flex)["imports"] == "its config constructs; the engine itself needs CUDA"
    assert outcomes(flex)["backend"] == "passed"
    # Its function makes one attention, whichever is asked for: that is no mistake of the rewrite.
    assert outcomes(varlen)["imports"] == "passed"
    assert outcomes(varlen)["backend"] == "not applicable"
    assert reasons(varlen)["backend"].endswith("it has FlexAttention")


def test_where_nothing_is_found_the_ways_to_offer_an_engine_are_named(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("import torchtitan\n", encoding="utf-8")
    with pytest.raises(VerifyError) as raised:
        verify([tmp_path], VerifySettings(device="cpu"))
    for line in (
        "    def make_engine(attn_type, device):",
        "    # titan-lint: engine=make_engine\n",
        '    [tool.titan-lint.verify]\n    entries = ["my_package.engine:make_engine"]\n',
        "    titan-lint verify --entry my_package.engine:make_engine",
    ):
        assert line in str(raised.value)


def test_the_comment_that_is_named_offers_an_engine_as_it_stands(tmp_path: Path) -> None:
    from titan_lint.verify.entries import find_entries

    with pytest.raises(VerifyError) as raised:
        verify([tmp_path], VerifySettings(device="cpu"))
    (line,) = (each for each in str(raised.value).splitlines() if "# titan-lint:" in each)
    (tmp_path / "engine.py").write_text(f"{line.strip()}\n", encoding="utf-8")
    (entry,) = find_entries([tmp_path])
    assert entry.name == "engine:make_engine"


def test_a_model_that_is_no_decoder_or_too_large_is_let_be() -> None:
    from torchtitan.models.llama3 import llama3_configs

    def config(flavor: str) -> object:
        return llama3_configs[flavor](attn_backend="flex")

    check_model(config("debugmodel"), "the model")
    with pytest.raises(CannotMakeError, match=r"the model has 1\.\d billion parameters"):
        check_model(config("1B"), "the model")
    with pytest.raises(CannotMakeError, match="the model is none of torchtitan's decoders"):
        check_model(None, "the model")


def test_arguments_that_are_known_are_given_and_others_named() -> None:
    def registry(flavor: str, attn_backend: str = "sdpa", more: int = 0) -> tuple[str, str]:
        return flavor, attn_backend

    def fixed() -> int:
        return 1

    def unknown(path: str, *rest: str) -> None: ...

    assert call(registry, "flex", flavor="debugmodel") == (("debugmodel", "flex"), True)
    assert call(fixed, "flex", flavor="debugmodel") == (1, False)
    with pytest.raises(CannotMakeError, match=r"unknown\(\) takes path, which"):
        call(unknown, "flex")


def test_a_trainer_that_is_made_in_another_way_is_let_be() -> None:
    class Config:
        model_spec = "spec"

    class Wider(Config):
        pass

    def trainer(config_class: type, make: Callable[..., None]) -> type:
        return type("Mine", (), {"Config": config_class, "__init__": make})

    def right(self: object, config: Config, more: int = 0) -> None: ...
    def other(self: object, model_spec: object, device: str) -> None: ...

    def made(cls: type) -> object:
        module = SimpleNamespace(__name__="module", Mine=cls)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(adapter, "entry", lambda _: lambda: Config())
            return trainer_adapter.Adapter("Mine", "module:make").make_config(module, "flex")

    assert isinstance(made(trainer(Config, right)), Config)
    with pytest.raises(CannotMakeError, match=r"Mine\(\) takes model_spec, device, not a config"):
        made(trainer(Config, other))
    with pytest.raises(CannotMakeError, match=r"no function of this tree makes a Mine\.Config"):
        made(trainer(Wider, right))


def test_a_package_that_verl_needs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verl, "NEEDS", ("json", "no_such_package", "nor_this"))
    with pytest.raises(CannotMakeError, match=r"pip install no_such_package nor_this$"):
        verl.Adapter("TorchTitanEngineWithLMHead", "").prepare()


def test_without_those_packages_the_report_says_so(tmp_path: Path) -> None:
    absent = [name for name in verl.NEEDS if importlib.util.find_spec(name) is None]
    if not absent:
        pytest.skip("all that verl's engine needs is installed")
    file = tmp_path / "verl" / "workers" / "engine" / "torchtitan" / "transformer_impl.py"
    file.parent.mkdir(parents=True)
    for folder in file.relative_to(tmp_path).parents[:-1]:
        (tmp_path / folder / "__init__.py").touch()
    file.write_text("class TorchTitanEngineWithLMHead: ...\n", encoding="utf-8")
    with forked_probes():
        report = verify([tmp_path], VerifySettings(device="cpu", attn_types=("flex",)))
    (one,) = report.runs
    assert one.after[0].outcome is Outcome.NOT_APPLICABLE
    assert one.after[0].reason.endswith(f"pip install {' '.join(absent)}")
    assert report.exit_code == 2


@pytest.mark.network
def test_verl_is_verified_without_an_adapter(tmp_path: Path) -> None:
    absent = [name for name in verl.NEEDS if importlib.util.find_spec(name) is None]
    if absent:
        pytest.skip(f"verl's engine needs {', '.join(absent)}")
    tree = copied("verl", "0.9.1", tmp_path / "verl")
    report = verify([tree], VerifySettings(device="cpu"))
    for one, layer in zip(report.runs, ("FlexAttention", "VarlenAttention"), strict=True):
        assert [check.name for check in one.failed_before] == ["imports"]
        assert one.failed_after == []
        assert reasons(one)["imports"] == "its config constructs; the engine itself needs CUDA"
        assert reasons(one)["backend"] == f"6 {layer}"
    assert report.exit_code == 0


@pytest.mark.gpu
@pytest.mark.network
@pytest.mark.usefixtures("cuda")
def test_verl_and_a_trainer_pass_on_cuda_without_an_adapter(tmp_path: Path) -> None:
    absent = [name for name in verl.NEEDS if importlib.util.find_spec(name) is None]
    if absent:
        pytest.skip(f"verl's engine needs {', '.join(absent)}")
    trees = [copied("verl", "0.9.1", tmp_path / "verl"), plugin(tmp_path)]
    report = verify(trees, VerifySettings(device="cuda"))
    for engine in ("verl.workers.engine.torchtitan.transformer_impl", "plug.trainer"):
        flex = next(one for one in report.runs if one.engine.startswith(engine))
        assert flex.failed_after == []
        applicable = {name for name, outcome in outcomes(flex).items() if outcome == "passed"}
        assert applicable == {*CHECKS} - {"same model"}
