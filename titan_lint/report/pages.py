"""Where the documentation of a rule, and a commit of torchtitan, are on the web."""

from __future__ import annotations

import functools

from titan_lint import rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.rules.base import Rule


TORCHTITAN = "pytorch/torchtitan"
"""torchtitan's repository on GitHub."""


def page(rule: Rule) -> str | None:
    """The address of a rule's page; ``None`` where there is none, or the package names no documentation."""
    base = _documentation() if rules.is_own(rule.code) else None
    return None if base is None else f"{base.rstrip('/')}/rules/{rule.name}/"


def commit(name: str) -> str:
    """The address of a commit of torchtitan's, which may be abbreviated."""
    return f"https://github.com/{TORCHTITAN}/commit/{name}"


@functools.cache
def _documentation() -> str | None:
    """The ``Documentation`` of the package's metadata, as in ``[project.urls]``."""
    # Where it is named, and nowhere else: whoever publishes titan-lint says where its pages are.
    from importlib import metadata

    try:
        urls = metadata.metadata("titan-lint").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return None
    labelled = (url.partition(",") for url in urls)
    return next((url.strip() for label, _, url in labelled if label == "Documentation"), None)
