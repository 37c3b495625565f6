"""plan_visits(): who goes where and when, with the fewest team-days and then the shortest way."""

import datetime
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

import pandas as pd

from sampling.visits import routes as solver
from sampling.visits.assigning import blocks, dealt
from sampling.visits.calendar import Calendar
from sampling.visits.checking import (
    appointed,
    check_work,
    days_problem,
    job_problems,
    reported,
    team_days_at_least,
)
from sampling.visits.distances import Distances
from sampling.visits.ground import Crew, Ground, Job, Route, alike, ground_of
from sampling.visits.plan import VisitPlan
from sampling.visits.plan_tables import Round, day_rows, visit_rows
from sampling.visits.regions import regions
from sampling.visits.scheduling import Slot
from sampling.visits.searching import fewest_days
from sampling.visits.splitting import jobs_of
from sampling.visits.team import Team, team_problems
from sampling.words import InputError, Problem, refuse_if_any

ORDERS = ("shortest", "random")
ASSIGNMENTS = ("planner", "random")
BLOCKS = 5
"""Into how many blocks the draw order is cut, if there are that many days."""


def plan_visits(
    work: pd.DataFrame,
    teams: Sequence[Team],
    calendar: Calendar,
    distances: Distances,
    *,
    appointments: Mapping[str, datetime.datetime] | Iterable[tuple[str, datetime.datetime]] = (),
    order: str = "shortest",
    assignment: str = "planner",
    tickets: Callable[..., str] | None = None,
    made_from: str,
    progress: Callable[[int, int], object] | None = None,
) -> VisitPlan:
    """A plan of visits.

    Parameters
    ----------
    work
        One row per village: `village`, `township`, `households` (0 is visited too), `certainty`, `rank`
        (draw order within the town), `reason`.
    teams
        Who goes; a team is never sent where it may not go.
    calendar
        Days, hours, kilometres, and how long things take.
    distances
        Between the seat (point 0), the bases of the teams and the villages of `work`, in this order.
    appointments
        By village, when a team must be there.
    order
        "shortest", or "random": days follow the draw order in blocks, so that stopping after a block leaves a
        random sample of every town's villages.
    assignment
        "planner", or "random": towns go to teams at random, by `tickets`.
    tickets
        `visit_tickets` of the receipt's seed; only for `assignment="random"`.
    made_from
        The fingerprint of the sample.
    progress
        Told how many parts of the plan (dealt towns are planned team by team) are done, of how many.

    Returns
    -------
    plan
        The same for the same input.

    Raises
    ------
    InputError
        With everything that makes a plan impossible: a village that no team may visit or that is too far, an
        appointment that cannot be kept, too few teams and days, and how many are missing.
    ValueError
        If arguments do not belong together.

    Notes
    -----
    Fewest team-days come first, then the shortest way; days are as few as that allows. Certainty villages are
    visited in the first days. A village that one day does not hold is visited in parts.
    """
    check_work(work, teams, len(distances.matrix()))
    _check_options(order, assignment, tickets)
    ground = ground_of(distances, calendar, work["township"].tolist())
    each = crews_of(work, teams, ground)
    fixed, problems = appointed(dict(appointments), work["village"], calendar)
    jobs = jobs_of(work, each, ground, calendar, fixed)
    of_teams = list(team_problems(teams))
    refuse_if_any([*of_teams, *problems, *job_problems(jobs, each, ground, calendar)])
    _check_calendar(jobs, each, ground, calendar)
    number, there = BLOCKS if order == "random" else 1, _days_there(calendar)
    hands = _hands(jobs, each, tickets if assignment == "random" else None)
    slots: dict[Slot, Route] = {}
    notes = [*of_teams, *_notes(jobs, ground, [stops for stops, _ in hands])]
    for done, (stops, crews) in enumerate(hands, start=1):
        found, ends = _in_blocks(stops, crews, ground, number, there)
        slots |= found
        notes += _block_notes(ends, crews) if order == "random" else []
        if progress:
            progress(done, len(hands))
    rounds = _dated(slots, calendar, len(teams))
    return VisitPlan(
        visits=visit_rows(rounds, ground),
        days=day_rows(rounds, ground),
        notes=tuple(notes),
        made_from=made_from,
    )


def _check_options(order: str, assignment: str, tickets: Callable[..., str] | None) -> None:
    if order not in ORDERS:
        raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {order!r}")
    if assignment not in ASSIGNMENTS:
        raise ValueError(f"assignment must be one of {', '.join(ASSIGNMENTS)}, got {assignment!r}")
    if assignment == "random" and tickets is None:
        raise ValueError("tickets must be given for a random assignment, got none")


def crews_of(work: pd.DataFrame, teams: Sequence[Team], ground: Ground) -> list[Crew]:
    """Every team as a crew of its own; bases at the same spot are one."""
    bases = len(ground.metres) - len(work)
    towns = dict(zip(work["village"], work["township"], strict=True))
    found = []
    for number, team in enumerate(teams, start=1):
        base = next(place for place in range(number + 1) if ground.metres[number, place] == 0)
        closed = [
            bases + k for k, (village, town) in enumerate(towns.items()) if not team.may_visit(village, town)
        ]
        found.append(Crew(teams=(team.team,), base=base, closed=frozenset(closed)))
    return found


