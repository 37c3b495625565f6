"""The forms step: what goes out to the teams, all of it or nothing."""

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.reconciling import note_printed
from sampling.campaign.status import sha256_of
from sampling.campaign.step import Done, progress_shown
from sampling.files import write_whole
from sampling.forms import drawn_villages, write_forms
from sampling.forms.paper import write_papers
from sampling.forms.xlsform import write_xlsforms
from sampling.words import Problem, refuse_if_any


def make_forms(campaign: Campaign, *, now: datetime) -> Done:
    """Write the forms of every drawn village into `forms/`, and note their serials in the register.

    Raises
    ------
    InputError
        If nothing is drawn yet.
    """
    folder = campaign.folder / place.FORMS
    unfinished = folder.with_name(".forms.partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    written = _write(campaign, write_forms, unfinished)
    drawn = datetime.fromisoformat(campaign.receipt()["seed_source"]["time"]).date()
    _write(campaign, partial(write_xlsforms, drawn=drawn), unfinished)
    write_whole(unfinished / place.MADE_FROM, sha256_of(campaign.folder / place.RECEIPT))
    place.put_folder_in_place(unfinished, folder)
    note_printed(campaign, now=now)
    return Done(key="campaign.done.forms", fields={"forms": len(written)}, files=(folder,))


def print_papers(campaign: Campaign, villages: Sequence[str]) -> Done:
    """Write the papers of these villages, or of all, into `forms/`, beside their workbooks.

    Raises
    ------
    InputError
        If forms were not made yet, or a village is not among those drawn.
    """
    campaign.path(f"{place.FORMS}/{place.MADE_FROM}", "forms")
    drawn = set(drawn_villages(campaign.issued())["village"])
    unknown = [Problem(key="campaign.no_forms_for", value=one) for one in villages if one not in drawn]
    refuse_if_any(unknown)
    folder = campaign.folder / place.FORMS
    written = _write(campaign, partial(write_papers, villages=villages), folder)
    return Done(key="campaign.done.papers", fields={"papers": len(written)}, files=(folder,))


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
