"""Tables for reading: columns and codes in the reader's language, figures as a reader expects them."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import pandas as pd

from sampling.codes import OUTCOMES, VERDICTS, label
from sampling.estimates import model_areas
from sampling.estimates.intervals import WIDE
from sampling.findings import problem_names
from sampling.reports import counts
from sampling.reports.estimated import by_town
from sampling.reports.figures import percent, span, whole
from sampling.reports.html import Table
from sampling.reports.report import Report
from sampling.words import InputError, catalogue, text

SELF_CHECK = ("detection_rate", "false_clear_rate", "self_found_share")


def town_names(report: Report) -> pd.DataFrame:
    """The towns and units that the report is about: township, name; in the order of their numbers."""
    units = report.campaign.units()
    inside = units["township"] == report.data.township if report.data.township else units["township"] != ""
    return units.loc[inside, ["township", "name"]].reset_index(drop=True)


def village_names(report: Report) -> pd.DataFrame:
    """The villages of the report: township, village, name (the village's own name, else its id)."""
    villages = report.data.villages
    names = villages["village_name"].fillna("")
    return villages[["township", "village"]].assign(name=names.where(names != "", villages["village"]))


def plan(report: Report) -> Table:
    """How many villages are drawn in each stratum, by which rule, and how many visits that means."""
    lang = report.lang
    named = town_names(report).merge(report.data.strata, on="township")
    frame = pd.DataFrame(
        {
            "town": named["name"],
            "certainty": [_yes(value == "1", lang) for value in named["certainty"].astype(str)],
            "villages_all": named["N"].map(whole),
            "villages_drawn": [_number(*one) for one in zip(named["n"], named["expected"], strict=True)],
            "bound": [text(f"reports.bound.{rule}", lang) for rule in named["bound"]],
            "rate": [percent(float(Fraction(rate)), lang) for rate in named["rate"]],
            "households_roll": named["households"].map(whole),
            "households_expected": named["expected_visits"].astype(float).map(whole),
        }
    )
    sums = _sums(named, {"villages_all": "N", "households_roll": "households"}, lang)
    sums["villages_drawn"] = _number(named["n"].sum(skipna=False), sum(map(Fraction, named["expected"])))
    sums["households_expected"] = whole(named["expected_visits"].astype(float).sum())
    numeric = ["villages_all", "villages_drawn", "rate", "households_roll", "households_expected"]
    return _table(report, "plan", frame, numeric, total=sums)


def _number(n: object, expected: str | Fraction | int) -> str:
    """How many are drawn; what to expect where the draw itself decides that."""
    return f"≈ {float(Fraction(expected)):.1f}" if pd.isna(n) else whole(n)  # type: ignore[call-overload, arg-type]


def workload(report: Report) -> Table:
    """Places to go to and households to visit in each town."""
    work = town_names(report).merge(counts.workload_by_town(report.data.sample), on="township")
    frame = pd.DataFrame(
        {
            "town": work["name"],
            "villages_drawn": work["villages"].map(whole),
            "certainty": work["certainty"].map(whole),
            "households_drawn": work["roll_households"].map(whole),
            "lists": work["list_households"].map(whole),
        }
    )
    columns = {"villages_drawn": "villages", "certainty": "certainty"}
    columns |= {"households_drawn": "roll_households", "lists": "list_households"}
    return _table(report, "workload", frame, list(columns), total=_sums(work, columns, report.lang))


def drawn_villages(report: Report) -> Table:
    """The villages that were drawn, with households on the roll and to visit."""
    places = _named_places(report)
    frame = pd.DataFrame(
        {
            "town": places["town"],
            "village": places["name"],
            "certainty": [_yes(value, report.lang) for value in places["certainty"]],
            "households_roll": places["M"].map(whole),
            "households_drawn": places["m"].map(whole),
        }
    )
    sums = _sums(places, {"households_roll": "M", "households_drawn": "m"}, report.lang)
    return _table(report, "places", frame, ["households_roll", "households_drawn"], total=sums)


def outcomes(report: Report) -> Table:
    """Households to visit by what became of them, with their share."""
    lang, visits = report.lang, report.data.roll_visits
    numbers, total = counts.outcome_counts(visits), counts.number(visits)
    codes = [code for code in (*OUTCOMES, counts.OPEN) if numbers[code] or code == "completed"]
    frame = pd.DataFrame(
        {
            "outcome": [outcome_name(code, lang) for code in codes],
            "households": [whole(numbers[code]) for code in codes],
            "share": [percent(numbers[code] / max(total, 1), lang) for code in codes],
        }
    )
    return _table(report, "coverage", frame, ["households", "share"], total={"households": whole(total)})


def outcome_name(code: str, lang: str) -> str:
    """An outcome for people; "" is a household without a result yet."""
    return label("outcome", code, lang) if code else text("reports.chart.open", lang)


def verdicts(report: Report) -> Table:
    """Visited households by recommendation and reason, with yuan a month in error."""
    lang, visits = report.lang, report.data.roll_visits
    reasons = counts.reason_counts(visits)
    correct = counts.verdict_counts(visits)["correct"]
    frame = pd.DataFrame(
        {
            "verdict": [label("verdict", code, lang) for code in ["correct", *reasons["verdict"]]],
            "reason": ["", *map(report.reason, reasons["reason"])],
            "households": [whole(correct), *map(whole, reasons["households"])],
            "money": ["", *(whole(fen / 100) if fen else "" for fen in reasons["error_fen"])],
        }
    )
    sums = {"households": whole(correct + reasons["households"].sum())}
    return _table(report, "verdicts", frame, ["households", "money"], total=sums, note=True)


def villages(report: Report) -> Table:
    """The drawn villages with what was found in each, in numbers only."""
    table = village_counts(report)
    names = {"households_roll": "M", "households_drawn": "m", "visited": "visited"}
    names |= {verdict: verdict for verdict in VERDICTS}
    frame = pd.DataFrame(
        {
            **({} if report.data.township else {"town": table["town"]}),
            "village": table["name"],
            "certainty": [_yes(value, report.lang) for value in table["certainty"]],
            **{name: table[column].map(whole) for name, column in names.items()},
        }
    )
    return _table(report, "villages", frame, list(names), total=_sums(table, names, report.lang), note=True)


def village_counts(report: Report) -> pd.DataFrame:
    """The drawn villages as numbers: town, name, certainty, M, m, visited and one column for each verdict."""
    found = counts.verdicts_by(report.data.roll_visits, "village")
    table = _named_places(report).merge(found, left_on="village", right_index=True, how="left")
    table[list(VERDICTS)] = table[list(VERDICTS)].fillna(0).astype("int64")
    return table.assign(visited=table[list(VERDICTS)].sum(axis=1))


def towns(report: Report) -> Table:
    """Each town with what was found there and what is estimated, one row a town."""
    lang, table = report.lang, town_counts(report)
    shares = by_town(report.data, "ineligible_share", table).set_index("township")
    known = shares.reindex(table["township"])
    columns = {"villages_drawn": "villages", "households_drawn": "planned", "visited": "visited"}
    columns |= {verdict: verdict for verdict in VERDICTS}
    frame = pd.DataFrame(
        {
            "town": table["name"],
            **{name: table[column].map(whole) for name, column in columns.items()},
            "estimate": [percent(share, lang) for share in known["estimate"]],
            "interval": [
                _limits(low, high, lang) for low, high in zip(known["low"], known["high"], strict=True)
            ],
        }
    )
    numeric = [*columns, "estimate", "interval"]
    return _table(report, "towns", frame, numeric, total=_sums(table, columns, lang), note=True)


def town_counts(report: Report) -> pd.DataFrame:
    """Each town as numbers: township, name, villages, planned, visited and one column for each verdict."""
    visits = report.data.roll_visits
    found = counts.verdicts_by(visits, "township")
    places = report.data.places.groupby("township")["village"].size().rename("villages")
    planned = visits.groupby("township")["households"].sum().rename("planned")
    table = town_names(report).set_index("township").join([places, planned, found])
    numbers = ["villages", "planned", *VERDICTS]
    table[numbers] = table[numbers].fillna(0).astype("int64")
    return table.assign(visited=table[list(VERDICTS)].sum(axis=1)).reset_index()


def estimates(report: Report) -> Table:
    """Every quantity of the place with its interval."""
    lang, by = report.lang, "township" if report.data.township else ""
    rows = report.data.estimates
    rows = rows[(rows["by"] == by) & rows["parameter"].map(lambda name: _is_named(name, lang))]
    rows = rows[rows["estimate"].notna()]
    frame = pd.DataFrame(
        {
            "quantity": [text(f"reports.parameter.{name}", lang) for name in rows["parameter"]],
            "estimate": [_quantity(row, lang) for row in rows.to_dict("records")],
            "interval": [_quantity_between(row, lang) for row in rows.to_dict("records")],
        }
    )
    methods = ", ".join(dict.fromkeys(rows["interval"]))
    confidence = percent(rows["confidence"].max(), lang).replace(".0", "")
    table = _table(report, "estimates", frame, ["estimate", "interval"])
    note = text("reports.table.estimates.note", lang, confidence=confidence, interval=methods)
    return Table(caption=table.caption, frame=table.frame, numeric=table.numeric, note=note)


def self_check(report: Report) -> Table:
    """What the recheck says of the self-check in every town: found, wrongly cleared, its part of all."""
    lang, names = report.lang, town_names(report)
    cells = {name: _with_limits(by_town(report.data, name, names), names, lang) for name in SELF_CHECK}
    frame = pd.DataFrame({"town": names["name"], **cells})
    return _table(report, "self_check", frame, list(SELF_CHECK), note=True)


def order(report: Report) -> Table:
    """The towns put in order by a model that lends each what the others say, with their ranks."""
    lang, names = report.lang, town_names(report)
    rows = report.data.estimates
    rows = rows[(rows["by"] == "township") & (rows["parameter"] == "ineligible_share")]
    try:
        model = model_areas(rows).to_table().rename(columns={"domain": "township"})
    except InputError:  # too few towns, or nothing to learn from
        model = pd.DataFrame(columns=["township", "estimate", "low", "high", "rank_low", "rank_high"])
    table = names.merge(model, on="township").sort_values("estimate", ascending=False)
    ranks = zip(table["rank_low"], table["rank_high"], strict=True)
    frame = pd.DataFrame(
        {
            "town": table["name"],
            "model": _with_limits(table, table, lang),
            "rank": [text("reports.figure.between", lang, low=whole(a), high=whole(b)) for a, b in ranks],
        }
    )
    return _table(report, "order", frame, ["model", "rank"], note=True)


def _with_limits(known: pd.DataFrame, names: pd.DataFrame, lang: str) -> list[str]:
    """A share with its limits for every town; a dash where there is none."""
    rows = known.set_index("township").reindex(names["township"])[["estimate", "low", "high"]]
    return [
        "—" if math.isnan(share) else f"{percent(share, lang)} ({span(low, high, lang)})"
        for share, low, high in rows.itertuples(index=False)
    ]


def _is_named(parameter: str, lang: str) -> bool:
    return f"reports.parameter.{parameter}" in catalogue(lang)


def is_share(parameter: str) -> bool:
    """Whether a quantity is a share, written as a percentage."""
    return parameter.endswith(("_share", "_rate"))


def _quantity(row: dict, lang: str) -> str:
    return percent(row["estimate"], lang) if is_share(row["parameter"]) else whole(row["estimate"])


def _quantity_between(row: dict, lang: str) -> str:
    if is_share(row["parameter"]):
        return span(row["low"], row["high"], lang)
    return text("reports.figure.between", lang, low=whole(row["low"]), high=whole(row["high"]))


def quarantine(report: Report) -> Table:
    """How many returned rows wait in quarantine, by reason; no content of a row."""
    rows = report.campaign.quarantine()
    numbers = problem_names(rows, report.lang).value_counts()
    frame = pd.DataFrame({"reason": list(numbers.index), "rows": [whole(value) for value in numbers]})
    return _table(report, "quarantine", frame, ["rows"])


def _named_places(report: Report) -> pd.DataFrame:
    towns = town_names(report).rename(columns={"name": "town"})
    places = towns.merge(report.data.places, on="township")
    return places.merge(village_names(report), on=["township", "village"])


def _limits(low: float, high: float, lang: str) -> str:
    if math.isnan(low):
        return "—"
    mark = "*" if high - low > WIDE else ""
    return span(low, high, lang) + mark


def _yes(value: object, lang: str) -> str:
    return text("reports.mark.yes", lang) if value else text("reports.mark.no", lang)


def _sums(table: pd.DataFrame, columns: Mapping[str, str], lang: str) -> dict[str, str]:
    return {name: whole(table[column].sum()) for name, column in columns.items()}


def _table(
    report: Report,
    name: str,
    frame: pd.DataFrame,
    numeric: Sequence[str],
    *,
    total: Mapping[str, str] | None = None,
    note: bool = False,
) -> Table:
    lang = report.lang
    if total is not None:
        first = {frame.columns[0]: text("reports.column.total", lang)}
        last = pd.DataFrame([first | dict(total)], columns=frame.columns, dtype="str").fillna("")
        frame = pd.concat([frame.astype("str"), last], ignore_index=True)
    labels = {column: text(f"reports.column.{column}", lang) for column in frame.columns}
    return Table(
        caption=text(f"reports.table.{name}.caption", lang),
        frame=frame.rename(columns=labels),
        numeric=[labels[column] for column in numeric],
        note=text(f"reports.table.{name}.note", lang) if note else "",
        total=total is not None,
    )
