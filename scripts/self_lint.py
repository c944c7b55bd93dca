"""Each torchtitan that comes with titan-lint, checked against itself.

    python scripts/self_lint.py --git CHECKOUT [--wheels FOLDER] [VERSION...]
    python scripts/self_lint.py --page

A torchtitan fits itself, so that every error and every warning on its own tree is either a false alarm or a
slip of that tree. The slips are listed here, each with its reason; whatever else is found, or is no longer
found, is printed. VERSION is a release or a commit as `scripts/surfaces.json` has it, by default all of
them. CHECKOUT is a git clone of torchtitan; a wheel that FOLDER lacks is downloaded with pip. `--page` writes
the list into `docs/self-lint.md`.

Exit status: 0 nothing but slips, 1 something else, 2 a tree cannot be read.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "scripts" / "surfaces.json"
PAGE = ROOT / "docs" / "self-lint.md"


class Slip(NamedTuple):
    """Code of torchtitan's own that fails, or does nothing, at torchtitan itself.

    Attributes:
        file: where it is, as a path in the tree.
        code: the rule that finds it.
        about: what the message is about, its first quoted text.
        at: the versions that have it, between blanks: releases, commits of main by nine digits, and
            `A..B` for those from A to B.
        count: how often it is found there.
        reason: what is wrong with it.
    """

    file: str
    code: str
    about: str
    at: str
    count: int
    reason: str


_EXPERIMENTS = "torchtitan/experiments/"
_DEEPSEEK = _EXPERIMENTS + "deepseek_v3/"
_MULTIMODAL = _EXPERIMENTS + "multimodal/"
_SIMPLE_FSDP = _EXPERIMENTS + "simple_fsdp/"
_AUTOPARALLEL = _EXPERIMENTS + "autoparallel/"
_FORGE = _EXPERIMENTS + "forge/"
_GRAPH = _EXPERIMENTS + "graph_trainer/"
_RL = _EXPERIMENTS + "rl/"
_HF = _EXPERIMENTS + "transformers_modeling_backend/"

_TOKENIZER = "The path is passed where the config is expected; `tokenizer_path` is a keyword, and has no default."
_NO_BACKEND = (
    "20628f4e9 took the defaults of the flavors' factories away; this call still relies on them."
)
_NO_FACTOR = (
    "115f4c9cf made `non_blocking_capacity_factor` a parameter without default; this call lacks it."
)
_GRPO = "c04f92fdd added `generator_logprobs` and `loss_mask`; the tests call the loss as before."
_OLD_QWEN3 = (
    "9810191bb made the model's arguments a config of layers; this still passes the flat ones."
)
_NO_MANAGER = "34d815c02 split the module into those of `torchtitan.config`; the import fails."
_NO_EP = "01f4e5022 made `ep` a field without default; this call lacks it."
_NO_ETP = "aeb3a4baf made `etp` a field without default; this call lacks it."
_NO_COMPILE = "08b8b244f put the switch into a section of its own, `compile.enable`."
_NO_WORLD = "6204cdff9 took the trainer's `world_mesh` out; it is that of its `parallel_dims`."
_NO_PATH = "The base class takes no path."
_NO_NAME = "aa000a3c4 took `name` out."
_NEVER = "No function of that name is in the module; the import fails."
_OLD_RL = "e36d02752 moved the package to `torchtitan.experiments.rl`; the import fails."
_FILTER = "786e26f8e renamed the output layer to `lm_head`; `output` filters nothing any more."

SLIPS = (
    Slip(
        "scripts/checkpoint_conversion/convert_from_hf.py",
        *("TTN201", "torchtitan.experiments.flux", "f8fa21e1d", 1),
        "7f126cbdf moved it to `torchtitan.models.flux`; the import fails.",
    ),
    Slip(
        "scripts/checkpoint_conversion/numerical_tests_example.py",
        *("TTN302", "HuggingFaceTokenizer", "9810191bb..b5bcd76c6", 1, _TOKENIZER),
    ),
    Slip(
        "torchtitan/components/ft/diloco/utils.py",
        "TTN202",
        "torchtitan.distributed.pipeline.generate_llm_fqn_per_model_part",
        *(
            "a9aa50696",
            1,
            "The same commit renamed the module to `pipeline_parallel`; the import fails.",
        ),
    ),
    Slip(
        _AUTOPARALLEL + "deepseek_v3/__init__.py",
        *("TTN302", "DeepSeekV3Model.Config", "9810191bb..115f4c9cf", 1),
        "A default config is made to take its attention; the config has fields without default.",
    ),
    Slip(
        _AUTOPARALLEL + "deepseek_v3/__init__.py",
        *("TTN302", "deepseekv3_configs[...]", "20628f4e9..115f4c9cf", 1, _NO_BACKEND),
    ),
    Slip(
        _AUTOPARALLEL + "llama3/__init__.py",
        *("TTN302", "llama3_configs[...]", "20628f4e9", 1, _NO_BACKEND),
    ),
    Slip(
        _AUTOPARALLEL + "local_map_deepseek_v3/__init__.py",
        *("TTN302", "deepseekv3_configs[...]", "20628f4e9..2c237aef3", 1, _NO_BACKEND),
    ),
    Slip(
        _AUTOPARALLEL + "local_map_deepseek_v3/parallelize_deepseekv3.py",
        *("TTN405", "world_mesh", "0.2.1 183a0d2e7", 1),
        "The world mesh has no `tp` any more; an `assert` before it keeps the code from running.",
    ),
    Slip(
        _DEEPSEEK + "model_args.py",
        *("TTN202", "torchtitan.config_manager.JobConfig", "34d815c02..3c84ce095", 1, _NO_MANAGER),
    ),
    Slip(
        _DEEPSEEK + "train_ds_real.py",
        *("TTN201", "torchtitan.components.ft.init_ft_manager", "23b87369f..6a3a9da95", 1),
        "23b87369f took the function out; the call fails.",
    ),
    Slip(
        _DEEPSEEK + "train_ds_real.py",
        *("TTN202", "torchtitan.config_manager.ConfigManager", "34d815c02..3c84ce095", 1),
        _NO_MANAGER,
    ),
    Slip(
        _DEEPSEEK + "train_ds_real.py",
        *("TTN202", "torchtitan.config_manager.JobConfig", "34d815c02..3c84ce095", 1, _NO_MANAGER),
    ),
    Slip(
        _DEEPSEEK + "train_ds_real.py",
        *("TTN203", "Parallelism", "0.1.0 8570415c3..1c5be2897", 1),
        "The config has no `expert_parallel_degree` yet; it comes with 01f4e5022.",
    ),
    Slip(
        _DEEPSEEK + "train_ds_real.py",
        *("TTN302", "MetricsProcessor.log", "01f4e5022..6a3a9da95", 1),
        "a85e2a536 made `grad_norm` a parameter; this call lacks it.",
    ),
    Slip(
        _DEEPSEEK + "train_ds_real.py",
        *("TTN302", "ParallelDims", "01f4e5022..681df506a", 1, _NO_EP),
    ),
    Slip(
        _DEEPSEEK + "train_ds_real.py",
        *("TTN302", "ParallelDims", "cd337db63..6a3a9da95", 1, _NO_ETP),
    ),
    Slip(
        _DEEPSEEK + "train_ds_real.py",
        *("TTN302", "build_lr_schedulers", "70592cb07..6a3a9da95", 1),
        "d282cf2ce made `training_steps` a parameter; this call lacks it.",
    ),
    Slip(
        _DEEPSEEK + "train_ds_real.py",
        *("TTN302", "build_optimizers", "01f4e5022..681df506a", 1),
        "The function asks for two parameters more than this call passes.",
    ),
    Slip(
        _EXPERIMENTS + "deterministic_vllm_rl/tests/test_batch_invariant_backward.py",
        "TTN201",
        "torchtitan.experiments.deterministic_vllm_rl.batch_invariant_backward.linear_batch_invariant_backward",
        *("f8fa21e1d", 1, _NEVER),
    ),
    Slip(
        _EXPERIMENTS + "deterministic_vllm_rl/tests/test_batch_invariant_backward.py",
        "TTN201",
        "torchtitan.experiments.deterministic_vllm_rl.batch_invariant_backward.mm_batch_invariant_backward",
        *("f8fa21e1d", 1, _NEVER),
    ),
    Slip(
        _FORGE + "engine.py",
        *(
            "TTN201",
            "torchtitan.components.loss.rescale_accumulated_loss",
            "0.2.2 0cb743558..9810191bb",
            1,
        ),
        "0cb743558 took the function out of the module; the import fails.",
    ),
    Slip(
        _FORGE + "engine.py",
        *("TTN301", "OptimizersContainer.Config.build", "9810191bb", 1),
        "`OptimizersContainer` takes no `parallel_dims`, and has no `**kwargs`.",
    ),
    Slip(
        _FORGE + "engine.py",
        *("TTN302", "set_determinism", "f8fa21e1d", 1),
        "ff078526d made `distinct_seed_mesh_dims` a parameter; this call lacks it.",
    ),
    Slip(
        _FORGE + "example_train.py",
        *("TTN302", "HuggingFaceTextDataLoader", "9810191bb", 1),
        "The loader asks for `seq_len` and `local_batch_size` since 9810191bb.",
    ),
    Slip(
        _FORGE + "example_train.py",
        *("TTN302", "HuggingFaceTokenizer", "9810191bb", 1, _TOKENIZER),
    ),
    Slip(
        _FORGE + "example_train.py",
        *("TTN302", "Validator", "9810191bb", 1),
        "The validator asks for `config`, `seq_len` and `local_batch_size` since 9810191bb.",
    ),
    Slip(
        _FORGE + "example_train.py",
        *("TTN303", "main", "9810191bb", 1),
        "`main` takes no trainer any more.",
    ),
    Slip(
        _EXPERIMENTS + "ft/llama3/__init__.py",
        *("TTN302", "llama3_configs[...]", "20628f4e9..115f4c9cf", 1, _NO_BACKEND),
    ),
    Slip(
        _GRAPH + "deepseek_v3/parallelize.py",
        *("TTN203", "ParallelismConfig", "115f4c9cf", 1),
        "c4b409af2 took `expert_parallel_comm_backend` out.",
    ),
    Slip(
        _GRAPH + "deepseek_v3/parallelize.py",
        *("TTN301", "apply_moe_ep_tp", "115f4c9cf", 1),
        "115f4c9cf took `comm_backend` out.",
    ),
    Slip(
        _GRAPH + "llama3/__init__.py",
        *("TTN301", "llama3_configs[...]", "7cec16600..6348d93d1", 1),
        "Whoever passes `moe_comm_backend` has it handed to a factory that takes none.",
    ),
    Slip(
        _GRAPH + "tests/test_autoparallel.py",
        *("TTN301", "GraphTrainerCompileConfig", "74181b1e8..fd712e814", 1),
        "54887a384 took `enable_cudagraph` out; passes are disabled by name.",
    ),
    Slip(
        _GRAPH + "tests/test_profiler.py",
        *("TTN302", "construct_default_graph_passes", "0.3.0 786e26f8e..b5bcd76c6", 1),
        "The call lacks the second parameter, `config`.",
    ),
    Slip(
        _GRAPH + "tests/test_simple_fsdp.py",
        *("TTN301", "ParallelDims", "c4b409af2..74181b1e8", 1),
        "c4b409af2 took `etp` out.",
    ),
    Slip(
        _GRAPH + "tests/test_trace_module.py",
        *("TTN204", "llama3_configs", "adbaa061c..4b3347467", 1),
        "The factory is not called, as the other tests of the file do.",
    ),
    Slip(
        _GRAPH + "tests/test_trace_module.py",
        *("TTN301", "OptimizersContainer.Config", "632f67f12", 1),
        "632f67f12 set optimizers up per group of parameters; `name` and `lr` are gone.",
    ),
    Slip(
        _GRAPH + "tests/test_trace_module.py",
        *("TTN302", 'deepseekv3_configs["debugmodel"]', "20628f4e9", 2, _NO_BACKEND),
    ),
    Slip(
        _GRAPH + "tests/test_trace_module.py",
        *("TTN302", 'deepseekv3_configs["debugmodel"]', "115f4c9cf", 2, _NO_FACTOR),
    ),
    Slip(
        _GRAPH + "tests/test_trace_module.py",
        *("TTN302", 'gptoss_configs["debugmodel"]', "20628f4e9", 1, _NO_BACKEND),
    ),
    Slip(
        _GRAPH + "tests/test_trace_module.py",
        *("TTN302", 'llama3_configs["debugmodel"]', "20628f4e9", 3, _NO_BACKEND),
    ),
    Slip(
        _GRAPH + "tests/test_trace_module.py",
        *("TTN302", 'llama4_configs["debugmodel"]', "20628f4e9", 2, _NO_BACKEND),
    ),
    Slip(
        _GRAPH + "tests/test_trace_module.py",
        *("TTN302", 'qwen3_configs["debugmodel"]', "20628f4e9", 2, _NO_BACKEND),
    ),
    Slip(
        _GRAPH + "tests/test_trace_module.py",
        *("TTN302", 'qwen3_configs["debugmodel_moe"]', "20628f4e9", 1, _NO_BACKEND),
    ),
    Slip(
        _EXPERIMENTS + "llama4/infra/parallelize.py",
        *("TTN203", "Training", "cd337db63", 1, _NO_COMPILE),
    ),
    Slip(
        _EXPERIMENTS + "llama4/scripts/convert_hf_to_dcp_with_gpus.py",
        *("TTN203", "Trainer", "6204cdff9..6a3a9da95", 4, _NO_WORLD),
    ),
    Slip(
        _EXPERIMENTS + "llama4/scripts/convert_meta_to_dcp_with_gpus.py",
        *("TTN203", "Trainer", "6204cdff9..6a3a9da95", 4, _NO_WORLD),
    ),
    Slip(
        _MULTIMODAL + "check_padding_mm.py",
        *("TTN202", "torchtitan.config_manager.ConfigManager", "34d815c02..3c84ce095", 1),
        _NO_MANAGER,
    ),
    Slip(
        _MULTIMODAL + "mm_dataset.py",
        *("TTN202", "torchtitan.config_manager.JobConfig", "34d815c02..3c84ce095", 1, _NO_MANAGER),
    ),
    Slip(
        _MULTIMODAL + "tokenizer/tiktoken.py",
        *("TTN202", "torchtitan.config_manager.JobConfig", "34d815c02..3c84ce095", 1, _NO_MANAGER),
    ),
    Slip(
        _MULTIMODAL + "tokenizer/tiktoken.py",
        *("TTN303", "BaseTokenizer", "681df506a..6a3a9da95", 1, _NO_PATH),
    ),
    Slip(
        _MULTIMODAL + "tokenizer/tiktoken.py",
        *("TTN303", "Tokenizer", "0.1.0 8570415c3..01f4e5022", 1, _NO_PATH),
    ),
    Slip(
        _MULTIMODAL + "tokenizer/tiktoken.py",
        *("TTN305", "TikTokenizer", "681df506a..6a3a9da95", 1),
        "681df506a made `get_vocab_size` abstract; this tokenizer has none.",
    ),
    Slip(
        _RL + "examples/alphabet_sort/config_registry.py",
        *("TTN301", "ParallelismConfig", "e4035785d", 3),
        "b3b60dabf took `disable_loss_parallel` out.",
    ),
    Slip(
        _RL + "generate.py",
        "TTN201",
        "torchtitan.experiments.rl.config_registry.rl_grpo_qwen3_0_6b",
        *("632f67f12..169545712", 1),
        "baba6d82e took the function out; the import fails.",
    ),
    Slip(
        _RL + "tests/test_bitwise_parity.py",
        *("TTN203", "SamplingConfig", "641b5f6b8..169545712", 1),
        "f0c73ca3b took `n` out.",
    ),
    Slip(
        _RL + "tests/test_grpo_metrics.py",
        "TTN201",
        "torchtitan.experiments.rl.config_registry.rl_grpo_qwen3_0_6b",
        *("632f67f12", 3),
        "baba6d82e took the function out; the import fails.",
    ),
    Slip(
        _RL + "tests/test_grpo_metrics.py",
        *("TTN302", "GRPOLoss.__call__", "632f67f12", 3, _GRPO),
    ),
    Slip(
        _RL + "unified/infer.py",
        *("TTN201", "torchtitan.experiments.deterministic_vllm_rl.unified", "183a0d2e7", 1),
        _OLD_RL,
    ),
    Slip(
        _RL + "unified/models/utils.py",
        *("TTN301", "Qwen3Model.Config", "9810191bb", 1, _OLD_QWEN3),
    ),
    Slip(
        _RL + "unified/models/utils.py",
        *("TTN302", "Qwen3Model.Config", "9810191bb", 1, _OLD_QWEN3),
    ),
    Slip(
        _RL + "unified/models/vllm_wrapper.py",
        *("TTN201", "torchtitan.models.qwen3.model.precompute_rope_cache", "9810191bb", 1),
        "9810191bb took the function out; the import fails.",
    ),
    Slip(
        _RL + "unified/vllm_wrapper.py",
        "TTN201",
        "torchtitan.experiments.deterministic_vllm_rl.unified.attention.VLLMAttention",
        *("183a0d2e7", 1, _OLD_RL),
    ),
    Slip(
        _RL + "vllm_compat/models/qwen3/model_vllm_compat.py",
        *("TTN203", "Qwen3Model.Config", "9810191bb", 16, _OLD_QWEN3),
    ),
    Slip(
        _RL + "vllm_compat/simple_rl.py",
        "TTN201",
        "torchtitan.experiments.deterministic_vllm_rl.vllm_compat.batch_invariant_backward.enable_batch_invariant_backward_mode",
        *("0.2.1 183a0d2e7", 1, _OLD_RL),
    ),
    Slip(
        _RL + "vllm_compat/simple_rl.py",
        "TTN201",
        "torchtitan.experiments.deterministic_vllm_rl.vllm_compat.models.qwen3.Qwen3VLLMCompatModel",
        *("0.2.1 183a0d2e7", 1, _OLD_RL),
    ),
    Slip(
        _RL + "vllm_compat/simple_rl.py",
        *("TTN301", "Qwen3Model.Config", "9810191bb", 1, _OLD_QWEN3),
    ),
    Slip(
        _RL + "vllm_compat/simple_rl.py",
        *("TTN302", "Qwen3Model.Config", "9810191bb", 1, _OLD_QWEN3),
    ),
    Slip(
        _RL + "vllm_compat/tests/test_batch_invariant_backward.py",
        "TTN201",
        "torchtitan.experiments.deterministic_vllm_rl.vllm_compat.batch_invariant_backward.disable_batch_invariant_backward_mode",
        *("0.2.1..0.2.2 183a0d2e7..9810191bb", 1, _OLD_RL),
    ),
    Slip(
        _RL + "vllm_compat/tests/test_exact_determinism.py",
        "TTN201",
        "torchtitan.experiments.deterministic_vllm_rl.vllm_compat.batch_invariant_backward.enable_batch_invariant_backward_mode",
        *("0.2.1..0.2.2 183a0d2e7..9810191bb", 1, _OLD_RL),
    ),
    Slip(
        _SIMPLE_FSDP + "deepseek_v3/__init__.py",
        *("TTN301", "TrainSpec", "6a3a9da95", 1, _NO_NAME),
    ),
    Slip(
        _SIMPLE_FSDP + "deepseek_v3/parallelize.py",
        *("TTN302", "apply_non_moe_tp", "6a3a9da95", 1),
        "6a3a9da95 made `use_flex_attn` a parameter; this call lacks it.",
    ),
    Slip(
        _SIMPLE_FSDP + "llama3/__init__.py",
        *("TTN301", "TrainSpec", "6a3a9da95", 1, _NO_NAME),
    ),
    Slip(
        _SIMPLE_FSDP + "parallelize.py",
        *("TTN301", "apply_tp", "cd337db63", 1, "cab22e735 took `enable_async_tp` out."),
    ),
    Slip(
        _SIMPLE_FSDP + "tests/test_numerics.py",
        *("TTN302", "ParallelDims", "01f4e5022..681df506a", 1, _NO_EP),
    ),
    Slip(
        _SIMPLE_FSDP + "tests/test_numerics.py",
        *("TTN302", "ParallelDims", "cd337db63..ea4989e0d", 1, _NO_ETP),
    ),
    Slip(
        _HF + "config_registry.py",
        *("TTN302", "TransformersBackendConfig", "0.3.0 0fb45d4ad..b5bcd76c6", 1),
        "The config of `full_moe` sets no loss, unlike its neighbours, and the default is abstract.",
    ),
    Slip(
        _HF + "tests/test_moe_parallelism.py",
        *("TTN203", "MoE", "0fb45d4ad..2e92be1c4", 4),
        "3101b42f9 put the experts into `routed_experts`; the tests still ask `MoE` for them.",
    ),
    Slip(
        "torchtitan/models/deepseek_v3/config_registry.py",
        *("TTN403", "output", "6348d93d1..0fb45d4ad", 1, _FILTER),
    ),
    Slip(
        "torchtitan/models/deepseek_v3/infra/parallelize.py",
        *("TTN203", "Training", "cd337db63", 1, _NO_COMPILE),
    ),
    Slip(
        "torchtitan/models/llama3/config_registry.py",
        *("TTN403", "output", "6348d93d1..0fb45d4ad", 1, _FILTER),
    ),
    Slip(
        "torchtitan/models/qwen3/config_registry.py",
        *("TTN403", r"(?:tok_embeddings|output)\\.", "0.3.0 632f67f12..b5bcd76c6", 1),
        "The output layer is called `lm_head`, so that it is left to the last group.",
    ),
)


class TroubleError(Exception):
    """A tree cannot be had or checked; the message says why."""


Found = Counter[tuple[str, str, str]]
"""How often each file, code and what it is about was found."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("versions", nargs="*", metavar="VERSION", help="which; by default all")
    parser.add_argument("--git", type=Path, metavar="CHECKOUT", help="a git clone of torchtitan")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="has torchtitan's wheels")
    parser.add_argument("--page", action="store_true", help="write docs/self-lint.md")
    arguments = parser.parse_args()
    if arguments.page:
        PAGE.write_text(page(), encoding="utf-8")
        return
    chosen = [each.removeprefix("main@") for each in arguments.versions] or list(versions())
    if unknown := [version for version in chosen if version not in versions()]:
        parser.error(f"no such version: {', '.join(unknown)}")
    wrong = 0
    for version in chosen:
        try:
            with tempfile.TemporaryDirectory() as folder:
                tree = Path(folder)
                if is_release(version):
                    unpack_release(version, arguments.wheels, tree)
                elif arguments.git is None:
                    parser.error("a commit takes --git, a clone of torchtitan")
                else:
                    unpack_commit(version, arguments.git, tree)
                found = self_lint(tree, version)
        except TroubleError as error:
            print(f"{version}: {error}", file=sys.stderr)
            sys.exit(2)
        others = list(differences(found, version))
        wrong += len(others)
        print(
            f"{version:10} {found.total():3} findings, {len(others)} of them no slips", flush=True
        )
        for line in others:
            print(f"  {line}")
    sys.exit(bool(wrong))


