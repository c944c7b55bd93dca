"""From what a user writes to the torchtitan that their code is held against.

A target is written as a release (`0.3.0`), a specifier (`>=0.2.2`), a date (`2026-04-18`), a commit
(`main@7cec16600`, or the commit alone), `main`, `latest`, `installed`, or a path to a checkout, a
package folder, a wheel, an sdist or a file of `titan-lint api extract`. Paths and installations are told apart by their API, never by
what they call themselves.
"""

from __future__ import annotations

import datetime
import functools
import os
import re
import sys
from pathlib import Path

from titan_lint.api import bundle, identify
from titan_lint.api.extract import tree
from titan_lint.api.extract.tree import PackageError, Tree
from titan_lint.api.surface import Provenance, Surface
from titan_lint.newer_data import LATER
from titan_lint.structs import Struct, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from packaging.specifiers import SpecifierSet

    from titan_lint.api.pins.pin import Pin
    from titan_lint.api.reading import Records
    from titan_lint.api.surface import Fork

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}$")
_COMMIT = re.compile(r"(?:main@)?([0-9a-f]{7,40})$")
_RELEASE = re.compile(r"v?\d+(\.\d+)+\S*$")
_NIGHTLY = re.compile(r"\d[\d.]*\.dev(\d{4})(\d{2})(\d{2})(?:\+\S*)?$")
_DIGITS = 10
"""How much of a commit's name the table of main's commits has."""
_FILES = (".json", ".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")


class TargetError(Exception):
    """What was asked for is not a torchtitan known here; the message says what is."""


class NeedsGriffeError(TargetError):
    """It is one that cannot be read for lack of griffe."""


class Target(Struct):
    """A torchtitan that code is held against.

    Attributes:
        label: how messages call it: ``torchtitan 0.3.0``,
            ``torchtitan main of 2026-04-18 (7cec16600)``.
        reason: why it was taken, for the summary; one clause without a full stop.
        exact: whether it is what was asked for; otherwise it is the nearest that is known here.
    """

    surface: Surface
    label: str
    reason: str
    exact: bool = True


def parse(
    text: str,
    *,
    base: Path | None = None,
    cache: Path | None = None,
    fork: Fork | None = None,
    partly: bool = False,
) -> tuple[Target, ...]:
    """The targets that ``text`` names: one, or for a specifier every release that satisfies it.

    Args:
        text: what the user wrote.
        base: folder that relative paths start from; the working directory by default.
        cache: folder in which surfaces of paths and installations are kept; without it they are
            extracted anew each time.
        fork: what the project tells of its own torchtitan, whose surfaces are known by their names.
        partly: whether one that cannot be read for lack of griffe is taken as far as it is known without.

    Raises:
        TargetError: if there is no such torchtitan, or it cannot be read.
    """
    found = _parsed(text.strip(), base, cache, fork, partly)
    return tuple(_beside(target, fork) for target in found)


def _parsed(
    text: str, base: Path | None, cache: Path | None, fork: Fork | None, partly: bool
) -> tuple[Target, ...]:
    own = _named(text, fork)
    if own is not None:
        return (_of_fork(own, "as asked"),)
    if text == "latest":
        return (_bundled(_releases()[-1], "the newest release known here"),)
    if text == "main":
        return (_bundled(newest(), "the newest main known here", exact=False),)
    if text == "installed":
        return (_from_tree(*_installed(base or Path.cwd()), cache, fork, partly),)
    nightly = _NIGHTLY.match(text)
    if nightly is not None:
        return (_of_date("-".join(nightly.groups()), f"the nightly {text}"),)
    day = text.removeprefix("main@")
    if _DATE.match(day):
        return (_of_date(day, day),)
    wanted = text.removeprefix("torchtitan")
    if wanted[:1] in ("<", ">", "=", "!", "~"):
        return tuple(_bundled(entry, f"satisfies {text}") for entry in _satisfying(wanted, text))
    if text in bundle.index():
        return (_bundled(bundle.index()[text], "as asked"),)
    if _looks_like_path(text, base):
        path = (base or Path.cwd()) / Path(text).expanduser()
        if path.suffix == ".json":
            return (_from_file(path, fork),)
        return (_from_tree(_read(path), "as asked", cache, fork, partly),)
    commit = _COMMIT.match(text)
    if commit is not None:
        return (_of_commit(commit[1]),)
    if _RELEASE.match(text):
        return (_bundled(_release(text), "as asked"),)
    own = "" if fork is None else "".join(f"`{each.version}`, " for each in fork.surfaces)
    raise TargetError(
        f"torchtitan target {text!r} is not known: give {own}a release ({_known_releases()}), a date, "
        "`main@<commit>`, a specifier such as `>=0.2.2`, `main`, `latest`, `installed`, or a path"
    )


