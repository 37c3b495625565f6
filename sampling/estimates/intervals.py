"""Confidence limits for shares, one table of methods. Arrays in, arrays out.

To add a method: a function of `Facts` and an entry in INTERVALS; the tests and the coverage benchmark loop
over the table. A method's printed name is its key and version: `korn_graubard/1`. Those whose name begins
with `icc` know how alike the households of a village are (`Facts.villages`); the others are as elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from sampling.estimates.icc import PRIOR, Prior, Villages, icc_size, prior_shown
from sampling.estimates.likelihood import likelihood_limits

Limits = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an interval may know of each estimated share; arrays have one entry per domain."""

    share: np.ndarray
    variance: np.ndarray
    """Design-based variance of the share."""
    n: np.ndarray
    """Households observed in the domain."""
    df: np.ndarray
    """Degrees of freedom that belong to the method: R's for R's methods, ours for ours."""
    confidence: float
    villages: Villages | None = None

    @property
    def known(self) -> Villages:
        """The villages, for methods that cannot do without."""
        if self.villages is None:
            raise ValueError("villages must be given for this method, got None")
        return self.villages

    @property
    def t(self) -> np.ndarray:
        """Two-sided quantile of Student's t at the level."""
        return stats.t.ppf((1 + self.confidence) / 2, np.maximum(self.df, 1))

    @property
    def effective(self) -> np.ndarray:
        """p(1-p)/variance: the size of a simple random sample with the same variance."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.share * (1 - self.share) / self.variance

    @property
    def at_edge(self) -> np.ndarray:
        """True where the share is 0 or 1, but for rounding: no spread is seen, so none can be estimated."""
        return (self.share < 1e-12) | (self.share > 1 - 1e-12)


def mean(facts: Facts) -> Limits:
    """p ± t se; may leave [0, 1]. R: svyciprop(method = "mean")."""
    half = facts.t * np.sqrt(facts.variance)
    return facts.share - half, facts.share + half


def logit(facts: Facts) -> Limits:
    """Symmetric on the log-odds. R: method = "xlogit"; its "logit" fits a model and agrees to 1e-8."""
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(facts.share / (1 - facts.share))
        half = facts.t * np.sqrt(facts.variance) / (facts.share * (1 - facts.share))
        return 1 / (1 + np.exp(half - odds)), 1 / (1 + np.exp(-half - odds))


def asin(facts: Facts) -> Limits:
    """Symmetric on the arcsine of the root. R: method = "asin", which does not stop at 0 and 90 degrees."""
    angle = np.arcsin(np.sqrt(np.clip(facts.share, 0, 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        half = facts.t * np.sqrt(facts.variance / (4 * facts.share * (1 - facts.share)))
    return np.sin(angle - half) ** 2, np.sin(angle + half) ** 2


def likelihood(facts: Facts) -> Limits:
    """The shares whose scaled log-likelihood is near enough to the largest: see `likelihood_limits`."""
    return likelihood_limits(facts.share, facts.effective, facts.n, facts.t)


def wilson(facts: Facts) -> Limits:
    """Wilson's score interval with the effective size and t. R: method = "wilson" (survey 4.5)."""
    n, t2, p = facts.effective, facts.t**2, facts.share
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = p + t2 / (2 * n)
        half = facts.t / (2 * n) * np.sqrt(4 * n * p * (1 - p) + t2)
        return (centre - half) / (1 + t2 / n), (centre + half) / (1 + t2 / n)


def beta(facts: Facts) -> Limits:
    """Clopper-Pearson with the effective size, corrected for df, not capped. R: method = "beta"."""
    return clopper_pearson(facts.share, facts.effective * _df_correction(facts), facts.confidence)


def korn_graubard(facts: Facts) -> Limits:
    """Clopper-Pearson with the effective size, corrected for df and capped at n, as NCHS does.

    Notes
    -----
    n_eff = min(n, p(1-p)/variance (t_{n-1}/t_df)²). At p = 0 and p = 1 there is no spread to estimate a
    variance from: n_eff is n, without correction for df, which is too sure of itself where villages differ.
    Parker et al. (2017), National Center for Health Statistics Data Presentation Standards for Proportions,
    Vital and Health Statistics 2(175); Korn & Graubard (1998), Survey Methodology 24(2).
    """
    n = np.asarray(facts.n, dtype=float)
    with np.errstate(invalid="ignore"):
        effective = np.where(facts.at_edge, n, np.minimum(n, facts.effective * _df_correction(facts)))
    return clopper_pearson(facts.share, effective, facts.confidence)


