"""Kernels: variances of estimated totals under one- and two-stage designs. Arrays in, arrays out.

Every estimator of the package is brought to a total of `z = weight * u`, where u is the variable itself
(a total) or its linearised form (a mean, share or ratio), and 0 outside its domain. So one kernel serves all.
A variance of many domains is computed in one pass: only the villages that a domain touches are visited, and
the villages that it does not touch count as zeros, so that each domain keeps the whole design.
"""

from dataclasses import dataclass

import numpy as np

from sampling.estimates.unequal import Unequal, exact_variance

LONELY = ("fail", "certainty", "remove", "average", "adjust", "collapse")
"""What can be done with a stratum of which one village was drawn out of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStage:
    """Where the observations lie in the design; villages (PSUs) are numbered 0…p-1, strata 0…H-1.

    A village may have no observation (a drawn village without a household); it still counts as drawn.
    """

    psu: np.ndarray
    """Village of each observation, shape (n,)."""
    stratum: np.ndarray
    """Stratum of each village, shape (p,)."""
    frame: np.ndarray
    """Villages in the frame, N, by stratum, shape (H,); infinity: drawn with replacement, or unknown."""
    size: np.ndarray
    """Households in the frame, M, by cell, shape (c,); those seen where there is no second stage."""
    group: np.ndarray
    """Variance stratum of each stratum, shape (H,): its own number, or that of its collapsed group."""
    weight: np.ndarray
    """Mean weight of the observations of each cell, shape (c,); only to pool variances within villages."""
    cell: np.ndarray | None = None
    """Cell of each observation, shape (n,): households of a village that were drawn together. None: a village
    is one cell, and has its number."""
    home: np.ndarray | None = None
    """Village of each cell, shape (c,); None where `cell` is."""
    first: Unequal | None = None
    """How the villages were drawn; None: by simple random sampling in every stratum."""
    second: Unequal | None = None
    """How the households were drawn, observation by observation, where there are cells; None: by simple
    random sampling in every cell."""

    @property
    def drawn(self) -> np.ndarray:
        """Villages drawn, n, by stratum, shape (H,)."""
        return np.bincount(self.stratum, minlength=len(self.frame))

    @property
    def seen(self) -> np.ndarray:
        """Households observed, m, by village, shape (p,)."""
        return np.bincount(self.psu, minlength=len(self.stratum))

    @property
    def inside(self) -> np.ndarray:
        """Cell of each observation, shape (n,)."""
        return self.psu if self.cell is None else self.cell

    @property
    def place(self) -> np.ndarray:
        """Village of each cell, shape (c,)."""
        return np.arange(len(self.stratum)) if self.home is None else self.home

    @property
    def counted(self) -> np.ndarray:
        """Households observed, m, by cell, shape (c,)."""
        return np.bincount(self.inside, minlength=len(self.size))

    @property
    def chance(self) -> np.ndarray:
        """Probability of each village at the first stage, shape (p,); 0 where the frame is not known."""
        if self.first is not None:
            return self.first.chance
        return np.where(np.isinf(self.frame), 0.0, self.drawn / self.frame)[self.stratum]

    @property
    def sure(self) -> np.ndarray:
        """True for a village that was bound to be drawn, shape (p,)."""
        return self.chance == 1 if self.first is None else self.first.sure

    @property
    def by_chance(self) -> np.ndarray:
        """Villages drawn by stratum that need not have been, shape (H,)."""
        return np.bincount(self.stratum, weights=~self.sure, minlength=len(self.frame))

    @property
    def lonely(self) -> np.ndarray:
        """True for a stratum with one village drawn of several in the frame; 1 of 1 is not lonely."""
        return (self.drawn == 1) & (self.frame > 1) if self.first is None else self.by_chance == 1

    @property
    def lonely_cell(self) -> np.ndarray:
        """True for a cell with one household observed of several, where the second stage counts."""
        alone = (self.counted == 1) & (self.size > 1) & np.isfinite(self.frame)[self.stratum[self.place]]
        return alone if self.second is None else alone & ~self.second.alone

    @property
    def lonely_psu(self) -> np.ndarray:
        """True for a village with such a cell."""
        return np.bincount(self.place, weights=self.lonely_cell, minlength=len(self.stratum)) > 0


def domain_totals(z: np.ndarray, domain: np.ndarray | None, domains: int) -> np.ndarray:
    """Sum of z in each domain, shape (domains,)."""
    if domain is None:
        return np.array([z.sum()])
    return np.bincount(domain, weights=z, minlength=domains)


def total_variance(
    z: np.ndarray,
    design: TwoStage,
    *,
    domain: np.ndarray | None = None,
    domains: int = 1,
    lonely: str = "fail",
    pool_within: bool = False,
) -> np.ndarray:
    """Variance of the total of z in each domain, with both finite population corrections.

    Parameters
    ----------
    z
        weight * u, shape (n,).
    design
        Where the observations lie.
    domain
        Domain of each observation, 0…domains-1; None: all are in one domain.
    domains
        How many domains there are.
    lonely
        What to do with lonely strata, one of LONELY. "certainty" and "remove": they add nothing; "average":
        as much as the average other stratum of the domain; "adjust": the square around the mean of all
        villages of the domain; "collapse": `design.group` says which strata are taken together.
    pool_within
        Villages with one observed household get the mean within-village variance of the other villages of
        their variance stratum (of all that the domain touches, where it has none); otherwise they add nothing
        at the second stage.

    Returns
    -------
    variance
        Shape (domains,), in the unit of z squared.

    Raises
    ------
    ValueError
        If `lonely` is unknown, or is "fail" and a stratum is lonely.

    Notes
    -----
    Sum over strata of n(1-f)/(n-1) Σ_i (z_i - z̄)², plus f times the sum over villages of
    m(1-f_i)/(m-1) Σ_j (z_ij - z̄_i)²: Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling,
    section 4.3; the recursion of Lumley (2010), Complex Surveys, section 2.4. The options of `lonely` are
    those of R's survey 4.5; a collapsed stratum of k villages: k/(k-1) Σ (1-f_i) (z_i - z̄)².
    Where villages have unequal probabilities the first sum is that of `unequal` and f is the probability of
    the village: the theorem of Raj (1968), Sampling Theory, section 6.
    """
    if lonely not in LONELY:
        raise ValueError(f"lonely must be one of {', '.join(LONELY)}, got {lonely!r}")
    if lonely == "fail" and design.lonely.any():
        raise ValueError(f"lonely must not be 'fail' with lonely strata, got {np.flatnonzero(design.lonely)}")
    cells = _cells(design.psu, domain, domains)
    total = np.bincount(cells.of, weights=z, minlength=len(cells.unit))
    between = _between(total, cells, design, domains, lonely)
    if design.cell is not None:
        cells = _cells(design.cell, domain, domains)
        total = np.bincount(cells.of, weights=z, minlength=len(cells.unit))
    within = _within(z, total, cells, design, domains, pool_within)
    return between + within + _drawn_within(z, domain, design, domains, pool_within)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """The pairs of (unit, domain) that occur: the cell of each member, the unit and domain of each cell."""

    of: np.ndarray
    unit: np.ndarray
    domain: np.ndarray


def _cells(unit: np.ndarray, domain: np.ndarray | None, domains: int) -> _Cells:
    if domain is None:
        domain = np.zeros(len(unit), dtype=np.intp)
    last = np.zeros(unit.max(initial=-1) + 1, dtype=np.intp)
    last[unit] = domain
    if (
        last[unit] == domain
    ).all():  # each unit lies in one domain: no sorting (a million rows: 10 ms, not 200)
        present = np.bincount(unit) > 0
        number = np.cumsum(present) - 1
        return _Cells(of=number[unit], unit=np.flatnonzero(present), domain=last[present])
    pairs, of = np.unique(unit.astype(np.int64) * domains + domain, return_inverse=True)
    return _Cells(of=of, unit=pairs // domains, domain=pairs % domains)


def _between(total: np.ndarray, cells: _Cells, design: TwoStage, domains: int, lonely: str) -> np.ndarray:
    """First stage: spread of the villages' totals around the mean of their variance stratum."""
    unused = np.maximum(1 - design.chance, 0)
    group_of_psu = design.group[design.stratum] if lonely == "collapse" else design.stratum
    size = np.bincount(group_of_psu, minlength=len(design.frame))  # villages of each variance stratum
    unused_sum = np.bincount(group_of_psu, weights=unused, minlength=len(design.frame))

    rows = _cells(group_of_psu[cells.unit], cells.domain, domains)  # pairs of (variance stratum, domain)
    n = size[rows.unit]
    mean = np.bincount(rows.of, weights=total, minlength=len(rows.unit)) / n
    if lonely == "adjust":
        mean = np.where(
            design.lonely[rows.unit], _grand_mean(total, cells, rows, n, domains)[rows.domain], mean
        )
    share = unused[cells.unit]
    spread = np.bincount(rows.of, weights=share * (total - mean[rows.of]) ** 2, minlength=len(rows.unit))
    touched = np.bincount(rows.of, weights=share, minlength=len(rows.unit))
    spread += (unused_sum[rows.unit] - touched) * mean**2  # villages that the domain does not touch
    variance = spread * n / np.maximum(n - 1, 1)
    if lonely == "average":
        return _scaled_up(variance, design.lonely[rows.unit], rows.domain, domains)
    if design.first is None:
        return np.bincount(rows.domain, weights=variance, minlength=domains)
    exact = _by_itself(design, lonely)
    left = np.bincount(rows.domain, weights=np.where(exact[rows.unit], 0.0, variance), minlength=domains)
    return left + exact_variance(
        total, cells.unit, cells.domain, design.stratum, design.first, domains, only=exact
    )


