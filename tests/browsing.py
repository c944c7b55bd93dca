"""A real browser for pages, where there is one, and a server for those that need one.

    python -m tests.browsing SITE

writes the pictures of the documentation that its own pages show, from what ``mkdocs build`` made.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import importlib.util
import shutil
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
MISSING = [
    name
    for name, there in (
        ("chromium", BROWSER),
        ("chromedriver", DRIVER),
        ("selenium", importlib.util.find_spec("selenium")),
    )
    if not there
]
"""What this needs and is not here."""

WIDTHS = {"desktop": 1280, "phone": 390}
"""The screens that the documentation is looked at on, in CSS pixels."""


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A browser without a window, which logs what its console says and what it asks for."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def screen(browser: Any, width: int, height: int = 800) -> None:
    """Give a browser a screen; a narrow one is a telephone's."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; gives its address, with a slash at the end."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def main(site: Path) -> None:
    """Write a picture of the tutorial for each width."""
    images = Path(__file__).parents[1] / "docs" / "images"
    with served(site) as address, chromium() as browser:
        for name, width in WIDTHS.items():
            screen(browser, width)
            browser.get(f"{address}tutorial/")
            browser.save_screenshot(str(images / f"site-{name}.png"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
