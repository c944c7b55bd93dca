"""Running programs on the real torchtitan 0.3.0, all in one process of their own.

The real package cannot write down what is done with it, so only programs that show models, plain values
and text are run: those about the attention backend, flavors, and members of a model's config.
"""

from __future__ import annotations

import fnmatch
import json
from typing import TYPE_CHECKING, Any

from tests import forked
from tests.meaning.generate import KINDS, seeded
from tests.meaning.properties import Fixing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.meaning.running import Run

_PATTERNS = ("override/*", "masks/*", "object/*", "block/*", "unfit/*", "legacy flavor/*")
_PATTERNS = (*_PATTERNS, "layers/*", "factory/*", "flavor/*")
SHOWN = [kind for kind in KINDS if any(fnmatch.fnmatchcase(kind, p) for p in _PATTERNS)]

_SCRIPT = """
import builtins, importlib, json, sys, types

from torchtitan.models.common.attention import FlexAttention, VarlenAttention
from torchtitan.protocols.model import BaseModel
from torchtitan.protocols.model_spec import ModelSpec

MODELS = ("llama3", "qwen3", "deepseek_v3")
modules = [importlib.import_module(f"torchtitan.models.{model}") for model in MODELS]
configs = [next(v for k, v in vars(m).items() if k.endswith("_configs")) for m in modules]
kept = [dict(config) for config in configs]
NAMES = {FlexAttention.Config: "flex", VarlenAttention.Config: "varlen"}

def backend(config):
    found = {NAMES.get(type(layer.attention.inner_attention)) for layer in config.layers}
    return found.pop() if len(found) == 1 else f"mixed {sorted(found)}"

def render(value):
    if isinstance(value, ModelSpec):
        model = value.model
        return ["spec", value.name, value.flavor, backend(model), model.dim, len(model.layers)]
    if isinstance(value, BaseModel.Config):
        return ["model", backend(value), value.dim, len(value.layers)]
    if isinstance(value, dict):
        return {str(key): render(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [render(item) for item in value]
    if value is None or isinstance(value, (str, int, float, bool, bytes)):
        return repr(value)
    return type(value).__name__ if not isinstance(value, type) else ["class", value.__name__]

def run(text):
    events = []
    module, observe = types.ModuleType("program"), types.ModuleType("observe")
    observe.show = lambda *values: events.append(["show", *map(render, values)])
    def printed(*values, **_):
        events.append(["print", " ".join(map(str, values))])
    vars(module)["__builtins__"] = vars(builtins) | {"print": printed}
    sys.modules.update(program=module, observe=observe)
    error = ""
    try:
        exec(compile(text, "program.py", "exec", dont_inherit=True), vars(module))
    except Exception as raised:
        error = type(raised).__name__
    for config, before in zip(configs, kept):
        config.clear()
        config.update(before)
        for make in before.values():
            vars(make).clear()
    return [events, error]

print(json.dumps([run(text) for text in json.load(sys.stdin)]))
"""


def real_runs(texts: Sequence[str]) -> list[Any]:
    """For each program what it showed and printed on the real package, and the type of its error."""
    runs: list[Any] = json.loads(forked.output(_SCRIPT, json.dumps(list(texts))).splitlines()[-1])
    return runs


def differences(number: int, seed: int = 0) -> list[str]:
    """The programs, of a number of them, that do on the real package what they do not on the stand-in.

    Each is run before and after its safe fixes.
    """
    fixings: list[Fixing] = []
    for count in range(number):
        more, which = divmod(count, len(SHOWN))
        fixings.append(Fixing(seeded(SHOWN[which], seed + more)))
    texts = [text for fixing in fixings for text in (fixing.before, fixing.after)]
    ours = [run for fixing in fixings for run in (fixing.as_it_was, fixing.as_it_is)]
    return [
        f"{text}\nreal: {real}\nstand-in: {as_real(run)}"
        for text, run, real in zip(texts, ours, real_runs(texts), strict=True)
        if as_real(run) != real
    ]


def as_real(run: Run) -> Any:
    """A run on the stand-in in the words of :func:`real_runs`."""
    plain = json.loads(json.dumps([run.events, run.error.partition(":")[0]]))
    return [_without_flavor(plain[0]), plain[1]]


def _without_flavor(value: Any) -> Any:
    """A model's config does not know its name and flavor."""
    if isinstance(value, list):
        if len(value) == 6 and value[0] == "model":
            return ["model", *value[3:]]
        return [_without_flavor(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_flavor(item) for key, item in value.items()}
    return value
