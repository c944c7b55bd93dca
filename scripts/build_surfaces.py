"""Add a torchtitan to the surfaces that come with titan-lint, or build all of them, from torchtitan itself.

    python scripts/build_surfaces.py VERSION [--git CHECKOUT]
    python scripts/build_surfaces.py COMMIT --git CHECKOUT [--day YYYY-MM-DD]
    python scripts/build_surfaces.py --all --git CHECKOUT [--wheels FOLDER]
    python scripts/build_surfaces.py --repack

VERSION is a release, as `0.3.0`; a wheel that FOLDER lacks is downloaded with pip. COMMIT is one of main;
CHECKOUT is a git clone of torchtitan that has it and main's history, and tells of a release which commit of
main its tag is. DAY is the day from which a date means this commit, that of the first nightly that holds it;
by default the day that the commit itself bears. What was there before is taken as it is bundled.

`--all` builds everything that `scripts/surfaces.json` lists, anew: twice gives the same bytes (with the
same zlib). `--repack` writes the pack anew from what is bundled, and what the index says of it, after a change of
their format.

Exit status: 0 all is written, 1 what was to be added is there already or does not fit behind what is there,
2 what was named is no torchtitan that can be read. Then nothing is written.
"""

from __future__ import annotations

import argparse
import bisect
import datetime
import itertools
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from titan_lint.api import absence, bundle, data_package, history, pack  # noqa: E402
from titan_lint.api.extract import tree  # noqa: E402
from titan_lint.api.extract.accepted_values import asked_for_values  # noqa: E402
from titan_lint.api.extract.extract import extract_records  # noqa: E402
from titan_lint.api.indexes import InMemory  # noqa: E402
from titan_lint.api.pack import fingerprint  # noqa: E402
from titan_lint.api.surface import Provenance, Surface  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from titan_lint.api.entities import Record

    Listed = dict[str, list[dict[str, str]]]
    Made = tuple[dict[str, Any], dict[str, Record], pack.Sources]

LIST = ROOT / "scripts" / "surfaces.json"
_PATHS = ("torchtitan", "torchtitan_recipes", "assets/version.txt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("added", nargs="?", metavar="VERSION|COMMIT", help="what to add")
    parser.add_argument("--all", action="store_true", help="build all that is listed, anew")
    parser.add_argument("--repack", action="store_true", help="write the pack anew")
    parser.add_argument("--git", type=Path, metavar="CHECKOUT", help="a git clone of torchtitan")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="has torchtitan's wheels")
    parser.add_argument("--day", type=datetime.date.fromisoformat, help="from when a date means it")
    arguments = parser.parse_args()
    if bool(arguments.added) + arguments.all + arguments.repack != 1:
        parser.error("give a version, a commit, --all or --repack")
    if arguments.repack:
        made = bundled()
        bundle.PACK.write_bytes(packed(made))
        entries = [with_broken(entry, records) for entry, records, _ in made]
        write_json(bundle.INDEX, {"surfaces": entries})
        return
    is_release = bool(arguments.added) and re.fullmatch(r"[0-9]+(\.[0-9a-z]+)+", arguments.added)
    if arguments.git is None and not is_release:
        parser.error("a commit takes --git, a clone of https://github.com/pytorch/torchtitan")
    listed: Listed = json.loads(LIST.read_text(encoding="utf-8"))
    try:
        if is_release:
            add_release(listed, arguments.added, arguments.wheels, arguments.git)
        elif arguments.added:
            add_commit(listed, arguments.added, arguments.git, arguments.day)
        else:
            build_all(listed, arguments.git, arguments.wheels)
    except tree.PackageError as error:
        refuse(str(error))
    total = sum(file.stat().st_size for file in bundle.DATA.iterdir())
    print(f"{len(listed['releases']) + len(listed['main'])} surfaces, {total:,} bytes")


def add_release(listed: Listed, version: str, wheels: Path | None, git: Path | None) -> None:
    """Add a release between those before and after it."""
    versions = [release["version"] for release in listed["releases"]]
    if version in versions:
        sys.exit(f"{version} is there already")
    place = bisect.bisect([Version(each) for each in versions], Version(version))
    release = {"version": version}
    if git is not None and (commit := tagged(git, version, listed["main"])):
        release["commit"] = commit
    with tempfile.TemporaryDirectory() as scratch:
        made = make(**read_release(wheel=find_wheel(version, wheels, Path(scratch)), **release))
    surfaces = bundled()
    surfaces.insert(place, made)
    listed["releases"].insert(place, release)
    write(listed, surfaces)


