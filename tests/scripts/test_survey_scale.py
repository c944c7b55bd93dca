"""The benchmark of large surveys: what it runs, what it compares, and the section that it writes."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "survey_scale.py"


@pytest.fixture(scope="module")
def scale() -> ModuleType:
    spec = importlib.util.spec_from_file_location("survey_scale", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["survey_scale"] = module
    spec.loader.exec_module(module)
    return module


def step(count: int, **others: Any) -> dict[str, Any]:
    memory = [[count // 2, 20, 60], [count, 21, 61]]
    common = {"wall_s": 50.0, "first_record_s": 1.5, "cpu_s": 80.0, "kept_mb": 2.0, "load": 0.5}
    return {**common, "repositories": count, "memory_mb": memory, **others}


def figures() -> dict[str, Any]:
    same = {"lost": 0, "twice": 0, "different": 0}
    corpus = {"repositories": 200, "callers": 20, "different_callers": 14, "ballast": ["a", "b"]}
    corpus |= {"python_files": 9000, "python_mb": 70, "before": "0.2.2", "after": "0.3.0"}
    return {
        "corpus": corpus,
        "machine": {"date": "2026-01-02", "cores": 2, "kind": "x86_64", "python": "3.11.7"},
        "steps": {
            "floor": {"wall_s": 2.0, "cpu_s": 1.6, "load": 0.1},
            "pool": step(200, caller_s=3.0, ballast_s=0.2),
            "losses": step(200, **same, wall_s=100.0, pauses_s=[1.0, 4.5]),
        },
    }


def test_every_caller_and_package_is_in_the_corpus_as_often(scale: ModuleType) -> None:
    callers, ballast = [f"c{n}" for n in range(14)], [f"b{n}" for n in range(30)]
    found = Counter(scale.mixed(1400, 140, callers, ballast))
    assert {found["caller", name] for name in callers} == {10}
    assert {found["ballast", name] for name in ballast} == {42}


def test_section_says_what_was_measured_and_what_was_worked_out(scale: ModuleType) -> None:
    text = scale.section(figures())
    assert "| the pool | 50 | 1.5 | 4.00 |  |  |  | 0.5 |" in text
    assert "| Ray, two nodes, of which one is lost | 100 | 1.5 | 2.00 | 0 | 0 | 0 | 0.5 |" in text
    assert "Ray on one machine" not in text
    assert "50 times as much" in text
    # 200 in 50 s of 80 s on the processors: 100,000 in 25,000 s of 40,000 s.
    assert "would take 6.9 hours on these 2 cores, 11 core hours, and 1.0 GB" in " ".join(
        text.split()
    )
    assert "1 and 4.5 s after these" in text
    assert "| 200 | 21 / 61 | 21 / 61 |" in text


def test_section_takes_the_place_of_the_one_before(scale: ModuleType) -> None:
    once = scale.placed("# Page\n\ntext\n", "first")
    assert once.startswith("# Page\n\ntext\n\n")
    page = once + "\n## More\n"
    assert scale.placed(page, "second") == page.replace("first", "second")


def test_records_are_held_against_those_of_the_pool(scale: ModuleType) -> None:
    pool = [{"repository": name, "after": 0, "seconds": 1.0} for name in "abc"]
    mine = [{**pool[0], "seconds": 2.0}, {**pool[1], "after": 7}, pool[0]]
    assert scale._held_against(mine, pool) == {"lost": 1, "twice": 1, "different": 1}


def test_memory_is_told_by_tenths_of_the_repositories(scale: ModuleType) -> None:
    samples = [(float(n), n, 20.0 + n, 50.0) for n in range(101)]
    found = scale._condensed(samples, 100)
    assert [count for count, *_ in found] == list(range(10, 101, 10))
    assert (found[0], found[-1]) == ([10, 29, 50], [100, 120, 50])


def test_a_survey_is_run_and_its_losses_happen(
    scale: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "INTERVAL", 0.02)
    # So many that the survey is not over before somebody has seen its first record.
    for name in ("caller-1", *(f"ballast-{number}" for number in range(2, 22))):
        (tmp_path / "trees" / name).mkdir(parents=True)
        (tmp_path / "trees" / name / "a.py").write_text("import torchtitan\n")
    assert scale.floor(tmp_path).keys() == {"wall_s", "cpu_s"}
    found = scale.pool(tmp_path)
    assert (found["repositories"], found["failed"]) == (21, 0)
    assert found["caller_s"] > 0
    assert found["ballast_s"] > 0
    assert found["cpu_s"] > 0
    assert max(driver for _, driver, _ in found["memory_mb"]) > 5
    happened: list[int] = []
    again = scale._surveyed(tmp_path, "again", milestones={1: lambda: happened.append(1)})
    assert happened == [1]
    assert len(again["pauses_s"]) == 1
    assert (again["lost"], again["twice"], again["different"]) == (0, 0, 0)
