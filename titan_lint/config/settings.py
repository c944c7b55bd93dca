"""The settings of a run: command line over configuration file over defaults.

The configuration of a run is the nearest ``titan-lint.toml``, or ``pyproject.toml`` with a
``[tool.titan-lint]`` table, at or above the paths to check; :mod:`titan_lint.config.nearest` has those of
the folders below.
"""

from __future__ import annotations

import os

from titan_lint import rules
from titan_lint.cache_folder import holds_other_files
from titan_lint.code.screen import SUPPRESSION
from titan_lint.config import selection
from titan_lint.config.globs import Globs
from titan_lint.config.toml import Chain, ConfigError, check_pattern, find, read_named, upward

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    OptionValue = bool | int | str | tuple[str, ...] | None
    OptionValues = dict[str, OptionValue]
    # What a command line asks for, by the names of its options.

DEFAULT_EXCLUDE = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".git-rewrite",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pyenv",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".titan_lint_cache",
    ".titan_lint_survey",
    ".tox",
    ".venv",
    "__pypackages__",
    "_build",
    "buck-out",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)

SEVERITIES = ("error", "warning", "info")
TEXT_FORMATS = ("full", "concise", "grouped")

CACHE = ".titan_lint_cache"
_MARKERS = (".git", "pyproject.toml", "uv.lock", "requirements.txt", "setup.py", "setup.cfg")


class Settings:
    """Everything that decides what a run does.

    Attributes:
        given: The values of options that they were made of.
        paths: What to check, as given; ``-`` is standard input.
        start: Absolute directory that all paths lie in.
        codes: The rules to run, ordered.
        rules: The modules of rules of the user's own that are loaded.
        unloaded_rules: Those that the configuration names and nobody asked for.
        own_rules: The code and name of each rule in ``rules``.
        torchtitan: The targets asked for; empty to go by the tree's own pin.
        apart: Whether files are held against one torchtitan after the other, all known ones where none is asked for,
            and the command line alone says what is found in them.
        asked_by: Where ``torchtitan`` was asked for: the command line, or the configuration file.
        asked_from: The directory that paths among them are relative to; empty for the current one.
        written_for: The version that the code was written for, or ``None`` to infer it.
        era_asked_by: Where ``written_for`` was given.
        surfaces: Absolute paths of the surfaces of the project's own torchtitan.
        surfaces_asked_by: Where ``surfaces`` was given.
        changes: Absolute paths of the rows about it.
        changes_asked_by: Where ``changes`` was given.
        project: Absolute directory of the project under check, where pins and the cache are.
        config: The configuration file that was read, or ``None``.
        exclude: What is not walked into.
        include: Which files in folders are checked besides the default ones.
        includes_default: Whether the default ones, those of Python and notebooks, are.
        per_file_ignores: Patterns, each with the rules that are off in the files that match.
        baseline: Absolute path of the baseline, or ``None``.
        baseline_asked_by: Where ``baseline`` was given.
        unfixable: Rules whose fixes are not applied.
        severities: The rules whose severity is not their own, each with the one that counts.
        fail_on: The least severity of a finding that makes the run fail.
        entries: The engines that the project offers, each ``package.module:function``.
        cache_dir: Absolute directory of the cache, or ``None`` for no cache.
        jobs: How many processes may be used.
    """

    given: Mapping[str, OptionValue] = {}
    paths: tuple[str, ...] = (".",)
    start: str = ""
    codes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    unloaded_rules: tuple[str, ...] = ()
    own_rules: Mapping[str, str] = {}
    torchtitan: tuple[str, ...] = ()
    apart: bool = False
    asked_by: str = "--torchtitan"
    asked_from: str = ""
    written_for: str | None = None
    era_asked_by: str = "--from"
    surfaces: tuple[str, ...] = ()
    surfaces_asked_by: str = ""
    changes: tuple[str, ...] = ()
    changes_asked_by: str = ""
    legacy_guard: bool = False
    project: str = ""
    config: str | None = None
    exclude: Globs = Globs(())
    include: Globs = Globs(())
    includes_default: bool = True
    force_exclude: bool = False
    respect_gitignore: bool = True
    per_file_ignores: tuple[tuple[bool, Globs, tuple[str, ...]], ...] = ()
    fix: bool = False
    fix_only: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    add_noqa: bool = False
    baseline: str | None = None
    baseline_asked_by: str = "--baseline"
    unfixable: tuple[str, ...] = ()
    severities: tuple[tuple[str, str], ...] = ()
    fail_on: str = "warning"
    entries: tuple[str, ...] = ()
    write_baseline: str | None = None
    output_format: str = "full"
    output_file: str | None = None
    statistics: bool = False
    show_files: bool = False
    show_fixes: bool = False
    show_settings: bool = False
    color: str = "auto"
    exit_zero: bool = False
    stdin_filename: str | None = None
    cache_dir: str | None = None
    jobs: int | None = None
    quiet: int = 0
    verbose: int = 0

    def with_project(self, project: str) -> Settings:
        """The same for files to which the pin in another folder is nearer."""
        made = Settings()
        vars(made).update(vars(self), project=project)
        return made

    @property
    def shows_edits(self) -> bool:
        """Whether the output shows the edits of fixes, which are then made also where none is written."""
        return self.output_format in ("json", "sarif", "rdjson")

    @property
    def names(self) -> dict[str, str]:
        """The code and name of every rule that there is."""
        return {**rules.names(), **self.own_rules}

    @property
    def words(self) -> tuple[bytes, ...]:
        """What a file may name besides torchtitan of which rules of the user's own have something to say."""
        return rules.words_of(self.codes)

    def codes_for(self, path: str) -> tuple[str, ...]:
        """Select the rules that run in the file at the absolute ``path``."""
        name = os.path.basename(path)
        off: set[str] = set()
        for negated, globs, codes in self.per_file_ignores:
            if globs.match(path, name) != negated:
                off.update(codes)
        return tuple(code for code in self.codes if code not in off) if off else self.codes


