"""What came of a file, and of a run."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.code.source import Source
    from titan_lint.finding import FileError, Finding


class FileOutcome:
    """What came of one file.

    Attributes:
        path: The absolute path.
        source: The text that ``findings`` point into, after any fix; ``None`` where nothing does.
        findings: What is left to report, ordered by place and code.
        fixed: Findings that were fixed, or would be by ``--diff``.
        errors: What went wrong with the file.
        tracebacks: Tracebacks of errors in titan-lint itself.
        diff: With ``--diff``, the unified diff in the file's own encoding.
        content: Where the file came on standard input and is to be fixed, its content now.
        noqa_added: How many codes ``--add-noqa`` wrote.
        record: What the cache may remember of the file, or ``None``.
        by_project: Whether the findings may rest on what other files of the project say of torchtitan.
        by_readers: Whether they may rest on what any other file of the project says.
        apart: Where it was held against one torchtitan after the other, what was found at each of them, by the
            keys of their surfaces; empty where there is nothing to find.
    """

    __slots__ = (
        "apart",
        "by_project",
        "by_readers",
        "content",
        "diff",
        "errors",
        "findings",
        "fixed",
        "noqa_added",
        "path",
        "record",
        "source",
        "tracebacks",
    )

    def __init__(
        self,
        path: str,
        source: Source | None = None,
        findings: Sequence[Finding] = (),
        errors: Sequence[FileError] = (),
    ) -> None:
        self.path = path
        self.source = source
        self.findings = list(findings)
        self.fixed: list[Finding] = []
        self.errors = list(errors)
        self.tracebacks: list[str] = []
        self.diff = b""
        self.content: bytes | None = None
        self.noqa_added = 0
        self.record: list[object] | None = None
        self.by_project = False
        self.by_readers = False
        self.apart: dict[str, list[Finding]] = {}


class Judged:
    """What the files of a project were held against.

    Attributes:
        folder: The absolute path of the project: where its pin or its configuration is.
        targets: Key, label and reason of each torchtitan.
    """

    __slots__ = ("folder", "targets")

    def __init__(self, folder: str, targets: Sequence[tuple[str, str, str]]) -> None:
        self.folder = folder
        self.targets = list(targets)


class Outcome:
    """What came of a run.

    Attributes:
        checked: How many files were read.
        files: The files that there may be something to say about, ordered by path.
        projects: What was held against what: one where that is the same for all files, none where no file
            uses torchtitan and nothing was asked for.
        notes: What the run warns of, a sentence each.
    """

    __slots__ = ("checked", "files", "notes", "projects")

    def __init__(
        self,
        checked: int,
        files: Sequence[FileOutcome],
        projects: Sequence[Judged],
        notes: Sequence[str] = (),
    ) -> None:
        self.checked = checked
        self.files = list(files)
        self.projects = list(projects)
        self.notes = list(notes)

    @property
    def targets(self) -> list[tuple[str, str, str]]:
        """Key, label and reason of each torchtitan that was held against, each one once."""
        known: dict[str, tuple[str, str, str]] = {}
        for project in self.projects:
            for target in project.targets:
                known.setdefault(target[0], target)
        return list(known.values())

    @property
    def findings(self) -> Iterator[Finding]:
        """All findings that are left."""
        return (finding for file in self.files for finding in file.findings)

    @property
    def fixed(self) -> Iterator[Finding]:
        """All findings that were fixed."""
        return (finding for file in self.files for finding in file.fixed)

    @property
    def errors(self) -> Iterator[FileError]:
        """All that went wrong."""
        return (error for file in self.files for error in file.errors)


def is_fixable(finding: Finding, *, unsafe: bool) -> bool:
    """Whether a finding has a fix that may be applied.

    Args:
        finding: The finding.
        unsafe: Whether unsafe fixes may.
    """
    fix = finding.fix
    return fix is not None and (unsafe or fix.applicability == "safe")
