"""The draw: sizes, order, chances, reserves, other lists, and a frozen draw."""

import hashlib
import json
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from draws_folder import (
    CAMPAIGN,
    REMOVED,
    SEED,
    TOWNS,
    committed,
    county,
    design,
    drawn,
    files,
    frame_of,
    households,
    redrawn,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.designs import Design, SizeRule, size, stratum_sizes
from sampling.draws import SAMPLE_COLUMNS, draw, list_notes, ticket, verify
from sampling.files import csv_bytes, read_csv
from sampling.frames import Frame, read_frame
from sampling.words import LANGUAGES, REPORTED, InputError

GOLDEN = Path(__file__).parent / "golden" / "draw"
ODD = ["NA", "null", "nan", "1e5", "0371", "371", "村", "样村07", "٣", "a,b", 'a"b', "𠮷", "a/certainty"]
FROZEN = ["frame.csv", "villages.csv", "frame-removed.csv", "commit.json", "receipt.json", "sample.csv"]
FEW = settings(max_examples=40, deadline=None)
ids = st.lists(st.sampled_from(ODD) | st.text("012345甲乙", min_size=1, max_size=4), unique=True, max_size=12)


@st.composite
def counties(draw_from: st.DrawFn) -> Frame:
    """Random towns with odd ids; villages with and without households, some taken with certainty."""
    villages = draw_from(
        st.lists(st.sampled_from(ODD) | st.text("0123甲", min_size=1), unique=True, min_size=1)
    )
    towns: dict[str, dict[str, list[str]]] = {}
    for village in villages:
        towns.setdefault(draw_from(st.sampled_from(["NA", "甲镇", "1e5"])), {})[village] = draw_from(ids)
    return frame_of(towns, certain=tuple(draw_from(st.sets(st.sampled_from(villages)))))


rules = st.builds(
    SizeRule,
    rate=st.sampled_from(["1/5", "7/100", "1/2", "1"]).map(Fraction),
    at_least=st.integers(0, 3),
    at_most=st.none() | st.integers(3, 5),
)
designs = st.builds(
    Design,
    conflict=st.sampled_from(["bounds", "rate"]),
    reserves=st.integers(0, 3),
    villages=rules,
    households=rules,
)


def sample_of(frame: Frame, plan: Design, seed: str = SEED) -> pd.DataFrame:
    return draw(frame, plan, seed=seed, campaign=CAMPAIGN).table


def shuffled(frame: Frame, order: st.DataObject) -> Frame:
    tables = [frame.units, frame.villages]
    mixed = [table.iloc[order.draw(st.permutations(range(len(table))))] for table in tables]
    return Frame(units=mixed[0], villages=mixed[1], sizes=frame.sizes, control_totals={})


@FEW
@given(counties(), designs)
def test_the_numbers_drawn_are_those_of_the_design(frame, plan):
    table = sample_of(frame, plan)
    main = table[table["role"] != "reserve"]
    villages = main[main["stage"] == "1"].groupby("stratum").size().to_dict()
    assert villages == stratum_sizes(frame, plan).set_index("stratum")["n"].to_dict()
    visited = set(main.loc[main["stage"] == "1", "village"])
    inside = main[main["stage"] == "2"].groupby("village").size().to_dict()
    there = frame.units[frame.units["household"] != ""].groupby("village").size()
    wanted = {
        name: size(plan.households, int(M), "bounds")[0] for name, M in there.items() if name in visited
    }
    assert inside == wanted


@FEW
@given(counties(), designs, st.data())
def test_the_order_of_the_rows_changes_nothing(frame, plan, data):
    pd.testing.assert_frame_equal(sample_of(shuffled(frame, data), plan), sample_of(frame, plan))


@FEW
@given(counties(), designs)
def test_the_stand_alone_verifier_draws_the_same_rows(frame, plan):
    again = [{name: str(row[name]) for name in SAMPLE_COLUMNS} for row in redrawn(frame, plan)]
    assert again == sample_of(frame, plan).to_dict("records")


@FEW
@given(counties(), designs)
def test_every_cell_of_the_table_survives_the_file(frame, plan):
    table = sample_of(frame, plan)
    pd.testing.assert_frame_equal(read_csv(csv_bytes(table)), table)


@FEW
@given(counties(), designs, st.integers(0, 3))
def test_reserves_are_the_units_that_a_larger_sample_would_have_taken_next(frame, plan, more):
    def larger(rule: SizeRule) -> SizeRule:
        return SizeRule(rate=Fraction(1, 10**6), at_least=2 + more)

    small = Design(
        reserves=more, villages=SizeRule(rate=Fraction(1, 10**6), at_least=2), households=plan.households
    )
    large = Design(villages=larger(small.villages), households=plan.households)
    first = [table[table["stage"] == "1"] for table in (sample_of(frame, small), sample_of(frame, large))]
    order = [list(zip(table["stratum"], table["rank"], table["village"], strict=True)) for table in first]
    assert order[0] == order[1]
    main = first[0][first[0]["role"] != "reserve"]
    assert set(main["village"]) <= set(first[1]["village"])


@FEW
@given(counties(), designs)
def test_main_units_have_lower_tickets_than_reserves_and_ranks_go_on_counting(frame, plan):
    table = sample_of(frame, plan)
    for _, part in table.groupby(["stage", "stratum", table["village"].where(table["stage"] == "2", "")]):
        ranks = part["rank"].astype(int)
        ordered = part.iloc[ranks.argsort()]
        assert sorted(ranks) == list(range(1, len(part) + 1))
        assert ordered["ticket"].is_monotonic_increasing
        assert ordered["role"].tolist() == sorted(ordered["role"], key="reserve".__eq__)


def test_the_lowest_tickets_of_a_town_are_drawn_in_their_order():
    table = drawn()[1].table
    town = table[(table["stage"] == "1") & (table["stratum"] == "大坪镇")].sort_values("ticket")
    ordinary = [village for village in TOWNS["大坪镇"] if village != "441481100003"]
    by_ticket = sorted((ticket(SEED, CAMPAIGN, "1", village), village) for village in ordinary)
    assert list(zip(town["ticket"], town["village"], strict=True)) == by_ticket[:7]
    assert town["role"].tolist() == ["main"] * 5 + ["reserve"] * 2


def test_a_drawn_village_without_a_household_stays_a_drawn_village():
    frame = frame_of({"甲": {"1": [], "2": households(3)}})
    table = sample_of(
        frame, Design(villages=SizeRule(rate=Fraction(1)), households=SizeRule(rate=Fraction(1)))
    )
    assert Counter(zip(table["stage"], table["village"], strict=True)) == {
        ("1", "1"): 1,
        ("1", "2"): 1,
        ("2", "2"): 3,
    }


def test_a_list_of_villages_alone_gives_a_sample_of_villages_alone():
    frame = frame_of({"甲": {str(number): [] for number in range(20)}})
    sample = draw(
        frame, design(villages={"rate": "20%"}), seed=SEED, campaign=CAMPAIGN, lists={"removed": frame}
    )
    assert sample.table["stage"].unique().tolist() == ["1"]
    assert repr(sample) == "Sample(4 villages, 0 households, 2 reserves)"


def test_probabilities_are_exact_products_and_weights_their_inverse():
    table = drawn()[1].table
    main = table[table["role"] != "reserve"]
    for row in main.to_dict("records"):
        stage_1 = Fraction(int(row["n"]), int(row["N"]))
        inside = Fraction(int(row["m"]), int(row["M"])) if row["stage"] == "2" else Fraction(1)
        own = inside if row["stage"] == "2" else stage_1
        assert row["pi_stage"] == repr(float(own))
        assert row["pi"] == repr(float(stage_1 * inside))
        assert row["weight"] == repr(float(1 / (stage_1 * inside)))


def test_a_reserve_has_no_probability_and_no_weight():
    table = drawn()[1].table
    reserves = table[table["role"] == "reserve"]
    assert len(reserves) > 0
    assert (reserves[["pi_stage", "pi", "weight"]] == "").all(axis=None)


def test_weights_add_up_to_the_villages_of_the_stratum_and_to_its_share_of_households():
    table = drawn()[1].table
    main = table[table["role"] != "reserve"].assign(weight=lambda rows: rows["weight"].astype(float))
    villages = main[main["stage"] == "1"].groupby("stratum")
    assert villages["weight"].sum().tolist() == pytest.approx(villages["N"].first().astype(int).tolist())
    inside = main[(main["stage"] == "2") & (main["list"] == "")].groupby("village")
    first = inside.first()
    expanded = first["M"].astype(int) * first["N"].astype(int) / first["n"].astype(int)
    assert inside["weight"].sum().tolist() == pytest.approx(expanded.tolist())


def test_over_many_seeds_every_village_and_household_comes_as_often_as_its_probability_says():
    """4,000 seeds; the verifier draws, which was shown above to draw the same. Within 4 standard errors."""
    frame = frame_of({"甲": {f"{v}": households(v) for v in range(1, 7)}, "乙": {"x": households(4)}})
    plan = Design(villages=SizeRule(rate=Fraction(1, 3)), households=SizeRule(rate=Fraction(1, 2)))
    seen, pi, pairs, draws, made = Counter(), {}, Counter(), 4000, committed(frame, plan)
    for number in range(draws):
        _, rows = verify.redraw(made, f"{number:020}", [])
        seen.update((row["village"], row["household"]) for row in rows)
        pi |= {(row["village"], row["household"]): row["pi"] for row in rows}
        first = sorted(row["village"] for row in rows if row["stage"] == "1" and row["township"] == "甲")
        pairs[tuple(first)] += 1
    assert len(pi) == 7 + sum(range(1, 7)) + 4  # every unit came up
    assert sum(chance for (_, household), chance in pi.items() if not household) == pytest.approx(3)
    for unit, chance in pi.items():
        assert abs(seen[unit] / draws - chance) <= 4 * (chance * (1 - chance) / draws) ** 0.5 + 1e-12, unit
    assert len(pairs) == 15  # every pair of 6 villages, each with probability 2 * 1 / (6 * 5)
    for count in pairs.values():
        assert abs(count / draws - 1 / 15) <= 4 * (1 / 15 * 14 / 15 / draws) ** 0.5


def test_other_lists_are_drawn_in_the_same_villages_with_tickets_and_a_rule_of_their_own():
    table = drawn()[1].table
    visited = set(table.loc[(table["stage"] == "1") & (table["role"] != "reserve"), "village"])
    removed = table[table["list"] == "removed"]
    there = {village: ids for village, ids in REMOVED["大坪镇"].items() if ids and village in visited}
    assert set(removed["village"]) == set(there)
    for village, part in removed.groupby("village"):
        by_ticket = sorted((ticket(SEED, CAMPAIGN, "2/removed", village, id), id) for id in there[village])
        wanted = -(-len(there[village]) // 2)
        main = part[part["role"] == "main"].sort_values("ticket")
        assert list(zip(main["ticket"], main["household"], strict=True)) == by_ticket[:wanted]


def test_the_lists_given_must_be_those_of_the_design():
    with pytest.raises(ValueError, match="removed"):
        draw(county()[0], design(), seed=SEED, campaign=CAMPAIGN)


def test_households_of_a_list_in_villages_that_the_frame_has_not_are_reported_with_their_number():
    frame, _ = county()
    other = frame_of({"大坪镇": {"441481100001": ["900"], "x": ["1", "2"]}})
    (note,) = list_notes(frame, {"removed": other})
    assert (note.key, note.severity) == ("draws.list_village_unknown", REPORTED)
    assert (note.fields["households"], note.fields["villages"]) == (2, "x")
    assert all(note.to_line(lang) for lang in LANGUAGES)
    drawn_all_the_same = draw(frame, design(), seed=SEED, campaign=CAMPAIGN, lists={"removed": other})
    assert "x" not in set(drawn_all_the_same.table["village"])


def test_a_list_that_puts_a_village_in_another_town_is_refused():
    frame, _ = county()
    other = frame_of({"宁新街道": {"441481100001": ["900"]}})
    with pytest.raises(InputError) as refused:
        draw(frame, design(), seed=SEED, campaign=CAMPAIGN, lists={"removed": other})
    (problem,) = refused.value.problems
    assert problem.key == "draws.list_township" and all(problem.to_line(lang) for lang in LANGUAGES)


def test_the_columns_are_those_of_the_format_in_their_order():
    wanted = "stage list township stratum village household role rank ticket N n M m pi_stage pi weight"
    assert drawn()[1].table.columns.tolist() == wanted.split()


def test_village_fields_named_like_columns_of_the_sample_do_no_harm():
    frame = frame_of({"甲": {"1": households(3)}}, fields={"rank": {"甲": "x"}, "n": {"甲": "y"}})
    table = sample_of(
        frame, Design(villages=SizeRule(rate=Fraction(1)), households=SizeRule(rate=Fraction(1)))
    )
    assert table.loc[0, ["rank", "n"]].tolist() == ["1", "1"]


def test_the_fingerprints_are_those_of_the_frames_and_the_hash_that_of_the_file():
    frame, lists = county()
    sample = drawn()[1]
    assert sample.fingerprints == {"": frame.fingerprint, "removed": lists["removed"].fingerprint}
    assert sample.sha256 == hashlib.sha256(csv_bytes(sample.table)).hexdigest()


def test_the_frozen_draw_comes_out_again_byte_for_byte():
    """tests/golden/draw: made once by this toolkit, checked by verify.py; it must never change."""
    frame, removed = read_frame(GOLDEN / "frame.csv", GOLDEN / "villages.csv"), county()[1]["removed"]
    commit = json.loads((GOLDEN / "commit.json").read_text(encoding="utf-8"))
    plan = Design.from_dict(commit["design"])
    sample = draw(frame, plan, seed=SEED, campaign=CAMPAIGN, lists={"removed": removed})
    assert csv_bytes(sample.table) == (GOLDEN / "sample.csv").read_bytes()


@pytest.mark.parametrize("name", FROZEN)
def test_every_file_of_the_frozen_draw_comes_out_again_byte_for_byte(name):
    assert files()[name] == (GOLDEN / name).read_bytes()


def test_a_county_of_26_000_households_is_drawn_in_less_than_a_second_of_computing():
    towns = {f"t{town:02}": {f"{town:02}{v:02}": households(65) for v in range(20)} for town in range(20)}
    frame = frame_of(towns)
    plan = Design(villages=SizeRule(rate=Fraction(1, 5)), households=SizeRule(rate=Fraction(1, 2)))
    started = time.process_time()
    table = sample_of(frame, plan)
    assert time.process_time() - started < 1
    assert len(table) == 20 * 4 + 20 * 4 * 33
