"""One config with a mode becomes the config of a policy: ``SelectiveAC.Config()`` or ``None``.

All uses of the old class in a file are rewritten together, and its import with them: with one left,
the file would not import.
"""

from __future__ import annotations

import ast

from titan_lint.code import uses
from titan_lint.code.names import Kind
from titan_lint.code.values import Ref, root
from titan_lint.finding import Obligation, unless
from titan_lint.rewriting.operations import (
    Moved,
    MoveImport,
    Operation,
    RemoveImport,
    ReplaceExpression,
    Rewrite,
)
from titan_lint.structs import Struct
from titan_lint.uses.calls.arguments import arguments
from titan_lint.uses.calls.signatures import callees
from titan_lint.uses.fields import asks
from titan_lint.uses.obligations import effects, is_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from titan_lint.api.changes.rows import CallChange, Checkpointing
    from titan_lint.code.names import Binding
    from titan_lint.uses.calls import Site
    from titan_lint.uses.file import File


class _Policy(Struct):
    """What one old config becomes.

    Attributes:
        call: The old call.
        name: The policy's class, ``None`` for no checkpointing.
        given: Its arguments, as they are written.
        safe: Whether what is left out said nothing.
        unsaid: What was left out, and what that meant then; empty where it means the same now.
    """

    call: ast.Call
    name: str | None
    given: tuple[str, ...]
    safe: bool
    unsaid: str = ""


def rewrite(
    file: File, site: Site, change: CallChange, new: Checkpointing, names: Sequence[str]
) -> Rewrite | None:
    """Rewrite every use of the class that ``site`` calls."""
    imported = _imported(file, site.function)
    if imported is None:
        return None
    # All calls of the class ask for the same: hundreds of them, each for all.
    joined = file.once(_joined)
    key = imported[0], new.module
    if key not in joined:
        joined[key] = _joint(file, *imported, new)
    return joined[key]


def _joined(_: File) -> dict[tuple[Binding, str], Rewrite | None]:
    return {}


def _joint(
    file: File,
    binding: Binding,
    statement: ast.ImportFrom,
    alias: ast.alias,
    new: Checkpointing,
) -> Rewrite | None:
    bound = alias.asname or alias.name
    if not uses.only(file.program, binding) or is_asked_for(file, binding, bound):
        return None
    if uses.quoted(file.program, bound):
        return None
    policies: list[_Policy] = []
    for use in file.program.loads(binding):
        call = file.program.parents[use]
        policy = None
        if isinstance(call, ast.Call) and call.func is use:
            policy = _policy(file, call, new)
        if policy is None:
            return None
        policies.append(policy)
    wanted = list(dict.fromkeys(policy.name for policy in policies if policy.name is not None))
    prefix = ""
    home: Operation | None = RemoveImport(statement, (alias,))
    if wanted:
        home = _home(file, statement, new.module, [Moved(alias, name) for name in sorted(wanted)])
    if home is None:
        # Where a class has a name of the file's own, the module may be free.
        parent, _, last = new.module.rpartition(".")
        home, prefix = _home(file, statement, parent, [Moved(alias, last)]), f"{last}."
    if home is None:
        return None
    operations: list[Operation] = [home]
    for policy in policies:
        code = "None"
        if policy.name is not None:
            code = f"{prefix}{policy.name}.Config({', '.join(policy.given)})"
        operations.append(ReplaceExpression(policy.call, code))
    because = unless(all(policy.safe for policy in policies), Obligation.STATED)
    because += unless(not _is_read(file, new), Obligation.WHOLE_RENAME)
    # What was a config is nothing now: who asks whether there is one gets another answer.
    is_theirs = all(policy.name or _is_for_torchtitan(file, policy.call) for policy in policies)
    because += unless(is_theirs, Obligation.MEANT_FOR_IT)
    shown = " or ".join(f"`{name}.Config`" for name in wanted) or "`None`"
    unsaid = next((policy.unsaid for policy in policies if policy.unsaid), "")
    return Rewrite(
        f"Write {shown} for `{alias.name}`{unsaid}",
        tuple(operations),
        because,
    )


