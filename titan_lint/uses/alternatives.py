"""Whether a file takes another way where a module cannot be imported.

``try: from pkg._v2 import spec`` and ``except ImportError: from pkg._v3 import spec``: that ``_v2`` asks torchtitan
for what is gone is how the choice falls. Once its import is mended, the other module is taken.
"""

from __future__ import annotations

import ast
import re
import sys

from titan_lint.code.forms import callee_name, last_name, swallowed
from titan_lint.code.names import FunctionNode
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from titan_lint.code.program import Program

IMPORTING = ("import_module", "__import__")
"""Functions that import a module by its name."""

_LOOPS = ast.For | ast.AsyncFor | ast.While | ast.ListComp | ast.GeneratorExp
LISTING = (
    *("iter_modules", "walk_packages", "glob", "iglob", "rglob", "listdir", "iterdir"),
    *("scandir", "entry_points"),
)
"""Functions that tell which modules there are in a folder."""

_TAKING = frozenset(
    {
        *("ImportError", "ModuleNotFoundError", "Exception", "BaseException"),
        *("AttributeError", "StandardError"),
    }
)
_ADDED_TO = frozenset({"__all__"})
_TELLING = frozenset(
    {
        *("print", "warn", "warning", "info", "debug", "error", "exception", "skip", "exit"),
        *("warning_once", "append", "log"),
    }
)


class Ways(Struct):
    """How a file imports a module.

    Attributes:
        is_choice: Whether the file takes another way where that fails.
        fails: Whether the file itself cannot be imported then.
    """

    is_choice: bool
    fails: bool


def parts(path: str) -> tuple[str, ...]:
    """The folders of a file and the name of its module, which is that of its folder for an ``__init__``."""
    *folders, name = path.removesuffix(".py").replace("\\", "/").split("/")
    return tuple(folders if name == "__init__" else [*folders, name])


def ways(program: Program, module: Sequence[str], is_listed: Callable[[], bool]) -> Ways:
    """How a file imports a module.

    Args:
        program: The file.
        module: The module, as :func:`parts` has it.
        is_listed: Tells whether some file names the module in a text.
    """
    fails = False
    for node in imports(program, module, is_listed):
        function = program.function(node)
        name = getattr(function, "name", "")
        for one in (node, *(program.called(name) if name else ())):
            attempt = _attempt(program, one)
            if attempt is None:
                fails = fails or program.function(one) is None
            elif _has_other(program, one, attempt):
                return Ways(is_choice=True, fails=False)
            else:
                break
    return Ways(is_choice=False, fails=fails)


def imports(
    program: Program, module: Sequence[str], is_listed: Callable[[], bool]
) -> Iterator[ast.AST]:
    """The statements and calls that may import a module."""
    here = tuple(program.source.path.replace("\\", "/").split("/")[:-1])
    last: ast.stmt | None = None
    for statement, name in program.once(_by_last_part).get(module[-1], ()):
        if statement is not last and _is(module, name, here):
            last = statement
            yield statement
    for call in program.called(*IMPORTING):
        if not call.args:
            continue
        named = _rounds(program, call, call.args[0])
        if named is None and isinstance(call.args[0], ast.Constant | ast.IfExp | ast.BoolOp):
            named = call.args[0]
        if named is not None:
            if any(ends(module, text) for text in _texts(named)):
                yield call
        elif _may_name(program, module, here, call.args[0]) or (
            _turns(program, call) and is_listed()
        ):
            yield call


def meant(program: Program, site: ast.AST, module: Sequence[str]) -> list[ast.AST]:
    """The places at which something that imports a module names it: ``"old" if OLD else "new"``, or in a table."""
    if not isinstance(site, ast.Call):
        return [site]
    match site.args[0]:
        case ast.IfExp() as named:
            pass
        case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(value=table, attr="get")) if (
            named := _table(program, table)
        ) is not None:
            pass
        case _:
            return [site]
    found: list[ast.AST] = [
        node
        for node in ast.walk(named)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and ends(module, node.value)
    ]
    return found or [site]


def _table(program: Program, node: ast.expr) -> ast.expr | None:
    """The table of names that an expression is, written out there or where the name that it is has its one value."""
    if isinstance(node, ast.Name):
        bound = program.bindings.of(node)
        node = bound[0].value if len(bound) == 1 and bound[0].value is not None else node
    held = node.values if isinstance(node, ast.Dict) else getattr(node, "elts", None)
    if held and all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in held):
        return node
    return None


def instead(program: Program, node: ast.AST, module: Sequence[str]) -> Iterator[str]:
    """The modules, as they are written, of which one is imported where the import of another one fails.

    Args:
        program: The file.
        node: The statement or call that imports the other one.
        module: The other one, as :func:`parts` has it.
    """
    attempt = _attempt(program, node)
    if not isinstance(attempt, ast.Try):
        return
    for handler in _handlers(attempt):
        for inner in _inside(handler.body):
            yield from _named_in(inner)
    # The first of several that is there.
    child: ast.AST = attempt
    for parent in program.ancestors(attempt):
        if isinstance(parent, FunctionNode):
            break
        if isinstance(parent, ast.For) and child in parent.body:
            named = _rounds(program, node, node.args[0]) if isinstance(node, ast.Call) else None
            if named is not None and any(
                isinstance(inner, ast.Return | ast.Break)
                for inner in _inside([*attempt.body, *attempt.orelse])
            ):
                yield from (text for text in _texts(named) if not ends(module, text))
            break
        child = parent


