"""The intake step: what came back goes into the register."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.step import Done
from sampling.files import csv_bytes, write_whole
from sampling.findings import IntakeResult, intake, quarantine_table, write_head
from sampling.findings.intake import Purpose
from sampling.findings.receipts import Letterhead, counted_notes, counts_table, receipt_bytes, receipt_names
from sampling.words import InputError, Problem

ACTOR = "intake"
"""Who adds events here: the step, not a person, whose name would stay in the register."""
NOT_HANDED_IN = ("thumbs.db", "desktop.ini")
"""What Windows puts into folders of its own accord."""
COUNTS = {"finding": "files.csv", "second_visit": "files-second-visits.csv"}
"""What became of each file of the last intake, by purpose."""


def take_in(
    campaign: Campaign, files: Sequence[Path], *, now: datetime, purpose: Purpose = "finding"
) -> Done:
    """Take returned files into the register, all of one call or none; the rest is kept in quarantine.

    Each file gets a receipt in `returned/receipts/`, and all of them a line in its `files.csv`. Both are made
    anew from the register each time: a run that was killed is completed by the next one.

    Parameters
    ----------
    files
        Workbooks, tables, exports of phones, photos, folders of them; none for all in `returned/`.
    purpose
        Whether they tell of the visits, or of second visits by other teams.

    Raises
    ------
    InputError
        If there is nothing to take in, or nothing is drawn yet.
    """
    returned = campaign.folder / place.RETURNED
    asked = files or ([returned] if returned.is_dir() else [])
    paths = [path for given in asked for path in _handed_in(given)]
    if not paths:
        fields = {"folder": returned}
        raise InputError([Problem(key="campaign.no_returned", fields=fields)])
    time = now.isoformat(timespec="seconds")
    result = intake(
        paths,
        sample=campaign.issued(),
        register=campaign.register(),
        campaign=campaign.id,
        actor=ACTOR,
        time=time,
        drawn_at=campaign.receipt()["seed_source"]["time"],
        purpose=purpose,
        roll=campaign.roll(),
        lists=campaign.lists(),
        codebook=campaign.settings.codebook,
        standard=campaign.settings.standard,
    )
    write_whole(
        campaign.folder / place.QUARANTINE, csv_bytes(quarantine_table(result.waiting, campaign.lang))
    )
    write_head(campaign.folder / place.HEADS, result.head, time=time)
    names = receipt_names(result.files, campaign.lang, purpose=purpose)
    _write_receipts(campaign, result, names, time=time, purpose=purpose)
    return Done(
        key="campaign.done.intake",
        fields={**result.totals, "findings": len(campaign.findings())},
        notes=(*result.problems, *counted_notes(result.files, names)),
        files=(campaign.folder / place.QUARANTINE, campaign.folder / place.RECEIPTS),
    )


def _handed_in(given: Path) -> Iterator[Path]:
    """A file as it is, a folder with all below it; what this step and the system put there is left out."""
    if not given.is_dir():
        yield given
        return
    for path in sorted(given.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(given).parts)
        own = Path(place.RECEIPTS).name in path.relative_to(given).parts[:-1]
        if path.is_file() and not hidden and not own and path.name.lower() not in NOT_HANDED_IN:
            yield path


def _write_receipts(
    campaign: Campaign, result: IntakeResult, names: Sequence[str], *, time: str, purpose: Purpose
) -> None:
    head = Letterhead(
        campaign=campaign.id, time=time, lang=campaign.lang, marks=campaign.marks, purpose=purpose
    )
    folder = campaign.folder / place.RECEIPTS
    for one, name in zip(result.files, names, strict=True):
        if name:
            write_whole(folder / name, receipt_bytes(one, result.left, head))
    write_whole(folder / COUNTS[purpose], csv_bytes(counts_table(result, names)))
