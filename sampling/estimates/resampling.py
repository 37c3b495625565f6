"""Kernels: factors of weights when units are left out, drawn again, or half of them kept. Arrays in and out.

Units (villages, households) lie in groups that they were drawn from together; `share` says of each unit how
much of its spread counts: 1 - f at the first stage, f (1 - f_i) at the second.
"""

import numpy as np


def jackknife_factors(
    unit: np.ndarray, group: np.ndarray, share: np.ndarray, left_out: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Factors of the weights and scales of the replicates that leave out one unit each.

    Parameters
    ----------
    unit
        Unit of each observation, shape (n,).
    group
        Group of each unit, shape (units,): those that were drawn together.
    share
        Of each unit's spread, how much counts, shape (units,): 1 - f.
    left_out
        Units to be left out, shape (r,); each has others in its group.

    Returns
    -------
    factors, scales
        Shapes (r, n) and (r,).
    """
    size = np.bincount(group)[group[left_out]].astype(float)
    together = group[left_out][:, None] == group[unit]
    factors = np.where(together, (size / (size - 1))[:, None], 1.0)
    factors[left_out[:, None] == unit] = 0.0
    return factors, share[left_out] * (size - 1) / size


def rao_wu_factors(times: np.ndarray, group: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Factor of each unit that was drawn `times`, n - 1 draws in each group of n.

    Parameters
    ----------
    times, group, share
        Of each unit: how often it was drawn, its group, 1 - f.
    """
    size = np.bincount(group)[group]
    root = np.sqrt(np.where(size > 1, share, 0.0))
    return 1 - root + root * size / np.maximum(size - 1, 1) * times


def half(group: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Units to keep of each group: half of them, all where nothing was left to chance."""
    size = np.bincount(group)
    by_chance = np.bincount(group, weights=share > 0) > 0
    return np.where(by_chance, np.maximum(size // 2, 1), size)


def pick(group: np.ndarray, number: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """True for `number` units of each group, at random."""
    order = np.argsort(group + rng.random(len(group)))
    size = np.bincount(group)
    rank = np.arange(len(group)) - np.repeat(np.cumsum(size) - size, size)
    kept = np.empty(len(group), dtype=bool)
    kept[order] = rank < np.repeat(number, size)
    return kept


def preston_factors(
    kept_psu: np.ndarray,
    kept_ssu: np.ndarray,
    *,
    group: np.ndarray,
    between: np.ndarray,
    psu: np.ndarray,
    cell: np.ndarray,
    within: np.ndarray,
) -> np.ndarray:
    """Factor of each household when these villages, and these households of them, are kept.

    Parameters
    ----------
    kept_psu, group, between
        Of each village: kept or not, its group, its share.
    kept_ssu, psu, cell
        Of each household: kept or not, its village, its cell.
    within
        Share of each cell.

    Notes
    -----
    1 + λ₁ (n/n* δ_i - 1) + √(n/n*) δ_i λ₂ (m/m* δ_ij - 1), δ 1 for what is kept, n* of n villages and m* of m
    households kept, λ₁² = n* (1 - f₁)/(n - n*), λ₂² = m* f₁ (1 - f₂)/(m - m*): Preston (2009), section 3.
    """
    raised, root = _kept_factors(kept_psu, group, between)
    first = root * (raised * kept_psu - 1)
    carried = np.sqrt(raised) * kept_psu
    raised, root = _kept_factors(kept_ssu, cell, within[cell])
    return 1 + first[psu] + carried[psu] * root * (raised * kept_ssu - 1)


def _kept_factors(kept: np.ndarray, group: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """n/n* and λ of each unit's group; λ is 0 where all are kept."""
    size, left = np.bincount(group)[group], np.bincount(group, weights=kept)[group]
    return size / left, np.sqrt(
        share * np.divide(left, size - left, out=np.zeros(len(kept)), where=size > left)
    )
