"""A served program and a browser window; every request that would leave the machine is noted."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.run import browser as find_browser

ROOT = Path(__file__).resolve().parents[2]
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
RESTS = (
    "document.querySelector('[data-testid=stApp]')"
    "?.getAttribute('data-test-script-state') === 'notRunning'"
)
# The shell's script is a module and arrives a moment after the page; only then is it all Chinese.
DRESSED = "location.search.includes('lang=en') || document.documentElement.lang === 'zh-CN'"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
PATIENCE_MS = 60_000
# A condition is looked at so often; by default once a frame, which then has to be drawn for it.
LOOK_MS = 100
# What moves is where it moves to at once, in every frame, and says so (`transitionend`): without a
# graphics card each picture of a spinner is painted by the processor, sixty a second.
AT_ONCE = """{
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`*, *::before, *::after {
    animation-duration: 1ms !important; animation-delay: 0s !important;
    animation-iteration-count: 1 !important;
    transition-duration: 1ms !important; transition-delay: 0s !important;
  }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
expect.set_options(timeout=20_000)


@dataclass
class Visit:
    """One browser window on the served program."""

    page: Page
    url: str
    outside: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page by its link and wait until it stands still."""
        self.page.goto(self.url + path)
        self.idle()
        self.until(DRESSED)

    def idle(self) -> None:
        """Wait until the program has nothing more to draw."""
        self.page.wait_for_selector("[data-testid=stApp]", timeout=PATIENCE_MS)
        for _ in range(2):
            # A click takes a moment to reach the program; only then does it begin to run.
            self.page.wait_for_timeout(300)
            self.until(RESTS)

    def until(self, condition: str) -> None:
        """Wait until a condition holds on the page."""
        self.page.wait_for_function(condition, timeout=PATIENCE_MS, polling=LOOK_MS)

    def axe(self) -> list[tuple[str, str]]:
        """Return the accessibility rules broken on this page, each with the element's HTML."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = self.page.evaluate(
            "async (tags) => (await axe.run(document, {runOnly: tags})).violations", STANDARDS
        )
        return [(broken["id"], node["html"]) for broken in found for node in broken["nodes"]]

    def note(self, url: str) -> None:
        """Remember an address that is not the program's own."""
        own = (self.url, self.url.replace("http", "ws", 1))
        if url.startswith(("http", "ws")) and not url.startswith(own):
            self.outside.append(url)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; without one strict runs fail and others say so."""
    found = find_browser()
    if found is None:
        if os.environ.get("ZHIXIAO_STRICT_TESTS") == "1":
            pytest.fail("NO BROWSER: the browser tests must run here")
        pytest.skip("NO BROWSER: the browser tests could not run")
    return found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the program with the sample county, once for all tests that only look at it."""
    # Commands for the server name this folder: they are whole on the screen however long it is.
    with served(tmp_path_factory.mktemp("served-from-a-folder-of-a-long-name")) as url:
        yield url


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the program on a free port with an empty data folder of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.port", str(port), "--server.headless", "true"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "ZHIXIAO_DATA": str(folder / "data")},
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, folder / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=1).close()
        except OSError:
            assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
            time.sleep(0.2)
        else:
            return
    pytest.fail(log.read_text(encoding="utf-8", errors="replace"))


@pytest.fixture(scope="session")
def window(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """Start the browser once, on a profile: what it fetched and compiled it keeps, as a reader's.

    A window beside the profile would be a second one, incognito, and costs a third more a page.
    """
    with sync_playwright() as playwright:
        started = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=chromium,
            args=FLAGS,
            viewport={"width": 1366, "height": 768},
            locale="zh-CN",
            reduced_motion="reduce",
        )
        started.add_init_script(AT_ONCE)
        yield started
        started.close()


@pytest.fixture
def visit(server: str, window: BrowserContext) -> Iterator[Visit]:
    """Open a fresh window; afterwards no request may have left the machine."""
    with visiting(server, window) as made:
        yield made


@pytest.fixture
def own_visit(tmp_path: Path, window: BrowserContext) -> Iterator[Visit]:
    """Open a window on a program of its own, for tests that begin with a store of one's own."""
    with served(tmp_path) as url, visiting(url, window) as made:
        yield made


@contextmanager
def visiting(url: str, window: BrowserContext) -> Iterator[Visit]:
    """Open a page; at its end nothing is remembered and no request may have left the machine."""
    made = Visit(window.new_page(), url)
    made.page.on("request", lambda request: made.note(request.url))
    made.page.on("websocket", lambda opened: made.note(opened.url))
    yield made
    forgotten = {"origin": url, "storageTypes": "cookies,local_storage,indexeddb"}
    window.new_cdp_session(made.page).send("Storage.clearDataForOrigin", forgotten)
    made.page.close()
    assert made.outside == [], "a request left the machine"
