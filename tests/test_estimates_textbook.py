"""Worked examples of textbooks, to the digits printed; oracles/README.md says where they were read."""

from pathlib import Path

import pandas as pd
import pytest

from sampling.estimates import estimate_mean, estimate_total, survey_data

KEYS = {"stratum": str, "village": str, "household": str}
EXAMPLES = pd.read_csv(Path(__file__).parent / "oracles" / "textbook.csv", dtype=KEYS)


def example(name, **design):
    rows = EXAMPLES[EXAMPLES["example"] == name].dropna(axis=1, how="all")
    return survey_data(rows.reset_index(drop=True), psu="village", **design)


def total(data, column):
    return estimate_total(data, column, interval="t").to_table().iloc[0]


@pytest.mark.parametrize(
    ("column", "sums", "se", "mean", "se_mean", "cv"),
    [
        ("ue91", 26_440, 13_282, 826.250000, 415.070586, 0.502355),
        ("lab91", 206_860, 109_763, 6464.375000, 3430.088578, 0.530614),
    ],
)
def test_simple_random_sample_of_lehtonen_and_pahkinen_page_29(column, sums, se, mean, se_mean, cv):
    """Practical Methods for Design and Analysis of Complex Surveys (rev. ed.), page 29, table 2.4."""
    data = example("srs", psu_count="N")
    whole, per_unit = total(data, column), estimate_mean(data, column).to_table().iloc[0]
    assert (round(whole["estimate"]), round(whole["se"])) == (sums, se)
    assert (round(per_unit["estimate"], 6), round(per_unit["se"], 6)) == (mean, se_mean)
    assert round(per_unit["cv"], 6) == cv


def test_stratified_sample_of_lehtonen_and_pahkinen_page_46():
    """The same, page 46, table 2.6: a systematic sample with its implicit strata; 2 of 8 and 6 of 24."""
    found = total(example("stratified", stratum="stratum", psu_count="N"), "ue91")
    assert round(found["estimate"]) == 23_580
    assert int(found["se"]) == 11_801  # the book has 11 802, the page with the data 11 801: it is 11 801.49
    assert round(found["cv"], 6) == 0.500487


def test_sample_with_unequal_probabilities_of_lehtonen_and_pahkinen_page_60():
    """The same, page 60, table 2.8: with replacement in proportion to size, and one town for certain."""
    found = total(example("pps", weight="weight"), "ue91")
    certain = 4123  # the town that was taken for certain has no variance
    assert round(certain + found["estimate"]) == 15_077
    assert round(found["se"], 6) == 521.121241


def test_two_stage_sample_of_sarndal_swensson_and_wretman_page_143():
    """Model Assisted Survey Sampling, example 4.3.2, pages 142 and 143: 5 of 50 clusters, 3 units in each."""
    data = example("two-stage", ssu="household", psu_count="N", ssu_count="M")
    found = total(data, "y1")
    assert found["estimate"] == pytest.approx(15_080, rel=1e-12)
    assert round(found["se"], 1) == 2274.3
    assert round(found["se"] ** 2, 5) == 5_172_234.44444


def test_the_two_stage_sample_by_hand():
    """The same sample by the two-stage formula, in whole numbers until the last step."""
    rows = EXAMPLES[EXAMPLES["example"] == "two-stage"]
    within, totals = 0.0, []
    for _, cluster in rows.groupby("village"):
        size, y = cluster["M"].iloc[0], cluster["y1"]
        totals.append(size * y.mean())
        within += size**2 * (1 / 3 - 1 / size) * y.var(ddof=1)
    between = 50**2 * (1 / 5 - 1 / 50) * pd.Series(totals).var(ddof=1)
    data = example("two-stage", ssu="household", psu_count="N", ssu_count="M")
    assert 50 / 5 * sum(totals) == pytest.approx(15_080)
    assert total(data, "y1")["se"] ** 2 == pytest.approx(between + 50 / 5 * within, rel=1e-12)
