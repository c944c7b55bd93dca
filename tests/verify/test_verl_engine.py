"""verl's own engine, rewritten for torchtitan 0.3.0: prepared anywhere, driven on a GPU."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.packages import archive

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
DRIVER = ROOT / "fixtures" / "verl"
VERSIONS = ("0.7.1", "0.8.0", "0.9.0", "0.9.1")
BY_PLAIN_FIXES = ("0.9.0", "0.9.1")


@pytest.fixture(scope="module")
def driver() -> Any:
    """The driver's module, which the project does not import otherwise."""
    sys.path.insert(0, str(DRIVER))
    try:
        spec = importlib.util.spec_from_file_location("verl_drive", DRIVER / "drive.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["verl_drive"] = module
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(DRIVER))
        sys.path.remove(str(ROOT))
        for name in ("verl_drive", "patches"):
            sys.modules.pop(name, None)


def run_driver(*options: str, json_file: Path) -> dict[str, Any]:
    absent = [
        name
        for name in ("torch", "torchtitan", "transformers", "tensordict", "omegaconf")
        if importlib.util.find_spec(name) is None
    ]
    if absent:
        pytest.skip(f"verl's engine needs {', '.join(absent)}")
    wheels = [f"--wheel={archive('verl', version)}" for version in VERSIONS]
    command = [sys.executable, str(DRIVER / "drive.py"), *wheels, *options, f"--json={json_file}"]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert run.returncode in (0, 1), run.stderr
    print(run.stdout)
    return json.loads(json_file.read_text(encoding="utf-8"))


