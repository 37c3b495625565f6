"""One system of weights: in every published table shares multiply, towns add up, and lists say one thing."""

import re

import pandas as pd
import pytest
from estimates_stand_in import make_villages, roll_columns
from test_campaign_export import COMPARED, asked, list_county, needs_r, put
from test_estimates_lists import make_campaign
from test_estimates_rollup import on_the_roll

from sampling.estimates import estimate_campaign
from sampling.estimates.parameters import MEASURES, NET
from sampling.estimates.rcheck import r_check
from sampling.reports import second_looks, tables
from sampling.reports.data import ReportData
from sampling.reports.report import report_on
from sampling.words import LANGUAGES, text

pytest_plugins = ["reports_campaign"]

NUMBERS = ["estimate", "se", "low", "high"]
PAIRS = {(one.share, one.total): one.base for one in MEASURES} | {NET[:2]: "yuan"}
KEPT = {"households": "ineligible_households", "people": "ineligible_people"} | {
    "yuan": "paid_to_ineligible_yuan"
}
ERRORS = {"removed": "wrongly_removed", "refused": "wrongly_left_out"}
SUMS_SHOWN = ("wrongly_removed_households", "wrongly_off_roll_households", "three_errors_yuan")
QUIET = {
    "everybody answered": {},
    "a third missing": {"missing": 0.3},
    "a town without an answer": {"silent": "T01"},
}


@pytest.fixture(scope="module", params=QUIET.values(), ids=QUIET)
def published(request):
    """A campaign with two more lists: its roll, its lists and the rows of `estimates.csv`."""
    options = dict(request.param)
    silent = options.pop("silent", "")
    roll, lists, sample, findings = make_campaign(9, **options)
    gone = findings["village"].str.startswith("V" + silent[1:]) & (silent != "")
    table = reckoned(roll, lists, sample, findings[~gone])
    return roll, lists, table.set_index(["by", "domain", "parameter"])


def reckoned(roll, lists, sample, findings, **options):
    known = {name: listed.drop(columns="verdict") for name, listed in lists.items()}
    villages = make_villages(roll).assign(blank=lambda t: t["certainty"])
    return estimate_campaign(sample, findings, roll_columns(roll), villages, lists=known, **options)


def test_every_share_times_what_the_roll_has_is_the_total(published):
    roll, _, table = published
    multiplied = 0
    for (share, total), base in PAIRS.items():
        for by, domain, _ in table.index[table.index.get_level_values("parameter") == share]:
            parts = table.loc[(by, domain, share), NUMBERS] * on_the_roll(roll, base, by, domain)
            whole = table.loc[(by, domain, total), NUMBERS]
            assert parts.astype(float).to_list() == pytest.approx(
                whole.astype(float).to_list(), rel=1e-12, abs=1e-9, nan_ok=True
            )
            multiplied += 1
    assert multiplied > 150


def test_the_towns_of_every_total_add_up_to_the_county(published):
    *_, table = published
    rows = table.reset_index()
    totals = rows[rows["parameter"].str.contains(r"_(?:households|people|yuan)$")]
    towns = totals[totals["by"] == "township"].groupby("parameter")["estimate"].sum()
    county = totals[totals["by"] == ""].set_index("parameter")["estimate"]
    assert len(towns) > 20
    assert towns.to_dict() == pytest.approx(county[towns.index].to_dict())


def test_a_list_times_its_length_is_one_figure_under_both_its_names(published):
    _, lists, table = published
    for name, error in ERRORS.items():
        share, total, wrong = (
            table.loc[("", "", parameter), NUMBERS].astype(float).to_numpy()
            for parameter in (f"{name}.entitled_share", f"{name}.entitled_households", f"{error}_households")
        )
        assert share * len(lists[name]) == pytest.approx(total, rel=1e-12)
        assert total == pytest.approx(wrong, rel=1e-12)


def test_three_errors_are_the_sum_of_the_three_in_the_county_and_in_every_town(published):
    roll, _, table = published
    estimate = table["estimate"]
    for by, domain in [("", ""), *(("township", town) for town in sorted(set(roll["township"])))]:
        for base, kept in KEPT.items():
            lists = sum(estimate.get((by, domain, f"{error}_{base}"), 0.0) for error in ERRORS.values())
            whole = estimate[by, domain, f"three_errors_{base}"]
            assert whole == pytest.approx(estimate[by, domain, kept] + lists)


