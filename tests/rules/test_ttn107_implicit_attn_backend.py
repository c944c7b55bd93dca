"""TTN107: the default is nobody's business where no attention is run."""

from __future__ import annotations

from tests.rules.cases import check_noop

IMPORT = "from torchtitan.models.llama3 import model_registry\n"


def test_implicit_default_is_silent_where_only_shapes_are_read() -> None:
    check_noop("TTN107", IMPORT + "print(model_registry('8B').model.dim)\n")
