"""Arguments that take several lines, laid out as the code around them is."""

from __future__ import annotations

from titan_lint.rewriting.operations import AddKeyword, Operation, RemoveKeyword, ReplaceExpression

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Collection

    from titan_lint.uses.file import File


def indentation(file: File, text: str) -> str:
    """``text``, written with four spaces a level and line feeds, in the file's own way."""
    if any(line.startswith("\t") for line in file.source.text.splitlines()):
        text = text.replace("    ", "\t")
    return text.replace("\n", file.source.line_ending)


def call_with(
    file: File, call: ast.Call, name: str, value: str, gone: Collection[str]
) -> list[Operation]:
    """What puts ``name=value`` in the place of some keywords of a call.

    Args:
        file: The file.
        call: The call.
        name: The new keyword.
        value: Its value, over several lines that begin at the left edge.
        gone: The keywords that it replaces.
    """
    ending = file.source.line_ending
    if _own_lines(call):
        inner = _indent_of(file, [*call.args, *call.keywords][0].lineno)
        return [
            AddKeyword(call, name, value.replace(ending, ending + inner)),
            *(RemoveKeyword(call, keyword) for keyword in gone),
        ]
    outer = _indent_of(file, call.lineno)
    inner = outer + ("\t" if "\t" in outer else "    ")
    program = file.program
    parts = [program.text(argument) for argument in call.args]
    placed = False
    for keyword in call.keywords:
        if keyword.arg not in gone:
            parts.append(program.text(keyword))
        elif not placed:
            parts.append(f"{name}={value.replace(ending, ending + inner)}")
            placed = True
    if not placed:
        parts.append(f"{name}={value.replace(ending, ending + inner)}")
    lines = [f"{program.text(call.func)}(", *(f"{inner}{part}," for part in parts), f"{outer})"]
    return [ReplaceExpression(call, ending.join(lines))]


def _own_lines(call: ast.Call) -> bool:
    """Whether the arguments stand on lines of their own."""
    arguments = [*call.args, *call.keywords]
    end = call.func.end_lineno or call.lineno
    return bool(arguments) and all(argument.lineno > end for argument in arguments)


def _indent_of(file: File, line: int) -> str:
    text = file.source.line_text(line)
    return text[: len(text) - len(text.lstrip())]
