"""What a file changes: the items of its variables, and the attributes of anything."""

from __future__ import annotations

import ast
import functools

from titan_lint.code.forms import last_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.program import Program

_MUTATORS = {
    *("append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault"),
    *("add", "discard", "sort", "reverse", "__setitem__"),
}


class Mutations:
    """What one file changes, told by names alone.

    Args:
        program: The file.
    """

    def __init__(self, program: Program) -> None:
        self._bindings = program.bindings

    def is_mutated(self, node: ast.expr) -> bool:
        """Whether the file changes the items of a variable or attribute of that name somewhere."""
        return self.may_be_filled(last_name(node))

    def may_be_filled(self, name: str) -> bool:
        """Whether the file changes the items of anything of that name somewhere."""
        return bool(name) and name in self._mutated

    @functools.cached_property
    def _mutated(self) -> set[str]:
        """Names of variables and attributes whose items the file changes somewhere."""
        owners = [item.value for item in self._bindings.items]
        owners += [
            call.func.value
            for call in self._bindings.calls
            if isinstance(call.func, ast.Attribute) and call.func.attr in _MUTATORS
        ]
        return {last_name(owner) for owner in owners}

    def may_be_set(self, name: str) -> bool:
        """Whether the file sets an attribute of a name on anything, or attributes whose names are not known."""
        return name in self._stores or self._fills_by_name

    @functools.cached_property
    def _fills_by_name(self) -> bool:
        """Whether the file sets attributes by names that it works out, or in their owner's dictionary."""
        if any(node.attr == "__dict__" for node in self._bindings.attributes):
            return True
        for call in self._bindings.calls:
            match call:
                case ast.Call(func=ast.Name(id="vars"), args=[_]):
                    return True
                case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(), _]):
                    pass
                case ast.Call(func=ast.Name(id="setattr")):
                    return True
                case _:
                    pass
        return False

    @functools.cached_property
    def _stores(self) -> set[str]:
        """The names under which the file sets attributes."""
        found = {
            node.attr for node in self._bindings.attributes if not isinstance(node.ctx, ast.Load)
        }
        for call in self._bindings.calls:
            match call:
                case ast.Call(args=[_, ast.Constant(value=str() as name), *_]):
                    found.add(name)
                case ast.Call(args=[ast.Constant(value=str() as path), *_]) if "." in path:
                    # `patch("a.b.c", ...)`; a regular expression with dots is none.
                    if all(map(str.isidentifier, path.split("."))):
                        found.add(path.rpartition(".")[2])
                case _:
                    pass
        return found
