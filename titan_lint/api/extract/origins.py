"""Where a value comes from: the names, attributes and calls that lead to it, written as one text."""

from __future__ import annotations

import ast

from titan_lint.api import hints
from titan_lint.structs import Struct


def annotation_text(node: ast.expr) -> str:
    """Source text of an annotation, without the quotes around one that is a string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ast.unparse(node)


class Origins(Struct, frozen=False):
    """Writes down where a value comes from, as the chains that ``Surface`` follows.

    Attributes:
        parameters: annotation of each annotated parameter.
        variables: local variables with the one value they have, or ``None``.
        self_name: what the method calls its instance.
    """

    parameters: dict[str, str]
    variables: dict[str, ast.expr | None]
    self_name: str | None
    depth: int = 0

    def of(self, node: ast.expr) -> str | None:
        """The chain for ``node``, or ``None`` for anything but names, attributes and calls of them."""
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.Attribute):
            root = self.of(node.value)
            return f"{root}.{node.attr}" if root else None
        if isinstance(node, ast.Call):
            if hints.dotted(node.func) in ("cast", "typing.cast") and len(node.args) == 2:
                return f"<{annotation_text(node.args[0])}>"
            root = self.of(node.func)
            return f"{root}()" if root else None
        return None

    def _name(self, name: str) -> str | None:
        if name == self.self_name:
            return "self"
        if name in self.variables:
            value = self.variables[name]
            if value is None or name in self.parameters or self.depth > 8:
                return None
            return Origins(self.parameters, self.variables, self.self_name, self.depth + 1).of(
                value
            )
        if name in self.parameters:
            return f"<{self.parameters[name]}>"
        return name
