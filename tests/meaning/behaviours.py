"""Programs in the words of engines, by the behaviour that a safe fix has to keep.

Each is judged like the programs that are made (``RIGHT``), or says more than what running shows: no such
finding, no safe fix of a rule, nothing left unsaid.
"""

from __future__ import annotations

LLAMA = "from torchtitan.models.llama3 import model_registry\nfrom observe import show\n\n\n"

# A safe fix does what was meant, or is not made.
RIGHT: dict[str, tuple[str, ...]] = {
    "a choice that a helper settles is the settled one": (
        LLAMA
        + """\
class Options:
    attn_type = "flex"


def finish(options, packed):
    if packed:
        options.attn_type = "varlen"


def load(options):
    actor = model_registry("8B")
    finish(options, packed=True)
    try:
        actor.model.layer.attention.attn_backend = options.attn_type
    except AttributeError:
        pass
    return actor


show(load(Options()))
""",
        LLAMA
        + """\
class Worker:
    def __init__(self):
        self.backend = "flex"

    def negotiate(self):
        self.backend = "varlen"

    def load(self):
        spec = model_registry("1B")
        self.negotiate()
        layer = getattr(spec.model, "layer", None)
        if layer is not None:
            layer.attention.attn_backend = self.backend
        return spec


show(Worker().load())
""",
        LLAMA
        + """\
def default_of(settings):
    settings.setdefault("attn_type", "flex")
    settings["attn_type"] = "varlen"
    return settings


def load(settings):
    spec = model_registry("1B")
    default_of(settings)
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = settings["attn_type"]
    return spec


show(load({"attn_type": "flex"}))
""",
    ),
    "a choice that is written past its attribute is the written one": (
        LLAMA
        + """\
import types

run = types.SimpleNamespace(attn_type="flex")


def load():
    spec = model_registry("8B")
    for key, value in {"attn_type": "varlen"}.items():
        setattr(run, key, value)
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = run.attn_type
    return spec


show(load())
""",
        LLAMA
        + """\
class Run:
    def __init__(self):
        self.attn_type = "flex"


def load(run):
    spec = model_registry("8B")
    run.__dict__.update({"attn_type": "varlen"})
    try:
        spec.model.layer.attention.attn_backend = run.attn_type
    except AttributeError:
        pass
    return spec


show(load(Run()))
""",
    ),
    "a choice that a new subclass settles is the settled one": (
        LLAMA
        + """\
OPTIONS = {"attn_type": "flex"}


class Part:
    def __init_subclass__(cls):
        OPTIONS["attn_type"] = "varlen"


def load():
    spec = model_registry("8B")

    class Packed(Part):
        pass

    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = OPTIONS["attn_type"]
    return spec, Packed.__name__


show(load())
""",
        LLAMA
        + """\
OPTIONS = {"attn_type": "flex"}


class Making(type):
    def __new__(cls, *parts):
        OPTIONS["attn_type"] = "varlen"
        return super().__new__(cls, *parts)


def load():
    Part = Making("Part", (), {})
    OPTIONS["attn_type"] = "flex"
    spec = model_registry("8B")

    class Packed(Part):
        pass

    try:
        spec.model.layer.attention.attn_backend = OPTIONS["attn_type"]
    except AttributeError:
        pass
    return spec, Packed.__name__


show(load())
""",
    ),
    "arguments that properties work out are worked out in their order": (
        """\
from torchtitan.components.optimizer import OptimizersContainer
from observe import show


class Steps:
    count = 0

    @property
    def lr(self):
        self.count += 1
        return self.count

    @property
    def eps(self):
        self.count += 1
        return self.count


def adam(steps):
    return OptimizersContainer.Config(name="Adam", eps=steps.eps, lr=steps.lr)


show(adam(Steps()))
""",
        """\
from torchtitan.components.optimizer import OptimizersContainer
from observe import show


class Steps:
    count = 0

    @property
    def next(self):
        self.count += 1
        return self.count


def adam(steps):
    return OptimizersContainer.Config(beta1=steps.next, lr=steps.next)


show(adam(Steps()))
""",
        """\
from torchtitan.config import ParallelismConfig
from observe import show


class Degrees:
    count = 0

    @property
    def next(self):
        self.count += 1
        return self.count


degrees = Degrees()
show(ParallelismConfig(expert_tensor_parallel_degree=degrees.next, tensor_parallel_degree=degrees.next))
""",
    ),
    "a choice that another scope rebinds is the rebound one": (
        LLAMA
        + """\
def load(packed):
    backend = "flex"

    def on_packed():
        nonlocal backend
        backend = "varlen"

    spec = model_registry("1B")
    if packed:
        on_packed()
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = backend
    return spec


show(load(True))
""",
        LLAMA
        + """\
BACKEND = "flex"


def use_varlen():
    global BACKEND
    BACKEND = "varlen"


class Engine:
    def load(self):
        spec = model_registry("1B")
        use_varlen()
        try:
            spec.model.layer.attention.attn_backend = BACKEND
        except AttributeError:
            pass
        return spec


show(Engine().load())
""",
        LLAMA
        + """\
class Base:
    def __init__(self, backend):
        self.backend = "varlen"


class Engine(Base):
    def __init__(self, backend):
        self.backend = backend
        self.spec = model_registry("1B")
        Base.__init__(self, backend)
        if hasattr(self.spec.model, "layer"):
            self.spec.model.layer.attention.attn_backend = self.backend


show(Engine("flex").spec)
""",
    ),
    "a program without a choice goes on running": (
        LLAMA
        + """\
class Engine:
    backend = None

    def __init__(self, flavor):
        self.flavor = flavor

    def load(self):
        spec = model_registry(self.flavor)
        try:
            spec.model.layer.attention.attn_backend = self.backend
        except AttributeError:
            pass
        return spec


show(Engine("1B").load())
""",
        LLAMA
        + """\
def load(flavor, *, backend=None):
    spec = model_registry(flavor)
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = backend
    return spec


show(load("1B"))
""",
        LLAMA
        + """\
def load(options):
    spec = model_registry("1B")
    try:
        spec.model.layer.attention.attn_backend = options["attention"]["backend"]
    except (KeyError, AttributeError):
        print("the default will do")
    return spec


show(load({}))
""",
        LLAMA
        + """\
def load(flavor, backend="sdpa"):
    spec = model_registry(flavor)
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = backend
    return spec


show(load("1B"))
""",
    ),
    "a setting that is not always there is not read always": (
        LLAMA
        + """\
def load(options=None):
    spec = model_registry("1B")
    if options:
        show("masks", options.attn_type)
    return spec


show(load())
""",
        LLAMA
        + """\
def load(options):
    spec = model_registry("1B")
    with_masks = "attn_type" in options and options["attn_type"] != "flex"
    return spec, with_masks


show(load({}))
""",
        LLAMA
        + """\
class Eval:
    train = False


class Engine:
    def __init__(self, options):
        self.options = options
        self.spec = model_registry("1B")

    def start(self):
        if not self.options.train:
            return self.spec
        show("masks", self.options.attn_type)
        return self.spec


show(Engine(Eval()).start())
""",
        LLAMA
        + """\
class Rollout:
    def load(self):
        return model_registry("1B")


class Varlen(Rollout):
    attn_type = "varlen"

    def load(self):
        show("masks", self.attn_type)
        return super().load()


class Scorer(Rollout):
    pass


show(Scorer().load())
""",
    ),
    "an override reaches its own model alone": (
        LLAMA
        + """\
def load(backend):
    policy = model_registry("8B")
    reference = model_registry("1B")
    try:
        policy.model.layer.attention.attn_backend = backend
    except AttributeError:
        pass
    return policy, reference


for spec in load("varlen"):
    show(spec)
""",
        LLAMA
        + """\
import copy


def load(backend):
    frozen = model_registry("8B")
    policy = copy.deepcopy(frozen)
    layer = getattr(policy.model, "layer", None)
    if layer is not None:
        layer.attention.attn_backend = backend
    return policy, frozen


for spec in load("varlen"):
    show(spec)
""",
        LLAMA
        + """\
class Loads:
    def __init__(self, backend):
        self.backend = backend
        self.spec = model_registry("8B")
        self.after_load()

    def after_load(self):
        return None


class Packs(Loads):
    def after_load(self):
        try:
            self.spec.model.layer.attention.attn_backend = self.backend
        except AttributeError:
            pass


show(Loads("varlen").spec)
""",
    ),
    "what a block does beside the override is still done": (
        LLAMA
        + """\
class Loader:
    packed = False

    def pack(self):
        self.packed = True


def load(backend, loader):
    spec = model_registry("8B")
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = backend
        loader.pack()
    return spec, loader.packed


show(load("varlen", Loader()))
""",
        LLAMA
        + """\
done = []


def load(backend):
    spec = model_registry("8B")
    try:
        spec.model.layer.attention.attn_backend = backend
        done.append(backend)
    except AttributeError:
        pass
    return spec, done


show(load("varlen"))
""",
    ),
    "asynchronous tensor parallelism stays with its branch": (
        """\
from torchtitan.config import CompileConfig, ParallelismConfig
from observe import show


def plan(nodes):
    match nodes:
        case 1:
            parallelism = ParallelismConfig()
        case _:
            parallelism = ParallelismConfig(enable_async_tensor_parallel=True)
    compiled = CompileConfig(enable=True)
    return [parallelism, compiled]


show(plan(1))
""",
        """\
from torchtitan.config import CompileConfig, ParallelismConfig
from observe import show


class Plan:
    def fast(self):
        return ParallelismConfig(enable_async_tensor_parallel=True)

    def safe(self):
        return [ParallelismConfig(), CompileConfig(enable=True)]


show(Plan().safe())
""",
        """\
from torchtitan.config import CompileConfig, ParallelismConfig
from observe import show


def plan(fast):
    compiled = CompileConfig(enable=True)
    if not fast:
        return [ParallelismConfig(), compiled]
    return [ParallelismConfig(enable_async_tensor_parallel=True), compiled]


show(plan(False))
""",
    ),
    "a value is renamed where it is compared too": (
        """\
from torchtitan.config import ParallelismConfig
from observe import show

DEFAULT = "default"
plan = ParallelismConfig(spmd_backend="default")
show(plan.spmd_backend == DEFAULT)
""",
        """\
from torchtitan.config import ParallelismConfig
from observe import show


def name_of(plan: ParallelismConfig):
    return {"default": "dtensor", "full_dtensor": "full"}[plan.spmd_backend]


show(name_of(ParallelismConfig(spmd_backend="default")))
""",
    ),
    "a dropped argument that does something is not dropped": (
        """\
from torchtitan.config import ParallelismConfig
from observe import show

degrees = [1, 2]
show(ParallelismConfig(expert_tensor_parallel_degree=degrees.pop(0), tensor_parallel_degree=degrees[0]))
""",
        """\
from torchtitan.config import ParallelismConfig
from observe import show

show(ParallelismConfig(disable_loss_parallel=(no := False), enable_sequence_parallel=no))
""",
    ),
    "a class goes on offering what it imports": (
        """\
from observe import show


class Defaults:
    from torchtitan.config.job_config import Compile, Debug

    compiled = Compile(enable=True)


class Mine(Defaults):
    def debug(self):
        return self.Debug(seed=2)


show(Mine().debug(), Mine.compiled)
""",
        """\
from observe import show


class Names:
    from torchtitan.components.lr_scheduler import LRSchedulersContainer as Schedule
    from torchtitan.config.job_config import Comm


show(vars(Names)["Comm"](trace_buf_size=1), Names.Schedule.Config(warmup_steps=1))
""",
    ),
    "a new name is not one that is taken": (
        """\
from torchtitan.components.optimizer import OptimizersContainer
from observe import show


def build(groups, lr):
    made = [OptimizersContainer.Config(lr=lr * scale) for scale, ParamGroupConfig in groups]
    return made


show(build([(1, None), (2, None)], 0.5))
""",
        """\
from torchtitan.config import ActivationCheckpointConfig
from observe import show


def policy(FullAC=False):
    if FullAC:
        return ActivationCheckpointConfig(mode="full")
    return None


show(policy(True))
""",
        """\
from torchtitan.config.job_config import Training
from observe import show


def build(steps):
    with open(__import__("os").devnull) as TrainingConfig:
        return Training(steps=steps), TrainingConfig.closed


show(build(3))
""",
    ),
    "len is the builtin": (
        """\
from torchtitan.models.llama3 import model_registry
from observe import show


def parameters(widths):
    config = model_registry("8B", attn_backend="flex").model
    total = 0
    for len in widths:
        total += config.n_layers * len
    return total


show(parameters([1, 2]))
""",
        """\
from torchtitan.models.llama3 import model_registry
from observe import show


class Shape:
    def len(self):
        return 2

    def layers(self, len=None):
        return model_registry("8B", attn_backend="flex").model.n_layers


show(Shape().layers())
""",
    ),
    "an import stays as lazy and as optional as it was": (
        """\
from observe import show

try:
    from torchtitan.components.optimizer import OptimizersContainer
except ModuleNotFoundError:
    OptimizersContainer = None


def adam(lr):
    if OptimizersContainer is None:
        return "no torchtitan"
    return OptimizersContainer.Config(name="Adam", lr=lr)


show(adam(0.1))
""",
        """\
from observe import show


def adam(lr):
    from torchtitan.components import optimizer

    return optimizer.OptimizersContainer.Config(name="Adam", lr=lr)


print("imported")
show(adam(0.1))
""",
        """\
from observe import show


class Sizes:
    @property
    def width(self):
        from torchtitan.models.llama3 import llama3_configs

        return llama3_configs["1B"].dim


print("imported")
show(Sizes().width)
""",
    ),
    "what a module exports it goes on exporting": (
        """\
from torchtitan.config.job_config import Comm
from observe import show

__all__ = ["load"]
__all__ += ("Comm",)


def load():
    return Comm(trace_buf_size=1)


show([name for name in __all__ if name not in vars()], load())
""",
        """\
from torchtitan.config.job_config import Comm
from observe import show

__all__ = [name for name in ("Comm", "load")]


def load():
    return Comm(trace_buf_size=1)


show([name for name in __all__ if name not in globals()], load())
""",
        """\
from torchtitan.config.job_config import Comm, Debug
from observe import show

__all__ = []
for name in ("Comm", "Debug"):
    __all__.append(name)

show([name for name in __all__ if name not in globals()], Comm(), Debug())
""",
    ),
    "a global that a function imports stays that global": (
        """\
from observe import show


def setup():
    global Comm, Debug
    from torchtitan.config.job_config import Comm, Debug


setup()
show(Comm(trace_buf_size=1), Debug(seed=1))
""",
        """\
from observe import show


class Setup:
    def __enter__(self):
        global ActivationCheckpointConfig
        from torchtitan.config import ActivationCheckpointConfig

    def __exit__(self, *error):
        return None


with Setup():
    show(ActivationCheckpointConfig(mode="full"))
""",
    ),
    "a backend is read back from the model that is meant": (
        """\
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer
from observe import show


class Engine:
    def __init__(self, backend):
        self.backend = backend
        self.trainer = Trainer(
            Trainer.Config(model_spec=model_registry("1B", attn_backend=self.backend))
        )

    def masks_of(self, other: "Engine"):
        return other.trainer.model_config.layer.attention.attn_backend


show("masks", Engine("flex").masks_of(Engine("varlen")))
""",
        """\
from torchtitan.models.llama3 import model_registry
from observe import show


def load(backend):
    policy = model_registry("8B", attn_backend=backend)
    reward = model_registry("1B", attn_backend="flex")
    show("masks", reward.model.layer.attention.attn_backend)
    return policy, reward


show(load("varlen"))
""",
    ),
    "names in strings are names": (
        """\
import typing

from torchtitan.config.job_config import Comm
from observe import show


class Setup:
    def take(self, comm: "typing.Optional[Comm]" = None) -> "list[Comm]":
        return [Comm(trace_buf_size=1)]


show(Setup().take(), list(typing.get_type_hints(Setup.take)))
""",
        """\
import typing

from torchtitan.config.job_config import Comm
from observe import show

Comms = typing.List["Comm"]


def take(comms: Comms):
    return comms


show(take([Comm(trace_buf_size=1)]), len(typing.get_type_hints(take)))
""",
        """\
import typing

from torchtitan.config.job_config import Comm
from observe import show

T = typing.TypeVar("T", "Comm", int)


def take(given: T) -> T:
    return given


constraint = T.__constraints__[0]
show(take(Comm(trace_buf_size=1)), eval(constraint.__forward_arg__))
""",
    ),
    "a member is read and written under one name": (
        """\
from torchtitan.models.llama3 import model_registry
from observe import show

config = model_registry("8B", attn_backend="flex").model
before = config.n_layers
try:
    setattr(config, "n_layers", 2)
except AttributeError:
    print("not there")
show(before, config.n_layers)
""",
        """\
from torchtitan.trainer import Trainer
from observe import show


def rename(trainer: Trainer, config):
    trainer.job_config = config
    return trainer.job_config


show(rename(Trainer(), "mine"))
""",
    ),
    "an import that is no use any more goes": (
        """\
from torchtitan.models.llama3 import llama3_configs
from observe import show


def width(flavor):
    return llama3_configs[flavor].dim


show(width("8B"))
""",
        """\
from torchtitan.models import qwen3
from torchtitan.models.llama3 import llama3_configs
from observe import show

show(llama3_configs["1B"].dim, qwen3.__name__)
""",
        """\
from torchtitan.models.llama3 import llama3_configs

from torchtitan.models.llama3 import model_registry
from observe import show


def width(flavor):
    return llama3_configs[flavor].dim


show(width("8B"), model_registry("1B"))
""",
        """\
from torchtitan.models.llama3 import llama3_configs
from torchtitan.models.llama3 import llama3_configs
from observe import show


def width(flavor):
    return llama3_configs[flavor].dim


show(width("8B"))
""",
        """\
from torchtitan.models.llama3 import llama3_configs
from observe import show
from torchtitan.models.llama3 import llama3_configs

show(llama3_configs["8B"].dim)
""",
        """\
from torchtitan.models.llama3 import llama3_configs, model_registry
from observe import show
from torchtitan.models.llama3 import llama3_configs, model_registry

show(llama3_configs["8B"].dim, model_registry("8B"))
""",
        """\
from torchtitan.models.llama3 import llama3_configs
from observe import show


def width():
    return llama3_configs["8B"].dim


from torchtitan.models.llama3 import llama3_configs

show(width(), llama3_configs["1B"].dim)
""",
        """\
from torchtitan.models.llama3 import llama3_configs
from observe import show
from torchtitan.models.llama3 import model_registry
from torchtitan.models.llama3 import llama3_configs

show(llama3_configs["8B"].dim, model_registry("8B"))
""",
    ),
    "what heads a file or a group of imports stays": (
        """\
#!/usr/bin/env python
# Copyright 2026 Somebody.
from torchtitan.config.job_config import Comm
from observe import show

show(1)
""",
        """\
# SPDX-License-Identifier: MIT
def adam(lr):
    from torchtitan.components.optimizer import OptimizersContainer

    return OptimizersContainer.Config(lr=lr)
""",
        """\
#!/usr/bin/env python
def width():
    from torchtitan.models.llama3 import llama3_configs

    return llama3_configs["8B"].dim
""",
        """\
import os

# --- torchtitan ---
# isort: off
from torchtitan.components.lr_scheduler import LRSchedulersContainer
from torchtitan.components.optimizer import OptimizersContainer
# isort: on
from observe import show

show(os.sep, LRSchedulersContainer, OptimizersContainer)
""",
        """\
import os

# what titan builds with
from torchtitan.tools.profiling import ProfilingConfig
from torchtitan.config import CompileConfig, TrainingConfig
from torchtitan.config.job_config import Comm
from observe import show

show(os.sep, ProfilingConfig(profile_freq=1), CompileConfig(), TrainingConfig(), Comm())
""",
    ),
}