def _df_correction(facts: Facts) -> np.ndarray:
    simple = stats.t.ppf((1 + facts.confidence) / 2, np.maximum(facts.n - 1, 1))
    return (simple / facts.t) ** 2


def clopper_pearson(share: np.ndarray, n: np.ndarray, confidence: float) -> Limits:
    """Exact binomial limits for n·share errors among n; n need not be whole."""
    share = np.where(share > 1 - 1e-12, 1.0, np.where(share < 1e-12, 0.0, share))
    tail = (1 - confidence) / 2
    x, rest = n * share, n * (1 - share)
    with np.errstate(invalid="ignore"):
        low = np.where(x > 0, stats.beta.ppf(tail, np.maximum(x, 1e-300), rest + 1), 0.0)
        high = np.where(rest > 0, stats.beta.ppf(1 - tail, x + 1, np.maximum(rest, 1e-300)), 1.0)
    return low, high


def icc_kg(facts: Facts) -> Limits:
    """Clopper-Pearson with the size that the model gives; the design's own variance is not asked."""
    return clopper_pearson(facts.share, facts.known.size(), facts.confidence)


def icc_kg_pooled(facts: Facts) -> Limits:
    """Clopper-Pearson with the smaller of two sizes: the model's, and that of both variances pooled.

    Notes
    -----
    The model does not see that errors may go with the size of a village; the design's variance does, but
    hardly means anything where few villages have errors. See `pooled_size` for their weights, and
    `Villages.level` for how far on the safe side rho is taken.
    """
    spread, known = facts.share * (1 - facts.share), facts.known
    size = icc_size(known, spread, facts.variance, facts.df, facts.confidence, level=known.level)
    return clopper_pearson(facts.share, size, facts.confidence)


def village_bound(frame: ArrayLike, drawn: ArrayLike, confidence: float) -> int:
    """How many villages could be wholly wrong although none of those drawn showed an error.

    Parameters
    ----------
    frame, drawn
        Villages in the frame and villages drawn by simple random sampling: two numbers, or one of each for
        every stratum.
    confidence
        A share, one-sided.

    Returns
    -------
    count
        The largest number that would have stayed unseen with a probability above 1 - confidence, wherever
        the villages lie. Nothing is assumed about how errors spread.

    Raises
    ------
    ValueError
        If more villages were drawn than there are.

    Notes
    -----
    The product of C(N-d, n)/C(N, n) over strata. The next wrong village is put where it is least likely to be
    seen; each further one in a stratum is more likely to be, so no other allocation stays unseen more often.
    """
    left, n = np.atleast_1d(frame).astype(float), np.atleast_1d(drawn).astype(float)
    if (n > left).any():
        raise ValueError(f"drawn must be at most frame, got {drawn!r} of {frame!r}")
    unseen, count = 1.0, 0
    while left.max() > 0:
        chance = np.where(left > 0, 1 - n / np.maximum(left, 1), 0.0)
        unseen *= chance.max()
        if unseen <= (1 - confidence) * (1 + 1e-9):  # equal is not above
            break
        left[chance.argmax()] -= 1
        count += 1
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A method: its limits, its version, whose degrees of freedom it takes, whether it stands at 0 and 1."""

    limits: Callable[[Facts], Limits]
    version: int = 1
    r_df: bool = True
    stands_at_zero: bool = False
    needs_villages: bool = False


INTERVALS: dict[str, Interval] = {
    "mean": Interval(limits=mean),
    "logit": Interval(limits=logit),
    "xlogit": Interval(limits=logit),
    "asin": Interval(limits=asin),
    "beta": Interval(limits=beta),
    "likelihood": Interval(limits=likelihood),
    "wilson": Interval(limits=wilson),
    "korn_graubard": Interval(limits=korn_graubard, r_df=False, stands_at_zero=True),
    "icc_kg": Interval(limits=icc_kg, r_df=False, stands_at_zero=True, needs_villages=True),
    "icc_kg_pooled": Interval(limits=icc_kg_pooled, r_df=False, stands_at_zero=True, needs_villages=True),
}
DEFAULT = "icc_kg_pooled"
WIDE = 0.30
"""An interval of a share that is wider than this cannot carry a rate; whoever prints it says so."""


def resolved(name: str) -> str:
    """The method that a name stands for; "default" stands for DEFAULT.

    Raises
    ------
    ValueError
        If there is no such method.
    """
    name = DEFAULT if name == "default" else name
    if name not in INTERVALS:
        raise ValueError(f"interval must be default or one of {', '.join(INTERVALS)}, got {name!r}")
    return name


def printed(name: str, prior: Prior) -> str:
    """The name and version of a method, and its prior where it has one, as printed beside its limits."""
    shown = f"{name}/{INTERVALS[name].version}"
    return with_prior(shown, prior) if INTERVALS[name].needs_villages else shown


def with_prior(shown: str, prior: Prior) -> str:
    """The printed name of limits that were made with a prior of rho: icc_kg_pooled/1 rho~Beta(1,8)."""
    return f"{shown} {prior_shown(prior)}"


def refuse_unused(prior: Prior, interval: str) -> None:
    """Refuse a prior of one's own where the limits do not use it.

    Raises
    ------
    ValueError
        If the prior is not PRIOR and the interval is "t" or a method that does not look at villages; or if
        it is no prior at all.
    """
    prior_shown(prior)
    if tuple(prior) != PRIOR and (interval == "t" or not INTERVALS[interval].needs_villages):
        raise ValueError(f"prior must be left out with {interval}, which has none, got {prior!r}")


def share_limits(name: str, facts: Facts) -> Limits:
    """The limits of one method; where it has none, at 0 and 1, Korn-Graubard's stand in."""
    method = INTERVALS[name]
    low, high = method.limits(facts)
    if method.stands_at_zero or not facts.at_edge.any():
        return low, high
    exact_low, exact_high = korn_graubard(facts)
    return np.where(facts.at_edge, exact_low, low), np.where(facts.at_edge, exact_high, high)


