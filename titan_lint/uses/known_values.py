"""What a file says that a setting may be: its defaults, what it is given, and what no string can be used for."""

from __future__ import annotations

import ast
import builtins

from titan_lint.code.forms import decorator_names, last_name
from titan_lint.code.matching import match_call
from titan_lint.code.names import Kind
from titan_lint.code.values import (
    Collection,
    Const,
    LocalClass,
    LocalFunction,
    LocalInstance,
    Row,
    root,
)
from titan_lint.code.walk import walk
from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.code.names import Binding
    from titan_lint.uses.file import File


def form_name(form: ast.expr) -> str | None:
    """The last attribute or key that an expression reads; ``None`` where it reads none."""
    match form:
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return name
        case ast.Call(args=[_, ast.Constant(value=str() as name), *_], func=ast.Name(id="getattr")):
            return name
        case ast.Call(
            args=[ast.Constant(value=str() as name), *_], func=ast.Attribute(attr="get" | "pop")
        ):
            return name
        case _:
            return None


# What declares a field of a dataclass, of attrs or of pydantic.
_FIELDS = frozenset({"field", "Field", "ib", "attrib"})


class Ends(Struct, frozen=False):
    """What leads on from an expression to other files, in the order in which it was met.

    Attributes:
        names: Names of attributes, of keys, of parameters, and those that are imported, as the module has them.
        arguments: By the last part of what is called, and the position, the arguments that get to it.
        results: The last parts of what is called for it.
        types: The last parts of the types that are declared for it.
    """

    names: dict[str, None] = field(default_factory=dict[str, None])
    arguments: dict[tuple[str, int], None] = field(default_factory=dict[tuple[str, int], None])
    results: dict[str, None] = field(default_factory=dict[str, None])
    types: dict[str, None] = field(default_factory=dict[str, None])


def known_values(file: File, form: ast.expr, ends: Ends | None = None) -> list[object]:
    """The constants that an expression may be, as far as the file says: its defaults included.

    Args:
        file: The file.
        form: The expression.
        ends: Takes what leads on to other files.
    """
    ends = Ends() if ends is None else ends
    found: list[object] = []
    todo: list[ast.expr] = [form]
    seen: set[int] = set()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if _is_enum_member(file, node):
            found.append(node)
            continue
        for value in file.resolver.values(node):
            if isinstance(value, Const):
                found.append(value.value)
            elif isinstance(value, LocalInstance | LocalClass | LocalFunction | Row | Collection):
                found.append(value)
        _note(file, node, ends)
        match node:
            case ast.Name():
                for binding in file.program.bindings.of(node):
                    if binding.value is not None:
                        todo.append(binding.value)
                    if isinstance(file.program.parents.get(binding.node), ast.AugAssign):
                        found.append(node)
                    found += no_string_types(binding)
                    if binding.kind is Kind.PARAMETER:
                        todo += handed(file, binding)
            case ast.Attribute(value=owner, attr="value") if members := _members(file, owner):
                todo += members
            case ast.Subscript(slice=ast.Slice()):
                found.append(node)
            case ast.Attribute() | ast.Subscript():
                todo += file.once(written).get(form_name(node) or "", ())
            case ast.Call(func=func, keywords=words) if last_name(func) in _FIELDS:
                todo += node.args[:1]
                todo += [
                    w.value for w in words if w.arg in ("default", "default_factory", "factory")
                ]
            case ast.Lambda(body=body):
                todo.append(body)
            case ast.BinOp() | ast.JoinedStr() | ast.Compare() | ast.UnaryOp():
                found.append(node)  # put together: no one knows what comes out
            case ast.Call(func=ast.Attribute(attr=name)) if name in _MAKING_ANOTHER:
                found.append(node)
            case ast.Call(func=ast.Attribute(attr="get" | "getenv"), args=[_]):
                todo += file.once(written).get(form_name(node) or "", ())
                found.append(None)
            case ast.Call(args=[*_, default]) if form_name(node) is not None:
                todo += file.once(written).get(form_name(node) or "", ())
                if len(node.args) > (2 if isinstance(node.func, ast.Name) else 1):
                    todo.append(default)
            case ast.Call(func=func):
                todo += results(file, func)
            case ast.IfExp(body=body, orelse=orelse):
                todo += [body, orelse]
            case ast.BoolOp(values=values):
                todo += values
            case _:
                pass
    return found


