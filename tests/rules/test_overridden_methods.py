"""TTN301 on methods that override one of torchtitan's, and are called with other keywords now."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.fixing import fix_text
from tests.rules.cases import messages
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.finding import Applicability
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = "from torchtitan.models.llama3 import Llama3Model\n\n\nclass Config(Llama3Model.Config):\n"


def method(body: str) -> str:
    return HEAD + textwrap.indent(textwrap.dedent(body), "    ")


def offered(code: str, torchtitan: str = "0.3.0") -> list[Applicability | None]:
    """The fixes of what TTN301 says, ``None`` for a finding that only explains."""
    linted = lint(
        Source("case.py", code),
        codes=["TTN301"],
        targets=targets.parse_all(torchtitan.split()),
        options=Options(),
    )
    assert not linted.failures
    return [f.fix.applicability if f.fix else None for f in linted.findings]


def test_the_parameter_and_all_that_reads_it_get_the_new_name() -> None:
    before = method(
        '''\
        def update_from_config(  # by hand
            self, *, trainer_config: "Trainer.Config", **kwargs
        ) -> None:
            """Reads ``trainer_config``."""
            super().update_from_config(trainer_config=trainer_config, **kwargs)
            self.sizes = [trainer_config.training.seq_len for _ in range(2)]
            trainer_config = None
        '''
    )
    after = fix_text(before, select=["TTN301"])
    assert after.refused is None
    # The parameter is bound anew, so that what a use means is not told by the name alone.
    assert after.source.text == before

    before = before.replace("    trainer_config = None\n", "")
    changed = fix_text(before, select=["TTN301"]).source.text
    assert changed == (
        before.replace("*, trainer_config:", "*, config:")
        .replace("(trainer_config=trainer_config", "(config=config")
        .replace("[trainer_config.", "[config.")
    )
    assert fix_text(changed, select=["TTN301"]).source.text == changed


EXPLAINED = {
    "the new name is taken": (
        "def update_from_config(self, *, trainer_config):\n"
        "    config = self\n    config.dim = trainer_config.dim\n"
    ),
    "names are looked up": (
        "def update_from_config(self, *, trainer_config):\n    print(locals())\n"
    ),
}
LEFT_ALONE = {
    "both names": "def update_from_config(self, *, config=None, trainer_config=None): ...\n",
    "any name": "def update_from_config(self, **kwargs): ...\n",
    "the new one is looked for": (
        "def update_from_config(self, *, trainer_config=None, **kwargs):\n"
        "    trainer_config = kwargs.get('config', trainer_config)\n"
    ),
    "another method": "def update(self, *, trainer_config): ...\n",
    "a decorator may change it": (
        "@compatible\ndef update_from_config(self, *, trainer_config): ...\n"
    ),
}


@pytest.mark.parametrize("body", EXPLAINED.values(), ids=EXPLAINED)
def test_what_cannot_be_renamed_is_explained(body: str) -> None:
    assert offered(method(body)) == [None]


@pytest.mark.parametrize("body", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_takes_both_is_left_alone(body: str) -> None:
    assert offered(method(body)) == []


SAID = {
    "(self, trainer_config)": "this override does not take `config`, which torchtitan 0.3.0 passes",
    "(self, *, trainer_config)": "this override does not take `config`, which torchtitan 0.3.0 passes",
    "(self, *, trainer_config=None)": "this override does not take `config`, which",
    "(self, *, trainer_config, **more)": "this override asks for `trainer_config`, which torchtitan 0.3.0 does",
    "(self, trainer_config, **more)": "this override asks for `trainer_config`, which torchtitan 0.3.0 does",
    "(self, *, trainer_config=None, **more)": "this override is not given `trainer_config`",
    "(self, trainer_config=None, **more)": "this override is not given `trainer_config`",
}


@pytest.mark.parametrize(("parameters", "said"), SAID.items())
def test_what_is_said_of_an_override_is_what_its_call_raises(parameters: str, said: str) -> None:
    """What `**more` takes does not fail: that something else is missing does, if it is asked for."""
    code = method(f"def update_from_config{parameters}: ...\n")
    (finding,) = messages("TTN301", code)
    assert finding.startswith(said)
    made: dict[str, Callable[..., object]] = {}
    exec(f"def update_from_config{parameters}: ...\n", made)
    raised = ""
    try:
        made["update_from_config"](None, config=None)
    except TypeError as error:
        raised = str(error)
    assert ("unexpected keyword argument 'config'" in raised) is ("does not take" in said)
    assert ("missing" in raised and "trainer_config" in raised) is ("asks for" in said)
    assert (not raised) is ("not given" in said)


def test_another_class_with_such_a_method_is_left_alone() -> None:
    code = "import torchtitan\n\n\nclass Config:\n    def update_from_config(self, trainer_config): ..."
    assert offered(code) == []


def test_a_caller_in_the_file_makes_the_fix_unsafe() -> None:
    body = "def update_from_config(self, *, trainer_config):\n    self.dim = trainer_config.dim\n"
    assert offered(method(body)) == [Applicability.SAFE]
    caller = "\n\nmake().update_from_config(trainer_config=1)\n"
    assert offered(method(body) + caller) == [Applicability.UNSAFE]


def test_the_old_name_is_right_where_torchtitan_still_passes_it() -> None:
    body = "def update_from_config(self, *, trainer_config): ...\n"
    assert offered(method(body), "2026-05-08") == []
    # No one name fits both: a person has to decide.
    assert offered(method(body), "2026-05-08 0.3.0") == [None]
