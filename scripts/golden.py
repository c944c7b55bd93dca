"""What titan-lint finds and writes on real code, as hashes, to hold two states of it against each other.

    python scripts/golden.py write FILE
    python scripts/golden.py compare A B [--show | --list]

`write` checks the fixtures, verl 0.7.1 and 0.8.0, and torchtitan 0.3.0, each at six targets, and writes
hashes to FILE: of every file's findings with their edits, and of every file's text after `--fix` and after
`--fix --unsafe-fixes`. `compare` names the files that differ between A and B; `--show` says how, and
`--list` names the findings instead: by rule, those that are gone, new, or changed, and in what. A and B are files that `write` made, folders with a checkout (`.` is this one), or revisions of git, such as `HEAD~3`.

Every state runs on the fixtures of this checkout, and is asked through its command line alone, so that its
files may lie anywhere. `--corpus` and `--target` choose; `--jobs` and `--hash-seed` are what chance could
come in by. What the hashes stand for, and what came of a revision, is kept under `golden` in
`TITAN_LINT_TEST_CACHE` (as the packages of the tests are); `--fresh` runs revisions anew.

Exit status: 0 nothing differs, 1 something does, 2 the comparison could not be made.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import importlib.metadata
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent

PACKAGES = {"verl-0.7.1": ("verl", "0.7.1"), "verl-0.8.0": ("verl", "0.8.0")}
PACKAGES["torchtitan-0.3.0"] = ("torchtitan", "0.3.0")
CORPORA = ("fixtures", *PACKAGES)
TARGETS = ("0.2.0", "0.2.2", "0.3.0", "main", "2026-03-15", "0.2.2+0.3.0")
"""What `--torchtitan` is given; `+` stands between several."""

KINDS = {"findings": (), "fix": ("--fix",), "unsafe": ("--fix", "--unsafe-fixes")}
"""What is hashed, and the options that make it."""

FORMAT = 1
RUN = "(run)"
"""The entry for what a run says beside its files: exit status, messages, and the files in order."""

Golden = dict[str, Any]
"""What `write` writes:

`format`, `made_with`: The version of this layout, and what the run depends on besides the code.
`corpora`: For each corpus, the hash of every file's text.
`cases`: For each corpus, target and kind: `{file: hash}` of the files that have findings, or another text.
"""


class TroubleError(Exception):
    """No comparison can be made; the message says why."""


class Store:
    """Texts by their hash, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        key = digest(content)
        path = self.folder / key[:2] / key
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(f"{key}.{os.getpid()}")
            aside.write_bytes(content)
            aside.replace(path)
        return key

    def get(self, key: str) -> list[str] | None:
        """The lines of the text with that hash, or None where it is not kept here."""
        try:
            content = (self.folder / key[:2] / key).read_bytes()
        except FileNotFoundError:
            return None
        return content.decode(errors="backslashreplace").splitlines()


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]


class Choice(NamedTuple):
    """What is run, and how."""

    corpora: tuple[str, ...] = CORPORA
    targets: tuple[str, ...] = TARGETS
    jobs: int = 1
    hash_seed: str = "0"

    def made_with(self) -> dict[str, str]:
        """What a result depends on besides the code and the corpora."""
        packages = ("libcst", "click", "packaging", "pathspec")
        found = {name: importlib.metadata.version(name) for name in packages}
        found["python"] = sys.version.split()[0]
        return found | {"jobs": str(self.jobs), "hash_seed": self.hash_seed}


def trees(choice: Choice) -> dict[str, Path]:
    """The folder of each chosen corpus; not to be written in.

    Raises:
        TroubleError: A package cannot be fetched.
    """
    import pytest

    packages = _packages()
    try:
        return {
            name: packages.unpacked(*PACKAGES[name]) if name in PACKAGES else ROOT / name
            for name in choice.corpora
        }
    except (pytest.skip.Exception, pytest.fail.Exception) as error:
        raise TroubleError(str(error)) from None


def _packages() -> ModuleType:
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from tests import packages

    return packages


def texts(tree: Path) -> dict[str, bytes]:
    """Every file of a corpus, by its path in it."""
    return {
        path.relative_to(tree).as_posix(): path.read_bytes()
        for path in sorted(tree.rglob("*"))
        if path.is_file() and not {"__pycache__", ".titan_lint_cache"} & {*path.parts}
    }


