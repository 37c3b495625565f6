"""Sizes of the strata over a frame, and the contradictions that a reader is told."""

import math
import statistics
import time
import tomllib
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from draws_folder import CERTAIN, TOWNS, county, design, frame_of, households
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.designs import (
    ROUND,
    Design,
    Selection,
    SizeRule,
    design_notes,
    expected_size,
    household_rule,
    read_design,
    size,
    stratum_sizes,
    substratum_of,
)
from sampling.designs.fitting import fitted
from sampling.designs.measures import variances
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
@settings(deadline=None, max_examples=30)
def test_sizes_do_not_depend_on_the_order_of_the_rows(counts, data):
    frame = towns(**counts)
    order = data.draw(st.permutations(range(len(frame.villages))))
    shuffled = Frame(
        units=frame.units, villages=frame.villages.iloc[order], sizes=frame.sizes, control_totals={}
    )
    design = read_design(plain(), lists={})
    pd.testing.assert_frame_equal(stratum_sizes(shuffled, design), stratum_sizes(frame, design))


def sized(text: str, **fields: object) -> Design:
    """20 % of the villages, half of the households, with these lines added to the design's parts."""
    table = {"villages": {"rate": "20%"}, "households": {"rate": "1/2"}}
    return read_design(merged(merged(table, tomllib.loads(text)), dict(fields)), lists={})


def merged(table: dict, more: dict) -> dict:
    both = {
        key: merged(table[key], more[key])
        for key in table.keys() & more.keys()
        if isinstance(more[key], dict)
    }
    return table | more | both


def with_field(frame: Frame, name: str, values: list[str]) -> Frame:
    return replace(frame, villages=frame.villages.assign(**{name: pd.Series(values, dtype="str")}))


def with_household_field(frame: Frame, name: str, values: list[str]) -> Frame:
    return replace(frame, units=frame.units.assign(**{name: pd.Series(values, dtype="str")}))


def keys_of(frame: Frame, design: Design) -> list[str]:
    notes = design_notes(frame, design)
    assert all(note.to_line(lang) for note in notes for lang in LANGUAGES)
    return [note.key.removeprefix("designs.") for note in notes]


RULES = st.builds(
    SizeRule,
    rate=st.fractions(min_value=Fraction(1, 30), max_value=1, max_denominator=30),
    at_least=st.integers(0, 6),
    at_most=st.none() | st.integers(6, 9),
)


@given(
    st.dictionaries(st.sampled_from("甲乙丙丁"), st.integers(1, 40), min_size=1),
    RULES,
    st.sampled_from(["up", "half_up", "random"]),
    st.sampled_from(["bounds", "rate"]),
    st.sampled_from(["srs", "bernoulli"]),
)
@settings(deadline=None, max_examples=60)
def test_sizes_are_those_of_the_rule_town_by_town(counts, rule, rounding, conflict, method):
    plan = Design(
        villages=rule,
        households=SizeRule(rate=Fraction(1)),
        rounding=rounding,
        conflict=conflict,
        villages_by=Selection(method=method),
    )
    table, _ = fitted(towns(**counts), plan)
    assert table["stratum"].tolist() == sorted(counts)
    for row in table.to_dict("records"):
        N, expected = counts[row["stratum"]], Fraction(row["expected"])
        rounded = [size(rule, N, conflict, r)[0] for r in (math.floor, math.ceil)]
        if method == "bernoulli":
            assert expected == expected_size(rule, N, conflict, whole=False)
            assert row["n"] is None
        elif rounding == "random":
            assert expected == expected_size(rule, N, conflict, whole=True)
            assert row["n"] == (None if rounded[0] < rounded[1] else expected)
        else:
            assert row["n"] == expected == size(rule, N, conflict, ROUND[rounding])[0]
        assert Fraction(row["rate"]) == expected / N
        assert row["pi"] == float(expected / N)
        assert row["expected_visits"] == pytest.approx(
            float(3 * expected)
        )  # three households in every village


