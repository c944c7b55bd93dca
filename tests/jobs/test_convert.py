"""A job config becomes a function that means the same, or nothing at all."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.jobs import real
from titan_lint.api import job_configs, targets
from titan_lint.api.changes import facts
from titan_lint.cli.main import run
from titan_lint.code.source import Source
from titan_lint.fixes.config_registry import FRAME, ConvertError, Registry
from titan_lint.rewriting import layout
from titan_lint.uses.job_settings import Settings, SettingsError
from titan_lint.uses.jobs import Job, document_of
from titan_lint.uses.options import Around

if TYPE_CHECKING:
    from pathlib import Path

JOB = """\
[model]
name = "llama3"
flavor = "8B"

[training]
steps = 10
"""
SCHEMA = job_configs.schema(targets.parse("0.2.2")[0].surface)
assert SCHEMA is not None
KEYS = {".".join(path): field for path, field in SCHEMA.keys.items()}
DEFAULTS = {
    ".".join(path): value
    for path, value in job_configs.defaults(targets.parse("0.2.2")[0].surface).items()
}
ELSEWHERE = {"job.custom_config_module", "experimental.custom_args_module"}
"""Keys by which a job has others that are not known."""


def converted(*texts: str, old: str = "0.2.2", target: str = "0.3.0") -> str:
    (at,), (before,) = targets.parse(target), targets.parse(old)
    jobs: list[tuple[str, Settings]] = []
    for index, text in enumerate(texts):
        source = Source(f"job{index}.toml", text)
        document = document_of(source)
        assert document is not None
        jobs.append((source.path, Settings(Job(source, document, at, Around()), before.surface)))
    return Registry(jobs, at).text


def job(**keys: Any) -> str:
    """The job above, with keys by their paths, whose dots are written ``__``."""
    values: dict[tuple[str, ...], Any] = {
        ("model", "name"): "llama3",
        ("model", "flavor"): "8B",
        ("training", "steps"): 10,
    }
    return real.toml(values | {tuple(key.split("__")): value for key, value in keys.items()})


def call(text: str, name: str) -> dict[str, str]:
    """The arguments of the only call of something in a module, as source texts."""
    (found,) = (
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name
    )
    return {word.arg or "": ast.unparse(word.value) for word in found.keywords}


def other(key: str) -> object:
    """A value of a key that is not its default."""
    field, default = KEYS[key], DEFAULTS[key]
    choices = [choice for choice in field.choices if choice not in (None, default)]
    if choices:
        return choices[-1]
    if isinstance(default, bool):
        return not default
    if isinstance(default, int | float):
        return default + 7
    if isinstance(default, list) or "list" in (field.annotation or ""):
        return [["other"]] if "list[list" in (field.annotation or "") else ["other"]
    return 7 if "int" in (field.annotation or "") else "other"


def reading(key: str) -> dict[str, Any]:
    """What a job says so that torchtitan reads a key."""
    said: dict[str, Any] = {}
    for move in facts.job_registry().moves:
        if key == move.old or key.startswith(f"{move.old}."):
            for name, value in move.when.items():
                wanted = ast.literal_eval(value)
                said[name] = [wanted] if name == "model.converters" else wanted
    if key == "activation_checkpoint.memory_budget":
        said["activation_checkpoint.mode"] = "memory_budget"
    if key == "activation_checkpoint.visualize_memory_budget_pareto":
        said["activation_checkpoint.mode"] = "memory_budget"
    return {name.replace(".", "__"): value for name, value in said.items()}


@pytest.mark.parametrize("key", sorted(KEYS.keys() - FRAME - ELSEWHERE))
def test_what_a_key_says_is_in_the_function_or_in_its_comment(key: str) -> None:
    around = reading(key)
    if key.replace(".", "__") in around:
        around = {}
    said = converted(job(**around | {key.replace(".", "__"): other(key)}))
    assert said != converted(job(**around))
    if key != "parallelism.expert_parallel_comm_backend":  # of models with experts alone
        assert "there is no such field" not in said


def test_every_key_has_a_place_or_a_reason() -> None:
    olds = {move.old for move in facts.job_registry().moves}
    sections = {key for key in KEYS if any(key.startswith(f"{old}.") for old in olds)}
    assert KEYS.keys() <= olds | sections | FRAME
    assert all(move.new or move.help for move in facts.job_registry().moves)


FLUX = "torchtitan.models.flux.job_config"
TORCHFT = "torchtitan.components.ft.config"


@pytest.mark.parametrize(
    ("module", "model", "flavor"), [(FLUX, "flux", "flux-dev"), (TORCHFT, "llama3", "8B")]
)
def test_every_key_of_a_trainer_of_its_own_is_in_the_function_or_in_its_comment(
    module: str, model: str, flavor: str
) -> None:
    (old,) = targets.parse("0.2.2")
    known, usual = (job_configs.schema(old.surface, each) for each in (module, ""))
    assert known is not None
    assert usual is not None
    plain = {"model__name": model, "model__flavor": flavor, "job__custom_config_module": module}
    without = converted(job(**plain))
    for path in known.keys.keys() - usual.keys.keys():
        default = job_configs.defaults(old.surface, module)[path]
        value = not default if isinstance(default, bool) else default
        if isinstance(value, int | float) and not isinstance(value, bool):
            value += 7
        elif isinstance(value, str):
            value += "x"
        elif isinstance(value, list):
            value = [["x"]]
        said = converted(job(**plain, **{"__".join(path): value}))
        assert said != without, path
        assert "there is no such field" not in said
        assert "no torchtitan known here takes it" not in said


def test_a_job_of_flux_is_one_of_its_trainer() -> None:
    keys: dict[str, Any] = {
        "model__name": "flux",
        "model__flavor": "flux-dev",
        "activation_checkpoint__mode": "full",
        "training__img_size": 512,
        "encoder__t5_encoder": "mine/t5",
        "validation__enable": True,
        # As it was called until 2025-08-05.
        "eval__denoising_steps": 20,
        # As it was spelt until 2025-08-21.
        "training__classifer_free_guidance_prob": 0.4,
        "job__custom_config_module": "torchtitan.experiments.flux.job_config",
    }
    text = converted(job(**keys))
    assert "-> FluxTrainer.Config:" in text
    assert "Without an equivalent" not in text
    assert call(text, "FluxTokenizerContainer.Config") == {"t5_tokenizer_path": "'mine/t5'"}
    assert call(text, "FluxEncoderConfig")["t5_encoder"] == "'mine/t5'"
    assert call(text, "Inference")["img_size"] == "512"
    assert "prompt_dropout_prob=0.4" in text
    assert text.count("denoising_steps=20") == 2
    validator = call(text, "FluxValidator.Config")["dataloader"]
    assert "img_size=512" in validator
    assert "generate_timesteps=True" in validator
    assert call(text, "FluxTrainer.Config")["loss"] == "MSELoss.Config()"
    keys["validation__all_timesteps"] = True
    assert "generate_timesteps" not in converted(job(**keys))


def test_a_fault_tolerant_job_is_one_of_its_trainer() -> None:
    keys = {"fault_tolerance__enable": True, "fault_tolerance__sync_steps": 10}
    text = converted(job(job__custom_config_module=TORCHFT, **keys))
    assert call(text, "FaultTolerance") == {"enable": "True", "sync_steps": "10"}
    assert "from torchtitan.experiments.torchft.llama3 import model_registry" in text
    groups = call(text, "TorchFTOptimizersContainer.Config")["param_groups"]
    assert groups.startswith("default_adamw(")
    assert groups.endswith(").param_groups")
    assert "TorchFTCheckpointManager.Config()" in text
    assert "ChunkedLossWrapper" not in text


def test_a_default_that_is_another_now_is_written_out_and_one_that_is_the_same_is_not() -> None:
    text = converted(JOB)
    assert call(text, "TrainingConfig") == {"steps": "10", "disable_cuda_graphs": "True"}
    assert call(text, "Profiler.Config") == {
        "save_traces_folder": "'profile_traces'",
        "save_memory_snapshot_folder": "'memory_snapshot'",
    }
    assert "CheckpointManager" not in text


def test_defaults_are_those_of_the_torchtitan_that_the_file_is_for() -> None:
    assert "preserve_rng_state=False" in converted(JOB, old="0.2.1")
    assert "preserve_rng_state" not in converted(JOB)


def test_numbers_keep_their_digits() -> None:
    text = converted(f"{JOB}[optimizer]\nlr = 8e-4\n[lr_scheduler]\nwarmup_steps = 2_000\n")
    assert "default_adamw(lr=8e-4)" in text
    assert "warmup_steps=2_000" in text


def test_an_old_name_of_a_key_says_what_the_new_one_does() -> None:
    text = converted(f"{JOB}compile = true\nbatch_size = 3\n")
    assert call(text, "CompileConfig") == {"enable": "True"}
    assert call(text, "TrainingConfig")["local_batch_size"] == "3"


def test_a_key_of_no_torchtitan_is_in_the_comment() -> None:
    assert "training.nonsense = 3: no torchtitan known here takes it" in converted(
        f"{JOB}nonsense = 3\n"
    )


@pytest.mark.parametrize(
    ("mode", "written"),
    [
        ("selective", "SelectiveAC.Config()"),
        ("full", "FullAC.Config()"),
        ("memory_budget", "MemoryBudgetAC.Config()"),
        ("none", "None"),
    ],
)
def test_the_mode_of_activation_checkpointing_chooses_the_class(mode: str, written: str) -> None:
    text = converted(job(activation_checkpoint__mode=mode))
    assert call(text, "Trainer.Config")["activation_checkpoint"] == written


def test_converters_go_to_the_model_with_new_names_of_modules() -> None:
    text = converted(
        job(
            model__converters=["float8"],
            quantize__linear__float8__filter_fqns=["output", "attention"],
            quantize__linear__float8__recipe_name="rowwise",
            compile__enable=True,
        )
    )
    assert call(text, "Float8LinearConverter.Config") == {
        "model_compile_enabled": "True",
        "filter_fqns": "['lm_head', 'attention']",
    }
    assert "recipe_name" not in text


def test_a_converter_that_is_not_named_is_not_there() -> None:
    assert "Float8" not in converted(job(quantize__linear__float8__filter_fqns=["output"]))


def test_another_optimizer_is_a_parameter_group() -> None:
    text = converted(job(optimizer__name="Adam", optimizer__implementation="foreach"))
    assert call(text, "OptimizersContainer.Config")["implementation"] == "'foreach'"
    group = call(text, "ParamGroupConfig")
    assert group["optimizer_name"] == "'Adam'"
    assert (
        group["optimizer_kwargs"]
        == "dict(lr=0.0008, betas=(0.9, 0.95), eps=1e-08, weight_decay=0.1)"
    )


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_value_of_any_type_is_written_or_refused_in_a_sentence(key: str) -> None:
    for value in (3, "text", True, ["a", 1], float("nan")):
        section, _, name = key.rpartition(".")
        text = job().replace(f"[{section}]\n", f"[{section}]\n{name} = {toml_of(value)}\n", 1)
        if f"[{section}]" not in text:
            text += f"[{section}]\n{name} = {toml_of(value)}\n"
        if document_of(Source("job.toml", text)) is None:
            continue  # The job has the key already.
        try:
            ast.parse(converted(text))
        except (ConvertError, SettingsError) as refused:
            assert str(refused)


def toml_of(value: object) -> str:
    return "nan" if value != value else json.dumps(value)


def test_a_flavor_named_for_its_attention_is_a_flavor_and_a_backend() -> None:
    assert 'model_registry("8B", attn_backend="varlen")' in converted(
        job(model__flavor="8B_varlen")
    )


def test_a_flavor_without_a_backend_has_the_one_that_it_had() -> None:
    text = converted(job(model__name="deepseek_v3", model__flavor="16B"))
    assert 'model_registry("16B", attn_backend="flex")' in text


def test_several_models_share_a_module() -> None:
    text = converted(JOB, JOB.replace("llama3", "qwen3"))
    assert "from torchtitan.models.qwen3 import model_registry as qwen3_model_registry" in text
    names = [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    assert names == ["llama3_job0", "qwen3_job1"]


def test_ruff_finds_nothing_to_do(tmp_path: Path) -> None:
    written = {
        "one": converted(JOB),
        "two": converted(JOB, JOB.replace("llama3", "qwen3")),
        "all": converted(
            job(
                **{
                    key.replace(".", "__"): other(key)
                    for key in KEYS.keys() - ELSEWHERE - FRAME
                    if key != "activation_checkpoint.mode"
                },
                job__description='say "no"\\ \u00e9\n\x07',
                model__converters=["quantize.linear.float8", "quantize.grouped_mm.mx"],
                optimizer__name="Adam",
            )
        ),
    }
    for name, text in written.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    for command in (["check", "--select", "E4,E7,E9,F,W,I,D300"], ["format", "--check", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "text", ["", "'", '"', "a'b\"", '\\"', "\n\x00\x7f", "\ud800", "é", "'\"'"]
)
def test_a_string_is_written_as_what_it_is(text: str) -> None:
    assert ast.literal_eval(str(layout.literal(text))) == text


def test_the_file_is_made_and_an_old_one_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, output = tmp_path / "llama3_8b.toml", tmp_path / "config_registry.py"
    path.write_text(JOB, "utf-8")
    assert run(["convert", str(path), "--output-file", str(output)]) == 0
    assert "def llama3_8b()" in output.read_text("utf-8")
    output.write_text("mine", "utf-8")
    assert run(["convert", str(path), "--output-file", str(output)]) == 2
    assert output.read_text("utf-8") == "mine"
    assert "exists" in capsys.readouterr().err
    assert {entry.name for entry in tmp_path.iterdir()} == {path.name, output.name}


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        ("[model", (), "no job config"),
        ("[tool.x]\na = 1\n", (), "no job config"),
        (JOB.replace("8B", "9B"), (), "has no flavor `9B` of llama3"),
        (
            JOB.replace("llama3", "llama4"),
            (),
            "the model `llama4` is gone at torchtitan 0.3.0; torchtitan main of",
        ),
        (JOB.replace("llama3", "mine"), (), "the model `mine` is none of"),
        (
            JOB.replace("llama3", "transformers_modeling_backend"),
            (),
            "to be written after `torchtitan.experiments.transformers_modeling_backend.config_registry`",
        ),
        (f"{JOB}[job]\ncustom_config_module = 'x.y'\n", (), "`job.custom_config_module` is `x.y`"),
        (f"{JOB}[activation_checkpoint]\nmode = 'some'\n", (), "`activation_checkpoint.mode`"),
        (f"{JOB}max_norm = 1979-05-27\n", (), "no constant"),
        (JOB, ("--torchtitan", "0.2.2"), "reads its jobs from TOML"),
        (JOB, ("--torchtitan", "2026-03-01"), "in the form of"),
        (JOB, ("--torchtitan", ">=0.2"), "not one"),
        (JOB, ("--torchtitan", "9.9"), "--torchtitan"),
        (JOB, ("--from", "0.3.0"), "not known"),
    ],
)
def test_what_cannot_be_converted_is_said_and_nothing_is_written(
    text: str,
    arguments: tuple[str, ...],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(JOB, "utf-8")
    bad.write_text(text, "utf-8")
    output = tmp_path / "out.py"
    assert run(["convert", str(good), str(bad), "--output-file", str(output), *arguments]) == 2
    said = capsys.readouterr()
    assert message in said.err
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert not said.out
    assert not output.exists()


def test_two_files_of_one_name_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [tmp_path / "a" / "job.toml", tmp_path / "b" / "job.toml"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(JOB, "utf-8")
    assert run(["convert", *map(str, paths)]) == 2
    assert "the name `llama3_job` is taken" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["convert", "no/such.toml"]) == 2
    assert "cannot be read" in capsys.readouterr().err
