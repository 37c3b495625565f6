"""What the invented inspectors go out with: the truth that they will see, and their share of chance."""

import datetime
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from sampling.forms import NO_STANDARD, Standard, drawn_households, drawn_villages

TEAMS, MEMBERS = 8, 4
FIRST_VISIT, MINUTES, A_DAY = 8 * 60 + 30, 30, 16
"""When a day's first visit begins, minutes from one to the next, and visits in a day."""
Answers = dict[str, str]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNoise:
    """How often things go otherwise than planned: shares of households, of forms, of fields, of villages.

    The last two are assumptions of the demo; all others are those of the synthetic county.
    """

    not_at_home: float = 0.06
    refused: float = 0.003
    moved: float = 0.015
    died: float = 0.005
    name_differs: float = 0.009
    false_positive: float = 0.01
    false_negative: float = 0.05
    entry_error: float = 0.004
    unsigned: float = 0.02
    serial_copied: float = 0.01
    posting_short: float = 0.05
    no_meeting: float = 0.03
    files_missing: float = 0.06


NOISE = FieldNoise()
CAREFUL = FieldNoise(false_positive=0.0, false_negative=0.0, entry_error=0.0, unsigned=0.0, serial_copied=0.0)
"""Second visits: more time and a second pair of eyes, so that what they say is taken for true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What inspectors know of the campaign: the county's standard, and the programme of each household."""

    standard: Standard = NO_STANDARD
    areas: Mapping[Key, str] = field(default_factory=lambda: MappingProxyType({}))


NOTHING_KNOWN = Known()


class Slot(NamedTuple):
    """When a household is visited, and by which team."""

    team: int
    date: str
    arrive: str
    leave: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One round of visits; `slots` is by household, and by village for its own questions."""

    truth: Mapping[Key, Mapping[str, str]]
    keys: Mapping[str, Key]
    blank: frozenset[str]
    slots: Mapping[Key, Slot]
    known: Known
    noise: FieldNoise
    seed: int

    def chance(self, *stream: str) -> random.Random:
        """A stream of chance of its own for whatever is named; the same for the same names and seed."""
        return random.Random("/".join((str(self.seed), *stream)))


def go_out(
    truth: pd.DataFrame,
    sample: pd.DataFrame,
    *,
    seed: int,
    days: Sequence[datetime.date],
    noise: FieldNoise,
    known: Known,
    shift: int = 0,
) -> Trip:
    """Everything a round of visits needs; with `shift` every village is another team's."""
    households, villages = drawn_households(sample), drawn_villages(sample)
    keys = list(zip(households["list"], households["village"], households["household"], strict=True))
    told = truth[["list", "village", "household"]].itertuples(index=False, name=None)
    seen: list[dict] = truth[["status", "reason", "amount_due_fen"]].astype("str").to_dict("records")
    return Trip(
        truth=dict(zip(told, seen, strict=True)),
        keys=dict(zip(households["serial"], keys, strict=True)),
        blank=frozenset(villages.loc[villages["role"] == "certainty", "village"]),
        slots=_slots(keys, tuple(days) or (datetime.date.today(),), shift),
        known=known,
        noise=noise,
        seed=seed,
    )


def _slots(keys: Sequence[Key], days: Sequence[datetime.date], shift: int) -> dict[Key, Slot]:
    """Villages go round the teams in turn; each takes its households one after the other."""
    of_village: dict[str, list[Key]] = {}
    for key in keys:
        of_village.setdefault(key[1], []).append(key)
    done, slots = dict.fromkeys(range(TEAMS), 0), {}
    for number, households in enumerate(of_village.values()):
        team = (number + shift) % TEAMS
        for key in households:
            day, place = divmod(done[team], A_DAY)
            start = FIRST_VISIT + MINUTES * place
            date = days[day % len(days)].isoformat()
            slots[key] = Slot(team + 1, date, _clock(start), _clock(start + MINUTES - 6))
            done[team] += 1
    return slots


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
