"""TorchtitanProvider: what LibCST's nodes are at a torchtitan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import pytest
from libcst.metadata import FullRepoManager, MetadataWrapper, QualifiedNameProvider

from titan_lint.api.targets import TargetError
from titan_lint.libcst import Known, TorchtitanProvider

if TYPE_CHECKING:
    from pathlib import Path


def asked(text: str, code: str, torchtitan: str = "0.3.0") -> Known:
    """What the last expression of a text is that is written as ``code``, parentheses left out."""
    cache = {TorchtitanProvider: TorchtitanProvider.alone(torchtitan)}
    return _asked(MetadataWrapper(cst.parse_module(text), cache=cache), code)


def _asked(wrapper: MetadataWrapper, code: str) -> Known:
    known = wrapper.resolve(TorchtitanProvider)
    (*_, node) = (
        node
        for node in known
        if isinstance(node, cst.BaseExpression)
        and wrapper.module.code_for_node(node.with_changes(lpar=(), rpar=())) == code
    )
    return known[node]


REGISTRY = "torchtitan.models.llama3.model_registry"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("from torchtitan.models.llama3 import model_registry\nmodel_registry()", "model_registry"),
        ("from torchtitan.models.llama3 import model_registry as m\nm()", "m"),
        ("from torchtitan.models import llama3\nllama3.model_registry()", "llama3.model_registry"),
        (
            "import torchtitan.models.llama3 as m\nget = m.model_registry\n(get)('8B')\n",
            "get",
        ),
        (
            "from importlib import import_module\nn = 'llama3'\n"
            "import_module(f'torchtitan.models.{n}').model_registry()",
            "import_module(f'torchtitan.models.{n}').model_registry",
        ),
        (
            "# \u00e4\u00f6\u00fc \U0001f600\nfrom torchtitan.models.llama3 import model_registry as m\r\n"
            "x = '\u00e4\U0001f600'; m()",
            "m",
        ),
    ],
)
def test_a_name_is_what_it_is_imported_as(text: str, code: str) -> None:
    known = asked(text, code)
    assert known.path == REGISTRY
    assert known.is_at(REGISTRY)
    assert not known.is_at("torchtitan.models.flux.model_registry")


def test_a_module_that_is_not_known_is_a_star_in_the_path() -> None:
    text = (
        "import importlib\ndef f(n):\n    return importlib.import_module(f'torchtitan.models.{n}')"
    )
    known = asked(text, "importlib.import_module(f'torchtitan.models.{n}')")
    assert known.path == "torchtitan.models.*"
    assert known.is_at("torchtitan.models.*")
    assert not known.is_at("torchtitan.models.llama3")


def test_what_a_call_gives_has_a_type() -> None:
    text = "from torchtitan.models.llama3 import model_registry\nspec = model_registry('8B')\nspec.model"
    assert asked(text, "spec").is_instance_of("torchtitan.protocols.model_spec.ModelSpec")
    assert asked(text, "model_registry('8B')").path is None


def test_any_path_of_a_thing_will_do() -> None:
    known = asked("from torchtitan.config import ParallelismConfig as P\nP()", "P")
    assert known.path == "torchtitan.config.ParallelismConfig"
    assert known.is_at("torchtitan.config.configs.ParallelismConfig")


def test_what_may_be_two_things_is_neither() -> None:
    text = (
        "try:\n    from torchtitan.models.llama3 import model_registry\n"
        "except ImportError:\n    from acme import model_registry\nmodel_registry()\n"
    )
    assert asked(text, "model_registry").path is None


def test_a_name_that_is_bound_anew_is_no_longer_the_import() -> None:
    text = "from torchtitan.models.llama3 import model_registry\nmodel_registry = print\nmodel_registry()"
    assert asked(text, "model_registry").path == "builtins.print"


def test_the_findings_on_a_call_are_those_of_the_target() -> None:
    text = (
        "from torchtitan.models.llama3 import model_registry\nother = 1\n"
        "spec = model_registry('8B_varlen')\n"
    )
    assert [f.code for f in asked(text, "model_registry('8B_varlen')").findings] == ["TTN105"]
    assert asked(text, "model_registry('8B_varlen')", "0.2.2").findings == ()
    assert asked(text, "1").findings == ()


def test_a_suppressed_finding_is_none() -> None:
    text = (
        "from torchtitan.models.llama3 import model_registry\n"
        "spec = model_registry('8B_varlen')  # noqa: TTN105\n"
    )
    assert asked(text, "model_registry('8B_varlen')").findings == ()


def test_what_stands_in_an_f_string_is_never_taken_for_something_else() -> None:
    text = (
        'from torchtitan.models.llama3 import model_registry as m\nx = f\'{m}\' f"""\n{ m }{x}"""\n'
    )
    module = cst.parse_module(text)
    cache = {TorchtitanProvider: TorchtitanProvider.alone("0.3.0")}
    known = MetadataWrapper(module, unsafe_skip_copy=True, cache=cache).resolve(TorchtitanProvider)
    for node, what in known.items():
        if what.path is not None:
            assert isinstance(node, cst.Name)
            assert node.value == "m"


def test_it_stands_beside_the_providers_of_libcst_in_a_visitor() -> None:
    class Calls(cst.CSTVisitor):
        METADATA_DEPENDENCIES = (TorchtitanProvider, QualifiedNameProvider)

        def __init__(self) -> None:
            super().__init__()
            self.found: list[tuple[str | None, set[str]]] = []

        def visit_Call(self, node: cst.Call) -> None:  # noqa: N802
            names = self.get_metadata(QualifiedNameProvider, node.func, set())
            known = self.get_metadata(TorchtitanProvider, node.func)
            self.found.append((known.path, {name.name for name in names}))

    text = "import torchtitan.models.llama3 as m\nget = m.model_registry\nget('8B')\n"
    calls = Calls()
    cache = {TorchtitanProvider: TorchtitanProvider.alone("0.3.0")}
    MetadataWrapper(cst.parse_module(text), cache=cache).visit(calls)
    # LibCST's own answer ends at the assignment.
    assert calls.found == [(REGISTRY, {"get"})]


def test_there_is_no_such_torchtitan() -> None:
    with pytest.raises(TargetError):
        TorchtitanProvider.alone("0.0.0.1")


PROJECT = {
    "pyproject.toml": "[project]\nname = 'acme'\ndependencies = ['torchtitan==0.2.2']\n",
    "acme/__init__.py": "",
    "acme/models.py": "import torchtitan\ndef build_model(flavor): ...\n",
    "acme/shortcuts.py": "from .models import build_model\n"
    "from torchtitan.models.llama3 import model_registry as registry\n",
    "acme/patched.py": "from .models import build_model\nif input():\n    build_model = print\n",
}


def in_project(folder: Path, text: str, code: str) -> Known:
    """As :func:`asked`, for a file ``acme/engine.py`` of a project that is pinned to 0.2.2."""
    for name, content in {**PROJECT, "acme/engine.py": "# torchtitan\n" + text}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    manager = FullRepoManager(str(folder), ["acme/engine.py"], [TorchtitanProvider])
    return _asked(manager.get_metadata_wrapper_for_path("acme/engine.py"), code)


@pytest.mark.parametrize(
    "statement",
    [
        "from acme.models import build_model",
        "from acme.shortcuts import build_model",
        "from .shortcuts import build_model",
        "from .models import build_model",
    ],
)
def test_what_the_project_only_passes_on_is_what_it_defines(tmp_path: Path, statement: str) -> None:
    known = in_project(tmp_path, f"{statement}\nbuild_model('8B')\n", "build_model")
    assert known.path == "acme.models.build_model"


def test_what_a_module_may_bind_anew_is_its_own(tmp_path: Path) -> None:
    known = in_project(tmp_path, "from .patched import build_model\nbuild_model()\n", "build_model")
    assert known.path == "acme.patched.build_model"


def test_torchtitans_names_are_followed_through_the_project(tmp_path: Path) -> None:
    text = "from .shortcuts import registry\nregistry('8B')\n"
    assert in_project(tmp_path, text, "registry").path == REGISTRY


def test_the_pin_of_the_project_decides_on_findings(tmp_path: Path) -> None:
    text = "from torchtitan.models.llama3 import model_registry\nmodel_registry('8B_varlen')\n"
    assert in_project(tmp_path, text, "model_registry('8B_varlen')").findings == ()
    (tmp_path / "titan-lint.toml").write_text("torchtitan = '0.3.0'\n")
    known = in_project(tmp_path, text, "model_registry('8B_varlen')")
    assert [finding.code for finding in known.findings] == ["TTN105"]


def test_what_a_test_gets_from_a_conftest_is_what_that_gives(tmp_path: Path) -> None:
    """A stand-in is of no class of torchtitan's, whatever the test declares."""
    (tmp_path / "conftest.py").write_text(
        "import types\n\nimport pytest\n\n\n@pytest.fixture\ndef trainer():\n"
        "    return types.SimpleNamespace(config=None)\n"
    )
    (tmp_path / "test_mine.py").write_text(
        "from torchtitan.trainer import Trainer\n\n\ndef test_it(trainer: Trainer):\n    assert trainer\n"
    )
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'acme'\n")
    manager = FullRepoManager(str(tmp_path), ["test_mine.py"], [TorchtitanProvider])
    known = _asked(manager.get_metadata_wrapper_for_path("test_mine.py"), "trainer")
    assert not known.is_instance_of("torchtitan.trainer.Trainer")
