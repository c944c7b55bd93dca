"""Which assignments reach which uses of a name: one forward pass over a file's syntax tree.

Branches are joined, loops feed their own start, handlers see what the ``try`` body may have bound,
and nested functions see every binding of the scopes around them, because they run later. Nothing
is evaluated here; the pass only links each loaded name to the bindings that can have made it.
"""

from __future__ import annotations

import ast
import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Kind(enum.Enum):
    """How a binding came about."""

    VALUE = enum.auto()  # name = value
    DECLARED = enum.auto()  # name: annotation
    IMPORT = enum.auto()  # import path [as name]; ``path`` is the module that the name stands for
    FROM = enum.auto()  # from path import member
    STAR = enum.auto()  # from path import *
    FUNCTION = enum.auto()
    CLASS = enum.auto()
    PARAMETER = enum.auto()
    ELEMENT = enum.auto()  # one element of ``value``: loop targets
    CONTEXT = enum.auto()  # with value as name
    OPAQUE = enum.auto()  # bound to something that is not followed


@dataclass(eq=False, slots=True)
class Binding:
    """One place that gives a name a value.

    Attributes:
        kind: How.
        node: The syntax that binds.
        value: The expression bound, where there is one.
        annotation: The declared type, where there is one.
        path: The module of an import; relative ones begin with dots.
        member: The name imported from ``path``.
        function: The function whose parameter this is.
        index: The position of a parameter, or of an unpacked element; -1 where it does not apply.
    """

    kind: Kind
    node: ast.AST
    value: ast.expr | None = None
    annotation: ast.expr | None = None
    path: str = ""
    member: str = ""
    function: FunctionNode | None = None
    index: int = -1


class Scope:
    """A module, class or function: all bindings of each of its names, in order of the text."""

    __slots__ = ("bindings", "is_class", "node", "outer", "outside", "stars")

    def __init__(self, node: ast.AST, outer: Scope | None, *, is_class: bool = False) -> None:
        self.node = node
        self.outer = outer
        self.is_class = is_class
        self.bindings: dict[str, list[Binding]] = {}
        self.stars: list[Binding] = []
        # Names declared ``global`` or ``nonlocal`` here.
        self.outside: dict[str, Scope | None] = {}


@dataclass(eq=False, slots=True)
class ClassInfo:
    """A class statement: its body's names and what its methods assign on ``self``.

    Attributes:
        node: The statement.
        scope: The names of its body.
        outer: The scope around the class.
        attributes: What methods assign to ``self.<name>``, by name.
    """

    node: ast.ClassDef
    scope: Scope
    outer: Scope
    attributes: dict[str, list[Binding]] = field(default_factory=dict[str, list[Binding]])


@dataclass(eq=False, slots=True)
class _Loop:
    """Stands in an environment for whatever the loop's body binds to a name."""

    bound: dict[str, list[Binding]]
    name: str


Reaching = tuple["Binding | _Loop", ...]
Env = dict[str, Reaching]


@dataclass(eq=False, slots=True)
class _Free:
    """A name that the scope itself does not bind before the use."""

    scope: Scope
    name: str


