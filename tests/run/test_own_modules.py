"""A name that a file imports from a module of its own project is what that module certainly binds it to."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from titan_lint.code.resolver import Resolver
from titan_lint.uses.own_modules import Modules

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint
    from titan_lint.code.names import ClassInfo
    from titan_lint.code.program import Program
    from titan_lint.code.values import Values

AT = ("--select", "TTN301,TTN105,TTN106", "--torchtitan", "0.3.0", "--output-format", "concise")
COMPAT = "from torchtitan.models.llama3 import model_registry\n"
CALL = 'model_registry("8B", attn_backend="flex", nope=1)\n'


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def reported(titan_lint: TitanLint, *arguments: str | Path) -> list[str]:
    """Where ``nope`` is reported, by file."""
    out = titan_lint(*AT, *arguments).out
    return [line.split(":")[0] for line in out.splitlines() if "`nope`" in line]


@pytest.mark.parametrize("package", ["mypkg", "src/mypkg"])
@pytest.mark.parametrize(
    ("imported", "called"),
    [
        ("from .compat import model_registry", ""),
        ("from mypkg.compat import model_registry", ""),
        ("from mypkg.compat import model_registry as mr\nmodel_registry = mr", ""),
        ("import mypkg.compat as c", "c."),
        ("import mypkg.compat", "mypkg.compat."),
        ("from mypkg import compat", "compat."),
        ("from . import compat", "compat."),
        ("from .compat import llama", "llama."),
        ("from .further import model_registry", ""),
        ("from .further import renamed as model_registry", ""),
        ("from . import model_registry", ""),
        ("from mypkg import model_registry", ""),
    ],
)
def test_what_a_module_imports_from_torchtitan_is_that_where_the_project_imports_it(
    project: Path, titan_lint: TitanLint, package: str, imported: str, called: str
) -> None:
    files = {
        "__init__.py": "from .compat import model_registry\n",
        "compat.py": COMPAT + "import torchtitan.models.llama3 as llama\n",
        "further.py": "from mypkg.compat import (  # comment, too\n    model_registry,\n)\n"
        "from .compat import model_registry as renamed\n",
        "use.py": f"# torchtitan\n{imported}\n{called}{CALL}",
    }
    write(project / package, files)
    assert reported(titan_lint, ".") == [f"{package}/use.py"]
    assert reported(titan_lint, "--no-cache", f"{package}/use.py") == [f"{package}/use.py"]


@pytest.mark.parametrize(
    "compat",
    [
        "try:\n    from torchtitan.models.llama3 import model_registry\n"
        "except ImportError:\n    from torchtitan.models.qwen3 import model_registry\n",
        "import os\nif os.environ:\n    from torchtitan.models.llama3 import model_registry\n",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from torchtitan.models.llama3 import model_registry\n",
        COMPAT + "def model_registry(*a, **k): ...\n",
        COMPAT + "model_registry = print\n",
        COMPAT + "del model_registry\n",
        COMPAT + "from elsewhere import *\n",
        COMPAT + "globals()['model_registry'] = print\n",
        COMPAT + "import sys\nsys.modules[__name__].model_registry = print\n",
        COMPAT + "def patch():\n    global model_registry\n    model_registry = print\n",
        COMPAT + "from .other import model_registry\n",
        "def load():\n    from torchtitan.models.llama3 import model_registry\n",
        '"""\nfrom torchtitan.models.llama3 import model_registry\n"""\n',
        "from .compat import model_registry\n",
        "from .use import model_registry\n",
        "from torchtitan.models.llama3 import gone as model_registry\n",
        "from elsewhere import model_registry  # torchtitan\n",
    ],
)
def test_a_name_that_may_be_something_else_is_not_judged(
    project: Path, titan_lint: TitanLint, compat: str
) -> None:
    use = f"# torchtitan\nfrom .compat import model_registry\n{CALL}"
    write(project / "mypkg", {"__init__.py": "", "compat.py": compat, "use.py": use})
    assert reported(titan_lint, ".") == []
    write(project / "mypkg", {"compat.py": COMPAT})
    assert reported(titan_lint, ".") == ["mypkg/use.py"]


@pytest.mark.parametrize(
    "other",
    [
        "from mypkg import compat\ncompat.model_registry = print\n",
        "import mypkg.compat\nsetattr(mypkg.compat, 'model_registry', print)\n",
        "import sys\nsys.modules['mypkg.compat'] = print\n",
    ],
)
def test_a_name_that_another_file_replaces_is_not_judged(
    project: Path, titan_lint: TitanLint, other: str
) -> None:
    use = f"# torchtitan\nfrom .compat import model_registry\n{CALL}"
    write(project / "mypkg", {"__init__.py": "", "compat.py": COMPAT, "use.py": use})
    assert reported(titan_lint, ".") == ["mypkg/use.py"]
    write(project / "mypkg", {"other.py": other})
    assert reported(titan_lint, ".") == []
    assert reported(titan_lint, "mypkg/use.py") == []


@pytest.mark.parametrize(
    ("other", "is_put"),
    [
        ("print(sys.modules['mypkg.compat'])\n", False),
        ("print(sys.modules['mypkg.compat'].model_registry)\n", False),
        ("x = sys.modules.get('mypkg.compat')\n", False),
        ("if 'mypkg.compat' in sys.modules: pass\n", False),
        ("def f(model):\n    return [m for m in model.modules() if 'compat']\n", False),
        ("# modules\nname = 'compat'\n", False),
        ("sys.modules['other.compat'] = print\n", False),
        ("sys.modules['mypkg' + '.compat'] = print\n", True),
        ("sys.modules['src.mypkg.compat'] = print\n", True),
        ("name = 'mypkg.compat'\nsys.modules[name] = print\n", True),
        ("sys.modules['mypkg.compat'], x = print, 1\n", True),
        ("sys.modules['mypkg.' 'compat'] = print\n", True),
        ("sys.modules[\n    'mypkg.compat'\n] = print\n", True),
        ("sys.modules.update({'mypkg.compat': print})\n", True),
        ("sys.modules.setdefault('mypkg.compat', print)\n", True),
        ("there = sys.modules\nthere['mypkg.compat'] = print\n", True),
        (
            "def test(monkeypatch):\n    monkeypatch.setitem(sys.modules, 'mypkg.compat', print)\n",
            True,
        ),
        ("from sys import modules as m\nm['mypkg.compat'] = print\n", True),
        ("from unittest.mock import patch\npatch.dict('sys.modules', {'mypkg.compat': 1})\n", True),
        ("getattr(sys, 'modules')['mypkg.compat'] = print\n", True),
    ],
)
def test_who_looks_a_module_up_puts_none_in_its_place(
    project: Path, titan_lint: TitanLint, other: str, is_put: bool
) -> None:
    use = f"# torchtitan\nfrom .compat import model_registry\n{CALL}"
    files = {"compat.py": COMPAT, "use.py": use, "other.py": f"import sys\n{other}"}
    write(project / "mypkg", {"__init__.py": "", **files})
    assert reported(titan_lint, ".") == ([] if is_put else ["mypkg/use.py"])


def test_a_module_of_which_there_are_two_is_not_judged(
    project: Path, titan_lint: TitanLint
) -> None:
    use = f"# torchtitan\nfrom mypkg.compat import model_registry\n{CALL}"
    write(project, {"use.py": use, "mypkg/compat.py": COMPAT})
    assert reported(titan_lint, ".") == ["use.py"]
    write(project, {"src/mypkg/compat.py": COMPAT})
    assert reported(titan_lint, ".") == []


def test_a_package_that_binds_the_name_of_its_module_is_not_judged(
    project: Path, titan_lint: TitanLint
) -> None:
    use = f"# torchtitan\nfrom . import compat\ncompat.{CALL}"
    write(project / "mypkg", {"__init__.py": "", "compat.py": COMPAT, "use.py": use})
    assert reported(titan_lint, ".") == ["mypkg/use.py"]
    write(project / "mypkg", {"__init__.py": "from .x import y as compat\n"})
    assert reported(titan_lint, ".") == []


@pytest.mark.parametrize(
    ("also", "is_judged"),
    [
        ("print(dict(compat=1))\n", True),
        (
            "def f(compat):\n    compat = compat or 1\n    return [compat for compat in compat]\n",
            True,
        ),
        ("class C:\n    compat = 1\n", True),
        ("print('compat')\n", True),
        ("def f():\n    global compat\n    compat = 1\n", False),
        ("def compat(): ...\n", False),
        ("for compat in []: pass\n", False),
        ("import mypkg as me\nsetattr(me, 'compat', 1)\n", False),
        ("globals().update(compat=1)\n", False),
        ("import mypkg as me\nme.__dict__['compat'] = 1\n", False),
        ("import mypkg as me\nvars(me)['compat'] = 1\n", False),
    ],
)
@pytest.mark.parametrize("place", ["__init__.py", "use.py"])
def test_a_word_in_a_package_is_no_binding_of_its_modules_name(
    project: Path, titan_lint: TitanLint, also: str, is_judged: bool, place: str
) -> None:
    files = {"__init__.py": also, "compat.py": COMPAT}
    use = f"from .compat import model_registry\n{CALL}"
    files[place] = f"{files.get(place, '')}{use}"
    write(project / "mypkg", files)
    assert reported(titan_lint, ".") == [f"mypkg/{place}"] * is_judged


def test_a_module_of_another_project_is_not_read(project: Path, titan_lint: TitanLint) -> None:
    write(project / "mypkg", {"pyproject.toml": "", "compat.py": COMPAT})
    write(project, {"use.py": f"# torchtitan\nfrom mypkg.compat import model_registry\n{CALL}"})
    assert reported(titan_lint, ".") == []


def test_what_is_known_through_other_files_is_kept_as_long_as_they_say_the_same(
    project: Path, titan_lint: TitanLint
) -> None:
    use = f"# torchtitan\nfrom .compat import model_registry\n{CALL}"
    again = "from .more import model_registry\n"
    files = {"__init__.py": "", "compat.py": again, "more.py": COMPAT, "use.py": use}
    write(project / "mypkg", files)
    for _ in range(2):
        assert reported(titan_lint, ".") == ["mypkg/use.py"]
    write(project / "mypkg", {"compat.py": again + "model_registry = print\n"})
    assert reported(titan_lint, ".") == []
    write(project / "mypkg", {"compat.py": again})
    assert reported(titan_lint, ".") == ["mypkg/use.py"]


def test_text_on_standard_input_is_judged_as_the_file_is(
    project: Path, titan_lint: TitanLint
) -> None:
    use = f"# torchtitan\nfrom .compat import model_registry\n{CALL}"
    write(project / "mypkg", {"__init__.py": "", "compat.py": COMPAT})
    ran = titan_lint(*AT, "--stdin-filename", "mypkg/use.py", "-", stdin=use.encode())
    assert "mypkg/use.py:3:43: TTN301" in ran.out


def test_what_comes_through_another_file_is_not_fixed(project: Path, titan_lint: TitanLint) -> None:
    lines = [
        "from torchtitan.models.llama3 import model_registry as own",
        "from .compat import model_registry",
        "",
        'own("8B_varlen")',
        'model_registry("8B_varlen")',
        "",
    ]
    use = project / "mypkg" / "use.py"
    write(use.parent, {"__init__.py": "", "compat.py": COMPAT, "use.py": "\n".join(lines)})
    ran = titan_lint(*AT[:-1], "full", "--fix", "--unsafe-fixes", ".")
    reason = "no fix is offered: it is about what comes through another file of the project"
    assert reason in ran.out
    lines[3] = 'own("8B", attn_backend="varlen")'
    assert use.read_text().splitlines() == lines[:-1]


GONE = "from torchtitan.components.loss import build_cross_entropy_loss as loss\n"
LOSS = "torchtitan.components.loss.build_cross_entropy_loss"
TRAIN = "torchtitan.trainer.Trainer"


@pytest.mark.parametrize(
    ("imported", "compat", "count"),
    [
        ("from compat import loss", GONE, 0),
        ("import compat", GONE, 0),
        ("import compat as c", GONE, 0),
        ("from further import loss", GONE, 0),
        (
            "from compat import loss",
            GONE.replace("build_cross_entropy_loss", "cross_entropy_loss"),
            1,
        ),
        ("from compat import loss", f"try:\n    {GONE}except ImportError:\n    loss = None\n", 1),
        ("from compat import loss", f"def load():\n    {GONE}    return loss\nloss = load\n", 1),
        ("from compat import loss", f"import use\nif use:\n    {GONE}loss = 1\n", 1),
        (f"mock.patch('{TRAIN}').start()\n    from compat import loss", GONE, 0),
        (f"mock.patch('{LOSS}', create=True).start()\n    from compat import loss", GONE, 1),
        (f"mock.patch('{LOSS}', create=True).start()\n    import further", GONE, 1),
    ],
)
def test_nothing_runs_behind_a_module_of_the_project_that_cannot_be_imported(
    project: Path, titan_lint: TitanLint, imported: str, compat: str, count: int
) -> None:
    files = {
        "compat.py": compat,
        "further.py": "from compat import loss\n",
        "use.py": "from unittest import mock\nfrom torchtitan.models.llama3 import model_registry\n"
        f"try:\n    {imported}\n    HAS = True\nexcept ImportError:\n    HAS = False\n"
        f"if HAS:\n    {CALL}",
    }
    write(project, files)
    assert reported(titan_lint, ".") == ["use.py"] * count
    assert reported(titan_lint, "--no-cache", "use.py") == ["use.py"] * count


@pytest.mark.parametrize(
    ("imported", "count"),
    [
        ("import compat", 1),
        (
            "with mock.patch.dict(sys.modules, {'torchtitan.models.llama3': mock.MagicMock()}):\n"
            "    import compat",
            0,
        ),
        ("with mock.patch('torchtitan.models.llama3.model_registry'):\n    import compat", 0),
    ],
)
def test_what_a_module_has_that_is_first_imported_under_a_patch_is_not_certain(
    project: Path, titan_lint: TitanLint, imported: str, count: int
) -> None:
    files = {
        "compat.py": COMPAT,
        "use.py": f"# torchtitan\nimport sys\nfrom unittest import mock\n{imported}\ncompat.{CALL}",
    }
    write(project, files)
    assert reported(titan_lint, ".") == ["use.py"] * count


def test_of_a_long_row_of_modules_that_import_each_other_a_few_are_followed(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"m{number}" for number in range(40)]
    for name, following in itertools.pairwise(names):
        write(project, {f"{name}.py": f"from torchtitan import train\nimport {following}\n"})
    use = f"try:\n    import m0\n    HAS = True\nexcept ImportError:\n    HAS = False\nif HAS:\n    {CALL}"
    imported = "from torchtitan.models.llama3 import model_registry\n"
    write(project, {"m39.py": GONE, "use.py": imported + use})
    followed: list[str] = []
    whole = Modules.parsed

    def parsed(modules: Modules, path: str, *, bare: bool = False) -> Program | None:
        followed.append(path)
        return whole(modules, path, bare=bare)

    monkeypatch.setattr(Modules, "parsed", parsed)
    assert reported(titan_lint, "--jobs", "1", "use.py") == ["use.py"]
    assert len(set(followed)) < 20


CHAINED = 200


# In the order of their names, in the other one, and mixed.
@pytest.mark.parametrize(
    ("imported", "stride"),
    [
        ("from pkg.{module} import C as Base\nclass C(Base):\n", 1),
        ("from pkg.{module} import C as Base\nclass C(Base):\n", 199),
        ("from .{module} import C as Base\nclass Mixin: ...\nclass C(Mixin, Base):\n", 77),
        ("import pkg.{module} as above\nclass C(above.C):\n", 199),
        ("from . import {module} as above\nclass C(above.C):\n", 123),
    ],
)
def test_classes_in_a_long_chain_of_files_are_followed_in_any_order(
    imported: str,
    stride: int,
    project: Path,
    titan_lint: TitanLint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = [f"m{number * stride % CHAINED:03}" for number in range(CHAINED)]
    above = ["from torchtitan.trainer import Trainer\nclass C(Trainer):\n"]
    above += [imported.format(module=name) for name in names[:-1]]
    use = "    def use(self):\n        return self.job_config\n"
    write(project, {"pkg/__init__.py": ""})
    write(project, {f"pkg/{name}.py": base + use for name, base in zip(names, above, strict=True)})
    asked = 0
    whole = Resolver.attribute_of

    def attribute_of(
        resolver: Resolver, info: ClassInfo, name: str, *, instance: bool, exact: bool
    ) -> Values:
        nonlocal asked
        asked += 1
        return whole(resolver, info, name, instance=instance, exact=exact)

    monkeypatch.setattr(Resolver, "attribute_of", attribute_of)
    options = ("--select", "TTN203", "--torchtitan", "0.3.0", "--output-format", "concise")
    out = titan_lint(*options, "--jobs", "1", "pkg").out
    said = [line.split(":")[0] for line in out.splitlines() if "`job_config`" in line]
    assert said == sorted(f"pkg/{name}.py" for name in names)
    assert asked < 20 * CHAINED


@pytest.mark.parametrize(
    ("put", "is_fixed"),
    [
        ("import compat\n", True),
        (
            "import torchtitan.train as t\nfor n in ['x']:\n    setattr(t, n, 1)\nimport compat\n",
            False,
        ),
        (
            "from unittest import mock\nwith mock.patch('torchtitan.train.ensure_pp_loss_visible',"
            " mock.MagicMock(), create=True):\n    import compat\n",
            False,
        ),
        (
            "from unittest import mock\nimport torchtitan.train as t\nwith mock.patch.object(t, "
            "'ensure_pp_loss_visible', create=True):\n    import compat\n",
            False,
        ),
        (
            "from unittest import mock\nwith mock.patch.multiple('torchtitan.train', create=True,"
            " ensure_pp_loss_visible=mock.MagicMock()):\n    import compat\n",
            False,
        ),
        (
            "from unittest import mock\nwith mock.patch('torchtitan.trainer.Trainer'):\n"
            "    import compat\n",
            True,
        ),
    ],
)
def test_an_import_stays_where_another_file_puts_something_at_its_path(
    project: Path, titan_lint: TitanLint, put: str, is_fixed: bool
) -> None:
    old = "from torchtitan.train import ensure_pp_loss_visible\n"
    write(project, {"compat.py": old, "use.py": put})
    titan_lint("--torchtitan", "0.3.0", "--select", "TTN202", "--fix", ".")
    assert ((project / "compat.py").read_text() != old) == is_fixed


@pytest.mark.parametrize(
    ("other", "is_changed"),
    [
        ("def f(config: 'Attention.Config'): ...\n", False),
        ("from unittest.mock import patch\npatch('mypkg.model.Attention.Config')\n", True),
        ("from .model import Attention\nAttention.Config = print\n", True),
    ],
)
def test_an_annotation_in_quotes_gives_a_class_nothing(
    project: Path, titan_lint: TitanLint, other: str, is_changed: bool
) -> None:
    model = (
        "from torchtitan.models.deepseek_v3.model import Attention as Base\n"
        "class Attention:\n    class Config(Base.Config): ...\n"
    )
    use = "from .model import Attention\nAttention.Config(nope=1)\n"
    files = {"__init__.py": "", "model.py": model, "use.py": use, "other.py": f"#\n{other}"}
    write(project / "mypkg", files)
    assert reported(titan_lint, ".") == ([] if is_changed else ["mypkg/use.py"])


@pytest.mark.parametrize("package", ["torchtitan_npu", "torchtitanic", "mytorchtitan"])
def test_a_package_whose_name_begins_with_torchtitan_is_the_projects_own(
    project: Path, titan_lint: TitanLint, package: str
) -> None:
    configs = (
        "from torchtitan.config import ParallelismConfig as Base\n"
        "class ParallelismConfig(Base): ...\n"
    )
    use = f"from {package}.configs import ParallelismConfig\nParallelismConfig(nope=1)\n"
    write(project / package, {"__init__.py": "", "configs.py": configs, "use.py": use})
    assert reported(titan_lint, ".") == [f"{package}/use.py"]


@pytest.mark.parametrize(
    ("making", "is_there"),
    [
        ("register_buffer('freqs_cis', 1)", True),
        ("register_buffer(self.n, 1)", True),
        ("eval()", False),
    ],
)
def test_what_a_class_of_another_file_registers_by_its_name_is_there(
    project: Path, titan_lint: TitanLint, making: str, is_there: bool
) -> None:
    model = (
        "from torchtitan.models.deepseek_v3.model import DeepSeekV3Model\n"
        "class Mine(DeepSeekV3Model):\n    def __init__(self, c):\n"
        f"        super().__init__(c)\n        self.{making}\n"
    )
    use = "from .model import Mine\nprint(Mine(1).freqs_cis)\n"
    write(project / "mypkg", {"__init__.py": "", "model.py": model, "use.py": use})
    out = titan_lint("--select", "TTN203", "--torchtitan", "0.3.0", ".").out
    assert ("freqs_cis" not in out) is is_there
