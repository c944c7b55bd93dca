"""``.gitignore`` files.

Nearly all lines that people write are plain names, ``*.suffix`` or anchored paths. Those are decided
with sets, since importing pathspec takes longer than walking most repositories; a file with any
other line is given to pathspec as a whole. Tests hold both ways against git itself.
"""

from __future__ import annotations

import os

from titan_lint import read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Sequence
    from typing import Any, Protocol

    class Rules(Protocol):
        """The lines of one file."""

        def decide(self, path: str, name: str, is_dir: bool) -> bool | None:
            """Whether ``path`` is ignored (``True``), kept (``False``), or not mentioned (``None``).

            Args:
                path: Relative to the directory of the file, with slashes.
                name: The last part of ``path``.
                is_dir: Whether it is a directory.
            """
            ...


class Ignore:
    """The ignore files that hold in one directory, the ones further up included."""

    __slots__ = ("_outer", "_prefix", "_rules")

    def __init__(self, directory: str, rules: Rules, outer: Ignore | None) -> None:
        self._prefix = len(directory.rstrip("/")) + 1
        self._rules = rules
        self._outer = outer

    def match(self, path: str, name: str, is_dir: bool) -> bool:
        """Whether the absolute ``path`` is ignored; the innermost file that knows decides."""
        ignore: Ignore | None = self
        while ignore is not None:
            decided = ignore._rules.decide(path[ignore._prefix :], name, is_dir)
            if decided is not None:
                return decided
            ignore = ignore._outer
        return False


def enter(
    directory: str, outer: Ignore | None, *, has_git: bool, has_ignore: bool
) -> Ignore | None:
    """Add what a directory's own files say to what holds around it; ``None`` where nothing says anything."""
    for name, there in ((".git/info/exclude", has_git), (".gitignore", has_ignore)):
        rules = read(os.path.join(directory, name)) if there else None
        if rules is not None:
            outer = Ignore(directory, rules, outer)
    return outer


def around(directory: str) -> Ignore | None:
    """Collect what holds in ``directory`` from further up, as far as its git repository reaches.

    A directory that is itself ignored was named on purpose: then nothing from further up holds.
    """
    chain = [directory]
    while not os.path.exists(os.path.join(chain[-1], ".git")):
        parent = os.path.dirname(chain[-1])
        if parent == chain[-1]:
            return None
        chain.append(parent)
    ignore: Ignore | None = None
    for inner, outer in zip(reversed(chain[:-1]), reversed(chain[1:]), strict=True):
        ignore = enter(outer, ignore, has_git=outer is chain[-1], has_ignore=True)
        if ignore is not None and ignore.match(inner, os.path.basename(inner), True):
            return None
    return ignore


def read(path: str) -> Rules | None:
    """Read a file; ``None`` where it says nothing or cannot be read."""
    try:
        data = read_file.read(path)
    except OSError:
        return None
    return parse(data)


def parse(data: bytes) -> Rules | None:
    """Parse a file's content; ``None`` where it says nothing."""
    text = os.fsdecode(data.removeprefix(b"\xef\xbb\xbf"))
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    if not lines:
        return None
    groups: list[_Group] = []
    for line in lines:
        pattern = line.rstrip(" ")
        keep = pattern.startswith("!")
        if not groups or groups[-1].keep != keep:
            groups.append(_Group(keep))
        if not groups[-1].add(pattern.removeprefix("!")):
            return _Pathspec(lines)
    return _Plain(groups)


class _Group:
    """Neighbouring lines that all ignore, or all keep."""

    __slots__ = ("affixes", "keep", "names", "only_dirs", "paths", "suffixes")

    def __init__(self, keep: bool) -> None:
        self.keep = keep
        self.names: set[str] = set()
        self.paths: set[str] = set()
        # Names and paths of directories end with a slash.
        self.only_dirs: set[str] = set()
        self.suffixes: tuple[str, ...] = ()
        self.affixes: list[tuple[str, str, bool]] = []

    def add(self, pattern: str) -> bool:
        """Take a pattern up, or tell that it isn't a plain one."""
        body = pattern.removesuffix("/")
        only_dirs = body != pattern
        anchored = "/" in body
        body = body.removeprefix("/")
        if not body or "\\" in body or "?" in body or body != body.strip():
            return False
        if "*" not in body and "[" not in body:
            if any(part in ("", ".", "..") for part in body.split("/")):
                return False
            if only_dirs:
                self.only_dirs.add(("/" if anchored else "") + body)
            else:
                (self.paths if anchored else self.names).add(body)
            return True
        if anchored or body.count("*") > 1 or "]" in body.replace("]", "", 1):
            return False
        for spelled in _spell(body):
            if "[" in spelled or "]" in spelled:
                return False
            if "*" not in spelled:
                (self.only_dirs if only_dirs else self.names).add(spelled)
                continue
            prefix, _, suffix = spelled.partition("*")
            if prefix or only_dirs:
                self.affixes.append((prefix, suffix, only_dirs))
            else:
                self.suffixes += (suffix,)
        return True

    def match(self, path: str, name: str, is_dir: bool) -> bool:
        if name in self.names or path in self.paths or name.endswith(self.suffixes):
            return True
        if is_dir and (name in self.only_dirs or "/" + path in self.only_dirs):
            return True
        for prefix, suffix, only_dirs in self.affixes:
            if (
                name.startswith(prefix)
                and name.endswith(suffix)
                and len(name) >= len(prefix) + len(suffix)
                and (is_dir or not only_dirs)
            ):
                return True
        return False


