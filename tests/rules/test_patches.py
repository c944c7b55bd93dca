"""What a file puts in the place of something of torchtitan's that nothing reads any more."""

from __future__ import annotations

import pytest

from tests.rules.cases import every_message, found
from titan_lint.api import targets
from titan_lint.check.lint import lint
from titan_lint.code.source import Source
from titan_lint.finding import Severity
from titan_lint.uses.neighbours import Neighbours, said
from titan_lint.uses.options import Options

IMPORTS = """\
import contextlib
import pytest
from unittest import mock
from unittest.mock import patch
import torchtitan.distributed.utils as utils
from torchtitan.distributed import utils as dist_utils
from torchtitan.trainer import Trainer

"""

SILENT = {
    "an assignment": "utils.maybe_enable_amp = contextlib.nullcontext\n",
    "in a function": "def install():\n    utils.maybe_enable_amp = contextlib.nullcontext\n",
    "setattr": "setattr(utils, 'maybe_enable_amp', contextlib.nullcontext)\n",
    "another name of the module": "dist_utils.maybe_enable_amp = contextlib.nullcontext\n",
    "where something else holds": "if len(IMPORTS):\n    utils.maybe_enable_amp = None\n",
}
LOUD = {
    "monkeypatch": (
        "def test_it(monkeypatch):\n    monkeypatch.setattr(utils, 'maybe_enable_amp', None)\n"
    ),
    "monkeypatch.delattr": (
        "def test_it(monkeypatch):\n    monkeypatch.delattr(utils, 'maybe_enable_amp')\n"
    ),
    "patch.object": "def test_it():\n    with patch.object(utils, 'maybe_enable_amp'):\n        pass\n",
    "a decorator": "@mock.patch.object(utils, 'maybe_enable_amp')\ndef test_it(amp):\n    pass\n",
    "mocker": "def test_it(mocker):\n    mocker.patch.object(utils, 'maybe_enable_amp')\n",
    "by path": "@patch('torchtitan.distributed.utils.maybe_enable_amp')\ndef test_it(amp):\n    pass\n",
    "patch.multiple": "with patch.multiple(utils, maybe_enable_amp=None):\n    pass\n",
    "patch.multiple by path": (
        "@mock.patch.multiple('torchtitan.distributed.utils', maybe_enable_amp=None, autospec=False)\n"
        "def test_it():\n    pass\n"
    ),
    "a context": (
        "with pytest.MonkeyPatch.context() as m:\n    m.setattr(utils, 'maybe_enable_amp', None)\n"
    ),
    "a context of the fixture": (
        "def test_it(monkeypatch):\n    with monkeypatch.context() as m:\n"
        "        m.setattr('torchtitan.distributed.utils.maybe_enable_amp', None)\n"
    ),
    "an object of its own": (
        "m = pytest.MonkeyPatch()\nm.delattr('torchtitan.distributed.utils.maybe_enable_amp')\n"
    ),
    "a fixture by another name": (
        "def test_it(patches: pytest.MonkeyPatch):\n"
        "    patches.setattr(utils, 'maybe_enable_amp', None)\n"
    ),
}
ON_CLASSES = {
    "an assignment": "Trainer.maybe_enable_amp = contextlib.nullcontext()\n",
    "a function": "def ours(self):\n    return None\n\nTrainer.maybe_enable_amp = ours\n",
    "setattr": "setattr(Trainer, 'maybe_enable_amp', None)\n",
    "in a function": "def install():\n    Trainer.maybe_enable_amp = None\n",
    "an old path": "from torchtitan.train import Trainer as Old\nOld.maybe_enable_amp = None\n",
    "through its module": "import torchtitan.trainer as t\nt.Trainer.maybe_enable_amp = None\n",
}
OF_MODULES = {
    "monkeypatch": (
        "def test_it(monkeypatch):\n"
        "    monkeypatch.setattr('torchtitan.config_manager.X', 1, raising=False)\n"
    ),
    "a context": (
        "with pytest.MonkeyPatch.context() as m:\n"
        "    m.setattr('torchtitan.config_manager.X', 1, raising=False)\n"
    ),
    "patch": "@patch('torchtitan.config_manager.X', create=True)\ndef test_it(x):\n    pass\n",
    "patch.multiple": (
        "@patch.multiple('torchtitan.config_manager', X=1, create=True)\ndef test_it():\n    pass\n"
    ),
    "start": "patch('torchtitan.config_manager.X', create=True).start()\n",
}
MEMBERS = {
    "monkeypatch": (
        "def test_it(monkeypatch):\n    monkeypatch.setattr(Trainer, 'maybe_enable_amp', None)\n"
    ),
    "an instance": (
        "def test_it(monkeypatch, trainer: Trainer):\n"
        "    monkeypatch.setattr(trainer, 'maybe_enable_amp', None)\n"
    ),
    "patch.object": "@patch.object(Trainer, 'maybe_enable_amp')\ndef test_it(amp):\n    pass\n",
    "by path": "@patch('torchtitan.trainer.Trainer.maybe_enable_amp')\ndef test_it(amp):\n    pass\n",
    "by an old path": "@patch('torchtitan.train.Trainer.maybe_enable_amp')\ndef test_it(amp):\n    pass\n",
}


