"""The log of a campaign folder: its lines, and one more."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sampling.campaign import folder as place
from sampling.draws import append_entry
from sampling.draws.log import LOG, REHEARSAL, log_head, note_head
from sampling.files import write_whole

NOTHING: Mapping[str, Any] = {"kind": "", "payload": {}}


def log_lines(folder: Path) -> list[str]:
    """The lines of `log.jsonl`; none where there is no log yet."""
    path = folder / place.LOG
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def log_entries(folder: Path) -> list[dict[str, Any]]:
    """The entries of the log; it must chain."""
    return [json.loads(line) for line in log_lines(folder)]


def last_entry(folder: Path) -> Mapping[str, Any]:
    """The last entry that counts, which no rehearsal does; without kind and payload where there is none."""
    return next((one for one in reversed(log_entries(folder)) if one["kind"] != REHEARSAL), NOTHING)


def write_log(folder: Path, kind: str, payload: Mapping[str, Any], now: datetime) -> None:
    """Add a line to `log.jsonl`, unless it is there already from a run that was interrupted.

    Its head goes to `heads.jsonl` afterwards: a run that is killed in between leaves a head that is behind,
    never one that the log lacks.
    """
    lines, time = log_lines(folder), now.isoformat(timespec="seconds")
    if not any((one["kind"], one["payload"]) == (kind, payload) for one in log_entries(folder)):
        lines.append(append_entry(lines, kind, payload, time))
        write_whole(folder / place.LOG, "".join(f"{line}\n" for line in lines))
    if head := log_head(lines):
        note_head(folder / place.HEADS, head, of=LOG, time=time)
