"""Which files may pin a torchtitan: told by their names, before anything is read.

A run over a tree that has not changed asks this of many folders, so nothing is imported here that takes
time.
"""

from __future__ import annotations

import os

from titan_lint import read_file

INNER = "requirements"
"""A folder of a project whose files of requirements are the project's."""

KINDS = (
    *("pyproject", "hatch", "setup_cfg", "setup_py", "pipfile", "pixi"),
    *("requirements", "environment"),
    *("lock", "pipfile_lock", "pixi_lock"),
    *("submodules", "dockerfile", "installed"),
)
"""The kinds of files, in the order in which they count."""

_BY_NAME = {
    "pyproject.toml": "pyproject",
    "hatch.toml": "hatch",
    "setup.cfg": "setup_cfg",
    "setup.py": "setup_py",
    "Pipfile": "pipfile",
    "pixi.toml": "pixi",
    "uv.lock": "lock",
    "poetry.lock": "lock",
    "pdm.lock": "lock",
    "pylock.toml": "lock",
    "Pipfile.lock": "pipfile_lock",
    "pixi.lock": "pixi_lock",
    ".gitmodules": "submodules",
    ".venv": "installed",
}


def candidates(root: str) -> list[tuple[str, str, bytes]]:
    """The files of a project that may pin a torchtitan, since they name one: kind, path and content.

    They come in the order in which they count. The content of an environment is the record of what is
    installed in it as torchtitan.

    Args:
        root: Absolute path of the project's folder.
    """
    names = _names(root)
    found = [(kind, os.path.join(root, name)) for name in names if (kind := kind_of(name))]
    if INNER in names:
        inner = os.path.join(root, INNER)
        listed = (name for name in _names(inner) if name.endswith((".txt", ".in")))
        found += [("requirements", os.path.join(inner, name)) for name in listed]
    read = [(kind, path, _content(kind, path)) for kind, path in found]
    known = {path for _, path, _ in read}
    # What files of requirements include counts behind them, whatever its name, and so does what setuptools is told to
    # read; the list grows while it is gone through.
    for kind, path, content in read:
        for other in (
            _included(path, content) if kind == "requirements" else _handed(kind, path, content)
        ):
            if other not in known:
                known.add(other)
                read.append(("requirements", other, _content("requirements", other)))
    kept = [entry for entry in read if b"torchtitan" in entry[2].lower()]
    return sorted(kept, key=lambda entry: KINDS.index(entry[0]))


def distribution(environment: str) -> str | None:
    """The folder in an environment that tells of the torchtitan installed there, beside which it lies."""
    libraries = [os.path.join(environment, "Lib")]
    lib = os.path.join(environment, "lib")
    libraries += [os.path.join(lib, name) for name in _names(lib) if name.startswith("python")]
    for library in libraries:
        packages = os.path.join(library, "site-packages")
        for name in _names(packages):
            if name.startswith("torchtitan-") and name.endswith(".dist-info"):
                return os.path.join(packages, name)
    return None


def kind_of(name: str) -> str | None:
    """The kind of a file by its name; ``None`` where it pins nothing."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.endswith(".txt"):
        return "requirements" if "requirements" in name or "constraints" in name else None
    if name.endswith(".in"):
        return "requirements" if "requirements" in name else None
    if name.endswith((".yml", ".yaml")):
        return "environment" if name.startswith(("environment", "conda")) else None
    if name.startswith(("Dockerfile", "Containerfile")) or name.endswith(
        (".dockerfile", ".Dockerfile")
    ):
        return "dockerfile"
    return None


def _included(path: str, content: bytes) -> list[str]:
    """The files on this machine that a file of requirements names, in the words of pip."""
    found: list[str] = []
    for line in content.decode("utf-8", "replace").splitlines():
        said = line.strip()
        option = next((option for option in _INCLUDES if said.startswith(option)), None)
        if option is not None:
            name = said[len(option) :].lstrip("= \t").partition(" #")[0].strip().strip("\"'")
            if name and "://" not in name and "$" not in name:
                found.append(os.path.normpath(os.path.join(os.path.dirname(path), name)))
    return found


def _handed(kind: str, path: str, content: bytes) -> list[str]:
    """The files of requirements that setuptools is told to read: ``dependencies = {file = ["deps.txt"]}``."""
    if kind not in _HANDING or b"file" not in content:
        return []
    import re

    named = [
        name.decode("utf-8", "replace")
        for found in re.finditer(_HANDING[kind], content)
        for name in re.findall(rb"[\w./-]+", found[1])
    ]
    return [os.path.normpath(os.path.join(os.path.dirname(path), name)) for name in named]


_HANDING = {
    "pyproject": rb"""dependencies\s*=\s*\{\s*file\s*=\s*(\[[^\]]*\]|["'][^"']*["'])""",
    "setup_cfg": rb"install_requires\s*=\s*file:([^\n]*)",
}


def local_folders(path: str, content: bytes) -> list[str]:
    """The folders of this machine that a file which may pin a torchtitan names, in the words of any tool."""
    import re

    found = re.finditer(_LOCAL, content, re.MULTILINE)
    said = (each[1].decode("utf-8", "replace") for each in found)
    return [os.path.normpath(os.path.join(os.path.dirname(path), name)) for name in said]


_LOCAL = (
    rb"""(?:\b(?:path|editable|directory)\s*=\s*["']|\bfile:(?://)?|^\s*(?:(?:-e|--editable)[\s=]\s*|(?=[./])))"""
    rb"""([^\s"'#;\[]+)"""
)

_INCLUDES = ("--requirement", "--constraint", "-r", "-c")


def _content(kind: str, path: str) -> bytes:
    if kind == "installed":
        folder = distribution(path)
        if folder is None:
            return b""
        path = os.path.join(folder, "RECORD")
    try:
        return read_file.read(path)
    except OSError:
        return b""


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
