"""Whether the target reaches a line, and whether a failure there is one.

Code that supports several torchtitans asks first: ``hasattr``, ``inspect.signature``, ``try`` and
``except``. What such a guard keeps the target away from is no mistake.
"""

from __future__ import annotations

import ast
import builtins

from titan_lint.code.forms import MAKING, callee_name, last_name, swallowed
from titan_lint.code.names import Binding, FunctionNode, Kind
from titan_lint.code.values import (
    LocalClass,
    LocalFunction,
    LocalInstance,
    Ref,
    Result,
    Value,
)
from titan_lint.code.walk import walk
from titan_lint.uses.class_defaults import is_class_default
from titan_lint.uses.conditions.chosen import is_evaluated, is_passed_over
from titan_lint.uses.conditions.doubt import Doubt
from titan_lint.uses.conditions.expected import is_expected, is_marked
from titan_lint.uses.conditions.failures import ANY, IMPORTING, REFUSING, Failure, reraises, takes
from titan_lint.uses.conditions.marks import bases
from titan_lint.uses.conditions.running import is_empty
from titan_lint.uses.conditions.skipped import SkippedTests
from titan_lint.uses.conditions.tried import Tried
from titan_lint.uses.conditions.truth import Truth
from titan_lint.uses.definitions import definitions
from titan_lint.uses.refused import refused_before
from titan_lint.uses.runs import Runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.code.program import Program
    from titan_lint.uses.file import File
    from titan_lint.uses.runs import Run


def refusing(messages: Iterable[str | None]) -> tuple[Failure, ...]:
    """What torchtitan raises on a value: what its messages begin with, else what it may be.

    Args:
        messages: ``ValueError: sdpa is no longer supported``; ``None`` where none is known.
    """
    kinds = [getattr(builtins, (text or "").partition(":")[0], None) for text in messages]
    known = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseException)]
    return tuple(dict.fromkeys(known)) if known and len(known) == len(kinds) else REFUSING


def verdict(file: File, test: ast.expr) -> bool | None:
    """What a condition is at the target, ``None`` where that cannot be told."""
    return file.once(Truth).verdict(test)


def may_give(file: File, node: ast.expr, value: object) -> bool:
    """Whether the target gets to anything that makes an expression a constant, one that the file gives it.

    What a class says of its instances, which may have something else, does not count.
    """
    return file.once(Truth).may_give(node, value) and not is_class_default(file, node)


def _reached(_: File) -> dict[ast.stmt, bool]:
    """The statements that :func:`reachable` was asked about, with its answers."""
    return {}


