"""Kernel: the limits of a share by the profile of its weighted likelihood. Arrays in, arrays out."""

import numpy as np
from scipy.special import entr, expit

Limits = tuple[np.ndarray, np.ndarray]
STEPS = 100
"""More than Newton's method ever takes from outside of a convex function: it never overshoots the root."""


def likelihood_limits(share: np.ndarray, effective: np.ndarray, n: np.ndarray, t: np.ndarray) -> Limits:
    """The shares at which the likelihood ratio of an effective sample reaches its Rao-Scott bound.

    Parameters
    ----------
    share
        Estimated shares.
    effective
        p(1-p)/variance of each.
    n
        Households observed, of each.
    t
        Two-sided quantile of Student's t at the level, R's degrees of freedom.

    Returns
    -------
    low, high
        In [0, 1]; NaN where the share is 0 or 1, the variance is 0 or unknown.

    Notes
    -----
    R: svyciprop(method = "likelihood"): the roots p of 2 n_eff [q log(q/p) + (1-q) log((1-q)/(1-p))] = t²
    n/(n-1), q the estimate. The factor is R's dispersion, the variance of the Pearson residuals. R draws a
    spline through at most 10 points on each side and reads the root off straight pieces of it, so that its
    limits are right to about 1e-3; these are the roots themselves. R has no limit where its points end before
    the root.
    Rao & Scott (1984), Annals of Statistics 12(1).
    """
    share, effective, n, t = map(np.asarray, (share, effective, n, t))
    inside = (share > 0) & (share < 1) & np.isfinite(effective) & (effective > 0)
    q, size = np.where(inside, share, 0.5), np.where(inside, effective, 1.0)
    half = t**2 * n / np.maximum(n - 1, 1) / (2 * size)
    level = entr(q) + entr(1 - q) + half
    low, high = expit(_root(q, level, -level / q)), expit(_root(q, level, level / (1 - q)))
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def _root(q: np.ndarray, level: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The log odds x at which log(1 + e^x) - q x, minus the log-likelihood of one household, is `level`.

    The function is convex and above the level at `start`, so each step comes nearer from the same side.
    """
    x = start
    for _ in range(STEPS):
        step = (np.logaddexp(0, x) - q * x - level) / (expit(x) - q)
        x = x - step
        if (np.abs(step) <= 1e-14 * np.maximum(1, np.abs(x))).all():
            break
    return x
