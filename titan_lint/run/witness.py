"""What the choice of targets rests on, told without making the choice.

Reading the surfaces takes longer than a whole run over a tree that has not changed since the last
one. So the cache is keyed by what the choice would look at, and remembers the choice itself.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config import Settings

_MARK = "train.py"
"""A file that every torchtitan has in its package folder."""


def of_targets(settings: Settings) -> bytes | None:
    """Tell what decides on the targets of a run.

    Returns:
        Bytes that differ where the targets might; ``None`` where only making the choice can tell.
    """
    if settings.torchtitan:
        base = os.path.dirname(settings.config) if settings.config else os.getcwd()
        for text in settings.torchtitan:
            if not _is_plain(text, base):
                return None
        return os.fsencode("\0".join(settings.torchtitan))
    root = settings.project
    for package in (
        root,
        os.path.join(root, "torchtitan"),
        os.path.join(root, "src", "torchtitan"),
    ):
        if os.path.basename(package) == "torchtitan" and may_be_torchtitan(package):
            return None
    return b"\0".join(_packaging_files(root))


def may_be_torchtitan(directory: str) -> bool:
    """Tell whether a directory called ``torchtitan`` may hold the package itself."""
    return os.path.exists(os.path.join(directory, _MARK))


def in_torchtitan(path: str) -> bool:
    """Tell whether a file may belong to a copy of torchtitan."""
    directory = os.path.dirname(path)
    while f"{os.sep}torchtitan" in directory:
        if os.path.basename(directory) == "torchtitan" and may_be_torchtitan(directory):
            return True
        directory = os.path.dirname(directory)
    return False


def may_use_itself(path: str, data: bytes) -> bool:
    """Tell whether a file may belong to a copy of torchtitan, and use it without naming it."""
    # The cheap question first: nearly all files are in no folder of that name.
    return "torchtitan" in path and in_torchtitan(path) and b"from ." in data


def _is_plain(text: str, base: str) -> bool:
    """Tell whether a target is neither a path nor what happens to be installed."""
    is_path = "/" in text or os.sep in text or text.startswith((".", "~"))
    return text != "installed" and not is_path and not os.path.exists(os.path.join(base, text))


def _packaging_files(root: str) -> list[bytes]:
    """Read all files that might pin a torchtitan."""
    contents: list[bytes] = []
    for directory in (root, os.path.join(root, "requirements")):
        try:
            with os.scandir(directory) as scan:
                names = sorted(e.name for e in scan if _may_pin(e.name, directory) and e.is_file())
        except OSError:
            continue
        for name in names:
            try:
                with open(os.path.join(directory, name), "rb") as file:
                    contents += (os.fsencode(name), file.read())
            except OSError:
                continue
    return contents


def _may_pin(name: str, directory: str) -> bool:
    if name.endswith(".txt"):
        return "require" in name or "constraint" in name or directory.endswith("requirements")
    return name.endswith((".cfg", ".in", ".lock", ".toml"))
