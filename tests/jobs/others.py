"""What is found in the job configs and scripts of other projects: nothing.

    python -m tests.jobs.others FOLDER [FOLDER...]

Each FOLDER is a project, unpacked. All files in TOML, YAML, shell, of make and of Docker are held against torchtitan
0.2.2 and 0.3.0 by the rules about jobs, past the screen that a check lets files through by what they hold: every file
is read as TOML, or for its commands. A line for each finding, one for each project with its number of files, and the sum.
"""

from __future__ import annotations

import collections
import sys
from pathlib import Path

from titan_lint import rules
from titan_lint.api import targets
from titan_lint.check import jobs
from titan_lint.code.screen import is_for_jobs
from titan_lint.code.source import Source, SourceError
from titan_lint.uses.options import Around

CODES = [code for code in rules.names() if rules.is_of_jobs(code)]


def main(folders: list[str]) -> int:
    against = targets.parse_all(("0.2.2", "0.3.0"))
    counts: collections.Counter[str] = collections.Counter()
    kinds: collections.Counter[str] = collections.Counter()
    found = unread = 0
    for folder in map(Path, folders):
        for path in sorted(folder.rglob("*")):
            if not is_for_jobs(str(path)) or not path.is_file():
                continue
            try:
                source = Source.decode(str(path), path.read_bytes())
            except SourceError:
                unread += 1
                continue
            counts[folder.name] += 1
            kinds[path.suffix or path.name] += 1
            linted = jobs.lint(source, codes=CODES, targets=against, around=Around())
            found += len(linted.findings) + len(linted.failures)
            for each in (*linted.findings, *linted.failures):
                print(f"{path}: {each}")
    for name, count in counts.most_common():
        print(f"{count:6} {name}")
    print(dict(kinds))
    print(f"{counts.total()} files, {unread} unread, {found} findings of {', '.join(CODES)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
