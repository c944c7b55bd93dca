"""``--watch``: check again whenever a file changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from titan_lint.config.toml import ConfigError
from titan_lint.documents import SUFFIXES
from titan_lint.pin_files import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from watchfiles import Change

    from titan_lint.config.settings import OptionValues, Settings

_SUFFIXES = (".py", ".pyi", ".toml", *SUFFIXES)
_RUN = (
    "import json, sys; from titan_lint.cli.main import check; "
    "values = json.loads(sys.argv[1]); "
    "sys.exit(check({k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}))"
)


def watch(values: OptionValues, settings: Settings) -> NoReturn:
    """Check, and again whenever something changes, until interrupted.

    Each check is a process of its own: it sees the configuration, the pins and the files as they are.

    Raises:
        ConfigError: The extra that watches files is not installed, or there is nothing to watch.
    """
    try:
        from watchfiles import watch as changes
    except ImportError as error:
        raise ConfigError("`--watch` needs watchfiles: install titan-lint[watch]") from error
    if settings.paths == ("-",):
        raise ConfigError("`--watch` cannot be combined with standard input")
    watched = [*settings.paths, *([settings.config] if settings.config else [])]
    for path in watched:
        if not os.path.exists(path):
            raise ConfigError(f"{path}: cannot be watched: there is no such file or folder")
    command = [sys.executable, "-c", _RUN, json.dumps({**values, "watch": False})]
    _check(command)
    for _ in changes(*watched, watch_filter=_matters):
        _check(command)
    raise KeyboardInterrupt


def _matters(_: Change, path: str) -> bool:
    return path.endswith(_SUFFIXES) or kind_of(os.path.basename(path)) is not None


def _check(command: list[str]) -> None:
    if sys.stdout.isatty():
        sys.stdout.write("\x1b[2J\x1b[H")
        sys.stdout.flush()
    subprocess.run(command, check=False)
    sys.stderr.write("Watching for changes; Ctrl-C ends.\n")
    sys.stderr.flush()
