"""Which torchtitan a project asks for, read from its packaging files.

Looked at, below the project's root: ``pyproject.toml`` (dependencies, every extra and group, Poetry's
and uv's tables), `setup.cfg`, `setup.py`, `Pipfile`, files of requirements and constraints, conda's
environment files, and ``uv.lock``.
"""

from __future__ import annotations

import re

from titan_lint import read_file
from titan_lint.api.pins.pin import Pin, git_table, poetry, requirement, version
from titan_lint.typeguards import is_list, is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

_REQUIREMENT_FILES = (
    "*requirements*.txt",
    "*requirements*.in",
    "*constraints*.txt",
    "requirements/*.txt",
    "requirements/*.in",
)
_ENVIRONMENT_FILES = ("environment*.yml", "environment*.yaml", "conda*.yml", "conda*.yaml")
_REQUIRES = frozenset({"install_requires", "extras_require", "setup_requires", "tests_require"})


def pinned(root: Path) -> Pin | None:
    """The most telling pin below ``root``: one that names a single torchtitan, else a range; ``None`` without one.

    Files that cannot be read or parsed are passed over: they are not titan-lint's to judge.
    """
    found = list(_pins(root))
    return next((pin for pin in found if pin.exact), found[0] if found else None)


def _pins(root: Path) -> Iterator[Pin]:
    yield from _pyproject(root / "pyproject.toml")
    yield from _setup_cfg(root / "setup.cfg")
    yield from _setup_py(root / "setup.py")
    yield from _pipfile(root / "Pipfile")
    files = (file for pattern in _REQUIREMENT_FILES for file in sorted(root.glob(pattern)))
    for file in dict.fromkeys(files):
        for number, line in enumerate(_text(file).splitlines(), start=1):
            pin = requirement(line.strip(), file, number)
            if pin is not None:
                yield pin
    for pattern in _ENVIRONMENT_FILES:
        for file in sorted(root.glob(pattern)):
            yield from _environment(file)
    yield from _uv_lock(root / "uv.lock")


def _text(path: Path) -> str:
    try:
        return read_file.read(path).decode("utf-8", "replace")
    except OSError:
        return ""


def _toml(text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _pyproject(path: Path) -> Iterator[Pin]:
    text = _text(path)
    if "torchtitan" not in text.lower():
        return
    data = _toml(text)
    source = _table(data, "tool", "uv", "sources", "torchtitan")
    pin = git_table(source, path, _line(text, r"torchtitan\s*=\s*\{"))
    if pin is not None:
        yield pin
    for written in _requirements(data):
        pin = requirement(written.strip(), path, _line(text, re.escape(written)))
        if pin is not None:
            yield pin
    poetry = _table(data, "tool", "poetry")
    for table in (poetry, *_table(poetry, "group").values()):
        yield from _named(_table(table, "dependencies"), text, path)


def _named(dependencies: dict[str, Any], text: str, path: Path) -> Iterator[Pin]:
    """The pin of a table that has dependencies by name, as Poetry's and pipenv's do."""
    wanted = dependencies.get("torchtitan")
    line = _line(text, r"^\s*torchtitan\s*=")
    pin = git_table(_table(wanted), path, line)
    wished = _table(wanted).get("version", wanted)
    if pin is not None:
        yield pin
    elif isinstance(wished, str):
        yield Pin(poetry(wished), wished, path, line)


def _pipfile(path: Path) -> Iterator[Pin]:
    text = _text(path)
    if "torchtitan" in text:
        data = _toml(text)
        yield from _named(_table(data, "packages"), text, path)
        yield from _named(_table(data, "dev-packages"), text, path)


def _setup_cfg(path: Path) -> Iterator[Pin]:
    text = _text(path)
    if "torchtitan" not in text.lower():
        return
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    values = [parser.get("options", name, fallback="") for name in sorted(_REQUIRES)]
    if parser.has_section("options.extras_require"):
        values += [value for _, value in parser.items("options.extras_require")]
    for value in values:
        for written in value.splitlines():
            pin = requirement(written.strip(), path, _line(text, re.escape(written)))
            if pin is not None:
                yield pin


def _setup_py(path: Path) -> Iterator[Pin]:
    """What a script writes out: in the call of ``setup``, or under a name that is used there."""
    text = _text(path)
    if "torchtitan" not in text.lower():
        return
    import ast
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    assigned: dict[str, list[ast.expr]] = {}
    todo: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg=str() as name, value=value) if name in _REQUIRES:
                todo.append(value)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in _REQUIRES:
                        todo.append(value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                assigned.setdefault(name, []).append(value)
            case _:
                pass
    for value in todo:
        match value:
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                todo += parts
            case ast.Dict(values=parts):
                todo += parts
            case ast.Starred(value=part):
                todo.append(part)
            case ast.BinOp(left=ast.Constant()) | ast.BinOp(right=ast.Constant()):
                pass  # A text put together from parts says nothing by one of them.
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                todo += [left, right]
            case ast.Name(id=name):
                todo += assigned.pop(name, ())
            case ast.Constant(value=str() as written):
                pin = requirement(written.strip(), path, value.lineno)
                if pin is not None:
                    yield pin
            case _:
                pass


def _environment(path: Path) -> Iterator[Pin]:
    """What a file of conda's lists, of its own or of pip's; YAML only as far as its lists go."""
    for number, line in enumerate(_text(path).splitlines(), start=1):
        item = line.strip()
        if not item.startswith("- "):
            continue
        item = item[2:].strip().strip("'\"").rpartition("::")[2]
        # To conda, one sign is a version and all that begin with it, and a second one a build.
        item = re.sub(r"^(torchtitan)\s*=\s*([\w.]+)(=[\w.*]+)?$", r"\1==\2.*", item)
        pin = requirement(item, path, number)
        if pin is not None:
            yield pin


def _table(data: Any, *keys: str) -> dict[str, Any]:
    """The table at ``keys`` inside ``data``; an empty one where there is none."""
    found: Any = data
    for key in keys:
        found = found.get(key) if is_table(found) else None
    return found if is_table(found) else {}


def _list(data: Any) -> list[Any]:
    return data if is_list(data) else []


def _requirements(data: dict[str, Any]) -> Iterator[str]:
    project = _table(data, "project")
    lists = [
        project.get("dependencies"),
        *_table(project, "optional-dependencies").values(),
        *_table(data, "dependency-groups").values(),
    ]
    for entries in lists:
        for entry in _list(entries):
            if isinstance(entry, str):
                yield entry


def _line(text: str, pattern: str) -> int:
    found = re.search(pattern, text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _uv_lock(path: Path) -> Iterator[Pin]:
    text = _text(path)
    if 'name = "torchtitan"' not in text:
        return
    for package in map(_table, _list(_toml(text).get("package"))):
        if package.get("name") != "torchtitan":
            continue
        line = _line(text, r'^name = "torchtitan"$')
        git = _table(package, "source").get("git")
        locked = package.get("version")
        if isinstance(git, str):
            commit = git.partition("#")[2]
            yield Pin(f"main@{commit}" if commit else "main", git, path, line)
        elif isinstance(locked, str):
            yield Pin(version(locked), f"torchtitan {locked}", path, line)
