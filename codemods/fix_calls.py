"""Pass torchtitan's functions, classes and configs the arguments that they take.

python -m libcst.tool codemod -x --no-format codemods.fix_calls.FixCallsCommand PATH
"""

from __future__ import annotations

from .command import FixCommand


class FixCallsCommand(FixCommand):
    """The fixes of TTN301 to TTN304."""

    DESCRIPTION = "Pass torchtitan's functions, classes and configs the arguments that they take."
    CODES = ("TTN301", "TTN302", "TTN303", "TTN304")
