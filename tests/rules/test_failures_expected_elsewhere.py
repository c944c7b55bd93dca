"""A function that other files call alone, each of them for that very failure, does what they expect of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import found_in
from tests.rules.cases import messages

if TYPE_CHECKING:
    from pathlib import Path

LIB = (
    "from torchtitan.config import CompileConfig, ParallelismConfig\n\n\n"
    "def attempt():\n    return ParallelismConfig(expert_tensor_parallel_degree=1, spmd_backend='default')\n"
)


def errors(folder: Path, files: dict[str, str]) -> list[str]:
    """The errors in a project at 0.3.0, by their rules."""
    found = found_in(folder, {"lib.py": LIB, **files})
    return [finding.code for finding in found if finding.code == "TTN301"]


EXPECTED = {
    "a try": "from lib import attempt\n\ntry:\n    attempt()\nexcept TypeError:\n    print('new')\n",
    "by its module": "import lib\n\ntry:\n    made = lib.attempt()\nexcept (TypeError, ValueError):\n    made = None\n",
    "a test": "import pytest\nfrom lib import attempt\n\n\ndef test_it():\n"
    "    with pytest.raises(TypeError):\n        attempt()\n",
    "suppressed": "import contextlib\nfrom lib import attempt\n\nwith contextlib.suppress(TypeError):\n    attempt()\n",
}
NOT_EXPECTED = {
    "nothing": "from lib import attempt\n\nattempt()\n",
    "another failure": "from lib import attempt\n\ntry:\n    attempt()\nexcept KeyError:\n    pass\n",
    "whatever fails": "from lib import attempt\n\ntry:\n    attempt()\nexcept Exception:\n    print('failed')\n",
    "once of two": "from lib import attempt\n\ntry:\n    attempt()\nexcept TypeError:\n    pass\nattempt()\n",
    "handed on": "from lib import attempt\n\nrun = [attempt]\ntry:\n    attempt()\nexcept TypeError:\n    pass\n",
    "no call": "import lib\n",
}


@pytest.mark.parametrize("text", EXPECTED.values(), ids=EXPECTED)
def test_what_all_callers_expect_to_fail_is_no_mistake(tmp_path: Path, text: str) -> None:
    name = "test_main.py" if "pytest" in text else "main.py"
    assert errors(tmp_path, {name: text}) == []


@pytest.mark.parametrize("text", NOT_EXPECTED.values(), ids=NOT_EXPECTED)
def test_what_one_caller_does_not_expect_is_reported(tmp_path: Path, text: str) -> None:
    assert errors(tmp_path, {"main.py": text}) == ["TTN301"]


def test_one_more_file_that_expects_nothing_counts(tmp_path: Path) -> None:
    files = {"main.py": EXPECTED["a try"], "other.py": NOT_EXPECTED["nothing"]}
    assert errors(tmp_path, files) == ["TTN301"]


@pytest.mark.parametrize(
    "statement",
    [
        "for p in [{}]:\n        p.job\n",
        "if {}:\n        ParallelismConfig().job\n",
        "while {}:\n        ParallelismConfig().job\n",
        "with nullcontext({}) as p:\n        p.job\n",
    ],
)
def test_what_a_statement_begins_with_fails_before_what_it_holds(statement: str) -> None:
    made = "ParallelDims(dp_replicate=1, dp_shard=1, cp=1, tp=1, pp=1, ep=1, etp=1, world_size=1)"
    text = (
        "from contextlib import nullcontext\n\nfrom torchtitan.distributed import ParallelDims\n\n"
        f"try:\n    {statement.format(made).replace('ParallelismConfig().job', 'ParallelDims._meshes').replace('p.job', 'p._meshes')}"
        "except TypeError:\n    pass\n"
    )
    assert messages("TTN203", text) == []