def _check_calendar(jobs: Sequence[Job], crews: Sequence[Crew], ground: Ground, calendar: Calendar) -> None:
    """Refuse what is shown to need more days than there are, before any search."""
    wanted, there = team_days_at_least(jobs, crews, ground, calendar), _days_there(calendar)
    if wanted > there * len(crews):
        days = math.ceil(wanted / len(crews))
        raise InputError([days_problem("plans.too_few_days", wanted, days, len(crews), int(there))])


def _block_notes(ends: Sequence[int], crews: Sequence[Crew]) -> list[Problem]:
    """After which days the villages done are a random sample."""
    if len(ends) < 2:
        return []
    days = {"days": ", ".join(map(str, ends[:-1]))}
    if len(crews) > 1:
        return [reported("plans.blocks", **days)]
    return [reported("plans.blocks_of_team", team=crews[0].teams[0], **days)]


def _days_there(calendar: Calendar) -> float:
    return sum(1 for _ in calendar.days()) if calendar.end else math.inf


def _notes(jobs: Sequence[Job], ground: Ground, hands: Sequence[Sequence[Job]]) -> list[Problem]:
    villages = [job.village for job in jobs]
    split = {village for village in villages if villages.count(village) > 1}
    notes = [] if ground.known else [reported("plans.distances_unknown")]
    notes += [] if solver.pyvrp else [reported("plans.greedy")]
    dealt_towns = Counter(town for hand in hands for town in {job.township for job in hand})
    if shared := sorted(town for town, teams in dealt_towns.items() if teams > 1):
        notes.append(reported("plans.towns_shared", towns=", ".join(shared)))
    if split:
        count = sum(village in split for village in villages)
        notes.append(reported("plans.split", villages=len(split), parts=count))
    return notes


def _hands(
    jobs: list[Job], crews: list[Crew], tickets: Callable[..., str] | None
) -> list[tuple[list[Job], list[Crew]]]:
    """The stops of all teams together, or those that each team was dealt."""
    if tickets is None:
        return [(jobs, crews)]
    hands = dealt(jobs, crews, tickets)
    return [(hands[crew.teams[0]], [crew]) for crew in crews if crew.teams[0] in hands]


def _in_blocks(
    jobs: Sequence[Job], crews: Sequence[Crew], ground: Ground, number: int, there: float
) -> tuple[dict[Slot, Route], list[int]]:
    """Rounds by team and day, and the last day of every block; each begins on the day after the one before.

    Appointments stand outside of the order: each joins the block that its day falls into.
    """
    days = math.ceil(sum(job.minutes for job in jobs) / ground.day_minutes / len(crews))
    waiting = [job for job in jobs if job.fixed]
    stretches = blocks([job for job in jobs if not job.fixed], max(1, min(number, days)))
    found: dict[Slot, Route] = {}
    ends = [0]
    for stops in stretches:
        first = ends[-1] + 1
        due = waiting if stops is stretches[-1] else []
        slots = _placed([*stops, *due], crews, ground, first, there)
        while more := [job for job in waiting if job not in due and _falls(job, slots)]:
            due = [*due, *more]
            slots = _placed([*stops, *due], crews, ground, first, there)
        waiting = [job for job in waiting if job not in due]
        found |= slots
        ends.append(max((day for _, day in found), default=0))
    return found, ends[1:]


def _falls(job: Job, slots: Mapping[Slot, Route]) -> bool:
    """Whether an appointment is not after the last day of these rounds."""
    return job.fixed is not None and job.fixed[0] <= max((day for _, day in slots), default=0)


def _placed(
    jobs: Sequence[Job], crews: Sequence[Crew], ground: Ground, first: int, there: float
) -> dict[Slot, Route]:
    """Rounds by team and day from the day `first` on, each region with its teams."""
    shifted = [_shifted(job, 1 - first) for job in jobs]
    found: dict[Slot, Route] = {}
    for stops, group in regions(shifted, alike(crews, {job.place for job in jobs}), ground):
        for (team, day), route in fewest_days(stops, group, ground, there - first + 1).items():
            back = tuple(_shifted(job, first - 1) for job in route.jobs)
            found[team, day + first - 1] = replace(route, jobs=back, day=None)
    return found


def _shifted(job: Job, days: int) -> Job:
    return replace(job, fixed=(job.fixed[0] + days, job.fixed[1])) if job.fixed else job


def _dated(slots: Mapping[Slot, Route], calendar: Calendar, teams: int) -> list[Round]:
    """The rounds with their dates.

    Raises
    ------
    InputError
        If the calendar ends before: how many days and teams are missing.
    """
    needed = max((day for _, day in slots), default=0)
    dates = list(islice(calendar.days(), needed))
    if len(dates) < needed:
        raise InputError([days_problem("plans.too_few_found", len(slots), needed, teams, len(dates))])
    return [
        Round(team=team, day=day, date=dates[day - 1], route=route)
        for (team, day), route in sorted(slots.items(), key=lambda slot: (slot[0][1], slot[0][0]))
    ]
