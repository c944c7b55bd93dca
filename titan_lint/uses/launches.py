"""Command lines that certainly start torchtitan's training, and the options on them."""

from __future__ import annotations

import re

from titan_lint.code.commands import in_shell, only_says
from titan_lint.code.launch_files import commands
from titan_lint.finding import Span
from titan_lint.structs import Struct
from titan_lint.uses.jobs import EXTENSIONS, is_marked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from titan_lint.api.targets import Target
    from titan_lint.code.commands import Command, Variable, Word
    from titan_lint.code.source import Source
    from titan_lint.uses.options import Around

_NAME = "torchtitan"
_MODULE = f"{_NAME}.train"
_FILE = re.compile(r"(?:.*/)?torchtitan/train\.py")
_SCRIPT = re.compile(r"(?:.*/)?run_train\.sh")
_LAUNCHERS = re.compile(r"(?:.*/)?(?:python[\d.]*|torchrun)")
_STARTS = re.compile(r"torch\.distributed\.(?:run|launch)")
_OPTION = re.compile(r"--([A-Za-z][\w-]*(?:\.[\w-]+)*)(=|$)")
_ONWARD = re.compile(
    r"(?:.*/)?(?:python[\d.]*|torchrun|(?:ba|da|k|z)?sh|source|\.|exec|eval|command|env|time|sudo|nohup|nice|ionice|setsid"
    r"|timeout|stdbuf|taskset|numactl|chrt|flock|xargs|parallel|srun|sbatch|salloc|mpirun|mpiexec|qsub|bsub|ray|sky"
    r"|torchx|accelerate|docker|podman|nerdctl|apptainer|singularity|enroot|kubectl|ssh|pdsh|uv|poetry|pdm|hatch"
    r"|pipenv|pixi|conda|mamba|micromamba|rye|nsys|ncu|rocprof\w*|strace|perf|py-spy|scalene|memray|gdb|coverage"
    r"|hfai|modal|with-proxy|if|while|!|.*\.sh|\S*/\S*)"
)
"""What a command begins with that runs what it is given. A function of a script's own may as well print that."""


class Option(Struct):
    """An option on a command line.

    Attributes:
        path: Its key, without the ``no`` that turns it off.
        name: Where the key stands; ``None`` where it cannot be written there.
        word: The whole word.
        off: The ``no`` before the last part of the key, as it is written.
        value: What is given behind ``=`` or as the next word; ``None`` where that is not known.
        written: The key as it is said, with ``no`` and hyphens.
    """

    path: tuple[str, ...]
    name: Span | None
    word: Span
    off: str
    value: str | None
    written: str

    def named(self, key: tuple[str, ...]) -> str:
        """How the same is said of another key: as this one is turned off, and with hyphens where this one has them."""
        said = ".".join((*key[:-1], self.off + key[-1]))
        is_hyphenated = "-" in self.written and "_" not in self.written
        return said.replace("_", "-") if is_hyphenated else said


class Launch(Struct):
    """A command that starts torchtitan's training.

    Attributes:
        options: What it says.
        span: The whole command.
        variables: What is set for torchtitan's ``run_train.sh``, where that is what is run.
        by_script: Whether it is what is run.
    """

    options: tuple[Option, ...]
    span: Span
    variables: tuple[Variable, ...] = ()
    by_script: bool = False

    @property
    def is_extended(self) -> bool:
        """Whether it names a module for more keys that is none of torchtitan's, or is not known."""
        return any(
            option.path in EXTENSIONS and not (option.value or "").startswith(f"{_NAME}.")
            for option in self.options
        )


class Script:
    """A file with commands that start torchtitan's training, held against a torchtitan.

    Attributes:
        source: The file.
        launches: The commands.
        target: The torchtitan.
        around: What the project does with jobs itself.
    """

    def __init__(
        self, source: Source, launches: Sequence[Launch], target: Target, around: Around
    ) -> None:
        self.source = source
        self.launches = launches
        self.target = target
        self.around = around


