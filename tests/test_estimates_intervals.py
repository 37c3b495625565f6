"""Limits exist everywhere, grow with confidence, contain the estimate, and are the published ones."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy import stats

from sampling.estimates.icc import EDGES, PRIOR, Rho, Spread, Villages, icc_size, pooled_size
from sampling.estimates.intervals import (
    DEFAULT,
    INTERVALS,
    Facts,
    korn_graubard,
    printed,
    resolved,
    share_limits,
    taint_limits,
    upper_bound,
    village_bound,
)


def certain_rho(rho):
    """A posterior that is all in the cell of rho: its quantiles lie in that cell."""
    cell = np.clip(np.searchsorted(EDGES, rho, side="right") - 1, 0, len(EDGES) - 2)
    return Rho(mass=np.eye(len(EDGES) - 1)[[cell]], prior=PRIOR)


def facts(share, variance, n=100, df=12, confidence=0.95, rho=0.1, mixed=4):
    share, variance = np.atleast_1d(share).astype(float), np.atleast_1d(variance).astype(float)
    spread = Spread(households=np.array([1 / 90]), villages=np.array([1 / 15]))
    villages = Villages(rho=certain_rho(rho), spread=spread, mixed=np.array([mixed]))
    n, df = np.array([n]), np.array([df])
    return Facts(share=share, variance=variance, n=n, df=df, confidence=confidence, villages=villages)


@pytest.mark.parametrize("name", INTERVALS)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.99, 1.0])
@pytest.mark.parametrize("df", [1, 20])
def test_every_method_has_limits_around_the_share_at_0_and_1_too(name, share, df):
    low, high = share_limits(name, facts(share, share * (1 - share) / 60, df=df))
    assert np.isfinite([low, high]).all()
    assert low[0] <= share <= high[0] or name == "asin"
    assert high[0] > low[0]


@pytest.mark.parametrize("name", [name for name in INTERVALS if name != "asin"])
def test_more_confidence_is_a_wider_interval(name):
    small, large = (share_limits(name, facts(0.1, 0.001, confidence=level)) for level in (0.8, 0.95))
    assert large[0][0] < small[0][0] < small[1][0] < large[1][0]


def test_korn_graubard_is_clopper_pearson_on_n_at_zero_errors_as_nchs_does():
    low, high = korn_graubard(facts(0.0, 0.0, n=40))
    assert low[0] == 0
    assert high[0] == pytest.approx(1 - 0.025 ** (1 / 40), rel=1e-12)


def test_korn_graubard_caps_the_effective_size_at_n_and_lowers_it_for_few_villages():
    assert korn_graubard(facts(0.1, 1e-9, n=50)) == pytest.approx(
        (stats.beta.ppf(0.025, 5, 46), stats.beta.ppf(0.975, 6, 45))
    )
    size = 0.1 * 0.9 / 0.002 * (stats.t.ppf(0.975, 99) / stats.t.ppf(0.975, 4)) ** 2
    x = 0.1 * size
    assert korn_graubard(facts(0.1, 0.002, df=4)) == pytest.approx(
        (stats.beta.ppf(0.025, x, size - x + 1), stats.beta.ppf(0.975, x + 1, size - x))
    )


def test_default_resolves_to_a_method_that_is_printed_with_its_version():
    assert resolved("default") == DEFAULT
    assert printed(DEFAULT, PRIOR).startswith(f"{DEFAULT}/")
    assert printed(DEFAULT, (2.0, 30.5)).endswith(" rho~Beta(2,30.5)")
    assert printed("beta", PRIOR) == "beta/1"
    with pytest.raises(ValueError, match="interval must be"):
        resolved("wald")


def taints(p, q2, n0, n, confidence):
    return taint_limits(*(np.array([x]) for x in (p, q2, n0, n)), confidence)


def test_limits_of_money_are_those_printed_in_the_design():
    assert np.ravel(taints(0.03, 0.012, 60, 40, 0.95)) == pytest.approx([0.00629687, 0.10290791], abs=1e-8)
    assert np.ravel(taints(0.03, 0.012, 60, 40, 0.90)) == pytest.approx([0.00830144, 0.09063506], abs=1e-8)
    assert np.ravel(taints(0.0, 0.0, 40, 40, 0.95)) == pytest.approx([0, 0.08809730], abs=1e-8)


def test_money_wholly_in_error_has_the_limits_of_a_share():
    low, high = taints(0.1, 0.1, 60, 60, 0.95)
    assert (low[0], high[0]) == pytest.approx((stats.beta.ppf(0.025, 6, 55), stats.beta.ppf(0.975, 7, 54)))


ICC = [name for name in INTERVALS if INTERVALS[name].needs_villages]


@pytest.mark.parametrize("name", ICC)
@pytest.mark.parametrize("share", [0.0, 0.03, 0.3, 1.0])
def test_limits_are_wider_where_the_households_of_a_village_are_more_alike(name, share):
    some, more = (share_limits(name, facts(share, share * (1 - share) / 40, rho=rho)) for rho in (0.05, 0.3))
    assert more[0][0] <= some[0][0]
    assert some[1][0] <= more[1][0]
    assert more[1][0] - more[0][0] > some[1][0] - some[0][0]


@pytest.mark.parametrize("name", ICC)
def test_limits_of_wrong_and_of_right_households_mirror_each_other(name):
    low, high = share_limits(name, facts(0.07, 0.002))
    other_low, other_high = share_limits(name, facts(0.93, 0.002))
    assert (1 - other_high[0], 1 - other_low[0]) == pytest.approx((low[0], high[0]), rel=1e-9)


@given(
    share=some.one_of(some.just(0.0), some.floats(1e-6, 1.0)),
    relative=some.floats(0.0, 50.0),
    df=some.integers(1, 300),
    mixed=some.integers(0, 200),
    rho=some.floats(0.0, 0.95),
    households=some.floats(1e-7, 0.9),
    more=some.floats(0.5, 60.0),
    level=some.sampled_from([0.6, 0.9, 0.95, 0.999]),
)
def test_no_village_counts_make_limits_that_are_no_numbers_or_leave_the_share_out(
    share, relative, df, mixed, rho, households, more, level
):
    spread = Spread(households=np.array([households]), villages=np.array([min(households * more, 0.99)]))
    known = Facts(
        share=np.array([share]),
        variance=np.array([share * (1 - share) * relative / 100]),
        n=np.array([50]),
        df=np.array([df]),
        confidence=level,
        villages=Villages(rho=certain_rho(rho), spread=spread, mixed=np.array([mixed])),
    )
    for name in ICC:
        low, high = share_limits(name, known)
        assert 0 <= low[0] <= share <= high[0] <= 1
        assert high[0] > low[0]


@pytest.mark.parametrize("name", [name for name in INTERVALS if name not in ("mean", "asin")])
def test_a_one_sided_bound_is_the_upper_limit_with_twice_the_error(name):
    known, half = facts(0.05, 0.0009), facts(0.05, 0.0009, confidence=0.9)
    assert upper_bound(name, known) == share_limits(name, half)[1]
    assert 0.05 < upper_bound(name, known)[0] < share_limits(name, known)[1][0]


def test_a_bound_without_confidence_is_refused():
    with pytest.raises(ValueError, match="confidence must be above"):
        upper_bound("icc_kg_pooled", facts(0.05, 0.0009, confidence=0.5))


@pytest.mark.parametrize("name", ICC)
def test_a_method_that_needs_the_villages_says_so(name):
    bare = Facts(share=np.zeros(1), variance=np.zeros(1), n=np.ones(1), df=np.ones(1), confidence=0.95)
    with pytest.raises(ValueError, match="villages must be given"):
        share_limits(name, bare)


def test_with_no_correlation_and_all_villages_alike_icc_kg_is_clopper_pearson_on_the_households():
    low, high = share_limits("icc_kg", facts(0.1, 0.001, rho=0.0))
    assert (low[0], high[0]) == pytest.approx(
        (stats.beta.ppf(0.025, 9, 82), stats.beta.ppf(0.975, 10, 81)), rel=2e-3
    )


def test_rho_is_taken_further_on_the_safe_side_from_two_villages_with_errors_on():
    even = Rho(mass=np.full((3, len(EDGES) - 1), 1 / (len(EDGES) - 1)), prior=PRIOR)
    spread = Spread(households=np.full(3, 0.01), villages=np.full(3, 0.1))
    villages = Villages(rho=even, spread=spread, mixed=np.array([0, 1, 2]))
    assert villages.level.tolist() == [0.8, 0.8, 0.95]
    # 40 cells of equal probability: 80 % lie below the 32nd edge, 95 % below the 38th
    assert even.quantile(villages.level) == pytest.approx([EDGES[32], EDGES[32], EDGES[38]])


def test_the_pooled_size_is_the_model_s_without_trust_in_the_design_and_the_design_s_with_all_of_it():
    model, spread, variance = np.array([50.0]), np.array([0.09]), np.array([0.003])
    assert pooled_size(model, spread, variance, np.array([0.0]), 0.95)[0] == 50
    assert pooled_size(model, spread, variance, np.array([1e9]), 0.95)[0] == pytest.approx(30, rel=1e-4)
    t = stats.norm.ppf(0.975) / stats.t.ppf(0.975, 15)
    expected = 0.09 / ((5 * 0.003 + 10 * 0.09 / 50) / 15) * t ** (2 * 5 / 15)
    assert pooled_size(model, spread, variance, np.array([5.0]), 0.95)[0] == pytest.approx(expected)


def test_the_size_is_the_smaller_of_the_model_s_and_the_pooled_one():
    spread, df = np.array([0.09]), np.array([12])
    villages = facts(0.1, 0.0).villages
    steady, restless = (icc_size(villages, spread, np.array([v]), df, 0.95)[0] for v in (1e-5, 1e-2))
    assert steady == villages.size()[0]
    pooled = pooled_size(villages.size(), spread, np.array([1e-2]), np.array([3]), 0.95)[0]
    assert restless == pooled < steady  # four mixed villages: three degrees of freedom


def test_errors_that_lie_on_larger_amounts_make_the_size_smaller():
    villages, nothing, df = facts(0.1, 0.0).villages, np.zeros(1), np.array([12])
    assert icc_size(villages, nothing, nothing, df, 0.95, kappa=2.0)[0] == villages.size()[0] / 2


def test_money_wholly_in_error_has_the_limits_of_a_share_by_the_default_method_too():
    known = facts(0.1, 0.004)
    level = known.villages.level
    size = icc_size(known.villages, np.array([0.09]), known.variance, known.df, 0.95, level=level)
    one = np.array([0.1])
    by_money = taint_limits(one, one, np.array([70.0]), size, 0.95)
    assert np.ravel(by_money) == pytest.approx(np.ravel(share_limits("icc_kg_pooled", known)), rel=1e-12)


@pytest.mark.parametrize("name", ICC)
def test_everything_inspected_leaves_no_room(name):
    spread = Spread(households=np.zeros(1), villages=np.zeros(1))
    villages = Villages(rho=certain_rho(0.2), spread=spread, mixed=np.array([3]))
    known = facts(0.1, 0.0)
    whole = Facts(
        share=known.share, variance=known.variance, n=known.n, df=known.df, confidence=0.95, villages=villages
    )
    low, high = share_limits(name, whole)
    assert 0 < high[0] - low[0] < 1e-5


@pytest.mark.parametrize(
    ("frame", "drawn", "bound"),
    [(10, 2, 7), (10, 3, 5), (20, 4, 9), (40, 8, 11), ([25] * 20, [5] * 20, 13), (10, 10, 0), (10, 0, 10)],
)
def test_the_villages_that_could_be_wholly_wrong_unseen_are_those_printed_in_the_design(frame, drawn, bound):
    assert village_bound(frame, drawn, 0.95) == bound


def unseen(frame, drawn, wrong):
    """Probability that no wrong village is drawn, by counting samples."""
    samples = list(combinations(range(frame), drawn))
    return sum(min(sample, default=frame) >= wrong for sample in samples) / len(samples)


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.95])
def test_no_placing_of_one_more_wrong_village_stays_unseen_often_enough(confidence):
    frame, drawn = [6, 4], [2, 2]
    chance = [[unseen(n, k, wrong) for wrong in range(n + 1)] for n, k in zip(frame, drawn, strict=True)]
    possible = [
        a + b for a in range(7) for b in range(5) if chance[0][a] * chance[1][b] > 1 - confidence + 1e-12
    ]
    assert village_bound(frame, drawn, confidence) == max(possible)


def test_more_villages_drawn_than_there_are_is_refused():
    with pytest.raises(ValueError, match="drawn must be at most frame"):
        village_bound(3, 4, 0.95)