def _note(file: File, node: ast.expr, ends: Ends) -> None:
    """Add what leads on from one expression."""
    if any(root(value) == "torchtitan" for value in file.resolver.values(node)):
        return
    name = form_name(node)
    if name is not None:
        ends.names[name] = None
        return
    match node:
        case ast.Name():
            bindings = file.program.bindings.of(node)
            if not bindings and not hasattr(builtins, node.id):
                ends.names[node.id] = None
            for binding in bindings:
                _note_binding(file, binding, ends)
        case ast.Call(func=func) if not any(
            isinstance(value, LocalFunction | LocalClass) for value in file.resolver.values(func)
        ):
            called = func
            bindings = file.program.bindings.of(called) if isinstance(called, ast.Name) else []
            names = [binding.member for binding in bindings if binding.kind is Kind.FROM]
            ends.results.update(dict.fromkeys(filter(None, names or [last_name(called)])))
        case _:
            pass


def _note_binding(file: File, binding: Binding, ends: Ends) -> None:
    if binding.annotation is not None:
        ends.types.update(dict.fromkeys(type_names(binding.annotation)))
    if binding.kind in (Kind.FROM, Kind.STAR) and binding.member:
        ends.names[binding.member] = None
    function, name = binding.function, getattr(binding.node, "arg", "")
    if binding.kind is Kind.PARAMETER and name:
        ends.names[name] = None
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            owner = file.program.bindings.owners.get(function)
            called, index = function.name, binding.index
            if owner is not None and "staticmethod" not in decorator_names(function):
                index -= 1
            if owner is not None and called == "__init__":
                called = owner.node.name
            if index >= 0:
                ends.arguments[called, index] = None


def type_names(annotation: ast.expr) -> Iterator[str]:
    """The last parts of the names that stand in an annotation."""
    for part in walk(annotation):
        if isinstance(part, ast.Name | ast.Attribute):
            yield last_name(part)


def results(file: File, called: ast.expr) -> list[ast.expr]:
    """What a function of the file's returns."""
    return [
        part.value
        for value in file.values(called)
        if isinstance(value, LocalFunction) and not isinstance(value.node, ast.Lambda)
        for part in walk(value.node)
        if isinstance(part, ast.Return)
        and part.value is not None
        and file.program.function(part) is value.node
    ]


def may_lack(file: File, form: ast.expr) -> bool:
    """Whether the owner of an attribute or item is known to be ``None``, or a dictionary without it, somewhere."""
    if not isinstance(form, ast.Attribute | ast.Subscript):
        return False
    name = form_name(form)
    return any(
        value is None
        or (
            isinstance(value, Collection)
            and isinstance(value.node, ast.Dict)
            and None not in value.node.keys
            and name not in [getattr(key, "value", name) for key in value.node.keys]
        )
        for value in known_values(file, form.value)
    )


def _members(file: File, owner: ast.expr) -> list[ast.expr]:
    """The values of an enum of the file's own that an expression is a member of."""
    return [
        binding.value
        for value in file.values(owner)
        if isinstance(value, LocalInstance) and file.resolver.is_enum(value.info)
        for bindings in value.info.scope.bindings.values()
        for binding in bindings
        if binding.value is not None
    ]


def _is_enum_member(file: File, node: ast.expr) -> bool:
    """Whether an expression is a member of an enum of the file's own: no string, whatever its value."""
    return isinstance(node, ast.Attribute) and any(
        isinstance(value, LocalClass) and file.resolver.is_enum(value.info)
        for value in file.resolver.values(node.value)
    )


def no_string_types(binding: Binding) -> Iterator[ast.expr | None]:
    """The types of Python's own that an annotation has beside ``str``; ``None`` for that of ``None``."""
    if binding.annotation is None:
        return
    for part in walk(binding.annotation):
        match part:
            case (
                ast.Constant(value=None) | ast.Name(id="Optional") | ast.Attribute(attr="Optional")
            ):
                yield None
            case ast.Name(id=name) if name not in {"str", "object"}:
                if isinstance(getattr(builtins, name, None), type):
                    yield part
            case _:
                pass


