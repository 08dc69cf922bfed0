"""Install a gathered folder on a machine without a network: `python deploy/install.py`.

Every file is compared with its SHA-256 before anything of it runs; then .venv is made from wheels/
alone, and the program is started once with the sample county in a folder that is thrown away.
Exit codes: 0 done, 2 refused or failed, with the reason.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from deploy import manifest  # noqa: E402 - found only now

PATIENCE = 300  # seconds: a first start of a slow disk compiles every library
PYTHON = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
FONT = "from data.forms.fonts import chinese_fonts; raise SystemExit(0 if chinese_fonts() else 1)"


def main() -> int:
    """Check, install, start once; say at every step what is done."""
    refusal = refused(ROOT)
    if refusal:
        say(refusal)
        return 2
    say("1/3 文件完好 / every file is whole")
    # Neither an index of the machine's own nor a cache may stand in for the wheels.
    offline = {**os.environ, "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    if subprocess.call([sys.executable, str(ROOT / "app.py"), "versions", "--help"], env=offline,
                       stdout=subprocess.DEVNULL):  # fmt: skip
        say("运行环境没有装好，原因见上 / the packages could not be installed, see above")
        return 2
    say("2/3 运行环境已装好 / the packages are installed")
    told = started()
    if told:
        say(f"程序没有启动 / the program does not start:\n{told}")
        return 2
    say("3/3 程序可以启动 / the program starts")
    if subprocess.call([str(PYTHON), "-c", FONT], cwd=ROOT):
        say("注意：没有中文字体，不能生成 PDF / no Chinese font here: no PDF can be made")
    return 0


def say(sentence: str) -> None:
    """Tell the person who installs."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def refused(folder: Path) -> str:
    """Return why a folder must not be installed here; "" where it may."""
    if not (folder / manifest.SUMS).is_file():
        return (
            f"缺少 {manifest.SUMS}：请用 deploy/gather.py 制作安装包 / "
            f"no {manifest.SUMS}: gather the folder with deploy/gather.py"
        )
    wrong = manifest.damaged(folder)
    if wrong:
        names = ", ".join(wrong[:5])
        return (
            f"{len(wrong)} 个文件损坏、缺失或多余，请重新复制安装包：{names} / "
            f"{len(wrong)} files are damaged, missing or too many, copy the archive again: {names}"
        )
    made_for = (folder / manifest.TARGET).read_text().strip()
    if made_for != manifest.here():
        return (
            f"安装包用于 {made_for}，本机是 {manifest.here()}，请为本机重新制作 / "
            f"gathered for {made_for}, this machine is {manifest.here()}: gather again for it"
        )
    return ""


def started() -> str:
    """Start the program with the sample county; return what it said if it does not answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = Path(tempfile.mkdtemp(prefix="zhixiao-"))
    own = {k: v for k, v in os.environ.items() if not k.startswith(("ZHIXIAO_", "STREAMLIT_"))}
    command = [str(PYTHON), "app.py", "--no-browser", "--port", str(port)]
    try:
        with (place / "log").open("wb") as log:
            process = subprocess.Popen(
                [*command, "--data", str(place / "data")], cwd=ROOT, env=own, stdout=log, stderr=log
            )
            try:
                answered = _answers(f"http://127.0.0.1:{port}/_stcore/health", process)
            finally:
                process.terminate()
                process.wait(30)
        log_text = (place / "log").read_text(encoding="utf-8", errors="replace")
        return "" if answered else log_text or f"{PATIENCE} s"
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _answers(url: str, process: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + PATIENCE
    plain = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # this machine itself
    while time.monotonic() < until and process.poll() is None:
        try:
            plain.open(url, timeout=2).close()
        except OSError:
            time.sleep(0.5)
        else:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
