"""TTN101: what counts as a choice, what may be passed, and what is left alone."""

from __future__ import annotations

import pytest

from tests.rules.cases import check_explained, check_noop, check_transformed, found
from titan_lint.finding import Applicability

IMPORT = "from torchtitan.models.llama3 import model_registry\n"

NOOP = {
    "passed": "def f(cfg): return model_registry(cfg.flavor, attn_backend=cfg.attn_type)",
    "passed by position": "def f(cfg): return model_registry(cfg.flavor, cfg.attn_type)",
    "passed through partial": (
        "import functools\n"
        "def f(cfg):\n"
        "    build = functools.partial(model_registry, attn_backend=cfg.attn_type)\n"
        "    return build(cfg.flavor)\n"
    ),
    "unclear keywords": "def f(cfg, **kw): return model_registry(cfg.flavor, **kw), cfg.attn_type",
    "unclear arguments": "def f(cfg, *args): return model_registry(*args), cfg.attn_type",
    "passed in the other branch": (
        "def f(flavor, attn_type=None):\n"
        "    if attn_type is None:\n"
        "        return model_registry(flavor)\n"
        "    return model_registry(flavor, attn_backend=attn_type)\n"
    ),
    "shadowed by a parameter": "def f(model_registry, attn_type): return model_registry('8B'), attn_type",
    "shadowed by a comprehension": (
        "def f(cfg, rs): return [model_registry(cfg.flavor) for model_registry in rs], cfg.attn_type"
    ),
    "patched": (
        "import torchtitan.models.llama3 as m\n"
        "m.model_registry = mine\n"
        "def f(cfg): return m.model_registry(cfg.flavor), cfg.attn_type\n"
    ),
    "rebound by another function": (
        "def swap():\n    global model_registry\n    model_registry = mine\n"
        "def f(cfg): return model_registry(cfg.flavor), cfg.attn_type\n"
    ),
    "choice of another class": (
        "class A:\n    def f(self): return model_registry('8B')\n"
        "class B:\n    def f(self, attn_type): return attn_type\n"
    ),
    "choice of another function": "def f(): return model_registry('8B')\ndef g(attn_type): return attn_type",
    "given to vLLM": (
        "import vllm\n"
        "class E:\n"
        "    def __init__(self, cfg):\n"
        "        self.attn_backend = cfg.attn_backend\n"
        "        self.spec = model_registry(cfg.flavor)\n"
        "        self.llm = vllm.LLM(attention_backend=self.attn_backend)\n"
    ),
    "given to transformers": (
        "from transformers import AutoModel\n"
        "def f(cfg):\n"
        "    teacher = AutoModel.from_pretrained('x', attn_implementation=cfg.attn_type)\n"
        "    return teacher, model_registry(cfg.flavor)\n"
    ),
    "in another library's words": (
        "def f(cfg):\n"
        "    flash = cfg.attn_type == 'flash_attention_2'\n"
        "    return flash, model_registry(cfg.flavor)\n"
    ),
    "default in another library's words": (
        "def f(flavor, attn_type='flash_attention_2'):\n"
        "    return model_registry(flavor), attn_type\n"
    ),
    "a literal that is the default": "def f(pos): return model_registry('8B'), get_attention_masks(pos, attn_type='flex')",
    "only shapes": (
        "def f(flavor, attn_type):\n"
        "    cfg = model_registry(flavor).model\n"
        "    return cfg.dim, len(cfg.layers), getattr(cfg, 'vocab_size', None)\n"
    ),
    "old version only": (
        "import torchtitan\nfrom packaging.version import Version\n"
        "def f(cfg):\n"
        "    if Version(torchtitan.__version__) >= Version('0.3'):\n"
        "        return model_registry(cfg.flavor, attn_backend=cfg.attn_type)\n"
        "    spec = model_registry(cfg.flavor)\n"
        "    spec.model.layer.attention.attn_backend = cfg.attn_type\n"
        "    return spec\n"
    ),
    "behind a flag that an import sets": (
        "try:\n"
        "    from torchtitan.protocols.train_spec import get_train_spec\n"
        "    OLD = True\n"
        "except ImportError:\n"
        "    OLD = False\n"
        "def f(cfg):\n"
        "    if OLD:\n"
        "        spec = model_registry(cfg.flavor)\n"
        "        spec.model.layer.attention.attn_backend = cfg.attn_type\n"
        "        return spec\n"
    ),
    "masks in one case of several": (
        "from torchtitan.models.common.attention import create_varlen_metadata_for_document\n"
        "class E:\n"
        "    def __init__(self): self.spec = model_registry('8B')\n"
        "    def masks(self, positions):\n"
        "        if self.kind == 'varlen':\n"
        "            return create_varlen_metadata_for_document(positions)\n"
        "        return None\n"
    ),
}


