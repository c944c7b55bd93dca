"""What may be written to a stream besides plain text."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config.settings import Settings

_LINKING_PROGRAMS = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio")
_LINKING_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "contour")
_LINKING_VARIABLES = ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM")
# VTE, which GNOME's terminals are made of, crashed on links up to 0.50.0.
_LINKING_VTE = 5001


def takes_colour(stream: object, settings: Settings) -> bool:
    """Whether to write in colours: as ``--color`` says, else as the environment does, else on a terminal."""
    if settings.color != "auto":
        return settings.color == "always"
    if settings.output_file is not None:
        return False
    environment = os.environ.get
    if environment("FORCE_COLOR"):
        return True
    return _is_terminal(stream) and not environment("NO_COLOR") and environment("TERM") != "dumb"


def takes_links(stream: object) -> bool:
    """Whether the stream is a terminal that is known to show hyperlinks (OSC 8), or ``FORCE_HYPERLINK`` is set."""
    environment = os.environ.get
    forced = environment("FORCE_HYPERLINK")
    if forced:
        return forced != "0"
    if not _is_terminal(stream):
        return False
    vte = environment("VTE_VERSION", "")
    return (
        environment("TERM_PROGRAM") in _LINKING_PROGRAMS
        or environment("TERM") in _LINKING_TERMS
        or any(map(environment, _LINKING_VARIABLES))
        or (vte.isdigit() and int(vte) >= _LINKING_VTE)
    )


def _is_terminal(stream: object) -> bool:
    return stream in (sys.stdout, sys.stderr) and os.isatty(1 if stream is sys.stdout else 2)
