"""The wave before: its receipt, the villages that it drew, and what the next draw owes to it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.settings import Settings
from sampling.designs import DRAWN_BEFORE
from sampling.frames import Roll, Villages
from sampling.words import REPORTED, InputError, Problem

EARLIER = "previous.json"
"""The receipt of the wave before, kept beside the commit that names its hash."""
Part = TypeVar("Part", Roll, Villages)


@dataclass(frozen=True, kw_only=True)
class Wave:
    """The receipt of an earlier draw: its bytes, and what they say."""

    data: bytes
    receipt: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def villages(self) -> frozenset[str]:
        """The villages that were drawn, those taken with certainty among them."""
        return frozenset(unit["id"] for unit in self.receipt["sample"])


def earlier_wave(folder: Path, previous: str) -> Wave | None:
    """The wave that `[draw] previous` names: a campaign's folder or its receipt; None where it names none.

    Raises
    ------
    InputError
        If there is no receipt that can be read.
    """
    if not previous:
        return None
    path = folder / previous
    path = path / place.RECEIPT if path.is_dir() else path
    try:
        data = path.read_bytes()
        receipt = json.loads(data)
        whole = isinstance(receipt["seed"], str) and all(unit["id"] for unit in receipt["sample"])
    except (OSError, ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise InputError([Problem(key="campaign.no_earlier_receipt", file=place.SETTINGS, value=previous)])
    return Wave(data=data, receipt=receipt)


def with_drawn_before(
    roll: Roll | None, villages: Villages | None, wave: Wave | None, settings: Settings
) -> tuple[Roll | None, Villages | None]:
    """The roll and the list of villages with the field drawn_before, 1 or 0, from the wave before.

    As they were where the design does not ask for the field, there is no wave, or one of them has it.
    """
    has = any(DRAWN_BEFORE in part.table for part in (roll, villages) if part is not None)
    if settings.design.drawn_before is None or wave is None or has:
        return roll, villages
    return _with_mark(roll, wave.villages), _with_mark(villages, wave.villages)


def _with_mark(part: Part | None, drawn: frozenset[str]) -> Part | None:
    if part is None:
        return None
    places = part.places and replace(part.places, table=_marked(part.places.table, drawn))
    return replace(part, table=_marked(part.table, drawn), places=places)


def _marked(table: pd.DataFrame, villages: frozenset[str]) -> pd.DataFrame:
    return table.assign(**{DRAWN_BEFORE: table["village"].isin(villages).map({True: "1", False: "0"})})


def wave_notes(settings: Settings, wave: Wave | None) -> Iterator[Problem]:
    """What whoever commits a next wave should know of the weight of the villages drawn before."""
    before = settings.design.drawn_before
    if before == 0:
        yield Problem(key="campaign.drawn_before_excluded", file=place.SETTINGS, severity=REPORTED)
    if wave is not None and before is None:
        yield Problem(key="campaign.drawn_before_unset", file=place.SETTINGS, severity=REPORTED)


def refuse_known_seed(campaign: Campaign, commit: Mapping[str, Any], seed: str) -> None:
    """Refuse the seed of the wave before: everybody could have reckoned this draw since.

    Raises
    ------
    InputError
        If the seed is that of the earlier receipt, or that receipt is not the one that the commit names.
    """
    if not commit["previous_receipt"]:
        return
    data = campaign.path(EARLIER, "commit").read_bytes()
    if hashlib.sha256(data).hexdigest() != commit["previous_receipt"]:
        raise InputError([Problem(key="campaign.damaged_commit", file=EARLIER)])
    earlier = json.loads(data)
    if seed in {earlier["seed"], *(act.get("seed") for act in earlier.get("acts", ()))}:
        raise InputError([Problem(key="campaign.seed_of_before", value=seed)])
