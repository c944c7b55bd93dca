"""A module may be there and still fail to import, by torchtitan's own fault; who asks first is let be.

``torchtitan.experiments.forge`` of 0.2.2 imports ``rescale_accumulated_loss``, which that one does not have.
"""

from __future__ import annotations

import ast
from itertools import pairwise

import pytest

from tests.packages import unpacked
from tests.rules.cases import every_message
from titan_lint.api import index, load, targets
from titan_lint.api.absence import asked_in_vain, broken
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

FORGE = "torchtitan.experiments.forge"
USE = "ForgeEngine(config=None)"
FLAG = "try:\n    {0}\n    HAS = True\nexcept ImportError:\n    HAS = False\n"
ELSE = "HAS = False\ntry:\n    {0}\nexcept ImportError:\n    pass\nelse:\n    HAS = True\n"
NONE = "try:\n    {0}\nexcept ImportError:\n    ForgeEngine = None\n"
WAYS = (
    f"from {FORGE} import ForgeEngine",
    f"from {FORGE}.engine import ForgeEngine",
    f"import {FORGE}.engine as engine; ForgeEngine = engine.ForgeEngine",
)


def said(text: str) -> list[str]:
    """What is said at 0.2.2."""
    return every_message(text, "0.2.2")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("guard", "test"),
    [
        (FLAG, "if HAS:"),
        (ELSE, "if HAS:"),
        (NONE, "if ForgeEngine is not None:"),
        (NONE, "if ForgeEngine:"),
    ],
)
def test_what_runs_only_after_such_an_import_is_no_mistake(way: str, guard: str, test: str) -> None:
    head = guard.format(way.replace("; ", "\n    "))
    assert said(f"{head}{test}\n    {USE}\n") == []


@pytest.mark.parametrize("way", WAYS)
def test_what_runs_where_it_fails_is_judged(way: str) -> None:
    head = FLAG.format(way.replace("; ", "\n    "))
    old = "from torchtitan.config import ModelSpec\n"
    assert said(f"{head}if not HAS:\n    {old}") == said(old) != []
    assert said(f"{head}if HAS:\n    {old}") == []


FLUX = "from torchtitan.models.flux import *\n"
FAULT = "from torchtitan.components.loss import rescale_accumulated_loss"
FAILS = "TTN201 `torchtitan.experiments.forge` cannot be imported at torchtitan 0.2.2"
IMPORTS = (
    *WAYS,
    f"import {FORGE}",
    "from torchtitan.experiments import forge",
    f"from {FORGE} import *",
    f"import importlib\nimportlib.import_module('{FORGE}.engine')",
    f"def late():\n    from {FORGE} import ForgeEngine",
    f"try:\n    from {FORGE} import ForgeEngine\nexcept KeyError:\n    pass",
)


@pytest.mark.parametrize("way", IMPORTS)
def test_the_import_itself_is_an_error_that_names_the_fault(way: str) -> None:
    (message,) = said(f"{way}\n")
    assert message.startswith(FAILS)
    assert "`rescale_accumulated_loss` from `torchtitan.components.loss`" in message
    assert every_message(f"{way}\n", "0.2.1") == []


@pytest.mark.parametrize(
    "text",
    [
        *(guard.format(IMPORTS[0]) for guard in (FLAG, ELSE, NONE)),
        f"try:\n    {IMPORTS[0]}\nexcept ModuleNotFoundError:\n    pass\n",
        f"import contextlib\nwith contextlib.suppress(ImportError):\n    {IMPORTS[0]}\n",
        f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    {IMPORTS[0]}\n",
        f"if False:\n    {IMPORTS[0]}\n",
        f"import pytest\nwith pytest.raises(ImportError):\n    {IMPORTS[0]}\n",
        "import pytest\npytest.importorskip('torchtitan.no_such_module')\n" + IMPORTS[0],
        # Whoever brings what is missing, or the module, has nothing to fear.
        "import torchtitan.components.loss as loss\nloss.rescale_accumulated_loss = print\n"
        + IMPORTS[0],
        f"import sys, types\nsys.modules['{FORGE}'] = types.ModuleType('forge')\n{IMPORTS[0]}",
        f"import sys, types\nsys.modules['{FORGE}.engine'] = types.ModuleType('e')\n{IMPORTS[0]}",
        # A module is found under its name before any of its packages is asked for.
        f"import sys\nfrom unittest import mock\nsys.modules['{FORGE}.job_config'] = mock.MagicMock()\n"
        f"from {FORGE}.job_config import Training",
        f"import sys\nfrom unittest import mock\n"
        f"@mock.patch.dict(sys.modules, {{'{FORGE}.job_config': mock.MagicMock()}})\n"
        f"def test(*found):\n    from {FORGE}.job_config import Training as Theirs",
        f"import sys\nimport unittest\nfrom unittest import mock\nclass Test(unittest.TestCase):\n"
        "    def setUp(self):\n        self.enterContext(mock.patch.dict(sys.modules, "
        f"dict([('{FORGE}.job_config', mock.MagicMock())])))\n"
        f"    def test_it(self):\n        from {FORGE}.job_config import Training",
        f"import importlib, sys\nsys.modules['{FORGE}.job_config'] = object()\n"
        f"importlib.import_module('{FORGE}.job_config')",
        "from unittest import mock\n"
        f"with mock.patch('torchtitan.components.loss.rescale_accumulated_loss', create=True):\n"
        f"    {IMPORTS[0]}\n",
    ],
)
def test_an_import_that_may_fail_or_is_helped_is_let_be(text: str) -> None:
    assert said(f"{text}\n") == []


