"""Totals, means, ratios and shares of sampled households, whole or by domain, with their errors."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from sampling.estimates.alike import villages_of_domains
from sampling.estimates.icc import PRIOR, Prior, Villages
from sampling.estimates.intervals import INTERVALS, Facts, printed, refuse_unused, resolved, share_limits
from sampling.estimates.summary import summary
from sampling.estimates.survey import SurveyData, shown
from sampling.estimates.variance import TwoStage, domain_totals, total_variance
from sampling.estimates.weights import residuals
from sampling.words.errors import Problem, refuse_if_any

COLUMNS = (
    "parameter",
    "domain",
    "estimate",
    "se",
    "cv",
    "low",
    "high",
    "confidence",
    "df",
    "deff",
    "icc",
    "n_psu",
    "n_ssu",
    "interval",
    "note",
)
T = "t/1"
"""The interval estimate ± t se, for what is no share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """One parameter in each domain; estimate, se, low and high share a unit.

    `notes` says what was done to the data, by note key, and at which villages or strata; the keys that
    matter for a row stand in its `note`, worded in the catalogues under `estimates.note`.
    """

    table: pd.DataFrame
    notes: dict[str, tuple[str, ...]]

    def to_table(self) -> pd.DataFrame:
        """One row per domain, columns COLUMNS; `domain` is the value as text, empty for the whole."""
        return self.table.copy()

    def summary(self, lang: str) -> str:
        """What every figure means and how sure it is, in sentences."""
        return summary(self, lang)

    def __repr__(self) -> str:
        if self.table.empty:
            return "Estimates(no rows)"
        first = self.table.iloc[0]
        return (
            f"Estimates({first['parameter']}, {len(self.table)} rows, first {first['estimate']:.6g}, "
            f"{first['confidence']:.0%} [{first['low']:.6g}, {first['high']:.6g}] by {first['interval']})"
        )

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False)


def estimate_total(
    data: SurveyData,
    y: str,
    *,
    by: str | None = None,
    confidence: float = 0.95,
    interval: str = "default",
    prior: Prior = PRIOR,
) -> Estimates:
    """Total of a column over the whole roll, or over each domain.

    Parameters
    ----------
    data
        Households with weights.
    y
        A numeric or yes/no column of `data.table`.
    by
        A column whose values are the domains; a household without a value is in none.
    confidence
        A share: 0.95.
    interval
        "t", or for a yes/no column also a method of INTERVALS: it is reckoned for the share of the domain's
        weights, and multiplied. "default" is the share's default for a yes/no column, else "t".
    prior
        As for `estimate_share`.

    Returns
    -------
    estimates
        One row per domain.

    Raises
    ------
    InputError
        If a column is not there, is not a number, or has empty cells; the rows are named.
    ValueError
        If `interval`, `confidence` or `prior` is impossible.

    Notes
    -----
    Σ w y. Variance: `total_variance`, of the residuals where weights are calibrated.
    """
    values, domains = _column(data, y), _Domains.of(data, by)
    size = domains.sum(data.weight)
    target = _Target(f"total of {y}", domains.sum(data.weight * values), values, scale=size, wrong=values)
    yes_no = bool(np.isin(values, (0, 1)).all())
    method = "t" if interval == "default" and not yes_no else interval
    if method != "t" and not yes_no:
        raise ValueError(f"interval must be t for a column that is not yes/no, got {interval!r}")
    return _estimates(data, target, domains, confidence, method, prior)


def estimate_mean(data: SurveyData, y: str, *, by: str | None = None, confidence: float = 0.95) -> Estimates:
    """Mean of a column per household; limits by t.

    Parameters, Raises: as for `estimate_total`.

    Returns
    -------
    estimates
        One row per domain.

    Notes
    -----
    Σ w y / Σ w, linearised: Särndal, Swensson & Wretman (1992), section 5.7.
    """
    return _ratio(data, f"mean of {y}", _column(data, y), np.ones(len(data.weight)), by, confidence, "t")


def estimate_ratio(
    data: SurveyData, numerator: str, denominator: str, *, by: str | None = None, confidence: float = 0.95
) -> Estimates:
    """Total of one column over the total of another (combined ratio); limits by t.

    Parameters, Raises: as for `estimate_total`.

    Returns
    -------
    estimates
        One row per domain. Where the denominator adds up to 0 there is no ratio (note "no_base").
    """
    top, bottom = _column(data, numerator), _column(data, denominator)
    return _ratio(data, f"{numerator} / {denominator}", top, bottom, by, confidence, "t")


