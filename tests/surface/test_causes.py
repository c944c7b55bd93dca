"""The commit that took something away, or changed what a callable asks for, is the one that did."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.scripts.load import script
from titan_lint.api import bundle, causes, changes, history, job_configs
from titan_lint.api.changes.rows import ImportChange
from titan_lint.uses.members import classes

if TYPE_CHECKING:
    from pathlib import Path

NEWEST = "main@b5bcd76c6"


def test_imports_that_went_have_the_commit_that_their_rows_name() -> None:
    """What was written by hand, from reading torchtitan's history, and what was read by a program agree."""
    named = {
        path: row.commit for row in changes.of_kind(ImportChange, None) for path in row.old.paths
    }
    same = 0
    for path, commit in named.items():
        gone = _gone(path)
        cause = gone and causes.of_absence(gone[1], path, gone[0])
        if cause:
            assert (path, cause.commit) == (path, commit[:9])
            same += 1
    assert same > 180


def _gone(path: str) -> tuple[bundle.Surface, bundle.Surface] | None:
    """The last bundled torchtitan that has a path, and the first without it."""
    before = None
    for surface in map(bundle.load, reversed(history.timeline())):
        if "*" not in path and surface.lookup(path) is not None:
            return None if before is None else (surface, before)
        before = surface
    return None


@pytest.mark.parametrize(
    ("path", "had", "commit"),
    [
        ("torchtitan.experiments.forge.job_config.ForgeJobConfig", "0.2.2", "9810191bb"),
        ("torchtitan.components.optimizer.OptimizersContainer._validate_length", "0.2.2", "632f67f12"),
        # The class is in another module since: of its old one the commit is known.
        ("torchtitan.components.optimizer.optimizer.OptimizersContainer._validate_length", "0.2.2", "632f67f12"),
        # The class went with what it is in, and came back without it.
        ("torchtitan.components.quantization.QuantizationConverter._validate", "0.2.2", "9810191bb"),
        ("torchtitan.models.common.rope.RoPE.Config.backend", "main@9810191bb", "02d24f017"),
    ],
)  # fmt: skip
def test_what_took_a_path_away(path: str, had: str, commit: str) -> None:
    cause = causes.of_absence(bundle.load(NEWEST), path, bundle.load(had))
    assert cause is not None
    assert cause.commit == commit


@pytest.mark.parametrize(
    ("path", "commit"),
    [
        # What it was in went, or moved, later.
        ("torchtitan.datasets.tokenizer.tiktoken.TikTokenizer", "681df506a"),
        ("torchtitan.config_manager.JobConfig", "34d815c02"),
        ("torchtitan.models.llama4.infra.parallelize.apply_fsdp", "9810191bb"),
        ("torchtitan.distributed.expert_parallel.TOKEN_GROUP_ALIGN_SIZE_M", "eca011c03"),
        # Between two known torchtitans it went before what it was in did.
        ("torchtitan.experiments.rl.unified.actors.generator.Generator", "d27ac1c46"),
        ("torchtitan.models.qwen3.MoE", "4b3347467"),
        ("torchtitan.config.LRScheduler", "9810191bb"),
        ("torchtitan.models.deepseek_v3.parallelize.apply_moe_ep_tp", "963c20cba"),
    ],
)
def test_what_took_a_path_away_when_it_went(path: str, commit: str) -> None:
    here = bundle.load(NEWEST)
    gone = history.find(here, path)
    assert gone is not None
    cause = causes.of_going(here, path, gone)
    assert cause is not None
    assert cause.commit == commit


def test_when_a_member_went_is_told_of_its_class_where_that_was_then() -> None:
    optimizers = "torchtitan.components.optimizer.optimizer.OptimizersContainer"
    here, name = bundle.load(NEWEST), "_validate_length"
    gone = classes.find(here, optimizers, name)
    assert gone is not None
    cause = causes.of_going(here, f"{optimizers}.{name}", gone)
    assert cause == causes.Cause("632f67f12", "2026-06-04")


@pytest.mark.parametrize(
    ("path", "name", "commit"),
    [
        ("torchtitan.models.common.config_utils.make_moe_config", "experts", "3101b42f9"),
        ("torchtitan.models.common.config_utils.make_moe_config", "routed_experts", "3101b42f9"),
        ("torchtitan.models.common.config_utils.make_moe_config", "score_before_experts", "09ea7d8e7"),
        # The function moved with the change, and has not changed since.
        ("torchtitan.models.deepseek_v3.parallelize.parallelize_deepseekv3", "training", "9810191bb"),
        # A class takes what its constructor takes; it moved later, which is no cause.
        ("torchtitan.components.optimizer.OptimizersContainer", "model_parts", "9810191bb"),
        # A field of a config.
        ("torchtitan.distributed.ParallelDims", "etp", "c4b409af2"),
        # What was never there.
        ("torchtitan.distributed.ParallelDims", "no_such_name", None),
    ],
)  # fmt: skip
def test_what_changed_a_parameter(path: str, name: str, commit: str | None) -> None:
    cause = causes.of_parameter(bundle.load(NEWEST), path, name)
    assert (cause and cause.commit) == commit


