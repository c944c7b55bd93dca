"""Count the findings of a project by rule, and list what `--fix` would leave for a person."""

from collections import Counter

import titan_lint

run = titan_lint.lint_paths(".", torchtitan="0.3.0", no_cache=True)
found = [(file, finding) for file in run.files for finding in file.findings]
for code, count in sorted(Counter(finding.code for _, finding in found).items()):
    print(f"{code}: {count}")
for file, finding in found:
    if finding.fix is None and finding.severity is titan_lint.Severity.ERROR:
        place = file.place(finding.span)
        print(f"line {place.line}: {finding.message}")
