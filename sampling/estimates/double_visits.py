"""Double visits of a campaign: how far two teams agree, and a rate freed from the inspectors' own errors."""

import numpy as np
import pandas as pd

from sampling import codes
from sampling.estimates.agreement import estimate_agreement, estimate_corrected_share, estimate_kappa
from sampling.estimates.estimate import COLUMNS, Estimates
from sampling.estimates.survey import SurveyData
from sampling.estimates.twophase import with_columns
from sampling.words.errors import InputError

NEEDED = 5
"""To correct a rate, second visits must have found so many households in error, and as many right."""

SHARE, AGAIN = "ineligible", "truth"
"""Columns: not entitled by the first visit, and by the second where that decided it."""
FREED = {
    "sensitivity": "inspectors_sensitivity_share",
    "specificity": "inspectors_specificity_share",
    "corrected": "corrected_ineligible_share",
}


def estimate_double_visits(
    data: SurveyData, second: pd.DataFrame, *, confidence: float = 0.95
) -> pd.DataFrame:
    """The rows of `estimates.csv` that second visits to inspected households give.

    Parameters
    ----------
    data
        The roll's respondents with their final weights; the table has their `verdict`.
    second
        Columns list, village, household, outcome and verdict of the second visits, one row per household
        visited twice. Rows of other lists, and visits that came to no verdict, are not used.
    confidence
        A share: 0.95.

    Returns
    -------
    estimates
        Columns of `Estimates.to_table`, all notes with "twice"; none without second visits.
        `agreement_share`: households at which both came to the same verdict; `agreement_kappa`: beyond chance
        (empty with the note "kappa_unknown" where chance leaves nothing). `inspectors_sensitivity_share`
        and `inspectors_specificity_share`: of those not entitled by the second visit that the first found,
        and of the others that it left; `corrected_ineligible_share`, the roll's `ineligible_share` freed from
        what these two say that the first visits miss and see wrongly (note "corrected"): a row by itself,
        that no other is reckoned from. It is empty, with a note, where fewer than NEEDED of either kind were
        visited twice ("too_few_twice"), or the inspectors tell them apart hardly better than chance
        ("inspectors_unsure").

    Notes
    -----
    `estimate_kappa` and `estimate_corrected_share` (Rogan & Gladen 1978), with the second visit as the truth:
    the households visited twice must be a random part of the inspected ones, and the second team not know
    what the first one said. A second verdict "to be checked" says neither, and counts for agreement alone.
    """
    again = _second_verdicts(data, second)
    twice = (again != "") & (data.table["verdict"] != "")
    if not twice.any():
        return pd.DataFrame(columns=list(COLUMNS))
    data = with_columns(data, again=again.where(twice, ""))
    agree = estimate_agreement(data, "verdict", "again", confidence=confidence).to_table()
    rows = [agree.assign(parameter="agreement_share"), _kappa(data, agree), *_freed(data, agree)]
    table = pd.concat(rows, ignore_index=True)
    return table.assign(note=("twice;" + table["note"]).str.strip(";"))


def _second_verdicts(data: SurveyData, second: pd.DataFrame) -> pd.Series:
    """The verdict of the second visit to each household; "" where there was none."""
    done = (second["list"] == codes.ROLL) & (second["outcome"] == "completed")
    told = second.loc[done, ["village", "household", "verdict"]].rename(columns={"verdict": "again"})
    rows = data.table[["village", "household"]].merge(
        told, on=["village", "household"], how="left", validate="one_to_one"
    )
    return rows["again"].fillna("").astype("str")


def _kappa(data: SurveyData, agree: pd.DataFrame) -> pd.DataFrame:
    confidence = float(agree["confidence"].iloc[0])
    try:
        found = estimate_kappa(data, "verdict", "again", confidence=confidence).to_table().iloc[[1]]
    except InputError:  # one household, or one verdict at all of them
        found = _empty(agree, "kappa_unknown")
    return found.assign(parameter="agreement_kappa")


def _freed(data: SurveyData, agree: pd.DataFrame) -> list[pd.DataFrame]:
    """What frees the rate from the inspectors' errors, and the freed rate; or why there is none."""
    truth = data.table["again"]
    decided = (truth != "") & (truth != "to_be_checked")
    wrong = truth == "ineligible"
    told = np.where(decided, wrong.astype(int).astype("str"), "")
    first = (data.table["verdict"] == "ineligible").astype(int)
    data = with_columns(data, **{SHARE: first, AGAIN: told})
    note, found = "too_few_twice", None
    if min((decided & wrong).sum(), (decided & ~wrong).sum()) >= NEEDED:
        note, found = "inspectors_unsure", _corrected(data, float(agree["confidence"].iloc[0]))
    if found is None:
        return [_empty(agree, note).assign(parameter=FREED["corrected"])]
    return [found.to_table().assign(parameter=list(FREED.values()))]


def _corrected(data: SurveyData, confidence: float) -> Estimates | None:
    try:
        return estimate_corrected_share(data, SHARE, AGAIN, confidence=confidence)
    except InputError:  # the verdicts tell right from wrong hardly better than chance
        return None


def _empty(agree: pd.DataFrame, note: str) -> pd.DataFrame:
    """A row without a figure, of the households of `agree`, and why it has none."""
    row = agree[["domain", "confidence", "n_psu", "n_ssu"]].assign(interval="", note=note)
    return row.reindex(columns=agree.columns)
