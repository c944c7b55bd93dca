"""verl 0.7.1, rewritten for torchtitan 0.3.0: its own expressions construct on the real package.

The engine itself needs GPUs and process groups. Here the statements of its ``__init__`` that make
configs, and the call that makes ``ParallelDims``, are run as rewritten, with a stand-in for ``self``.
"""

from __future__ import annotations

import ast
import functools
import importlib
import math
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fixing import fix_text
from tests.packages import unpacked
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

pytestmark = pytest.mark.network

ENGINE = "verl/workers/engine/torchtitan/transformer_impl.py"
UTILS = "verl/workers/engine/torchtitan/utils.py"
CALL_RULES = ["TTN301", "TTN302", "TTN303", "TTN304", "TTN401"]


def original(name: str, version: str = "0.7.1") -> str:
    return (unpacked("verl", version) / name).read_text("utf-8")


@functools.cache
def rewritten(name: str) -> str:
    fixed = fix_text(original(name), path=name, unsafe=True)
    assert fixed.refused is None
    return fixed.source.text


def findings(text: str, torchtitan: str = "0.3.0", codes: list[str] = CALL_RULES):
    linted = lint(
        Source("engine.py", text),
        codes=codes,
        targets=targets.parse(torchtitan),
        options=Options(),
    )
    assert not linted.failures
    return linted.findings


def test_what_breaks_is_reported_and_nothing_else() -> None:
    text = original(ENGINE)
    errors = [f for f in findings(text) if f.severity == "error"]
    lines = [(f.code, text.count("\n", 0, f.span.start) + 1) for f in errors]
    assert lines == [
        ("TTN301", 118),  # the optimizer's six keywords
        ("TTN301", 144),  # expert_tensor_parallel_degree
        ("TTN302", 162),  # loss
        ("TTN301", 269),  # etp
    ]
    assert all(name in errors[0].said for name in ("name", "lr", "eps", "beta1", "weight_decay"))


def test_warnings_are_about_defaults_that_changed() -> None:
    warned = [f for f in findings(original(ENGINE)) if f.severity == "warning"]
    assert [f.code for f in warned] == ["TTN304"] * 4
    assert all("main of 2026-02-23 to 2026-04-28" in f.said for f in warned)


def test_rewritten_engine_has_no_error_left() -> None:
    assert [f.said for f in findings(rewritten(ENGINE))] == []


@pytest.mark.parametrize("name", [ENGINE, UTILS])
def test_utils_and_engine_of_verl_0_8_0_are_clean_where_they_belong(name: str) -> None:
    found = findings(original(name, "0.8.0"), "main@c4b409af2")
    assert [f.said for f in found if f.severity != "info"] == []


# -- on the real package ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def torchtitan() -> Any:
    pytest.importorskip("torch", reason="torch is not installed")
    module = pytest.importorskip("torchtitan", reason="torchtitan is not installed")
    metadata = importlib.import_module("importlib.metadata")
    if not metadata.version("torchtitan").startswith("0.3."):
        pytest.skip(f"torchtitan {metadata.version('torchtitan')} is installed, not 0.3")
    return module


def torchtitan_imports(tree: ast.Module) -> list[ast.stmt]:
    return [
        node
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torchtitan")
    ]


def method(tree: ast.Module, name: str) -> ast.FunctionDef:
    engine = next(
        n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "TorchTitanEngine"
    )
    return next(n for n in engine.body if isinstance(n, ast.FunctionDef) and n.name == name)


def run(statements: list[ast.stmt], names: dict[str, Any]) -> None:
    module = ast.Module(statements, type_ignores=[])
    exec(compile(ast.fix_missing_locations(module), ENGINE, "exec"), names)


def assigned(statement: ast.stmt) -> str:
    return ast.unparse(statement.targets[0]) if isinstance(statement, ast.Assign) else ""


def engine_config(**given: Any) -> SimpleNamespace:
    settings: dict[str, Any] = {
        "attn_type": "flex",
        "data_parallel_replicate_size": 1,
        "data_parallel_shard_size": 1,
        "reshard_after_forward": "default",
        "tensor_parallel_size": 1,
        "pipeline_parallel_size": 1,
        "context_parallel_size": 1,
        "expert_parallel_size": 1,
        "expert_tensor_parallel_size": 1,
        "use_torch_compile": False,
        "max_seq_len": 128,
        "offload_policy": False,
        "forward_only": False,
    }
    return SimpleNamespace(**settings | given)


def stand_in(**given: Any) -> SimpleNamespace:
    return SimpleNamespace(
        engine_config=engine_config(**given),
        optimizer_config=SimpleNamespace(
            name="AdamW",
            lr=1e-6,
            eps=1e-8,
            betas=(0.9, 0.999),
            weight_decay=0.01,
            total_training_steps=100,
            lr_warmup_steps=-1,
            lr_warmup_steps_ratio=0.1,
            decay_type="linear",
            min_lr_factor=0.0,
        ),
        # torchtitan wants a folder here, not the name of a model on a hub.
        model_config=SimpleNamespace(path="/models/Qwen3-0.6B"),
    )


