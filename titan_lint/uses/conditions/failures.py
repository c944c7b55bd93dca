"""Which exceptions an ``except`` takes, and which another torchtitan raises."""

from __future__ import annotations

import ast
import builtins

from titan_lint.code.forms import last_name
from titan_lint.code.values import Collection, Const, LocalClass, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File

Failure = type[BaseException]

IMPORTING: tuple[Failure, ...] = (ImportError, ModuleNotFoundError)
"""What an import of something that is gone raises."""

REFUSING: tuple[Failure, ...] = (
    *(ValueError, TypeError, KeyError),
    *(AssertionError, NotImplementedError),
)
"""What torchtitan raises on a value that it does not take: it looks it up, or checks it."""

ANY: tuple[Failure, ...] = (
    *IMPORTING,
    *(AttributeError, NameError, TypeError, ValueError, KeyError),
)
"""What another torchtitan may raise, where the failure comes later, or is one of several."""


def takes(file: File, kind: ast.expr | None, failure: Failure) -> bool:
    """Whether an ``except`` with ``kind`` may take an exception; a bare one takes all."""
    match kind:
        case None:
            return True
        case ast.Tuple(elts=kinds):
            return any(takes(file, inner, failure) for inner in kinds)
        case ast.Starred(value=inner):
            return takes(file, inner, failure)
        case ast.Name(id=name) if not file.program.bindings.of(kind):
            return _is_above(name, failure)
        case _:
            return any(_may_be_above(file, value, failure) for value in file.values(kind))


def _may_be_above(file: File, value: Value, failure: Failure) -> bool:
    match value:
        case Ref(path=path):
            module, _, name = path.rpartition(".")
            if module == "builtins":
                return _is_above(name, failure)
            return any(path == f"{kind.__module__}.{kind.__name__}" for kind in failure.__mro__)
        case Collection(node=ast.Tuple() | ast.List() | ast.Set() as node):
            return any(takes(file, kind, failure) for kind in node.elts)
        case LocalClass() | Const():
            return False  # A class of the file's own is above none of Python's.
        case _:
            return True


def _is_above(name: str, failure: Failure) -> bool:
    """Whether Python calls an exception by a name, or one that it derives from."""
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(failure, kind)


def reraises(handler: ast.ExceptHandler) -> bool:
    """Whether a handler ends in an error of its own, rather than in leaving with none."""
    if not handler.body or not isinstance(handler.body[-1], ast.Raise):
        return False
    raised = handler.body[-1].exc
    match raised:
        case ast.Name() | ast.Attribute():
            return last_name(raised) not in _LEAVING
        case ast.Call(args=arguments) if last_name(raised.func) in _LEAVING:
            # A program that ends with a message, or with another status, ends in an error.
            return last_name(raised.func) == "SystemExit" and not all(
                isinstance(argument, ast.Constant) and argument.value in (0, None)
                for argument in arguments
            )
        case _:
            return True


_LEAVING = frozenset({"SystemExit", "SkipTest"})
"""What is raised to leave a program or a test with no error."""
