"""Sizes of the strata over a frame, and the contradictions that a reader is told."""

from fractions import Fraction
from itertools import combinations

import pandas as pd
import pytest
from draws_folder import CERTAIN, TOWNS, county, design, frame_of, households
from hypothesis import given
from hypothesis import strategies as st

from sampling.designs import design_notes, read_design, size, stratum_sizes
from sampling.frames import Frame
from sampling.words import LANGUAGES, REFUSED, REPORTED, InputError

UNITS = {"kind": {"unit": {"at_least": 1}}}


def towns(**counts: int) -> Frame:
    """A frame of towns with so many villages each, three households in every village."""
    return frame_of(
        {
            town: {f"{town}{number}": households(3) for number in range(count)}
            for town, count in counts.items()
        }
    )


def plain(**changes: object) -> dict[str, object]:
    """A [design] table: 20 %, 3 to 5 villages a town, half of the households."""
    villages = {"rate": "20%", "at_least": 3, "at_most": 5}
    return {"villages": villages, "households": {"rate": "1/2"}} | changes


def told(frame: Frame, table: dict) -> dict[str, str]:
    """What the notes say: towns by key; and every sentence is there in every language."""
    notes = design_notes(frame, read_design(table, lists={}))
    assert all(note.to_line(lang) for note in notes for lang in LANGUAGES)
    return {note.key.removeprefix("designs."): str(note.fields.get("towns", "")) for note in notes}


def test_the_sizes_of_a_small_county_are_those_reckoned_by_hand():
    table = stratum_sizes(county()[0], design())
    rows = table[["stratum", "certainty", "N", "n", "bound", "rate"]].to_dict("split")["data"]
    assert rows == [
        ["县林场", "0", 3, 1, "rate", "1/3"],
        ["大坪镇", "0", 27, 5, "at_most", "5/27"],
        ["大坪镇/certainty", "1", 1, 1, "all", "1"],
        ["宁新街道", "0", 3, 3, "at_least", "1"],
        ["宁新街道/certainty", "1", 1, 1, "all", "1"],
    ]


def test_probability_weight_and_number_fit_each_other_in_every_stratum():
    table = stratum_sizes(county()[0], design())
    assert (table["pi"] * table["N"]).tolist() == pytest.approx(table["n"].tolist(), rel=1e-15)
    assert (table["pi"] * table["weight"]).tolist() == pytest.approx([1.0] * len(table), rel=1e-15)
    assert [float(Fraction(rate)) for rate in table["rate"]] == table["pi"].tolist()


def test_every_village_and_household_of_the_frame_lies_in_one_stratum():
    frame, _ = county()
    table = stratum_sizes(frame, design())
    assert table["N"].sum() == len(frame.villages)
    assert table["households"].sum() == frame.counts["households"]


def test_expected_visits_are_the_mean_over_every_possible_draw_of_villages():
    table = stratum_sizes(county()[0], design()).set_index("stratum")
    ordinary = [ids for village, ids in TOWNS["大坪镇"].items() if village not in CERTAIN]
    visits = [size(design().households, len(ids), "bounds")[0] for ids in ordinary]
    sums = [sum(drawn) for drawn in combinations(visits, 5)]
    assert table.loc["大坪镇", "expected_visits"] == pytest.approx(sum(sums) / len(sums), rel=1e-12)


def test_a_list_of_villages_alone_has_sizes_of_villages_and_no_visits():
    frame = frame_of({"甲": {"1": [], "2": [], "3": [], "4": []}})
    (row,) = stratum_sizes(frame, read_design(plain(), lists={})).to_dict("records")
    assert (row["N"], row["n"], row["households"], row["expected_visits"]) == (4, 3, 0, 0.0)


def test_counts_in_a_list_of_villages_give_visits_without_a_household():
    villages = frame_of({"甲": {"1": [], "2": []}})
    sizes = pd.Series({"1": 10, "2": 20})
    frame = Frame(units=villages.units, villages=villages.villages, sizes=sizes, control_totals={})
    (row,) = stratum_sizes(frame, read_design(plain(), lists={})).to_dict("records")
    assert (row["households"], row["expected_visits"]) == (30, 15.0)


