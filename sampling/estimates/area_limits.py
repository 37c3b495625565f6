"""Limits of a measure in every area: of a share of households, and of a share of amounts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sampling.estimates.icc import Villages, icc_size
from sampling.estimates.intervals import (
    DEFAULT,
    Facts,
    Limits,
    share_limits,
    taint_limits,
)

ByArea = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the errors are spread over what they are errors of, for the limits."""

    yes_no: bool
    ceiling: float
    """An error can be at most this many times its base (an underpayment can exceed the amount)."""
    q2: np.ndarray
    n0: np.ndarray
    larger: np.ndarray
    """How much more the larger amounts are in error: kappa, 1 where they are not."""


def shape_of(
    weight: np.ndarray, error: np.ndarray, base: np.ndarray, by_area: ByArea, scale: np.ndarray
) -> Shape:
    """The shape of the errors of inspected households in every area; `scale` makes a share of a total."""
    taint = np.divide(error, base, out=np.zeros(len(base)), where=base > 0)
    squares, whole = by_area((weight * base) ** 2), by_area(weight * base)
    q2 = by_area(weight * error * taint)
    return Shape(
        yes_no=bool(np.isin(base, (0, 1)).all() and np.isin(error, (0, 1)).all()),
        ceiling=max(1.0, float(taint.max(initial=0.0))),
        q2=q2 * scale,
        n0=whole**2 / np.where(squares > 0, squares, 1.0),
        larger=_larger(by_area((weight * error) ** 2), squares, q2, whole, by_area(error > 0)),
    )


def _larger(
    errors: np.ndarray, squares: np.ndarray, q2: np.ndarray, whole: np.ndarray, count: np.ndarray
) -> np.ndarray:
    """Kappa: the spread of the amounts in error against that of all amounts, drawn towards 1; at least 1."""
    seen = (squares > 0) & (q2 > 0)
    found = np.divide(errors * whole, squares * q2, out=np.ones(len(q2)), where=seen)
    return np.maximum(1, (count * found + 2) / (count + 2))


def area_limits(
    share: np.ndarray,
    variance: np.ndarray,
    shape: Shape,
    villages: Villages,
    n: np.ndarray,
    df: np.ndarray,
    confidence: float,
) -> Limits:
    """Limits of a share of households; of amounts by the effective size of model and design pooled.

    Amounts: `icc_size`, then `taint_limits`. An error can be `ceiling` times its base.
    """
    if shape.yes_no:
        facts = Facts(
            share=np.clip(share, 0, 1),
            variance=variance,
            n=np.maximum(n, 1),
            df=df,
            confidence=confidence,
            villages=villages,
        )
        return share_limits(DEFAULT, facts)
    c = shape.ceiling
    p, q2, v = np.clip(share / c, 0, 1), shape.q2 / c**2, variance / c**2
    size = icc_size(villages, q2 - p**2, v, df, confidence, level=villages.level, kappa=shape.larger)
    low, high = taint_limits(p, q2, shape.n0, size, confidence)
    return low * c, high * c


def within_certain(low: np.ndarray, high: np.ndarray, wrong: np.ndarray, right: np.ndarray) -> Limits:
    """Limits inside what is certain: what was found in error is in error, what was found right is right."""
    return np.maximum(low, wrong), np.maximum(np.minimum(high, np.where(high <= 1, 1 - right, high)), wrong)