def add_commit(listed: Listed, commit: str, git: Path, day: datetime.date | None) -> None:
    """Add a commit of main where it belongs in main's history."""
    if not has_commit(git, commit):
        refuse(f"{git} is no clone of torchtitan that has the commit {commit}")
    full, own_day = run_git(git, "log", "-1", "--format=%H %cs", f"{commit}^{{commit}}").split()
    points = listed["main"]
    if full in [point["commit"] for point in points]:
        sys.exit(f"{full} is there already")
    check_history(git, points)
    place = sum(is_ancestor(git, point["commit"], full) for point in points)
    points.insert(place, {"commit": full, "day": day.isoformat() if day else own_day})
    check_history(git, points)
    surfaces = bundled()
    surfaces.insert(len(listed["releases"]) + place, make(**read_commit(git, **points[place])))
    write(listed, surfaces, git)


def build_all(listed: Listed, git: Path, wheels: Path | None) -> None:
    """Build everything that is listed."""
    check_history(git, listed["main"])
    with tempfile.TemporaryDirectory() as scratch:
        releases = [
            make(
                **read_release(
                    wheel=find_wheel(release["version"], wheels, Path(scratch)), **release
                )
            )
            for release in listed["releases"]
        ]
    write(listed, releases + [make(**read_commit(git, **point)) for point in listed["main"]], git)


def write(listed: Listed, surfaces: list[Made], git: Path | None = None) -> None:
    """Write all files; the commits of main only with a clone to ask."""
    entries = [entry for entry, _, _ in surfaces]
    content = packed(surfaces)
    bundle.DATA.mkdir(exist_ok=True)
    if git is not None:
        write_json(bundle.COMMITS, commits_until(git, listed["main"][-1]["commit"]))
    write_json(LIST, listed)
    write_json(bundle.INDEX, {"surfaces": entries})
    bundle.PACK.write_bytes(content)


def packed(surfaces: list[Made]) -> bytes:
    return pack.write([records for _, records, _ in surfaces], [made for _, _, made in surfaces])


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def bundled() -> list[Made]:
    """The surfaces as they are."""
    entries = json.loads(bundle.INDEX.read_text(encoding="utf-8"))["surfaces"]
    opened = bundle.read_pack(data_package.OWN)
    found: list[Made] = []
    for number, entry in enumerate(entries):
        one = pack.PackedRecords(opened, number)
        records = {name: one.record(name) for name in one.names}
        found.append((entry, records, opened.sources(number)))
    return found


def make(*, tree: tree.Tree, **entry: Any) -> Made:
    """The entry, the records and the digests of the files of a torchtitan that was read."""
    extracted = extract_records(tree)
    records = extracted.modules
    print(f"{entry['key']:18} {len(records)} modules", file=sys.stderr)
    made = {
        **entry,
        "version": tree.version,
        "sha256": fingerprint(records),
        "source": tree.digest(),
    }
    sources = pack.Sources(tree.digests(), asked_for_values(extracted))
    return with_broken(made, records), records, sources


def with_broken(entry: dict[str, Any], records: Mapping[str, Record]) -> dict[str, Any]:
    """An entry that names the modules which torchtitan itself broke, where there are any."""
    surface = Surface(Provenance(entry["key"], "tree", ""), InMemory(records))
    names = absence.broken(surface)
    return {**entry, "broken": names} if names else entry


def find_wheel(version: str, folder: Path | None, scratch: Path) -> Path:
    """The wheel of a release, from `folder` or, failing that, from the registry through pip."""
    pattern = f"torchtitan-{version}-*.whl"
    found = sorted(folder.glob(pattern)) if folder else []
    if not found:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--dest", str(scratch), f"torchtitan=={version}"]
        if subprocess.run(command, check=False).returncode:
            sys.exit(f"pip cannot download the wheel of torchtitan {version}")
        found = sorted(scratch.glob(pattern))
    return found[0]


