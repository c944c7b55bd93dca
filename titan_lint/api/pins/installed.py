"""The torchtitan that lies beside a project: a submodule of git, or installed in an environment."""

from __future__ import annotations

from titan_lint import git, package_folder
from titan_lint.api.pins.pin import Pin
from titan_lint.pin_files import distribution

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def submodules(path: Path, text: str) -> Iterator[Pin]:
    """The commit in git's index of each submodule that is a torchtitan by its address."""
    import configparser

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for section in parser.sections():
        url = parser.get(section, "url", fallback="").rstrip("/").removesuffix(".git")
        folder = parser.get(section, "path", fallback="")
        if url.rpartition("/")[2].lower() != "torchtitan" or not folder:
            continue
        said = git.ask(str(path.parent), "ls-files", "--stage", "--", f":(top,literal){folder}")
        # The mode of a submodule, its commit, the stage, and its path.
        mode, _, rest = said.decode("ascii", "replace").partition(" ")
        if mode == "160000":
            commit = rest.partition(" ")[0]
            yield Pin(f"main@{commit}", commit[:10], path.parent / folder, 0)


def environment_folder(path: Path, text: str) -> Iterator[Pin]:
    """The package that is installed in an environment; what is installed to be edited lies elsewhere."""
    folder = distribution(str(path))
    if folder is None:
        return
    packages, _, name = folder.rpartition("torchtitan-")
    package = path / packages / "torchtitan"
    if package_folder.is_torchtitan(str(package)):
        yield Pin(str(package), f"torchtitan {name.removesuffix('.dist-info')}", path, 0)
