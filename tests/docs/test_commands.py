"""The commands and configurations of README.md and of the site's first pages work as they are written.

Each block of commands runs in a copy of a small project, or of the checkout where it says so, with a
titan-lint that is installed as README.md says, in an environment that holds nothing else. The address
in the pages, which has a placeholder for its owner, leads git to the copy of the checkout.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.projects import CLEAN, LEGACY
from titan_lint import __version__

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "index.md",
    *sorted((ROOT / "docs" / "guides").glob("*.md")),
]
ADDRESS = "https://github.com/OWNER/titan-lint"

NOT_HERE = {
    r"^python fixtures/verl/drive\.py ": "needs GPUs",
    r"^python -m pip install torch==": "takes minutes; runs with `-m slow`",
    r"^python -m pip install '\.\[verify\]'": "takes minutes; runs with `-m slow`",
    r"^torchrun ": "needs GPUs",
    r"^titan-lint verify ": "needs torch; runs with `-m slow`",
    r"^echo \$\?": "shows the status of what is not run here",
    r"^python -m pip install -e '\.\[test\]'": "takes minutes; `.ci/run` does it",
    r"^pytest ": "is this run",
}
"""Commands that are not run with the suite, and why."""


@dataclass
class Block:
    """A fenced block of a page."""

    page: Path
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """What a reader types: lines after `$`, or all of them where none has one."""
        lines = self.text.splitlines()
        typed = [line[2:] for line in lines if line.startswith("$ ")] or lines
        return [part for line in typed for part in line.split(" && ")]

    def commands_of(self, page: Path) -> list[str]:
        """Its commands, where it is a block of the page."""
        return self.commands if self.page == page else []


def blocks(language: str) -> list[Any]:
    """The blocks of a language in all pages, each a parameter that is named after its page."""
    found: list[Any] = []
    for page in PAGES:
        text = page.read_text("utf-8")
        # What stands between these marks is run, and compared, when the pages are made.
        text = re.sub(r"<!-- output.*?<!-- end output -->", "", text, flags=re.DOTALL)
        shown = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        for number, each in enumerate(shown, 1):
            found.append(pytest.param(Block(page, language, each), id=f"{page.stem}-{number}"))
    assert found
    return found


def is_installation(command: str) -> bool:
    """Whether a command installs something, in the root of the checkout."""
    return " pip install " in command


def not_here(command: str) -> str | None:
    """Why a command is not run with the suite; none where it is."""
    return next((why for pattern, why in NOT_HERE.items() if re.match(pattern, command)), None)


@dataclass
class Reader:
    """Somebody who has a clone of titan-lint, a fresh environment and a project."""

    clone: Path
    environment: Path
    home: Path
    installed: dict[str, subprocess.CompletedProcess[str]] = field(default_factory=dict)

    def types(self, command: str, where: Path) -> subprocess.CompletedProcess[str]:
        """Run a line in a shell; what installs something does so once."""
        if command in self.installed:
            return self.installed[command]
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        # What is used is compiled when it is used; most of what is installed is not.
        kept["PIP_NO_COMPILE"] = "1"
        redirect = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.clone.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": ADDRESS,
        }
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=where,
            env={
                **kept,
                **redirect,
                "PATH": f"{self.environment / 'bin'}:{os.environ['PATH']}",
                "PRE_COMMIT_HOME": str(self.home),
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        if "Could not find a version that satisfies" in said and not os.environ.get("CI"):
            pytest.skip("what it needs cannot be installed here")
        if is_installation(command):
            self.installed[command] = done
        return done

    def follows(self, command: str, project: Path) -> None:
        """Run a command of a page where it belongs, and see that it works."""
        installs = is_installation(command)
        where = self.clone if installs or "fixtures/" in command else project
        done = self.types(command, where)
        # Findings are what a linter is for; 2 is a command that it does not take.
        right = {0} if installs else {0, 1}
        assert done.returncode in right, f"{command}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        assert "Traceback" not in done.stderr, done.stderr


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader who did the first thing that README.md says."""
    scratch = tmp_path_factory.mktemp("reader")
    clone = scratch / "titan-lint"
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
    listed = subprocess.run(
        [*command, "--exclude-standard"], capture_output=True, text=True, check=True
    )
    for name in listed.stdout.split("\0"):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, clone / name)
    git(clone, "init", "-q")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "first")
    git(clone, "tag", f"v{__version__}")
    environment = scratch / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    somebody = Reader(clone, environment, scratch / "pre-commit")
    somebody.follows("python -m pip install .", clone)
    return somebody


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that has all that the pages name, beside a fork of torchtitan."""
    path = tmp_path / "project"
    for name in ("src", "engines/verl", "recipes/forge"):
        (path / name).mkdir(parents=True)
        (path / name / "engine.py").write_text(LEGACY, "utf-8")
    (path / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\ndependencies = ["torchtitan==0.3.0"]\n', "utf-8"
    )
    shutil.copytree(ROOT / "docs" / "examples" / "convert", path / "train_configs")
    (path / "ours").mkdir()
    fork = tmp_path / "our-torchtitan" / "torchtitan" / "components"
    fork.mkdir(parents=True)
    (fork.parent / "__init__.py").write_text('__version__ = "0.3.0"\n', "utf-8")
    (fork / "__init__.py").touch()
    (fork.parent / "train.py").touch()
    (fork.parent / "distributed").mkdir()
    (fork.parent / "distributed" / "__init__.py").touch()
    (fork / "ours.py").write_text("def ours(): ...\n", "utf-8")
    git(path, "init", "-q")
    git(path, "add", "-A")
    return path


def git(directory: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(
        ["git", "-C", str(directory), *identity, *arguments], check=True, capture_output=True
    )


@pytest.mark.network
@pytest.mark.parametrize("block", blocks("console"))
def test_commands_work_as_they_are_written(block: Block, reader: Reader, project: Path) -> None:
    left = [why for command in block.commands if (why := not_here(command)) is not None]
    if len(left) == len(block.commands):
        pytest.skip("; ".join(dict.fromkeys(left)))
    # Who reads a page has installed what it says.
    before = [line for each in blocks("console") for line in each.values[0].commands_of(block.page)]
    for command in [*filter(is_installation, before), *block.commands]:
        if not_here(command) is None:
            reader.follows(command, project)


def test_what_is_not_run_is_in_the_pages() -> None:
    shown = [command for block in blocks("console") for command in block.values[0].commands]
    unused = [each for each in NOT_HERE if not any(re.match(each, command) for command in shown)]
    assert unused == []


def steps(found: Any) -> list[dict[str, Any]]:
    """The steps of a workflow of GitHub's, or none of what is something else."""
    if not isinstance(found, dict) or "jobs" not in found:
        return []
    return [step for job in found["jobs"].values() for step in job["steps"]]


