"""titan-lint for LibCST: what a node of its trees is at a torchtitan, and rules of one's own.

What is listed in ``__all__`` is for use from outside; the rest may change.
"""

from __future__ import annotations

from titan_lint.finding import Severity
from titan_lint.libcst.known import Known
from titan_lint.libcst.provider import TorchtitanProvider
from titan_lint.libcst.rule import Rule
from titan_lint.rules.base import Example

__all__ = ["Example", "Known", "Rule", "Severity", "TorchtitanProvider"]
