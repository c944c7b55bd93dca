"""What a project says about the torchtitan it wants, and how a requirement says it."""

from __future__ import annotations

import re
from urllib.parse import unquote

from titan_lint.package_folder import is_torchtitan
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

_REQUIREMENT = re.compile(
    r"^torchtitan(?![\w.-])\s*(?:\[[^\]]*\])?\s*(?P<rest>[^;#]*)", re.IGNORECASE
)
_GIT = re.compile(
    r"(?:git\+|git:|ssh:|https?:)\S*?/torchtitan(?:\.git)?(?:@(?P<ref>[^\s#;&]+))?(?=[\s#;&]|$)",
    re.IGNORECASE,
)
_WHEEL = re.compile(r"/torchtitan-(?P<version>[^/\s-]+)(?:-[^/\s]*\.whl|\.tar\.gz)", re.IGNORECASE)
_VERSION = re.compile(r"^v?(\d+(?:\.\d+)+\S*)$")
_FOLDER = re.compile(r"(?:(?:-e|--editable)[\s=]\s*)?(?:file:(?://)?)?(?P<folder>[^\s#;\[]+)")
_REFERENCES = ("rev", "tag", "ref", "branch")
_DEV = re.compile(r"\.dev(\d{4})(\d{2})(\d{2})")


class Pin(Struct):
    """What a project says about the torchtitan it wants.

    Attributes:
        target: a target in the words of ``targets.parse``: a release, a date, ``main@<commit>``,
            ``main``, a folder, or a specifier such as ``>=0.2.2``; empty when any torchtitan will do.
        written: the requirement as the file has it.
        path: the file.
        line: its line there, from 1; 0 where the path is a torchtitan itself.
        more: what there is to say besides.
    """

    target: str
    written: str
    path: Path
    line: int
    more: str = ""

    @property
    def exact(self) -> bool:
        """Whether it names one torchtitan, not a range."""
        return bool(self.target) and self.target[0] not in "<>=!~"

    def told(self, root: Path) -> str:
        """Say in a message who asks for what, as seen from ``root``."""
        path = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        if not self.line:
            return f"{path.as_posix()} is at `{self.written}`"
        return f"{path.as_posix()}:{self.line} asks for `{self.written}`{self.more}"


def requirement(text: str, path: Path, line: int) -> Pin | None:
    """The pin in one requirement, as pip reads it; ``None`` where it is about something else."""
    wheel, git = _WHEEL.search(text), _GIT.search(text)
    named = _REQUIREMENT.match(text)
    if wheel is not None:
        return Pin(version(unquote(wheel["version"])), text, path, line)
    if git is not None and not text.startswith("#"):
        return Pin(reference(git["ref"]), text, path, line)
    if named is None:
        return (
            _folder(text, path, line) if text.startswith(("-e", "--editable", ".", "/")) else None
        )
    # A line that goes on with hashes ends in a backslash.
    text = text.removesuffix("\\")
    rest = named["rest"].removesuffix("\\").split(" --")[0].strip().strip("()")
    if rest.startswith("@"):  # A local folder, or a fork.
        return _folder(rest[1:].strip(), path, line)
    return Pin(specifier(rest), text.split(" --")[0].strip(), path, line)


def _folder(text: str, path: Path, line: int) -> Pin | None:
    """The pin to a torchtitan that lies in a folder; ``None`` where none does."""
    named = _FOLDER.match(text)
    pin = None if named is None else local(named["folder"], path, line)
    return pin if pin is not None and pin.target else None


def local(folder: str, path: Path, line: int) -> Pin:
    """The pin to what lies in a folder that a file names; any torchtitan will do where none lies there."""
    there = path.parent / folder
    if is_torchtitan(str(there / "torchtitan")):
        return Pin(str(there), folder, path, line)
    return Pin("", folder, path, line, ", where no torchtitan is")


def source(table: dict[str, Any], path: Path, line: int) -> Pin | None:
    """The pin in a table that names a repository of git or a folder; ``None`` where it names none."""
    if isinstance(table.get("path"), str):
        return local(table["path"], path, line)
    if not isinstance(table.get("git"), str):
        return None
    asked = next((table[key] for key in _REFERENCES if table.get(key)), None)
    written = f"{table['git']}@{asked}" if asked else table["git"]
    return Pin(reference(asked if isinstance(asked, str) else None), written, path, line)


def reference(name: str | None) -> str:
    """Target for a git reference: a tag of a release, a commit, or a branch."""
    if name is None or name in ("main", "HEAD", "master"):
        return "main"
    tag = _VERSION.match(name)
    if tag is not None:
        return version(tag[1])
    return f"main@{name}"


def version(text: str) -> str:
    """Target for a version; the date of a nightly, which sorts below every release."""
    nightly = _DEV.search(text)
    if nightly is not None:
        return "-".join(nightly.groups())
    return text.partition("+")[0]


def specifier(text: str) -> str:
    """Target for what stands behind a name in a requirement."""
    exact = re.fullmatch(r"={2,3}\s*([^\s,*]+)", text)
    return version(exact[1]) if exact else text.replace(" ", "")


def poetry(text: str) -> str:
    """Poetry's carets, tildes and bare versions in the words of PEP 440."""
    text = text.strip()
    if text in ("*", ""):
        return ""
    near = re.fullmatch(r"([\^~])(\d+)(?:\.(\d+))?\S*", text)
    if near is not None and not text.startswith("~="):
        sign, major, minor = near.groups()
        if minor is None or (sign == "^" and int(major)):
            upper = str(int(major) + 1)
        else:
            upper = f"{major}.{int(minor) + 1}"
        return f">={text[1:]},<{upper}"
    if text[0].isdigit():
        return f"=={text}" if "*" in text else version(text)
    return specifier(text)
