"""How something is called: functions and their parameters."""

from __future__ import annotations

import enum
from functools import cached_property

from titan_lint.api.hints import Constant
from titan_lint.structs import Struct, field, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # The class that an annotation names, and the literals that it allows.
    Meaning = tuple[str | None, tuple[Constant, ...]]


class ParameterKind(enum.StrEnum):
    """How a parameter takes its argument, in the words of ``inspect``."""

    POSITIONAL_ONLY = "positional_only"
    POSITIONAL_OR_KEYWORD = "positional_or_keyword"
    VAR_POSITIONAL = "var_positional"
    KEYWORD_ONLY = "keyword_only"
    VAR_KEYWORD = "var_keyword"


KINDS = tuple(ParameterKind)
"""The kinds in the order that records number them."""


class Parameter(Struct, slots=False):
    """One parameter of a function or constructor.

    Attributes:
        default: source text of the default, ``None`` when there is none.
        annotation: source text of the annotation.
        accepts: every literal that passes the guards of the functions it reaches, when those reject
            all else; ``None`` when that isn't known. A literal in here may still be refused for
            reasons outside the code, such as the hardware.
        rejected: literals that certainly raise, with the message.
        meaning: works out ``type`` and ``choices``, which few ask for.
    """

    name: str
    kind: ParameterKind
    default: str | None = None
    annotation: str | None = None
    accepts: tuple[Constant, ...] | None = None
    rejected: Mapping[Constant, str] = field(default_factory=dict[Constant, str])
    meaning: Callable[[], Meaning] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def _meant(self) -> Meaning:
        return self.meaning() if self.meaning is not None else (None, ())

    @property
    def type(self) -> str | None:
        """Canonical path of the torchtitan class that the annotation names; ``None`` where it names none."""
        return self._meant[0]

    @property
    def choices(self) -> tuple[Constant, ...]:
        """What ``Literal[...]`` allows, ``None`` included; empty when not restricted so."""
        return self._meant[1]

    @property
    def is_variadic(self) -> bool:
        """Whether this is ``*args`` or ``**kwargs``."""
        return self.kind in (ParameterKind.VAR_POSITIONAL, ParameterKind.VAR_KEYWORD)

    @property
    def required(self) -> bool:
        """Whether a call has to give it."""
        return self.default is None and not self.is_variadic

    def refusal(self, value: object) -> str | None:
        """What torchtitan says when it is given a literal that it refuses; ``None`` for one that it may take.

        Empty where its words are not known. An annotation alone refuses nothing.
        """
        for refused, message in self.rejected.items():
            # ``True`` is not ``1`` here, though it is among what is taken where ``1`` is.
            if type(refused) is type(value) and refused == value:
                return message
        return None if self.accepts is None or value in self.accepts else ""


class Function(Struct):
    """A function, method or constructor.

    Attributes:
        parameters: in the order of the signature; a method's ``self`` is among them, until ``bound()``.
        returns: canonical path of the torchtitan class that the return annotation names.
        annotation: source text of the return annotation.
        binding: ``function``, ``method``, ``staticmethod`` or ``classmethod``.
        open: why arguments beyond the parameters may be accepted, or the parameters be others; empty
            when there is no reason.
    """

    path: str
    parameters: tuple[Parameter, ...]
    returns: str | None = None
    annotation: str | None = None
    decorators: tuple[str, ...] = ()
    binding: str = "function"
    is_async: bool = False
    open: str = ""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter called ``name``; ``None`` without one."""
        return next((p for p in self.parameters if p.name == name), None)

    @property
    def positional(self) -> tuple[Parameter, ...]:
        """Parameters that a positional argument can bind to, without ``*args``."""
        kinds = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)
        return tuple(p for p in self.parameters if p.kind in kinds)

    @property
    def takes_any_keyword(self) -> bool:
        """Whether there is a ``**kwargs``."""
        return any(p.kind is ParameterKind.VAR_KEYWORD for p in self.parameters)

    @property
    def takes_any_positional(self) -> bool:
        """Whether there is an ``*args``."""
        return any(p.kind is ParameterKind.VAR_POSITIONAL for p in self.parameters)

    def bound(self) -> Function:
        """The signature as a caller on an instance (or on the class, for a classmethod) sees it."""
        if self.binding not in ("method", "classmethod"):
            return self
        parameters = self.parameters
        if parameters and not parameters[0].is_variadic:
            parameters = parameters[1:]
        return replace(self, parameters=parameters, binding="function")
