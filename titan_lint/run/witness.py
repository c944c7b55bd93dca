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

_MARKS = ((_MARK,), ("distributed", "__init__.py"))
"""What makes sure that it is one."""

_PACKAGES = ("torchtitan", "torchtitan_recipes")
_VERSIONS = ("assets/version.txt", "torchtitan/assets/version.txt")


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
    contents = _packaging_files(settings.project)
    for package in _own(settings.project):
        contents += (os.fsencode(package), of_torchtitan(package))
    return b"\0".join(contents)


def _own(root: str) -> list[str]:
    """The folders that make the project at ``root`` a torchtitan itself."""
    packages = (root, os.path.join(root, "torchtitan"), os.path.join(root, "src", "torchtitan"))
    return [
        package
        for package in packages
        if os.path.basename(package) == "torchtitan" and may_be_torchtitan(package)
    ]


def of_torchtitan(package: str) -> bytes:
    """Digest all files that tell which torchtitan a folder holds."""
    import hashlib

    digest = hashlib.blake2b(digest_size=16)
    root = os.path.dirname(package)
    paths = [os.path.join(root, name) for name in _VERSIONS]
    for name in _PACKAGES:
        for directory, folders, names in os.walk(os.path.join(root, name)):
            folders.sort()
            paths += [os.path.join(directory, n) for n in sorted(names) if n.endswith(".py")]
    for name in sorted(os.listdir(root)):
        if name.startswith("torchtitan-") and name.endswith(".dist-info"):
            paths.append(os.path.join(root, name, "METADATA"))
    for path in paths:
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError as error:
            content = str(error.errno).encode()
        digest.update(os.fsencode(f"{path}\0{len(content)}\0"))
        digest.update(content)
    return digest.digest()


def may_be_torchtitan(directory: str) -> bool:
    """Tell whether a directory called ``torchtitan`` may hold the package itself."""
    return os.path.exists(os.path.join(directory, _MARK))


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


class Copies:
    """The copies of torchtitan that files of a run lie in.

    Args:
        settings: Those of the run; ``None`` where nothing is looked up in the cache.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        # A target that was asked for holds in copies too; the cache's key says what the own one is.
        self._is_asked = settings is not None and bool(settings.torchtitan)
        self._own = _own(settings.project) if settings is not None else []
        self._folders: dict[str, str | None] = {}
        self._states: dict[str, str] = {}

    def hold(self, path: str) -> bool:
        """Tell whether a file may belong to one."""
        # The cheap question first: nearly all files are in no folder of that name.
        return "torchtitan" in path and self._folder(os.path.dirname(path)) is not None

    def use_themselves(self, path: str, data: bytes) -> bool:
        """Tell whether a file may belong to one, and use it without naming it."""
        return b"from ." in data and self.hold(path)

    def key(self, path: str) -> str:
        """Say what findings in a file rest on because of the copy that it lies in."""
        folder = self._folder(os.path.dirname(path)) if "torchtitan" in path else None
        if folder is None:
            return ""
        if folder not in self._states:
            marks = [os.path.exists(os.path.join(folder, *mark)) for mark in _MARKS]
            is_known = self._is_asked or folder in self._own
            self._states[folder] = f"{marks} {'' if is_known else of_torchtitan(folder).hex()}"
        return f"{path[len(folder) :]} {self._states[folder]}"

    def _folder(self, directory: str) -> str | None:
        """The package folder of the copy that a directory is in."""
        if f"{os.sep}torchtitan" not in directory:
            return None
        if directory not in self._folders:
            parent, name = os.path.split(directory)
            if name == "torchtitan" and may_be_torchtitan(directory):
                self._folders[directory] = directory
            else:
                self._folders[directory] = self._folder(parent)
        return self._folders[directory]
