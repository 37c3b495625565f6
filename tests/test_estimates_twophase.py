"""Two sources: the difference estimator by all samples, regression by hand, the self-check on the county."""

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from estimates_county import frame_of, households, parts_of

from sampling.estimates import estimate_total, poststratify, survey_data
from sampling.estimates.intervals import mover
from sampling.estimates.self_check import RATES, estimate_self_check, estimate_self_check_reasons
from sampling.estimates.threelists import join_lists
from sampling.estimates.twophase import estimate_difference, estimate_regression
from sampling.frames.county import make_county
from sampling.words.errors import InputError

VILLAGES = {
    "a": ([1, 1, 0], [1, 0, 0]),
    "b": ([0, 1], [0, 1]),
    "c": ([1, 0, 0, 1], [1, 1, 0, 0]),
    "blank": ([1, 0, 1], [0, 0, 0]),
}
"""By village, of each household: whether it is wrong, and whether the self-check said so. One saw none."""
KNOWN = sum(sum(said) for _, said in VILLAGES.values())
WRONG = sum(sum(truth) for truth, _ in VILLAGES.values())


def every_sample():
    """All samples of 2 of the 4 villages and 2 households in each, with their chances."""
    for drawn in combinations(VILLAGES, 2):
        inside = [list(combinations(range(len(VILLAGES[name][0])), 2)) for name in drawn]
        for chosen in product(*inside):
            rows = [
                {"village": name, "household": j, "N": 4, "M": len(VILLAGES[name][0])}
                | {"wrong": VILLAGES[name][0][j], "said": VILLAGES[name][1][j], "kind": "xyz"[j % 3]}
                for name, picked in zip(drawn, chosen, strict=True)
                for j in picked
            ]
            yield as_data(pd.DataFrame(rows)), 1 / 6 / np.prod([len(found) for found in inside])


def as_data(table):
    return survey_data(table, psu="village", ssu="household", psu_count="N", ssu_count="M")


@pytest.fixture(scope="module")
def tables():
    """Of every sample: the difference estimate's row, and its chance."""
    found = [
        (estimate_difference(data, "wrong", "said", KNOWN).to_table().iloc[0], chance)
        for data, chance in every_sample()
    ]
    return pd.DataFrame([row for row, _ in found]), np.array([chance for _, chance in found])


def test_the_difference_estimate_and_its_variance_are_right_on_average_over_every_possible_sample(tables):
    rows, chance = tables
    assert chance.sum() == pytest.approx(1)
    assert chance @ rows["estimate"] == pytest.approx(WRONG)
    assert chance @ rows["se"] ** 2 == pytest.approx(chance @ (rows["estimate"] - WRONG) ** 2)


def test_no_interval_of_a_difference_is_missing_or_without_a_width(tables):
    rows, _ = tables
    assert (rows["se"] == 0).any()  # samples that show no difference
    assert (rows["high"] > rows["low"]).all()
    assert set(rows["interval"]) == {"mover/1 rho~Beta(1,8)"}


def test_differences_by_domain_add_up_and_each_is_right_on_average():
    parts = {name: 0.0 for name in "xyz"}
    known = dict.fromkeys("xyz", 0.0)
    for _, said in VILLAGES.values():
        for j, value in enumerate(said):
            known["xyz"[j % 3]] += value
    for data, chance in every_sample():
        seen = set(data.table["kind"])
        here = {name: total for name, total in known.items() if name in seen}
        rows = estimate_difference(data, "wrong", "said", here, by="kind").to_table()
        whole = estimate_difference(data, "wrong", "said", sum(here.values())).to_table()
        assert rows["estimate"].sum() == pytest.approx(whole["estimate"].iloc[0])
        found = rows.set_index("domain")["estimate"].reindex(list("xyz"))
        for name, total in known.items():  # a kind that is not in the sample stays at its known total
            parts[name] += chance * (total if np.isnan(found[name]) else found[name])
    truth = dict.fromkeys("xyz", 0.0)
    for wrong, _ in VILLAGES.values():
        for j, value in enumerate(wrong):
            truth["xyz"[j % 3]] += value
    assert parts == pytest.approx(truth)


