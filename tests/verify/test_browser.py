"""The page of a report in a real browser: what it shows, and that it can be read."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests import browsing
from titan_lint.verify.checks import judge
from titan_lint.verify.document import Environment
from titan_lint.verify.observation import Documents, Failure, MaskPicture, Observation, Training
from titan_lint.verify.verify import Run, VerifyReport

from .test_checks import GROUP, observation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MISSING = [*browsing.MISSING, *([] if importlib.util.find_spec("matplotlib") else ["matplotlib"])]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}")

CELLS = ["500", "950", "005"]
LOSSES = {"before": [8.0, 7.5, 7.0, float("nan"), 6.0], "after": [8.0, 6.0, 4.0, 2.0, 1.0]}


def seen(state: str, leak: float) -> Observation:
    return observation(
        due=MaskPicture("", "", 24, CELLS),
        built=[MaskPicture("", "BlockMask", 24, CELLS)],
        documents=Documents(leak, 1.4, 0.0, 6e-3, [[1.4, leak], [0.0, 1.4]]),
        training=Training(LOSSES[state], [], [], [GROUP], [GROUP], 100, 1234.0, 1 << 30),
    )


@pytest.fixture(scope="module")
def report() -> VerifyReport:
    """An engine whose documents leak until it is rewritten, and one that builds no mask before."""
    broken = Observation(
        attn_type="varlen",
        stage="masks",
        done=True,
        failure=Failure("masks", "AttributeError", "no attribute " + "layer" * 40, "at " * 300),
        due=MaskPicture("", "", 24, CELLS),
    )
    whole = replace(seen("after", 0.0), attn_type="varlen", training=None)
    states = [("flex", seen("before", 6e-3), seen("after", 0.0)), ("varlen", broken, whole)]
    runs = [
        Run(
            "a_module_of_an_engine:make_engine",
            "engine.py",
            attn_type,
            True,
            judge(before, device="cuda"),
            judge(after, device="cuda"),
            before,
            after,
        )
        for attn_type, before, after in states
    ]
    environment = Environment("3.12.3", "2.13.0", "0.3.0", "GPU", cuda=True)
    diff = "--- a\n+++ b\n-" + "old " * 80 + "\n+" + "new_" * 80 + "\n"
    return VerifyReport("cuda", environment, runs, {"tree": diff}, "titan-lint verify .", "today")


@pytest.fixture(scope="module")
def browser(report: VerifyReport, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser that shows the report, wide and light."""
    from titan_lint.verify.page import html_report

    page: Path = tmp_path_factory.mktemp("page") / "report.html"
    page.write_text(html_report(report), encoding="utf-8")
    with browsing.chromium() as driver:
        driver.get(page.as_uri())
        yield driver


@pytest.fixture
def screen(browser: Any) -> Iterator[Any]:
    """Set a width and a medium, for one test."""

    def set_to(width: int, **media: Any) -> None:
        browsing.screen(browser, width)
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)

    yield set_to
    set_to(1100, media="", features=[])


def ask(browser: Any, expression: str) -> Any:
    return browser.execute_script(f"return {expression}")


