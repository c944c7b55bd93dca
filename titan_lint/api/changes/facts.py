"""What no API surface can tell, as data with its source.

Each file in ``facts_data/`` is a JSON object with a ``source`` and its entries. Nothing in here is read
before a rule asks for it.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DATA = Path(__file__).with_name("facts_data")


@functools.cache
def load(name: str) -> dict[str, Any]:
    """The entries of ``facts_data/<name>.json``."""
    return json.loads((_DATA / f"{name}.json").read_text("utf-8"))
