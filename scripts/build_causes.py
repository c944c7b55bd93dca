"""Write down which commit of main took something away, or changed what a callable asks for.

    python scripts/build_causes.py --git CHECKOUT

CHECKOUT is a git clone of torchtitan with main's history. Every version of every file between the first and the
newest bundled commit is read once (two minutes), and each commit is compared with the one before it. What is kept is
what two neighbouring bundled torchtitans differ in: of each difference the last commit between them that made it.

By commit and module stand the names that went, and of callables `f(x)` where the parameter or field `x` went or is
asked for since, and `f()` where the parameters, or fields, have another order or number. What is below something that
went with the same commit is not named again.
"""

from __future__ import annotations

import argparse
import bisect
import io
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import build_surfaces as surfaces  # noqa: E402

from titan_lint.api import bundle, causes, history  # noqa: E402
from titan_lint.api.extract import tree  # noqa: E402
from titan_lint.api.extract.extract import ExtractionError, extract_records  # noqa: E402
from titan_lint.api.signatures import KINDS, ParameterKind  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from titan_lint.api.entities import Record

    File = tuple[str, str]
    # The path and the blob of a file.
    Facts = dict[str, tuple[object, ...]]
    # What something is like, by the key that a cause of its change has.

_PACKAGES = ("torchtitan", "torchtitan_recipes")
_BY_POSITION = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL_OR_KEYWORD)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--git", type=Path, required=True, metavar="CHECKOUT", help="a clone")
    git: Path = parser.parse_args().git
    points = [
        str(entry.commit)
        for key in history.timeline()
        if (entry := bundle.index()[key]).kind == "main"
    ]
    surfaces.check_history(git, [{"commit": commit, "day": ""} for commit in points])
    found = build(git, points, between_neighbours(), set(bundle.pack().module_names))
    causes.FILE.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
    number = sum(len(names) for modules in found.values() for names in modules.values())
    print(f"{len(found)} commits, {number} causes, {causes.FILE.stat().st_size:,} bytes")


def build(
    git: Path, points: list[str], wanted: set[str], modules: set[str]
) -> dict[str, dict[str, list[str]]]:
    """The causes, by the ten digits of a commit and by module, oldest first.

    Args:
        git: The clone.
        points: The bundled commits of main, oldest first.
        wanted: The differences that are to be explained.
        modules: The names of all modules.
    """
    spread = f"{points[0]}..{points[-1]}"
    commits = surfaces.run_git(git, "rev-list", "--first-parent", "--reverse", spread).split()
    ends = [commits.index(point) for point in points[1:]]
    last: dict[tuple[str, int], int] = {}
    for number, (old, new) in enumerate(changes(git, [points[0], *commits])):
        differing = differences(old, new)
        for key in differing & wanted:
            if not any(holder in differing for holder in holders(key)):
                last[key, bisect.bisect_left(ends, number)] = number
    found: dict[str, dict[str, list[str]]] = {}
    for (key, _), number in sorted(last.items(), key=lambda entry: (entry[1], entry[0])):
        module, name = split(key, modules)
        found.setdefault(commits[number][:10], {}).setdefault(module, []).append(name)
    return found


def between_neighbours() -> set[str]:
    """What differs between two neighbouring bundled torchtitans."""
    loaded = map(bundle.load, history.timeline())
    each = (
        facts({name: surface.module_record(name) for name in surface.modules}) for surface in loaded
    )
    return {key for old, new in itertools.pairwise(each) for key in differences(old, new)}


def changes(git: Path, commits: list[str]) -> Iterator[tuple[Facts, Facts]]:
    """The facts of the files that each commit but the first changes, before and after it."""
    listed = [files(git, commit) for commit in commits]
    known = read(git, sorted({entry for one in listed for entry in one.items()}))
    for old, new in itertools.pairwise(listed):
        # What cannot be read counts as what was there before.
        for path in [path for path, blob in new.items() if (path, blob) not in known]:
            new[path] = old.get(path, "")
        yield together(known, old.items() - new.items()), together(known, new.items() - old.items())


def together(known: Mapping[File, Facts], those: Iterable[File]) -> Facts:
    return {key: state for each in those for key, state in known.get(each, {}).items()}


def files(git: Path, commit: str) -> dict[str, str]:
    """The blobs of a commit's Python files, by path."""
    listed = surfaces.run_git(git, "ls-tree", "-r", commit, "--", *_PACKAGES).splitlines()
    entries = (line.split("\t") for line in listed)
    return {path: about.split()[2] for about, path in entries if path.endswith(".py")}


def read(git: Path, those: list[File]) -> dict[File, Facts]:
    """The facts of files, each read alone, but for those that are no Python."""
    asked = "".join(f"{blob}\n" for _, blob in those).encode()
    command = ["git", "-C", str(git), "cat-file", "--batch"]
    answer = io.BytesIO(
        subprocess.run(command, input=asked, check=True, capture_output=True).stdout
    )
    found: dict[File, Facts] = {}
    for path, blob in those:
        size = int(answer.readline().split()[2])
        content = answer.read(size + 1)[:size]
        try:
            found[path, blob] = facts(extract_records(tree.Tree("", {path: content})).modules)
        except ExtractionError as error:
            print(f"{blob[:9]} is left out{error}", file=sys.stderr)
    return found


def facts(modules: Mapping[str, Record]) -> Facts:
    """What causes are told of: each path, whether a parameter may be left out and given by position, and their order."""
    found: Facts = {}
    for name, record in modules.items():
        found[name] = ()
        _members(name, record.get("members", {}), found)
    return found


def _members(holder: str, members: Mapping[str, Record], found: Facts) -> None:
    for name, record in members.items():
        path = f"{holder}.{name}"
        match record:
            case {"tc": True}:
                continue
            case {"k": "a", "to": str(target)} if target.partition(".")[0] not in _PACKAGES:
                continue
            case {"k": "c"}:
                inside: dict[str, Record] = record.get("m", {})
                _members(path, inside, found)
                fields = {field: "v" in one for field, one in inside.items() if _is_field(one)}
                found[f"{path}()"] = tuple(fields)
                found.update({f"{path}({field})": (given,) for field, given in fields.items()})
            case {"k": "f", "p": [*parameters]}:
                names = [entry[0] for entry in parameters if KINDS[entry[1]] in _BY_POSITION]
                found[f"{path}()"] = tuple(names)
                found.update(
                    {f"{path}({one[0]})": (len(one) > 3, one[0] in names) for one in parameters}
                )
        found[path] = ()


def _is_field(record: Record) -> bool:
    return record["k"] == "v" and "t" in record and not record.get("cv")


def differences(old: Facts, new: Facts) -> set[str]:
    """What went; of what stays, the parameters that went or are otherwise, and those that are new and asked for."""
    found = {key for key in old.keys() - new.keys() if "(" not in key}
    for key in old.keys() | new.keys():
        path, bracket, _ = key.partition("(")
        stays = f"{path}()" in old and f"{path}()" in new
        if bracket and stays and old.get(key) != new.get(key) and (key in old or not new[key][0]):
            found.add(key)
    return found


def holders(key: str) -> Iterator[str]:
    """What a key is about and what that is in, from the inside out."""
    path, bracket, _ = key.partition("(")
    if bracket:
        yield path
    while "." in path:
        path = path.rpartition(".")[0]
        yield path


def split(key: str, modules: set[str]) -> tuple[str, str]:
    """The module that a key is in, and the rest of it; a module's own is that of its package."""
    return next(
        (holder, key.removeprefix(f"{holder}."))
        for holder in holders(key)
        if holder in modules or "." not in holder
    )


if __name__ == "__main__":
    main()
