"""What a test is followed with: the names that stand for something known, and answers of three values."""

from __future__ import annotations

from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Mapping
    from typing import Protocol

    from titan_lint.code.names import Binding, FunctionNode
    from titan_lint.code.values import Values
    from titan_lint.uses.file import File

    Ask = Callable[[ast.expr, "Frame"], bool | None]
    Join = Callable[[Iterable[bool | None]], bool | None]

    class Answers(Protocol):
        """What the parts of the analysis ask of :class:`titan_lint.uses.conditions.truth.Truth`."""

        file: File

        def verdict(self, test: ast.expr) -> bool | None:
            """What a condition is at the target, ``None`` where that cannot be told."""
            ...

        def is_true(self, node: ast.expr, frame: Frame) -> bool | None:
            """Whether an expression is true, ``None`` where that cannot be told."""
            ...

        def breaks(self, loop: ast.For) -> bool | None:
            """Whether a loop over what is written out ends by ``break``; ``None`` where that cannot be told."""
            ...

        def once(
            self, ask: Callable[[ast.expr, Frame], object], node: ast.expr, frame: Frame
        ) -> object:
            """An answer, worked out once in a question; ``None`` where it would rest on itself."""
            ...

        def given(self, node: ast.expr, frame: Frame) -> tuple[ast.expr, Frame] | None:
            """What a name stands for in a frame, and the frame of that; ``None`` for what is no such name."""
            ...

        def live_bindings(self, name: ast.Name) -> list[Binding]:
            """What can have made a name at the target: not what it never runs, nor what it replaces."""
            ...

        def sole_value(self, name: ast.Name) -> ast.expr | None:
            """The one expression that gives a name its value at the target; ``None`` for another name."""
            ...

        def values(self, node: ast.expr, frame: Frame) -> Values:
            """What an expression may be."""
            ...

        def text(self, node: ast.expr, frame: Frame) -> str | None:
            """The one string that an expression is at the target; ``None`` for anything else."""
            ...

        def has(self, owner: ast.expr, name: ast.expr, frame: Frame) -> bool | None:
            """Whether something has a member of a name; ``None`` where that cannot be told."""
            ...

        def count(self, node: ast.expr, frame: Frame) -> int | None:
            """How many names an expression holds; ``None`` where that cannot be told."""
            ...

        def is_passed_by(self, match: ast.Match, case: ast.match_case) -> bool:
            """Whether ``match`` certainly gets to no statement of a case."""
            ...

        def cannot_import(self, module: str) -> bool:
            """Whether a module of the project certainly cannot be imported, for an import that it runs."""
            ...

        def parts(self, node: ast.expr, frame: Frame) -> list[ast.expr] | None:
            """The members of a collection that is written out."""
            ...

        def import_ends(self, statement: ast.Import | ast.ImportFrom) -> bool:
            """Whether an import of a module of the project never comes back."""
            ...

        def ends_elsewhere(self, call: ast.Call) -> bool:
            """Whether a call of a function of another file never comes back."""
            ...

        def may_be_put(self, path: str) -> bool:
            """Whether the file, or another one of the project, may put something at a path of torchtitan's."""
            ...

        def arguments(self, function: FunctionNode, call: ast.Call, frame: Frame) -> Given:
            """What the parameters of a function of the file stand for in a call of it."""
            ...


class Frame(Struct, eq=False):
    """The names that stand for something known while a function or loop is looked into."""

    given: Given


OUTSIDE = Frame({})
DEPTH = 14
"""How deep a test is followed, over names and into functions."""

if TYPE_CHECKING:
    Given = Mapping[ast.AST, tuple[ast.expr, Frame]]
    """What the names that a call or a loop binds stand for, by the syntax that binds them."""


def is_unpacked(binding: Binding) -> bool:
    """Whether a name is bound to a part of a value only."""
    return binding.index >= 0


def agreed(answers: Iterable[bool | None]) -> bool | None:
    """What all answers agree on; ``None`` where they differ."""
    found = set(answers)
    return found.pop() if len(found) == 1 else None


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether all answers are true; ``None`` where that cannot be told."""
    found = set(answers)
    return False if False in found else None if None in found else True


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Whether any answer is true; ``None`` where that cannot be told."""
    found = set(answers)
    return True if True in found else None if None in found else False
