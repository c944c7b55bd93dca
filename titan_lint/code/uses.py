"""Where a file uses what it imports."""

from __future__ import annotations

import ast
import os
import re

from titan_lint.code.forms import callee_name, is_known, parsed
from titan_lint.code.names import FunctionNode, Kind
from titan_lint.code.walk import walk
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program


class Chain(Struct, eq=False):
    """A use of an imported name, with the attributes read from it: ``lrs.LRSchedulersContainer``.

    Attributes:
        name: The name.
        attributes: The attribute expressions around it, innermost first.
    """

    name: ast.Name
    attributes: tuple[ast.Attribute, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the attributes, in order."""
        return tuple(node.attr for node in self.attributes)

    def upto(self, count: int) -> ast.expr:
        """The expression with the first ``count`` attributes only."""
        return self.attributes[count - 1] if count else self.name


def bindings_of(program: Program) -> dict[ast.alias, Binding]:
    """What each part of an import statement binds."""
    scopes = [program.bindings.module, *program.bindings.scopes.values()]
    scopes += [info.scope for info in program.bindings.classes.values()]
    return {
        binding.node: binding
        for scope in scopes
        for bound in scope.bindings.values()
        for binding in bound
        if isinstance(binding.node, ast.alias)
    }


def is_asked_about(program: Program, load: ast.Name) -> bool:
    """Whether a name stands where only its being there matters."""
    match program.parents[load]:
        case ast.Compare() | ast.UnaryOp() | ast.BoolOp() | ast.Assert():
            return True
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
            return test is load
        case ast.Call(func=ast.Name(id="bool" | "callable")):
            return True
        case _:
            return False


_TAKES_OUT = frozenset({"get", "items", "keys", "values"})


def is_only_read(program: Program, name: str) -> bool:
    """Whether a file only takes something out of what has a name in a module that it imports.

    What it hands on, gives another name, or names in a string may be changed.
    """
    names = {name}
    for statement in program.bindings.imports:
        names |= {alias.asname for alias in statement.names if alias.asname and alias.name == name}
    loads: list[ast.expr] = [load for called in sorted(names) for load in program.loaded(called)]
    loads += [node for node in program.bindings.attributes if node.attr == name]
    return (
        all(_takes_out(program.parents[load], load) for load in loads)
        and not any(
            isinstance(node.target, ast.Name) and node.target.id in names
            for node in program.of(ast.AugAssign)
        )
        and not any(
            isinstance(node.value, str) and node.value.rpartition(".")[2] == name
            for node in program.of(ast.Constant)
        )
    )


def _takes_out(around: ast.AST, load: ast.expr) -> bool:
    match around:
        case ast.Subscript(value=owner, ctx=ast.Load()):
            return owner is load
        case ast.Attribute(attr=method):
            return method in _TAKES_OUT
        case ast.Compare() | ast.For() | ast.comprehension():
            return True
        case _:
            return False


def fills(program: Program, field: str) -> bool:
    """Whether ``replace`` or ``setattr`` is called with a field's name, as a keyword or as a string."""
    return any(
        any(word.arg == field for word in call.keywords)
        or any(isinstance(arg, ast.Constant) and arg.value == field for arg in call.args)
        for call in program.called("replace", "setattr")
    )


def chains(program: Program, binding: Binding) -> list[Chain]:
    """The uses that a binding may reach."""
    return [chain(program, name) for name in program.loads(binding)]


def chain(program: Program, name: ast.Name) -> Chain:
    """A name and the attributes read from it."""
    attributes: list[ast.Attribute] = []
    node: ast.expr = name
    while True:
        parent = program.parents[node]
        if not isinstance(parent, ast.Attribute):
            return Chain(name, tuple(attributes))
        attributes.append(parent)
        node = parent


def only(program: Program, binding: Binding) -> bool:
    """Whether every use that a binding may reach means that binding alone."""
    of = program.bindings.of
    return all(of(name) == [binding] for name in program.loads(binding))


def imported(program: Program, name: ast.expr) -> list[tuple[Binding, ast.ImportFrom, ast.alias]]:
    """The imports that a name stands for, in order; none where it may be anything else.

    They stand in one block and import the same. With those that reach the same uses go those that
    reach none: they would be left behind unused.
    """
    reaching = program.bindings.of(name) if isinstance(name, ast.Name) else []
    if not reaching or reaching[0].kind is not Kind.FROM:
        return []
    first = reaching[0]
    block = program.block(program.statement(first.node))
    alike = {
        binding: (statement, alias)
        for alias, binding in bindings_of(program).items()
        if isinstance(statement := program.parents[alias], ast.ImportFrom)
        and (binding.path, binding.member) == (first.path, first.member)
        and alias.asname == getattr(first.node, "asname", None)
        and program.block(statement) is block
    }
    loads = {load for binding in reaching for load in program.loads(binding)}
    if not all(alike.keys() >= {*program.bindings.of(load)} for load in loads):
        return []
    return [
        (binding, *where)
        for binding, where in alike.items()
        if loads.issuperset(program.loads(binding))
    ]


def is_free(program: Program, module: str, name: str | None = None) -> bool:
    """Whether a name means nothing else anywhere in the file than what an import would bind it to.

    Parameters, comprehensions, class bodies and later bindings count, and so does what is built in. What
    a star import of torchtitan or Python may bring is no other thing; another one may bring anything.

    Args:
        program: The file.
        module: The module to import, or to import from.
        name: The name to import from it; ``None`` for ``import module``, which binds its first part.
    """
    imported = bindings_of(program)
    bound = name or module.partition(".")[0]
    kind, path = (Kind.IMPORT, bound) if name is None else (Kind.FROM, module)

    def same(node: ast.AST) -> bool:
        found = imported.get(node) if isinstance(node, ast.alias) else None
        if found is None or (found.kind, found.path) != (kind, path):
            return False
        return name is None or found.member == name

    if not all(map(same, bindings_by_name(program).get(bound, ()))):
        return False
    if bound in program.once(_put_by_name) or program.once(_brings_anything):
        return False
    for node in program.loaded(bound):
        found = program.bindings.of(node) or program.bindings.scope_stars(node)
        if not found or not all(b.kind is Kind.STAR or same(b.node) for b in found):
            return False
    return True


def is_builtin(program: Program, name: str) -> bool:
    """Whether the file leaves a built-in name alone, so that it means the built-in thing everywhere."""
    return (
        name not in bindings_by_name(program)
        and name not in program.once(_put_by_name)
        and not program.once(_dynamic)
        and not program.once(_brings_anything)
        and not any(node.attr == name for node in program.once(_set_attributes))
    )


def _brings_anything(program: Program) -> bool:
    """Whether a star import of the file may bring names that nobody knows: it is of neither torchtitan nor Python."""
    return any(
        isinstance(statement, ast.ImportFrom)
        and statement.names[0].name == "*"
        and not (statement.level == 0 and is_known(statement.module or ""))
        for statement in program.bindings.imports
    )


def bindings_by_name(program: Program) -> dict[str, list[ast.AST]]:
    """By name all that binds it, in whatever scope."""
    return program.once(_binding)


def _set_attributes(program: Program) -> list[ast.Attribute]:
    return [node for node in program.bindings.attributes if not isinstance(node.ctx, ast.Load)]


def _put_by_name(program: Program) -> set[str]:
    """The names that are put into a namespace as strings: ``globals()["len"] = ...``, ``setattr(module, "len", ...)``."""
    found: set[str] = set()
    for item in program.bindings.items:
        if isinstance(item.slice, ast.Constant) and not isinstance(item.ctx, ast.Load):
            if isinstance(item.slice.value, str) and may_be_namespace(program, item.value):
                found.add(item.slice.value)
    for call in program.called(*_PUTTING):
        found.update(
            word
            for argument in call.args
            for part in walk(argument)
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
            for word in re.findall(r"\w+", part.value)
        )
        found.update(word.arg for word in call.keywords if word.arg is not None)
    return found


_PUTTING = (
    *("setattr", "__setattr__", "delattr", "setitem", "__setitem__", "setdefault", "update"),
    *("patch", "object", "dict", "multiple", "partial", "exec"),
)
_NAMESPACES = frozenset(
    {"__builtins__", "__dict__", "__globals__", "globals", "locals", "modules", "vars"}
)


def may_be_namespace(program: Program, node: ast.expr) -> bool:
    """Whether a dictionary may be ``sys.modules``, or that of a module, class or scope."""
    if not isinstance(node, ast.Name):
        return callee_name(node) in _NAMESPACES
    return node.id in _NAMESPACES or any(
        binding.member in _NAMESPACES
        or (binding.value is not None and callee_name(binding.value) in _NAMESPACES)
        for binding in program.bindings.of(node)
    )


def _binding(program: Program) -> dict[str, list[ast.AST]]:
    """By name all that binds it, in whatever scope."""
    found: dict[str, list[ast.AST]] = {}
    for name in program.of(ast.Name):
        if not isinstance(name.ctx, ast.Load):
            found.setdefault(name.id, []).append(name)
    for alias in program.of(ast.alias):
        found.setdefault(alias.asname or alias.name.partition(".")[0], []).append(alias)
    for node in program.of(*_BINDING):
        match node:
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                bound = names
            case ast.arg(arg=name) | ast.MatchMapping(rest=name):
                bound = [name]
            case _:
                bound = [node.name]
        for name in bound:
            if name is not None:
                found.setdefault(name, []).append(node)
    return found


_BINDING = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.arg, ast.ExceptHandler),
    *(ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.Global, ast.Nonlocal),
)


