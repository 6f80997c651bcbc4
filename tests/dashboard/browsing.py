"""A dashboard served to a real browser, which may reach nothing but it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.serving import make_server

from dashboard.app import build_app
from dashboard.settings import Settings

CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)


@contextmanager
def served(settings: Settings) -> Generator[str]:
    """The address of the dashboard, on a free port of this machine."""
    server = make_server("127.0.0.1", 0, build_app(settings).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@dataclass
class Browser:
    """One tab, and what went wrong in it: errors of the console, failed answers, requests to elsewhere."""

    page: Any
    address: str
    problems: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a page and wait until it is drawn."""
        self.page.goto(self.address + path)
        self.page.wait_for_selector("#content h1", timeout=60_000)
        self.page.wait_for_function("!document.querySelector('[data-dash-is-loading=true]')")

    def read(self) -> str:
        """What the page says."""
        return str(self.page.inner_text("body"))

    def choose(self, label: str, value: str) -> None:
        """Choose a value of the list with that label, with the keyboard alone."""
        self.page.get_by_role("group", name=label, exact=True).get_by_role("button").focus()
        self.page.keyboard.press("Enter")
        self.page.keyboard.type(value)
        self.page.get_by_role("option", name=value, exact=True).first.click()


@contextmanager
def browser(address: str) -> Generator[Browser]:
    """A headless Chromium; skips where there is none. Requests to other hosts are stopped and noted."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = chromium.new_context(viewport={"width": 1280, "height": 720})
        context.set_default_timeout(30_000)
        tab = Browser(context.new_page(), address)

        def route(route: Any) -> None:
            if route.request.url.startswith((address, "data:", "blob:")):
                route.continue_()
            else:
                tab.problems.append(f"request to {route.request.url}")
                route.abort()

        def answered(response: Any) -> None:
            if response.status >= 400:
                tab.problems.append(f"{response.status} {response.url}")

        context.route("**/*", route)
        tab.page.on("console", lambda said: said.type in ("error", "warning") and tab.problems.append(said.text))
        tab.page.on("pageerror", lambda error: tab.problems.append(str(error)))
        tab.page.on("response", answered)
        yield tab
        chromium.close()
