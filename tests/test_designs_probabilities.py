"""Chances of being drawn: every possible sample of tiny strata, R's package sampling, closed forms, laws."""

from fractions import Fraction
from itertools import combinations, pairwise, permutations
from math import comb, log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, quad_vec

from sampling.designs.order_sampling import NODES, first_order, second_order, slopes
from sampling.designs.probabilities import LARGE, calibrate, in_scope_chance, inclusion, lambdas, pairs

R = pd.read_csv(Path(__file__).parent / "oracles" / "sampling_package.csv")
VILLAGES = R[(R["case"] == "villages") & (R["what"] == "size")]["value"].to_numpy()
ORDER = tuple(NODES)
SMALL = [
    (["1/2", "1/2"], 1),
    (["9/10", "1/10"], 1),
    (["3/4", "1/2", "1/4", "1/2"], 2),
    (["1/5", "2/5", "3/5", "4/5"], 2),
    (["1/10", "1/5", "3/10", "2/5", "1/2", "1/2"], 2),
    (["9/10", "2/3", "1/3", "1/2", "1/2", "1/10"], 3),
    (["1/100", "99/100", "1/2", "1/2", "9/10", "1/10"], 5),
    (["1/7", "1/7", "2/7", "3/7", "5/7", "6/7", "2/7"], 4),
]


def figures(values):
    return np.array([float(Fraction(value)) for value in values])


def random_lambdas(count, n, spread=0.7):
    """Sizes are log-normal; with a small spread nobody is certain."""
    return lambdas(np.random.default_rng(count * 1000 + n).lognormal(0, spread, count), n)


# every possible sample: the n are drawn if the highest of their scores is below the lowest of the others


