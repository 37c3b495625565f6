"""Households with a finding, as the restricted documents name them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from sampling.codes import PAID_LISTS, label
from sampling.office.office import Office
from sampling.office.reckoning import Reckoning, reckoning
from sampling.office.statistics import yuan

STOP, REDUCE, RAISE, CHECK, ENTITLED = "ineligible", "overpaid", "underpaid", "to_be_checked", "entitled"
CHANGES = (STOP, REDUCE, RAISE)
"""Recommendations that change what a household gets."""
OF_AGE = 18
DROPPED, CHANGED = "dropped", "changed"
"""Decisions of the county: nothing comes of it; something else than recommended does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A household with a finding; money in yuan a month, None where it is not known."""

    town: str
    village: str
    number: str
    name: str
    persons: int | None
    entitled: int | None
    category: str
    verdict: str
    reason: str
    paid: Decimal | None
    due: Decimal | None
    reckoning: Reckoning | None
    minor: bool
    date: str
    decision: str

    @property
    def change(self) -> Decimal | None:
        """What the recommendation changes, a month."""
        return None if self.paid is None or self.due is None else self.due - self.paid


def households_of(office: Office, verdict: str) -> list[Household]:
    """The households with this recommendation, by town, village and number."""
    table = office.inspected
    done = table[(table["outcome"] == "completed") & (table["verdict"] == verdict)]
    if verdict in CHANGES:
        done = done[done["list"].isin(PAID_LISTS)]
    return [_household(row, office) for row in done.to_dict("records")]


def to_notify(office: Office) -> Iterator[Household]:
    """The households that get a notice: a change is recommended, and the county has not dropped it."""
    for verdict in CHANGES:
        yield from (one for one in households_of(office, verdict) if one.decision != DROPPED)


def _household(row: Mapping[Any, Any], office: Office) -> Household:
    category, due_fen = _text(row["category"]), 0 if row["verdict"] == STOP else row["amount_due_fen"]
    return Household(
        town=row["township_name"],
        village=_text(row["village_name"]) or row["village"],
        number=row["household"],
        name=_text(row["household_name"]),
        persons=_whole(row["persons"]),
        entitled=_whole(row["entitled"]),
        category=label("category", category, office.lang),
        verdict=row["verdict"],
        reason=row["reason"],
        paid=_yuan(row["amount_paid_fen"]),
        due=_yuan(due_fen),
        reckoning=reckoning(row, office.campaign.settings.standard, due_fen=_whole(due_fen)),
        minor=is_minor(row["identity"], office.reference),
        date=row["date"],
        decision=row["decision"],
    )


def is_minor(identity: object, day: date) -> bool:
    """Whether the birthday in an identity number is less than 18 years back; an odd number tells none.

    >>> is_minor("99999920100615001T", date(2028, 6, 14)), is_minor("99999920100615001T", date(2028, 6, 15))
    (True, False)
    """
    number = _text(identity)
    digits = number[6:14] if len(number) == 18 else f"19{number[6:12]}" if len(number) == 15 else ""
    try:
        born = datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        return False
    return (day.year - born.year, day.month, day.day) < (OF_AGE, born.month, born.day)


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


def _yuan(value: object) -> Decimal | None:
    return None if pd.isna(value) else yuan(int(value))  # type: ignore[call-overload]
