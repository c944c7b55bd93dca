"""Where the documentation of a rule is, on the web and on this machine, and a commit of torchtitan."""

from __future__ import annotations

import functools

from titan_lint import cache_folder, rules
from titan_lint.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from titan_lint.rules.base import Rule


TORCHTITAN = "pytorch/torchtitan"
"""torchtitan's repository on GitHub."""


def page(rule: Rule) -> str | None:
    """The address of a rule's page on the web.

    ``None`` where there is none: the package names no documentation, or the rule is somebody else's.
    """
    base = _documentation() if rules.is_own(rule.code) else None
    return None if base is None else f"{base.rstrip('/')}/rules/{rule.name}/"


def link(rule: Rule, *, host: str = "") -> str | None:
    """What a rule's code leads to where a person reads it: the page on the web, else one on this machine.

    Args:
        rule: The rule, which may be somebody else's.
        host: Name of this machine, for the address of a file that may be read on another one.

    Returns:
        The address; ``None`` where there is no page on the web, and none can be written here.
    """
    if (address := page(rule)) is not None:
        return address
    path = _written(rule)
    return None if path is None else path.as_uri().replace("file://", f"file://{host}", 1)


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


@functools.cache
def _written(rule: Rule) -> Path | None:
    """The file of a rule's page, which is written where it is not as it should be; ``None`` where it cannot be."""
    from pathlib import Path

    from titan_lint import read_file, write_file
    from titan_lint.report import rule_page

    content = rule_page.page(rule).encode()
    path = Path(cache_folder.of_user()).absolute() / "rules" / __version__ / f"{rule.code}.md"
    try:
        if not path.is_file() or read_file.read(path) != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_file.write(path, content, through=False)
    except OSError:
        return None
    return path
