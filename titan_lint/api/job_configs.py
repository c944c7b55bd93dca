"""Job configs: the TOML files that torchtitan read its ``JobConfig`` from, and what may stand in them."""

from __future__ import annotations

import ast
import functools
import re

from titan_lint.api import bundle, causes, history
from titan_lint.api.changes import facts
from titan_lint.api.entities import Class
from titan_lint.api.signatures import Function
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from titan_lint.api.causes import Cause
    from titan_lint.api.changes.facts import JobKeyChange, JobMove, JobTrainer
    from titan_lint.api.signatures import Parameter
    from titan_lint.api.surface import Provenance, Surface

    Path = tuple[str, ...]

_CONFIG = "torchtitan.config.job_config.JobConfig"
_TRAINER_CONFIG = "torchtitan.trainer.Trainer.Config"
_CHOOSING = (("module",), ("config",))
"""The options that choose a job where it is none of TOML."""
_MANAGER = "torchtitan.config.manager.ConfigManager"
_READER = "_maybe_load_toml"


class Schema(Struct):
    """What a torchtitan takes from a job config.

    Attributes:
        keys: The field of each key, by its path.
        sections: The tables.
    """

    keys: Mapping[Path, Parameter]
    sections: frozenset[Path]

    @property
    def refuses_others(self) -> bool:
        """Whether torchtitan stops at a key that it does not take; until 2025-08-28 it ignored them."""
        return tuple(facts.job_keys().ignored_beside.split(".")) not in self.keys


def reads_toml(surface: Surface) -> bool | None:
    """Whether a torchtitan reads job configs from TOML; ``None`` where its manager is not known."""
    manager = surface.lookup(_MANAGER)
    return None if not isinstance(manager, Class) else manager.member(_READER) is not None


@functools.lru_cache(maxsize=64)
def schema(surface: Surface, extension: str = "") -> Schema | None:
    """What may stand in a job config; ``None`` where that is not known.

    Args:
        surface: A torchtitan.
        extension: A module of it whose ``JobConfig`` is merged with torchtitan's own.
    """
    keys: dict[Path, Parameter] = {}
    sections: set[Path] = set()
    for path in (_CONFIG, f"{extension}.JobConfig") if extension else (_CONFIG,):
        cls = surface.lookup(path)
        if not isinstance(cls, Class) or not cls.is_dataclass or cls.open:
            return None
        # A field whose class is not known may be a section.
        if surface.rests_on_open(cls.module):
            return None
        _collect(surface, cls, (), keys, sections)
    return Schema(keys, frozenset(sections))


def _collect(
    surface: Surface, cls: Class, at: Path, keys: dict[Path, Parameter], sections: set[Path]
) -> None:
    for field in cls.fields:
        path = (*at, field.name)
        inner = surface.lookup(field.type) if field.type is not None else None
        if isinstance(inner, Class) and inner.is_dataclass:
            sections.add(path)
            _collect(surface, inner, path, keys, sections)
        else:
            keys[path] = field


def constant(default: str) -> tuple[object] | None:
    """The value of a field's default, the items of a list included; ``None`` where it is no constant."""
    try:
        node = ast.parse(default, mode="eval").body
        if isinstance(node, ast.Call) and len(node.keywords) == 1:
            factory = node.keywords[0].value
            if isinstance(factory, ast.Name) and factory.id in ("list", "dict"):
                return ([] if factory.id == "list" else {},)
            node = factory.body if isinstance(factory, ast.Lambda) else factory
        return (ast.literal_eval(node),)
    except (SyntaxError, ValueError):
        return None


def defaults(surface: Surface, extension: str = "") -> dict[Path, object]:
    """What each key of a job config is without a word; nothing where the keys are not known; see :func:`schema`."""
    known = schema(surface, extension)
    found = {
        path: constant(field.default)
        for path, field in (known.keys.items() if known is not None else ())
        if field.default is not None
    }
    return {path: value[0] for path, value in found.items() if value is not None}


@functools.cache
def _changes() -> dict[Path, JobKeyChange]:
    return {tuple(change.old.split(".")): change for change in facts.job_keys().changes}


class Gone(Struct):
    """What became of a key or section.

    Attributes:
        change: The record about it.
        old: The path that the record is about, the key itself or a section around it.
        new: Where the key is now; ``None`` where nothing means the same.
    """

    change: JobKeyChange
    old: Path
    new: Path | None


