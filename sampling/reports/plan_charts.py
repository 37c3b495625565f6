"""Pictures of a plan of visits: a strip of days for every team, and a map of who goes where."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sampling.reports.canvas import (
    ACCENT,
    DARK,
    GREY,
    INK,
    LIGHT,
    LINE,
    MAIN,
    ROW,
    SMALL,
    SOFT,
    WARM,
    WIDTH,
    canvas,
    describe,
    house_style,
    legend_below,
    name_rows,
)
from sampling.reports.figures import count, listing
from sampling.reports.fonts import drawable
from sampling.reports.maps import MAP_HEIGHT, MARKS
from sampling.visits.plan_tables import CALL, CERTAINTY, codes_of
from sampling.words import text

STRIP_DAYS, FEWEST_DAYS = 10, 5
"""Working days side by side; a longer plan goes on in a strip below, a shorter one leaves room."""
DAY = 0.94
"""How much of the width of a day is between the earliest arrival and the latest leave of the plan."""
WIDE_ENOUGH = 0.2
"""Inches from which a bar holds a number of two digits."""
NAMES = 1.1
"""Inches left for the names of the teams."""
BARS: dict[str, dict] = {
    "odd": {"facecolor": MAIN},
    "even": {"facecolor": "#9cc3dd"},
    CERTAINTY: {"facecolor": ACCENT, "hatch": "///"},
    CALL: {"facecolor": WARM, "hatch": "..."},
}
"""A bar for each kind of visit; those of a team are dark and pale in turn, so that they stay apart."""
PLATE = {"boxstyle": "round,pad=0.12", "fc": "white", "ec": "none"}
ON_BAR: dict[str, dict] = {
    "odd": {"color": "white"},
    "even": {"color": INK},
    CERTAINTY: {"color": INK, "bbox": PLATE},
    CALL: {"color": INK, "bbox": PLATE},
}
"""The number on a bar: on a plate where the bar is hatched."""
NUMBER: dict = {"ha": "center", "va": "center", "fontsize": SMALL - 2}
COLOURS = (MAIN, ACCENT, WARM, LIGHT, DARK, SOFT, GREY)
SIGNS = ("o", "s", "^", "D", "v", "P", "X", "p")
"""Teams have both in turn: the numbers have no divisor in common, so that 56 teams differ."""


def gantt(visits: pd.DataFrame, lang: str) -> Figure:
    """Teams by days, a bar for every visit with its households where there is room.

    Parameters
    ----------
    visits
        The rows of `plan.csv`.
    lang
        The reader's language.
    """
    rows = _bars(visits)
    teams = list(dict.fromkeys(visits["team"]))
    dates = sorted(set(visits["date"]))
    strips = [dates[start : start + STRIP_DAYS] for start in range(0, len(dates), STRIP_DAYS)] or [[]]
    wide = min(max(len(dates), FEWEST_DAYS), STRIP_DAYS)
    title = text("visit_plan.gantt.title", lang)
    with house_style():
        figure, empty = canvas(len(strips) * (len(teams) * ROW + 0.55) + 0.85, title)
        empty.remove()
        for axes, days in zip(figure.subplots(len(strips), 1, squeeze=False)[:, 0], strips, strict=True):
            _draw_strip(axes, rows[rows["date"].isin(days)], days, teams, wide)
        _bar_legend(figure, rows, lang)
    describe(figure, title, _said(visits, lang), lang)
    return figure


def _bars(visits: pd.DataFrame) -> pd.DataFrame:
    """The visits with the kind of their bar, and where in the day it begins and ends, from 0 to DAY."""
    turn = visits.groupby("team").cumcount()
    kinds = [_kind(reason, turn) for reason, turn in zip(visits["reason"], turn, strict=True)]
    begin, end = (visits[name].map(_minutes).astype(float) for name in ("arrive", "leave"))
    first, scale = begin.min(), DAY / max(end.max() - begin.min(), 1) if len(visits) else 1
    return visits.assign(kind=kinds, begin=(begin - first) * scale, width=(end - begin) * scale)


def _kind(reason: str, turn: int) -> str:
    special = [code for code in (CALL, CERTAINTY) if code in codes_of(reason)]
    return special[0] if special else ("odd", "even")[turn % 2]


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _draw_strip(axes: Axes, rows: pd.DataFrame, days: Sequence[str], teams: Sequence[str], wide: int) -> None:
    place = {team: len(teams) - 1 - number for number, team in enumerate(teams)}
    inches = (WIDTH - NAMES) / wide
    columns = ["date", "team", "kind", "begin", "width", "households"]
    for date, team, kind, begin, width, households in rows[columns].itertuples(index=False, name=None):
        left, y = days.index(date) + begin, place[team]
        axes.barh(y, width, left=left, height=0.74, edgecolor="white", linewidth=0.7, **BARS[kind])
        if width * inches >= WIDE_ENOUGH:
            axes.text(left + width / 2, y, str(households), **ON_BAR[kind], **NUMBER)
    name_rows(axes, list(teams)[::-1])
    axes.grid(visible=False)
    axes.vlines(np.arange(1, len(days)) - (1 - DAY) / 2, -0.5, len(teams) - 0.5, color=LINE, lw=0.6)
    axes.set_xticks(np.arange(len(days)) + DAY / 2, [day[5:] for day in days])
    axes.tick_params(axis="x", length=0)
    axes.set_xlim(-0.04, wide)


def _bar_legend(figure: Figure, rows: pd.DataFrame, lang: str) -> None:
    """What a bar means: only those kinds that are there, a plain one for both shades."""
    kinds = [kind for kind in BARS if kind != "even" and (rows["kind"] == kind).any()]
    handles = [
        Patch(label=text(f"visit_plan.gantt.{kind}", lang), edgecolor="white", **BARS[kind]) for kind in kinds
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3)


def _said(visits: pd.DataFrame, lang: str) -> str:
    """The plan in a few figures, for who cannot see the picture."""
    if visits.empty:
        return ""
    fields = {"teams": visits["team"].nunique(), "days": visits["date"].nunique()}
    fields |= {"first": visits["date"].min(), "last": visits["date"].max()}
    parts = [text("visit_plan.gantt.said", lang, **fields)]
    parts += [count("villages", visits["village"].nunique(), lang)]
    return listing([*parts, count("households", visits["households"].sum(), lang)], lang)


def route_map(visits: pd.DataFrame, villages: pd.DataFrame, lang: str) -> Figure:
    """Where each team goes; a line joins the villages of one day.

    Parameters
    ----------
    visits
        The rows of `plan.csv`, in their order.
    villages
        Every village: village, x, y as numbers, none missing for those that are visited.
    lang
        The reader's language.
    """
    stops = visits.merge(villages[["village", "x", "y"]], on="village")
    stops = stops.sort_values(["team", "day", "stop"], ignore_index=True)
    teams = list(dict.fromkeys(visits["team"]))
    title = text("visit_plan.map.title", lang)
    with house_style():
        figure, axes = canvas(MAP_HEIGHT + 0.2 * (len(teams) // 4), title)
        axes.scatter(villages["x"], villages["y"], **MARKS[""])
        for number, team in enumerate(teams):
            _draw_team(axes, stops[stops["team"] == team], number, team)
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.margins(0.03)
        legend_below(figure, columns=4)
    counts = stops.groupby("team")["village"].nunique()
    parts = [
        text("visit_plan.map.team", lang, team=team, villages=count("villages", counts.get(team, 0), lang))
        for team in teams
    ]
    describe(figure, title, listing(parts, lang), lang)
    return figure


def _draw_team(axes: Axes, stops: pd.DataFrame, number: int, team: str) -> None:
    colour, sign = COLOURS[number % len(COLOURS)], SIGNS[number % len(SIGNS)]
    runs = stops["stop"] - stops.groupby("day").cumcount()
    for _, run in stops.groupby([stops["day"], runs]):
        axes.plot(run["x"], run["y"], color=colour, lw=1.0, alpha=0.75, zorder=2)
    axes.scatter(
        stops["x"],
        stops["y"],
        s=38,
        c=colour,
        marker=sign,
        edgecolors="white",
        linewidths=0.5,
        zorder=3,
        label=drawable(team),
    )