def test_the_rule_that_made_a_random_size_is_named():
    frame = towns(甲=30, 乙=12, 丙=20, 丁=2)
    bounds = "villages.at_least = 3\nvillages.at_most = 5"
    for plan in (sized(f'method = "bernoulli"\n{bounds}'), sized(f'rounding = "random"\n{bounds}')):
        table = stratum_sizes(frame, plan).set_index("stratum")
        assert table["bound"].to_dict() == {"甲": "at_most", "乙": "at_least", "丙": "rate", "丁": "all"}
        assert table["expected"].to_dict() == {"甲": "5", "乙": "3", "丙": "4", "丁": "2"}
        assert sorted(keys_of(frame, plan)) == ["bounds_won_fewer", "bounds_won_more"]


def test_expected_visits_under_random_rounding_are_the_mean_over_evenly_spread_tickets():
    frame = frame_of({"甲": {"1": households(3), "2": households(4), "3": households(5)}})
    plan = sized('rounding = "random"', villages={"rate": "1/2"}, households={"rate": "1/3"})
    (row,) = stratum_sizes(frame, plan).to_dict("records")
    assert row["expected"] == "3/2"
    assert row["expected_visits"] == pytest.approx(0.5 * (3 + 4 + 5) / 3)


def test_a_town_of_which_half_up_leaves_no_village_is_refused_by_name():
    frame, plan = towns(甲=2, 乙=3), sized('rounding = "half_up"')
    with pytest.raises(InputError) as refused:
        stratum_sizes(frame, plan)
    (problem,) = refused.value.problems
    assert (problem.key, problem.fields["towns"]) == ("designs.no_village_drawn", "甲")
    assert keys_of(frame, sized('rounding = "random"')) == []
    assert keys_of(frame, sized('rounding = "half_up"\nvillages.at_least = 1')) == ["bounds_won_fewer"]


def test_a_village_of_which_half_up_leaves_no_household_is_refused_by_name():
    frame = frame_of({"甲": {"1": households(1), "2": households(2), "3": []}})
    plan = sized('rounding = "half_up"', villages={"rate": "1"}, households={"rate": "1/3"})
    (problem,) = design_notes(frame, plan)
    assert (problem.key, problem.severity) == ("designs.no_household_drawn", REFUSED)
    assert problem.fields["villages"] == "1"  # of two households 0.67 are rounded to one; the third has none


def test_a_village_of_another_list_of_which_half_up_leaves_no_household_is_refused():
    frame, listed = towns(甲=3), frame_of({"甲": {"甲0": households(1), "甲1": households(9)}})
    table = {"rounding": "half_up", "villages": {"rate": "1"}, "households": {"rate": "1"}}
    plan = read_design(table, lists={"removed": {"rate": "1/3"}})
    (problem,) = design_notes(frame, plan, lists={"removed": listed})
    assert (problem.key, problem.fields["villages"]) == ("designs.no_listed_household_drawn", "甲0")
    assert all(problem.to_line(lang) for lang in LANGUAGES)


CATEGORY = '[households]\n[households.category.A]\nrate = "100%"'


def test_households_of_a_category_follow_a_rule_of_their_own():
    frame = with_household_field(towns(甲=5), "category", list("AABBBBAAAABBBAB"))
    plan = sized(CATEGORY)
    (row,) = stratum_sizes(frame, plan).to_dict("records")
    assert row["expected_visits"] == pytest.approx(((2 + 1) + 2 + 3 + (1 + 1) + (1 + 1)) / 5)
    groups = frame.units.assign(substratum=substratum_of(frame.units, plan))
    assert groups.loc[groups["category"] == "A", "substratum"].eq("A").all()
    assert groups.loc[groups["category"] == "B", "substratum"].eq("").all()
    assert household_rule(plan, "A").rate == 1
    assert household_rule(plan, "") == plan.households


def test_a_category_that_no_household_has_is_reported_and_a_field_that_none_has_is_refused():
    frame = with_household_field(towns(甲=1), "category", list("BBC"))
    (note,) = design_notes(frame, sized(CATEGORY))
    assert (note.key, note.value, note.fields["known"]) == ("designs.category_unused", "A", "B, C")
    assert keys_of(towns(甲=1), sized(CATEGORY)) == ["household_field_missing"]


def test_expected_visits_go_by_each_villages_own_chance_where_the_frame_has_it():
    frame = frame_of({"甲": {"1": households(2), "2": households(20)}})
    frame = with_field(with_field(frame, "x", ["1", "3"]), "pi", ["0.25", "0.75"])
    plan = sized('method = "pareto"\nvillages.size = "x"\nvillages.rate = "1/2"')
    (row,) = stratum_sizes(frame, plan).to_dict("records")
    assert row["expected_visits"] == 0.25 * 1 + 0.75 * 10
    assert row["pi"] == 0.5


