"""replan_visits(): what is not done moves, and only if it must."""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

import pandas as pd

from sampling.visits.calendar import Calendar
from sampling.visits.checking import check_work, reported
from sampling.visits.diary import Absence, Closure, Diary, Offer
from sampling.visits.distances import Distances
from sampling.visits.ground import Job, Route, ground_of
from sampling.visits.plan import VisitPlan
from sampling.visits.plan_tables import (
    CALL,
    Round,
    codes_of,
    day_rows,
    is_call,
    visit_rows,
    with_parts,
)
from sampling.visits.planning import crews_of
from sampling.visits.remaining import extra, still
from sampling.visits.splitting import parts, resized
from sampling.visits.team import Team
from sampling.words import Problem

CALL_DAYS = 5
"""Absent households are called again within so many working days."""
FAR = 5000
"""Working days after which nothing is planned."""
CHANGES = (
    *("change", "township", "village", "households_before", "households_after"),
    *("date_before", "team_before", "arrive_before", "date_after", "team_after", "arrive_after"),
)


def replan_visits(
    plan: VisitPlan,
    work: pd.DataFrame,
    teams: Sequence[Team],
    calendar: Calendar,
    distances: Distances,
    *,
    done_until: datetime.date,
    sick: Iterable[Absence] = (),
    closed: Iterable[Closure] = (),
    call_again: Mapping[str, int] | Iterable[tuple[str, int]] = (),
) -> VisitPlan:
    """A new plan for what is not done.

    Parameters
    ----------
    plan
        The plan so far.
    work
        What is still to visit, as for `plan_visits`, without the households to call again; a village that is
        done may be missing.
    teams, calendar, distances
        As they are now.
    done_until
        The last day that is over; its visits and those before stay as they are.
    sick, closed
        Teams that cannot go, villages and ways that cannot be used.
    call_again
        By village of `work`, the households that were absent.

    Returns
    -------
    plan
        Visits that can be made as planned stay with their team on their day. A visit that cannot goes where
        it adds the shortest way, first to rounds there are. Households that were absent are called again
        within CALL_DAYS working days; where all is full, one later visit makes room for each.
        What fits nowhere stands in the notes, with its households.

    Raises
    ------
    ValueError
        If arguments do not belong together.
    """
    check_work(work, teams, len(distances.matrix()))
    calls = {village: count for village, count in dict(call_again).items() if count > 0}
    places = {village: 1 + len(teams) + k for k, village in enumerate(work["village"])}
    if unknown := set(calls) - set(places):
        raise ValueError(f"call_again must be villages of the work, got {sorted(unknown)[:3]}")
    ground = ground_of(distances, calendar, work["township"].tolist())
    crews = {crew.teams[0]: crew for crew in crews_of(work, teams, ground)}
    diary = Diary(
        crews=crews,
        ground=ground,
        calendar=calendar,
        dates=[date for date in islice(calendar.days(), FAR) if date > done_until],
        sick=tuple(sick),
        closed=tuple(closed),
        places=places,
    )
    over = plan.visits["date"] <= done_until.isoformat()
    stops = still(plan.visits[~over], work, calls, calendar, places)
    for (team, date), job in stops:
        diary.rounds.setdefault((team, date), []).append(job)
    moving = diary.take_out_broken()
    moving += _grown(diary, extra(set(plan.visits["village"]), stops, work, calls, calendar, places))
    notes = [note for job in sorted(moving, key=_urgency) for note in _settled(diary, job)]
    return _new_plan(plan, done_until, diary, notes)


def _grown(diary: Diary, more: Iterable[Job]) -> list[Job]:
    """Households more in a village that is visited anyway join that visit if its day has room; the others."""
    return [job for job in more if is_call(job) or not _grows(diary, job)]


def _grows(diary: Diary, job: Job) -> bool:
    for (team, date), stops in sorted(diary.rounds.items(), key=lambda item: (item[0][1], item[0][0])):
        for place, stop in enumerate(stops):
            if stop.village == job.village and not is_call(stop):
                more = resized(stop, stop.households + job.households, diary.calendar)
                trial = [*stops[:place], more, *stops[place + 1 :]]
                if diary.on(date).fits(diary.crews[team].base, trial):
                    diary.rounds[team, date] = trial
                    return True
    return False


def _urgency(job: Job) -> tuple[bool, bool, bool, int, str]:
    return job.fixed is None, not is_call(job), not job.certainty, -job.minutes, job.village


def _settled(diary: Diary, job: Job) -> Iterator[Problem]:
    """Find a place for a visit; what a reader must know about it."""
    if job.fixed:
        if offer := min(_on_its_day(diary, job), default=None):
            diary.put(job, offer)
            return
        job = replace(job, fixed=None)
        yield reported("plans.appointment_moved", village=job.village)
    for part in parts(job, list(diary.crews.values()), diary.ground, diary.calendar):
        yield from _placed(diary, part)


