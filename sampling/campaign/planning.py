"""The steps of visits: a sheet for the teams, whether time is enough, a plan, and a new plan."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.plan_files import read_plan, write_plan
from sampling.campaign.plan_inputs import (
    PlanInputs,
    call_again,
    campaign_calendar,
    campaign_teams,
    campaign_work,
    plan_inputs,
    unfinished,
    visited_unheard,
)
from sampling.campaign.status import sha256_of
from sampling.campaign.step import Done, progress_shown
from sampling.files import csv_bytes, write_whole
from sampling.visits.assigning import visit_tickets
from sampling.visits.calendar import Calendar
from sampling.visits.capacity import Capacity, capacity
from sampling.visits.diary import Absence, Closure
from sampling.visits.plan import VisitPlan
from sampling.visits.planning import plan_visits
from sampling.visits.replanning import changes, replan_visits
from sampling.visits.sheet import teams_template
from sampling.visits.work import expected_work
from sampling.words import REPORTED, InputError, Problem, refuse_if_any

__all__ = [
    "check_capacity",
    "make_new_plan",
    "make_plan",
    "plan_capacity",
    "read_absence",
    "read_closure",
    "read_plan",
    "write_team_template",
]

CHANGES = "visits/changes.csv"
ONE_DAY = datetime.timedelta(days=1)


def write_team_template(campaign: Campaign) -> Done:
    """Write an empty sheet of teams where the settings say; homes and relatives make it restricted.

    Raises
    ------
    InputError
        If there is a sheet already.
    """
    name = campaign.settings.visits.teams
    if campaign.has(name):
        raise InputError([Problem(key="visiting.sheet_there", file=name)])
    write_whole(campaign.folder / name, teams_template(campaign.lang))
    return Done(key="visiting.done.template", fields={"file": name}, files=(campaign.folder / name,))


def plan_capacity(campaign: Campaign, *, now: datetime.datetime) -> Capacity:
    """Whether there is time enough: for the sample, or before the draw for what it will be on average.

    Raises
    ------
    InputError
        If nothing is committed yet, there is no sheet of teams, or an input is refused.
    """
    teams, _ = campaign_teams(campaign)
    calendar = campaign_calendar(campaign, now.date() + ONE_DAY)
    if campaign.has(place.RECEIPT):
        return capacity(unfinished(campaign, campaign_work(campaign)), teams, calendar)
    likely = expected_work(campaign.frame(), campaign.design, campaign.list_frames())
    return capacity(likely, teams, calendar)


def check_capacity(campaign: Campaign, *, now: datetime.datetime) -> Done:
    """Say whether there is time enough, before anything is planned or even drawn; see `plan_capacity`."""
    found = plan_capacity(campaign, now=now)
    fields = {
        "villages": round(found.villages),
        "households": round(found.households),
        "hours": round(found.hours_wanted),
        "team_days": found.team_days,
        "teams": found.teams,
        "days": found.days_needed,
    }
    return Done(key="visiting.done.capacity", fields=fields, notes=found.notes)


def make_plan(campaign: Campaign, *, now: datetime.datetime) -> Done:
    """Plan all visits that are not made yet, and write `visits/plan.csv` and `visits/teams.csv`.

    A plan that was there goes to `visits/earlier/`. Without a start in the settings, visits begin tomorrow.

    Raises
    ------
    InputError
        If nothing is drawn, there is no sheet of teams, or with everything that makes a plan impossible.
    """
    every = campaign_work(campaign)
    todo = unfinished(campaign, every)
    inputs = plan_inputs(campaign, todo, first=now.date() + ONE_DAY)
    settings = campaign.settings.visits
    done = {*every["village"]} - {*todo["village"]}
    with progress_shown() as progress:
        plan = plan_visits(
            todo,
            inputs.teams,
            inputs.calendar,
            inputs.distances,
            appointments={name: time for name, time in settings.appointments.items() if name not in done},
            order=settings.order,
            assignment=settings.assignment,
            tickets=visit_tickets(campaign.receipt()["seed"], campaign.id),
            made_from=sha256_of(campaign.folder / place.RECEIPT),
            progress=progress,
        )
    room = capacity(todo, inputs.teams, inputs.calendar)
    plan = replace(
        plan, notes=_each_once([*inputs.notes, *room.notes, *_past(inputs.calendar, now), *plan.notes])
    )
    files = write_plan(campaign, plan, {})
    key = "visiting.done.plan" if inputs.distances.known else "visiting.done.plan_by_towns"
    return Done(key=key, fields=_figures(plan), notes=plan.notes, files=files)


def _past(calendar: Calendar, now: datetime.datetime) -> list[Problem]:
    """A note where the first day of the visits is over."""
    if calendar.start >= now.date():
        return []
    return [Problem(key="visiting.start_past", value=calendar.start.isoformat(), severity=REPORTED)]


def _each_once(notes: Iterable[Problem]) -> tuple[Problem, ...]:
    found: list[Problem] = []
    for note in notes:
        if note not in found:
            found.append(note)
    return tuple(found)


def _figures(plan: VisitPlan) -> dict[str, object]:
    return {
        "villages": plan.visits["village"].nunique(),
        "households": int(plan.visits["households"].sum()),
        "team_days": len(plan.days),
        "days": plan.days["day"].nunique(),
        "teams": plan.days["team"].nunique(),
        "km": round(plan.days["km"].sum()),
        "first": plan.days["date"].min() if len(plan.days) else "-",
        "last": plan.days["date"].max() if len(plan.days) else "-",
    }


def make_new_plan(
    campaign: Campaign,
    *,
    now: datetime.datetime,
    done_until: datetime.date | None = None,
    sick: Sequence[Absence] = (),
    closed: Sequence[Closure] = (),
) -> Done:
    """Plan anew what is not done, moving as little as possible; `visits/changes.csv` says what changed.

    Households that were absent are called again once; villages that were drawn since are added.

    Parameters
    ----------
    done_until
        The last day that is over; None for today if something was found today, else for yesterday.
    sick
        Teams that cannot go.
    closed
        Villages that cannot be reached, and ways that cannot be used.

    Raises
    ------
    InputError
        If there is no plan yet, a team or village is not known, or an input is refused.
    """
    before = read_plan(campaign)
    if before is None:
        raise InputError([Problem(key="envelopes.no_plan")])
    over = done_until or _last_day(campaign, now.date())
    todo = campaign_work(campaign)
    first = min(map(datetime.date.fromisoformat, before.days["date"]), default=now.date())
    inputs = plan_inputs(campaign, todo, first=first)
    refuse_if_any(_unknown(inputs, before, sick, closed))
    known = {*todo["village"]}
    calls = call_again(campaign, before.visits, over)
    after = replan_visits(
        before,
        todo,
        inputs.teams,
        inputs.calendar,
        inputs.distances,
        done_until=over,
        sick=sick,
        closed=closed,
        call_again={village: count for village, count in calls.items() if village in known},
    )
    unheard = visited_unheard(campaign, todo, before.visits, over)
    notes = _each_once([*inputs.notes, *_unheard(unheard, over), *after.notes])
    after = replace(after, notes=notes, made_from=sha256_of(campaign.folder / place.RECEIPT))
    moved = changes(before, after)
    files = write_plan(campaign, after, {CHANGES: csv_bytes(moved)})
    fields = {
        **_figures(after),
        "changes": len(moved),
        "over": over.isoformat(),
        "calls": sum(calls.values()),
    }
    return Done(key="visiting.done.new_plan", fields=fields, notes=notes, files=files)


def _unheard(households: int, over: datetime.date) -> list[Problem]:
    """A note on visits that are over and of which nothing has come in."""
    if not households:
        return []
    fields = {"date": over.isoformat()}
    return [Problem(key="visiting.unheard", value=str(households), severity=REPORTED, fields=fields)]


def _last_day(campaign: Campaign, today: datetime.date) -> datetime.date:
    found = campaign.has_register() and campaign.findings()["date"].str.startswith(today.isoformat()).any()
    return today if found else today - ONE_DAY


def _unknown(
    inputs: PlanInputs, plan: VisitPlan, sick: Sequence[Absence], closed: Sequence[Closure]
) -> Iterator[Problem]:
    """Teams and villages that somebody names and nobody knows."""
    teams = {*(team.team for team in inputs.teams), *plan.days["team"]}
    villages = {*inputs.work["village"], *plan.visits["village"]}
    for absence in sick:
        if absence.team not in teams:
            yield Problem(
                key="visiting.unknown_team", value=absence.team, fields={"known": ", ".join(sorted(teams))}
            )
    for village in [name for closure in closed for name in (closure.village, closure.to) if name]:
        if village not in villages:
            yield Problem(key="visiting.unknown_village", value=village)


def read_absence(written: str) -> Absence:
    """A team that cannot go, as it is written in a command: TEAM, TEAM@DATE or TEAM@DATE..DATE.

    Raises
    ------
    InputError
        If what stands behind the @ is no date.
    """
    team, first, last = _with_dates(written)
    return Absence(team=team, first=first, last=last)


def read_closure(written: str) -> Closure:
    """A village or a way that is closed: VILLAGE or VILLAGE,VILLAGE, with dates as in `read_absence`."""
    places, first, last = _with_dates(written)
    village, _, to = places.partition(",")
    return Closure(village=village.strip(), to=to.strip(), first=first, last=last)


def _with_dates(written: str) -> tuple[str, datetime.date | None, datetime.date | None]:
    name, _, dates = (part.strip() for part in written.partition("@"))
    if not dates:
        return name, None, None
    first, _, last = dates.partition("..")
    try:
        return name, datetime.date.fromisoformat(first), datetime.date.fromisoformat(last or first)
    except ValueError:
        raise InputError([Problem(key="visiting.no_dates", value=written)]) from None
