"""Run titan-lint the way its users do, and read back what every output format says."""

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

ROOT = Path(__file__).resolve().parents[2]

FORMATS = ("full", "concise", "json", "sarif", "github", "gitlab", "junit")

IMPORT = "from torchtitan.models.llama3 import model_registry"
CALL = 'spec = model_registry("8B_varlen")'
FIXED_CALL = 'spec = model_registry("8B", attn_backend="varlen")'
"""What ``--fix`` makes of :data:`CALL`: TTN105, which points at the flavor, column 23."""

RULES = "--select=TTN1,TTN9"
"""Other rules may find more in the same line."""

HIT = f"{IMPORT}\n\n{CALL}\n"
FIXED = f"{IMPORT}\n\n{FIXED_CALL}\n"


def environment(**extra: str) -> dict[str, str]:
    """An environment in which ``python -m titan_lint`` runs this tree."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", **extra}


def command(*arguments: str | bytes | Path) -> list[str | bytes]:
    """The command line of a run without configuration and cache."""
    given = [a if isinstance(a, bytes) else str(a) for a in arguments]
    return [sys.executable, "-m", "titan_lint", "--isolated", "--no-cache", RULES, *given]


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
    *arguments: str | bytes | Path,
    cwd: Path,
    stdin: bytes | None = None,
    timeout: float = 60,
    env: dict[str, str] | None = None,
) -> Done:
    """Run in a process of its own.

    A traceback on standard error, or death by a signal, fails the test here.
    """
    done = subprocess.run(
        command(*arguments),
        cwd=cwd,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        timeout=timeout,
        env=env or environment(),
        check=False,
    )
    stderr = done.stderr.decode("utf-8", "backslashreplace")
    assert "Traceback" not in stderr, stderr
    assert done.returncode in (0, 1, 2), (done.returncode, stderr)
    return Done(done.returncode, done.stdout, stderr)


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
