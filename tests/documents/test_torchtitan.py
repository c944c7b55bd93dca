"""What grew stale in torchtitan's own documents is found and fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

STALE = """\
In your config registry function:

```python
from torchtitan.components.optimizer import OptimizersContainer

optimizer = OptimizersContainer.Config(name="AdamW", lr=3e-4)
```
"""
"""As in `docs/bf16_optimizer_states.md` at commit b5bcd76c6, two months after `name` was gone."""


def test_a_stale_snippet_is_found_and_fixed(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.md").write_text(STALE)
    target = ("--isolated", "--torchtitan", "2026-08-21")
    assert "a.md:6:40: TTN301" in titan_lint("a.md", *target, "--output-format", "concise").out
    titan_lint("a.md", *target, "--fix", "--unsafe-fixes")
    assert titan_lint("a.md", *target).status == 0
    fixed = STALE.replace("import OptimizersContainer", "import default_adamw")
    fixed = fixed.replace(
        'OptimizersContainer.Config(name="AdamW", lr=3e-4)', "default_adamw(lr=3e-4)"
    )
    assert (project / "a.md").read_text() == fixed
