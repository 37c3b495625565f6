"""The self-check known and not known: plain, by difference and by regression, reckoned a second way."""

import numpy as np
import pandas as pd
import pytest
from estimates_stand_in import make_villages, roll_columns
from test_estimates_lists import make_campaign

from sampling.estimates import estimate_campaign, survey_data
from sampling.estimates.self_check import THREE_WAYS, estimate_self_check_three_ways

BEFORE, LEFT = "ineligible_before_households", "residual_error_rate"


def population(rng, villages=40, size=20):
    """Households before the self-check: it removed most of the wrong ones that it saw, and some others."""
    count = villages * size
    table = pd.DataFrame({"village": np.repeat(np.arange(villages), size), "household": np.arange(count)})
    table["wrong"] = (rng.random(count) < 0.2).astype(int)
    table["checked"] = (table["village"] % 8 != 0).astype(int)
    found = np.where(table["wrong"] == 1, rng.random(count) < 0.8, rng.random(count) < 0.02)
    return table.assign(found=(found & (table["checked"] == 1)).astype(int), N=villages, M=size)


def known_of(frame):
    on_roll = frame[frame["found"] == 0]
    known = {"": len(on_roll), "checked": on_roll["checked"].sum(), "found": frame["found"].sum()}
    return {name: float(total) for name, total in known.items()}


def drawn(frame, rng, villages=10, households=10):
    """A two-stage sample, every household with the same weight."""
    picked = frame[frame["village"].isin(rng.choice(frame["village"].unique(), villages, replace=False))]
    return picked.groupby("village").sample(households, random_state=rng)


def three_ways(table, known):
    data = survey_data(table, psu="village", ssu="household", psu_count="N", ssu_count="M")
    ways = estimate_self_check_three_ways(data, "wrong", "found", "checked", known)
    return ways.to_table().set_index("parameter")


def test_where_all_was_inspected_the_three_are_the_truth_without_error():
    frame = population(np.random.default_rng(1))
    found = three_ways(frame, known_of(frame))
    left = frame.loc[frame["found"] == 0, "wrong"]
    for way in THREE_WAYS:
        assert found.loc[f"{way}.{BEFORE}", "estimate"] == pytest.approx(frame["wrong"].sum())
        assert found.loc[f"{way}.{LEFT}", "estimate"] == pytest.approx(left.mean())
    assert found["se"].to_numpy() == pytest.approx(0, abs=1e-9)


def test_each_is_what_its_formula_says():
    rng = np.random.default_rng(2)
    frame = population(rng)
    table, known = drawn(frame, rng), known_of(frame)
    found = three_ways(table, known)["estimate"]
    weight = 40 / 10 * 20 / 10
    wrong, seen = table["wrong"], table["found"]
    assert found[f"by_expansion.{BEFORE}"] == pytest.approx(weight * wrong.sum())
    assert found[f"by_difference.{BEFORE}"] == pytest.approx(known["found"] + weight * (wrong - seen).sum())
    groups = {"removed": seen == 1, "seen": (seen == 0) & (table["checked"] == 1)}
    groups["unseen"] = (seen == 0) & (table["checked"] == 0)
    sizes = {"removed": known["found"], "seen": known["checked"], "unseen": known[""] - known["checked"]}
    means = {name: wrong[rows].mean() for name, rows in groups.items()}
    assert found[f"by_regression.{BEFORE}"] == pytest.approx(sum(sizes[g] * means[g] for g in groups))
    left = sum(sizes[g] * means[g] for g in ("seen", "unseen"))
    assert found[f"by_regression.{LEFT}"] == pytest.approx(left / known[""])


def test_expansion_and_difference_are_right_on_average_and_knowing_the_self_check_is_worth_something():
    rng = np.random.default_rng(3)
    frame = population(rng)
    known, truth = known_of(frame), frame["wrong"].sum()
    found = [three_ways(drawn(frame, rng), known) for _ in range(120)]
    estimates = pd.DataFrame([one["estimate"] for one in found])
    for way in ("by_expansion", "by_difference"):
        values = estimates[f"{way}.{BEFORE}"]
        assert abs(values.mean() - truth) < 4 * values.std() / np.sqrt(120)
    spread = estimates.std()
    assert spread[f"by_difference.{BEFORE}"] < 0.9 * spread[f"by_expansion.{BEFORE}"]
    told = pd.DataFrame([one["se"] for one in found]).mean()
    for way in THREE_WAYS:
        assert told[f"{way}.{BEFORE}"] == pytest.approx(spread[f"{way}.{BEFORE}"], rel=0.2)


def test_no_limit_lies_below_what_was_seen():
    rng = np.random.default_rng(4)
    frame = population(rng)
    table = drawn(frame, rng, villages=3, households=6)
    found = three_ways(table, known_of(frame))
    assert (found.loc[[f"{way}.{BEFORE}" for way in THREE_WAYS], "low"] >= table["wrong"].sum()).all()


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_a_campaign_has_them_beside_the_published_figure(missing):
    roll, lists, sample, findings = make_campaign(9, missing=missing)
    known = {name: listed.drop(columns="verdict") for name, listed in lists.items()}
    villages = make_villages(roll).assign(blank=lambda t: t["certainty"])
    table = estimate_campaign(sample, findings, roll_columns(roll), villages, lists=known)
    rows = table[table["parameter"].str.startswith(THREE_WAYS)].set_index("parameter")
    assert set(rows["by"]) == {""} and len(rows) == 6
    assert rows[["estimate", "se", "low", "high", "df"]].notna().all(axis=None)
    published = table[(table["by"] == "") & (table["domain"] == "")].set_index("parameter")
    for name in (BEFORE, LEFT):
        own = published.loc[name]
        for way in THREE_WAYS:
            assert abs(rows.loc[f"{way}.{name}", "estimate"] - own["estimate"]) < 2 * own["se"]


def test_villages_that_are_all_blank_or_none_leave_nothing_to_regress_on_but_the_lists():
    rng = np.random.default_rng(5)
    frame = population(rng).assign(checked=1)
    table = drawn(frame, rng)
    found = three_ways(table, known_of(frame))
    kept = table.loc[table["found"] == 0, "wrong"]
    assert found.loc[f"by_regression.{LEFT}", "estimate"] == pytest.approx(kept.mean())