class Bindings:
    """The result of the pass over one module.

    Attributes:
        module: The module's scope.
        calls: All calls, in order of the walk.
        attributes: All attribute expressions, loads and stores.
        imports: All import statements.
        classes: Class statements, by node.
        owners: The class whose body directly holds a function.
        scopes: The scope of each function.
        returns: What each function returns.
        generators: The functions that yield.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.module = Scope(tree, None)
        self.calls: list[ast.Call] = []
        self.attributes: list[ast.Attribute] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self.classes: dict[ast.ClassDef, ClassInfo] = {}
        self.owners: dict[FunctionNode, ClassInfo] = {}
        self.scopes: dict[FunctionNode, Scope] = {}
        self.returns: dict[FunctionNode, list[ast.expr]] = {}
        self.generators: set[FunctionNode] = set()
        self._reach: dict[ast.Name, Reaching | _Free] = {}
        _Pass(self, self._reach).run(tree)

    def of(self, name: ast.Name) -> list[Binding]:
        """All bindings that can have made the loaded ``name``; empty for builtins and unknowns."""
        reaching = self._reach.get(name)
        if reaching is None:
            return []
        if isinstance(reaching, _Free):
            return self.free(reaching.scope, reaching.name)
        found: dict[Binding, None] = {}
        for item in reaching:
            if isinstance(item, _Loop):
                found.update(dict.fromkeys(item.bound.get(item.name, ())))
            else:
                found[item] = None
        return list(found)

    def link(self, name: ast.Name, binding: Binding) -> None:
        """Let a name that a rule made up stand for ``binding``."""
        self._reach[name] = (binding,)

    def free(self, scope: Scope, name: str) -> list[Binding]:
        """All bindings of ``name`` as seen from ``scope`` by code that runs at any later time."""
        current: Scope | None = scope
        while current is not None:
            if (not current.is_class or current is scope) and name in current.bindings:
                return current.bindings[name]
            current = current.outer
        return []

    def stars(self, scope: Scope) -> list[Binding]:
        """The star imports whose names ``scope`` can see."""
        found: list[Binding] = []
        current: Scope | None = scope
        while current is not None:
            found += current.stars
            current = current.outer
        return found

    def scope_stars(self, name: ast.Name) -> list[Binding]:
        """The star imports that may have made ``name``; empty where the file binds it itself."""
        reaching = self._reach.get(name)
        if isinstance(reaching, _Free) and not self.free(reaching.scope, reaching.name):
            return self.stars(reaching.scope)
        return []


def stored_names(statements: Iterable[ast.AST]) -> set[str]:
    """The names that a block may bind, nested functions and classes' bodies left out."""
    found: set[str] = set()
    todo = list(statements)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found.add(node.id)
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
            continue
        if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        todo.extend(ast.iter_child_nodes(node))
    return found


def _join(*environments: Env | None) -> Env | None:
    live = [env for env in environments if env is not None]
    if not live:
        return None
    first, *rest = live
    if not rest:
        return first
    joined = dict(first)
    for env in rest:
        for name, reaching in env.items():
            mine = joined.get(name)
            if mine is None:
                joined[name] = reaching
            elif mine is not reaching:
                joined[name] = tuple(dict.fromkeys(mine + reaching))
    return joined


