"""What the text of a file tells of whether it asks a config for a field, before the file is parsed."""

from __future__ import annotations

import itertools

import pytest

from titan_lint.code.program import Program
from titan_lint.code.source import Source
from titan_lint.code.word_patterns import may_ask
from titan_lint.uses.fields import asks

FIELDS, HOLDERS = ("lr", "eps"), frozenset({"optimizer", "optim"})

OWNERS = (
    "config.optimizer",
    "(config.optim)",
    "optimizer",
    "get(a, b=1).optimizer",
    "configs[0].job.optimizer",
)
GIVEN = (
    "o = {}",
    "o: Any = {}",
    "x = o = {}",
    "o = x = {}",
    "x, o = 1, {}",
    "(x, o) = (f(k=1), {})",
    "[o, x] = [{}, 2]",
    "x = [(o := {})]",
    "o = (\n    {}\n)",
    "o = \\\n    {}",
    "def f(o={}): pass\nwith {} as o: pass",
    "with {} as (o): pass",
    "with open(p) as f, {} as o: pass",
    "for o in {}: pass",
)
READ = (
    "{}.lr",
    "print({}\n    .lr)",
    "({}).eps",
    "print({}  # the rate\n    .lr)",
    "{} \\\n    .lr",
    "{}.lr = 3",
    "getattr({}, 'lr')",
    'hasattr({}, "eps")',
    "getattr(\n    {},\n    'lr',\n    None,\n)",
    "setattr({}, 'lr', 2)",
    "replace({}, lr=2)",
    "dataclasses.replace({}, weight=3, lr=2)",
    "evolve(\n    {},\n    lr=2,\n)",
    "{}.replace(lr=2)",
    "{}.__replace__(eps=2)",
)


def said(code: str) -> tuple[bool, bool]:
    """Whether a file asks, and whether its text may."""
    program = Program(Source("a.py", code))
    data = code.encode()
    return asks(program, FIELDS, HOLDERS), may_ask(data, FIELDS, HOLDERS)


@pytest.mark.parametrize("read", READ)
def test_what_is_asked_of_a_config_by_its_path_is_found_in_the_text(read: str) -> None:
    for owner in OWNERS:
        code = f"import dataclasses\n{read.format(owner)}\n"
        assert said(code) == (True, True), code


@pytest.mark.parametrize("given", GIVEN)
def test_what_is_asked_of_a_name_that_is_given_a_config_is_found_in_the_text(given: str) -> None:
    seen = 0
    for owner, read in itertools.product(OWNERS, READ):
        code = f"{given.replace('{}', owner)}\n{read.format('o')}\n"
        is_asked, may_be = said(code)
        assert may_be or not is_asked, code
        seen += is_asked
    assert seen or given.startswith("def"), "no form of them counts as asking"


def test_what_a_getter_asks_for_by_its_path_is_found_in_the_text() -> None:
    assert said("rate = attrgetter('job.optimizer.lr')\n") == (True, True)


@pytest.mark.parametrize(
    "code",
    [
        "optimizer.step()\nscheduler.lr\n",
        "def f(optimizer, other):\n    return other.lr\n",
        "self.optimizer = optimizer\nprint(self.lr)\n",
        "x = dict(lr=1)\noptimizer = torch.optim.Adam(p, **x)\n",
        "name = text.replace('a', 'b')\noptimizer = make(lr=2)\n",
        "config = load(lr=2)\nprint(config.lr)\noptimizer = config.make()\n",
    ],
)
def test_a_text_that_names_both_apart_needs_no_parsing(code: str) -> None:
    assert said(code) == (False, False)