def estimate_share(
    data: SurveyData,
    y: str,
    *,
    by: str | None = None,
    confidence: float = 0.95,
    interval: str = "default",
    prior: Prior = PRIOR,
) -> Estimates:
    """Share of households for which a yes/no column says yes.

    Parameters
    ----------
    data, y, by, confidence
        As for `estimate_total`; `y` holds only 0 and 1, or true and false.
    interval
        A method of INTERVALS; "default" resolves to one, and the one is printed.
    prior
        Of the correlation within villages, rho: the parameters of a Beta distribution, such as one fitted to
        earlier campaigns, for the intervals that look at villages; printed with them.

    Returns
    -------
    estimates
        One row per domain. Limits exist at zero errors too.

    Raises
    ------
    InputError
        As for `estimate_total`, and if `y` holds anything but 0 and 1.
    ValueError
        If `interval`, `confidence` or `prior` is impossible, or the interval has no prior.
    """
    values = _column(data, y)
    odd = np.flatnonzero(~np.isin(values, (0, 1)))
    refuse_if_any(_row_problems("estimates.data.not_yes_no", y, odd))
    method = resolved(interval)
    return _ratio(data, f"share of {y}", values, np.ones(len(values)), by, confidence, method, prior)


def _ratio(
    data: SurveyData,
    parameter: str,
    top: np.ndarray,
    bottom: np.ndarray,
    by: str | None,
    confidence: float,
    method: str,
    prior: Prior = PRIOR,
) -> Estimates:
    domains = _Domains.of(data, by)
    size = domains.sum(data.weight * bottom)
    ratio = domains.sum(data.weight * top) / np.where(size == 0, np.nan, size)
    whole = domains.spread(size)
    residual = top - np.nan_to_num(domains.spread(ratio)) * bottom
    u = np.divide(residual, whole, out=np.zeros(len(whole)), where=whole != 0)  # 0 without a domain
    target = _Target(parameter, ratio, u, scale=np.ones(domains.count), wrong=top)
    return _estimates(data, target, domains, confidence, method, prior)


@dataclass(frozen=True, slots=True)
class _Target:
    """An estimate by domain; `u` is its linearised variable; `scale` turns a share into it.

    `wrong` is the yes/no column of a share or of a total of households, for intervals that look at villages.
    """

    parameter: str
    estimate: np.ndarray
    u: np.ndarray
    scale: np.ndarray
    wrong: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class _Domains:
    """The domain of each household, by number; households without one have the number `count`."""

    names: tuple[str, ...]
    of_row: np.ndarray | None
    rows: int

    @classmethod
    def of(cls, data: SurveyData, by: str | None) -> "_Domains":
        if by is None:
            return cls(names=("",), of_row=None, rows=len(data.weight))
        refuse_if_any(_absent(data, by))
        values = data.table[by]
        codes, names = pd.factorize(values.astype("str").where(values.notna()), sort=True)
        codes = np.where(codes < 0, len(names), codes)
        return cls(names=tuple(map(str, names)), of_row=codes, rows=len(codes))

    @property
    def count(self) -> int:
        return len(self.names)

    def sum(self, z: np.ndarray) -> np.ndarray:
        """Sum of z by domain."""
        return domain_totals(z, self.of_row, self.count + 1)[: self.count]

    def spread(self, by_domain: np.ndarray) -> np.ndarray:
        """The value of each row's domain; 0 for a row without domain."""
        return (
            np.repeat(by_domain, self.rows) if self.of_row is None else np.append(by_domain, 0.0)[self.of_row]
        )

    @property
    def codes(self) -> np.ndarray:
        return np.zeros(self.rows, dtype=np.intp) if self.of_row is None else self.of_row


def _absent(data: SurveyData, column: str) -> list[Problem]:
    if column in data.table.columns:
        return []
    have = ", ".join(map(str, data.table.columns))
    return [Problem(key="estimates.data.no_column", column=column, fields={"have": have})]


def _row_problems(key: str, column: str, places: np.ndarray) -> list[Problem]:
    rows = places + 2
    fields = {"rows": shown(rows)}
    return [Problem(key=key, row=int(rows[0]), column=column, fields=fields)] if len(rows) else []


