"""TTN304: defaults that mean another thing than when the code was written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.fixing import fix_text
from tests.packages import unpacked
from titan_lint.api import changes, targets
from titan_lint.api.changes.rows import DefaultChange
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.era import Era
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

CALL = (
    "from torchtitan.config import ParallelismConfig\n"
    "p = ParallelismConfig(tensor_parallel_degree=2{})\n"
)


def says(text: str, written_for: str | None, torchtitan: str = "0.3.0") -> list[str]:
    return [
        finding.severity.value
        for finding in lint(
            Source("case.py", text),
            codes=("TTN304",),
            targets=targets.parse(torchtitan),
            options=Options(written_for=written_for),
        ).findings
    ]


@pytest.mark.parametrize(
    ("written_for", "found"),
    [("main@632f67f12", ["warning"]), ("0.3.0", []), ("main@c4b409af2", ["warning"]), (None, [])],
)
def test_only_an_older_version_makes_a_default_change(
    written_for: str | None, found: list[str]
) -> None:
    assert says(CALL.format(""), written_for) == found


NEW_WAYS = {
    "else": "if {old}:\n    p = None\nelse:\n    {call}\n",
    "a test turned round": "if not {old}:\n    {call}\n",
    "a flag": "OLD = {old}\nif not OLD:\n    {call}\n",
    "behind a return": "def make():\n    if {old}:\n        return None\n    {call}\n    return p\n",
}


@pytest.mark.parametrize("way", NEW_WAYS.values(), ids=NEW_WAYS)
def test_what_the_older_version_never_runs_was_not_written_for_its_default(way: str) -> None:
    head = "from torchtitan.config import ParallelismConfig\nimport torchtitan.config as config\n"
    call = "p = ParallelismConfig(tensor_parallel_degree=2)"
    for old, count in (
        ("hasattr(config, 'ActivationCheckpointConfig')", 0),
        ("hasattr(config, 'JobConfig')", 1),
    ):
        text = head + way.format(old=old, call=call)
        assert len(says(text, "main@632f67f12")) == count


def test_what_is_written_out_has_no_default() -> None:
    assert says(CALL.format(", spmd_backend='spmd_types'"), "main@632f67f12") == []


def test_keys_that_cannot_be_seen_may_hold_it() -> None:
    assert says(CALL.format(", **more"), "main@632f67f12") == []


def test_the_fix_writes_the_old_meaning_out_once() -> None:
    once = fix_text(
        CALL.format(""), unsafe=True, written_for="main@632f67f12", select=["TTN304"]
    ).source.text
    assert once == CALL.format(', spmd_backend="partial_dtensor"')
    assert says(once, "main@632f67f12") == []


OLD = "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
"""Fits main up to 2026-08-17: it moved with 203f9a806, half a day before the default changed."""

STEPS = (
    "from torchtitan.config import TrainingConfig\nfrom torchtitan.trainer import Trainer\n"
    "t = TrainingConfig(steps=4)\n"
)


@pytest.mark.parametrize(
    ("text", "written_for", "message", "note"),
    [
        # The parameter was there, and its default had the same name.
        (
            "from torchtitan.models.llama3 import model_registry\ns = model_registry('8B')\n",
            "main@c4b409af2",
            "`llama3.model_registry` is called without `attn_backend`, whose default has changed",
            'it was `"sdpa"` at torchtitan main of 2026-04-30 (c4b409af2), which',
        ),
        # It was not there.
        (
            CALL.format(""),
            "main@c4b409af2",
            "`ParallelismConfig` is called without `spmd_backend`, which came with a default that changes"
            " what is done",
            "there was none at torchtitan main of 2026-04-30 (c4b409af2), which this code is written for:"
            ' what was done is `"partial_dtensor"` now',
        ),
        (
            STEPS,
            "main@c4b409af2",
            "`TrainingConfig` is called without `disable_cuda_graphs`, which came with a default that changes"
            " what is done",
            "there was none at torchtitan main of 2026-04-30 (c4b409af2), which this code is written for:"
            " what was done is `True` now",
        ),
        # What the default was has another name now.
        (
            CALL.format(""),
            "main@641b5f6b8",
            "`ParallelismConfig` is called without `spmd_backend`, whose default has changed",
            'it was `"default"` at torchtitan main of 2026-06-06 (641b5f6b8), which this code is written for,'
            ' and that is `"partial_dtensor"` now',
        ),
        # It was not there at one version, and had another name at the next one.
        (
            CALL.format(""),
            "main@c4b409af2 main@641b5f6b8",
            "`ParallelismConfig` is called without `spmd_backend`, whose default has changed",
            'this code is written for, is `"partial_dtensor"` now',
        ),
    ],
)
def test_a_message_says_of_older_versions_what_they_had(
    text: str, written_for: str, message: str, note: str
) -> None:
    (finding,) = lint(
        Source("case.py", text),
        codes=("TTN304",),
        targets=targets.parse("0.3.0"),
        options=Options(era=Era(tuple(written_for.split()))),
    ).findings
    assert finding.message == message
    assert any(note in said for said in finding.notes), finding.notes


def becomes(text: str, written_for: str | None = None) -> str:
    return fix_text(text, written_for=written_for, select=["TTN202", "TTN304"]).source.text


def test_the_old_default_is_written_out_with_the_import_that_told_of_it() -> None:
    text = becomes(OLD + CALL.format(""))
    assert "components.optimizer import LRSchedulersContainer" in text
    assert 'spmd_backend="partial_dtensor"' in text
    assert becomes(text) == text


def test_a_version_that_is_named_is_certain() -> None:
    assert "partial_dtensor" in becomes(CALL.format(""), "main@632f67f12")


def test_a_commit_between_two_known_versions_may_have_the_new_default_already() -> None:
    # CUDA graphs came with f84224af0, between 2026-08-12 and 2026-08-14; this parameter went on the 12th.
    until = "from torchtitan.config import ParallelismConfig\np = ParallelismConfig({}=1)\n"
    text = until.format("expert_tensor_parallel_degree") + STEPS
    assert "disable_cuda_graphs=True" in becomes(text)
    text = until.format("enable_async_tensor_parallel") + STEPS
    assert "spmd_backend" in becomes(text)
    assert "disable_cuda_graphs" not in becomes(OLD + STEPS)


@pytest.mark.parametrize(
    "other",
    [
        'if more:\n    p.spmd_backend = "spmd_types"\n',
        'if more:\n    setattr(p, "spmd_backend", "spmd_types")\n',
        'import dataclasses\nq = dataclasses.replace(p, spmd_backend="spmd_types")\n',
        "import dataclasses\nq = dataclasses.replace(p, **more)\n",
    ],
)
def test_what_the_file_sets_elsewhere_is_not_certainly_the_default(other: str) -> None:
    text = OLD + CALL.format("") + other
    assert 'degree=2, spmd_backend="partial_dtensor"' not in becomes(text)
    assert "partial_dtensor" in fix_text(text, unsafe=True, select=["TTN304"]).source.text


HELD = (
    "from torchtitan.config import ParallelismConfig\nfrom torchtitan.trainer import Trainer\n"
    "def make(given, backend):\n    {}\n    return Trainer(c)\n"
)
SET_FIRST = {
    "set": "c = ParallelismConfig()\n    c.spmd_backend = backend",
    "set by its name": 'c = ParallelismConfig()\n    setattr(c, "spmd_backend", backend)',
    "set after another one": "c = ParallelismConfig()\n    c.tensor_parallel_degree = 2\n"
    "    if given:\n        c.pipeline_parallel_degree = 2\n    c.spmd_backend = backend",
    "set in what holds it": "c = Trainer.Config(parallelism=ParallelismConfig())\n"
    "    c.parallelism.spmd_backend = backend",
    "held by an attribute": "given.c = ParallelismConfig()\n    given.c.spmd_backend = backend\n    c = given.c",
    "set by a table": 'c = ParallelismConfig()\n    for name in ("spmd_backend", "x"):\n'
    "        setattr(c, name, given[name])",
    "in its dictionary": "c = ParallelismConfig()\n    vars(c).update(spmd_backend=backend)",
    "in its dictionary, too": 'c = ParallelismConfig()\n    c.__dict__.update({"spmd_backend": backend})',
}
SET_LATE = {
    "handed on before": "c = ParallelismConfig()\n    use(c)\n    c.spmd_backend = backend",
    "asked before": "c = ParallelismConfig()\n    print(c.spmd_backend)\n    c.spmd_backend = backend",
    "set to what depends on it": "c = ParallelismConfig()\n    c.spmd_backend = use(c)",
    "on a condition": "c = ParallelismConfig()\n    if given:\n        c.spmd_backend = backend",
    "something else": "c = ParallelismConfig()\n    given.spmd_backend = backend",
    "another field": "c = ParallelismConfig()\n    c.tensor_parallel_degree = backend",
    "held, and handed on": "c = Trainer.Config(parallelism=ParallelismConfig())\n    use(c.parallelism)\n"
    "    c.parallelism.spmd_backend = backend",
    "another object": "c = Trainer.Config(parallelism=ParallelismConfig())\n    c.other.spmd_backend = backend",
    "its other name": "c = ParallelismConfig()\n    d = c\n    use(d)\n    c.spmd_backend = backend",
}


@pytest.mark.parametrize("way", SET_FIRST.values(), ids=SET_FIRST)
def test_a_field_that_is_set_before_anything_reads_it_has_no_default(way: str) -> None:
    assert says(HELD.format(way), "main@632f67f12") == []


@pytest.mark.parametrize("way", SET_LATE.values(), ids=SET_LATE)
def test_a_field_that_may_be_read_before_it_is_set_has_one(way: str) -> None:
    assert says(HELD.format(way), "main@632f67f12") == ["warning"]


FIELD = """\
from dataclasses import dataclass, field

