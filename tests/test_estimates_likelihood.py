"""Likelihood limits: those of R's survey as near as R interpolates, and roots of their equation exactly."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from test_estimates_oracles import DESIGNS

from sampling.estimates import estimate_share
from sampling.estimates.likelihood import likelihood_limits

R = pd.read_csv(Path(__file__).parent / "oracles" / "survey.csv", dtype=str, keep_default_na=False)
R = R[R["verb"].str.startswith("share-likelihood")]


def limits(share, effective, n, t):
    low, high = likelihood_limits(*(np.array([x], dtype=float) for x in (share, effective, n, t)))
    return low[0], high[0]


def deviance(q, p):
    """Twice the loss of log-likelihood of one household where the share is p, not q."""
    return 2 * (q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p)))


@pytest.mark.parametrize("design", sorted(set(R["design"])))
def test_limits_are_those_of_r_but_for_its_interpolation(design):
    data = DESIGNS[design]()
    for (verb, domain), rows in R[R["design"] == design].groupby(["verb", "domain"]):
        level = float(re.sub("share-likelihood-", "", verb))
        by = "kind" if domain else None
        table = estimate_share(data, "error", by=by, interval="mean", confidence=level).to_table()
        row = table.set_index("domain").loc[domain]
        effective = row["estimate"] * (1 - row["estimate"]) / row["se"] ** 2
        found = limits(row["estimate"], effective, row["n_ssu"], stats.t.ppf((1 + level) / 2, row["df"]))
        expected = rows.set_index("statistic")["value"].astype(float)
        assert found == pytest.approx((expected["low"], expected["high"]), rel=1e-3)


@given(
    share=st.floats(1e-6, 1 - 1e-6),
    effective=st.floats(0.5, 1e5),
    n=st.integers(2, 10**6),
    t=st.floats(1, 13),
)
def test_limits_are_roots_on_both_sides_of_the_share(share, effective, n, t):
    low, high = limits(share, effective, n, t)
    bound = t**2 * n / (n - 1) / effective
    assert 0 <= low < share < high <= 1
    for end in (low, high):
        if 1e-300 < end < 1 - 1e-9:  # nearer to 1 the deviance has no digits left
            assert deviance(share, end) == pytest.approx(bound, rel=1e-5)


def test_limits_of_a_simple_random_sample_are_the_likelihood_ratio_interval():
    """6 of 20, 95 %: 2 (l(0.3) - l(p)) = 3.8415, found by a root finder on the binomial likelihood itself."""
    from scipy.optimize import brentq

    def loss(p):
        return 2 * (stats.binom.logpmf(6, 20, 0.3) - stats.binom.logpmf(6, 20, p)) - stats.chi2.ppf(0.95, 1)

    big = 10**12  # n/(n-1) is 1
    found = limits(0.3, 20, big, stats.norm.ppf(0.975))
    assert found == pytest.approx((brentq(loss, 0.01, 0.3), brentq(loss, 0.3, 0.99)), rel=1e-10)


@pytest.mark.parametrize(("share", "effective"), [(0, np.nan), (1, np.nan), (0.2, np.inf), (0.2, 0.0)])
def test_where_nothing_spreads_there_is_no_limit(share, effective):
    assert np.isnan(limits(share, effective, 30, 2.0)).all()


def test_the_complement_has_the_complementary_limits():
    low, high = limits(0.03, 55.0, 80, 2.3)
    assert limits(0.97, 55.0, 80, 2.3) == pytest.approx((1 - high, 1 - low), rel=1e-12)