def reachable(file: File, node: ast.AST) -> bool:
    """Whether no guard keeps the target away from ``node``.

    An ``except`` clause for a missing import, attribute or argument counts as out of reach: it is
    there for other versions, unless what it is the answer to certainly fails at the target. So do
    both sides of a test that asks torchtitan for its version or shape where the answer is not known.
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
    truth, doubt = file.once(Truth), file.once(Doubt)
    match parent:
        case ast.arg() | ast.AnnAssign() if child is parent.annotation:
            return not file.once(_leaves_annotations)
        case ast.FunctionDef() | ast.AsyncFunctionDef() if child is parent.returns:
            return not file.once(_leaves_annotations)
        case ast.If(test=test) if child in parent.body and _is_for_types(test):
            # Nothing runs it; what it imports, type checkers want to find.
            return isinstance(child, ast.Import | ast.ImportFrom)
        case ast.If() | ast.IfExp() | ast.While() if child is not parent.test:
            if last_name(parent.test) == "TYPE_CHECKING" and child in getattr(parent, "body", ()):
                return isinstance(child, ast.Import | ast.ImportFrom)  # its types are looked up
            answer = truth.verdict(parent.test)
            body = parent.body if isinstance(parent.body, list) else [parent.body]
            if answer is not None and (child in body) != answer:
                return isinstance(parent, ast.While) and child not in body
            if answer is None and doubt.is_in_doubt(parent.test):
                return False
        case ast.Dict() | ast.List() | ast.Tuple() if is_passed_over(file, parent, child):
            return False
        case ast.Call() if isinstance(child, ast.expr) and truth.is_no_answer(parent, child):
            return is_evaluated(child)
        case ast.For(iter=over) if child in parent.body and is_empty(over):
            return False
        case ast.For(iter=over) if child in parent.body and doubt.may_be_empty(over):
            return False
        case ast.For() if child in parent.orelse:
            if truth.breaks(parent) or doubt.may_break(parent) or file.once(Tried).breaks(parent):
                return False
        case ast.With() | ast.AsyncWith() if child in parent.body and truth.running.is_refused(
            parent
        ):
            return False
        case ast.BoolOp(op=operator, values=values):
            for value in values[: values.index(child)] if child in values else ():  # type: ignore[arg-type]
                answer = truth.verdict(value)
                if answer is isinstance(operator, ast.Or):
                    return False
                if answer is None and doubt.is_in_doubt(value):
                    return False
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp() if not isinstance(
            child, ast.comprehension
        ):
            tests = [test for over in parent.generators for test in over.ifs]
            if any(truth.verdict(test) is False or doubt.is_in_doubt(test) for test in tests):
                return False
        case ast.match_case() if isinstance(child, ast.stmt):
            around = file.program.parents[parent]
            if isinstance(around, ast.Match) and not _is_taken(file, around, parent):
                return False
        case ast.ExceptHandler() if any(takes(file, parent.type, failure) for failure in ANY):
            around = file.program.parents[parent]
            if not (isinstance(around, ast.Try | ast.TryStar) and fails(file, around)):
                return False
        case ast.Try() | ast.TryStar() if child in parent.orelse and truth.running.stops(
            parent.body
        ):
            return False
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if child in parent.body:
            if file.once(SkippedTests).is_skipped(parent):
                return False
            if not isinstance(parent, ast.ClassDef) and _is_left_out_above(file, parent):
                return False
            if isinstance(parent, ast.ClassDef) and _is_never_made(file, parent, child):
                return False
        case ast.Module() if file.once(SkippedTests).is_module_skipped():
            return False
        case _:
            pass
    return not (isinstance(child, ast.stmt) and _after_exit(file, file.program.block(child), child))


def _is_left_out_above(file: File, method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the class of another file that a method is there for calls it, and only where the target may not get to."""
    info = file.program.bindings.owners.get(method)
    if info is None or not info.node.bases:
        return False
    calls = [
        (home, call)
        for home, base in bases(file, info.node)
        if home is not file
        for call in home.program.called(method.name)
        if isinstance(call.func, ast.Attribute)
        and last_name(call.func.value) in {"self", "cls"}
        and base in home.program.ancestors(call)
    ]
    return (
        bool(calls)
        and not file.program.called(method.name)
        and not any(reachable(home, call) for home, call in calls)
    )


def _is_never_made(file: File, cls: ast.ClassDef, method: ast.AST) -> bool:
    """Whether a method needs an instance of a class of which the target makes none."""
    if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) or cls.decorator_list:
        return False
    if method.name in MAKING or any(
        last_name(one) in ("staticmethod", "classmethod") for one in method.decorator_list
    ):
        return False
    known = file.once(_never_made)
    if cls not in known:
        known[cls] = False  # what only it makes itself
        known[cls] = _refuses_to_be_made(file, cls) or _is_never_used(file, cls)
    return known[cls]


def _never_made(_: File) -> dict[ast.ClassDef, bool]:
    return {}


def _refuses_to_be_made(file: File, cls: ast.ClassDef) -> bool:
    """Whether the constructor of a class ends by raising at the target, or may for a question to torchtitan."""
    running, doubt = file.once(Truth).running, file.once(Doubt)
    return any(
        isinstance(one, ast.FunctionDef)
        and one.name in MAKING
        and (running.never_gives(one) or doubt.may_refuse(one))
        for one in cls.body
    )


def _is_never_used(file: File, cls: ast.ClassDef) -> bool:
    """Whether the target gets to no place of the file that has a class, and no other file asks for it."""
    program, readers = file.program, file.options.readers
    uses = [use for use in file.once(Runs).uses_of(cls) if cls not in program.ancestors(use)]
    if not uses or any(reachable(file, use) for use in uses):
        return False
    return readers is None or not readers.ask_for(cls.name)


def _leaves_annotations(file: File) -> bool:
    """Whether nothing evaluates the annotations of a file: ``from __future__ import annotations``."""
    return any(
        isinstance(statement, ast.ImportFrom)
        and statement.module == "__future__"
        and any(alias.name == "annotations" for alias in statement.names)
        for statement in file.tree.body
    )


def _is_for_types(test: ast.expr) -> bool:
    return last_name(test) == "TYPE_CHECKING"


