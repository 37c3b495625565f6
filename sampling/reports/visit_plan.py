"""The plan of visits on a page: what it says in a few figures, its table, load, map and strip of days."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Union

import pandas as pd

from sampling.campaign.folder import RECEIPT
from sampling.campaign.plan_files import read_plan
from sampling.campaign.status import sha256_of
from sampling.reports import plan_charts, tables
from sampling.reports.figures import count, listing, whole
from sampling.reports.html import Block, Table, paragraph, picture, section
from sampling.reports.report import Report, ReportRefused
from sampling.visits.plan import VisitPlan
from sampling.visits.plan_tables import BETWEEN, PART
from sampling.words import InputError, text

if TYPE_CHECKING:
    from sampling.reports.plan_form import PlanForm

NOTHING = Block(html="")
LOAD = ("days", "villages", "households")
WAYS = ("hours", "longest", "km", "farthest")


def say(key: str, lang: str, **fields: object) -> str:
    """A sentence of this page's catalogue."""
    return text(f"visit_plan.{key}", lang, **fields)


def plan_of(report: Report) -> VisitPlan | None:
    """The plan of the campaign, in a town's report only its visits there; None where none was made.

    Raises
    ------
    ReportRefused
        If the files of the plan were changed so that they cannot be read.
    """
    try:
        plan = read_plan(report.campaign)
    except InputError as error:
        raise ReportRefused(error, report.lang) from None
    if plan is None or not report.data.township:
        return plan
    visits = plan.visits[plan.visits["township"] == report.data.township].reset_index(drop=True)
    days = plan.days.merge(visits[["date", "team"]].drop_duplicates())
    return replace(plan, visits=visits, days=days)


def summary(report: Report) -> Block:
    """The plan in a few figures, with what a reader must know; that there is none, where none was made."""
    return section(say("heading", report.lang), _summary(report))


def _summary(report: Report) -> Iterator[str]:
    lang, plan = report.lang, plan_of(report)
    if plan is None or plan.visits.empty:
        yield say("none", lang) if plan is None else ""
        return
    visits = plan.visits
    fields: dict[str, object] = {
        "teams": visits["team"].nunique(),
        "days": visits["date"].nunique(),
        "first": visits["date"].min(),
        "last": visits["date"].max(),
        "team_days": len(plan.days),
        "villages": count("villages", visits["village"].nunique(), lang),
        "households": count("households", visits["households"].sum(), lang),
    }
    if report.data.township:
        yield say("summary.town", lang, **{name: fields[name] for name in fields if name != "team_days"})
        return
    yield say("summary.days", lang, **fields)
    hours = plan.days["hours"]
    ways = {"km": whole_or_unknown(plan.days["km"]), "hours": f"{hours.sum():,.0f}"}
    yield say("summary.ways", lang, longest=f"{hours.max():.1f}", **ways)
    if plan.made_from != sha256_of(report.campaign.folder / RECEIPT):
        yield say("summary.old", lang)
    yield from (note.to_line(lang) for note in plan.notes)


def table(report: Report) -> Table | Block:
    """The plan visit by visit; nothing where none was made."""
    plan = plan_of(report)
    if plan is None or plan.visits.empty:
        return NOTHING
    lang, visits = report.lang, plan.visits
    towns = tables.town_names(report).set_index("township")["name"]
    villages = tables.village_names(report).set_index("village")["name"]
    frame = pd.DataFrame(
        {
            "date": visits["date"],
            "team": visits["team"],
            "stop": visits["stop"].astype(str),
            "town": visits["township"].map(towns).fillna(visits["township"]),
            "village": visits["village"].map(villages).fillna(visits["village"]),
            "arrive": visits["arrive"],
            "leave": visits["leave"],
            "km": visits["km"].map(_tenths),
            "households": visits["households"].astype(str),
            "reason": [reason_words(reason, lang) for reason in visits["reason"]],
        }
    )
    numeric = ("stop", "arrive", "leave", "km", "households")
    return _labelled("plan", frame, numeric, lang, note=say("table.km", lang))


