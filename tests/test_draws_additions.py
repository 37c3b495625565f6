"""Acts as they are built, and what they do to probabilities: every order of a small stratum enumerated."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, permutations
from math import comb

import pandas as pd
import pytest
from draws_folder import SEED, SOURCE, design, frame_of, households

from sampling.designs.chances import with_chances
from sampling.designs.probabilities import in_scope_chance, inclusion
from sampling.draws import draw
from sampling.draws.additions import extendable, extension_act, record_problems, reserve_act, village_act
from sampling.words import InputError

RECEIPT = {"seed": SEED, "seed_source": SOURCE, "acts": []}
FRESH = ("31415926535897932384", {**SOURCE, "time": "2026-05-07T11:00:00+08:00"})


def town(count: int):
    return frame_of({"A": {f"v{number:02}": households(4 + number % 5) for number in range(count)}})


def plan(**villages):
    return design(villages={"rate": "20%", "at_least": 3, "at_most": 5, **villages}, reserves=2)


def plain(**villages):
    """A design without the other list."""
    return replace(plan(**villages), lists={})


def drawn(frame, one, *, seed=SEED, acts=()):
    return draw(frame, one, seed=seed, campaign="c", acts=acts).table


def villages(table: pd.DataFrame) -> list[str]:
    first = table[(table["stage"] == "1") & (table["role"] == "main")]
    return first.sort_values("rank", key=lambda rank: rank.astype(int))["village"].tolist()


def test_the_total_in_scope_is_right_on_average_over_every_order():
    """N = 20, 14 in scope, 3 wanted: N (n - 1) / (k - 1) is 14 on average; N n / k is 15.2, too many."""
    N, scope, n = 20, 14, 3
    places = list(combinations(range(1, N + 1), scope))
    unbiased = sum(Fraction(N * (n - 1), place[n - 1] - 1) for place in places) / len(places)
    naive = sum(Fraction(N * n, place[n - 1]) for place in places) / len(places)
    assert unbiased == scope
    assert float(naive) == pytest.approx(15.2, abs=0.05)
    chances = {k: in_scope_chance(N, n, k) for k in range(n, N + 1)}
    assert sum(n / chances[place[n - 1]] for place in places) / len(places) == scope


def test_every_subset_is_as_likely_after_an_extension_as_in_one_draw():
    """All 5! orders of the tickets: 2 drawn, then 1 more, is each subset of 3 equally often."""
    counts: dict[frozenset, int] = {}
    for order in permutations(range(5)):
        extended = frozenset(order[:2]) | {order[2]}
        counts[extended] = counts.get(extended, 0) + 1
    assert set(counts.values()) == {120 // comb(5, 3)}


def many(towns: int, count: int):
    """Towns are drawn independently: one draw of many is many draws of one."""
    names = {f"T{town:03}": [f"T{town:03}-{number:02}" for number in range(count)] for town in range(towns)}
    return frame_of({town: {village: ["1"] for village in villages} for town, villages in names.items()})


def test_in_every_town_an_extension_is_the_larger_sample_and_one_after_looking_keeps_the_first():
    frame, one, larger = many(60, 20), plain(), plain(rate="30%", at_most=6)
    more = dict.fromkeys(frame.villages["township"], 2)
    first = drawn(frame, one)
    act = extension_act(first, one, frame.villages, more, receipt=RECEIPT, found=False)
    assert set(villages(drawn(frame, one, acts=[act]))) == set(villages(drawn(frame, larger)))
    looked = extension_act(first, one, frame.villages, more, receipt=RECEIPT, found=True, fresh=FRESH)
    assert looked["looked"] and looked["seed"] == FRESH[0]
    after = set(villages(drawn(frame, one, acts=[looked])))
    assert set(villages(first)) < after and len(after) == 60 * 6
    assert after != set(villages(drawn(frame, larger)))


def test_after_looking_the_rest_is_a_fresh_simple_random_sample():
    frame, one = many(800, 6), plain(rate="1/3", at_least=0)
    table = drawn(frame, one)
    first = set(villages(table))
    more = dict.fromkeys(frame.villages["township"], 2)
    act = extension_act(
        drawn(frame, one), one, frame.villages, more, receipt=RECEIPT, found=True, fresh=FRESH
    )
    added = set(villages(drawn(frame, one, acts=[act]))) - first
    rest = frame.villages[~frame.villages["village"].isin(first)]
    place = rest.groupby("township").cumcount()  # 0 to 3: the villages of a town that were not drawn, by id
    counts = rest["village"].isin(added).groupby(place).sum()
    assert counts.sum() == 1600 and all(abs(count - 400) < 4 * 14.2 for count in counts)  # sd 14.2 each


@pytest.mark.parametrize("method", ["pareto", "sequential_poisson"])
def test_an_extension_states_the_true_chance_of_every_village_and_the_chances_add_up(method):
    one = plain(method=method, size="households")
    frame = with_chances(sized(town(20)), one)
    act = extension_act(drawn(frame, one), one, frame.villages, {"A": 2}, receipt=RECEIPT, found=False)
    lam = frame.villages["lambda"].map(float.fromhex).to_numpy()
    assert sum(map(float, act["pi"].values())) == pytest.approx(6)
    assert [float(act["pi"][v]) for v in frame.villages["village"]] == inclusion(method, lam, 6).pi.tolist()
    rows = drawn(frame, one, acts=[act])
    first = rows[(rows["stage"] == "1") & (rows["role"] == "main")]
    assert first["pi"].tolist() == [act["pi"][village] for village in first["village"]]


def sized(frame):
    sizes = frame.villages["village"].map(frame.sizes).map(str)
    return replace(frame, villages=frame.villages.assign(households=sizes))


def test_a_stratum_that_is_taken_whole_is_not_extended():
    frame, one = frame_of({"A": {f"v{i}": households(3) for i in range(8)}}, certain=("v1", "v2")), plain()
    first = drawn(frame, one)
    assert extendable(first, frame.villages, 9) == {"A": 3}
    with pytest.raises(InputError) as refused:
        extension_act(first, one, frame.villages, {"A/certainty": 1}, receipt=RECEIPT, found=False)
    assert [problem.key for problem in refused.value.problems] == ["draws.additions.taken_whole"]


def test_a_stratum_where_a_village_was_opened_is_not_extended():
    frame, one = town(20), plain()
    first = drawn(frame, one)
    act = reserve_act(first, one, village=villages(first)[0], reason="not_paid", by="Li", time=SOURCE["time"])
    receipt = {**RECEIPT, "acts": [act]}
    now = drawn(frame, one, acts=[act])
    with pytest.raises(InputError) as refused:
        extension_act(now, one, frame.villages, {"A": 1}, receipt=receipt, found=False)
    assert [problem.key for problem in refused.value.problems] == ["draws.additions.opened_before"]


def test_what_does_not_fit_a_record_names_list_and_ids():
    frame, one = town(20), replace(plain(), sealed=True)
    village = villages(drawn(frame, one))[0]
    act = village_act(drawn(frame, one), one, village, FRESH, receipt=RECEIPT)
    table = drawn(frame, one, acts=[act])
    inside = table[(table["stage"] == "2") & (table["village"] == village)]
    ids = inside.sort_values("rank", key=lambda rank: rank.astype(int))["household"].tolist()
    count = int((inside["role"] == "main").sum())
    group = {"list": "", "substratum": "", "drawn": ids[:count], "reserves": ids[count:]}
    record = {"village": village, "groups": [group]}
    assert list(record_problems(table, record)) == []
    swapped = {**group, "drawn": [*ids[: count - 1], ids[count]]}
    problems = list(record_problems(table, {**record, "groups": [swapped]}))
    assert [(problem.value, problem.fields["must"]) for problem in problems] == [
        (village, ", ".join(ids[:count]))
    ]
    assert len(list(record_problems(table, {**record, "groups": []}))) == 2
