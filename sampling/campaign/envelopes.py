"""The envelopes step: each team's papers of each day, locked; the codes are given out on the day itself."""

import hashlib
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.planning import read_plan
from sampling.campaign.step import Done, progress_shown
from sampling.files import csv_bytes, read_csv, write_whole
from sampling.findings import Event, write_head
from sampling.forms.day_sheet import Spot
from sampling.forms.envelope import Supplies, envelope, parts_of
from sampling.forms.locking import new_code
from sampling.visits.plan import VisitPlan
from sampling.words import InputError, Problem

FOLDER = "visits/envelopes"
CODES = "restricted/codes.csv"
SEALED, RELEASED = "envelope_sealed", "code_released"
"""Kinds of events in the register: who was given what, and when, is part of its chain."""
CUSTODY = "custody"
"""Who adds these events: the step, not a person."""


def seal_envelopes(campaign: Campaign, *, now: datetime) -> Done:
    """Write `visits/envelopes/<date>/<team>/` for the whole plan, all of it or nothing, with new codes.

    Raises
    ------
    InputError
        If there is no plan.
    """
    plan = read_plan(campaign)
    if plan is None:
        raise InputError([Problem(key="envelopes.no_plan")])
    partial = (campaign.folder / FOLDER).with_name(".envelopes.partial")
    shutil.rmtree(partial, ignore_errors=True)
    codes = plan.days[["day", "date", "team"]].assign(code=[new_code() for _ in range(len(plan.days))])
    sealed = _seal(campaign, plan, codes, partial)
    write_whole(campaign.folder / CODES, csv_bytes(codes))
    place.put_folder_in_place(partial, campaign.folder / FOLDER)
    _note(campaign, sealed, now)
    fields = {"envelopes": len(sealed), "days": codes["date"].nunique(), "teams": codes["team"].nunique()}
    return Done(key="envelopes.done.envelopes", fields=fields, files=(campaign.folder / FOLDER,))


def _seal(campaign: Campaign, plan: VisitPlan, codes: pd.DataFrame, folder: Path) -> list[Event]:
    """Write every envelope, and say what is in it by the hashes of its files."""
    supplies = _supplies(campaign)
    serials = parts_of(plan.visits, supplies.issued, list(campaign.findings()["serial"]))
    days: list[dict[str, Any]] = plan.days.to_dict("records")  # type: ignore[assignment]
    events = []
    with progress_shown() as progress:
        for number, (day, code) in enumerate(zip(days, codes["code"], strict=True), start=1):
            here = (plan.visits["day"] == day["day"]) & (plan.visits["team"] == day["team"])
            files = envelope(plan.visits[here], day, serials, supplies, code=code)
            for name, content in files.items():
                write_whole(folder / day["date"] / day["team"] / name, content)
            hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
            payload = {"date": day["date"], "team": day["team"], "files": hashes}
            events.append(Event(kind=SEALED, payload=payload))
            progress(number, len(days))
    return events


def _supplies(campaign: Campaign) -> Supplies:
    villages = campaign.villages()
    known = villages.reindex(columns=["village", "x", "y"]).dropna()
    spots = {village: Spot(float(x), float(y)) for village, x, y in known.itertuples(index=False, name=None)}
    middle = Spot(*(sum(axis) / len(spots) for axis in zip(*spots.values(), strict=True))) if spots else None
    return Supplies.of(
        campaign.issued(),
        campaign.roll(),
        campaign.lists(),
        spots=spots,
        seat=middle,
        campaign=campaign.id,
        lang=campaign.lang,
        codebook=campaign.codebook,
        standard=campaign.standard,
        marks=campaign.marks,
    )


def release_codes(campaign: Campaign, day: str, *, by: str, early: str, now: datetime) -> Done:
    """Give out the codes of one day, and note who did, when, and why earlier if it was.

    Parameters
    ----------
    day
        YYYY-MM-DD.
    by
        Who gives them out.
    early
        Why before the day; empty on the day itself or later.

    Raises
    ------
    InputError
        If there are no envelopes of this day, or the day has not come and no reason is given.
    """
    path = campaign.folder / CODES
    codes = read_csv(path) if path.exists() else pd.DataFrame(columns=["day", "date", "team", "code"])
    own = codes[codes["date"] == day]
    if own.empty:
        known = {"known": ", ".join(codes["date"].unique())}
        raise InputError([Problem(key="envelopes.no_day", value=day, fields=known)])
    if date.fromisoformat(day) > now.date() and not early.strip():
        raise InputError([Problem(key="envelopes.too_early", value=day)])
    payload = {"date": day, "teams": list(own["team"]), "by": by, "early": early}
    _note(campaign, [Event(kind=RELEASED, payload=payload)], now)
    said = "  ".join(f"{team}: {code}" for team, code in zip(own["team"], own["code"], strict=True))
    return Done(key="envelopes.done.released", fields={"date": day, "teams": len(own), "codes": said})


def _note(campaign: Campaign, events: list[Event], now: datetime) -> None:
    time = now.isoformat(timespec="seconds")
    head = campaign.register().append(events, actor=CUSTODY, time=time)
    write_head(campaign.folder / place.HEADS, head, time=time)
