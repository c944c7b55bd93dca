"""TTN406: keys that a model's state dict does not have, and those that it may; both are executed."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import forked
from tests.agreement import oracle
from tests.packages import unpacked
from tests.rules.cases import found, messages
from titan_lint.api import bundle
from titan_lint.api.changes import facts

if TYPE_CHECKING:
    from tests.projects import TitanLint

ROOT = Path(__file__).resolve().parents[2]

LLAMA = """\
import torch
from torchtitan.models.llama3 import Llama3Model, model_registry

spec = model_registry("debugmodel")
config = spec.model
with torch.device("meta"):
    model = config.build()
"""
OLD = """\
import torch
from torchtitan.models.llama3 import Transformer, llama3_args
from torchtitan.protocols.train_spec import get_train_spec

spec = get_train_spec("llama3")
with torch.device("meta"):
    model = spec.model_cls(spec.model_args["debugmodel"])
    other = Transformer(llama3_args["debugmodel"])
"""
DEEPSEEK = """\
import torch
from torchtitan.models.deepseek_v3 import model_registry

with torch.device("meta"):
    model = model_registry("debugmodel").model.build()
"""
QWEN = """\
import torch
from torchtitan.models.qwen3 import model_registry

spec = model_registry(flavor="debugmodel")
with torch.device("meta"):
    model = spec.model.build()
"""
GPT_OSS = """\
import torch
from torchtitan.models import gpt_oss

with torch.device("meta"):
    model = gpt_oss.model_registry("debugmodel").model.build()
"""
ADAPTER = f"""\
{LLAMA}
from torchtitan.models.llama3.state_dict_adapter import Llama3StateDictAdapter


class Adapter(Llama3StateDictAdapter):
"""
RUN = """\
import json, sys
from tests.agreement.worker import StandIns
sys.meta_path.append(StandIns())
said = []
for text in json.load(sys.stdin):
    try:
        exec(compile(text, "case.py", "exec"), {"__name__": "case"})
        said.append("")
    except Exception as error:
        said.append(type(error).__name__)
