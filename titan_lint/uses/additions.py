"""What a file itself puts into torchtitan's modules and classes, and into classes built on them.

A property set on a class, a function put on a module, a stub under ``sys.modules``: what a file adds is
there for it, whatever the target has. A file that reads a thing before it replaces it reads the
target's own.
"""

from __future__ import annotations

import ast
import itertools

from titan_lint.api import Class
from titan_lint.code.forms import is_known
from titan_lint.code.names import Kind
from titan_lint.code.patches import ANY
from titan_lint.code.stores import CREATING, HOOKS, names_on_first, stores
from titan_lint.code.values import LocalClass, LocalInstance, OwnClass, Ref, root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from titan_lint.code.names import ClassInfo
    from titan_lint.code.patches import Patch
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File

CREATORS = ("__init__", "__new__", "__post_init__")
"""The methods that make an instance."""
# Metaclasses that add no members.
_METACLASSES = frozenset({Ref("abc.ABCMeta"), Ref("builtins.type"), Ref("enum.EnumMeta")})


class Additions:
    """What one file adds, at one target."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._patches = file.resolver.patches
        self.all = [added for added in self._patches.all if not self._is_idle(added)]
        self._of: dict[str | ClassInfo, list[Patch]] = {}
        self._setting: dict[Patch, frozenset[str] | None] = {}
        for added in self.all:
            for owner in self._places(added):
                self._of.setdefault(owner, []).append(added)

    def _is_idle(self, added: Patch) -> bool:
        """Whether something is put only where it is missing, and the target has it."""
        if not added.only_missing or added.name is None or not isinstance(added.owner, str):
            return False
        return self.file.target.surface.lookup(f"{added.owner}.{added.name}") is not None

    def _places(self, added: Patch) -> set[str | ClassInfo]:
        """What something is put on, and what has it from elsewhere: a read tells the one path or the other."""
        owner, name = added.owner, added.name
        if not isinstance(owner, str):
            return {owner}
        surface = self.file.target.surface
        places: set[str | ClassInfo] = {surface.resolve(owner) or owner}
        defined = surface.resolve(f"{owner}.{name}") if owner and name else None
        if defined is not None:
            place, _, word = defined.rpartition(".")
            if word == name:
                places.add(place)
        return places

    # -- questions ----------------------------------------------------------------------------

    def at(self, path: str) -> list[Patch]:
        """What may put something at a path, or at what it leads through."""
        found: list[Patch] = []
        if not self.all:
            return found
        holder, _, name = path.rpartition(".")
        while holder:
            found += self._named(self._owners(holder), name)
            holder, _, name = holder.rpartition(".")
        return found + [a for a in self._of.get("", ()) if a.name == path.partition(".")[0]]

    def excuses(self, path: str, node: ast.AST) -> bool | None:
        """Whether what is read at a path may be something of the file's; ``None`` if it puts none there."""
        found = self.at(path)
        if any(self._patches.stands(added, node) for added in found):
            return True
        return False if any(self._is_put_there(added, path) for added in found) else None

    def _is_put_there(self, added: Patch, path: str) -> bool:
        """Whether something is put at a path, and not where only the same thing is to be had."""
        if not isinstance(added.owner, str) or not added.owner or not added.name:
            return True
        owner = self.file.target.surface.resolve(added.owner) or added.owner
        holders = itertools.accumulate(path.split(".")[:-1], "{}.{}".format)
        return any(owner in self._owners(holder) for holder in holders)

    def on_class(self, cls: str, name: str, node: ast.AST | None = None) -> bool:
        """Whether the file gives a class of torchtitan's a member, before ``node`` asks for it."""
        return bool(self.all) and any(
            node is None or self._patches.stands(added, node)
            for added in self._named(self._owners(cls), name)
        )

    def on_local(self, info: ClassInfo, name: str) -> bool:
        """Whether a class of the file gets a member by other ways than its body and methods."""
        resolver = self.file.resolver
        for cls in resolver.local_mro(info):
            if cls.scope.bindings.keys() & HOOKS or self._named([cls], name):
                return True
            if any(map(self._may_add, cls.node.decorator_list)):
                return True
            for word in cls.node.keywords:
                if word.arg == "metaclass" and self.file.sole(word.value) not in _METACLASSES:
                    return True
        return any(base and self.on_class(base, name) for base in resolver.foreign_bases(info))

    def makes(self, cls: str) -> bool:
        """Whether the file replaces how instances of a class are made."""
        return bool(self.all) and any(self.on_class(cls, name) for name in CREATORS)

    def makes_local(self, info: ClassInfo) -> bool:
        """Whether the module of a class of the project's replaces how its instances are made."""
        for cls in self.file.resolver.local_mro(info):
            if isinstance(cls, OwnClass):
                written = [one.scope.bindings for one, _ in cls.written()]
                # What is bound, and by no statement of a body, is put there.
                if any(
                    name in cls.scope.bindings and not any(name in names for names in written)
                    for name in CREATORS
                ):
                    return True
            elif any(self._named([cls], name) for name in CREATORS):
                return True
        return False

    def _may_add(self, decorator: ast.expr) -> bool:
        """Whether a class's decorator is none of torchtitan's, torch's or Python's: it may add anything."""
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        return not all(
            isinstance(value, Ref) and (is_known(value.path) or root(value) == "torch")
            for value in self.file.values(called)
        )

    def _owners(self, path: str) -> list[str | ClassInfo]:
        """A module or class with those that it inherits from."""
        surface = self.file.target.surface
        found = surface.lookup(path)
        mro = [base.path for base in found.mro] if isinstance(found, Class) else []
        return [*dict.fromkeys([path, surface.resolve(path) or path, *mro])]

    def _named(self, owners: Iterable[str | ClassInfo], name: str) -> list[Patch]:
        return [
            added
            for owner in owners
            for added in self._of.get(owner, ())
            if added.name in (name, ANY) or added.name in HOOKS or self._may_set(added, name)
        ]

    def _may_set(self, added: Patch, name: str) -> bool:
        """Whether what is put there makes instances, and may set an attribute of theirs."""
        if added.name not in CREATING or added.on_object:
            return False
        if added not in self._setting:
            program = self.file.program
            values = [store.value for store in stores(program) if store.node is added.node]
            self._setting[added] = names_on_first(program, values[0] if values else None)
        found = self._setting[added]
        return found is None or name in found


