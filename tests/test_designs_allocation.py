"""Sharing out a total: against the enumeration of every way in which the bounds let it be shared out."""

import math
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sampling.designs.allocation import equal, neyman, power, proportional

ones = st.integers(0, 6)
boxes = st.tuples(ones, st.integers(0, 5)).map(lambda pair: (pair[0], pair[0] + pair[1]))
sizes = st.fractions(min_value=0, max_value=50, max_denominator=7)
strata = st.lists(st.tuples(boxes, sizes), min_size=1, max_size=4)


@st.composite
def problems(draw):
    """low, high, sizes and a total that the bounds can hold."""
    rows = draw(strata)
    low, high = [box[0] for box, _ in rows], [box[1] for box, _ in rows]
    return low, high, [size for _, size in rows], draw(st.integers(sum(low), sum(high)))


def every(total: int, low: list[int], high: list[int]):
    """Every way to share out the total inside the bounds."""
    ranges = [range(a, b + 1) for a, b in zip(low, high, strict=True)]
    return [numbers for numbers in product(*ranges) if sum(numbers) == total]


def variance(numbers, spread):
    """The part of the variance that the numbers decide; without a unit it has no bound."""
    if any(s and not n for n, s in zip(numbers, spread, strict=True)):
        return math.inf
    return sum(s / n for n, s in zip(numbers, spread, strict=True) if s)


@given(problems())
def test_neyman_is_the_smallest_variance_of_all_that_the_bounds_allow(problem):
    low, high, spread, total = problem
    found = neyman(total, spread, low=low, high=high)
    options = every(total, low, high)
    assert tuple(found) in options
    assert variance(found, spread) == min(variance(numbers, spread) for numbers in options)


@given(problems())
def test_a_stratum_without_spread_takes_its_minimum_unless_the_others_are_full(problem):
    low, high, spread, total = problem
    found = neyman(total, spread, low=low, high=high)
    sized = [h for h, s in enumerate(spread) if s]
    bare = [h for h, s in enumerate(spread) if not s]
    assert all(found[h] == low[h] for h in bare) or all(found[h] == high[h] for h in sized)


def test_neyman_of_a_worked_example():
    # N S = 10, 20, 30 without bounds: in proportion to N S, 60 units are 10, 20 and 30
    spread = [Fraction(x * x) for x in (10, 20, 30)]
    assert neyman(60, spread, low=[1] * 3, high=[99] * 3) == [10, 20, 30]
    assert neyman(60, spread, low=[1] * 3, high=[99, 99, 25]) == [12, 23, 25]


def shares_by_search(total: Fraction, sizes: list[Fraction], low: list[int], high: list[int]):
    """min(high, max(low, c size)) that add up to the total, c found at the kinks of the sum: another road.

    The sum is piecewise linear in c; between two kinks c is solved for exactly.
    """

    def at(c):
        rows = zip(sizes, low, high, strict=True)
        return [min(Fraction(b), max(Fraction(a), c * s)) for s, a, b in rows]

    kinks = sorted({Fraction(x) / s for s, a, b in zip(sizes, low, high, strict=True) for x in (a, b) if s})
    enough = [i for i, c in enumerate(kinks) if sum(at(c)) >= total]
    if not enough:
        return None
    left, right = [Fraction(0), *kinks][enough[0]], kinks[enough[0]]
    gap = sum(at(right)) - sum(at(left))
    c = left if not gap else left + (total - sum(at(left))) / gap * (right - left)
    return at(c)


@given(problems())
def test_proportional_is_the_largest_remainder_of_the_bounded_shares(problem):
    low, high, measures, total = problem
    found = proportional(total, measures, low=low, high=high)
    assert sum(found) == total
    assert all(a <= n <= b for a, n, b in zip(low, found, high, strict=True))
    shares = shares_by_search(Fraction(total), measures, low, high)
    assume(shares is not None and sum(shares) == total)  # else the strata without a size must take more
    down = [math.floor(share) for share in shares]
    assert all(n in (d, d + 1) for n, d in zip(found, down, strict=True))
    remainders = sorted(((d - s, h) for h, (d, s) in enumerate(zip(down, shares, strict=True))))
    up = {h for _, h in remainders[: total - sum(down)]}
    assert found == [d + (h in up) for h, d in enumerate(down)]


@given(problems())
def test_strata_without_a_size_take_their_minimum_unless_the_others_are_full(problem):
    low, high, measures, total = problem
    found = proportional(total, measures, low=low, high=high)
    bare = [h for h, s in enumerate(measures) if not s]
    full = all(found[h] == high[h] for h, s in enumerate(measures) if s)
    assert full or all(found[h] == low[h] for h in bare)


def test_largest_remainder_of_a_worked_example():
    # shares 41 x 14/56, 22/56, 19/56, 1/56 = 10.25, 16.11, 13.91, 0.73: the last two are rounded up
    measures = [Fraction(x) for x in (14, 22, 19, 1)]
    wide = {"low": [0] * 4, "high": [99] * 4}
    assert proportional(41, measures, **wide) == [10, 16, 14, 1]
    # the fourth fixed at 5, 36 are left for the others: 9.16, 14.4, 12.44
    assert proportional(41, measures, low=[0, 0, 0, 5], high=[99] * 4) == [9, 14, 13, 5]


@given(problems())
def test_equal_differs_by_one_at_most_where_no_bound_holds(problem):
    low, high, _, total = problem
    found = equal(total, low=low, high=high)
    assert found == proportional(total, [Fraction(7)] * len(low), low=low, high=high)
    free = [n for a, n, b in zip(low, found, high, strict=True) if a < n < b]
    assert not free or max(free) - min(free) <= 1


def test_equal_claims_go_to_the_first_strata():
    assert equal(8, low=[1] * 3, high=[9] * 3) == [3, 3, 2]


def test_power_is_proportional_to_the_power_of_size():
    measures = [Fraction(x) for x in (1, 4, 9, 16)]
    wide = {"low": [0] * 4, "high": [99] * 4}
    assert power(10, measures, Fraction(1, 2), **wide) == [1, 2, 3, 4]
    assert power(30, measures, Fraction(1), **wide) == [1, 4, 9, 16]
    assert power(8, measures, Fraction(1, 10**9), **wide) == equal(8, **wide)


@pytest.mark.parametrize("total", [2, 10])
def test_a_total_that_the_bounds_cannot_hold_is_refused_with_their_sums(total):
    for share in (
        lambda: proportional(total, [Fraction(1)] * 3, low=[1] * 3, high=[3] * 3),
        lambda: neyman(total, [Fraction(1)] * 3, low=[1] * 3, high=[3] * 3),
    ):
        with pytest.raises(ValueError, match=f"from 3 to 9, got {total}"):
            share()


@given(problems(), st.sampled_from([proportional, neyman]), st.integers(1, 10**6))
def test_a_common_scale_of_the_sizes_changes_nothing(problem, share, scale):
    low, high, measures, total = problem
    scaled = [size * scale for size in measures]
    assert share(total, measures, low=low, high=high) == share(total, scaled, low=low, high=high)


def test_numbers_that_no_double_tells_apart_are_told_apart():
    spread = [Fraction(10**30), Fraction(10**30 + 1)]
    assert neyman(3, spread, low=[1, 1], high=[9, 9]) == [1, 2]
    assert neyman(3, [s * 10**600 for s in spread], low=[1, 1], high=[9, 9]) == [1, 2]
