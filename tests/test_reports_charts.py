"""Charts: the same figures give the same picture, nothing is said by colour alone, edge cases are drawn."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from sampling.codes import OUTCOMES, VERDICTS
from sampling.reports import charts, maps
from sampling.reports.figures import Estimated
from sampling.reports.html import svg_bytes
from sampling.words import LANGUAGES

TOWNS = pd.DataFrame(
    {
        "name": ["甲镇", "乙镇", "丙镇"],
        "estimate": [0.05, 0.0, 0.10],
        "low": [0.01, 0.0, 0.02],
        "high": [0.15, 0.90, 0.25],
    }
)
COUNTY = Estimated(value=0.04, low=0.03, high=0.06)


def test_the_same_figures_give_the_same_bytes():
    first, second = (svg_bytes(charts.forest(TOWNS, COUNTY, "zh")) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_forest_has_every_town_in_order_of_its_estimate_and_says_the_ends(lang):
    figure = charts.forest(TOWNS, COUNTY, lang)
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["乙镇", "甲镇", "丙镇"]
    assert "丙镇" in figure.get_label() and "4.0" in figure.get_label()


def test_a_forest_ends_at_one_half_and_marks_the_interval_that_goes_on():
    axes = charts.forest(TOWNS, None, "en").axes[0]
    arrows = [line for line in axes.lines if line.get_marker() == ">"]
    assert axes.get_xlim()[1] == charts.EDGE and [list(line.get_ydata()) for line in arrows] == [[0]]


def test_a_town_that_cannot_carry_a_rate_is_hollow():
    points = [line for line in charts.forest(TOWNS, None, "en").axes[0].lines if line.get_marker() == "o"]
    assert {line.get_markerfacecolor(): len(line.get_xdata()) for line in points} == {
        charts.MAIN: 2,
        "white": 1,
    }


@pytest.mark.parametrize("colours", [charts.VERDICT_COLOURS, charts.OUTCOME_COLOURS])
def test_colours_that_touch_differ_without_colour(colours):
    shades = [lightness(colour) for colour in colours.values()]
    neighbours = pairwise(shades)
    assert min(abs(a - b) for a, b in neighbours) > 0.08
    assert len({round(shade, 2) for shade in shades}) == len(shades)


@pytest.mark.parametrize("colours", [charts.VERDICT_COLOURS, charts.OUTCOME_COLOURS])
def test_colours_differ_for_readers_who_do_not_see_red_or_green(colours):
    seen = [DEUTERANOPE @ np.array(to_rgb(colour)) for colour in colours.values()]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 0.12


DEUTERANOPE = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
"""How such a reader sees a colour: Machado, Oliveira & Fernandes (2009), table for severity 1.0."""


def lightness(colour: str) -> float:
    """Relative luminance, to the power that makes equal steps look equal (CIE L* without its offset)."""
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in to_rgb(colour)
    ]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear)) ** (1 / 3)


def test_bars_of_the_visits_fill_the_whole_width():
    table = pd.DataFrame({"name": ["甲镇", "乙镇"], **{code: [1, 2] for code in (*OUTCOMES, "")}})
    axes = charts.coverage(table, "zh").axes[0]
    ends = [sum(bar.get_width() for bar in bars) for bars in zip(*axes.containers, strict=True)]
    assert ends == pytest.approx([100, 100])


@pytest.mark.parametrize(
    "draw",
    [
        lambda: charts.forest(TOWNS.iloc[:0], None, "zh"),
        lambda: charts.reasons(pd.DataFrame({"verdict": [], "label": [], "households": []}), "zh"),
        lambda: charts.villages(pd.DataFrame({"name": [], **{code: [] for code in VERDICTS}}), "zh"),
        lambda: charts.workload(pd.DataFrame({"name": [], "households": [], "villages": []}), "zh"),
    ],
)
def test_a_chart_of_nothing_is_drawn_empty(draw):
    assert svg_bytes(draw())


VILLAGES = pd.DataFrame(
    {
        "town": ["甲镇"] * 3 + ["乙镇"],
        "x": [1.0, 2, 3, 9],
        "y": [1.0, 2, 3, 9],
        "role": ["main", "", "certainty", ""],
    }
)


def test_villages_without_a_place_stand_in_a_strip_per_town():
    on_map = maps.village_map(VILLAGES, "zh").axes[0]
    strip = maps.village_map(VILLAGES.assign(x=None), "zh").axes[0]
    assert not on_map.axison and [label.get_text() for label in strip.get_yticklabels()] == ["乙镇", "甲镇"]
    counted = [sum(len(points.get_offsets()) for points in axes.collections) for axes in (on_map, strip)]
    assert counted == [4, 4]


def test_names_on_the_map_do_not_lie_on_each_other():
    near = pd.DataFrame({"x": [0.0, 0.1, 50.0], "y": [0.0, 0.1, 40.0]}, index=["甲镇", "乙镇", "丙镇"])
    assert [town for town, _, _ in maps._apart(near)] == ["甲镇", "丙镇"]
