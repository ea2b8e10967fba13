"""字体: the faces of a paper, those of the standard first, free ones behind them, Noto behind all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from django.conf import settings

FREE: Final = ("FandolFang-Regular.otf", "FandolKai-Regular.otf", "FandolHei-Regular.otf", "FandolSong-Bold.otf")
"""The four files that `make tools` takes out of Debian's texlive-lang-chinese."""
TEXLIVE: Final = Path("/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol")
"""Where they lie when the whole package is installed."""

LATIN: Final = ("Times New Roman", "Liberation Serif", "Tinos", "Libertinus Serif")
_SERIF: Final = ("Noto Serif CJK SC", "Noto Serif SC", "Noto Sans CJK SC", "Noto Sans SC")
_SANS: Final = ("Noto Sans CJK SC", "Noto Sans SC", "Noto Serif CJK SC")
FACES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "latin": LATIN,
        "body": ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "FandolFang R", "FandolFang", *_SERIF),
        "title": ("FZXiaoBiaoSong-B05S", "方正小标宋简体", "FandolSong", *_SERIF),
        "level1": ("SimHei", "黑体", "FandolHei", *_SANS),
        "level2": ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体", "FandolKai", *_SERIF),
        "number": ("SimSun", "宋体", *_SERIF),
    }
)
"""For each use the faces in the order in which they are tried; a character missing in one comes from the next."""


def folders() -> list[str]:
    """The folders, beside the system's, in which fonts for papers lie."""
    return [str(place) for place in (*settings.FONTS, TEXLIVE) if Path(place).is_dir()]


_USES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "仿宋_GB2312": "body",
        "FangSong_GB2312": "body",
        "仿宋": "body",
        "FangSong": "body",
        "方正小标宋简体": "title",
        "FZXiaoBiaoSong-B05S": "title",
        "黑体": "level1",
        "SimHei": "level1",
        "楷体_GB2312": "level2",
        "KaiTi_GB2312": "level2",
        "楷体": "level2",
        "KaiTi": "level2",
        "宋体": "number",
        "SimSun": "number",
        "Times New Roman": "latin",
    }
)
STANDS_FOR: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {name: tuple(one for one in FACES[use] if one not in _USES) for name, use in _USES.items()}
)
"""For each proprietary face the free ones that stand for it."""


def found() -> dict[str, list[str]]:
    """For each use the faces that are there, in the order in which they are tried."""
    import typst

    there = set(typst.Fonts(font_paths=[*folders()]).families())
    return {use: [name for name in names if name in there] for use, names in FACES.items()}
