"""TTN203: receivers of known type, what the file adds itself, blocks that lose their manager."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixing import fix_text
from tests.rules.cases import fixed, found
from tests.rules.cases import messages as messages_of
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.plain_classes import fails_on_plain
from titan_lint.code.source import Source
from titan_lint.code.values import Instance
from titan_lint.finding import Severity
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

CODES = ("TTN203",)


def messages(text: str, torchtitan: str = "0.3.0") -> list[str]:
    return [finding.said for finding in found("TTN203", text, torchtitan, CODES)]


def becomes(before: str, after: str, torchtitan: str = "0.3.0", *, unsafe: bool = False) -> None:
    result = fixed(before, torchtitan, unsafe=unsafe, codes=CODES)
    assert result.source.text == textwrap.dedent(after)


def test_the_block_of_a_removed_manager_is_dedented_and_strings_are_kept() -> None:
    becomes(
        '''\
        from torchtitan.trainer import Trainer
        def f(trainer: Trainer):
            with trainer.maybe_enable_amp:
                text = """
                as it is
        """
                if text:
                    return text
        ''',
        '''\
        from torchtitan.trainer import Trainer
        def f(trainer: Trainer):
            text = """
                as it is
        """
            if text:
                return text
        ''',
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("with a, trainer.maybe_enable_amp, b:", "with a, b:"),
        ("with trainer.maybe_enable_amp, b:", "with b:"),
        ("with a, trainer.maybe_enable_amp:", "with a:"),
        ("with a as x, trainer.maybe_enable_amp, b as y:", "with a as x, b as y:"),
    ],
)
def test_one_item_of_several_is_dropped(before: str, after: str) -> None:
    code = (
        "from torchtitan.trainer import Trainer\n"
        "def f(trainer: Trainer, a, b):\n"
        "    {}\n"
        "        pass\n"
    )
    becomes(code.format(before), code.format(after))


@pytest.mark.parametrize(
    "statement",
    [
        "with trainer.maybe_enable_amp as amp: pass",
        "with trainer.maybe_enable_amp: pass",
        "amp = trainer.maybe_enable_amp",
        "with (a if a else trainer.maybe_enable_amp): pass",
    ],
)
def test_other_uses_of_the_manager_are_explained(statement: str) -> None:
    code = f"from torchtitan.trainer import Trainer\ndef f(trainer: Trainer, a):\n    {statement}\n"
    (finding,) = found("TTN203", code, codes=CODES)
    assert finding.fix is None
    assert "`fully_shard`" in finding.said


def test_nested_uses_are_all_rewritten() -> None:
    becomes(
        """\
        from torchtitan.models.llama3 import model_registry
        config = model_registry("8B").model
        n = max(config.n_layers, min(config.n_layers, len(range(config.n_layers))))
        """,
        """\
        from torchtitan.models.llama3 import model_registry
        config = model_registry("8B").model
        n = max(len(config.layers), min(len(config.layers), len(range(len(config.layers)))))
        """,
    )


@pytest.mark.parametrize(
    "text",
    [
        # The file gives it the member.
        """\
        from torchtitan.distributed import ParallelDims
        class Dims(ParallelDims):
            etp: int = 1
            def size(self):
                return self.etp
        """,
        """\
        from torchtitan.distributed import ParallelDims
        def f(dims: ParallelDims):
            dims.etp = 1
            return dims.etp
        """,
        """\
        from torchtitan.distributed import ParallelDims
        def f(dims: ParallelDims):
            setattr(dims, "etp", 1)
            return dims.etp
        """,
        """\
        from torchtitan.distributed import ParallelDims
        class Dims(ParallelDims):
            @property
            def etp(self): ...
        def f(dims: ParallelDims):
            return dims.etp
        """,
        # Another base may have it.
        """\
        from mylib import Mixin
        from torchtitan.distributed import ParallelDims
        class Dims(Mixin, ParallelDims):
            def size(self):
                return self.etp
        """,
        # The code asks first.
        """\
        from torchtitan.trainer import Trainer
        def f(trainer: Trainer):
            if hasattr(trainer, "maybe_enable_amp"):
                return trainer.maybe_enable_amp
            try:
                return trainer.job_config
            except AttributeError:
                return trainer.config
        """,
        """\
        from torchtitan.distributed import ParallelDims
        def f(dims: ParallelDims):
            return getattr(dims, "etp_enabled", False)
        """,
        # No type, no word.
        """\
        import torchtitan
        def f(trainer, parallel_dims):
            return trainer.job_config, parallel_dims.etp
        """,
        """\
        from torchtitan.trainer import Trainer
        from mylib import Trainer as Other
        def f(trainer: Trainer | Other):
            return trainer.job_config
        """,
        # A model config whose model is not known may be that of an experiment, which has it.
        """\
        from torchtitan.protocols.model_spec import ModelSpec
        def f(spec: ModelSpec):
            return spec.model.n_layers
        """,
        # What torchtitan never had.
        """\
        from torchtitan.trainer import Trainer
        def f(trainer: Trainer):
            return trainer.my_own_thing, trainer.__dict__, trainer.load_state_dict
        """,
        # The attention rules report these.
        """\
        from torchtitan.models.llama3 import model_registry
        spec = model_registry("8B")
        if hasattr(spec.model, "layer"):
            spec.model.layer.attention.attn_backend = "flex"
        print(spec.model.layer.attention.attn_backend)
        """,
    ],
)
def test_what_may_be_there_is_left_alone(text: str) -> None:
    assert messages(text) == []


def test_setting_a_field_that_a_config_lost_is_an_error() -> None:
    (message,) = messages("""\
        from torchtitan.trainer import Trainer
        def f(config: Trainer.Config):
            config.optimizer.lr = 3e-4
        """)
    assert "`OptimizersContainer.Config` has no `lr`" in message
    assert "`param_groups`" in message


def test_a_probe_for_an_old_name_without_an_alternative_is_a_warning() -> None:
    text = (
        "from torchtitan.models.llama3 import model_registry\n"
        'config = model_registry("8B").model\n'
        'n = getattr(config, "n_layers", None)\n'
    )
    (finding,) = found("TTN203", text, codes=CODES)
    assert finding.severity is Severity.WARNING
    assert finding.fix is None
    assert "finds nothing" in finding.said
    asked = text + "n = n if n is not None else len(config.layers)\n"
    assert messages(asked) == []


PROBED = "hasattr(Trainer, 'job_config')"
TESTS = "import unittest\nimport pytest\nfrom torchtitan.trainer import Trainer\n"


@pytest.mark.parametrize(
    "text",
    [
        f"old = pytest.mark.skipif(not {PROBED}, reason='old')\n@old\ndef test(): ...\n",
        f"@pytest.mark.skipif(not {PROBED}, reason='old')\ndef test(): ...\n",
        f"@unittest.skipUnless({PROBED}, 'old')\nclass Test(unittest.TestCase): ...\n",
        f"@pytest.mark.xfail(not {PROBED}, reason='old')\ndef test(): ...\n",
        f"pytestmark = [pytest.mark.skipif(condition=not {PROBED}, reason='old')]\n",
        f"def test():\n    if not {PROBED}:\n        pytest.skip('new')\n    assert 1\n",
        f"def test():\n    if {PROBED}:\n        assert 1\n    else:\n        pytest.skip('new')\n",
        f"class T(unittest.TestCase):\n    def setUp(self):\n        if not {PROBED}:\n"
        "            self.skipTest('new')\n",
        f"def setup():\n    if not {PROBED}:\n        raise unittest.SkipTest('new')\n",
        f"OLD = {PROBED}\n@pytest.mark.skipif(not OLD, reason='old')\ndef test(): ...\n",
        f"NEW = not {PROBED}\ndef test():\n    if NEW:\n        pytest.skip('new')\n",
        f"def is_old():\n    return {PROBED}\n@unittest.skipIf(not is_old(), 'old')\ndef test(): ...\n",
        f"mark = pytest.mark.skip if not {PROBED} else pytest.mark.slow\n",
        f"if not {PROBED}:\n    collect_ignore = ['test_old.py']\n",
        f"HAS_JOB_CONFIG = {PROBED}\n",
        f"def test():\n    assert not {PROBED}\n",
        f"if {PROBED}:\n    raise RuntimeError('too old')\n",
        f"OLD = {PROBED}\nif OLD:\n    raise RuntimeError('too old')\n",
        "old = getattr(Trainer, 'job_config', None)\n"
        "@pytest.mark.skipif(not old, reason='old')\ndef test(): ...\n",
        "old = getattr(Trainer, 'job_config', None)\n"
        "@pytest.mark.skipif(old is None, reason='old')\ndef test(): ...\n",
    ],
)
def test_a_probe_that_skips_tests_or_sees_that_something_is_gone_works_as_meant(text: str) -> None:
    assert messages(TESTS + text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"if {PROBED}:\n    print(1)\n",
        f"OLD = {PROBED}\nif OLD:\n    print(1)\n",
        f"if not {PROBED}:\n    raise RuntimeError('too new')\n",
        f"NEW = not {PROBED}\nif NEW:\n    raise RuntimeError('too new')\n",
        f"assert {PROBED}\n",
        f"if not {PROBED}:\n    loader.skip(3)\n",
        f"OLD = {PROBED}\nprint(OLD)\n@pytest.mark.skipif(not OLD, reason='old')\ndef test(): ...\n",
        "old = getattr(Trainer, 'job_config', None)\n",
    ],
)
def test_a_probe_that_something_else_goes_by_finds_nothing(text: str) -> None:
    (said,) = messages(TESTS + text)
    assert "finds nothing" in said


@pytest.mark.parametrize(
    ("module", "cls", "member"),
    [
        ("torchtitan.config", "TrainingConfig", "dataloader"),
        ("torchtitan.config", "ParallelismConfig", "expert_tensor_parallel_degree"),
        (
            "torchtitan.components.checkpointer",
            "CheckpointManager.Config",
            "enable_ft_dataloader_checkpoints",
        ),
        # Both the class and its module were something else.
        (
            "torchtitan.components.optimizer",
            "OptimizersContainer.Config",
            "early_step_in_backward",
        ),
        # A package offers it as it did before its module was another one.
        ("torchtitan.models.gpt_oss", "GptOssModel", "_precompute_rope_cache"),
    ],
)
def test_members_that_a_class_had_under_an_old_name_are_missed(
    module: str, cls: str, member: str
) -> None:
    name = cls.partition(".")[0]
    (message,) = messages(f"from {module} import {name}\nprint({cls}().{member})\n")
    assert f"`{cls}` has no `{member}`" in message
    assert messages(f"from {module} import {name}\nprint({cls}().never_{member})\n") == []


def test_what_a_safe_rename_leaves_missing_is_reported() -> None:
    text = """\
        import torchtitan.config as titan
        print(titan.Training().dataloader.num_workers)
        """
    done = fixed(text, codes=("TTN202", "TTN203"))
    assert "titan.TrainingConfig()" in done.source.text
    assert [finding.code for finding in done.remaining] == ["TTN203"]


def test_what_a_class_at_another_place_never_had_is_missed_after_its_import_is_led_there() -> None:
    text = """\
        import torchtitan.models.gpt_oss
        model = torchtitan.models.gpt_oss.GptOssModel(None)
        model._maybe_wrap_with_local_region(fn=None, parallel_dims=None)
        """
    done = fixed(text, "0.2.1", unsafe=True, codes=("TTN202", "TTN203"))
    assert "torchtitan.experiments.gpt_oss.GptOssModel(" in done.source.text
    (left,) = done.remaining
    assert "`GptOssModel` has no `_maybe_wrap_with_local_region`" in left.said


def test_members_of_a_class_itself() -> None:
    (message,) = messages(
        "from torchtitan.components.optimizer import OptimizersContainer\n"
        "config = OptimizersContainer.Config()\n",
        "0.2.2",
    )
    assert "has no `Config` at torchtitan 0.2.2; it is not there yet" in message


def test_a_class_of_which_another_one_stood_at_the_same_path_lacks_what_that_one_has() -> None:
    (message,) = messages(
        "from torchtitan.components.quantization.float8 import Float8Linear\n"
        "config = Float8Linear.Config()\n",
        "0.2.0",
    )
    assert "has no `Config` at torchtitan 0.2.0" in message


def test_types_pass_through_classes_of_the_file() -> None:
    becomes(
        """\
        from torchtitan.train import Trainer
        class Engine:
            def __init__(self, config):
                self.trainer = Trainer(config)
            def steps(self):
                return self.trainer.job_config.training.steps
        """,
        """\
        from torchtitan.train import Trainer
        class Engine:
            def __init__(self, config):
                self.trainer = Trainer(config)
            def steps(self):
                return self.trainer.config.training.steps
        """,
    )


def test_a_fix_has_to_fit_every_target() -> None:
    source = Source(
        "x.py",
        "from torchtitan.train import Trainer\n"
        "def f(trainer: Trainer):\n"
        "    with trainer.maybe_enable_amp:\n"
        "        return trainer.job_config\n",
    )
    both = (*targets.parse("0.2.2"), *targets.parse("0.3.0"))
    findings = lint(source, codes=CODES, targets=both, options=Options()).findings
    assert [finding.fix for finding in findings] == [None, None]
    assert {finding.targets for finding in findings} == {("torchtitan 0.3.0",)}


@given(st.lists(st.sampled_from(["maybe_enable_amp", "train_context()"]), min_size=1, max_size=4))
def test_exactly_the_removed_managers_go(items: list[str]) -> None:
    head = ", ".join(f"trainer.{item}" for item in items)
    text = (
        "from torchtitan.trainer import Trainer\n"
        "def f(trainer: Trainer):\n"
        f"    with {head}:\n"
        "        return 1\n"
    )
    result = fixed(text, codes=CODES).source.text
    assert "maybe_enable_amp" not in result
    assert result.count("train_context()") == items.count("train_context()")
    assert "return 1" in result


def test_what_a_base_from_elsewhere_may_bring_is_not_missing() -> None:
    """``batch_size`` was assigned by 0.2.0 itself, and comes from torchdata's class since."""
    text = """\
        from torchtitan.components.dataloader import ParallelAwareDataloader


        def size(loader: ParallelAwareDataloader) -> int:
            return loader.batch_size
        """
    assert messages(text) == []


