"""A drawn sample to which an act is added: drawn anew, logged first, the receipt before it kept."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.committing import software
from sampling.campaign.drawing import refuse_damaged
from sampling.campaign.heads import Heads, heads_before, heads_now
from sampling.campaign.logbook import last_entry, write_log
from sampling.campaign.papers import papers
from sampling.campaign.step import Done
from sampling.designs import Design
from sampling.draws import Sample, draw, make_receipt
from sampling.draws.acts import EXTENSION, RESERVE, VILLAGE
from sampling.files import json_bytes, read_csv, write_whole
from sampling.frames import Frame

ACTS = (EXTENSION, RESERVE, VILLAGE)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A draw as its folder holds it: committed files that are intact, the receipt and the sample."""

    campaign: Campaign
    commit: Mapping[str, Any]
    commit_sha256: str
    frame: Frame
    lists: Mapping[str, Frame]
    receipt: Mapping[str, Any]
    sample: pd.DataFrame

    @property
    def design(self) -> Design:
        return Design.from_dict(self.commit["design"])


def read_drawn(campaign: Campaign) -> Drawn:
    """The draw that acts can be added to.

    Raises
    ------
    InputError
        If nothing is drawn yet, or the files are not what was committed.
    """
    campaign.path(place.RECEIPT, "draw")
    return _drawn(campaign, campaign.folder)


def _drawn(campaign: Campaign, folder: Path) -> Drawn:
    """The draw whose receipt and sample lie in `folder`."""
    commit, frame, lists = campaign.commit(), campaign.frame(), campaign.list_frames()
    refuse_damaged(campaign, commit, frame, lists)
    return Drawn(
        campaign=campaign,
        commit=commit,
        commit_sha256=_sha256(campaign.folder / place.COMMIT),
        frame=frame,
        lists=lists,
        receipt=json.loads((folder / place.RECEIPT).read_text(encoding="utf-8")),
        sample=read_csv(folder / place.SAMPLE),
    )


def redrawn(drawn: Drawn, acts: Sequence[Mapping[str, Any]]) -> Sample:
    """The sample with these acts added to those of the receipt."""
    return draw(
        drawn.frame,
        drawn.design,
        seed=drawn.receipt["seed"],
        campaign=drawn.commit["campaign"],
        lists=drawn.lists,
        acts=[*drawn.receipt["acts"], *acts],
    )


def add_acts(
    drawn: Drawn, acts: Sequence[Mapping[str, Any]], *, kind: str, now: datetime
) -> tuple[Sample, tuple[Path, ...]]:
    """Draw with further acts, all of them or none, and put sample and receipt in place.

    The log gets its line first: what was interrupted is finished by `finish_interrupted`, from that line.

    Parameters
    ----------
    acts
        As `sampling.draws.additions` built them.
    kind
        What the log calls them: extension, reserve or village.

    Returns
    -------
    sample, files
        What was drawn, and the files that say so.
    """
    heads, made_by = heads_now(drawn.campaign.folder), software()
    sample, receipt = _made(drawn, acts, heads=heads, made_by=made_by)
    payload = {
        "commit_sha256": drawn.commit_sha256,
        "previous_sha256": _sha256(drawn.campaign.folder / place.RECEIPT),
        "receipt_sha256": hashlib.sha256(receipt).hexdigest(),
        "acts": list(acts),
        "register": heads["register"],
        "software": made_by,
    }
    write_log(drawn.campaign.folder, kind, payload, now)
    return sample, _put(drawn, sample, receipt)


def _made(
    drawn: Drawn, acts: Sequence[Mapping[str, Any]], *, heads: Heads, made_by: str
) -> tuple[Sample, bytes]:
    """The sample with the acts, and the bytes of its receipt."""
    sample, old = redrawn(drawn, acts), drawn.receipt
    receipt = make_receipt(
        drawn.commit,
        drawn.commit_sha256,
        sample,
        seed=old["seed"],
        source=old["seed_source"],
        software=made_by,
        acts=[*old["acts"], *acts],
        voided=old["voided"],
        heads=heads,
        moved={name: old[name] for name in ("came", "left")} if "came" in old else None,
    )
    return sample, json_bytes(receipt)


def _put(drawn: Drawn, sample: Sample, receipt: bytes) -> tuple[Path, ...]:
    """Keep the receipt and the sample that were there, then put the new ones in place, the receipt last."""
    folder = drawn.campaign.folder
    number = _number(folder, drawn.receipt)
    for name in (place.SAMPLE, place.RECEIPT):
        if not (folder / place.KEPT / number / name).exists():
            write_whole(folder / place.KEPT / number / name, (folder / name).read_bytes())
    files = papers(drawn.campaign, drawn.commit, sample.table, receipt, frame=drawn.frame, lists=drawn.lists)
    place.put_in_place(folder, files, mark=place.RECEIPT)
    return tuple(folder / name for name in (place.SAMPLE, place.RECEIPT))


def _number(folder: Path, receipt: Mapping[str, Any]) -> str:
    """The number under which this receipt is kept: the next, or its own where it is kept already."""
    kept = place.kept_receipts(folder)
    own = [path.name for path in kept if json.loads((path / place.RECEIPT).read_bytes()) == receipt]
    return own[-1] if own else str(1 + max([int(path.name) for path in kept], default=0))


def finish_interrupted(campaign: Campaign) -> bool:
    """Finish acts that stand in the log and were interrupted before their receipt was in place.

    Returns
    -------
    finished
        Whether there were any. They cannot be taken back: the log has them.
    """
    last = last_entry(campaign.folder)
    begun = last["payload"]
    if last["kind"] not in ACTS or begun["receipt_sha256"] == _sha256(campaign.folder / place.RECEIPT):
        return False
    before = [campaign.folder, *place.kept_receipts(campaign.folder)]
    source = next(path for path in before if _sha256(path / place.RECEIPT) == begun["previous_sha256"])
    drawn = _drawn(campaign, source)
    heads = heads_before(campaign.folder, last)
    _put(drawn, *_made(drawn, begun["acts"], heads=heads, made_by=begun["software"]))
    return True


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def finished(campaign: Campaign) -> Done | None:
    """What a command says that found interrupted acts, finished them and did nothing else; else nothing."""
    if not finish_interrupted(campaign):
        return None
    return Done(key="campaign.done.finished", fields={}, files=(campaign.folder / place.RECEIPT,))
