"""Teams to towns at random by ticket: nobody chooses who inspects whom, and anyone can redo it."""

from collections.abc import Callable, Iterator, Sequence

from sampling.draws import ticket_maker
from sampling.visits.ground import Crew, Job

STAGE = "visits"
"""The stage of the tickets of teams and towns: none of the draw's own."""


def visit_tickets(seed: str, campaign: str) -> Callable[..., str]:
    """The tickets of teams ("team", name) and towns ("town", id), from the seed of the receipt.

    Raises
    ------
    InputError
        If the seed is too short or has other signs than digits.
    """
    return ticket_maker(seed, campaign, STAGE)


def dealt(jobs: Sequence[Job], teams: Sequence[Crew], tickets: Callable[..., str]) -> dict[str, list[Job]]:
    """The stops of each team, towns dealt at random.

    Parameters
    ----------
    jobs
        The stops.
    teams
        Every team as a crew of its own.
    tickets
        `visit_tickets` of the receipt's seed.

    Returns
    -------
    dealt
        By team; teams without a town have none.

    Notes
    -----
    Towns come in the order of their tickets. Each goes to the team with the least work so far (minutes at
    the stops) among those that may visit all its villages; among teams with equal work, to the lowest ticket.
    A town that no team may visit whole is dealt village by village. Before the first deal all teams are alike
    but for tickets and conflicts, so each town is as likely to go to one as to another.
    """
    order = sorted(teams, key=lambda crew: tickets("team", crew.teams[0]))
    load = {crew.teams[0]: 0 for crew in order}
    hands: dict[str, list[Job]] = {}
    for lot in _lots(jobs, teams, tickets):
        able = [crew.teams[0] for crew in order if crew.may(lot)]
        team = min(able, key=lambda team: load[team])
        hands.setdefault(team, []).extend(lot)
        load[team] += sum(job.minutes for job in lot)
    return hands


def _lots(jobs: Sequence[Job], teams: Sequence[Crew], tickets: Callable[..., str]) -> Iterator[list[Job]]:
    """Towns in the order of their tickets, in villages where no team may visit the whole town."""
    towns = sorted({job.township for job in jobs}, key=lambda town: (tickets("town", town), town))
    for town in towns:
        lot = [job for job in jobs if job.township == town]
        if any(crew.may(lot) for crew in teams):
            yield lot
            continue
        villages = sorted({job.village for job in lot}, key=lambda village: tickets("village", village))
        yield from ([job for job in lot if job.village == village] for village in villages)


def blocks(jobs: Sequence[Job], number: int) -> list[list[Job]]:
    """The stops in the order of the draw, cut into blocks of equal work; parts of a village stay together.

    Notes
    -----
    `Job.order` is the place in the draw order within the town's stratum, certainty villages before all: after
    every block the villages visited are the first of each stratum's random order: a random sample.
    """
    ordered = sorted(jobs, key=lambda job: (job.order, job.township, job.village))
    work = sum(job.minutes for job in ordered)
    found: list[list[Job]] = [[]]
    done = 0
    for job in ordered:
        full = done >= work * len(found) / number and found[-1] and found[-1][-1].village != job.village
        if full:
            found.append([])
        found[-1].append(job)
        done += job.minutes
    return found