def load_settings(values: OptionValues) -> Settings:
    """Merge the command line with the configuration file.

    Args:
        values: What :mod:`titan_lint.cli.arguments` or click made of the command line.

    Raises:
        ConfigError: An option, or a setting of the file, is wrong.
    """
    made = _asked(values)
    _check_combination(made, values)

    here = os.getcwd()
    made.start = _common_directory(made, here)
    table: Mapping[str, object] = {}
    if not values.get("isolated"):
        named = values.get("config")
        made.config, table = read_named(str(named)) if named else find(made.start)
    project = _project(made.start) or (os.path.dirname(made.config) if made.config else None)
    made.project = project or made.start
    found = _configure(made, table)
    made.cache_dir = _cache_dir(values, found, project=project or here)
    return made


def nested(run: Settings, config: str, table: Mapping[str, object]) -> Settings:
    """The settings for a folder of a run that has a configuration of its own.

    What is about the run as a whole stays as it is: where it starts, its cache, and what makes it fail.

    Raises:
        ConfigError: A setting of the file is wrong.
    """
    made = _asked(run.given)
    made.config = config
    _configure(made, table)
    for name in ("start", "project", "cache_dir", "fail_on", "force_exclude"):
        setattr(made, name, getattr(run, name))
    return made


def _asked(values: Mapping[str, OptionValue]) -> Settings:
    """The settings of the command line alone."""
    made = Settings()
    made.given = values
    for name, value in values.items():
        if value is not None and hasattr(Settings, name) and name not in _MERGED:
            setattr(made, name, value)
    made.paths = _strings(values, "paths") or (".",)
    made.fix_only = made.fix_only or made.diff
    made.fix = made.fix or made.fix_only
    return made


def _configure(made: Settings, table: Mapping[str, object]) -> Chain:
    """Merge the settings of the command line with a configuration file and those that it extends."""
    base = os.path.dirname(made.config) if made.config else made.project
    found = Chain(made.config or "", table, base)
    _load_rules(made, made.given, found)
    _merge(made, made.given, found, base=base)
    if made.apart:
        # What a configuration leaves out would be "fits" over code that fails.
        selected = _selected(made, made.given, Chain("", {}, base), "select", "ignore")
        made.codes = tuple(code for code in selected if code != SUPPRESSION)
        made.unfixable = made.severities = made.per_file_ignores = ()
        made.baseline = None
        if not made.given.get("torchtitan"):
            made.torchtitan = ()
    return found


