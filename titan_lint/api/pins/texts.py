"""Pins in files of requirements, of setuptools, and in what builds containers."""

from __future__ import annotations

from titan_lint.api.pins.pin import Pin, requirement

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_REQUIRES = frozenset({"install_requires", "extras_require", "setup_requires", "tests_require"})
_INSTALLERS = ("pip", "pip3", "uv")


def requirements(path: Path, text: str) -> Iterator[Pin]:
    """The lines of requirements or constraints."""
    for number, line in enumerate(text.splitlines(), start=1):
        pin = requirement(line.strip(), path, number)
        if pin is not None:
            yield pin


def setup_cfg(path: Path, text: str) -> Iterator[Pin]:
    """What setuptools needs."""
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
            pin = requirement(written.strip(), path, text.count("\n", 0, text.find(written)) + 1)
            if pin is not None:
                yield pin


def setup_py(path: Path, text: str) -> Iterator[Pin]:
    """What a script writes out: in the call of ``setup``, or under a name that is used there."""
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
            case ast.JoinedStr() | ast.BinOp(left=ast.Constant()) | ast.BinOp(right=ast.Constant()):
                # A text put together from parts says nothing by one of them.
                written = _put_together(value, assigned)
                pin = None if written is None else requirement(written, path, value.lineno)
                if pin is not None:
                    yield pin
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


def _put_together(node: ast.expr, assigned: Mapping[str, list[ast.expr]]) -> str | None:
    """The text of an f-string or a sum, of which all parts are written out; ``None`` for another one."""
    import ast

    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.Name(id=name):
            values = assigned.get(name, ())
            constant = values[0] if len(values) == 1 else None
            return _put_together(constant, {}) if isinstance(constant, ast.Constant) else None
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return _put_together(value, assigned)
        case ast.JoinedStr(values=values):
            parts = [_put_together(value, assigned) for value in values]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [_put_together(value, assigned) for value in (left, right)]
        case _:
            return None
    return "".join(part for part in parts if part is not None) if None not in parts else None


def dockerfile(path: Path, text: str) -> Iterator[Pin]:
    """What a build of a container has pip or uv install, as far as it is written out."""
    import shlex

    whole, start = "", 1
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("#"):
            continue
        if not whole:
            start = number
        whole += line.removesuffix("\\") + "\n"
        if line.endswith("\\"):
            continue
        if "torchtitan" in whole.lower() and "install" in whole:
            lexer = shlex.shlex(whole, posix=True, punctuation_chars="();&|")
            lexer.whitespace_split, lexer.commenters = True, ""
            try:
                words = list(lexer)
            except ValueError:
                words = []
            for word in _installed(words):
                pin = requirement(word, path, start + whole[: whole.find(word)].count("\n"))
                if pin is not None:
                    yield pin
        whole = ""


def _installed(words: list[str]) -> Iterator[str]:
    """What the commands of a shell have installed: the words behind `pip install`, up to the command's end."""
    installs, before = False, ""
    for word in words:
        if word and not word.strip("();&|"):
            installs = False
        elif word == "install" and before.rpartition("/")[2] in _INSTALLERS:
            installs = True
        elif installs and "$" not in word:
            yield word
        before = word
