"""``titan-lint convert``: job configs in TOML, written as a ``config_registry``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from titan_lint import read_file, write_file
from titan_lint.api import job_configs, targets
from titan_lint.api.changes import facts
from titan_lint.cli import CONTEXT
from titan_lint.code.source import Source, SourceError
from titan_lint.fixes.config_registry import ConvertError, Registry
from titan_lint.uses.job_settings import Settings, SettingsError
from titan_lint.uses.jobs import Job, document_of
from titan_lint.uses.options import Around

if TYPE_CHECKING:
    from titan_lint.api.targets import Target


@click.command(name="convert", context_settings=CONTEXT)
@click.argument("files", nargs=-1, required=True, metavar="FILES...", type=click.Path())
@click.option(
    "--torchtitan",
    default="latest",
    show_default=True,
    metavar="TARGET",
    help="The torchtitan to write for, in the words of a check's `--torchtitan`.",
)
@click.option(
    "--from",
    "written_for",
    metavar="TARGET",
    help="The torchtitan that the files are for, whose defaults hold where they say nothing; "
    "the last release that read TOML unless given.",
)
@click.option("-o", "--output-file", type=click.Path(), metavar="FILE", help="Write to a new file.")
def convert(
    files: tuple[str, ...], torchtitan: str, written_for: str | None, output_file: str | None
) -> None:
    """Write job configs as Python.

    Each of FILES, a job config of torchtitan's in TOML, becomes a function of one `config_registry` module
    that means the same: what the file says, and the defaults that are others now. What has no equivalent
    stands in a comment with the reason. Nothing is written where one of the files cannot be converted; the
    exit status is 2 then.
    """
    target = _target("--torchtitan", torchtitan)
    old = _target("--from", written_for or facts.job_registry().written_for)
    if job_configs.reads_toml(target.surface) is not False:
        raise _Trouble(f"--torchtitan: {target.label} reads its jobs from TOML")
    if not job_configs.defaults(old.surface):
        raise _Trouble(f"--from: the job configs of {old.label} are not known here")
    jobs: list[tuple[str, Settings]] = []
    for file in files:
        try:
            source = Source.decode(file, read_file.read(file))
            document = document_of(source)
            if document is None:
                raise _Trouble(f"{file}: no job config of torchtitan's")
            settings = Settings(Job(source, document, target, Around()), old.surface)
        except (SourceError, SettingsError) as error:
            raise _Trouble(f"{file}: {error}") from error
        except OSError as error:
            raise _Trouble(f"{file}: cannot be read: {error.strerror}") from error
        jobs.append((file, settings))
    try:
        text = Registry(jobs, target).text
    except ConvertError as error:
        raise _Trouble(str(error)) from error
    if output_file is None:
        click.echo(text, nl=False)
    else:
        _write(output_file, text)


def _target(option: str, text: str) -> Target:
    try:
        found = targets.parse(text)
    except targets.TargetError as error:
        raise _Trouble(f"{option}: {error}") from error
    if len(found) != 1:
        raise _Trouble(f"{option}: {text} is {len(found)} versions, not one")
    return found[0]


def _write(path: str, text: str) -> None:
    try:
        write_file.write(path, text.encode(), over=False)
    except FileExistsError as error:
        raise _Trouble(f"{path}: exists") from error
    except OSError as error:
        raise _Trouble(f"{path}: cannot be written: {error.strerror}") from error


class _Trouble(click.ClickException):
    exit_code = 2