def is_no_string(file: File, form: ast.expr) -> bool:
    """Whether the file uses a value, under whatever name it goes on, in a way that no string can be used."""
    goes_on = file.once(_goes_on)
    names = [name_of(form)]
    for name in names:
        names += goes_on.get(name, set()) - {*names}
    return not file.once(_no_strings).isdisjoint(names)


def _goes_on(file: File) -> dict[str, set[str]]:
    """By the name of a value the names that it gets: of variables, attributes, and parameters of the file's functions."""
    found: dict[str, set[str]] = {}
    for node in file.program.of(ast.Assign, ast.NamedExpr, ast.For, ast.comprehension, ast.Call):
        match node:
            case ast.Assign(targets=targets, value=value):
                given = [(value, name_of(target)) for target in targets]
            case ast.NamedExpr(target=target, value=value):
                given = [(value, target.id)]
            case ast.For(target=target, iter=ast.List(elts=values) | ast.Tuple(elts=values)):
                given = [(value, name_of(target)) for value in values]
            case ast.comprehension(
                target=target, iter=ast.List(elts=values) | ast.Tuple(elts=values)
            ):
                given = [(value, name_of(target)) for value in values]
            case ast.Call():
                given = _given(file, node)
            case _:
                continue
        for value, name in given:
            found.setdefault(name_of(value), set()).add(name)
    found.pop("", None)
    return found


def _given(file: File, call: ast.Call) -> list[tuple[ast.expr, str]]:
    """The arguments of a call of the file's functions, each with the name of the parameter that gets it."""
    found: list[tuple[ast.expr, str]] = []
    for value in file.values(call.func):
        if isinstance(value, LocalFunction):
            given = match_call(file.program.bindings, value.node, call).given
            found += [(argument, parameter.arg) for parameter, argument in given.items()]
            # One that goes into ``**options`` keeps its name there.
            found += [(word.value, word.arg) for word in call.keywords if word.arg is not None]
    return found


def _no_strings(file: File) -> set[str]:
    """The names of what the file uses in a way that no string can be used."""
    found: set[str] = set()
    for node in file.program.of(ast.Attribute, ast.BinOp, ast.Call, ast.Compare, ast.Match):
        match node:
            case ast.BinOp(op=op, left=left, right=right):
                # Strings are added to strings, repeated, and filled in: what is on the left of ``%``.
                for side, other in ((left, right), (right, left)):
                    is_number = isinstance(other, ast.Constant) and not isinstance(other.value, str)
                    if (isinstance(op, ast.Add) and is_number) or not isinstance(
                        op, ast.Add | ast.Mod | ast.Mult | ast.Div
                    ):
                        found.add(name_of(side))
            case ast.Compare(left=left, comparators=others):
                sides = (left, *others)
                if any(
                    isinstance(s, ast.Constant) and not isinstance(s.value, _TEXT) for s in sides
                ):
                    found.update(map(name_of, sides))
            case ast.Match(subject=subject, cases=cases):
                if any(
                    isinstance(part, ast.MatchClass) and last_name(part.cls) != "str"
                    for case in cases
                    for part in walk(case.pattern)
                ):
                    found.add(name_of(subject))
            case ast.Attribute(value=owner, attr=attr) if not hasattr(str, attr):
                found.add(name_of(owner))
            case ast.Call(func=ast.Name(id="isinstance"), args=[owner, kind]):
                if last_name(kind) != "str":
                    found.add(name_of(owner))
            case ast.Call(func=called):
                found.add(name_of(called))
            case _:
                pass
    # What has no name says nothing of anything else without one.
    return found - {""}


_TEXT = str | None


def name_of(form: ast.expr) -> str:
    """What a form goes by: its attribute, its key or its name; empty where it has none."""
    if isinstance(form, ast.NamedExpr):
        return form.target.id
    return form_name(form) or last_name(form)


