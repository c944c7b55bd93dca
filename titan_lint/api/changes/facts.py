"""What no API surface can tell, as records with their source.

Each record is a file of ``facts_data/``, which is read when it is asked for first, and checked as rows are.
"""

from __future__ import annotations

import functools
from pathlib import Path

from titan_lint.api import data_package
from titan_lint.api.changes.records import load, load_record, read
from titan_lint.structs import Struct, field
from titan_lint.typeguards import is_list, is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = Path(__file__).with_name("facts_data")


class Backend(Struct):
    """One attention backend.

    Attributes:
        name: What ``attn_backend`` is for it.
        masks: The kind of masks that it takes; ``null`` for none.
        swallows_masks: Whether it ignores a mask without a word.
        source: Where that is to be seen.
    """

    name: str
    masks: str | None
    swallows_masks: bool
    source: str


class MaskBuilder(Struct):
    """A function or class that makes a mask.

    Attributes:
        path: Its import path.
        masks: The kind of masks.
        source: Where that is to be seen.
    """

    path: str
    masks: str
    source: str


class AttentionSettings(Struct):
    """What code calls its choice of an attention backend.

    Attributes:
        names: Names of attributes, keys and variables that hold a choice.
        stale: Names of fields that old configs of torchtitan had for it.
        mask_methods: Methods of the models that build masks.
        other_projects: Words in a name or an import by which a choice is another project's.
        other_models: Words in the name of an owner by which its choice is another kind of model's: of one
            that a whole has beside its language model.
        source: Where these are from.
    """

    names: frozenset[str]
    stale: frozenset[str]
    mask_methods: tuple[str, ...]
    other_projects: tuple[str, ...]
    other_models: frozenset[str]
    source: str


class ShapeOnly(Struct):
    """What code reads of a model's config that has nothing to do with attention.

    Attributes:
        names: The fields.
        source: Where these are from.
    """

    names: frozenset[str]
    source: str


class AttentionFacts(Struct):
    """Attention backends of torchtitan's language models; each part has a source of its own.

    Attributes:
        about: What the file is about.
        backends: The backends.
        mask_builders: What makes masks for them.
        settings: What code calls its choice.
        shape_only: What has nothing to do with it.
    """

    about: str
    backends: tuple[Backend, ...]
    mask_builders: tuple[MaskBuilder, ...]
    settings: AttentionSettings
    shape_only: ShapeOnly


class LegacyFlavor(Struct):
    """What stands for a flavor that had its attention backend in the name.

    Attributes:
        flavor: The flavor.
        attn_backend: The backend.
    """

    flavor: str
    attn_backend: str


class LegacyFlavors(Struct):
    """Flavors that had their attention backend in the name.

    Attributes:
        about: What the file is about.
        source: Where they are from.
        models: By model and old flavor, what stands for it.
    """

    about: str
    source: str
    models: dict[str, dict[str, LegacyFlavor]]


class FqnParameters(Struct):
    """Fields and parameters that hold names of parameters or modules, or patterns for them.

    Attributes:
        source: Where they are from.
        parameters: Their names.
    """

    source: str
    parameters: frozenset[str]


class Branch(Struct):
    """Where a release left main.

    Attributes:
        after: Key of the last surface of main that it has.
        date: The day of that commit, ISO 8601.
    """

    after: str
    date: str


class Branches(Struct):
    """Releases that were branched off main before they were published.

    Attributes:
        source: Where that is to be seen.
        releases: By key of the release's surface, where it left.
    """

    source: str
    releases: dict[str, Branch]


class MeshLayout(Struct):
    """The meshes that ``ParallelDims`` makes at some torchtitans.

    Attributes:
        of: Keys of their surfaces.
        field: The field that decides on the names besides degrees; ``null`` without one.
        axes: By the value of that field, as source text, the names that ``get_optional_mesh`` knows; under an
            empty text where there is no such field, and empty where there is no such method.
        world: The names that ``world_mesh[...]`` knows, whatever is enabled.
        kept_in: The attributes that hold meshes.
    """

    of: tuple[str, ...]
    field: str | None
    axes: dict[str, frozenset[str]]
    world: frozenset[str]
    kept_in: frozenset[str]


