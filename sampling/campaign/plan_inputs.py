"""What a plan of visits is made from: the work of the sample, the teams, the calendar, the distances."""

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from sampling.campaign.campaign import Campaign
from sampling.campaign.visit_settings import OWN
from sampling.files import read_csv
from sampling.visits.calendar import Calendar
from sampling.visits.distances import Distances
from sampling.visits.homes import at_home, from_own_town
from sampling.visits.places import by_places, by_table, read_ways
from sampling.visits.plan_tables import CALL, codes_of
from sampling.visits.sheet import read_teams
from sampling.visits.team import Team, team_notes
from sampling.visits.timing import mean_minutes, timings
from sampling.visits.work import calls, expected_work, work
from sampling.words import REPORTED, InputError, Problem

PLAN = "visits/plan.csv"
DAYS = "visits/teams.csv"


@dataclass(frozen=True, kw_only=True)
class PlanInputs:
    """The arguments of `plan_visits`, and what a reader should know of them."""

    work: pd.DataFrame
    teams: tuple[Team, ...]
    calendar: Calendar
    distances: Distances
    notes: tuple[Problem, ...]


def plan_inputs(campaign: Campaign, todo: pd.DataFrame, *, first: datetime.date) -> PlanInputs:
    """What a plan for the campaign's sample is made from.

    Parameters
    ----------
    todo
        `campaign_work`, or `unfinished` of it.
    first
        The first day of visits where the settings name none.

    Raises
    ------
    InputError
        If nothing is drawn yet, there is no sheet of teams, or one of the inputs is refused.
    """
    teams, of_teams = campaign_teams(campaign)
    calendar = campaign_calendar(campaign, first)
    distances, of_ways = _distances(campaign, todo, teams)
    return PlanInputs(
        work=todo, teams=teams, calendar=calendar, distances=distances, notes=(*of_teams, *of_ways)
    )


def campaign_work(campaign: Campaign) -> pd.DataFrame:
    """All drawn villages with the households that nothing was found of yet."""
    expected: Mapping[str, int] = {}
    if waiting := campaign.waiting():
        likely = expected_work(campaign.frame(), campaign.design, campaign.list_frames())
        counts = likely.set_index("village")["households"].reindex(waiting)
        expected = {str(village): math.ceil(count) for village, count in counts.items()}
    return work(campaign.sample(), _findings(campaign), expected=expected)


def unfinished(campaign: Campaign, todo: pd.DataFrame) -> pd.DataFrame:
    """The villages of the work without those where all households are found."""
    had = _drawn(campaign).reindex(todo["village"]).to_numpy()
    return todo[(todo["households"] > 0) | (had == 0)].reset_index(drop=True)


def _drawn(campaign: Campaign) -> pd.Series:
    """Drawn households by village, found or not."""
    return work(campaign.sample()).set_index("village")["households"]


def visited_unheard(
    campaign: Campaign, todo: pd.DataFrame, plan: pd.DataFrame, done_until: datetime.date
) -> int:
    """Households that were to be visited by now and of which the register has nothing."""
    over = plan[(plan["date"] <= done_until.isoformat()) & ~plan["reason"].map(_is_call)]
    due = over.groupby("village")["households"].sum()
    found = _drawn(campaign) - todo.set_index("village")["households"]
    return int((due - found.reindex(due.index).fillna(0)).clip(lower=0).sum())


def call_again(campaign: Campaign, plan: pd.DataFrame, done_until: datetime.date) -> dict[str, int]:
    """By village, the households that were absent and have not been called again since."""
    findings = _findings(campaign)
    if findings is None:
        return {}
    return calls(campaign.sample(), findings, called=_called(plan, done_until))


def _called(plan: pd.DataFrame, done_until: datetime.date) -> dict[str, str]:
    """By village, the last day on which a team was there to call again."""
    over = plan[(plan["date"] <= done_until.isoformat()) & plan["reason"].map(_is_call)]
    return {str(village): str(date) for village, date in over.groupby("village")["date"].max().items()}


def _is_call(reason: str) -> bool:
    return CALL in codes_of(reason)


def _findings(campaign: Campaign) -> pd.DataFrame | None:
    return campaign.findings() if campaign.has_register() else None


def campaign_calendar(campaign: Campaign, first: datetime.date) -> Calendar:
    """Days and hours by the settings, with the minutes of the timing sheet where they name one."""
    settings = campaign.settings.visits
    calendar = settings.calendar(first)
    if not settings.timings:
        return calendar
    return replace(calendar, minutes_household=mean_minutes(timings(campaign.folder / settings.timings)))


def campaign_teams(campaign: Campaign) -> tuple[tuple[Team, ...], tuple[Problem, ...]]:
    """The teams with all villages that are closed to them, and what is not known of them.

    Raises
    ------
    InputError
        If there is no sheet of teams, or with everything that is wrong with it.
    """
    settings = campaign.settings.visits
    path = campaign.folder / settings.teams
    if not path.exists():
        raise InputError([Problem(key="visiting.no_sheet", file=settings.teams)])
    written = read_teams(path)
    teams, strange = at_home(written, campaign.villages())
    teams = from_own_town(teams) if settings.team_base == OWN else teams
    before = _plan_before(campaign)
    missing = [Problem(key="visiting.no_plan_before", value=campaign.settings.previous, severity=REPORTED)]
    wanted = bool(campaign.settings.previous) and before is None
    return _rotated(teams, before), (*team_notes(written), *strange, *(missing if wanted else ()))


def _plan_before(campaign: Campaign) -> pd.DataFrame | None:
    """The plan of the wave before, if its folder has one."""
    if not campaign.settings.previous:
        return None
    before = campaign.folder / campaign.settings.previous
    path = (before if before.is_dir() else before.parent) / PLAN
    return read_csv(path) if path.exists() else None


def _rotated(teams: Sequence[Team], before: pd.DataFrame | None) -> tuple[Team, ...]:
    """Teams that do not go again where the team of the same name was in the wave before."""
    if before is None:
        return tuple(teams)
    been = before.groupby("team")["village"].agg(frozenset)
    return tuple(replace(team, before=been.get(team.team, frozenset())) for team in teams)


def _distances(
    campaign: Campaign, todo: pd.DataFrame, teams: Sequence[Team]
) -> tuple[Distances, tuple[Problem, ...]]:
    settings = campaign.settings.visits
    if settings.distances:
        return by_table(read_ways(campaign.folder / settings.distances), todo, teams), ()
    return by_places(
        todo,
        teams,
        campaign.villages(),
        kind=settings.coordinates,
        road=settings.road,
        seat=settings.seat,
    )