_MERGED = frozenset(
    {
        *("paths", "exclude", "extend_exclude", "extend_include", "per_file_ignores"),
        *("torchtitan", "from", "rules"),
        *("cache_dir", "config", "baseline", "legacy_guard", "force_exclude", "unfixable"),
    }
)


_WORDS = (
    *("torchtitan", "from", "baseline", "write_baseline", "output_file", "cache_dir", "config"),
    "stdin_filename",
)


def _check_combination(made: Settings, values: Mapping[str, OptionValue]) -> None:
    # A variable of a script that is not set: all of the current directory is not what is meant.
    if "" in made.paths:
        raise ConfigError("a path is empty; `.` is the current directory")
    for name in _WORDS:
        if values.get(name) in ("", ("",)):
            raise ConfigError(f"--{name.replace('_', '-')}: expected a value, found ''")
    if "-" in made.paths and len(made.paths) > 1:
        raise ConfigError("`-` (standard input) cannot be combined with other paths")
    if made.stdin_filename is not None and made.paths != ("-",):
        raise ConfigError("`--stdin-filename` needs the path `-`")
    if made.jobs is not None and made.jobs < 1:
        raise ConfigError("`--jobs` must be 1 or more")
    if values.get("isolated") and values.get("config"):
        raise ConfigError("`--isolated` and `--config` exclude each other")
    exclusive = [
        ("--add-noqa", made.add_noqa),
        ("--write-baseline", made.write_baseline is not None),
        ("--diff" if made.diff else "--fix-only" if made.fix_only else "--fix", made.fix),
        ("--show-files", made.show_files),
        ("--show-settings", made.show_settings),
    ]
    given = [name for name, is_given in exclusive if is_given]
    if len(given) > 1:
        raise ConfigError(f"`{given[0]}` and `{given[1]}` exclude each other")
    if made.write_baseline is not None and values.get("baseline"):
        raise ConfigError("`--write-baseline` and `--baseline` exclude each other")
    if made.statistics and made.output_format not in (*TEXT_FORMATS, "json"):
        raise ConfigError(f"`--statistics` has no {made.output_format} format; use full or json")
    if made.show_fixes and made.output_format not in TEXT_FORMATS:
        raise ConfigError(f"`--show-fixes` has no {made.output_format} format; use full")
    if made.add_noqa and made.paths == ("-",):
        raise ConfigError("`--add-noqa` cannot change standard input")


