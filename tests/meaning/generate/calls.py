"""Calls whose keywords, values or order changed: TTN301, TTN303, TTN401, TTN402."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.meaning.generate.parts import HEADERS, Body, talk, written
from tests.meaning.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

CONFIG = "from torchtitan.config import CompileConfig, ParallelismConfig, TrainingConfig"
OPTIMIZER = "from torchtitan.components.optimizer import OptimizersContainer"
CHECKPOINTING = "from torchtitan.config import ActivationCheckpointConfig"
QWEN = "from torchtitan.models.qwen3 import model_registry, qwen3_configs"
LLAMA = "from torchtitan.models.llama3 import model_registry"

# Statements that come to ``made``: they may stand anywhere.
INLINE: dict[str, tuple[str, tuple[str, ...]]] = {
    "optimizer/plain": (
        OPTIMIZER,
        (
            "made = OptimizersContainer.Config(lr=0.5)",
            'made = OptimizersContainer.Config(name="Adam", lr=0.5)',
            "made = OptimizersContainer.Config(lr=0.5, eps=1e-6, weight_decay=0.2)",
            "made = OptimizersContainer.Config(beta1=0.8, beta2=0.9)",
            'made = OptimizersContainer.Config(lr=0.5, implementation="foreach")',
            "rate = 0.25\nmade = OptimizersContainer.Config(lr=rate * 2)",
            "made = OptimizersContainer.Config(\n    lr=0.5,\n    beta1=0.8,\n)",
            "made = [OptimizersContainer.Config(lr=rate) for rate in (0.1, 0.2)]",
        ),
    ),
    "optimizer/order of arguments": (
        OPTIMIZER,
        (
            "made = OptimizersContainer.Config(beta1=print('one') or 0.8, lr=print('two') or 0.5)",
            "made = OptimizersContainer.Config(weight_decay=print('one') or 0.1, lr=print('two') or 0.5)",
            "made = OptimizersContainer.Config(eps=(rate := 1e-6), lr=rate)",
        ),
    ),
    "optimizer/keywords": (
        OPTIMIZER,
        (
            "given = {'lr': 0.5}\nmade = OptimizersContainer.Config(**given)",
            "given = {'implementation': 'foreach'}\nmade = OptimizersContainer.Config(lr=0.5, **given)",
        ),
    ),
    "optimizer/comments": (
        OPTIMIZER,
        (
            "made = OptimizersContainer.Config(\n    lr=0.5,  # high\n    # both\n    beta1=0.8,\n)",
            "made = OptimizersContainer.Config(  # ours\n    lr=0.5,\n    # end\n)",
        ),
    ),
    "checkpointing/plain": (
        CHECKPOINTING,
        (
            'made = ActivationCheckpointConfig(mode="full")',
            'made = ActivationCheckpointConfig(mode="none")',
            'made = [ActivationCheckpointConfig(mode="full"), ActivationCheckpointConfig(mode="none")]',
            'made = ActivationCheckpointConfig(mode="full", early_stop=False)',
            'made = ActivationCheckpointConfig(mode="selective", selective_ac_option="op")',
            'made = ActivationCheckpointConfig(mode="full", preserve_rng_state=False)',
        ),
    ),
    "checkpointing/mode of a name": (
        CHECKPOINTING,
        (
            'mode = "full"\nmade = ActivationCheckpointConfig(mode=mode)',
            'mode = "none"\nmode = "full"\nmade = ActivationCheckpointConfig(mode=mode)',
            'made = ActivationCheckpointConfig(mode="full" if len("abc") == 3 else "none")',
        ),
    ),
    "checkpointing/read": (
        CHECKPOINTING,
        (
            'config = ActivationCheckpointConfig(mode="full")\nmade = config.mode',
            'config = ActivationCheckpointConfig(mode="none")\nmade = config.mode == "none"',
            'config = ActivationCheckpointConfig(mode="none")\nconfig.mode = "full"\nmade = config',
            'config = ActivationCheckpointConfig(mode="full")\nmade = getattr(config, "mode", None)',
            'config = ActivationCheckpointConfig(mode="full")\nmade = isinstance(config, ActivationCheckpointConfig)',
        ),
    ),
    "checkpointing/asked whether there is one": (
        CHECKPOINTING,
        (
            'config = ActivationCheckpointConfig(mode="none")\nmade = config is not None',
            'made = ActivationCheckpointConfig(mode="none") or "no config"',
            'made = "some" if (config := ActivationCheckpointConfig(mode="none")) else "none"',
            'given = {"some": ActivationCheckpointConfig(mode="none")}\nmade = given.get("some") is None',
        ),
    ),
    "checkpointing/asked by a text": (
        CHECKPOINTING,
        (
            'config = ActivationCheckpointConfig(mode="full")\nmade = "{0.mode}".format(config)',
            'fields = ("mode",)\nconfig = ActivationCheckpointConfig(mode="full")\nmade = [getattr(config, f, None) for f in fields]',
            'name = "mode"\nmade = getattr(ActivationCheckpointConfig(mode="full"), name, None)',
        ),
    ),
    "async/plain": (
        CONFIG,
        (
            "made = [ParallelismConfig(enable_async_tensor_parallel=True), CompileConfig(enable=True)]",
            "parallelism = ParallelismConfig(tensor_parallel_degree=2, enable_async_tensor_parallel=True)\ncompile = CompileConfig(enable=True)\nmade = [parallelism, compile]",
            "made = [ParallelismConfig(enable_async_tensor_parallel=False), CompileConfig(enable=True)]",
        ),
    ),
    "async/one branch": (
        CONFIG,
        (
            "if len('abc') == 2:\n    parallelism = ParallelismConfig(enable_async_tensor_parallel=True)\nelse:\n    parallelism = ParallelismConfig()\nmade = [parallelism, CompileConfig(enable=True)]",
            "parallelism = ParallelismConfig()\nif len('abc') == 2:\n    parallelism = ParallelismConfig(enable_async_tensor_parallel=True)\nmade = [parallelism, CompileConfig(enable=True)]",
            "parallelism = ParallelismConfig(enable_async_tensor_parallel=True) if len('abc') == 2 else ParallelismConfig()\nmade = [parallelism, CompileConfig(enable=True)]",
            "compile = CompileConfig(enable=True)\nfor flag in ():\n    print(ParallelismConfig(enable_async_tensor_parallel=True))\nmade = [compile]",
        ),
    ),
    "async/only in a branch": (
        CONFIG,
        (
            "parallelism = None\nif len('abc') == 2:\n    parallelism = ParallelismConfig(enable_async_tensor_parallel=True)\nmade = [parallelism, CompileConfig(enable=True)]",
            "parallelism = ParallelismConfig(enable_async_tensor_parallel=True) if len('abc') == 2 else None\nmade = [parallelism, CompileConfig(enable=True)]",
            "compile = CompileConfig(enable=True)\nfor flag in ():\n    print(ParallelismConfig(enable_async_tensor_parallel=True))\nmade = [compile]",
        ),
    ),
    "async/two configs": (
        CONFIG,
        (
            "one = [ParallelismConfig(enable_async_tensor_parallel=True), CompileConfig(enable=True)]\nother = [ParallelismConfig(), CompileConfig(enable=True)]\nshow(one)\nmade = other",
            "show(CompileConfig(enable=True, backend='eager'))\nmade = [ParallelismConfig(enable_async_tensor_parallel=True), CompileConfig(enable=True)]",
            "spare = CompileConfig(enable=False)\nmade = [ParallelismConfig(enable_async_tensor_parallel=True), CompileConfig(enable=True)]\nshow(spare)",
        ),
    ),
    "async/value": (
        CONFIG,
        (
            "fast = True\nparallelism = ParallelismConfig(enable_async_tensor_parallel=fast)\nfast = False\nmade = [parallelism, CompileConfig(enable=True)]",
            "def fast():\n    print('asked')\n    return True\n\ncompile = CompileConfig(enable=True)\nprint('between')\nparallelism = ParallelismConfig(enable_async_tensor_parallel=fast())\nmade = [parallelism, compile]",
            "compile = CompileConfig(enable=True)\nfast = True\nparallelism = ParallelismConfig(enable_async_tensor_parallel=fast)\nmade = [parallelism, compile]",
            "class Given:\n    fast = True\n\ngiven = Given()\nparallelism = ParallelismConfig(enable_async_tensor_parallel=given.fast)\ngiven.fast = False\nmade = [parallelism, CompileConfig(enable=True)]",
        ),
    ),
    "dropped keyword/plain": (
        CONFIG,
        (
            "made = ParallelismConfig(expert_tensor_parallel_degree=1, tensor_parallel_degree=2)",
            "made = ParallelismConfig(tensor_parallel_degree=2, expert_tensor_parallel_degree=1)",
            "made = ParallelismConfig(disable_loss_parallel=False)",
            'made = ParallelismConfig(context_parallel_rotate_method="allgather")',
            "made = ParallelismConfig(full_dtensor=True)",
            "made = ParallelismConfig(full_dtensor=False)",
            "made = ParallelismConfig(\n    expert_tensor_parallel_degree=1,\n    tensor_parallel_degree=2,\n)",
        ),
    ),
    "dropped keyword/effect": (
        CONFIG,
        (
            "made = ParallelismConfig(expert_tensor_parallel_degree=(n := 1), tensor_parallel_degree=n)",
            "made = ParallelismConfig(expert_tensor_parallel_degree=print('one') or 1)",
            "made = ParallelismConfig(disable_loss_parallel=(off := False), enable_sequence_parallel=off)",
            "names = ['x']\nmade = ParallelismConfig(expert_tensor_parallel_degree=len([names.pop()]))\nshow(names)",
        ),
    ),
    "dropped keyword/comments": (
        CONFIG,
        (
            "made = ParallelismConfig(\n    expert_tensor_parallel_degree=1,  # only one\n    tensor_parallel_degree=2,\n)",
            "made = ParallelismConfig(\n    # experts\n    expert_tensor_parallel_degree=1,\n    # tensors\n    tensor_parallel_degree=2,\n)",
        ),
    ),
    "dropped keyword/read": (
        CONFIG,
        (
            "config = ParallelismConfig(expert_tensor_parallel_degree=1)\nmade = config.expert_tensor_parallel_degree",
            "config = ParallelismConfig(disable_loss_parallel=False)\nmade = [config.disable_loss_parallel]",
        ),
    ),
    "renamed keyword/plain": (
        LLAMA,
        (
            'made = model_registry("8B", quantization=[], attn_backend="flex")',
            'made = model_registry("8B", attn_backend="varlen", quantization=None)',
        ),
    ),
    "renamed keyword/keywords": (
        LLAMA,
        (
            'given = {"converters": []}\nmade = model_registry("8B", attn_backend="flex", quantization=[], **given)',
            'given = {"attn_backend": "varlen"}\nmade = model_registry("8B", quantization=[], **given)',
        ),
    ),
    "value/plain": (
        CONFIG,
        (
            'made = ParallelismConfig(spmd_backend="default")',
            'made = ParallelismConfig()\nmade.spmd_backend = "default"',
            'made = ParallelismConfig(tensor_parallel_degree=2, spmd_backend="default")  # as ever',
        ),
    ),
    "value/compared": (
        CONFIG,
        (
            'config = ParallelismConfig()\nconfig.spmd_backend = "default"\nmade = "A" if config.spmd_backend == "default" else "B"',
            'config = ParallelismConfig(spmd_backend="default")\nmade = "A" if config.spmd_backend == "default" else "B"',
            'config = ParallelismConfig(spmd_backend="default")\nmade = config.spmd_backend in ("default", "full_dtensor")',
            'config = ParallelismConfig(spmd_backend="default")\nmade = {"default": 1, "full_dtensor": 2}.get(config.spmd_backend)',
            'config = ParallelismConfig(spmd_backend="default")\nmatch config.spmd_backend:\n    case "default":\n        made = 1\n    case _:\n        made = 2',
            'config = ParallelismConfig(spmd_backend="default")\nmade = config.spmd_backend.startswith("def")',
            'def is_default(config):\n    return config.spmd_backend == "default"\n\nmade = is_default(ParallelismConfig(spmd_backend="default"))',
        ),
    ),
    "value/of a name": (
        CONFIG,
        (
            'name = "default"\nmade = [ParallelismConfig(spmd_backend=name), name]',
            'name = "default"\nmade = ParallelismConfig(spmd_backend=name)\nmade = [made, name == "default"]',
        ),
    ),
    "flavor/plain": (
        QWEN,
        (
            'made = model_registry("debugmodel_fused_qkv", attn_backend="flex")',
            'made = model_registry(flavor="debugmodel_fused_qkv", attn_backend="varlen")',
            'made = qwen3_configs["debugmodel_fused_qkv"].dim',
        ),
    ),
    "flavor/compared": (
        QWEN,
        (
            'made = model_registry("debugmodel_fused_qkv", attn_backend="flex")\nprint("fused" in made.flavor)',
            'made = model_registry("debugmodel_fused_qkv", attn_backend="flex")\nprint(made.flavor == "debugmodel_fused_qkv")',
        ),
    ),
    "flavor/own entry": (
        QWEN,
        (
            'qwen3_configs["debugmodel_fused_qkv"] = len\nmade = [qwen3_configs["debugmodel_fused_qkv"]([])]',
            'qwen3_configs.update(debugmodel_fused_qkv=len)\nmade = [qwen3_configs["debugmodel_fused_qkv"]([])]',
            'setattr(qwen3_configs, "x", 1) if False else None\nqwen3_configs.setdefault("debugmodel_fused_qkv", len)\nmade = "debugmodel_fused_qkv" in qwen3_configs',
        ),
    ),
    "flavor/of a name": (
        QWEN,
        (
            'name = "debugmodel_fused_qkv"\nmade = [model_registry(name, attn_backend="flex"), name]',
            'made = [model_registry(name, attn_backend="flex") for name in ("debugmodel_fused_qkv", "0.6B")]',
        ),
    ),
}

# Whole functions, of an optimizer's or a policy's new name.
TAKEN: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "optimizer/name is taken": (
        OPTIMIZER,
        "ParamGroupConfig",
        (
            "def make(lr, NEW=None):\n    return OptimizersContainer.Config(lr=lr)\n\n\nshow(make(0.5))\n",
            "def make(lr):\n    NEW = None\n    return OptimizersContainer.Config(lr=lr), NEW\n\n\nshow(make(0.5))\n",
            "NEW = None\nshow(OptimizersContainer.Config(lr=0.5), NEW)\n",
            "class NEW:\n    pass\n\n\nshow(OptimizersContainer.Config(lr=0.5))\n",
            "show([OptimizersContainer.Config(lr=0.5) for NEW in range(2)])\n",
            "def make(lr):\n    for NEW in range(2):\n        made = OptimizersContainer.Config(lr=lr)\n    return made\n\n\nshow(make(0.5))\n",
            "def make(lr):\n    print(NEW := 1)\n    return OptimizersContainer.Config(lr=lr)\n\n\nshow(make(0.5))\n",
            "class Engine:\n    NEW = 1\n    made = OptimizersContainer.Config(lr=0.5)\n\n\nshow(Engine.made, Engine.NEW)\n",
            "make = lambda NEW: OptimizersContainer.Config(lr=0.5)\nshow(make(1))\n",
            "def make(given):\n    match given:\n        case NEW:\n            return OptimizersContainer.Config(lr=0.5)\n\n\nshow(make(1))\n",
            "def make(lr):\n    made = OptimizersContainer.Config(lr=lr)\n    del lr\n    NEW = 3\n    return made, NEW\n\n\nshow(make(0.5))\n",
            "def load():\n    global NEW\n    NEW = 2\n\n\nload()\nshow(OptimizersContainer.Config(lr=0.5))\n",
        ),
    ),
    "checkpointing/name is taken": (
        CHECKPOINTING,
        "FullAC",
        (
            'def make(NEW=None):\n    return ActivationCheckpointConfig(mode="full"), NEW\n\n\nshow(make())\n',
            'def make():\n    NEW = 1\n    return ActivationCheckpointConfig(mode="full"), NEW\n\n\nshow(make())\n',
            'NEW = 1\nshow(ActivationCheckpointConfig(mode="full"), NEW)\n',
            'show([ActivationCheckpointConfig(mode="full") for NEW in range(2)])\n',
            'class Engine:\n    NEW = 1\n    made = ActivationCheckpointConfig(mode="full")\n\n\nshow(Engine.made, Engine.NEW)\n',
        ),
    ),
}

WHOLE: dict[str, tuple[str, ...]] = {
    "optimizer/lazy import": (
        "from observe import show\n\n\ndef make(lr):\n    from torchtitan.components.optimizer import OptimizersContainer\n\n    return OptimizersContainer.Config(lr=lr)\n\n\nprint('here')\nshow(make(0.5))\n",
        "# Copyright 2026 Somebody.\nfrom observe import show\n\n\ndef make(lr):\n    from torchtitan.components.optimizer import OptimizersContainer\n\n    return OptimizersContainer.Config(lr=lr)\n\n\nprint('here')\nshow(make(0.5))\n",
        "#!/usr/bin/env python3\ndef make(lr):\n    from torchtitan.components.optimizer import OptimizersContainer\n\n    return OptimizersContainer.Config(lr=lr)\n\n\nprint('here')\nfrom observe import show\n\nshow(make(0.5))\n",
        "# -*- coding: utf-8 -*-\ndef make(lr):\n    import torchtitan.components.optimizer as optimizers\n\n    return optimizers.OptimizersContainer.Config(lr=lr)\n\n\nprint('here')\nfrom observe import show\n\nshow(make(0.5))\n",
        "from observe import show\n\n\nclass Engine:\n    def make(self, lr):\n        from torchtitan.components.optimizer import OptimizersContainer\n        return OptimizersContainer.Config(lr=lr)\n\n\nprint('here')\nshow(Engine().make(0.5))\n",
        "from observe import show\n\n\ndef make(lr):\n    if lr:\n        from torchtitan.components.optimizer import OptimizersContainer\n        return OptimizersContainer.Config(lr=lr)\n    return None\n\n\nshow(make(0))\nshow(make(0.5))\n",
    ),
    "optimizer/optional import": (
        "from observe import show\n\ntry:\n    from torchtitan.components.optimizer import OptimizersContainer\nexcept ImportError:\n    OptimizersContainer = None\n\n\ndef make(lr):\n    if OptimizersContainer is None:\n        return None\n    return OptimizersContainer.Config(lr=lr)\n\n\nshow(make(0.5))\n",
        "from observe import show\n\ntry:\n    from torchtitan.components.optimizer import OptimizersContainer\n\n    HAVE = True\nexcept ImportError:\n    HAVE = False\n\nif HAVE:\n    show(OptimizersContainer.Config(lr=0.5))\nelse:\n    print('without')\n",
        "import contextlib\n\nfrom observe import show\n\nOptimizersContainer = None\nwith contextlib.suppress(ImportError):\n    from torchtitan.components.optimizer import OptimizersContainer\n\nif OptimizersContainer:\n    show(OptimizersContainer.Config(lr=0.5))\n",
    ),
    "checkpointing/lazy import": (
        'from observe import show\n\n\ndef make():\n    from torchtitan.config import ActivationCheckpointConfig\n\n    return ActivationCheckpointConfig(mode="full")\n\n\nprint("here")\nshow(make())\n',
        'from observe import show\n\n\ndef load():\n    global ActivationCheckpointConfig\n    from torchtitan.config import ActivationCheckpointConfig\n\n\ndef make():\n    return ActivationCheckpointConfig(mode="full")\n\n\nload()\nshow(make())\n',
        'from observe import show\n\n\nclass Engine:\n    from torchtitan.config import ActivationCheckpointConfig\n\n    made = ActivationCheckpointConfig(mode="full")\n\n\nshow(Engine.made)\n',
    ),
    "async/across functions": (
        "from torchtitan.config import CompileConfig, ParallelismConfig\n\nfrom observe import show\n\n\ndef fast():\n    return ParallelismConfig(enable_async_tensor_parallel=True)\n\n\ndef slow():\n    return ParallelismConfig(), CompileConfig(enable=True)\n\n\nshow(slow())\n",
        "from torchtitan.config import CompileConfig, ParallelismConfig\n\nfrom observe import show\n\nFAST = ParallelismConfig(enable_async_tensor_parallel=True)\n\n\ndef slow():\n    return ParallelismConfig(), CompileConfig(enable=True)\n\n\nshow(slow())\n",
        "from torchtitan.config import CompileConfig, ParallelismConfig\n\nfrom observe import show\n\n\nclass Fast:\n    parallelism = ParallelismConfig(enable_async_tensor_parallel=True)\n\n\nclass Slow:\n    parallelism = ParallelismConfig()\n    compile = CompileConfig(enable=True)\n\n\nshow(Slow.parallelism, Slow.compile)\n",
        "from torchtitan.config import CompileConfig, ParallelismConfig\n\nfrom observe import show\n\n\ndef configs(fast):\n    return ParallelismConfig(enable_async_tensor_parallel=fast), CompileConfig(enable=True)\n\n\nshow(configs(False))\nshow(configs(True))\n",
    ),
    "positional/plain": (
        "from torchtitan.models.llama3.model import Llama3Model\nfrom torchtitan.models.llama3 import model_registry\n\nfrom observe import show\n\n\ndef forward(model: Llama3Model, tokens, masks, positions):\n    return model(tokens, masks, positions)\n\n\nmodel = model_registry('8B', attn_backend='flex').model.build()\nshow(forward(model, 'tokens', 'masks', 'positions'))\n",
        "from torchtitan.models.llama3.model import Llama3Model\nfrom torchtitan.models.llama3 import model_registry\n\nfrom observe import show\n\n\ndef forward(model: Llama3Model, tokens, attention_masks, positions):\n    return model(tokens, attention_masks, positions)\n\n\nmodel = model_registry('8B', attn_backend='flex').model.build()\nshow(forward(model, 'tokens', 'masks', 'positions'))\n",
        "from torchtitan.components.tokenizer import HuggingFaceTokenizer\n\nfrom observe import show\n\nHuggingFaceTokenizer('assets')\nshow(1)\n",
        "from torchtitan.config import override\n\nfrom observe import show\n\n\n@override('mine', target=int)\ndef convert(config):\n    return config\n\n\nshow(convert(1))\n",
    ),
    "positional/effect": (
        "from torchtitan.models.llama3.model import Llama3Model\nfrom torchtitan.models.llama3 import model_registry\n\nfrom observe import show\n\n\ndef said(what):\n    print(what)\n    return what\n\n\ndef forward(model: Llama3Model):\n    return model(said('tokens'), said('masks'), said('positions'))\n\n\nmodel = model_registry('8B', attn_backend='flex').model.build()\nshow(forward(model))\n",
        "from torchtitan.config import override\n\nfrom observe import show\n\n\ndef name():\n    print('named')\n    return 'mine'\n\n\n@override(name(), target=int)\ndef convert(config):\n    return config\n\n\nshow(convert(1))\n",
    ),
    "positional/overridden": (
        "from torchtitan.models.llama3.model import Llama3Model\n\nfrom observe import show\n\n\nclass Mine(Llama3Model):\n    def forward(self, tokens, attention_masks=None, positions=None):\n        return tokens, attention_masks, positions\n\n\ndef forward(model: Llama3Model):\n    return model('tokens', 'masks', 'positions')\n\n\nshow(forward(Mine()))\n",
    ),
}


def inline(kind: str, imported: str, texts: tuple[str, ...], random: Random) -> Program:
    """Statements in some surroundings."""
    text = random.choice(texts)
    body = Body([*talk(random), *text.split("\n"), *talk(random)], "made", function="def " in text)
    return Program(kind, written(body, random, [imported]), frozenset())


def taken(kind: str, imported: str, new: str, texts: tuple[str, ...], random: Random) -> Program:
    """A module that uses the new name for something else."""
    text = random.choice(texts).replace("NEW", new)
    header = random.choice(HEADERS)
    return Program(kind, f"{header}{imported}\n\nfrom observe import show\n\n\n{text}")


def whole(kind: str, texts: tuple[str, ...], random: Random) -> Program:
    """A whole module."""
    return Program(kind, random.choice(texts), written_for=_written_for(kind))


def _written_for(kind: str) -> str | None:
    return "main@7cec16600" if kind.startswith("positional") else None


def half(kind: str, random: Random) -> Program:
    """Selective checkpointing of every second layer, as it was by default."""
    text = random.choice(
        (
            'made = ActivationCheckpointConfig(mode="selective")',
            "made = ActivationCheckpointConfig()",
            'made = ActivationCheckpointConfig(mode="selective", selective_ac_option="2")',
        )
    )
    body = Body([*talk(random), text, *talk(random)], "made")
    program = written(body, random, [CHECKPOINTING])
    return Program(kind, program, written_for="main@9810191bb", selective="2")


KINDS: dict[str, Callable[[Random], Program]] = {}
for _kind, (_imported, _texts) in INLINE.items():
    KINDS[_kind] = partial(inline, _kind, _imported, _texts)
for _kind, (_imported, _new, _texts) in TAKEN.items():
    KINDS[_kind] = partial(taken, _kind, _imported, _new, _texts)
for _kind, _texts in WHOLE.items():
    KINDS[_kind] = partial(whole, _kind, _texts)
KINDS["checkpointing/every second layer"] = partial(half, "checkpointing/every second layer")
