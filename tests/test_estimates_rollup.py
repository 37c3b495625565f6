"""One system of weights: what a campaign publishes multiplies, adds up, and is right on average."""

import numpy as np
import pandas as pd
import pytest
from estimates_stand_in import (
    draw_sample,
    make_findings,
    make_roll,
    make_villages,
    roll_columns,
)

from sampling.estimates import estimate_campaign
from sampling.words.errors import InputError
from sampling.words.text import LANGUAGES, catalogue


def estimates(roll, sample, findings, **options):
    return estimate_campaign(sample, findings, roll_columns(roll), make_villages(roll), **options)


@pytest.fixture(scope="module")
def campaign():
    roll = make_roll(3)
    sample = draw_sample(roll, 3)
    findings = make_findings(sample, roll, seed=3, missing=0.08)
    return roll, sample, findings, estimates(roll, sample, findings)


def value(table, parameter, by="", domain="", column="estimate"):
    row = table[(table["parameter"] == parameter) & (table["by"] == by) & (table["domain"] == domain)]
    assert len(row) == 1, (parameter, by, domain)
    return row[column].iloc[0]


PAIRS = {
    ("ineligible_share", "ineligible_households"): "households",
    ("error_share", "error_households"): "households",
    ("ineligible_people_share", "ineligible_people"): "persons",
    ("paid_in_error_rate", "overpaid_yuan"): "yuan",
    ("underpaid_rate", "underpaid_yuan"): "yuan",
    ("net_rate", "net_yuan"): "yuan",
}


def on_the_roll(roll, base, by, domain):
    rows = roll.assign(new_inclusion=roll["new_inclusion"].map({True: "1", False: "0"}))
    rows = rows[rows[by] == domain] if by in ("township", "category", "new_inclusion") else rows
    return {
        "households": len(rows),
        "persons": rows["persons"].sum(),
        "yuan": rows["amount_fen"].sum() / 100,
    }[base]


