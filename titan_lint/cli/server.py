"""``titan-lint server``: speak to an editor."""

from __future__ import annotations

import gc
import os
import sys

import click

from titan_lint.cli import CONTEXT
from titan_lint.config.toml import ConfigError


@click.command(name="server", context_settings=CONTEXT)
@click.option(
    "--stdio", is_flag=True, help="Accepted, since many editors add it; there is no other way."
)
def server(stdio: bool) -> None:
    """Start a language server on standard input and output, for an editor.

    It tells of findings while you type, offers their fixes, and says what names of torchtitan are. It
    needs the extra `lsp`. Configuration and pins are those of each file's own project.
    """
    del stdio
    try:
        from titan_lint.server.server import server
    except ImportError as error:
        raise ConfigError("`server` needs pygls: install titan-lint[lsp]") from error
    # Growing trees set off collections that walk all that is alive; what checks leave behind is swept up between them.
    gc.disable()
    # pygls closes what it writes to in the end, and standard output is flushed once more after that.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:
        server().start_io(stdout=output)