def test_towns_where_rate_and_bounds_disagree_are_named_with_the_rule_that_wins():
    frame = towns(甲=26, 乙=25, 丙=11, 丁=10, 戊=2)
    won = {"bounds_won_more": "甲", "bounds_won_fewer": "丁, 戊"}
    assert told(frame, plain()) == won
    table = stratum_sizes(frame, read_design(plain(), lists={})).set_index("stratum")
    assert table["n"].to_dict() == {"甲": 5, "乙": 5, "丙": 3, "丁": 3, "戊": 2}
    bounds = {"甲": "at_most", "乙": "rate", "丙": "rate", "丁": "at_least", "戊": "all"}
    assert table["bound"].to_dict() == bounds


def test_the_rate_wins_where_the_design_says_so_and_the_towns_are_named_all_the_same():
    frame, table = towns(甲=26, 乙=25, 丁=10), plain(conflict="rate")
    assert told(frame, table) == {"rate_won_more": "甲", "rate_won_fewer": "丁"}
    sizes = stratum_sizes(frame, read_design(table, lists={})).set_index("stratum")
    assert sizes["n"].to_dict() == {"甲": 6, "乙": 5, "丁": 2}


def test_a_design_that_refuses_contradictions_names_their_towns_and_draws_nothing():
    frame, refusing = towns(甲=26, 乙=25), read_design(plain(conflict="refuse"), lists={})
    with pytest.raises(InputError) as refused:
        stratum_sizes(frame, refusing)
    assert [problem.fields["towns"] for problem in refused.value.problems] == ["甲"]
    assert stratum_sizes(towns(乙=25), refusing)["n"].tolist() == [5]


def test_a_town_of_one_village_where_both_rules_come_to_one_is_no_contradiction():
    assert told(towns(甲=1), plain()) == {}


def test_villages_taken_with_certainty_do_not_count_for_the_rate_of_their_town():
    twelve = {"甲": {str(number): households(2) for number in range(12)}}
    frame = frame_of(twelve, certain=("0", "1"))
    table = stratum_sizes(frame, read_design(plain(), lists={}))
    assert table[["stratum", "N", "n"]].to_dict("split")["data"] == [["甲", 10, 3], ["甲/certainty", 2, 2]]


def test_a_town_whose_villages_name_different_rules_is_refused_by_name():
    frame = towns(甲=4, 乙=4)
    frame.villages["kind"] = ["unit", "", "unit", "unit"] + ["town"] * 4
    with pytest.raises(InputError) as refused:
        stratum_sizes(frame, read_design(plain(villages=plain()["villages"] | UNITS), lists={}))
    (problem,) = refused.value.problems
    assert (problem.key, problem.fields["town"], problem.value) == ("designs.mixed_town", "甲", "unit, –")


def test_kinds_that_the_design_does_not_tell_apart_may_be_mixed():
    frame = towns(甲=4)
    frame.villages["kind"] = ["行政村", "社区", "", "行政村"]
    table = stratum_sizes(frame, read_design(plain(villages=plain()["villages"] | UNITS), lists={}))
    assert table["n"].tolist() == [3]


def test_a_rule_for_a_kind_that_no_village_has_is_reported_with_the_kinds_that_there_are():
    frame = towns(甲=15)
    frame.villages["kind"] = "town"
    design = read_design(plain(villages=plain()["villages"] | UNITS), lists={})
    (note,) = design_notes(frame, design)
    assert (note.key, note.value, note.severity) == ("designs.kind_unused", "unit", REPORTED)
    assert note.fields["known"] == "town"


def test_a_field_that_no_village_has_is_refused():
    design = read_design(plain(villages=plain()["villages"] | UNITS), lists={})
    (note,) = design_notes(towns(甲=15), design)
    assert (note.key, note.column, note.severity) == ("designs.field_missing", "kind", REFUSED)


def test_a_town_named_like_another_towns_take_all_stratum_is_refused():
    frame = frame_of({"甲": {"1": households(2)}, "甲/certainty": {"2": households(2)}}, certain=("1",))
    with pytest.raises(InputError) as refused:
        stratum_sizes(frame, read_design(plain(), lists={}))
    assert [problem.key for problem in refused.value.problems] == ["designs.stratum_name"]


@given(st.dictionaries(st.sampled_from("甲乙丙丁"), st.integers(1, 40), min_size=1), st.data())
def test_sizes_do_not_depend_on_the_order_of_the_rows(counts, data):
    frame = towns(**counts)
    order = data.draw(st.permutations(range(len(frame.villages))))
    shuffled = Frame(
        units=frame.units, villages=frame.villages.iloc[order], sizes=frame.sizes, control_totals={}
    )
    design = read_design(plain(), lists={})
    pd.testing.assert_frame_equal(stratum_sizes(shuffled, design), stratum_sizes(frame, design))
