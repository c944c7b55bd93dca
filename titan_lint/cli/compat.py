"""``titan-lint compat``: which torchtitan versions a tree fits."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.check.survey import Fit, Survey
    from titan_lint.code.source import Source
    from titan_lint.run.discover import Found
    from titan_lint.uses.options import Options


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How to show the result.",
)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out paths that match.")
@click.option("--config", metavar="FILE", help="The configuration file to read.")
@click.option("--isolated", is_flag=True, help="Ignore all configuration files.")
def compat(
    paths: tuple[str, ...],
    output_format: str,
    exclude: tuple[str, ...],
    config: str | None,
    isolated: bool,
) -> None:
    """Say which torchtitan versions the code fits.

    Every file is held against each version known here, releases and main. For each of them the
    errors and warnings are counted, and how many of them --fix would repair. A version is not judged
    where nothing is wrong at it, but something is imported that no torchtitan known here has. Exits with 0 when some
    release fits, with 1 when none does, and with 2 when a file could not be checked.
    """
    from titan_lint.check.survey import survey
    from titan_lint.cli.arguments import OPTIONS
    from titan_lint.config.settings import load_settings
    from titan_lint.run import discover
    from titan_lint.run.projects import Projects
    from titan_lint.run.targets import pinned_keys, written_for
    from titan_lint.uses.era import of_source
    from titan_lint.uses.options import Options

    values = {option.name: option.default for option in OPTIONS}
    values.update(paths=paths or (".",), exclude=exclude, config=config, isolated=isolated)
    trouble: list[str] = []
    chosen = load_settings(values)
    found = discover.discover(chosen)
    sources = list(_sources(found, trouble))
    here = Path.cwd()
    projects = Projects(
        (str(here / source.path) for source, own in sources if own is None),
        found.paths,
        found.walked,
        chosen,
    )
    named = written_for(chosen)

    def options(source: Source) -> Options:
        path = str(here / source.path)
        era = of_source(
            source, projects.era(path), lambda: projects.head(path), lambda: pinned_keys(chosen)
        )
        return Options(
            written_for=named,
            era=era,
            neighbours=projects.neighbours(path),
            readers=projects.readers(path),
        )

    result = survey(sources, options=options)
    for path, failure in result.failures:
        trouble.append(f"{path}: rule {failure.code} ({failure.name}) failed: {failure.error}")
    for line in dict.fromkeys(trouble):
        click.echo(f"error: {line}", err=True)
    click.echo(_SHOW[output_format](result))
    if trouble:
        sys.exit(2)
    sys.exit(0 if any(f.fits and f.point.kind == "release" for f in result.fits) else 1)


def _sources(found: Found, trouble: list[str]) -> Iterator[tuple[Source, str | None]]:
    """The files that mention torchtitan and parse; what is wrong with others goes to ``trouble``."""
    from titan_lint.code.program import parse
    from titan_lint.code.screen import may_match
    from titan_lint.code.source import Source, SourceError
    from titan_lint.run import discover
    from titan_lint.run.cache_key import Copies
    from titan_lint.run.targets import Packages

    trouble += [f"{discover.relative(error.path)}: {error.message}" for error in found.errors]
    packages = Packages()
    copies = Copies()
    for path in found.paths:
        try:
            data = discover.read(path)
            discover.require_python(path, data)
        except discover.ReadError as error:
            trouble.append(f"{discover.relative(error.path)}: {error.message}")
            continue
        if not may_match(data, ()) and not copies.use_themselves(path, data):
            continue
        try:
            source = Source.decode(discover.relative(path), data)
            parse(source)
        except SourceError as error:
            where = f":{error.line}" if error.line else ""
            trouble.append(f"{discover.relative(path)}{where}: {error.message}")
            continue
        yield source, packages.name(path)


def _rows(result: Survey) -> list[list[str]]:
    from titan_lint.check.survey import name

    rows: list[list[str]] = []
    for fit in result.fits:
        found = fit.errors + fit.warnings
        by_fix = f"{fit.fixable}" + (f" (+{fit.unsafe} unsafe)" if fit.unsafe else "")
        rows.append(
            [
                name(fit.point),
                _verdict(fit),
                str(fit.errors),
                str(fit.warnings),
                by_fix if found else "",
                " ".join(f"{code}:{count}" for code, count in sorted(fit.by_code.items())),
            ]
        )
    return rows


def _verdict(fit: Fit) -> str:
    """``fits``, ``not judged`` where nothing is wrong but not all is known, else nothing."""
    return "fits" if fit.fits else "" if fit.errors else "not judged"


_HEAD = ["torchtitan", "", "errors", "warnings", "by --fix", "rules"]


def _text(result: Survey) -> str:
    from titan_lint.check.survey import conclusion

    rows = [_HEAD, *_rows(result)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = [
        "  ".join(
            cell.rjust(width) if column in (2, 3) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, "", conclusion(result)])


def _markdown(result: Survey) -> str:
    from titan_lint.check.survey import conclusion

    head = ["torchtitan", "fits", *_HEAD[2:]]
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    lines += [" | ".join(row) for row in _rows(result)]
    return "\n".join([*(f"| {line} |" for line in lines), "", conclusion(result)])


def _json(result: Survey) -> str:
    import json

    from titan_lint.check.survey import conclusion

    return json.dumps(
        {
            "version": 1,
            "conclusion": conclusion(result),
            "files": result.files,
            "fits": [
                {
                    "key": fit.point.key,
                    "kind": fit.point.kind,
                    "version": fit.point.version,
                    "commit": fit.point.commit,
                    "day": str(fit.point.day) if fit.point.day else None,
                    "fits": fit.fits,
                    "errors": fit.errors,
                    "warnings": fit.warnings,
                    "unjudged": fit.unjudged,
                    "fixable": fit.fixable,
                    "unsafe_fixable": fit.unsafe,
                    "rules": dict(sorted(fit.by_code.items())),
                }
                for fit in result.fits
            ],
        },
        indent=2,
    )


_SHOW = {"text": _text, "json": _json, "markdown": _markdown}
