"""Classes and what is derived from them, as TTN203 asks for them."""

from __future__ import annotations

from titan_lint.api import Class, bundle, history
from titan_lint.api.paths import MODEL_CONFIG, model_configs
from titan_lint.uses.members.classes import MODEL_PACKAGES, derived_have, lacks


def test_configs_of_models_are_those_of_a_search_through_all_models() -> None:
    for key in history.timeline():
        surface = bundle.load(key)
        configs = [
            surface.lookup(f"{module}.{name}.Config")
            for module in sorted(surface.modules)
            if module.startswith("torchtitan.models.")
            for name, record in surface.module_record(module).get("members", {}).items()
            if record["k"] == "c" and "Config" in record.get("m", {})
        ]
        assert list(model_configs(surface)) == [
            config
            for config in configs
            if isinstance(config, Class) and any(c.path == MODEL_CONFIG for c in config.mro)
        ]


def test_a_member_that_a_derived_class_has_may_be_there() -> None:
    surface = bundle.load("0.3.0")
    assert derived_have(surface, MODEL_CONFIG, "n_layers")
    assert not derived_have(surface, MODEL_CONFIG, "n_layers", experiments=False)
    assert not derived_have(surface, "torchtitan.trainer.Trainer", "maybe_enable_amp")


def test_a_class_lacks_nothing_that_a_known_base_brings() -> None:
    surface = bundle.load("0.3.0")
    decoder = "torchtitan.models.common.decoder.Decoder"
    assert lacks(surface, decoder, "output")
    assert not lacks(surface, decoder, "lm_head")
    assert not lacks(surface, decoder, "parameters")
    assert not lacks(surface, decoder, "__class__")


def test_configs_of_models_inherit_from_nothing_outside_the_packages_that_are_searched() -> None:
    for key in history.timeline():
        for config in model_configs(bundle.load(key)):
            assert all(f"{base.module}.".startswith(MODEL_PACKAGES) for base in config.mro)
            assert config.external_bases == ()


def test_a_class_lacks_what_neither_it_nor_a_base_of_another_library_has() -> None:
    surface = bundle.load("0.2.0")
    loader = "torchtitan.components.dataloader.ParallelAwareDataloader"
    assert lacks(surface, loader, "Config")
    assert lacks(surface, loader, "_validate_kwargs")
    assert not lacks(surface, loader, "prefetch_factor")
    assert not lacks(surface, loader, "_get_iterator")
    model = "torchtitan.models.llama3.model.model.Transformer"
    assert not lacks(surface, model, "_apply")
