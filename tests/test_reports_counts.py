"""What was found, counted: against the tables of the stand-in, counted by hand, and counted in a loop."""

from pathlib import Path

import pandas as pd
import pytest
from reports_stand_in import DRAWN, TOWNS, StandIn

from sampling.codes import OUTCOMES, VERDICTS
from sampling.reports import counts
from sampling.reports.data import ReportData

TOWNS_N, VILLAGES_N, HOUSEHOLDS_N = len(TOWNS), DRAWN, 6


@pytest.fixture
def data() -> ReportData:
    return ReportData(campaign=StandIn(Path()))


def test_verdicts_and_outcomes_of_the_county_are_those_counted_by_hand(data):
    villages = TOWNS_N * VILLAGES_N
    assert counts.outcome_counts(data.roll_visits) == dict.fromkeys((*OUTCOMES, ""), 0) | {
        "completed": villages * 5,
        "absent": villages,
    }
    assert counts.verdict_counts(data.roll_visits) == {
        "correct": villages * 4 - 2 * TOWNS_N,
        "ineligible": villages,
        "overpaid": TOWNS_N,
        "underpaid": TOWNS_N,
        "to_be_checked": 0,
    }


def test_money_is_all_that_the_ineligible_get_and_the_difference_of_the_others(data):
    found = counts.money_found(data.roll_visits)
    assert found == {"ineligible": 15 * 40000, "overpaid": 5 * 10000, "underpaid": 5 * 5000}


def test_reasons_add_up_to_the_verdicts_and_money_to_the_money(data):
    table = counts.reason_counts(data.roll_visits)
    verdicts = counts.verdict_counts(data.roll_visits)
    assert table.groupby("verdict")["households"].sum().to_dict() == {
        name: number for name, number in verdicts.items() if number and name != "correct"
    }
    money = {name: fen for name, fen in counts.money_found(data.roll_visits).items() if fen}
    assert table.groupby("verdict")["error_fen"].sum().to_dict() == money


def test_the_towns_add_up_to_the_county(data):
    whole = counts.verdicts_by(data.roll_visits, "township").sum()
    parts = [data.of(town) for town in data.campaign.units()["township"]]
    assert whole.to_dict() == {
        verdict: sum(counts.verdict_counts(part.roll_visits)[verdict] for part in parts)
        for verdict in VERDICTS
    }
    work = counts.workload_by_town(data.sample).set_index("township")
    assert [work.loc[part.township, "roll_households"] for part in parts] == [18] * len(parts)


def test_a_household_without_a_finding_is_open_and_no_other_outcome():
    stand_in = StandIn(Path())
    findings = stand_in.findings()
    data = ReportData(campaign=StandIn(Path(), changed={"findings": findings[findings["township"] != "t01"]}))
    assert counts.outcome_counts(data.of("t01").roll_visits)[counts.OPEN] == 18
    assert counts.outcome_counts(data.of("t02").roll_visits)[counts.OPEN] == 0


def test_a_reserve_counts_only_once_it_was_opened():
    stand_in = StandIn(Path())
    findings = stand_in.findings()
    opened = findings.iloc[[1]].assign(household="h06", outcome="completed", verdict="correct", reason="")
    with_reserve = ReportData(campaign=StandIn(Path(), changed={"findings": pd.concat([findings, opened])}))
    before = ReportData(campaign=stand_in)
    assert counts.number(with_reserve.roll_visits) == counts.number(before.roll_visits) + 1


def test_places_are_the_drawn_villages_without_reserves(data):
    places = data.places
    assert len(places) == TOWNS_N * VILLAGES_N and places["certainty"].sum() == TOWNS_N
    assert set(places["M"]) == {12} and set(places["m"]) == {HOUSEHOLDS_N}


def test_no_name_or_number_of_a_person_reaches_a_report(data):
    cells = [data.roll, data.sample, data.villages, data.estimates, data.visits]
    text = " ".join(table.to_csv() for table in cells)
    assert "户主-" not in text and "99999919500101001T" not in text and "000-0000001" not in text
