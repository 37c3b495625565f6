"""Two-stage variances: right on average over every possible sample, equal to the formula written as loops."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.estimates import estimate_mean, estimate_total, poststratify, survey_data
from sampling.estimates.variance import TwoStage, total_variance

VILLAGES = {"a": [1.0, 2.0, 6.0], "b": [3.0, 5.0], "c": [0.0, 4.0, 9.0, 1.0], "d": [2.0, 7.0, 7.0]}


def every_sample():
    """All samples of 2 of the 4 villages and 2 households in each, with their probabilities."""
    for drawn in combinations(VILLAGES, 2):
        inside = [list(combinations(range(len(VILLAGES[name])), 2)) for name in drawn]
        for chosen in product(*inside):
            rows = [
                {"village": name, "household": j, "y": VILLAGES[name][j], "N": 4, "M": len(VILLAGES[name])}
                for name, picked in zip(drawn, chosen, strict=True)
                for j in picked
            ]
            yield pd.DataFrame(rows), 1 / 6 / np.prod([len(found) for found in inside])


def as_data(table):
    return survey_data(table, psu="village", ssu="household", psu_count="N", ssu_count="M")


def test_totals_and_their_variances_are_right_on_average_over_every_possible_sample():
    totals, variances, chances = [], [], []
    for table, chance in every_sample():
        row = estimate_total(as_data(table), "y").to_table().iloc[0]
        totals.append(row["estimate"])
        variances.append(row["se"] ** 2)
        chances.append(chance)
    assert sum(chances) == pytest.approx(1)
    mean = np.dot(chances, totals)
    assert mean == pytest.approx(sum(map(sum, VILLAGES.values())))
    assert np.dot(chances, variances) == pytest.approx(np.dot(chances, (np.array(totals) - mean) ** 2))


def test_domain_totals_are_right_on_average_too():
    """Of the households with y above 4: a sample may have none of them, and then says 0 with no spread."""
    found, variances, chances = [], [], []
    for table, chance in every_sample():
        table["big"] = np.where(table["y"] > 4, "yes", "no")
        rows = estimate_total(as_data(table), "y", by="big", interval="t").to_table().set_index("domain")
        found.append(rows["estimate"].get("yes", 0.0))
        variances.append(rows["se"].get("yes", 0.0) ** 2)
        chances.append(chance)
    truth = sum(y for values in VILLAGES.values() for y in values if y > 4)
    assert np.dot(chances, found) == pytest.approx(truth)
    assert np.dot(chances, variances) == pytest.approx(np.dot(chances, (np.array(found) - truth) ** 2))


def by_loops(z, psu, stratum, frame, size):
    """The formula of the design document, one stratum and one village at a time."""
    variance = 0.0
    for h in set(stratum):
        villages = np.flatnonzero(stratum == h)
        n, f = len(villages), len(villages) / frame[h]
        totals = np.array([z[psu == i].sum() for i in villages])
        variance += n * (1 - f) / (n - 1) * ((totals - totals.mean()) ** 2).sum()
        for i in villages:
            inside = z[psu == i]
            m = len(inside)
            variance += f * m * (1 - m / size[i]) / (m - 1) * ((inside - inside.mean()) ** 2).sum()
    return variance


@given(st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_the_kernel_equals_the_formula_written_as_loops_in_every_domain(seed):
    rng = np.random.default_rng(seed)
    stratum = np.repeat(np.arange(3), rng.integers(2, 5, 3))
    psu = np.repeat(np.arange(len(stratum)), rng.integers(2, 6, len(stratum)))
    frame = np.bincount(stratum) + rng.integers(0, 5, 3).astype(float)
    size = np.bincount(psu) + rng.integers(0, 9, len(stratum)).astype(float)
    z, domain = rng.normal(5, 3, len(psu)), rng.integers(0, 4, len(psu))
    design = TwoStage(
        psu=psu, stratum=stratum, frame=frame, size=size, group=np.arange(3), weight=np.ones(len(stratum))
    )
    whole = total_variance(z, design)
    assert whole[0] == pytest.approx(by_loops(z, psu, stratum, frame, size))
    parts = total_variance(z, design, domain=domain, domains=4)
    for d in range(4):
        assert parts[d] == pytest.approx(by_loops(np.where(domain == d, z, 0), psu, stratum, frame, size))
    towns = total_variance(z, design, domain=stratum[psu], domains=3)
    assert towns.sum() == pytest.approx(whole[0])  # strata are independent, and take the path without sorting


def test_a_textbook_cluster_sample_gives_the_printed_figures():
    """Lohr (2021), Sampling: Design and Analysis, 3rd ed., Example 5.2: grades in 5 of 100 suites of 4."""
    suites = [
        [3.08, 2.60, 3.44, 3.04],
        [2.36, 3.04, 3.28, 2.68],
        [2.00, 2.56, 2.52, 1.88],
        [3.00, 2.88, 3.44, 3.64],
        [2.68, 1.92, 3.28, 3.20],
    ]
    rows = [{"suite": i, "gpa": gpa, "N": 100} for i, suite in enumerate(suites) for gpa in suite]
    data = survey_data(pd.DataFrame(rows), psu="suite", psu_count="N")
    total, mean = (
        estimate_total(data, "gpa").to_table().iloc[0],
        estimate_mean(data, "gpa").to_table().iloc[0],
    )
    assert round(total["estimate"], 1) == 1130.4
    assert round(mean["estimate"], 3) == 2.826
    assert round(mean["se"], 3) == 0.164


def test_a_drawn_village_without_a_household_counts_as_a_village_with_a_total_of_0():
    table = pd.DataFrame(
        {
            "village": ["a", "a", "b", "b", "c"],
            "household": ["1", "2", "1", "2", ""],
            "y": [1.0, 2.0, 5.0, 3.0, 0.0],
            "N": 6,
            "M": [4, 4, 2, 2, None],
        }
    )
    data = as_data(table)
    assert data.weight.tolist() == [4, 4, 2, 2]
    totals = np.array([4 * 3.0, 2 * 8.0, 0.0])
    first = 3 * 0.5 / 2 * ((totals - totals.mean()) ** 2).sum()
    second = 0.5 * (2 * 0.5 * 4**2 * 0.5)  # village a: half of 4 households, s² = 0.5; b is whole
    assert estimate_total(data, "y").to_table()["se"].iloc[0] ** 2 == pytest.approx(first + second)


def test_post_strata_that_explain_everything_leave_no_variance():
    table, _ = next(every_sample())
    table["kind"] = table["y"].astype(str)
    data = poststratify(as_data(table), "kind", {kind: 3.0 for kind in set(table["kind"])})
    row = estimate_total(data, "y").to_table().iloc[0]
    assert row["estimate"] == pytest.approx(3 * sum(set(table["y"])))
    assert row["se"] == pytest.approx(0, abs=1e-9)


def test_a_million_households_in_three_thousand_towns_go_in_one_pass_and_add_up():
    rng = np.random.default_rng(1)
    stratum = np.repeat(np.arange(3000), 17)
    psu = np.repeat(np.arange(len(stratum)), 20)
    design = TwoStage(
        psu=psu,
        stratum=stratum,
        frame=np.full(3000, 80.0),
        size=np.full(len(stratum), 40.0),
        group=np.arange(3000),
        weight=np.ones(len(stratum)),
    )
    z = rng.random(len(psu))
    found = total_variance(z, design, domain=stratum[psu], domains=3000)
    assert len(z) > 10**6
    assert found.shape == (3000,)
    assert found.sum() == pytest.approx(total_variance(z, design)[0])
