"""A backend that is read back from a config path that is gone (TTN102), and flavors with a backend in
their name (TTN105)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.meaning.generate.parts import HEADERS, Body, talk, written
from tests.meaning.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_ABOVE = """\
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer

from observe import show


class Cfg:
    def __init__(self, attn_type="varlen"):
        self.attn_type = attn_type


"""

_ENGINE = """\
class Engine:
    def __init__(self, cfg):
        self.cfg = cfg
        {above}
        spec = model_registry("debugmodel", attn_backend=self.cfg.attn_type)
        {below}
        self.trainer = Trainer(Trainer.Config(model_spec=spec))

    def masks(self):
        {mid}
        return self.trainer.model_config.layer.attention.attn_backend
"""


def _engine(use: str, above: str = "pass", below: str = "pass", mid: str = "pass") -> str:
    return _ENGINE.format(above=above, below=below, mid=mid) + "\n\n" + use


# The code below the class ``Cfg``.
READS: dict[str, tuple[str, ...]] = {
    "plain": (
        _engine('show("masks", Engine(Cfg()).masks())\n'),
        _engine('engine = Engine(Cfg("flex"))\nprint("built")\nshow("masks", engine.masks())\n'),
        _engine(
            'show("masks", Engine(Cfg()).masks())\n', above='print("engine")', mid='print("masks")'
        ),
        """\
def build(cfg):
    spec = model_registry("debugmodel", attn_backend=cfg.attn_type)
    show("masks", spec.model.layer.attention.attn_backend)
    return spec


show(build(Cfg()))
""",
    ),
    "choice changed outside": (
        _engine(
            'engine = Engine(Cfg())\nengine.cfg.attn_type = "flex"\nshow("masks", engine.masks())\n'
        ),
        _engine(
            'cfg = Cfg()\nengine = Engine(cfg)\ncfg.attn_type = "flex"\nshow("masks", engine.masks())\n'
        ),
        _engine(
            'engine = Engine(Cfg())\nengine.cfg = Cfg("flex")\nshow("masks", engine.masks())\n'
        ),
    ),
    "choice changed after the call": (
        _engine('show("masks", Engine(Cfg()).masks())\n', below='self.cfg.attn_type = "flex"'),
        _engine('show("masks", Engine(Cfg()).masks())\n', below='self.cfg = Cfg("flex")'),
        _engine(
            'show("masks", Engine(Cfg()).masks())\n', below='setattr(cfg, "attn_type", "flex")'
        ),
    ),
    "choice changed before the read": (
        _engine('show("masks", Engine(Cfg()).masks())\n', mid='self.cfg.attn_type = "flex"'),
        _engine(
            'show("masks", Engine(Cfg()).masks())\n', mid='vars(self.cfg)["attn_type"] = "flex"'
        ),
    ),
    "choice changed by a method": (
        _engine(
            'engine = Engine(Cfg())\nengine.settle()\nshow("masks", engine.masks())\n',
        ).replace(
            "    def masks(self):",
            '    def settle(self):\n        self.cfg.attn_type = "flex"\n\n    def masks(self):',
        ),
        _engine('show("masks", Engine(Cfg()).masks())\n', mid="self.settle()").replace(
            "    def masks(self):",
            '    def settle(self):\n        self.cfg.attn_type = "flex"\n\n    def masks(self):',
        ),
    ),
    "choice changed by a subclass": (
        _engine('show("masks", Packed(Cfg()).masks())\n').replace(
            "\n\nshow(",
            '\n\nclass Packed(Engine):\n    def __init__(self, cfg):\n        super().__init__(cfg)\n        self.cfg = Cfg("flex")\n\n\nshow(',
        ),
    ),
    "property": (
        _engine('show("masks", Engine(Cfg()).masks())\n')
        .replace(
            "class Engine:",
            'class Counted:\n    @property\n    def attn_type(self):\n        print("asked")\n        return "varlen"\n\n\nclass Engine:',
        )
        .replace("Engine(Cfg())", "Engine(Counted())"),
    ),
    "trainer of somebody else": (
        _engine(
            'other = Engine(Cfg("flex"))\nengine = Engine(Cfg())\nshow("masks", engine.masks(other.trainer))\n'
        )
        .replace("def masks(self):", "def masks(self, trainer: Trainer):")
        .replace("return self.trainer.", "return trainer."),
        _engine(
            'engine = Engine(Cfg())\nengine.trainer = Engine(Cfg("flex")).trainer\nshow("masks", engine.masks())\n'
        ),
        """\
