"""The prior of the correlation within villages: an argument of the verbs, and told with their limits."""

import numpy as np
import pandas as pd
import pytest

from sampling.estimates import estimate_share, estimate_total, survey_data
from sampling.estimates.icc import PRIOR, rho_posterior
from sampling.words import LANGUAGES

INDEPENDENT, ALIKE = (1.0, 60.0), (6.0, 4.0)
"""Villages whose households have hardly anything in common, and much."""


@pytest.fixture(scope="module")
def data():
    """6 of 20 villages, 8 of 16 households; errors in two villages."""
    rows = [(f"V{v}", f"{h}", 20, 16) for v in range(6) for h in range(8)]
    table = pd.DataFrame(rows, columns=["village", "household", "N", "M"])
    table["wrong"] = table.index.isin([3, 12]).astype(int)
    table["yuan"] = 100.0 * table["wrong"]
    return survey_data(table, psu="village", ssu="household", psu_count="N", ssu_count="M")


def row(data, **options):
    return estimate_share(data, "wrong", **options).to_table().iloc[0]


def test_the_prior_is_printed_with_the_limits_that_were_made_with_it(data):
    assert row(data)["interval"] == "icc_kg_pooled/1 rho~Beta(1,8)"
    assert row(data, prior=(2.5, 30))["interval"] == "icc_kg_pooled/1 rho~Beta(2.5,30)"
    assert row(data, interval="beta")["interval"] == "beta/1"
    total = estimate_total(data, "wrong", prior=(2, 30)).to_table()
    assert total["interval"].tolist() == ["icc_kg_pooled/1 rho~Beta(2,30)"]


@pytest.mark.parametrize("interval", ["icc_kg", "icc_kg_pooled"])
def test_the_more_alike_villages_are_taken_to_be_the_wider_the_limits(data, interval):
    widths = []
    for prior in (INDEPENDENT, PRIOR, ALIKE):
        found = row(data, interval=interval, prior=prior)
        widths.append(found["high"] - found["low"])
        assert found["estimate"] == row(data)["estimate"]
    assert widths[0] < 0.95 * widths[1] < 0.9 * widths[2]


def test_the_default_prior_is_what_is_used_without_one(data):
    assert row(data, prior=PRIOR).equals(row(data))


def test_the_limits_are_those_of_the_posterior_under_that_prior(data):
    """By hand: the size that the model gives at the posterior's 80 % quantile, both villages' errors seen."""
    errors, seen = np.array([1, 1, 0, 0, 0, 0]), np.full(6, 8)
    rho = rho_posterior(errors, seen, np.zeros(6, dtype=int), 1, prior=ALIKE).quantile(0.95)[0]
    part, own = 1 / 48, 1 / 320
    households = 48 * (part - own) ** 2 + 272 * own**2
    villages = 6 * (8 * part - 16 * own) ** 2 + 14 * (16 * own) ** 2
    size = 1 / ((1 - rho) * households + rho * villages)
    facts = row(data, interval="icc_kg", prior=ALIKE)
    at_80 = rho_posterior(errors, seen, np.zeros(6, dtype=int), 1, prior=ALIKE).quantile(0.8)[0]
    size_80 = 1 / ((1 - at_80) * households + at_80 * villages)
    assert facts["high"] == pytest.approx(upper(2 / 48, size_80), rel=1e-9)
    pooled = row(data, interval="icc_kg_pooled", prior=ALIKE)
    assert pooled["high"] >= upper(2 / 48, size) - 1e-12


def upper(share, size):
    from scipy import stats

    return stats.beta.ppf(0.975, size * share + 1, size * (1 - share))


@pytest.mark.parametrize("interval", ["mean", "beta", "korn_graubard", "wilson"])
def test_a_prior_is_refused_where_the_interval_has_none(data, interval):
    with pytest.raises(ValueError, match=f"prior must be left out with {interval}"):
        estimate_share(data, "wrong", interval=interval, prior=(2, 30))
    with pytest.raises(ValueError, match="prior must be left out with t, which has none"):
        estimate_total(data, "yuan", prior=(2, 30))


@pytest.mark.parametrize("prior", [(0, 8), (1, -1), (1, np.nan), (1, np.inf), (1,), (1, 2, 3)])
def test_what_is_no_beta_distribution_is_refused(data, prior):
    with pytest.raises(ValueError, match="prior must be two numbers above 0"):
        estimate_share(data, "wrong", prior=prior)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_summary_tells_the_prior_once_and_only_where_there_is_one(data, lang):
    told = estimate_share(data, "wrong", by="village", prior=(2, 30)).summary(lang)
    assert told.count("Beta(2, 30)") == 1
    assert "0.06" in told
    assert "Beta" not in estimate_share(data, "wrong", interval="beta").summary(lang)
