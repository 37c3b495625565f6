"""The chance of every unit, and of every two units, to be drawn; for every method of drawing."""

from dataclasses import dataclass
from fractions import Fraction
from math import fsum
from typing import Any

import numpy as np
from scipy.special import expit, logit

from sampling.designs.design import METHODS, RANDOM_SIZE
from sampling.designs.order_sampling import NODES, at_threshold, first_order, second_order, slopes

Array = np.ndarray
LARGE = 500
"""Units of one stratum, certain ones not counted, above which chances are approximated. At 500 (n = 100)
one core needs 0.4 s for pareto and 0.7 s for sequential Poisson, 2 and 4 s for pairs, 4 and 12 s to
calibrate."""
CLOSE = 1e-12
"""How near calibrated chances come to their target."""
STEPS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """The chance `pi` of every unit to be drawn, and `how` it was computed.

    "exact": by a formula. "quadrature": by an integral, right to 1e-12. "hajek": by Hajek's approximation.
    """

    pi: Array
    how: str


def lambdas(size: Array, n: int | float) -> Array:
    """Chances in proportion to size that add up to n, none of them above 1.

    Parameters
    ----------
    size
        Measure of size of every unit, shape (N,), none negative.
    n
        Units to be drawn; for the methods of random size, on average.

    Returns
    -------
    lambda
        n x size / total. Where that is 1 or more the unit is certain: it gets 1 and is taken out, with its
        place, and the others are computed anew, until none is left. A unit of size 0 gets 0.

    Raises
    ------
    ValueError
        If a size is negative or not finite, or if n is more than the units that have a size.

    Notes
    -----
    Tille (2006), Sampling Algorithms, section 2.10. Totals are exactly rounded sums, so that lambda does not
    depend on the order of the units.
    """
    size = _vector("size", size)
    if (size < 0).any():
        raise ValueError(f"size must be at least 0, got {size.min()}")
    units = int((size > 0).sum())
    if not 0 <= n <= units:
        raise ValueError(f"n must be from 0 to the {units} units that have a size, got {n}")
    certain, others = np.zeros(len(size), dtype=bool), size > 0
    while (left := n - certain.sum()) > 0:
        enough = others & ((left * size >= fsum(size[others])) | (left == others.sum()))
        if not enough.any():
            break
        certain, others = certain | enough, others & ~enough
    total = fsum(size[others])
    return np.where(certain, 1.0, np.where(others, left * size / total if total else 0.0, 0.0))


def inclusion(method: str, lam: Array, n: int) -> Inclusion:
    """The chance of every unit to be drawn: first-order inclusion probabilities.

    Parameters
    ----------
    method
        One of `METHODS`.
    lam
        lambda of every unit, shape (N,), from 0 (never drawn) to 1 (certain); for srs and systematic only the
        number of units counts. For pareto and sequential_poisson any common scale will do.
    n
        Units drawn; bernoulli and poisson do not look at it.

    Raises
    ------
    ValueError
        If an argument is not of this kind, or n is more than can, or less than must be drawn.

    Notes
    -----
    srs, systematic: n / N. bernoulli, poisson: lambda. pareto, sequential_poisson: a unit is drawn if at most
    n - 1 of the others have a lower score, an integral over its score; lambda itself is wrong by up to 15 %
    in small strata. Above `LARGE` units, Hajek's approximation.
    """
    lam = _checked(method, lam)
    if method in RANDOM_SIZE:
        return Inclusion(pi=lam, how="exact")
    if method not in NODES:
        return Inclusion(pi=np.full(len(lam), _whole(n, 0, len(lam)) / max(1, len(lam))), how="exact")
    free, left = _free(lam, n)
    some, how = _order_inclusion(method, lam[free], left)
    pi = (lam == 1).astype(float)
    pi[free] = some
    return Inclusion(pi=pi, how=how)


def pairs(method: str, lam: Array, n: int) -> Array:
    """The chance of every two units to be drawn together: second-order inclusion probabilities.

    Parameters
    ----------
    method, lam, n
        As for `inclusion`; for systematic the units stand in the order in which they are drawn.

    Returns
    -------
    pi_ij
        Shape (N, N), symmetric; the diagonal is the chance of the unit itself.

    Raises
    ------
    ValueError
        As `inclusion`.

    Notes
    -----
    srs: n (n - 1) / (N (N - 1)). bernoulli, poisson: lambda_i lambda_j. systematic: unit i is drawn if the
    start falls on an arc of length n / N that begins at i n / N of a circle; two units share what their
    arcs share, 0 for neighbours where n / N is at most 1/2. pareto, sequential_poisson: both are drawn if
    at most n - 2 of the others are below the higher of their scores. Above `LARGE` units pi_i pi_j (1 - (1
    - pi_i)(1 - pi_j) / d), d = sum of pi (1 - pi): Hajek (1964).
    """
    pi = inclusion(method, lam, n).pi
    joint = np.outer(pi, pi)  # right wherever one of the two is certain, or never drawn, or drawn by itself
    if method == "srs":
        joint = _equal_pairs(len(pi), n)
    elif method == "systematic":
        joint = _systematic_pairs(len(pi), n)
    elif method in NODES:
        lam = np.asarray(lam, dtype=float)
        free, left = _free(lam, n)
        joint[np.ix_(free, free)] = _order_pairs(method, lam[free], left, pi[free])
    np.fill_diagonal(joint, pi)
    return joint


