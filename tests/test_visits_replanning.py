"""New plans for what is not done: checked by the rules, and by what may have moved."""

import datetime
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from visits_ground import MONDAY, county, make_team, make_work, routes_80, ways
from visits_rules import broken

from sampling.visits import searching
from sampling.visits.calendar import Calendar
from sampling.visits.diary import Absence, Closure
from sampling.visits.plan import DAY_COLUMNS, PLAN_COLUMNS
from sampling.visits.planning import plan_visits
from sampling.visits.replanning import CALL_DAYS, changes, replan_visits
from sampling.words import LANGUAGES

CALENDAR = Calendar(start=MONDAY)
BEFORE = MONDAY - datetime.timedelta(days=1)


@cache
def planned(make):
    """A case and its plan, made once."""
    case = make()
    return case, plan_visits(*case, made_from="f")


def left(work: pd.DataFrame, plan, done: datetime.date) -> pd.DataFrame:
    """The work when all visits up to a day are done and everybody was at home."""
    over = plan.visits[plan.visits["date"] <= done.isoformat()].groupby("village")["households"].sum()
    return work.assign(households=work["households"] - work["village"].map(over).fillna(0).astype(int))


def slots(visits: pd.DataFrame) -> set[tuple]:
    """Who is where on which day for how many households."""
    return set(visits[["date", "team", "village", "households"]].itertuples(index=False, name=None))


def weekday(number: int) -> datetime.date:
    return CALENDAR.day(number)


def test_nothing_moves_if_nothing_happened():
    case, plan = planned(routes_80)
    for done in (BEFORE, MONDAY):
        again = replan_visits(plan, left(case[0], plan, done), *case[1:], done_until=done)
        pd.testing.assert_frame_equal(again.visits, plan.visits)
        pd.testing.assert_frame_equal(again.days, plan.days)
        assert changes(plan, again).empty
        assert again.made_from == "f" and again.notes == ()


def test_what_is_over_stays_whatever_happens():
    case, plan = planned(county)
    done = weekday(5)
    rest = left(case[0], plan, done)
    again = replan_visits(
        plan, rest, *case[1:], done_until=done, sick=[Absence(team=case[1][0].team)],
        closed=[Closure(village=plan.visits["village"][0])],
    )  # fmt: skip
    old, new = (p.visits[p.visits["date"] <= done.isoformat()] for p in (plan, again))
    pd.testing.assert_frame_equal(old.drop(columns="reason"), new.drop(columns="reason"))


def test_a_sick_team_and_a_closed_village_in_the_county_move_only_their_visits():
    case, plan = planned(county)
    done = weekday(3)
    team = case[1][2].team
    village = plan.visits[plan.visits["date"] > weekday(6).isoformat()]["village"].iloc[0]
    sick = [Absence(team=team, first=weekday(4), last=weekday(8))]
    closed = [Closure(village=village, last=weekday(12))]
    again = replan_visits(
        plan, left(case[0], plan, done), *case[1:], done_until=done, sick=sick, closed=closed
    )
    assert broken(again, *case[:3], case[3].matrix()) == []
    ahead = plan.visits[plan.visits["date"] > done.isoformat()]
    hit = ahead["team"].eq(team) & ahead["date"].between(weekday(4).isoformat(), weekday(8).isoformat())
    hit |= ahead["village"].eq(village) & ahead["date"].le(weekday(12).isoformat())
    assert slots(ahead[~hit]) <= slots(again.visits)
    told = changes(plan, again)
    assert set(told["change"]) <= {"moved", "time", "added"}
    assert (told["change"] == "moved").sum() == hit.sum() > 0
    away = again.visits["team"].eq(team) & again.visits["date"].between(
        weekday(4).isoformat(), weekday(8).isoformat()
    )
    assert not away.any()
    there = again.visits[again.visits["village"] == village]["date"]
    assert (there[there > done.isoformat()] > weekday(12).isoformat()).all()


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_after_one_road_and_one_team_at_most_the_affected_visits_move(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    villages, teams = data.draw(st.integers(4, 18)), data.draw(st.integers(2, 4))
    rows = [
        (f"v{k}", f"t{k % 3}", int(rng.integers(0, 25)), bool(rng.random() < 0.2)) for k in range(villages)
    ]
    work = make_work(rows)
    crew = tuple(make_team(f"g{k}", village=f"v{k}") for k in range(teams))
    distances = ways(rng.normal(0, 8, (villages, 2)), teams=teams)
    case = (work, crew, CALENDAR, distances)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "ITERATIONS", 100)
        plan = plan_visits(*case, made_from="f")
    last = plan.visits["day"].max()
    done = CALENDAR.day(data.draw(st.integers(0, last)) or 1) if data.draw(st.booleans()) else BEFORE
    sick = Absence(team=f"g{data.draw(st.integers(0, teams - 1))}", last=data.draw(day_or_none(last)))
    pair = data.draw(st.booleans())
    a, b = data.draw(st.permutations([f"v{k}" for k in range(villages)]))[:2]
    road = Closure(village=a, to=b if pair else "", last=data.draw(day_or_none(last)))
    if not pair and road.last is None:
        road = replace(road, last=CALENDAR.day(int(last) + 2))
    again = replan_visits(
        plan, left(work, plan, done), *case[1:], done_until=done, sick=[sick], closed=[road]
    )
    out = {
        note.fields["village"]: note.fields["households"]
        for note in again.notes
        if note.key == "plans.left_out"
    }
    for village in out:  # only what the other teams may not visit while one is away for good
        assert sick.last is None
        assert not any(t.may_visit(village, "") for t in crew if t.team != sick.team)
    reachable = work[~work["village"].isin(out)]
    whole = replace_visits(again, again.visits[~again.visits["village"].isin(out)])
    if not out:
        assert broken(whole, reachable, crew, CALENDAR, distances.matrix()) == []
    affected = hit_by(plan, done, sick, road)
    stay = plan.visits[~affected]
    assert slots(stay) <= slots(again.visits)
    assert not hit_by(again, done, sick, road).any()
    assert len(changes(plan, again).query("change == 'moved'")) <= affected.sum()


