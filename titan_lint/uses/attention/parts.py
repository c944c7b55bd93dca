"""Which part of a whole an attention choice is of: a vision tower's is not the language model's."""

from __future__ import annotations

import ast
import itertools
import re

from titan_lint.api.changes import facts
from titan_lint.code.names import FunctionNode
from titan_lint.code.values import LocalInstance
from titan_lint.uses.attention.choice import identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from titan_lint.uses.attention.choice import Key, Setting
    from titan_lint.uses.attention.registry import Registry
    from titan_lint.uses.file import File

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def without_other_parts(
    file: File, settings: list[Setting], entries: Iterable[Registry]
) -> list[Setting]:
    """The settings but for those whose owners are named as another kind of model than all that is built.

    Args:
        file: The file.
        settings: Settings around registry calls.
        entries: The calls.
    """
    named = [(setting, _kinds_of(file, setting)) for setting in settings]
    if not any(kinds for _, kinds in named):
        return settings
    built = {kind for entry in entries for kind in _kinds_built(file, entry)}
    return [setting for setting, kinds in named if kinds <= built]


def _kinds_of(file: File, setting: Setting) -> set[str]:
    """The kinds of other models that the path to a setting names, and the class that it is read of."""
    node = setting.node
    said = [file.program.text(node), *_links(setting.key)]
    if isinstance(node, ast.Attribute):
        values = file.values(node.value)
        said += [value.info.node.name for value in values if isinstance(value, LocalInstance)]
    return _kinds(said)


def _kinds_built(file: File, entry: Registry) -> set[str]:
    """The kinds of other models that a registry call is said to build."""
    program = file.program
    said = [*entry.paths, program.text(entry.call)]
    statement = program.statement(entry.call)
    if isinstance(statement, ast.Assign):
        said += map(program.text, statement.targets)
    around = program.ancestors(entry.call)
    said += [
        n.name
        for n in around
        if isinstance(n, FunctionNode | ast.ClassDef) and not isinstance(n, ast.Lambda)
    ]
    return _kinds(said)


def _kinds(said: Iterable[str]) -> set[str]:
    words = {word.lower() for text in said for word in _WORD.findall(text)}
    known = facts.attention().settings.other_models
    return {kind for kind in known if kind in words or f"{kind}s" in words}


def is_of_named_part(file: File, key: Key, entry: Registry) -> bool:
    """Whether a choice is read of a part of the whole that a call does not read its flavor of.

    ``cfg.engine.attn_type`` is beside ``model_registry(cfg.model.flavor)``; ``cfg.attn_type`` and
    ``cfg.model.attn_type`` are not.
    """
    owner = key[:-1]
    links = _links(owner)
    flavor = identity(file, entry.flavor) if entry.flavor is not None else None
    read_of = flavor[: len(owner)] if flavor is not None else ()
    is_part = len(links) > (1 if key[0] == "self" else 0)
    return is_part and read_of != owner


def _links(key: Key) -> list[str]:
    """The attributes and keys of a choice's path, behind what it begins with."""
    behind = itertools.islice(key, 2, None)
    return [link for link in behind if isinstance(link, str)]
