"""The configuration file: found, read, and each setting held against what it may be."""

from __future__ import annotations

import os

from titan_lint import read_file
from titan_lint.config.globs import mistake
from titan_lint.config.selection import did_you_mean
from titan_lint.typeguards import is_list, is_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

KEYS = (
    "baseline",
    "cache-dir",
    "changes",
    "exclude",
    "extend",
    "extend-exclude",
    "extend-include",
    "extend-select",
    "fail-on",
    "fixable",
    "force-exclude",
    "from",
    "ignore",
    "include",
    "legacy-guard",
    "per-file-ignores",
    "respect-gitignore",
    "rules",
    "select",
    "severity",
    "surfaces",
    "torchtitan",
    "unfixable",
    "verify",
)
"""The settings of a configuration file; ``verify`` is a table for its own command."""

VERIFY_KEYS = ("entries",)


class ConfigError(Exception):
    """A setting is wrong; the message says which, where, and what is allowed."""


def upward(directory: str) -> Sequence[str]:
    """A directory and all those above it, nearest first."""
    chain = [directory]
    while (parent := os.path.dirname(chain[-1])) != chain[-1]:
        chain.append(parent)
    return chain


NAMES = ("titan-lint.toml", "pyproject.toml")
"""What a configuration file may be called, the one that goes first in front."""


def find(start: str) -> tuple[str | None, Mapping[str, object]]:
    """The nearest configuration at or above a directory: the file and its table; none and empty without one.

    Raises:
        ConfigError: A file cannot be read, or is no TOML.
    """
    for directory in upward(start):
        found = find_in(directory)
        if found is not None:
            return found
    return None, {}


def find_in(directory: str) -> tuple[str, Mapping[str, object]] | None:
    """The configuration in a directory: the file and its table; ``None`` where there is none.

    Raises:
        ConfigError: A file cannot be read, or is no TOML.
    """
    for name in NAMES:
        path = os.path.join(directory, name)
        try:
            data = read_file.read(path)
        except OSError as error:
            if isinstance(error, FileNotFoundError | NotADirectoryError):
                continue
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
        table = _parse(path, data)
        if table is not None:
            return path, table
    return None


