"""titan-lint for LibCST: what a node of its trees is at a torchtitan.

What is listed in ``__all__`` is for use from outside; the rest may change.
"""

from __future__ import annotations

from titan_lint.libcst.known import Known
from titan_lint.libcst.provider import TorchtitanProvider

__all__ = ["Known", "TorchtitanProvider"]
