"""What a job config says, what it leaves to defaults among it, in the keys of the last torchtitan that read it."""

from __future__ import annotations

import ast

from titan_lint.api import bundle, job_configs
from titan_lint.api.changes import facts
from titan_lint.structs import Struct
from titan_lint.typeguards import is_list

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from titan_lint.api.changes.facts import JobKeyChange, JobTrainer
    from titan_lint.api.surface import Surface
    from titan_lint.code.toml import Path
    from titan_lint.uses.jobs import Job


class SettingsError(Exception):
    """What a job says cannot be known; the message is one clause that says why."""


class Setting(Struct):
    """What a job says, or leaves to a default.

    Attributes:
        value: The value.
        written: How the file writes it; ``None`` for a default.
    """

    value: object
    written: str | None = None


class Settings:
    """All that a job says.

    Attributes:
        all: The settings by their dotted keys, at the torchtitan that :func:`facts.job_registry` is about.
        trainer: The trainer of the job, where that has a config class of its own.
        unknown: What the file says besides, by its path, with what became of it where that is known.
    """

    def __init__(self, job: Job, old: Surface) -> None:
        """Read the job.

        Raises:
            SettingsError: It takes keys from elsewhere.
        """
        self.trainer = _trainer(job)
        self.unknown: list[tuple[Path, Setting, JobKeyChange | None]] = []
        own = _of_trainer(old, self.trainer) if self.trainer is not None else {}
        usual = {
            new: value
            for path, value in job_configs.defaults(old).items()
            if (new := _now(path)) is not None
        }
        self._defaults = {".".join(path): value for path, value in {**usual, **own}.items()}
        self.all = {key: Setting(value) for key, value in self._defaults.items()}
        for entry in job.document.entries:
            path = _renamed(entry.path, self.trainer) if self.trainer is not None else entry.path
            new = path if path in own else _now(path)
            key = ".".join(new or ())
            value, written = entry.value, job.source.text[entry.place.start : entry.place.end]
            if new is None or (key not in self.all and not job_configs.was_key(new)):
                gone = job_configs.gone(entry.path)
                change = gone.change if gone is not None else None
                self.unknown.append((entry.path, Setting(value, written), change))
                continue
            if isinstance(value, str) and is_list(self._defaults.get(key)):
                # The first torchtitans read lists from texts with commas.
                value = [part for part in value.split(",") if part]
            self.all[key] = Setting(value, written)

    @property
    def converters(self) -> list[str]:
        """The names of the model converters, as they were last."""
        value = self.value("model.converters")
        names = [str(name) for name in value] if is_list(value) else []
        return [".".join(_now(tuple(name.split("."))) or (name,)) for name in names]

    def is_default(self, key: str) -> bool:
        """Whether a key has the value that it has without a word."""
        return self.value(key) == self._defaults.get(key)

    def value(self, key: str) -> object:
        """The value of a key; ``None`` for one that is not there."""
        setting = self.all.get(key)
        return setting.value if setting is not None else None

    def text(self, key: str) -> str:
        """The value of a key that holds a text."""
        return str(self.value(key))

    def holds(self, when: Mapping[str, str]) -> bool:
        """Whether all keys have, or hold among others, these values."""
        for key, source in when.items():
            value = self.converters if key == "model.converters" else self.value(key)
            if ast.literal_eval(source) not in (value if is_list(value) else [value]):
                return False
        return True


def _trainer(job: Job) -> JobTrainer | None:
    """The trainer of a job, unless it is ``Trainer``.

    Raises:
        SettingsError: It takes keys from elsewhere.
    """
    said = {".".join(entry.path): entry.value for entry in job.document.entries}
    model, modules = said.get("model.name", "llama3"), set(job.extensions.values())
    for trainer in facts.job_registry().trainers:
        if model in trainer.models and (modules or trainer.always):
            if modules <= {*trainer.modules}:
                return trainer
    for path, module in job.extensions.items():
        raise SettingsError(
            f"`{'.'.join(path)}` is `{module}`, whose keys no trainer of torchtitan's has"
        )
    return None


def _of_trainer(old: Surface, trainer: JobTrainer) -> dict[Path, object]:
    """The defaults of the keys that a trainer has besides those of all jobs, by what they are called in the facts.

    A file may have some that came after the torchtitan it is taken for, so the last ones count, too.
    """
    found: dict[Path, object] = {}
    for surface in (bundle.load(facts.job_registry().written_for), old):
        usual = job_configs.schema(surface)
        for module in trainer.modules:
            known = job_configs.schema(surface, module)
            if known is not None and usual is not None:
                values = job_configs.defaults(surface, module)
                own = values.keys() - usual.keys.keys()
                found |= {_renamed(path, trainer): values[path] for path in own}
    return found


def _renamed(path: Path, trainer: JobTrainer) -> Path:
    dotted = ".".join(path)
    return tuple(trainer.renamed.get(dotted, dotted).split("."))


def _now(path: Path) -> Path | None:
    """Where a key is at the torchtitan that the facts are about; ``None`` where it is gone."""
    gone = job_configs.gone(path)
    return path if gone is None else gone.new
