"""Plans of visits, checked by rules that know nothing of the planner."""

import datetime
import re
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from visits_ground import MONDAY, county, make_team, make_work, routes_80, ways
from visits_rules import broken

from sampling.visits import planning, regions, searching
from sampling.visits.calendar import Calendar
from sampling.visits.checking import plan_problems
from sampling.visits.distances import from_degrees, from_table, unknown
from sampling.visits.planning import plan_visits
from sampling.visits.team import Team
from sampling.words import LANGUAGES, InputError

CALENDAR = Calendar(start=MONDAY)


@cache
def plan_of_80():
    """The plan of the 80 villages, made once."""
    return plan(*routes_80())


def plan(work, teams, calendar, distances, **options):
    return plan_visits(work, teams, calendar, distances, made_from="f", **options)


def refused(*arguments, **options):
    with pytest.raises(InputError) as error:
        plan(*arguments, **options)
    for problem in error.value.problems:
        assert all(problem.to_line(lang) for lang in LANGUAGES)
    return error.value.problems


def line(count: int, *, households: int = 4, step: float = 1.0, teams: int = 2):
    """Villages along a road from the seat, in towns of five."""
    work = make_work([(f"v{k:03d}", f"t{k // 5}", households) for k in range(count)])
    crew = tuple(make_team(f"g{k}") for k in range(teams))
    return work, crew, CALENDAR, ways([(step * (k + 1), 0) for k in range(count)], teams=teams)


def test_80_villages_take_at_most_16_team_days_and_1250_km():
    case = routes_80()
    found = plan(*case)
    assert broken(found, *case[:3], case[3].matrix()) == []
    assert len(found.days) <= 16
    assert found.days["km"].sum() <= 1250
    assert found.notes == ()


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("households", 99, "are planned"),
        ("team", "team 8", "from the town t08"),
        ("date", "2026-06-06", "no working day"),
        ("arrive", "08:31", "too early|before the day begins"),
        ("leave", "18:00", "minutes in|back"),
        ("km", 1.0, "really"),
        ("stop", 7, "stops are"),
        ("village", "v79", "is not visited"),
    ],
)
def test_the_rules_see_a_plan_that_was_tampered_with(column, value, fault):
    case, found = routes_80(), plan_of_80()
    visits = found.visits.copy()
    row = visits.index[(visits["township"] == "t08") & (visits["village"] != "v79")][0]
    visits.loc[row, column] = value
    faults = broken(replace(found, visits=visits), *case[:3], case[3].matrix())
    assert any(re.search(fault, text) for text in faults)


def test_the_synthetic_county_is_planned_without_breaking_a_rule():
    case = county()
    found = plan(*case)
    assert broken(found, *case[:3], case[3].matrix()) == []
    assert list(plan_problems(found, case[0], case[1], case[2])) == []
    assert found.visits["village"].nunique() == len(case[0]) > 100
    assert len(found.days) <= 1.07 * floor_of_team_days(case)


def floor_of_team_days(case) -> float:
    """Team-days that no plan can undercut: all teams start at the seat, and straight lines are shortest ways.

    A day in several villages holds no more households than one in the farthest of them alone.
    """
    work, _, calendar, distances = case
    way = 2 * distances.matrix()[0, -len(work) :] / calendar.kmh * 60
    room = calendar.hours * 60 - way - calendar.minutes_village
    return float((work["households"] / np.floor(room / calendar.minutes_household)).sum())


def test_the_same_input_gives_the_same_plan():
    first, second = plan_of_80(), plan(*routes_80())
    pd.testing.assert_frame_equal(first.visits, second.visits)
    pd.testing.assert_frame_equal(first.days, second.days)


def test_a_village_too_big_for_a_day_is_visited_in_full_days_and_a_rest():
    work = make_work([("big", "a", 40), ("small", "a", 2)])
    case = work, (make_team("g1"), make_team("g2")), CALENDAR, ways([(10, 0), (11, 0)], teams=2)
    found = plan(*case)
    assert broken(found, *case[:3], case[3].matrix()) == []
    # 480 minutes, 2 x 20 for the way, 60 to set up: (480 - 40 - 60) / 25 = 15 households
    big = found.visits[found.visits["village"] == "big"].sort_values(["day", "arrive"])
    assert sorted(big["households"]) == [10, 15, 15]
    assert big["reason"].tolist() == ["part 1 of 3", "part 2 of 3", "part 3 of 3"]
    assert len(found.days) == 3
    assert [note.key for note in found.notes] == ["plans.split"]


def test_villages_without_a_household_are_visited_too():
    case = line(3, households=0)
    found = plan(*case)
    assert broken(found, *case[:3], case[3].matrix()) == []
    assert len(found.visits) == 3


