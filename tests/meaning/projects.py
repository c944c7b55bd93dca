"""Small projects of several files, fixed by the command line; ``main.py`` is what is run.

Each lies in a folder of its own that is the root of a project. What a file means there depends on what the
others ask of it.
"""

from __future__ import annotations

from tests.meaning.generate.imports import MOVED, Moved
from tests.meaning.hooks import HOOKS, SAFE

_CFG = """\
class Cfg:
    def __init__(self, attn_type="flex"):
        self.attn_type = attn_type
"""
_NAMES = "from torchtitan.config.job_config import Training\n"
_OVERRIDE = """\
from observe import show
from torchtitan.models.llama3 import model_registry

{imports}


def build(cfg):
    spec = model_registry("8B")
    {mid}
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = cfg.attn_type
    return spec


show(build({cfg}))
"""
_CONFIGURED = """\
import re
from importlib import import_module
from pathlib import Path

from observe import show

text = Path(__import__("pkg").__file__).parents[1].joinpath("{}").read_text()
module, name = re.search(r"(pkg\\.names)[.:](\\w+)", text).groups()
show(getattr(import_module(module), name)(steps=3))
"""

_POLICY = """\
from torchtitan.config import ActivationCheckpointConfig


def make():
    return ActivationCheckpointConfig(mode="{}")
"""
_SETTINGS = """\
from torchtitan.components.optimizer import OptimizersContainer
from torchtitan.trainer import Trainer


def make():
    return Trainer.Config(optimizer=OptimizersContainer.Config(lr=0.5))
"""

