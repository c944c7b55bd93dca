"""What the target gets to only where the new way fails that is tried before is there for other torchtitans."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.cases import every_message

HEAD = """\
import contextlib
from contextlib import suppress
from torchtitan.components import optimizer as opt
from torchtitan.config import ParallelismConfig
from torchtitan.models.llama3 import model_registry
from torchtitan.trainer import Trainer


class T(Trainer):
    def old(self):
        return self.job_config


def new(kw):
    return model_registry("8B", **kw)


"""
OLD = "return ParallelismConfig(expert_tensor_parallel_degree=etp, spmd_backend='partial_dtensor')"
NEW = "ParallelismConfig(tensor_parallel_degree=tp, spmd_backend='partial_dtensor')"


def program(body: str) -> str:
    inner = textwrap.indent(body.replace("OLD", OLD).replace("NEW", NEW), "    ")
    return f"{HEAD.replace('return self.job_config', 'return 1')}def make(tp, etp, makers=()):\n{inner}"


BEHIND = {
    "return, pass": "try:\n    return NEW\nexcept TypeError:\n    pass\nOLD\n",
    "return, ...": "try:\n    return NEW\nexcept (TypeError, ImportError):\n    ...\nOLD\n",
    "return, a message": "try:\n    return NEW\nexcept TypeError as e:\n    print(e)\nOLD\n",
    "any failure": "try:\n    return NEW\nexcept Exception:\n    pass\nOLD\n",
    "return in else": "try:\n    made = NEW\nexcept TypeError:\n    pass\nelse:\n    return made\nOLD\n",
    "return behind it": "try:\n    made = NEW\n    return made\nexcept TypeError:\n    pass\nOLD\n",
    "finally": "try:\n    return NEW\nexcept TypeError:\n    pass\nfinally:\n    print(1)\nOLD\n",
    "raise from a block": "with suppress(TypeError):\n    return NEW\nOLD\n",
    "suppress by its module": "with contextlib.suppress(TypeError):\n    return NEW\nOLD\n",
    "through a function": "try:\n    return new({'attn_backend': 'flex'})\nexcept TypeError:\n    pass\nOLD\n",
    "handed over": "try:\n    return makers(tp)\nexcept TypeError:\n    pass\nOLD\n",
    "an attribute": "try:\n    return opt.default_adamw(lr=1)\nexcept AttributeError:\n    pass\nOLD\n",
    "if around": "if tp:\n    try:\n        return NEW\n    except TypeError:\n        pass\n    OLD\n",
    "if in it": "try:\n    if tp:\n        return NEW\n    return None\nexcept TypeError:\n    pass\nOLD\n",
    "two of them": (
        "try:\n    return NEW\nexcept TypeError:\n    pass\n"
        "try:\n    OLD\nexcept ImportError:\n    pass\nOLD\n"
    ),
    "a loop, return": (
        "for kw in ({'attn_backend': 'flex'}, {}):\n    try:\n        return new(kw)\n"
        "    except TypeError:\n        pass\nOLD\n"
    ),
    "a loop, continue": (
        "for kw in ({'attn_backend': 'flex'}, {}):\n    try:\n        spec = new(kw)\n"
        "    except TypeError:\n        continue\n    return spec\nOLD\n"
    ),
    "a loop over a name": (
        "ways = [{'attn_backend': 'flex'}, {}]\nfor kw in ways:\n    try:\n        return new(kw)\n"
        "    except TypeError:\n        continue\nOLD\n"
    ),
    "a loop, its else": (
        "for kw in ({'attn_backend': 'flex'}, {}):\n    try:\n        spec = new(kw)\n        break\n"
        "    except TypeError:\n        continue\nelse:\n    OLD\n"
    ),
    "a loop, break": (
        "for kw in ({'attn_backend': 'flex'}, {}):\n    try:\n        spec = new(kw)\n        break\n"
        "    except TypeError:\n        pass\n    OLD\n"
    ),
    "a loop that counts": (
        "for at, kw in enumerate([{'attn_backend': 'flex'}, {}]):\n    try:\n        return new(kw)\n"
        "    except TypeError:\n        pass\nOLD\n"
    ),
    "the end of the program": (
        "import sys\ntry:\n    print(NEW)\n    sys.exit(0)\nexcept TypeError:\n    pass\nOLD\n"
    ),
    "another block around": (
        "with makers:\n    try:\n        return NEW\n    except TypeError:\n        pass\nOLD\n"
    ),
    "a try in a try": (
        "try:\n    try:\n        return NEW\n    except ImportError as e:\n        raise TypeError from e\n"
        "except TypeError:\n    pass\nOLD\n"
    ),
    "none of a function": (
        "def find():\n    try:\n        return NEW\n    except TypeError:\n        return None\n"
        "made = find()\nif made is None:\n    OLD\n"
    ),
    "none before a block": (
        "made = None\nwith suppress(TypeError):\n    made = NEW\nif made is None:\n    OLD\n"
    ),
    "a list that is filled": (
        "made = []\nif hasattr(opt, 'default_adamw'):\n    made.append(NEW)\nif not made:\n    OLD\n"
    ),
    "a dictionary that is filled": (
        "made = {}\nwith suppress(TypeError):\n    made['x'] = NEW\nif not made:\n    OLD\n"
    ),
    "while": "while True:\n    try:\n        return NEW\n    except TypeError:\n        break\nOLD\n",
}


@pytest.mark.parametrize("body", BEHIND.values(), ids=BEHIND)
def test_what_stands_behind_a_try_that_has_left_is_for_other_torchtitans(body: str) -> None:
    assert "TTN301" not in " ".join(every_message(program(body)))


REACHED = {
    "what it raises itself": (
        "try:\n    if not hasattr(opt, 'no_such'):\n        raise TypeError\n    return NEW\n"
        "except TypeError:\n    pass\nOLD\n"
    ),
    "what a block raises itself": (
        "with suppress(TypeError):\n    if not hasattr(opt, 'no_such'):\n        raise TypeError\n"
        "    return NEW\nOLD\n"
    ),
    "none where nothing was asked": (
        "made = None\nif tp:\n    made = NEW\nif made is None:\n    OLD\n"
    ),
    "a function that gives none": (
        "def find():\n    return None if tp else 1\nmade = find()\nif made is None:\n    OLD\n"
    ),
    "a list that is filled for another reason": (
        "made = []\nif tp:\n    made.append(NEW)\nif not made:\n    OLD\n"
    ),
    "nothing left": "try:\n    made = NEW\nexcept TypeError:\n    pass\nOLD\n",
    "left on one way": "try:\n    if tp:\n        return NEW\nexcept TypeError:\n    pass\nOLD\n",
    "what fails": "try:\n    OLD\nexcept TypeError:\n    pass\nOLD\n",
    "an import that fails": (
        "try:\n    from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
        "    return LRSchedulersContainer\nexcept ImportError:\n    pass\nOLD\n"
    ),
    "an attribute that is gone": "try:\n    return opt.gone\nexcept AttributeError:\n    pass\nOLD\n",
    "a member that is gone": (
        "try:\n    return Trainer.job_config\nexcept AttributeError:\n    pass\nOLD\n"
    ),
    "another failure": "try:\n    return NEW\nexcept OSError:\n    pass\nOLD\n",
    "a cache": "try:\n    return {}[tp]\nexcept KeyError:\n    pass\nOLD\n",
    "a file": "try:\n    return open(tp)\nexcept Exception:\n    pass\nOLD\n",
    "suppress of another": "with suppress(OSError):\n    return NEW\nOLD\n",
    "a loop that goes on": (
        "for kw in ({'attn_backend': 'flex'}, {}):\n    try:\n        spec = new(kw)\n"
        "    except TypeError:\n        pass\nOLD\n"
    ),
    "a loop that may have no turn": (
        "for kw in makers:\n    try:\n        return new(kw)\n    except TypeError:\n        pass\nOLD\n"
    ),
    "a loop that is broken": (
        "for kw in ({'attn_backend': 'flex'}, {}):\n    try:\n        spec = new(kw)\n        break\n"
        "    except TypeError:\n        pass\nOLD\n"
    ),
    "in the try": "try:\n    OLD\nexcept OSError:\n    pass\n",
    "in a function of its own": (
        "try:\n    return NEW\nexcept TypeError:\n    pass\n\n\ndef other(etp):\n    OLD\n"
    ),
}


@pytest.mark.parametrize("body", REACHED.values(), ids=REACHED)
def test_what_the_target_may_get_to_behind_a_try_is_judged(body: str) -> None:
    text = program(body)
    if "def other" in body:
        text = text.replace("    def other(etp):\n        ", "def other(etp):\n    ")
    assert "TTN301" in " ".join(every_message(text))


def test_the_old_way_of_the_attention_backend_behind_a_try_is_left_alone() -> None:
    text = HEAD + (
        "def registry(flavor, attn):\n    try:\n        return model_registry(flavor, attn_backend=attn)\n"
        "    except TypeError:\n        pass\n    spec = model_registry(flavor)\n"
        "    spec.model.layer.attention.attn_backend = attn\n    return spec\n"
    )
    assert not any(said.startswith("TTN10") for said in every_message(text))


ASKED = {
    "if, else": (
        "if hasattr(self, 'config'):\n    found = self.config\nelse:\n    found = None\n"
        "if found is None:\n    found = self.job_config\n"
    ),
    "none before": (
        "found = None\nif hasattr(self, 'config'):\n    found = self.config\n"
        "if found is None:\n    found = self.job_config\n"
    ),
    "not": (
        "found = None\nif hasattr(self, 'config'):\n    found = self.config\n"
        "if not found:\n    found = self.job_config\n"
    ),
    "tried": (
        "found = None\ntry:\n    found = self.config\nexcept AttributeError:\n    pass\n"
        "if found is None:\n    found = self.job_config\n"
    ),
    "tried, then none": (
        "try:\n    found = self.config\nexcept AttributeError:\n    found = None\n"
        "if found is None:\n    found = self.job_config\n"
    ),
    "the other side": (
        "found = None\nif hasattr(self, 'config'):\n    found = self.config\n"
        "if found is not None:\n    print(found)\nelse:\n    found = self.job_config\n"
    ),
    "a choice": "found = self.config if hasattr(self, 'config') else None\nreturn found or self.job_config\n",
    "a choice, asked": (
        "found = self.config if hasattr(self, 'config') else None\n"
        "if found is None:\n    return self.job_config\nreturn found\n"
    ),
    "a list": (
        "found = []\nif hasattr(self, 'config'):\n    found.append(self.config)\n"
        "if not found:\n    found.append(self.job_config)\n"
    ),
    "a method": (
        "return self.get('config') or self.job_config\n\n"
        "def get(self, name):\n    return getattr(self, name, None)\n"
    ),
    "a property": (
        "return self.cfg or self.job_config\n\n@property\ndef cfg(self):\n"
        "    if hasattr(self, 'config'):\n        return self.config\n    return None\n"
    ),
    "a property, asked": (
        "if self.cfg is None:\n    return self.job_config\n\n@property\ndef cfg(self):\n"
        "    try:\n        return self.config\n    except AttributeError:\n        return None\n"
    ),
    "with return": (
        "found = None\nif hasattr(type(self), 'config') or hasattr(self, 'config'):\n"
        "    found = self.config\nif found is not None:\n    return found\nreturn self.job_config\n"
    ),
}


def method(body: str, init: str = "") -> str:
    head = "from torchtitan.trainer import Trainer\nclass T(Trainer):\n"
    body, _, others = body.partition("\n\n")
    text = "    def a(self, given=None):\n" + textwrap.indent(f"{body}\n", " " * 8)
    return head + init + text + textwrap.indent(others, " " * 4)


@pytest.mark.parametrize("init", ["", "    def __init__(self):\n        self.config = 1\n"])
@pytest.mark.parametrize("body", ASKED.values(), ids=ASKED)
def test_a_name_that_is_none_where_the_new_one_is_missing_keeps_the_old_one_out(
    body: str, init: str
) -> None:
    assert every_message(method(body, init)) == []


@pytest.mark.parametrize(
    "body",
    [
        "found = None\nif given:\n    found = self.config\nif found is None:\n    found = self.job_config\n",
        "found = given\nif found is None:\n    found = self.job_config\n",
        "found = self.config\nif found is None:\n    found = self.job_config\n",
        "found = None\nif found is None:\n    found = self.job_config\n",
        "found = None\ntry:\n    found = open(given)\nexcept OSError:\n    pass\n"
        "if found is None:\n    found = self.job_config\n",
    ],
)
def test_a_name_that_is_none_for_another_reason_keeps_nothing_out(body: str) -> None:
    assert any("job_config" in said for said in every_message(method(body)))
