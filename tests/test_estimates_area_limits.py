"""Limits of amounts: those of households where whole amounts are wrong, and where amounts change them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sampling.estimates.area_limits import area_limits, shape_of, within_certain
from sampling.estimates.icc import PRIOR, Spread, Villages, rho_posterior

ONE = np.ones(1)
VILLAGES, SEEN = 6, 10


def by_area(values):
    return np.array([values.sum()])


def villages_of(counts):
    """Six villages of one area with so many errors among ten households each."""
    errors, seen = np.array(counts), np.full(len(counts), SEEN)
    return Villages(
        rho=rho_posterior(errors, seen, np.zeros(len(counts), dtype=int), 1, prior=PRIOR),
        spread=Spread(households=np.array([1 / 90]), villages=np.array([1 / 15])),
        mixed=np.array([np.count_nonzero(errors)]),
    )


def wrong_of(counts):
    return (np.arange(SEEN) < np.array(counts)[:, None]).ravel().astype(float)


def limits(counts, error, base, weight, variance=0.002):
    scale = 1 / by_area(weight * base)
    shape = shape_of(weight, error, base, by_area, scale)
    share = by_area(weight * error) * scale
    return np.ravel(
        area_limits(share, variance * ONE, shape, villages_of(counts), ONE * len(base), 5 * ONE, 0.95)
    )


COUNTS = some.lists(some.integers(0, SEEN), min_size=VILLAGES, max_size=VILLAGES)


@given(counts=COUNTS, amount=some.floats(2, 1e6), variance=some.floats(1e-5, 0.05))
def test_equal_amounts_wholly_wrong_have_the_limits_of_households(counts, amount, variance):
    """Also in how far on the safe side the correlation within villages is taken."""
    wrong, weight = wrong_of(counts), np.full(VILLAGES * SEEN, 4.0)
    households = limits(counts, wrong, np.ones(len(wrong)), weight, variance)
    amounts = limits(counts, wrong * amount, np.full(len(wrong), amount), weight, variance)
    assert amounts == pytest.approx(households, rel=1e-9, abs=1e-12)


@given(counts=COUNTS, times=some.floats(1.5, 4))
def test_errors_above_the_amount_have_the_limits_that_they_have_of_their_ceiling(counts, times):
    rng = np.random.default_rng(1)
    wrong, base = wrong_of([*counts[:-1], 1]), rng.uniform(100, 500, VILLAGES * SEEN)
    part = np.where(np.arange(len(base)) % 2, 0.4, 1.0)
    part[-SEEN] = 1.0  # one error at least is as large as can be
    error, weight = wrong * part * base * times, np.full(len(base), 4.0)
    above = limits(counts, error, base, weight, 0.002 * times**2)
    within = limits(counts, error, base * times, weight)
    assert above == pytest.approx(within * times, rel=1e-9)


def test_the_shape_is_that_of_the_formulas():
    rng = np.random.default_rng(2)
    a, w = rng.uniform(100, 500, 40), rng.uniform(2, 6, 40)
    t = np.where(np.arange(40) < 5, rng.uniform(0.1, 1, 40), 0.0)
    a[:5] *= 3
    shape = shape_of(w, t * a, a, by_area, 1 / by_area(w * a))
    s = w * a / (w * a).sum()
    q2, n0 = (s * t**2).sum(), 1 / (s**2).sum()
    seen = n0 * (s**2 * t**2).sum() / q2
    assert seen > 1
    assert (shape.q2[0], shape.n0[0]) == pytest.approx((q2, n0))
    assert shape.larger[0] == pytest.approx((5 * seen + 2) / 7)
    assert not shape.yes_no and shape.ceiling == 1


def test_limits_are_wider_where_larger_amounts_err_more():
    counts, weight = [2, 1, 0, 1, 0, 0], np.full(VILLAGES * SEEN, 4.0)
    wrong = wrong_of(counts)
    base = np.where(wrong > 0, 900.0, 300.0)
    scale = 1 / by_area(weight * base)
    shape = shape_of(weight, wrong * base, base, by_area, scale)
    share = by_area(weight * wrong * base) * scale
    none = np.zeros(1)  # without a design's variance the model's alone counts, and kappa is its factor
    known = (villages_of(counts), ONE * len(base), 5 * ONE, 0.95)
    low, high = area_limits(share, none, shape, *known)
    plain_low, plain_high = area_limits(share, none, replace(shape, larger=ONE), *known)
    assert shape.larger[0] > 1
    assert low[0] < plain_low[0] < plain_high[0] < high[0]


def test_without_errors_the_limits_have_a_width():
    counts = [0] * VILLAGES
    nothing = wrong_of(counts)
    low, high = limits(counts, nothing, nothing + 300.0, nothing + 4.0, 0.0)
    assert low == 0 and 0 < high < 1


def test_limits_hold_what_is_certain():
    low, high = within_certain(
        np.array([0.00, 0.20, 0.1]),
        np.array([0.90, 0.30, 1.4]),
        np.array([0.01, 0.05, 0.1]),
        np.array([0.20, 0.10, 0.3]),
    )
    assert low.tolist() == [0.01, 0.20, 0.1]
    assert high.tolist() == [0.80, 0.30, 1.4]  # above 1 nothing found right sets a limit
