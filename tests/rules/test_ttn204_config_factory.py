"""TTN204: dictionaries of flavors whose values became functions."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.cases import fixed, found, messages


@pytest.mark.parametrize(
    "search",
    [
        'configs = next(v for k, v in vars(module).items() if k.endswith("_configs"))',
        'configs = getattr(module, f"{name}_configs")',
        'configs = getattr(module, name + "_configs", None)',
        'configs = module.__dict__[f"{name}_configs"]',
    ],
)
@pytest.mark.parametrize(
    "use",
    [
        'for flavor, c in configs.items():\n    print(getattr(c, "dim", None))',
        "print([c.dim for c in configs.values()])",
        'c = configs["debugmodel"]\nprint(c.dim)',
        'print(configs.get("debugmodel").dim)',
    ],
)
def test_a_dictionary_that_is_searched_for_in_a_module(search: str, use: str) -> None:
    text = f"import importlib\nmodule = importlib.import_module(f'torchtitan.models.{{name}}')\n{search}\n{use}\n"
    (message,) = messages("TTN204", text)
    assert "`dim`" in message
    assert "`model_registry(flavor).model`" in message
    assert messages("TTN204", text, "2026-03-15") == []


@pytest.mark.parametrize(
    "text",
    [
        # Another module's dictionaries, or any name in the module.
        "import mylib\nfor c in mylib.llama3_configs.values():\n    print(c.dim)\n",
        "import torchtitan.models.llama3 as m\nfor k in dir(m):\n    print(getattr(m, k).dim)\n",
        # Called, or tested first.
        "from torchtitan.models.llama3 import llama3_configs\n"
        "for c in llama3_configs.values():\n    c = c(attn_backend='flex')\n    print(c.dim)\n",
        "from torchtitan.models.llama3 import llama3_configs\n"
        "for c in llama3_configs.values():\n"
        "    print(c.dim if not callable(c) else c(attn_backend='flex').dim)\n",
        "from torchtitan.models.llama3 import llama3_configs\n"
        "print(llama3_configs['8B'].__name__, llama3_configs.keys(), len(llama3_configs))\n",
    ],
)
def test_what_is_no_config_read_from_a_factory(text: str) -> None:
    assert messages("TTN204", text) == []


def test_two_packages_never_share_the_name_of_a_registry() -> None:
    text = """\
        from torchtitan.models.llama3 import llama3_configs
        from torchtitan.models.qwen3 import qwen3_configs
        a = llama3_configs["8B"].dim
        b = qwen3_configs["8B"].dim
        """
    result = fixed(text, codes=("TTN204",)).source.text
    assert result == textwrap.dedent("""\
        from torchtitan.models.llama3 import model_registry
        from torchtitan.models.qwen3 import qwen3_configs
        a = model_registry("8B").model.dim
        b = qwen3_configs["8B"].dim
        """)


def test_a_field_that_the_config_lacks_is_not_promised() -> None:
    text = "from torchtitan.models.llama3 import llama3_configs\nx = llama3_configs['8B'].nothing\n"
    (finding,) = found("TTN204", text, codes=("TTN204",))
    assert finding.fix is None


def test_the_import_that_nothing_uses_any_more_goes_with_texts_between() -> None:
    text = """\
from torchtitan.models.llama3 import llama3_configs

'''A module.'''

from torchtitan.models.llama3 import model_registry

