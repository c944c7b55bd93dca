"""Which torchtitan a project asks for, read from its packaging files.

Looked at, below the project's root: ``pyproject.toml`` (dependencies, every extra and group, Poetry's
and uv's tables), `setup.cfg`, `setup.py`, `Pipfile`, files of requirements and constraints, conda's
environment files, and ``uv.lock``.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from titan_lint import read_file
from titan_lint.structs import Struct
from titan_lint.typeguards import is_list, is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

_REQUIREMENT = re.compile(
    r"^torchtitan(?![\w.-])\s*(?:\[[^\]]*\])?\s*(?P<rest>[^;#]*)", re.IGNORECASE
)
_GIT = re.compile(
    r"(?:git\+|git:|ssh:|https?:)\S*?/torchtitan(?:\.git)?(?:@(?P<ref>[^\s#;&]+))?(?=[\s#;&]|$)",
    re.IGNORECASE,
)
_WHEEL = re.compile(r"/torchtitan-(?P<version>[^/\s-]+)(?:-[^/\s]*\.whl|\.tar\.gz)", re.IGNORECASE)
_VERSION = re.compile(r"^v?(\d+(?:\.\d+)+\S*)$")
_DEV = re.compile(r"\.dev(\d{4})(\d{2})(\d{2})")
_REQUIREMENT_FILES = (
    "*requirements*.txt",
    "*requirements*.in",
    "*constraints*.txt",
    "requirements/*.txt",
    "requirements/*.in",
)
_ENVIRONMENT_FILES = ("environment*.yml", "environment*.yaml", "conda*.yml", "conda*.yaml")
_REQUIRES = frozenset({"install_requires", "extras_require", "setup_requires", "tests_require"})


class Pin(Struct):
    """What a project says about the torchtitan it wants.

    Attributes:
        target: a target in the words of ``targets.parse``: a release, a date, ``main@<commit>``,
            ``main``, or a specifier such as ``>=0.2.2``; empty when any torchtitan will do.
        written: the requirement as the file has it.
        path: the file.
        line: its line there, from 1.
    """

    target: str
    written: str
    path: Path
    line: int

    @property
    def exact(self) -> bool:
        """Whether it names one torchtitan, not a range."""
        return bool(self.target) and self.target[0] not in "<>=!~"


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
            pin = _requirement(line.strip(), file, number)
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
    pin = _git_table(source, path, _line(text, r"torchtitan\s*=\s*\{"))
    if pin is not None:
        yield pin
    for requirement in _requirements(data):
        pin = _requirement(requirement.strip(), path, _line(text, re.escape(requirement)))
        if pin is not None:
            yield pin
    poetry = _table(data, "tool", "poetry")
    for table in (poetry, *_table(poetry, "group").values()):
        yield from _named(_table(table, "dependencies"), text, path)


def _named(dependencies: dict[str, Any], text: str, path: Path) -> Iterator[Pin]:
    """The pin of a table that has dependencies by name, as Poetry's and pipenv's do."""
    wanted = dependencies.get("torchtitan")
    line = _line(text, r"^\s*torchtitan\s*=")
    pin = _git_table(_table(wanted), path, line)
    version = _table(wanted).get("version", wanted)
    if pin is not None:
        yield pin
    elif isinstance(version, str):
        yield Pin(_poetry(version), version, path, line)


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
        for requirement in value.splitlines():
            pin = _requirement(requirement.strip(), path, _line(text, re.escape(requirement)))
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
            case ast.Constant(value=str() as requirement):
                pin = _requirement(requirement.strip(), path, value.lineno)
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
        pin = _requirement(item, path, number)
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


def _requirement(text: str, path: Path, line: int) -> Pin | None:
    wheel, git = _WHEEL.search(text), _GIT.search(text)
    named = _REQUIREMENT.match(text)
    if wheel is not None:
        return Pin(_version(unquote(wheel["version"])), text, path, line)
    if git is not None and not text.startswith("#"):
        return Pin(_reference(git["ref"]), text, path, line)
    if named is None:
        return None
    rest = named["rest"].split(" --")[0].strip().strip("()")
    if rest.startswith("@"):  # Some other URL: a fork, or a local folder.
        return None
    return Pin(_specifier(rest), text.split(" --")[0].strip(), path, line)


def _git_table(table: dict[str, Any], path: Path, line: int) -> Pin | None:
    if not isinstance(table.get("git"), str):
        return None
    reference = table.get("rev") or table.get("tag") or table.get("branch")
    written = f"{table['git']}@{reference}" if reference else table["git"]
    return Pin(_reference(reference if isinstance(reference, str) else None), written, path, line)


def _uv_lock(path: Path) -> Iterator[Pin]:
    text = _text(path)
    if 'name = "torchtitan"' not in text:
        return
    for package in map(_table, _list(_toml(text).get("package"))):
        if package.get("name") != "torchtitan":
            continue
        line = _line(text, r'^name = "torchtitan"$')
        git = _table(package, "source").get("git")
        version = package.get("version")
        if isinstance(git, str):
            commit = git.partition("#")[2]
            yield Pin(f"main@{commit}" if commit else "main", git, path, line)
        elif isinstance(version, str):
            yield Pin(_version(version), f"torchtitan {version}", path, line)


def _reference(reference: str | None) -> str:
    """Target for a git reference: a tag of a release, a commit, or a branch."""
    if reference is None or reference in ("main", "HEAD", "master"):
        return "main"
    tag = _VERSION.match(reference)
    if tag is not None:
        return _version(tag[1])
    return f"main@{reference}"


def _version(version: str) -> str:
    """Target for a version; the date of a nightly, which sorts below every release."""
    nightly = _DEV.search(version)
    if nightly is not None:
        return "-".join(nightly.groups())
    return version.partition("+")[0]


def _specifier(text: str) -> str:
    exact = re.fullmatch(r"={2,3}\s*([^\s,*]+)", text)
    return _version(exact[1]) if exact else text.replace(" ", "")


def _poetry(text: str) -> str:
    """Poetry's caret and bare versions in the words of PEP 440."""
    text = text.strip()
    if text in ("*", ""):
        return ""
    caret = re.fullmatch(r"\^(\d+)\.(\d+)(\S*)", text)
    if caret is not None:
        major, minor = int(caret[1]), int(caret[2])
        upper = f"{major + 1}" if major else f"0.{minor + 1}"
        return f">={major}.{minor}{caret[3]},<{upper}"
    return _version(text) if text[0].isdigit() else _specifier(text)
