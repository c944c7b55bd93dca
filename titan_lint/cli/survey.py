"""``titan-lint survey``: who breaks between two torchtitans."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from titan_lint import write_file
from titan_lint.cli import CONTEXT, repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from titan_lint.survey.change import Change
    from titan_lint.survey.records import Record


@click.command(name="survey", context_settings=CONTEXT)
@click.argument("paths", nargs=-1, metavar="[REPOSITORIES]...")
@click.option(
    "--repos",
    multiple=True,
    metavar="REPOSITORIES",
    help="The same as REPOSITORIES, as `titan-lint api users` takes them; may be given several times.",
)
@click.option("--before", required=True, metavar="TARGET", help="The earlier torchtitan.")
@click.option("--after", required=True, metavar="TARGET", help="The later torchtitan.")
@click.option(
    "--output-format",
    type=click.Choice(["text", "markdown", "html", "jsonl", "parquet"]),
    default="text",
    show_default=True,
    help="How to show the result; html is one page with all of it. jsonl (a record a repository) and parquet (a row a finding) are written as it comes.",
)
@click.option(
    "-o",
    "--output-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the result to FILE.",
)
@click.option(
    "--patches",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write what `--fix` would change of each repository to DIR, a patch each.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["new", "left", "never"]),
    default="new",
    show_default=True,
    help="When to exit with 1: a repository breaks anew, it does and --fix does not repair it, or never.",
)
@repositories.options
def survey(
    paths: tuple[str, ...],
    repos: tuple[str, ...],
    before: str,
    after: str,
    output_format: str,
    output_file: Path | None,
    patches: Path | None,
    fail_on: str,
    given: repositories.Given,
) -> None:
    """Say which repositories a change of torchtitan breaks, and by which commit.

    REPOSITORIES are lists in TOML, folders of checkouts and archives, single checkouts, wheels and
    sdists. A list has a [[repository]] table for each, with one of path, git, package or archive, and
    maybe name, revision (of git) and folder. Each is held against both torchtitans with its own
    configuration and pins, and only what is found at the later one alone is listed. What was looked at
    before, at the same commit, is not looked at again. Nothing in a repository is run or changed.
    """
    if not (paths or repos):
        raise click.UsageError("no repositories: give REPOSITORIES, or --repos REPOSITORIES")
    listed = repositories.read((*paths, *repos))
    question = _question(before, after, given, patches is not None)
    states: Counter[str] = Counter()
    with _writing(output_format, output_file, question) as write:
        try:
            for record in repositories.answers(listed, question, given):
                states[record.state] += 1
                if patches is not None and record.patch:
                    _write_patch(patches, record)
                write(record)
        except KeyboardInterrupt:
            click.echo(f"Interrupted after {states.total()} of {len(listed)}.", err=True)
            click.get_current_context().exit(130)
    failing = {"new": {"broken", "fixed"}, "left": {"broken"}, "never": set[str]()}[fail_on]
    status = 1 if states.keys() & failing else 2 if "failed" in states else 0
    click.get_current_context().exit(status)


@contextlib.contextmanager
def _writing(
    output_format: str, path: Path | None, question: Change
) -> Generator[Callable[[Record], None]]:
    """What takes records as they come, and has written them when it is left; tables not if by an error."""
    from titan_lint.survey import page, shown
    from titan_lint.survey.parquet import ParquetError, Table

    if output_format == "parquet":
        if path is None:
            raise click.UsageError("--output-format parquet needs --output-file")
        try:
            table = Table(path)
        except ParquetError as error:
            raise click.ClickException(str(error)) from error
        with contextlib.closing(table):
            yield table.add
        return
    with contextlib.ExitStack() as stack:
        stream = None
        if path is not None:
            try:
                stream = stack.enter_context(path.open("w", encoding="utf-8"))
            except OSError as error:
                raise click.ClickException(
                    f"{path}: cannot be written: {error.strerror}"
                ) from error
        if output_format == "jsonl":
            yield lambda record: click.echo(shown.json_lines([record]), stream)
            return
        found = shown.Shown(each=output_format != "markdown", findings=output_format == "html")
        yield found.add
        if output_format == "html":
            click.echo(page.html(found, question), stream)
        else:
            click.echo(
                shown.markdown(found) if output_format == "markdown" else shown.text(found), stream
            )


def _question(before: str, after: str, given: repositories.Given, patches: bool) -> Change:
    from titan_lint.api.targets import TargetError, parse
    from titan_lint.run import cache_key
    from titan_lint.run.targets import fork_of
    from titan_lint.survey.change import Change

    cache, here = given.cache, repositories.here()
    fork = fork_of(here)
    texts: list[str] = []
    keys: list[str] = []
    try:
        for text in (before, after):
            texts.append(repositories.from_inside(text, here))
            found = parse(texts[-1], cache=cache / "checks", fork=fork)
            if len(found) != 1:
                raise click.ClickException(f"{text}: names {len(found)} torchtitans; give one")
            keys.append(found[0].surface.key)
    except TargetError as error:
        raise click.ClickException(str(error)) from error
    told = cache_key.of_files((*here.surfaces, *here.changes))
    return Change(
        *texts,
        cache=cache,
        key=f"{' '.join(keys)} {told.hex()}",
        patches=patches,
        size_limit=given.size_limit,
        surfaces=here.surfaces,
        changes=here.changes,
    )


def _write_patch(folder: Path, record: Record) -> None:
    name = re.sub(r"[^\w.-]", "_", record.repository)
    folder.mkdir(parents=True, exist_ok=True)
    write_file.write(folder / f"{name}.patch", record.patch.encode(errors="surrogateescape"))