def handed(file: File, binding: Binding) -> list[ast.expr]:
    """What the file may hand to a parameter: by its name, or in calls that go by the function's."""
    function, name = binding.function, getattr(binding.node, "arg", "")
    # A keyword, or a key of ``**options``, may be given to it by another name of the function's.
    found = list(file.once(written).get(name, ()))
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return found
    owner = file.program.bindings.owners.get(function)
    called, index = function.name, binding.index
    if owner is not None:
        index -= 1
        if called == "__init__":
            called = owner.node.name
    for call in file.once(calls_by_name).get(called, ()):
        if 0 <= index < len(call.args):
            found.append(call.args[index])
    return found


def calls_by_name(file: File) -> dict[str, list[ast.Call]]:
    """The calls of a file, by the last part of what they call; of what is handed on to be called, too."""
    found: dict[str, list[ast.Call]] = {}
    for call in file.calls:
        found.setdefault(last_name(call.func), []).append(call)
        match call.args:
            case [ast.Name() | ast.Attribute() as function, _, *_]:
                # partial(build, "flex"), map(build, names), pool.submit(build, "flex")
                later = ast.Call(function, call.args[1:], call.keywords)
                found.setdefault(last_name(function), []).append(later)
            case _:
                pass
    return found


_WRITTEN = (
    *(ast.Constant, ast.Attribute, ast.Name, ast.Call),
    *(ast.BinOp, ast.JoinedStr, ast.Compare, ast.UnaryOp, ast.BoolOp, ast.IfExp),
    *(ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Subscript),
)
_MAKING_ANOTHER = frozenset(
    {"upper", "title", "capitalize", "swapcase", "format", "join", "replace"}
)
"""Methods of strings that give a string that no backend is called."""


def written(file: File) -> dict[str, list[ast.expr]]:
    """What the file gives settings, by their name: in classes, calls, parameters and dictionaries."""
    found: dict[str, list[ast.expr]] = {}

    def add(name: str, value: ast.expr | None) -> None:
        if isinstance(value, _WRITTEN):
            found.setdefault(name, []).append(value)

    for cls in file.program.bindings.classes.values():
        for table in (cls.scope.bindings, cls.attributes):
            for name, bindings in table.items():
                for binding in bindings:
                    add(name, binding.value)
                    for value in _returned(binding):
                        add(name, value)
    for node in file.program.of(ast.keyword, ast.Dict, ast.Assign, ast.AugAssign, ast.Call):
        match node:
            case ast.AugAssign(target=ast.Attribute(attr=name), op=op, value=value):
                add(name, ast.BinOp(node.target, op, value))
            case ast.keyword(arg=str() as name, value=value):
                add(name, value)
            case ast.Call(
                func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str() as name), value]
            ):
                add(name, value)
            case ast.Call(
                func=ast.Attribute(attr="parametrize"),
                args=[ast.Constant(value=str() as name), ast.List(elts=values), *_],
            ):
                for value in values:
                    add(name, value)
            case ast.Call(func=ast.Attribute(attr="add_argument")):
                add(*_option(node))
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        add(key.value, value)
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=value):
                add(name, value)
            case ast.Assign(
                targets=[ast.Subscript(slice=ast.Constant(value=str() as name))], value=value
            ):
                add(name, value)
            case _:
                pass
    return found


def _returned(binding: Binding) -> list[ast.expr]:
    """What a property returns."""
    if not isinstance(binding.node, ast.FunctionDef) or not any(
        "property" in last_name(decorator) for decorator in binding.node.decorator_list
    ):
        return []
    return [
        part.value
        for part in walk(binding.node)
        if isinstance(part, ast.Return) and part.value is not None
    ]


def _option(call: ast.Call) -> tuple[str, ast.expr | None]:
    """The attribute that ``add_argument`` makes, and what it holds where the option is not given."""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    name = next((flag for a in call.args if (flag := _text(a)).startswith("--")), "")
    default = None if "required" in given else ast.Constant(None)
    name = _text(given.get("dest")) or name.removeprefix("--").replace("-", "_")
    return name, given.get("default", default)


def _text(node: ast.expr | None) -> str:
    """The string that an expression is; empty for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
