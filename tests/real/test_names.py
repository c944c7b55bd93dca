"""Imports, members, flavors and names on published packages: verl, torchtitan itself, and others."""

from __future__ import annotations

import ast
import importlib
from typing import TYPE_CHECKING

import pytest

from tests.packages import unpacked
from titan_lint.api import targets
from titan_lint.check.fix import fix
from titan_lint.check.lint import lint
from titan_lint.code.source import Source, SourceError
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.finding import Finding

pytestmark = pytest.mark.network

CODES = ["TTN201", "TTN202", "TTN203", "TTN204", "TTN402", "TTN403", "TTN404"]
ENGINE = "verl/workers/engine/torchtitan/transformer_impl.py"
UTILS = "verl/workers/engine/torchtitan/utils.py"


def findings(root: Path, path: Path, torchtitan: str) -> tuple[Source, list[Finding]]:
    parts = path.relative_to(root).parts
    package = ".".join(parts[:-1]) if parts[0] == "torchtitan" else None
    source = Source.decode(path.as_posix(), path.read_bytes())
    linted = lint(
        source, codes=CODES, targets=targets.parse(torchtitan), options=Options(), package=package
    )
    assert not linted.failures
    return source, linted.findings


def everything(root: Path, torchtitan: str) -> list[tuple[str, str, str, int]]:
    """Path, code, severity and line of all findings in the files that mention torchtitan."""
    found: list[tuple[str, str, str, int]] = []
    for path in sorted(root.rglob("*.py")):
        if b"torchtitan" not in path.read_bytes():
            continue
        try:
            source, listed = findings(root, path, torchtitan)
        except SourceError:
            continue
        name = path.relative_to(root).as_posix()
        found += [(name, f.code, f.severity.value, source.line_of(f.span.start)) for f in listed]
    return found


def test_verl_0_7_1_at_0_3_0() -> None:
    assert everything(unpacked("verl", "0.7.1"), "0.3.0") == [
        (ENGINE, "TTN202", "error", 32),  # components.lr_scheduler
        (ENGINE, "TTN203", "error", 369),  # maybe_enable_amp
        (UTILS, "TTN201", "info", 74),  # llama4, one name of several
        (UTILS, "TTN204", "error", 128),  # the search for a flavor by its shape
    ]


def test_verl_0_7_1_at_its_own_time() -> None:
    assert everything(unpacked("verl", "0.7.1"), "2026-03-15") == []


def test_verl_0_8_0_at_0_3_0() -> None:
    assert everything(unpacked("verl", "0.8.0"), "0.3.0") == [
        (ENGINE, "TTN202", "error", 33),
        (UTILS, "TTN201", "info", 74),
    ]


def test_rewritten_verl_0_7_1() -> None:
    source = Source(ENGINE, (unpacked("verl", "0.7.1") / ENGINE).read_text("utf-8"))
    result = fix(source, codes=CODES, targets=targets.parse("0.3.0"), options=Options())
    before, after = source.text, result.source.text
    assert "import LRSchedulersContainer, OptimizersContainer\n" in after
    assert "components.lr_scheduler" not in after
    (block,) = (
        n
        for n in ast.walk(ast.parse(before))
        if isinstance(n, ast.With) and "maybe_enable_amp" in ast.unparse(n.items[0])
    )
    assert len(block.items) == 1
    assert "maybe_enable_amp" not in after
    for statement in block.body:
        assert ast.unparse(statement) in ast.unparse(ast.parse(after))
    assert not result.remaining


def test_what_verl_imports_and_is_not_reported_imports() -> None:
    pytest.importorskip("torchtitan", reason="torchtitan is not installed")
    from importlib.metadata import version

    if version("torchtitan") != "0.3.0":
        pytest.skip(f"torchtitan {version('torchtitan')} is installed, not 0.3.0")
    root = unpacked("verl", "0.7.1")
    tried = 0
    for name in (ENGINE, UTILS):
        source, listed = findings(root, root / name, "0.3.0")
        wrong = {source.line_of(f.span.start) for f in listed if f.code in ("TTN201", "TTN202")}
        for node in ast.walk(ast.parse(source.text)):
            if not isinstance(node, ast.ImportFrom) or node.level:
                continue
            if not (node.module or "").startswith("torchtitan"):
                continue
            for alias in node.names:
                tried += 1
                if alias.lineno in wrong:
                    with pytest.raises((ImportError, AttributeError)):
                        getattr(importlib.import_module(node.module or ""), alias.name)
                else:
                    _import(node.module or "", alias.name)
    assert tried >= 15


def _import(module: str, name: str) -> None:
    loaded = importlib.import_module(module)
    if not hasattr(loaded, name):
        importlib.import_module(f"{module}.{name}")


# True findings in torchtitan's own releases.
SLIPS = {
    "0.2.2": [
        # A function that 0.2.1 still had.
        ("torchtitan/experiments/forge/engine.py", "TTN201", "error"),
        # A path from before the experiment got its name.
        (
            "torchtitan/experiments/rl/vllm_compat/tests/test_batch_invariant_backward.py",
            "TTN201",
            "error",
        ),
        (
            "torchtitan/experiments/rl/vllm_compat/tests/test_exact_determinism.py",
            "TTN201",
            "error",
        ),
    ],
    "0.3.0": [
        # A group for `output`, which is called `lm_head`: the head falls into the next group.
        ("torchtitan/models/qwen3/config_registry.py", "TTN403", "warning"),
    ],
}


# Errors and warnings of every release, of all rules, are held in `test_torchtitan_itself.py`.
@pytest.mark.parametrize("version", ["0.2.2", pytest.param("0.3.0", marks=pytest.mark.slow)])
def test_torchtitan_fits_itself(version: str) -> None:
    found = everything(unpacked("torchtitan", version), version)
    assert [entry[:3] for entry in found] == SLIPS[version]


@pytest.mark.parametrize(
    "name",
    ["transformers", "diffusers", pytest.param("sglang", marks=pytest.mark.slow), "peft"],
)
def test_nothing_in_packages_without_torchtitan(name: str) -> None:
    assert everything(unpacked(name), "0.3.0") == []