from torchtitan.config import ParallelismConfig


@dataclass
class Settings:
    parallelism: ParallelismConfig = field({})
"""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            "default_factory=ParallelismConfig",
            'default_factory=lambda: ParallelismConfig(spmd_backend="partial_dtensor")',
        ),
        (
            "default_factory=lambda: ParallelismConfig()",
            'default_factory=lambda: ParallelismConfig(spmd_backend="partial_dtensor")',
        ),
        (
            "repr=False, default_factory=ParallelismConfig",
            'repr=False, default_factory=lambda: ParallelismConfig(spmd_backend="partial_dtensor")',
        ),
        ("default=None", "default=None"),
        ("default_factory=dict", "default_factory=dict"),
        ("default_factory=made", "default_factory=made"),
    ],
)
def test_what_a_field_makes_for_its_default_is_called_with_nothing(
    given: str, expected: str
) -> None:
    text = FIELD.format(given)
    assert len(says(text, "main@c4b409af2")) == (given != expected)
    assert becomes(text, "main@c4b409af2") == FIELD.format(expected)
    assert says(text, "0.3.0") == []


@pytest.mark.parametrize(
    "more",
    [
        "\n    def __post_init__(self):\n        self.parallelism.spmd_backend = 'partial_dtensor'\n",
        "\n    def __post_init__(self):\n        self.parallelism = ParallelismConfig(spmd_backend='x')\n",
    ],
)
def test_a_default_that_the_class_changes_itself_is_not_what_it_comes_to(more: str) -> None:
    text = FIELD.format("default_factory=ParallelismConfig")
    assert says(text + more, "main@c4b409af2") == []
    other = more.replace("self.parallelism", "self.another")
    assert len(says(text + other, "main@c4b409af2")) == 1


@pytest.mark.parametrize(
    "more",
    [
        "\n\nclass ParallelismConfig(ParallelismConfig): ...\n",
        "\n\ndel ParallelismConfig\n",
        "\n\nfrom torchtitan.config import CommConfig as ParallelismConfig\n",
        "\n\nprint([f.default_factory for f in fields(Settings)])\n",
        "\n\nmade = {f.name: f.default_factory(**given) for f in fields(Settings)}\n",
    ],
)
def test_a_class_stays_what_makes_the_default_where_a_lambda_is_something_else(more: str) -> None:
    text = FIELD.format("default_factory=ParallelismConfig") + more
    assert says(text, "main@c4b409af2") == ["warning"]
    assert becomes(text, "main@c4b409af2") == text


@pytest.mark.parametrize("name", ["Parallelism", "Training"])
def test_a_field_keeps_its_default_where_its_class_gets_a_new_name(name: str) -> None:
    text = (
        "from dataclasses import dataclass, field\n\n"
        f"from torchtitan.config.job_config import {name}\nfrom torchtitan.train import Trainer\n\n\n"
        f"@dataclass\nclass Settings:\n    part: {name} = field(default_factory={name})\n"
    )
    given = (
        'spmd_backend="partial_dtensor"' if name == "Parallelism" else "disable_cuda_graphs=True"
    )
    expected = f"part: {name}Config = field(default_factory=lambda: {name}Config({given}))"
    assert expected in becomes(text, "0.2.2")


def test_a_field_of_a_library_that_is_not_known_may_pass_anything() -> None:
    text = FIELD.format("default_factory=ParallelismConfig").replace("dataclasses", "others")
    assert says(text, "main@c4b409af2") == []


def test_what_a_class_binds_is_not_moved_into_a_lambda() -> None:
    text = FIELD.format("default_factory=Kind").replace(
        "    parallelism", "    Kind = ParallelismConfig\n    parallelism"
    )
    assert says(text, "main@c4b409af2") == ["warning"]
    assert becomes(text, "main@c4b409af2") == text


PROFILED = "from torchtitan.config.job_config import Profiling\np = Profiling({})\nprint(p{})\n"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("enable_profiling=True", ', save_traces_folder="profile_traces"'),
        ("enable_memory_snapshot=True", ', save_memory_snapshot_folder="memory_snapshot"'),
        ("enable_profiling=True, save_traces_folder='x'", ""),
        ("enable_profiling=False", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("use", ["", ".save_traces_folder, p.save_memory_snapshot_folder"])
def test_what_is_recorded_goes_where_it_went_once_the_class_has_its_new_name(
    given: str, expected: str, use: str
) -> None:
    text = becomes(PROFILED.format(given, use), "0.2.2")
    assert f"Profiler.Config({given}{expected})" in text
    assert becomes(text, "0.2.2") == text


@pytest.mark.parametrize("written_for", [None, "main@632f67f12"])
def test_what_is_unpacked_may_hold_it_in_the_end(written_for: str | None) -> None:
    text = f"{OLD}more = dict(steps=4)\n" + STEPS.replace("steps=4", "**more")
    assert "disable_cuda_graphs" not in becomes(text, written_for)


def test_a_default_that_changed_twice_is_not_certain() -> None:
    text = (
        OLD + "from torchtitan.config import ActivationCheckpointConfig\n"
        "from torchtitan.models.deepseek_v3 import model_registry\n"
        'spec = model_registry("16B", attn_backend="flex")\n'
    )
    assert becomes(text).count("attn_backend") == 1


TWO_ERAS = """\
from torchtitan.config import CompileConfig, ParallelismConfig
from torchtitan.config.job_config import Training


