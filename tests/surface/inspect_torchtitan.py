"""Import all of torchtitan that can be imported, and write down what Python says of it, as JSON.

Run as a program of its own: importing everything leaves a process in a state that other tests would
notice. Reads module names from standard input, one a line.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import json
import sys
import types
from typing import Any


def main() -> None:
    modules: dict[str, Any] = {}
    classes: dict[str, Any] = {}
    for name in sys.stdin.read().split():
        quiet = io.StringIO()
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            try:
                module = importlib.import_module(name)
            except Exception:  # Whatever a missing library or GPU leads to.
                continue
        functions: dict[str, Any] = {}
        found: dict[str, str] = {}
        for member, value in vars(module).items():
            if isinstance(value, types.FunctionType):
                functions[member] = [path_of(value), signature(value)]
            elif isinstance(value, type):
                found[member] = path_of(value)
                if value.__module__.startswith("torchtitan"):
                    add_class(value, classes)
        names = [n for n in vars(module) if not n.startswith("__")]
        modules[name] = {"names": names, "functions": functions, "classes": found}
    json.dump({"modules": modules, "classes": classes}, sys.stdout)


def add_class(cls: type, classes: dict[str, Any]) -> None:
    path = path_of(cls)
    if path in classes:
        return
    own = [n for c in cls.__mro__ if c.__module__.startswith("torchtitan") for n in vars(c)]
    classes[path] = {
        "signature": signature(cls),
        "members": sorted({n for n in own if not n.startswith("_")}),
        "attributes": sorted({n for c in cls.__mro__ for n in vars(c)}),
        "methods": dict(methods(cls)),
    }
    for value in list(vars(cls).values()):
        if isinstance(value, type) and path_of(value).startswith(f"{path}."):
            add_class(value, classes)


def methods(cls: type) -> Any:
    """Signatures of the functions that the class itself defines, wrapped ones left out."""
    for name, value in vars(cls).items():
        function = value.__func__ if isinstance(value, staticmethod | classmethod) else value
        if isinstance(function, types.FunctionType) and not hasattr(function, "__wrapped__"):
            yield name, signature(function)


def path_of(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"


def signature(value: Any) -> Any:
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return None
    return [[p.name, p.kind.name.lower(), p.default is not p.empty] for p in parameters]


if __name__ == "__main__":
    main()
