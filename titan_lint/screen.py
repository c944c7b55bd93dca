"""Whether a file can trigger a rule at all, told from its bytes."""

from __future__ import annotations

from collections.abc import Collection

# Every finding goes back to an import of torchtitan, or to a string that names it for a dynamic
# import; only TTN901 looks at comments instead.
_TOKEN = b"torchtitan"
_SUPPRESSION = "TTN901"


def may_match(data: bytes, codes: Collection[str]) -> bool:
    """Whether any of the rules can have a finding in a file with these bytes.

    Args:
        data: The file's content.
        codes: The rules to run.
    """
    if _TOKEN in data:
        return True
    return _SUPPRESSION in codes and b"noqa" in data and b"TTN" in data.upper()
