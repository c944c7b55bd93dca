"""Flavors that a file asks for by a literal and the target does not have."""

from __future__ import annotations

import ast
import functools

from titan_lint.api import bundle, history
from titan_lint.code.forms import ADDING, keys_put, last_name, puts_items
from titan_lint.code.values import Const, Ref
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses.additions import Additions, is_put
from titan_lint.uses.attention.analysis import Attention
from titan_lint.uses.attention.registry import literals_or_fallback
from titan_lint.uses.fallbacks import branches
from titan_lint.uses.flavors.dictionaries import (
    OF_SPEC,
    are_mentioned,
    dictionary,
    indexed,
    of_spec,
)
from titan_lint.uses.guards import live, may_give
from titan_lint.uses.neighbours import flavors_filled, is_filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.api import Surface, Variable
    from titan_lint.code.program import Program
    from titan_lint.uses.attention.registry import Registry
    from titan_lint.uses.file import File

_ANY = "*"


class Asked(Struct, eq=False):
    """One flavor that is asked for.

    Attributes:
        node: Where to point.
        flavor: The flavor.
        where: Paths of the registries or dictionaries that are asked.
        known: The flavors that they have.
        is_fallback: Whether it is only asked for where nobody gives another one.
        in_branch: Whether it is only asked for in one branch, which has others.
    """

    node: ast.expr
    flavor: str
    where: tuple[str, ...]
    known: tuple[str, ...]
    is_fallback: bool = False
    in_branch: bool = False