def is_asked_for(program: Program, binding: Binding, bound: str) -> bool:
    """Whether anything but the uses that are seen may ask for what an import binds: it is to stay.

    Other files ask a package's ``__init__`` and what ``__all__`` lists; instances ask a class; strings
    ask ``globals()``, ``getattr`` and the reader of an annotation; ``del`` and ``global`` name it, too.
    Strings that :func:`quoted` finds to be the name alone are left to who rewrites them.
    """
    scope = next(
        (
            parent
            for parent in program.ancestors(binding.node)
            if isinstance(parent, FunctionNode | ast.ClassDef)
        ),
        None,
    )
    if isinstance(scope, ast.ClassDef):
        return True
    if scope is None and os.path.basename(program.source.path) == "__init__.py":  # noqa: PTH119 -- pathlib is slow
        return True
    if program.once(_dynamic) or bound in program.once(_declared):
        return True
    if bound in program.once(_named_in_text):
        return True
    annotations = {node for node in quoted(program, bound) if node.value == bound}
    return any(node not in annotations for node in _strings_with(program, bound))


def _named_in_text(program: Program) -> frozenset[str]:
    """The words of ``# type:`` comments and of doctests: both are code that nobody rewrites."""
    texts = re.findall(r"#\s*type:(?!\s*ignore\b)(.*)", program.source.text)
    texts += [
        line
        for node in program.of(ast.Constant)
        if isinstance(node.value, str) and isinstance(program.parents[node], ast.Expr)
        for line in re.findall(r"^\s*(?:>>>|\.\.\.) (.*)", node.value, re.MULTILINE)
    ]
    return frozenset(word for text in texts for word in re.findall(r"\w+", text))