def _is_taken(file: File, match: ast.Match, case: ast.match_case) -> bool:
    """Whether ``match`` of a test may get to a case."""
    truth, doubt = file.once(Truth), file.once(Doubt)
    if truth.is_passed_by(match, case):
        return False
    return not (
        (truth.fits(match.subject, case.pattern) is None and doubt.asks(match.subject))
        or (case.guard is not None and doubt.is_in_doubt(case.guard))
    )


def fails(file: File, statement: ast.Try | ast.TryStar) -> bool:
    """Whether an import right in the body of a ``try`` certainly fails at the target."""
    return file.once(Truth).running.fails(statement.body)


def _after_exit(file: File, block: list[ast.stmt], statement: ast.stmt) -> bool:
    """Whether the target leaves a block before ``statement``, or may do so for a probe."""
    return (
        file.once(Truth).running.leaves_before(block, statement)
        or file.once(Doubt).may_leave(block, statement)
        or file.once(Tried).leaves_before(block, statement)
    )


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
            isinstance(parent, ast.With | ast.AsyncWith | ast.Try | ast.TryStar)
            and child in parent.body
            and (
                (
                    file.once(Truth).running.first_failing(parent.body)
                    < file.program.place(child)[1]  # type: ignore[arg-type]
                    and any(_takes(file, parent, child, failure) for failure in IMPORTING)
                )
                or any(
                    _takes(file, parent, child, failure)
                    for message in refused_before(file, parent.body, node)
                    for failure in refusing((message,))
                )
            )
        ):
            return True
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            if child in parent.body and any(
                _runs_with_care(file, _called(decorator), failure)
                or _swallows(file, decorator, failure)
                for decorator in parent.decorator_list
                for failure in failures
            ):
                return True
        # Annotations, defaults and decorators are evaluated where the function is made.
        if isinstance(parent, FunctionNode) and (
            child is parent.body if isinstance(parent, ast.Lambda) else child in parent.body
        ):
            around = (
                one for one in file.program.ancestors(parent) if isinstance(one, FunctionNode)
            )
            if any(is_expected(file, one, *failures) for one in (parent, *around)):
                return True
            return _is_only_run_so(file, parent, failures) or _fails_before(file, parent, node)
        child = parent
    return False


def _fails_before(file: File, function: FunctionNode, node: ast.AST) -> bool:
    """Whether the target refuses a call in a function before it gets to something, and all that run it let that fail."""
    if isinstance(function, ast.Lambda) or not file.once(Runs).of(function):
        return False
    return any(
        _is_only_run_so(file, function, refusing((message,)))
        for message in refused_before(file, function.body, node)
    )


def _called(decorator: ast.expr) -> ast.expr:
    """What a decorator calls to make it, or the decorator itself."""
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _asked(_: File) -> dict[tuple[FunctionNode, tuple[Failure, ...]], bool]:
    """What is known of functions while one is asked about; of those being asked about, the best."""
    return {}


def _is_only_run_so(file: File, function: FunctionNode, failures: tuple[Failure, ...]) -> bool:
    """Whether all places of the file that run a function of its own let it fail, or are never reached."""
    asked = file.once(_asked)
    key = (function, failures)
    if key in asked:
        return asked[key]
    if len(asked) > _MOST:
        return False
    is_first = not asked
    asked[key] = True  # what only runs itself runs nowhere
    try:
        known = file.once(Runs)
        runs = known.of(function)
        lenient = bool(runs) and all(_lets_fail(file, run, failures) for run in runs)
        found = asked[key] = lenient or (
            not runs
            and (known.is_dead(function) or _is_let_fail_elsewhere(file, function, failures))
        )
    finally:
        if is_first:
            asked.clear()
    return found


def _is_let_fail_elsewhere(
    file: File, function: FunctionNode, failures: tuple[Failure, ...]
) -> bool:
    """Whether other files call a function of the module by its name, and all of them expect that very failure."""
    readers = file.options.readers
    if (
        readers is None
        or not isinstance(function, ast.FunctionDef)
        or function.decorator_list
        or file.program.parents[function] is not file.tree
        or file.program.loaded(function.name)
    ):
        return False
    is_called = False
    for program in readers.naming(function.name):
        if program is None:
            return False
        calls = program.called(function.name)
        mentioned = len(program.loaded(function.name)) + sum(
            one.attr == function.name for one in program.reads
        )
        other = file.apart(program)
        if len(calls) < mentioned or not all(
            tolerated(other, call, *failures) and not _is_in_broad(program, call) for call in calls
        ):
            return False
        is_called = is_called or bool(calls)
    return is_called


