"""``compat`` says at which versions a tree breaks, and where that begins and ends."""

from __future__ import annotations

import json
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from tests.documents import writing
from tests.packages import unpacked
from tests.projects import run_here
from titan_lint import library
from titan_lint.api.targets import everything
from titan_lint.check.survey import Fit, Survey, conclusion
from titan_lint.config.settings import load_settings
from titan_lint.run.compat import surveyed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import Ran
    from titan_lint.config.settings import OptionValue

FOUNDING = """\
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer


def backend(trainer: Trainer):
    return trainer.model_config.layer.attention.attn_backend


spec = model_registry("8B")
"""


def run(*arguments: str, cwd: Path) -> Ran:
    return run_here("compat", *arguments, cwd=cwd)


def survey(path: Path, text: str, **options: OptionValue) -> Survey:
    """What is made of a folder with an engine in it, or with nothing else than there is."""
    if text:
        (path / "engine.py").write_text(text)
    settings = load_settings({"paths": (str(path),), "isolated": True, "apart": True, **options})
    result, trouble = surveyed(settings)
    assert not trouble
    return result


def fits(survey: Survey) -> dict[str, bool]:
    return {fit.point.key: fit.fits for fit in survey.fits}


def test_a_path_fits_only_while_torchtitan_had_it(tmp_path: Path) -> None:
    found = fits(survey(tmp_path, FOUNDING))
    assert found["main@9810191bb"]
    assert found["main@7c8fc3f54"]
    assert not found["main@261819688"]
    assert not found["0.3.0"]


def test_ranges_end_on_the_day_before_the_breaking_change(tmp_path: Path) -> None:
    result = survey(tmp_path, FOUNDING, select=("TTN102",))
    assert " to 2026-03-30; releases" in conclusion(result)


def test_code_without_torchtitan_fits_everything(tmp_path: Path) -> None:
    result = survey(tmp_path, "import torch\n")
    assert all(fits(result).values())
    assert "and later" in conclusion(result)


def test_nothing_fitting_names_the_nearest() -> None:
    points = [target.surface.provenance for target in everything()]
    result = Survey([Fit(point, point.key, errors=3) for point in points])
    result.fits[5].errors = 1
    assert conclusion(result).startswith("fits none; nearest is ")
    assert conclusion(result).endswith("with 1 error")


def test_points_are_in_the_order_of_history() -> None:
    days = [target.surface.provenance.day for target in everything()]
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


def test_what_it_says_to_run_has_the_options_that_findings_depend_on(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(FOUNDING)
    options = ["--select", "TTN1", "--ignore=TTN301", "--isolated", "-j1", "--no-cache"]
    last = run(*options, "engine.py", cwd=tmp_path).out.splitlines()[-1]
    command = last.removeprefix("`").partition("`")[0].split()
    assert command[2:] == [
        *("--torchtitan", "0.3.0", "--select", "TTN1", "--ignore", "TTN301", "--isolated"),
        "engine.py",
    ]


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
    table, _, command = run("--ignore", "TTN102", ".", cwd=tmp_path).out.partition("\n\n")
    assert "TTN102" not in table
    assert "--ignore TTN102" in command


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
def test_versions_of_verl_agree_with_its_imports() -> None:
    """Which releases the two engines import on was tried with the real packages."""
    tried = ("0.2.2", "0.3.0", "main@9810191bb", "main@c4b409af2")
    found: dict[str, dict[str, bool]] = {}
    for version in ("0.7.1", "0.8.0"):
        engine = unpacked("verl", version) / "verl" / "workers" / "engine" / "torchtitan"
        found[version] = fits(survey(engine, "", torchtitan=tried))
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
    assert ran.err == "error: gone.py: cannot be read: No such file or directory\n"


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


JOB = '[job]\ndump_folder = "out"\n\n[model]\nname = "llama3"\n'


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("engine.py", FOUNDING, "TTN102"),
        ("shown.ipynb", writing.notebook(FOUNDING), "TTN102"),
        ("README.md", f"Text.\n\n```python\n{FOUNDING}```\n", "TTN102"),
        (
            "guide.rst",
            ".. code-block:: python\n\n    " + FOUNDING.replace("\n", "\n    "),
            "TTN102",
        ),
        ("job.toml", JOB, "TTN503"),
        ("run.sh", "torchrun -m torchtitan.train --training.seed 1\n", "TTN504"),
    ],
)
def test_it_counts_what_a_check_finds_in_any_kind_of_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, rule: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)
    asked = {"torchtitan": ("0.2.2", "0.3.0"), "extend_include": ("*.md", "*.rst")}
    result = survey(tmp_path, "", **asked)
    assert result.files == 1
    for fit in result.fits:
        found = library.lint_paths(
            tmp_path,
            isolated=True,
            torchtitan=fit.point.key,
            extend_include=asked["extend_include"],
        )
        codes = Counter(
            f.code for file in found.files for f in file.findings if f.severity != "info"
        )
        assert fit.by_code == dict(codes)
    assert rule in result.fits[1].by_code


def test_a_file_with_nothing_in_it_that_is_about_torchtitan_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "other.ipynb").write_text(writing.notebook("x = 1"))
    (tmp_path / "README.md").write_text("It builds on torchtitan.\n")
    (tmp_path / "settings.toml").write_text("batch_size = 1\n")
    (tmp_path / "notes.yml").write_text("# about torchtitan\nname: x\n")
    assert survey(tmp_path, "", extend_include=("*.md",)).files == 0


def test_several_processes_say_what_one_says(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.py").write_text(FOUNDING)
    (tmp_path / "shown.ipynb").write_text(writing.notebook(FOUNDING))
    asked = {"torchtitan": ("0.2.2", "0.3.0")}
    assert survey(tmp_path, "", jobs=2, **asked) == survey(tmp_path, "", jobs=1, **asked)


def test_commands_that_cannot_be_read_are_counted_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("titan_lint.code.commands.can_read_shell", lambda: False)
    (tmp_path / "run.sh").write_text("torchrun -m torchtitan.train --training.seed 1\n")
    result = survey(tmp_path, "", torchtitan=("0.3.0",))
    assert result.files == 0
    (note,) = result.notes
    assert note.startswith("1 file with commands not looked at: ")
