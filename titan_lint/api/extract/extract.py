"""Extracting a surface from torchtitan's source, statically, with griffe.

griffe reads definitions, parameters, annotations and imports of each file. What it doesn't keep is
taken from the same syntax trees: attributes that methods assign, where their values come from, names
bound only for type checkers, and what functions do with the values they are given (``guards``).
Nothing of torchtitan is imported.

Raises ``ImportError`` on import when griffe isn't installed.
"""

from __future__ import annotations

import ast
from pathlib import Path

from titan_lint.api import hints
from titan_lint.api.entities import PARTIAL
from titan_lint.api.extract.accepted_values import add_values
from titan_lint.api.extract.extracted import Definition, Extracted, FunctionTree
from titan_lint.api.extract.instance_attributes import instance_attributes
from titan_lint.api.extract.origins import Origins
from titan_lint.api.extract.tree import PackageError, Tree
from titan_lint.api.signatures import ParameterKind
from titan_lint.api.surface import Provenance, Surface
from titan_lint.newer_syntax import not_valid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from titan_lint.api.entities import Record

try:
    import griffe
except ImportError as error:
    raise ImportError(
        "reading a torchtitan from a path or an installation needs griffe: "
        "install `titan-lint[api]`, or name in `surfaces` a file that `titan-lint api extract` made of it"
    ) from error

_VALUE_LENGTH = 120
"""Longest source text of a module-level value or class attribute that is kept, in characters."""

# Beginnings of values that are kept whatever their length.
_KEPT = ("Literal[", "typing.Literal[", "field(", "dataclasses.field(")

# Class decorators that add no member and leave the constructor as it is; `dataclass` is modelled.
_HARMLESS_DECORATORS = ("dataclass", "final", "override", "register", "runtime_checkable", "unique")

_KIND_NUMBERS = {
    griffe.ParameterKind.positional_only: 0,
    griffe.ParameterKind.positional_or_keyword: 1,
    griffe.ParameterKind.var_positional: 2,
    griffe.ParameterKind.keyword_only: 3,
    griffe.ParameterKind.var_keyword: 4,
}
assert len(_KIND_NUMBERS) == len(ParameterKind)

_MUTATORS = frozenset({"clear", "pop", "popitem", "setdefault", "update"})

_Assigned = tuple[griffe.Attribute, ast.Assign | ast.AnnAssign, bool]
"""An assignment in the body of a module or class, and whether nothing stands around it."""


class ExtractionError(PackageError):
    """A file of the source cannot be parsed; the message names it and the line."""


def extract_records(tree: Tree) -> Extracted:
    """Records of all modules in ``tree``."""
    extracted = Extracted()
    for name, path, content in tree.modules():
        extracted.modules[name] = _module(name, path, content, tree.where, extracted)
    # What a function accepts depends on those it calls, wherever they are, so this comes last.
    add_values(Surface(Provenance(tree.where, "tree", tree.version), extracted), extracted)
    return extracted


