"""The rules of a plan of visits, from what inspection teams are told, not from the planner.

Reads the plan as a person with a map and a watch would: the written rows, the villages, the teams, the ways.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

MINUTE = 1.0
"""Times are written in whole minutes."""


def broken(
    plan,
    work: pd.DataFrame,
    teams: Sequence,
    calendar,
    kilometres: np.ndarray,
    *,
    appointments: Mapping[str, datetime.datetime] | None = None,
) -> list[str]:
    """Every rule that the plan breaks, in words; an empty list is a good plan."""
    point = {village: 1 + len(teams) + k for k, village in enumerate(work["village"])}
    base = {team.team: 1 + k for k, team in enumerate(teams)}
    return [
        *_everything_once(plan.visits, work),
        *_nobody_at_home(plan.visits, teams),
        *_days_of_the_calendar(plan.visits, calendar),
        *(
            fault
            for (date, team), rows in plan.visits.groupby(["date", "team"])
            for fault in _one_day(f"{date} {team}", rows, base[team], point, calendar, kilometres)
        ),
        *_same_as_the_days(plan),
        *_appointments(plan.visits, appointments or {}),
    ]


def _everything_once(visits: pd.DataFrame, work: pd.DataFrame) -> Iterator[str]:
    """Every village, and every household of it, is visited once."""
    for row in work.itertuples():
        rows = visits[visits["village"] == row.village]
        if rows.empty:
            yield f"{row.village} is not visited"
        if rows["households"].sum() != row.households:
            yield f"{row.village} has {row.households} households, {rows['households'].sum()} are planned"
        if (rows["township"] != row.township).any():
            yield f"{row.village} is in {row.township}"
    for village in set(visits["village"]) - set(work["village"]):
        yield f"{village} is not in the work"


def _nobody_at_home(visits: pd.DataFrame, teams: Sequence) -> Iterator[str]:
    """Nobody inspects the own village, a relative's, or the one of the wave before."""
    named = {team.team: team for team in teams}
    for row in visits.itertuples():
        team = named[row.team]
        for member in team.members:
            if member.village == row.village:
                yield f"{row.team} has somebody from {row.village}"
            if row.village in member.relatives:
                yield f"{row.team} has relatives in {row.village}"
            if not member.village and member.township and member.township == row.township:
                yield f"{row.team} has somebody from the town {row.township}"
        if row.village in team.before:
            yield f"{row.team} was in {row.village} in the last wave"


def _days_of_the_calendar(visits: pd.DataFrame, calendar) -> Iterator[str]:
    for day, date in visits[["day", "date"]].drop_duplicates().itertuples(index=False):
        when = datetime.date.fromisoformat(date)
        weekend = when.weekday() >= 5
        if (weekend or when in calendar.holidays) and when not in calendar.workdays:
            yield f"{date} is no working day"
        if when < calendar.start or (calendar.end and when > calendar.end):
            yield f"{date} is outside the calendar"
        if day < 1:
            yield f"day {day}"
    if len(visits[["day", "date"]].drop_duplicates()) != visits["date"].nunique():
        yield "a date has two numbers"


def _one_day(
    name: str, rows: pd.DataFrame, base: int, point: Mapping[str, int], calendar, kilometres: np.ndarray
) -> Iterator[str]:
    """A day's round, driven again: the way, the clock, the limits."""
    rows = rows.sort_values("stop")
    if rows["stop"].tolist() != list(range(1, len(rows) + 1)):
        yield f"{name}: stops are {rows['stop'].tolist()}"
    here, ready, driven = base, None, 0.0
    for row in rows.itertuples():
        way = kilometres[here, point[row.village]]
        arrive, leave = minutes(row.arrive), minutes(row.leave)
        if abs(row.km - way) > 0.006:
            yield f"{name}: {row.km} km to {row.village}, really {way:.2f}"
        if ready is not None and arrive < ready + way / calendar.kmh * 60 - 1e-6:
            yield f"{name}: at {row.village} at {row.arrive}, which is too early"
        if ready is None and arrive - way / calendar.kmh * 60 < calendar.begin - 1e-6:
            yield f"{name}: leaves before the day begins"
        needed = calendar.minutes_village + calendar.minutes_household * row.households
        if not needed - 1e-6 <= leave - arrive <= needed + MINUTE:
            yield f"{name}: {leave - arrive} minutes in {row.village} for {row.households} households"
        here, ready, driven = point[row.village], leave, driven + way
    back = kilometres[here, base]
    driven += back
    if driven > calendar.km + 1e-6:
        yield f"{name}: {driven:.2f} km"
    home = ready + back / calendar.kmh * 60
    if home > calendar.begin + calendar.hours * 60 + 1e-6:
        yield f"{name}: back {home:.1f} minutes after midnight"


def _same_as_the_days(plan) -> Iterator[str]:
    """`teams.csv` says the same as `plan.csv`."""
    sums = plan.visits.groupby(["day", "date", "team"]).agg(
        villages=("village", "nunique"), households=("households", "sum"), km=("km", "sum")
    )
    days = plan.days.set_index(["day", "date", "team"]).sort_index()
    if days.index.tolist() != sums.sort_index().index.tolist():
        yield "the team-days differ"
        return
    for column in ("villages", "households"):
        if (days[column] != sums.sort_index()[column]).any():
            yield f"{column} differ"
    if ((days["km"] - days["km_back"] - sums.sort_index()["km"]).abs() > 0.1).any():
        yield "kilometres differ"


def _appointments(visits: pd.DataFrame, appointments: Mapping[str, datetime.datetime]) -> Iterator[str]:
    for village, when in appointments.items():
        rows = visits[(visits["village"] == village) & (visits["date"] == when.date().isoformat())]
        if f"{when:%H:%M}" not in rows["arrive"].tolist():
            yield f"the appointment in {village} is missed"


def minutes(clock: str) -> int:
    """HH:MM as minutes after midnight."""
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)
