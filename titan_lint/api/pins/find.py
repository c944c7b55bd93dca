"""Find the pin of a project."""

from __future__ import annotations

from pathlib import Path

from titan_lint.api.pins import installed, tables, texts
from titan_lint.pin_files import candidates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from titan_lint.api.pins.pin import Pin

READERS: Mapping[str, Callable[[Path, str], Iterator[Pin]]] = {
    "pyproject": tables.pyproject,
    "hatch": tables.hatch,
    "setup_cfg": texts.setup_cfg,
    "setup_py": texts.setup_py,
    "pipfile": tables.pipfile,
    "pixi": tables.pixi,
    "requirements": texts.requirements,
    "environment": tables.environment,
    "lock": tables.lock,
    "pipfile_lock": tables.pipfile_lock,
    "pixi_lock": tables.pixi_lock,
    "submodules": installed.submodules,
    "dockerfile": texts.dockerfile,
    "installed": installed.environment_folder,
}
"""What reads the files of each kind in :data:`titan_lint.pin_files.KINDS`."""


def pinned(root: Path) -> Pin | None:
    """The most telling pin in the folder ``root``: one that names a single torchtitan, else a range, else any.

    ``None`` without one.

    Files that cannot be read or parsed are passed over: they are not titan-lint's to judge.
    """
    first = None
    for kind, path, content in candidates(str(root)):
        for pin in READERS[kind](Path(path), content.decode("utf-8", "replace")):
            if pin.exact:
                return pin
            if first is None or (pin.target and not first.target):
                first = pin
    return first
