"""The commands for one family of changes: each changes what is its own, and nothing else."""

from __future__ import annotations

import importlib
from pathlib import Path

import libcst as cst
import pytest
from libcst.codemod import CodemodCommand, CodemodContext

from codemods.command import FixCommand
from titan_lint import rules
from titan_lint.report.rule_page import fix

ROOT = Path(__file__).parents[2]
OVERLAPPING = {"fix_torchtitan", "sync_attn_backend"}
"""Commands that are no family of their own."""

MIXED = """\
from torchtitan.components.lr_scheduler import LRSchedulersContainer
from torchtitan.config import ParallelismConfig
from torchtitan.models.llama3 import model_registry

scheduler = LRSchedulersContainer
parallelism = ParallelismConfig(expert_tensor_parallel_degree=1, spmd_backend="default")
spec = model_registry("8B_varlen")
"""


def commands() -> dict[str, type[FixCommand]]:
    """Every command by its module's name."""
    found = {}
    for path in sorted((ROOT / "codemods").glob("*.py")):
        module = importlib.import_module(f"codemods.{path.stem}")
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__:
                if issubclass(value, FixCommand) and value is not FixCommand:
                    found[path.stem] = value
    return found


FAMILIES = {name: one for name, one in commands().items() if name not in OVERLAPPING}


def transformed(command: type[FixCommand], code: str, **arguments: object) -> str:
    made = command(CodemodContext(filename="engine.py"), **arguments)  # pyright: ignore
    return made.transform_module(cst.parse_module(code)).code


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("fix_imports", "components.lr_scheduler", "components.optimizer"),
        ("fix_attention", '"8B_varlen"', '"8B", attn_backend="varlen"'),
        ("fix_calls", "expert_tensor_parallel_degree=1, ", ""),
        ("fix_values", '"default"', '"partial_dtensor"'),
    ],
)
def test_a_family_changes_its_own_and_nothing_else(name: str, old: str, new: str) -> None:
    expected = MIXED.replace(old, new)
    assert expected != MIXED
    assert transformed(FAMILIES[name], MIXED, torchtitan="main") == expected


def test_the_families_together_make_what_all_fixes_make() -> None:
    code = MIXED
    for command in FAMILIES.values():
        code = transformed(command, code, torchtitan="main")
    assert code == transformed(commands()["fix_torchtitan"], MIXED, torchtitan="main")


def test_every_rule_with_a_fix_is_in_one_family() -> None:
    fixing = [code for code in rules.names() if fix(rules.rule(code)) != "none"]
    # A suppression of nothing has to do with no family, nor have job configs, which are no Python.
    fixing = [code for code in fixing if code != "TTN901" and not rules.is_of_jobs(code)]
    listed = sorted(code for one in FAMILIES.values() for code in one.CODES)
    assert [code for code in listed if code in fixing] == fixing
    assert set(listed) <= set(rules.names())


@pytest.mark.parametrize("name", commands())
def test_every_command_says_what_it_does_and_how_it_is_run(name: str) -> None:
    command = commands()[name]
    assert command.DESCRIPTION not in {"", CodemodCommand.DESCRIPTION}
    module = importlib.import_module(command.__module__)
    line = f"python -m libcst.tool codemod -x --no-format codemods.{name}.{command.__name__} PATH"
    assert line in (module.__doc__ or "")


def test_the_version_that_the_code_was_written_for_can_be_given() -> None:
    example = next(each for each in rules.rule("TTN303").bad if each.written_for)
    command = FAMILIES["fix_calls"]
    arguments = {"torchtitan": example.torchtitan}
    given = transformed(command, example.code, **arguments, written_for=example.written_for)
    assert given == example.fixed
    # Inferred, the version is no certainty, and the fix is an unsafe one.
    assert transformed(command, example.code, **arguments) == example.code
