"""A draw declared void: it stays in the log, its papers are put away, and its commit can be drawn again."""

import hashlib
from datetime import datetime
from pathlib import Path

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.envelopes import CODES
from sampling.campaign.envelopes import FOLDER as ENVELOPES
from sampling.campaign.exporting import CHECK, SURVEY
from sampling.campaign.logbook import last_entry, log_entries, write_log
from sampling.campaign.plan_files import EARLIER as EARLIER_PLANS
from sampling.campaign.plan_files import MARK as PLAN_MARK
from sampling.campaign.plan_inputs import DAYS, PLAN
from sampling.campaign.planning import CHANGES
from sampling.campaign.reconciling import BOOK
from sampling.campaign.sealing import SEALED
from sampling.campaign.step import Done
from sampling.campaign.waves import EARLIER
from sampling.draws.log import VOID
from sampling.files import write_whole
from sampling.findings import Event, write_head
from sampling.findings.state import DRAW_VOID
from sampling.words import InputError, Problem

COMMITTED = (place.COMMIT, place.FRAME, place.VILLAGES, EARLIER)
"""What stays in the folder, and is kept beside the void draw too: it can be checked when all else is new."""
DRAWN = (
    *(place.SAMPLE, place.VERIFIER, place.VERIFY_PAGE, place.DRAW_PAGE, place.RECORD, SEALED, place.KEPT),
    *(place.FORMS, place.RETURNED, place.QUARANTINE, place.ESTIMATES, place.FACTS, place.REPORTS),
    *(SURVEY, CHECK, BOOK),
    *(PLAN, DAYS, PLAN_MARK, CHANGES, EARLIER_PLANS, ENVELOPES, CODES),
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
    _forget_forms(campaign, digest, now)
    number = sum(entry["kind"] == VOID for entry in log_entries(campaign.folder))
    target = campaign.folder / place.VOID / str(number)
    put_away(campaign.folder, target)
    return Done(key="campaign.done.void", fields={"digest": digest}, files=(target,))


def _refuse(campaign: Campaign, reason: str) -> None:
    if not reason.strip():
        raise InputError([Problem(key="campaign.no_reason")])
    if campaign.has_register() and campaign.register().state().anything_came_back:
        events = campaign.register().head().seq
        problem = Problem(key="campaign.void_late", file=place.REGISTER, fields={"events": events})
        raise InputError([problem])


def _forget_forms(campaign: Campaign, digest: str, now: datetime) -> None:
    """Forms that were printed for this draw are none of the next one's; the register says so."""
    if not campaign.has_register():
        return
    time = now.isoformat(timespec="seconds")
    with campaign.register().writing() as writer:
        if writer.state.stock:
            writer.append(
                [Event(kind=DRAW_VOID, payload={"receipt_sha256": digest})], actor="void", time=time
            )
    write_head(campaign.folder / place.HEADS, writer.head, time=time)


def put_away(folder: Path, target: Path) -> None:
    """Copy what was committed and move what was drawn; what an interrupted run has moved is there already."""
    target.mkdir(parents=True, exist_ok=True)
    for path in [*(folder / name for name in COMMITTED), *sorted(folder.glob("frame-*.csv"))]:
        if path.exists():
            write_whole(target / path.name, path.read_bytes())
    for name in DRAWN:
        if (folder / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).replace(target / name)
