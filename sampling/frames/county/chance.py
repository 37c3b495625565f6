"""Chance that is the same on every machine: named streams of uniform numbers, and scores with a cut.

Every random choice is made from uniform numbers alone, since numpy promises the same PCG64 bits
everywhere but not the same normal or beta numbers in every version. What must come out exact is a
score and a cut, as in a draw: the highest n scores are chosen.
"""

from collections.abc import Mapping
from typing import TypeVar
from zlib import crc32

import numpy as np
from scipy.special import betaincinv, ndtri

HALF_STEP = 2.0**-54  # uniform numbers are multiples of 2**-53: half a step keeps them off 0 and 1
SMALLEST = 1e-12  # a share this small is a share of nobody, and its log odds are still a number

Value = TypeVar("Value", int, str)


class Chance:
    """One stream of chance; the same seed and name give the same numbers, whatever other streams did."""

    def __init__(self, seed: int, name: str) -> None:
        entropy = np.random.SeedSequence([seed, crc32(name.encode("utf-8"))])
        self._generator = np.random.Generator(np.random.PCG64(entropy))

    def uniform(self, n: int) -> np.ndarray:
        """Numbers between 0 and 1, both excluded."""
        return self._generator.random(n) + HALF_STEP

    def whole(self, n: int, low: int, high: int) -> np.ndarray:
        """Whole numbers from `low` to `high`, both included."""
        return low + np.floor(self.uniform(n) * (high - low + 1)).astype(np.int64)

    def normal(self, n: int) -> np.ndarray:
        """Standard normal numbers."""
        return ndtri(self.uniform(n))

    def beta(self, mean: np.ndarray, icc: float) -> np.ndarray:
        """Shares with these means; `icc` is their variance as a part of mean (1 - mean)."""
        spread = (1 - icc) / icc
        return betaincinv(mean * spread, (1 - mean) * spread, self.uniform(len(mean)))

    def deal(self, shares: Mapping[Value, float], n: int) -> list[Value]:
        """The values in random order, each as often as its share of n says (largest remainders)."""
        counts = apportion(np.array(list(shares.values())), n)
        cards = [value for value, count in zip(shares, counts, strict=True) for _ in range(count)]
        return [cards[k] for k in np.argsort(self.uniform(n), kind="stable")]

    def log_odds_score(self, chances: np.ndarray) -> np.ndarray:
        """Scores above 0 with these chances; a cut elsewhere shifts all log odds by one constant."""
        return log_odds(chances) + log_odds(self.uniform(len(chances)))

    def weighted_score(self, weights: np.ndarray) -> np.ndarray:
        """Scores whose highest are a weighted sample without replacement.

        Notes
        -----
        log w plus a Gumbel number: Efraimidis and Spirakis (2006), in logarithms.
        """
        return np.log(np.maximum(weights, SMALLEST)) - np.log(-np.log(self.uniform(len(weights))))


def log_odds(share: np.ndarray | float) -> np.ndarray:
    """log(p / (1 - p)), with p kept a hair away from 0 and 1."""
    p = np.clip(share, SMALLEST, 1 - SMALLEST)
    return np.log(p) - np.log1p(-p)


def highest(score: np.ndarray, n: int, *, limited: np.ndarray | None = None, at_most: int = 0) -> np.ndarray:
    """Which n elements have the highest scores, shape (len(score),), boolean.

    A score of minus infinity cannot be chosen. Of the elements that are `limited` only the highest
    `at_most` can.

    Raises
    ------
    ValueError
        If fewer than n elements can be chosen.
    """
    order = np.argsort(-score, kind="stable")
    order = order[score[order] > -np.inf]
    if limited is not None:
        order = order[~limited[order] | (np.cumsum(limited[order]) <= at_most)]
    if len(order) < n:
        raise ValueError(f"n must be at most {len(order)}, got {n}")
    chosen = np.zeros(len(score), dtype=bool)
    chosen[order[:n]] = True
    return chosen


def apportion(weights: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers in proportion to the weights that add up to `total`, by largest remainders."""
    exact = weights * (total / weights.sum())
    counts = np.floor(exact).astype(np.int64)
    counts[np.argsort(counts - exact, kind="stable")[: total - counts.sum()]] += 1
    return counts
