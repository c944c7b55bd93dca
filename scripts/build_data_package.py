"""Write all data on torchtitan as one file, which `titan-lint api update` takes.

    python scripts/build_data_package.py FILE

Its SHA-256 is printed, and written beside it as FILE.sha256, in the form of `sha256sum`.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from titan_lint.api import data_update  # noqa: E402


def main(file: Path) -> None:
    content = data_update.write()
    file.write_bytes(content)
    line = f"{hashlib.sha256(content).hexdigest()}  {file.name}\n"
    file.with_name(f"{file.name}.sha256").write_text(line, encoding="utf-8")
    print(line, end="")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