def configs(fast):
    config = ParallelismConfig(enable_async_tensor_parallel=fast)
    return config, CompileConfig(enable=True), Training(steps=4)
"""
"""No version has all of it; once the import is fixed, main up to 2026-08-11 has."""


@pytest.mark.parametrize("unsafe", [False, True])
def test_code_of_two_eras_has_nothing_left_for_a_second_run(unsafe: bool) -> None:
    once = fix_text(TWO_ERAS, unsafe=unsafe).source.text
    assert once != TWO_ERAS
    assert fix_text(once, unsafe=unsafe).source.text == once


WIDTH = (
    "from torchtitan.config import ParallelismConfig\n"
    "def width():\n    p = ParallelismConfig(tensor_parallel_degree=2)\n{}"
)


@pytest.mark.parametrize(
    "rest",
    [
        "    return p.tensor_parallel_degree\n",
        "    p.tensor_parallel_degree = 4\n    return p.tensor_parallel_degree * 2\n",
        "    assert p.tensor_parallel_degree == 2\n",
        "",
    ],
)
def test_a_field_that_nothing_in_reach_reads_has_no_meaning(rest: str) -> None:
    assert says(WIDTH.format(rest), "main@632f67f12") == []
    direct = "from torchtitan.config import ParallelismConfig\nn = ParallelismConfig().tensor_parallel_degree\n"
    assert says(direct, "main@632f67f12") == []


@pytest.mark.parametrize(
    "rest",
    [
        "    return p\n",
        "    return p.spmd_backend\n",
        "    return p.tensor_parallel_degree, build(p)\n",
        "    return p.build()\n",
        "    return vars(p)\n",
        "    return p.__dict__\n",
        "    q = p\n    return q\n",
        "    return [p]\n",
        "    class Engine:\n        config = p\n    return Engine\n",
        "    return lambda: p\n",
    ],
)
def test_a_field_that_somebody_may_read_has_one(rest: str) -> None:
    assert says(WIDTH.format(rest), "main@632f67f12") == ["warning"]


ENGINE = (
    "from torchtitan.config import TrainingConfig\n{}"
    "def engine(spec, model):\n"
    "    return spec.parallelize_fn(model, training=TrainingConfig(steps=4))\n"
)


@pytest.mark.parametrize(
    "more",
    [
        "from torchtitan.trainer import Trainer\n",
        "import torchtitan.trainer\nRun = torchtitan.trainer.Trainer.Config\n",
        "from torchtitan.models.flux.trainer import FluxTrainer\n",
        "from torchtitan.models.llama3.config_registry import llama3_8b\n",
        "from torchtitan.models.llama3 import config_registry\nc = config_registry.llama3_8b()\n",
        "from torchtitan.train import main\n",
        "from torchtitan.config import ConfigManager\n",
        # It moved, and leads to a trainer where the code comes from.
        "from torchtitan.experiments.ft.trainer import FaultTolerantTrainer\n",
    ],
)
def test_trainers_alone_capture_graphs(more: str) -> None:
    assert says(ENGINE.format(more), "main@261819688") == ["warning"]


@pytest.mark.parametrize(
    "more",
    [
        "",
        "from torchtitan.models.llama3 import model_registry\n",
        "from torchtitan.components.optimizer import OptimizersContainer\n",
        "from torchtitan.config import Configurable\n",
        "from transformers import Trainer\n",
    ],
)
def test_without_a_trainer_nothing_captures_graphs(more: str) -> None:
    assert says(ENGINE.format(more), "main@261819688") == []


def test_another_file_of_the_project_may_build_the_trainer(
    titan_lint: TitanLint, tmp_path: Path
) -> None:
    (tmp_path / "engine.py").write_text(ENGINE.format(""))
    asked = ("--isolated", "--no-cache", "--torchtitan", "0.3.0", "--from", "2026-03-31")
    assert "TTN304" not in titan_lint(*asked, tmp_path).out
    (tmp_path / "run.py").write_text("from torchtitan.trainer import Trainer\n")
    assert "TTN304" in titan_lint(*asked, tmp_path).out
    assert "TTN304" in titan_lint(*asked, tmp_path / "engine.py").out


@pytest.mark.parametrize(
    ("other", "is_said"),
    [
        ("", False),
        ("import config\n", False),
        ("from config import q\n", False),
        ("from config import *\nbuild(p)\n", True),
        ("from config import p\n", True),
        ("import config\nbuild(config.p)\n", True),
        ("import config\nbuild(getattr(config, 'p'))\n", True),
    ],
)
def test_what_a_module_binds_has_to_be_asked_for(
    titan_lint: TitanLint, tmp_path: Path, other: str, is_said: bool
) -> None:
    (tmp_path / "config.py").write_text(CALL.format(""))
    (tmp_path / "other.py").write_text(f"import torchtitan\n{other}")
    asked = ("--isolated", "--no-cache", "--torchtitan", "0.3.0", "--from", "2026-03-31")
    assert ("TTN304" in titan_lint(*asked, tmp_path).out) is is_said


@pytest.mark.network
def test_what_reads_a_field_is_what_the_row_says() -> None:
    rows = [row for row in changes.of_kind(DefaultChange) if row.old.read_by]
    assert rows
    for row in rows:
        readers = {
            file.relative_to(unpacked("torchtitan", "0.3.0")).as_posix()
            for file in unpacked("torchtitan", "0.3.0").rglob("*.py")
            if re.search(rf"(self|config)\.\S*{row.old.parameter}\b(?! =)", file.read_text("utf-8"))
        }
        # Both are trainers; the others are reached through them.
        assert readers == {"torchtitan/trainer.py", "torchtitan/experiments/torchft/trainer.py"}


GIVEN_AWAY = {
    "at once": "config = harden(ParallelismConfig())\n",
    "within another one": "config = harden(Trainer.Config(loss=1, parallelism=ParallelismConfig()))\n",
    "under a name": "config = ParallelismConfig()\nharden(config)\n",
    "by a function": "def make():\n    return ParallelismConfig()\n\n\nconfig = harden(make())\n",
}


@pytest.mark.parametrize("use", GIVEN_AWAY.values(), ids=GIVEN_AWAY)
@pytest.mark.parametrize("in_one", [True, False])
@pytest.mark.parametrize(("field", "is_said"), [("spmd_backend", False), ("other", True)])
def test_a_field_that_a_function_sets_which_gets_the_config_may_have_no_default(
    project: Path, titan_lint: TitanLint, use: str, in_one: bool, field: str, is_said: bool
) -> None:
    function = f"def harden(config):\n    config.{field} = 'spmd_types'\n    return config\n\n\n"
    head = "from torchtitan.config import ParallelismConfig\nfrom torchtitan.trainer import Trainer\n\n\n"
    own = function if in_one else "from functions import harden\n\n\n"
    (project / "use.py").write_text(head + own + use)
    (project / "functions.py").write_text("" if in_one else function)
    said = titan_lint(
        *("--isolated", "--no-cache", "--torchtitan=0.3.0", "--from=main@632f67f12"),
        *("--select=TTN304", "--output-format=concise"),
    ).out
    assert ("`spmd_backend`" in said) is is_said


MAKERS = (
    "import copy\nimport dataclasses\nimport functools\nfrom dataclasses import dataclass\n"
    "from torchtitan.config import ParallelismConfig, TrainingConfig\n"
    "from torchtitan.trainer import Trainer\n{}"
)
ONE = "def make(b):\n    c = ParallelismConfig()\n"
TWO = "def make(b, others):\n    cs = [ParallelismConfig(), ParallelismConfig(tensor_parallel_degree=2)]\n"
ALL = "    return [Trainer(c) for c in cs]\n"
IN_ANOTHER = "def make(b):\n    c = Trainer.Config(parallelism=ParallelismConfig())\n"
OWN = "@dataclass\nclass Mine({}):\n    def __post_init__(self):\n        {}\n\n\nt = Trainer(Mine({}))\n"

SET_BEFORE = {
    "by sections": IN_ANOTHER
    + "    for section, name, value in [('parallelism', 'spmd_backend', b)]:\n"
    "        setattr(getattr(c, section), name, value)\n    return Trainer(c)\n",
    "by dotted names": IN_ANOTHER
    + "    for path, value in {'parallelism.spmd_backend': b}.items():\n"
    "        *front, last = path.split('.')\n"
    "        setattr(functools.reduce(getattr, front, c), last, value)\n    return Trainer(c)\n",
    "by a function that works names out": "def put(c, path, value):\n"
    "    *front, last = path.split('.')\n    setattr(functools.reduce(getattr, front, c), last, value)\n"
    + IN_ANOTHER
    + "    put(c, 'parallelism.spmd_backend', b)\n    return Trainer(c)\n",
    "by a function that gets it by a keyword": "def put(c, b):\n    c.spmd_backend = b\n"
    + ONE
    + "    put(b=b, c=c)\n    return Trainer(c)\n",
    "of pairs": ONE
    + "    for part, value in [(c, b)]:\n        part.spmd_backend = value\n    return Trainer(c)\n",
    "of sections themselves": IN_ANOTHER + "    for part in (c.parallelism, c.training):\n"
    "        if hasattr(part, 'spmd_backend'):\n            part.spmd_backend = b\n    return Trainer(c)\n",
    "of each of a list": TWO + "    for c in cs:\n        c.spmd_backend = b\n" + ALL,
    "of each, after other fields": TWO + "    print(len(cs))\n    for c in cs:\n"
    "        c.pipeline_parallel_degree = 2\n    for c in cs:\n        c.spmd_backend = b\n" + ALL,
    "of each, with its number": TWO
    + "    for i, c in enumerate(cs):\n        c.spmd_backend = b[i]\n"
    + ALL,
    "of each, by its number": TWO
    + "    for i in range(2):\n        cs[i].spmd_backend = b\n"
    + ALL,
    "of each, beside others": TWO
    + "    for c, o in zip(cs, others):\n        c.spmd_backend = o\n"
    + ALL,
    "of each that is held": "def make(b):\n    cs = [Trainer.Config(parallelism=ParallelismConfig())]\n"
    "    for c in cs:\n        c.parallelism.spmd_backend = b\n" + ALL,
    "of each that is appended": "def make(b):\n    cs = []\n    for n in (1, 2):\n"
    "        cs.append(ParallelismConfig(tensor_parallel_degree=n))\n"
    "    for c in cs:\n        c.spmd_backend = b\n" + ALL,
    "of each of a dictionary": "def make(b):\n"
    "    cs = {n: ParallelismConfig(tensor_parallel_degree=n) for n in (1, 2)}\n"
    "    for n, c in cs.items():\n        c.spmd_backend = b\n    return [Trainer(c) for c in cs.values()]\n",
    "of each that is unpacked": "def make(b):\n    c, d = ParallelismConfig(), ParallelismConfig()\n"
    "    c.spmd_backend = d.spmd_backend = b\n    return Trainer(c), Trainer(d)\n",
    "by its class": OWN.format("ParallelismConfig", "self.spmd_backend = 'spmd_types'", ""),
    "by its class, frozen": OWN.format(
        "ParallelismConfig", "object.__setattr__(self, 'spmd_backend', 'spmd_types')", ""
    ),
    "by what holds it": OWN.format(
        "Trainer.Config",
        "self.parallelism.spmd_backend = 'spmd_types'",
        "parallelism=ParallelismConfig()",
    ),
    "by a base of its class": "class Hard:\n    def __post_init__(self):\n"
    "        self.spmd_backend = 'spmd_types'\n"
    "class Mine(Hard, ParallelismConfig):\n    pass\nt = Trainer(Mine(tensor_parallel_degree=2))\n",
    "by another method": "class Engine:\n    def __init__(self, b):\n"
    "        self.p = ParallelismConfig()\n        self.harden(b)\n        self.t = Trainer(self.p)\n"
    "    def harden(self, b):\n        self.p.spmd_backend = b\n",
    "by who calls its maker": "def _made():\n    return ParallelismConfig()\n"
    "def make(b):\n    c = _made()\n    c.spmd_backend = b\n    return Trainer(c)\n",
    "in a copy": ONE + "    return Trainer(dataclasses.replace(c, spmd_backend=b))\n",
    "in a copy of its name": ONE
    + "    c = dataclasses.replace(c, spmd_backend=b)\n    return Trainer(c)\n",
    "in a copy at once": "def make(b):\n"
    "    return Trainer(dataclasses.replace(ParallelismConfig(), spmd_backend=b))\n",
    "in a copy, maybe": "def make(**b):\n    c = ParallelismConfig()\n"
    "    return Trainer(dataclasses.replace(c, **b))\n",
    "in copies": ONE + "    return [Trainer(copy.replace(c, spmd_backend=one)) for one in b]\n",
    "in copies of each": TWO
    + "    cs = [dataclasses.replace(c, spmd_backend=b) for c in cs]\n"
    + ALL,
    "in a copy by its method": ONE + "    return Trainer(c.__replace__(spmd_backend=b))\n",
    "in a copy of what holds it": IN_ANOTHER + "    return Trainer(dataclasses.replace("
    "c, parallelism=dataclasses.replace(c.parallelism, spmd_backend=b)))\n",
    "in a copy that what holds it gets": IN_ANOTHER
    + "    c.parallelism = dataclasses.replace(c.parallelism, spmd_backend=b)\n    return Trainer(c)\n",
    "in copies that are set": ONE + "    ts = []\n    for one in b:\n        d = copy.deepcopy(c)\n"
    "        d.spmd_backend = one\n        ts.append(Trainer(d))\n    return ts\n",
    "after another one is read": ONE
    + "    n = c.tensor_parallel_degree\n    c.spmd_backend = b * n\n    return Trainer(c)\n",
    "where it is there": ONE
    + "    if hasattr(c, 'spmd_backend'):\n        c.spmd_backend = b\n    return Trainer(c)\n",
    "on both sides": ONE
    + "    if b:\n        c.spmd_backend = b\n    else:\n        c.spmd_backend = 'x'\n    return Trainer(c)\n",
    "where that works": ONE
    + "    try:\n        c.spmd_backend = b\n    except AttributeError:\n        pass\n    return Trainer(c)\n",
    "of what either side made": "def make(b):\n    if b:\n        c = ParallelismConfig(tensor_parallel_degree=2)\n"
    "    else:\n        c = ParallelismConfig()\n    c.spmd_backend = b\n    return Trainer(c)\n",
    "of each, in brackets": TWO + "    [setattr(c, 'spmd_backend', b) for c in cs]\n" + ALL,
    "of each, in brackets, by a name that is worked out": TWO
    + "    for field, value in {'spmd_backend': b}.items():\n        [setattr(c, field, value) for c in cs]\n"
    + ALL,
    "of each that is picked, in brackets": TWO
    + "    {setattr(c, 'spmd_backend', o) for c, o in zip(cs, others)}\n"
    + ALL,
    "where it is asked for": "def make(b):\n    if c := ParallelismConfig():\n        c.spmd_backend = b\n"
    "    return Trainer(c)\n",
    "where it is asked for by something": "def make(b):\n    if (c := ParallelismConfig()) is not None:\n"
    "        c.spmd_backend = b\n    return Trainer(c)\n",
    "behind where it gets its name": "def make(b):\n    d = (c := ParallelismConfig())\n    c.spmd_backend = b\n"
    "    return Trainer(d)\n",
    "by its other name": ONE + "    d = c\n    d.spmd_backend = b\n    return Trainer(c)\n",
}
NOT_SET_BEFORE = {
    "another one by sections": IN_ANOTHER
    + "    for section, name, value in [('parallelism', 'tensor_parallel_degree', b)]:\n"
    "        setattr(getattr(c, section), name, value)\n    return Trainer(c)\n",
    "another one of each": TWO + "    for c in cs:\n        c.tensor_parallel_degree = b\n" + ALL,
    "of others beside": TWO
    + "    for c, o in zip(cs, others):\n        o.spmd_backend = b\n"
    + ALL,
    "of others": TWO + "    for c in others:\n        c.spmd_backend = b\n" + ALL,
    "another one of each, in brackets": TWO
    + "    [setattr(c, 'tensor_parallel_degree', b) for c in cs]\n"
    + ALL,
    "of some, in brackets": TWO
    + "    [setattr(c, 'spmd_backend', b) for c in cs if c.tensor_parallel_degree == 1]\n"
    + ALL,
    "in the call that names it": "def make(b):\n    t = Trainer(c := ParallelismConfig())\n"
    "    c.spmd_backend = b\n    return t\n",
    "on one side where it is asked for": "def make(b):\n    if (c := ParallelismConfig()) and b:\n"
    "        c.spmd_backend = b\n    return Trainer(c)\n",
    "of each too late": TWO
    + "    ts = [Trainer(c) for c in cs]\n    for c in cs:\n        c.spmd_backend = b\n    return ts\n",
    "another one by its class": OWN.format(
        "ParallelismConfig", "self.tensor_parallel_degree = 2", ""
    ),
    "of something else by what holds it": OWN.format(
        "Trainer.Config", "self.other.spmd_backend = 'x'", "parallelism=ParallelismConfig()"
    ),
    "another one by a function": "def put(c, b):\n    c.tensor_parallel_degree = b\n"
    + ONE
    + "    put(b=b, c=c)\n    return Trainer(c)\n",
    "another one in a copy": ONE
    + "    c = dataclasses.replace(c, tensor_parallel_degree=b)\n    return Trainer(c)\n",
    "in one copy alone": ONE
    + "    return Trainer(c), Trainer(dataclasses.replace(c, spmd_backend=b))\n",
    "of a copy alone": ONE
    + "    d = copy.deepcopy(c)\n    d.tensor_parallel_degree = 2\n    return Trainer(d)\n",
    "on one side": ONE
    + "    if b:\n        c.spmd_backend = b\n    else:\n        c.tensor_parallel_degree = 4\n    return Trainer(c)\n",
    "after it is read": ONE
    + "    print(c.spmd_backend)\n    c.spmd_backend = b\n    return Trainer(c)\n",
}


@pytest.mark.parametrize("way", SET_BEFORE.values(), ids=SET_BEFORE)
def test_what_a_field_has_before_loops_classes_or_copies_set_it_does_not_count(way: str) -> None:
    assert says(MAKERS.format(way), "main@632f67f12") == []


@pytest.mark.parametrize("way", NOT_SET_BEFORE.values(), ids=NOT_SET_BEFORE)
def test_what_loops_classes_and_copies_leave_as_it_is_counts(way: str) -> None:
    assert "warning" in says(MAKERS.format(way), "main@632f67f12")
