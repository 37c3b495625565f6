"""The rounds that are still to be made, as a diary in which single visits are taken out and put in."""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sampling.visits.calendar import Calendar
from sampling.visits.greedy import insertions
from sampling.visits.ground import Crew, Ground, Job
from sampling.visits.plan_tables import is_call

FURTHER = 60
"""How many working days after the last planned one are tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A team that cannot go, from `first` to `last`; without dates from now on, for good."""

    team: str
    first: datetime.date | None = None
    last: datetime.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A village that cannot be reached, or the way between it and the village `to`, in both directions."""

    village: str
    to: str = ""
    first: datetime.date | None = None
    last: datetime.date | None = None


def holds(when: Absence | Closure, date: datetime.date) -> bool:
    """Whether an absence or a closure holds on this day."""
    return (when.first is None or when.first <= date) and (when.last is None or date <= when.last)


class Offer(NamedTuple):
    """A place for a visit: the first of these is the best."""

    opens: bool
    metres: int
    date: datetime.date
    team: str
    place: int


@dataclass(kw_only=True)
class Diary:
    """Rounds by team and date, and what stands in the way.

    `dates` are the working days to come. `put`, `displaced` and `take_out_broken` change the rounds.
    """

    crews: Mapping[str, Crew]
    ground: Ground
    calendar: Calendar
    dates: Sequence[datetime.date]
    sick: Sequence[Absence]
    closed: Sequence[Closure]
    places: Mapping[str, int]
    rounds: dict[tuple[str, datetime.date], list[Job]] = field(default_factory=dict)
    grounds: dict[datetime.date, Ground] = field(default_factory=dict)

    def on(self, date: datetime.date) -> Ground:
        """The ground of a day, with the ways that are closed then."""
        if date not in self.grounds:
            pairs = [
                (self.places[c.village], self.places[c.to])
                for c in self.closed
                if c.to in self.places and c.village in self.places and holds(c, date)
            ]
            both = frozenset(pairs) | {(b, a) for a, b in pairs}
            self.grounds[date] = replace(self.ground, closed=both)
        return self.grounds[date]

    def goes(self, team: str, date: datetime.date) -> bool:
        """Whether a team goes out on a day."""
        away = any(absence.team == team and holds(absence, date) for absence in self.sick)
        return team in self.crews and not away

    def may(self, team: str, date: datetime.date, job: Job) -> bool:
        """Whether a team may and can go to a village on a day."""
        shut = any(c.village == job.village and not c.to and holds(c, date) for c in self.closed)
        return not shut and self.crews[team].may([job])

    def days(self) -> list[datetime.date]:
        """The working days from now to the last planned one, one at least if there is one."""
        last = max((date for _, date in self.rounds), default=self.dates[0] if self.dates else None)
        return [date for date in self.dates if last and date <= last] or list(self.dates[:1])

    def further(self) -> Sequence[datetime.date]:
        """The working days after those."""
        known = len(self.days())
        return self.dates[known : known + FURTHER]

    def offers(self, job: Job, dates: Iterable[datetime.date]) -> Iterator[Offer]:
        """Every place for a visit on these days, in rounds there are and in new ones."""
        for date in dates:
            for team, crew in self.crews.items():
                if self.goes(team, date) and self.may(team, date, job):
                    stops = self.rounds.get((team, date), [])
                    for metres, place, _ in insertions(stops, job, crew.base, self.on(date)):
                        yield Offer(opens=not stops, metres=metres, date=date, team=team, place=place)

    def put(self, job: Job, offer: Offer) -> None:
        """Write a visit in."""
        self.rounds.setdefault((offer.team, offer.date), []).insert(offer.place, job)

    def take_out_broken(self) -> list[Job]:
        """Take out every visit that cannot be made as it stands, and no other."""
        out: list[Job] = []
        workdays = set(self.dates)
        for (team, date), jobs in list(self.rounds.items()):
            kept = self._kept(team, date, jobs) if date in workdays and self.goes(team, date) else []
            out += [job for job in jobs if not any(job is other for other in kept)]
            self._write(team, date, kept)
        return out

    def _kept(self, team: str, date: datetime.date, jobs: Sequence[Job]) -> list[Job]:
        kept = [job for job in jobs if self.may(team, date, job)]
        ground, base = self.on(date), self.crews[team].base
        while kept and not ground.fits(base, kept):
            kept = _without(kept, _culprit(kept, ground, base))
        return kept

    def _write(self, team: str, date: datetime.date, jobs: list[Job]) -> None:
        if jobs:
            self.rounds[team, date] = jobs
        else:
            self.rounds.pop((team, date), None)

    def displaced(self, job: Job, dates: Collection[datetime.date]) -> Job | None:
        """Put a visit in the place of another, the shortest that makes room; the other one, or None.

        Appointments, certainty villages and calls are not displaced.
        """
        swaps = [
            (victim.minutes, date, team, victim.village, place, victim)
            for (team, date), stops in self.rounds.items()
            if date in dates and self.goes(team, date) and self.may(team, date, job)
            for victim in stops
            if not (victim.fixed or victim.certainty or is_call(victim))
            for _, place, _ in insertions(_without(stops, victim), job, self.crews[team].base, self.on(date))
        ]
        if not swaps:
            return None
        _, date, team, _, place, victim = min(swaps, key=lambda swap: swap[:5])
        self.rounds[team, date] = _without(self.rounds[team, date], victim)
        self.rounds[team, date].insert(place, job)
        return victim


def _without(jobs: Sequence[Job], victim: Job) -> list[Job]:
    return [job for job in jobs if job is not victim]


def _culprit(jobs: Sequence[Job], ground: Ground, base: int) -> Job:
    """The visit to take out of a round that cannot be made: at a closed way, else the last one."""
    for job, (a, b) in zip(jobs[1:], ground.legs(base, jobs)[1:], strict=False):
        if (a, b) in ground.closed and not job.fixed:
            return job
    return next((job for job in reversed(jobs) if not job.fixed), jobs[-1])
