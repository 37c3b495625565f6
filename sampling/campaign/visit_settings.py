"""The section `[visits]` of `campaign.toml`: days and hours, how long things take, where the inputs lie."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sampling.campaign.folder import SETTINGS
from sampling.visits.calendar import Calendar
from sampling.visits.places import KINDS, PLANE
from sampling.visits.planning import ASSIGNMENTS, ORDERS
from sampling.words import Problem

SECTION = "visits"
TEAMS = "visits/teams-list.xlsx"
BASES = SEAT, OWN = ("seat", "own")
"""Where teams begin their days that name no place: the county seat, or their own town."""
HOURS_OF_A_DAY = 24


@dataclass(frozen=True, kw_only=True)
class VisitSettings:
    """What `[visits]` says.

    `limits` are fields of the calendar as far as they are written. Paths are as written, relative to the
    campaign folder; `distances` and `timings` are empty where there are none. Without a `seat` it is the
    middle of all villages.
    """

    limits: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    road: float = 1.4
    seat: tuple[float, float] | None = None
    coordinates: str = PLANE
    distances: str = ""
    timings: str = ""
    assignment: str = ASSIGNMENTS[0]
    order: str = ORDERS[0]
    appointments: Mapping[str, datetime.datetime] = field(default_factory=lambda: MappingProxyType({}))
    teams: str = TEAMS
    team_base: str = SEAT

    def calendar(self, first: datetime.date) -> Calendar:
        """Days and hours; from the day `first` on where no start is written."""
        return Calendar(**{"start": first, **self.limits})


def _date(value: object) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    return datetime.date.fromisoformat(_text(value))


def _dates(value: object) -> frozenset[datetime.date]:
    if not isinstance(value, list):
        raise ValueError("no list")
    return frozenset(map(_date, value))


def _clock(value: object) -> int:
    time = value if isinstance(value, datetime.time) else datetime.time.fromisoformat(_text(value))
    return time.hour * 60 + time.minute


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("no text")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ValueError("no number")
    return float(value)


def _above_0(value: object) -> float:
    if not (number := _number(value)):
        raise ValueError("0")
    return number


def _hours(value: object) -> float:
    if (number := _above_0(value)) > HOURS_OF_A_DAY:
        raise ValueError("longer than a day")
    return number


def _road(value: object) -> float:
    if (number := _number(value)) < 1:
        raise ValueError("shorter than a straight line")
    return number


def _place(value: object) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("no pair")
    if any(isinstance(part, bool) or not isinstance(part, int | float) for part in value):
        raise ValueError("no numbers")
    return float(value[0]), float(value[1])


def _times(value: object) -> Mapping[str, datetime.datetime]:
    if not isinstance(value, dict):
        raise ValueError("no table")
    return MappingProxyType({village: _moment(time) for village, time in value.items()})


def _moment(value: object) -> datetime.datetime:
    time = value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(_text(value))
    if time.tzinfo or (time.hour, time.minute) == (0, 0):
        raise ValueError("no time of the day here")
    return time


def _one_of(*words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in words:
            raise ValueError("another word")
        return str(value)

    return read


CALENDAR: Mapping[str, tuple[Callable[[object], Any], str]] = {
    "start": (_date, "date"),
    "end": (_date, "date"),
    "holidays": (_dates, "dates"),
    "workdays": (_dates, "dates"),
    "begin": (_clock, "clock"),
    "hours": (_hours, "hours"),
    "km": (_above_0, "above_0"),
    "minutes_household": (_number, "number"),
    "minutes_village": (_number, "number"),
    "kmh": (_above_0, "above_0"),
}
"""Keys that are the calendar's own: how each is read, and the kind of value that it must be."""
OTHERS: Mapping[str, tuple[Callable[[object], Any], str]] = {
    "road": (_road, "road"),
    "seat": (_place, "place"),
    "coordinates": (_one_of(*KINDS), ", ".join(KINDS)),
    "distances": (_text, "text"),
    "timings": (_text, "text"),
    "assignment": (_one_of(*ASSIGNMENTS), ", ".join(ASSIGNMENTS)),
    "order": (_one_of(*ORDERS), ", ".join(ORDERS)),
    "appointments": (_times, "times"),
    "teams": (_text, "text"),
    "team_base": (_one_of(*BASES), ", ".join(BASES)),
}
KEYS = (*CALENDAR, *OTHERS)
"""Every key of the section."""


def visit_problems(section: object) -> Iterator[Problem]:
    """What is wrong with the values of `[visits]`: all of it. Unknown keys are named elsewhere."""
    if not isinstance(section, dict):
        return
    for name, (read, kind) in {**CALENDAR, **OTHERS}.items():
        if name in section:
            try:
                read(section[name])
            except ValueError:
                yield _wrong(name, section[name], kind)
    yield from _against_each_other(section)


def _wrong(name: str, value: object, kind: str) -> Problem:
    words = "," in kind
    key = "visiting.not_one_of" if words else f"visiting.not_{kind}"
    column = f"{SECTION}.{name}"
    return Problem(
        key=key, file=SETTINGS, column=column, value=str(value), fields={"words": kind} if words else {}
    )


def _against_each_other(section: Mapping[str, Any]) -> Iterator[Problem]:
    known = _known(section, CALENDAR)
    if "start" in known and "end" in known and known["end"] < known["start"]:
        fields = {"start": known["start"].isoformat()}
        column, value = f"{SECTION}.end", known["end"].isoformat()
        yield Problem(
            key="visiting.end_before_start", file=SETTINGS, column=column, value=value, fields=fields
        )
    for day in sorted(known.get("holidays", frozenset()) & known.get("workdays", frozenset())):
        column = f"{SECTION}.workdays"
        yield Problem(key="visiting.holiday_and_workday", file=SETTINGS, column=column, value=day.isoformat())
    if "timings" in section and "minutes_household" in section:
        yield Problem(key="visiting.two_minutes", file=SETTINGS, column=f"{SECTION}.timings")


def _known(section: Mapping[str, Any], keys: Mapping[str, tuple[Callable, str]]) -> dict[str, Any]:
    """The values that can be read, by key."""
    found = {}
    for name, (read, _) in keys.items():
        if name in section:
            try:
                found[name] = read(section[name])
            except ValueError:
                continue  # named by visit_problems
    return found


def read_visits(section: Mapping[str, Any]) -> VisitSettings:
    """The settings of a section in which `visit_problems` finds nothing."""
    return VisitSettings(limits=MappingProxyType(_known(section, CALENDAR)), **_known(section, OTHERS))
