"""Small projects in which a step that calls nothing runs code of a class in another file.

By their name and what is to become of them: files, and whether the fix is safe there.
"""

from __future__ import annotations

_SETTINGS = """\
class Cfg:
    def __init__(self, attn_type="flex"):
        self.attn_type = attn_type


CFG = Cfg()
"""
_MAIN = """\
import logging

from observe import show
import things
from settings import CFG
from things import Thing
from torchtitan.config import ParallelismConfig
from torchtitan.models.llama3 import model_registry


class Own(Thing):
    pass


def build(cfg, thing):
    spec = model_registry("8B")
    {step}
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = cfg.attn_type
    return spec


show(build({cfg}, Own()), logging.__name__, ParallelismConfig.__name__, things.__name__)
"""
_THING = """\
from settings import CFG


class Thing{base}:
    n = 3

    def {method}:
        CFG.attn_type = "varlen"
        return {value}
"""

# The method, what it gives, what runs it, and the base of its class.
_RUN: dict[str, tuple[str, str, str, str]] = {
    "an attribute that is missing": ("__getattr__(self, name)", "1", "size = thing.size", ""),
    "any attribute": ("__getattribute__(self, name)", "1", "size = thing.n", ""),
    "getattr": ("__getattr__(self, name)", "1", 'size = getattr(thing, "size")', ""),
    "an equality": ("__eq__(self, other)", "True", "same = thing == 3", ""),
    "an inequality": ("__ne__(self, other)", "True", "same = 3 != thing", ""),
    "an order": ("__lt__(self, other)", "True", "same = thing < 3", ""),
    "a containment": ("__contains__(self, other)", "True", "same = 3 in thing", ""),
    "a loop": ("__iter__(self)", "iter(())", "for _ in thing:\n        pass", ""),
    "a test": ("__bool__(self)", "True", "if thing:\n        pass", ""),
    "a negation": ("__bool__(self)", "True", "flag = not thing", ""),
    "a length": ("__len__(self)", "1", "flag = len(thing)", ""),
    "an f-string": ("__str__(self)", '""', 'text = f"{thing}"', ""),
    "a string": ("__str__(self)", '""', "text = str(thing)", ""),
    "a log": ("__str__(self)", '""', 'logging.warning("%s", thing)', ""),
    "a sum": ("__radd__(self, other)", "1", "text = 1 + thing", ""),
    "a sign": ("__neg__(self)", "1", "text = -thing", ""),
    "an item": ("__getitem__(self, key)", "1", 'text = thing["k"]', ""),
    "an item that is missing": ("__missing__(self, key)", "1", 'text = thing["k"]', "(dict)"),
    "an item that is set": ("__setitem__(self, key, value)", "1", 'thing["k"] = 1', ""),
    "an item that is deleted": ("__delitem__(self, key)", "1", 'del thing["k"]', ""),
    "a set": ("__hash__(self)", "1", "text = {thing}", ""),
    "a match": ("__eq__(self, other)", "True", "match thing:\n        case 3:\n            pass", ""),
    "a list of its parts": ("__iter__(self)", "iter(())", "parts = [*thing]", ""),
    "a dictionary of its parts": ("keys(self)", "[]", "parts = {**thing}", ""),
    "several names": ("__iter__(self)", "iter((1, 2))", "one, two = thing", ""),
}  # fmt: skip

_OTHER: dict[str, tuple[str, str, str]] = {
    "a generator of another file": (
        'from settings import CFG\n\n\nclass Thing:\n    pass\n\n\ndef parts():\n    CFG.attn_type = "varlen"\n    yield 1\n\n\nPARTS = parts()\n',
        "parts = things.PARTS\n    for _ in parts:\n        pass",
        "CFG",
    ),
    "a method that is bound to another name": (
        'from settings import CFG\n\n\ndef same(self, other):\n    CFG.attn_type = "varlen"\n\n\nclass Thing:\n    __eq__ = same\n',
        "same = thing == 3",
        "CFG",
    ),
    "a method that is put into a class": (
        'from settings import CFG\n\n\ndef same(self, other):\n    CFG.attn_type = "varlen"\n\n\nclass Thing:\n    pass\n\n\nThing.__eq__ = same\n',
        "same = thing == 3",
        "CFG",
    ),
    "a descriptor that is read": (
        'from settings import CFG\n\n\nclass Field:\n    def __get__(self, obj, cls=None):\n        CFG.attn_type = "varlen"\n\n\nclass Thing:\n    ready = Field()\n',
        "ready = thing.ready",
        "CFG",
    ),
    "a property that is made by a function": (
        'from settings import CFG\n\n\ndef made():\n    def ready(self):\n        CFG.attn_type = "varlen"\n\n    return property(ready)\n\n\nclass Thing:\n    ready = made()\n',
        "ready = thing.ready",
        "CFG",
    ),
    "a method that another one runs": (
        'from settings import CFG\n\n\nclass Thing:\n    def __bool__(self):\n        return self.ready\n\n    @property\n    def ready(self):\n        CFG.attn_type = "varlen"\n        return True\n',
        "flag = not thing",
        "CFG",
    ),
    "a choice that is a property of what is set": (
        'STATE = {}\n\n\nclass Thing:\n    @property\n    def attn_type(self):\n        return "varlen" if STATE else "flex"\n',
        'things.STATE["packed"] = True',
        "Thing()",
    ),
    "a choice that is asked for of what is set": (
        'STATE = {}\n\n\nclass Thing:\n    def __getattr__(self, name):\n        return "varlen" if STATE else "flex"\n',
        'things.STATE["packed"] = True',
        "Thing()",
    ),
    "a choice that a descriptor gives of what is set": (
        'STATE = {}\n\n\nclass Field:\n    def __get__(self, obj, cls=None):\n        return "varlen" if STATE else "flex"\n\n\nclass Thing:\n    attn_type = Field()\n',
        'things.STATE["packed"] = True',
        "Thing()",
    ),
}