def test_a_team_is_never_sent_home_even_if_it_costs_days():
    work, _, calendar, distances = line(10)
    at_home = replace(make_team("g1", township="t0"), before=frozenset({"v005"}))
    teams = (at_home, make_team("g2", village="v009", relatives=["v006"]))
    found = plan(work, teams, calendar, distances)
    assert broken(found, work, teams, calendar, distances.matrix()) == []
    taken = found.visits.set_index("village")["team"].sort_index()
    assert set(taken["v000":"v005"]) == {"g2"} and taken["v006"] == taken["v009"] == "g1"


def test_days_begin_and_end_at_the_own_base_of_a_team():
    villages = [(10, 0), (11, 0), (-10, 0), (-11, 0)]
    work = make_work([(f"v{k}", "a", 5) for k in range(4)])
    teams = (make_team("east"), make_team("west"))
    distances = ways(villages, bases=[(9, 0), (-9, 0)])
    found = plan(work, teams, CALENDAR, distances)
    assert broken(found, work, teams, CALENDAR, distances.matrix()) == []
    taken = found.visits.set_index("village")["team"]
    assert taken.sort_index().tolist() == ["east", "east", "west", "west"]


def test_certainty_villages_are_visited_in_the_first_days():
    rows = [(f"v{k:03d}", f"t{k // 5}", 8, k in {7, 19, 23}) for k in range(30)]
    work = make_work(rows)
    distances = ways([(3 + k % 6, k // 6) for k in range(30)], teams=2)
    found = plan(work, (make_team("g1"), make_team("g2")), CALENDAR, distances)
    first = found.visits[found.visits["reason"].str.contains("certainty")]
    assert first["day"].max() <= 2
    assert found.visits["day"].max() >= 8


def test_appointments_are_kept_to_the_minute():
    case = line(12)
    times = {
        "v003": datetime.datetime(2026, 6, 3, 9, 0),
        "v010": datetime.datetime(2026, 6, 2, 12, 30),
        "v000": datetime.datetime(2026, 6, 12, 10, 0),
    }
    found = plan(*case, appointments=times)
    assert broken(found, *case[:3], case[3].matrix(), appointments=times) == []
    assert found.visits.set_index("village")["reason"]["v010"] == "appointment"


def test_appointments_hold_in_a_random_order_too():
    case = line(40)
    times = {"v038": datetime.datetime(2026, 6, 1, 11, 0), "v001": datetime.datetime(2026, 6, 9, 9, 30)}
    found = plan(*case, appointments=times, order="random")
    assert broken(found, *case[:3], case[3].matrix(), appointments=times) == []


@pytest.mark.parametrize(
    ("village", "time", "key"),
    [
        ("nowhere", datetime.datetime(2026, 6, 1, 9, 0), "plans.appointment_unknown"),
        ("v001", datetime.datetime(2026, 6, 6, 9, 0), "plans.appointment_day"),
        ("v001", datetime.datetime(2026, 6, 1, 8, 31), "plans.appointment_time"),
        ("v001", datetime.datetime(2026, 6, 1, 16, 0), "plans.appointment_time"),
    ],
)
def test_an_appointment_that_cannot_be_kept_is_named(village, time, key):
    (problem,) = refused(*line(3), appointments={village: time})
    assert (problem.key, problem.value) == (key, village)


def test_two_appointments_at_once_are_too_many_for_one_team():
    case = line(3, teams=1)
    times = {village: datetime.datetime(2026, 6, 2, 10, 0) for village in ("v000", "v002")}
    (problem,) = refused(*case, appointments=times)
    assert problem.key == "plans.appointments_clash"


def test_a_village_that_nobody_may_visit_and_one_too_far_are_both_named():
    work = make_work([("home", "a", 3), ("far", "b", 3), ("fine", "b", 3)])
    teams = tuple(make_team(f"g{k}", village="home") for k in range(3))
    distances = ways([(1, 0), (70, 0), (2, 0)], teams=3)
    problems = {problem.value: problem for problem in refused(work, teams, CALENDAR, distances)}
    assert set(problems) == {"home", "far"}
    assert problems["home"].key == "plans.nobody_may" and problems["home"].fields["teams"] == 3
    assert problems["far"].key == "plans.too_far"
    assert (problems["far"].fields["km"], problems["far"].fields["km_limit"]) == ("182.0", "150")


def test_600_households_in_one_day_are_refused_with_what_is_short():
    work = make_work([(f"v{k}", "a", 60) for k in range(10)])
    teams = tuple(make_team(f"g{k}") for k in range(8))
    calendar = replace(CALENDAR, end=MONDAY)
    (problem,) = refused(work, teams, calendar, ways([(5, k) for k in range(10)], teams=8))
    assert problem.key == "plans.too_few_days"
    wanted = problem.fields["wanted"]
    assert problem.fields["there"] == 8
    # at least what the time in the households needs, at most 15 households in a day
    assert 600 * 25 / 480 <= wanted <= 600 / 15
    assert problem.fields["days_more"] == -(-wanted // 8) - 1
    assert problem.fields["teams_more"] == wanted - 8


def test_days_that_only_the_search_shows_to_be_too_few_are_refused_too():
    # two villages of 9 households a day each do not fit together, although hours would do on average
    work, teams, _, distances = line(9, households=8, step=1.0, teams=1)
    calendar = replace(CALENDAR, end=MONDAY + datetime.timedelta(days=4))
    (problem,) = refused(work, teams, calendar, distances)
    assert problem.key.startswith("plans.too_few")
    assert problem.fields["days_more"] >= 1


def test_most_of_the_work_for_one_team_is_planned_without_trying_every_day():
    work, _, calendar, distances = line(60, households=13, step=0.1, teams=4)
    homes = [make_team(f"g{k}", relatives=work["village"][6:]) for k in range(3)]
    teams = (*homes, make_team("g3"))
    searches = []
    with pytest.MonkeyPatch.context() as patch:
        search = planning.solver.routes
        patch.setattr(planning.solver, "routes", lambda *a, **k: searches.append(a[2]) or search(*a, **k))
        found = plan(work, teams, calendar, distances)
    assert broken(found, work, teams, calendar, distances.matrix()) == []
    assert found.visits["day"].max() == 54 and len(found.days) == 60
    assert len(searches) < 10


def test_more_team_days_on_fewer_days_are_taken_only_where_the_calendar_is_short():
    # only g1 may go to the a's. A day holds two a's (235 minutes each), or an a and a b (135 minutes, and 55
    # to get there), but not two b's, which lie 110 minutes apart
    work = make_work([("a1", "t", 7), ("a2", "t", 7), ("b1", "t", 3), ("b2", "t", 3)])
    others = [make_team(name, relatives=["a1", "a2"]) for name in ("g2", "g3")]
    teams = (make_team("g1"), *others)
    distances = ways([(0, 0), (0, 0), (28.2, 0), (-28.2, 0)], teams=3)
    for end, days, team_days in ((None, 2, 2), (MONDAY, 1, 3)):
        calendar = replace(CALENDAR, end=end)
        found = plan(work, teams, calendar, distances)
        assert broken(found, work, teams, calendar, distances.matrix()) == []
        assert (found.visits["day"].max(), len(found.days)) == (days, team_days)


def test_holidays_and_weekends_are_no_days():
    holidays = frozenset({MONDAY, MONDAY + datetime.timedelta(days=2)})
    calendar = replace(CALENDAR, holidays=holidays, workdays=frozenset({datetime.date(2026, 6, 6)}))
    work, teams, _, distances = line(30, households=8, teams=1)
    found = plan(work, teams, calendar, distances)
    assert broken(found, work, teams, calendar, distances.matrix()) == []
    assert found.visits["date"].drop_duplicates().tolist()[:4] == [
        "2026-06-02", "2026-06-04", "2026-06-05", "2026-06-06",
    ]  # fmt: skip


def test_villages_without_coordinates_are_planned_by_town_with_a_note():
    work = make_work([(f"v{k:03d}", f"t{k % 20:02d}", 5) for k in range(100)])
    teams = tuple(make_team(f"g{k}", township=f"t0{k}") for k in range(8))
    nowhere = unknown(109)
    found = plan(work, teams, CALENDAR, nowhere)
    written = replace(found, visits=found.visits.assign(km=0.0), days=found.days.assign(km=0.0, km_back=0.0))
    assert broken(written, work, teams, CALENDAR, nowhere.matrix()) == []
    assert found.visits["km"].isna().all()
    assert [note.key for note in found.notes] == ["plans.distances_unknown"]
    towns = found.visits.groupby(["day", "team"])["township"].nunique()
    assert towns.mean() < 1.8  # three or four villages a day: chance would mix about three towns
    repeats = found.visits.groupby(["day", "team"])["township"].apply(lambda t: (t != t.shift()).sum())
    assert (repeats == towns).all()  # a town is never left and entered again on one day


def test_a_region_split_keeps_every_rule(monkeypatch):
    monkeypatch.setattr(regions, "LARGEST", 20)
    case = routes_80()
    found = plan(*case)
    assert broken(found, *case[:3], case[3].matrix()) == []
    assert len(found.days) <= 20


def test_the_greedy_way_keeps_every_rule_and_says_that_it_was_used(monkeypatch):
    monkeypatch.setattr(planning.solver, "pyvrp", None)
    case = routes_80()
    found = plan(*case)
    assert broken(found, *case[:3], case[3].matrix()) == []
    assert [note.key for note in found.notes] == ["plans.greedy"]
    assert len(found.days) <= 20


@given(data=st.data())
@settings(max_examples=15, deadline=None)
@pytest.mark.parametrize("greedy", [False, True])
def test_no_plan_breaks_a_rule(greedy, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    villages, teams = data.draw(st.integers(1, 14)), data.draw(st.integers(1, 4))
    towns = [f"t{k}" for k in rng.integers(0, 4, villages)]
    rows = [(f"v{k}", towns[k], int(rng.integers(0, 30)), bool(rng.random() < 0.2)) for k in range(villages)]
    work = make_work(rows)
    crew = tuple(make_team(f"g{k}", village=f"v{rng.integers(0, 2 * villages)}") for k in range(teams))
    bases = rng.normal(0, 5, (teams, 2)) if data.draw(st.booleans()) else ()
    distances = ways(rng.normal(0, 12, (villages, 2)), bases=bases, teams=teams)
    order = data.draw(st.sampled_from(planning.ORDERS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "ITERATIONS", 100)
        if greedy:
            patch.setattr(planning.solver, "pyvrp", None)
        try:
            found = plan(work, crew, CALENDAR, distances, order=order)
        except InputError as error:
            keys = Counter(problem.key for problem in error.problems)
            assert set(keys) <= {"plans.nobody_may", "plans.too_far"}
            closed = [v for v, t in zip(work["village"], work["township"], strict=True)
                      if not any(team.may_visit(v, t) for team in crew)]  # fmt: skip
            assert keys["plans.nobody_may"] == len(closed)
        else:
            assert broken(found, work, crew, CALENDAR, distances.matrix()) == []


def test_a_plan_changed_by_hand_is_told_what_it_breaks():
    work, _, calendar, distances = line(6)
    teams = (make_team("g1", village="v000"), make_team("g2"))
    found = plan(work, teams, calendar, distances)
    visits = found.visits.copy()
    visits.loc[visits["village"] == "v000", "team"] = "g1"
    visits.loc[visits["village"] == "v001", "date"] = "2026-06-07"
    visits.loc[visits["village"] == "v002", "households"] += 1
    visits.loc[visits["village"] == "v003", "team"] = "g9"
    days = found.days.assign(hours=9.5, km=151.0)
    problems = list(plan_problems(replace(found, visits=visits, days=days), work, teams, calendar))
    keys = Counter(problem.key for problem in problems)
    for key in ("conflict", "no_workday", "households_differ", "team_unknown"):
        assert keys.pop(f"plans.{key}") == 1
    assert keys == {"plans.day_long": len(days), "plans.day_far": len(days)}
    assert all(problem.to_line(lang) for problem in problems for lang in LANGUAGES)


def test_arguments_that_do_not_belong_together_are_refused():
    work, teams, calendar, distances = line(3)
    with pytest.raises(ValueError, match="order must be"):
        plan(work, teams, calendar, distances, order="fast")
    with pytest.raises(ValueError, match="tickets must be"):
        plan(work, teams, calendar, distances, assignment="random")
    with pytest.raises(ValueError, match="distances must have"):
        plan(work, teams[:1], calendar, distances)
    with pytest.raises(ValueError, match="one row per village"):
        plan(pd.concat([work, work]), teams, calendar, distances)


def test_progress_is_told():
    told = []
    plan(*line(3), progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (1, 1)


def test_places_on_the_globe_and_measured_ways_are_planned_too():
    work = make_work([(f"v{k}", "a", 6) for k in range(6)])
    teams = (make_team("g1"), make_team("g2"))
    seat, east = (115.7, 24.1), [(115.72 + k / 50, 24.1) for k in range(6)]
    globe = from_degrees(np.array([seat, seat, seat, *east]), 1.4)
    names = ["seat", "seat", "seat", *work["village"]]
    stretches = list(zip(["seat", *work["village"]], work["village"], strict=False))
    rows = pd.DataFrame([(a, b, "3.5") for a, b in stretches], columns=["from", "to", "km"])
    for distances in (globe, from_table(rows, names)):
        found = plan(work, teams, CALENDAR, distances)
        assert broken(found, work, teams, CALENDAR, distances.matrix()) == []


def test_a_team_of_one_is_refused():
    lonely = Team(team="g1", members=make_team("g1").members[:1])
    work, _, calendar, distances = line(3, teams=1)
    (problem,) = refused(work, (lonely,), calendar, distances)
    assert problem.key.endswith(".too_few_members")
