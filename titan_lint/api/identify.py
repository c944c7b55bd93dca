"""Which torchtitan a tree is, told by its API: what it calls itself can't be trusted.

``main`` calls itself 0.2.2 for half a year, nightlies sort below every release, and forks keep whatever
they were forked from. What a tree defines doesn't lie.
"""

from __future__ import annotations

from titan_lint.api import bundle
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from titan_lint.api.entities import Record


class Match(Struct):
    """The bundled surface that a tree is most like.

    Attributes:
        key: of the bundled surface.
        differing: definitions at the top level of a module that only one of the two has, or that
            they have otherwise; 0 when they are equal.
    """

    key: str
    differing: int


def by_source(digest: str) -> str | None:
    """Key of the bundled surface that was made from exactly these files, ``None`` if none was."""
    return next((key for key, entry in bundle.index().items() if entry.source == digest), None)


def nearest(modules: Mapping[str, Record]) -> Match:
    """The bundled surface with the fewest differences from the records `modules`; the newest among equals.

    Packages that the tree lacks altogether do not count: a copy may well leave `torchtitan_recipes` out.
    """
    packages = {name.partition(".")[0] for name in modules}
    pack = bundle.pack()
    keys = list(bundle.index())
    total = sum(len(record["members"]) for record in modules.values())
    shared = dict.fromkeys(keys, 0)
    theirs = dict.fromkeys(keys, 0)
    versions = {key: pack.modules_of(number) for number, key in enumerate(keys)}
    for module in dict.fromkeys(name for names in versions.values() for name in names):
        if module.partition(".")[0] not in packages:
            continue
        own = modules.get(module)
        common, sizes = pack.compare(module, own)
        for key in keys:
            version = versions[key].get(module)
            if version is not None:
                shared[key] += common[version]
                theirs[key] += sizes[version]
    differing = {key: total + theirs[key] - 2 * shared[key] for key in keys}
    best = min(reversed(keys), key=lambda key: differing[key])
    return Match(best, differing[best])
