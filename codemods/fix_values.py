"""Use the values, flavors and tables of flavors that torchtitan has.

python -m libcst.tool codemod -x --no-format codemods.fix_values.FixValuesCommand PATH
"""

from __future__ import annotations

from .command import FixCommand


class FixValuesCommand(FixCommand):
    """The fixes of TTN204, TTN401 and TTN402."""

    DESCRIPTION = "Use the values, flavors and tables of flavors that torchtitan has."
    CODES = ("TTN204", "TTN401", "TTN402")
