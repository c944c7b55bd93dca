"""A backend that is chosen for the masks, while the model is built without it (TTN101 by itself)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from tests.meaning.generate.attention import CFG, registry_call
from tests.meaning.generate.parts import Body, talk, written
from tests.meaning.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

PLAIN_CFG = """
class Plain:
    packed = False
"""


@dataclass(frozen=True)
class Masks:
    """Statements that use the choice, and the call in which they do not.

    Attributes:
        lines: The statements; ``READ`` stands for the choice.
        read: The choice.
        params: Parameters of the function.
        args: Arguments with which there may be no choice.
        module: Code of the module.
        function: Whether the statements have to stand in a function.
    """

    lines: tuple[str, ...]
    read: str = "cfg.attn_type"
    params: str = "cfg"
    args: str = "Plain()"
    module: str = PLAIN_CFG
    function: bool = False
    below: bool = False


_USE = 'show("masks", READ)'

PLAIN: tuple[Masks, ...] = (
    Masks((_USE,), args='Cfg("varlen")', module=CFG),
    Masks((_USE,), args='Cfg("flex")', module=CFG),
    Masks((_USE,), "attn_type", "attn_type", '"varlen"', ""),
    Masks((_USE,), 'cfg["attn_type"]', args='{"attn_type": "varlen"}', module=""),
    Masks(("kind = READ", 'show("masks", kind)'), args='Cfg("varlen")', module=CFG),
)

_NONE = {"args": "None", "module": ""}
_KEY = {"read": 'cfg["attn_type"]', "args": "{}", "module": ""}

# Ways in which the choice is used, but not always.
GUARDED: dict[str, Masks] = {
    "if not None": Masks((f"if cfg is not None:\n    {_USE}",), **_NONE),
    "if true": Masks((f"if cfg:\n    {_USE}",), **_NONE),
    "conditional expression": Masks(
        ('kind = READ if cfg is not None else "flex"', "print(kind)"), **_NONE
    ),
    "conditional argument": Masks(('show("masks", READ if cfg else None)',), **_NONE),
    "and": Masks(('print(cfg and READ or "flex")',), **_NONE),
    "early return of None": Masks(
        ("if cfg is None:\n    return spec", _USE), **_NONE, function=True, below=True
    ),
    "optional default": Masks(
        (f"if cfg is not None:\n    {_USE}",), params="cfg=None", args="", module=""
    ),
    "in": Masks((f'if "attn_type" in cfg:\n    {_USE}',), **_KEY),
    "compared if in": Masks(("if 'attn_type' in cfg:\n    print(READ == 'varlen')",), **_KEY),
    "compared if not None": Masks(("print(cfg is not None and READ == 'varlen')",), **_NONE),
    "in conditional": Masks(('print(READ if "attn_type" in cfg else "flex")',), **_KEY),
    "key error": Masks((f"try:\n    {_USE}\nexcept KeyError:\n    print('none')",), **_KEY),
    "lookup error": Masks((f"try:\n    {_USE}\nexcept LookupError:\n    print('none')",), **_KEY),
    "early return": Masks(
        ("if not train:\n    return spec", _USE),
        'cfg["attn_type"]',
        "cfg, train=False",
        "{}",
        "",
        function=True,
        below=True,
    ),
    "early raise": Masks(
        (
            "try:\n    if not cfg:\n        raise ValueError\n"
            f"    {_USE}\nexcept ValueError:\n    print('none')",
        ),
        **_KEY,
    ),
    "attribute error": Masks((f"try:\n    {_USE}\nexcept AttributeError:\n    print('none')",)),
    "any error": Masks((f"try:\n    {_USE}\nexcept Exception:\n    print('none')",)),
    "suppress": Masks((f"with contextlib.suppress(AttributeError):\n    {_USE}",)),
    "hasattr": Masks((f'if hasattr(cfg, "attn_type"):\n    {_USE}',)),
    "flag": Masks((f"if cfg.packed:\n    {_USE}",)),
    "flag in a match": Masks((f"match cfg.packed:\n    case True:\n        {_USE}",)),
    "isinstance": Masks((f"if not isinstance(cfg, Plain):\n    {_USE}",)),
    "loop that may not run": Masks((f"for batch in ():\n    {_USE}",)),
    "while that may not run": Masks((f"while cfg.packed:\n    {_USE}",)),
    "comprehension": Masks(("print([READ for batch in ()])",)),
    "generator": Masks(("lazy = (READ for batch in (1,))", "print('lazy')")),
    "lambda": Masks(("later = lambda: READ", "print('lazy')")),
    "nested function": Masks((f"def later():\n    {_USE}\n",), function=True),
    "handler": Masks((f"try:\n    print('try')\nexcept ValueError:\n    {_USE}",)),
    "else of a loop": Masks((f"for batch in (1,):\n    break\nelse:\n    {_USE}",)),
    "else of a branch": Masks((f"if not cfg.packed:\n    print('plain')\nelse:\n    {_USE}",)),
    "second operand": Masks(("print(cfg.packed and READ)",)),
    "chained comparison": Masks(("print(1 > 2 > READ)",)),
    "assert message": Masks(("assert cfg is not None, READ",)),
}

# Values that the target does not take as a backend.
VALUES: dict[str, Masks] = {
    "enum": Masks(
        (_USE,),
        args="Config()",
        module="import enum\n\n\nclass Attn(enum.Enum):\n    FLEX = 'flex'\n\n\nclass Config:\n    attn_type = Attn.FLEX\n",
    ),
    "list": Masks(
        ("for kind in READ:\n    print(kind)",),
        args="Config()",
        module="class Config:\n    attn_type = ['flex', 'varlen']\n",
    ),
    "number": Masks((_USE,), args="Config()", module="class Config:\n    attn_type = 1\n"),
    "flag": Masks((_USE,), args="Config()", module="class Config:\n    attn_type = True\n"),
    "nothing": Masks((_USE,), args="Config()", module="class Config:\n    attn_type = None\n"),
    "nothing by default": Masks((_USE,), "attn_type", "attn_type=None", "", ""),
    "sdpa": Masks((_USE,), args="Config()", module='class Config:\n    attn_type = "sdpa"\n'),
    "sdpa by default": Masks((_USE,), "attn_type", 'attn_type="sdpa"', "", ""),
    "auto": Masks((_USE,), args="Config()", module='class Config:\n    attn_type = "auto"\n'),
    "eager": Masks((_USE,), args="Config()", module='class Config:\n    attn_type = "eager"\n'),
    "another server's": Masks(
        (_USE,),
        "cfg.attn_backend",
        args="ServerArgs()",
        module='class ServerArgs:\n    attn_backend = "FLASHINFER"\n',
    ),
    "class": Masks(
        (_USE,),
        args="Config()",
        module="class Flex:\n    pass\n\n\nclass Config:\n    attn_type = Flex\n",
    ),
    "function": Masks(
        ("print(READ())",),
        args="Config()",
        module='class Config:\n    def attn_type(self):\n        return "flex"\n',
    ),
    "vision tower": Masks(
        (_USE,),
        "cfg.vision.attn_type",
        args="Config()",
        module='class Vision:\n    attn_type = "eager"\n\n\nclass Config:\n    vision = Vision()\n',
    ),
    "compared with others": Masks(
        ('if READ == "flash_attention_2":\n    print("flash")',),
        args="Config()",
        module='class Config:\n    attn_type = "flash_attention_2"\n',
    ),
}


def masked(kind: str, masks: Masks, random: Random) -> Program:
    """A model is built, and a choice is used for the masks, above or below."""
    imports, call = registry_call(random, '"debugmodel"')
    lines = [line.replace("READ", masks.read) for line in masks.lines]
    built = [f"spec = {call}"]
    parts = [built, lines] if masks.below or random.random() < 0.7 else [lines, built]
    body = Body(
        [*talk(random), *parts[0], *talk(random), *parts[1]],
        "spec",
        masks.params,
        masks.args,
        masks.module,
        function=masks.function,
    )
    return Program(kind, written(body, random, imports), follows=(0,))


METHODS: dict[str, str] = {
    "another method": """
