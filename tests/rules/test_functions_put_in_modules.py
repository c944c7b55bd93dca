"""A function that a file puts in the place of one of torchtitan's is held against the calls that find it there."""

from __future__ import annotations

import pytest

from tests.rules.cases import found, messages

DECODER = "import torchtitan.models.common.decoder as decoder\n\n\n"
OLD = "def packed(input_batch, eos_id):\n    return None\n\n\n"
NEW = "def packed(positions):\n    return None\n\n\n"
PUT = "decoder.create_varlen_metadata_for_document = packed\n"
NAMED = 'setattr(decoder, "create_varlen_metadata_for_document", packed)\n'
SAID = "this asks for `eos_id` which torchtitan 0.3.0 does not pass"


def said(text: str, torchtitan: str = "0.3.0", code: str = "TTN306") -> list[str]:
    return [finding.message for finding in found(code, text, torchtitan, (code,))]


def inside(text: str) -> str:
    return "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())


FAILING = {
    "where torchtitan imported it": DECODER + OLD + PUT,
    "setattr": DECODER + OLD + NAMED,
    "by the whole path": "import torchtitan.models.common.decoder\n\n\n" + OLD + (
        "torchtitan.models.common." + PUT
    ),
    "in the module and where it was imported": (
        DECODER + "from torchtitan.models.common import attention\n" + OLD + PUT
        + PUT.replace("decoder", "attention")
    ),
    "a lambda": DECODER + PUT.replace("packed", "lambda batch, eos_id: None"),
    "in a function that installs it": "def install():\n" + inside(DECODER + OLD + PUT),
    "a wrapper": (
        "import functools\n" + DECODER + "original = decoder.create_varlen_metadata_for_document\n\n\n"
        "@functools.wraps(original)\n" + OLD.replace("None", "original(input_batch, eos_id)") + PUT
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", FAILING.values(), ids=FAILING)
def test_what_does_not_take_what_torchtitan_passes_is_reported(text: str) -> None:
    (message,) = said(text)
    assert message.startswith("this asks for `eos_id` ")


OTHERS = {
    "a function that its own module calls": (
        "from torchtitan.distributed import utils\n\n\ndef clip(parameters, max_norm):\n"
        "    return 0\n\n\nutils._clip_grad_norm_with_ep = clip\n"
    ),
    "a function that others look up in its module": (
        "from torchtitan.tools import utils\n\n\nutils.get_peak_flops = lambda name, device: 1.0\n"
    ),
    "what a module imported by name": (
        "import torchtitan.trainer as titan\n\n\n"
        "def prepare(inputs, labels, extra_kwargs, cp_mesh, device, load_balancer_type='headtail'):\n"
        "    return inputs, labels, extra_kwargs\n\n\ntitan.prepare_context_parallel_input = prepare\n"
    ),
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_every_way_to_look_a_function_up_in_a_module_counts(text: str) -> None:
    assert len(said(text)) == 1


WORKING = {
    "all that is passed": DECODER + NEW + PUT,
    "more, with a default": DECODER + OLD.replace("eos_id", "eos_id=0") + PUT,
    "anything": DECODER + OLD.replace("input_batch, eos_id", "*args, **kwargs") + PUT,
    "a decorator may change it": DECODER + "from other import adapted\n\n\n@adapted\n" + OLD + PUT,
    "what its own module never calls": (
        "from torchtitan.models.common import attention\n" + OLD + PUT.replace("decoder", "attention")
    ),
    "what is only imported from there": (
        "import torchtitan.distributed.context_parallel as cp\n\n\n"
        "cp.prepare_context_parallel_input = lambda inputs, labels: (inputs, labels, {})\n"
    ),
    "a version check": (
        'import importlib.metadata\n\nif importlib.metadata.version("torchtitan") < "0.3":\n'
        + inside(DECODER + OLD + PUT)
    ),
    "a guard that asks for the signature": (
        "import inspect\n" + DECODER + OLD + "if 'eos_id' in inspect.signature("
        "decoder.create_varlen_metadata_for_document).parameters:\n    " + PUT
    ),
    "put only where it is missing": (
        DECODER + OLD + 'if not hasattr(decoder, "create_varlen_metadata_for_document"):\n    ' + PUT
    ),
    "the original is put back": (
        DECODER + OLD + "original = decoder.create_varlen_metadata_for_document\n" + PUT
        + "try:\n    run()\nfinally:\n    decoder.create_varlen_metadata_for_document = original\n"
    ),
    "a mock": (
        "from unittest import mock\n" + DECODER + OLD
        + 'with mock.patch.object(decoder, "create_varlen_metadata_for_document", packed):\n    run()\n'
    ),
    "a fixture": (
        DECODER + OLD + "def test_it(monkeypatch):\n"
        '    monkeypatch.setattr(decoder, "create_varlen_metadata_for_document", packed)\n'
    ),
    "what is not known": DECODER + "from other import packed\n" + PUT,
    "the caller is put there, too": (
        DECODER + OLD + PUT + "decoder.Decoder.get_attention_masks = lambda self, positions: None\n"
    ),
    "a class of the file's replaces the caller": (
        DECODER + OLD + PUT + "\n\nclass Mine(decoder.Decoder):\n"
        "    def get_attention_masks(self, positions):\n        return None\n"
    ),
    "the whole class is put there": DECODER + OLD + PUT + "decoder.Decoder = Mine\n",
    "the file calls it itself": (
        DECODER + OLD + PUT + "\n\ndef go(batch):\n"
        "    return decoder.create_varlen_metadata_for_document(batch, 0)\n"
    ),
    "a function of another name": DECODER + OLD + "decoder.mine = packed\n",
    "a class": DECODER + "decoder.FlexAttention = lambda: None\n",
    "a module of one's own": "from own import decoder\n\n\n" + OLD + PUT,
}  # fmt: skip


@pytest.mark.parametrize("text", WORKING.values(), ids=WORKING)
def test_what_may_work_is_left_alone(text: str) -> None:
    for code in ("TTN306", "TTN307"):
        assert messages(code, text) == []


def test_a_torchtitan_that_passes_it_is_left_alone() -> None:
    text = (
        "import torchtitan.models.llama3.model.model as model\n\n\n"
        "model.create_varlen_metadata_for_document = lambda input_batch, eos_id: None\n"
    )
    assert said(text, "0.2.2") == []
    assert len(said(text.replace(", eos_id", ""), "0.2.2")) == 1


def test_what_is_returned_is_held_against_how_it_is_unpacked() -> None:
    text = (
        "import torchtitan.trainer as titan\n\n\n"
        "titan.prepare_context_parallel_input = lambda a, b, c, d, e, f, g: (a, b)\n"
    )
    assert said(text, code="TTN307") == ["this returns 2 values, and torchtitan 0.3.0 unpacks 3"]
    assert said(text.replace("(a, b)", "(a, b, c)"), code="TTN307") == []
