"""A setting that went to another config: from one constructor to the other, in one function."""

from __future__ import annotations

import ast

from titan_lint.finding import Obligation, unless
from titan_lint.fixes.calls import drop
from titan_lint.rewriting.operations import AddKeyword, RemoveKeyword, Rewrite
from titan_lint.uses.calls import sites
from titan_lint.uses.obligations import beside_each_other

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.changes.rows import CallChange, MoveKeyword
    from titan_lint.uses.calls import Callee, Site
    from titan_lint.uses.file import File


def rewrite(
    file: File, site: Site, change: CallChange, new: MoveKeyword, names: Sequence[str]
) -> Rewrite | None:
    """Move the keyword to the one call, in the same function, of the class that has it now."""
    (name,) = names
    value = site.arguments.keywords[name].value
    if isinstance(value, ast.Constant) and repr(value.value) in new.drop:
        return drop.rewrite(file, site, change, new, names)
    home = file.target.surface.resolve(new.to)
    here = file.program.function(site.call)
    others = [
        other
        for other in file.once(sites)
        if other.complete
        and all(callee.path == home for callee in other.callees)
        and file.program.function(other.call) is here
    ]
    if not isinstance(value, ast.Constant) or len(others) != 1:
        return None
    (other,) = others
    if name in other.arguments.names or other.arguments.more_keywords:
        return None
    # Another config of that class, which does not say it, may be the one that is used with this one.
    mine = {callee.path for callee in site.callees}
    alone = not any(
        name not in each.arguments.names and mine & {callee.path for callee in each.callees}
        for each in file.once(sites)
    )
    is_taken = _is_taken(other, new)
    if is_taken is False:
        return None
    owner = new.to.rpartition(".")[2]
    return Rewrite(
        f"Move `{name}` to `{owner}`",
        (
            RemoveKeyword(site.call, name),
            AddKeyword(other.call, name, file.program.text(value)),
        ),
        unless(alone and beside_each_other(file, site.call, other.call), Obligation.MEANT_FOR_IT)
        + unless(bool(is_taken), Obligation.VALUE_TAKEN),
    )


def _is_taken(site: Site, new: MoveKeyword) -> bool | None:
    """Whether a call may be given the keyword, as far as what it is given beside it tells; ``None`` where it does not."""
    if site.arguments.positional or site.arguments.more_positional:
        return None
    found = [_has(site, name, text) for name, text in (new.beside or {}).items()]
    return False if False in found else None if None in found else True


def _has(site: Site, name: str, text: str) -> bool | None:
    """Whether a call gives a parameter a literal, or a list with it; ``None`` where that is not plain."""
    given = site.arguments.keywords.get(name)
    if given is not None:
        return _says(given.value, ast.literal_eval(text))
    if name in site.arguments.names:
        return None
    told = {_says(_default(callee, name), ast.literal_eval(text)) for callee in site.callees}
    return told.pop() if len(told) == 1 else None


def _default(callee: Callee, name: str) -> ast.expr | None:
    """What a parameter is where it is not given; ``None`` where that is not known."""
    for parameter in callee.function.parameters:
        if parameter.name == name and parameter.default is not None:
            match ast.parse(parameter.default, mode="eval").body:
                case ast.Call(keywords=[ast.keyword("default_factory", ast.Lambda(body=made))]):
                    return made
                case default:
                    return default
    return None


def _says(node: ast.expr | None, wanted: object) -> bool | None:
    """Whether an expression is a literal, or a list with it among others; ``None`` where that is not plain."""
    match node:
        case ast.Constant(value=value):
            return bool(value) is wanted if isinstance(wanted, bool) else value == wanted
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            if any(isinstance(part, ast.Constant) and part.value == wanted for part in parts):
                return True
            return False if all(isinstance(part, ast.Constant) for part in parts) else None
        case _:
            return None
