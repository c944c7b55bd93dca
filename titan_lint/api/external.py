"""Members that torchtitan's classes inherit from other libraries.

Kept as data in ``data/external.json``, with their source, for the bases that matter to callers. Of any
other base nothing is known, and a class that has one stays open.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from titan_lint.api import data_package
from titan_lint.structs import Struct

DATA = Path(__file__).with_name("data") / "external.json"


class ExternalClass(Struct):
    """What is known of a class of another library.

    Attributes:
        members: its members, inherited ones included, without those that Python itself asks for.
        open: why instances may have more; empty when there is no reason.
        takes_nothing: whether its constructor refuses all arguments, and is not passed on from.
    """

    members: frozenset[str]
    open: str
    takes_nothing: bool = False


@cache
def known() -> dict[str, ExternalClass]:
    """The known classes by the path that torchtitan imports them by."""
    classes = json.loads(data_package.file("data/external.json").read_text(encoding="utf-8"))[
        "classes"
    ]
    return {
        path: ExternalClass(
            frozenset(entry["members"]), entry["open"], entry.get("takes_nothing", False)
        )
        for path, entry in classes.items()
    }
