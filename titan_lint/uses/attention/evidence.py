"""Whether a setting is an attention backend of the model's: its name alone says nothing.

Engines have settings of that name for vision towers, for servers, for kernels. What shows that one is a
backend of torchtitan's is what the code does with it.
"""

from __future__ import annotations

import ast

from titan_lint.api.changes import facts
from titan_lint.code.forms import last_name
from titan_lint.code.matching import match_call
from titan_lint.code.names import Binding, Kind
from titan_lint.code.values import LocalFunction, LocalInstance, root
from titan_lint.code.walk import walk
from titan_lint.uses.attention import masks
from titan_lint.uses.known_values import known_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.uses.file import File

_MOST_PLACES = 64
"""How many reads of what functions were handed are looked at."""


def is_backend(file: File, nodes: Iterable[ast.expr]) -> bool:
    """Whether something shows that a setting is a backend, and nothing that it is something else.

    Args:
        file: The file.
        nodes: The places that read or store the setting.
    """
    kinds = set(masks.kinds())
    shown = False
    for node in nodes:
        known = [value for value in known_values(file, node) if value is not None]
        if not all(isinstance(value, str) and value in kinds for value in known):
            return False
        said = words(file, node)
        if said - kinds:
            return False
        shown = shown or bool(said) or bool(known)
        shown = shown or any(
            _is_handed_to_masks(file, each) for each in (node, *_handed(file, node))
        )
    return shown


def _handed(file: File, node: ast.expr) -> list[ast.expr]:
    """The places that read a setting in the functions of the file that get it as an argument, and in theirs."""
    found: list[ast.expr] = []
    todo = [node]
    while todo and len(found) < _MOST_PLACES:
        place = todo.pop()
        loads = _loads_in_callee(file, place)
        todo += [load for load in loads if load not in found]
        found += [load for load in loads if load not in found]
    return found


def _loads_in_callee(file: File, node: ast.expr) -> list[ast.Name]:
    """The reads of the parameter that gets an argument, where a function of the file is called."""
    call = file.program.parents[node]
    if isinstance(call, ast.keyword):
        call = file.program.parents[call]
    function = file.sole(call.func) if isinstance(call, ast.Call) else None
    if not isinstance(call, ast.Call) or not isinstance(function, LocalFunction):
        return []
    bindings = file.program.bindings
    given = match_call(bindings, function.node, call).given
    scope = bindings.scopes[function.node]
    return [
        load
        for parameter, argument in given.items()
        if argument is node
        for binding in scope.bindings[parameter.arg]
        if len(scope.bindings[parameter.arg]) == 1
        for load in file.program.loads(binding)
    ]


def _is_handed_to_masks(file: File, node: ast.expr) -> bool:
    """Whether torchtitan's function that builds masks gets the setting, or what is called as that."""
    for parent in file.program.ancestors(node):
        if isinstance(parent, ast.stmt | ast.BinOp | ast.JoinedStr | ast.Compare):
            return False
        if isinstance(parent, ast.Call):
            function = parent.func
            if last_name(function) in _builders():
                return True
            return any(root(value) == "torchtitan" for value in file.values(function))
    return False


def _builders() -> frozenset[str]:
    """The names of torchtitan's functions and methods that build masks."""
    known = facts.attention()
    names = {builder.path.rpartition(".")[2] for builder in known.mask_builders}
    return frozenset({*names, *known.settings.mask_methods})


def words(file: File, node: ast.expr) -> set[str]:
    """The strings that code has for a setting, in the functions that get it, too: compared with, looked up by, allowed."""
    return {word for place in (node, *_handed(file, node)) for word in _words(file, place)}


def _words(file: File, node: ast.expr) -> Iterator[str]:
    parent = file.program.parents[node]
    match parent:
        case ast.Compare():
            for other in (parent.left, *parent.comparators):
                if other is not node:
                    yield from _strings(other)
        case ast.Match() if parent.subject is node:
            for case in parent.cases:
                for part in walk(case.pattern):
                    if isinstance(part, ast.MatchValue):
                        yield from _strings(part.value)
        case ast.Subscript(value=ast.Dict(keys=keys)) if parent.slice is node:
            for key in keys:
                if key is not None:
                    yield from _strings(key)
        case _:
            pass
    yield from annotated(file, node)


def annotated(file: File, node: ast.expr) -> set[str]:
    """The strings that the annotation of a setting allows: ``attn_type: Literal["flex", "varlen"]``."""
    return {
        text
        for binding in _bindings(file, node)
        if binding.annotation is not None
        for part in walk(binding.annotation)
        if isinstance(part, ast.Subscript) and last_name(part.value) == "Literal"
        for text in _strings(part.slice)
    }


def _bindings(file: File, node: ast.expr) -> list[Binding]:
    match node:
        case ast.Name():
            return [b for b in file.program.bindings.of(node) if b.kind is Kind.PARAMETER]
        case ast.Attribute(value=owner, attr=name):
            return [
                binding
                for value in file.values(owner)
                if isinstance(value, LocalInstance)
                for binding in file.resolver.attribute_bindings(value.info, name)
            ]
        case _:
            return []


def _strings(node: ast.expr) -> Iterator[str]:
    for part in walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
