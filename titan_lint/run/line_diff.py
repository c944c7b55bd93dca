"""How two texts differ, line by line: the same for diffs that are shown and for edits that an editor makes.

``difflib`` alone takes lines that are frequent in a long text, such as an empty one or ``)``, for noise, and shows
unchanged ones as removed and added again. Told not to, it takes seconds for 10,000 lines. So a text is first cut at the
lines that are in both and only once in each: what lies between two of those is short.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Lines = Sequence[str | bytes]

_LARGE = 4_000_000
"""From so many pairs of lines on, frequent lines between two cuts count as noise: a second or so."""


class LineMatcher(difflib.SequenceMatcher["str | bytes"]):
    """What is the same in two texts.

    Args:
        old: Lines of the one.
        new: Lines of the other.
    """

    def __init__(self, old: Lines, new: Lines) -> None:
        # The base class makes an index of all lines, which nothing here asks for.
        super().__init__(None, (), ())
        self.a, self.b = old, new

    def get_matching_blocks(self) -> list[difflib.Match]:
        """Where both are the same, in order; the last one is empty and stands at their ends."""
        joined: list[difflib.Match] = []
        for i, j, size in self._same():
            if joined and (joined[-1].a + joined[-1].size, joined[-1].b + joined[-1].size) == (
                i,
                j,
            ):
                joined[-1] = difflib.Match(joined[-1].a, joined[-1].b, joined[-1].size + size)
            elif size:
                joined.append(difflib.Match(i, j, size))
        return [*joined, difflib.Match(len(self.a), len(self.b), 0)]

    def _same(self) -> Iterator[tuple[int, int, int]]:
        old, new = self.a, self.b
        cuts = [(-1, -1), *_cuts(old, new), (len(old), len(new))]
        for (i, j), (next_i, next_j) in pairwise(cuts):
            if i >= 0:
                yield i, j, 1
            yield from _between(old, new, (i + 1, next_i), (j + 1, next_j))


def unified(
    old: Sequence[bytes], new: Sequence[bytes], names: tuple[bytes, bytes]
) -> Iterator[bytes]:
    """The lines of a unified diff, in bytes: a patch has to fit whatever the encoding is.

    Args:
        old: Lines with their ends.
        new: Lines with their ends.
        names: What each is called.
    """
    groups = LineMatcher(old, new).get_grouped_opcodes()
    for number, group in enumerate(groups):
        if not number:
            yield b"--- %s\n" % names[0]
            yield b"+++ %s\n" % names[1]
        (_, i, _, j, _), (_, _, i_end, _, j_end) = group[0], group[-1]
        yield f"@@ -{_range(i, i_end)} +{_range(j, j_end)} @@\n".encode()
        for what, i, i_end, j, j_end in group:
            if what == "equal":
                yield from (b" " + line for line in old[i:i_end])
            else:
                yield from (b"-" + line for line in old[i:i_end])
                yield from (b"+" + line for line in new[j:j_end])


def _range(start: int, end: int) -> str:
    # An empty range stands behind the line before it.
    return {0: f"{start},0", 1: f"{start + 1}"}.get(end - start, f"{start + 1},{end - start}")


def _cuts(old: Lines, new: Lines) -> list[tuple[int, int]]:
    """The lines that both have once, as many as come in the same order in both."""
    in_old, in_new = Counter(old), Counter(new)
    places = {line: j for j, line in enumerate(new) if in_new[line] == 1}
    once = [(i, places[line]) for i, line in enumerate(old) if in_old[line] == 1 and line in places]
    return _longest_rising(once)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs in order of their first numbers, the most of which the second ones rise, too."""
    lowest: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(lowest, j)
        before.append(last[length - 1] if length else -1)
        lowest[length : length + 1] = [j]
        last[length : length + 1] = [number]
    found: list[tuple[int, int]] = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _between(
    old: Lines, new: Lines, in_old: tuple[int, int], in_new: tuple[int, int]
) -> Iterator[tuple[int, int, int]]:
    """What is the same between two cuts."""
    (i, i_end), (j, j_end) = in_old, in_new
    while i < i_end and j < j_end and old[i] == new[j]:
        yield i, j, 1
        i, j = i + 1, j + 1
    same = 0
    while i < i_end - same and j < j_end - same and old[i_end - same - 1] == new[j_end - same - 1]:
        same += 1
    left, right = old[i : i_end - same], new[j : j_end - same]
    if left and right:
        large = len(left) * len(right) > _LARGE
        matcher = difflib.SequenceMatcher(None, left, right, autojunk=large)
        for block in matcher.get_matching_blocks():
            yield i + block.a, j + block.b, block.size
    yield i_end - same, j_end - same, same