def times(p, q):
    """The product of two polynomials in t, constant first, in exact fractions."""
    product = [Fraction(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            product[i + j] += a * b
    return product


def integral(p, low, high):
    return sum(a * (high ** (i + 1) - low ** (i + 1)) / (i + 1) for i, a in enumerate(p))


def sequential_chance(lam, sample):
    """Sum over the highest of the sample and over the pieces between the ends 1 / lambda."""
    ends, chance = [Fraction(0), *sorted({1 / x for x in lam})], Fraction(0)
    for highest in sample:
        for low, high in pairwise(ends):
            if low >= 1 / lam[highest]:
                continue
            integrand = [lam[highest]]
            for unit, x in enumerate(lam):
                below = [Fraction(1)] if 1 / x <= low else [Fraction(0), x]
                above = [Fraction(0)] if 1 / x <= low else [Fraction(1), -x]
                if unit != highest:
                    integrand = times(integrand, below if unit in sample else above)
            chance += integral(integrand, low, high)
    return chance


def pareto_chance(lam, sample):
    odds = np.array(lam, dtype=float) / (1 - np.array(lam, dtype=float))
    inside = np.isin(np.arange(len(lam)), sample)

    def integrand(x):  # the score is x / (1 - x)
        below = x * odds / (1 - x + x * odds)
        density = odds / (1 - x + x * odds) ** 2
        lowest = np.where(inside, below, 1 - below).prod()
        return lowest * (density[inside] / below[inside]).sum()

    return quad(integrand, 0, 1, epsabs=1e-13, epsrel=1e-12, limit=200)[0]


CHANCE = {"sequential_poisson": sequential_chance, "pareto": pareto_chance}


def by_enumeration(method, values, n):
    lam = [Fraction(value) for value in values]
    samples = list(combinations(range(len(lam)), n))
    chances = [CHANCE[method](lam, sample) for sample in samples]
    assert float(sum(chances)) == pytest.approx(1, abs=1e-11)
    joint = np.zeros((len(lam), len(lam)))
    for sample, chance in zip(samples, chances, strict=True):
        joint[np.ix_(sample, sample)] += float(chance)
    return joint


@pytest.mark.parametrize("method", ORDER)
@pytest.mark.parametrize(("values", "n"), SMALL)
def test_chances_of_one_and_of_two_are_those_of_all_possible_samples(method, values, n):
    joint = by_enumeration(method, values, n)
    assert inclusion(method, figures(values), n).pi == pytest.approx(np.diag(joint), abs=1e-11)
    assert pairs(method, figures(values), n) == pytest.approx(joint, abs=1e-11)


@pytest.mark.parametrize("first", [0.501, 0.6, 0.9, 0.999, 1 - 1e-9])
def test_one_of_two_is_the_closed_form(first):
    ratio = (first / (1 - first)) ** 2
    pareto = ratio * (ratio - 1 - log(ratio)) / (ratio - 1) ** 2
    lam = np.array([first, 1 - first])
    assert inclusion("pareto", lam, 1).pi[0] == pytest.approx(pareto, abs=1e-9 if first < 0.51 else 1e-12)
    sequential = 1 - (1 - first) / (2 * first)
    assert inclusion("sequential_poisson", lam, 1).pi[0] == pytest.approx(sequential, abs=1e-14)


@pytest.mark.parametrize("unit", [0, 77, 149])
def test_a_stratum_of_150_agrees_with_a_convolution_unit_by_unit(unit):
    lam = np.sort(random_lambdas(150, 30, 0.5))
    odds = lam / (1 - lam)

    def integrand(x):
        below = x * odds / (1 - x + x * odds)
        chances = np.zeros(30)
        chances[0] = 1
        for p in np.delete(below, unit):
            chances[1:] = chances[1:] * (1 - p) + chances[:-1] * p
            chances[0] *= 1 - p
        return odds[unit] / (1 - x + x * odds[unit]) ** 2 * chances.sum()

    found = quad_vec(integrand, 0, 1, epsabs=1e-12, epsrel=1e-12)[0]
    assert inclusion("pareto", lam, 30).pi[unit] == pytest.approx(found, abs=1e-11)


@pytest.mark.parametrize("method", ORDER)
@pytest.mark.parametrize(("count", "n"), [(3, 1), (12, 9), (20, 4), (31, 5), (60, 15)])
def test_twice_as_many_nodes_change_nothing(method, count, n):
    lam = random_lambdas(count, n, 0.3)
    lam *= 0.99 / max(0.99, lam.max())
    once, twice = NODES[method](lam, n), NODES[method](lam, n, finer=2)
    assert len(twice.weight) >= 2 * len(once.weight) - 2
    assert first_order(once, n) == pytest.approx(first_order(twice, n), abs=2e-13)
    two = ~np.eye(count, dtype=bool)
    assert second_order(once, n)[two] == pytest.approx(second_order(twice, n)[two], abs=2e-13)


@pytest.mark.parametrize("method", ORDER)
def test_slopes_are_what_small_changes_of_scale_make(method):
    lam = np.array([0.1, 0.3, 0.35, 0.6, 0.65])
    shift = (
        (lambda x, d: 1 / (1 + (1 - x) / x * np.exp(-d)))
        if method == "pareto"
        else lambda x, d: x * np.exp(d)
    )
    found = slopes(NODES[method](lam, 2), 2)
    for unit, small in enumerate(np.eye(5) * 1e-5):
        up, down = (first_order(NODES[method](shift(lam, s), 2), 2) for s in (small, -small))
        assert (up - down) / 2e-5 == pytest.approx(found[:, unit], abs=1e-8)


# laws


@st.composite
def strata(draw):
    some = st.floats(1e-6, 1 - 1e-6) | st.sampled_from([0.0, 0.2, 0.5, 1.0])
    lam = np.array(draw(st.lists(some, min_size=1, max_size=14)))
    n = draw(st.integers(int((lam == 1).sum()), int((lam > 0).sum())))
    return lam, n


@pytest.mark.parametrize("method", ORDER)
@given(stratum=strata())
@settings(max_examples=80, deadline=None)
def test_chances_obey_their_laws(method, stratum):
    lam, n = stratum
    pi, joint = inclusion(method, lam, n).pi, pairs(method, lam, n)
    assert pi.sum() == pytest.approx(n, abs=1e-10)
    assert joint.sum(axis=1) - pi == pytest.approx((n - 1) * pi, abs=1e-10)
    assert (joint == joint.T).all() and (np.diag(joint) == pi).all()
    assert (joint <= np.minimum.outer(pi, pi) + 1e-12).all()
    assert (joint >= np.maximum(0, np.add.outer(pi, pi) - 1) - 1e-12).all()
    order = np.argsort(lam)
    assert (np.diff(pi[order]) >= -1e-12).all()
    assert pi[lam == 1] == pytest.approx(1) and (pi[lam == 0] == 0).all()


@pytest.mark.parametrize("method", ORDER)
@given(stratum=strata(), rise=st.floats(0.01, 0.9))
@settings(max_examples=40, deadline=None)
def test_who_gets_a_higher_lambda_gets_a_higher_chance_and_nobody_else_does(method, stratum, rise):
    lam, n = stratum
    if not 0 < lam[0] < 1 or n == 0:
        return
    more = lam.copy()
    more[0] += (1 - more[0]) * rise
    change = inclusion(method, more, n).pi - inclusion(method, lam, n).pi
    assert change[0] >= -1e-12 and (change[1:] <= 1e-12).all()


@pytest.mark.parametrize("method", ORDER)
def test_order_and_scale_of_lambda_mean_nothing(method):
    lam = random_lambdas(20, 4)
    pi = inclusion(method, lam, 4).pi
    assert inclusion(method, lam[::-1], 4).pi[::-1] == pytest.approx(pi, abs=1e-13)
    other = lam / (lam + 3 * (1 - lam)) if method == "pareto" else lam / 3
    assert inclusion(method, other, 4).pi == pytest.approx(pi, abs=1e-13)


@pytest.mark.parametrize("method", ORDER)
def test_certain_units_take_their_places_and_leave_the_rest_to_the_others(method):
    lam = np.array([1, 0.2, 0, 0.5, 0.8, 1, 0.5])
    some = np.array([1, 3, 4, 6])
    joint, rest = pairs(method, lam, 4), pairs(method, lam[some], 2)
    assert joint[np.ix_(some, some)] == pytest.approx(rest, abs=1e-15)
    assert joint[0] == pytest.approx(np.diag(joint)) and joint[0, 5] == 1
    assert (joint[2] == 0).all() and (joint[:, 2] == 0).all()


@pytest.mark.parametrize("method", ORDER)
@pytest.mark.parametrize(("count", "n"), [(1, 0), (1, 1), (5, 1), (20, 4), (7, 7), (600, 10)])
def test_equal_lambdas_are_a_simple_random_draw_to_the_last_digit(method, count, n):
    found = inclusion(method, np.full(count, 0.3), n)
    assert (found.pi == n / count).all() and found.how == "exact"
    assert (pairs(method, np.full(count, 0.3), n) == pairs("srs", np.full(count, 0.3), n)).all()


# the other methods


def test_pairs_of_simple_random_samples_are_those_of_all_samples():
    joint = np.zeros((6, 6))
    for sample in combinations(range(6), 3):
        joint[np.ix_(sample, sample)] += 1 / comb(6, 3)
    assert pairs("srs", np.ones(6), 3) == pytest.approx(joint, abs=1e-15)
    assert inclusion("srs", np.ones(6), 3).pi == pytest.approx(np.diag(joint), abs=1e-15)


@pytest.mark.parametrize("method", ["bernoulli", "poisson"])
def test_units_drawn_one_by_one_are_independent(method):
    lam = np.array([0.25, 1, 0, 0.5])
    found = inclusion(method, lam, 0)
    assert (found.pi == lam).all() and found.how == "exact"
    expected = [[0.25, 0.25, 0, 0.125], [0.25, 1, 0, 0.5], [0, 0, 0, 0], [0.125, 0.5, 0, 0.5]]
    assert (pairs(method, lam, 0) == expected).all()


@pytest.mark.parametrize(
    ("count", "n"), [(1, 1), (7, 3), (10, 4), (12, 5), (9, 8), (6, 3), (11, 1), (5, 5), (4, 0)]
)
def test_systematic_pairs_are_those_of_all_starts(count, n):
    joint = np.zeros((count, count), dtype=int)
    for cell in range(count):  # the sample changes where the start is a multiple of 1 / N only
        start = Fraction(2 * cell + 1, 2 * count)
        sample = [int((start + k) * count / n) for k in range(n)]
        joint[np.ix_(sample, sample)] += 1
    assert (pairs("systematic", np.ones(count), n) == joint / count).all()


@pytest.mark.parametrize("case", sorted({case for case in R["case"] if case.startswith("systematic")}))
def test_systematic_pairs_are_those_of_r(case):
    theirs = R[R["case"] == case]
    joint = theirs.pivot(index="i", columns="j", values="value").to_numpy()
    assert pairs("systematic", np.ones(len(joint)), int(theirs["n"].iloc[0])) == pytest.approx(
        joint, abs=1e-14
    )


# lambda


@pytest.mark.parametrize("case", sorted(set(R.loc[R["what"] == "lambda", "case"])))
def test_lambdas_are_those_of_r(case):
    theirs = R[R["case"] == case]
    size, lam = (theirs.loc[theirs["what"] == what, "value"].to_numpy() for what in ("size", "lambda"))
    assert lambdas(size, theirs["n"].iloc[0]) == pytest.approx(lam, abs=2e-16)


def test_certainties_are_found_again_after_others_were_taken_out():
    assert lambdas(np.array([1000.0, 300, 60, 20, 20]), 3).tolist() == [1, 1, 0.6, 0.2, 0.2]


@given(
    size=st.lists(st.floats(0, 1e9) | st.integers(1, 5).map(float), min_size=1, max_size=12),
    share=st.fractions(0, 1),
    seed=st.randoms(use_true_random=False),
)
def test_lambdas_add_up_to_n_stay_below_1_and_do_not_know_the_order(size, share, seed):
    n = int(share * sum(x > 0 for x in size))
    lam = lambdas(np.array(size), n)
    assert lam.sum() == pytest.approx(n, abs=1e-9)
    assert ((lam >= 0) & (lam <= 1)).all() and (lam[np.array(size) == 0] == 0).all()
    places = list(range(len(size)))
    seed.shuffle(places)
    assert (lambdas(np.array(size)[places], n) == lam[places]).all()


def test_as_many_as_there_are_is_everybody_whatever_the_rounding():
    assert lambdas(np.array([0.1, 0.1, 0.1]), 3).tolist() == [1, 1, 1]


# what was measured for the design


@pytest.mark.parametrize("n", [3, 4, 5])
def test_lambda_is_not_the_chance_in_a_town_of_twenty_villages(n):
    lam = lambdas(np.minimum(VILLAGES, 600), n)
    assert (lam < 1).all()
    miss = {method: np.abs(inclusion(method, lam, n).pi / lam - 1).max() for method in ORDER}
    assert 0.06 < miss["sequential_poisson"] < 0.14
    assert 0.003 < miss["pareto"] < 0.019


def test_villages_drawn_before_come_again_less_often_but_can_come():
    before = np.repeat([1.0, 0.0], [4, 16])
    lam = lambdas(np.where(before == 1, 0.25, 1), 4)
    pi = inclusion("pareto", lam, 4).pi
    assert inclusion("srs", lam, 4).pi @ before == pytest.approx(0.80)
    assert pi @ before == pytest.approx(0.24, abs=0.005)
    assert (pi > 0).all()


@pytest.mark.parametrize("method", ORDER)
def test_more_may_be_drawn_than_lambda_was_made_for(method):
    lam = random_lambdas(20, 4)
    few, more = inclusion(method, lam, 4).pi, inclusion(method, lam, 6).pi
    assert more.sum() == pytest.approx(6, abs=1e-12) and (more > few).all()


# calibrated lambdas


@pytest.mark.parametrize("method", ORDER)
@pytest.mark.parametrize(
    ("count", "n"), [(2, 1), (3, 2), (5, 3), (8, 3), (20, 1), (20, 4), (20, 19), (60, 15)]
)
def test_calibrated_lambdas_have_the_chances_asked_for(method, count, n):
    target = random_lambdas(count, n)
    lam = calibrate(method, target, n)
    assert inclusion(method, lam, n).pi == pytest.approx(target, abs=2e-12)
    assert ((lam == 1) == (target == 1)).all()


@pytest.mark.parametrize("method", ORDER)
def test_calibration_reaches_chances_next_to_0_and_1_and_keeps_those_that_are(method):
    target = np.array([1, 0, 1 - 1e-7, 1e-7, 0.6, 0.4])
    lam = calibrate(method, target, 3)
    assert lam[:2].tolist() == [1, 0]
    assert inclusion(method, lam, 3).pi == pytest.approx(target, abs=2e-12)


# large strata


@pytest.mark.parametrize(("method", "near"), [("pareto", 1e-4), ("sequential_poisson", 0.03)])
def test_large_strata_are_approximated_and_say_so(method, near):
    lam = random_lambdas(LARGE + 1, 60, 0.5)
    found = inclusion(method, lam, 60)
    assert lam.max() < 1 and found.how == "hajek"
    assert found.pi == pytest.approx(lam, abs=1e-12)
    assert found.pi == pytest.approx(first_order(NODES[method](lam, 60), 60), rel=near)
    assert inclusion(method, lam, 80).pi.sum() == pytest.approx(80)
    assert (calibrate(method, lam, 60) == lam).all()


def test_a_certain_unit_does_not_make_a_stratum_large():
    lam = np.append(random_lambdas(LARGE, 3, 0.2), 1)
    assert inclusion("pareto", lam, 4).how == "quadrature"


def test_pairs_of_large_strata_nearly_add_up():
    lam = random_lambdas(LARGE + 1, 60, 0.5)
    joint = pairs("pareto", lam, 60)
    assert joint.sum(axis=1) == pytest.approx(60 * lam, rel=5e-4)
    assert (joint == joint.T).all()


# reserves


@pytest.mark.parametrize(("N", "inside", "n"), [(6, 4, 2), (7, 3, 3), (7, 5, 4), (5, 5, 2)])
def test_the_in_scope_total_is_right_on_average_over_all_orders(N, inside, n):
    orders = set(permutations([True] * inside + [False] * (N - inside)))
    totals = []
    for order in orders:
        k = next(k for k in range(n, N + 1) if sum(order[:k]) == n)
        totals.append(n / in_scope_chance(N, n, k))
    assert sum(totals) / len(totals) == inside


def test_one_in_scope_has_the_chance_of_being_looked_at():
    assert in_scope_chance(20, 1, 3) == Fraction(3, 20)
    assert in_scope_chance(20, 3, 3) == Fraction(3, 20)  # nobody was out of scope: n / N


# nonsense

HALF = np.array([0.5, 0.5, 0.5, 0.5])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: inclusion("lottery", HALF, 2), "method must be one of srs, .* got lottery"),
        (lambda: inclusion("pareto", np.array([0.5, np.nan]), 1), "lambda must be finite, got nan"),
        (lambda: inclusion("poisson", np.array([0.5, -0.1]), 1), "lambda must be from 0 to 1, got -0.1"),
        (lambda: inclusion("pareto", np.array([0.5, 1.5]), 1), "lambda must be from 0 to 1, got 1.5"),
        (
            lambda: inclusion("pareto", np.array([[0.5]]), 1),
            r"lambda must be one number a unit, got shape \(1, 1\)",
        ),
        (lambda: inclusion("pareto", HALF, 2.0), "n must be a whole number, got 2.0"),
        (lambda: inclusion("srs", HALF, True), "n must be a whole number, got True"),
        (lambda: inclusion("srs", HALF, 5), "n must be from 0 to 4, got 5"),
        (lambda: inclusion("pareto", np.array([0.5, 0, 0.5]), 3), "n must be from 0 to 2, got 3"),
        (lambda: pairs("pareto", np.array([0.5, 1, 1]), 1), "n must be from 2 to 3, got 1"),
        (lambda: pairs("systematic", HALF, -1), "n must be from 0 to 4, got -1"),
        (lambda: lambdas(np.array([1.0, -2.0]), 1), "size must be at least 0, got -2.0"),
        (lambda: lambdas(np.array([1.0, np.inf]), 1), "size must be finite, got inf"),
        (lambda: lambdas(np.array([1.0, 0.0]), 2), "n must be from 0 to the 1 units that have a size, got 2"),
        (lambda: lambdas(np.array([1.0, 2.0]), float("nan")), "n must be from 0 to the 2 units .*, got nan"),
        (lambda: calibrate("srs", HALF, 2), "method must be one of pareto, sequential_poisson, got srs"),
        (lambda: calibrate("pareto", HALF, 3), "target must add up to n = 3, got 2.0"),
        (lambda: calibrate("pareto", np.array([0.5, 1.5]), 2), "target must be from 0 to 1, got 1.5"),
        (lambda: in_scope_chance(20, 5, 4), "n must be from 1 to 4, got 5"),
        (lambda: in_scope_chance(20, 0, 4), "n must be from 1 to 4, got 0"),
        (lambda: in_scope_chance(20, 2, 21), "k must be from 1 to 20, got 21"),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        call()