def _by_itself(design: TwoStage, lonely: str) -> np.ndarray:
    """By stratum: True where the spread is that of its own draw with unequal probabilities."""
    assert design.first is not None
    if lonely != "collapse":
        return design.first.exact
    members = np.bincount(design.group, minlength=len(design.group))
    return design.first.exact & (members[design.group] == 1)


def _grand_mean(total: np.ndarray, cells: _Cells, rows: _Cells, n: np.ndarray, domains: int) -> np.ndarray:
    """Mean total per village over all strata that each domain touches."""
    villages = np.bincount(rows.domain, weights=n, minlength=domains)
    return np.bincount(cells.domain, weights=total, minlength=domains) / np.maximum(villages, 1)


def _scaled_up(variance: np.ndarray, alone: np.ndarray, domain: np.ndarray, domains: int) -> np.ndarray:
    """Sum by domain in which each lonely stratum counts as much as the average other one."""
    strata = np.bincount(domain, minlength=domains)
    others = np.bincount(domain, weights=~alone, minlength=domains)
    sums = np.bincount(domain, weights=np.where(alone, 0.0, variance), minlength=domains)
    scaled = sums * strata / np.maximum(others, 1)
    return np.where((others == 0) & (strata > 0), np.inf, scaled)  # all are lonely: nothing to average


