"""Every method at both stages: sizes, order of rows, the verifier, later acts, and how often units come."""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import pandas as pd
import pytest
from draws_folder import CAMPAIGN, SEED, frame_of, households, redrawn
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sampling.designs import (
    RANDOM_SIZE,
    SIZED,
    UNEQUAL,
    Design,
    Selection,
    SizeRule,
    inclusion,
    pairs,
    stratum_sizes,
    with_chances,
)
from sampling.draws import METHODS, SAMPLE_COLUMNS, draw, ticket, ticket_maker, verify
from sampling.draws.ranking import ranked
from sampling.draws.roles import drawn_rows
from sampling.frames import Frame

FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
OTHER = "31415926535897932384"
LOOKED = {"seed": OTHER, "seed_source": {"event": "", "time": "2026-06-01T00:00:00Z", "witnesses": []}}
HALF = SizeRule(rate=Fraction(1, 2), at_least=1)
SIZES = ["1", "2", "3.5", "10", "40", "7", "2", "5", "11", "1"]


def selection(method: str, stage: int) -> Selection:
    size = {1: "households", 2: "amount"}[stage] if method in SIZED else ""
    order = {1: ("x",), 2: ("amount",)}[stage] if method == "systematic" else ()
    return Selection(method=method, size=size, order=order)


def plan(first: str, second: str = "srs", **changes: Any) -> Design:
    """A third of the villages, half of the households, two reserves."""
    villages = SizeRule(rate=Fraction(1, 3), at_least=1)
    options: dict[str, Any] = {"reserves": 2, "villages": villages, "households": HALF} | changes
    return Design(villages_by=selection(first, 1), households_by=selection(second, 2), **options)


def county(counts: Sequence[Sequence[int]], certain: Sequence[str] = ()) -> Frame:
    """Towns with villages of so many households, and fields of both to draw by."""
    towns = {
        f"镇{t}": {f"{t}{v}": households(M) for v, M in enumerate(town)} for t, town in enumerate(counts)
    }
    frame = frame_of(towns, certain=tuple(certain))
    listed = frame.sizes.reindex(frame.villages["village"])
    x = [str((7 * i) % 11 - 5) for i in range(len(listed))]
    villages = frame.villages.assign(households=[str(M) for M in listed], x=x)
    amounts = [SIZES[i % 10] if h else "" for i, h in enumerate(frame.units["household"])]
    category = [("A", "B", "")[i % 3] for i in range(len(frame.units))]
    units = frame.units.assign(amount=amounts, category=category)
    return Frame(units=units, villages=villages, sizes=frame.sizes, control_totals={})


frames = st.lists(st.lists(st.integers(1, 9), min_size=2, max_size=9), min_size=1, max_size=3).map(county)
methods = st.sampled_from(list(METHODS))


def taken(frame: Frame, design: Design, acts: Sequence[dict] = (), seed: str = SEED) -> pd.DataFrame:
    return draw(frame, design, seed=seed, campaign=CAMPAIGN, acts=acts).table


def agree(frame: Frame, design: Design, acts: Sequence[dict] = ()) -> pd.DataFrame:
    """The sample, which the stand-alone verifier draws as well, cell by cell."""
    table = taken(frame, design, acts)
    columns = [*SAMPLE_COLUMNS, *(["substratum"] if design.categories else [])]
    again = [{name: str(row[name]) for name in columns} for row in redrawn(frame, design, acts=acts)]
    assert again == table.to_dict("records")
    return table


@FEW
@given(frames, methods, methods, st.sampled_from(["up", "half_up", "random"]))
def test_the_verifier_draws_the_same_by_every_method_at_both_stages(frame, first, second, rounding):
    sized = {"pareto", "sequential_poisson"} & {first, second}
    design = plan(first, second, rounding="up" if sized else rounding)
    if rounding == "half_up":
        design = plan(first, second, rounding=rounding, villages=HALF)
    agree(with_chances(frame, design), design)


