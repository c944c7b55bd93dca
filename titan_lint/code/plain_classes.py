"""What instances of Python's own plain classes certainly do not have."""

from __future__ import annotations

from titan_lint.code.values import Instance

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.values import Value

# Dictionaries, lists and tuples are left out: many classes derive from those, to give them attributes.
_PLAIN = {f"builtins.{cls.__name__}": cls for cls in (bool, bytes, complex, float, int, str)}
_OF_MEMBERS = frozenset({"name", "value"})
"""What a member of an enumeration has, which may be a number or a string, too."""


def fails_on_plain(value: Value, name: str) -> bool:
    """Whether something is a number, a string or the like, of which an attribute cannot be read."""
    return (
        isinstance(value, Instance)
        and (cls := _PLAIN.get(value.cls)) is not None
        and name not in _OF_MEMBERS
        and not hasattr(cls, name)
    )
