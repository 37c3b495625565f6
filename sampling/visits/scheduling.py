"""Which team makes which round on which day: certainty villages first, parts of a village in a row."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from sampling.visits.ground import Crew, Route

Slot = tuple[str, int]
"""A team and the number of a day."""
NEVER = 1e9
OTHER_TEAM = 3.0
"""Another team than wished weighs as much as three days later or earlier."""


def scheduled(routes: Sequence[Route], crews: Sequence[Crew], days: int) -> dict[Slot, Route] | None:
    """A team and a day for every round, or None if the teams cannot make them in so many days.

    A round goes to a team of its base that may visit all its villages. Days are numbered from 1.

    Notes
    -----
    First each group of rounds that share a village is wished to one team on days in a row, groups with
    certainty villages first, then the longest. Then one assignment problem puts every round into a slot,
    as near as possible to what was wished: whatever the teams can make at all is found.
    """
    teams = {team: crew for crew in crews for team in crew.teams}
    appointed = {route.day for route in routes if route.day is not None}
    slots = [(team, day) for team in teams for day in sorted({*range(1, days + 1), *appointed})]
    if len(slots) < len(routes):
        return None
    wishes = _wishes(routes, teams)
    cost = np.array([_costs(route, wishes[k], slots, teams) for k, route in enumerate(routes)])
    rows, columns = linear_sum_assignment(cost)
    if cost[rows, columns].max(initial=0) >= NEVER:
        return None
    return {slots[column]: routes[row] for row, column in zip(rows, columns, strict=True)}


def _costs(route: Route, wish: Slot, slots: Sequence[Slot], teams: Mapping[str, Crew]) -> list[float]:
    may = {team: crew.base == route.base and crew.may(route.jobs) for team, crew in teams.items()}
    return [
        abs(day - wish[1]) + OTHER_TEAM * (team != wish[0])
        if may[team] and route.day in (None, day)
        else NEVER
        for team, day in slots
    ]


def _wishes(routes: Sequence[Route], teams: Mapping[str, Crew]) -> dict[int, Slot]:
    """For each round, by its place in `routes`, the team and day that suit best."""
    free: dict[str, int] = dict.fromkeys(teams, 1)
    wishes = {}
    for group in _groups(routes):
        for k, team in _with_teams(group, routes, teams, free):
            wishes[k] = (team, routes[k].day or free[team])
            free[team] += routes[k].day is None
    return wishes


def _with_teams(
    group: Sequence[int], routes: Sequence[Route], teams: Mapping[str, Crew], free: Mapping[str, int]
) -> Iterator[tuple[int, str]]:
    """The rounds of a group, each with the team free first, if possible one for all."""

    def able(ks: Sequence[int]) -> list[str]:
        return [
            team
            for team, crew in teams.items()
            if all(crew.base == routes[k].base and crew.may(routes[k].jobs) for k in ks)
        ]

    common = min(able(group), key=lambda team: free[team], default=None)
    for k in group:
        yield k, common or min(able([k]), key=lambda team: free[team])


def _groups(routes: Sequence[Route]) -> list[list[int]]:
    """Rounds that share a village, together; groups with certainty villages first, then the longest."""
    root = list(range(len(routes)))

    def top(k: int) -> int:
        while root[k] != k:
            k = root[k]
        return k

    seen: dict[str, int] = {}
    for k, route in enumerate(routes):
        for job in route.jobs:
            root[top(k)] = top(seen.setdefault(job.village, k))
    groups = defaultdict(list)
    for k in range(len(routes)):
        groups[top(k)].append(k)
    ordered = [sorted(group, key=lambda k: _urgency([k], routes)) for group in groups.values()]
    return sorted(ordered, key=lambda group: _urgency(group, routes))


def _urgency(group: Sequence[int], routes: Sequence[Route]) -> tuple[bool, int, str]:
    certainty = any(job.certainty for k in group for job in routes[k].jobs)
    return not certainty, -len(group), min(job.village for k in group for job in routes[k].jobs)
