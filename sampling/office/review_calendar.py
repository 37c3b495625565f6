"""复审日历: when each household is to be looked at again; its number, no name."""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from icalendar import Calendar, Event

from sampling.campaign.followup_settings import ANY_TIME, HALF_YEARLY
from sampling.codes import ROLL, code_of
from sampling.documents.model import INTERNAL, TEXT, WHOLE, Book, Cell, Column, Sheet
from sampling.office.office import Office
from sampling.words import text

STABLE, RETIREMENT, UNSTABLE = KINDS = ("stable", "retirement", "unstable")
RETIRED_AT = {"man": 60, "woman": 55}
"""Years at which a match with the pension register begins to make sense."""
MONTHS = 12
DOUBTED = ("contested", "visit_again")
COLUMNS = ("month", "town", "village", "household", "kind")


def review_rows(office: Office) -> pd.DataFrame:
    """When each household of the roll is reviewed: month ("" for at any time), its place, and the kind.

    Notes
    -----
    Stable income: once a year. Able to work and about to retire: every half year, with a match against the
    pension register. Able to work otherwise, to be checked further, or contested: at any time. The villages
    take turns through the months after the commit, so that the work is spread.
    """
    roll = office.roll
    kind = pd.Series([_kind(row, office) for row in roll.to_dict("records")], index=roll.index, dtype="str")
    kind = kind.mask(_is_doubted(office), UNSTABLE)
    turn = roll["village"].map({name: place for place, name in enumerate(sorted(roll["village"].unique()))})
    rows = roll[["township_name", "village", "village_name", "household"]].assign(kind=kind, turn=turn)
    periods = office.campaign.settings.followup.review
    parts = [_dated(part, periods[str(name)], office.reference) for name, part in rows.groupby("kind")]
    found = pd.concat(parts) if parts else rows.assign(month="").drop(columns="turn")
    return found.sort_values(["month", "township_name", "village", "household"], ignore_index=True)


def _is_doubted(office: Office) -> pd.Series:
    """Whether a household of the roll is to be checked further, or its town contests what was found."""
    told, roll = office.problems, office.roll
    doubted = told[told["attitude"].isin(DOUBTED) | (told["what"] == "to_be_checked")]
    keys = pd.MultiIndex.from_frame(doubted.loc[doubted["list"] == ROLL, ["village", "household"]])
    own = pd.MultiIndex.from_frame(roll[["village", "household"]])
    return pd.Series(own.isin(keys), index=roll.index)


def _kind(row: Mapping[Any, Any], office: Office) -> str:
    if code_of("category", str(row["category"])) != "able_to_work":
        return STABLE
    return RETIREMENT if _near_retirement(str(row["identity"]), office.reference) else UNSTABLE


def _near_retirement(identity: str, day: datetime.date) -> bool:
    """Whether the person of an 18-digit number retires within a year, or is past that age."""
    if len(identity) != 18 or not identity[:17].isdigit():
        return False
    age = RETIRED_AT["man" if int(identity[16]) % 2 else "woman"]
    return day.year + 1 - int(identity[6:10]) >= age


def _dated(rows: pd.DataFrame, period: str, first: datetime.date) -> pd.DataFrame:
    """The rows with the months that they fall into."""
    plain = rows.drop(columns="turn")
    if period == ANY_TIME:
        return plain.assign(month="")
    step = 6 if period == HALF_YEARLY else MONTHS
    return pd.concat(
        plain.assign(month=[month_after(first, 1 + turn % step + shift) for turn in rows["turn"]])
        for shift in range(0, MONTHS, step)
    )


def month_after(day: datetime.date, months: int) -> str:
    """The month so many months after a day's, as 2026-07.

    >>> month_after(datetime.date(2026, 11, 30), 2)
    '2027-01'
    """
    number = day.year * MONTHS + day.month - 1 + months
    return f"{number // MONTHS}-{number % MONTHS + 1:02}"


def review_calendar(office: Office) -> Book:
    """The calendar as a workbook: each household with its month, and the numbers by month."""
    rows, lang = review_rows(office), office.lang
    households = Sheet(
        name=_say("list", lang),
        title=_say("title", lang),
        columns=tuple(Column(title=_say(f"column.{name}", lang), width=16) for name in COLUMNS),
        rows=tuple(_row(row, lang) for row in rows.to_dict("records")),
        notes=(_say("note", lang),),
    )
    return Book(
        title=_say("title", lang),
        lang=lang,
        tier=INTERNAL,
        marks=office.marks(INTERNAL, draft=False),
        sheets=(households, _months(rows, lang)),
    )


def _row(row: Mapping[Any, Any], lang: str) -> tuple[str, ...]:
    month = row["month"] or _say("any_time", lang)
    village = row["village_name"] or row["village"]
    return month, row["township_name"], village, row["household"], _say(f"kind.{row['kind']}", lang)


def _months(rows: pd.DataFrame, lang: str) -> Sheet:
    table = rows.groupby(["month", "kind"]).size().unstack(fill_value=0)
    kinds = [name for name in KINDS if name in table]
    body: list[tuple[Cell, ...]] = [
        (str(month) or _say("any_time", lang), *(int(number) for number in numbers))
        for month, numbers in zip(table.index, table[kinds].itertuples(index=False, name=None), strict=True)
    ]
    last: tuple[Cell, ...] = (text("reports.column.total", lang), *(int(table[name].sum()) for name in kinds))
    counted = [Column(title=_say(f"kind.{name}", lang), kind=WHOLE) for name in kinds]
    return Sheet(
        name=_say("months", lang),
        title=_say("months", lang),
        columns=(Column(title=_say("column.month", lang), kind=TEXT), *counted),
        rows=(*body, last) if body else (),
        total=bool(body),
    )


def review_events(office: Office) -> bytes:
    """The calendar as a file for calendars (RFC 5545): a village and its number of households each month."""
    calendar = Calendar()
    calendar.add("prodid", "-//inspection-sampling//review//")
    calendar.add("version", "2.0")
    for event in _events(office):
        calendar.add_component(event)
    return calendar.to_ical()


def _events(office: Office) -> Iterator[Event]:
    rows = review_rows(office)
    dated = rows[rows["month"] != ""]
    by = ["month", "township_name", "village", "village_name"]
    groups = dated.groupby(by, sort=True, as_index=False).size()
    for month, town, village, name, number in groups.itertuples(index=False, name=None):
        day = datetime.date.fromisoformat(f"{month}-01")
        event = Event()
        event.add("uid", f"{office.campaign.id}-{village}-{month}@inspection-sampling")
        event.add("dtstamp", datetime.datetime(day.year, day.month, 1, tzinfo=datetime.UTC))
        event.add("dtstart", day)
        event.add("summary", _say("event", office.lang, town=town, village=name or village, number=number))
        yield event


def _say(key: str, lang: str, **fields: object) -> str:
    return text(f"followup.calendar.{key}", lang, **fields)
