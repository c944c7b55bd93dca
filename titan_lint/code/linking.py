"""The pass that links names to bindings: one forward walk over a file's syntax tree.

Branches are joined, loops feed their own start, handlers see what the ``try`` body may have bound,
and nested functions see every binding of the scopes around them, because they run later. Nothing
is evaluated here; the pass only links each loaded name to the bindings that can have made it.
"""

from __future__ import annotations

import ast
import contextlib
import sys

from titan_lint.code.forms import matched, may_swallow
from titan_lint.code.names import (
    Binding,
    Bindings,
    ClassInfo,
    Env,
    Free,
    FunctionNode,
    Kind,
    Late,
    Scope,
    settled,
)
from titan_lint.code.reaching import Point, extended, join, stored_names
from titan_lint.code.walk import FIELDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
    from typing import Any


def linked(tree: ast.Module, walk: type[_Pass] | None = None) -> Bindings:
    """The names of a module, each linked to its bindings.

    Args:
        tree: The module.
        walk: Another walk than the usual one.

    Raises:
        RecursionError: The tree is nested too deeply to be followed.
    """
    result = Bindings(tree)
    with _deep_recursion():
        (walk or _Pass)(result).block(tree.body)
    return result


@contextlib.contextmanager
def _deep_recursion() -> Generator[None]:
    """Let the pass go as deep as Python's own parser does; its calls take no C stack."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


# CPython 3.11 builds trees of up to 3,000 levels; a level takes up to four calls here.
_DEEPEST = 16_000


def _functions_around(scope: Scope) -> Iterator[Scope]:
    """The scopes around a function that ``nonlocal`` can mean, nearest first."""
    current = scope.outer
    while current is not None and current.outer is not None:
        if not current.is_class:
            yield current
        current = current.outer


class _Pass(Point):
    """The walk."""

    # -- statements ---------------------------------------------------------------------------

    def block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            _STATEMENTS.get(type(statement), _Pass.children)(self, statement)

    def branch(self, statements: Sequence[ast.stmt], env: Env) -> Env | None:
        """Walk a block from ``env``; what holds at its end, ``None`` if it never gets there."""
        saved_env, saved_dead = self.env, self.dead
        self.env, self.dead = dict(env), False
        self.block(statements)
        end = None if self.dead else self.env
        self.env, self.dead = saved_env, saved_dead
        return end

    def do_if(self, node: ast.If) -> None:
        self.expr(node.test)
        before = self.env
        self.settle(self.branch(node.body, before), self.branch(node.orelse, before))

    def do_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.expr(node.iter)
        before = self.start_loop([node.target, *node.body])
        self.bind_target(node.target, node.iter, Kind.ELEMENT)
        self.finish_loop(node, before)

    def do_while(self, node: ast.While) -> None:
        before = self.start_loop([node.test, *node.body])
        self.expr(node.test)
        self.finish_loop(node, before)

    def start_loop(self, stored: Sequence[ast.AST]) -> Env:
        """Let all that the loop binds reach its own start; what held before it."""
        before = self.env
        bound = self.record()
        self.env = dict(before)
        for name in stored_names(stored):
            self.env[name] = (*before.get(name, ()), Late(bound, name))
        return before

    def finish_loop(self, node: ast.For | ast.AsyncFor | ast.While, before: Env) -> None:
        end = self.branch(node.body, self.env)
        bound = self.recorders.pop()
        # ``break`` may leave from anywhere in the body, so all that it binds can reach the end.
        after = join(before, end, extended(before, bound))
        assert after is not None
        self.env = after
        if node.orelse:
            self.settle(self.branch(node.orelse, after), after)

    def do_try(self, node: ast.Try | ast.TryStar) -> None:
        before = self.env
        everything = self.record()
        bound = self.record()
        end = self.branch(node.body, before)
        self.recorders.pop()
        raised = extended(before, bound)
        ends: list[Env | None] = []
        if end is not None:
            ends.append(self.branch(node.orelse, end))
        for handler in node.handlers:
            if handler.type is not None:
                self.expr(handler.type)
            env = dict(raised)
            if handler.name:
                saved, self.env = self.env, env
                self.bind(handler.name, Binding(Kind.OPAQUE, handler))
                self.env = saved
            ends.append(self.branch(handler.body, env))
        self.recorders.pop()
        after = join(*ends)
        if node.finalbody:
            # It runs after an exception from anywhere, too; what comes behind it does not.
            rebound = self.record()
            last = self.branch(node.finalbody, join(after, extended(before, everything)) or {})
            self.recorders.pop()
            if last is None:
                after = None
            elif after is not None:
                after = after | {name: last[name] for name in rebound if name in last}
        self.settle(after)

    def do_with(self, node: ast.With | ast.AsyncWith) -> None:
        before = self.env
        for item in node.items:
            self.expr(item.context_expr)
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, item.context_expr, Kind.CONTEXT)
        if not may_swallow(node):
            self.block(node.body)
            return
        bound = self.record()
        end = self.branch(node.body, self.env)
        self.recorders.pop()
        self.settle(end, extended(before, bound))

    def do_match(self, node: ast.Match) -> None:
        self.expr(node.subject)
        before = self.env
        ends: list[Env | None] = [before]
        for case in node.cases:
            saved = self.env
            self.env = dict(before)
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                    kind = matched(part) if isinstance(part, ast.MatchAs) else None
                    how = Kind.OPAQUE if kind is None else Kind.DECLARED
                    self.bind(part.name, Binding(how, part, annotation=kind))
                elif isinstance(part, ast.MatchMapping) and part.rest:
                    self.bind(part.rest, Binding(Kind.OPAQUE, part))
                elif isinstance(part, ast.MatchValue):
                    self.expr(part.value)
                elif isinstance(part, ast.MatchClass):
                    self.expr(part.cls)
                if isinstance(part, ast.MatchMapping):
                    for key in part.keys:
                        self.expr(key)
            if case.guard is not None:
                self.expr(case.guard)
            env = self.env
            self.env = saved
            ends.append(self.branch(case.body, env))
        self.settle(*ends)

    def do_jump(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Return) and node.value is not None and self.function is not None:
            self.result.returns.setdefault(self.function, []).append(node.value)
        self.children(node)
        self.dead = True

    def do_import(self, node: ast.Import) -> None:
        self.result.imports.append(node)
        for alias in node.names:
            if alias.asname:
                self.bind(alias.asname, Binding(Kind.IMPORT, alias, path=alias.name))
            else:
                top = alias.name.partition(".")[0]
                self.bind(top, Binding(Kind.IMPORT, alias, path=top))

    def do_from(self, node: ast.ImportFrom) -> None:
        self.result.imports.append(node)
        path = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                self.scope.stars.append(Binding(Kind.STAR, alias, path=path))
                for name, reaching in list(self.env.items()):
                    binding = Binding(Kind.STAR, alias, path=path, member=name)
                    self.bind(name, binding)
                    self.env[name] = (*reaching, binding)
            else:
                name = alias.asname or alias.name
                self.bind(name, Binding(Kind.FROM, alias, path=path, member=alias.name))

    def do_assign(self, node: ast.Assign) -> None:
        self.expr(node.value)
        for target in node.targets:
            self.bind_target(target, node.value, Kind.VALUE)

    def do_annotated(self, node: ast.AnnAssign) -> None:
        self.expr(node.annotation)
        if node.value is not None:
            self.expr(node.value)
        self.bind_target(node.target, node.value, Kind.VALUE, node.annotation)

    def do_augmented(self, node: ast.AugAssign) -> None:
        self.expr(node.value)
        self.bind_target(node.target, None, Kind.OPAQUE)

    def do_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.env.pop(target.id, None)
            elif isinstance(target, ast.Tuple | ast.List):
                self.do_delete(ast.Delete(target.elts))
            else:
                self.expr(target)

    def do_global(self, node: ast.Global | ast.Nonlocal) -> None:
        for name in node.names:
            home: Scope = self.result.module
            if isinstance(node, ast.Nonlocal):
                home = next(
                    (s for s in _functions_around(self.scope) if name in s.bindings),
                    self.scope.outer or home,
                )
            if home is not self.scope:
                self.scope.outside[name] = home
                home.shared.add(name)

    def do_class(self, node: ast.ClassDef) -> None:
        for expression in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.expr(expression)
        scope = Scope(node, self.scope, is_class=True)
        info = ClassInfo(node, scope, self.scope)
        self.result.classes[node] = info
        saved = (self.scope, self.env, self.dead, self.owner, self.self_name, self.recorders)
        around = self.around
        self.around = around if self.scope.is_class else self.env
        self.scope, self.env, self.dead, self.owner, self.self_name = scope, {}, False, info, None
        self.recorders = []
        self.bind_type_parameters(node)
        self.block(node.body)
        self.scope, self.env, self.dead, self.owner, self.self_name, self.recorders = saved
        self.around = around
        self.run_elsewhere()
        self.bind(node.name, Binding(Kind.CLASS, node))

    def do_type_alias(self, node: Any) -> None:
        self.expr(node.value)
        self.bind(node.name.id, Binding(Kind.OPAQUE, node))

    def do_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.expr(decorator)
        self.enter(node, node.body)
        self.run_elsewhere()
        self.bind(node.name, Binding(Kind.FUNCTION, node))

    def enter(self, node: FunctionNode, body: Sequence[ast.stmt] | ast.expr) -> None:
        """Walk a function in a scope of its own."""
        arguments = node.args
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.expr(default)
        saved = (self.scope, self.env, self.dead, self.function, self.owner, self.self_name)
        recorders, self.recorders = self.recorders, []
        maybe, self.maybe = self.maybe, 0
        around, outer = self.around, self.scope
        positional = [*arguments.posonlyargs, *arguments.args]
        parameters = [*positional, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        annotations = [p.annotation for p in parameters if p is not None and p.annotation]
        if not isinstance(node, ast.Lambda):
            annotations += [node.returns] if node.returns is not None else []
            if getattr(node, "type_params", ()):
                self.scope, self.env = Scope(node, outer), dict(self.env)
                self.bind_type_parameters(node)
        for annotation in annotations:
            self.expr(annotation)
        self.scope = Scope(node, self.scope)
        self.result.scopes[node] = self.scope
        self.env, self.around, self.dead, self.function = {}, {}, False, node
        if outer.is_class and not isinstance(node, ast.Lambda):
            assert self.owner is not None
            self.result.owners[node] = self.owner
            static = any(
                isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list
            )
            self.self_name = positional[0].arg if positional and not static else None
        elif any(p is not None and p.arg == self.self_name for p in parameters):
            # Other closures of a method see the method's ``self``.
            self.self_name = None
        count = len(positional) - len(arguments.defaults)
        for index, parameter in enumerate(positional):
            default = arguments.defaults[index - count] if index >= count else None
            self.bind_parameter(node, parameter, default, index)
        for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            self.bind_parameter(node, parameter, default, -1)
        for parameter in (arguments.vararg, arguments.kwarg):
            if parameter is not None:
                self.bind(parameter.arg, Binding(Kind.OPAQUE, parameter))
        if isinstance(body, ast.expr):
            self.result.returns.setdefault(node, []).append(body)
            self.expr(body)
        else:
            self.block(body)
        self.scope, self.env, self.dead, self.function, self.owner, self.self_name = saved
        self.recorders, self.maybe, self.around = recorders, maybe, around

    # -- binding ------------------------------------------------------------------------------

    def bind_target(
        self,
        target: ast.expr,
        value: ast.expr | None,
        kind: Kind,
        annotation: ast.expr | None = None,
        index: int = -1,
        whole: Binding | None = None,
    ) -> None:
        if isinstance(target, ast.Name):
            if value is None and kind is Kind.VALUE:
                kind = Kind.DECLARED
            self.bind(target.id, Binding(kind, target, value, annotation, index=index, whole=whole))
        elif isinstance(target, ast.Attribute):
            self.expr(target.value)
            self.result.attributes.append(target)
            if (
                self.owner is not None
                and isinstance(target.value, ast.Name)
                and target.value.id == self.self_name
            ):
                if value is None and kind is Kind.VALUE:
                    kind = Kind.DECLARED
                self.owner.attributes.setdefault(target.attr, []).append(
                    Binding(kind, target, value, annotation, index=index, whole=whole)
                )
        elif isinstance(target, ast.Starred):
            self.bind_target(target.value, None, Kind.OPAQUE)
        elif isinstance(target, ast.Tuple | ast.List):
            spread = any(isinstance(part, ast.Starred) for part in target.elts)
            same = (
                isinstance(value, ast.Tuple | ast.List)
                and kind is Kind.VALUE
                and len(value.elts) == len(target.elts)
                and not spread
                and not any(isinstance(part, ast.Starred) for part in value.elts)
            )
            all_of_it = Binding(kind, target, value, index=index, whole=whole)
            for position, part in enumerate(target.elts):
                if same:
                    assert isinstance(value, ast.Tuple | ast.List)
                    self.bind_target(part, value.elts[position], Kind.VALUE)
                elif spread or value is None:
                    self.bind_target(part, value, Kind.OPAQUE)
                else:
                    self.bind_target(part, value, Kind.PART, index=position, whole=all_of_it)
        else:
            if isinstance(target, ast.Subscript):
                self.result.items.append(target)
            self.children(target)

    # -- expressions --------------------------------------------------------------------------

    def expr(self, node: ast.AST) -> None:
        _EXPRESSIONS.get(type(node), _Pass.children)(self, node)

    def nothing(self, node: ast.Constant) -> None:
        pass

    def children(self, node: ast.AST) -> None:
        for name in FIELDS[type(node)]:
            value: Any = getattr(node, name, None)
            if value.__class__ is list:
                for item in value:
                    if item is not None:
                        self.expr(item)
            elif value is not None:
                self.expr(value)

    def possibly(self, nodes: Iterable[ast.expr]) -> None:
        """Expressions that may not be evaluated."""
        self.maybe += 1
        for node in nodes:
            self.expr(node)
        self.maybe -= 1

    def do_boolean(self, node: ast.BoolOp) -> None:
        self.expr(node.values[0])
        self.possibly(node.values[1:])

    def do_conditional(self, node: ast.IfExp) -> None:
        self.expr(node.test)
        self.possibly((node.body, node.orelse))

    def do_subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Del):
            self.result.items.append(node)
        self.expr(node.value)
        self.expr(node.slice)

    def do_name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            reaching = self.env.get(node.id) or self.around.get(node.id)
            self.reach[node] = reaching if reaching else Free(self.scope, node.id)

    def do_attribute(self, node: ast.Attribute) -> None:
        self.result.attributes.append(node)
        self.expr(node.value)

    def do_call(self, node: ast.Call) -> None:
        self.result.calls.append(node)
        self.expr(node.func)
        for argument in node.args:
            if type(argument) is not ast.Constant:
                self.expr(argument)
        for keyword in node.keywords:
            if type(keyword.value) is not ast.Constant:
                self.expr(keyword.value)

    def do_walrus(self, node: ast.NamedExpr) -> None:
        self.expr(node.value)
        scope = self.scope
        while isinstance(self.scope.node, _COMPREHENSIONS) and self.scope.outer is not None:
            self.scope = self.scope.outer
        # From inside a comprehension, which may have no element.
        within = self.scope is not scope
        self.maybe += within
        self.bind_target(node.target, node.value, Kind.VALUE)
        self.maybe -= within
        self.scope = scope

    def do_lambda(self, node: ast.Lambda) -> None:
        self.enter(node, node.body)

    def do_yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        if self.function is not None:
            self.result.generators.setdefault(self.function, []).append(node)
        self.children(node)

    def do_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        first, *others = node.generators
        self.expr(first.iter)
        saved, outer = self.env, self.scope
        self.scope = Scope(node, outer)
        # What a comprehension in a class's body sees are not the class's names.
        self.env = {} if outer.is_class else dict(saved)
        self.bind_element(first)
        for generator in others:
            self.expr(generator.iter)
            self.bind_element(generator)
        if isinstance(node, ast.DictComp):
            self.expr(node.key)
            self.expr(node.value)
        else:
            self.expr(node.elt)
        inner, own = self.env, self.scope.bindings
        self.env, self.scope = saved, outer
        # A walrus inside binds in the scope around.
        for name, reaching in inner.items():
            if name not in own and saved.get(name) is not reaching:
                saved[name] = reaching

    def bind_element(self, generator: ast.comprehension) -> None:
        # The targets live in the comprehension alone, whatever is around it.
        recorders, self.recorders = self.recorders, []
        maybe, self.maybe = self.maybe, 0
        self.bind_target(generator.target, generator.iter, Kind.ELEMENT)
        self.recorders, self.maybe = recorders, maybe
        for condition in generator.ifs:
            self.expr(condition)


class Look:
    """What names stand for at one expression, found by a walk of its own.

    Args:
        tree: The module.
        site: The expression.
        around: The functions around it, where no other one binds any names but its own; else ``None``.
    """

    def __init__(
        self, tree: ast.Module, site: ast.expr, around: Collection[ast.AST] | None = None
    ) -> None:
        seen: list[tuple[Scope, Env]] = []

        class Watch(_Pass):
            def enter(self, node: FunctionNode, body: Sequence[ast.stmt] | ast.expr) -> None:
                if around is not None and node not in around and not isinstance(body, ast.expr):
                    body = ()
                super().enter(node, body)

            def expr(self, node: ast.AST) -> None:
                if node is site:
                    seen.append((self.scope, self.around | self.env))
                super().expr(node)

        self._bindings = linked(tree, Watch)
        self._seen = seen

    def bindings(self, name: str) -> list[Binding]:
        """The bindings that can have made ``name``, were it loaded there; see :meth:`Bindings.of`."""
        found: list[Binding] = []
        for scope, env in self._seen:
            reaching = env.get(name)
            found += settled(reaching) if reaching else self._bindings.free(scope, name)
        return found


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)

_STATEMENTS: dict[type[ast.AST], Callable[[_Pass, Any], None]] = {
    ast.If: _Pass.do_if,
    ast.For: _Pass.do_for,
    ast.AsyncFor: _Pass.do_for,
    ast.While: _Pass.do_while,
    ast.Try: _Pass.do_try,
    ast.TryStar: _Pass.do_try,
    ast.With: _Pass.do_with,
    ast.AsyncWith: _Pass.do_with,
    ast.Match: _Pass.do_match,
    ast.Return: _Pass.do_jump,
    ast.Raise: _Pass.do_jump,
    ast.Break: _Pass.do_jump,
    ast.Continue: _Pass.do_jump,
    ast.Import: _Pass.do_import,
    ast.ImportFrom: _Pass.do_from,
    ast.Assign: _Pass.do_assign,
    ast.AnnAssign: _Pass.do_annotated,
    ast.AugAssign: _Pass.do_augmented,
    ast.Delete: _Pass.do_delete,
    ast.Global: _Pass.do_global,
    ast.Nonlocal: _Pass.do_global,
    ast.ClassDef: _Pass.do_class,
    ast.FunctionDef: _Pass.do_function,
    ast.AsyncFunctionDef: _Pass.do_function,
}
if sys.version_info >= (3, 12):
    _STATEMENTS[ast.TypeAlias] = _Pass.do_type_alias

_EXPRESSIONS: dict[type[ast.AST], Callable[[_Pass, Any], None]] = {
    ast.Constant: _Pass.nothing,
    ast.Name: _Pass.do_name,
    ast.Attribute: _Pass.do_attribute,
    ast.Call: _Pass.do_call,
    ast.Subscript: _Pass.do_subscript,
    ast.BoolOp: _Pass.do_boolean,
    ast.IfExp: _Pass.do_conditional,
    ast.NamedExpr: _Pass.do_walrus,
    ast.Lambda: _Pass.do_lambda,
    ast.Yield: _Pass.do_yield,
    ast.YieldFrom: _Pass.do_yield,
    ast.ListComp: _Pass.do_comprehension,
    ast.SetComp: _Pass.do_comprehension,
    ast.GeneratorExp: _Pass.do_comprehension,
    ast.DictComp: _Pass.do_comprehension,
}