@pytest.mark.parametrize("case", NOOP)
def test_left_alone(case: str) -> None:
    check_noop("TTN101", IMPORT + NOOP[case])


# The choice is there, but nothing may be passed for it.
EXPLAINED = {
    "set on self later, by another method": """
        class Engine:
            def __init__(self, cfg):
                self.spec = model_registry(cfg.flavor)
            def setup(self, attn_type):
                self.attn_type = attn_type
            def masks(self, pos):
                return get_attention_masks(pos, self.attn_type)
    """,
    "set on self after the method ran": """
        class Engine:
            def __init__(self, cfg):
                self._build(cfg.flavor)
                self.cfg = cfg
            def _build(self, flavor):
                self.spec = model_registry(flavor)
            def masks(self, pos):
                return get_attention_masks(pos, self.cfg.attn_type)
    """,
    "set by a base class that comes later": """
        from mine import Base
        class Engine(Base):
            def __init__(self, cfg):
                self.spec = model_registry(cfg.flavor)
                super().__init__(cfg)
            def masks(self, pos):
                return get_attention_masks(pos, self.cfg.attn_type)
    """,
    "changed on the way to the override": """
        def build(config):
            spec = model_registry(config.flavor)
            config = resolve(config)
            if hasattr(spec.model, "layer"):
                spec.model.layer.attention.attn_backend = config.attn_type
            return spec
    """,
    "not made when the choice is None": """
        def build(config, attn_type=None):
            spec = model_registry(config.flavor)
            if attn_type is not None and hasattr(spec.model, "layer"):
                spec.model.layer.attention.attn_backend = attn_type
            return spec
    """,
    "left before when the choice is empty": """
        def build(config, attn_type=None):
            spec = model_registry(config.flavor)
            if not attn_type:
                return spec
            if hasattr(spec.model, "layer"):
                spec.model.layer.attention.attn_backend = attn_type
            return spec
    """,
    "a literal that the target rejects": """
        def build(flavor):
            spec = model_registry(flavor)
            if hasattr(spec.model, "layer"):
                spec.model.layer.attention.attn_backend = "sdpa"
            return spec
    """,
    "a default of the function that holds the choice": """
        def build(attn_type, spec=model_registry("8B")):
            return spec, get_attention_masks(attn_type)
        attn_backend = get_attention_masks(attn_backend)
    """,
    "two overrides that differ": """
        def build(config):
            spec = model_registry(config.flavor)
            if hasattr(spec.model, "layer"):
                spec.model.layer.attention.attn_backend = config.attn_type
            if hasattr(spec.model, "layer"):
                spec.model.layer.attention.attn_backend = config.other
            return spec
    """,
    "several settings": """
        def build(first, second):
            spec = model_registry(first.flavor)
            get_attention_masks(first.attn_type)
            return spec, get_attention_masks(second.attn_type)
    """,
}


@pytest.mark.parametrize("case", EXPLAINED)
def test_explained_without_a_rewrite(case: str) -> None:
    import textwrap

    check_explained("TTN101", IMPORT + textwrap.dedent(EXPLAINED[case]))