def day_or_none(last: int) -> st.SearchStrategy:
    return st.none() | st.integers(1, int(last)).map(CALENDAR.day)


def replace_visits(plan, visits: pd.DataFrame):
    return replace(plan, visits=visits)


def hit_by(plan, done: datetime.date, sick: Absence, road: Closure) -> pd.Series:
    """Visits that cannot be made: of the sick team, in the closed village, right after the closed way."""
    visits = plan.visits
    ahead = visits["date"] > done.isoformat()
    until = [when.last.isoformat() if when.last else "9999" for when in (sick, road)]
    ill = visits["team"].eq(sick.team) & visits["date"].le(until[0])
    before = visits.groupby(["date", "team"])["village"].shift().fillna("")
    if road.to:
        ends = {(road.village, road.to), (road.to, road.village)}
        shut = pd.Series(
            [pair in ends for pair in zip(before, visits["village"], strict=True)], index=visits.index
        )
    else:
        shut = visits["village"].eq(road.village)
    return ahead & (ill | (shut & visits["date"].le(until[1])))


def test_absent_households_are_called_again_in_the_next_days():
    case, plan = planned(county)
    done = weekday(2)
    over = plan.visits[plan.visits["date"] <= done.isoformat()]["village"].unique()
    calls = dict.fromkeys(over[:10], 2)
    again = replan_visits(plan, left(case[0], plan, done), *case[1:], done_until=done, call_again=calls)
    visits = again.visits[again.visits["reason"].str.contains("call_again")]
    assert visits.groupby("village")["households"].sum().to_dict() == calls
    assert visits["date"].between(weekday(3).isoformat(), weekday(2 + CALL_DAYS).isoformat()).all()
    total = case[0].assign(
        households=case[0]["households"] + case[0]["village"].map(calls).fillna(0).astype(int)
    )
    assert broken(again, total, *case[1:3], case[3].matrix()) == []
    assert (changes(plan, again)["change"] == "moved").sum() <= len(calls)
    assert again.notes == ()
    once_more = replan_visits(again, left(case[0], plan, done), *case[1:], done_until=done, call_again=calls)
    assert changes(again, once_more).empty
    fewer = {village: 1 for village in over[:5]}
    reached = replan_visits(again, left(case[0], plan, done), *case[1:], done_until=done, call_again=fewer)
    visits = reached.visits[reached.visits["reason"].str.contains("call_again")]
    assert visits.groupby("village")["households"].sum().to_dict() == fewer
    assert set(changes(again, reached)["change"]) <= {"dropped", "households", "time"}


def test_a_call_is_an_added_visit_and_not_one_that_moved():
    case, plan = planned(county)
    done = weekday(1)
    village = plan.visits[plan.visits["date"] == done.isoformat()]["village"].iloc[-1]
    team = plan.visits[plan.visits["village"] == village]["team"].iloc[-1]
    again = replan_visits(
        plan,
        left(case[0], plan, done),
        *case[1:],
        done_until=done,
        sick=[Absence(team=team)],
        call_again={village: 1},
    )
    told = changes(plan, again).query("village == @village")
    assert told[told["change"] == "added"]["households_after"].tolist() == [1]
    moved = told[told["change"] == "moved"]
    assert moved["households_before"].tolist() == moved["households_after"].tolist()