def gone(path: Path) -> Gone | None:
    """What became of a key that was given up, or of the section that it is in; ``None`` if neither was.

    A section tells of what went with it, and not of a key that was given up before, or never was.
    """
    for length in range(len(path), 0, -1):
        change = _changes().get(path[:length])
        if change is None:
            continue
        new = tuple(change.new.split(".")) + path[length:] if change.new is not None else None
        if length == len(path) or new is None or any(new in known for known in _taken()):
            return Gone(change, path[:length], new)
    return None


@functools.cache
def _taken() -> tuple[frozenset[Path], frozenset[Path]]:
    """The keys and the sections that any torchtitan known here takes."""
    keys: set[Path] = set()
    sections: set[Path] = set()
    for key in bundle.index():
        known = schema(bundle.load(key))
        if known is not None:
            keys |= known.keys.keys()
            sections |= known.sections
    return frozenset(keys), frozenset(sections)


@functools.cache
def _ever() -> tuple[frozenset[Path], frozenset[Path]]:
    """Those of :func:`_taken`, and those that are known to have become others."""
    keys, sections = map(set, _taken())
    for old in _changes():
        new = gone(old)
        is_section = new is not None and new.new in sections
        (sections if is_section else keys).add(old)
    return frozenset(keys), frozenset(sections)


def was_key(path: Path) -> bool:
    """Whether any torchtitan known here takes a key; of a section that was renamed, the new one's."""
    keys, sections = _ever()
    if path in keys:
        return True
    known = gone(path)
    return known is not None and known.old in sections and known.new in keys


def was_section(path: Path) -> bool:
    """Whether any torchtitan known here has a section."""
    return any(section[: len(path)] == path for section in _ever()[1])


@functools.cache
def taken_by(surface: Surface, path: Path) -> tuple[Provenance, bool] | None:
    """The nearest bundled torchtitan that takes a key or has a section, and whether it comes before ``surface``.

    ``None`` where none does.
    """
    for key, earlier in history.nearest(surface):
        known = schema(bundle.load(key))
        if known is not None and (path in known.keys or path in known.sections):
            return bundle.load(key).provenance, earlier
    return None


@functools.lru_cache(maxsize=4096)
def takes(surface: Surface, path: Path, *, every: bool = False) -> bool | None:
    """Whether the command line of a torchtitan takes an option; ``None`` where that is not known.

    Args:
        surface: The torchtitan.
        path: The option's key: ``("training", "steps")`` of ``--training.steps``.
        every: Whether every job has to take it, and not one at least of torchtitan's own.
    """
    is_old = reads_toml(surface)
    if is_old is None:
        return None
    if is_old is False and path in _CHOOSING:
        return True
    found = surface.lookup(_CONFIG if is_old else _TRAINER_CONFIG)
    if not isinstance(found, Class):
        return None
    if every:
        classes: tuple[Class, ...] = (found,)
    elif is_old:
        named = (
            surface.lookup(f"{m}.JobConfig") for m in surface.modules_with("names", "JobConfig")
        )
        classes = tuple({cls.path: cls for cls in named if isinstance(cls, Class)}.values())
    else:
        classes = surface.derived(found.path)
    found_there = _take(surface, classes, path, 0, every=every)
    # The config of another job may be in an open module, or be put together there.
    if found_there is False and surface.may_add(*path):
        return None
    return found_there


def _take(
    surface: Surface, classes: Iterable[Class], path: Path, depth: int, *, every: bool
) -> bool | None:
    answers: set[bool | None] = set()
    for cls in classes:
        if not cls.is_dataclass or cls.open:
            return None
        field = next((field for field in cls.fields if field.name == path[depth]), None)
        if field is None or "Suppress" in (field.annotation or ""):
            continue
        if depth == len(path) - 1:
            answers.add(True)
            continue
        below = _below(surface, field.type, path[: depth + 1], every=every)
        answers.add(
            _take(surface, below, path, depth + 1, every=every) if below is not None else None
        )
    return True if True in answers else None if None in answers else False


def _below(
    surface: Surface, annotated: str | None, at: Path, *, every: bool
) -> tuple[Class, ...] | None:
    """The classes that a section may be of; ``None`` where they are not known."""
    inner = surface.lookup(annotated) if annotated is not None else None
    if isinstance(inner, Class):
        return (inner,) if every else surface.derived(inner.path)
    if every:
        return None
    for part in facts.job_registry().parts:
        if part.at == ".".join(at) and part.by:
            named = [surface.lookup(call) for call in part.calls.values() if call is not None]
            if all(isinstance(cls, Class) for cls in named):
                return tuple(cls for cls in named if isinstance(cls, Class))
    return None


