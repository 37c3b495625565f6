"""Kernels: how alike the households of a village are, and what that makes of a sample's size.

Errors come village by village. With few villages drawn, the design's own variance does not see it: none of
two villages may show an error. So the intra-village correlation rho gets a posterior from the villages'
counts, and an exchangeable model (every household wrong with the same probability mu, two of one village
with correlation rho) gives the variance of the estimate: mu(1-mu) / `Spread.size(rho)`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

Prior = tuple[float, float]
"""The two parameters of rho's Beta prior; its mean is a/(a+b)."""
PRIOR: Prior = (1.0, 8.0)
"""Where no earlier campaign gives another: mean 0.11."""
QUANTILE = 0.8
"""Of the posterior of rho, taken for intervals: on the safe side of its mean."""
SURE = 0.95
"""The same for a share of which several villages tell: see `Villages.level`."""
EDGES = 0.95 * (np.arange(41) / 40) ** 2
"""Edges of the grid of rho: fine near 0, where most villages are, up to nearly whole villages alike."""
COARSEST = 24
"""Points of the mean for the smallest domains."""
MODEL_DF = 10
"""Degrees of freedom that the model's variance counts for, beside the design's."""
CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rho:
    """Posterior of the intra-village correlation by domain: probabilities of the cells between EDGES."""

    mass: np.ndarray
    """Shape (domains, cells); rows add up to 1."""
    prior: Prior

    def quantile(self, level: float | np.ndarray = QUANTILE) -> np.ndarray:
        """The value that rho is below with probability `level`, linear within a cell, shape (domains,)."""
        upto = np.cumsum(self.mass, axis=1)
        level = np.broadcast_to(level, len(upto))
        cell = np.minimum((upto < level[:, None]).sum(axis=1), self.mass.shape[1] - 1)
        rows = np.arange(len(cell))
        inside = self.mass[rows, cell]
        part = (level - (upto[rows, cell] - inside)) / np.maximum(inside, 1e-300)
        return EDGES[cell] + np.clip(part, 0, 1) * (EDGES[cell + 1] - EDGES[cell])


def prior_shown(prior: Prior) -> str:
    """A prior as it is printed beside the limits that were made with it: rho~Beta(1,8).

    Raises
    ------
    ValueError
        If it is not two finite numbers above 0.
    """
    if len(prior) != 2 or not all(np.isfinite(number) and number > 0 for number in prior):
        raise ValueError(f"prior must be two numbers above 0, got {prior!r}")
    return "rho~Beta({:g},{:g})".format(*prior)


