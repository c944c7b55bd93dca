"""``titan-lint completion``: what makes a shell complete the command line, and what it then asks."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class, shell_complete

from titan_lint.cli import CONTEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

VARIABLE = "_TITAN_LINT_COMPLETE"
"""What a shell that asks for completions sets; see click's documentation."""

_NAME = "titan-lint"


@click.command(name="completion", context_settings=CONTEXT)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script that makes SHELL complete titan-lint's command line.

    Bash: `eval "$(titan-lint completion bash)"` in ~/.bashrc. Zsh: the same with zsh in ~/.zshrc. Fish:
    `titan-lint completion fish > ~/.config/fish/completions/titan-lint.fish`.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(click.Command(_NAME), {}, _NAME, VARIABLE).source())


def answer(
    instruction: str,
    check: click.Command,
    names: Collection[str],
    load: Callable[[str], click.Command],
) -> int:
    """Tell a shell how a command line may go on.

    Args:
        instruction: ``bash_complete`` or the like.
        check: What is done where no command is named.
        names: The commands.
        load: Gives a command other than that.
    """
    return shell_complete(_Whole(check, names, load), {}, _NAME, VARIABLE, instruction)


class _Whole(click.Group):
    """All commands, below the options of a check."""

    def __init__(
        self, check: click.Command, names: Collection[str], load: Callable[[str], click.Command]
    ) -> None:
        options = [each for each in check.params if isinstance(each, click.Option)]
        super().__init__(_NAME, params=list(options), context_settings=CONTEXT)
        self._check = check
        self._names = names
        self._load = load

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._names:
            return None
        return self._check if cmd_name == "check" else self._load(cmd_name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands and options, and the paths that may be checked."""
        return [*super().shell_complete(ctx, incomplete), CompletionItem(incomplete, type="file")]
