"""Ask the resolver what an expression is: ``reveal(...)`` in a piece of code, and the answer in short."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING, ClassVar

from titan_lint.code.program import Program
from titan_lint.code.resolver import Resolver
from titan_lint.code.source import Source
from titan_lint.code.values import (
    Attr,
    Bound,
    Collection,
    Const,
    Instance,
    Item,
    LocalClass,
    LocalFunction,
    LocalInstance,
    Manager,
    Partial,
    Pattern,
    Ref,
    Result,
    Row,
    Series,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


class Api:
    """A small library, ``titan``, as the resolver asks for it.

    ``titan.Spec`` is a class with an attribute ``model`` of class ``titan.Config`` and a method
    ``build``; ``titan.models.*.registry`` return a ``titan.Spec``; ``titan.old.Spec`` is another
    name for ``titan.Spec``, and ``titan.Small`` derives from it; ``titan.models.llama.configs["8B"]`` makes a
    ``titan.Config``.
    """

    CLASSES = ("titan.Spec", "titan.Config", "titan.Trainer", "titan.Small")
    MODULES: ClassVar = {
        "titan": ("Spec", "Config", "Trainer", "models"),
        "titan.models.llama": ("registry",),
    }

    def canonical(self, path: str) -> str:
        return "titan.Spec" if path == "titan.old.Spec" else path

    def is_class(self, path: str) -> bool:
        return path in self.CLASSES

    def result(self, path: str) -> str | None:
        if path.startswith("titan.models.") and path.endswith(".registry"):
            return "titan.Spec"
        return "titan.Config" if path == "titan.Spec.build" else None

    def held_result(self, path: str, key: str | None) -> str | None:
        return "titan.Config" if (path, key) == ("titan.models.llama.configs", "8B") else None

    def attribute(self, cls: str, name: str) -> str | None:
        return {
            ("titan.Spec", "model"): "titan.Config",
            ("titan.Trainer", "spec"): "titan.Spec",
        }.get((cls, name))

    def derives(self, cls: str, base: str) -> bool:
        return cls == base or (cls, base) == ("titan.Small", "titan.Spec")

    def has_method(self, cls: str, name: str) -> bool:
        return (cls, name) == ("titan.Spec", "build")

    def has_member(self, module: str, name: str) -> bool | None:
        members = self.MODULES.get(module)
        return None if members is None else name in members


def short(value: Value) -> str:
    """A value in a few characters: paths as they are, ``X()`` for an instance, ``?`` for anything."""
    match value:
        case Ref(path=path):
            return path
        case Instance(cls=cls):
            return f"{cls}()"
        case Bound(cls=cls, name=name):
            return f"{cls}().{name}"
        case Attr(owner=owner, name=name):
            return f"{short(owner)}.{name}"
        case Item(owner=owner, key=key):
            return f"{short(owner)}[{'' if key is None else key}]"
        case Result(function=function):
            return f"{short(function)}(...)"
        case Partial(function=function):
            return f"partial({short(function)})"
        case LocalFunction(node=ast.Lambda()):
            return "lambda"
        case LocalFunction(node=node):
            return f"def {node.name}"
        case LocalClass(info=info):
            return f"class {info.node.name}"
        case LocalInstance(info=info):
            return f"{info.node.name}()"
        case Const(value=constant):
            return repr(constant)
        case Pattern(text=text):
            return f"~{text}"
        case Collection():
            return "[]"
        case Series(elements=elements, items=None):
            return f"each {_all(elements)}"
        case Series(elements=elements, items=items):
            return f"{_all(elements)}: {_all(items or ())}"
        case Row(parts=parts):
            return f"({', '.join(map(_all, parts))})"
        case Manager(entered=entered):
            return f"with {_all(entered)}"
        case Unknown():
            return "?"


def _all(values: Iterable[Value]) -> str:
    return " | ".join(sorted(map(short, values)))


def reveal(code: str, package: str | None = None) -> str:
    """What the argument of the last ``reveal(...)`` of ``code`` may be, ``None`` left out if guarded."""
    program = Program(Source("code.py", textwrap.dedent(code)))
    resolver = Resolver(program, Api(), package)
    call = [
        call
        for call in program.bindings.calls
        if isinstance(call.func, ast.Name) and call.func.id == "reveal"
    ][-1]
    return _all(resolver.choices(call.args[0]))
