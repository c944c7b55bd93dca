"""TTN204, TTN402, TTN403 and TTN404: flavors, names in patterns, version tests."""

from __future__ import annotations

import textwrap

import pytest

from tests.rules.cases import fixed, found
from titan_lint.lint import lint
from titan_lint.rules.base import Options
from titan_lint.source import Source
from titan_lint.surface import targets


def messages(code: str, text: str, torchtitan: str = "0.3.0") -> list[str]:
    return [finding.message for finding in found(code, text, torchtitan, (code,))]


# TTN204


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
        from torchtitan.models.llama3 import llama3_configs, model_registry
        from torchtitan.models.qwen3 import qwen3_configs
        a = model_registry("8B").model.dim
        b = qwen3_configs["8B"].dim
        """)


def test_a_field_that_the_config_lacks_is_not_promised() -> None:
    text = "from torchtitan.models.llama3 import llama3_configs\nx = llama3_configs['8B'].nothing\n"
    (finding,) = found("TTN204", text, codes=("TTN204",))
    assert finding.fix is None


# TTN402


def test_near_flavors_are_named_and_so_is_who_had_it() -> None:
    (message,) = messages(
        "TTN402",
        "from torchtitan.models.qwen3 import qwen3_configs\nqwen3_configs['debugmodel_varlen']\n",
    )
    assert "torchtitan main of 2026-04-03 (4b3347467) has" in message
    assert "'debugmodel'" in message


@pytest.mark.parametrize(
    "text",
    [
        # TTN105 says what to write.
        "from torchtitan.models.llama3 import model_registry\nmodel_registry('8B_varlen')\n",
        # The file adds flavors.
        "from torchtitan.models.llama3 import llama3_configs\nllama3_configs |= mine\n"
        "llama3_configs['tiny']\n",
        "from torchtitan.models.llama3 import llama3_configs, model_registry\n"
        "llama3_configs.update(mine)\nmodel_registry('tiny')\n",
        # The model, or the flavor, is not known.
        "import importlib\n"
        "importlib.import_module(f'torchtitan.models.{name}').model_registry('mine')\n",
        "from torchtitan.models.llama3 import model_registry\nmodel_registry(flavor)\n",
        # Asked for with care.
        "from torchtitan.models.llama3 import llama3_configs\n"
        "try:\n    c = llama3_configs['tiny']\nexcept KeyError:\n    c = None\n",
        "from torchtitan.models.llama3 import llama3_configs\nllama3_configs.get('tiny')\n",
        "import torchtitan\nllama3_configs = {}\nllama3_configs['tiny']\n",
    ],
)
def test_flavors_that_may_be_there(text: str) -> None:
    assert messages("TTN402", text) == []


def test_a_legacy_flavor_that_nobody_rewrites_is_unknown() -> None:
    text = (
        "from torchtitan.models.llama3 import model_registry\n"
        "model_registry('8B_varlen', attn_backend='flex')\n"
    )
    (message,) = messages("TTN402", text)
    assert "no flavor '8B_varlen'" in message


# TTN403

GROUP = """\
from torchtitan.components.optimizer import ParamGroupConfig
{imports}
ParamGroupConfig(pattern={pattern!r}, optimizer_name="AdamW", optimizer_kwargs={{}})
"""


@pytest.mark.parametrize(
    ("pattern", "stale"),
    [
        (r"output\.weight", True),
        (r"^output\.", True),
        (r"(?:tok_embeddings|output)\.", True),
        (r"(?:lm_head|output)\.", False),
        (r"^(?!.*output).*", True),
        (r".*", False),
        (r"attn_output", False),
        (r".*\.moe\.experts\..*", True),
        (r"experts", False),
        (r"moe\.expert_bias$", True),
        (r"output(", False),
    ],
)
def test_a_pattern_is_stale_when_it_meets_other_names_than_before(
    pattern: str, stale: bool
) -> None:
    text = GROUP.format(imports="", pattern=pattern)
    assert bool(messages("TTN403", text)) is stale


@pytest.mark.parametrize(
    ("imports", "stale"),
    [
        ("from torchtitan.models.llama3 import model_registry", True),
        ("from torchtitan.models.deepseek_v3 import model_registry", False),
        (
            "import importlib\nimportlib.import_module(f'torchtitan.models.{n}').model_registry(f)",
            False,
        ),
        ("", False),
    ],
)
def test_attention_names_are_judged_by_the_models_of_the_file(imports: str, stale: bool) -> None:
    text = GROUP.format(imports=imports, pattern=r"attention\.wk\b")
    assert bool(messages("TTN403", text)) is stale


@pytest.mark.parametrize(
    "text",
    [
        "import torchtitan\nNAMES = ['output.weight', 'moe.experts.w1']\n",
        "import torchtitan\nfrom mylib import ParamGroupConfig\nParamGroupConfig(pattern='output')\n",
        "from torchtitan.config import CheckpointConfig\n",
    ],
)
def test_strings_that_torchtitan_is_not_given_are_nobody_s_business(text: str) -> None:
    assert messages("TTN403", text) == []


# TTN404


@pytest.mark.parametrize(
    "condition",
    [
        'version("torchtitan") >= "0.3.0"',
        'Version(version("torchtitan")) < Version("0.3")',
        'Version("0.3.0") <= parse(torchtitan.__version__)',
        'parse(version("torchtitan")).release >= (0, 3)',
        'tuple(map(int, torchtitan.__version__.split(".")[:2])) >= (0, 3)',
        'version("torchtitan") in SpecifierSet(">=0.3")',
        'SpecifierSet(">=0.3").contains(version("torchtitan"))',
        'torchtitan.__version__.startswith("0.2")',
        "INSTALLED >= NEEDED",
    ],
)
def test_version_tests_in_every_form(condition: str) -> None:
    text = (
        "from importlib.metadata import version\n"
        "import torchtitan\n"
        "from packaging.specifiers import SpecifierSet\n"
        "from packaging.version import Version, parse\n"
        'INSTALLED = Version(version("torchtitan"))\n'
        'NEEDED = Version("0.3.0")\n'
        f"if {condition}:\n    pass\n"
    )
    (finding,) = found("TTN404", text, codes=("TTN404",))
    assert finding.severity == "warning"


@pytest.mark.parametrize(
    "text",
    [
        'from importlib.metadata import version\nimport torchtitan\nversion("torch") >= "2.0"\n',
        "import torchtitan\nprint(torchtitan.__version__)\n",
        "import torchtitan, sys\nif sys.version_info >= (3, 12): pass\n",
        "import torchtitan\nif torchtitan.__version__ == other: pass\n",
        "import torchtitan\nversion = '1.0'\nif version >= '0.3.0': pass\n",
    ],
)
def test_what_is_no_test_of_torchtitan_s_version(text: str) -> None:
    assert messages("TTN404", text) == []


@pytest.mark.parametrize(
    ("torchtitan", "branches"),
    [("0.3.0", ["new"]), ("0.2.2", ["old"]), ("2026-04-18", [])],
)
def test_a_version_test_decides_where_the_version_can_be_trusted(
    torchtitan: str, branches: list[str]
) -> None:
    text = textwrap.dedent("""\
        from importlib.metadata import version
        from packaging.version import Version
        if Version(version("torchtitan")) >= Version("0.3.0"):
            from torchtitan.nowhere import new
        else:
            from torchtitan.nowhere import old
        """)
    findings = lint(
        Source("x.py", text),
        codes=("TTN201",),
        targets=targets.parse(torchtitan),
        options=Options(),
    ).findings
    assert [f.message.split("`")[1].rpartition(".")[2] for f in findings] == branches