def launches_of(source: Source) -> tuple[Launch, ...]:
    """The commands of a file that start torchtitan's training."""
    found: list[Launch] = []
    for command in commands(source):
        launch = launch_of(command)
        # Others have scripts of that name, too.
        if launch is not None and (
            _NAME in source.text or is_marked({option.path for option in launch.options})
        ):
            found.append(launch)
    return tuple(found)


def launch_of(command: Command) -> Launch | None:
    """What a command says to torchtitan's training; ``None`` where it starts something else."""
    start = _start(command)
    if not start:
        return None
    by_script = _SCRIPT.fullmatch(command.words[start - 1].text) is not None
    variables = command.variables if by_script else ()
    return Launch(options_of(command.words[start:]), command.span, variables, by_script)


def hands_on(script: str) -> bool:
    """Whether a shell script gives all that it is given to torchtitan's training, and takes none of it itself."""
    if _TAKES.search(script) is not None:
        return False
    names = "|".join(re.escape(match[1]) for match in _KEEPS.finditer(script))
    given = re.compile(_ALL + (rf"|\$\{{?(?:{names})\b" if names else ""))
    is_given = False
    for command in in_shell(script):
        words = [script[word.span.start : word.span.end] for word in command.words]
        at = next((i for i, word in enumerate(words) if given.search(word)), None)
        if at is None or only_says(words[0]):
            continue
        start = _start(command)
        if not 0 < start <= at or _SCRIPT.fullmatch(command.words[start - 1].text):
            return False
        is_given = True
    return is_given


_ALL = r"\$[@*]|\$\{[@*]"
_KEEPS = re.compile(rf"""^[ \t]*(\w+)=\(?["']?(?:{_ALL})""", re.MULTILINE)
_TAKES = re.compile(r"\b(?:shift|getopts?)\b|\bset\s+--|\$\{?[1-9]|\$\{[@*]:")


def _start(command: Command) -> int:
    """The number of the first word that torchtitan's training is given; 0 where a command is another one."""
    words, is_launched = command.words, False
    if words[0].text and not _ONWARD.fullmatch(words[0].text):
        return 0
    for index, word in enumerate(words):
        before = words[index - 1].text if index else ""
        # What is behind `-c` is a program, with words of its own.
        is_value = before.startswith("-")
        if (only_says(word.text) and not is_value) or (before == "-c" and is_launched):
            return 0
        if before == "-m":
            if word.text == _MODULE and word.whole and is_launched:
                return index + 1
            if not (word.whole and _STARTS.fullmatch(word.text)):
                return 0
        elif word.whole and (
            _SCRIPT.fullmatch(word.text) or (is_launched and _FILE.fullmatch(word.text))
        ):
            return index + 1
        elif word.text.endswith(".py"):
            return 0
        # What is put together when it runs may be the name of Python.
        is_launched |= not word.text or _LAUNCHERS.fullmatch(word.text) is not None
    return 0


def options_of(words: Sequence[Word]) -> tuple[Option, ...]:
    """The options among words that torchtitan's training is given."""
    found: list[Option] = []
    for index, word in enumerate(words):
        if word.text == "--":
            break
        match = _OPTION.match(word.text)
        if match is None or not (match[2] or word.whole):
            continue
        start, end = match.span(1)
        *section, last = match[1].replace("-", "_").split(".")
        # No key of torchtitan's begins so.
        off = match[1][-len(last) :][:3] if last.startswith("no_") else ""
        value: str | None = None
        if match[2]:
            value = word.text[match.end() :] if word.whole else None
        elif index + 1 < len(words) and words[index + 1].whole:
            value = words[index + 1].text
        found.append(
            Option(
                (*section, last.removeprefix("no_")),
                Span(word.start + start, word.start + end) if end <= word.exact else None,
                word.span,
                off,
                value,
                match[1],
            )
        )
    return tuple(found)
