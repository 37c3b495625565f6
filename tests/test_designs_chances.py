"""Lambda and probability in the frame: against the kernels, against sums, and drawn many times over."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from draws_folder import frame_of, households
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.designs import (
    Design,
    Selection,
    SizeRule,
    chance_notes,
    design_notes,
    inclusion,
    lambdas,
    stratum_of,
    stratum_sizes,
    with_chances,
)
from sampling.designs import chances as room
from sampling.frames import Frame
from sampling.words import LANGUAGES, REFUSED, REPORTED, InputError

HALF, FIFTH = SizeRule(rate=Fraction(1, 2)), SizeRule(rate=Fraction(1, 5))


def county(counts: dict[str, int], sizes: list[str], certain: tuple[str, ...] = ()) -> Frame:
    """Towns with so many villages, two households each; the field x of every village in turn."""
    towns = {
        town: {f"{town}{number}": households(2) for number in range(count)} for town, count in counts.items()
    }
    frame = frame_of(towns, certain=certain)
    return replace(frame, villages=frame.villages.assign(x=pd.Series(sizes, dtype="str")))


def plan(method: str, *, rule: SizeRule = FIFTH, stage: str = "villages", **options: object) -> Design:
    """A design whose villages (or households) are drawn by the method and the field x."""
    sized = {} if method == "bernoulli" else {"size": "x"}
    by = {f"{stage}_by": Selection(method=method, **sized, **options)}
    rules = {"villages": SizeRule(rate=Fraction(1)), "households": HALF} | {stage: rule}
    return Design(**rules, **by)


def numbers(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """lambda and pi as the text says them."""
    lam = [float.fromhex(text) for text in table["lambda"]]
    return np.array(lam), np.array([float(text) for text in table["pi"]])


TWENTY = [str(1 + i * i % 17) for i in range(20)]


@pytest.mark.parametrize("method", ["pareto", "sequential_poisson"])
def test_villages_have_the_lambda_of_their_size_and_the_true_chance(method):
    frame = with_chances(county({"甲": 12, "乙": 8}, TWENTY), plan(method))
    for town, n in (("甲", 3), ("乙", 2)):
        part = frame.villages[frame.villages["township"] == town]
        lam, pi = numbers(part)
        x = part["x"].astype(float).to_numpy()
        assert lam == pytest.approx(n * x / x.sum(), rel=1e-15)
        assert pi == pytest.approx(inclusion(method, lam, n).pi, abs=1e-14)
        assert pi.sum() == pytest.approx(n, abs=1e-12)
        assert abs(pi - lam).max() > 1e-4  # they are not the same
    assert frame.villages.columns.tolist()[-2:] == ["lambda", "pi"]


@pytest.mark.parametrize("method", ["pareto", "sequential_poisson"])
def test_calibrated_chances_are_in_exact_proportion_to_size(method):
    frame = with_chances(county({"甲": 12, "乙": 8}, TWENTY), plan(method, calibrated=True))
    for town, n in (("甲", 3), ("乙", 2)):
        part = frame.villages[frame.villages["township"] == town]
        lam, pi = numbers(part)
        x = part["x"].astype(float).to_numpy()
        assert pi == pytest.approx(n * x / x.sum(), rel=1e-15)
        assert inclusion(method, lam, n).pi == pytest.approx(pi, abs=1e-11)


def test_bernoulli_gives_everyone_the_same_chance_whatever_the_rate_comes_to():
    frame = with_chances(county({"甲": 3, "乙": 40}, ["1"] * 43), plan("bernoulli"))
    lam, pi = numbers(frame.villages)
    assert set(lam) == set(pi) == {0.2}
    bounded = SizeRule(rate=Fraction(1, 5), at_least=3, at_most=5)
    lam, _ = numbers(
        with_chances(county({"甲": 4, "乙": 40}, ["1"] * 44), plan("bernoulli", rule=bounded)).villages
    )
    assert set(lam) == {0.75, 0.125}


def test_poisson_draws_the_expected_number_on_average_and_the_large_ones_for_certain():
    frame = with_chances(county({"甲": 5}, ["100", "1", "2", "3", "4"]), plan("poisson", rule=HALF))
    lam, pi = numbers(frame.villages)
    assert (lam == pi).all()
    assert lam[0] == 1
    assert lam[1:] == pytest.approx(1.5 * np.array([1, 2, 3, 4]) / 10)
    assert lam.sum() == pytest.approx(2.5)


def test_villages_that_are_all_taken_have_chance_1_and_are_no_part_of_the_others():
    frame = with_chances(county({"甲": 6}, ["", "1", "1", "2", "2", "6"], certain=("甲0",)), plan("pareto"))
    lam, pi = numbers(frame.villages)
    assert (lam[0], pi[0]) == (1, 1)
    assert lam[1:] == pytest.approx(np.array([1, 1, 2, 2, 6]) / 12)
    assert pi[1:].sum() == pytest.approx(1, abs=1e-12)


def test_a_stratum_is_reckoned_by_itself():
    both = with_chances(county({"甲": 12, "乙": 8}, TWENTY), plan("pareto")).villages
    alone = with_chances(county({"乙": 8}, TWENTY[12:]), plan("pareto")).villages
    assert both.loc[both["township"] == "乙", "pi"].tolist() == alone["pi"].tolist()


def test_villages_drawn_before_count_with_their_weight():
    frame = county({"甲": 6}, ["2", "4", "2", "4", "2", "4"])
    frame = replace(frame, villages=frame.villages.assign(drawn_before=list("110000")))
    design = replace(plan("pareto", rule=HALF), drawn_before=Fraction(1, 4))
    lam, _ = numbers(with_chances(frame, design).villages)
    x = np.array([0.5, 1, 2, 4, 2, 4])
    assert lam == pytest.approx(lambdas(x, 3), rel=1e-15)
    unsized = replace(design, villages_by=Selection(method="pareto"))
    lam, pi = numbers(with_chances(frame, unsized).villages)
    assert lam == pytest.approx(3 * np.array([1, 1, 4, 4, 4, 4]) / 18)
    assert len(set(pi[2:])) == 1
    excluded = replace(design, drawn_before=Fraction(0))
    lam, pi = numbers(with_chances(frame, excluded).villages)
    assert lam[:2].tolist() == pi[:2].tolist() == [0, 0]
    assert pi.sum() == pytest.approx(3)


def roll(categories: str, persons: list[str]) -> Frame:
    """A village of as many households as there are letters, an empty village, and one of one household."""
    frame = frame_of({"甲": {"1": households(len(categories)), "2": [], "3": households(1)}})
    units = frame.units.assign(
        category=pd.Series([*categories, "", "B"], dtype="str"), x=pd.Series([*persons, "", "4"], dtype="str")
    )
    return replace(frame, units=units)


def test_households_are_reckoned_village_by_village_and_the_empty_row_has_no_chance():
    frame = with_chances(roll("BBBBB", list("12345")), plan("pareto", stage="households", rule=HALF))
    assert "lambda" not in frame.villages
    empty = frame.units["household"] == ""
    assert frame.units.loc[empty, ["lambda", "pi"]].to_numpy().tolist() == [["", ""]]
    lam, pi = numbers(frame.units[frame.units["village"] == "1"])
    assert lam == pytest.approx(3 * np.arange(1, 6) / 15)
    assert pi == pytest.approx(inclusion("pareto", lam, 3).pi, abs=1e-14)
    lam, pi = numbers(frame.units[frame.units["village"] == "3"])
    assert (lam.tolist(), pi.tolist()) == ([1], [1])


def test_substrata_of_a_village_are_reckoned_apart():
    design = plan("pareto", stage="households", rule=HALF)
    design = replace(design, categories={"category": {"A": SizeRule(rate=Fraction(1))}})
    frame = with_chances(roll("ABABBB", list("123456")), design)
    first = frame.units[frame.units["village"] == "1"]
    lam, pi = numbers(first[first["category"] == "A"])
    assert (lam.tolist(), pi.tolist()) == ([1, 1], [1, 1])
    lam, _ = numbers(first[first["category"] == "B"])
    assert lam == pytest.approx(lambdas(np.array([2, 4, 5, 6.0]), 2))


def test_methods_of_equal_probability_need_no_columns():
    frame = county({"甲": 5}, list("12345"))
    for method in ("srs", "systematic"):
        design = Design(villages=FIFTH, households=HALF, villages_by=Selection(method=method))
        assert with_chances(frame, design).villages.columns.tolist() == frame.villages.columns.tolist()


small = st.lists(st.integers(0, 9), min_size=1, max_size=7).filter(any)


@given(small, st.sampled_from(["poisson", "pareto", "sequential_poisson"]), st.booleans(), st.data())
@settings(deadline=None, max_examples=80)
def test_every_legal_input_has_chances_that_add_up(values, method, calibrated, data):
    n = data.draw(st.integers(1, sum(x > 0 for x in values)))
    rule = SizeRule(rate=Fraction(n, len(values)))
    options = {"calibrated": True} if calibrated and method != "poisson" else {}
    frame = county({"甲": len(values)}, [str(x) for x in values])
    lam, pi = numbers(with_chances(frame, plan(method, rule=rule, **options)).villages)
    assert pi.sum() == pytest.approx(n, abs=1e-9)
    assert ((lam >= 0) & (lam <= 1) & (pi >= 0) & (pi <= 1)).all()
    assert ((lam == 0) == (np.array(values) == 0)).all()
    assert ((lam == 1) == (pi == 1)).all()


def test_the_text_says_the_doubles_exactly_and_a_second_reckoning_changes_nothing():
    design = plan("pareto")
    frame = with_chances(county({"甲": 12, "乙": 8}, TWENTY), design)
    again = with_chances(frame, design)
    pd.testing.assert_frame_equal(again.villages, frame.villages)
    for text, double in zip(frame.villages["lambda"], numbers(frame.villages)[0].tolist(), strict=True):
        assert double.hex() == text
    for text, double in zip(frame.villages["pi"], numbers(frame.villages)[1].tolist(), strict=True):
        assert repr(double) == text
    assert frame.villages.dtypes.astype(str).eq("str").all()


@given(st.permutations(range(20)))
@settings(deadline=None, max_examples=20)
def test_chances_do_not_depend_on_the_order_of_the_rows(order):
    frame, design = county({"甲": 12, "乙": 8}, TWENTY), plan("sequential_poisson")
    straight = with_chances(frame, design).villages.set_index("village")["pi"]
    turned = replace(frame, villages=frame.villages.iloc[list(order)])
    assert with_chances(turned, design).villages.set_index("village")["pi"].to_dict() == straight.to_dict()


def test_a_draw_of_many_seeds_takes_every_village_as_often_as_its_chance_says():
    frame = with_chances(
        county({"甲": 8}, [str(x) for x in (1, 1, 2, 3, 5, 8, 8, 9)]), plan("pareto", rule=HALF)
    )
    lam, pi = numbers(frame.villages)
    draws = 200_000
    u = np.random.default_rng(7).random((draws, 8))
    scores = u * (1 - lam) / ((1 - u) * lam)
    taken = np.argsort(scores, axis=1)[:, :4]
    share = np.bincount(taken.ravel(), minlength=8) / draws
    assert share == pytest.approx(pi, abs=5 * np.sqrt(0.25 / draws))


def test_expected_visits_use_the_chances_of_the_villages():
    frame = county({"甲": 5}, ["1", "2", "3", "4", "10"])
    towns = {"甲": {f"甲{i}": households(2 * (i + 1)) for i in range(5)}}
    frame = replace(frame_of(towns), villages=frame.villages)
    design = plan("pareto")
    chanced = with_chances(frame, design)
    (row,) = stratum_sizes(chanced, design).to_dict("records")
    assert row["expected_visits"] == pytest.approx(float(numbers(chanced.villages)[1] @ np.arange(1, 6)))
    assert row["expected_visits"] > stratum_sizes(frame, design)["expected_visits"].iat[0]


def test_large_strata_are_approximated_and_named():
    sizes = [str(1 + i % 7) for i in range(600)]
    frame = county({"甲": 600, "乙": 4}, [*sizes, *"1234"])
    (note,) = chance_notes(frame, plan("pareto"))
    assert (note.key, note.severity, note.fields["groups"]) == ("designs.approximate", REPORTED, "甲")
    assert all(note.to_line(lang) for lang in LANGUAGES)
    assert note.key in {one.key for one in design_notes(frame, plan("pareto"))}
    (note,) = chance_notes(frame, plan("pareto", calibrated=True))
    assert note.fields["groups"] == "甲"
    assert chance_notes(county({"乙": 4}, list("1234")), plan("pareto")) == ()


def test_chances_that_no_lambda_gives_are_refused_by_name(monkeypatch):
    def fails(*_: object) -> None:
        raise ValueError("no lambda")

    monkeypatch.setattr(room, "calibrate", fails)
    room._group.cache_clear()
    frame, design = county({"甲": 6}, list("123456")), plan("pareto", calibrated=True)
    with pytest.raises(InputError) as refused:
        with_chances(frame, design)
    room._group.cache_clear()
    (problem,) = refused.value.problems
    assert (problem.key, problem.severity, problem.fields["groups"]) == (
        "designs.not_calibrated",
        REFUSED,
        "甲",
    )
    assert all(problem.to_line(lang) for lang in LANGUAGES)


def test_a_design_that_does_not_fit_has_no_chances():
    frame = county({"甲": 3}, ["0", "0", "0"])
    with pytest.raises(InputError) as refused:
        with_chances(frame, plan("pareto"))
    assert "designs.too_few_sized" in {problem.key for problem in refused.value.problems}


def test_the_strata_of_the_chances_are_those_of_the_sizes():
    frame = with_chances(
        county({"甲": 9, "甲甲": 5}, list("12345678912345"), certain=("甲3",)), plan("pareto")
    )
    sums = frame.villages["pi"].astype(float).groupby(stratum_of(frame.villages)).sum()
    table = stratum_sizes(frame, plan("pareto")).set_index("stratum")
    assert sums.to_dict() == pytest.approx({name: float(n) for name, n in table["n"].items()}, abs=1e-9)


@pytest.mark.parametrize("method", ["bernoulli", "poisson", "pareto", "sequential_poisson"])
def test_a_list_of_villages_alone_has_no_household_to_give_a_chance(method):
    frame = frame_of({"甲": {"1": [], "2": []}})
    frame = replace(frame, units=frame.units.assign(x="", category=""))
    design = plan(method, stage="households", rule=HALF)
    assert with_chances(frame, design).units["pi"].tolist() == ["", ""]
    with_category = replace(design, categories={"category": {"A": HALF}})
    assert with_chances(frame, with_category).units["lambda"].tolist() == ["", ""]


@pytest.mark.parametrize("method", ["pareto", "sequential_poisson"])
def test_villages_of_one_size_have_one_chance_to_the_last_digit(method):
    frame = county({"甲": 6}, ["1", "4", "1", "4", "1", "4"])
    assert with_chances(frame, plan(method, rule=HALF)).villages.groupby("x")["pi"].nunique().tolist() == [
        1,
        1,
    ]
