"""The job configs of torchtitan's own history, converted and run."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from tests.jobs import converted, history

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network


def test_every_version_of_every_file_is_converted_or_refused_for_a_reason(tmp_path: Path) -> None:
    results = {file: converted.converted(file) for file in history.files()}
    texts = [text for text, _ in results.values() if text is not None]
    for index, text in enumerate(texts):
        (tmp_path / f"job{index}.py").write_text(text, "utf-8")
        assert "no torchtitan known here takes it" not in text
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    assert len(texts) > 100
    refused = {why for text, why in results.values() if text is None}
    assert all(
        "config_module`" in why or "args_module`" in why or "the model" in why for why in refused
    )


def test_jobs_are_those_of_the_maintainers_but_for_what_the_page_lists() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("torchtitan", reason="torchtitan is not installed")
    if metadata.version("torchtitan") != converted.TARGET:
        pytest.skip(f"torchtitan {converted.TARGET} is not installed")
    page = converted.PAGE.read_text("utf-8")
    found = converted.compared()
    assert len(found) >= 12
    for file, _, fields in found:
        for path, (ours, theirs) in fields.items():
            assert f"| `{path}` | `{ours}` | `{theirs}` | {converted.why(file, path)} |" in page
