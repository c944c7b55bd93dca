"""What is declared to be of a class of torchtitan's may be of one that the project derives from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

AMP = """\
from torchtitan.trainer import Trainer


class Own(Trainer):
    def __init__(self, config):
        super().__init__(config)
        self.maybe_enable_amp = None
"""
CLOSE = """\
from torchtitan.trainer import Trainer


class Own(Trainer):
    def close(self, now=True):
        return now
"""
PARALLELISM = """\
from dataclasses import dataclass

from torchtitan.config import ParallelismConfig


@dataclass(kw_only=True, slots=True)
class Own(ParallelismConfig):
    expert_tensor_parallel_degree: int = 1
"""
DIMS = """\
from torchtitan.distributed import ParallelDims


class Own(ParallelDims):
    @property
    def etp_enabled(self):
        return False
"""
FIELD = """\
from dataclasses import dataclass, field

from torchtitan.trainer import Trainer


@dataclass
class Settings:
    expert_tensor_parallel_degree: int = 1


@dataclass(kw_only=True, slots=True)
class Own(Trainer.Config):
    parallelism: Settings = field(default_factory=Settings)
"""
MIXIN = """\
from torchtitan.trainer import Trainer


class Amp:
    maybe_enable_amp = None

    def close(self, now=True):
        return now


class Own(Amp, Trainer):
    pass
"""
MODEL = """\
from torchtitan.trainer import Trainer


class Own(Trainer):
    def __init__(self, config):
        super().__init__(config)
        self.model_config = config.mine
"""
MESHES = """\
from torchtitan.distributed import ParallelDims


class Own(ParallelDims):
    def get_mesh(self, name):
        return self.mine[name]
