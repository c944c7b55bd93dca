"""Programs made from Python's grammar, behind code that uses torchtitan.

    pip install hypothesmith
    python -m tests.fuzz.grammar [CASES]

Not part of the suite: making programs from a grammar is slow, and few of them look like anybody's code.
"""

from __future__ import annotations

import ast
import random
import sys
import warnings
from collections import Counter

import hypothesmith  # type: ignore[import-not-found]
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.check import check, seeds


def run(cases: int) -> Counter[str]:
    """Check programs until one fails, which hypothesis then makes small and shows."""
    counts: Counter[str] = Counter()

    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(
        st.sampled_from(seeds()),
        hypothesmith.from_grammar() | hypothesmith.from_node(),
        st.integers(0, 2**32),
    )
    def one(seed: str, generated: str, number: int) -> None:
        text = f"{seed}\n{generated}\n"
        try:
            ast.parse(text.replace("\n", "\r\n"))
            ast.parse(text)
        except (SyntaxError, ValueError):
            counts["no Python together"] += 1
            return
        counts.update(check(text, random.Random(number)))

    one()
    return counts


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(dict(run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)))