def _home(
    file: File, statement: ast.ImportFrom, module: str, names: Sequence[Moved]
) -> MoveImport | None:
    """The import that takes the place of the old one, where its names are free."""
    if all(uses.is_free(file.program, module, moved.name) for moved in names):
        return MoveImport(statement, module, tuple(names))
    return None


def _imported(file: File, function: ast.expr) -> tuple[Binding, ast.ImportFrom, ast.alias] | None:
    """The import that a called name stands for."""
    bindings = file.program.bindings.of(function) if isinstance(function, ast.Name) else []
    if len(bindings) != 1 or bindings[0].kind is not Kind.FROM:
        return None
    (binding,) = bindings
    alias = binding.node
    statement = file.program.parents.get(alias)
    if not isinstance(alias, ast.alias) or not isinstance(statement, ast.ImportFrom):
        return None
    return binding, statement, alias


def _policy(file: File, call: ast.Call, new: Checkpointing) -> _Policy | None:
    """What a call of the old class becomes; ``None`` where its mode or arguments cannot be told."""
    given = arguments(file, call)
    if given.positional or given.more_positional or given.more_keywords or given.spread:
        return None
    mode = new.default
    if "mode" in given.keywords:
        node = given.keywords["mode"].value
        mode = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(mode, str) or mode not in new.policies:
        return None
    policy = new.policies[mode]
    kept: list[str] = []
    safe = True
    for name, keyword in given.keywords.items():
        if policy is not None and name in policy.keeps:
            kept.append(f"{policy.keeps[name]}={file.program.text(keyword.value)}")
        elif name != "mode":
            text = ast.unparse(keyword.value)
            if file.once(effects).acts(keyword.value) is not None:
                return None
            harmless = new.harmless.get(name)
            safe = safe and (policy is None or harmless is None or text == harmless)
    unsaid = _unsaid(file, call, mode, new, given.keywords) if policy is not None else ""
    name = policy.name if policy is not None else None
    return _Policy(call, name, tuple(kept), safe and not unsaid, unsaid)


def _unsaid(
    file: File, call: ast.Call, mode: str, new: Checkpointing, given: Collection[str]
) -> str:
    """What a call leaves out that meant, when it was written, something else than holds now."""
    others = [other for other in new.policies if other != mode]
    for name, harmless in new.harmless.items():
        if name in given or any(name.startswith(other) for other in others):
            continue
        for key in file.era.keys:
            for callee in callees(file.at(key), call.func):
                parameter = callee.function.parameter(name)
                if parameter is not None and parameter.default != harmless:
                    then = file.at(key).target.label
                    meant = f"`{name}={parameter.default}`"
                    return f"; without `{name}`, it meant {meant} at {then}"
    return ""


def _is_for_torchtitan(file: File, made: ast.expr, depth: int = 0) -> bool:
    """Whether nobody but torchtitan gets something, by names of the file or at once."""
    program = file.program
    match program.parents[made]:
        case ast.keyword() as word:
            call = program.parents[word]
        case ast.Call(args=given) as call if made in given:
            pass
        case ast.Assign(targets=[ast.Name() as target]) if depth < _DEEP:
            loads = program.loads_from(target)
            return bool(loads) and all(_is_for_torchtitan(file, one, depth + 1) for one in loads)
        case _:
            return False
    values = file.values(call.func) if isinstance(call, ast.Call) else ()
    return bool(values) and all(
        root(value) == "torchtitan"
        or (isinstance(value, Ref) and value.path in ("copy.replace", "dataclasses.replace"))
        for value in values
    )


_DEEP = 4
"""Through how many names it is followed who gets something."""


def _is_read(file: File, new: Checkpointing) -> bool:
    """Whether anybody asks a config for a setting that the policies do not have, or sets one."""
    kept = [policy.keeps for policy in new.policies.values() if policy is not None]
    names = {"mode", *new.harmless, *(name for keeps in kept for name in keeps)}
    if asks(file.program, names, ()):
        return True
    # Others have a ``debug`` of their own: that of a policy is asked for where there is one.
    lost = {"mode", *new.harmless}
    lost |= {name for keeps in kept for name, now in keeps.items() if name != now}
    readers = file.options.readers
    return readers is not None and readers.ask_of(sorted(lost), ())
