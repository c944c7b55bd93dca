"""What jobs written in Python come to at the torchtitan that is installed: ``python registry_worker.py``.

On standard input is a list of modules, as source texts, or as ``[module, function]`` for one of torchtitan's own; on
standard output a list of what came of each: ``{"error": ...}``, or by function ``{"fields": ...}`` with every field of the
job by its path, classes of configs among them. Quantization needs accelerators to build: its converters change
nothing here, and are listed instead. What Flux takes from other packages is needed to train alone: where one is not
installed, names stand for what it has.

Nothing here is imported from titan-lint: this is what titan-lint is held against.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import json
import sys
import types
from typing import Any


def main() -> None:
    """Run the modules."""
    converters: list[Any] = []
    _stand_in_for_converters(converters)
    # Others look for it, and would be told that it is there, so they go first.
    importlib.import_module("datasets")
    for name in ("transformers", "einops", "PIL", "PIL.Image"):
        _stand_in_for(name)
    results: list[dict[str, Any]] = []
    for given in json.load(sys.stdin):
        try:
            if isinstance(given, str):
                module = types.ModuleType("converted")
                exec(compile(given, "converted.py", "exec"), vars(module))
                names = [n for n, v in vars(module).items() if _is_job(v, module.__name__)]
            else:
                module, names = importlib.import_module(given[0]), [given[1]]
            made: dict[str, Any] = {}
            for name in names:
                converters.clear()
                config = getattr(module, name)()
                made[name] = dict(_fields(config, "config"))
                made[name] |= dict(_fields(converters, "config.model_spec.converters"))
            results.append({"jobs": made})
        except Exception as error:
            results.append({"error": f"{type(error).__name__}: {error}"})
    json.dump(results, sys.stdout)


def _is_job(value: object, module: str) -> bool:
    return isinstance(value, types.FunctionType) and value.__module__ == module


def _stand_in_for(name: str) -> None:
    """Have names of a package that is not installed."""
    try:
        importlib.import_module(name)
    except (ImportError, RuntimeError):
        module = types.ModuleType(name)
        vars(module)["__getattr__"] = lambda attribute: type(attribute, (), {})
        module.__path__ = []  # type: ignore[attr-defined]
        sys.modules[name] = module


def _stand_in_for_converters(seen: list[Any]) -> None:
    from torchtitan.components import quantization

    class Kept:
        def __init__(self, config: Any) -> None:
            seen.append(config)

        def convert(self, model: Any) -> Any:
            return model

    for name in dir(quantization):
        if name.endswith("Converter"):
            config: Any = getattr(quantization, name).Config
            config.build = lambda self, **_: Kept(self)


def _fields(value: Any, at: str) -> Any:
    """Every field below a value, by its path."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield f"{at}.class", type(value).__qualname__
        for field in dataclasses.fields(value):
            yield from _fields(getattr(value, field.name), f"{at}.{field.name}")
    elif isinstance(value, list | tuple):
        if not any(dataclasses.is_dataclass(item) for item in value):
            yield at, repr(value)
            return
        for index, item in enumerate(value):
            yield from _fields(item, f"{at}.{index}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _fields(item, f"{at}.{key}")
    elif isinstance(value, functools.partial):
        yield at, f"{value.func.__qualname__}{value.args}{sorted(value.keywords.items())}"
    else:
        yield at, getattr(value, "__qualname__", None) or repr(value)


if __name__ == "__main__":
    main()
