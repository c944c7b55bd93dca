"""The command line.

``titan-lint [OPTIONS] [PATHS]...`` checks, with or without the word ``check`` in front. The other words
in :data:`COMMANDS`, in first place, are commands of their own; a path of that name is written ``./rule``. What is imported here is paid for by every
run, so click comes in only where a command line needs it.
"""

from __future__ import annotations

import gc
import os
import sys

from titan_lint.cli import CONTEXT, arguments, terminal
from titan_lint.config.selection import did_you_mean
from titan_lint.config.settings import load_settings
from titan_lint.config.toml import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

    from titan_lint.cli.arguments import OptionValue, OptionValues
    from titan_lint.config.settings import Settings
    from titan_lint.run.outcome import Outcome

COMMANDS = {
    "check": "Check code, and fix it; the word may be left out.",
    "rule": "Explain a rule, or all rules.",
    "api": "Show and compare what torchtitan's API is at each version.",
    "compat": "Tell which versions of torchtitan the code fits.",
    "server": "Start a language server, for an editor.",
    "survey": "Say which repositories a change of torchtitan breaks.",
    "convert": "Write job configs in TOML as Python.",
    "verify": "Run an engine before and after its rewrite, and compare.",
    "init": "Write a configuration and a hook for this project.",
    "completion": "Print what makes a shell complete titan-lint's command line.",
    "clean": "Remove the cache.",
}

CLEAN, FOUND, TROUBLE, INTERRUPTED = 0, 1, 2, 130


def run(argv: Sequence[str]) -> int:
    """Do what a command line asks for; return the exit status.

    0: nothing found that fails a run. 1: something found. 2: the command line or the configuration is
    wrong, or a file could not be checked.
    """
    completing = os.environ.get("_TITAN_LINT_COMPLETE")
    if completing:
        from titan_lint.cli.completion import answer

        return answer(completing, check_command({}), COMMANDS, command_of)
    if argv and argv[0] in COMMANDS:
        if argv[0] != "check":
            return _command(argv[0], argv[1:])
        argv = argv[1:]
    values = arguments.quick(argv)
    if values is None:
        values = _ask_click(argv)
    if isinstance(values, int):
        return values
    return check(values)


def check(values: OptionValues) -> int:
    """Check as the values of options say; return the exit status."""
    progress = _Progress()
    try:
        os.getcwd()
    except OSError as error:
        return _fail(f"the current directory cannot be used: {error.strerror}")
    try:
        settings = load_settings(values)
        if values.get("watch"):
            from titan_lint.cli.watch import watch

            watch(values, settings)
        return _check(settings, progress)
    except ConfigError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        progress.clear()
        sys.stderr.write(f"Interrupted{progress.reached()}.\n")
        return INTERRUPTED


def _check(settings: Settings, progress: _Progress) -> int:
    from titan_lint.run import discover, driver

    if settings.show_settings:
        from titan_lint.config import shown

        _write(settings, shown.text(settings))
        return CLEAN
    if settings.show_files:
        from titan_lint.config.nearest import Nearest

        found = discover.discover(Nearest(settings))
        _write(
            settings, "".join(f"{discover.printable(discover.relative(p))}\n" for p in found.paths)
        )
        return _complain(
            [(f.path, None, None, f"cannot be read: {f.message}") for f in found.errors]
        )
    _say(settings, f"Configuration: {settings.config or 'none'}")
    _say(settings, f"Rules: {', '.join(settings.codes)}")
    outcome = driver.run(settings, sys.stdin.buffer.read, progress.show)
    progress.clear()
    for _, label, reason in outcome.targets:
        _say(settings, f"Target: {label} ({reason})")
    _say(settings, f"Read {outcome.checked} file{'' if outcome.checked == 1 else 's'}")
    status = _report(settings, outcome)
    complaints = [
        (e.path, e.line, e.column, e.message + _command_meant(e.path, settings))
        for e in outcome.errors
    ]
    if settings.verbose:
        for file in outcome.files:
            for traceback in file.tracebacks:
                sys.stderr.write(traceback)
    return max(_complain(complaints), status)


