"""A rule's code leads to a page that can be read: on the web, else on this machine."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from titan_lint import __version__, rules
from titan_lint.report import pages, rule_page

RULE = rules.rule("TTN105")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the pages, of a user whose cache has a name that an address has to quote."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a cache #1"))
    monkeypatch.setattr(pages, "_documentation", lambda: None)
    pages._written.cache_clear()
    return tmp_path / "a cache #1" / "titan-lint" / "rules" / __version__


def test_where_the_package_names_no_documentation_the_page_is_a_file(folder: Path) -> None:
    address = pages.link(RULE)
    assert address is not None
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("file", "")
    assert Path(unquote(parts.path)) == folder / "TTN105.md"
    assert (folder / "TTN105.md").read_text() == rule_page.page(RULE)


def test_the_address_names_the_machine_that_it_is_asked_to_name(folder: Path) -> None:
    address = pages.link(RULE, host="node-7")
    assert address is not None
    assert urlsplit(address).netloc == "node-7"


def test_the_page_on_the_web_goes_first_and_nothing_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_documentation", lambda: "https://example.org/docs/")
    assert pages.link(RULE) == "https://example.org/docs/rules/legacy-flavor/"
    assert not folder.exists()


def test_a_page_of_another_text_is_written_anew(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "TTN105.md").write_text("# What it was\n")
    pages.link(RULE)
    assert (folder / "TTN105.md").read_text() == rule_page.page(RULE)


def test_a_link_in_the_place_of_the_page_is_not_followed(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(parents=True)
    (tmp_path / "notes.md").write_text("mine\n")
    (folder / "TTN105.md").symlink_to(tmp_path / "notes.md")
    pages.link(RULE)
    assert (tmp_path / "notes.md").read_text() == "mine\n"
    assert (folder / "TTN105.md").read_text() == rule_page.page(RULE)


def test_where_no_page_can_be_written_the_code_leads_nowhere(folder: Path) -> None:
    folder.parent.parent.mkdir(parents=True)
    folder.parent.write_text("not a folder\n")
    assert pages.link(RULE) is None
