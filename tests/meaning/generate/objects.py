"""Overrides that are meant for another object, do more than override, or set what is no backend."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.meaning.generate.attention import CFG, Choice, overridden, registry_call
from tests.meaning.generate.parts import Body, talk, written
from tests.meaning.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


@dataclass(frozen=True)
class Meant:
    """Statements with an override in them.

    Attributes:
        lines: The statements; ``CALL`` is a call of the registry, ``OTHER`` one with another flavor.
        result: What they come to.
    """

    lines: str
    result: str = "spec"
    params: str = "cfg"
    args: str = 'Cfg("varlen")'
    module: str = CFG
    function: bool = True


_SET = "{0}.model.layer.attention.attn_backend = cfg.attn_type"
_IF = 'if hasattr({0}.model, "layer"):\n    ' + _SET

OTHERS: dict[str, Meant] = {
    "critic beside the actor": Meant(
        "actor = CALL\ncritic = OTHER\n" + _IF.format("actor"), "[actor, critic]"
    ),
    "critic above the actor": Meant(
        "critic = OTHER\nactor = CALL\n" + _IF.format("actor"), "[actor, critic]"
    ),
    "first of a list": Meant(
        "specs = [CALL, OTHER]\nspec = specs[0]\n" + _IF.format("spec"), "specs"
    ),
    "one of a dictionary": Meant(
        'specs = {"actor": CALL, "critic": OTHER}\n' + _IF.format('specs["actor"]'), "specs"
    ),
    "deep copy": Meant(
        "base = CALL\nspec = copy.deepcopy(base)\n" + _IF.format("spec"), "[base, spec]"
    ),
    "original of a copy": Meant(
        "base = CALL\nspec = copy.deepcopy(base)\n" + _IF.format("base"), "[base, spec]"
    ),
    "one branch": Meant(
        "if cfg.attn_type == 'flex':\n    spec = CALL\n    "
        + _IF.format("spec").replace("\n", "\n    ")
        + "\nelse:\n    spec = OTHER",
    ),
    "rare branch": Meant(
        "spec = CALL\nif cfg.attn_type == 'varlen' and len('abc') == 2:\n    "
        + _IF.format("spec").replace("\n", "\n    ")
    ),
    "name rebound": Meant(
        "spec = CALL\nbase = spec\nspec = OTHER\n" + _IF.format("spec"), "[base, spec]"
    ),
    "some of a loop": Meant(
        "specs = []\nfor number in range(2):\n    spec = CALL\n    if number:\n        "
        + _IF.format("spec").replace("\n", "\n        ")
        + "\n    specs.append(spec)",
        "specs",
    ),
    "last of a loop": Meant(
        "specs = []\nfor number in range(2):\n    spec = CALL\n    specs.append(spec)\n"
        + _IF.format("spec"),
        "specs",
    ),
    "attribute of another object": Meant(
        "own = type('Own', (), {})()\nown.spec = OTHER\nspec = CALL\n" + _IF.format("own.spec"),
        "[own.spec, spec]",
    ),
    "shown in between": Meant(
        "spec = CALL\nkept = copy.deepcopy(spec)\n" + _IF.format("spec"), "[kept, spec]"
    ),
    "after an early return": Meant(
        "spec = CALL\nif cfg.attn_type == 'varlen':\n    return spec\n" + _IF.format("spec")
    ),
}

HOOKS: dict[str, str] = {
    "hook of a subclass": """
class Base:
    def __init__(self, attn_type):
        self.attn_type = attn_type
        self.spec = {call}
        self.configure()

    def configure(self):
        pass


class Custom(Base):
    def configure(self):
        if hasattr(self.spec.model, "layer"):
            self.spec.model.layer.attention.attn_backend = self.attn_type


show({shown}("varlen").spec)
""",
    "method that is not called": """
