"""``dataclasses.replace(config, field=...)``: the constructor of the config's class, with all else given."""

from __future__ import annotations

import ast

from titan_lint.api import Class
from titan_lint.code.values import Instance, LocalClass, LocalInstance, Ref, Values
from titan_lint.uses import derived
from titan_lint.uses.calls import Site
from titan_lint.uses.calls.arguments import arguments
from titan_lint.uses.calls.signatures import Callee, of_values
from titan_lint.uses.exact import is_exact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.program import Program
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File

_REPLACE = frozenset({Ref("dataclasses.replace"), Ref("copy.replace")})


def copies(file: File) -> list[Site]:
    """The calls that copy an instance of one of torchtitan's dataclasses, in order of the text.

    An instance that is only declared to be of a class may be of one derived from it: each of these
    is a callee, too. No change of another call can be made of such a site.
    """
    found: list[Site] = []
    for call in file.program.once(_may_copy):
        if file.sole(call.func) not in _REPLACE:
            continue
        callees: list[Callee] = []
        for value in file.values(call.args[0]):
            if isinstance(value, Instance) and value.cls.startswith("builtins."):
                continue  # Copying refuses it: it has no fields.
            made = _constructors(file, value)
            if not made or _may_be_of_own(file, value, call):
                break
            callees += made
        else:
            if callees:
                given = arguments(file, call, skip=1)
                found.append(Site(call, call.func, tuple(callees), given, complete=False))
    return sorted(found, key=lambda site: (site.call.lineno, site.call.col_offset))


def _may_copy(program: Program) -> list[ast.Call]:
    """The calls that have the form of one that copies."""
    return [
        call
        for call in program.bindings.calls
        if len(call.args) == 1
        and call.keywords
        and isinstance(call.func, ast.Name | ast.Attribute)
        and not isinstance(call.args[0], ast.Starred)
    ]


def _may_be_of_own(file: File, value: Value, call: ast.Call) -> bool:
    """Whether what is only declared to be of a class may be of one of the project's that has one of the fields itself."""
    return (
        isinstance(value, Instance)
        and not is_exact(file, value)
        and (
            any(
                word.arg is not None and derived.may_have(file, value.cls, word.arg)
                for word in call.keywords
            )
            or derived.is_held_otherwise(file, call.args[0])
        )
    )


def _constructors(file: File, value: Value) -> list[Callee]:
    """The constructors of all that a value may be; none where one of them is not known."""
    if isinstance(value, LocalInstance):
        resolver = file.resolver
        derived = resolver.relatives(value.info)[len(resolver.local_mro(value.info)) :]
        own = [value.info, *(() if value.exact else derived)]
        return list(of_values(file, Values(map(LocalClass, own))))
    if not isinstance(value, Instance) or not value.cls.startswith("torchtitan."):
        return []
    surface = file.target.surface
    cls = surface.lookup(value.cls)
    if not isinstance(cls, Class) or not cls.is_dataclass:
        return []
    others = () if is_exact(file, value) else surface.derived(cls.path)
    # One that derives from it in an open module names it there, or another that does.
    if not is_exact(file, value) and surface.may_add(cls.name, *(one.name for one in others)):
        return []
    found: list[Callee] = []
    for one in (cls, *others):
        function = one.constructor()
        if function is None:
            return []
        # A message names the class that it is declared to be of.
        found.append(Callee(function, one, label=found[0].shown if found else ""))
    return found
