"""LibCST's way to ask: metadata of nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import BaseMetadataProvider, PositionProvider

from titan_lint.api.targets import parse
from titan_lint.code.program import Program
from titan_lint.code.source import Source
from titan_lint.libcst.known import Known
from titan_lint.libcst.seen import Seen
from titan_lint.uses.file import File
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    See = Callable[[str], Seen]


class TorchtitanProvider(BaseMetadataProvider[Known]):
    """Tells of each expression what it is at the torchtitan that the file must fit, as :class:`Known`.

    It follows what LibCST's ``QualifiedNameProvider`` does not: assignments, attributes, ``import_module``
    of names that are put together, annotations, and what other modules of the project only pass on.

    With ``FullRepoManager`` (as Fixit uses it), each file is held against the torchtitan that titan-lint
    would choose: what the configuration says, else the project's own pin, else the newest release known.
    For a text that lies in no file::

        MetadataWrapper(module, cache={TorchtitanProvider: TorchtitanProvider.alone("0.3.0")})

    A file that is no Python to the running Python raises
    :class:`~titan_lint.code.source.SourceError`.
    """

    METADATA_DEPENDENCIES = (PositionProvider,)
    cache: See

    @staticmethod
    def gen_cache(
        root_path: Path,
        paths: list[str],
        *,
        timeout: int | None = None,
        use_pyproject_toml: bool = False,
    ) -> Mapping[str, object]:
        """What ``FullRepoManager`` asks for: how to see each file.

        Raises:
            ConfigError: The configuration is wrong.
            TargetError: A file belongs to a copy of torchtitan that cannot be read.
        """
        return {path: _in_its_project(str(root_path / path)) for path in paths}

    @staticmethod
    def alone(torchtitan: str = "latest") -> See:
        """What to give as cache for a text that lies in no file.

        Args:
            torchtitan: What it is held against, as ``--torchtitan`` takes it.

        Raises:
            TargetError: There is no such torchtitan.
        """
        targets = parse(torchtitan)

        def see(text: str) -> Seen:
            program = Program(Source("<text>", text))
            return Seen(
                [File(program, target, Options(), None, tuple(targets)) for target in targets]
            )

        return see

    def _gen_impl(self, module: cst.Module) -> None:
        seen = self.cache(module.code)
        module.visit(_Places(self, seen))

    def tell(self, node: cst.CSTNode, seen: Seen) -> None:
        """Say of a node what it is."""
        # LibCST does not say of what its lazy values are.
        place = self.get_metadata(PositionProvider, node)  # pyright: ignore[reportUnknownMemberType]
        self.set_metadata(node, seen.known(seen.span(place)))  # pyright: ignore[reportUnknownMemberType]


class _Places(cst.CSTVisitor):
    """Goes through all that findings can be on."""

    def __init__(self, provider: TorchtitanProvider, seen: Seen) -> None:
        super().__init__()
        self._provider = provider
        self._seen = seen

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(
            node, cst.BaseExpression | cst.BaseStatement | cst.BaseSmallStatement | cst.Module
        ):
            self._provider.tell(node, self._seen)
        return True


def _in_its_project(path: str) -> See:
    from titan_lint import rules
    from titan_lint.config.nearest import Nearest
    from titan_lint.config.settings import load_settings
    from titan_lint.run.cache_key import Copies
    from titan_lint.run.one_file import Job, check, files
    from titan_lint.run.parts import Parts
    from titan_lint.run.projects import Projects

    settings = load_settings({"paths": (path,), "no_cache": True})
    copies = Copies()
    is_copy = copies.hold(path)
    projects = Projects() if is_copy else Projects((path,), (path,), (), settings)
    job = Job(Parts(Nearest(settings), copies).of(path).targets, projects=projects)

    def see(text: str) -> Seen:
        data = text.encode("utf-8", "surrogatepass")
        if not is_copy:
            projects.remember(path, data)
        codes = tuple(rules.names())
        return Seen(files(job, path, data), lambda: check(job, path, data, codes).findings)

    return see