class Engine:
    def __init__(self, cfg):
        self.cfg = cfg

    def build(self):
        return {call}

    def masks(self):
        return self.cfg.attn_type


show(Engine(None).build())
""",
    "attribute of one subclass": """
class Base:
    def build(self):
        return {call}


class Actor(Base):
    attn_type = "varlen"

    def masks(self):
        return self.attn_type


class Critic(Base):
    pass


show(Critic().build())
""",
    "attribute that is set later": """
class Engine:
    def build(self):
        return {call}

    def start(self, attn_type):
        self.attn_type = attn_type

    def masks(self):
        return self.attn_type


engine = Engine()
show(engine.build())
engine.start("varlen")
print(engine.masks())
""",
    "overridden method": """
class Engine:
    attn_type = "varlen"

    def build(self):
        return {call}

    def masks(self):
        return self.attn_type


class Plain(Engine):
    attn_type = "eager"

    def masks(self):
        return None


show(Plain().build())
""",
    "attribute deleted by a subclass": """
class Engine:
    def __init__(self):
        self.attn_type = "varlen"

    def build(self):
        return {call}

    def masks(self):
        return self.attn_type


class Plain(Engine):
    def __init__(self):
        pass


show(Plain().build())
""",
    "mixin": """
class Builds:
    def build(self):
        return {call}


class Masks:
    def masks(self):
        return self.cfg.attn_type


class Engine(Builds, Masks):
    pass


show(Engine().build())
""",
}


def in_methods(kind: str, text: str, random: Random) -> Program:
    """A class builds in one method and makes masks in another."""
    imports, call = registry_call(random, '"debugmodel"')
    above = "\n".join([*imports, "from observe import show"])
    return Program(kind, f"{above}\n\n{text.format(call=call)}", follows=(0,))


def _plain(random: Random) -> Program:
    return masked("masks/plain", random.choice(PLAIN), random)


KINDS: dict[str, Callable[[Random], Program]] = {"masks/plain": _plain}
for _name, _masks in GUARDED.items():
    KINDS[f"masks/{_name}"] = partial(masked, f"masks/{_name}", _masks)
for _name, _masks in VALUES.items():
    KINDS[f"masks/value: {_name}"] = partial(masked, f"masks/value: {_name}", replace(_masks))
for _name, _text in METHODS.items():
    KINDS[f"masks/{_name}"] = partial(in_methods, f"masks/{_name}", _text)