# Programs of which a rule says nothing at all.
SILENT: dict[str, tuple[tuple[str, str], ...]] = {
    "a handler that sets the choice is the live way": (
        (
            "TTN103",
            LLAMA
            + """\
def apply(layers, backend):
    for layer in layers:
        layer.attention.inner_attention = backend


def load(backend):
    spec = model_registry("8B")
    try:
        spec.model.layer.attention.attn_backend = backend.name
    except AttributeError:
        apply(spec.model.layers, backend.config)
    return spec
""",
        ),
        (
            "TTN101",
            LLAMA
            + """\
def load(options, swap):
    spec = model_registry("8B")
    try:
        spec.model.layer.attention.attn_backend = options.attn_type
    except AttributeError:
        swap(spec.model, options.attn_type)
    return spec
""",
        ),
        (
            "TTN101",
            LLAMA
            + """\
from torchtitan.models.common.attention import VarlenAttention


def load(options):
    spec = model_registry("8B")
    try:
        spec.model.layer.attention.attn_backend = options.attn_type
    except AttributeError:
        for layer in spec.model.layers:
            layer.attention.inner_attention = VarlenAttention.Config()
    return spec
""",
        ),
    ),
    "what a project puts into a dictionary of flavors is its own": (
        (
            "TTN204",
            """\
from torchtitan.models.llama3 import llama3_configs, model_registry

llama3_configs["small"] = model_registry("debugmodel", attn_backend="flex").model
width = llama3_configs["small"].dim
""",
        ),
        (
            "TTN204",
            """\
from torchtitan.models.qwen3 import model_registry, qwen3_configs

own = {"small": model_registry("debugmodel", attn_backend="flex").model}
qwen3_configs.update(own)
width = qwen3_configs["small"].dim
""",
        ),
        (
            "TTN204",
            """\
import dataclasses

from torchtitan.models.llama3 import llama3_configs


@dataclasses.dataclass
class Small:
    dim: int = 8


llama3_configs["small"] = Small()


def width():
    return llama3_configs["small"].dim
""",
        ),
    ),
    "the choice of another model is no choice": (
        (
            "TTN101",
            LLAMA
            + """\
class Engine:
    def __init__(self, options):
        self.options = options
        self.spec = model_registry("8B")

    def towers(self):
        return self.options.vision_tower.attn_type
""",
        ),
        (
            "TTN101",
            LLAMA
            + """\
def load(options):
    spec = model_registry("8B")
    audio = options.audio_encoder.attn_backend
    return spec, audio
""",
        ),
    ),
}

