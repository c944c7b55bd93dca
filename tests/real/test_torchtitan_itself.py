"""torchtitan held against itself: its releases call their own functions rightly, but for known slips."""

from __future__ import annotations

import pytest

from tests.packages import unpacked
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.uses.options import Options

pytestmark = pytest.mark.network

CALLS = ["TTN301", "TTN302", "TTN303", "TTN304", "TTN401"]

# True findings: calls that fail when they are run.
SLIPS = {
    "0.2.2": [],
    "0.3.0": [
        # The config of `full_moe` sets no loss, unlike its neighbours.
        "experiments/transformers_modeling_backend/config_registry.py: TTN302",
        # `construct_default_graph_passes(traced)` lacks its second parameter, `config`.
        "experiments/graph_trainer/tests/test_profiler.py: TTN302",
    ],
}


@pytest.mark.parametrize("version", SLIPS)
def test_release_fits_itself(version: str) -> None:
    root = unpacked("torchtitan", version) / "torchtitan"
    (target,) = targets.parse(version)
    found: list[str] = []
    for path in sorted(root.rglob("*.py")):
        package = ".".join(path.parent.relative_to(root.parent).parts)
        source = Source.decode(str(path), path.read_bytes())
        linted = lint(source, codes=CALLS, targets=[target], options=Options(), package=package)
        assert not linted.failures
        found += [f"{path.relative_to(root).as_posix()}: {f.code}" for f in linted.findings]
    assert sorted(found) == sorted(SLIPS[version])
