"""titan-lint as it is installed: a built wheel in an environment of its own, and LibCST's tool with it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.projects import FIXED, LEGACY

ROOT = Path(__file__).parents[2]
COMMAND = "fix_torchtitan.FixTorchtitanCommand"
SHIPPED = ("pyproject.toml", "README.md", "LICENSE", "titan_lint", "codemods")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the working tree gives."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    command += [str(folder), str(_copied(tmp_path_factory.mktemp("source")))]
    if importlib.util.find_spec("hatchling"):
        command.append("--no-build-isolation")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    missing = "Could not find a version that satisfies" in done.stderr
    if missing and not os.environ.get("CI"):
        pytest.skip("hatchling is not installed, and cannot be downloaded")
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment with the wheel, and with this one's dependencies."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    scheme = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", scheme))
    programs = Path(sysconfig.get_path("scripts", "venv", scheme))
    command = [sys.executable, "-m", "pip", "--python", str(programs / "python"), "install"]
    command += ["--quiet", "--no-index", "--no-deps", "--no-compile", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # Behind the wheel, and without their own .pth files: no titan-lint but the wheel's is found.
    (packages / "dependencies.pth").write_text("\n".join(_folders_of_packages()))
    return programs


def _copied(folder: Path) -> Path:
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def _folders_of_packages() -> list[str]:
    named = [Path(path).resolve() for path in sys.path if path]
    kept = [str(path) for path in named if path.is_dir() and path.name.endswith("-packages")]
    return list(dict.fromkeys([*kept, *site.getsitepackages()]))


def run(program: Path, *arguments: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program where neither the checkout nor any formatter can be found."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(program), *arguments],
        cwd=cwd,
        env={**kept, "PATH": str(cwd / "nothing"), **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.network
def test_the_wheel_holds_no_package_but_titan_lint(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"titan_lint"}
    assert "titan_lint/codemods/fix_torchtitan.py" in names


@pytest.mark.network
def test_the_wheel_holds_every_file_of_both_folders(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = [
        path.relative_to(ROOT)
        for folder in ("titan_lint", "codemods")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    expected = {path.as_posix().replace("codemods/", "titan_lint/codemods/", 1) for path in files}
    assert names == expected


@pytest.mark.network
def test_a_project_with_codemods_of_its_own_is_fixed(scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "codemods").mkdir()
    (tmp_path / "codemods" / "__init__.py").write_text("raise RuntimeError('somebody else’s')\n")
    # A backslash is laid out in no plain way.
    (tmp_path / "engine.py").write_text(LEGACY.replace("(", "(\\\n"))
    arguments = ("--fix", "--isolated", "--torchtitan", "0.3.0", "--no-cache", "engine.py")
    done = run(scripts / "titan-lint", *arguments, cwd=tmp_path, PYTHONPATH=".")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert (tmp_path / "engine.py").read_text() == FIXED.replace("(", "(\\\n")


@pytest.mark.network
def test_libcsts_tool_finds_the_commands_of_the_installation(scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "codemods").mkdir()
    (tmp_path / "codemods" / "__init__.py").write_text("raise RuntimeError('somebody else’s')\n")
    (tmp_path / "engine.py").write_text(LEGACY)
    done = codemod(
        scripts / "python", f"titan_lint.codemods.{COMMAND}", tmp_path / "engine.py", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "engine.py").read_text() == FIXED


def test_libcsts_tool_finds_the_commands_of_a_checkout(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text(LEGACY)
    path = tmp_path / "engine.py"
    done = codemod(Path(sys.executable), f"codemods.{COMMAND}", path, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert path.read_text() == FIXED


def codemod(
    python: Path, command: str, path: Path, *, cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command as the documentation shows it."""
    arguments = ("codemod", "-x", "--no-format", command, str(path))
    return run(python, "-m", "libcst.tool", *arguments, cwd=cwd)
