"""Tests of torchtitan's version: where they stand, and what they come to at a release."""

from __future__ import annotations

import ast
import operator

from titan_lint.code.following import bound_value, bound_values, follows
from titan_lint.code.values import Attr, Const, Ref, Result, Value
from titan_lint.code.walk import walk
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from titan_lint.uses.file import File

_LOOKED_UP = {
    "importlib.metadata.version",
    "importlib.metadata.distribution",
    "importlib_metadata.version",
    "pkg_resources.get_distribution",
}
_PARSERS = {
    "packaging.version.Version",
    "packaging.version.parse",
    "packaging.version.LegacyVersion",
    "pkg_resources.parse_version",
    "distutils.version.LooseVersion",
    "distutils.version.StrictVersion",
    "looseversion.LooseVersion",
}
_SPECIFIERS = {"packaging.specifiers.SpecifierSet", "packaging.specifiers.Specifier"}
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
}


class VersionTest(Struct):
    """A comparison of torchtitan's version with one that is written out.

    Attributes:
        node: The comparison.
        op: The operator, with the version on its left; ``None`` for other kinds of tests.
        text: The version as written: ``"0.3.0"``, ``(0, 3)``, ``">=0.3"``.
    """

    node: ast.expr
    op: type[ast.cmpop] | None
    text: str


def find(file: File) -> list[VersionTest]:
    """All tests of torchtitan's version in a file."""
    if "version" not in file.source.text:
        return []
    nodes = (*file.program.of(ast.Compare), *file.program.called("contains", "startswith"))
    return [found for node in nodes if (found := test(file, node)) is not None]


def test(file: File, node: ast.expr) -> VersionTest | None:
    """The version test that an expression itself is; ``None`` for anything else."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _comparison(file, node, left, type(op), right)
        case ast.Call(func=ast.Attribute(value=owner, attr="contains"), args=[version, *_]):
            text = _specifier(file, owner)
            if text is not None and is_version(file, version):
                return VersionTest(node, None, text)
        case ast.Call(func=ast.Attribute(value=owner, attr="startswith"), args=[prefix]):
            if _literal(file, prefix) is not None and is_version(file, owner):
                return VersionTest(node, None, file.program.text(prefix))
        case _:
            pass
    return None


def _comparison(
    file: File, node: ast.Compare, left: ast.expr, op: type[ast.cmpop], right: ast.expr
) -> VersionTest | None:
    if op in (ast.In, ast.NotIn):
        text = _specifier(file, right)
        if text is not None and is_version(file, left):
            return VersionTest(node, None, text)
        return None
    if op not in _ORDER:
        return None
    for version, other, order in ((left, right, op), (right, left, _FLIPPED.get(op, op))):
        text = _literal(file, other)
        if text is not None and is_version(file, version):
            return VersionTest(node, order, text)
    return None


def inside(file: File, node: ast.expr) -> bool:
    """Whether a condition tests torchtitan's version."""
    return any(isinstance(part, ast.expr) and test(file, part) is not None for part in walk(node))


def verdict(file: File, node: ast.expr) -> bool | None:
    """What a version test comes to at the target; ``None`` where its version says nothing.

    Only releases are called by a version that can be trusted.
    """
    found = test(file, node)
    if found is None or file.target.surface.provenance.kind != "release":
        return None
    return answer(found, file.target.surface.version)


def answer(found: VersionTest, version: str) -> bool | None:
    """What a test comes to where torchtitan calls itself by a version; ``None`` where that is not known."""
    if found.op is None:
        return None
    from packaging.version import InvalidVersion, Version

    try:
        mine = Version(version)
        value: object = ast.literal_eval(found.text)
        if isinstance(value, str):
            return _ORDER[found.op](mine, Version(value))
        if isinstance(value, tuple) and all(isinstance(part, int) for part in value):  # type: ignore[reportUnknownVariableType]
            return _ORDER[found.op](mine.release[: len(value)], value)  # type: ignore[reportUnknownArgumentType]
    except (InvalidVersion, ValueError, SyntaxError):
        pass
    return None


@follows(False)
def is_version(file: File, node: ast.expr) -> bool:
    """Whether an expression is torchtitan's version, parsed or taken apart or as it is."""
    if _names_version(file, node):
        return True
    match node:
        case ast.Call(func=function, args=arguments):
            inner = [*arguments, *([function.value] if isinstance(function, ast.Attribute) else [])]
            return any(is_version(file, part) for part in inner)
        case ast.Subscript(value=inner) | ast.Attribute(value=inner):
            return is_version(file, inner)
        case ast.GeneratorExp(generators=[first]) | ast.ListComp(generators=[first]):
            return is_version(file, first.iter)
        case ast.Name():
            bound = bound_values(file.program, node)
            return bool(bound) and all(v is not None and is_version(file, v) for v in bound)
        case _:
            return False


def _names_version(file: File, node: ast.expr) -> bool:
    def matches(value: Value) -> bool:
        match value:
            case Ref(path="torchtitan.__version__"):
                return True
            case Result(function=Ref(path=path), call=ast.Call(args=[name, *_])):
                return path in _LOOKED_UP and file.sole(name) == Const("torchtitan")
            case Attr(owner=Result() as owner, name="version"):
                return matches(owner)
            case _:
                return False

    return file.agrees(node, matches)


@follows(None)
def _literal(file: File, node: ast.expr) -> str | None:
    """A version that is written out, as source text of a string or tuple."""
    match node:
        case ast.Constant(value=str() as text) if text[:1].isdigit():
            return repr(text)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            if parts and all(
                isinstance(p, ast.Constant) and isinstance(p.value, int) for p in parts
            ):
                return file.program.text(node) if isinstance(node, ast.Tuple) else None
        case ast.Call(func=function, args=[argument]):
            value = file.sole(function)
            if isinstance(value, Ref) and value.path in _PARSERS:
                return _literal(file, argument)
        case ast.Name():
            value = file.sole(node)
            if (
                isinstance(value, Const)
                and isinstance(value.value, str)
                and value.value[:1].isdigit()
            ):
                return repr(value.value)
            bound = bound_value(file.program, node)
            if isinstance(bound, ast.Call | ast.Tuple):
                return _literal(file, bound)
        case _:
            pass
    return None


def _specifier(file: File, node: ast.expr) -> str | None:
    value = file.sole(node)
    match value:
        case Result(function=Ref(path=path), call=ast.Call(args=[argument, *_])):
            return file.program.text(argument) if path in _SPECIFIERS else None
        case _:
            return None
