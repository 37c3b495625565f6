"""Order sampling: chances when the n lowest of independent scores are drawn, by quadrature."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit, roots_legendre

Array = np.ndarray
NEGLIGIBLE = 42.0
"""Chances below exp(-42) = 6e-19 of what they are added to are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """Where the integrals over the score are taken: one row a node, one column a unit.

    `below` and `above` are the chances that the unit's score is below and above the node, `density` is that
    of the logarithm of its score, `weight` is that of the node. All integrals run over the logarithm.
    """

    below: Array
    above: Array
    density: Array
    weight: Array


def pareto_nodes(lam: Array, n: int, *, finer: int = 1) -> Nodes:
    """Nodes for scores (u / (1 - u)) / (lambda / (1 - lambda)); `finer` times as many if asked.

    Notes
    -----
    The logarithm of a score is logistic, so the integrands are analytic in the strip of half width pi, and
    the trapezoidal rule converges exponentially: Trefethen and Weideman (2014), The exponentially
    convergent trapezoidal rule, SIAM Review 56. The narrowest that the n-th score can be is `spread`.
    """
    place, count = logit(lam), len(lam)
    spread = np.sqrt(1 / n + 1 / (count - n + 1))
    step = min(0.25, 0.6 * spread) / finer
    at = np.arange(-place.max() - NEGLIGIBLE, -place.min() + NEGLIGIBLE, step)
    below, above = expit(at[:, None] + place), expit(-at[:, None] - place)
    rows = _matters(below, above, n)
    below, above = below[rows], above[rows]
    return Nodes(below=below, above=above, density=below * above, weight=np.full(len(below), step))


def sequential_nodes(lam: Array, n: int, *, finer: int = 1) -> Nodes:
    """Nodes for scores u / lambda; `finer` times as many if asked.

    Notes
    -----
    Between two neighbours of the scores' ends, 1 / lambda, the integrands are polynomials: Gauss and
    Legendre's rule is exact with half as many nodes as the degree, and `_nodes_needed` finds pieces where
    fewer will do.
    """
    ends = np.unique(1 / lam)
    last = np.geomspace(n / lam.sum(), ends[-1], 200)
    share = last[:, None] * lam
    over = last[~_matters(np.minimum(1, share), np.maximum(0, 1 - share), n)]
    ends = np.append(ends[ends < over[0]], over[0]) if len(over) else ends
    starts = np.append(0.0, ends[:-1])
    at, weight = _gauss(starts, ends, _nodes_needed(starts, ends, len(lam) - 1) * finer)
    share = at[:, None] * lam
    return Nodes(
        below=np.minimum(1, share),
        above=np.maximum(0, 1 - share),
        density=np.where(share < 1, share, 0),
        weight=weight / at,
    )


NODES = {"pareto": pareto_nodes, "sequential_poisson": sequential_nodes}


def first_order(nodes: Nodes, n: int) -> Array:
    """The chance of each unit to be among the n lowest: at most n - 1 of the others are below its score."""
    pi = np.zeros(nodes.below.shape[1])
    for rows, product, inverse in _others(nodes, 0, n - 1):
        free = np.einsum("tk,tki->ti", product, inverse).real  # one unit left out of the product
        pi += nodes.weight[rows] @ (nodes.density[rows] * free)
    return np.clip(pi, 0, 1)  # rounding may leave the last digit outside


def second_order(nodes: Nodes, n: int) -> Array:
    """The chance of each two units to be both among the n lowest; the diagonal means nothing.

    Of the two scores one is the higher: at most n - 2 of the others are below that one.
    """
    higher = _two_left_out(nodes, nodes.below, 0, n - 2)
    return np.clip(higher + higher.T, 0, 1)


def slopes(nodes: Nodes, n: int) -> Array:
    """How the chances change with the logarithms of the scores' scales: d pi_i / d log(scale_j).

    A unit wins or loses where it changes places with the n-th: two scores are equal, and exactly n - 1 of the
    others are below them. Shifting all scores alike changes nothing, so every row adds up to 0.
    """
    trade = _two_left_out(nodes, nodes.density, n - 1, n - 1)
    np.fill_diagonal(trade, 0)
    return np.diag(trade.sum(axis=1)) - trade


def at_threshold(method: str, lam: Array, n: int) -> Array:
    """The chance of each unit's score to be below one threshold, at which n are below it on average.

    Notes
    -----
    What the chances come to in large strata: Hajek (1964), Annals of Mathematical Statistics 35; Rosen
    (1997), Asymptotic theory for order sampling, Journal of Statistical Planning and Inference 62.
    """

    def below(at: float) -> Array:
        return expit(at + logit(lam)) if method == "pareto" else np.minimum(1, np.exp(at) * lam)

    ends = (-800.0, 800.0)  # exp(800) is beyond any double: the smallest lambda is above it
    with np.errstate(over="ignore"):
        return below(brentq(lambda at: below(at).sum() - n, *ends, xtol=1e-15))


