"""``titan-lint api``: what torchtitan's API is at each version, and what differs between two."""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from titan_lint import write_file
from titan_lint.cli import CONTEXT, repositories

if TYPE_CHECKING:
    from titan_lint.api import Surface
    from titan_lint.api.changes.drafts import Break
    from titan_lint.api.diff import Difference
    from titan_lint.api.targets import Target
    from titan_lint.config.settings import Settings
    from titan_lint.json_documents import CheckBreak, Diff, Show, Users, Versions

_FORMAT = click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the result is shown.",
)
_CACHE = click.option(
    "--cache-dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where surfaces of paths and installations are kept.  [default: the cache of a check]",
)


class _TroubleError(click.ClickException):
    """What was asked for cannot be done; the message says why."""

    exit_code = 2


@click.group(name="api", context_settings=CONTEXT)
def api() -> None:
    """Show and compare what torchtitan's API is at each version.

    A version is a release (0.3.0), a date of main (2026-04-18), a commit (main@7cec16600), main,
    latest, installed, a path to a checkout, a package folder, a wheel, an sdist or a file that `extract`
    wrote, or the name of one of those that the setting `surfaces` has.
    """


@api.command()
@_FORMAT
def versions(output_format: str) -> None:
    """List the versions known here, and how each was made."""
    from titan_lint.api import bundle, data_package, index
    from titan_lint.api.targets import asked_as, newest
    from titan_lint.run.targets import fork_of

    fork = fork_of(_settings())
    own = () if fork is None else fork.surfaces
    entries = [*index().values(), *(surface.provenance for surface in own)]
    days = list(bundle.commits().values())
    loaded, last = data_package.loaded(), newest()
    age = (datetime.date.today() - last.day).days if last.day is not None else 0
    if output_format == "json":
        _print_json(
            {
                "version": 1,
                "versions": [
                    {
                        "key": asked_as(e),
                        "kind": e.kind,
                        "version": e.version,
                        "commit": e.commit,
                        "date": e.date,
                        "day": str(e.day),
                        "how": e.how,
                        "sha256": e.sha256,
                    }
                    for e in entries
                ],
                "commits_of_main": {"known": len(days), "from": days[0], "to": days[-1]},
                "newest_of_main": {"key": last.key, "day": str(last.day), "days_ago": age},
                "data": {"from": loaded.where, "trouble": loaded.trouble or None},
            }
        )
        return
    width = max(len(asked_as(entry)) for entry in entries)
    for entry in entries:
        click.echo(f"{asked_as(entry):{width}}  {entry.day}  {entry.how}")
    click.echo(
        f"\nMain's {len(days):,} commits from {days[0]} to {days[-1]} are known by name. A commit, a date or "
        "a\nnightly that is not listed is judged at the nearest version listed before it.\n\n"
        f"The newest known point of main is {last.key} of {last.day}, {age} days ago.\n"
        f"The data comes with {loaded.where}."
        + f"\nwarning: {loaded.trouble}"
        * bool(loaded.trouble)
    )


@api.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path), metavar="DIR|FILE")
@click.option(
    "--sha256",
    "digest",
    default="",
    metavar="HEX",
    help="What FILE, or DIR's manifest, has to have.",
)
def update(source: Path, digest: str) -> None:
    """Take newer data on torchtitan, without a new release.

    That is surfaces, main's commits and the catalogue of changes. FILE is a data package as titan-lint's nightly job builds them, DIR one that was unpacked. Every digest in it is
    checked and every record is read; then it is kept in the user's cache, and all runs use it until a
    titan-lint is installed that knows as much itself. Exits with 2 where it cannot be used; what was kept stays.
    """
    from titan_lint.api.data_package import DataPackageError
    from titan_lint.api.data_update import update as keep

    try:
        kept = keep(source, digest)
    except DataPackageError as error:
        raise _TroubleError(str(error)) from error
    click.echo(
        f"Kept as {kept}; remove it to go back. `titan-lint api versions` lists what is known now."
    )


