"""What is written after a draw, and the check of it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from sampling.draws import verify
from sampling.draws.commit import NOTHING, moment, refuse_late_commit
from sampling.draws.log import FILE as LOG
from sampling.draws.log import HEADS, log_problems
from sampling.draws.roles import RESERVE, drawn_rows
from sampling.draws.sample import SUBSTRATUM, Sample
from sampling.draws.tickets import SPEC
from sampling.draws.verify import Check
from sampling.files import records
from sampling.words import text

AS_COMMITTED = (
    *("campaign", "control_totals", "design", "frame_rows", "frame_sha256", "previous_receipt", "rehearsal"),
)


def make_receipt(
    commit: Mapping[str, Any],
    commit_sha256: str,
    sample: Sample,
    *,
    seed: str,
    source: Mapping[str, Any],
    software: str,
    acts: Sequence[Mapping[str, Any]] = (),
    voided: Sequence[str] = (),
    heads: Mapping[str, Any] = NOTHING,
    moved: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """What `receipt.json` says: the seed, where it came from, and what it drew.

    Parameters
    ----------
    commit, commit_sha256
        What `commit.json` says, and the SHA-256 of its bytes.
    sample
        What was drawn from the committed frame with this seed and these acts.
    seed
        The seed of the first draw.
    source
        event, time (ISO 8601 with zone) and witnesses of the seed.
    software
        Name and version of what drew.
    acts
        What happened to the draw later: docs/draw-v1.md, later acts.
    voided
        SHA-256 of the receipts of earlier draws on this commit, which were declared void.
    heads
        How long the chains of the log and of the register were, and their last hashes.
    moved
        came and left, the villages that a corrected frame brought into the sample and took out of it.

    Returns
    -------
    receipt
        `cut_ticket` is the ticket of the last unit that was drawn in a stratum or village: with it a village
        or a household checks its own fate by a single hash. `check_sum` is the hash of all the rest; it shows
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
            "time": moment(source["time"]),
            "witnesses": list(source["witnesses"]),
        },
        "acts": [dict(act) for act in acts],
        "voided": list(voided),
        "heads": dict(heads),
        **(moved or {}),
        "software": software,
        "strata": _strata(commit["strata"], villages),
        "sample": [_unit(row) | {"pi": float(row["pi"])} for row in records(drawn_rows(villages))],
        "reserves": [_unit(row) for row in records(villages[villages["role"] == RESERVE])],
        "villages": _villages(households),
        "sample_sha256": sample.sha256,
        "check_sum": "",
    }
    return receipt | {"check_sum": verify.sha(json.dumps(receipt, sort_keys=True))}


def _strata(committed: Sequence[Mapping[str, Any]], villages: pd.DataFrame) -> list[dict[str, Any]]:
    """The strata as committed, with the n that was drawn and the ticket of the last unit looked at."""
    last = _last(villages, ["stratum"]).set_index("stratum")[["n", "ticket"]]
    found = last.reindex([one["id"] for one in committed]).fillna({"n": "0", "ticket": ""})
    pairs = zip(committed, found["n"], found["ticket"], strict=True)
    return [{**one, "n": int(n), "cut_ticket": ticket} for one, n, ticket in pairs]


def _last(rows: pd.DataFrame, within: list[str]) -> pd.DataFrame:
    """The row of each group that was drawn last; a reserve was not."""
    looked = rows[rows["role"] != RESERVE]
    last = looked["rank"].astype("int64").groupby([looked[name] for name in within], sort=False).idxmax()
    return looked.loc[last]


def _unit(row: Mapping[str, str]) -> dict[str, Any]:
    """A village of stage 1; a reserve has no probability of its own."""
    rank = int(row["rank"])
    return {"id": row["village"], "stratum": row["stratum"], "rank": rank, "ticket": row["ticket"]}


def _villages(households: pd.DataFrame) -> list[dict[str, Any]]:
    """The sizes in every drawn village on every list, and the last ticket that was drawn there."""
    names = ["list", *([SUBSTRATUM] if SUBSTRATUM in households else [])]
    return [
        {"id": row["village"], "cut_ticket": row["ticket"], "M": int(row["M"]), "m": int(row["m"])}
        | {name: row[name] for name in names}
        for row in records(_last(households, ["village", *names]))
    ]


def verify_unit(folder: Path, village: str, household: str = "", list: str = "") -> tuple[Check, ...]:
    """Whether one village or household was drawn: what the files allow is redone, its own ticket at least."""
    return tuple(verify.fate(folder, village, household, list))


def verify_draw(folder: Path) -> tuple[Check, ...]:
    """Redo the draw from the files in `folder` with the very code of `verify.py`; check the log as well.

    Returns
    -------
    checks
        Each with `ok`, and in `zh` and `en` what was checked and, where it fails, the places.
    """
    return (*verify.verify(folder), *_log_checks(folder))


def _log_checks(folder: Path) -> tuple[Check, ...]:
    """Whether the log chains, lacks nothing and knows the receipt; who only has the receipt has no log."""
    if not (folder / LOG).exists() and not (folder / HEADS).exists():
        return ()
    problems = log_problems(folder)
    words = {lang: text("draws.log_chains", lang) for lang in ("zh", "en")}
    if problems:
        words = {lang: problems[0].to_line(lang) for lang in words}
    return (Check(ok=not problems, **words),)