def test_more_villages_than_have_a_size_are_refused_by_town():
    frame = with_field(towns(甲=3, 乙=3), "x", ["0", "0", "1", "1", "0", "2.5"])
    plan = sized('method = "pareto"\nvillages.size = "x"\nvillages.at_least = 2')
    (note,) = (n for n in design_notes(frame, plan) if n.severity == REFUSED)
    assert (note.key, note.fields["towns"]) == ("designs.too_few_sized", "甲")
    assert keys_of(frame, sized('method = "poisson"\nvillages.size = "x"')) == ["village_size_zero"]


def test_villages_of_size_0_are_reported_for_no_estimate_covers_them():
    frame = with_field(towns(甲=3), "x", ["0", "7", "3"])
    (note,) = design_notes(frame, sized('method = "pareto"\nvillages.size = "x"'))
    assert (note.key, note.fields["villages"]) == ("designs.village_size_zero", "甲0")
    assert (note.severity, note.column) == (REPORTED, "x")


@pytest.mark.parametrize("cell", ["", "-1", "1e3", "x", "１", "nan", "1" * 400])
def test_a_size_that_is_no_number_is_refused_with_the_cell_and_its_village(cell):
    frame = with_field(towns(甲=3), "x", ["5", cell, "3"])
    (note,) = design_notes(frame, sized('method = "pareto"\nvillages.size = "x"'))
    assert (note.key, note.value, note.fields["villages"]) == ("designs.no_size", cell, "甲1")
    units = with_household_field(towns(甲=1), "x", ["5", cell, "3"])
    (note,) = design_notes(units, sized('households.method = "poisson"\nhouseholds.size = "x"'))
    assert (note.key, note.value, note.fields["villages"]) == ("designs.no_size", cell, "甲0")


def test_the_size_of_a_village_that_is_taken_anyway_does_not_matter():
    frame = frame_of({"甲": {"1": households(1), "2": households(2)}}, certain=("1",))
    frame = with_field(frame, "x", ["", "4"])
    assert keys_of(frame, sized('method = "pareto"\nvillages.size = "x"')) == []


def test_villages_drawn_before_are_excluded_with_a_warning_only_at_weight_0():
    frame = with_field(towns(甲=4), "drawn_before", ["1", "0", "0", "1"])
    (note,) = design_notes(frame, sized('method = "pareto"\nvillages.drawn_before = "0"'))
    assert (note.key, note.fields["villages"]) == ("designs.village_excluded", "甲0, 甲3")
    assert keys_of(frame, sized('method = "pareto"\nvillages.drawn_before = "1/4"')) == []
    three = sized('method = "pareto"\nvillages.drawn_before = "0"\nvillages.at_least = 3')
    assert "too_few_sized" in keys_of(frame, three)
    torn = with_field(towns(甲=4), "drawn_before", ["yes", "0", "", "1"])
    assert keys_of(torn, three) == ["no_yes_no"]


def test_households_of_size_0_are_reported_and_a_village_with_too_few_others_is_refused():
    frame = with_household_field(towns(甲=2), "persons", ["0", "1", "2", "0", "0", "3"])
    plan = 'households.method = "pareto"\nhouseholds.size = "persons"'
    refused, reported = design_notes(frame, sized(plan))
    assert (refused.key, refused.fields["villages"]) == ("designs.too_few_sized_households", "甲1")
    assert (reported.key, reported.fields["households"]) == ("designs.household_size_zero", 3)
    assert refused.to_line("zh") and reported.to_line("zh")


def shared(frame: Frame, total: int, how: str, **villages: object) -> dict[str, int]:
    table = {"villages": {"total": total, "allocation": how} | villages, "households": {"rate": "1/2"}}
    sizes = stratum_sizes(frame, read_design(table, lists={}))
    ordinary = sizes[sizes["certainty"] != "1"]
    assert ordinary["n"].sum() == total
    assert set(sizes.loc[sizes["certainty"] == "1", "bound"]) <= {"all"}
    return dict(zip(ordinary["township"], ordinary["n"].tolist(), strict=True))


