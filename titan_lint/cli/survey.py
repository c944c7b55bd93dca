"""``titan-lint survey``: who breaks between two torchtitans."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from titan_lint import write_file
from titan_lint.cli import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from titan_lint.survey.change import Change
    from titan_lint.survey.records import Record
    from titan_lint.survey.repositories import Repository


@click.command(name="survey", context_settings=CONTEXT)
@click.argument("paths", nargs=-1, required=True, metavar="REPOSITORIES")
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
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1),
    metavar="N",
    help="How many repositories to look at at once.  [default: all processors]",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="How long one repository may take, with what it takes to have it.",
)
@click.option(
    "--size-limit",
    type=click.IntRange(1),
    default=1000,
    show_default=True,
    metavar="MB",
    help="How much of one repository may be brought here from elsewhere.",
)
@click.option(
    "--ray",
    "ray_address",
    is_flag=False,
    flag_value="local",
    metavar="[ADDRESS]",
    help="Run on the Ray cluster at ADDRESS, or on a new one on this machine.",
)
@click.option(
    "--cache-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".titan_lint_survey"),
    show_default=True,
    metavar="DIR",
    help="Where repositories that were brought here, and records of earlier surveys, are kept.",
)
def survey(
    paths: tuple[str, ...],
    before: str,
    after: str,
    output_format: str,
    output_file: Path | None,
    patches: Path | None,
    fail_on: str,
    jobs: int | None,
    time_limit: float,
    size_limit: int,
    ray_address: str | None,
    cache_dir: Path,
) -> None:
    """Say which repositories a change of torchtitan breaks, and by which commit.

    REPOSITORIES are lists in TOML, folders of checkouts and archives, single checkouts, wheels and
    sdists. A list has a [[repository]] table for each, with one of path, git, package or archive, and
    maybe name, revision (of git) and folder. Each is held against both torchtitans with its own
    configuration and pins, and only what is found at the later one alone is listed. What was looked at
    before, at the same commit, is not looked at again. Nothing in a repository is run or changed.
    """
    repositories = _repositories(paths)
    question = _question(before, after, cache_dir, patches is not None, size_limit * 1_000_000)
    states: Counter[str] = Counter()
    found = _surveyed(repositories, question, ray_address, jobs or os.cpu_count() or 1, time_limit)
    with _writing(output_format, output_file, question) as write:
        try:
            for record in _watched(found, len(repositories)):
                states[record.state] += 1
                if patches is not None and record.patch:
                    _write_patch(patches, record)
                write(record)
        except KeyboardInterrupt:
            click.echo(f"Interrupted after {states.total()} of {len(repositories)}.", err=True)
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
        records: list[Record] = []
        # Patches are large, and on the disk.
        yield lambda record: records.append(replace(record, patch=""))
        if output_format == "html":
            click.echo(page.html(records, question), stream)
        else:
            click.echo(
                {"text": shown.text, "markdown": shown.markdown}[output_format](records), stream
            )


def _repositories(paths: Sequence[str]) -> list[Repository]:
    from titan_lint.survey.repositories import RepositoryError, read, require_names

    try:
        found = [each for path in paths for each in read(Path(path))]
        require_names(found)
    except RepositoryError as error:
        raise click.ClickException(str(error)) from error
    return found


def _question(before: str, after: str, cache: Path, patches: bool, size_limit: int) -> Change:
    from titan_lint.api.targets import TargetError, parse
    from titan_lint.survey.change import Change

    cache = cache.absolute()
    texts: list[str] = []
    keys: list[str] = []
    try:
        for text in (before, after):
            found = parse(text, cache=cache / "checks")
            if len(found) != 1:
                raise click.ClickException(f"{text}: names {len(found)} torchtitans; give one")
            path = Path(text).expanduser()
            # Repositories are looked at from inside.
            texts.append(str(path.absolute()) if path.exists() else text)
            keys.append(found[0].surface.key)
    except TargetError as error:
        raise click.ClickException(str(error)) from error
    key = " ".join(keys)
    return Change(*texts, cache=cache, key=key, patches=patches, size_limit=size_limit)


def _surveyed(
    repositories: Iterable[Repository],
    question: Change,
    address: str | None,
    jobs: int,
    seconds: float,
) -> Iterator[Record]:
    from titan_lint.survey import on_ray, pool

    if address is None:
        yield from pool.survey(repositories, question, jobs=jobs, seconds=seconds)
        return
    where = None if address == "local" else address
    try:
        yield from on_ray.survey(repositories, question, address=where, seconds=seconds)
    except on_ray.RayError as error:
        raise click.ClickException(str(error)) from error


def _watched(records: Iterator[Record], total: int) -> Iterator[Record]:
    """The records, with a bar on a terminal."""
    if not sys.stderr.isatty():
        yield from records
        return
    with click.progressbar(records, length=total, show_pos=True, file=sys.stderr) as bar:
        yield from bar


def _write_patch(folder: Path, record: Record) -> None:
    name = re.sub(r"[^\w.-]", "_", record.repository)
    folder.mkdir(parents=True, exist_ok=True)
    write_file.write(folder / f"{name}.patch", record.patch.encode(errors="surrogateescape"))
