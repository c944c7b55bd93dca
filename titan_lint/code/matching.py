"""What a call hands to the parameters of a function of the file."""

from __future__ import annotations

import ast
import itertools

from titan_lint.code.forms import decorator_names
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.names import Bindings, FunctionNode

_CONSTRUCTORS = ("__init__", "__new__")


class Matched(Struct):
    """What the parameters of a function stand for in a call of it; of one in neither that is unknown.

    Attributes:
        given: What the call surely passes for a parameter.
        defaults: The defaults of those that the call surely leaves out.
    """

    given: dict[ast.arg, ast.expr]
    defaults: dict[ast.arg, ast.expr]

    def of(self, parameter: ast.AST) -> ast.expr | None:
        """What a parameter stands for; ``None`` where that is unknown."""
        if not isinstance(parameter, ast.arg):
            return None
        return self.given.get(parameter, self.defaults.get(parameter))


def match_call(bindings: Bindings, function: FunctionNode, call: ast.Call) -> Matched:
    """Match the arguments of a call to a function's parameters, as Python does.

    What ``*`` and ``**`` bring is not looked into: a parameter that one of them may give is unknown.
    """
    taken = function.args
    positional = [*taken.posonlyargs, *taken.args]
    count = len(taken.defaults)
    defaults = dict(zip(positional[len(positional) - count :], taken.defaults, strict=True))
    by_name = {parameter.arg: parameter for parameter in (*taken.args, *taken.kwonlyargs)}
    certain = list(itertools.takewhile(lambda part: not isinstance(part, ast.Starred), call.args))
    is_told = len(certain) == len(call.args)
    if function in bindings.owners and "staticmethod" not in decorator_names(function):
        # Whether the first one is there already is told where an attribute is called, or the class itself.
        is_made = getattr(function, "name", "") in _CONSTRUCTORS
        if not _is_of_class(bindings, function, call):
            positional = positional[1:]
        if not (isinstance(call.func, ast.Attribute) or is_made):
            certain, is_told = [], not call.args
    given = dict(zip(positional, certain, strict=False))
    for word in call.keywords:
        if word.arg in by_name:
            given[by_name[word.arg]] = word.value
    if not is_told:
        defaults = {}
    for parameter, default in zip(taken.kwonlyargs, taken.kw_defaults, strict=True):
        if default is not None:
            defaults[parameter] = default
    if any(word.arg is None for word in call.keywords):
        defaults = {}
    return Matched(given, {p: value for p, value in defaults.items() if p not in given})


def _is_of_class(bindings: Bindings, function: FunctionNode, call: ast.Call) -> bool:
    """Whether a method is called of its class, and handed what it works on: ``Base.__init__(self, given)``."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return (
        isinstance(owner, ast.Name)
        and "classmethod" not in decorator_names(function)
        and any(isinstance(binding.node, ast.ClassDef) for binding in bindings.of(owner))
    )
