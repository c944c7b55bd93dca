"""Say which attention backend a model is built with, in the way that torchtitan takes it.

python -m libcst.tool codemod -x --no-format codemods.fix_attention.FixAttentionCommand PATH
"""

from __future__ import annotations

from .command import FixCommand


class FixAttentionCommand(FixCommand):
    """The fixes of TTN101 to TTN108; those without a fix are warnings."""

    DESCRIPTION = (
        "Say which attention backend a model is built with, in the way that torchtitan takes it."
    )
    CODES = ("TTN101", "TTN102", "TTN103", "TTN104", "TTN105", "TTN106", "TTN107", "TTN108")
