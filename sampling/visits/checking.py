"""What makes a plan impossible, said with numbers; and what is wrong with a plan that somebody changed."""

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import shortest_path

from sampling.visits.calendar import Calendar
from sampling.visits.ground import Crew, Ground, Job
from sampling.visits.plan import VisitPlan
from sampling.visits.splitting import most_households, resized
from sampling.visits.team import Team
from sampling.words import REPORTED, Problem

WORK_COLUMNS = ("village", "township", "households", "certainty", "rank", "reason")


def check_work(work: pd.DataFrame, teams: Sequence[Team], points: int) -> None:
    """Raise ValueError where the arguments do not belong together."""
    if missing := [name for name in WORK_COLUMNS if name not in work]:
        raise ValueError(f"work must have the columns {', '.join(WORK_COLUMNS)}, got none of {missing}")
    if twice := work.loc[work["village"].duplicated(), "village"].tolist():
        raise ValueError(f"work must have one row per village, got {twice[:3]} twice")
    if not teams:
        raise ValueError("teams must be one or more, got none")
    if points != 1 + len(teams) + len(work):
        raise ValueError(
            f"distances must have seat, teams and villages ({1 + len(teams) + len(work)}), got {points}"
        )


def job_problems(
    jobs: Iterable[Job], crews: Sequence[Crew], ground: Ground, calendar: Calendar
) -> Iterator[Problem]:
    """Every village that no team may visit, that is too far, or whose appointment cannot be kept."""
    seen: set[str] = set()
    for job in jobs:
        if job.village in seen:
            continue
        seen.add(job.village)
        able = [crew for crew in crews if crew.may([job])]
        free = resized(replace(job, fixed=None), min(job.households, 1), calendar)
        if not able:
            teams = sum(len(crew.teams) for crew in crews)
            yield Problem(key="plans.nobody_may", value=job.village, fields={"teams": teams})
        elif not any(ground.fits(crew.base, [free]) for crew in able):
            yield _too_far(free, able, ground)
        elif (
            job.fixed
            and max(most_households(job, crew.base, ground, calendar) for crew in able) < free.households
        ):
            yield _too_late(job, able, ground)


def _too_far(job: Job, crews: Sequence[Crew], ground: Ground) -> Problem:
    metres = min(ground.length(crew.base, [job]) for crew in crews)
    times = [ground.times(crew.base, [job]) for crew in crews]
    minutes = min(found.back - found.leave for found in times if found)
    fields = {
        "km": f"{metres / 1000:.1f}",
        "km_limit": f"{ground.day_metres / 1000:g}",
        "hours": f"{minutes / 60:.1f}",
        "hours_limit": f"{ground.day_minutes / 60:g}",
    }
    return Problem(key="plans.too_far", value=job.village, fields=fields)


def _too_late(job: Job, crews: Sequence[Crew], ground: Ground) -> Problem:
    assert job.fixed
    first = ground.begin + min(int(ground.minutes[crew.base, job.place]) for crew in crews)
    way = min(int(ground.minutes[job.place, crew.base]) for crew in crews)
    last = ground.begin + ground.day_minutes - way
    fields = {"time": clock(job.fixed[1]), "first": clock(first), "last": clock(last)}
    return Problem(key="plans.appointment_time", value=job.village, fields=fields)


