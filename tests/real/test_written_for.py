"""Real engines are fixed to the same text whatever is fixed first, and keep the defaults they relied on."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.packages import unpacked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.projects import TitanLint

pytestmark = pytest.mark.network

ENGINE = "verl/workers/engine/torchtitan/transformer_impl.py"
AT = ("--isolated", "--no-cache", "--torchtitan", "0.3.0")
VERSIONS = ("0.7.1", "0.8.0", "0.9.1")
# The rules that have something to fix in one of them.
RULES = ("TTN101", "TTN103", "TTN201", "TTN202", "TTN301", "TTN302", "TTN303", "TTN304")


def copied(version: str, to: Path) -> Path:
    """The files of verl that mention torchtitan."""
    package = unpacked("verl", version)
    for path in package.rglob("*.py"):
        data = path.read_bytes()
        if b"torchtitan" in data or path.name == "__init__.py":
            new = to / path.relative_to(package)
            new.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(data)
    return to


def committed(folder: Path) -> Path:
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "verl"]):
        names = (
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@example.org",
            "-c",
            "commit.gpgsign=false",
        )
        subprocess.run(("git", *names, *words), cwd=folder, check=True, capture_output=True)
    return folder


def texts(folder: Path) -> dict[str, str]:
    return {os.fspath(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.py")}


@pytest.fixture
def verl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> Path:
    monkeypatch.chdir(tmp_path)
    return copied(version, tmp_path)


@pytest.mark.parametrize("version", ["0.9.1"])
def test_plain_fixes_keep_the_backend_that_the_newest_verl_relied_on(
    verl: Path, titan_lint: TitanLint
) -> None:
    titan_lint(*AT, "--fix")
    once = texts(verl)
    assert once[ENGINE].count('            spmd_backend="partial_dtensor",\n        )\n') == 1
    assert "components.optimizer import LRSchedulersContainer" in once[ENGINE]
    # That is all that unsafe fixes have to offer.
    titan_lint(*AT, "--fix", "--unsafe-fixes")
    assert texts(verl) == once


@pytest.mark.parametrize("unsafe", [(), ("--unsafe-fixes",)])
@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_fixed_at_once_has_nothing_left_to_fix(
    verl: Path, titan_lint: TitanLint, unsafe: Sequence[str]
) -> None:
    titan_lint(*AT, "--fix", *unsafe)
    once = texts(verl)
    titan_lint(*AT, "--fix", *unsafe)
    assert texts(verl) == once


@pytest.mark.parametrize(
    ("version", "order"),
    [
        ("0.7.1", RULES),
        ("0.8.0", RULES[::-1]),
        ("0.9.1", RULES),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in [
                ("0.7.1", RULES[::-1]),
                ("0.8.0", RULES),
                ("0.9.1", RULES[::-1]),
                *((version, RULES[4:] + RULES[:4]) for version in VERSIONS),
            ]
        ),
    ],
)
def test_rule_by_rule_in_a_checkout_comes_to_the_same_as_at_once(
    verl: Path, titan_lint: TitanLint, order: Sequence[str]
) -> None:
    committed(verl)
    titan_lint(*AT, "--fix")
    once = texts(verl)
    subprocess.run(("git", "checkout", "-q", "."), cwd=verl, check=True)
    for code in order:
        titan_lint(*AT, "--fix", "--select", code)
    # Some fixes wait for those of other rules.
    titan_lint(*AT, "--fix")
    assert texts(verl) == once


@pytest.mark.parametrize("version", ["0.8.0", "0.9.1"])
def test_findings_about_defaults_outlive_all_other_fixes_in_a_checkout(
    verl: Path, titan_lint: TitanLint
) -> None:
    committed(verl)
    changed = ("--select", "TTN304", "--output-format", "concise")

    def found() -> list[str]:
        lines = titan_lint(*AT, *changed).out.splitlines()
        return sorted(line.split(" ", 1)[1] for line in lines if "TTN304" in line)

    before = found()
    titan_lint(*AT, "--fix", "--ignore", "TTN304")
    assert found() == before != []


LINE = re.compile(r'write this in the configuration: (from = "[^"]+")')
PLAIN = ("--no-cache", "--torchtitan", "0.3.0", "--output-format", "concise")


def places(titan_lint: TitanLint) -> list[str]:
    """The findings of a tree: files, places and codes."""
    lines = titan_lint(*PLAIN).out.splitlines()
    return [match[0] for line in lines if (match := re.match(r"\S+\.py:\d+:\d+: TTN\d+", line))]


@pytest.mark.parametrize(
    ("version", "in_git"),
    [
        ("0.7.1", True),
        ("0.8.0", False),
        ("0.9.1", True),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in [("0.7.1", False), ("0.8.0", True), ("0.9.1", False)]
        ),
    ],
)
def test_files_fixed_one_by_one_come_to_one_text_and_the_same_findings(
    verl: Path, titan_lint: TitanLint, *, in_git: bool
) -> None:
    config = verl / "pyproject.toml"
    config.write_text("[tool.titan-lint]\n")
    if in_git:
        committed(verl)
    original = texts(verl)
    names = [name for name, text in original.items() if "torchtitan" in text]
    assert len(names) > 3

    def fix(*what: str) -> None:
        told = LINE.findall(titan_lint(*PLAIN, "--fix", *what).err)
        if told:
            config.write_text(f"[tool.titan-lint]\n{told[0]}\n")

    fix()
    # What it was written for is written down by now; that may settle more.
    fix()
    once, left = texts(verl), places(titan_lint)
    assert once != original
    for order in (sorted(names), sorted(names, reverse=True)):
        for name, text in original.items():
            (verl / name).write_text(text)
        config.write_text("[tool.titan-lint]\n")
        for name in order:
            fix(name)
        fix()
        assert texts(verl) == once
        assert places(titan_lint) == left
    if in_git:
        committed(verl)
        assert places(titan_lint) == left
