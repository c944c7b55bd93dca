"""A context manager, decorator or helper of another file may swallow what its block raises: that is no mistake then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

GONE = "from torchtitan.components.ft import NeverThere"
MANAGER = """\
from contextlib import contextmanager


@contextmanager
def optional():
    try:
        yield
    except (ImportError, AttributeError):
        pass
"""
MANAGERS = {
    "a function": MANAGER,
    "a class": "class optional:\n    def __enter__(self): ...\n\n"
    "    def __exit__(self, kind, *rest):\n        return kind is not None\n",
    "a derived class": "class Base:\n    def __enter__(self): ...\n\n"
    "    def __exit__(self, *given):\n        return True\n\n\nclass optional(Base): ...\n",
    "what suppress gives": "import contextlib\n\n\ndef optional():\n"
    "    return contextlib.suppress(ImportError, AttributeError)\n",
    "a block of suppress": "from contextlib import contextmanager, suppress\n\n\n@contextmanager\n"
    "def optional():\n    with suppress(ImportError, AttributeError):\n        yield\n",
    "a partial": "from contextlib import suppress\nfrom functools import partial\n\n"
    "optional = partial(suppress, ImportError, AttributeError)\n",
    "a class of suppress": "from contextlib import suppress\n\n\nclass optional(suppress):\n"
    "    def __init__(self):\n        super().__init__(ImportError, AttributeError)\n",
    "an instance that is called": "from contextlib import suppress\n\n\nclass Kit:\n"
    "    def __call__(self):\n        return suppress(Exception)\n\n\noptional = Kit()\n",
    "a lambda": "from contextlib import suppress\n\noptional = lambda: suppress(Exception)\n",
    "one of two": "try:\n    from missing import optional\nexcept ImportError:\n    {}\n".format(
        MANAGER.replace("\n", "\n    ").rstrip()
    ),
    "another file's": "from parts import optional\n",
    "another file's, by another name": "import parts\n\noptional = parts.optional\n",
    "all of another file's": "from parts import *\n",
}
BLOCKS = {
    "an import": f"with optional():\n    {GONE}\n",
    "a member": "from torchtitan.trainer import Trainer\n\n\ndef f(trainer: Trainer):\n"
    "    with optional():\n        return trainer.maybe_enable_amp\n",
    "a function": f"def f():\n    with optional():\n        {GONE}\n\n        return NeverThere\n",
}
IMPORTS = (
    "from kit import optional\n\n",
    "import kit\n\noptional = kit.optional\n\n",
    "from kit import *\n\n",
)


def codes(titan_lint: TitanLint, *paths: str) -> list[str]:
    options = ("--isolated", "--torchtitan=0.3.0", "--output-format=concise")
    ran = titan_lint(*options, *(paths or (".",)))
    assert ran.status in (0, 1)
    return [line.split(": ")[1].split()[0] for line in ran.out.splitlines() if ": TTN" in line]


@pytest.mark.parametrize("manager", MANAGERS.values(), ids=MANAGERS)
@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_what_a_manager_swallows_is_no_mistake(
    project: Path, titan_lint: TitanLint, manager: str, block: str
) -> None:
    (project / "parts.py").write_text(MANAGER)
    (project / "kit.py").write_text(manager)
    for taken in IMPORTS:
        (project / "use.py").write_text(taken + block)
        assert codes(titan_lint, "use.py") == []


@pytest.mark.parametrize(
    "manager",
    [
        MANAGER.replace("        pass\n", "        raise RuntimeError\n"),
        MANAGER.replace("(ImportError, AttributeError)", "KeyError"),
        MANAGER.replace(
            "except (ImportError, AttributeError):\n        pass", "finally:\n        ..."
        ),
        "class optional:\n    def __enter__(self): ...\n    def __exit__(self, *given):\n        return False\n",
        "from contextlib import suppress\n\n\ndef optional():\n    return suppress(KeyError)\n",
        # What makes itself makes nothing.
        "def optional():\n    return other()\n\n\ndef other():\n    return optional()\n",
        "from use import optional\n",
    ],
)
@pytest.mark.parametrize("block", list(BLOCKS.values())[:2])
def test_a_manager_that_lets_it_through_excuses_nothing(
    project: Path, titan_lint: TitanLint, manager: str, block: str
) -> None:
    (project / "kit.py").write_text(manager)
    (project / "use.py").write_text(IMPORTS[0] + block)
    assert len(codes(titan_lint, "use.py")) == 1


RUN = {
    "an asynchronous manager": (
        "from contextlib import asynccontextmanager\n\n\n@asynccontextmanager\nasync def optional():\n"
        "    try:\n        yield\n    except ImportError:\n        pass\n",
        f"async def f():\n    async with optional():\n        {GONE}\n",
    ),
    "an asynchronous class": (
        "class optional:\n    async def __aenter__(self): ...\n\n"
        "    async def __aexit__(self, *given):\n        return True\n",
        f"async def f():\n    async with optional():\n        {GONE}\n",
    ),
    "a manager that decorates": (MANAGER, f"@optional()\ndef f():\n    {GONE}\n"),
    "a decorator": (
        "def optional(f):\n    def inner():\n        try:\n            return f()\n"
        "        except ImportError:\n            return None\n\n    return inner\n",
        f"@optional\ndef f():\n    {GONE}\n",
    ),
    "a helper": (
        "def optional(f):\n    try:\n        return f()\n    except ImportError:\n        return None\n",
        f"def f():\n    {GONE}\n\n    return NeverThere\n\n\nfound = optional(f)\n",
    ),
    "a helper of a lambda": (
        "def optional(f):\n    try:\n        return f()\n    except AttributeError:\n        return None\n",
        "from torchtitan.trainer import Trainer\n\n\ndef f(trainer: Trainer):\n"
        "    return optional(lambda: trainer.maybe_enable_amp)\n",
    ),
    "an instance": (
        "from contextlib import suppress\n\noptional = suppress(ImportError)\n",
        f"with optional:\n    {GONE}\n",
    ),
    "a stack": (
        MANAGER,
        f"from contextlib import ExitStack\n\nwith ExitStack() as stack:\n"
        f"    stack.enter_context(optional())\n    {GONE}\n",
    ),
    "a method": (
        "from contextlib import suppress\n\n\nclass Kit:\n    def some(self):\n"
        "        return suppress(ImportError)\n\n\nclass Own(Kit): ...\n\n\noptional = Own()\n",
        f"with optional.some():\n    {GONE}\n",
    ),
    "a method of the class": (
        "from contextlib import suppress\n\n\nclass optional:\n    @staticmethod\n    def some():\n"
        "        return suppress(ImportError)\n",
        f"class Mine(optional):\n    def f(self):\n        with self.some():\n            {GONE}\n",
    ),
}


@pytest.mark.parametrize(("kit", "use"), RUN.values(), ids=RUN)
def test_what_runs_with_care_is_no_mistake(
    project: Path, titan_lint: TitanLint, kit: str, use: str
) -> None:
    (project / "kit.py").write_text(kit)
    (project / "use.py").write_text(IMPORTS[0] + use)
    assert codes(titan_lint, "use.py") == []
    (project / "use.py").write_text(kit + use)
    assert codes(titan_lint, "use.py") == []


@pytest.mark.parametrize("imported", [IMPORTS[0], MANAGER])
@pytest.mark.parametrize(
    ("before", "then", "test"),
    [
        ("HAS = False", "\n    HAS = True", "HAS"),
        ("NeverThere = None", "", "NeverThere is not None"),
        ("NeverThere = None", "", "NeverThere"),
    ],
)
def test_what_stands_behind_a_flag_of_the_block_is_not_reached(
    project: Path, titan_lint: TitanLint, imported: str, before: str, then: str, test: str
) -> None:
    (project / "kit.py").write_text(MANAGER)
    use = (
        f"{imported}from torchtitan.trainer import Trainer\n\n{before}\nwith optional():\n    {GONE}{then}\n\n\n"
        f"def f(trainer: Trainer):\n    if {test}:\n        return trainer.maybe_enable_amp\n"
    )
    (project / "use.py").write_text(use)
    assert codes(titan_lint, "use.py") == []
    (project / "use.py").write_text(use.replace(f"if {test}", "if trainer"))
    assert codes(titan_lint, "use.py") == ["TTN203"]