def test_a_self_check_that_says_nothing_leaves_the_plain_expansion():
    data, _ = next(every_sample())
    data.table["nothing"] = 0
    row = estimate_difference(data, "wrong", "nothing", 0).to_table().iloc[0]
    plain = estimate_total(data, "wrong", interval="t").to_table().iloc[0]
    assert row[["estimate", "se"]].tolist() == plain[["estimate", "se"]].tolist()


def test_a_self_check_that_says_all_leaves_no_error_but_an_upper_limit():
    data, _ = next(every_sample())
    row = estimate_difference(data, "wrong", "wrong", WRONG).to_table().iloc[0]
    assert (row["estimate"], row["se"]) == (WRONG, 0)
    assert row["low"] < WRONG < row["high"]


def test_amounts_are_known_by_difference_too_with_limits_by_t():
    data, _ = next(every_sample())
    data.table["paid"], data.table["due"] = [210.0, 300, 180, 240], [210.0, 250, 180, 260]
    row = estimate_difference(data, "due", "paid", 3000).to_table().iloc[0]
    assert row["interval"] == "t/1"
    assert row["estimate"] == pytest.approx(3000 + data.weight @ (data.table["due"] - data.table["paid"]))
    assert row["high"] - row["estimate"] == pytest.approx(row["estimate"] - row["low"])


def score_limits(x, n):
    """Wilson's limits of x among n, as a table of one estimate."""
    p, z2 = x / n, 1.959964**2
    half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n)))
    low, high = ((p + z2 / (2 * n) + sign * half) / (1 + z2 / n) for sign in (-1, 1))
    return pd.DataFrame([[p, low, high]], columns=["estimate", "low", "high"])


def test_the_limits_of_a_difference_are_the_published_ones():
    """Newcombe (1998), Statistics in Medicine 17, 873-890, table II, column a, method 10: 56/70 - 48/80."""
    plus, minus = score_limits(56, 70), score_limits(48, 80)
    below, above = mover(*((part["estimate"], part["low"], part["high"]) for part in (plus, minus)))
    difference = 56 / 70 - 48 / 80
    assert (round(difference - below[0], 4), round(difference + above[0], 4)) == (0.0524, 0.3339)


def test_regression_on_the_marked_households_is_the_ratio_to_their_number():
    for data, _ in list(every_sample())[::7]:
        marked = data.table["said"] == 1
        if not marked.any():
            continue
        w, y = data.weight, data.table["wrong"].to_numpy()
        row = estimate_regression(data, "wrong", {"said": KNOWN}).to_table().iloc[0]
        ratio = w[marked] @ y[marked] / w[marked].sum()
        assert row["estimate"] == pytest.approx(KNOWN * ratio + w[~marked] @ y[~marked])


def test_regression_on_groups_that_cover_the_roll_is_post_stratification():
    data = next(data for data, _ in every_sample() if data.table["said"].nunique() == 2)
    data.table["other"] = 1 - data.table["said"]
    row = estimate_regression(data, "wrong", {"said": KNOWN, "other": 12 - KNOWN}).to_table().iloc[0]
    post = poststratify(data, "said", {1: KNOWN, 0: 12 - KNOWN})
    same = estimate_total(post, "wrong", interval="t").to_table().iloc[0]
    for column in ("estimate", "se", "low", "high", "df"):
        assert row[column] == pytest.approx(same[column])


def test_known_totals_that_do_not_fit_the_sample_are_refused_by_name():
    data, _ = next(every_sample())
    data.table["never"] = 0
    with pytest.raises(InputError):
        estimate_regression(data, "wrong", {"never": 5})
    for totals, key in (({"x": 1, "y": 1, "q": 2}, "group_not_sampled"), ({"x": 1}, "total_unknown")):
        with pytest.raises(InputError) as refused:
            estimate_difference(data, "wrong", "said", totals, by="kind")
        assert f"estimates.data.{key}" in [problem.key for problem in refused.value.problems]
    with pytest.raises(ValueError, match="frame_total must be a mapping exactly with by"):
        estimate_difference(data, "wrong", "said", {"x": 1})