def _matters(below: Array, above: Array, n: int) -> Array:
    """Where n or fewer of the scores may still be below: Hoeffding (1963), theorem 1."""
    mean, rest = below.sum(axis=1), above.sum(axis=1)
    left = below.shape[1] - n
    log_rest = np.log(np.maximum(rest, np.finfo(float).tiny))
    exponent = n * (np.log(n) - np.log(mean)) + left * (np.log(left) - log_rest)
    return (mean <= n) | (exponent < NEGLIGIBLE)


def _nodes_needed(starts: Array, ends: Array, degree: int) -> Array:
    """Nodes a piece for polynomials of this degree that are probabilities from 0 to the end of the piece.

    On the ellipse around the piece with parameter r they stay below exp(degree x g), g at its right tip
    (Bernstein and Walsh), and K nodes leave an error of r^(-2K) times that: Trefethen (2013), Approximation
    Theory and Approximation Practice, theorem 19.3.
    """
    r = 1 + np.geomspace(0.02, 1e6, 120)
    tip = ends[:, None] + (ends - starts)[:, None] / 2 * ((r + 1 / r) / 2 - 1)
    growth = np.arccosh(np.maximum(1, 2 * tip / ends[:, None] - 1))
    enough = np.ceil(((NEGLIGIBLE + degree * growth) / (2 * np.log(r))).min(axis=1))
    return np.minimum(enough, (degree + 2) // 2).astype(int)


def _gauss(starts: Array, ends: Array, counts: Array) -> tuple[Array, Array]:
    at, weight = zip(*(_rule(count) for count in counts.tolist()), strict=True)
    half = np.repeat((ends - starts) / 2, counts)
    return np.repeat(starts, counts) + half * (np.concatenate(at) + 1), half * np.concatenate(weight)


@cache
def _rule(count: int) -> tuple[Array, Array]:
    at, weight = roots_legendre(count)
    return at, weight


def _two_left_out(nodes: Nodes, second: Array, least: int, most: int) -> Array:
    """Sum over nodes of weight x density_i x second_j x chance that `least` to `most` others are below."""
    count = nodes.below.shape[1]
    total = np.zeros((count, count))
    for rows, product, inverse in _others(nodes, least, most):
        factor = nodes.weight[rows, None] * nodes.density[rows]
        left = (factor[:, None, :] * inverse).reshape(-1, count)
        right = (second[rows, None, :] * inverse * product[:, :, None]).reshape(-1, count)
        total += left.real.T @ right.real - left.imag.T @ right.imag
    return total


def _others(nodes: Nodes, least: int, most: int) -> Iterator[tuple[slice, Array, Array]]:
    """What the chance that `least` to `most` of the other units are below a node is summed from.

    Yields
    ------
    rows, product, inverse
        Some of the nodes; for every node t and root k a number; and, for every unit i, the inverse of its
        factor. Sum over k of the real part of product[t, k] inverse[t, k, i] is the chance without unit i,
        and one more factor inverse[t, k, j] leaves out j as well.

    Notes
    -----
    The number of units below is a sum of independent indicators; its generating function, the product of
    above + below z, is taken at the m-th roots of unity: Fernandez and Williams (2010), IEEE Transactions on
    Aerospace and Electronic Systems 46. With m odd no root is -1, so that no factor is 0, and leaving units
    out by division costs no digits (taking them out of the distribution, term by term, would).
    """
    count = nodes.below.shape[1]
    half = min(count // 2, int(4.5 * np.sqrt(count)) + 3)  # so many below or above the mean: Hoeffding, 1e-17
    m, k = 2 * half + 1, np.arange(half + 1)
    roots = np.exp(2j * np.pi * k / m)
    first = np.rint(nodes.below.sum(axis=1)).astype(int) - half
    first = np.clip(first, 0, max(0, count - m))
    share = _share(m, np.maximum(least, first), np.minimum(most, first + m - 1), count)
    step = max(1, 2**17 // (count * len(k)))  # nodes at a time: arrays of 2 MB stay in the cache
    for start in range(0, len(first), step):
        rows = slice(start, start + step)
        factors = nodes.above[rows, None, :] + nodes.below[rows, None, :] * roots[:, None]
        yield rows, share[rows] * factors.prod(axis=2), 1 / factors


def _share(m: int, least: Array, most: Array, count: int) -> Array:
    """Inverse transform, summed over `least` to `most`: one row a node, one column a root."""
    k = np.arange(m // 2 + 1)
    powers = np.exp(-2j * np.pi * (np.outer(np.arange(count + 1), k) % m) / m)
    sums = np.vstack([np.zeros(len(k)), np.cumsum(powers, axis=0)])
    twice = np.where(k > 0, 2, 1) / m  # a root and its conjugate give the same real part
    return np.where((most >= least)[:, None], sums[np.maximum(most, 0) + 1] - sums[least], 0) * twice