def _within(
    z: np.ndarray, total: np.ndarray, cells: _Cells, design: TwoStage, domains: int, pool: bool
) -> np.ndarray:
    """Second stage: spread of the households' values around the mean of their cell."""
    factor = _second_factor(design)
    if design.second is not None:
        factor = np.where(_exact_cells(design, pool), 0.0, factor)
    if not factor.any():
        return np.zeros(domains)
    s2 = _spread_inside(z, total, cells, design)
    found = np.bincount(cells.domain, weights=(factor * design.counted)[cells.unit] * s2, minlength=domains)
    if not (pool and design.lonely_cell.any()):
        return found
    return found + _borrowed(s2, factor, cells, design, domains)


def _second_factor(design: TwoStage) -> np.ndarray:
    """f (1 - f_i) of each cell."""
    counted, size = design.counted, design.size
    return design.chance[design.place] * np.where(np.isinf(size), 1.0, 1 - counted / np.maximum(size, 1))


def _spread_inside(z: np.ndarray, total: np.ndarray, cells: _Cells, design: TwoStage) -> np.ndarray:
    """s² of z in every pair of cell and domain, what lies outside counted as 0; 0 where one was seen."""
    m = design.counted[cells.unit]
    mean = total / m
    spread = np.bincount(cells.of, weights=(z - mean[cells.of]) ** 2, minlength=len(m))
    spread += (m - np.bincount(cells.of, minlength=len(m))) * mean**2
    return np.where(m > 1, spread / np.maximum(m - 1, 1), 0.0)


