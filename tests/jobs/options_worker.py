"""What the command line of the torchtitan that is installed takes: ``python options_worker.py``, JSON in and out.

On standard input are ``jobs``, pairs of a module and a function of its ``config_registry``, and ``lines``, lists of
arguments. On standard output is ``options``, every option of those jobs, and ``lines``, what torchtitan's own
``ConfigManager`` made of each: ``{"error": ...}``, or ``{"fields": ...}`` with every field of the job by its path.

Nothing here is imported from titan-lint: this is what titan-lint is held against.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import json
import sys
from typing import Any


def main() -> None:
    """Answer."""
    import tyro
    from torchtitan.config.manager import ConfigManager, custom_registry

    asked = json.load(sys.stdin)
    manager: Any = ConfigManager
    manager()
    options: set[str] = set()
    for module, function in asked["jobs"]:
        config = getattr(importlib.import_module(module), function)()
        parser = tyro.extras.get_parser(type(config), default=config, registry=custom_registry)
        options |= set(_options(parser))
    lines: list[dict[str, Any]] = []
    for line in asked["lines"]:
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                config = manager().parse_args(line)
            lines.append({"fields": dict(_fields(config, ()))})
        except SystemExit:
            lines.append({"error": said.getvalue()})
        except Exception as error:
            lines.append({"error": str(error)})
    json.dump({"options": sorted(options), "lines": lines}, sys.stdout)


def _options(parser: Any) -> Any:
    for action in parser._actions:
        yield from action.option_strings
        if isinstance(action.choices, dict):
            for below in action.choices.values():
                yield from _options(below)


def _fields(value: Any, at: tuple[str, ...]) -> Any:
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _fields(getattr(value, field.name), (*at, field.name))
    elif value is None or isinstance(value, str | int | float | list):
        yield ".".join(at), value if not isinstance(value, list) else list(map(str, value))


if __name__ == "__main__":
    main()