def _report(settings: Settings, outcome: Outcome) -> int:
    """Write what the run came to, and tell its exit status."""
    from titan_lint.report import counts, render
    from titan_lint.run.discover import printable

    counted = counts.count(outcome, settings)
    if settings.add_noqa:
        added = sum(file.noqa_added for file in outcome.files)
        _write(settings, f"Added {added} noqa directive{'' if added == 1 else 's'}.\n")
        return CLEAN
    if settings.write_baseline is not None:
        from titan_lint.run import baseline

        try:
            number = baseline.write(settings.write_baseline, outcome.files)
        except OSError as error:
            return _fail(f"{settings.write_baseline}: cannot be written: {error.strerror}")
        plural = "" if number == 1 else "s"
        _write(settings, f"Recorded {number} finding{plural} in {settings.write_baseline}.\n")
        return CLEAN
    if settings.diff:
        from titan_lint.report import text

        diff = b"".join(file.diff for file in outcome.files)
        coloured = terminal.takes_colour(sys.stdout, settings)
        _write(settings, text.coloured_diff(diff) if coloured else diff)
        if counted.fixed and not settings.quiet:
            sys.stderr.write(text.would_fix(outcome, settings))
        return FOUND if diff else CLEAN
    contents = [file.content for file in outcome.files if file.content is not None]
    to_stderr = bool(contents) and settings.output_file is None
    stream = sys.stderr if to_stderr else sys.stdout
    if not outcome.checked and not outcome.files:
        sys.stderr.write("warning: no Python files found under the given paths\n")
    colour = terminal.takes_colour(stream, settings)
    report = render(outcome, settings, colour=colour, links=colour and terminal.takes_links(stream))
    if to_stderr:
        sys.stderr.write(report)
    else:
        _write(settings, report)
    if settings.output_file is not None and not settings.quiet:
        from titan_lint.report import text

        sys.stderr.write(text.verdict(outcome, settings))
    for note in outcome.notes:
        sys.stderr.write(f"warning: {printable(note)}\n")
    if contents:
        _to_stdout(b"".join(contents))
    fails = counted.failing and not settings.exit_zero and not settings.fix_only
    return FOUND if fails else CLEAN


def _command_meant(path: str, settings: Settings) -> str:
    """For a path that is not there, and is called nearly like a command: the command."""
    if path not in settings.paths or os.sep in path or os.path.lexists(path):
        return ""
    from difflib import get_close_matches

    words = {**dict.fromkeys(COMMANDS), "help": "--help", "version": "--version"}
    close = get_close_matches(path, words, 1)
    return f"; {did_you_mean([f'titan-lint {words[close[0]] or close[0]}'])}" if close else ""


def _complain(errors: Sequence[tuple[str, int | None, int | None, str]]) -> int:
    """Write one line for each file that could not be checked."""
    from titan_lint.run.discover import printable

    for path, line, column, message in errors:
        where = "".join(f":{part}" for part in (line, column) if part is not None)
        sys.stderr.write(f"error: {printable(path)}{where}: {printable(message)}\n")
    return TROUBLE if errors else CLEAN


def _say(settings: Settings, text: str) -> None:
    if settings.verbose:
        sys.stderr.write(f"{text}\n")


def _fail(message: str) -> int:
    from titan_lint.run.discover import printable

    sys.stderr.write(f"error: {printable(message)}\n")
    return TROUBLE


def _write(settings: Settings, text: str | bytes) -> None:
    """Write to the output file, or to standard output."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    if settings.output_file is None:
        _to_stdout(data)
        return
    from titan_lint import write_file

    try:
        write_file.write(settings.output_file, data)
    except OSError as error:
        raise ConfigError(
            f"--output-file: {settings.output_file} cannot be written: {error.strerror}"
        ) from error


def _to_stdout(data: bytes) -> None:
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        _give_up_stdout(error)


def _give_up_stdout(error: OSError) -> None:
    """Write nothing more to standard output, which takes nothing.

    Raises:
        ConfigError: That is for another reason than that nobody reads it any more.
    """
    # Python would try once more at its end, and complain again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    # Whoever reads along may leave when there is enough.
    if not isinstance(error, BrokenPipeError):
        raise ConfigError(f"standard output cannot be written: {error.strerror}") from error


class _Progress:
    """A line on a terminal's standard error, for work that takes over a second."""

    def __init__(self) -> None:
        self._done = self._total = 0
        self._shown = False
        self._started: float | None = None
        self._is_terminal = sys.stderr.isatty()

    def show(self, done: int, total: int) -> None:
        """Take note of how many of how many files are through."""
        self._done, self._total = done, total
        if not self._is_terminal:
            return
        import time

        now = time.monotonic()
        if self._started is None:
            self._started = now
        if now - self._started > 1:
            self._shown = True
            sys.stderr.write(f"\rChecked {done} of {total} files")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            self._shown = False

    def reached(self) -> str:
        """Say how far the work came."""
        return f" after {self._done} of {self._total} files" if self._total else ""


