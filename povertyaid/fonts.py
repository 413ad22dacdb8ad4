"""Chinese on paper: which fonts a PDF is set in, without root and the same on every machine.

The base is Noto Serif SC and Noto Sans SC from the package pylopdf-fonts-zh-cn. They hold the rare
characters of people's names (㛃 䶮 𬭎), so no name prints as a box. An office drops its own 仿宋 or
小标宋 into `<data>/fonts`, or names a folder in POVERTYAID_FONTS, and papers are set in that.
"""

import importlib.util
import os
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from povertyaid.cluster import data_folder

SERIF, SANS = "Noto Serif SC", "Noto Sans SC"

# What official papers ask for, and what stands in, best first. Fonts with these names that the
# office has come first; a character that one lacks is taken from the next.
STAND_INS = {
    ("FangSong", "仿宋", "FangSong_GB2312", "仿宋_GB2312"): [
        *("FangSong", "仿宋", "FangSong_GB2312", "仿宋_GB2312", "FZFangSong-Z02", "方正仿宋_GBK"),
        *("Zhuque Fangsong", "朱雀仿宋", "FandolFang", "FandolFang R", SERIF),
    ],
    ("FZXiaoBiaoSong-B05", "方正小标宋简体", "方正小标宋_GBK", "小标宋"): [
        *("FZXiaoBiaoSong-B05", "方正小标宋简体", "方正小标宋_GBK", "小标宋"),
        *("Noto Serif CJK SC Black", SERIF),
    ],
    ("KaiTi", "楷体", "KaiTi_GB2312", "楷体_GB2312"): [
        *("KaiTi", "楷体", "KaiTi_GB2312", "楷体_GB2312", "LXGW WenKai", "FandolKai", SERIF),
    ],
    ("SimHei", "黑体"): ["SimHei", "黑体", SANS],
    ("SimSun", "宋体", "serif"): [SERIF],
    ("sans-serif", "monospace", "system-ui"): [SANS],
}

SYSTEM_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")  # the last resort for odd signs


class FontsMissingError(Exception):
    """The fonts that set-up should have installed are not there."""


def office_fonts_folder() -> Path:
    """Where an office puts its own font files."""
    return Path(os.environ.get("POVERTYAID_FONTS") or data_folder() / "fonts")


def base_fonts_folder() -> Path:
    """Where the package with the Noto fonts keeps them; its Python code is not run."""
    found = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    folder = Path(found.origin).parent if found and found.origin else None
    if folder is None or not any(folder.glob("*.otf")):
        raise FontsMissingError("The Chinese fonts are not installed. Run script/setup.")
    return folder


def prepare_fonts() -> Path:
    """Write our font configuration and point FONTCONFIG_FILE at it; returns the file.

    Call it before WeasyPrint is imported: the font library reads the variable once.
    """
    cache = data_folder() / "cache" / "fonts"
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / "fonts.conf"
    text = configuration([base_fonts_folder(), office_fonts_folder()], cache)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        # Written aside and renamed: two processes may start at once.
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=cache, delete=False, prefix="fonts."
        ) as draft:
            draft.write(text)
        Path(draft.name).replace(path)
    os.environ["FONTCONFIG_FILE"] = os.fspath(path)
    return path


def configuration(folders: list[Path], cache: Path) -> str:
    """The fonts.conf: our folders before the system's, our stand-ins, a cache we may write."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">',
        "<fontconfig>",
        *(
            f"  <dir>{escape(os.fspath(folder))}</dir>"
            for folder in [*folders, *map(Path, SYSTEM_FOLDERS)]
        ),
        f"  <cachedir>{escape(os.fspath(cache))}</cachedir>",
    ]
    for asked_for, stand_ins in STAND_INS.items():
        for name in asked_for:
            others = [font for font in stand_ins if font != name]
            lines += [
                f'  <alias binding="same"><family>{name}</family><accept>',
                *(f"    <family>{font}</family>" for font in others),
                "  </accept></alias>",
            ]
    lines += [
        # Whatever a style sheet asks for, the base fonts come before a guess.
        '  <match target="pattern"><edit name="family" mode="append_last" binding="weak">',
        f"    <string>{SERIF}</string><string>{SANS}</string>",
        "  </edit></match>",
        "</fontconfig>",
    ]
    return "\n".join(lines) + "\n"