def test_self_check_rates_are_the_plain_counts_where_everything_was_inspected():
    rows = pd.DataFrame(
        {
            "village": "a",
            "household": range(10),
            "N": 1,
            "M": 10,
            "found": [1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
            "wrong": [1, 1, 0, 1, 0, 0, 0, 1, 0, 1],
            "checked": [1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
            "reason": ["died", "moved", "died", "died", "", "", "", "moved", "", "died"],
        }
    )
    table = estimate_self_check(as_data(rows), "wrong", "found", "checked").to_table()
    assert dict(zip(table["parameter"], table["estimate"], strict=True)) == pytest.approx(
        {
            "residual_error_rate": 3 / 7,
            "detection_rate": 2 / 3,
            "false_clear_rate": 1 / 4,
            "self_found_share": 3 / 6,
        }
    )
    table = estimate_self_check_reasons(as_data(rows), "wrong", "found", "checked", "reason").to_table()
    found = table.set_index(["parameter", "domain"])["estimate"].to_dict()
    assert found == pytest.approx(
        {
            ("residual_error_rate", "died"): 2 / 7,
            ("residual_error_rate", "moved"): 1 / 7,
            ("detection_rate", "died"): 1 / 2,
            ("detection_rate", "moved"): 1,
            ("false_clear_rate", "died"): 1 / 4,
            ("false_clear_rate", "moved"): 0,
            ("self_found_share", "died"): 2 / 4,
            ("self_found_share", "moved"): 1 / 2,
        }
    )


def true_rates(rows):
    """The four rates of some households, by counting."""
    wrong, found, checked = (rows[name].to_numpy(bool) for name in ("not_entitled", "found", "checked"))
    masks = {rate.parameter: rate.of(wrong=wrong, found=found, checked=checked) for rate in RATES}
    counted = {rate.parameter: wrong if rate.counted == "wrong" else found for rate in RATES}
    return {name: counted[name][mask].mean() for name, mask in masks.items() if mask.any()}


@pytest.fixture(scope="module")
def draws():
    """Of 100 draws of the synthetic county without field noise: every interval beside the truth."""
    county = make_county(7)
    rows, frame = households(county), frame_of(county)
    rows = rows[rows["list"].isin(["", "removed"])]
    truth = {("", name): value for name, value in true_rates(rows).items()}
    for town, here in rows.groupby("township"):
        truth |= {(town, name): value for name, value in true_rates(here).items()}
    truth["", "wrong_before"] = rows["not_entitled"].sum()
    found = []
    for seed in range(100):
        data = join_lists(parts_of(rows, frame, np.random.default_rng(seed), by="kind"))
        removed = int(rows["found"].sum())
        before = estimate_difference(data, "not_entitled", "found", removed).to_table()
        county_rates = estimate_self_check(data, "not_entitled", "found", "checked").to_table()
        found += [before.assign(parameter="wrong_before"), county_rates]
        if seed < 12:
            columns = ("not_entitled", "found", "checked")
            found.append(estimate_self_check(data, *columns, by="township").to_table())
    table = pd.concat(found, ignore_index=True)
    table["truth"] = [truth[key] for key in zip(table["domain"], table["parameter"], strict=True)]
    return table


def test_the_truth_of_the_synthetic_county_lies_in_the_intervals_about_as_often_as_they_say(draws):
    inside = (draws["low"] <= draws["truth"] + 1e-12) & (draws["truth"] <= draws["high"] + 1e-12)
    county = draws["domain"] == ""
    assert draws[["low", "high", "se"]].notna().all(axis=None)
    assert (draws["high"] > draws["low"]).all()
    # 95 % less 3.5 errors of 100 draws; the rates of a draw hang together
    assert inside[county].groupby(draws["parameter"]).mean().min() >= 0.874
    assert inside[~county].mean() >= 0.93


def test_estimates_of_the_synthetic_county_are_right_on_average(draws):
    county = draws[draws["domain"] == ""].groupby("parameter")
    mean, error = county["estimate"].mean(), county["estimate"].std() / np.sqrt(100)
    off = (mean - county["truth"].first()).abs()
    assert (off < 4 * error).all()