def moved(key: str, trainer: JobTrainer | None = None) -> JobMove | None:
    """What became of a key of the last torchtitan that read TOML; ``None`` where nothing is said of it.

    Args:
        key: Its dotted path.
        trainer: The trainer of the job, unless it is ``Trainer``.
    """
    fitting = [
        move
        for move in (*(trainer.moves if trainer is not None else ()), *facts.job_registry().moves)
        if key == move.old or key.startswith(f"{move.old}.")
    ]
    return max(fitting, key=lambda move: len(move.old), default=None)


_OWN_FILE = re.compile(
    r"(?:\./)?torchtitan/models/(?P<model>\w+)/train_configs/(?P<stem>[\w.-]+)\.toml"
)


def registered(surface: Surface, path: str) -> tuple[str, str] | None:
    """The module and the function in which a torchtitan has the job of a TOML file of its own history.

    ``None`` where the file is none of torchtitan's, or the job has no function of its name.
    """
    found = _OWN_FILE.fullmatch(path)
    if found is None:
        return None
    model, stem = found["model"], found["stem"].replace(".", "_").replace("-", "_")
    name = f"{model}_debugmodel" if stem == "debug_model" else stem.removesuffix("_model")
    registry = f"torchtitan.models.{model}.config_registry"
    is_there = isinstance(surface.lookup(f"{registry}.{name}"), Function)
    return (model, name) if is_there else None


class Renamed(Struct):
    """What became of an option.

    Attributes:
        change: The first record about it; ``None`` where it goes by its old name, or is only known to be gone.
        new: Its key now; ``None`` where nothing means the same.
        why: Why there is none, where that is known.
    """

    change: JobKeyChange | JobMove | None
    new: Path | None
    why: str = ""


def renamed(surface: Surface, path: Path) -> Renamed:
    """What became of an option until a torchtitan."""
    known = gone(path)
    change: JobKeyChange | JobMove | None = known.change if known is not None else None
    new = known.new if known is not None else path
    if new is not None and not reads_toml(surface):
        key = ".".join(new)
        move = moved(key)
        if move is not None:
            now = None if move.new is None else tuple((move.new + key[len(move.old) :]).split("."))
            if now != new:
                change, new = change or move, now
            if new is None:
                return Renamed(change, None, move.help)
    return Renamed(change, new)


@functools.cache
def option_taken_by(surface: Surface, path: Path) -> tuple[Provenance, bool] | None:
    """As :func:`taken_by`, of an option."""
    for key, earlier in history.nearest(surface):
        if takes(bundle.load(key), path):
            return bundle.index()[key], earlier
    return None


def cause(surface: Surface, point: Provenance, path: Path) -> Cause | None:
    """Which commit took a key, a section or an option away.

    Args:
        surface: The torchtitan that has it no more.
        point: The last bundled one that has it.
        path: What went.
    """
    had = bundle.load(point.key)
    for root in (_CONFIG, _TRAINER_CONFIG):
        cls = had.lookup(root)
        for part in path[:-1]:
            fields = cls.fields if isinstance(cls, Class) else ()
            field = next((field for field in fields if field.name == part), None)
            cls = had.lookup(field.type) if field is not None and field.type else None
        if isinstance(cls, Class):
            keys = history.timeline()[: history.position(surface)]
            after = keys[keys.index(point.key) + 1 :]
            gone = history.Presence(had, True, bundle.load(after[0]) if after else surface)
            return causes.of_going(surface, f"{cls.path}.{path[-1]}", gone)
    return None


@functools.cache
def near(surface: Surface, path: Path) -> Path | None:
    """The one option of every job that differs from another in the spelling of one part; ``None`` without one."""
    cls = surface.lookup(_CONFIG if reads_toml(surface) else _TRAINER_CONFIG)
    found: Path = ()
    for part in path:
        if not isinstance(cls, Class) or cls.open:
            return None
        fields = {field.name: field for field in cls.fields}
        if part not in fields:
            import difflib

            close = difflib.get_close_matches(part, fields, n=2, cutoff=_CLOSE)
            if len(close) != 1 or found != path[: len(found)]:
                return None
            (part,) = close
        found = (*found, part)
        cls = surface.lookup(fields[part].type or "")
    return found if found != path and takes(surface, found, every=True) else None


_CLOSE = 0.85
