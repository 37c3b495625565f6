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

    Both functions take u = x·η of every household and the bounds of g.
    """

    factor: Callable[[np.ndarray, float, float], np.ndarray]
    slope: Callable[[np.ndarray, float, float], np.ndarray]


def _linear(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip(1 + u, low, high)


def _linear_slope(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return ((1 + u > low) & (1 + u < high)).astype(float)


def _raking(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip(np.exp(u), low, high)


def _raking_slope(u: np.ndarray, low: float, high: float) -> np.ndarray:
    g = np.exp(u)
    return np.where((g > low) & (g < high), g, 0.0)


def _logit(u: np.ndarray, low: float, high: float) -> np.ndarray:
    return low + (high - low) * _logit_place(u, low, high)


def _logit_slope(u: np.ndarray, low: float, high: float) -> np.ndarray:
    place = _logit_place(u, low, high)
    return (high - low) ** 2 / ((high - 1) * (1 - low)) * place * (1 - place)


def _logit_place(u: np.ndarray, low: float, high: float) -> np.ndarray:
    """Where g lies between its bounds, from 0 to 1."""
    steep = (high - low) / ((high - 1) * (1 - low))
    return 1 / (1 + np.exp(-steep * u) * (high - 1) / (1 - low))


DISTANCES = {
    "linear": Distance(_linear, _linear_slope),
    "raking": Distance(_raking, _raking_slope),
    "logit": Distance(_logit, _logit_slope),
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
    g = F(x·η), η by Newton's method with halved steps: Deville & Särndal (1992), Calibration estimators in
    survey sampling, Journal of the American Statistical Association 87, 376-382.
    """
    kind = DISTANCES[distance]
    scale = np.abs(weight) @ np.abs(x) + np.abs(totals)
    scale = np.where(scale > 0, scale, 1.0)
    x, aim = x / scale, totals / scale  # what stands beside money and heads must be told apart

    def factors(eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        g = kind.factor(x @ eta, *bounds)
        return g, aim - (weight * g) @ x

    with np.errstate(over="ignore", invalid="ignore"):
        g = _newton(factors, lambda eta: weight * kind.slope(x @ eta, *bounds), x)
    return g, np.abs(aim - (weight * g) @ x)


def _newton(
    factors: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    slopes: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
) -> np.ndarray:
    """The factors after the last step that made less be missed."""
    eta = np.zeros(x.shape[1])
    g, missed = factors(eta)
    for _ in range(STEPS):
        if np.abs(missed).max(initial=0.0) < NEAR:
            break
        found = _shortened(factors, eta, _newton_step(x, slopes(eta), missed), missed)
        if found is None:
            break
        eta, g, missed = found
    return g


def _newton_step(x: np.ndarray, weight: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """The step of η; directions that no household can move along are left out."""
    values, vectors = np.linalg.eigh(x.T @ (weight[:, None] * x))
    known = np.abs(values) > 1e-14 * np.abs(values).max(initial=0.0)
    inverse = np.divide(1.0, values, out=np.zeros_like(values), where=known)
    return vectors @ (inverse * (vectors.T @ missed))


def _shortened(
    factors: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    eta: np.ndarray,
    step: np.ndarray,
    missed: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """The longest of the steps 1, 1/2, 1/4 … after which less is missed; None: it gets no better."""
    before = missed @ missed
    for halvings in range(30):
        length = 0.5**halvings
        g, left = factors(eta + length * step)
        if np.isfinite(g).all() and left @ left < (1 - 1e-4 * length) * before:
            return eta + length * step, g, left
    return None


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