@pytest.mark.parametrize("config", ["Config", "OurModelArgs"])
def test_the_config_of_an_adapter_may_be_that_of_a_model_of_the_projects_own(
    project: Path, titan_lint: TitanLint, config: str
) -> None:
    adapter = """
        from torchtitan.models.deepseek_v3.state_dict_adapter import DeepSeekV3StateDictAdapter


        class OurAdapter(DeepSeekV3StateDictAdapter):
            def layers(self):
                return self.model_config.n_layers
    """
    model = f"""
        from torchtitan.protocols.model import BaseModel


        class OurModel(BaseModel):
            class {config}(BaseModel.Config):
                n_layers: int
    """
    (project / "adapter.py").write_text(textwrap.dedent(adapter))
    run = ("--select", "TTN203", "--torchtitan", "0.3.0")
    assert "`Decoder.Config` has no `n_layers`" in titan_lint(*run).out
    (project / "model.py").write_text(textwrap.dedent(model))
    assert titan_lint(*run).status == 0


def test_what_a_subclass_takes_may_have_more_than_its_base_declares() -> None:
    engine = """
        from torchtitan.trainer import Trainer

        from recipes.config import RecipeConfig


        class Engine(Trainer):
            def __init__(self, config{annotation}):
                super().__init__(config)
                print(self.config.optimizer.lr)
    """
    wider = textwrap.dedent(engine).format(annotation=": RecipeConfig")
    assert messages(wider) == []
    for annotation in ("", ": Trainer.Config"):
        declared = textwrap.dedent(engine).format(annotation=annotation)
        assert "`OptimizersContainer.Config` has no `lr`" in messages(declared)[0]


