"""Where the villages lie and which of them were drawn: a map, or a strip where no place is known."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sampling.reports.canvas import (
    ACCENT,
    INK,
    MAIN,
    ROW,
    SMALL,
    canvas,
    describe,
    house_style,
    legend_below,
    name_rows,
    short,
)
from sampling.reports.figures import listing, whole
from sampling.reports.fonts import drawable
from sampling.words import text

MAP_HEIGHT = 5.6
MARKS: dict[str, dict] = {
    "": {"s": 9, "c": "#b4bec8", "marker": "o", "linewidths": 0},
    "main": {"s": 34, "c": MAIN, "marker": "o", "linewidths": 0},
    "certainty": {"s": 36, "c": ACCENT, "marker": "s", "linewidths": 0},
}
"""A sign for each role of a village: not drawn, drawn, certain."""


def village_map(villages: pd.DataFrame, lang: str) -> Figure:
    """The villages of the frame, those drawn standing out.

    Parameters
    ----------
    villages
        Columns town, x, y and role: "main", "certainty", or "" for a village that was not drawn. Where a
        village has no x or y, all of them stand in a strip per town instead of a map.
    lang
        The reader's language.
    """
    places = villages[["x", "y"]].apply(pd.to_numeric, errors="coerce")
    title = text("reports.chart.map.title", lang)
    with house_style():
        if len(villages) and places.notna().all(axis=None):
            figure, axes = canvas(MAP_HEIGHT, title)
            _draw_map(axes, villages.assign(x=places["x"], y=places["y"]), lang)
        else:
            figure, axes = canvas(villages["town"].nunique() * ROW + 1.3, title)
            _draw_strips(axes, villages, lang)
        legend_below(figure, columns=3)
    counts = villages["role"].value_counts()
    describe(figure, title, listing([_role(role, counts.get(role, 0), lang) for role in MARKS], lang), lang)
    return figure


def _draw_map(axes: Axes, villages: pd.DataFrame, lang: str) -> None:
    _draw_points(axes, villages, lang)
    for town, x, y in _apart(villages.groupby("town", sort=False)[["x", "y"]].mean()):
        style = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8}
        axes.text(
            x, y, drawable(short(town)), ha="center", va="center", fontsize=SMALL - 1, color=INK, bbox=style
        )
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.margins(0.03)


def _apart(centres: pd.DataFrame) -> list[tuple[str, float, float]]:
    """The towns whose names do not lie on an earlier one; a name takes about 1/7 by 1/22 of the map."""
    width = max(centres["x"].max() - centres["x"].min(), 1e-9) / 7
    height = max(centres["y"].max() - centres["y"].min(), 1e-9) / 22
    kept: list[tuple[str, float, float]] = []
    for town, x, y in centres.itertuples(name=None):
        if all(abs(x - other_x) > width or abs(y - other_y) > height for _, other_x, other_y in kept):
            kept.append((str(town), x, y))
    return kept


def _draw_strips(axes: Axes, villages: pd.DataFrame, lang: str) -> None:
    towns = list(villages["town"].drop_duplicates())[::-1]
    rows = {town: row for row, town in enumerate(towns)}
    place = villages.groupby("town", sort=False).cumcount()
    _draw_points(axes, villages.assign(x=place, y=villages["town"].map(rows)), lang)
    name_rows(axes, towns)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def _draw_points(axes: Axes, villages: pd.DataFrame, lang: str) -> None:
    for role, style in MARKS.items():
        part = villages[villages["role"] == role]
        axes.scatter(part["x"], part["y"], label=_role(role, len(part), lang), **style)


def _role(role: str, number: int, lang: str) -> str:
    return text(f"reports.chart.map.{role or 'other'}", lang, number=whole(number))
