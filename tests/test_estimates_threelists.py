"""Three lists of the same villages: sums and joint variances, by all samples and on the synthetic county."""

import numpy as np
import pandas as pd
import pytest
from estimates_county import frame_of, households, parts_of
from estimates_two_lists import LISTS, every_sample, list_data

from sampling.estimates import adjust_nonresponse, estimate_total, poststratify, survey_data
from sampling.estimates.threelists import estimate_three_errors, join_lists
from sampling.frames.county import make_county


def weigh(chances, values):
    return float(np.dot(chances, values))


def test_sums_over_lists_and_their_joint_variances_are_right_on_average_over_every_possible_sample():
    totals, joint, apart, chances = [], [], [], []
    for tables, chance in every_sample():
        parts = {name: list_data(table) for name, table in tables.items()}
        row = estimate_total(join_lists(parts), "wrong", interval="t").to_table().iloc[0]
        alone = [estimate_total(part, "wrong", interval="t").to_table().iloc[0] for part in parts.values()]
        assert row["estimate"] == pytest.approx(sum(one["estimate"] for one in alone))
        totals.append(row["estimate"])
        joint.append(row["se"] ** 2)
        apart.append(sum(one["se"] ** 2 for one in alone))
        chances.append(chance)
    truth = sum(sum(households) for found in LISTS.values() for households in found.values())
    mean = weigh(chances, totals)
    variance = weigh(chances, (np.array(totals) - mean) ** 2)
    assert sum(chances) == pytest.approx(1)
    assert mean == pytest.approx(truth)
    assert weigh(chances, joint) == pytest.approx(variance)
    assert weigh(chances, apart) != pytest.approx(variance, rel=0.1)  # what adding variances would say


def as_parts(tables, **options):
    return {name: list_data(table, **options) for name, table in tables.items()}


def by_loops(parts):
    """The joint variance as it is written: villages over all lists, then each list in each village."""
    villages = sorted(parts[""].psu_names)
    totals, inside = np.zeros(len(villages)), 0.0
    for part in parts.values():
        f = len(villages) / 4
        for i, village in enumerate(villages):
            z = (part.weight * part.table["wrong"])[part.table["village"] == village].to_numpy()
            totals[i] += z.sum()
            if len(z) > 1:
                M = part.table.loc[part.table["village"] == village, "M"].iloc[0]
                inside += f * len(z) * (1 - len(z) / M) * z.var(ddof=1)
    n = len(villages)
    return n * (1 - n / 4) * totals.var(ddof=1) + inside


def test_the_joint_variance_equals_the_formula_written_as_loops():
    for tables, _ in list(every_sample())[::9]:
        parts = as_parts(tables)
        row = estimate_total(join_lists(parts), "wrong", interval="t").to_table().iloc[0]
        assert row["se"] ** 2 == pytest.approx(by_loops(parts))


def test_each_list_of_a_joined_sample_keeps_the_figures_that_it_has_alone():
    tables, _ = list(every_sample())[40]
    parts = as_parts(tables)
    rows = estimate_total(join_lists(parts), "wrong", by="list", interval="t").to_table().set_index("domain")
    for name, part in parts.items():
        alone = estimate_total(part, "wrong", interval="t").to_table().iloc[0]
        for column in ("estimate", "se", "n_ssu"):
            assert rows.loc[name, column] == pytest.approx(alone[column])


def test_lists_calibrated_by_themselves_stay_so_when_they_are_joined():
    tables, _ = list(every_sample())[40]
    lengths = {name: sum(map(len, found.values())) for name, found in LISTS.items()}
    parts = {
        name: poststratify(part, np.full(len(part.weight), name), {name: lengths[name]})
        for name, part in as_parts(tables).items()
    }
    for joined in (join_lists(parts), join_lists({**parts, "": list_data(tables[""])})):
        rows = estimate_total(joined, "wrong", by="list", interval="t").to_table().set_index("domain")
        for name in ("removed", "refused"):
            alone = estimate_total(parts[name], "wrong", interval="t").to_table().iloc[0]
            assert rows.loc[name, "estimate"] == pytest.approx(alone["estimate"])
            assert rows.loc[name, "se"] == pytest.approx(alone["se"])
    assert joined.steps[0].columns is not None  # one list was not calibrated


def test_the_only_village_of_a_stratum_keeps_an_error_when_its_list_is_calibrated_by_stratum():
    rows = [
        {"village": v, "stratum": v[0], "household": j, "N": 3, "M": 4, "wrong": int(j == 0 and v != "B1")}
        for v in ("A1", "A2", "B1", "C1")
        for j in range(3)
    ]
    data = survey_data(
        pd.DataFrame(rows),
        psu="village",
        ssu="household",
        stratum="stratum",
        psu_count="N",
        ssu_count="M",
        lonely={"B": "alone", "C": "alone"},
    )
    post = poststratify(data, "stratum", {"A": 12, "B": 12, "C": 12})
    joined = join_lists({"": post})
    z = 12 * np.array([0 - 1 / 6, 1 / 3 - 1 / 6])  # of B1 and C1, around the mean of both
    first = 2 / (2 - 1) * (1 - 1 / 3) * (z**2).sum()
    spread = 3 * (1 - 3 / 4) / 3  # within a village where one of three is wrong, at weight 1
    within = 2 * (2 / 3) * 2**2 * spread + (1 / 3) * 4**2 * spread
    row = estimate_total(joined, "wrong", interval="t").to_table().iloc[0]
    assert row["se"] ** 2 == pytest.approx(first + within)