def test_what_is_handed_on_to_a_base_is_what_it_keeps_where_it_is_of_the_declared_kind() -> None:
    adapter = """
        from torchtitan.models.{model}.model import {config}
        from torchtitan.models.utils import MoEStateDictAdapter
        class Adapter(MoEStateDictAdapter):
            def __init__(self, model_config: {config}.Config, hf_assets_path: str | None):
                super().__init__(model_config, hf_assets_path)
            def count(self):
                return len(self.model_config.layers)
        """
    said = messages(adapter.format(model="deepseek_v3", config="DeepSeekV3Model"), "2026-03-15")
    assert len(said) == 1
    assert messages(adapter.format(model="deepseek_v3", config="DeepSeekV3Model"), "0.3.0") == []


@pytest.mark.parametrize("value", ["one if wide else other", "other if wide else one"])
def test_nothing_is_said_where_one_of_several_classes_may_have_the_member(value: str) -> None:
    code = f"""
        from torchtitan.models.deepseek_v3.model import DeepSeekV3Model
        from torchtitan.protocols.model import BaseModel
        def f(one: DeepSeekV3Model.Config, other: BaseModel.Config, wide):
            config = {value}
            return config.layers
        """
    assert messages(code, "2026-03-15") == []
    alone = code.replace(value, "one")
    assert len(messages(alone, "2026-03-15")) == 1


