"""Python of versions that the running one does not know.

The running Python's ``ast`` parses nearly every file. Where it refuses one,
:func:`~titan_lint.code.syntax.newer.parse_newer` masks what is newer by older syntax of the same extent,
lets ``ast`` parse that, and puts the nearest nodes in its place:

=============================================  ======  ===========================================
syntax                                         since   becomes
=============================================  ======  ===========================================
f-strings with any expression (PEP 701)        3.12    ``JoinedStr``, placed as 3.12 does
``type X[T] = value`` (PEP 695)                3.12    ``Assign`` of ``value`` to ``X``
type parameters of functions and classes       3.12    nothing; they are checked and left out
defaults of type parameters (PEP 696)          3.13    nothing; they are checked and left out
``except A, B:`` (PEP 758)                     3.14    a ``Tuple``
t-strings (PEP 750)                            3.14    ``JoinedStr``, as if they were f-strings
=============================================  ======  ===========================================

Nothing that Python 3.8 took for valid is refused by later ones, so older syntax needs no care.

LibCST is not used to this end, though it parses all of the above but raw and adjoining t-strings:
it takes down the process at some thousand nested brackets, and it accepts much that is no Python.
"""

from __future__ import annotations

import sys

from titan_lint.code.syntax.newer import parse_newer

__all__ = ["KNOWN", "parse_newer"]

KNOWN = f"Python 3.8 to 3.{max(14, sys.version_info.minor)}"
"""The versions whose syntax is read, in words."""
