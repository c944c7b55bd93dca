"""What a file does about attention, put together once for all the rules that ask."""

from __future__ import annotations

import ast
import functools
import itertools

from titan_lint.api.changes import facts
from titan_lint.code.names import Kind
from titan_lint.code.order import is_unconditional
from titan_lint.code.values import Attr, LocalInstance
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses import derived
from titan_lint.uses.attention import masks as masks_module
from titan_lint.uses.attention.around import Around
from titan_lint.uses.attention.callers import at_caller, handed_in
from titan_lint.uses.attention.choice import (
    MOST_FORMS,
    Key,
    Region,
    Setting,
    Within,
    constant,
    forms_at,
    identity,
    mentions,
    region,
    settings,
)
from titan_lint.uses.attention.evidence import annotated
from titan_lint.uses.attention.legacy_flavor import is_legacy
from titan_lint.uses.attention.override import (
    Override,
    asks_config,
    inside,
    is_stale,
    is_used_before,
    may_take_effect,
    overrides,
    takes_failure,
)
from titan_lint.uses.attention.parts import is_of_named_part, without_other_parts
from titan_lint.uses.attention.registry import (
    Registry,
    default,
    literals,
    registries,
    registry,
)
from titan_lint.uses.attention.shape_only import shape_only
from titan_lint.uses.attention.swapped import (
    gives_another_model,
    is_of_another,
    swaps,
    swaps_elsewhere,
)
from titan_lint.uses.guards import ANY, IMPORTING, live, reachable, tolerated
from titan_lint.uses.known_values import may_lack
from titan_lint.uses.obligations import (
    Obligation,
    beside_each_other,
    changed_elsewhere,
    evaluated_there,
    never_changed,
    same_value,
    unchanged_between,
    value_taken,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
        # Where an override may have an effect, nothing is said of what it is made for.
        self.registries = [] if may_take_effect(file) else registries(file)
        self._regions: dict[ast.AST, Region] = {}
        self._settings: dict[Region, list[Setting]] = {}
        self._entries: dict[Region, list[Registry]] = {}
        self._choices: dict[Registry, Choice | None] = {}
        self._contradicted: dict[tuple[Region, str], bool] = {}
        self._takes_choice: dict[Region, bool] = {}
        self._equipped: dict[Registry, bool] = {}
        self._passing: dict[Region, tuple[tuple[Key, ...], list[ast.expr], bool]] = {}
        self._forms: dict[tuple[Region, Key], list[ast.expr]] = {}
        self._around: dict[tuple[Region, frozenset[str | None]], Around] = {}

    @functools.cached_property
    def handed_in(self) -> list[Registry]:
        """See :func:`~titan_lint.uses.attention.callers.handed_in`."""
        return handed_in(self.file)

    @functools.cached_property
    def overrides(self) -> list[Override]:
        """Assignments to backend paths that the target does not have."""
        return [
            override
            for override in overrides(self.file, self.registries)
            if reachable(self.file, override.remove)
            and (override.dead or not tolerated(self.file, override.target, AttributeError))
            and not self._is_for_others(override)
        ]

    def _is_for_others(self, override: Override) -> bool:
        """Whether an override is kept for torchtitans whose registries take no backend: at the target the call has it.

        That the config has no such path says nothing of that: there it is meant to be set.
        """
        if not isinstance(override.guard, ast.If) or asks_config(self.file, override.guard.test):
            return False
        entries = {entry.call: entry for entry in self.registries}
        return all(
            entry.backend is not None or entry.unclear or not reachable(self.file, call)
            for call in override.calls
            if (entry := entries.get(call)) is not None
        )

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
            and not derived.is_held_otherwise(self.file, node.value)
        ]

    def bare(self, entry: Registry) -> bool:
        """Whether a registry call could pass the backend and does not."""
        return (
            entry.backend is None
            and not entry.unclear
            and entry.takes_backend
            and live(self.file, entry.call, *ANY)
        )

    def undecided(self, entry: Registry) -> bool:
        """Whether a bare call builds a model, and nothing around it says which backend is meant."""
        return (
            self.bare(entry)
            and self.choice(entry) is None
            and not shape_only(self.file, entry.call)
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
            here = [self._mentions[index] for index in self._mentions_within.of(where)]
            every = settings(self.file, here)
            found = without_other_parts(self.file, every, self.entries(where))
            self._settings[where] = found
        return found

    def masks(self, where: Region) -> dict[str, ast.Call]:
        """The kinds of masks that a region builds for sure, each with the first call that does."""
        found: dict[str, ast.Call] = {}
        for index in self._masks_within.of(where):
            kind, call = self._masks[index]
            found.setdefault(kind, call)
        return found

    def entries(self, where: Region) -> list[Registry]:
        """The registry calls of a region."""
        found = self._entries.get(where)
        if found is None:
            here = self._registries_within.of(where)
            found = self._entries[where] = [self.registries[index] for index in here]
        return found

    # What a region is searched for is looked up once for all regions: there may be hundreds.

    @functools.cached_property
    def _masks(self) -> list[tuple[str, ast.Call]]:
        built = masks_module.masks_built(self.file)
        made = frozenset(entry.call for entry in self.registries)
        return [(kind, call) for kind, call in built if not is_of_another(self.file, call, made)]

    @functools.cached_property
    def is_swapped(self) -> bool:
        """Whether the file itself puts other attention into configs: the choice has its say there."""
        return bool(self.registries or self.handed_in) and swaps(self.file)

    def is_equipped(self, entry: Registry) -> bool:
        """Whether any file may put other attention into what a call gives."""
        if self.is_swapped:
            return True
        if entry not in self._equipped:
            choices = [setting.node for setting in self.settings(self.region(entry.call))]
            self._equipped[entry] = swaps_elsewhere(self.file, entry.call, choices)
        return self._equipped[entry]

    @functools.cached_property
    def _mentions(self) -> list[ast.expr]:
        return mentions(self.file)

    @functools.cached_property
    def _masks_within(self) -> Within:
        return Within(self.file, (call for _, call in self._masks))

    @functools.cached_property
    def _mentions_within(self) -> Within:
        return Within(self.file, self._mentions)

    @functools.cached_property
    def _registries_within(self) -> Within:
        return Within(self.file, (entry.call for entry in self.registries))

    @functools.cached_property
    def _set(self) -> dict[str, list[ast.Attribute]]:
        """The attributes that are set or deleted, by name."""
        found: dict[str, list[ast.Attribute]] = {}
        for node in self.file.attributes:
            if not isinstance(node.ctx, ast.Load):
                found.setdefault(node.attr, []).append(node)
        return found

    def entry(self, call: ast.Call) -> Registry | None:
        """The registry call that a call is; ``None`` for another one."""
        return self._by_call.get(call)

    @functools.cached_property
    def _by_call(self) -> dict[ast.Call, Registry]:
        return {entry.call: entry for entry in self.registries}

    def overrides_of(self, calls: Iterable[ast.Call]) -> Iterator[Override]:
        """The overrides of what some registry calls build."""
        for call in calls:
            yield from self._overrides_of.get(call, ())

    @functools.cached_property
    def _overrides_of(self) -> dict[ast.Call, list[Override]]:
        found: dict[ast.Call, list[Override]] = {}
        for override in self.overrides:
            for call in override.calls:
                found.setdefault(call, []).append(override)
        return found

    def choice(self, entry: Registry) -> Choice | None:
        """What the code around a bare call means; ``None`` without a sign of a choice."""
        if entry not in self._choices:
            found = self._find_choice(entry) if self.bare(entry) else None
            if found is not None and entry in self.handed_in:
                found = _explained(found)  # other callers may hand in what takes no backend
            elif found is None and self.bare(entry):
                found = self._choice_of_caller(entry)
            self._choices[entry] = found
        return self._choices[entry]

    def _choice_of_caller(self, entry: Registry) -> Choice | None:
        """The choice that stands with the one caller of a function that hands on what a call gives."""
        caller = at_caller(self.file, entry)
        if (
            caller is None
            or self.settings(self.region(entry.call))
            or self.entries(self.region(caller.call))
            or not self.bare(caller)
        ):
            return None
        found = self._find_choice(caller)
        return _explained(found) if found is not None and found.masks is None else None

    def _find_choice(self, entry: Registry) -> Choice | None:
        mine = tuple(self._overrides_of.get(entry.call, ()))
        where = self.region(entry.call)
        if mine:
            return self._from_overrides(entry, mine, where)
        if self.is_swapped or gives_another_model(self.file, entry.call):
            return None
        if shape_only(self.file, entry.call) or self._passed_elsewhere(where):
            return None
        if is_legacy(self.file, entry):
            return None  # the flavor itself says which attention is meant
        around = self._settings_around(entry, where)
        if (
            around.settings
            and not around.is_held_to_default(entry)
            and (found := self._from_settings(entry, around)) is not None
        ):
            return None if self.is_equipped(entry) else found
        kinds = self.masks(where)
        if len(kinds) == 1:
            ((kind, call),) = kinds.items()
            defaults = self.default_masks(entry)
            if defaults != {kind} and not self.is_equipped(entry):
                return Choice(None, call.func, masks=kind)
        return None

    def _from_overrides(self, entry: Registry, mine: tuple[Override, ...], where: Region) -> Choice:
        file = self.file
        last = mine[-1]
        keys = {identity(file, o.value) for o in mine}
        key = identity(file, last.value)
        forms = [last.value]
        if key is not None:
            forms += self._settings_for(where, key)
        best = None
        if key is not None and len(keys) == 1 and not self._rests_on(mine, key):
            valid = forms_at(file, key, forms, entry.call)
            guards, unmeant = self._guards(mine), self._unmeant(entry, mine)
            best = _best(
                (form, (*self._unshown(entry, form, mine, guards), *unmeant)) for form in valid
            )
        if best is None or self.is_rejected(entry, last.value):
            return Choice(None, last.value, mine)
        form, because = best
        return Choice(file.program.text(form), last.value, mine, because)

    def _guards(self, mine: tuple[Override, ...]) -> set[ast.AST]:
        """What stands around overrides and would take no failure to read their values."""
        file = self.file
        return {
            around
            for o in mine
            if o.guard is not None
            for around in inside(file, o.target, o.guard)
            if self._is_there(o.value)
            or not (takes_failure(file, around, o.value) or may_lack(file, o.value))
        }

    def _unshown(
        self, entry: Registry, form: ast.expr, mine: tuple[Override, ...], guards: set[ast.AST]
    ) -> tuple[Obligation, ...]:
        """The obligations of passing ``form`` in the place of overrides that are not shown, but for those of all forms."""
        file, call = self.file, entry.call
        found: list[Obligation] = []
        reads = (form, *(o.value for o in mine))
        if not evaluated_there(file, form, call, guards.__contains__):
            found.append(Obligation.EVALUATED_THERE)
        if not all(same_value(file, read, call) for read in reads):
            found.append(Obligation.SAME_VALUE)
        if not all(self.is_taken(entry, read) for read in reads):
            found.append(Obligation.VALUE_TAKEN)
        return tuple(found)

    def _unmeant(self, entry: Registry, mine: tuple[Override, ...]) -> tuple[Obligation, ...]:
        """The obligations of folding overrides that are not shown, whatever is passed in their place."""
        file, call = self.file, entry.call
        found: list[Obligation] = []
        here = file.program.function(call)
        if any(
            o.conditions or file.program.function(o.target) is not here for o in mine
        ) or is_used_before(file, mine, call):
            found.append(Obligation.MEANT_FOR_IT)
        if any(o.lossy for o in mine):
            found.append(Obligation.NO_OTHER_EFFECT)
        return tuple(found)

    def _is_there(self, value: ast.expr) -> bool:
        """Whether a setting is read in another place, too, where its absence is a failure."""
        reads = self._sure_reads.get(identity(self.file, value), ())
        return any(node is not value for node in reads)

    @functools.cached_property
    def _sure_reads(self) -> dict[Key | None, list[ast.expr]]:
        """The attributes and items that are read as a choice whatever happens, and with no default."""
        found: dict[Key | None, list[ast.expr]] = {}
        for node in self._mentions:
            if (
                isinstance(node, ast.Attribute | ast.Subscript)
                and isinstance(node.ctx, ast.Load)
                and is_unconditional(self.file.program, node)
                and (key := identity(self.file, node)) is not None
            ):
                found.setdefault(key, []).append(node)
        return found

    def is_taken(self, entry: Registry, form: ast.expr) -> bool:
        """Whether nothing that the file says of a choice is against its being a backend."""
        rejected = {value for p in entry.parameters if p is not None for value in p.rejected}
        return value_taken(self.file, form, set(masks_module.kinds()) - rejected, rejected)

    def _rests_on(self, overrides: tuple[Override, ...], key: Key) -> bool:
        """Whether the choice itself decides if it is made: ``if attn_type is not None and ...``."""
        return any(
            identity(self.file, node) == key
            for override in overrides
            for condition in override.conditions
            for node in walk(condition)
            if isinstance(condition, ast.expr) and isinstance(node, ast.expr)
        )

    def is_rejected(self, entry: Registry, node: ast.expr) -> bool:
        """Whether every registry that a call may be refuses the literal that an expression is."""
        values = literals(self.file, node)
        taking = [p for p in entry.parameters if p is not None]
        return bool(values) and all(v in p.rejected for v in values for p in taking)

    def _settings_for(self, where: Region, key: Key) -> list[ast.expr]:
        """The first settings of a region that are a choice."""
        if (where, key) not in self._forms:
            found = (s.node for s in self.settings(where) if s.key == key)
            self._forms[where, key] = list(itertools.islice(found, MOST_FORMS))
        return self._forms[where, key]

    def _settings_around(self, entry: Registry, where: Region) -> Around:
        """The settings around a call but for those that say what is the default anyway."""
        defaults = frozenset(default(p) for p in entry.parameters if p is not None)
        found = self._around.get((where, defaults))
        if found is None:
            every = self.settings(where)
            same = {s.key for s in every if self._same_as_default(defaults, s.node)}
            kept = [setting for setting in every if setting.key not in same]
            found = self._around[where, defaults] = Around(self, kept)
        return found

    def _from_settings(self, entry: Registry, around: Around) -> Choice | None:
        first = around.settings[0].node
        if around.key is None:
            return Choice(None, first) if around.is_backend else None
        if not around.is_backend:
            return None
        if around.is_rejected(entry):
            return Choice(None, first)
        forms = around.nearest(self.file.program.function(entry.call))
        valid = forms_at(self.file, around.key, forms, entry.call)
        best = _best((form, self._unshown_of_setting(entry, form, around)) for form in valid)
        if best is None:
            return Choice(None, first)
        return Choice(self.file.program.text(best[0]), first, because=best[1])

    def _unshown_of_setting(
        self, entry: Registry, form: ast.expr, around: Around
    ) -> tuple[Obligation, ...]:
        """The obligations of passing a setting that is used beside the call that are not shown."""
        file, call = self.file, entry.call
        found: list[Obligation] = []
        if (
            not around.is_certain
            or around.is_kept_alive
            or self._has_company(entry)
            or (around.key is not None and is_of_named_part(file, around.key, entry))
        ):
            found.append(Obligation.MEANT_FOR_IT)
        if not evaluated_there(file, form, call):
            found.append(Obligation.EVALUATED_THERE)
        if not same_value(file, form, call) or around.last_set > call.lineno:
            found.append(Obligation.SAME_VALUE)
        if not around.is_taken(entry):
            found.append(Obligation.VALUE_TAKEN)
        return tuple(found)

    def _has_company(self, entry: Registry) -> bool:
        """Whether another bare call runs whenever a call does: the one choice may be that of the other."""
        return any(
            other is not entry
            and self.bare(other)
            and beside_each_other(self.file, entry.call, other.call)
            for other in self.entries(self.region(entry.call))
        )

    def _passed_elsewhere(self, where: Region) -> bool:
        """Whether a registry call of the region gets the choice, or what it builds: one that does not is on its own."""
        if where not in self._takes_choice:
            self._takes_choice[where] = any(
                entry.backend is not None or entry.call in self._overrides_of
                for entry in self.entries(where)
            )
        return self._takes_choice[where]

    def _same_as_default(self, defaults: frozenset[str | None], node: ast.expr) -> bool:
        """Whether a setting is a literal that every candidate defaults to anyway, or may be nothing else."""
        text = constant(self.file, node)
        found = {text} if text is not None else annotated(self.file, node)
        return bool(found) and defaults == frozenset[str | None](found)

    def default_masks(self, entry: Registry) -> set[str | None]:
        """The kinds of masks that the target's defaults take."""
        kinds = masks_module.kinds()
        return {kinds.get(default(p) or "") for p in entry.parameters if p is not None}

    def contradicts(self, entry: Registry, masks: str) -> bool:
        """Whether all backends that a call may get are known, and none takes such masks."""
        backends = self.known_backends(entry)
        kinds = masks_module.kinds()
        return (
            bool(backends)
            and all(b in kinds and kinds[b] != masks for b in backends)
            and not self.is_equipped(entry)
        )

    def all_contradict(self, where: Region, masks: str) -> bool:
        """Whether no registry call of a region gets a backend that takes such masks."""
        known = self._contradicted.get((where, masks))
        if known is None:
            entries = self.entries(where)
            known = all(self.contradicts(entry, masks) for entry in entries)
            self._contradicted[where, masks] = known
        return known

    def backend_of(self, where: Region) -> tuple[tuple[Key, ...], list[ast.expr], bool]:
        """What a region's registry calls pass, or will once fixed.

        Returns:
            The choices, expressions for the choice if there is one, and whether none of them rests on a
            guess.
        """
        if where not in self._passing:
            self._passing[where] = self._backend_of(where)
        return self._passing[where]

    def _backend_of(self, where: Region) -> tuple[tuple[Key, ...], list[ast.expr], bool]:
        keys: dict[Key, None] = {}
        forms: list[ast.expr] = []
        safe = True
        for entry in self.entries(where):
            if entry.backend is not None:
                node: ast.expr | None = entry.backend
            else:
                choice = self.choice(entry)
                if choice is None or choice.text is None:
                    continue
                node = choice.evidence
                safe = safe and not choice.because and self._may_pass(entry)
            key = identity(self.file, node)
            if key is not None:
                keys[key] = None
                forms.append(node)
        if len(keys) == 1:
            (key,) = keys
            forms = [*forms[:MOST_FORMS], *self._settings_for(where, key)]
        return tuple(keys), forms, safe

    def _may_pass(self, entry: Registry) -> bool:
        """Whether a call can pass a backend at all targets of the run; else it is not fixed."""
        return self.file.options.legacy_guard or not any(
            ((there := registry(other, entry.call)) is None or not there.takes_backend)
            and live(other, entry.call, *IMPORTING, AttributeError, TypeError)
            for other in self.file.siblings
        )

    def keeps_choice(self, form: ast.expr, read: ast.expr, where: Region) -> bool:
        """Whether a choice gives at a read what it gave when the models of a region were built."""
        if never_changed(self.file, form):
            return True
        entries = self.entries(where)
        # Of a region that builds so many models, nothing is shown.
        return len(entries) <= MOST_FORMS and all(
            unchanged_between(self.file, form, entry.call, read) for entry in entries
        )

    def is_of(self, read: ast.expr, where: Region) -> bool:
        """Whether a read asks the one model that a region builds, as far as the code shows.

        What is handed in as a parameter may be built elsewhere.
        """
        if len(self.entries(where)) != 1:
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
            nodes = {binding.node for binding in bindings}
            if any(node not in nodes for node in self._set.get(name, ())):
                return False  # set from outside
            if changed_elsewhere(self.file, chain[-1]):
                return False
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


def _explained(choice: Choice) -> Choice:
    """A choice that cannot be passed where the call stands."""
    return Choice(None, choice.evidence, masks=choice.masks)


def _best(
    candidates: Iterable[tuple[ast.expr, tuple[Obligation, ...]]],
) -> tuple[ast.expr, tuple[Obligation, ...]] | None:
    """The form with the fewest obligations that are not shown, the first of several."""
    return min(candidates, key=lambda candidate: len(candidate[1]), default=None)
