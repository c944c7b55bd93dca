"""Imports that moved or are gone: TTN201, TTN202."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.meaning.generate.parts import HEADERS
from tests.meaning.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


@dataclass(frozen=True)
class Moved:
    """A name that lives elsewhere now.

    Attributes:
        module: Where it was.
        name: What it was called.
        use: An expression that uses it, which ``show`` takes; ``{n}`` is the name.
        new: What it is called now, which may be the same.
    """

    module: str
    name: str
    use: str
    new: str

    @property
    def statement(self) -> str:
        """How it is imported."""
        return f"from {self.module} import {self.name}"


MOVED: tuple[Moved, ...] = (
    Moved("torchtitan.config.job_config", "Training", "{n}(steps=3)", "TrainingConfig"),
    Moved("torchtitan.config.job_config", "Compile", "{n}(enable=True)", "CompileConfig"),
    Moved("torchtitan.config.job_config", "Comm", "{n}(trace_buf_size=3)", "CommConfig"),
    Moved("torchtitan.config.job_config", "Debug", "{n}(seed=3)", "DebugConfig"),
    Moved(
        "torchtitan.config.job_config",
        "Parallelism",
        '{n}(tensor_parallel_degree=2, spmd_backend="full_dtensor")',
        "ParallelismConfig",
    ),
    Moved(
        "torchtitan.config.job_config",
        "LRScheduler",
        "{n}(warmup_steps=3)",
        "LRSchedulersContainer",
    ),
    Moved("torchtitan.config.job_config", "Metrics", "{n}(log_freq=3)", "MetricsProcessor"),
    Moved("torchtitan.config.job_config", "Checkpoint", "{n}(interval=3)", "CheckpointManager"),
    Moved("torchtitan.config.job_config", "Profiling", "{n}(profile_freq=3)", "Profiler"),
    Moved(
        "torchtitan.components.lr_scheduler",
        "LRSchedulersContainer",
        "{n}.Config(warmup_steps=3)",
        "LRSchedulersContainer",
    ),
    Moved("torchtitan.tools.profiling", "ProfilingConfig", "{n}(profile_freq=3)", "Profiler"),
    Moved("torchtitan.models.attention", "get_causal_mask_mod", "{n}()", "get_causal_mask_mod"),
    Moved("torchtitan.models.moe", "MoE", "{n}", "MoE"),
    Moved("torchtitan.protocols.sharding", "MeshDimName", "{n}", "MeshAxisName"),
    Moved("torchtitan.models.common.rmsnorm", "RMSNorm", "{n}", "RMSNorm"),
    Moved("torchtitan.protocols.model", "AttentionMasksType", "{n}", "AttentionMasksType"),
)

# Whole modules. IMPORT is the statement, NAME the name, USE an expression that uses it, NEW the new name;
# the rest is the program's.
PLACES: dict[str, tuple[str, ...]] = {
    "plain": (
        "IMPORT\n\nshow(USE)\n",
        "import os\n\nIMPORT\n\nprint(os.sep)\nshow(USE)\n",
        "IMPORT\n\n\ndef make():\n    return USE\n\n\nshow(make())\n",
        "IMPORT\n\n\nclass Engine:\n    def make(self):\n        return USE\n\n\nshow(Engine().make())\n",
        "IMPORT\n\nshow([USE for number in range(2)])\n",
        "IMPORT\nfrom torchtitan.config import TrainingConfig as Other\n\nshow(USE, Other(steps=1))\n",
        "from torchtitan.components.optimizer import OptimizersContainer\nIMPORT\n\nshow(USE, OptimizersContainer.Config(implementation='foreach'))\n",
        "MODULE_IMPORT (\n    NAME,\n)\n\nshow(USE)\n",
    ),
    "unused": ("IMPORT\n\nprint('here')\n", "import os\nIMPORT\n\nprint(os.sep)\n"),
    "alias": ("IMPORT as Own\n\nshow(OWN_USE)\n",),
    "two names": (
        "IMPORT\nfrom torchtitan.config.job_config import Debug\n\nshow(USE)\nshow(Debug(seed=2))\n",
    ),
    "twice": ("IMPORT\nIMPORT\n\nshow(USE)\n", "IMPORT\nshow(USE)\nIMPORT\nshow(USE)\n"),
    "lazy in a function": (
        "def make():\n    IMPORT\n\n    return USE\n\n\nprint('lazy')\nprint(len(__name__))\nif TORCHTITAN:\n    show(make())\n",
        "def make():\n    IMPORT\n    return USE\n\n\nif TORCHTITAN:\n    show(make())\n",
        "class Engine:\n    def make(self):\n        IMPORT\n        return USE\n\n\nif TORCHTITAN:\n    show(Engine().make())\n",
    ),
    "lazy in a branch": (
        "if TORCHTITAN:\n    IMPORT\n    show(USE)\n",
        "if TORCHTITAN:\n    IMPORT\nelse:\n    NAME = None\nif NAME is not None:\n    show(USE)\n",
    ),
    "below statements": (
        "print('first')\nIMPORT\nshow(USE)\n",
        "import os\n\nos.environ['X_OF_NOBODY'] = '1'\nprint('first')\nIMPORT\nfrom torchtitan.config import CompileConfig as C\nshow(USE, C())\n",
        "from torchtitan.config import DebugConfig\nprint('between')\nIMPORT\nshow(USE, DebugConfig())\n",
    ),
    "optional": (
        "try:\n    IMPORT\nexcept ImportError:\n    NAME = None\n\nif NAME is None:\n    print('without')\nelse:\n    show(USE)\n",
        "try:\n    IMPORT\n    HAVE = True\nexcept ImportError:\n    HAVE = False\n\nif HAVE:\n    show(USE)\nelse:\n    print('without')\n",
        "try:\n    import torchtitan\nexcept ImportError:\n    print('without')\nelse:\n    IMPORT\n    show(USE)\n",
        "import contextlib\n\nNAME = None\nwith contextlib.suppress(ImportError):\n    IMPORT\nprint('here')\nif NAME:\n    show(USE)\n",
    ),
    "for types only": (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    IMPORT\n\n\ndef make(given: 'NAME'):\n    return given\n\n\nprint(make(1))\n",
    ),
    "class attribute": (
        "class Engine:\n    IMPORT\n\n    def make(self):\n        return self.NAME\n\n\nshow(Engine().make())\n",
        "class Engine:\n    IMPORT\n    made = USE\n\n\nshow(Engine.made, Engine.NAME)\n",
    ),
    "class attribute by alias": (
        "IMPORT\n\n\nclass Engine:\n    kind = NAME\n\n\nshow(Engine.kind)\n",
    ),
    "declared global": (
        "def load():\n    global NAME\n    IMPORT\n\n\nload()\nshow(USE)\n",
        "def load():\n    global NAME\n    IMPORT\n\n\ndef make():\n    return USE\n\n\nload()\nshow(make())\n",
    ),
    "exported": (
        "IMPORT\n\n__all__ = ['NAME']\n\nshow([name for name in __all__ if name not in globals()], USE)\n",
        "IMPORT\n\n__all__ = ['make']\n__all__.append('NAME')\n\n\ndef make():\n    return USE\n\n\nshow([name for name in __all__ if name not in globals()])\n",
        "IMPORT\n\n__all__ = []\n__all__ += ['NAME']\nshow([name for name in __all__ if name not in globals()], USE)\n",
        "IMPORT\n\n__all__ = []\n__all__.extend(['NAME'])\nshow([name for name in __all__ if name not in globals()], USE)\n",
        "IMPORT\n\n__all__ = [*['NAME']]\nshow([name for name in __all__ if name not in globals()], USE)\n",
        "IMPORT\n\n__all__ = sorted(('NAME', 'show'))\nshow([name for name in __all__ if name not in globals()], USE)\n",
    ),
    "asked for in globals": (
        "IMPORT\n\nshow(globals()['NAME'], USE)\n",
        "IMPORT\n\nshow('NAME' in globals(), USE)\n",
        "IMPORT\n\nshow(vars()['NAME'])\nshow(USE)\n",
        "import sys\n\nIMPORT\n\nshow(getattr(sys.modules[__name__], 'NAME'), USE)\n",
        "IMPORT\n\nshow(eval('NAME'), USE)\n",
    ),
    "in a string annotation": (
        "import typing\n\nIMPORT\n\n\ndef make(given: 'NAME'):\n    return given\n\n\nshow(typing.get_type_hints(make)['given'], USE)\n",
        "import typing\n\nIMPORT\n\nT = typing.TypeVar('T', bound='NAME')\n\n\ndef make(given: typing.List[T]) -> T:\n    return given\n\n\nshow(typing.get_type_hints(make) and eval(T.__bound__.__forward_arg__), USE)\n",
        "import typing\n\nIMPORT\n\nKind = typing.Optional['NAME']\nshow(eval(typing.get_args(Kind)[0].__forward_arg__), USE)\n",
        "from __future__ import annotations\n\nimport typing\n\nIMPORT\n\n\ndef make(given: NAME):\n    return given\n\n\nshow(typing.get_type_hints(make)['given'], USE)\n",
    ),
    "deleted": (
        "IMPORT\n\nmade = USE\ndel NAME\nshow(made, 'NAME' in globals())\n",
        "IMPORT\n\nmade = USE\ndel NAME\nshow(made)\n",
    ),
    "rebound": (
        "IMPORT\n\nmade = USE\nNAME = 3\nshow(made, NAME)\n",
        "IMPORT\n\nif TORCHTITAN:\n    made = USE\nfor NAME in (1, 2):\n    print(NAME)\n",
        "IMPORT\n\n\nclass Mine(NAME if isinstance(NAME, type) else object):\n    pass\n\n\nNAME = Mine\nshow(NAME)\n",
    ),
    "new name is a parameter": (
        "IMPORT\n\n\ndef make(NEW=None):\n    return USE, NEW\n\n\nshow(make())\n",
        "IMPORT\n\n\ndef make(*NEW):\n    return USE, NEW\n\n\nshow(make(1))\n",
        "IMPORT\n\nmake = lambda NEW: (USE, NEW)\nshow(make(2))\n",
    ),
    "new name is a local": (
        "IMPORT\n\n\ndef make():\n    NEW = 1\n    return USE, NEW\n\n\nshow(make())\n",
        "IMPORT\n\n\ndef make():\n    made = USE\n    NEW = 1\n    return made, NEW\n\n\nshow(make())\n",
        "IMPORT\n\n\ndef make():\n    for NEW in range(2):\n        made = USE\n    return made, NEW\n\n\nshow(make())\n",
        "import contextlib\n\nIMPORT\n\n\ndef make():\n    with contextlib.nullcontext(3) as NEW:\n        return USE, NEW\n\n\nshow(make())\n",
        "IMPORT\n\n\ndef make():\n    print(NEW := 2)\n    return USE, NEW\n\n\nshow(make())\n",
        "IMPORT\n\n\ndef make():\n    def NEW():\n        return 1\n\n    return USE, NEW()\n\n\nshow(make())\n",
        "IMPORT\n\n\ndef make(given):\n    match given:\n        case NEW:\n            return USE, NEW\n\n\nshow(make(1))\n",
        "IMPORT\n\nshow([(USE, NEW) for NEW in range(2)])\n",
        "IMPORT\n\n\ndef make():\n    try:\n        raise ValueError('x')\n    except ValueError as NEW:\n        return USE, str(NEW)\n\n\nshow(make())\n",
    ),
    "new name is a global": (
        "IMPORT\n\nNEW = 'mine'\nshow(USE, NEW)\n",
        "IMPORT\n\n\nclass NEW:\n    mine = True\n\n\nshow(USE, NEW.mine)\n",
        "IMPORT\n\n\ndef NEW():\n    return 1\n\n\nshow(USE, NEW())\n",
        "NEW = 1\nIMPORT\n\nshow(USE, NEW)\n",
        "IMPORT\n\n\ndef load():\n    global NEW\n    NEW = 2\n\n\nload()\nshow(USE, NEW)\n",
        "IMPORT\n\nshow(USE)\nif (NEW := 1):\n    show(USE, NEW)\n",
    ),
    "new name is a class attribute": (
        "IMPORT\n\n\nclass Engine:\n    NEW = 1\n    made = USE\n\n\nshow(Engine.made, Engine.NEW)\n",
    ),
    "new name is there": (
        "from torchtitan.config import CommConfig as C\nIMPORT\nNEW_IMPORT\n\nshow(C, USE, NEW_USE)\n",
        "NEW_IMPORT\nprint('between')\nfrom torchtitan.config import CommConfig as C\nIMPORT\n\nshow(C, USE, NEW_USE)\n",
        "NEW_IMPORT\nIMPORT\n\nshow(USE, NEW_USE)\n",
        "IMPORT\nNEW_IMPORT\n\nshow(USE, NEW_USE)\n",
        "IMPORT\nNEW_IMPORT as Own\n\nshow(USE, NEW_OWN_USE)\n",
        "IMPORT\nNEW_IMPORT as NAME_\nNEW_IMPORT\n\nshow(USE, NEW_USE, NAME_)\n",
    ),
    "new name is there below": (
        "IMPORT\n\nshow(USE)\nNEW_IMPORT\nshow(NEW_USE)\n",
        "IMPORT\n\nprint('between')\nNEW_IMPORT\nshow(USE, NEW_USE)\n",
        "IMPORT\n\n\ndef make():\n    return USE\n\n\nNEW_IMPORT\n\nshow(make(), NEW_USE)\n",
        "IMPORT\n\n\ndef make():\n    return USE\n\n\nshow(make())\nNEW_IMPORT\n\nshow(NEW_USE)\n",
        "IMPORT\n\n\ndef make():\n    return NEW_USE\n\n\nNEW_IMPORT\n\nshow(make(), USE)\n",
        "import os\nIMPORT\nprint(os.sep)\nfrom torchtitan.config import CommConfig as C, NEW\n\nshow(C, USE, NEW_USE)\n",
    ),
    "new name is there in a function": (
        "IMPORT\n\n\ndef make():\n    NEW_IMPORT\n\n    return NEW_USE\n\n\nshow(make(), USE)\n",
        "IMPORT\n\n\ndef make():\n    NEW_IMPORT\n\n    return NEW_USE, USE\n\n\nshow(make())\n",
        "IMPORT\n\n\ndef make():\n    made = USE\n    NEW_IMPORT\n\n    return made, NEW_USE\n\n\nshow(make())\n",
        "NEW_IMPORT\n\n\ndef make():\n    IMPORT\n\n    return USE\n\n\nshow(make(), NEW_USE)\n",
        "NEW_IMPORT\n\n\ndef make():\n    IMPORT\n\n    return NEW_USE, USE\n\n\nshow(make())\n",
        "def make():\n    IMPORT\n\n    return USE\n\n\nNEW_IMPORT\n\nshow(make(), NEW_USE)\n",
        "def make():\n    made = []\n    IMPORT\n\n    made.append(USE)\n    NEW_IMPORT\n\n    return made, NEW_USE\n\n\nshow(make())\n",
        "def make():\n    NEW_IMPORT\n\n    made = NEW_USE\n    IMPORT\n\n    return made, USE\n\n\nshow(make())\n",
        "def one():\n    IMPORT\n\n    return USE\n\n\ndef other():\n    NEW_IMPORT\n\n    return NEW_USE\n\n\nshow(one(), other())\n",
        "class Engine:\n    NEW_IMPORT\n\n    made = NEW_USE\n\n\nIMPORT\n\nshow(Engine.made, USE)\n",
    ),
    "new name is there in a try": (
        "try:\n    NEW_IMPORT\nexcept ImportError:\n    NEW = None\nIMPORT\n\nshow(USE, NEW)\n",
        "IMPORT\n\ntry:\n    NEW_IMPORT\nexcept ImportError:\n    print('without')\nshow(USE, NEW_USE)\n",
        "try:\n    NEW_IMPORT\nexcept ImportError:\n    print('without')\nIMPORT\n\nshow(USE, NEW_USE)\n",
        "try:\n    IMPORT\nexcept ImportError:\n    print('without')\nNEW_IMPORT\n\nshow(USE, NEW_USE)\n",
        "NEW_IMPORT\n\ntry:\n    IMPORT\nexcept ImportError:\n    print('without')\nshow(USE, NEW_USE)\n",
        "if TORCHTITAN:\n    NEW_IMPORT\n    show(NEW_USE)\nIMPORT\n\nshow(USE)\n",
        "IMPORT\n\nif TORCHTITAN:\n    NEW_IMPORT\n\n    show(USE, NEW_USE)\n",
        "NEW_IMPORT\n\nif TORCHTITAN:\n    IMPORT\n\n    show(USE, NEW_USE)\n",
        "if TORCHTITAN:\n    IMPORT\n\n    show(USE)\nNEW_IMPORT\n\nshow(NEW_USE)\n",
        "with open(__file__):\n    NEW_IMPORT\nIMPORT\n\nshow(USE, NEW_USE)\n".replace(
            "open(__file__)", "memoryview(b'')"
        ),
    ),
    "new name is there for types only": (
        "from typing import TYPE_CHECKING\n\nIMPORT\n\nif TYPE_CHECKING:\n    NEW_IMPORT\n\n\ndef make(given: 'NEW'):\n    return given\n\n\nshow(make(1), USE)\n",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    NEW_IMPORT\n\nIMPORT\n\n\ndef make(given: 'NEW'):\n    return given\n\n\nshow(make(1), USE)\n",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    IMPORT\n\nNEW_IMPORT\n\n\ndef make(given: 'NAME'):\n    return given\n\n\nshow(make(1), NEW_USE)\n",
        "from typing import TYPE_CHECKING\n\nNEW_IMPORT\n\nif TYPE_CHECKING:\n    IMPORT\n\n\ndef make(given: 'NAME'):\n    return given\n\n\nshow(make(1), NEW_USE)\n",
    ),
    "header comments": (
        "# torchtitan\nIMPORT\n\nshow(USE)\n",
        "import os\n\n# torchtitan\n# isort: off\nIMPORT\nfrom torchtitan.components.optimizer import OptimizersContainer\n# isort: on\n\nshow(os.sep, USE, OptimizersContainer)\n",
        "import os\n\n# ---- configs ----\nIMPORT\n\n# ---- code ----\nshow(os.sep, USE)\n",
        "# Everything of torchtitan's.\n#\nIMPORT\nfrom torchtitan.config import CompileConfig as Other\n\nshow(USE, Other())\n",
    ),
    "trailing comments": (
        "IMPORT  # the old one\n\nshow(USE)\n",
        "IMPORT  # noqa: F401\n\nshow(USE)\n",
        "MODULE_IMPORT (  # old\n    NAME,  # kept\n    # end\n)\n\nshow(USE)\n",
        "MODULE_IMPORT (\n    # why\n    NAME,\n)\n\nshow(USE)\n",
        "IMPORT  # pragma: no cover\nfrom torchtitan.config import CompileConfig as Other  # other\n\nshow(USE, Other())\n",
    ),
    "unused with comments": (
        "# torchtitan\nIMPORT  # old\n\nprint('here')\n",
        "#!/usr/bin/env python\n# Copyright 2026 Nobody.\nIMPORT\n\nprint('here')\n",
        "import os\n\n# group\n# more\nIMPORT\n\nprint(os.sep)\n",
    ),
    "same line": (
        "import os; IMPORT; print(os.sep)\nshow(USE)\n",
        "IMPORT; show(USE)\n",
        "if True: IMPORT\nshow(USE)\n",
    ),
    "attribute put there": (
        "import MODULE as old\n\n\nclass Mine:\n    pass\n\n\nold.NAME = Mine\n\nIMPORT\n\nshow(NAME.__name__ == 'Mine')\n",
        "import MODULE\n\nsetattr(MODULE, 'NAME', None)\n\nIMPORT\n\nshow(NAME)\n",
    ),
    "subclass": (
        "IMPORT\n\n\nclass Mine(NAME if isinstance(NAME, type) else object):\n    pass\n\n\nshow(issubclass(Mine, NAME) if isinstance(NAME, type) else 1)\n",
    ),
    "star import beside": ("IMPORT\nfrom os.path import *\n\nshow(USE)\n",),
    "module": (
        "import MODULE as old\n\nshow(DOTTED_USE)\n",
        "import MODULE as old\n\n\ndef make(old=None):\n    return old\n\n\nshow(make(), DOTTED_USE)\n",
    ),
    "import by name": (
        "import importlib\n\nold = importlib.import_module('MODULE')\nshow(DOTTED_USE)\n",
        "old = __import__('MODULE', fromlist=['NAME'])\nshow(DOTTED_USE)\n",
    ),
}


def placed(
    kind: str, texts: tuple[str, ...], random: Random, names: tuple[Moved, ...] = MOVED
) -> Program:
    """A module with an import that moved."""
    moved = random.choice(names)
    text = random.choice(texts)
    header = random.choice(HEADERS)
    if ("from __future__" in text and "from __future__" in header) or text.startswith("#!"):
        header = ""
    if "TORCHTITAN" in text:
        have = "import importlib.util\nimport sys\n\nHAVE_TITAN = sys.modules.get('torchtitan') is not None\n\n\n"
        text = have + text.replace("TORCHTITAN", "HAVE_TITAN")
    if "from __future__" in text:
        text = text.replace(
            "import annotations\n", "import annotations\nfrom observe import show\n"
        )
    elif text.startswith("#"):
        text = text + "\n"
        lines = text.split("\n")
        at = next(n for n, line in enumerate(lines) if line.startswith(("import", "IMPORT")))
        lines.insert(at + 1, "from observe import show")
        text = "\n".join(lines[:-1])
    else:
        text = "from observe import show\n" + text
    for old, new in (
        ("MODULE_IMPORT", f"from {moved.module} import"),
        ("DOTTED_USE", moved.use.format(n=f"old.{moved.name}")),
        ("NEW_OWN_USE", moved.use.format(n="Own")),
        ("NEW_USE", moved.use.format(n=moved.new)),
        ("NEW_IMPORT", f"from torchtitan.config import {moved.new}"),
        ("OWN_USE", moved.use.format(n="Own")),
        ("IMPORT", moved.statement),
        ("MODULE", moved.module),
        ("NAME", moved.name),
        ("USE", moved.use.format(n=moved.name)),
        ("NEW", moved.new if moved.new != moved.name else "Unrelated"),
    ):
        text = text.replace(old, new)
    return Program(kind, header + text)


# Renamed, and those that are in ``torchtitan.config`` under their new names.
IN_CONFIG = tuple(
    m
    for m in MOVED
    if m.new in ("TrainingConfig", "CompileConfig", "DebugConfig", "ParallelismConfig")
)

KINDS: dict[str, Callable[[Random], Program]] = {
    f"import/{name}": partial(
        placed,
        f"import/{name}",
        texts,
        names=IN_CONFIG if name.startswith("new name is there") else MOVED,
    )
    for name, texts in PLACES.items()
}

# Gone without another name; what uses it is not rewritten, so nothing does.
GONE = (
    Moved("torchtitan.config", "ActivationCheckpointConfig", "1", "FullAC"),
    Moved("torchtitan.config.job_config", "ActivationCheckpoint", "1", "FullAC"),
    Moved("torchtitan.protocols.train_spec", "ModelProtocol", "1", "BaseModel"),
)
for _name in (
    *("unused", "lazy in a function", "lazy in a branch", "below statements", "optional"),
    *("for types only", "class attribute", "declared global", "exported", "asked for in globals"),
    *("in a string annotation", "deleted", "rebound", "header comments", "trailing comments"),
    *("unused with comments", "same line", "class attribute by alias"),
):
    _kind = f"gone import/{_name}"
    KINDS[_kind] = partial(placed, _kind, PLACES[_name], names=GONE)
