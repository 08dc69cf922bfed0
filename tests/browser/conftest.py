"""The program as a person meets it: a served page in Chromium."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.run import browser

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Visit:
    """A page, and every request that would have left the machine."""

    page: Page
    url: str
    outside: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a path and wait until the page is drawn."""
        self.page.goto(self.url + path)
        self.idle()

    def idle(self) -> None:
        """Wait until the script has run."""
        self.page.wait_for_timeout(300)
        self.page.wait_for_function(
            "document.querySelector('[data-testid=stApp]')"
            "?.getAttribute('data-test-script-state') === 'notRunning'",
            timeout=60_000,
        )


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium; without one, strict runs fail and others say so."""
    found = browser()
    if found is None:
        if os.environ.get("ZHIXIAO_STRICT_TESTS") == "1":
            pytest.fail("no Chromium: the browser tests must run here")
        pytest.skip("no Chromium: the browser tests could not run")
    return found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the program on a free port with a data folder of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("served")
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port), "--no-browser", "--data", str(folder)],
        cwd=ROOT,
        stdout=log,
        stderr=log,
    )
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
            break
        except OSError:
            assert process.poll() is None, (folder / "server.log").read_text()
            time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)
    log.close()


@pytest.fixture
def visit(server: str, chromium: str) -> Iterator[Visit]:
    """Open a fresh browser window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = running.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN"
        ).new_page()
        made = Visit(page, server)

        def note(url: str) -> None:
            if url.startswith(("http", "ws")) and not url.startswith(
                (server, server.replace("http", "ws"))
            ):
                made.outside.append(url)

        page.on("request", lambda request: note(request.url))
        page.on("websocket", lambda socket: note(socket.url))
        yield made
        running.close()
    assert made.outside == [], "a request left the machine"
