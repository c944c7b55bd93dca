"""Surfaces held against the torchtitan that is installed: imported, inspected, called."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from tests import forked
from tests.scripts.load import script
from titan_lint.api import Class, Function, Variable, external, load
from titan_lint.api.targets import parse

for _library in ("torch", "torchtitan"):
    if importlib.util.find_spec(_library) is None:
        pytest.skip(f"{_library} is not installed", allow_module_level=True)
INSTALLED = importlib.metadata.version("torchtitan")
if INSTALLED != "0.3.0":
    pytest.skip(f"written for torchtitan 0.3.0, installed is {INSTALLED}", allow_module_level=True)

SURFACE = load("0.3.0")
# Bound under a condition that isn't met where these libraries are missing.
_OPTIONAL = (
    "torchtitan.components.quantization.",
    "torchtitan.experiments.",
    "torchtitan.overrides.",
)

Signature = list[list[Any]]


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    """What Python says of all modules that can be imported here."""
    worker = Path(__file__).with_name("inspect_torchtitan.py")
    found: dict[str, Any] = json.loads(forked.output(worker, "\n".join(sorted(SURFACE.modules))))
    # Otherwise the tests below would say little.
    assert len(found["modules"]) > 200
    assert len(found["classes"]) > 400
    return found


def _ours(function: Function) -> Signature:
    return [[p.name, p.kind.value, p.default is not None] for p in function.parameters]


def test_the_installed_one_is_recognised_by_its_files() -> None:
    (target,) = parse("installed")
    assert target.surface is SURFACE
    assert "has exactly its files" in target.reason


def test_modules_bind_the_names_that_the_surface_lists(real: dict[str, Any]) -> None:
    for name, module in real["modules"].items():
        bound = set(module["names"])
        listed = {n for n in SURFACE.names_in(name) if not n.startswith("__")}
        assert bound <= listed, name
        submodules = {n for n in listed if f"{name}.{n}" in SURFACE.modules}
        if not name.startswith(_OPTIONAL):
            assert listed - submodules <= bound, name


def test_imported_functions_and_classes_are_found_where_python_has_them(
    real: dict[str, Any],
) -> None:
    for name, module in real["modules"].items():
        paths = {m: path for m, (path, _) in module["functions"].items()} | module["classes"]
        for member, path in paths.items():
            entity = SURFACE.lookup(f"{name}.{member}")
            assert entity is not None, f"{name}.{member}"
            if isinstance(entity, Function | Class):
                assert entity.path == path, f"{name}.{member}"


def test_signatures_of_functions_are_pythons(real: dict[str, Any]) -> None:
    checked = 0
    for name, module in real["modules"].items():
        for member, (path, signature) in module["functions"].items():
            entity = SURFACE.lookup(f"{name}.{member}")
            if isinstance(entity, Function) and path.startswith("torchtitan"):
                assert _ours(entity) == signature, path
                checked += 1
    assert checked > 1000


def _refuses(cls: Class) -> bool:
    known = external.known()
    return any(base in known and known[base].takes_nothing for base in cls.external_bases)


def test_signatures_of_constructors_and_methods_are_pythons(real: dict[str, Any]) -> None:
    constructors = methods = 0
    for path, python in real["classes"].items():
        entity = SURFACE.lookup(path)
        if not isinstance(entity, Class):
            continue  # Made inside a function.
        constructor = entity.constructor()
        if constructor is not None and _refuses(entity) and not constructor.parameters:
            constructor = None  # Python's signature takes all, and what it calls refuses it.
        if constructor is not None and not constructor.open:
            assert _ours(constructor) == python["signature"], path
            constructors += 1
        for name, signature in python["methods"].items():
            member = entity.member(name)
            is_generated = entity.own(name) is None
            is_built = name == "build" and entity.name == "Config"
            if isinstance(member, Function) and not is_generated and not is_built:
                assert _ours(member) == signature, member.path
                methods += 1
    assert constructors > 350
    assert methods > 700


def test_members_of_classes_are_pythons(real: dict[str, Any]) -> None:
    for path, python in real["classes"].items():
        entity = SURFACE.lookup(path)
        if not isinstance(entity, Class):
            continue
        if not entity.open:
            assert set(python["members"]) <= set(entity.members), path
        for name in entity.members:
            member = entity.member(name)
            is_value = isinstance(member, Variable)
            on_class = not is_value or (bool(member.source) and not member.is_instance)
            # Dataclasses take calls of `field` off the class again.
            if on_class and not (is_value and "field(" in (member.source or "")):
                assert name in python["attributes"], f"{path}.{name}"


def test_building_a_config_takes_what_the_owner_takes(real: dict[str, Any]) -> None:
    path = "torchtitan.components.optimizer.optimizer.OptimizersContainer"
    build = SURFACE.lookup(f"{path}.Config.build")
    assert isinstance(build, Function)
    taken = [name for name, _, _ in real["classes"][path]["signature"] if name != "config"]
    assert [p.name for p in build.bound().parameters] == taken


@pytest.mark.parametrize(
    "model", ["llama3", "qwen3", "deepseek_v3", "gpt_oss", "muse_glimmer", "kimi_k2_7"]
)
def test_registries_accept_and_reject_what_the_surface_says(model: str) -> None:
    path = f"torchtitan.models.{model}"
    registry = importlib.import_module(path).model_registry
    entity = SURFACE.lookup(f"{path}.model_registry")
    assert isinstance(entity, Function)
    flavor, backend = entity.parameter("flavor"), entity.parameter("attn_backend")
    assert flavor is not None
    assert backend is not None
    assert flavor.accepts
    assert backend.accepts
    debug = next(name for name in flavor.accepts if "debug" in str(name))
    with pytest.raises(KeyError):
        registry("no such flavor")
    for value in backend.accepts:
        # This one asks for a GPU of a certain kind, which no surface can know.
        if value != "flex_flash":
            registry(debug, attn_backend=value)
    for value, message in backend.rejected.items():
        with pytest.raises(ValueError, match=r".") as raised:
            registry(debug, attn_backend=value)
        assert message == f"ValueError: {raised.value}"
    with pytest.raises(ValueError, match="no such backend"):
        registry(debug, attn_backend="no such backend")
    comm = entity.parameter("moe_comm_backend")
    if comm is not None and comm.accepts is not None:
        with pytest.raises(ValueError, match="no such backend"):
            registry(debug, moe_comm_backend="no such backend")


def test_every_flavor_that_is_accepted_can_be_had() -> None:
    from torchtitan.models.llama3 import model_registry

    entity = SURFACE.lookup("torchtitan.models.llama3.model_registry")
    assert isinstance(entity, Function)
    flavor = entity.parameter("flavor")
    assert flavor is not None
    for name in flavor.accepts or ():
        assert model_registry(name).flavor == name


def test_fields_reject_what_the_surface_says() -> None:
    from torchtitan.config import ParallelismConfig

    entity = SURFACE.lookup("torchtitan.config.ParallelismConfig")
    assert isinstance(entity, Class)
    fields = {field.name: field for field in entity.fields}
    assert fields["spmd_backend"].accepts == ("partial_dtensor", "full_dtensor", "spmd_types")
    for value in fields["spmd_backend"].accepts:
        ParallelismConfig(spmd_backend=value)
    with pytest.raises(ValueError, match="must be one of"):
        ParallelismConfig(spmd_backend="default")


def test_what_is_kept_of_foreign_classes_is_what_its_script_finds() -> None:
    build = script("build_external")
    assert external.known().keys() == {*build.CLASSES}
    for path, about in external.known().items():
        found = build.describe(path)
        # Another Python's `enum` may have more.
        assert about.members <= {*found["members"]}, path
        assert (about.open, about.takes_nothing) == (found["open"], "takes_nothing" in found), path


def test_foreign_constructors_that_take_nothing_refuse_arguments() -> None:
    plain = [path for path, about in external.known().items() if about.takes_nothing]
    assert plain
    for path in plain:
        module, _, name = path.rpartition(".")
        derived = type("Derived", (getattr(importlib.import_module(module), name),), {})
        derived()
        with pytest.raises(TypeError):
            derived(1)
        with pytest.raises(TypeError):
            derived(x=1)
