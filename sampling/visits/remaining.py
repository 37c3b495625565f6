"""What is left of a plan when some of it is done: visits still to make, households not covered."""

import datetime
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from sampling.visits.calendar import Calendar
from sampling.visits.ground import Job
from sampling.visits.plan_tables import APPOINTMENT, CALL, CERTAINTY, LEFT, NEW, codes_of, is_call, joined
from sampling.visits.splitting import minutes


def job_of(row: Mapping, households: int, calendar: Calendar, places: Mapping[str, int], reason: str) -> Job:
    """A visit in a village of the work; `reason` stands after the village's own."""
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
    ahead: pd.DataFrame,
    work: pd.DataFrame,
    calls: Mapping[str, int],
    calendar: Calendar,
    places: Mapping[str, int],
) -> list[tuple[tuple[str, datetime.date], Job]]:
    """The visits ahead, with no more households than are left in their villages; those with none are gone.

    Visits that were planned to call again draw on `calls`, the others on the households of `work`.
    """
    to_visit = Counter(dict(zip(work["village"], work["households"].astype(int), strict=True)))
    to_call = Counter(dict(calls))
    rows = {row["village"]: row for row in work.to_dict("records")}
    found = []
    for visit in ahead.sort_values(["day", "team", "stop"]).to_dict("records"):
        village, planned = visit["village"], int(visit["households"])
        codes = codes_of(visit["reason"])
        left = to_call if CALL in codes else to_visit
        households = min(planned, left[village])
        if village not in rows or (planned and not households):
            continue
        left[village] -= households
        date = datetime.date.fromisoformat(visit["date"])
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
    calls: Mapping[str, int],
    calendar: Calendar,
    places: Mapping[str, int],
) -> list[Job]:
    """What no visit ahead covers: households left over or absent, and villages that were never planned."""
    planned, called = Counter[str](), Counter[str]()
    for _, job in stops:
        (called if is_call(job) else planned)[job.village] += job.households
    found = []
    for row in work.to_dict("records"):
        village, missing = row["village"], int(row["households"]) - planned[row["village"]]
        if (absent := calls.get(village, 0) - called[village]) > 0:
            found.append(job_of(row, absent, calendar, places, CALL))
        if missing > 0 or village not in known:
            found.append(job_of(row, missing, calendar, places, LEFT if village in known else NEW))
    return found