"""
TRAINER = "from torchtitan.trainer import Trainer\n\n\n"
CONFIG = "from torchtitan.config import ParallelismConfig\n\n\n"

ASKED = [
    (AMP, f"{TRAINER}def f(trainer: Trainer):\n    return trainer.maybe_enable_amp\n", "TTN203"),
    (
        PARALLELISM,
        f"{CONFIG}def f(p: ParallelismConfig):\n    return p.expert_tensor_parallel_degree\n",
        "TTN203",
    ),
    (
        PARALLELISM,
        f"{CONFIG}def f(p: ParallelismConfig):\n    p.expert_tensor_parallel_degree = 2\n",
        "TTN203",
    ),
    (
        PARALLELISM,
        f"from dataclasses import replace\n{CONFIG}def f(p: ParallelismConfig):\n"
        "    return replace(p, expert_tensor_parallel_degree=2)\n",
        "TTN301",
    ),
    (
        DIMS,
        "from torchtitan.distributed import ParallelDims\n\n\n"
        "def f(p: ParallelDims):\n    return p.etp_enabled\n",
        "TTN203",
    ),
    (CLOSE, f"{TRAINER}def f(trainer: Trainer):\n    return trainer.close(now=True)\n", "TTN301"),
    (CLOSE, f"{TRAINER}def f(trainer: Trainer):\n    return trainer.close(1)\n", "TTN303"),
    (MIXIN, f"{TRAINER}def f(trainer: Trainer):\n    return trainer.maybe_enable_amp\n", "TTN203"),
    (MIXIN, f"{TRAINER}def f(trainer: Trainer):\n    return trainer.close(now=True)\n", "TTN301"),
    (
        PARALLELISM,
        f"{CONFIG}def f(cls: type[ParallelismConfig]):\n"
        "    return cls(expert_tensor_parallel_degree=1)\n",
        "TTN301",
    ),
    (
        PARALLELISM,
        f"{CONFIG}def f(many: list[ParallelismConfig]):\n"
        "    return [p.expert_tensor_parallel_degree for p in many]\n",
        "TTN203",
    ),
    (
        MODEL,
        f"{TRAINER}def f(trainer: Trainer):\n"
        "    return trainer.model_config.layer.attention.attn_backend\n",
        "TTN102",
    ),
    (
        MESHES,
        "from torchtitan.distributed import ParallelDims\n\n\n"
        'def f(dims: ParallelDims):\n    return dims.get_mesh("etp")\n',
        "TTN405",
    ),
    (
        FIELD,
        f"{TRAINER}def f(config: Trainer.Config):\n"
        "    return config.parallelism.expert_tensor_parallel_degree\n",
        "TTN203",
    ),
    (
        FIELD,
        f"{TRAINER}def f(trainer: Trainer):\n    held = trainer.config.parallelism\n"
        "    return held.expert_tensor_parallel_degree\n",
        "TTN203",
    ),
]


def codes(titan_lint: TitanLint, *paths: str) -> list[str]:
    options = ("--isolated", "--torchtitan=0.3.0", "--output-format=concise")
    ran = titan_lint(*options, *(paths or (".",)))
    assert ran.status in (0, 1)
    return [line.split(": ")[1].split()[0] for line in ran.out.splitlines() if ": TTN" in line]


@pytest.mark.parametrize(("own", "use", "code"), ASKED)
class TestWhatASubclassBrings:
    """Each use fails on torchtitan's class, and works on the project's."""

    def test_it_is_reported_where_the_project_derives_nothing(
        self, project: Path, titan_lint: TitanLint, own: str, use: str, code: str
    ) -> None:
        (project / "use.py").write_text(use)
        assert codes(titan_lint) == [code]

    def test_nothing_is_said_where_the_file_derives_a_class_that_has_it(
        self, project: Path, titan_lint: TitanLint, own: str, use: str, code: str
    ) -> None:
        (project / "use.py").write_text(f"{own}\n\n{use}")
        assert codes(titan_lint) == []

    @pytest.mark.parametrize("paths", [(), ("use.py",)])
    def test_nothing_is_said_where_another_file_does(
        self,
        project: Path,
        titan_lint: TitanLint,
        own: str,
        use: str,
        code: str,
        paths: tuple[str, ...],
    ) -> None:
        (project / "use.py").write_text(use)
        (project / "own.py").write_text(own)
        assert codes(titan_lint, *paths) == []

    def test_a_class_with_it_that_derives_from_something_else_is_none(
        self, project: Path, titan_lint: TitanLint, own: str, use: str, code: str
    ) -> None:
        (project / "use.py").write_text(use)
        base = own.partition("class Own(")[2].partition(")")[0].rpartition(" ")[2]
        (project / "own.py").write_text(own.replace(f"{base}):", "object):"))
        assert codes(titan_lint) == [code]

    def test_what_only_tests_derive_is_not_what_runs(
        self, project: Path, titan_lint: TitanLint, own: str, use: str, code: str
    ) -> None:
        (project / "use.py").write_text(use)
        (project / "tests").mkdir()
        (project / "tests" / "test_own.py").write_text(own)
        assert codes(titan_lint) == [code]


@pytest.mark.parametrize(
    "middle",
    [
        "from torchtitan.trainer import Trainer as _Base\n\n\nclass Middle(_Base):\n    pass\n",
        "import torchtitan.trainer as t\n\n\nclass Middle(t.Trainer):\n    pass\n",
        "from compat import Trainer\n\n\nclass Middle(Trainer):\n    pass\n",
        "from torchtitan.experiments.forge import ForgeEngine\nfrom torchtitan.trainer import Trainer\n\n\n"
        "class Middle(Other, Trainer):\n    pass\n",
    ],
)
def test_bases_are_followed_through_the_projects_classes(
    project: Path, titan_lint: TitanLint, middle: str
) -> None:
    (project / "compat.py").write_text("from torchtitan.trainer import Trainer\n")
    (project / "use.py").write_text(ASKED[0][1])
    (project / "middle.py").write_text(middle)
    (project / "own.py").write_text(
        "from middle import Middle\n\n\nclass Own(Middle):\n    maybe_enable_amp = None\n"
    )
    assert codes(titan_lint, "use.py") == []


def test_classes_that_derive_from_each_other_come_to_an_end(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "use.py").write_text(ASKED[0][1])
    (project / "a.py").write_text("class A(B):\n    maybe_enable_amp = None\n")
    (project / "b.py").write_text("class B(A):\n    pass\n")
    assert codes(titan_lint) == ["TTN203"]


def test_a_field_that_is_declared_with_a_derived_type_has_what_that_brings_and_no_more(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "use.py").write_text(ASKED[-2][1])
    typed = FIELD.replace(
        "@dataclass\nclass Settings:", "@dataclass\nclass Settings(ParallelismConfig):"
    )
    typed = f"from torchtitan.config import ParallelismConfig\n{typed}"
    (project / "own.py").write_text(typed)
    assert codes(titan_lint) == []
    (project / "own.py").write_text(typed.replace("expert_tensor_parallel_degree", "more"))
    assert codes(titan_lint) == ["TTN203"]


def test_what_is_made_on_the_spot_is_of_no_other_class(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "own.py").write_text(PARALLELISM)
    (project / "use.py").write_text(
        f"{CONFIG}def f():\n    return ParallelismConfig().expert_tensor_parallel_degree\n"
    )
    assert codes(titan_lint, "use.py") == ["TTN203"]


def test_super_asks_torchtitans_class_whatever_else_overrides_the_method(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "own.py").write_text(CLOSE)
    (project / "use.py").write_text(
        f"{TRAINER}class Mine(Trainer):\n    def close(self):\n        super().close(now=True)\n"
    )
    assert codes(titan_lint, "use.py") == ["TTN301"]


MINE = f"""\
{TRAINER}class Mine(Trainer):
    def stop(self):
        self.close(now=True)
        return self.maybe_enable_amp
