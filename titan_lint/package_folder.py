"""What packages torchtitan is, and what tells the folder of the first from others of that name.

A run over a tree that has not changed asks this of many folders, so nothing is imported here that takes
time.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGES = ("torchtitan", "torchtitan_recipes")
"""Top-level packages that make up torchtitan; the second is absent before 0.3.0. ``torchtitan_npu`` is somebody else's."""

MARKS = (
    ("train.py", "config_manager.py"),
    ("distributed/__init__.py", "parallelisms/__init__.py"),
)
"""Files below the package's folder: torchtitan has one of each line. The second ones are those of its first year,
to 2025-02-21 and 82afc842e in main; ``config_manager.py`` was there to 34d815c02 of 2025-07-22."""


def has_marks(is_there: Callable[[str], bool]) -> bool:
    """Whether a folder holds what every torchtitan does.

    Args:
        is_there: Whether there is a file of a name, with ``/``, below the folder.
    """
    return all(any(map(is_there, names)) for names in MARKS)


def is_torchtitan(directory: str) -> bool:
    """Whether a directory holds the package itself, whatever it is called."""
    return has_marks(lambda name: os.path.isfile(os.path.join(directory, *name.split("/"))))