def _on_its_day(diary: Diary, job: Job) -> Iterator[Offer]:
    """Where another team keeps an appointment."""
    assert job.fixed
    (day,) = islice(diary.calendar.days(), job.fixed[0] - 1, job.fixed[0])
    return diary.offers(job, [day] if day in diary.dates else [])


def _placed(diary: Diary, job: Job) -> Iterator[Problem]:
    calls = is_call(job)
    if calls and (displaced := _called(diary, job)) is not None:
        for other in displaced:
            yield from _placed(diary, other)
        return
    offer = min(diary.offers(job, diary.days()), default=None)
    if offer is None:
        ahead = (min(diary.offers(job, [date]), default=None) for date in diary.further())
        offer = next(filter(None, ahead), None)
    if offer is None:
        yield reported("plans.left_out", village=job.village, households=job.households)
        return
    diary.put(job, offer)
    if calls:
        yield reported("plans.called_late", village=job.village, date=offer.date.isoformat(), days=CALL_DAYS)


def _called(diary: Diary, job: Job) -> list[Job] | None:
    """Place a call in the next days: the visits that it displaces (none or one), or None if it cannot be."""
    soon = list(islice([*diary.days(), *diary.further()], CALL_DAYS))
    offer = min(diary.offers(job, soon), key=lambda offer: (offer.date, *offer), default=None)
    if offer:
        diary.put(job, offer)
        return []
    victim = diary.displaced(job, soon)
    return [victim] if victim else None


def _new_plan(
    plan: VisitPlan, done_until: datetime.date, diary: Diary, notes: Sequence[Problem]
) -> VisitPlan:
    rounds, over = _rounds(diary), done_until.isoformat()
    visits = [plan.visits[plan.visits["date"] <= over], visit_rows(rounds, diary.ground)]
    days = [plan.days[plan.days["date"] <= over], day_rows(rounds, diary.ground)]
    before = [note for note in plan.notes if note.key in ("plans.distances_unknown", "plans.greedy")]
    return VisitPlan(
        visits=with_parts(_together(visits)),
        days=_together(days).sort_values(["day", "team"], ignore_index=True),
        notes=(*before, *notes),
        made_from=plan.made_from,
    )


def _rounds(diary: Diary) -> list[Round]:
    """The rounds of the diary with the numbers of their days."""
    numbers = {date: number for number, date in enumerate(islice(diary.calendar.days(), FAR), start=1)}
    return [
        Round(
            team=team,
            day=numbers[date],
            date=date,
            route=Route(base=diary.crews[team].base, jobs=tuple(jobs)),
        )
        for (team, date), jobs in sorted(diary.rounds.items(), key=lambda item: (item[0][1], item[0][0]))
    ]


def _together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other; empty ones say nothing about types."""
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


def changes(before: VisitPlan, after: VisitPlan) -> pd.DataFrame:
    """What differs between two plans, one row per visit.

    Parameters
    ----------
    before, after
        The plans.

    Returns
    -------
    changes
        `change` is moved (another team or date), households (another number), time (another hour of the day),
        added or dropped; then the place, and households, date, team and arrival before and after.
    """
    rows: list[dict] = []
    for village in sorted({*before.visits["village"], *after.visits["village"]}):
        for calls in (False, True):  # a visit is not made into a call on others
            old, new = (_visits_in(plan, village, calls) for plan in (before, after))
            rows += _differences(old, new)
    return pd.DataFrame(rows, columns=list(CHANGES))


def _visits_in(plan: VisitPlan, village: str, calls: bool) -> list[dict]:
    rows = plan.visits[plan.visits["village"] == village].to_dict("records")
    return [row for row in rows if (CALL in codes_of(row["reason"])) is calls]


def _differences(old: list[dict], new: list[dict]) -> Iterator[dict]:
    """First what stays with its team on its day, then what moved, then what came or went."""
    for a in list(old):
        if same := next((b for b in new if (a["date"], a["team"]) == (b["date"], b["team"])), None):
            yield from _changed(a, same)
            old.remove(a)
            new.remove(same)
    old, new = (sorted(rows, key=lambda row: row["households"]) for rows in (old, new))
    for a, b in zip(old, new, strict=False):
        yield from _changed(a, b)
    yield from (_change("dropped", a, None) for a in old[len(new) :])
    yield from (_change("added", None, b) for b in new[len(old) :])


def _changed(a: dict, b: dict) -> list[dict]:
    if (a["date"], a["team"]) != (b["date"], b["team"]):
        return [_change("moved", a, b)]
    if a["households"] != b["households"]:
        return [_change("households", a, b)]
    return [_change("time", a, b)] if a["arrive"] != b["arrive"] else []


def _change(change: str, a: dict | None, b: dict | None) -> dict:
    known = a or b or {}
    row = {"change": change, "township": known["township"], "village": known["village"]}
    for name in ("households", "date", "team", "arrive"):
        row |= {f"{name}_before": a[name] if a else pd.NA, f"{name}_after": b[name] if b else pd.NA}
    return row