@pytest.mark.parametrize(
    ("value", "named"),
    [("one if x else other", "Validator"), ("other if x else one", "MetricsProcessor")],
)
def test_of_several_classes_without_the_member_the_first_in_the_code_is_named(
    value: str, named: str
) -> None:
    code = f"""
        from torchtitan.components.metrics import MetricsProcessor
        from torchtitan.components.validate import Validator
        def f(one: Validator, other: MetricsProcessor, x):
            return ({value}).job_config
        """
    (message,) = messages(code)
    assert message.startswith(f"`{named}` has no `job_config`")


@pytest.mark.parametrize(
    "before",
    [
        "if not isinstance(dims, (ParallelDims, int)):\n        raise TypeError",
        "assert isinstance(dims, (int, ParallelDims, str))",
        "assert isinstance(dims, ParallelDims | float)",
        "dims: ParallelDims | bytes = dims",
    ],
)
def test_a_number_or_a_string_instead_has_the_member_no_more_than_the_class(before: str) -> None:
    text = f"""\
from torchtitan.distributed import ParallelDims
def f(dims):
    {before}
    return dims.etp
"""
    (message,) = messages(text)
    assert message.startswith("`ParallelDims` has no `etp`")
    (message,) = messages_of("TTN301", text.replace("etp", "get_mesh(dims=['tp'], of=1)"))
    assert "takes no `of`" in message


