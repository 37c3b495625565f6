"""A campaign's lists together: plain counts where all was inspected, no gap where much was not."""

import numpy as np
import pandas as pd
import pytest
from estimates_stand_in import draw_sample, make_findings, make_roll, make_villages, roll_columns

from sampling.designs import read_design
from sampling.estimates import estimate_campaign
from sampling.estimates.campaign import campaign_data
from sampling.estimates.estimate import COLUMNS
from sampling.estimates.lists import blank_villages, estimate_lists

REASONS = ("head_died", "living_improved")


def make_list(name, roll, seed, entitled):
    """A list in the roll's villages, some of which have nobody on it, with its truth in `verdict`."""
    rng = np.random.default_rng(seed)
    villages = roll[["township", "village", "certainty"]].drop_duplicates()
    listed = villages.loc[villages.index.repeat(rng.integers(0, 5, len(villages)))].reset_index(drop=True)
    listed["household"] = [f"{name[0]}{j:04d}" for j in range(len(listed))]
    listed["verdict"] = np.where(rng.random(len(listed)) < entitled, "entitled", "correct")
    listed["persons"] = rng.integers(1, 6, len(listed))
    listed["reason"] = rng.choice(REASONS, len(listed))
    if name == "removed":
        listed["amount_fen"] = rng.integers(60, 900, len(listed)) * 100
    return listed


def draw_list(name, listed, sample, rng, rate=0.5):
    """Rows of sample.csv: `rate` of the list's households in every drawn village."""
    first = sample[sample["stage"] == "1"]
    rows = []
    for _, village in first.iterrows():
        here = listed.loc[listed["village"] == village["village"], "household"]
        m = int(np.ceil(rate * len(here)))
        shared = village[["township", "stratum", "village", "N", "n"]].to_dict()
        for household in rng.choice(here, m, replace=False):
            own = {"stage": "2", "list": name, "role": "main", "household": household}
            rows.append({**shared, **own, "M": len(here), "m": m})
    return pd.DataFrame(rows)


def list_findings(name, drawn, listed, rng, missing):
    rows = drawn[["list", "village", "household"]].merge(listed, on=["village", "household"])
    away = rng.random(len(rows)) < missing
    rows["outcome"] = np.where(away, "absent", "completed")
    rows["verdict"] = rows["verdict"].where(~away, "")
    return rows.assign(reason="", amount_paid_fen=None, amount_due_fen=None)


def make_campaign(seed, rate=0.2, inner=0.5, missing=0.0):
    rng = np.random.default_rng(seed)
    roll = make_roll(seed, towns=4, units=2, rate=0.15, size=14)
    sample = draw_sample(roll, seed, rate=rate, units=1 if rate < 1 else 9)
    if inner == 1:
        sample = sample[sample["stage"] == "1"]
        sample = pd.concat([sample, draw_list("", roll, sample, rng, 1.0)], ignore_index=True)
    lists = {"removed": make_list("removed", roll, seed + 1, 0.1)}
    lists["refused"] = make_list("refused", roll, seed + 2, 0.2)
    findings = [make_findings(sample, roll, seed=seed, missing=missing)]
    for name, listed in lists.items():
        drawn = draw_list(name, listed, sample, rng, inner)
        sample = pd.concat([sample, drawn], ignore_index=True)
        findings.append(list_findings(name, drawn, listed, rng, missing))
    return roll, lists, sample, pd.concat(findings, ignore_index=True)


def reckoned(roll, lists, sample, findings):
    villages = make_villages(roll)
    campaign = campaign_data(sample, findings, roll_columns(roll), villages)
    known = {name: listed.drop(columns="verdict") for name, listed in lists.items()}
    blank = blank_villages(villages.assign(blank=villages["certainty"]), None)
    return estimate_lists(sample, findings, known, blank, campaign)


@pytest.fixture(scope="module")
def whole():
    """A campaign in which every household was inspected."""
    roll, lists, sample, findings = make_campaign(5, rate=1.0, inner=1)
    table = reckoned(roll, lists, sample, findings)
    return roll, lists, table.set_index(["by", "domain", "parameter"])["estimate"]


