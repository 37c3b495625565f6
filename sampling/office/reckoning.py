"""How the amount that a household is due follows from the county's standard, as its notice tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from sampling.codes import ROLL, code_of
from sampling.forms.standard import DIFFERENCE, Standard
from sampling.words import text

INCOMES = ("income_wages_fen", "income_business_fen", "income_property_fen", "income_transfers_fen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """(each - income / persons) times entitled is what is due; fen a month."""

    each: int
    income: int
    persons: int
    entitled: int
    due: int


def reckoning(row: Mapping[Any, Any], standard: Standard, *, due_fen: int | None) -> Reckoning | None:
    """The reckoning of a finding of the roll; None where it is not the one that the team's amount follows.

    Parameters
    ----------
    row
        programme and category as the roll writes them; incomes, persons_found, entitled_found of the finding.
    standard, due_fen
        The county's standard, and what the finding says is due.
    """
    needed = [row[name] for name in (*INCOMES, "persons_found", "entitled_found")]
    if standard.mode != DIFFERENCE or row["list"] != ROLL or any(pd.isna(value) for value in needed):
        return None
    area = code_of("programme", str(row["programme"])) or ""
    each = standard.each(area=area, category="")
    income, persons, entitled = sum(map(int, needed[:4])), int(needed[4]), int(needed[5])
    due = standard.due(area=area, category="", income_fen=income, persons=persons, entitled=entitled)
    if each is None or not persons or not entitled or due is None or due != due_fen:
        return None
    return Reckoning(each=each, income=income, persons=persons, entitled=entitled, due=due)


def in_words(told: Reckoning | None, lang: str) -> str:
    """The reckoning as a sentence; empty where there is none.

    The mean income stands as a quotient: rounded to the fen, the sum would not come out.
    """
    if told is None:
        return ""
    fields = {
        "each": amount(Decimal(told.each) / 100),
        "income": amount(Decimal(told.income) / 100),
        "persons": told.persons,
    }
    if told.due == 0:
        return text("notices.household.reckoned_nothing", lang, **fields)
    due = amount(Decimal(told.due) / 100)
    return text("notices.household.reckoned", lang, **fields, entitled=told.entitled, due=due)


def amount(yuan: Decimal) -> str:
    """Yuan with two places.

    >>> amount(Decimal("1234.5"))
    '1,234.50'
    """
    return f"{yuan:,.2f}"
