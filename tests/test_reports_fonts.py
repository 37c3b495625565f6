"""Chinese is there in every chart, on a machine that has no Chinese font."""

import warnings
from pathlib import Path

import matplotlib as mpl
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.figure import Figure
from reports_stand_in import StandIn

from sampling.reports import pictures
from sampling.reports.canvas import house_style
from sampling.reports.data import ReportData
from sampling.reports.fonts import OWN_FONT, SECOND, drawable, font_families, font_file
from sampling.reports.html import svg_bytes
from sampling.reports.report import report_on
from sampling.words import LANGUAGES, catalogue

CHARTS = ("drawn_villages", "workload", "coverage", "villages", "forest", "reasons", "money")


def test_every_sign_of_both_catalogues_is_in_the_fonts_of_the_charts():
    files = (font_file(), font_manager.findfont(SECOND))
    known = set().union(*(TTFont(file, fontNumber=0).getBestCmap() for file in files))
    signs = {sign for lang in LANGUAGES for words in catalogue(lang).values() for sign in words}
    assert {sign for sign in signs - {"\n"} if ord(sign) not in known} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_drawn_without_a_missing_glyph(name, lang):
    report = report_on(ReportData(campaign=StandIn(Path())), "61_report_county", unit="", lang=lang)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        block = getattr(pictures, name)(report)
    assert "data:image/svg+xml" in block.html


def test_the_check_notices_a_chart_without_chinese_font():
    figure = Figure()
    with mpl.rc_context({"font.sans-serif": [SECOND]}), pytest.warns(UserWarning, match="missing from font"):
        figure.suptitle("低保")
        figure.savefig("/dev/null", format="svg")


def test_chinese_letters_are_outlines_of_the_shipped_font():
    figure = Figure()
    with house_style():
        figure.suptitle("低保")
        drawn = svg_bytes(figure).decode()
    assert font_families()[0] in ("Noto Sans SC", "Noto Sans SC Regular")
    assert "<text" not in drawn and drawn.count("<use ") >= 2


def test_an_office_can_have_its_own_font(monkeypatch):
    monkeypatch.setenv(OWN_FONT, font_manager.findfont("DejaVu Serif"))
    assert font_families() == ["DejaVu Serif", SECOND]


def test_a_sign_that_no_font_has_becomes_a_box_and_a_dollar_is_no_formula():
    assert drawable("🧮村\n$x$") == r"□村 \$x\$"
