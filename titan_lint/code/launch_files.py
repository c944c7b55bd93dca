"""The commands in a file that is no program: a shell script, or what holds commands among other things.

Of each kind of file that what is no command is blanked, so that places stay what they are.
"""

from __future__ import annotations

import importlib
import os
import re

from titan_lint.code.commands import Command, Word, can_read_shell, in_shell
from titan_lint.code.screen import BUILDS, is_any_json
from titan_lint.finding import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from titan_lint.code.source import Source

_NAMES_IT = re.compile(r"torchtitan|run_train\.sh")
_RECIPE = re.compile(r"^\t[@+-]*(?P<said>(?:[^\\\n]|\\(?:\r\n|.))*)", re.MULTILINE | re.DOTALL)
_INSTRUCTION = re.compile(
    r"^[ \t]*(?:RUN|CMD|ENTRYPOINT)[ \t](?:[ \t]*--\w+=\S+)*(?P<said>(?:[^\\\n]|\\(?:\r\n|.))*)",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
# What takes a template's place is a variable.
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\$\{\{.*?\}\}")
_JSON_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|(?P<no>//[^\n]*|/\*.*?\*/|\t)', re.DOTALL)


def commands(source: Source) -> Iterator[Command]:
    """The commands of a file that name torchtitan, or a script of its; none where it cannot be read."""
    name, text = source.path, source.text
    if name.endswith((".yaml", ".yml")):
        found = _in_yaml(text)
    elif name.endswith((".json", ".code-workspace")):
        plain = _JSON_COMMENT.sub(lambda m: " " * len(m[0]) if m["no"] else m[0], text)
        found = _in_data(plain) if is_any_json(name) else _in_yaml(plain)
    elif name.endswith(("Makefile", ".mk")):
        found = in_shell(_only(_RECIPE, text))
    elif name.endswith(("Dockerfile", "Containerfile")) or name.rpartition(os.sep)[2].startswith(
        BUILDS
    ):
        found = _in_dockerfile(text)
    else:
        found = in_shell(text)
    return (one for one in found if any(_NAMES_IT.search(word.text) for word in one.words))


def _only(pattern: re.Pattern[str], text: str) -> str:
    """A text in which all is blank but what a pattern finds as ``said``."""
    kept, end = "", 0
    for match in pattern.finditer(text):
        start = match.start("said")
        kept += _blank(text[end:start]) + text[start : match.end()]
        end = match.end()
    return kept + _blank(text[end:])


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def _in_dockerfile(text: str) -> Iterator[Command]:
    lists = re.compile(
        _INSTRUCTION.pattern.replace("(?P<said>", r"[ \t]*(?P<said>\[", 1), _INSTRUCTION.flags
    )
    for match in lists.finditer(text):
        yield from _in_yaml(text[: match.end()], match.start("said"))
    yield from in_shell(_only(_INSTRUCTION, lists.sub(lambda m: _blank(m[0]), text)))


def _composed(text: str) -> list[Any]:
    """The nodes of the documents of YAML; none where they cannot be read."""
    if not can_read_shell():
        return []
    yaml: Any = importlib.import_module("yaml")
    # LibYAML takes a tenth of the time, where PyYAML was built with it. It counts no byte order mark.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if "\ufeff" in text:
        loader = yaml.SafeLoader
    try:
        roots: list[Any] = list(yaml.compose_all(text, loader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    return [root for root in roots if root is not None]


def _in_data(text: str) -> Iterator[Command]:
    """The commands in JSON that may be about anything: those under a key that says that they are run.

    What begins with any word before the command, or has it in backticks, may be prose.
    """
    pending = [(root, "") for root in _composed(text)]
    seen: set[int] = set()
    while pending:
        node, key = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.id == "mapping":
            # Of commands by their names, as in `scripts`.
            under = key if _RUN.search(key) and key.endswith("s") else ""
            pending += [(value, under or str(name.value)) for name, value in node.value]
        elif node.id == "sequence":
            pending += [(inner, key) for inner in node.value]
            if _RUN.search(key):
                yield from _of_list(text, [], node.value, 0)
        elif _RUN.search(key) and _NAMES_IT.search(node.value) and "`" not in node.value:
            yield from filter(_is_no_prose, _in_scalar(text, node, 0))


_RUN = re.compile(
    r"(?:(?:^|[\W_])(?i:command|cmd|entry_?point|script|exec|launch|arg|argument|run)"
    r"|(?:Command|Cmd|Entry[Pp]oint|Script|Exec|Launch|Arg|Argument|Run))s?$"
)
"""How the keys end whose values are run: ``setup-commands``, ``postCreateCommand``, ``entrypoint``."""


def _is_no_prose(command: Command) -> bool:
    """Whether a command begins with what starts programs, and not with any word."""
    return _STARTERS.fullmatch(command.words[0].text) is not None


_STARTERS = re.compile(
    r"(?:.*/)?(?:python[\d.]*|torchrun|run_train\.sh|(?:ba|z)?sh|srun|sudo|nohup|exec|env|time|uv|accelerate)"
)


def _in_yaml(text: str, start: int = 0) -> Iterator[Command]:
    """The commands in the texts and lists of a part of YAML, or of JSON."""
    pending = _composed(text[start:])
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.id == "scalar":
            if _NAMES_IT.search(str(node.value)):
                yield from _in_scalar(text, node, start)
        elif node.id == "sequence":
            pending += node.value
            yield from _of_list(text, [], node.value, start)
        elif node.id == "mapping":
            pending += [inner for pair in node.value for inner in pair]
            yield from _of_launch(text, node, start)


def _in_scalar(text: str, node: Any, offset: int) -> Iterator[Command]:
    """The commands of a text in YAML that stands in the file as it is, but for indentation."""
    start, end = offset + node.start_mark.index, offset + node.end_mark.index
    said = text[start:end]
    if node.style in ("|", ">"):
        header = said.find("\n") + 1
        said = " " * header + said[header:]
    elif node.style in ('"', "'"):
        if said[1:-1] != node.value:
            return
        said = f" {said[1:-1]} "
    if node.style not in ("|", '"', "'"):
        said = re.sub(r"[\r\n]", " ", said)
    said = _TEMPLATE.sub(lambda match: "$" + "_" * (len(match[0]) - 1), said)
    yield from in_shell(text[:start] + said, start)


def _of_launch(text: str, node: Any, start: int) -> Iterator[Command]:
    """The command that a launch configuration of an editor stands for."""
    entries: dict[str, Any] = {str(key.value): value for key, value in node.value}
    program = entries.get("module") or entries.get("program")
    arguments = entries.get("args")
    if program is not None and arguments is not None and arguments.id == "sequence":
        first = ["python", "-m"] if "module" in entries else ["python"]
        items: list[Any] = arguments.value
        yield from _of_list(text, first, [program, *items], start)


def _of_list(
    text: str, first: Sequence[str], nodes: Sequence[Any], offset: int
) -> Iterator[Command]:
    """The command whose words are the items of a list, behind some that are not written."""
    words: list[Word] = []
    for node in nodes:
        if not isinstance(node.value, str):
            return
        start, end = offset + node.start_mark.index, offset + node.end_mark.index
        inner = start + (text[start : start + 1] in ("'", '"'))
        is_exact = text[inner : inner + len(node.value)] == node.value
        known = re.split(r"\$|\{\{", node.value, maxsplit=1)[0]
        is_whole = known == node.value
        if node.value.startswith("${workspaceFolder}/"):
            known, is_whole, is_exact = node.value, True, False
        words.append(Word(known, is_whole, Span(start, end), inner, len(known) if is_exact else 0))
    if words:
        span = Span(words[0].span.start, words[-1].span.end)
        unwritten = Span(span.start, span.start)
        before = [Word(word, True, unwritten, span.start, 0) for word in first]
        yield Command((*before, *words), span)
