"""Replicate weights: how far an estimate moves when it is made again from parts of the sample."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from sampling.estimates.resampling import half, jackknife_factors, pick, preston_factors, rao_wu_factors
from sampling.estimates.survey import SurveyData, shown
from sampling.words.errors import InputError, Problem, refuse_if_any


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How much of the spread counts, by village and by cell: both finite population corrections."""

    psu: np.ndarray
    """Village of each household."""
    cell: np.ndarray
    """Cell of each household, numbered without gaps."""
    group: np.ndarray
    """Variance stratum of each village, numbered without gaps."""
    between: np.ndarray
    """1 - f of each village; 0 where its spread cannot be seen."""
    within: np.ndarray
    """f (1 - f_i) of each cell."""

    @property
    def sampled(self) -> np.ndarray:
        """By village: True where something of its group was left to chance."""
        return (np.bincount(self.group, weights=self.between) > 0)[self.group]

    @property
    def two_stages(self) -> bool:
        return bool((self.within > 0).any())

    def alike(self) -> "Shares":
        """Every village with the mean share of its group: they differ in strata taken together alone."""
        mean = np.bincount(self.group, weights=self.between) / np.bincount(self.group)
        return replace(self, between=mean[self.group])

    @classmethod
    def of(cls, data: SurveyData) -> "Shares":
        if data.steps:
            names = ", ".join(step.name for step in data.steps)
            raise ValueError(f"data must not be calibrated yet, got steps {names}: see Replicates.calibrated")
        refuse_if_any(_unlike(data))
        design = data.design
        stratum = design.group[design.stratum] if data.lonely == "collapse" else design.stratum
        group = np.unique(stratum, return_inverse=True)[1]
        cells, cell = np.unique(design.inside, return_inverse=True)
        between = np.where(np.bincount(group)[group] > 1, 1 - design.chance, 0.0)
        if data.lonely == "average":
            touched = np.unique(design.stratum[design.psu])
            between = between * len(touched) / (~design.lonely[touched]).sum()
        return cls(psu=design.psu, cell=cell, group=group, between=between, within=_within(data)[cells])


def _within(data: SurveyData) -> np.ndarray:
    """f (1 - f_i) by cell; that of cells with one household is carried by those that they borrow from."""
    design = data.design
    counted, weight2 = design.counted, design.weight**2
    unseen = np.where(np.isinf(design.size), 1.0, 1 - counted / np.maximum(design.size, 1))
    share = design.chance[design.place] * unseen
    alone, lender = design.lonely_cell, counted > 1
    borrowed = np.where(alone & data.pool_within, share * weight2, 0.0)
    share = np.where(lender, share, 0.0)
    if not borrowed.any():
        return share
    group = design.group[design.stratum[design.place]]
    owed, lenders = (np.bincount(group, weights=w, minlength=len(design.frame)) for w in (borrowed, lender))
    each = np.where(lenders > 0, owed / np.maximum(lenders, 1), 0.0)[group]
    each = each + owed[lenders == 0].sum() / max((~alone & (counted > 0)).sum(), 1)
    return share + np.where(lender, each / (weight2 * np.maximum(counted, 1)), 0.0)