def test_a_stub_under_another_name_helps_no_import() -> None:
    stub = "import sys\nfrom unittest import mock\nsys.modules['torchtitan.no_such'] = mock.MagicMock()\n"
    assert len(said(f"{stub}from {FORGE}.job_config import Training\n")) == 1


def test_what_torchtitan_itself_imports_in_vain_is_read_where_somebody_puts_it() -> None:
    put = "import torchtitan.components.loss as loss\nloss.rescale_accumulated_loss = print\n"
    assert said(put) == []
    # Nothing of 0.3.0 asks for it.
    assert len(every_message(put, "0.3.0")) == 1


@pytest.mark.parametrize(
    ("package", "count"), [("torchtitan.experiments", 0), ("mine.torchtitan", 1), (None, 1)]
)
def test_in_a_copy_of_torchtitan_the_fault_alone_is_said(package: str | None, count: int) -> None:
    for text, times in ((WAYS[0], count), (FLUX, count), (FAULT, 1)):
        linted = lint(
            Source("use.py", f"{text}\n"),
            codes=("TTN201",),
            targets=targets.parse("0.2.2"),
            options=Options(),
            package=package,
        )
        assert len(linted.findings) == times


def test_many_imports_of_one_such_module_are_one_finding() -> None:
    assert len(said("\n".join(WAYS[:2]) + "\n")) == 1


def test_a_star_import_of_a_module_that_lists_what_it_lacks_is_an_error() -> None:
    (message,) = every_message(FLUX, "0.2.1")
    assert "lists `flux_configs` in `__all__`" in message
    assert every_message(FLUX, "0.3.0") == []
    assert every_message("from torchtitan.models.flux import FluxModel\n", "0.2.1") == []
    # As a submodule is, what is listed is imported where it is one.
    assert every_message("from torchtitan.models import *\n", "0.2.1") == []


@pytest.mark.parametrize(
    "text",
    [
        f"try:\n    {FLUX}except AttributeError:\n    pass\n",
        f"import torchtitan.models.flux as flux\nflux.flux_configs = {{}}\n{FLUX}",
        f"import torchtitan.models.flux as flux\nflux.__all__ = ['FluxModel']\n{FLUX}",
    ],
)
def test_a_star_import_that_may_fail_or_is_helped_is_let_be(text: str) -> None:
    assert every_message(text, "0.2.1") == []


def _always_imported(text: str, package: str) -> set[str]:
    """The paths that a module's text imports at its top level, under no condition."""
    found: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom):
            at = package.split(".")[: len(package.split(".")) - node.level + 1]
            holder = ".".join([*at, *filter(None, [node.module])]) if node.level else node.module
            found |= {f"{holder}.{alias.name}" for alias in node.names} | {str(holder)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


@pytest.mark.network
@pytest.mark.parametrize("key", ["0.2.1", "0.2.2"])
def test_what_such_a_module_imports_in_vain_is_imported_under_no_condition(key: str) -> None:
    surface, site = load(key), unpacked("torchtitan", key)
    assert surface.provenance.broken
    for module in surface.provenance.broken:
        chain = asked_in_vain(surface, module)
        assert chain[0] == module
        for by, of in pairwise(chain):
            file = site.joinpath(*by.split("."))
            init = file / "__init__.py"
            text = (init if init.exists() else file.with_suffix(".py")).read_text("utf-8")
            package = by if init.exists() else by.rpartition(".")[0]
            assert of in _always_imported(text, package)


@pytest.mark.parametrize("key", ["0.2.1", "0.2.2", "0.3.0"])
def test_what_the_index_says_is_what_the_surface_shows(key: str) -> None:
    assert broken(load(key)) == index()[key].broken
