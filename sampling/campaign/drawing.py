"""The draw step: the public seed and the committed files in, the sample and its receipt out."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sampling.campaign import folder as place
from sampling.campaign.campaign import Campaign
from sampling.campaign.logbook import log_lines, write_log
from sampling.campaign.preparing import software
from sampling.campaign.sealing import sealed_packs
from sampling.campaign.step import Done
from sampling.campaign.waves import refuse_known_seed
from sampling.designs import Design
from sampling.draws import (
    Sample,
    check_log,
    check_seed,
    draw,
    list_notes,
    make_receipt,
    refuse_late_commit,
    verify,
)
from sampling.draws.roles import drawn_rows
from sampling.files import csv_bytes, json_bytes
from sampling.frames import Frame
from sampling.words import InputError, Problem, refuse_if_any

DRAW = "draw"


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
        Where the seed comes from, when it was made (ISO 8601 with zone), and who was there.

    Raises
    ------
    InputError
        If nothing is committed, the files are not what was committed, the seed is no seed or older than the
        commit, or a draw on this commit is there already.
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
    source = _source(campaign, digest, seed) or {"event": event, "time": time, "witnesses": list(witnesses)}
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
        notes=list_notes(frame, lists),
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
    receipt = json_bytes(
        make_receipt(
            commit, digest, sample, seed=sample.seed, source=source, software=software(), moved=moved
        )
    )
    _log(campaign, digest, receipt, sample.seed, source, now)
    packs = sealed_packs(commit, campaign.frame(), campaign.list_frames(), sample.table)
    files = {
        place.SAMPLE: csv_bytes(sample.table),
        place.VERIFIER: Path(verify.__file__).read_bytes(),
        place.RECEIPT: receipt,
    }
    place.put_in_place(folder, files | packs, mark=place.RECEIPT)
    return tuple(folder / name for name in files)


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
    refuse_if_any([*_damaged(commit, frame, lists), *check_log(log_lines(campaign.folder))])


def _damaged(commit: Mapping[str, Any], frame: Frame, lists: Mapping[str, Frame]) -> list[Problem]:
    """The files that are not what the commit says."""
    found = {place.FRAME: (frame.fingerprint, commit["frame_sha256"])}
    found |= {place.VILLAGES: (frame.villages_sha256, commit["villages_sha256"])}
    for name, part in lists.items():
        found[place.list_frame(name)] = (part.fingerprint, commit["lists"][name]["frame_sha256"])
    names = [name for name, (there, committed) in found.items() if there != committed]
    return [Problem(key="campaign.damaged_commit", file=name) for name in names]


def _source(campaign: Campaign, digest: str, seed: str) -> dict[str, Any] | None:
    """Where the seed of an interrupted draw on this commit came from; another seed is refused."""
    entries = [json.loads(line) for line in log_lines(campaign.folder)]
    begun = [e["payload"] for e in entries if e["kind"] == DRAW and e["payload"]["commit_sha256"] == digest]
    if begun and begun[-1]["seed"] != seed:
        raise InputError([Problem(key="campaign.interrupted_draw", file=place.LOG, value=begun[-1]["seed"])])
    return begun[-1]["seed_source"] if begun else None


def _log(
    campaign: Campaign, digest: str, receipt: bytes, seed: str, source: Mapping[str, Any], now: datetime
) -> None:
    """Add the attempt to the log, unless it is there from a run that was interrupted."""
    payload = {
        "commit_sha256": digest,
        "receipt_sha256": hashlib.sha256(receipt).hexdigest(),
        "seed": seed,
        "seed_source": source,
    }
    write_log(campaign.folder, DRAW, payload, now)
