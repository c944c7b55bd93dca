"""Published packages for tests that run on real code.

Archives come through pip and are kept in ``TITAN_LINT_TEST_CACHE`` (default: ``titan-lint-tests`` in
the user's cache directory), so that a second run needs no network. They are only unpacked, never
installed (though pip asks a source archive's build backend for its metadata).

Where one of the package index cannot be had, the test is skipped with the reason; with ``CI`` set it fails instead,
unless ``TITAN_LINT_OFFLINE`` says that there is no network.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest


def cache_dir() -> Path:
    """The directory that downloads are shared in, made if absent."""
    named = os.environ.get("TITAN_LINT_TEST_CACHE")
    if named:
        path = Path(named)
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        path = Path(base) / "titan-lint-tests"
    path.mkdir(parents=True, exist_ok=True)
    return path


def archive(name: str, version: str | None = None, *, sdist: bool = False) -> Path:
    """The wheel (or, with ``sdist``, the source archive) of ``name`` at ``version``.

    ``version=None`` is the newest one when the cache was filled.
    """
    return _archive(name, version, sdist)


def unpacked(name: str, version: str | None = None, *, sdist: bool = False) -> Path:
    """The directory that the wheel or source archive of ``name`` is unpacked in; do not write there."""
    path = archive(name, version, sdist=sdist)
    target = path.parent / "unpacked"
    if not target.is_dir():
        # Unpacked aside and renamed, so that runs side by side never see half a tree.
        aside = Path(tempfile.mkdtemp(dir=path.parent))
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                wheel.extractall(aside)
        else:
            with tarfile.open(path) as tar:
                tar.extractall(aside, filter="data")
        _settle(aside, target)
    return target


def copied(name: str, version: str, to: Path) -> Path:
    """A copy of :func:`unpacked` at ``to`` that a test may write in."""
    shutil.copytree(unpacked(name, version), to, dirs_exist_ok=True)
    return to


@functools.cache
def from_npm(name: str, version: str) -> Path:
    """The folder of a package from the npm registry; do not write there.

    The test is skipped where there is no npm, or it cannot fetch the package.
    """
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    target = cache_dir() / f"{name}-{version}-npm"
    if not target.is_dir():
        aside = Path(tempfile.mkdtemp(dir=cache_dir()))
        command = [npm, "pack", "--silent", "--pack-destination", str(aside), f"{name}@{version}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(aside, ignore_errors=True)
            pytest.skip(f"npm cannot fetch {name} {version}")
        (packed,) = aside.iterdir()
        with tarfile.open(packed) as tar:
            tar.extractall(aside, filter="data")
        _settle(aside, target)
    return target / "package"


def _archive(name: str, version: str | None, sdist: bool) -> Path:
    kind = "sdist" if sdist else "wheel"
    target = cache_dir() / f"{name}-{version or 'newest'}-{kind}"
    if not target.is_dir():
        aside = Path(tempfile.mkdtemp(dir=cache_dir()))
        try:
            _download(name, version, sdist, aside)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        _settle(aside, target)
    (found,) = (path for path in target.iterdir() if path.is_file())
    return found


def _download(name: str, version: str | None, sdist: bool, to: Path) -> None:
    if os.environ.get("TITAN_LINT_OFFLINE"):
        pytest.skip(f"{name} {version or ''} is not in the cache, and TITAN_LINT_OFFLINE is set")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--dest", str(to)]
    command += ["--no-binary" if sdist else "--only-binary", ":all:"]
    command.append(f"{name}=={version}" if version else name)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        reason = f"{name} {version or ''} cannot be fetched: {lines[-1] if lines else 'pip failed'}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def _settle(aside: Path, target: Path) -> None:
    try:
        aside.rename(target)
    except OSError:
        # Somebody else was faster.
        if not target.is_dir():
            raise
        shutil.rmtree(aside, ignore_errors=True)