def _named_in(node: ast.AST) -> Iterator[str]:
    """The modules that a part of a file may import, as they are written."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, level=level, names=names):
            start = "." * level + (module or "")
            yield start
            yield from (f"{start}{'' if start.endswith('.') else '.'}{a.name}" for a in names)
        case ast.Call(args=[ast.Constant(value=str() as text), *_]) if (
            callee_name(node) in IMPORTING
        ):
            yield text
        case _:
            pass


def _rounds(program: Program, call: ast.Call, named: ast.expr) -> ast.expr | None:
    """The list of the names that one takes in the rounds of a loop around a call; ``None`` where it is not known."""
    if not isinstance(named, ast.Name):
        return None
    for parent in program.ancestors(call):
        match parent:
            case ast.For(target=ast.Name(id=name), iter=over) if name == named.id:
                break
            case ast.ListComp(
                generators=[ast.comprehension(target=ast.Name(id=name), iter=over)]
            ) if name == named.id:
                break
            case _:
                pass
    else:
        return None
    if isinstance(over, ast.Name):
        bound = program.bindings.of(over)
        over = bound[0].value if len(bound) == 1 and bound[0].value is not None else over
    if isinstance(over, ast.Tuple | ast.List | ast.Set) and len(_texts(over)) == len(over.elts):
        return over
    return None


def _texts(node: ast.expr) -> list[str]:
    return [
        inner.value
        for inner in ast.walk(node)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
    ]


def _by_last_part(
    program: Program,
) -> dict[str, list[tuple[ast.stmt, tuple[bool, tuple[str, ...]]]]]:
    """The imports of a file by the last part of what they may name."""
    here = tuple(program.source.path.replace("\\", "/").split("/")[:-1])
    found: dict[str, list[tuple[ast.stmt, tuple[bool, tuple[str, ...]]]]] = {}
    for statement in program.bindings.imports:
        for meant_here in _modules(statement, here):
            if meant_here[1]:
                found.setdefault(meant_here[1][-1], []).append((statement, meant_here))
    return found


def _may_name(
    program: Program, module: Sequence[str], here: tuple[str, ...], named: ast.expr
) -> bool:
    """Whether the name of a module that is worked out may be that of one."""
    if isinstance(named, ast.JoinedStr):
        known = "".join(
            re.escape(part.value)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
            else ".+"
            for part in named.values
        )
        if re.search(r"\w", known) and re.fullmatch(rf"(?:.*\.)?{known}", ".".join(module)):
            return True
    if any(
        isinstance(node.value, str) and ends(module, node.value)
        for node in program.of(ast.Constant)
    ):
        return True
    return tuple(module[: len(here)]) == here and bool(program.called(*LISTING))


def ends(module: Sequence[str], text: str) -> bool:
    """Whether a text is the end of a module's name."""
    named = text.lstrip(".").split(".")
    return list(module[-len(named) :]) == named