def parse_all(
    texts: Iterable[str],
    *,
    base: Path | None = None,
    cache: Path | None = None,
    fork: Fork | None = None,
    partly: bool = False,
) -> tuple[Target, ...]:
    """All targets that ``texts`` name, each surface once, in the order given; see :func:`parse`."""
    found: dict[str, Target] = {}
    for text in texts:
        for target in parse(text, base=base, cache=cache, fork=fork, partly=partly):
            found.setdefault(target.surface.key, target)
    return tuple(found.values())


def everything(fork: Fork | None = None) -> tuple[Target, ...]:
    """All targets that are known: those that come with titan-lint by day, and those of a fork behind them.

    A release is dated by its publication, which is later than its code: it stands behind the last point of
    main before that day.
    """
    points = sorted(
        bundle.index().values(), key=lambda p: (p.day or datetime.date.min, p.date or "")
    )
    own = () if fork is None else fork.surfaces
    keys = (*(point.key for point in points), *(surface.key for surface in own))
    return tuple(target for key in keys for target in parse(key, fork=fork))


def default(root: Path, *, cache: Path | None = None, fork: Fork | None = None) -> Target:
    """The target of the project at ``root`` when nobody says: itself, its own pin, the newest release.

    A torchtitan that cannot be read for lack of griffe is taken as far as it is known without.

    Raises:
        TargetError: if the project is a torchtitan that cannot be read.
    """
    return _beside(_default(root, cache, fork), fork)


def _default(root: Path, cache: Path | None, fork: Fork | None) -> Target:
    from titan_lint.api.pins.find import pinned

    own = own_package(root)
    if own is not None:
        return _from_tree(_read(own), "the project is a torchtitan itself", cache, fork, True)
    pin = pinned(root)
    if pin is not None:
        return from_pin(pin, root, cache=cache, fork=fork)
    return _bundled(
        _releases()[-1], "the newest release known here; nothing in the project pins one"
    )


def from_pin(
    pin: Pin, root: Path, *, cache: Path | None = None, fork: Fork | None = None
) -> Target:
    """The one target that a pin stands for: of a range, the newest release in it.

    Where no torchtitan known here satisfies it, the nearest one stands in, which is not exact.
    """
    where = pin.told(root)
    if not pin.target:
        return _bundled(_releases()[-1], f"the newest release known here; {where}")
    branch = pin.target.removeprefix("main@")
    own = _named(branch, fork)
    if own is not None:
        return _of_fork(own, where)
    if branch != pin.target and not _COMMIT.match(branch) and not _DATE.match(branch):
        return _stand_in(
            pin, f"{where}, and which torchtitan the branch {branch!r} is cannot be told"
        )
    try:
        target = parse(pin.target, cache=cache, fork=fork, partly=True)[-1]
    except TargetError as error:
        return _stand_in(pin, f"{where}, which cannot be judged: {error}")
    if pin.target == "main":
        where += "; what came to main since then is not known here"
    elif not target.exact or target.surface.key not in bundle.index():
        where += f"; {target.reason.removeprefix('as asked; ')}"
    return Target(target.surface, target.label, where, target.exact)


def _stand_in(pin: Pin, why: str) -> Target:
    """What a project is held against whose pin cannot be judged.

    That is what is known at or before it, else the oldest that is known; where it cannot be told how old
    it is, the newest main for what git has, and the newest release for all else.
    """
    entries, at, name = _releases(), -1, "newest release"
    commit = pin.target.removeprefix("main@")
    if _DATE.match(pin.target) or any(
        known.startswith(commit[:_DIGITS]) for known in bundle.commits()
    ):
        entries, at, name = _on_main(), 0, "oldest main"
    elif commit != pin.target:
        entries, name = _on_main(), "newest main"
    else:
        before = _before(entries, pin.target)
        if before is not None:
            at, name = (-1, "newest release before it") if before else (0, "oldest release")
            entries = before or entries
    return _bundled(entries[at], f"{why}; the {name} known here stands in", exact=False)


