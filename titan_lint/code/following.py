"""From a name to what it was bound to."""

from __future__ import annotations

import functools

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec, TypeVar

    from titan_lint.code.program import Program

    AskerT = TypeVar("AskerT")
    AnswerT = TypeVar("AnswerT")
    NothingT = TypeVar("NothingT")
    P = ParamSpec("P")

_LIMIT = 12
"""How deep a question is followed, over names and into expressions."""


def bound_values(program: Program, name: ast.Name) -> list[ast.expr | None]:
    """What each binding that may reach a name binds it to, in the order of ``Bindings.of``.

    That is the value of an assignment, the default of a parameter and what a loop runs through;
    ``None`` for a binding that has none of these, such as an import.
    """
    return [binding.value for binding in program.bindings.of(name)]


def bound_value(program: Program, name: ast.Name) -> ast.expr | None:
    """What a name was bound to; ``None`` where several bindings may reach it, or it has no value."""
    found = bound_values(program, name)
    return found[0] if len(found) == 1 else None


def follows(
    otherwise: NothingT,
) -> Callable[
    [Callable[Concatenate[AskerT, ast.expr, P], AnswerT]],
    Callable[Concatenate[AskerT, ast.expr, P], AnswerT | NothingT],
]:
    """Keep a function that asks itself about what a name was bound to from going on forever.

    It is asked about each expression once in a question, however many ways lead there. Where these
    go round in a circle, or too deep, its answer is ``otherwise``: that nothing is known.
    """

    def decorate(
        answer: Callable[Concatenate[AskerT, ast.expr, P], AnswerT],
    ) -> Callable[Concatenate[AskerT, ast.expr, P], AnswerT | NothingT]:
        answers: dict[ast.expr, AnswerT | NothingT] = {}
        depth = 0

        @functools.wraps(answer)
        def ask(
            asker: AskerT, node: ast.expr, *args: P.args, **kwargs: P.kwargs
        ) -> AnswerT | NothingT:
            nonlocal depth
            if node in answers:
                return answers[node]
            if depth > _LIMIT:
                return otherwise
            answers[node] = otherwise
            depth += 1
            try:
                found = answers[node] = answer(asker, node, *args, **kwargs)
            finally:
                depth -= 1
                if not depth:
                    answers.clear()
            return found

        return ask

    return decorate