@pytest.mark.parametrize(
    "other",
    [
        "dict",  # One with attributes is a dictionary, too.
        "Mine",
        "int, *others",
        "object",
    ],
)
def test_what_another_class_instead_may_have_is_not_missing(other: str) -> None:
    text = f"""\
from torchtitan.distributed import ParallelDims
from mine import Mine, others
def f(dims):
    assert isinstance(dims, (ParallelDims, {other}))
    return dims.etp
"""
    assert messages(text) == []
    assert len(messages(text.replace(f"{other}))", "int))"))) == 1


def test_a_member_of_an_enumeration_may_be_a_number_or_a_string() -> None:
    string = Instance("builtins.str")
    assert [name for name in ("name", "value", "upper", "etp") if fails_on_plain(string, name)] == [
        "etp"
    ]


@pytest.mark.parametrize("member", ["register_buffer", "train", "parameters", "to", "state_dict"])
def test_what_another_base_brings_is_there_beside_a_protocol(member: str) -> None:
    text = (
        "from torch import nn\nfrom torchtitan.protocols.train_spec import ModelProtocol\n"
        "class Model(nn.Module, ModelProtocol):\n    def __init__(self):\n"
        f"        super().__init__()\n        self.{member}()\n"
    )
    assert messages(text, "0.2.1") == []


@pytest.mark.parametrize(
    "asked",
    [
        "cls(None).state_dict()",
        "cls.state_dict",
        "typed(None).state_dict()",
        "kept.model.state_dict()",
    ],
)
def test_a_class_that_is_only_declared_may_be_one_derived_from_it(asked: str) -> None:
    text = (
        "from typing import Type\nfrom torchtitan.protocols.model import ModelProtocol\n"
        "class Kept:\n    def __init__(self, cls: type[ModelProtocol]):\n"
        "        self.cls = cls\n        self.model = self.cls(None)\n"
        "def f(cls: type[ModelProtocol], typed: Type[ModelProtocol], kept: Kept):\n"
        f"    return {asked}\n"
    )
    assert messages(text, "0.2.1") == []
    if "kept" not in asked:
        assert messages(f"{text.replace(asked, 'ModelProtocol.state_dict')}", "0.2.1") != []


@pytest.mark.parametrize(
    ("test", "count"),
    [
        ("type(config) is BaseModel.Config", 1),
        ("type(config) == BaseModel.Config and config", 1),
        ("isinstance(config, BaseModel.Config)", 0),
        ("type(config) is not BaseModel.Config", 0),
        ("type(other) is BaseModel.Config", 0),
    ],
)
def test_what_is_of_a_very_class_is_of_none_derived_from_it(test: str, count: int) -> None:
    text = f"""\
from torchtitan.protocols.model import BaseModel
def f(config: BaseModel.Config, other):
    if {test}:
        return config._enforced
"""
    assert len(messages(text)) == count


