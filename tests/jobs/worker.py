"""Reads job configs with one torchtitan's own ``ConfigManager``: ``python worker.py SITE``, JSON in and out.

On standard input is a list of TOML texts, and of lists of arguments; on standard output a list of what came of each,
``{"error": ...}`` with the message, or ``{"config": ..., "warned": ...}`` with the job as a dictionary and what tyro warned of. The first
result is that of the defaults, as ``{"config": ...}``. torch is stood in for: the job is only read.

Nothing here is imported from titan-lint: this is what titan-lint is held against.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import importlib.abc
import importlib.machinery
import io
import json
import sys
import tempfile
import types
import warnings
from pathlib import Path
from typing import Any


class StandInClass(type):
    """Gives a class for every name, as those do that are modules."""

    def __getattr__(cls, name: str) -> Any:
        """Make a class."""
        if name.startswith("__"):
            raise AttributeError(name)
        return StandInClass(name, (), {})


class StandIn(types.ModuleType):
    """Gives a class for every name."""

    __path__ = ()

    def __getattr__(self, name: str) -> Any:
        """Make a class."""
        if name.startswith("__"):
            raise AttributeError(name)
        return StandInClass(name, (), {})


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds torch and what is below it."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find a stand-in."""
        if name.partition(".")[0] in ("torch", "torchdata", "datasets", "torchft"):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        """Make it."""
        return StandIn(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing in it."""


def main(site: str) -> None:
    """Read the texts."""
    sys.meta_path.insert(0, Finder())
    # Its own file imports all of quantization.
    package = types.ModuleType("torchtitan")
    package.__path__ = [f"{site}/torchtitan"]
    sys.modules["torchtitan"] = package
    from torchtitan.tools.logging import logger  # pyright: ignore[reportMissingImports]

    is_old = Path(site, "torchtitan", "config_manager.py").exists()
    manager = importlib.import_module(f"torchtitan.config{'_' if is_old else '.'}manager")

    logger.disabled = True
    made: Any = manager.ConfigManager
    results: list[dict[str, Any]] = [{"config": dataclasses.asdict(made().config)}]
    for text in json.load(sys.stdin):
        if isinstance(text, list):
            results.append(_parsed(made, text))
            continue
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            path = Path(folder) / "job.toml"
            path.write_text(text, "utf-8")
            try:
                config = made().parse_args(["--job.config_file", str(path)])
            except Exception as error:
                results.append({"error": f"{type(error).__name__}: {error}"})
                continue
        warned = [str(one.message) for one in seen if "annotated with type" in str(one.message)]
        results.append({"config": dataclasses.asdict(config), "warned": warned})
    json.dump(results, sys.stdout)


def _parsed(made: Any, arguments: list[str]) -> dict[str, Any]:
    """What a command line comes to."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            return {"config": dataclasses.asdict(made().parse_args(arguments))}
    except SystemExit:
        return {"error": said.getvalue()}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main(sys.argv[1])
