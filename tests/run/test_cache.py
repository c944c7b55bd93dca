"""The cache saves time and never changes what is found."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.projects import BARE, CLEAN, FIXED, LEGACY, UNSUPPORTED
from titan_lint.check import lint as lint_module
from titan_lint.config.nearest import Nearest
from titan_lint.config.settings import Settings
from titan_lint.finding import Applicability, Edit, Finding, Fix, Severity, Span
from titan_lint.run import cache_key, cached_findings
from titan_lint.run.cache import FORMAT, Cache
from titan_lint.run.digest import digest
from titan_lint.run.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.projects import TitanLint

CACHE = Path(".titan_lint_cache")


@pytest.fixture
def linted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were really linted."""
    paths: list[str] = []
    original = lint_module.lint

    def lint(source, **options):  # type: ignore[no-untyped-def]
        paths.append(source.path)
        return original(source, **options)

    monkeypatch.setattr(lint_module, "lint", lint)
    return paths


def test_what_did_not_change_is_not_linted_again(
    project: Path, titan_lint: TitanLint, linted: list[str]
) -> None:
    # What is found would rest on what the other file says.
    (project / "a.py").write_text(FIXED)
    (project / "b.py").write_text(UNSUPPORTED)
    first = titan_lint()
    assert sorted(linted) == ["a.py", "b.py"]
    linted.clear()
    second = titan_lint()
    assert linted == []
    assert (second.status, second.out, second.err) == (first.status, first.out, first.err)
    (project / "b.py").write_text(LEGACY)
    assert "TTN105" in titan_lint().out
    assert linted == ["b.py"]


@pytest.mark.parametrize("output", ["full", "json", "sarif", "github", "gitlab", "junit"])
def test_the_report_is_the_same_from_the_cache(
    project: Path, titan_lint: TitanLint, output: str
) -> None:
    (project / "é.py").write_text("é = '😀'\r\n" + LEGACY + BARE)
    (project / "b.py").write_text("x = 1  # noqa: TTN106\n")
    first = titan_lint("--output-format", output)
    assert titan_lint("--output-format", output).out == first.out
    assert titan_lint("--output-format", output, "--no-cache").out == first.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--torchtitan", "2026-03-01"],
        ["--select", "TTN106"],
        ["--per-file-ignores", "a.py:TTN105"],
        ["--legacy-guard"],
        ["--from", "0.2.2"],
    ],
)
def test_other_settings_have_entries_of_their_own(
    project: Path, titan_lint: TitanLint, linted: list[str], arguments: list[str]
) -> None:
    (project / "a.py").write_text(LEGACY)
    titan_lint()
    linted.clear()
    fresh = titan_lint(*arguments, "--no-cache")
    linted.clear()
    assert titan_lint(*arguments).out == fresh.out
    assert linted == ["a.py"]


def test_another_pin_is_noticed(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    assert titan_lint().status == 1
    pyproject = project / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("0.3.0", "0.2.2"))
    ran = titan_lint()
    assert "torchtitan==0.2.2" in ran.out


def test_another_titan_lint_is_noticed(
    project: Path, titan_lint: TitanLint, linted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "a.py").write_text(LEGACY)
    titan_lint()
    monkeypatch.setattr("titan_lint.run.cache.stamp", lambda: b"another")
    linted.clear()
    titan_lint()
    assert linted == ["a.py"]


def test_it_ignores_itself_in_git_and_can_be_elsewhere_or_off(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(LEGACY)
    subprocess.run(["git", "init", "-q"], check=True)
    titan_lint("--no-cache")
    assert not CACHE.exists()
    titan_lint("--cache-dir", "elsewhere")
    assert not CACHE.exists()
    assert list(Path("elsewhere").glob("*.json"))
    titan_lint()
    status = subprocess.run(
        ["git", "status", "--porcelain"], capture_output=True, text=True, check=True
    )
    assert status.stdout.split() == ["??", "a.py", "??", "pyproject.toml"]


def test_nothing_is_written_where_nothing_was_linted(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(CLEAN)
    titan_lint()
    assert not CACHE.exists()


def entries() -> Path:
    (path,) = CACHE.glob("*.json")
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"format": 99, "targets": [], "files": {}}',
        b'{"format": 2, "targets": [], "files": []}',
        b'{"format": 2, "targets": [1], "files": {}}',
        b'{"format": 2, "targets": [], "files": {"a.py": 3}}',
        b'{"format": 2, "targets": [], "files": {"a.py": ["x", null, []]}}',
    ],
)
def test_a_damaged_cache_is_ignored(project: Path, titan_lint: TitanLint, content: bytes) -> None:
    (project / "a.py").write_text(LEGACY)
    expected = titan_lint().out
    entries().write_bytes(content)
    assert titan_lint().out == expected


