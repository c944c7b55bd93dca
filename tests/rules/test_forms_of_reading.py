"""Forms in which a config's fields are read, and in which what a factory makes is used."""

from __future__ import annotations

import pytest

from tests.rules.cases import messages

HEAD = """\
import copy, dataclasses, operator
from dataclasses import asdict, fields, replace
from operator import attrgetter
from torchtitan.config import TrainingConfig
from torchtitan.models.llama3 import llama3_configs
from torchtitan.trainer import Trainer

job = attrgetter("job_config")


def run(trainer: Trainer, config: Trainer.Config, size, other):
    {}
"""

READS = [
    "return job(trainer)",
    "return attrgetter('job_config')(trainer)",
    "return operator.attrgetter('job_config.training')(trainer)",
    "return attrgetter('config', 'job_config')(trainer)",
    "name = 'job_config'; return attrgetter(name)(trainer)",
    "get = attrgetter('job_config'); return get(trainer)",
    "return asdict(config.training)['dataset']",
    "return dataclasses.asdict(config.training)['dataset']",
    "held = asdict(config.training); return held['dataset']",
    "key = 'dataset'; return asdict(config.training)[key]",
    "training = config.training; return asdict(training)['dataset']",
    "return vars(config.training)['dataset']",
    "return vars(trainer)['job_config']",
    "return trainer.__dict__['job_config']",
    "name = 'job_config'; return trainer.__dict__[name]",
    "print(vars(trainer), len(trainer.__dict__)); return vars(trainer)['job_config']",
    "return dict(**vars(config.training), more=vars(config.training)['dataset'])",
    "try: return asdict(config.training)['dataset']\n    except TypeError: pass",
    "try: return asdict(config.training)['dataset']\n    except AttributeError: pass",
    "try: return vars(trainer)['job_config']\n    except (TypeError, AttributeError): pass",
    "try: return trainer.__dict__['job_config']\n    except AttributeError: pass",
    "return llama3_configs['3B'](attn_backend='flex').rope",
    "return llama3_configs[size](attn_backend='flex').n_layers",
    "make = llama3_configs['3B']; return make(attn_backend='flex').rope",
    "made = llama3_configs['3B']('flex'); made.rope.max_seq_len = 1",
    "made = llama3_configs['3B'](attn_backend='flex'); return made.rope",
    "return '3B' in llama3_configs and llama3_configs['3B']('flex').rope",
    "for each in llama3_configs: print(llama3_configs[each]('flex').rope)",
]


@pytest.mark.parametrize("form", READS)
def test_a_field_that_is_gone_is_missed_in_each_form(form: str) -> None:
    (message,) = messages("TTN203", HEAD.format(form))
    assert any(name in message for name in ("job_config", "dataset", "rope", "n_layers"))


LEFT_ALONE = [
    "return attrgetter('config')(trainer)",
    "return attrgetter('job_config')(other)",
    "return attrgetter(other)(trainer)",
    "return attrgetter('job_config')",
    "return operator.itemgetter('job_config')(trainer)",
    "return attrgetter('job_config')(*trainer)",
    "return attrgetter('config.job_config')(trainer)",
    "return asdict(config.training)['steps']",
    "return asdict(other)['dataset']",
    "return asdict(config.training).get('dataset')",
    "held = asdict(config.training); held['dataset'] = 1; return held['dataset']",
    "held = asdict(config.training); held.update(other); return held['dataset']",
    "held = asdict(config.training) | other; return held['dataset']",
    "held = {**asdict(config.training)}; return held['dataset']",
    "return asdict(config.training, dict_factory=other)['dataset']",
    "try: return asdict(config.training)['dataset']\n    except KeyError: pass",
    "try: return vars(trainer)['job_config']\n    except LookupError: pass",
    "try: return config.training.__dict__['dataset']\n    except AttributeError: pass",
    "return vars(trainer)['config']",
    "return vars(other)['job_config']",
    "return vars(trainer).get('job_config')",
    "return 'job_config' in vars(trainer) and vars(trainer)['job_config']",
    "try: return vars(config.training)['dataset']\n    except TypeError: pass",
    "try: return trainer.__dict__['job_config']\n    except KeyError: pass",
    "vars(trainer)['job_config'] = 1; return vars(trainer)['job_config']",
    "trainer.__dict__.update(other); return vars(trainer)['job_config']",
    "other(vars(trainer)); return vars(trainer)['job_config']",
    "held = vars(trainer); held['job_config'] = 1; return vars(trainer)['job_config']",
    "vars = other; return vars(trainer)['job_config']",
    "return llama3_configs['3B'](attn_backend='flex').dim",
    "return llama3_configs['mine'](attn_backend='flex').rope",
    "return other['3B'](attn_backend='flex').rope",
    "made = llama3_configs['3B'](attn_backend='flex') if size else other; return made.rope",
]


@pytest.mark.parametrize(
    "put",
    [
        "llama3_configs['3B'] = other",
        "llama3_configs[size] = other",
        "llama3_configs.update(other)",
        "llama3_configs.pop('3B')",
        "del llama3_configs['3B']",
        "other(llama3_configs)",
        "other.setitem(llama3_configs, '3B', size)",
        "other.dict('torchtitan.models.llama3.llama3_configs', {})",
        "mine = llama3_configs; mine['3B'] = other",
        "from torchtitan.models import llama3; llama3.llama3_configs['3B'] = other",
        "from torchtitan.models import llama3; llama3.llama3_configs |= other",
        "from torchtitan.models.llama3 import llama3_configs as table; table['3B'] = other",
        "from torchtitan.models.llama3 import llama3_configs as table; table |= other",
    ],
)
def test_a_dictionary_that_may_be_changed_holds_what_nobody_knows(put: str) -> None:
    form = f"{put}; return llama3_configs['3B'](attn_backend='flex').rope"
    assert messages("TTN203", HEAD.format(form)) == []


@pytest.mark.parametrize("form", LEFT_ALONE)
def test_what_is_there_or_not_known_is_left_alone(form: str) -> None:
    assert messages("TTN203", HEAD.format(form)) == []
