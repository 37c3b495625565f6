"""A team's day as a calendar file: when it is out, and nothing of where (a calendar is read by many)."""

import datetime
import hashlib

from sampling.words import text

LINE = 73
"""Bytes of a line; what is longer goes on in the next one, after a space (RFC 5545, 3.1)."""


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
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//inspection-sampling//visits//",
        "BEGIN:VEVENT",
        f"UID:{uid}@inspection-sampling",
        f"DTSTAMP:{day}T000000Z",
        f"DTSTART:{day}T{leave.replace(':', '')}00",
        f"DTEND:{day}T{back.replace(':', '')}00",
        "SUMMARY:" + _escaped(text("envelopes.ics.title", lang, team=team, villages=villages)),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(part + "\r\n" for line in lines for part in _folded(line)).encode("utf-8")


def _escaped(words: str) -> str:
    for sign in ("\\", ";", ","):
        words = words.replace(sign, "\\" + sign)
    return words.replace("\n", "\\n")


def _folded(line: str) -> list[str]:
    """The line in pieces that are short enough in bytes, none of them cut inside a character."""
    parts, part = [], ""
    for sign in line:
        if len((part + sign).encode("utf-8")) > LINE:
            parts.append(part)
            part = " "
        part += sign
    return [*parts, part]