def _spell(pattern: str) -> list[str]:
    """Spell out a plain character class: ``*.py[co]`` is ``*.pyc`` and ``*.pyo``."""
    before, bracket, rest = pattern.partition("[")
    inside, close, after = rest.partition("]")
    if not bracket or not close or not inside.isalnum():
        return [pattern]
    return [before + char + after for char in inside]


class _Plain:
    __slots__ = ("_groups",)

    def __init__(self, groups: list[_Group]) -> None:
        self._groups = groups[::-1]

    def decide(self, path: str, name: str, is_dir: bool) -> bool | None:
        for group in self._groups:
            if group.match(path, name, is_dir):
                return not group.keep
        return None


class _Pathspec:
    __slots__ = ("_patterns",)

    def __init__(self, lines: list[str]) -> None:
        from pathspec import GitIgnoreSpec

        # To git `x/**` is all that lies in `x`; pathspec takes it for `x` itself, too.
        spelled = [f"{line}/*" if line.endswith("/**") else line for line in lines]
        self._patterns: list[Any] = []
        for line, like in zip(lines, spelled, strict=True):
            if _has_many_stars(line):
                self._patterns.append(_Wild(line))
            elif _is_valid(like):
                self._patterns += GitIgnoreSpec.from_lines([like]).patterns

    def decide(self, path: str, name: str, is_dir: bool) -> bool | None:
        # The last line that matches decides, as in git. Pathspec prefers lines without a slash at the
        # end, and matches what lies in a directory with the line for the directory.
        asked = path + "/" if is_dir else path
        for pattern in reversed(self._patterns):
            if isinstance(pattern, _Wild):
                if pattern.match(path, name, is_dir):
                    return pattern.include
            elif pattern.include is not None and _matches_itself(pattern.match_file(asked), asked):
                return pattern.include
        return None


def _has_many_stars(line: str) -> bool:
    """Whether a line has stars of which a regular expression would try each with each."""
    parts = line.split("/")
    return parts.count("**") > 1 or any(part.count("*") > 2 for part in parts)


class _Wild:
    """A line with many stars, matched without going back further than the last of them.

    What follows a star is best matched as early as it can be: later stars then have more to choose
    from. That goes for the parts of a path between ``**`` as well.
    """

    __slots__ = ("_is_anchored", "_only_dirs", "_parts", "include")

    def __init__(self, line: str) -> None:
        import re

        text = re.sub(r"(?<!\\) +$", "", line)
        self.include = not text.startswith("!")
        text = text.removeprefix("!")
        body = text.removesuffix("/")
        self._only_dirs = body != text
        self._is_anchored = "/" in body
        parts = body.removeprefix("/").split("/")
        self._parts = [
            None if self._is_anchored and part == "**" else _tokens(part) for part in parts
        ]

    def match(self, path: str, name: str, is_dir: bool) -> bool:
        if self._only_dirs and not is_dir:
            return False
        if not self._is_anchored:
            (tokens,) = self._parts
            return tokens is not None and _fits(tokens, name, _fits_character)
        parts = list(self._parts)
        if parts[-1] is None:
            # All that lies in a directory, but not the directory.
            parts += [[None]]
        return _fits(parts, path.split("/"), _fits_part)


def _fits(wanted: Sequence[Any], given: Sequence[str], fits: Callable[[Any, str], bool]) -> bool:
    """Whether a sequence is as wanted, where ``None`` stands for any number of items."""
    at = start = 0
    star = -1
    for_star = 0
    while start < len(given):
        if at < len(wanted) and wanted[at] is None:
            star, for_star = at, start
            at += 1
        elif at < len(wanted) and fits(wanted[at], given[start]):
            at += 1
            start += 1
        elif star >= 0:
            for_star += 1
            at, start = star + 1, for_star
        else:
            return False
    return all(item is None for item in wanted[at:])


def _fits_part(tokens: list[Any], part: str) -> bool:
    return _fits(tokens, part, _fits_character)


def _fits_character(token: Any, character: str) -> bool:
    return token is ... or (
        token == character if isinstance(token, str) else bool(token.match(character))
    )


def _tokens(part: str) -> list[Any]:
    """A part of a pattern: characters, ``...`` for any one, ``None`` for a star, and bracketed ones.

    A part that makes no sense holds an expression that matches nothing.
    """
    import re

    never = re.compile("(?!)")
    found: list[Any] = []
    at = 0
    while at < len(part):
        character = part[at]
        at += 1
        if character == "*":
            if not found or found[-1] is not None:
                found.append(None)
        elif character == "?":
            found.append(...)
        elif character == "\\":
            found.append(part[at] if at < len(part) else never)
            at += 1
        elif character == "[":
            end = part.find("]", at + (2 if part[at : at + 1] in ("!", "^") else 1))
            if end < 0 or "[:" in part[at:end] or "\\" in part[at:end]:
                found.append(never)
                break
            inside = part[at:end]
            at = end + 1
            is_negated = inside[0] in "!^"
            inside = re.sub(r"([\[\]^&|~])", r"\\\1", inside[1:] if is_negated else inside)
            try:
                found.append(re.compile(f"[{'^' if is_negated else ''}{inside}]"))
            except re.error:
                found.append(never)
        else:
            found.append(character)
    return found


def _matches_itself(found: Any, asked: str) -> bool:
    """Whether a line matches the path asked for, and not only a directory that it lies in."""
    if found is None:
        return False
    match: re.Match[str] = found.match
    mark = match.groupdict().get("ps_d")
    # The pattern of `*/` matches any slash; the others begin at the start.
    return (
        not mark or match.end("ps_d") == len(asked) or bool(match.re.match(asked, len(asked) - 1))
    )


def _is_valid(line: str) -> bool:
    """Whether pathspec takes a line; to git, one that makes no sense matches nothing."""
    import re

    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True
