"""What a file's ``ModelSpec`` or ``TrainSpec`` holds: whose it is, and what a model's own registry puts there."""

from __future__ import annotations

from titan_lint.api.changes import facts
from titan_lint.api.paths import expand
from titan_lint.code.uses import fills
from titan_lint.code.values import Const, Instance, Ref
from titan_lint.uses.handed import is_handed_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File

_BY_NAME = "torchtitan.protocols.train_spec.get_train_spec"
_REGISTRIES = frozenset({"get_train_spec", "model_registry"})
_REGISTER = "register_train_spec"


def package(file: File, value: Value) -> str:
    """The package whose registry makes a spec, ``*`` for a part that is not known; empty where none of them does."""
    call = value.call if isinstance(value, Instance) else None
    function = file.sole(call.func) if call is not None else None
    if call is None or not isinstance(function, Ref):
        return ""
    if function.path == _BY_NAME:
        named = file.sole(call.args[0]) if call.args else None
        return f"torchtitan.models.{named.value}" if isinstance(named, Const) else ""
    owner, _, name = function.path.rpartition(".")
    return owner if name in _REGISTRIES else ""


def held(file: File, spec: Value, field: str) -> tuple[str, ...]:
    """Import paths of what the target's registries put into a field of a spec; none where that may be another thing."""
    surface = file.target.surface
    made_by = package(file, spec)
    if not made_by or file.is_replaced(*by_names(file, spec, field)):
        return ()
    known = facts.specs()
    registries = expand(surface, by_names(file, spec, field)[0]) if "*" in made_by else ()
    packages = [path.rpartition(".")[0] for path in registries] or [made_by]
    found = [known.field(surface.key, each, field) for each in packages]
    if not found or _may_be_set(file, spec, field):
        return ()
    paths = tuple(path for path in found if path is not None)
    return paths if len(paths) == len(found) else ()


def by_names(file: File, spec: Value, field: str) -> tuple[str, ...]:
    """The paths in whose place the project may put something of its own, so that a field holds that."""
    assert isinstance(spec, Instance)
    function = file.sole(spec.call.func) if spec.call is not None else None
    made_by = (function.path,) if isinstance(function, Ref) else ()
    return (*made_by, f"{spec.cls}.{field}")


def may_be_registered(file: File, spec: Value) -> bool:
    """Whether a spec that is asked for by name may be one that the project registers under it."""
    call = spec.call if isinstance(spec, Instance) else None
    return call is not None and file.sole(call.func) == Ref(_BY_NAME) and _registers(file)


def _registers(file: File) -> bool:
    readers = file.options.readers
    return bool(file.program.called(_REGISTER)) or (
        readers is not None and readers.mention(_REGISTER)
    )


def _may_be_set(file: File, spec: Value, field: str) -> bool:
    """Whether the project may set a field of the spec, or have its own spec under the name of a model."""
    readers, program = file.options.readers, file.program
    made = spec.call if isinstance(spec, Instance) else None
    return (
        file.resolver.mutations.may_be_set(field)
        or fills(program, field)
        or _registers(file)
        or (readers is not None and readers.give(field))
        or is_handed_on(file, lambda value: getattr(value, "call", None) is made)
    )
