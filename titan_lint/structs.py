"""Classes that are little more than their fields.

What ``dataclasses`` does, as far as titan-lint needs it, at a price that a short run can pay: importing
``dataclasses`` and letting it compile six functions for each class takes longer than all else that a run
imports. A struct compiles its constructor when the first one is made, and compares by fields without
code of its own.
"""

from __future__ import annotations

from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar, TypeVar, dataclass_transform

    R = TypeVar("R", bound="Struct")
else:

    def dataclass_transform(**_):
        """Stand in for :func:`typing.dataclass_transform`, of which only type checkers take note."""
        return lambda cls: cls


_REQUIRED: Any = object()
_MADE = object()


class _Field:
    """What is to be known of a field besides its name."""

    __slots__ = ("compare", "default", "default_factory", "repr")

    def __init__(
        self,
        default: Any = _REQUIRED,
        default_factory: Callable[[], Any] | None = None,
        *,
        compare: bool = True,
        repr: bool = True,
    ) -> None:
        self.default = default
        self.default_factory = default_factory
        self.compare = compare
        self.repr = repr

    @property
    def required(self) -> bool:
        """Whether there is no default."""
        return self.default is _REQUIRED and self.default_factory is None

    def value(self) -> Any:
        """The default, made anew where each struct has its own."""
        return self.default if self.default_factory is None else self.default_factory()


def field(
    *,
    default: Any = _REQUIRED,
    default_factory: Callable[[], Any] | None = None,
    compare: bool = True,
    repr: bool = True,
) -> Any:
    """Say more of a field than its default.

    Args:
        default: Its default.
        default_factory: Makes its default anew for every struct.
        compare: Whether structs that differ in it alone are different.
        repr: Whether it is shown.
    """
    return _Field(default, default_factory, compare=compare, repr=repr)


def _first_init(self: Any, *args: Any, **kwargs: Any) -> None:
    """Compile the constructor of a struct's class, and go on with it."""
    cls: Any = self.__class__
    cls.__init__ = _constructor(cls.__fields__)
    cls.__init__(self, *args, **kwargs)


def _constructor(fields: dict[str, _Field]) -> Callable[..., None]:
    known: dict[str, Any] = {"_MADE": _MADE}
    parameters = ["self"]
    body: list[str] = []
    for name, field_ in fields.items():
        if field_.default_factory is not None:
            known[f"_make_{name}"] = field_.default_factory
            parameters.append(f"{name}=_MADE")
            body.append(f"self.{name} = _make_{name}() if {name} is _MADE else {name}")
            continue
        if field_.default is _REQUIRED:
            parameters.append(name)
        else:
            known[f"_default_{name}"] = field_.default
            parameters.append(f"{name}=_default_{name}")
        body.append(f"self.{name} = {name}")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(body or ["pass"]), known)
    return known["__init__"]


class _StructType(type):
    """Turns the annotated names of a class into fields."""

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        eq: bool = True,
        slots: bool = True,
        frozen: bool = True,
    ) -> _StructType:
        del frozen  # Type checkers see to it.
        fields: dict[str, _Field] = {}
        for base in bases:
            fields.update(getattr(base, "__fields__", {}))
        own = [
            name
            for name, annotation in namespace.get("__annotations__", {}).items()
            if not annotation.startswith("ClassVar")
        ]
        for name_ in own:
            default = namespace.pop(name_, _REQUIRED)
            fields[name_] = default if isinstance(default, _Field) else _Field(default)
        namespace["__fields__"] = fields
        namespace["__match_args__"] = tuple(fields)
        if slots:
            namespace["__slots__"] = tuple(own)
        if eq:
            compared = [name_ for name_, field_ in fields.items() if field_.compare]
            namespace["__compared__"] = attrgetter(*compared) if compared else type
        else:
            namespace["__eq__"] = object.__eq__
            namespace["__hash__"] = object.__hash__
        namespace.setdefault("__init__", _first_init)
        return super().__new__(cls, name, bases, namespace)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Struct(metaclass=_StructType):
    """What has the fields that its class annotates, and is equal to a struct of its class with the same.

    A class may say ``frozen=False`` where its structs change; ``eq=False`` where each struct is equal
    to itself alone; ``slots=False`` where structs take attributes that are no fields.
    """

    __fields__: ClassVar[dict[str, _Field]]
    __match_args__: ClassVar[tuple[str, ...]]

    if not TYPE_CHECKING:

        def __eq__(self, other):
            if self is other:
                return True
            if other.__class__ is not self.__class__:
                # Else the other one would be asked for the same.
                return False if isinstance(other, Struct) else NotImplemented
            compared = self.__compared__
            return compared(self) == compared(other)

        def __hash__(self):
            return hash(self.__compared__(self))

        def __repr__(self):
            shown = [
                f"{name}={getattr(self, name)!r}"
                for name, field_ in self.__fields__.items()
                if field_.repr
            ]
            return f"{self.__class__.__name__}({', '.join(shown)})"


def defaults(struct: type[Struct]) -> dict[str, Any]:
    """The defaults of the fields that have one."""
    fields = struct.__fields__.items()
    return {name: field_.value() for name, field_ in fields if not field_.required}


def build(struct: type[R], values: dict[str, Any]) -> R:
    """A struct of a class from the values of all its fields.

    It does without the constructor, which takes longer to compile than a handful of structs to make.
    """
    made = struct.__new__(struct)
    for name, value in values.items():
        setattr(made, name, value)
    return made


def replace(struct: R, **changes: Any) -> R:
    """A struct of the same class, with other values in some fields."""
    for name in struct.__match_args__:
        if name not in changes:
            changes[name] = getattr(struct, name)
    return type(struct)(**changes)
