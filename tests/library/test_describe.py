"""What a name is at the target, since when, and what it became."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

import titan_lint

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
import importlib
import torchtitan.components.checkpoint as checkpoint
from torchtitan.config import JobConfig
from torchtitan.models.llama3 import model_registry as registry
from torchtitan.trainer import Trainer

spec = registry("8B", attn_backend="flex")
module = importlib.import_module("torchtitan.models.llama3")
module.model_registry("8B")
shown = f"{registry}"


def step(trainer: Trainer, other):
    trainer.model_parts
    other.model_parts
    checkpoint.CheckpointManager
"""


def described(needle: str, within: int = 0, torchtitan: str = "0.3.0") -> list[titan_lint.Name]:
    offset = TEXT.index(needle) + within
    return [*titan_lint.describe(TEXT, offset, torchtitan=torchtitan, isolated=True)]


@pytest.mark.parametrize(
    ("needle", "within", "piece", "path"),
    [
        ("registry(", 0, "registry", "torchtitan.models.llama3.model_registry"),
        ("registry as", 0, None, "torchtitan.models.llama3.model_registry"),
        ("torchtitan.models.llama3 import", 20, "torchtitan.models.llama3", None),
        ("torchtitan.components", 0, None, "torchtitan.components.checkpoint"),
        ('"torchtitan.models', 3, '"torchtitan.models.llama3"', "torchtitan.models.llama3"),
        ("module.model_registry", 9, None, "torchtitan.models.llama3.model_registry"),
        ("trainer.model_parts", 9, "trainer.model_parts", "torchtitan.trainer.Trainer.model_parts"),
    ],
)
def test_a_name_is_what_it_comes_from(
    needle: str, within: int, piece: str | None, path: str | None
):
    (name,) = described(needle, within)
    assert piece in (None, TEXT[name.span.start : name.span.end])
    assert name.path == (path or piece)
    assert not name.is_instance
    assert name.lines


def test_what_holds_an_object_is_an_instance_of_its_class():
    (name,) = described("trainer.model_parts")
    assert (name.path, name.is_instance) == ("torchtitan.trainer.Trainer", True)


@pytest.mark.parametrize(
    ("needle", "within"), [("importlib", 0), ("other.model_parts", 8), ("step", 0), ("\n\n", 0)]
)
def test_what_is_not_of_torchtitan_is_not_described(needle: str, within: int):
    assert not described(needle, within)


def test_in_an_f_string_a_name_is_described_where_python_tells_its_place():
    found = described("{registry}", 1)
    assert [TEXT[name.span.start : name.span.end] for name in found] in ([], ["registry"])
    assert bool(found) == (sys.version_info >= (3, 12))


def test_it_says_since_when_something_is_there_as_the_bundled_versions_have_it():
    (name,) = described("registry(")
    assert name.torchtitan == "torchtitan 0.3.0"
    assert name.lines[0].strip() == "def model_registry("
    assert name.notes == ("all known have it from torchtitan main of 2026-02-23 (9810191bb) on",)


def test_it_says_what_became_of_what_is_gone():
    (name,) = described("JobConfig")
    assert (name.path, name.lines) == ("torchtitan.config.JobConfig", ())
    assert name.notes[0] == "`torchtitan.config.JobConfig` is gone at torchtitan 0.3.0"
    assert "Trainer.Config" in name.notes[1]


def test_it_says_what_will_go_and_where_it_is_then():
    (name,) = described("checkpoint.CheckpointManager", 12)
    assert name.lines
    first, gone, *_, home = name.notes
    assert first == "every torchtitan known here before has it"
    assert " is gone at torchtitan main of 2026-08-19 " in gone
    assert home.endswith("it is `torchtitan.components.checkpointer.CheckpointManager`")


def test_it_says_what_is_still_to_come():
    (name,) = described("registry(", torchtitan="0.2.2")
    assert not name.lines
    assert name.notes[0].endswith("is not there yet at torchtitan 0.2.2")


def test_there_is_one_answer_for_each_target(tmp_path: Path):
    (tmp_path / "titan-lint.toml").write_text('torchtitan = ["0.2.2", "0.3.0"]\n')
    found = titan_lint.describe(TEXT, TEXT.index("registry("), tmp_path / "a.py")
    assert [name.torchtitan for name in found] == ["torchtitan 0.2.2", "torchtitan 0.3.0"]


def test_a_name_that_comes_through_another_file_of_the_project_is_followed(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\n')
    (tmp_path / "own.py").write_text("from torchtitan.models.llama3 import model_registry\n")
    text = "from own import model_registry\n\nmodel_registry\n"
    path = tmp_path / "a.py"
    (name,) = titan_lint.describe(text, text.rindex("model"), path, torchtitan="0.3.0")
    assert name.path == "torchtitan.models.llama3.model_registry"


def test_of_a_text_that_is_no_python_nothing_is_said():
    assert titan_lint.describe(f"{TEXT}(", TEXT.index("JobConfig"), torchtitan="0.3.0") == ()
