"""The section `[followup]` of `campaign.toml`: deadlines and the review calendar."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sampling.campaign.folder import SETTINGS
from sampling.words import Problem

SECTION = "followup"
YEARLY, HALF_YEARLY, ANY_TIME = PERIODS = ("yearly", "half_yearly", "any_time")
REVIEW = {"stable": YEARLY, "retirement": HALF_YEARLY, "unstable": ANY_TIME}
"""How often households are reviewed: of stable income, near retirement, unstable or contested."""
DAYS = {"days": 30, "objection_days": 10, "posted_days": 7}
KEYS = (*DAYS, "notified", "review", "hotline")


@dataclass(frozen=True, kw_only=True)
class FollowupSettings:
    """What `[followup]` says.

    Attributes
    ----------
    days
        In which a town has to put right what was found, from the day it was notified.
    objection_days
        In which a household may object to a notice.
    posted_days
        For which a list is posted.
    notified
        The day the notices went out; None as long as they have not.
    review
        The period of each of REVIEW.
    hotline
        The list of reports from the hotline; empty where there is none.
    """

    days: int = DAYS["days"]
    objection_days: int = DAYS["objection_days"]
    posted_days: int = DAYS["posted_days"]
    notified: datetime.date | None = None
    review: Mapping[str, str] = field(default_factory=lambda: dict(REVIEW))
    hotline: str = ""

    @property
    def deadline(self) -> datetime.date | None:
        """The last day to put things right; None as long as nobody was notified."""
        return None if self.notified is None else self.notified + datetime.timedelta(days=self.days)


def read_followup(section: Mapping[str, Any]) -> FollowupSettings:
    """The settings of a section without problems."""
    review = REVIEW | section.get("review", {})
    return FollowupSettings(**{**section, "review": review})


def followup_problems(section: object) -> Iterator[Problem]:
    """What is wrong with the values of `[followup]`; unknown keys are named elsewhere."""
    if not isinstance(section, dict):
        return
    for name in DAYS:
        if name in section and not _is_days(section[name]):
            yield _wrong(name, section[name], "days")
    if "notified" in section and not _is_date(section["notified"]):
        yield _wrong("notified", section["notified"], "date")
    if not isinstance(section.get("hotline", ""), str):
        yield _wrong("hotline", section["hotline"], "text")
    review = section.get("review", {})
    if not isinstance(review, dict):
        yield _wrong("review", review, "table")
        return
    for name, period in review.items():
        if name not in REVIEW or period not in PERIODS:
            yield _wrong(f"review.{name}", period, "review")


def _is_days(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 365


def _is_date(value: object) -> bool:
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _wrong(name: str, value: object, kind: str) -> Problem:
    words = {"names": ", ".join(REVIEW), "periods": ", ".join(PERIODS)}
    return Problem(
        key=f"followup.not_{kind}", file=SETTINGS, column=f"{SECTION}.{name}", value=str(value), fields=words
    )
