"""What no API surface can tell, as data with its source.

Each file in ``data/`` is a JSON object with a ``source`` and its entries. Nothing in here is read
before a rule asks for it.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DATA = Path(__file__).with_name("data")


@functools.cache
def load(name: str) -> dict[str, Any]:
    """The entries of ``data/<name>.json``."""
    return json.loads((_DATA / f"{name}.json").read_text("utf-8"))
