"""Rounds without a solver: the hardest stop opens a day, then whatever adds the shortest way joins it.

For machines that have no PyVRP. The hard limits are the same; the way is longer.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from sampling.visits.ground import Crew, Ground, Job, Route


def greedy_routes(
    jobs: Sequence[Job], crews: Sequence[Crew], days: int, ground: Ground, *, iterations: int = 0
) -> list[Route] | None:
    """Rounds that make all stops in `days` days, or None if none were found; see `routes.routes`.

    `iterations` is not used: there is one way to do it.
    """
    left, found = sorted(jobs, key=lambda job: _hardness(job, crews, ground)), []
    slots = Counter({k: days * len(crew.teams) for k, crew in enumerate(crews)})
    taken: Counter[tuple[int, int]] = Counter()
    while left:
        first = left.pop(0)
        k = _crew_for(first, crews, slots, taken, ground)
        if k is None:
            return None
        day = first.fixed[0] if first.fixed else None
        stops = _filled([first], left, crews[k], day, ground)
        found.append(Route(base=crews[k].base, jobs=tuple(stops), day=day))
        taken_now = set(map(id, stops))  # parts of one village can be equal
        left = [job for job in left if id(job) not in taken_now]
        slots[k] -= day is None or day <= days
        taken[k, day or 0] += 1
    return found


def _hardness(job: Job, crews: Sequence[Crew], ground: Ground) -> tuple[bool, int, int, str, int]:
    may = [crew for crew in crews if crew.may([job])]
    way = max((int(ground.metres[crew.base, job.place]) for crew in may), default=0)
    return (job.fixed is None, sum(len(crew.teams) for crew in may), -way, job.village, -job.minutes)


def _crew_for(
    job: Job, crews: Sequence[Crew], slots: Counter[int], taken: Counter[tuple[int, int]], ground: Ground
) -> int | None:
    """The crew with most days left among those that may and can do it."""
    day = job.fixed[0] if job.fixed else 0
    able = [
        k
        for k, crew in enumerate(crews)
        if crew.may([job]) and ground.fits(crew.base, [job])
        if (taken[k, day] < len(crew.teams) if day else slots[k] > 0)
    ]
    return max(able, key=lambda k: (slots[k] / len(crews[k].teams), -k), default=None)


def _filled(stops: list[Job], left: Sequence[Job], crew: Crew, day: int | None, ground: Ground) -> list[Job]:
    """The round with all stops that still go into it, always the one that adds the shortest way."""
    able = [job for job in left if crew.may([job]) and (job.fixed is None or job.fixed[0] == day)]
    while able:
        offers = [offer for job in able for offer in insertions(stops, job, crew.base, ground)]
        if not offers:
            return stops
        _, place, job = min(offers, key=lambda offer: (offer[0], offer[2].village, offer[1]))
        stops = [*stops[:place], job, *stops[place:]]
        able = [other for other in able if other is not job]
    return stops


def insertions(stops: Sequence[Job], job: Job, base: int, ground: Ground) -> Iterator[tuple[int, int, Job]]:
    """Where a stop goes into a round: metres added, place in the round, the stop."""
    before = ground.length(base, stops) if stops else 0
    for place in range(len(stops) + 1):
        trial = [*stops[:place], job, *stops[place:]]
        if ground.fits(base, trial):
            yield ground.length(base, trial) - before, place, job
