"""The stand-in is what titan-lint's surfaces and the real package say that torchtitan is."""

from __future__ import annotations

import functools
import json
import sys
from typing import Any

import pytest

from tests import forked
from tests.meaning import tool
from tests.meaning.running import run
from tests.meaning.standin import FLAVORS, LEGACY_FLAVORS, Age, Record, _Config, modules

OLD_VERSIONS = (
    *("0.2.2", "main@9810191bb", "main@7c8fc3f54", "main@261819688", "main@4b3347467"),
    *(
        "main@7cec16600",
        "main@6348d93d1",
        "main@c4b409af2",
        "main@632f67f12",
        "main@169545712",
        "main@9530a874d",
    ),
)


def names(age: Age) -> list[str]:
    """Dotted paths of all that the stand-in has, private names and submodules left out."""
    found: list[str] = []
    made = modules(Record(age))
    for path, module in made.items():
        found.append(path)
        found += [
            f"{path}.{name}"
            for name, value in vars(module).items()
            if not name.startswith("_") and type(value) is not type(module)
        ]
    return sorted(found)


def configs(age: Age) -> dict[str, type[_Config]]:
    """The configs of the stand-in by their dotted paths, those of models left out."""
    found: dict[str, type[_Config]] = {}
    for path, module in modules(Record(age)).items():
        for name, value in vars(module).items():
            for suffix, config in (("", value), (".Config", getattr(value, "Config", None))):
                if isinstance(config, type) and issubclass(config, _Config) and config._fields:
                    if ".models." not in path:
                        found[f"{path}.{name}{suffix}"] = config
    return found


@pytest.mark.parametrize("path", names(Age.NEW))
def test_what_the_new_one_has_0_3_0_has(path: str) -> None:
    assert tool.knows(tool.TARGET, path)


@pytest.mark.parametrize("path", names(Age.OLD))
def test_what_the_old_one_has_some_torchtitan_had(path: str) -> None:
    assert any(tool.knows(version, path) for version in OLD_VERSIONS)


@pytest.mark.parametrize("path", sorted(set(names(Age.OLD)) - set(names(Age.NEW))))
def test_what_only_the_old_one_has_0_3_0_lacks(path: str) -> None:
    assert not tool.knows(tool.TARGET, path)


ERRORS = (
    "import torchtitan.config.job_config",
    "from torchtitan.config import ActivationCheckpointConfig",
    "from torchtitan.config import CompileConfig\nCompileConfig(none=1)",
    "from torchtitan.config import CompileConfig\nCompileConfig(True)",
    "from torchtitan.config import CompileConfig\nCompileConfig().none",
    "from torchtitan.config import CompileConfig\nCompileConfig().none = 1",
    "from torchtitan.models.llama3 import model_registry\n"
    "vars(model_registry('8B', attn_backend='flex').model)",
    "from torchtitan.models.llama3 import model_registry\nmodel_registry('none')",
    "from torchtitan.models.llama3 import model_registry\nmodel_registry('8B', none=1)",
    "from torchtitan.models.llama3 import llama3_configs\nllama3_configs['8B'].dim",
)
BACKENDS = (None, "flex", "varlen", "sdpa", "none")

# Importing the real package takes seconds: everything is asked in one process.
ASK = """
import dataclasses, importlib, json, sys

configs, errors, backends = json.load(sys.stdin)
found = {"configs": {}, "errors": [], "backends": []}
for path in configs:
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:end]))
            break
        except ModuleNotFoundError:
            continue
    for part in parts[end:]:
        value = getattr(value, part)
    found["configs"][path] = [field.name for field in dataclasses.fields(value)]
for text in errors:
    try:
        exec(text)
    except Exception as error:
        found["errors"].append(type(error).__name__)
    else:
        found["errors"].append("")
from torchtitan.models.llama3 import llama3_configs, model_registry
found["flavors"] = list(llama3_configs)
for backend in backends:
    try:
        given = {} if backend is None else {"attn_backend": backend}
        config = model_registry("debugmodel", **given).model
        inner = type(config.layers[0].attention.inner_attention).__qualname__
        found["backends"].append([config.dim, len(config.layers), inner])
    except Exception as error:
        found["backends"].append(type(error).__name__)
print(json.dumps(found))
"""


@functools.cache
def real() -> dict[str, Any]:
    """What the real package answers."""
    pytest.importorskip("torchtitan")
    questions = json.dumps([list(configs(Age.NEW)), ERRORS, BACKENDS])
    answers: dict[str, Any] = json.loads(forked.output(ASK, questions).splitlines()[-1])
    return answers


def test_the_new_configs_take_what_those_of_0_3_0_take() -> None:
    theirs: dict[str, list[str]] = real()["configs"]
    for path, config in configs(Age.NEW).items():
        assert set(config._fields) <= set(theirs[path]), path


GONE = {
    "torchtitan.config.ParallelismConfig": (
        *("enable_async_tensor_parallel", "expert_tensor_parallel_degree"),
        *("disable_loss_parallel", "context_parallel_rotate_method", "full_dtensor"),
    ),
    "torchtitan.components.optimizer.OptimizersContainer.Config": (
        *("name", "lr", "beta1", "beta2", "eps", "weight_decay"),
    ),
    "torchtitan.config.TrainingConfig": ("dataset", "dataset_path"),
}


@pytest.mark.parametrize("path", GONE)
def test_the_new_configs_lack_what_is_gone(path: str) -> None:
    old, new = configs(Age.OLD)[path], configs(Age.NEW)[path]
    assert set(GONE[path]) <= set(old._fields)
    assert not set(GONE[path]) & set(new._fields)


def test_the_registry_makes_what_the_real_one_makes() -> None:
    ours: list[object] = []
    registry: Any = modules(Record(Age.NEW))["torchtitan.models.llama3"]
    for backend in BACKENDS:
        try:
            given = {} if backend is None else {"attn_backend": backend}
            config = registry.model_registry("debugmodel", **given).model
        except ValueError:
            ours.append("ValueError")
            continue
        inner = type(config.layers[0].attention.inner_attention)
        ours.append([config.dim, len(config.layers), inner.__qualname__])
    assert real()["backends"] == ours
    assert set(FLAVORS["llama3"]) <= set(real()["flavors"])


@pytest.mark.parametrize("model", LEGACY_FLAVORS)
def test_old_flavors_are_gone(model: str) -> None:
    for flavor in LEGACY_FLAVORS[model]:
        text = f"from torchtitan.models.{model} import model_registry\nmodel_registry({flavor!r})\n"
        assert not run(text, Age.OLD).error
        assert run(text, Age.NEW).error.startswith("KeyError")
        assert tool.fixed(text).fixed in (("TTN105",), ("TTN402",))


def test_errors_are_those_of_the_real_package() -> None:
    ours = [run(text, Age.NEW).error.partition(":")[0] for text in ERRORS]
    assert real()["errors"] == ours


def test_without_torchtitan_nothing_of_it_can_be_imported() -> None:
    for text in ("import torchtitan", "from torchtitan.models.llama3 import model_registry"):
        done = run(text, Age.ABSENT)
        assert done.error.startswith("ModuleNotFoundError")


def test_modules_are_put_back() -> None:
    before = {name for name in sys.modules if name.partition(".")[0] == "torchtitan"}
    run("import torchtitan.config", Age.NEW)
    assert {n for n in sys.modules if n.partition(".")[0] == "torchtitan"} == before
    assert "observe" not in sys.modules