print(json.dumps(said))
"""

# Release, program, key, what is raised.
WRONG = [
    ("0.3.0", f'{LLAMA}model.state_dict()["output.weight"]\n', "output.weight", "KeyError"),
    (
        "0.3.0",
        f"{LLAMA}held = model.state_dict()\nfor i in range(2):\n"
        '    held[f"layers.{i}.attention.wq.weight"]\n',
        "layers.*.attention.wq.weight",
        "KeyError",
    ),
    (
        "0.3.0",
        f'{LLAMA}held = model.state_dict()\nheld.pop("layers.0.attention.wk.weight")\n',
        "layers.0.attention.wk.weight",
        "KeyError",
    ),
    (
        "0.3.0",
        f'{LLAMA}held = model.state_dict()\ndel held["output.weight"]\n',
        "output.weight",
        "KeyError",
    ),
    (
        "0.3.0",
        f"{DEEPSEEK}from torch.distributed.checkpoint.state_dict import get_model_state_dict\n"
        'get_model_state_dict(model)["output.weight"]\n',
        "output.weight",
        "KeyError",
    ),
    (
        "0.3.0",
        f'{LLAMA}def head(model: Llama3Model):\n    return model.state_dict()["output.weight"]\n\n\n'
        "head(model)\n",
        "output.weight",
        "KeyError",
    ),
    (
        "0.3.0",
        f"{LLAMA}class Engine:\n    def __init__(self):\n        self.model = config.build()\n\n"
        '    def head(self):\n        return self.model.state_dict()["output.weight"]\n\n\n'
        'with torch.device("meta"):\n    Engine().head()\n',
        "output.weight",
        "KeyError",
    ),
    (
        "0.3.0",
        f'{LLAMA}model.load_state_dict({{"output.weight": torch.zeros(2)}})\n',
        "output.weight",
        "RuntimeError",
    ),
    (
        "0.3.0",
        f'{LLAMA}given = {{"output.weight": torch.zeros(2)}}\n'
        "model.load_state_dict(state_dict=given, strict=True)\n",
        "output.weight",
        "RuntimeError",
    ),
    (
        "0.3.0",
        f"{QWEN}held = model.state_dict()\nfor i in range(2):\n"
        '    key = f"layers.{i}.attention.wv.weight"\n    held[key]\n',
        "layers.*.attention.wv.weight",
        "KeyError",
    ),
    (
        "0.3.0",
        f'{QWEN}model.state_dict()["layers." + str(1) + ".attention.wk.weight"]\n',
        "layers.*.attention.wk.weight",
        "KeyError",
    ),
    (
        "0.3.0",
        f'{GPT_OSS}del model.state_dict()["layers.0.moe.experts.mlp1_weight"]\n',
        "layers.0.moe.experts.mlp1_weight",
        "KeyError",
    ),
    (
        "0.3.0",
        f'{DEEPSEEK}model.state_dict()["layers.1.moe.experts.w1"]\n',
        "layers.1.moe.experts.w1",
        "KeyError",
    ),
    (
        "0.3.0",
        f"{ADAPTER}    def to_hf(self, state_dict):\n"
        '        return {"lm_head.weight": state_dict["output.weight"]}\n\n\n'
        "Adapter(config, None).to_hf(model.state_dict())\n",
        "output.weight",
        "KeyError",
    ),
    (
        "0.3.0",
        f"{ADAPTER}    def __init__(self, model_config, hf_assets_path):\n"
        "        super().__init__(model_config, hf_assets_path)\n"
        '        self.from_hf_map = {"lm_head.weight": "output.weight"}\n\n\n'
        'model.load_state_dict(Adapter(config, None).from_hf({"lm_head.weight": torch.zeros(2)}))\n',
        "output.weight",
        "RuntimeError",
    ),
    ("0.2.2", f'{OLD}model.state_dict()["lm_head.weight"]\n', "lm_head.weight", "KeyError"),
    (
        "0.2.2",
        f'{OLD}other.state_dict()["layers.0.attention.qkv_linear.wq.weight"]\n',
        "layers.0.attention.qkv_linear.wq.weight",
        "KeyError",
    ),
]

# Release and program: nothing is raised.
RIGHT = [
    ("0.3.0", f'{LLAMA}model.state_dict()["lm_head.weight"]\n'),
    (
        "0.3.0",
        f"{LLAMA}held = model.state_dict()\nfor i in range(2):\n"
        '    held[f"layers.{i}.attention.qkv_linear.wq.weight"]\n',
    ),
    ("0.3.0", f'{LLAMA}held = model.state_dict()\nheld.pop("output.weight", None)\n'),
    ("0.3.0", f'{LLAMA}held = model.state_dict()\nheld.get("output.weight")\n'),
    (
        "0.3.0",
        f'{LLAMA}held = model.state_dict()\nif "output.weight" in held:\n    held["output.weight"]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}held = model.state_dict()\nKEY = "output.weight"\n'
        "has = KEY in held\nif has:\n    held[KEY]\n",
    ),
    (
        "0.3.0",
        f'{LLAMA}try:\n    model.state_dict()["output.weight"]\nexcept KeyError:\n    pass\n',
    ),
    # The file puts it there.
    (
        "0.3.0",
        f'{LLAMA}held = model.state_dict()\nheld["output.weight"] = held["lm_head.weight"]\n'
        'held["output.weight"]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}held = model.state_dict()\nheld.update({{"output.weight": 1}})\n'
        'held["output.weight"]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}def rename(held):\n    held["output.weight"] = held.pop("lm_head.weight")\n\n\n'
        'held = model.state_dict()\nrename(held)\nheld["output.weight"]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}held = model.state_dict()\nmine = held\nmine["output.weight"] = 1\n'
        'held["output.weight"]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}model.output = torch.nn.Linear(2, 2)\nmodel.state_dict()["output.weight"]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}model.add_module("output", torch.nn.Linear(2, 2))\n'
        'model.state_dict()["output.weight"]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}name = "out" + "put"\nsetattr(model, name, torch.nn.Linear(2, 2))\n'
        'model.state_dict()["output.weight"]\n',
    ),
    (
        "0.3.0",
        f"{LLAMA}class Mine(Llama3Model):\n    def state_dict(self):\n"
        '        return {"output.weight": 1}\n\n\ndef head(model: Llama3Model):\n'
        '    return model.state_dict()["output.weight"]\n\n\n'
        'with torch.device("meta"):\n    head(Mine(config))\n',
    ),
    # Another module's own, and one around the model.
    (
        "0.3.0",
        f'{LLAMA}held = torch.nn.ModuleDict({{"out" + "put": torch.nn.Linear(2, 2)}})\n'
        'held.state_dict()["output.weight"]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}whole = torch.nn.Sequential(model)\nwhole.state_dict()["0.lm_head.weight"]\n',
    ),
    # It takes what is there.
    (
        "0.3.0",
        f'{LLAMA}model.load_state_dict({{"output.weight": torch.zeros(2)}}, strict=False)\n',
    ),
    (
        "0.3.0",
        f"{ADAPTER}    def to_hf(self, state_dict):\n"
        '        return {"lm_head.weight": state_dict["lm_head.weight"]}\n\n\n'
        "Adapter(config, None).to_hf(model.state_dict())\n",
    ),
    (
        "0.3.0",
        f"{ADAPTER}    def to_hf(self, state_dict):\n"
        '        state_dict = {"output.weight": state_dict["lm_head.weight"]}\n'
        '        return {"lm_head.weight": state_dict["output.weight"]}\n\n\n'
        "Adapter(config, None).to_hf(model.state_dict())\n",
    ),
    # Its config holds a part of another model's.
    (
        "0.3.0",
        f"{LLAMA}from torchtitan.models.deepseek_v3 import model_registry as deepseek\n"
        'with torch.device("meta"):\n'
        '    config.layers[0].attention = deepseek("debugmodel").model.layers[0].attention\n'
        "    mine = Llama3Model(config)\n"
        'mine.state_dict()["layers.0.attention.wq.weight"]\n',
    ),
    (
        "0.3.0",
        f"{LLAMA}from torchtitan.models.deepseek_v3 import model_registry as deepseek\n"
        'config.layers[0].attention = deepseek("debugmodel").model.layers[0].attention\n'
        'with torch.device("meta"):\n    mine = config.build()\n'
        'mine.state_dict()["layers.0.attention.wq.weight"]\n',
    ),
    (
        "0.3.0",
        f"{LLAMA}from torchtitan.models.deepseek_v3 import model_registry as deepseek\n"
        'config.layers[0] = deepseek("debugmodel").model.layers[0]\n'
        'with torch.device("meta"):\n    mine = config.build()\n'
        'mine.state_dict()["layers.0.attention.wq.weight"]\n',
    ),
    (
        "0.3.0",
        f"{LLAMA}import dataclasses\n"
        "from torchtitan.models.deepseek_v3 import model_registry as deepseek\n"
        'other = dataclasses.replace(config, layers=deepseek("debugmodel").model.layers[:1])\n'
        'with torch.device("meta"):\n    mine = other.build()\n'
        'mine.state_dict()["layers.0.attention.wq.weight"]\n',
    ),
    # Another module stands where it asks.
    (
        "0.3.0",
        f'{LLAMA}model.layers["0"].attention = torch.nn.ModuleDict({{"w" + "q": '
        "torch.nn.Linear(2, 2)})\n"
        'model.state_dict()["layers.0.attention.wq.weight"]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}model.layers["0"] = torch.nn.ModuleDict({{"attention": torch.nn.ModuleDict('
        '{"w" + "q": torch.nn.Linear(2, 2)})})\n'
        'model.state_dict()["layers.0.attention.wq.weight"]\n',
    ),
    # It asks what is there.
    (
        "0.3.0",
        f"{LLAMA}held = model.state_dict()\nfor key in held:\n    match key:\n"
        '        case "output.weight":\n            held[key]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}held = model.state_dict()\nif hasattr(model, "output"):\n'
        '    held["output.weight"]\n',
    ),
    (
        "0.3.0",
        f"{LLAMA}import contextlib\nwith contextlib.suppress(KeyError):\n"
        '    model.state_dict()["output.weight"]\n',
    ),
    (
        "0.3.0",
        f'{LLAMA}try:\n    model.load_state_dict({{"output.weight": torch.zeros(2)}})\n'
        "except RuntimeError:\n    pass\n",
    ),
    (
        "0.3.0",
        f"{DEEPSEEK}model = model_registry('debugmodel', num_mtp_layers=1).model.build()\n"
        'model.state_dict()["tok_embeddings.weight"]\n',
    ),
    ("0.2.2", f'{OLD}model.state_dict()["output.weight"]\n'),
    ("0.2.2", f'{OLD}other.state_dict()["layers.0.attention.wq.weight"]\n'),
]

# What may be anything; each stands on `not-seen`.

# A loop asks each key: nothing raises there, and the first that it finds is asked for.
FIRST = "\nhits[0]\n"
WRONG.extend(
    [
        (
            version,
            f"{start}held = model.state_dict()\n{loop}{FIRST}",
            key,
            "IndexError",
        )
        for version, start, loop, key in [
            ("0.3.0", LLAMA, 'hits = [k for k in held if k == "output.weight"]', "output.weight"),
            (
                "0.3.0",
                LLAMA,
                'hits = [k for k in held.keys() if k in ("output.weight", "x")]',
                "output",
            ),
            (
                "0.3.0",
                LLAMA,
                'hits = [v for k, v in held.items() if k.startswith("output.")]',
                "begins with",
            ),
            (
                "0.3.0",
                LLAMA,
                "hits = []\nfor k, p in model.named_parameters():\n"
                '    if "output.weight" == k:\n        hits.append(p)',
                "output.weight",
            ),
            (
                "0.3.0",
                LLAMA,
                'hits = []\nfor k in held:\n    if "layers.0.attention.wq." in k:\n'
                "        hits.append(k)",
                "that holds",
            ),
        ]
    ]
)
RIGHT.extend(
    [
        ("0.3.0", f"{LLAMA}held = model.state_dict()\n{loop}{FIRST}")
        for loop in [
            'hits = [k for k in held if k == "lm_head.weight"]',
            'hits = [k for k in held if k in ("output.weight", "lm_head.weight")]',
            'hits = [k for k in held if k.startswith("output.") or "lm_head" in k]',
            'hits = [k for k in held if k.startswith("layers.0.") and not k.endswith("wo.weight")]',
            'hits = [k for k in held if "_orig_mod" not in k]',
            'hits = [k for k in ("output.weight", "norm.weight") if k == "output.weight"]',
            'held["output.weight"] = 1\nhits = [k for k in held if k == "output.weight"]',
            'other = {f"{k}": v for k, v in held.items()} | {"output.weight": 1}\n'
            'hits = [k for k in other if k == "output.weight"]',
            'class Own(dict):\n    pass\n\nown = Own({"output.weight": 1})\n'
            'hits = [k for k in own if k == "output.weight"]',
            'hits = [n for n, m in torch.nn.ModuleDict({"out" + "put": torch.nn.Linear(2, 2)})'
            '.named_parameters() if n.startswith("output.")]',
        ]
    ]
)
RIGHT.extend(
    [
        ("0.2.2", f"{OLD}hits = [k for k in model.state_dict() if k == 'output.weight']{FIRST}"),
    ]
)


# A loop matches each key with a regular expression.
RE = f"import fnmatch, re\n{LLAMA}held = model.state_dict()\n"
WRONG.extend(
    [
        ("0.3.0", f"{RE}{loop}{FIRST}", "matches", "IndexError")
        for loop in [
            'hits = [k for k in held if re.match("output", k)]',
            'hits = [k for k in held if re.match(r"layers\\.\\d+\\.attention\\.w[qkv]\\.", k)]',
            'hits = [k for k in held if re.search(r"attention\\.(wq|wk|wv)\\.weight$", k)]',
            'hits = [k for k in held if re.fullmatch(r"output\\.(weight|bias)", k)]',
            'hits = [k for k in held if re.compile(r"^output\\b").search(k)]',
            'OLD = re.compile(r"layers\\.(\\d+)\\.attention\\.wk\\.weight")\n'
            "hits = [v for k, v in held.items() if OLD.match(k)]",
            'hits = [re.sub("", "", k) for k, p in model.named_parameters() if re.search("output", k)]',
            'hits = [k for k in held if fnmatch.fnmatch(k, "output.*")]',
            'hits = [k for k in held if fnmatch.fnmatchcase(k, "layers.*.attention.wq.weight")]',
            'hits = []\nfor k in held:\n    m = re.match(r"layers\\.31\\.attention\\.wq", k)\n'
            "    if m is not None:\n        hits.append(m)",
        ]
    ]
)
RIGHT.extend(
    [
        ("0.3.0", f"{RE}{loop}{FIRST}")
        for loop in [
            # They match what is there, with the one number or the other.
            'hits = [k for k in held if re.match("(output|lm_head)", k)]',
            'hits = [k for k in held if re.search("weight$", k)]',
            'hits = [k for k in held if re.match(r"layers\\.[0-5]\\.attention\\.", k)]',
            'hits = [k for k in held if fnmatch.fnmatch(k, "layers.*.attention.*")]',
            # It is told what came instead.
            'hits = [k for k in held if re.match("output", k) or re.match(r"lm_head\\.weight", k)]',
            # What it is asked of, or with, is another thing.
            'hits = [k for k in ("output.weight",) if re.match("output", k)]',
            'hits = [k for k in map(lambda k: k.replace("lm_head", "output"), held) if re.match("output", k)]',
            'hits = [k for k in held if re.match("OUTPUT|LM", k, re.IGNORECASE)]',
            'hits = [k for k in held if not re.match(r"(o+u*t*)+put", k)]',
            'held = {**held, "output.weight": 1}\nhits = [k for k in held if re.match("output", k)]',
        ]
    ]
)


UNSEEN = [
    f'{LLAMA}[k for k in map(str, model.state_dict()) if k == "output.weight"]\n',
    f'{LLAMA}import re\nlist(filter(re.compile("output").match, model.state_dict()))\n',
    f'{LLAMA}import re\n[k for k in model.state_dict() if re.match("output", k, re.ASCII)]\n',
    f'{LLAMA}[n for n, m in model.named_modules() if n == "output"]\n',
    "from torchtitan.trainer import Trainer\n\n\ndef head(trainer: Trainer):\n"
    '    return trainer.model_parts[0].state_dict()["output.weight"]\n',
    "from torchtitan.trainer import Trainer\n\n\ndef head(trainer: Trainer):\n"
    '    return trainer.checkpointer.states["model"].state_dict()["output.weight"]\n',
    f'{LLAMA}dict(model.named_parameters())["output.weight"]\n',
    f'{LLAMA}model.get_parameter("output.weight")\n',
    f'{LLAMA}for key in ("output.weight", "norm.weight"):\n    model.state_dict()[key]\n',
    f'{LLAMA}held = model.state_dict()\nheld["output.weight"] = 1\nmodel.load_state_dict(held)\n',
    f'{LLAMA}model.state_dict()["layers.99.ffn_norm.weight"]\n',
    f'{LLAMA}model.state_dict()["tok_embedding.weight"]\n',
    "from torchtitan.models.llama3 import Llama3Model\n\n\ndef queries(model: Llama3Model):\n"
    '    return model.state_dict()["layers.0.attention.wq.weight"]\n',
]


def test_every_release_from_0_2_0_and_main_from_2026_02_on_has_models() -> None:
    # What is older, but for releases, is bundled for what left it, and does not import with this torch.
    keys = {key for model in facts.state_dicts().models for key in model.of}
    assert keys >= {"0.2.0", "0.2.1", "0.2.2"}
    assert keys >= {k for k, e in bundle.index().items() if str(e.day) >= "2026-02"}


def answered(program: str, version: str, given: str = "") -> Any:
    """What a program prints in its last line, as JSON; that with the installed release is forked."""
    if importlib.metadata.version("torchtitan") == version:
        said = forked.output(program, given, (ROOT,))
    else:
        path = os.pathsep.join([str(unpacked("torchtitan", version)), str(ROOT)])
        said = subprocess.run(
            [sys.executable, "-c", program],
            input=given,
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONPATH": path},
        ).stdout
    return json.loads(said.splitlines()[-1])


@pytest.mark.skipif(bool(oracle.missing()), reason=oracle.missing())
@pytest.mark.parametrize("version", [pytest.param("0.2.0", marks=pytest.mark.slow), "0.3.0"])
def test_the_keys_are_those_that_the_releases_models_have(version: str) -> None:
    program = (
        "import json, torchtitan\nfrom pathlib import Path\nfrom scripts.build_state_dicts import ask\n"
        "print(json.dumps(ask(Path(torchtitan.__path__[0]).parent)))\n"
    )
    assert answered(program, version) == [
        {
            "of": None,
            "model": model.model,
            "class": model.class_,
            "adapter": model.adapter,
            "keys": sorted(model.keys),
            "parameters": sorted(model.parameters),
            "modules": sorted(model.modules),
        }
        for model in facts.state_dicts().at(version)
    ]


@pytest.mark.skipif(bool(oracle.missing()), reason=oracle.missing())
@pytest.mark.parametrize("version", [pytest.param("0.2.2", marks=pytest.mark.slow), "0.3.0"])
def test_what_is_found_raises_at_the_release_and_what_is_left_alone_does_not(version: str) -> None:
    cases = [(text, error) for at, text, _, error in WRONG if at == version]
    cases += [(text, "") for at, text in RIGHT if at == version]
    said = answered(RUN, version, json.dumps([text for text, _ in cases]))
    assert list(zip([text for text, _ in cases], said, strict=True)) == cases


@pytest.mark.parametrize(("version", "text", "key"), [case[:3] for case in WRONG])
def test_a_key_that_the_model_does_not_have_is_found(version: str, text: str, key: str) -> None:
    said = messages("TTN406", text, version)
    assert len(said) == 1
    assert key in said[0]


@pytest.mark.parametrize(("version", "text"), RIGHT)
def test_a_key_that_may_be_there_is_left_alone(version: str, text: str) -> None:
    assert messages("TTN406", text, version) == []


@pytest.mark.parametrize("text", UNSEEN)
def test_what_is_not_seen_is_left_alone(text: str) -> None:
    assert messages("TTN406", text) == []


@pytest.mark.parametrize(
    ("start", "key", "became"),
    [
        (LLAMA, "output.weight", "lm_head.weight"),
        (LLAMA, "layers.0.attention.wq.weight", "layers.{}.attention.qkv_linear.wq.weight"),
        (
            DEEPSEEK,
            "layers.0.moe.experts.w2",
            "layers.{}.moe.routed_experts.inner_experts.w2_EDF",
        ),
    ],
)
def test_it_is_said_what_came_instead(start: str, key: str, became: str) -> None:
    (finding,) = found("TTN406", f'{start}model.state_dict()["{key}"]\n', codes=("TTN406",))
    assert finding.help == f"Use `{became}`, which stands in its place"


def test_it_is_said_where_the_key_was() -> None:
    (finding,) = found("TTN406", f'{LLAMA}model.state_dict()["output.weight"]\n', codes=("TTN406",))
    assert finding.notes == (
        "it is gone: it was last in torchtitan main of 2026-04-18 (7cec16600)",
    )


@pytest.mark.parametrize(
    "other",
    [
        "class Mine(Llama3Model):\n    def __init__(self, config):\n        super().__init__(config)\n"
        "        self.output = config.output.build()\n",
        'def more(model: Llama3Model, head):\n    model.add_module("output", head)\n',
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "from torchtitan.models.llama3 import Llama3Model\n\n\ndef head(model: Llama3Model):\n"
        '    return model.state_dict()["output.weight"]\n',
        "from torchtitan.models.llama3.state_dict_adapter import Llama3StateDictAdapter\n\n\n"
        "class Adapter(Llama3StateDictAdapter):\n    def __init__(self, model_config, path):\n"
        "        super().__init__(model_config, path)\n"
        '        self.from_hf_map = {"lm_head.weight": "output.weight"}\n',
    ],
)
def test_the_model_of_a_project_may_have_what_another_file_of_it_gives_one(
    project: Path, titan_lint: TitanLint, text: str, other: str
) -> None:
    (project / "use.py").write_text(text)
    run = ("--select", "TTN406", "--torchtitan", "0.3.0")
    assert "have no key 'output.weight'" in titan_lint(*run).out
    (project / "model.py").write_text(
        f"from torchtitan.models.llama3 import Llama3Model\n\n\n{other}"
    )
    assert titan_lint(*run).status == 0