def configured(block: Block) -> list[dict[str, Any]]:
    """The hooks that a block configures, each with the repository that it comes from."""
    found = yaml.safe_load(block.text)
    if isinstance(found, dict) and "repos" in found:
        return [hook for repository in found["repos"] for hook in repository["hooks"]]
    return [hook for hook in found if "id" in hook] if isinstance(found, list) else []


def others(*, with_hooks: bool) -> list[Any]:
    """The blocks that configure other tools: those of pre-commit's hooks, or all others."""
    return [each for each in blocks("yaml") if bool(configured(each.values[0])) == with_hooks]


# An environment of pre-commit's own takes long; `tests/cli/test_pre_commit.py` lets it install and run both hooks.
@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("block", others(with_hooks=True))
def test_hooks_run_as_they_are_configured(block: Block, reader: Reader, project: Path) -> None:
    see_that_hooks_run(block, reader, project)


@pytest.mark.network
@pytest.mark.parametrize("block", others(with_hooks=False))
def test_configurations_of_other_tools_work_as_they_are_written(
    block: Block, reader: Reader, project: Path
) -> None:
    found = yaml.safe_load(block.text)
    if steps(found):
        see_that_the_workflow_fits_the_action(block, reader, project)
    else:
        for command in found["titan-lint"]["script"]:
            reader.follows(command, project)
        report = found["titan-lint"]["artifacts"]["reports"]["codequality"]
        assert (project / report).is_file()


def see_that_hooks_run(block: Block, reader: Reader, project: Path) -> None:
    """Let pre-commit itself run what a page configures, on a file with a finding and without one."""
    text = block.text
    if not text.startswith("repos:"):
        text = f"repos:\n  - repo: {ADDRESS}\n    rev: v{__version__}\n    hooks:\n{text}"
    (project / ".pre-commit-config.yaml").write_text(text, "utf-8")
    git(project, "add", "-A")
    command = f"{sys.executable} -m pre_commit run --all-files"
    done = reader.types(command, project)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "src/engine.py" in done.stdout or "files were modified by this hook" in done.stdout
    for path in project.glob("*/**/engine.py"):
        path.write_text(CLEAN, "utf-8")
    git(project, "add", "-A")
    done = reader.types(command, project)
    assert done.returncode == 0, done.stdout + done.stderr


def see_that_the_workflow_fits_the_action(block: Block, reader: Reader, project: Path) -> None:
    """Hold a workflow against its schema, and its step against its action, which has its own test."""
    path = project / "workflow.yml"
    path.write_text(block.text, "utf-8")
    schema = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    held = subprocess.run(
        [*schema, "vendor.github-workflows", str(path)], capture_output=True, text=True, check=False
    )
    assert held.returncode == 0, held.stdout + held.stderr
    workflow = yaml.safe_load(block.text)
    (ours,) = [each for each in steps(workflow) if "OWNER/titan-lint" in each.get("uses", "")]
    folder, _, version = ours["uses"].removeprefix("OWNER/titan-lint").partition("@")
    assert version == f"v{__version__}"
    action = yaml.safe_load((ROOT / folder.strip("/") / "action.yml").read_text("utf-8"))
    given = ours["with"]
    assert set(given) <= set(action["inputs"])
    if "args" in given:
        reader.follows(f"titan-lint check {given['args']}", project)
    rights = {"comment": "pull-requests", "fix": "contents"}
    for name, right in rights.items():
        if given.get(name) == "true":
            assert workflow["permissions"][right] == "write"
    sarif = given.get("sarif", action["inputs"].get("sarif", {}).get("default"))
    assert sarif != "true" or workflow["permissions"]["security-events"] == "write"


@pytest.mark.slow
def test_verify_works_as_the_readme_installs_it(tmp_path: Path, reader: Reader) -> None:
    """The commands of README.md's section, in an environment of their own: minutes, and gigabytes."""
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    somebody = Reader(reader.clone, environment, reader.home)
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Verify\n")[2]
    shown = re.findall(r"^```console\n(.*?)^```$", section.partition("\n## ")[0], re.S | re.M)
    commands = [line for text in shown for line in Block(ROOT, "console", text).commands]
    assert any(line.startswith("titan-lint verify ") for line in commands)
    for command in commands:
        somebody.follows(command, tmp_path)
