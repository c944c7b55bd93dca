"""The options of ``titan-lint``, as one table that both of its parsers read.

Importing click takes longer than reading and screening a whole repository. So a command line made
of plainly spelled options is parsed here, in microseconds; for anything else (``--help``, bundled
short options, mistakes) :func:`quick` gives up, and :mod:`titan_lint.cli.main` builds a click command out
of the same table. A test holds the two against each other.
"""

from __future__ import annotations

from titan_lint.config.settings import SEVERITIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Literal

    import click

    from titan_lint.config.settings import OptionValue, OptionValues

    Kind = Literal["flag", "count", "value", "integer", "list"]


class Option:
    """One option.

    Attributes:
        name: The key of its value.
        flags: How it is spelled, the long form first.
        kind: ``flag`` and ``count`` take no value; ``list`` may be given several times.
        help: What it does.
        metavar: How its value is called in the help text.
        choices: The values allowed, or empty for any.
        section: The heading of the help text that it stands under.
        otherwise: What holds where it is not given, in words; empty where nothing does.
    """

    __slots__ = ("choices", "flags", "help", "kind", "metavar", "name", "otherwise", "section")

    def __init__(
        self,
        section: str,
        flags: str,
        kind: Kind,
        help: str,
        metavar: str = "",
        choices: tuple[str, ...] = (),
        otherwise: str = "",
    ) -> None:
        self.flags = tuple(flags.split())
        self.name = self.flags[0].removeprefix("--").replace("-", "_")
        self.kind: Kind = kind
        self.help = help
        self.metavar = metavar
        self.choices = choices
        self.section = section
        self.otherwise = otherwise

    @property
    def default(self) -> OptionValue:
        """Its value when it is not given."""
        if self.kind == "flag":
            return False
        if self.kind == "count":
            return 0
        return () if self.kind == "list" else None

    @property
    def text(self) -> str:
        """What it does, the values that it takes, and what holds without it."""
        values = f" One of {', '.join(f'`{c}`' for c in self.choices)}." if self.choices else ""
        return f"{self.help}{values}{f' [default: {self.otherwise}]' if self.otherwise else ''}"


FORMATS = (
    *("full", "concise", "grouped", "json", "sarif", "github", "gitlab", "junit", "rdjson"),
    *("pylint", "markdown"),
)

_FIXES, _RULES, _FILES, _OUTPUT, _MISC = (
    "Fixes",
    "Rule selection",
    "File selection",
    "Output",
    "Miscellaneous",
)

OPTIONS = (
    Option(_FIXES, "--fix", "flag", "Apply fixes to resolve findings."),
    Option(_FIXES, "--unsafe-fixes", "flag", "Include fixes that may change what the code means."),
    Option(
        _FIXES,
        "--diff",
        "flag",
        "Write no file; show a diff of what would be fixed, and exit 1 when there is one. Implies "
        "`--fix-only`.",
    ),
    Option(
        _FIXES,
        "--fix-only",
        "flag",
        "Apply fixes, but do not report, or exit non-zero for, what is left. Implies `--fix`.",
    ),
    Option(_FIXES, "--show-fixes", "flag", "List what was fixed, by file and rule."),
    Option(
        _FIXES,
        "--add-noqa",
        "flag",
        "Add a `# noqa` comment for every finding instead of reporting it.",
    ),
    Option(
        _FIXES,
        "--legacy-guard",
        "flag",
        "Put a check before rewritten registry calls that raises at start-up on a torchtitan whose "
        "`model_registry` lacks `attn_backend`.",
    ),
    Option(
        _RULES,
        "--torchtitan",
        "list",
        "The torchtitan that the code must fit: a release, `latest` (the newest of them), `main`, a "
        "date or commit of main, a specifier, `installed`, or a path. May be given several times. ",
        "TARGET",
        otherwise="the tree's own pin, else the newest release known",
    ),
    Option(
        _RULES,
        "--from",
        "value",
        "The torchtitan that the code was written for.",
        "VERSION",
        otherwise="inferred from the code",
    ),
    Option(
        _RULES,
        "--select",
        "list",
        "Comma-separated list of rules to enable: codes, prefixes, names, or `ALL`.",
        "RULE",
        otherwise="ALL",
    ),
    Option(_RULES, "--ignore", "list", "Comma-separated list of rules to disable.", "RULE"),
    Option(
        _RULES,
        "--extend-select",
        "list",
        "Like `--select`, but adds to the rules that are already selected.",
        "RULE",
    ),
    Option(
        _RULES,
        "--per-file-ignores",
        "list",
        "Comma-separated list of PATTERN:RULE pairs; the rule is disabled in the files that match.",
        "PATTERN:RULE",
    ),
    Option(
        _RULES,
        "--fixable",
        "list",
        "Comma-separated list of rules whose fixes may be applied.",
        "RULE",
        otherwise="ALL",
    ),
    Option(
        _RULES,
        "--unfixable",
        "list",
        "Comma-separated list of rules that report, and whose fixes are not applied.",
        "RULE",
    ),
    Option(
        _RULES,
        "--rules",
        "list",
        "Comma-separated list of Python modules whose rules run, too. They are imported, from the "
        "current folder where they are not installed.",
        "MODULE",
    ),
    Option(
        _RULES,
        "--configured-rules",
        "flag",
        "Run the rules of the modules, too, that the configuration names as `rules`.",
    ),
    Option(_RULES, "--baseline", "value", "Do not report the findings recorded in FILE.", "FILE"),
    Option(
        _RULES,
        "--write-baseline",
        "value",
        "Record all present findings in FILE, and exit 0.",
        "FILE",
    ),
    Option(
        _FILES,
        "--exclude",
        "list",
        "Comma-separated list of paths not to walk into, instead of the configured ones.",
        "PATTERN",
    ),
    Option(
        _FILES, "--extend-exclude", "list", "Like `--exclude`, but adds to the list.", "PATTERN"
    ),
    Option(
        _FILES,
        "--extend-include",
        "list",
        "Comma-separated list of files in folders to check besides those of Python and notebooks, such "
        "as `*.md`.",
        "PATTERN",
    ),
    Option(_FILES, "--force-exclude", "flag", "Apply exclusions to files named outright, too."),
    Option(
        _OUTPUT, "--output-format", "value", "How findings are shown.", "FORMAT", FORMATS, "full"
    ),
    Option(_OUTPUT, "--output-file -o", "value", "Write the findings to FILE.", "FILE"),
    Option(
        _OUTPUT, "--statistics", "flag", "Show how often each rule fired instead of the findings."
    ),
    Option(_OUTPUT, "--show-files", "flag", "Show the files that would be checked, and stop."),
    Option(
        _OUTPUT,
        "--show-settings",
        "flag",
        "Show what the command line and the configuration come to, and stop.",
    ),
    Option(
        _OUTPUT,
        "--color",
        "value",
        "When to write in colors; `auto` is on a terminal, unless `NO_COLOR` or `FORCE_COLOR` is "
        "set.",
        "WHEN",
        ("auto", "always", "never"),
        "auto",
    ),
    Option(
        _OUTPUT,
        "--fail-on",
        "value",
        "The least severity of a finding that makes the run exit 1.",
        "SEVERITY",
        SEVERITIES,
        "warning",
    ),
    Option(_OUTPUT, "--exit-zero -e", "flag", "Exit 0 even when there are findings."),
    Option(_OUTPUT, "--quiet -q", "count", "Show findings only."),
    Option(_OUTPUT, "--verbose -v", "count", "Show what is read and decided, and tracebacks."),
    Option(
        _MISC,
        "--config",
        "value",
        "The `pyproject.toml` or `titan-lint.toml` to read, instead of the nearest one.",
        "FILE",
    ),
    Option(_MISC, "--isolated", "flag", "Ignore all configuration files."),
    Option(
        _MISC,
        "--watch -w",
        "flag",
        "Check again whenever a file changes, until interrupted. Needs the extra `watch`.",
    ),
    Option(
        _MISC,
        "--stdin-filename",
        "value",
        "The name of the file that is given on standard input (`-`).",
        "FILE",
    ),
    Option(
        _MISC,
        "--jobs -j",
        "integer",
        "How many processes may be used.",
        "N",
        otherwise="one a CPU, from 2 MB of source on",
    ),
    Option(_MISC, "--no-cache -n", "flag", "Neither read nor write the cache."),
    Option(
        _MISC,
        "--cache-dir",
        "value",
        "Where the cache lies.",
        "DIR",
        otherwise=".titan_lint_cache",
    ),
)