def test_what_the_self_check_left_is_what_the_roll_says_with_its_limits(published):
    *_, table = published
    rows = table.reset_index()
    own, same = (
        rows[rows["parameter"] == name].drop(columns="parameter").set_index(["by", "domain"])
        for name in ("residual_error_rate", "ineligible_share")
    )
    assert {by for by, _ in own.index} == {"", "township", "reason"}
    pd.testing.assert_frame_equal(own, same.loc[own.index])


def test_another_list_of_known_length_adds_up_to_it_too():
    roll, lists, sample, findings = make_campaign(9, missing=0.2)
    sample, findings = (part.replace({"list": {"refused": "watched"}}) for part in (sample, findings))
    watched = lists["refused"]
    table = reckoned(roll, {"watched": watched}, sample, findings).set_index("parameter")
    share, total = (table.loc[f"watched.entitled_{name}", NUMBERS] for name in ("share", "households"))
    assert (share * len(watched)).astype(float).to_list() == pytest.approx(total.astype(float).to_list())
    assert "expansion" not in table.loc["watched.entitled_households", "note"]


@needs_r
def test_r_finds_the_estimates_of_a_list_whose_length_is_known(tmp_path):
    sample, findings, roll, villages, _ = list_county()
    removed = sample.loc[sample["list"] == "removed", ["village", "household"]]
    lists = {"removed": pd.concat([removed, removed.assign(household=lambda t: "x" + t["household"])])}
    published = estimate_campaign(sample, findings, roll, villages, lists=lists)
    check = r_check(sample, findings, roll, villages, published, lists=lists)
    done = asked(put(tmp_path, check, published))
    assert done.returncode == 0, done.stdout + done.stderr
    told = [line for line in done.stdout.splitlines() if " removed.entitled_" in line]
    assert len(told) == 2 and all(line.split()[-5] == line.split()[-6] for line in told), told
    row = published.index[published["parameter"] == "removed.entitled_households"][0]
    for column in ("estimate", "se"):
        wrong = published.copy()
        wrong.loc[row, column] *= 1.00001
        assert "does not find: 1" in asked(put(tmp_path, check, wrong)).stderr
    assert COMPARED.search(done.stdout)


def printed(cell):
    """A printed figure as a number; a percentage as a share."""
    number = float(re.search(r"-?[\d,]+(?:\.\d+)?", cell).group().replace(",", ""))
    return number / 100 if "%" in cell else number


def report_of(campaign, unit="", lang="en"):
    return report_on(ReportData(campaign=campaign), "61_report_county", unit=unit, lang=lang)


def cells(campaign, lang, unit=""):
    """The printed table of estimates: quantity and figure."""
    frame = tables.estimates(report_of(campaign, unit, lang)).frame
    return dict(zip(frame.iloc[:, 0], map(printed, frame.iloc[:, 1]), strict=True))


def label(parameter, lang):
    return text(f"reports.parameter.{parameter}", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_printed_shares_times_the_roll_are_the_printed_totals(made_campaign, lang):
    roll, shown = made_campaign.roll(), cells(made_campaign, lang)
    bases = {"households": len(roll), "yuan": roll["amount_fen"].sum() / 100}
    pairs = [("ineligible_share", "ineligible_households"), ("error_share", "error_households")]
    for share, total in [*pairs, ("paid_in_error_rate", "overpaid_yuan")]:
        size = bases[PAIRS[share, total]]
        found, whole = shown[label(share, lang)] * size, shown[label(total, lang)]
        assert found == pytest.approx(whole, abs=0.0005 * size + 0.5)  # one decimal of a per cent is printed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_printed_towns_add_up_to_the_printed_county(made_campaign, lang):
    county = cells(made_campaign, lang)
    towns = [cells(made_campaign, lang, unit) for unit in made_campaign.units()["number"]]
    added = 0
    for name in ("ineligible_households", "error_households", "overpaid_yuan", "net_yuan", *SUMS_SHOWN):
        parts = [town[label(name, lang)] for town in towns if label(name, lang) in town]
        assert sum(parts) == pytest.approx(county[label(name, lang)], abs=0.5 * len(parts) + 0.5)
        added += len(parts)
    assert added > 30


def test_the_three_estimators_are_printed_beside_the_published_one(made_campaign):
    estimates = made_campaign.estimates().set_index(["by", "parameter"])
    row = second_looks.three_ways(report_of(made_campaign)).frame.iloc[0].tolist()
    names = ("by_expansion.", "by_difference.", "by_regression.", "")
    found = [estimates.loc[("", f"{name}ineligible_before_households")] for name in names]
    assert row[1:] == [f"{one['estimate']:,.0f} ({one['se']:,.0f})" for one in found]