def test_what_no_class_derived_from_a_declared_one_has_is_gone() -> None:
    text = (
        "from torchtitan.trainer import Trainer\n"
        "def f(cls: type[Trainer]):\n    return cls(None).maybe_enable_amp\n"
    )
    assert len(messages(text)) == 1


@pytest.mark.parametrize(
    ("setting", "is_lost"),
    [
        ("{0}.train_spec = replace({0}.train_spec, name='x')", True),
        ("{0}.train_spec += 1", True),
        ("{0}.train_spec: int = f({0}.train_spec or 1)", True),
        ("{0}.train_spec = lambda: {0}.train_spec", False),
        ("{0}.train_spec = c and {0}.train_spec", False),
        ("{0}.train_spec = other.train_spec", False),
        ("{0}.train_spec = 1\n        {0}.train_spec += 1", False),
        ("try:\n            {0}.train_spec += 1\n        except AttributeError: pass", False),
    ],
)
@pytest.mark.parametrize("is_own", [True, False])
def test_what_is_set_from_itself_was_not_there_before(
    setting: str, is_lost: bool, is_own: bool
) -> None:
    owner = "self" if is_own else "made"
    text = (
        "from dataclasses import replace\nfrom torchtitan.trainer import Trainer\n"
        "class Mine(Trainer):\n    def __init__(self, c, f, other):\n        super().__init__(c)\n"
        f"        made = Trainer(c)\n        {setting.format(owner)}\n"
    )
    assert bool(messages(text)) is is_lost
    if is_lost:
        later = f"{text}        print({owner}.train_spec)\n"
        assert messages(later)


@pytest.mark.parametrize(
    ("setting", "becomes_what"),
    [
        ("self.job_config = wrap(self.job_config)", "self.job_config = wrap(self.job_config)"),
        ("self.job_config |= wrap", "self.config |= wrap"),
    ],
)
def test_what_is_set_from_itself_is_renamed_wherever_it_is_used_or_not_at_all(
    setting: str, becomes_what: str
) -> None:
    name = becomes_what.split()[0]
    text = (
        "from torchtitan.trainer import Trainer\n"
        "class Mine(Trainer):\n    def prepare(self, wrap):\n        {}\n        return {}\n"
    )
    becomes(text.format(setting, "self.job_config"), text.format(becomes_what, name), unsafe=True)


@pytest.mark.parametrize(
    "making",
    [
        "self.register_buffer('freqs_cis', c)",
        "self.register_parameter(name='freqs_cis', param=c)",
        "self.register_module('freqs_cis', c)",
        "self.add_module('freqs_cis', c)",
        "setattr(self, 'freqs_cis', c)",
        "[self.register_buffer(name, c) for name in c]",
    ],
)
def test_what_a_module_registers_by_its_name_is_there(making: str) -> None:
    text = (
        "from torchtitan.models.deepseek_v3.model import DeepSeekV3Model\n"
        "class Mine(DeepSeekV3Model):\n    def __init__(self, c):\n        {}\n"
        "    def forward(self, x):\n        return self.freqs_cis\n"
    )
    assert messages(text.format(making)) == []
    assert messages(text.format("pass")) != []


@pytest.mark.parametrize(
    ("member", "reported"),
    [
        ("_spmd_distribute_state", True),
        ("Config", True),
        ("append", False),
        ("keys", False),
        ("_modules", False),
    ],
)
def test_what_a_class_built_on_a_module_of_torchs_lacks_is_said(
    member: str, reported: bool
) -> None:
    text = (
        "from torchtitan.experiments.transformers_modeling_backend.model.model import SliceableModuleDict\n"
        f"def use(layers: SliceableModuleDict):\n    return layers.{member}\n"
    )
    assert bool(messages(text, "0.2.1")) is reported


