"""Names and imports after a safe fix: where a new one stands, and which old ones stay."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.fixing import fix_text
from tests.rules.cases import fixed
from titan_lint.cli.main import run
from titan_lint.code.source import Source, SourceError
from titan_lint.rules import names as rule_names

if TYPE_CHECKING:
    from pathlib import Path

CODES = tuple(code for code in rule_names() if code not in ("TTN901", "TTN304"))


def becomes(before: str, after: str) -> None:
    assert fixed(before, codes=CODES).source.text == textwrap.dedent(after)


def stays(text: str) -> None:
    becomes(text, text)


OLD = "from torchtitan.config.job_config import Debug\n"
KEPT = "from torchtitan.config import DebugConfig as Debug\n"
NEW = "from torchtitan.config import DebugConfig\n"


@pytest.mark.parametrize(
    "rest",
    [
        "x = Debug(seed=1)\n__all__ = ['f']\n__all__.append('Debug')\n",
        "x = Debug(seed=1)\n__all__ = []\n__all__ += ['Debug']\n",
        "NAMES = ('Debug',)\n__all__ = [*NAMES]\nx = Debug(seed=1)\n",
        "x = Debug(seed=1)\ny = globals()['Debug']\n",
        "x = Debug(seed=1)\ny = [globals()[name] for name in ('a',)]\n",
        "x = Debug(seed=1)\ny = sorted(dir())\n",
        "import sys\nx = Debug(seed=1)\ny = vars(sys.modules[__name__])\n",
        "x = Debug(seed=1)\ny = eval('Debug(seed=2)')\n",
        "import typing\nT = typing.TypeVar('T', bound='Debug')\nx = Debug(seed=1)\n",
        "import typing\nx = Debug(seed=1)\ny: typing.Optional['typing.List[Debug]'] = None\n",
        "x = Debug(seed=1)\ndel Debug\n",
        "x = Debug(seed=1)\ndef f():\n    global Debug\n    Debug = 1\n",
        "from unittest.mock import patch\nx = Debug(seed=1)\npatch(f'{__name__}.Debug')\n",
        "x = [Debug(seed=1) for DebugConfig in range(2)]\n",
        "def f(*, DebugConfig=1):\n    return Debug(seed=DebugConfig)\n",
    ],
)
def test_a_name_that_something_may_ask_for_stays(rest: str) -> None:
    becomes(OLD + rest, KEPT + rest)


@pytest.mark.parametrize(
    "rest",
    [
        "x = Debug(seed=1)\nprint('Debug was set')\n",
        "x = Debug(seed=1)\n__all__ = ['x']\n",
        "x = Debug(seed=1)\ny = globals()['x']\n",
        'def f():\n    """Debug"""\n    return Debug(seed=1)\n',
    ],
)
def test_a_name_that_nothing_asks_for_goes(rest: str) -> None:
    new = rest.replace("Debug(", "DebugConfig(")
    becomes(OLD + rest, NEW + new)


GROUPS = """\
OptimizersContainer.Config(
    param_groups=[
        ParamGroupConfig(
            pattern=r".*",
            optimizer_name="Adam",
            optimizer_kwargs={
                "lr": 0.5,
                "betas": (0.9, 0.95),
                "eps": 1e-8,
                "weight_decay": 0.1,
            },
        )
    ],
)"""


@pytest.mark.parametrize(
    ("head", "new"),
    [
        (
            "import contextlib\nwith contextlib.suppress(ImportError):\n    from torchtitan.components.optimizer import OptimizersContainer\n",
            "import contextlib\nwith contextlib.suppress(ImportError):\n    from torchtitan.components.optimizer import OptimizersContainer, ParamGroupConfig\n",
        ),
        (
            "#!/usr/bin/env python\n# Licence\nfrom torchtitan.components.optimizer import OptimizersContainer\n",
            "#!/usr/bin/env python\n# Licence\nfrom torchtitan.components.optimizer import OptimizersContainer, ParamGroupConfig\n",
        ),
        (
            "import os\nos.environ['A'] = '1'\nfrom torchtitan.components.optimizer import OptimizersContainer\n",
            "import os\nos.environ['A'] = '1'\nfrom torchtitan.components.optimizer import OptimizersContainer, ParamGroupConfig\n",
        ),
        (
            "if 1 + 1:\n    from torchtitan.components.optimizer import (\n        OptimizersContainer,  # ours\n    )\n",
            "if 1 + 1:\n    from torchtitan.components.optimizer import (\n        OptimizersContainer,  # ours\n        ParamGroupConfig,\n    )\n",
        ),
    ],
)
def test_a_new_import_stands_beside_the_one_it_extends(head: str, new: str) -> None:
    call = 'OptimizersContainer.Config(name="Adam", lr=0.5)'
    becomes(f"{head}x = {call}\n", f"{new}x = {GROUPS}\n")


@pytest.mark.parametrize("between", ["", "import os\n", "import os\nprint(os.sep)\n"])
def test_a_new_name_joins_the_first_of_an_import_that_is_repeated(between: str) -> None:
    """There both calls have it, and nothing is imported anew that nothing has used."""
    first = "from torchtitan.components.optimizer import OptimizersContainer"
    call = 'OptimizersContainer.Config(name="Adam", lr=0.5)'
    made = f"def make():\n    return {{}}\n{between}{first}\ny = {{}}\n"
    inner = GROUPS.replace("\n", "\n    ")
    becomes(
        f"{first}\n{made.format(call, call)}",
        f"{first}, ParamGroupConfig\n{made.format(inner, GROUPS)}",
    )


@pytest.mark.parametrize(
    "text",
    [
        # Either of two imports may bring it.
        "try:\n    from torchtitan.components.optimizer import OptimizersContainer\n"
        "except ImportError:\n    from torchtitan.components.optimizer import OptimizersContainer\n"
        "x = OptimizersContainer.Config(lr=0.5)\n",
        # It is imported for the whole module by one function.
        "def load():\n    global OptimizersContainer\n"
        "    from torchtitan.components.optimizer import OptimizersContainer\n"
        "def make():\n    return OptimizersContainer.Config(lr=0.5)\n",
        # The name means something else in the function, below the call.
        "from torchtitan.components.optimizer import OptimizersContainer\n"
        "def make():\n    made = OptimizersContainer.Config(name='Adam')\n    ParamGroupConfig = 1\n"
        "    return made, ParamGroupConfig\n",
    ],
)
def test_an_import_that_has_no_certain_place_is_not_added(text: str) -> None:
    stays(text)


@pytest.mark.parametrize(
    "put",
    [
        "old.MeshDimName = int\n",
        "setattr(old, 'MeshDimName', int)\n",
        "import sys\nsys.modules['torchtitan.protocols.sharding'] = object()\n",
        "from unittest import mock\nmock.patch.object(old, 'MeshDimName')\n",
        "vars(old)['MeshDimName'] = int\n",
        "old.__dict__.update(MeshDimName=int)\n",
        "def put(module, name):\n    setattr(module, name, int)\nput(old, 'MeshDimName')\n",
    ],
)
def test_a_module_that_something_is_put_into_is_asked_still(put: str) -> None:
    stays(
        "import torchtitan.protocols.sharding as old\n"
        + put
        + "from torchtitan.protocols.sharding import MeshDimName\nprint(MeshDimName)\n"
    )


def test_a_name_never_moves_above_a_statement() -> None:
    becomes(
        """\
        from torchtitan.config import TrainingConfig
        print("between")
        from torchtitan.config.job_config import Debug
        x = Debug(seed=1), TrainingConfig
        """,
        """\
        from torchtitan.config import TrainingConfig
        print("between")
        from torchtitan.config import DebugConfig
        x = DebugConfig(seed=1), TrainingConfig
        """,
    )


def test_a_module_that_is_used_no_more_is_not_imported_any_more() -> None:
    becomes(
        """\
        import torchtitan.protocols.sharding as old
        x = old.MeshDimName, old.MeshDimName
        """,
        """\
        from torchtitan.distributed.parallel_dims import MeshAxisName
        x = MeshAxisName, MeshAxisName
        """,
    )


def test_a_comment_beside_the_head_of_a_with_stays() -> None:
    becomes(
        """\
        from torchtitan.trainer import Trainer
        def f(trainer: Trainer):
            with trainer.maybe_enable_amp:  # mixed
                return 1
        """,
        """\
        from torchtitan.trainer import Trainer
        def f(trainer: Trainer):
            # mixed
            return 1
        """,
    )


@pytest.mark.parametrize(
    ("asks", "keeps"),
    [
        ("from engine import Debug\n", True),
        ("import engine\nengine.Debug\n", True),
        ("from unittest.mock import patch\npatch('engine.Debug')\n", True),
        ("from engine import *\nprint(Debug)\n", True),
        ("from engine import x\n", False),
        ("Debug = 1\n", False),
    ],
)
def test_a_name_that_another_file_asks_for_stays(asks: str, keeps: bool, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    (tmp_path / "other.py").write_text(asks)
    engine = tmp_path / "engine.py"
    engine.write_text(OLD + "x = Debug(seed=1)\n")
    run(["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0", "--fix", str(tmp_path)])
    assert engine.read_text().startswith(KEPT if keeps else NEW)


@pytest.mark.parametrize(
    ("other", "options", "keeps"),
    [
        ("", (), False),
        ("import engine\n\nengine.Debug\n", (), True),
        # What is left out may ask for anything.
        ("", ("--exclude", "other.py"), True),
    ],
)
def test_a_file_that_is_fixed_alone_keeps_what_those_beside_it_ask_for(
    tmp_path: Path, other: str, options: tuple[str, ...], keeps: bool
) -> None:
    (tmp_path / "other.py").write_text(other)
    engine = tmp_path / "engine.py"
    engine.write_text(OLD + "x = Debug(seed=1)\n")
    asked = ("--isolated", "--no-cache", "--torchtitan", "0.3.0", "--fix", *options)
    run([*asked, str(engine)])
    assert engine.read_text().startswith(KEPT) == keeps


GONE = "from torchtitan.models.moe.moe import FeedForward as Theirs\n"


@pytest.mark.parametrize(
    ("others", "mends"),
    [
        ({"main": "from compat import Theirs\nTheirs.init_weights\n"}, True),
        (
            {
                "main": "try:\n    from compat import Theirs as x\n    HAS = True\n"
                "except ImportError:\n    HAS = False\nif HAS:\n    x.init_weights\n"
            },
            False,
        ),
        (
            {
                "main": "try:\n    import compat\nexcept ImportError:\n    compat = None\n"
                "if compat:\n    compat.Theirs.init_weights\n"
            },
            False,
        ),
        (
            {
                "main": "import pytest\ncompat = pytest.importorskip('compat')\n"
                "compat.Theirs.init_weights\n"
            },
            False,
        ),
        (
            {
                "base": "from compat import Theirs as Ours\n",
                "main": "import contextlib\nwith contextlib.suppress(ImportError):\n"
                "    from base import Ours\n    Ours.init_weights\n",
            },
            False,
        ),
        # Whether it is there is all that is asked.
        (
            {
                "main": "try:\n    from compat import Theirs\nexcept ImportError:\n    Theirs = None\n"
                "HAS = Theirs is not None\n__all__ = ['Theirs']\n"
            },
            True,
        ),
        (
            {
                "main": "try:\n    from compat import own\nexcept ImportError:\n    own = None\n"
                "if own is not None:\n    own()\n"
            },
            True,
        ),
    ],
)
def test_code_that_an_import_brings_back_to_life_is_not_woken_by_a_fix(
    tmp_path: Path, others: dict[str, str], mends: bool
) -> None:
    compat = tmp_path / "compat.py"
    compat.write_text(GONE + "def own():\n    return 1\n")
    for name, text in others.items():
        (tmp_path / f"{name}.py").write_text(text)
    asked = ("--isolated", "--no-cache", "--torchtitan", "0.3.0", "--fix")
    for unsafe in ([], ["--unsafe-fixes"]):
        run([*asked, *unsafe, str(tmp_path)])
        assert (GONE not in compat.read_text()) is mends


@pytest.mark.parametrize(
    ("test", "mends"),
    [
        ("with mock.patch.dict(sys.modules, {'torchtitan.models.moe': mock.Mock()}):\n", False),
        ("sys.modules['torchtitan.models.moe'] = mock.Mock()\nif True:\n", False),
        (
            "with mock.patch.dict(sys.modules, dict([('torchtitan.models.moe', mock.Mock())])):\n",
            False,
        ),
        (
            "names = ['torchtitan.models.moe', 'own']\n"
            "with mock.patch.dict(sys.modules, {n: mock.Mock() for n in names}):\n",
            False,
        ),
        (
            "for name in ('torchtitan.models.moe', 'own'):\n    sys.modules[name] = mock.Mock()\n"
            "if True:\n",
            False,
        ),
        (
            "with mock.patch.dict(sys.modules, dict.fromkeys({'torchtitan.models.moe'}, mock.Mock())):\n",
            False,
        ),
        ("with mock.patch.dict(sys.modules, {'torchtitan.models.flux': mock.Mock()}):\n", True),
        ("print('torchtitan.models.moe', sys.modules)\nif True:\n", True),
    ],
)
def test_a_module_that_another_file_puts_something_in_the_place_of_is_not_left(
    tmp_path: Path, test: str, mends: bool
) -> None:
    old = "import torchtitan.models.moe as titan\n"
    (tmp_path / "base.py").write_text(old)
    (tmp_path / "test_base.py").write_text(
        f"import sys\nfrom unittest import mock\n{test}    from base import titan\n    titan.MoEArgs(8)\n"
    )
    for unsafe in ([], ["--unsafe-fixes"]):
        asked = ("--isolated", "--no-cache", "--torchtitan", "0.3.0", "--fix")
        run([*asked, *unsafe, str(tmp_path)])
        assert ((tmp_path / "base.py").read_text() != old) is mends


@pytest.mark.parametrize(
    ("use", "moves"),
    [
        ("getattr(titan, 'model_registry')", False),
        ("things = [titan, None]\nthings[0].model_registry", False),
        ("mock.patch.object(titan, 'model_registry')", False),
        ("getattr(titan, 'model_registry', None)", True),
        ("if hasattr(titan, 'model_registry'):\n    getattr(titan, 'model_registry')", True),
        ("getattr(titan, 'gptoss_configs')", True),
    ],
)
def test_a_module_moves_only_where_all_that_is_asked_of_it_is_there(
    use: str, *, moves: bool
) -> None:
    text = f"from unittest import mock\nimport torchtitan.models.gpt_oss as titan\n{use}\n"
    done = fixed(text, codes=("TTN202",), torchtitan="0.2.1", unsafe=True)
    assert ("torchtitan.experiments.gpt_oss" in done.source.text) is moves


@pytest.mark.parametrize("encoding", ["unicode_escape", "raw_unicode_escape", "utf-7"])
def test_an_encoding_that_does_not_give_back_what_was_read_is_not_written(encoding: str) -> None:
    data = f"# coding: {encoding}\n# caf\\u00e9 ~\nx = 1\n".encode()
    source = Source.decode("x.py", data)
    assert not source.is_exact(data)


@pytest.mark.parametrize("encoding", ["unicode_escape", "raw_unicode_escape", "utf-7"])
def test_a_file_whose_encoding_does_not_give_it_back_stays_as_it_is(
    encoding: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = f"# coding: {encoding}\n# caf\\u00e9 ~\n{OLD}x = Debug(seed=1)\n".encode()
    file = tmp_path / "engine.py"
    file.write_bytes(data)
    status = run(["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0", "--fix", str(file)])
    assert (status, file.read_bytes()) == (2, data)
    assert re.search(f"not fixed: .*as {encoding} ", capfd.readouterr().err)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8"])
def test_a_plain_encoding_is_written_as_it_was_read(encoding: str) -> None:
    data = f"# coding: {encoding}\n# caf\xe9\nx = 1\n".encode(encoding)
    assert Source.decode("x.py", data).is_exact(data)


def test_a_coding_line_that_moves_out_of_sight_is_refused() -> None:
    source = Source.decode("x.py", "# coding: latin-1\n# caf\xe9\n".encode("latin-1"))
    with pytest.raises(SourceError, match="read as something else"):
        source.encode("import a\nimport b\n" + source.text)


def test_a_line_that_becomes_a_coding_line_is_refused() -> None:
    source = Source.decode("x.py", "import a\nimport b\n# coding: latin-1 caf\xe9\n".encode())
    with pytest.raises(SourceError, match="read as something else"):
        source.encode(source.text.removeprefix("import a\nimport b\n"))


@pytest.mark.parametrize(
    "stub",
    [
        "mock.patch.dict('sys.modules', {f'{OLD}.parallelize': mock.MagicMock()}).start()",
        "mock.patch.dict('sys.modules', dict([(f'{OLD}.parallelize', mock.MagicMock())])).start()",
        "mock.patch.dict(sys.modules, {f'{OLD}.parallelize': mock.MagicMock()}).start()",
        "sys.modules[f'{OLD}.parallelize'] = mock.MagicMock()",
    ],
)
def test_an_import_is_not_led_past_a_stub_that_stands_in_its_way(stub: str) -> None:
    text = (
        "import sys\nfrom unittest import mock\n"
        "OLD = 'torchtitan.experiments.simple_fsdp.llama3'\n"
        "from torchtitan.experiments.simple_fsdp.llama3 import parallelize as part\n"
        "part.parallelize_llama(None)\n"
    )
    stubbed = text.replace("from torchtitan", f"{stub}\nfrom torchtitan")
    done = fixed(stubbed, unsafe=True, codes=CODES)
    assert done.source.text == stubbed
    assert [finding.code for finding in done.remaining] == ["TTN202"]
    assert "graph_trainer" in fixed(text, unsafe=True, codes=CODES).source.text


BY_STAR = (
    "from torchtitan.components.optimizer import OptimizersContainer\n{}\n\n\n"
    "def optimizer(lr):\n    return OptimizersContainer.Config(lr=lr)\n"
)


@pytest.mark.parametrize(
    ("star", "is_fixed"),
    [
        ("from mine import *", False),
        ("from .mine import *", False),
        ("from torch.nn import *", False),
        ("from torchtitan.config import *", True),
        ("from math import *", True),
        ("from mine import other", True),
    ],
)
def test_nothing_is_imported_beside_a_star_that_may_bring_the_same_name(
    star: str, is_fixed: bool
) -> None:
    text = BY_STAR.format(star)
    fixed = fix_text(text, unsafe=True, select=["TTN301"]).source.text
    assert ("OptimizersContainer.Config(lr=lr)" not in fixed) is is_fixed


@pytest.mark.parametrize(
    ("star", "is_fixed"), [("from util import *", False), ("from math import *", True)]
)
def test_a_built_in_name_is_not_written_where_a_star_may_bring_another_one(
    star: str, is_fixed: bool
) -> None:
    text = (
        f"from torchtitan.models.llama3 import model_registry\n{star}\n\n"
        'config = model_registry("8B", attn_backend="flex").model\nprint(config.n_layers)\n'
    )
    assert ("len(config.layers)" in fix_text(text, select=["TTN203"]).source.text) is is_fixed
