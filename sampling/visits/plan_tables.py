"""The rows of `plan.csv` and `teams.csv` from rounds."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sampling.visits.checking import clock
from sampling.visits.ground import Ground, Job, Route
from sampling.visits.plan import DAY_COLUMNS, PLAN_COLUMNS

BETWEEN = "; "
PART = "part "
CERTAINTY, APPOINTMENT, CALL, LEFT, NEW = "certainty", "appointment", "call_again", "left_over", "new"
"""Why a visit stands where it does: the last three for households that were absent, for households that a
team did not get to, and for villages that were not planned before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A route with its team, the number of its day and the date."""

    team: str
    day: int
    date: datetime.date
    route: Route


def visit_rows(rounds: Sequence[Round], ground: Ground) -> pd.DataFrame:
    """The rows of `plan.csv`, sorted by day, team and stop."""
    rows = [row for found in rounds for row in _stops(found, ground)]
    return with_parts(pd.DataFrame(rows, columns=list(PLAN_COLUMNS)))


def _stops(found: Round, ground: Ground) -> list[tuple]:
    base, jobs = found.route.base, found.route.jobs
    times = ground.times(base, jobs)
    assert times is not None, "a round that cannot be made"
    return [
        (
            *(found.day, found.date.isoformat(), found.team, stop, job.township, job.village),
            *(clock(arrive), clock(leave), _km(ground, [leg]), job.households, _reason(job)),
        )
        for stop, (job, (arrive, leave), leg) in enumerate(
            zip(jobs, times.stops, ground.legs(base, jobs), strict=False), start=1
        )
    ]


def _reason(job: Job) -> str:
    return joined([job.reason, CERTAINTY * job.certainty, APPOINTMENT * (job.fixed is not None)])


def joined(codes: Sequence[str]) -> str:
    """Codes as one text, each once."""
    return BETWEEN.join(dict.fromkeys(code for text in codes for code in text.split(BETWEEN) if code))


def codes_of(reason: str) -> list[str]:
    """The codes of a reason without the part, which depends on the other visits."""
    return [code for code in reason.split(BETWEEN) if code and not code.startswith(PART)]


def is_call(job: Job) -> bool:
    """Whether a visit is to households that were absent."""
    return CALL in codes_of(job.reason)


def with_parts(visits: pd.DataFrame) -> pd.DataFrame:
    """The rows sorted, with "part 2 of 3" in the reason where a village is visited more than once."""
    visits = visits.sort_values(["day", "team", "stop"], ignore_index=True)
    groups = visits.sort_values(["day", "arrive", "team"])["village"]
    numbers = (groups.groupby(groups).cumcount() + 1).sort_index()
    counts = groups.groupby(groups).transform("size").sort_index()
    visits["reason"] = [
        joined([*codes_of(reason), f"{PART}{number} of {count}" if count > 1 else ""])
        for reason, number, count in zip(visits["reason"], numbers, counts, strict=True)
    ]
    return visits


def day_rows(rounds: Sequence[Round], ground: Ground) -> pd.DataFrame:
    """The rows of `teams.csv`, sorted by day and team."""
    rows = [_day(found, ground) for found in rounds]
    days = pd.DataFrame(rows, columns=list(DAY_COLUMNS))
    return days.sort_values(["day", "team"], ignore_index=True)


def _day(found: Round, ground: Ground) -> Mapping[str, object]:
    base, jobs = found.route.base, found.route.jobs
    times, legs = ground.times(base, jobs), ground.legs(base, jobs)
    assert times is not None, "a round that cannot be made"
    return {
        "day": found.day,
        "date": found.date.isoformat(),
        "team": found.team,
        "villages": len({job.village for job in jobs}),
        "households": sum(job.households for job in jobs),
        "leave": clock(times.leave),
        "back": clock(times.back),
        "km": _km(ground, legs),
        "km_back": _km(ground, legs[-1:]),
        "hours": round((times.back - times.leave) / 60, 2),
    }


def _km(ground: Ground, legs: Sequence[tuple[int, int]]) -> float:
    return round(float(sum(ground.km[leg] for leg in legs)), 2)
