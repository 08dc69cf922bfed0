"""Taking the program along: what is gathered is whole, and what serves it agrees with it."""

import re
import tomllib
import zipfile
from pathlib import Path

import pytest

from deploy import gather, install, manifest
from metrics import command_line

ROOT = Path(__file__).parents[2]
UNIT = (ROOT / "deploy" / "zhixiao.service").read_text(encoding="utf-8")
PROXY = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
MEGABYTES = {"m": 1, "G": 1024}


def wheel(folder: Path, name: str, version: str, *requires: str) -> Path:
    """Write a wheel that holds nothing but what it requires."""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    told = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(f"{name}-{version}.dist-info/METADATA", "\n".join(told))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a gathered folder, as for this machine."""
    (tmp_path / "wheels").mkdir()
    wheel(tmp_path / "wheels", "one", "1.0")
    (tmp_path / "app.py").write_text("# 程序\n", encoding="utf-8")
    (tmp_path / manifest.TARGET).write_text(manifest.here() + "\n")
    manifest.write(tmp_path)
    return tmp_path


def test_what_is_whole_may_be_installed(folder: Path) -> None:
    assert manifest.damaged(folder) == []
    assert install.refused(folder) == ""


def test_a_damaged_missing_or_added_file_is_refused_by_its_name(folder: Path) -> None:
    one = folder / "wheels" / "one-1.0-py3-none-any.whl"
    whole = one.read_bytes()
    one.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert "wheels/one-1.0-py3-none-any.whl" in install.refused(folder)
    one.write_bytes(whole)
    (folder / "app.py").unlink()
    assert manifest.damaged(folder) == ["app.py"]
    (folder / "app.py").write_text("# 程序\n", encoding="utf-8")
    wheel(folder / "wheels", "two", "1.0")  # pip would take it
    assert "wheels/two-1.0-py3-none-any.whl" in install.refused(folder)


def test_another_system_or_python_is_refused_before_anything_is_installed(folder: Path) -> None:
    (folder / manifest.TARGET).write_text("windows-x86_64 3.99\n")
    manifest.write(folder)
    told = install.refused(folder)
    assert "windows-x86_64 3.99" in told
    assert manifest.here() in told


def test_a_folder_that_was_not_gathered_is_refused(tmp_path: Path) -> None:
    assert manifest.SUMS in install.refused(tmp_path)


@pytest.mark.parametrize(
    ("target", "wanted"),
    [("windows-x86_64", {"only-windows", "deep"}), ("linux-x86_64", {"only-linux", "deep"})],
)
def test_wheels_are_gathered_for_the_target_and_not_for_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, wanted: set[str]
) -> None:
    held = {
        "first": ("1.0", 'only-windows; sys_platform == "win32"', 'never; extra == "more"',
                  'only-linux; platform_system == "Linux"'),
        "only-windows": ("2.0", "deep>=1"), "only-linux": ("2.0", "deep>=1"), "deep": ("3.0",),
    }  # fmt: skip
    asked: list[str] = []

    def fetch(needs: list[str]) -> None:
        for need in needs:
            name = re.split("[=<>]", need)[0]
            asked.append(name)
            wheel(tmp_path / "wheels", name.replace("-", "_"), *held[name])

    (tmp_path / "requirements.txt").write_text("# words\nfirst==1.0\n")
    monkeypatch.setattr(gather, "ROOT", tmp_path)
    place = gather.environment(gather.TARGETS[target][1], "3.11")
    gather.collect(tmp_path / "wheels", place, fetch)
    assert sorted(asked) == sorted({"first", *wanted})


def test_two_packages_that_cannot_agree_stop_the_gathering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {"first": ("1.0", "deep>=1", "other"), "other": ("1.0", "deep<3"), "deep": ("3.0",)}

    def fetch(needs: list[str]) -> None:
        for need in needs:
            name = re.split("[=<>]", need)[0]
            wheel(tmp_path / "wheels", name, *held[name])

    (tmp_path / "requirements.txt").write_text("first==1.0\n")
    monkeypatch.setattr(gather, "ROOT", tmp_path)
    place = gather.environment(gather.TARGETS["linux-x86_64"][1], "3.11")
    with pytest.raises(SystemExit, match=r"deep 3\.0"):
        gather.collect(tmp_path / "wheels", place, fetch)


def test_the_version_that_runs_here_is_the_one_taken_along() -> None:
    (need,) = gather.requirements("pytest>=1\n")
    assert gather.pinned(need) == f"pytest=={pytest.__version__}"
    (need,) = gather.requirements("pytest<1\n")
    assert gather.pinned(need) == "pytest<1"


def test_everything_the_program_is_made_of_is_taken_along(tmp_path: Path) -> None:
    gather.copy_program(tmp_path / "copy")
    copied = {path.name for path in (tmp_path / "copy").iterdir()}
    assert {"app.py", ".streamlit", "data", "metrics", "pages", "deploy"} <= copied
    assert not [*(tmp_path / "copy").rglob("__pycache__")]
    read_by_app = set(re.findall(r"ROOT / \"(\w[\w.]*)\"", (ROOT / "app.py").read_text("utf-8")))
    assert read_by_app - copied == {"tests", "wheels"}


def test_the_proxy_lets_through_what_the_page_takes() -> None:
    server = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["server"]
    most = re.search(r"client_max_body_size (\d+)m;", PROXY)
    assert most
    # The file and the few lines around it; not much more, so that no disk is filled for nothing.
    assert server["maxUploadSize"] < int(most[1]) <= server["maxUploadSize"] + 10
    for header in ("Upgrade", "Connection", "Host", "X-Forwarded-Proto", "X-Forwarded-For"):
        assert f"proxy_set_header {header} " in PROXY
    assert "$proxy_add_x_forwarded_for" not in PROXY  # would believe what a browser says of itself


def test_unit_and_proxy_speak_of_the_same_address_and_name() -> None:
    (start,) = re.findall(r"^ExecStart=(.+)$", UNIT, re.M)
    arguments = start.split("app.py ")[1].split()
    options = command_line._serving().parse_args(arguments)
    assert f"proxy_pass http://{options.host}:{options.port};" in PROXY
    (name,) = re.findall(r"ZHIXIAO_HOSTS=(\S+)", UNIT)
    assert set(re.findall(r"server_name ([^;]+);", PROXY)) == {name}
    assert options.data == Path("/var/lib") / re.findall(r"^StateDirectory=(\S+)", UNIT, re.M)[0]


def test_the_units_memory_holds_the_limits_inside_the_program() -> None:
    from data.reading import Guard
    from data.storage.lake import OPTIONS

    (most,) = re.findall(r"^MemoryMax=(\d+)G$", UNIT, re.M)
    engine = int(OPTIONS["memory_limit"].removesuffix("GB"))
    assert int(most) >= engine + (Guard().memory >> 30) + 1
    assert "OOMPolicy=continue" in UNIT  # else a file that is too large would end the program
