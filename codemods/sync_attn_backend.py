"""Pass the attention backend that the code has chosen to torchtitan's ``model_registry``.

python -m libcst.tool codemod -x --no-format codemods.sync_attn_backend.SyncAttnBackendCommand PATH
"""

from __future__ import annotations

from .command import FixCommand


class SyncAttnBackendCommand(FixCommand):
    """The fixes of TTN101, TTN102, TTN103 and TTN105."""

    DESCRIPTION = (
        "Pass the attention backend that the code has chosen to torchtitan's model_registry, and "
        "drop what tried to set or read it on the built config."
    )
    CODES = ("TTN101", "TTN102", "TTN103", "TTN105")