def clock(minute: int) -> str:
    """A minute after midnight as HH:MM."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def appointed(
    appointments: Mapping[str, datetime.datetime], villages: Iterable[str], calendar: Calendar
) -> tuple[dict[str, tuple[int, int]], list[Problem]]:
    """The appointments as number of the day and minute, and what is wrong with them."""
    known, fixed, problems = set(villages), {}, []
    for village, time in appointments.items():
        if village not in known:
            problems.append(Problem(key="plans.appointment_unknown", value=village))
        elif (number := day_number(calendar, time.date())) is None:
            fields = {"date": time.date().isoformat()}
            problems.append(Problem(key="plans.appointment_day", value=village, fields=fields))
        else:
            fixed[village] = (number, time.hour * 60 + time.minute)
    return fixed, problems


def day_number(calendar: Calendar, date: datetime.date) -> int | None:
    """The number of a working day, or None if no visits are made then."""
    for number, day in enumerate(calendar.days(), start=1):
        if day >= date:
            return number if day == date else None
    return None


def team_days_at_least(jobs: Sequence[Job], crews: Sequence[Crew], ground: Ground, calendar: Calendar) -> int:
    """Team-days below which no plan can be.

    Notes
    -----
    A round is at least as long as the way to its farthest village and back. So the time at its stops, each
    divided by what a day leaves after the way there and back, adds up to one or less; and so do its
    households, each divided by the most that a day holds in that village alone. Both sums over all stops are
    lower bounds.
    """
    if not jobs:
        return 0
    ways = _ways_there_and_back(crews, ground)
    time = sum(job.minutes / max(ground.day_minutes - ways[job.place], 1) for job in jobs)
    households = 0.0
    for village in {job.place: job for job in jobs}.values():
        free = replace(village, fixed=None)
        most = max(most_households(free, crew.base, ground, calendar) for crew in crews)
        count = sum(job.households for job in jobs if job.place == village.place)
        households += count / max(most, 1)
    return math.ceil(max(time, households) - 1e-9)


def _ways_there_and_back(crews: Sequence[Crew], ground: Ground) -> np.ndarray:
    """Minutes from the nearest base to every point and back, by the shortest way, through others too."""
    bases = sorted({crew.base for crew in crews})
    there, back = (
        shortest_path(ways + 1e-9, indices=bases) for ways in (ground.minutes, ground.minutes.T)
    )  # the dust keeps ways of no minutes, which would be read as no ways
    return np.floor((there + back).min(axis=0))


def days_problem(key: str, wanted: int, days: int, teams: int, there: int) -> Problem:
    """Too few days: team-days wanted and there, and how many days or teams more would do."""
    fields = {
        "wanted": wanted,
        "there": teams * there,
        "teams": teams,
        "days": there,
        "days_more": max(days - there, 1),
        "teams_more": max(math.ceil(wanted / there) - teams, 1) if there else wanted,
    }
    return Problem(key=key, fields=fields)


def plan_problems(
    plan: VisitPlan, work: pd.DataFrame, teams: Sequence[Team], calendar: Calendar
) -> Iterator[Problem]:
    """Every rule that a plan breaks, for one that somebody changed by hand.

    Parameters
    ----------
    plan
        The plan; its kilometres and times are taken as written.
    work
        Every village with its households.
    teams, calendar
        Who may go where, and the limits of a day.

    Yields
    ------
    problem
        A village closed to its team or to an unknown one, a date without visits, a day too long or too far,
        households planned too many or too few.
    """
    names = {team.team: team for team in teams}
    for row in plan.visits.to_dict("records"):
        where = {"team": row["team"], "date": row["date"]}
        if row["team"] not in names:
            yield Problem(key="plans.team_unknown", value=row["village"], fields=where)
        elif not names[row["team"]].may_visit(row["village"], row["township"]):
            yield Problem(key="plans.conflict", value=row["village"], fields=where)
        if day_number(calendar, datetime.date.fromisoformat(row["date"])) is None:
            yield Problem(key="plans.no_workday", value=row["village"], fields=where)
    yield from _long_days(plan.days, calendar)
    planned = plan.visits.groupby("village")["households"].sum()
    for village, wanted in work.set_index("village")["households"].items():
        if (found := planned.get(village)) is None or int(found) != int(wanted):
            fields = {"planned": 0 if found is None else int(found), "wanted": int(wanted)}
            yield Problem(key="plans.households_differ", value=str(village), fields=fields)


def _long_days(days: pd.DataFrame, calendar: Calendar) -> Iterator[Problem]:
    limits = (("plans.day_long", "hours", calendar.hours), ("plans.day_far", "km", calendar.km))
    for row in days.to_dict("records"):
        for key, column, limit in limits:
            if row[column] > limit + 0.005:  # written with two decimals
                fields = {"team": row["team"], "date": row["date"], "limit": f"{limit:g}"}
                yield Problem(key=key, value=f"{row[column]:g}", fields=fields)


def reported(key: str, **fields: object) -> Problem:
    """A note for the reader of a plan."""
    return Problem(key=key, severity=REPORTED, fields=fields)
