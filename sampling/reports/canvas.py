"""The house style of the charts: size, colours, titles, labels; what all of them share."""

import itertools
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sampling.reports.figures import whole
from sampling.reports.fonts import drawable, font_families
from sampling.words import text

WIDTH = 6.4
ROW = 0.27
"""Inches: the width of every chart, and the height of a row with a name."""
SIZE, SMALL = 10, 9
INK, MUTED, LINE, PALE = "#1f2933", "#52606d", "#c3cbd3", "#e4e9ee"
MAIN, ACCENT, LIGHT, WARM = "#0b5a8a", "#a8351a", "#3f8dbd", "#f0b849"
GREY, DARK, SOFT = "#8a94a0", "#3d4650", "#c9b3d9"
"""Colours that differ in lightness as well as in hue: print and colour-blind readers keep them apart."""
ONE_AT_A_TIME = RLock()
NAME = 50
"""Width of a name that a chart shows, in Latin letters; a Chinese sign is two wide."""


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style.

    Letters become outlines in SVG, so that a reader's machine needs no font; ids in the SVG are salted with
    a constant, so that the same figures give the same bytes. One thread at a time: matplotlib's settings are
    the same for all.
    """
    with (
        ONE_AT_A_TIME,
        mpl.rc_context(
            {
                "font.family": "sans-serif",
                "font.sans-serif": font_families(),
                "font.size": SIZE,
                "axes.unicode_minus": False,
                "axes.edgecolor": LINE,
                "axes.labelcolor": MUTED,
                "axes.labelsize": SMALL,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.spines.left": False,
                "axes.axisbelow": True,
                "grid.color": LINE,
                "grid.linewidth": 0.5,
                "text.color": INK,
                "xtick.color": MUTED,
                "xtick.labelsize": SMALL,
                "ytick.color": INK,
                "ytick.left": False,
                "legend.frameon": False,
                "legend.fontsize": SMALL,
                "svg.fonttype": "path",
                "svg.hashsalt": "inspection-sampling",
            }
        ),
    ):
        yield


def canvas(height: float, title: str) -> tuple[Figure, Axes]:
    """An empty chart of this height in inches with its title."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=SIZE + 1.5, color=INK)
    return figure, figure.add_subplot()


def name_rows(axes: Axes, names: Sequence[str], *, highlight: str = "") -> None:
    """The names of the rows at the left, from the bottom up; one of them may stand out."""
    axes.set_yticks(np.arange(len(names)), [drawable(short(name)) for name in names])
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.grid(axis="x")
    for label, name in zip(axes.get_yticklabels(), names, strict=True):
        if highlight and name == highlight:
            label.set_color(ACCENT)


def short(name: str) -> str:
    """A name as a chart has room for it."""
    ends = itertools.accumulate(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in name)
    fits = sum(end <= NAME for end in ends)
    return name if fits == len(name) else name[: fits - 1] + "…"


def write_right(axes: Axes, words: Sequence[str]) -> None:
    """A word for each row at the right edge."""
    for place, line in enumerate(words):
        axes.annotate(
            line,
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=MUTED,
            annotation_clip=False,
        )


def percent_axis(axes: Axes, lang: str) -> None:
    """Shares between 0 and 1 along the bottom, written as percentages."""
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda share, _: text("reports.figure.percent", lang, value=f"{100 * share:g}"))
    )
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))


def count_axis(axes: Axes, words: str) -> None:
    """Whole numbers along the bottom, and what they count."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: whole(value)))
    axes.set_xlabel(words)


def legend_below(figure: Figure, *, columns: int) -> None:
    """The legend under the chart."""
    figure.legend(loc="outside lower center", ncols=columns, handletextpad=0.5)


def describe(figure: Figure, title: str, words: str, lang: str) -> None:
    """Give the chart its alternative text."""
    figure.set_label(text("reports.chart.described", lang, title=title, words=words))
