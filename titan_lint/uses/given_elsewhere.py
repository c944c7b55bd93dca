"""What the files of a project give a setting that one of them reads: its defaults, what callers pass, what is set."""

from __future__ import annotations

import ast

from titan_lint.code.forms import decorator_names, last_name
from titan_lint.code.names import Binding, Kind
from titan_lint.code.walk import walk
from titan_lint.uses.known_values import (
    Ends,
    calls_by_name,
    known_values,
    no_string_types,
    type_names,
    written,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from titan_lint.code.names import ClassInfo
    from titan_lint.code.program import Program
    from titan_lint.uses.file import File

_MOST = 24
"""How many names are followed through a project. What may come from more than these is not known."""

_MOST_FILES = 64
"""As :data:`_MOST`, of files that may set what goes by one name."""

_NOT_TAKEN = None
"""In the place of a value that is no string."""


def are_all(file: File, form: ast.expr, is_taken: Callable[[object], bool]) -> bool:
    """Whether all that the files of the project may give an expression, as far as they say, passes a test.

    Args:
        file: The file.
        form: The expression.
        is_taken: The test; ``None``, or a piece of syntax, stands for what is no string.
    """
    ends = Ends()
    known_values(file, form, ends)
    return all(map(is_taken, file.once(_Search).values(ends)))


class _Search:
    """The way from file to file, by names."""

    def __init__(self, file: File) -> None:
        self._readers = file.options.readers
        self._here = file.program
        self._other = file.apart
        self._ends = Ends()
        self._found: dict[tuple[str, object], tuple[list[object], Ends]] = {}

    def values(self, ends: Ends) -> Iterator[object]:
        """What is given at some ends, for as long as it is asked for."""
        todo = list(_all(ends))
        for ask in todo:
            if len(todo) > _MOST:
                yield _NOT_TAKEN
                return
            if ask not in self._found:
                self._ends = Ends()
                self._found[ask] = list(self._asked(*ask)), self._ends
            values, further = self._found[ask]
            yield from values
            todo += [one for one in _all(further) if one not in todo]

    def _asked(self, kind: str, end: Any) -> Iterator[object]:
        match kind:
            case "name":
                return self._named(end)
            case "argument":
                return self._passed(*end)
            case "result":
                return self._returned(end)
            case _:
                return self._typed(end)

    def _known(self, other: File, value: ast.expr) -> list[object]:
        return known_values(other, value, self._ends)

    def _named(self, name: str) -> Iterator[object]:
        """What is given to attributes, keys, parameters and variables of modules of a name."""
        programs = [self._here]
        if self._readers is not None:
            yield from map(_plain, self._readers.settle(name))
            programs += self._readers.set_at(name)
        if len(programs) > _MOST_FILES:
            yield _NOT_TAKEN
            return
        for program in programs:
            other = self._other(program)
            for value in other.once(written).get(name, ()):
                yield from self._known(other, value)
            for binding in program.bindings.module.bindings.get(name, ()):
                if binding.kind in (Kind.FROM, Kind.STAR) and binding.member not in ("", name):
                    self._ends.names[binding.member] = None
                elif binding.kind is Kind.VALUE and binding.value is not None:
                    yield from self._known(other, binding.value)
                elif binding.kind is Kind.PART:
                    yield from self._part(other, binding)
            for info in program.bindings.classes.values():
                yield from self._in_class(other, info, name)

    def _part(self, other: File, binding: Binding) -> Iterator[object]:
        """What a name gets that is bound together with others."""
        match binding.whole:
            case Binding(value=ast.Tuple(elts=parts) | ast.List(elts=parts)) if not any(
                isinstance(part, ast.Starred) for part in parts
            ) and 0 <= binding.index < len(parts):
                yield from self._known(other, parts[binding.index])
            case _:
                yield _NOT_TAKEN

    def _in_class(self, other: File, info: ClassInfo, name: str) -> Iterator[object]:
        """What a class says of an attribute beside the values that it gives it."""
        if "Protocol" in map(last_name, info.node.bases):
            return
        bindings = info.scope.bindings.get(name, [])
        if bindings and other.resolver.is_enum(info):
            yield _NOT_TAKEN
        for binding in (*bindings, *info.attributes.get(name, ())):
            yield from no_string_types(binding)
            if binding.annotation is not None:
                self._ends.types.update(dict.fromkeys(type_names(binding.annotation)))
            if _only_raises(binding):
                yield _NOT_TAKEN
        if bindings and not info.node.bases:
            place = _place(info, name)
            if place is not None:
                self._ends.arguments[info.node.name, place] = None

    def _passed(self, called: str, index: int) -> Iterator[object]:
        """What calls pass by position."""
        readers = self._readers
        names = {called} if readers is None else {called, *readers.derive(called)}
        for name in sorted(names):
            for program in (self._here, *(readers.call_with(name) if readers is not None else ())):
                calls = self._other(program).once(calls_by_name)
                for local in (name, *_other_names(program, name)):
                    for call in calls.get(local, ()):
                        yield from self._argument(program, call, index)
                for call in calls.get("__init__", ()):
                    # `super().__init__(...)` of what derives from it; `Base.__init__(self, ...)`.
                    owner = getattr(call.func, "value", None)
                    cls = program.class_of(call)
                    if owner is not None and last_name(owner) == name:
                        yield from self._argument(program, call, index + 1)
                    elif isinstance(owner, ast.Call) and cls is not None and cls.node.name in names:
                        yield from self._argument(program, call, index)

    def _argument(self, program: Program, call: ast.Call, index: int) -> Iterator[object]:
        before = call.args[: index + 1]
        if len(before) > index and not any(isinstance(one, ast.Starred) for one in before):
            yield from self._known(self._other(program), before[index])

    def _returned(self, name: str) -> Iterator[object]:
        """What functions of a name return."""
        readers = self._readers
        for program in (self._here, *(readers.define(name) if readers is not None else ())):
            other = self._other(program)
            for function in program.of(ast.FunctionDef, ast.AsyncFunctionDef):
                if function.name == name:
                    for part in walk(function):
                        if isinstance(part, ast.Return) and program.function(part) is function:
                            value = part.value
                            yield from (_NOT_TAKEN,) if value is None else self._known(other, value)

    def _typed(self, name: str) -> Iterator[object]:
        """A class of a name, which is no string but where it derives from that."""
        here = [i for i in self._here.bindings.classes.values() if i.node.name == name]
        for info in (*here, *(self._readers.state(name) if self._readers is not None else ())):
            if not any(last_name(base) in _STRINGS for base in info.node.bases):
                yield info.node


_STRINGS = frozenset({"Protocol", "StrEnum", "str"})


def _all(ends: Ends) -> Iterator[tuple[str, object]]:
    for kind, found in (
        ("name", ends.names),
        ("argument", ends.arguments),
        ("result", ends.results),
        ("type", ends.types),
    ):
        yield from ((kind, end) for end in found)


def _plain(text: str) -> str | None:
    """What a word in a file of settings stands for."""
    return None if text in _NULLS else text


_NULLS = frozenset({"", "~", "null", "Null", "NULL", "None"})


def _only_raises(binding: Binding) -> bool:
    """Whether a property gives nothing, and need not be overridden."""
    function = binding.node
    return (
        isinstance(function, ast.FunctionDef)
        and any("property" in name for name in decorator_names(function))
        and not any("abstract" in name for name in decorator_names(function))
        and not any(
            isinstance(part, ast.Return) and part.value is not None for part in walk(function)
        )
    )


def _other_names(program: Program, name: str) -> list[str]:
    """The other names that a file gives what it imports by one, or reads from a module."""
    found = [
        alias.asname
        for statement in program.bindings.imports
        for alias in statement.names
        if alias.name == name and alias.asname is not None
    ]
    for statement in program.of(ast.Assign):
        if isinstance(statement.value, ast.Name | ast.Attribute):
            if last_name(statement.value) in (name, *found):
                found += [one.id for one in statement.targets if isinstance(one, ast.Name)]
    return [other for other in dict.fromkeys(found) if other != name]


def _place(info: ClassInfo, name: str) -> int | None:
    """The position of a field among those that a class declares in its body; ``None`` where it makes itself otherwise."""
    if "__init__" in info.scope.bindings or not info.node.decorator_list:
        return None
    fields = [
        statement.target.id
        for statement in info.node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]
    return fields.index(name) if name in fields else None