@FEW
@given(frames, methods, methods, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(frame, first, second, chance):
    design = plan(first, second)
    frame = with_chances(frame, design)
    rows = [list(range(len(table))) for table in (frame.units, frame.villages)]
    for order in rows:
        chance.shuffle(order)
    mixed = Frame(
        units=frame.units.iloc[rows[0]],
        villages=frame.villages.iloc[rows[1]],
        sizes=frame.sizes,
        control_totals={},
    )
    pd.testing.assert_frame_equal(taken(mixed, design), taken(frame, design))


@FEW
@given(frames, st.sampled_from([name for name, method in METHODS.items() if method.fixed]))
def test_methods_of_a_fixed_size_draw_the_size_of_the_design(frame, method):
    design = plan(method, method if method != "systematic" else "srs")
    table = drawn_rows(taken(with_chances(frame, design), design))
    villages = table[table["stage"] == "1"].groupby("stratum").size().to_dict()
    assert villages == stratum_sizes(frame, design).set_index("stratum")["n"].to_dict()
    inside = table[table["stage"] == "2"]
    for village, part in inside.groupby("village"):
        assert len(part) == -(-frame.sizes[village] // 2)


@FEW
@given(frames, st.sampled_from(["A", "B"]))
def test_households_by_category_are_drawn_by_their_own_rule(frame, value):
    rules = {"category": {value: SizeRule(rate=Fraction(1))}}
    table = agree(frame, plan("srs", categories=rules))
    drawn = drawn_rows(table[table["stage"] == "2"])
    units = frame.units[frame.units["village"].isin(set(drawn["village"]))]
    own = units[units["category"] == value]
    there = drawn[drawn["substratum"] == value]
    assert set(there["village"] + there["household"]) == set(own["village"] + own["household"])
    assert (there["pi_stage"] == "1.0").all()
    for village, part in drawn[drawn["substratum"] == ""].groupby("village"):
        others = ((units["village"] == village) & (units["category"] != value)).sum()
        assert part["M"].astype(int).tolist() == [others] * len(part) and len(part) == -(-others // 2)


@FEW
@given(frames, st.sampled_from(["srs", "pareto", "sequential_poisson"]), st.integers(1, 3))
def test_methods_that_extend_keep_every_village_and_say_its_new_chance(frame, method, more):
    design = plan(method)
    frame = with_chances(frame, design)
    act = extension(frame, design, more)
    assume(act["more"])
    before, after = taken(frame, design), agree(frame, design, [act])
    first, second = (drawn_rows(t[t["stage"] == "1"]) for t in (before, after))
    assert set(first["village"]) <= set(second["village"])
    assert len(second) - len(first) == sum(act["more"].values())
    larger = plan(method, villages=SizeRule(rate=Fraction(1, 10**9), at_least=int(after["n"].max())))
    if method == "srs" and len(set(second["stratum"])) == 1:  # exactly the larger sample
        assert set(second["village"]) == set(
            drawn_rows(taken(frame, larger)).query("stage == '1'")["village"]
        )


def extension(frame: Frame, design: Design, more: int) -> dict[str, Any]:
    """The act that adds as many villages to every stratum as there are."""
    sizes = stratum_sizes(frame, design).set_index("stratum")
    room = {str(s): int(min(more, row["N"] - row["n"])) for s, row in sizes.iterrows()}
    room = {stratum: d for stratum, d in room.items() if d > 0}
    pi = {}
    for stratum, d in room.items() if design.villages_by.method in UNEQUAL else ():
        villages = frame.villages[frame.villages["township"] == stratum]
        lam = villages["lambda"].map(float.fromhex).to_numpy()
        found = inclusion(design.villages_by.method, lam, int(sizes.at[stratum, "n"]) + d).pi
        pi |= dict(zip(villages["village"], map(repr, found.tolist()), strict=True))
    return {"act": "extension", "more": room, "looked": False, "pi": pi}


@FEW
@given(frames, st.sampled_from(["srs", "pareto", "sequential_poisson"]), st.integers(1, 3))
def test_an_extension_after_looking_takes_its_villages_by_the_new_seed(frame, method, more):
    design = plan(method)
    frame = with_chances(frame, design)
    act = extension(frame, design, more) | {"looked": True} | LOOKED
    assume(act["more"])
    before, after = taken(frame, design), agree(frame, design, [act])
    kept, all_ = (set(drawn_rows(t[t["stage"] == "1"])["village"]) for t in (before, after))
    assert kept < all_
    fresh = after[(after["stage"] == "1") & ~after["village"].isin(kept)]
    make = ticket_maker(OTHER, CAMPAIGN, "1")
    affected = fresh[fresh["stratum"].isin(list(act["more"]))]
    assert affected["ticket"].tolist() == [make(village) for village in affected["village"]]


def test_a_sealed_draw_takes_villages_first_and_households_with_the_seed_of_their_village():
    frame, design = county([[6, 7, 8, 9, 5, 4]]), plan("srs", sealed=True)
    villages = agree(frame, design)
    assert set(villages["stage"]) == {"1"}
    one = drawn_rows(villages)["village"].iloc[0]
    act = {"act": "village", "village": one, **LOOKED}
    table = agree(frame, design, [act])
    inside = table[table["stage"] == "2"]
    assert set(inside["village"]) == {one}
    make = ticket_maker(OTHER, CAMPAIGN, "2")
    assert inside["ticket"].tolist() == [make(one, household) for household in inside["household"]]


def opening(row: pd.Series, replaces: str, **changes: str) -> dict[str, str]:
    act = {"act": "reserve", "list": "", "village": row["village"], "household": row["household"]}
    return act | {"replaces": replaces, "reason": "listed_twice", "by": "", "time": ""} | changes


def test_an_opened_reserve_is_the_next_in_order_and_the_chance_is_that_of_inverse_sampling():
    frame, design = county([[20]]), plan("srs", villages=SizeRule(rate=Fraction(1)))
    table = taken(frame, design)
    gone = table[(table["role"] == "main") & (table["stage"] == "2")].iloc[3]
    next_one, too_early = (table[table["role"] == "reserve"].iloc[i] for i in (0, 1))
    after = agree(frame, design, [opening(next_one, gone["household"])])
    roles = after.set_index("household")["role"]
    assert (roles[gone["household"]], roles[next_one["household"]]) == ("replaced", "main")
    main = drawn_rows(after[after["stage"] == "2"])
    assert len(main) == 10 and set(main["pi_stage"]) == {repr(float(Fraction(10 * 10, 20 * 9)))}
    assert after.loc[after["role"] == "replaced", ["pi", "weight"]].eq("").all(axis=None)
    for wrong in (opening(too_early, gone["household"]), opening(next_one, too_early["household"])):
        with pytest.raises(ValueError, match="order"):
            taken(frame, design, [wrong])
    with pytest.raises(ValueError, match="order"):
        redrawn(frame, design, acts=[opening(too_early, gone["household"])])


def test_a_village_that_is_replaced_has_no_households_and_the_opened_one_has():
    frame, design = county([[4, 5, 6, 7, 3, 2, 5]]), plan("srs")
    first = taken(frame, design)
    first = first[first["stage"] == "1"].assign(rank=lambda t: t["rank"].astype(int)).sort_values("rank")
    gone, new = first.iloc[0], first[first["role"] == "reserve"].iloc[0]
    after = agree(frame, design, [opening(new, gone["village"], household="")])
    visited = set(after.loc[after["stage"] == "2", "village"])
    assert gone["village"] not in visited and new["village"] in visited


def many_draws(frame: Frame, design: Design, n: int) -> Iterator[frozenset[str]]:
    """The villages of every draw with the seeds 0, 1, 2 …: each seed is a group of its own."""
    method, names = design.villages_by.method, frame.villages["village"].tolist()
    seeds = [f"{number:020}" for number in range(DRAWS)]
    if method == "systematic":
        order = frame.villages.assign(x=frame.villages["x"].astype(int)).sort_values(["x", "village"])
        units = [(village, {}) for village in order["village"]]
        starts = (ticket(seed, CAMPAIGN, "start-1", "镇0") for seed in seeds)
        yield from (frozenset(verify.every(units, n, start)) for start in starts)
        return
    tickets = [make(name) for make in (ticket_maker(seed, CAMPAIGN, "1") for seed in seeds) for name in names]
    units = pd.DataFrame({"ticket": tickets, "village": names * DRAWS})
    units["group"] = [number for number in range(DRAWS) for _ in names]
    if "lambda" in frame.villages:
        units["lambda"] = frame.villages["lambda"].tolist() * DRAWS
    rows = ranked(units.assign(certain=False, N=len(names), n=n), design.villages_by, "village")
    drawn = rows[rows["rank"] <= rows["n"]].groupby("group")["village"].agg(frozenset)
    yield from drawn.reindex(range(DRAWS), fill_value=frozenset())


SMALL = county([[3, 1, 6, 2, 9, 4]])
DRAWS = 100_000


@pytest.mark.parametrize("method", list(METHODS))
def test_over_100_000_seeds_villages_and_pairs_come_as_often_as_stated(method):
    """Tickets are as good as random digests: 100,000 of them per village, within 4 standard errors."""
    design = plan(method, villages=SizeRule(rate=Fraction(1, 2)))
    frame = with_chances(SMALL, design)
    names = frame.villages["village"].tolist()
    N, n = len(names), 3
    chosen = Counter(many_draws(frame, design, n))
    lam = frame.villages["lambda"].map(float.fromhex).to_numpy() if "lambda" in frame.villages else None
    ordered = (
        frame.villages.assign(x=frame.villages["x"].astype(int))
        .sort_values(["x", "village"])["village"]
        .tolist()
    )
    names = ordered if method == "systematic" else names
    both = pairs(method, lam if lam is not None else [n / N] * N, n)
    for i, j in [*combinations(range(N), 2), *zip(range(N), range(N), strict=True)]:
        came = sum(count for units, count in chosen.items() if {names[i], names[j]} <= units) / DRAWS
        error = 4 * (both[i, j] * (1 - both[i, j]) / DRAWS) ** 0.5
        assert abs(came - both[i, j]) <= error + 1e-12, (names[i], names[j], came, both[i, j])
    if method not in RANDOM_SIZE:
        assert all(len(units) == n for units in chosen)
    if lam is not None:
        assert frame.villages["pi"].astype(float).tolist() == pytest.approx(
            [both[i, i] for i in range(N)], abs=1e-12
        )
