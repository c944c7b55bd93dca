"""``titan-lint compat``: which torchtitan versions a tree fits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from titan_lint.cli import CONTEXT
from titan_lint.config.settings import load_settings
from titan_lint.report import tables
from titan_lint.run.compat import surveyed

if TYPE_CHECKING:
    from titan_lint.check.survey import Fit, Survey
    from titan_lint.config.settings import OptionValue, Settings
    from titan_lint.json_documents import Compat


_MEANING = (
    *("from", "select", "ignore", "extend_select", "rules", "configured_rules", "exclude"),
    *("extend_exclude", "extend_include", "force_exclude", "config", "isolated"),
)
"""What a check takes, too, and what it finds depends on."""
_OPTIONS = (*_MEANING, "jobs", "no_cache", "cache_dir")
"""What a check takes, too."""


def _compat(output_format: str, **values: OptionValue) -> None:
    """Say which torchtitan versions the code fits.

    Every file that a check looks into, notebooks, job configs and launch scripts among them, is held
    against each version known here, releases and main, or against those that --torchtitan names. For each of them the errors and warnings are counted, and how many of them --fix
    would repair; versions in a row at which these are the same share a line. A version is not judged
    where nothing is wrong at it, but something is imported that no torchtitan known here has. Exits with
    0 when some release fits, or all that --torchtitan names, with 1 when none does, and with 2 when a
    file could not be checked.
    """
    chosen = load_settings({**values, "apart": True})
    result, trouble = surveyed(chosen)
    for note in result.notes:
        click.echo(f"warning: {note}", err=True)
    for line in dict.fromkeys(trouble):
        click.echo(f"error: {line}", err=True)
    if result.files or not trouble or output_format == "json":
        from titan_lint.cli.arguments import written

        given = written(click.get_current_context(), _MEANING)
        click.echo(_SHOW[output_format](result, chosen, given))
    if trouble:
        sys.exit(2)
    if result.asked:
        sys.exit(0 if all(fit.fits for fit in result.fits) else 1)
    sys.exit(0 if any(f.fits and f.is_release for f in result.fits) else 1)


def _command() -> click.Command:
    from titan_lint.cli.arguments import OPTIONS, click_option

    return click.Command(
        "compat",
        context_settings=CONTEXT,
        params=[
            click.Argument(["paths"], nargs=-1, metavar="[PATHS]..."),
            click.Option(
                ["--output-format"],
                type=click.Choice(["text", "json", "markdown"]),
                default="text",
                show_default=True,
                help="How to show the result.",
            ),
            click.Option(
                ["--torchtitan"],
                multiple=True,
                metavar="TARGET",
                help="A torchtitan to try, in the words of a check's `--torchtitan`. May be given several "
                "times. [default: all that are known here]",
            ),
            *(click_option(option) for option in OPTIONS if option.name in _OPTIONS),
        ],
        callback=_compat,
        help=_compat.__doc__,
    )


def _rows(result: Survey) -> list[list[str]]:
    """A row for each version; those in a row of which the same is said share one."""
    from itertools import groupby

    return [
        [_span(list(group)), verdict, *numbers]
        for (_, verdict, numbers), group in groupby(
            result.fits, lambda fit: (_line(fit), _verdict(fit), _numbers(fit))
        )
    ]


def _line(fit: Fit) -> str:
    """Versions of one line follow upon each other: the commits of main, those of releases among them."""
    return "main" if fit.point.commit else fit.point.kind


def _span(fits: list[Fit]) -> str:
    """From the first to the last, with the releases between them."""
    first, last = fits[0].name, fits[-1].name
    if len(fits) == 1:
        return first
    if first.startswith("main "):
        last = last.removeprefix("main ")
    within = [fit.name for fit in fits[1:-1] if fit.is_release]
    return f"{first} to {last}" + (f" with {', '.join(within)}" if within else "")


def _numbers(fit: Fit) -> list[str]:
    by_fix = f"{fit.fixable}" + (f" (+{fit.unsafe} unsafe)" if fit.unsafe else "")
    return [
        str(fit.errors),
        str(fit.warnings),
        by_fix if fit.errors + fit.warnings else "",
        " ".join(f"{code}:{count}" for code, count in sorted(fit.by_code.items())),
    ]


def _more(result: Survey, settings: Settings, given: list[str]) -> list[str]:
    """What stands for a version that is not known, and what to run to see what is wrong.

    That is at the newest release that does not fit, else the newest version.

    Args:
        result: What was found.
        settings: Its paths and targets.
        given: The other words of the command line that findings depend on.
    """
    import shlex

    from titan_lint.api.targets import asked_as

    lines = [] if result.files else ["No file under the given paths uses torchtitan."]
    lines += [f"{fit.name} is {fit.reason}." for fit in result.fits if fit.reason]
    unfit = [fit for fit in result.fits if fit.errors or fit.warnings]
    if not unfit:
        return lines
    releases = [fit for fit in unfit if fit.is_release]
    target = (releases or unfit)[-1].point
    text = settings.torchtitan[-1] if target.kind == "tree" else asked_as(target)
    command = shlex.join(["titan-lint", "check", "--torchtitan", text, *given, *settings.paths])
    return [*lines, f"`{command}` shows what is wrong at that version."]


def _verdict(fit: Fit) -> str:
    """``fits``, ``fails``, or ``not judged`` where nothing is wrong but not all is known."""
    return "fits" if fit.fits else "fails" if fit.errors else "not judged"


_HEAD = ["torchtitan", "verdict", "errors", "warnings", "fixed by --fix", "rules"]


def _text(result: Survey, settings: Settings, given: list[str]) -> str:
    from titan_lint.check.survey import conclusion

    table = tables.aligned([_HEAD, *_rows(result)], {2, 3})
    return "\n".join([table, "", conclusion(result), *_more(result, settings, given)])


def _markdown(result: Survey, settings: Settings, given: list[str]) -> str:
    from titan_lint.check.survey import conclusion

    table = tables.markdown(_HEAD, _rows(result))
    return "\n".join(
        [*table, "", "\n\n".join((conclusion(result), *_more(result, settings, given)))]
    )


def _json(result: Survey, _settings: Settings, _given: list[str]) -> str:
    import json

    from titan_lint.check.survey import conclusion

    document: Compat = {
        "version": 1,
        "conclusion": conclusion(result),
        "files": result.files,
        "notes": result.notes,
        "fits": [
            {
                "key": fit.point.key,
                "name": fit.name,
                "reason": fit.reason or None,
                "kind": fit.point.kind,
                "version": fit.point.version,
                "commit": fit.point.commit,
                "day": str(fit.point.day) if fit.point.day else None,
                "fits": fit.fits,
                "errors": fit.errors,
                "warnings": fit.warnings,
                "unjudged": fit.unjudged,
                "fixable": fit.fixable,
                "fixable_unsafe": fit.unsafe,
                "rules": dict(sorted(fit.by_code.items())),
            }
            for fit in result.fits
        ],
    }
    return json.dumps(document, indent=2)


_SHOW = {"text": _text, "json": _json, "markdown": _markdown}

compat = _command()