def test_a_total_is_shared_out_by_the_frame():
    frame = with_field(towns(甲=10, 乙=20, 丙=30), "x", [str(i % 5) for i in range(60)])
    assert shared(frame, 12, "equal") == {"丙": 4, "乙": 4, "甲": 4}
    assert shared(frame, 12, "proportional") == {"丙": 6, "乙": 4, "甲": 2}
    assert shared(frame, 12, "proportional", at_most=5) == {"丙": 5, "乙": 5, "甲": 2}
    assert shared(frame, 12, "power", power="1/2") == {"丙": 5, "乙": 4, "甲": 3}
    assert shared(frame, 12, "neyman", spread="x") == {"丙": 6, "乙": 4, "甲": 2}
    sizes = ["1"] * 10 + ["9"] * 20 + ["1.5"] * 30  # 10, 180 and 45 in all
    frame = with_field(frame, "x", sizes)
    assert shared(frame, 20, "proportional", size="x") == {"丙": 4, "乙": 15, "甲": 1}
    frame = with_field(frame, "x", ["1"] * 10 + ["1", "9"] * 10 + ["1.5"] * 30)  # two towns do not vary
    assert shared(frame, 20, "neyman", spread="x") == {"丙": 1, "乙": 18, "甲": 1}


def test_a_total_leaves_out_the_villages_that_are_all_taken():
    frame = frame_of({"甲": {str(i): households(2) for i in range(9)}}, certain=("0", "1"))
    assert shared(frame, 3, "equal") == {"甲": 3}


def test_kinds_bound_the_shares_of_a_total():
    frame = with_field(towns(甲=10, 乙=10), "kind", ["unit"] * 10 + ["town"] * 10)
    kinds = {"kind": {"unit": {"at_most": 2}}}
    assert shared(frame, 9, "equal", **kinds) == {"乙": 7, "甲": 2}


@pytest.mark.parametrize("total", [1, 7])
def test_a_total_out_of_reach_is_refused_with_the_two_sums(total):
    villages = {"total": total, "allocation": "equal", "at_most": 3}
    plan = read_design({"villages": villages, "households": {"rate": "1/2"}}, lists={})
    (problem,) = design_notes(towns(甲=5, 乙=9), plan)
    assert problem.key == "designs.total_out_of_reach"
    assert (problem.value, problem.fields["least"], problem.fields["most"]) == (str(total), 2, 6)
    assert all(problem.to_line(lang) for lang in LANGUAGES)


def test_a_spread_that_cannot_be_reckoned_with_is_refused():
    frame = with_field(towns(甲=2), "x", ["-1.5", "many"])
    villages = {"total": 1, "allocation": "neyman", "spread": "x"}
    plan = read_design({"villages": villages, "households": {"rate": "1/2"}}, lists={})
    assert keys_of(frame, plan) == ["no_number"]
    assert keys_of(with_field(towns(甲=2), "x", ["-1.5", "2"]), plan) == []


def test_variances_are_those_of_the_textbook():
    values = pd.Series(["1", "2.5", "-3", "7", "0.1"])
    groups = pd.Series(["a", "a", "a", "b", "b"])
    found = variances(values, groups)
    for name in "ab":
        numbers = [Fraction(x) for x in values[groups == name]]
        assert found[name] == statistics.variance(numbers)
    assert variances(pd.Series(["4"]), pd.Series(["a"])).tolist() == [0]


def test_a_large_frame_is_reckoned_in_seconds():
    rng = np.random.default_rng(1)
    town = np.sort(rng.integers(0, 4_000, 60_000))
    villages = pd.DataFrame(
        {"township": town.astype(str), "village": np.arange(60_000).astype(str), "certainty": "0"}
    ).astype("str")
    units = villages[["township", "village"]].assign(household="", certainty="0")
    sizes = pd.Series(rng.integers(0, 60, 60_000), index=villages["village"])
    frame = Frame(units=units, villages=villages, sizes=sizes, control_totals={})
    start = time.process_time()
    table = stratum_sizes(frame, read_design(plain(), lists={}))
    assert time.process_time() - start < 2  # 0.2 s alone: a loop over villages would take ten times as long
    assert table["N"].sum() == 60_000
