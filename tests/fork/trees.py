"""The torchtitan of acme's own that ``fixtures/fork`` is about, at two points of time."""

from __future__ import annotations

_EVERY = {
    "torchtitan/__init__.py": "",
    "torchtitan/train.py": "def main() -> None: ...\n",
    "torchtitan/distributed/__init__.py": "",
    "torchtitan/acme/__init__.py": "",
}

_OPTIMIZER = """\
class Muon:
    def __init__(self, params: list, lr: float, {steps}: int = 5) -> None: ...

    def step(self) -> None: ...
"""

_DATA = """\
def build_dataloader(path: str, {batch}: int, shuffle: bool = {shuffle}) -> "Loader":
    return Loader()


class Loader:
    def {next}(self) -> dict: ...
"""

TREES = {
    "acme-2026-01": {
        **_EVERY,
        "torchtitan/acme/optim.py": _OPTIMIZER.format(steps="ns_steps"),
        "torchtitan/acme/data.py": _DATA.format(batch="batch", shuffle="True", next="next_batch"),
    },
    "acme-2026-06": {
        **_EVERY,
        "torchtitan/optim/__init__.py": "",
        "torchtitan/optim/muon.py": _OPTIMIZER.format(steps="newton_steps"),
        "torchtitan/acme/data.py": _DATA.format(batch="batch_size", shuffle="False", next="next"),
    },
}
"""The files of each, by what its surface is called."""
