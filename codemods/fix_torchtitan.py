"""Make code fit a torchtitan: every fix that titan-lint has.

python -m libcst.tool codemod -x --no-format codemods.fix_torchtitan.FixTorchtitanCommand PATH
"""

from __future__ import annotations

from titan_lint import rules

from .command import FixCommand


class FixTorchtitanCommand(FixCommand):
    """The fixes of all rules, as ``titan-lint --fix`` makes them."""

    DESCRIPTION = "Make code that builds on torchtitan fit one version of it."
    CODES = tuple(rules.names())
