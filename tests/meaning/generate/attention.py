"""The attention backend: TTN101, TTN102, TTN103, TTN105.

A choice is made, a model is built without it, and the choice is set on the built config by way of a path
that is gone (an override), read back from there, or only used for the masks. The hazards are ways to
change the choice in between, to have none, or to mean it for something else.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.meaning.generate.parts import Body, talk, written
from tests.meaning.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

CFG = """
class Cfg:
    def __init__(self, attn_type="flex"):
        self.attn_type = attn_type
"""


@dataclass(frozen=True)
class Choice:
    """Where the backend comes from, and what happens to it after the model is built.

    Attributes:
        expression: The choice, where the override is.
        params: Parameters of the function.
        args: What is passed for these.
        module: Code of the module.
        before: Statements above the call of the registry.
        mid: Statements between that call and the override.
        wrap: Statements that the override stands in; its body goes where ``...`` is.
        flavor: The expression of the flavor.
        same_line: Whether ``mid`` stands on the line of the call.
    """

    expression: str = "cfg.attn_type"
    params: str = "cfg"
    args: str = 'Cfg("flex")'
    module: str = CFG
    before: tuple[str, ...] = ()
    mid: tuple[str, ...] = ()
    wrap: str = ""
    flavor: str = '"debugmodel"'
    same_line: bool = False
    function: bool = False
    coroutine: bool = False
    generator: bool = False
    between: str = "pass"


PLAIN: tuple[Choice, ...] = (
    Choice(),
    Choice(args='Cfg("varlen")'),
    Choice("attn_type", "attn_type", '"varlen"', ""),
    Choice("attn_backend", 'attn_backend="varlen"', "", ""),
    Choice('cfg["attn_type"]', args='{"attn_type": "varlen"}', module=""),
    Choice("kind", args='Cfg("varlen")', before=("kind = cfg.attn_type",)),
    Choice("kind", args='Cfg("varlen")', mid=("kind = cfg.attn_type",)),
    Choice(
        "cfg.model.attn_type",
        args="Outer()",
        module=CFG + '\n\nclass Outer:\n    model = Cfg("varlen")\n',
    ),
    Choice("ATTN", "", "", 'ATTN = "varlen"'),
    Choice('"varlen"', "", "", ""),
    Choice(args='Cfg("varlen")', mid=("print('model built')",)),
    Choice(args='Cfg("varlen")', mid=("logging.getLogger('x').debug('built %s', cfg.attn_type)",)),
)

_VARLEN = 'cfg.attn_type = "varlen"'
_NAMED = ("attn_type", 'attn_type="flex"', "", "")

# Ways to change the choice between the call and the override.
CHANGES: dict[str, Choice] = {
    "assignment": Choice(mid=(_VARLEN,)),
    "helper": Choice(module=CFG + f"\n\ndef resolve(cfg):\n    {_VARLEN}\n", mid=("resolve(cfg)",)),
    "method": Choice(
        module=CFG + '\n    def settle(self):\n        self.attn_type = "varlen"\n',
        mid=("cfg.settle()",),
    ),
    "bound method": Choice(
        module=CFG + '\n    def settle(self):\n        self.attn_type = "varlen"\n',
        before=("settle = cfg.settle",),
        mid=("settle()",),
    ),
    "setattr": Choice(mid=('setattr(cfg, "attn_type", "varlen")',)),
    "object.__setattr__": Choice(mid=('object.__setattr__(cfg, "attn_type", "varlen")',)),
    "vars": Choice(mid=('vars(cfg)["attn_type"] = "varlen"',)),
    "vars update": Choice(mid=('vars(cfg).update(attn_type="varlen")',)),
    "__dict__": Choice(mid=('cfg.__dict__["attn_type"] = "varlen"',)),
    "__dict__ merge": Choice(mid=('cfg.__dict__ |= {"attn_type": "varlen"}',)),
    "exec": Choice(mid=("exec('cfg.attn_type = \"varlen\"')",)),
    "delete": Choice(module=CFG + '\n    attn_type = "varlen"\n', mid=("del cfg.attn_type",)),
    "delattr": Choice(
        module=CFG + '\n    attn_type = "varlen"\n', mid=('delattr(cfg, "attn_type")',)
    ),
    "alias": Choice(before=("same = cfg",), mid=('same.attn_type = "varlen"',)),
    "alias in a loop": Choice(mid=('for one in [cfg]:\n    one.attn_type = "varlen"',)),
    "alias in a container": Choice(
        before=("all_of = {0: cfg}",), mid=('all_of[0].attn_type = "varlen"',)
    ),
    "loop target": Choice(mid=('for cfg.attn_type in ("flex", "varlen"):\n    pass',)),
    "with target": Choice(
        mid=('with contextlib.nullcontext("varlen") as cfg.attn_type:\n    pass',)
    ),
    "tuple target": Choice(mid=('cfg.attn_type, number = "varlen", 1',)),
    "starred target": Choice(mid=('number, *rest = 1, cfg\nrest[0].attn_type = "varlen"',)),
    "lambda": Choice(mid=('(lambda: setattr(cfg, "attn_type", "varlen"))()',)),
    "comprehension": Choice(mid=('[setattr(one, "attn_type", "varlen") for one in [cfg]]',)),
    "map": Choice(
        module=CFG + f"\n\ndef resolve(cfg):\n    {_VARLEN}\n", mid=("list(map(resolve, [cfg]))",)
    ),
    "sort key": Choice(
        module=CFG + f"\n\ndef resolve(cfg):\n    {_VARLEN}\n    return 0\n",
        mid=("sorted([cfg], key=resolve)",),
    ),
    "nested function": Choice(mid=(f"def settle():\n    {_VARLEN}\n\nsettle()",), function=True),
    "callback": Choice(
        module=CFG + "\n\ndef call(function):\n    function()\n",
        mid=(f"def settle():\n    {_VARLEN}\n\ncall(settle)",),
        function=True,
    ),
    "decorator": Choice(
        module=CFG + "\n\ndef now(function):\n    function()\n    return function\n",
        mid=(f"@now\ndef settle():\n    {_VARLEN}\n",),
        function=True,
    ),
    "class body": Choice(mid=(f"class Settle:\n    {_VARLEN}\n",), function=True),
    "branch": Choice(mid=(f"if cfg.attn_type == 'flex':\n    {_VARLEN}",)),
    "handler": Choice(mid=(f"try:\n    raise KeyError\nexcept KeyError:\n    {_VARLEN}",)),
    "finally": Choice(mid=(f"try:\n    print('try')\nfinally:\n    {_VARLEN}",)),
    "match": Choice(mid=(f"match cfg.attn_type:\n    case 'flex':\n        {_VARLEN}",)),
    "same line": Choice(mid=(_VARLEN,), same_line=True),
    "set hook": Choice(
        module="""
