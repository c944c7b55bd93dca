"""Probes for what is gone that are asked for that very reason: to skip a test of it, or to refuse an old torchtitan."""

from __future__ import annotations

import ast

from titan_lint.code.forms import callee_name, last_name
from titan_lint.code.walk import walk
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.code.names import FunctionNode
    from titan_lint.uses.file import File

_SKIPPING = frozenset({"skip", "skipTest", "skipif", "skipIf", "skipUnless", "xfail", "SkipTest"})
_TESTING = frozenset({"pytest", "mark", "unittest", "self", "cls"})
_IGNORING = frozenset({"collect_ignore", "collect_ignore_glob"})
_DEPTH = 4
"""Through how many names and functions an answer is followed."""


def works_as_meant(file: File, probe: ast.Call) -> bool:
    """Whether an answer that finds nothing is what the code waits for: it decides on skipping, or that something is gone.

    So it is where only other files may go by a flag.
    """
    return _works(file, probe, Answer(is_flag=callee_name(probe) == "hasattr"))


class Answer(Struct):
    """What is known of an answer that is followed.

    Attributes:
        is_flag: Whether it is true or false, and nothing else.
        is_turned: Whether it is true where nothing is found.
        depth: Through how many names and functions it came.
    """

    is_flag: bool
    is_turned: bool = False
    depth: int = 0


def _works(file: File, node: ast.expr, answer: Answer) -> bool:
    child = node
    for around in file.program.ancestors(node):
        match around:
            case (
                ast.UnaryOp(op=ast.Not())
                | ast.Compare(
                    ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None | False)]
                )
            ):
                answer = Answer(answer.is_flag, not answer.is_turned, answer.depth)
            case ast.Call() if child is not around.func and callee_name(around) in _SKIPPING:
                return True
            case ast.Call() if callee_name(around) != "bool":
                return False
            case ast.Call() | ast.BoolOp() | ast.keyword() | ast.NamedExpr():
                pass
            case ast.Compare(ops=[ast.IsNot()], comparators=[ast.Constant(value=None | False)]):
                pass
            case ast.IfExp(test=test) if test is child:
                return _skips((around.body, around.orelse))
            case ast.If(test=test, body=body, orelse=orelse) if test is child:
                return _skips((*body, *orelse)) or _raises(orelse if answer.is_turned else body)
            case ast.Assert(test=test) if test is child:
                return answer.is_turned
            case ast.Return() if answer.depth < _DEPTH:
                function = file.program.function(around)
                return function is not None and _all_work(file, _calls(file, function), answer)
            case ast.Assign(targets=[ast.Name() as target]) if answer.depth < _DEPTH:
                return _all_work(file, file.program.loads_from(target), answer)
            case _:
                return False
        child = around
    return False


def _all_work(file: File, uses: Iterable[ast.expr], answer: Answer) -> bool:
    """Whether an answer works as meant wherever it is gone by; where that is nowhere, others may go by a flag."""
    further = Answer(answer.is_flag, answer.is_turned, answer.depth + 1)
    found = [_works(file, use, further) for use in uses]
    return all(found) if found else answer.is_flag


def _calls(file: File, function: FunctionNode) -> Iterator[ast.expr]:
    name = getattr(function, "name", "")
    return (
        call for call in file.program.called(name) if function not in file.program.ancestors(call)
    )


def _raises(block: list[ast.stmt]) -> bool:
    return bool(block) and isinstance(block[-1], ast.Raise)


def _skips(parts: Iterable[ast.AST]) -> bool:
    """Whether some code skips a test, or leaves out files of tests."""
    for inner in (inner for part in parts for inner in walk(part)):
        match inner:
            case ast.Name(id=name, ctx=ast.Store()) if name in _IGNORING:
                return True
            case ast.Name(id=name) if name in _SKIPPING:
                return True
            case ast.Attribute(value=owner, attr=name) if name in _SKIPPING:
                if last_name(owner) in _TESTING:
                    return True
            case _:
                pass
    return False