def test_households_left_over_and_new_villages_come_in_and_dropped_ones_go():
    case, plan = planned(routes_80)
    first, late = plan.visits.iloc[0], plan.visits[plan.visits["day"] == 2].iloc[0]
    gone = plan.visits[plan.visits["day"] == 2].iloc[1]["village"]
    work = left(case[0], plan, MONDAY).set_index("village")
    work.loc[first["village"], "households"] = 3  # the team did not get to them
    work.loc[late["village"], "households"] += 1
    work.loc[gone, "households"] = 0
    again = replan_visits(plan, work.reset_index(), *case[1:], done_until=MONDAY)
    told = changes(plan, again).set_index("village")
    assert told["change"][gone] == "dropped"
    extra = again.visits[(again.visits["village"] == first["village"]) & (again.visits["day"] > 1)]
    assert extra["households"].tolist() == [3] and "left_over" in extra["reason"].iloc[0]
    assert again.visits.groupby("village")["households"].sum()[late["village"]] == late["households"] + 1


def test_a_reserve_that_nobody_had_planned_is_planned():
    work, teams, distances = (
        make_work([(f"v{k}", "t", 8) for k in range(7)]), (make_team("g1"), make_team("g2")),
        ways([(k + 1, 0) for k in range(7)], teams=2),
    )  # fmt: skip
    plan = plan_visits(
        work.head(6), teams, CALENDAR, ways([(k + 1, 0) for k in range(6)], teams=2), made_from="f"
    )
    again = replan_visits(
        plan,
        work.assign(reason=["", "", "", "", "", "", "reserve"]),
        teams,
        CALENDAR,
        distances,
        done_until=BEFORE,
    )
    assert broken(again, work, teams, CALENDAR, distances.matrix()) == []
    (row,) = again.visits[again.visits["village"] == "v6"].to_dict("records")
    assert row["reason"] == "reserve; new"
    assert changes(plan, again).query("change != 'time'")["change"].tolist() == ["added"]


def test_an_appointment_of_a_sick_team_is_kept_by_another():
    work = make_work([(f"v{k}", "t", 4) for k in range(8)])
    teams = (make_team("g1"), make_team("g2"))
    distances = ways([(k + 1, 0) for k in range(8)], teams=2)
    when = {"v3": datetime.datetime(2026, 6, 3, 10, 0)}
    plan = plan_visits(work, teams, CALENDAR, distances, appointments=when, made_from="f")
    team = plan.visits.set_index("village")["team"]["v3"]
    again = replan_visits(
        plan, work, teams, CALENDAR, distances, done_until=BEFORE, sick=[Absence(team=team)]
    )
    assert broken(again, work, teams, CALENDAR, distances.matrix(), appointments=when) == []
    assert set(again.visits["team"]) == {"g1", "g2"} - {team}


def test_what_fits_nowhere_is_named_with_its_households():
    work = make_work([(f"v{k}", "t", 14) for k in range(4)])
    teams = (make_team("g1"), make_team("g2"))
    distances = ways([(k + 1, 0) for k in range(4)], teams=2)
    calendar = replace(CALENDAR, end=MONDAY + datetime.timedelta(days=1))
    plan = plan_visits(work, teams, calendar, distances, made_from="f")
    again = replan_visits(
        plan, work, teams, calendar, distances, done_until=BEFORE, sick=[Absence(team="g1")]
    )
    assert {note.key for note in again.notes} == {"plans.left_out"}
    assert sum(note.fields["households"] for note in again.notes) == 28
    assert all(note.to_line(lang) for note in again.notes for lang in LANGUAGES)


def test_everything_over_leaves_an_empty_rest():
    case, plan = planned(routes_80)
    again = replan_visits(plan, left(case[0], plan, weekday(9)), *case[1:], done_until=weekday(9))
    pd.testing.assert_frame_equal(again.visits, plan.visits)
    assert tuple(again.visits) == PLAN_COLUMNS and tuple(again.days) == DAY_COLUMNS


def test_a_call_in_a_village_outside_the_work_is_refused():
    case, plan = planned(routes_80)
    with pytest.raises(ValueError, match="call_again"):
        replan_visits(plan, *case, done_until=MONDAY, call_again={"nowhere": 1})
