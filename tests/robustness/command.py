"""Run titan-lint's command line, and read back what every output format says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from tests import projects

ROOT = Path(__file__).resolve().parents[2]

FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit")

IMPORT = "from torchtitan.models.llama3 import model_registry"
CALL = 'spec = model_registry("8B_varlen")'
FIXED_CALL = 'spec = model_registry("8B", attn_backend="varlen")'
"""What ``--fix`` makes of :data:`CALL`: TTN105, which points at the flavor, column 23."""

RULES = "--select=TTN1,TTN9"
"""Other rules may find more in the same line."""

ISOLATED = ("--isolated", "--no-cache", RULES)

HIT = f"{IMPORT}\n\n{CALL}\n"
FIXED = f"{IMPORT}\n\n{FIXED_CALL}\n"


def environment(**extra: str) -> dict[str, str]:
    """An environment in which ``python -m titan_lint`` runs this tree."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", **extra}


def command(*arguments: str | Path) -> list[str]:
    """The command line of a run without configuration and cache."""
    return [sys.executable, "-m", "titan_lint", *ISOLATED, *map(str, arguments)]


@dataclass(frozen=True)
class Done:
    """What became of a run."""

    status: int
    stdout: bytes
    stderr: str

    @property
    def errors(self) -> list[str]:
        """The complaints about files, one a line."""
        return [line for line in self.stderr.splitlines() if line.startswith("error: ")]


def titan_lint(
    *arguments: str | bytes | Path, cwd: Path, configured: bool = False, own_process: bool = False
) -> Done:
    """Run the command line.

    A traceback on standard error, or more than a minute, fails the test here.

    Args:
        arguments: The command line.
        cwd: The directory to run in.
        configured: Whether to run with configuration, cache and all rules.
        own_process: Whether to run as a program, which takes a second, and not in this process; where
            the depth of the stack counts.
    """
    given = [os.fsdecode(part) for part in arguments]
    if not configured:
        given = [*ISOLATED, *given]
    if own_process:
        ran = subprocess.run(
            [sys.executable, "-m", "titan_lint", *given],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            env=environment(),
            check=False,
        )
        done = Done(ran.returncode, ran.stdout, ran.stderr.decode("utf-8", "backslashreplace"))
    else:
        here = projects.run_here(*given, cwd=cwd)
        done = Done(here.status, here.raw, here.err)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.status in (0, 1, 2), done
    return done


def locations(output_format: str, output: bytes) -> list[tuple[str, int, int]]:
    """The file, line and column of every finding in a report; a file's other bytes as ``\\xff``."""
    text = output.decode("utf-8")
    match output_format:
        case "json":
            return [(f["path"], f["line"], f["column"]) for f in json.loads(text)["findings"]]
        case "sarif":
            (run,) = json.loads(text)["runs"]
            places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
            return [
                (
                    unquote_to_bytes(p["artifactLocation"]["uri"]).decode(
                        "utf-8", "backslashreplace"
                    ),
                    p["region"]["startLine"],
                    p["region"]["startColumn"],
                )
                for p in places
            ]
        case "gitlab":
            begins = [
                (i["location"]["path"], i["location"]["positions"]["begin"])
                for i in json.loads(text)
                if i["check_name"] != "unchecked-file"
            ]
            return [(path, begin["line"], begin["column"]) for path, begin in begins]
        case "junit":
            found: list[tuple[str, int, int]] = []
            for suite in ElementTree.fromstring(text):
                for case in suite:
                    if case.find("failure") is not None:
                        place = int(case.attrib["line"]), int(case.attrib["column"])
                        found.append((suite.attrib["name"], *place))
            return found
        case "github":
            return [_annotation(line) for line in text.split("\n") if "titan-lint (TTN" in line]
        case "concise":
            matches = re.finditer(r"^(.+):(\d+):(\d+): TTN\d+ ", text, re.MULTILINE)
        case _:
            matches = re.finditer(r"^ *--> (.+):(\d+):(\d+)$", text, re.MULTILINE)
    return [(m[1], int(m[2]), int(m[3])) for m in matches]


def _annotation(line: str) -> tuple[str, int, int]:
    head = re.fullmatch(r"::(?:error|warning|notice) (.*?)::.*", line)
    assert head is not None, line
    properties = dict(part.split("=", 1) for part in head[1].split(","))
    path = unquote_to_bytes(properties["file"]).decode()
    return path, int(properties["line"]), int(properties["col"])
