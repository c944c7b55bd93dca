"""How a program reaches what it uses, where it keeps it, and where it uses it.

Each form is a function that is drawn by name, so that a disagreement says which one it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.agreement.uses import Use


@dataclass
class Text:
    """A program on its way: lines, to which forms add.

    Attributes:
        imports: What stands on top.
        setup: What stands before the use, in the same block.
        x: The expression for the name of torchtitan.
        other: Other modules of the project by their last name.
    """

    imports: list[str] = field(default_factory=list[str])
    setup: list[str] = field(default_factory=list[str])
    x: str = ""
    other: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


Reach = Callable[[Use, random.Random], Text]


def _split(use: Use) -> tuple[str, str]:
    """The name to import, and what stands behind it: ``.Config``."""
    name, dot, rest = use.name.partition(".")
    return name, dot + rest


# Reaching it.


def plain(use: Use, chance: random.Random) -> Text:
    """``import a.b``, ``a.b.Name``."""
    x = f"{use.module}.{use.name}" if use.name else use.module
    return Text([f"import {use.module}"], x=x)


def aliased(use: Use, chance: random.Random) -> Text:
    """``import a.b as c``, ``c.Name``."""
    return Text([f"import {use.module} as titan"], x=_of("titan", use))


def from_package(use: Use, chance: random.Random) -> Text:
    """``from a import b``, ``b.Name``."""
    parent, _, last = use.module.rpartition(".")
    if not parent:
        return plain(use, chance)
    alias = chance.choice(["", " as part"])
    return Text([f"from {parent} import {last}{alias}"], x=_of("part" if alias else last, use))


def from_module(use: Use, chance: random.Random) -> Text:
    """``from a.b import Name``."""
    name, rest = _split(use)
    if not name:
        return from_package(use, chance)
    return Text([f"from {use.module} import {name}"], x=name + rest)


def from_module_as(use: Use, chance: random.Random) -> Text:
    """``from a.b import Name as Other``."""
    name, rest = _split(use)
    if not name:
        return aliased(use, chance)
    return Text([f"from {use.module} import {name} as Theirs"], x="Theirs" + rest)


def import_module(use: Use, chance: random.Random) -> Text:
    """``importlib.import_module("a.b")``."""
    line = chance.choice(
        [
            f"titan = importlib.import_module('{use.module}')",
            f"PATH = '{use.module}'\ntitan = importlib.import_module(PATH)",
            f"titan = importlib.import_module(name='{use.module}')",
            f"titan = __import__('{use.module}', fromlist=['x'])",
        ]
    )
    return Text(line.splitlines(), x=_of("titan", use))


def built_path(use: Use, chance: random.Random) -> Text:
    """``import_module(f"a.{name}")`` with a name that is known."""
    parent, _, last = use.module.rpartition(".")
    if not parent:
        return import_module(use, chance)
    lines = [f"LAST = '{last}'", f"titan = importlib.import_module(f'{parent}.{{LAST}}')"]
    return Text(lines, x=_of("titan", use))


def got_by_name(use: Use, chance: random.Random) -> Text:
    """``getattr(module, "Name")``."""
    name, rest = _split(use)
    if not name:
        return import_module(use, chance)
    return Text(
        [f"import {use.module} as titan", f"theirs = getattr(titan, '{name}')"], x="theirs" + rest
    )


def starred(use: Use, chance: random.Random) -> Text:
    """``from a.b import *``."""
    name, rest = _split(use)
    if not name or name.startswith("_"):
        return from_module(use, chance)
    return Text([f"from {use.module} import *"], x=name + rest)


def one_module(use: Use, chance: random.Random) -> Text:
    """Through another module of the project."""
    inner = chance.choice([from_module, from_module_as, aliased])(use, chance)
    first = inner.x.partition(".")[0]
    rest = inner.x[len(first) :]
    line, x = chance.choice(
        [
            (f"from compat import {first}", inner.x),
            (f"from compat import {first} as here", f"here{rest}"),
            ("import compat", f"compat.{inner.x}"),
            ("from compat import *", inner.x),
        ]
    )
    return Text([line], x=x, other={"compat": inner.imports})


def two_modules(use: Use, chance: random.Random) -> Text:
    """Through two modules of the project."""
    text = one_module(use, chance)
    text.other["base"] = text.other["compat"]
    text.other["compat"] = [f"from base import {text.other['base'][-1].split()[-1]}"]
    return text


def _of(holder: str, use: Use) -> str:
    return f"{holder}.{use.name}" if use.name else holder


REACHES: dict[str, tuple[Reach, int]] = {
    "plain import": (plain, 3),
    "import as": (aliased, 3),
    "from package": (from_package, 2),
    "from module": (from_module, 6),
    "from module as": (from_module_as, 3),
    "import_module": (import_module, 2),
    "built path": (built_path, 1),
    "getattr": (got_by_name, 1),
    "star": (starred, 1),
    "one module": (one_module, 2),
    "two modules": (two_modules, 1),
}


# Keeping it. A form of keeping takes an expression and gives lines and another expression for the same.

Kept = tuple[list[str], str]


def kept_nowhere(x: str) -> Kept:
    return [], x


def in_a_variable(x: str) -> Kept:
    return [f"thing = {x}"], "thing"


def in_two_variables(x: str) -> Kept:
    return [f"first = {x}", "thing = first"], "thing"


def in_a_dictionary(x: str) -> Kept:
    return [f"things = {{'one': {x}, 'two': None}}"], "things['one']"


def in_a_list(x: str) -> Kept:
    return [f"things = [{x}, None]"], "things[0]"


def unpacked(x: str) -> Kept:
    return [f"thing, number = {x}, 1"], "thing"


def on_a_class(x: str) -> Kept:
    return ["class Holder:", f"    thing = {x}", ""], "Holder.thing"


def on_self(x: str) -> Kept:
    return (
        ["class Holder:", "    def __init__(self):", f"        self.thing = {x}", ""],
        "Holder().thing",
    )


def on_a_namespace(x: str) -> Kept:
    return [f"holder = types.SimpleNamespace(thing={x})"], "holder.thing"


def returned(x: str) -> Kept:
    return ["def give():", f"    return {x}", ""], "give()"


def from_a_lambda(x: str) -> Kept:
    return [f"give = lambda: {x}"], "give()"


def from_a_closure(x: str) -> Kept:
    return (
        [
            "def outer():",
            f"    thing = {x}",
            "    def inner():",
            "        return thing",
            "    return inner",
            "",
        ],
        "outer()()",
    )


def as_default(x: str) -> Kept:
    return [f"def give(thing={x}):", "    return thing", ""], "give()"


def chosen(x: str) -> Kept:
    return [f"thing = {x} if sys.version_info >= (3, 8) else None"], "thing"


def cached(x: str) -> Kept:
    return ["@functools.cache", "def give():", f"    return {x}", ""], "give()"


def looped(x: str) -> Kept:
    return [f"for thing in [{x}]:", "    pass"], "thing"


def by_property(x: str) -> Kept:
    return (
        ["class Holder:", "    @property", "    def thing(self):", f"        return {x}", ""],
        "Holder().thing",
    )


def in_a_pair(x: str) -> Kept:
    return ["def give():", f"    return 1, {x}", "", "number, thing = give()"], "thing"


def in_a_comprehension_kept(x: str) -> Kept:
    return [f"things = [{x} for _ in range(1)]"], "things[0]"


def by_items(x: str) -> Kept:
    return [f"for name, thing in {{'one': {x}}}.items():", "    pass"], "thing"


def in_a_table(x: str) -> Kept:
    return [f"for number, (name, thing) in enumerate([('one', {x})]):", "    pass"], "thing"


def yielded(x: str) -> Kept:
    return ["def give():", f"    yield {x}", ""], "next(give())"


def managed(x: str) -> Kept:
    return (
        [
            "@contextlib.contextmanager",
            "def give():",
            f"    yield {x}",
            "",
            "with give() as thing:",
            "    pass",
        ],
        "thing",
    )


def entered(x: str) -> Kept:
    return [f"with contextlib.nullcontext({x}) as thing:", "    pass"], "thing"


KEEPS = {
    "": (kept_nowhere, 12),
    "variable": (in_a_variable, 4),
    "two variables": (in_two_variables, 1),
    "dictionary": (in_a_dictionary, 1),
    "list": (in_a_list, 1),
    "unpacked": (unpacked, 1),
    "class attribute": (on_a_class, 1),
    "self": (on_self, 1),
    "namespace": (on_a_namespace, 1),
    "returned": (returned, 1),
    "lambda": (from_a_lambda, 1),
    "closure": (from_a_closure, 1),
    "default": (as_default, 1),
    "conditional": (chosen, 1),
    "cached": (cached, 1),
    "loop": (looped, 1),
    "property": (by_property, 1),
    "pair": (in_a_pair, 1),
    "comprehension": (in_a_comprehension_kept, 1),
    "items": (by_items, 1),
    "table": (in_a_table, 1),
    "yielded": (yielded, 1),
    "manager": (managed, 1),
    "entered": (entered, 1),
}


# Using it. Takes the use and the expressions, gives the lines that use it.


def _lines(use: Use, x: str, c: str) -> list[str]:
    return use.action.format(x=x, c=c).splitlines()


def directly(use: Use, x: str, made: str) -> list[str]:
    return _lines(use, x, made)


def result_kept(use: Use, x: str, made: str) -> list[str]:
    if not use.is_expression:
        return directly(use, x, made)
    return [f"result = {use.action.format(x=x, c=made)}", "print(type(result))"]


def instance_kept(use: Use, x: str, made: str) -> list[str]:
    if not use.made:
        return result_kept(use, x, made)
    return [f"config = {made}", *_lines(use, x, "config")]


def annotated(use: Use, x: str, made: str) -> list[str]:
    """In a function whose parameter says what it is."""
    if not use.made or not use.is_class:
        return in_a_function(use, x, made)
    inner = _lines(use, x, "config")
    return [f"def use(config: {x}):", *_in(inner), "", f"use({made})"]


def annotated_text(use: Use, x: str, made: str) -> list[str]:
    if not use.made or not use.is_class:
        return in_a_function(use, x, made)
    inner = _lines(use, x, "config")
    return [f"def use(config: '{x} | None' = None):", *_in(inner), "", f"use({made})"]


def on_an_object(use: Use, x: str, made: str) -> list[str]:
    if not use.made:
        return in_a_method(use, x, made)
    inner = _lines(use, x, "self.config")
    return [
        "class Engine:",
        "    def __init__(self):",
        f"        self.config = {made}",
        "",
        "    def use(self):",
        *_in(_in(inner)),
        "",
        "Engine().use()",
    ]


def annotated_object(use: Use, x: str, made: str) -> list[str]:
    if not use.made or not use.is_class:
        return in_a_method(use, x, made)
    inner = _lines(use, x, "self.config")
    return [
        "class Engine:",
        f"    def __init__(self, config: {x}):",
        "        self.config = config",
        "",
        "    def use(self):",
        *_in(_in(inner)),
        "",
        f"Engine({made}).use()",
    ]


def dataclass_holds(use: Use, x: str, made: str) -> list[str]:
    if not use.made or not use.is_class:
        return directly(use, x, made)
    inner = _lines(use, x, "holder.config")
    return [
        "@dataclasses.dataclass",
        "class Holder:",
        f"    config: {x}",
        "",
        f"holder = Holder({made})",
        *inner,
    ]


def returning(use: Use, x: str, made: str) -> list[str]:
    if not use.made or not use.is_class:
        return in_a_function(use, x, made)
    return [f"def make() -> {x}:", f"    return {made}", "", *_lines(use, x, "make()")]


def derived(use: Use, x: str, made: str) -> list[str]:
    if not use.is_class:
        return directly(use, x, made)
    own = use.made.format(x="Derived") if use.made else ""
    body = "    own: int = 1" if "field" in use.kind else "    pass"
    lines = ["@dataclasses.dataclass(kw_only=True)"] if "field" in use.kind else []
    return [*lines, f"class Derived({x}):", body, "", *_lines(use, "Derived", own)]


def in_a_function(use: Use, x: str, made: str) -> list[str]:
    return ["def use():", *_in(_lines(use, x, made)), "", "use()"]


def in_a_method(use: Use, x: str, made: str) -> list[str]:
    inner = _in(_in(_lines(use, x, made)))
    return ["class Engine:", "    def use(self):", *inner, "", "Engine().use()"]


def in_a_closure(use: Use, x: str, made: str) -> list[str]:
    inner = _in(_in(_lines(use, x, made)))
    return ["def outer():", "    def inner():", *inner, "    return inner", "", "outer()()"]


def in_a_coroutine(use: Use, x: str, made: str) -> list[str]:
    return ["async def use():", *_in(_lines(use, x, made)), "", "asyncio.run(use())"]


def in_a_loop(use: Use, x: str, made: str) -> list[str]:
    if not use.made:
        return ["for _ in range(1):", *_in(_lines(use, x, made))]
    return [f"for config in [{made}]:", *_in(_lines(use, x, "config"))]


def in_a_comprehension(use: Use, x: str, made: str) -> list[str]:
    if not use.is_expression:
        return in_a_loop(use, x, made)
    if use.made:
        return [f"results = [{use.action.format(x=x, c='config')} for config in ({made},)]"]
    return [f"results = [{use.action.format(x=x, c=made)} for _ in range(1)]"]


def in_a_lambda(use: Use, x: str, made: str) -> list[str]:
    if not use.is_expression:
        return in_a_function(use, x, made)
    return [f"use = lambda: {use.action.format(x=x, c=made)}", "use()"]


def handed_over(use: Use, x: str, made: str) -> list[str]:
    """The thing is an argument of a function without annotations."""
    if use.made:
        return ["def use(thing):", *_in(_lines(use, x, "thing")), "", f"use({made})"]
    return ["def use(thing):", *_in(_lines(use, "thing", made)), "", f"use({x})"]


def partial_call(use: Use, x: str, made: str) -> list[str]:
    """``functools.partial(f, ...)()``."""
    head, call, arguments = use.action.partition("{x}(")
    if head or not call or not use.is_expression or not arguments.endswith(")"):
        return result_kept(use, x, made)
    arguments = arguments[:-1].format(x=x, c=made)
    return [f"call = functools.partial({x}{', ' if arguments else ''}{arguments})", "call()"]


def spread(use: Use, x: str, made: str) -> list[str]:
    """``f(**keywords)``, the keywords in a dictionary."""
    head, call, arguments = use.action.partition("{x}(")
    plain_keywords = "keyword" in use.kind and "(" not in arguments
    if head or not call or not plain_keywords or not use.is_expression:
        return result_kept(use, x, made)
    return [f"keywords = dict({arguments[:-1].format(x=x, c=made)})", f"{x}(**keywords)"]


def filled(use: Use, x: str, made: str) -> list[str]:
    """``f(**keywords)``, the dictionary filled one by one."""
    lines = spread(use, x, made)
    if not lines[0].startswith("keywords = dict("):
        return lines
    inner = lines[0].removeprefix("keywords = dict(").removesuffix(")")
    return ["keywords = {}", f"keywords.update({inner})", lines[1]] if inner else lines


def declared_list(use: Use, x: str, made: str) -> list[str]:
    """In a loop over a parameter that says what it holds."""
    if not use.made or not use.is_class:
        return in_a_loop(use, x, made)
    inner = _in(_in(_lines(use, x, "config")))
    return [
        f"def use(configs: list[{x}]):",
        "    for config in configs:",
        *inner,
        "",
        f"use([{made}])",
    ]


def declared_dictionary(use: Use, x: str, made: str) -> list[str]:
    if not use.made or not use.is_class:
        return in_a_loop(use, x, made)
    inner = _in(_in(_lines(use, x, "config")))
    head = [f"def use(configs: 'dict[str, {x}]'):", "    for name, config in configs.items():"]
    return [*head, *inner, "", f"use({{'one': {made}}})"]


def declared_pair(use: Use, x: str, made: str) -> list[str]:
    if not use.made or not use.is_class:
        return directly(use, x, made)
    return [
        f"def give() -> tuple[int, {x}]:",
        f"    return 1, {made}",
        "",
        "number, config = give()",
        *_lines(use, x, "config"),
    ]


def _narrowed(use: Use, x: str, made: str, head: list[str], depth: int) -> list[str]:
    """In a function that tests what it is handed."""
    if not use.made or not use.is_class:
        return in_a_function(use, x, made)
    inner = _lines(use, x, "config")
    for _ in range(depth):
        inner = _in(inner)
    return ["def use(config):", *_in(head), *inner, "", f"use({made})"]


def if_instance(use: Use, x: str, made: str) -> list[str]:
    return _narrowed(use, x, made, [f"if isinstance(config, {x}):"], 2)


def asserted_instance(use: Use, x: str, made: str) -> list[str]:
    return _narrowed(use, x, made, [f"assert isinstance(config, {x})"], 1)


def no_other_instance(use: Use, x: str, made: str) -> list[str]:
    return _narrowed(
        use, x, made, [f"if not isinstance(config, ({x}, int)):", "    raise TypeError"], 1
    )


def type_is(use: Use, x: str, made: str) -> list[str]:
    return _narrowed(use, x, made, [f"if type(config) is {x}:"], 2)


PLACES = {
    "directly": (directly, 8),
    "result kept": (result_kept, 3),
    "instance kept": (instance_kept, 5),
    "annotated": (annotated, 3),
    "annotated in text": (annotated_text, 1),
    "on an object": (on_an_object, 2),
    "annotated object": (annotated_object, 2),
    "dataclass": (dataclass_holds, 1),
    "returning": (returning, 1),
    "derived": (derived, 3),
    "function": (in_a_function, 2),
    "method": (in_a_method, 1),
    "closure": (in_a_closure, 1),
    "coroutine": (in_a_coroutine, 1),
    "loop": (in_a_loop, 1),
    "comprehension": (in_a_comprehension, 1),
    "lambda": (in_a_lambda, 1),
    "handed over": (handed_over, 1),
    "partial": (partial_call, 2),
    "spread": (spread, 2),
    "filled": (filled, 1),
    "declared list": (declared_list, 1),
    "declared dictionary": (declared_dictionary, 1),
    "declared pair": (declared_pair, 1),
    "if instance": (if_instance, 1),
    "asserted instance": (asserted_instance, 1),
    "no other instance": (no_other_instance, 1),
    "type is": (type_is, 1),
}


def _in(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]
