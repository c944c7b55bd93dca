"""Counting the steps that work takes: calls of Python functions and lines that ours run.

A step is what ``sys.settrace`` reports, the same on every machine. What the interpreter does in C, as
in ``x in a_list``, is one step however long it takes; :class:`Counted` counts such comparisons.
"""

from __future__ import annotations

import collections
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType


def steps(work: Callable[[], object]) -> collections.Counter[str]:
    """The steps that ``work`` takes, by the function that takes them."""
    # By identity: to hash a code object takes longer than most of its steps.
    codes: dict[int, CodeType] = {}
    counts: dict[int, int] = collections.defaultdict(int)
    others: set[int] = set()

    def call(frame: Any, event: str, argument: object) -> Any:
        code = frame.f_code
        if id(code) not in codes:
            codes[id(code)] = code
            if "/titan_lint/" not in code.co_filename:
                others.add(id(code))
        counts[id(code)] += 1
        # Of LibCST and the standard library each call is a step: to be told of their lines takes most of the time.
        return None if id(code) in others else step

    def step(frame: Any, event: str, argument: object) -> Any:
        counts[id(frame.f_code)] += 1
        return step

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    named: collections.Counter[str] = collections.Counter()
    for key, count in counts.items():
        code = codes[key]
        where = code.co_filename.rpartition("/titan_lint/")[2]
        named[f"{where}:{code.co_firstlineno} {code.co_qualname}"] += count
    return named


def growing_faster(
    small: collections.Counter[str],
    middle: collections.Counter[str],
    large: collections.Counter[str],
) -> dict[str, tuple[int, int, int]]:
    """The functions whose steps grow faster than the input: at its single, double and fourfold size.

    What is added from the double to the fourfold size is at most twice what is added from the single
    to the double one where a cost is linear, four times where it is quadratic.
    """
    found: dict[str, tuple[int, int, int]] = {}
    for name in large:
        one, two, four = small[name], middle[name], large[name]
        if four - two > 2.5 * max(two - one, 0) + 40:
            found[name] = one, two, four
    return found