def read_named(path: str) -> tuple[str, Mapping[str, object]]:
    """The absolute path and the table of the configuration file that the command line names.

    Raises:
        ConfigError: The file cannot be read, is no TOML or has no table for titan-lint.
    """

    def read(path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    return os.path.abspath(path), _read(path, read)


def _read(path: str, read: Callable[[str], bytes]) -> Mapping[str, object]:
    try:
        data = read(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    table = _parse(path, data)
    if table is None:
        raise ConfigError(f"{path}: there is no [tool.titan-lint] table in it")
    return table


def _parse(path: str, data: bytes) -> Mapping[str, object] | None:
    """Read a file's table; ``None`` where it is a ``pyproject.toml`` that has no table of ours."""
    in_pyproject = os.path.basename(path) == "pyproject.toml"
    # Importing tomllib costs as much as walking a repository.
    if in_pyproject and b"titan-lint" not in data:
        return None
    import tomllib

    try:
        document: dict[str, object] = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    if not in_pyproject:
        return document
    tool = document.get("tool")
    if not is_table(tool) or "titan-lint" not in tool:
        return None
    table = tool["titan-lint"]
    if not is_table(table):
        raise ConfigError(f"{path}: tool.titan-lint: expected a table, found {_describe(table)}")
    return table


def _describe(value: object) -> str:
    if is_table(value):
        return "a table"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value)


class Chain:
    """A configuration file and those that it extends, the one that goes first in front.

    Args:
        path: The absolute path of the file; empty where there is none.
        table: Its table.
        base: The absolute directory that paths in it are relative to.

    Raises:
        ConfigError: There is a setting that is not known, or a file that is extended cannot be read.
    """

    def __init__(self, path: str, table: Mapping[str, object], base: str) -> None:
        self._tables = [Table(path, table, base)]
        seen = [path]
        while (named := self._tables[-1].string("extend")) is not None:
            last = self._tables[-1]
            path = os.path.normpath(os.path.join(last.base, os.path.expanduser(named)))
            if path in seen:
                way = " to ".join(map(_shown, [*seen[seen.index(path) :], path]))
                raise ConfigError(f"{last.named('extend')}: leads in a circle, from {way}")
            seen.append(path)
            try:
                extended = _read(path, read_file.read)
            except (ConfigError, ValueError) as error:
                raise ConfigError(f"{last.named('extend')}: {error}") from error
            self._tables.append(Table(path, extended, os.path.dirname(path)))

    def __getitem__(self, key: str) -> Table:
        """The file whose setting counts: the first one that has it, or the first one of all."""
        return next((table for table in self._tables if table.has(key)), self._tables[0])

    def has(self, key: str) -> bool:
        """Whether one of the files gives the setting."""
        return self[key].has(key)

    def adding(self, key: str, to: str | None = None) -> Iterator[Table]:
        """The files whose settings add to each other, the last extended one first.

        Args:
            key: The setting.
            to: The setting that it adds to: a file that has that one starts afresh.
        """
        added: list[Table] = []
        for table in self._tables:
            if table.has(key):
                added.append(table)
            if to is not None and table.has(to):
                break
        return reversed(added)


class Table:
    """The settings of a file; its methods read one, and say what is wrong with it.

    Attributes:
        base: The absolute directory that paths in it are relative to.
    """

    def __init__(self, path: str, table: Mapping[str, object], base: str) -> None:
        self._path = path
        self.base = base
        self._table = table
        for key in table:
            if key not in KEYS:
                raise ConfigError(f"{self.named(key)}: unknown setting; {_near(key, KEYS)}")

    def named(self, key: str) -> str:
        """Name the setting in a message."""
        prefix = "tool.titan-lint." if os.path.basename(self._path) == "pyproject.toml" else ""
        return f"{_shown(self._path)}: {prefix}{key}"

    def has(self, key: str) -> bool:
        """Whether the file gives the setting."""
        return key in self._table

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Read a boolean."""
        value = self._table.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false", value)
        return value

    def string(self, key: str) -> str | None:
        """Read a string that is not empty; ``None`` where the key is absent.

        Raises:
            ConfigError: It is another thing.
        """
        value = self._table.get(key)
        if value is not None and (not isinstance(value, str) or not value):
            raise self._wrong(key, "a string", value)
        return value

    def choice(self, key: str, choices: Sequence[str]) -> str | None:
        """Read one of some words; ``None`` where the key is absent.

        Raises:
            ConfigError: It is another thing.
        """
        return self._one_of(key, self._table[key], choices) if self.has(key) else None

    def table_of_choices(self, key: str, choices: Sequence[str]) -> dict[str, str]:
        """Read a table of rules, each with one of some words."""
        value = self._table.get(key, {})
        if not is_table(value):
            raise self._wrong(key, "a table of rules", value)
        return {name: self._one_of(f"{key}.{name}", item, choices) for name, item in value.items()}

    def strings(self, key: str, *, single: bool = False) -> tuple[str, ...]:
        """Read a list of strings, or, where ``single`` allows it, one string."""
        value = self._table.get(key)
        if value is None:
            return ()
        if single and isinstance(value, str) and value:
            return (value,)
        allowed = "a string or a list of strings" if single else "a list of strings"
        found = self._list(key, value, allowed)
        if single and "" in found:
            raise self._wrong(key, allowed, "")
        return found

    def patterns(self, key: str) -> list[tuple[str, str]]:
        """Read a list of patterns, of which none is empty; each with the directory that it is relative to."""
        found = self.strings(key)
        if "" in found:
            raise self._wrong(key, "a list of patterns", "")
        for pattern in found:
            check_pattern(self.named(key), pattern)
        return [(self.base, pattern) for pattern in found]

    def modules(self, key: str) -> tuple[str, ...]:
        """Read a list of names of Python modules."""
        found = self.strings(key)
        for name in found:
            if not all(map(str.isidentifier, name.split("."))):
                raise self._wrong(key, "a list of modules", name)
        return found

    def targets(self, key: str, *, several: bool = True) -> tuple[str, ...]:
        """Read versions of torchtitan; one that is a path must not lead out of the project."""
        value = None if several else self.string(key)
        found = self.strings(key, single=True) if several else (value,) if value else ()
        for text in found:
            if "/" in text or os.sep in text or text.startswith((".", "~")):
                self._check_inside(key, os.path.expanduser(text))
        return found

    def table_of_strings(self, key: str) -> dict[str, tuple[str, ...]]:
        """Read a table of patterns, each with a list of strings."""
        value = self._table.get(key)
        if value is None:
            return {}
        if not is_table(value):
            raise self._wrong(key, "a table of patterns, each with a list of rules", value)
        if "" in value or "!" in value:
            raise self._wrong(key, "a table of patterns, each with a list of rules", "")
        for pattern in value:
            check_pattern(self.named(key), pattern)
        return {
            name: self._list(f"{key}.{name}", item, "a list of rules")
            for name, item in value.items()
        }

    def inside(self, key: str) -> str | None:
        """Read a path, which must not lead out of the project; ``None`` where the key is absent.

        Raises:
            ConfigError: It is no path, or leads out.
        """
        value = self.string(key)
        if value is None:
            return None
        return self._check_inside(key, value)

    def files(self, key: str) -> tuple[str, ...]:
        """Read a list of paths, which must not lead out of the project.

        Raises:
            ConfigError: It is another thing, or one leads out.
        """
        found = self.strings(key)
        if "" in found:
            raise self._wrong(key, "a list of paths", "")
        return tuple(self._check_inside(key, path) for path in found)

    def _check_inside(self, key: str, value: str) -> str:
        base = self.base
        if "\0" in value:
            raise self._wrong(key, "a path", value)
        path = os.path.realpath(os.path.join(base, value))
        if os.path.commonpath([path, os.path.realpath(base)]) != os.path.realpath(base):
            raise ConfigError(
                f"{self.named(key)}: must lie inside {base}, found {value!r}; "
                "only the command line may lead out of it"
            )
        return path

    def entries(self) -> tuple[str, ...]:
        """Read the engines that the table ``verify`` offers."""
        verify = self._table.get("verify", {})
        if not is_table(verify):
            raise self._wrong("verify", "a table", verify)
        for key in verify:
            if key not in VERIFY_KEYS:
                named = self.named(f"verify.{key}")
                raise ConfigError(f"{named}: unknown setting; {_near(key, VERIFY_KEYS)}")
        allowed = "a list of 'package.module:function'"
        found = self._list("verify.entries", verify.get("entries", []), allowed)
        for entry in found:
            module, _, function = entry.partition(":")
            if not all(name.isidentifier() for name in (*module.split("."), function)):
                raise self._wrong("verify.entries", allowed, entry)
        return found

    def _one_of(self, key: str, value: object, choices: Sequence[str]) -> str:
        if not isinstance(value, str) or value not in choices:
            raise self._wrong(key, " or ".join(map(repr, choices)), value)
        return value

    def _list(self, key: str, value: object, allowed: str) -> tuple[str, ...]:
        if not is_list(value):
            raise self._wrong(key, allowed, value)
        items: list[str] = []
        for item in value:
            if not isinstance(item, str):
                raise self._wrong(key, allowed, item)
            items.append(item)
        return tuple(items)

    def _wrong(self, key: str, allowed: str, value: object) -> ConfigError:
        return ConfigError(f"{self.named(key)}: expected {allowed}, found {_describe(value)}")


def check_pattern(where: str, pattern: str) -> None:
    """Hold a pattern of paths against the syntax of globs.

    Raises:
        ConfigError: It is no pattern; the message begins with ``where``.
    """
    wrong = mistake(pattern.removeprefix("!"))
    if wrong is not None:
        raise ConfigError(f"{where}: expected a pattern, found {pattern!r}: {wrong}")


def _near(key: str, known: Sequence[str]) -> str:
    import difflib

    near = difflib.get_close_matches(key.replace("_", "-"), known, 2)
    if not near:
        return f"known {'is' if len(known) == 1 else 'are'} {', '.join(known)}"
    return did_you_mean(near)


def _shown(path: str) -> str:
    here = os.getcwd() + os.sep
    return path.removeprefix(here)