class Engine:
    def __init__(self, attn_type):
        self.attn_type = attn_type
        self.spec = {call}

    def configure(self):
        if hasattr(self.spec.model, "layer"):
            self.spec.model.layer.attention.attn_backend = self.attn_type


show(Engine("varlen").spec)
""",
    "choice normalised by super": """
class Base:
    def __init__(self, cfg):
        self.cfg = {{"attn_type": "varlen"}}


class Engine(Base):
    def __init__(self, cfg):
        self.cfg = cfg
        self.spec = {call}
        super().__init__(cfg)
        if hasattr(self.spec.model, "layer"):
            self.spec.model.layer.attention.attn_backend = self.cfg["attn_type"]


show(Engine({{"attn_type": "flex"}}).spec)
""",
    "choice set by a hook": """
class Base:
    def __init__(self, attn_type):
        self.attn_type = attn_type
        spec = {call}
        self.prepare()
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = self.attn_type
        self.spec = spec

    def prepare(self):
        pass


class Packed(Base):
    def prepare(self):
        self.attn_type = "varlen"


show({other}("flex").spec)
""",
    "choice set by the base method": """
class Base:
    def prepare(self):
        self.attn_type = "varlen"


class Engine(Base):
    def build(self):
        self.attn_type = "flex"
        spec = {call}
        super().prepare()
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = self.attn_type
        return spec


show(Engine().build())
""",
    "attribute that defaults to None": """
class Engine:
    def __init__(self, attn_type=None):
        self.attn_type = attn_type

    def build(self):
        spec = {call}
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = self.attn_type
        return spec


show(Engine().build())
""",
    "attribute of the class that is None": """
class Engine:
    attn_type = None

    def build(self):
        spec = {call}
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = self.attn_type
        return spec


show(Engine().build())
""",
}

# What else a block with an override does; SET is the override, DO one more statement.
BLOCKS: dict[str, tuple[str, ...]] = {
    "statement": (
        'if hasattr(spec.model, "layer"):\n    DO\n    SET',
        'if hasattr(spec.model, "layer"):\n    SET\n    DO',
        "try:\n    SET\n    DO\nexcept AttributeError:\n    pass",
        "with contextlib.suppress(AttributeError):\n    SET\n    DO",
    ),
    "else": (
        'if hasattr(spec.model, "layer"):\n    SET\nelse:\n    DO',
        "try:\n    SET\nexcept AttributeError:\n    pass\nelse:\n    DO",
    ),
    "finally": ("try:\n    SET\nexcept AttributeError:\n    pass\nfinally:\n    DO",),
    "test": (
        'if hasattr(spec.model, "layer") and touch(cfg):\n    SET',
        'if touch(cfg) and hasattr(spec.model, "layer"):\n    SET',
    ),
    "handler of a missing key": (
        "choice = {}\ntry:\n    spec.model.layer.attention.attn_backend = choice['attn_type']\n"
        "except KeyError:\n    DO\nexcept AttributeError:\n    pass",
        "choice = {}\ntry:\n    spec.model.layer.attention.attn_backend = choice['attn_type']\n"
        "except (KeyError, AttributeError):\n    print('no choice')",
        "choice = {}\nif hasattr(spec.model, 'layer'):\n    try:\n"
        "        spec.model.layer.attention.attn_backend = choice['attn_type']\n"
        "    except KeyError:\n        DO",
    ),
    "live handler": (
        "try:\n    SET\nexcept AttributeError:\n    use(spec.model.layers, cfg.attn_type)",
    ),
}
_DO = (
    *("touch(cfg)", "cfg.packed = True", "cfg.seen.append(1)", "print('set')", "cfg.count += 1"),
    *(
        "cfg.seen.append('set')",
        "cfg.__dict__.update(packed=True)",
        "touch(cfg) and print('touched')",
    ),
)
_BLOCK_MODULE = """
class Cfg:
    def __init__(self, attn_type="flex"):
        self.attn_type = attn_type
        self.packed = False
        self.count = 0
        self.seen = []