def test_a_damaged_entry_is_ignored(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    expected = titan_lint().out
    whole = json.loads(entries().read_text())

    def spoil(value: object) -> list[object]:
        """All values that differ from ``value`` in one place."""
        spoilt: list[object] = [None, [], "x", -1, 10**9, {}, [value]]
        if isinstance(value, list):
            for place, inner in enumerate(value):
                spoilt += [[*value[:place], other, *value[place + 1 :]] for other in spoil(inner)]
                spoilt.append(value[:place] + value[place + 1 :])
        return spoilt

    digest, _, (finding,) = whole["files"]["a.py"]
    codes = ["TTN105"]
    data = LEGACY.encode()
    for spoilt in spoil(finding):
        outcome = cached_findings.outcome_of("a.py", data, codes, [spoilt])
        for found in outcome.findings if outcome else ():
            assert isinstance(found, Finding)
            assert 0 <= found.span.start <= len(LEGACY)
    whole["files"]["a.py"] = [digest, None, [["TTN105"]]]
    entries().write_text(json.dumps(whole))
    assert titan_lint().out == expected


def test_a_link_in_its_place_is_not_followed(
    project: Path, titan_lint: TitanLint, tmp_path: Path
) -> None:
    (tmp_path / "outside").mkdir()
    (project / "a.py").write_text(LEGACY)
    CACHE.symlink_to(tmp_path / "outside")
    assert titan_lint().status == 1
    assert list((tmp_path / "outside").iterdir()) == []


def test_links_inside_it_are_not_written_through(
    project: Path, titan_lint: TitanLint, tmp_path: Path
) -> None:
    (project / "a.py").write_text(LEGACY)
    titan_lint()
    name = entries().name
    outside = tmp_path / "outside"
    outside.write_text("mine")
    entries().unlink()
    (CACHE / name).symlink_to(outside)
    (CACHE / ".gitignore").unlink()
    (CACHE / ".gitignore").symlink_to(tmp_path / "made")
    titan_lint()
    assert outside.read_text() == "mine"
    assert not (tmp_path / "made").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to the superuser")
def test_a_cache_that_cannot_be_written_is_done_without(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(LEGACY)
    project.chmod(0o555)
    try:
        ran = titan_lint()
    finally:
        project.chmod(0o755)
    assert (ran.status, ran.err) == (1, "")


def test_runs_side_by_side_do_not_disturb_each_other(project: Path) -> None:
    for number in range(20):
        (project / f"f{number}.py").write_text(f"{LEGACY}# {number}\n")
    command = [sys.executable, "-m", "titan_lint", "-q", "--output-format=concise"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def run(number: int) -> bytes:
        paths = [f"f{place % 20}.py" for place in range(number, number + 10)]
        done = subprocess.run([*command, *paths], capture_output=True, env=environment, check=False)
        assert (done.returncode, done.stderr) == (1, b"")
        return done.stdout

    with ThreadPoolExecutor(4) as pool:
        outputs = list(pool.map(run, [0, 5, 10, 0, 5, 10]))
    assert outputs[:3] == outputs[3:]
    assert json.loads(entries().read_text())["format"] == FORMAT
    assert not list(CACHE.glob("*.tmp"))


def test_entries_of_files_that_are_gone_and_old_combinations_are_dropped(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(LEGACY)
    (project / "b.py").write_text(LEGACY)
    titan_lint()
    # No name: what is known of the project.
    assert set(json.loads(entries().read_text())["files"]) == {"", "a.py", "b.py"}
    (project / "b.py").unlink()
    (project / "a.py").write_text(UNSUPPORTED)
    titan_lint()
    assert set(json.loads(entries().read_text())["files"]) == {"", "a.py"}
    for day in range(1, 25):
        titan_lint("--torchtitan", f"2026-05-{day:02}")
    assert len(list(CACHE.glob("*.json"))) == 16


def test_clean_removes_it_and_nothing_else(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    titan_lint()
    assert titan_lint("clean").out.startswith("Removed the cache")
    assert not CACHE.exists()
    assert titan_lint("clean").out == "There is no cache.\n"
    titan_lint()
    (CACHE / "mine.txt").write_text("keep")
    titan_lint("clean")
    assert [path.name for path in CACHE.iterdir()] == ["mine.txt"]
    (project / "data").mkdir()
    (project / "data" / "x.json").write_text("keep")
    assert titan_lint("clean", "--cache-dir", "data").status == 2
    assert (project / "data" / "x.json").exists()


spans = st.builds(lambda a, b: Span(min(a, b), max(a, b)), *[st.integers(0, 50)] * 2)
edits = st.builds(lambda span, text: Edit(span.start, span.end, text), spans, st.text())
findings = st.builds(
    Finding,
    code=st.just("TTN101"),
    name=st.text(),
    severity=st.sampled_from(Severity),
    message=st.text(),
    span=spans,
    statement=spans,
    fix=st.none()
    | st.builds(Fix, st.sampled_from(Applicability), st.text(), st.lists(edits).map(tuple)),
    targets=st.lists(st.text()).map(tuple),
)


@given(st.lists(findings, min_size=1, max_size=3))
def test_what_is_written_is_read_back(listed: list[Finding]) -> None:
    record = json.loads(json.dumps([cached_findings.encode(finding) for finding in listed]))
    outcome = cached_findings.outcome_of("/a.py", b"x" * 50, ["TTN101"], record)
    assert outcome is not None
    assert outcome.findings == listed


def test_the_digest_tells_contents_and_circumstances_apart() -> None:
    digests = {Cache.digest(content, more) for content in ("a", "b", "") for more in ("", "x", "y")}
    assert len(digests) == 9


class TestWitness:
    """What stands for the choice of targets covers all that the choice looks at."""

    def test_every_file_that_the_choice_opens_is_covered(self, project: Path) -> None:

        for name in (
            *("requirements.txt", "dev-requirements.txt", "requirements-x.txt", "constraints.txt"),
            *("my_constraints_1.txt", "requirements/base.txt", "uv.lock", "setup.cfg", "setup.py"),
            *("poetry.lock", "pdm.lock", "Pipfile", "environment.yml", "requirements.in"),
            *("Pipfile.lock", "pixi.toml", "pixi.lock", "hatch.toml", "Dockerfile", ".gitmodules"),
        ):
            (project / name).parent.mkdir(exist_ok=True)
            # What names no torchtitan pins none, whatever changes in it.
            (project / name).write_text("# torchtitan\n")
        opened = opened_by_the_choice(project)
        assert project / "pyproject.toml" in opened
        settings = settings_for(project)
        before = key_of(settings)
        for path in opened:
            with changed(path):
                assert key_of(settings) != before, path
            assert key_of(settings) == before

    def test_what_was_read_already_stands_for_the_same(self, tmp_path: Path) -> None:
        package = tmp_path / "torchtitan"
        (package / "models").mkdir(parents=True)
        files = [package / "train.py", package / "models" / "a.py"]
        for file in files:
            file.write_text("x = 1\n")
        contents = {str(files[1]): digest(b"x = 1\n")}
        read = cache_key.of_torchtitan(str(package), {})
        assert cache_key.of_torchtitan(str(package), contents) == read
        assert cache_key.of_torchtitan(str(package), {str(files[1]): digest(b"x")}) != read

    def test_every_file_of_a_tree_that_is_a_torchtitan_is_covered(self, project: Path) -> None:
        make_torchtitan(project)
        opened = opened_by_the_choice(project)
        assert project / "torchtitan_recipes" / "llama.py" in opened
        settings = settings_for(project)
        before = key_of(settings)
        for path in opened:
            with changed(path):
                assert key_of(settings) != before, path
            assert key_of(settings) == before
        (project / "torchtitan" / "new.py").touch()
        assert key_of(settings) != before

    def test_a_copy_stands_for_itself_unless_a_target_was_asked_for(self, project: Path) -> None:
        copy = make_torchtitan(project / "third_party")
        for asked, differs in (((), True), (("0.3.0",), False)):
            settings = settings_for(project, *asked)
            before = cache_key.Copies().key(str(copy / "x.py"), settings)
            assert before != cache_key.Copies().key(str(copy / "sub" / "x.py"), settings)
            with changed(copy / "train.py"):
                after = cache_key.Copies().key(str(copy / "x.py"), settings)
            assert (after != before) is differs
        assert cache_key.Copies().key(str(project / "engine" / "x.py"), settings) == ""

    @pytest.mark.parametrize("target", ["installed", "./x", "../x", "a/b.whl", "~/x", "here"])
    def test_paths_and_installations_are_looked_into(self, project: Path, target: str) -> None:
        (project / "here").mkdir()
        assert key_of(settings_for(project, target)) is None

    @pytest.mark.parametrize(
        "target", ["0.3.0", ">=0.2.2", "latest", "2026-04-18", "main@7cec16600"]
    )
    def test_other_targets_stand_for_themselves(self, project: Path, target: str) -> None:
        key = key_of(settings_for(project, target))
        assert key is not None
        # What follows is of the pin, which tells what the code was written for.
        assert key.split(b"\0")[0] == target.encode()

    def test_both_know_the_packages_that_make_up_torchtitan(self) -> None:
        from titan_lint.api.extract import tree

        assert cache_key.PACKAGES is tree.PACKAGES


def make_torchtitan(root: Path) -> Path:
    """A folder that passes for torchtitan, and one file of each kind that tells which it is."""
    for name in (
        *("torchtitan/train.py", "torchtitan/distributed/__init__.py", "torchtitan/x.py"),
        *("torchtitan/assets/version.txt", "assets/version.txt", "torchtitan_recipes/llama.py"),
        "torchtitan-0.3.0.dist-info/METADATA",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root / "torchtitan"


def opened_by_the_choice(project: Path) -> set[Path]:
    """The files of a project that the choice of its target opens."""
    from titan_lint.api import targets

    opened: set[Path] = set()
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and str(arguments[0]).startswith(str(project)):
            opened.add(Path(str(arguments[0])))

    sys.addaudithook(watch)
    targets.default(project)
    watching = False
    return opened


@contextlib.contextmanager
def changed(path: Path) -> Iterator[None]:
    content = path.read_bytes()
    path.write_bytes(content + b"\n# changed\n")
    yield
    path.write_bytes(content)


def key_of(settings: Settings) -> bytes | None:
    """What the choice of targets for a file in a project's folder rests on."""
    parts = Parts(Nearest(settings), cache_key.Copies())
    return parts.of(f"{settings.project}/x.py").key()


def settings_for(project: Path, *targets: str) -> Settings:
    settings = Settings()
    settings.project = settings.start = str(project)
    settings.torchtitan = targets
    return settings


def test_a_finding_is_remembered_until_any_file_that_it_rests_on_changes(
    project: Path, titan_lint: TitanLint, linted: list[str]
) -> None:
    """Whether a name may go rests on all files, whatever they mention."""
    names = "from torchtitan.config.job_config import Debug\n\nDEFAULT = Debug(seed=1)\n"
    (project / "names.py").write_text(names)
    (project / "other.py").write_text("x = 1\n")
    asked = ("--torchtitan", "0.3.0", "--select", "ALL", "--output-format", "json")
    for _ in range(2):
        first = titan_lint(*asked)
        (found,) = json.loads(first.out)["findings"]
        assert "as Debug" not in str(found["fix"])
        linted.clear()
        assert titan_lint(*asked).out == first.out
        assert json.loads(titan_lint(*asked, "names.py").out)["findings"] == [found]
        assert linted == []
        (project / "other.py").write_text("import names\n\nx = names.Debug\n")
        (found,) = json.loads(titan_lint(*asked).out)["findings"]
        assert "as Debug" in str(found["fix"])
        assert "names.py" in linted
        (project / "other.py").write_text("x = 1\n")


def test_a_folder_that_holds_surfaces_alone_is_a_cache(
    project: Path, titan_lint: TitanLint, tmp_path: Path
) -> None:
    (project / "a.py").write_text(CLEAN)
    (tmp_path / "titan" / "torchtitan" / "distributed").mkdir(parents=True)
    for name in ("train.py", "distributed/__init__.py"):
        (tmp_path / "titan" / "torchtitan" / name).write_text("")
    words = ("--torchtitan", str(tmp_path / "titan"), "--cache-dir", str(tmp_path / "kept"), "a.py")
    for _ in range(2):
        assert titan_lint(*words).status == 0
    assert titan_lint("api", "show", "train", *words[:4]).status == 0
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("")
    titan_lint("api", "show", "train", *words[:3], str(other))
    assert not (other / ".gitignore").exists()
