"""Options of torchtitan's training that a program hands to another process, or to torchtitan's own parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import titan_lint

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

HEAD = "import os\nimport subprocess\nimport sys\n\nfrom torchtitan.config import ConfigManager\n\n"
WORDS = '"-m", "torchtitan.train", "--training.seed", "1"'


def found(code: str, version: str = "0.2.2") -> list[str]:
    text = HEAD + code
    result = titan_lint.lint(text, torchtitan=version, isolated=True, select="TTN504")
    return [text[f.span.start : f.span.end].strip("\"'") for f in result.findings]


def fixed(code: str, version: str = "0.2.2") -> str:
    result = titan_lint.fix(HEAD + code, torchtitan=version, isolated=True, select="TTN504")
    return result.text.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f'subprocess.run(["torchrun", {WORDS}], check=True)\n', "--training.seed"),
        (f"subprocess.Popen(args=(sys.executable, {WORDS}))\n", "--training.seed"),
        (f'words = ["python3", {WORDS}]\nsubprocess.check_call(words)\n', "--training.seed"),
        (f'from subprocess import call as c\nc(["torchrun", {WORDS}])\n', "--training.seed"),
        (f'os.execvp("torchrun", ["torchrun", {WORDS}])\n', "--training.seed"),
        (
            'subprocess.run(["./run_train.sh", "--job.config_file", "a.toml", "--training.seed=1"])\n',
            "--training.seed=1",
        ),
        (
            'subprocess.run(["torchrun", "torchtitan/train.py", "--training.seed=1"])\n',
            "--training.seed=1",
        ),
        ('os.system("torchrun -m torchtitan.train --training.seed 1")\n', "--training.seed"),
        (
            'subprocess.run("torchrun -m torchtitan.train --training.seed 1", shell=True)\n',
            "--training.seed",
        ),
        ('ConfigManager().parse_args(["--training.seed", "1"])\n', "--training.seed"),
        (
            'manager = ConfigManager()\nmanager.parse_args(args=["--training.seed=1"])\n',
            "--training.seed=1",
        ),
        (
            'ConfigManager().parse_args("--job.dump_folder x --training.seed 1".split())\n',
            "--training.seed",
        ),
        (
            'ARGS = "--training.seed 1".split()\nConfigManager().parse_args(ARGS)\n',
            "--training.seed",
        ),
        (
            'import shlex\nConfigManager().parse_args(shlex.split("--training.seed 1"))\n',
            "--training.seed",
        ),
        (
            'from shlex import split\nsubprocess.run(split("torchrun -m torchtitan.train --training.seed 1"))\n',
            "--training.seed",
        ),
        (
            'subprocess.run("torchrun -m torchtitan.train --training.seed=1".split(), check=True)\n',
            "--training.seed=1",
        ),
    ],
)
def test_an_option_is_found_and_gets_its_new_name(code: str, expected: str) -> None:
    assert found(code) == [expected]
    assert fixed(code) == code.replace("training.seed", "debug.seed")
    assert found(code.replace("training.seed", "debug.seed")) == []
    assert found(code, "0.2.0") == []


@pytest.mark.parametrize(
    "code",
    [
        'seed = 3\nsubprocess.run(["torchrun", "-m", "torchtitan.train", f"--training.seed={seed}"])\n',
        f'words = ["torchrun", {WORDS}]\nwords.append("--debug.seed=2")\nsubprocess.run(words)\n',
        'NAME = "--training.seed"\nsubprocess.run(["torchrun", "-m", "torchtitan.train", NAME, "1"])\n',
    ],
)
def test_what_cannot_be_written_there_is_found_and_left(code: str) -> None:
    assert len(found(code)) == 1
    assert fixed(code) == code


@pytest.mark.parametrize(
    "code",
    [
        'subprocess.run(["python", "-m", "mine.train", "--training.seed", "1"])\n',
        'subprocess.run(["echo", "-m", "torchtitan.train", "--training.seed"])\n',
        f'def run(words):\n    print(words)\n\n\nrun(["torchrun", {WORDS}])\n',
        f'class subprocess:\n    run = print\n\n\nsubprocess.run(["torchrun", {WORDS}])\n',
        'words = ["torchrun", "-m", "torchtitan.train"]\nwords += ["--training.seed"]\nsubprocess.run(words)\n',
        'subprocess.run("torchrun -m torchtitan.train --training.seed 1")\n',
        "def f(more):\n    subprocess.run(['torchrun', '-m', 'torchtitan.train', *more])\n",
        'def f(config):\n    ConfigManager(config).parse_args(["--training.seed", "1"])\n',
        'def f(manager):\n    manager.parse_args(["--training.seed", "1"])\n',
        f'if False:\n    subprocess.run(["torchrun", {WORDS}])\n',
        'import pytest\n\nwith pytest.raises(SystemExit):\n    ConfigManager().parse_args(["--training.seed"])\n',
        'try:\n    ConfigManager().parse_args(["--training.seed"])\nexcept SystemExit:\n    pass\n',
        f'try:\n    subprocess.run(["torchrun", {WORDS}], check=True)\nexcept subprocess.CalledProcessError:\n    pass\n',
        f'class Config(Trainer.Config):\n    pass\n\n\nsubprocess.run(["torchrun", {WORDS}])\n',
        'args = "--training.seed 1".split()\nargs.remove("--training.seed")\nConfigManager().parse_args(args)\n',
        'ConfigManager().parse_args("--training.seed,1".split(","))\n',
        'ConfigManager().parse_args(given.split("--training.seed 1"))\n',
        "import shlex\nConfigManager().parse_args(shlex.split(\"--job.name '--training.seed 1'\"))\n",
        f'class JobConfig:\n    pass\n\n\nsubprocess.run(["torchrun", {WORDS}])\n',
    ],
)
def test_what_is_not_certainly_an_option_of_torchtitans_is_left_alone(code: str) -> None:
    assert found(code, "0.3.0" if "Trainer.Config" in code else "0.2.2") == []


def test_a_config_of_the_project_s_own_counts_in_a_run_and_from_the_cache(
    tmp_path: Path, titan_lint: TitanLint
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "start.py").write_text(f'{HEAD}subprocess.run(["torchrun", {WORDS}])\n')
    asked = ("--torchtitan", "0.2.2", "--cache-dir", tmp_path / "cache")
    for _ in range(2):
        assert titan_lint(*asked, tmp_path).status == 1
    (tmp_path / "config.py").write_text("class JobConfig:\n    pass\n")
    for path in (tmp_path, tmp_path / "start.py"):
        assert titan_lint(*asked, path).status == 0
