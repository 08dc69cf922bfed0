"""`python app.py test`: set up what tests need, then format, lint, layers, types and tests.

With ZHIXIAO_STRICT_TESTS=1 (as .ci/run sets it) browser tests that cannot run are a failure.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("chromium", "fonts-noto-cjk")
# Libraries of matrices start a thread per processor and let it spin: with two tests at a time
# they would take each other's turn.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# A browser uses half of the machine, which everything else fills beside it and stands back for it:
# beside work of its own rank its patience runs out. Two windows at a time gain nothing.
BEHIND = ["nice", "-n", "19"] if shutil.which("nice") else []
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge")


def say(sentence: str) -> None:
    """Tell the person who runs the tests."""
    sys.stderr.write(sentence + "\n")


def browser() -> str | None:
    """Return the path of a Chromium, if there is one."""
    named = os.environ.get("CHROMIUM")
    found = [named] if named else [path for name in BROWSERS if (path := shutil.which(name))]
    if found:
        return found[0]
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def has_chinese_font() -> bool:
    """Say whether a Chinese font is installed; other systems than Linux bring one."""
    if not sys.platform.startswith("linux"):
        return True
    if not shutil.which("fc-list"):
        return False
    fonts = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    return bool(fonts.stdout.strip())


def fetch_browser() -> None:
    """Install Chromium and a Chinese font: Debian's packages if allowed, else Playwright's."""
    if browser() and has_chinese_font():
        return
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        say("Installing Chromium and a Chinese font from Debian's packages …")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", *PACKAGES]):
            subprocess.run(
                ["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False
            )
    if not browser():
        say("Asking Playwright for its browser …")
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def checks() -> list[list[str]]:
    """Return the commands that run beside the tests."""
    python = [sys.executable, "-m"]
    lint_imports = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
    ]
    return [
        [*python, "ruff", "format", "--check", "--quiet", "."],
        [*python, "ruff", "check", "--quiet", "."],
        lint_imports,
        [*python, "mypy"],
    ]


@dataclass
class Work:
    """One command that runs beside others; what it prints is shown at its end, all in one piece.

    The longest shows as it goes what it has come to.
    """

    command: list[str]
    own: dict[str, str] = field(default_factory=dict)
    shown_at_once: bool = False

    def begin(self) -> None:
        """Start it; where nothing can stand back for a browser, wait for its end as well."""
        self.printed = Path(tempfile.mkdtemp()) / "printed"
        with self.printed.open("wb") as kept:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **self.own},
                stdout=None if self.shown_at_once else kept,
                stderr=None if self.shown_at_once else kept,
            )
        if not BEHIND:
            self.process.wait()

    def end(self) -> bool:
        """Wait for it, show what it printed and say whether it failed."""
        code = self.process.wait()
        sys.stdout.write(self.printed.read_text(encoding="utf-8", errors="replace"))
        sys.stdout.flush()
        shutil.rmtree(self.printed.parent)
        return bool(code)


def everything() -> list[Work]:
    """Return all that is run, in the order in which it is shown."""
    tests = [sys.executable, "-m", "pytest", "-q"]
    others = ["-n", "2", "--dist", "worksteal", "--ignore", "tests/browser"]
    return [
        *(Work([*BEHIND, *check]) for check in checks()),
        Work([*BEHIND, *tests, *others], ONE_THREAD, shown_at_once=True),
        Work([*tests, "tests/browser"]),
    ]


def main(arguments: list[str]) -> int:
    """Run everything, or only the tests named in the arguments; return the exit code."""
    fetch_browser()
    found = browser()
    if found:
        os.environ["CHROMIUM"] = found
    else:
        say("没有浏览器：浏览器测试无法运行 / NO BROWSER: the browser tests could not run.")
    if not has_chinese_font():
        say("没有中文字体 / NO CHINESE FONT: pictures in Chinese show boxes.")
    if arguments:
        return subprocess.call([sys.executable, "-m", "pytest", "-q", *arguments], cwd=ROOT)
    work = everything()
    for each in work:
        each.begin()
    failed = [each for each in work if each.end()]
    for each in failed:
        say(f"FAILED: {' '.join(each.command)}")
    return 1 if failed else 0
