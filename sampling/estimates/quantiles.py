"""Quantiles of sampled households: the value below which a given share of the roll lies, by domain."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from sampling.estimates.estimate import COLUMNS, Estimates, estimate_mean, estimate_share
from sampling.estimates.survey import SurveyData

AT_OR_BELOW = "at or below the quantile"
WOODRUFF = "woodruff_"
SAME = 1e-12
"""Weights add up to a share of the whole but for rounding: relative to the whole."""


def estimate_quantile(
    data: SurveyData,
    y: str,
    q: float,
    *,
    by: str | None = None,
    confidence: float = 0.95,
    interval: str = "mean",
) -> Estimates:
    """Quantile of a column over the whole roll, or over each domain; 0.5 is the median.

    Parameters
    ----------
    data
        Households with weights.
    y
        A numeric column of `data.table`.
    q
        Share of households at or below the quantile, between 0 and 1.
    by
        A column whose values are the domains; a household without a value is in none.
    confidence
        A share: 0.95.
    interval
        The method of INTERVALS that gives the limits of the share at or below the quantile. "mean" is R's
        default; "beta" and "xlogit" have the advantage of staying inside 0 and 1.

    Returns
    -------
    estimates
        One row per domain. `se` is the length of the interval over 2 t, as in R. A limit is infinite, and
        `se` empty, where the share's own limit is not inside 0 and 1: so few villages put no bound on the
        quantile. `deff` and `icc` are those of the share.

    Raises
    ------
    InputError
        As for `estimate_total`.
    ValueError
        If `q`, `confidence` or `interval` is impossible.

    Notes
    -----
    The smallest value at or below which lies a weighted share of q or more. R's svyquantile, survey 4.5:
    qrule = "math", its default, which is type 1 of Hyndman & Fan (1996), American Statistician 50(4). R
    compares without regard to rounding; where the weights add up to q exactly it can say the next value.
    Limits: those of the share at or below the quantile, read off the same steps: Woodruff (1952), Journal of
    the American Statistical Association 47; R: interval.type = "mean", "beta", "xlogit", "asin". R has no
    number where a limit here is infinite, and an interval of length 0 where the quantile is the largest
    value seen.
    """
    if not 0 < q < 1:
        raise ValueError(f"q must be between 0 and 1, got {q!r}")
    mean = estimate_mean(data, y, by=by)  # checks y and by; its domains stand in the order of the share's
    domains = mean.table["domain"]
    steps = _steps(data, y, by, domains)
    found = np.array([quantile(*step, q) for step in steps])
    share = _share_at_or_below(data, y, by, domains, found, confidence, interval)
    table = share.assign(parameter=f"quantile {q:g} of {y}", interval=WOODRUFF + share["interval"])
    for name, values in _read_off(share, steps, found, confidence).items():
        table[name] = values
    return Estimates(table=table[list(COLUMNS)], notes=dict(data.notes))


def _read_off(
    share: pd.DataFrame, steps: list[tuple[np.ndarray, np.ndarray]], found: np.ndarray, confidence: float
) -> dict[str, np.ndarray]:
    """Quantile, limits and errors by domain, from the limits of the share at or below it."""
    low = np.array([_read(*step, p) for step, p in zip(steps, share["low"], strict=True)])
    high = np.array([_read(*step, p) for step, p in zip(steps, share["high"], strict=True)])
    t = stats.t.ppf((1 + confidence) / 2, np.maximum(share["df"], 1))
    length = high - low
    se = np.where(np.isfinite(length), length, np.nan) / (2 * t)
    cv = np.divide(se, np.abs(found), out=np.full(len(se), np.nan), where=found != 0)
    return {"estimate": found, "se": se, "cv": cv, "low": low, "high": high}


def quantile(values: np.ndarray, reached: np.ndarray, p: float) -> float:
    """The smallest of the sorted `values` at which the cumulative share `reached` is p or more."""
    place = int(np.searchsorted(reached, p - SAME))
    return float(values[min(place, len(values) - 1)])


def _read(values: np.ndarray, reached: np.ndarray, p: float) -> float:
    """The quantile at a limit of the share; infinite where that is no share between 0 and 1."""
    if 0 < p < 1:
        return quantile(values, reached, p)
    return -np.inf if p <= 0 else np.inf


def _steps(
    data: SurveyData, y: str, by: str | None, domains: pd.Series
) -> list[tuple[np.ndarray, np.ndarray]]:
    """By domain: its values in order, and the share of its weights that each of them reaches."""
    values = pd.to_numeric(data.table[y]).to_numpy(dtype=float)
    of_row = _domain_of_row(data, by, domains)
    order = np.lexsort((values, of_row))
    starts = np.searchsorted(of_row[order], np.arange(len(domains) + 1))
    found = []
    for first, last in pairwise(starts):
        rows = order[first:last]
        cumulated = np.cumsum(data.weight[rows])
        found.append((values[rows], cumulated / cumulated[-1]))
    return found


def _domain_of_row(data: SurveyData, by: str | None, domains: pd.Series) -> np.ndarray:
    """Place in `domains` of each household; those without a domain stand after the last."""
    if by is None:
        return np.zeros(len(data.weight), dtype=np.intp)
    values = data.table[by]
    place = pd.Index(domains).get_indexer(pd.Index(values.astype("str").where(values.notna())))
    return np.where(place < 0, len(domains), place)


def _share_at_or_below(
    data: SurveyData,
    y: str,
    by: str | None,
    domains: pd.Series,
    found: np.ndarray,
    confidence: float,
    interval: str,
) -> pd.DataFrame:
    """The share of households at or below the quantile of their domain, with its limits."""
    bound = np.append(found, -np.inf)[_domain_of_row(data, by, domains)]
    below = pd.to_numeric(data.table[y]).to_numpy(dtype=float) <= bound
    marked = replace(data, table=data.table.assign(**{AT_OR_BELOW: below}))
    share = estimate_share(marked, AT_OR_BELOW, by=by, confidence=confidence, interval=interval)
    return share.to_table()