class _Pass:
    """The walk. ``env`` maps the current scope's names to what reaches; ``None`` after a jump."""

    def __init__(self, result: Bindings, reach: dict[ast.Name, Reaching | _Free]) -> None:
        self.result = result
        self.reach = reach
        self.scope = result.module
        self.env: Env = {}
        self.dead = False
        self.recorders: list[dict[str, list[Binding]]] = []
        self.function: FunctionNode | None = None
        self.owner: ClassInfo | None = None
        self.self_name: str | None = None

    def run(self, tree: ast.Module) -> None:
        self.block(tree.body)

    # -- statements ---------------------------------------------------------------------------

    def block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            handler = _STATEMENTS.get(type(statement))
            if handler is None:
                self.children(statement)
            else:
                handler(self, statement)

    def branch(self, statements: Sequence[ast.stmt], env: Env) -> Env | None:
        """Walk a block from ``env``; what holds at its end, ``None`` if it never gets there."""
        saved_env, saved_dead = self.env, self.dead
        self.env, self.dead = dict(env), False
        self.block(statements)
        end = None if self.dead else self.env
        self.env, self.dead = saved_env, saved_dead
        return end

    def settle(self, *ends: Env | None) -> None:
        joined = _join(*ends)
        if joined is None:
            self.dead = True
        else:
            self.env = joined

    def record(self) -> dict[str, list[Binding]]:
        recorder: dict[str, list[Binding]] = {}
        self.recorders.append(recorder)
        return recorder

    def do_if(self, node: ast.If) -> None:
        self.expr(node.test)
        before = self.env
        self.settle(self.branch(node.body, before), self.branch(node.orelse, before))

    def do_for(self, node: ast.For | ast.AsyncFor) -> None:
        self.expr(node.iter)
        self.loop(node, target=node.target, source=node.iter)

    def do_while(self, node: ast.While) -> None:
        self.loop(node, test=node.test)

    def loop(
        self,
        node: ast.For | ast.AsyncFor | ast.While,
        target: ast.expr | None = None,
        source: ast.expr | None = None,
        test: ast.expr | None = None,
    ) -> None:
        before = self.env
        bound = self.record()
        start = dict(before)
        for name in stored_names([node.target, *node.body] if target else node.body):  # type: ignore[union-attr]
            start[name] = (*start.get(name, ()), _Loop(bound, name))
        self.env = start
        if test is not None:
            self.expr(test)
        if target is not None and source is not None:
            self.bind_target(target, source, Kind.ELEMENT)
        end = self.branch(node.body, self.env)
        self.recorders.pop()
        # ``break`` may leave from anywhere in the body, so all that it binds can reach the end.
        made: Env = {name: tuple(found) for name, found in bound.items()}
        after = _join(before, end, _join(before, made))
        assert after is not None
        self.env = after
        if node.orelse:
            self.settle(self.branch(node.orelse, after), after)

    def do_try(self, node: ast.Try | ast.TryStar) -> None:
        before = self.env
        bound = self.record()
        end = self.branch(node.body, before)
        self.recorders.pop()
        raised = _join(before, {name: tuple(found) for name, found in bound.items()}) or before
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
        if node.finalbody:
            joined = _join(*ends)
            after = self.branch(node.finalbody, joined if joined is not None else raised)
            self.settle(after if joined is not None else None)
        else:
            self.settle(*ends)

    def do_with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.expr(item.context_expr)
            if item.optional_vars is not None:
                self.bind_target(item.optional_vars, item.context_expr, Kind.CONTEXT)
        self.block(node.body)

    def do_match(self, node: ast.Match) -> None:
        self.expr(node.subject)
        before = self.env
        ends: list[Env | None] = [before]
        for case in node.cases:
            saved = self.env
            self.env = dict(before)
            for part in ast.walk(case.pattern):
                if isinstance(part, ast.MatchAs | ast.MatchStar) and part.name:
                    self.bind(part.name, Binding(Kind.OPAQUE, part))
                elif isinstance(part, ast.MatchMapping) and part.rest:
                    self.bind(part.rest, Binding(Kind.OPAQUE, part))
                elif isinstance(part, ast.MatchValue):
                    self.expr(part.value)
                elif isinstance(part, ast.MatchClass):
                    self.expr(part.cls)
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
            else:
                self.expr(target)

    def do_global(self, node: ast.Global | ast.Nonlocal) -> None:
        for name in node.names:
            scope: Scope | None = self.scope.outer
            if isinstance(node, ast.Global):
                scope = self.result.module
            else:
                while scope is not None and (scope.is_class or name not in scope.bindings):
                    scope = scope.outer
            self.scope.outside[name] = scope

    def do_class(self, node: ast.ClassDef) -> None:
        for expression in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.expr(expression)
        scope = Scope(node, self.scope, is_class=True)
        info = ClassInfo(node, scope, self.scope)
        self.result.classes[node] = info
        saved = (self.scope, self.env, self.dead, self.owner)
        self.scope, self.env, self.dead, self.owner = scope, {}, False, info
        self.block(node.body)
        self.scope, self.env, self.dead, self.owner = saved
        self.bind(node.name, Binding(Kind.CLASS, node))

    def do_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self.expr(decorator)
        if node.returns is not None:
            self.expr(node.returns)
        self.enter(node, node.body)
        self.bind(node.name, Binding(Kind.FUNCTION, node))

    def enter(self, node: FunctionNode, body: Sequence[ast.stmt] | ast.expr) -> None:
        """Walk a function in a scope of its own."""
        arguments = node.args
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default is not None:
                self.expr(default)
        saved = (self.scope, self.env, self.dead, self.function, self.owner, self.self_name)
        recorders, self.recorders = self.recorders, []
        owner = self.owner if self.scope.is_class else None
        outer = self.scope
        positional = [*arguments.posonlyargs, *arguments.args]
        for parameter in (*positional, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
            if parameter is not None and parameter.annotation is not None:
                self.expr(parameter.annotation)
        self.scope = Scope(node, outer)
        self.result.scopes[node] = self.scope
        self.env, self.dead, self.function = {}, False, node
        if owner is not None and not isinstance(node, ast.Lambda):
            self.result.owners[node] = owner
            static = any(
                isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list
            )
            self.self_name = positional[0].arg if positional and not static else None
        elif outer.is_class or not isinstance(outer.node, FunctionNode):
            self.self_name = None
        else:
            owner = self.owner  # a closure inside a method still sees the method's ``self``
        self.owner = owner
        count = len(positional) - len(arguments.defaults)
        for index, parameter in enumerate(positional):
            default = arguments.defaults[index - count] if index >= count else None
            self.bind(
                parameter.arg,
                Binding(
                    Kind.PARAMETER, parameter, default, parameter.annotation, "", "", node, index
                ),
            )
        for parameter, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            self.bind(
                parameter.arg,
                Binding(Kind.PARAMETER, parameter, default, parameter.annotation, "", "", node),
            )
        for parameter in (arguments.vararg, arguments.kwarg):
            if parameter is not None:
                self.bind(parameter.arg, Binding(Kind.OPAQUE, parameter))
        if isinstance(body, ast.expr):
            self.result.returns.setdefault(node, []).append(body)
            self.expr(body)
        else:
            self.block(body)
        self.scope, self.env, self.dead, self.function, self.owner, self.self_name = saved
        self.recorders = recorders

    # -- binding ------------------------------------------------------------------------------

    def bind(self, name: str, binding: Binding) -> None:
        outside = self.scope.outside.get(name)
        scope = self.scope if outside is None else outside
        scope.bindings.setdefault(name, []).append(binding)
        if outside is None:
            self.env[name] = (binding,)
        for recorder in self.recorders:
            recorder.setdefault(name, []).append(binding)

    def bind_target(
        self,
        target: ast.expr,
        value: ast.expr | None,
        kind: Kind,
        annotation: ast.expr | None = None,
        index: int = -1,
    ) -> None:
        if isinstance(target, ast.Name):
            if value is None and kind is Kind.VALUE:
                kind = Kind.DECLARED
            self.bind(target.id, Binding(kind, target, value, annotation, index=index))
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
                    Binding(kind, target, value, annotation, index=index)
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
            for position, part in enumerate(target.elts):
                if same:
                    assert isinstance(value, ast.Tuple | ast.List)
                    self.bind_target(part, value.elts[position], Kind.VALUE)
                else:
                    self.bind_target(part, value, Kind.OPAQUE, index=-1 if spread else position)
        else:
            self.children(target)

    # -- expressions --------------------------------------------------------------------------

    def expr(self, node: ast.AST) -> None:
        handler = _EXPRESSIONS.get(type(node))
        if handler is None:
            self.children(node)
        else:
            handler(self, node)

    def children(self, node: ast.AST) -> None:
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                for item in value:  # type: ignore[reportUnknownVariableType]
                    if isinstance(item, ast.AST):
                        self.expr(item)
            elif isinstance(value, ast.AST):
                self.expr(value)

    def do_name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            reaching = self.env.get(node.id)
            self.reach[node] = reaching if reaching else _Free(self.scope, node.id)

    def do_attribute(self, node: ast.Attribute) -> None:
        self.result.attributes.append(node)
        self.expr(node.value)

    def do_call(self, node: ast.Call) -> None:
        self.result.calls.append(node)
        self.expr(node.func)
        for argument in node.args:
            self.expr(argument)
        for keyword in node.keywords:
            self.expr(keyword.value)

    def do_walrus(self, node: ast.NamedExpr) -> None:
        self.expr(node.value)
        self.bind_target(node.target, node.value, Kind.VALUE)

    def do_lambda(self, node: ast.Lambda) -> None:
        self.enter(node, node.body)

    def do_yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        if self.function is not None:
            self.result.generators.add(self.function)
        self.children(node)

    def do_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> None:
        saved = self.env
        self.env = dict(saved)
        shadowed: dict[str, list[Binding]] = {}
        for generator in node.generators:
            self.expr(generator.iter)
            # The targets live in the comprehension alone: no scope records them.
            recorders, self.recorders = self.recorders, []
            scope, self.scope = self.scope, Scope(node, self.scope)
            self.bind_target(generator.target, generator.iter, Kind.ELEMENT)
            shadowed.update(self.scope.bindings)
            self.scope, self.recorders = scope, recorders
            for condition in generator.ifs:
                self.expr(condition)
        if isinstance(node, ast.DictComp):
            self.expr(node.key)
            self.expr(node.value)
        else:
            self.expr(node.elt)
        inner = self.env
        self.env = saved
        # A walrus inside binds in the scope around.
        for name, reaching in inner.items():
            if name not in shadowed and saved.get(name) is not reaching:
                saved[name] = tuple(dict.fromkeys(saved.get(name, ()) + reaching))


_STATEMENTS = {
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

_EXPRESSIONS = {
    ast.Name: _Pass.do_name,
    ast.Attribute: _Pass.do_attribute,
    ast.Call: _Pass.do_call,
    ast.NamedExpr: _Pass.do_walrus,
    ast.Lambda: _Pass.do_lambda,
    ast.Yield: _Pass.do_yield,
    ast.YieldFrom: _Pass.do_yield,
    ast.ListComp: _Pass.do_comprehension,
    ast.SetComp: _Pass.do_comprehension,
    ast.GeneratorExp: _Pass.do_comprehension,
    ast.DictComp: _Pass.do_comprehension,
}
