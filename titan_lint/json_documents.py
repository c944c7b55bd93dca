"""What titan-lint writes as JSON, document by document.

Nothing here is needed to run: those that write a document import its type under ``TYPE_CHECKING``, so that
pyright holds them to it, and ``scripts/schemas.py`` makes a JSON schema of each in ``docs/schemas``, with what
is said here of its keys. A key that goes or changes its meaning raises the document's ``version``.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Constant = str | int | float | bool | None
SeverityName = Literal["error", "warning", "info"]
EffectName = Literal["moved", "broken", "silent", "added"]
FixName = Literal["none", "safe", "unsafe", "safe or unsafe"]
KindName = Literal["release", "main", "tree", "fork"]


class InCell(TypedDict):
    """What a place in a notebook has besides.

    Attributes:
        cell: In a notebook, the cell that lines are counted in, 1-based.
    """

    cell: NotRequired[int]


class Range(InCell):
    """A part of a file, up to its end and without it.

    Attributes:
        line: The line that it begins in, 1-based.
        column: The column that it begins at, 1-based, in code points.
        end_line: The line that it ends in, 1-based.
        end_column: The column behind its last character, 1-based, in code points.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class Edit(Range):
    """A part of the file, and what takes its place.

    Attributes:
        content: What is written instead.
    """

    content: str


class Fix(TypedDict):
    """Edits that fix one finding: all of them are made, or none.

    Attributes:
        applicability: Whether it keeps what the code means, and `--fix` makes it (`safe`), or may change
            it, and `--unsafe-fixes` does (`unsafe`).
        because: What is not shown and makes it unsafe: obligations, by the names that the page on safe fixes explains.
        message: What it does, in the imperative.
        edits: What is changed, in order.
    """

    applicability: Literal["safe", "unsafe"]
    because: list[str]
    message: str
    edits: list[Edit]


class Finding(Range):
    """One thing that is wrong at one place.

    Attributes:
        code: The rule's code, such as `TTN101`.
        name: The rule's name, such as `missing-attn-backend`.
        severity: How bad it is; `--fail-on` says which of them make a run exit with 1.
        message: What is wrong, in one sentence.
        notes: Since when, for which versions, why: a sentence each.
        help: What to do, in the imperative, where no fix does it.
        path: The file, relative to the current folder where it is below it.
        targets: The torchtitans at which it holds, as messages call them.
        fix: What would be changed; null where no fix is offered.
    """

    code: str
    name: str
    severity: SeverityName
    message: str
    notes: list[str]
    help: str | None
    path: str
    targets: list[str]
    fix: Fix | None


class FileTrouble(TypedDict):
    """A file that could not be read, parsed or written.

    Attributes:
        path: The file, relative to the current folder where it is below it.
        line: The line, 1-based; null where the trouble is with the whole file.
        column: The column, 1-based, in code points; null where there is none.
        message: What is wrong, in one sentence.
    """

    path: str
    line: int | None
    column: int | None
    message: str


class CheckedTarget(TypedDict):
    """A torchtitan that files were held against.

    Attributes:
        key: What asks for it: `0.3.0`, or `main@7cec16600`.
        label: How messages call it.
        reason: Why it is this one.
    """

    key: str
    label: str
    reason: str


class CheckedProject(TypedDict):
    """Files that were held against the same torchtitans.

    Attributes:
        path: The folder with their pin or their configuration, relative to the current one.
        targets: The keys of these torchtitans.
    """

    path: str
    targets: list[str]


class Summary(TypedDict):
    """The numbers of a run.

    Attributes:
        files: How many files were read.
        errors: How many errors are left.
        warnings: How many warnings are left.
        infos: How many infos are left.
        fixed: How many findings were fixed.
        fixable: How many of those left `--fix` would fix, with the run's other options.
        fixable_unsafe: How many more `--unsafe-fixes` would.
        failed: How many files could not be checked or written.
    """

    files: int
    errors: int
    warnings: int
    infos: int
    fixed: int
    fixable: int
    fixable_unsafe: int
    failed: int


class Check(TypedDict):
    """What `titan-lint --output-format json` found.

    Attributes:
        version: The number of this form.
        torchtitan: The keys of all torchtitans that files were held against, with commas between.
        targets: These torchtitans; none where no file uses torchtitan and none was asked for.
        projects: Which files were held against which of them.
        findings: What is left, by file and place.
        errors: Files that could not be checked or written.
        summary: How much was found.
    """

    version: Literal[1]
    torchtitan: str
    targets: list[CheckedTarget]
    projects: list[CheckedProject]
    findings: list[Finding]
    errors: list[FileTrouble]
    summary: Summary


class RuleCount(TypedDict):
    """How often a rule fired.

    Attributes:
        code: The rule's code.
        name: The rule's name.
        count: How many findings of it are left.
        fixable: How many of these would be fixed with the run's options.
    """

    code: str
    name: str
    count: int
    fixable: int


Statistics = list[RuleCount]


