"""Pins in files of TOML, JSON and YAML."""

from __future__ import annotations

import re

from titan_lint.api.pins.pin import Pin, local, poetry, requirement, source, version
from titan_lint.typeguards import is_list, is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any


def pyproject(path: Path, text: str) -> Iterator[Pin]:
    """PEP 621's and PEP 735's lists, and what Poetry, PDM, Hatch, uv and Pixi have beside them."""
    data = _toml(text)
    tool = _table(data, "tool")
    sources = _table(tool, "uv", "sources", "torchtitan")
    pin = source(sources, path, _line(text, r"torchtitan\s*=\s*\{"))
    if pin is not None:
        yield pin
    project, uv = _table(data, "project"), _table(tool, "uv")
    lists = [
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(data, "dependency-groups").values(),
        *_table(tool, "pdm", "dev-dependencies").values(),
        *(uv.get(f"{kind}-dependencies") for kind in ("dev", "constraint", "override")),
    ]
    for entries in lists:
        yield from _listed(entries, text, path)
    yield from _environments(_table(tool, "hatch"), text, path)
    poetry = _table(tool, "poetry")
    for table in (poetry, *_table(poetry, "group").values()):
        yield from _by_name(_table(table, "dependencies"), text, path)
    yield from _by_name(_table(poetry, "dev-dependencies"), text, path)
    yield from _workspace(_table(tool, "pixi"), text, path)


def hatch(path: Path, text: str) -> Iterator[Pin]:
    """What the environments of Hatch need."""
    yield from _environments(_toml(text), text, path)


def pipfile(path: Path, text: str) -> Iterator[Pin]:
    """The two tables of pipenv."""
    data = _toml(text)
    for name in ("packages", "dev-packages"):
        yield from _by_name(_table(data, name), text, path)


def pipfile_lock(path: Path, text: str) -> Iterator[Pin]:
    """What pipenv has locked."""
    data = _json(text)
    for name in ("default", "develop"):
        yield from _by_name(_table(data, name), text, path)


def pixi(path: Path, text: str) -> Iterator[Pin]:
    """The dependencies of conda's and of pip's, with those of features."""
    yield from _workspace(_toml(text), text, path)


def pixi_lock(path: Path, text: str) -> Iterator[Pin]:
    """What Pixi has locked, from conda or from pip."""
    for package in _list(_table(_yaml(text)).get("packages")):
        found = _table(package).get("pypi") or _table(package).get("conda")
        if isinstance(found, str):
            yield from _one(found, text, path)


def lock(path: Path, text: str) -> Iterator[Pin]:
    """What uv, Poetry, PDM, or a file of PEP 751 have locked."""
    data = _toml(text)
    for package in map(_table, (*_list(data.get("package")), *_list(data.get("packages")))):
        if package.get("name") != "torchtitan":
            continue
        line = _line(text, r'^name = "torchtitan"$')
        origin, locked = _table(package, "source"), package.get("version")
        git, commit = origin.get("git"), origin.get("resolved_reference")
        folder = (
            origin.get("editable")
            or origin.get("directory")
            or _table(package, "directory").get("path")
        )
        if isinstance(git, str):
            commit = git.partition("#")[2] or "main"
        if isinstance(folder, str):
            # The version is what it calls itself there.
            yield local(folder, path, line)
            continue
        commit = commit or package.get("revision") or _table(package, "vcs").get("commit-id")
        if isinstance(commit, str):
            target = commit if commit == "main" else f"main@{commit}"
            yield Pin(target, git if isinstance(git, str) else f"torchtitan {commit}", path, line)
        elif isinstance(locked, str):
            yield Pin(version(locked), f"torchtitan {locked}", path, line)


def environment(path: Path, text: str) -> Iterator[Pin]:
    """What a file of conda's lists, of its own or of pip's."""
    for entry in _list(_table(_yaml(text)).get("dependencies")):
        if isinstance(entry, str):
            # To conda, one sign is a version and all that begin with it, and a second one a build.
            item = entry.rpartition("::")[2]
            item = re.sub(r"^(torchtitan)\s*=\s*([\w.]+)(=[\w.*]+)?$", r"\1==\2.*", item)
            yield from _one(item, text, path, at=entry)
        else:
            yield from _listed(_table(entry).get("pip"), text, path)


def _environments(data: dict[str, Any], text: str, path: Path) -> Iterator[Pin]:
    for environment in _table(data, "envs").values():
        for name in ("dependencies", "extra-dependencies"):
            yield from _listed(_table(environment).get(name), text, path)


def _workspace(data: dict[str, Any], text: str, path: Path) -> Iterator[Pin]:
    for table in (data, *_table(data, "feature").values(), *_table(data, "target").values()):
        for name in ("dependencies", "pypi-dependencies"):
            yield from _by_name(_table(table, name), text, path)


def _by_name(dependencies: dict[str, Any], text: str, path: Path) -> Iterator[Pin]:
    """The pin of a table that has dependencies by name, as Poetry's and pipenv's do."""
    wanted = dependencies.get("torchtitan")
    line = _line(text, r'^\s*"?torchtitan"?\s*[=:]')
    pin = source(_table(wanted), path, line)
    wished = _table(wanted).get("version", wanted)
    if pin is not None:
        yield pin
    elif isinstance(wished, str):
        yield Pin(poetry(wished), wished, path, line)


def _listed(entries: Any, text: str, path: Path) -> Iterator[Pin]:
    """The pins of a list of requirements."""
    for entry in _list(entries):
        if isinstance(entry, str):
            yield from _one(entry, text, path)


def _one(written: str, text: str, path: Path, at: str = "") -> Iterator[Pin]:
    pin = requirement(written.strip(), path, _line(text, re.escape(at or written)))
    if pin is not None:
        yield pin


def _toml(text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _json(text: str) -> dict[str, Any]:
    import json

    try:
        return _table(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _yaml(text: str) -> Any:
    # LibCST brings it along.
    import yaml

    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _table(data: Any, *keys: str) -> dict[str, Any]:
    """The table at ``keys`` inside ``data``; an empty one where there is none."""
    found: Any = data
    for key in keys:
        found = found.get(key) if is_table(found) else None
    return found if is_table(found) else {}


def _list(data: Any) -> list[Any]:
    return data if is_list(data) else []


def _line(text: str, pattern: str) -> int:
    found = re.search(pattern, text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1
