"""Limits exist everywhere, grow with confidence, contain the estimate, and are the published ones."""

import numpy as np
import pytest
from scipy import stats

from sampling.estimates.intervals import (
    DEFAULT,
    INTERVALS,
    Facts,
    korn_graubard,
    printed,
    resolved,
    share_limits,
    taint_limits,
    taint_size,
)


def facts(share, variance, n=100, df=12, confidence=0.95):
    share, variance = np.atleast_1d(share).astype(float), np.atleast_1d(variance).astype(float)
    return Facts(share=share, variance=variance, n=np.array([n]), df=np.array([df]), confidence=confidence)


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
    assert printed(DEFAULT).startswith(f"{DEFAULT}/")
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


def test_the_effective_size_of_money_is_that_of_a_share_where_everything_is_wholly_in_error():
    one = np.array([1.0])
    assert taint_size(0.1 * one, 0.1 * one, 0.002 * one, 80 * one, one)[0] == pytest.approx(0.09 / 0.002)
    assert taint_size(0 * one, 0 * one, 0 * one, 80 * one, one)[0] == 80