# Programs that no safe fix of a rule may change.
NOT_SAFE: dict[str, tuple[tuple[str, str], ...]] = {
    "what is put into a module that moved is not moved": (
        (
            "TTN202",
            """\
import torchtitan.models.attention as attention


def causal():
    return None


attention.get_causal_mask_mod = causal
""",
        ),
        (
            "TTN202",
            """\
import torchtitan.components.lr_scheduler as schedules


class Mine(schedules.LRSchedulersContainer):
    pass


schedules.LRSchedulersContainer = Mine
""",
        ),
        (
            "TTN202",
            """\
import torchtitan.components.lr_scheduler as schedules


class Mine(schedules.LRSchedulersContainer):
    pass


setattr(schedules, "LRSchedulersContainer", Mine)
""",
        ),
        *(
            ("TTN202", f"import torchtitan.models.attention as attention\n\n{put}")
            for put in (
                "import functools\n\nput = functools.partial(setattr, attention)\n",
                "import wrapt\n\nwrapt.wrap_function_wrapper(attention, 'f', print)\n",
                "import wrapt\n\n\n@wrapt.patch_function_wrapper(attention, 'f')\ndef f(): ...\n",
                "from plugins import register\n\nregister(module=attention)\n",
            )
        ),
    ),
    "a built-in name that is put in place by its name is another thing": tuple(
        (
            "TTN203",
            "import builtins\nimport sys\nfrom torchtitan.models.llama3 import model_registry\n\n"
            f"{put}\nspec = model_registry('8B', attn_backend='flex')\nprint(spec.model.n_layers)\n",
        )
        for put in (
            "globals()['len'] = lambda things: 99",
            "globals().update(len=lambda things: 99)",
            "vars(sys.modules[__name__])['len'] = lambda things: 99",
            "setattr(sys.modules[__name__], 'len', lambda things: 99)",
            "builtins.len = lambda things: 99",
            "vars(builtins).update({'len': lambda things: 99})",
            "exec('len = lambda things: 99')",
            "names = globals()\nnames['len'] = lambda things: 99",
        )
    ),
    "a base class that replaces a protocol leaves an order of bases": (
        (
            "TTN202",
            """\
import torch.nn as nn
from torchtitan.protocols.train_spec import ModelProtocol


class Small(nn.Module, ModelProtocol):
    pass
""",
        ),
        (
            "TTN202",
            """\
from torch import nn
from torchtitan.protocols.model import ModelProtocol


class Base(nn.Module):
    pass


class Small(Base, ModelProtocol):
    pass
""",
        ),
    ),
}

