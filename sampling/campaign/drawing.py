"""The draw step: the public seed and the committed files in, the sample and its receipt out."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.committing import software
from sampling.campaign.heads import heads_before, heads_now
from sampling.campaign.logbook import log_entries, log_lines, write_log
from sampling.campaign.papers import papers
from sampling.campaign.step import Done
from sampling.campaign.waves import refuse_known_seed
from sampling.designs import Design
from sampling.draws import (
    Sample,
    check_seed,
    draw,
    list_notes,
    make_receipt,
    refuse_late_commit,
)
from sampling.draws.log import DRAW, VOID, check_log, read_heads, voided
from sampling.draws.log import LOG as OF_LOG
from sampling.draws.roles import drawn_rows
from sampling.files import json_bytes
from sampling.frames import Frame
from sampling.words import REPORTED, InputError, Problem, refuse_if_any


def draw_sample(
    campaign: Campaign, *, seed: str, event: str, at: str, witnesses: Sequence[str], now: datetime
) -> Done:
    """Draw from the committed files, and write the sample, its receipt and the program that checks both.

    The log gets its line first: a draw that was interrupted can be finished with the same seed only.

    Parameters
    ----------
    seed
        The public random number: 20 ASCII digits or more.
    event, at, witnesses
        Where the seed comes from, when it was made (ISO 8601 with zone), and who was there. An empty event is
        the one that the commit names; another one than that is reported.

    Raises
    ------
    InputError
        If nothing is committed, the files are not what was committed, the seed is no seed, older than the
        commit or used before, or a draw on this commit is there that is not void.
    """
    if campaign.has(place.RECEIPT):
        raise InputError([Problem(key="campaign.drawn_already", file=place.RECEIPT)])
    check_seed(seed)
    time = moment(at)
    commit, frame, lists = campaign.commit(), campaign.frame(), campaign.list_frames()
    if commit["corrects"]:
        raise InputError([Problem(key="campaign.seed_kept", file=place.COMMIT)])
    refuse_known_seed(campaign, commit, seed)
    refuse_damaged(campaign, commit, frame, lists)
    refuse_late_commit(commit, time)
    digest = hashlib.sha256((campaign.folder / place.COMMIT).read_bytes()).hexdigest()
    begun = _begun(campaign.folder, digest)
    _refuse_used(campaign.folder, begun, seed, time)
    named = "" if commit["rehearsal"] else commit["seed_event"]  # a drill is not the event that was named
    source = {"event": event or named, "time": time, "witnesses": list(witnesses)}
    source = begun["payload"]["seed_source"] if begun else source
    sample = draw(
        frame, Design.from_dict(commit["design"]), seed=seed, campaign=commit["campaign"], lists=lists
    )
    files = put_draw(campaign, commit, sample, source=source, now=now)
    drawn = drawn_rows(sample.table)
    counts = {
        "villages": int((drawn["stage"] == "1").sum()),
        "households": int((drawn["stage"] == "2").sum()),
    }
    return Done(
        key="campaign.done.draw",
        fields=counts,
        notes=(*list_notes(frame, lists), *_event_notes(commit, source)),
        files=files,
    )


def put_draw(
    campaign: Campaign,
    commit: Mapping[str, Any],
    sample: Sample,
    *,
    source: Mapping[str, Any],
    moved: Mapping[str, Any] | None = None,
    now: datetime,
) -> tuple[Path, ...]:
    """Log a first draw on a commit, then put its sample and its receipt in place, the receipt last.

    Parameters
    ----------
    source
        Where the seed of the sample comes from.
    moved
        Who came and who left, where a frame was corrected.
    """
    folder = campaign.folder
    digest = hashlib.sha256((folder / place.COMMIT).read_bytes()).hexdigest()
    begun = _begun(folder, digest)
    heads = heads_before(folder, begun) if begun else heads_now(folder)
    receipt = json_bytes(
        make_receipt(
            commit,
            digest,
            sample,
            seed=sample.seed,
            source=source,
            software=software(),
            voided=voided(log_entries(folder), digest),
            heads=heads,
            moved=moved,
        )
    )
    payload = {
        "commit_sha256": digest,
        "receipt_sha256": hashlib.sha256(receipt).hexdigest(),
        "seed": sample.seed,
        "seed_source": source,
        "register": heads["register"],
    }
    write_log(folder, DRAW, payload, now)
    frame, lists = campaign.frame(), campaign.list_frames()
    files = papers(campaign, commit, sample.table, receipt, frame=frame, lists=lists)
    place.put_in_place(folder, files, mark=place.RECEIPT)
    return tuple(folder / name for name in files if "/" not in name)


def moment(at: str) -> str:
    """The time of the seed with its zone; a time without one is this machine's."""
    try:
        return datetime.fromisoformat(at).astimezone().isoformat(timespec="seconds")
    except ValueError:
        raise InputError([Problem(key="campaign.time_unreadable", value=at)]) from None