def _merge(made: Settings, values: Mapping[str, OptionValue], found: Chain, *, base: str) -> None:
    here = os.getcwd()
    asked = _split(_strings(values, "torchtitan"), separators="") or ()
    made.torchtitan = asked or found["torchtitan"].targets("torchtitan")
    if not asked:
        made.asked_by = found["torchtitan"].named("torchtitan")
        made.asked_from = found["torchtitan"].base
    written_for = values.get("from") or "".join(found["from"].targets("from", several=False))
    made.written_for = written_for if isinstance(written_for, str) and written_for else None
    made.era_asked_by = "--from" if values.get("from") else found["from"].named("from")
    made.surfaces, made.surfaces_asked_by = _own_files(values, found, "surfaces")
    made.changes, made.changes_asked_by = _own_files(values, found, "changes")
    made.legacy_guard = bool(values.get("legacy_guard")) or found["legacy-guard"].flag(
        "legacy-guard"
    )
    made.force_exclude = bool(values.get("force_exclude")) or found["force-exclude"].flag(
        "force-exclude"
    )
    made.respect_gitignore = found["respect-gitignore"].flag("respect-gitignore", default=True)
    made.codes = _selected(made, values, found, "select", "ignore")
    fixable = _selected(made, values, found, "fixable", "unfixable")
    made.unfixable = tuple(code for code in made.names if code not in fixable)
    made.severities = _severities(made, found)
    if values.get("fail_on") is None:
        made.fail_on = found["fail-on"].choice("fail-on", SEVERITIES) or made.fail_on
    made.entries = found["verify"].entries()

    exclude = _patterns(values, "exclude")
    patterns = [(here, p) for p in exclude] or found["exclude"].patterns("exclude")
    if not patterns and not found.has("exclude"):
        patterns = [(base, p) for p in DEFAULT_EXCLUDE]
    patterns += [
        pair for t in found.adding("extend-exclude") for pair in t.patterns("extend-exclude")
    ]
    patterns += [(here, pattern) for pattern in _patterns(values, "extend_exclude")]
    made.exclude = Globs(patterns)
    patterns = found["include"].patterns("include")
    patterns += [
        pair for t in found.adding("extend-include") for pair in t.patterns("extend-include")
    ]
    patterns += [(here, pattern) for pattern in _patterns(values, "extend_include")]
    made.include = Globs(patterns)
    made.includes_default = not found.has("include")

    ignoring = found["per-file-ignores"]
    ignores = [
        (ignoring.base, pattern, _heard(made, codes))
        for pattern, codes in ignoring.table_of_strings("per-file-ignores").items()
    ]
    where = [ignoring.named("per-file-ignores")] * len(ignores)
    for pair in _split(_strings(values, "per_file_ignores")):
        pattern, colon, code = pair.rpartition(":")
        if not colon or not pattern or not code:
            raise ConfigError(f"--per-file-ignores: expected PATTERN:RULE, found {pair!r}")
        check_pattern("--per-file-ignores", pattern.strip())
        ignores.append((here, pattern.strip(), (code.strip(),)))
        where.append("--per-file-ignores")
    made.per_file_ignores = tuple(
        (
            pattern.startswith("!"),
            Globs([(directory, pattern.removeprefix("!"))]),
            _select(made, place, (codes, True)),
        )
        for (directory, pattern, codes), place in zip(ignores, where, strict=True)
    )

    given = values.get("baseline")
    if isinstance(given, str):
        made.baseline = os.path.abspath(given)
    elif made.write_baseline is None:
        made.baseline = found["baseline"].inside("baseline")
        made.baseline_asked_by = found["baseline"].named("baseline")


def _own_files(
    values: Mapping[str, OptionValue], found: Chain, name: str
) -> tuple[tuple[str, ...], str]:
    """What a configuration names of a torchtitan of one's own, else what is given; and where that was asked for."""
    given = tuple(os.path.abspath(path) for path in _strings(values, name))
    if found.has(name) or not given:
        return found[name].files(name), found[name].named(name)
    return given, name


def _cache_dir(values: Mapping[str, OptionValue], found: Chain, *, project: str) -> str | None:
    if values.get("no_cache"):
        return None
    given = values.get("cache_dir")
    if isinstance(given, str):
        if holds_other_files(given):
            raise ConfigError(
                "--cache-dir: expected a folder of the cache's own, found one that holds other "
                f"files: {given}"
            )
        return os.path.abspath(given)
    configured = found["cache-dir"].inside("cache-dir")
    if configured is not None and holds_other_files(configured):
        # It gets a `.gitignore` that ignores everything in it, and `clean` empties it.
        raise ConfigError(
            f"{found['cache-dir'].named('cache-dir')}: expected a folder of the cache's own, found one that "
            f"holds other files: {configured}"
        )
    path = configured or os.path.join(project, CACHE)
    # A link in a tree that is only to be checked must not lead to writing elsewhere.
    return None if os.path.islink(path) else path


def _load_rules(made: Settings, values: Mapping[str, OptionValue], found: Chain) -> None:
    """Load the rules that the command line asks for: loading them runs code."""
    given, configured = _split(_strings(values, "rules")), found["rules"].modules("rules")
    made.rules = tuple(dict.fromkeys(given))
    if values.get("configured_rules"):
        made.rules = tuple(dict.fromkeys((*given, *configured)))
    made.unloaded_rules = tuple(name for name in configured if name not in made.rules)
    if made.rules:
        from titan_lint.config.own_rules import RulesError, load

        try:
            made.own_rules = load(made.rules, (os.getcwd(), found["rules"].base))
        except RulesError as error:
            raise ConfigError(f"--rules: {error}") from error


