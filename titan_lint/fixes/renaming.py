"""Uses of an import, written anew under another name."""

from __future__ import annotations

from titan_lint.code.uses import only, quoted
from titan_lint.rewriting.operations import Operation, ReplaceExpression
from titan_lint.uses.obligations import is_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.names import Binding
    from titan_lint.uses.file import File


def renamed(file: File, binding: Binding, bound: str, code: str) -> list[Operation] | None:
    """Operations that write ``code`` at every use of ``bound``; ``None`` where one cannot be told."""
    program = file.program
    if not only(program, binding) or is_asked_for(file, binding, bound):
        return None
    operations: list[Operation] = [ReplaceExpression(name, code) for name in program.loads(binding)]
    for node in quoted(program, bound):
        text = program.text(node)
        if node.value != bound or text[1:-1] != bound:
            return None
        operations.append(ReplaceExpression(node, f"{text[0]}{code}{text[0]}"))
    return operations
