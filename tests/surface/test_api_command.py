"""`titan-lint api`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tests import packages
from titan_lint.api import index
from titan_lint.cli.api import api

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def run_api(*arguments: str) -> Result:
    return CliRunner().invoke(api, arguments)


def _json(*arguments: str) -> dict[str, Any]:
    result = run_api(*arguments, "--output-format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_versions_are_listed_with_the_way_they_were_made() -> None:
    table, _, told = run_api("versions").output.partition("\n\n")
    lines = table.splitlines()
    assert len(lines) == len(index())
    assert "0.3.0           2026-09-03  wheel torchtitan-0.3.0-py3-none-any.whl from PyPI" in lines
    assert told.startswith("Main's 1,999 commits from 2023-12-13 to 2026-08-21 are known by name.")
    document = _json("versions")
    assert document["commits_of_main"] == {
        "known": 1999,
        "from": "2023-12-13",
        "to": "2026-08-21",
    }
    listed = document["versions"]
    assert [entry["key"] for entry in listed] == list(index())
    assert listed[-1]["commit"].startswith(listed[-1]["key"].removeprefix("main@"))


def test_a_function_is_shown_with_what_its_parameters_accept() -> None:
    result = run_api("show", "torchtitan.models.gpt_oss.model_registry", "--torchtitan", "0.3.0")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "torchtitan 0.3.0: torchtitan.models.gpt_oss.model_registry",
        "  def model_registry(",
        "      flavor: str,",
        "          # accepts 'debugmodel', '20b', '120b' and nothing else",
        "      moe_comm_backend: str = 'standard',",
        "          # accepts 'deepep', 'hybridep', 'minimal_async_ep', 'standard' and nothing else",
        "      attn_backend: str = 'varlen',",
        "          # accepts 'flex', 'flex_flash', 'varlen' and nothing else",
        "          # rejects 'sdpa': ValueError: sdpa is no longer supported for language models; "
        "positions are always available so use flex, flex_flash, or varlen.",
        "      converters: list[ModelConfigConverter.Config] | None = None,",
        "  ) -> ModelSpec",
    ]


def test_a_last_name_is_enough_and_several_versions_can_be_asked() -> None:
    found = _json("show", "llama3_configs", "--torchtitan", "0.3.0", "--torchtitan", "2026-03-01")
    assert [(r["torchtitan"], r["path"], r["keys"][0:2]) for r in found["results"]] == [
        ("torchtitan 0.3.0", "torchtitan.models.llama3.llama3_configs", ["debugmodel", "1B"]),
        (
            "torchtitan main of 2026-02-23 (9810191bb)",
            "torchtitan.models.llama3.llama3_configs",
            ["debugmodel", "debugmodel_flex_attn"],
        ),
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("torchtitan.components.loss", "module"),
        ("torchtitan.config.ParallelismConfig", "class"),
        ("torchtitan.distributed.ParallelDims.dp_enabled", "property"),
        ("torchtitan.trainer.Trainer.config", "value"),
        ("torchtitan.trainer.torch.nn", "external"),
        ("OptimizersContainer.Config", "class"),
    ],
)
def test_everything_that_can_be_looked_up_can_be_shown(name: str, kind: str) -> None:
    assert [r["kind"] for r in _json("show", name)["results"]] == [kind]
    result = run_api("show", name)
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("show", "torchtitan.components.lr_scheduler"),
            "it was there in torchtitan main of 2026-08-17",
        ),
        (
            ("show", "torchtitan.config.TrainingConfg"),
            "near to it: torchtitan.config.TrainingConfig",
        ),
        (("show", "TrainingConfg"), "has no TrainingConfg; near to it: TrainingConfig"),
        (
            ("show", "torchtitan.confg.TrainingConfig"),
            "near to it: torchtitan.config.TrainingConfig",
        ),
        (("show", "nonsense"), "torchtitan 0.3.0 has no nonsense"),
        (
            ("show", "x", "--torchtitan", "9.9"),
            "torchtitan 9.9 is later than all that is known here",
        ),
        (
            ("diff", "0.2.2", "0.3.0", "nonsense"),
            "neither torchtitan 0.2.2 nor torchtitan 0.3.0 has",
        ),
        (("diff", ">=0.2.2", "0.3.0"), "stands for several versions (0.2.2, 0.3.0); give one"),
        (("extract", "absent"), "absent: no such file or folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: tuple[str, ...], message: str) -> None:
    result = run_api(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_difference_is_shown_by_what_it_does() -> None:
    result = run_api("diff", "main@203f9a806", "0.3.0", "torchtitan.config.ParallelismConfig")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "Broken (1)",
        "  torchtitan.config.ParallelismConfig(spmd_backend): no longer accepts `'default'`",
        "",
        "Changed silently (1)",
        "  torchtitan.config.ParallelismConfig(spmd_backend): defaults to `'spmd_types'`; it was `'default'`",
        "",
        "torchtitan main of 2026-08-18 (203f9a806) -> torchtitan 0.3.0: 0 moved, 1 broken, 1 silent, 1 added",
    ]
    more = run_api(
        "diff", "main@203f9a806", "0.3.0", "torchtitan.config.ParallelismConfig", "--added"
    )
    assert "accepts `'partial_dtensor'`" in more.output


def test_a_difference_as_data() -> None:
    found = _json("diff", "0.2.2", "0.3.0", "LRSchedulersContainer")
    assert (found["from"], found["to"]) == ("torchtitan 0.2.2", "torchtitan 0.3.0")
    assert found["differences"][0] == {
        "effect": "moved",
        "path": "torchtitan.components.lr_scheduler.LRSchedulersContainer",
        "text": "class, now `torchtitan.components.optimizer.LRSchedulersContainer`",
        "new": "torchtitan.components.optimizer.LRSchedulersContainer",
    }
    assert found["summary"]["moved"] == 1


@pytest.mark.network
def test_a_surface_is_written_down(tmp_path: Path) -> None:
    wheel = packages.archive("torchtitan", "0.2.2")
    target = tmp_path / "surface.json"
    result = run_api("extract", str(wheel), "-o", str(target))
    assert result.exit_code == 0, result.output
    assert result.stderr.endswith("176 modules, equal to 0.2.2\n")
    document = json.loads(target.read_text("utf-8"))
    assert document["sha256"] == index()["0.2.2"].sha256
    assert document["nearest"] == {"key": "0.2.2", "differing": 0}
    assert document["calls_itself"] == "0.2.2"
    assert (document["name"], document["commit"]) == ("surface", None)
    again = run_api("extract", str(wheel), "--name", "surface")
    assert json.loads(again.stdout) == document


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    package = tmp_path / "torchtitan"
    (package / "distributed").mkdir(parents=True)
    (package / "train.py").write_text("def main(): ...\n")
    (package / "distributed" / "__init__.py").write_text("")
    result = run_api("extract", str(tmp_path), "-o", str(tmp_path / "absent" / "x.json"))
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
