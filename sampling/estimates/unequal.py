"""Kernels: spread of units that were not drawn by simple random sampling. Arrays in, arrays out.

A stage draws units (villages, households) within groups (strata, cells of villages). The variance of a
group's total is a sum over pairs of its sampled units, 1/2 ΣΣ factor_ij s_i s_j (z_i/s_i - z_j/s_j)², where z
is the weighted value of a unit; or, where the units were drawn each by itself, Σ (1 - pi) z².
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sampling.designs import lambdas


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """What every two sampled units of a group add to its variance; `factor` has 0 on its diagonal."""

    factor: np.ndarray
    scale: np.ndarray
    """s: 1 for each unit, or its weight where the estimator compares unweighted values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unequal:
    """How the sampled units of one stage were drawn.

    A group that is neither in `pairs` nor `alone` was drawn by simple random sampling.
    """

    chance: np.ndarray
    """Probability of each unit at this stage, shape (units,)."""
    pairs: Mapping[int, Pairs]
    """By group; units in the order of their numbers."""
    alone: np.ndarray
    """By group: True where every unit was drawn or not drawn by itself."""
    sure: np.ndarray
    """By unit: True where it was bound to be drawn."""

    @property
    def exact(self) -> np.ndarray:
        """By group: True where the spread is reckoned here."""
        found = self.alone.copy()
        found[list(self.pairs)] = True
        return found


def sen_yates_grundy(joint: np.ndarray) -> Pairs:
    """Pairs of a sample of fixed size, from the chances of every two of its units (pi on the diagonal).

    Notes
    -----
    pi_i pi_j / pi_ij - 1: Sen (1953), Journal of the Indian Society of Agricultural Statistics 5; Yates &
    Grundy (1953), Journal of the Royal Statistical Society B 15.
    """
    pi = np.diag(joint)
    with np.errstate(divide="ignore"):  # one unit drawn of a group: there are no pairs
        factor = np.outer(pi, pi) / joint - 1
    np.fill_diagonal(factor, 0.0)
    return Pairs(factor=factor, scale=np.ones(len(pi)))


def given_size(frame_chance: np.ndarray, drawn: np.ndarray) -> tuple[np.ndarray, Pairs]:
    """Units that were drawn each by itself, seen as a sample of the size that came.

    Parameters
    ----------
    frame_chance
        Of every unit of the group.
    drawn
        Places of the sampled units.

    Returns
    -------
    chance, pairs
        Chances of the sampled units, in proportion to theirs, that add up to the size over the group. With
        equal chances this is simple random sampling.

    Notes
    -----
    Σ c (z - Σ c z / Σ c)² with c = (1 - pi) n / (n - 1): Hájek (1981), Sampling from a Finite Population; the
    formula of Deville (1999), Survey Methodology 25, 193-203.
    """
    n = len(drawn)
    chance = lambdas(frame_chance, n)[drawn]
    c = (1 - chance) * n / max(n - 1, 1)
    factor = np.outer(c, c) / (c.sum() or 1.0)
    np.fill_diagonal(factor, 0.0)
    return chance, Pairs(factor=factor, scale=np.ones(n))


def looked_chance(N: int, n: int, k: int) -> float:
    """1 over the weight of a unit that was looked at and was out of scope, where n of k were in scope."""
    return (k if n == 1 else k - 1) / N


def in_scope_pairs(N: int, n: int, in_scope: np.ndarray) -> Pairs:
    """Pairs of a group where reserves were opened until n units in scope were found.

    Parameters
    ----------
    N
        Units of the group, in scope or not.
    n
        In scope and drawn.
    in_scope
        Of every unit looked at, shape (k,): True or False.

    Notes
    -----
    Murthy's estimator, with P(s | i, j) counted: the last unit looked at is in scope, the others come in any
    order. Salehi & Seber (2004), A general inverse sampling scheme, Australian & New Zealand Journal of
    Statistics 46, 483-494. Of n = 1 there is no such variance: it is taken as a simple random sample of k.
    """
    k = len(in_scope)
    if n == 1 or n == k:
        factor, scale = np.full((k, k), k * (N - 1) / (N * max(k - 1, 1)) - 1), np.ones(k)
    else:
        scale = np.where(in_scope, N * (n - 1) / (n * (k - 1)), N / (k - 1))
        found = in_scope[:, None].astype(int) + in_scope[None, :]
        both = N * (N - 1) / ((k - 1) * (k - 2)) * (1 - found / n)
        factor = both / np.outer(scale, scale) - 1
    np.fill_diagonal(factor, 0.0)
    return Pairs(factor=factor, scale=scale)


