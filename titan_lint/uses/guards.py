"""What tests in the code come to at the target, and whether a line can be reached there.

Code that supports several torchtitans asks first: ``hasattr``, ``inspect.signature``, ``try`` and
``except``. What such a guard keeps the target away from is no mistake.
"""

from __future__ import annotations

import ast
import builtins

from titan_lint.api import Class, Function
from titan_lint.api.absence import missing_part
from titan_lint.api.paths import expand
from titan_lint.code.following import bound_value, bound_values, follows
from titan_lint.code.forms import swallowed
from titan_lint.code.names import FunctionNode
from titan_lint.code.values import Attr, Collection, Const, Instance, LocalClass, Ref, Result, Value
from titan_lint.uses import versions
from titan_lint.uses.types import SurfaceTypes

TYPE_CHECKING = False
if TYPE_CHECKING:
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


def verdict(file: File, test: ast.expr) -> bool | None:
    """What a condition is at the target, ``None`` where that cannot be told."""
    match test:
        case ast.Constant(value=bool() as value):
            return value
        case ast.UnaryOp(op=ast.Not()):
            inner = verdict(file, test.operand)
            return None if inner is None else not inner
        case ast.BoolOp(op=ast.And()):
            found = [verdict(file, value) for value in test.values]
            if False in found:
                return False
            return True if all(found) else None
        case ast.BoolOp():
            found = [verdict(file, value) for value in test.values]
            if True in found:
                return True
            return False if all(value is False for value in found) else None
        case ast.Call(func=ast.Name(id="hasattr"), args=[owner, name]):
            return _has(file, owner, name)
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn() as operator], comparators=[right]):
            found = _in_signature(file, left, right)
            return found if found is None or isinstance(operator, ast.In) else not found
        case ast.Compare(
            left=left,
            ops=[ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq() as operator],
            comparators=[ast.Constant(value=None)],
        ):
            missing = _missing(file, left)
            if missing is None:
                return None
            return missing == isinstance(operator, ast.Is | ast.Eq)
        case ast.Compare():
            return versions.verdict(file, test)
        case ast.NamedExpr():
            return verdict(file, test.value)
        case ast.Name() if (flag := _flag(file, test)) is not None:
            return flag
        case ast.Name() | ast.Call():
            # ``if layer:`` after ``layer = getattr(config, "layer", None)``.
            return False if _missing(file, test) else None
        case _:
            return None


def _flag(file: File, name: ast.Name) -> bool | None:
    """A name that is ``True`` where an import works and ``False`` where it does not."""
    found: set[object] = set()
    for binding in file.program.bindings.of(name):
        if not isinstance(binding.value, ast.Constant):
            return None
        if not _skipped(file, file.program.statement(binding.node)):
            found.add(binding.value.value)
    return found.pop() is True if len(found) == 1 and found <= {True, False} else None


def _skipped(file: File, statement: ast.stmt) -> bool:
    """Whether a failing or working import surely keeps the target from running a statement."""
    parent = file.program.parents[statement]
    if isinstance(parent, ast.ExceptHandler):
        around = file.program.parents[parent]
        return isinstance(around, ast.Try) and _imports_work(file, around)
    if isinstance(parent, ast.Try) and statement in (*parent.body, *parent.orelse):
        return fails(file, parent)
    return False


def _imports_work(file: File, statement: ast.Try) -> bool:
    """Whether the body of a ``try`` is imports of torchtitan, all of them there, and constants."""
    for inner in statement.body:
        match inner:
            case ast.Import(names=names):
                paths = [alias.name for alias in names]
            case ast.ImportFrom(level=0, module=str() as module, names=names):
                paths = [f"{module}.{alias.name}" for alias in names]
            case ast.Assign(value=ast.Constant()):
                continue
            case _:
                return False
        if not all(_types(file).exists(Ref(path)) for path in paths):
            return False
    return True


def _types(file: File) -> SurfaceTypes:
    types = file.resolver.types
    assert isinstance(types, SurfaceTypes)
    return types


def _has(file: File, owner: ast.expr, name: ast.expr) -> bool | None:
    text = file.sole(name)
    if not isinstance(text, Const) or not isinstance(text.value, str):
        return None
    values = file.values(owner)
    found = {_member_exists(file, value, text.value) for value in values}
    return found.pop() if len(found) == 1 else None


def _member_exists(file: File, value: Value, name: str) -> bool | None:
    match value:
        case Ref(path=path):
            return _types(file).exists(Ref(f"{path}.{name}"))
        case Instance() | Attr():
            found = _types(file).exists(Attr(value, name))
            # What some model's config has, the one at hand may lack.
            return (
                found
                if found is False or not isinstance(value, Instance)
                else _sure(file, value, name, found)
            )
        case _:
            return None


def _sure(file: File, value: Instance, name: str, found: bool | None) -> bool | None:
    cls = file.target.surface.lookup(value.cls)
    if found and isinstance(cls, Class) and cls.member(name) is None:
        return None
    return found


