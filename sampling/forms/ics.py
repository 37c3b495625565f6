"""A team's day as a calendar file: when it is out, and nothing of where (a calendar is read by many)."""

import datetime
import hashlib

from icalendar import Calendar, Event

from sampling.words import text


def day_event(
    team: str, date: datetime.date, leave: str, back: str, villages: int, *, campaign: str, lang: str
) -> bytes:
    """The day of a team as an iCalendar file (RFC 5545), in local time.

    Parameters
    ----------
    team, date
        Who, and on which day.
    leave, back
        HH:MM.
    villages
        How many; their names stand in the day sheet alone.
    campaign, lang
        Whose day, and the language of its title.
    """
    day = date.strftime("%Y%m%d")
    uid = hashlib.sha256("/".join((campaign, team, day)).encode()).hexdigest()[:32]
    event = Event()
    event.add("uid", f"{uid}@inspection-sampling")
    event.add("dtstamp", datetime.datetime(date.year, date.month, date.day, tzinfo=datetime.UTC))
    for name, clock in (("dtstart", leave), ("dtend", back)):
        event.add(name, datetime.datetime.combine(date, datetime.time.fromisoformat(clock)))
    event.add("summary", text("envelopes.ics.title", lang, team=team, villages=villages))
    calendar = Calendar()
    calendar.add("prodid", "-//inspection-sampling//visits//")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return calendar.to_ical()