def upper_bound(name: str, facts: Facts) -> np.ndarray:
    """One-sided upper bound: all of 1 - confidence lies above it.

    Raises
    ------
    ValueError
        If the confidence is a half or less.
    """
    if facts.confidence <= 0.5:
        raise ValueError(f"confidence must be above 0.5 for a bound, got {facts.confidence!r}")
    return share_limits(name, replace(facts, confidence=2 * facts.confidence - 1))[1]


def taint_limits(p: np.ndarray, q2: np.ndarray, n0: np.ndarray, n: np.ndarray, confidence: float) -> Limits:
    """Limits for the share of money (or people) in error, from an effective number of inspected units.

    Parameters
    ----------
    p, q2
        Σ s t and Σ s t², where t in [0, 1] is the part of a household's amount that is in error and s its
        share of the amounts.
    n0
        Effective number of households for the spread of the amounts, 1 / Σ s².
    n
        Effective sample size, all sources of variance considered.
    confidence
        A share, two-sided.

    Returns
    -------
    low, high
        Between 0 and 1.

    Notes
    -----
    Binomial limits for p/b errors of size b, where b is the mean size of an error weighted by itself; for the
    upper limit one whole error is added before b is taken. With t of 0 or 1 they are Clopper-Pearson's.
    """
    tail = (1 - confidence) / 2
    some = p > 1e-12
    low_b = np.where(some, q2 / np.where(some, p, 1.0), 1.0)
    x = n * np.minimum(p / low_b, 1.0)
    low = low_b * stats.beta.ppf(tail, np.maximum(x, 1e-300), n - x + 1)
    high_b = (n0 * q2 + 1) / (n0 * p + 1)
    x = n * p / high_b
    full = x >= n * (1 - 1e-12)
    high = np.where(full, high_b, high_b * stats.beta.ppf(1 - tail, x + 1, np.where(full, 1.0, n - x)))
    return np.where(some, low, 0.0), np.minimum(high, 1.0)


def mover(
    plus: tuple[ArrayLike, ArrayLike, ArrayLike], minus: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> Limits:
    """How far the limits of a difference lie below and above it, from estimate, low and high of both parts.

    Notes
    -----
    √((p1 - L1)² + (U2 - p2)²) below and √((U1 - p1)² + (p2 - L2)²) above: Zou & Donner (2008), Statistics in
    Medicine 27.
    """
    (p1, low1, high1), (p2, low2, high2) = (tuple(map(np.asarray, part)) for part in (plus, minus))
    return np.hypot(p1 - low1, high2 - p2), np.hypot(high1 - p1, p2 - low2)