def _before(entries: Sequence[Provenance], target: str) -> list[Provenance] | None:
    """The releases before a version or a range that none of them satisfies; ``None`` where it is neither."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        if target[0] not in "<>=!~":
            return [entry for entry in entries if Version(entry.version) <= Version(target)]
        specifiers = SpecifierSet(target, prereleases=True)
    except (InvalidVersion, InvalidSpecifier):
        return None
    return [entry for entry in entries if not _is_below(specifiers, entry)]


def keys_of(text: str, fork: Fork | None = None) -> tuple[str, ...]:
    """Keys of the version that one target names: two where it lies between those known here.

    Empty where there is no such torchtitan, or it is later than all that is known.
    """
    own = _named(text.removeprefix("main@"), fork)
    if own is not None:
        return (own.key,)
    try:
        (target,) = parse(text)
    except (TargetError, ValueError):
        return ()
    key = target.surface.key
    if key not in bundle.index():
        return ()
    if target.exact:
        return (key,)
    points = [point.key for point in _on_main()]
    after = points.index(key) + 1
    return (key, points[after]) if after < len(points) else ()


# A fork's surfaces.


def _named(text: str, fork: Fork | None) -> Surface | None:
    """The surface of a fork that goes by a name, or that was made from a commit; ``None`` without one."""
    surfaces = () if fork is None else fork.surfaces
    commit = _COMMIT.match(text)
    return next(
        (
            surface
            for surface in reversed(surfaces)
            if text in (surface.version, surface.key)
            or (commit is not None and (surface.commit or "").startswith(commit[1]))
        ),
        None,
    )


def _of_fork(surface: Surface, reason: str) -> Target:
    return Target(surface, label_of(surface.provenance), reason)


def _from_file(path: Path, fork: Fork | None) -> Target:
    from titan_lint.api.changes.records import DataError
    from titan_lint.api.fork import read_surface

    try:
        surface = read_surface(str(path))
    except DataError as error:
        raise TargetError(str(error)) from error
    digest = surface.provenance.sha256
    for known in () if fork is None else fork.surfaces:
        if known.provenance.sha256 == digest and known.version == surface.version:
            return _of_fork(known, "as asked")
    bundle.add(surface)
    return _of_fork(surface, "as asked")


def _beside(target: Target, fork: Fork | None) -> Target:
    """The target, which knows a fork."""
    if fork is None or target.surface.fork is fork:
        return target
    return replace(target, surface=_seen_from(target.surface, fork))


# What was worked out about one is kept with it.
@functools.lru_cache(maxsize=256)
def _seen_from(surface: Surface, fork: Fork | None) -> Surface:
    return surface.seen_from(fork)


# Bundled surfaces.


def _releases() -> list[Provenance]:
    return [entry for entry in bundle.index().values() if entry.kind == "release"]


def _on_main() -> list[Provenance]:
    """The bundled surfaces of main's commits, from the oldest on; some are those of releases."""
    return sorted((e for e in bundle.index().values() if e.commit), key=lambda e: str(e.day))


def newest() -> Provenance:
    """The newest known point of main."""
    return _on_main()[-1]


def _known_releases() -> str:
    return ", ".join(entry.version for entry in _releases())


def asked_as(entry: Provenance) -> str:
    """What asks for a known surface."""
    return entry.version if entry.kind == "fork" else entry.key


def label_of(entry: Provenance) -> str:
    """How messages call a bundled surface."""
    if entry.kind == "main":
        return f"torchtitan main of {entry.day} ({(entry.commit or '')[:9]})"
    return f"torchtitan {entry.version}"


def _bundled(entry: Provenance, reason: str, *, exact: bool = True) -> Target:
    return Target(bundle.load(entry.key), label_of(entry), reason, exact)


def _nearest(entry: Provenance, asked: str) -> Target:
    return _bundled(entry, f"the nearest known here at or before {asked}", exact=False)


def _of_date(text: str, asked: str) -> Target:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise TargetError(f"{text} is not a date: {error}") from error
    points = _on_main()
    dated = [entry for entry in points if entry.day is not None and entry.day <= day]
    if not dated:
        oldest = points[0]
        raise TargetError(
            f"no torchtitan is known from {asked}: main is known from {oldest.day} "
            f"({(oldest.commit or '')[:9]}) on"
        )
    found = dated[-1]
    if found.day == day:
        return _bundled(found, f"main on {asked}", exact=False)
    if found is not points[-1]:
        return _nearest(found, asked)
    # What came since then is not in what messages say of it.
    target = _bundled(found, f"{asked} is {LATER}", exact=False)
    label = f"{target.label.removesuffix(')')}, the newest known; {text} is later)"
    return replace(target, label=label)