def test_inner_functions_own_parameter_is_passed_and_not_the_outer_one() -> None:
    before = IMPORT + (
        "def outer(config):\n"
        "    masks = get_attention_masks(config.attn_type)\n"
        "    def build(config):\n"
        "        spec = model_registry('8B')\n"
        "        return spec, get_attention_masks(config.attn_type)\n"
        "    return build(other)\n"
    )
    check_transformed(before, before.replace("'8B')", "'8B', attn_backend=config.attn_type)"))


def test_a_call_of_what_partial_made_is_a_call_of_the_registry() -> None:
    before = IMPORT + (
        "import functools\n"
        "def f(cfg):\n"
        "    build = functools.partial(model_registry, flavor=cfg.flavor)\n"
        "    masks = get_attention_masks(cfg.attn_type)\n"
        "    return build()\n"
    )
    check_transformed(
        before, before.replace("build()", "build(attn_backend=cfg.attn_type)"), unsafe=True
    )


# Passed only with --unsafe-fixes.
UNSAFE = {
    "may be None": (
        "def f(flavor, attn_type=None): return model_registry(flavor), get_attention_masks(attn_type)\n",
        "def f(flavor, attn_type=None): return model_registry(flavor, attn_backend=attn_type), get_attention_masks(attn_type)\n",
    ),
    "getattr with None": (
        "def f(cfg): return model_registry(cfg.flavor), get_attention_masks(getattr(cfg, 'attn_type', None))\n",
        "def f(cfg): return model_registry(cfg.flavor, attn_backend=getattr(cfg, 'attn_type', None)), "
        "get_attention_masks(getattr(cfg, 'attn_type', None))\n",
    ),
    "an override under a condition of its own": (
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor)\n"
        "    if cfg.override:\n"
        "        if hasattr(spec.model, 'layer'):\n"
        "            spec.model.layer.attention.attn_backend = cfg.attn_type\n"
        "    return spec\n",
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor, attn_backend=cfg.attn_type)\n"
        "    if cfg.override:\n"
        "        pass\n"
        "    return spec\n",
    ),
    "an override behind an early return": (
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor)\n"
        "    if cfg.plain:\n"
        "        return spec\n"
        "    if hasattr(spec.model, 'layer'):\n"
        "        spec.model.layer.attention.attn_backend = cfg.attn_type\n"
        "    return spec\n",
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor, attn_backend=cfg.attn_type)\n"
        "    if cfg.plain:\n"
        "        return spec\n"
        "    return spec\n",
    ),
    "a handler that takes the missing attribute, too": (
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor)\n"
        "    try:\n"
        "        spec.model.layer.attention.attn_backend = cfg.attn_type\n"
        "    except Exception:\n"
        "        pass\n"
        "    return spec\n",
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor, attn_backend=cfg.attn_type)\n"
        "    return spec\n",
    ),
    "a handler that takes the missing key, too": (
        "def f(cfg):\n"
        "    spec = model_registry(cfg['flavor'])\n"
        "    try:\n"
        "        spec.model.layer.attention.attn_backend = cfg['attn_type']\n"
        "    except (AttributeError, LookupError):\n"
        "        pass\n"
        "    return spec\n",
        "def f(cfg):\n"
        "    spec = model_registry(cfg['flavor'], attn_backend=cfg['attn_type'])\n"
        "    return spec\n",
    ),
    "the setting is resolved behind the call": (
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor)\n"
        "    cfg.attn_type = resolve(cfg.attn_type)\n"
        "    return spec, get_attention_masks(cfg.attn_type)\n",
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor, attn_backend=cfg.attn_type)\n"
        "    cfg.attn_type = resolve(cfg.attn_type)\n"
        "    return spec, get_attention_masks(cfg.attn_type)\n",
    ),
    "set by the base class's constructor, which ran": (
        "class Base:\n"
        "    def __init__(self, cfg):\n"
        "        self.cfg = cfg\n"
        "class Engine(Base):\n"
        "    def __init__(self, cfg):\n"
        "        super().__init__(cfg)\n"
        "        self.spec = model_registry('8B')\n"
        "    def masks(self):\n"
        "        return get_attention_masks(self.cfg.attn_type)\n",
        "class Base:\n"
        "    def __init__(self, cfg):\n"
        "        self.cfg = cfg\n"
        "class Engine(Base):\n"
        "    def __init__(self, cfg):\n"
        "        super().__init__(cfg)\n"
        "        self.spec = model_registry('8B', attn_backend=self.cfg.attn_type)\n"
        "    def masks(self):\n"
        "        return get_attention_masks(self.cfg.attn_type)\n",
    ),
    "changed by a store on the way to the override": (
        "def build(config):\n"
        "    spec = model_registry(config.flavor)\n"
        "    config.attn_type = resolve(config.attn_type)\n"
        "    if hasattr(spec.model, 'layer'):\n"
        "        spec.model.layer.attention.attn_backend = config.attn_type\n"
        "    return spec\n",
        "def build(config):\n"
        "    spec = model_registry(config.flavor, attn_backend=config.attn_type)\n"
        "    config.attn_type = resolve(config.attn_type)\n"
        "    return spec\n",
    ),
}