def is_put(file: File, node: ast.AST, *paths: str) -> bool:
    """Whether what is asked for at one of some paths may be something of the file's or the project's.

    Args:
        file: The file.
        node: What asks.
        paths: Dotted paths, such as ``torchtitan.trainer.Trainer.close``.
    """
    additions = file.once(Additions)
    own = [additions.excuses(path, _read_at(file, node)) for path in paths]
    if any(own):
        return True
    if False in own:
        return False
    return file.is_replaced(*paths, by=node)


def is_set_elsewhere(file: File, owners: Iterable[Value], *names: str) -> bool:
    """Whether another file of the project may set an attribute of a class of the file's, or of one that it is built on.

    Args:
        file: The file.
        owners: What the attribute is asked of.
        names: The names that the attribute may have.
    """
    modules = file.options.modules
    return modules is not None and any(
        modules.change(cls, name)
        for owner in owners
        if isinstance(owner, LocalClass | LocalInstance)
        for cls in file.resolver.local_mro(owner.info)
        for name in names
    )


def _read_at(file: File, node: ast.AST) -> ast.AST:
    """Where what is called was read: a name keeps the original that was put into it before."""
    while isinstance(node, ast.Call | ast.Name):
        inner = node.func if isinstance(node, ast.Call) else node
        bindings = file.program.bindings.of(inner) if isinstance(inner, ast.Name) else ()
        if len(bindings) != 1:
            break
        (binding,) = bindings
        if binding.kind is Kind.VALUE and isinstance(binding.value, ast.Name | ast.Attribute):
            node = binding.value
        elif binding.kind is Kind.FROM:
            return binding.node
        else:
            break
    return node