def rho_posterior(
    errors: np.ndarray,
    seen: np.ndarray,
    domain: np.ndarray,
    domains: int,
    *,
    prior: Prior = PRIOR,
) -> Rho:
    """Posterior of rho in every domain, from the counts of its villages.

    Parameters
    ----------
    errors, seen
        Households in error and households inspected, one entry per village of a domain; whole numbers.
    domain
        Domain of each entry, 0…domains-1.
    domains
        How many domains there are; one without villages keeps the prior.
    prior
        The parameters of rho's Beta prior.

    Returns
    -------
    rho
        With the prior, which belongs to every interval that was made from it.

    Notes
    -----
    Beta-binomial likelihood with mean mu and correlation rho (Skellam 1948, JRSS B 10), mu integrated out
    over Jeffreys' prior: evenly spaced in the angle whose squared sine is mu. The log-likelihood is a sum
    of ln Γ(a+k)/Γ(a) over errors, rights and (subtracted) households seen; so a domain is a histogram of
    these, and all domains together are two products of matrices.
    """
    total = np.bincount(domain, weights=seen, minlength=domains)
    # the step of the angle is at most the standard deviation that `total` independent households leave it
    level = np.ceil(np.log2(np.maximum(np.pi / 2 * np.sqrt(total) / COARSEST, 1))).astype(int)
    mass = np.empty((domains, len(EDGES) - 1))
    for each in np.unique(level):
        chosen = np.flatnonzero(level == each)
        number = np.full(domains, -1)
        number[chosen] = np.arange(len(chosen))
        rows = number[domain] >= 0
        counts = _Counts.of(errors[rows], seen[rows], number[domain[rows]], len(chosen))
        mass[chosen] = _likelihood(counts, COARSEST * 2 ** int(each))
    a, b = prior
    mass *= np.diff(special.betainc(a, b, EDGES))
    return Rho(mass=mass / mass.sum(axis=1, keepdims=True), prior=prior)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Histograms, shape (domains, values): how many villages of a domain have each count."""

    values: np.ndarray
    errors: np.ndarray
    rights: np.ndarray
    seen: np.ndarray

    @classmethod
    def of(cls, errors: np.ndarray, seen: np.ndarray, domain: np.ndarray, domains: int) -> "_Counts":
        every = np.concatenate([[0], errors, seen - errors, seen]).astype(np.int64)
        values, place = np.unique(every, return_inverse=True)

        def histogram(places: np.ndarray) -> np.ndarray:
            flat = np.bincount(domain * len(values) + places, minlength=domains * len(values))
            return flat.reshape(domains, len(values)).astype(float)

        return cls(values, *map(histogram, place[1:].reshape(3, -1)))


def _likelihood(counts: _Counts, points: int) -> np.ndarray:
    """Likelihood of each cell of rho by domain, up to a factor of the domain."""
    rho = (EDGES[1:] + EDGES[:-1]) / 2
    mean = np.sin((np.arange(points) + 0.5) * np.pi / 2 / points) ** 2
    both = (1 - rho) / rho
    wrong = _rising(mean[:, None] * both, counts.values)
    right = wrong[:, ::-1]  # the grid of the mean is symmetrical
    whole = _rising(both, counts.values)
    domains, cells = len(counts.seen), len(rho)
    found = np.empty((domains, cells))
    step = max(1, CELLS_AT_ONCE // (points * cells))
    for start in range(0, domains, step):
        some = slice(start, start + step)
        log = counts.errors[some] @ wrong.reshape(len(wrong), -1)
        log += counts.rights[some] @ right.reshape(len(right), -1)
        log = log.reshape(-1, points, cells) - (counts.seen[some] @ whole)[:, None, :]
        log -= log.max(axis=(1, 2), keepdims=True)
        found[some] = np.exp(log, out=log).sum(axis=1)
    return found


def _rising(a: np.ndarray, k: np.ndarray) -> np.ndarray:
    """ln of a(a+1)…(a+k-1), shape (len(k), *a.shape)."""
    k = k.reshape(len(k), *(1,) * a.ndim)
    return special.gammaln(a + k) - special.gammaln(a)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How unevenly a sample stands for its frame, by domain; with mu(1-mu) and rho it makes a variance.

    With c = share of the estimate minus share of the frame, for every household of the frame (those that
    were not inspected have no share of the estimate): `households` is Σ c², `villages` is Σ over villages of
    (Σ c)². Both are 0 where everything was inspected.
    """

    households: np.ndarray
    villages: np.ndarray

    def size(self, rho: np.ndarray) -> np.ndarray:
        """Independent households with replacement that would tell as much: 1 / ((1-rho) Σc² + rho Σ(Σc)²)."""
        inverse = (1 - rho) * self.households + rho * self.villages
        return 1 / np.maximum(inverse, 1e-12)