@api.command()
@click.argument("source")
@click.option(
    "-o",
    "--output-file",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The file to write.  [default: standard output]",
)
@click.option(
    "--name",
    help="What `--torchtitan` and messages call it.  [default: the name of the file that is written]",
)
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The day of its code.  [default: that of the checkout's commit, else today]",
)
@_CACHE
def extract(
    source: str,
    output: Path | None,
    name: str | None,
    date: datetime.datetime | None,
    cache_dir: Path | None,
) -> None:
    """Write down the API of the torchtitan at SOURCE, as JSON.

    SOURCE is a checkout, a package folder, a wheel or an sdist. Nothing in it is imported. The setting
    `surfaces` makes such files known by their names.
    """
    from titan_lint.api.extract.tree import PackageError, read
    from titan_lint.api.fork import VERSION
    from titan_lint.api.pack import fingerprint
    from titan_lint.api.targets import TargetError, extracted

    try:
        tree = read(source)
        digest = tree.digest()
        found, match = extracted(tree, digest, _cache(cache_dir))
    except (PackageError, TargetError) as error:
        raise _TroubleError(str(error)) from error
    records = {module: found.record(module) for module in found.names}
    commit, day = _committed(source)
    text = json.dumps(
        {
            "version": VERSION,
            "name": name or (Path(source) if output is None else output).stem,
            "date": date.date().isoformat() if date else day or str(datetime.date.today()),
            "commit": commit,
            "source": tree.where,
            "digest": digest,
            "calls_itself": tree.version,
            "nearest": {"key": match.key, "differing": match.differing},
            "sha256": fingerprint(records),
            "modules": records,
        },
        ensure_ascii=False,
        indent=1,
    )
    if output is None:
        click.echo(text)
        return
    try:
        write_file.write(output, f"{text}\n".encode())
    except OSError as error:
        raise _TroubleError(f"{output}: cannot be written: {error.strerror}") from error
    told = "equal to" if match.differing == 0 else f"{match.differing} definitions away from"
    click.echo(f"{output}: {len(records)} modules, {told} {match.key}", err=True)


@api.command()
def schema() -> None:
    """Print the JSON schema of what `changes` names.

    An editor that has it completes and checks the rows of a company's own torchtitan. Schemas of what titan-lint
    writes are among its documentation, on the page of JSON documents.
    """
    from titan_lint.api.fork import SCHEMA

    click.echo(SCHEMA.read_text(encoding="utf-8"), nl=False)


def _committed(source: str) -> tuple[str | None, str]:
    """The commit that a checkout is at, if it is exactly that, and the day of its code."""
    from titan_lint import git

    if not Path(source).is_dir():
        return None, ""
    head = git.ask(source, "log", "-1", "--format=%H %cs", "--", ".").decode().split()
    if not head:
        return None, ""
    is_whole = not git.ask(source, "rev-parse", "--show-prefix").strip()
    is_clean = not git.ask(source, "status", "--porcelain", "--", "*.py").strip()
    top = git.ask(source, "rev-parse", "HEAD").decode().strip()
    return top if is_whole and is_clean else None, head[1]


@api.command()
@click.argument("name")
@click.option(
    "--torchtitan",
    "texts",
    multiple=True,
    metavar="TARGET",
    default=("latest",),
    help="The version to look in; may be given several times.  [default: latest]",
)
@_CACHE
@_FORMAT
def show(name: str, texts: tuple[str, ...], cache_dir: Path | None, output_format: str) -> None:
    """Show what NAME is: a dotted path, or the last part of one."""
    from titan_lint.api import described

    targets = [target for text in texts for target in _targets(text, cache_dir)]
    shown = [(target, path) for target in targets for path in _paths(target, name)]
    if output_format == "json":
        _print_json(
            {
                "version": 1,
                "results": [described.data(target, path) for target, path in shown],
            }
        )
        return
    for number, (target, path) in enumerate(shown):
        click.echo("\n" * bool(number) + f"{target.label}: {path}")
        click.echo("\n".join(described.lines(target.surface, path)))


@api.command(name="diff")
@click.argument("a")
@click.argument("b")
@click.argument("name", required=False, default="")
@click.option("--added", is_flag=True, help="Show what is new, too.")
@_CACHE
@_FORMAT
def diff_command(
    a: str, b: str, name: str, added: bool, cache_dir: Path | None, output_format: str
) -> None:
    """Show what differs from A to B, or only in NAME.

    First what moved where, then what breaks, then what changes silently.
    """
    from titan_lint.api.diff import EFFECTS, Effect, diff

    old, new = (_one(text, cache_dir) for text in (a, b))
    found = diff(old.surface, new.surface, name)
    if not found and name and not any(_known(t.surface, name) for t in (old, new)):
        raise _TroubleError(f"neither {old.label} nor {new.label} has {name}")
    counts = {effect: sum(d.effect is effect for d in found) for effect in EFFECTS}
    if output_format == "json":
        _print_json(
            {
                "version": 1,
                "from": old.label,
                "to": new.label,
                "summary": {
                    "moved": counts[Effect.MOVED],
                    "broken": counts[Effect.BROKEN],
                    "silent": counts[Effect.SILENT],
                    "added": counts[Effect.ADDED],
                },
                "differences": [
                    {"effect": d.effect.value, "path": d.path, "text": d.text, "new": d.new}
                    for d in found
                ],
            }
        )
        return
    shown = [effect for effect in EFFECTS if counts[effect] and (added or effect != Effect.ADDED)]
    for effect in shown:
        click.echo(f"{_HEADINGS[effect.value]} ({counts[effect]})")
        click.echo("\n".join(_difference(d) for d in found if d.effect is effect) + "\n")
    totals = ", ".join(f"{count} {effect.value}" for effect, count in counts.items())
    click.echo(f"{old.label} -> {new.label}: {totals}")


