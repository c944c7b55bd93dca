"""What safe fixes must leave as it is, one behaviour a test; ``known.py`` lists those that fail today."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.meaning import behaviours, siblings, tool
from tests.meaning.known import BEHAVIOURS
from tests.meaning.program import Program
from tests.meaning.properties import Fixing, new_flaws, wrong
from tests.meaning.running import run
from tests.meaning.standin import Age

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from _pytest.mark.structures import ParameterSet


def params(table: Mapping[str, Iterable[object]]) -> list[ParameterSet]:
    """A case for each entry of a table, named after its behaviour; known failures must fail."""
    return [
        case(f"{name} {number}", entry)
        for name, entries in table.items()
        for number, entry in enumerate(entries, 1)
    ]


def case(name: str, entry: object) -> ParameterSet:
    """A case that has to fail where it is listed, and to hold where it is not."""
    marks = [pytest.mark.xfail(strict=True, reason="known")] if name in BEHAVIOURS else []
    return pytest.param(entry, id=name, marks=marks)


@pytest.mark.parametrize("text", params({**behaviours.RIGHT, **siblings.RIGHT}))
def test_safe_fix_does_what_was_meant(text: str) -> None:
    fixing = Fixing(Program("behaviour", text, follows=(0, 1)))
    assert wrong(fixing) == {}
    if fixing.changed:
        assert new_flaws([(fixing.before, fixing.after)]) == [""]


@pytest.mark.parametrize("text", params({**behaviours.RIGHT, **siblings.RIGHT}))
def test_what_is_fixed_for_the_release_before_does_there_what_it_did(text: str) -> None:
    """The stand-in's old torchtitan has what 0.2.2 has of these programs: little is to be fixed there."""
    after = tool.fixed(text, target="0.2.2").text
    assert tool.fixed(after, target="0.2.2").text == after
    if after != text:
        did, does = run(text, Age.OLD), run(after, Age.OLD)
        assert (does.events, does.error) == (did.events, did.error)


def test_some_of_these_programs_are_fixed_for_the_release_before() -> None:
    tables = (behaviours.RIGHT, siblings.RIGHT)
    texts = [text for table in tables for entries in table.values() for text in entries]
    assert sum(tool.fixed(text, target="0.2.2").text != text for text in texts) >= 10


@pytest.mark.parametrize(
    "text",
    [t for table in (behaviours.RIGHT, siblings.RIGHT) for each in table.values() for t in each],
)
def test_these_programs_run(text: str) -> None:
    assert not run(text, Age.OLD).error or not run(text, Age.NEW).error


@pytest.mark.parametrize("entry", params(behaviours.SILENT))
def test_rule_says_nothing(entry: tuple[str, str]) -> None:
    code, text = entry
    assert code not in [found for found, _ in tool.found(text)]


@pytest.mark.parametrize("entry", params(behaviours.NOT_SAFE))
def test_rule_makes_no_safe_fix(entry: tuple[str, str]) -> None:
    code, text = entry
    assert code not in tool.fixed(text).fixed


@pytest.mark.parametrize("text", params({"bases": behaviours.BASES}))
def test_bases_keep_an_order(text: str) -> None:
    """At 0.3.0 the base class is a module itself: it cannot stand behind ``nn.Module``."""
    for unsafe in (False, True):
        tree = ast.parse(tool.fixed(text, unsafe=unsafe).text)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
                assert bases != ["Module", "BaseModel"]


@pytest.mark.parametrize("text", params({"settling": behaviours.SETTLING}))
def test_unsafe_fixes_settle(text: str) -> None:
    once = tool.fixed(text, unsafe=True).text
    assert tool.fixed(once, unsafe=True).text == once


@pytest.mark.parametrize("entry", params({"unsaid": behaviours.UNSAID}))
def test_members_of_a_renamed_member_are_still_reported(entry: tuple[str, tuple[str, ...]]) -> None:
    text, members = entry
    messages = " ".join(message for _, message in tool.fixed(text).remaining)
    for member in members:
        assert f".{member}`" in messages or f"`{member}`" in messages, member


@pytest.mark.parametrize("name", [case(name, name) for name in behaviours.ENCODED])
def test_written_file_is_one_that_python_reads(name: str, tmp_path: Path) -> None:
    path = tmp_path / "engine.py"
    path.write_bytes(behaviours.ENCODED[name])
    before = path.read_bytes().splitlines()
    tool.command(tmp_path, "--torchtitan", tool.TARGET, "--fix", path.name)
    after = path.read_bytes().splitlines()
    compile(path.read_bytes(), path.name, "exec")
    coding = [n for n, line in enumerate(before) if b"coding" in line]
    for number in coding:
        assert after[number] == before[number]


@pytest.mark.parametrize("parameters", params({"guard": behaviours.GUARDS}))
def test_new_name_of_a_guard_is_not_a_parameter(parameters: str) -> None:
    """The guard of TTN108 asks ``inspect``; where that is a local name there is no safe fix of it."""
    text = (
        "from torchtitan.models.gpt_oss import model_registry\n\n\n"
        f"def build({parameters}):\n"
        '    return model_registry("debugmodel", attn_backend=attn_type), inspect\n'
    )
    fixed = tool.fixed(text, target=("main@c4b409af2", tool.TARGET)).text
    assert "inspect.signature" not in fixed


def test_every_known_failure_is_a_test() -> None:
    names = [
        str(entry.id)
        for table in (behaviours.RIGHT, behaviours.SILENT, behaviours.NOT_SAFE)
        for entry in params(table)
    ]
    for name, texts in (
        ("bases", behaviours.BASES),
        ("settling", behaviours.SETTLING),
        ("unsaid", behaviours.UNSAID),
        ("guard", behaviours.GUARDS),
    ):
        names += [f"{name} {number}" for number in range(1, len(texts) + 1)]
    names += behaviours.ENCODED
    assert set(names) >= BEHAVIOURS
