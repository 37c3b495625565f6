"""Anyone's table is checked at once; every problem names its rows, villages or strata, in every language."""

import numpy as np
import pandas as pd
import pytest

from sampling.estimates import adjust_nonresponse, estimate_share, estimate_total, poststratify, survey_data
from sampling.words.errors import InputError
from sampling.words.text import LANGUAGES

DESIGN = {"psu": "village", "ssu": "household", "stratum": "town", "psu_count": "N", "ssu_count": "M"}


def table(**changes):
    rows = pd.DataFrame(
        {
            "town": ["A"] * 6 + ["B"] * 4,
            "village": ["a1"] * 3 + ["a2"] * 3 + ["b1"] * 2 + ["b2"] * 2,
            "household": ["1", "2", "3"] * 2 + ["1", "2"] * 2,
            "N": [5.0] * 6 + [3.0] * 4,
            "M": [6.0] * 6 + [4.0] * 4,
            "error": [1.0, 0, 0, 0, 1, 1, 0, 0, 1, 0],
            "w": 2.0,
        }
    )
    for name, values in changes.items():
        for row, value in values.items():
            rows.loc[row, name] = value
    return rows


def problems(rows, **design):
    with pytest.raises(InputError) as caught:
        survey_data(rows, **(DESIGN | design))
    for problem in caught.value.problems:
        for lang in LANGUAGES:
            assert problem.to_line(lang)
    return {problem.key.removeprefix("estimates.data."): problem for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("changes", "key", "names"),
    [
        ({"N": {0: np.nan, 1: np.nan}}, "bad_psu_count", "2, 3"),
        ({"M": {3: 0}}, "bad_ssu_count", "5"),
        ({"w": {2: 0, 7: -1, 9: np.nan}}, "bad_weight", "4, 9, 11"),
        ({"household": {1: "1"}}, "household_twice", "3"),
        ({"town": {5: "B"}}, "psu_in_two_strata", "a2"),
        ({"N": {5: 6}}, "psu_count_varies", "A"),
        ({"M": {7: 9}}, "ssu_count_varies", "b1"),
        ({"N": dict.fromkeys(range(6), 1.0)}, "psu_count_too_small", "A"),
        ({"M": dict.fromkeys(range(3), 2.0)}, "ssu_count_too_small", "a1"),
        ({"village": {4: None}}, "no_id", "6"),
    ],
)
def test_a_broken_table_is_refused_with_the_place(changes, key, names):
    problem = problems(table(**changes), weight="w")[key]
    assert names in problem.fields.values()
    assert names in problem.to_line("en")


def test_problems_of_single_rows_come_all_at_once():
    found = problems(table(N={0: np.nan}, M={4: -2}, w={6: 0}), weight="w")
    assert set(found) == {"bad_psu_count", "bad_ssu_count", "bad_weight"}


def test_problems_of_several_rows_come_all_at_once():
    found = problems(table(household={1: "1"}, N={9: 7}, M={7: 9}))
    assert {"household_twice", "psu_count_varies", "ssu_count_varies"} <= set(found)


def test_columns_that_are_not_there_are_named_together():
    with pytest.raises(InputError) as caught:
        survey_data(table(), psu="dorf", ssu="haus", psu_count="N", ssu_count="M")
    assert {problem.column for problem in caught.value.problems} == {"dorf", "haus"}


def test_counts_must_be_there_where_households_were_sampled():
    assert set(problems(table(), ssu_count=None)) == {"no_ssu_count"}
    assert set(problems(table(), psu_count=None, ssu_count=None)) == {"no_weight"}


def test_a_lonely_stratum_is_refused_by_name_and_one_of_one_is_not_lonely():
    rows = table()[lambda t: t["village"] != "b2"]
    assert problems(rows)["lonely_stratum"].fields["names"] == "B"
    rows.loc[rows["town"] == "B", "N"] = 1
    assert survey_data(rows, **DESIGN).design.lonely.sum() == 0


def test_a_village_with_one_household_of_several_is_refused_by_name():
    rows = table()[lambda t: (t["village"] != "b2") | (t["household"] == "1")]
    assert problems(rows)["lonely_psu"].fields["names"] == "b2"


def test_columns_of_errors_must_be_numbers_and_of_shares_0_or_1():
    data = survey_data(table(error={4: np.nan}), **DESIGN)
    with pytest.raises(InputError) as caught:
        estimate_total(data, "error")
    assert caught.value.problems[0].row == 6
    with pytest.raises(InputError) as caught:
        estimate_share(survey_data(table(error={2: 0.5}), **DESIGN), "error")
    assert caught.value.problems[0].key == "estimates.data.not_yes_no"