def _missing(file: File, node: ast.expr) -> bool | None:
    """Whether ``getattr(owner, "name", None)``, or a name bound to it, gives ``None``."""
    if isinstance(node, ast.Name):
        found = {
            _missing(file, value) if value is not None and not isinstance(value, ast.Name) else None
            for value in bound_values(file.program, node)
        }
        return found.pop() if len(found) == 1 else None
    if _spec_missing(file, node):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
        match node.args:
            case [owner, name, ast.Constant(value=None)]:
                exists = _has(file, owner, name)
                # What is there may still be ``None``.
                return True if exists is False else None
            case _:
                return None
    return None


def _spec_missing(file: File, node: ast.expr) -> bool:
    """Whether ``importlib.util.find_spec("torchtitan...")`` finds nothing."""
    value = file.sole(node)
    match value:
        case Result(function=Ref(path="importlib.util.find_spec"), call=ast.Call(args=[name, *_])):
            text = file.sole(name)
            if isinstance(text, Const) and isinstance(text.value, str):
                return missing_part(file.target.surface, text.value) is not None
        case _:
            pass
    return False


def _in_signature(file: File, left: ast.expr, right: ast.expr) -> bool | None:
    """``"name" in inspect.signature(function).parameters``."""
    name = file.sole(left)
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return None
    function = _signature_of(file, right)
    if function is None:
        return None
    surface = file.target.surface
    answers: set[bool | None] = set()
    for value in file.values(function):
        if not isinstance(value, Ref):
            return None
        for path in expand(surface, value.path):
            found = surface.lookup(path)
            answers.add(
                found.parameter(name.value) is not None if isinstance(found, Function) else None
            )
    # Where the model is not known and some registries have the parameter, the guard sorts them:
    # on its other side stand those that lack it.
    return True if True in answers else answers.pop() if len(answers) == 1 else None


@follows(None)
def _signature_of(file: File, node: ast.expr) -> ast.expr | None:
    """The function whose ``inspect.signature(...).parameters`` an expression is."""
    match node:
        case ast.Attribute(value=inner, attr="parameters"):
            return _signature_of(file, inner)
        case ast.Call(func=function, args=[argument]):
            value = file.sole(function)
            if value == Ref("inspect.signature"):
                return argument
            return None
        case ast.Name():
            value = bound_value(file.program, node)
            return _signature_of(file, value) if value is not None else None
        case _:
            return None


def _reached(_: File) -> dict[ast.stmt, bool]:
    """The statements that :func:`reachable` was asked about, with its answers."""
    return {}


def reachable(file: File, node: ast.AST) -> bool:
    """Whether no guard keeps the target away from ``node``.

    An ``except`` clause for a missing import, attribute or argument counts as out of reach: it is
    there for other versions, unless what it is the answer to certainly fails at the target. So do
    both sides of a test of torchtitan's version where the target has none that can be trusted.
    """
    # Many things are asked about in one statement, and many statements stand in one block.
    known = file.once(_reached)
    passed: list[ast.stmt] = []
    answer = True
    child: ast.AST = node
    for parent in file.program.ancestors(node):
        if isinstance(child, ast.stmt):
            if child in known:
                answer = known[child]
                break
            passed.append(child)
        if not _lets_through(file, parent, child):
            answer = False
            break
        child = parent
    known.update(dict.fromkeys(passed, answer))
    return answer


def _lets_through(file: File, parent: ast.AST, child: ast.AST) -> bool:
    """Whether the target gets from a node to one right in it, or to that at all."""
    match parent:
        case ast.If() | ast.IfExp() if child is not parent.test:
            answer = verdict(file, parent.test)
            body = parent.body if isinstance(parent.body, list) else [parent.body]
            if answer is not None and (child in body) != answer:
                return False
            if answer is None and versions.inside(file, parent.test):
                return False
        case ast.BoolOp(op=operator, values=values):
            for value in values[: values.index(child)] if child in values else ():  # type: ignore[arg-type]
                if verdict(file, value) is isinstance(operator, ast.Or):
                    return False
        case ast.ExceptHandler() if any(takes(file, parent.type, failure) for failure in ANY):
            around = file.program.parents[parent]
            if not (isinstance(around, ast.Try | ast.TryStar) and fails(file, around)):
                return False
        case ast.Try() | ast.TryStar() if child in parent.orelse and fails(file, parent):
            return False
        case _:
            pass
    return not (isinstance(child, ast.stmt) and _after_exit(file, child))


def fails(file: File, statement: ast.Try | ast.TryStar) -> bool:
    """Whether an import right in the body of a ``try`` certainly fails at the target."""
    return _first_failing(file, statement.body) < len(statement.body)


def _failing(_: File) -> dict[int, int]:
    """Where in blocks that were looked at, by their identity, the first import stands that fails."""
    return {}


def _first_failing(file: File, statements: list[ast.stmt]) -> int:
    """Where the first import stands that certainly fails at the target; behind all where none does."""
    known = file.once(_failing)
    if id(statements) not in known:
        known[id(statements)] = next(
            (at for at, inner in enumerate(statements) if _fails(file, inner)), len(statements)
        )
    return known[id(statements)]


