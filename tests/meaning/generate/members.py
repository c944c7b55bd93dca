"""Members that go by another name, or are left out (TTN203), and configs that are factories (TTN204)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.meaning.generate.parts import HEADERS
from tests.meaning.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_TRAINER = """\
from torchtitan.config import TrainingConfig
from torchtitan.trainer import Trainer

from observe import show

CONFIG = Trainer.Config(training=TrainingConfig(steps=3))


"""
_MODEL = """\
from torchtitan.models.llama3 import model_registry

from observe import show


"""
_FACTORY = """\
from torchtitan.models.llama3 import llama3_configs

from observe import show


"""

# ``MEMBER`` is a member of a trainer that goes by another name.
RENAMED: dict[str, tuple[str, ...]] = {
    "plain": (
        "def steps(trainer: Trainer):\n    return trainer.MEMBER\n\n\nshow(steps(Trainer(CONFIG)))\n",
        "trainer = Trainer(CONFIG)\nshow(trainer.MEMBER)\n",
        "class Engine:\n    def __init__(self):\n        self.trainer = Trainer(CONFIG)\n\n    def steps(self):\n        return self.trainer.MEMBER\n\n\nshow(Engine().steps())\n",
        "class Mine(Trainer):\n    def steps(self):\n        return self.MEMBER\n\n\nshow(Mine(CONFIG).steps())\n",
        "class Mine(Trainer):\n    def __init__(self, *args):\n        super().__init__(*args)\n        self.kept = self.MEMBER\n\n\nshow(Mine(CONFIG).kept)\n",
        "def steps(trainer: Trainer):\n    return [trainer.MEMBER for _ in range(2)]\n\n\nshow(steps(Trainer(CONFIG)))\n",
        "async def steps(trainer: Trainer):\n    return trainer.MEMBER\n\n\nimport asyncio\n\nshow(asyncio.run(steps(Trainer(CONFIG))))\n",
    ),
    "set by a subclass": (
        "class Mine(Trainer):\n    def __init__(self, config):\n        super().__init__(config)\n        self.MEMBER = 5\n\n    def steps(self):\n        return self.MEMBER\n\n\nshow(Mine(CONFIG).steps())\n",
        "class Mine(Trainer):\n    MEMBER = 5\n\n    def steps(self):\n        return self.MEMBER\n\n\nmine = Mine.__new__(Mine)\nshow(mine.steps())\n",
        "class Mine(Trainer):\n    @property\n    def MEMBER(self):\n        return 5\n\n    def steps(self):\n        return self.MEMBER\n\n\nshow(Mine.__new__(Mine).steps())\n",
        "class Mine(Trainer):\n    def __init__(self, config):\n        super().__init__(config)\n        setattr(self, 'MEMBER', 5)\n\n    def steps(self):\n        return self.MEMBER\n\n\nshow(Mine(CONFIG).steps())\n",
        "class Mine(Trainer):\n    def __init__(self, config):\n        super().__init__(config)\n        vars(self)['MEMBER'] = 5\n\n    def steps(self):\n        return self.MEMBER\n\n\nshow(Mine(CONFIG).steps())\n",
        "class Mine(Trainer):\n    def __getattr__(self, name):\n        return 5\n\n    def steps(self):\n        return self.MEMBER\n\n\nshow(Mine.__new__(Mine).steps())\n",
    ),
    "written": (
        "trainer = Trainer(CONFIG)\ntrainer.MEMBER = 5\nshow(trainer.MEMBER)\n",
        "def change(trainer: Trainer):\n    trainer.MEMBER = 5\n\n\ndef steps(trainer: Trainer):\n    return trainer.MEMBER\n\n\ntrainer = Trainer(CONFIG)\nchange(trainer)\nshow(steps(trainer))\n",
        "trainer = Trainer(CONFIG)\nsetattr(trainer, 'MEMBER', 5)\nshow(trainer.MEMBER)\n",
        "trainer = Trainer(CONFIG)\nvars(trainer)['MEMBER'] = 5\nshow(trainer.MEMBER)\n",
        "trainer = Trainer(CONFIG)\ndel trainer.MEMBER\nshow(hasattr(trainer, 'MEMBER'))\n",
    ),
    "asked for": (
        "trainer = Trainer(CONFIG)\nif hasattr(trainer, 'MEMBER'):\n    show(trainer.MEMBER)\nelse:\n    print('other')\n",
        "trainer = Trainer(CONFIG)\ntry:\n    show(trainer.MEMBER)\nexcept AttributeError:\n    print('other')\n",
        "trainer = Trainer(CONFIG)\nshow(getattr(trainer, 'MEMBER', None) is None)\n",
    ),
    "another object": (
        "class Own:\n    MEMBER = 7\n\n\ntrainer: Trainer = Own()\nshow(trainer.MEMBER)\n",
        "class Own:\n    MEMBER = 7\n\n\ndef steps(trainer: 'Trainer | Own'):\n    return trainer.MEMBER\n\n\nshow(steps(Own()))\n",
        "class Own:\n    MEMBER = 7\n\n\ntrainer = Trainer(CONFIG)\nshow(trainer.MEMBER)\ntrainer = Own()\nshow(trainer.MEMBER)\n",
        "class Own:\n    MEMBER = 7\n\n\nfor trainer in (Trainer(CONFIG), Own()):\n    show(trainer.MEMBER)\n",
    ),
    "put on the class": (
        "Trainer.MEMBER = 9\ntrainer = Trainer.__new__(Trainer)\nshow(trainer.MEMBER)\n",
        "Trainer.MEMBER = property(lambda self: 9)\ntrainer = Trainer.__new__(Trainer)\nshow(trainer.MEMBER)\n",
    ),
}

AMP: dict[str, tuple[str, ...]] = {
    "plain": (
        "def forward(trainer: Trainer, model):\n    with trainer.maybe_enable_amp:\n        return model(1)\n\n\nshow(forward(Trainer(CONFIG), str))\n",
        "def forward(trainer: Trainer, model):\n    with trainer.train_context(), trainer.maybe_enable_amp:\n        return model(1)\n\n\nshow(forward(Trainer(CONFIG), str))\n",
        "def forward(trainer: Trainer, model):\n    with trainer.maybe_enable_amp, trainer.train_context():\n        return model(1)\n\n\nshow(forward(Trainer(CONFIG), str))\n",
        "def forward(trainer: Trainer, model):\n    with trainer.train_context():\n        with trainer.maybe_enable_amp:\n            # Both.\n            made = model(1)\n        return made\n\n\nshow(forward(Trainer(CONFIG), str))\n",
        "class Mine(Trainer):\n    def step(self):\n        with self.maybe_enable_amp:\n            for number in range(2):\n                print(number)\n        return 1\n\n\nshow(Mine(CONFIG).step())\n",
        "def forward(trainer: Trainer):\n    with trainer.maybe_enable_amp:  # mixed\n        text = '''a\n    b'''\n        return text\n\n\nshow(forward(Trainer(CONFIG)))\n",
        "def forward(trainer: Trainer):\n    # In mixed precision.\n    with trainer.maybe_enable_amp:\n        print('in')\n    # Out again.\n    return 2\n\n\nshow(forward(Trainer(CONFIG)))\n",
        "def forward(trainer: Trainer):\n    with trainer.maybe_enable_amp: print('in')\n    return 2\n\n\nshow(forward(Trainer(CONFIG)))\n",
    ),
    "named": (
        "def forward(trainer: Trainer):\n    with trainer.maybe_enable_amp as amp:\n        return amp\n\n\nshow(forward(Trainer(CONFIG)))\n",
        "trainer = Trainer(CONFIG)\namp = trainer.maybe_enable_amp\nwith amp:\n    print('in')\nshow(1)\n",
    ),
    "own": (
        "import contextlib\n\n\nclass Mine(Trainer):\n    @property\n    def maybe_enable_amp(self):\n        print('mine')\n        return contextlib.nullcontext()\n\n    def step(self):\n        with self.maybe_enable_amp:\n            return 1\n\n\nshow(Mine(CONFIG).step())\n",
        "import contextlib\n\n\nclass Mine(Trainer):\n    def __init__(self, config):\n        super().__init__(config)\n        self.maybe_enable_amp = contextlib.suppress(KeyError)\n\n    def step(self):\n        with self.maybe_enable_amp:\n            raise KeyError\n        return 1\n\n\nshow(Mine(CONFIG).step())\n",
        "import contextlib\n\ntrainer = Trainer(CONFIG)\nsetattr(trainer, 'maybe_enable_amp', contextlib.suppress(KeyError))\nwith trainer.maybe_enable_amp:\n    raise KeyError\nshow(1)\n",
    ),
    "other items": (
        "import contextlib\n\n\ndef forward(trainer: Trainer):\n    with contextlib.suppress(KeyError), trainer.maybe_enable_amp:\n        raise KeyError\n    return 3\n\n\nshow(forward(Trainer(CONFIG)))\n",
        "import contextlib\n\n\ndef forward(trainer: Trainer):\n    with contextlib.nullcontext(4) as four, trainer.maybe_enable_amp, contextlib.nullcontext(four) as same:\n        return same\n\n\nshow(forward(Trainer(CONFIG)))\n",
        "def forward(trainer: Trainer):\n    with (\n        trainer.train_context(),  # outer\n        trainer.maybe_enable_amp,  # mixed\n    ):\n        return 3\n\n\nshow(forward(Trainer(CONFIG)))\n",
    ),
}

LAYERS: dict[str, tuple[str, ...]] = {
    "plain": (
        'config = model_registry("8B", attn_backend="flex").model\nshow(config.n_layers)\n',
        'show(model_registry("8B", attn_backend="flex").model.n_layers)\n',
        'def count(flavor):\n    config = model_registry(flavor, attn_backend="flex").model\n    return config.n_layers * 2\n\n\nshow(count("8B"))\n',
        'spec = model_registry("8B", attn_backend="flex")\nshow([number for number in range(spec.model.n_layers)][-1])\n',
        'spec = model_registry("8B", attn_backend="flex")\nshow(f"{spec.model.n_layers} layers")\n',
        'spec = model_registry("8B", attn_backend="flex")\nshow(-spec.model.n_layers ** 2)\n',
        'spec = model_registry("8B", attn_backend="flex")\nfor number in range(spec.model.n_layers):\n    pass\nshow(number)\n',
    ),
    "len is taken": (
        'def rows(len):\n    config = model_registry("8B", attn_backend="flex").model\n    return config.n_layers * len\n\n\nshow(rows(3))\n',
        'def rows(given):\n    len = given\n    config = model_registry("8B", attn_backend="flex").model\n    return config.n_layers * len\n\n\nshow(rows(3))\n',
        'config = model_registry("8B", attn_backend="flex").model\nshow([config.n_layers * len for len in range(2)])\n',
        'len = 3\nconfig = model_registry("8B", attn_backend="flex").model\nshow(config.n_layers * len)\n',
        'def len(given):\n    return 0\n\n\nconfig = model_registry("8B", attn_backend="flex").model\nshow(config.n_layers)\n',
        'class Engine:\n    len = 3\n    config = model_registry("8B", attn_backend="flex").model\n    count = config.n_layers\n\n\nshow(Engine.count)\n',
        'def rows(given):\n    for len in given:\n        pass\n    config = model_registry("8B", attn_backend="flex").model\n    return config.n_layers * len\n\n\nshow(rows([3]))\n',
        'from os.path import getsize as len\n\nconfig = model_registry("8B", attn_backend="flex").model\nshow(config.n_layers, len.__name__)\n',
        'def outer(len):\n    def inner():\n        return model_registry("8B", attn_backend="flex").model.n_layers\n\n    return inner()\n\n\nshow(outer(1))\n',
        'config = model_registry("8B", attn_backend="flex").model\nprint(len := 3)\nshow(config.n_layers)\n',
    ),
    "written": (
        'config = model_registry("8B", attn_backend="flex").model\ntry:\n    config.n_layers = 2\nexcept AttributeError:\n    print("slots")\nshow(config.n_layers)\n',
        'config = model_registry("8B", attn_backend="flex").model\nprint(config.n_layers)\nconfig.n_layers = 2\nshow(config.n_layers)\n',
        'config = model_registry("8B", attn_backend="flex").model\nprint(config.n_layers)\nconfig.n_layers += 2\nshow(config.n_layers)\n',
        'config = model_registry("8B", attn_backend="flex").model\nprint(config.n_layers)\nsetattr(config, "n_layers", 2)\nshow(config.n_layers)\n',
        'config = model_registry("8B", attn_backend="flex").model\nfor config.n_layers in (1, 2):\n    print(config.n_layers)\n',
        'config = model_registry("8B", attn_backend="flex").model\nprint(config.n_layers)\ndel config.n_layers\n',
    ),
    "asked for": (
        'config = model_registry("8B", attn_backend="flex").model\nif hasattr(config, "n_layers"):\n    show(config.n_layers)\nelse:\n    show(len(config.layers))\n',
        'config = model_registry("8B", attn_backend="flex").model\ntry:\n    count = config.n_layers\nexcept AttributeError:\n    count = len(config.layers)\nshow(count)\n',
    ),
    "own class": (
        'class Own:\n    n_layers = 3\n\n\nconfig = Own() if len("abc") == 3 else model_registry("8B", attn_backend="flex").model\nshow(config.n_layers)\n',
        'class Own:\n    n_layers = 3\n\n\nconfig = model_registry("8B", attn_backend="flex").model\nconfig = Own()\nshow(config.n_layers)\n',
    ),
}

FACTORIES: dict[str, tuple[str, ...]] = {
    "plain": (
        'show(llama3_configs["8B"].dim)\n',
        'width = llama3_configs["8B"].dim\nshow(width)\n',
        'def width(flavor):\n    return llama3_configs[flavor].dim\n\n\nshow(width("8B"))\n',
        'class Engine:\n    def width(self):\n        return llama3_configs["8B"].dim\n\n\nshow(Engine().width())\n',
        'show([llama3_configs[flavor].dim for flavor in ("8B", "1B")])\n',
        'show(llama3_configs["8B"].dim, "8B" in llama3_configs)\n',
    ),
    "own entry": (
        'from torchtitan.models.llama3 import model_registry\n\ntiny = model_registry("debugmodel", attn_backend="flex").model\nllama3_configs["tiny"] = tiny\nshow(llama3_configs["tiny"].dim)\n',
        'class Tiny:\n    dim = 3\n\n\nllama3_configs["tiny"] = Tiny()\nshow(llama3_configs["tiny"].dim)\n',
        'class Tiny:\n    dim = 3\n\n\nllama3_configs.update(tiny=Tiny())\nshow(llama3_configs["tiny"].dim)\n',
        'class Tiny:\n    dim = 3\n\n\nllama3_configs["8B"] = Tiny()\nshow(llama3_configs["8B"].dim)\n',
        'class Tiny:\n    dim = 3\n\n\nllama3_configs |= {"8B": Tiny()}\nshow(llama3_configs["8B"].dim)\n',
        'class Tiny:\n    dim = 3\n\n\ndef register():\n    llama3_configs["8B"] = Tiny()\n\n\nregister()\nshow(llama3_configs["8B"].dim)\n',
        'class Tiny:\n    dim = 3\n\n\nllama3_configs.setdefault("tiny", Tiny())\nname = "tiny"\nshow(llama3_configs[name].dim)\n',
        'class Tiny:\n    dim = 3\n\n\ndef register(configs):\n    configs["8B"] = Tiny()\n\n\nregister(llama3_configs)\nshow(llama3_configs["8B"].dim)\n',
    ),
    "name is taken": (
        'def width(model_registry=None):\n    return llama3_configs["8B"].dim\n\n\nshow(width())\n',
        'def width():\n    model_registry = {}\n    return llama3_configs["8B"].dim, model_registry\n\n\nshow(width())\n',
        'model_registry = {}\nshow(llama3_configs["8B"].dim, model_registry)\n',
        'def model_registry(flavor):\n    return None\n\n\nshow(llama3_configs["8B"].dim)\n',
        'show([llama3_configs["8B"].dim for model_registry in range(2)])\n',
        'from torchtitan.models.qwen3 import model_registry\n\nshow(llama3_configs["8B"].dim, model_registry("0.6B", attn_backend="flex"))\n',
    ),
    "written": (
        'llama3_configs["8B"].dim = 3\nshow(llama3_configs["8B"].dim)\n',
        'config = llama3_configs["8B"]\nconfig.dim = 3\nshow(llama3_configs["8B"].dim)\n',
    ),
    "lazy": (
        'print("here")\n\n\ndef width():\n    from torchtitan.models.qwen3 import qwen3_configs\n\n    return qwen3_configs["0.6B"].dim\n\n\nshow(width())\n',
    ),
    "key is missing": (
        'try:\n    show(llama3_configs["none"].dim)\nexcept KeyError:\n    print("none")\n',
        'def width(flavor):\n    try:\n        return llama3_configs[flavor].dim\n    except KeyError:\n        return 0\n\n\nshow(width("none"))\n',
    ),
    "identity": (
        'one, other = llama3_configs["8B"], llama3_configs["8B"]\nshow(one is other, llama3_configs["8B"].dim)\n',
    ),
}


def whole(kind: str, above: str, texts: tuple[str, ...], random: Random) -> Program:
    """A whole module below some imports."""
    member = random.choice(("job_config", "job_config.training.steps", "model_args"))
    text = random.choice(texts)
    if any(f in text for f in ("MEMBER'", "MEMBER =", "MEMBER(", "del trainer.MEMBER", "Own")):
        member = member.partition(".")[0]
    return Program(kind, random.choice(HEADERS) + above + text.replace("MEMBER", member))


KINDS: dict[str, Callable[[Random], Program]] = {}
for _group, _above, _all in (
    ("member", _TRAINER, RENAMED),
    ("amp", _TRAINER, AMP),
    ("layers", _MODEL, LAYERS),
    ("factory", _FACTORY, FACTORIES),
):
    for _name, _texts in _all.items():
        KINDS[f"{_group}/{_name}"] = partial(whole, f"{_group}/{_name}", _above, _texts)
