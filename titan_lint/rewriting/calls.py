"""Arguments of calls: add, remove, rename, and turn positional ones into keywords, with LibCST.

The call alone is parsed. Its layout decides how it grows: an argument a line stays an argument a line,
with or without the trailing comma, and comments keep their place.
"""

from __future__ import annotations

import libcst as cst

from titan_lint.rewriting.edits import Refused
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

_UNPARSABLE = (cst.ParserSyntaxError, cst.CSTLogicError, cst.CSTValidationError)

CallOperation = AddKeyword | RemoveKeyword | RemoveArgument | RenameKeyword | NameArguments


def rewrite_call(program: Program, call: ast.Call, operations: Sequence[CallOperation]) -> str:
    """The source text of a call after some operations on its arguments.

    Args:
        program: The file.
        call: The call.
        operations: What to do, in order.

    Raises:
        Refused: LibCST reads the text differently, or the arguments leave no place.
        RecursionError: The call is nested more deeply than LibCST goes.
    """
    text, line_ending = program.text(call), program.source.line_ending
    config = cst.PartialParserConfig(default_newline=line_ending)
    try:
        # The parentheses let a call that spans lines stand alone.
        node = cst.parse_expression(f"({text})", config)
    except _UNPARSABLE as error:
        # Adjoining t-strings, as of LibCST 1.9.
        raise Refused("LibCST cannot parse the call") from error
    module = cst.Module(body=[], default_newline=line_ending)
    if not isinstance(node, cst.Call) or module.code_for_node(node) != f"({text})":
        raise Refused("LibCST reads the call differently")
    try:
        for operation in operations:
            node = _after(node, operation)
    except _UNPARSABLE as error:
        # Nodes check themselves when they are made.
        raise Refused("LibCST cannot write the call") from error
    return module.code_for_node(node)[1:-1]


def _after(node: cst.Call, operation: CallOperation) -> cst.Call:
    match operation:
        case AddKeyword():
            return _add(node, operation)
        case RemoveKeyword(name=name):
            return _remove(node, _index(node, name))
        case RemoveArgument(index=index):
            return _remove(node, index)
        case RenameKeyword(keyword=keyword, name=name):
            if keyword.arg is None:
                raise Refused("the argument has no name")
            index = _index(node, keyword.arg)
            return _replace(node, index, node.args[index].with_changes(keyword=cst.Name(name)))
        case NameArguments(names=names):
            return _name(node, names)


def _index(node: cst.Call, name: str) -> int:
    for index, argument in enumerate(node.args):
        if argument.keyword is not None and argument.keyword.value == name:
            return index
    raise Refused(f"the call has no argument {name!r}")


def _replace(node: cst.Call, index: int, argument: cst.Arg) -> cst.Call:
    arguments = list(node.args)
    arguments[index] = argument
    return node.with_changes(args=arguments)


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return cst.Arg(keyword=cst.Name(name), value=value, equal=tight)


def _add(node: cst.Call, operation: AddKeyword) -> cst.Call:
    try:
        argument = _keyword(operation.name, cst.parse_expression(operation.value))
    except _UNPARSABLE as error:
        raise Refused("LibCST cannot parse the argument") from error
    if not node.args:
        return node.with_changes(args=[argument])
    *rest, last = node.args
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        raise Refused("a bare generator takes no argument beside it")
    before_last = rest[-1].comma if rest else None
    lead = (
        before_last.whitespace_after
        if isinstance(before_last, cst.Comma)
        else node.whitespace_before_args
    )
    if isinstance(last.comma, cst.Comma):
        # A trailing comma: the new argument gets one too, in the same layout.
        end = last.comma.whitespace_after
        between, closing = _split_whitespace(end, lead)
        last = last.with_changes(comma=last.comma.with_changes(whitespace_after=between))
        argument = argument.with_changes(comma=cst.Comma(whitespace_after=closing))
    else:
        end = last.whitespace_after_arg
        multi_line = isinstance(end, cst.ParenthesizedWhitespace) and isinstance(
            lead, cst.ParenthesizedWhitespace
        )
        if multi_line:
            between, closing = _split_whitespace(end, lead)
        else:
            between, closing = cst.SimpleWhitespace(" "), end
            if isinstance(end, cst.ParenthesizedWhitespace) and end.first_line.comment:
                raise Refused("a comment stands behind the last argument")
        last = last.with_changes(
            comma=cst.Comma(whitespace_after=between), whitespace_after_arg=cst.SimpleWhitespace("")
        )
        argument = argument.with_changes(whitespace_after_arg=closing)
    return node.with_changes(args=[*rest, last, argument])