def _unlike(data: SurveyData) -> list[Problem]:
    """What no replicate can follow: unequal probabilities, some rules for lonely strata."""
    design = data.design
    problems = []
    if design.first is not None or design.second is not None:
        problems.append(Problem(key="estimates.replicates.unequal"))
    names = data.stratum_names[design.lonely]
    if len(names) and (data.lonely == "adjust" or (data.lonely == "average" and design.lonely.all())):
        fields = {"names": shown(names)}
        problems.append(Problem(key="estimates.replicates.lonely", value=data.lonely, fields=fields))
    return problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicates:
    """Weights of the same households, many times over; made by `jackknife` or `bootstrap`.

    `weights` has one replicate in each column, shape (n, r); `full` are the weights that they come from. The
    variance of an estimate is scale Σ rscales (estimate from a replicate - mean of these estimates)².
    """

    weights: np.ndarray
    full: np.ndarray
    scale: float
    rscales: np.ndarray
    method: str
    """Name and version: jk1/1, jkn/1, jkn_two_stage/1, rao_wu/1, preston/1."""

    def __repr__(self) -> str:
        return f"Replicates({self.weights.shape[1]} of {len(self.full)} households by {self.method})"

    def variance(self, estimator: Callable[[np.ndarray], float | np.ndarray]) -> float | np.ndarray:
        """Variance of an estimate, or of several at once.

        Parameters
        ----------
        estimator
            From the weights of the households, shape (n,), to a number or an array. It is called once for
            each replicate.

        Notes
        -----
        Around the mean of the replicates, as R's survey does by default. For totals and what is made of them
        `variance_of(y @ replicates.weights)` is quicker.
        """
        if not self.weights.shape[1]:
            return self.variance_of(np.zeros((*np.shape(estimator(self.full)), 0)))
        return self.variance_of(np.stack([estimator(weight) for weight in self.weights.T], axis=-1))

    def variance_of(self, estimates: np.ndarray) -> float | np.ndarray:
        """Variance of an estimate that was made from every replicate; replicates along the last axis."""
        if not estimates.shape[-1]:  # nothing was left to chance
            return np.zeros(estimates.shape[:-1])[()]
        apart = estimates - estimates.mean(axis=-1, keepdims=True)
        return self.scale * (apart**2 @ self.rscales)

    def calibrated(self, data: SurveyData, step: Callable[[SurveyData], SurveyData]) -> "Replicates":
        """The replicates, each of them calibrated anew.

        Parameters
        ----------
        data
            What the replicates were made of.
        step
            From data to data with other weights: `lambda data: poststratify(data, "kind", totals)`.

        Raises
        ------
        InputError
            If it cannot be done with every replicate: as a rule because a group has no household left.
        """
        full = step(data).weight
        found = [_again(replace(data, weight=weight), step) for weight in self.weights.T]
        failed = sum(not np.isfinite(weight).all() for weight in found)
        fields = {"count": failed, "all": len(found)}
        key = "estimates.replicates.not_repeated"
        refuse_if_any([Problem(key=key, fields=fields)] if failed else [])
        return replace(self, weights=_columns(found, len(full)), full=full)


def _again(data: SurveyData, step: Callable[[SurveyData], SurveyData]) -> np.ndarray:
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            return step(data).weight
    except InputError:
        return np.full(1, np.nan)


def _columns(rows: np.ndarray | list[np.ndarray], n: int) -> np.ndarray:
    """Rows as the columns of a matrix that nobody can change."""
    matrix = np.asarray(rows).reshape(-1, n).T
    matrix.flags.writeable = False
    return matrix


def jackknife(data: SurveyData, *, stages: int = 2) -> Replicates:
    """Replicates that each leave out one village, and of a two-stage sample also one household each.

    Parameters
    ----------
    data
        Households with weights, before any calibration.
    stages
        2: both stages, where there are two: for totals the variance is exactly that of the estimates.
        1: villages alone, as R's JK1 and JKn; of a two-stage sample this leaves out what the households of a
        village add, and is too small.

    Returns
    -------
    replicates
        One for each village; then, for the second stage, one for each household of villages not inspected
        whole.

    Raises
    ------
    InputError
        If villages or households were drawn with unequal probabilities, or lonely strata have a rule that no
        replicate can follow.
    ValueError
        If the weights are calibrated already, or `stages` is not 1 or 2.

    Notes
    -----
    Finite population corrections go into the scales: (1 - f)(n - 1)/n for a village, f (1 - f_i)(m - 1)/m for
    a household. Wolter (2007), Introduction to Variance Estimation, chapter 4.
    """
    if stages not in (1, 2):
        raise ValueError(f"stages must be 1 or 2, got {stages!r}")
    shares = Shares.of(data)
    psus = np.flatnonzero(shares.sampled)
    village, scales = jackknife_factors(shares.psu, shares.group, shares.between, psus)
    name = "jk1/1" if len(data.stratum_names) == 1 else "jkn/1"
    if stages == 2 and shares.two_stages:
        units = np.flatnonzero((shares.within > 0)[shares.cell])
        number = np.arange(len(shares.cell))
        household, more = jackknife_factors(number, shares.cell, shares.within[shares.cell], units)
        village, scales = np.vstack([village, household]), np.append(scales, more)
        name = "jkn_two_stage/1"
    weights = _columns(village * data.weight, len(data.weight))
    return Replicates(weights=weights, full=data.weight, scale=1.0, rscales=scales, method=name)


