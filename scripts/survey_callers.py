"""Write docs/callers.md: public callers of torchtitan, held against each torchtitan and the one before it.

    python scripts/survey_callers.py --cache-dir DIR [--checkouts DIR]

runs `titan-lint survey docs/data/callers.toml` for every pair of neighbouring bundled versions. The
cache keeps what was brought here. Checkouts that are here already, `owner+name` each, are taken from DIR.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from titan_lint.api import history
from titan_lint.api.targets import parse

ROOT = Path(__file__).resolve().parents[1]
LIST = "docs/data/callers.toml"
PAGE = ROOT / "docs" / "callers.md"
HEAD = f"""\
<!-- made by scripts/survey_callers.py -->
# Who broke when torchtitan moved

{{count}} public callers of torchtitan (`{LIST}`), repositories each as it was at one commit and releases from PyPI,
held against every torchtitan that comes with titan-lint and the one before it, as
[`titan-lint survey {LIST} --before A --after B`](guides/survey.md) does. A caller is listed where something is an
error at the later one that was none at the earlier one, or is another one; how many such places there are, and how
many of them are left after `--fix`. None of these was told to its authors as a mistake: most pin the torchtitan
that they were written for.

"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cache-dir", required=True)
    parser.add_argument("--checkouts", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        listed = _listed(Path(scratch), given.checkouts) if given.checkouts else ROOT / LIST
        _write(str(listed), given.cache_dir)


def _listed(folder: Path, checkouts: Path) -> Path:
    """A list of the same repositories that names checkouts."""
    entries = tomllib.loads((ROOT / LIST).read_text("utf-8"))["repository"]
    lines: list[str] = []
    for entry in entries:
        place = checkouts.absolute() / entry["name"].replace("/", "+")
        lines += ["[[repository]]", f"name = {entry['name']!r}"]
        if "git" in entry:
            lines.append(f"path = {str(place)!r}")
        else:
            lines.append(f"package = {entry['package']!r}")
    path = folder / "callers.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


def _write(listed: str, cache: str) -> None:
    places: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    pairs: list[tuple[str, str]] = []
    failed: dict[str, str] = {}
    names: set[str] = set()
    for before, after in pairwise(history.timeline()):
        label = f"{_label(before)} to {_label(after)}"
        pairs.append((label, after))
        for record in _survey(listed, before, after, cache):
            name = record["repository"]
            names.add(name)
            if record["failure"]:
                failed[name] = record["failure"]
            errors = [each for each in record["new"] if each["severity"] == "error"]
            if errors:
                left = sum(each["left"] for each in errors)
                places[label][name] = (len(errors), left)
        print(label, dict(places[label]), file=sys.stderr)
    lines = [
        "| torchtitan | callers | errors, and those left after `--fix` |",
        "| --- | ---: | --- |",
    ]
    for label, _ in pairs:
        hit = places[label]
        told = ", ".join(
            f"{name} {number}" + (f" ({left} left)" if left else "")
            for name, (number, left) in sorted(hit.items(), key=lambda item: -item[1][0])
        )
        lines.append(f"| {label} | {len(hit) or ''} | {told} |")
    lines += [f"\n{name} was not surveyed: {why}." for name, why in sorted(failed.items())]
    PAGE.write_text(HEAD.format(count=len(names)) + "\n".join(lines) + "\n", "utf-8")


def _survey(listed: str, before: str, after: str, cache: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "titan_lint", "survey", listed, "--output-format", "jsonl"]
    command += ["--before", before, "--after", after, "--cache-dir", cache, "--fail-on", "never"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if ran.returncode not in (0, 2) or not ran.stdout:
        raise SystemExit(ran.stderr)
    return [json.loads(line) for line in ran.stdout.splitlines()]


def _label(key: str) -> str:
    (target,) = parse(key)
    return target.label.removeprefix("torchtitan ")


if __name__ == "__main__":
    main()