@pytest.mark.parametrize("way", SILENT)
def test_what_nothing_reads_any_more_is_a_warning(way: str) -> None:
    (finding,) = found("TTN201", IMPORTS + SILENT[way], codes=("TTN201",))
    assert finding.severity is Severity.WARNING
    assert "nothing there reads what is put in its place" in finding.said
    assert finding.fix is None


@pytest.mark.parametrize("way", ON_CLASSES)
def test_what_nothing_asks_a_class_for_any_more_is_a_warning(way: str) -> None:
    (finding,) = found("TTN203", IMPORTS + ON_CLASSES[way], codes=("TTN203",))
    assert finding.severity is Severity.WARNING
    assert "nothing there reads what is put in its place" in finding.said
    assert finding.fix is None
    for name in ("close", "our_own"):
        assert every_message(IMPORTS + ON_CLASSES[way].replace("maybe_enable_amp", name)) == []


@pytest.mark.parametrize(
    "read",
    [
        "def use(trainer: Trainer):\n    return trainer.maybe_enable_amp\n",
        "class Mine(Trainer):\n    def use(self):\n        with self.maybe_enable_amp:\n            pass\n",
        "def use(anything):\n    return anything.maybe_enable_amp\n",
        "def use(trainer: Trainer):\n    return getattr(trainer, 'maybe_enable_amp')\n",
        "def use():\n    print(Trainer.maybe_enable_amp)\n",
        "own = Trainer.close\n",
    ],
)
@pytest.mark.parametrize("way", ON_CLASSES)
def test_what_is_put_on_a_class_is_there_for_who_asks_for_it(way: str, read: str) -> None:
    count = 1 if "close" in read else 0
    assert len(every_message(IMPORTS + ON_CLASSES[way] + read)) == count


@pytest.mark.parametrize("way", LOUD)
def test_a_patch_of_a_name_that_is_gone_fails(way: str) -> None:
    (finding,) = found("TTN201", IMPORTS + LOUD[way], codes=("TTN201",))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("way", OF_MODULES)
def test_what_may_be_missing_needs_a_module_that_is_there(way: str) -> None:
    (message,) = every_message(IMPORTS + OF_MODULES[way])
    assert "torchtitan.config_manager" in message
    there = OF_MODULES[way].replace("torchtitan.config_manager", "torchtitan.config")
    assert every_message(IMPORTS + there) == []


GONE_MODULE = {
    "patch": "patch('{}.JobConfig').start()",
    "patch.dict": "patch.dict('{}.JobConfig', {{}}).start()",
    "patch.multiple": "patch.multiple('{}', JobConfig=1).start()",
    "create": "patch('{}.JobConfig', create=True).start()",
    "monkeypatch": "pytest.MonkeyPatch().setattr('{}.JobConfig', 1)",
    "not raising": "pytest.MonkeyPatch().setattr('{}.JobConfig', 1, raising=False)",
    "delattr": "pytest.MonkeyPatch().delattr('{}.JobConfig')",
}


@pytest.mark.parametrize("failure", ["ImportError", "AttributeError"])
@pytest.mark.parametrize("way", GONE_MODULE)
def test_a_mock_misses_an_attribute_and_monkeypatch_a_module(way: str, failure: str) -> None:
    raised = "ImportError" if "MonkeyPatch" in GONE_MODULE[way] else "AttributeError"
    statement = GONE_MODULE[way].format("torchtitan.config_manager")
    text = f"try:\n    {statement}\nexcept {failure}:\n    pass\n"
    assert len(every_message(IMPORTS + text)) == (failure != raised)


@pytest.mark.parametrize("failure", ["ImportError", "AttributeError"])
def test_the_mock_of_a_package_of_its_own_imports_what_it_looks_for(failure: str) -> None:
    text = (
        "import mock\ntry:\n    mock.patch('torchtitan.config_manager.JobConfig').start()\n"
        f"except {failure}:\n    pass\n"
    )
    assert len(every_message(text)) == (failure != "ImportError")