def bootstrap(data: SurveyData, replicates: int, seed: int) -> Replicates:
    """Replicates of a sample drawn again from itself.

    Parameters
    ----------
    data
        Households with weights, before any calibration.
    replicates
        How many: 500 give a standard error to about 3 %.
    seed
        The same seed gives the same replicates on the same version of numpy; more replicates begin with the
        fewer ones.

    Returns
    -------
    replicates
        "rao_wu/1" where the villages are all that was drawn (n - 1 villages of every stratum, with
        replacement): weights are never below 0. "preston/1" where households were drawn within villages
        (half of the villages, then half of the households, without replacement): a weight can be below 0.
        Strata and villages that were taken whole are not drawn from again. Lonely strata taken together are
        drawn from as one, with their mean correction.

    Raises
    ------
    InputError, ValueError
        As for `jackknife`, and if `replicates` is below 2.

    Notes
    -----
    Both corrections for finite populations are in the weights. Rao & Wu (1988), Resampling inference with
    complex survey data, Journal of the American Statistical Association 83, 231-241, as weights by Rao, Wu &
    Yue (1992), Survey Methodology 18, 209-217; Preston (2009), Rescaled bootstrap for stratified multistage
    sampling, Survey Methodology 35, 227-234.
    """
    if replicates < 2:
        raise ValueError(f"replicates must be 2 or more, got {replicates!r}")
    shares, rng = Shares.of(data).alike(), np.random.default_rng(seed)
    rows = _preston_rows(shares, rng) if shares.two_stages else _rao_wu_rows(shares, rng)
    weights = [data.weight * next(rows) for _ in range(replicates)]
    return Replicates(
        weights=_columns(weights, len(data.weight)),
        full=data.weight,
        scale=1.0,
        rscales=np.full(replicates, 1 / (replicates - 1)),
        method="preston/1" if shares.two_stages else "rao_wu/1",
    )


def _rao_wu_rows(shares: Shares, rng: np.random.Generator) -> Iterator[np.ndarray]:
    size = np.bincount(shares.group)
    order = np.argsort(shares.group, kind="stable")
    start = np.cumsum(size) - size
    drawing = np.repeat(np.arange(len(size)), np.maximum(size - 1, 0))
    while True:
        place = start[drawing] + np.floor(rng.random(len(drawing)) * size[drawing]).astype(np.intp)
        times = np.bincount(order[place], minlength=len(shares.group))
        yield rao_wu_factors(times, shares.group, shares.between)[shares.psu]


def _preston_rows(shares: Shares, rng: np.random.Generator) -> Iterator[np.ndarray]:
    villages = half(shares.group, shares.between)
    households = half(shares.cell, shares.within[shares.cell])
    while True:
        kept_psu = pick(shares.group, villages, rng)
        kept_ssu = pick(shares.cell, households, rng)
        yield preston_factors(
            kept_psu,
            kept_ssu,
            group=shares.group,
            between=shares.between,
            psu=shares.psu,
            cell=shares.cell,
            within=shares.within,
        )
