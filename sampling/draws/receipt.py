"""What is fixed before the seed exists, what is written after it, and the check of both."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.designs import Design, stratum_sizes
from sampling.draws import verify
from sampling.draws.log import FILE as LOG
from sampling.draws.log import check_log
from sampling.draws.sample import RESERVE, Sample
from sampling.draws.tickets import SPEC
from sampling.draws.verify import Check
from sampling.frames import Frame
from sampling.words import InputError, Problem, text

FRAME, VILLAGES = "frame.csv", "villages.csv"
AS_COMMITTED = ("campaign", "control_totals", "design", "frame_rows", "frame_sha256", "previous_receipt")


def make_commit(
    frame: Frame,
    design: Design,
    *,
    campaign: str,
    lists: Mapping[str, Frame],
    software: str,
    committed_at: str,
    previous_receipt: str,
) -> dict[str, Any]:
    """What `commit.json` says: everything that decides the draw, but the seed.

    Parameters
    ----------
    frame, design
        What can be drawn, and how.
    campaign
        The campaign's id; it is part of every ticket.
    lists
        Frames of the other lists that the design names, by name.
    software
        Name and version of what makes the commit.
    committed_at
        ISO 8601 with zone.
    previous_receipt
        SHA-256 of the receipt of the campaign's earlier draw; empty where there is none.

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
        "committed_at": _time(committed_at),
        "software": software,
        "previous_receipt": previous_receipt,
        "frame_sha256": frame.fingerprint,
        "frame_rows": len(frame.units),
        "villages_sha256": frame.villages_sha256,
        "tables": {name: verify.fingerprint(_records(table))[1] for name, table in tables.items()},
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
    return _records(table.rename(columns={"stratum": "id", "bound": "rule"}))


def _list_entry(frame: Frame, design: Design, name: str) -> dict[str, Any]:
    rows, rule = len(frame.units), design.lists[name].to_dict()
    return {"frame_sha256": frame.fingerprint, "rows": rows, "rule": rule}


def refuse_late_commit(commit: Mapping[str, Any], seed_time: str) -> None:
    """Refuse a seed that existed before the commit: frame or design could have been made to fit it.

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
    made, thrown = commit["committed_at"], _time(seed_time)
    if datetime.fromisoformat(made) > datetime.fromisoformat(thrown):
        fields = {"committed": made, "seed_time": thrown}
        raise InputError([Problem(key="draws.late_commit", file="commit.json", fields=fields)])


def _time(value: str) -> str:
    """A time in the one form that every Python since 3.8 can read."""
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise InputError([Problem(key="draws.time_unreadable", value=value)])
    return time.isoformat()


def make_receipt(
    commit: Mapping[str, Any],
    commit_sha256: str,
    sample: Sample,
    *,
    seed: str,
    source: Mapping[str, Any],
    software: str,
    rehearsal: bool = False,
) -> dict[str, Any]:
    """What `receipt.json` says: the seed, where it came from, and what it drew.

    Parameters
    ----------
    commit, commit_sha256
        What `commit.json` says, and the SHA-256 of its bytes.
    sample
        What was drawn from the committed frame with this seed.
    seed
        The seed of the sample.
    source
        event, time (ISO 8601 with zone) and witnesses of the seed.
    software
        Name and version of what drew.
    rehearsal
        True for a draw that does not count.

    Returns
    -------
    receipt
        `cut_ticket` is the highest ticket that was drawn in a stratum or village: with it a village or a
        household checks its own fate by a single hash. `check_sum` is the hash of all the rest; it shows
        damage. A forged receipt is shown by the hash of the file that was published.

    Raises
    ------
    InputError
        If the commit is later than the seed.
    ValueError
        If the sample has another seed or campaign, or was drawn from another frame.
    """
    expected = (seed, commit["campaign"], commit["frame_sha256"])
    if (sample.seed, sample.campaign, sample.fingerprints[""]) != expected:
        raise ValueError("sample must be drawn with this seed from the committed frame")
    refuse_late_commit(commit, source["time"])
    rows = sample.table
    villages, households = (rows[rows["stage"] == stage] for stage in ("1", "2"))
    receipt: dict[str, Any] = {name: commit[name] for name in AS_COMMITTED} | {
        "spec": SPEC,
        "commit_sha256": commit_sha256,
        "stage": "1" if households.empty else "1+2",
        "seed": seed,
        "seed_source": {
            "event": source["event"],
            "time": _time(source["time"]),
            "witnesses": list(source["witnesses"]),
        },
        "software": software,
        "strata": _with_cuts(commit["strata"], villages),
        "sample": [_unit(row) for row in _records(villages) if row["role"] != RESERVE],
        "reserves": [_unit(row) for row in _records(villages) if row["role"] == RESERVE],
        "villages": [_cut(row) for row in _records(households) if row["rank"] == row["m"]],
        "sample_sha256": sample.sha256,
        "rehearsal": rehearsal,
        "check_sum": "",
    }
    return receipt | {"check_sum": verify.sha(json.dumps(receipt, sort_keys=True))}


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _with_cuts(strata: Sequence[Mapping[str, Any]], villages: pd.DataFrame) -> list[dict[str, Any]]:
    last = villages[villages["rank"] == villages["n"]].set_index("stratum")["ticket"]
    return [{**stratum, "cut_ticket": last[stratum["id"]]} for stratum in strata]


def _unit(row: Mapping[str, str]) -> dict[str, Any]:
    """A village of stage 1; a reserve has no probability of its own."""
    unit: dict[str, Any] = {"id": row["village"], "stratum": row["stratum"], "rank": int(row["rank"])}
    unit["ticket"] = row["ticket"]
    if row["role"] != RESERVE:
        unit["pi"] = float(row["pi"])
    return unit


def _cut(row: Mapping[str, str]) -> dict[str, Any]:
    """The sizes in one drawn village on one list, and the last ticket that was drawn there."""
    sizes = {name: int(row[name]) for name in ("M", "m")}
    return {"id": row["village"], "list": row["list"], **sizes, "cut_ticket": row["ticket"]}


def verify_draw(folder: Path) -> tuple[Check, ...]:
    """Redo the draw from the files in `folder` with the very code of `verify.py`; check the log as well.

    Returns
    -------
    checks
        Each with `ok`, and in `zh` and `en` what was checked and, where it fails, the places.
    """
    return (*verify.verify(folder), *_log_checks(folder / LOG))


def _log_checks(path: Path) -> tuple[Check, ...]:
    """Whether the log chains, if there is one; who only has the published files has none."""
    if not path.exists():
        return ()
    problems = check_log(path.read_text(encoding="utf-8", errors="replace").splitlines())
    words = {lang: text("draws.log_chains", lang) for lang in ("zh", "en")}
    if problems:
        words = {lang: problems[0].to_line(lang) for lang in words}
    return (Check(ok=not problems, **words),)