class Meshes(Struct):
    """Names of meshes.

    Attributes:
        source: Where they are from.
        layouts: One for each set of names, in order of time.
    """

    source: str
    layouts: tuple[MeshLayout, ...]

    def of(self, key: str) -> MeshLayout | None:
        """The meshes at a bundled surface; ``None`` for a torchtitan that is not bundled."""
        return next((layout for layout in self.layouts if key in layout.of), None)


class CallInside(Struct):
    """How torchtitan itself calls something that others may put their own in the place of.

    Attributes:
        by: The function or method that makes the call.
        positional: How many arguments it passes by position.
        keywords: The names of those that it passes by keyword.
        unpacks: Into how many names it unpacks what comes back; ``null`` where it does not.
        doubtful: Whether it passes more than that, by ``*`` or ``**``, or may do so only for certain classes, in a
            branch that asks for these.
    """

    by: str
    positional: int = 0
    keywords: tuple[str, ...] = ()
    unpacks: int | None = None
    doubtful: bool = False


class CallsInside(Struct):
    """Calls that some torchtitans make of their functions, of the methods of their classes and the callables that these hold.

    Attributes:
        of: Keys of their surfaces.
        calls: By the class that the receiver is known to be of, or the module that a function is looked up in when
            the call is made, and the name, how each is called.
    """

    of: tuple[str, ...]
    calls: dict[str, tuple[CallInside, ...]]


class AllCallsInside(Struct):
    """How torchtitan calls what it lets others override.

    Attributes:
        source: Where these are from.
        groups: One for each set of torchtitans that make the same calls.
    """

    source: str
    groups: tuple[CallsInside, ...]


class StateDict(Struct):
    """What the model of one class calls what it holds, in any of its flavors; ``{}`` stands for a number.

    Attributes:
        of: Keys of the surfaces where it does.
        model: The last name of the model's package.
        class_: The class.
        adapter: The class that converts its state dicts; ``null`` without one.
        keys: The keys of its ``state_dict()``.
        parameters: The names of its parameters that are no such keys.
        modules: The names of its modules that hold nothing that has a name.
    """

    of: tuple[str, ...]
    model: str
    class_: str
    adapter: str | None
    keys: frozenset[str]
    parameters: frozenset[str]
    modules: frozenset[str]


class StateDicts(Struct):
    """Keys of state dicts.

    Attributes:
        source: Where they are from.
        models: One for each set of names.
    """

    source: str
    models: tuple[StateDict, ...]

    def at(self, key: str) -> list[StateDict]:
        """The models of a bundled surface."""
        return [model for model in self.models if key in model.of]


class Spec(Struct):
    """What a package puts into the fields of the ``ModelSpec`` or ``TrainSpec`` of its model, whatever the flavor.

    Attributes:
        of: Keys of the surfaces where it does.
        package: The package, as an import path.
        fields: By field, the name in the package of the function or class that it gets; without the fields that
            get something else.
    """

    of: tuple[str, ...]
    package: str
    fields: dict[str, str]


class Specs(Struct):
    """What is in the fields of specs.

    Attributes:
        source: Where these are from.
        specs: One for each package and set of fields.
    """

    source: str
    specs: tuple[Spec, ...]

    def field(self, key: str, package: str, name: str) -> str | None:
        """The import path of what a field gets at a bundled surface; ``None`` where that is not known."""
        held = (s.fields.get(name) for s in self.specs if s.package == package and key in s.of)
        found = next(held, None)
        return f"{package}.{found}" if found is not None else None


class Commit(Struct):
    """A commit of torchtitan's main branch.

    Attributes:
        commit: Its hash, shortened.
        day: Its day, ISO 8601.
    """

    commit: str
    day: str


class JobKeyChange(Struct):
    """A key or a section of job configs that is gone.

    Attributes:
        old: Its dotted path.
        commit: The commit that took it away.
        day: The day of that commit, ISO 8601.
        new: What means the same now, at the end of all renames; ``null`` where nothing does.
        safe: Whether every value means the same there.
        help: What to do where there is no new one.
    """

    old: str
    commit: str
    day: str
    new: str | None = None
    safe: bool = True
    help: str = ""


class JobVariable(Struct):
    """A variable of the environment that torchtitan's ``run_train.sh`` reads its job from.

    Attributes:
        name: Its name.
        has: What stands in every value that is meant for it.
    """

    name: str
    has: str


class AnyCase(Struct):
    """A key of job configs whose values torchtitan takes in lower and upper case alike.

    Attributes:
        key: Its dotted path.
        source: Where that is to be seen.
    """

    key: str
    source: str