def _of_commit(prefix: str) -> Target:
    days = bundle.commits()
    short = prefix[:_DIGITS]
    found = [commit for commit in days if commit.startswith(short)]
    points = {(entry.commit or "")[:_DIGITS]: entry for entry in _on_main()}
    if not found:
        raise TargetError(
            f"commit {short} is not among those of torchtitan's main known here, "
            f"from {min(days.values())} to {max(days.values())}: give its date, or a path to a checkout of it"
        )
    if len(found) > 1:
        raise TargetError(f"commit {short} is ambiguous: main has {' and '.join(found)}")
    (commit,) = found
    if commit in points:
        point = points[commit]
        asked = point.kind == "main"
        return _bundled(point, "as asked" if asked else f"commit {short} is that of the release")
    order = list(days)
    before = [other for other in order[: order.index(commit)] if other in points]
    if not before:
        oldest = next(iter(points.values()))
        raise TargetError(
            f"commit {short} of {days[commit]} is older than what is known of torchtitan's main, which "
            f"begins with {oldest.day} ({(oldest.commit or '')[:9]}): give a path to a checkout of it"
        )
    return _nearest(points[before[-1]], f"commit {short} of {days[commit]}")


def _release(text: str) -> Provenance:
    from packaging.version import InvalidVersion, Version

    try:
        wanted = Version(text).public
    except InvalidVersion as error:
        raise TargetError(f"{text!r} is not a version") from error
    for entry in _releases():
        if Version(entry.version).public == wanted:
            return entry
    is_later = Version(text) > max(Version(entry.version) for entry in _releases())
    raise TargetError(
        f"torchtitan {text} is {LATER if is_later else 'not known here'}; known are {_known_releases()} "
        "and main (`titan-lint api versions`)"
    )


def _satisfying(specifier: str, text: str) -> list[Provenance]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        specifiers = SpecifierSet(specifier, prereleases=True)
    except InvalidSpecifier as error:
        raise TargetError(f"{text!r} is not a version specifier") from error
    found = [entry for entry in _releases() if specifiers.contains(entry.version)]
    if not found:
        is_later = not _is_below(specifiers, _releases()[-1])
        said = f"{text} is {LATER}" if is_later else f"no release known here satisfies {text}"
        raise TargetError(f"{said}; known are {_known_releases()}")
    return found


def _is_below(specifiers: SpecifierSet, entry: Provenance) -> bool:
    """Whether a range ends at or before a release, as far as its upper bounds tell, or before all that are known.

    A compatible release (``~=0.2.5``) and a wildcard (``==0.2.*``) have one, too, the release that they name.
    """
    from packaging.version import Version

    return any(
        Version(each.version.removesuffix(".*")) <= Version(entry.version)
        for each in specifiers
        if each.operator in ("<", "<=", "~=", "==", "===")
    )


# Paths and installations.


def _looks_like_path(text: str, base: Path | None) -> bool:
    if text.endswith(_FILES) or text.startswith((".", "~")) or "/" in text or os.sep in text:
        return True
    return ((base or Path.cwd()) / text).exists()


def _read(path: Path) -> Tree:
    try:
        return tree.read(path)
    except PackageError as error:
        raise TargetError(str(error)) from error


def _from_tree(
    tree: Tree, reason: str, cache: Path | None, fork: Fork | None, partly: bool
) -> Target:
    """The target that ``tree`` is: one that is known when its files or its API equal that one's."""
    digest = tree.digest()
    for own in () if fork is None else fork.surfaces:
        if own.provenance.source == digest:
            return _of_fork(own, f"{reason}; {tree.where} has exactly its files")
    key = identify.by_source(digest)
    if key is not None:
        entry = bundle.index()[key]
        return _bundled(entry, f"{reason}; {tree.where} has exactly its files")
    try:
        records, match = extracted(tree, digest, cache)
    except NeedsGriffeError:
        if not partly:
            raise
        return _without_griffe(tree, digest, reason)
    like = bundle.index()[match.key]
    if match.differing == 0:
        return _bundled(like, f"{reason}; {tree.where} has exactly its API")
    provenance = Provenance(
        key=f"{tree.where}@{digest[:12]}",
        kind="tree",
        version=tree.version,
        how=f"extracted from {tree.where}",
        source=digest,
    )
    near = label_of(like).removeprefix("torchtitan ")
    count = f"{match.differing} definition{'s differ' if match.differing > 1 else ' differs'}"
    told = f", calls itself {tree.version}" if tree.version else ""
    surface = Surface(provenance, records)
    bundle.add(surface)
    return Target(
        surface,
        _placed(tree.where),
        f"{reason}; nearest to {near}, {count}{told}",
    )


