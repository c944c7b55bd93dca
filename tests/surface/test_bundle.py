"""The surfaces that come with titan-lint."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import packages
from titan_lint.api import bundle, index, load
from titan_lint.api.changes import facts
from titan_lint.api.extract.extract import extract_records
from titan_lint.api.extract.tree import read
from titan_lint.api.pack import PackedRecords, fingerprint

from .synthetic import function, value

ROOT = Path(__file__).parents[2]
RELEASES = [key for key, entry in index().items() if entry.kind == "release"]
MAIN = [key for key, entry in index().items() if entry.kind == "main"]


def test_the_list_that_is_built_is_the_list_that_is_bundled() -> None:
    listed = json.loads((ROOT / "scripts" / "surfaces.json").read_text("utf-8"))
    assert [entry["version"] for entry in listed["releases"]] == RELEASES
    assert [entry.get("commit") for entry in listed["releases"]] == [
        index()[key].commit for key in RELEASES
    ]
    assert [f"main@{entry['commit'][:9]}" for entry in listed["main"]] == MAIN
    assert [entry["day"] for entry in listed["main"]] == [str(index()[key].day) for key in MAIN]


def test_every_surface_tells_where_it_comes_from() -> None:
    for key, entry in index().items():
        assert entry.key == key
        assert entry.version
        assert entry.how
        assert entry.date is not None
        assert datetime.datetime.fromisoformat(entry.date).tzinfo is not None
        assert len(entry.sha256) == len(entry.source) == 64
        # A release that was branched off is no commit of main.
        assert (entry.commit is None) == (key in facts.branches().releases)
        assert entry.commit is None or entry.commit[:10] in bundle.commits()


def test_points_of_main_are_in_order() -> None:
    days = [index()[key].day for key in MAIN]
    assert None not in days
    assert days == sorted(days, key=str)


@pytest.mark.parametrize(
    ("commit", "day"),
    [
        ("9810191bb", "2026-02-23"),
        ("261819688", "2026-03-31"),
        ("7cec16600", "2026-04-18"),
        ("169545712", "2026-06-10"),
        ("203f9a806", "2026-08-18"),
    ],
)
def test_days_on_which_nightlies_first_held_a_commit(commit: str, day: str) -> None:
    assert str(index()[f"main@{commit}"].day) == day


@pytest.mark.parametrize("key", list(index()))
def test_the_facts_have_the_fingerprint_that_the_index_says(key: str) -> None:
    records = PackedRecords(bundle.pack(), list(index()).index(key))
    assert (
        fingerprint({name: records.record(name) for name in records.names}) == index()[key].sha256
    )


@pytest.mark.network
@pytest.mark.parametrize(
    "version",
    [
        # The oldest and the newest tell whether it is still extracted as it was.
        pytest.param(key, marks=() if key in (RELEASES[0], RELEASES[-1]) else pytest.mark.slow)
        for key in RELEASES
    ],
)
def test_a_release_extracted_from_the_registry_is_the_bundled_one(version: str) -> None:
    tree = read(packages.archive("torchtitan", version))
    assert tree.version == version
    assert tree.digest() == index()[version].source
    assert fingerprint(extract_records(tree).modules) == index()[version].sha256


@pytest.mark.network
def test_wheel_folder_and_sdist_of_a_release_have_the_same_surface() -> None:
    folder = read(packages.unpacked("torchtitan", "0.2.2"))
    assert folder.digest() == index()["0.2.2"].source
    package = read(packages.unpacked("torchtitan", "0.2.2") / "torchtitan")
    assert package.digest() == folder.digest()
    sdist = read(packages.archive("torchtitan", "0.2.2", sdist=True))
    assert sdist.digest() == folder.digest()
    assert sdist.version == "0.2.2"


def test_all_surfaces_together_stay_below_a_megabyte() -> None:
    assert sum(file.stat().st_size for file in bundle.DATA.iterdir()) < 1 << 20


def test_reading_surfaces_needs_neither_griffe_nor_libcst_nor_torch() -> None:
    code = (
        "import sys\n"
        "from titan_lint.api import load\n"
        "assert load('0.3.0').lookup('torchtitan.trainer.Trainer').constructor()\n"
        "print([m for m in ('griffe', 'libcst', 'torch', 'packaging', 'zipfile') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


# The signatures of `model_registry`, as the maintainers' commits have them.

_SIGNATURES = [
    ("main@9810191bb", "llama3", "flavor"),
    ("main@7c8fc3f54", "qwen3", "flavor, attn_backend_override=None"),
    ("main@4b3347467", "qwen3", "flavor"),
    ("main@7cec16600", "llama3", "flavor, attn_backend='sdpa'"),
    ("main@7cec16600", "gpt_oss", "flavor, attn_backend='sdpa', moe_comm_backend=None"),
    ("main@7cec16600", "flux", "flavor"),
    ("main@7cec16600", "llama4", "flavor, attn_backend='flex', moe_comm_backend=None"),
    (
        "main@6348d93d1",
        "qwen3",
        "flavor, attn_backend='sdpa', moe_comm_backend=None, quantization=None",
    ),
    ("main@20628f4e9", "gpt_oss", "flavor, moe_comm_backend='standard', quantization=None"),
    (
        "main@115f4c9cf",
        "deepseek_v3",
        "flavor, attn_backend='sdpa', moe_comm_backend='standard', non_blocking_capacity_factor=None, quantization=None",
    ),
    ("main@74181b1e8", "llama3", "flavor, attn_backend='sdpa', converters=None"),
    ("main@169545712", "llama3", "flavor, attn_backend='flex', converters=None"),
    (
        "main@fd712e814",
        "qwen3_5",
        "flavor, attn_backend='flex', moe_comm_backend=None, converters=None",
    ),
    (
        "main@e4035785d",
        "gpt_oss",
        "flavor, moe_comm_backend='standard', attn_backend='varlen', converters=None",
    ),
    (
        "main@9a711521a",
        "llama3",
        "flavor, attn_backend='flex', tp_gemm_backend='default', converters=None",
    ),
    ("0.3.0", "flux", "flavor, converters=None"),
]


@pytest.mark.parametrize(("key", "model", "signature"), _SIGNATURES)
def test_model_registry_through_history(key: str, model: str, signature: str) -> None:
    found = function(load(key).lookup(f"torchtitan.models.{model}.model_registry"))
    shown = [p.name + (f"={p.default}" if p.default else "") for p in found.parameters]
    assert ", ".join(shown) == signature
    assert found.returns == "torchtitan.protocols.model_spec.ModelSpec"


@pytest.mark.parametrize(
    ("key", "path", "accepts", "rejected"),
    [
        (
            "main@7cec16600",
            "torchtitan.models.llama3",
            {"sdpa", "flex", "flex_flash", "varlen"},
            set(),
        ),
        (
            "main@641b5f6b8",
            "torchtitan.models.qwen3",
            {"sdpa", "flex", "flex_flash", "varlen"},
            set(),
        ),
        ("main@169545712", "torchtitan.models.qwen3", {"flex", "flex_flash", "varlen"}, {"sdpa"}),
        ("0.3.0", "torchtitan.models.deepseek_v3", {"flex", "flex_flash", "varlen"}, {"sdpa"}),
        ("0.3.0", "torchtitan.models.gpt_oss", {"flex", "flex_flash", "varlen"}, {"sdpa"}),
        ("0.3.0", "torchtitan.models.muse_glimmer", {"flex", "flex_flash", "varlen"}, {"sdpa"}),
        ("0.3.0", "torchtitan.models.qwen3_5", {"flex", "flex_flash", "varlen"}, {"sdpa"}),
        (
            "0.3.0",
            "torchtitan.experiments.graph_trainer.llama3",
            {"sdpa", "flex", "flex_flash", "varlen"},
            set(),
        ),
    ],
)
def test_attention_backends_through_history(
    key: str, path: str, accepts: set[str], rejected: set[str]
) -> None:
    parameter = function(load(key).lookup(f"{path}.model_registry")).parameter("attn_backend")
    assert parameter is not None
    assert set(parameter.accepts or ()) == accepts
    assert set(parameter.rejected) == rejected


def test_the_backend_that_gpt_oss_ignored_is_not_said_to_be_rejected() -> None:
    registry = function(load("main@7cec16600").lookup("torchtitan.models.gpt_oss.model_registry"))
    parameter = registry.parameter("attn_backend")
    assert parameter is not None
    assert (parameter.accepts, dict(parameter.rejected)) == (None, {})


@pytest.mark.parametrize(
    ("key", "path", "keys"),
    [
        ("0.3.0", "torchtitan.models.llama3.llama3_configs", "debugmodel 1B 3B 8B 70B 405B"),
        (
            "main@9810191bb",
            "torchtitan.models.deepseek_v3.deepseekv3_configs",
            "debugmodel debugmodel_flex_attn 16B 236B 671B",
        ),
        ("main@3396a4b37", "torchtitan.models.gpt_oss.gptoss_configs", "debugmodel 20b 120b"),
    ],
)
def test_flavors_through_history(key: str, path: str, keys: str) -> None:
    assert value(load(key).lookup(path)).keys == tuple(keys.split())


def test_flavors_are_what_the_registry_accepts() -> None:
    registry = function(load("0.3.0").lookup("torchtitan.models.qwen3.model_registry"))
    flavor = registry.parameter("flavor")
    configs = value(load("0.3.0").lookup("torchtitan.models.qwen3.qwen3_configs"))
    assert flavor is not None
    assert flavor.accepts == configs.keys


@pytest.mark.parametrize(
    ("path", "first_without"),
    [
        ("torchtitan.config.job_config", "main@9810191bb"),
        ("torchtitan.models.common.decoder.Decoder.Config.layer", "main@4b3347467"),
        ("torchtitan.models.common.attention.BaseAttention.Config.mask_type", "main@169545712"),
        ("torchtitan.config.ParallelismConfig.expert_tensor_parallel_degree", "main@c4b409af2"),
        ("torchtitan.components.optimizer.OptimizersContainer.Config.lr", "main@632f67f12"),
        ("torchtitan.config.ActivationCheckpointConfig", "main@c5d93d109"),
        ("torchtitan.components.lr_scheduler", "main@203f9a806"),
        ("torchtitan.components.dataloader", "main@1b04fc1c3"),
        ("torchtitan.components.checkpoint", "main@2e92be1c4"),
    ],
)
def test_what_each_breaking_commit_removed(path: str, first_without: str) -> None:
    at = MAIN.index(first_without)
    before = load(MAIN[at - 1]) if at else load("0.2.2")
    assert before.lookup(path) is not None
    assert load(MAIN[at]).lookup(path) is None
