"""What is fixed before the seed exists: frame, design, and what they come to in every stratum."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sampling.designs import Design, stratum_sizes
from sampling.draws import verify
from sampling.draws.tickets import SPEC
from sampling.files import records
from sampling.frames import Frame
from sampling.words import InputError, Problem

FRAME, VILLAGES = "frame.csv", "villages.csv"
NOTHING: Mapping[str, Any] = MappingProxyType({})


def make_commit(
    frame: Frame,
    design: Design,
    *,
    campaign: str,
    lists: Mapping[str, Frame],
    software: str,
    committed_at: str,
    previous_receipt: str = "",
    seed_event: str = "",
    heads: Mapping[str, Any] = NOTHING,
    corrects: Mapping[str, str] | None = None,
    rehearsal: bool = False,
) -> dict[str, Any]:
    """What `commit.json` says: everything that decides the draw, but the seed.

    Parameters
    ----------
    frame, design
        What can be drawn, with its chances, and how.
    campaign
        The campaign's id; it is part of every ticket.
    lists
        Frames of the other lists that the design names, by name.
    software
        Name and version of what makes the commit.
    committed_at
        ISO 8601 with zone.
    previous_receipt
        SHA-256 of the receipt of the wave before; empty where there is none.
    seed_event
        The public event that will give the seed.
    heads
        How long the chains of the log and of the register were, and their last hashes.
    corrects
        commit_sha256, receipt_sha256 and reason, where this frame corrects one that was drawn from: it keeps
        that draw's seed.
    rehearsal
        True for a draw that does not count.

    Returns
    -------
    commit
        Fingerprints and rows of the files, with a hash for every town so that an edit can be traced to its
        town; counts (of `frame.csv`) and control totals (of the roll); the design, and what it comes to in
        every stratum.

    Raises
    ------
    InputError
        If the design cannot be applied to this frame, or the time has no zone.
    ValueError
        If `lists` are not those of the design.
    """
    if set(lists) != set(design.lists):
        raise ValueError(f"lists must be those of the design, {sorted(design.lists)}, got {sorted(lists)}")
    tables = {FRAME: frame.units, VILLAGES: frame.villages}
    tables |= {f"frame-{name}.csv": part.units for name, part in lists.items()}
    return {
        "spec": SPEC,
        "campaign": campaign,
        "committed_at": moment(committed_at),
        "software": software,
        "previous_receipt": previous_receipt,
        "seed_event": seed_event,
        "heads": dict(heads),
        "corrects": dict(corrects) if corrects else None,
        "rehearsal": rehearsal,
        "frame_sha256": frame.fingerprint,
        "frame_rows": len(frame.units),
        "villages_sha256": frame.villages_sha256,
        "tables": {name: verify.fingerprint(records(table))[1] for name, table in tables.items()},
        "counts": _counts(frame),
        "control_totals": frame.control_totals,
        "design": design.to_dict(),
        "strata": _strata(frame, design),
        "lists": {name: _list_entry(part, design, name) for name, part in lists.items()},
    }


def _counts(frame: Frame) -> dict[str, int]:
    """Counts of `frame.csv`; households that only a list of villages states are in the control totals."""
    households = frame.units[frame.units["household"] != ""]
    villages = len(frame.villages)
    return {
        "townships": int(frame.villages["township"].nunique()),
        "villages": villages,
        "villages_without_household": villages - int(households["village"].nunique()),
        "households": len(households),
    }


def _strata(frame: Frame, design: Design) -> list[dict[str, Any]]:
    table = stratum_sizes(frame, design)[["stratum", "N", "n", "bound"]]
    n = table["n"].astype("object").where(table["n"].notna(), None)  # null: the draw decides it
    return records(table.assign(n=n).rename(columns={"stratum": "id", "bound": "rule"}))


def _list_entry(frame: Frame, design: Design, name: str) -> dict[str, Any]:
    rows, rule = len(frame.units), design.lists[name].to_dict()
    return {"frame_sha256": frame.fingerprint, "rows": rows, "rule": rule}


def refuse_late_commit(commit: Mapping[str, Any], seed_time: str) -> None:
    """Refuse a seed that existed before the commit: frame or design could have been made to fit it.

    A commit that corrects another keeps its seed, and says so.

    Parameters
    ----------
    commit
        What `commit.json` says.
    seed_time
        When the seed came into being, ISO 8601 with zone. The commit's own time is allowed.

    Raises
    ------
    InputError
        If the commit is later, or the time cannot be read or has no zone.
    """
    made, thrown = commit["committed_at"], moment(seed_time)
    if not commit["corrects"] and datetime.fromisoformat(made) > datetime.fromisoformat(thrown):
        fields = {"committed": made, "seed_time": thrown}
        raise InputError([Problem(key="draws.late_commit", file="commit.json", fields=fields)])


def moment(value: str) -> str:
    """A time with its zone, in the one form that every Python since 3.8 can read."""
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise InputError([Problem(key="draws.time_unreadable", value=value)])
    return time.isoformat()