def no_op_dataloader() -> dict[str, Any]:
    """verl's own dataloader, whose base comes from torchtitan."""
    tree = ast.parse(rewritten(UTILS))
    names: dict[str, Any] = {}
    wanted = {"dataclass", "Iterator", "BaseDataLoader"}
    imports = [
        node
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and wanted & {alias.name for alias in node.names}
    ]
    made = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "NoOpDataLoader"]
    names["torch"] = importlib.import_module("torch")
    run([*imports, *made], names)
    return names


def configured(flavor: str = "debugmodel", model: str = "qwen3", **given: Any) -> dict[str, Any]:
    """What the engine's ``__init__`` makes, from the registry call up to ``Trainer.Config``."""
    tree = ast.parse(rewritten(ENGINE))
    body = method(tree, "__init__").body
    first = next(i for i, s in enumerate(body) if assigned(s) == "model_module")
    last = next(i for i, s in enumerate(body) if assigned(s) == "self.config")
    engine = stand_in(**given)
    names: dict[str, Any] = {
        **no_op_dataloader(),
        "importlib": importlib,
        "self": engine,
        "model_config": engine.model_config,
        "torchtitan_name": model,
        "torchtitan_flavor": flavor,
    }
    run([*torchtitan_imports(tree), *body[first : last + 1]], names)
    return names


def test_imports_all_import(torchtitan: Any) -> None:
    for name in (ENGINE, UTILS):
        run(torchtitan_imports(ast.parse(rewritten(name))), {})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"forward_only": True},
        {"offload_policy": True, "max_seq_len": None},
        {"tensor_parallel_size": 2, "data_parallel_shard_size": 4},
        {"pipeline_parallel_size": 2, "max_seq_len": 4096},
        {"attn_type": "varlen"},
        {"use_torch_compile": True},
    ],
    ids=str,
)
def test_configs_construct(torchtitan: Any, given: dict[str, Any]) -> None:
    names = configured(**given)
    config = names["self"].config
    assert type(config).__qualname__ == "Trainer.Config"
    assert config.parallelism.spmd_backend == "partial_dtensor"
    (group,) = config.optimizer.param_groups
    assert group.optimizer_name == "AdamW"
    assert group.optimizer_kwargs == {
        "lr": 1e-6,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0.01,
    }


def test_expert_parallelism_constructs(torchtitan: Any) -> None:
    names = configured("debugmodel_moe", expert_parallel_size=2, data_parallel_shard_size=2)
    assert names["self"].config.parallelism.expert_parallel_degree == 2


@pytest.mark.parametrize(
    "given", [{"pipeline_parallel_size": 2}, {"expert_parallel_size": 2}], ids=str
)
def test_warned_default_would_not_construct(torchtitan: Any, given: dict[str, int]) -> None:
    """CUDA graphs, on by default at 0.3.0, are what TTN304 warns of."""
    config = configured("debugmodel_moe", **given)["self"].config
    config.training.disable_cuda_graphs = False
    with pytest.raises(ValueError, match="CUDA graphs"):
        config.__post_init__()


def test_loss_and_optimizer_can_be_built(torchtitan: Any) -> None:
    torch = importlib.import_module("torch")
    config = configured()["self"].config
    config.loss.build()
    model = torch.nn.Linear(4, 4)
    container = config.optimizer.build(model_parts=[model])
    settings = next(iter(container)).param_groups[0]
    assert settings["lr"] == 1e-6
    assert settings["betas"] == (0.9, 0.999)


def test_without_the_loss_the_trainer_could_not_build_one(torchtitan: Any) -> None:
    """The default is abstract: what TTN302 says about ``loss`` is true on the real package."""
    config = configured()["self"].config
    with pytest.raises(TypeError, match="abstract"):
        type(config)().loss.build()


@pytest.mark.parametrize("sizes", [{}, {"tensor_parallel_size": 2, "data_parallel_shard_size": 2}])
def test_parallel_dims_construct(torchtitan: Any, sizes: dict[str, int]) -> None:
    tree = ast.parse(rewritten(ENGINE))
    made = next(
        s for s in method(tree, "_init_device_mesh").body if assigned(s) == "self.parallel_dims"
    )
    engine = stand_in(**sizes)
    names: dict[str, Any] = {"self": engine, "world_size": math.prod(sizes.values())}
    run([*torchtitan_imports(tree), made], names)
    assert engine.parallel_dims.tp == sizes.get("tensor_parallel_size", 1)
    assert engine.parallel_dims.spmd_backend == "partial_dtensor"
