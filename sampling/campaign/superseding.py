"""A draw whose frame is corrected: what the new commit says of it, and where it is put away."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sampling.campaign import folder as place
from sampling.campaign.campaign import open_campaign
from sampling.campaign.logbook import last_entry, log_entries, write_log
from sampling.campaign.voiding import put_away
from sampling.draws.log import CORRECTION, VOID
from sampling.words import InputError, Problem

SUPERSEDED = "superseded"
"""Where everything of a draw lies whose frame was corrected, by number from 1."""


def corrects(folder: Path, reason: str) -> dict[str, str] | None:
    """What `commit.json` says of the draw whose frame it corrects; None for a commit that corrects nothing.

    Parameters
    ----------
    reason
        Why the frame is corrected; empty where the commit shall correct nothing.

    Raises
    ------
    InputError
        If a draw is there and no reason is given, or the other way round; if a correction was begun and no
        reason is given; if findings are there, or acts were added to the draw.
    """
    begun = _begun(folder)
    receipt = folder / place.RECEIPT
    if not receipt.exists():
        _refuse_begun_draw(folder)
    if not reason:
        problem = "drawn_already" if receipt.exists() else "correction_begun" if begun else ""
        if problem:
            raise InputError([Problem(key=f"campaign.{problem}", file=place.RECEIPT)])
        return None
    if not receipt.exists() and not begun:
        raise InputError([Problem(key="campaign.nothing_to_correct", file=place.RECEIPT)])
    if receipt.exists():
        _refuse_correction(folder, json.loads(receipt.read_text(encoding="utf-8")))
        commit = (folder / place.COMMIT).read_bytes()
        hashes = {"commit_sha256": commit, "receipt_sha256": receipt.read_bytes()}
        return {name: hashlib.sha256(data).hexdigest() for name, data in hashes.items()} | {"reason": reason}
    return begun | {"reason": reason}


def _refuse_begun_draw(folder: Path) -> None:
    """Refuse a commit over a draw that was interrupted: who has seen its seed could commit another frame."""
    last = last_entry(folder)
    if last["kind"] not in ("", VOID, CORRECTION):
        raise InputError([Problem(key="campaign.draw_begun", file=place.LOG)])


def _refuse_correction(folder: Path, receipt: Mapping[str, Any]) -> None:
    """Only a draw that nobody has acted on can be made anew on a corrected frame."""
    if open_campaign(folder).has_findings():
        raise InputError([Problem(key="campaign.correction_late", file=place.REGISTER)])
    if receipt["acts"]:
        raise InputError([Problem(key="campaign.correction_after_acts", file=place.RECEIPT)])


def _begun(folder: Path) -> dict[str, str]:
    """The draw that a correction superseded which has no draw of its own yet; else nothing."""
    last = last_entry(folder)
    return last["payload"]["corrects"] if last["kind"] == CORRECTION else {}


def supersede(folder: Path, corrected: Mapping[str, str], *, now: datetime) -> None:
    """Log the correction, and put the draw that it supersedes away, whole, before anything is replaced.

    The payload names the receipt that does not count any more. A run that is killed in between leaves a
    folder where only a correction can be committed.
    """
    if not (folder / place.RECEIPT).exists():
        return
    if _begun(folder).get("receipt_sha256") != corrected["receipt_sha256"]:
        payload = {"corrects": dict(corrected), "receipt_sha256": corrected["receipt_sha256"]}
        write_log(folder, CORRECTION, payload, now)
    number = sum(entry["kind"] == CORRECTION for entry in log_entries(folder))
    put_away(folder, folder / SUPERSEDED / str(number))


def superseded(folder: Path) -> list[Path]:
    """The folders of the draws whose frames were corrected."""
    return [path.parent for path in (folder / SUPERSEDED).glob(f"*/{place.RECEIPT}")]