@api.command(name="check-break")
@click.argument("base")
@click.argument("head")
@click.option(
    "--rows",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the drafts of the catalogue's rows to DIR, a file a kind.",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How the result is shown.",
)
@_CACHE
def check_break(
    base: str, head: str, rows: Path | None, output_format: str, cache_dir: Path | None
) -> None:
    """Say what a change from BASE to HEAD breaks.

    What of the public API it moves, removes, or gives another meaning, and which of it the catalogue of changes explains.
    For the rest rows are drafted: moves by likeness, renames by position. Exits with 1 where the
    catalogue does not explain all, else with 0.
    """
    from titan_lint.api.changes.drafts import breaks, files

    old, new = (_one(text, cache_dir) for text in (base, head))
    # A tree that is not bundled has no commit that is known.
    commit, day = new.surface.commit or "", str(new.surface.day or "")
    found = list(breaks(old.surface, new.surface, commit=commit[:9], day=day))
    drafts = [each.draft for each in found if each.draft is not None]
    if rows is not None:
        rows.mkdir(parents=True, exist_ok=True)
        for name, document in files(drafts).items():
            text = json.dumps(document, indent=2, ensure_ascii=False)
            write_file.write(rows / name, f"{text}\n".encode())
    parts = {
        "Explained by the catalogue": [each for each in found if each.row is not None],
        "Drafted": [
            each for each in found if each.draft is not None and each.draft.new is not None
        ],
        "To be explained": [
            each
            for each in found
            if each.row is None and (each.draft is None or each.draft.new is None)
        ],
    }
    if output_format == "json":
        _print_json(
            {
                "version": 1,
                "from": old.label,
                "to": new.label,
                "breaks": [
                    {
                        "effect": each.difference.effect.value,
                        "about": each.difference.about.value,
                        "path": each.difference.path,
                        "text": each.difference.text,
                        "new": each.difference.new,
                        "explained_by": each.row and {"id": each.row.id, "commit": each.row.commit},
                    }
                    for each in found
                ],
                "drafts": files(drafts),
            }
        )
    else:
        marked = output_format == "markdown"
        for title, breaking in parts.items():
            if breaking:
                head_line = f"{title} ({len(breaking)})"
                click.echo(f"### {head_line}\n" if marked else head_line)
                click.echo("\n".join(_break(each, marked) for each in breaking) + "\n")
        totals = ", ".join(f"{len(each)} {title.lower()}" for title, each in parts.items())
        click.echo(f"{old.label} -> {new.label}: {totals}")
    click.get_current_context().exit(
        1 if len(parts["Explained by the catalogue"]) < len(found) else 0
    )


@api.command()
@click.argument("name")
@click.option(
    "--repos",
    "paths",
    multiple=True,
    required=True,
    metavar="REPOSITORIES",
    help="The repositories, as `titan-lint survey` takes them; may be given several times.",
)
@click.option(
    "--torchtitan",
    "text",
    default="",
    metavar="TARGET",
    help="What all repositories are held against.  [default: what each would be checked against]",
)
@repositories.options
@_FORMAT
def users(
    name: str, paths: tuple[str, ...], text: str, output_format: str, given: repositories.Given
) -> None:
    """Show where repositories use NAME, by whatever path or alias.

    NAME is a dotted path, or the last part of one: a module, a class, a function, a member. NAME(PARAMETER) stands
    for the calls that pass the parameter. Other paths of the same thing count, as do those that it had before it
    moved. Notebooks are looked into, and
    documents where the repository's own configuration includes them. Exits with 2 where a repository could not be asked, else with 0.
    """
    from titan_lint.survey import shown
    from titan_lint.survey.users import Users

    path, _, parameter = name.removesuffix(")").partition("(")
    path = _ever(path, text, given.cache / "checks")
    here = repositories.here()
    question = Users(
        path,
        parameter,
        text and repositories.from_inside(text, here),
        given.cache,
        given.size_limit,
        here.surfaces,
        here.changes,
    )
    found = list(repositories.answers(repositories.read(paths), question, given))
    found.sort(key=lambda answer: answer.repository)
    if output_format == "json":
        answers = [answer.as_json() for answer in found]
        _print_json({"version": 1, "name": path, "parameter": parameter, "repositories": answers})
    else:
        click.echo(shown.users(found))
    click.get_current_context().exit(2 if any(answer.failure for answer in found) else 0)


