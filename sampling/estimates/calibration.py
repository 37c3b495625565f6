"""Kernels: weights that reach known totals and stay as near as they can. Arrays in, arrays out."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

STEPS = 100
NEAR = 1e-13
"""A total is reached when it is missed by less than this part of what makes it up."""
GOOD_ENOUGH = 1e-9
"""As near as rounding may let it be."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How dear it is to move a weight away from its old value, told by the factor g that it leads to.

    The functions take u = x·η of every household and the bounds of g; `area` is the integral of `factor` from
    0 to u, `slope` its derivative.
    """

    factor: Callable[[np.ndarray, float, float], np.ndarray]
    slope: Callable[[np.ndarray, float, float], np.ndarray]
    area: Callable[[np.ndarray, float, float], np.ndarray]


def _linear(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip(1 + u, low, high)


def _linear_slope(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return ((1 + u > low) & (1 + u < high)).astype(float)


def _linear_area(u: np.ndarray, low: float, high: float) -> np.ndarray:
    g = np.clip(1 + u, low, high)
    return (g**2 - 1) / 2 + g * (1 + u - g)


def _raking(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip(np.exp(u), low, high)


def _raking_slope(u: np.ndarray, low: float, high: float) -> np.ndarray:
    g = np.exp(u)
    return np.where((g > low) & (g < high), g, 0.0)


def _raking_area(u: np.ndarray, low: float, high: float) -> np.ndarray:
    ends = np.log(max(low, 0.0)), np.log(high)
    bent = np.clip(u, *ends)
    return np.exp(bent) - 1 + np.where(u == bent, 0.0, np.exp(bent) * (u - bent))


def _logit(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return low + (high - low) * _logit_place(u, low, high)


def _logit_slope(u: np.ndarray, low: float, high: float) -> np.ndarray:
    place = _logit_place(u, low, high)
    return (high - low) * _steep(low, high) * place * (1 - place)


def _logit_area(u: np.ndarray, low: float, high: float) -> np.ndarray:
    start, steep = np.log((1 - low) / (high - 1)), _steep(low, high)
    grown = np.logaddexp(0, start + steep * u) - np.logaddexp(0, start)
    return low * u + (high - low) / steep * grown


def _logit_place(u: np.ndarray, low: float, high: float) -> np.ndarray:
    """Where g lies between its bounds, from 0 to 1."""
    return 1 / (1 + np.exp(-_steep(low, high) * u) * (high - 1) / (1 - low))


def _steep(low: float, high: float) -> float:
    return (high - low) / ((high - 1) * (1 - low))


DISTANCES = {
    "linear": Distance(_linear, _linear_slope, _linear_area),
    "raking": Distance(_raking, _raking_slope, _raking_area),
    "logit": Distance(_logit, _logit_slope, _logit_area),
}
"""Of Deville & Särndal (1992), table 1: cases 1 and 7 (linear, with bounds), 2 (raking), 6 (logit). R's
survey calls them by the same names."""


def solve(
    x: np.ndarray,
    weight: np.ndarray,
    totals: np.ndarray,
    *,
    distance: str = "linear",
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> tuple[np.ndarray, np.ndarray]:
    """The factors g with Σ weight g x = totals that are nearest to 1.

    Parameters
    ----------
    x
        Calibration variables, shape (n, k); some may follow from others.
    weight
        Weights before, shape (n,).
    totals
        Known totals, shape (k,).
    distance
        One of DISTANCES.
    bounds
        Lowest and highest g.

    Returns
    -------
    g, missed
        Factors, shape (n,), and by what part of what makes it up each total is missed, shape (k,): below
        GOOD_ENOUGH where the totals can be reached.

    Notes
    -----
    g = F(x·η), η by Newton's method: Deville & Särndal (1992), Calibration estimators in survey sampling,
    Journal of the American Statistical Association 87, 376-382. The η looked for is the lowest point of
    Σ weight ∫F - η·totals, which has no other low points: steps that do not lead down are halved.
    """
    scale = np.abs(weight) @ np.abs(x) + np.abs(totals)
    scale = np.where(scale > 0, scale, 1.0)  # what stands beside money and heads must be told apart
    search = _Search(x / scale, weight, totals / scale, DISTANCES[distance], bounds)
    eta = np.zeros(x.shape[1])
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _ in range(STEPS):
            missed = search.missed(eta)
            if np.abs(missed).max(initial=0.0) < NEAR:
                break
            found = search.lower(eta, search.step(eta, missed), missed)
            if found is None:
                break
            eta = found
        return search.factors(eta), np.abs(search.missed(eta))


@dataclass(frozen=True, slots=True)
class _Search:
    """The calibration as a search for η; x and aim are scaled."""

    x: np.ndarray
    weight: np.ndarray
    aim: np.ndarray
    kind: Distance
    bounds: tuple[float, float]

    def factors(self, eta: np.ndarray) -> np.ndarray:
        return self.kind.factor(self.x @ eta, *self.bounds)

    def missed(self, eta: np.ndarray) -> np.ndarray:
        return self.aim - (self.weight * self.factors(eta)) @ self.x

    def height(self, eta: np.ndarray) -> float:
        return float(self.weight @ self.kind.area(self.x @ eta, *self.bounds) - eta @ self.aim)

    def step(self, eta: np.ndarray, missed: np.ndarray) -> np.ndarray:
        """Newton's step; along directions in which nothing bends, as far as if no household were bound."""
        bend = self.weight * self.kind.slope(self.x @ eta, *self.bounds)
        values, vectors = np.linalg.eigh(self.x.T @ (bend[:, None] * self.x))
        flat = np.abs(values) <= 1e-14 * np.abs(values).max(initial=0.0)
        free = (self.x**2).sum() * np.abs(self.weight).max(initial=0.0) or 1.0
        return vectors @ ((vectors.T @ missed) / np.where(flat, free, values))

    def lower(self, eta: np.ndarray, step: np.ndarray, missed: np.ndarray) -> np.ndarray | None:
        """η after the longest of the steps 1, 1/2, 1/4 … that leads down; None: there is none.

        Where a whole step leads down and as much is missed as before, nothing bends: steps are doubled. Where
        heights differ by less than their rounding, or weights are below 0, what is missed decides.
        """
        height, slope, before = self.height(eta), step @ missed, missed @ missed
        rounding = np.inf if (self.weight < 0).any() else 1e-11 * (1 + abs(height))
        for halvings in range(40):
            part = 0.5**halvings
            there = eta + part * step
            left, sunk = self.missed(there), height - self.height(there)
            less = left @ left < (1 - 1e-4 * part) * before
            if sunk > rounding and sunk > 1e-4 * part * slope:
                return there if halvings or less else self._further(eta, step)
            if less and abs(sunk) <= rounding:
                return there
        return None

    def _further(self, eta: np.ndarray, step: np.ndarray) -> np.ndarray:
        for _ in range(60):
            if not self.height(eta + 2 * step) < self.height(eta + step):
                break
            step = 2 * step
        return eta + step


def independent(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Columns that span those of x, orthogonal under the weights: Σ weight c_a c_b is ±1 for a = b, else 0.

    Columns of x that follow from others add none. A -1 can only come of negative weights.
    """
    x = x / np.where((size := np.abs(x).max(axis=0, initial=0.0)) > 0, size, 1.0)
    basis, values, turned = np.linalg.svd(x * np.sqrt(np.abs(weight))[:, None], full_matrices=False)
    kept = values > 1e-11 * values.max(initial=0.0)
    span = turned[kept].T / values[kept]
    signs, vectors = np.linalg.eigh(basis[:, kept].T @ (np.sign(weight)[:, None] * basis[:, kept]))
    return x @ (span @ (vectors / np.sqrt(np.abs(signs))))