def refuse_damaged(
    campaign: Campaign, commit: Mapping[str, Any], frame: Frame, lists: Mapping[str, Frame]
) -> None:
    """Refuse files that are not what was committed, and a log that does not chain.

    Raises
    ------
    InputError
        Naming every such file.
    """
    refuse_if_any([*_damaged(commit, frame, lists), *_log_problems(campaign.folder)])


def refuse_broken_log(campaign: Campaign) -> None:
    """Refuse a log that does not chain, or lacks lines that it had.

    Raises
    ------
    InputError
        Naming the line.
    """
    refuse_if_any(_log_problems(campaign.folder))


def _log_problems(folder: Path) -> tuple[Problem, ...]:
    return check_log(log_lines(folder), read_heads(folder / place.HEADS, of=OF_LOG))


def _damaged(commit: Mapping[str, Any], frame: Frame, lists: Mapping[str, Frame]) -> list[Problem]:
    """The files that are not what the commit says."""
    found = {place.FRAME: (frame.fingerprint, commit["frame_sha256"])}
    found |= {place.VILLAGES: (frame.villages_sha256, commit["villages_sha256"])}
    for name, part in lists.items():
        found[place.list_frame(name)] = (part.fingerprint, commit["lists"][name]["frame_sha256"])
    names = [name for name, (there, committed) in found.items() if there != committed]
    return [Problem(key="campaign.damaged_commit", file=name) for name in names]


def _begun(folder: Path, digest: str) -> Mapping[str, Any] | None:
    """The log's entry of a draw on this commit that is not void: interrupted, for it has no receipt."""
    begun = None
    for entry in log_entries(folder):
        if entry["kind"] in (DRAW, VOID) and entry["payload"]["commit_sha256"] == digest:
            begun = entry if entry["kind"] == DRAW else None
    return begun


def _refuse_used(folder: Path, begun: Mapping[str, Any] | None, seed: str, time: str) -> None:
    """Refuse a seed that is not fresh: in the log already, or older than the last draw declared void.

    An interrupted draw can be finished with its own seed only.
    """
    if begun:
        known = begun["payload"]["seed"]
        if known != seed:
            raise InputError([Problem(key="campaign.interrupted_draw", file=place.LOG, value=known)])
        return
    for entry in log_entries(folder):
        if entry["payload"].get("seed") == seed:
            raise InputError(
                [Problem(key="campaign.seed_used", file=place.LOG, row=entry["seq"], value=seed)]
            )
        if entry["kind"] == VOID and datetime.fromisoformat(entry["time"]) > datetime.fromisoformat(time):
            fields = {"void": entry["time"], "seed_time": time}
            raise InputError([Problem(key="campaign.seed_before_void", file=place.LOG, fields=fields)])


def _event_notes(commit: Mapping[str, Any], source: Mapping[str, Any]) -> list[Problem]:
    """Whether the seed comes from another event than the one that was named before it."""
    if commit["rehearsal"] or source["event"] == commit["seed_event"] or not commit["seed_event"]:
        return []
    fields = {"event": commit["seed_event"]}
    return [Problem(key="campaign.other_event", value=source["event"], severity=REPORTED, fields=fields)]
