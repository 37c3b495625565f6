"""Fonts of the charts: Chinese is drawn on every machine, with or without Chinese fonts of its own."""

import os
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn
from matplotlib import font_manager, ft2font

OWN_FONT = "SAMPLING_FONT"
"""Environment variable: an office's own font file (TTF, OTF, TTC) to be used instead of the shipped one."""
SECOND = "DejaVu Sans"
"""matplotlib's own font, for signs that the first one lacks."""
NO_GLYPH = "□"


def font_file() -> Path:
    """The font file that charts are drawn with: the office's own where SAMPLING_FONT names one."""
    return Path(os.environ.get(OWN_FONT) or pylopdf_fonts_zh_cn.sans_path())


@cache
def font_family(path: Path) -> str:
    """The family name under which matplotlib knows this font file from now on."""
    font_manager.fontManager.addfont(path)
    return font_manager.FontProperties(fname=path).get_name()


def font_families() -> list[str]:
    """The families that charts are drawn with, the first that has a sign wins."""
    return [font_family(font_file()), SECOND]


@cache
def _signs(path: Path) -> frozenset[int]:
    return frozenset(ft2font.FT2Font(path).get_charmap())


def drawable(words: str) -> str:
    """The words as a chart can draw them: a sign that no font has (an emoji) becomes a box.

    Line breaks become spaces, and a dollar sign is kept from starting a formula.
    """
    known = _signs(font_file())  # what only the second font has is drawn too, but with a warning in the page
    signs = (sign if ord(sign) in known else NO_GLYPH for sign in " ".join(words.split()))
    return "".join(signs).replace("$", r"\$")
