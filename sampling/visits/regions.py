"""A large county in regions: each is planned by itself, with its share of the teams."""

from collections.abc import Sequence

import numpy as np

from sampling.visits.ground import Crew, Ground, Job, alike

LARGEST = 400
"""Stops that are planned together at most."""


def regions(jobs: Sequence[Job], crews: Sequence[Crew], ground: Ground) -> list[tuple[list[Job], list[Crew]]]:
    """Stops and teams, halved until no part is too large; work and teams are cut in the same proportion.

    Every village of a part may be visited by one of its teams, else it is not cut.
    """
    teams = [Crew(teams=(team,), base=crew.base, closed=crew.closed) for crew in crews for team in crew.teams]
    if len(jobs) <= LARGEST or len(teams) < 2:
        return [(list(jobs), list(crews))]
    first = _cut(jobs, _nearness(jobs, ground), (len(teams) // 2) / len(teams))
    sides = [[job for job in jobs if (job.village in first) is side] for side in (True, False)]
    groups = _shared(teams, sides, ground) if all(sides) else []
    parts = list(zip(sides, groups, strict=True)) if groups else []
    if not parts or any(not any(crew.may([job]) for crew in group) for side, group in parts for job in side):
        return [(list(jobs), list(crews))]
    return [region for side, group in parts for region in regions(side, group, ground)]


def _nearness(jobs: Sequence[Job], ground: Ground) -> np.ndarray:
    """How much nearer each stop is to one end of the ground than to the other."""
    places = [job.place for job in jobs]
    one = places[int(ground.metres[places[0], places].argmax())]
    other = places[int(ground.metres[one, places].argmax())]
    return ground.metres[one, places] - ground.metres[other, places]


def _cut(jobs: Sequence[Job], near: np.ndarray, share: float) -> set[str]:
    """The villages nearest to the first end that hold `share` of the work."""
    work, first, done = sum(job.minutes for job in jobs), set(), 0
    for place in sorted(range(len(jobs)), key=lambda place: (near[place], jobs[place].village)):
        if done < work * share or jobs[place].village in first:
            first.add(jobs[place].village)
            done += jobs[place].minutes
    return first


def _shared(teams: Sequence[Crew], sides: Sequence[Sequence[Job]], ground: Ground) -> list[list[Crew]]:
    """Half of the teams for each side: first those that may do more there, then those that live nearer."""

    def loss(team: Crew) -> tuple[int, float]:
        closed = [sum(job.minutes for job in side if job.place in team.closed) for side in sides]
        ways = [float(ground.metres[team.base, [job.place for job in side]].mean()) for side in sides]
        return closed[0] - closed[1], ways[0] - ways[1]

    order, half = sorted(teams, key=loss), len(teams) // 2
    return [
        alike(group, {job.place for job in side})
        for group, side in zip((order[:half], order[half:]), sides, strict=True)
    ]