def touch(cfg):
    cfg.count += 1
    return True


def use(layers, kind):
    from torchtitan.models.common import attention

    for layer in layers:
        layer.attention.inner_attention = getattr(attention, f"{kind.capitalize()}Attention").Config()
"""

# Values that the registry rejects, and an override takes.
UNFIT: dict[str, Choice] = {
    "parameter that defaults to None": Choice("attn_type", "attn_type=None", "", ""),
    "parameter that defaults to sdpa": Choice("attn_type", 'attn_type="sdpa"', "", ""),
    "parameter of keywords that defaults to None": Choice("attn_type", "*, attn_type=None", "", ""),
    "key that may be missing": Choice('cfg.get("attn_type")', args="{}", module=""),
    "attribute that may be missing": Choice(
        'getattr(cfg, "attn_type", None)', args="Plain()", module="class Plain:\n    pass\n"
    ),
    "environment": Choice('os.environ.get("ATTN_TYPE_OF_NOBODY")', "", "", "import os"),
    "sdpa": Choice(
        args='Cfg("sdpa")',
        module='class Cfg:\n    def __init__(self, attn_type="sdpa"):\n        self.attn_type = attn_type\n',
    ),
    "auto": Choice(
        module='class Cfg:\n    attn_type = "auto"\n\n    def __init__(self, attn_type):\n        pass\n'
    ),
}


def meant(kind: str, what: Meant, random: Random) -> Program:
    """Statements in which an override belongs to one of several objects."""
    imports, call = registry_call(random, '"debugmodel"')
    other = call.replace(
        '"debugmodel"',
        {"qwen3": '"0.6B"', "deepseek_v3": '"16B"'}.get(
            next((m for m in ("qwen3", "deepseek_v3") if m in imports[0]), ""), '"8B"'
        ),
    )
    lines = what.lines.replace("CALL", call).replace("OTHER", other)
    body = Body(
        [*talk(random), *lines.split("\n"), *talk(random)],
        what.result,
        what.params,
        what.args,
        what.module,
        function=what.function,
    )
    return Program(kind, written(body, random, imports))


def hooked(kind: str, text: str, random: Random) -> Program:
    """Classes in which one method builds and another one overrides."""
    imports, call = registry_call(random, '"debugmodel"')
    above = "\n".join([*imports, "from observe import show"])
    shown, other = (
        random.choice(("Base", "Base", "Custom")),
        random.choice(("Packed", "Packed", "Base")),
    )
    return Program(kind, f"{above}\n\n{text.format(call=call, shown=shown, other=other)}")


def block(kind: str, forms: tuple[str, ...], random: Random) -> Program:
    """An override in a block that does more."""
    imports, call = registry_call(random, '"debugmodel"')
    override = "spec.model.layer.attention.attn_backend = cfg.attn_type"
    lines = random.choice(forms).replace("SET", override).replace("DO", random.choice(_DO))
    body = Body(
        [*talk(random), f"spec = {call}", *talk(random), *lines.split("\n"), *talk(random)],
        "[spec, spec.flavor, cfg.packed, cfg.count, cfg.seen]",
        "cfg",
        'Cfg("varlen")',
        _BLOCK_MODULE,
        function=True,
    )
    may_go = frozenset({"# nothing to see here"})
    return Program(kind, written(body, random, imports), may_go)


KINDS: dict[str, Callable[[Random], Program]] = {}
for _name, _meant in OTHERS.items():
    KINDS[f"object/{_name}"] = partial(meant, f"object/{_name}", _meant)
for _name, _text in HOOKS.items():
    KINDS[f"object/{_name}"] = partial(hooked, f"object/{_name}", _text)
for _name, _forms in BLOCKS.items():
    KINDS[f"block/{_name}"] = partial(block, f"block/{_name}", _forms)
for _name, _choice in UNFIT.items():
    KINDS[f"unfit/{_name}"] = partial(overridden, f"unfit/{_name}", _choice)
