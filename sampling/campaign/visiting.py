"""The forms step and the intake step: workbooks go out to the teams and come back into the register."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.status import sha256_of
from sampling.campaign.step import Done, progress_shown
from sampling.files import csv_bytes, write_whole
from sampling.findings import intake, quarantine_table, write_head
from sampling.forms import write_forms
from sampling.words import InputError, Problem

ACTOR = "intake"
"""Who adds events here: the step, not a person, whose name would stay in the register."""


def make_forms(campaign: Campaign) -> Done:
    """Write one workbook for each drawn village into `forms/`, all of them or none.

    Raises
    ------
    InputError
        If nothing is drawn yet.
    """
    folder = campaign.folder / place.FORMS
    partial = folder.with_name(".forms.partial")
    shutil.rmtree(partial, ignore_errors=True)
    with progress_shown() as progress:
        written = write_forms(
            campaign.issued(),
            campaign.roll(),
            campaign.lists(),
            partial,
            campaign=campaign.id,
            lang=campaign.lang,
            marks=campaign.marks,
            progress=progress,
        )
    write_whole(partial / place.MADE_FROM, sha256_of(campaign.folder / place.RECEIPT))
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return Done(key="campaign.done.forms", fields={"forms": len(written)}, files=(folder,))


def take_in(campaign: Campaign, files: Sequence[Path], *, now: datetime) -> Done:
    """Take returned workbooks into the register, all of one call or none; the rest is kept in quarantine.

    Parameters
    ----------
    files
        The workbooks; none for all in `returned/`.

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
        roll=campaign.roll(),
        lists=campaign.lists(),
        codebook=campaign.settings.codebook,
        standard=campaign.settings.standard,
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
