"""Build the surfaces that come with titan-lint, all of them, from torchtitan itself.

    python scripts/build_surfaces.py --git CHECKOUT [--wheels FOLDER]
    python scripts/build_surfaces.py --git CHECKOUT --add COMMIT --day YYYY-MM-DD
    python scripts/build_surfaces.py --repack

CHECKOUT is a git clone of torchtitan that has main's history; wheels that FOLDER lacks are downloaded
with pip. What is built is listed in `scripts/surfaces.json`. Building twice gives the same bytes
(with the same zlib).

`--add` puts a newer commit of main at the end of the list and builds only that one; the others are
taken as they are bundled. DAY is the day from which a date means this commit: that of the first
nightly that holds it. `--repack` writes the pack anew from what is bundled, after a change of its format.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from titan_lint.api import bundle, pack  # noqa: E402
from titan_lint.api.extract import tree  # noqa: E402
from titan_lint.api.extract.extract import extract_records, fingerprint  # noqa: E402

if TYPE_CHECKING:
    from titan_lint.api.entities import Record

LIST = ROOT / "scripts" / "surfaces.json"
_PATHS = ("torchtitan", "torchtitan_recipes", "assets/version.txt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--git", type=Path, help="a git clone of torchtitan")
    parser.add_argument("--wheels", type=Path, help="folder with torchtitan's wheels")
    parser.add_argument("--add", metavar="COMMIT", help="a newer commit of main to add")
    parser.add_argument("--day", help="with --add: the day from which a date means it")
    parser.add_argument("--repack", action="store_true", help="write the pack anew")
    arguments = parser.parse_args()
    if arguments.repack:
        bundle.PACK.write_bytes(pack.write(bundled()[1]))
        return
    if arguments.git is None:
        parser.error("--git is missing")
    if (arguments.add is None) != (arguments.day is None):
        parser.error("--add and --day go together")
    listed = json.loads(LIST.read_text(encoding="utf-8"))
    if arguments.add is not None:
        day = datetime.date.fromisoformat(arguments.day).isoformat()
        commit = run_git(arguments.git, "rev-parse", f"{arguments.add}^{{commit}}").decode().strip()
        listed["main"].append({"commit": commit, "day": day})
    check_history(arguments.git, listed["main"])
    entries: list[dict[str, Any]] = []
    surfaces: list[dict[str, Record]] = []
    if arguments.add is not None:
        entries, surfaces = bundled()
        add(entries, surfaces, **read_commit(arguments.git, **listed["main"][-1]))
    else:
        with tempfile.TemporaryDirectory() as scratch:
            for release in listed["releases"]:
                wheel = find_wheel(release["version"], arguments.wheels, Path(scratch))
                add(entries, surfaces, **read_release(release["version"], wheel))
        for point in listed["main"]:
            add(entries, surfaces, **read_commit(arguments.git, **point))
    LIST.write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    bundle.DATA.mkdir(exist_ok=True)
    commits = json.dumps(commits_after(arguments.git, entries), indent=1)
    bundle.COMMITS.write_text(commits + "\n", encoding="utf-8")
    bundle.INDEX.write_text(json.dumps({"surfaces": entries}, indent=1) + "\n", encoding="utf-8")
    bundle.PACK.write_bytes(pack.write(surfaces))
    total = sum(file.stat().st_size for file in bundle.DATA.iterdir())
    print(f"{len(entries)} surfaces, {total:,} bytes")


def bundled() -> tuple[list[dict[str, Any]], list[dict[str, Record]]]:
    """The surfaces as they are: entries of the index, and records."""
    entries = json.loads(bundle.INDEX.read_text(encoding="utf-8"))["surfaces"]
    packed = (pack.PackedRecords(bundle.pack(), number) for number in range(len(entries)))
    return entries, [{name: one.record(name) for name in one.names} for one in packed]


def add(
    entries: list[dict[str, Any]],
    surfaces: list[dict[str, Record]],
    *,
    tree: tree.Tree,
    **entry: Any,
) -> None:
    records = extract_records(tree).modules
    entries.append(
        {
            **entry,
            "version": tree.version,
            "sha256": fingerprint(records),
            "source": tree.digest(),
        }
    )
    surfaces.append(records)
    print(f"{entry['key']:18} {len(records)} modules", file=sys.stderr)


def find_wheel(version: str, folder: Path | None, scratch: Path) -> Path:
    """The wheel of a release, from `folder` or, failing that, from the registry through pip."""
    pattern = f"torchtitan-{version}-*.whl"
    found = sorted(folder.glob(pattern)) if folder else []
    if not found:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", str(scratch), f"torchtitan=={version}"], check=True)
        found = sorted(scratch.glob(pattern))
    return found[0]


def read_release(version: str, wheel: Path) -> dict[str, Any]:
    """The tree of a release; its date is that of the wheel's newest file, in UTC."""
    with zipfile.ZipFile(wheel) as archive:
        built = max(info.date_time for info in archive.infolist())
    date = datetime.datetime(*built, tzinfo=datetime.UTC)
    return {
        "key": version,
        "kind": "release",
        "commit": None,
        "date": date.isoformat(),
        "day": date.date().isoformat(),
        "how": f"wheel {wheel.name} from PyPI",
        "tree": tree.read(wheel),
    }


def read_commit(git: Path, commit: str, day: str) -> dict[str, Any]:
    """The tree of a commit of main."""
    full, date = run_git(git, "log", "-1", "--format=%H %cI", commit).decode().split()
    present = run_git(git, "ls-tree", "--name-only", full, "--", *_PATHS).decode().split()
    archive = run_git(git, "archive", full, "--", *present)
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
    for older, newer in itertools.pairwise(points):
        run_git(git, "merge-base", "--is-ancestor", older["commit"], newer["commit"])
        if older["day"] > newer["day"]:
            sys.exit(f"{newer['commit'][:9]} of {newer['day']} follows one of {older['day']}")


def commits_after(git: Path, entries: list[dict[str, Any]]) -> dict[str, str]:
    """For each point of main: the commits from it to the next one, ten digits each."""
    points = [entry for entry in entries if entry["kind"] == "main"]
    found: dict[str, str] = {}
    for point, following in itertools.pairwise(points):
        span = f"{point['commit']}..{following['commit']}"
        commits = run_git(git, "rev-list", "--first-parent", "--reverse", span).decode().split()
        found[point["key"]] = " ".join(commit[:10] for commit in commits[:-1])
    return found


def run_git(git: Path, *arguments: str) -> bytes:
    return subprocess.run(
        ["git", "-C", str(git), *arguments], check=True, capture_output=True
    ).stdout


if __name__ == "__main__":
    main()