def _module(name: str, path: str, content: bytes, where: str, extracted: Extracted) -> Record:
    collector = _Collector()
    try:
        parent, _, last = name.rpartition(".")
        module = griffe.visit(
            last,
            Path(path),
            content.decode("utf-8-sig"),
            extensions=griffe.load_extensions(collector),
            parent=_package(parent),
        )
    except SyntaxError as error:
        said = not_valid(error, content.decode("utf-8-sig"))
        raise ExtractionError(f"{where}: {path}:{error.lineno}: {said}") from error
    except ValueError as error:  # Undecodable, or with null bytes.
        raise ExtractionError(f"{where}: {path}: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise ExtractionError(f"{where}: {path}: nested too deeply to be parsed") from error
    extracted.mutated |= _mutated(collector.top)
    return _Reader(name, collector, extracted.functions).module(module)


def _package(name: str) -> griffe.Module | None:
    """A stand-in for the package called ``name``, against which relative imports are resolved."""
    if not name:
        return None
    parent, _, last = name.rpartition(".")
    return griffe.Module(last, filepath=Path("__init__.py"), parent=_package(parent))


class _Collector(griffe.Extension):
    """Keeps, while griffe visits a file, the syntax tree behind each object and every assignment."""

    def __init__(self) -> None:
        super().__init__()
        self.top = ast.Module([], [])
        self.trees: dict[int, Definition] = {}
        self.assigned: dict[int, list[_Assigned]] = {}

    def on_module_node(self, *, node: Any, **_: Any) -> None:
        self.top = node

    def on_class_instance(self, *, node: Any, cls: griffe.Class, **_: Any) -> None:
        self.trees[id(cls)] = node

    def on_function_instance(self, *, node: Any, func: griffe.Function, **_: Any) -> None:
        self.trees[id(func)] = node

    def on_attribute_instance(
        self, *, node: Any, attr: griffe.Attribute, agent: Any, **_: Any
    ) -> None:
        if isinstance(node, FunctionTree):
            self.trees[id(attr)] = node
        elif not agent.current.is_function:
            always = isinstance(node.parent, ast.Module | ast.ClassDef)
            self.assigned.setdefault(id(agent.current), []).append((attr, node, always))


class _Reader:
    """Turns what griffe found in one file into the module's record."""

    def __init__(
        self, name: str, collector: _Collector, functions: dict[str, FunctionTree]
    ) -> None:
        self._name = name
        self._trees = collector.trees
        self._assigned = collector.assigned
        self._top = collector.top
        self._functions = functions

    def module(self, module: griffe.Module) -> Record:
        """Record of the whole file."""
        runtime, counts = _bound(self._top.body)
        members: Record = {}
        stars: list[str] = []
        for name, member in module.members.items():
            if isinstance(member, griffe.Alias) and member.wildcard:
                stars.append(member.target_path.removesuffix(".*"))
                continue
            found = self._member(member, self._name, module)
            if found is None:
                continue
            if name not in runtime:
                found["tc"] = 1
            elif counts.get(name, 0) > 1 and found["k"] == "f":
                found["variants"] = 1
            members[name] = found
        for name in sorted(runtime - members.keys()):
            members[name] = {"k": "v"}
        record: Record = {"members": members}
        exports = [name for name in module.exports or () if isinstance(name, str)]
        if exports:
            record["all"] = exports
        torchtitan_stars = [star for star in stars if star.startswith("torchtitan")]
        if torchtitan_stars:
            record["stars"] = torchtitan_stars
        reason = _module_openness(self._top)
        if len(torchtitan_stars) < len(stars):
            reason = "imports everything from another library"
        if reason:
            record["open"] = reason
        return record

    def _member(
        self, member: Any, parent: str, holder: griffe.Module | griffe.Class
    ) -> Record | None:
        path = f"{parent}.{member.name}"
        if isinstance(member, griffe.Alias):
            return {"k": "a", "to": member.target_path}
        if isinstance(member, griffe.Class):
            return self._class(member, path)
        if isinstance(member, griffe.Function):
            return self._function(member, path)
        if isinstance(member, griffe.Attribute):
            if "property" in member.labels:
                record: Record = {"k": "p"}
                if member.annotation is not None:
                    record["r"] = str(member.annotation)
                if "writable" in member.labels:
                    record["w"] = 1
                return record
            return self._attribute(member.name, holder)
        if isinstance(member, griffe.TypeAlias):
            return {"k": "v", "v": str(member.value)}
        return None

    def _function(self, function: griffe.Function, path: str) -> Record:
        tree = self._trees[id(function)]
        assert isinstance(tree, FunctionTree)
        self._functions[path] = tree
        record: Record = {"k": "f", "p": [_parameter(p) for p in function.parameters]}
        if function.returns is not None:
            record["r"] = str(function.returns)
        if function.decorators:
            record["d"] = [str(decorator.value) for decorator in function.decorators]
        if isinstance(tree, ast.AsyncFunctionDef):
            record["async"] = 1
        return record

    def _class(self, class_: griffe.Class, path: str) -> Record:
        tree = self._trees[id(class_)]
        assert isinstance(tree, ast.ClassDef)
        record: Record = {"k": "c"}
        if class_.bases:
            record["b"] = [str(base) for base in class_.bases]
        if class_.decorators:
            record["d"] = [str(decorator.value) for decorator in class_.decorators]
        if class_.keywords:
            record["kw"] = {name: str(value) for name, value in class_.keywords.items()}
        runtime, counts = _bound(tree.body)
        members: Record = {}
        for name, member in class_.members.items():
            if name not in runtime and not isinstance(member, griffe.Attribute):
                continue
            found = self._member(member, path, class_)
            if found is None:
                continue
            if found["k"] == "f" and counts.get(name, 0) > 1:
                found["variants"] = 1
            members[name] = found
        for name in sorted(runtime - members.keys()):
            members[name] = {"k": "v"}
        for name, found in instance_attributes(tree):
            _merge_attribute(members, name, found)
        record["m"] = members
        reason = _class_openness(tree)
        if reason:
            record["open"] = reason
        return record

    def _attribute(self, name: str, holder: griffe.Module | griffe.Class) -> Record | None:
        """Record of a name assigned in the body of a module or class."""
        found = [entry for entry in self._assigned.get(id(holder), ()) if entry[0].name == name]
        if not found:
            return None
        annotated = next((a for a, _, _ in reversed(found) if a.annotation is not None), None)
        attribute, node, _ = next((e for e in reversed(found) if e[1].value is not None), found[-1])
        # Assigned under a condition and otherwise elsewhere: the value isn't known.
        certain = len(found) == 1 or all(always for _, _, always in found)
        record: Record = {"k": "v"}
        if annotated is not None:
            record["t"] = str(annotated.annotation)
        if "class-attribute" in attribute.labels and "instance-attribute" not in attribute.labels:
            if isinstance(node, ast.AnnAssign):
                record["cv"] = 1
        elif holder.is_class and node.value is None:
            record["i"] = 1
        value = node.value
        if value is None or len(_targets(node)) != 1 or not certain:
            return record
        text = str(attribute.value)
        is_kept = (
            len(text) <= _VALUE_LENGTH or text.startswith(_KEPT) or hints.parse(text).alternatives
        )
        record["v"] = text if is_kept else "..."
        if hints.dotted(value) is not None:
            record["k"], record["to"] = "=", hints.dotted(value)
        elif isinstance(value, ast.Dict):
            items = _items(value)
            if items:
                record["items"] = items
        elif annotated is None and isinstance(value, ast.Call):
            origin = Origins({}, {}, None).of(value)
            if origin:
                record["x"] = origin
        return record


def _parameter(parameter: griffe.Parameter) -> list[Any]:
    assert parameter.kind is not None
    record: list[Any] = [parameter.name, _KIND_NUMBERS[parameter.kind]]
    variadic = parameter.kind in (
        griffe.ParameterKind.var_positional,
        griffe.ParameterKind.var_keyword,
    )
    annotation = None if parameter.annotation is None else str(parameter.annotation)
    default = None if parameter.default is None or variadic else str(parameter.default)
    if default is not None:
        return [*record, annotation, default]
    return record if annotation is None else [*record, annotation]


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    """Plain names that the statement assigns its whole value to."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target for target in targets if isinstance(target, ast.Name)]


def _items(node: ast.Dict) -> dict[str, str]:
    """Keys of a dictionary literal with the origin of each value; empty unless all keys are known."""
    origins = Origins({}, {}, None)
    items: dict[str, str] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            return {}
        match value:
            case ast.Call(func=function, args=[wrapped, *_]) if hints.dotted(function) in (
                "partial",
                "functools.partial",
            ):
                origin = origins.of(wrapped)
                items[key.value] = f"{origin}{PARTIAL}" if origin else ""
            case _:
                items[key.value] = origins.of(value) or ""
    return items


def _merge_attribute(members: Record, name: str, found: Record) -> None:
    """Add an attribute assigned in a method to what the class body says of it."""
    present = members.get(name)
    if present is None:
        members[name] = found
    elif present["k"] == "v" and present.get("i") == 2 and "t" not in present:
        # Assigned in several places: their types have to agree.
        if "t" in found:
            members[name] = found
        elif present.get("x") != found.get("x"):
            present.pop("x", None)
    elif present["k"] == "v" and "t" not in present and "x" not in present:
        present.pop("v", None)
    elif present["k"] == "v" and present.get("i") == 1 and hints.is_stepped(present["t"]):
        # Torchtitan declares so what is no generator. What all agree on is kept, and empty text where they differ.
        origin = found.get("x", "")
        present["x"] = origin if present.get("x", origin) == origin else ""


def _mutated(tree: ast.Module) -> set[str]:
    """Last parts of the names of which items are set or deleted, or that are updated."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=holder, ctx=ast.Store() | ast.Del()):
                pass
            case ast.Call(func=ast.Attribute(value=holder, attr=method)) if method in _MUTATORS:
                pass
            case _:
                continue
        found.add((hints.dotted(holder) or "").rpartition(".")[2])
    return found


# Names bound by a block.


def _bound(body: list[ast.stmt]) -> tuple[set[str], dict[str, int]]:
    """Names that ``body`` binds at run time, and how often each is defined as a function."""
    runtime: set[str] = set()
    counts: dict[str, int] = {}
    for node in _executed(body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                runtime.add(node.name)
                if not any(_is_accessor(d) for d in node.decorator_list):
                    counts[node.name] = counts.get(node.name, 0) + 1
            case ast.ClassDef():
                runtime.add(node.name)
            case ast.Import():
                runtime.update(a.asname or a.name.partition(".")[0] for a in node.names)
            case ast.ImportFrom():
                runtime.update(a.asname or a.name for a in node.names if a.name != "*")
            case ast.Name(ctx=ast.Store()):
                runtime.add(node.id)
            case ast.Name(ctx=ast.Del()):
                runtime.discard(node.id)
            case ast.AnnAssign(target=ast.Name(id=name)):
                runtime.add(name)
            case _:
                if type(node).__name__ == "TypeAlias":  # `type X = ...`, from Python 3.12 on.
                    runtime.add(node.name.id)  # pyright: ignore
    return runtime, counts


def _is_accessor(decorator: ast.expr) -> bool:
    """Whether a function so decorated adds to one of the same name: a setter, or an overload."""
    name = hints.dotted(decorator) or ""
    return name.rpartition(".")[2] in {"setter", "getter", "deleter", "overload", "register"}


def _executed(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Nodes that run when ``body`` does.

    Not the insides of functions, lambdas and classes, nor what stands under ``if TYPE_CHECKING`` or
    ``if __name__ == "__main__"``.
    """
    for statement in body:
        yield from _executed_node(statement)


def _executed_node(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    if isinstance(node, Definition | ast.Lambda):
        return
    if isinstance(node, ast.If) and (_is_type_checking(node.test) or _is_main(node.test)):
        yield from _executed(node.orelse)
        return
    for child in ast.iter_child_nodes(node):
        yield from _executed_node(child)


def _is_type_checking(test: ast.expr) -> bool:
    return hints.dotted(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING")


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and hints.dotted(test.left) == "__name__"


# Reasons why more names may exist than are listed.


def _module_openness(tree: ast.Module) -> str:
    for node in tree.body:
        if isinstance(node, FunctionTree) and node.name == "__getattr__":
            return "defines __getattr__"
    for node in _executed(tree.body):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Name(id="globals")))):
                return "writes to globals()"
            case ast.Subscript(value=ast.Call(func=ast.Name(id="globals")), ctx=ast.Store()):
                return "writes to globals()"
            case ast.Call(func=ast.Name(id="setattr" | "exec")):
                return "sets attributes by computed names"
            case _:
                pass
    return ""


def _class_openness(tree: ast.ClassDef) -> str:
    for decorator in tree.decorator_list:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = (hints.dotted(function) or "").rpartition(".")[2]
        if not name.startswith(_HARMLESS_DECORATORS):
            return f"is decorated with {name or 'an expression'}"
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name="__getattr__" | "__getattribute__"):
                return f"defines {node.name}"
            case ast.Call(
                func=ast.Name(id="setattr")
                | ast.Attribute(value=ast.Name(id="object"), attr="__setattr__"),
                args=[ast.Name(id="self" | "cls"), name, *_],
            ) if not isinstance(name, ast.Constant):
                return "sets attributes by computed names"
            case ast.Attribute(
                value=ast.Attribute(value=ast.Name(id="self"), attr="__dict__"), attr="update"
            ):
                return "sets attributes by computed names"
            case _:
                pass
    return ""