def record(checkout: Path, corpora: dict[str, Path], choice: Choice, store: Store) -> Golden:
    """What the titan-lint in ``checkout`` does with the corpora.

    Raises:
        TroubleError: It does not run.
    """
    tool = Tool(checkout, choice)
    made: Golden = {"format": FORMAT, "made_with": choice.made_with(), "corpora": {}, "cases": {}}
    for name, tree in corpora.items():
        before = texts(tree)
        made["corpora"][name] = {path: digest(content) for path, content in before.items()}
        cases: dict[str, dict[str, dict[str, str]]] = {target: {} for target in choice.targets}
        made["cases"][name] = cases
        with tempfile.TemporaryDirectory(prefix="golden-") as folder:
            scratch = Path(folder) / name
            for path, content in before.items():
                _write(scratch / path, content)
            for target, kinds in cases.items():
                kinds["findings"] = _findings(tool, scratch, target, store)
                for kind in ("fix", "unsafe"):
                    kinds[kind] = _fixed(tool, scratch, target, kind, before, store)
    return made


class Tool:
    """The command line of a checkout."""

    def __init__(self, checkout: Path, choice: Choice) -> None:
        self.jobs = choice.jobs
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("TITAN_LINT")}
        self.environment |= {
            "PYTHONPATH": str(checkout.resolve()),
            "PYTHONHASHSEED": choice.hash_seed,
            "NO_COLOR": "1",
        }
        # What is run must be the checkout's own, not one that is installed.
        asked = [sys.executable, "-P", "-c", "import titan_lint; print(titan_lint.__file__)"]
        done = subprocess.run(
            asked, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode or not Path(done.stdout.strip()).is_relative_to(checkout.resolve()):
            raise TroubleError(
                f"there is no titan_lint in {checkout}: {done.stderr or done.stdout}"
            )

    def run(self, folder: Path, target: str, *options: str) -> subprocess.CompletedProcess[bytes]:
        """Check ``folder``, as the current directory, at a target.

        Raises:
            TroubleError: It ended by an exception or a signal.
        """
        command = [sys.executable, "-P", "-m", "titan_lint", "--isolated", "--no-cache"]
        command += [f"--jobs={self.jobs}", "--output-format=json", *options]
        command += [f"--torchtitan={one}" for one in target.split("+")]
        done = subprocess.run(
            [*command, "."], cwd=folder, env=self.environment, capture_output=True, check=False
        )
        if done.returncode not in (0, 1, 2) or b"Traceback (most recent call last)" in done.stderr:
            shown = done.stderr.decode(errors="backslashreplace")
            raise TroubleError(f"exit status {done.returncode}: {' '.join(command)}\n{shown}")
        return done


def _findings(tool: Tool, folder: Path, target: str, store: Store) -> dict[str, str]:
    done = tool.run(folder, target)
    try:
        document = json.loads(done.stdout)
        found = document.pop("findings")
    except (ValueError, KeyError) as error:
        raise TroubleError(f"no findings in JSON at {target}: {done.stderr!r}") from error
    files: dict[str, list[Any]] = {}
    for finding in found:
        files.setdefault(finding["path"], []).append(finding)
    entry = _said(done) | {"document": document, "files": [*files]}
    return {path: _kept(store, each) for path, each in [(RUN, entry), *files.items()]}


def _fixed(
    tool: Tool, folder: Path, target: str, kind: str, before: dict[str, bytes], store: Store
) -> dict[str, str]:
    done = tool.run(folder, target, *KINDS[kind])
    found = {RUN: _kept(store, _said(done))}
    after = texts(folder)
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        if old is not None:
            store.put(old)
            _write(folder / path, old)
        else:
            (folder / path).unlink()
        found[path] = "" if new is None else store.put(new)
    return found


def _said(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    messages = done.stderr.decode(errors="backslashreplace").splitlines()
    return {"status": done.returncode, "messages": messages}


def _kept(store: Store, value: Any) -> str:
    return store.put(json.dumps(value, indent=1, ensure_ascii=False).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


class Difference(NamedTuple):
    """One file that differs.

    Attributes:
        where: The corpus, and the target and kind where it is a result that differs.
        path: The file, or ``RUN``.
        old, new: The hashes; None where there is nothing on that side.
    """

    where: tuple[str, ...]
    path: str
    old: str | None
    new: str | None


def differences(
    a: Golden, b: Golden, corpora: tuple[str, ...], targets: tuple[str, ...] = ()
) -> Iterator[Difference]:
    """The files whose source, findings or fixed text differ between two states.

    Of the targets, only those given are looked at, or all where there are none.

    Raises:
        TroubleError: A chosen corpus, or a target, is in one of them only.
    """
    for name in corpora:
        if name not in a["cases"] and name not in b["cases"]:
            continue
        one, other = (_chosen(side["cases"].get(name, {}), targets) for side in (a, b))
        if one.keys() != other.keys():
            raise TroubleError(
                f"{name}: run at {[*one]} there, at {[*other]} here; choose with --target"
            )
        source, source_b = a["corpora"][name], b["corpora"][name]
        yield from _differing((name, "source"), source, source_b)
        for target, kinds in one.items():
            for kind in KINDS:
                left, right = kinds[kind], other[target][kind]
                if kind != "findings":
                    # A file that only one side writes is as it was on the other.
                    left = {path: source.get(path) for path in right} | left
                    right = {path: source_b.get(path) for path in left} | right
                yield from _differing((name, target, kind), left, right)


def _chosen(cases: dict[str, Any], targets: tuple[str, ...]) -> dict[str, Any]:
    return {target: kinds for target, kinds in cases.items() if not targets or target in targets}


def _differing(
    where: tuple[str, ...], a: dict[str, Any], b: dict[str, Any]
) -> Iterator[Difference]:
    for path in sorted({*a, *b}):
        old, new = a.get(path), b.get(path)
        if old != new:
            yield Difference(where, path, old, new)


def shown(difference: Difference, store: Store) -> Iterator[str]:
    """The lines that differ, as a diff."""
    old, new = (store.get(key) if key else [] for key in (difference.old, difference.new))
    if old is None or new is None:
        yield "    (the texts are not kept on this machine)"
        return
    for line in [*difflib.unified_diff(old, new, lineterm="", n=3)][2:]:
        yield f"    {line}"


class Change(NamedTuple):
    """What became of one finding.

    Attributes:
        where: The corpus and the target.
        code: The rule.
        what: `gone`, `new`, or what changed: `fix safe -> unsafe`, `message`.
        place: The file, and where in it.
        message: The finding's message, the new one where there are two.
    """

    where: tuple[str, ...]
    code: str
    what: str
    place: str
    message: str


def changes(difference: Difference, store: Store) -> Iterator[Change]:
    """What became of each finding of a file whose findings differ.

    Raises:
        TroubleError: The findings are not kept on this machine.
    """
    sides: list[dict[tuple[Any, ...], dict[str, Any]]] = []
    for key in (difference.old, difference.new):
        text = store.get(key) if key else ["[]"]
        if text is None:
            raise TroubleError("the findings are not kept on this machine: run it anew")
        # Several findings may be at one place.
        found: dict[tuple[Any, ...], dict[str, Any]] = {}
        for finding in json.loads("\n".join(text)):
            at = finding["code"], finding["line"], finding["column"]
            number = sum(1 for other in found if other[:3] == at)
            found[(*at, number)] = finding
        sides.append(found)
    old, new = sides
    for at in sorted({*old, *new}):
        before, after = old.get(at), new.get(at)
        finding = after or before or {}
        place = f"{difference.path}:{at[1]}:{at[2]}"
        for what in _changed(before, after):
            yield Change(difference.where[:2], at[0], what, place, finding["message"])


def _changed(before: dict[str, Any] | None, after: dict[str, Any] | None) -> Iterator[str]:
    if before is None or after is None:
        yield "new" if before is None else "gone"
        return
    old, new = before["fix"], after["fix"]
    fixes = [fix["applicability"] if fix else "none" for fix in (old, new)]
    if fixes[0] != fixes[1]:
        yield f"fix {fixes[0]} -> {fixes[1]}"
    elif old and any(old[name] != new[name] for name in ("message", "edits")):
        yield f"fix {fixes[0]}, another one"
    # What only one version of the output tells is no difference.
    for name in sorted({*before} & {*after} - {"fix"}):
        if before[name] != after[name]:
            yield name


def _listed(found: list[Change]) -> Iterator[str]:
    """The changes, those of one kind together."""
    groups: dict[tuple[tuple[str, ...], str, str], list[Change]] = {}
    for change in found:
        groups.setdefault((change.where, change.code, change.what), []).append(change)
    for (where, code, what), group in sorted(groups.items()):
        yield f"{' '.join(where)} {code} {what}: {len(group)}"
        yield from (f"  {change.place} {change.message}" for change in group)


def load(name: str, choice: Choice, store: Store, *, fresh: bool) -> Golden:
    """The state that a file, a folder or a revision stands for.

    Raises:
        TroubleError: It stands for none, or does not run.
    """
    path = Path(name)
    if path.is_file():
        return read(path)
    if path.is_dir():
        return record(path, trees(choice), choice, store)
    commit = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if commit is None:
        raise TroubleError(f"{name} is no file, no folder and no revision")
    corpora = trees(choice)
    key = [commit.decode().strip(), choice.corpora, choice.targets, choice.made_with()]
    key += [digest(Path(__file__).read_bytes())]
    key += [digest(repr([*texts(tree).items()]).encode()) for tree in corpora.values()]
    kept = store.folder / f"{digest(json.dumps(key).encode())}.json"
    if kept.is_file() and not fresh:
        return read(kept)
    archive = _git("archive", "--format=tar", commit.decode().strip())
    if archive is None:
        raise TroubleError(f"git gives no archive of {name}")
    folder = Path(tempfile.mkdtemp(prefix="golden-"))
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(folder, filter="data")
        made = record(folder, corpora, choice, store)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write(kept, made)
    return made


def _git(*arguments: str) -> bytes | None:
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, check=False)
    return None if done.returncode else done.stdout


def read(path: Path) -> Golden:
    """The state that ``write`` wrote.

    Raises:
        TroubleError: The file is something else.
    """
    try:
        made: Any = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise TroubleError(f"{path}: {error}") from error
    try:
        known = made["format"] == FORMAT
    except (TypeError, KeyError):
        known = False
    if not known:
        raise TroubleError(f"{path} was not written by this version of golden.py")
    return made


def write(path: Path, made: Golden) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    aside.write_text(json.dumps(made, indent=1) + "\n")
    aside.replace(path)


def compare(
    a: Golden,
    b: Golden,
    store: Store,
    corpora: tuple[str, ...],
    targets: tuple[str, ...],
    *,
    show: bool,
    by_finding: bool = False,
) -> int:
    """Print what differs; how many files do."""
    for name in sorted({*a["made_with"], *b["made_with"]}):
        old, new = a["made_with"].get(name), b["made_with"].get(name)
        if old != new:
            print(f"note: {name} is {old} there, {new} here", file=sys.stderr)
    count = 0
    heading: tuple[str, ...] = ()
    told: list[Change] = []
    for found in differences(a, b, corpora, targets):
        count += 1
        if by_finding and found.where[-1] == "findings" and found.path != RUN:
            told += changes(found, store)
            continue
        if found.where != heading:
            heading = found.where
            print(" ".join(heading))
        print(f"  {found.path}")
        for line in shown(found, store) if show else ():
            print(line)
    for line in _listed(told):
        print(line)
    print(f"{count} differences" if count else "No differences.")
    return count


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; its exit status."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--corpus", action="append", choices=CORPORA, help="only this one")
    common.add_argument("--target", action="append", help="instead of the six, such as 0.2.2+0.3.0")
    common.add_argument("--jobs", type=int, default=1)
    common.add_argument("--hash-seed", default="0")
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("write", parents=[common], help="write this checkout's hashes")
    writing.add_argument("file", type=Path)
    comparing = commands.add_parser("compare", parents=[common], help="name the files that differ")
    comparing.add_argument("a", help="a file, a folder with a checkout, or a revision")
    comparing.add_argument("b")
    comparing.add_argument("--show", action="store_true", help="show the lines that differ, too")
    comparing.add_argument("--list", action="store_true", help="name findings, by rule")
    comparing.add_argument("--fresh", action="store_true", help="run revisions that are known, too")
    asked = parser.parse_args(arguments)
    corpora = tuple(asked.corpus or CORPORA)
    choice = Choice(corpora, tuple(asked.target or TARGETS), asked.jobs, asked.hash_seed)
    try:
        store = Store(_packages().cache_dir() / "golden")
        if asked.command == "write":
            write(asked.file, record(ROOT, trees(choice), choice, store))
            return 0
        a, b = (load(name, choice, store, fresh=asked.fresh) for name in (asked.a, asked.b))
        targets = tuple(asked.target or ())
        count = compare(a, b, store, corpora, targets, show=asked.show, by_finding=asked.list)
        return int(count > 0)
    except (TroubleError, OSError) as error:
        print(f"golden: {error}", file=sys.stderr)
        return 2
    except Exception:
        # Python's own exit status for this is that of a difference.
        traceback.print_exc()
        return 2


if __name__ == "__main__":
    sys.exit(main())
