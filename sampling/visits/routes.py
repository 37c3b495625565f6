"""Rounds by PyVRP: fewest team-days first, then the shortest way, within the hard limits of a day."""

import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from sampling.visits.ground import Crew, Ground, Job, Route

pyvrp: Any = import_module("pyvrp") if find_spec("pyvrp") else None
"""There is none for macOS on Intel."""
SEED = 1
TEAM_DAY = 1_000_000
"""What a team-day costs in metres: more than any detour that would save one."""
MINUTE = 60
"""Minutes are counted in seconds: PyVRP's penalty for a unit too late has a ceiling, and it must hurt."""
MIDNIGHT = 24 * 60 * MINUTE


def routes(
    jobs: Sequence[Job], crews: Sequence[Crew], days: int, ground: Ground, *, iterations: int
) -> list[Route] | None:
    """Rounds that make all stops in `days` days, or None if none were found.

    Parameters
    ----------
    jobs
        The stops.
    crews
        The teams, those that are alike together.
    days
        How many days each team has; days of appointments after them come on top.
    ground
        Ways and limits.
    iterations
        How long to search: a number of steps, not a time, so that a plan can be made again.

    Notes
    -----
    PyVRP knows no skills: each crew has a profile of its own, in which the way to a village that is closed to
    it is longer than a day may be. Appointments put days on one axis of time, each with vehicles of its own.
    """
    bases = sorted({crew.base for crew in crews})
    points = bases + [job.place for job in jobs]
    kinds = _kinds(jobs, crews, days)
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0)] * len(points),
        [_client(job, len(bases) + place) for place, job in enumerate(jobs)],
        [pyvrp.Depot(place) for place in range(len(bases))],
        [_vehicle(k, day, number, bases.index(crews[k].base), ground) for k, day, number in kinds],
        [_ways(crew, points, len(bases), ground) for crew in crews],
        [ground.minutes[np.ix_(points, points)] * MINUTE] * len(crews),
        [],
        [],
    )
    stop = pyvrp.stop.MaxIterations(iterations)
    with warnings.catch_warnings():  # that it is hard to find a round is told by what is returned
        warnings.simplefilter("ignore", pyvrp.exceptions.PenaltyBoundWarning)
        best = pyvrp.solve(data, stop, seed=SEED, collect_stats=False).best
    if not best.is_feasible():
        return None
    return [_route(found, jobs, crews, kinds[found.vehicle_type()]) for found in best.routes()]


def _kinds(jobs: Sequence[Job], crews: Sequence[Crew], days: int) -> list[tuple[int, int | None, int]]:
    """The kinds of team-days: crew, day (None is any day without appointments), and how many there are."""
    appointed = sorted({job.fixed[0] for job in jobs if job.fixed})
    free = days - sum(day <= days for day in appointed)
    kinds = [
        (k, day, len(crew.teams) * (free if day is None else 1))
        for k, crew in enumerate(crews)
        for day in (None, *appointed)
    ]
    return [kind for kind in kinds if kind[2] > 0]


def _client(job: Job, location: int) -> Any:
    window = {}
    if job.fixed:
        start = job.fixed[0] * MIDNIGHT + job.fixed[1] * MINUTE
        window = {"tw_early": start, "tw_late": start}
    return pyvrp.Client(location=location, service_duration=job.minutes * MINUTE, **window)


def _vehicle(crew: int, day: int | None, number: int, depot: int, ground: Ground) -> Any:
    begin = (day or 0) * MIDNIGHT + ground.begin * MINUTE
    return pyvrp.VehicleType(
        num_available=number,
        start_depot=depot,
        end_depot=depot,
        fixed_cost=TEAM_DAY,
        tw_early=begin,
        tw_late=begin + ground.day_minutes * MINUTE,
        shift_duration=ground.day_minutes * MINUTE,
        max_distance=ground.day_metres,
        profile=crew,
    )


def _ways(crew: Crew, points: Sequence[int], bases: int, ground: Ground) -> np.ndarray:
    metres = ground.metres[np.ix_(points, points)].copy()
    closed = [row for row, place in enumerate(points) if row >= bases and place in crew.closed]
    metres[:, closed] = ground.day_metres + 1
    np.fill_diagonal(metres, 0)
    return metres


def _route(
    found: Any, jobs: Sequence[Job], crews: Sequence[Crew], kind: tuple[int, int | None, int]
) -> Route:
    stops = tuple(jobs[stop.idx] for stop in found if stop.is_client())
    day = kind[1] if any(job.fixed for job in stops) else None
    return Route(base=crews[kind[0]].base, jobs=stops, day=day)