def whole_or_unknown(numbers: pd.Series) -> str:
    """The sum of a column in whole numbers; a dash where none of them is known."""
    return whole(numbers.sum(min_count=1))


def _tenths(number: float) -> str:
    return "—" if pd.isna(number) else f"{number:,.1f}"


def reason_words(reason: str, lang: str) -> str:
    """Why a visit stands where it does, in the reader's words; a code that is not ours stays as it is."""
    return listing([_reason(code, lang) for code in reason.split(BETWEEN) if code], lang)


def _reason(code: str, lang: str) -> str:
    if code.startswith(PART):
        number, _, parts = code.removeprefix(PART).partition(" of ")
        return say("reason.part", lang, number=number, count=parts)
    own = ("certainty", "appointment", "call_again", "left_over", "new")
    return say(f"reason.{code}", lang) if code in own else code


def load(report: Report) -> Table | Block:
    """What each team has to do; in a town's report only what it does there."""
    plan = plan_of(report)
    if plan is None or plan.visits.empty:
        return NOTHING
    return load_table(plan, report.lang, ways=() if report.data.township else WAYS)


def load_table(plan: VisitPlan, lang: str, *, ways: tuple[str, ...] = WAYS) -> Table:
    """Days, villages and households of each team, and the `ways`: hours and kilometres of its whole days."""
    visits = plan.visits.groupby("team", sort=False)
    days = plan.days.groupby("team", sort=False)
    numbers = pd.DataFrame(
        {
            "days": days.size(),
            "villages": visits["village"].nunique(),
            "households": visits["households"].sum(),
            "hours": days["hours"].sum(),
            "longest": days["hours"].max(),
            "km": days["km"].sum(min_count=1),
            "farthest": days["km"].max(),
        }
    )
    sums = numbers.sum(min_count=1).to_dict() | {
        "longest": numbers["longest"].max(),
        "farthest": numbers["farthest"].max(),
    }
    sums["villages"] = plan.visits["village"].nunique()
    rows: list[dict] = [*numbers.to_dict("records"), sums]
    names = [*numbers.index, say("column.total", lang)]
    frame = pd.DataFrame([_load_row(row, ways) for row in rows])
    frame.insert(0, "team", names)
    return replace(_labelled("load", frame, (*LOAD, *ways), lang), total=True)


def _load_row(row: Mapping[str, float], ways: tuple[str, ...]) -> dict[str, str]:
    return {name: f"{row[name]:,.0f}" for name in LOAD} | {name: _tenths(row[name]) for name in ways}


def _labelled(
    name: str, frame: pd.DataFrame, numeric: tuple[str, ...], lang: str, *, note: str = ""
) -> Table:
    labels = {column: say(f"column.{column}", lang) for column in frame.columns}
    return Table(
        caption=say(f"table.{name}", lang),
        frame=frame.rename(columns=labels),
        numeric=[labels[column] for column in numeric],
        note=note,
    )


def gantt(report: Report) -> Block:
    """Teams by days, a bar for every visit; nothing where no plan was made."""
    plan = plan_of(report)
    if plan is None or plan.visits.empty:
        return NOTHING
    return picture(plan_charts.gantt(plan.visits, report.lang))


def route_map(report: Report) -> Block:
    """Where each team goes; a sentence where places are not known, nothing where no plan was made."""
    plan = plan_of(report)
    if plan is None or plan.visits.empty:
        return NOTHING
    villages = report.data.villages
    places = villages[["x", "y"]].apply(pd.to_numeric, errors="coerce")
    known = villages[["village"]].join(places).dropna()
    if not set(plan.visits["village"]) <= set(known["village"]):
        return paragraph(say("summary.no_map", report.lang))
    return picture(plan_charts.route_map(plan.visits, known, report.lang))


def form(report: Report) -> Union[Block, "PlanForm"]:
    """Sliders that plan again; why there are none, where there are no teams; nothing in a town's report."""
    if report.data.township:
        return NOTHING
    from sampling.reports.plan_form import plan_form  # ipywidgets are needed for this alone

    return plan_form(report)