_HEARING = """\
import logging
import sys
import warnings

from settings import CFG


class Thing:
    pass


def change(*given, **named):
    CFG.attn_type = "varlen"
    return True

"""

# What is put where it hears each message, and what says one.
_HEARD: dict[str, tuple[str, str]] = {
    "a filter": (
        "class Own(logging.Filter):\n    def filter(self, record):\n        return change()\n\n\n"
        "logging.getLogger().addFilter(Own())\n",
        'logging.warning("built")',
    ),
    "a filter that is a function": (
        "logging.getLogger().addFilter(change)\n",
        'logging.getLogger().warning("built")',
    ),
    "a handler": (
        "class Own(logging.Handler):\n    def emit(self, record):\n        change()\n\n\n"
        "logging.getLogger().addHandler(Own())\n",
        'logging.warning("built")',
    ),
    "a formatter": (
        "class Own(logging.Formatter):\n    def format(self, record):\n        change()\n        return ''\n\n\n"
        "handler = logging.StreamHandler()\nhandler.setFormatter(Own())\n"
        "logging.getLogger().addHandler(handler)\n",
        'logging.warning("built")',
    ),
    "a factory of records": (
        "def made(*given, **named):\n    change()\n    return logging.LogRecord(*given, **named)\n\n\n"
        "logging.setLogRecordFactory(made)\n",
        'logging.warning("built")',
    ),
    "what shows warnings": (
        "warnings.showwarning = change\n",
        'import warnings\n    warnings.warn("built")',
    ),
}

# Those that hear, and change nothing.
_QUIET: dict[str, tuple[str, str]] = {
    "a handler that Python brings": (
        "handler = logging.StreamHandler()\nhandler.setFormatter(logging.Formatter('%(message)s'))\n"
        "logging.getLogger().addHandler(handler)\nlogging.getLogger().addHandler(logging.NullHandler())\n",
        'logging.warning("built")',
    ),
    "a filter that only reads": (
        "class Own(logging.Filter):\n    def filter(self, record):\n        return record.levelno > 10\n\n\n"
        "logging.getLogger().addFilter(Own())\n",
        'logging.warning("built")',
    ),
}

# Steps of which it is known that they run nothing that changes a setting.
_HARMLESS: dict[str, tuple[str, str]] = {
    "a plain attribute": ("class Thing:\n    n = 3\n", "size = thing.n"),
    "a log of what only reads": (
        "class Thing:\n    n = 3\n\n    def __str__(self):\n        return str(self.n)\n",
        'logging.warning("%s", thing)',
    ),
    "an attribute beside those that are handed on": (
        "class Thing:\n    n = 3\n\n    def __getattr__(self, name):\n        return getattr(self.n, name)\n",
        "size = thing.n",
    ),
    "a property that only reads": (
        "class Thing:\n    @property\n    def n(self):\n        return 3\n",
        "size = thing.n",
    ),
    "a config that is made of it": (
        "class Thing:\n    n = 3\n\n    def __getitem__(self, key):\n        self.n = key\n",
        "parallelism = ParallelismConfig(data_parallel_shard_degree=thing.n)",
    ),
    "numbers that are counted": (
        "class Thing:\n    def __iter__(self):\n        self.n = 1\n",
        "for _ in range(3):\n        pass",
    ),
}


def _project(thing: str, step: str, cfg: str = "CFG") -> dict[str, str]:
    return {
        "settings.py": _SETTINGS,
        "things.py": thing,
        "main.py": _MAIN.format(step=step, cfg=cfg),
    }


_READ = """\
from observe import show
from things import Thing
from torchtitan.components.optimizer import OptimizersContainer


def build(thing):
    return OptimizersContainer.Config(
        name="Adam", beta1={0}, lr={1}, beta2={2}, eps={3}, weight_decay={4}
    )


show(build(Thing()))
"""
_TOLD = "from observe import show\n\n\nclass Thing:\n"


def _ordered(thing: str, form: str) -> dict[str, str]:
    names = ("beta1", "lr", "beta2", "eps", "decay")
    return {
        "things.py": thing,
        "main.py": _READ.format(*(form.format(name) for name in names)),
    }


HOOKS: dict[str, dict[str, str]] = {
    **{
        f"what {name} runs in another file": _project(
            _THING.format(method=method, value=value, base=base), step
        )
        for name, (method, value, step, base) in _RUN.items()
    },
    **{name: _project(*each) for name, each in _OTHER.items()},
    **{
        f"a message that {name} of another file hears": _project(_HEARING + thing, step)
        for name, (thing, step) in _HEARD.items()
    },
    "the order of another file's properties": _ordered(
        _TOLD
        + "".join(
            f'    @property\n    def {name}(self):\n        show("{name}")\n        return 0.5\n\n'
            for name in ("beta1", "lr", "beta2", "eps", "decay")
        ),
        "thing.{}",
    ),
    "the order of another file's attributes": _ordered(
        _TOLD + "    def __getattr__(self, name):\n        show(name)\n        return 0.5\n",
        "thing.{}",
    ),
    "the order of another file's items": _ordered(
        _TOLD + "    def __getitem__(self, name):\n        show(name)\n        return 0.5\n",
        'thing["{}"]',
    ),
}

SAFE: dict[str, dict[str, str]] = {
    **{f"beside {name} of another file": _project(*each) for name, each in _HARMLESS.items()},
    **{
        f"beside {name}": _project(_HEARING + thing, step) for name, (thing, step) in _QUIET.items()
    },
}