class JobKeys(Struct):
    """What became of the keys of job configs, the TOML files that ``JobConfig`` was read from.

    Attributes:
        source: Where these are from.
        toml_until: The commit since which no TOML is read.
        ignored_beside: A key of all torchtitans that ignore those they do not have; they are refused since
            2025-08-28 (eadca4835), and this key went two days later (accc7027f).
        instead: What names the job since no TOML is read, for ``run_train.sh``.
        variables: What named it for ``run_train.sh`` as long as TOML was read.
        any_case: Keys whose values torchtitan puts into lower or upper case before it looks at them.
        changes: What is gone, in order of time.
    """

    source: str
    toml_until: Commit
    ignored_beside: str
    instead: tuple[str, ...]
    variables: tuple[JobVariable, ...]
    any_case: tuple[AnyCase, ...]
    changes: tuple[JobKeyChange, ...]


class JobMove(Struct):
    """Where ``Trainer.Config`` has what a key or a section of job configs said.

    Attributes:
        old: The dotted path of the key or section, at 0.2.2.
        commit: The commit that brought the form of the target.
        day: The day of that commit, ISO 8601.
        new: The dotted path in ``Trainer.Config``; ``null`` where nothing means the same.
        also: Further paths that have the same value.
        now: What torchtitan does without a word, as source text: a job that says so loses nothing.
        same_as: The key whose value ``now`` is.
        when: By key, the value (of a list, the item) with which this one is read at all, as source text.
        beside: By key the value (of a list, an item) without which this one is refused now, as source text.
        help: Why there is nothing that means the same, and what to do.
    """

    old: str
    commit: str
    day: str
    new: str | None = None
    also: tuple[str, ...] = ()
    now: str | None = None
    same_as: str | None = None
    when: dict[str, str] = field(default_factory=dict[str, str])
    beside: dict[str, str] = field(default_factory=dict[str, str])
    help: str = ""


class JobPart(Struct):
    """A call within a job's ``Trainer.Config``.

    Attributes:
        at: Its dotted path; empty for the whole.
        calls: What is called, by the value of ``by``; ``null`` stands for ``None``. Under an empty text where there
            is nothing to choose.
        by: The key of the job that chooses.
        always: Whether it is written where it has no argument, too.
        when: As for moves; elsewhere it is written only where the job has more than defaults for it.
    """

    at: str
    calls: dict[str, str | None]
    by: str = ""
    always: bool = False
    when: dict[str, str] = field(default_factory=dict[str, str])


class JobConverter(Struct):
    """A model converter.

    Attributes:
        name: Its name in ``model.converters``, at 0.2.2.
        at: The path that the moves of its keys lead to.
        call: What is called.
    """

    name: str
    at: str
    call: str


class JobDefault(Struct):
    """What a job has to say now to mean what it meant without a word.

    Attributes:
        new: The dotted path in ``Trainer.Config``.
        value: The value, as source text.
        commit: The commit that brought the field.
        day: The day of that commit, ISO 8601.
        when: As for moves.
    """

    new: str
    value: str
    commit: str
    day: str
    when: dict[str, str] = field(default_factory=dict[str, str])


class JobAttention(Struct):
    """The attention that flavors had at 0.2.2 without a word.

    Attributes:
        models: The models.
        flavors: The flavors; ``null`` for all.
        attn_backend: The backend to name; ``null`` where the target has it no more.
        commit: The commit that changed it.
        day: The day of that commit, ISO 8601.
        help: What is otherwise than it was; empty where nothing is.
    """

    models: tuple[str, ...]
    flavors: tuple[str, ...] | None
    attn_backend: str | None
    commit: str
    day: str
    help: str = ""


class JobTrainer(Struct):
    """A trainer with a config class of its own, besides ``Trainer``.

    Attributes:
        models: The models whose jobs it trains.
        modules: The modules that jobs name for its keys, the last one first.
        always: Whether it trains these models whatever module a job names.
        renamed: Keys by the names that they had before those of 0.2.2.
        model_registry: What makes the models; empty where that is each model's own.
        optimizer: The class that holds the optimizers; empty for the usual one.
        loss: What is called for the loss.
        parts: The calls that are others, or more, than those of a job of ``Trainer``.
        moves: Likewise what became of keys and sections.
        defaults: Likewise what was meant without a word.
    """

    models: tuple[str, ...]
    modules: tuple[str, ...]
    loss: str
    parts: tuple[JobPart, ...]
    moves: tuple[JobMove, ...]
    always: bool = False
    renamed: dict[str, str] = field(default_factory=dict[str, str])
    model_registry: str = ""
    optimizer: str = ""
    defaults: tuple[JobDefault, ...] = ()


