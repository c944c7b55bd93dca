"""Every path into torchtitan that a file writes and the target lacks, put together once."""

from __future__ import annotations

import ast
import functools

from titan_lint.api import Class, Function, Module, Variable, history
from titan_lint.api.absence import asked_in_vain, missing_part
from titan_lint.api.changes import moves
from titan_lint.code.following import bound_values, follows
from titan_lint.code.forms import argument, is_torchtitans, last_name
from titan_lint.code.uses import bindings_of
from titan_lint.code.values import UNKNOWN, Collection, Const, Ref
from titan_lint.finding import Severity
from titan_lint.structs import Struct
from titan_lint.uses.additions import is_put
from titan_lint.uses.guards import live
from titan_lint.uses.imports import optional, starred
from titan_lint.uses.imports.listed import pairs
from titan_lint.uses.imports.patched import patched, patched_of, patched_together
from titan_lint.uses.imports.unread import unread
from titan_lint.uses.reads import reads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api import Surface
    from titan_lint.api.changes.moves import Home
    from titan_lint.code.names import Binding
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File
    from titan_lint.uses.guards import Failure

_NO_MODULE = ModuleNotFoundError


class Missing(Struct, eq=False):
    """One place that asks for a path which the target lacks.

    Attributes:
        node: Where to point.
        path: The path, in full.
        gone: The shortest part of it that is not there.
        home: Where the same thing is now.
        severity: How bad it is, where that differs from the rule's own.
        statement: The import statement, where it is one.
        alias: The part of that statement.
        is_patched: Whether the path is the string of a ``mock.patch``, or put together from what a
            patch names.
        is_optional: Whether the code goes on where the import fails.
        is_unread: Whether the file puts something at the path, which never fails.
        is_no_module: Whether ``gone`` is there, and something that nothing is imported from.
    """

    node: ast.AST
    path: str
    gone: str
    home: Home | None = None
    severity: Severity | None = None
    statement: ast.Import | ast.ImportFrom | None = None
    alias: ast.alias | None = None
    is_patched: bool = False
    is_unread: bool = False
    is_optional: bool = False
    is_no_module: bool = False


class Broken(Struct, eq=False):
    """One import of a module that is there, and that torchtitan itself broke.

    Attributes:
        node: Where to point.
        module: The module.
        by: The module whose fault it is.
        lost: The path of what that one imports, or lists for star imports, and what is not there.
        is_listed: Whether it is listed.
    """

    node: ast.AST
    module: str
    by: str
    lost: str
    is_listed: bool = False


