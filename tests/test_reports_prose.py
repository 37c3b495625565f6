"""Sentences with figures: right numbers, right number of the noun, found and estimated kept apart."""

from pathlib import Path

import pytest
from reports_stand_in import StandIn

from sampling.reports import prose, steps
from sampling.reports.data import ReportData
from sampling.reports.figures import count
from sampling.reports.report import report_on
from sampling.words import LANGUAGES


def report_of(lang: str, unit: str = "", **changed):
    data = ReportData(campaign=StandIn(Path(), changed=changed))
    return report_on(data, "60_report_town", unit=unit, lang=lang)


def estimates_with(**cells):
    """The stand-in's estimates, the county's share not entitled changed."""
    table = StandIn(Path()).estimates()
    row = (table["by"] == "") & (table["parameter"] == "ineligible_share")
    table.loc[row, list(cells)] = list(cells.values())
    return table


def test_a_noun_agrees_with_its_number():
    assert [count("households", number, "en") for number in (0, 1, 1.4, 2, 1234)] == [
        "0 households",
        "1 household",
        "1 household",
        "2 households",
        "1,234 households",
    ]
    assert count("villages", 1, "zh") == "1个村（居）"


def test_found_states_what_was_to_be_visited_and_what_was_visited():
    words = repr(prose.found(report_of("en", "01")))
    assert "To visit: 18 households. Visited: 15 households." in words
    assert "Not completed: 3 households (nobody home 3)" in words
    assert "correct 10, not entitled (stop) 3" in words
    assert "1,300 yuan a month is paid too much (1,200 yuan" in words


def test_an_estimate_states_its_denominator_and_its_interval():
    words = repr(prose.estimates(report_of("zh")))
    assert "在册360户中，应退未退（错保）的约占20.0%，95%置信区间为17.5%至25.0%" in words


@pytest.mark.parametrize(
    ("lang", "foreign"), [("zh", ("推算", "置信区间")), ("en", ("estimate", "interval"))]
)
def test_found_never_speaks_of_estimates(lang, foreign):
    found = repr(prose.found(report_of(lang))) + repr(prose.other_lists(report_of(lang)))
    assert not any(word in found for word in foreign)
    assert 'class="found"' in prose.found(report_of(lang)).html
    assert 'class="estimated"' in prose.estimates(report_of(lang)).html


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_an_interval_wider_than_30_points_is_said_to_carry_no_rate(lang):
    few = {"zh": "不足以得出比率", "en": "cannot carry a rate"}[lang]
    for high, said in ((0.30, False), (0.301, True)):
        report = report_of(lang, estimates=estimates_with(estimate=0.1, low=0.0, high=high))
        assert (few in repr(prose.estimates(report))) is said


def test_nothing_found_is_not_said_to_be_nothing():
    report = report_of("en", estimates=estimates_with(estimate=0.0, low=0.0, high=0.073))
    words = repr(prose.estimates(report))
    assert "does not mean there are none" in words and "7.3 %" in words
    assert "could still be wholly wrong" in words


def test_what_was_not_estimated_is_said_to_be_so():
    report = report_of("en", estimates=StandIn(Path()).estimates().iloc[:0])
    assert repr(prose.estimates(report)) == "Estimated\nNot estimated."
    assert "estimated" not in prose.key_figures(report).html


def test_the_plain_percentage_stands_beside_the_weighted_one_with_the_reason():
    words = repr(prose.comparison(report_of("en")))
    assert "of the 75 households visited, 15 households were found not entitled, which is 20.0 %" in words
    assert "33.3 % live in villages that are certain to be inspected; on the roll it is 16.7 %" in words


def test_coverage_counts_quarantined_rows_without_showing_them():
    words = repr(steps.coverage(report_of("en")))
    assert "75 households, which is 83.3 %" in words and "3 rows" in words and "户主" not in words


def test_a_campaign_without_other_lists_has_no_such_section():
    sample, findings = StandIn(Path()).sample(), StandIn(Path()).findings()
    report = report_of("en", sample=sample[sample["list"] == ""], findings=findings[findings["list"] == ""])
    assert prose.other_lists(report).html == ""