@pytest.mark.parametrize(
    "read",
    [
        "def f(config: Trainer.Config): return config.activation_checkpoint.mode",
        "def f(trainer: Trainer): return trainer.config.activation_checkpoint.mode == 'full'",
        "def f(): return Trainer.Config().activation_checkpoint.mode",
        "def f(config: Trainer.Config):\n    ac = config.activation_checkpoint\n    return ac.mode != 'none'",
        "def f(config: Trainer.Config):\n    ac = config.activation_checkpoint\n    if ac is not None: return ac.mode",
    ],
)
def test_a_member_that_no_class_of_a_fields_union_has_is_found(read: str) -> None:
    text = f"from torchtitan.trainer import Trainer\n{read}\n"
    assert len(messages(text)) == 1
    assert "`mode`" in messages(text)[0]


@pytest.mark.parametrize(
    "read",
    [
        "config.activation_checkpoint.preserve_rng_state",
        # Of one of them alone.
        "config.activation_checkpoint.memory_budget",
        "getattr(config.activation_checkpoint, 'mode', None)",
        "hasattr(config.activation_checkpoint, 'mode') and config.activation_checkpoint.mode",
        "isinstance(config.activation_checkpoint, SelectiveAC.Config) and config.activation_checkpoint.force_recompute_mm_shapes_by_fqns",
        "isinstance(config.activation_checkpoint, Own) and config.activation_checkpoint.mode",
        "config.activation_checkpoint.build(model=None)",
    ],
)
def test_what_one_class_of_a_fields_union_has_is_left_alone(read: str) -> None:
    text = (
        "from torchtitan.distributed.activation_checkpoint import SelectiveAC\n"
        "from torchtitan.trainer import Trainer\n"
        "class Own(SelectiveAC.Config):\n    mode: str = 'own'\n"
        f"def f(config: Trainer.Config): return {read}\n"
    )
    assert messages(text) == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("mode='none'", ["`ActivationCheckpointing.Config` takes no `mode` at torchtitan 0.3.0"]),
        ("debug=True", []),
        # Of one of them alone.
        ("memory_budget=0.3", []),
    ],
)
def test_a_copy_of_what_a_fields_union_holds_takes_what_one_of_its_classes_takes(
    given: str, said: list[str]
) -> None:
    text = (
        "from dataclasses import replace\nfrom torchtitan.trainer import Trainer\n"
        f"def f(config: Trainer.Config): return replace(config.activation_checkpoint, {given})\n"
    )
    reported = found("TTN301", text, "0.3.0", ("TTN301",))
    assert [finding.message for finding in reported] == said
    assert all("since 2026-06-15" in finding.said for finding in reported)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("cast('Trainer.Config', ConfigManager().parse_args())", 1),
        ("cast(Trainer.Config, ConfigManager().parse_args())", 1),
        ("cast(Trainer.Config, anything())", 1),
        ("cast('Mine', ConfigManager().parse_args())", 0),
        ("cast(Any, ConfigManager().parse_args())", 0),
        # What is known is not what somebody calls it.
        ("cast(JobConfig, Trainer.Config())", 1),
    ],
)
def test_what_a_function_gives_that_says_nothing_of_it_is_what_it_is_cast_to(
    made: str, said: int
) -> None:
    text = (
        "from typing import Any, cast\nfrom torchtitan.config import ConfigManager\n"
        "from torchtitan.trainer import Trainer\n"
        f"def f():\n    config = {made}\n    return config.model_converters\n"
    )
    assert len(messages(text)) == said


@pytest.mark.parametrize(
    ("given", "made", "said"),
    [
        ("nn.Module", "cast(Decoder, given)", 1),
        ("list[nn.Module]", "cast(Decoder, given[0])", 1),
        ("Trainer", "cast(Decoder, given.model_parts[0])", 1),
        ("ModelSpec", "cast(Decoder, given.parallelize_fn(1))", 1),
        ("BaseModel", "cast(Decoder, given)", 1),
        ("nn.Module | None", "cast(Decoder, given)", 0),
        ("nn.Linear", "cast(Decoder, given)", 0),
        ("nn.Module", "cast(nn.Module, given)", 0),
        ("nn.Module", "cast('Mine', given)", 0),
        ("nn.Module", "cast(Any, given)", 0),
    ],
)
def test_what_is_declared_as_a_base_is_of_the_derived_class_that_it_is_cast_to(
    given: str, made: str, said: int
) -> None:
    text = (
        "from typing import Any, cast\nfrom torch import nn\n"
        "from torchtitan.models.common.decoder import Decoder\n"
        "from torchtitan.protocols.model import BaseModel\n"
        "from torchtitan.protocols.model_spec import ModelSpec\n"
        "from torchtitan.trainer import Trainer\n"
        f"def f(given: {given}, positions):\n"
        f"    return {made}.get_attention_masks(positions=positions)\n"
    )
    assert len(found("TTN301", text, "2026-03-15", ("TTN301",))) == said


