"""A draw declared void: it stays in the log, its papers are put away, and its commit can be drawn again."""

import hashlib
from datetime import datetime
from pathlib import Path

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.exporting import CHECK, SURVEY
from sampling.campaign.logbook import last_entry, log_entries, write_log
from sampling.campaign.sealing import SEALED
from sampling.campaign.step import Done
from sampling.campaign.waves import EARLIER
from sampling.draws.log import VOID
from sampling.files import write_whole
from sampling.words import InputError, Problem

COMMITTED = (place.COMMIT, place.FRAME, place.VILLAGES, EARLIER)
"""What stays in the folder, and is kept beside the void draw too: it can be checked when all else is new."""
DRAWN = (
    *(place.SAMPLE, place.VERIFIER, place.VERIFY_PAGE, place.DRAW_PAGE, place.RECORD, SEALED, place.KEPT),
    *(place.FORMS, place.RETURNED, place.QUARANTINE, place.ESTIMATES, place.FACTS, place.REPORTS),
    *(SURVEY, CHECK),
    *(place.PUBLIC, place.RECEIPT),
)
"""What was made from the draw; the receipt goes last, and with it the draw."""


def void_draw(campaign: Campaign, *, reason: str, now: datetime) -> Done:
    """Declare the draw void and put away, into `void/<n>/`, everything that was made from it.

    The log gets its line first: a run that was interrupted is finished by the same command.

    Parameters
    ----------
    reason
        Why; it stands in the log for good.

    Raises
    ------
    InputError
        If nothing is drawn, no reason is given, or returned forms were taken in already: who knows findings
        could throw away the draw that found them.
    """
    receipt = campaign.path(place.RECEIPT, "draw")
    digest = hashlib.sha256(receipt.read_bytes()).hexdigest()
    last = last_entry(campaign.folder)
    if (last["kind"], last["payload"].get("receipt_sha256")) != (VOID, digest):
        _refuse(campaign, reason)
        commit = hashlib.sha256((campaign.folder / place.COMMIT).read_bytes()).hexdigest()
        payload = {"commit_sha256": commit, "receipt_sha256": digest, "reason": reason.strip()}
        write_log(campaign.folder, VOID, payload, now)
    number = sum(entry["kind"] == VOID for entry in log_entries(campaign.folder))
    target = campaign.folder / place.VOID / str(number)
    put_away(campaign.folder, target)
    return Done(key="campaign.done.void", fields={"digest": digest}, files=(target,))


def _refuse(campaign: Campaign, reason: str) -> None:
    if not reason.strip():
        raise InputError([Problem(key="campaign.no_reason")])
    if campaign.has_register() and (events := campaign.register().head().seq):
        problem = Problem(key="campaign.void_late", file=place.REGISTER, fields={"events": events})
        raise InputError([problem])


def put_away(folder: Path, target: Path) -> None:
    """Copy what was committed and move what was drawn; what an interrupted run has moved is there already."""
    target.mkdir(parents=True, exist_ok=True)
    for path in [*(folder / name for name in COMMITTED), *sorted(folder.glob("frame-*.csv"))]:
        if path.exists():
            write_whole(target / path.name, path.read_bytes())
    for name in DRAWN:
        if (folder / name).exists():
            (folder / name).replace(target / name)
