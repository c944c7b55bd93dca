"""What the choice of targets rests on, told without making the choice.

Reading the surfaces takes longer than a whole run over a tree that has not changed since the last
one. So the cache is keyed by what the choice would look at, and remembers the choice itself.
"""

from __future__ import annotations

import os

from titan_lint import read_file
from titan_lint.package_folder import PACKAGES, is_torchtitan
from titan_lint.pin_files import candidates, local_folders
from titan_lint.run.digest import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from titan_lint.config.settings import Settings

_VERSIONS = ("assets/version.txt", "torchtitan/assets/version.txt")


def of_targets(settings: Settings, seen: bytes) -> bytes | None:
    """Tell what decides on the targets of files.

    Args:
        settings: Those of their configuration.
        seen: What may pin a torchtitan for them.

    Returns:
        Bytes that differ where the targets might; ``None`` where only making the choice can tell.
    """
    if not settings.torchtitan:
        return seen
    for text in settings.torchtitan:
        if not _is_plain(text, settings.asked_from or os.getcwd()):
            return None
    asked = os.fsencode("\0".join(settings.torchtitan))
    # A pin tells what the code was written for, where nobody says.
    return asked if settings.written_for else asked + b"\0" + seen


def of_files(paths: Iterable[str]) -> bytes:
    """Tell some files and what they hold from any others."""
    return b"\0".join(os.fsencode(f"{path} {_content(path)}") for path in paths)


def own(root: str) -> list[str]:
    """The folders that make the project at ``root`` a torchtitan itself."""
    packages = (root, os.path.join(root, "torchtitan"), os.path.join(root, "src", "torchtitan"))
    return [
        package
        for package in packages
        if os.path.basename(package) == "torchtitan" and is_torchtitan(package)
    ]


def of_torchtitan(package: str, contents: Mapping[str, str]) -> str:
    """Digest all files that tell which torchtitan a folder holds.

    Args:
        package: The folder.
        contents: Digests of files that were read already, by absolute path.
    """
    root = os.path.dirname(package)
    paths = [os.path.join(root, name) for name in _VERSIONS]
    for name in PACKAGES:
        paths += sorted(_modules(os.path.join(root, name)))
    for name in sorted(os.listdir(root)):
        if name.startswith("torchtitan-") and name.endswith(".dist-info"):
            paths.append(os.path.join(root, name, "METADATA"))
    known = [f"{path}\0{contents.get(path) or _content(path)}" for path in paths]
    # Without what reads one, less of it is known.
    known.append(f"griffe {_has_griffe()}")
    return digest(os.fsencode("\0".join(known)))


def _has_griffe() -> bool:
    from importlib import util

    return util.find_spec("griffe") is not None


def _modules(package: str) -> list[str]:
    """Find the modules of a package."""
    found: list[str] = []
    pending = [package]
    while pending:
        try:
            with os.scandir(pending.pop()) as scan:
                for entry in scan:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif entry.name.endswith(".py"):
                        found.append(entry.path)
        except OSError:
            continue
    return found


def _content(path: str) -> str:
    try:
        return digest(read_file.read(path))
    except OSError as error:
        return str(error.errno)


def _is_plain(text: str, base: str) -> bool:
    """Whether a target is neither a path nor what happens to be installed."""
    is_path = "/" in text or os.sep in text or text.startswith((".", "~"))
    return text != "installed" and not is_path and not os.path.exists(os.path.join(base, text))


def pinning_files(root: str, copies: Copies) -> list[bytes]:
    """Read all files that might pin a torchtitan; of a folder that one names, what state it is in."""
    contents: list[bytes] = []
    for kind, path, content in candidates(root):
        contents += (os.fsencode(path), content)
        if kind == "submodules":
            contents.append(_index(root))
        for folder in local_folders(path, content):
            package = os.path.join(folder, "torchtitan")
            if is_torchtitan(package):
                contents.append(copies.state(package).encode())
    return contents


def _index(root: str) -> bytes:
    """The submodules in git's index, with their commits."""
    from titan_lint import git

    lines = git.ask(root, "ls-files", "--stage").splitlines()
    return b"\n".join(line for line in lines if line.startswith(b"160000"))


class Copies:
    """The copies of torchtitan that files of a run lie in.

    Args:
        contents: Digests of files that were read already, by absolute path.
    """

    def __init__(self, contents: Mapping[str, str] | None = None) -> None:
        self._contents: Mapping[str, str] = {} if contents is None else contents
        self._folders: dict[str, str | None] = {}
        self._states: dict[str, str] = {}

    def hold(self, path: str) -> bool:
        """Whether a file belongs to one."""
        # The cheap question first: nearly all files are in no folder of that name.
        return "torchtitan" in path and self._folder(os.path.dirname(path)) is not None

    def use_themselves(self, path: str, data: bytes) -> bool:
        """Whether a file belongs to one and may use it without naming it."""
        return self.hold(path) and b"from ." in data

    def key(self, path: str, settings: Settings) -> str:
        """Say what findings in a file rest on because of the copy that it lies in."""
        folder = self._folder(os.path.dirname(path)) if "torchtitan" in path else None
        if folder is None:
            return ""
        # A target that was asked for holds in copies, too.
        state = "" if settings.torchtitan else self.state(folder)
        return f"{path[len(folder) :]} {state}"

    def state(self, folder: str) -> str:
        """See :func:`of_torchtitan`."""
        if folder not in self._states:
            self._states[folder] = of_torchtitan(folder, self._contents)
        return self._states[folder]

    def _folder(self, directory: str) -> str | None:
        """The package folder of the copy that a directory is in."""
        if f"{os.sep}torchtitan" not in directory:
            return None
        if directory not in self._folders:
            parent, name = os.path.split(directory)
            if name == "torchtitan" and is_torchtitan(directory):
                self._folders[directory] = directory
            else:
                self._folders[directory] = self._folder(parent)
        return self._folders[directory]
