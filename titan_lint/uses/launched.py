"""What a program starts torchtitan's training with: commands for other processes, and lists of arguments."""

from __future__ import annotations

import ast
import re

from titan_lint.code.commands import Command, Word, in_shell
from titan_lint.code.following import bound_value
from titan_lint.code.forms import argument
from titan_lint.code.texts import text_of
from titan_lint.code.values import Collection, Const, Ref
from titan_lint.finding import Span
from titan_lint.uses.calls import sites
from titan_lint.uses.launches import Launch, launch_of, options_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File

_RUNNERS = {
    **{
        Ref(f"subprocess.{name}"): (0, "args")
        for name in ("run", "Popen", "call", "check_call", "check_output")
    },
    **{Ref(f"os.{name}"): (1, "args") for name in ("execv", "execvp", "execve", "execvpe")},
    Ref("os.system"): (0, "command"),
    Ref("os.popen"): (0, "cmd"),
}
"""What starts a program, and its parameter for the command."""

_SHELLS = (Ref("os.system"), Ref("os.popen"))

_PARSER = "torchtitan.config.manager.ConfigManager.parse_args"


def failures() -> tuple[type[BaseException], ...]:
    """What comes of an option that is not known: torchtitan's parser leaves, and a process that ends so may be an error."""
    # Takes as long to import as a small file to check.
    from subprocess import CalledProcessError

    return SystemExit, CalledProcessError


def launches_in(file: File) -> Iterator[tuple[ast.Call, Launch]]:
    """The calls of a file that start torchtitan's training, or read its options from a list, with these options."""
    for call in file.program.bindings.calls:
        runner = file.sole(call.func)
        if not isinstance(runner, Ref) or runner not in _RUNNERS:
            continue
        given = argument(call, *_RUNNERS[runner])
        for command in _commands(file, call, runner, given) if given is not None else ():
            launch = launch_of(command)
            if launch is not None:
                yield call, launch
    for site in file.once(sites):
        is_parser = all(_PARSER in (callee.path, callee.written) for callee in site.callees)
        if is_parser and _is_plain(file, site.call):
            words = _words(file, argument(site.call, 0, "args"))
            if words:
                span = Span(words[0].span.start, words[-1].span.end)
                yield site.call, Launch(options_of(words), span)


def _is_plain(file: File, call: ast.Call) -> bool:
    """Whether a method is called of what was made with no argument, such as a config of one's own."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    made = bound_value(file.program, owner) if isinstance(owner, ast.Name) else owner
    return isinstance(made, ast.Call) and not (made.args or made.keywords)


def _commands(file: File, call: ast.Call, runner: Ref, given: ast.expr) -> Iterator[Command]:
    """What a call runs: the words of a list, or of a text of shell that stands in the call."""
    span = file.program.span(given)
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        in_one = runner in _SHELLS or any(
            keyword.arg == "shell" and file.sole(keyword.value) == Const(True)
            for keyword in call.keywords
        )
        if in_one and file.source.text[span.start + 1 : span.end - 1] == given.value:
            yield from in_shell(file.source.text, span.start + 1, span.end - 1)
        return
    words = _words(file, given)
    if words:
        yield Command(words, Span(words[0].span.start, words[-1].span.end))


def _words(file: File, given: ast.expr | None) -> tuple[Word, ...]:
    """The words of a list that is written out, or of a text that is split where it stands; none of another thing."""
    made = bound_value(file.program, given) if isinstance(given, ast.Name) else given
    if isinstance(made, ast.Call):
        return tuple(_split(file, made)) if made is given or _is_alone(file, given) else ()
    value = file.sole(given) if given is not None else None
    if not isinstance(value, Collection) or not isinstance(value.node, ast.List | ast.Tuple):
        return ()
    # What else has the list may put more options into it.
    is_alone = given is value.node or _is_alone(file, given)
    return tuple(_word(file, element, can_change=is_alone) for element in value.node.elts)


def _is_alone(file: File, given: ast.expr | None) -> bool:
    """Whether a name is read where a call gets it, and nowhere else."""
    if not isinstance(given, ast.Name):
        return False
    return [file.program.loads(each) for each in file.program.bindings.of(given)] == [[given]]


def _split(file: File, call: ast.Call) -> Iterator[Word]:
    """The words of a text that is split where it stands: ``"--a 1".split()``, ``shlex.split("--a 1")``."""
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str() as text) as whole, attr="split"),
            args=[],
        ):
            pass
        case ast.Call(func=function, args=[ast.Constant(value=str() as text) as whole]) if (
            file.sole(function) == Ref("shlex.split") and not re.search(r"[\"'\\#]", text)
        ):
            pass
        case _:
            return
    if call.keywords:
        return
    span = file.program.span(whole)
    is_exact = file.source.text[span.start + 1 : span.end - 1] == text
    for found in re.finditer(r"\S+", text):
        start = span.start + 1 + found.start()
        part = Span(start, start + len(found[0])) if is_exact else span
        yield Word(found[0], True, part, part.start, len(found[0]) if is_exact else 0)


def _word(file: File, element: ast.expr, *, can_change: bool) -> Word:
    span = file.program.span(element)
    # A starred one may be any number of words.
    text = None if isinstance(element, ast.Starred) else text_of(file.sole(element))
    known, _, more = ("", "*", "") if text is None else text.partition("*")
    inner = span.start + 1
    is_exact = can_change and file.source.text[inner : span.end - 1] == known
    whole = text == known and not more
    return Word(known, whole, span, inner, len(known) if is_exact else 0)
