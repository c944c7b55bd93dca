"""``titan-lint init``: a configuration and a hook for a project."""

from __future__ import annotations

from pathlib import Path

import click

from titan_lint import write_file
from titan_lint.cli import CONTEXT
from titan_lint.config.settings import load_settings
from titan_lint.config.toml import ConfigError
from titan_lint.run.compat import surveyed

_HOOK = """\
  - repo: local
    hooks:
      - id: titan-lint
        name: titan-lint
        entry: titan-lint --force-exclude
        language: system
        types_or: [python, pyi, jupyter]
        require_serial: true
"""
_HOOKS = Path(".pre-commit-config.yaml")


@click.command(name="init", context_settings=CONTEXT)
@click.option("--no-hook", is_flag=True, help="Write the configuration only.")
def init(no_hook: bool) -> None:
    """Write the configuration and a pre-commit hook for the project in the current directory.

    The torchtitan in it is the one that the project pins, which is asked for anew in each run; else the
    newest release that the code fits, as `compat` tells; else the newest one. Nothing that is there is
    changed: an existing configuration is an error, and a hook is added behind those that are there.
    """
    settings = load_settings({"paths": (".",)})
    if settings.config is not None:
        raise ConfigError(
            f"{settings.config}: there is a configuration already; "
            "`titan-lint --show-settings` shows what it says"
        )
    hooks = None if no_hook else _hooks()
    setting, why = _target()
    path = _write(setting)
    written = setting or ("[tool.titan-lint]" if path.name == "pyproject.toml" else "")
    told = f"`{written}` to {path}" if written else str(path)
    click.echo(f"Wrote {'' if setting else 'an empty '}{told}, since {why}.")
    if hooks is not None:
        write_file.write(_HOOKS, hooks.encode())
        click.echo(f"Wrote the hook to {_HOOKS}; `pre-commit install` makes git run it.")
    click.echo("`titan-lint check` checks, `titan-lint check --diff` shows what would be fixed.")


def _target() -> tuple[str, str]:
    """The line of the configuration, and in words where it comes from."""
    from titan_lint.api import targets
    from titan_lint.api.pins.find import pinned
    from titan_lint.check.survey import conclusion

    pin = pinned(Path.cwd())
    if pin is not None:
        return "", f"{pin.told(Path.cwd())}, and each run goes by that"
    result, _ = surveyed(load_settings({"paths": (".",), "isolated": True, "apart": True}))
    fitting = [f.name for f in result.fits if f.fits and f.is_release]
    if fitting and result.files:
        why = f"that is the newest release that the code fits (it {conclusion(result)})"
        return f'torchtitan = "{fitting[-1]}"', why
    (newest,) = targets.parse("latest")
    said = (
        f"the code fits no release (it {conclusion(result)})"
        if result.files
        else "no file here uses torchtitan yet"
    )
    return f'torchtitan = "{newest.surface.key}"', f"{said} and that is the newest release"


def _write(setting: str) -> Path:
    """Write the configuration to ``pyproject.toml`` where there is one, else to a file of its own."""
    path = Path("pyproject.toml")
    if not path.exists():
        path = Path("titan-lint.toml")
        write_file.write(path, f"{setting}\n".encode() if setting else b"")
        return path
    text = path.read_bytes().decode("utf-8")
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = ["", "[tool.titan-lint]", *([setting] if setting else [])]
    end = "" if text.endswith("\n") or not text else newline
    added = "".join(f"{line}{newline}" for line in lines)
    write_file.write(path, f"{text}{end}{added}".encode())
    return path


def _hooks() -> str | None:
    """The hooks with one more; ``None`` where titan-lint is among them.

    Raises:
        ConfigError: There are hooks in a form that nothing can be put behind.
    """
    if not _HOOKS.exists():
        return f"repos:\n{_HOOK}"
    text = _HOOKS.read_text(encoding="utf-8")
    if "titan-lint" in text:
        return None
    keys = [line for line in text.splitlines() if line[:1].isalpha()]
    items = [line for line in text.splitlines() if line.lstrip().startswith("- repo:")]
    if not keys or not keys[-1].startswith("repos:") or keys[-1].strip() != "repos:" or not items:
        raise ConfigError(
            f"{_HOOKS}: `repos` is not the last of its keys, a list with one line for each; add\n{_HOOK}"
            "by hand, and run `titan-lint init --no-hook`"
        )
    indent = len(items[0]) - len(items[0].lstrip())
    hook = "".join(f"{' ' * indent}{line[2:]}" for line in _HOOK.splitlines(keepends=True))
    return f"{text}{'' if text.endswith(chr(10)) else chr(10)}{hook}"
