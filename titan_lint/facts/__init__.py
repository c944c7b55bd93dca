"""What no API surface can tell, as data with its source.

Each file in ``data/`` is a JSON object with a ``source`` and its entries. Nothing in here is read
before a rule asks for it.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any


@functools.cache
def load(name: str) -> dict[str, Any]:
    """The entries of ``data/<name>.json``."""
    text = resources.files(__name__).joinpath("data", f"{name}.json").read_text("utf-8")
    return json.loads(text)