PROJECTS: dict[str, dict[str, str]] = {
    "a name that another file imports": {
        "names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "main.py": "from names import DEFAULT, Training\nfrom observe import show\n\nshow(DEFAULT, Training(steps=3))\n",
    },
    "a name that another file reads off the module": {
        "names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "main.py": "import names\nfrom observe import show\n\nshow(names.Training(steps=3))\n",
    },
    "a name that another file imports with a star": {
        "names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "main.py": "from names import *\nfrom observe import show\n\nshow(DEFAULT, Training(steps=3))\n",
    },
    "a name that another file asks for by a string": {
        "names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "main.py": 'import names\nfrom observe import show\n\nshow(getattr(names, "Training")(steps=3))\n',
    },
    "a name that another file patches": {
        "engine.py": _NAMES + "\n\ndef build():\n    return Training(steps=1)\n",
        "main.py": 'from unittest.mock import patch\n\nimport engine\nfrom observe import show\n\nwith patch("engine.Training", lambda steps: steps):\n    show(engine.build())\n',
    },
    "a name that another file patches by its object": {
        "engine.py": _NAMES + "\n\ndef build():\n    return Training(steps=1)\n",
        "main.py": 'from unittest.mock import patch\n\nimport engine\nfrom observe import show\n\nwith patch.object(engine, "Training", lambda steps: steps):\n    show(engine.build())\n',
    },
    "a name that another file sets": {
        "engine.py": _NAMES + "\n\ndef build():\n    return Training(steps=1)\n",
        "main.py": "import engine\nfrom observe import show\n\nengine.Training = lambda steps: steps\nshow(engine.build())\n",
    },
    "a name that another file patches by a keyword": {
        "engine.py": _NAMES + "\n\ndef build():\n    return Training(steps=1)\n",
        "main.py": 'from unittest.mock import patch\n\nimport engine\nfrom observe import show\n\nwith patch.multiple("engine", Training=lambda steps: steps):\n    show(engine.build())\n',
    },
    "a name that another file imports in a string": {
        "names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "main.py": 'from observe import show\n\nfound = {}\nexec("from names import Training", found)\nshow(found["Training"](steps=3))\n',
    },
    "a name that another file imports in a text of several lines": {
        "names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "main.py": 'from observe import show\n\nfound = {}\nexec("""\nimport names\nmade = names.Training(steps=3)\n""", found)\nshow(found["made"])\n',
    },
    "a name that a package hands on with a star": {
        "pkg/__init__.py": "from .names import *\n",
        "pkg/names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "main.py": "from observe import show\nfrom pkg import Training\n\nshow(Training(steps=3))\n",
    },
    "a name that two modules hand on with a star": {
        "pkg/__init__.py": "from pkg.public import *\n",
        "pkg/public.py": "from .names import *\n",
        "pkg/names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "main.py": "import pkg\nfrom observe import show\n\nshow(pkg.Training(steps=3))\n",
    },
    "a name that a package hands on with a star to a file of settings": {
        "pkg/__init__.py": "from .names import *\n",
        "pkg/names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "conf/run.yaml": "training:\n  _target_: pkg.Training\n  steps: 3\n",
        "main.py": _CONFIGURED.format("conf/run.yaml").replace("(pkg\\.names)", "(pkg)"),
    },
    "a registry that another file patches": {
        "engine.py": 'from torchtitan.models.llama3 import model_registry\n\n\ndef build():\n    return model_registry("8B_varlen")\n',
        "main.py": 'from unittest.mock import patch\n\nimport engine\nfrom observe import show\n\nwith patch("engine.model_registry", lambda flavor: flavor):\n    show(engine.build())\n# llama3\n',
    },
    "a registry that another file replaces in torchtitan": {
        "registry.py": "from torchtitan.models import llama3\n\n_registry = llama3.model_registry\n\n\ndef ours(flavor):\n    return _registry(flavor)\n\n\nllama3.model_registry = ours\n",
        "main.py": "import registry\n"
        + _OVERRIDE.format(imports=_CFG, mid="pass", cfg='Cfg("flex")').replace(
            "show(build", "show(registry.__name__, build"
        ),
    },
    "a name that a file imports which no run looks at": {
        ".gitignore": "main.py\n",
        "names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "main.py": "from names import Training\nfrom observe import show\n\nshow(Training(steps=3))\n",
    },
    "a name of a package": {
        "pkg/__init__.py": "from torchtitan.config.job_config import Debug\nfrom torchtitan.config.job_config import Training\n",
        "pkg/use.py": "from . import Debug, Training\n\nBOTH = [Debug(seed=1), Training(steps=1)]\n",
        "main.py": "from observe import show\nfrom pkg.use import BOTH\n\nshow(BOTH)\n",
    },
    "a name that is unused here and imported there": {
        "names.py": "from torchtitan.config.job_config import Training\nfrom torchtitan.config import CompileConfig\n\nCOMPILED = CompileConfig(enable=True)\n",
        "main.py": "from names import COMPILED, Training\nfrom observe import show\n\nshow(COMPILED, Training(steps=2))\n",
    },
    "a choice that a helper of another file settles": {
        "helpers.py": _CFG + '\n\ndef settle(cfg):\n    cfg.attn_type = "varlen"\n',
        "main.py": _OVERRIDE.format(
            imports="from helpers import Cfg, settle", mid="settle(cfg)", cfg="Cfg()"
        ),
    },
    "a choice that a module settles when it is imported": {
        "settings.py": _CFG + "\n\nCFG = Cfg()\n",
        "packed.py": 'from settings import CFG\n\nCFG.attn_type = "varlen"\n',
        "main.py": _OVERRIDE.format(
            imports="from settings import CFG", mid="import packed", cfg="CFG"
        ),
    },
    "a choice that a module settles when it is imported below": {
        "settings.py": _CFG + "\n\nCFG = Cfg()\n",
        "packed.py": 'from settings import CFG\n\nCFG.attn_type = "varlen"\n',
        "main.py": """\
from observe import show
from settings import CFG
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B")
import packed

if hasattr(spec.model, "layer"):
    spec.model.layer.attention.attn_backend = CFG.attn_type
show(spec, packed.__name__)
""",
    },
    "a choice that a part of a package settles when it is imported": {
        "parts/__init__.py": _CFG + "\n\nCFG = Cfg()\n",
        "parts/packed.py": 'from . import CFG\n\nCFG.attn_type = "varlen"\n',
        "main.py": _OVERRIDE.format(
            imports="from parts import CFG", mid="from parts import packed", cfg="CFG"
        ),
    },
    "a choice that is a property in another file": {
        "settings.py": '_packed = []\n\n\nclass Cfg:\n    @property\n    def attn_type(self):\n        return "varlen" if _packed else "flex"\n\n    def pack(self):\n        _packed.append(1)\n',
        "main.py": _OVERRIDE.format(
            imports="from settings import Cfg", mid="cfg.pack()", cfg="Cfg()"
        ),
    },
    "a choice that a property of another file settles": {
        "settings.py": 'class Cfg:\n    attn_type = "flex"\n\n    @property\n    def ready(self):\n        self.attn_type = "varlen"\n        return True\n',
        "main.py": _OVERRIDE.format(
            imports="from settings import Cfg", mid="ready = cfg.ready", cfg="Cfg()"
        ),
    },
    "a choice that a field of another file settles": {
        "things.py": _CFG
        + '\n\nCFG = Cfg()\n\n\nclass Ready:\n    def __bool__(self):\n        CFG.attn_type = "varlen"\n        return True\n\n\n'
        + "class Thing:\n    ready: Ready\n\n    def __init__(self):\n        self.ready = Ready()\n",
        "main.py": """\
from observe import show
from things import CFG, Thing
from torchtitan.models.llama3 import model_registry


def build(cfg, thing: Thing):
    spec = model_registry("8B")
    if thing.ready:
        pass
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = cfg.attn_type
    return spec


show(build(CFG, Thing()))
""",
    },
    "a choice that a base class of another file settles": {
        "base.py": 'class Base:\n    def prepare(self):\n        self.attn_type = "varlen"\n',
        "main.py": """\
from base import Base
from observe import show
from torchtitan.models.llama3 import model_registry


class Engine(Base):
    def build(self, attn_type):
        self.attn_type = attn_type
        spec = model_registry("8B")
        self.prepare()
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = self.attn_type
        return spec


show(Engine().build("flex"))
""",
    },
    "a choice that a subclass of another file settles": {
        "base.py": """\
from torchtitan.models.llama3 import model_registry


class Base:
    def __init__(self, attn_type):
        self.attn_type = attn_type
        self.spec = model_registry("8B")
        self.prepare()
        if hasattr(self.spec.model, "layer"):
            self.spec.model.layer.attention.attn_backend = self.attn_type

    def prepare(self):
        pass
""",
        "main.py": 'from base import Base\nfrom observe import show\n\n\nclass Packed(Base):\n    def prepare(self):\n        self.attn_type = "varlen"\n\n\nshow(Packed("flex").spec)\n',
    },
    "an override that only a subclass of another file has": {
        "base.py": """\
from torchtitan.models.llama3 import model_registry


class Base:
    def __init__(self, attn_type):
        self.attn_type = attn_type
        self.spec = model_registry("8B")
        self.configure()

    def configure(self):
        pass
""",
        "custom.py": """\
from base import Base


class Custom(Base):
    def configure(self):
        if hasattr(self.spec.model, "layer"):
            self.spec.model.layer.attention.attn_backend = self.attn_type
""",
        "main.py": 'from base import Base\nfrom custom import Custom\nfrom observe import show\n\nshow(Base("varlen").spec, Custom.__name__)\n',
    },
    "a config that another file puts into the dictionary": {
        "register.py": 'from torchtitan.models.llama3 import llama3_configs\n\n\nclass Own:\n    dim = 3\n\n\nllama3_configs["8B"] = Own()\n',
        "main.py": 'import register\nfrom observe import show\nfrom torchtitan.models.llama3 import llama3_configs\n\nshow(llama3_configs["8B"].dim, register.__name__)\n',
    },
    "a config that another file puts there by update": {
        "register.py": 'from torchtitan.models.llama3 import llama3_configs\n\n\nclass Own:\n    dim = 3\n\n\nllama3_configs.update({"8B": Own()})\n',
        "main.py": 'import register\nfrom observe import show\nfrom torchtitan.models.llama3 import llama3_configs\n\nshow(llama3_configs["8B"].dim, register.__name__)\n',
    },
    "a config that a helper of another file puts there": {
        "register.py": 'from torchtitan.models import llama3\n\n\nclass Own:\n    dim = 3\n\n\ndef put(configs):\n    configs["8B"] = Own()\n\n\nput(llama3.llama3_configs)\n',
        "main.py": 'import register\nfrom observe import show\nfrom torchtitan.models.llama3 import llama3_configs\n\nshow(llama3_configs["8B"].dim, register.__name__)\n',
    },
    "a flavor that another file compares": {
        "checks.py": 'VARLEN = ("8B_varlen",)\n\n\ndef is_varlen(spec):\n    return spec.flavor in VARLEN\n',
        "main.py": 'from checks import is_varlen\nfrom observe import show\nfrom torchtitan.models.llama3 import model_registry\n\nshow(is_varlen(model_registry("8B_varlen")))\n',
    },
    "a member that a class of another file brings": {
        "base.py": 'from torchtitan.trainer import Trainer\n\n\nclass Base(Trainer):\n    def __init__(self, config=None):\n        super().__init__(config)\n        self.job_config = "mine"\n',
        "main.py": "from base import Base\nfrom observe import show\n\n\nclass Mine(Base):\n    def config_of(self):\n        return self.job_config\n\n\nshow(Mine().config_of())\n",
    },
    "a value that another file compares": {
        "checks.py": 'def is_default(config):\n    return config.spmd_backend == "default"\n',
        "main.py": 'from checks import is_default\nfrom observe import show\nfrom torchtitan.config import ParallelismConfig\n\nshow(is_default(ParallelismConfig(spmd_backend="default")))\n',
    },
    "a policy whose mode another file reads": {
        "policies.py": _POLICY.format("full"),
        "main.py": "from observe import show\nfrom policies import make\n\nshow(make().mode)\n",
    },
    "a policy whose mode another file asks for by a string": {
        "policies.py": _POLICY.format("full"),
        "main.py": 'from observe import show\nfrom policies import make\n\nshow(getattr(make(), "mode", "none"))\n',
    },
    "a policy whose mode another file sets": {
        "policies.py": _POLICY.format("full"),
        "main.py": 'from observe import show\nfrom policies import make\n\npolicy = make()\npolicy.mode = "none"\nshow(policy)\n',
    },
    "no policy, where another file reads the mode": {
        "policies.py": _POLICY.format("none"),
        "main.py": 'from observe import show\nfrom policies import make\n\nshow(make().mode == "none")\n',
    },
    "a policy that another file tells by another setting": {
        "policies.py": _POLICY.format("full"),
        "main.py": "from observe import show\nfrom policies import make\n\nshow(make().early_stop)\n",
    },
    "an optimizer whose settings another file reads": {
        "settings.py": _SETTINGS,
        "main.py": "from observe import show\nfrom settings import make\n\nshow(make().optimizer.lr)\n",
    },
    "an optimizer whose settings another file asks for by a string": {
        "settings.py": _SETTINGS,
        "main.py": 'from observe import show\nfrom settings import make\n\nshow(getattr(make().optimizer, "lr", 0))\n',
    },
    "an optimizer whose settings another file sets": {
        "settings.py": _SETTINGS,
        "main.py": "from observe import show\nfrom settings import make\n\nconfig = make()\nconfig.optimizer.lr = 0.25\nshow(config.optimizer)\n",
    },
    "a name that a file of settings asks for": {
        "pkg/__init__.py": "",
        "pkg/names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "conf/run.yaml": "training:\n  _target_: pkg.names.Training\n  steps: 3\n",
        "main.py": _CONFIGURED.format("conf/run.yaml"),
    },
    "a name that a file of settings asks for in JSON": {
        "pkg/__init__.py": "",
        "pkg/names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "run.json": '{"training": {"class": "pkg.names:Training"}}\n',
        "main.py": _CONFIGURED.format("run.json"),
    },
    "a name that a file of settings asks for in TOML": {
        "pkg/__init__.py": "",
        "pkg/names.py": _NAMES + "\nDEFAULT = Training(steps=1)\n",
        "run.toml": '[training]\nclass = "pkg.names.Training"\n',
        "main.py": _CONFIGURED.format("run.toml"),
    },
    "imports of two files": {
        "names.py": "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n\n\ndef schedule():\n    return LRSchedulersContainer.Config(warmup_steps=2)\n",
        "main.py": "from names import schedule\nfrom observe import show\nfrom torchtitan.config.job_config import Debug\n\nshow(schedule(), Debug(seed=1))\n",
    },
    **HOOKS,
    **SAFE,
}

# How another file has a name of a module: its imports, and what it calls the name.
_WAYS: dict[str, tuple[str, str]] = {
    "imports": ("from {module} import {name}", "{name}"),
    "imports as another": ("from {module} import {name} as Theirs", "Theirs"),
    "imports with a star": ("from {module} import *", "{name}"),
    "reads off the module": ("import {module}", "{module}.{name}"),
    "asks for by a string": ("import {module} as theirs", 'getattr(theirs, "{name}")'),
    "imports in a function": ("", '__import__("{module}", fromlist=["x"]).{name}'),
}


def _handed_on(moved: Moved, way: str, module: str) -> dict[str, str]:
    """A module that uses a name which moved, and a file that has it from there."""
    imports, name = (part.format(module=module, name=moved.name) for part in _WAYS[way])
    own, theirs = moved.use.format(n=moved.name), moved.use.format(n=name)
    files = {
        f"{module.replace('.', '/')}.py": f"{moved.statement}\n\nOWN = {own}\n",
        "main.py": f"from observe import show\n{imports}\n\nshow({theirs})\n",
    }
    return files | ({"pkg/__init__.py": ""} if "." in module else {})


# Names that can be kept with ``as``: some are the inner class of another one now.
_KEPT = [
    moved for moved in MOVED if moved.new in (moved.name, f"{moved.name}Config", "MeshAxisName")
]

# Every name in every way, in a package and beside the file by turns.
PROJECTS |= {
    f"{moved.module}.{moved.name}, which another file {way}": _handed_on(
        moved, way, ("names", "pkg.names")[(number + index) % 2]
    )
    for number, moved in enumerate(_KEPT)
    for index, way in enumerate(_WAYS)
}
