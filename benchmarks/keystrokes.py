"""Time a language server from a keystroke in verl's engine to its diagnostics, and write a Markdown table.

    python benchmarks/keystrokes.py

verl comes from the package index on the first run. It is laid out as a repository that pins torchtitan, and a real
`titan-lint server` is told of one character after the other, each once the one before has been answered.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.packages import copied

ENGINE = "verl/workers/engine/torchtitan"
FILES = (f"{ENGINE}/transformer_impl.py", f"{ENGINE}/utils.py")
TYPED = "# a line after which the file is whole at any time"
"""While a file is broken it is answered sooner."""

PIN = '[project]\nname = "verl"\ndependencies = ["torchtitan==0.3.0"]\n'


class Server:
    """A server that is spoken to over its pipes, without a client that would take time, too."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "titan_lint", "server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=root,
        )
        self.send("initialize", {"processId": None, "rootUri": None, "capabilities": {}}, id=1)
        self.receive()
        self.send("initialized", {})

    def send(self, method: str, params: Any, **more: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def receive(self) -> Any:
        assert self.process.stdout is not None
        length = 0
        while (line := self.process.stdout.readline().strip()) or not length:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(self.process.stdout.read(length))

    def diagnosed(self, version: int) -> list[Any]:
        while True:
            params = self.receive().get("params", {})
            if params.get("version") == version:
                return params["diagnostics"]

    def end(self) -> None:
        self.send("shutdown", None, id=2)
        self.receive()
        self.send("exit", None)
        self.process.wait()


def cpu(process: subprocess.Popen[bytes]) -> float:
    """Seconds that a process has been computing for, as Linux tells."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def keystrokes(root: Path, file: str, rounds: int) -> tuple[list[float], float, int]:
    """Seconds from each keystroke to its diagnostics, those that were computed for one, and the last diagnostics."""
    path = root / file
    text, server = path.read_text(encoding="utf-8"), Server(root)
    about: dict[str, Any] = {"uri": path.as_uri(), "version": 1}
    server.send(
        "textDocument/didOpen", {"textDocument": {**about, "languageId": "python", "text": text}}
    )
    server.diagnosed(1)
    line = text.count("\n", 0, text.rindex("\n    def ")) + 1
    taken: list[float] = []
    found: list[Any] = []
    computed = cpu(server.process)
    for _ in range(rounds):
        # A line of its own, in front of a method.
        for column, character in enumerate(f"\n    {TYPED}", -1):
            about["version"] += 1
            at = {"line": line, "character": max(column, 0)}
            change = {"range": {"start": at, "end": at}, "text": character}
            began = time.perf_counter()
            server.send(
                "textDocument/didChange", {"textDocument": about, "contentChanges": [change]}
            )
            found = server.diagnosed(about["version"])
            taken.append(time.perf_counter() - began)
    assert not any("not valid Python" in each["message"] for each in found), found
    computed = cpu(server.process) - computed
    server.end()
    return taken, computed / len(taken), len(found)


def repository(root: Path) -> None:
    copied("verl", "0.9.1", root)
    (root / "pyproject.toml").write_text(PIN)
    as_somebody = ["-c", "user.name=b", "-c", "user.email=b@localhost"]
    for command in (["init"], ["add", "-A"], [*as_somebody, "commit", "-m", "verl"]):
        subprocess.run(["git", *command], cwd=root, check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how many lines are typed")
    rounds = parser.parse_args().rounds
    print("| file | keystrokes | median ms | 90 % within ms | slowest ms | CPU ms | diagnostics |")
    print("|---|---|---|---|---|---|---|")
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores before the start"
    with tempfile.TemporaryDirectory() as directory:
        repository(Path(directory))
        for file in FILES:
            taken, computed, found = keystrokes(Path(directory), file, rounds)
            *_, within = statistics.quantiles(taken, n=10)
            numbers = (statistics.median(taken), within, max(taken), computed)
            shown = " | ".join(f"{1000 * number:.0f}" for number in numbers)
            print(f"| `{Path(file).name}` | {len(taken)} | {shown} | {found} |")
    print(f"\n{load}, {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