class JobRegistry(Struct):
    """How a job config is written as a function of a ``config_registry``.

    Attributes:
        source: Where these are from.
        written_for: The torchtitan whose job configs are meant, after all renames of keys.
        parts: The calls, those around others first.
        converters: The model converters, in the order that torchtitan asks for.
        moves: What became of keys and sections; of several the longest counts.
        defaults: What was meant without a word.
        attention: Likewise for attention.
        trainers: The trainers besides ``Trainer``.
    """

    source: str
    written_for: str
    parts: tuple[JobPart, ...]
    converters: tuple[JobConverter, ...]
    moves: tuple[JobMove, ...]
    defaults: tuple[JobDefault, ...]
    attention: tuple[JobAttention, ...]
    trainers: tuple[JobTrainer, ...]


FILES: dict[str, type[Struct]] = {
    "attention": AttentionFacts,
    "branches": Branches,
    "calls_inside": AllCallsInside,
    "fqn_parameters": FqnParameters,
    "job_keys": JobKeys,
    "job_registry": JobRegistry,
    "legacy_flavors": LegacyFlavors,
    "meshes": Meshes,
    "specs": Specs,
    "state_dicts": StateDicts,
}
"""The record of each file, by its name without ``.json``."""


@functools.cache
def attention() -> AttentionFacts:
    """Attention backends and the names around them."""
    return load_record(AttentionFacts, data_package.file("changes/facts_data/attention.json"))


@functools.cache
def legacy_flavors() -> LegacyFlavors:
    """Flavors that had their attention backend in the name."""
    return load_record(LegacyFlavors, data_package.file("changes/facts_data/legacy_flavors.json"))


@functools.cache
def fqn_parameters() -> FqnParameters:
    """What holds names of parameters or modules."""
    return load_record(FqnParameters, data_package.file("changes/facts_data/fqn_parameters.json"))


@functools.cache
def branches() -> Branches:
    """Where releases left main."""
    return load_record(Branches, data_package.file("changes/facts_data/branches.json"))


@functools.cache
def meshes() -> Meshes:
    """The names of meshes."""
    return load_record(Meshes, data_package.file("changes/facts_data/meshes.json"))


@functools.cache
def calls_inside() -> AllCallsInside:
    """How torchtitan calls what it lets others override."""
    return load_record(AllCallsInside, data_package.file(_CALLS_INSIDE))


@functools.cache
def calls_inside_at(key: str) -> Mapping[str, tuple[CallInside, ...]]:
    """How a bundled torchtitan calls what it lets others override, by what is called; nothing for one that is not bundled."""
    found: dict[str, tuple[CallInside, ...]] = {}
    # Most of the file is of others, and to make records of it takes longer than to read it.
    for keys, group in _groups_of_calls():
        if key in keys:
            for callee, calls in read(CallsInside, group).calls.items():
                found[callee] = (*found.get(callee, ()), *calls)
    return found


@functools.cache
def _groups_of_calls() -> list[tuple[frozenset[object], object]]:
    """The groups of calls with the keys of their surfaces, not yet made records."""
    value = load(data_package.file(_CALLS_INSIDE))
    groups = value.get("groups") if is_table(value) else None
    return [
        (frozenset(keys), group)
        for group in (groups if is_list(groups) else ())
        if is_table(group) and is_list(keys := group.get("of"))
    ]


_CALLS_INSIDE = "changes/facts_data/calls_inside.json"


@functools.cache
def specs() -> Specs:
    """What is in the fields of specs."""
    return load_record(Specs, data_package.file("changes/facts_data/specs.json"))


@functools.cache
def state_dicts() -> StateDicts:
    """The keys of state dicts."""
    return load_record(StateDicts, data_package.file("changes/facts_data/state_dicts.json"))


@functools.cache
def job_keys() -> JobKeys:
    """What became of the keys of job configs."""
    return load_record(JobKeys, data_package.file("changes/facts_data/job_keys.json"))


@functools.cache
def job_registry() -> JobRegistry:
    """How a job config is written in Python."""
    return load_record(JobRegistry, data_package.file("changes/facts_data/job_registry.json"))
