"""titan-lint from Python: check and fix text or files, and ask which torchtitans a project fits.

Everything here does what the command line does with the same options, reads the same configuration, and
prints nothing. A mistake in what is asked for raises :class:`ConfigError`; what goes wrong with a file is
a :class:`FileError` of the result, and the other files are checked all the same.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypedDict, cast

from titan_lint.check.names import Name, names
from titan_lint.check.survey import Fit
from titan_lint.code.source import Source
from titan_lint.config.settings import load_settings
from titan_lint.config.toml import ConfigError
from titan_lint.documents import is_document, page
from titan_lint.finding import (
    Applicability,
    Edit,
    FileError,
    Finding,
    Fix,
    Severity,
    Span,
)
from titan_lint.report.places import Place
from titan_lint.report.places import place as place_of
from titan_lint.run.session import Session, encoded
from titan_lint.structs import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike
    from typing import Unpack

    from titan_lint.config.settings import OptionValues
    from titan_lint.run.outcome import FileOutcome, Outcome

    StrPath = str | PathLike[str]

__all__ = [
    "Applicability",
    "CheckOptions",
    "ConfigError",
    "Edit",
    "FileError",
    "Finding",
    "Fit",
    "Fits",
    "Fix",
    "Name",
    "Options",
    "Place",
    "Result",
    "Run",
    "Session",
    "Severity",
    "Span",
    "Target",
    "compat",
    "describe",
    "fix",
    "lint",
    "lint_paths",
]


class Options(TypedDict, total=False):
    """What a check is told; an option that is left out has the command line's default.

    Attributes:
        torchtitan: The torchtitans that the code must fit, each as ``--torchtitan`` takes it.
        written_for: The torchtitan that the code was written for, as ``--from`` takes it.
        select: The rules to run: codes, prefixes, names, or ``ALL``.
        extend_select: Rules to run besides.
        ignore: Rules not to run.
        rules: Modules whose rules run, too; to import them runs them.
        config: The configuration file, in place of the nearest one.
        isolated: Whether no configuration is read.
        surfaces: Files with the surfaces of a torchtitan of one's own, where the configuration names none.
        changes: Files with what changed in it, where the configuration names none.
        legacy_guard: As ``--legacy-guard``.
        force_exclude: Whether a text or file is left alone where the configuration excludes its path.
    """

    torchtitan: str | Sequence[str]
    written_for: str
    select: str | Sequence[str]
    extend_select: str | Sequence[str]
    ignore: str | Sequence[str]
    rules: str | Sequence[str]
    config: str
    isolated: bool
    surfaces: str | Sequence[str]
    changes: str | Sequence[str]
    legacy_guard: bool
    force_exclude: bool


class CheckOptions(Options, total=False):
    """What a check of files is told besides what :class:`Options` has.

    Attributes:
        exclude: Patterns of files and folders to leave out, in place of the configuration's.
        extend_exclude: Patterns to leave out besides.
        extend_include: Patterns of files in folders to check besides those of Python and notebooks.
        baseline: A file of findings that are not reported again.
        jobs: How many processes may be used; all processors' where it is left out.
        cache_dir: Folder of the cache.
        no_cache: Whether the cache is neither read nor written.
        fix: Whether safe fixes are written to the files.
        unsafe_fixes: Whether unsafe ones are, too; only with ``fix``.
        diff: Whether fixes are made in the results alone, and no file is written; only with ``fix``.
    """

    exclude: str | Sequence[str]
    extend_exclude: str | Sequence[str]
    extend_include: str | Sequence[str]
    baseline: str
    jobs: int
    cache_dir: str
    no_cache: bool
    fix: bool
    unsafe_fixes: bool
    diff: bool


class Target(Struct):
    """A torchtitan that code was held against.

    Attributes:
        key: What tells it from all others, such as ``0.3.0``.
        label: How messages call it, such as ``torchtitan 0.3.0``.
        reason: Why it was taken, in a clause.
    """

    key: str
    label: str
    reason: str


class Result(Struct):
    """What came of one text or file.

    Attributes:
        path: Its absolute path.
        text: Its text after any fix; empty where there is nothing to say of a file. Findings point into
            what stands behind a byte-order mark, if it begins with one, and in a notebook into its code
            cells, put together.
        findings: What is left to report, ordered by place and code.
        fixed: What was fixed.
        errors: What went wrong with it.
        targets: What it was held against; empty where it does not use torchtitan.
        diff: With ``diff``, what the fixes change: a unified diff in the encoding of the file.
    """

    path: str
    text: str
    findings: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    errors: tuple[FileError, ...] = ()
    targets: tuple[Target, ...] = ()
    diff: bytes = b""

    def place(self, span: Span | Edit) -> Place:
        """Find the lines and columns of a finding's span, or of an edit: 1-based, in code points.

        In a notebook they are those of a cell, and the place names it.
        """
        text = self.text.removeprefix(_MARK)
        if not is_document(self.path):
            return place_of(Source(self.path, text), span)
        return place_of(page(self.path, text.encode()), span)


class Run(Struct):
    """What came of a check of files.

    Attributes:
        checked: How many files were read.
        files: The files that there may be something to say about, ordered by path.
        targets: What they were held against; empty where no file uses torchtitan.
        warnings: What the run warns of, a sentence each.
    """

    checked: int
    files: tuple[Result, ...]
    targets: tuple[Target, ...] = ()
    warnings: tuple[str, ...] = ()


class Fits(Struct):
    """Which torchtitans a project fits.

    Attributes:
        fits: One for each torchtitan, oldest first.
        errors: Files that could not be checked, and why, a line each.
    """

    fits: tuple[Fit, ...]
    errors: tuple[str, ...] = ()


def lint(
    source: str,
    path: StrPath | None = None,
    *,
    session: Session | None = None,
    **options: Unpack[Options],
) -> Result:
    """Check a text.

    Args:
        source: The text of a file of Python.
        path: Where it lies, or is to lie: its folder decides on configuration and pin, and the other
            files of its project are heard where they count. The file itself is not read. Without it
            the text stands alone, and configuration and pin are those of the current folder.
        session: The checks that this is one of.
        **options: See :class:`Options`.

    Raises:
        ConfigError: An option, or the configuration, is wrong.
    """
    return _of_text(source, path, _values(options), session)


def fix(
    source: str,
    path: StrPath | None = None,
    *,
    unsafe: bool = False,
    session: Session | None = None,
    **options: Unpack[Options],
) -> Result:
    """Fix a text; nothing is written.

    Args:
        source: The text of a file of Python.
        path: As for :func:`lint`.
        unsafe: Whether unsafe fixes are applied, too.
        session: As for :func:`lint`.
        **options: See :class:`Options`.

    Returns:
        The result, with the new text.

    Raises:
        ConfigError: An option, or the configuration, is wrong.
    """
    values: OptionValues = {**_values(options), "fix": True, "unsafe_fixes": unsafe}
    return _of_text(source, path, values, session)


def describe(
    source: str,
    offset: int,
    path: StrPath | None = None,
    *,
    session: Session | None = None,
    **options: Unpack[Options],
) -> tuple[Name, ...]:
    """Tell what of torchtitan a piece of a text stands for.

    Args:
        source: The text of a file of Python.
        offset: Where in it the piece is, as :class:`Span` counts.
        path: As for :func:`lint`.
        session: As for :func:`lint`.
        **options: See :class:`Options`.

    Returns:
        One for each target and each thing that it may stand for; empty where that is nothing of torchtitan's, or
        the text cannot be read.

    Raises:
        ConfigError: An option, or the configuration, is wrong.
    """
    from titan_lint.run.driver import files

    values = _text_values(path, _values(options))
    opened = files(load_settings(values), encoded(source), session)
    return tuple(name for file in opened for name in names(file, offset))


def lint_paths(*paths: StrPath, **options: Unpack[CheckOptions]) -> Run:
    """Check files and folders, and fix them where that is asked for.

    Args:
        *paths: The files and folders; the current one where none is given.
        **options: See :class:`CheckOptions`.

    Raises:
        ConfigError: An option, or the configuration, is wrong.
    """
    outcome = _run({**_values(options), "paths": _paths(paths)})
    targets = _targets(outcome)
    return Run(
        outcome.checked,
        tuple(_result(file, targets) for file in outcome.files),
        targets,
        tuple(outcome.notes),
    )


def compat(*paths: StrPath, **options: Unpack[Options]) -> Fits:
    """Tell which torchtitans the files of a project fit: those that are asked for, or all known ones.

    Args:
        *paths: The files and folders; the current one where none is given.
        **options: See :class:`Options`.

    Raises:
        ConfigError: An option, or the configuration, is wrong.
    """
    from titan_lint.run.compat import surveyed

    survey, trouble = surveyed(
        load_settings({**_values(options), "paths": _paths(paths), "apart": True})
    )
    return Fits(tuple(survey.fits), tuple(dict.fromkeys(trouble)))


_MARK = "\ufeff"
_LISTS = frozenset(
    (
        *("torchtitan", "select", "extend_select", "ignore", "rules", "surfaces", "changes"),
        *("exclude", "extend_exclude", "extend_include"),
    )
)
_KNOWN = frozenset(Options.__annotations__) | frozenset(CheckOptions.__annotations__)


def _values(options: Options) -> OptionValues:
    """The options as the command line would give them.

    Raises:
        TypeError: There is no such option.
    """
    # The findings of these reports have the edits of their fixes.
    values: OptionValues = {"output_format": "json"}
    for name, value in cast("dict[str, bool | int | str | Sequence[str]]", options).items():
        if name not in _KNOWN:
            raise TypeError(f"unknown option {name!r}")
        known = "from" if name == "written_for" else name
        if name in _LISTS or not isinstance(value, bool | int | str):
            values[known] = (
                (value,) if isinstance(value, str) else tuple(cast("Sequence[str]", value))
            )
        else:
            values[known] = value
    return values


def _paths(paths: Sequence[StrPath]) -> tuple[str, ...]:
    return tuple([os.fspath(path) for path in paths])


def _run(values: OptionValues, data: bytes = b"", session: Session | None = None) -> Outcome:
    from titan_lint.run.driver import run

    return run(load_settings(values), lambda: data, lambda done, total: None, session)


def _of_text(
    text: str, path: StrPath | None, values: OptionValues, session: Session | None
) -> Result:
    outcome = _run(_text_values(path, values), encoded(text), session)
    (file,) = outcome.files
    if file.content is not None:
        content = file.content
        text = content.decode(Source.decode(file.path, content).encoding)
    return _result(file, _targets(outcome), text)


def _text_values(path: StrPath | None, values: OptionValues) -> OptionValues:
    """The options of a check of a text that lies, or is to lie, at a path."""
    name = None if path is None else os.fspath(path)
    return {**values, "paths": ("-",), "stdin_filename": name, "no_cache": True}


def _result(file: FileOutcome, targets: tuple[Target, ...], text: str | None = None) -> Result:
    if text is None:
        text = "" if file.source is None else file.source.file.text
    return Result(
        file.path,
        text,
        tuple(file.findings),
        tuple(file.fixed),
        tuple(file.errors),
        targets,
        file.diff,
    )


def _targets(outcome: Outcome) -> tuple[Target, ...]:
    return tuple(Target(*target) for target in outcome.targets)