def test_what_changed_the_order_of_parameters() -> None:
    optimizers = "torchtitan.components.optimizer.OptimizersContainer"
    cause = causes.of_order(bundle.load(NEWEST), optimizers)
    assert cause == causes.Cause("9810191bb", "2026-02-23")


def test_keys_of_jobs_went_with_the_commit_that_their_records_name() -> None:
    """What was written by hand and what was read by a program agree; sections went later than some of their keys."""
    here = bundle.load("0.2.2")
    known = {
        key
        for name in history.timeline()[: history.position(here)]
        if (schema := job_configs.schema(bundle.load(name))) is not None
        for key in schema.keys
    }
    same = 0
    for key in sorted(known):
        taken, gone = job_configs.taken_by(here, key), job_configs.gone(key)
        if taken is None or gone is None or job_configs.takes(here, key):
            continue
        cause = job_configs.cause(here, taken[0], key)
        assert cause is not None
        assert (key, cause.commit) == (key, gone.change.commit)
        same += 1
    assert same > 20


@pytest.mark.parametrize(
    ("path", "at", "found"),
    [
        # A member is that of the class that is named, be it inherited.
        (
            "torchtitan.components.checkpoint.CheckpointManager.save",
            "0.3.0",
            "torchtitan.components.checkpointer.dcp.CheckpointManager.save",
        ),
        (
            "torchtitan.components.checkpointer.dcp.CheckpointManager.save",
            "0.2.2",
            "torchtitan.components.checkpoint.CheckpointManager.save",
        ),
        ("torchtitan.train.Trainer", "0.3.0", "torchtitan.trainer.Trainer"),
        ("torchtitan.components.checkpoint", "0.2.2", "torchtitan.components.checkpoint"),
        ("torchtitan.trainer.NoSuchTrainer.save", "0.2.2", None),
    ],
)
def test_where_another_torchtitan_has_what_is_at_a_path(
    path: str, at: str, found: str | None
) -> None:
    assert history.path_at(bundle.load(at), path) == found


def test_which_commits_a_torchtitan_has() -> None:
    assert causes.has(bundle.load("0.2.2"), "34d815c02")
    assert not causes.has(bundle.load("0.2.2"), "9810191bb")
    assert causes.has(bundle.load("0.2.2"), "123456789")  # Of another repository nothing is known.


def test_of_a_torchtitan_that_is_not_bundled_no_commit_is_told() -> None:
    gone = "torchtitan.experiments.forge.job_config.ForgeJobConfig"
    here = bundle.load(NEWEST)
    other = bundle.Surface(bundle.Provenance("x", "tree", ""), here._records)
    assert causes.of_absence(here, gone, bundle.load("0.2.2")) is not None
    assert causes.of_absence(other, gone, bundle.load("0.2.2")) is None


def test_commits_between_two_torchtitans() -> None:
    between = causes.between("0.2.2", "0.3.0")
    assert {"9810191bb", "c4b409af2", "5ab3a0fd1"} <= between
    assert "1b04fc1c3" not in between  # It came after the branch of 0.3.0.
    assert "1b04fc1c3" in causes.between("0.3.0", "a checkout")


def test_each_commit_is_compared_with_the_one_before_it(tmp_path: Path) -> None:
    first = _commit(tmp_path, "def f(a, b=1): ...\ndef g(): ...\n@dataclass\nclass C:\n    x: int = 0\n    def m(self): ...\n")  # fmt: skip
    more = _commit(tmp_path, "def f(a, b=1, *, c): ...\ndef g(): ...\n@dataclass\nclass C:\n    x: int = 0\n    def m(self): ...\n")  # fmt: skip
    _commit(tmp_path, "def f(a, b=1, *, c): ...\ndef g(: ...\n")  # It cannot be read.
    asked = _commit(tmp_path, "def f(b=1, *, c): ...\ndef g(): ...\n@dataclass\nclass C:\n    x: int\n    def m(self): ...\n")  # fmt: skip
    last = _commit(tmp_path, "from torchtitan.other import g\ndef f(b=1, *, c): ...\nimport json\n")

    build = script("build_causes")
    module = "torchtitan.part"
    keys = {"f(a)", "f(b)", "f(c)", "f()", "g", "g()", "C", "C.m", "C(x)", "C()", "json"}
    wanted = {f"{module}.{key}" for key in keys}
    found = build.build(tmp_path, [first, last], wanted, {module})

    assert found == {
        more[:10]: {module: ["f(c)"]},
        asked[:10]: {module: ["C(x)", "f()", "f(a)"]},
        last[:10]: {module: ["C"]},
    }


def _commit(clone: Path, text: str) -> str:
    if not (clone / ".git").exists():
        _git(clone, "init", "-q")
    (clone / "torchtitan").mkdir(exist_ok=True)
    (clone / "torchtitan" / "part.py").write_text(text)
    _git(clone, "add", "-A")
    _git(clone, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "x")
    return _git(clone, "rev-parse", "HEAD").strip()


def _git(clone: Path, *arguments: str) -> str:
    command = ["git", "-C", str(clone), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
