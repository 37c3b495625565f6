"""The envelopes step: each team's papers of each day, locked; the codes are given out on the day itself."""

import hashlib
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.plan_files import read_plan
from sampling.campaign.status import sha256_of
from sampling.campaign.step import Done, progress_shown
from sampling.files import csv_bytes, read_csv, write_whole
from sampling.findings import Event, write_head
from sampling.forms.day_sheet import Spot
from sampling.forms.envelope import Supplies, envelope, parts_of
from sampling.forms.locking import new_code
from sampling.visits.plan import VisitPlan
from sampling.words import InputError, Problem

FOLDER = "visits/envelopes"
CODES, CODE_COLUMNS = "restricted/codes.csv", ("day", "date", "team", "code")
SEALED, RELEASED = "envelope_sealed", "code_released"
"""Kinds of events in the register: who was given what, and when, is part of its chain."""
CUSTODY = "custody"
"""Who adds these events: the step, not a person."""


def seal_envelopes(campaign: Campaign, day: str, *, now: datetime) -> Done:
    """Write `visits/envelopes/<date>/<team>/` for one day of the plan, all of it or nothing, with new codes.

    Parameters
    ----------
    day
        YYYY-MM-DD; empty for the next day of the plan after today.

    Raises
    ------
    InputError
        If there is no plan, it was made for another draw, or it has no visits on this day.
    """
    plan = _plan(campaign)
    date_ = day or _next_day(plan, now.date())
    days = plan.days[plan.days["date"] == date_]
    if days.empty:
        known = {"known": ", ".join(plan.days["date"].unique())}
        raise InputError([Problem(key="envelopes.no_day", value=date_, fields=known)])
    unfinished = campaign.folder / f"visits/.{date_}.partial"
    shutil.rmtree(unfinished, ignore_errors=True)
    codes = days[["day", "date", "team"]].assign(code=[new_code() for _ in range(len(days))])
    sealed = _seal(campaign, plan, codes, unfinished)
    _keep_codes(campaign, codes)
    (campaign.folder / FOLDER).mkdir(parents=True, exist_ok=True)
    place.put_folder_in_place(unfinished, campaign.folder / FOLDER / date_)
    _note(campaign, sealed, now)
    fields = {"envelopes": len(sealed), "date": date_}
    return Done(key="envelopes.done.envelopes", fields=fields, files=(campaign.folder / FOLDER / date_,))


def _plan(campaign: Campaign) -> VisitPlan:
    plan = read_plan(campaign)
    if plan is None:
        raise InputError([Problem(key="envelopes.no_plan")])
    if plan.made_from != sha256_of(campaign.folder / place.RECEIPT):
        raise InputError([Problem(key="envelopes.other_sample")])
    return plan


def _next_day(plan: VisitPlan, today: date) -> str:
    later = plan.days.loc[plan.days["date"] > today.isoformat(), "date"]
    return str(later.min()) if len(later) else today.isoformat()


def _keep_codes(campaign: Campaign, codes: pd.DataFrame) -> None:
    """The codes of these days in place of earlier ones; those of other days stay."""
    kept = _codes(campaign)
    other = kept[~kept["date"].isin(codes["date"])]
    table = pd.concat([other, codes.astype("str")]).sort_values(["date", "team"])
    write_whole(campaign.folder / CODES, csv_bytes(table))


def _codes(campaign: Campaign) -> pd.DataFrame:
    path = campaign.folder / CODES
    return read_csv(path) if path.exists() else pd.DataFrame(columns=list(CODE_COLUMNS), dtype="str")


def _seal(campaign: Campaign, plan: VisitPlan, codes: pd.DataFrame, folder: Path) -> list[Event]:
    """Write every envelope of the day, and say what is in it by the hashes of its files."""
    supplies = _supplies(campaign)
    serials = parts_of(plan.visits, supplies.issued, list(campaign.findings()["serial"]))
    code_of = dict(zip(codes["team"], codes["code"], strict=True))
    days: list[dict[str, Any]] = plan.days[plan.days["day"].isin(codes["day"])].to_dict("records")  # type: ignore[assignment]
    events = []
    with progress_shown() as progress:
        for number, day in enumerate(days, start=1):
            here = (plan.visits["day"] == day["day"]) & (plan.visits["team"] == day["team"])
            files = envelope(plan.visits[here], day, serials, supplies, code=code_of[day["team"]])
            for name, content in files.items():
                write_whole(folder / f"team-{day['team']}" / name, content)
            hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
            payload = {"date": day["date"], "team": day["team"], "files": hashes}
            events.append(Event(kind=SEALED, payload=payload))
            progress(number, len(days))
    return events


def _supplies(campaign: Campaign) -> Supplies:
    villages = campaign.villages()
    known = villages.reindex(columns=["village", "x", "y"]).dropna()
    spots = {village: Spot(float(x), float(y)) for village, x, y in known.itertuples(index=False, name=None)}
    seat = campaign.settings.visits.seat or [
        sum(axis) / len(spots) for axis in zip(*spots.values(), strict=True)
    ]
    return Supplies.of(
        campaign.issued(),
        campaign.roll(),
        campaign.lists(),
        spots=spots,
        seat=Spot(*map(float, seat)) if spots else None,
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
    codes = _codes(campaign)
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
