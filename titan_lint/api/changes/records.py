"""Records from JSON: every key and every value is held against the fields of a struct when it is read.

A key is the name of a field, without the underscore that ends it where the key is a word of Python
(``import``, ``class``). A field's annotation says what its value has to be: ``str``, ``int``, ``bool``,
an enumeration, a struct, ``tuple[X, ...]`` or ``frozenset[X]`` for an array, ``dict[str, X]`` for an
object, any of them with ``| None``, or a union of structs, of which the caller reads the right one
beforehand. A field with a default may be left out.

It is not pydantic or msgspec because these cost more at start-up than all rows together (see
:mod:`titan_lint.structs`).
"""

from __future__ import annotations

import enum
import functools
import json
import sys
from types import GenericAlias, NoneType, UnionType

from titan_lint.structs import Struct, build, defaults
from titan_lint.typeguards import is_list, is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    from titan_lint.api.data_package import Root

    S = TypeVar("S", bound=Struct)
    Reader = Callable[[object], Any]

SCHEMA_KEY = "$schema"
"""The key by which a file names its JSON schema, for editors."""


class DataError(ValueError):
    """Data that is not what its record asks for; the message names the file, the place and the key."""


class WrongValueError(Exception):
    """What is wrong with a value, before it is known where that stands.

    Attributes:
        where: The keys that lead to it, the innermost first.
        what: What is wrong.
    """

    def __init__(self, what: str, *where: str) -> None:
        super().__init__(what)
        self.what = what
        self.where = [*where]

    def said(self, place: str) -> DataError:
        """The error that names the place, too."""
        return DataError(
            ": ".join(part for part in (place, ".".join(self.where[::-1]), self.what) if part)
        )


def load(path: Root) -> object:
    """The JSON value in a file, without the name of its schema.

    Raises:
        DataError: It is no JSON.
    """
    try:
        value: object = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise DataError(f"{path.name}: no JSON: {error}") from error
    return without_schema(value)


def without_schema(value: object) -> object:
    """The value of a file without the name of its schema."""
    if is_table(value):
        value.pop(SCHEMA_KEY, None)
    return value


def load_record(record: type[S], path: Root) -> S:
    """The record in a file.

    Raises:
        DataError: The file does not hold one.
    """
    try:
        return read(record, load(path))
    except WrongValueError as wrong:
        raise wrong.said(path.name) from None


def read(record: type[S], value: object) -> S:
    """The record that a JSON object stands for.

    Raises:
        WrongValueError: A key is unknown or missing, or a value of another type.
    """
    if isinstance(value, record):
        return value
    if not is_table(value):
        raise WrongValueError(f"{_shown(value)} is no object")
    plan = _plan(record)
    given = plan.defaults.copy()
    for key, item in value.items():
        if key not in plan.readers:
            raise WrongValueError(f"no such key; there are {_listed(plan.readers)}", key)
        name, plain, reader = plan.readers[key]
        if type(item) is plain:
            given[name] = item
            continue
        try:
            given[name] = reader(item)
        except WrongValueError as wrong:
            wrong.where.append(key)
            raise
    if len(given) < len(plan.readers):
        missing = [key for key, (name, *_) in plan.readers.items() if name not in given]
        raise WrongValueError(f"missing {_listed(missing)}")
    return build(record, given)


def hints(record: type[Struct]) -> dict[str, Any]:
    """The type of every field, those of base classes first."""
    found: dict[str, Any] = {}
    for cls in reversed(record.__mro__):
        own: dict[str, str] = cls.__annotations__ if issubclass(cls, Struct) else {}
        for name, annotation in own.items():
            if name in record.__fields__:
                found[name] = _hint(cls.__module__, annotation)
    return {name: found[name] for name in record.__fields__}


@functools.cache
def _hint(module: str, annotation: str) -> Any:
    return eval(annotation, vars(sys.modules[module]))


def key_of(name: str) -> str:
    """The key in JSON of a field."""
    return name.rstrip("_")


class _Plan(Struct):
    """How a record is read.

    Attributes:
        readers: By key the field, the type of values that are taken as they are, and what reads others.
        defaults: The fields that may be left out. Records that leave one out share its value.
    """

    readers: dict[str, tuple[str, type | None, Reader]]
    defaults: dict[str, Any]


@functools.cache
def _plan(record: type[Struct]) -> _Plan:
    readers: dict[str, tuple[str, type | None, Reader]] = {}
    for name, hint in hints(record).items():
        plain = next((cls for cls in (str, int, bool) if hint in (cls, cls | None)), None)
        readers[key_of(name)] = (name, plain, _reader(hint))
    return _Plan(readers, defaults(record))


@functools.cache
def _reader(hint: Any) -> Reader:
    """What reads a value of a type."""
    if hint is None:
        return _plain(NoneType)
    if isinstance(hint, UnionType):
        return _union(hint)
    if isinstance(hint, GenericAlias):
        inner = _reader(hint.__args__[-1 if hint.__origin__ is dict else 0])
        return (
            _object(inner)
            if hint.__origin__ is dict
            else _array(inner, hint.__origin__, hint.__args__[0])
        )
    if issubclass(hint, Struct):
        return functools.partial(read, hint)
    if issubclass(hint, enum.Enum):
        return functools.partial(_member, hint)
    return _plain(hint)


_NOT_ONE = {
    str: "no string",
    int: "no integer",
    bool: "neither true nor false",
    NoneType: "given, and nothing may be",
}


def _plain(cls: type) -> Reader:
    def reader(value: object) -> object:
        if type(value) is not cls:
            raise WrongValueError(f"{_shown(value)} is {_NOT_ONE[cls]}")
        return value

    return reader


def _member(cls: type[enum.Enum], value: object) -> enum.Enum:
    try:
        return cls(value)
    except ValueError:
        raise WrongValueError(
            f"{_shown(value)} is none of {_listed(m.value for m in cls)}"
        ) from None


def _union(hint: UnionType) -> Reader:
    types = [cls for cls in hint.__args__ if cls is not NoneType]
    nullable = len(types) < len(hint.__args__)
    if len(types) > 1:
        return lambda value: _one_of(types, value)
    inner = _reader(types[0])
    return (lambda value: None if value is None else inner(value)) if nullable else inner


def _one_of(structs: list[type], value: object) -> object:
    if not isinstance(value, tuple(structs)):
        raise WrongValueError("no `reshape` says how to read it")
    return value


def _array(inner: Reader, make: Any, item: Any) -> Reader:
    plain = {item}

    def reader(value: object) -> object:
        if not is_list(value):
            raise WrongValueError(f"{_shown(value)} is no array")
        return make(value if set(map(type, value)) == plain else [inner(item) for item in value])

    return reader


def _object(inner: Reader) -> Reader:
    def reader(value: object) -> object:
        if not is_table(value):
            raise WrongValueError(f"{_shown(value)} is no object")
        found: dict[str, Any] = {}
        for key, item in value.items():
            try:
                found[key] = inner(item)
            except WrongValueError as wrong:
                wrong.where.append(key)
                raise
        return found

    return reader


def _shown(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _listed(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)