def _without_griffe(tree: Tree, digest: str, reason: str) -> Target:
    """The target that ``tree`` is, as far as it has the files of torchtitans that are known."""
    from titan_lint.api.known_part import KnownPart, KnownRecords

    key = f"{tree.where}@{digest[:12]} in part"
    records = KnownRecords(tree)
    surface = KnownPart(
        Provenance(
            key=key,
            kind="tree",
            version=tree.version,
            how=f"the files of {tree.where} that are known",
            source=digest,
        ),
        records,
    )
    bundle.add(surface)
    near = label_of(bundle.index()[records.near]).removeprefix("torchtitan ")
    count, total = len(records.open), len(list(records.names))
    are = "is" if count == 1 else "are"
    told = f"{reason}; nearest to {near}"
    if count:
        told += (
            f"; what is in {count} of its {total} modules {are} not judged: that needs griffe, "
            "install `titan-lint[api]`"
        )
    return Target(surface, _placed(tree.where), told, exact=False)


def _placed(where: str) -> str:
    """How messages call a torchtitan by the place that it was read from, as seen from where the run is made."""
    path = Path(where)
    folder = path.parent if tree.is_package(path) else path
    here = Path.cwd()
    if folder == here:
        return "this torchtitan"
    return f"torchtitan in {folder.relative_to(here) if folder.is_relative_to(here) else folder}"


def extracted(tree: Tree, digest: str, cache: Path | None) -> tuple[Records, identify.Match]:
    """Records of the tree and what they are most like, from the cache if they are there.

    Raises:
        TargetError: A file of it cannot be parsed, or griffe is missing.
    """
    from titan_lint.api import store

    kept = store.read(cache, digest) if cache else None
    if kept is not None:
        return kept
    try:
        from titan_lint.api.extract.extract import extract_records

        records = extract_records(tree)
    except ImportError as error:
        raise NeedsGriffeError(f"{tree.where}: {error}") from error
    except PackageError as error:
        raise TargetError(str(error)) from error
    match = identify.nearest(records.modules)
    if cache:
        store.write(cache, digest, records.modules, match)
    return records, match


def _installed(base: Path) -> tuple[Tree, str]:
    for folder in _site_packages(base):
        found = _distribution(folder)
        if found is not None:
            return _read(found), "the torchtitan installed"
    raise TargetError(
        "no torchtitan is installed beside titan-lint, in the active environment, or in .venv; "
        "give a release, or a path to it"
    )


def _site_packages(base: Path) -> Iterator[list[str] | None]:
    """Search paths: titan-lint's own, then those of the environments a user would mean."""
    yield None
    named = [os.environ[name] for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if os.environ.get(name)]
    for environment in (*map(Path, named), base / ".venv", base / "venv"):
        folders = sorted(environment.glob("lib/python3*/site-packages"))
        folders += sorted(environment.glob("Lib/site-packages"))
        if folders:
            yield [str(folder) for folder in folders]


def _distribution(folders: list[str] | None) -> Path | None:
    """Where torchtitan is installed below ``folders``, editable installations included.

    Reads metadata only: nothing is imported, and no finder of an editable installation is asked.
    """
    from importlib import metadata

    search = sys.path if folders is None else folders
    for distribution in metadata.distributions(name="torchtitan", path=search):
        package = Path(str(distribution.locate_file("torchtitan")))
        if tree.is_package(package):
            return package
        editable = _editable(distribution.read_text("direct_url.json"))
        if editable is not None and tree.is_package(editable / "torchtitan"):
            return editable / "torchtitan"
    return None


def _editable(direct_url: str | None) -> Path | None:
    import json
    from urllib.parse import urlparse
    from urllib.request import url2pathname

    try:
        url = str(json.loads(direct_url or "{}").get("url", ""))
    except ValueError:
        return None
    parsed = urlparse(url)
    return Path(url2pathname(parsed.path)) if parsed.scheme == "file" else None


# Trees that are a torchtitan, or hold one.


def own_package(root: Path) -> Path | None:
    """The package folder if the project at ``root`` is a torchtitan: a fork, or torchtitan itself; else ``None``."""
    for candidate in (root / "torchtitan", root / "src" / "torchtitan", root):
        # A link that leads out of the project is not the project.
        is_inside = candidate.resolve().is_relative_to(root.resolve())
        if candidate.name == "torchtitan" and is_inside and tree.is_package(candidate):
            return candidate
    return None


def vendored(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Those of ``folders`` that are the package ``torchtitan``, such as ``third_party/x/torchtitan``."""
    return tuple(f for f in folders if f.name == "torchtitan" and tree.is_package(f))
