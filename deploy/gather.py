"""Gather the program and all it needs into one archive, on a machine that has a network.

    .venv/bin/python -m deploy.gather --out FOLDER [--target windows-x86_64] [--python 3.11]

Run by the .venv of a program that has been started here: the archive gets the very versions that
run here, and what the target's system needs besides.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from email.parser import HeaderParser
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from deploy import manifest

ROOT = Path(__file__).resolve().parents[1]
# What the program is; nothing else of the folder is taken along.
PARTS = (
    "app.py", "requirements.txt", "pyproject.toml", "README.md", "README.zh.md", "LICENSE",
    "CONTRIBUTING.md", ".streamlit", "data", "metrics", "pages", "deploy", "docs",
)  # fmt: skip
# Wheels for a Linux run where glibc is at least as new as theirs; 2.28 is of 2018.
GLIBC = [f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)]
# Target -> tags of its wheels, and what requirements ask of a system.
TARGETS: Mapping[str, tuple[list[str], dict[str, str]]] = {
    "linux-x86_64": (
        [*GLIBC, "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"],
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix",
         "platform_machine": "x86_64"},
    ),
    "windows-x86_64": (
        ["win_amd64"],
        {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt",
         "platform_machine": "AMD64"},
    ),
}  # fmt: skip

Fetch = Callable[[list[str]], object]


def main(arguments: list[str]) -> int:
    """Gather, pack, and say the hash of the archive, which travels by another way."""
    own_target, own_python = manifest.here().split()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--target", choices=TARGETS, default=own_target)
    parser.add_argument("--python", default=own_python, metavar="3.11")
    options = parser.parse_args(arguments)
    if options.target not in TARGETS:
        parser.error(f"--target {options.target}: DuckLake has packages for {', '.join(TARGETS)}")
    name = f"zhixiao-{_version()}-{options.target}-py{options.python}"
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.out) as place:
        folder = Path(place) / name
        copy_program(folder)
        tags, system = TARGETS[options.target]
        wheels = folder / manifest.WHEELS
        collect(wheels, environment(system, options.python), _pip(wheels, tags, options.python))
        (folder / manifest.TARGET).write_text(f"{options.target} {options.python}\n")
        manifest.write(folder)
        archive = options.out / f"{name}.zip"
        pack(folder, archive)
    sys.stdout.write(f"{manifest.sha256(archive)}  {archive}\n")
    return 0


def _version() -> str:
    found = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.M)
    assert found, "pyproject.toml names no version"
    return found[1]


def copy_program(folder: Path) -> None:
    """Copy the program, without what its runs leave behind."""
    folder.mkdir(parents=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=ignore)
        else:
            shutil.copyfile(ROOT / part, folder / part)


def environment(system: Mapping[str, str], python: str) -> dict[str, str]:
    """Return what a requirement's condition is judged by: the target, not this machine."""
    return {
        **system, "python_version": python, "python_full_version": f"{python}.0", "extra": "",
        "implementation_name": "cpython", "platform_python_implementation": "CPython",
    }  # fmt: skip


def collect(wheels: Path, target: Mapping[str, str], fetch: Fetch) -> None:
    """Fetch wheels until everything that any of them requires on the target is there.

    pip judges conditions by the machine it runs on (on Linux it would leave out what only Windows
    needs), so it fetches single packages and what they require is read from them here.
    """
    wheels.mkdir()
    asked = requirements((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    wanted = _needed(asked, target, {""})
    known: list[Requirement] = []
    while wanted:
        known += wanted
        held = held_in(wheels)
        new = [need for need in wanted if canonicalize_name(need.name) not in held]
        if new:
            fetch(sorted({pinned(need) for need in new}))
        held = held_in(wheels)
        wanted = []
        for need in new:
            wheel = held[canonicalize_name(need.name)][1]
            wanted += _needed(requirements_of(wheel), target, need.extras or {""})
    for need in known:
        have, _ = held[canonicalize_name(need.name)]
        if not need.specifier.contains(have, prereleases=True):
            raise SystemExit(f"{need.name} {have} was fetched, and {need} is required")


def requirements(text: str) -> list[Requirement]:
    """Return what a file of requirements asks for."""
    lines = (line.strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def _needed(
    needs: Iterable[Requirement], target: Mapping[str, str], extras: Iterable[str]
) -> list[Requirement]:
    return [
        need
        for need in needs
        if need.marker is None
        or any(need.marker.evaluate({**target, "extra": extra}) for extra in extras)
    ]


def pinned(need: Requirement) -> str:
    """Return the version of a package that runs here, else what is required of it."""
    try:
        here = version(need.name)
    except PackageNotFoundError:
        return f"{need.name}{need.specifier}"
    return (
        f"{need.name}=={here}" if need.specifier.contains(here) else f"{need.name}{need.specifier}"
    )


def held_in(wheels: Path) -> dict[str, tuple[str, Path]]:
    """Return package -> version and file of what is there."""
    named = [(parse_wheel_filename(path.name), path) for path in wheels.glob("*.whl")]
    return {name: (str(number), path) for (name, number, _, _), path in named}


def requirements_of(wheel: Path) -> list[Requirement]:
    """Return what a wheel says that it requires."""
    with zipfile.ZipFile(wheel) as held:
        name = next(n for n in held.namelist() if n.endswith(".dist-info/METADATA"))
        told = HeaderParser().parsestr(held.read(name).decode("utf-8"))
    return [Requirement(line) for line in told.get_all("Requires-Dist", [])]


def _pip(wheels: Path, tags: Iterable[str], python: str) -> Fetch:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(wheels), "--implementation", "cp"]
    command += ["--python-version", python]
    for abi in (f"cp{python.replace('.', '')}", "abi3", "none"):
        command += ["--abi", abi]
    for tag in tags:
        command += ["--platform", tag]
    return lambda needs: subprocess.run([*command, *needs], check=True)


def pack(folder: Path, archive: Path) -> None:
    """Put a folder into one file; wheels are compressed already."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, f"{folder.name}/{path.relative_to(folder).as_posix()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