class Flavors:
    """The flavors that one file asks for at one target."""

    def __init__(self, file: File) -> None:
        self.file = file

    def unknown(self) -> Iterator[Asked]:
        """What no registry or dictionary that may be meant has."""
        for asked in (*self._of_calls(), *self._of_items()):
            if live(self.file, asked.node, KeyError):
                yield asked

    def _of_calls(self) -> Iterator[Asked]:
        """``model_registry("8B")``, where every registry that it may be is known."""
        surface = self.file.target.surface
        for entry in self.file.once(Attention).registries:
            wanted, is_fallback = literals_or_fallback(self.file, entry.flavor)
            parts = self.in_branches(entry.flavor) if len(wanted) != 1 else []
            if entry.flavor is None or not (wanted or parts) or any("*" in p for p in entry.paths):
                continue  # With a star in it, a model of the project's own may be meant.
            found = [indexed(surface, function.path) for function in entry.candidates]
            known = [held for held in found if held is not None]
            if len(known) < len(found):
                continue
            if is_put(self.file, entry.call, *entry.paths):
                continue
            everything = tuple(dict.fromkeys(flavor for held in known for flavor in held.keys))
            paths = tuple(function.path for function in entry.candidates)
            if any(self._may_have(held, flavor) for held in known for flavor in wanted):
                continue
            if wanted and wanted.isdisjoint(everything):
                yield Asked(entry.flavor, min(wanted), paths, everything, is_fallback)
                continue
            for part, flavor in parts:
                if (
                    flavor not in everything
                    and not any(self._may_have(held, flavor) for held in known)
                    and live(self.file, entry.flavor, KeyError)
                ):
                    yield Asked(part, flavor, paths, everything, in_branch=True)

    def may_be_there(self, entry: Registry, flavor: str) -> bool:
        """Whether the file or its project may put a flavor where a registry looks it up, or something in the registry's place."""
        surface = self.file.target.surface
        found = (indexed(surface, function.path) for function in entry.candidates)
        return is_put(self.file, entry.call, *entry.paths) or any(
            held is not None and self._may_have(held, flavor) for held in found
        )

    def _may_have(self, held: Variable, flavor: str) -> bool:
        """Whether the file or its project may put a flavor into a dictionary."""
        put = self._added.get(held.path, set())
        return (
            not put.isdisjoint((flavor, _ANY))
            or self.file.is_filled(held.path, flavor)
            or is_filled(
                self.file.target.surface, self.file.program.once(_filled), held.path, flavor
            )
            or self.file.is_replaced(held.path)
        )

    def has_any(self, entry: Registry, flavors: Iterable[str]) -> bool:
        """Whether the target has one of some flavors."""
        surface = self.file.target.surface
        found = (indexed(surface, function.path) for function in entry.candidates)
        return any(held is not None and not {*held.keys}.isdisjoint(flavors) for held in found)

    def in_branches(self, node: ast.expr | None) -> list[tuple[ast.expr, str]]:
        """The flavors that an expression is in one branch or another, with where they stand."""
        found = () if node is None else branches(self.file, node)
        return [(part, value.value) for part, value in found if isinstance(value.value, str)]

    def _of_items(self) -> Iterator[Asked]:
        """``llama3_configs["8B"]``."""
        if not are_mentioned(self.file.source.text):
            return
        surface = self.file.target.surface
        for node in self.file.program.of(ast.Subscript):
            if not isinstance(node.ctx, ast.Load):
                continue
            key = self.file.sole(node.slice)
            owner = self.file.sole(node.value)
            if not isinstance(key, Const) or not isinstance(key.value, str):
                continue
            held = dictionary(surface, owner.path) if isinstance(owner, Ref) else None
            if held is None:
                held = self._of_spec(node, key.value)
            if held is None or key.value in held.keys:
                continue
            if not may_give(self.file, node.slice, key.value):
                continue
            if not self._may_have(held, key.value):
                yield Asked(node.slice, key.value, (held.path,), held.keys)

    def _of_spec(self, node: ast.Subscript, key: str) -> Variable | None:
        """The dictionary behind ``get_train_spec().model_args``, as torchtitan has filled it."""
        found = of_spec(self.file, node.value)
        if len(found) != 1 or self.file.is_filled(OF_SPEC, key):
            return None
        (held,) = found
        is_set = any(
            attribute.attr == OF_SPEC and isinstance(attribute.ctx, ast.Store)
            for attribute in self.file.attributes
        ) or any(
            word.arg in (OF_SPEC, None)
            for call in self.file.calls
            if last_name(call.func) == "replace"
            for word in call.keywords
        )
        return None if is_set or self._is_put(held, node) else held

    def _is_put(self, held: Variable, node: ast.expr) -> bool:
        """Whether what makes the spec may be something of the file's or the project's."""
        module = held.path.rpartition(".")[0]
        makers = [
            value.path
            for part in walk(node)
            if isinstance(part, ast.expr)
            for value in self.file.values(part)
            if isinstance(value, Ref) and value.path.startswith("torchtitan.")
        ]
        return is_put(self.file, node, f"{module}.get_train_spec", *makers)

    @functools.cached_property
    def _added(self) -> dict[str, set[str]]:
        """What the file itself puts into dictionaries of flavors, ``*`` for what is not known."""
        added: dict[str, set[str]] = {}
        for item in self.file.program.bindings.items:
            key = self.file.sole(item.slice)
            text = key.value if isinstance(key, Const) and isinstance(key.value, str) else _ANY
            self._add(added, item.value, text)
        for call in self.file.calls:
            if not isinstance(call.func, ast.Attribute):
                continue
            owners = [call.func.value] if call.func.attr in ADDING else []
            owners += call.args[:1] if puts_items(call) else ()
            for key in keys_put(call) if owners else ():
                self._add(added, owners[0], _ANY if key is None else key)
        for put in self.file.once(Additions).all:
            # The whole dictionary may be another one.
            if isinstance(put.owner, str) and put.name is not None:
                self._add_path(added, Ref(f"{put.owner}.{put.name}"), _ANY)
        for node in self.file.program.of(ast.AugAssign):
            # The name is bound anew, so what it was before has to be looked up.
            for binding in self.file.program.bindings.module.bindings.get(_name(node.target), ()):
                for value in self.file.resolver.bound(binding):
                    self._add_path(added, value, _ANY)
                for held in of_spec(self.file, binding.value) if binding.value else ():
                    added.setdefault(held.path, set()).add(_ANY)
        return added

    def _add(self, added: dict[str, set[str]], owner: ast.expr, key: str) -> None:
        for value in self.file.values(owner):
            if isinstance(value, Const) and isinstance(value.value, str):
                value = Ref(value.value)  # patch.dict("torchtitan.models.llama3.llama3_configs")
            self._add_path(added, value, key)
        for held in of_spec(self.file, owner):
            added.setdefault(held.path, set()).add(key)

    def _add_path(self, added: dict[str, set[str]], value: object, key: str) -> None:
        found = self.file.target.surface.resolve(value.path) if isinstance(value, Ref) else None
        if found is not None:
            added.setdefault(found, set()).add(key)


def _filled(program: Program) -> tuple[tuple[str, str | None], ...]:
    return tuple(flavors_filled(program))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def nearest_with(surface: Surface, where: str, flavor: str) -> tuple[str, bool] | None:
    """Key of the nearest bundled surface at which a registry or dictionary has a flavor, and whether it is earlier.

    ``None`` without one.
    """
    for key, earlier in history.nearest(surface):
        other = bundle.load(key)
        held = dictionary(other, where) or indexed(other, where)
        if held is not None and flavor in held.keys:
            return key, earlier
    return None