class Cfg:
    def __init__(self, attn_type):
        vars(self)["attn_type"] = attn_type

    def __setattr__(self, name, value):
        vars(self)["attn_type"] = "varlen"
""",
        mid=("cfg.packed = True",),
    ),
    "property": Choice(
        module="""
class Cfg:
    def __init__(self, attn_type):
        self.packed = attn_type != "flex"

    @property
    def attn_type(self):
        return "varlen" if self.packed else "flex"
""",
        mid=("cfg.packed = True",),
    ),
    "property that counts": Choice(
        module="""
class Cfg:
    reads = 0

    def __init__(self, attn_type):
        pass

    @property
    def attn_type(self):
        print("asked for")
        return "varlen"
""",
        mid=("print('built')",),
    ),
    "__getattr__": Choice(
        module="""
class Cfg:
    def __init__(self, attn_type):
        self.packed = False

    def __getattr__(self, name):
        return "varlen" if self.packed else "flex"
""",
        mid=("cfg.packed = True",),
    ),
    "item hook": Choice(
        'cfg["attn_type"]',
        module="""
class Cfg(dict):
    def __init__(self, attn_type):
        super().__init__(attn_type=attn_type)

    def __setitem__(self, key, value):
        super().__setitem__("attn_type", "varlen")
""",
        mid=('cfg["packed"] = True',),
    ),
    "called config": Choice(
        module=CFG + '\n    def __call__(self):\n        self.attn_type = "varlen"\n',
        mid=("cfg()",),
    ),
    "operator": Choice(
        module=CFG
        + "\n    def __iadd__(self, other):\n        self.attn_type = other\n        return self\n",
        mid=('cfg += "varlen"',),
    ),
    "context manager": Choice(
        module="""