@pytest.mark.parametrize("case", UNSAFE)
def test_passed_only_when_asked(case: str) -> None:
    before, after = UNSAFE[case]
    check_transformed(IMPORT + before, IMPORT + after, unsafe=True)


SAFE = {
    "a name that the fix goes on using keeps its assignment": (
        "def f(cfg):\n"
        "    attn_type = cfg.attn_type\n"
        "    spec = model_registry(cfg.flavor)\n"
        "    if hasattr(spec.model, 'layer'):\n"
        "        spec.model.layer.attention.attn_backend = attn_type\n"
        "    return spec\n",
        "def f(cfg):\n"
        "    attn_type = cfg.attn_type\n"
        "    spec = model_registry(cfg.flavor, attn_backend=attn_type)\n"
        "    return spec\n",
    ),
    "a name bound too late stands for its value": (
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor)\n"
        "    attn_type = cfg.attn_type\n"
        "    if hasattr(spec.model, 'layer'):\n"
        "        spec.model.layer.attention.attn_backend = attn_type\n"
        "    return spec, get_attention_masks(attn_type)\n",
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor, attn_backend=cfg.attn_type)\n"
        "    attn_type = cfg.attn_type\n"
        "    return spec, get_attention_masks(attn_type)\n",
    ),
    "a deleted name keeps its assignment": (
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor)\n"
        "    attn_type = cfg.attn_type\n"
        "    if hasattr(spec.model, 'layer'):\n"
        "        spec.model.layer.attention.attn_backend = attn_type\n"
        "    del attn_type\n"
        "    return spec\n",
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor, attn_backend=cfg.attn_type)\n"
        "    attn_type = cfg.attn_type\n"
        "    del attn_type\n"
        "    return spec\n",
    ),
    "both branches": (
        "from torchtitan.models import qwen3\n"
        "def f(cfg):\n"
        "    if cfg.qwen:\n"
        "        spec = qwen3.model_registry(cfg.flavor)\n"
        "    else:\n"
        "        spec = model_registry(cfg.flavor)\n"
        "    if hasattr(spec.model, 'layer'):\n"
        "        spec.model.layer.attention.attn_backend = cfg.attn_type\n"
        "    return spec\n",
        "from torchtitan.models import qwen3\n"
        "def f(cfg):\n"
        "    if cfg.qwen:\n"
        "        spec = qwen3.model_registry(cfg.flavor, attn_backend=cfg.attn_type)\n"
        "    else:\n"
        "        spec = model_registry(cfg.flavor, attn_backend=cfg.attn_type)\n"
        "    return spec\n",
    ),
    "setattr": (
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor)\n"
        "    if hasattr(spec.model, 'layer'):\n"
        "        setattr(spec.model.layer.attention, 'attn_backend', cfg.attn_type)\n"
        "    return spec\n",
        "def f(cfg):\n"
        "    spec = model_registry(cfg.flavor, attn_backend=cfg.attn_type)\n"
        "    return spec\n",
    ),
    "an item of a dictionary": (
        "def f(cfg):\n"
        "    spec = model_registry('8B')\n"
        "    return spec, get_attention_masks(cfg['attn_type'])\n",
        "def f(cfg):\n"
        "    spec = model_registry('8B', attn_backend=cfg['attn_type'])\n"
        "    return spec, get_attention_masks(cfg['attn_type'])\n",
    ),
}