def _fails(file: File, inner: ast.stmt) -> bool:
    """Whether a statement is an import that certainly fails at the target."""
    surface = file.target.surface
    match inner:
        case ast.Import(names=names):
            paths = [alias.name for alias in names]
        case ast.ImportFrom(level=0, module=str() as module, names=names):
            paths = [module if a.name == "*" else f"{module}.{a.name}" for a in names]
        case _:
            return False
    return any(missing_part(surface, path) is not None for path in paths)


class _Exits:
    """How far a block was looked through for a statement that the target always leaves it by."""

    __slots__ = ("end", "left")

    def __init__(self) -> None:
        self.end = 0
        self.left: int | None = None


def _exits(_: File) -> dict[int, _Exits]:
    """The blocks that were looked through, by their identity."""
    return {}


def _after_exit(file: File, statement: ast.stmt) -> bool:
    """Whether the target always leaves a block before ``statement``, through a guard."""
    block, index = file.program.place(statement)
    seen = file.once(_exits).setdefault(id(block), _Exits())
    while seen.left is None and seen.end < index:
        at = seen.end
        # First, since a guard may ask about what stands before it.
        seen.end += 1
        # Most statements cannot hold a guard, and a plain jump is none.
        if isinstance(block[at], _LEAVING) and _leaves(file, block[at]):
            seen.left = at
    return seen.left is not None and seen.left < index


_LEAVING = (ast.If, ast.With, ast.AsyncWith, ast.Try, ast.Continue, ast.Break)


def _leaves(file: File, statement: ast.stmt) -> bool:
    """Whether the target always goes elsewhere from ``statement``, not on to the next one."""
    match statement:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.If(test=test, body=body, orelse=orelse):
            answer = verdict(file, test)
            ways = [body, orelse] if answer is None else [body if answer else orelse]
        case ast.With(body=body) | ast.AsyncWith(body=body):
            ways = [body]
        case ast.Try(body=body, handlers=handlers, finalbody=finalbody):
            if any(_leaves(file, inner) for inner in finalbody):
                return True
            ways = [body, *(handler.body for handler in handlers)]
        case _:
            return False
    return all(any(_leaves(file, inner) for inner in way) for way in ways)


def live(file: File, node: ast.AST, *failures: Failure) -> bool:
    """Whether what is wrong at ``node`` is a mistake: the target gets there, and it does harm.

    Args:
        file: The file.
        node: What is wrong.
        failures: What it raises at the target, or may raise.
    """
    return reachable(file, node) and not tolerated(file, node, *failures)


def tolerated(file: File, node: ast.AST, *failures: Failure) -> bool:
    """Whether the code around ``node`` expects one of some exceptions there.

    A ``try`` or ``with suppress(...)`` lets it fail, and a test's ``with pytest.raises(...)`` even
    wants it to. What follows an import that fails and may is never run.
    """
    child: ast.AST = node
    for parent in file.program.ancestors(node):
        if any(_takes(file, parent, child, failure) for failure in failures):
            return True
        if (
            isinstance(parent, ast.With | ast.Try | ast.TryStar)
            and child in parent.body
            and _first_failing(file, parent.body) < file.program.place(child)[1]  # type: ignore[arg-type]
            and any(_takes(file, parent, child, failure) for failure in IMPORTING)
        ):
            return True
        if isinstance(parent, FunctionNode):
            return False
        child = parent
    return False


def _takes(file: File, around: ast.AST, child: ast.AST, failure: Failure) -> bool:
    """Whether a node takes an exception that one right in it raises, and goes on."""
    match around:
        case ast.Try(body=body, handlers=handlers) | ast.TryStar(body=body, handlers=handlers):
            if child in body:
                for handler in handlers:
                    if takes(file, handler.type, failure):
                        return not _reraises(handler)
        case ast.With(items=items, body=body):
            before = items if child in body else items[: items.index(child)]  # type: ignore[arg-type]
            return any(_swallows(file, item.context_expr, failure) for item in before)
        case ast.Lambda():
            # ``pytest.raises(TypeError, lambda: ...)``
            call = file.program.parents[around]
            return (
                isinstance(call, ast.Call)
                and around in call.args[1:]
                and _swallows(file, call, failure)
            )
        case _:
            pass
    return False


def _swallows(file: File, manager: ast.expr, failure: Failure) -> bool:
    """Whether a ``with`` of a manager may go on behind an exception."""
    found = [swallowed(manager)]
    if found == [None]:
        found = [
            swallowed(call, path.rpartition(".")[2])
            for value in file.values(manager)
            if isinstance(value, Result) and isinstance(value.function, Ref)
            if (call := value.call) is not None
            if (path := value.function.path) in {"contextlib.suppress", "pytest.raises"}
        ]
    return any(
        kinds is not None and (not kinds or any(takes(file, kind, failure) for kind in kinds))
        for kinds in found
    )


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
            return module == "builtins" and _is_above(name, failure)
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


def _reraises(handler: ast.ExceptHandler) -> bool:
    return bool(handler.body) and isinstance(handler.body[-1], ast.Raise)
