"""TTN204 config-factory."""

from __future__ import annotations

import ast

from titan_lint.api import Function
from titan_lint.api.paths import MODEL_CONFIG
from titan_lint.code import uses
from titan_lint.rewriting.operations import EnsureImport, ReplaceExpression, Rewrite
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.flavors.items import Items
from titan_lint.uses.members.classes import has

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File
    from titan_lint.uses.flavors.items import Read

_REGISTRY = "model_registry"


class ConfigFactory(Rule):
    """What a dictionary of flavors holds is taken for a config, and is a function that makes one.

    ## What it does
    Finds attributes read from the values of `llama3_configs` and its kin, by subscript or in a loop,
    also where the dictionary is searched for in the module by its name's end, `_configs`.

    ## Why is this bad?
    Since 2026-04-01 (adbaa061c) these dictionaries hold functions. `llama3_configs["8B"].dim` raises
    `AttributeError`; `getattr(config, "dim", None)` gives `None` for every flavor, so that a search
    by shape finds nothing, and says so with an error of its own at best.

    ## Fix safety
    `llama3_configs["8B"].dim` becomes `model_registry("8B").model.dim`, which is the same config:
    safe. Loops are only explained.
    """

    sources = (
        Citation("configs are made by functions", "pytorch/torchtitan adbaa061c", "2026-04-01"),
        Citation("the functions take attn_backend", "pytorch/torchtitan 7cec16600", "2026-04-18"),
    )
    bad = (
        Example(
            code="""\
from torchtitan.models.llama3 import llama3_configs

width = llama3_configs["8B"].dim
""",
            fixed="""\
from torchtitan.models.llama3 import llama3_configs, model_registry

width = model_registry("8B").model.dim
""",
        ),
        Example(
            about="a search by shape, which never finds anything",
            code="""\
import importlib


def flavor_of(name, hidden_size, vocab_size):
    module = importlib.import_module(f"torchtitan.models.{name}")
    configs = None
    for attribute in dir(module):
        value = getattr(module, attribute)
        if isinstance(value, dict) and attribute.endswith("_configs"):
            configs = value
            break
    if configs is None:
        raise ValueError(name)
    for flavor, config in configs.items():
        if (
            getattr(config, "dim", None) == hidden_size
            and getattr(config, "vocab_size", None) == vocab_size
        ):
            return flavor
    raise ValueError(name)
""",
        ),
        Example(
            about="set on the function, where nothing looks for it",
            code="""\
from torchtitan.models.qwen3 import qwen3_configs

qwen3_configs["0.6B"].vocab_size = 1024
""",
        ),
    )
    good = (
        Example(
            about="they were configs at that time",
            torchtitan="2026-03-15",
            code="""\
from torchtitan.models.llama3 import llama3_configs

width = llama3_configs["8B"].dim
""",
        ),
        Example(
            about="the function is called",
            code="""\
from torchtitan.models.llama3 import llama3_configs

width = llama3_configs["8B"](attn_backend="flex").dim
""",
        ),
        Example(
            about="both are seen to",
            code="""\
from torchtitan.models.llama3 import llama3_configs

for flavor, config in llama3_configs.items():
    if callable(config):
        config = config(attn_backend="flex")
    print(flavor, config.dim)
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for read in Items(file).reads_of_factories():
            held = sorted({held.path for held in read.dictionaries})
            yield Report(
                read.node, _message(file, read), _rewrite(file, read), key=(*held, read.name or "")
            )


def _message(file: File, read: Read) -> str:
    names = {held.path.rpartition(".")[2] for held in read.dictionaries}
    shown = f"`{names.pop()}`" if len(names) == 1 else "`*_configs`"
    read_as = (
        "set on a function"
        if isinstance(_context(read), ast.Store)
        else ("never found" if read.silent else "missing")
    )
    name = f"`{read.name}`" if read.name else "an attribute"
    return (
        f"{shown} of {file.target.label} holds functions that make a config, not configs (since "
        f"2026-04-01, adbaa061c): {name} is {read_as}; use `model_registry(flavor).model`"
    )


def _context(read: Read) -> ast.expr_context | None:
    return read.node.ctx if isinstance(read.node, ast.Attribute) else None


def _rewrite(file: File, read: Read) -> Rewrite | None:
    """``llama3_configs["8B"].dim`` written with the registry of the same package."""
    node, item = read.node, read.item
    if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return None
    if not isinstance(item, ast.Subscript) or len(read.dictionaries) != 1:
        return None
    module = read.dictionaries[0].path.rpartition(".")[0]
    for other in (file, *file.siblings):
        surface = other.target.surface
        registry = surface.lookup(f"{module}.{_REGISTRY}")
        if not isinstance(registry, Function) or not has(surface, MODEL_CONFIG, read.name):
            return None
        if [p.name for p in registry.parameters if p.required] != ["flavor"]:
            return None
    held = [read.node for read in Items(file).all_reads()]
    if any(isinstance(n, ast.Attribute) and not isinstance(n.ctx, ast.Load) for n in held):
        return None  # What is set on an item would not be there on a config made anew.
    if not uses.is_free(file.program, module, _REGISTRY):
        return None
    code = f"{_REGISTRY}({file.program.text(item.slice)}).model"
    return Rewrite(
        f"Read it from `{code}`",
        (ReplaceExpression(item, code), EnsureImport(module, _REGISTRY, item)),
    )