BEHIND = """\
from torchtitan.train import Trainer


class Mine(Trainer):
    def train_step(self, given):
        {}
"""


@pytest.mark.parametrize(
    "code",
    [
        "return hasattr(self.{0}, 'x') and self.{0}.x",
        "return hasattr(self.{0}, 'x') and given and self.{0}.x > 1",
        "if hasattr(self.{0}, 'x'):\n            print(self.{0}.x, [self.{0}.x for _ in given])",
        "if given and hasattr(self.{0}, 'x') and self.{0}.x:\n            print(self.{0}.x)",
        "if not hasattr(self.{0}, 'x'):\n            return None\n        return self.{0}.x",
        "return self.{0}.x if hasattr(self.{0}, 'x') else None",
        "while hasattr(self.{0}, 'x'):\n            self.{0}.x()",
        "assert hasattr(self.{0}, 'x')\n        return [self.{0}.x for _ in given]",
    ],
)
def test_what_is_read_behind_a_test_of_a_member_is_renamed_with_it(code: str) -> None:
    done = fix_text(BEHIND.format(code.format("model_args")), select=["TTN203"])
    assert done.source.text == BEHIND.format(code.format("model_config"))


@pytest.mark.parametrize(
    ("code", "after"),
    [
        # What runs where the test was not asked, or elsewhere, is for other versions.
        (
            "if hasattr(self, 'model_args'):\n            print(self.model_args.x)\n"
            "        return self.model_args.y",
            "if hasattr(self, 'model_args'):\n            print(self.model_args.x)\n"
            "        return self.model_args.y",
        ),
        # What goes by the same name may be something else.
        (
            "if hasattr(self.model_args, 'x'):\n            self = given\n            return self.model_args.x",
            "if hasattr(self.model_config, 'x'):\n            self = given\n            return self.model_args.x",
        ),
        (
            "if hasattr(self.model_args, 'x'):\n            return max(given, key=lambda self: self.model_args.x)",
            "if hasattr(self.model_config, 'x'):\n            return max(given, key=lambda self: self.model_args.x)",
        ),
        (
            "if hasattr(self.model_args, 'x'):\n            return [self.model_args.x for self in given]",
            "if hasattr(self.model_config, 'x'):\n            return [self.model_args.x for self in given]",
        ),
        (
            "if hasattr(self.model_args, 'x'):\n            class Worker:\n"
            "                def value(self):\n                    return self.model_args.x",
            "if hasattr(self.model_config, 'x'):\n            class Worker:\n"
            "                def value(self):\n                    return self.model_args.x",
        ),
        (
            "if given and hasattr(self.model_args, 'x'):\n            return self.model_args.x\n"
            "        if hasattr(self.model_config, 'x'):\n            return self.model_args.x",
            "if given and hasattr(self.model_config, 'x'):\n            return self.model_config.x\n"
            "        if hasattr(self.model_config, 'x'):\n            return self.model_args.x",
        ),
        (
            "return given or hasattr(self.model_args, 'x')",
            "return given or hasattr(self.model_config, 'x')",
        ),
        (
            "if hasattr(self.model_args, 'x'):\n            print(given.model_args.x)",
            "if hasattr(self.model_config, 'x'):\n            print(given.model_args.x)",
        ),
    ],
)
def test_what_stands_elsewhere_keeps_its_name(code: str, after: str) -> None:
    done = fix_text(BEHIND.format(code), select=["TTN203"])
    assert done.source.text == BEHIND.format(after)


def test_no_pattern_becomes_a_call() -> None:
    text = (
        "from torchtitan.models.llama3 import model_registry\n"
        "c = model_registry('8B', attn_backend='flex').model\n"
        "match 32:\n    case c.n_layers:\n        print('as many')\n"
    )
    (said,) = messages(text)
    assert "has no `n_layers`" in said
    (finding,) = found("TTN203", text, "0.3.0", ("TTN203",))
    assert finding.fix is None
