"""What the visits found, counted: sums over the table of facts, in codes and whole numbers.

`visits` is always `Facts.found`, or some of its rows: each stands for so many `households`.
"""

from collections.abc import Mapping

import pandas as pd

from sampling.campaign.facts import places_table
from sampling.codes import OUTCOMES, ROLL, VERDICTS

OPEN = ""
"""The outcome of a household that nobody has reported on yet."""
CERTAINTY = "certainty"


def number(visits: pd.DataFrame) -> int:
    """How many households these are."""
    return int(visits["households"].sum())


def outcomes_by(visits: pd.DataFrame, by: str) -> pd.DataFrame:
    """Households to visit by outcome: one row for each value of `by`, one column for each outcome."""
    return _crossed(visits, by, "outcome", [*OUTCOMES, OPEN])


def verdicts_by(visits: pd.DataFrame, by: str) -> pd.DataFrame:
    """Visited households by verdict: one row for each value of `by` that has a visit planned."""
    table = _crossed(completed(visits), by, "verdict", list(VERDICTS))
    return table.reindex(index=visits[by].drop_duplicates(), fill_value=0)


def _crossed(visits: pd.DataFrame, by: str, across: str, codes: list[str]) -> pd.DataFrame:
    sums = visits.groupby([by, across])["households"].sum()
    return sums.unstack(fill_value=0).reindex(columns=codes, fill_value=0)


def completed(visits: pd.DataFrame) -> pd.DataFrame:
    """The visits that brought a verdict."""
    return visits[visits["outcome"] == "completed"]


def outcome_counts(visits: pd.DataFrame) -> Mapping[str, int]:
    """Households to visit by outcome, every outcome named."""
    counts = visits.groupby("outcome")["households"].sum()
    return {outcome: int(counts.get(outcome, 0)) for outcome in (*OUTCOMES, OPEN)}


def verdict_counts(visits: pd.DataFrame) -> Mapping[str, int]:
    """Visited households by verdict, every verdict named."""
    counts = completed(visits).groupby("verdict")["households"].sum()
    return {verdict: int(counts.get(verdict, 0)) for verdict in VERDICTS}


def reason_counts(visits: pd.DataFrame) -> pd.DataFrame:
    """Visited households that are not correct, by verdict and reason, with yuan-fen a month in error.

    Returns
    -------
    pandas.DataFrame
        Columns verdict, reason, households, error_fen; the largest first within each verdict.
    """
    wrong = completed(visits)
    wrong = wrong[~wrong["verdict"].isin(["correct", "entitled"])]
    table = wrong.groupby(["verdict", "reason"], as_index=False)[["households", "error_fen"]].sum()
    order = table["verdict"].map({verdict: place for place, verdict in enumerate(VERDICTS)})
    table = table.assign(order=order).sort_values(
        ["order", "households"], ascending=[True, False], kind="stable"
    )
    return table.drop(columns="order").reset_index(drop=True)


def money_found(visits: pd.DataFrame) -> Mapping[str, int]:
    """Fen a month by verdict that carries money: ineligible, overpaid, underpaid."""
    sums = completed(visits).groupby("verdict")["error_fen"].sum()
    return {verdict: int(sums.get(verdict, 0)) for verdict in ("ineligible", "overpaid", "underpaid")}


def workload_by_town(sample: pd.DataFrame) -> pd.DataFrame:
    """Work in each town: villages, certain ones among them, households of the roll and of other lists."""
    towns = places_table(sample).groupby("township")
    second = sample[(sample["stage"] == "2") & (sample["role"] == "main")]
    on_roll = second["list"] == ROLL
    table = pd.DataFrame(
        {
            "villages": towns["village"].size(),
            "certainty": towns["certainty"].sum(),
            "roll_households": second[on_roll].groupby("township")["household"].size(),
            "list_households": second[~on_roll].groupby("township")["household"].size(),
        }
    )
    return table.fillna(0).astype("int64").rename_axis("township").reset_index()
