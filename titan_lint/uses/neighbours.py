"""What the other files of a project do to torchtitan that shows in this one.

Plugins put functions of their own in the place of torchtitan's: after
``context_parallel.apply_cp_to_attention_module = ours`` every other file calls ``ours``, whatever its
imports say. And they bring models, whose configs go wherever torchtitan declares that of a model.
"""

from __future__ import annotations

import ast
from functools import cached_property

from titan_lint.code.source import SourceError
from titan_lint.structs import Struct
from titan_lint.uses.era import dotted_path, uses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from titan_lint.api import Surface
    from titan_lint.code.program import Program
    from titan_lint.uses.era import Use


class Said(Struct):
    """What files of a project say about torchtitan.

    Attributes:
        uses: What they use of it.
        replaced: The paths into it that they put something else at, for good.
        configured: The names in their own configs.
    """

    uses: tuple[Use, ...]
    replaced: tuple[str, ...]
    configured: frozenset[str]


def said(files: Iterable[tuple[Program, bool]]) -> Said:
    """Gather what files say.

    Args:
        files: Each file, and whether it is a test: these put back what they replace.
    """
    used: list[Use] = []
    replaced: list[str] = []
    configured: set[str] = set()
    for program, is_test in files:
        try:
            mine = uses(program) if program.mentions_torchtitan else []
            if not is_test:
                replaced += _replaced(program) if program.mentions_torchtitan else ()
                configured.update(_configured(program))
        except SourceError:
            # What is nested too deeply to be followed says nothing.
            continue
        used += mine
    return Said(tuple(used), tuple(replaced), frozenset(configured))


class Neighbours:
    """The files of a project, read when they are first asked about.

    Args:
        find: Gives what they say.

    Attributes:
        is_consulted: Whether anybody has asked yet.
    """

    def __init__(self, find: Callable[[], Said]) -> None:
        self.is_consulted = False
        self._find = find

    @cached_property
    def _replaced(self) -> frozenset[str]:
        return frozenset(self._find().replaced)

    def configure(self, name: str) -> bool:
        """Whether a config of the project's own has a member of that name."""
        self.is_consulted = True
        return name in self._find().configured

    def replace(self, surface: Surface, paths: Iterable[str]) -> bool:
        """Whether one of some paths, or what holds it, may be something of the project's.

        Args:
            surface: The torchtitan that tells which paths lead to the same thing.
            paths: Dotted paths, such as ``torchtitan.trainer.Trainer.close``.
        """
        self.is_consulted = True
        # Nothing is put into a module that the target does not have.
        put = {path for path in self._replaced if self._is_there(surface, path.rpartition(".")[0])}
        if not put:
            return False
        same = {surface.resolve(path) or path for path in put} | put
        return any(
            holder in same
            for path in paths
            for holder in (*_holders(path), *_holders(surface.resolve(path) or path))
        )

    def _is_there(self, surface: Surface, path: str) -> bool:
        return surface.lookup(path) is not None or path in self._replaced


class Readers:
    """The files that may import from one file.

    Args:
        ask: Tells whether one of them may ask the file for a name.

    Attributes:
        is_consulted: Whether anybody has asked yet.
    """

    def __init__(self, ask: Callable[[str], bool]) -> None:
        self.is_consulted = False
        self._ask = ask

    def ask_for(self, name: str) -> bool:
        """Whether another file may ask for a name of the file's: import it, read it, replace it."""
        self.is_consulted = True
        return self._ask(name)


def _holders(path: str) -> Iterator[str]:
    """A path and all that it leads through, the package left out."""
    while "." in path:
        yield path
        path = path.rpartition(".")[0]


def _replaced(program: Program) -> Iterator[str]:
    """The paths that a file assigns to; what ``mock.patch`` puts there is taken away again."""
    for node in program.bindings.attributes:
        if isinstance(node.ctx, ast.Store):
            owner = dotted_path(program, node.value)
            if owner is not None:
                yield f"{owner}.{node.attr}"
    for call in program.bindings.calls:
        match call:
            case ast.Call(
                func=ast.Name(id="setattr"), args=[owner, ast.Constant(value=str() as name), _]
            ):
                path = dotted_path(program, owner)
                if path is not None:
                    yield f"{path}.{name}"
            case _:
                pass
    for item in program.bindings.items:
        match item:
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id="sys"), attr="modules"),
                slice=ast.Constant(value=str() as path),
                ctx=ast.Store(),
            ) if path.startswith("torchtitan."):
                yield path
            case _:
                pass


def _configured(program: Program) -> Iterator[str]:
    """The members of the classes that are configs by their name."""
    for node in program.nodes:
        if isinstance(node, ast.ClassDef) and node.bases and node.name.endswith(_CONFIGS):
            info = program.bindings.classes[node]
            yield from info.attributes
            yield from info.scope.bindings


_CONFIGS = ("Config", "Args")
