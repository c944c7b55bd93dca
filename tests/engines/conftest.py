"""Engines of `fixtures/engines` as they are and as titan-lint rewrites them."""

from __future__ import annotations

import functools
import importlib.util
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.projects import run_here
from tests.small_models import grouped_mm, with_few_layers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).parents[2]
ENGINES = ROOT / "fixtures" / "engines"
OFFERED = {path.stem: path.read_text() for path in ENGINES.glob("*.py")}
# Engines of earlier eras do not even import before the rewrite; `tests/verify` runs them.
FORMS = sorted(
    name
    for name, text in OFFERED.items()
    if "# titan-lint: engine=" in text
    and " device=cuda" not in text
    and not name.startswith("era_")
)

if importlib.util.find_spec("torchtitan") is None:
    collect_ignore_glob = ["test_*.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the tests of one form together: they ask for the same engines."""
    places = [i for i, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ours = sorted((items[i] for i in places), key=lambda item: (item.path, _form_of(item)))
    for i, item in zip(places, ours, strict=True):
        items[i] = item


def _form_of(item: pytest.Item) -> str:
    return item.callspec.params.get("form", "") if hasattr(item, "callspec") else ""


class Engines:
    """The engine modules of one directory, imported once each under names of their own.

    The engines that were made last are kept: no test changes one.
    """

    def __init__(self, directory: Path, prefix: str) -> None:
        self.directory = directory
        self.prefix = prefix
        self.modules: dict[str, ModuleType] = {}
        self.made = functools.lru_cache(maxsize=2)(self._make)

    def module(self, form: str) -> ModuleType:
        if form not in self.modules:
            name = f"{self.prefix}_{form}"
            spec = importlib.util.spec_from_file_location(name, self.directory / f"{form}.py")
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
            self.modules[form] = module
        return self.modules[form]

    def make(self, form: str, attn_type: str) -> Any:
        return self.made(form, attn_type)

    def _make(self, form: str, attn_type: str) -> Any:
        import torch

        torch.manual_seed(0)
        return self.module(form).make_engine(attn_type, "cpu")


@pytest.fixture(scope="session")
def torch_on_cpu() -> Iterator[ModuleType]:
    """Torch with flex attention run by Dynamo's eager backend, which needs no compiler."""
    torch = pytest.importorskip("torch", reason="needs torch")
    pytest.importorskip("torchtitan", reason="needs torchtitan")
    decoder: Any = importlib.import_module("torchtitan.models.common.decoder").Decoder
    config = importlib.import_module("torch._dynamo.config")
    with config.patch(debug_backend_override=">=0:eager"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "_grouped_mm", grouped_mm)
        patch.setattr(decoder, "__init__", with_few_layers(decoder.__init__, 2))
        yield torch


@pytest.fixture(scope="session")
def unfixed(torch_on_cpu: ModuleType) -> Iterator[Engines]:
    # The parts the engines share are the same before and after, so they are imported once.
    sys.path.insert(0, str(ENGINES))
    yield Engines(ENGINES, "unfixed")
    sys.path.remove(str(ENGINES))
    sys.modules.pop("engine_parts", None)


@pytest.fixture(scope="session")
def fixed_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the engines after one `titan-lint --fix`."""
    directory = tmp_path_factory.mktemp("fixed") / "engines"
    shutil.copytree(ENGINES, directory, ignore=shutil.ignore_patterns("__pycache__"))
    run = run_here("--fix", "--torchtitan", "0.3.0", "--exit-zero", ".", cwd=directory)
    assert run.status == 0, run.err
    return directory


@pytest.fixture(scope="session")
def fixed(unfixed: Engines, fixed_directory: Path) -> Engines:
    return Engines(fixed_directory, "fixed")
