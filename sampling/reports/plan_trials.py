"""A plan of visits tried with other teams, days and hours than the campaign has: nothing is written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

import numpy as np

from sampling.campaign import Campaign
from sampling.campaign.plan_inputs import PlanInputs, campaign_work, plan_inputs
from sampling.visits.capacity import Capacity, capacity
from sampling.visits.distances import Distances
from sampling.visits.plan import VisitPlan
from sampling.visits.planning import plan_visits
from sampling.visits.team import Member, Team
from sampling.visits.work import work

TRIAL = "trial"
"""What a plan says that it was made from, which nobody will follow."""


def trial_inputs(campaign: Campaign, *, first: date) -> PlanInputs:
    """What a plan of all visits of the sample is made from, as if none were made yet.

    Raises
    ------
    InputError
        If nothing is drawn yet, there is no sheet of teams, or one of the inputs is refused.
    """
    every, left = work(campaign.sample()), campaign_work(campaign)
    households = left.set_index("village")["households"].reindex(every["village"]).fillna(0).to_numpy()
    todo = every.assign(households=np.maximum(every["households"], households).astype("int64"))
    return plan_inputs(campaign, todo, first=first)


def with_limits(inputs: PlanInputs, *, teams: int, days: int, hours: float) -> PlanInputs:
    """The inputs of a plan with this many teams, working days and hours a day.

    Parameters
    ----------
    inputs
        What the campaign's own plan is made from.
    teams
        The first of the campaign's teams; where it has fewer, supposed ones that start at the seat and may
        go everywhere.
    days, hours
        How long the calendar is, and a team's day.
    """
    own = inputs.teams[:teams]
    more = tuple(_supposed(number) for number in range(1, teams - len(own) + 1))
    end = replace(inputs.calendar, end=None).day(days)
    return replace(
        inputs,
        teams=own + more,
        calendar=replace(inputs.calendar, end=end, hours=hours),
        distances=_from_bases(inputs.distances, len(inputs.teams), len(own), len(more)),
    )


def _supposed(number: int) -> Team:
    name = f"+{number}"
    return Team(team=name, members=(Member(name=f"{name}a"), Member(name=f"{name}b")))


def _from_bases(distances: Distances, there: int, kept: int, more: int) -> Distances:
    """The distances with the bases of the first `kept` teams of those there, and the seat `more` times."""
    points = [*range(kept + 1), *[0] * more, *range(there + 1, len(distances.kilometres))]
    return Distances(kilometres=distances.kilometres[np.ix_(points, points)], known=distances.known)


def room(inputs: PlanInputs) -> Capacity:
    """Whether there is time enough at the villages, the ways not counted."""
    return capacity(inputs.work, inputs.teams, inputs.calendar)


def tried(inputs: PlanInputs, appointments: Mapping[str, datetime]) -> VisitPlan:
    """The plan with the shortest ways.

    Raises
    ------
    InputError
        With what is short.
    """
    return plan_visits(
        inputs.work,
        inputs.teams,
        inputs.calendar,
        inputs.distances,
        appointments=appointments,
        made_from=TRIAL,
    )