def test_a_list_without_a_respondent_in_a_village_is_joined_to_those_that_have_one():
    tables, _ = list(every_sample())[60]
    four = pd.concat([tables[""], tables[""].assign(village=tables[""]["village"] + "2")])
    whole = list_data(four, lonely="collapse")
    answer = (whole.table["village"] != whole.table["village"].iloc[0]).to_numpy()
    left = adjust_nonresponse(whole, answer)
    assert len(left.psu_names) == 3
    joined = join_lists({"": left, "removed": whole}, drawn=whole)
    assert len(joined.psu_names) == 4
    total = estimate_total(joined, "wrong", interval="t").to_table().iloc[0]
    alone = [
        estimate_total(part, "wrong", interval="t").to_table()["estimate"].iloc[0] for part in (left, whole)
    ]
    assert total["estimate"] == pytest.approx(sum(alone))
    with pytest.raises(ValueError, match="lists must lie in the drawn villages"):
        join_lists({"": left, "removed": whole})


def test_lists_that_do_not_belong_together_are_refused():
    tables, _ = next(every_sample())
    parts = as_parts(tables)
    other = list_data(tables[""].assign(stratum="x"), stratum="stratum")
    with pytest.raises(ValueError, match="strata of the drawn villages"):
        join_lists({"": parts[""], "removed": other})
    once = poststratify(parts[""], "wrong", {0: 6, 1: 5})
    with pytest.raises(ValueError, match="one calibration each or none"):
        join_lists({"": poststratify(once, "wrong", {0: 6, 1: 5})})


def three_errors(tables):
    return estimate_three_errors(join_lists(as_parts(tables))).to_table().set_index("parameter")


def test_the_page_has_three_errors_and_their_sums_in_households_people_and_yuan():
    for tables, _ in list(every_sample())[::20]:
        table = three_errors(tables)
        assert len(table) == 5 * 3
        for base in ("households", "people", "yuan"):
            kept, removed, out, off, three = (
                table.loc[f"{error}_{base}"]
                for error in (
                    "wrongly_kept",
                    "wrongly_removed",
                    "wrongly_left_out",
                    "wrongly_off_roll",
                    "three_errors",
                )
            )
            assert off["estimate"] == pytest.approx(removed["estimate"] + out["estimate"])
            assert three["estimate"] == pytest.approx(off["estimate"] + kept["estimate"])
            assert (off["note"], three["note"], kept["note"]) == ("joint", "joint", "")
        assert (table["high"] > table["low"]).all()
        assert (table["low"] <= table["estimate"]).all()
        assert (table["estimate"] <= table["high"]).all()


def test_the_limits_lie_above_what_was_found():
    tables, _ = list(every_sample())[7]
    found = sum((table["wrong"] * table["yuan"]).sum() for table in tables.values())
    assert three_errors(tables).loc["three_errors_yuan", "low"] >= found > 0


def test_the_errors_by_village_add_up_and_a_list_that_was_not_drawn_has_no_row():
    tables, _ = list(every_sample())[40]
    joined = join_lists({name: list_data(tables[name]) for name in ("", "removed")})
    parts, whole = (estimate_three_errors(joined, by=by).to_table() for by in ("village", None))
    assert not whole["parameter"].str.contains("left_out|off_roll").any()
    sums = parts.groupby("parameter")["estimate"].sum()
    assert sums.to_dict() == pytest.approx(whole.set_index("parameter")["estimate"].to_dict())


def true_total(rows, parameter):
    """A true total of the synthetic county, by counting."""
    error, base = parameter.rsplit("_", 1)
    lists = {"wrongly_kept": [""], "wrongly_removed": ["removed"], "wrongly_left_out": ["refused"]}
    lists |= {"wrongly_off_roll": ["removed", "refused"], "three_errors": ["", "removed", "refused"]}
    size = {"households": 1, "people": rows["persons"], "yuan": rows["yuan"]}[base]
    return (rows["wrong"] * size)[rows["list"].isin(lists[error])].sum()


def test_the_true_totals_of_the_synthetic_county_lie_in_the_intervals_about_as_often_as_they_say():
    county = make_county(11)
    rows, frame = households(county), frame_of(county)
    found = []
    for seed in range(25):
        joined = join_lists(parts_of(rows, frame, np.random.default_rng(seed), by="kind"))
        found.append(estimate_three_errors(joined).to_table())
    table = pd.concat(found)
    truth = table["parameter"].map({name: true_total(rows, name) for name in set(table["parameter"])})
    inside = (table["low"] <= truth) & (truth <= table["high"])
    assert len(table) == 25 * 15
    assert (table["high"] > table["low"]).all()
    assert inside.groupby(table["parameter"]).mean().min() >= 0.8  # 95 % less 3.5 errors of 25 draws
    assert inside.mean() >= 0.92
