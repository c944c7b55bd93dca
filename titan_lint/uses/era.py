"""The torchtitan that code was written for: what the user says, else the versions that it fits.

The user says it with ``--from``, in the configuration, or by the project's pin where the target is another
version. Else code is assumed to be written for the bundled versions at which all its uses of torchtitan resolve: its
imports, the attributes it takes from them, and the arguments of the calls of what it imports. The
files of a project are asked together, and each for itself where no version fits them all. Where the
target is among those versions, nothing follows; where none fits, the version is not known.

Fixes and edits by hand change what code fits, but not what it was written for. So where the project is
kept in git, what it said at HEAD goes first, as long as that tells an older version than the target.
"""

from __future__ import annotations

import ast
import functools
from functools import cached_property

from titan_lint.api import Class, Function, Module, bundle, history
from titan_lint.api.targets import label_of
from titan_lint.code.forms import last_name
from titan_lint.code.names import Kind
from titan_lint.code.program import Program
from titan_lint.code.walk import walk
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from titan_lint.api import Surface
    from titan_lint.api.surface import Fork
    from titan_lint.code.source import Source

_PACKAGE = "torchtitan"
# Words in a condition by which code asks for the version that it runs on.
_QUESTIONS = frozenset(
    {"hasattr", "getattr", "signature", "find_spec", "version", "__version__", "TYPE_CHECKING"}
)


class Use(Struct):
    """One use of torchtitan, as far as it can be checked at any version.

    Attributes:
        path: The import path.
        keywords: Keywords that a call of it passes.
        positional: How many positional arguments a call passes; -1 where it is not called.
    """

    path: str
    keywords: tuple[str, ...] = ()
    positional: int = -1


