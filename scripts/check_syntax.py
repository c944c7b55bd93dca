"""Hold the translation of newer syntax against Python's own parser, over whole trees of files.

    python scripts/check_syntax.py [FOLDER ...]

Run it with Python 3.12 or later to compare the place of every node, too. Everything that has an
older form is translated, as if Python were 3.11, also where the running parser needs no help.
Without arguments it reads the running Python's standard library.
"""

from __future__ import annotations

import ast
import sys
import sysconfig
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.syntax.test_newer import NOTHING, dump, neutral, translated


def outcome(path: Path) -> str:
    """What became of one file, in a word."""
    try:
        text = path.read_bytes().decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return "not UTF-8"
    try:
        expected = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        try:
            translated(text)
        except (SyntaxError, RecursionError, MemoryError):
            return "refused by both"
        return "read by the translation alone"
    try:
        found = translated(text)
    except SyntaxError as error:
        return "nothing to translate" if error is NOTHING else f"REFUSED: {error}"
    places = sys.version_info >= (3, 12)
    same = dump(found, places=places) == dump(neutral(expected), places=places)
    return "equal" if same else "DIFFERENT"


def main() -> int:
    """Print the counts, and the files that differ."""
    warnings.simplefilter("ignore")
    folders = [Path(a) for a in sys.argv[1:]] or [Path(sysconfig.get_path("stdlib"))]
    counts: Counter[str] = Counter()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            what = outcome(path)
            counts[what.partition(":")[0]] += 1
            if what[0].isupper():
                print(f"{path}: {what}")
    print(
        f"Python {sys.version.split()[0]}:", ", ".join(f"{n} {w}" for w, n in counts.most_common())
    )
    return 1 if counts["DIFFERENT"] or counts["REFUSED"] else 0


if __name__ == "__main__":
    sys.exit(main())
