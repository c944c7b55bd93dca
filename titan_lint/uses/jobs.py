"""A TOML file that torchtitan reads, or read, a job from: told by what is in it, never by its name."""

from __future__ import annotations

from functools import cached_property

from titan_lint.api import job_configs
from titan_lint.code import toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set

    from titan_lint.api.job_configs import Schema
    from titan_lint.api.targets import Target
    from titan_lint.code.source import Source
    from titan_lint.code.toml import Document
    from titan_lint.uses.options import Around

MARKS = frozenset(
    {
        ("job", "dump_folder"),
        ("model", "flavor"),
        ("model", "hf_assets_path"),
        ("training", "local_batch_size"),
        ("parallelism", "data_parallel_shard_degree"),
        ("parallelism", "data_parallel_replicate_degree"),
        ("parallelism", "tensor_parallel_degree"),
        ("parallelism", "pipeline_parallel_degree"),
        ("parallelism", "context_parallel_degree"),
        ("parallelism", "expert_parallel_degree"),
        ("activation_checkpoint", "mode"),
        ("activation_checkpoint", "selective_ac_option"),
        ("lr_scheduler", "decay_ratio"),
        ("lr_scheduler", "min_lr_factor"),
    }
)
"""Keys that torchtitan coined: ``[model] name``, ``[training] steps`` and ``[lr_scheduler] warmup_steps`` may be any trainer's."""

EXTENSIONS = (("job", "custom_config_module"), ("experimental", "custom_args_module"))
"""Keys that name a module whose ``JobConfig`` has more keys."""


class Job:
    """A job config, held against a torchtitan.

    Attributes:
        source: The file.
        document: What it says, with places.
        target: The torchtitan.
        around: What the project does with such files.
    """

    def __init__(self, source: Source, document: Document, target: Target, around: Around) -> None:
        self.source = source
        self.around = around
        self.document = document
        self.target = target

    @property
    def reads_toml(self) -> bool | None:
        """See :func:`titan_lint.api.job_configs.reads_toml`."""
        return job_configs.reads_toml(self.target.surface)

    @cached_property
    def extensions(self) -> dict[toml.Path, str]:
        """The modules that the file names for more keys, by the key that names them."""
        values = {entry.path: entry.value for entry in self.document.entries}
        return {
            path: value
            for path in EXTENSIONS
            if isinstance(value := values.get(path), str) and value
        }

    @cached_property
    def schema(self) -> Schema | None:
        """All that the target takes of this file; ``None`` where a module that is not known says more."""
        if not self.extensions:
            if self.around.extends:
                return None
            return job_configs.schema(self.target.surface)
        module = self.extensions.get(EXTENSIONS[0], "")
        if len(self.extensions) > 1 or not module.startswith("torchtitan."):
            return None
        return job_configs.schema(self.target.surface, module)


def document_of(source: Source) -> Document | None:
    """What a job config says; ``None`` for any other file.

    Two sections at least hold keys that some torchtitan takes, so do most of all keys, and one of them is of
    torchtitan's own making.
    """
    try:
        data = toml.load(source.text)
        paths = [path for path, _ in toml.leaves(data)]
        known = {path for path in paths if job_configs.was_key(path)}
        sections = {path[0] for path in known}
        if any(len(path) == 1 for path in paths) or len(sections) < 2:
            return None
        if 2 * len(known) <= len(paths) or not is_marked(known):
            return None
        return toml.read(source.text)
    except toml.TomlError:
        return None


def is_marked(paths: Set[toml.Path]) -> bool:
    """Whether a key of torchtitan's own making is among some.

    What has another name since, such as ``[training] batch_size``, may have been anybody's.
    """
    return not paths.isdisjoint(MARKS)