def test_page_opens_without_errors_and_asks_for_nothing_else(browser: Any) -> None:
    assert browser.get_log("browser") == []
    asked = [
        message["params"]["request"]["url"]
        for entry in browser.get_log("performance")
        if (message := json.loads(entry["message"])["message"])["method"]
        == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith(("data:", "file:"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == 1


def test_verdict_comes_first(browser: Any) -> None:
    first = ask(browser, "document.body.firstElementChild")
    assert (first.tag_name, first.text) == (
        "h1",
        "Every check that applies passes after the rewrite",
    )


@pytest.mark.parametrize(("state", "points"), [("before", 4), ("after", 5)])
def test_loss_has_a_point_for_each_step_that_has_a_loss(
    browser: Any, state: str, points: int
) -> None:
    drawn = ask(
        browser,
        f"[...document.querySelectorAll('#run-0-loss-{state} use')]"
        ".map(u => [u.getBoundingClientRect().x, u.getBoundingClientRect().y])",
    )
    assert len(drawn) == points
    assert drawn == sorted(drawn), "steps go to the right"
    heights = [y for _, y in drawn]
    assert heights == sorted(heights), "the loss falls"


def test_loss_that_is_no_number_is_a_gap_and_is_said(browser: Any) -> None:
    starts = ask(browser, "document.querySelector('#run-0-loss-before path').outerHTML").count("M ")
    assert starts == 2, "a line before the gap, and one after it"
    assert "before: no number at 1 of 5 steps" in ask(browser, "document.body.innerText")


def test_loss_has_named_axes_and_text_that_is_text(browser: Any) -> None:
    words = ask(
        browser,
        "[...document.querySelector('#run-0-loss-after').closest('svg').querySelectorAll('text')]"
        ".map(t => t.textContent)",
    )
    assert {"step", "loss", "before", "after"} <= set(words)


def test_picture_of_a_mask_has_a_pixel_for_each_cell(browser: Any) -> None:
    alphas = browser.execute_async_script(
        """
        const done = arguments[arguments.length - 1];
        const shown = document.querySelector('#run-0-after-mask-0-figure_1 image');
        const picture = new Image();
        picture.onload = () => {
          const canvas = document.createElement('canvas');
          canvas.width = picture.width; canvas.height = picture.height;
          const context = canvas.getContext('2d');
          context.drawImage(picture, 0, 0);
          const data = context.getImageData(0, 0, picture.width, picture.height).data;
          const rows = [];
          for (let y = 0; y < picture.height; y++)
            rows.push([...Array(picture.width).keys()].map(x => data[4*(y*picture.width + x) + 3]));
          done(rows);
        };
        picture.src = shown.getAttribute('xlink:href') || shown.getAttribute('href');
        """
    )
    wanted = [[int(cell) * 255 // 9 for cell in row] for row in CELLS]
    # The picture may be kept upside down and turned when it is drawn.
    assert [[round(alpha) for alpha in row] for row in alphas] in (wanted, wanted[::-1])


def test_leak_is_marked_before_and_gone_after(browser: Any) -> None:
    def edges(state: str) -> list[str]:
        return ask(
            browser,
            f"[...document.querySelectorAll('[id^=run-0-{state}-influence-] path')]"
            ".map(p => [p.parentNode.id.slice(-3), getComputedStyle(p).stroke])"
            ".filter(([_, stroke]) => stroke == 'rgb(214, 58, 58)').map(([cell]) => cell)",
        )

    assert ask(browser, "document.querySelectorAll('[id^=run-0-after-influence-]').length") == 4
    assert edges("before") == ["1-2"]
    assert edges("after") == []


def test_mask_that_was_not_built_says_why(browser: Any) -> None:
    absent = ask(browser, "[...document.querySelectorAll('#run-1 .absent')].map(f => f.innerText)")
    assert absent[0].startswith("Mask built before\n")
    assert "AttributeError: no attribute layer" in absent[0]


def test_ids_of_many_pictures_are_each_one_of_a_kind(browser: Any) -> None:
    ids = ask(browser, "[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)) > 100


def test_page_is_as_wide_as_the_screen(browser: Any, screen: Any) -> None:
    for width in (1100, 768, 390):  # a scroll bar takes some of it
        screen(width)
        assert ask(browser, "innerWidth") == width
        root = "document.documentElement"
        assert ask(browser, f"{root}.scrollWidth == {root}.clientWidth")


def test_page_can_be_read_on_a_telephone(browser: Any, screen: Any) -> None:
    screen(390)
    wide = ask(
        browser,
        "[...document.querySelectorAll('body *')]"
        ".filter(e => e.getBoundingClientRect().right > 390 || e.scrollWidth > innerWidth)"
        ".map(e => e.tagName)",
    )
    assert wide == []
    small = ask(
        browser,
        "[...document.querySelectorAll('svg text')]"
        ".map(t => t.getBoundingClientRect()).map(r => Math.min(r.width, r.height))",
    )
    assert min(small) >= 7, "a figure of a plot is smaller than can be read"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ink_of_text_and_plots_stands_out(browser: Any, screen: Any, scheme: str) -> None:
    screen(1100, features=[{"name": "prefers-color-scheme", "value": scheme}])
    paper = ask(browser, "getComputedStyle(document.body).backgroundColor")
    inks = ask(
        browser,
        "[...document.querySelectorAll('body, td, .passed, .failed, .none, .add, .del, small')]"
        ".map(e => getComputedStyle(e).color)"
        ".concat([...document.querySelectorAll('svg text')].map(e => getComputedStyle(e).fill))",
    )
    lines = ask(
        browser,
        "[...document.querySelectorAll('svg path, svg use')].map(e => getComputedStyle(e).stroke)"
        ".filter(stroke => stroke != 'none')",
    )
    assert (luminance(paper) < 0.2) == (scheme == "dark")
    assert all(contrast(ink, paper) >= 4.5 for ink in set(inks)), set(inks)
    assert lines
    assert all(contrast(line, paper) >= 3 for line in set(lines)), set(lines)


def contrast(one: str, other: str) -> float:
    """How far two CSS colours stand apart, from 1 to 21, as accessibility guidelines define it."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of a CSS colour, as accessibility guidelines define it."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_paper_shows_what_is_folded_away(browser: Any, screen: Any) -> None:
    browser.execute_script("document.querySelector('#run-0').open = false")
    try:
        heights = []
        for media in ("screen", "print"):
            screen(800, media=media)
            heights.append(ask(browser, "document.querySelector('#run-0').offsetHeight"))
        assert heights[0] < 100 < heights[1]
        assert ask(browser, "document.querySelector('#run-0 table').checkVisibility()")
    finally:
        browser.execute_script("document.querySelector('#run-0').open = true")
