"""Whether something is certainly of one class, and of none derived from that."""

from __future__ import annotations

from titan_lint.api import Class
from titan_lint.code.values import Bound, Instance, LocalClass, LocalInstance, Ref, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.file import File

_NEW = frozenset({"builtins.object.__new__", "object.__new__"})


def is_exact(file: File, value: Value) -> bool:
    """Whether a value, or what a method is bound to, is of its very class, not of one that torchtitan derives from it.

    That is a class itself, unless it is only declared as ``type[...]``, what its own call or ``object.__new__`` makes,
    and what a class of the file makes, or inherits from that class alone.
    """
    match value:
        case Ref(declared=declared):
            return not declared
        case LocalClass() | LocalInstance() | Bound(inherited=True):
            return True
        case Instance(call=call) | Bound(call=call) if call is not None:
            made_by = file.sole(call.func)
            if not isinstance(made_by, Ref) or made_by.declared:
                return False
            return made_by.path in _NEW or isinstance(
                file.target.surface.lookup(made_by.path), Class
            )
        case _:
            return False
