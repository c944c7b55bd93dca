"""The settings of a run, as ``--show-settings`` prints them."""

from __future__ import annotations

import json

from titan_lint.config.globs import Globs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config.settings import Settings


def text(settings: Settings) -> str:
    """Write one line for each setting, ``name = value``, ordered by name."""
    # What messages need of a setting, and what options were given, is none.
    names = sorted(n for n in type(settings).__annotations__ if "asked_" not in n and n != "given")
    return "".join(f"{name} = {_value(getattr(settings, name))}\n" for name in names)


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Globs):
        return [pattern for _, pattern in value.patterns]
    raise TypeError(f"no way to show {value!r}")