print(llama3_configs["8B"].dim, model_registry("8B"))
"""
    assert "llama3_configs" not in fixed(text, codes=("TTN204",)).source.text


@pytest.mark.parametrize("more", ["", ", model_registry"])
@pytest.mark.parametrize("again", ["", ", model_registry"])
def test_a_dictionary_that_is_imported_twice_is_imported_no_more(more: str, again: str) -> None:
    """Where both imports bring the registry, too, nothing has to move."""
    head = "from torchtitan.models.llama3 import llama3_configs"
    text = (
        f"{head}{more}\ndef build():\n    return llama3_configs['8B'].dim\nprint(build())\n"
        f"{head}{again}\nprint(llama3_configs['8B'].dim{again})\n"
    )
    done = fixed(text, codes=("TTN204",)).source.text
    # The first call would come before the one import of the registry.
    assert ("llama3_configs" in done) is (not more and bool(again))


def test_what_takes_the_place_of_a_dictionary_is_imported_once() -> None:
    """Its first import becomes that of the registry, which the second place needs as well; what it asks else stays."""
    read = "from torchtitan.models.llama3 import {}\n\nprint({}.dim)\n\n"
    again = 'from torchtitan.models.llama3 import llama3_configs\n\nprint({}.dim, "8B" in llama3_configs)\n'
    old, new = 'llama3_configs["8B"]', 'model_registry("8B").model'
    before = read.format("llama3_configs", old) + again.format(old)
    done = fixed(before, codes=("TTN204",)).source.text
    assert done == read.format("model_registry", new) + again.format(new)


GPT = "import types\nfrom unittest import mock\nimport torchtitan.models.gpt_oss as titan\n"


@pytest.mark.parametrize(
    ("kept", "name"),
    [
        ("holder = types.SimpleNamespace(thing=titan.gptoss_configs)\n", "holder.thing"),
        (
            "import contextlib\n"
            "with contextlib.nullcontext(titan.gptoss_configs) as held:\n    pass\n",
            "held",
        ),
    ],
)
def test_a_dictionary_that_is_only_kept_holds_what_torchtitan_put_there(
    kept: str, name: str
) -> None:
    read = f"config = {name}['120b']\nprint(config.dim)\n"
    assert len(messages("TTN204", GPT + kept + read)) == 1
    filled = f"{name}['120b'] = mine\n"
    assert messages("TTN204", GPT + kept + filled + read) == []


def test_a_question_for_what_every_object_has_leaves_nothing_in_doubt() -> None:
    text = "if hasattr(titan.gptoss_configs, '__doc__'):\n    print(titan.gptoss_configs['120b'].dim)\n"
    assert len(messages("TTN204", GPT + text)) == 1
    assert messages("TTN204", GPT + text.replace("if ", "if not ")) == []


def test_a_dictionary_that_a_test_replaces_holds_what_that_puts_there() -> None:
    text = (
        "with mock.patch('torchtitan.models.gpt_oss.gptoss_configs'):\n"
        "    from torchtitan.models.gpt_oss import gptoss_configs as theirs\n"
        "    for thing in [theirs]:\n        use = lambda: thing['20b'].dim\n        use()\n"
    )
    assert messages("TTN204", GPT + text) == []
    assert len(messages("TTN204", GPT + text.replace("configs')", "flavors', create=True)"))) == 1


def test_a_call_of_what_a_dictionary_that_a_test_replaces_holds_is_the_tests_own() -> None:
    text = (
        "with mock.patch('torchtitan.models.llama3.llama3_configs', create=True):\n"
        "    from torchtitan.models.llama3 import llama3_configs\n    llama3_configs['8B']()\n"
    )
    assert messages("TTN302", GPT + text) == []
    assert len(messages("TTN302", GPT + text.replace("3_configs', c", "3_flavors', c"))) == 1


SET = "from torchtitan.models.llama3 import llama3_configs\n"


@pytest.mark.parametrize(
    "text",
    [
        "llama3_configs['8B'].vocab_size = 5\nprint(llama3_configs['8B'].vocab_size)\n",
        "made = llama3_configs['8B']\nmade.vocab_size = 5\nprint(llama3_configs['8B'].vocab_size)\n",
        "made = llama3_configs['8B']\nmade.vocab_size = 5\nprint(made.vocab_size)\n",
        "setattr(llama3_configs['8B'], 'vocab_size', 5)\nprint(llama3_configs['8B'].vocab_size)\n",
        "llama3_configs['8B'].vocab_size = 5\nprint(getattr(llama3_configs['8B'], 'vocab_size'))\n",
        "llama3_configs[name].vocab_size = 5\nprint(llama3_configs['8B'].vocab_size)\n",
        "def show():\n    print(llama3_configs['8B'].vocab_size)\nllama3_configs['8B'].vocab_size = 5\nshow()\n",
        "for _ in range(2):\n    print(llama3_configs['8B'].vocab_size)\n    llama3_configs['8B'].vocab_size = 5\n",
        "for made in llama3_configs.values():\n    made.vocab_size = 5\n    print(made.vocab_size)\n",
    ],
)
def test_what_the_file_sets_on_a_function_is_found_there_again(text: str) -> None:
    assert not any("missing" in said for said in messages("TTN204", SET + text))


@pytest.mark.parametrize(
    "text",
    [
        "llama3_configs['8B'].vocab_size = 5\nprint(llama3_configs['8B'].dim)\n",
        "llama3_configs['8B'].vocab_size = 5\nprint(llama3_configs['70B'].vocab_size)\n",
        "print(llama3_configs['8B'].vocab_size)\nllama3_configs['8B'].vocab_size = 5\n",
        "print(llama3_configs['8B'].vocab_size)\n",
        "import other\nother.vocab_size = 5\nprint(llama3_configs['8B'].vocab_size)\n",
    ],
)
def test_what_the_file_sets_elsewhere_on_a_function_is_missing_there(text: str) -> None:
    assert any("missing" in said for said in messages("TTN204", SET + text))


def test_what_is_set_on_a_function_is_told_though_it_is_read() -> None:
    text = "llama3_configs['8B'].vocab_size = 5\nprint(llama3_configs['8B'].vocab_size)\n"
    (said,) = messages("TTN204", SET + text)
    assert "set on a function" in said


@pytest.mark.parametrize("probe", ["hasattr({}, 'dim')", "getattr({}, 'dim', None)"])
def test_a_probe_that_skips_tests_of_configs_works_as_meant(probe: str) -> None:
    asked = probe.format("llama3_configs['8B']")
    text = f"import pytest\n{SET}@pytest.mark.skipif(not {asked}, reason='old')\ndef test(): ...\n"
    assert messages("TTN204", text) == []
    text = f"{SET}def test():\n    if not {asked}:\n        print('new')\n"
    assert messages("TTN204", text) != []
