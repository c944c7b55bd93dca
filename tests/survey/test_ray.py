"""A survey on a Ray cluster; runs where Ray is installed (`pip install 'titan-lint[ray]'`)."""

from __future__ import annotations

import importlib
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.survey.test_survey import LEFT, MOVED, checkout, question, surveyed, timeless
from titan_lint.survey import on_ray
from titan_lint.survey.repositories import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from titan_lint.survey.change import Change

__all__ = ["question"]

pytest.importorskip("ray", reason="Ray is not installed")

ray: Any = importlib.import_module("ray")


def test_ray_gives_the_same_records(tmp_path: Path, question: Change) -> None:
    texts = {"a": MOVED, "b": LEFT, "c": "", "d": "import torchtitan\ndef"}
    repositories = [checkout(tmp_path / name, engine=text) for name, text in texts.items()]
    repositories.append(Repository("away", "git", str(tmp_path / "away")))
    records = on_ray.survey(repositories, question, address="local", seconds=60)
    assert timeless(records) == timeless(surveyed(repositories, question))


def test_a_new_cluster_is_not_that_of_somebody_else(
    tmp_path: Path, question: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    (record,) = on_ray.survey(
        [checkout(tmp_path / "a", engine=MOVED)], question, address="local", seconds=60
    )
    assert record.state == "fixed"


@pytest.fixture
def cluster() -> Iterator[Any]:
    made = importlib.import_module("ray.cluster_utils").Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1}
    )
    try:
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


def test_a_lost_node_loses_nothing_and_does_nothing_twice(
    tmp_path: Path, question: Change, cluster: Any
) -> None:
    second = cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    first = checkout(tmp_path / "0", engine=MOVED)
    repositories = [first]
    for number in range(1, 16):
        shutil.copytree(tmp_path / "0", tmp_path / str(number))
        repositories.append(Repository(str(number), "path", str(tmp_path / str(number))))
    found: list[str] = []
    for record in on_ray.survey(repositories, question, address="local", seconds=60):
        assert record.state == "fixed"
        found.append(record.repository)
        if len(found) == 4:
            cluster.remove_node(second)
    assert sorted(found) == sorted(each.name for each in repositories)
