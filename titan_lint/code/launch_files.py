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
_DEFINE = re.compile(r"^define\b.*?^endef\b", re.MULTILINE | re.DOTALL)
_HERE = re.compile(
    r"^([ \t]*(?:RUN|COPY|ADD)\b[^\n]*<<-?([\"']?)(\w+)\2[^\n]*\n).*?^\t*\3[ \t\r]*$",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
"""What an instruction of a Dockerfile hands on as it stands there."""

# What takes a template's place is a variable.
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\$\{\{.*?\}\}")
_JSON_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*"|(?P<no>//[^\n]*|/\*.*?\*/|\t)', re.DOTALL)


def commands(source: Source) -> Iterator[Command]:
    """The commands of a file that name torchtitan, or a script of its; none where it cannot be read."""
    name, text = source.path, source.text
    if name.endswith((".yaml", ".yml")):
        found = _in_data(text)
    elif name.endswith((".json", ".code-workspace")):
        plain = _JSON_COMMENT.sub(lambda m: " " * len(m[0]) if m["no"] else m[0], text)
        found = _in_data(plain, is_any=is_any_json(name))
    elif name.endswith(("Makefile", ".mk")):
        found = _in_each(_RECIPE, _DEFINE.sub(lambda match: _blank(match[0]), text))
    elif name.endswith(("Dockerfile", "Containerfile")) or name.rpartition(os.sep)[2].startswith(
        BUILDS
    ):
        found = _in_dockerfile(text)
    else:
        found = in_shell(text)
    return (one for one in found if any(_NAMES_IT.search(word.text) for word in one.words))


def _in_each(pattern: re.Pattern[str], text: str) -> Iterator[Command]:
    """The commands in what a pattern finds as ``said``, each of which a shell of its own is given."""
    for match in pattern.finditer(text):
        if _NAMES_IT.search(match["said"]):
            yield from in_shell(text, *match.span("said"))


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def _in_dockerfile(text: str) -> Iterator[Command]:
    text = _HERE.sub(lambda match: match[1] + _blank(match[0][len(match[1]) :]), text)
    lists = re.compile(
        _INSTRUCTION.pattern.replace("(?P<said>", r"[ \t]*(?P<said>\[", 1), _INSTRUCTION.flags
    )
    for match in lists.finditer(text):
        yield from _in_data(text[: match.end()], match.start("said"), key="run")
    yield from _in_each(_INSTRUCTION, lists.sub(lambda m: _blank(m[0]), text))


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


def _in_data(
    text: str, start: int = 0, *, key: str = "", is_any: bool = False
) -> Iterator[Command]:
    """The commands in a part of YAML, or of JSON: those under a key that says that they are run.

    Args:
        text: What holds it, up to its end.
        start: Where it begins.
        key: What all of it stands under.
        is_any: Whether it may be about anything. What begins with any word before the command, or has it in
            backticks, may be prose then.
    """
    pending = [(root, key) for root in _composed(text[start:])]
    seen: set[int] = set()
    while pending:
        node, key = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.id == "mapping":
            entries = {str(name.value): value for name, value in node.value}
            if any(_may_be_skipped(entries[name]) for name in ("if", "when") if name in entries):
                continue
            # Of commands by their names, as in `scripts`.
            under = key if _RUN.search(key) and key.endswith("s") else ""
            pending += [
                (value, name if not under or _PROSE.search(name) else under)
                for name, value in entries.items()
            ]
            if not is_any:
                yield from _of_launch(text, entries, start)
        elif node.id == "sequence":
            if node.value and node.value[0].value in ("echo", "printf"):
                continue
            pending += [(inner, key) for inner in node.value]
            if _RUN.search(key):
                yield from _of_list(text, [], node.value, start)
        elif _RUN.search(key) and _NAMES_IT.search(node.value):
            found = _in_scalar(text, node, start)
            if not is_any:
                yield from found
            elif "`" not in node.value:
                yield from filter(_is_no_prose, found)


def _may_be_skipped(node: Any) -> bool:
    """Whether a condition says that what has it is not run, as a step of a workflow, or is for some torchtitans alone."""
    return node.id == "scalar" and (
        _NEVER.fullmatch(node.value) is not None or _VERSIONS.search(node.value) is not None
    )


_VERSIONS = re.compile(
    r"(?:titan|\btt)[\w.-]*(?:ver|rel|tag)|titan[\w.-]*(?:['\"]?\])?\s*[!=]=\s*['\"]?v?\d"
    r"|\b\w+\([^,()]*titan[^,()]*,\s*['\"]v?\d",
    re.IGNORECASE,
)
_NEVER = re.compile(r"(?:\$\{\{\s*)?(?:false|never)(?:\s*\}\})?", re.IGNORECASE)

_RUN = re.compile(
    r"(?:(?:^|[\W_])(?i:command|cmd|entry_?point|entry|script|exec|launch|arg|argument|run|setup|bash|sh|shell)"
    r"|(?:Command|Cmd|Entry[Pp]oint|Script|Exec|Launch|Arg|Argument|Run))s?$"
)
"""How the keys end whose values are run: ``setup-commands``, ``postCreateCommand``, ``entrypoint``."""

_PROSE = re.compile(
    r"(?:^|[\W_])(?i:description|desc|help|name|title|summary|doc|note|comment|label|message|usage|example)s?$"
)
"""How the keys end whose values are for people, among what is run, too."""


def _is_no_prose(command: Command) -> bool:
    """Whether a command begins with what starts programs, and not with any word."""
    return _STARTERS.fullmatch(command.words[0].text) is not None


_STARTERS = re.compile(
    r"(?:.*/)?(?:python[\d.]*|torchrun|run_train\.sh|(?:ba|z)?sh|srun|sudo|nohup|exec|env|time|uv|accelerate)"
)


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


def _of_launch(text: str, entries: dict[str, Any], start: int) -> Iterator[Command]:
    """The command that a launch configuration of an editor stands for."""
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