class RuleAbout(TypedDict):
    """The documentation of a rule.

    Attributes:
        code: The rule's code.
        name: The rule's name.
        severity: How bad its findings are, where the configuration does not say otherwise.
        summary: What it finds, in one sentence.
        fix: Which fixes it offers.
        explanation: Its page, in Markdown.
    """

    code: str
    name: str
    severity: SeverityName
    summary: str
    fix: FixName
    explanation: str


Rule = RuleAbout | list[RuleAbout]


class Fit(TypedDict):
    """How the code fits one torchtitan.

    Attributes:
        key: Its name in titan-lint's data: `0.3.0`, or `main@7cec16600`.
        name: How the table calls it.
        reason: Why it stands for what was asked for; null where it is exactly that.
        kind: A release, a commit of main, one that was read from this machine (`tree`), or one of the project's own (`fork`).
        version: The version of the release, or what it calls itself.
        commit: The full commit; null where it is not known.
        day: The day from which a date means it, ISO 8601; null where it is not known.
        fits: Whether there is no error, and nothing that is not judged.
        errors: How many errors are found at it.
        warnings: How many warnings are found at it.
        unjudged: How many imports ask for what no torchtitan known here has.
        fixable: How many of the errors and warnings `--fix` repairs.
        fixable_unsafe: How many more `--unsafe-fixes` repairs.
        rules: How many errors and warnings there are of each rule, by its code.
    """

    key: str
    name: str
    reason: str | None
    kind: KindName
    version: str
    commit: str | None
    day: str | None
    fits: bool
    errors: int
    warnings: int
    unjudged: int
    fixable: int
    fixable_unsafe: int
    rules: dict[str, int]


class Compat(TypedDict):
    """Which torchtitans the code fits: `titan-lint compat --output-format json`.

    Attributes:
        version: The number of this form.
        conclusion: The answer in one line.
        files: How many files use torchtitan.
        notes: What was left undone, a sentence each.
        fits: A record for each torchtitan: all that are known, oldest first, or those that were asked for.
    """

    version: Literal[1]
    conclusion: str
    files: int
    notes: list[str]
    fits: list[Fit]


class KnownVersion(TypedDict):
    """A torchtitan that is known.

    Attributes:
        key: What asks for it: `0.3.0`, `main@7cec16600`, or the name of one of the project's own.
        kind: A release, a commit of main, or one of the project's own (`fork`); none is a `tree`.
        version: The version of the release, or what it calls itself.
        commit: The full commit; null where it is not known.
        date: When it was released or committed, ISO 8601 with zone; null where it is not known.
        day: The day from which a date means it, ISO 8601.
        how: How its API was read.
        sha256: The fingerprint of what is known of it.
    """

    key: str
    kind: KindName
    version: str
    commit: str | None
    date: str | None
    day: str
    how: str
    sha256: str


# Words of Python are keys in this form alone.
_From = TypedDict("_From", {"from": str})
_Async = TypedDict("_Async", {"async": bool})


class CommitsOfMain(_From):
    """The commits of main that are known by name.

    Attributes:
        known: How many.
        from: The day of the first, ISO 8601.
        to: The day of the last, ISO 8601.
    """

    known: int
    to: str


class Newest(TypedDict):
    """The newest known commit of main.

    Attributes:
        key: What asks for it.
        day: Its day, ISO 8601.
        days_ago: How many days ago that was.
    """

    key: str
    day: str
    days_ago: int


class DataInUse(_From):
    """The data on torchtitan that runs use.

    Attributes:
        from: Where it comes from.
        trouble: Why newer data in the user's cache is not used; null where there is none.
    """

    trouble: str | None


class Versions(TypedDict):
    """The torchtitans that are known: `titan-lint api versions --output-format json`.

    Attributes:
        version: The number of this form.
        versions: A record for each, oldest first, and behind them those of the project's own.
        commits_of_main: The commits of main that are known by name.
        newest_of_main: The newest known commit of main.
        data: The data on torchtitan that runs use.
    """

    version: Literal[1]
    versions: list[KnownVersion]
    commits_of_main: CommitsOfMain
    newest_of_main: Newest
    data: DataInUse


class Rejected(TypedDict):
    """A value that certainly raises.

    Attributes:
        value: The value.
        message: What it raises.
    """

    value: Constant
    message: str


class Parameter(TypedDict):
    """A parameter of a function or constructor.

    Attributes:
        name: Its name.
        kind: How it takes its argument, in the words of Python's `inspect`.
        annotation: The source of its annotation; null where it has none.
        default: The source of its default; null where it has none.
        required: Whether a call has to give it.
        choices: What its `Literal[...]` allows; null where it has none.
        accepts: All that passes the checks behind it; null where that is not known.
        rejected: What these checks certainly refuse.
    """

    name: str
    kind: Literal[
        "positional_only", "positional_or_keyword", "var_positional", "keyword_only", "var_keyword"
    ]
    annotation: str | None
    default: str | None
    required: bool
    choices: list[Constant] | None
    accepts: list[Constant] | None
    rejected: list[Rejected]


class Asked(TypedDict):
    """What was looked up.

    Attributes:
        torchtitan: The torchtitan that it was found in, as messages call it.
        path: The path that was asked for.
    """

    torchtitan: str
    path: str


