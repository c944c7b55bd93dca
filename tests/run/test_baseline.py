"""A baseline hides what was there, and nothing that is new."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.projects import FIXED, LEGACY, UNSUPPORTED
from titan_lint.code.source import Source
from titan_lint.finding import Finding, Severity, Span
from titan_lint.run import baseline
from titan_lint.run.outcome import FileOutcome

if TYPE_CHECKING:
    from tests.projects import TitanLint


def test_recorded_findings_are_not_reported(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    ran = titan_lint("--write-baseline", "known.json")
    assert (ran.status, ran.out) == (0, "Recorded 1 finding in known.json.\n")
    ran = titan_lint("--baseline", "known.json")
    assert ran.status == 0
    assert ran.out.startswith("All checks passed!")


@pytest.mark.parametrize(
    "moved",
    [
        "\n\n# more\n" + LEGACY,
        LEGACY.replace("spec =", "spec  =") + "\n",
        "if True:\n" + "".join(f"    {line}\n" for line in LEGACY.splitlines()),
        LEGACY.replace("\n", "\r\n"),
    ],
    ids=["down", "spacing", "indented", "line endings"],
)
def test_moving_code_wakes_nothing(project: Path, titan_lint: TitanLint, moved: str) -> None:
    file = project / "a.py"
    file.write_text(LEGACY)
    titan_lint("--write-baseline", "known.json")
    file.write_bytes(moved.encode())
    assert titan_lint("--baseline", "known.json").status == 0


@pytest.mark.parametrize(
    "changed",
    [
        LEGACY + 'spec = model_registry("8B_varlen")\n',
        LEGACY + 'other = model_registry("8B_varlen")\n',
        LEGACY.replace("spec", "renamed"),
        LEGACY + 'x = model_registry("8B", attn_backend="sdpa")\n',
    ],
    ids=["a second one alike", "another line", "an edited line", "another rule"],
)
def test_what_is_new_shows(project: Path, titan_lint: TitanLint, changed: str) -> None:
    file = project / "a.py"
    file.write_text(LEGACY)
    titan_lint("--write-baseline", "known.json")
    file.write_text(changed)
    ran = titan_lint("--baseline", "known.json")
    assert ran.status == 1
    assert "Found 1 error." in ran.out


def test_another_file_is_new(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    titan_lint("--write-baseline", "known.json")
    (project / "b.py").write_text(LEGACY)
    assert "--> b.py:3:23" in titan_lint("--baseline", "known.json").out


def test_paths_hold_from_wherever_it_is_used(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "src").mkdir()
    (project / "src" / "a.py").write_text(LEGACY)
    titan_lint("--write-baseline", "known.json")
    assert json.loads(Path("known.json").read_text())["findings"] == [
        {
            "path": "src/a.py",
            "code": "TTN105",
            "line": 'spec = model_registry("8B_varlen")',
            "count": 1,
        }
    ]
    monkeypatch.chdir(project / "src")
    assert titan_lint("--baseline", "../known.json").status == 0


def test_it_can_be_configured(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    titan_lint("--write-baseline", "known.json")
    (project / "titan-lint.toml").write_text(
        'baseline = "known.json"\nselect = ["TTN105", "TTN106"]\n'
    )
    assert titan_lint().status == 0
    (project / "a.py").write_text(LEGACY + UNSUPPORTED)
    assert titan_lint("--write-baseline", "known.json").out.startswith("Recorded 2 findings")


def test_recorded_findings_are_not_fixed(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    titan_lint("--write-baseline", "known.json")
    (project / "b.py").write_text(LEGACY)
    titan_lint("--baseline", "known.json", "--fix")
    assert (project / "a.py").read_text() == LEGACY
    assert (project / "b.py").read_text() == FIXED


def test_the_same_from_the_cache(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    titan_lint("--write-baseline", "known.json")
    assert titan_lint("--baseline", "known.json").status == 0
    assert titan_lint("--baseline", "known.json").status == 0
    assert titan_lint().status == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nonsense", "no baseline of titan-lint"),
        ("[]", "no baseline of titan-lint"),
        ("{}", "no baseline of titan-lint"),
        ('{"version": 2, "findings": []}', "made by another titan-lint"),
        ('{"version": 1, "findings": [{"path": 1}]}', "no baseline of titan-lint"),
        ('{"version": 1, "findings": 3}', "no baseline of titan-lint"),
        ('{"version": 1, "findings": [3]}', "no baseline of titan-lint"),
    ],
)
def test_anything_else_is_refused(
    project: Path, titan_lint: TitanLint, content: str, message: str
) -> None:
    (project / "a.py").write_text(LEGACY)
    (project / "known.json").write_text(content)
    ran = titan_lint("--baseline", "known.json")
    assert ran.status == 2
    assert "known.json: " in ran.err
    assert message in ran.err


lines = st.lists(st.sampled_from(["f()", "g( 1 )", "h()", "  f()"]), max_size=6)


@given(old=lines, inserted=lines, at=st.integers(0, 6), new=lines)
def test_only_the_surplus_of_each_line_is_new(
    tmp_path_factory: pytest.TempPathFactory,
    old: list[str],
    inserted: list[str],
    at: int,
    new: list[str],
) -> None:
    """Each line here is a finding; comments in between are not."""

    def outcome(lines: list[str]) -> FileOutcome:
        source = Source("a.py", "\n".join(lines))
        found = [
            Finding("TTN101", "n", Severity.ERROR, "m", span, span)
            for number, line in enumerate(lines, 1)
            if not line.startswith("#")
            for span in [Span(source.line_start(number), source.line_end(number))]
        ]
        return FileOutcome(str(directory / "a.py"), source, found)

    directory = tmp_path_factory.mktemp("project")
    path = str(directory / "known.json")
    baseline.write(path, [outcome(old)])
    comments = [f"# {line}" for line in inserted]
    now = outcome([*old[:at], *comments, *old[at:], *new])
    assert now.source is not None
    left = baseline.Baseline.read(path).unknown(now.path, now.source, now.findings)
    assert len(left) == len(new)
    shown = sorted(now.source.text[f.span.start : f.span.end].strip() for f in left)
    assert shown == sorted(line.strip() for line in new)
