"""The code lists: what goes with what, in words of both languages, with reasons of the county's own."""

import pytest

from sampling import codes
from sampling.codes import (
    BUILT_IN,
    GROUNDS,
    LOOK_AGAIN,
    REASON_NEEDED,
    REASONS,
    VERDICTS,
    Codebook,
    code_of,
    ground,
    label,
    verdicts_of,
)
from sampling.forms.layout import ANSWERS, MEMBERS, QUESTIONS, choices_of
from sampling.words import LANGUAGES, catalogue

OWN = Codebook(own={"ineligible": {"gambling": {"zh": "赌博", "en": "gambled away"}}})


def test_every_choice_of_a_form_has_words_in_every_language_and_is_found_by_them():
    for table, listed in choices_of(BUILT_IN).items():
        for lang in LANGUAGES:
            words = [label(table, code, lang) for code in listed]
            assert all(f"codes.{table}.{code}" in catalogue(lang) for code in listed), table
            assert [code_of(table, word) for word in words] == list(listed)
            assert len(set(words)) == len(words)


def test_every_choice_column_has_its_drop_down_list():
    asked = {column.choices for column in (*ANSWERS, *MEMBERS, *QUESTIONS) if column.kind == "choice"}
    assert asked | {"list_verdict"} == set(choices_of(BUILT_IN))


def test_reasons_belong_to_verdicts_and_other_comes_last():
    assert set(REASONS) <= set(VERDICTS) and set(REASON_NEEDED) < set(REASONS)
    assert all(reasons[-1] == "other" for reasons in REASONS.values())
    assert set(LOOK_AGAIN) < set(REASONS["ineligible"])


def test_the_grounds_of_both_counties_are_reasons_to_stop_and_each_reason_is_counted_in_both():
    assert all(set(grounds) <= set(REASONS["ineligible"]) for grounds in GROUNDS.values())
    assert (len(GROUNDS["six"]), len(GROUNDS["seven"])) == (6, 7)
    for among, grounds in GROUNDS.items():
        counted = {reason: ground(reason, among) for reason in REASONS["ineligible"]}
        assert set(counted.values()) <= {*grounds, "other"}
        assert all(counted[reason] == reason for reason in grounds)
    assert ground("orphan_adult", "seven") == "working_age" and ground("moved_away", "six") == "other"


def test_a_county_s_own_reason_is_offered_before_other_and_read_in_both_languages():
    assert OWN.reasons_of("ineligible")[-2:] == ("gambling", "other") and OWN.reasons[-1] == "other"
    assert OWN.reasons_of("overpaid") == REASONS["overpaid"]
    assert [OWN.code_of(word) for word in ("赌博", " Gambled  Away", "gambling")] == ["gambling"] * 3
    assert [OWN.label("gambling", lang) for lang in ("zh", "en")] == ["赌博", "gambled away"]
    assert OWN.code_of("户主死亡") == "head_died" and BUILT_IN.code_of("赌博") is None


@pytest.mark.parametrize(
    ("name", "paid"), [("", True), ("five_guarantee", True), ("removed", False), ("x", False)]
)
def test_only_households_that_are_paid_can_be_paid_wrongly(name, paid):
    assert codes.is_paid(name) == paid
    assert ("overpaid" in verdicts_of(name)) == paid and ("entitled" in verdicts_of(name)) != paid
