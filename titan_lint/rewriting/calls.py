"""Arguments of calls: add, remove, rename, and turn positional ones into keywords.

The call's layout decides how it grows: an argument a line stays an argument a line, with or without
the trailing comma, and comments keep their place. What is not laid out plainly is left to LibCST.
"""

from __future__ import annotations

from titan_lint.rewriting.listing import Item, NotPlain, arguments_of, broken, require_plain_value
from titan_lint.rewriting.loading import require_libcst
from titan_lint.rewriting.operations import (
    AddKeyword,
    NameArguments,
    RemoveArgument,
    RemoveKeyword,
    RenameKeyword,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from titan_lint.code.program import Program
    from titan_lint.rewriting.listing import Listing

CallOperation = AddKeyword | RemoveKeyword | RemoveArgument | RenameKeyword | NameArguments


def rewrite_call(program: Program, call: ast.Call, operations: Sequence[CallOperation]) -> str:
    """The source text of a call after some operations on its arguments.

    Args:
        program: The file.
        call: The call.
        operations: What to do, in order.

    Raises:
        Refused: LibCST reads the text differently, or the arguments leave no place.
        Postponed: It takes LibCST, which this process is not to load.
    """
    try:
        return plainly_rewritten(program, call, operations)
    except NotPlain:
        require_libcst()
        from titan_lint.rewriting.cst_calls import rewritten

        return rewritten(program.text(call), operations, program.source.line_ending)


def plainly_rewritten(program: Program, call: ast.Call, operations: Sequence[CallOperation]) -> str:
    """As :func:`rewrite_call`, without LibCST, to the same text.

    Raises:
        NotPlain: The call is not laid out plainly, or leaves no clean way.
    """
    arguments = arguments_of(program, call)
    for operation in operations:
        match operation:
            case AddKeyword(name=name, value=value):
                require_plain_value(program.source, value)
                _add(arguments, Item(f"{name}={value}", name))
            case RemoveKeyword(name=name):
                _remove(arguments, _index(arguments, name))
            case RemoveArgument(index=index):
                _remove(arguments, index)
            case RenameKeyword(keyword=keyword, name=name):
                argument = arguments.items[_index(arguments, keyword.arg)]
                argument.text = name + argument.text.removeprefix(argument.name or "")
                argument.name = name
            case NameArguments(names=names):
                for index, name in names:
                    argument = arguments.items[index]
                    if argument.name is not None or argument.text.startswith("*"):
                        raise NotPlain
                    argument.text = f"{name}={argument.text}"
                    argument.name = name
    return arguments.text()


def _index(arguments: Listing, name: str | None) -> int:
    for index, argument in enumerate(arguments.items):
        # Python's tree has names in a normal form, which may not be the one in the text.
        if name and argument.name == name and argument.text.startswith(name):
            return index
    raise NotPlain


def _add(arguments: Listing, new: Item) -> None:
    if not arguments.items:
        arguments.items.append(new)
        return
    last = arguments.items[-1]
    end, lead = broken(last.after), broken(arguments.lead_of(len(arguments.items) - 1))
    if end and lead:
        # A comment behind the last argument stays with it.
        between, closing = end.indented_as(lead), end.newline + end.last
    elif end and (end.has_comment or (last.comma and end.more)):
        raise NotPlain
    else:
        between, closing = " ", last.after
    # Where there is a trailing comma, the new argument gets one too, in the same layout.
    new.end("", last.comma, closing)
    last.end(last.before, True, between)
    arguments.items.append(new)


def _remove(arguments: Listing, index: int) -> None:
    lead = broken(arguments.lead_of(index))
    gone = arguments.items.pop(index)
    behind = broken(gone.after)
    if behind and ("#" in behind.more or (behind.has_comment and not lead)):
        raise NotPlain
    if index < len(arguments.items):
        # What follows takes the place of what is removed; the white space before it stays.
        if behind and not lead:
            raise NotPlain
    elif not arguments.items:
        if behind and behind.has_comment:
            raise NotPlain
        arguments.lead = ""
    else:
        kept = arguments.items[-1]
        if lead and behind:
            after = lead.indented_as(behind)
        elif "#" in kept.after:
            raise NotPlain
        else:
            after = gone.after
        kept.end(kept.before if gone.comma else "", gone.comma, after)
