"""The documentation in a real browser, on a wide screen and on a narrow one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import browsing

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = ["", "tutorial/", "configuration/", "compared/", "rules/"]

pytestmark = pytest.mark.skipif(
    bool(browsing.MISSING), reason=f"needs {', '.join(browsing.MISSING)}"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served."""
    pytest.importorskip("material")
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(site)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(command, cwd=ROOT, env=quiet, check=True)
    with browsing.served(site) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with browsing.chromium() as driver:
        yield driver


def ask(browser: Any, expression: str) -> Any:
    return browser.execute_script(f"return {expression}")


@pytest.mark.parametrize("width", browsing.WIDTHS.values(), ids=browsing.WIDTHS)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.strip("/") or "index")
def test_a_page_opens_without_errors_and_is_as_wide_as_the_screen(
    browser: Any, address: str, page: str, width: int
) -> None:
    browsing.screen(browser, width)
    browser.get(address + page)
    assert browser.get_log("browser") == []
    root = "document.documentElement"
    assert ask(browser, "innerWidth") == width
    assert ask(browser, f"{root}.scrollWidth") == ask(browser, f"{root}.clientWidth")
    # What is wider than the screen can be scrolled within a box that is not.
    lost = ask(
        browser,
        """[...document.querySelectorAll('.md-content *')].filter(e => {
          if (e.getBoundingClientRect().right <= document.documentElement.clientWidth + 1) return false;
          for (let box = e.parentElement; box; box = box.parentElement)
            if (['auto', 'scroll'].includes(getComputedStyle(box).overflowX)) return false;
          return !['auto', 'scroll'].includes(getComputedStyle(e).overflowX);
        }).map(e => e.outerHTML.slice(0, 80))""",
    )
    assert lost == []
    pictures = "[...document.querySelectorAll('.md-content img')]"
    assert ask(browser, f"{pictures}.every(e => e.complete && e.naturalWidth > 0)")


def test_a_wide_table_can_be_scrolled_on_a_telephone(browser: Any, address: str) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    browsing.screen(browser, browsing.WIDTHS["phone"])
    browser.get(f"{address}rules/")
    box = "document.querySelector('.md-typeset__scrollwrap')"
    WebDriverWait(browser, 10).until(lambda shown: ask(shown, f"{box} !== null"))
    assert ask(browser, f"{box}.scrollWidth > {box}.clientWidth")
    browser.execute_script(f"{box}.scrollLeft = 1000")
    last = "document.querySelector('.md-content table tr td:last-child')"
    assert ask(browser, f"{last}.getBoundingClientRect().right <= innerWidth")
    words = ask(browser, f"parseFloat(getComputedStyle({last}).width)")
    assert words > 200, "a sentence in a narrow column is a tower of words"


def test_the_way_from_the_first_page_leads_to_the_tutorial(browser: Any, address: str) -> None:
    browsing.screen(browser, browsing.WIDTHS["desktop"])
    browser.get(address)
    browser.find_element("css selector", ".md-content a[href='tutorial/']").click()
    assert ask(browser, "document.querySelector('h1').innerText").startswith("Tutorial")
