"""What is left of a plan when some of it is done: visits still to make, households not covered."""

import datetime
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from sampling.visits.calendar import Calendar
from sampling.visits.ground import Job
from sampling.visits.plan_tables import APPOINTMENT, CERTAINTY, LEFT, NEW, codes_of, joined
from sampling.visits.splitting import minutes


def job_of(row: Mapping, households: int, calendar: Calendar, places: Mapping[str, int], reason: str) -> Job:
    return Job(
        village=row["village"],
        township=row["township"],
        place=places[row["village"]],
        households=households,
        minutes=minutes(calendar, households),
        certainty=bool(row["certainty"]),
        reason=joined([row["reason"], reason]),
    )


def still(
    ahead: pd.DataFrame, work: pd.DataFrame, calendar: Calendar, places: Mapping[str, int]
) -> list[tuple[tuple[str, datetime.date], Job]]:
    """The visits ahead, with no more households than are left in their villages; those with none are gone."""
    left = Counter(dict(zip(work["village"], work["households"].astype(int), strict=True)))
    rows = {row["village"]: row for row in work.to_dict("records")}
    found = []
    for visit in ahead.sort_values(["day", "team", "stop"]).to_dict("records"):
        village, planned = visit["village"], int(visit["households"])
        households = min(planned, left[village])
        if village not in rows or (planned and not households):
            continue
        left[village] -= households
        date, codes = datetime.date.fromisoformat(visit["date"]), codes_of(visit["reason"])
        job = job_of(rows[village], households, calendar, places, "")
        kept = joined([code for code in codes if code not in (CERTAINTY, APPOINTMENT)])
        clock = datetime.time.fromisoformat(visit["arrive"])
        fixed = (int(visit["day"]), clock.hour * 60 + clock.minute) if APPOINTMENT in codes else None
        found.append(((visit["team"], date), replace(job, reason=kept, fixed=fixed)))
    return found


def extra(
    known: Collection[str],
    stops: Sequence[tuple[tuple[str, datetime.date], Job]],
    work: pd.DataFrame,
    calendar: Calendar,
    places: Mapping[str, int],
) -> list[Job]:
    """What no visit ahead covers: households left over, and villages that were never planned."""
    planned = Counter[str]()
    for _, job in stops:
        planned[job.village] += job.households
    found = []
    for row in work.to_dict("records"):
        village, missing = row["village"], int(row["households"]) - planned[row["village"]]
        if missing > 0 or village not in known:
            found.append(job_of(row, missing, calendar, places, LEFT if village in known else NEW))
    return found