class Imports:
    """The paths of one file at one target."""

    def __init__(self, file: File) -> None:
        self.file = file

    @functools.cached_property
    def bindings(self) -> dict[ast.alias, Binding]:
        """What each part of an import statement binds."""
        return self.file.program.once(bindings_of)

    @functools.cached_property
    def missing(self) -> list[Missing]:
        """All that is missing, guarded places left out."""
        # Each with what has to be put somewhere, so that the path is not missed.
        needed = [
            *((lost, _imported_module(lost)) for lost in self._imported()),
            *((lost, lost.gone) for lost in (*self._dotted(), *self._patched(), *self._listed())),
            *((lost, lost.path) for lost in (*self._dynamic(), *self._unread(), *self._sought())),
        ]
        own = [lost for lost, path in needed if not is_put(self.file, lost.node, path)]
        return [*own, *self._starred()]

    @functools.cached_property
    def by_statement(self) -> dict[ast.stmt | None, list[Missing]]:
        """What is missing, by the import that asks for it; ``None`` for what no import does."""
        found: dict[ast.stmt | None, list[Missing]] = {}
        for missing in self.missing:
            found.setdefault(missing.statement, []).append(missing)
        return found

    def _imported(self) -> Iterator[Missing]:
        for statement in self.file.program.bindings.imports:
            for alias in statement.names:
                path = self.path(statement, alias)
                gone = self._missing(path)
                other = self._no_module(statement, alias) if gone is None else None
                if path is not None and other is not None and live(self.file, alias, _NO_MODULE):
                    yield Missing(alias, path, other, None, None, None, alias, is_no_module=True)
                if path is None or gone is None:
                    continue
                if not live(self.file, alias, _raised(statement, gone)):
                    yield from self._optional(statement, alias, path, gone)
                    continue
                yield Missing(
                    alias,
                    path,
                    gone,
                    moves.home(self.file.target.surface, path),
                    Severity.INFO if _only_for_types(self.file, statement) else None,
                    statement,
                    alias,
                )

    @functools.cached_property
    def broken(self) -> list[Broken]:
        """The imports that fail although nothing is missing of what they ask for.

        In a copy of torchtitan that is said where the fault is.
        """
        if is_torchtitans(self.file.package or ""):
            return []
        surface = self.file.target.surface
        asked: list[tuple[ast.AST, str, str]] = []
        found: list[Broken] = []
        for statement in self.file.program.bindings.imports:
            if _only_for_types(self.file, statement):
                continue
            for alias in statement.names:
                path = self.path(statement, alias)
                if path is None or self._missing(path) is not None:
                    continue
                # What stands under the very name of a module is taken without its packages.
                is_from = isinstance(statement, ast.ImportFrom) and alias.name != "*"
                asked.append((alias, path, path.rpartition(".")[0] if is_from else path))
                lost = starred.listed_in_vain(surface, path) if alias.name == "*" else None
                if (
                    lost is not None
                    and not is_put(self.file, alias, path, f"{path}.__all__", lost)
                    and live(self.file, alias, AttributeError)
                ):
                    found.append(Broken(alias, path, path, lost, is_listed=True))
        for call in self.file.called.get("importlib.import_module", ()):
            match self.file.values(call):
                case (Ref(path=path),) if "*" not in path:
                    asked.append((call, path, path))
                case _:
                    pass
        told: set[str] = set()
        for node, path, module in asked:
            chain = asked_in_vain(surface, path)
            if (
                chain
                and chain[0] not in told
                and not is_put(self.file, node, *_put_for(surface, chain), module)
                and live(self.file, node, ImportError, ModuleNotFoundError)
            ):
                told.add(chain[0])
                found.append(Broken(node, chain[0], chain[-2], chain[-1]))
        return found

    def _optional(
        self, statement: ast.Import | ast.ImportFrom, alias: ast.alias, path: str, gone: str
    ) -> Iterator[Missing]:
        """An import that may fail, where it always does and would work under another path."""
        home = moves.home(self.file.target.surface, path)
        binding = self.bindings.get(alias)
        if home is None or binding is None or isinstance(statement, ast.Import):
            return
        if optional.is_lost(self.file, statement, binding, home):
            yield Missing(
                *(alias, path, gone, home, Severity.WARNING, statement, alias), is_optional=True
            )

    def _no_module(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str | None:
        """What an import names as a module and is a function, a class or a variable."""
        module = alias.name if isinstance(statement, ast.Import) else statement.module
        if module is None or not module.startswith("torchtitan.") or self._is_relative(statement):
            return None
        surface = self.file.target.surface
        found = surface.lookup(module)
        if module in surface.modules or not isinstance(found, Class | Function | Variable):
            return None
        return module

    @staticmethod
    def _is_relative(statement: ast.Import | ast.ImportFrom) -> bool:
        return isinstance(statement, ast.ImportFrom) and bool(statement.level)

    def path(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str | None:
        """The path that an import asks for, a star's being the module."""
        if isinstance(statement, ast.Import):
            return alias.name
        if alias.name == "*":
            return None if statement.level else statement.module
        if not statement.level:
            return f"{statement.module}.{alias.name}"
        binding = self.bindings.get(alias)
        match list(self.file.resolver.bound(binding)) if binding is not None else []:
            case [Ref(path=path)]:
                return path
            case _:
                return None

    def _starred(self) -> Iterator[Missing]:
        """Names that come from nowhere, now that ``from module import *`` does not bring them."""
        surface = self.file.target.surface
        for node, path in starred.lost(self.file):
            # Where a list says what the star brings, what is put on the module beside it does not come.
            module = path.rpartition(".")[0]
            is_listed = starred.offered(surface, module) is not None
            if is_put(self.file, node, *((module, f"{module}.__all__") if is_listed else (path,))):
                continue
            if live(self.file, node, NameError):
                yield Missing(node, path, path, moves.home(surface, path))

    def _patched(self) -> Iterator[Missing]:
        """Strings that name what a test replaces."""
        for node, path, needed, failures in patched(self.file):
            gone = self._missing(needed)
            failures = {AttributeError} if gone == path else failures
            if gone is not None and live(self.file, node, *failures):
                home = moves.home(self.file.target.surface, path)
                yield Missing(node, path, gone, home, is_patched=True)
        for node, path, failures in patched_together(self.file):
            gone = self._missing(path)
            if gone is not None and live(self.file, node, *failures):
                home = moves.home(self.file.target.surface, path)
                yield Missing(node, path, gone, home, is_patched=True)
        for owner, node, name in patched_of(self.file):
            value = self.file.sole(owner)
            path = f"{value.path}.{name}" if isinstance(value, Ref) else None
            # Of a module that is gone the import says so.
            if path is None or self._missing(path) != path:
                continue
            if live(self.file, node, AttributeError):
                home = moves.home(self.file.target.surface, path)
                yield Missing(node, path, path, home, is_patched=True)

    def _unread(self) -> Iterator[Missing]:
        """What is put into a module of which nothing reads it."""
        for node, path in unread(self.file):
            if live(self.file, node, AttributeError):
                home = moves.home(self.file.target.surface, path)
                yield Missing(node, path, path, home, Severity.WARNING, is_unread=True)

    def _dotted(self) -> Iterator[Missing]:
        """Attributes of modules that are there: ``lrs.LRSchedulersContainer``, saved or dynamic."""
        surface = self.file.target.surface
        for node, owner, name in reads(self.file):
            if not _may_be_module(owner):
                continue
            values = self.file.values(owner)
            if UNKNOWN in values or not all(map(_may_be_of_torchtitan, values)):
                continue
            found: set[str] = set()
            for value in values:
                path = f"{value.path}.{name}" if isinstance(value, Ref) else None
                gone = self._missing(path)
                if path is None or gone != path:
                    break  # It may be something else, or what holds it is gone: said there.
                found.add(path)
            else:
                if (
                    len(found) != 1
                    or found & self._reported
                    or not live(self.file, node, AttributeError)
                ):
                    continue
                (gone,) = found
                whole, path = self._thing(node, gone)
                home = moves.home(surface, path) if "*" not in path else None
                yield Missing(whole, path, gone, home)

    @functools.cached_property
    def _reported(self) -> set[str]:
        """Modules that ``import`` statements ask for in vain: their dotted uses go without saying."""
        return {
            gone
            for statement in self.file.program.bindings.imports
            if isinstance(statement, ast.Import)
            for alias in statement.names
            if not alias.asname
            and (gone := self._missing(alias.name)) is not None
            and not is_put(self.file, alias, alias.name)
        }

    def _thing(self, node: ast.expr, path: str) -> tuple[ast.expr, str]:
        """The thing in a module that is gone, with its path: ``torchtitan.x.lr_scheduler.X``."""
        presence = history.find(self.file.target.surface, path) if "*" not in path else None
        parent = self.file.program.parents[node]
        while (
            presence is not None
            and isinstance(presence.surface.lookup(path), Module)
            and isinstance(parent, ast.Attribute)
        ):
            node, path = parent, f"{path}.{parent.attr}"
            parent = self.file.program.parents[node]
        return node, path

    def _dynamic(self) -> Iterator[Missing]:
        """Modules that ``import_module`` is asked for by name."""
        called = self.file.called
        for call in (
            *called.get("importlib.import_module", ()),
            *called.get("builtins.__import__", ()),
        ):
            named = argument(call, 0, "name")
            if named is None:
                continue
            values = self.file.values(call)
            paths = [value.path for value in values if isinstance(value, Ref)]
            lost = [(path, gone) for path in paths if (gone := self._missing(path)) is not None]
            if not lost or not live(self.file, call, _NO_MODULE):
                continue
            for path, gone in sorted(lost):
                home = moves.home(self.file.target.surface, path) if "*" not in path else None
                node = _entry(self.file, named, path) or named
                certain = len(lost) == len(values)
                yield Missing(node, path, gone, home, None if certain else Severity.INFO)

    def _listed(self) -> Iterator[Missing]:
        """Names of a table of modules and their members that a loop asks for one by one."""
        for call in self.file.program.called("getattr"):
            for module, name in pairs(self.file, call):
                path = f"{module.value}.{name.value}"
                # Of a module that is gone its import says so.
                if self._missing(path) == path and live(self.file, call, AttributeError):
                    yield Missing(name, path, path, moves.home(self.file.target.surface, path))

    def _sought(self) -> Iterator[Missing]:
        """``find_spec("a.b.c")`` where ``a.b`` is gone: it imports that, and fails."""
        for call in self.file.called.get("importlib.util.find_spec", ()):
            named = argument(call, 0, "name")
            values = self.file.values(named) if named is not None else ()
            holders = [
                value.value.rpartition(".")[0]
                for value in values
                if isinstance(value, Const) and isinstance(value.value, str)
            ]
            gone = {self._missing(holder) for holder in holders}
            if named is None or not holders or len(holders) < len(values) or len(gone) != 1:
                continue
            (part,) = gone
            if part is not None and live(self.file, call, _NO_MODULE):
                home = moves.home(self.file.target.surface, holders[0])
                yield Missing(named, holders[0], part, home)

    def _missing(self, path: str | None) -> str | None:
        return missing_part(self.file.target.surface, path) if path is not None else None


def _put_for(surface: Surface, chain: tuple[str, ...]) -> Iterator[str]:
    """The paths at which something helps an import: modules on its way, and what the last of them lacks."""
    yield from chain
    gone = missing_part(surface, chain[-1])
    if gone is not None:
        yield gone


def _imported_module(lost: Missing) -> str:
    """What an import looks for first, of what is missing.

    ``import a.b.c as c`` reads ``b`` of ``a``, and ``from a.b import c`` imports ``a.b``: a module that
    is put at ``a.b.c`` is no help. ``import a.b.c`` and ``from a.b.c import x`` find that.
    """
    match lost.statement, lost.alias:
        case ast.Import(), ast.alias(asname=str()):
            return lost.gone
        case ast.ImportFrom(level=0, module=str() as module), _ if lost.gone != lost.path:
            return module
        case _:
            return lost.path


def _raised(statement: ast.Import | ast.ImportFrom, gone: str) -> Failure:
    """What an import raises where ``gone`` is the first part of its path that is not there."""
    if isinstance(statement, ast.ImportFrom) and not statement.level:
        module = f"{statement.module}."
        return _NO_MODULE if module.startswith(f"{gone}.") else ImportError
    return ImportError if isinstance(statement, ast.ImportFrom) else _NO_MODULE


def _may_be_of_torchtitan(value: Value) -> bool:
    """As :func:`_may_be_module`: most names are other libraries'. A module of any name may be meant by ``*``."""
    return isinstance(value, Ref) and value.path.startswith(("torchtitan", "*"))


def _may_be_module(node: ast.expr) -> bool:
    """A look that costs nothing."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name | ast.Call)


def _only_for_types(file: File, node: ast.AST) -> bool:
    """Whether a statement runs under ``if TYPE_CHECKING`` only."""
    child = node
    for parent in file.program.ancestors(node):
        if isinstance(parent, ast.If) and child in parent.body:
            if last_name(parent.test) == "TYPE_CHECKING":
                return True
        child = parent
    return False


@follows(None)
def _entry(file: File, name: ast.expr, path: str) -> ast.Constant | None:
    """The string, in a dictionary or elsewhere, that makes a dynamic import ask for ``path``."""
    parts: list[ast.expr] = []
    match name:
        case ast.Constant(value=str() as text):
            fits = text and (path == text or path.endswith(f".{text}"))
            return name if fits else None
        case ast.JoinedStr(values=values):
            parts += [part.value for part in values if isinstance(part, ast.FormattedValue)]
        case ast.BinOp(left=left, right=right):
            parts += [left, right]
        case ast.IfExp(body=body, orelse=orelse):
            parts += [body, orelse]
        case ast.Subscript(value=owner) | ast.Call(func=ast.Attribute(value=owner, attr="get")):
            match file.sole(owner):
                case Collection(node=ast.Dict(values=held)):
                    parts += held
                case Collection(node=ast.List(elts=held) | ast.Tuple(elts=held)):
                    parts += held
                case _:
                    pass
        case ast.Name():
            parts += [value for value in bound_values(file.program, name) if value is not None]
        case _:
            pass
    found = (_entry(file, part, path) for part in parts)
    return next((entry for entry in found if entry is not None), None)
