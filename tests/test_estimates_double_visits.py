"""Households visited twice: agreement counted by hand; a corrected rate apart from all others, or none."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from estimates_stand_in import FINDING, draw_sample, make_findings, make_roll, make_villages, roll_columns
from reports_stand_in import StandIn
from test_estimates_lists import draw_list

from sampling.campaign import Campaign, estimate_findings, open_campaign
from sampling.estimates import estimate_campaign
from sampling.estimates.double_visits import NEEDED
from sampling.reports import prose, second_looks, tables
from sampling.reports.data import ReportData
from sampling.reports.report import report_on
from sampling.words import LANGUAGES
from sampling.words.text import catalogue

pytest_plugins = ["reports_campaign"]

TWICE = {
    "agreement_share",
    "agreement_kappa",
    "inspectors_sensitivity_share",
    "inspectors_specificity_share",
    "corrected_ineligible_share",
}


def census(seed=3, rate=0.3):
    """A county in which every household was inspected, and what the inspectors should have found."""
    roll = make_roll(seed, towns=4, units=0, rate=rate, rho=0.01, size=14)
    sample = draw_sample(roll, seed, rate=1.0, units=9)
    sample = sample[sample["stage"] == "1"]
    sample = pd.concat([sample, draw_list("", roll, sample, np.random.default_rng(seed), 1.0)])
    return roll, sample.reset_index(drop=True), make_findings(sample, roll)


def erring(findings, seed=1, misses=0.2, false=0.1):
    """The findings of inspectors who miss errors, and see some where there are none."""
    chance, said = np.random.default_rng(seed).random(len(findings)), findings["verdict"].copy()
    said[(said == "ineligible") & (chance < misses)] = "correct"
    said[(findings["verdict"] == "correct") & (chance < false)] = "ineligible"
    return findings.assign(verdict=said)


def reckoned(roll, sample, findings, **options):
    return estimate_campaign(sample, findings, roll_columns(roll), make_villages(roll), **options)


def by_parameter(table):
    return table[(table["by"] == "") & (table["domain"] == "")].set_index("parameter")


@pytest.fixture(scope="module")
def twice():
    """All households inspected by inspectors who err, and all visited again by a team that does not."""
    roll, sample, truth = census()
    said = erring(truth)
    return said, truth, reckoned(roll, sample, said, second=truth), reckoned(roll, sample, said)


def test_agreement_and_kappa_are_the_plain_counts_where_every_household_was_visited_twice(twice):
    said, truth, table, _ = twice
    first, second = said["verdict"].to_numpy(), truth["verdict"].to_numpy()
    agree = (first == second).mean()
    chance = sum((first == name).mean() * (second == name).mean() for name in set(first) | set(second))
    found = by_parameter(table)
    assert found.loc["agreement_share", "estimate"] == pytest.approx(agree)
    assert found.loc["agreement_kappa", "estimate"] == pytest.approx((agree - chance) / (1 - chance))
    assert found.loc["agreement_share", "n_ssu"] == len(said)


def test_the_corrected_rate_is_the_truth_where_the_second_visits_saw_everybody(twice):
    said, truth, table, _ = twice
    found = by_parameter(table)
    wrong, seen = truth["verdict"] == "ineligible", said["verdict"] == "ineligible"
    assert found.loc["inspectors_sensitivity_share", "estimate"] == pytest.approx(seen[wrong].mean())
    assert found.loc["inspectors_specificity_share", "estimate"] == pytest.approx(1 - seen[~wrong].mean())
    row = found.loc["corrected_ineligible_share"]
    assert row["estimate"] == pytest.approx(wrong.mean())
    assert row["low"] < wrong.mean() < row["high"]
    assert set(row["note"].split(";")) >= {"twice", "corrected"}
    assert row["interval"].startswith("rogan_gladen/")


def test_second_visits_add_rows_of_their_own_and_change_no_other_figure(twice):
    *_, table, without = twice
    own = table["parameter"].isin(TWICE)
    assert set(table.loc[own, "parameter"]) == TWICE and own.sum() == len(TWICE)
    pd.testing.assert_frame_equal(table[~own].reset_index(drop=True), without)
    assert table.loc[own, "note"].str.startswith("twice").all()


def test_a_part_visited_twice_is_weighted_as_the_sample_is():
    roll = make_roll(4, towns=5, units=0, rate=0.25, rho=0.02)
    sample = draw_sample(roll, 4)
    truth = make_findings(sample, roll)
    said = erring(truth)
    part = truth.sample(frac=0.4, random_state=1)
    found = by_parameter(reckoned(roll, sample, said, second=part))
    rows = said.merge(
        part[["village", "household", "verdict"]], on=["village", "household"], suffixes=("", "_2")
    )
    weights = sample[sample["stage"] == "2"].assign(w=lambda t: t["N"] / t["n"] * t["M"] / t["m"])
    size = roll.assign(stratum=roll["township"] + np.where(roll["certainty"] == "1", "/certainty", ""))
    own = weights.groupby("stratum")["w"].sum()
    weights["w"] *= weights["stratum"].map(size.groupby("stratum").size() / own)
    rows = rows.merge(weights[["village", "household", "w"]], on=["village", "household"])
    same = np.average(rows["verdict"] == rows["verdict_2"], weights=rows["w"])
    assert found.loc["agreement_share", "estimate"] == pytest.approx(same)
    assert found.loc["agreement_share", "n_ssu"] == len(part)


def some(findings, wrong, right):
    """So many findings of either kind."""
    said = findings["verdict"] == "ineligible"
    return pd.concat([findings[said].head(wrong), findings[~said].head(right)])


@pytest.mark.parametrize(("wrong", "right"), [(NEEDED - 1, 40), (40, NEEDED - 1)])
def test_too_few_second_visits_give_agreement_but_no_corrected_rate(wrong, right):
    roll, sample, truth = census()
    found = by_parameter(reckoned(roll, sample, truth, second=some(truth, wrong, right)))
    assert set(found.index) & TWICE == {"agreement_share", "agreement_kappa", "corrected_ineligible_share"}
    row = found.loc["corrected_ineligible_share"]
    assert np.isnan(row["estimate"]) and row["interval"] == ""
    assert row["note"] == "twice;too_few_twice" and row["n_ssu"] == wrong + right


def test_just_enough_second_visits_give_one():
    roll, sample, truth = census()
    found = by_parameter(reckoned(roll, sample, truth, second=some(truth, NEEDED, 40)))
    assert found.loc["corrected_ineligible_share", "estimate"] > 0


def test_inspectors_who_tell_nothing_apart_give_no_corrected_rate():
    roll, sample, truth = census()
    said = erring(truth, misses=0.5, false=0.5)
    found = by_parameter(reckoned(roll, sample, said, second=truth.head(60)))
    assert found.loc["corrected_ineligible_share", "note"] == "twice;inspectors_unsure"


@pytest.mark.parametrize("number", [1, 3])
def test_one_verdict_or_one_household_has_an_agreement_and_no_kappa(number):
    roll, sample, truth = census()
    same = truth[truth["verdict"] == "correct"].head(number)
    found = by_parameter(reckoned(roll, sample, truth, second=same))
    assert found.loc["agreement_share", "estimate"] == 1
    assert found.loc["agreement_share", "low"] < 1
    assert np.isnan(found.loc["agreement_kappa", "estimate"])
    assert found.loc["agreement_kappa", "note"] == "twice;kappa_unknown"


def test_second_visits_that_came_to_nothing_are_not_counted():
    roll, sample, truth = census()
    away = truth.head(50).assign(outcome="absent", verdict="")
    other = truth.tail(50).assign(list="removed", verdict="entitled")
    table = reckoned(roll, sample, truth, second=pd.concat([away, other]))
    assert not set(table["parameter"]) & TWICE
    first_away = truth.assign(outcome=np.where(truth.index < 30, "absent", "completed"))
    first_away.loc[first_away["outcome"] == "absent", "verdict"] = ""
    table = reckoned(roll, sample, first_away, second=truth.head(40))
    assert by_parameter(table).loc["agreement_share", "n_ssu"] == 10


def test_an_undecided_second_verdict_is_no_truth():
    roll, sample, truth = census()
    unsure = pd.concat([some(truth, NEEDED, 40), truth.tail(80).assign(verdict="to_be_checked")])
    unsure = unsure.drop_duplicates(["village", "household"])
    found = by_parameter(reckoned(roll, sample, truth, second=unsure))
    assert found.loc["inspectors_sensitivity_share", "n_ssu"] == NEEDED
    assert found.loc["inspectors_specificity_share", "n_ssu"] <= 40
    assert found.loc["agreement_share", "n_ssu"] == len(unsure)


def test_every_note_has_words(twice):
    keys = {key for note in twice[2]["note"] for key in note.split(";") if key}
    keys |= {"too_few_twice", "inspectors_unsure", "kappa_unknown"}
    for lang in LANGUAGES:
        assert not [key for key in keys if f"estimates.note.{key}" not in catalogue(lang)]
    for lang in LANGUAGES:
        assert str(NEEDED) in catalogue(lang)["estimates.note.too_few_twice"]


def told(lang, rows=None, unit=""):
    """The stand-in's report with these rows among its estimates."""
    table = StandIn(Path()).estimates()
    parts = [table] if rows is None else [table, rows]
    data = ReportData(campaign=StandIn(Path(), changed={"estimates": pd.concat(parts, ignore_index=True)}))
    return report_on(data, "61_report_county", unit=unit, lang=lang)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("again; both", "kappa of", "That is a model; no other figure here is reckoned from it")),
        ("zh", ("作了复核", "一致系数", "这是模型结果，本报告其他数字均不据此计算")),
    ],
)
def test_the_report_of_the_county_says_it_apart_from_the_uncorrected_rate(twice, lang, words):
    rows = twice[2][twice[2]["parameter"].isin(TWICE)]
    said = repr(prose.estimates(told(lang, rows)))
    assert all(part in said for part in words)
    assert f"{100 * by_parameter(rows).loc['corrected_ineligible_share', 'estimate']:.1f}" in said
    plain = repr(prose.estimates(told(lang)))
    assert [line for line in plain.splitlines() if line not in said.splitlines()] == []
    assert not any(part in plain for part in words)
    assert not any(part in repr(prose.estimates(told(lang, rows, unit="1"))) for part in words)
    assert len(second_looks.double_visits(told(lang, rows)).frame) == 1 + len(TWICE)
    listed = tables.estimates(told(lang, rows)).frame.iloc[:, 0]
    assert listed.tolist() == tables.estimates(told(lang)).frame.iloc[:, 0].tolist()