def _ever(name: str, asked: str, cache: Path) -> str:
    """The one path that a name stands for at a torchtitan that is asked for, else at the newest that has it."""
    from titan_lint.api import history

    trouble: _TroubleError | None = None
    for text in [asked] if asked else reversed(history.timeline()):
        for target in _targets(text, cache):
            try:
                found = _paths(target, name)
            except _TroubleError as error:
                trouble = trouble or error
                continue
            if len(found) > 1:
                raise _TroubleError(f"{name} may be {', '.join(found)}; give one")
            return found[0]
    assert trouble is not None
    raise trouble


def _break(found: Break, marked: bool) -> str:
    row = f" [{found.row.id}, {found.row.commit}]" if found.row is not None else ""
    path = found.difference.path
    return (
        f"- `{path}`: {found.difference.text}{row}"
        if marked
        else f"  {path}: {found.difference.text}{row}"
    )


_HEADINGS = {
    "moved": "Moved",
    "broken": "Broken",
    "silent": "Changed silently",
    "added": "Added",
}


def _difference(difference: Difference) -> str:
    return f"  {difference.path}: {difference.text}"


def _settings() -> Settings:
    """What the project here has configured."""
    from titan_lint.config.settings import load_settings

    return load_settings({"paths": (".",)})


def _cache(given: Path | None) -> Path | None:
    """Where surfaces are kept: where a check keeps them, unless somewhere else is named."""
    configured = _settings().cache_dir
    return given or (Path(configured) if configured else None)


def _targets(text: str, cache: Path | None) -> tuple[Target, ...]:
    from titan_lint.api.targets import TargetError, parse
    from titan_lint.run.targets import fork_of

    try:
        return parse(text, cache=_cache(cache), fork=fork_of(_settings()))
    except TargetError as error:
        raise _TroubleError(str(error)) from error


def _one(text: str, cache: Path | None) -> Target:
    found = _targets(text, cache)
    if len(found) != 1:
        names = ", ".join(target.surface.key for target in found)
        raise _TroubleError(f"{text} stands for several versions ({names}); give one")
    return found[0]


def _known(surface: Surface, name: str) -> bool:
    homes = surface.homes(name.rpartition(".")[2])
    return surface.lookup(name) is not None or bool(homes.defined or homes.modules)


def _paths(target: Target, name: str) -> list[str]:
    """The paths in a target that `name` may mean: itself, or those that end in it."""
    from titan_lint.api import history

    surface = target.surface
    if surface.lookup(name) is not None:
        return [name]
    head, _, rest = name.partition(".")
    if head not in surface.modules:
        homes = surface.homes(head)
        found = [f"{place}.{rest}" if rest else place for place in (*homes.public, *homes.modules)]
        found = [path for path in found if surface.lookup(path) is not None]
        if found:
            return found
    message = f"{target.label} has no {name}"
    presence = history.find(surface, name)
    if presence is not None:
        from titan_lint.api.targets import label_of

        when = "it was there in" if presence.earlier else "the first known that has it is"
        message += f"; {when} {label_of(presence.surface.provenance)}"
    else:
        near = _near(surface, name)
        message += f"; near to it: {', '.join(near)}" if near else ""
    raise _TroubleError(message)


def _near(surface: Surface, name: str) -> list[str]:
    """What is called nearly so: names where there is only one, else paths, with a slip in one of their parts."""
    import difflib

    parent, _, last = name.rpartition(".")
    if not parent:
        known = {each for module in surface.modules for each in _members(surface, module)}
        return difflib.get_close_matches(name, sorted(known))
    if surface.lookup(parent) is None:
        paths = [f"{near}.{last}" for near in _near(surface, parent)]
        return [path for path in paths if surface.lookup(path) is not None]
    members = _members(surface, parent)
    return [f"{parent}.{match}" for match in difflib.get_close_matches(last, members)]


def _members(surface: Surface, path: str) -> tuple[str, ...]:
    return getattr(surface.lookup(path), "members", ())


def _print_json(document: Versions | Show | Diff | CheckBreak | Users) -> None:
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
    click.echo()
