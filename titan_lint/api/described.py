"""What is at a path of a torchtitan, in words and as data: for people, and for programs."""

from __future__ import annotations

from titan_lint.api.entities import Class, External, Module, Variable
from titan_lint.api.signatures import Function, Parameter, ParameterKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint import json_documents
    from titan_lint.api.surface import Surface
    from titan_lint.api.targets import Target

# What a path is, as data.


def data(target: Target, path: str) -> json_documents.Shown:
    """What is at ``path``, as data.

    Raises:
        LookupError: Nothing is.
    """
    found = target.surface.lookup(path)
    asked: json_documents.Asked = {"torchtitan": target.label, "path": path}
    match found:
        case Module():
            return {**asked, "kind": "module", "members": list(found.members)}
        case Class():
            return _class_data(asked, found)
        case Function():
            return {
                **asked,
                "kind": "function",
                "defined": found.path,
                "parameters": [_parameter_data(parameter) for parameter in found.parameters],
                "returns": found.returns or found.annotation,
                "async": found.is_async,
            }
        case External():
            return {**asked, "kind": "external", "target": found.target}
        case None:
            raise LookupError(path)
        case _:
            return _value_data(asked, found)


def _class_data(asked: json_documents.Asked, found: Class) -> json_documents.ShownClass:
    constructor = found.constructor()
    return {
        **asked,
        "kind": "class",
        "defined": found.path,
        "bases": list(found.bases),
        "dataclass": found.is_dataclass,
        "constructor": constructor and [_parameter_data(each) for each in constructor.parameters],
        "members": [name for name in found.members if not name.startswith("_")],
        "open": found.open or None,
    }


def _parameter_data(parameter: Parameter) -> json_documents.Parameter:
    return {
        "name": parameter.name,
        "kind": parameter.kind.value,
        "annotation": parameter.annotation,
        "default": parameter.default,
        "required": parameter.required,
        "choices": list(parameter.choices) or None,
        "accepts": None if parameter.accepts is None else list(parameter.accepts),
        "rejected": [{"value": v, "message": m} for v, m in parameter.rejected.items()],
    }


def _value_data(asked: json_documents.Asked, found: Variable) -> json_documents.ShownValue:
    return {
        **asked,
        "kind": "property" if found.is_property else "value",
        "defined": found.path,
        "annotation": found.annotation,
        "type": found.type,
        "source": found.source,
        "choices": list(found.choices) or None,
        "keys": list(found.keys) or None,
    }


# What a path is, as text.


def lines(surface: Surface, path: str) -> Iterator[str]:
    """What is at ``path``, in lines of text that go below it."""
    found = surface.lookup(path)
    if not isinstance(found, Module | External) and found is not None and found.path != path:
        yield f"  defined as {found.path}"
    match found:
        case Module():
            yield from _module_lines(found)
        case Class():
            yield from _class_lines(found)
        case Function():
            yield from _signature(found, f"def {_last(path)}", returns=True)
        case External():
            yield f"  {found.target}, of another library"
        case None:
            return
        case _:
            yield from _value_lines(found, _last(path))


def _module_lines(found: Module) -> Iterator[str]:
    yield "  module"
    defined: list[str] = []
    imported: list[str] = []
    for name in found.members:
        member = found.member(name)
        if name.startswith("_") or member is None or isinstance(member, External):
            continue
        (defined if member.path == f"{found.path}.{name}" else imported).append(name)
    if defined:
        yield f"    defines {', '.join(defined)}"
    if imported:
        yield f"    imports {', '.join(imported)}"
    if found.open:
        yield f"  and maybe more: it {found.open}"


def _class_lines(found: Class) -> Iterator[str]:
    bases = f"({', '.join(found.bases)})" if found.bases else ""
    constructor = found.constructor()
    if constructor is None:
        yield f"  class {found.name}{bases}"
        yield "    its constructor comes from outside torchtitan"
    else:
        yield f"  class {found.name}{bases}"
        yield from _signature(constructor, found.name, indent="    ")
    members = [name for name in found.members if not name.startswith("_")]
    fields = {field.name for field in found.fields}
    rest = [name for name in members if name not in fields]
    if rest:
        yield "    members: " + ", ".join(rest)
    if found.open:
        yield f"    and maybe more: it {found.open}"


def _signature(
    found: Function, head: str, *, returns: bool = False, indent: str = "  "
) -> Iterator[str]:
    prefix = "async " if found.is_async else ""
    suffix = f" -> {found.annotation}" if returns and found.annotation else ""
    if not found.parameters:
        yield f"{indent}{prefix}{head}(){suffix}"
        return
    yield f"{indent}{prefix}{head}("
    for text, parameter in _parameters(found):
        yield f"{indent}    {text},"
        if parameter is not None:
            yield from (f"{indent}        # {line}" for line in _about(parameter))
    yield f"{indent}){suffix}"


def _parameters(found: Function) -> Iterator[tuple[str, Parameter | None]]:
    """Parameters in Python's notation, with the bare `*` and `/` where they belong."""
    starred = found.takes_any_positional
    last_positional_only = [p for p in found.parameters if p.kind is ParameterKind.POSITIONAL_ONLY][
        -1:
    ]
    for parameter in found.parameters:
        if parameter.kind is ParameterKind.KEYWORD_ONLY and not starred:
            starred = True
            yield "*", None
        stars = {ParameterKind.VAR_POSITIONAL: "*", ParameterKind.VAR_KEYWORD: "**"}.get(
            parameter.kind, ""
        )
        text = f"{stars}{parameter.name}"
        if parameter.annotation:
            text += f": {parameter.annotation}"
        if parameter.default is not None:
            text += f" = {parameter.default}"
        yield text, parameter
        if [parameter] == last_positional_only:
            yield "/", None


def _about(parameter: Parameter) -> Iterator[str]:
    if parameter.accepts is not None:
        yield f"accepts {_values(parameter.accepts)} and nothing else"
    elif parameter.choices and not (parameter.annotation or "").startswith("Literal["):
        yield f"one of {_values(parameter.choices)}"
    for value, message in parameter.rejected.items():
        yield f"rejects {value!r}: {message}"


def _value_lines(found: Variable, name: str) -> Iterator[str]:
    annotation = f": {found.annotation}" if found.annotation else ""
    if found.keys:
        yield f"  {name}{annotation} with the keys {_values(found.keys)}"
    elif found.is_property:
        yield f"  property {name}{annotation}"
    else:
        yield f"  {name}{annotation}" + (f" = {found.source}" if found.source else "")
    if found.type and found.type.rpartition(".")[2] not in (found.annotation or ""):
        yield f"    an instance of {found.type}"


def _values(values: tuple[object, ...]) -> str:
    return ", ".join(repr(value) for value in values)


def _last(path: str) -> str:
    return path.rpartition(".")[2]
