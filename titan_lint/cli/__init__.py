"""The command line."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CONTEXT: "dict[str, Any]" = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""What click is told of every command, by the command: whoever runs it first decides what is kept of it."""
