"""Double visits: kappa as published, as R has it and by definition; a corrected rate gives the truth back."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.estimates import survey_data
from sampling.estimates.agreement import estimate_corrected_share, estimate_kappa, kappa_linearised
from sampling.words.errors import InputError

ORACLES = Path(__file__).parent / "oracles"
COHEN = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
"""Cohen (1968), Psychological Bulletin 70, 213-220, table 1, times N = 200: kappa is .492."""
FLEISS = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]
"""Fleiss, Cohen & Everitt (1969), Psychological Bulletin 72, 323-327: their example of 200 diagnoses."""


def verdicts(counts):
    return np.array([(i, j) for i, row in enumerate(counts) for j, n in enumerate(row) for _ in range(n)])


def simple(table):
    """A simple random sample of households, each a village of its own, of a frame without end."""
    return survey_data(table.assign(id=np.arange(len(table)), w=1000), psu="id", weight="w")


def printed_variance(counts):
    """The variance of Fleiss, Cohen & Everitt (1969), formula 13, as a double loop."""
    p = np.array(counts, dtype=float)
    n, p = p.sum(), p / p.sum()
    row, column = p.sum(axis=1), p.sum(axis=0)
    agree, chance = np.trace(p), row @ column
    total = -((agree * chance - 2 * chance + agree) ** 2)
    for i in range(len(p)):
        for j in range(len(p)):
            if i == j:
                total += p[i, i] * ((1 - chance) - (column[i] + row[i]) * (1 - agree)) ** 2
            else:
                total += (1 - agree) ** 2 * p[i, j] * (column[i] + row[j]) ** 2
    return total / (n * (1 - chance) ** 4)


@pytest.mark.parametrize(("counts", "kappa"), [(COHEN, 0.492), (FLEISS, 0.429)])
def test_kappa_and_its_error_are_those_of_the_published_tables(counts, kappa):
    table = pd.DataFrame(verdicts(counts), columns=["first", "second"]).astype(str)
    agree, row = estimate_kappa(simple(table), "first", "second").to_table().to_dict("records")
    assert agree["estimate"] == pytest.approx(np.trace(counts) / 200)
    assert round(row["estimate"], 3) == kappa
    assert row["se"] ** 2 * 199 / 200 == pytest.approx(printed_variance(counts))
    assert row["low"] < row["estimate"] < row["high"]


@given(st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_the_linearised_kappa_is_the_derivative_by_the_weights(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 3, 25), rng.integers(0, 3, 25)
    weight = rng.uniform(1, 5, 25)
    _, _, u = kappa_linearised(first, second, weight, 3)
    for k in range(3):
        step = np.where(np.arange(25) == k, 1e-5, 0.0)
        up, down = (kappa_linearised(first, second, weight + s, 3)[0] for s in (step, -step))
        assert u[k] == pytest.approx((up - down) / 2e-5, abs=1e-7)
    assert weight @ u == pytest.approx(0, abs=1e-12)


def test_kappa_of_a_design_equals_that_of_r():
    sample = pd.read_csv(ORACLES / "sample.csv", dtype={"household": str})
    sample["second"] = np.where((sample["rare"] == 1) | (sample["persons"] == 5), "a", sample["kind"])
    sample["again"] = sample["second"].where(sample["persons"] != 2, "")
    of_r = pd.read_csv(ORACLES / "kappa.csv").set_index(["design", "part", "statistic"])["value"]
    designs = {
        "two-stage": {"ssu": "household", "psu_count": "N", "ssu_count": "M"},
        "with-replacement": {"weight": "weight"},
    }
    for design, columns in designs.items():
        data = survey_data(sample, psu="village", stratum="stratum", **columns)
        for part, second in (("all", "second"), ("again", "again")):
            row = estimate_kappa(data, "kind", second).to_table().iloc[1]
            for statistic in ("estimate", "se"):
                assert row[statistic] == pytest.approx(of_r[design, part, statistic], rel=1e-9)


def test_where_all_agree_the_interval_of_kappa_has_a_width():
    table = pd.DataFrame({"first": ["a"] * 6 + ["b"] * 6, "second": ["a"] * 6 + ["b"] * 6})
    row = estimate_kappa(simple(table), "first", "second").to_table().iloc[1]
    assert row["estimate"] == 1
    assert row["high"] == 1
    assert row["low"] < 0.8


def test_kappa_is_refused_where_it_has_no_meaning():
    table = pd.DataFrame({"first": ["a", "a", "b"], "second": ["a", "a", ""]})
    for column, key in (("second", "one_verdict"), ("first", "no_double_visits")):
        shown = table if column == "second" else table.assign(second=["a", "", ""])
        with pytest.raises(InputError) as refused:
            estimate_kappa(simple(shown), "first", "second")
        assert [problem.key for problem in refused.value.problems] == [f"estimates.agreement.{key}"]


def villages(rng, count, size, rate, again=0.3, misses=0.1, false=0.02):
    """Households with their truth, the verdict of inspectors who err, and second visits that do not."""
    wrong = rng.random((count, size)) < rng.beta(rate * 20, (1 - rate) * 20, (count, 1))
    seen = np.where(wrong, rng.random((count, size)) >= misses, rng.random((count, size)) < false)
    table = pd.DataFrame({"village": np.repeat(np.arange(count), size), "wrong": wrong.ravel().astype(int)})
    table = table.assign(household=np.arange(len(table)), said=seen.ravel().astype(int))
    table["truth"] = table["wrong"].astype("str").where(rng.random(len(table)) < again, "")
    return table


def test_the_corrected_share_gives_the_truth_back_where_the_inspectors_errors_are_known():
    """1,000 households, 100 wrong of which 90 are seen, 900 right of which 18 are not: all visited again."""
    said = [1] * 90 + [0] * 10 + [1] * 18 + [0] * 882
    table = pd.DataFrame({"said": said, "truth": [1] * 100 + [0] * 900})
    rows = estimate_corrected_share(simple(table), "said", "truth").to_table()
    assert rows["estimate"].tolist() == pytest.approx([0.9, 0.98, 0.1])
    assert rows["note"].iloc[2] == "corrected"
    assert rows["interval"].iloc[2] == "rogan_gladen/1"


def test_the_error_of_the_corrected_share_is_that_of_rogan_and_gladen():
    """Where every village is one household, no correction of the binomial variances is left but n - 1."""
    said = [1] * 90 + [0] * 10 + [1] * 18 + [0] * 882
    table = pd.DataFrame({"said": said, "truth": [1] * 100 + [0] * 900})
    row = estimate_corrected_share(simple(table), "said", "truth").to_table().iloc[2]
    q, p, index = 0.108, 0.1, 0.88
    printed = (q * (1 - q) / 1000 + p**2 * 0.9 * 0.1 / 100 + (1 - p) ** 2 * 0.98 * 0.02 / 900) / index**2
    assert row["se"] ** 2 == pytest.approx(printed, rel=0.02)  # one household of each kind is added


def test_corrected_limits_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(5)
    held, estimates = 0, []
    frame = villages(rng, 60, 40, 0.12)
    truth = frame["wrong"].mean()
    for _ in range(120):
        drawn = rng.choice(60, 20, replace=False)
        wrong = frame[frame["village"].isin(drawn)].groupby("village").sample(20, random_state=rng)
        err = np.where(wrong["wrong"] == 1, rng.random(400) >= 0.1, rng.random(400) < 0.04)
        again = np.where(rng.random(400) < 0.4, wrong["wrong"].astype("str"), "")
        table = wrong.assign(said=err.astype(int), truth=again, N=60, M=40)
        data = survey_data(table, psu="village", ssu="household", psu_count="N", ssu_count="M")
        row = estimate_corrected_share(data, "said", "truth").to_table().iloc[2]
        estimates.append(row["estimate"])
        held += row["low"] <= truth <= row["high"]
    assert 0.93 * 120 <= held <= 120
    assert np.mean(estimates) == pytest.approx(truth, abs=4 * np.std(estimates) / np.sqrt(120))


CASES = {
    "none_in_error": {"said": [0, 1, 0, 1], "truth": ["0", "0", "", ""]},
    "none_right": {"said": [0, 1, 0, 1], "truth": ["1", "1", "", ""]},
    "not_identifiable": {"said": [0, 1, 0, 1], "truth": ["1", "0", "0", "1"]},
}


@pytest.mark.parametrize("key", CASES)
def test_a_rate_that_cannot_be_corrected_is_refused_in_words(key):
    with pytest.raises(InputError) as refused:
        estimate_corrected_share(simple(pd.DataFrame(CASES[key])), "said", "truth")
    assert [problem.key for problem in refused.value.problems] == [f"estimates.agreement.{key}"]


def test_a_reference_that_is_no_yes_or_no_is_named_with_its_rows():
    table = pd.DataFrame({"said": [0, 1, 0], "truth": ["1", "perhaps", ""]})
    with pytest.raises(InputError) as refused:
        estimate_corrected_share(simple(table), "said", "truth")
    assert refused.value.problems[0].key == "estimates.data.not_yes_no"
    assert refused.value.problems[0].fields == {"rows": "3"} or "3" in str(refused.value.problems[0].fields)
