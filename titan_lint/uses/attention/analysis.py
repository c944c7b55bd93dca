"""What a file does about attention, put together once for all the rules that ask."""

from __future__ import annotations

import ast
import functools

from titan_lint.api.changes import facts
from titan_lint.code.forms import callee_name
from titan_lint.code.names import Kind
from titan_lint.code.values import Attr, LocalInstance
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses.attention import masks as masks_module
from titan_lint.uses.attention.choice import (
    Key,
    Region,
    Setting,
    constant,
    forms_at,
    identity,
    may_be_none,
    mentions,
    region,
    settings,
)
from titan_lint.uses.attention.evidence import is_backend
from titan_lint.uses.attention.legacy_flavor import is_legacy
from titan_lint.uses.attention.override import Override, is_stale, overrides
from titan_lint.uses.attention.registry import Registry, default, literals, registries
from titan_lint.uses.attention.shape_only import shape_only
from titan_lint.uses.guards import ANY, live, reachable, tolerated
from titan_lint.uses.obligations import (
    Obligation,
    evaluated_there,
    never_changed,
    same_value,
    unchanged_between,
    value_taken,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.uses.file import File


class Choice(Struct, eq=False, slots=False):
    """The attention that the code around a bare registry call means.

    Attributes:
        text: Source text to pass, valid at the call; ``None`` where there is no such form.
        evidence: What shows the choice.
        overrides: Overrides that set it on the built config, to be folded into the call.
        because: The obligations that are not shown; with none, passing the text is safe.
        masks: The kind of mask built, where that is all that is known.
    """

    text: str | None
    evidence: ast.expr
    overrides: tuple[Override, ...] = ()
    because: tuple[Obligation, ...] = ()
    masks: str | None = None


class Attention:
    """The registry calls, overrides and stale paths of one file at one target."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.registries = registries(file)
        self._regions: dict[ast.AST, Region] = {}
        self._settings: dict[Region, list[Setting]] = {}
        self._choices: dict[Registry, Choice | None] = {}

    @functools.cached_property
    def overrides(self) -> list[Override]:
        """Assignments to backend paths that the target does not have."""
        return [
            override
            for override in overrides(self.file, self.registries)
            if reachable(self.file, override.remove)
            and (override.dead or not tolerated(self.file, override.target, AttributeError))
        ]

    @functools.cached_property
    def stale_reads(self) -> list[ast.Attribute]:
        """Reads of backend paths that the target does not have."""
        stale = facts.attention().settings.stale
        return [
            node
            for node in self.file.attributes
            if isinstance(node.ctx, ast.Load)
            and node.attr in stale
            and self.file.agrees(
                node.value, lambda v, name=node.attr: is_stale(self.file, Attr(v, name))
            )
            and live(self.file, node, AttributeError)
        ]

    def bare(self, entry: Registry) -> bool:
        """Whether a registry call could pass the backend and does not."""
        return (
            entry.backend is None
            and not entry.unclear
            and entry.takes_backend
            and live(self.file, entry.call, *ANY)
        )

    def region(self, node: ast.AST) -> Region:
        """See :func:`~titan_lint.uses.attention.choice.region`."""
        found = self._regions.get(node)
        if found is None:
            found = self._regions[node] = region(self.file, node)
        return found

    def settings(self, where: Region) -> list[Setting]:
        """See :func:`~titan_lint.uses.attention.choice.settings`."""
        found = self._settings.get(where)
        if found is None:
            found = self._settings[where] = settings(self.file, where, self._mentions)
        return found

    def masks(self, where: Region) -> dict[str, ast.Call]:
        """The kinds of masks that a region builds for sure, each with the first call that does."""
        found: dict[str, ast.Call] = {}
        for kind, call in self._masks:
            if kind not in found and where.contains(self.file, call):
                found[kind] = call
        return found

    # What a region is searched for is looked up once for all regions: there may be hundreds.

    @functools.cached_property
    def _masks(self) -> list[tuple[str, ast.Call]]:
        return masks_module.masks_built(self.file)

    @functools.cached_property
    def _mentions(self) -> list[ast.expr]:
        return mentions(self.file)

    def choice(self, entry: Registry) -> Choice | None:
        """What the code around a bare call means; ``None`` without a sign of a choice."""
        if entry not in self._choices:
            self._choices[entry] = self._find_choice(entry) if self.bare(entry) else None
        return self._choices[entry]

    def _find_choice(self, entry: Registry) -> Choice | None:
        mine = tuple(o for o in self.overrides if entry.call in o.calls)
        where = self.region(entry.call)
        around = self.settings(where)
        if mine:
            return self._from_overrides(entry, mine, around)
        if shape_only(self.file, entry.call) or self._passed_elsewhere(entry, where):
            return None
        if is_legacy(self.file, entry):
            return None  # the flavor itself says which attention is meant
        around = [s for s in around if not self._same_as_default(entry, s.node)]
        if around and (found := self._from_settings(entry, around)) is not None:
            return found
        kinds = self.masks(where)
        if len(kinds) == 1:
            ((kind, call),) = kinds.items()
            defaults = self.default_masks(entry)
            if defaults != {kind}:
                return Choice(None, call.func, masks=kind)
        return None

    def _from_overrides(
        self, entry: Registry, mine: tuple[Override, ...], around: list[Setting]
    ) -> Choice:
        file = self.file
        last = mine[-1]
        keys = {identity(file, o.value) for o in mine}
        key = identity(file, last.value)
        forms = [last.value, *(s.node for s in around)]
        best: tuple[ast.expr, tuple[Obligation, ...]] | None = None
        if key is not None and len(keys) == 1 and not self._rests_on(mine, key):
            for form in forms_at(file, key, forms, entry.call):
                because = self._unshown(entry, form, mine)
                if best is None or len(because) < len(best[1]):
                    best = form, because
        if best is None or self._is_rejected(entry, last.value):
            return Choice(None, last.value, mine)
        form, because = best
        return Choice(file.program.text(form), last.value, mine, because)

    def _unshown(
        self, entry: Registry, form: ast.expr, mine: tuple[Override, ...]
    ) -> tuple[Obligation, ...]:
        """The obligations of passing ``form`` in the place of overrides that are not shown."""
        file, call = self.file, entry.call
        guards = {o.guard for o in mine}
        found: list[Obligation] = []
        reads = (form, *(o.value for o in mine))
        if not evaluated_there(file, form, call, guards.__contains__):
            found.append(Obligation.EVALUATED_THERE)
        if not all(same_value(file, read, call) for read in reads):
            found.append(Obligation.SAME_VALUE)
        if not all(self._is_taken(entry, read) for read in reads):
            found.append(Obligation.VALUE_TAKEN)
        here = file.program.function(call)
        if any(o.conditions or file.program.function(o.target) is not here for o in mine):
            found.append(Obligation.MEANT_FOR_IT)
        if any(o.lossy for o in mine):
            found.append(Obligation.NO_OTHER_EFFECT)
        return tuple(found)

    def _is_taken(self, entry: Registry, form: ast.expr) -> bool:
        """Whether nothing that the file says of a choice speaks against its being a backend."""
        if may_be_none(self.file, form):
            return False
        rejected = {value for p in entry.parameters if p is not None for value in p.rejected}
        return value_taken(self.file, form, set(masks_module.kinds()) - rejected)

    def _rests_on(self, overrides: tuple[Override, ...], key: Key) -> bool:
        """Whether the choice itself decides if it is made: ``if attn_type is not None and ...``."""
        return any(
            identity(self.file, node) == key
            for override in overrides
            for condition in override.conditions
            for node in walk(condition)
            if isinstance(condition, ast.expr) and isinstance(node, ast.expr)
        )

    def _is_rejected(self, entry: Registry, node: ast.expr) -> bool:
        """Whether every registry that a call may be refuses the literal that an expression is."""
        values = literals(self.file, node)
        taking = [p for p in entry.parameters if p is not None]
        return bool(values) and all(v in p.rejected for v in values for p in taking)

    def _from_settings(self, entry: Registry, around: list[Setting]) -> Choice | None:
        keys = list(dict.fromkeys(s.key for s in around))
        forms = self._nearest_first(entry, around)
        certain = len(keys) == 1
        if not certain:
            keys = list(dict.fromkeys(s.key for s in around if self._makes_masks(s.node)))
        if len(keys) != 1:
            nodes = [s.node for s in around]
            return Choice(None, nodes[0]) if is_backend(self.file, nodes) else None
        mine = [s.node for s in around if s.key == keys[0]]
        if not is_backend(self.file, mine):
            return None
        if any(self._is_rejected(entry, node) for node in mine):
            return Choice(None, around[0].node)
        best: tuple[ast.expr, tuple[Obligation, ...]] | None = None
        for form in forms_at(self.file, keys[0], forms, entry.call):
            because = self._unshown_of_setting(entry, form, mine, keys[0], certain=certain)
            if best is None or len(because) < len(best[1]):
                best = form, because
        if best is None:
            return Choice(None, around[0].node)
        return Choice(self.file.program.text(best[0]), around[0].node, because=best[1])

    def _unshown_of_setting(
        self, entry: Registry, form: ast.expr, mine: list[ast.expr], key: Key, *, certain: bool
    ) -> tuple[Obligation, ...]:
        """The obligations of passing a setting that is used beside the call that are not shown."""
        file, call = self.file, entry.call
        found: list[Obligation] = []
        if not certain:
            found.append(Obligation.MEANT_FOR_IT)
        if not evaluated_there(file, form, call):
            found.append(Obligation.EVALUATED_THERE)
        if not same_value(file, form, call) or any(
            self._is_resolved_later(entry, node, key) for node in mine
        ):
            found.append(Obligation.SAME_VALUE)
        if not all(self._is_taken(entry, node) for node in mine):
            found.append(Obligation.VALUE_TAKEN)
        return tuple(found)

    def _is_resolved_later(self, entry: Registry, node: ast.expr, key: Key) -> bool:
        """Whether the setting is given another value behind the call."""
        if not isinstance(getattr(node, "ctx", None), ast.Store):
            return False
        statement = self.file.program.statement(node)
        value = getattr(statement, "value", None)
        return node.lineno > entry.call.lineno and (
            value is None or identity(self.file, value) != key
        )

    def _nearest_first(self, entry: Registry, around: list[Setting]) -> list[ast.expr]:
        here = self.file.program.function(entry.call)
        nodes = [s.node for s in around if isinstance(getattr(s.node, "ctx", None), ast.Load)]
        nodes += [s.node for s in around if s.node not in nodes]
        return sorted(nodes, key=lambda node: self.file.program.function(node) is not here)

    def _makes_masks(self, node: ast.expr) -> bool:
        for parent in self.file.program.ancestors(node):
            if isinstance(parent, ast.Call):
                return "mask" in callee_name(parent)
            if isinstance(parent, ast.stmt):
                return False
        return False

    def _passed_elsewhere(self, entry: Registry, where: Region) -> bool:
        """Whether another registry call of the region takes the choice: this one is on its own."""
        return any(
            other is not entry
            and other.backend is not None
            and where.contains(self.file, other.call)
            for other in self.registries
        )

    def _same_as_default(self, entry: Registry, node: ast.expr) -> bool:
        """Whether a setting is a literal that every candidate defaults to anyway."""
        text = constant(self.file, node)
        if text is None:
            return False
        defaults = {default(p) for p in entry.parameters if p is not None}
        return defaults == {text}

    def default_masks(self, entry: Registry) -> set[str | None]:
        """The kinds of masks that the target's defaults take."""
        kinds = masks_module.kinds()
        return {kinds.get(default(p) or "") for p in entry.parameters if p is not None}

    def contradicts(self, entry: Registry, masks: str) -> bool:
        """Whether all backends that a call may get are known, and none takes such masks."""
        backends = self.known_backends(entry)
        kinds = masks_module.kinds()
        return bool(backends) and all(b in kinds and kinds[b] != masks for b in backends)

    def backend_of(self, where: Region) -> tuple[set[Key], list[ast.expr], bool]:
        """What a region's registry calls pass, or will once fixed.

        Returns:
            The choices, expressions for them, and whether none of them rests on a guess.
        """
        keys: set[Key] = set()
        forms: list[ast.expr] = []
        safe = True
        for entry in self.registries:
            if not where.contains(self.file, entry.call):
                continue
            if entry.backend is not None:
                node: ast.expr | None = entry.backend
            else:
                choice = self.choice(entry)
                if choice is None or choice.text is None:
                    continue
                node = choice.evidence
                safe = safe and not choice.because
            key = identity(self.file, node)
            if key is not None:
                keys.add(key)
                forms.append(node)
        return keys, forms, safe

    def keeps_choice(self, form: ast.expr, read: ast.expr, where: Region) -> bool:
        """Whether a choice gives at a read what it gave when the models of a region were built."""
        entries = [entry for entry in self.registries if where.contains(self.file, entry.call)]
        return never_changed(self.file, form) or all(
            unchanged_between(self.file, form, entry.call, read) for entry in entries
        )

    def is_of(self, read: ast.expr, where: Region) -> bool:
        """Whether a read asks the one model that a region builds, as far as the code shows.

        What is handed in as a parameter may be built elsewhere.
        """
        entries = [entry for entry in self.registries if where.contains(self.file, entry.call)]
        if len(entries) != 1:
            return False
        owner: ast.expr = read
        chain: list[ast.Attribute] = []
        while isinstance(owner, ast.Attribute):
            chain.append(owner)
            owner = owner.value
        if not isinstance(owner, ast.Name):
            return False
        value = self.file.sole(owner)
        bindings = self.file.program.bindings.of(owner)
        if isinstance(value, LocalInstance):
            if any(b.kind is Kind.PARAMETER and b.index != 0 for b in bindings):
                return False  # another instance of the class
            name = chain[-1].attr
            bindings = self.file.resolver.attribute_bindings(value.info, name)
            nodes = [binding.node for binding in bindings]
            for node in self.file.attributes:
                if node.attr == name and not isinstance(node.ctx, ast.Load) and node not in nodes:
                    return False  # set from outside
        return bool(bindings) and all(
            binding.kind is Kind.DECLARED
            or (binding.kind is Kind.VALUE and not isinstance(binding.value, ast.Name))
            for binding in bindings
        )

    def known_backends(self, entry: Registry) -> frozenset[str]:
        """The backends that a call may get, where they are all known: passed or by default."""
        if entry.backend is not None:
            return literals(self.file, entry.backend)
        if entry.unclear:
            return frozenset()
        defaults = {default(p) for p in entry.parameters if p is not None}
        return frozenset() if None in defaults else frozenset(d for d in defaults if d)