def _dynamic(program: Program) -> bool:
    """Whether the file looks names up in a way that no string in it shows."""
    for call in program.bindings.calls:
        match call.func:
            case ast.Name(id="globals" | "locals" | "eval" | "exec") if not _is_plain(
                program, call
            ):
                return True
            case ast.Name(id="vars" | "dir") if not call.args:
                return True
            case _:
                pass
        if any(isinstance(part, ast.Name) and part.id == "__name__" for part in call.args):
            if callee_name(call) in ("import_module", "__import__"):
                return True
    return any(
        isinstance(node.slice, ast.Name) and node.slice.id == "__name__"
        for node in program.of(ast.Subscript)
    )


def _is_plain(program: Program, call: ast.Call) -> bool:
    """Whether a look-up is one of a string that is written there: ``globals()["Training"]``."""
    if call.args:
        return isinstance(call.args[0], ast.Constant)
    match program.parents[call]:
        case ast.Subscript(slice=ast.Constant()):
            return True
        case ast.Compare(left=ast.Constant()):
            return True
        case ast.Attribute(attr="get") as method:
            outer = program.parents[method]
            return (
                isinstance(outer, ast.Call)
                and outer.func is method
                and bool(outer.args)
                and isinstance(outer.args[0], ast.Constant)
            )
        case _:
            return False


def _declared(program: Program) -> set[str]:
    """The names that are deleted, or shared with other scopes."""
    found: set[str] = set()
    for node in program.of(ast.Name, ast.Global, ast.Nonlocal):
        match node:
            case ast.Name(id=name, ctx=ast.Del()):
                found.add(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                found.update(names)
            case _:
                pass
    return found


def _strings_with(program: Program, bound: str) -> Iterator[ast.Constant]:
    """The strings, but for docstrings, that are code which uses a name, or end with it as a path."""
    for node, text in program.once(_by_word).get(bound, ()):
        if isinstance(program.parents[node], ast.Expr) or text.startswith("torchtitan."):
            continue
        if text.endswith(f".{bound}") or _uses(text, bound):
            yield node


def _by_word(program: Program) -> dict[str, list[tuple[ast.Constant, str]]]:
    """The strings of a file by the words in them."""
    found: dict[str, list[tuple[ast.Constant, str]]] = {}
    for node in program.of(ast.Constant):
        if isinstance(node.value, str):
            for word in dict.fromkeys(re.findall(r"\w+", node.value)):
                found.setdefault(word, []).append((node, node.value))
    return found


def _uses(text: str, bound: str) -> bool:
    """Whether a text is Python that uses a name."""
    return any(
        isinstance(part, ast.Name) and part.id == bound
        for statement in parsed(text.strip()) or ()
        for part in walk(statement)
    )


def quoted(program: Program, bound: str) -> list[ast.Constant]:
    """Strings in annotations and casts that name what is bound."""
    return program.once(_quoted).get(bound, [])


def _quoted(program: Program) -> dict[str, list[ast.Constant]]:
    """Strings in annotations and casts, by the names in them."""
    found: dict[str, list[ast.Constant]] = {}
    for node in _quoted_types(program.tree):
        if isinstance(node.value, str):
            for name in dict.fromkeys(re.findall(r"(?<![\w.])\w+", node.value)):
                found.setdefault(name, []).append(node)
    return found


def _quoted_types(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in walk(tree):
        match node:
            case ast.FunctionDef(returns=annotation) | ast.AsyncFunctionDef(returns=annotation):
                pass
            case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
                pass
            case ast.Call(
                func=ast.Name(id="cast") | ast.Attribute(attr="cast"), args=[annotation, *_]
            ):
                pass
            case _:
                continue
        for part in walk(annotation) if annotation is not None else ():
            if isinstance(part, ast.Constant):
                yield part
