"""``titan-lint verify``: run engines before and after their rewrite."""

from __future__ import annotations

import contextlib
import json
import shlex
import signal
import sys
from pathlib import Path

import click

from titan_lint import write_file
from titan_lint.cli import CONTEXT
from titan_lint.cli.arguments import written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator


@click.command(context_settings=CONTEXT)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where engines run; auto takes CUDA when Torch can use it.",
)
@click.option(
    "--attn-type",
    "attn_types",
    multiple=True,
    metavar="TYPE",
    help="Attention to make engines for; may be given several times.  [default: flex, varlen]",
)
@click.option(
    "--entry",
    "entries",
    multiple=True,
    metavar="PACKAGE.MODULE:FUNCTION",
    help="The function that makes an engine; may be given several times.",
)
@click.option(
    "--steps",
    type=click.IntRange(4),
    default=20,
    show_default=True,
    metavar="N",
    help="Training steps on a fixed batch.",
)
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    metavar="N",
    help="Seed of every random generator.",
)
@click.option(
    "--torchtitan",
    "target",
    default="",
    metavar="TARGET",
    help="torchtitan version to rewrite for.  [default: the one installed]",
)
@click.option(
    "--from",
    "written_for",
    default="",
    metavar="VERSION",
    help="The torchtitan that the engines were written for.  [default: inferred from the code]",
)
@click.option("--unsafe-fixes", is_flag=True, help="Rewrite with unsafe fixes as well.")
@click.option(
    "--timeout",
    type=click.FloatRange(1),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="Most time for one engine with one attention type.",
)
@click.option(
    "--memory-limit",
    type=click.FloatRange(0),
    default=32.0,
    show_default=True,
    metavar="GIB",
    help="Most memory that one engine may allocate; 0 for no limit.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(0),
    default=0,
    metavar="N",
    help="Engines run at a time.  [default: one on CUDA, up to 4 on the CPU]",
)
@click.option(
    "--nproc-per-node",
    "ranks",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes per engine, one per device.",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the result is shown.",
)
@click.option(
    "--report",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write the report as one HTML page.",
)
def verify(
    paths: tuple[Path, ...],
    device: str,
    attn_types: tuple[str, ...],
    entries: tuple[str, ...],
    steps: int,
    seed: int,
    target: str,
    written_for: str,
    unsafe_fixes: bool,
    timeout: float,
    memory_limit: float,
    jobs: int,
    ranks: int,
    output_format: str,
    page: Path | None,
) -> None:
    """Run the engines under PATHS before and after their rewrite, and compare.

    PATHS are copied; nothing in them is changed. An engine's file offers it with the comment
    '# titan-lint: engine=make_engine'; see docs/verification.md for what the function returns. Where
    none is offered, well-known ones are found: verl's, torchtitan's trainer, model registries. This
    runs the code of the engines.

    Exit status: 0 when every check that applies passes after the rewrite, 1 when some fail, 2 when
    nothing could be run.
    """
    from titan_lint.config.toml import ConfigError
    from titan_lint.verify import verify as runner
    from titan_lint.verify.entries import EntryError
    from titan_lint.verify.trees import TreeError

    settings = runner.VerifySettings(
        device=device,
        attn_types=attn_types or runner.DEFAULT_ATTN_TYPES,
        steps=steps,
        seed=seed,
        unsafe_fixes=unsafe_fixes,
        target=target,
        written_for=written_for,
        timeout=timeout,
        memory_limit=int(memory_limit * (1 << 30)),
        jobs=jobs,
        ranks=ranks,
    )
    on_terminal = sys.stderr.isatty()

    def progress(name: str) -> None:
        if on_terminal:
            click.echo(f"  {_writable(name)}", err=True)

    if page is not None and _matplotlib_is_missing():
        click.echo("error: --report draws with matplotlib: install titan-lint[verify]", err=True)
        sys.exit(2)
    try:
        with _signals_end_it():
            report = runner.verify(paths or (Path(),), settings, entries=entries, progress=progress)
    except (runner.VerifyError, EntryError, TreeError, ConfigError) as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    report.command = shlex.join(["titan-lint", "verify", *written(click.get_current_context())])
    if page is not None:
        from titan_lint.verify.page import html_report

        write_file.write(page, _writable(html_report(report)).encode())
    if output_format == "json":
        click.echo(json.dumps(report.to_json(), indent=2))
    else:
        from titan_lint.verify.text import text_report

        click.echo(_writable(text_report(report)), nl=False)
    sys.exit(report.exit_code)


def _matplotlib_is_missing() -> bool:
    from importlib.util import find_spec

    return find_spec("matplotlib") is None


def _writable(text: str) -> str:
    """A text without the surrogates that stand for bytes of names that are no UTF-8."""
    return text.encode("utf-8", errors="backslashreplace").decode()


@contextlib.contextmanager
def _signals_end_it() -> Generator[None]:
    """Let a signal to end pass through all that has something to clear up, as an interrupt does."""
    numbers = [signal.SIGTERM, signal.SIGHUP]
    kept = {number: signal.getsignal(number) for number in numbers}

    def end(number: int, frame: object) -> None:
        sys.exit(128 + number)

    for number, handler in kept.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
