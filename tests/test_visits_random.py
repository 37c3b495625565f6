"""Teams dealt to towns at random, and days in the order of the draw."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chisquare
from visits_ground import MONDAY, county, make_team, make_work, routes_80, ways
from visits_rules import broken

from sampling.visits import searching
from sampling.visits.assigning import blocks, dealt, visit_tickets
from sampling.visits.calendar import Calendar
from sampling.visits.ground import Crew, Job
from sampling.visits.planning import plan_visits
from sampling.words import LANGUAGES

SEED = "20260501123456789012"
CALENDAR = Calendar(start=MONDAY)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """What is random does not depend on how long is searched."""
    monkeypatch.setattr(searching, "ITERATIONS", 300)


def jobs(towns: int, villages: int = 2) -> list[Job]:
    return [
        Job(village=f"v{t}-{v}", township=f"t{t}", place=10 * t + v, households=4, minutes=160)
        for t in range(towns)
        for v in range(villages)
    ]


def crews(count: int, closed: dict[int, set[int]] | None = None) -> list[Crew]:
    closed = closed or {}
    return [Crew(teams=(f"g{k}",), base=0, closed=frozenset(closed.get(k, ()))) for k in range(count)]


def towns_of(hands: dict[str, list[Job]]) -> dict[str, str]:
    return {job.township: team for team, hand in hands.items() for job in hand}


def test_a_random_assignment_keeps_every_rule_and_towns_whole():
    case = routes_80()
    plan = plan_visits(*case, assignment="random", tickets=visit_tickets(SEED, "c"), made_from="f")
    assert broken(plan, *case[:3], case[3].matrix()) == []
    assert (plan.visits.groupby("township")["team"].nunique() == 1).all()


def test_who_goes_where_depends_on_seed_and_campaign_alone():
    first = dealt(jobs(12), crews(4), visit_tickets(SEED, "c"))
    again = dealt(jobs(12)[::-1], crews(4)[::-1], visit_tickets(SEED, "c"))
    assert towns_of(first) == towns_of(again)
    others = [towns_of(dealt(jobs(12), crews(4), visit_tickets(seed, name)))
              for seed, name in ((SEED[::-1], "c"), (SEED, "d"))]  # fmt: skip
    assert all(other != towns_of(first) for other in others)


def test_every_team_is_as_likely_to_get_a_town_as_another():
    found = Counter(
        towns_of(dealt(jobs(6), crews(3), visit_tickets(f"{seed:020d}", "c")))[town]
        for seed in range(600)
        for town in ("t0",)
    )
    assert chisquare([found[f"g{k}"] for k in range(3)]).pvalue > 0.001


def test_work_is_dealt_evenly():
    hands = dealt(jobs(12), crews(4), visit_tickets(SEED, "c"))
    assert {len(hand) for hand in hands.values()} == {6}


def test_conflicts_are_excluded_and_a_town_closed_to_all_is_dealt_by_village():
    closed = {0: {0}, 1: {1}}  # nobody may visit both villages of t0
    for seed in range(50):
        hands = dealt(jobs(3), crews(2, closed), visit_tickets(f"{seed:020d}", "c"))
        places = {team: {job.place for job in hand} for team, hand in hands.items()}
        assert 0 in places["g1"] and 1 in places["g0"]


def test_a_town_that_was_dealt_by_village_is_named():
    work = make_work([("v0", "t0", 3), ("v1", "t0", 3), ("v2", "t1", 3)])
    teams = (make_team("g0", village="v0"), make_team("g1", village="v1"))
    distances = ways([(1, 0), (2, 0), (3, 0)], teams=2)
    tickets = visit_tickets(SEED, "c")
    plan = plan_visits(work, teams, CALENDAR, distances, assignment="random", tickets=tickets, made_from="f")
    assert broken(plan, work, teams, CALENDAR, distances.matrix()) == []
    (note,) = plan.notes
    assert (note.key, note.fields["towns"]) == ("plans.towns_shared", "t0")
    assert all(note.to_line(lang) for lang in LANGUAGES)


def test_blocks_hold_equal_work_and_follow_the_order():
    rng = np.random.default_rng(1)
    order = rng.permutation(50) / 50
    many = [
        Job(village=f"v{k}", township="t", place=k, households=4, minutes=100, order=order[k])
        for k in range(50)
    ]
    found = blocks(many, 5)
    assert [len(block) for block in found] == [10] * 5
    assert [job.order for block in found for job in block] == sorted(order)


@pytest.mark.parametrize("random", [False, True])
def test_stopping_after_any_day_between_blocks_leaves_the_first_ranks_of_every_town(random):
    case = county()
    tickets = visit_tickets(SEED, "c")
    kind = {"assignment": "random", "tickets": tickets} if random else {}
    plan = plan_visits(*case, order="random", made_from="f", **kind)
    assert broken(plan, *case[:3], case[3].matrix()) == []
    told = [note for note in plan.notes if note.key.startswith("plans.blocks")]
    assert len(told) == (8 if random else 1)
    for note in told:
        visits = plan.visits[plan.visits["team"] == note.fields["team"]] if random else plan.visits
        ends = [int(day) for day in str(note.fields["days"]).split(", ")]
        work = case[0][case[0]["village"].isin(visits["village"])]
        assert len(ends) == 4
        assert set(ends) <= set(complete_days(visits, work))
        assert all(note.to_line(lang) for lang in LANGUAGES)


def complete_days(visits: pd.DataFrame, work: pd.DataFrame) -> list[int]:
    """Days after which, in every town, the villages begun are all done and are the first of its order."""
    frame = work.sort_values(["certainty", "rank"], ascending=[False, True])
    last = visits.groupby("village")["day"].max()
    first = visits.groupby("village")["day"].min()
    found = []
    for day in range(1, int(last.max())):
        prefix = True
        for _, rows in frame.groupby(["township", "certainty"]):
            begun = [bool(first[v] <= day) for v in rows["village"]]
            done = [bool(last[v] <= day) for v in rows["village"]]
            prefix &= begun == done == sorted(done, reverse=True)
        found += [day] if prefix else []
    return found


def test_a_stopped_random_order_is_fair_where_the_shortest_order_is_not():
    # near villages first: the shortest way leaves the far ones for later; the draw order does not know
    distances = ways([(k % 20 + 1, 0) for k in range(40)], teams=1)
    near = []
    for seed in range(12):
        ranks = np.random.default_rng(seed).permutation(40) + 1
        work = make_work([(f"v{k}", "t", 9) for k in range(40)]).assign(rank=ranks)
        plan = plan_visits(work, (make_team("g"),), CALENDAR, distances, order="random", made_from="f")
        early = plan.visits[plan.visits["day"] <= 8]["village"].str[1:].astype(int) % 20
        near.append(early.mean())
        taken = work.set_index("village")["rank"][plan.visits[plan.visits["day"] <= 8]["village"]]
        assert sorted(taken) == list(range(1, len(taken) + 1))
    assert abs(np.mean(near) - 9.5) < 2.0