def _modules(
    statement: ast.Import | ast.ImportFrom, here: tuple[str, ...]
) -> Iterator[tuple[bool, tuple[str, ...]]]:
    """The modules that a statement may import, and whether their names begin at the file's own folder."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            named = alias.name.split(".")
            yield from ((False, tuple(named[:end])) for end in range(1, len(named) + 1))
        return
    named = tuple(statement.module.split(".")) if statement.module else ()
    if statement.level:
        start = here[: len(here) - statement.level + 1]
        found = [named[:end] for end in range(1, len(named) + 1)]
        found += [(*named, alias.name) for alias in statement.names]
        yield from ((True, (*start, *one)) for one in found)
        return
    yield from ((False, named[:end]) for end in range(1, len(named) + 1))
    yield from ((False, (*named, alias.name)) for alias in statement.names)


def _is(module: Sequence[str], meant: tuple[bool, tuple[str, ...]], here: tuple[str, ...]) -> bool:
    is_whole, name = meant
    module = tuple(module)
    if is_whole:
        return module == name
    if module[-len(name) :] != name:
        return False
    folder = module[: -len(name)]
    # A name of one part is that of many files: a script imports those beside it and above.
    return len(name) > 1 or here[: len(folder)] == folder or folder[-1:] in (("src",), ("lib",))


def _attempt(program: Program, node: ast.AST) -> ast.Try | ast.With | None:
    """What is around a node and goes on where its import fails."""
    child = node
    for parent in program.ancestors(node):
        match parent:
            case ast.Try(body=body) if child in body and any(_handlers(parent)):
                return parent
            case ast.With(items=items, body=body) if child in body:
                if any(swallowed(item.context_expr) is not None for item in items):
                    return parent
            case _ if isinstance(parent, FunctionNode):
                return None
            case _:
                pass
        child = parent
    return None


def _handlers(attempt: ast.Try) -> Iterator[ast.ExceptHandler]:
    """The handlers that take the failure of an import and do not raise in turn."""
    for handler in attempt.handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        taken = any(kind is None or _is_taken(kind) for kind in kinds)
        if taken and not isinstance(handler.body[-1], ast.Raise):
            yield handler


def _is_taken(kind: ast.expr) -> bool:
    name = last_name(kind)
    return name in _TAKING or not name.endswith(("Error", "Exception", "Warning", "Exit"))


def _has_other(program: Program, node: ast.AST, attempt: ast.Try | ast.With) -> bool:
    """Whether something else is taken where what is tried fails."""
    tried = [*attempt.body, *(attempt.orelse if isinstance(attempt, ast.Try) else ())]
    handlers = list(_handlers(attempt)) if isinstance(attempt, ast.Try) else []
    if any(_gives(inner) for one in handlers for inner in _inside(one.body)):
        return True
    if isinstance(node, ast.Call) and node.args and not isinstance(node.args[0], ast.Constant):
        # One of several, wherever the others are asked for.
        if _turns(program, node):
            return True
    if any(isinstance(inner, ast.Return) for inner in _inside(tried)):
        function = program.function(attempt)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            after = [one for one in _inside(function.body) if _line(one) > _end(attempt)]
            if any(_gives(one) for one in after):
                return True
    names = _bound(tried) - _ADDED_TO
    names -= {
        inner.target.id
        for inner in _inside(tried)
        if isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name)
    }
    within = {id(inner) for inner in _inside(tried)}
    others = [one for one in program.nodes if id(one) not in within]
    home = program.function(attempt)
    if any(
        _sets(one) & names and program.function(one) is home
        for one in others
        if isinstance(one, ast.stmt)
    ):
        return True
    return any(_is_turned_by(one, names) for one in others)


def _turns(program: Program, node: ast.AST) -> bool:
    """Whether something runs more than once: it is in a loop or a function."""
    return any(isinstance(parent, FunctionNode | _LOOPS) for parent in program.ancestors(node))


def _inside(statements: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    for statement in statements:
        yield from ast.walk(statement)


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _gives(node: ast.AST) -> bool:
    """Whether a part of a handler brings something else."""
    match node:
        case ast.Import(names=names):
            return any(
                alias.name.partition(".")[0] not in sys.stdlib_module_names for alias in names
            )
        case ast.ImportFrom(module=module, level=level):
            return bool(level) or (module or "").partition(".")[0] not in sys.stdlib_module_names
        case ast.Return(value=value):
            return value is not None and not _is_nothing(value)
        case ast.Call():
            return callee_name(node) in IMPORTING
        case _:
            return False


def _is_nothing(node: ast.expr) -> bool:
    """Whether a value says only that there is nothing: ``None``, ``False``, an empty text or list."""
    match node:
        case ast.Constant(value=value):
            return not value
        case ast.Tuple(elts=elts) | ast.List(elts=elts):
            return all(map(_is_nothing, elts))
        case _:
            return False


def _bound(statements: Iterable[ast.stmt]) -> set[str]:
    """The names that statements bind."""
    found: set[str] = set()
    for node in _inside(statements):
        match node:
            case ast.alias(name=name, asname=asname):
                found.add(asname or name.partition(".")[0])
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case _:
                pass
    return found


def _sets(statement: ast.stmt) -> set[str]:
    """The names that a statement binds to more than nothing."""
    match statement:
        case ast.Import() | ast.ImportFrom():
            return _bound([statement])
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return set() if _is_nothing(value) else _bound([statement])
        case ast.FunctionDef(name=name, body=body) | ast.ClassDef(name=name, body=body):
            return set() if isinstance(body[-1], ast.Raise) else {name}
        case _:
            return set()


def _is_turned_by(node: ast.AST, names: set[str]) -> bool:
    """Whether a test of one of some names chooses between two things."""
    match node:
        case ast.If(test=test, body=body, orelse=orelse):
            if not _names(test, names) or not all(map(_does, (body, orelse or body))):
                return False
            return bool(orelse) or isinstance(body[-1], ast.Return)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _names(test, names) and not (_is_nothing(body) or _is_nothing(orelse))
        case ast.BoolOp(op=ast.Or(), values=[first, *_, last]):
            return isinstance(first, ast.Name) and first.id in names and not _is_nothing(last)
        case _:
            return False


def _names(test: ast.expr, names: set[str]) -> bool:
    return any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(test))


def _does(statements: Sequence[ast.stmt]) -> bool:
    """Whether statements do more than to say what is missing."""
    for statement in statements:
        match statement:
            case ast.Raise() | ast.Pass():
                pass
            case ast.Return(value=value) if value is None or _is_nothing(value):
                pass
            case ast.Assign(value=value) if _is_nothing(value):
                pass
            case ast.Expr(value=ast.Call() as call) if callee_name(call) in _TELLING:
                pass
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                return True
    return False