import contextlib


class Cfg:
    def __init__(self, attn_type):
        self.attn_type = attn_type


@contextlib.contextmanager
def packed(cfg):
    kept, cfg.attn_type = cfg.attn_type, "varlen"
    yield
    cfg.attn_type = kept
""",
        wrap="with packed(cfg):\n    ...",
    ),
    "iteration": Choice(
        module=CFG + f"\n\ndef steps(cfg):\n    {_VARLEN}\n    yield 1\n",
        mid=("for step in steps(cfg):\n    print(step)",),
    ),
    "iteration around": Choice(
        module=CFG + f"\n\ndef steps(cfg):\n    {_VARLEN}\n    yield 1\n",
        wrap="for step in steps(cfg):\n    ...",
    ),
    "unpacked iteration": Choice(
        module=CFG + f"\n\ndef steps(cfg):\n    {_VARLEN}\n    yield 1\n",
        mid=("(step,) = steps(cfg)",),
    ),
    "await": Choice(
        module=CFG + f"\n\nasync def fetch(cfg):\n    {_VARLEN}\n",
        mid=("await fetch(cfg)",),
        coroutine=True,
    ),
    "await of another": Choice(
        "STATE.attn_type",
        "",
        "",
        CFG + '\n\nSTATE = Cfg()\n\n\nasync def fetch():\n    STATE.attn_type = "varlen"\n',
        mid=("await fetch()",),
        coroutine=True,
    ),
    "async for": Choice(
        module=CFG + f"\n\nasync def steps(cfg):\n    {_VARLEN}\n    yield 1\n",
        mid=("async for step in steps(cfg):\n    print(step)",),
        coroutine=True,
    ),
    "async with": Choice(
        module=CFG
        + f"""

@contextlib.asynccontextmanager
async def packed(cfg):
    {_VARLEN}
    yield
""",
        mid=("async with packed(cfg):\n    print('in')",),
        coroutine=True,
    ),
    "yield": Choice(
        args="shared",
        module=CFG + "\n\nshared = Cfg()\n",
        mid=("yield None",),
        generator=True,
        between='shared.attn_type = "varlen"',
    ),
    "dict key": Choice(
        'cfg["attn_type"]',
        args='{"attn_type": "flex"}',
        module="",
        mid=('cfg["attn_type"] = "varlen"',),
    ),
    "dict update": Choice(
        'cfg["attn_type"]',
        args='{"attn_type": "flex"}',
        module="",
        mid=('cfg.update(attn_type="varlen")',),
    ),
    "dict merge": Choice(
        'cfg["attn_type"]',
        args='{"attn_type": "flex"}',
        module="",
        mid=('cfg |= {"attn_type": "varlen"}',),
    ),
    "dict pop": Choice(
        'cfg["attn_type"]',
        args='{"attn_type": "flex"}',
        module="",
        mid=('cfg.pop("attn_type")', 'cfg.setdefault("attn_type", "varlen")'),
    ),
    "dict clear": Choice(
        'cfg["attn_type"]',
        args='{"attn_type": "flex"}',
        module="",
        mid=("cfg.clear()", 'cfg.setdefault("attn_type", "varlen")'),
    ),
    "dict in another": Choice(
        'cfg["model"]["attn_type"]',
        args='{"model": {"attn_type": "flex"}}',
        module="",
        mid=('cfg["model"] = {"attn_type": "varlen"}',),
    ),
    "dict helper": Choice(
        'cfg["attn_type"]',
        args='{"attn_type": "flex"}',
        module='def fill(values):\n    values["attn_type"] = "varlen"\n',
        mid=("fill(cfg)",),
    ),
    "key rebound": Choice(
        "cfg[key]",
        args='{"attn_type": "flex", "packed": "varlen"}',
        module="",
        before=('key = "attn_type"',),
        mid=('key = "packed"',),
    ),
    "owner rebound": Choice(mid=('cfg = Cfg("varlen")',), function=True),
    "owner replaced": Choice(
        module="""