class Era:
    """The versions that code was written for, worked out when they are first asked for.

    Args:
        asked: Index keys of the version that was named; several where it lies between known ones.
        uses: Gives the uses to infer the versions from.
        project: The era of all files of the project, which goes first where it is known.
        head: Gives the era that the project had at HEAD, which goes before both where it tells more.
        pinned: Gives the index keys of the version that the project pins, as ``asked``, which count where
            the code is held against another one.
        whole: Whether the uses are all there are: those of every file that was written together.

    Attributes:
        is_consulted: Whether anybody has asked yet.
    """

    def __init__(
        self,
        asked: Sequence[str] = (),
        uses: Callable[[], Iterable[Use]] | None = None,
        project: Era | None = None,
        head: Callable[[], Era | None] | None = None,
        pinned: Callable[[], Sequence[str]] | None = None,
        *,
        whole: bool = True,
    ) -> None:
        self.asked = tuple(asked)
        self.is_consulted = False
        self._find = uses
        self._project = project
        self._head = head
        self._pinned = pinned
        self._fork: Fork | None = None
        self._among: dict[Fork, Era] = {}
        self._whole = whole

    def against(self, surface: Surface) -> Era:
        """The era that counts where the code is held against a version: this one, a pin's, or HEAD's."""
        self.is_consulted = True
        if self.asked:
            return self
        pinned = self._pinned() if self._pinned is not None else ()
        if pinned and surface.key not in pinned and self._fits(pinned):
            return Era(pinned)
        mine = self.among(surface.fork)
        head = self._head() if self._head is not None else None
        head = None if head is None else head.among(surface.fork)
        return mine if head is None or not head.keys or head.includes(surface) else head

    def among(self, fork: Fork | None) -> Era:
        """The era where the code may be written for what a fork offered, too."""
        if fork is None or not fork.surfaces or self._fork is fork:
            return self
        if fork not in self._among:
            project = None if self._project is None else self._project.among(fork)
            made = Era(self.asked, lambda: self.uses, project, whole=self._whole)
            made._fork = fork
            self._among[fork] = made
        return self._among[fork]

    def of_file(self, uses: Callable[[], Iterable[Use]]) -> Era:
        """The era of a file with other uses than it had, in the same surroundings."""
        return Era(self.asked, uses, self._project, self._head, self._pinned, whole=self._whole)

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """What the code uses; those that few versions have come first."""
        return tuple(sorted(dict.fromkeys(self._find() if self._find else ()), key=_cost))

    def _fits(self, pinned: Sequence[str]) -> bool:
        """Whether the code fits what the project pins: a pin of something else tells nothing of it."""
        return any(
            all(fits(use, surface) for use in self.uses) for surface in map(bundle.load, pinned)
        )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Index keys in order of time; empty where the version is not known."""
        self.is_consulted = True
        if self.asked:
            return self.asked
        if self._project is not None and self._project.keys:
            return self._project.keys
        if not self.uses:
            return ()
        return _fitting(self.uses, tuple(map(bundle.load, history.timeline(self._fork))))

    def includes(self, surface: Surface) -> bool:
        """Whether the code may have been written for ``surface`` itself."""
        self.is_consulted = True
        if self._project is not None and self._project.keys:
            return self._project.includes(surface)
        if surface.key in history.timeline(self._fork) or self.asked:
            return surface.key in self.keys
        return bool(self.uses) and all(fits(use, surface) for use in self.uses)

    @property
    def is_whole(self) -> bool:
        """Whether all that is asked agrees on the versions: the user's word, or every file's uses.

        Where the files of a project fit no version together, what one of them fits is a guess.
        """
        if self.asked:
            return True
        return (
            self._whole and bool(self.keys) and (self._project is None or bool(self._project.keys))
        )

    @property
    def label(self) -> str:
        """How messages call it: ``torchtitan main of 2026-02-23 to 2026-04-28``."""
        first, last = (bundle.load(self.keys[n]).provenance for n in (0, -1))
        if first is last:
            return label_of(first)
        if first.kind == last.kind == "main":
            return f"torchtitan main of {first.day} to {last.day}"
        return f"{label_of(first)} to {label_of(last).removeprefix('torchtitan ')}"


def of_programs(*programs: Program) -> Era:
    """The era of some files taken together."""
    return Era(uses=lambda: [use for program in programs for use in uses(program)])


def of_source(
    source: Source,
    project: Era | None = None,
    head: Callable[[], Era | None] | None = None,
    pinned: Callable[[], Sequence[str]] | None = None,
    *,
    whole: bool = True,
) -> Era:
    """As :func:`of_parsed`, for a file that nobody else parses."""
    return of_parsed(lambda: Program(source), project, head, pinned, whole=whole)


def of_parsed(
    parsed: Callable[[], Program],
    project: Era | None = None,
    head: Callable[[], Era | None] | None = None,
    pinned: Callable[[], Sequence[str]] | None = None,
    *,
    whole: bool = True,
) -> Era:
    """The era of a file that is parsed only if somebody asks.

    Args:
        parsed: Gives the file parsed.
        project: The era of all files of its project.
        head: Gives the era that the project had at HEAD.
        pinned: Gives the index keys of the version that the project pins.
        whole: Whether no other file was written together with it, but for those of the project.
    """
    return Era((), lambda: uses(parsed()), project, head, pinned, whole=whole)


# A file that is typed in uses the same from one keystroke to the next.
@functools.lru_cache(maxsize=16)
def _fitting(uses: tuple[Use, ...], surfaces: tuple[Surface, ...]) -> tuple[str, ...]:
    """The index keys of the versions, of some, at which all uses resolve."""
    # Cheap questions to all versions first, then the others to those that are left.
    for use in uses:
        surfaces = tuple(surface for surface in surfaces if fits(use, surface))
    return tuple(surface.key for surface in surfaces)


def _cost(use: Use) -> tuple[bool, str, tuple[str, ...], int]:
    return (use.positional >= 0, use.path, use.keywords, use.positional)


def fits(use: Use, surface: Surface) -> bool:
    """Whether a use resolves at a version."""
    entity = surface.lookup(use.path)
    if entity is None:
        return _beyond_sight(surface, use.path)
    if use.positional < 0:
        return True
    if isinstance(entity, Class) and use.positional == 0 and _is_plain_dataclass(entity):
        return all(_has_field(entity, name) for name in use.keywords)
    function = entity.constructor() if isinstance(entity, Class) else entity
    if not isinstance(function, Function) or function.open:
        return True
    if function.binding == "classmethod":
        function = function.bound()
    if not function.takes_any_positional and use.positional > len(function.positional):
        return False
    return function.takes_any_keyword or all(function.parameter(name) for name in use.keywords)


def _is_plain_dataclass(cls: Class) -> bool:
    """Whether the constructor takes the fields and nothing else, so that their names tell."""
    return (
        cls.is_dataclass
        and not cls.external_bases
        and all(cls.member(name) is None for name in ("__init__", "__new__"))
    )


def _has_field(cls: Class, name: str) -> bool:
    """Whether a dataclass declares a field: cheaper than working out all its parameters."""
    records = (ancestor.own(name) for ancestor in cls.mro)
    return any(record and record["k"] in "v=" and record.get("t") for record in records)


def _beyond_sight(surface: Surface, path: str) -> bool:
    """Whether a path that leads nowhere goes through something whose members are not known."""
    while path := path.rpartition(".")[0]:
        holder = surface.lookup(path)
        if isinstance(holder, Module | Class):
            return bool(holder.open)
        if holder is not None:
            return True
    return False


def uses(program: Program) -> list[Use]:
    """What a file uses of torchtitan; what it first asks for is left out."""
    found: list[Use] = []
    for statement in program.bindings.imports:
        if isinstance(statement, ast.Import):
            paths = [alias.name for alias in statement.names]
        elif statement.level == 0:
            paths = [
                f"{statement.module}.{alias.name}" if alias.name != "*" else statement.module or ""
                for alias in statement.names
            ]
        else:
            continue
        mine = [path for path in paths if path.partition(".")[0] == _PACKAGE]
        if mine and not _conditional(program, statement):
            found += map(Use, mine)
    for node in program.bindings.attributes:
        path = dotted_path(program, node)
        if path is not None and not _conditional(program, node):
            found.append(Use(path))
    for call in program.bindings.calls:
        path = dotted_path(program, call.func)
        if path is not None and not _conditional(program, call):
            keywords = tuple(sorted(k.arg for k in call.keywords if k.arg is not None))
            count = sum(not isinstance(argument, ast.Starred) for argument in call.args)
            found.append(Use(path, keywords, count))
    return found


def dotted_path(program: Program, node: ast.expr) -> str | None:
    """The import path of a dotted name that begins at an import of torchtitan; ``None`` for another."""
    return program.once(_dotted_paths).get(node)


def _dotted_paths(program: Program) -> dict[ast.expr, str]:
    """The import paths of all dotted names that begin at an import of torchtitan.

    They are few: it takes less to look for them once than to look at the beginnings of all dotted names.
    """
    found: dict[ast.expr, str] = {}
    for name in _imported(program):
        for load in program.loaded(name):
            path = _path_of(program, load)
            if path is None:
                continue
            found[load] = path
            for parent in program.ancestors(load):
                if not isinstance(parent, ast.Attribute):
                    break
                path = f"{path}.{parent.attr}"
                found[parent] = path
    return found


def _path_of(program: Program, name: ast.Name) -> str | None:
    """The import path of a name that one import of torchtitan binds; ``None`` for another one."""
    bindings = program.bindings.of(name)
    if len(bindings) != 1:
        return None
    (binding,) = bindings
    if binding.kind is Kind.IMPORT:
        start = binding.path
    elif binding.kind is Kind.FROM:
        start = f"{binding.path}.{binding.member}"
    else:
        return None
    return start if start.partition(".")[0] == _PACKAGE else None


def _imported(program: Program) -> set[str]:
    """The names that some import of torchtitan binds, which nearly all names are none of."""
    found: set[str] = set()
    for statement in program.of(ast.Import):
        for alias in statement.names:
            if alias.name.partition(".")[0] == _PACKAGE:
                found.add(alias.asname or _PACKAGE)
    for statement in program.of(ast.ImportFrom):
        if (statement.module or "").partition(".")[0] == _PACKAGE:
            found.update(alias.asname or alias.name for alias in statement.names)
    return found


def _conditional(program: Program, node: ast.AST) -> bool:
    """Whether code around ``node`` has an answer to its not being there."""
    child = node
    for parent in program.ancestors(node):
        if isinstance(parent, ast.Try) and parent.handlers and child not in parent.finalbody:
            return True
        if isinstance(parent, ast.If | ast.IfExp) and child is not parent.test:
            for part in walk(parent.test):
                if isinstance(part, ast.expr) and last_name(part) in _QUESTIONS:
                    return True
        child = parent
    return False