def _split_whitespace(
    end: cst.BaseParenthesizableWhitespace, lead: cst.BaseParenthesizableWhitespace
) -> tuple[cst.BaseParenthesizableWhitespace, cst.BaseParenthesizableWhitespace]:
    """What goes between the last argument and a new one, and what then follows the new one.

    ``end`` follows the last argument now, ``lead`` stands before it. A comment behind the last
    argument stays with it.
    """
    if not isinstance(end, cst.ParenthesizedWhitespace):
        return cst.SimpleWhitespace(" "), end
    if not isinstance(lead, cst.ParenthesizedWhitespace):
        if end.first_line.comment or end.empty_lines:
            raise Refused("a comment stands behind the last argument")
        return cst.SimpleWhitespace(" "), end
    between = end.with_changes(indent=lead.indent, last_line=lead.last_line)
    closing = end.with_changes(
        first_line=end.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace("")),
        empty_lines=(),
    )
    return between, closing


def _remove(node: cst.Call, index: int) -> cst.Call:
    arguments = list(node.args)
    gone = arguments.pop(index)
    previous = node.args[index - 1].comma if index else None
    lead = (
        previous.whitespace_after
        if isinstance(previous, cst.Comma)
        else node.whitespace_before_args
    )
    own_line = isinstance(lead, cst.ParenthesizedWhitespace)
    behind = (
        gone.comma.whitespace_after
        if isinstance(gone.comma, cst.Comma)
        else gone.whitespace_after_arg
    )
    comment = isinstance(behind, cst.ParenthesizedWhitespace) and behind.first_line.comment
    if comment and not own_line:
        raise Refused("a comment stands behind the argument and others on its line")
    if isinstance(behind, cst.ParenthesizedWhitespace) and any(
        line.comment for line in behind.empty_lines
    ):
        raise Refused("a comment stands behind the argument")
    last = index == len(arguments)
    if not last:
        # What follows takes the place of what is removed; the whitespace before it stays.
        if isinstance(behind, cst.ParenthesizedWhitespace) and not own_line:
            raise Refused("the argument ends a line that others stand on")
        return node.with_changes(args=arguments)
    if not arguments:
        if isinstance(behind, cst.ParenthesizedWhitespace) and comment:
            raise Refused("a comment stands behind the only argument")
        return node.with_changes(args=[], whitespace_before_args=cst.SimpleWhitespace(""))
    kept = arguments[-1]
    comma = kept.comma
    assert isinstance(comma, cst.Comma)
    if isinstance(gone.comma, cst.Comma):
        between = comma.whitespace_after
        if isinstance(between, cst.ParenthesizedWhitespace) and isinstance(
            behind, cst.ParenthesizedWhitespace
        ):
            between = between.with_changes(indent=behind.indent, last_line=behind.last_line)
        else:
            between = behind
        kept = kept.with_changes(comma=comma.with_changes(whitespace_after=between))
    else:
        between = comma.whitespace_after
        if isinstance(between, cst.ParenthesizedWhitespace) and isinstance(
            behind, cst.ParenthesizedWhitespace
        ):
            behind = between.with_changes(indent=behind.indent, last_line=behind.last_line)
        elif isinstance(between, cst.ParenthesizedWhitespace) and between.first_line.comment:
            raise Refused("a comment stands behind the argument before")
        kept = kept.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=behind)
    arguments[-1] = kept
    return node.with_changes(args=arguments)


def _name(node: cst.Call, names: Sequence[tuple[int, str]]) -> cst.Call:
    arguments = list(node.args)
    for index, name in names:
        argument = arguments[index]
        if argument.keyword is not None or argument.star:
            raise Refused("the argument is not positional")
        if isinstance(argument.value, cst.NamedExpr | cst.GeneratorExp) and not argument.value.lpar:
            raise Refused("the argument needs parentheses")
        named = _keyword(name, argument.value)
        arguments[index] = argument.with_changes(keyword=named.keyword, equal=named.equal)
    return node.with_changes(args=arguments)
