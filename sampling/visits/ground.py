"""The ground that teams cover: ways in whole metres and minutes, what a day holds, times of a round."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from sampling.visits.calendar import Calendar
from sampling.visits.distances import Distances

OTHER_TOWN = 1000
"""Where distances are unknown, a change of town counts as these metres, and a way inside a town as none."""
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One stop: a village, or the part of it that one day holds.

    `place` is its point in the distances, `minutes` what it takes there. `fixed` is the number of the day and
    the minute after midnight of an appointment. `order` is where it stands in the draw order, in [0, 1).
    """

    village: str
    township: str
    place: int
    households: int
    minutes: int
    certainty: bool = False
    fixed: tuple[int, int] | None = None
    order: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Teams that are alike for a planner: same base, same villages closed to them (their points)."""

    teams: tuple[str, ...]
    base: int
    closed: frozenset[int]

    def may(self, jobs: Sequence[Job]) -> bool:
        """Whether none of the stops is closed to these teams."""
        return not any(job.place in self.closed for job in jobs)


def alike(crews: Iterable[Crew], places: Collection[int]) -> list[Crew]:
    """The crews with all those together that do not differ for these places."""
    groups: dict[tuple[int, frozenset[int]], tuple[str, ...]] = {}
    for crew in crews:
        key = (crew.base, crew.closed.intersection(places))
        groups[key] = (*groups.get(key, ()), *crew.teams)
    return [Crew(teams=teams, base=base, closed=closed) for (base, closed), teams in groups.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one team does on one day; `day` is its number where an appointment says so."""

    base: int
    jobs: tuple[Job, ...]
    day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When a team leaves its base, arrives and leaves at each stop, and is back: minutes after midnight."""

    leave: int
    stops: tuple[tuple[int, int], ...]
    back: int


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Ways between points, rounded up to whole metres and minutes, and the hard limits of a day.

    `closed` holds pairs of points between which nobody can go.
    """

    km: np.ndarray
    metres: np.ndarray
    minutes: np.ndarray
    known: bool
    begin: int
    day_minutes: int
    day_metres: int
    closed: frozenset[tuple[int, int]] = field(default_factory=frozenset)

    def times(self, base: int, jobs: Sequence[Job]) -> Times | None:
        """The times of a round, or None if an appointment in it cannot be kept.

        A team leaves when its day begins, later only if it would wait at the first stop.
        """
        clock, here, stops = self.begin, base, []
        for job in jobs:
            clock += int(self.minutes[here, job.place])
            if job.fixed:
                if clock > job.fixed[1]:
                    return None
                clock = job.fixed[1]
            stops.append((clock, clock + job.minutes))
            clock, here = clock + job.minutes, job.place
        leave = stops[0][0] - int(self.minutes[base, jobs[0].place])
        return Times(leave=leave, stops=tuple(stops), back=clock + int(self.minutes[here, base]))

    def legs(self, base: int, jobs: Sequence[Job]) -> list[tuple[int, int]]:
        """The ways of a round, from point to point, the way back last."""
        points = [base, *(job.place for job in jobs), base]
        return list(pairwise(points))

    def length(self, base: int, jobs: Sequence[Job]) -> int:
        """Metres of a round."""
        return int(sum(self.metres[leg] for leg in self.legs(base, jobs)))

    def fits(self, base: int, jobs: Sequence[Job]) -> bool:
        """Whether a round keeps the hours and kilometres of a day, its appointments and the closed ways."""
        days = {job.fixed[0] for job in jobs if job.fixed}
        times = self.times(base, jobs) if len(days) < 2 else None
        return (
            times is not None
            and times.back <= self.begin + self.day_minutes
            and self.length(base, jobs) <= self.day_metres
            and not (self.closed and self.closed.intersection(self.legs(base, jobs)))
        )


def ground_of(distances: Distances, calendar: Calendar, townships: Sequence[str]) -> Ground:
    """The ground for a plan; `townships` are those of the villages, in the order of their points.

    Where distances are unknown, ways take no time and only a change of town counts: a plan by towns.
    """
    km = np.asarray(distances.matrix(), dtype=float)
    if distances.known:
        metres, minutes = whole(km * 1000), whole(km / calendar.kmh * 60)
        limit = math.floor(calendar.km * 1000)
    else:
        km = np.full(km.shape, np.nan)
        metres, minutes = _town_changes(len(km), townships), np.zeros(km.shape, dtype=np.int64)
        limit = NO_LIMIT
    return Ground(
        km=km,
        metres=metres,
        minutes=minutes,
        known=distances.known,
        begin=calendar.begin,
        day_minutes=math.floor(calendar.hours * 60),
        day_metres=limit,
    )


def whole(values: np.ndarray) -> np.ndarray:
    """Rounded up to whole numbers, but not for the dust of floating point."""
    return np.ceil(np.round(values, 6)).astype(np.int64)


def _town_changes(points: int, townships: Sequence[str]) -> np.ndarray:
    bases = points - len(townships)
    towns = np.array(["\0"] * bases + list(townships))  # one base where nothing is known of the ground
    return np.where(towns[:, None] == towns[None, :], 0, OTHER_TOWN).astype(np.int64)