class Engine:
    def __init__(self, cfg):
        self.cfg = cfg
        self.spec = model_registry("debugmodel", attn_backend=self.cfg.attn_type)

    def masks(self, trainer: Trainer):
        return trainer.model_config.layer.attention.attn_backend


other = Trainer(Trainer.Config(model_spec=model_registry("8B", attn_backend="flex")))
show("masks", Engine(Cfg()).masks(other))
""",
    ),
    "two models": (
        """\
class Engine:
    def __init__(self, cfg):
        self.cfg = cfg
        self.actor = model_registry("debugmodel", attn_backend=self.cfg.attn_type)
        self.critic = model_registry("8B", attn_backend="flex")
        self.trainer = Trainer(Trainer.Config(model_spec=self.critic))

    def masks(self):
        return self.trainer.model_config.layer.attention.attn_backend


show("masks", Engine(Cfg()).masks())
""",
        """\
def build(cfg):
    actor = model_registry("debugmodel", attn_backend=cfg.attn_type)
    critic = model_registry("8B")
    show("masks", critic.model.layer.attention.attn_backend)
    return actor


show(build(Cfg()))
""",
    ),
    "optional config": (
        """\
class Engine:
    def __init__(self, cfg=None):
        self.cfg = cfg
        if cfg is None:
            spec = model_registry("debugmodel", attn_backend="varlen")
        else:
            spec = model_registry("debugmodel", attn_backend=self.cfg.attn_type)
        self.trainer = Trainer(Trainer.Config(model_spec=spec))

    def masks(self):
        return self.trainer.model_config.layer.attention.attn_backend


show("masks", Engine().masks())
""",
    ),
    "guarded read": (
        """\
def build(cfg):
    spec = model_registry("debugmodel", attn_backend=cfg.attn_type)
    if hasattr(spec.model, "layer"):
        print("old", spec.model.layer.attention.attn_backend)
    else:
        print("new")
    return spec


show(build(Cfg()))
""",
    ),
}


def read(kind: str, texts: tuple[str, ...], random: Random) -> Program:
    """A backend is passed to the registry, and read back from the config."""
    header = random.choice(HEADERS)
    return Program(kind, header + _ABOVE + random.choice(texts))


FLAVORS: dict[str, tuple[str, ...]] = {
    "plain": (
        'spec = model_registry("FLAVOR")',
        'spec = model_registry(flavor="FLAVOR")',
        'print("one")\nspec = model_registry(\n    "FLAVOR",\n)',
        'spec = model_registry("FLAVOR")  # the small one',
    ),
    "constant": (
        'name = "FLAVOR"\nspec = model_registry(name)\nprint(name)',
        'name = "FLAVOR"\nspec = model_registry(name)\nprint(name == "FLAVOR")',
    ),
    "flavor compared": (
        'spec = model_registry("FLAVOR")\nprint(spec.flavor == "FLAVOR")',
        'spec = model_registry("FLAVOR")\nprint("varlen" in spec.flavor)',
        'spec = model_registry("FLAVOR")\nprint({"FLAVOR": 1}.get(spec.flavor))',
    ),
    "override above": (
        'spec = model_registry("FLAVOR")\nif hasattr(spec.model, "layer"):\n    spec.model.layer.attention.attn_backend = "flex"',
    ),
    "keywords": (
        'given = {"attn_backend": "flex"}\nspec = model_registry("FLAVOR", **given)',
        'given = {}\nspec = model_registry("FLAVOR", **given)',
    ),
    "conditional": (
        'spec = model_registry("FLAVOR" if len("abc") == 3 else "1B")',
        'spec = model_registry("1B" if len("abc") == 3 else "FLAVOR")',
    ),
}


def flavor(kind: str, texts: tuple[str, ...], random: Random) -> Program:
    """A flavor with the backend in its name."""
    name = random.choice(("8B_varlen", "8B_flex", "debugmodel_flex_attn", "debugmodel_varlen_attn"))
    lines = random.choice(texts).replace("FLAVOR", name).split("\n")
    body = Body([*talk(random), *lines, *talk(random)], "spec")
    imports = ["from torchtitan.models.llama3 import model_registry"]
    return Program(kind, written(body, random, imports))


KINDS: dict[str, Callable[[Random], Program]] = {}
for _name, _texts in READS.items():
    KINDS[f"read/{_name}"] = partial(read, f"read/{_name}", _texts)
for _name, _texts in FLAVORS.items():
    KINDS[f"legacy flavor/{_name}"] = partial(flavor, f"legacy flavor/{_name}", _texts)