# Programs that fit a torchtitan of their own time; the fix must not leave a base class without an order.
BASES = (
    """\
import torch
import torch.nn as nn
from torchtitan.protocols.train_spec import BaseModelArgs, ModelProtocol


class Small(nn.Module, ModelProtocol):
    def __init__(self, args: BaseModelArgs):
        super().__init__()
        self.args = args
""",
    """\
from torch.nn import Module
from torchtitan.protocols.train_spec import ModelProtocol


class Small(Module, ModelProtocol):
    pass
""",
    """\
import torch
from torchtitan.protocols.model import ModelProtocol


class Small(torch.nn.Module, ModelProtocol):
    pass
""",
)

# Unsafe fixes settle, too.
SETTLING = (
    """\
from torchtitan.config import CompileConfig, ParallelismConfig
from torchtitan.config.job_config import Debug


def plan(fast):
    return ParallelismConfig(enable_async_tensor_parallel=fast), CompileConfig(), Debug(seed=1)
""",
    """\
from torchtitan.config import ParallelismConfig, CompileConfig
from torchtitan.config.job_config import Training

parallelism = ParallelismConfig(enable_async_tensor_parallel=True)
compiled = CompileConfig(enable=True)
training = Training(steps=1)
""",
    """\
from torchtitan.components.optimizer import OptimizersContainer
from torchtitan.config import CompileConfig, ParallelismConfig
from torchtitan.config.job_config import Training


class Plan:
    optimizer = OptimizersContainer.Config(lr=1e-3)

    def configs(self, fast):
        parallelism = ParallelismConfig(enable_async_tensor_parallel=fast)
        return parallelism, CompileConfig(enable=True), Training(steps=2)
""",
)

