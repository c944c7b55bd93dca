"""What another file of the project puts into torchtitan excuses who reads it afterwards, not who is imported before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from titan_lint.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

READ = "from torchtitan.models.deepseek_v3 import deepseekv3_args\n\nours = {**deepseekv3_args}\n"
PUT = "import torchtitan.models.deepseek_v3 as v3\n\nv3.deepseekv3_args = ours\n"
FROM = "from pkg.models.args import ours\n"


def lines(folder: Path, capsys: pytest.CaptureFixture[str], **files: str) -> list[tuple[str, int]]:
    """Where deepseekv3_args is reported in a project; ``models__args`` stands for ``models/args.py``."""
    (folder / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    for name, text in files.items():
        path = folder / "pkg" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = ["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0"]
    run([*command, "--output-format", "json", str(folder)])
    return [
        (finding["path"].rpartition("pkg/")[2], finding["line"])
        for finding in json.loads(capsys.readouterr().out)["findings"]
        if "deepseekv3_args" in finding["message"]
    ]


@pytest.mark.parametrize(
    "patch",
    [
        FROM + PUT,
        "import pkg.models.args\n" + PUT.replace("ours", "pkg.models.args.ours"),
        "def install():\n    " + (FROM + PUT).replace("\n", "\n    "),
        FROM + "\n\ndef install(on):\n    if on:\n        " + PUT.replace("\n", "\n        "),
        FROM + "import torchtitan.models.deepseek_v3 as v3\nsetattr(v3, 'deepseekv3_args', ours)\n",
        "from pkg.models.args.inner import theirs\nours = theirs\n" + PUT,
    ],
)
def test_a_module_that_its_own_replacement_comes_from_reads_the_original(
    patch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lines(tmp_path, capsys, models__args=READ, patches=patch) == [("models/args.py", 1)]


@pytest.mark.parametrize(
    ("read", "patch"),
    [
        # It comes from elsewhere.
        (READ, "from pkg.models.other import ours\n" + PUT),
        (READ, "from args import ours\n" + PUT),
        # It may go on without the module.
        (READ, f"try:\n    {FROM}except ImportError:\n    ours = None\n{PUT}"),
        (
            READ,
            f"def install(ours):\n    try:\n        {PUT.replace(chr(10), chr(10) + '        ')}\n    finally:\n        pass\n",
        ),
        (READ, f"if not ours:\n    {FROM}{PUT}"),
        (READ, PUT + FROM),
        # It is read later.
        ("def f():\n    " + READ.replace("\n", "\n    "), FROM + PUT),
        # It is put there while the module is being imported.
        ("import pkg.patches\n" + READ, FROM + PUT),
        ("from pkg import patches\n" + READ, FROM + PUT),
        ("from . import patches\n" + READ, FROM + PUT),
    ],
)
def test_what_may_be_put_there_before_it_is_read_is_there(
    read: str, patch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lines(tmp_path, capsys, models__args=read, patches=patch) == []


def test_what_a_second_file_may_put_there_first_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    early = PUT.replace("ours", "{}")
    assert lines(tmp_path, capsys, models__args=READ, patches=FROM + PUT, early=early) == []


INIT = "def init(self, *rest, expert_tensor_parallel_degree=1, **more): ...\n"
CALL = (
    "{}from torchtitan.config import ParallelismConfig\n"
    "def use():\n    return ParallelismConfig(expert_tensor_parallel_degree=2)\n"
)


@pytest.mark.parametrize(
    ("patch", "is_excused"),
    [
        ("from torchtitan.config import ParallelismConfig as P\nP.__init__ = init\n", True),
        ("import torchtitan.config as c\nsetattr(c.ParallelismConfig, '__new__', init)\n", True),
        ("import torchtitan.config as c\nc.ParallelismConfig.__post_init__ = init\n", True),
        ("import torchtitan.config as c\nc.ParallelismConfig.__repr__ = init\n", False),
        ("import torchtitan.config as c\nc.TrainingConfig.__init__ = init\n", False),
    ],
)
def test_a_constructor_that_another_file_replaces_takes_what_that_one_takes(
    patch: str, is_excused: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    (tmp_path / "patches.py").write_text(INIT + patch)
    (tmp_path / "engine.py").write_text(CALL.format("import patches\n"))
    run(
        [
            "--isolated",
            "--no-cache",
            "-j1",
            "--torchtitan",
            "0.3.0",
            "--select",
            "TTN3",
            str(tmp_path),
        ]
    )
    assert ("TTN301" not in capsys.readouterr().out) is is_excused


@pytest.mark.parametrize(
    ("put", "count"),
    [
        ("llama3_configs['3B'] = ours", 0),
        ("llama3_configs.update(ours)", 0),
        ("llama3_configs['other'] = ours", 1),
        ("print(llama3_configs['3B'])", 1),
    ],
)
def test_what_a_dictionary_makes_is_not_known_where_another_file_fills_it(
    put: str, count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load = "from torchtitan.models.llama3 import llama3_configs\n"
    read = f"{load}llama3_configs['3B']('flex').rope\n"
    (tmp_path / "read.py").write_text(read)
    (tmp_path / "put.py").write_text(f"{load}from ours import ours\n{put}\n")
    command = ["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0"]
    run([*command, "--select", "TTN203", "--output-format", "json", str(tmp_path)])
    assert len(json.loads(capsys.readouterr().out)["findings"]) == count


@pytest.mark.parametrize(
    ("put", "is_there"),
    [
        ("from torchtitan.components.optimizer import OptimizersContainer as O", True),
        ("from torchtitan.components.optimizer.optimizer import OptimizersContainer as O", True),
        ("from torchtitan.config import Configurable as O", True),
        ("from torchtitan.trainer import Trainer as O", False),
    ],
)
@pytest.mark.parametrize("cls", ["OptimizersContainer", "Own"])
def test_a_member_that_another_file_gives_a_class_or_a_base_of_it_is_there(
    put: str, is_there: bool, cls: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    (tmp_path / "patches.py").write_text(f"{put}\nO.Config.beta1 = 0.9\n")
    (tmp_path / "read.py").write_text(
        "from torchtitan.components.optimizer import OptimizersContainer\n"
        "class Own(OptimizersContainer):\n    class Config(OptimizersContainer.Config): ...\n"
        f"def use(config: {cls}.Config):\n    return config.beta1\n"
    )
    asked = ["--isolated", "--no-cache", "-j1", "--torchtitan", "0.3.0", "--select", "TTN203"]
    run([*asked, str(tmp_path)])
    assert ("TTN203" not in capsys.readouterr().out) is is_there


def test_what_is_put_where_a_function_is_imported_is_not_put_where_it_is_defined(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file gives one user of the function another one; all that its own call reads is another file's."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    put = (
        "import torchtitan.distributed.context_parallel as cp\n\n\n"
        "def ours(modules, mesh, kind, *, job_config=None):\n    pass\n\n\n"
        "cp.apply_cp_to_attention_module = ours\n"
    )
    use = (
        "import torchtitan.distributed.context_parallel as cp\n"
        "import torchtitan.models.deepseek_v3 as v3\n\nuser = v3.infra.parallelize\n\n\n"
        "def wrap(modules, mesh, job_config):\n"
        "    patched = cp.apply_cp_to_attention_module\n\n"
        "    def inner(modules, mesh, kind):\n"
        "        patched(modules, mesh, kind, job_config=job_config)\n\n"
        "    user.parallelize_deepseekv3.__globals__['apply_cp_to_attention_module'] = inner\n"
    )
    (tmp_path / "use.py").write_text(use)
    command = ["--isolated", "--no-cache", "-j1", "--torchtitan", "0.2.2", str(tmp_path)]
    assert run(command) == 1
    assert "takes no `job_config`" in capsys.readouterr().out
    (tmp_path / "put.py").write_text(put)
    assert run(command) == 0
