"""The documentation covers what there is, and its links lead somewhere."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from click.testing import CliRunner

from titan_lint import rules
from titan_lint.cli import arguments
from titan_lint.cli.main import COMMANDS, command_of
from titan_lint.cli.verify import verify
from titan_lint.config.settings import load_settings
from titan_lint.config.toml import KEYS
from titan_lint.report import rule_page as pages

if TYPE_CHECKING:
    from tests.projects import TitanLint

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


@pytest.mark.parametrize("code", rules.names())
def test_a_rule_is_documented_in_full(code: str) -> None:
    page = pages.page(rules.rule(code))
    for title in ("## What it does", "## Why is this bad?", "## Fix safety", "## Examples"):
        assert title in page
    assert pages.summary(rules.rule(code)).endswith(".")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    # Code is full of brackets that are no links.
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", prose):
        if not link.startswith("http"):
            assert (page.parent / link).exists(), link


def anchors(page: Path) -> set[str]:
    """What a link can name in a page: its headings, as they are on the web."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.M)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    words = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in words}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_into_a_page_lead_to_a_heading(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    for link, anchor in re.findall(r"\]\(([^)#]*)#([^)]*)\)", prose):
        if not link.startswith("http"):
            assert anchor in anchors(page.parent / link if link else page), f"{link}#{anchor}"


def test_files_that_contributing_names_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"`([\w.*-]+/[\w./*-]*)`", text))
    named |= set(re.findall(r"\b(?:scripts|tests)/[\w./]+\.py\b", text))
    assert len(named) > 20
    assert [name for name in sorted(named) if not list(ROOT.glob(name))] == []


SETTING = re.compile(r"^#### `([^`\n]+)`\n(.*?)```toml\n(.*?)```$", re.DOTALL | re.MULTILINE)
"""A setting in its page: its name, what is said of it, an example."""

CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_every_setting_is_documented_and_no_other() -> None:
    assert sorted(match[1] for match in SETTING.finditer(CONFIGURATION)) == sorted(KEYS)
    assert CONFIGURATION.count("\n#### ") == len(KEYS)


@pytest.mark.parametrize("match", [*SETTING.finditer(CONFIGURATION)], ids=lambda match: match[1])
def test_a_setting_is_what_its_page_says(
    match: re.Match[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, titan_lint: TitanLint
) -> None:
    """The example does something; the default, where it is written as a value, does nothing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "titan-lint.toml").write_text('from = "0.2.2"', encoding="utf-8")
    name, said, example = match.groups()
    assert list(tomllib.loads(example))[-1] == name
    assert "\n- Type: " in said

    def shown(text: str) -> str:
        (tmp_path / "titan-lint.toml").write_text(text, encoding="utf-8")
        ran = titan_lint("--show-settings")
        assert ran.status == 0, ran.err
        return ran.out

    schema = json.loads((ROOT / "docs" / "schemas" / "configuration.json").read_text("utf-8"))
    settings = jsonschema.Draft7Validator(schema)
    settings.validate(tomllib.loads(example))
    assert not settings.is_valid({name: 1})
    assert not settings.is_valid({f"{name}s-": []})

    without = "".join(example.splitlines(keepends=True)[:-1])
    assert shown(example) != shown(without)
    (default,) = re.findall(r"^- Default: (.*)$", said, re.MULTILINE)
    if (value := re.fullmatch(r"`(.*)`", default)) is not None:
        assert shown(f"{name} = {value[1]}") == shown("")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "check"])
def test_the_help_of_a_command_is_in_the_reference(name: str) -> None:
    words = f"titan-lint {name}"
    ran = CliRunner().invoke(command_of(name), ["-h"], prog_name=words, terminal_width=80)
    shown = "\n".join(map(str.rstrip, ran.output.splitlines()))
    assert f"```text\n{shown}\n```\n" in (ROOT / "docs/command-line.md").read_text("utf-8")


def test_options_in_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    known = {flag for option in arguments.OPTIONS for flag in option.flags}
    known_to_verify = {flag for parameter in verify.params for flag in parameter.opts}
    lines = re.findall(r"titan-lint ([^\n`]*)", text)
    used = {False: set[str](), True: set[str]()}
    for line in lines:
        used[line.startswith("verify ")] |= set(re.findall(r"(?<!\S)--[a-z-]+", line))
    assert used[False]
    assert used[False] <= known
    assert used[True]
    assert used[True] <= known_to_verify


def test_the_configuration_in_the_readme_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert "titan-lint" in tomllib.loads(shown)["tool"]
    (tmp_path / "pyproject.toml").write_text(shown, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    settings = load_settings({"paths": ()})
    assert "TTN107" not in settings.codes
    assert settings.torchtitan == ("0.3.0",)
