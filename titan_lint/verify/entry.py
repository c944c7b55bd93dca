"""An engine on offer, and the files of a tree that may offer one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_SKIPPED_DIRECTORIES = {"__pycache__", "node_modules", "site-packages"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An engine on offer.

    Attributes:
        root: the directory from which the engine's module is imported.
        module: dotted name of that module, seen from ``root``.
        path: the module's file.
        function: name of the function that makes the engine; of what the adapter makes it from.
        config: name of the function that makes only its config, if there is one; with an adapter
            ``package.module:function``.
        attn_types: the attention types it can be made for; empty means any.
        device: "cuda" for an engine that can be made nowhere else, else "".
        adapter: the module of :mod:`titan_lint.verify.adapters` that makes the engine; "" where the
            function does.
    """

    root: Path
    module: str
    path: Path
    function: str
    config: str = ""
    attn_types: tuple[str, ...] = ()
    device: str = ""
    adapter: str = ""

    @property
    def name(self) -> str:
        """The engine's name in reports."""
        return f"{self.module}:{self.function}"


def python_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Every Python file of the paths, in order; hidden and virtual directories are left out."""
    for path in paths:
        if path.is_file():
            yield path
            continue
        for child in sorted(path.iterdir()):
            if child.is_dir():
                if _is_source_directory(child):
                    yield from python_files([child])
            elif child.suffix == ".py" and child.is_file():
                yield child


def _is_source_directory(directory: Path) -> bool:
    return (
        not directory.name.startswith(".")
        and directory.name not in _SKIPPED_DIRECTORIES
        and not (directory / "pyvenv.cfg").exists()
    )


def import_root(path: Path) -> tuple[Path, str]:
    """The directory a file is imported from, and its dotted name seen from there."""
    path = path.resolve()
    parts = [] if path.stem == "__init__" else [path.stem]
    directory = path.parent
    while (directory / "__init__.py").is_file():
        parts.insert(0, directory.name)
        directory = directory.parent
    return directory, ".".join(parts)