def spread(
    part: np.ndarray,
    own: np.ndarray,
    village: np.ndarray,
    cell: np.ndarray,
    domain_of_cell: np.ndarray,
    *,
    units: np.ndarray,
    villages: np.ndarray,
) -> Spread:
    """Spread of an estimate by domain, from shares.

    Parameters
    ----------
    part
        By inspected household: its share of the domain's estimate, w a / Σ w a; a is 1, or its amount.
    own
        Its share of the domain's frame, a / A.
    village
        Share of the domain's frame that its whole village has, A_i / A.
    cell
        Its village within the domain, by number.
    domain_of_cell
        Domain of each of these.
    units, villages
        By domain: Σ (a/A)² over all households, and Σ (A_i/A)² over all villages of the frame.

    Returns
    -------
    spread
        Shape (domains,) each.
    """
    domains = len(units)
    domain = domain_of_cell[cell]

    def by_domain(values: np.ndarray) -> np.ndarray:
        return np.bincount(domain, weights=values, minlength=domains)

    sums = np.bincount(cell, weights=part, minlength=len(domain_of_cell))
    squares = np.bincount(domain_of_cell, weights=sums**2, minlength=domains)
    return Spread(
        households=np.maximum(by_domain(part * (part - 2 * own)) + units, 0),
        villages=np.maximum(squares - 2 * by_domain(part * village) + villages, 0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Villages:
    """What an interval may know of the villages of each domain; arrays have one entry per domain."""

    rho: Rho
    spread: Spread
    mixed: np.ndarray
    """Villages in which an error was seen, or those in which a right household was, whichever are fewer."""

    @property
    def level(self) -> np.ndarray:
        """Quantile of rho for a share.

        QUANTILE where errors were seen in one village or none: there the whole error that Clopper-Pearson
        adds protects enough. SURE from two on: that addition is small beside what was found, and the limits
        hang on rho.
        """
        return np.where(self.mixed >= 2, SURE, QUANTILE)

    def size(self, level: float | np.ndarray = QUANTILE) -> np.ndarray:
        """Effective sample size by the model alone, at a quantile of rho."""
        return self.spread.size(self.rho.quantile(level))


def icc_size(
    villages: Villages,
    spread: np.ndarray,
    variance: np.ndarray,
    df: np.ndarray,
    confidence: float,
    *,
    level: float | np.ndarray = QUANTILE,
    kappa: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Effective size of a share or of a share of money: the smaller of the model's and the pooled one.

    Parameters
    ----------
    villages
        Of the domain; for money its `spread` is that of amounts.
    spread
        p(1-p); for money q2 - p², see `taint_limits`.
    variance, df
        Design-based variance and its degrees of freedom.
    confidence
        A share, two-sided.
    level
        Quantile of rho.
    kappa
        By how much larger errors on larger amounts raise the model's variance; 1 for a share of households.

    Returns
    -------
    size
        For `clopper_pearson` or `taint_limits`.

    Notes
    -----
    The design's variance counts for min(df, mixed villages - 1) degrees of freedom, and for none where it is
    0 or nothing is spread.
    """
    model = villages.size(level) / kappa
    seen = (variance > 0) & (spread > 1e-12)
    trust = np.where(seen, np.clip(villages.mixed - 1, 0, df), 0)
    return np.minimum(model, pooled_size(model, spread, variance, trust, confidence))


def pooled_size(
    model: np.ndarray, spread: np.ndarray, variance: np.ndarray, trust: np.ndarray, confidence: float
) -> np.ndarray:
    """Effective size from the mean of two variances, corrected for the degrees of freedom of the mean.

    Parameters
    ----------
    model
        Effective size by the model.
    spread
        What variance is to be divided into for a size: p(1-p) for a share.
    variance
        Design-based variance.
    trust
        Degrees of freedom of the design-based variance, nu; 0: it is not used.
    confidence
        A share, two-sided.

    Returns
    -------
    size
        spread / V · (z/t)^(2 nu/(nu+10)), V = (nu variance + 10 spread/model)/(nu + 10), z normal, t with
        nu + 10 degrees of freedom. With nu = 0 it is `model`.
    """
    both = trust + MODEL_DF
    own = np.where(trust > 0, variance / np.where(spread > 0, spread, 1.0), 0.0)
    upper = (1 + confidence) / 2
    student = (special.ndtri(upper) / special.stdtrit(both, upper)) ** (2 * trust / both)
    return both / (trust * own + MODEL_DF / model) * student
