"""Which torchtitan a project asks for."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from titan_lint.api.pins.find import READERS, pinned
from titan_lint.api.pins.pin import Pin
from titan_lint.pin_files import KINDS
from titan_lint.run.cache_key import Copies, pinning_files

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
        ("torchtitan==0.2.2 \\\n    --hash=sha256:abc", "0.2.2"),
        ("torchtitan[dev]>=0.2.2 \\\n    --hash=sha256:abc \\\n    --hash=sha256:def", ">=0.2.2"),
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
    "line",
    [
        "-r deps/base.txt",
        "-rdeps/base.txt  # all",
        "--requirement=deps/base.txt",
        "-c ./deps/base.txt",
        "--constraint 'deps/base.txt'",
        "-r deps/first.txt",
    ],
)
def test_what_a_file_of_requirements_includes_is_read(tmp_path: Path, line: str) -> None:
    (tmp_path / "deps").mkdir()
    (tmp_path / "deps" / "base.txt").write_text("-r ../requirements.txt\n\ntorchtitan==0.2.1\n")
    (tmp_path / "deps" / "first.txt").write_text("torch\n-r base.txt\n")
    (tmp_path / "deps" / "other.txt").write_text("torchtitan==0.1.0\n")
    assert _pin(tmp_path, requirements_txt=f"torch\n{line}\n") == ("0.2.1", 3)


@pytest.mark.parametrize(
    "line",
    [
        "-r https://example.org/base.txt",
        "-r ${HERE}/base.txt",
        "# -r base.txt",
        "-r gone.txt",
        "-r",
    ],
)
def test_what_cannot_be_included_is_passed_over(tmp_path: Path, line: str) -> None:
    (tmp_path / "base.txt").write_text("torchtitan==0.2.1\n")
    assert _pin(tmp_path, requirements_txt=f"torch\n{line}\n") is None


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
        (
            "pyproject.toml",
            "[tool.pdm.dev-dependencies]\ntest = ['torchtitan==0.2.1']\n",
            ("0.2.1", 2),
        ),
        (
            "pyproject.toml",
            "[tool.hatch.envs.default]\nextra-dependencies = ['torchtitan==0.2.1']\n",
            ("0.2.1", 2),
        ),
        ("hatch.toml", "[envs.test]\ndependencies = ['torchtitan==0.2.1']\n", ("0.2.1", 2)),
        ("pyproject.toml", "[tool.uv]\ndev-dependencies = ['torchtitan<0.3']\n", ("<0.3", 2)),
        (
            "pyproject.toml",
            "[tool.uv]\noverride-dependencies = ['torchtitan==0.2.1']\n",
            ("0.2.1", 2),
        ),
        (
            "pyproject.toml",
            "[tool.poetry.dependencies]\ntorchtitan = '~0.2.1'\n",
            (">=0.2.1,<0.3", 2),
        ),
        (
            "pyproject.toml",
            "[tool.poetry.dependencies]\ntorchtitan = '0.2.*'\n",
            ("==0.2.*", 2),
        ),
        (
            "pyproject.toml",
            "[tool.pixi.feature.gpu.pypi-dependencies]\ntorchtitan = '==0.2.1'\n",
            ("0.2.1", 2),
        ),
        ("pixi.toml", "[pypi-dependencies]\ntorchtitan = '==0.2.2'\n", ("0.2.2", 2)),
        (
            "pixi.toml",
            "[dependencies]\npython = '*'\ntorchtitan = '>=0.2,<0.3'\n",
            (">=0.2,<0.3", 3),
        ),
        (
            "pixi.lock",
            "packages:\n- pypi: https://x.org/torchtitan-0.2.2-py3-none-any.whl\n  name: torchtitan\n",
            ("0.2.2", 2),
        ),
        (
            "poetry.lock",
            '[[package]]\nname = "torchtitan"\nversion = "0.2.2"\n',
            ("0.2.2", 2),
        ),
        (
            "poetry.lock",
            f'[[package]]\nname = "torchtitan"\nversion = "0.2.2"\n[package.source]\ntype = "git"\nresolved_reference = "{COMMIT}"\n',
            (f"main@{COMMIT}", 2),
        ),
        (
            "pdm.lock",
            f'[[package]]\nname = "torchtitan"\nversion = "0.2.2"\ngit = "https://x/torchtitan"\nrevision = "{COMMIT}"\n',
            (f"main@{COMMIT}", 2),
        ),
        (
            "pylock.toml",
            f'[[packages]]\nname = "torchtitan"\nvcs = {{commit-id = "{COMMIT}"}}\n',
            (f"main@{COMMIT}", 2),
        ),
        (
            "Pipfile.lock",
            '{"default": {\n"torchtitan": {"version": "==0.2.2"}}}\n',
            ("0.2.2", 2),
        ),
        (
            "Pipfile.lock",
            f'{{"develop": {{"torchtitan": {{"git": "https://x/torchtitan", "ref": "{COMMIT}"}}}}}}',
            (f"main@{COMMIT}", 1),
        ),
        ("Pipfile.lock", "{torchtitan", None),
        ("environment.yml", "dependencies:\n  - torchtitan: [\n", None),
        ("Dockerfile", "FROM x\nRUN pip install torch torchtitan==0.2.2\n", ("0.2.2", 2)),
        (
            "Dockerfile.gpu",
            "RUN apt-get update && \\\n    uv pip install \\\n      'torchtitan>=0.2' && echo torchtitan==0.2.0\n",
            (">=0.2", 3),
        ),
        (
            "train.dockerfile",
            f"RUN python -m pip install git+https://github.com/pytorch/torchtitan@{COMMIT};\n",
            (f"main@{COMMIT}", 1),
        ),
        ("Dockerfile", "ARG V\nRUN pip install torchtitan==$V\n", None),
        ("Dockerfile", "# RUN pip install torchtitan==0.2.2\nRUN echo torchtitan==0.2.2\n", None),
        ("Dockerfile", "RUN pip install 'torchtitan==0.2.2\n", None),
    ],
)
def test_every_packaging_file_may_pin(
    tmp_path: Path, name: str, text: str, found: tuple[str, int] | None
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    pin = pinned(tmp_path)
    assert (None if pin is None else (pin.target, pin.line)) == found


def test_a_submodule_is_at_the_commit_in_the_index(tmp_path: Path) -> None:
    def git(*command: str) -> None:
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    git("update-index", "--add", "--cacheinfo", f"160000,{COMMIT},third_party/titan")
    (tmp_path / ".gitmodules").write_text(
        '[submodule "titan"]\n\tpath = third_party/titan\n\turl = git@github.com:pytorch/torchtitan.git\n'
        '[submodule "x"]\n\tpath = x\n\turl = https://example.com/torchtitan-tools\n'
    )
    pin = pinned(tmp_path)
    assert pin is not None
    assert pin.target == f"main@{COMMIT}"
    assert pin.told(tmp_path) == f"third_party/titan is at `{COMMIT[:10]}`"


def test_what_is_installed_beside_a_project_says_more_than_a_range(tmp_path: Path) -> None:
    packages = tmp_path / ".venv" / "lib" / "python3.12" / "site-packages"
    information = packages / "torchtitan-0.2.2.dist-info"
    information.mkdir(parents=True)
    (information / "RECORD").write_text("torchtitan/train.py,,\n")
    (tmp_path / "requirements.txt").write_text("torchtitan>=0.2\n")
    # Installed to be edited: it lies elsewhere.
    assert _pin(tmp_path) == (">=0.2", 1)
    (packages / "torchtitan" / "distributed").mkdir(parents=True)
    (packages / "torchtitan" / "train.py").touch()
    (packages / "torchtitan" / "distributed" / "__init__.py").touch()
    pin = pinned(tmp_path)
    assert pin is not None
    assert (pin.target, pin.told(tmp_path)) == (
        str(packages / "torchtitan"),
        ".venv is at `torchtitan 0.2.2`",
    )


FOLDERS = {
    "uv": (
        "pyproject.toml",
        '[tool.uv.sources]\ntorchtitan = { path = "deps/tt", editable = true }\n',
        2,
    ),
    "poetry": (
        "pyproject.toml",
        '[tool.poetry.dependencies]\ntorchtitan = { path = "deps/tt" }\n',
        2,
    ),
    "pixi": ("pixi.toml", '[pypi-dependencies]\ntorchtitan = { path = "./deps/tt" }\n', 2),
    "pipenv": ("Pipfile", '[packages]\ntorchtitan = {path = "deps/tt", editable = true}\n', 2),
    "PEP 508": ("pyproject.toml", '[project]\ndependencies = ["torchtitan @ file:./deps/tt"]\n', 2),
    "pip": ("requirements.txt", "torch\ntorchtitan @ file:./deps/tt  # ours\n", 2),
    "pip, editable": ("requirements.txt", "-e deps/tt  # torchtitan\n", 1),
    "pip, with extras": ("requirements.txt", "# torchtitan\n--editable=./deps/tt[dev]\n", 2),
    "pip, a path": ("requirements.txt", "# torchtitan\n./deps/tt\n", 2),
    "uv's lock": (
        "uv.lock",
        '[[package]]\nname = "torchtitan"\nversion = "0.1.0"\nsource = { editable = "deps/tt" }\n',
        2,
    ),
    "pylock": (
        "pylock.toml",
        '[[packages]]\nname = "torchtitan"\ndirectory = { path = "deps/tt", editable = true }\n',
        2,
    ),
}


@pytest.mark.parametrize(("name", "text", "line"), FOLDERS.values(), ids=FOLDERS)
def test_a_torchtitan_in_a_folder_is_a_pin(tmp_path: Path, name: str, text: str, line: int) -> None:
    (tmp_path / name).write_text(text)
    before = pinned(tmp_path)
    assert before is None or (before.target, before.more) == ("", ", where no torchtitan is")
    seen = pinning_files(str(tmp_path), Copies())
    package = tmp_path / "deps/tt/torchtitan"
    (package / "distributed").mkdir(parents=True)
    (package / "train.py").touch()
    (package / "distributed/__init__.py").touch()
    assert _pin(tmp_path) == (str(tmp_path / "deps/tt"), line)
    # What is in it decides, too.
    there = pinning_files(str(tmp_path), Copies())
    (package / "train.py").write_text("x = 1\n")
    assert len({tuple(each) for each in (seen, there, pinning_files(str(tmp_path), Copies()))}) == 3


def test_a_folder_without_a_torchtitan_leaves_the_word_to_others(tmp_path: Path) -> None:
    assert _pin(
        tmp_path,
        pyproject_toml='[tool.uv.sources]\ntorchtitan = { path = "gone" }\n',
        requirements_txt="torchtitan==0.2.1\n",
    ) == ("0.2.1", 1)


def test_every_kind_of_file_has_its_reader() -> None:
    assert list(READERS) == list(KINDS)


@pytest.mark.parametrize(
    "told",
    [
        '[tool.setuptools.dynamic]\ndependencies = {file = ["deps.txt"]}\n',
        '[tool.setuptools.dynamic]\ndependencies = { file = ["other.txt", "deps.txt"] }\n',
        '[tool.setuptools.dynamic]\ndependencies = {file = "deps.txt"}\n',
        '[tool.setuptools.dynamic]\noptional-dependencies.train = {file = ["deps.txt"]}\n',
    ],
)
def test_what_setuptools_is_told_to_read_pins(tmp_path: Path, told: str) -> None:
    told = told.replace("optional-dependencies.train", "optional-dependencies")
    files = {"pyproject_toml": told, "deps_txt": "torch\ntorchtitan==0.2.2\n"}
    assert _pin(tmp_path, **files) == ("0.2.2", 2)


def test_a_setup_cfg_that_names_a_file_pins_by_it(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[options]\ninstall_requires = file: deps.txt\n")
    assert _pin(tmp_path, deps_txt="torchtitan==0.2.1\n") == ("0.2.1", 1)


def test_a_range_says_more_than_the_name_alone(tmp_path: Path) -> None:
    text = (
        '[project]\nname = "x"\ndependencies = ["torchtitan"]\n'
        '[tool.uv]\nconstraint-dependencies = ["torchtitan<0.3"]\n'
    )
    assert _pin(tmp_path, pyproject_toml=text) == ("<0.3", 5)


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ('f"torchtitan=={V}"', "0.2.2"),
        ('"torchtitan==" + V', "0.2.2"),
        ('f"torchtitan=={V}.*"', "==0.2.2.*"),
        ('f"torchtitan=={read()}"', None),
        ('"torchtitan==" + read()', None),
        ('f"torchtitan=={OTHER}"', None),
    ],
)
def test_a_setup_that_puts_its_pin_together_says_it_where_all_parts_are_written_out(
    tmp_path: Path, written: str, target: str | None
) -> None:
    text = f'V = "0.2.2"\nOTHER = 1\nOTHER = 2\nsetup(install_requires=[{written}])\n'
    (tmp_path / "setup.py").write_text(text)
    pin = pinned(tmp_path)
    assert (None if pin is None else pin.target) == target
