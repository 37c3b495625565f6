"""What is estimated in a campaign: each measure of error, of households, of people and of money."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sampling import codes

YUAN = 100  # fen
Column = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One kind of error. Its share (or rate) is `total / base on the roll`, so that share × roll = total.

    `error` gives how much of `base` each inspected household has in error; `verdicts` are those whose reasons
    can tell it apart.
    """

    share: str
    total: str
    base: str
    error: Column
    verdicts: tuple[str, ...]


def _verdict(*verdicts: str) -> Column:
    return lambda rows: rows["verdict"].isin(verdicts).astype(float)


def _people(rows: pd.DataFrame) -> pd.Series:
    return rows["persons"].where(rows["verdict"] == "ineligible", 0).astype(float)


def paid(rows: pd.DataFrame) -> pd.Series:
    """Yuan a month that each household is paid: as found, or as on the roll where that was not recorded."""
    found = pd.to_numeric(rows["amount_paid_fen"], errors="coerce").astype(float)
    return found.where(found.notna(), rows["amount_fen"].astype(float)) / YUAN


def _due(rows: pd.DataFrame) -> pd.Series:
    due = pd.to_numeric(rows["amount_due_fen"], errors="coerce").astype(float) / YUAN
    return due.where(due.notna(), paid(rows))


def _to_ineligible(rows: pd.DataFrame) -> pd.Series:
    return paid(rows).where(rows["verdict"] == "ineligible", 0.0)


def _overpaid(rows: pd.DataFrame) -> pd.Series:
    excess = (paid(rows) - _due(rows)).clip(lower=0)
    return _to_ineligible(rows) + excess.where(rows["verdict"] == "overpaid", 0.0)


def _underpaid(rows: pd.DataFrame) -> pd.Series:
    return (_due(rows) - paid(rows)).clip(lower=0).where(rows["verdict"] == "underpaid", 0.0)


ERROR = ("ineligible", "overpaid", "underpaid")


def _households(name: str, *verdicts: str) -> Measure:
    return Measure(
        share=f"{name}_share",
        total=f"{name}_households",
        base="households",
        error=_verdict(*verdicts),
        verdicts=verdicts,
    )


MEASURES = (
    _households("ineligible", "ineligible"),
    _households("overpaid", "overpaid"),
    _households("underpaid", "underpaid"),
    _households("error", *ERROR),
    _households("to_be_checked", "to_be_checked"),
    Measure(
        share="ineligible_people_share",
        total="ineligible_people",
        base="persons",
        error=_people,
        verdicts=("ineligible",),
    ),
    Measure(
        share="paid_to_ineligible_rate",
        total="paid_to_ineligible_yuan",
        base="yuan",
        error=_to_ineligible,
        verdicts=("ineligible",),
    ),
    Measure(
        share="paid_in_error_rate",
        total="overpaid_yuan",
        base="yuan",
        error=_overpaid,
        verdicts=("ineligible", "overpaid"),
    ),
    Measure(
        share="underpaid_rate",
        total="underpaid_yuan",
        base="yuan",
        error=_underpaid,
        verdicts=("underpaid",),
    ),
)
NET = ("net_rate", "net_yuan", "paid_in_error_rate", "underpaid_rate")
"""The net of two measures: its share and total, and the shares it is the difference of."""


def base_of(rows: pd.DataFrame, base: str) -> np.ndarray:
    """What the roll has of a base in each row: 1 household, its persons, or its yuan a month."""
    if base == "households":
        return np.ones(len(rows))
    values = rows["persons"] if base == "persons" else rows["amount_fen"].astype(float) / YUAN
    return values.astype(float).fillna(0.0).to_numpy()


def measurable(roll: pd.DataFrame) -> tuple[Measure, ...]:
    """The measures whose base the roll has."""
    have = {"households": True, "persons": "persons" in roll, "yuan": "amount_fen" in roll}
    return tuple(measure for measure in MEASURES if have[measure.base])


def reasons_of(measure: Measure, rows: pd.DataFrame) -> tuple[str, ...]:
    """The reasons that can tell a measure apart, each once, in the order of the code list.

    The county's own come last, those that were given in `rows` (columns verdict and reason).
    """
    listed = (reason for verdict in measure.verdicts for reason in codes.reasons_of(verdict))
    given = rows.loc[rows["verdict"].isin(measure.verdicts), "reason"].dropna()
    return tuple(dict.fromkeys([*listed, *sorted(set(given) - {""})]))
