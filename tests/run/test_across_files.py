"""What a project defines in one file is in its other files what it is in its own."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from titan_lint.run.projects import Projects

if TYPE_CHECKING:
    from tests.projects import TitanLint

AT = ("--select", "ALL", "--torchtitan", "0.3.0", "--no-cache", "--output-format", "json")

TRAINER = """\
from torchtitan.trainer import Trainer


class Mine(Trainer):
    steps: int = 0

    def own(self) -> int:
        return 1
"""
STEP = "forward_backward_step(1, labels=2, global_valid_tokens=3, nope=4)"

USES = {
    "a class's instance": (TRAINER, "Mine", f"def run(c):\n    Mine(c).{STEP}\n"),
    "an annotation": (TRAINER, "Mine", f"def run(mine: Mine):\n    mine.{STEP}\n"),
    "an optional annotation": (
        TRAINER,
        "Mine",
        f"def run(mine: Mine | None):\n    assert mine is not None\n    mine.{STEP}\n",
    ),
    "a member that is gone": (TRAINER, "Mine", "def run(c):\n    return Mine(c).job_config\n"),
    "a call of a base's method": (
        TRAINER,
        "Mine",
        f"class Sub(Mine):\n    def run(self):\n        self.{STEP}\n",
    ),
    "a call of super": (
        TRAINER,
        "Mine",
        "class Sub(Mine):\n    def run(self):\n        return super().job_config\n",
    ),
    "a class in a class": (
        TRAINER,
        "Mine",
        "Mine.Config(nope=1)\n",
    ),
    "a subclass of a subclass": (
        f"{TRAINER}\n\nclass Other(Mine):\n    pass\n",
        "Other",
        f"def run(c):\n    Other(c).{STEP}\n",
    ),
    "a class method": (
        TRAINER + "\n    @classmethod\n    def make(cls):\n        return cls(None)\n",
        "Mine",
        f"Mine.make().{STEP}\n",
    ),
    "a property": (
        "from torchtitan.trainer import Trainer\n\n\nclass Holder:\n"
        "    def __init__(self, c):\n        self._kept = Trainer(c)\n\n"
        "    @property\n    def trainer(self):\n        return self._kept\n",
        "Holder",
        f"def run(c):\n    Holder(c).trainer.{STEP}\n",
    ),
    "an attribute": (
        "from torchtitan.trainer import Trainer\n\n\nclass Holder:\n"
        "    def __init__(self, c):\n        self.trainer = Trainer(c)\n",
        "Holder",
        f"def run(c):\n    Holder(c).trainer.{STEP}\n",
    ),
    "a method's result": (
        "from torchtitan.trainer import Trainer\n\n\nclass Holder:\n"
        "    def made(self, c) -> Trainer:\n        return Trainer(c)\n",
        "Holder",
        f"def run(c):\n    Holder().made(c).{STEP}\n",
    ),
    "a class attribute": (
        "from torchtitan.models.llama3 import model_registry\n\n\n"
        "class Holder:\n    registry = staticmethod(model_registry)\n    config = model_registry\n",
        "Holder",
        'Holder.config("8B", nope=1)\n',
    ),
    "a function's result": (
        f"{TRAINER}\n\ndef made(c):\n    return Mine(c)\n",
        "made",
        f"made(None).{STEP}\n",
    ),
    "a declared result": (
        "from torchtitan.trainer import Trainer\n\n\ndef made(c) -> Trainer:\n    return load(c)\n",
        "made",
        f"made(None).{STEP}\n",
    ),
    "a value": (
        "from torchtitan.trainer import Trainer\n\ntrainer = Trainer(None)\n",
        "trainer",
        f"trainer.{STEP}\n",
    ),
    "a declared value": (
        "from torchtitan.trainer import Trainer\n\ntrainer: Trainer = load()\n",
        "trainer",
        f"trainer.{STEP}\n",
    ),
    "another name": (
        "from torchtitan.models.llama3 import model_registry\n\nmake = model_registry\n",
        "make",
        'make("8B", nope=1)\n',
    ),
    "a module": (
        "import torchtitan.models.llama3 as llama\n",
        "llama",
        'llama.model_registry("8B", nope=1)\n',
    ),
    "a partial": (
        "import functools\nfrom torchtitan.models.llama3 import model_registry\n\n"
        'make = functools.partial(model_registry, "8B", attn_backend="flex")\n',
        "make",
        "make(nope=1)\n",
    ),
    "a list": (
        f"{TRAINER}\n\ndef made(c) -> list[Mine]:\n    return []\n",
        "made",
        f"for one in made(None):\n    one.{STEP}\n",
    ),
    "a tuple": (
        f"{TRAINER}\n\ndef made(c):\n    return Mine(c), 1\n",
        "made",
        f"one, two = made(None)\none.{STEP}\n",
    ),
    "a context manager": (
        "import contextlib\n\nfrom torchtitan.trainer import Trainer\n\n\n"
        "@contextlib.contextmanager\ndef made(c):\n    yield Trainer(c)\n",
        "made",
        f"with made(None) as one:\n    one.{STEP}\n",
    ),
    "a dataclass": (
        "from dataclasses import dataclass, field\n\nfrom torchtitan.trainer import Trainer\n\n\n"
        "@dataclass(kw_only=True, slots=True)\nclass Config(Trainer.Config):\n"
        "    more: int = 0\n    many: list[int] = field(default_factory=list)\n",
        "Config",
        "Config(more=1, many=[], nope=1)\n",
    ),
    "a constructor that hands on": (
        "from torchtitan.distributed import ParallelDims\n\n\nclass Dims(ParallelDims):\n"
        "    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n",
        "Dims",
        "Dims(nope=1)\n",
    ),
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(titan_lint: TitanLint, path: str, use: str) -> list[tuple[int, str, str, list[str]]]:
    """What is found in a file from where it says ``use`` on: lines from there, codes and messages."""
    listed = json.loads(titan_lint(*AT, ".").out)["findings"]
    start = Path(path).read_text().index(use)
    before = Path(path).read_text()[:start].count("\n")
    return [
        (
            one["line"] - before,
            one["code"],
            one["message"],
            [note for note in one["notes"] if "another file" not in note],
        )
        for one in listed
        if one["path"] == path and one["line"] > before
    ]


WAYS = {
    "relative": ("from .defs import {name}\n", {}),
    "absolute": ("from pkg.defs import {name}\n", {}),
    "under another name": ("from .defs import {name} as it\n\n{name} = it\n", {}),
    "from its module": ("from . import defs\n\n{name} = defs.{name}\n", {}),
    "everything": ("from .defs import *\n", {}),
    "handed on": ("from pkg import {name}\n", {"__init__.py": "from .defs import {name}\n"}),
    "handed on with everything": (
        "from . import {name}\n",
        {"__init__.py": "from .more import *\n", "more.py": "from .defs import *\n"},
    ),
    "by two modules": (
        "from .more import other as {name}\n",
        {"more.py": "from .defs import {name}\n\nother = {name}\n"},
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", USES)
def test_what_is_defined_elsewhere_is_judged_as_if_it_were_defined_here(
    project: Path, titan_lint: TitanLint, form: str, way: str
) -> None:
    defs, name, use = USES[form]
    imported, others = WAYS[way]
    files = {file: text.format(name=name) for file, text in others.items()}
    use = f"\n\n{use}"
    write(project, {"one.py": defs + use})
    expected = found(titan_lint, "one.py", use)
    assert expected
    text = "# torchtitan\n" + imported.format(name=name) + use
    write(project, {"one.py": ""})
    write(project / "pkg", {"__init__.py": "", "defs.py": defs, "use.py": text, **files})
    assert found(titan_lint, "pkg/use.py", use) == expected


MAY_BE_ELSE = {
    "own decorator": TRAINER.replace("class Mine", "def mark(cls): ...\n\n\n@mark\nclass Mine"),
    "unknown base": TRAINER.replace("(Trainer)", "(Trainer, *bases)"),
    "another base": "from elsewhere import More\n"
    + TRAINER.replace("(Trainer)", "(More, Trainer)"),
    "metaclass": "class Meta(type): ...\n\n\n"
    + TRAINER.replace("(Trainer)", "(Trainer, metaclass=Meta)"),
    "method of its own": TRAINER + "\n    def forward_backward_step(self, *args, **kwargs): ...\n",
    "method of a base": TRAINER.replace(
        "class Mine(Trainer)",
        "class Base(Trainer):\n    def forward_backward_step(self, *args, **kwargs): ...\n\n\nclass Mine(Base)",
    ),
    "attribute": TRAINER + "\n    forward_backward_step = print\n",
    "attribute of instances": TRAINER
    + "\n    def __init__(self, c):\n        self.forward_backward_step = c\n",
    "hook": TRAINER + "\n    def __getattribute__(self, name): ...\n",
    "hook of making": TRAINER + "\n    def __new__(cls, c):\n        return c\n",
    "set afterwards": TRAINER + "\n\nMine.forward_backward_step = print\n",
    "set by name": TRAINER + '\n\nsetattr(Mine, "forward_backward_step", print)\n',
    "set by any name": TRAINER + "\n\nsetattr(Mine, load(), print)\n",
    "set in its dictionary": TRAINER + "\n\ndef put(cls=Mine):\n    vars(cls).update(load())\n",
    "bound twice": TRAINER + "\n\nMine = wrapped(Mine)\n",
    "bound in a block": "try:\n    "
    + TRAINER.replace("\n", "\n    ")
    + "\nexcept ImportError:\n    Mine = None\n",
    "one of two": TRAINER + "\n\nclass Other: ...\n\n\nif flag:\n    Mine = Other\n",
    "bound by a function": TRAINER + "\n\ndef put():\n    global Mine\n    Mine = None\n",
    "bound unseen": TRAINER + "\n\nglobals().update(load())\n",
    "deleted": TRAINER + "\n\ndel Mine\n",
    "a class alone": "class Mine:\n    # torchtitan\n    pass\n",
}

LAZY = {
    "one name": '    if name == "Mine":\n        from .defs import Mine\n\n        return Mine\n',
    "one of some names": '    if name in ("Other", "Mine"):\n        from .defs import Mine as it\n\n        return it\n',
    "after another": '    if name == "Other":\n        return load()\n    if name == "Mine":\n        from .defs import Mine\n\n        return Mine\n',
}
FORMS_OF_DOUBT = {
    "another name": '    if name == "Other":\n        from .defs import Mine\n\n        return Mine\n',
    "what is kept": "    if name in kept:\n        return kept[name]\n"
    '    if name == "Mine":\n        from .defs import Mine\n\n        return Mine\n',
    "set anew": '    name = load(name)\n    if name == "Mine":\n        from .defs import Mine\n\n        return Mine\n',
    "one of two": '    if name == "Mine":\n        from .defs import Mine\n\n        return Mine if kept else load()\n',
    "by a further test": '    if name == "Mine" and kept:\n        from .defs import Mine\n\n        return Mine\n',
}


@pytest.mark.parametrize("form", LAZY | FORMS_OF_DOUBT)
def test_what_a_module_gives_when_it_is_asked_for_is_followed_where_it_is_told_plainly(
    project: Path, titan_lint: TitanLint, form: str
) -> None:
    lazy = f"kept = {{}}\n\n\ndef __getattr__(name):\n{(LAZY | FORMS_OF_DOUBT)[form]}    raise AttributeError(name)\n"
    use = f"# torchtitan\nfrom pkg import Mine\n\n\ndef run(c):\n    Mine(c).{STEP}\n"
    write(project / "pkg", {"__init__.py": lazy, "defs.py": TRAINER, "use.py": use})
    assert judged(titan_lint, ".") is (form in LAZY)


BASE = """\
from torchtitan.models.llama3 import model_registry


