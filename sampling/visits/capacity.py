"""Whether there is time enough, before anybody looks for routes."""

import datetime
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import pandas as pd

from sampling.visits.calendar import Calendar
from sampling.visits.team import Team
from sampling.words import REPORTED, Problem

SLOWEST_PACE = 10
"""Minutes a household below which a reader is asked whether a form can be true."""
REPORTED_FORMS, REPORTED_KM = 150, 150
"""What a county reported of one group: we read it as a day's."""


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Time wanted and time there is, without the ways between villages.

    Attributes
    ----------
    villages, households
        To visit; before the draw on average.
    hours_wanted, team_days
        Of team time, at households and for set-up; and the whole team-days that this is at the least.
    teams, days, hours_there
        What there is; `days` and `hours_there` are None where the calendar has no end.
    days_needed, last_day
        Working days that these teams need at the least, and the date of the last of them.
    days_more, teams_more, households_there
        What would make it fit, each alone: more days, more teams (None where no number would do), or no more
        households than these.
    minutes
        What a household may take: as planned, or less where all households must fit.
    notes
        What a reader must know: it does not fit, or the pace is hard to believe.
    """

    villages: float
    households: float
    hours_wanted: float
    team_days: int
    teams: int
    days: int | None
    hours_there: float | None
    days_needed: int
    last_day: datetime.date | None
    days_more: int
    teams_more: int | None
    households_there: int
    minutes: float
    notes: tuple[Problem, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether there is time enough at the villages; the ways are not counted."""
        return self.days is None or self.team_days <= self.teams * self.days

    def to_table(self) -> pd.DataFrame:
        """One row of all figures."""
        return pd.DataFrame([{name: value for name, value in asdict(self).items() if name != "notes"}])

    def _repr_html_(self) -> str:
        return self.to_table().to_html(index=False)


def capacity(work: pd.DataFrame, teams: Sequence[Team], calendar: Calendar) -> Capacity:
    """Time wanted and time there is.

    Parameters
    ----------
    work
        `work` after the draw, or `expected_work` before it.
    teams
        Who goes, one team at least.
    calendar
        Days, hours, and how long things take.

    Notes
    -----
    Hours wanted are households times minutes plus villages times set-up. The ways come on top: `plan_visits`
    knows them.
    """
    if not teams:
        raise ValueError("teams must be one or more, got none")
    chance = work["chance"] if "chance" in work else pd.Series(1.0, index=work.index)
    villages, households = float(chance.sum()), float((chance * work["households"]).sum())
    setup, day = villages * calendar.minutes_village, calendar.hours * 60
    wanted = setup + households * calendar.minutes_household
    team_days = math.ceil(round(wanted / day, 9))
    days = None if calendar.end is None else sum(1 for _ in calendar.days())
    there = math.inf if days is None else len(teams) * days * day
    each, most = _room(there - setup, households, calendar.minutes_household)
    needed = math.ceil(team_days / len(teams))
    found = Capacity(
        villages=villages,
        households=households,
        hours_wanted=wanted / 60,
        team_days=team_days,
        teams=len(teams),
        days=days,
        hours_there=None if days is None else there / 60,
        days_needed=needed,
        last_day=replace(calendar, end=None).day(needed) if needed else None,
        days_more=0 if days is None else max(0, needed - days),
        teams_more=_teams_more(team_days, len(teams), days),
        households_there=most,
        minutes=each,
    )
    return replace(found, notes=tuple(_notes(found, calendar)))


def _room(minutes: float, households: float, each: float) -> tuple[float, int]:
    """Minutes a household may take, and how many households there is time for, if `minutes` are left."""
    left, wanted = max(minutes, 0.0), households * each
    if wanted <= left:
        return each, math.ceil(households)
    return left / households, math.floor(left / each)


def _teams_more(team_days: int, teams: int, days: int | None) -> int | None:
    if days is None:
        return 0
    return max(0, math.ceil(team_days / days) - teams) if days else None


def _notes(found: Capacity, calendar: Calendar) -> Iterator[Problem]:
    if not found.fits:
        yield _too_little_time(found)
    if found.households and found.minutes < SLOWEST_PACE:
        way = REPORTED_KM / calendar.kmh * 60
        fields = {
            "minutes": f"{found.minutes:.1f}",
            "forms": REPORTED_FORMS,
            "km": REPORTED_KM,
            "pace": f"{max(calendar.hours * 60 - way, 0) / REPORTED_FORMS:.1f}",
        }
        yield Problem(key="visiting.pace", severity=REPORTED, fields=fields)


def _too_little_time(found: Capacity) -> Problem:
    fields = {
        "wanted": f"{found.hours_wanted:.0f}",
        "there": f"{found.hours_there or 0:.0f}",
        "teams": found.teams,
        "days": found.days,
        "team_days": found.team_days,
        "days_more": found.days_more,
        "households": math.ceil(found.households),
        "households_there": found.households_there,
        "percent": math.floor(100 * found.households_there / found.households) if found.households else 0,
    }
    if found.teams_more is None:
        return Problem(key="visiting.no_days", severity=REPORTED, fields=fields)
    fields["teams_more"] = found.teams_more
    return Problem(key="visiting.too_little_time", severity=REPORTED, fields=fields)
