"""Find the engines that a tree offers, without importing anything of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from titan_lint.config.settings import load_settings
from titan_lint.verify.detection import find_engines
from titan_lint.verify.entry import Entry, import_root, python_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DIRECTIVE = re.compile(r"^#\s*titan-lint:\s*engine\s*=\s*(?P<entry>\S+)(?P<options>.*)$", re.M)
_ENTRY = re.compile(r"(?P<module>[A-Za-z_][\w.]*):(?P<function>[A-Za-z_]\w*)")
_OPTIONS = ("attn", "config", "device")


class EntryError(ValueError):
    """An entry is named wrongly or cannot be found; the message says where and what to do."""


def find_entries(paths: Sequence[Path], entries: Sequence[str] = ()) -> list[Entry]:
    """The engines named by ``entries``, else those that the files under ``paths`` offer, else well-known ones.

    Args:
        paths: files and directories to look in.
        entries: ``package.module:function`` names, as from ``--entry`` or the configuration.

    Raises:
        EntryError: an entry is malformed or is not under any path, a directive has an unknown
            option, or a path does not exist.
    """
    for path in paths:
        if not path.exists():
            raise EntryError(f"{path}: no such file or directory")
    if entries:
        return [_named_entry(entry, paths) for entry in entries]
    offered = {entry: None for path in python_files(paths) for entry in _offered_by(path)}
    return list(offered) or find_engines(paths)


def configured_entries(paths: Sequence[Path]) -> tuple[str, ...]:
    """The ``[tool.titan-lint.verify] entries`` of the configuration that applies to the paths.

    Raises:
        ConfigError: the configuration is wrong.
    """
    return load_settings({"paths": tuple(map(str, paths))}).entries


def _offered_by(path: Path) -> Iterator[Entry]:
    text = path.read_text(encoding="utf-8", errors="replace")
    for match in _DIRECTIVE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        options: dict[str, str] = {}
        for word in match["options"].split():
            key, equals, value = word.partition("=")
            if not equals or key not in _OPTIONS:
                raise EntryError(
                    f"{path}:{line}: unknown engine option {word!r}; "
                    f"known are {', '.join(f'{name}=...' for name in _OPTIONS)}"
                )
            options[key] = value
        root, module = import_root(path)
        yield Entry(
            root=root,
            module=module,
            path=path.resolve(),
            function=match["entry"],
            config=options.get("config", ""),
            attn_types=tuple(options["attn"].split(",")) if "attn" in options else (),
            device=options.get("device", ""),
        )


def _named_entry(entry: str, paths: Sequence[Path]) -> Entry:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise EntryError(f"entry {entry!r} is not of the form package.module:function")
    relative = Path(*match["module"].split("."))
    directories = [path if path.is_dir() else path.parent for path in paths]
    for directory in directories:
        for root in (directory, directory / "src"):
            for candidate in (root / f"{relative}.py", root / relative / "__init__.py"):
                if candidate.is_file():
                    return Entry(
                        root=root.resolve(),
                        module=match["module"],
                        path=candidate.resolve(),
                        function=match["function"],
                    )
    looked = ", ".join(str(directory) for directory in directories)
    raise EntryError(f"entry {entry!r}: no module {match['module']} under {looked} (or its src/)")