def versions() -> dict[str, int]:
    """All versions, releases before the commits of main, with their places."""
    listed = json.loads(LIST.read_text(encoding="utf-8"))
    names = [one["version"] for one in listed["releases"]]
    names += [one["commit"][:9] for one in listed["main"]]
    return {name: place for place, name in enumerate(names)}


def is_release(version: str) -> bool:
    return "." in version


def covers(at: str, version: str) -> bool:
    """Whether a slip's versions, as :class:`Slip` has them, hold one."""
    places = versions()
    spans = [part.split("..") for part in at.split()]
    return any(places[span[0]] <= places[version] <= places[span[-1]] for span in spans)


def expected(version: str) -> Found:
    """The slips of a version."""
    found: Found = Counter()
    for slip in SLIPS:
        if covers(slip.at, version):
            found[slip.file, slip.code, slip.about] += slip.count
    return found


def differences(found: Found, version: str) -> Iterator[str]:
    """What was found and is no slip, and the slips that were not found, a line each."""
    listed = expected(version)
    for (file, code, about), count in sorted((found - listed).items()):
        yield f"no slip: {file}: {code}, {about} ({count})"
    for (file, code, about), count in sorted((listed - found).items()):
        yield f"not found: {file}: {code}, {about} ({count})"


def self_lint(tree: Path, version: str) -> Found:
    """The errors and warnings of a tree against the surface of its version."""
    command = [sys.executable, "-m", "titan_lint", "--isolated", "--no-cache"]
    command += ["--torchtitan", version, "--output-format", "json", str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode not in (0, 1):
        raise TroubleError(done.stderr.strip() or done.stdout.strip())
    found: Found = Counter()
    for finding in json.loads(done.stdout)["findings"]:
        if finding["severity"] != "info":
            file = Path(finding["path"]).relative_to(tree.resolve()).as_posix()
            found[file, finding["code"], about(finding["message"])] += 1
    return found


def about(message: str) -> str:
    """The first quoted text of a message."""
    quoted = re.search(r"`([^`]+)`|^'(.+?)' names", message)
    return (quoted[1] or quoted[2]) if quoted else message


def unpack_release(version: str, wheels: Path | None, to: Path) -> None:
    """Unpack a release's wheel, from the folder or, failing that, through pip."""
    pattern = f"torchtitan-{version}-*.whl"
    with tempfile.TemporaryDirectory() as scratch:
        found = sorted(wheels.glob(pattern)) if wheels else []
        if not found:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            command += ["--dest", scratch, f"torchtitan=={version}"]
            if subprocess.run(command, check=False).returncode:
                raise TroubleError("pip cannot download the wheel")
            found = sorted(Path(scratch).glob(pattern))
        with zipfile.ZipFile(found[0]) as archive:
            archive.extractall(to)


def unpack_commit(version: str, git: Path, to: Path) -> None:
    """Unpack the Python files of a commit; a clone may lack others."""
    listed = json.loads(LIST.read_text(encoding="utf-8"))["main"]
    commit = next(one["commit"] for one in listed if one["commit"].startswith(version))
    run = ["git", "-C", str(git)]
    names = subprocess.run(
        [*run, "ls-tree", "-r", "-z", "--name-only", commit], capture_output=True, check=False
    )
    files = {name for name in names.stdout.decode().split("\0") if name.endswith(".py")}
    archive = subprocess.run(
        [*run, "archive", commit, "--", ":(glob)**/*.py"], capture_output=True, check=False
    )
    if not files or not archive.stdout:
        raise TroubleError(f"{git} is no clone of torchtitan that has the commit {commit}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(to, filter="data")
    if missing := [name for name in sorted(files) if not (to / name).is_file()]:
        raise TroubleError(f"{git} lacks {missing[0]} of {commit}")


def page() -> str:
    """The page of the slips."""
    places = versions()
    head = f"""\
<!-- Made by scripts/self_lint.py --page; edits are lost. -->
# torchtitan against itself

A torchtitan fits itself. So an error or a warning about a torchtitan that is checked against its own API is either a
false alarm of titan-lint's, or a slip of that tree: code that its own torchtitan breaks. This page lists the slips. Each
was read, and nothing else is reported.

Checked are the {len(places)} torchtitans that come with titan-lint: {sum(map(is_release, places))} wheels, and \
{sum(not is_release(each) for each in places)} commits of main with their tests and scripts.

```console
python scripts/self_lint.py --git ../torchtitan
```

The wheels are checked with the suite (`tests/real/test_torchtitan_itself.py`).

## The slips

"At" are the versions where it is found, "times" how often in the file.

| file | rule | about | at | times | what is wrong |
|---|---|---|---|---|---|
"""
    rows = [
        f"| {slip.file} | {slip.code} | `{slip.about.replace('|', chr(92) + '|')}` | "
        f"{slip.at.replace('..', ' to ')} | {slip.count} | {slip.reason} |"
        for slip in SLIPS
    ]
    return head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
