"""What the torchtitans that read TOML make of job configs, by running them."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.packages import unpacked

VERSIONS = ("0.2.0", "0.2.1", "0.2.2")
_NEEDED = (
    ("tyro", "0.9.35"),
    ("docstring-parser", "0.17.0"),
    ("rich", "14.1.0"),
    ("shtab", "1.7.2"),
    ("typeguard", "4.4.4"),
    ("typing-extensions", "4.15.0"),
)


def read(version: str, *texts: str | tuple[str, ...]) -> list[dict[str, Any]]:
    """What a torchtitan makes of each text, or of each command line; see ``worker.py``."""
    return _run(version, texts)[1:]


def defaults(version: str) -> dict[str, Any]:
    """The whole ``JobConfig`` of a torchtitan."""
    return _run(version, ())[0]["config"]


@functools.cache
def _run(version: str, texts: tuple[str | tuple[str, ...], ...]) -> list[dict[str, Any]]:
    paths = [str(unpacked(name, needed)) for name, needed in _NEEDED]
    done = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("worker.py")),
            str(unpacked("torchtitan", version)),
        ],
        input=json.dumps(texts),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def keys(table: dict[str, Any], at: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """The keys of a job by their paths, without those that hold nothing, which TOML cannot say."""
    found: dict[tuple[str, ...], Any] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= keys(value, (*at, name))
        elif value is not None:
            found[*at, name] = value
    return found


def toml(values: dict[tuple[str, ...], Any]) -> str:
    """Write keys as TOML, with a header for each section."""
    sections: dict[tuple[str, ...], list[str]] = {}
    for path, value in values.items():
        # JSON's texts, numbers and lists are TOML's.
        sections.setdefault(path[:-1], []).append(f"{path[-1]} = {json.dumps(value)}")
    return "\n".join(
        f"[{'.'.join(section)}]\n" + "\n".join(lines) + "\n" for section, lines in sections.items()
    )
