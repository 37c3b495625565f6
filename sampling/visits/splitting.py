"""From work to stops: villages too big for a day in parts, appointments, the draw order."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sampling.visits.calendar import Calendar
from sampling.visits.ground import Crew, Ground, Job, whole

FULL = 10**6
"""Households that a day holds where they take no time."""
FIRST = -1.0
"""The draw order of certainty villages: before all others."""


def jobs_of(
    work: pd.DataFrame,
    crews: Sequence[Crew],
    ground: Ground,
    calendar: Calendar,
    fixed: Mapping[str, tuple[int, int]],
) -> list[Job]:
    """The stops for all work that some crew can do; a village's place is its row's, after seat and bases.

    `fixed` holds the number of the day and the minute of each appointment; in a village of several parts the
    first is the appointed one.
    """
    orders = draw_order(work)
    bases = len(ground.metres) - len(work)
    jobs: list[Job] = []
    for place, row in enumerate(work.to_dict("records")):
        whole_village = Job(
            village=row["village"],
            township=row["township"],
            place=bases + place,
            households=int(row["households"]),
            minutes=minutes(calendar, int(row["households"])),
            certainty=bool(row["certainty"]),
            fixed=fixed.get(row["village"]),
            order=orders[place],
            reason=row["reason"],
        )
        jobs += parts(whole_village, crews, ground, calendar)
    return jobs


def parts(job: Job, crews: Sequence[Crew], ground: Ground, calendar: Calendar) -> Iterator[Job]:
    """A stop in parts that each fit into a day of the crew that can do most; the last holds the rest."""
    able = [crew for crew in crews if crew.may([job])]
    most = max((most_households(job, crew.base, ground, calendar) for crew in able), default=0)
    later = replace(job, fixed=None)
    full = max((most_households(later, crew.base, ground, calendar) for crew in able), default=0)
    left = job.households
    while left > most > 0 or (left > most >= 0 and job.fixed and full > 0):
        yield resized(job, most, calendar)
        left, job, most = left - most, later, full
    yield resized(job, left, calendar)


def resized(job: Job, households: int, calendar: Calendar) -> Job:
    """The same stop with another number of households."""
    return replace(job, households=households, minutes=minutes(calendar, households))


def most_households(job: Job, base: int, ground: Ground, calendar: Calendar) -> int:
    """How many households a team can do there in a day; -1 if it cannot get there and back."""
    none = resized(job, 0, calendar)
    if not ground.fits(base, [none]):
        return -1
    times = ground.times(base, [none])
    assert times is not None
    left = ground.begin + ground.day_minutes - times.back
    if calendar.minutes_household <= 0:
        return FULL
    most = math.floor(left / calendar.minutes_household)
    while most > 0 and not ground.fits(base, [resized(job, most, calendar)]):  # rounding up to whole minutes
        most -= 1
    return most


def minutes(calendar: Calendar, households: int) -> int:
    """Whole minutes that a stop takes."""
    return int(whole(np.asarray(calendar.service(households))))


def draw_order(work: pd.DataFrame) -> list[float]:
    """Where each village stands in the draw order of its stratum, in [0, 1); certainty villages at -1.

    Ranks of towns with few and with many villages become comparable, so that every stretch of the order takes
    the same share of each town, always its first ranks.
    """
    certain = work["certainty"].astype(bool)
    ranks = pd.to_numeric(work["rank"], errors="coerce").fillna(0)
    groups = ranks.groupby([work["township"], certain])
    order = (groups.rank(method="first") - 0.5) / groups.transform("size")
    return [FIRST if first else float(value) for first, value in zip(certain, order, strict=True)]