def _column(data: SurveyData, name: str) -> np.ndarray:
    refuse_if_any(_absent(data, name))
    values = pd.to_numeric(data.table[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    bad = np.flatnonzero(~np.isfinite(values))
    refuse_if_any(_row_problems("estimates.data.not_a_number", name, bad))
    return values


def domain_variance(data: SurveyData, u: np.ndarray, domain: np.ndarray | None, domains: int) -> np.ndarray:
    """Variance of Σ w u in each domain 0…domains-1, of the residuals where weights are calibrated."""
    lonely, pool = data.lonely, data.pool_within
    if not data.steps or domain is None or _nested(data, domain):
        z = data.weight * residuals(data, u)
        return total_variance(z, data.design, domain=domain, domains=domains, lonely=lonely, pool_within=pool)
    # a calibration group that several domains share leaves residuals outside of each of them
    columns = (np.where(domain == number, u, 0.0) for number in range(domains))
    parts = [
        total_variance(data.weight * residuals(data, column), data.design, lonely=lonely, pool_within=pool)
        for column in columns
    ]
    return np.concatenate(parts)


def _nested(data: SurveyData, domain: np.ndarray) -> bool:
    """True if each calibration group lies in one domain, so that residuals stay inside it."""
    return all(step.groups is not None and _constant(domain, step.groups) for step in data.steps)


def _constant(values: np.ndarray, groups: np.ndarray) -> bool:
    last = np.zeros(groups.max() + 1, dtype=values.dtype)
    last[groups] = values
    return bool((last[groups] == values).all())


def _estimates(
    data: SurveyData, target: _Target, domains: _Domains, confidence: float, method: str, prior: Prior
) -> Estimates:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, got {confidence!r}")
    method = method if method == "t" else resolved(method)
    refuse_unused(prior, method)
    variance = domain_variance(data, target.u, domains.of_row, domains.count + 1)[: domains.count]
    variance = np.where(np.isfinite(target.estimate), variance, np.nan)
    seen = _seen(data.design, domains)
    df = seen.df_r if method == "t" or INTERVALS[method].r_df else seen.df_ours
    looks = method != "t" and INTERVALS[method].needs_villages
    villages = _villages(data, target, domains, prior) if looks else None
    low, high = _limits(target, variance, seen.n_ssu, df, confidence, method, villages)
    table = pd.DataFrame(
        {
            "parameter": target.parameter,
            "domain": list(domains.names),
            "estimate": target.estimate,
            "se": np.sqrt(variance),
            "cv": _over(np.sqrt(variance), np.abs(target.estimate)),
            "low": low,
            "high": high,
            "confidence": confidence,
            "df": df,
            "deff": _over(variance, _srs_variance(data, target.u, domains)),
            "icc": intra_village(target.u, data.design.psu, domains.codes, domains.count),
            "n_psu": seen.n_psu,
            "n_ssu": seen.n_ssu,
            "interval": T if method == "t" else printed(method, prior),
            "note": _notes(data, domains, df, target.estimate),
        }
    )
    return Estimates(table=table, notes=dict(data.notes))


def _over(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """top / bottom, NaN where bottom is 0: a cell that stays empty."""
    return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)


def _limits(
    target: _Target,
    variance: np.ndarray,
    n: np.ndarray,
    df: np.ndarray,
    confidence: float,
    method: str,
    villages: Villages | None,
) -> tuple[np.ndarray, np.ndarray]:
    if method == "t":
        half = stats.t.ppf((1 + confidence) / 2, np.maximum(df, 1)) * np.sqrt(variance)
        return target.estimate - half, target.estimate + half
    scale = np.where(target.scale > 0, target.scale, 1.0)
    share = target.estimate / scale
    facts = Facts(
        share=share, variance=variance / scale**2, n=n, df=df, confidence=confidence, villages=villages
    )
    low, high = share_limits(method, facts)
    return low * scale, high * scale


def _villages(data: SurveyData, target: _Target, domains: _Domains, prior: Prior) -> Villages:
    return villages_of_domains(data, target.wrong, domains.codes, domains.count, prior=prior)


def _srs_variance(data: SurveyData, u: np.ndarray, domains: _Domains) -> np.ndarray:
    """Variance of the same total from a simple random sample of as many households, without replacement."""
    total, n = domains.sum(data.weight), domains.sum(np.ones(len(u)))
    centre = domains.sum(data.weight * u) / np.where(total > 0, total, 1.0)
    spread = domains.sum(data.weight * (u - domains.spread(centre)) ** 2)
    n = np.maximum(n, 1)
    s2 = spread / np.where(total > 0, total, 1.0) * n / np.maximum(n - 1, 1)
    return np.where(total >= n, total * (total - n) / n * s2, 0.0)


def intra_village(u: np.ndarray, psu: np.ndarray, domain: np.ndarray, domains: int) -> np.ndarray:
    """Share of the variance that lies between villages, by domain: the analysis-of-variance ICC, at least 0.

    Empty (NaN) where nothing varies or no village has two households.
    """
    inside = domain < domains
    pairs, cell = np.unique(psu[inside].astype(np.int64) * domains + domain[inside], return_inverse=True)
    owner = pairs % domains
    size = np.bincount(cell)
    mean = np.bincount(cell, weights=u[inside]) / size
    n, k = (np.bincount(owner, weights=w, minlength=domains) for w in (size, np.ones(len(size))))
    grand = np.bincount(owner, weights=mean * size, minlength=domains) / np.maximum(n, 1)
    between = np.bincount(owner, weights=size * (mean - grand[owner]) ** 2, minlength=domains)
    within = np.bincount(domain[inside], weights=(u[inside] - mean[cell]) ** 2, minlength=domains)
    squares = np.bincount(owner, weights=size.astype(float) ** 2, minlength=domains)
    with np.errstate(divide="ignore", invalid="ignore"):
        typical = (n - squares / n) / (k - 1)
        msb, msw = between / (k - 1), within / (n - k)
        icc = (msb - msw) / (msb + (typical - 1) * msw)
    return np.where(between + within > 1e-30, np.maximum(icc, 0.0), np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    n_psu: np.ndarray
    n_ssu: np.ndarray
    df_r: np.ndarray
    df_ours: np.ndarray


def _seen(design: TwoStage, domains: _Domains) -> _Seen:
    """Villages and households of each domain, and its degrees of freedom by R's rule and by ours.

    R: villages minus strata (collapsed ones count once) that the domain touches. Ours leaves out strata whose
    villages were all taken; where nothing is left, households are what was drawn: households minus villages,
    of the villages not inspected whole. Never below 1.
    """
    width = domains.count + 1
    pairs = np.unique(design.psu.astype(np.int64) * width + domains.codes)
    psu, domain = pairs // width, pairs % width
    groups = np.unique(design.group[design.stratum[psu]].astype(np.int64) * width + domain)
    drawn_group = groups[design.by_chance[groups // width] > 0]
    sampled = ~design.sure[psu]

    def count(values: np.ndarray) -> np.ndarray:
        return np.bincount(values, minlength=width)[: domains.count]

    n_psu, n_ssu = count(domain), count(domains.codes)
    ours = count(domain[sampled]) - count(drawn_group % width)
    part = (design.counted < design.size)[design.inside]
    partly = np.unique(design.inside[part].astype(np.int64) * width + domains.codes[part]) % width
    households = count(domains.codes[part]) - count(partly)
    return _Seen(
        n_psu=n_psu,
        n_ssu=n_ssu,
        df_r=n_psu - count(groups % width),
        df_ours=np.maximum(np.where(count(domain[sampled]) > 0, ours, households), 1),
    )


def _notes(data: SurveyData, domains: _Domains, df: np.ndarray, estimate: np.ndarray) -> list[str]:
    """Note keys of each domain: those of its own villages and strata; and those of its figure.

    "df_one": df was below 1. "no_base": there is nothing to divide by.
    """
    marks = {key: np.zeros(domains.count + 1, dtype=bool) for key in data.notes}
    for key, names in data.notes.items():
        strata = np.isin(data.stratum_names.astype(str), names)[data.design.stratum][data.design.psu]
        villages = np.isin(data.psu_names.astype(str), names)[data.design.psu]
        touched = (strata | villages) if (strata | villages).any() else np.ones(len(strata), dtype=bool)
        marks[key][np.unique(domains.codes[touched])] = True
    marks["df_one"] = np.append(df < 1, False)
    marks["no_base"] = np.append(~np.isfinite(estimate), False)
    return [";".join(key for key in marks if marks[key][place]) for place in range(domains.count)]