def _command(name: str, argv: Sequence[str]) -> int:
    gc.enable()
    return _run_click(command_of(name), f"titan-lint {name}", argv)


def command_of(name: str) -> click.Command:
    """A command of :data:`COMMANDS` other than ``check``."""
    import importlib

    command: click.Command = getattr(importlib.import_module(f"titan_lint.cli.{name}"), name)
    return command


def _ask_click(argv: Sequence[str]) -> OptionValues | int:
    """Parse with click: a mistake, a request for help, or something unusual. Not for every run."""
    found: OptionValues = {}
    status = _run_click(check_command(found), "titan-lint", argv)
    return found or status


def _run_click(command: click.Command, name: str, argv: Sequence[str]) -> int:
    import click

    try:
        try:
            status = command.main(
                [*argv],
                prog_name=name,
                standalone_mode=False,
            )
            sys.stdout.flush()
        except OSError as error:
            if error.filename is not None:
                return _fail(f"{error.filename}: {error.strerror}")
            _give_up_stdout(error)
            return CLEAN
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(f"{error.format_message()}\n")
        return TROUBLE
    except click.ClickException as error:
        message = _said(error)
        if isinstance(error, click.UsageError):
            asked = error.ctx.command_path if error.ctx is not None else name
            message += f"{' See' if message.endswith('?') else '; see'} `{asked} --help`"
        return _fail(message)
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED
    except ConfigError as error:
        return _fail(str(error))
    return status if isinstance(status, int) else CLEAN


def _said(error: click.ClickException) -> str:
    """What click says is wrong, in the form of all other messages."""
    close: list[str] = getattr(error, "possibilities", None) or []
    # click lists choices below each other.
    message = " ".join((error.message if close else error.format_message()).split()).rstrip(".")
    message = message[:1].lower() + message[1:]
    return f"{message}; {did_you_mean(close[:2])}" if close else message


def check_command(found: OptionValues) -> click.Command:
    """Build the click command that parses as :mod:`titan_lint.cli.arguments` says.

    Args:
        found: Takes the values of what it parses.
    """
    import click

    from titan_lint.version import __version__

    class Check(click.Command):
        """The default command, whose help lists the others."""

        def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
            sections: dict[str, list[tuple[str, str]]] = {}
            named = {option.name: option for option in arguments.OPTIONS}
            for parameter in self.get_params(ctx):
                record = parameter.get_help_record(ctx)
                if record is not None and isinstance(parameter, click.Option):
                    option = named.get(parameter.name or "")
                    sections.setdefault(option.section if option else "Help", []).append(record)
            for title, records in sections.items():
                with formatter.section(title):
                    formatter.write_dl(records)
            with formatter.section("Commands"):
                formatter.write_dl(list(COMMANDS.items()))

    def show_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
        if value:
            click.echo(f"titan-lint {__version__}")
            ctx.exit()

    def take(**values: OptionValue) -> None:
        found.update(values)

    return Check(
        "titan-lint",
        context_settings=CONTEXT,
        params=[
            click.Argument(["paths"], nargs=-1, type=click.Path()),
            *map(arguments.click_option, arguments.OPTIONS),
            click.Option(
                ["-V", "--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=show_version,
                help="Show the version and exit.",
            ),
        ],
        callback=take,
        help="Check Python code that builds on torchtitan, and fix it. Without PATHS, check the "
        "current directory; `-` is standard input.",
    )
