"""The page of a survey in a real browser: what it shows, that its tables sort, and that it can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import browsing
from titan_lint.survey import page, shown
from titan_lint.survey.change import Change
from titan_lint.survey.records import Broken, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    bool(browsing.MISSING), reason=f"needs {', '.join(browsing.MISSING)}"
)

QUESTION = Change("0.2.2", "0.3.0", cache=Path("kept"), key="")


def broken(path: str, *commits: str, left: bool) -> Broken:
    return Broken(path, 1, 2, "TTN202", "error", "`a<b>` is gone", commits, left=left)


RECORDS = [
    Record("<b>fits</b>", files=10),
    Record("two", new=tuple(broken(f"{n}.py", "9810191bb", left=False) for n in range(12))),
    Record("one", new=(broken("a.py", "9810191bb", left=True), broken("b.py", left=True))),
    Record("lost", failure="took over 600 s"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    written = tmp_path_factory.mktemp("page") / "survey.html"
    survey = shown.Shown(findings=True)
    for record in RECORDS:
        survey.add(record)
    written.write_text(page.html(survey, QUESTION), encoding="utf-8")
    with browsing.chromium() as driver:
        driver.get(written.as_uri())
        yield driver


def ask(browser: Any, expression: str) -> Any:
    return browser.execute_script(f"return {expression}")


def column(browser: Any, number: int) -> list[str]:
    rows = "[...document.querySelector('table.sortable').tBodies[0].rows]"
    return ask(browser, f"{rows}.map(row => row.cells[{number}].textContent)")


def click(browser: Any, number: int) -> None:
    buttons = "document.querySelector('table.sortable').querySelectorAll('th button')"
    browser.execute_script(f"{buttons}[{number}].click()")


def test_page_opens_without_errors_and_asks_for_nothing_else(browser: Any) -> None:
    assert browser.get_log("browser") == []
    messages = [json.loads(each["message"])["message"] for each in browser.get_log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert len(asked) == 1


def test_verdict_comes_first(browser: Any) -> None:
    verdict = "Breaks 2 of 3 repositories; --fix repairs 1 of them; 1 not surveyed."
    assert ask(browser, "document.body.firstElementChild.textContent") == verdict


def test_names_and_messages_are_shown_as_they_are(browser: Any) -> None:
    assert "<b>fits</b>" in column(browser, 0)
    assert "`a<b>` is gone" in ask(browser, "document.body.textContent")


def test_headings_sort_numbers_as_numbers_and_the_other_way_round(browser: Any) -> None:
    click(browser, 2)
    assert column(browser, 2) == ["0", "0", "2", "12"]
    click(browser, 2)
    assert column(browser, 2) == ["12", "2", "0", "0"]
    head = "document.querySelector('th[aria-sort]')"
    assert ask(browser, f"{head}.ariaSort") == "descending"


def test_results_sort_by_how_bad_they_are(browser: Any) -> None:
    click(browser, 1)
    assert column(browser, 0) == ["one", "two", "<b>fits</b>", "lost"]


def test_map_has_a_cell_for_each_commit_and_the_more_places_the_redder(browser: Any) -> None:
    cells = (
        "[...document.querySelectorAll('.map tbody tr')].map(row => [...row.cells].map("
        "cell => [cell.textContent, parseFloat(cell.style.getPropertyValue('--hit') || 0)]))"
    )
    (one, two) = ask(browser, cells)
    assert one == [["one", 0], ["1", 25], ["1", 25]]
    assert two == [["two", 0], ["12", 80], ["", 0]]


@pytest.mark.parametrize("width", [1100, 768, 390])
def test_page_is_as_wide_as_the_screen(browser: Any, width: int) -> None:
    browser.execute_script("document.querySelectorAll('details').forEach(each => each.open = true)")
    browsing.screen(browser, width)
    assert ask(browser, "innerWidth") == width
    assert ask(browser, "document.documentElement.scrollWidth") <= width
