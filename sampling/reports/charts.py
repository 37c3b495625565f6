"""Charts: readable in print, without colour and for colour-blind readers.

Each function takes a plain table and a language and returns a matplotlib Figure; the figure's label is its
alternative text. Nothing is said by colour alone.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sampling.codes import OUTCOMES
from sampling.estimates.intervals import WIDE
from sampling.reports.canvas import (
    ACCENT,
    DARK,
    GREY,
    INK,
    LIGHT,
    MAIN,
    PALE,
    ROW,
    SMALL,
    SOFT,
    WARM,
    canvas,
    count_axis,
    describe,
    house_style,
    legend_below,
    name_rows,
    percent_axis,
    write_right,
)
from sampling.reports.figures import Estimated, count, households, listing, percent, span, whole, yuan
from sampling.words import text

EDGE = 0.5
"""The share at which the axis of a forest ends: an interval that goes on has an arrow there."""
VERDICT_COLOURS = {
    "correct": PALE,
    "ineligible": ACCENT,
    "overpaid": WARM,
    "underpaid": LIGHT,
    "to_be_checked": DARK,
}
OUTCOME_COLOURS = {
    "completed": MAIN,
    "absent": WARM,
    "refused": ACCENT,
    "not_found": GREY,
    "out_of_scope": SOFT,
    "": PALE,
}


def forest(towns: pd.DataFrame, county: Estimated | None, lang: str, *, highlight: str = "") -> Figure:
    """Estimated shares of towns with their intervals, the county's as a line.

    Parameters
    ----------
    towns
        Columns name, estimate, low, high; shares between 0 and 1.
    county
        The share of the whole, if it is to be shown.
    lang
        The reader's language.
    highlight
        The name of a town to stand out.
    """
    rows = towns.sort_values("estimate", kind="stable", ignore_index=True)
    wide = (rows["high"] - rows["low"]) > WIDE
    title = text("reports.chart.forest.title", lang)
    with house_style():
        figure, axes = canvas(len(rows) * ROW + 1.1, title)
        for part, face in ((rows[~wide], MAIN), (rows[wide], "white")):
            axes.hlines(part.index, part["low"], part["high"], color=MAIN, lw=1.6, alpha=0.75)
            axes.plot(part["estimate"], part.index, "o", ms=5.5, mfc=face, mec=MAIN, mew=1.4, clip_on=False)
        name_rows(axes, list(rows["name"]), highlight=highlight)
        write_right(axes, [_share(*share, lang=lang) for share in _values(rows, "estimate", "low", "high")])
        if county is not None:
            axes.axvspan(county.low, county.high, color=ACCENT, alpha=0.12, lw=0)
            axes.axvline(county.value, color=ACCENT, lw=1.4, ls=(0, (5, 2)))
        axes.set_xlim(0, min(EDGE, 1.03 * max(rows["high"].max(), 0.02)))
        beyond = rows.index[rows["high"] > EDGE]
        axes.plot(np.full(len(beyond), EDGE), beyond, ">", color=MAIN, ms=5, clip_on=False)
        percent_axis(axes, lang)
        axes.set_xlabel("\n".join(_forest_notes(county, bool(wide.any()), lang)), linespacing=1.5)
    notes = _forest_notes(county, False, lang)
    if len(rows):
        ends = [_extreme(rows.iloc[row], lang) for row in (-1, 0)]
        notes.append(text("reports.chart.forest.ends", lang, highest=ends[0], lowest=ends[1]))
    describe(figure, title, listing(notes, lang), lang)
    return figure


def _share(estimate: float, low: float, high: float, *, lang: str) -> str:
    return f"{percent(estimate, lang)} ({span(low, high, lang)})"


def _extreme(row: pd.Series, lang: str) -> str:
    return f"{row['name']} {_share(row['estimate'], row['low'], row['high'], lang=lang)}"


def _forest_notes(county: Estimated | None, wide: bool, lang: str) -> list[str]:
    notes = []
    if county is not None:
        notes.append(text("reports.chart.forest.county", lang, share=percent(county.value, lang)))
    if wide:
        notes.append(text("reports.chart.forest.wide", lang, points=f"{100 * WIDE:.0f}"))
    return notes


def reasons(table: pd.DataFrame, lang: str) -> Figure:
    """Households by verdict and reason: columns verdict, label (the reason for people), households."""
    rows = table.sort_values("households", kind="stable", ignore_index=True)
    names = [_problem(*pair, lang=lang) for pair in _values(rows, "verdict", "label")]
    title = text("reports.chart.reasons.title", lang)
    with house_style():
        figure, axes = canvas(max(len(rows), 1) * 0.32 + 0.9, title)
        _bars(axes, rows["households"], [VERDICT_COLOURS[verdict] for verdict in rows["verdict"]])
        name_rows(axes, names)
        count_axis(axes, text("reports.chart.households", lang))
    describe(figure, title, _pairs(names[::-1], rows["households"][::-1], lang), lang)
    return figure


def _problem(verdict: str, reason: str, *, lang: str) -> str:
    label = text(f"codes.verdict.{verdict}", lang)
    return text("reports.chart.reasons.row", lang, verdict=label, reason=reason) if reason else label


def workload(table: pd.DataFrame, lang: str) -> Figure:
    """Households to visit and places to go to in each town: columns name, households, villages."""
    rows = table[::-1].reset_index(drop=True)
    title = text("reports.chart.workload.title", lang)
    with house_style():
        figure, axes = canvas(len(rows) * ROW + 0.9, title)
        _bars(axes, rows["households"], [MAIN] * len(rows))
        name_rows(axes, list(rows["name"]))
        write_right(axes, [count("places", number, lang) for number in rows["villages"]])
        count_axis(axes, text("reports.chart.households", lang))
    sums = [
        count("places", rows["villages"].sum(), lang),
        count("households", rows["households"].sum(), lang),
    ]
    describe(figure, title, listing(sums, lang), lang)
    return figure


def _bars(axes: Axes, numbers: pd.Series, colours: Sequence[str]) -> None:
    bars = axes.barh(np.arange(len(numbers)), numbers, color=colours, height=0.68)
    axes.bar_label(bars, [whole(value) for value in numbers], padding=4, fontsize=SMALL)
    axes.set_xlim(0, 1.1 * max(numbers.max(), 1) if len(numbers) else 1)


def coverage(table: pd.DataFrame, lang: str) -> Figure:
    """What became of the visits in each town, in per cent: columns name and one for each outcome.

    The column "" counts households without a result yet.
    """
    codes = [code for code in (*OUTCOMES, "") if table[code].sum() or code == "completed"]
    totals = table[codes].sum(axis=1)
    shares = table[codes].mul(100 / totals.clip(lower=1), axis=0)
    labels = [
        text(f"codes.outcome.{code}", lang) if code else text("reports.chart.open", lang) for code in codes
    ]
    title = text("reports.chart.coverage.title", lang)
    with house_style():
        colours = [OUTCOME_COLOURS[code] for code in codes]
        figure, axes = _stacks(shares.assign(name=table["name"]), colours, labels, title)
        write_right(axes, [whole(total) for total in totals[::-1]])
        count_axis(axes, text("reports.chart.percent", lang))
    describe(figure, title, _pairs(labels, table[codes].sum(), lang), lang)
    return figure


def villages(table: pd.DataFrame, lang: str) -> Figure:
    """What was found in each village, in households: columns name and one for each verdict."""
    codes = list(VERDICT_COLOURS)
    labels = [text(f"codes.verdict.{code}", lang) for code in codes]
    title = text("reports.chart.villages.title", lang)
    with house_style():
        colours = [VERDICT_COLOURS[code] for code in codes]
        figure, axes = _stacks(table[[*codes, "name"]], colours, labels, title)
        write_right(axes, [whole(total) for total in table[codes].sum(axis=1)[::-1]])
        count_axis(axes, text("reports.chart.households", lang))
    describe(figure, title, _pairs(labels, table[codes].sum(), lang), lang)
    return figure


def _stacks(
    table: pd.DataFrame, colours: Sequence[str], labels: Sequence[str], title: str
) -> tuple[Figure, Axes]:
    rows = table[::-1].reset_index(drop=True)
    figure, axes = canvas(len(rows) * ROW + 1.5, title)
    left = np.zeros(len(rows))
    for code, colour, label in zip(table.columns.drop("name"), colours, labels, strict=True):
        lengths = rows[code].to_numpy(dtype=float)
        axes.barh(rows.index, lengths, left=left, height=0.72, color=colour, label=label, ec="white", lw=0.6)
        left += lengths
    name_rows(axes, list(rows["name"]))
    axes.set_xlim(0, max(left.max(initial=1), 1))
    legend_below(figure, columns=3)
    return figure, axes


def money(table: pd.DataFrame, lang: str) -> Figure:
    """Yuan a month, found beside estimated: columns label, found, estimate, low, high."""
    return _counted_beside_estimated("money", table, lang, show=yuan)


def reasons_twice(table: pd.DataFrame, lang: str) -> Figure:
    """Households by reason: removed by the self-check, counted, beside those that the recheck says are left.

    Columns label, found (removed), estimate, low, high (still on the roll).
    """
    return _counted_beside_estimated("reasons_twice", table, lang, show=households)


def _counted_beside_estimated(
    name: str, table: pd.DataFrame, lang: str, *, show: Callable[[float, str], str]
) -> Figure:
    rows, title = table[::-1].reset_index(drop=True), text(f"reports.chart.{name}.title", lang)
    with house_style():
        figure, axes = canvas(len(rows) * 0.62 + 1.2, title)
        _pairs_of_bars(name, axes, rows, lang, show=show)
        name_rows(axes, list(rows["label"]))
        count_axis(axes, text(f"reports.chart.{name}.axis", lang))
        axes.set_xlim(0, 1.5 * max(rows["high"].max(), rows["found"].max(), 1))
        legend_below(figure, columns=2)
    sentences = [
        text(
            f"reports.chart.{name}.row",
            lang,
            label=label,
            found=show(found, lang),
            estimate=show(estimate, lang),
            low=whole(low),
            high=whole(high),
        )
        for label, found, estimate, low, high in _values(table, "label", "found", "estimate", "low", "high")
    ]
    describe(figure, title, listing(sentences, lang), lang)
    return figure


def _pairs_of_bars(
    name: str, axes: Axes, rows: pd.DataFrame, lang: str, *, show: Callable[[float, str], str]
) -> None:
    labels = {kind: text(f"reports.chart.{name}.{kind}", lang) for kind in ("found", "estimated")}
    found = axes.barh(rows.index + 0.18, rows["found"], height=0.32, color=ACCENT, label=labels["found"])
    axes.bar_label(found, [show(value, lang) for value in rows["found"]], padding=4, fontsize=SMALL)
    place = rows.index - 0.18
    axes.barh(place, rows["estimate"], height=0.32, color="#9cc3dd", label=labels["estimated"])
    axes.hlines(place, rows["low"], rows["high"], color=INK, lw=1.2)
    for y, estimate, low, high in zip(place, rows["estimate"], rows["low"], rows["high"], strict=True):
        words = f"{show(estimate, lang)} ({whole(low)}–{whole(high)})"
        axes.annotate(words, (high, y), (4, 0), textcoords="offset points", va="center", fontsize=SMALL)


def _values(table: pd.DataFrame, *columns: str) -> Iterable[tuple]:
    return table[list(columns)].itertuples(index=False, name=None)


def _pairs(labels: Sequence[str], numbers: Iterable[float], lang: str) -> str:
    return listing([f"{label} {whole(number)}" for label, number in zip(labels, numbers, strict=True)], lang)
