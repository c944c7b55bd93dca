"""Follow what torchtitan has moved, renamed or removed: imports, and the attributes of its classes.

python -m libcst.tool codemod -x --no-format codemods.fix_imports.FixImportsCommand PATH
"""

from __future__ import annotations

from .command import FixCommand


class FixImportsCommand(FixCommand):
    """The fixes of TTN201 to TTN203."""

    DESCRIPTION = "Follow what torchtitan has moved, renamed or removed: imports, and the attributes of its classes."
    CODES = ("TTN201", "TTN202", "TTN203")
