"""The trees to check and the tools to compare with, from the package index, kept in a cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

CORPORA = {
    "transformers": "5.23.0",
    "verl": "0.7.1",
    "torchtitan": "0.3.0",
    "sglang": "0.5.23",
}
PEERS = ("ruff", "ast-grep-cli", "fixit", "torchfix")

PLANTED = """\
import numpy as np
import torch

a = np.NaN
b = torch.ger(a, a)
c = a.model_registry(b)
if True:
    d = c
"""
"""Something for every peer to find, so that a run that did nothing is noticed. No use of torchtitan."""


def cache() -> Path:
    named = os.environ.get("TITAN_LINT_BENCHMARK_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = Path(named) if named else base / "titan-lint-benchmarks"
    path.mkdir(parents=True, exist_ok=True)
    return path


def corpus(name: str) -> Path:
    """The unpacked wheel, without anything but Python files, and with the planted file in it."""
    version = CORPORA[name]
    tree = cache() / f"{name}-{version}"
    if tree.is_dir():
        return tree
    wheels = cache() / "wheels"
    if not [*wheels.glob(f"{name}-{version}-*.whl")]:
        pip(
            sys.executable,
            "download",
            "--no-deps",
            "--only-binary=:all:",
            f"--dest={wheels}",
            f"{name}=={version}",
        )
    (wheel,) = wheels.glob(f"{name}-{version}-*.whl")
    aside = tree.with_suffix(".part")
    shutil.rmtree(aside, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(aside, [n for n in archive.namelist() if n.endswith(".py")])
    (aside / "zz_planted.py").write_text(PLANTED)
    aside.rename(tree)
    return tree


def peers() -> Path:
    """The ``bin`` directory of an environment with the other tools."""
    environment = cache() / "peers"
    if not (environment / "complete").exists():
        _make(environment, *PEERS)
    return environment / "bin"


def ours() -> Path:
    """The ``bin`` directory of an environment that titan-lint is installed in as users install it."""
    environment = cache() / "titan-lint"
    if not environment.exists():
        _make(environment)
    pip(environment / "bin" / "python", "install", "--force-reinstall", "--no-deps", str(ROOT))
    pip(environment / "bin" / "python", "install", str(ROOT))
    return environment / "bin"


def versions(directory: Path) -> dict[str, str]:
    """What is installed in an environment."""
    listed = subprocess.run(
        [directory / "python", "-m", "pip", "list", "--format=freeze"],
        capture_output=True,
        text=True,
        check=True,
    )
    pairs = (line.partition("==")[::2] for line in listed.stdout.splitlines())
    return {name.lower(): version for name, version in pairs}


def _make(environment: Path, *packages: str) -> None:
    shutil.rmtree(environment, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    if packages:
        pip(environment / "bin" / "python", "install", *packages)
    (environment / "complete").touch()


def pip(python: str | Path, *arguments: str) -> None:
    # Without compiled files, every start would compile anew.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, env=environment)
