"""``compat`` says at which versions a tree breaks, and where that begins and ends."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from tests.documents import writing
from tests.packages import unpacked
from tests.projects import run_here
from titan_lint.check.survey import Fit, Survey, conclusion, history, survey
from titan_lint.code.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import Ran

FOUNDING = """\
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer


def backend(trainer: Trainer):
    return trainer.model_config.layer.attention.attn_backend


spec = model_registry("8B")
"""


def run(*arguments: str, cwd: Path) -> Ran:
    return run_here("compat", *arguments, cwd=cwd)


def fits(survey: Survey) -> dict[str, bool]:
    return {fit.point.key: fit.fits for fit in survey.fits}


def test_a_path_fits_only_while_torchtitan_had_it() -> None:
    found = fits(survey([(Source("engine.py", FOUNDING), None)]))
    assert found["main@9810191bb"]
    assert found["main@7c8fc3f54"]
    assert not found["main@261819688"]
    assert not found["0.3.0"]


def test_ranges_end_on_the_day_before_the_breaking_change() -> None:
    result = survey([(Source("engine.py", FOUNDING), None)], codes=["TTN102"])
    assert " to 2026-03-30; releases" in conclusion(result)


def test_code_without_torchtitan_fits_everything() -> None:
    result = survey([(Source("other.py", "import torch\n"), None)])
    assert all(fits(result).values())
    assert "and later" in conclusion(result)


def test_nothing_fitting_names_the_nearest() -> None:
    result = Survey([Fit(point, point.key, errors=3) for point in history()])
    result.fits[5].errors = 1
    assert conclusion(result).startswith("fits none; nearest is ")
    assert conclusion(result).endswith("with 1 error")


def test_points_are_in_the_order_of_history() -> None:
    days = [point.day for point in history()]
    assert days == sorted(days, key=str)


@pytest.mark.parametrize("output_format", ["text", "json", "markdown"])
def test_command_exits_0_when_a_release_fits(tmp_path: Path, output_format: str) -> None:
    (tmp_path / "engine.py").write_text(
        "from torchtitan.models.llama3 import model_registry\n\n"
        'spec = model_registry("8B", attn_backend="flex")\n'
    )
    result = run("--output-format", output_format, ".", cwd=tmp_path)
    assert result.status == 0, result.err
    assert "release 0.3.0" in result.out
    if output_format == "json":
        found = {fit["key"]: fit for fit in json.loads(result.out)["fits"]}
        assert found["0.3.0"]["fits"]
        assert found["0.3.0"]["errors"] == 0
        assert not found["main@9810191bb"]["fits"]


def test_versions_of_which_the_same_is_said_share_a_row(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(FOUNDING)
    lines = run(".", cwd=tmp_path).out.splitlines()
    rows = lines[1 : lines.index("")]
    told = json.loads(run("--output-format=json", ".", cwd=tmp_path).out)["fits"]
    # A release that was branched off is no point of main; the others are.
    alike = groupby(
        told,
        lambda f: [f["key"] == "0.3.0", f["fits"], f["errors"], f["warnings"], f["rules"]],
    )
    assert len(rows) == len(list(alike)) < len(told) / 2
    assert any(row.startswith("main 2026-02-23 (9810191bb) to 2026-03-27") for row in rows)
    spans = [row.partition("  ")[0] for row in rows]
    assert "main 2025-06-05 (8570415c3) to 0.2.2 with 0.1.0, 0.2.0, 0.2.1" in spans


def test_it_says_what_to_run_to_see_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(FOUNDING)
    result = run("engine.py", cwd=tmp_path)
    last = result.out.splitlines()[-1]
    assert (
        last
        == "`titan-lint check --torchtitan 0.3.0 engine.py` shows what is wrong at that version."
    )
    assert last in run("engine.py", "--output-format=markdown", cwd=tmp_path).out


def test_only_the_versions_asked_for_are_tried(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(FOUNDING)
    result = run("--torchtitan", "0.3.0", "--torchtitan", "main@9810191bb", ".", cwd=tmp_path)
    assert result.status == 1
    assert "fits torchtitan main of 2026-02-23 (9810191bb)\n" in result.out
    assert "2026-04-18" not in result.out
    assert run("--torchtitan", "main@9810191bb", ".", cwd=tmp_path).status == 0
    assert run("--torchtitan", "9.9", ".", cwd=tmp_path).err.startswith("error: --torchtitan: ")


def test_what_stands_for_a_commit_that_is_not_listed_is_said(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(FOUNDING)
    result = run("--torchtitan", "b9e335275", "--torchtitan", "0.3.0", ".", cwd=tmp_path)
    told = (
        "torchtitan main of 2026-04-27 (6348d93d1) is the nearest known here at or before "
        "commit b9e335275 of 2026-04-28."
    )
    assert told in result.out.splitlines()
    assert result.out.count(" is the ") == 1
    options = ("--torchtitan", "b9e335275", "--output-format", "json")
    (fit,) = json.loads(run(*options, ".", cwd=tmp_path).out)["fits"]
    assert f"{fit['name']} is {fit['reason']}." == told


@pytest.mark.network
def test_a_path_may_be_asked_for(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(FOUNDING)
    package = unpacked("torchtitan", "0.2.2") / "torchtitan"
    result = run("--torchtitan", str(package), "engine.py", cwd=tmp_path)
    assert result.status == 1
    assert "\ntorchtitan 0.2.2 " in result.out
    assert "main" not in result.out


def test_the_rules_of_a_check_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(FOUNDING)
    result = run("--select", "TTN106", ".", cwd=tmp_path)
    assert result.status == 0
    assert "TTN102" not in result.out
    (tmp_path / "titan-lint.toml").write_text('ignore = ["TTN102"]\n')
    assert "TTN102" in run(".", cwd=tmp_path).out, (
        "what the configuration leaves out fails all the same"
    )
    assert "TTN102" not in run("--ignore", "TTN102", ".", cwd=tmp_path).out


def test_command_exits_1_when_no_release_fits(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(FOUNDING)
    result = run(".", cwd=tmp_path)
    assert result.status == 1
    assert "no release" in result.out


def test_command_exits_2_on_a_file_that_is_no_python(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import torchtitan\ndef (:\n")
    (tmp_path / "fine.py").write_text("import torchtitan\n")
    result = run(".", cwd=tmp_path)
    assert result.status == 2
    assert "broken.py:2" in result.err
    assert "fits" in result.out


@pytest.mark.network
def test_versions_of_verl_agree_with_its_imports(tmp_path: Path) -> None:
    """Which releases the two engines import on was tried with the real packages."""
    found: dict[str, dict[str, bool]] = {}
    for version in ("0.7.1", "0.8.0"):
        engine = unpacked("verl", version) / "verl" / "workers" / "engine" / "torchtitan"
        sources = [
            (Source.decode(str(path), path.read_bytes()), None)
            for path in sorted(engine.glob("*.py"))
        ]
        found[version] = fits(survey(sources))
    # 0.2.2 has no `CompileConfig`, no `ParallelismConfig` and no `CheckpointManager.Config`; 0.3.0
    # has no `components.lr_scheduler`.
    assert not found["0.7.1"]["0.2.2"]
    assert not found["0.7.1"]["0.3.0"]
    assert found["0.7.1"]["main@9810191bb"]
    assert not found["0.8.0"]["0.2.2"]
    assert not found["0.8.0"]["0.3.0"]
    assert found["0.8.0"]["main@c4b409af2"]


def test_a_pin_that_is_not_known_keeps_nobody_from_an_answer(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("torchtitan==0.1.0\n")
    (tmp_path / "engine.py").write_text(FOUNDING)
    ran = run(cwd=tmp_path)
    assert ran.err == ""
    assert "2026-03-30" in ran.out


FORK = "from torchtitan.models.our_own import model_registry\n"


def test_nothing_fits_that_asks_for_a_name_which_no_torchtitan_has(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(FORK)
    ran = run("--output-format", "json", cwd=tmp_path)
    assert ran.status == 1
    shown = json.loads(ran.out)
    assert not any(fit["fits"] for fit in shown["fits"])
    assert {fit["unjudged"] for fit in shown["fits"] if not fit["errors"]} == {1}
    assert shown["conclusion"].startswith("fits none for certain")
    assert "not judged" in run(cwd=tmp_path).out


def test_a_name_that_is_known_to_be_gone_leaves_nothing_unjudged(tmp_path: Path) -> None:
    """A check notes one of several modules, and an import for types alone, and passes: so it fits."""
    (tmp_path / "engine.py").write_text(
        "import importlib\n\nNAMES = {'a': 'llama3', 'b': 'llama4'}\n\n\n"
        "def load(name):\n    return importlib.import_module(f'torchtitan.models.{NAMES[name]}')\n"
    )
    ran = run("--torchtitan", "0.3.0", cwd=tmp_path)
    assert ran.status == 0
    assert ran.out.splitlines()[-1] == "fits torchtitan 0.3.0"


def test_where_no_file_could_be_looked_at_nothing_is_said_to_fit(tmp_path: Path) -> None:
    ran = run("gone.py", cwd=tmp_path)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "error: gone.py: No such file or directory\n"


def test_where_no_file_uses_torchtitan_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("import torch\n")
    ran = run(cwd=tmp_path)
    assert ran.status == 0
    assert ran.out.endswith("\nNo file under the given paths uses torchtitan.\n")


def test_an_error_of_syntax_has_its_column(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import torchtitan\ndef f(:\n")
    assert run(cwd=tmp_path).err.startswith("error: bad.py:2:7: not valid Python")


def test_what_another_file_puts_there_is_there(tmp_path: Path) -> None:
    (tmp_path / "call.py").write_text(
        "from torchtitan.distributed.context_parallel import apply_cp_to_attention_module\n\n\n"
        "def shard(modules, mesh, job_config):\n"
        '    apply_cp_to_attention_module(modules, mesh, "ulysses", job_config=job_config)\n'
    )
    assert run("call.py", cwd=tmp_path).status == 1
    (tmp_path / "patch.py").write_text(
        "import torchtitan.distributed.context_parallel as cp\n\n\n"
        "cp.apply_cp_to_attention_module = lambda modules, mesh, kind, job_config=None: None\n"
    )
    assert run("call.py", cwd=tmp_path).status == 0


def test_documents_and_job_configs_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text("import torchtitan\n")
    (tmp_path / "shown.ipynb").write_text(writing.notebook(FOUNDING))
    (tmp_path / "other.ipynb").write_text(writing.notebook("x = 1"))
    (tmp_path / "job.toml").write_text('[job]\ndump_folder = "out"\n\n[model]\nname = "llama3"\n')
    (tmp_path / "titan-lint.toml").write_text("")
    asked = ("--torchtitan", "0.3.0", ".")
    ran = run(*asked, cwd=tmp_path)
    assert ran.status == 0, ran.err
    assert "1 document and 1 job config are left out: `titan-lint check` holds them" in ran.out
    told = json.loads(run("--output-format=json", *asked, cwd=tmp_path).out)
    assert told["left_out"] == {"documents": 1, "job_configs": 1}
    (tmp_path / "job.toml").unlink()
    assert "1 document is left out" in run(*asked, cwd=tmp_path).out
    assert "left out" not in run(*asked[:2], "engine.py", cwd=tmp_path).out