def spread(pairs: Pairs, z: np.ndarray) -> np.ndarray:
    """The variance of the group's total in every domain; z has shape (units, domains); never below 0."""
    unscaled = z / pairs.scale[:, None]
    z = z - unscaled.mean(axis=0) * pairs.scale[:, None]  # changes nothing but the rounding
    row = (pairs.factor @ pairs.scale) / pairs.scale
    found = (row[:, None] * z**2).sum(axis=0) - (z * (pairs.factor @ z)).sum(axis=0)
    return np.maximum(found, 0.0)


def exact_variance(
    z: np.ndarray,
    unit: np.ndarray,
    domain: np.ndarray,
    group: np.ndarray,
    drawn: Unequal,
    domains: int,
    *,
    only: np.ndarray,
) -> np.ndarray:
    """Variance of Σ z in each domain from the groups `only`, as they were drawn.

    Parameters
    ----------
    z, unit, domain
        Weighted values, one for every pair of unit and domain that occurs.
    group
        Group of every unit, shape (units,).
    drawn
        How the units were drawn.
    only
        By group: True for those that count; each is in `drawn.pairs` or `drawn.alone`.
    """
    own = (drawn.alone & only)[group[unit]]
    alone = np.where(own, (1 - drawn.chance[unit]) * z**2, 0.0)
    variance = np.bincount(domain, weights=alone, minlength=domains)
    units, values = _by_group(group, len(only)), _by_group(group[unit], len(only))
    for number, pairs in drawn.pairs.items():
        if only[number] and len(values[number]):
            rows = values[number]
            touched, column = np.unique(domain[rows], return_inverse=True)
            table = np.zeros((len(units[number]), len(touched)))
            np.add.at(table, (np.searchsorted(units[number], unit[rows]), column), z[rows])
            variance[touched] += spread(pairs, table)
    return variance


def _by_group(group: np.ndarray, groups: int) -> list[np.ndarray]:
    """Places of every group's members, in order."""
    order = np.argsort(group, kind="stable")
    return np.split(order, np.cumsum(np.bincount(group, minlength=groups))[:-1])


def thinned(drawn: Unequal, group: np.ndarray, kept: np.ndarray, number: np.ndarray) -> Unequal:
    """The units that are left, as if those of each group were a random sample of its sampled ones.

    Parameters
    ----------
    drawn
        Of all units.
    group
        Of every unit.
    kept
        True for the units that are left.
    number
        By group: its new number; below 0 where the group is gone.
    """
    groups = len(drawn.alone)
    before = np.bincount(group, minlength=groups)
    after = np.bincount(group[kept], minlength=groups)
    units = _by_group(group, groups)
    pairs = {
        int(number[old]): _thinned(one, kept[units[old]])
        for old, one in drawn.pairs.items()
        if number[old] >= 0 and after[old]
    }
    left = (after / np.maximum(before, 1))[group][kept]
    return Unequal(
        chance=drawn.chance[kept] * left,
        pairs=pairs,
        alone=drawn.alone[number >= 0],
        sure=drawn.sure[kept] & (left == 1),
    )


def _thinned(pairs: Pairs, kept: np.ndarray) -> Pairs:
    """Chances of pairs times m (m - 1) / (n (n - 1)), of units times m / n."""
    n, m = len(kept), int(kept.sum())
    if n == m:
        return pairs
    factor = (1 + pairs.factor[np.ix_(kept, kept)]) * (m * (n - 1) / (n * max(m - 1, 1))) - 1
    np.fill_diagonal(factor, 0.0)
    return Pairs(factor=factor, scale=pairs.scale[kept])
