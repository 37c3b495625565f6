"""The forms step: what goes out to the teams, all of it or nothing."""

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.reconciling import note_printed
from sampling.campaign.status import sha256_of
from sampling.campaign.step import Done, progress_shown
from sampling.files import write_whole
from sampling.forms import write_forms

WRITERS: Mapping[str, Callable[..., tuple[Path, ...]]] = {"": write_forms}
"""What is written for every drawn village, by the folder inside `forms/`."""


def make_forms(campaign: Campaign, *, now: datetime) -> Done:
    """Write the forms of every drawn village into `forms/`, and note their serials in the register.

    Raises
    ------
    InputError
        If nothing is drawn yet.
    """
    folder = campaign.folder / place.FORMS
    partial = folder.with_name(".forms.partial")
    shutil.rmtree(partial, ignore_errors=True)
    villages = {name: _write(campaign, write, partial / name) for name, write in WRITERS.items()}
    write_whole(partial / place.MADE_FROM, sha256_of(campaign.folder / place.RECEIPT))
    place.put_folder_in_place(partial, folder)
    note_printed(campaign, now=now)
    return Done(key="campaign.done.forms", fields={"forms": len(villages[""])}, files=(folder,))


def _write(campaign: Campaign, write: Callable[..., tuple[Path, ...]], folder: Path) -> tuple[Path, ...]:
    with progress_shown() as progress:
        return write(
            campaign.issued(),
            campaign.roll(),
            campaign.lists(),
            folder,
            campaign=campaign.id,
            lang=campaign.lang,
            codebook=campaign.codebook,
            standard=campaign.standard,
            marks=campaign.marks,
            progress=progress,
        )
