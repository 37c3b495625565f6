"""The days and hours that there are for visits, and how long things take."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When teams can go, and how much a day holds.

    `start` is the first day; Saturdays, Sundays and `holidays` are none, unless they are `workdays`.
    `begin` is when a team leaves its base, in minutes after midnight; `hours` and `km` are hard limits of a
    team's day, the way to the first village and back from the last included. `minutes_household`,
    `minutes_village` (set-up) and `kmh` say how long things take; `end` is the last day, if there is one.
    """

    start: datetime.date
    end: datetime.date | None = None
    holidays: frozenset[datetime.date] = frozenset()
    workdays: frozenset[datetime.date] = frozenset()
    begin: int = 8 * 60 + 30
    hours: float = 8.0
    km: float = 150.0
    minutes_household: float = 25.0
    minutes_village: float = 60.0
    kmh: float = 40.0

    def is_workday(self, day: datetime.date) -> bool:
        """Whether visits are made on this day."""
        return day in self.workdays or (day.weekday() < 5 and day not in self.holidays)

    def days(self) -> Iterator[datetime.date]:
        """The working days from the start on, up to the end if there is one."""
        day = self.start
        while self.end is None or day <= self.end:
            if self.is_workday(day):
                yield day
            day += datetime.timedelta(days=1)

    def day(self, number: int) -> datetime.date:
        """The working day with this number, from 1; ValueError where the calendar is shorter."""
        found = next(islice(self.days(), number - 1, None), None)
        if found is None:
            raise ValueError(f"number must be within the calendar, got {number}")
        return found

    def service(self, households: int) -> float:
        """Minutes that a village takes."""
        return self.minutes_village + households * self.minutes_household
