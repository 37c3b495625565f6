"""Answers as people write them, read as dates, times, amounts, counts, yes or no; None if they cannot be."""

import datetime
import re
from decimal import Decimal

from sampling.codes import code_of
from sampling.words import fold

AMOUNT = re.compile(r"[￥¥]?(\d{1,9}(?:\.\d{1,17})?)元?")
DATE = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
"""A time of day behind a date, as some programs save every date."""
TIME = re.compile(r"(\d{1,2})(?::|时|点)(\d{1,2})分?(?::\d{1,2})?")
DAY_ZERO = datetime.date(1899, 12, 30)
"""Spreadsheets count days from here; a date typed into a cell without date format comes back as a number."""
DAY_NUMBERS = range(36526, 73051)  # the years 2000 to 2099
SPOKEN = {"1": "yes", "0": "no", "true": "yes", "false": "no", "√": "yes", "×": "no"}


def read_amount(written: str) -> int | None:
    """An amount in yuan as fen.

    >>> read_amount("￥1,230.5")
    123050
    """
    found = AMOUNT.fullmatch(_plain(written))
    if not found:
        return None
    fen = Decimal(found[1]) * 100
    whole = fen.to_integral_value()
    # A spreadsheet's own arithmetic may leave 210.10000000000002; a true third digit is no amount.
    return int(whole) if abs(fen - whole) < Decimal("0.0001") else None


def read_count(written: str) -> int | None:
    """A whole number of 0 or more.

    >>> read_count("４")
    4
    """
    plain = _plain(written)
    return int(plain) if re.fullmatch(r"[0-9]{1,6}", plain) else None


def read_date(written: str) -> datetime.date | None:
    """A date as Chinese offices and spreadsheets write it.

    >>> read_date("2026年6月3日").isoformat()
    '2026-06-03'
    """
    plain = CLOCK.sub("", fold(written))
    if re.fullmatch(r"[0-9]{5}", plain) and int(plain) in DAY_NUMBERS:
        return DAY_ZERO + datetime.timedelta(days=int(plain))
    if not (found := DATE.fullmatch("".join(plain.split()))):
        return None
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def read_time(written: str) -> datetime.time | None:
    """A time of day, to the minute; a spreadsheet's own number for it is a share of the day.

    >>> read_time("９：05").isoformat()
    '09:05:00'
    """
    plain = _plain(written)
    if re.fullmatch(r"0\.[0-9]+", plain):
        minutes = round(float(plain) * 24 * 60)
    elif found := TIME.fullmatch(plain):
        minutes = int(found[1]) * 60 + int(found[2]) if int(found[2]) < 60 else -1
    else:
        return None
    return datetime.time(minutes // 60, minutes % 60) if 0 <= minutes < 24 * 60 else None


def read_yes_no(written: str) -> bool | None:
    """Yes or no, in any of the languages, or as a box that was ticked."""
    plain = _plain(written).casefold()
    code = code_of("yes_no", SPOKEN.get(plain, plain))
    return None if code is None else code == "yes"


def _plain(written: str) -> str:
    return "".join(fold(written).replace(",", "").split())