def _exact_cells(design: TwoStage, pool: bool) -> np.ndarray:
    """By cell: True where the spread is that of its own draw; a lonely cell can borrow instead."""
    assert design.second is not None
    return design.second.exact & ~(design.lonely_cell & pool)


def _drawn_within(
    z: np.ndarray, domain: np.ndarray | None, design: TwoStage, domains: int, pool: bool
) -> np.ndarray | float:
    """Second stage, in cells that were not drawn by simple random sampling."""
    if design.second is None:
        return 0.0
    if domain is None:
        domain = np.zeros(len(z), dtype=np.intp)
    z = z * np.sqrt(design.chance[design.psu])
    only = _exact_cells(design, pool)
    return exact_variance(z, np.arange(len(z)), domain, design.inside, design.second, domains, only=only)


def _borrowed(
    s2: np.ndarray, factor: np.ndarray, cells: _Cells, design: TwoStage, domains: int
) -> np.ndarray:
    """The second stage of lonely cells by domain, from the mean spread of the other cells, at equal weights.

    The others are those of the variance stratum, with 0 for one that the domain does not touch: so the lonely
    cells that it does not touch count too, as its households there were only not seen. Where the variance
    stratum has no other cell they are all that the domain touches, for the lonely cells that it touches.
    """
    tells, group = design.counted > 1, design.group[design.stratum[design.place]]
    weight2 = design.weight**2
    alone = np.where(design.lonely_cell, factor * weight2, 0.0)
    size = len(design.frame)
    others = np.bincount(group, weights=tells, minlength=size)
    owed = np.bincount(group, weights=alone, minlength=size)
    rows = _cells(group[cells.unit], cells.domain, domains)
    unit = s2 / weight2[cells.unit]
    sums = np.bincount(rows.of, weights=unit, minlength=len(rows.unit))
    own = sums / np.maximum(others, 1)[rows.unit] * owed[rows.unit]
    touched = np.bincount(cells.domain, weights=tells[cells.unit], minlength=domains)
    elsewhere = np.bincount(cells.domain, weights=unit, minlength=domains) / np.maximum(touched, 1)
    untold = np.where(others[group] == 0, alone, 0.0)[cells.unit]
    far = np.bincount(cells.domain, weights=untold, minlength=domains) * elsewhere
    return np.bincount(rows.domain, weights=own, minlength=domains) + far


def borrowed_within(z: np.ndarray, design: TwoStage) -> np.ndarray:
    """The second stage of each lonely cell, shape (c,), from the mean spread of the others: see `_borrowed`.

    For domains that are made of whole cells, which then need not show a spread of their own.
    """
    cells = _cells(design.inside, None, 1)
    total = np.bincount(cells.of, weights=z, minlength=len(cells.unit))
    s2 = np.zeros(len(design.size))
    s2[cells.unit] = _spread_inside(z, total, cells, design) / design.weight[cells.unit] ** 2
    tells, group = design.counted > 1, design.group[design.stratum[design.place]]
    size = len(design.frame)
    sums, count = (np.bincount(group, weights=w, minlength=size) for w in (s2, tells))
    mean = np.where(count > 0, sums / np.maximum(count, 1), s2.sum() / max(tells.sum(), 1))
    return np.where(design.lonely_cell, mean[group] * _second_factor(design) * design.weight**2, 0.0)
