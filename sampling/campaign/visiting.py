"""The intake step: what came back goes into the register."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.step import Done
from sampling.files import csv_bytes, write_whole
from sampling.findings import intake, quarantine_table, write_head
from sampling.findings.intake import Purpose
from sampling.words import InputError, Problem

ACTOR = "intake"
"""Who adds events here: the step, not a person, whose name would stay in the register."""


def take_in(
    campaign: Campaign, files: Sequence[Path], *, now: datetime, purpose: Purpose = "finding"
) -> Done:
    """Take returned workbooks into the register, all of one call or none; the rest is kept in quarantine.

    Parameters
    ----------
    files
        The workbooks; none for all in `returned/`.
    purpose
        Whether they tell of the visits, or of second visits by other teams.

    Raises
    ------
    InputError
        If there is nothing to take in, or nothing is drawn yet.
    """
    paths = list(files) or sorted((campaign.folder / place.RETURNED).glob("*.xls*"))
    if not paths:
        fields = {"folder": campaign.folder / place.RETURNED}
        raise InputError([Problem(key="campaign.no_returned", fields=fields)])
    result = intake(
        paths,
        sample=campaign.issued(),
        register=campaign.register(),
        campaign=campaign.id,
        actor=ACTOR,
        time=now.isoformat(timespec="seconds"),
        drawn_at=campaign.receipt()["seed_source"]["time"],
        purpose=purpose,
        roll=campaign.roll(),
        lists=campaign.lists(),
        codebook=campaign.codebook,
        standard=campaign.standard,
    )
    write_whole(
        campaign.folder / place.QUARANTINE, csv_bytes(quarantine_table(result.waiting, campaign.lang))
    )
    write_head(campaign.folder / place.HEADS, result.head, time=now.isoformat(timespec="seconds"))
    return Done(
        key="campaign.done.intake",
        fields={**result.totals, "findings": len(campaign.findings())},
        notes=result.problems,
        files=(campaign.folder / place.QUARANTINE,),
    )
