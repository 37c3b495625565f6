"""Quantiles and their limits are those of R's survey 4.5, and what the definition says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_estimates_oracles import DESIGNS

from sampling.estimates import survey_data
from sampling.estimates.estimate import COLUMNS
from sampling.estimates.quantiles import estimate_quantile
from sampling.words.errors import InputError

R = pd.read_csv(Path(__file__).parent / "oracles" / "quantiles.csv", dtype=str, keep_default_na=False)
CALL = ["q", "interval", "level", "variable", "domain"]


def ours(data, q, interval, level, variable, domain):
    by = "kind" if domain else None
    found = estimate_quantile(data, variable, float(q), by=by, confidence=float(level), interval=interval)
    return found.to_table().set_index("domain").loc[domain]


@pytest.mark.parametrize("design", sorted(set(R["design"])))
def test_every_quantile_of_r_survey_is_ours_too(design):
    data = DESIGNS[design]()
    compared = 0
    for call, rows in R[R["design"] == design].groupby(CALL):
        row = ours(data, *call)
        variable, domain = call[-2:]
        members = data.table["kind"].eq(domain) | (domain == "")
        largest = row["estimate"] == data.table.loc[members, variable].max()
        for statistic, value in rows.set_index("statistic")["value"].items():
            if largest and statistic != "estimate":
                assert not np.isfinite(row["high"]), "nobody can say how much lies above the largest value"
            elif design == "post-stratified" and domain and call[1] == "beta":
                continue  # R takes the rows outside of the domain into n there: nrow(subset(calibrated))
            elif value == "NaN":
                assert not np.isfinite(row[statistic])
            else:
                compared += 1
                assert row[statistic] == pytest.approx(float(value), rel=1e-9), (call, statistic)
    assert compared > 600


def one_village_each(values, weights):
    table = pd.DataFrame({"village": range(len(values)), "value": values, "weight": weights})
    return survey_data(table, psu="village", weight="weight")


@given(
    households=st.lists(st.tuples(st.integers(-3, 9), st.integers(1, 7)), min_size=2, max_size=12),
    q=st.sampled_from([0.1, 0.25, 1 / 3, 0.5, 0.6, 0.75, 0.9]),
)
def test_a_quantile_is_the_smallest_value_that_enough_of_the_weight_lies_at_or_below(households, q):
    values, weights = map(np.array, zip(*households, strict=True))
    # the definition, on each household written down `weight` times and in whole numbers, free of rounding
    everybody = np.sort(np.repeat(values, weights))
    needed = int(np.ceil(round(q * len(everybody), 9)))
    found = estimate_quantile(one_village_each(values, weights * 0.1), "value", q).table.iloc[0]
    assert found["estimate"] == everybody[needed - 1]
    assert found["low"] <= found["estimate"] <= found["high"]


def test_adding_to_every_value_moves_the_quantile_and_its_limits():
    data = DESIGNS["two-stage"]()
    moved = data.table.assign(amount=data.table["amount"] * 2 + 1000)
    plain = estimate_quantile(data, "amount", 0.5, by="kind").table
    other = estimate_quantile(replace(data, table=moved), "amount", 0.5, by="kind").table
    for name in ("estimate", "low", "high"):
        assert other[name].tolist() == pytest.approx((plain[name] * 2 + 1000).tolist())
    assert other["se"].tolist() == pytest.approx((plain["se"] * 2).tolist())


def test_few_villages_put_no_bound_on_a_quantile_by_mean_and_some_by_beta():
    table = DESIGNS["two-stage"]().table
    two = table[table["stratum"] == "D"]
    data = survey_data(two, psu="village", ssu="household", psu_count="N", ssu_count="M")
    open_ended = estimate_quantile(data, "amount", 0.5).table.iloc[0]
    assert (open_ended["low"], open_ended["high"]) == (-np.inf, np.inf)
    assert np.isnan(open_ended["se"])
    assert open_ended["interval"] == "woodruff_mean/1"
    whole = DESIGNS["two-stage"]()
    rare, kept = (estimate_quantile(whole, "amount", 0.02, interval=name).table for name in ("mean", "beta"))
    assert rare.loc[0, "low"] == -np.inf
    assert kept.loc[0, "low"] == table["amount"].min() < kept.loc[0, "high"] < np.inf


def test_households_without_a_domain_are_in_none_and_the_table_is_that_of_every_verb():
    data = DESIGNS["two-stage"]()
    some = data.table.assign(kind=data.table["kind"].where(data.table["kind"] != "b"))
    found = estimate_quantile(replace(data, table=some), "amount", 0.5, by="kind").table
    whole = estimate_quantile(data, "amount", 0.5, by="kind").table
    assert tuple(found.columns) == COLUMNS
    pd.testing.assert_frame_equal(found, whole[whole["domain"] != "b"].reset_index(drop=True))


def test_what_cannot_be_is_refused():
    data = DESIGNS["two-stage"]()
    for q in (0, 1, 50):
        with pytest.raises(ValueError, match="q must be"):
            estimate_quantile(data, "amount", q)
    with pytest.raises(InputError, match="nothing"):
        estimate_quantile(data, "nothing", 0.5)
    with pytest.raises(InputError):
        estimate_quantile(data, "kind", 0.5)
