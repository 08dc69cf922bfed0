"""Fonts of this computer with Chinese characters: a file for pictures, names for documents."""

import os
import sys
from functools import cache
from pathlib import Path

# As they are installed: Windows, macOS, Linux distributions; upright sans serif first.
NAMES = (
    "msyh.ttc", "simhei.ttf", "simsun.ttc", "Deng.ttf",
    "PingFang.ttc", "STHeiti Medium.ttc", "Hiragino Sans GB.ttc",
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf", "SourceHanSansCN-Regular.otf", "SourceHanSans-Regular.ttc",
    "wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "uming.ttc",
)  # fmt: skip

# The same families by name, as Typst knows them; it brings none of its own.
FAMILIES = (
    "Microsoft YaHei", "SimHei", "SimSun", "DengXian", "PingFang SC", "Hiragino Sans GB",
    "Heiti SC", "Songti SC", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC",
    "Noto Serif CJK SC", "Source Han Serif SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)  # fmt: skip


@cache
def chinese_font() -> Path | None:
    """Return the file of a font with Chinese characters, None where there is none."""
    found: dict[str, Path] = {}
    for folder in _folders():
        if folder.is_dir():
            for file in folder.rglob("*"):
                found.setdefault(file.name, file)
    return next((found[name] for name in NAMES if name in found), None)


@cache
def chinese_fonts() -> tuple[str, ...]:
    """Return the known Chinese fonts of this machine, the best first."""
    import typst

    installed = set(typst.Fonts().families())
    return tuple(font for font in FAMILIES if font in installed)


def _folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
        return [
            Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts",
            local / "Microsoft" / "Windows" / "Fonts",
        ]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    return [
        Path("/usr/share/fonts"), Path("/usr/local/share/fonts"),
        home / ".fonts", home / ".local" / "share" / "fonts",
    ]  # fmt: skip