@pytest.mark.parametrize("case", SAFE)
def test_passed(case: str) -> None:
    before, after = SAFE[case]
    check_transformed(IMPORT + before, IMPORT + after)


@pytest.mark.parametrize(
    ("built", "count"),
    [
        ("model_registry('8B', attn_backend=cfg.attn_type)", 0),
        ("model_registry('8B')\n    spec.model.layer.attention.attn_backend = cfg.attn_type", 1),
    ],
)
def test_a_choice_that_is_for_one_of_two_models_is_not_for_the_other_one(
    built: str, count: int
) -> None:
    text = f"def f(cfg):\n    spec = {built}\n    other = model_registry('debugmodel')\n"
    text += "    return spec, other, get_attention_masks(cfg.attn_type)\n"
    assert len(found("TTN101", IMPORT + text)) == count


def test_evidence_inside_an_f_string_is_told_but_not_copied_from_there() -> None:
    text = (
        IMPORT
        + 'def f(cfg):\n    print(f"""\n  {get_attention_masks(cfg.attn_type)}\n""")\n    return model_registry("8B")\n'
    )
    (finding,) = found("TTN101", text)
    assert finding.fix is None or "attn_backend=cfg.attn_type" in finding.fix.message


@pytest.mark.parametrize("day", ["2026-04-18", "2026-05-01", "2026-06-08"])
def test_says_that_sdpa_ignored_the_mask_while_it_did(day: str) -> None:
    text = (
        IMPORT
        + "def f(cfg): return model_registry(cfg.flavor), get_attention_masks(cfg.attn_type)\n"
    )
    (finding,) = found("TTN101", text, day)
    assert "`sdpa`" in finding.said
    assert "ignores attention masks without an error" in finding.said


@pytest.mark.parametrize("target", ["0.3.0", "2026-06-10"])
def test_says_that_the_default_is_flex_since(target: str) -> None:
    text = (
        IMPORT
        + "def f(cfg): return model_registry(cfg.flavor), get_attention_masks(cfg.attn_type)\n"
    )
    (finding,) = found("TTN101", text, target)
    assert "`flex`" in finding.said
    assert "sdpa" not in finding.said


def test_names_each_models_default_where_the_model_is_not_known() -> None:
    text = (
        "import importlib\n"
        "def f(cfg):\n"
        "    m = importlib.import_module(f'torchtitan.models.{cfg.name}')\n"
        "    spec = m.model_registry(cfg.flavor)\n"
        "    return spec, get_attention_masks(cfg.attn_type)\n"
    )
    (finding,) = found("TTN101", text)
    assert "`flex` (gpt_oss: varlen; flux has no such parameter)" in finding.said
    assert finding.fix
    assert finding.fix.applicability is Applicability.SAFE


@pytest.mark.parametrize(
    "target", ["0.2.2", "2026-02-23", "2026-03-30", "2026-03-31", "2026-04-17"]
)
def test_silent_before_the_registry_took_the_backend(target: str) -> None:
    text = (
        IMPORT
        + "def f(cfg): return model_registry(cfg.flavor), get_attention_masks(cfg.attn_type)\n"
    )
    check_noop("TTN101", text, target)
