"""Two sources: the self-check, which saw every household, and the recheck, which saw a sample.

The self-check's verdict is known of every household of the frame, so its total is; the sample says how far
that total is from the truth. A household that no self-check saw (a blank village, a new inclusion) has the
known value 0: there the estimate is the plain expansion.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from sampling.estimates.areas import MOVER
from sampling.estimates.estimate import Estimates, estimate_total
from sampling.estimates.icc import PRIOR, Prior
from sampling.estimates.intervals import DEFAULT, mover, refuse_unused, with_prior
from sampling.estimates.survey import SurveyData, shown
from sampling.estimates.weights import calibrate
from sampling.words.errors import Problem, refuse_if_any


def estimate_difference(
    data: SurveyData,
    y: str,
    known: str,
    frame_total: float | Mapping[str, float],
    *,
    by: str | None = None,
    confidence: float = 0.95,
    prior: Prior = PRIOR,
) -> Estimates:
    """Total of a column: what another source counted in the whole frame, corrected by what the sample shows.

    Parameters
    ----------
    data
        Households with weights.
    y
        The truth: a numeric or yes/no column of `data.table`.
    known
        What the other source says of the same households, in the same unit; 0 where it says nothing.
    frame_total
        Total of `known` over the whole frame; with `by` the total of each domain, by its value.
    by
        A column whose values are the domains; a household without a value is in none.
    confidence
        A share: 0.95.
    prior
        As for `estimate_share`; refused unless both columns are yes/no.

    Returns
    -------
    estimates
        One row per domain. If both columns are yes/no, limits are those of the missed households less those
        of the false alarms (MOVER), so that they have a width where no difference was seen; else by t.

    Raises
    ------
    InputError
        If a column is not there or is not a number, a domain of the sample has no known total, or a domain
        with a known total has no sampled household.

    Notes
    -----
    X + Σ w (y - x), unbiased whatever x is; variance: two-stage, of y - x: Särndal, Swensson & Wretman
    (1992), section 6.3.
    """
    for column in (y, known):
        estimate_total(data, column, by=by, confidence=confidence, interval="t")  # names rows that are bad
    truth, said = (pd.to_numeric(data.table[name]).to_numpy(dtype=float) for name in (y, known))
    rest = with_columns(data, rest=truth - said)
    table = estimate_total(rest, "rest", by=by, confidence=confidence, interval="t").to_table()
    yes_no = bool(np.isin(truth, (0, 1)).all() and np.isin(said, (0, 1)).all())
    refuse_unused(prior, DEFAULT if yes_no else "t")
    if yes_no:
        both = with_columns(data, missed=(truth > said).astype(float), false=(truth < said).astype(float))
        parts = [
            estimate_total(both, name, by=by, confidence=confidence, prior=prior).to_table()
            for name in ("missed", "false")
        ]
        below, above = mover(*((part["estimate"], part["low"], part["high"]) for part in parts))
        table["low"], table["high"] = table["estimate"] - below, table["estimate"] + above
        table["interval"] = with_prior(MOVER, prior)
    total = _totals(frame_total, table["domain"], by)
    for column in ("estimate", "low", "high"):
        table[column] += total
    return restated(data, table, parameter=f"total of {y}, by difference from {known}")


def estimate_regression(
    data: SurveyData,
    y: str,
    known: Mapping[str, float],
    *,
    by: str | None = None,
    confidence: float = 0.95,
) -> Estimates:
    """Total of a column by regression on what is known of the whole frame (GREG); limits by t.

    Parameters
    ----------
    data
        Households with weights.
    y
        The truth: a numeric or yes/no column of `data.table`.
    known
        Total over the frame of each numeric column that is known of every household. One yes/no column is a
        ratio to the households that it marks; with a column of ones where the other source looked, whose
        total is the households there, it is a regression.
    by
        A column whose values are the domains; they share one system of weights, and add up.
    confidence
        A share: 0.95.

    Returns
    -------
    estimates
        One row per domain.

    Raises
    ------
    InputError
        If a column is not there or is not a number, or no weights on the sample reach a known total.

    Notes
    -----
    `calibrate` with the linear distance on the known columns: Särndal, Swensson & Wretman (1992), section
    6.4. Variance: two-stage, of the residuals.
    """
    data = calibrate(data, list(known), known)
    table = estimate_total(data, y, by=by, confidence=confidence, interval="t").to_table()
    return restated(data, table, parameter=f"total of {y}, by regression on {', '.join(known)}")


def _totals(frame_total: float | Mapping[str, float], domain: pd.Series, by: str | None) -> np.ndarray:
    """The known total of each domain."""
    if isinstance(frame_total, Mapping) != (by is not None):
        raise ValueError(f"frame_total must be a mapping exactly with by, got {frame_total!r}")
    if not isinstance(frame_total, Mapping):
        return np.full(len(domain), float(frame_total))
    known = {str(name): float(total) for name, total in frame_total.items()}
    cases = {
        "total_unknown": [name for name in domain if name not in known],
        "group_not_sampled": sorted(name for name in known if known[name] and name not in set(domain)),
    }
    refuse_if_any(
        [
            Problem(key=f"estimates.data.{key}", value=names[0], fields={"names": shown(names)})
            for key, names in cases.items()
            if names
        ]
    )
    return domain.map(known).to_numpy(dtype=float)


def with_columns(data: SurveyData, **columns: Any) -> SurveyData:
    """The same data with more columns in its table."""
    return replace(data, table=data.table.assign(**columns))


def restated(data: SurveyData, table: pd.DataFrame, *, parameter: str, note: str = "") -> Estimates:
    """A table of estimates under another name, its cv made anew, a note key added to every row."""
    size = table["estimate"].abs()
    notes = (table["note"] + f";{note}").str.strip(";") if note else table["note"]
    table = table.assign(parameter=parameter, cv=(table["se"] / size).where(size > 0), note=notes)
    return Estimates(table=table, notes=dict(data.notes))