def test_a_report_without_double_visits_has_no_empty_table():
    assert second_looks.double_visits(told("en")).html == ""
    assert second_looks.three_ways(told("en")).html == ""


def test_the_report_says_how_many_second_visits_are_needed():
    roll, sample, truth = census()
    table = reckoned(roll, sample, truth, second=some(truth, 2, 10))
    rows = table[table["parameter"].isin(TWICE)]
    assert "about 25 households visited twice" in repr(prose.estimates(told("en", rows)))  # 5 of 20 %
    assert "约需复核25户" in repr(prose.estimates(told("zh", rows)))


def test_the_estimate_step_takes_the_second_visits_of_the_register(made_campaign, tmp_path, monkeypatch):
    from reports_stand_in import copy_of

    campaign = copy_of(made_campaign, tmp_path / "campaign")
    again = campaign.findings().groupby("village").head(3)
    assert set(FINDING) <= set(again.columns)
    monkeypatch.setattr(Campaign, "second_visits", lambda self: again)
    estimate_findings(campaign)
    found = open_campaign(campaign.folder).estimates().set_index("parameter")
    done = again[(again["list"] == "") & (again["outcome"] == "completed")]
    assert found.loc["agreement_share", "n_ssu"] == len(done)
    assert found.loc["agreement_share", "estimate"] == 1
