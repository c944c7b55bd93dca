"""``titan-lint completion``: what makes a shell complete the command line, and what it then asks."""

from __future__ import annotations

import importlib

import click
from click.shell_completion import CompletionItem, get_completion_class

from titan_lint.cli import main
from titan_lint.cli.arguments import OPTIONS

VARIABLE = "_TITAN_LINT_COMPLETE"
"""What a shell that asks for completions sets; see click's documentation."""

_NAME = "titan-lint"


@click.command(name="completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script that makes SHELL complete titan-lint's command line.

    Bash: `eval "$(titan-lint completion bash)"` in ~/.bashrc. Zsh: the same with zsh in ~/.zshrc. Fish:
    `titan-lint completion fish > ~/.config/fish/completions/titan-lint.fish`.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(_Whole(), {}, _NAME, VARIABLE).source())


def answer(instruction: str) -> int:
    """Tell a shell how a command line may go on; ``instruction`` is ``bash_complete`` or the like."""
    from click.shell_completion import shell_complete

    return shell_complete(_Whole(), {}, _NAME, VARIABLE, instruction)


class _Whole(click.Group):
    """All commands, below the options of a check."""

    def __init__(self) -> None:
        super().__init__(_NAME, params=list(map(main.click_option, OPTIONS)))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(main.COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "check":
            return main.check_command({})
        if cmd_name not in main.COMMANDS:
            return None
        return getattr(importlib.import_module(f"titan_lint.cli.{cmd_name}"), cmd_name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands and options, and the paths that may be checked."""
        return [*super().shell_complete(ctx, incomplete), CompletionItem(incomplete, type="file")]
