"""``titan-lint clean``: remove the cache."""

from __future__ import annotations

import click

from titan_lint.cli import CONTEXT
from titan_lint.config.settings import load_settings
from titan_lint.run import cache


@click.command(name="clean", context_settings=CONTEXT)
@click.option("--cache-dir", type=click.Path(), metavar="DIR", help="Where the cache lies.")
@click.argument("path", default=".", type=click.Path(exists=True))
def clean(cache_dir: str | None, path: str) -> None:
    """Remove the cache of the project that PATH belongs to."""
    settings = load_settings({"paths": (path,), "cache_dir": cache_dir})
    if settings.cache_dir is not None and cache.clean(settings.cache_dir):
        click.echo(f"Removed the cache at {settings.cache_dir}.")
    else:
        click.echo("There is no cache.")
