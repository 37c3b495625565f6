"""Households with a finding, as the restricted documents name them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from sampling.codes import PAID_LISTS, ROLL, code_of, is_paid, label, list_label
from sampling.office.office import Office
from sampling.office.reckoning import Reckoning, reckoning
from sampling.office.statistics import yuan
from sampling.words import fold, text

STOP, REDUCE, RAISE, CHECK, ENTITLED = "ineligible", "overpaid", "underpaid", "to_be_checked", "entitled"
CHANGES = (STOP, REDUCE, RAISE)
"""Recommendations that change what a household gets."""
ACCEPTED, CHANGED, DROPPED = "accepted", "changed", "dropped"
"""Decisions of the county: what was recommended; something else; nothing. A recommendation alone is none."""
AT_HOME = "at_home"
OF_AGE = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A household with a finding; money in yuan a month, None where it is not known.

    `list` and `category` are words for the reader, `entitled` and `persons` what the roll says,
    `entitled_found` what was found.
    """

    list: str
    of_roll: bool
    town: str
    village: str
    number: str
    name: str
    minor: bool
    persons: int | None
    entitled: int | None
    entitled_found: int | None
    category: str
    verdict: str
    reason: str
    paid: Decimal | None
    due: Decimal | None
    reckoning: Reckoning | None
    date: str
    serial: str
    at_home: bool
    signed: bool
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


def is_minor(identity: object, day: date) -> bool:
    """Whether the birthday in an identity number is less than 18 years back; an odd number tells none.

    >>> is_minor("99999920100615001T", date(2028, 6, 14)), is_minor("99999920100615001T", date(2028, 6, 15))
    (True, False)
    """
    number = fold(_text(identity))
    digits = number[6:14] if len(number) == 18 else f"19{number[6:12]}" if len(number) == 15 else ""
    try:
        born = datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        return False
    return (day.year - born.year, day.month, day.day) < (OF_AGE, born.month, born.day)


def day_words(iso: str, lang: str) -> str:
    """A day as letters write it; what is no day is left as it is."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return text("notices.day", lang, year=day.year, month=day.month, day=day.day)


def _household(row: Mapping[Any, Any], office: Office) -> Household:
    due_fen = 0 if row["verdict"] == STOP else row["amount_due_fen"]
    return Household(
        **_place(row, office),
        persons=_whole(row["persons"]),
        entitled=_whole(row["entitled"]),
        entitled_found=_whole(row["entitled_found"]),
        category=_category(row["category"], office.lang),
        verdict=row["verdict"],
        reason=row["reason"],
        paid=_yuan(row["amount_paid_fen"]) if is_paid(row["list"]) else Decimal(0),
        due=_yuan(due_fen),
        reckoning=reckoning(row, office.campaign.settings.standard, due_fen=_whole(due_fen)),
        date=row["date"],
        serial=row["serial"],
        at_home=row["mode"] == AT_HOME,
        signed=bool(row["signed"]),
        decision=row["decision"],
    )


def _place(row: Mapping[Any, Any], office: Office) -> dict[str, Any]:
    return {
        "list": list_label(row["list"], office.lang),
        "of_roll": row["list"] == ROLL,
        "town": row["township_name"],
        "village": _text(row["village_name"]) or row["village"],
        "number": row["household"],
        "name": _text(row["household_name"]),
        "minor": is_minor(row["identity"], office.reference),
    }


def _category(written: object, lang: str) -> str:
    """A category in the reader's words, however the roll writes it."""
    word = _text(written)
    return label("category", code_of("category", word) or word, lang)


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


def _yuan(value: object) -> Decimal | None:
    return None if pd.isna(value) else yuan(int(value))  # type: ignore[call-overload]