def test_where_all_was_inspected_the_figures_are_the_true_counts(whole):
    roll, lists, found = whole
    wrong = roll["verdict"] == "ineligible"
    removed, refused = (rows[rows["verdict"] == "entitled"] for rows in lists.values())
    right = len(lists["removed"]) - len(removed)
    checked = (roll["certainty"] == "0") & ~roll["new_inclusion"]
    mean = roll["amount_fen"].sum() / roll["persons"].sum() / 100
    counted = {
        "wrongly_removed_households": len(removed),
        "wrongly_removed_people": removed["persons"].sum(),
        "wrongly_removed_yuan": removed["amount_fen"].sum() / 100,
        "wrongly_left_out_households": len(refused),
        "wrongly_left_out_yuan": refused["persons"].sum() * mean,
        "three_errors_households": len(removed) + len(refused) + wrong.sum(),
        "ineligible_before_households": right + wrong.sum(),
        "residual_error_rate": wrong.mean(),
        "detection_rate": right / (right + (wrong & checked).sum()),
        "false_clear_rate": wrong[checked].mean(),
        "self_found_share": len(lists["removed"]) / (len(lists["removed"]) + wrong.sum()),
    }
    for parameter, value in counted.items():
        assert found["", "", parameter] == pytest.approx(value), parameter
    died = lists["removed"]["reason"].eq("head_died") & lists["removed"]["verdict"].ne("entitled")
    left = (wrong & checked & (roll["reason"] == "head_died")).sum()
    assert found["reason", "head_died", "detection_rate"] == pytest.approx(died.sum() / (died.sum() + left))


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_towns_add_up_to_the_county_and_nothing_is_missing(missing):
    table = reckoned(*make_campaign(9, missing=missing))
    assert list(table.columns) == ["by", *COLUMNS]
    assert table[["estimate", "se", "low", "high", "df"]].notna().all(axis=None)
    assert (table["high"] > table["low"]).all()
    assert not table.duplicated(["by", "domain", "parameter"]).any()
    totals = table[table["parameter"].str.contains("wrongly|three")]
    county = totals[totals["by"] == ""].set_index("parameter")["estimate"]
    towns = totals[totals["by"] == "township"].groupby("parameter")["estimate"].sum()
    assert towns.to_dict() == pytest.approx(county.to_dict())
    assert len(county) == 12


def test_an_amount_that_nobody_recorded_is_noted_where_it_counts():
    table = reckoned(*make_campaign(9)).set_index(["by", "parameter"])["note"]
    for parameter in ("wrongly_left_out_yuan", "three_errors_yuan"):
        assert "amount_unknown" in table["", parameter].split(";")
    for parameter in ("wrongly_left_out_people", "wrongly_removed_yuan"):
        assert "amount_unknown" not in table["", parameter]


def test_lists_that_were_not_drawn_have_no_rows():
    roll, lists, sample, findings = make_campaign(9)
    alone = sample[sample["list"] != "removed"]
    table = reckoned(roll, lists, alone, findings)
    assert not table["parameter"].str.contains("removed|detection|self_found|before").any()
    none = reckoned(roll, lists, sample[sample["list"] == ""], findings)
    assert none.empty
    assert list(none.columns) == ["by", *COLUMNS]


def planned(certainty):
    """A design that takes the villages with this field with certainty."""
    villages = {"rate": "20%", "certainty": certainty} if certainty else {"rate": "20%"}
    return read_design({"villages": villages, "households": {"rate": "50%"}}, lists={})


def test_a_village_is_blank_by_its_own_field_or_where_the_design_takes_it_because_it_is():
    villages = pd.DataFrame({"village": ["a", "b", "c"], "certainty": ["1", "0", "1"]})
    assert blank_villages(villages, planned("blank")) == {"a", "c"}
    assert blank_villages(villages, planned("remote")) == set()
    assert blank_villages(villages, planned("")) == set()
    marked = villages.assign(blank=["0", "1", "1"])
    assert blank_villages(marked, planned("remote")) == {"b", "c"}
    assert blank_villages(marked, planned("blank")) == {"b", "c"}


def test_villages_taken_with_certainty_for_another_reason_did_their_self_check():
    roll, lists, sample, findings = make_campaign(5, rate=1.0, inner=1)
    known = {name: listed.drop(columns="verdict") for name, listed in lists.items()}
    table = estimate_campaign(
        sample, findings, roll_columns(roll), make_villages(roll), design=planned("remote"), lists=known
    )
    rows = table[table["by"] == ""].set_index("parameter")
    right = (lists["removed"]["verdict"] != "entitled").sum()
    wrong = ((roll["verdict"] == "ineligible") & ~roll["new_inclusion"]).sum()
    assert (roll["certainty"] == "1").any()
    assert rows.loc["detection_rate", "estimate"] == pytest.approx(right / (right + wrong))
    noted = rows.index[rows["note"].str.contains("none_blank")]
    assert set(noted) == {"detection_rate", "false_clear_rate"}


def test_a_prior_of_ones_own_is_in_all_limits_of_a_campaign_and_printed_with_them():
    roll, lists, sample, findings = make_campaign(9)
    known = {name: listed.drop(columns="verdict") for name, listed in lists.items()}
    arguments = sample, findings, roll_columns(roll), make_villages(roll)
    usual, alike = (
        estimate_campaign(*arguments, lists=known, prior=prior) for prior in ((1.0, 8.0), (6.0, 4.0))
    )
    limits = alike["interval"].ne("") & ~alike["interval"].eq("t/1")
    assert alike.loc[limits, "interval"].str.endswith(" rho~Beta(6,4)").all()
    assert usual.loc[limits, "interval"].str.endswith(" rho~Beta(1,8)").all()
    assert set(alike.loc[limits, "interval"].str.split("/").str[0]) == {
        "icc_kg_pooled",
        "icc_taint",
        "mover",
    }
    pd.testing.assert_series_equal(usual["estimate"], alike["estimate"])
    county = limits & alike["parameter"].isin(["ineligible_share", "overpaid_yuan", "detection_rate"])
    wider = (alike["high"] - alike["low"])[county & alike["by"].eq("")]
    assert (wider > (usual["high"] - usual["low"])[wider.index]).all()