def _is_in_broad(program: Program, call: ast.Call) -> bool:
    """Whether a call stands in a ``try`` that takes whatever fails: that expects no failure."""
    return any(
        isinstance(around, ast.Try)
        and any(
            one.type is None or last_name(one.type) in ("Exception", "BaseException")
            for one in around.handlers
        )
        for around in program.ancestors(call)
    )


def _lets_fail(file: File, run: Run, failures: tuple[Failure, ...]) -> bool:
    """Whether the target never gets to a place that runs a function, or that expects its failure."""
    if run.replaced or not reachable(file, run.node):
        return True
    if run.handed:
        return is_marked(file, run.node, *failures) or any(
            _swallows(file, run.node, failure)
            or (isinstance(run.node, ast.Call) and _runs_with_care(file, run.node.func, failure))
            for failure in failures
        )
    return tolerated(file, run.node, *failures)


_MOST = 60
"""Through how many functions a failure is followed to those that run them."""


def _takes(file: File, around: ast.AST, child: ast.AST, failure: Failure) -> bool:
    """Whether a node takes an exception that one right in it raises, and goes on."""
    match around:
        case ast.Try(body=body, handlers=handlers) | ast.TryStar(body=body, handlers=handlers):
            if child in body:
                for handler in handlers:
                    if takes(file, handler.type, failure):
                        return not reraises(handler)
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            before = items if child in body else items[: items.index(child)]  # type: ignore[arg-type]
            managers = [item.context_expr for item in before]
            if child in body:
                managers += _entered(body[: body.index(child)])  # type: ignore[arg-type]
            return any(_swallows(file, manager, failure) for manager in managers)
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


def _entered(statements: Iterable[ast.stmt]) -> Iterator[ast.expr]:
    """The managers that some statements hand to an ``ExitStack``."""
    for statement in statements:
        match statement:
            case ast.Expr(ast.Call(func=ast.Attribute(attr="enter_context"), args=[manager])):
                yield manager
            case _:
                pass


def _swallows(file: File, manager: ast.expr, failure: Failure, depth: int = 0) -> bool:
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
    return (
        any(
            kinds is not None and (not kinds or any(takes(file, kind, failure) for kind in kinds))
            for kinds in found
        )
        or any(_goes_on(file, made, failure) for made in _makers(file, manager))
        or _is_made_to_swallow(file, manager, failure, depth)
    )


def _is_made_to_swallow(file: File, manager: ast.expr, failure: Failure, depth: int) -> bool:
    """Whether what makes a manager, wherever in the project it is defined, gives one that goes on behind an exception."""
    called = manager.func if isinstance(manager, ast.Call) else manager
    if depth > _MAKING:
        return False
    return any(
        _is_defined_to_swallow(home, binding, failure, depth)
        for home, binding in definitions(file, called)
    )


def _is_defined_to_swallow(home: File, binding: Binding, failure: Failure, depth: int) -> bool:
    """Whether something that a module binds is such a manager, or what makes one."""
    match binding:
        case Binding(kind=Kind.FUNCTION, node=ast.FunctionDef() | ast.AsyncFunctionDef() as node):
            return _goes_on(home, LocalFunction(node), failure) or _returns(
                home, node, failure, depth
            )
        case Binding(kind=Kind.CLASS, node=ast.ClassDef() as node):
            return _is_class_to_swallow(home, node, failure, depth)
        case Binding(kind=Kind.VALUE, value=ast.Call(args=[made, *kinds]) as value) if (
            callee_name(value) == "partial"
        ):
            if _is_suppress(home, made):
                return not kinds or any(takes(home, kind, failure) for kind in kinds)
            return _is_made_to_swallow(home, made, failure, depth + 1)
        case Binding(kind=Kind.VALUE, value=ast.Call() as value):
            return _swallows(home, value, failure, depth + 1)
        case Binding(kind=Kind.VALUE, value=ast.Lambda(body=body)):
            return _swallows(home, body, failure, depth + 1)
        case _:
            return False


