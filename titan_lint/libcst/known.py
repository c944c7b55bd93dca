"""What is known of one expression, in words that need no knowledge of titan-lint's inner ones."""

from __future__ import annotations

import functools
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from titan_lint.code.values import Bound, Instance, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from titan_lint.code.values import Value
    from titan_lint.finding import Finding


class Known:
    """What an expression is at the target.

    Args:
        of: Works out the path and the class.
        findings: Gives the findings on it.
        canonical: Gives the path at which torchtitan defines what stands at one of its paths.
    """

    def __init__(
        self,
        of: Callable[[], tuple[str | None, str | None]],
        findings: Callable[[], Sequence[Finding]],
        canonical: Callable[[str], str],
    ) -> None:
        # Most nodes are asked for nothing.
        self._of = of
        self._findings = findings
        self._canonical = canonical

    def __repr__(self) -> str:
        return f"Known(path={self.path!r}, type={self.type!r})"

    @functools.cached_property
    def _known(self) -> tuple[str | None, str | None]:
        return self._of()

    @property
    def path(self) -> str | None:
        """Where it is imported from, such as ``torchtitan.models.llama3.model_registry``.

        Of a method, the path of the class and the name. ``*`` stands for one part that is not known: what
        ``import_module(f"torchtitan.models.{name}")`` gives is at ``torchtitan.models.*``. ``None`` where
        it is no such thing, or may be one of several.
        """
        return self._known[0]

    @property
    def type(self) -> str | None:
        """The path of the class that it is an instance of; ``None`` as for :attr:`path`."""
        return self._known[1]

    @functools.cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What titan-lint's own rules find at it or within it, ordered by place and code."""
        return tuple(self._findings())

    def is_at(self, *paths: str) -> bool:
        """Whether it is certainly what stands at one of some paths.

        A part of a path may be a pattern: ``acme.models.*.build_model``. A torchtitan re-exports much of
        what it has; any path of a thing will do.
        """
        return self._is_one_of(self.path, paths)

    def is_instance_of(self, *classes: str) -> bool:
        """Whether it is certainly an instance of one of some classes, named as for :meth:`is_at`."""
        return self._is_one_of(self.type, classes)

    def _is_one_of(self, path: str | None, named: Sequence[str]) -> bool:
        if path is None:
            return False
        mine = {path, self._canonical(path)}
        return any(
            _fits(one, other) for one in mine for p in named for other in (p, self._canonical(p))
        )


def _fits(path: str, pattern: str) -> bool:
    """Whether each part of a path fits that of a pattern; what is not known fits nothing but ``*``."""
    parts, patterns = path.split("."), pattern.split(".")
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def place_of(value: Value) -> str | None:
    """The import path of a value; ``None`` where it has none."""
    match value:
        case Ref(path=path):
            return path
        case Bound(cls=cls, name=name):
            return f"{cls}.{name}"
        case _:
            return None


def type_of(value: Value) -> str | None:
    """The path of a value's class; ``None`` where it is not known."""
    return value.cls if isinstance(value, Instance) else None
