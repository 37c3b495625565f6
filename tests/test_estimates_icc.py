"""The posterior of rho and the model's size of a sample, each computed a second time from its definition."""

import numpy as np
import pytest
from scipy import stats

from sampling.estimates.icc import PRIOR, rho_posterior, spread


def quantile_by_quadrature(errors, seen, level):
    """From betabinom's own probabilities, one by one, on a fine grid of the mean and of rho."""
    rho = (np.arange(400) + 0.5) / 400 * 0.95
    mean = np.sin((np.arange(150) + 0.5) / 150 * np.pi / 2) ** 2
    both = (1 - rho) / rho
    log = sum(
        stats.betabinom.logpmf(k, m, mean[:, None] * both, (1 - mean[:, None]) * both)
        for k, m in zip(errors, seen, strict=True)
    )
    likelihood = np.exp(log - log.max()).sum(axis=0) * stats.beta.pdf(rho, *PRIOR)
    upto = np.cumsum(likelihood) / likelihood.sum()
    return np.interp(level, upto, rho + rho[0])  # all of a cell lies below its upper edge


@pytest.mark.parametrize(
    ("errors", "seen"),
    [
        ([0, 0], [20, 30]),
        ([0, 1], [20, 30]),
        ([0, 10], [10, 10]),
        ([3, 0, 0, 1, 2, 0], [40, 30, 20, 20, 60, 5]),
    ],
)
@pytest.mark.parametrize("level", [0.5, 0.8])
def test_the_quantile_of_rho_is_that_of_the_beta_binomial_likelihood_times_its_prior(errors, seen, level):
    found = rho_posterior(np.array(errors), np.array(seen), np.zeros(len(seen), dtype=int), 1)
    assert found.quantile(level)[0] == pytest.approx(quantile_by_quadrature(errors, seen, level), rel=0.01)
    assert found.prior == PRIOR


def test_a_domain_without_villages_keeps_the_prior():
    nothing = np.zeros(0, dtype=int)
    low = rho_posterior(nothing, nothing, nothing, 1, prior=(2.0, 30.0)).quantile(0.8)
    assert low[0] == pytest.approx(stats.beta.ppf(0.8, 2, 30), rel=0.02)


def test_many_domains_at_once_are_the_same_as_each_alone_whatever_their_size():
    rng = np.random.default_rng(5)
    domain = np.repeat(np.arange(9), [1, 2, 3, 5, 8, 13, 40, 90, 200])
    seen = rng.integers(1, 60, len(domain))
    errors = rng.binomial(seen, rng.beta(0.5, 9, len(domain)))
    together = rho_posterior(errors, seen, domain, 9).mass
    for one in range(9):
        own = domain == one
        alone = rho_posterior(errors[own], seen[own], np.zeros(own.sum(), dtype=int), 1).mass
        assert together[one] == pytest.approx(alone[0], abs=1e-9)


def test_wrong_and_right_households_can_change_places():
    errors, seen, domain = np.array([0, 3, 1]), np.array([9, 12, 30]), np.zeros(3, dtype=int)
    one, other = (rho_posterior(k, seen, domain, 1).mass for k in (errors, seen - errors))
    assert one == pytest.approx(other, abs=1e-12)


def test_villages_wholly_wrong_or_right_have_a_high_rho_and_even_ones_a_low_one():
    seen, domain = np.full(40, 20), np.zeros(40, dtype=int)
    blocks = rho_posterior(np.repeat([0, 20], [36, 4]), seen, domain, 1).quantile(0.5)
    even = rho_posterior(np.tile([1, 2, 3], 14)[:40], seen, domain, 1).quantile(0.5)
    assert blocks[0] > 0.7
    assert even[0] < 0.02


def frame():
    """Two domains: 4 and 3 villages of unequal size; 2 and 1 of them drawn, some households inspected."""
    size = np.array([5, 9, 2, 14, 6, 3, 8])
    domain_of_village = np.array([0, 0, 0, 0, 1, 1, 1])
    amount = np.random.default_rng(2).gamma(2.0, 50.0, size.sum())
    village = np.repeat(np.arange(7), size)
    seen = np.isin(np.arange(size.sum()), [5, 6, 9, 13, 16, 17, 30, 31, 36, 37])
    weight = np.random.default_rng(3).uniform(1, 6, size.sum())
    return village, domain_of_village, amount, seen, weight


def test_the_spread_is_the_sum_over_every_household_of_the_frame():
    village, home, amount, seen, weight = frame()
    domain = home[village]
    total, estimated = (np.bincount(domain, weights=x) for x in (amount, amount * weight * seen))
    own, part = amount / total[domain], amount * weight * seen / estimated[domain]
    c = part - own
    inside = np.bincount(village, weights=c)
    of_village = np.bincount(village, weights=own)
    found = spread(
        part[seen],
        own[seen],
        of_village[village[seen]],
        village[seen],
        home,
        units=np.bincount(domain, weights=own**2),
        villages=np.bincount(home, weights=of_village**2),
    )
    assert found.households == pytest.approx(np.bincount(domain, weights=c**2))
    assert found.villages == pytest.approx(np.bincount(home, weights=inside**2))


def test_the_size_is_the_one_that_gives_the_variance_of_the_exchangeable_model():
    village, home, _, seen, weight = frame()
    count = len(village)
    part = np.where(seen, weight, 0.0) / weight[seen].sum()
    rho, mean = 0.3, 0.1
    covariance = mean * (1 - mean) * np.where(village[:, None] == village, rho, 0.0)
    np.fill_diagonal(covariance, mean * (1 - mean))
    c = part - 1 / count
    of_village = np.bincount(village)[village] / count
    found = spread(
        part[seen],
        np.full(seen.sum(), 1 / count),
        of_village[seen],
        village[seen],
        np.zeros_like(home),
        units=np.array([1 / count]),
        villages=np.array([np.sum((np.bincount(village) / count) ** 2)]),
    )
    assert mean * (1 - mean) / found.size(np.array([rho])) == pytest.approx(c @ covariance @ c)


def test_a_frame_inspected_whole_has_no_spread():
    part, village = np.full(6, 1 / 6), np.array([0, 0, 0, 1, 1, 1])
    found = spread(
        part,
        part,
        np.full(6, 0.5),
        village,
        np.zeros(2, int),
        units=np.array([1 / 6]),
        villages=np.array([0.5]),
    )
    assert found.households == pytest.approx(0, abs=1e-15)
    assert found.villages == pytest.approx(0, abs=1e-15)
    assert found.size(np.array([0.2]))[0] > 1e11