@dataclasses.dataclass
class Cfg:
    attn_type: str
""",
        mid=('cfg = dataclasses.replace(cfg, attn_type="varlen")',),
        function=True,
    ),
    "inner owner rebound": Choice(
        "cfg.model.attn_type",
        args="Outer()",
        module=CFG + "\n\nclass Outer:\n    def __init__(self):\n        self.model = Cfg()\n",
        mid=('cfg.model = Cfg("varlen")',),
    ),
    "class changed": Choice(
        module="""
class Cfg:
    attn_type = "flex"

    def __init__(self, attn_type):
        pass


class Packed(Cfg):
    attn_type = "varlen"
""",
        mid=("cfg.__class__ = Packed",),
    ),
    "class attribute": Choice(
        module='class Cfg:\n    attn_type = "flex"\n\n    def __init__(self, attn_type):\n        pass\n',
        mid=('type(cfg).attn_type = "varlen"',),
    ),
    "name rebound": Choice(*_NAMED, mid=('attn_type = "varlen"',)),
    "name augmented": Choice(
        *_NAMED, mid=('attn_type += ""', "attn_type = attn_type.replace('flex', 'varlen')")
    ),
    "name in a loop": Choice(*_NAMED, mid=('for attn_type in ("varlen",):\n    pass',)),
    "name in a with": Choice(
        *_NAMED, mid=('with contextlib.nullcontext("varlen") as attn_type:\n    pass',)
    ),
    "name in a walrus": Choice(*_NAMED, mid=('print(attn_type := "varlen")',)),
    "name in a walrus of a comprehension": Choice(
        *_NAMED, mid=('print([attn_type := "varlen" for _ in range(1)])',), function=True
    ),
    "name in a match": Choice(*_NAMED, mid=('match "varlen":\n    case attn_type:\n        pass',)),
    "name in a pattern": Choice(
        *_NAMED, mid=('match {"k": "varlen"}:\n    case {"k": attn_type}:\n        pass',)
    ),
    "nonlocal": Choice(
        "attn_type",
        "",
        "",
        "",
        before=('attn_type = "flex"',),
        mid=('def choose():\n    nonlocal attn_type\n    attn_type = "varlen"\n\nchoose()',),
        function=True,
    ),
    "nonlocal defined above": Choice(
        "attn_type",
        "",
        "",
        "",
        before=(
            'attn_type = "flex"',
            'def choose():\n    nonlocal attn_type\n    attn_type = "varlen"\n',
        ),
        mid=("choose()",),
        function=True,
    ),
    "global": Choice(
        "ATTN",
        "",
        "",
        'ATTN = "flex"\n\n\ndef choose():\n    global ATTN\n    ATTN = "varlen"\n',
        mid=("choose()",),
    ),
    "globals": Choice("ATTN", "", "", 'ATTN = "flex"', mid=('globals()["ATTN"] = "varlen"',)),
    "global owner": Choice(
        "STATE.attn_type",
        "",
        "",
        CFG + '\n\nSTATE = Cfg()\n\n\ndef choose():\n    STATE.attn_type = "varlen"\n',
        mid=("choose()",),
    ),
    "attribute of the module": Choice(
        "ATTN",
        "",
        "",
        'import sys\n\nATTN = "flex"',
        mid=('setattr(sys.modules[__name__], "ATTN", "varlen")',),
    ),
}

_MODULE_SPEC = (
    ("from torchtitan.models.llama3 import model_registry", "model_registry"),
    ("from torchtitan.models.llama3 import model_registry", "model_registry"),
    ("from torchtitan.models.llama3 import model_registry as registry", "registry"),
    ("from torchtitan.models import llama3", "llama3.model_registry"),
    ("import torchtitan.models.llama3 as titan_llama3", "titan_llama3.model_registry"),
    ("import torchtitan.models.llama3", "torchtitan.models.llama3.model_registry"),
    ("from torchtitan.models.qwen3 import model_registry", "model_registry"),
    ("from torchtitan.models.deepseek_v3 import model_registry", "model_registry"),
)


def registry_call(random: Random, flavor: str) -> tuple[list[str], str]:
    """Imports, and a call of a registry."""
    imported, function = random.choice(_MODULE_SPEC)
    keyword = random.choice(("", "", "flavor="))
    return [imported], f"{function}({keyword}{flavor})"


_FORMS: tuple[str, ...] = (
    'if hasattr(spec.model, "layer"):\n    {path} = {value}',
    'if hasattr(spec.model, "layer") and hasattr(spec.model.layer, "attention"):\n    {path} = {value}',
    'if hasattr(spec.model, "layer"):\n    if hasattr(spec.model.layer, "attention"):\n        {path} = {value}',
    "try:\n    {path} = {value}\nexcept AttributeError:\n    pass",
    'layer = getattr(spec.model, "layer", None)\nif layer is not None:\n    layer.attention.attn_backend = {value}',
    "with contextlib.suppress(AttributeError):\n    {path} = {value}",
    'model = spec.model\nif hasattr(model, "layer"):\n    model.layer.attention.attn_backend = {value}',
    'for layer in spec.model.layers:\n    if hasattr(layer.attention, "attn_backend"):\n        layer.attention.attn_backend = {value}',
    'if "layer" in dir(spec.model):\n    {path} = {value}',
    'wanted = {value}\nif hasattr(spec.model, "layer"):\n    {path} = wanted',
    'if hasattr(spec.model, "layer"):\n    attention = spec.model.layer.attention\n    attention.attn_backend = {value}',
    'if hasattr(spec.model, "layer"):\n    setattr(spec.model.layer.attention, "attn_backend", {value})',
)

PATH = "spec.model.layer.attention.attn_backend"


def override(random: Random, value: str, spec: str = "spec") -> tuple[list[str], frozenset[str]]:
    """An override of the backend, and the comment above that may go with it."""
    form = random.choice(_FORMS).format(path=PATH, value=value).replace("spec.", f"{spec}.")
    if random.random() < 0.2:
        return ["# Take the backend that was asked for.", form], frozenset(
            {"# Take the backend that was asked for."}
        )
    return [form], frozenset()


def _wrapped(wrap: str, lines: list[str]) -> list[str]:
    if not wrap:
        return lines
    head = wrap.split("\n    ...", maxsplit=1)[0]
    return [head, *textwrap.indent("\n".join(lines), "    ").split("\n")]


def overridden(kind: str, choice: Choice, random: Random) -> Program:
    """A model is built, the choice is changed, and an override tries to set it."""
    imports, call = registry_call(random, choice.flavor)
    lines, may_go = override(random, choice.expression)
    mid = list(choice.mid)
    if choice.same_line:
        built = [f"spec = {call}; {mid[0]}"]
    else:
        built = [f"spec = {call}", *talk(random), *mid]
    if not choice.wrap:
        above = list(built)
        while len(above) > 1 and re.fullmatch(r"\w+ = [^\n]+", above[-1]):
            # What gives the override its value, right above it, goes with it.
            above.pop()
        while above[-1].startswith("#"):
            may_go |= {above.pop()}
    body = Body(
        [*choice.before, *talk(random), *built, *_wrapped(choice.wrap, lines), *talk(random)],
        "spec",
        choice.params,
        choice.args,
        choice.module,
        function=choice.function,
        coroutine=choice.coroutine,
        generator=choice.generator,
        between=choice.between,
    )
    return Program(kind, written(body, random, imports), may_go)


def _plain(random: Random) -> Program:
    return overridden("override/plain", random.choice(PLAIN), random)


KINDS: dict[str, Callable[[Random], Program]] = {"override/plain": _plain}
for _name, _choice in CHANGES.items():
    KINDS[f"override/{_name}"] = partial(overridden, f"override/{_name}", _choice)