def _selected(
    made: Settings, values: Mapping[str, OptionValue], found: Chain, on: str, off: str
) -> tuple[str, ...]:
    """The rules that a pair of options switches on, all of them by default."""
    more = f"extend-{on}"
    given = _split(_strings(values, on))
    added = _split(_strings(values, f"extend_{on}"))
    ignored = _split(_strings(values, off))
    for name, selectors in ((on, given), (more, added), (off, ignored)):
        _select(made, f"--{name}", (selectors, True))
    giving = {on: [found[on]], more: found.adding(more, on), off: found.adding(off, on)}
    configured: dict[str, tuple[str, ...]] = {}
    for key, tables in giving.items():
        configured[key] = ()
        for table in tables:
            selectors = _heard(made, table.strings(key))
            _select(made, table.named(key), (selectors, True))
            configured[key] += selectors
    if given:
        return _select(
            made, "", (configured[off], False), ([*given, *added], True), (ignored, False)
        )
    base = configured[on] if found.has(on) else ("ALL",)
    return _select(
        made,
        "",
        ([*base, *configured[more]], True),
        (configured[off], False),
        (added, True),
        (ignored, False),
    )


def _heard(made: Settings, selectors: tuple[str, ...]) -> tuple[str, ...]:
    """Selectors of the configuration; those of no rule may be about rules that are not loaded."""
    if not made.unloaded_rules:
        return selectors
    return tuple(selector for selector in selectors if _is_known(made, selector))


def _is_known(made: Settings, selector: str) -> bool:
    try:
        selection.match(selector, made.names)
    except selection.SelectionError:
        return False
    return True


def _severities(made: Settings, found: Chain) -> tuple[tuple[str, str], ...]:
    """The severity that each rule is given; of several selectors, the more specific one decides."""
    giving = found["severity"]
    given = giving.table_of_choices("severity", SEVERITIES)
    decided: dict[str, tuple[int, str]] = {}
    for selector in _heard(made, tuple(given)):
        try:
            weight, codes = selection.match(selector, made.names)
        except selection.SelectionError as error:
            raise ConfigError(f"{giving.named('severity')}: {error}") from error
        for code in codes:
            decided[code] = max(decided.get(code, (-1, "")), (weight, given[selector]))
    return tuple((code, severity) for code, (_, severity) in sorted(decided.items()))


def _select(made: Settings, where: str, *steps: tuple[Sequence[str], bool]) -> tuple[str, ...]:
    try:
        return selection.select(made.names, *steps)
    except selection.SelectionError as error:
        raise ConfigError(f"{where}: {error}") from error


def _strings(values: Mapping[str, OptionValue], name: str) -> tuple[str, ...]:
    value = values.get(name)
    return value if isinstance(value, tuple) else ()


def _split(items: Sequence[str], separators: str = ",") -> tuple[str, ...]:
    parts = [part for item in items for part in (item.split(separators) if separators else [item])]
    return tuple(part.strip() for part in parts if part.strip())


def _patterns(values: Mapping[str, OptionValue], name: str) -> tuple[str, ...]:
    found = _split(_strings(values, name))
    for pattern in found:
        check_pattern(f"--{name.replace('_', '-')}", pattern)
    return found


def _common_directory(made: Settings, here: str) -> str:
    if made.paths == ("-",):
        return os.path.dirname(os.path.abspath(made.stdin_filename or "stdin.py"))
    absolute = [os.path.join(here, path) for path in made.paths]
    common = os.path.normpath(os.path.commonpath(absolute))
    return common if os.path.isdir(common) else os.path.dirname(common)


def _project(start: str) -> str | None:
    for directory in upward(start):
        if any(os.path.exists(os.path.join(directory, marker)) for marker in _MARKERS):
            return directory
    return None
