"""Which torchtitan a project asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from titan_lint.api.pins.pin import Pin
from titan_lint.api.pins.readers import pinned
from titan_lint.api.targets import TargetError, default

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "7cec16600aa6a0de0cb3bb9bd7c5a3ae8b3c5a29"


def _pin(root: Path, **files: str) -> tuple[str, int] | None:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_txt", ".txt").replace("_toml", ".toml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    pin = pinned(root)
    return None if pin is None else (pin.target, pin.line)


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("torchtitan==0.2.2", "0.2.2"),
        ("torchtitan == 0.2.2  # why", "0.2.2"),
        ("torchtitan===0.2.2", "0.2.2"),
        ("torchtitan==0.2.2+cu130", "0.2.2"),
        ("torchtitan==0.2.*", "==0.2.*"),
        ("torchtitan[dev]==0.2.2; python_version > '3.10'", "0.2.2"),
        ("torchtitan [dev] ~= 0.2.0 ; python_version > '3.8'", "~=0.2.0"),
        ("torchtitan [dev]", ""),
        ("TorchTitan>=0.2.2, <0.4", ">=0.2.2,<0.4"),
        ("torchtitan (>=0.2.2)", ">=0.2.2"),
        ("torchtitan==0.2.2 --hash=sha256:abc", "0.2.2"),
        ("torchtitan", ""),
        ("torchtitan==0.1.0.dev20260701+cu130", "2026-07-01"),
        (f"torchtitan @ git+https://github.com/pytorch/torchtitan@{COMMIT}", f"main@{COMMIT}"),
        (
            f"torchtitan @ git+https://github.com/pytorch/torchtitan.git@{COMMIT}#egg=torchtitan",
            f"main@{COMMIT}",
        ),
        (f"git+https://github.com/pytorch/torchtitan.git@{COMMIT}", f"main@{COMMIT}"),
        (f"-e git+ssh://git@github.com/pytorch/torchtitan.git@{COMMIT}", f"main@{COMMIT}"),
        ("torchtitan @ git+https://github.com/pytorch/torchtitan@v0.2.2", "0.2.2"),
        ("torchtitan @ git+https://github.com/pytorch/torchtitan", "main"),
        ("torchtitan @ git+https://github.com/pytorch/torchtitan@main", "main"),
        (
            "torchtitan @ https://download.pytorch.org/whl/nightly/cpu/torchtitan-0.1.0.dev20260701%2Bcpu-py3-none-any.whl",
            "2026-07-01",
        ),
    ],
)
def test_a_requirement_is_read(tmp_path: Path, line: str, target: str) -> None:
    assert _pin(tmp_path, requirements_txt=f"torch\n\n{line}\n") == (target, 3)


@pytest.mark.parametrize(
    "line",
    [
        "# torchtitan==0.2.2",
        "torchtitan-nightly==1",
        "torchtitanic==1",
        "my-torchtitan==1",
        "torchtitan.extras==1",
        "torchtitan @ file:///somewhere/else",
        "-r other.txt",
        "",
    ],
)
def test_other_lines_are_passed_over(tmp_path: Path, line: str) -> None:
    assert _pin(tmp_path, requirements_txt=line) is None


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "requirements-gpu.txt",
        "dev_requirements.txt",
        "constraints.txt",
        "requirements/titan.txt",
    ],
)
def test_files_of_requirements_are_found_whatever_their_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("torchtitan==0.2.2\n")
    assert pinned(tmp_path) == Pin("0.2.2", "torchtitan==0.2.2", path, 1)


@pytest.mark.parametrize(
    ("text", "target", "line"),
    [
        ('[project]\nname = "x"\ndependencies = ["torchtitan>=0.2.2"]\n', ">=0.2.2", 3),
        (
            '[project]\nname = "x"\ndependencies = [\n  "torch",\n  "torchtitan==0.3.0",\n]\n',
            "0.3.0",
            5,
        ),
        ('[project.optional-dependencies]\ntitan = ["torchtitan==0.2.2"]\n', "0.2.2", 2),
        (
            '[dependency-groups]\ntitan = [{include-group = "x"}, "torchtitan==0.2.2"]\nx = []\n',
            "0.2.2",
            2,
        ),
        ('[tool.poetry.dependencies]\npython = "*"\ntorchtitan = "^0.2.1"\n', ">=0.2.1,<0.3", 3),
        ('[tool.poetry.dependencies]\ntorchtitan = "0.2.2"\n', "0.2.2", 2),
        ('[tool.poetry.group.dev.dependencies]\ntorchtitan = {version = ">=0.2"}\n', ">=0.2", 2),
        (
            f'[tool.poetry.dependencies]\ntorchtitan = {{git = "https://x/torchtitan", rev = "{COMMIT}"}}\n',
            f"main@{COMMIT}",
            2,
        ),
        (
            f'[project]\nname="x"\ndependencies = ["torchtitan"]\n[tool.uv.sources]\ntorchtitan = {{ git = "https://x/torchtitan", rev = "{COMMIT}" }}\n',
            f"main@{COMMIT}",
            5,
        ),
    ],
)
def test_pyproject_is_read(tmp_path: Path, text: str, target: str, line: int) -> None:
    assert _pin(tmp_path, pyproject_toml=text) == (target, line)


def test_a_lock_says_more_than_a_range(tmp_path: Path) -> None:
    lock = '[[package]]\nname = "torch"\nversion = "2.11"\n\n[[package]]\nname = "torchtitan"\nversion = "0.2.2"\n'
    pyproject = '[project]\nname = "x"\ndependencies = ["torchtitan>=0.2"]\n'
    (tmp_path / "uv.lock").write_text(lock)
    assert _pin(tmp_path, pyproject_toml=pyproject) == ("0.2.2", 6)


def test_a_lock_names_the_commit_of_a_git_source(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(
        f'[[package]]\nname = "torchtitan"\nversion = "0.2.2"\nsource = {{ git = "https://x/torchtitan?rev=main#{COMMIT}" }}\n'
    )
    assert _pin(tmp_path) == (f"main@{COMMIT}", 2)


def test_files_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("torchtitan = [broken")
    (tmp_path / "requirements.txt").write_bytes(b"\xff\xfe\x00torchtitan==0.2.2\n")
    (tmp_path / "uv.lock").write_text('name = "torchtitan"\nbroken = [')
    assert pinned(tmp_path) is None


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n    torch\n    torchtitan==0.2.2\n",
            ("0.2.2", 4),
        ),
        ("setup.cfg", "[options]\ninstall_requires = torchtitan >= 0.2.1\n", (">=0.2.1", 2)),
        ("setup.cfg", "[options.extras_require]\ngpu =\n  torchtitan==0.2.1\n", ("0.2.1", 3)),
        ("setup.cfg", "[metadata]\ndescription = torchtitan==0.2.1\n", None),
        ("setup.cfg", "[options\ninstall_requires = torchtitan==0.2.1\n", None),
        ("setup.py", "setup(name='x', install_requires=[\n'torchtitan==0.2.2'])\n", ("0.2.2", 2)),
        (
            "setup.py",
            "R = ['torch', 'torchtitan==0.2.2']\nsetup(install_requires=R)\n",
            ("0.2.2", 1),
        ),
        (
            "setup.py",
            "R = ['torchtitan==0.2.2']\nsetup(install_requires=R + ['x'])\n",
            ("0.2.2", 1),
        ),
        ("setup.py", "setup(extras_require={'gpu': ['torchtitan==0.2.2']})\n", ("0.2.2", 1)),
        ("setup.py", "setup(**{'install_requires': ['torchtitan==0.2.2']})\n", ("0.2.2", 1)),
        ("setup.py", "setup(packages=['torchtitan'], install_requires=[])\n", None),
        ("setup.py", "setup(install_requires=[f'torchtitan=={V}'])\n", None),
        ("setup.py", "setup(install_requires=['torchtitan==' + V])\n", None),
        ("setup.py", "setup(install_requires=['torchtitan==0.2.2'\n", None),
        ("Pipfile", "[packages]\ntorchtitan = '==0.2.2'\n", ("0.2.2", 2)),
        ("Pipfile", "[dev-packages]\ntorchtitan = {version = '>=0.2.1'}\n", (">=0.2.1", 2)),
        ("Pipfile", "[packages]\ntorchtitan = '*'\n", ("", 2)),
        ("environment.yml", "dependencies:\n  - pip:\n    - torchtitan==0.2.2\n", ("0.2.2", 3)),
        ("environment.yml", "dependencies:\n  - torchtitan=0.2.2\n", ("==0.2.2.*", 2)),
        ("environment.yml", "dependencies:\n- conda-forge::torchtitan>=0.2\n", (">=0.2", 2)),
        ("environment-gpu.yaml", "dependencies:\n- 'torchtitan==0.2.1'\n", ("0.2.1", 2)),
        ("environment.yml", "name: torchtitan==0.2.1\n", None),
        ("requirements.in", "torchtitan~=0.2.1\n", ("~=0.2.1", 1)),
    ],
)
def test_every_packaging_file_may_pin(
    tmp_path: Path, name: str, text: str, found: tuple[str, int] | None
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    pin = pinned(tmp_path)
    assert (None if pin is None else (pin.target, pin.line)) == found


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            'git = "https://github.com/example-org/torchtitan", branch = "swarm-main"',
            "'swarm-main'",
        ),
        ('git = "https://github.com/pytorch/torchtitan", rev = "2d1c6d5"', "2d1c6d5"),
    ],
)
def test_a_pin_that_is_not_known_is_told_and_says_what_to_do(
    tmp_path: Path, source: str, told: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.uv.sources]\ntorchtitan = {{ {source} }}\n")
    with pytest.raises(TargetError) as error:
        default(tmp_path)
    assert told in str(error.value)
    assert "--torchtitan" in str(error.value)
    assert "a path to a checkout" in str(error.value)