def calibrate(method: str, target: Array, n: int) -> Array:
    """The lambda whose chances are the target: `inclusion(method, calibrate(method, pi, n), n).pi` is pi.

    Parameters
    ----------
    method
        "pareto" or "sequential_poisson".
    target
        Chance of every unit, shape (N,), from 0 to 1, n in all; 1 and 0 stay 1 and 0.
    n
        Units drawn.

    Returns
    -------
    lambda
        Below 1 where the target is; its scale has no meaning. Above `LARGE` units the target itself.

    Raises
    ------
    ValueError
        If the chances do not add up to n, or no lambda brings them within 1e-12.

    Notes
    -----
    Newton's method on the logarithms of the scores' scales, where the chances are the slopes of a convex
    function (their own slopes are symmetric, with rows that add up to 0): 2 or 3 steps for pareto, 3 to 7 for
    sequential Poisson. Repeating lambda x target / pi takes 5 to 7 steps for pareto in a town of 20 villages,
    but up to 19 in one of 3 or 5, and with sequential Poisson 13 to more than 60.
    """
    if method not in NODES:
        raise ValueError(f"method must be one of {', '.join(NODES)}, got {method}")
    target = _checked(method, target, "target")
    free, left = _free(target, n)
    if abs(fsum(target) - n) > 1e-9:
        raise ValueError(f"target must add up to n = {n}, got {fsum(target)}")
    lam = target.copy()
    if 0 < free.sum() <= LARGE:
        lam[free] = _solve(method, target[free], left)
    return lam


def in_scope_chance(N: int, n: int, k: int) -> Fraction:
    """The chance of every unit in scope, where reserves were opened until n of k looked at were in scope.

    Parameters
    ----------
    N
        Units of the stratum, in scope or not.
    n
        In scope and drawn.
    k
        Looked at, the last one of them in scope.

    Raises
    ------
    ValueError
        If not 1 <= n <= k <= N.

    Notes
    -----
    n over the unbiased estimate of the units in scope, N (n - 1) / (k - 1): n (k - 1) / (N (n - 1)); for n
    = 1 there is none, and k / N is the chance of any unit to be looked at.
    """
    _whole(N, 1, None, "N")
    _whole(k, 1, N, "k")
    _whole(n, 1, k)
    return Fraction(k, N) if n == 1 else Fraction(n * (k - 1), N * (n - 1))


def _order_inclusion(method: str, lam: Array, n: int) -> tuple[Array, str]:
    count = len(lam)
    if n in (0, count) or np.ptp(lam) == 0:
        return np.full(count, n / max(1, count)), "exact"
    if count > LARGE:
        return at_threshold(method, lam, n), "hajek"
    return first_order(NODES[method](lam, n), n), "quadrature"


def _order_pairs(method: str, lam: Array, n: int, pi: Array) -> Array:
    count = len(lam)
    if n in (0, count) or np.ptp(lam) == 0:
        return _equal_pairs(count, n)
    if count > LARGE:
        miss = 1 - pi
        return np.outer(pi, pi) * (1 - np.outer(miss, miss) / (pi @ miss))
    return second_order(NODES[method](lam, n), n)


def _equal_pairs(count: int, n: int) -> Array:
    return np.full((count, count), n * (n - 1) / max(1, count * (count - 1)))


def _systematic_pairs(count: int, n: int) -> Array:
    """What two arcs of length n share on a circle of N, in whole numbers."""
    unit = np.arange(count)
    apart = (unit[None, :] - unit[:, None]) * n % max(1, count)
    return (np.maximum(0, n - apart) + np.maximum(0, n - count + apart)) / max(1, count)


def _solve(method: str, target: Array, n: int) -> Array:
    to_scale, back = (logit, expit) if method == "pareto" else (np.log, np.exp)
    scale = to_scale(target)
    for _ in range(STEPS):
        scale -= max(0, scale.max() - to_scale(0.999))  # doubles next to 1 are too coarse for a scale
        lam = back(scale)
        nodes = NODES[method](lam, n)
        miss = target - first_order(nodes, n)
        miss -= miss.mean()  # the target's own rounding
        if np.abs(miss).max() <= CLOSE:
            return lam
        move = np.linalg.solve(slopes(nodes, n) + 1 / len(lam), miss)
        scale += np.clip(move, -1, 1)
    raise ValueError(f"target must be chances that {method} can have, got {target}")


def _free(lam: Array, n: int) -> tuple[Array, int]:
    """The units that chance decides about, and how many of them are drawn."""
    certain = int((lam == 1).sum())
    free = (lam > 0) & (lam < 1)
    return free, _whole(n, certain, certain + int(free.sum())) - certain


def _checked(method: str, lam: Array, name: str = "lambda") -> Array:
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method}")
    lam = _vector(name, lam)
    if wrong := lam[(lam < 0) | (lam > 1)].tolist():
        raise ValueError(f"{name} must be from 0 to 1, got {wrong[0]}")
    return lam


def _vector(name: str, values: Array) -> Array:
    values = np.array(values, dtype=float)
    if values.ndim != 1:
        raise ValueError(f"{name} must be one number a unit, got shape {values.shape}")
    if wrong := values[~np.isfinite(values)].tolist():
        raise ValueError(f"{name} must be finite, got {wrong[0]}")
    return values


def _whole(n: Any, low: int, high: int | None, name: str = "n") -> int:
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise ValueError(f"{name} must be a whole number, got {n}")
    if n < low or (high is not None and n > high):
        raise ValueError(f"{name} must be from {low} to {high}, got {n}")
    return int(n)