@pytest.mark.parametrize(("pair", "base"), PAIRS.items())
def test_every_published_share_times_the_roll_is_its_published_total(campaign, pair, base):
    roll, _, _, table = campaign
    shares, totals = (table[table["parameter"] == name].set_index(["by", "domain"]) for name in pair)
    assert len(shares) > 13
    for by, domain in shares.index:
        size = on_the_roll(roll, base, by, domain)
        for column in ("estimate", "se", "low", "high"):
            share, total = shares.loc[(by, domain), column], totals.loc[(by, domain), column]
            assert share * size == pytest.approx(total, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("by", ["township", "category", "new_inclusion"])
def test_totals_of_domains_add_up_to_the_county(campaign, by):
    *_, table = campaign
    for _, total in PAIRS:
        parts = table[(table["by"] == by) & (table["parameter"] == total)]["estimate"].sum()
        assert parts == pytest.approx(value(table, total), rel=1e-12, abs=1e-9)


def test_reasons_and_verdicts_add_up(campaign):
    *_, table = campaign
    reasons = table[(table["by"] == "reason") & (table["parameter"] == "ineligible_households")]
    assert reasons["estimate"].sum() == pytest.approx(value(table, "ineligible_households"))
    parts = [value(table, f"{name}_households") for name in ("ineligible", "overpaid", "underpaid")]
    assert sum(parts) == pytest.approx(value(table, "error_households"))
    money = value(table, "overpaid_yuan") - value(table, "underpaid_yuan")
    assert money == pytest.approx(value(table, "net_yuan"))


def test_every_town_has_a_row_and_no_interval_is_missing_or_has_no_width(campaign):
    roll, *_, table = campaign
    shares = table[table["interval"] != ""]
    assert set(table.loc[table["by"] == "township", "domain"]) == set(roll["township"])
    assert shares[["estimate", "se", "low", "high", "df"]].notna().all(axis=None)
    whole = roll.groupby("township")["village"].nunique() == 0
    assert not whole.any()
    assert (shares["high"] > shares["low"]).all()
    assert (
        (shares["estimate"] >= shares["low"] - 1e-12) & (shares["estimate"] <= shares["high"] + 1e-12)
    ).all()


def test_a_unit_with_one_village_drawn_of_several_has_an_error_of_its_own_and_adds_to_the_county(campaign):
    roll, *_, table = campaign
    villages = roll.groupby("township")["village"].nunique()
    units = villages.index[(villages > 1) & (villages < 8)]
    assert len(units) >= 2
    for unit in units:
        assert value(table, "error_share", "township", unit, "se") > 0
        assert "collapsed" in value(table, "error_share", "township", unit, "note")
    towns = table[(table["by"] == "township") & (table["parameter"] == "error_households")]
    assert (towns["se"] ** 2).sum() == pytest.approx(value(table, "error_households", column="se") ** 2)


def test_estimates_of_many_draws_are_right_on_average():
    roll = make_roll(11, towns=3, units=2, villages=(8, 10), size=12, rate=0.15)
    found = []
    for seed in range(30):
        sample = draw_sample(roll, seed)
        table = estimates(roll, sample, make_findings(sample, roll))
        found.append([value(table, "error_households"), value(table, "overpaid_yuan")])
    wrong = roll["verdict"] != "correct"
    over = (roll["amount_fen"] - roll["due"]).clip(lower=0).sum() / 100
    mean, se = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(30)
    assert abs(mean[0] - wrong.sum()) < 4 * se[0]
    assert abs(mean[1] - over) < 4 * se[1]


def test_bounds_enclose_the_estimate_where_households_are_missing(campaign):
    *_, table = campaign
    for share in ("ineligible_share", "error_share"):
        low, high = (value(table, f"{share}_if_missing_{name}") for name in ("correct", "wrong"))
        assert low < value(table, share) < high


def test_the_plain_percentage_is_of_respondents_and_has_no_interval(campaign):
    _, _, findings, table = campaign
    done = findings[findings["outcome"] == "completed"]
    assert value(table, "plain_ineligible_share") == pytest.approx((done["verdict"] == "ineligible").mean())
    assert value(table, "plain_ineligible_share", column="interval") == ""


def test_a_town_where_nobody_could_be_inspected_is_borrowed_and_the_towns_still_add_up():
    roll = make_roll(5)
    sample = draw_sample(roll, 5)
    findings = make_findings(sample, roll)
    findings = findings[~findings["village"].str.startswith("V01")]
    table = estimates(roll, sample, findings)
    assert "borrowed" in value(table, "error_share", "township", "T01", "note")
    assert value(table, "error_share", "township", "T01", "low") == 0
    assert value(table, "error_share", "township", "T01", "high") == 1
    towns = table[(table["by"] == "township") & (table["parameter"] == "error_households")]["estimate"]
    assert towns.sum() == pytest.approx(value(table, "error_households"))


def test_a_silent_certainty_stratum_is_stood_for_by_its_own_town():
    roll = make_roll(6)
    sample = draw_sample(roll, 6)
    certain = set(sample.loc[sample["stratum"] == "T00/certainty", "village"])
    assert certain
    findings = make_findings(sample, roll)
    table = estimates(roll, sample, findings[~findings["village"].isin(certain)])
    towns = table[(table["by"] == "township") & (table["parameter"] == "ineligible_households")]
    assert towns["estimate"].sum() == pytest.approx(value(table, "ineligible_households"))
    assert "borrowed" not in value(table, "error_share", "township", "T00", "note")


def test_households_out_of_scope_count_as_right_and_as_inspected():
    roll = make_roll(7)
    sample = draw_sample(roll, 7)
    findings = make_findings(sample, roll)
    wrong = findings.index[findings["verdict"] == "ineligible"]
    assert len(wrong) > 3
    findings.loc[wrong, ["outcome", "verdict", "reason"]] = ["out_of_scope", "", ""]
    table = estimates(roll, sample, findings)
    assert value(table, "ineligible_share") == 0
    assert value(table, "ineligible_share", column="n_ssu") == len(findings)


def test_a_list_drawn_in_the_same_villages_has_its_share_and_an_expanded_total():
    roll = make_roll(8)
    sample = draw_sample(roll, 8)
    findings = make_findings(sample, roll)
    rows = sample[sample["stage"] == "2"].groupby("village").head(4).assign(list="removed", M=8, m=4)
    sample = pd.concat([sample, rows], ignore_index=True)
    entitled = np.arange(len(rows)) % 5 == 0
    listed = rows[["list", "village", "household"]].assign(
        outcome="completed", verdict=np.where(entitled, "entitled", "correct"), reason=""
    )
    table = estimates(roll, sample, pd.concat([findings, listed.assign(amount_paid_fen=0, amount_due_fen=0)]))
    assert value(table, "removed.entitled_share") == pytest.approx(entitled.mean(), abs=0.1)
    assert value(table, "removed.entitled_households") > entitled.sum()


def test_a_roll_without_amounts_categories_or_persons_gives_households_alone():
    roll = make_roll(9, towns=3)
    sample = draw_sample(roll, 9)
    bare = roll[["township", "village", "household"]]
    table = estimate_campaign(sample, make_findings(sample, roll), bare, make_villages(roll))
    assert set(table["by"]) == {"", "township", "reason"}
    assert not table["parameter"].str.contains("yuan|people|rate").any()


def test_a_sample_without_findings_is_refused():
    roll = make_roll(9, towns=3)
    sample = draw_sample(roll, 9)
    with pytest.raises(InputError) as caught:
        estimates(roll, sample, make_findings(sample, roll, missing=1.1))
    assert caught.value.problems[0].key == "estimates.data.sample_without_findings"


def test_text_tables_as_read_from_files_give_the_same_numbers(campaign):
    roll, sample, findings, table = campaign
    text = sample.map(lambda cell: "" if pd.isna(cell) else str(cell)).astype("str")
    again = estimates(roll, text, findings)
    pd.testing.assert_frame_equal(table, again)


def test_every_note_has_words_in_every_language(campaign):
    *_, table = campaign
    keys = {key for note in table["note"] for key in note.split(";") if key}
    assert keys
    for lang in LANGUAGES:
        assert not [key for key in keys if f"estimates.note.{key}" not in catalogue(lang)]


def test_order_of_rows_changes_nothing(campaign):
    roll, sample, findings, table = campaign
    again = estimates(
        roll.sample(frac=1, random_state=1),
        sample.sample(frac=1, random_state=2),
        findings.sample(frac=1, random_state=3),
    )
    pd.testing.assert_frame_equal(table, again, rtol=1e-9)


def test_a_drawn_village_without_a_household_changes_no_domain():
    roll = make_roll(4)
    sample = draw_sample(roll, 4)
    findings = make_findings(sample, roll)
    first = sample[(sample["stage"] == "1") & (sample["township"] == "T01")]
    sample.loc[sample["township"] == "T01", "N"] += 1
    empty = first.iloc[[0]].assign(village="V01empty", N=first["N"].iloc[0] + 1)
    villages = pd.concat(
        [
            make_villages(roll),
            pd.DataFrame([["T01", "V01empty", "0"]], columns=["township", "village", "certainty"]),
        ]
    )
    table = estimate_campaign(pd.concat([sample, empty]), findings, roll_columns(roll), villages)
    for by in ("new_inclusion", "category"):
        parts = table[(table["by"] == by) & (table["parameter"] == "error_households")]["estimate"]
        assert parts.sum() == pytest.approx(value(table, "error_households"))
