"""The repositories that a command asks: how they are named, and how they are asked."""

from __future__ import annotations

import functools
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from titan_lint.config.settings import Settings
    from titan_lint.survey.question import A, Question
    from titan_lint.survey.repositories import Repository


@dataclass(frozen=True, slots=True)
class Given:
    """What a command was told of how to ask.

    Attributes:
        jobs: How many repositories are asked at once.
        time_limit: How many seconds one may take.
        size_limit: How many bytes of one may be brought here.
        ray: The Ray cluster, ``local`` for a new one; ``None`` for none.
        cache: Folder of what is kept, as an absolute path.
    """

    jobs: int
    time_limit: float
    size_limit: int
    ray: str | None
    cache: Path


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Options of a command that asks repositories, which it is handed as ``given``."""

    @functools.wraps(command)
    def told(
        *,
        jobs: int | None,
        time_limit: float,
        size_limit: int,
        ray_address: str | None,
        cache_dir: Path,
        **others: Any,
    ) -> None:
        count = jobs or os.cpu_count() or 1
        given = Given(count, time_limit, size_limit * 1_000_000, ray_address, cache_dir.absolute())
        command(given=given, **others)

    for option in reversed(_OPTIONS):
        told = option(told)
    return told


_OPTIONS = (
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(1),
        metavar="N",
        help="How many repositories to look at at once.  [default: all processors]",
    ),
    click.option(
        "--time-limit",
        type=click.FloatRange(0, min_open=True),
        default=600.0,
        show_default=True,
        metavar="SECONDS",
        help="How long one repository may take, with what it takes to have it.",
    ),
    click.option(
        "--size-limit",
        type=click.IntRange(1),
        default=1000,
        show_default=True,
        metavar="MB",
        help="How much of one repository may be brought here from elsewhere.",
    ),
    click.option(
        "--ray",
        "ray_address",
        is_flag=False,
        flag_value="local",
        metavar="[ADDRESS]",
        help="Run on the Ray cluster at ADDRESS, or on a new one on this machine.",
    ),
    click.option(
        "--cache-dir",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(".titan_lint_survey"),
        show_default=True,
        metavar="DIR",
        help="Where repositories that were brought here, and records of earlier surveys, are kept.",
    ),
)


def read(paths: Sequence[str]) -> list[Repository]:
    """The repositories that paths stand for.

    Raises:
        ClickException: A path stands for none, or two have one name.
    """
    from titan_lint.survey import repositories

    try:
        found = [each for path in paths for each in repositories.read(Path(path))]
        repositories.require_names(found)
    except repositories.RepositoryError as error:
        raise click.ClickException(str(error)) from error
    return found


def here() -> Settings:
    """The settings where the command is run, whose own torchtitan all repositories hear of that have none.

    Raises:
        ConfigError: The configuration here is wrong.
    """
    from titan_lint.config.settings import load_settings

    return load_settings({"paths": (".",)})


def from_inside(target: str, settings: Settings) -> str:
    """A torchtitan as it is named where a repository is the working folder.

    That of a surface that the configuration here names is its file: the repository need not know it.

    Raises:
        ConfigError: One of the files that the configuration here names is wrong.
    """
    from titan_lint.run.targets import named_surfaces

    path = Path(target).expanduser()
    if path.exists():
        return str(path.absolute())
    return named_surfaces(settings).get(target, target)


def answers(repositories: Sequence[Repository], question: Question[A], given: Given) -> Iterator[A]:
    """What repositories answer, as it comes, with a bar on a terminal.

    Raises:
        ClickException: There is no Ray, or no such cluster.
    """
    found = _asked(repositories, question, given)
    if not sys.stderr.isatty():
        yield from found
        return
    begun, done = time.monotonic(), 0
    with click.progressbar(
        found,
        length=len(repositories),
        show_pos=True,
        item_show_func=lambda _: f"{done / (time.monotonic() - begun):.1f} a second",
        file=sys.stderr,
    ) as bar:
        for answer in bar:
            done += 1
            yield answer


def _asked(repositories: Sequence[Repository], question: Question[A], given: Given) -> Iterator[A]:
    from titan_lint.survey import on_ray, pool

    if given.ray is None:
        yield from pool.survey(repositories, question, jobs=given.jobs, seconds=given.time_limit)
        return
    try:
        yield from on_ray.survey(
            repositories, question, address=given.ray, seconds=given.time_limit
        )
    except on_ray.RayError as error:
        raise click.ClickException(str(error)) from error
