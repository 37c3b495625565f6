"""The fewest team-days for some stops and teams, on as few days as they allow."""

import math
from collections.abc import Sequence

from sampling.visits import routes as solver
from sampling.visits.greedy import greedy_routes
from sampling.visits.ground import Crew, Ground, Job, Route
from sampling.visits.scheduling import Slot, scheduled
from sampling.words import InputError, Problem

ITERATIONS = 3000
"""How long PyVRP searches for one region, in steps: some seconds (benchmarks/README.md)."""


def fewest_days(
    jobs: Sequence[Job], crews: Sequence[Crew], ground: Ground, there: float
) -> dict[Slot, Route]:
    """Rounds with the fewest team-days, on as few days as they allow; `there` is how many days there are.

    Fewer days with more team-days are taken only where the calendar is too short for the fewest team-days.

    Raises
    ------
    InputError
        If appointments are in each other's way.
    """
    if not jobs:
        return {}
    rounds = _searched(jobs, crews, len(jobs), ground)
    low = math.ceil(len(rounds or jobs) / sum(len(crew.teams) for crew in crews))
    days, slots = _first_schedule(rounds or [], crews, low, len(jobs) + _last_appointment(jobs))
    while low < days:
        middle = (low + days) // 2
        trial = scheduled(rounds or [], crews, middle) or _within(jobs, crews, middle, ground)
        if trial and (len(trial) <= len(slots) or days > there):
            days, slots = middle, trial
        else:
            low = middle + 1
    return slots


def _last_appointment(jobs: Sequence[Job]) -> int:
    return max((job.fixed[0] for job in jobs if job.fixed), default=0)


def _first_schedule(
    rounds: Sequence[Route], crews: Sequence[Crew], days: int, limit: int
) -> tuple[int, dict[Slot, Route]]:
    """A number of days, found in growing steps, in which the teams make these rounds, and who makes which."""
    step = 1
    while rounds and days <= limit:
        if slots := scheduled(rounds, crews, days):
            return days, slots
        days, step = max(min(days + step, limit), days + 1), step * 2
    appointments = sum(job.fixed is not None for route in rounds for job in route.jobs)
    fields = {"appointments": appointments, "teams": sum(len(crew.teams) for crew in crews)}
    raise InputError([Problem(key="plans.appointments_clash", fields=fields)])


def _within(
    jobs: Sequence[Job], crews: Sequence[Crew], days: int, ground: Ground
) -> dict[Slot, Route] | None:
    found = _searched(jobs, crews, days, ground)
    return scheduled(found, crews, days) if found else None


def _searched(jobs: Sequence[Job], crews: Sequence[Crew], days: int, ground: Ground) -> list[Route] | None:
    """Rounds by PyVRP, or by the greedy way where there is none or it found nothing; both checked again."""
    found = solver.routes(jobs, crews, days, ground, iterations=ITERATIONS) if solver.pyvrp else None
    found = found or greedy_routes(jobs, crews, days, ground)
    for route in found or ():
        able = any(crew.base == route.base and crew.may(route.jobs) for crew in crews)
        assert able and ground.fits(route.base, route.jobs), "a round breaks a hard limit"
    return found