class Base:
    backend = "sdpa"

    def spec(self):
        return model_registry("8B", attn_backend=self.backend)
"""
HIDING = {
    "a class of that name that derives from it": "from . import base\n\n\n"
    "class Base(base.Base):\n    pass\n\n\nclass Sub(Base):\n    backend = load()\n",
    "an attribute": "from .base import Base\n\n\nclass Sub(Base):\n    backend = load()\n",
    "a declared attribute": "from .base import Base\n\n\nclass Sub(Base):\n    backend: str = load()\n",
    "on itself": "from .base import Base\n\n\nclass Sub(Base):\n    def __init__(self):\n        self.backend = load()\n",
    "a property": "from .base import Base\n\n\nclass Sub(Base):\n    @property\n    def backend(self): ...\n",
    "by its module": "from . import base\n\n\nclass Sub(base.Base):\n    backend = load()\n",
    "beside another base": "from .base import Base\n\n\nclass Sub(More[int], Base):\n    backend = load()\n",
    "a subclass of it": "from .more import More\n\n\nclass Sub(\n    More,\n):\n    backend = load()\n",
}
OPEN = {
    "another class": "class Sub(Other):\n    backend = load()\n",
    "another attribute": "from .base import Base\n\n\nclass Sub(Base):\n    backends = load()\n",
    "none": "from .base import Base\n\n\nclass Sub(Base):\n    pass\n",
    "what it reads": "from .base import Base\n\n\nclass Sub(Base):\n    def run(self):\n        return self.backend\n",
    "no class": "from .base import Base\n\nbackend = load()\n",
    "a class of its own of that name": "class Base:\n    pass\n\n\nclass Sub(Base):\n    backend = load()\n",
}


@pytest.mark.parametrize("form", HIDING | OPEN)
def test_a_class_in_another_file_may_hide_what_its_base_chooses(
    project: Path, titan_lint: TitanLint, form: str
) -> None:
    more = "from .base import Base\n\n\nclass More(Base):\n    pass\n"
    write(project / "pkg", {"__init__.py": "", "base.py": BASE, "more.py": more})
    asked = ("--select", "TTN106", "--torchtitan", "0.3.0", "--output-format", "concise")
    assert "TTN106" in titan_lint(*asked, ".").out
    write(project / "pkg", {"sub.py": (HIDING | OPEN)[form]})
    for paths in ((".",), ("pkg/base.py",), (".",)):
        assert ("TTN106" in titan_lint(*asked, *paths).out) is (form in OPEN)


@pytest.mark.parametrize("is_made", [True, False])
def test_a_class_in_a_third_file_may_hide_what_an_imported_class_has(
    project: Path, titan_lint: TitanLint, is_made: bool
) -> None:
    mine = "Mine(1)" if is_made else "mine"
    use = f"# torchtitan\nfrom .defs import Mine\n\n\ndef run(mine: Mine):\n    {mine}.{STEP}\n"
    write(project / "pkg", {"__init__.py": "", "defs.py": TRAINER, "use.py": use})
    assert judged(titan_lint, ".")
    sub = "from .use import Mine\n\n\nclass Sub(Mine):\n    def forward_backward_step(self, *a, **k): ...\n"
    write(project / "pkg", {"sub.py": sub})
    assert judged(titan_lint, ".") is is_made


def judged(titan_lint: TitanLint, *arguments: str) -> bool:
    """Whether anything is said of ``nope``."""
    return "`nope`" in titan_lint(*AT, *arguments).out


@pytest.mark.parametrize("form", MAY_BE_ELSE)
def test_a_class_that_may_be_something_else_is_not_judged(
    project: Path, titan_lint: TitanLint, form: str
) -> None:
    use = f"# torchtitan\nfrom .defs import Mine\n\n\ndef run(c):\n    Mine(c).{STEP}\n"
    write(project / "pkg", {"__init__.py": "", "defs.py": TRAINER, "use.py": use})
    assert judged(titan_lint, ".")
    write(project / "pkg", {"defs.py": MAY_BE_ELSE[form]})
    assert not judged(titan_lint, ".")


@pytest.mark.parametrize(
    "other",
    [
        "from .defs import Mine\n\nMine.forward_backward_step = print\n",
        "from . import defs\n\ndefs.Mine.forward_backward_step = print\n",
        "from . import defs\n\ndefs.Mine = print\n",
        "from .defs import Mine as It\n\nIt.forward_backward_step = print\n",
        'from .defs import Mine\n\nsetattr(Mine, "forward_backward_step", print)\n',
        'import mock\n\nmock.patch("pkg.defs.Mine.forward_backward_step")\n',
        'def test(monkeypatch):\n    monkeypatch.setattr("pkg.defs.Mine", print)\n',
        'from .defs import Mine\n\n\ndef test(m):\n    m.setattr(Mine, "forward_backward_step", 1)\n',
    ],
)
def test_a_class_that_another_file_changes_is_not_judged(
    project: Path, titan_lint: TitanLint, other: str
) -> None:
    use = f"# torchtitan\nfrom .defs import Mine\n\n\ndef run(c):\n    Mine(c).{STEP}\n"
    write(project / "pkg", {"__init__.py": "", "defs.py": TRAINER, "use.py": use})
    assert judged(titan_lint, ".")
    write(project / "pkg", {"other.py": other})
    assert not judged(titan_lint, ".")
    assert not judged(titan_lint, "pkg/use.py")


DOUBTFUL = {
    "a function of two ways": "\n\ndef made(c):\n    if c:\n        return Mine(c)\n    return c\n",
    "a decorated function": "\n\ndef mark(f): ...\n\n\n@mark\ndef made(c):\n    return Mine(c)\n",
    "a function defined twice": "\n\ndef made(c):\n    return Mine(c)\n\n\ndef made(c): ...\n",
    "a function of one of two branches": "\n\nif flag:\n\n    def made(c):\n        return Mine(c)\n",
    "a coroutine": "\n\nasync def made(c):\n    return Mine(c)\n",
    "what it is handed": "\n\ndef made(c):\n    return c\n",
    "a list that may be filled": "\n\nkept = [Mine(1)]\n\n\ndef made(c):\n    kept.insert(0, c)\n    return kept[0]\n",
    "a value that is set anew": "\n\nkept = Mine(1)\n\n\ndef put(c):\n    global kept\n    kept = c\n\n\n"
    "def made(c):\n    return kept\n",
}


@pytest.mark.parametrize("form", DOUBTFUL)
def test_what_a_function_may_not_return_is_not_judged(
    project: Path, titan_lint: TitanLint, form: str
) -> None:
    use = f"# torchtitan\nfrom .defs import made\n\nmade(None).{STEP}\n"
    sure = f"{TRAINER}\n\ndef made(c):\n    return Mine(c)\n"
    write(project / "pkg", {"__init__.py": "", "defs.py": sure, "use.py": use})
    assert judged(titan_lint, ".")
    write(project / "pkg", {"defs.py": TRAINER + DOUBTFUL[form]})
    assert not judged(titan_lint, ".")


@pytest.mark.parametrize(
    ("defs", "name", "use"),
    [
        ('BACKEND = "sdpa"\n', "BACKEND", 'model_registry("8B", attn_backend=BACKEND)\n'),
        (
            'class Names:\n    backend = "sdpa"\n',
            "Names",
            'model_registry("8B", attn_backend=Names.backend)\n',
        ),
        (
            "try:\n    from torchtitan.trainer import Trainer\nexcept ImportError:\n    Trainer = None\n",
            "Trainer",
            f"Trainer(None).{STEP}\n",
        ),
        (f"{TRAINER}\n\nkept = [Mine(1)]\n", "kept", f"for one in kept:\n    one.{STEP}\n"),
        (f'{TRAINER}\n\nkept = {{"a": Mine(1)}}\n', "kept", f'kept["a"].{STEP}\n'),
    ],
    ids=["literal", "literal of a class", "in a try", "list", "dictionary"],
)
def test_these_things_of_other_files_are_still_unseen(
    project: Path, titan_lint: TitanLint, defs: str, name: str, use: str
) -> None:
    top = "from torchtitan.models.llama3 import model_registry\n"
    write(project / "pkg", {"__init__.py": "", "defs.py": top + defs + use})
    assert json.loads(titan_lint(*AT, ".").out)["findings"]
    write(project / "pkg", {"defs.py": "# torchtitan\n" + defs})
    write(project / "pkg", {"use.py": f"{top}from .defs import {name}\n\n{use}"})
    assert json.loads(titan_lint(*AT, ".").out)["findings"] == []


def test_what_is_known_of_another_file_is_remembered_until_that_changes(
    project: Path, titan_lint: TitanLint
) -> None:
    use = f"# torchtitan\nfrom .defs import Mine\n\n\ndef run(c):\n    Mine(c).{STEP}\n"
    write(project / "pkg", {"__init__.py": "", "defs.py": TRAINER, "use.py": use})
    asked = [word for word in AT if word != "--no-cache"]
    for defs, expected in ((TRAINER, True), ("class Mine: ...\n", False)) * 2:
        write(project / "pkg", {"defs.py": defs})
        for _ in range(2):
            assert ("pkg/use.py" in titan_lint(*asked, ".").out) is expected
            assert ("pkg/use.py" in titan_lint(*asked, "pkg/use.py").out) is expected


@pytest.mark.parametrize(
    ("patched", "is_judged"),
    [("torchtitan.trainer.Trainer", False), ("torchtitan.distributed.ParallelDims", True)],
)
@pytest.mark.parametrize(
    ("defs", "use"),
    [
        (TRAINER, f"def run(c):\n    defs.Mine(c).{STEP}\n"),
        (f"{TRAINER}\n\nmine = Mine(None)\n", f"defs.mine.{STEP}\n"),
        (
            "from torchtitan.trainer import Trainer\n\ntrainer = Trainer(None)\n",
            f"defs.trainer.{STEP}\n",
        ),
    ],
    ids=["class", "instance", "instance of torchtitan's"],
)
def test_what_is_made_of_something_that_a_patch_may_have_replaced_is_not_judged(
    project: Path, titan_lint: TitanLint, defs: str, use: str, patched: str, is_judged: bool
) -> None:
    under = (
        f"from unittest import mock\n\nwith mock.patch('{patched}'):\n    from . import defs\n\n\n"
    )
    write(project / "pkg", {"__init__.py": "", "defs.py": defs, "use.py": under + use})
    assert judged(titan_lint, ".") is is_judged


@pytest.mark.parametrize("is_reported", [True, False])
def test_other_files_are_looked_through_only_for_what_is_reported(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch, is_reported: bool
) -> None:
    asked: list[str] = []

    def may_replace(_: Projects, path: str, name: str) -> bool:
        asked.append(name)
        return False

    monkeypatch.setattr(Projects, "_may_replace", may_replace)
    step = STEP if is_reported else "train()"
    use = f"# torchtitan\nfrom .defs import Mine\n\n\ndef run(c):\n    Mine(c).{step}\n"
    write(project / "pkg", {"__init__.py": "", "defs.py": TRAINER, "use.py": use})
    assert judged(titan_lint, ".") is is_reported
    assert ("Mine" in asked) is is_reported


ORDERED = {
    "first.py": f"# torchtitan\nfrom pkg.defs import Mine\n\n\ndef run(c):\n    Mine(c).{STEP}\n",
    "second.py": "# torchtitan\nfrom pkg.defs import Mine, Other\n\n\nclass Sub(Mine):\n"
    f"    def run(self):\n        self.{STEP}\n        Other(1).{STEP}\n",
    "third.py": "from torchtitan.trainer import Trainer\nfrom pkg import Other\n\n\nclass Engine:\n"
    "    def make(self) -> Trainer:\n        return Trainer(1)\n\n"
    "    def run(self):\n        return self.make().model_args\n\n\n"
    "class Bare(Engine):\n    def make(self) -> Trainer:\n        return Other(1)\n",
    "fourth.py": "from pkg import defs\n\ndefs.Other.forward_backward_step = print\n",
}


def test_what_is_said_does_not_depend_on_the_order_of_files(
    project: Path, titan_lint: TitanLint
) -> None:
    other = "class Other(Mine):\n    def __init__(self, c):\n        self.model_args = c\n"
    files = {"__init__.py": "from .defs import *\n", "defs.py": f"{TRAINER}\n\n{other}"}
    write(project / "pkg", files)
    said: dict[tuple[str, ...], set[tuple[str, int, str, str]]] = {}
    for order in itertools.permutations(ORDERED):
        # A file whose name sorts later is checked later.
        names = {f"{place}.py": name for place, name in enumerate(order)}
        write(project, {place: ORDERED[name] for place, name in names.items()})
        listed = json.loads(titan_lint(*AT, "--jobs", "1", ".").out)["findings"]
        said[order] = {
            (names.get(one["path"], one["path"]), one["line"], one["code"], str(one["fix"]))
            for one in listed
        }
    first, *others = said.values()
    assert {(path, line) for path, line, _, _ in first} == {("first.py", 6), ("second.py", 7)}
    assert all(one == first for one in others)
