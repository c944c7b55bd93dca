"""Hold a tree against many torchtitans: the files to ask of, and what is known around each."""

from __future__ import annotations

import functools
from pathlib import Path

from titan_lint.config.settings import load_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from titan_lint.api.surface import Fork
    from titan_lint.api.targets import Target
    from titan_lint.check.survey import Survey
    from titan_lint.code.source import Source
    from titan_lint.config.settings import OptionValues, Settings
    from titan_lint.run.discover import Found
    from titan_lint.uses.options import Options


def surveyed(chosen: Settings, values: OptionValues) -> tuple[Survey, list[str]]:
    """Hold what was chosen against torchtitans; what went wrong is told besides.

    Args:
        chosen: The settings.
        values: The values of options that they were made of.

    Raises:
        ConfigError: An option is wrong.
    """
    from titan_lint.check.survey import fit_of, survey
    from titan_lint.code.screen import may_match
    from titan_lint.config.nearest import Nearest
    from titan_lint.run import discover
    from titan_lint.run.cache_key import Copies
    from titan_lint.run.parts import Parts
    from titan_lint.run.projects import Projects
    from titan_lint.run.targets import Targets, fork_of, pinned_keys, written_for
    from titan_lint.uses.era import of_source
    from titan_lint.uses.options import Options

    trouble: list[str] = []
    nearest = Nearest(chosen)
    found = discover.discover(nearest)
    copies = Copies()
    parts = Parts(nearest, copies)
    # What the configuration leaves out would be "fits" over code that fails: only the command line selects.
    selected = {name: values.get(name) for name in ("select", "ignore", "extend_select", "rules")}
    selecting = load_settings({**selected, "paths": (), "isolated": True})
    trouble += [f"{discover.relative(error.path)}: {error.message}" for error in found.errors]

    def is_named(path: str, data: bytes) -> bool:
        return may_match(data, (), selecting.words) or copies.use_themselves(path, data)

    sources = list(_sources(found.programs, is_named, trouble))
    here = Path.cwd()
    projects = Projects(
        (str(here / source.path) for source, own in sources if own is None),
        found.programs,
        found.walked,
        chosen,
    )
    led = projects.let_in(found.named, copies.hold)
    sources += _sources(sorted(led), lambda path, data: True, trouble)
    # A wrong one is an error whatever the code is.
    written_for(chosen)

    def options(source: Source) -> Options:
        path = str(here / source.path)
        mine = parts.of(path).settings
        era = of_source(
            source, projects.era(path), lambda: projects.head(path), lambda: pinned_keys(mine)
        )
        return Options(
            written_for=written_for(mine),
            era=era,
            neighbours=projects.neighbours(path),
            readers=projects.readers(path),
            modules=projects.own_modules(path),
        )

    def asked(source: Source) -> Sequence[Target]:
        return parts.of(str(here / source.path)).targets.main

    of_settings = functools.cache(fork_of)

    def fork(source: Source) -> Fork | None:
        return of_settings(parts.of(str(here / source.path)).configured)

    is_asked = bool(values.get("torchtitan"))
    result = survey(sources, selecting.codes, options, asked if is_asked else None, fork)
    if is_asked and not sources:
        # A wrong one is an error whatever the code is.
        result.fits = [fit_of(target, asked=True) for target in Targets(chosen).main]
    result.documents, result.job_configs = _left_out(found)
    for path, failure in result.failures:
        trouble.append(f"{path}: rule {failure.code} ({failure.name}) failed: {failure.error}")
    return result, trouble


def _left_out(found: Found) -> tuple[int, int]:
    """How many documents that mention torchtitan, and how many job configs, there are."""
    from titan_lint.code.screen import mentions_torchtitan
    from titan_lint.documents import is_document
    from titan_lint.run import discover

    documents = 0
    for path in filter(is_document, found.paths):
        try:
            documents += mentions_torchtitan(discover.read(path))
        except discover.ReadError:
            continue
    return documents, sum(path.endswith(".toml") for path in found.paths)


def _sources(
    paths: Iterable[str], is_wanted: Callable[[str, bytes], bool], trouble: list[str]
) -> Iterator[tuple[Source, str | None]]:
    """Those of some files that are wanted for what they hold, and parse; what is wrong goes to ``trouble``."""
    from titan_lint.code.program import parse
    from titan_lint.code.source import Source, SourceError
    from titan_lint.run import discover
    from titan_lint.run.targets import Packages

    packages = Packages()
    for path in paths:
        try:
            data = discover.read(path)
            discover.require_python(path, data)
        except discover.ReadError as error:
            trouble.append(f"{discover.relative(error.path)}: {error.message}")
            continue
        if not is_wanted(path, data):
            continue
        try:
            source = Source.decode(discover.relative(path), data)
            parse(source)
        except SourceError as error:
            where = "".join(f":{part}" for part in (error.line, error.column) if part)
            trouble.append(f"{discover.relative(path)}{where}: {error.message}")
            continue
        yield source, packages.name(path)