class ShownModule(Asked):
    """A module.

    Attributes:
        kind: What it is.
        members: The names in it.
    """

    kind: Literal["module"]
    members: list[str]


class ShownClass(Asked):
    """A class.

    Attributes:
        kind: What it is.
        defined: The path that it is defined at.
        bases: The paths of its base classes.
        dataclass: Whether it is a dataclass.
        constructor: The parameters of its constructor; null where that comes from outside torchtitan.
        members: The public names in it.
        open: Why other names may be in it all the same; null where there is no reason.
    """

    kind: Literal["class"]
    defined: str
    bases: list[str]
    dataclass: bool
    constructor: list[Parameter] | None
    members: list[str]
    open: str | None


class ShownFunction(Asked, _Async):
    """A function or a method.

    Attributes:
        kind: What it is.
        defined: The path that it is defined at.
        parameters: Its parameters, in order.
        returns: The path of the class that it returns, else the source of its annotation; null where neither is known.
        async: Whether it is a coroutine function.
    """

    kind: Literal["function"]
    defined: str
    parameters: list[Parameter]
    returns: str | None


class ShownExternal(Asked):
    """Something of another library, which torchtitan imports.

    Attributes:
        kind: What it is.
        target: The path that it has in that library.
    """

    kind: Literal["external"]
    target: str


class ShownValue(Asked):
    """A value, an attribute or a property.

    Attributes:
        kind: Whether a property computes it.
        defined: The path that it is defined at.
        annotation: The source of its annotation; null where it has none.
        type: The path of the class of torchtitan that it is an instance of; null where that is not certain.
        source: The source of its value, where that is short.
        choices: What its `Literal[...]` allows; null where it has none.
        keys: The keys of a dictionary; null where they are not all known.
    """

    kind: Literal["value", "property"]
    defined: str
    annotation: str | None
    type: str | None
    source: str | None
    choices: list[Constant] | None
    keys: list[str] | None


Shown = ShownModule | ShownClass | ShownFunction | ShownExternal | ShownValue


class Show(TypedDict):
    """What is at a path of torchtitan: `titan-lint api show --output-format json`.

    Attributes:
        version: The number of this form.
        results: A record for each torchtitan that was asked for and each path that the name may stand for.
    """

    version: Literal[1]
    results: list[Shown]


class Changed(TypedDict):
    """Something that differs between two torchtitans.

    Attributes:
        effect: What it does to code for the older one: it is somewhere else (`moved`), is gone or fails
            (`broken`), means something else (`silent`), or is new (`added`).
        path: The path to import it by, at the newer one where it was added; `path(name)` for a parameter.
        text: What is different, in a clause.
        new: The new path, or the parameter at the position of one that is gone; null where there is none.
    """

    effect: EffectName
    path: str
    text: str
    new: str | None


class Effects(TypedDict):
    """How many differences there are of each effect.

    Attributes:
        moved: How many things are somewhere else.
        broken: How many are gone or fail.
        silent: How many mean something else.
        added: How many are new.
    """

    moved: int
    broken: int
    silent: int
    added: int


class Diff(_From):
    """What differs between two torchtitans: `titan-lint api diff --output-format json`.

    Attributes:
        version: The number of this form.
        from: The older one, as messages call it.
        to: The newer one.
        summary: How many differences there are of each effect.
        differences: The differences, by effect and path.
    """

    version: Literal[1]
    to: str
    summary: Effects
    differences: list[Changed]


class CatalogueRow(TypedDict):
    """A row of the catalogue of changes.

    Attributes:
        id: The change that it is about, such as `M20`.
        commit: The torchtitan commit that made it, abbreviated.
    """

    id: str
    commit: str


class Break(Changed):
    """A difference that code may break by.

    Attributes:
        about: What of it differs: whether something is there (`path`, `member`, `keyword`), has to be passed
            (`required`), its default, its values, its position, or something else.
        explained_by: The row of the catalogue that is about it; null where none is.
    """

    about: Literal[
        "path", "member", "keyword", "required", "default", "values", "position", "other"
    ]
    explained_by: CatalogueRow | None


class Drafts(TypedDict):
    """Drafts of rows for one file of the catalogue.

    Attributes:
        rows: The rows, as the file's own schema has them; what could not be told is left out.
    """

    rows: list[dict[str, Any]]


class CheckBreak(_From):
    """What a change of torchtitan breaks: `titan-lint api check-break --output-format json`.

    Attributes:
        version: The number of this form.
        from: What it changed, as messages call it.
        to: What came of it.
        breaks: What it moves, removes, or gives another meaning.
        drafts: Rows that the catalogue may get, by the file that they go into.
    """

    version: Literal[1]
    to: str
    breaks: list[Break]
    drafts: dict[str, Drafts]


class Users(TypedDict):
    """Where repositories use a name of torchtitan: `titan-lint api users --output-format json`.

    Attributes:
        version: The number of this form.
        name: The path that was asked for.
        parameter: The parameter of it that was asked for; empty where none was.
        repositories: What came of each repository, by name.
    """

    version: Literal[1]
    name: str
    parameter: str
    repositories: list[dict[str, Any]]