_BY_FLAG = {flag: option for option in OPTIONS for flag in option.flags}


def quick(arguments: Sequence[str]) -> OptionValues | None:
    """Parse a plain command line.

    Returns:
        The value of every option and, under ``paths``, the other arguments; ``None`` where the line
        is not plain and click has to decide.
    """
    values: OptionValues = {option.name: option.default for option in OPTIONS}
    lists: dict[str, list[str]] = {}
    paths: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "-" or not argument.startswith("-"):
            paths.append(argument)
            continue
        if argument == "--":
            paths.extend(rest)
            break
        flag, equals, value = argument.partition("=")
        option = _BY_FLAG.get(flag)
        if option is None or (equals and not flag.startswith("--")):
            return None
        if option.kind in ("flag", "count"):
            if equals:
                return None
            values[option.name] = True if option.kind == "flag" else _count(values, option) + 1
            continue
        if not equals:
            following = next(rest, None)
            if following is None or following.startswith("-"):
                return None
            value = following
        if option.choices and value not in option.choices:
            return None
        if option.kind == "list":
            lists.setdefault(option.name, []).append(value)
        elif option.kind == "integer":
            if not (value.isascii() and value.isdigit()):
                return None
            values[option.name] = int(value)
        else:
            values[option.name] = value
    for name, items in lists.items():
        values[name] = tuple(items)
    values["paths"] = tuple(paths)
    return values


def _count(values: OptionValues, option: Option) -> int:
    count = values[option.name]
    assert isinstance(count, int)
    return count


def written(context: click.Context, names: Collection[str] | None = None) -> list[str]:
    """What was given on the command line, as its words.

    Args:
        context: The command's.
        names: The options that are asked for; all, and the arguments, where there are none.
    """
    import click

    words: list[str] = []
    for parameter in context.command.params:
        name = parameter.name or ""
        is_given = context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
        if not is_given or (names is not None and name not in names):
            continue
        is_option = isinstance(parameter, click.Option)
        spelled = [max(parameter.opts, key=len)] if is_option else []
        if is_option and parameter.is_flag:
            words += spelled
            continue
        value = context.params[name]
        several = parameter.multiple or parameter.nargs == -1
        for one in value if several else (value,):
            words += [*spelled, str(one)]
    return words


def click_option(option: Option) -> click.Option:
    """Build click's form of an option."""
    import click

    return click.Option(
        option.flags,
        # `False` would make the value of any other option optional.
        is_flag=True if option.kind == "flag" else None,
        count=option.kind == "count",
        multiple=option.kind == "list",
        type=(
            click.Choice(option.choices)
            if option.choices
            else click.INT
            if option.kind == "integer"
            else None
        ),
        metavar=option.metavar or None,
        help=option.text,
    )
