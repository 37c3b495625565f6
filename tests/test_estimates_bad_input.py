"""What cannot be estimated from is refused in a sentence that names rows, villages or strata; no NaN."""

import numpy as np
import pandas as pd
import pytest

from sampling.estimates import (
    adjust_nonresponse,
    estimate_ratio,
    estimate_share,
    estimate_total,
    survey_data,
)
from sampling.words import LANGUAGES, InputError

DESIGN = {
    "psu": "village",
    "ssu": "household",
    "stratum": "stratum",
    "psu_count": "N",
    "ssu_count": "M",
}
LISTED = [f"{stratum}{number}" for stratum in "AB" for number in range(5)]


def sampled():
    """3 of 5 villages in each of 2 strata, 4 of 12 households."""
    rows = [
        {"stratum": s, "village": f"{s}{v}", "household": f"{h}", "N": 5, "M": 12, "w": 5.0}
        for s in "AB"
        for v in range(3)
        for h in range(4)
    ]
    table = pd.DataFrame(rows)
    return table.assign(wrong=(table.index % 7 == 0).astype(int), amount=100.0 + table.index)


def with_cells(column, places, value):
    table = sampled()
    table[column] = table[column].astype(object)
    table.loc[places, column] = value
    return table


def listed(**columns):
    whole = pd.DataFrame({"stratum": [name[0] for name in LISTED], "village": LISTED, "M": 12})
    return whole.assign(**columns)


def refused(make):
    """The keys of the problems, and their sentences in English."""
    with pytest.raises(InputError) as caught:
        make()
    problems = caught.value.problems
    for lang in LANGUAGES:
        assert all(problem.to_line(lang) for problem in problems)
    return {problem.key.split(".")[-1] for problem in problems}, " ".join(p.to_line("en") for p in problems)


def placed(table, **options):
    return survey_data(table, **(DESIGN | options))


BAD = {
    "a count of villages is missing": (
        lambda: placed(with_cells("N", [0, 5], None)),
        "bad_psu_count",
        "2, 7",
    ),
    "no count of villages": (lambda: placed(sampled().assign(N=np.nan)), "bad_psu_count", "(24)"),
    "a count of villages is infinite": (lambda: placed(sampled().assign(N=np.inf)), "bad_psu_count", "(24)"),
    "a count of villages is half": (lambda: placed(sampled().assign(N=5.5)), "bad_psu_count", "(24)"),
    "a count of households is missing": (lambda: placed(with_cells("M", [3], None)), "bad_ssu_count", "5"),
    "a count of households is a word": (lambda: placed(with_cells("M", [3], "many")), "bad_ssu_count", "5"),
    "a count of households is infinite": (
        lambda: placed(with_cells("M", [0, 1, 2, 3], np.inf)),
        "bad_ssu_count",
        "2, 3, 4, 5",
    ),
    "fewer villages than were sampled": (
        lambda: placed(sampled().assign(N=2)),
        "psu_count_too_small",
        "A, B",
    ),
    "fewer households than were sampled": (
        lambda: placed(with_cells("M", [4, 5, 6, 7], 3)),
        "ssu_count_too_small",
        "A1",
    ),
    "a household twice": (
        lambda: placed(pd.concat([sampled(), sampled().iloc[[2]]])),
        "household_twice",
        "26",
    ),
    "a weight of zero": (lambda: placed(with_cells("w", [6], 0), weight="w"), "bad_weight", "8"),
    "all weights zero": (
        lambda: survey_data(sampled().assign(w=0), psu="village", weight="w"),
        "bad_weight",
        "(24)",
    ),
    "a village without a name": (lambda: placed(with_cells("village", [1], "  ")), "no_id", "3"),
    "a stratum without a name": (lambda: placed(with_cells("stratum", [1], None)), "no_id", "3"),
    "a stratum without a village in the list": (
        lambda: placed(sampled(), psu_sizes=listed().iloc[:5]),
        "listed_not_counted",
        "B",
    ),
    "drawn villages that are not listed": (
        lambda: placed(sampled(), psu_sizes=listed().iloc[[*range(1, 10)]]),
        "not_listed",
        "A0",
    ),
    "a village listed twice": (
        lambda: placed(sampled(), psu_sizes=pd.concat([listed(), listed().iloc[[3]]])),
        "listed_twice",
        "A3",
    ),
    "a listed village without a size": (
        lambda: placed(sampled(), psu_sizes=listed(M=[12] * 9 + [None])),
        "bad_size",
        "11",
    ),
    "a listed village of negative size": (
        lambda: placed(sampled(), psu_sizes=listed(M=[-1] + [12] * 9)),
        "bad_size",
        "2",
    ),
    "nobody reached in a stratum": (
        lambda: adjust_nonresponse(placed(sampled()), (sampled()["stratum"] == "A").to_numpy()),
        "stratum_without_respondents",
        "B",
    ),
    "one village of a stratum left": (
        lambda: adjust_nonresponse(placed(sampled()), (~sampled()["village"].isin(["A0", "A1"])).to_numpy()),
        "lonely_stratum",
        "A",
    ),
    "whether somebody was reached is not known": (
        lambda: adjust_nonresponse(placed(sampled().assign(r=[None] + [1] * 23)), "r"),
        "not_known",
        "2",
    ),
    "whether somebody was reached is a word": (
        lambda: adjust_nonresponse(placed(sampled().assign(r=["no"] + ["1"] * 23)), "r"),
        "not_known",
        "2",
    ),
    "a column that is not there": (
        lambda: adjust_nonresponse(placed(sampled()), "reached"),
        "no_column",
        "reached",
    ),
    "an empty value": (
        lambda: estimate_total(placed(with_cells("amount", [0, 3], None)), "amount"),
        "not_a_number",
        "2, 5",
    ),
}


