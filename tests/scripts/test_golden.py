"""`scripts/golden.py`: what differs between two states is named and shown, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .load import script

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]

# A stand-in for titan-lint: one finding in each file that has "old", and a fix that writes "new".
STAND_IN = """\
import json, pathlib, sys

options = [argument for argument in sys.argv[1:] if argument.startswith("--")]
found = []
for path in sorted(pathlib.Path(sys.argv[-1]).rglob("*.py")):
    text = path.read_text()
    if "old" in text:
        found.append({"path": path.as_posix(), "message": MESSAGE, "at": options[-2:]})
        if "--fix" in options:
            path.write_text(text.replace("old", UNSAFE if "--unsafe-fixes" in options else SAFE))
print(json.dumps({"version": 1, "findings": found}))
sys.exit(bool(found))
"""
SAME = 'MESSAGE, SAFE, UNSAFE = "it is old", "new", "newest"\n'
OTHER_MESSAGE = 'MESSAGE, SAFE, UNSAFE = "so old", "new", "newest"\n'
OTHER_UNSAFE_FIX = 'MESSAGE, SAFE, UNSAFE = "it is old", "new", "best"\n'
NO_SAFE_FIX = 'MESSAGE, SAFE, UNSAFE = "it is old", "old", "newest"\n'


@pytest.fixture(scope="module")
def golden() -> ModuleType:
    return script("golden")


class Workbench:
    """Checkouts with a stand-in for titan-lint, one corpus, and a store."""

    def __init__(self, golden: ModuleType, folder: Path) -> None:
        self.golden = golden
        self.folder = folder
        self.store = golden.Store(folder / "store")
        self.corpus = folder / "corpus"
        self.corpus.mkdir()
        (self.corpus / "a.py").write_text("x = old\n")
        (self.corpus / "b.py").write_text("x = 1\n")

    def checkout(self, words: str) -> Path:
        path = self.folder / f"checkout{len([*self.folder.iterdir()])}"
        (path / "titan_lint").mkdir(parents=True)
        (path / "titan_lint" / "__init__.py").touch()
        (path / "titan_lint" / "__main__.py").write_text(words + STAND_IN)
        return path

    def record(self, words: str, *targets: str) -> Any:
        choice = self.golden.Choice(("tiny",), targets or ("0.3.0",))
        return self.golden.record(self.checkout(words), {"tiny": self.corpus}, choice, self.store)

    def differing(self, a: Any, b: Any) -> list[tuple[str, str]]:
        found = self.golden.differences(a, b, ("tiny",))
        return [(" ".join(difference.where), difference.path) for difference in found]

    def shown(self, a: Any, b: Any) -> list[str]:
        found = self.golden.differences(a, b, ("tiny",))
        return [
            line.strip()
            for difference in found
            for line in self.golden.shown(difference, self.store)
            if line.strip()[0] in "+-"
        ]


@pytest.fixture
def bench(golden: ModuleType, tmp_path: Path) -> Workbench:
    return Workbench(golden, tmp_path)


def test_two_checkouts_that_do_the_same_do_not_differ(bench: Workbench) -> None:
    assert bench.differing(bench.record(SAME), bench.record(SAME)) == []


def test_a_message_that_differs_is_named_at_every_target_and_shown(bench: Workbench) -> None:
    both = ("0.3.0", "0.2.2+0.3.0")
    a, b = bench.record(SAME, *both), bench.record(OTHER_MESSAGE, *both)
    assert bench.differing(a, b) == [
        ("tiny 0.3.0 findings", "a.py"),
        ("tiny 0.2.2+0.3.0 findings", "a.py"),
    ]
    assert bench.shown(a, b)[:2] == ['-  "message": "it is old",', '+  "message": "so old",']


def test_an_unsafe_fix_that_differs_is_named_as_one_and_shown(bench: Workbench) -> None:
    a, b = bench.record(SAME), bench.record(OTHER_UNSAFE_FIX)
    assert bench.differing(a, b)[0] == ("tiny 0.3.0 unsafe", "a.py")
    assert {where.rpartition(" ")[2] for where, _ in bench.differing(a, b)} == {"unsafe"}
    assert bench.shown(a, b)[:2] == ["-x = newest", "+x = best"]


def test_a_file_that_one_side_alone_fixes_is_shown_against_the_source(bench: Workbench) -> None:
    a, b = bench.record(NO_SAFE_FIX), bench.record(SAME)
    assert ("tiny 0.3.0 fix", "a.py") in bench.differing(a, b)
    assert bench.shown(a, b)[:2] == ["-x = old", "+x = new"]
    assert bench.shown(b, a)[:2] == ["-x = new", "+x = old"]


def test_fixes_leave_the_corpus_as_it_is_for_the_next_run(bench: Workbench) -> None:
    made = bench.record(SAME, "0.3.0", "0.2.2+0.3.0")
    assert (bench.corpus / "a.py").read_text() == "x = old\n"
    for target in ("0.3.0", "0.2.2+0.3.0"):
        kinds = made["cases"]["tiny"][target]
        assert "a.py" in kinds["findings"]
        assert kinds["fix"]["a.py"] != kinds["unsafe"]["a.py"]


def test_both_targets_of_a_pair_are_asked_for(bench: Workbench) -> None:
    kept = bench.record(SAME, "0.2.2+0.3.0")["cases"]["tiny"]["0.2.2+0.3.0"]["findings"]["a.py"]
    text = "".join(bench.store.get(kept))
    assert '"--torchtitan=0.2.2"' in text
    assert '"--torchtitan=0.3.0"' in text


def test_a_source_that_differs_is_named_before_what_follows_from_it(bench: Workbench) -> None:
    a = bench.record(SAME)
    (bench.corpus / "b.py").write_text("x = old\n")
    found = bench.differing(a, bench.record(SAME))
    assert found[0] == ("tiny source", "b.py")
    assert ("tiny 0.3.0 findings", "b.py") in found


def test_a_changed_exit_status_is_a_difference(bench: Workbench) -> None:
    a, b = bench.record(SAME), bench.record(SAME)
    b["cases"]["tiny"]["0.3.0"]["findings"]["(run)"] = "other"
    assert bench.differing(a, b) == [("tiny 0.3.0 findings", "(run)")]


def test_states_at_other_targets_cannot_be_compared(golden: ModuleType, bench: Workbench) -> None:
    a, b = bench.record(SAME), bench.record(SAME)
    del b["cases"]["tiny"]["0.3.0"]
    with pytest.raises(golden.TroubleError, match="tiny"):
        bench.differing(a, b)
    assert not [*golden.differences(a, b, ("tiny",), ("main",))]


@pytest.mark.parametrize("words", ["raise ValueError('no')\n", "import sys; sys.exit(3)\n"])
def test_a_checkout_that_breaks_is_trouble(
    golden: ModuleType, bench: Workbench, words: str
) -> None:
    with pytest.raises(golden.TroubleError):
        bench.record(words)


def test_the_installed_titan_lint_is_not_taken_for_a_checkout_without_one(
    golden: ModuleType, bench: Workbench
) -> None:
    with pytest.raises(golden.TroubleError, match="no titan_lint"):
        golden.record(bench.folder, {"tiny": bench.corpus}, golden.Choice(), bench.store)


def finding(line: int, applicability: str | None = None, **more: object) -> dict[str, object]:
    edits = [{"content": "new"}]
    fix = {"applicability": applicability, "message": "m", "edits": edits, "because": []}
    found = {"code": "TTN101", "line": line, "column": 1, "message": "it is old"}
    return found | {"fix": fix if applicability else None} | more


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([finding(1)], [], ["gone"]),
        ([], [finding(1)], ["new"]),
        ([finding(1), finding(1)], [finding(1)], ["gone"]),
        ([finding(1)], [finding(2)], ["gone", "new"]),
        ([finding(1, "safe")], [finding(1, "unsafe")], ["fix safe -> unsafe"]),
        ([finding(1, "unsafe")], [finding(1)], ["fix unsafe -> none"]),
        ([finding(1)], [finding(1, "safe", message="so old")], ["fix none -> safe", "message"]),
        ([finding(1, "safe")], [finding(1, "safe", fix=None)], ["fix safe -> none"]),
        ([finding(1, severity="error")], [finding(1, severity="info")], ["severity"]),
        ([finding(1)], [finding(1, told="by one version alone")], []),
    ],
)
def test_what_became_of_each_finding_is_told(
    golden: ModuleType,
    bench: Workbench,
    old: list[dict[str, object]],
    new: list[dict[str, object]],
    expected: list[str],
) -> None:
    keys = [bench.store.put(json.dumps(side).encode()) for side in (old, new)]
    difference = golden.Difference(("tiny", "0.3.0", "findings"), "a.py", *keys)
    found = [*golden.changes(difference, bench.store)]
    assert [change.what for change in found] == expected
    assert {(*change.where, change.code) for change in found} <= {("tiny", "0.3.0", "TTN101")}


def test_fixes_that_write_something_else_are_told_apart(
    golden: ModuleType, bench: Workbench
) -> None:
    old, new = finding(3, "safe"), finding(3, "safe")
    new["fix"] = {"applicability": "safe", "message": "m", "edits": []}
    keys = [bench.store.put(json.dumps([side]).encode()) for side in (old, new)]
    difference = golden.Difference(("tiny", "0.3.0", "findings"), "a.py", *keys)
    (change,) = golden.changes(difference, bench.store)
    assert (change.what, change.place) == ("fix safe, another one", "a.py:3:1")


def test_exit_statuses_tell_same_different_and_trouble(
    golden: ModuleType,
    bench: Workbench,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(golden, "Store", lambda _: bench.store)
    a, b, other = (bench.folder / f"{name}.json" for name in ("a", "b", "other"))
    made = bench.record(SAME)
    made["cases"]["fixtures"] = made["cases"].pop("tiny")
    made["corpora"]["fixtures"] = made["corpora"].pop("tiny")
    golden.write(a, made)
    golden.write(b, made)
    assert golden.main(["compare", str(a), str(b)]) == 0
    made["cases"]["fixtures"]["0.3.0"]["fix"]["b.py"] = "0"
    golden.write(b, made)
    assert golden.main(["compare", str(a), str(b), "--show"]) == 1
    assert "fixtures 0.3.0 fix\n  b.py\n" in capsys.readouterr().out
    made["cases"]["fixtures"]["0.3.0"]["findings"]["b.py"] = bench.store.put(
        json.dumps([finding(1)]).encode()
    )
    golden.write(b, made)
    assert golden.main(["compare", str(a), str(b), "--list"]) == 1
    assert "fixtures 0.3.0 TTN101 new: 1\n  b.py:1:1 it is old\n" in capsys.readouterr().out
    other.write_text("{}")
    assert golden.main(["compare", str(a), str(other)]) == 2
    assert golden.main(["compare", str(a), "no-such-revision"]) == 2


def test_this_checkout_is_asked_as_its_command_line_takes_it(
    golden: ModuleType, bench: Workbench
) -> None:
    (bench.corpus / "a.py").write_text(
        "from torchtitan.models.attention import create_varlen_metadata_for_document\n"
    )
    choice = golden.Choice(("tiny",), ("0.3.0",))
    made = golden.record(ROOT, {"tiny": bench.corpus}, choice, bench.store)
    kinds = made["cases"]["tiny"]["0.3.0"]
    assert set(kinds["findings"]) == {golden.RUN, "a.py"}
    assert '"code": "TTN202",' in "".join(bench.store.get(kinds["findings"]["a.py"]))
    assert bench.store.get(kinds["fix"]["a.py"]) == [
        "from torchtitan.models.common.attention import create_varlen_metadata_for_document"
    ]
