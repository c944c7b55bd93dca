"""Whether a file hands something to what may change it out of sight."""

from __future__ import annotations

from titan_lint.code.values import LocalClass, LocalFunction, LocalInstance, OwnFunction, root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from titan_lint.code.values import Value
    from titan_lint.uses.file import File

# What sets no field of what it is handed.
_KEEPING = frozenset({"torchtitan", "builtins", "copy", "dataclasses", "logging", "typing"})


def is_handed_on(file: File, is_it: Callable[[Value], bool]) -> bool:
    """Whether the file hands something to what is neither its project's nor known to change nothing."""
    for call in file.calls:
        words = [word.value for word in call.keywords]
        if any(is_it(value) for part in (*call.args, *words) for value in file.values(part)):
            # What `**` brings to `replace` may be any field.
            spread = any(word.arg is None for word in call.keywords)
            if spread or not all(map(_keeps, file.values(call.func))):
                return True
    return False


def _keeps(function: Value) -> bool:
    """Whether what is called sets no field but as a file of the project says."""
    own = LocalFunction | LocalClass | LocalInstance | OwnFunction
    return isinstance(function, own) or root(function) in _KEEPING
