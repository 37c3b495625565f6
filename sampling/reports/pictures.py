"""The charts of a report: each picks its figures out of the report's tables and draws them."""

from fractions import Fraction

import pandas as pd

from sampling.estimates.lists import REMOVED
from sampling.reports import charts, counts, maps, tables
from sampling.reports.estimated import by_town, estimated
from sampling.reports.html import Block, picture
from sampling.reports.report import Report
from sampling.words import text


def plan(report: Report) -> Block:
    """Visits to expect in each town, before the draw."""
    strata = report.data.strata
    strata = strata.assign(n=strata["expected"].map(lambda number: float(Fraction(number))))
    towns = strata.groupby("township")[["n", "expected_visits"]].sum()
    work = tables.town_names(report).join(towns, on="township", how="inner")
    work = work.rename(columns={"n": "villages", "expected_visits": "households"})
    return picture(charts.workload(work, report.lang))


def drawn_villages(report: Report) -> Block:
    """The villages of the frame, those drawn standing out."""
    roles = report.data.places.set_index("village")["certainty"]
    villages = report.data.villages.merge(tables.town_names(report), on="township")
    drawn = villages["village"].map(roles).map({True: counts.CERTAINTY, False: "main"}).fillna("")
    return picture(maps.village_map(villages.assign(role=drawn, town=villages["name"]), report.lang))


def workload(report: Report) -> Block:
    """Households to visit and places to go to in each town."""
    work = tables.town_names(report).merge(counts.workload_by_town(report.data.sample), on="township")
    households = work["roll_households"] + work["list_households"]
    return picture(charts.workload(work.assign(households=households), report.lang))


def coverage(report: Report) -> Block:
    """What became of the visits in each town."""
    by_outcome = counts.outcomes_by(report.data.roll_visits, "township")
    table = tables.town_names(report).join(by_outcome, on="township", how="inner")
    return picture(charts.coverage(table, report.lang))


def villages(report: Report) -> Block:
    """What was found in each drawn village."""
    return picture(charts.villages(tables.village_counts(report), report.lang))


def forest(report: Report) -> Block:
    """The estimated share of every town with its interval; the report's own town stands out."""
    county = report.data.county or report.data
    units = report.campaign.units()[["township", "name"]]
    towns = by_town(county, "ineligible_share", units)
    whole = estimated(county, "ineligible_share")
    return picture(charts.forest(towns, whole, report.lang, highlight=report.name))


def reasons(report: Report) -> Block:
    """What was found, by reason."""
    table = counts.reason_counts(report.data.roll_visits)
    labels = [report.reason(code) for code in table["reason"]]
    return picture(charts.reasons(table.assign(label=labels), report.lang))


def reasons_twice(report: Report) -> Block:
    """Households by reason: removed by the self-check beside those still on the roll by the recheck.

    Nothing where no list of removed households was given, or nothing is estimated by reason.
    """
    lists, rows = report.data.facts.lists, report.data.estimates
    removed = lists[lists["list"] == REMOVED].groupby("reason")["households"].sum()
    left = rows[(rows["by"] == "reason") & (rows["parameter"] == "ineligible_households")].dropna(
        subset="low"
    )
    table = left.set_index("domain")[["estimate", "low", "high"]]
    table = table.assign(found=removed.reindex(table.index).fillna(0).astype("int64"))
    table = table[(table["found"] > 0) | (table["estimate"] > 0)]
    if removed.empty or table.empty:
        return Block(html="")
    labels = [report.reason(str(code)) for code in table.index]
    return picture(charts.reasons_twice(table.assign(label=labels), report.lang))


def money(report: Report) -> Block:
    """Yuan a month paid too much and too little: found beside estimated, or nothing without estimates."""
    fen = counts.money_found(report.data.roll_visits)
    found = {"over": (fen["ineligible"] + fen["overpaid"]) / 100, "under": fen["underpaid"] / 100}
    sides = {side: estimated(report.data, f"{side}paid_yuan") for side in found}
    rows = [
        {
            "label": text(f"reports.chart.money.{side}", report.lang),
            "found": found[side],
            "estimate": share.value,
            "low": share.low,
            "high": share.high,
        }
        for side, share in sides.items()
        if share is not None
    ]
    return picture(charts.money(pd.DataFrame(rows), report.lang)) if rows else Block(html="")


def warm_up() -> None:
    """Draw one small chart and throw it away: what later charts need is loaded then."""
    towns = pd.DataFrame({"name": ["一"], "estimate": [0.1], "low": [0.0], "high": [0.2]})
    picture(charts.forest(towns, None, "zh"))
