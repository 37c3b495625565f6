"""Whoever looked twice: the self-check before the recheck, and a second team after the first."""

import math
from collections.abc import Iterator

import pandas as pd

from sampling.estimates.double_visits import NEEDED
from sampling.estimates.self_check import THREE_WAYS
from sampling.reports.estimated import estimate_row, estimated
from sampling.reports.figures import households, percent, span, whole
from sampling.reports.html import Block, Table
from sampling.reports.report import Report
from sampling.reports.sentences import say
from sampling.words import text

WAYS = ("ineligible_before_households", "residual_error_rate")
"""What is reckoned in three ways."""
TWICE = (
    "agreement_share",
    "agreement_kappa",
    "inspectors_sensitivity_share",
    "inspectors_specificity_share",
    "corrected_ineligible_share",
)


def three_ways(report: Report) -> Table | Block:
    """Not entitled before and after the self-check: plain, by difference, by regression, and as published."""
    lang = report.lang
    rows = []
    for name in WAYS:
        found = [estimate_row(report.data, f"{way}.{name}") for way in THREE_WAYS]
        published = estimate_row(report.data, name)
        if published is not None and all(row is not None for row in found):
            cells = [_with_error(row, lang) for row in (*found, published) if row is not None]
            rows.append([text(f"reports.parameter.{name}", lang), *cells])
    columns = [_word(name, lang) for name in ("quantity", *THREE_WAYS, "published")]
    return _table("three_ways", rows, columns, lang)


def _with_error(row: pd.Series, lang: str) -> str:
    show = whole if row["parameter"].endswith("_households") else lambda value: _finely(value, lang)
    return say("second_looks.with_error", lang, estimate=show(row["estimate"]), se=show(row["se"]))


def _finely(share: float, lang: str) -> str:
    """A percentage with two decimals: errors of a small share differ in the second."""
    return say("figure.percent", lang, value=f"{100 * share:.2f}")


def double_visits(report: Report) -> Table | Block:
    """What second visits to inspected households say; nothing where there were none."""
    lang = report.lang
    found = {name: estimate_row(report.data, name) for name in TWICE}
    rows = [[_word(name, lang), *_figures(row, lang)] for name, row in found.items() if _has_figure(row)]
    if (agree := found["agreement_share"]) is not None:
        rows.insert(0, [_word("households", lang), whole(agree["n_ssu"]), ""])
    columns = [_word(name, lang) for name in ("quantity", "estimate", "interval")]
    return _table("double_visits", rows, columns, lang)


def _has_figure(row: pd.Series | None) -> bool:
    return row is not None and not math.isnan(row["estimate"])


def _figures(row: pd.Series | None, lang: str) -> list[str]:
    assert row is not None
    if row["parameter"] == "agreement_kappa":
        between = say("figure.between", lang, low=f"{row['low']:.2f}", high=f"{row['high']:.2f}")
        return [f"{row['estimate']:.2f}", between]
    return [percent(row["estimate"], lang), span(row["low"], row["high"], lang)]


def _table(name: str, rows: list[list[str]], columns: list[str], lang: str) -> Table | Block:
    if not rows:
        return Block(html="")
    return Table(
        caption=text(f"reports.table.{name}.caption", lang),
        frame=pd.DataFrame(rows, columns=columns),
        numeric=columns[1:],
        note=text(f"reports.table.{name}.note", lang),
    )


def _word(name: str, lang: str) -> str:
    return text(f"reports.second_looks.{name}", lang)


def double_visit_sentences(report: Report) -> Iterator[str]:
    """How far two teams agree, and the rate freed from the inspectors' errors, or why there is none."""
    lang = report.lang
    agree, kappa = (estimate_row(report.data, name) for name in ("agreement_share", "agreement_kappa"))
    freed = estimate_row(report.data, "corrected_ineligible_share")
    if agree is None or freed is None:
        return
    words = {"number": households(agree["n_ssu"], lang), "share": percent(agree["estimate"], lang)}
    yield say("estimated.twice", lang, **words)
    if kappa is not None and _has_figure(kappa):
        yield say("estimated.twice_kappa", lang, kappa=f"{kappa['estimate']:.2f}")
    if _has_figure(freed):
        ends = {"share": percent(freed["estimate"], lang), "span": span(freed["low"], freed["high"], lang)}
        yield say("estimated.twice_corrected", lang, **ends)
    elif "too_few_twice" in freed["note"].split(";"):
        needed = households(_needed(report), lang)
        yield say("estimated.twice_too_few", lang, kinds=NEEDED, needed=needed)
    else:
        yield say("estimated.twice_unsure", lang)


def _needed(report: Report) -> int:
    """About how many second visits find NEEDED of either kind; by the upper limit where none was in error."""
    share = estimated(report.data, "ineligible_share")
    rate = (share.value or share.high) if share is not None else 0.0
    return math.ceil(NEEDED / min(rate, 1 - rate)) if 0 < rate < 1 else 2 * NEEDED
