"""What the visits found, counted: plain tables of codes and whole numbers, nothing estimated."""

from collections.abc import Mapping

import pandas as pd

from sampling.codes import OUTCOMES, ROLL, VERDICTS
from sampling.draws.roles import drawn_rows

OPEN = ""
"""The outcome of a household that nobody has reported on yet."""
CERTAINTY = "certainty"


def outcomes_by(visits: pd.DataFrame, by: str) -> pd.DataFrame:
    """Households to visit by outcome: one row for each value of `by`, one column for each outcome."""
    table = pd.crosstab(visits[by], visits["outcome"])
    return table.reindex(columns=[*OUTCOMES, OPEN], fill_value=0)


def verdicts_by(visits: pd.DataFrame, by: str) -> pd.DataFrame:
    """Visited households by verdict: one row for each value of `by` that has a visit planned."""
    done = completed(visits)
    table = pd.crosstab(done[by], done["verdict"])
    return table.reindex(index=visits[by].drop_duplicates(), columns=list(VERDICTS), fill_value=0)


def completed(visits: pd.DataFrame) -> pd.DataFrame:
    """The visits that brought a verdict."""
    return visits[visits["outcome"] == "completed"]


def outcome_counts(visits: pd.DataFrame) -> Mapping[str, int]:
    """Households to visit by outcome, every outcome named."""
    counts = visits["outcome"].value_counts()
    return {outcome: int(counts.get(outcome, 0)) for outcome in (*OUTCOMES, OPEN)}


def verdict_counts(visits: pd.DataFrame) -> Mapping[str, int]:
    """Visited households by verdict, every verdict named."""
    counts = completed(visits)["verdict"].value_counts()
    return {verdict: int(counts.get(verdict, 0)) for verdict in VERDICTS}


def reason_counts(visits: pd.DataFrame) -> pd.DataFrame:
    """Visited households that are not correct, by verdict and reason, with yuan-fen a month in error.

    Returns
    -------
    pandas.DataFrame
        Columns verdict, reason, households, error_fen; the largest first within each verdict.
    """
    wrong = completed(visits)
    wrong = wrong[~wrong["verdict"].isin(["correct", "entitled"])].assign(error_fen=error_fen)
    groups = wrong.groupby(["verdict", "reason"], sort=False)["error_fen"]
    table = groups.agg(households="size", error_fen="sum").reset_index()
    order = table["verdict"].map({verdict: number for number, verdict in enumerate(VERDICTS)})
    return table.assign(order=order).sort_values(["order", "households"], ascending=[True, False]).drop(
        columns="order"
    ).reset_index(drop=True)  # fmt: skip


def error_fen(visits: pd.DataFrame) -> pd.Series:
    """Fen a month in error at each household: all that is paid where it should stop, else the difference."""
    paid = visits["amount_paid_fen"].astype("Float64").fillna(0)
    due = visits["amount_due_fen"].astype("Float64")
    error = (paid - due).abs().where(visits["verdict"].isin(["overpaid", "underpaid"]), 0).fillna(0)
    return error.mask(visits["verdict"] == "ineligible", paid).astype("int64")


def money_found(visits: pd.DataFrame) -> Mapping[str, int]:
    """Fen a month by verdict that carries money: ineligible, overpaid, underpaid."""
    done = completed(visits)
    sums = error_fen(done).groupby(done["verdict"]).sum()
    return {verdict: int(sums.get(verdict, 0)) for verdict in ("ineligible", "overpaid", "underpaid")}


def places(sample: pd.DataFrame) -> pd.DataFrame:
    """The drawn villages: township, village, certainty (bool), M households on the roll, m of them drawn."""
    drawn = drawn_rows(sample)
    first = drawn[drawn["stage"] == "1"]
    second = drawn[(drawn["stage"] == "2") & (drawn["list"] == ROLL)]
    inside = second.groupby("village").agg(M=("M", "first"), m=("household", "size"))
    table = first[["township", "village", "role"]].merge(inside, on="village", how="left")
    numbers = {name: pd.to_numeric(table[name]).fillna(0).astype("int64") for name in ("M", "m")}
    return table.assign(certainty=table["role"] == CERTAINTY, **numbers).drop(columns="role")


def workload_by_town(sample: pd.DataFrame) -> pd.DataFrame:
    """Work in each town: villages, certain ones among them, households of the roll and of other lists."""
    towns = places(sample).groupby("township")
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
