"""What stands behind a call that the target refuses, where that is expected, is never run."""

from __future__ import annotations

import pytest

from tests.rules.cases import messages

HEAD = """\
import contextlib
import pytest
from torchtitan.distributed import ParallelDims
from torchtitan.config import ParallelismConfig

"""
DIMS = "ParallelDims(1, 1, 1, 1, 1, 1, {}world_size=8)"
OLD, NEW = DIMS.format("etp=1, "), DIMS.format("")

NEVER_RUN = [
    "try:\n    dims = {0}\n    print(dims.etp_enabled)\nexcept TypeError:\n    dims = new()\n",
    "try:\n    dims = {0}\n    if more:\n        print(dims.etp_enabled)\nexcept (TypeError, KeyError):\n    pass\n",
    "with contextlib.suppress(TypeError):\n    print({0}.etp_enabled)\n",
    "with contextlib.suppress(TypeError):\n    use({0})\n    dims.etp_enabled\n    ParallelDims.etp_enabled\n",
    "with pytest.raises(TypeError):\n    {0}\n    ParallelDims.etp_enabled\n",
    "with contextlib.suppress(TypeError):\n    print(ParallelDims(), ParallelDims.etp_enabled)\n",
    "with contextlib.suppress(TypeError):\n    give = lambda: ParallelDims\n"
    "    def use(x):\n        if type(x) is give():\n            x.etp_enabled\n    use(give()(etp=1))\n",
    "with contextlib.suppress(TypeError):\n    ParallelDims(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)\n    ParallelDims.etp_enabled\n",
]
BY_VALUE = [
    "try:\n    part.model_registry('20b', attn_backend={0}).model.n_layers\nexcept ValueError:\n    pass\n",
    "import asyncio\ntry:\n    async def use():\n        part.model_registry('20b', attn_backend={0}).model.n_layers\n"
    "    asyncio.run(use())\nexcept ValueError:\n    pass\n",
    "with contextlib.suppress(ValueError):\n    ParallelismConfig(spmd_backend={0})\n    ParallelDims.etp_enabled\n",
]


@pytest.mark.parametrize("text", BY_VALUE)
def test_nothing_is_said_of_what_stands_behind_a_value_that_is_refused(text: str) -> None:
    text = HEAD + "from torchtitan.models import gpt_oss as part\n" + text
    assert messages("TTN203", text.format("'no_such'"), "0.3.0") == []
    taken = "'full_dtensor'" if "spmd" in text else "'flex'"
    assert len(messages("TTN203", text.format(taken), "0.3.0")) == 1


RUN = [
    # The target takes the call.
    "try:\n    dims = {1}\n    print(dims.etp_enabled)\nexcept TypeError:\n    dims = new()\n",
    "with contextlib.suppress(TypeError):\n    ParallelDims(*given)\n    ParallelDims.etp_enabled\n",
    "with contextlib.suppress(TypeError):\n    ParallelDims(**given)\n    ParallelDims.etp_enabled\n",
    # It may not be run.
    "try:\n    if old:\n        {0}\n    ParallelDims.etp_enabled\nexcept TypeError:\n    pass\n",
    "try:\n    make = lambda: {0}\n    ParallelDims.etp_enabled\nexcept TypeError:\n    pass\n",
    # It is run later, or its failure is taken by nobody.
    "try:\n    ParallelDims.etp_enabled\n    {0}\nexcept TypeError:\n    pass\n",
    "try:\n    print(ParallelDims.etp_enabled, {0})\nexcept TypeError:\n    pass\n",
    "try:\n    {0}\n    ParallelDims.etp_enabled\nexcept ValueError:\n    pass\n",
    "try:\n    {0}\n    ParallelDims.etp_enabled\nexcept TypeError:\n    raise\n",
]


@pytest.mark.parametrize("text", NEVER_RUN)
def test_nothing_is_said_of_what_stands_behind_a_call_that_is_refused(text: str) -> None:
    assert messages("TTN203", HEAD + text.format(OLD, NEW), "0.3.0") == []


@pytest.mark.parametrize("text", RUN)
def test_what_may_be_run_is_said(text: str) -> None:
    (said,) = messages("TTN203", HEAD + text.format(OLD, NEW), "0.3.0")
    assert "has no `etp_enabled`" in said