def runs_by_state(result: dict[str, Any]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    runs: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for run in result["runs"]:
        runs.setdefault((run["version"], run["state"]), []).append(run)
    return runs


@pytest.fixture(scope="module")
def prepared_of(driver: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """The trees of a version, which are made once and only read."""

    @functools.cache
    def prepared(version: str) -> Any:
        return driver.prepare(version, archive("verl", version), tmp_path_factory.mktemp("verl"))

    return prepared


@pytest.mark.network
@pytest.mark.parametrize(
    "version",
    ["0.7.1", *(pytest.param(each, marks=pytest.mark.slow) for each in VERSIONS[1:3]), "0.9.1"],
)
def test_the_patches_fit_what_the_rewrite_leaves_and_the_engine_parses(
    driver: Any, prepared_of: Callable[[str], Any], version: str
) -> None:
    prepared = prepared_of(version)
    for tree in prepared.trees:
        for path in tree.engine.glob("*.py"):
            compile(path.read_text(encoding="utf-8"), str(path), "exec")
    states = [tree.state for tree in prepared.trees]
    # verl 0.8.0 hands the attention type over itself, so there is nothing to leave out.
    assert (driver.NO_ATTENTION in states) == (version == "0.7.1")
    lines = prepared.left[driver.REWRITTEN]
    left = {line.split()[0] for line in lines if line.split()[1] == "error"}
    assert left == ({"TTN204"} if version == "0.7.1" else set())


@pytest.mark.network
@pytest.mark.parametrize("version", [pytest.param("0.9.0", marks=pytest.mark.slow), "0.9.1"])
def test_the_newest_releases_need_neither_unsafe_fixes_nor_a_patch(
    driver: Any, prepared_of: Callable[[str], Any], version: str
) -> None:
    prepared = prepared_of(version)
    assert [tree.state for tree in prepared.trees] == [driver.SHIPPED, driver.PLAIN]
    assert prepared.same == {driver.REWRITTEN: driver.PLAIN}
    assert prepared.patches == []


def test_no_patch_is_about_attention(driver: Any) -> None:
    for version in VERSIONS:
        for patch in driver.patches_for(version):
            changed = "".join(old + new for old, new in patch.replacements)
            assert "attn" not in changed
            assert "attention" not in changed
            assert "mask" not in changed


def test_a_patch_that_no_longer_applies_says_so(driver: Any, tmp_path: Path) -> None:
    (patch, *_) = driver.patches_for("0.8.0")
    (tmp_path / patch.file).write_text("pass\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"patch {patch.name} finds .* 0 times, not once"):
        patch.apply(tmp_path)


RIGHT: dict[str, Any] = {
    "attn_type": "varlen",
    "setup": "one",
    "stage": "done",
    "failure": "",
    "layers": {"VarlenAttention": 6},
    "masks": ["VarlenMetadata"],
    "weights": 57,
    "weights_differing": [],
    "optimizer": {},
    "leak": 0.0,
    "leak_without_documents": 1.0,
    "reference_error": 0.02,
    "parameters": 50,
    "gradients_finite": 50,
    "losses": [8.0, 5.0],
    "original_difference": 0.01,
    "gradient_norms": [1.0, 0.9],
    "checkpoint_differing": [],
    "continued_losses": [4.0],
    "resumed_losses": [4.0],
}


def test_a_right_run_passes_every_check(driver: Any) -> None:
    assert all(driver.judge(RIGHT).values())


@pytest.mark.parametrize(
    ("check", "change"),
    [
        ("runs", {"failure": "AttributeError: layer"}),
        ("runs", {"stage": "train"}),
        ("backend", {"layers": {"FlexAttention": 6}}),
        ("backend", {"layers": {"FlexAttention": 1, "VarlenAttention": 5}}),
        ("masks", {"masks": ["BlockMask"]}),
        ("weights", {"weights_differing": ["lm_head.weight"]}),
        ("optimizer", {"optimizer": {"eps": [1e-8, 1e-7]}}),
        ("documents", {"leak": 0.02}),
        ("documents", {"leak": float("nan")}),
        ("documents", {"leak_without_documents": 0.0, "leak": 1e-6}),
        ("reference", {"reference_error": 0.3}),
        ("gradients", {"gradients_finite": 49}),
        ("trains", {"losses": [8.0, 8.0]}),
        ("trains", {"losses": [float("nan"), 1.0]}),
        ("checkpoint", {"checkpoint_differing": ["lm_head.weight"]}),
        ("checkpoint", {"continued_losses": [], "resumed_losses": []}),
        ("checkpoint", {"resumed_losses": [8.0]}),
        ("trains", {"gradient_norms": [float("inf"), 1.0]}),
        ("as before", {"original_difference": 0.1}),
        ("as before", {"original_difference": float("nan")}),
    ],
)
def test_each_check_fails_alone(driver: Any, check: str, change: dict[str, Any]) -> None:
    failed = [name for name, passed in driver.judge(RIGHT | change).items() if not passed]
    assert failed == [check]


@pytest.mark.network
def test_the_rewritten_engine_imports_where_the_shipped_one_cannot(tmp_path: Path) -> None:
    runs = runs_by_state(run_driver("--only-import", "--jobs=2", json_file=tmp_path / "seen.json"))
    for version in VERSIONS:
        assert "torchtitan.components.lr_scheduler" in runs[version, "shipped"][0]["failure"]
        last = "plain fixes" if version in BY_PLAIN_FIXES else "rewritten"
        assert runs[version, last][0]["failure"] == ""


@pytest.mark.gpu
@pytest.mark.network
@pytest.mark.usefixtures("cuda")
def test_only_the_rewritten_engine_trains(tmp_path: Path) -> None:
    runs = runs_by_state(run_driver("--jobs=4", json_file=tmp_path / "seen.json"))
    for version in VERSIONS:
        last = "plain fixes" if version in BY_PLAIN_FIXES else "rewritten"
        for state, trains in (("shipped", False), (last, True)):
            driven = sorted(runs[version, state], key=lambda run: run["attn_type"])
            assert [run["attn_type"] for run in driven] == ["flex", "varlen"]
            for run in driven:
                failed = [name for name, passed in run["checks"].items() if not passed]
                where = f"{version} {state} {run['attn_type']}: {run['failure']}"
                assert (failed == []) == trains, where


def test_losses_are_held_against_one_gpu_and_against_the_original(driver: Any) -> None:
    one = RIGHT | {"version": "0.9.1", "state": driver.PLAIN, "compiled": False}
    original = one | {"state": driver.ORIGINAL, "ranks": 1, "losses": [8.5, 4.75]}
    alone = one | {"ranks": 1, "losses": [8.0, 5.0]}
    compiled = alone | {"compiled": True}
    several = one | {"setup": "fsdp", "ranks": 2, "losses": [8.0, 4.5]}
    sharded = original | {"setup": "fsdp", "ranks": 2, "losses": [8.25, 4.5]}
    experts = one | {"setup": "ep", "ranks": 2}
    runs = [original, alone, compiled, several, sharded, experts]
    driver.loss_differences(runs)
    assert [run["loss_difference"] for run in runs] == [None, None, None, 0.5, 0.25, None]
    assert [run["original_difference"] for run in runs] == [None, 0.5, None, 0.25, None, None]
    assert driver.judge(original)["as before"], "there is nothing that it has to be as"


def test_the_original_is_run_on_its_own_torchtitan_in_each_setup(
    driver: Any, tmp_path: Path
) -> None:
    trees = [
        driver.Tree("0.9.1", driver.SHIPPED, tmp_path),
        driver.Tree("0.9.1", driver.ORIGINAL, tmp_path, tmp_path / "older"),
        driver.Tree("0.9.1", driver.PLAIN, tmp_path),
    ]
    prepared = driver.Prepared("0.9.1", trees, {}, {}, [])
    options = SimpleNamespace(only_import=False, compile="no", setups=["one", "moe", "fsdp"])
    planned = [(one.setup, one.tree.state) for one in driver.plan([prepared], ["flex"], options)]
    assert planned == [
        *(("fsdp", state) for state in (driver.ORIGINAL, driver.PLAIN)),
        *(("one", state) for state in (driver.SHIPPED, driver.ORIGINAL, driver.PLAIN)),
        *(("moe", state) for state in (driver.ORIGINAL, driver.PLAIN)),
    ]
    path = driver._python_path(trees[1].torchtitan).split(os.pathsep)
    assert path[:2] == [str(tmp_path / "older"), str(ROOT)]


def test_runs_wait_for_gpus_that_have_room(driver: Any) -> None:
    gpus = driver.Gpus(2, at_once=1)
    with gpus.taken(1) as one, gpus.taken(1) as other:
        assert sorted(one + other) == [0, 1]
        assert gpus.free == {0: 0, 1: 0}
    with gpus.taken(2) as both:
        assert sorted(both) == [0, 1]
    assert gpus.free == {0: 1, 1: 1}
