"""Estimates picked out of the estimates table: one quantity of the place, or a quantity of every town."""

import math

import pandas as pd

from sampling.reports.data import ReportData
from sampling.reports.figures import Estimated


def estimated(data: ReportData, parameter: str) -> Estimated | None:
    """A quantity of the place that `data` is about; None where it is not estimated."""
    rows = _rows(data, parameter)
    if rows.empty or math.isnan(rows["estimate"].iloc[0]):
        return None
    row = rows.iloc[0]
    return Estimated(value=row["estimate"], low=row["low"], high=row["high"])


def estimate_row(data: ReportData, parameter: str) -> pd.Series | None:
    """The row of a quantity of the place, also one without a figure; None where there is none."""
    rows = _rows(data, parameter)
    return None if rows.empty else rows.iloc[0]


def noted(data: ReportData, parameter: str) -> list[str]:
    """Keys of the notes on a quantity of the place (catalogue table `estimates.note`), each once."""
    keys = [key for note in _rows(data, parameter)["note"] for key in note.split(";") if key]
    return list(dict.fromkeys(keys))


def _rows(data: ReportData, parameter: str) -> pd.DataFrame:
    table, by = data.estimates, "township" if data.township else ""
    return table[(table["by"] == by) & (table["parameter"] == parameter)]


def by_town(data: ReportData, parameter: str, names: pd.DataFrame) -> pd.DataFrame:
    """A quantity of every town that has an estimate: township, name, estimate, low, high.

    `names` has the columns township and name and gives the order.
    """
    table = data.estimates
    rows = table[(table["by"] == "township") & (table["parameter"] == parameter)]
    rows = rows.rename(columns={"domain": "township"})[["township", "estimate", "low", "high"]]
    return names[["township", "name"]].merge(rows.dropna(), on="township").reset_index(drop=True)