def test_numbers_as_ids_and_rows_in_any_order_give_the_same():
    rows = table()
    rows["village"] = rows["village"].map({"a1": 11, "a2": 12, "b1": 21, "b2": 22})
    mixed = rows.sample(frac=1, random_state=3)
    expected = estimate_share(survey_data(table(), **DESIGN), "error", by="town").to_table()
    found = estimate_share(survey_data(mixed, **DESIGN), "error", by="town").to_table()
    pd.testing.assert_frame_equal(expected, found)


def test_respondents_stand_for_their_village_and_villages_without_any_for_each_other():
    rows = table()
    extra = rows[rows["village"] == "a1"].assign(village="a3")
    rows = pd.concat([rows, extra], ignore_index=True)
    rows["came"] = ~rows["village"].eq("a3") & ~((rows["village"] == "a1") & (rows["household"] == "2"))
    data = adjust_nonresponse(survey_data(rows, **DESIGN), "came")
    weights = dict(zip(data.table["village"], data.weight, strict=True))
    assert weights["a1"] == pytest.approx(5 / 3 * 6 / 2 * 3 / 2)
    assert weights["a2"] == pytest.approx(5 / 3 * 6 / 3 * 3 / 2)
    assert data.weight[data.table["town"] == "A"].sum() == pytest.approx(30)
    assert data.notes["no_respondents"] == ("a3",)
    assert "a3" not in data.psu_names


def test_within_the_stratum_all_respondents_are_raised_alike():
    rows = table().assign(came=lambda t: t.index != 1)
    data = adjust_nonresponse(survey_data(rows, **DESIGN), "came", within="stratum")
    town = data.table["town"] == "A"
    assert data.weight[town] == pytest.approx([5 / 2 * 2 * 6 / 5] * 5)


def test_a_village_with_one_respondent_left_takes_the_spread_of_the_others_and_is_named():
    rows = table().assign(came=lambda t: ~t.index.isin([4, 5]))
    data = adjust_nonresponse(survey_data(rows, **DESIGN), "came")
    assert data.notes["one_respondent"] == ("a2",)
    row = estimate_share(data, "error").to_table().iloc[0]
    assert row["note"] == "one_respondent"
    z1, z2 = 15 * np.array([1, 0, 0]) / 3, np.array([0.0])  # weights 5/2·2 and 5/2·6
    first = 2 * (1 - 2 / 5) * ((z1.sum() - z2.sum()) ** 2) / 2
    s2 = np.var([1, 0, 0], ddof=1)
    second = 2 / 5 * (3 * (1 - 3 / 6) * s2 * 5**2 + 1 * (1 - 1 / 6) * s2 * 15**2)
    total = estimate_total(data, "error", by="town", interval="t").to_table().set_index("domain")
    assert total.loc["A", "se"] ** 2 == pytest.approx(first + second)


def test_a_stratum_without_any_respondent_is_refused_by_name():
    rows = table().assign(came=lambda t: t["town"] == "A")
    with pytest.raises(InputError) as caught:
        adjust_nonresponse(survey_data(rows, **DESIGN), "came")
    assert caught.value.problems[0].fields["names"] == "B"


def test_post_strata_unknown_unsampled_or_empty_are_refused_together():
    data = survey_data(table(), **DESIGN)
    with pytest.raises(InputError) as caught:
        poststratify(data, "town", {"A": 0, "C": 10})
    keys = {problem.key.removeprefix("estimates.data.") for problem in caught.value.problems}
    assert keys == {"total_unknown", "total_not_positive", "group_not_sampled"}


def test_collapse_by_size_takes_neighbours_together():
    rows = pd.concat(
        [table()[lambda t: t["town"] == "A"]]
        + [
            pd.DataFrame(
                {
                    "town": f"U{n}",
                    "village": f"u{n}",
                    "household": ["1", "2"],
                    "N": float(n),
                    "M": 4.0,
                    "error": [n % 2, 0],
                }
            )
            for n in (2, 9, 3, 8, 4)
        ]
    )
    data = survey_data(rows, **DESIGN, lonely="collapse")
    groups = {
        name: data.stratum_names[g] for name, g in zip(data.stratum_names, data.design.group, strict=True)
    }
    assert groups["U2"] == groups["U3"] == "U2"
    assert groups["U4"] == groups["U8"] == groups["U9"] == "U4"
    assert groups["A"] == "A"
    assert estimate_total(data, "error").to_table()["se"].iloc[0] > 0