def _is_class_to_swallow(home: File, node: ast.ClassDef, failure: Failure, depth: int) -> bool:
    """Whether a class's instances, or what these make where they are called, go on behind an exception."""
    info = home.program.bindings.classes[node]
    if _goes_on(home, LocalClass(info), failure):
        return True
    for cls in home.resolver.local_mro(info):
        # What a class tells `contextlib.suppress` to swallow is not looked at.
        if not hasattr(cls, "origin") and any(_is_suppress(home, b) for b in cls.node.bases):
            return True
        for binding in cls.scope.bindings.get("__call__", ()):
            if isinstance(binding.node, ast.FunctionDef) and _returns(
                home, binding.node, failure, depth
            ):
                return True
    return any(
        _is_defined_to_swallow(other, binding, failure, depth + 1)
        for base in node.bases
        if depth < _MAKING
        for other, binding in definitions(home, base)
    )


def _returns(home: File, function: FunctionNode, failure: Failure, depth: int) -> bool:
    """Whether a function may return a manager that goes on behind an exception."""
    return depth < _MAKING and any(
        isinstance(node, ast.Return)
        and isinstance(node.value, ast.Call | ast.Name | ast.Attribute)
        and _swallows(home, node.value, failure, depth + 1)
        for node in walk(function)
    )


def _is_suppress(home: File, node: ast.expr) -> bool:
    return any(
        isinstance(value, Ref) and value.path == "contextlib.suppress"
        for value in home.values(node)
    )


_MAKING = 4
"""Through how many functions and names a manager is followed to what makes it."""


def _makers(file: File, manager: ast.expr) -> Iterator[Value | ast.expr]:
    """What may have made a manager: a function or class of the file's, what a test is run with."""
    if isinstance(manager, ast.Call):
        yield from file.values(manager.func)
    yield from file.values(manager)
    if isinstance(manager, ast.Name):
        for binding in file.program.bindings.of(manager):
            if isinstance(binding.function, ast.FunctionDef | ast.AsyncFunctionDef):
                for decorator in binding.function.decorator_list:
                    if callee_name(decorator) == "parametrize":
                        yield from (part for part in walk(decorator) if isinstance(part, ast.Call))


def _goes_on(file: File, made: Value | ast.expr, failure: Failure) -> bool:
    """Whether what makes a manager takes an exception that the block of the ``with`` raises."""
    match made:
        case LocalFunction(node=function):
            return any(
                isinstance(node, ast.Yield) and _is_taken_in(file, node, function, failure)
                for node in walk(function)
            )
        case LocalClass(info=info) | LocalInstance(info=info):
            return any(
                isinstance(node, ast.Return)
                and node.value is not None
                and not (isinstance(node.value, ast.Constant) and not node.value.value)
                for cls in file.resolver.local_mro(info)
                for method in ("__exit__", "__aexit__")
                for binding in cls.scope.bindings.get(method, ())
                for node in walk(binding.node)
            )
        case ast.Call():
            return any(takes(file, kind, failure) for kind in swallowed(made) or ())
        case _:
            return False


def _runs_with_care(file: File, called: ast.expr, failure: Failure) -> bool:
    """Whether a function of the project's calls what it gets where a failure is taken, or not at this target."""
    functions = [
        (file, value.node) for value in file.values(called) if isinstance(value, LocalFunction)
    ] + [
        (home, binding.node)
        for home, binding in definitions(file, called)
        if home is not file and isinstance(binding.node, FunctionNode)
    ]
    return any(
        isinstance(node, ast.Name)
        and _is_handed(home, node)
        and isinstance(home.program.parents[node], ast.Call | ast.Return | ast.IfExp)
        and (not reachable(home, node) or _is_taken_in(home, node, function, failure))
        for home, function in functions
        for node in walk(function)
    )


def _is_handed(file: File, node: ast.Name) -> bool:
    """Whether a name stands for a parameter, or for one of what that holds."""
    for binding in file.program.bindings.of(node):
        if isinstance(binding.node, ast.arg):
            return True
        held = binding.value if binding.kind is Kind.ELEMENT else None
        while isinstance(held, ast.Call) and len(held.args) == 1:
            held = held.args[0]  # `reversed`, `iter`, `enumerate`
        if isinstance(held, ast.Name) and _is_handed(file, held):
            return True
    return False


def _is_taken_in(file: File, node: ast.AST, function: FunctionNode, failure: Failure) -> bool:
    """Whether a function takes an exception that a node in it raises."""
    child = node
    for parent in file.program.ancestors(node):
        if parent is function:
            break
        if _takes(file, parent, child, failure):
            return True
        child = parent
    return False
