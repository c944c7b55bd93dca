"""What is known inside a function that is run, what it is given, and how it ends."""

from __future__ import annotations

from titan_lint.api import hints
from titan_lint.api.extract.abstract_values import (
    UNKNOWN,
    Abstract,
    Dictionary,
    Known,
    constant_of,
    in_common,
)
from titan_lint.api.signatures import Function, ParameterKind
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from titan_lint.api.entities import Class, LookupScope


class RaisedError(Exception):
    """The code that is run certainly raises here."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Frame(Struct, frozen=False):
    """What is known inside a function that is being run."""

    scope: LookupScope
    variables: dict[str, Abstract]
    locals: frozenset[str]
    self_name: str | None = None
    self_class: Class | None = None

    def copy(self) -> Frame:
        """The same, to be gone on with on another way."""
        return Frame(self.scope, dict(self.variables), self.locals, self.self_name, self.self_class)

    def forget(self, names: Iterable[str]) -> None:
        """Know nothing more of variables."""
        for name in names:
            self.variables[name] = UNKNOWN

    def forget_self(self) -> None:
        """Know nothing more of attributes of the instance."""
        for name in [n for n in self.variables if "." in n]:
            del self.variables[name]

    def merge(self, other: Frame) -> None:
        """Keep what both know alike."""
        names = self.variables.keys() | other.variables.keys()
        for name in names:
            mine, theirs = self.variables.get(name), other.variables.get(name)
            if isinstance(mine, Dictionary) and isinstance(theirs, Dictionary):
                self.variables[name] = in_common(mine, theirs)
            elif mine != theirs:
                self.variables[name] = UNKNOWN


class Ending(Struct):
    """Message of the exception that a call certainly ends in, and the literals compared with."""

    raises: str | None
    mentioned: tuple[Known, ...]


class Arguments(Struct, frozen=False):
    """What a call gives.

    Attributes:
        complete: whether it gives nothing else, by ``*`` or ``**``.
    """

    positional: list[Abstract]
    keywords: dict[str, Abstract]
    complete: bool = True

    def bind(self, function: Function) -> dict[str, Abstract]:
        """Parameters of ``function`` with what they get; literal defaults for those left out."""
        bound: dict[str, Abstract] = {}
        bound.update(zip((p.name for p in function.positional), self.positional, strict=False))
        names = {p.name for p in function.parameters if not p.is_variadic}
        bound.update({n: v for n, v in self.keywords.items() if n in names})
        extra = tuple((n, v) for n, v in self.keywords.items() if n not in names)
        for parameter in function.parameters:
            if parameter.kind is ParameterKind.VAR_KEYWORD:
                bound[parameter.name] = Dictionary(extra, self.complete)
            elif parameter.name not in bound and parameter.default is not None and self.complete:
                tree = hints.expression(parameter.default)
                bound[parameter.name] = UNKNOWN if tree is None else constant_of(tree)
        return bound