def trees(
    git: Path, wheels: Path | None, only: Collection[str] = ()
) -> Iterator[tuple[str, tree.Tree]]:
    """The key and the tree of each bundled torchtitan, or of some of them, oldest first."""
    if unknown := {*only}.difference(history.timeline()):
        refuse(f"no such version is known here: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as scratch:
        for key in history.timeline():
            if only and key not in only:
                continue
            entry = bundle.index()[key]
            if entry.kind == "release":
                yield key, read_release(key, find_wheel(key, wheels, Path(scratch)))["tree"]
            else:
                yield key, read_commit(git, str(entry.commit), str(entry.day))["tree"]


def unpack(read: tree.Tree, folder: Path) -> None:
    """Write a tree's files below a folder."""
    for path, text in read.files.items():
        Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, path).write_bytes(text)


def read_release(version: str, wheel: Path, commit: str | None = None) -> dict[str, Any]:
    """The tree of a release; its date is that of the wheel's newest file, in UTC."""
    with zipfile.ZipFile(wheel) as archive:
        built = max(info.date_time for info in archive.infolist())
    date = datetime.datetime(*built, tzinfo=datetime.UTC)
    return {
        "key": version,
        "kind": "release",
        "commit": commit,
        "date": date.isoformat(),
        "day": date.date().isoformat(),
        "how": f"wheel {wheel.name} from PyPI",
        "tree": tree.read(wheel),
    }


def read_commit(git: Path, commit: str, day: str) -> dict[str, Any]:
    """The tree of a commit of main."""
    full, date = run_git(git, "log", "-1", "--format=%H %cI", commit).split()
    present = run_git(git, "ls-tree", "--name-only", full, "--", *_PATHS).split()
    if "torchtitan" not in present:
        refuse(f"{commit} of {git} is no torchtitan: it has no folder `torchtitan`")
    archive = subprocess.run(
        ["git", "-C", str(git), "archive", full, "--", *present], check=True, capture_output=True
    ).stdout
    return {
        "key": f"main@{full[:9]}",
        "kind": "main",
        "commit": full,
        "date": date,
        "day": day,
        "how": f"git archive of {full}",
        "tree": tree.from_tar(archive, full[:9]),
    }


def check_history(git: Path, points: list[dict[str, str]]) -> None:
    """The list has to follow main's history, or the nearest point to a date would be a wrong one."""
    for point in points:
        if not has_commit(git, point["commit"]):
            refuse(f"{git} is no clone of torchtitan's main: it has no commit {point['commit']}")
    for older, newer in itertools.pairwise(points):
        if not is_ancestor(git, older["commit"], newer["commit"]):
            sys.exit(f"{newer['commit'][:9]} does not come after {older['commit'][:9]} in {git}")
        if older["day"] > newer["day"]:
            sys.exit(f"{newer['commit'][:9]} of {newer['day']} follows one of {older['day']}")


def commits_until(git: Path, newest: str) -> list[tuple[str, str]]:
    """The commits of main until one, ten digits each, those in a row that bear the same day together."""
    lines = run_git(git, "log", "--first-parent", "--reverse", "--format=%cs %H", newest).split(
        "\n"
    )
    bearing = (line.split() for line in lines if line)
    return [
        (day, " ".join(commit[:10] for _, commit in together))
        for day, together in itertools.groupby(bearing, key=lambda entry: entry[0])
    ]


def tagged(git: Path, version: str, points: list[dict[str, str]]) -> str | None:
    """The commit that a release's tag is, `None` where it has none, or main has not got it."""
    tag = f"v{version}"
    if not has_commit(git, tag):
        return None
    commit = run_git(git, "rev-parse", f"{tag}^{{commit}}").strip()
    return commit if is_ancestor(git, commit, points[-1]["commit"]) else None


def is_ancestor(git: Path, older: str, newer: str) -> bool:
    command = ["git", "-C", str(git), "merge-base", "--is-ancestor", older, newer]
    return subprocess.run(command, check=False).returncode == 0


def run_git(git: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(git), *arguments], check=False, capture_output=True, text=True
    )
    if done.returncode:
        refuse(done.stderr.strip() or f"git {' '.join(arguments)} failed in {git}")
    return done.stdout


def has_commit(git: Path, commit: str) -> bool:
    """Whether a folder is in a clone that has a commit."""
    command = ["git", "-C", str(git), "rev-parse", "--quiet", "--verify", f"{commit}^{{commit}}"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def refuse(message: str) -> NoReturn:
    """End with a message, where what was named cannot be read."""
    print(message, file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