@pytest.mark.parametrize("way", MEMBERS)
def test_a_patch_of_a_member_that_is_gone_fails(way: str) -> None:
    (finding,) = found("TTN203", IMPORTS + MEMBERS[way], codes=("TTN203",))
    assert finding.severity is Severity.ERROR
    assert finding.fix is None


@pytest.mark.parametrize("way", [*SILENT, *LOUD, *MEMBERS])
def test_what_is_there_may_be_replaced(way: str) -> None:
    for group in (SILENT, LOUD, MEMBERS):
        text = group.get(way, "")
        text = text.replace("ain.Trainer.maybe_enable_amp", "ain.Trainer.close")
        text = text.replace("r.Trainer.maybe_enable_amp", "r.Trainer.close")
        text = text.replace("rainer, 'maybe_enable_amp'", "rainer, 'close'")
        text = text.replace("maybe_enable_amp", "clip_grad_norm_")
        assert every_message(IMPORTS + text) == []


@pytest.mark.parametrize(
    "text",
    [
        # The file reads it itself.
        "utils.maybe_enable_amp = None\nprint(utils.maybe_enable_amp)\n",
        "utils.maybe_enable_amp = None\nprint(dist_utils.maybe_enable_amp)\n",
        "utils.maybe_enable_amp = None\nfrom torchtitan.distributed.utils import maybe_enable_amp\n",
        "utils.maybe_enable_amp = None\nprint(getattr(utils, 'maybe_enable_amp'))\n",
        "utils.maybe_enable_amp = None\ndef use(module):\n    return module.maybe_enable_amp\n",
        # It is there for those who look for it.
        "if not hasattr(utils, 'maybe_enable_amp'):\n    utils.maybe_enable_amp = None\n",
        "if hasattr(utils, 'maybe_enable_amp'):\n    utils.maybe_enable_amp = None\n",
        "if 'maybe_enable_amp' not in vars(utils):\n    setattr(utils, 'maybe_enable_amp', None)\n",
        "try:\n    utils.maybe_enable_amp\nexcept AttributeError:\n    utils.maybe_enable_amp = None\n",
        "try:\n    from torchtitan.distributed.utils import maybe_enable_amp\n"
        "except ImportError:\n    utils.maybe_enable_amp = None\n",
        # No torchtitan had it, or one has it that is still to come.
        "utils.our_own = None\n",
        # It may be missing, the test says.
        "def test_it(monkeypatch):\n"
        "    monkeypatch.setattr(utils, 'maybe_enable_amp', None, raising=False)\n",
        "@patch.object(utils, 'maybe_enable_amp', create=True)\ndef test_it(amp):\n    pass\n",
        "@patch.object(Trainer, 'maybe_enable_amp', create=True)\ndef test_it(amp):\n    pass\n",
        "@patch('torchtitan.trainer.Trainer.maybe_enable_amp', create=True)\ndef test_it(amp):\n    pass\n",
        # It is expected to fail.
        "def test_it(monkeypatch):\n    with pytest.raises(AttributeError):\n"
        "        monkeypatch.setattr(utils, 'maybe_enable_amp', None)\n",
        "def test_it():\n    if hasattr(Trainer, 'maybe_enable_amp'):\n"
        "        patch.object(Trainer, 'maybe_enable_amp').start()\n",
    ],
)
def test_what_somebody_reads_or_looks_for_is_left_alone(text: str) -> None:
    assert every_message(IMPORTS + text) == []


@pytest.mark.parametrize(
    ("reader", "count"),
    [
        ("from torchtitan.distributed.utils import maybe_enable_amp\n", 0),
        ("import torchtitan.distributed.utils as u\nprint(u.maybe_enable_amp)\n", 0),
        ("from torchtitan.distributed import utils\nutils.maybe_enable_amp = 1\n", 1),
        ("from torchtitan.distributed.utils import clip_grad_norm_\n", 1),
    ],
)
def test_the_other_files_of_the_project_read_too(reader: str, count: int) -> None:
    from titan_lint.code.program import Program

    text = IMPORTS + SILENT["an assignment"]
    files = [
        (Program(Source(f"{name}.py", text)), False, name)
        for name, text in [("a", text), ("b", reader)]
    ]
    linted = lint(
        Source("a.py", text),
        codes=("TTN201",),
        targets=targets.parse("0.3.0"),
        options=Options(neighbours=Neighbours(lambda: said(files))),
    )
    assert len(linted.findings) == count