"""


def test_what_another_class_beside_it_overrides_is_none_of_its_own(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "mine.py").write_text(MINE)
    (project / "own.py").write_text(MIXIN)
    assert codes(titan_lint) == ["TTN301", "TTN203"]


@pytest.mark.parametrize(
    "derived",
    [
        "class Other(Mine):\n    maybe_enable_amp = None\n    def close(self, now=True): ...\n",
        "class Amp:\n    maybe_enable_amp = None\n    def close(self, now=True): ...\n\n\n"
        "class Other(Amp, Mine): ...\n",
    ],
)
def test_what_derives_from_a_class_of_the_projects_may_bring_what_that_asks_for(
    project: Path, titan_lint: TitanLint, derived: str
) -> None:
    (project / "mine.py").write_text(MINE)
    assert codes(titan_lint) == ["TTN301", "TTN203"]
    (project / "mine.py").write_text(f"{MINE}\n\n{derived}")
    assert codes(titan_lint) == []
    (project / "mine.py").write_text(MINE)
    (project / "other.py").write_text(f"from mine import Mine\n\n\n{derived}")
    assert codes(titan_lint, "mine.py") == []


def test_the_meshes_of_what_is_made_on_the_spot_are_torchtitans(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "own.py").write_text(MESHES)
    (project / "use.py").write_text(
        "from torchtitan.distributed import ParallelDims\n\n"
        'dims = ParallelDims(1, -1, cp=1, tp=1, pp=1, ep=1, world_size=8)\ndims.get_mesh("etp")\n'
    )
    assert codes(titan_lint, "use.py") == ["TTN405"]


UNNAMED = {
    "a hook": "class Own(Trainer):\n    def __getattr__(self, name): return None\n",
    "a string": "class Own(Trainer):\n"
    "    def __post_init__(self): object.__setattr__(self, 'maybe_enable_amp', 1)\n",
    "a loop": "class Own(Trainer):\n"
    "    def __init__(self, **given):\n        for one in given: setattr(self, one, given[one])\n",
    "its dictionary": "class Own(Trainer):\n"
    "    def __init__(self, **given): self.__dict__.update(given)\n",
    "a metaclass": "from mine import Meta\nclass Own(Trainer, metaclass=Meta): ...\n",
    "a base of another package": "from elsewhere import Mixin\nclass Own(Mixin, Trainer): ...\n",
    "a base that nobody knows": "from .missing import mixins\n"
    "class Own(mixins['amp'], Trainer): ...\n",
    "a mixin's hook": "class Amp:\n    def __getattribute__(self, name): return None\n"
    "class Own(Amp, Trainer): ...\n",
    "a loop of its body": "class Own(Trainer):\n    for maybe_enable_amp in (1,): ...\n",
    "another name of self": "class Own(Trainer):\n"
    "    def __init__(this): this.maybe_enable_amp = 1\n",
}


@pytest.mark.parametrize("own", UNNAMED.values(), ids=UNNAMED)
def test_what_a_derived_class_may_have_without_naming_it_is_not_missing(
    project: Path, titan_lint: TitanLint, own: str
) -> None:
    use = f"{TRAINER}def f(trainer: Trainer):\n    return trainer.maybe_enable_amp\n"
    (project / "use.py").write_text(use)
    (project / "own.py").write_text(f"{TRAINER}{own}")
    assert codes(titan_lint) == []
    (project / "own.py").unlink()
    assert codes(titan_lint) == ["TTN203"]
    (project / "use.py").write_text(f"{TRAINER}{own}\n\n{use}")
    assert codes(titan_lint) == []


@pytest.mark.parametrize(
    "own",
    [
        "import abc\nclass Own(Trainer, abc.ABC): ...\n",
        "from abc import ABCMeta\nclass Own(Trainer, metaclass=ABCMeta): ...\n",
        "class Own(Trainer):\n    def told(self): return self.__dict__['step']\n",
        "class Own(Trainer):\n    def put(self, other, name): setattr(other, name, 1)\n",
        "class Own(Trainer):\n    def put(self): setattr(self, 'other', 1)\n",
        "def make(Trainer):\n    class Own(Trainer): ...\n    return Own\n",
    ],
)
def test_what_brings_nothing_leaves_a_member_missing(
    project: Path, titan_lint: TitanLint, own: str
) -> None:
    (project / "use.py").write_text(ASKED[0][1])
    (project / "own.py").write_text(f"{TRAINER}{own}")
    assert codes(titan_lint) == ["TTN203"]


READS = [
    ("activation_checkpoint", "config.activation_checkpoint.mode", "TTN203"),
    ("parallelism", "config.parallelism.expert_tensor_parallel_degree", "TTN203"),
    ("parallelism", "replace(config.parallelism, expert_tensor_parallel_degree=1)", "TTN301"),
    ("optimizer", "config.optimizer.build(now=True)", "TTN301"),
]
PUTS = {
    "an assignment": "config.{field} = {value}",
    "a name": "setattr(config, '{field}', {value})",
    "a copy": "config = replace(config, {field}={value})",
    "the call that makes it": "config = Trainer.Config(loss=None, {field}={value})",
}
HELD = {
    "activation_checkpoint": "FullAC.Config()",
    "parallelism": "ParallelismConfig()",
    "optimizer": "config.optimizer",
}


@pytest.mark.parametrize("put", PUTS.values(), ids=PUTS)
@pytest.mark.parametrize(("field", "read", "code"), READS)
def test_a_field_holds_what_the_file_puts_there_of_whatever_type_it_is_declared(
    project: Path, titan_lint: TitanLint, put: str, field: str, read: str, code: str
) -> None:
    head = (
        "from dataclasses import replace\nfrom torchtitan.config import ParallelismConfig\n"
        "from torchtitan.distributed.activation_checkpoint import FullAC\n"
        f"{TRAINER}def read(config: Trainer.Config):\n    return {read}\n\n\n"
    )
    head += "class Mine: ...\n\n\ndef set_up(config: Trainer.Config, mine):\n    "
    for value, said in (("mine", 0), ("Mine()", 0), (HELD[field], 1)):
        made = put.format(field=field, value=value)
        (project / "use.py").write_text(f"{head}{made}\n    return config\n")
        assert codes(titan_lint).count(code) == said


OUTSIDE = [
    "Own.maybe_enable_amp = None\n",
    "def make(config):\n    own = Own(config)\n    own.maybe_enable_amp = None\n    return own\n",
    "setattr(Own, 'maybe_enable_amp', None)\n",
]


@pytest.mark.parametrize("put", OUTSIDE)
def test_what_is_set_on_a_derived_class_from_outside_is_not_missing(
    project: Path, titan_lint: TitanLint, put: str
) -> None:
    use = f"{TRAINER}def f(trainer: Trainer):\n    return trainer.maybe_enable_amp\n"
    own = f"{TRAINER}class Own(Trainer): ...\n\n\n"
    (project / "use.py").write_text(use)
    (project / "own.py").write_text(own)
    assert codes(titan_lint) == ["TTN203"]
    (project / "set.py").write_text(f"from own import Own\n\n{put}")
    assert codes(titan_lint, "use.py") == []
    # What a test sets is not there where no test runs.
    (project / "set.py").rename(project / "test_set.py")
    assert codes(titan_lint, "use.py") == ["TTN203"]
    (project / "test_set.py").unlink()
    (project / "own.py").write_text(own + put)
    assert codes(titan_lint, "use.py") == []
    (project / "use.py").write_text(own + put + use)
    assert codes(titan_lint, "use.py") == []


def test_what_another_class_sets_on_itself_is_set_on_no_derived_one(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "use.py").write_text(ASKED[0][1])
    (project / "own.py").write_text(f"{TRAINER}class Own(Trainer): ...\n")
    (project / "other.py").write_text(
        "class Other:\n    def __init__(self):\n        self.maybe_enable_amp = None\n"
    )
    assert codes(titan_lint, "use.py") == ["TTN203"]


OTHERS = {
    "a class of torchtitan's": ("Validator.Config().build(parallelism=mine)", 1),
    "a class of torchtitan's itself": ("Validator(Validator.Config(), parallelism=mine)", 1),
    "a class of the file's": ("Mine(parallelism=mine)", 1),
    "a function": ("keep(parallelism=mine)", 1),
    "a class derived from that of the field": ("Derived(loss=None, parallelism=mine)", 0),
    "a class with a base that nobody knows": ("Guest(parallelism=mine)", 0),
    "a class that gives something else": ("Factory(parallelism=mine)", 0),
    "one of two classes": ("(Mine if now else Trainer.Config)(loss=None, parallelism=mine)", 0),
}


@pytest.mark.parametrize(("made", "said"), OTHERS.values(), ids=OTHERS)
def test_what_another_class_is_given_under_the_name_of_a_field_is_not_in_that_field(
    project: Path, titan_lint: TitanLint, made: str, said: int
) -> None:
    head = (
        "from torchtitan.components.validate import Validator\nfrom other import Unknown\n"
        f"{TRAINER}def read(config: Trainer.Config):\n"
        "    return config.parallelism.expert_tensor_parallel_degree\n\n\n"
        "class Mine:\n    def __init__(self, **given): ...\n\n\n"
        "class Factory:\n    def __new__(cls, **given):\n"
        "        return Trainer.Config(loss=None, **given)\n\n\n"
        "class Guest(Unknown): ...\n\n\nclass Derived(Trainer.Config): ...\n\n\n"
        "def keep(parallelism): ...\n\n\ndef set_up(mine, now):\n    return "
    )
    (project / "use.py").write_text(f"{head}{made}\n")
    assert codes(titan_lint).count("TTN203") == said


@pytest.mark.parametrize(
    ("made", "said"), [("Held(parallelism=mine)", 1), ("Settings(parallelism=mine)", 0)]
)
def test_what_another_class_is_given_is_not_in_the_field_of_a_class_of_the_files(
    project: Path, titan_lint: TitanLint, made: str, said: int
) -> None:
    text = (
        "from dataclasses import dataclass\nfrom torchtitan.config import ParallelismConfig\n\n\n"
        "@dataclass\nclass Held:\n    parallelism: object\n\n\n"
        "@dataclass\nclass Settings:\n    parallelism: ParallelismConfig\n\n"
        "    def degree(self):\n        return self.parallelism.expert_tensor_parallel_degree\n\n\n"
        f"def set_up(mine):\n    return {made}\n"
    )
    (project / "use.py").write_text(text)
    assert codes(titan_lint).count("TTN203") == said


PLUGIN = "from torchtitan.config import Profiling\n\n\n"
BRINGS = {
    "a class of the project's has it": (f"{PLUGIN}class Own(Profiling):\n    ranks: list\n", True),
    "none has it": (f"{PLUGIN}class Own(Profiling):\n    other: list\n", False),
    "a class with a base that nobody knows has it": (
        "from mine import Profiling\n\n\nclass Own(Profiling):\n    ranks: list\n",
        False,
    ),
    "a class that derives from another one has it": (
        "from torchtitan.config import Comm\n\n\nclass Own(Comm):\n    ranks: list\n",
        False,
    ),
}


@pytest.mark.parametrize(("own", "is_moved"), BRINGS.values(), ids=BRINGS)
@pytest.mark.parametrize(
    "use",
    [
        "def read(given: Profiling):\n    return given.ranks\n",
        "def read(given: Profiling):\n    given = given\n    return [given.ranks, given.save_traces_folder]\n",
    ],
)
def test_an_import_is_moved_where_what_is_read_of_the_class_was_always_that_of_a_derived_one(
    project: Path, titan_lint: TitanLint, own: str, is_moved: bool, use: str
) -> None:
    (project / "own.py").write_text(own)
    (project / "use.py").write_text(f"{PLUGIN}{use}")
    titan_lint("--isolated", "--torchtitan=0.3.0", "--fix", ".")
    assert ("torchtitan.tools.profiler" in (project / "use.py").read_text()) is is_moved


@pytest.mark.parametrize(
    ("read", "is_moved"), [("given.ranks", True), ("Profiling().ranks", False)]
)
def test_what_is_made_on_the_spot_has_no_more_at_the_new_place(
    project: Path, titan_lint: TitanLint, read: str, is_moved: bool
) -> None:
    (project / "own.py").write_text(f"{PLUGIN}class Own(Profiling):\n    ranks: list\n")
    (project / "use.py").write_text(f"{PLUGIN}def read(given: Profiling):\n    return {read}\n")
    titan_lint("--isolated", "--torchtitan=0.3.0", "--fix", ".")
    assert ("torchtitan.tools.profiler" in (project / "use.py").read_text()) is is_moved


def test_what_a_class_of_torchtitans_brings_at_the_target_keeps_no_import_where_it_was(
    project: Path, titan_lint: TitanLint
) -> None:
    text = "from torchtitan.trainer import Trainer\n\n\nclass Own(Trainer):\n"
    text += "    def __init__(self, config):\n        super().__init__(config)\n"
    text += "        self.validator.{}(config)\n"
    for member, is_moved in (("flux_init", True), ("never_had", False)):
        (project / "use.py").write_text(text.format(member))
        titan_lint("--isolated", "--torchtitan=0.2.2", "--fix", ".")
        assert ("torchtitan.train import" in (project / "use.py").read_text()) is is_moved
