"""Take a picture of Neovim with a finding, the fixes that it offers, and the file after one: docs/images/editor.svg.

    python scripts/editor_picture.py

Needs ``nvim`` and ``tmux``. The editor really runs, with a real ``titan-lint server``; what is drawn is what its
terminal shows.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import terminal_picture

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "editor.svg"
TEXT = """\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B_varlen")
"""
FIXED = 'attn_backend="varlen"'
WIDTH, HEIGHT, SECONDS = 112, 10, 60


class Terminal:
    """A terminal in which Neovim shows a file."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "tmux")
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME")},
            "TERM": "screen",
            "LANG": "C.UTF-8",
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
        }
        lua = ROOT / "scripts" / "editor_picture.lua"
        command = f"nvim --clean -n -i NONE engine.py -c 'luafile {lua}'"
        size = ["-x", str(WIDTH), "-y", str(HEIGHT)]
        start = ["-f", "/dev/null", "new-session", "-d", *size, command]
        self._tmux(*start, cwd=folder, env=environment)

    def press(self, *keys: str) -> None:
        """Press keys, each as tmux names it."""
        self._tmux("send-keys", *keys)

    def shows(self, text: str, gone: str = "\0") -> str:
        """The screen once it shows a text, and another one no longer."""
        screen, end = "", time.monotonic() + SECONDS
        while time.monotonic() < end:
            screen = self._tmux("capture-pane", "-p", "-e")
            if text in _unpainted(screen) and gone not in screen:
                return screen
            time.sleep(0.2)
        raise SystemExit(f"the editor never showed {text!r}:\n{screen}")

    def close(self) -> None:
        """End the editor and its terminal."""
        self._tmux("kill-server")

    def _tmux(self, *words: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
        command = ["tmux", "-S", self._socket, *words]
        return subprocess.run(
            command, cwd=cwd, env=env, check=True, capture_output=True, text=True
        ).stdout


def plain(screen: str) -> str:
    """A screen in the colors that are drawn, without the lines that are behind the end of the file."""
    painted = _PAINTED.sub(lambda found: f"\x1b[{_drawn(found[1])}m", screen)
    lines = [line for line in painted.split("\n") if _unpainted(line).strip() != "~"]
    return "\n".join(lines).rstrip()


_PAINTED = re.compile(r"\x1b\[([\d;]*)m")


def _unpainted(text: str) -> str:
    return _PAINTED.sub("", text)


def _drawn(codes: str) -> str:
    known = [code for code in codes.split(";") if code in terminal_picture.COLORS or code == "1"]
    return ";".join(known)


def main() -> None:
    """Take the picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "engine.py").write_text(TEXT)
        (folder / "titan-lint.toml").write_text('torchtitan = "0.3.0"\n')
        terminal = Terminal(folder)
        try:
            terminal.shows("has no flavor")
            terminal.press("F2")
            before = terminal.shows("number")
            terminal.press("1", "Enter")
            after = terminal.shows(FIXED, gone="has no flavor")
        finally:
            terminal.close()
    rule = "\u2500" * WIDTH
    PICTURE.write_text(
        terminal_picture.svg(f"{plain(before)}\n{rule}\n{plain(after)}"), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