# Attributes of 0.2.2's config that are nowhere at 0.3.0: after the fix they are still reported.
UNSAID: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        """\
from torchtitan.train import Trainer


class Mine(Trainer):
    def folder(self):
        return self.job_config.job.dump_folder
""",
        ("job",),
    ),
    (
        """\
from torchtitan.train import Trainer


class Mine(Trainer):
    def describe(self):
        return self.job_config.model.flavor, self.job_config.training.dataset
""",
        ("model", "dataset"),
    ),
    (
        """\
from torchtitan.train import Trainer


def validates(trainer: Trainer):
    return trainer.job_config.validation.enable
""",
        ("validation",),
    ),
)

# Files in bytes: what is written can be read by Python again.
ENCODED: dict[str, bytes] = {
    "latin-1": b"# -*- coding: latin-1 -*-\n# Andr\xe9\ndef adam(lr):\n"
    b"    from torchtitan.components.optimizer import OptimizersContainer\n\n"
    b"    return OptimizersContainer.Config(lr=lr)\n",
    "latin-1 below a shebang": b"#!/usr/bin/env python3\n# coding: latin-1\n# Andr\xe9\ndef width():\n"
    b"    from torchtitan.models.llama3 import llama3_configs\n\n"
    b'    return llama3_configs["8B"].dim  # \xe9\n',
    "cp1252 above an import that goes": b"# vim: set fileencoding=cp1252 :\n"
    b"from torchtitan.config import ActivationCheckpointConfig\n\nname = '\x80'\n",
    "utf-8 with a mark": b"\xef\xbb\xbf# \xc3\xa9\ndef adam(lr):\n"
    b"    from torchtitan.components.optimizer import OptimizersContainer\n\n"
    b"    return OptimizersContainer.Config(lr=lr)\n",
}

# Parameters of a function whose call needs a guard that asks ``inspect``.
GUARDS = ("attn_type, inspect=False", "attn_type, *inspect", "inspect, attn_type")