@pytest.mark.parametrize(("make", "key", "named"), BAD.values(), ids=BAD)
def test_it_is_refused_and_its_rows_villages_or_strata_are_named(make, key, named):
    keys, sentences = refused(make)
    assert key in keys
    assert named in sentences


def test_no_is_not_yes_when_it_is_written_as_text():
    flagged = placed(sampled().assign(r=(["0"] + ["1"] * 11) * 2))
    assert len(adjust_nonresponse(flagged, "r").table) == 22


def test_an_array_of_another_length_is_refused():
    with pytest.raises(ValueError, match="responded must have 24 entries, got 5"):
        adjust_nonresponse(placed(sampled()), np.ones(5))


def test_a_village_in_which_nobody_was_reached_is_stood_for_and_named():
    data = adjust_nonresponse(placed(sampled()), (sampled()["village"] != "A1").to_numpy())
    found = estimate_share(data, "wrong")
    numbers = found.to_table().select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()).all()
    assert data.weight.sum() == pytest.approx(120)
    assert "A1" in found.summary("en")
    assert "A1" in found.summary("zh")


def test_where_there_is_nothing_to_divide_by_the_row_says_so_and_has_no_false_error():
    table = sampled().assign(paid=(sampled()["stratum"] == "A").astype(float))
    found = estimate_ratio(placed(table), "amount", "paid", by="stratum").to_table()
    assert found["note"].tolist() == ["", "no_base"]
    assert found["se"].isna().tolist() == [False, True]
    whole = estimate_ratio(placed(table), "amount", "paid", by="stratum")
    assert "nothing to divide by" in whole.summary("en")


def test_a_list_of_villages_can_have_villages_without_a_household_and_other_strata():
    whole = listed(M=[12] * 3 + [0, 12] + [12] * 5)
    other = pd.DataFrame({"stratum": ["C"], "village": ["C0"], "M": [None]})
    data = placed(sampled(), psu_sizes=pd.concat([whole, other]))
    assert len(data.psu_sizes) == 10
    assert np.isfinite(estimate_share(data, "wrong").to_table()["high"]).all()


def test_a_domain_that_nobody_is_in_gives_no_rows_and_can_be_shown():
    found = estimate_share(placed(sampled().assign(town=None)), "wrong", by="town")
    assert found.to_table().empty
    assert repr(found) == "Estimates(no rows)"
